/*
 * Purpose:   what the files of the demo cloud's compute service share: its records and who may change them.
 * Thread:    one.
 * Ownership: struct nova owns everything; a server or host pointer is good until it is deleted, job steps look theirs up again.
 * Errors:    replies are sent by the function that says so; NULL or false = it was.
 * Units:     ms of the wall clock (at, start, ...), MiB of memory, GiB of disk.
 */
#ifndef STRATA_SIM_NOVA_PRIV_H
#define STRATA_SIM_NOVA_PRIV_H

#include "core/sim/nova.h"

enum vm { VM_ACTIVE, VM_BUILDING, VM_PAUSED, VM_SUSPENDED, VM_STOPPED, VM_RESCUED, VM_RESIZED, VM_SOFT_DELETED, VM_DELETED, VM_ERROR,
          VM_SHELVED, VM_SHELVED_OFFLOADED, VM_STATES };
enum task { TASK_NONE, TASK_SCHEDULING, TASK_BLOCK_DEVICE_MAPPING, TASK_NETWORKING, TASK_SPAWNING, TASK_IMAGE_SNAPSHOT_PENDING,
            TASK_IMAGE_PENDING_UPLOAD, TASK_IMAGE_UPLOADING, TASK_UPDATING_PASSWORD, TASK_RESIZE_PREP, TASK_RESIZE_MIGRATING,
            TASK_RESIZE_MIGRATED, TASK_RESIZE_FINISH, TASK_RESIZE_REVERTING, TASK_REBOOTING, TASK_REBOOT_STARTED, TASK_REBOOTING_HARD,
            TASK_REBOOT_STARTED_HARD, TASK_PAUSING, TASK_UNPAUSING, TASK_SUSPENDING, TASK_RESUMING, TASK_POWERING_OFF, TASK_POWERING_ON,
            TASK_RESCUING, TASK_UNRESCUING, TASK_REBUILDING, TASK_REBUILD_BLOCK_DEVICE_MAPPING, TASK_REBUILD_SPAWNING, TASK_MIGRATING,
            TASK_DELETING, TASK_SHELVING, TASK_SHELVING_IMAGE_PENDING_UPLOAD, TASK_SHELVING_IMAGE_UPLOADING, TASK_SHELVING_OFFLOADING,
            TASK_UNSHELVING, TASKS };
enum ordeal { ORDEAL_NONE, ORDEAL_SLOW, ORDEAL_HANGS, ORDEAL_STUCK, ORDEAL_FAILS, ORDEAL_BREAKS, ORDEAL_RETURNS, ORDEAL_REFUSED, ORDEAL_REJECTED,
              ORDEAL_QUEUED };                                         /* nova_trouble.c */
enum { POWER_NOSTATE = 0, POWER_RUNNING = 1, POWER_PAUSED = 3, POWER_SHUTDOWN = 4, POWER_CRASHED = 6, POWER_SUSPENDED = 7 };
#define BIT(x) (1ull << (x))

