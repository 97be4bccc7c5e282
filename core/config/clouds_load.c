/* Which files are read, how they are laid over each other, and which cloud is the default. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/config/cfile.h"
#include "core/config/clouds_tree.h"
#include "strata/mem.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, 0, "out of memory");
}

/* The directories of openstacksdk, in its order. */
static bool search_path(char *const *env, const char *home, struct strlist *dirs)
{
    const char *xdg = clouds_getenv(env, "XDG_CONFIG_HOME"), *snap = clouds_getenv(env, "SNAP_REAL_HOME");
    const char *site = clouds_getenv(env, "XDG_CONFIG_DIRS");
    struct str s;
    bool ok = true;
    str_init(&s, 65536);
    char cwd[4096];
    if (getcwd(cwd, sizeof cwd))
        ok = strlist_add(dirs, cwd, strlen(cwd));
    str_addf(&s, xdg ? "%s/openstack" : "%s/.config/openstack", xdg ? xdg : home);
    ok = ok && !s.failed && strlist_add(dirs, s.data, s.len);
    str_clear(&s);
    str_addf(&s, "%s/.config/openstack", snap ? snap : home);
    ok = ok && !s.failed && strlist_add(dirs, s.data, s.len);
    for (const char *p = site ? site : "/etc/xdg"; ok && *p;) {
        size_t n = strcspn(p, ":");
        str_clear(&s);
        str_addf(&s, "%.*s/openstack", (int)n, p);
        ok = !s.failed && (!n || strlist_add(dirs, s.data, s.len));
        p += n + (p[n] == ':');
    }
    str_release(&s);
    return ok && strlist_add(dirs, "/etc/openstack", 14);
}

/* Paths to try for one of the three files: the one named by a variable first. */
static bool candidates(char *const *env, const struct strlist *dirs, const char *base, const char *variable, struct strlist *out)
{
    static const char *const suffixes[] = {".yaml", ".yml", ".json"};
    const char *named = variable ? clouds_getenv(env, variable) : NULL;
    struct str s;
    bool ok = !named || strlist_add(out, named, strlen(named));
    str_init(&s, 65536);
    for (size_t i = 0; i < dirs->count; i++) {
        for (size_t k = 0; ok && k < 3; k++) {
            str_clear(&s);
            str_addf(&s, "%s/%s%s", dirs->items[i], base, suffixes[k]);
            bool twice = false;
            for (size_t n = 0; !s.failed && n < out->count && !twice; n++)
                twice = !strcmp(out->items[n], s.data);
            ok = !s.failed && (twice || strlist_add(out, s.data, s.len));
        }
    }
    str_release(&s);
    return ok;
}

/* The first file that can be opened counts, even an empty one. *found: its path, or NULL. */
static enum err_code load_first(const struct strlist *paths, struct yaml_doc *doc, char **found, struct err *err)
{
    *found = NULL;
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i];
        char *text;
        size_t len, n = strlen(path);
        enum err_code rc = cfile_read(path, CLOUDS_FILE_MAX, &text, &len, err);
        if (rc == ERR_NOTFOUND || rc == ERR_IO)
            continue;
        if (rc)
            return rc;
        *found = mem_strdup(path);
        bool json = n >= 4 && !strcmp(path + n - 4, "json");
        rc = *found ? yaml_parse(doc, text, len, json ? YAML_JSON : YAML_PY, path, err) : no_memory(err);
        explicit_bzero(text, len);
        mem_free(text);
        if (!rc && doc->root && doc->root->type != YAML_MAP && doc->root->type != YAML_NULL)
            rc = cfile_error(err, ERR_CONFIG, "%s:%d: a mapping is needed here, not %s", path, doc->root->line,
                         yaml_type_name(doc->root->type));
        if (rc)
            yaml_release(doc);
        else if (err)
            *err = (struct err)ERR_INIT;             /* of the places before */
        return rc;
    }
    if (err)
        *err = (struct err)ERR_INIT;
    return ERR_OK;
}

static enum err_code load_files(struct clouds *c, char *const *env, struct err *err)
{
    struct strlist dirs = {NULL, 0, 0}, config = dirs, secure = dirs, vendor = dirs;
    char *secure_file = NULL, *vendor_file = NULL;
    enum err_code rc = ERR_OK;
    struct err e = ERR_INIT, other = ERR_INIT;
    if (!search_path(env, c->home, &dirs) || !candidates(env, &dirs, "clouds", "OS_CLIENT_CONFIG_FILE", &config) ||
        !candidates(env, &dirs, "secure", "OS_CLIENT_SECURE_FILE", &secure) ||
        !candidates(env, &dirs, "clouds-public", NULL, &vendor)) {
        rc = no_memory(err);
        goto out;
    }
    for (size_t i = 0; i < config.count; i++)
        str_addf(&c->searched, "%s\n", config.items[i]);
    if ((rc = load_first(&config, &c->config, &c->file, &e)))
        cfile_problem(&c->problems, NULL, 0, "%s", e.msg);
    if (rc == ERR_NOMEM)
        goto out;
    if (load_first(&secure, &c->secure, &secure_file, &other))
        cfile_problem(&c->problems, NULL, 0, "%s", other.msg);
    load_first(&vendor, &c->vendor, &vendor_file, &c->vendor_err);
out:
    if (rc && err && e.code)
        *err = e;
    mem_free(secure_file);
    mem_free(vendor_file);
    strlist_release(&dirs);
    strlist_release(&config);
    strlist_release(&secure);
    strlist_release(&vendor);
    return rc;
}

