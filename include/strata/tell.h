/*
 * Purpose:   the links and the root cause in words, the same for batch mode and the cockpit.
 * Thread:    any (pure).
 * Ownership: texts are appended to out, which says when memory is out.
 */
#ifndef STRATA_TELL_H
#define STRATA_TELL_H

#include "strata/blast.h"
#include "strata/layers.h"
#include "strata/why.h"

/* Which object a place of the words names, in the order of the words. */
struct told_of { size_t at; uint32_t node; };
struct told { struct told_of *of; size_t n, cap; };

struct tell {
    const struct links *l;
    const struct source_info *(*source)(void *arg, uint16_t id);      /* NULL: not known any more */
    void *arg;
    /* The newest instance action of a server (FETCH_ACTIONS as sent); false: not known (yet). NULL: nobody can be asked. */
    bool (*newest_action)(void *arg, const struct row *server, char *buf, size_t size);
    /* Who cordoned a node, scaled a workload (set_by.h); false: not known. NULL: nobody can be asked. */
    bool (*set_by)(void *arg, const struct row *node, char *buf, size_t size);
    struct core *core;                  /* which saw changes while it ran; NULL: nobody did */
    const struct why_world *why;        /* made already; NULL: made when it is told */
    const struct layers *layers;
    bool partial;                       /* not all is seen: nothing is said of all */
    char *const *args; size_t nargs;    /* a blast radius: options of its action, "force=true" */
    const uint16_t *chosen;             /* a blast radius: the entry at which its object was chosen, as the dialog names it; NULL: the one that speaks for its cloud */
    bool each;                          /* a blast radius: each of what is harmed, not those that are alike once */
    bool whole;                         /* the words of a state uncut; a blast radius: each with all evidence */
    struct told *told;                  /* which objects are named where is kept here, released by told_release; NULL: not wanted */
};
/* ": cordoned since 5m by ..."; nothing for what is no node or takes pods. */
void tell_cordon(const struct tell *t, const struct row *r, const char *lead, struct str *out);
/* A stop that was asked for after its node was gone is not why the node went, and one of a server that a node is by a guess takes no
 * alarm of the node away: the cause as it is to be told ends at the node. That one in *cut, or c itself. Every cause that is shown goes through this, all that is below takes what it gives. */
const struct why_cause *tell_cut(const struct tell *t, const struct why_cause *c, struct why_cause *cut);
/* The state of a cause, where its actions tell whether it was meant; words: how it is known, appended to (NULL: not wanted). */
enum why_state tell_state(const struct tell *t, const struct why_cause *c, struct str *words);
/* The newest action of a server, taken apart; false: not known. ms: when it began, CELL_NONE not known; user "": nobody's. */
struct tell_action { char line[400]; const char *user; int64_t ms; };
bool tell_action(const struct tell *t, const struct row *server, struct tell_action *a);
/* Since when a cause is, as far as the data tell, CELL_NONE. And of a row of a chain, ", since 5m", or when it was heard of or read;
 * nothing where its words have a time. */
int64_t tell_since(const struct tell *t, const struct why_cause *c);
void tell_age(const struct tell *t, uint32_t node, struct str *out);
/* Where no API tells it: since strata itself saw it turn bad, by the clock of its source, not before that; CELL_NONE: it did not. */
int64_t tell_seen_since(const struct tell *t, const struct row *r);
/* How many causes explain how many red rows, and how many more are explained by what was meant. t->why is needed. */
struct tell_sum { size_t causes, red, planned, planned_red; bool rough; };
void tell_sum(const struct tell *t, struct tell_sum *s);
void tell_sum_words(const struct tell_sum *s, struct str *out);        /* "13 causes explain 24 red rows; 1 planned explains 3" */
size_t tell_order(const struct tell *t, size_t *order);      /* places in t->why, what was meant last; how many */
const char *tell_state_word(enum why_state s);               /* one word of a list */
/* The same of a cause: "perhaps" where that is all that is known. "14 of 17 services that need it fell silent within 4 s: perhaps
 * statefulset rabbitmq", r being the cause; nothing where it is no such guess. And what to look at next, a command. */
