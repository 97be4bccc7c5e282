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

/* What it keeps on its node: goes with it for good; goes, and who asked for it said that it may. */
enum blast_data { DATA_NONE, DATA_LOST, DATA_GIVEN };

struct blast_cut {              /* what the action itself takes away */
    uint32_t node;
    enum blast_plane plane;
    uint8_t harm;               /* 0: lost; DEGRADED: it has less, and what hangs on it is not touched */
    bool back;                  /* comes back by itself (a managed pod, a reboot) */
    bool undo;                  /* who did it can take it back (a stop, a scaling) */
    uint8_t data;               /* enum blast_data */
    uint32_t turn;              /* which of the targets that go one after another it is part of, from 0 */
    uint32_t drained;           /* the node, from 1, that it is drained from: what is made in its place looks for another; 0: it does not */
    bool opens;                 /* that one takes pods again when its turn is over */
    bool doubt;                 /* whether it comes back is not known */
    uint32_t held, allowed;     /* whose leave it waits for (a budget, the majority of a set), from 1, 0 nobody's; so many at a time */
};
/* How many targets are at work at a time, 0 all; waves: the next when all of these are done, else as one ends another begins. */
struct blast_pace { uint32_t together; bool waves; };

struct blast_item {
    uint32_t node, from;        /* from: because of whom; itself if it is a cut */
    uint8_t plane, harm, cls;   /* cls: the weakest link of the chain that leads here */
    bool back, undo;            /* undo: of what is named itself */
    uint32_t alive, of, need;   /* of a group: how many stay, of how many, how many are needed; of 0: no group */
    uint32_t wants;             /* so many its budget wants to stay; 0: no more than are needed */
};

/* A part of a cluster's own control plane that is hit (its etcd, its API servers): pods there are, that serve now, that stay at the worst moment. */
struct blast_control { uint16_t source; uint8_t part; uint32_t all, serve, stay, away; };

struct blast {
    struct blast_item *item;    /* the worst first */
    size_t n;
    uint32_t *worst;            /* per node: its first item, + 1; 0 it has none */
    size_t count[BLAST_PLANES][4];      /* by harm */
    size_t projects, clusters, unknown; /* projects and clusters touched; rows that are not current */
    uint16_t cluster[8];                /* the first of the clusters: their sources */
    size_t addresses;                   /* external ones that lead there: floating addresses, load balancers */
    char project_names[200], address_names[200];   /* the first of them */
    size_t doubts;                      /* cuts of which it is not known whether they come back */
    size_t waits;                       /* cuts that whoever holds them does not let go as it is now */
    struct blast_control control[16];
    size_t ncontrol;
    uint32_t odd[8];                    /* rules contradict each other about these: what hangs on them is not followed */
    size_t nodd;
    uint32_t claim[8];                  /* nodes that say falsely that they are what is harmed: another one is it */
    size_t nclaims;
    bool quorum_lost;
    enum blast_verdict verdict;
};
/* "etcd", "mariadb", ...: does that name or image count votes? NULL no. */
const char *blast_voter(const char *text);
const char *blast_verdict_name(enum blast_verdict v);       /* "green" */
/* "lost", "at risk", "perhaps" (by a guess alone), "degraded". */
const char *blast_harm_word(const struct blast_item *it);
/* ": 1 of 3 stay, 2 needed"; nothing of what is no group. */
void blast_group_words(const struct blast_item *it, struct str *out);
/* ", from outside: its pods run on": of a Service that lost its way in; nothing of all else. */
void blast_way_words(const struct links *l, const struct blast_item *it, struct str *out);
const char *blast_control_part(const struct blast_control *c);          /* "etcd" */
uint32_t blast_control_needs(const struct blast_control *c);
/* "2 of 3 etcd stay, 2 of 3 kube-apiserver stay": of the cluster that control[first] is of. */
void blast_control_words(const struct blast *b, size_t first, struct str *out);
/* "control plane of cluster tenant-b lost for a while: ..."; false: the item is no cluster's API server. */
bool blast_api_words(const struct links *l, const struct blast_item *it, const char *cluster, struct str *out);
/* "5 pods, 1 deployment": what it is that is harmed so. */
void blast_kinds(const struct links *l, const struct blast *b, enum blast_plane plane, enum blast_harm harm, struct str *out);

