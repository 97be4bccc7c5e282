/*
 * Purpose:   inside the cuts of a blast radius: cut.c (the table, pods and machines), cut_drain.c (drains), cut_net.c (storage and networks), cut_whole.c.
 * Thread:    any (pure).
 * Ownership: everything is borrowed.
 */
#ifndef STRATA_LINKS_CUT_H
#define STRATA_LINKS_CUT_H

#include "core/links/links_priv.h"

struct cutter { const struct links *l; struct blast_cut *cut; size_t n, max; bool back, undo, opens; size_t keep; const struct blast_how *how; };
/* The value of an option of the action; NULL not given. */
const char *link_cut_option(const struct cutter *c, const char *name);
bool link_cut_told(const struct cutter *c, const char *name);     /* it is given, and not "false" */
void link_cut_add(struct cutter *c, uint32_t node, enum blast_plane plane, enum blast_harm harm, bool back);

/* cut_drain.c */
void link_cut_drained(struct cutter *c, uint32_t node, struct str *words);
void link_cut_evicted(struct cutter *c, uint32_t pod, struct str *words);      /* the last cut is its own */

/* cut_net.c */
void link_cut_stored(struct cutter *c, uint32_t node, struct str *words);
void link_cut_unaddressed(struct cutter *c, uint32_t address);
void link_cut_unbalanced(struct cutter *c, uint32_t balancer);
void link_cut_unplugged(struct cutter *c, uint32_t port);
void link_cut_unrouted(struct cutter *c, uint32_t router);
void link_cut_unnetted(struct cutter *c, uint32_t network);

/* cut_service.c */
void link_cut_exposed(struct cutter *c, uint32_t service, struct str *words);

/* cut_whole.c */
void link_cut_namespace(struct cutter *c, const struct row *ns);
void link_cut_lost(struct cutter *c, uint32_t node, struct str *words);
void link_cut_cluster(struct cutter *c, uint32_t cluster, struct str *words);

#endif
