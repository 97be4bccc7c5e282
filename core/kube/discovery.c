/* Asking the server what it has: aggregated discovery (v2, v2beta1) or the older calls per group; once, cached. */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "core/kube/resources.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define ACCEPT_AGGREGATED                                                                                            \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"                                          \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
#define FRESH_MS 10000             /* an unknown name asks again when what we know is older */
#define MAX_BODY (64u << 20)
#define MAX_GROUP_VERSIONS 1000

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
        if (kube_good_name(v)) {
            snprintf(path, sizeof path, "/api/%s", v);
            fetch_start(f->d, path, false, true);
        }
    }
    for (size_t i = 0; f->apis && i < json_array_size(groups); i++) {
        const json_t *g = json_array_get(groups, i);
        const char *best = kube_text_of(json_object_get(g, "preferredVersion"), "groupVersion");
        versions = json_object_get(g, "versions");
        for (int other = 0; other < 2; other++)
            for (size_t j = 0; j < json_array_size(versions); j++) {
                const char *gv = kube_text_of(json_array_get(versions, j), "groupVersion");
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
            kube_resource_free(p);
            p = keep;
        }
        kube_resources_append(&merged, p);
    }
    for (d->now.tail = &d->now.head; *d->now.tail;)
        d->now.tail = &(*d->now.tail)->next;
    kube_resources_move(&d->old, &d->now);
    merged.partial = fresh->partial;
    kube_resources_init(fresh);
    kube_resources_move(&d->now, &merged);
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
                kube_resources_move(&fresh, &f->got);
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
    const struct kind *b = p ? kube_builtin_of(p) : NULL;
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
        if (p->listable && p->id && !kube_builtin_of(p))
            ok = (out[used++] = mem_strdup(p->id)) != NULL;
    for (const struct kube_resource *p = d->now.head; ok && p; p = p->next)      /* what a user may type as well */
        for (char **s = p->short_names; ok && p->listable && !kube_builtin_of(p) && s && *s; s++)
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
    const struct kind *k = kube_builtin_find(name);
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

const struct kind *kube_promised(struct kube_source *ks, const json_t *definition, const char *version)
{
    const json_t *spec = json_object_get(definition, "spec"), *names = json_object_get(spec, "names"), *versions = json_object_get(spec, "versions");
    struct kube_discovery *d = get(ks);
    struct kube_resources one;
    struct err err;
    size_t i = 0;
    while (i < json_array_size(versions) && (strcmp(kube_text_of(json_array_get(versions, i), "name"), version) != 0 ||
                                             json_is_false(json_object_get(json_array_get(versions, i), "served"))))
        i++;
    if (!d || i >= json_array_size(versions))
        return NULL;
    for (const struct kube_resource *p = d->old.head; p; p = p->next)        /* said before */
        if (!strcmp(p->resource, kube_text_of(names, "plural")) && !strcmp(p->group, kube_text_of(spec, "group")) && !strcmp(p->version, version) &&
            !strcmp(p->object_kind, kube_text_of(names, "kind")) &&
            !(p->kind.flags & KIND_NAMESPACED) == (strcmp(kube_text_of(spec, "scope"), "Namespaced") != 0))
            return &p->kind;
    json_t *list = json_pack("{s:s,s:o,s:[{s:s,s:s,s:s,s:b,s:[s,s,s]}]}", "kind", "APIResourceList", "groupVersion",
                             json_sprintf("%s/%s", kube_text_of(spec, "group"), version), "resources", "name", kube_text_of(names, "plural"), "singularName",
                             kube_text_of(names, "singular"), "kind", kube_text_of(names, "kind"), "namespaced",
                             !strcmp(kube_text_of(spec, "scope"), "Namespaced"), "verbs", "list", "watch", "delete");
    char *text = list ? json_dumps(list, JSON_COMPACT) : NULL;
    kube_resources_init(&one);
    if (text)
        kube_resources_parse_legacy(&one, text, strlen(text), &err);
    json_text_free(text);
    json_decref(list);
    kube_resources_name(&one);
    const struct kind *k = one.head && one.head->id ? &one.head->kind : NULL;
    kube_resources_move(&d->old, &one);
    return k;
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
