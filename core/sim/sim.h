/*
 * Purpose:   the demo cloud strata-sim: one process, one thread. A world is several realms; a realm (struct sim) is one
 *            simulated API: a Kubernetes cluster (TLS) or the OpenStack cloud, with its own endpoint, its own store of
 *            versioned JSON objects and its own streams. The world has the timers that make it live, and the faults.
 * Thread:    one; nothing here locks.
 * Ownership: json_t given to reply_json, store_put and jt("%j") is taken over.
 * Errors:    out of memory ends the program: it holds nothing that matters.
 * Units:     ms.
 */
#ifndef STRATA_SIM_H
#define STRATA_SIM_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <microhttpd.h>

#include "strata/str.h"

struct world;
struct sim;
struct req;
struct stream;
struct nova;

/* ---- util.c ---- */
void *sim_alloc(size_t n);                                     /* zeroed; never NULL */
void *sim_grow(void *p, size_t *cap, size_t need, size_t size);
char *sim_strdup(const char *s);
char *sim_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *jdump(json_t *o);                                        /* compact text; takes o over */
const char *jstr(const json_t *o, const char *path);           /* "a.b.0.c"; "" when it is not a string there */
int64_t jint(const json_t *o, const char *path);
json_t *jat(const json_t *o, const char *path);                /* borrowed or NULL */
void jset(json_t *o, const char *path, json_t *v);             /* makes objects on the way; takes v over */
const char *stamp(int64_t wall_ms, char buf[32]);              /* 2026-01-02T03:04:05Z */
int64_t stamp_ms(const char *text);                            /* -1 when it is none; also with fractions and offsets */
void uuid4(struct sim *s, char out[37]);
void hex_id(struct sim *s, char *out, size_t n);               /* n hex digits and NUL */
uint64_t sim_rand(struct sim *s);
const char *suffix5(struct sim *s, char out[6]);               /* like generateName */

/* ---- jt.c ---- */
char *sim_base64(const void *data, size_t n);
/* JSON from a template in single quotes: %s string (NULL = null), %i int, %l int64_t, %b bool, %j json_t (taken over). */
json_t *jt(const char *tmpl, ...);

/* ---- loop.c: timers and the HTTP daemons ---- */
enum side { SIDE_KUBE, SIDE_OSTK };
typedef void sim_fn(struct sim *s, void *arg);
void sim_after(struct sim *s, int64_t ms, sim_fn *fn, void *arg);
bool sim_listen(struct sim *s);                                /* first time: any port; later: the same one */
void sim_online(struct sim *s, bool on);                       /* off: connections are refused until it is on again */
void sim_refuse(struct sim *s, int64_t ms);                    /* connections are refused, then served again */
void world_tick(struct world *w);                              /* what is due now */
void world_hold_signals(sigset_t *set);                        /* those that end it: world_run looks at them, when there are files to remove */
int world_run(struct world *w);

/* ---- store.c: versioned objects ---- */
struct obj {                                                   /* one version of an object; immutable, counted */
    int refs;
    struct res *res;
    uint64_t rv;
    char *ns, *name, *uid, *node, *owner_uid;                  /* never NULL */
    json_t *labels;
    json_t *read;                                              /* of obj_read() */
    char *cells;                                               /* of its table row, when they are kept */
    int64_t born;                                              /* with cells */
    char *text;                                                /* the document as JSON */
    size_t len;
};
struct res {                                                   /* a collection: a Kubernetes resource, an OpenStack table */
    const char *group, *version, *plural, *singular, *kind;
    const char *const *shorts;
    const char *category, *subs;                               /* subs: "scale,status" */
    unsigned flags;                                            /* kube_sim.h */
    bool namespaced;
    struct obj **items;                                        /* sorted by namespace and name */
    size_t n, cap;
    bool unsorted;
};
enum change { ADDED, MODIFIED, DELETED };
struct change_event { uint64_t seq; enum change type; struct obj *now, *before; };
struct res *store_res(struct sim *s, const struct res *proto);  /* registers */
struct res *store_find_res(struct sim *s, const char *group, const char *version, const char *plural);
struct obj *store_put(struct sim *s, struct res *r, json_t *doc);       /* creates or replaces by namespace and name */
/* While seeding: the object of a text (taken) that is the document of s->rv + 1; the rest of head is copied. */
struct obj *store_put_text(struct sim *s, const struct obj *head, char *text, size_t len);
bool store_delete(struct sim *s, struct res *r, const char *ns, const char *name);
struct obj *store_get(struct res *r, const char *ns, const char *name); /* borrowed */
size_t store_from(struct res *r, const char *ns, const char *name, bool after); /* first index at or after the key */
json_t *obj_doc(const struct obj *o);                          /* a new reference, yours to change */
const json_t *obj_read(struct obj *o);                         /* the same, borrowed: for what is looked up again and again */
struct obj *obj_ref(struct obj *o);
void obj_unref(struct obj *o);
void store_compact(struct sim *s);                             /* forgets the history: older watches and tokens get 410 */
/* Events with seq > after, oldest first; NULL when there are none. *gone = some were forgotten. */
const struct change_event *store_event(struct sim *s, uint64_t after, bool *gone);