struct nova_flavor {
    char *id, *name, *description;
    int num, vcpus, ram, disk, ephemeral, swap;
    bool is_public, deleted;
    json_t *extra, *access;                                    /* extra_specs; ids of projects */
};
struct nova_service {
    char *binary, *host, *zone, *reason;                       /* reason NULL: none */
    char id[37];
    int num;
    bool disabled, forced_down, alive;
    int64_t born, died;                                        /* beats count from born; died: the last one when not alive */
};
struct nova_host {                                             /* a hypervisor */
    char *name, *ip;
    char id[37];
    int num, vcpus, memory_mb, disk_gb;
    int used_vcpus, used_memory, used_disk, guests, generation;
    struct nova_service *service;                              /* NULL once it was deleted */
    bool dead;                                                 /* the machine, not only its nova-compute */
};
struct nova_event { struct nova_event *next; const char *name, *host, *result; int64_t start, finish; char *traceback, *details; };
struct nova_act {
    struct nova_act *next;
    const char *action, *user, *project, *message;
    char request[41];
    int64_t start, updated;
    struct nova_event *events;                                 /* newest first, as the list of actions */
};
struct nova_port { char *net, *net_id, *id, *ip, *mac, *floating; };
struct nova_volume { char id[37], attachment[37], bdm[37]; char device[16]; char *tag; bool delete_with, boot; };
struct nova_server {
    char id[37], image[37], shelved[37], reservation[11];      /* shelved: the image made of it */
    unsigned seq;
    char *name, *hostname, *description, *user_data, *locked_reason, *key, *zone;    /* zone: asked for */
    const char *project, *user;                                /* interned */
    struct nova_host *host;
    struct nova_flavor *flavor;
    struct nova_host *extra_host;                              /* of a move: a second claim, there or back; NULL = none */
    struct nova_flavor *extra_flavor;
    enum vm vm;
    enum task task;
    int power, progress;
    bool locked, locked_by_admin, config_drive, admin_disk;
    int64_t created, updated, launched, terminated;
    struct nova_fault { int code; int64_t at; char *message, *details; } fault;      /* message NULL: none */
    json_t *metadata, *tags, *groups;                          /* NULL = empty; names of security groups */
    char group[37];                                            /* server group; "" = none */
    struct nova_port *ports;
    size_t nports;
    struct nova_volume *volumes;
    size_t nvolumes;
    struct nova_act *acts;
    struct nova_job *job;                                      /* what it is busy with */
    enum vm vm_before;                                         /* of a resize, a rescue, ... */
    enum ordeal ordeal;                                        /* what becomes of its next moves */
    struct nova_server *next;                                  /* same bucket */
    struct nova_server *older, *newer;                         /* by updated */
};
struct nova_migration {
    int id, old_flavor, new_flavor;
    char uuid[37], server[37];
    const char *type, *status, *source, *dest, *dest_host, *user, *project;          /* interned or constant; dest* may be NULL */
    int64_t created, updated, memory_total, memory_done;
    bool abort, force;
};
struct nova {
    struct nova_server *buckets[65536];
    struct nova_server **order;                                /* by created, seq */
    size_t n, cap;
    struct nova_server *newest, *oldest;                       /* by updated */
    unsigned seq;
    struct nova_flavor **flavors;
    size_t nflavors, cap_flavors;
    struct nova_service **services;
    size_t nservices, cap_services;
    int service_num;
    struct nova_host **hosts;
    size_t nhosts, cap_hosts;
    struct nova_migration **migrations;                        /* by id */
    size_t nmigrations, cap_migrations;
    char **words;
    size_t nwords, cap_words;
    json_t *keypairs, *groups, *aggregates, *quotas;           /* keypairs: by user; quotas: by project */
    int aggregate_num, keypair_num;
    bool no_rpc, unsorted;                                     /* unsorted: seeds came */
    struct { nova_news_fn *fn; void *arg; } news[8];
    size_t nnews;
};

/* ---- nova_data.c: records ---- */
extern const char *const nova_vm_names[VM_STATES], *const nova_task_names[TASKS];    /* task 0: NULL */
void nova_start(struct sim *s);                                /* what was seeded becomes a cloud */
const char *nova_word(struct nova *n, const char *text);       /* one copy of each; NULL stays NULL */
struct nova_server *nova_find(struct sim *s, const char *id);  /* deleted ones too */
struct nova_server *nova_add(struct sim *s, const char *id, int64_t created);
void nova_touch(struct sim *s, struct nova_server *v);         /* updated = now */
void nova_state(struct sim *s, struct nova_server *v, enum vm vm, enum task task, int power);    /* touches */
void nova_set(char **field, const char *value);                /* NULL clears */
void nova_place(struct nova_server *v, struct nova_host *h);   /* moves the claim of its flavor */
void nova_claim(struct nova_host *h, const struct nova_flavor *f, int sign);
void nova_extra(struct nova_server *v, struct nova_host *h, struct nova_flavor *f);       /* a second claim; NULL releases it */
void nova_extra_swap(struct nova_server *v);                   /* the server is now where its second claim was */
void nova_fail(struct sim *s, struct nova_server *v, int code, const char *message, const char *details);
const char *nova_status(const struct nova_server *v);
void nova_port_free(struct nova_port *p);                      /* what it holds */
struct nova_flavor *nova_flavor(struct nova *n, const char *id);          /* not the deleted */
struct nova_host *nova_host(struct nova *n, const char *name);
struct nova_service *nova_service(struct nova *n, const char *binary, const char *host);
void nova_tell(struct sim *s, const struct nova_server *v, enum nova_news what);
void nova_purge(struct sim *s);                                /* forgets what was deleted long ago */
struct nova_migration *nova_migration_new(struct sim *s, const struct nova_server *v, const char *type, const char *status);
void nova_migration_set(struct sim *s, struct nova_migration *m, const char *status);
struct nova_migration *nova_migration(struct nova *n, int id);
bool nova_in_progress(const struct nova_migration *m);         /* queued, preparing, running, ... */
int64_t nova_ms(const struct sim *s, int64_t ms);              /* at the speed of this world */
const char *nova_micros(int64_t at, char out[40]);             /* 2026-01-02T03:04:05.000000 */

