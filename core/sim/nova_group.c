/* Server groups and host aggregates: small documents kept as they are shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"

/* ---- server groups ---- */
json_t *nova_group(struct nova *n, const char *id)
{
    for (size_t i = 0; i < json_array_size(n->groups); i++)
        if (strcmp(jstr(json_array_get(n->groups, i), "id"), id) == 0)
            return json_array_get(n->groups, i);
    return NULL;
}

void nova_group_join(struct sim *s, const char *group, const char *server, bool join)
{
    json_t *g = nova_group(s->nova, group), *members = json_object_get(g, "members");
    size_t i = 0;
    while (i < json_array_size(members) && strcmp(json_string_value(json_array_get(members, i)), server) != 0)
        i++;
    if (join && members && i == json_array_size(members))
        json_array_append_new(members, json_string(server));
    else if (!join && i < json_array_size(members))
        json_array_remove(members, i);
}

static json_t *group_new(struct sim *s, const char *name, const char *project, const char *user, const char *policy, int at_most)
{
    char id[37];
    uuid4(s, id);
    json_t *g = jt("{'id':%s,'name':%s,'policy':%s,'rules':{},'members':[],'project_id':%s,'user_id':%s}", id, name, policy, project, user);
    if (at_most > 0)
        json_object_set_new(json_object_get(g, "rules"), "max_server_per_host", json_integer(at_most));
    json_array_append_new(s->nova->groups, g);
    return g;
}

const char *nova_seed_group(struct sim *s, const char *name, const char *project, const char *policy)
{
    return jstr(group_new(s, name, project, project, policy, 0), "id");
}

static json_t *group_shown(const struct req *r, const json_t *g)
{
    json_t *d = json_deep_copy(g);
    if (!nova_at(r, 64)) {
        json_t *members = json_incref(json_object_get(d, "members")), *old;
        old = jt("{'id':%s,'name':%s,'policies':[%s],'metadata':{},'members':%j}", jstr(d, "id"), jstr(d, "name"), jstr(d, "policy"), members);
        if (nova_at(r, 13)) {
            json_object_set(old, "project_id", json_object_get(d, "project_id"));
            json_object_set(old, "user_id", json_object_get(d, "user_id"));
        }
        json_decref(d);
        return old;
    }
    return d;
}

static void group_create(struct req *r)
{
    static const char *const policies[] = {"anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"};
    json_t *in = nova_body(r, "server_group");
    const char *policy = nova_at(r, 64) ? jstr(in, "policy") : jstr(in, "policies.0");
    int i = 0;
    if (!in)
        return;
    while (i < 4 && strcmp(policies[i], policy) != 0)
        i++;
    if (!json_object_get(in, "name"))
        nova_invalid(r, "server_group", in, "'name' is a required property");
    else if (i == 4)
        nova_invalid(r, nova_at(r, 64) ? "policy" : "0", nova_at(r, 64) ? json_object_get(in, "policy") : jat(in, "policies.0"),
                     "'%s' is not one of ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity']", policy);
    else {
        json_t *g = group_new(r->sim, jstr(in, "name"), nova_who(r)->project_id, nova_who(r)->user_id, policy, (int)jint(in, "rules.max_server_per_host"));
        reply_json(r, 200, jt("{'server_group':%j}", group_shown(r, g)));
    }
    json_decref(in);
}

static void group_list(struct req *r)
{
    json_t *all = json_array();
    bool every = nova_admin(r) && req_query(r, "all_projects");
    const json_t *groups = r->sim->nova->groups;
    for (size_t i = 0; i < json_array_size(groups); i++)
        if (every || strcmp(jstr(json_array_get(groups, i), "project_id"), nova_who(r)->project_id) == 0)
            json_array_append_new(all, group_shown(r, json_array_get(groups, i)));
    reply_json(r, 200, jt("{'server_groups':%j}", all));
}

