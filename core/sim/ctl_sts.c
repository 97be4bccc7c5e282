/* Stateful sets: pods by number, one after the other, each waiting until the one before it is ready and the old one gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define HASH "controller-revision-hash"

static const char controller[] = "statefulset-controller";

struct set {
    struct sim *s;
    json_t *d;
    const char *ns, *name;
    struct ctl_item **pod;      /* by number minus start; NULL = none */
    struct ctl_item **surplus;
    size_t n, nsurplus;
    int64_t start, partition, min_ready;
    bool ordered;
    char current[256], update[256];
};

static const char *label(const struct ctl_item *it, const char *key)
{
    const char *v = json_string_value(json_object_get(it->o->labels, key));
    return v ? v : "";
}

static bool well(const struct set *w, const struct ctl_item *it)
{
    return it && it->phase == 'R' && it->ready && !it->terminating && ctl_available(w->s, it, w->min_ready);
}

static int by_number(const void *a, const void *b)
{
    const struct ctl_item *x = *(struct ctl_item *const *)a, *y = *(struct ctl_item *const *)b;
    size_t n = strlen(x->o->name), m = strlen(y->o->name);
    return n != m ? (n < m ? -1 : 1) : strcmp(x->o->name, y->o->name);
}

static void load(struct set *w)
{
    size_t n, prefix = strlen(w->name);
    struct ctl_item **own = ctl_owned(w->s, jstr(w->d, "metadata.uid"), K_POD, &n);
    w->n = jat(w->d, "spec.replicas") ? (size_t)jint(w->d, "spec.replicas") : 1;
    w->start = jint(w->d, "spec.ordinals.start");
    w->min_ready = jint(w->d, "spec.minReadySeconds");
    w->partition = jint(w->d, "spec.updateStrategy.rollingUpdate.partition");
    w->ordered = strcmp(jstr(w->d, "spec.podManagementPolicy"), "Parallel") != 0;
    w->pod = sim_alloc(w->n * sizeof(*w->pod));
    w->surplus = sim_alloc(n * sizeof(*w->surplus));
    for (size_t i = 0; i < n; i++) {
        const char *name = own[i]->o->name;
        char *end;
        if (strncmp(name, w->name, prefix) != 0 || name[prefix] != '-')
            continue;
        int64_t number = strtoll(name + prefix + 1, &end, 10) - w->start;
        if (*end)
            continue;
        if (number >= 0 && number < (int64_t)w->n)
            w->pod[number] = own[i];
        else
            w->surplus[w->nsurplus++] = own[i];
    }
    qsort(w->surplus, w->nsurplus, sizeof(*w->surplus), by_number);
    free(own);
}

/* Pods from before the revisions were counted are taken for what the set is now. */
static void stamp_pods(struct set *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (!w->pod[i] || *label(w->pod[i], HASH) || w->pod[i]->terminating)
            continue;
        char number[24];
        snprintf(number, sizeof(number), "%lld", (long long)(w->start + (int64_t)i));
        json_t *d = obj_doc(w->pod[i]->o);
        json_t *labels = jat(d, "metadata.labels");
        json_object_set_new(labels, HASH, json_string(w->current));
        json_object_set_new(labels, "statefulset.kubernetes.io/pod-name", json_string(w->pod[i]->o->name));
        json_object_set_new(labels, "apps.kubernetes.io/pod-index", json_string(number));
        ctl_put(w->s, K_POD, d);
    }
}

