/*
 * Purpose:   what the rows of actions on Nova's servers share: the table of what Nova allows when and what it promises, and the
 *            record that Nova keeps of each request (instance actions), by which its true end is known. A status alone says
 *            nothing where it was the same before.
 * Thread:    any (pure).
 * Ownership: all borrowed from the context.
 * Errors:    as of action.h.
 *
 * Rows that need more beside the server than the record: while c->seeing, side i of theirs is side i + nova_sides(c).
 */
#ifndef STRATA_OPS_NOVA_ACT_H
#define STRATA_OPS_NOVA_ACT_H

#include "core/ops/nova_node.h"

struct nova_rule {              /* of one action: words of vm_state and task_state stand between blanks */
    const char *id;             /* the row's */
    const char *key;            /* of the body POSTed to /servers/ID/action; NULL: its request is another */
    const char *record;         /* what Nova calls it in its instance actions */
    const char *from;           /* vm_states in which it is taken; NULL any */
    const char *tasks;          /* beside none; "*" any; NULL none */
    const char *to;             /* vm_states in which it ends; NULL: the row knows */
    const char *undo;           /* NULL: there is no way back */
    const char *words;          /* what the plan says of it; NULL nothing */
    enum fact_level level;
    unsigned flags;
};
#define NOVA_UNLOCKED 1u        /* goes through a lock */
#define NOVA_UNBORN 2u          /* also of a server that never started */
#define NOVA_EACH 4u            /* a server that is there already is refused, not "already" */
#define NOVA_ENDS 16u           /* ends what another action began: asked for where nothing was begun it is refused, as Nova does (409) */
#define NOVA_TAKES 8u           /* what runs on it ends or halts: told of the cluster whose node it is */

const struct nova_rule *nova_rule(const char *id);      /* NULL: not of Nova's servers */

/* ---- the server ---- */
const char *nova_vm(const json_t *server);              /* vm_state; made of the status where the cloud does not show it */
const char *nova_task(const json_t *server);            /* "" none */
const char *nova_host(const json_t *server);            /* "" not shown to this user */
bool nova_in(const char *words, const char *word);
bool nova_same_host(const char *said, const char *host);        /* equal, or `said` is the first label of it */
bool nova_has(const struct act_ctx *c, const char *microversion);       /* the cloud offers it, or nobody knows */
bool nova_moved(const struct act_ctx *c);               /* to another host than before the request; hostId where hosts are hidden */
int64_t nova_time(const json_t *o, const char *path);   /* ms; CELL_NONE */
bool nova_ours(const struct act_ctx *c, int64_t ms);    /* may that moment be one of our request? */
/* What stands beside the server under that key of the answer ("instanceAction", "migrations"); NULL none. */
const json_t *nova_beside(const struct act_ctx *c, const char *key);

/* ---- building ---- */
/* By the rule and the state: SEND, ALREADY, or REFUSED with words. Says what the rule says. */
enum act_verdict nova_may(const struct act_ctx *c, struct act_facts *f);
/* POST .../action {key: arg}; takes arg (NULL = null). */
enum act_verdict nova_post(const struct act_ctx *c, struct act_req *rq, const char *microversion, json_t *arg);
enum act_verdict nova_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f);   /* both, without argument */
void nova_say_disks(const struct act_ctx *c, struct act_facts *f, bool lost);    /* root disk and volumes, what becomes of them */

/* ---- seeing ---- */
bool nova_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion);
size_t nova_sides(const struct act_ctx *c);
enum nova_record { RECORD_UNKNOWN, RECORD_GOING, RECORD_DONE, RECORD_ERROR };
enum nova_record nova_record(const struct act_ctx *c, struct str *why);  /* why: of an error; else what it is at */
enum act_seen nova_seen(const struct act_ctx *c, struct str *why);       /* by the rule */
/* Not there any more, in ERROR, or the record says so: FAILED with words; else WAIT with words. */
enum act_seen nova_failed(const struct act_ctx *c, struct str *why);
enum act_arrived nova_arrived(const struct act_ctx *c);
const char *nova_undo(const struct act_ctx *c, struct str *args);

/* Does the rule take it in the state that the row shows? */
bool nova_fits(const struct action *a, const struct row *r);

#define NOVA_ROW(name, did, sentence) .id = name, .past = did, .kinds = nova_servers, .help = sentence, .plane = PLANE_OPENSTACK, .side_source = nova_node_source
extern const char *const nova_servers[];

#endif
