/*
 * Purpose:   the services of each cloud, one a row: its API, the workloads that run it, its agents, and what all of them need
 *            (databases, queues) with their quorum.
 * Thread:    any (pure, over an immutable graph).
 * Ownership: open struct, free with stack_free; rows are the graph's.
 * Errors:    false when memory is out.
 */
#ifndef STRATA_STACK_H
#define STRATA_STACK_H

#include "strata/links.h"

struct stack_service {
    uint32_t node;              /* its API; of what has none the workload */
    uint16_t source;
    char name[64];              /* catalog type; "mariadb" */
    char project[48];           /* as the workloads call it: "nova"; "" not known */
    bool api;                   /* it stands in the catalog */
    uint8_t health;             /* enum health, for the reason that why tells */
    char why[400];              /* "" all is well */
    char version[64];           /* of the images; "2024.1, 2024.2" while they differ */
    uint32_t worst;             /* the workload or agent that why speaks of; else node */
    size_t workloads, ready, wanted;
    size_t agents, up, off, ghosts;     /* of all agents: answer; are taken out of use; records of what is no more */
    bool hidden;                /* agents that who asks may not see: health says no more than unknown */
    size_t quorum, members;     /* so many must live of the members it has, or had before it was scaled down; 0 it has none, or that is not known */
    size_t budgets, may_go;     /* budgets that guard its pods; so many pods the tightest of them lets go now */
    uint32_t budget[16];        /* they, as far as there is room; the tightest first */
};
struct stack { struct stack_service *service; size_t n; };      /* by cloud and name; what all need last */

bool stack_make(struct stack *out, const struct links *l);
void stack_free(struct stack *s);

#endif
