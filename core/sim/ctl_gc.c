/* Deletion as the API server does it, and what follows: grace, finalizers, dependents, whole namespaces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

static bool has(const json_t *all, const char *word, size_t *at)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *f = json_string_value(json_array_get(all, i));
        if (f && strcmp(f, word) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

static void add_finalizer(json_t *d, const char *word)
{
    size_t at;
    json_t *all = jat(d, "metadata.finalizers");
    if (!all) {
        jset(d, "metadata.finalizers", json_array());
        all = jat(d, "metadata.finalizers");
    }
    if (!has(all, word, &at))
        json_array_append_new(all, json_string(word));
}

static void drop_finalizer(json_t *d, const char *word)
{
    size_t at;
    json_t *all = jat(d, "metadata.finalizers");
    if (has(all, word, &at))
        json_array_remove(all, at);
    if (!json_array_size(all))
        json_object_del(jat(d, "metadata"), "finalizers");
}

static struct obj *mark(struct sim *s, struct obj *o, json_t *d, int64_t grace_s)
{
    char at[32];
    bool first = !ctl_deleting(d);
    if (first || grace_s < jint(d, "metadata.deletionGracePeriodSeconds")) {
        jset(d, "metadata.deletionTimestamp", json_string(stamp(sim_now(s) + grace_s * 1000, at)));
        jset(d, "metadata.deletionGracePeriodSeconds", json_integer(grace_s));
        if (first && jat(d, "metadata.generation"))
            jset(d, "metadata.generation", json_integer(jint(d, "metadata.generation") + 1));
    }
    return store_put(s, o->res, d);
}

static struct obj *delete_pod(struct sim *s, struct obj *o, json_t *d, int64_t grace_s)
{
    const char *ph = jstr(d, "status.phase");
    bool over = strcmp(ph, "Succeeded") == 0 || strcmp(ph, "Failed") == 0;
    json_t *normal = jat(d, "spec.terminationGracePeriodSeconds");
    if (grace_s < 0)
        grace_s = normal ? json_integer_value(normal) : 30;
    if (!*o->node || over)                                     /* nobody has anything to stop */
        grace_s = 0;
    if (grace_s == 0 && !json_array_size(jat(d, "metadata.finalizers"))) {
        json_decref(d);
        store_delete(s, o->res, o->ns, o->name);
        return NULL;
    }
    return mark(s, o, d, grace_s);
}

struct obj *ctl_delete(struct sim *s, struct obj *o, const struct ctl_delete *how)
{
    enum ctl_kind kind = ctl_kind_of(s, o->res);
    json_t *d = obj_doc(o);
    struct obj *now;
    obj_ref(o);
    if (how->propagation && strcmp(how->propagation, "Foreground") == 0)
        add_finalizer(d, "foregroundDeletion");
    else if (how->propagation && strcmp(how->propagation, "Orphan") == 0)
        add_finalizer(d, "orphan");
    if (kind == K_POD) {
        now = delete_pod(s, o, d, how->grace_s);
    } else if (kind == K_NAMESPACE && json_array_size(jat(d, "spec.finalizers"))) {
        jset(d, "status.phase", json_string("Terminating"));
        now = mark(s, o, d, 0);
    } else if (json_array_size(jat(d, "metadata.finalizers"))) {
        now = mark(s, o, d, 0);
    } else {
        json_decref(d);
        store_delete(s, o->res, o->ns, o->name);
        now = NULL;
    }
    obj_unref(o);
    return now;
}

void ctl_delete_pod(struct sim *s, struct obj *pod, int64_t grace_s)
{
    ctl_delete(s, pod, &(struct ctl_delete){grace_s, NULL});
}

/* key: "namespace/name" of an object of the index-th resource that nothing holds any more. */
void ctl_sync_reap(struct sim *s, const char *index, const char *key)
{
    struct res *r = s->res[strtoul(index, NULL, 10)];
    const char *slash = strchr(key, '/');
    char *ns = sim_printf("%.*s", (int)(slash - key), key);
    struct obj *o = store_get(r, ns, slash + 1);
    json_t *d = o ? obj_doc(o) : NULL;
    if (d && ctl_deleting(d) && !json_array_size(jat(d, "metadata.finalizers")))
        store_delete(s, r, ns, slash + 1);
    json_decref(d);
    free(ns);
}