void nova_groups(struct req *r)
{
    struct nova *n = r->sim->nova;
    const char *id = r->nseg > 3 ? r->seg[3] : NULL;
    json_t *g = id ? nova_group(n, id) : NULL;
    if (!id && strcmp(r->method, "GET") == 0) {
        group_list(r);
    } else if (!id && strcmp(r->method, "POST") == 0) {
        group_create(r);
    } else if (id && (!g || (!nova_admin(r) && strcmp(jstr(g, "project_id"), nova_who(r)->project_id) != 0))) {
        nova_error(r, 404, "Instance group %s could not be found.", id);
    } else if (id && strcmp(r->method, "GET") == 0) {
        reply_json(r, 200, jt("{'server_group':%j}", group_shown(r, g)));
    } else if (id && strcmp(r->method, "DELETE") == 0) {
        size_t i = 0;
        while (json_array_get(n->groups, i) != g)
            i++;
        json_array_remove(n->groups, i);
        reply_text(r, 204, "application/json", "", 0);
    } else {
        nova_none(r);
    }
}

/* ---- aggregates ---- */
static json_t *aggregate_new(struct sim *s, const char *name, const char *zone)
{
    char id[37], at[40];
    uuid4(s, id);
    json_t *a = jt("{'id':%i,'uuid':%s,'name':%s,'hosts':[],'metadata':{},'created_at':%s,'updated_at':null,'deleted_at':null,'deleted':false,"
                   "'availability_zone':%s}", ++s->nova->aggregate_num, id, name, nova_micros(sim_now(s), at), zone);
    if (zone)
        json_object_set_new(json_object_get(a, "metadata"), "availability_zone", json_string(zone));
    json_array_append_new(s->nova->aggregates, a);
    return a;
}

void nova_seed_aggregate(struct sim *s, const char *name, const char *zone, const char *hosts)
{
    json_t *a = aggregate_new(s, name, zone);
    while (*hosts) {
        size_t n = strcspn(hosts, " ");
        json_array_append_new(json_object_get(a, "hosts"), json_stringn(hosts, n));
        hosts += n + (hosts[n] == ' ');
    }
}

static json_t *aggregate_shown(const struct req *r, const json_t *a)
{
    json_t *d = json_deep_copy(a);
    if (!nova_at(r, 41))
        json_object_del(d, "uuid");
    return d;
}

static void aggregate_touch(struct sim *s, json_t *a)
{
    char at[40];
    const json_t *zone = json_object_get(json_object_get(a, "metadata"), "availability_zone");
    json_object_set_new(a, "updated_at", json_string(nova_micros(sim_now(s), at)));
    json_object_set_new(a, "availability_zone", zone ? json_string(json_string_value(zone)) : json_null());
}

static void aggregate_host(struct req *r, json_t *a, const char *host, bool add)
{
    json_t *hosts = json_object_get(a, "hosts");
    size_t i = 0;
    while (i < json_array_size(hosts) && strcmp(json_string_value(json_array_get(hosts, i)), host) != 0)
        i++;
    bool there = i < json_array_size(hosts);
    if (!nova_host(r->sim->nova, host))
        nova_error(r, 404, "Compute host %s could not be found.", host);
    else if (add && there)
        nova_error(r, 409, "Cannot add host to aggregate %lld. Reason: Host %s already exists.", (long long)jint(a, "id"), host);
    else if (!add && !there)
        nova_error(r, 404, "Aggregate %lld has no host %s.", (long long)jint(a, "id"), host);
    else {
        if (add)
            json_array_append_new(hosts, json_string(host));
        else
            json_array_remove(hosts, i);
        aggregate_touch(r->sim, a);
        reply_json(r, 200, jt("{'aggregate':%j}", aggregate_shown(r, a)));
    }
}

static void aggregate_action(struct req *r, json_t *a)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL, *x;
    const char *key;
    if (json_object_get(in, "add_host")) {
        if (nova_allowed(r, "os_compute_api:os-aggregates:add_host"))
            aggregate_host(r, a, jstr(in, "add_host.host"), true);
    } else if (json_object_get(in, "remove_host")) {
        if (nova_allowed(r, "os_compute_api:os-aggregates:remove_host"))
            aggregate_host(r, a, jstr(in, "remove_host.host"), false);
    } else if (jat(in, "set_metadata.metadata")) {
        json_object_foreach(jat(in, "set_metadata.metadata"), key, x) {
            if (json_is_null(x))
                json_object_del(json_object_get(a, "metadata"), key);
            else
                json_object_set(json_object_get(a, "metadata"), key, x);
        }
        aggregate_touch(r->sim, a);
        reply_json(r, 200, jt("{'aggregate':%j}", aggregate_shown(r, a)));
    } else {
        nova_error(r, 400, "There is no such action: %s", in ? json_object_iter_key(json_object_iter(in)) : "None");
    }
    json_decref(in);
}

