/* Neutron's API: one table of collections, one way to list, show, create, change and delete; the rest is in ostk_net.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_net.h"

static const char *const words[] = {"limit", "marker", "page_reverse", "sort_key", "sort_dir", "fields", NULL};
static const char *const admin_net[] = {"provider:network_type", "provider:physical_network", "provider:segmentation_id", NULL};
static const char *const admin_port[] = {"binding:host_id", "binding:profile", "binding:vif_type", "binding:vif_details", "resource_request", NULL};
static const char *const admin_router[] = {"distributed", "ha", NULL};
static const char *const none[] = {NULL};

/* Filters, and what may be set: every attribute the documents of a collection have. */
#define COMMON "id", "name", "tenant_id", "project_id", "description", "status", "admin_state_up", "tags", "revision_number"
static const char *const net_keys[] = {COMMON, "mtu", "shared", "router:external", "availability_zone_hints", "provider:network_type", "provider:physical_network",
    "provider:segmentation_id", "is_default", "qos_policy_id", "port_security_enabled", "dns_domain", "vlan_transparent", "subnets", NULL};
static const char *const subnet_keys[] = {COMMON, "network_id", "cidr", "gateway_ip", "ip_version", "enable_dhcp", "subnetpool_id", "ipv6_ra_mode",
    "ipv6_address_mode", "allocation_pools", "host_routes", "dns_nameservers", "service_types", "prefixlen", "segment_id", "use_default_subnetpool", NULL};
static const char *const port_keys[] = {COMMON, "network_id", "device_id", "device_owner", "mac_address", "fixed_ips", "security_groups", "binding:host_id",
    "binding:vnic_type", "binding:profile", "allowed_address_pairs", "extra_dhcp_opts", "port_security_enabled", "qos_policy_id", "dns_name", "security_group", NULL};
static const char *const router_keys[] = {COMMON, "external_gateway_info", "routes", "distributed", "ha", "availability_zone_hints", "flavor_id", "enable_snat", NULL};
static const char *const fip_keys[] = {COMMON, "floating_network_id", "floating_ip_address", "fixed_ip_address", "port_id", "router_id", "qos_policy_id", "subnet_id",
    "dns_name", "dns_domain", NULL};
static const char *const group_keys[] = {COMMON, "stateful", "shared", NULL};
static const char *const rule_keys[] = {COMMON, "security_group_id", "direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix",
    "remote_group_id", "remote_address_group_id", NULL};
static const char *const agent_keys[] = {"id", "agent_type", "binary", "host", "topic", "admin_state_up", "alive", "availability_zone", "description", NULL};
static const char *const name_keys[] = {"id", "name", "description", "project_id", "tenant_id", "shared", "resource", "state", "alias", "object_type", "type",
    "network_id", "network_name", "ip_version", NULL};
static const char *const fixed[] = {"id", "tenant_id", "project_id", "status", "revision_number", "created_at", "updated_at", "network_id", "mac_address", "cidr",
    "ip_version", "floating_network_id", "floating_ip_address", "subnets", NULL};
static const char *const agent_fixed[] = {"id", "agent_type", "binary", "host", "topic", "alive", "availability_zone", "heartbeat_timestamp", "created_at",
    "started_at", "configurations", NULL};

