/* Will it heal? From what the server says about a pod and its owner to facts, each with its evidence. Pure. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/kube/kube_rq.h"
#include "core/stage/stage_priv.h"
#include "strata/text.h"

void stage_text(char *to, size_t size, const char *from)
{
    struct str s;
    str_init(&s, 1 << 16);
    text_clean(&s, from ? from : "", from ? strnlen(from, 2000) : 0, 0);
    size_t n = s.len < size ? s.len : size - 1;
    while (n < s.len && n > 0 && ((unsigned char)s.data[n] & 0xc0) == 0x80)      /* no half character at the cut */
        n--;
    memcpy(to, s.data, n);
    to[n] = '\0';
    str_release(&s);
}

static void fact(struct plan *p, enum stage_level level, const char *topic, const char *evidence, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
static void fact(struct plan *p, enum stage_level level, const char *topic, const char *evidence, const char *fmt, ...)
{
    char buf[600];
    va_list ap;
    if (level == STAGE_REFUSE)
        p->refused = true;
    if (p->nfacts == PLAN_FACTS)
        return;
    struct stage_fact *f = &p->fact[p->nfacts++];
    *f = (struct stage_fact){.level = level};
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    snprintf(f->topic, sizeof f->topic, "%s", topic);
    stage_text(f->text, sizeof f->text, buf);
    stage_text(f->evidence, sizeof f->evidence, evidence);
}

static const char *evidence(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static const char *evidence(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return buf;
}

static const char *str_or(const json_t *o, const char *path, const char *dflt)
{
    const char *s = kube_jstr(o, path);
    return s ? s : dflt;
}

/* ---- small readings ---- */

static const struct { const char *kind, *id; enum plan_order order; } owners[] = {
    {"ReplicaSet", "replicasets", PLAN_AT_ONCE}, {"StatefulSet", "statefulsets", PLAN_AFTER}, {"DaemonSet", "daemonsets", PLAN_AFTER},
    {"Job", "jobs", PLAN_AT_ONCE},
};

bool plan_owner_kind(const char *owner_kind, const char **kind_id)
{
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        if (!strcmp(owners[i].kind, owner_kind)) {
            *kind_id = owners[i].id;
            return true;
        }
    return false;
}

const json_t *plan_controller(const json_t *obj)
{
    const json_t *refs = kube_jget(obj, "metadata.ownerReferences");
    for (size_t i = 0; i < json_array_size(refs); i++)
        if (json_is_true(json_object_get(json_array_get(refs, i), "controller")))
            return json_array_get(refs, i);
    return NULL;
}

bool pod_condition(const json_t *pod, const char *type, const json_t **cond)
{
    const json_t *list = kube_jget(pod, "status.conditions");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        if (strcmp(str_or(c, "type", ""), type))
            continue;
        if (cond)
            *cond = c;
        return !strcmp(str_or(c, "status", ""), "True");
    }
    return false;
}

static bool owned_by(const json_t *pod, const char *uid)
{
    return !strcmp(str_or(plan_controller(pod), "uid", ""), uid);
}

const json_t *plan_choose(const json_t *pods, const char *owner_uid, const char *node)
{
    const json_t *items = json_object_get(pods, "items"), *best = NULL;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        if ((owner_uid && *owner_uid && !owned_by(pod, owner_uid)) || kube_jstr(pod, "metadata.deletionTimestamp") ||
            !pod_condition(pod, "Ready", NULL) || (node && *node && strcmp(str_or(pod, "spec.nodeName", ""), node)))
            continue;
        int later = best ? strcmp(str_or(pod, "metadata.creationTimestamp", ""), str_or(best, "metadata.creationTimestamp", "")) : 1;
        /* two made in the same second: always the same one of them */
        if (later > 0 || (!later && strcmp(str_or(pod, "metadata.name", ""), str_or(best, "metadata.name", "")) > 0))
            best = pod;
    }
    return best;
}

