/* Disruption budgets as the server's eviction counts them, and what taking one pod away costs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/kube_drain.h"
#include "core/ops/kube_work.h"

bool kube_pod_finished(const json_t *pod)
{
    const char *phase = act_str(pod, "status.phase");
    return !strcmp(phase, "Succeeded") || !strcmp(phase, "Failed");
}

bool kube_pod_local(const json_t *pod)
{
    const json_t *volumes = act_get(pod, "spec.volumes");
    for (size_t i = 0; i < json_array_size(volumes); i++)
        if (json_object_get(json_array_get(volumes, i), "emptyDir"))
            return true;
    return false;
}

bool kube_budget_asked(const json_t *pod)
{
    return !kube_pod_finished(pod) && strcmp(act_str(pod, "status.phase"), "Pending") != 0 && !*act_str(pod, "metadata.deletionTimestamp");
}

struct kube_budget kube_budget_of(const json_t *list, const json_t *pod)
{
    const json_t *items = json_object_get(list, "items"), *labels = act_get(pod, "metadata.labels");
    struct kube_budget b = {NULL, 0};
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pdb = json_array_get(items, i);
        if (strcmp(act_str(pdb, "metadata.namespace"), act_str(pod, "metadata.namespace")) != 0 ||
            !kube_selects(act_get(pdb, "spec.selector"), labels))
            continue;
        if (!b.n++)
            b.pdb = pdb;
    }
    return b;
}

/* A pod that is not ready takes nothing from a budget: the server lets it go when enough others are healthy, or always where
 * the budget says so. */
static bool harmless(const json_t *pdb, const json_t *pod)
{
    int64_t current = act_num(pdb, "status.currentHealthy", 0), needed = act_num(pdb, "status.desiredHealthy", 0);
    return pod && !kube_pod_ready(pod) &&
           (!strcmp(act_str(pdb, "spec.unhealthyPodEvictionPolicy"), "AlwaysAllow") || (current >= needed && needed > 0));
}

/* Its controller cannot say how many pods it is about: then its numbers mean nothing, and it allows none until that is mended. */
static const char *no_numbers(const json_t *pdb)
{
    const json_t *c = act_find(act_get(pdb, "status.conditions"), "type", "DisruptionAllowed");
    const char *said = act_str(c, "message");
    return strcmp(act_str(c, "reason"), "SyncFailed") ? NULL : *said ? said : "its controller does not say why";
}

bool kube_budget_allows(const json_t *pdb, const json_t *pod, struct str *words)
{
    const char *broken = no_numbers(pdb);
    if (broken) {
        str_addf(words, "budget %s/%s cannot be computed and allows no eviction until it is mended: %.300s", act_str(pdb, "metadata.namespace"),
                 act_str(pdb, "metadata.name"), broken);
        return harmless(pdb, pod);
    }
    int64_t allowed = act_num(pdb, "status.disruptionsAllowed", 0);
    bool fresh = act_num(pdb, "status.observedGeneration", 0) >= act_num(pdb, "metadata.generation", 0);
    str_addf(words, "budget %s/%s allows %" PRId64 " eviction%s: %" PRId64 " healthy of %" PRId64 ", %" PRId64 " needed",
             act_str(pdb, "metadata.namespace"), act_str(pdb, "metadata.name"), allowed, allowed == 1 ? "" : "s",
             act_num(pdb, "status.currentHealthy", 0), act_num(pdb, "status.expectedPods", 0), act_num(pdb, "status.desiredHealthy", 0));
    return harmless(pdb, pod) || (fresh && allowed > 0);
}

bool kube_budget_holds(struct kube_budget b, const json_t *pod, struct str *who, int64_t *allowed)
{
    if (!b.n || !kube_budget_asked(pod) || (b.n == 1 && harmless(b.pdb, pod)))
        return false;
    struct str words;
    str_init(&words, 2048);
    *allowed = b.n == 1 && kube_budget_allows(b.pdb, pod, &words) ? act_num(b.pdb, "status.disruptionsAllowed", 0) : 0;
    str_release(&words);
    return str_addf(who, "budget %s/%s", act_str(b.pdb, "metadata.namespace"), act_str(b.pdb, "metadata.name"));
}

const char *kube_budget_cause(const json_t *status)
{
    return act_str(act_find(act_get(status, "details.causes"), "reason", "DisruptionBudget"), "message");
}

/* ---- one pod ---- */

void kube_say_majority(const struct act_ctx *c, const json_t *set, struct act_facts *facts)
{
    int64_t all = act_num(set, "spec.replicas", 1), ready = act_num(set, "status.readyReplicas", 0), least = all / 2 + 1;
    const json_t *ref = kube_controller(c->obj);
    if (all < 3 || strcmp(act_str(ref, "kind"), "StatefulSet") != 0 || strcmp(act_str(set, "metadata.uid"), act_str(ref, "uid")) != 0)
        return;
    int64_t go = (int64_t)act_together(c, act_str(set, "metadata.name"));
    bool lost = ready - go < least && (go > 1 || kube_pod_ready(c->obj));
    if (lost && go > 1 && c->planning)     /* later those that went are not ready: no news */
        act_danger(facts, false);
    if (lost)
        act_fact(facts, go > 1 && kube_drain_votes(c->obj) ? FACT_DANGER : FACT_CAUTION, "its StatefulSet %s has %" PRId64 " of %" PRId64 " ready, its majority is %" PRId64 ", and %" PRId64 " go%s now",
                 act_str(set, "metadata.name"), ready, all, least, go, go == 1 ? "es" : " together");
}

