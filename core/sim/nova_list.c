/* Lists of servers: filters, order, pages, what changed since; from the records, only the shown page becomes text. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/sim/nova_priv.h"

enum { MAX_STATUS = 8, MAX_SORT = 4, MAX_FILTERS = 16 };
struct filter { const struct field *field; const char *want; regex_t regex; bool is_regex; };
struct query {
    const char *status[MAX_STATUS], *sort[MAX_SORT], *dir[MAX_SORT];
    int nstatus, nsort, ndir, nfilters;
    struct filter filters[MAX_FILTERS];
    const char *project, *ip, *tags, *tags_any, *locked;
    bool nothing;                                              /* no server can match */
    regex_t ip_regex;
    int deleted;                                               /* -1: both */
    int64_t since, before;                                     /* seconds; -1: not asked */
    long limit;
    const char *marker;
};

/* Values that filters and orders look at. */
static const char *f_name(const struct nova_server *v) { return v->name; }
static const char *f_host(const struct nova_server *v) { return v->host ? v->host->name : ""; }
static const char *f_image(const struct nova_server *v) { return v->image; }
static const char *f_flavor(const struct nova_server *v) { return v->flavor->id; }
static const char *f_user(const struct nova_server *v) { return v->user; }
static const char *f_project(const struct nova_server *v) { return v->project; }
static const char *f_id(const struct nova_server *v) { return v->id; }
static const char *f_vm(const struct nova_server *v) { return nova_vm_names[v->vm]; }
static const char *f_task(const struct nova_server *v) { return v->task ? nova_task_names[v->task] : ""; }
static const char *f_key(const struct nova_server *v) { return v->key ? v->key : ""; }
static const char *f_zone(const struct nova_server *v) { return v->zone ? v->zone : v->host ? "nova" : ""; }
static const char *f_hostname(const struct nova_server *v) { return v->hostname ? v->hostname : v->name; }
static const char *f_description(const struct nova_server *v) { return v->description ? v->description : ""; }
static const char *f_reservation(const struct nova_server *v) { return v->reservation; }
static const char *f_power(const struct nova_server *v)
{
    static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    return digits[v->power & 7];
}

/* who: 0 everybody, 83 everybody from 2.83, -1 administrators */
static const struct field { const char *query; const char *(*of)(const struct nova_server *v); bool regex; int who; const char *sort; } fields[] = {
    {"name", f_name, true, 0, "display_name"}, {"display_name", f_name, true, -1, NULL}, {"host", f_host, false, -1, "host"},
    {"node", f_host, true, -1, "node"}, {"image", f_image, false, 0, "image_ref"}, {"image_ref", f_image, false, -1, NULL},
    {"flavor", f_flavor, false, 0, "instance_type_id"}, {"user_id", f_user, false, 83, "user_id"}, {"uuid", f_id, false, -1, "uuid"},
    {"vm_state", f_vm, false, 83, "vm_state"}, {"task_state", f_task, false, 83, "task_state"}, {"power_state", f_power, false, 83, "power_state"},
    {"key_name", f_key, true, 83, "key_name"}, {"availability_zone", f_zone, true, 83, "availability_zone"},
    {"hostname", f_hostname, true, -1, "hostname"}, {"description", f_description, true, -1, "display_description"},
    {"reservation_id", f_reservation, true, 0, NULL}, {NULL, f_project, false, -1, "project_id"},
};
#define NFIELDS (sizeof(fields) / sizeof(fields[0]))
/* In the order of the real sentence; "locked" and what follows "vm_mode" are columns of the database only. */
static const char *const sorts[] = {
    "access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive", "created_at", "display_description", "display_name", "host",
    "hostname", "image_ref", "instance_type_id", "kernel_id", "key_name", "launch_index", "launched_at", "locked_by", "node", "power_state", "progress",
    "project_id", "ramdisk_id", "root_device_name", "task_state", "terminated_at", "updated_at", "user_id", "uuid", "vm_state", "architecture", "cell_name",
    "cleaned", "default_ephemeral_device", "default_swap_device", "deleted", "deleted_at", "disable_terminate", "ephemeral_gb", "ephemeral_key_uuid", "id",
    "key_data", "launched_on", "locked", "memory_mb", "os_type", "reservation_id", "root_gb", "shutdown_terminate", "user_data", "vcpus", "vm_mode"};