const char *tell_cause_word(const struct tell *t, const struct why_cause *c);
void tell_shared(const struct why_cause *c, const struct row *r, struct str *out);
void tell_next(const struct tell *t, const struct why_cause *c, struct str *out);
/* "4 red rows, 31 more not well" after lead; nothing where it explains itself alone. */
const struct why_cause *tell_of_all(const struct tell *t, const struct why_cause *c);
void tell_weight(const struct tell *t, const struct why_cause *c, const char *lead, struct str *out);
/* "12 ports, 9 servers" that hang on an agent that is dead, after lead; false and nothing: none, or it is no such agent. */
/* The same in words: "; endangers 12 ports", "; leaves 2 routers without it" of one that is disabled. */
void tell_risk(const struct tell *t, uint32_t node, struct str *out);
bool tell_endangered(const struct tell *t, uint32_t node, const char *lead, struct str *out);
void tell_contradiction(const struct tell *t, uint32_t node, const char *lead, struct str *out);      /* what it is by which rules */
/* "cannot see beyond server of demo: 503, since 02:11:07Z"; nothing where all is read. */
void tell_hidden(const struct tell *t, uint32_t node, const char *lead, struct str *out);
void tell_api(const struct tell *t, const struct why_cause *c, const char *lead, struct str *out);    /* the API that goes down with it */
/* How many of the rows it explains are a guess, and how many red ones end where its lists are not read; nothing where none. */
void tell_dark(const struct why_cause *c, const char *lead, const char *next, struct str *out);
void tell_last(int64_t mono_ms, struct str *out);            /* ", since 02:11:07Z", when it was last read; nothing for 0 */
/* When its list was current for the last time (mono), as far as its server answered; and of a row that is not read any more, 0 else. */
int64_t tell_answered(const struct tell *t, const struct snap *s);
int64_t tell_old(const struct tell *t, uint32_t node);
/* "seen 4m ago: HTTP 503, ..., since 02:11:07Z" after lead, of a row that is not read any more; false, and nothing: it is. */
bool tell_seen(const struct tell *t, uint32_t node, const char *lead, struct str *out);
bool tell_hidden_at(const struct tell *t, uint32_t node, const char *lead, struct str *out);      /* tell_hidden, of that row alone; false: nothing */
/* The APIs of a cloud that are down: "network API is down, refused the connection"; false: none. */
bool tell_apis_down(const struct tell *t, uint16_t cloud, struct str *out);
/* What could not be looked at, a line each: "  cannot see beyond server of demo: ..."; one such list; and no cloud at all. */
void tell_unseen(const struct tell *t, const struct why *w, struct str *out);
void tell_unseen_list(const struct tell *t, const struct snap *s, struct str *out);
void tell_no_cloud(struct str *out);
void tell_about(const struct tell *t, const struct row *r, const struct str *out);       /* what follows in out names it */
uint32_t told_node(const struct told *told, size_t from, size_t to);         /* the first one named between these places; LINK_NO_NODE none */
void told_release(struct told *told);
const char *tell_source(const struct tell *t, const struct row *r);   /* its name, "" not known */
int64_t tell_now_ms(const struct tell *t, const struct row *r);       /* the wall clock of its source */
void tell_row(const struct tell *t, const struct row *r, struct str *out);        /* "pod shop/web-0 (mgmt)" */
void tell_says(const struct tell *t, const struct row *r, struct str *out);       /* the same, and the words of its state */
/* What it hangs on and what hangs on it, a line each with the evidence. false: memory. */
bool tell_links(const struct tell *t, uint32_t node, struct str *out);
/* Why it is red, the likeliest cause first; and what explains all that is red, at most `shown` causes. false: memory. */
bool tell_why(const struct tell *t, uint32_t node, struct str *out);
bool tell_causes(const struct tell *t, size_t shown, struct str *out);
/* The other contexts or entries of clouds.yaml that lead to the same, by how that is known: "viewer (the same objects)". 0: none,
 * else 1; out may be NULL. */
size_t tell_also(const struct tell *t, uint16_t source, struct str *out);
/* Rows of that layer that are red, with servers that nobody stopped: they say no more than that they are off. t->why is needed for those. */
size_t tell_layer_red(const struct tell *t, const struct layer *y);
/* Does the cause lie there, or explain what is red there? */
bool tell_layer_has(const struct tell *t, const struct layer *y, const struct why_cause *c);
/* The first of these in the list of all causes, where anything is red; NULL none. t->why is needed. */
const struct why_cause *tell_layer_cause(const struct tell *t, const struct layer *y, struct why_cause *cut);     /* as tell_cut has it */
bool tell_layers(const struct tell *t, struct str *out);     /* who runs on whom, the uppermost first */
/* What an action on them together would take with it: x made, and its words (out NULL: none). false: memory. */
bool tell_blast(const struct tell *t, const char *action, const uint32_t *node, size_t n, struct blast *x, struct str *out);
/* What is harmed, without the line above it. more: what the graph cannot tell, lines. */
void tell_blast_words(const struct tell *t, const struct blast *x, const char *more, struct str *out);
/* tell_radius.c: the same of an action as its plan found it (op_request.look), with what else the plan says. t->l is not looked at; told
 * names nodes of the radius. And how it ends: what is not known is not green. */
struct op_view;
void tell_radius(const struct tell *t, const struct op_view *v, struct str *out);
enum blast_verdict tell_radius_verdict(const struct op_view *v);
const char *why_state_name(enum why_state s);
/* The edge between two rows of a chain, whichever way it goes; at: where it begins. false: by a selector. */
bool tell_edge(const struct links *l, uint32_t from, uint32_t to, struct link_edge *out, uint32_t *at);

#endif