static bool selector_matches(const json_t *sel, const json_t *labels)
{
    const char *k;
    json_t *v;
    const json_t *want = json_object_get(sel, "matchLabels"), *exprs = json_object_get(sel, "matchExpressions");
    json_object_foreach((json_t *)want, k, v) {
        const char *have = json_string_value(json_object_get(labels, k));
        if (!have || !json_is_string(v) || strcmp(have, json_string_value(v)))
            return false;
    }
    for (size_t i = 0; i < json_array_size(exprs); i++) {
        const json_t *e = json_array_get(exprs, i), *values = json_object_get(e, "values");
        const char *op = str_or(e, "operator", ""), *have = json_string_value(json_object_get(labels, str_or(e, "key", "")));
        bool in = false;
        for (size_t n = 0; have && n < json_array_size(values); n++)
            in |= !strcmp(have, json_string_value(json_array_get(values, n)) ? json_string_value(json_array_get(values, n)) : "");
        if ((!strcmp(op, "In") && !in) || (!strcmp(op, "NotIn") && in) || (!strcmp(op, "Exists") && !have) ||
            (!strcmp(op, "DoesNotExist") && have))
            return false;
    }
    return true;
}

/* ---- facts ---- */

static void say_owner(struct plan *p, const struct plan_in *in)
{
    char ev[160];
    const json_t *ref = plan_controller(in->pod);
    if (!ref) {
        fact(p, STAGE_REFUSE, "owner", "metadata.ownerReferences: no controller",
             "Nothing owns this pod: once deleted it stays gone. It will not heal.");
        return;
    }
    evidence(ev, sizeof ev, "metadata.ownerReferences: %s %s", p->owner_kind, p->owner_name);
    if (!strcmp(p->owner_kind, "Node")) {
        fact(p, STAGE_REFUSE, "owner", ev, "A static pod of node %s: only its mirror would be deleted, the process would go on.", p->owner_name);
    } else if (in->owner_gone) {
        fact(p, STAGE_REFUSE, "owner", ev, "Its %s %s does not exist any more: nobody will replace the pod.", p->owner_kind, p->owner_name);
    } else if (!in->owner) {
        fact(p, STAGE_WARN, "owner", ev, "Its %s %s cannot be read%s%s: whether it heals is not known.", p->owner_kind, p->owner_name,
             in->owner_err && *in->owner_err ? ": " : "", in->owner_err ? in->owner_err : "");
    } else if (kube_jstr(in->owner, "metadata.deletionTimestamp") || kube_jstr(in->top, "metadata.deletionTimestamp")) {
        fact(p, STAGE_REFUSE, "owner", "metadata.deletionTimestamp of the owner", "Its owner %s is being deleted itself: the pod will not come back.",
             p->owner);
    } else if (p->order == PLAN_AFTER) {
        fact(p, STAGE_FINE, "owner", ev, "%s waits until the old pod is gone, then makes a new one%s.", p->owner,
             !strcmp(p->owner_kind, "StatefulSet") ? " of the same name" : " on the same node");
    } else if (!strcmp(p->owner_kind, "Job")) {
        fact(p, STAGE_WARN, "owner", ev, "%s starts another pod if it still needs completions; this may count as a failure of it.", p->owner);
    } else {
        fact(p, STAGE_FINE, "owner", ev, "%s makes a new pod at once, while the old one still ends.", p->owner);
    }
}

