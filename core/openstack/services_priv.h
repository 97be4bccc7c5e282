/*
 * Purpose:   os-services: which APIs tell their workers, and how a worker or an API becomes a row.
 * Thread:    net thread.
 * Ownership: const tables; rows are built in the caller's rowbuf.
 * Errors:    an item that is not understood is skipped.
 * Units:     ms.
 */
#ifndef STRATA_OSTK_SERVICES_PRIV_H
#define STRATA_OSTK_SERVICES_PRIV_H

#include "strata/err.h"
#include "strata/map.h"
#include "strata/row.h"

struct json_t;

/* Columns of core/kinds/ostk_services.c, in its order. */
enum {
    SVC_SERVICE, SVC_HOST, SVC_STATE, SVC_STATUS, SVC_SEEN, SVC_LATENCY, SVC_VERSION, SVC_ZONE, SVC_REASON, SVC_BINARY,
    SVC_CLUSTER, SVC_ENDPOINT, SVC_TYPE, SVC_ID, SVC_GROUP, SVC_WORKERS, SVC_NETWORKS, SVC_NCOLS
};

/* One worker, whatever service it belongs to. Texts are borrowed. */
struct svc_worker {
    const char *id;                   /* of the service's own, NULL: binary and host are the identity */
    const char *title;                /* NULL = binary */
    const char *binary, *host, *zone, *reason, *cluster;
    const char *networks;             /* ids of those that a DHCP agent out of service has, by commas; NULL = not told */
    bool up, disabled, forced_down, unknown;
    int64_t seen_ms, created_ms;      /* or CELL_NONE */
    enum health worst;                /* HEALTH_NONE, or at least so bad for reasons of the service's own */
};

struct svc_api {
    const char *type;                 /* canonical */
    const char *path, *microversion, *list_key;
    bool (*worker)(struct svc_worker *w, const struct json_t *item);
};
extern const struct svc_api svc_apis[];              /* ends with type NULL */
const struct svc_api *svc_api_find(const char *canonical);   /* NULL: tells no workers */

/* Place of an API among the others: what everything hangs on first. */
int svc_rank(const char *canonical);

void svc_worker_uid(struct str *out, const char *type, const struct svc_worker *w);
/* Fills rb between begin and finish; writes the uid ("compute/4a75..."). False: skip. */
bool svc_worker_row(struct rowbuf *rb, const char *type, int group, const struct svc_worker *w);

/* Of a kind of that API's workers alone: identity and health. Named binary/host; those of the binary `plain` (NULL none) by the host. */
bool svc_worker_alone(struct rowbuf *rb, const char *type, const struct json_t *item, const char *plain);

struct svc_head {
    const char *type, *name, *endpoint;
    int group;
    bool known;                       /* was it asked yet */
    bool reachable;
    const struct err *err;            /* why not, or what its calls fail with; OK = fine */
    int64_t latency_ms, seen_ms;      /* or CELL_NONE */
    const char *version;              /* "v2.1 2.1-2.93" */
    const char *unseen;               /* why nothing can be known of it; NULL = it can be asked */
    bool hidden;                      /* who asks may not see its workers */
};
void svc_head_row(struct rowbuf *rb, const struct svc_head *h);
/* services_dhcp.c: lists, by the id of the agent. init: map_release frees them. wanted: the next agent of Neutron's answer whose networks are
 * to be asked for (those read before since_ms too), NULL none; those of who works again are forgotten. take: what it answered, NULL: nothing
 * of use, and what was known stays; false: out of memory. */
void svc_dhcp_init(struct map *lists);
const char *svc_dhcp_wanted(struct map *lists, const struct json_t *agents, int64_t now_ms, int64_t since_ms);
bool svc_dhcp_take(struct map *lists, const char *agent, const char *body, size_t len, int64_t now_ms);
const char *svc_dhcp_networks(const struct map *lists, const char *agent);
/* A row again as it was, but marked stale. */
void svc_stale_row(struct rowbuf *rb, const struct row *r);

#endif