static const struct net_kind kinds[] = {
    {.path = "networks", .one = "network", .type = "Network", .gone = "Network %s could not be found.", .keys = net_keys, .secret = admin_net, .fixed = fixed,
     .create = net_network_create, .update = net_network_update, .remove = net_network_remove},
    {.path = "subnets", .one = "subnet", .type = "Subnet", .gone = "Subnet %s could not be found.", .keys = subnet_keys, .secret = none, .fixed = fixed,
     .create = net_subnet_create, .remove = net_subnet_remove, .needs = {"network_id", "ip_version"}},
    {.path = "ports", .one = "port", .type = "Port", .gone = "Port %s could not be found.", .keys = port_keys, .secret = admin_port, .fixed = fixed,
     .create = net_port_create, .update = net_port_update, .remove = net_port_remove, .needs = {"network_id"}},
    {.path = "routers", .one = "router", .type = "Router", .gone = "Router %s could not be found", .keys = router_keys, .secret = admin_router, .fixed = fixed,
     .create = net_router_create, .update = net_router_update, .remove = net_router_remove},
    {.path = "floatingips", .one = "floatingip", .type = "FloatingIP", .gone = "Floating IP %s could not be found", .keys = fip_keys, .secret = none, .fixed = fixed,
     .create = net_fip_create, .update = net_fip_update, .remove = net_fip_remove, .needs = {"floating_network_id"}},
    {.path = "security-groups", .one = "security_group", .type = "SecurityGroup", .gone = "Security group %s does not exist", .keys = group_keys, .secret = none,
     .fixed = fixed, .create = net_group_create, .remove = net_group_remove},
    {.path = "security-group-rules", .one = "security_group_rule", .type = "SecurityGroupRule", .gone = "Security group rule %s does not exist", .keys = rule_keys,
     .secret = none, .fixed = fixed, .create = net_rule_create, .needs = {"security_group_id", "direction"}},
    {.path = "agents", .one = "agent", .type = "Agent", .gone = "Agent %s could not be found.", .keys = agent_keys, .secret = none, .fixed = agent_fixed,
     .admin = true, .update = net_agent_update, .remove = net_agent_remove},
    {.path = "availability_zones", .one = "availability_zone", .keys = name_keys, .secret = none, .everybody = true},
    {.path = "subnetpools", .one = "subnetpool", .type = "SubnetPool", .gone = "Subnet pool %s could not be found.", .keys = name_keys, .secret = none},
    {.path = "address-scopes", .one = "address_scope", .type = "AddressScope", .gone = "Address scope %s could not be found.", .keys = name_keys, .secret = none},
    {.path = "trunks", .one = "trunk", .type = "Trunk", .gone = "Trunk %s could not be found.", .keys = name_keys, .secret = none},
    {.path = "rbac-policies", .one = "rbac_policy", .type = "RbacPolicy", .gone = "RBAC policy of type %s not found.", .keys = name_keys, .secret = none},
    {.path = "flavors", .one = "flavor", .type = "Flavor", .gone = "Flavor %s could not be found.", .keys = name_keys, .secret = none},
    {.path = "service_profiles", .one = "service_profile", .type = "ServiceProfile", .gone = "Service Profile %s could not be found.", .keys = name_keys, .secret = none},
    {.path = "service-providers", .one = "service_provider", .keys = name_keys, .secret = none},
    {.path = "address-groups", .one = "address_group", .type = "AddressGroup", .gone = "Address group %s could not be found.", .keys = name_keys, .secret = none},
    {.path = "network-ip-availabilities", .one = "network_ip_availability", .keys = name_keys, .secret = none, .admin = true},
};

static const struct net_kind *find_kind(const char *path)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].path, path) == 0)
            return &kinds[i];
    return NULL;
}

struct res *net_table(struct sim *s, const char *plural)
{
    return ostk_table(s, "neutron", plural);
}

bool net_fail(struct req *r, int code, const char *type, const char *fmt, ...)
{
    char msg[1024], shape[80];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    snprintf(shape, sizeof(shape), "neutron:%s", type);
    ostk_error(r, code, shape, "%s", msg);
    return false;
}

static void not_found(struct req *r, const struct net_kind *k, const char *id)
{
    char type[64];
    if (!k->type) {
        net_fail(r, 404, "HTTPNotFound", "The resource could not be found.");
        return;
    }
    snprintf(type, sizeof(type), "%sNotFound", k->type);
    net_fail(r, 404, type, k->gone, id);
}

