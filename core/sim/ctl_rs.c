/* Replica sets: as many pods as wanted, at once; those go first that will be missed least. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

static const char controller[] = "replicaset-controller";

struct rank { struct ctl_item *it; int same_node; int64_t cost; int64_t now; };

static int64_t age_class(int64_t now, int64_t since)           /* logarithmic: small differences are chance */
{
    int64_t s = since < 0 ? 0 : (now - since) / 1000, c = 0;
    for (; s > 0; s >>= 1)
        c++;
    return c;
}

static int phase_rank(char p)
{
    return p == 'P' ? 0 : p == 'R' ? 2 : 1;
}

static int first_to_go(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    const struct ctl_item *p = x->it, *q = y->it;
    if (!p->node != !q->node)
        return p->node ? 1 : -1;
    if (phase_rank(p->phase) != phase_rank(q->phase))
        return phase_rank(p->phase) - phase_rank(q->phase);
    if (p->ready != q->ready)
        return p->ready ? 1 : -1;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    if (x->same_node != y->same_node)
        return y->same_node - x->same_node;
    if (p->ready && age_class(x->now, p->ready_since) != age_class(x->now, q->ready_since))
        return age_class(x->now, p->ready_since) < age_class(x->now, q->ready_since) ? -1 : 1;
    if (p->restarts != q->restarts)
        return p->restarts > q->restarts ? -1 : 1;
    if (age_class(x->now, p->created) != age_class(x->now, q->created))
        return age_class(x->now, p->created) < age_class(x->now, q->created) ? -1 : 1;
    return strcmp(p->o->uid, q->o->uid);
}

static int64_t deletion_cost(const struct obj *o)
{
    static const char key[] = "controller.kubernetes.io/pod-deletion-cost";
    if (!strstr(o->text, key))
        return 0;
    json_t *d = obj_doc(o);
    int64_t v = strtoll(ctl_note_str(d, key), NULL, 10);
    json_decref(d);
    return v;
}

static void remove_pods(struct sim *s, const json_t *rs, struct ctl_item **active, size_t n, size_t surplus)
{
    struct rank *r = sim_alloc(n * sizeof(*r));
    for (size_t i = 0; i < n; i++) {
        r[i] = (struct rank){active[i], 0, deletion_cost(active[i]->o), sim_now(s)};
        for (size_t k = 0; k < n; k++)
            r[i].same_node += active[k]->node && active[k]->node == active[i]->node;
    }
    qsort(r, n, sizeof(*r), first_to_go);
    for (size_t i = 0; i < surplus && i < n; i++) {
        char *name = sim_strdup(r[i].it->o->name);
        ctl_delete(s, r[i].it->o, &(struct ctl_delete){-1, NULL});
        ctl_event(s, rs, "Normal", "SuccessfulDelete", controller, NULL, "Deleted pod: %s", name);
        free(name);
    }
    free(r);
}

/* The first refusal ends it, and is said in a condition as long as pods are missing; true when that changed. */
static bool add_pods(struct sim *s, json_t *rs, int64_t missing)
{
    char *why = NULL, at[32];
    bool changed = false;
    for (; missing > 0; missing--) {
        struct obj *o = ctl_create_pod(s, rs, ctl_template_pod(s, rs, "ReplicaSet", NULL), &why);
        if (!o)
            break;
        ctl_event(s, rs, "Normal", "SuccessfulCreate", controller, NULL, "Created pod: %s", o->name);
    }
    if (why)
        ctl_event(s, rs, "Warning", "FailedCreate", controller, NULL, "Error creating: %s", why);
    if (why && !ctl_find_condition(rs, "ReplicaFailure"))
        changed = ctl_condition(rs, "ReplicaFailure", "True", "FailedCreate", why, ctl_now(s, at));
    free(why);
    return missing > 0 ? changed : ctl_no_condition(rs, "ReplicaFailure");
}

void ctl_sync_replicaset(struct sim *s, const char *ns, const char *name)
{
    json_t *rs = ctl_doc(s, K_REPLICASET, ns, name);
    if (!rs)
        return;
    ctl_pods_matching(s, rs, "ReplicaSet");
    size_t n, active = 0;
    struct ctl_item **pods = ctl_owned(s, jstr(rs, "metadata.uid"), K_POD, &n);
    int64_t min = jint(rs, "spec.minReadySeconds"), want = jat(rs, "spec.replicas") ? jint(rs, "spec.replicas") : 1;
    int64_t ready = 0, available = 0, full = 0, ending = 0;
    json_t *labels = jat(rs, "spec.template.metadata.labels"), *all = jt("{'matchLabels':%j}", labels ? json_incref(labels) : json_object());
    for (size_t i = 0; i < n; i++) {
        struct ctl_item *p = pods[i];
        ending += p->terminating;
        if (!ctl_active(p))
            continue;
        ready += p->ready;
        available += ctl_available(s, p, min);
        full += ctl_selects(all, p->o->labels);
        pods[active++] = p;
    }
    if (ready > available)
        ctl_queue_after(s, ctl_ms(s, min * 1000) + 50, K_REPLICASET, ns, name);
    if (!jat(rs, "status"))
        jset(rs, "status", json_object());
    bool changed = false;
    if (!ctl_deleting(rs) && (int64_t)active <= want)
        changed = add_pods(s, rs, want - (int64_t)active);
    else if (!ctl_deleting(rs) && (int64_t)active > want)
        remove_pods(s, rs, pods, active, active - (size_t)want);
    json_t *st = jat(rs, "status");
    changed |= ctl_count(st, "replicas", (int64_t)active, true);
    changed |= ctl_count(st, "fullyLabeledReplicas", full, false);
    changed |= ctl_count(st, "readyReplicas", ready, false);
    changed |= ctl_count(st, "availableReplicas", available, false);
    changed |= ctl_count(st, "terminatingReplicas", ending, true);
    changed |= ctl_count(st, "observedGeneration", jint(rs, "metadata.generation"), false);
    struct obj *now = ctl_get(s, K_REPLICASET, ns, name);
    if (changed && now && strcmp(now->uid, jstr(rs, "metadata.uid")) == 0)
        ctl_put(s, K_REPLICASET, json_incref(rs));
    json_decref(all);
    json_decref(rs);
    free(pods);
}
