/*
 * Purpose:   one request of the UI as a chain of calls, each started by the end of the one before.
 * Thread:    net thread.
 * Ownership: a job belongs to its request (rq->priv) and dies with it in ostk_job_end. Replies are borrowed.
 * Errors:    every path ends in ostk_job_end exactly once; a cancelled call ends the job as CANCELED by itself.
 */
#ifndef STRATA_OSTK_REQUESTS_PRIV_H
#define STRATA_OSTK_REQUESTS_PRIV_H

#include <jansson.h>

#include "core/openstack/ostk.h"

struct ostk_job {
    struct request *rq;
    struct ostk_source *os;
    struct ostk_call *call;
    void (*next)(struct ostk_job *j, const struct net_reply *r);
    struct str out;                     /* the answer; need not be clean unless `clean` */
    bool clean;
    json_t *item;                       /* object asked for */
    json_t *list;                       /* collected items */
    void (*found)(struct ostk_job *j);  /* item.c: what to do with the item */
    void (*listed)(struct ostk_job *j); /* list.c: what to do with the list */
    /* where the chain stands */
    size_t at;
    int step, pages;
    bool all_projects, denied, failed;
    char *marker;
    json_t *aside;                      /* whatever else the chain keeps */
    struct err err;
};

/* placement_aggregates.c: do the flavor's properties ask for hosts of an aggregate; these hosts as keys of a new object, NULL any host. */
bool ostk_wants_aggregates(const json_t *specs);
json_t *ostk_aggregate_hosts(const json_t *specs, const json_t *aggregates);

struct ostk_job *ostk_job_new(struct ostk_source *os, struct request *rq);   /* NULL: the request has been ended */
/* Starts the next call; on failure the job has been ended and false is returned. */
bool ostk_job_ask(struct ostk_job *j, const struct ostk_req *rq, void (*next)(struct ostk_job *, const struct net_reply *));
bool ostk_job_get(struct ostk_job *j, const char *service, const char *microversion, const char *path,
                  void (*next)(struct ostk_job *, const struct net_reply *));
void ostk_job_end(struct ostk_job *j, const struct err *err);                /* err NULL or OK: the text of j->out */
/* A body as JSON; NULL with *err filled when it is none. */
json_t *ostk_job_json(const struct net_reply *r, struct err *err);

/* item.c: finds the object of the request (j->item), then found(). */
void ostk_item(struct ostk_job *j, void (*found)(struct ostk_job *j));
/* list.c: all pages of the kind into j->list (an array), then listed(). */
void ostk_list(struct ostk_job *j, void (*listed)(struct ostk_job *j));
void ostk_list_request(struct ostk_job *j);
/* quota_json.c: a quota is put together of three services' answers */
void ostk_quota_list(struct ostk_job *j, void (*listed)(struct ostk_job *j));
void ostk_quota_item(struct ostk_job *j);                                    /* j->item, then found() */
/* describe.c */
void ostk_describe(struct ostk_job *j);
void ostk_describe_item(struct str *out, const struct ostk_job *j);          /* generic, from j->item */
/* describe_server.c: pure once the parts are there: server, ports (array or NULL), volumes, actions */
struct ostk_server_parts { const json_t *server, *ports, *volumes, *actions; const char *ports_err, *volumes_err, *actions_err; };
void ostk_describe_server_text(struct str *out, struct ostk_source *os, const struct ostk_server_parts *p, int64_t now_ms);
void ostk_describe_server(struct ostk_job *j);                               /* j->item is the server */
/* console.c */
void ostk_console(struct ostk_job *j);
void ostk_actions(struct ostk_job *j);
/* placement.c: of a hypervisor, of a flavor */
void ostk_stock(struct ostk_job *j);
void ostk_fit(struct ostk_job *j);
void ostk_console_url(struct ostk_job *j);
void ostk_actions_text(struct str *out, struct ostk_source *os, const json_t *actions, int64_t now_ms);
/* doctor.c */
void ostk_doctor(struct ostk_job *j);

#endif