/* ---- who sees what ---- */
static bool visible(struct req *r, const struct net_kind *k, const json_t *d)
{
    const struct token *t = ostk_who(r);
    if (t->admin || k->everybody)
        return true;
    if (k->admin)
        return false;
    if (strcmp(jstr(d, "project_id"), t->project_id) == 0 || json_is_true(json_object_get(d, "shared")) || json_is_true(json_object_get(d, "router:external")))
        return true;
    if (strcmp(k->path, "subnets") != 0 && strcmp(k->path, "ports") != 0)
        return false;
    struct obj *o = store_get(net_table(r->sim, "networks"), "", jstr(d, "network_id"));       /* the owner of a network sees what is in it */
    json_t *net = o ? obj_doc(o) : NULL;
    bool ok = net && (strcmp(jstr(net, "project_id"), t->project_id) == 0 || (json_is_true(json_object_get(net, "shared")) && strcmp(k->path, "subnets") == 0));
    json_decref(net);
    return ok;
}

static json_t *see(struct req *r, const struct net_kind *k, json_t *d)
{
    if (strcmp(k->path, "agents") == 0)
        net_agent_beat(r->sim, d);
    if (!visible(r, k, d)) {
        json_decref(d);
        return NULL;
    }
    if (strcmp(k->path, "security-groups") == 0)
        net_group_rules(r->sim, d);
    if (!ostk_admin(r))
        ostk_hide(d, k->secret);
    return ostk_public(d);
}

static json_t *see_row(struct req *r, json_t *d)
{
    return see(r, find_kind(r->seg[2]), d);
}

static bool has(const char *const *keys, const char *key)
{
    for (; keys && *keys; keys++)
        if (strcmp(*keys, key) == 0)
            return true;
    return false;
}

/* ---- lists ---- */
static void reply_rows(struct req *r, const struct net_kind *k, struct ostk_result p, bool reverse)
{
    char key[64];
    json_t *out = json_object();
    snprintf(key, sizeof(key), "%s", k->path);
    for (char *c = key; *c; c++)
        if (*c == '-')
            *c = '_';
    for (size_t i = 0; i < json_array_size(p.rows); i++)
        ostk_fields(r, json_array_get(p.rows, i));
    json_object_set_new(out, key, p.rows);
    if (p.limit && *p.last) {
        static const char *const skip[] = {"page_reverse", NULL};
        json_t *links = json_array();
        char *self = ostk_url(r, "%s", r->path), *next = ostk_link(r, self, skip, "marker=%s", p.last),
             *prev = ostk_link(r, self, skip, "marker=%s&page_reverse=True", p.first);
        if (p.full || reverse)
            json_array_append_new(links, jt("{'rel':'next','href':%s}", next));
        if (p.full || !reverse)
            json_array_append_new(links, jt("{'rel':'previous','href':%s}", prev));
        char *name = sim_printf("%s_links", key);
        json_object_set_new(out, name, links);
        free(name);
        free(self);
        free(next);
        free(prev);
    }
    reply_json(r, 200, out);
}

/* All of it to an administrator: the texts as they are, nothing read and written again. False: this needs more. */
static bool as_it_is(struct req *r, const struct net_kind *k)
{
    static const char *const whole[] = {"networks", "subnets", "ports", "routers", "floatingips", NULL}, *const nothing[] = {NULL};
    struct res *t = net_table(r->sim, k->path);
    struct str out;
    if (!ostk_admin(r) || !has(whole, k->path) || ostk_unknown_query(r, nothing, nothing))
        return false;
    store_from(t, "", "", false);
    str_init(&out, 1u << 30);
    str_addf(&out, "{\"%s\":[", k->path);
    for (size_t i = 0; i < t->n; i++) {
        if (strstr(t->items[i]->text, "\"_")) {                /* something of our own is in it */
            str_release(&out);
            return false;
        }
        if (i)
            str_addc(&out, ',');
        str_add(&out, t->items[i]->text, t->items[i]->len);
    }
    str_adds(&out, "]}");
    reply_text(r, 200, "application/json", out.data, out.len);
    str_release(&out);
    return true;
}

