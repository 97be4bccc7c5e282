/*
 * Purpose:   the blast radius as facts of a plan, in few words.
 * Thread:    any (pure but for the names of sources).
 * Ownership: texts are appended to.
 * Errors:    str says when memory is out.
 */
#ifndef STRATA_OPS_BLAST_WORDS_H
#define STRATA_OPS_BLAST_WORDS_H

#include "core/core_priv.h"
#include "strata/blast.h"

/* A line each, its first letter the level: i info, c caution, d danger. unknown: what could not be seen, one sentence, "" nothing. */
void blast_words(struct core *c, const struct links *l, const struct blast *b, const char *unknown, struct str *out);
/* Is it red for more than what was named itself, and the pods that this makes? */
bool blast_beyond(const struct links *l, const struct blast *b);

#endif
