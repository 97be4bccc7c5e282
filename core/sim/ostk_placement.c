/* Placement: what the hypervisors have, what is taken by whom, who could take more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"

static const char *const classes[] = {"VCPU", "MEMORY_MB", "DISK_GB"};
static const char *const traits[] = {"COMPUTE_NODE", "COMPUTE_VOLUME_MULTI_ATTACH", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_IMAGE_TYPE_RAW", "COMPUTE_NET_ATTACH_INTERFACE",
                                     "COMPUTE_VOLUME_ATTACH_WITH_TAG", "COMPUTE_DEVICE_TAGGING", "COMPUTE_VOLUME_EXTEND", "HW_CPU_X86_VMX"};

/* What a class has in all, keeps back, allows per unit of it, and how much is taken. */
struct stock { int total, reserved, used; const char *ratio; };

static struct stock stock_of(const struct nova_provider *p, size_t class)
{
    switch (class) {
    case 0:
        return (struct stock){p->vcpus, 0, p->vcpus_used, "4.0"};
    case 1:
        return (struct stock){p->memory_mb, 512, p->memory_mb_used, "1.0"};
    default:
        return (struct stock){p->disk_gb, 0, p->disk_gb_used, "1.0"};
    }
}

static int64_t capacity(struct stock k)
{
    return (int64_t)((k.total - k.reserved) * atof(k.ratio));
}

static void fail(struct req *r, int code, const char *code_word, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void fail(struct req *r, int code, const char *code_word, const char *fmt, ...)
{
    char why[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof(why), fmt, ap);
    va_end(ap);
    const char *lead = code == 404 ? "The resource could not be found." : code == 403 ? "Access was denied to this resource."
                     : code == 409 ? "There was a conflict when trying to complete your request."
                                   : "The server could not comply with the request since it is either malformed or otherwise incorrect.";
    char *detail = sim_printf("%s\n\n %s  ", lead, why);
    json_t *e = jt("{'status':%i,'title':%s,'detail':%s,'request_id':%s}", code, code == 404 ? "Not Found" : code == 403 ? "Forbidden" : code == 409 ? "Conflict"
                   : "Bad Request", detail, r->id);
    if (r->micro.minor >= 23) {
        json_object_set_new(e, "code", json_string(code_word ? code_word : "placement.undefined_code"));
        json_t *id = json_incref(json_object_get(e, "request_id"));
        json_object_del(e, "request_id");                      /* it comes last */
        json_object_set_new(e, "request_id", id);
    }
    free(detail);
    reply_json(r, code, jt("{'errors':[%j]}", e));
}

static void reply(struct req *r, json_t *doc)
{
    char date[64];
    struct tm tm;
    time_t t = (time_t)(sim_now(r->sim) / 1000);
    gmtime_r(&t, &tm);
    if (r->micro.minor >= 15) {                                /* from 1.15 on */
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        req_head(r, "Last-Modified", "%s", date);
        req_head(r, "Cache-Control", "no-cache");
    }
    reply_json(r, 200, doc);
}

/* ---- providers ---- */
static json_t *provider_doc(struct req *r, const struct nova_provider *p)
{
    static const struct { int from; const char *rel; } subs[] = {{0, "inventories"}, {0, "usages"}, {1, "aggregates"}, {6, "traits"}, {11, "allocations"}};
    char *self = sim_printf("/placement/resource_providers/%s", p->id);
    json_t *links = jt("[{'rel':'self','href':%s}]", self);
    for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++) {
        char *path = sim_printf("%s/%s", self, subs[i].rel);
        if (r->micro.minor >= subs[i].from)
            json_array_append_new(links, jt("{'rel':%s,'href':%s}", subs[i].rel, path));
        free(path);
    }
    free(self);
    json_t *d = jt("{'uuid':%s,'name':%s,'generation':%i,'links':%j}", p->id, p->name, p->generation, links);
    if (r->micro.minor >= 14) {
        json_object_set_new(d, "parent_provider_uuid", json_null());
        json_object_set_new(d, "root_provider_uuid", json_string(p->id));
    }
    return d;
}

