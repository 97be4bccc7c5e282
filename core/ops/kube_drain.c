/* Which pods of a node go: kubectl drain's filters in its order and with its words; and whose quorum must stay. */
#include "core/ops/kube_drain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/kube_work.h"
#include "strata/blast.h"
#include "strata/text.h"

static const json_t *find(const json_t *list, const char *ns, const char *name)
{
    const json_t *items = json_object_get(list, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *o = json_array_get(items, i);
        if (!strcmp(act_str(o, "metadata.name"), name) && !strcmp(act_str(o, "metadata.namespace"), ns))
            return o;
    }
    return NULL;
}

/* ---- the filters: GOES lets the next one look ---- */

static enum drain_fate long_deleting(const struct act_ctx *c, const json_t *pod, const char **words)
{
    const char *at = act_str(pod, "metadata.deletionTimestamp");
    int64_t wait = act_int(c, "skip-wait-for-delete-timeout", 0), ms;
    (void)words;
    return wait > 0 && *at && text_parse_time(at, strlen(at), &ms) && c->now_ms - ms > wait * 1000 ? DRAIN_STAYS : DRAIN_GOES;
}

static enum drain_fate of_daemon_set(const struct act_ctx *c, const json_t *pod, const char **words)
{
    const json_t *owner = kube_controller(pod), *sets = c->side[DRAIN_DAEMONSETS].json;
    if (strcmp(act_str(owner, "kind"), "DaemonSet") != 0 || kube_pod_finished(pod))
        return DRAIN_GOES;
    if (sets && !find(sets, act_str(pod, "metadata.namespace"), act_str(owner, "name"))) {
        bool force = act_bool(c, "force");
        *words = force ? "deleting Pods whose DaemonSet is gone" : "cannot delete Pods whose DaemonSet is gone (use --force to override)";
        return force ? DRAIN_GOES : DRAIN_STOPS;
    }
    bool ignore = act_bool(c, "ignore-daemonsets");
    *words = ignore ? "ignoring DaemonSet-managed Pods" : "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
    return ignore ? DRAIN_STAYS : DRAIN_STOPS;
}

static enum drain_fate mirror(const struct act_ctx *c, const json_t *pod, const char **words)
{
    (void)c;
    (void)words;
    const json_t *notes = act_get(pod, "metadata.annotations");
    return json_object_get(notes, "kubernetes.io/config.mirror") ? DRAIN_STAYS : DRAIN_GOES;
}

static enum drain_fate local_storage(const struct act_ctx *c, const json_t *pod, const char **words)
{
    bool may = act_bool(c, "delete-emptydir-data");
    if (!kube_pod_local(pod) || kube_pod_finished(pod))
        return DRAIN_GOES;
    *words = may ? "deleting Pods with local storage" : "cannot delete Pods with local storage (use --delete-emptydir-data to override)";
    return may ? DRAIN_GOES : DRAIN_STOPS;
}

static enum drain_fate unreplicated(const struct act_ctx *c, const json_t *pod, const char **words)
{
    bool force = act_bool(c, "force");
    if (kube_pod_finished(pod) || kube_controller(pod))
        return DRAIN_GOES;
    *words = force ? "deleting Pods that declare no controller" : "cannot delete Pods that declare no controller (use --force to override)";
    return force ? DRAIN_GOES : DRAIN_STOPS;
}

enum drain_fate kube_drain_fate(const struct act_ctx *c, const json_t *pod, const char **words)
{
    static enum drain_fate (*const filters[])(const struct act_ctx *, const json_t *, const char **) = {
        long_deleting, of_daemon_set, mirror, local_storage, unreplicated,
    };
    enum drain_fate fate = DRAIN_GOES;
    *words = NULL;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0] && fate == DRAIN_GOES; i++)
        fate = filters[i](c, pod, words);
    return fate;
}

/* ---- who counts votes ---- */

const json_t *kube_drain_set(const struct act_ctx *c, const json_t *pod)
{
    const json_t *owner = kube_controller(pod), *set;
    if (strcmp(act_str(owner, "kind"), "StatefulSet") != 0)
        return NULL;
    set = find(c->side[DRAIN_STATEFULSETS].json, act_str(pod, "metadata.namespace"), act_str(owner, "name"));
    return act_num(set, "spec.replicas", 1) >= 3 ? set : NULL;
}

bool kube_drain_majority(const json_t *set, const json_t *pod, struct str *words)
{
    int64_t all = act_num(set, "spec.replicas", 1), ready = act_num(set, "status.readyReplicas", 0), least = all / 2 + 1;
    bool counts = kube_pod_ready(pod);
    str_addf(words, "its StatefulSet %s has %" PRId64 " of %" PRId64 " ready, its majority is %" PRId64, act_str(set, "metadata.name"), ready, all, least);
    return !counts || ready - 1 >= least;
}

const char *kube_drain_votes(const json_t *pod)
{
    static const char *const keys[] = {"application", "app", "app.kubernetes.io/name", "component"};
    const json_t *containers = act_get(pod, "spec.containers");
    const char *found = NULL;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !found; i++)
        found = blast_voter(kube_map_str(pod, "metadata.labels", keys[i]));
    for (size_t i = 0; i < json_array_size(containers) && !found; i++) {
        const char *image = act_str(json_array_get(containers, i), "image"), *slash = strrchr(image, '/');
        found = blast_voter(slash ? slash : image);
    }
    return found;
}

bool kube_drain_holds(const struct act_ctx *c, const json_t *pod, struct str *who, int64_t *allowed)
{
    struct str words;
    bool evict = !act_bool(c, "disable-eviction"), held;
    const json_t *set = act_bool(c, "ignore-majority") ? NULL : kube_drain_set(c, pod);
    *allowed = 1;
    held = evict && kube_budget_holds(kube_budget_of(c->side[DRAIN_BUDGETS].json, pod), pod, who, allowed);
    if (!set || (held && *allowed < 1))
        return held;
    str_init(&words, 2048);
    *allowed = kube_drain_majority(set, pod, &words) ? 1 : 0;
    str_release(&words);
    str_clear(who);
    return str_addf(who, "StatefulSet %s/%s", act_str(set, "metadata.namespace"), act_str(set, "metadata.name"));
}
