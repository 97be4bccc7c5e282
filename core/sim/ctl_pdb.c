/* Disruption budgets: how many of the pods they select may go. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

/* How many pods the controllers behind the selected pods want to have. */
static int wanted(struct sim *s, const struct ctl_selector *q)
{
    const char *seen[64];
    size_t nseen = 0;
    int sum = 0;
    for (size_t i = 0; i < q->n; i++) {
        struct ctl_item *up = q->v[i]->owner ? ctl_item(s, q->v[i]->o->owner_uid) : NULL;
        if (up && up->kind == K_REPLICASET && up->owner)
            up = ctl_item(s, up->o->owner_uid);
        bool known = !up || nseen == 64;
        for (size_t k = 0; k < nseen && !known; k++)
            known = strcmp(seen[k], up->o->uid) == 0;
        if (known)
            continue;
        seen[nseen++] = up->o->uid;
        json_t *d = obj_doc(up->o);
        sum += up->kind == K_DAEMONSET ? 0 : (int)jint(d, "spec.replicas");
        json_decref(d);
    }
    return sum;
}

/* Pods whose eviction was granted and that have not begun to end yet count as gone. */
static json_t *disrupted(struct sim *s, const json_t *pdb, const char *ns)
{
    json_t *out = json_object(), *v;
    const char *name;
    json_object_foreach(jat(pdb, "status.disruptedPods"), name, v) {
        struct obj *o = ctl_get(s, K_POD, ns, name);
        struct ctl_item *it = o ? ctl_item(s, o->uid) : NULL;
        int64_t at = stamp_ms(json_string_value(v) ? json_string_value(v) : "");
        if (it && !it->terminating && at + 120000 > sim_now(s))
            json_object_set(out, name, v);
    }
    return out;
}

void ctl_sync_pdb(struct sim *s, const char *ns, const char *name)
{
    json_t *d = ctl_doc(s, K_PDB, ns, name);
    struct ctl_selector *q = d ? ctl_selector(s, K_PDB, ns, name) : NULL;
    char at[32];
    if (!q || ctl_deleting(d)) {
        json_decref(d);
        return;
    }
    json_t *before = json_deep_copy(jat(d, "status")), *gone = disrupted(s, d, ns);
    int pods = 0, healthy = 0;
    for (size_t i = 0; i < q->n; i++) {
        const struct ctl_item *it = q->v[i];
        if (it->phase == 'S' || it->phase == 'F')
            continue;
        pods++;
        healthy += it->ready && !it->terminating && !json_object_get(gone, it->o->name);
    }
    struct ctl_budget b;
    ctl_budget(jat(d, "spec"), pods, wanted(s, q), healthy, &b);
    if (!jat(d, "status"))
        jset(d, "status", json_object());
    json_t *st = jat(d, "status");
    ctl_count(st, "currentHealthy", b.healthy, true);
    ctl_count(st, "desiredHealthy", b.desired, true);
    ctl_count(st, "disruptionsAllowed", b.allowed, true);
    ctl_count(st, "expectedPods", b.expected, true);
    ctl_count(st, "observedGeneration", jint(d, "metadata.generation"), false);
    if (json_object_size(gone))
        json_object_set(st, "disruptedPods", gone);
    else
        json_object_del(st, "disruptedPods");
    ctl_condition(d, "DisruptionAllowed", b.allowed ? "True" : "False", b.allowed ? "SufficientPods" : "InsufficientPods", "",
                  ctl_since(s, d, at));
    json_object_set_new(ctl_find_condition(d, "DisruptionAllowed"), "observedGeneration", json_integer(jint(d, "metadata.generation")));
    if (!before || !json_equal(before, st))
        ctl_put(s, K_PDB, json_incref(d));
    json_decref(before);
    json_decref(gone);
    json_decref(d);
}