static void say_replicas(struct plan *p, const struct plan_in *in)
{
    char ev[160];
    const json_t *have = kube_jget(in->owner, "status.replicas");
    bool daemon = !strcmp(p->owner_kind, "DaemonSet");
    if (!in->owner || !strcmp(p->owner_kind, "Job"))
        return;
    evidence(ev, sizeof ev, daemon ? "%s %s status.desiredNumberScheduled=%" PRId64 ", numberReady=%" PRId64
                            : "%s %s spec.replicas=%" PRId64 ", status.readyReplicas=%" PRId64,
             p->owner_kind, p->owner_name, p->replicas, p->ready);
    if (p->replicas == 0)
        fact(p, STAGE_REFUSE, "replicas", ev, "%s is scaled to 0: nothing comes back. Scale it up first.", p->owner);
    else if (!daemon && json_is_integer(have) && json_integer_value(have) > p->replicas)
        fact(p, STAGE_WARN, "replicas", ev, "There are %" JSON_INTEGER_FORMAT " pods and %" PRId64 " wanted: it is being scaled down, this pod may not be replaced.",
             json_integer_value(have), p->replicas);
    else if (daemon)
        fact(p, STAGE_FINE, "replicas", ev, "%" PRId64 " of %" PRId64 " ready, one a node: no other does the work of this node meanwhile.", p->ready, p->replicas);
    else if (p->replicas == 1)
        fact(p, STAGE_WARN, "replicas", ev, "One replica: nobody answers between the end of this pod and the readiness of the next. Expect a gap.");
    else if (p->ready <= 1)
        fact(p, STAGE_WARN, "replicas", ev, "%" PRId64 " wanted but %" PRId64 " ready: no other pod can answer meanwhile. Expect a gap.", p->replicas, p->ready);
    else
        fact(p, STAGE_FINE, "replicas", ev, "%" PRId64 " of %" PRId64 " ready: the other%s answer%s meanwhile.", p->ready, p->replicas,
             p->ready > 2 ? "s" : "", p->ready > 2 ? "" : "s");
}

static void say_rollout(struct plan *p, const struct plan_in *in)
{
    const json_t *w = in->top ? in->top : in->owner;
    const char *strategy = str_or(w, "spec.strategy.type", ""), *update = str_or(w, "spec.updateStrategy.type", "");
    int64_t seen = kube_jint(w, "status.observedGeneration", -1), wanted = kube_jint(w, "metadata.generation", -1);
    if (json_is_true(kube_jget(w, "spec.paused")))
        fact(p, STAGE_FINE, "paused", "Deployment spec.paused=true", "The Deployment is paused: rollouts rest, its ReplicaSet still replaces pods.");
    if (!strcmp(strategy, "Recreate"))
        fact(p, STAGE_FINE, "strategy", "Deployment spec.strategy.type=Recreate", "Recreate is for rollouts; a deleted pod is replaced at once.");
    if (!strcmp(update, "OnDelete") && strcmp(str_or(w, "status.currentRevision", ""), str_or(w, "status.updateRevision", "")))
        fact(p, STAGE_WARN, "strategy", "spec.updateStrategy.type=OnDelete, status.updateRevision differs",
             "OnDelete: the new pod will be of the newer template, not like this one.");
    if (seen >= 0 && wanted > seen)
        fact(p, STAGE_WARN, "rollout", "metadata.generation > status.observedGeneration", "A change of the owner is under way: the replacement may be of another template.");
}

static void say_budgets(struct plan *p, const struct plan_in *in)
{
    const json_t *items = json_object_get(in->budgets, "items"), *labels = kube_jget(in->pod, "metadata.labels");
    if (in->budgets_err && *in->budgets_err)
        fact(p, STAGE_FINE, "budget", in->budgets_err, "Disruption budgets cannot be read; DELETE would not ask them anyway.");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *b = json_array_get(items, i);
        char ev[160];
        if (!selector_matches(kube_jget(b, "spec.selector"), labels) || !kube_jget(b, "spec.selector"))
            continue;
        int64_t allowed = kube_jint(b, "status.disruptionsAllowed", 0);
        evidence(ev, sizeof ev, "PodDisruptionBudget %s status.disruptionsAllowed=%" PRId64, str_or(b, "metadata.name", "?"), allowed);
        if (allowed > 0)
            fact(p, STAGE_FINE, "budget", ev, "Its disruption budget allows %" PRId64 "; DELETE does not ask it (an eviction would).", allowed);
        else
            fact(p, STAGE_WARN, "budget", ev, "Its disruption budget allows none now. DELETE does not ask it (an eviction would be refused): it goes all the same.");
    }
}