static void list(struct req *r, const struct net_kind *k)
{
    if (as_it_is(r, k))
        return;
    char order[256];
    const char *odd = ostk_unknown_query(r, k->keys, words), *limit = req_query(r, "limit");
    struct ostk_list l = {.table = net_table(r->sim, k->path), .see = see_row, .filters = k->keys, .reverse = ostk_flag(r, "page_reverse")};
    l.order = ostk_order(r, order, sizeof(order), NULL, "asc");
    if (odd) {
        net_fail(r, 400, "HTTPBadRequest", "['%s'] is invalid attribute for filtering", odd);
        return;
    }
    if (req_query(r, "sort_key") && !req_query(r, "sort_dir")) {
        net_fail(r, 400, "HTTPBadRequest", "The number of sort_keys and sort_dirs must be same");
        return;
    }
    for (const char *p = l.order; p && *p; p += strcspn(p, ","), p += *p == ',') {
        char key[64];
        snprintf(key, sizeof(key), "%.*s", (int)strcspn(p, ":,"), p);
        if (!has(k->keys, key)) {
            net_fail(r, 400, "HTTPBadRequest", "['%s'] is invalid attribute for sort_keys", key);
            return;
        }
        const char *dir = p + strcspn(p, ":,");
        snprintf(key, sizeof(key), "%.*s", *dir == ':' ? (int)strcspn(dir + 1, ",") : 0, dir + 1);
        if (*dir == ':' && strcmp(key, "asc") != 0 && strcmp(key, "desc") != 0) {
            net_fail(r, 400, "HTTPBadRequest", "['%s'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'", key);
            return;
        }
    }
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit)
        net_fail(r, 400, "BadRequest", "Bad limit request: Limit must be an integer 0 or greater and not '%s'.", limit);
    else if (p.bad_marker)
        not_found(r, k, req_query(r, "marker"));
    else
        reply_rows(r, k, p, l.reverse);
}

/* ---- one ---- */
void net_touch(struct sim *s, json_t *d)
{
    char at[32];
    json_object_set_new(d, "updated_at", json_string(stamp(sim_now(s), at)));
    json_object_set_new(d, "revision_number", json_integer(jint(d, "revision_number") + 1));
}

void net_reply(struct req *r, const struct net_kind *k, int status, const char *id)
{
    struct obj *o = store_get(net_table(r->sim, k->path), "", id);
    json_t *d = o ? see(r, k, obj_doc(o)) : NULL, *out = json_object();
    if (d) {
        if (status == 201 && strcmp(k->path, "networks") == 0 && !json_object_get(d, "is_default"))
            json_object_set_new(d, "is_default", json_false());    /* said once, when it is made */
        ostk_fields(r, d);
        json_object_set_new(out, k->one, d);
        reply_json(r, status, out);
        return;
    }
    json_decref(out);
    not_found(r, k, id);
}

/* Attributes that are of a form of their own; the reason in Neutron's words. */
static bool well_formed(struct req *r, const char *key, const json_t *v)
{
    static const char *const texts[] = {"name", "description", NULL};
    const char *text = json_string_value(v);
    unsigned b[6];
    char rest;
    bool agent = r->nseg > 2 && strcmp(r->seg[2], "agents") == 0;
    if (has(texts, key) && !text && !(agent && json_is_null(v))) {
        char *odd = json_dumps(v, JSON_ENCODE_ANY);
        net_fail(r, 400, "HTTPBadRequest", "Invalid input for %s. Reason: '%s' is not a valid string.", key, odd);
        free(odd);
        return false;
    }
    if (strcmp(key, "mac_address") == 0 && text && sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &rest) != 6)
        return net_fail(r, 400, "HTTPBadRequest", "Invalid input for mac_address. Reason: '%s' is not a valid MAC address.", text);
    if (strcmp(key, "direction") == 0 && (!text || (strcmp(text, "ingress") != 0 && strcmp(text, "egress") != 0)))
        return net_fail(r, 400, "HTTPBadRequest", "Invalid input for direction. Reason: %s is not in valid_values.", text ? text : "None");
    return true;
}

