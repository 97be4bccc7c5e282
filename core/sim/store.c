/* Objects by resource, each version immutable and counted, and a bounded history for watches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/ctl.h"

struct obj *obj_ref(struct obj *o)
{
    o->refs++;
    return o;
}

void obj_unref(struct obj *o)
{
    if (!o || --o->refs > 0)
        return;
    free(o->ns);
    free(o->name);
    free(o->uid);
    free(o->node);
    free(o->owner_uid);
    free(o->text);
    free(o->cells);
    json_decref(o->labels);
    json_decref(o->read);
    free(o);
}

json_t *obj_doc(const struct obj *o)
{
    return json_read(o->text, o->len, JSON_ALLOW_NUL, NULL);
}

const json_t *obj_read(struct obj *o)
{
    if (!o->read)
        o->read = obj_doc(o);
    return o->read;
}

struct res *store_res(struct sim *s, const struct res *proto)
{
    struct res *r = sim_alloc(sizeof(*r));
    *r = *proto;
    s->res = sim_grow(s->res, &s->cap_res, s->nres + 1, sizeof(*s->res));
    return s->res[s->nres++] = r;
}

struct res *store_find_res(struct sim *s, const char *group, const char *version, const char *plural)
{
    for (size_t i = 0; i < s->nres; i++) {
        struct res *r = s->res[i];
        if (strcmp(r->plural, plural) == 0 && strcmp(r->group, group) == 0 && (!version || strcmp(r->version, version) == 0))
            return r;
    }
    return NULL;
}

static int key_compare(const char *ns_a, const char *a, const char *ns_b, const char *b)
{
    int d = strcmp(ns_a, ns_b);
    return d ? d : strcmp(a, b);
}

static int by_key(const void *a, const void *b)
{
    const struct obj *x = *(struct obj *const *)a, *y = *(struct obj *const *)b;
    return key_compare(x->ns, x->name, y->ns, y->name);
}

size_t store_from(struct res *r, const char *ns, const char *name, bool after)
{
    if (r->unsorted) {
        qsort(r->items, r->n, sizeof(*r->items), by_key);
        r->unsorted = false;
    }
    size_t lo = 0, hi = r->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int d = key_compare(r->items[mid]->ns, r->items[mid]->name, ns, name);
        if (d < 0 || (after && d == 0))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct obj *store_get(struct res *r, const char *ns, const char *name)
{
    size_t i = store_from(r, ns, name, false);
    return i < r->n && key_compare(r->items[i]->ns, r->items[i]->name, ns, name) == 0 ? r->items[i] : NULL;
}

static void remember(struct sim *s, enum change type, struct obj *now, struct obj *before)
{
    if (!s->history) {
        s->history = sim_alloc(s->world->history_cap * sizeof(*s->history));
    }
    struct change_event *e = &s->history[s->history_at];
    if (s->history_n == s->world->history_cap) {
        s->compacted = e->seq;
        obj_unref(e->now);
        obj_unref(e->before);
    } else {
        s->history_n++;
    }
    *e = (struct change_event){s->rv, type, obj_ref(now), before ? obj_ref(before) : NULL};
    s->history_at = (s->history_at + 1) % s->world->history_cap;
    streams_wake(s);
}

const struct change_event *store_event(struct sim *s, uint64_t after, bool *gone)
{
    *gone = after < s->compacted;
    if (*gone || !s->history_n)
        return NULL;
    size_t first = (s->history_at + s->world->history_cap - s->history_n) % s->world->history_cap, lo = 0, hi = s->history_n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->history[(first + mid) % s->world->history_cap].seq <= after)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->history_n ? &s->history[(first + lo) % s->world->history_cap] : NULL;
}

void store_compact(struct sim *s)
{
    size_t first = (s->history_at + s->world->history_cap - s->history_n) % s->world->history_cap;
    for (size_t i = 0; i < s->history_n; i++) {
        struct change_event *e = &s->history[(first + i) % s->world->history_cap];
        obj_unref(e->now);
        obj_unref(e->before);
    }
    s->history_n = 0;
    s->compacted = s->expired = ++s->rv;
    streams_wake(s);
}

static struct obj *obj_new(struct sim *s, struct res *r, json_t *doc)
{
    struct obj *o = sim_alloc(sizeof(*o));
    bool kube = r->version[0] != 0;
    char rv[24];
    o->refs = 1;
    o->res = r;
    o->rv = ++s->rv;
    if (kube) {
        snprintf(rv, sizeof(rv), "%llu", (unsigned long long)o->rv);
        jset(doc, "metadata.resourceVersion", json_string(rv));
    }
    o->ns = sim_strdup(kube ? jstr(doc, "metadata.namespace") : "");
    o->name = sim_strdup(kube ? jstr(doc, "metadata.name") : jstr(doc, "id"));
    o->uid = sim_strdup(kube ? jstr(doc, "metadata.uid") : jstr(doc, "id"));
    o->node = sim_strdup(jstr(doc, "spec.nodeName"));
    o->owner_uid = sim_strdup(jstr(doc, "metadata.ownerReferences.0.uid"));
    o->labels = json_incref(jat(doc, "metadata.labels"));
    o->text = json_dumps(doc, JSON_COMPACT);
    o->len = strlen(o->text);
    return o;
}

struct obj *store_put(struct sim *s, struct res *r, json_t *doc)
{
    bool kube = r->version[0] != 0;
    char uid[37], at[32];
    if (kube && !*jstr(doc, "metadata.uid")) {
        uuid4(s, uid);
        jset(doc, "metadata.uid", json_string(uid));
    }
    if (kube && !*jstr(doc, "metadata.creationTimestamp"))
        jset(doc, "metadata.creationTimestamp", json_string(stamp(sim_now(s), at)));
    struct obj *o = obj_new(s, r, doc), *old = NULL;
    size_t i = s->world->start_ms || !kube ? store_from(r, o->ns, o->name, false) : r->n;     /* while seeding: appended, sorted later */
    if (i < r->n && key_compare(r->items[i]->ns, r->items[i]->name, o->ns, o->name) == 0) {
        old = r->items[i];
        r->items[i] = o;
        remember(s, MODIFIED, o, old);
    } else {
        r->items = sim_grow(r->items, &r->cap, r->n + 1, sizeof(*r->items));
        memmove(r->items + i + 1, r->items + i, (r->n - i) * sizeof(*r->items));
        r->items[i] = o;
        r->n++;
        if (s->world->start_ms)
            remember(s, ADDED, o, NULL);
        else
            r->unsorted = kube;
    }
    if (kube)
        ctl_changed(s, o, old, doc);
    json_decref(doc);
    obj_unref(old);
    return o;
}

