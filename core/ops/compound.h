/*
 * Purpose:   an action of many steps (a drain). Its row is one pure function, drive(): it looks at the target and what stands
 *            beside it (action.side), both just read, and at its steps, and says which may run now and whether it is over. The
 *            engine (compound.c) reads, runs the steps as it runs any, and asks again when one ended and about every second.
 *            A step may be such an operation itself: it is planned with its target, so it is added while planning.
 * Thread:    any (pure); called on the net thread.
 * Ownership: what the row gets is borrowed for the call; what it says is copied.
 * Errors:    while planning a FACT_REFUSED; later SEEN_FAILED with one sentence. Steps under way are always followed to their end.
 */
#ifndef STRATA_OPS_COMPOUND_H
#define STRATA_OPS_COMPOUND_H

#include "core/ops/action.h"

/* A step as the row sees it. Rows of the table do the work: "evict" of "pods". */
struct op_kid {
    const char *action, *kind, *scope, *name, *uid;         /* kind: in the singular */
    enum step_state state;          /* WAITING until started; READING, SENDING, WATCHING under way; else ended */
    const char *note;               /* how it stands or ended, in words; "" none */
    int64_t began_mono_ms, ended_mono_ms;   /* 0 = not yet */
    int status;                     /* HTTP status of the answer that refused it, 0 none */
    bool earlier;                   /* done, or begun, by an earlier run of strata */
    bool unseen;                    /* its answer was lost, and nothing of it is to be seen: it may be asked for again */
    const json_t *answer;           /* and its body; NULL none */
    int64_t retry_after_ms;         /* as the answer asked; -1 not */
    int64_t mark;                   /* the row's own, 0 at first; may be written */
};
static inline bool op_kid_busy(const struct op_kid *k) { return k->state == STEP_READING || k->state == STEP_SENDING || k->state == STEP_WATCHING; }
static inline bool op_kid_well(const struct op_kid *k) { return k->state == STEP_DONE || k->state == STEP_ALREADY; }

struct op_kid_new {
    const char *action, *kind, *scope, *name, *uid;
    const char *source;             /* its name; NULL: the target's */
    const struct op_arg *args;
    size_t nargs;
    const char *about;              /* words behind its name in the plan; NULL none */
    bool stays;                     /* is not taken back with the operation */
    bool tidies;                    /* is done although the operation is canceled */
    bool first;                     /* done for all targets before anything else of any of them begins */
    bool data;                      /* what it keeps on its node is lost with it, as its target's options say it may */
    const char *held;               /* goes only by leave of that one (a budget, a set's majority), so many of its at a time; NULL */
    int64_t allowed;
};

struct op_drive;
struct op_drive_ops {               /* what the row may say */
    /* Becomes kid[nkids - 1], or is one already: what an earlier run of strata had stands where it stood, ended, under way or
     * waiting, also while it is planned. false: memory, or too many. */
    bool (*add)(struct op_drive *d, const struct op_kid_new *kid);
    void (*start)(struct op_drive *d, size_t i);
    void (*again)(struct op_drive *d, size_t i);                       /* an ended one waits for its start again */
    void (*skip)(struct op_drive *d, size_t i, const char *words);     /* a waiting one is not needed any more */
    void (*note)(struct op_drive *d, size_t i, const char *words);     /* why it waits */
};
struct op_drive {
    const struct op_drive_ops *ops;
    struct act_ctx c;               /* target and sides; c.before: as it was when it began, NULL while planning */
    struct act_facts *facts;        /* while planning; NULL later */
    struct op_kid *kid;
    size_t nkids;
    const struct op_kid *other;     /* steps of the other targets of the operation */
    size_t nothers;
    int64_t mono_ms, began_mono_ms; /* now; when it was started */
    int64_t canceled_mono_ms;       /* 0: it is not */
    bool goes_back;                 /* what it did is taken back when it is canceled */
    bool canceling;                 /* ACTION_TIDIES: only steps that tidy; DONE: nothing is left half done; FAILED: what is
                                     * under way is not followed any longer; why says what is where */
};

#endif