/* A member may not set what only administrators see, nor share a network or lead it out. */
static bool permitted(struct req *r, const struct net_kind *k, const json_t *want, const char *verb)
{
    static const char *const open[] = {"shared", "router:external", "is_default", NULL};
    const char *key;
    json_t *v;
    bool net = strcmp(k->path, "networks") == 0;
    json_object_foreach((json_t *)want, key, v) {
        if (!ostk_admin(r) && (has(k->secret, key) || (net && has(open, key) && json_is_true(v))))
            return net_fail(r, 403, "PolicyNotAuthorized", "(rule:%s_%s and rule:%s_%s:%s) is disallowed by policy", verb, k->one, verb, k->one, key);
    }
    return true;
}

/* What is asked for is an object with known attributes that may be set, booleans that are booleans. */
static json_t *asked(struct req *r, const struct net_kind *k, json_t *in, bool update)
{
    json_t *want = json_object_get(in, k->one), *v;
    const char *key;
    if (!json_is_object(want)) {
        bool none_of_many = json_is_array(json_object_get(in, k->path)) && !json_array_size(json_object_get(in, k->path));
        net_fail(r, 400, "HTTPBadRequest", none_of_many ? "Resources required" : update && !json_object_size(in) ? "Resource body required" : "Unable to find '%s' in request body", k->one);
        return NULL;
    }
    json_object_foreach(want, key, v) {
        if (update && has(k->fixed, key) && !(strcmp(key, "network_id") == 0 && strcmp(k->path, "floatingips") == 0)) {
            net_fail(r, 400, "HTTPBadRequest", "Cannot update read-only attribute %s", key);
            return NULL;
        }
        if (!has(k->keys, key)) {
            net_fail(r, 400, "HTTPBadRequest", "Unrecognized attribute(s) '%s'", key);
            return NULL;
        }
        if (strcmp(key, "admin_state_up") == 0 && json_is_string(v) && strcasecmp(json_string_value(v), "true") != 0 &&
            strcasecmp(json_string_value(v), "false") != 0) {
            net_fail(r, 400, "InvalidInput", "Invalid input for operation: '%s' cannot be converted to boolean.", json_string_value(v));
            return NULL;
        }
        if (!well_formed(r, key, v))
            return NULL;
    }
    if (!permitted(r, k, want, update ? "update" : "create"))
        return NULL;
    for (size_t i = 0; i < 2 && k->needs[i] && !update; i++) {
        if (!json_object_get(want, k->needs[i])) {
            net_fail(r, 400, "HTTPBadRequest", "Failed to parse request. Required attribute '%s' not specified", k->needs[i]);
            return NULL;
        }
    }
    for (size_t i = 0; i < 1 && k->needs[i] && !update; i++) {
        if (strstr(k->needs[i], "network_id") && !ostk_is_uuid(jstr(want, k->needs[i]))) {
            net_fail(r, 400, "HTTPBadRequest", "Invalid input for %s. Reason: '%s' is not a valid UUID.", k->needs[i], jstr(want, k->needs[i]));
            return NULL;
        }
    }
    return want;
}

static void denied(struct req *r, const char *verb, const char *one)
{
    net_fail(r, 403, "PolicyNotAuthorized", "rule:%s_%s is disallowed by policy", verb, one);
}

