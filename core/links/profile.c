/* Profiles of distributions: files of data that say what a pod's labels mean. */
#include "core/links/profile.h"

#include <stdatomic.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kube/kube_kind.h"
#include "strata/map.h"
#include "strata/mem.h"

#define FILE_MAX (1u << 20)
#define ROLES_MAX 4096

struct profile { char *name; char *label[PROFILE_LABELS]; size_t nlabels; };
struct link_profiles {
    struct profile of[PROFILE_MAX];
    size_t n;
    struct map roles;           /* "PROFILE\nCOMPONENT" -> struct link_role */
    struct arena texts;
    atomic_uint refs;
};
extern const struct profile_builtin { const char *name, *text; } profiles_builtin[];

static char *keep(struct link_profiles *p, const char *s)
{
    return arena_strndup(&p->texts, s, strlen(s));
}

static struct profile *named(struct link_profiles *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->of[i].name, name))
            return &p->of[i];
    if (p->n == PROFILE_MAX)
        return NULL;
    struct profile *x = &p->of[p->n];
    if (strlen(name) > 60)
        return NULL;
    *x = (struct profile){.name = keep(p, name)};
    p->n += x->name != NULL;
    return x->name ? x : NULL;
}

static size_t words_of(char *line, char **w, size_t max)
{
    size_t n = 0;
    line[strcspn(line, "#")] = '\0';
    for (char *save = NULL, *s = strtok_r(line, " \t\r", &save); s; s = strtok_r(NULL, " \t\r", &save)) {
        if (n < max)
            w[n] = s;
        n++;
    }
    return n;
}

static bool plane_of(const char *word, enum link_plane *plane)
{
    static const char *const names[] = {"-", "cp", "dp", "st"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(word, names[i])) {
            *plane = (enum link_plane)i;
            return true;
        }
    return false;
}

static const char *unless_dash(struct link_profiles *p, const char *s)
{
    return strcmp(s, "-") ? keep(p, s) : "";
}

static bool add_role(struct link_profiles *p, const struct profile *of, char **w, size_t n, enum link_plane plane)
{
    struct link_role *role = arena_alloc(&p->texts, sizeof *role);
    char key[256];
    if (!role || p->roles.count >= ROLES_MAX)
        return false;
    *role = (struct link_role){keep(p, w[0]), unless_dash(p, w[1]), unless_dash(p, w[2]), plane, n > 4, n > 5 ? keep(p, w[5]) : "", of->name};
    if (!role->component || !role->binary || !role->api || !role->only)
        return false;
    snprintf(key, sizeof key, "%s\n%s", of->name, w[0]);
    return map_put(&p->roles, key, role);
}

/* NULL: fine; else what is wrong with the line. */
static const char *read_line(struct link_profiles *p, char *line, struct profile **of)
{
    char *w[6] = {0};
    enum link_plane plane;
    size_t n = words_of(line, w, 6);
    if (!n)
        return NULL;
    if (!strcmp(w[0], "profile"))
        return n != 2 ? "\"profile\" takes one name" : (*of = named(p, w[1])) ? NULL : "there are too many profiles";
    if (!*of)
        return "a file begins with \"profile NAME\"";
    if (!strcmp(w[0], "label")) {
        if (n < 2 || n > PROFILE_LABELS + 1)
            return "\"label\" takes one to three keys of labels";
        (*of)->nlabels = n - 1;
        for (size_t i = 1; i < n; i++)
            if (!((*of)->label[i - 1] = keep(p, w[i])))
                return "out of memory";
        return NULL;
    }
    if (n < 4 || n > 6 || !plane_of(w[3], &plane) || (n > 4 && strcmp(w[4], "quorum") != 0))
        return "a component is \"COMPONENT BINARY|- API|- cp|dp|st [quorum [API]]\"";
    if (!(*of)->nlabels)
        return "\"label KEY...\" comes before the components";
    return add_role(p, *of, w, n, plane) ? NULL : "there is no room for more components";
}

