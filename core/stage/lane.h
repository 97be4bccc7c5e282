/*
 * Purpose:   the other lane of the stage: what OpenStack's own list of agents says of the workload's service, before, during
 *            and after. Pure; fed with the list as it was answered.
 * Thread:    any, one at a time.
 * Ownership: values.
 */
#ifndef STRATA_STAGE_LANE_H
#define STRATA_STAGE_LANE_H

#include <jansson.h>

#include "core/stage/stage_priv.h"

#define LANE_GROUPS 12
#define LANE_OWN 8

/* Where a service tells of its agents; NULL: it has no such list. */
struct lane_list { const char *application, *service, *path, *key; };
const struct lane_list *lane_list_of(const char *application);
/* The binary whose row is the pod's own ("nova-conductor"); NULL: a pod of this component has no row. */
const char *lane_binary(const char *application, const char *component);

struct lane_agent {                    /* one row, whatever the service calls its fields */
    const char *binary, *host, *updated;      /* borrowed from the document */
    char id[40];
    bool up, disabled;
};
bool lane_agent(struct lane_agent *a, const json_t *row);

struct lane_in {                       /* whose rows are its own */
    const char *binary;                /* NULL: none */
    const char *old_pod, *old_node, *new_pod, *new_node, *owner;      /* "" = not known */
    const char *service;               /* "compute": for the command that removes a ghost */
    bool old_gone, running;            /* the pod that was deleted is gone; a run goes on */
    bool (*alive)(void *arg, const char *pod);        /* is there a pod of that name? */
    void *arg;
};
struct lane {
    struct lane_group { char binary[64]; uint32_t up, total, up_before, total_before, up_least; bool counted; } group[LANE_GROUPS];
    struct lane_own { enum stage_row_role role; char host[96], id[40]; bool up, disabled, up_before, was_before; } own[LANE_OWN];
    size_t ngroups, nown;
    char service[32];
};
void lane_read(struct lane *l, const struct lane_in *in, const json_t *list);
void lane_before(struct lane *l);      /* the delete is sent: what is known now was before */
size_t lane_rows(const struct lane *l, const struct lane_in *in, struct stage_row *out, size_t max);

#endif
