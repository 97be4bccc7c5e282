/*
 * Purpose:   inside the cuts of a blast radius: cut.c (the table, pods and machines), cut_drain.c (drains), cut_net.c (networks), cut_stored.c
 *            (storage), cut_made.c (images, snapshots, subnets), cut_record.c, cut_service.c, cut_space.c (a namespace), cut_whole.c.
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
bool link_cut_stands(const struct row *pod);       /* it has not ended and does not end, whether it serves or not */
void link_cut_add(struct cutter *c, uint32_t node, enum blast_plane plane, enum blast_harm harm, bool back);

/* cut_drain.c */
void link_cut_drained(struct cutter *c, uint32_t node, struct str *words);
void link_cut_evicted(struct cutter *c, uint32_t pod, struct str *words);      /* the last cut is its own */

/* cut_stored.c: what is taken of disks, for words. */
struct stored { size_t goes, stays; const char *kept; };
struct stored link_cut_claim(struct cutter *c, uint32_t claim);
void link_cut_stored(struct cutter *c, uint32_t node, struct str *words);

/* cut_net.c */
/* Calls fn for each row of that kind that hangs on it (up), or that it hangs on, by that relation. */
void link_cut_each(struct cutter *c, uint32_t node, bool up, const char *relation, const char *kind, void (*fn)(struct cutter *c, uint32_t node));
void link_cut_unaddressed(struct cutter *c, uint32_t address);
void link_cut_unbalanced(struct cutter *c, uint32_t balancer);
void link_cut_disabled(struct cutter *c, uint32_t agent, struct str *words);
void link_cut_unserved(struct cutter *c, uint32_t network, struct str *words);
void link_cut_cared(struct cutter *c, uint32_t agent, struct str *words);
void link_cut_less(struct cutter *c, uint32_t server);          /* one way less leads to it */
void link_cut_unplugged(struct cutter *c, uint32_t port);
void link_cut_unrouted(struct cutter *c, uint32_t router);
void link_cut_unnetted(struct cutter *c, uint32_t network);

/* cut_made.c, cut_record.c */
void link_cut_image(struct cutter *c, uint32_t image, struct str *words);
void link_cut_snapshot(struct cutter *c, uint32_t snapshot, struct str *words);
void link_cut_subnet(struct cutter *c, uint32_t subnet, struct str *words);
void link_cut_record(struct cutter *c, uint32_t node, struct str *words);

/* cut_service.c */
void link_cut_exposed(struct cutter *c, uint32_t service, struct str *words);

/* cut_label.c */
void link_cut_labelled(struct cutter *c, uint32_t pod, struct str *words);

/* cut_space.c */
void link_cut_namespace(struct cutter *c, const struct row *ns, struct str *words);

/* cut_whole.c */
void link_cut_lost(struct cutter *c, uint32_t node, struct str *words);
void link_cut_cluster(struct cutter *c, uint32_t cluster, struct str *words);

#endif