static void aggregate_create(struct req *r)
{
    json_t *in = nova_body(r, "aggregate");
    const char *zone = json_string_value(json_object_get(in, "availability_zone"));
    if (!in)
        return;
    if (!json_object_get(in, "name") || (zone && !*zone)) {
        if (zone && !*zone)
            nova_invalid(r, "availability_zone", json_object_get(in, "availability_zone"), "'' is not valid under any of the given schemas");
        else
            nova_invalid(r, "aggregate", in, "'name' is a required property");
        json_decref(in);
        return;
    }
    for (size_t i = 0; i < json_array_size(r->sim->nova->aggregates); i++) {
        if (strcmp(jstr(json_array_get(r->sim->nova->aggregates, i), "name"), jstr(in, "name")) == 0) {
            nova_error(r, 409, "Aggregate %s already exists.", jstr(in, "name"));
            json_decref(in);
            return;
        }
    }
    json_t *d = aggregate_shown(r, aggregate_new(r->sim, jstr(in, "name"), zone));
    json_object_del(d, "hosts");
    json_object_del(d, "metadata");
    reply_json(r, 200, jt("{'aggregate':%j}", d));
    json_decref(in);
}

/* A host is looked for before its aggregate is. */
static bool unknown_host(struct req *r)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const char *host = jstr(in, "add_host.host");
    bool odd = *host && !nova_host(r->sim->nova, host);
    if (odd)
        nova_error(r, 404, "Compute host %s could not be found.", host);
    json_decref(in);
    return odd;
}

void nova_aggregates(struct req *r)
{
    json_t *all = r->sim->nova->aggregates, *a = NULL;
    const char *id = r->nseg > 3 ? r->seg[3] : NULL;
    bool get = strcmp(r->method, "GET") == 0;
    char rule[64];
    size_t i = 0;
    snprintf(rule, sizeof(rule), "os_compute_api:os-aggregates:%s", get ? (id ? "show" : "index") : strcmp(r->method, "DELETE") == 0 ? "delete" : id ? "update"
                                                                                                                                       : "create");
    if (!nova_allowed(r, rule))
        return;
    for (; id && i < json_array_size(all); i++) {
        a = json_array_get(all, i);
        if (jint(a, "id") == atoi(id))
            break;
    }
    if (!id && get) {
        json_t *list = json_array();
        for (i = 0; i < json_array_size(all); i++)
            json_array_append_new(list, aggregate_shown(r, json_array_get(all, i)));
        reply_json(r, 200, jt("{'aggregates':%j}", list));
    } else if (!id && strcmp(r->method, "POST") == 0) {
        aggregate_create(r);
    } else if (id && i == json_array_size(all) && unknown_host(r)) {
        /* said */
    } else if (id && i == json_array_size(all)) {
        nova_error(r, 404, "Aggregate %s could not be found.", id);
    } else if (id && get) {
        reply_json(r, 200, jt("{'aggregate':%j}", aggregate_shown(r, a)));
    } else if (id && r->nseg > 4 && strcmp(r->seg[4], "action") == 0) {
        aggregate_action(r, a);
    } else if (id && strcmp(r->method, "DELETE") == 0 && json_array_size(json_object_get(a, "hosts"))) {
        nova_error(r, 400, "Cannot remove aggregate %s. Reason: Host aggregate is not empty.", id);
    } else if (id && strcmp(r->method, "DELETE") == 0) {
        json_array_remove(all, i);
        reply_text(r, 200, "application/json", "", 0);
    } else {
        nova_none(r);
    }
}
