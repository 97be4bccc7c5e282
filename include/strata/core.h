/*
 * Purpose:   the one face of core to tui/ and tests/: sources, feeds, fetches, logs, actions; events back.
 * Thread:    all functions from the thread that owns the core (ui); nothing blocks. Events are read there.
 * Ownership: strings in are copied. Events are moved to the caller: event_free().
 * Errors:    requests end in exactly one event with the id they returned (0 = could not be started: memory);
 *            feeds report through their snaps' status.
 * Units:     ms.
 */
#ifndef STRATA_CORE_H
#define STRATA_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/kind.h"
#include "strata/mbox.h"
#include "strata/options.h"
#include "strata/snap.h"

#define CORE_MAX_SOURCES 64

struct core;

enum source_state {
    SOURCE_CONNECTING,
    SOURCE_OK,
    SOURCE_DEGRADED,      /* answers, but something is wrong: err says what (an API of the cloud is down) */
    SOURCE_STALE,         /* answered once, does not now */
    SOURCE_FAILED,        /* cannot be used: bad config, auth, TLS */
};

struct source_info {
    uint16_t id;
    enum plane plane;
    char name[192];             /* context (cloud providers make long ones), or cloud, or cloud/region when there are several */
    char server[128];           /* URL without credentials */
    char region[64];            /* of a cloud; "" any */
    char user[64];              /* kubeconfig user or OpenStack user@project */
    char version[48];           /* v1.36.3; "Nova 2.93" */
    char scope[64];             /* default namespace, or project name / system */
    enum source_state state;
    struct err err;             /* why not OK */
    bool waiting;               /* err is no end: it says what is being waited for */
    int64_t latency_ms;         /* -1 unknown */
    int64_t last_ok_mono_ms;
    int64_t clock_offset_ms;    /* server minus local */
    int64_t clock_error_ms;     /* +/- */
    bool has_clock;
    int64_t expires_ms;         /* wall: token or client certificate ends; 0 unknown/never */
    bool read_only, protected_;
    uint64_t windows;           /* bit i: the i-th rule of the configuration that has windows holds for it */
};

/* Loads nothing by itself: options say which sources. Broken sources become SOURCE_FAILED, the rest works.
 * On success the net thread runs (or not: opt->single_thread, then call core_step). */
struct core *core_new(const struct options *opt, struct err *err);
void core_free(struct core *c);                       /* cancels all, joins, frees; pending events dropped */
void core_step(struct core *c, int max_wait_ms);      /* only with opt->single_thread */

/* Where configuration was looked for, and what is odd in it about the chosen sources (opt->all_problems: about any);
 * one clean sentence a line (borrowed, never NULL). */
const char *core_searched(const struct core *c);
const char *core_problems(const struct core *c);

int core_event_fd(const struct core *c);              /* poll for reading */

enum event_type {
    EV_SOURCES,     /* source list or a source's state changed: core_sources */
    EV_SNAP,        /* feed: new snapshot */
    EV_TEXT,        /* reply to core_fetch */
    EV_LOG,         /* lines of a log stream */
    EV_LOG_END,     /* the stream ended: err.code OK = at its end */
    EV_DONE,        /* an action ended */
    EV_NOTICE,      /* one line for the ticker; id: the request it is about, or 0 */
    EV_NAMES,       /* reply to core_complete */
    EV_FORWARD,     /* a port-forward listens, or a connection of it failed (forward.h) */
    EV_STREAM,      /* bytes of a stream (stream.h) */
    EV_STAGE,       /* the self-healing stage: a new picture of it (stage.h) */
    EV_PLAN,        /* reply to core_op_plan (ops.h): op is PLANNED, or REFUSED with err */
    EV_OPS,         /* operation id moved: op is its new picture; id 0, op NULL: one is not there any more */
    EV_OP_END,      /* operation id ended: op is its last picture, err why not well */
    EV_LEFT,        /* reply to core_ops_look: what earlier runs left unfinished */
    EV_GRAPH,       /* a new picture of how everything hangs together (graph.h): world_event takes it */
    EV_OTHERS,      /* reply to core_ops_others: what another strata has under way (left) */
};