/* "33 servers, 4 hypervisors run on and can be neither seen nor managed by the API": by APIs so harmed in the control plane; false: nothing. */
bool blast_managed_words(const struct links *l, const struct blast *b, enum blast_harm harm, struct str *out);
size_t blast_managed_kinds(const struct row *api, const char **kind, size_t max);      /* what an API of the catalog manages */

/* What comes back is away only while its turn is; the worst of all moments counts. */
bool blast_make(struct blast *out, const struct links *l, const struct blast_cut *cut, size_t n, struct blast_pace pace);
void blast_free(struct blast *b);
/* What an action ("delete", "drain", "stop") does itself to a row: fills cut (at most max), returns how many.
 * keep: of a scaling, how many shall be; -1 not known: none. words: what cannot be told from the graph, appended to; e.g.
 * "3 pods of DaemonSets stay". */
size_t blast_cuts(const struct links *l, const char *action, uint32_t node, int64_t keep, struct blast_cut *cut, size_t max, struct str *words);
/* The same with options of the action, "force=true", "pod-selector=app=web". */
struct blast_how { int64_t keep; char *const *args; size_t nargs; };
size_t blast_cuts_as(const struct links *l, const char *action, uint32_t node, const struct blast_how *how, struct blast_cut *cut, size_t max, struct str *words);
/* "delete, evict or lose": of which it is known what they do to such a row. */
void blast_actions(const struct kind *k, struct str *out);
/* Where what is made in place of what is drained finds room, in its turn and in order, as the scheduler of its cluster looks; what finds none
 * does not come back. words: why, appended to, a line for each reason. */
void blast_place(const struct links *l, struct blast_cut *cut, size_t n, struct str *words);
bool blast_in_turns(const char *action);        /* goes from one target to the next */
bool blast_known(const char *action, const struct kind *k);      /* is there a radius to look at? */
bool blast_of_kind(const char *action, const struct kind *k);    /* the same, and it is not told alike of every kind */
/* Does it hit what another system knows as something else (a server that is a node)? Then a conflict forbids it. */
bool blast_across(const char *action, const struct kind *k);
bool blast_tells(const char *action, const struct kind *k);      /* are the words of blast_cuts() all that is said of it? */
/* Rules contradict each other about what the row is, or what is it: both told with their evidence. */
bool blast_conflict(const struct links *l, uint32_t node, struct str *words);
/* The same; who: the rows that are two things. How many there are, max or more. */
size_t blast_doubtful(const struct links *l, uint32_t node, uint32_t *who, size_t max, struct str *words);
/* The nodes that say falsely that they are this machine; and what such a node says, and whose word counts. name: of a source. */
size_t blast_overruled(const struct links *l, uint32_t node, uint32_t *who, size_t max);
void blast_overruled_words(const struct links *l, uint32_t node, const char *(*name)(void *arg, uint16_t source), void *arg, struct str *out);
bool blast_is_red(const struct links *l, const struct blast_item *it);     /* the verdict is red for it (a lost quorum apart) */
bool blast_serves(const struct row *r);
bool blast_by_daemon(const struct row *pod);
bool blast_for_itself(const struct row *r);     /* its loss is one in itself: not a machine, whose load is told, nor what a DaemonSet keeps there */

/* What must be seen so that no harm is missed: kinds that hang on what is harmed, and its siblings. */
struct blast_need {
    const char *kind;
    uint16_t source;            /* of that source; across: of all of the plane */
    bool across, wide;          /* wide: in all namespaces, else in that of who is harmed */
};
size_t blast_needs(const struct links *l, const struct blast *b, struct blast_need *need, size_t max);
/* And to see places for what is drained, added to those it has; returns how many there are then. */
size_t blast_place_needs(const struct links *l, const struct blast_cut *cut, size_t n, struct blast_need *need, size_t have, size_t max);
/* "server vm1 (lost) <- hypervisor cmp07 [A E9 ...] <- node cmp07 [B ...]" */
void blast_chain(const struct links *l, const struct blast *b, const struct blast_item *i, struct str *out);

#endif
