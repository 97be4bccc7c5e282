/* The blast radius that a plan found, counted. */
#include "strata/radius.h"

#include "strata/mem.h"

struct radius *radius_ref(struct radius *r)
{
    if (r)
        atomic_fetch_add(&r->refs, 1);
    return r;
}

void radius_unref(struct radius *r)
{
    if (!r || atomic_fetch_sub(&r->refs, 1) != 1)
        return;
    blast_free(&r->blast);
    links_free(r->links);
    mem_free(r->node);
    mem_free(r->words);
    mem_free(r->unknown);
    mem_free(r);
}
