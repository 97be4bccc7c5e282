/*
 * Purpose:   batch mode: the verbs of the command line through the same core as the cockpit.
 * Thread:    main.
 * Ownership: struct batch lives in batch_main; rows are borrowed while their view stands.
 * Errors:    to stderr, one sentence each; the exit status is one of enum batch_exit.
 */
#ifndef STRATA_TUI_BATCH_H
#define STRATA_TUI_BATCH_H

#include <stdio.h>

#include "strata/core.h"
#include "strata/view.h"

enum batch_exit {
    EXIT_OK = 0,
    EXIT_FAILED = 1,      /* a server or source failed, or only a part of what was asked for could be shown */
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,   /* a named object is not there */
    EXIT_REFUSED = 4,     /* the guard or the user said no */
    EXIT_UNSURE = 5,      /* sent, but whether it was done could not be seen */
    EXIT_CANCELED = 6,    /* canceled: not all of it was done */
    EXIT_YELLOW = 7,      /* blast: asks for a look */
    EXIT_RED = 8,         /* blast: what users have is lost */
};

#define BATCH_MAX_FEEDS 64

struct batch {
    const struct options *opt;
    struct core *core;
    struct source_info info[CORE_MAX_SOURCES];
    size_t ninfo;
    bool told[CORE_MAX_SOURCES];               /* what it waits for was said */
    int rc;                                    /* the worst so far */
    bool for_reader;                           /* --watch, -f: nothing but printing is left to do, it ends with its reader */
    /* the feeds of one kind */
    const char *kind_name;
    uint32_t feed[BATCH_MAX_FEEDS];
    bool settled[BATCH_MAX_FEEDS];
    uint16_t feed_source[BATCH_MAX_FEEDS];
    size_t nfeeds;
    bool unsure;                               /* a feed failed or is partial: what is not there may be there */
    struct view *view;
    int signal_fd;                             /* > 0: ctrl-c is told by a NULL event and counted */
    unsigned signals;
    int64_t termed_ms;                         /* monotonic: the last TERM that was counted */
    char debugger[64];                         /* the container that debug -it joins; "" none */
    bool named;                                /* the objects stand on the command line: their names are typed */
    struct event *journal;                     /* once it was asked for who did what */
    struct newest *newest;                     /* what servers did last, as far as it was asked: batch_world.c */
    bool acts;                                 /* who may not list the kind is left out where others show it, and named */
    struct { uint16_t source; struct err err; } left[CORE_MAX_SOURCES];
    size_t nleft;
    bool blind_ok, blind;                      /* who may not read an object may still do it: not an error, but noted */
};

/* The whole of batch mode: the exit status. */
int batch_main(const struct options *opt);

/* batch_ask.c: right before a question: what was typed before it could be read is no answer to it. */
void batch_forget_typed(void);
bool batch_answer(char *answer, size_t size);               /* a line, "" and false: the input has ended */