#define NSORTS (sizeof(sorts) / sizeof(sorts[0]))

static bool sort_known(const char *key)
{
    for (size_t i = 0; i < NSORTS; i++)
        if (strcmp(sorts[i], key) == 0)
            return true;
    return false;
}

static int by_key(const struct nova_server *a, const struct nova_server *b, const char *key)
{
    int64_t x = 0, y = 0;
    for (size_t i = 0; i < NFIELDS; i++)
        if (fields[i].sort && strcmp(fields[i].sort, key) == 0)
            return strcasecmp(fields[i].of(a), fields[i].of(b));
    if (strcmp(key, "created_at") == 0)
        x = a->created, y = b->created;
    else if (strcmp(key, "updated_at") == 0)
        x = a->updated / 1000, y = b->updated / 1000;
    else if (strcmp(key, "launched_at") == 0)
        x = a->launched, y = b->launched;
    else if (strcmp(key, "progress") == 0)
        x = a->progress, y = b->progress;
    else if (strcmp(key, "locked") == 0 || strcmp(key, "locked_by") == 0)
        x = a->locked, y = b->locked;
    return x < y ? -1 : x > y;
}

static int by_query(const void *a, const void *b, void *arg)
{
    const struct nova_server *x = *(struct nova_server *const *)a, *y = *(struct nova_server *const *)b;
    const struct query *q = arg;
    bool up = q->ndir ? strcmp(q->dir[0], "asc") == 0 : false;
    for (int i = 0; i < q->nsort; i++) {
        int d = by_key(x, y, q->sort[i]);
        if (d)
            return (i < q->ndir ? strcmp(q->dir[i], "asc") == 0 : up) ? d : -d;
    }
    int d = x->created != y->created ? (x->created < y->created ? -1 : 1) : x->seq < y->seq ? -1 : x->seq > y->seq;
    return up ? d : -d;
}

/* ---- reading the query ---- */
static enum MHD_Result repeated(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct query *q = cls;
    (void)kind;
    value = value ? value : "";
    if (strcmp(key, "status") == 0 && q->nstatus < MAX_STATUS)
        q->status[q->nstatus++] = value;
    else if (strcmp(key, "sort_key") == 0 && q->nsort < MAX_SORT)
        q->sort[q->nsort++] = value;
    else if (strcmp(key, "sort_dir") == 0 && q->ndir < MAX_SORT)
        q->dir[q->ndir++] = value;
    return MHD_YES;
}

static bool date(struct req *r, const char *key, int64_t *out)
{
    const char *text = req_query(r, key);
    *out = -1;
    if (!text)
        return true;
    int64_t ms = stamp_ms(text);
    if (ms < 0) {
        nova_error(r, 400, "Invalid input for query parameters %s. Value: %s. '%s' is not a 'date-time'", key, text, text);
        return false;
    }
    *out = ms / 1000;
    return true;
}

static const char *const statuses[] = {"ACTIVE", "BUILD", "DELETED", "ERROR", "HARD_REBOOT", "MIGRATING", "PASSWORD", "PAUSED", "REBOOT", "REBUILD",
                                       "RESCUE", "RESIZE", "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED", "SHUTOFF", "SOFT_DELETED", "SUSPENDED",
                                       "VERIFY_RESIZE"};

