/* Daemon sets: one pod on every node that fits, replaced node by node when the template changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define HASH "controller-revision-hash"
#define GENERATION "deprecated.daemonset.template.generation"

static const char controller[] = "daemonset-controller";

struct fleet {
    struct sim *s;
    json_t *d, *probe;          /* probe: a pod as it would be, for the question whether it fits */
    const char *ns, *name;
    char hash[11];
    struct ctl_item **pods;
    size_t n;
    int64_t desired, current, misplaced, ready, available, serving, updated, min_ready;
};

static void tolerate(json_t *pod)
{
    static const char *const taints[][2] = {
        {"node.kubernetes.io/not-ready", "NoExecute"}, {"node.kubernetes.io/unreachable", "NoExecute"}, {"node.kubernetes.io/disk-pressure", "NoSchedule"},
        {"node.kubernetes.io/memory-pressure", "NoSchedule"}, {"node.kubernetes.io/pid-pressure", "NoSchedule"},
        {"node.kubernetes.io/unschedulable", "NoSchedule"}, {"node.kubernetes.io/network-unavailable", "NoSchedule"},
    };
    json_t *all = jat(pod, "spec.tolerations");
    size_t n = sizeof(taints) / sizeof(taints[0]) - !json_is_true(jat(pod, "spec.hostNetwork"));
    if (!json_is_array(all)) {
        jset(pod, "spec.tolerations", json_array());
        all = jat(pod, "spec.tolerations");
    }
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, jt("{'key':%s,'operator':'Exists','effect':%s}", taints[i][0], taints[i][1]));
}

static bool tolerates_all(const json_t *pod, const json_t *taints, bool only_execute)
{
    json_t *tolerations = jat(pod, "spec.tolerations");
    for (size_t i = 0; i < json_array_size(taints); i++) {
        const char *effect = jstr(json_array_get(taints, i), "effect");
        bool counts = strcmp(effect, "NoExecute") == 0 || (!only_execute && strcmp(effect, "NoSchedule") == 0);
        if (counts && !ctl_tolerates(tolerations, json_array_get(taints, i), NULL))
            return false;
    }
    return true;
}

/* *stay: a pod that is there may go on although none would be put there now. */
static bool wanted_on(const struct fleet *w, const struct ctl_node *n, bool *stay)
{
    bool selected = ctl_node_selected(w->probe, n->o);
    *stay = selected && tolerates_all(w->probe, n->taints, true);
    return selected && tolerates_all(w->probe, n->taints, false);
}

static bool create(struct fleet *w, const char *node)
{
    char number[24], *why;
    json_t *pod = ctl_template_pod(w->s, w->d, "DaemonSet", NULL), *labels = jat(pod, "metadata.labels");
    const char *gen = ctl_note_str(w->d, GENERATION);
    snprintf(number, sizeof(number), "%lld", (long long)jint(w->d, "metadata.generation"));
    json_object_set_new(labels, HASH, json_string(w->hash));
    json_object_set_new(labels, "pod-template-generation", json_string(*gen ? gen : number));
    tolerate(pod);
    jset(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
         jt("{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.name','operator':'In','values':[%s]}]}]}", node));
    struct obj *o = ctl_create_pod(w->s, w->d, pod, &why);
    if (o)
        ctl_event(w->s, w->d, "Normal", "SuccessfulCreate", controller, NULL, "Created pod: %s", o->name);
    else if (why)
        ctl_event(w->s, w->d, "Warning", "FailedCreate", controller, NULL, "Error creating: %s", why);
    free(why);
    return o != NULL;
}

static void end_pod(struct fleet *w, struct ctl_item *it)
{
    char *name = sim_strdup(it->o->name);
    if (it->phase == 'F')
        ctl_event(w->s, w->d, "Warning", "FailedDaemonPod", controller, NULL, "Found failed daemon pod %s/%s on node %s, will try to kill it", w->ns,
                  name, it->o->node);
    ctl_delete(w->s, it->o, &(struct ctl_delete){-1, NULL});
    ctl_event(w->s, w->d, "Normal", "SuccessfulDelete", controller, NULL, "Deleted pod: %s", name);
    free(name);
}

