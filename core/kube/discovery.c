/* What the server has: aggregated discovery (v2, v2beta1) or the older calls per group; names as kubectl takes them. */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define ACCEPT_AGGREGATED                                                                                            \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"                                          \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
#define FRESH_MS 10000             /* an unknown name asks again when what we know is older */
#define MAX_BODY (64u << 20)
#define MAX_GROUP_VERSIONS 1000

/* ---- resources ---- */

void kube_resources_init(struct kube_resources *r)
{
    *r = (struct kube_resources){.head = NULL};
    r->tail = &r->head;
}

static void free_resource(struct kube_resource *p)
{
    mem_free(p->id);
    mem_free(p->singular);
    mem_free(p->title);
    mem_free(p->help);
    mem_free(p->group);
    mem_free(p->version);
    mem_free(p->resource);
    mem_free(p->object_kind);
    for (char **s = p->short_names; s && *s; s++)
        mem_free(*s);
    mem_free(p->short_names);
    mem_free(p);
}

void kube_resources_release(struct kube_resources *r)
{
    for (struct kube_resource *p; (p = r->head);) {
        r->head = p->next;
        free_resource(p);
    }
    kube_resources_init(r);
}

static void append(struct kube_resources *r, struct kube_resource *p)
{
    p->next = NULL;
    *r->tail = p;
    r->tail = &p->next;
}

static void move_all(struct kube_resources *to, struct kube_resources *from)
{
    if (from->head) {
        *to->tail = from->head;
        to->tail = from->tail;
    }
    to->partial |= from->partial;
    kube_resources_init(from);
}

static bool has_verb(const json_t *verbs, const char *verb)
{
    for (size_t i = 0; i < json_array_size(verbs); i++) {
        const char *v = json_string_value(json_array_get(verbs, i));
        if (v && strcmp(v, verb) == 0)
            return true;
    }
    return false;
}

/* A name that is shown and typed: printable ASCII only, else the resource is left out. */
static bool good_name(const char *s)
{
    return s && s[0] && strlen(s) < 256 && text_is_clean(s, strlen(s)) && !strpbrk(s, " /");
}

static bool fill_kind(struct kube_resource *p, bool namespaced, bool deletable)
{
    struct str help;
    p->title = mem_strdup(p->resource);
    if (!p->title)
        return false;
    if (p->title[0] >= 'a' && p->title[0] <= 'z')
        p->title[0] = (char)(p->title[0] - 'a' + 'A');
    str_init(&help, 4096);
    str_addf(&help, "%s of %s%s%s, with the columns the server gives.", p->object_kind, p->group, p->group[0] ? "/" : "",
             p->version);
    p->help = str_take(&help);
    str_release(&help);
    p->kube = (struct kube_kind){
        .group = p->group, .version = p->version, .resource = p->resource, .object_kind = p->object_kind};
    p->kind = (struct kind){
        .singular = p->singular,
        .title = p->title,
        .aliases = (const char *const *)p->short_names,
        .help = p->help,
        .plane = PLANE_KUBE,
        .flags = KIND_DISCOVERED | (namespaced ? KIND_NAMESPACED : 0) | (deletable ? KIND_DELETE : 0),
        .kube = &p->kube,
    };
    return p->help != NULL;
}

