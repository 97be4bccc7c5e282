/*
 * Purpose:   the OpenStack half of a kind: which calls list it and how an item becomes a row.
 * Thread:    net thread (decode); const data.
 */
#ifndef STRATA_OSTK_KIND_H
#define STRATA_OSTK_KIND_H

#include "strata/kind.h"
#include "strata/row.h"

struct json_t;
struct ostk_source;

/* paging: how the next page is asked for */
enum ostk_paging { OSTK_NO_PAGES, OSTK_MARKER /* ?limit&marker=<last id>, or the links */, OSTK_LINKS,
                   OSTK_OFFSET /* ?limit&offset=<how many came>: Manila, whose next links have a marker that it does not heed */ };

struct ostk_kind {
    const char *service;             /* catalog type: "compute", "network", "block-storage", ... */
    const char *path;                /* below the endpoint: "/servers/detail" */
    const char *path_all;            /* with all projects: "?all_tenants=1", or another path "/projects"; tried first,
                                        403 falls back; NULL = same */
    const char *list_key;            /* "servers" */
    const char *item_path;           /* "/servers/%s" for describe, YAML */
    const char *item_key;            /* "server" */
    const char *id_key;              /* NULL = "id"; "binary/host": these two, joined */
    enum ostk_paging paging;
    const char *microversion;        /* newest this kind understands, "2.93"; negotiated down; NULL = none */
    const char *changes_since;       /* query parameter for deltas, NULL = none */
    int poll_s;                      /* between polls when quiet (busy rows: a third, idle terminal: three times) */
    int full_s;                      /* between full re-lists where there are deltas */
    const char *stirs;               /* a kind whose rows tell this one's state too, which moves them in no delta: listed whole
                                        soon after a change of health here; NULL = none */
    const char *fields;              /* "?fields=..." list, NULL = none */
    const char *names[4];            /* what ostk_name will be asked for: fetched with the first list, so that it has them */
    /* After the columns with .path have been filled; identity is set too. NULL = columns alone. Returns false to
     * skip the item. */
    bool (*decode)(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms);
    /* Kinds that are not one list (os-services, quotas): own driver instead. NULL = the generic poller. */
    const struct ostk_driver *driver;
};

#endif
