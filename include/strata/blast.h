/*
 * Purpose:   the blast radius: what an action would take with it, through all layers, before it is done.
 * Thread:    any (pure, over an immutable graph).
 * Ownership: struct blast owns its lists; free with blast_free.
 * Errors:    false when memory is out.
 */
#ifndef STRATA_BLAST_H
#define STRATA_BLAST_H

#include "strata/links.h"

enum blast_harm { HARM_NONE, HARM_DEGRADED, HARM_AT_RISK, HARM_LOST };    /* at risk: one more loss is too many */
enum blast_verdict { BLAST_GREEN, BLAST_YELLOW, BLAST_RED };
enum blast_plane { BLAST_CP, BLAST_DP, BLAST_ST, BLAST_PLANES };

struct blast_cut {              /* what the action itself takes away */
    uint32_t node;
    enum blast_plane plane;
    bool back;                  /* comes back by itself (a managed pod, a reboot) */
};

struct blast_item {
    uint32_t node, from;        /* from: because of whom; itself if it is a cut */
    uint8_t plane, harm, cls;   /* cls: the weakest link of the chain that leads here */
    bool back;
    uint32_t alive, of, need;   /* of a group: how many stay, of how many, how many are needed; of 0: no group */
};

struct blast {
    struct blast_item *item;    /* the worst first */
    size_t n;
    uint32_t *worst;            /* per node: its first item, + 1; 0 it has none */
    size_t count[BLAST_PLANES][4];      /* by harm */
    size_t projects, clusters, unknown; /* projects and clusters touched; rows that are not current */
    bool quorum_lost;
    enum blast_verdict verdict;
};

bool blast_make(struct blast *out, const struct links *l, const struct blast_cut *cut, size_t n);
void blast_free(struct blast *b);
/* What an action ("delete", "drain", "stop") does itself to a row: fills cut (at most max), returns how many.
 * words: what cannot be told from the graph, appended to; e.g. "3 pods of DaemonSets stay". */
size_t blast_cuts(const struct links *l, const char *action, uint32_t node, struct blast_cut *cut, size_t max, struct str *words);
/* "server vm1 (lost) <- hypervisor cmp07 [A E9 ...] <- node cmp07 [B ...]" */
void blast_chain(const struct links *l, const struct blast *b, const struct blast_item *i, struct str *out);

#endif
