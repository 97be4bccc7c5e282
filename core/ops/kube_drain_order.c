/* In which order the pods of a node are asked to go. What waits for its budget or majority lets the others pass in any of them. */
#include <string.h>

#include "core/ops/kube_drain.h"
#include "core/ops/kube_work.h"
#include "strata/mem.h"

struct place { const json_t *pod; int64_t rank; };

/* Those that are easily missed go first: without a budget, then with one, then who counts votes. */
static int64_t gentle(const struct act_ctx *c, const json_t *pod)
{
    return kube_drain_set(c, pod) ? 2 : kube_budget_of(c->side[DRAIN_BUDGETS].json, pod).n ? 1 : 0;
}

static int by_name(const json_t *a, const json_t *b)
{
    int d = strcmp(act_str(a, "metadata.namespace"), act_str(b, "metadata.namespace"));
    return d ? d : strcmp(act_str(a, "metadata.name"), act_str(b, "metadata.name"));
}

static bool before(const struct place *a, const struct place *b, bool names)
{
    return names ? by_name(a->pod, b->pod) < 0 : a->rank < b->rank;
}

/* Of equal rank they stay as the server lists them. A node has some hundred pods at most. */
bool kube_drain_order(const struct act_ctx *c, const json_t **pods, size_t n)
{
    const char *order = act_arg(c, "order");
    bool names = order && !strcmp(order, "name"), priority = order && !strcmp(order, "priority");
    struct place *at = mem_zalloc((n + 1) * sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        struct place p = {pods[i], names ? 0 : priority ? act_num(pods[i], "spec.priority", 0) * 4 + gentle(c, pods[i]) : gentle(c, pods[i])};
        size_t k = i;
        for (; k && before(&p, &at[k - 1], names); k--)
            at[k] = at[k - 1];
        at[k] = p;
    }
    for (size_t i = 0; at && i < n; i++)
        pods[i] = at[i].pod;
    bool ok = at != NULL;
    mem_free(at);
    return ok;
}