/* ---- dependents ---- */
/* A job's pods that wait to be counted by a job that is no more. */
static void forget_tracking(struct sim *s, struct obj *o, json_t *d)
{
    struct ctl_item *owner = *o->owner_uid ? ctl_item(s, o->owner_uid) : NULL;
    size_t at;
    if ((owner && !strstr(owner->o->text, "\"deletionTimestamp\"")) || !has(jat(d, "metadata.finalizers"), "batch.kubernetes.io/job-tracking", &at))
        return;
    drop_finalizer(d, "batch.kubernetes.io/job-tracking");
    store_put(s, o->res, json_incref(d));
}

static void orphan(struct sim *s, struct ctl_item **deps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct res *r = deps[i]->o->res;
        json_t *d = obj_doc(deps[i]->o);
        json_object_del(jat(d, "metadata"), "ownerReferences");
        store_put(s, r, d);
    }
}

static void end_all(struct sim *s, struct ctl_item **deps, size_t n, const char *propagation)
{
    for (size_t i = 0; i < n; i++)
        if (!strstr(deps[i]->o->text, "\"deletionTimestamp\""))
            ctl_delete(s, deps[i]->o, &(struct ctl_delete){-1, propagation});
}

static bool blocks(const struct ctl_item *it)
{
    return strstr(it->o->text, "\"blockOwnerDeletion\":true") != NULL;
}

/* An owner that is gone, or is ending with a finalizer of the collector's. */
void ctl_sync_collect(struct sim *s, const char *uid, const char *unused)
{
    struct ctl_item *it = ctl_item(s, uid);
    size_t n, at, blocking = 0;
    (void)unused;
    struct ctl_item **deps = ctl_owned(s, uid, K_COUNT, &n);
    if (!it) {
        end_all(s, deps, n, NULL);
        free(deps);
        return;
    }
    struct obj *o = obj_ref(it->o);
    json_t *d = obj_doc(o);
    if (it->kind == K_POD)
        forget_tracking(s, o, d);
    if (has(jat(d, "metadata.finalizers"), "orphan", &at)) {
        orphan(s, deps, n);
        drop_finalizer(d, "orphan");
        store_put(s, o->res, json_incref(d));
    } else if (has(jat(d, "metadata.finalizers"), "foregroundDeletion", &at)) {
        for (size_t i = 0; i < n; i++)
            blocking += blocks(deps[i]);
        if (blocking) {
            end_all(s, deps, n, "Foreground");
        } else {
            drop_finalizer(d, "foregroundDeletion");
            store_put(s, o->res, json_incref(d));
        }
    }
    json_decref(d);
    obj_unref(o);
    free(deps);
}

/* ---- protection of what is in use: claims by pods, volumes by claims ---- */
static bool claimed(struct sim *s, const char *ns, const char *name)
{
    struct res *r = ctl_res(s, K_POD);
    char *need = sim_printf("\"claimName\":\"%s\"", name);
    bool used = false;
    for (size_t i = store_from(r, ns, "", false); !used && i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++) {
        const struct ctl_item *it = ctl_item(s, r->items[i]->uid);
        used = it && it->phase != 'S' && it->phase != 'F' && strstr(r->items[i]->text, need);
    }
    free(need);
    return used;
}

static void unprotect(struct sim *s, enum ctl_kind kind, json_t *d, const char *finalizer, bool used)
{
    size_t at;
    if (!ctl_deleting(d) || !has(jat(d, "metadata.finalizers"), finalizer, &at)) {
        json_decref(d);
    } else if (used) {
        ctl_queue_after(s, 1000, kind, jstr(d, "metadata.namespace"), jstr(d, "metadata.name"));
        json_decref(d);
    } else {
        drop_finalizer(d, finalizer);
        ctl_put(s, kind, d);
    }
}

void ctl_sync_claim(struct sim *s, const char *ns, const char *name)
{
    ctl_bind_claim(s, ns, name);
    json_t *d = ctl_doc(s, K_CLAIM, ns, name);
    if (d)
        unprotect(s, K_CLAIM, d, "kubernetes.io/pvc-protection", ctl_deleting(d) && claimed(s, ns, name));
}

