/* What a project may use and uses: limits, quota sets, usage over time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

struct usage { int instances, cores, ram, groups; };

static const struct { const char *name; int limit; int until; } quotas[] = {     /* until: the last microversion that shows it; 0 = all */
    {"cores", 400, 0}, {"fixed_ips", -1, 35}, {"floating_ips", -1, 35}, {"injected_file_content_bytes", 10240, 56}, {"injected_file_path_bytes", 255, 56},
    {"injected_files", 5, 56}, {"instances", 100, 0}, {"key_pairs", 100, 0}, {"metadata_items", 128, 0}, {"ram", 2000000, 0},
    {"security_group_rules", -1, 35}, {"security_groups", -1, 35}, {"server_group_members", 10, 0}, {"server_groups", 10, 0},
};
#define NQUOTAS (sizeof(quotas) / sizeof(quotas[0]))

static struct usage used(struct nova *n, const char *project)
{
    struct usage u = {0};
    for (size_t i = 0; i < n->n; i++) {
        const struct nova_server *v = n->order[i];
        if (v->vm == VM_DELETED || strcmp(v->project, project) != 0)
            continue;
        u.instances++;
        u.cores += v->flavor->vcpus;
        u.ram += v->flavor->ram;
    }
    for (size_t i = 0; i < json_array_size(n->groups); i++)
        u.groups += strcmp(jstr(json_array_get(n->groups, i), "project_id"), project) == 0;
    return u;
}

static int limit_of(struct nova *n, const char *project, size_t i)
{
    const json_t *v = json_object_get(json_object_get(n->quotas, project), quotas[i].name);
    return v ? (int)json_integer_value(v) : quotas[i].limit;
}

static int in_use(const struct usage *u, const char *name)
{
    return strcmp(name, "instances") == 0 ? u->instances : strcmp(name, "cores") == 0 ? u->cores : strcmp(name, "ram") == 0 ? u->ram
           : strcmp(name, "server_groups") == 0 ? u->groups : 0;
}

bool nova_quota_ok(struct req *r, const char *project, int instances, int cores, int ram)
{
    struct nova *n = r->sim->nova;
    struct usage u = used(n, project);
    const struct { const char *name; int ask; } asked[] = {{"instances", instances}, {"cores", cores}, {"ram", ram}};
    struct str over, want, have, most;
    struct str *const parts[] = {&over, &want, &have, &most};
    for (int i = 0; i < 4; i++)
        str_init(parts[i], 0);
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < NQUOTAS; i++) {
            int limit = strcmp(quotas[i].name, asked[k].name) == 0 ? limit_of(n, project, i) : -1;
            if (limit < 0 || asked[k].ask <= 0 || in_use(&u, asked[k].name) + asked[k].ask <= limit)
                continue;
            const char *sep = over.len ? ", " : "";
            str_addf(&over, "%s%s", sep, asked[k].name);
            str_addf(&want, "%s%d", sep, asked[k].ask);
            str_addf(&have, "%s%d", sep, in_use(&u, asked[k].name));
            str_addf(&most, "%s%d", sep, limit);
        }
    }
    bool ok = !over.len;
    if (!ok)
        nova_error(r, 403, "Quota exceeded for %s: Requested %s, but already used %s of %s %s", over.data, want.data, have.data, most.data, over.data);
    for (int i = 0; i < 4; i++)
        str_release(parts[i]);
    return ok;
}

/* ---- limits ---- */
void nova_limits(struct req *r)
{
    static const char *const known[] = {"tenant_id", NULL};
    static const struct { const char *name, *quota; int until; } shown[] = {
        {"maxTotalInstances", "instances", 0}, {"maxTotalCores", "cores", 0}, {"maxTotalRAMSize", "ram", 0}, {"maxServerMeta", "metadata_items", 0},
        {"maxImageMeta", "metadata_items", 38}, {"maxPersonality", "injected_files", 56}, {"maxPersonalitySize", "injected_file_content_bytes", 56},
        {"maxTotalKeypairs", "key_pairs", 0}, {"maxServerGroups", "server_groups", 0}, {"maxServerGroupMembers", "server_group_members", 0},
        {"maxTotalFloatingIps", "floating_ips", 35}, {"maxSecurityGroups", "security_groups", 35}, {"maxSecurityGroupRules", "security_group_rules", 35},
    };
    const char *project = req_query(r, "tenant_id");
    if (strcmp(r->method, "GET") != 0) {
        nova_none(r);
        return;
    }
    if (!nova_queries(r, known) || (project && !nova_allowed(r, "os_compute_api:limits:other_project")))
        return;
    project = project ? project : nova_who(r)->project_id;
    struct usage u = used(r->sim->nova, project);
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "limits", '{');
    jw_open(&w, "rate", '[');
    jw_close(&w, ']');
    jw_open(&w, "absolute", '{');
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        for (size_t k = 0; k < NQUOTAS && (!shown[i].until || !nova_at(r, shown[i].until + 1)); k++)
            if (strcmp(quotas[k].name, shown[i].quota) == 0)
                jw_int(&w, shown[i].name, limit_of(r->sim->nova, project, k));
    jw_int(&w, "totalRAMUsed", u.ram);
    jw_int(&w, "totalCoresUsed", u.cores);
    jw_int(&w, "totalInstancesUsed", u.instances);
    if (!nova_at(r, 36)) {
        jw_int(&w, "totalFloatingIpsUsed", 0);
        jw_int(&w, "totalSecurityGroupsUsed", 0);
    }
    jw_int(&w, "totalServerGroupsUsed", u.groups);
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