/* false: out of memory. A resource with an unusable name is skipped. */
static bool add_resource(struct kube_resources *r, const char *group, const char *version, const char *name,
                         const char *singular, const char *kind, bool namespaced, const json_t *verbs, const json_t *shorts)
{
    if (!good_name(name) || !good_name(version) || !good_name(kind) || (group[0] && !good_name(group)))
        return true;
    struct kube_resource *p = mem_zalloc(sizeof *p);
    size_t n = json_array_size(shorts), used = 0;
    if (!p)
        return false;
    bool ok = (p->group = mem_strdup(group)) && (p->version = mem_strdup(version)) && (p->resource = mem_strdup(name)) &&
              (p->object_kind = mem_strdup(kind)) &&
              (p->singular = mem_strdup(good_name(singular) ? singular : kind)) &&
              (p->short_names = mem_zalloc((n + 1) * sizeof *p->short_names));
    if (ok && !good_name(singular))
        for (char *c = p->singular; *c; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    for (size_t i = 0; ok && i < n; i++) {
        const char *s = json_string_value(json_array_get(shorts, i));
        if (good_name(s))
            ok = (p->short_names[used++] = mem_strdup(s)) != NULL;
    }
    p->listable = has_verb(verbs, "list");
    p->watchable = has_verb(verbs, "watch");
    if (!ok || !fill_kind(p, namespaced, has_verb(verbs, "delete"))) {
        free_resource(p);
        return false;
    }
    append(r, p);
    return true;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

enum err_code kube_resources_parse_aggregated(struct kube_resources *r, const char *text, size_t len, struct err *err)
{
    json_t *doc = json_read(text, len, 0, NULL);
    bool ok = true;
    if (strcmp(text_of(doc, "kind"), "APIGroupDiscoveryList") != 0) {
        json_decref(doc);
        return err_set(err, ERR_PROTO, 0, "the server's discovery document cannot be read");
    }
    const json_t *items = json_object_get(doc, "items"), *versions, *resources;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *group = text_of(json_object_get(item, "metadata"), "name");
        versions = json_object_get(item, "versions");
        for (size_t j = 0; j < json_array_size(versions); j++) {
            const json_t *v = json_array_get(versions, j);
            if (strcmp(text_of(v, "freshness"), "Stale") == 0)
                r->partial = true;
            resources = json_object_get(v, "resources");
            for (size_t k = 0; ok && k < json_array_size(resources); k++) {
                const json_t *o = json_array_get(resources, k);
                ok = add_resource(r, group, text_of(v, "version"), text_of(o, "resource"), text_of(o, "singularResource"),
                                  text_of(json_object_get(o, "responseKind"), "kind"),
                                  strcmp(text_of(o, "scope"), "Namespaced") == 0, json_object_get(o, "verbs"),
                                  json_object_get(o, "shortNames"));
            }
        }
    }
    json_decref(doc);
    return ok ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

enum err_code kube_resources_parse_legacy(struct kube_resources *r, const char *text, size_t len, struct err *err)
{
    json_t *doc = json_read(text, len, 0, NULL);
    bool ok = true;
    if (strcmp(text_of(doc, "kind"), "APIResourceList") != 0) {
        json_decref(doc);
        return err_set(err, ERR_PROTO, 0, "the server's discovery document cannot be read");
    }
    const char *gv = text_of(doc, "groupVersion"), *slash = strchr(gv, '/');
    char group[256] = "";
    if (slash)
        snprintf(group, sizeof group, "%.*s", (int)(slash - gv < 255 ? slash - gv : 255), gv);
    const json_t *resources = json_object_get(doc, "resources");
    for (size_t k = 0; ok && k < json_array_size(resources); k++) {
        const json_t *o = json_array_get(resources, k);
        ok = add_resource(r, group, slash ? slash + 1 : gv, text_of(o, "name"), text_of(o, "singularName"), text_of(o, "kind"),
                          json_is_true(json_object_get(o, "namespaced")), json_object_get(o, "verbs"),
                          json_object_get(o, "shortNames"));
    }
    json_decref(doc);
    return ok ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

/* ---- names ---- */

/* "widgets", "widgets.example.com" or "widgets.v1.example.com" splits into these; group NULL = any. */
struct asked { char name[256], version[64], group[256]; bool any_group, any_version; };

static bool matches(const struct kube_resource *p, const struct asked *a)
{
    if (!a->any_group && strcmp(p->group, a->group) != 0)
        return false;
    return a->any_version || strcmp(p->version, a->version) == 0;
}

static const struct kube_resource *find_asked(const struct kube_resources *r, const struct asked *a)
{
    const struct kube_resource *p;
    for (p = r->head; p; p = p->next)             /* full names beat short names, short names beat Kinds: as kubectl */
        if (matches(p, a) && (strcasecmp(p->resource, a->name) == 0 || strcasecmp(p->singular, a->name) == 0))
            return p;
    for (p = r->head; p; p = p->next)
        for (char **s = p->short_names; matches(p, a) && *s; s++)
            if (strcasecmp(*s, a->name) == 0)
                return p;
    for (p = r->head; p; p = p->next)
        if (matches(p, a) && strcasecmp(p->object_kind, a->name) == 0)
            return p;
    return NULL;
}

/* Readings of a name, most literal first. Returns how many. */
static int readings(const char *name, struct asked out[3])
{
    int n = 0;
    const char *dot = strchr(name, '.'), *dot2 = dot ? strchr(dot + 1, '.') : NULL;
    if (strlen(name) >= sizeof out->name)
        return 0;
    if (!dot) {
        out[n] = (struct asked){.any_group = true, .any_version = true};
        snprintf(out[n++].name, sizeof out->name, "%s", name);
        return n;
    }
    out[n] = (struct asked){.any_version = true};
    snprintf(out[n].name, sizeof out->name, "%.*s", (int)(dot - name), name);
    snprintf(out[n++].group, sizeof out->group, "%s", dot + 1);
    if (dot2 && dot2 - dot - 1 < (long)sizeof out->version) {
        out[n] = (struct asked){.any_version = false};
        snprintf(out[n].name, sizeof out->name, "%.*s", (int)(dot - name), name);
        snprintf(out[n].version, sizeof out->version, "%.*s", (int)(dot2 - dot - 1), dot + 1);
        snprintf(out[n++].group, sizeof out->group, "%s", dot2 + 1);
    }
    return n;
}

const struct kube_resource *kube_resources_find(const struct kube_resources *r, const char *name)
{
    struct asked a[3];
    int n = readings(name, a);
    for (int i = 0; i < n; i++) {
        const struct kube_resource *p = find_asked(r, &a[i]);
        if (p)
            return p;
    }
    return NULL;
}

/* Built-in kinds: by name, and by "resource[.version].group". */
static const struct kind *find_builtin(const char *name)
{
    struct asked a[3];
    int n = readings(name, a);
    for (int i = 0; i < n; i++) {
        const struct kind *k = kind_find(a[i].name);
        if (!k || k->plane != PLANE_KUBE || !k->kube)
            continue;
        if ((a[i].any_group || strcmp(a[i].group, k->kube->group) == 0) &&
            (a[i].any_version || strcmp(a[i].version, k->kube->version) == 0))
            return k;
    }
    return NULL;
}

static const struct kind *builtin_of(const struct kube_resource *p)
{
    for (const struct kind *const *k = kinds_all; *k; k++)
        if ((*k)->plane == PLANE_KUBE && (*k)->kube && strcmp((*k)->kube->group, p->group) == 0 &&
            strcmp((*k)->kube->resource, p->resource) == 0 && strcmp((*k)->kube->version, p->version) == 0)
            return *k;
    return NULL;
}

void kube_resources_name(struct kube_resources *r)
{
    for (struct kube_resource *p = r->head; p; p = p->next) {
        bool plain = true, group = true;
        if (p->id)
            continue;
        for (const struct kube_resource *q = r->head; q != p; q = q->next)
            if (strcmp(q->resource, p->resource) == 0) {
                plain = false;
                if (strcmp(q->group, p->group) == 0)
                    group = false;
            }
        const struct kind *b = plain ? kind_find(p->resource) : NULL;
        if (b)
            plain = b == builtin_of(p);
        struct str id;
        str_init(&id, 1024);
        str_adds(&id, p->resource);
        if (!plain && !group)
            str_addf(&id, ".%s", p->version);
        if (!plain)
            str_addf(&id, ".%s", p->group);
        p->id = str_take(&id);
        str_release(&id);
        p->kind.id = p->id ? p->id : p->resource;
    }
}

bool kube_kind_may(const struct kind *k, bool *listable, bool *watchable)
{
    *listable = *watchable = true;
    if (!(k->flags & KIND_DISCOVERED))
        return false;
    const struct kube_resource *p =
        (const struct kube_resource *)((const char *)k->kube - offsetof(struct kube_resource, kube));
    *listable = p->listable;
    *watchable = p->watchable;
    return true;
}

/* ---- asking the server ---- */

struct waiter {
    struct waiter *next;
    char *name;
    void (*found)(void *arg, const struct kind *k, const struct err *err);
    void (*names)(void *arg, char **names, const struct err *err);
    void *arg;
};
struct fetch {
    struct fetch *next;
    struct kube_discovery *d;
    struct kube_call *call;
    bool apis;                         /* /apis: groups; else /api */
    bool resources;                    /* legacy: one group version */
    struct kube_resources got;
};
struct kube_discovery {
    struct kube_source *ks;
    struct kube_resources now, old;    /* old: no longer there, but a kind of theirs may be in use */
    struct fetch *fetches;             /* in the server's order */
    unsigned pending;
    struct waiter *waiters;
    struct err err;
    int64_t loaded_mono_ms;
    bool loaded, loading;
};

static void fetch_done(void *arg, const struct net_reply *r);

static bool fetch_start(struct kube_discovery *d, const char *path, bool apis, bool resources)
{
    struct fetch *f = mem_zalloc(sizeof *f), **tail = &d->fetches;
    if (!f)
        return false;
    f->d = d;
    f->apis = apis;
    f->resources = resources;
    kube_resources_init(&f->got);
    struct kube_req rq = {
        .path = path,
        .accept = resources ? NULL : ACCEPT_AGGREGATED,
        .max_body = MAX_BODY,
        .retries = 1,
        .on_done = fetch_done,
        .arg = f,
    };
    f->call = kube_send(d->ks, &rq, &d->err);
    if (!f->call) {
        mem_free(f);
        return false;
    }
    while (*tail)
        tail = &(*tail)->next;
    *tail = f;
    d->pending++;
    return true;
}

/* Older servers: {"versions": ["v1"]} or groups with their versions, preferred first. */
static void legacy_more(struct fetch *f, const char *text, size_t len)
{
    json_t *doc = json_read(text, len, 0, NULL);
    char path[600];
    unsigned n = 0;
    const json_t *groups = json_object_get(doc, "groups"), *versions = json_object_get(doc, "versions");
    for (size_t i = 0; !f->apis && i < json_array_size(versions); i++) {
        const char *v = json_string_value(json_array_get(versions, i));
        if (good_name(v)) {
            snprintf(path, sizeof path, "/api/%s", v);
            fetch_start(f->d, path, false, true);
        }
    }
    for (size_t i = 0; f->apis && i < json_array_size(groups); i++) {
        const json_t *g = json_array_get(groups, i);
        const char *best = text_of(json_object_get(g, "preferredVersion"), "groupVersion");
        versions = json_object_get(g, "versions");
        for (int other = 0; other < 2; other++)
            for (size_t j = 0; j < json_array_size(versions); j++) {
                const char *gv = text_of(json_array_get(versions, j), "groupVersion");
                if ((strcmp(gv, best) != 0) != other || !gv[0] || strlen(gv) > 500 || strpbrk(gv, " ?#%") ||
                    !text_is_clean(gv, strlen(gv)) || n++ > MAX_GROUP_VERSIONS)
                    continue;
                snprintf(path, sizeof path, "/apis/%s", gv);
                fetch_start(f->d, path, true, true);
            }
    }
    json_decref(doc);
}

static bool same_resource(const struct kube_resource *a, const struct kube_resource *b)
{
    size_t i = 0;
    if (strcmp(a->resource, b->resource) != 0 || strcmp(a->group, b->group) != 0 || strcmp(a->version, b->version) != 0 ||
        strcmp(a->object_kind, b->object_kind) != 0 || strcmp(a->singular, b->singular) != 0 ||
        a->kind.flags != b->kind.flags || a->listable != b->listable || a->watchable != b->watchable)
        return false;
    for (; a->short_names[i] && b->short_names[i]; i++)
        if (strcmp(a->short_names[i], b->short_names[i]) != 0)
            return false;
    return a->short_names[i] == b->short_names[i];
}

/* Kinds that are handed out stay the same objects as long as they mean the same. */
static void adopt(struct kube_discovery *d, struct kube_resources *fresh)
{
    struct kube_resources merged;
    kube_resources_init(&merged);
    for (struct kube_resource *p; (p = fresh->head);) {
        fresh->head = p->next;
        struct kube_resource **q = &d->now.head;
        while (*q && !same_resource(*q, p))
            q = &(*q)->next;
        if (*q) {
            struct kube_resource *keep = *q;
            *q = keep->next;
            free_resource(p);
            p = keep;
        }
        append(&merged, p);
    }
    for (d->now.tail = &d->now.head; *d->now.tail;)
        d->now.tail = &(*d->now.tail)->next;
    move_all(&d->old, &d->now);
    merged.partial = fresh->partial;
    kube_resources_init(fresh);
    move_all(&d->now, &merged);
    kube_resources_name(&d->now);
}

static void serve(struct kube_discovery *d, const struct err *err);

static void loading_done(struct kube_discovery *d)
{
    struct kube_resources fresh;
    kube_resources_init(&fresh);
    for (int apis = 0; apis < 2; apis++)
        for (struct fetch *f = d->fetches; f; f = f->next)
            if (f->apis == (apis == 1))
                move_all(&fresh, &f->got);
    for (struct fetch *f; (f = d->fetches);) {
        d->fetches = f->next;
        mem_free(f);
    }
    d->loading = false;
    if (fresh.head) {
        adopt(d, &fresh);
        d->loaded = true;
        d->loaded_mono_ms = clock_mono_ms();
    }
    serve(d, d->loaded ? NULL : &d->err);
}

static void fetch_done(void *arg, const struct net_reply *r)
{
    struct fetch *f = arg;
    struct kube_discovery *d = f->d;
    struct err err = r->err;
    f->call = NULL;
    if (err.code == ERR_OK) {
        const char *body = r->body ? r->body : "";
        if (f->resources)
            kube_resources_parse_legacy(&f->got, body, r->len, &err);
        else if (strstr(r->head.content_type, "as=APIGroupDiscoveryList"))
            kube_resources_parse_aggregated(&f->got, body, r->len, &err);
        else
            legacy_more(f, body, r->len);
    }
    if (err.code != ERR_OK)
        d->err = err;                             /* a group that is down does not hide the others */
    if (--d->pending == 0)
        loading_done(d);
}

static void load(struct kube_discovery *d)
{
    if (d->loading)
        return;
    d->loading = true;
    err_set(&d->err, ERR_PROTO, 0, "the server names no resources");
    d->pending = 1;                               /* held while starting */
    fetch_start(d, "/api", false, false);
    fetch_start(d, "/apis", true, false);
    if (--d->pending == 0)
        loading_done(d);
}

static void not_found(struct err *err, const char *name)
{
    struct str clean;
    str_init(&clean, 4096);
    text_clean(&clean, name, strlen(name) < 200 ? strlen(name) : 200, 0);
    err_set(err, ERR_NOTFOUND, 404, "the server has no resource \"%s\"", clean.data);
    str_release(&clean);
}

static const struct kind *lookup(const struct kube_discovery *d, const char *name)
{
    const struct kube_resource *p = kube_resources_find(&d->now, name);
    const struct kind *b = p ? builtin_of(p) : NULL;
    return b ? b : p ? &p->kind : NULL;
}

static char **all_names(const struct kube_discovery *d)
{
    size_t n = 0, used = 0;
    for (const struct kind *const *k = kinds_all; *k; k++)
        n++;
    for (const struct kube_resource *p = d->now.head; p; p = p->next) {
        n++;
        for (char **s = p->short_names; s && *s; s++)
            n++;
    }
    char **out = mem_zalloc((n + 1) * sizeof *out);
    bool ok = out != NULL;
    for (const struct kind *const *k = kinds_all; ok && *k; k++)
        if ((*k)->plane == PLANE_KUBE)
            ok = (out[used++] = mem_strdup((*k)->id)) != NULL;
    for (const struct kube_resource *p = d->now.head; ok && p; p = p->next)
        if (p->listable && p->id && !builtin_of(p))
            ok = (out[used++] = mem_strdup(p->id)) != NULL;
    for (const struct kube_resource *p = d->now.head; ok && p; p = p->next)      /* what a user may type as well */
        for (char **s = p->short_names; ok && p->listable && !builtin_of(p) && s && *s; s++)
            ok = (out[used++] = mem_strdup(*s)) != NULL;
    if (ok)
        return out;
    for (size_t i = 0; out && i < used; i++)
        mem_free(out[i]);
    mem_free(out);
    return NULL;
}

static void serve(struct kube_discovery *d, const struct err *err)
{
    struct waiter *list = d->waiters, *w;
    d->waiters = NULL;
    while ((w = list)) {
        list = w->next;
        struct err why = err ? *err : (struct err)ERR_INIT;
        if (w->names) {
            char **names = all_names(d);          /* the built-in ones at least */
            if (!names && !err)
                err_set(&why, ERR_NOMEM, 0, "out of memory");
            w->names(w->arg, names, &why);
        } else {
            const struct kind *k = err ? NULL : lookup(d, w->name);
            if (!k && !err)
                not_found(&why, w->name);
            w->found(w->arg, k, &why);
        }
        mem_free(w->name);
        mem_free(w);
    }
}

static struct kube_discovery *get(struct kube_source *ks)
{
    struct kube_discovery *d = ks->discovery;
    if (!d && (d = mem_zalloc(sizeof *d))) {
        d->ks = ks;
        kube_resources_init(&d->now);
        kube_resources_init(&d->old);
        ks->discovery = d;
    }
    return d;
}

void kube_resolve(struct kube_source *ks, const char *name,
                  void (*cb)(void *arg, const struct kind *k, const struct err *err), void *arg)
{
    struct err err = ERR_INIT;
    const struct kind *k = find_builtin(name);
    if (k) {
        cb(arg, k, &err);
        return;
    }
    struct kube_discovery *d = get(ks);
    struct waiter *w = d ? mem_zalloc(sizeof *w) : NULL;
    if (!w || !(w->name = mem_strdup(name))) {
        mem_free(w);
        err_set(&err, ERR_NOMEM, 0, "out of memory");
        cb(arg, NULL, &err);
        return;
    }
    w->found = cb;
    w->arg = arg;
    w->next = d->waiters;
    d->waiters = w;
    if (d->loading)
        return;
    if (d->loaded && (lookup(d, name) || clock_mono_ms() - d->loaded_mono_ms < FRESH_MS))
        serve(d, NULL);
    else
        load(d);
}

void kube_kind_names(struct kube_source *ks, void (*cb)(void *arg, char **names, const struct err *err), void *arg)
{
    struct kube_discovery *d = get(ks);
    struct waiter *w = d ? mem_zalloc(sizeof *w) : NULL;
    if (!w) {
        struct err err;
        err_set(&err, ERR_NOMEM, 0, "out of memory");
        cb(arg, NULL, &err);
        return;
    }
    w->names = cb;
    w->arg = arg;
    w->next = d->waiters;
    d->waiters = w;
    if (d->loading)
        return;
    if (d->loaded && clock_mono_ms() - d->loaded_mono_ms < 60 * FRESH_MS)
        serve(d, NULL);
    else
        load(d);
}

/* After all calls of the source were cancelled: nobody waits any more. */
void kube_discovery_free(struct kube_discovery *d)
{
    if (!d)
        return;
    for (struct fetch *f; (f = d->fetches);) {
        d->fetches = f->next;
        kube_resources_release(&f->got);
        mem_free(f);
    }
    kube_resources_release(&d->now);
    kube_resources_release(&d->old);
    mem_free(d);
}
