/*
 * Purpose:   the OpenStack services of the demo cloud besides Nova: what they share (who asks, lists, delays) and what
 *            the rest of the demo cloud asks of them (seeds, cause and effect).
 * Thread:    one.
 * Ownership: strings that come in are copied; strings that go out are borrowed until the next change of that table;
 *            json_t given away is taken over.
 * Errors:    false or NULL: there is no such thing.
 * Units:     ms.
 */
#ifndef STRATA_SIM_OSTK_H
#define STRATA_SIM_OSTK_H

#include "core/sim/sim.h"

/* ---- ostk_list.c: queries, filters, order, pages ---- */
struct ostk_list {
    struct res *table;
    json_t *(*see)(struct req *r, json_t *d);                  /* what the caller sees of d, NULL = nothing; takes d over */
    const char *const *filters;                                /* "key" or "key=path.in.the.document"; NULL ends */
    bool (*also)(struct req *r, const json_t *d);              /* filters that are not an equation; may be NULL */
    const char *order;                                         /* "created_at:desc,id:desc"; NULL = by id */
    size_t limit, max;                                         /* when none is asked for, and at most; 0 = no limit */
    bool reverse;                                              /* neutron's page_reverse */
};
struct ostk_result {
    json_t *rows;
    size_t limit, total;                                       /* total: of all pages, only when ordered */
    char first[128], last[128];                                /* ids of the page's ends */
    bool full, bad_limit, bad_marker;                          /* full: as many as asked for; after bad_* rows is NULL */
};
struct ostk_result ostk_rows(struct req *r, const struct ostk_list *l);
const char *ostk_order(struct req *r, char *buf, size_t size, const char *fallback, const char *dir);   /* sort, sort_key, sort_dir, ... */
bool ostk_equals(const json_t *have, const char *want);       /* a query's text against a value */
void ostk_fields(struct req *r, json_t *doc);                  /* fields=a&fields=b, fields=a,b: keeps these alone */
void ostk_hide(json_t *doc, const char *const *keys);          /* NULL ends */
json_t *ostk_public(json_t *doc);                              /* without what begins with '_'; the same document */
bool ostk_flag(const struct req *r, const char *key);          /* 1, true, True */
/* path?the query that came, without skip (may be NULL), then extra "&marker=..." */
char *ostk_link(struct req *r, const char *path, const char *const *skip, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
char *ostk_url(struct req *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *ostk_unknown_query(struct req *r, const char *const *known, const char *const *more);  /* the first key in neither; NULL */

/* ---- ostk_life.c: time, documents that change ---- */
int64_t ostk_ms(const struct sim *s, int64_t ms);              /* a real cloud's time at the speed of this one */
const char *ostk_stamp(struct sim *s, char out[40]);           /* now as 2026-01-02T03:04:05.000000 */
const char *ostk_stamp_at(int64_t ms, char out[40]);
/* After ms of a real cloud's time the object, if it is still there and its key still says from (NULL = whatever), gets set's members;
   set NULL: it is deleted. Then done(s, id) if it is not NULL. Takes set over. */
typedef void ostk_done_fn(struct sim *s, const char *id);
void ostk_later(struct sim *s, int64_t ms, struct res *t, const char *id, const char *key, const char *from, json_t *set, ostk_done_fn *done);
struct obj *ostk_merge(struct sim *s, struct res *t, const char *id, json_t *set);     /* now; takes set over */
void ostk_drop(struct sim *s, struct res *t, const char *id);
json_t *ostk_body(struct req *r);                              /* an object, or NULL */
bool ostk_is_uuid(const char *text);

/* ---- ostk_keystone.c ---- */
enum { ROLE_READER = 1, ROLE_MEMBER = 2, ROLE_ADMIN = 4, ROLE_SERVICE = 8 };
void keystone_seed(struct sim *s);                             /* roles, the Default domain, region, services */
void keystone_project(struct sim *s, const char *id, const char *name, const char *description);
void keystone_user(struct sim *s, const char *id, const char *name);
void keystone_grant(struct sim *s, const char *user_id, const char *scope, int role);       /* scope: project id, "system", "default" (domain) */
const char *keystone_project_id(struct sim *s, const char *name_or_id);                     /* NULL: there is none */
const char *keystone_user_id(struct sim *s, const char *name_or_id);
const char *keystone_name(struct sim *s, const char *table, const char *id, char buf[256]); /* "" when there is none */
void keystone_appcred(struct sim *s, const char *id, const char *secret, const char *name, const char *user_id, const char *project_id);
const struct token *ostk_who(const struct req *r);             /* of a request whose token was checked; NULL: none */
bool ostk_admin(const struct req *r);
void ostk_bare(struct req *r, const char *more);               /* headers: the request id alone, and under this name too */
void octavia_handle(struct req *r);
void ironic_handle(struct req *r);
void heat_handle(struct req *r);
void magnum_handle(struct req *r);
void manila_handle(struct req *r);
json_t *keystone_catalog(struct sim *s, const char *project_id);
/* between ostk_keystone.c and ostk_token.c */
void keystone_issue(struct req *r);
void keystone_subject(struct req *r);
json_t *keystone_roles(struct sim *s, int mask, bool whole);
int keystone_implied(int mask);
const char *keystone_role_id(int role);
int keystone_roles_of(struct sim *s, const char *user_id, const char *scope);              /* direct ones, as bits */

/* ---- ostk_agent.c, ostk_seed_net.c: Neutron for Nova and the world ---- */
struct neutron_port {
    const char *id;                                            /* NULL: a new one */
    const char *network, *project, *server, *host;             /* host NULL: not bound, DOWN */
    const char *name, *owner, *ip, *mac, *group;               /* owner NULL = "compute:nova"; ip NULL = a free one; group: security group id or NULL */
};
const char *neutron_port_create(struct sim *s, const struct neutron_port *p);     /* its id; NULL: no such network, no address left */
bool neutron_port_get(struct sim *s, const char *id, char ip[16], char mac[18]);
bool neutron_subnet_at(struct sim *s, const char *project, const char *ip, char out[37]);      /* of the project's port that has the address */
void neutron_port_delete(struct sim *s, const char *id);
void neutron_ports_delete(struct sim *s, const char *server);
void neutron_ports_bind(struct sim *s, const char *server, const char *host, bool up);    /* after a migration, when a guest stops or starts */
size_t neutron_ports_of(struct sim *s, const char *server, void (*fn)(struct sim *s, const json_t *port, void *arg), void *arg);
const char *neutron_network_find(struct sim *s, const char *name_or_id);          /* NULL: there is none */
const char *neutron_agent(struct sim *s, const char *binary, const char *host);   /* a new one that lives; its id */
void neutron_agent_stop(struct sim *s, const char *binary, const char *host, int64_t since_ms);   /* since: wall clock, 0 = now */
void neutron_agent_start(struct sim *s, const char *binary, const char *host);
void neutron_host_down(struct sim *s, const char *host);       /* its agents fall silent: dead after 75 s */
void neutron_host_up(struct sim *s, const char *host);

/* seeds */
struct neutron_net {
    const char *id, *name, *project, *cidr;                    /* id NULL: a new one; the subnet is called NAME-v4 */
    bool external, shared;
    int64_t born_at;                                           /* 0: 30 days ago */
};
const char *neutron_seed_network(struct sim *s, const struct neutron_net *n);
const char *neutron_seed_router(struct sim *s, const char *name, const char *project, const char *network, const char *external);
const char *neutron_seed_group(struct sim *s, const char *name, const char *project, const char *description, const char *ports);   /* "22 80 443" */
const char *neutron_seed_fip(struct sim *s, const char *project, const char *external, const char *ip, const char *port);         /* port NULL: free */

/* ---- ostk_volume.c: Cinder for Nova and the world ---- */
bool cinder_attach(struct sim *s, const char *volume, const char *server, const char *device, const char *host);  /* reserved, attaching, in-use */
bool cinder_detach(struct sim *s, const char *volume, const char *server);        /* detaching, available */
void cinder_detach_all(struct sim *s, const char *server);     /* the server is gone: at once */
size_t cinder_volumes_of(struct sim *s, const char *server, void (*fn)(struct sim *s, const json_t *volume, void *arg), void *arg);
bool cinder_volume(struct sim *s, const char *id, char status[32], char project[64], int *size_gb);
const char *cinder_volume_create(struct sim *s, const char *name, int size_gb, const char *type, const char *project, const char *user, const char *image);
bool cinder_volume_delete(struct sim *s, const char *id);      /* deleting, gone */
void cinder_service(struct sim *s, const char *binary, const char *host, int64_t down_since_ms);   /* a new one; 0 = it lives */
void cinder_service_stop(struct sim *s, const char *binary, const char *host);    /* "down" after 60 s; what it does hangs */
void cinder_service_start(struct sim *s, const char *binary, const char *host);
/* seeds */
void cinder_seed_type(struct sim *s, const char *name, const char *backend, bool standard);
struct cinder_vol {
    const char *id, *name, *project, *user, *type, *status;    /* id NULL: a new one; type NULL: the standard one; status NULL = "available" or "in-use" */
    const char *server, *device, *host;                        /* attached to; NULL: to nothing */
    const char *image;                                         /* made from this image: bootable */
    int size_gb;
    int64_t born_at;
};
const char *cinder_seed_volume(struct sim *s, const struct cinder_vol *v);
const char *cinder_seed_snapshot(struct sim *s, const char *name, const char *volume, const char *status);

/* ---- ostk_lb.c: Octavia for the world; all are made ACTIVE and ONLINE ---- */
const char *octavia_lb(struct sim *s, const char *id, const char *name, const char *project, const char *vip, const char *subnet, const char *network, const char *port);
void octavia_lb_delete(struct sim *s, const char *id);         /* with all that hangs on it; takes some seconds */
const char *octavia_listener(struct sim *s, const char *lb, const char *name, const char *protocol, int port);
const char *octavia_pool(struct sim *s, const char *listener, const char *name, const char *protocol, bool monitored);
const char *octavia_member(struct sim *s, const char *pool, const char *name, const char *address, int port, bool online);
const char *octavia_boot(struct sim *cloud, const char *lb, const char *role);      /* an amphora with a server of its own, where there is a Nova */
const char *octavia_amphora(struct sim *s, const char *lb, const char *role, const char *compute, const char *ip);   /* STANDALONE, MASTER, BACKUP; NULLs: anything */
bool octavia_failover(struct sim *s, const char *lb, const char *amphora);     /* amphora NULL: all; false: not ACTIVE */
void octavia_member_health(struct sim *s, const char *address, bool online);   /* of monitored pools; pools and load balancers follow */

/* ---- ostk_ironic.c ---- */
struct ironic_node {
    const char *id, *name, *project, *provision, *power;       /* id NULL: a new one; power NULL: unknown */
    const char *resource_class, *mac, *maintenance;            /* maintenance: the reason, NULL = none */
    const char *last_error, *instance;
    int cpus, memory_mb, disk_gb;
};
const char *ironic_seed_node(struct sim *s, const struct ironic_node *n);
void ironic_conductor(struct sim *s, const char *host, bool alive);            /* a new one, or its state from now on */

/* ---- ostk_glance.c ---- */
struct glance_image { const char *id, *name, *owner, *format, *visibility, *distro; int64_t size, born_at; };   /* NULLs: new, qcow2, public */
const char *glance_seed_image(struct sim *s, const struct glance_image *i);

/* ---- heat_engine.c, ostk_heat.c, ostk_magnum.c ---- */
struct res *heat_table(struct sim *s, const char *name);       /* stacks, resources, events, services */
json_t *heat_get(struct sim *s, const char *name, const char *id);     /* a copy; NULL none */
void heat_begin(struct sim *s, const char *id, const char *action);    /* "DELETE" of a stack, ...: it takes its time */
const char *heat_seed_stack(struct sim *s, const char *name, const char *project, const char *owner, const char *status);    /* CREATE_COMPLETE, ... */
void heat_seed_resource(struct sim *s, const char *stack, const char *name, const char *type, const char *physical, const char *status);
void heat_engine(struct sim *s, const char *host, bool alive);
const char *magnum_seed_template(struct sim *s, const char *name, const char *project, const char *user, const char *image);
struct magnum_cluster {
    const char *id, *name, *project, *user, *template, *stack, *status, *health, *api_address, *keypair;
    const char *masters, *nodes;                               /* addresses, "a b c" */
    int64_t born_at;
};
const char *magnum_seed_cluster(struct sim *s, const struct magnum_cluster *c);
void magnum_health(struct sim *s, const char *cluster, const char *health, json_t *reason);       /* HEALTHY, UNHEALTHY; takes reason over */

/* ---- ostk_manila.c ---- */
struct manila_share {
    const char *id, *name, *description, *project, *user, *proto, *status, *cluster;      /* status NULL = available; cluster: made by its CSI driver; NULL: by hand */
    int size_gb;
    int64_t born_at;
};
const char *manila_seed_share(struct sim *s, const struct manila_share *v);
void manila_seed_service(struct sim *s, int id, const char *binary, const char *host);
void manila_service_stop(struct sim *s, const char *binary);   /* "down" after 60 s; what is deleted stays */
void manila_service_start(struct sim *s, const char *binary);
bool manila_share_delete(struct sim *s, const char *id);

/* ---- seeds of these services: called by ostk_seed, before time begins ---- */
void seed_identity(struct sim *s);
void seed_network(struct sim *s, const char *const projects[2], const char *admin);
void seed_upper(struct sim *s, const char *image);             /* after the networks of the plan */
void seed_storage(struct sim *s, const char *const projects[2], const char *const users[2]);

#endif