/* "VCPU:1,MEMORY_MB:512": does it have room for all of it? Writes what is asked for to *want. */
static bool has_room(const struct nova_provider *p, const char *spec, json_t *want)
{
    bool ok = true;
    for (const char *s = spec; *s; s += strcspn(s, ","), s += *s == ',') {
        char name[40];
        size_t n = strcspn(s, ":,");
        long amount = s[n] == ':' ? strtol(s + n + 1, NULL, 10) : 0;
        bool known = false;
        snprintf(name, sizeof(name), "%.*s", (int)n, s);
        for (size_t i = 0; i < 3; i++) {
            if (strcmp(classes[i], name) != 0)
                continue;
            struct stock k = stock_of(p, i);
            known = true;
            ok = ok && amount <= capacity(k) - k.used && amount <= k.total;
        }
        ok = ok && known;
        if (want)
            json_object_set_new(want, name, json_integer(amount));
    }
    return ok;
}

static void list(struct req *r)
{
    static const char *const known[] = {"name", "uuid", "resources", "member_of", "in_tree", "required", NULL}, *const none[] = {NULL};
    const char *odd = ostk_unknown_query(r, known, none), *name = req_query(r, "name"), *uuid = req_query(r, "uuid"), *res = req_query(r, "resources");
    if (odd) {
        fail(r, 400, NULL, "Invalid query string parameters: Additional properties are not allowed ('%s' was unexpected)", odd);
        return;
    }
    json_t *all = json_array();
    struct nova_provider p;
    for (size_t i = 0; i < nova_providers(r->sim); i++)
        if (nova_provider(r->sim, i, &p) && (!name || strcmp(name, p.name) == 0) && (!uuid || strcmp(uuid, p.id) == 0) && (!res || has_room(&p, res, NULL)))
            json_array_append_new(all, provider_doc(r, &p));
    reply(r, jt("{'resource_providers':%j}", all));
}

static json_t *inventory(const struct nova_provider *p, size_t class)
{
    struct stock k = stock_of(p, class);
    json_t *d = jt("{'total':%i,'reserved':%i,'min_unit':1,'max_unit':%i,'step_size':1}", k.total, k.reserved, k.total);
    json_object_set_new(d, "allocation_ratio", json_real(atof(k.ratio)));
    return d;
}

/* ---- allocations ---- */
struct gather { json_t *all; const char *provider, *consumer, *project, *user; bool by_provider; };

static json_t *resources_of(const struct nova_alloc *a)
{
    json_t *d = jt("{'VCPU':%i,'MEMORY_MB':%i}", a->vcpus, a->memory_mb);
    if (a->disk_gb)
        json_object_set_new(d, "DISK_GB", json_integer(a->disk_gb));
    return d;
}

static void gather_one(const struct nova_alloc *a, void *arg)
{
    struct gather *g = arg;
    if ((g->provider && strcmp(g->provider, a->provider) != 0) || (g->consumer && strcmp(g->consumer, a->consumer) != 0) ||
        (g->project && strcmp(g->project, a->project) != 0))
        return;
    if (g->consumer && !g->user) {
        json_object_set_new(g->all, "_project", json_string(a->project));
        json_object_set_new(g->all, "_user", json_string(a->user));
    }
    json_object_set_new(g->all, g->by_provider ? a->consumer : a->provider, jt("{'resources':%j}", resources_of(a)));
}

static void add_usage(const struct nova_alloc *a, void *arg)
{
    struct gather *g = arg;
    const int n[3] = {a->vcpus, a->memory_mb, a->disk_gb};
    if (g->project && strcmp(g->project, a->project) != 0)
        return;
    for (size_t i = 0; i < 3; i++)
        json_object_set_new(g->all, classes[i], json_integer(jint(g->all, classes[i]) + n[i]));
}