/* ---- quota sets ---- */
static void quota_set(struct req *r, const char *project, bool detail, bool defaults, bool with_id)
{
    struct nova *n = r->sim->nova;
    struct usage u = used(n, project);
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "quota_set", '{');
    if (with_id)
        jw_str(&w, "id", project);
    for (size_t i = 0; i < NQUOTAS; i++) {
        if (quotas[i].until && nova_at(r, quotas[i].until + 1))
            continue;
        int limit = defaults ? quotas[i].limit : limit_of(n, project, i);
        if (!detail) {
            jw_int(&w, quotas[i].name, limit);
            continue;
        }
        jw_open(&w, quotas[i].name, '{');
        jw_int(&w, "limit", limit);
        jw_int(&w, "in_use", in_use(&u, quotas[i].name));
        jw_int(&w, "reserved", 0);
        jw_close(&w, '}');
    }
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static void quota_update(struct req *r, const char *project)
{
    struct nova *n = r->sim->nova;
    json_t *in = nova_body(r, "quota_set"), *set = json_object_get(n->quotas, project), *x;
    const char *key;
    if (!in)
        return;
    struct usage u = used(n, project);
    bool force = json_is_true(json_object_get(in, "force"));
    json_object_foreach(in, key, x) {
        int64_t value = json_is_string(x) ? atoi(json_string_value(x)) : json_integer_value(x);
        if (!force && value >= 0 && value < in_use(&u, key)) {
            nova_error(r, 400, "Quota limit %lld for %s must be greater than or equal to already used and reserved %d.", (long long)value, key,
                       in_use(&u, key));
            json_decref(in);
            return;
        }
    }
    if (!set) {
        set = json_object();
        json_object_set_new(n->quotas, project, set);
    }
    json_object_foreach(in, key, x)
        json_object_set_new(set, key, json_integer(json_is_string(x) ? atoi(json_string_value(x)) : json_integer_value(x)));
    json_decref(in);
    quota_set(r, project, false, false, false);
}

static bool project_known(struct req *r, const char *id)
{
    bool hex = strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32;
    if (!hex)
        nova_error(r, 400, "Project ID %s is not a valid project.", id);
    return hex;
}

void nova_quota_sets(struct req *r)
{
    const char *project = r->nseg > 3 ? r->seg[3] : "", *sub = r->nseg > 4 ? r->seg[4] : "";
    static const char *const known[] = {"user_id", NULL};
    bool mine = strcmp(project, nova_who(r)->project_id) == 0, detail = strcmp(sub, "detail") == 0, defaults = strcmp(sub, "defaults") == 0;
    bool get = strcmp(r->method, "GET") == 0;
    if (get && !mine && !defaults && !nova_allowed(r, detail ? "os_compute_api:os-quota-sets:detail" : "os_compute_api:os-quota-sets:show"))
        return;
    if (!get && !nova_allowed(r, "os_compute_api:os-quota-sets:update"))
        return;
    if (!project_known(r, project) || (get && !nova_queries(r, known)))
        return;
    if (get)
        quota_set(r, project, detail, defaults, true);
    else if (strcmp(r->method, "PUT") == 0)
        quota_update(r, project);
    else if (strcmp(r->method, "DELETE") == 0) {
        json_object_del(r->sim->nova->quotas, project);
        reply_text(r, 202, "application/json", "", 0);
    } else {
        nova_none(r);
    }
}

/* ---- usage ---- */
struct span { int64_t from, to; };
struct total { double hours, vcpus, ram, disk; };

static struct span span_of(struct req *r)
{
    const char *start = req_query(r, "start"), *end = req_query(r, "end");
    struct span s = {start ? stamp_ms(start) : -1, end ? stamp_ms(end) : -1};
    if (s.to < 0 || s.to > sim_now(r->sim))
        s.to = sim_now(r->sim);
    if (s.from < 0)
        s.from = s.to - 28 * 86400000LL;
    return s;
}

