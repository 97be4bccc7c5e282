/*
 * Purpose:   Neutron inside: its table of collections and what each does on create, update and delete.
 * Thread:    one.
 * Ownership: the hooks borrow want (the client's) and d (the new document).
 * Errors:    false: the reply was sent.
 * Units:     -
 */
#ifndef STRATA_SIM_NET_H
#define STRATA_SIM_NET_H

#include "core/sim/ostk_sim.h"

struct net_kind {
    const char *path, *one, *type, *gone;                      /* gone: of its 404 */
    const char *const *keys, *const *secret, *const *fixed;    /* filters and settable; admin's; never updated */
    const char *needs[2];
    bool admin, everybody;
    bool (*create)(struct req *r, json_t *want, json_t *d);
    bool (*update)(struct req *r, json_t *want, json_t *d);    /* NULL: want is taken as it is */
    bool (*remove)(struct req *r, json_t *d);
};
struct res *net_table(struct sim *s, const char *plural);
bool net_fail(struct req *r, int code, const char *type, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void net_touch(struct sim *s, json_t *d);
void net_reply(struct req *r, const struct net_kind *k, int status, const char *id);

bool net_network_create(struct req *r, json_t *want, json_t *d);
bool net_network_update(struct req *r, json_t *want, json_t *d);
bool net_network_remove(struct req *r, json_t *d);
bool net_subnet_create(struct req *r, json_t *want, json_t *d);
bool net_subnet_remove(struct req *r, json_t *d);
bool net_port_create(struct req *r, json_t *want, json_t *d);
bool net_port_update(struct req *r, json_t *want, json_t *d);
bool net_port_remove(struct req *r, json_t *d);
bool net_group_create(struct req *r, json_t *want, json_t *d);
bool net_group_remove(struct req *r, json_t *d);
bool net_rule_create(struct req *r, json_t *want, json_t *d);
void net_group_rules(struct sim *s, json_t *group);            /* puts them in */
void net_group_defaults(struct sim *s, const json_t *group);   /* makes the rules every group begins with */

/* ostk_router.c */
bool net_router_create(struct req *r, json_t *want, json_t *d);
bool net_router_update(struct req *r, json_t *want, json_t *d);
bool net_router_remove(struct req *r, json_t *d);
bool net_fip_create(struct req *r, json_t *want, json_t *d);
bool net_fip_update(struct req *r, json_t *want, json_t *d);
bool net_fip_remove(struct req *r, json_t *d);
bool net_sub(struct req *r, const struct net_kind *k, const char *sub);      /* /routers/ID/..., /agents/ID/...; false: no such thing */
bool net_fip_attach(struct sim *s, json_t *fip, const char *port, const char *ip);    /* false: no port, no router between */
void net_fip_of_port(struct sim *s, const char *port, const json_t *details);    /* details NULL: the port is gone */

/* ostk_agent.c */
void net_agent_beat(struct sim *s, json_t *agent);             /* alive and heartbeat as of now */
bool net_agent_holds(const json_t *list, const char *id);      /* "_routers", "_networks" of an agent */
bool net_agent_update(struct req *r, json_t *want, json_t *d);
bool net_agent_remove(struct req *r, json_t *d);
bool net_agent_sub(struct req *r, const char *id, const char *sub);
json_t *net_agents_for(struct req *r, const char *key, const char *id);      /* key: "_routers", "_networks" */
void net_agent_host(struct sim *s, const char *key, const char *type, const char *id);   /* the scheduler: an agent of the type takes it */

/* ostk_quota.c */
void net_quotas(struct req *r);
bool net_within_quota(struct req *r, const char *project, const char *plural);
void net_extensions(struct req *r);
void net_ip_availability(struct req *r);

/* addresses of IPv4 */
bool net_cidr(const char *text, uint32_t *base, int *bits);
const char *net_ip(uint32_t ip, char out[16]);
bool net_parse_ip(const char *text, uint32_t *ip);
bool net_free_ip(struct sim *s, const json_t *subnet, char out[16]);   /* a free one of its pools */
bool net_ip_taken(struct sim *s, const char *network, const char *ip);
void net_dhcp_ports(struct sim *s, const char *network);       /* of its DHCP agents: what is missing comes, what is too much goes */
struct obj *net_put_port(struct sim *s, json_t *d);            /* fills what a port needs */

#endif
