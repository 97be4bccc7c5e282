/*
 * Purpose:   what the rest of the demo cloud asks of its compute service: seeds, capacity, life and death of hosts,
 *            power of servers, news of servers. The API itself is nova_handle() (sim.h).
 * Thread:    one.
 * Ownership: strings that come in are copied; strings that go out are borrowed until the next call that changes nova.
 * Errors:    false or NULL: there is no such thing.
 * Units:     ms (of the wall clock where a name says at), MiB of memory, GiB of disk.
 */
#ifndef STRATA_SIM_NOVA_H
#define STRATA_SIM_NOVA_H

#include "core/sim/sim.h"

struct nova_nic { const char *net, *net_id, *port_id, *ip, *mac, *floating; };     /* floating: NULL when there is none */

/* ---- seeds: between nova_init and the first request ---- */
struct nova_boot {
    const char *id;                                            /* NULL: a new one */
    const char *name, *project, *user, *flavor, *image;        /* flavor by id or name; image NULL: from a volume */
    const char *host;                                          /* NULL: never placed */
    const char *status;                                        /* NULL = "ACTIVE"; as the API says it, BUILD and MIGRATING included */
    const char *task;                                          /* NULL: what the status says */
    const char *fault;                                         /* of ERROR */
    const char *key, *group, *description;                     /* server group id */
    int64_t born_at;                                           /* 0: some hours ago */
    const struct nova_nic *nics;
    int nnics;
    json_t *metadata, *tags;                                   /* taken over; NULL = none */
};
void nova_init(struct sim *s);
const char *nova_seed_flavor(struct sim *s, const char *id, const char *name, int vcpus, int ram_mb, int disk_gb);
void nova_seed_service(struct sim *s, const char *binary, const char *host, const char *zone);
void nova_seed_host(struct sim *s, const char *host, const char *ip, int vcpus, int memory_mb, int disk_gb);   /* with its nova-compute */
void nova_seed_disable(struct sim *s, const char *host, const char *reason);
const char *nova_seed_server(struct sim *s, const struct nova_boot *b);      /* its id */
void nova_seed_migration(struct sim *s, const char *server, const char *type, const char *status, const char *from, const char *to,
                         int64_t at);
const char *nova_seed_group(struct sim *s, const char *name, const char *project, const char *policy);   /* its id */
void nova_seed_build(struct sim *s, const char *id);           /* a server in BUILD that will be ACTIVE after a while; others stay so */
void nova_seed_aggregate(struct sim *s, const char *name, const char *zone, const char *hosts);          /* "a b c" */

struct seed_cloud { const char *const *projects, *const *users; const char *images[2]; };
void seed_nova(struct sim *s, const struct seed_cloud *c);     /* the default story */

/* ---- cause and effect across the layers ---- */
void nova_service_up(struct sim *s, const char *binary, const char *host);   /* beats (again); registers a row that is not there */
void nova_service_dead(struct sim *s, const char *binary, const char *host); /* stops beating: "down" after service_down_time */
void nova_host_down(struct sim *s, const char *host);          /* the machine dies: nova-compute and every guest */
void nova_host_up(struct sim *s, const char *host);            /* it is back: guests are off, evacuated ones are forgotten */
void nova_rpc(struct sim *s, bool works);                      /* the message queue: without it nothing moves, no heart beats */
bool nova_server_power(struct sim *s, const char *id, bool on);              /* from outside: as stop and start of an admin */
bool nova_server_delete(struct sim *s, const char *id);
/* What becomes of the next moves of a server (id or name), of those on a host now, or of "all". how: a word of nova_trouble.c; "fine" ends it. */
bool nova_trouble(struct sim *s, const char *how, const char *who);
bool nova_trouble_knows(const char *how);
bool nova_guest(struct sim *s, const char *what, const char *who);           /* its owner: reboot, resize, soft-delete; or it fails: error */
/* nova_keep.c, for an operator that takes hosts out of use: no new servers there, for its reason; and again, if the reason is its own. */
void nova_keep_off(struct sim *s, const char *host, const char *reason);
void nova_keep_on(struct sim *s, const char *host, const char *reason);
/* Moves one server at a time, cold: also those that are off, confirmed. Returns how many are still to go; ids: theirs (a list that is
 * filled); why: what became of the last one that did not move, "" none. */
size_t nova_keep_clear(struct sim *s, const char *host, bool cold, json_t *ids, char *why, size_t size);
enum nova_news { NOVA_STARTED, NOVA_STOPPED, NOVA_DELETED, NOVA_MOVED };
typedef void nova_news_fn(struct sim *s, const char *id, enum nova_news what, void *arg);
void nova_on_server(struct sim *s, nova_news_fn *fn, void *arg);             /* called after each change of a guest's life */

/* ---- questions ---- */
struct nova_view {                                             /* a server as its neighbours need it */
    const char *id, *name, *project, *user, *host, *status, *image, *zone;
    bool running;                                              /* the guest has power, on a machine that lives */
};
bool nova_compute(struct sim *s, const char *host);            /* is there a hypervisor of that name, that lives? */
bool nova_server(struct sim *s, const char *id, struct nova_view *out);      /* not the deleted ones */
size_t nova_servers(struct sim *s, void (*fn)(struct sim *s, const struct nova_view *v, void *arg), void *arg);
struct nova_provider {                                         /* a hypervisor as Placement knows it */
    const char *id, *name;
    int vcpus, memory_mb, disk_gb, vcpus_used, memory_mb_used, disk_gb_used;
    bool disabled, down;
    int generation;
};
size_t nova_providers(struct sim *s);
bool nova_provider(struct sim *s, size_t i, struct nova_provider *out);
struct nova_alloc { const char *provider, *consumer, *project, *user; int vcpus, memory_mb, disk_gb; };
void nova_allocations(struct sim *s, void (*fn)(const struct nova_alloc *a, void *arg), void *arg);

char *nova_repr(const json_t *v, bool str);                    /* as Python prints it; str: a bare text stays bare. Yours. */

/* ---- called by Neutron and Cinder when they change something of a server ---- */
bool nova_nic_set(struct sim *s, const char *server, const struct nova_nic *nic);      /* by port_id: new or changed */
bool nova_nic_gone(struct sim *s, const char *server, const char *port_id);
bool nova_volume_set(struct sim *s, const char *server, const char *volume, const char *device);        /* attached by somebody else, or while seeding */
bool nova_has_volume(struct sim *s, const char *server, const char *volume);
void nova_volume_extended(struct sim *s, const char *server, const char *volume);
bool nova_volume_gone(struct sim *s, const char *server, const char *volume);
void nova_nic_floating(struct sim *s, const char *server, const char *port_id, const char *ip);           /* NULL: none any more */

#endif
