/*
 * Purpose:   the sandwich: which cluster or cloud runs on which, derived from the links of their rows.
 * Thread:    any (pure, over an immutable graph).
 * Ownership: open struct; free with layers_free.
 * Errors:    false when memory is out.
 */
#ifndef STRATA_LAYERS_H
#define STRATA_LAYERS_H

#include "strata/links.h"

#define LAYERS_BELOW 8

struct layer_on {               /* what it runs on, and how that is known */
    uint16_t source;
    size_t nodes;               /* of a cluster: so many of its nodes are servers there */
    size_t apis, hypervisors;   /* of a cloud: so many of its APIs are served there, so many hypervisors are nodes there, */
    size_t agents;              /* so many of its agents run in pods there */
    size_t labels;              /* nothing better is seen: so many of its services are there by the labels of workloads alone */
    size_t named;               /* of a cluster: nodes that name a server of OpenStack, where servers are not read */
    bool api;                   /* of a cluster none of whose nodes is read: its API server is reached through it */
    bool few;                   /* but a few of its nodes are there: the cluster does not run on it */
    bool old;                   /* some of these rows are as they were read last */
    uint8_t cls;                /* the weakest of these links; of old ones less */
};

struct layer {
    uint16_t source;
    enum plane plane;
    unsigned level;             /* 1: it runs on nothing that is seen */
    unsigned box;               /* those with one number run on each other (self-hosted); 0 alone */
    size_t nodes, servers, hypervisors, apis;   /* rows there are */
    size_t red, red_control;    /* rows that are broken; of these, of the control plane alone */
    size_t contradict;          /* of the red ones, those that are two things by the rules */
    size_t named;               /* nodes whose providerID is one of OpenStack */
    size_t absent;              /* nodes whose providerID names a server that is not there */
    size_t labelled;            /* services of a cloud that the labels of workloads lead to, */
    uint64_t label_clusters;    /* in these clusters, a bit each */
    bool unread;                /* of a cloud: its servers are not read */
    size_t lists, away;         /* lists that it should have; of these, those that are not read now */
    const struct feed_status *away_list;       /* the first of them, of the links; NULL none */
    struct layer_on on[LAYERS_BELOW];
    size_t non;
};
struct layers { struct layer *layer; size_t n; };       /* the lowest first */

bool layers_make(struct layers *out, const struct links *l);
void layers_free(struct layers *y);

#endif