struct log_line {
    uint32_t origin;            /* index into the stream's origins: "pod/container" */
    int64_t time_ms;            /* server's timestamp, CELL_NONE if none */
    char *text;                 /* clean, unless asked for as_sent */
    uint32_t len;
    bool note;                  /* strata's own word about the stream */
    bool more;                  /* as_sent: no end of line came after it (yet) */
};

struct event {
    struct msg link;
    enum event_type type;
    uint32_t id;                /* feed or request */
    uint16_t source;
    struct err err;
    struct snap *snap;          /* EV_SNAP: a reference for the receiver */
    char *text;                 /* EV_TEXT: clean, lines; EV_NOTICE, EV_DONE: one line */
    size_t len;
    enum health health;         /* EV_NOTICE */
    int64_t time_ms;            /* EV_NOTICE: wall */
    struct log_line *lines;     /* EV_LOG */
    size_t nlines;
    uint64_t lost;              /* EV_LOG: lines dropped before these because the reader was too slow (said, never silent) */
    void *backlog;              /* core's own */
    char **origins;             /* EV_LOG: NULL-terminated, when the set changed; else NULL */
    char **names;               /* EV_NAMES: NULL-terminated */
    struct stream *stream;      /* EV_STREAM (stream.h) */
    int stream_part;            /* EV_STREAM: enum stream_part */
    int exit_code;              /* EV_DONE of a stream: of its command, -1 unknown */
    struct stage_snap *stage;   /* EV_STAGE: a reference for the receiver */
    struct op_view *op;         /* EV_PLAN, EV_OPS, EV_OP_END: a reference for the receiver */
    struct graph *graph;        /* EV_GRAPH: a reference for the receiver; NULL: memory */
    struct op_left *left;       /* EV_LEFT, EV_OTHERS: the receiver may take it */
    size_t nleft;
};

struct event *core_next_event(struct core *c);        /* NULL when there is none */
void event_free(struct event *e);
/* Was an event lost for want of memory since the last call? (the event fd wakes for it, too) */
bool core_starved(struct core *c);

/* A copy of the current list; returns how many (<= max). */
size_t core_sources(const struct core *c, struct source_info *out, size_t max);

/* ---- feeds ---- */
/* Opens (or joins) the feed of a kind at a source. `kind`: any name the user may type, also of
 * discovered resources ("certificates", "certificates.cert-manager.io"). `ns`: namespace, or NULL/"" for all
 * (OpenStack: ignored). EV_SNAP events follow until core_close. Feeds of one (source, kind, ns) are shared;
 * a feed nobody looks at ends after a short while. */
uint32_t core_open(struct core *c, uint16_t source, const char *kind, const char *ns);
/* The feed of one object, which needs the right to get it and no other. `follow`: listed and watched by its name where
 * that is allowed, else asked again now and then. An object that is not there is an empty feed. Kubernetes only.
 * Or, name NULL, of those that a field selector ("status.phase=Running") names to the server. */
uint32_t core_open_some(struct core *c, uint16_t source, const char *kind, const char *ns, const char *name, const char *fields, bool follow);
void core_close(struct core *c, uint32_t feed);
void core_refresh(struct core *c, uint32_t feed);     /* ask now (polled kinds; watch kinds re-list) */
void core_set_idle(struct core *c, bool idle);        /* nobody types: polls slow down */