/* False: an answer was sent. */
static bool read_status(struct req *r, struct query *q)
{
    int good = 0, gone = 0;
    for (int i = 0; i < q->nstatus; i++) {
        for (size_t k = 0; k < sizeof(statuses) / sizeof(statuses[0]); k++)
            good += strcasecmp(statuses[k], q->status[i]) == 0;
        gone += strcasecmp(q->status[i], "DELETED") == 0;
    }
    if (q->nstatus && !good) {
        if (nova_at(r, 38))
            nova_error(r, 400, "Invalid status value");
        else
            reply_json(r, 200, jt("{'servers':[]}"));
        return false;
    }
    if (gone && gone == q->nstatus) {
        if (!nova_admin(r)) {
            nova_error(r, 403, "Only administrators may list deleted instances");
            return false;
        }
        q->deleted = 1;
    }
    return true;
}

static bool read_sort(struct req *r, struct query *q)
{
    for (int i = 0; i < q->ndir; i++) {
        if (strcmp(q->dir[i], "asc") != 0 && strcmp(q->dir[i], "desc") != 0) {
            nova_error(r, 400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'");
            return false;
        }
    }
    for (int i = 0; i < q->nsort; i++) {
        if (!sort_known(q->sort[i])) {
            struct str list;
            str_init(&list, 0);
            for (size_t k = 0; k < NSORTS; k++)
                str_addf(&list, "%s'%s'", k ? ", " : "", sorts[k]);
            nova_error(r, 400, "Invalid input for query parameters sort_key. Value: %s. '%s' is not one of [%s]", q->sort[i], q->sort[i], list.data);
            str_release(&list);
            return false;
        }
        if (!nova_admin(r) && (strcmp(q->sort[i], "host") == 0 || strcmp(q->sort[i], "node") == 0)) {
            nova_error(r, 403, "Only administrators can sort servers by %s", q->sort[i]);
            return false;
        }
    }
    return true;
}

/* What a switch may say. */
static bool flag_ok(struct req *r, const char *value)
{
    if (nova_flag(value, true) == nova_flag(value, false))
        return true;
    nova_error(r, 400, "Unrecognized value '%s', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'", value);
    return false;
}

static bool read_project(struct req *r, struct query *q, bool detail)
{
    const char *all = req_query(r, "all_tenants"), *project = req_query(r, "project_id");
    q->project = nova_who(r)->project_id;
    if (all && *all && !flag_ok(r, all))
        return false;
    if (!all || !nova_flag(all, true)) {
        const char *named = project ? project : req_query(r, "tenant_id");
        if (named && nova_admin(r) && strcmp(named, q->project) != 0)
            q->nothing = true;                                 /* another project, without all_tenants */
        return true;
    }
    if (!nova_allowed(r, detail ? "os_compute_api:servers:detail:get_all_tenants" : "os_compute_api:servers:index:get_all_tenants"))
        return false;
    q->project = project ? project : req_query(r, "tenant_id");
    return true;
}

static bool read_times(struct req *r, struct query *q)
{
    const char *deleted = req_query(r, "deleted");
    if (!date(r, "changes-since", &q->since) || (q->before = -1, nova_at(r, 66) && !date(r, "changes-before", &q->before)))
        return false;
    if (q->since >= 0 && q->before >= 0 && q->since > q->before) {
        nova_error(r, 400, "The value of changes-since must be less than or equal to changes-before.");
        return false;
    }
    q->deleted = deleted && nova_admin(r) ? nova_flag(deleted, true) : q->since >= 0 || q->before >= 0 ? -1 : 0;
    return true;
}

static bool read_filters(struct req *r, struct query *q)
{
    for (size_t i = 0; i < NFIELDS && q->nfilters < MAX_FILTERS; i++) {
        const char *want = fields[i].query ? req_query(r, fields[i].query) : NULL;
        if (!want || (fields[i].who && !nova_admin(r) && (fields[i].who < 0 || !nova_at(r, fields[i].who))))
            continue;
        struct filter *f = &q->filters[q->nfilters++];
        *f = (struct filter){.field = &fields[i], .want = want};
        f->is_regex = fields[i].regex && regcomp(&f->regex, want, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0;
        if (fields[i].regex && !f->is_regex) {
            nova_error(r, 400, "Invalid input for query parameters %s. Value: %s. '%s' is not a 'regex'", fields[i].query, want, want);
            return false;
        }
    }
    q->ip = req_query(r, "ip");
    if (q->ip && regcomp(&q->ip_regex, q->ip, REG_EXTENDED) != 0) {
        nova_error(r, 400, "Invalid input for query parameters ip. Value: %s. '%s' is not a 'regex'", q->ip, q->ip);
        q->ip = NULL;
        return false;
    }
    q->tags = nova_at(r, 26) ? req_query(r, "tags") : NULL;
    q->tags_any = nova_at(r, 26) ? req_query(r, "tags-any") : NULL;
    q->locked = nova_at(r, 73) ? req_query(r, "locked") : NULL;
    q->marker = req_query(r, "marker");
    return !q->locked || flag_ok(r, q->locked);
}

static void query_free(struct query *q)
{
    for (int i = 0; i < q->nfilters; i++)
        if (q->filters[i].is_regex)
            regfree(&q->filters[i].regex);
    if (q->ip)
        regfree(&q->ip_regex);
}

/* ---- matching ---- */
static bool has_tag(const struct nova_server *v, const char *tag, size_t n)
{
    for (size_t i = 0; i < json_array_size(v->tags); i++) {
        const char *have = json_string_value(json_array_get(v->tags, i));
        if (strlen(have) == n && strncmp(have, tag, n) == 0)
            return true;
    }
    return false;
}

static bool tags_match(const struct nova_server *v, const char *list, bool any)
{
    bool hit = false;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        bool has = has_tag(v, p, n);
        if (!any && !has)
            return false;
        hit = hit || has;
        p += n + (p[n] == ',');
    }
    return !any || hit;
}

static bool ip_matches(const struct nova_server *v, const regex_t *re)
{
    regmatch_t m[1];
    for (size_t i = 0; i < v->nports; i++)
        if (regexec(re, v->ports[i].ip, 1, m, 0) == 0 || (v->ports[i].floating && regexec(re, v->ports[i].floating, 1, m, 0) == 0))
            return true;
    return false;
}

static bool matches(const struct nova_server *v, const struct query *q)
{
    if (q->nothing)
        return false;
    bool soft = v->vm == VM_SOFT_DELETED;                      /* gone as well, as far as lists go */
    if (q->deleted >= 0 && q->deleted != (v->vm == VM_DELETED || soft))
        return false;
    if (q->project && strcmp(q->project, v->project) != 0)
        return false;
    if ((q->since >= 0 && v->updated / 1000 < q->since) || (q->before >= 0 && v->updated / 1000 > q->before))
        return false;
    bool good = q->nstatus == 0;
    for (int i = 0; i < q->nstatus && !good; i++)
        good = strcasecmp(q->status[i], nova_status(v)) == 0;
    for (int i = 0; i < q->nfilters && good; i++) {
        const struct filter *f = &q->filters[i];
        const char *have = f->field->of(v);
        good = f->is_regex ? regexec(&f->regex, have, 0, NULL, 0) == 0 : strcmp(have, f->want) == 0;
    }
    return good && (!q->ip || ip_matches(v, &q->ip_regex)) && (!q->tags || tags_match(v, q->tags, false)) &&
           (!q->tags_any || tags_match(v, q->tags_any, true)) && (!q->locked || nova_flag(q->locked, false) == v->locked);
}

struct found { struct nova_server **list; size_t n, cap; };

static void add(struct found *f, struct nova_server *v)
{
    f->list = sim_grow(f->list, &f->cap, f->n + 1, sizeof(*f->list));
    f->list[f->n++] = v;
}

/* The usual order, newest first, needs no sorting: the page is read from the records, which are in that order. */
static void page_by_age(struct nova *n, const struct query *q, const struct nova_server *marker, struct found *f)
{
    size_t i = n->n;
    if (marker) {
        size_t lo = 0, hi = n->n;
        while (lo < hi) {
            size_t mid = (lo + hi) / 2;
            const struct nova_server *v = n->order[mid];
            if (v->created < marker->created || (v->created == marker->created && v->seq < marker->seq))
                lo = mid + 1;
            else
                hi = mid;
        }
        i = lo;
    }
    while (i-- > 0 && f->n < (size_t)q->limit)
        if (matches(n->order[i], q))
            add(f, n->order[i]);
}

static void page_sorted(struct nova *n, struct query *q, const struct nova_server *marker, struct found *f)
{
    struct found all = {0};
    for (struct nova_server *v = n->newest; v && (q->since < 0 || v->updated / 1000 >= q->since); v = v->older)
        if (matches(v, q))
            add(&all, v);
    if (all.n)
        qsort_r(all.list, all.n, sizeof(*all.list), by_query, q);
    size_t i = 0;
    if (marker) {
        while (i < all.n && by_query(&all.list[i], &marker, q) <= 0)
            i++;
    }
    for (; i < all.n && f->n < (size_t)q->limit; i++)
        add(f, all.list[i]);
    free(all.list);
}

static void reply_page(struct req *r, const struct query *q, const struct found *f, bool detail)
{
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "servers", '[');
    for (size_t i = 0; i < f->n; i++) {
        if (detail) {
            nova_show(&w, r, f->list[i], false);
            continue;
        }
        jw_open(&w, NULL, '{');
        jw_str(&w, "id", f->list[i]->id);
        jw_str(&w, "name", f->list[i]->name);
        jw_links(&w, r, "servers", f->list[i]->id);
        jw_close(&w, '}');
    }
    jw_close(&w, ']');
    if (f->n && f->n == (size_t)q->limit)
        jw_next(&w, r, "servers_links", f->list[f->n - 1]->id);
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static bool known_query(struct req *r)
{
    static const char *const known[] = {
        "user_id", "project_id", "tenant_id", "launch_index", "image_ref", "image", "kernel_id", "ramdisk_id", "hostname", "key_name", "power_state",
        "vm_state", "task_state", "host", "node", "flavor", "reservation_id", "launched_at", "terminated_at", "availability_zone", "name",
        "display_name", "description", "display_description", "locked_by", "uuid", "root_device_name", "config_drive", "access_ip_v4", "access_ip_v6",
        "auto_disk_config", "progress", "sort_key", "sort_dir", "all_tenants", "soft_deleted", "deleted", "status", "changes-since", "ip", "ip6",
        "created_at", "limit", "marker", "tags", "tags-any", "not-tags", "not-tags-any", "changes-before", "locked", NULL,
    };
    return nova_queries(r, known);
}

void nova_servers_get(struct req *r, bool detail)
{
    struct query q = {.since = -1, .before = -1};
    struct found f = {0};
    MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, repeated, &q);
    if (!known_query(r) || (q.limit = nova_limit(r)) < 0 || !read_times(r, &q) || !read_status(r, &q) || !read_project(r, &q, detail) || !read_sort(r, &q))
        return;
    if (!read_filters(r, &q)) {
        query_free(&q);
        return;
    }
    const struct nova_server *marker = q.marker ? nova_find(r->sim, q.marker) : NULL;
    if (q.marker && !marker) {
        nova_error(r, 400, "marker [%s] not found", q.marker);
    } else {
        bool usual = !q.nsort && !q.ndir && q.since < 0;
        if (usual)
            page_by_age(r->sim->nova, &q, marker, &f);
        else
            page_sorted(r->sim->nova, &q, marker, &f);
        reply_page(r, &q, &f, detail);
    }
    query_free(&q);
    free(f.list);
}

struct nova_server *nova_mine(struct req *r, const char *id)
{
    struct nova_server *v = nova_find(r->sim, id);
    const struct token *t = nova_who(r);
    if (v && v->vm != VM_DELETED && t && (t->admin || strcmp(v->project, t->project_id) == 0))
        return v;
    nova_error(r, 404, "Instance %s could not be found.", id);
    return NULL;
}
