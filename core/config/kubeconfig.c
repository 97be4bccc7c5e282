/*
 * kubeconfig files by client-go's rules: which files, in which order, and who wins. The first file that defines a
 * cluster, user or context of a name keeps it whole; the first non-empty current-context counts.
 */
#include "strata/kubeconfig.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/config/cfile.h"
#include "core/config/kubeconfig_read.h"
#include "core/config/yaml.h"
#include "strata/mem.h"

enum { FILE_MAX = 32 << 20 };

void kubeconfig_init(struct kubeconfig *kc)
{
    *kc = (struct kubeconfig){.nclusters = 0};
    str_init(&kc->problems, 1 << 20);
}

void kubeconfig_free(struct kubeconfig *kc)
{
    for (size_t i = 0; i < kc->nclusters; i++)
        kube_cluster_release(&kc->clusters[i]);
    for (size_t i = 0; i < kc->nusers; i++)
        kube_user_release(&kc->users[i]);
    for (size_t i = 0; i < kc->ncontexts; i++)
        kube_context_release(&kc->contexts[i]);
    for (size_t i = 0; i < kc->nfiles; i++)
        mem_free(kc->files[i]);
    mem_free(kc->clusters);
    mem_free(kc->users);
    mem_free(kc->contexts);
    mem_free(kc->files);
    mem_free(kc->notes);
    mem_free(kc->current);
    str_release(&kc->problems);
    kubeconfig_init(kc);
}

const struct kube_context *kubeconfig_context(const struct kubeconfig *kc, const char *name)
{
    for (size_t i = 0; name && i < kc->ncontexts; i++)
        if (!strcmp(kc->contexts[i].name, name))
            return &kc->contexts[i];
    return NULL;
}

const struct kube_cluster *kubeconfig_cluster(const struct kubeconfig *kc, const char *name)
{
    for (size_t i = 0; name && i < kc->nclusters; i++)
        if (!strcmp(kc->clusters[i].name, name))
            return &kc->clusters[i];
    return NULL;
}

const struct kube_user *kubeconfig_user(const struct kubeconfig *kc, const char *name)
{
    for (size_t i = 0; name && i < kc->nusers; i++)
        if (!strcmp(kc->users[i].name, name))
            return &kc->users[i];
    return NULL;
}

enum err_code kubeconfig_check(const struct kubeconfig *kc, const char *context, struct err *err)
{
    const struct kube_context *x = kubeconfig_context(kc, context);
    if (!x)
        return cfile_error(err, ERR_NOTFOUND, "context \"%s\" is not in the kubeconfig", context ? context : "");
    if (x->problem)
        return cfile_error(err, ERR_CONFIG, "%s", x->problem);
    if (!x->cluster)
        return cfile_error(err, ERR_CONFIG, "%s: context \"%s\" names no cluster", x->where, x->name);
    const struct kube_cluster *c = kubeconfig_cluster(kc, x->cluster);
    if (!c)
        return cfile_error(err, ERR_CONFIG, "%s: context \"%s\" names cluster \"%s\", which is not there", x->where, x->name, x->cluster);
    if (c->problem)
        return cfile_error(err, ERR_CONFIG, "%s", c->problem);
    if (!c->server)
        return cfile_error(err, ERR_CONFIG, "%s: cluster \"%s\" has no server", c->where, c->name);
    if (c->insecure && (c->ca_data || c->ca_file))
        return cfile_error(err, ERR_CONFIG, "%s: cluster \"%s\": insecure-skip-tls-verify does not go with a certificate-authority",
                       c->where, c->name);
    /* no user, or one that is nowhere defined: kubectl asks as nobody in particular, and so do we */
    const struct kube_user *u = kubeconfig_user(kc, x->user);
    return u && u->problem ? cfile_error(err, ERR_CONFIG, "%s", u->problem) : ERR_OK;
}

/* ---- one file into the struct ---- */

enum { OF_NOBODY = -1, OF_CLUSTER, OF_USER, OF_CONTEXT };   /* kube_note.section: the order of sections[] */