/* ---- nova_api.c: who asks, errors, bodies ---- */
struct jw { struct str o; bool comma; };                       /* a JSON writer; keys may be NULL in arrays */
void jw_init(struct jw *w);
void jw_open(struct jw *w, const char *key, char bracket);     /* '{' or '[' */
void jw_close(struct jw *w, char bracket);                     /* '}' or ']' */
void jw_str(struct jw *w, const char *key, const char *value); /* NULL = null */
void jw_int(struct jw *w, const char *key, int64_t value);
void jw_bool(struct jw *w, const char *key, bool value);
void jw_json(struct jw *w, const char *key, const json_t *value);         /* NULL = null */
void jw_at(struct jw *w, const char *key, int64_t at);         /* with microseconds; 0 = null */
void jw_link(struct jw *w, const struct req *r, const char *rel, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void jw_links(struct jw *w, const struct req *r, const char *kind, const char *id);       /* self and bookmark */
void jw_next(struct jw *w, struct req *r, const char *key, const char *marker);           /* "KEY": [{next}] */
void jw_reply(struct jw *w, struct req *r, int status);
bool nova_at(const struct req *r, int minor);                  /* this microversion or a later one */
void nova_error(struct req *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool nova_admin(const struct req *r);
bool nova_allowed(struct req *r, const char *rule);            /* admin, else 403 */
bool nova_member(struct req *r, const char *rule);             /* not a mere reader, else 403 */
json_t *nova_body(struct req *r, const char *key);             /* the object under its key; NULL: 400 was sent. Yours. */
bool nova_invalid(struct req *r, const char *field, const json_t *value, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool nova_known(struct req *r, const char *field, const json_t *o, const char *const *known);    /* no other keys; else 400 */
bool nova_queries(struct req *r, const char *const *known);    /* the same for the query, from 2.75 */
bool nova_queries_only(struct req *r, const char *const *known);         /* at every version */
long nova_limit(struct req *r);                                /* -1: 400 was sent */
bool nova_flag(const char *v, bool when_odd);
const struct token *nova_who(const struct req *r);
void nova_none(struct req *r);                                 /* 202 or 204 without a body is reply_text; this is the 404 of no such path */

/* ---- nova_view.c, nova_list.c ---- */
void nova_show(struct jw *w, struct req *r, const struct nova_server *v, bool one);       /* one: not in a list */
void nova_show_changed(struct jw *w, struct req *r, const struct nova_server *v);          /* the answer to a change: less of it before 2.75 */
void nova_servers_get(struct req *r, bool detail);
struct nova_server *nova_mine(struct req *r, const char *id);  /* NULL: 404 was sent */
void nova_host_id(const char *project, const char *host, char out[57]);

/* ---- nova_act.c: actions, events, jobs ---- */
struct nova_op;
struct nova_job;
enum worker { ON_API, ON_CONDUCTOR, ON_HOST, ON_DEST };
enum then { THEN_NEXT, THEN_AGAIN, THEN_END };
struct nova_step { int ms; enum worker on; enum then (*fn)(struct sim *s, struct nova_server *v, struct nova_job *j); };
struct nova_job {
    char server[37];
    const struct nova_op *op;
    const struct nova_step *step;
    struct nova_act *act;
    struct nova_event *event;
    struct nova_host *to;
    struct nova_flavor *flavor;
    int migration;                                             /* 0 = none */
    bool started, forced;                                      /* forced: to that host, whatever the scheduler thinks */
    char image[37], host[64];
    int turns;                                                 /* a step that goes on: how often it was there */
    enum vm vm;
    int power;
};
struct nova_act *nova_act_new(struct sim *s, struct nova_server *v, const char *action, const char *request, const char *user,
                              const char *project);
struct nova_event *nova_event_start(struct sim *s, struct nova_act *a, const char *name, const char *host);
void nova_event_end(struct sim *s, struct nova_act *a, struct nova_event *e, const char *fault, const char *details);   /* fault NULL: Success */
struct nova_job *nova_job(struct sim *s, struct nova_server *v, const struct nova_op *op, const struct nova_step *steps, struct nova_act *a);
void nova_job_stop(struct nova_server *v);                     /* what it was busy with never ends */
void nova_job_event(struct sim *s, struct nova_server *v, struct nova_job *j, const char *name, const char *host);       /* ends the one before */
void nova_job_done(struct sim *s, struct nova_job *j, const char *fault, const char *details);
bool nova_worker_up(const struct sim *s, const char *binary);
void nova_actions_get(struct req *r, const char *id, const char *request);

/* ---- nova_ops.c: POST action ---- */
struct nova_op {
    const char *key, *name, *word, *rule;                      /* key of the body; action record; word of the 409; policy */
    uint64_t vm, task;                                         /* allowed; 0 = any */
    enum task first;
    const char *event;
    int ms;
    enum vm to;
    int power;
    void (*run)(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);      /* NULL: a simple one */
    int from, until;                                           /* microversions; 0 = all */
    bool admin;                                                /* the rule is for administrators, else for whoever may write */
};
bool nova_yes_no(struct req *r, const char *field, const json_t *value);     /* a boolean as the API takes it; false: 400 was sent */
bool nova_yes_no_query(struct req *r, const char *key);
bool nova_shape_ok(struct req *r, const char *action, const json_t *arg);    /* nova_shape.c; false: 400 was sent */
void nova_action(struct req *r, const char *id);
bool nova_may(struct req *r, struct nova_server *v, const struct nova_op *op);            /* lock and states; false: 409 was sent */
struct nova_act *nova_act_of(struct req *r, struct nova_server *v, const char *action);
void nova_accepted(struct req *r);
void nova_delete(struct req *r, struct nova_server *v);
bool nova_simple(struct sim *s, struct nova_server *v, const char *key, struct nova_act *a);

/* ---- nova_move.c: resize, cold and live migration, evacuation, shelving ---- */
void nova_do_resize(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_migrate(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_cold(struct sim *s, struct nova_server *v, struct nova_flavor *f, const char *host, struct nova_act *a);
bool nova_confirm(struct sim *s, struct nova_server *v, struct nova_act *a);           /* false: nothing waits for that */
void nova_live(struct sim *s, struct nova_server *v, struct nova_act *a);              /* to where the scheduler says */
void nova_do_confirm(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_revert(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_live(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_live_host(struct sim *s, const char *host, bool starts);           /* its nova-compute stops, starts */
void nova_do_evacuate(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_shelve(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_offload(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_unshelve(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_rebuild(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);
void nova_do_image(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg);

/* ---- nova_trouble.c: moves that do not go well ---- */
enum ordeal nova_ordeal(const struct nova_server *v);          /* as the story says, or the server's own metadata: migration=WORD, load=high */
bool nova_turns_back(const struct nova_server *v, const struct nova_job *j, int usual);      /* a copy that is not done after so many turns */

/* ---- nova_create.c, nova_sched.c ---- */
void nova_create(struct req *r);
/* A host for the server with this flavor; NULL: none. only: this one or none. not: never this one. */
struct nova_host *nova_schedule(struct sim *s, const struct nova_server *v, const struct nova_flavor *f, const char *only,
                                const struct nova_host *not);
#define NOVA_NO_HOST "No valid host was found. There are not enough hosts available."

/* ---- nova_host.c, nova_migr.c, nova_misc.c, nova_quota.c, nova_neigh.c ---- */
bool nova_service_is_up(const struct sim *s, const struct nova_service *v);
int64_t nova_service_beat(const struct sim *s, const struct nova_service *v);
const char *nova_host_zone(struct nova *n, const char *host);
const char *nova_host_status(const struct sim *s, const struct nova_server *v);
void nova_services(struct req *r);
void nova_hypervisors(struct req *r);
void nova_zones(struct req *r, bool detail);
void nova_aggregates(struct req *r);
void nova_migrations(struct req *r);
void nova_server_migrations(struct req *r, struct nova_server *v);
void nova_flavors(struct req *r);
void nova_keypairs(struct req *r);
void nova_groups(struct req *r);
void nova_group_join(struct sim *s, const char *group, const char *server, bool join);
json_t *nova_group(struct nova *n, const char *id);            /* borrowed */
void nova_limits(struct req *r);
void nova_quota_sets(struct req *r);
void nova_quota_class(struct req *r);
void nova_usage(struct req *r);
bool nova_quota_ok(struct req *r, const char *project, int instances, int cores, int ram);       /* false: 403 was sent */
void nova_console(struct req *r, struct nova_server *v, const json_t *arg);
void nova_attachments(struct req *r, struct nova_server *v);
void nova_interfaces(struct req *r, struct nova_server *v);
void nova_security_groups(struct req *r, const char *id);      /* of the project, as Nova once had them; id NULL: all */
void nova_server_misc(struct req *r, struct nova_server *v, const char *sub);              /* metadata, tags, ips, diagnostics, ... */
/* What Nova asks of its neighbours. */
bool neigh_port(struct sim *s, struct nova_server *v, const char *network, const char *port, const char *ip, char *fault, size_t size);
void neigh_port_gone(struct sim *s, struct nova_server *v, size_t i);
bool neigh_network(struct sim *s, const char *project, const char *id, char out[37]);     /* id NULL: the only one of the project */
void neigh_port_host(struct sim *s, const struct nova_server *v);                        /* ports are bound to its host */
bool neigh_image(struct sim *s, const char *id);
void neigh_snapshot(struct sim *s, const struct nova_server *v, const char *name, char id[37]);
void neigh_snapshot_done(struct sim *s, const char *id);
void neigh_image_gone(struct sim *s, const char *id);
json_t *neigh_volume(struct sim *s, const char *id);           /* yours */
void neigh_attach(struct sim *s, const struct nova_server *v, const struct nova_volume *a);
void neigh_detach(struct sim *s, const struct nova_server *v, const char *volume);
void neigh_detach_all(struct sim *s, const struct nova_server *v);

#endif
