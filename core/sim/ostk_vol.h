/*
 * Purpose:   Cinder inside: what its API file and its life file share.
 * Thread:    one.
 * Ownership: documents are borrowed.
 * Errors:    false: the reply was sent.
 * Units:     GiB.
 */
#ifndef STRATA_SIM_VOL_H
#define STRATA_SIM_VOL_H

#include "core/sim/ostk_sim.h"

#define TENANT "os-vol-tenant-attr:tenant_id"
#define HOST "os-vol-host-attr:host"
#define SNAP_TENANT "os-extended-snapshot-attributes:project_id"

struct res *vol_table(struct sim *s, const char *plural);
bool vol_fail(struct req *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
json_t *vol_see(struct req *r, json_t *d);                     /* what this caller sees at this microversion; takes d over */
json_t *vol_see_snapshot(struct req *r, json_t *d);
json_t *vol_see_backup(struct req *r, json_t *d);
json_t *vol_type(struct sim *s, const char *name_or_id);       /* a new reference, or NULL; "" = the default type */
bool vol_services_beat(struct sim *s, json_t *service);        /* state and updated_at as of now; is it up? */
bool vol_backend_up(struct sim *s, const char *host);          /* "controller-1@ssd#ssd" */
void vol_usage(struct sim *s, const char *project, int *volumes, int64_t *gigabytes, int *snapshots, int *backups);
int vol_limit(struct sim *s, const char *project, const char *what);

/* ostk_volume.c */
void vol_create(struct req *r);
void vol_change(struct req *r, struct obj *o);                 /* PUT */
void vol_remove(struct req *r, struct obj *o, bool force);
void vol_action(struct req *r, struct obj *o);
void vol_metadata(struct req *r, struct obj *o, const char *key);
void vol_snapshot_create(struct req *r);
void vol_snapshot_remove(struct req *r, struct obj *o);
void vol_snapshot_action(struct req *r, struct obj *o);
void vol_backup_create(struct req *r);
void vol_backup_remove(struct req *r, struct obj *o);
void vol_resume(struct sim *s, const char *backend);           /* the backend is back: what was being deleted goes on */

/* ostk_volquota.c */
void vol_quotas(struct req *r, const char *project, const char *sub);
void vol_limits(struct req *r);
void vol_pools(struct req *r);
bool vol_room(struct req *r, const char *project, int volumes, int64_t gigabytes, int snapshots);

#endif