struct section {
    const char *key;
    size_t size, array, count;
    const void *(*find)(const struct kubeconfig *, const char *);
    void (*read)(struct kube_reader *, void *, const struct yaml_node *);
};

static const void *find_cluster(const struct kubeconfig *kc, const char *name) { return kubeconfig_cluster(kc, name); }
static const void *find_user(const struct kubeconfig *kc, const char *name) { return kubeconfig_user(kc, name); }
static const void *find_context(const struct kubeconfig *kc, const char *name) { return kubeconfig_context(kc, name); }
static void read_cluster(struct kube_reader *r, void *at, const struct yaml_node *n) { kube_read_cluster(r, at, n); }
static void read_user(struct kube_reader *r, void *at, const struct yaml_node *n) { kube_read_user(r, at, n); }
static void read_context(struct kube_reader *r, void *at, const struct yaml_node *n) { kube_read_context(r, at, n); }

#define SECTION(k, strukt, member, f, rd) \
    {k, sizeof(struct strukt), offsetof(struct kubeconfig, member), offsetof(struct kubeconfig, n##member), f, rd}
static const struct section sections[] = {
    SECTION("clusters", kube_cluster, clusters, find_cluster, read_cluster),
    SECTION("users", kube_user, users, find_user, read_user),
    SECTION("contexts", kube_context, contexts, find_context, read_context),
};

/* What was said since `start` is about this entry. */
static void add_note(struct kube_reader *r, int section, size_t entry, size_t start)
{
    struct kubeconfig *kc = r->kc;
    if (kc->problems.len == start)
        return;
    struct kube_note *grown = mem_realloc(kc->notes, (kc->nnotes + 1) * sizeof *grown);
    if (!grown) {
        r->nomem = true;
        return;
    }
    kc->notes = grown;
    kc->notes[kc->nnotes++] = (struct kube_note){.section = section, .entry = entry, .start = start, .end = kc->problems.len};
}

static void read_entry(struct kube_reader *r, const struct section *s, size_t known, const struct yaml_node *entry)
{
    size_t start = r->kc->problems.len;
    const struct yaml_node *name = yaml_get(entry, "name");
    if (entry->type != YAML_MAP) {
        cfile_problem(&r->kc->problems, r->file, entry->line, "an entry of %s must be a mapping, not %s", s->key,
                      yaml_type_name(entry->type));
        add_note(r, OF_NOBODY, 0, start);
        return;
    }
    if (name && name->type != YAML_STR && name->type != YAML_NULL) {
        cfile_problem(&r->kc->problems, r->file, name->line, "the name of an entry of %s must be a text, not %s; put it in quotes",
                      s->key, yaml_type_name(name->type));
        add_note(r, OF_NOBODY, 0, start);
        return;
    }
    const char *text = name ? name->text : "";
    char **array = (char **)(void *)((char *)r->kc + s->array);
    size_t *count = (size_t *)(void *)((char *)r->kc + s->count);
    const char *there = s->find(r->kc, text);
    if (there) {       /* of an earlier file: it wins, silently; of this file: kubectl refuses such a file */
        if ((size_t)(there - *array) / s->size >= known)
            cfile_problem(&r->kc->problems, r->file, entry->line, "\"%s\" stands twice in %s; the first one is used", text, s->key);
        add_note(r, (int)(s - sections), (size_t)(there - *array) / s->size, start);
        return;
    }
    void *grown = mem_realloc(*array, (*count + 1) * s->size);
    char *copy = mem_strdup(text);
    if (grown)
        *array = grown;
    if (!grown || !copy) {
        mem_free(copy);
        r->nomem = true;
        return;
    }
    char *at = *array + *count * s->size;
    memset(at, 0, s->size);
    *(char **)(void *)at = copy;                 /* `name` is the first member of all three */
    (*count)++;
    s->read(r, at, entry);
    add_note(r, (int)(s - sections), *count - 1, start);
}

static void read_section(struct kube_reader *r, const struct section *s, const struct yaml_node *root)
{
    const struct yaml_node *list = yaml_get(root, s->key);
    size_t start = r->kc->problems.len;
    if (!list || list->type == YAML_NULL)
        return;
    if (list->type != YAML_SEQ) {
        cfile_problem(&r->kc->problems, r->file, list->line, "%s must be a list, not %s", s->key, yaml_type_name(list->type));
        add_note(r, OF_NOBODY, 0, start);
        return;
    }
    size_t known = *(size_t *)(void *)((char *)r->kc + s->count);
    for (const struct yaml_item *i = list->first; i && !r->nomem; i = i->next)
        read_entry(r, s, known, i->value);
}

static enum err_code read_root(struct kube_reader *r, const struct yaml_node *root, struct err *err)
{
    if (!root || root->type == YAML_NULL)
        return ERR_OK;                           /* an empty file is an empty config */
    if (root->type != YAML_MAP)
        return cfile_error(err, ERR_CONFIG, "%s:%d: this is no kubeconfig: a mapping is needed, not %s", r->file, root->line,
                       yaml_type_name(root->type));
    const struct yaml_node *kind = yaml_get(root, "kind"), *version = yaml_get(root, "apiVersion");
    if (kind && kind->len && strcmp(kind->text, "Config") != 0)
        return cfile_error(err, ERR_CONFIG, "%s:%d: this is no kubeconfig: kind is not Config", r->file, kind->line);
    if (version && version->len && strcmp(version->text, "v1") != 0)
        return cfile_error(err, ERR_CONFIG, "%s:%d: apiVersion of a kubeconfig is v1", r->file, version->line);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        read_section(r, &sections[i], root);
    const struct yaml_node *current = yaml_get(root, "current-context");
    size_t start = r->kc->problems.len;
    if (!r->kc->current && yaml_is(current, YAML_STR) && current->len) {
        if (!(r->kc->current = mem_strdup(current->text)))
            r->nomem = true;
    } else if (current && current->type != YAML_STR && current->type != YAML_NULL) {
        cfile_problem(&r->kc->problems, r->file, current->line, "current-context must be a text, not %s; put it in quotes",
                      yaml_type_name(current->type));
        add_note(r, OF_NOBODY, 0, start);
    }
    return ERR_OK;
}

/* ---- whom a problem concerns ---- */

/* The lines of text[0..len) that are not there yet, and are not `but`. */
static void add_lines(struct str *out, const char *text, size_t len, const char *but)
{
    for (size_t n; len; text += n, len -= n) {
        const char *end = memchr(text, '\n', len);
        n = end ? (size_t)(end - text) + 1 : len;
        if (strlen(but) == n - 1 && !strncmp(but, text, n - 1))
            continue;
        char *line = mem_strndup(text, n);
        if (line && !(out->len && strstr(out->data, line)))
            str_adds(out, line);
        mem_free(line);
    }
}

void kubeconfig_concerns(const struct kubeconfig *kc, const char *context, struct str *out)
{
    const struct kube_context *x = kubeconfig_context(kc, context);
    const struct kube_cluster *c = x ? kubeconfig_cluster(kc, x->cluster) : NULL;
    const struct kube_user *u = x ? kubeconfig_user(kc, x->user) : NULL;
    bool lost_user = x && x->user && !u, whole = x && c && !lost_user;
    struct err err = ERR_INIT;
    size_t done = 0;
    kubeconfig_check(kc, context, &err);
    for (size_t i = 0; i <= kc->nnotes; i++) {
        const struct kube_note *n = i < kc->nnotes ? &kc->notes[i] : NULL;
        add_lines(out, kc->problems.data + done, (n ? n->start : kc->problems.len) - done, err.msg);   /* a file's */
        if (!n)
            break;
        bool ours = n->section == OF_CONTEXT ? x && x == &kc->contexts[n->entry]
                    : n->section == OF_CLUSTER ? c && c == &kc->clusters[n->entry]
                    : n->section == OF_USER ? u && u == &kc->users[n->entry] : !whole;
        if (ours)
            add_lines(out, kc->problems.data + n->start, n->end - n->start, err.msg);
        done = n->end;
    }
    if (lost_user) {
        struct str s;
        str_init(&s, 8192);
        cfile_problem(&s, NULL, 0, "%s: context \"%s\" names user \"%s\", which is not defined: requests go without credentials", x->where,
                      x->name, x->user);
        add_lines(out, s.data, s.len, "");
        str_release(&s);
    }
}

enum err_code kubeconfig_parse(struct kubeconfig *kc, const char *text, size_t len, const char *file, struct err *err)
{
    struct yaml_doc doc;
    enum err_code rc = yaml_parse(&doc, text, len, YAML_GO, file, err);
    if (rc)
        return rc;
    char *dir = cfile_dir(file);
    struct kube_reader r = {.kc = kc, .file = file, .dir = dir, .nomem = !dir};
    if (dir)
        rc = read_root(&r, doc.root, err);
    if (r.nomem)
        rc = err_set(err, ERR_NOMEM, 0, "out of memory");
    mem_free(dir);
    yaml_release(&doc);
    return rc;
}

/* ---- which files ---- */

static enum err_code add_file(struct kubeconfig *kc, const char *path, struct err *err)
{
    char **grown = mem_realloc(kc->files, (kc->nfiles + 1) * sizeof *grown);
    char *copy = mem_strdup(path);
    if (grown)
        kc->files = grown;
    if (!grown || !copy) {
        mem_free(copy);
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    kc->files[kc->nfiles++] = copy;
    return ERR_OK;
}

static enum err_code load_file(struct kubeconfig *kc, const char *path, struct err *err)
{
    char *text;
    size_t len;
    enum err_code rc = cfile_read(path, FILE_MAX, &text, &len, err);
    if (rc)
        return rc;
    rc = kubeconfig_parse(kc, text, len, path, err);
    explicit_bzero(text, len);
    mem_free(text);
    return rc ? rc : add_file(kc, path, err);
}

/* The KUBECONFIG list: empty names and repeated ones are skipped, missing ones as well; a broken one is said. */
static enum err_code load_list(struct kubeconfig *kc, const char *list, struct err *err)
{
    struct err first = ERR_INIT;
    enum err_code rc = ERR_OK;
    struct str missing;
    str_init(&missing, 65536);
    for (const char *p = list; rc != ERR_NOMEM;) {
        size_t n = strcspn(p, ":");
        bool again = false;
        for (const char *q = list; q < p && !again; q += strcspn(q, ":") + 1)
            again = strcspn(q, ":") == n && !strncmp(q, p, n);
        char *path = n && !again ? mem_strndup(p, n) : NULL;
        if (path) {
            struct err e = ERR_INIT;
            rc = load_file(kc, path, &e);
            if (rc == ERR_NOTFOUND)
                cfile_problem(&missing, NULL, 0, "looked for %s: not there", path);
            else if (rc)
                cfile_problem(&kc->problems, NULL, 0, "%s", e.msg);
            if (rc && rc != ERR_NOTFOUND && !first.code)
                first = e;
        }
        mem_free(path);
        if (!p[n])
            break;
        p += n + 1;
    }
    if (!kc->nfiles && !first.code)
        str_add(&kc->problems, missing.data, missing.len);
    str_release(&missing);
    if (rc == ERR_NOMEM || (first.code && !kc->nfiles)) {
        if (err)
            *err = first;
        return first.code;
    }
    return kc->nfiles ? ERR_OK : cfile_error(err, ERR_NOTFOUND, "no kubeconfig: none of the files in KUBECONFIG is there");
}

static bool in_cluster(struct kubeconfig *kc)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
    const char *dir = getenv("STRATA_SERVICEACCOUNT_DIR");
    if (!dir || !*dir)
        dir = "/var/run/secrets/kubernetes.io/serviceaccount";
    struct str token, ca, ns_file, server;
    str_init(&token, 4096);
    str_init(&ca, 4096);
    str_init(&ns_file, 4096);
    str_init(&server, 512);
    bool found = false;
    str_addf(&token, "%s/token", dir);
    str_addf(&ca, "%s/ca.crt", dir);
    str_addf(&ns_file, "%s/namespace", dir);
    if (!host || !*host || !port || !*port || token.failed || access(token.data, R_OK) != 0)
        goto out;
    str_addf(&server, strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port);
    kc->clusters = mem_zalloc(sizeof *kc->clusters);
    kc->users = mem_zalloc(sizeof *kc->users);
    kc->contexts = mem_zalloc(sizeof *kc->contexts);
    if (!kc->clusters || !kc->users || !kc->contexts)
        goto out;
    char *ns = NULL;
    size_t len = 0;
    if (!cfile_read(ns_file.data, 4096, &ns, &len, NULL))
        ns[strcspn(ns, " \t\r\n")] = '\0';
    *kc->clusters = (struct kube_cluster){.name = mem_strdup("in-cluster"), .server = str_take(&server),
        .ca_file = access(ca.data, R_OK) == 0 ? mem_strdup(ca.data) : NULL, .where = mem_strdup("service account")};
    *kc->users = (struct kube_user){.name = mem_strdup("in-cluster"), .token_file = mem_strdup(token.data),
        .where = mem_strdup("service account")};
    *kc->contexts = (struct kube_context){.name = mem_strdup("in-cluster"), .cluster = mem_strdup("in-cluster"),
        .user = mem_strdup("in-cluster"), .namespace_ = ns, .where = mem_strdup("service account")};
    mem_free(kc->current);
    kc->current = mem_strdup("in-cluster");
    found = kc->in_cluster = kc->clusters->name && kc->clusters->server && kc->users->name && kc->users->token_file &&
                             kc->contexts->name && kc->contexts->cluster && kc->contexts->user && kc->current;
    if (found) {
        kc->nclusters = kc->nusers = kc->ncontexts = 1;
    } else {
        kube_cluster_release(kc->clusters);
        kube_user_release(kc->users);
        kube_context_release(kc->contexts);
    }
out:
    str_release(&token);
    str_release(&ca);
    str_release(&ns_file);
    str_release(&server);
    return found;
}

static enum err_code load_home(struct kubeconfig *kc, struct err *err)
{
    const char *home = getenv("HOME");
    if (!home || !*home)
        return cfile_error(err, ERR_NOTFOUND, "no kubeconfig: KUBECONFIG and HOME are not set");
    struct str path;
    str_init(&path, 65536);
    str_addf(&path, "%s/.kube/config", home);
    struct err e = ERR_INIT;
    enum err_code rc = path.failed ? err_set(&e, ERR_NOMEM, 0, "out of memory") : load_file(kc, path.data, &e);
    if (rc == ERR_NOTFOUND)
        cfile_problem(&kc->problems, NULL, 0, "looked for %s: not there (KUBECONFIG is not set)", path.data);
    else if (rc)
        cfile_problem(&kc->problems, NULL, 0, "%s", e.msg);
    if (rc == ERR_NOTFOUND)
        rc = cfile_error(err, ERR_NOTFOUND, "no kubeconfig: %s is not there", path.data);
    else if (rc && err)
        *err = e;
    str_release(&path);
    return rc;
}

enum err_code kubeconfig_load(struct kubeconfig *kc, const char *path, struct err *err)
{
    if (path && *path) {
        struct err e = ERR_INIT;
        enum err_code rc = load_file(kc, path, &e);
        if (rc)
            cfile_problem(&kc->problems, NULL, 0, "%s", e.msg);
        if (rc && err)
            *err = e;
        return rc;
    }
    const char *list = getenv("KUBECONFIG");
    enum err_code rc = list && *list ? load_list(kc, list, err) : load_home(kc, err);
    if ((rc == ERR_OK || rc == ERR_NOTFOUND) && !kc->ncontexts && !kc->nclusters && !kc->nusers && in_cluster(kc))
        rc = err_set(err, ERR_OK, 0, "%s", "");
    return rc;
}