/* ---- birth ---- */
static void claims(struct set *w, json_t *pod, const char *pod_name)
{
    json_t *all = jat(w->d, "spec.volumeClaimTemplates"), *volumes = jat(pod, "spec.volumes");
    char at[32];
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *t = json_array_get(all, i);
        const char *what = jstr(t, "metadata.name");
        char *name = sim_printf("%s-%s", what, pod_name);
        if (!volumes) {
            jset(pod, "spec.volumes", json_array());
            volumes = jat(pod, "spec.volumes");
        }
        json_array_append_new(volumes, jt("{'name':%s,'persistentVolumeClaim':{'claimName':%s}}", what, name));
        if (ctl_res(w->s, K_CLAIM) && !ctl_get(w->s, K_CLAIM, w->ns, name)) {
            json_t *labels = json_deep_copy(jat(w->d, "spec.selector.matchLabels"));
            char uid[37];
            uuid4(w->s, uid);
            char *volume = sim_printf("pvc-%s", uid);
            json_t *spec = json_deep_copy(jat(t, "spec"));
            json_object_set_new(spec, "volumeName", json_string(volume));
            json_object_set_new(spec, "volumeMode", json_string("Filesystem"));
            ctl_put(w->s, K_CLAIM, jt("{'kind':'PersistentVolumeClaim','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'uid':%s,"
                                      "'creationTimestamp':%s,'labels':%j,'finalizers':['kubernetes.io/pvc-protection']},'spec':%j,"
                                      "'status':{'phase':'Bound','accessModes':%j,'capacity':%j}}", name, w->ns, uid, ctl_now(w->s, at),
                                      labels ? labels : json_object(), spec, json_deep_copy(jat(t, "spec.accessModes")),
                                      json_deep_copy(jat(t, "spec.resources.requests"))));
            ctl_event(w->s, w->d, "Normal", "SuccessfulCreate", controller, NULL, "create Claim %s Pod %s in StatefulSet %s success", name, pod_name,
                      w->name);
            free(volume);
        }
        free(name);
    }
}

static void create(struct set *w, size_t i)
{
    int64_t number = w->start + (int64_t)i, old = jint(w->d, "status.currentReplicas");
    bool on_delete = strcmp(jstr(w->d, "spec.updateStrategy.type"), "OnDelete") == 0;
    bool keep_old = strcmp(w->current, w->update) != 0 && !on_delete && (number - w->start < w->partition ||
                    (!w->partition && number - w->start < old));
    char text[24], *why, *name = sim_printf("%s-%lld", w->name, (long long)number);
    json_t *owner = json_deep_copy(w->d), *t = keep_old ? ctl_revision_template(w->s, w->ns, w->current) : NULL;
    if (t)
        jset(owner, "spec.template", t);
    json_t *pod = ctl_template_pod(w->s, owner, "StatefulSet", name), *labels = jat(pod, "metadata.labels");
    snprintf(text, sizeof(text), "%lld", (long long)number);
    json_object_set_new(labels, "statefulset.kubernetes.io/pod-name", json_string(name));
    json_object_set_new(labels, "apps.kubernetes.io/pod-index", json_string(text));
    json_object_set_new(labels, HASH, json_string(t ? w->current : w->update));
    jset(pod, "spec.hostname", json_string(name));
    if (*jstr(w->d, "spec.serviceName"))
        jset(pod, "spec.subdomain", json_string(jstr(w->d, "spec.serviceName")));
    claims(w, pod, name);
    struct obj *o = ctl_create_pod(w->s, w->d, pod, &why);
    w->pod[i] = o ? ctl_item(w->s, o->uid) : NULL;
    if (o)
        ctl_event(w->s, w->d, "Normal", "SuccessfulCreate", controller, NULL, "Create Pod %s in StatefulSet %s successful", name, w->name);
    else if (why)
        ctl_event(w->s, w->d, "Warning", "FailedCreate", controller, NULL, "Create Pod %s in StatefulSet %s failed error: %s", name, w->name, why);
    free(why);
    json_decref(owner);
    free(name);
}

/* ---- death ---- */
static void end_pod(struct set *w, struct ctl_item *it)
{
    char *name = sim_strdup(it->o->name);
    ctl_delete(w->s, it->o, &(struct ctl_delete){-1, NULL});
    ctl_event(w->s, w->d, "Normal", "SuccessfulDelete", controller, NULL, "Delete Pod %s in StatefulSet %s successful", name, w->name);
    free(name);
}

static void replace_ended(struct set *w, struct ctl_item *it)
{
    ctl_event(w->s, w->d, it->phase == 'F' ? "Warning" : "Normal", it->phase == 'F' ? "RecreatingFailedPod" : "RecreatingTerminatedPod", controller,
              NULL, "StatefulSet %s/%s is recreating %s Pod %s", w->ns, w->name, it->phase == 'F' ? "failed" : "terminated", it->o->name);
    end_pod(w, it);
}

/* ---- one round: true when everything is as wanted ---- */
static bool fill(struct set *w)
{
    for (size_t i = 0; i < w->n; i++) {
        struct ctl_item *it = w->pod[i];
        if (it && !it->terminating && (it->phase == 'F' || it->phase == 'S')) {
            replace_ended(w, it);
            return false;
        }
        if (!it)
            create(w, i);
        if (!w->pod[i] || (w->ordered && !well(w, w->pod[i])))
            return false;
    }
    return true;
}

