/*
 * Purpose:   one picture of how everything hangs together: the links, what explains all that is red, the layers; made beside
 *            the screen and then shared by all that show something of it.
 * Thread:    graph_make: any (pure; 0.2 s of a core at 100,000 pods and 20,000 servers, more on a busy machine). Immutable; graph_ref, graph_unref: any.
 * Ownership: counted; rows and edges are borrowed while a reference is held.
 * Errors:    NULL when memory is out.
 * Units:     ms.
 */
#ifndef STRATA_GRAPH_H
#define STRATA_GRAPH_H

#include <stdatomic.h>

#include "strata/layers.h"
#include "strata/why.h"

struct graph {
    struct links *links;
    struct why_world why;
    struct layers layers;
    bool settled;               /* made when every feed had its first answer */
    int64_t cost_ms;
    atomic_uint refs;
    uint32_t *slot;             /* nodes by their uid */
    size_t mask;
};

struct graph *graph_make(const struct links_world *w, struct link_profiles *p, bool settled);
struct graph *graph_ref(struct graph *g);
void graph_unref(struct graph *g);                      /* NULL is fine */
/* The kind whose rows hold those of this one, too (compute-service: os-services); NULL none. */
const char *graph_part_of(const struct kind *k);
/* Do the links speak of that kind, itself or as part of another? Of the others (stacks, flavors) nothing can be found there. */
bool graph_speaks_of(const struct kind *k);
/* Is this one of those rows, and called so there? */
bool graph_is_part(const struct kind *k, const char *name, const struct row *r);
/* The node of an object, at once; LINK_NO_NODE: the links do not speak of it, or it is newer than the picture. */
uint32_t graph_find(const struct graph *g, uint16_t source, const struct kind *kind, const char *uid);
static inline uint32_t graph_node(const struct graph *g, const struct row *r) { return graph_find(g, r->source, r->kind, r->uid); }

#endif