static void create(struct req *r, const struct net_kind *k)
{
    const struct token *t = ostk_who(r);
    json_t *in = ostk_body(r), *want = asked(r, k, in, false);
    char at[32], id[37];
    if (want) {
        const char *project = *jstr(want, "project_id") ? jstr(want, "project_id") : *jstr(want, "tenant_id") ? jstr(want, "tenant_id") : t->project_id;
        uuid4(r->sim, id);
        json_t *d = jt("{'id':%s,'name':'','tenant_id':%s,'project_id':%s,'description':'','tags':[],'created_at':%s,'updated_at':%s,'revision_number':1}", id,
                       project, project, stamp(sim_now(r->sim), at), at);
        if (!t->admin && strcmp(project, t->project_id) != 0)
            net_fail(r, 400, "HTTPBadRequest", "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or advsvc "
                     "privileges");
        else if (net_within_quota(r, project, k->path) && k->create(r, want, d)) {
            store_put(r->sim, net_table(r->sim, k->path), json_incref(d));
            if (strcmp(k->path, "security-groups") == 0)
                net_group_defaults(r->sim, d);
            net_reply(r, k, 201, id);
        }
        json_decref(d);
    }
    json_decref(in);
}

static void update(struct req *r, const struct net_kind *k, json_t *d)
{
    json_t *in = ostk_body(r), *want = asked(r, k, in, true);
    if (want && !ostk_admin(r) && strcmp(jstr(d, "project_id"), ostk_who(r)->project_id) != 0)
        denied(r, "update", k->one);
    else if (want && (!k->update || k->update(r, want, d))) {
        json_object_update(d, want);
        if (!k->admin)
            net_touch(r->sim, d);
        char *id = sim_strdup(jstr(d, "id"));
        store_put(r->sim, net_table(r->sim, k->path), json_incref(d));
        net_reply(r, k, 200, id);
        free(id);
    }
    json_decref(in);
}