void ctl_sync_volume(struct sim *s, const char *ns, const char *name)
{
    json_t *d = ctl_doc(s, K_VOLUME, ns, name);
    if (d && *jstr(d, "spec.claimRef.name"))
        ctl_bind_claim(s, jstr(d, "spec.claimRef.namespace"), jstr(d, "spec.claimRef.name"));
    json_decref(d);
    ctl_lose_claims(s, name);
    if ((d = ctl_doc(s, K_VOLUME, ns, name)))
        unprotect(s, K_VOLUME, d, "kubernetes.io/pv-protection", strcmp(jstr(d, "status.phase"), "Bound") == 0);
}

/* ---- namespaces ---- */
static void conditions(struct sim *s, json_t *ns, size_t left)
{
    static const char *const good[][3] = {
        {"NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"},
        {"NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"},
        {"NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"},
    };
    char at[32];
    ctl_now(s, at);
    for (size_t i = 0; i < 3; i++)
        ctl_condition(ns, good[i][0], "False", good[i][1], good[i][2], at);
    if (left) {
        char *text = sim_printf("Some resources are remaining: pods. has %zu resource instances", left);
        ctl_condition(ns, "NamespaceContentRemaining", "True", "SomeResourcesRemain", text, at);
        free(text);
    } else {
        ctl_condition(ns, "NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed", at);
    }
}

static size_t empty(struct sim *s, struct res *r, const char *ns)
{
    size_t left = 0, first = store_from(r, ns, "", false), n = 0;
    struct obj **all;
    while (first + n < r->n && strcmp(r->items[first + n]->ns, ns) == 0)
        n++;
    all = sim_alloc(n * sizeof(struct obj *));
    for (size_t i = 0; i < n; i++)
        all[i] = obj_ref(r->items[first + i]);
    for (size_t i = 0; i < n; i++) {
        if (strstr(all[i]->text, "\"deletionTimestamp\"") || ctl_delete(s, all[i], &(struct ctl_delete){-1, NULL}))
            left++;
        obj_unref(all[i]);
    }
    free(all);
    return left;
}

void ctl_sync_namespace(struct sim *s, const char *unused, const char *name)
{
    json_t *ns = ctl_doc(s, K_NAMESPACE, "", name), *account;
    size_t left = 0, at;
    char stamp_now[32];
    (void)unused;
    if (!ns || !ctl_deleting(ns)) {
        struct res *accounts = ns ? store_find_res(s, "", "v1", "serviceaccounts") : NULL, *maps = ns ? store_find_res(s, "", "v1", "configmaps") : NULL;
        static const char meta[] = "{'kind':%s,'apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s}}";
        if (accounts && !store_get(accounts, name, "default"))
            store_put(s, accounts, jt(meta, "ServiceAccount", "default", name, ctl_since(s, ns, stamp_now)));
        if (maps && s->world->start_ms && accounts && !store_get(maps, name, "kube-root-ca.crt")) {
            account = jt(meta, "ConfigMap", "kube-root-ca.crt", name, ctl_since(s, ns, stamp_now));
            json_object_set_new(account, "data", jt("{'ca.crt':%s}", s->world->ca_pem ? s->world->ca_pem : ""));
            store_put(s, maps, account);
        }
        json_decref(ns);
        return;
    }
    for (size_t i = 0; i < s->nres; i++)
        if (s->res[i]->namespaced && *s->res[i]->version)
            left += empty(s, s->res[i], name);
    json_t *before = json_deep_copy(ns);
    conditions(s, ns, left);
    if (!left && has(jat(ns, "spec.finalizers"), "kubernetes", &at)) {
        json_array_remove(jat(ns, "spec.finalizers"), at);
        ctl_put(s, K_NAMESPACE, json_incref(ns));
    } else if (!json_equal(before, ns)) {
        ctl_put(s, K_NAMESPACE, json_incref(ns));
    }
    if (left)
        ctl_queue_after(s, ctl_ms(s, 1000), K_NAMESPACE, "", name);
    json_decref(before);
    json_decref(ns);
}
