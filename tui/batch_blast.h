/*
 * Purpose:   inside `strata blast`: batch_blast.c (who is meant, the radius), batch_blast_out.c (for programs).
 * Thread:    the thread that owns the core.
 * Ownership: everything is borrowed.
 */
#ifndef STRATA_TUI_BATCH_BLAST_H
#define STRATA_TUI_BATCH_BLAST_H

#include "strata/blast.h"
#include "tui/batch.h"

struct op_view;
struct blast_told {
    const struct links *l;
    const struct blast *x;          /* NULL: nothing is taken */
    enum blast_verdict verdict;
    const char *action, *kind, *names, *unseen, *words;     /* unseen, words (what the graph cannot tell, NULL nothing): a line each */
    const struct op_view *plan;     /* NULL: of what no plan is made */
};
void blast_json(struct batch *b, const struct blast_told *o, struct str *out);
void blast_dot(struct batch *b, const struct blast_told *o, struct str *out);

#endif