/* ---- http.c ---- */
struct req {
    struct sim *sim;
    struct MHD_Connection *conn;
    const char *method, *path;
    char *seg[16];                                             /* path split at '/', decoded */
    int nseg;
    char *body;
    size_t blen, bcap;
    struct str head;                                           /* extra header lines "Name: value\n" */
    char id[41];                                               /* req-UUID of OpenStack, audit id of Kubernetes */
    const struct user *user;
    const struct res *view;                                    /* Kubernetes: the other version that was asked for */
    struct { int major, minor; } micro;                        /* OpenStack microversion asked for */
    bool delayed, parsed, answered;
    struct stream *stream;
    struct put_off *put_off;                                   /* by a fault */
    enum MHD_Result result;
};
struct stream {                                                /* a reply that grows: watch, followed log, endless body */
    struct sim *sim;
    struct MHD_Connection *conn;
    struct stream *next;
    struct str out;
    bool suspended, end, cut, last, silent, left;             /* left: its client is gone; last: what is in out goes, then the line is cut */
    void (*fill)(struct stream *st);                           /* append to out, or nothing */
    void (*free)(struct stream *st);
    void *arg;
};
const char *req_query(const struct req *r, const char *key);   /* NULL when absent */
const char *req_header(const struct req *r, const char *key);
void req_head(struct req *r, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void reply_text(struct req *r, int status, const char *type, const char *text, size_t len);
void reply_json(struct req *r, int status, json_t *doc);
void reply_stream(struct req *r, int status, const char *type, void (*fill)(struct stream *), void (*done)(struct stream *), void *arg);
/* A reply that is made while it is sent: more() appends to out, false = that was all; in pieces, without faults. */
void reply_long(struct req *r, const char *type, bool (*more)(void *arg, struct str *out), void (*done)(void *arg), void *arg);
void streams_wake(struct sim *s);
void streams_reap(struct sim *s);                             /* whose client is gone ends when it wakes */
void http_resume(struct sim *s);                                /* what a fault put off goes on now: the daemon ends */
void http_done(struct req *r);
enum MHD_Result http_handle(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                            const char *data, size_t *len, void **con);
void http_completed(void *cls, struct MHD_Connection *c, void **con, enum MHD_RequestTerminationCode code);

/* ---- fault.c ---- */
enum fault_kind { FAULT_LATENCY, FAULT_STATUS, FAULT_CUT, FAULT_SILENT, FAULT_ENDLESS, FAULT_MALFORMED, FAULT_HOSTILE, FAULT_CLOSE, FAULT_SKEW,
                  FAULT_REFUSE, FAULT_EXPIRE, FAULT_COMPACT, FAULT_KINDS };
struct fault {
    struct fault *next;
    enum fault_kind kind;
    char *prefix, *method;                                     /* NULL = any */
    int side;                                                  /* -1 = all */
    const struct sim *only;                                    /* NULL = every realm of the side */
    int skip, count;                                           /* requests to let through first; then how many (-1 = all) */
    int64_t ms;
    int status, retry_after;
    int64_t bytes;
    unsigned hits;
};
const char *fault_add(struct world *w, const json_t *spec);    /* NULL or what is wrong with it */
void fault_clear(struct world *w);
void log_change(const struct req *r);
struct fault *fault_match(const struct req *r, enum fault_kind kind);   /* counts the hit */
bool admin_handle(struct req *r);                              /* /_sim/...: true when it was one */

/* ---- kubernetes ---- */
struct user {
    const char *name, *token;
    char role;                                                 /* a admin, v view, n one namespace, 0 nothing */
    int64_t expires_ms;                                        /* 0 = never */
    const char *groups;                                        /* of who is impersonated: "a,b" or ""; NULL: it is itself */
};
void kube_init(struct sim *s);
void kube_handle(struct req *r);
void kube_status(struct req *r, int code, const char *reason, json_t *details, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void kube_discovery(struct req *r);                            /* /api and /apis without a resource */
void kube_list(struct req *r, struct res *res, const char *ns);
void kube_watch(struct req *r, struct res *res, const char *ns, const char *name);
void kube_get_one(struct req *r, struct res *res, struct obj *o);
void kube_logs(struct req *r, struct obj *pod);
json_t *kube_table_columns(const struct res *res);
bool kube_wants_table(const struct req *r);
bool kube_match_labels(const char *selector, const json_t *labels, char *fault, size_t size);
bool kube_match_fields(const char *selector, const struct obj *o, char *fault, size_t size);
void kube_seed(struct sim *s);
/* what makes it live: more in ctl.h */
void ctl_start(struct sim *s);
void ctl_delete_pod(struct sim *s, struct obj *pod, int64_t grace_s);
json_t *ctl_new_pod(struct sim *s, const json_t *owner, const char *owner_kind, const char *name);
void ctl_pod_running(struct sim *s, json_t *pod, const char *node, int64_t at_ms);
void kube_event(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component,
                int count, int64_t first_ms, int64_t last_ms, const char *message);

/* ---- openstack ---- */
void ostk_init(struct sim *s);
void ostk_handle(struct req *r);
void ostk_seed(struct sim *s);
void ostk_error(struct req *r, int code, const char *shape, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void keystone_handle(struct req *r);
void nova_handle(struct req *r);
void neutron_handle(struct req *r);
void cinder_handle(struct req *r);
void glance_handle(struct req *r);
void placement_handle(struct req *r);
struct token { struct token *next; char *id; char *user, *user_id, *project, *project_id; bool admin, reader, system; int64_t expires_ms;
               char *json; };
const struct token *ostk_token(struct req *r);                 /* of X-Auth-Token; NULL: 401 was sent */
struct res *ostk_table(struct sim *s, const char *service, const char *plural);
/* A page of a table: filter(doc) says which; links by marker. limit_max 0 = the service's default of 1000. */
json_t *ostk_page(struct req *r, struct res *t, const char *base, json_t **links,
                  json_t *(*show)(struct req *r, const struct obj *o, json_t *doc));
bool ostk_project_visible(const struct req *r, const json_t *doc, const char *key);

enum { REALMS = 8, TENANTS = 2 };
struct world {
    const char *dir;
    char *own_dir;                                             /* made by us, to be removed */
    bool owned;                                                /* the files in dir are ours */
    char secret[33];                                           /* of the control path */
    int pods, servers;                                         /* more than the story needs */
    double churn;
    double speed;                                              /* delays of the simulated machines are divided by it; 1 = as in life */
    uint64_t seed;
    size_t history_cap;                                        /* changes a watch can look back at */
    int64_t start_ms;                                          /* wall; 0 while seeding */
    bool stop;
    const struct scenario_file *scenario;
    struct cause *cause;                                       /* world_cause.c */
    bool wires_left;                                           /* more is to be read at once */
    struct box *boxes;                                         /* wire_box.c: files in containers */
    struct wire *wires;                                        /* wire.c: exec, attach, portforward */
    struct vm_port *vm;                                             /* world_vm.c */
    int vm_at;                                                 /* its port */
    char *cert_pem, *key_pem, *ca_pem;
    struct timer { int64_t at; struct sim *sim; sim_fn *fn; void *arg; } *timers;
    size_t ntimers, cap_timers;
    struct fault *faults;
    json_t *changes;                                           /* requests that may change something, as they came: GET /_sim/log */
    char *password;                                            /* of every OpenStack user */
    char *appcred_id, *appcred_secret;
    struct sim *realm[REALMS];
    size_t nrealms;
    struct sim *mgmt, *cloud, *tenant[TENANTS];                                  /* realms with a part in every story */
};
struct sim {
    struct world *world;
    const char *name;                                          /* "mgmt", "RegionOne" */
    enum side side;
    struct MHD_Daemon *daemon;
    int port;
    uint64_t seed;
    int64_t skew_ms;
    struct res **res;
    size_t nres, cap_res;
    uint64_t rv, compacted, expired;                           /* events up to compacted are forgotten; lists before expired, too */
    struct ctl *ctl;                                           /* of a Kubernetes cluster: ctl.h */
    struct change_event *history;                              /* ring */
    size_t history_n, history_at;
    struct stream *streams;
    struct put_off *put_off;
    bool closing;                                              /* its daemon ends: nothing may be put off any more, or it aborts */
    struct user users[8];
    struct token *tokens;
    int64_t bearer_end;                                        /* no bearer token is good after it; 0 = they are */
    int64_t token_ms;                                          /* how long a new token lives; 0 = an hour */
    struct nova *nova;                                         /* the compute service of a cloud; NULL elsewhere */
    uint64_t requests;
};
/* ---- world.c ---- */
void world_init(struct world *w);
bool world_open(struct world *w);                              /* secrets and certificate; false: no certificate */
void world_seed(struct world *w);
struct sim *world_realm(struct world *w, const char *name, enum side side);   /* a new one; name is kept */
struct sim *world_find(const struct world *w, const char *name);
int64_t sim_now(const struct sim *s);                          /* wall clock of the simulated servers, skew included */

/* ---- tls.c, files.c ---- */
bool tls_make(struct world *w);                                /* a throwaway CA and a certificate for loopback */
bool files_write(struct world *w);
void files_remove(struct world *w);
bool files_own(struct world *w);                         /* marks its directory as that of a living process */
void files_sweep(const char *in);                              /* directories there whose makers were killed */

#endif