static void one(struct req *r, const struct net_kind *k, const char *id)
{
    const struct token *t = ostk_who(r);
    struct obj *o = store_get(net_table(r->sim, k->path), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    bool get = strcmp(r->method, "GET") == 0, put = strcmp(r->method, "PUT") == 0, del = strcmp(r->method, "DELETE") == 0, seen = d && visible(r, k, d);
    if (!get && (!(put || del) || !k->fixed))
        net_fail(r, 405, "HTTPMethodNotAllowed", "The server could not comply with the request since it is either malformed or otherwise incorrect.");
    else if (get && seen)
        net_reply(r, k, 200, id);
    else if (!seen && d && k->admin)
        net_fail(r, 404, "HTTPNotFound", "The resource could not be found.");
    else if (!seen)
        not_found(r, k, id);
    else if (put)
        update(r, k, d);
    else if (!t->admin && strcmp(jstr(d, "project_id"), t->project_id) != 0)
        denied(r, "delete", k->one);
    else if (!k->remove || k->remove(r, d)) {
        ostk_drop(r->sim, net_table(r->sim, k->path), id);
        reply_text(r, 204, NULL, "", 0);
    }
    json_decref(d);
}

/* PUT /networks/ID/tags, PUT and DELETE /networks/ID/tags/TAG */
static void tags(struct req *r, const struct net_kind *k, const char *id)
{
    struct obj *o = store_get(net_table(r->sim, k->path), "", id);
    json_t *in = ostk_body(r), *d = o ? obj_doc(o) : NULL, *now = json_array();
    const char *tag = r->nseg > 5 ? r->seg[5] : NULL;
    if (!d) {
        net_fail(r, 404, "TagResourceNotFound", "Resource %s %s could not be found.", k->path, id);
    } else if (strcmp(r->method, "GET") == 0) {
        reply_json(r, 200, jt("{'tags':%j}", json_incref(json_object_get(d, "tags"))));
    } else {
        if (!tag && strcmp(r->method, "PUT") == 0) {
            json_array_extend(now, json_object_get(in, "tags"));
        } else if (tag) {
            for (size_t i = 0; i < json_array_size(json_object_get(d, "tags")); i++)
                if (strcmp(json_string_value(json_array_get(json_object_get(d, "tags"), i)), tag) != 0)
                    json_array_append(now, json_array_get(json_object_get(d, "tags"), i));
            if (strcmp(r->method, "PUT") == 0)
                json_array_append_new(now, json_string(tag));
        }
        ostk_merge(r->sim, o->res, id, jt("{'tags':%j}", json_incref(now)));
        if (!tag && strcmp(r->method, "PUT") == 0)
            reply_json(r, 200, jt("{'tags':%j}", json_incref(now)));
        else
            reply_text(r, tag && strcmp(r->method, "PUT") == 0 ? 201 : 204, NULL, "", 0);
    }
    json_decref(d);
    json_decref(in);
    json_decref(now);
}

static void root(struct req *r)
{
    static const char *const first[] = {"network", "subnet", "subnetpool", "port"};
    json_t *all = json_array();
    for (size_t i = 0; i < 4; i++) {
        char *url = ostk_url(r, "/network/v2.0/%ss", first[i]), *plural = sim_printf("%ss", first[i]);
        json_array_append_new(all, jt("{'name':%s,'collection':%s,'links':[{'rel':'self','href':%s}]}", first[i], plural, url));
        free(url);
        free(plural);
    }
    reply_json(r, 200, jt("{'resources':%j}", all));
}

static void of_kind(struct req *r, const struct net_kind *k)
{
    const char *sub = r->nseg > 4 ? r->seg[4] : "";
    if (r->nseg == 3 && strcmp(r->method, "POST") == 0 && k->create)
        create(r, k);
    else if (r->nseg == 3 && strcmp(r->method, "GET") == 0)
        list(r, k);
    else if (r->nseg == 4)
        one(r, k, r->seg[3]);
    else if (strcmp(sub, "tags") == 0)
        tags(r, k, r->seg[3]);
    else if (!net_sub(r, k, sub))
        net_fail(r, 404, "HTTPNotFound", "The resource could not be found.");
}

void neutron_handle(struct req *r)
{
    if (r->nseg <= 1) {
        char *url = ostk_url(r, "/network/v2.0/");
        reply_json(r, 200, jt("{'versions':[{'id':'v2.0','status':'CURRENT','links':[{'rel':'self','href':%s}]}]}", url));
        free(url);
        return;
    }
    if (!ostk_token(r))
        return;
    const char *what = r->nseg > 2 ? r->seg[2] : "";
    char *dot = r->nseg > 2 ? strstr(r->seg[r->nseg - 1], ".json") : NULL;
    if (dot && !dot[5])
        *dot = 0;
    const struct net_kind *k = find_kind(what);
    if (r->nseg == 2 && r->path[strlen(r->path) - 1] == '/')
        root(r);
    else if (strcmp(what, "quotas") == 0)
        net_quotas(r);
    else if (strcmp(what, "extensions") == 0)
        net_extensions(r);
    else if (k && strcmp(what, "network-ip-availabilities") == 0)
        net_ip_availability(r);
    else if (k)
        of_kind(r, k);
    else if (strcmp(what, "qos") == 0 && r->nseg == 4 && strcmp(r->seg[3], "policies") == 0 && strcmp(r->method, "GET") == 0)
        reply_json(r, 200, jt("{'policies':[]}"));
    else if (strcmp(what, "qos") == 0 && r->nseg == 4 && strcmp(r->seg[3], "rule-types") == 0 && strcmp(r->method, "GET") == 0)
        reply_json(r, 200, jt("{'rule_types':[{'type':'minimum_packet_rate'},{'type':'dscp_marking'},{'type':'minimum_bandwidth'},{'type':'bandwidth_limit'},"
                              "{'type':'packet_rate_limit'}]}"));
    else
        net_fail(r, 404, "HTTPNotFound", "The resource could not be found.");
}
