/*
 * Purpose:   inside os-services: the board of all APIs of the catalog, and each of them, which is asked and shown by itself.
 * Thread:    net thread.
 * Ownership: the board owns its groups; what a group shows is in the feed's store.
 * Errors:    of one API in its group, of all in the feed.
 * Units:     ms.
 */
#ifndef STRATA_OSTK_SERVICES_BOARD_H
#define STRATA_OSTK_SERVICES_BOARD_H

#include "core/openstack/ostk_priv.h"
#include "core/openstack/services_priv.h"

#define SVC_PROBE_TIMEOUT_MS 8000
#define SVC_REFUSED_MS 300000     /* a 403 is asked again rarely */

struct svc_board;
struct svc_group {
    struct svc_group *next;
    struct svc_board *b;
    char *type;                        /* as in the catalog; identity */
    const struct svc_api *api;         /* NULL: tells no workers */
    int order;
    struct ostk_call *call;            /* probe, then workers */
    bool asked, complete;              /* first answer of the probe; of all it can tell */
    bool reachable, denied, stale, empty;
    bool hidden;                       /* its workers are not shown to who asks */
    bool unseen;                       /* in the catalog, but this scope is given no endpoint of it */
    struct err err;
    int64_t latency_ms, seen_ms, denied_mono_ms, asked_ms;
    char version[80];                  /* "v2.1 2.1-2.93" */
    struct map uids;                   /* workers shown */
    struct map networks;               /* of DHCP agents out of service (services_dhcp.c) */
    json_t *workers;                   /* the answer, while such are asked for theirs */
    char agent[64];
};

struct svc_board {
    struct ostk_source *os;
    struct feed *f;
    struct svc_group *groups;
    struct net_timer *timer;
    struct ostk_call *wait;            /* for the first token */
    struct net_backoff backoff;
    int64_t changed_mono_ms;
    bool live;
};

/* services.c: something changed its state, look again soon, there is often more to come; and an API has told all it can. */
void svc_moved(struct svc_board *b);
void svc_judge(struct svc_board *b);
/* services_group.c: asks one API, unless it is still asked. */
void svc_probe(struct svc_group *g);
/* services_show.c: its own row, and those of the workers of its answer. Not told any more, or not now. */
void svc_put_head(struct svc_group *g);
void svc_put_workers(struct svc_group *g);
void svc_drop_workers(struct svc_group *g);
void svc_mark_stale(struct svc_group *g);

#endif