static void allocations(struct req *r, const char *consumer)
{
    struct gather g = {.all = json_object(), .consumer = consumer};
    nova_allocations(r->sim, gather_one, &g);
    json_t *project = json_incref(json_object_get(g.all, "_project")), *user = json_incref(json_object_get(g.all, "_user"));
    ostk_public(g.all);
    json_t *out = jt("{'allocations':%j}", json_incref(g.all)), *v;
    const char *key;
    struct nova_provider p;
    json_object_foreach(g.all, key, v)
        for (size_t i = 0; i < nova_providers(r->sim); i++)
            if (nova_provider(r->sim, i, &p) && strcmp(p.id, key) == 0)
                json_object_set_new(v, "generation", json_integer(p.generation));
    if (project && r->micro.minor >= 12) {
        json_object_set(out, "project_id", project);
        json_object_set(out, "user_id", user);
    }
    if (project && r->micro.minor >= 28)
        json_object_set_new(out, "consumer_generation", json_integer(1));
    if (project && r->micro.minor >= 38)
        json_object_set_new(out, "consumer_type", json_string("INSTANCE"));
    reply(r, out);
    json_decref(project);
    json_decref(user);
    json_decref(g.all);
}

static void candidates(struct req *r)
{
    const char *spec = req_query(r, "resources"), *limit = req_query(r, "limit");
    json_t *requests = json_array(), *summaries = json_object();
    struct nova_provider p;
    if (!spec) {
        fail(r, 400, "placement.query.missing_value", "There must be at least one resources or resources[$S] parameter.");
        json_decref(requests);
        json_decref(summaries);
        return;
    }
    for (size_t i = 0; i < nova_providers(r->sim); i++) {
        json_t *want = json_object();
        if (nova_provider(r->sim, i, &p) && !p.disabled && has_room(&p, spec, want) &&
            (!limit || json_array_size(requests) < strtoul(limit, NULL, 10))) {
            json_t *alloc = json_object(), *maps = json_object(), *res = json_object(), *names = json_array();
            json_object_set_new(alloc, p.id, jt("{'resources':%j}", json_incref(want)));
            json_object_set_new(maps, "", jt("[%s]", p.id));
            for (size_t k = 0; k < 3; k++)
                json_object_set_new(res, classes[k], jt("{'capacity':%l,'used':%i}", capacity(stock_of(&p, k)), stock_of(&p, k).used));
            for (size_t k = 0; k < sizeof(traits) / sizeof(traits[0]); k++)
                json_array_append_new(names, json_string(traits[k]));
            json_array_append_new(requests, r->micro.minor >= 34 ? jt("{'allocations':%j,'mappings':%j}", alloc, json_incref(maps)) : jt("{'allocations':%j}", alloc));
            json_decref(maps);
            json_object_set_new(summaries, p.id, jt("{'resources':%j,'traits':%j,'parent_provider_uuid':null,'root_provider_uuid':%s}", res, names, p.id));
        }
        json_decref(want);
    }
    reply(r, jt("{'allocation_requests':%j,'provider_summaries':%j}", requests, summaries));
}

/* ---- paths ---- */
static void of_provider(struct req *r, const struct nova_provider *p)
{
    const char *sub = r->nseg > 3 ? r->seg[3] : "", *one = r->nseg > 4 ? r->seg[4] : NULL;
    json_t *all = json_object(), *list = json_array();
    if (!*sub) {
        reply(r, provider_doc(r, p));
    } else if (strcmp(sub, "inventories") == 0 && one) {
        size_t i = 0;
        while (i < 3 && strcmp(classes[i], one) != 0)
            i++;
        if (i == 3) {
            fail(r, 404, NULL, "No inventory of class %s for %s", one, p->id);
        } else {
            json_t *d = inventory(p, i);
            json_object_set_new(d, "resource_provider_generation", json_integer(p->generation));
            reply(r, d);
        }
    } else if (strcmp(sub, "inventories") == 0 || strcmp(sub, "usages") == 0) {
        bool inv = sub[0] == 'i';
        for (size_t i = 0; i < 3; i++)
            json_object_set_new(all, classes[i], inv ? inventory(p, i) : json_integer(stock_of(p, i).used));
        json_t *out = jt("{'resource_provider_generation':%i}", p->generation);
        json_object_set(out, inv ? "inventories" : "usages", all);
        reply(r, out);
    } else if (strcmp(sub, "allocations") == 0) {
        struct gather g = {.all = all, .provider = p->id, .by_provider = true};
        nova_allocations(r->sim, gather_one, &g);
        reply(r, jt("{'allocations':%j,'resource_provider_generation':%i}", json_incref(all), p->generation));
    } else if (strcmp(sub, "aggregates") == 0) {
        json_t *out = jt("{'aggregates':[]}");
        if (r->micro.minor >= 19)
            json_object_set_new(out, "resource_provider_generation", json_integer(p->generation));
        reply(r, out);
    } else if (strcmp(sub, "traits") == 0) {
        for (size_t k = 0; k < sizeof(traits) / sizeof(traits[0]); k++)
            json_array_append_new(list, json_string(traits[k]));
        reply(r, jt("{'traits':%j,'resource_provider_generation':%i}", json_incref(list), p->generation));
    } else {
        fail(r, 404, NULL, "%s", "");
    }
    json_decref(all);
    json_decref(list);
}