static void say_claim(struct plan *p, const char *volume, const json_t *claim, const json_t *pv)
{
    char ev[160];
    const char *name = str_or(claim, "metadata.name", "?");
    const json_t *modes = kube_jget(claim, "spec.accessModes");
    bool rwo = json_array_size(modes) == 1 && !strcmp(json_string_value(json_array_get(modes, 0)) ? json_string_value(json_array_get(modes, 0)) : "", "ReadWriteOnce");
    evidence(ev, sizeof ev, "PersistentVolumeClaim %s, PersistentVolume %s", name, str_or(claim, "spec.volumeName", "none"));
    if (strcmp(str_or(claim, "status.phase", ""), "Bound"))
        fact(p, STAGE_WARN, "volume", ev, "Volume %s: its claim is %s; the replacement waits until it is bound.", volume, str_or(claim, "status.phase", "not there"));
    else if (kube_jget(pv, "spec.local") || kube_jget(pv, "spec.hostPath"))
        fact(p, STAGE_WARN, "volume", ev, "Volume %s is local to a node: the replacement can only run there, and heals only if that node lives.", volume);
    else if (rwo && p->order == PLAN_AT_ONCE)
        fact(p, STAGE_WARN, "volume", ev, "Volume %s is ReadWriteOnce: a replacement on another node waits until it is detached here.", volume);
    else
        fact(p, STAGE_FINE, "volume", ev, "Volume %s is kept and attached again.", volume);
}

static void say_volumes(struct plan *p, const struct plan_in *in)
{
    const json_t *vols = kube_jget(in->pod, "spec.volumes");
    char empty[160] = "", ev[160];
    for (size_t i = 0; i < json_array_size(vols); i++) {
        const json_t *v = json_array_get(vols, i);
        const char *name = str_or(v, "name", "?"), *claim = kube_jstr(v, "persistentVolumeClaim.claimName"), *path = kube_jstr(v, "hostPath.path");
        if (json_object_get(v, "emptyDir")) {
            size_t n = strlen(empty);
            snprintf(empty + n, sizeof empty - n, "%s%s", n ? ", " : "", name);
        } else if (path && strcmp(p->owner_kind, "DaemonSet")) {
            fact(p, STAGE_WARN, "volume", evidence(ev, sizeof ev, "spec.volumes[%s].hostPath.path=%s", name, path),
                 "Volume %s is a folder of node %s: a replacement elsewhere sees another one.", name, *p->node ? p->node : "?");
        }
        for (size_t c = 0; claim && c < in->nclaims; c++)
            if (in->claim[c] && !strcmp(str_or(in->claim[c], "metadata.name", ""), claim))
                say_claim(p, name, in->claim[c], in->volume[c]);
    }
    if (*empty)
        fact(p, STAGE_WARN, "volume", evidence(ev, sizeof ev, "spec.volumes: emptyDir %.120s", empty), "emptyDir: what is in %s is lost with the pod.", empty);
}

/* A sibling that waits shows what the replacement will meet. */
static void say_siblings(struct plan *p, const struct plan_in *in)
{
    const json_t *items = json_object_get(in->pods, "items");
    if (in->pods_err && *in->pods_err)
        fact(p, STAGE_WARN, "siblings", in->pods_err, "The other pods cannot be listed: the replacement could not be seen.");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i), *cond = NULL, *cs = kube_jget(pod, "status.containerStatuses");
        const char *name = str_or(pod, "metadata.name", "?");
        char ev[160];
        if (!owned_by(pod, p->owner_uid) || !strcmp(str_or(pod, "metadata.uid", ""), p->uid))
            continue;
        if (!pod_condition(pod, "PodScheduled", &cond) && cond)
            fact(p, STAGE_WARN, "siblings", evidence(ev, sizeof ev, "Pod %s PodScheduled=False: %s", name, str_or(cond, "reason", "")),
                 "Sibling %s cannot be scheduled (%.150s): the replacement may meet the same.", name, str_or(cond, "message", "no reason given"));
        for (size_t c = 0; c < json_array_size(cs); c++) {
            const char *why = kube_jstr(json_array_get(cs, c), "state.waiting.reason");
            if (why && (!strcmp(why, "ImagePullBackOff") || !strcmp(why, "ErrImagePull") || !strcmp(why, "CrashLoopBackOff") || !strcmp(why, "CreateContainerConfigError"))) {
                fact(p, STAGE_WARN, "siblings", evidence(ev, sizeof ev, "Pod %s: container waiting, %s", name, why),
                     "Sibling %s does not start (%s): the replacement may meet the same.", name, why);
                break;
            }
        }
    }
}

