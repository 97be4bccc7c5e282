/*
 * Purpose:   what build() says besides its request: facts for the plan.
 * Thread:    any; one owner at a time.
 * Ownership: facts_release frees the texts.
 * Errors:    `failed` is sticky: memory was out, a fact is missing.
 */
#ifndef STRATA_OPS_FACTS_H
#define STRATA_OPS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/ops.h"

struct fact { enum fact_level level; char *text; };      /* text: one clean sentence */
struct act_facts {
    struct fact *item;
    size_t n, cap;
    bool failed, danger, count;
    char *unknown;              /* "arg=word" lines of act_unknown() */
    char *held;                 /* of act_held(), NULL nobody */
    uint32_t allowed;
    const char *as;             /* of act_counts_as(), NULL: as itself */
    char *taken;                /* "KIND UID", a line each, of act_taken(); NULL nothing */
    int64_t keep;
};
void facts_release(struct act_facts *f);
/* The first refusal, NULL if there is none. */
const char *facts_refusal(const struct act_facts *f);

#endif