/* "what: sentence" to stderr; remembers the exit status (EXIT_OK: a note). */
void batch_error(struct batch *b, enum batch_exit rc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same of what was to be done: the server that refuses it is 4. */
void batch_report_act(struct batch *b, const struct err *err);
void batch_report(struct batch *b, const struct err *err, const char *what);

/* Does another entry of the same cloud, or context of the same cluster, show the same thing? */
bool batch_one_thing(const struct batch *b, const struct row *x, const struct row *y);
/* Of what was opened to be acted on: who is left out is told. false: all are, which is an error. */
bool batch_left_told(struct batch *b);

/* Next event, waiting; NULL when it cannot wait (said), or the reader of a --watch or -f is gone. EV_SOURCES is taken care of. event_free it. */
struct event *batch_event(struct batch *b);
struct event *batch_event_until(struct batch *b, int64_t end_mono_ms);   /* NULL also when the time is over */
/* The end of a request: waits for the event of that id (others are dropped). */
struct event *batch_wait(struct batch *b, uint32_t id);
/* Beside --all, which is what is looked at, a context or cloud that is named says where the object is. */
bool batch_chosen(const struct batch *b, enum plane plane, const char *source);
const struct source_info *batch_source(const struct batch *b, uint16_t id);
int64_t batch_now(const struct batch *b, uint16_t source);    /* server's wall clock, ms */

/* Opens the feeds of a kind at every source of its plane, for -n / -A, and waits until each is complete or failed
 * (failures are reported). false: nothing could be opened. */
bool batch_open(struct batch *b, const char *kind);
/* The same for some objects by their names: each is got, not looked for in a list that may not be allowed or be long.
 * Of what is not found by name and looks like a uid, or has no one place, the list is read. */
bool batch_open_named(struct batch *b, const char *kind, char *const *names, size_t n);
void batch_close(struct batch *b);                            /* its rows are gone with it */
bool batch_snap(struct batch *b, struct event *e);            /* EV_SNAP into the view; true when a feed settled */
/* Finds a row by name (or id) among the opened; NULL after having reported. */
const struct row *batch_find(struct batch *b, const char *name);

/* batch_args.c */
/* The first of "KIND/NAME KIND/NAME..." that is of another kind than the first; NULL: all are of one. */
const char *batch_other_kind(const struct strlist *args);
/* Writes "KIND NAME..." into o->args, and the words of an action (act) into o->action_args; names and args hold what is new. */
bool batch_args(struct options *o, bool act, struct strlist *names, struct strlist *args);
/* Of `verb`'s words alone, which stand among the names ("app=web" of label): into o->action_args. */
bool batch_arg_words(struct options *o, const char *verb, struct strlist *names, struct strlist *args);

/* batch_print.c */
struct table_layout;
struct table_layout *layout_new(const struct batch *b, const struct kind *k, bool wide, bool scope);
void layout_fit(struct table_layout *l, const struct row *r, int64_t now_ms);
void layout_header(const struct table_layout *l);
void layout_row(const struct table_layout *l, const struct row *r, int64_t now_ms);
void layout_free(struct table_layout *l);
/* l NULL: all columns. */
bool layout_same(const struct table_layout *l, const struct row *a, const struct row *b);
void print_cells(const struct batch *b, const struct row *r, const char *event);   /* event: "deleted" or NULL */
/* -o json|yaml: one list, whatever number of sources and namespaces it comes from. Begun by its first items, also none. */
struct list_out { bool yaml; const char *key; /* NULL: kubectl's List */ bool begun; size_t parts; };
void list_out_items(struct list_out *l, const char *text, size_t len);
void list_out_end(const struct list_out *l);
void print_text(const char *text, size_t len);                /* to stdout, checked for write errors */
bool write_ok(void);

/* verbs */
void batch_get(struct batch *b);
void batch_describe(struct batch *b);
void batch_logs(struct batch *b);
void batch_console_url(struct batch *b);
void batch_heal(struct batch *b);
void batch_doctor(struct batch *b);
void batch_exec(struct batch *b);
void batch_attach(struct batch *b);
void batch_cp(struct batch *b);
/* "NS/POD:PATH" says the namespace: into o, kept in ns. false: what was given is no copy, said. */
bool batch_cp_where(struct batch *b, struct options *o, struct strlist *ns);
void batch_port_forward(struct batch *b);
/* batch_stream.c, for the verbs about one pod: the pod the first argument names; what has to be typed. NULL, false: said. */
const struct row *batch_pod(struct batch *b);
/* Joined to this terminal until it ends; container NULL: the default one; command: of an exec. */
void batch_join(struct batch *b, int kind, const struct row *pod, const char *container, const char *const *command);
/* batch_debug.c: -it and what stands behind "--", before the action is made of them (false: said); and when it went well. */
bool batch_debug_args(struct batch *b, struct options *o, struct strlist *args);
void batch_debug_join(struct batch *b, const struct row *pod);
bool batch_typed(struct batch *b, const struct action_request *a, char *typed, size_t size);
void batch_links(struct batch *b);
void batch_blast(struct batch *b);
void batch_why(struct batch *b);
void batch_layers(struct batch *b);
void batch_timeline(struct batch *b);
void batch_capacity(struct batch *b);
void batch_stack(struct batch *b);
/* batch_world.c: all that the links speak of, read once (NULL: said); t: its graph and how it is told. Each row of a name or uid, in the
 * namespaces that were named if any were; none is said. And its end: what was written goes to stdout, what could not be seen to stderr;
 * out is released. */
struct world;
struct tell;
struct links;
struct world *batch_world(struct batch *b, struct tell *t);
void batch_tell(struct batch *b, struct tell *t);             /* how it is told, without a graph */
bool batch_each_node(struct batch *b, const struct links *l, const struct kind *k, const char *name, void (*fn)(void *arg, uint32_t node), void *arg);
/* Prints it, then to stderr what could not be seen: that failed. told: it is part of what was told, and its verdict counts. */
/* batch_refused.c: the kind of that name, NULL: said why not; said that none of that name is there, or may be seen. */
const struct kind *batch_world_kind(struct batch *b, const struct links *l, const char *verb, const char *name);
bool batch_not_found(struct batch *b, const struct links *l, const struct kind *k, const char *name);    /* false: nobody shows that kind */
void batch_world_end(struct batch *b, struct world *w, struct str *out);
void batch_world_told(struct batch *b, struct world *w, struct str *out);
void batch_audit(struct batch *b);
void batch_ops(struct batch *b);
/* What is gone on with opens its own contexts and clouds, beside those that were named; the lists hold them. false: said. */
bool batch_ops_sources(struct batch *b, struct options *o, struct strlist *contexts, struct strlist *clouds);
void batch_edit(struct batch *b);
void batch_apply(struct batch *b);
void batch_act(struct batch *b);              /* any action: batch_targets.c */
enum err_code batch_filter(struct batch *b, struct err *err);      /* batch_get.c: -l and --filter onto the opened view */

/* batch_act.c: an operation from the end of its plan (EV_PLAN of this id) to its own end, asking in between. */
struct op_view;
void batch_op(struct batch *b, uint32_t id);
void batch_op_planned(struct batch *b, uint32_t id, struct event *plan);      /* the same with the EV_PLAN, which it frees */
void batch_print_plan(struct batch *b, const struct op_view *v, FILE *to);
void json_text(struct str *s, const char *key, const char *value);       /* batch_print.c: a member of the object that is open */
void batch_print_op_json(const struct op_view *v);
/* batch_object.c: one cluster and one namespace: a name says all. Fills r but for the name. */
bool batch_one_place(const struct batch *b, const struct kind *k, struct row *r);
void batch_rollout(struct batch *b);

/* From here on ctrl-c, TERM and HUP are a NULL event and counted in b->signals. false: they end the program as ever. */
bool batch_catch(struct batch *b);

#endif