/* ---- one object ---- */
enum fetch_what {
    FETCH_DESCRIBE,     /* for reading: sections, conditions, events */
    FETCH_YAML,         /* as the server has it; without managedFields unless FETCH_MANAGED */
    FETCH_JSON,
    FETCH_CONSOLE,      /* server: console log */
    FETCH_ACTIONS,      /* server: instance actions with their events. FETCH_AS_SENT: lines of the newest: action, start, user by name or id; "" none; FETCH_ITEM: as JSON */
    FETCH_TOLL,         /* what deleting it takes with it, counted: one or more lines */
    /* Kubernetes workloads; core_rollout for one revision */
    FETCH_ROLLOUT_STATUS,   /* followed until it is done (EV_TEXT) or cannot be (its err); EV_NOTICE in between */
    FETCH_ROLLOUT_HISTORY,  /* a line for each revision; the template of one */
    FETCH_CONSOLE_URL,      /* server: the address of its screen; a secret for some minutes. FETCH_AS_SENT: that alone */
    FETCH_POD,              /* of a workload or service: the name of the pod that stands for it, ready if one is */
    FETCH_ROLLOUT_DIFF,     /* what changed from one (0: the one before the newest) to the newest */
    FETCH_STOCK,            /* hypervisor: Placement's inventories and usages, JSON */
    FETCH_FIT,              /* flavor: Placement's allocation candidates for a server of it, JSON */
};
#define FETCH_MANAGED 1u
#define FETCH_ITEM 2u       /* YAML, JSON: as the item of a list (list_emit_item) */
#define FETCH_AS_SENT 8u    /* for programs: FETCH_CONSOLE the server's bytes, not for a screen */
#define FETCH_SOURCE 4u     /* with FETCH_ITEM: the object says its source, as strata_source */
uint32_t core_fetch(struct core *c, const struct row *r, enum fetch_what what, unsigned flags);
uint32_t core_rollout(struct core *c, const struct row *r, enum fetch_what what, int64_t revision);
void core_cancel(struct core *c, uint32_t id);        /* request or log stream; its final event still comes */

/* The items of a list as the server sent them, for `get -o json|yaml`: the text between the brackets, so that several
 * sources make one list. Ends in EV_TEXT, whose err.msg with code OK says that other projects were not allowed.
 * selector (of labels) and fields may be NULL; flags: FETCH_SOURCE. */
uint32_t core_list(struct core *c, uint16_t source, const char *kind, const char *ns, const char *selector, const char *fields, bool yaml,
                   unsigned flags);
/* What an OpenStack API calls the list of a kind ("servers"); NULL: a Kubernetes kind, whose lists are a List of items. */
const char *core_list_key(const struct kind *k);

/* Names for completion: kinds (builtin and discovered) of a source -> EV_NAMES. */
uint32_t core_complete_kinds(struct core *c, uint16_t source);

/* ---- logs ---- */
struct log_request {
    const struct row *row;      /* a pod, or a workload (all its pods, followed as they come and go) */
    const char *selector;       /* not NULL: all pods with these labels in the row's namespace ("" = all), whatever its name */
    const char *container;      /* NULL = default container; "*" = all */
    bool follow, previous, timestamps;
    bool as_sent;               /* the server's bytes (and stamps, if asked for): not for a screen */
    int64_t tail;               /* lines, < 0 = all */
    int64_t since_s;            /* 0 = no limit */
};
uint32_t core_logs(struct core *c, const struct log_request *rq);

/* ---- ways into a pod (stream.h); what changes objects are operations (ops.h). The guard sits in core, no caller can go around it ---- */
struct action_request {
    const char *verb;           /* core_stream_verb(), "port-forward" */
    const struct row *row;      /* identity: source, kind, scope, name, uid */
    const char *typed;          /* what the user typed to confirm, NULL nothing: core compares it with core_wanted */
};
/* May this be done at all? Local, at once. */
enum err_code core_may(struct core *c, const struct action_request *rq, struct err *err);
/* What must be typed for it, "" nothing (appended to out). */
void core_wanted(struct core *c, const struct action_request *rq, struct str *out);

/* ---- doctor ---- */
/* Checks one source thoroughly; EV_TEXT with one line per check ("ok"/"warn"/"fail" TAB what TAB detail),
 * err.code != OK when something failed. */
uint32_t core_doctor(struct core *c, uint16_t source);

#endif