static void names(struct req *r, const char *key)
{
    json_t *all = json_array();
    bool res = strcmp(key, "resource_classes") == 0;
    for (size_t i = 0; res && i < 3; i++) {
        char *path = sim_printf("/placement/resource_classes/%s", classes[i]);
        json_array_append_new(all, jt("{'name':%s,'links':[{'rel':'self','href':%s}]}", classes[i], path));
        free(path);
    }
    for (size_t i = 0; !res && i < sizeof(traits) / sizeof(traits[0]); i++)
        json_array_append_new(all, json_string(traits[i]));
    json_t *out = json_object();
    json_object_set_new(out, key, all);
    reply(r, out);
}

void placement_handle(struct req *r)
{
    const char *what = r->nseg > 1 ? r->seg[1] : "", *id = r->nseg > 2 ? r->seg[2] : "";
    if (r->nseg <= 1) {
        reply_json(r, 200, jt("{'versions':[{'id':'v1.0','max_version':'1.39','min_version':'1.0','status':'CURRENT','links':[{'rel':'self','href':''}]}]}"));
        return;
    }
    const struct token *t = ostk_token(r);
    struct nova_provider p;
    if (!t)
        return;
    if (!t->admin && strcmp(what, "usages") != 0) {
        fail(r, 403, NULL, "Policy does not allow placement:%s:list to be performed.", what);
    } else if (strcmp(what, "resource_providers") == 0 && !*id) {
        list(r);
    } else if (strcmp(what, "resource_providers") == 0) {
        bool found = false;
        for (size_t i = 0; i < nova_providers(r->sim) && !found; i++)
            found = nova_provider(r->sim, i, &p) && strcmp(p.id, id) == 0;
        if (!found)
            fail(r, 404, NULL, "No resource provider with uuid %s found%s", id, strcmp(r->method, "DELETE") == 0 ? " for delete" : "");
        else if (strcmp(r->method, "DELETE") == 0)
            fail(r, 409, "placement.resource_provider.inuse", "Unable to delete resource provider %s: Resource provider has allocations.", id);
        else
            of_provider(r, &p);
    } else if (strcmp(what, "allocations") == 0 && *id) {
        allocations(r, id);
    } else if (strcmp(what, "allocation_candidates") == 0 && r->micro.minor >= 10) {
        candidates(r);
    } else if (strcmp(what, "usages") == 0 && r->micro.minor >= 9) {
        struct gather g = {.all = json_object(), .project = req_query(r, "project_id")};
        nova_allocations(r->sim, add_usage, &g);
        reply(r, r->micro.minor >= 38 ? jt("{'usages':%j}", json_object_size(g.all) ? jt("{'INSTANCE':%j}", json_incref(g.all)) : json_object())
                                      : jt("{'usages':%j}", json_incref(g.all)));
        json_decref(g.all);
    } else if ((strcmp(what, "resource_classes") == 0 && r->micro.minor >= 2) || (strcmp(what, "traits") == 0 && r->micro.minor >= 6)) {
        names(r, what);
    } else {
        fail(r, 404, NULL, "%s", "");
    }
}