/* Where a pod is, or will be: its own affinity says it before the scheduler does. */
static const char *target(const struct ctl_item *it, char buf[256])
{
    if (*it->o->node)
        return it->o->node;
    json_t *d = obj_doc(it->o);
    snprintf(buf, 256, "%s", jstr(d, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchFields.0.values.0"));
    json_decref(d);
    return buf;
}

static bool is_new(const struct fleet *w, const struct ctl_item *it)
{
    const char *h = json_string_value(json_object_get(it->o->labels, HASH));
    return h && strcmp(h, w->hash) == 0;
}

/* Pods from before the revisions were counted are taken for what the set is now. */
static void stamp_pods(struct fleet *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (json_object_get(w->pods[i]->o->labels, HASH) || w->pods[i]->terminating)
            continue;
        json_t *d = obj_doc(w->pods[i]->o);
        json_object_set_new(jat(d, "metadata.labels"), HASH, json_string(w->hash));
        json_object_set_new(jat(d, "metadata.labels"), "pod-template-generation", json_string("1"));
        ctl_put(w->s, K_POD, d);
    }
}

static void place_pods(struct fleet *w)
{
    struct map by_node;
    struct ctl_item **doomed = sim_alloc((w->n + 1) * sizeof(*doomed));
    size_t at = 0, ndoomed = 0;
    const struct map_entry *e;
    char buf[256];
    map_init(&by_node, NULL);
    for (size_t i = 0; i < w->n; i++) {
        const char *where = target(w->pods[i], buf);
        struct ctl_node *n = map_get(&w->s->ctl->nodes, where);
        struct ctl_item *other = map_get(&by_node, where);
        bool stay = false, want = n && wanted_on(w, n, &stay);
        if ((!want && !stay) || (other && !w->pods[i]->terminating) || w->pods[i]->phase == 'F')
            doomed[ndoomed++] = w->pods[i];
        if (!other)
            map_put(&by_node, where, w->pods[i]);
        w->current += want && !other;
        w->misplaced += !want && *w->pods[i]->o->node;
        w->ready += want && w->pods[i]->ready;
        w->available += want && ctl_available(w->s, w->pods[i], w->min_ready);
        w->serving += want && !w->pods[i]->terminating && ctl_available(w->s, w->pods[i], w->min_ready);
        w->updated += want && !w->pods[i]->terminating && is_new(w, w->pods[i]);
    }
    for (bool go_on = true; (e = map_next(&w->s->ctl->nodes, &at));) {
        bool stay, want = wanted_on(w, e->value, &stay);
        w->desired += want;
        if (want && go_on && !map_get(&by_node, e->key) && !ctl_deleting(w->d))
            go_on = create(w, e->key);
    }
    for (size_t i = 0; i < ndoomed && !ctl_deleting(w->d); i++)
        if (!doomed[i]->terminating)
            end_pod(w, doomed[i]);
    free(doomed);
    map_release(&by_node);
}

/* Old pods that do not work go first, then as many of the others as may be missing. */
static void roll(struct fleet *w)
{
    json_t *r = jat(w->d, "spec.updateStrategy.rollingUpdate");
    int64_t may = ctl_share(jat(r, "maxUnavailable"), (int)w->desired, true, 1) - (w->desired - w->serving);
    if (strcmp(jstr(w->d, "spec.updateStrategy.type"), "OnDelete") == 0)
        return;
    size_t n;
    struct ctl_item **pods = ctl_owned(w->s, jstr(w->d, "metadata.uid"), K_POD, &n);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < n; i++) {
            struct ctl_item *it = pods[i];
            if (!it || it->terminating || is_new(w, it) || (round == 0) == ctl_available(w->s, it, w->min_ready))
                continue;
            if (round == 1 && may-- <= 0)
                break;
            end_pod(w, it);
            pods[i] = NULL;
        }
    }
    free(pods);
}

void ctl_sync_daemonset(struct sim *s, const char *ns, const char *name)
{
    struct fleet w = {.s = s, .ns = ns, .name = name, .d = ctl_doc(s, K_DAEMONSET, ns, name)};
    char revision[256], number[24];
    if (!w.d)
        return;
    ctl_pods_matching(s, w.d, "DaemonSet");
    int64_t rev = ctl_revision(s, w.d, "DaemonSet", revision, w.hash);
    w.min_ready = jint(w.d, "spec.minReadySeconds");
    w.pods = ctl_owned(s, jstr(w.d, "metadata.uid"), K_POD, &w.n);
    w.probe = ctl_template_pod(s, w.d, "DaemonSet", "probe");
    tolerate(w.probe);
    stamp_pods(&w);
    place_pods(&w);
    if (!ctl_deleting(w.d))
        roll(&w);
    ctl_revision_trim(s, w.d, revision, revision);
    if (!jat(w.d, "status"))
        jset(w.d, "status", json_object());
    json_t *st = jat(w.d, "status");
    bool changed = ctl_count(st, "currentNumberScheduled", w.current, true);
    changed |= ctl_count(st, "numberMisscheduled", w.misplaced, true);
    changed |= ctl_count(st, "desiredNumberScheduled", w.desired, true);
    changed |= ctl_count(st, "numberReady", w.ready, true);
    changed |= ctl_count(st, "updatedNumberScheduled", w.updated, false);
    changed |= ctl_count(st, "numberAvailable", w.available, false);
    changed |= ctl_count(st, "numberUnavailable", w.desired - w.available, false);
    changed |= ctl_count(st, "observedGeneration", jint(w.d, "metadata.generation"), false);
    snprintf(number, sizeof(number), "%lld", (long long)rev);
    if (w.ready > w.available)
        ctl_queue_after(s, ctl_ms(s, w.min_ready * 1000) + 50, K_DAEMONSET, ns, name);
    if (changed)
        ctl_put(s, K_DAEMONSET, json_incref(w.d));
    json_decref(w.probe);
    json_decref(w.d);
    free(w.pods);
}