/* Where a quota counts a resource, admission refuses pods that do not say how much of it they want. */
static void say_unsaid(struct plan *p, const struct plan_in *in, const char *quota, const char *key)
{
    static const struct { const char *key, *list, *resource; } kinds[] = {
        {"cpu", "requests", "cpu"}, {"memory", "requests", "memory"}, {"requests.cpu", "requests", "cpu"}, {"requests.memory", "requests", "memory"},
        {"limits.cpu", "limits", "cpu"}, {"limits.memory", "limits", "memory"}};
    const json_t *cs = kube_jget(in->pod, "spec.containers");
    char ev[160];
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; !strcmp(key, kinds[k].key) && i < json_array_size(cs); i++) {
            const json_t *c = json_array_get(cs, i);
            if (json_object_get(json_object_get(json_object_get(c, "resources"), kinds[k].list), kinds[k].resource))
                continue;
            fact(p, STAGE_WARN, "quota", evidence(ev, sizeof ev, "ResourceQuota %s counts %s, container %s sets none", quota, key, str_or(c, "name", "?")),
                 "The namespace's quota counts %s and container %.60s does not say how much it wants: its replacement may be refused.", key, str_or(c, "name", "?"));
            return;
        }
}

/* What the replacement asks of a quota's key, as this pod did. */
static int64_t quota_need(const struct plan_in *in, const char *key)
{
    const json_t *cs = kube_jget(in->pod, "spec.containers");
    const char *list = !strncmp(key, "limits.", 7) ? "limits" : "requests", *resource = strrchr(key, '.') ? strrchr(key, '.') + 1 : key;
    int64_t sum = 0, q;
    if (!strcmp(key, "pods") || !strcmp(key, "count/pods"))
        return 1000;
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const char *s = json_string_value(json_object_get(json_object_get(json_object_get(json_array_get(cs, i), "resources"), list), resource));
        if (s && text_parse_quantity(s, strlen(s), &q) && q > 0 && q < INT64_MAX / 4 - sum)
            sum += q;
    }
    return sum;
}

static void say_quota(struct plan *p, const struct plan_in *in)
{
    const json_t *items = json_object_get(in->quotas, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *q = json_array_get(items, i), *hard = kube_jget(q, "status.hard"), *used = kube_jget(q, "status.used");
        const char *key;
        json_t *v;
        json_object_foreach((json_t *)hard, key, v) {
            int64_t h, u;
            const char *hs = json_string_value(v), *us = json_string_value(json_object_get(used, key));
            char ev[160];
            say_unsaid(p, in, str_or(q, "metadata.name", "?"), key);
            bool counts = !strcmp(key, "pods") || !strcmp(key, "count/pods") || strstr(key, "cpu") || strstr(key, "memory");
            if (!counts || !hs || !us || !text_parse_quantity(hs, strlen(hs), &h) || !text_parse_quantity(us, strlen(us), &u))
                continue;
            int64_t need = quota_need(in, key);
            if (u < h && (!need || need <= h - u))
                continue;
            evidence(ev, sizeof ev, "ResourceQuota %s: %s used %s of %s", str_or(q, "metadata.name", "?"), key, us, hs);
            if (u > h)
                fact(p, STAGE_WARN, "quota", ev, "The namespace uses %s of its quota of %s %s: when this pod is gone there is still no room for another. It will not heal unless others go.", us, hs, key);
            else
                fact(p, STAGE_WARN, "quota", ev, "The namespace's quota of %s is used up: the replacement may have to wait until the old pod is gone.", key);
        }
    }
}