enum err_code link_profiles_read(struct link_profiles *p, const char *file, const char *text, struct err *err)
{
    struct profile *of = NULL;
    size_t at = 0;
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\n");
        char line[512];
        at++;
        if (n >= sizeof line)
            return err_set(err, ERR_CONFIG, 0, "%s:%zu: the line is too long", file, at);
        memcpy(line, s, n);
        line[n] = '\0';
        const char *wrong = read_line(p, line, &of);
        if (wrong)
            return err_set(err, ERR_CONFIG, 0, "%s:%zu: %s", file, at, wrong);
        s += n + (s[n] == '\n');
    }
    return ERR_OK;
}

static enum err_code read_file(struct link_profiles *p, const char *path, struct err *err)
{
    struct str text;
    char buf[4096];
    size_t n;
    FILE *f = fopen(path, "re");
    if (!f)
        return err_set(err, ERR_CONFIG, 0, "%s: it cannot be read", path);
    str_init(&text, FILE_MAX);
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        str_add(&text, buf, n);
    fclose(f);
    enum err_code code = text.failed ? err_set(err, ERR_CONFIG, 0, "%s: a profile has at most 1 MiB", path)
                                     : link_profiles_read(p, path, text.data ? text.data : "", err);
    str_release(&text);
    return code;
}

enum err_code link_profiles_dir(struct link_profiles *p, const char *dir, struct err *err)
{
    char pattern[4096];
    glob_t found;
    enum err_code code = ERR_OK;
    snprintf(pattern, sizeof pattern, "%s/*.profile", dir);
    if (glob(pattern, 0, NULL, &found))         /* sorted by name */
        return ERR_OK;
    for (size_t i = 0; !code && i < found.gl_pathc; i++)
        code = read_file(p, found.gl_pathv[i], err);
    globfree(&found);
    return code;
}

struct link_profiles *link_profiles_new(void)
{
    struct link_profiles *p = mem_zalloc(sizeof *p);
    struct err err = ERR_INIT;
    if (!p)
        return NULL;
    map_init(&p->roles, NULL);
    arena_init(&p->texts, 0);
    atomic_init(&p->refs, 1);
    for (const struct profile_builtin *b = profiles_builtin; b->name; b++)
        if (link_profiles_read(p, b->name, b->text, &err)) {
            link_profiles_free(p);
            return NULL;
        }
    return p;
}

struct link_profiles *link_profiles_ref(struct link_profiles *p)
{
    atomic_fetch_add(&p->refs, 1);
    return p;
}

void link_profiles_free(struct link_profiles *p)
{
    if (!p || atomic_fetch_sub(&p->refs, 1) != 1)
        return;
    map_release(&p->roles);
    arena_release(&p->texts);
    mem_free(p);
}

/* The value of a label in "a=b,c=d" without copying. */
static const char *label_at(const char *labels, const char *key, size_t *n)
{
    size_t len = strlen(key);
    for (const char *s = labels; s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
        if (*s == *key && !strncmp(s, key, len) && s[len] == '=') {
            *n = strcspn(s + len + 1, ",");
            return s + len + 1;
        }
    return NULL;
}

/* Of one that no file here knows, else nothing: the others are told by their labels. */
static const char *kind_of(const struct row *r, char *buf, size_t size, size_t *n)
{
    const struct kube_kind *k = r->kind->kube;
    if (!k || k->schema || k->selector)
        return NULL;
    int len = snprintf(buf, size, "%s.%s", k->resource, k->group);
    *n = len > 0 && (size_t)len < size ? (size_t)len : 0;
    return *n ? buf : NULL;
}

const struct link_role *link_role_of(const struct link_profiles *p, const struct row *r)
{
    for (size_t i = p->n; r->labels && *r->labels && i-- > 0;) {
        const struct profile *of = &p->of[i];
        char key[256], kind[128];
        size_t at = strlen(of->name), k;
        for (k = 0; k < of->nlabels; k++) {
            size_t n;
            const char *v = !strcmp(of->label[k], "@kind") ? kind_of(r, kind, sizeof kind, &n) : label_at(r->labels, of->label[k], &n);
            if (!v || at + n + 2 > sizeof key)
                break;
            if (!k)
                memcpy(key, of->name, at);
            key[at++] = k ? '/' : '\n';
            memcpy(key + at, v, n);
            at += n;
        }
        if (!of->nlabels || k < of->nlabels)
            continue;
        key[at] = '\0';
        const struct link_role *role = map_get(&p->roles, key);
        if (role)
            return role;
    }
    return NULL;
}