static bool shrink(struct set *w)
{
    struct ctl_item *ill = NULL;
    for (size_t i = 0; i < w->nsurplus && !ill; i++)
        if (!well(w, w->surplus[i]))
            ill = w->surplus[i];
    for (size_t i = w->nsurplus; i-- > 0;) {
        struct ctl_item *it = w->surplus[i];
        if (it->terminating) {
            if (w->ordered)
                return false;
            continue;
        }
        if (w->ordered && !well(w, it) && it != ill)
            return false;
        end_pod(w, it);
        if (w->ordered)
            return false;
    }
    return true;
}

static void roll(struct set *w)
{
    if (strcmp(jstr(w->d, "spec.updateStrategy.type"), "OnDelete") == 0)
        return;
    for (size_t i = w->n; i-- > 0 && (int64_t)i >= w->partition;) {
        struct ctl_item *it = w->pod[i];
        if (it && !it->terminating && strcmp(label(it, HASH), w->update) != 0) {
            end_pod(w, it);
            return;
        }
        if (!well(w, it))
            return;
    }
}

/* ---- status ---- */
static bool word(json_t *st, const char *key, const char *v)
{
    if (strcmp(jstr(st, key), v) == 0)
        return false;
    json_object_set_new(st, key, json_string(v));
    return true;
}

static bool status(struct set *w)
{
    json_t *st = jat(w->d, "status");
    int64_t all = 0, ready = 0, available = 0, current = 0, updated = 0;
    for (size_t i = 0; i < w->n + w->nsurplus; i++) {
        struct ctl_item *it = i < w->n ? w->pod[i] : w->surplus[i - w->n];
        if (!it)
            continue;
        all++;
        ready += it->ready && it->phase == 'R';
        available += it->ready && it->phase == 'R' && ctl_available(w->s, it, w->min_ready);
        current += !it->terminating && strcmp(label(it, HASH), w->current) == 0;
        updated += !it->terminating && strcmp(label(it, HASH), w->update) == 0;
    }
    if (ready > available)
        ctl_queue_after(w->s, ctl_ms(w->s, w->min_ready * 1000) + 50, K_STATEFULSET, w->ns, w->name);
    bool rolling = strcmp(jstr(w->d, "spec.updateStrategy.type"), "OnDelete") != 0;
    if (rolling && updated == all && ready == all && all == (int64_t)w->n) {
        snprintf(w->current, sizeof(w->current), "%s", w->update);
        current = updated;
    }
    bool changed = ctl_count(st, "replicas", all, true);
    changed |= ctl_count(st, "readyReplicas", ready, false);
    changed |= ctl_count(st, "availableReplicas", available, true);
    changed |= ctl_count(st, "currentReplicas", current, false);
    changed |= ctl_count(st, "updatedReplicas", updated, false);
    changed |= ctl_count(st, "observedGeneration", jint(w->d, "metadata.generation"), false);
    changed |= ctl_count(st, "collisionCount", 0, true);
    changed |= word(st, "currentRevision", w->current);
    changed |= word(st, "updateRevision", w->update);
    return changed;
}

void ctl_sync_statefulset(struct sim *s, const char *ns, const char *name)
{
    struct set w = {.s = s, .ns = ns, .name = name, .d = ctl_doc(s, K_STATEFULSET, ns, name)};
    char hash[11];
    if (!w.d)
        return;
    if (!jat(w.d, "status"))
        jset(w.d, "status", json_object());
    ctl_pods_matching(s, w.d, "StatefulSet");
    load(&w);
    ctl_revision(s, w.d, "StatefulSet", w.update, hash);
    bool known = ctl_get(s, K_REVISION, ns, jstr(w.d, "status.currentRevision")) != NULL;
    snprintf(w.current, sizeof(w.current), "%s", known ? jstr(w.d, "status.currentRevision") : w.update);
    stamp_pods(&w);
    bool changed = status(&w);                                 /* of what was found; what is done now shows next time */
    if (changed)
        ctl_put(s, K_STATEFULSET, json_incref(w.d));
    if (!ctl_deleting(w.d)) {
        bool filled = fill(&w);
        if ((filled || !w.ordered) && shrink(&w))
            roll(&w);
        ctl_revision_trim(s, w.d, w.current, w.update);
    }
    free(w.pod);
    free(w.surplus);
    json_decref(w.d);
}