/* Who scales by itself may take the pod away, or undo a scaling by hand. */
static void say_scalers(struct plan *p, const struct plan_in *in)
{
    const json_t *items = json_object_get(in->scalers, "items"), *w = in->top ? in->top : in->owner;
    const char *kind = in->top ? "Deployment" : p->owner_kind;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *a = json_array_get(items, i);
        char ev[160];
        int64_t min = kube_jint(a, "spec.minReplicas", 1), max = kube_jint(a, "spec.maxReplicas", 0), want = kube_jint(a, "status.desiredReplicas", -1);
        if (strcmp(str_or(a, "spec.scaleTargetRef.kind", ""), kind) || strcmp(str_or(a, "spec.scaleTargetRef.name", ""), str_or(w, "metadata.name", "?")))
            continue;
        evidence(ev, sizeof ev, "HorizontalPodAutoscaler %s spec.minReplicas=%" PRId64 ", spec.maxReplicas=%" PRId64 ", status.desiredReplicas=%" PRId64,
                 str_or(a, "metadata.name", "?"), min, max, want);
        if (want >= 0 && want < p->replicas)
            fact(p, STAGE_WARN, "autoscaler", ev, "Its autoscaler wants %" PRId64 " of %" PRId64 " replicas now: this pod may not be replaced.", want, p->replicas);
        else
            fact(p, STAGE_FINE, "autoscaler", ev, "An autoscaler keeps %" PRId64 " to %" PRId64 " replicas: another number set by hand does not last.", min, max);
    }
}

static void say_access(struct plan *p, const struct plan_in *in)
{
    const json_t *allowed = kube_jget(in->access, "status.allowed");
    const char *reason = str_or(in->access, "status.reason", "");
    if (json_is_false(allowed))
        fact(p, STAGE_REFUSE, "access", "SelfSubjectAccessReview delete pods", "You may not delete pods in %.60s%s%.140s", p->ns, *reason ? ": " : ".", reason);
}

static void say_plane(struct plan *p)
{
    char ev[160];
    enum stage_level level;
    const char *text = p->refused ? NULL : plane_words(p->application, p->component, &level);
    if (text)
        fact(p, level, "plane", evidence(ev, sizeof ev, "labels application=%s component=%s", p->application, p->component), "%s", text);
}

static bool has_host_port(const json_t *pod)
{
    const json_t *cs = kube_jget(pod, "spec.containers");
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const json_t *ports = json_object_get(json_array_get(cs, i), "ports");
        for (size_t n = 0; n < json_array_size(ports); n++)
            if (kube_jint(json_array_get(ports, n), "hostPort", 0) > 0)
                return true;
    }
    return false;
}

