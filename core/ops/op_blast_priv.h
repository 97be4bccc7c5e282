/*
 * Purpose:   inside the blast radius of a plan: op_blast.c (reading, the plan), op_blast_unseen.c and op_blast_doubt.c (what is not known, or not for sure), op_blast_gate.c (once more before it is sent).
 * Thread:    net thread; what is the worker's while it works is said.
 */
#ifndef STRATA_OPS_OP_BLAST_PRIV_H
#define STRATA_OPS_OP_BLAST_PRIV_H

#include <semaphore.h>

#include "core/ops/op_blast.h"
#include "strata/blast.h"

#define LOOK_MS 3000           /* who has not answered by then is told as not seen */
#define NEEDS_MAX 128

struct watch { struct feed *f; uint16_t source; const char *kind; bool wide, tried; };
/* What is taken away: a target, or the step of a target of many. step: the target. whole: its steps say what is taken. */
struct mark { uint16_t source; const struct kind *kind; const char *action; char *uid, *name, *scope; char **arg; size_t nargs; uint32_t step, turn, held, allowed; int64_t keep; bool kid, whole, refused, conflict, drained, opens, data; };
enum { QUEUED, RUNNING, ENDED, DROPPED };

struct op_blast {
    struct core *core;
    struct op *op;             /* NULL: nobody waits for it any more */
    struct watch *watch;
    size_t n, cap;
    struct mark *mark;
    size_t nmarks, ntargets;
    struct blast_pace pace;
    int64_t until_ms;
    struct net_timer *timer;
    bool working, complete, failed, looks, beyond;
    bool keeps;                /* the whole of it is wanted: radius */
    bool late;                 /* what more would have to be read was not: the time is over */
    bool closed[2];            /* no cloud, no cluster is open in which something may hang on it */
    bool partly;               /* some clusters in which it may are not open */
    /* the worker's while it works */
    atomic_int at;
    sem_t ended;
    char ns[256], profiles_dir[4096];
    struct snap **snap;
    size_t nsnaps;
    char *unseen;              /* for the words */
    struct blast_need need[NEEDS_MAX];
    size_t nneeds;
    struct str facts, conflicts;
    struct radius *radius;
    enum blast_verdict verdict;
    bool quorum_lost;
    uint64_t *red;             /* what it is red for but pods, as numbers in order */
    size_t nred;
    /* what was told, and is agreed to by who starts it */
    bool again, agreed_quorum;
    enum blast_verdict agreed;
    uint64_t *agreed_red;
    size_t nagreed;
    char *agreed_words;
};

bool op_blast_settled(const struct op_blast *b);
void op_blast_wait(struct op_blast *b);         /* for what is being read, so long as may be */
bool op_blast_round(struct op_blast *b);        /* the worker looks at what is read now; false: memory */
static inline const char *op_blast_acts_as(const struct op_step *st) { return st->as ? st->as : st->action->id; }
/* op_blast_watch.c: what is read; true: that is more than before */
bool op_blast_counts(const struct op_step *st);         /* is it looked at: will it be done, and is it known what that takes? */
bool op_blast_down(struct core *c, uint16_t source);    /* it does not answer now */
bool op_blast_watch(struct op_blast *b, uint16_t source, const char *kind, bool wide);
bool op_blast_watch_all(struct op_blast *b, const char *kind);
void op_blast_watch_target(struct op_blast *b, const struct op_step *st);
/* op_blast_unseen.c. N: "SOURCE words" a line, yours, NULL: all is seen; worker: in words */
char *op_blast_unseen(const struct op_blast *b);
void op_blast_say_unseen(const struct links *l, const char *lines, struct str *out);
/* op_blast_doubt.c */
void op_blast_doubt(struct op_blast *b, const struct links *l, struct mark *m, uint32_t node);     /* worker: into conflicts, "STEP TAB who TAB evidence" */
void op_blast_doubts_told(struct op *op, const struct op_blast *b);
/* op_blast_whole.c: what is made of a round, moved into b->radius; and when it is told, with what else is known, into the operation. */
void op_blast_keep(struct op_blast *b, struct links *l, struct blast *x, const uint32_t *node, const char *words, const char *unknown);      /* worker */
void op_blast_whole(struct op *op, struct op_blast *b);
/* op_blast_gate.c */
bool op_blast_reds(struct op_blast *b, const struct links *l, const struct blast *x);      /* worker; false: memory */
bool op_blast_agree(struct op_blast *b);        /* what it found is what was told. false: memory */

#endif
