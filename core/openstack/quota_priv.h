/*
 * Purpose:   quota: what the three services say of a project, as one row.
 * Thread:    net thread.
 * Ownership: documents are borrowed; the row is built in the caller's rowbuf.
 * Errors:    a part that could not be had is NULL: its cells stay empty.
 */
#ifndef STRATA_OSTK_QUOTA_PRIV_H
#define STRATA_OSTK_QUOTA_PRIV_H

#include "strata/row.h"

struct json_t;

/* Columns of core/kinds/ostk_quota.c, in its order. */
enum {
    QUOTA_PROJECT, QUOTA_USED, QUOTA_MOST, QUOTA_INSTANCES, QUOTA_CORES, QUOTA_RAM, QUOTA_VOLUMES, QUOTA_GIGABYTES,
    QUOTA_SNAPSHOTS, QUOTA_FIPS, QUOTA_PORTS, QUOTA_NETWORKS, QUOTA_ROUTERS, QUOTA_SUBNETS, QUOTA_GROUPS, QUOTA_RULES,
    QUOTA_BACKUPS, QUOTA_SERVER_GROUPS, QUOTA_KEYS, QUOTA_ID, QUOTA_NCOLS
};

/* Who is asked about a project, and how: path + id + tail, or + plain where a server knows no usage. */
enum { QUOTA_PARTS = 3 };
struct quota_part { const char *service, *root, *path, *tail, *plain; };
extern const struct quota_part quota_parts[QUOTA_PARTS];
void quota_path(struct str *out, int part, bool plain, const char *project);

/* compute, volume: quota_set objects; network: quota object; each may be NULL. */
void quota_row(struct rowbuf *rb, const char *id, const char *name, const struct json_t *compute, const struct json_t *volume,
               const struct json_t *network);

#endif
