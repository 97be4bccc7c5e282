/*
 * Purpose:   capacity across the layers: what clusters, nodes, hypervisors and projects have, what is asked of them and what is
 *            used; the pods' view and the hypervisor's view of the same cores; what lies idle because its other half is full.
 * Thread:    any (pure, over an immutable graph).
 * Ownership: open structs; capacity_release, capacity_fit_release. Texts of servers are copied clean.
 * Errors:    false when memory is out, or what was read is not Placement's answer.
 * Units:     CPU in thousandths of a core (a vCPU is one core), memory in bytes; CELL_NONE not known.
 */
#ifndef STRATA_CAPACITY_H
#define STRATA_CAPACITY_H

#include "strata/tell.h"

enum capacity_what { CAPACITY_CLUSTER, CAPACITY_NODE, CAPACITY_HYPERVISOR, CAPACITY_PROJECT };
#define CAPACITY_KINDS 4
const char *capacity_name(enum capacity_what w);               /* "cluster" ... */

struct capacity_amount {
    int64_t have;               /* of a node: allocatable; of a hypervisor: physical */
    int64_t room;               /* that may be asked for: a hypervisor's with its overcommit, without what is kept back */
    int64_t asked, used;
    int64_t below, above;       /* hypervisor: what the pods of the node that it is ask for; the pods of nodes that are its servers */
    int64_t idle;               /* free, and cannot be asked for: the other resource is full */
};
struct capacity_line {
    uint8_t what;
    uint16_t source;
    char *name, *uid;
    struct capacity_amount cpu, mem;
    size_t nodes, things;       /* pods, or servers */
    char *note;                 /* findings, "" none */
};
struct capacity { struct capacity_line *line; size_t n, cap; bool failed; };

/* What Placement says of a hypervisor (FETCH_STOCK). */
struct capacity_stock { uint16_t source; const char *uid; struct { int64_t total, reserved, ratio_permille, used; } cpu, mem; };
bool capacity_read_stock(struct capacity_stock *s, const char *json);

bool capacity_make(struct capacity *out, const struct tell *t, const struct capacity_stock *stock, size_t nstock);
void capacity_release(struct capacity *c);
/* kinds: bit i for enum capacity_what; cells: of the terminal, where it is narrow less is told; 0 all. */
void tell_capacity(const struct tell *t, const struct capacity *c, unsigned kinds, int cells, struct str *out);

/* ---- gathering what Placement says: the thread that owns the core ---- */
struct capacity_job;
struct capacity_job *capacity_open(struct core *c);            /* NULL: memory */
void capacity_close(struct capacity_job *j);
bool capacity_ask(struct capacity_job *j, const struct links *l);      /* of each hypervisor, again after some time */
bool capacity_event(struct capacity_job *j, struct event *e);          /* true: it was its own */
bool capacity_settled(const struct capacity_job *j);
struct capacity_stock *capacity_stocks(const struct capacity_job *j, size_t *n);      /* what is known, the caller's; NULL: memory */
void capacity_unseen(const struct capacity_job *j, const struct tell *t, struct str *out);     /* a sentence a line */

/* ---- where servers of a flavor would fit (FETCH_FIT) ---- */
struct capacity_host { char *uid; int64_t fits; int zone; };     /* zone: of those of the fit, -1 not known */
struct capacity_zone { char *name; int64_t fits; size_t hosts, services; };     /* services: Nova's of it, all */
struct capacity_fit {
    struct capacity_host *host; size_t n, cap;                   /* most first */
    struct capacity_zone *zone; size_t nzones, cap_zones;
    int64_t fits, down_fits; size_t down;                        /* down: hosts with room whose compute service is not up: gone from host and fits */
    bool more, bound;                                            /* more: not all hosts were told */
    struct str asked, within;
};
bool capacity_read_fit(struct capacity_fit *f, const char *json);
/* bound: the flavor wants hosts of aggregates, within has them a line each. Others go, and those whose host is not known: how many of those. */
size_t capacity_fit_bind(struct capacity_fit *f, const struct row *(*host)(void *arg, const char *uid), void *arg);
/* Rows of compute-service, one at a time: the zone of each host, and which of them Nova would not choose, for it is down. */
bool capacity_fit_service(struct capacity_fit *f, const struct row *service, const struct row *(*host)(void *arg, const char *uid), void *arg);
void capacity_fit_release(struct capacity_fit *f);

#endif