void kube_say_together(const struct act_ctx *c, const json_t *pdbs, const json_t *owner, struct act_facts *facts)
{
    const json_t *ref = kube_controller(c->obj);
    const char *kind = act_str(ref, "kind"), *name = act_str(ref, "name");
    int64_t all = act_num(owner, "spec.replicas", 1), go = *name ? (int64_t)act_together(c, name) : 1;
    struct kube_budget b = kube_budget_of(pdbs, c->obj);
    bool counts = !strcmp(kind, "ReplicaSet") || !strcmp(kind, "StatefulSet") || !strcmp(kind, "ReplicationController");
    if (go < 2)
        return;
    if (counts && owner && go >= all)
        act_fact(facts, FACT_CAUTION, "all %" PRId64 " pods of its %s %s go together now: nothing answers until new ones are ready", all, kind, name);
    if (b.n == 1 && kube_budget_asked(c->obj) && go > act_num(b.pdb, "status.disruptionsAllowed", 0))
        act_fact(facts, FACT_CAUTION, "%" PRId64 " pods of its %s %s go together, its budget %s allows %" PRId64, go, kind, name, act_str(b.pdb, "metadata.name"),
                 act_num(b.pdb, "status.disruptionsAllowed", 0));
}

static void say_budget(const json_t *pod, const json_t *pdbs, bool evict, struct act_facts *facts)
{
    struct kube_budget b = kube_budget_of(pdbs, pod);
    struct str words;
    int64_t allowed;
    str_init(&words, 2048);
    if (evict && kube_budget_holds(b, pod, &words, &allowed))
        act_held(facts, words.data, allowed);
    str_release(&words);
    if (!b.n || !kube_budget_asked(pod))
        return;
    if (b.n > 1) {
        act_fact(facts, evict ? FACT_REFUSED : FACT_CAUTION,
                 evict ? "%zu disruption budgets select pod %s (%s is one): the server refuses every such eviction, leave it one budget or delete the pod"
                       : "%zu disruption budgets select pod %s (%s is one)",
                 b.n, act_str(pod, "metadata.name"), act_str(b.pdb, "metadata.name"));
        return;
    }
    str_init(&words, 2048);
    bool ok = kube_budget_allows(b.pdb, pod, &words);
    if (evict)
        act_fact(facts, ok ? FACT_INFO : FACT_DANGER, "%s%s", words.data, ok ? "" : "; the server will refuse until that changes");
    else
        act_fact(facts, ok ? FACT_INFO : FACT_DANGER, "%s%s", words.data, ok ? "" : "; a delete does not ask it, an eviction would");
    str_release(&words);
}

static void say_volumes(const json_t *pod, struct act_facts *facts)
{
    const json_t *volumes = act_get(pod, "spec.volumes");
    struct str empty, host;
    str_init(&empty, 1024);
    str_init(&host, 1024);
    for (size_t i = 0; i < json_array_size(volumes); i++) {
        const json_t *v = json_array_get(volumes, i);
        const char *name = act_str(v, "name");
        if (json_object_get(v, "emptyDir"))
            str_addf(&empty, "%s%.63s", empty.len ? ", " : "", name);
        else if (json_object_get(v, "hostPath"))
            str_addf(&host, "%s%.63s", host.len ? ", " : "", name);
    }
    if (empty.len)
        act_fact(facts, FACT_CAUTION, "what is in its emptyDir volumes is lost: %s", empty.data);
    if (host.len)
        act_fact(facts, FACT_INFO, "it uses directories of its node, which stay there: %s", host.data);
    str_release(&empty);
    str_release(&host);
}

void kube_say_pod(const json_t *pod, const json_t *pdbs, const json_t *owner, bool evict, struct act_facts *facts)
{
    const json_t *ref = kube_controller(pod);
    const char *kind = act_str(ref, "kind"), *name = act_str(ref, "name");
    bool counts = !strcmp(kind, "ReplicaSet") || !strcmp(kind, "StatefulSet") || !strcmp(kind, "ReplicationController");
    if (*kube_map_str(pod, "metadata.annotations", "kubernetes.io/config.mirror"))
        act_fact(facts, FACT_CAUTION, "it is a static pod of its node: only its mirror goes, the kubelet makes it again");
    else if (!ref)
        act_fact(facts, FACT_DANGER, "nothing owns it: it will NOT come back");
    else if (!strcmp(kind, "Job"))
        act_fact(facts, FACT_CAUTION, "its Job %s starts another pod if it still needs one; this may count as a failure", name);
    else if (!strcmp(kind, "DaemonSet"))
        act_fact(facts, FACT_INFO, "its DaemonSet %s makes a new pod on the same node", name);
    else
        act_fact(facts, FACT_INFO, "its %s %s makes a new pod%s", kind, name, !strcmp(kind, "StatefulSet") ? " of the same name" : "");
    if (counts && owner && act_num(owner, "spec.replicas", 1) <= 1 && kube_pod_ready(pod))
        act_fact(facts, FACT_CAUTION, "it is the only pod of its %s: nothing answers until the new one is ready", kind);
    say_volumes(pod, facts);
    say_budget(pod, pdbs, evict, facts);
}
