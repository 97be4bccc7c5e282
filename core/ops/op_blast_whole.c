/* The whole of a blast radius, for who asked for nothing else of the plan. */
#include <string.h>

#include "core/ops/op_blast_priv.h"
#include "strata/mem.h"
#include "strata/radius.h"

void op_blast_keep(struct op_blast *b, struct links *l, struct blast *x, const uint32_t *node, const char *words, const char *unknown)
{
    struct radius *r = mem_zalloc(sizeof *r);
    b->radius = r;
    if (!r) {
        blast_free(x);
        b->failed = true;
        return;
    }
    atomic_init(&r->refs, 1);
    r->links = l;
    r->blast = *x;
    r->verdict = x->verdict;
    r->together = b->pace.together;
    r->node = mem_alloc((b->ntargets + 1) * sizeof *r->node);
    r->words = words && *words ? mem_strdup(words) : NULL;
    r->unknown = unknown && *unknown ? mem_strdup(unknown) : NULL;
    if (r->node)
        memcpy(r->node, node, b->ntargets * sizeof *r->node);
    r->n = r->node ? b->ntargets : 0;
    b->failed |= !r->node || (!r->words && words && *words) || (!r->unknown && unknown && *unknown);
}

void op_blast_whole(struct op *op, struct op_blast *b)
{
    struct radius *r = b->radius;
    if (!r)
        return;
    bool part = r->unknown || b->late || b->closed[0] || b->closed[1] || b->partly || b->conflicts.len;
    if (r->verdict == BLAST_GREEN && part)
        r->verdict = BLAST_YELLOW;             /* what was not looked at is not green */
    op->radius = r;
    b->radius = NULL;
}
