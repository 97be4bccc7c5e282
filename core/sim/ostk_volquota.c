/* Cinder's quotas, limits and pools: what is used, what is left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_vol.h"

static const struct { const char *name; int limit; } standard[] = {
    {"volumes", 100}, {"per_volume_gigabytes", -1}, {"snapshots", 100}, {"gigabytes", 10000}, {"backups", 10}, {"backup_gigabytes", 1000},
};
#define NSTANDARD (sizeof(standard) / sizeof(standard[0]))

void vol_usage(struct sim *s, const char *project, int *volumes, int64_t *gigabytes, int *snapshots, int *backups)
{
    static const struct { const char *plural, *key; } tables[] = {{"volumes", TENANT}, {"snapshots", SNAP_TENANT}, {"backups", "_project"}};
    int n[3] = {0};
    *gigabytes = 0;
    for (size_t k = 0; k < 3; k++) {
        struct res *t = vol_table(s, tables[k].plural);
        for (size_t i = 0; i < t->n; i++) {
            json_t *d = obj_doc(t->items[i]);
            if (strcmp(json_string_value(json_object_get(d, tables[k].key)), project) == 0) {
                n[k]++;
                *gigabytes += k < 2 ? jint(d, "size") : 0;
            }
            json_decref(d);
        }
    }
    *volumes = n[0];
    *snapshots = n[1];
    *backups = n[2];
}

int vol_limit(struct sim *s, const char *project, const char *what)
{
    struct obj *o = store_get(vol_table(s, "quotas"), "", project);
    json_t *d = o ? obj_doc(o) : NULL, *v = json_object_get(d, what);
    int n = v ? (int)json_integer_value(v) : -1;
    for (size_t i = 0; i < NSTANDARD && !v; i++)
        if (strcmp(standard[i].name, what) == 0)
            n = standard[i].limit;
    json_decref(d);
    return n;
}

bool vol_room(struct req *r, const char *project, int volumes, int64_t gigabytes, int snapshots)
{
    int nv, ns, nb;
    int64_t gb;
    vol_usage(r->sim, project, &nv, &gb, &ns, &nb);
    int max = vol_limit(r->sim, project, "gigabytes"), maxv = vol_limit(r->sim, project, "volumes"), maxs = vol_limit(r->sim, project, "snapshots");
    if (max >= 0 && gb + gigabytes > max)
        return vol_fail(r, 413, "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested %lldG, quota is %dG and "
                        "%lldG has been consumed.", (long long)gigabytes, max, (long long)gb);
    if (volumes && maxv >= 0 && nv + volumes > maxv)
        return vol_fail(r, 413, "VolumeLimitExceeded: Maximum number of volumes allowed (%d) exceeded for quota 'volumes'.", maxv);
    if (snapshots && maxs >= 0 && ns + snapshots > maxs)
        return vol_fail(r, 413, "SnapshotLimitExceeded: Maximum number of snapshots allowed (%d) exceeded", maxs);
    return true;
}

static void put_number(json_t *q, const char *name, int limit, int64_t used, bool usage)
{
    json_object_set_new(q, name, usage ? jt("{'limit':%i,'in_use':%l,'reserved':0}", limit, used) : json_integer(limit));
}

static json_t *numbers(struct sim *s, const char *project, bool defaults, bool usage)
{
    struct res *t = vol_table(s, "types");
    json_t *q = json_object();
    int nv, ns, nb;
    int64_t gb;
    char name[300];
    vol_usage(s, project, &nv, &gb, &ns, &nb);
    int64_t used[NSTANDARD] = {nv, 0, ns, gb, nb, 0};
    for (size_t i = 0; i < NSTANDARD; i++)
        put_number(q, standard[i].name, defaults ? standard[i].limit : vol_limit(s, project, standard[i].name), used[i], usage);
    for (size_t i = 0; i < t->n; i++) {
        static const char *const each[] = {"volumes", "gigabytes", "snapshots"};
        json_t *d = obj_doc(t->items[i]);
        for (size_t k = 0; k < 3; k++) {
            snprintf(name, sizeof(name), "%s_%s", each[k], jstr(d, "name"));
            put_number(q, name, -1, 0, usage);
        }
        json_decref(d);
    }
    put_number(q, "groups", 10, 0, usage);
    json_object_set_new(q, "id", json_string(project));
    return q;
}

void vol_quotas(struct req *r, const char *project, const char *sub)
{
    const struct token *t = ostk_who(r);
    bool put = strcmp(r->method, "PUT") == 0;
    if (!t->admin && (put || strcmp(project, t->project_id) != 0)) {
        vol_fail(r, 403, "Policy doesn't allow volume_extension:quotas:%s to be performed.", put ? "update" : "show");
    } else if (put) {
        json_t *in = ostk_body(r);
        struct obj *o = store_get(vol_table(r->sim, "quotas"), "", project);
        json_t *d = o ? obj_doc(o) : jt("{'id':%s}", project);
        json_object_update(d, jat(in, "quota_set"));
        json_object_set_new(d, "id", json_string(project));
        store_put(r->sim, vol_table(r->sim, "quotas"), d);
        json_t *q = numbers(r->sim, project, false, false);
        json_object_del(q, "id");
        reply_json(r, 200, jt("{'quota_set':%j}", q));
        json_decref(in);
    } else if (strcmp(r->method, "DELETE") == 0) {
        ostk_drop(r->sim, vol_table(r->sim, "quotas"), project);
        reply_text(r, 200, NULL, "", 0);
    } else {
        reply_json(r, 200, jt("{'quota_set':%j}", numbers(r->sim, project, strcmp(sub, "defaults") == 0, ostk_flag(r, "usage"))));
    }
}

void vol_limits(struct req *r)
{
    const char *project = ostk_admin(r) && req_query(r, "project_id") ? req_query(r, "project_id") : ostk_who(r)->project_id;
    int nv, ns, nb;
    int64_t gb;
    vol_usage(r->sim, project, &nv, &gb, &ns, &nb);
    reply_json(r, 200, jt("{'limits':{'rate':[],'absolute':{'maxTotalVolumes':%i,'maxTotalSnapshots':%i,'maxTotalVolumeGigabytes':%i,'maxTotalBackups':%i,"
                          "'maxTotalBackupGigabytes':%i,'totalVolumesUsed':%i,'totalGigabytesUsed':%l,'totalSnapshotsUsed':%i,'totalBackupsUsed':%i,"
                          "'totalBackupGigabytesUsed':0}}}", vol_limit(r->sim, project, "volumes"), vol_limit(r->sim, project, "snapshots"),
                          vol_limit(r->sim, project, "gigabytes"), vol_limit(r->sim, project, "backups"), vol_limit(r->sim, project, "backup_gigabytes"), nv, gb, ns,
                          nb));
}

static int64_t allocated(struct sim *s, const char *pool)
{
    struct res *t = vol_table(s, "volumes");
    int64_t gb = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(json_string_value(json_object_get(d, HOST)) ? json_string_value(json_object_get(d, HOST)) : "", pool) == 0)
            gb += jint(d, "size");
        json_decref(d);
    }
    return gb;
}

void vol_pools(struct req *r)
{
    struct res *t = vol_table(r->sim, "services");
    json_t *rows = json_array();
    char at[40];
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        const char *host = jstr(d, "host"), *backend = strchr(host, '@');
        if (backend) {
            char *name = sim_printf("%s#%s", host, backend + 1);
            json_t *row = jt("{'name':%s}", name);
            int64_t gb = allocated(r->sim, name);
            if (ostk_flag(r, "detail"))
                json_object_set_new(row, "capabilities",
                    jt("{'pool_name':%s,'total_capacity_gb':10000.0,'free_capacity_gb':%j,'provisioned_capacity_gb':%j,'allocated_capacity_gb':%l,"
                       "'reserved_percentage':0,'QoS_support':false,'thin_provisioning_support':true,'thick_provisioning_support':false,"
                       "'max_over_subscription_ratio':20.0,'multiattach':true,'online_extend_support':true,'filter_function':null,'goodness_function':null,"
                       "'consistencygroup_support':false,'replication_enabled':false,'cacheable':true,'volume_backend_name':%s,'storage_protocol':'iSCSI',"
                       "'vendor_name':'Open Source','driver_version':'3.0.0','timestamp':%s}", backend + 1, json_real((double)(10000 - gb)), json_real((double)gb), gb, backend + 1,
                       ostk_stamp(r->sim, at)));
            json_array_append_new(rows, row);
            free(name);
        }
        json_decref(d);
    }
    reply_json(r, 200, jt("{'pools':%j}", rows));
}
