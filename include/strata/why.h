/*
 * Purpose:   root cause: from a row that is not well down to the deepest thing that explains it, with the evidence of each hop.
 * Thread:    any (pure, over an immutable graph).
 * Ownership: open structs; struct why_world owns its list, free with why_world_free.
 * Errors:    false when memory is out.
 * Source:    README, "How the layers hang together".
 */
#ifndef STRATA_WHY_H
#define STRATA_WHY_H

#include "strata/links.h"

/* What a row says of itself. STOPPED: it is off, and the row does not tell who turned it off; PLANNED: somebody said so.
 * CONTRADICTS: rules say that it is two things; DANGLING: it is well, and what it names is not there. */
enum why_state { WHY_FINE, WHY_PLANNED, WHY_WEAK, WHY_UNSEEN, WHY_STOPPED, WHY_BROKEN, WHY_CONTRADICTS, WHY_DANGLING };

#define WHY_DEPTH 14
#define WHY_CAUSES 3
#define WHY_UNSEEN_LISTS 8

/* What many agents need fell silent with: so many of all that need it, from then on, within so long. silent 0: it is no such guess. */
struct why_shared { size_t silent, of; int64_t from_ms, within_ms; };

enum why_cut { WHY_WHOLE, WHY_STOPPED_AFTER, WHY_STOPPED_PERHAPS };     /* after it was gone; or that it is its server is a guess */
struct why_cause {
    uint32_t hop[WHY_DEPTH];        /* from the symptom down to the cause */
    size_t n;
    uint8_t cls;                    /* the weakest link of the chain, enum link_class; LINK_A for the symptom itself; of all that is red: of
                                     * the surest chain from something else, where there is one */
    uint8_t state;                  /* of the cause */
    size_t explains;                /* rows that are not well and hang on it, the symptom among them; of all that is red: the red ones */
    size_t more;                    /* of all that is red: other rows that are not well and hang on it */
    size_t against;                 /* rows that hang on it, are fresh and well */
    uint32_t api;                   /* of all that is red: the API that it takes down, */
    size_t hides;                   /* and how many lists are not read; 0 none */
    int64_t since;                  /* of all that is red: why_since of the cause */
    int score;
    uint8_t cut;                    /* enum why_cut: what lies below it was stopped, and that is not why (tell_cut): */
    uint32_t below;                 /* this */
    bool guess;                     /* between the last two hops lies a list that is not read: the last one may be what is beyond it; or: */
    struct why_shared shared;       /* it looks well, and may be why agents that need it fell silent together */
    bool hides_guess;               /* of all that is red: that it takes the API down is such a guess */
    size_t own;                     /* of all that is red: so many of it are the workload that the cause is, or is a pod of */
    size_t apis;                    /* of all that is red: so many of it are APIs of a catalog */
    size_t guessed;                 /* of all that is red: so many of what it explains are */
    size_t dark;                    /* of an API: so many red rows end where its lists are not read */
    size_t by_class[LINK_X];        /* of all that is red: how much else it explains, by the weakest link of each chain */
    uint64_t layers;                /* of all that is red: bit i: some of it is of the cluster or cloud i (links_cluster) */
};

struct why {
    uint8_t state;                  /* of the symptom */
    struct why_cause cause[WHY_CAUSES];     /* the likeliest first */
    size_t n;                       /* 0: nothing is wrong with it or below it, */
    const struct snap *unseen[WHY_UNSEEN_LISTS];        /* as far as these lists of what it hangs on would tell, the graph's */
    size_t nunseen;
    bool no_cloud;                  /* and why_no_cloud of one of its nodes */
};
bool why_make(struct why *out, const struct links *l, uint32_t node);
/* Of what is well: what it hangs on that is gone, and that it works without for now: who manages it, wires it, gives it its address. */
bool why_below(struct why *out, const struct links *l, uint32_t node);

/* All that is red, and what explains it. */
struct why_world {
    struct why_cause *cause;        /* hop[n-1] is the cause, hop[0] one of what it explains; most explained first, then the newest, of these the lowest layer */
    size_t n;
    size_t red;                     /* rows that are broken */
    bool rough;                     /* there was too much for one sweep: the last ones stand as causes of their own */
};
bool why_all(struct why_world *out, const struct links *l);
void why_world_free(struct why_world *w);

enum why_state why_state_of(const struct row *r);
bool why_rolling(const struct row *r);         /* a workload that rolls out a change */
int64_t why_onset(const struct row *r);        /* since when, wall clock of its server; CELL_NONE: it does not say */
/* The same for who reads: also when it was last heard of, or changed. */
int64_t why_since(const struct row *r);
/* What explains most of what is red, as it is in why_world; NULL: it explains nothing red. */
const struct why_cause *why_world_find(const struct why_world *w, uint32_t cause);
/* Do rules contradict each other about what it is? And which list is not read that must hold what it names, or itself is old; NULL none. */
bool why_contradicts(const struct links *l, uint32_t node);
const struct snap *why_hidden(const struct links *l, uint32_t node);
/* The server that the providerID of a node names, the volume of Cinder that a persistent volume is, and that is not in the cloud its
 * cluster runs on, which is seen whole; false: it is there, or cannot be known. id has room for WHY_ID. Is that all that is wrong with
 * it, and not on its way out? And in words after lead: "its providerID names server 3f99..., which is not there". */
#define WHY_ID 40
bool why_absent(const struct links *l, uint32_t node, char *id);
bool why_dangles(const struct links *l, uint32_t node);
bool why_absent_words(const struct links *l, uint32_t node, const char *lead, struct str *out);
/* Do Kubernetes, Nova and Cinder agree where a persistent volume or a volume is attached, and is it but one? ELSEWHERE: they do, and a
 * pod waits for it on another node. In words for "it is", after nothing; out may be NULL. */
enum why_attach { ATTACH_AGREED, ATTACH_ELSEWHERE, ATTACH_CONFLICT };
enum why_attach why_attached(const struct links *l, uint32_t node, struct str *out);
size_t why_hides(const struct links *l, uint32_t node);    /* of an API: so many lists of its cluster or cloud are not read */
bool why_blind(const struct links *l);         /* there are such lists, or no cloud at all */
bool why_no_cloud(const struct links *l, uint32_t node);   /* a node that names a server of OpenStack, and no cloud is open that may have it */
/* "NotReady", "SHUTOFF, power Shutdown": the words of a row that tell its state; and what to look at next, a command. */
void why_words(const struct row *r, int64_t now_ms, struct str *out);
/* Of an agent that is dead: what that means for what hangs on it; "" of anything else. */
const char *why_means(const struct row *r);
bool why_words_dated(const struct row *r);     /* do those words have a time? */
void why_words_whole(const struct row *r, int64_t now_ms, struct str *out);     /* for programs: long ones are not cut */
void why_next(const struct row *r, const char *source, struct str *out);

#endif