static double hours_in(const struct nova_server *v, const struct span *s)
{
    int64_t from = v->launched > s->from ? v->launched : s->from, to = v->terminated && v->terminated < s->to ? v->terminated : s->to;
    return v->launched && to > from ? (double)(to - from) / 3600000.0 : 0;
}

static void number(struct jw *w, const char *key, double value)
{
    json_t *v = json_real(value);
    jw_json(w, key, v);
    json_decref(v);
}

static void server_usage(struct jw *w, const struct req *r, const struct nova_server *v, double hours)
{
    jw_open(w, NULL, '{');
    number(w, "hours", hours);
    jw_str(w, "flavor", v->flavor->name);
    jw_str(w, "instance_id", v->id);
    jw_str(w, "name", v->name);
    jw_str(w, "tenant_id", v->project);
    jw_int(w, "memory_mb", v->flavor->ram);
    jw_int(w, "local_gb", v->flavor->disk + v->flavor->ephemeral);
    jw_int(w, "vcpus", v->flavor->vcpus);
    jw_at(w, "started_at", v->launched);
    jw_at(w, "ended_at", v->terminated);
    jw_str(w, "state", v->terminated ? "terminated" : nova_vm_names[v->vm]);
    jw_int(w, "uptime", ((v->terminated ? v->terminated : sim_now(r->sim)) - v->launched) / 1000);
    jw_close(w, '}');
}

static bool project_usage(struct jw *w, struct req *r, const char *project, const struct span *s, bool detail, const char *key)
{
    struct nova *n = r->sim->nova;
    struct total t = {0};
    bool any = false;
    char at[40];
    for (size_t i = 0; i < n->n; i++) {
        const struct nova_server *v = n->order[i];
        double h = strcmp(v->project, project) == 0 ? hours_in(v, s) : 0;
        any = any || h > 0;
        t.hours += h;
        t.vcpus += h * v->flavor->vcpus;
        t.ram += h * v->flavor->ram;
        t.disk += h * v->flavor->disk;
    }
    if (!any)
        return false;
    jw_open(w, key, '{');
    jw_str(w, "tenant_id", project);
    if (detail) {
        jw_open(w, "server_usages", '[');
        for (size_t i = 0; i < n->n; i++) {
            double h = strcmp(n->order[i]->project, project) == 0 ? hours_in(n->order[i], s) : 0;
            if (h > 0)
                server_usage(w, r, n->order[i], h);
        }
        jw_close(w, ']');
    }
    number(w, "total_local_gb_usage", t.disk);
    number(w, "total_vcpus_usage", t.vcpus);
    number(w, "total_memory_mb_usage", t.ram);
    number(w, "total_hours", t.hours);
    jw_str(w, "start", nova_micros(s->from, at));
    jw_str(w, "stop", nova_micros(s->to, at));
    jw_close(w, '}');
    return true;
}

void nova_usage(struct req *r)
{
    struct nova *n = r->sim->nova;
    struct span s = span_of(r);
    const char *project = r->nseg > 3 ? r->seg[3] : NULL;
    bool mine = project && strcmp(project, nova_who(r)->project_id) == 0;
    if (!mine && !nova_allowed(r, project ? "os_compute_api:os-simple-tenant-usage:show" : "os_compute_api:os-simple-tenant-usage:list"))
        return;
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    if (project) {
        if (!project_usage(&w, r, project, &s, true, "tenant_usage")) {
            jw_open(&w, "tenant_usage", '{');
            jw_close(&w, '}');
        }
    } else {
        jw_open(&w, "tenant_usages", '[');
        for (size_t i = 0; i < n->nwords; i++)                /* the projects are among the known words */
            project_usage(&w, r, n->words[i], &s, nova_flag(req_query(r, "detailed"), false), NULL);
        jw_close(&w, ']');
    }
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

/* Defaults of all projects, in the old form: without the quotas of server groups below 2.50. */
void nova_quota_class(struct req *r)
{
    struct jw w;
    if (strcmp(r->method, "GET") != 0 || r->nseg < 4) {
        nova_none(r);
        return;
    }
    if (!nova_allowed(r, "os_compute_api:os-quota-class-sets:show"))
        return;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "quota_class_set", '{');
    jw_str(&w, "id", r->seg[3]);
    for (size_t i = 0; i < NQUOTAS; i++) {
        bool network = quotas[i].until && (quotas[i].until == 35 ? nova_at(r, 50) : nova_at(r, 57)), groups = strncmp(quotas[i].name, "server_group", 12) == 0;
        if (!network && (!groups || nova_at(r, 50)))
            jw_int(&w, quotas[i].name, quotas[i].limit);
    }
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}