struct obj *store_put_text(struct sim *s, const struct obj *head, char *text, size_t len)
{
    struct obj *o = sim_alloc(sizeof(*o));
    struct res *r = head->res;
    *o = (struct obj){.refs = 1, .res = r, .rv = ++s->rv, .ns = sim_strdup(head->ns), .name = sim_strdup(head->name), .uid = sim_strdup(head->uid),
                      .node = sim_strdup(head->node), .owner_uid = sim_strdup(head->owner_uid), .labels = json_incref(head->labels), .text = text, .len = len};
    r->items = sim_grow(r->items, &r->cap, r->n + 1, sizeof(*r->items));
    r->items[r->n++] = o;
    r->unsorted = true;
    return o;
}

bool store_delete(struct sim *s, struct res *r, const char *ns, const char *name)
{
    size_t i = store_from(r, ns, name, false);
    if (i >= r->n || key_compare(r->items[i]->ns, r->items[i]->name, ns, name) != 0)
        return false;
    struct obj *old = r->items[i];
    json_t *doc = obj_doc(old);
    struct obj *last = obj_new(s, r, doc);                    /* the DELETED event carries a new resourceVersion */
    json_decref(doc);
    memmove(r->items + i, r->items + i + 1, (r->n - i - 1) * sizeof(*r->items));
    r->n--;
    remember(s, DELETED, last, old);
    if (*r->version)
        ctl_gone(s, old);
    obj_unref(last);
    obj_unref(old);
    return true;
}