/* The files' clouds, secrets laid over, then the environment's cloud. */
static enum err_code merge(struct clouds *c, char *const *env, struct err *err)
{
    struct yaml_node *all = tree_merge(&c->arena, c->config.root, c->secure.root), *env_cloud;
    const struct yaml_node *clouds = yaml_get(all, "clouds");
    const char *env_name = clouds_getenv(env, "OS_CLOUD_NAME");
    if (!all || !clouds_environment(&c->arena, env, &env_cloud))
        return no_memory(err);
    if (clouds && clouds->type != YAML_MAP && clouds->type != YAML_NULL)
        cfile_problem(&c->problems, c->file, clouds->line, "clouds must be a mapping, not %s", yaml_type_name(clouds->type));
    env_name = env_name ? env_name : "envvars";
    if (!(c->clouds = tree_copy(&c->arena, clouds)) || !(c->env_name = arena_strndup(&c->arena, env_name, strlen(env_name))))
        return no_memory(err);
    const struct yaml_node *clash = yaml_get(c->clouds, env_name);
    if (clash)
        return cfile_error(err, ERR_CONFIG, "%s:%d: a cloud must not be named \"%s\": that is the name of the cloud made of OS_* variables",
                       c->file ? c->file : "secure.yaml", clash->line, env_name);
    if (env_cloud && !tree_set(&c->arena, c->clouds, env_name, env_cloud))
        return no_memory(err);
    for (const struct yaml_item *i = c->clouds->first; i; i = i->next)
        if (!strlist_add(&c->names, i->key->text, strlen(i->key->text)))
            return no_memory(err);
    const char *chosen = clouds_getenv(env, "OS_CLOUD");
    if (!chosen)
        chosen = env_cloud ? c->env_name : c->names.count == 1 ? c->names.items[0] : NULL;
    c->default_name = mem_strdup(chosen);
    return chosen && !c->default_name ? no_memory(err) : ERR_OK;
}

static char *home_dir(char *const *env)
{
    const char *home = clouds_getenv(env, "HOME");
    struct passwd pw, *found = NULL;
    char buf[4096];
    if (!home && !getpwuid_r(getuid(), &pw, buf, sizeof buf, &found) && found)
        home = found->pw_dir;
    return mem_strdup(home ? home : "/");
}

enum err_code clouds_load(struct clouds **out, char *const *env, struct err *err)
{
    *out = NULL;
    struct clouds *c = mem_zalloc(sizeof *c);
    if (!c)
        return no_memory(err);
    str_init(&c->problems, 1 << 20);
    str_init(&c->searched, 1 << 20);
    arena_init(&c->arena, 0);
    arena_init(&c->config.arena, 0);
    arena_init(&c->secure.arena, 0);
    arena_init(&c->vendor.arena, 0);
    struct err file_err = ERR_INIT;
    enum err_code rc = (c->home = home_dir(env)) ? load_files(c, env, &file_err) : no_memory(&file_err);
    if (rc == ERR_NOMEM) {
        if (err)
            *err = file_err;
    } else {
        enum err_code broken = rc;
        rc = merge(c, env, err);
        if (!rc && broken && !c->names.count) {   /* nothing is left that could be used */
            rc = broken;
            if (err)
                *err = file_err;
        }
    }
    if (rc) {
        clouds_free(c);
        return rc;
    }
    *out = c;
    return ERR_OK;
}

void clouds_free(struct clouds *c)
{
    if (!c)
        return;
    yaml_release(&c->config);
    yaml_release(&c->secure);
    yaml_release(&c->vendor);
    arena_release(&c->arena);
    mem_free(c->file);
    mem_free(c->home);
    mem_free(c->default_name);
    strlist_release(&c->names);
    str_release(&c->problems);
    str_release(&c->searched);
    mem_free(c);
}

size_t clouds_count(const struct clouds *c) { return c->names.count; }
const char *clouds_name(const struct clouds *c, size_t i) { return i < c->names.count ? c->names.items[i] : NULL; }
const char *clouds_default(const struct clouds *c) { return c->default_name; }
const char *clouds_problems(const struct clouds *c) { return c->problems.len ? c->problems.data : ""; }
const char *clouds_searched(const struct clouds *c) { return c->searched.len ? c->searched.data : ""; }
const char *clouds_file(const struct clouds *c) { return c->file; }