static void say_pod(struct plan *p, const struct plan_in *in)
{
    char ev[160];
    const json_t *fin = kube_jget(in->pod, "metadata.finalizers");
    const char *phase = str_or(in->pod, "status.phase", "Unknown");
    evidence(ev, sizeof ev, "spec.terminationGracePeriodSeconds=%" PRId64, p->grace_s);
    if (kube_jstr(in->pod, "metadata.deletionTimestamp"))
        fact(p, STAGE_REFUSE, "pod", "metadata.deletionTimestamp", "It is already being deleted.");
    else if (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed"))
        fact(p, STAGE_REFUSE, "pod", evidence(ev, sizeof ev, "status.phase=%s", phase), "It has ended already (%s): there is nothing to heal.", phase);
    else if (!pod_condition(in->pod, "Ready", NULL))
        fact(p, STAGE_WARN, "pod", "status.conditions: Ready is not True", "It is not ready now: it answers nobody, and its replacement may not get ready either.");
    if (p->order == PLAN_AFTER && p->grace_s > 0)
        fact(p, p->grace_s > 60 ? STAGE_WARN : STAGE_FINE, "order", ev, "The old pod gets up to %" PRId64 " s to end, and only then the new one is made: a pause of that length is normal.",
             p->grace_s);
    if (json_array_size(fin))
        fact(p, STAGE_WARN, "finalizers", json_string_value(json_array_get(fin, 0)) ? json_string_value(json_array_get(fin, 0)) : "", "It has finalizers: it is gone only when they are done.");
    if (p->order == PLAN_AT_ONCE && has_host_port(in->pod))
        fact(p, STAGE_WARN, "ports", "spec.containers[].ports[].hostPort", "It holds ports of node %s: a replacement there waits until the old pod has ended.", p->node);
}

void plan_make(struct plan *p, const struct plan_in *in)
{
    *p = (struct plan){.replicas = -1, .ready = -1};
    const json_t *ref = plan_controller(in->pod), *labels = kube_jget(in->pod, "metadata.labels");
    const char *app = json_string_value(json_object_get(labels, "application")), *part = json_string_value(json_object_get(labels, "component"));
    stage_text(p->ns, sizeof p->ns, kube_jstr(in->pod, "metadata.namespace"));
    stage_text(p->pod, sizeof p->pod, kube_jstr(in->pod, "metadata.name"));
    stage_text(p->uid, sizeof p->uid, kube_jstr(in->pod, "metadata.uid"));
    stage_text(p->node, sizeof p->node, kube_jstr(in->pod, "spec.nodeName"));
    stage_text(p->owner_kind, sizeof p->owner_kind, kube_jstr(ref, "kind"));
    stage_text(p->owner_name, sizeof p->owner_name, kube_jstr(ref, "name"));
    stage_text(p->owner_uid, sizeof p->owner_uid, kube_jstr(ref, "uid"));
    stage_text(p->application, sizeof p->application, app ? app : json_string_value(json_object_get(labels, "app.kubernetes.io/name")));
    stage_text(p->component, sizeof p->component, part ? part : json_string_value(json_object_get(labels, "app.kubernetes.io/component")));
    char owner[300] = "";
    if (in->top)
        snprintf(owner, sizeof owner, "%.24s %.120s", str_or(in->top, "kind", "Deployment"), str_or(in->top, "metadata.name", "?"));
    else if (ref)
        snprintf(owner, sizeof owner, "%.24s %.120s", p->owner_kind, p->owner_name);
    stage_text(p->owner, sizeof p->owner, owner);
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        if (!strcmp(owners[i].kind, p->owner_kind))
            p->order = owners[i].order;
    p->grace_s = kube_jint(in->pod, "spec.terminationGracePeriodSeconds", 30);
    if (!strcmp(p->owner_kind, "DaemonSet")) {
        p->replicas = kube_jint(in->owner, "status.desiredNumberScheduled", -1);
        p->ready = kube_jint(in->owner, "status.numberReady", 0);
    } else if (in->owner) {
        p->replicas = kube_jint(in->owner, "spec.replicas", 1);
        p->ready = kube_jint(in->owner, "status.readyReplicas", 0);
    }
    say_access(p, in);
    say_owner(p, in);
    say_plane(p);
    say_pod(p, in);
    if (!p->owner_kind[0])
        return;
    say_replicas(p, in);
    say_rollout(p, in);
    say_budgets(p, in);
    say_volumes(p, in);
    say_siblings(p, in);
    say_quota(p, in);
    say_scalers(p, in);
}

static const struct stage_fact *same_fact(const struct plan *p, const struct stage_fact *f)
{
    for (size_t i = 0; i < p->nfacts; i++)
        if (p->fact[i].level == f->level && !strcmp(p->fact[i].topic, f->topic) && !strcmp(p->fact[i].text, f->text))
            return &p->fact[i];
    return NULL;
}

static bool has_topic(const struct plan *p, const char *topic)
{
    for (size_t i = 0; i < p->nfacts; i++)
        if (!strcmp(p->fact[i].topic, topic))
            return true;
    return false;
}

void plan_changes(struct plan *p, const struct plan *before)
{
    if (strcmp(p->uid, before->uid))
        return;
    for (size_t i = 0; i < p->nfacts; i++)
        p->fact[i].changed = !same_fact(before, &p->fact[i]);
    for (size_t i = 0; i < before->nfacts; i++) {
        const struct stage_fact *f = &before->fact[i];
        if (has_topic(p, f->topic) || p->nfacts == PLAN_FACTS)     /* what is said of it now tells enough */
            continue;
        fact(p, STAGE_FINE, f->topic, f->evidence, "No longer so: %.250s", f->text);
        p->fact[p->nfacts - 1].changed = true;
    }
}
