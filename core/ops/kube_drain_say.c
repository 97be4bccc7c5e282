/* The plan of a drain in words: what stops it, what each pod costs, what holds it. */
#include <stdio.h>
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/kube_drain.h"
#include "core/ops/kube_work.h"

enum { WORDS = 12 };
struct group { const char *words; struct str names; bool stops; size_t n; };

static void group_pod(struct group *groups, const char *words, bool stops, const json_t *pod)
{
    size_t i = 0;
    while (i < WORDS && groups[i].words && strcmp(groups[i].words, words) != 0)
        i++;
    if (i == WORDS)
        return;
    struct group *g = &groups[i];
    if (!g->words) {
        g->words = words;
        str_init(&g->names, 4096);
    }
    g->stops |= stops;
    g->n++;
    str_addf(&g->names, "%s%s/%s", g->names.len ? ", " : "", act_str(pod, "metadata.namespace"), act_str(pod, "metadata.name"));
}

void kube_drain_say_groups(struct op_drive *d)
{
    struct group groups[WORDS] = {{0}};
    const json_t *items = kube_drain_pods(d);
    const char *words;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        enum drain_fate fate = kube_drain_fate(&d->c, pod, &words);
        if (words)
            group_pod(groups, words, fate == DRAIN_STOPS, pod);
    }
    for (int stops = 1; stops >= 0; stops--)
        for (size_t i = 0; i < WORDS && groups[i].words; i++)
            if (groups[i].stops == stops)
                act_fact(d->facts, stops ? FACT_REFUSED : FACT_CAUTION, "%s: %s", groups[i].words, groups[i].names.data);
    for (size_t i = 0; i < WORDS && groups[i].words; i++)
        str_release(&groups[i].names);
}

/* Of one pod that goes: does it come back, and what holds it? */
void kube_drain_say_pod(struct op_drive *d, const json_t *pod)
{
    const char *ns = act_str(pod, "metadata.namespace"), *name = act_str(pod, "metadata.name");
    bool evict = !act_bool(&d->c, "disable-eviction");
    struct kube_budget b = kube_budget_of(d->c.side[DRAIN_BUDGETS].json, pod);
    const json_t *set = kube_drain_set(&d->c, pod);
    struct str words;
    str_init(&words, 2048);
    if (!kube_controller(pod))
        act_fact(d->facts, kube_pod_finished(pod) ? FACT_INFO : FACT_DANGER, "pod %s/%s has no owner: it will NOT come back%s", ns, name,
                 !kube_pod_finished(pod) && kube_pod_local(pod) ? ", and what is in its emptyDir volumes is lost" : "");
    if (evict && b.n > 1 && kube_budget_asked(pod))
        act_fact(d->facts, FACT_DANGER, "%zu disruption budgets select pod %s/%s: the server will refuse to evict it and it stays; leave it one budget",
                 b.n, ns, name);
    else if (evict && b.n == 1 && kube_budget_asked(pod) && !kube_budget_allows(b.pdb, pod, &words))
        act_fact(d->facts, FACT_CAUTION, "pod %s/%s waits: %s", ns, name, words.data);
    else if (!evict && b.n && kube_budget_asked(pod))
        act_fact(d->facts, FACT_DANGER, "pod %s/%s is deleted, its budget %s is not asked", ns, name, act_str(b.pdb, "metadata.name"));
    if (kube_controller(pod) && !kube_pod_finished(pod) && kube_tolerates(pod, KUBE_CORDONED, "", "NoSchedule"))
        act_fact(d->facts, FACT_CAUTION, "pod %s/%s tolerates a cordon: what its %s starts here in its place stays", ns, name,
                 act_str(kube_controller(pod), "kind"));
    str_clear(&words);
    if (set && act_bool(&d->c, "ignore-majority"))
        act_fact(d->facts, FACT_DANGER, "pod %s/%s: the majority of its StatefulSet %s is not watched over", ns, name, act_str(set, "metadata.name"));
    else if (set && !kube_drain_majority(set, pod, &words))
        act_fact(d->facts, FACT_CAUTION, "pod %s/%s waits: %s", ns, name, words.data);
    else if (!set && kube_drain_votes(pod) && !strcmp(act_str(kube_controller(pod), "kind"), "StatefulSet"))
        act_fact(d->facts, FACT_CAUTION, "pod %s/%s is a %s of less than three members: it is away until it runs elsewhere", ns, name, kube_drain_votes(pod));
    str_release(&words);
}

void kube_drain_say_unknown(struct op_drive *d, int side, const char *what)
{
    if (!d->c.side[side].json)
        act_fact(d->facts, FACT_CAUTION, "%s could not be read (HTTP %d)", what, d->c.side[side].status);
}
