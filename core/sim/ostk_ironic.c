/* Ironic: machines of metal, their power and their way from enrolled to active, ports, conductors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/sim/ostk_metal.h"

static const char *const words[] = {"limit", "marker", "sort_key", "sort_dir", "fields", "associated", "maintenance", "detail", "include_children", NULL};
static const char *const node_keys[] = {"uuid", "name", "instance_uuid", "provision_state", "power_state", "driver", "resource_class", "owner", "lessee", "conductor",
    "conductor_group", "fault", "description_contains=_", "retired", "project=owner", "chassis_uuid", "node", NULL};
static const char *const port_keys[] = {"uuid", "address", "node_uuid", "node=node_uuid", "portgroup", NULL};
static const char *const sorts[] = {"id", "uuid", "name", "created_at", "updated_at", "provision_state", "power_state", "driver", "maintenance", "instance_uuid",
    "resource_class", "owner", "address", "provision_updated_at", NULL};
static const struct { int from; const char *key; } since[] = {
    {3, "driver_internal_info"}, {5, "name"}, {6, "inspection_finished_at"}, {6, "inspection_started_at"}, {7, "clean_step"}, {12, "raid_config"},
    {12, "target_raid_config"}, {14, "states"}, {20, "network_interface"}, {21, "resource_class"}, {24, "portgroups"}, {31, "boot_interface"},
    {31, "console_interface"}, {31, "deploy_interface"}, {31, "inspect_interface"}, {31, "management_interface"}, {31, "power_interface"}, {31, "raid_interface"},
    {31, "vendor_interface"}, {32, "volume"}, {33, "storage_interface"}, {37, "traits"}, {38, "rescue_interface"}, {40, "bios_interface"}, {42, "fault"},
    {44, "deploy_step"}, {46, "conductor_group"}, {47, "automated_clean"}, {48, "protected"}, {48, "protected_reason"}, {49, "conductor"}, {50, "owner"},
    {51, "description"}, {52, "allocation_uuid"}, {61, "retired"}, {61, "retired_reason"}, {65, "lessee"}, {66, "network_data"}, {75, "boot_mode"},
    {75, "secure_boot"}, {82, "shard"},
};

bool metal_fail(struct req *r, int code, const char *fmt, ...)
{
    char msg[1200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    json_t *in = jt("{'faultcode':'Client','faultstring':%s,'debuginfo':null}", msg);
    char *text = json_dumps(in, 0);                            /* a document in a string: so it is */
    reply_json(r, code, jt("{'error_message':%s}", text));
    free(text);
    json_decref(in);
    return false;
}

static void fail_plain(struct req *r, int code, const char *title, const char *description)
{
    json_t *in = jt("{'code':%i,'title':%s,'description':%s}", code, title, description);
    char *text = json_dumps(in, 0);
    reply_json(r, code, jt("{'error_message':%s}", text));
    free(text);
    json_decref(in);
}

/* ---- what is seen ---- */
static void add_links(struct req *r, json_t *d, const char *key, const char *plural, const char *sub)
{
    char *path = sim_printf("%s/%s%s%s", plural, jstr(d, "uuid"), *sub ? "/" : "", sub);
    json_object_set_new(d, key, metal_links(r, path));
    free(path);
}

static bool mine(struct req *r, const json_t *d)
{
    const struct token *t = ostk_who(r);
    return t->admin || (*t->project_id && (strcmp(jstr(d, "owner"), t->project_id) == 0 || strcmp(jstr(d, "lessee"), t->project_id) == 0));
}

static json_t *see_node(struct req *r, json_t *d)
{
    static const char *const subs[] = {"ports", "states", "portgroups", "volume"};
    if (!mine(r, d)) {
        json_decref(d);
        return NULL;
    }
    for (size_t i = 0; i < 4; i++)
        add_links(r, d, subs[i], "nodes", subs[i]);
    add_links(r, d, "links", "nodes", "");
    if (r->micro.minor < 2 && strcmp(jstr(d, "provision_state"), "available") == 0)
        json_object_set_new(d, "provision_state", json_null());
    for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
        if (r->micro.minor < since[i].from)
            json_object_del(d, since[i].key);
    json_object_del(d, "id");
    return d;
}

static json_t *see_port(struct req *r, json_t *d)
{
    add_links(r, d, "links", "ports", "");
    json_object_del(d, "id");
    return d;
}

static bool node_also(struct req *r, const json_t *d)
{
    const char *m = req_query(r, "maintenance"), *a = req_query(r, "associated");
    return (!m || ostk_equals(json_object_get(d, "maintenance"), m)) && (!a || (*jstr(d, "instance_uuid") != 0) == ostk_flag(r, "associated"));
}

/* Only these, and links. */
static void only(json_t *d, const char *fields)
{
    const char *key;
    void *next;
    json_t *v;
    json_object_foreach_safe(d, next, key, v) {
        const char *at = fields;
        size_t n = strlen(key);
        bool keep = strcmp(key, "links") == 0;
        for (; *at && !keep; at += strcspn(at, ","), at += *at == ',')
            keep = strncmp(at, key, n) == 0 && (!at[n] || at[n] == ',');
        if (!keep)
            json_object_del(d, key);
    }
}

static bool sort_ok(struct req *r)
{
    const char *key = req_query(r, "sort_key");
    for (const char *const *f = sorts; key && *f; f++)
        if (strcmp(*f, key) == 0)
            return true;
    return !key || metal_fail(r, 400, "The sort_key value \"%s\" is an invalid field for sorting", key);
}

static void list(struct req *r, const char *plural, bool detail)
{
    bool nodes = strcmp(plural, "nodes") == 0;
    const char *brief = nodes ? r->micro.minor >= 5 ? "instance_uuid,maintenance,power_state,provision_state,uuid,name"
                                                    : "instance_uuid,maintenance,power_state,provision_state,uuid" : "uuid,address";
    const char *fields = req_query(r, "fields"), *odd = ostk_unknown_query(r, nodes ? node_keys : port_keys, words), *state = req_query(r, "provision_state");
    char order[256];
    static const char *const states[] = {"active", "available", "enroll", "manageable", "verifying", "cleaning", "clean wait", "clean failed", "deploying",
        "deploy failed", "wait call-back", "deleting", "deleted", "error", "inspecting", "inspect failed", "inspect wait", "rescue", "rescuing", "rescue failed",
        "unrescuing", "adopting", "adopt failed", "rebuild"};
    bool known = !state || !nodes;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]) && !known; i++)
        known = strcmp(states[i], state) == 0;
    if (!known)
        metal_fail(r, 400, "Provision state \"%s\" is not valid", state);
    else if (odd)
        metal_fail(r, 400, "Unexpected arguments: %s", odd);
    if (!known || odd || !sort_ok(r))
        return;
    if (req_query(r, "marker") && !ostk_is_uuid(req_query(r, "marker"))) {
        metal_fail(r, 400, "Expected UUID for marker: %s", req_query(r, "marker"));
        return;
    }
    struct ostk_list l = {.table = metal_table(r->sim, plural), .see = nodes ? see_node : see_port, .filters = nodes ? node_keys : port_keys,
                          .also = nodes ? node_also : NULL, .order = ostk_order(r, order, sizeof(order), "_seq:asc", "asc"), .max = 1000};
    if (strncmp(l.order, "id:", 3) == 0)
        l.order = strcmp(l.order, "id:desc") == 0 ? "_seq:desc" : "_seq:asc";
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit) {
        const char *limit = req_query(r, "limit");
        metal_fail(r, 400, *limit == '-' ? "Limit must be positive" : "Expected an integer for limit: %s", limit);
        return;
    }
    if (p.bad_marker) {
        metal_fail(r, 404, "%s %s could not be found.", nodes ? "Node" : "Port", req_query(r, "marker"));
        return;
    }
    json_t *out = json_object();
    for (size_t i = 0; i < json_array_size(p.rows); i++)
        if (!detail)
            only(json_array_get(p.rows, i), fields ? fields : brief);
    json_object_set_new(out, plural, p.rows);
    if (p.full) {
        const char *key = req_query(r, "sort_key"), *dir = req_query(r, "sort_dir");
        char *next = ostk_url(r, "/baremetal/v1/%s%s?sort_key=%s&sort_dir=%s%s%s&limit=%zu&marker=%s", plural, detail ? "/detail" : "", key ? key : "id",
                              dir ? dir : "asc", detail ? "" : "&fields=", detail ? "" : fields ? fields : brief, p.limit, p.last);
        json_object_set_new(out, "next", json_string(next));
        free(next);
    }
    reply_json(r, 200, out);
}

/* ---- nodes ---- */
static struct obj *find_node(struct sim *s, const char *name)
{
    struct res *t = metal_table(s, "nodes");
    struct obj *o = store_get(t, "", name);
    for (size_t i = 0; i < t->n && !o; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "name"), name) == 0)
            o = t->items[i];
        json_decref(d);
    }
    return o;
}

static void reply_node(struct req *r, int status, const char *id)
{
    json_t *d = ostk_public(see_node(r, obj_doc(store_get(metal_table(r->sim, "nodes"), "", id))));
    if (req_query(r, "fields"))
        only(d, req_query(r, "fields"));
    reply_json(r, status, d);
}

static void node_create(struct req *r)
{
    json_t *in = ostk_body(r), *v;
    const char *name = jstr(in, "name"), *driver = jstr(in, "driver"), *key;
    if (!ostk_admin(r)) {
        metal_fail(r, 403, "Access was denied to the following resource: baremetal:node:create");
    } else if (!json_object_get(in, "driver")) {
        metal_fail(r, 400, "Schema error for node: 'driver' is a required property");
    } else if (*name && find_node(r->sim, name)) {
        metal_fail(r, 409, "A node with name %s already exists.", name);
    } else if (strcmp(driver, "ipmi") != 0 && strcmp(driver, "redfish") != 0 && strcmp(driver, "fake-hardware") != 0) {
        metal_fail(r, 400, "No valid host was found. Reason: No conductor service registered which supports driver %s for conductor group \"\".", driver);
    } else {
        const char *id = ironic_seed_node(r->sim, &(struct ironic_node){.id = *jstr(in, "uuid") ? jstr(in, "uuid") : NULL, .project = ostk_who(r)->project_id});
        json_t *set = json_object();
        json_object_foreach(in, key, v)
            if (strcmp(key, "uuid") != 0)
                json_object_set(set, key, v);
        char *uuid = sim_strdup(id), *url = ostk_url(r, "/baremetal/v1/nodes/%s", id);
        json_object_set_new(set, "name", *name ? json_string(name) : json_null());
        ostk_merge(r->sim, metal_table(r->sim, "nodes"), uuid, set);
        req_head(r, "Location", "%s", url);
        reply_node(r, 201, uuid);
        free(uuid);
        free(url);
    }
    json_decref(in);
}

/* PATCH: JSON Patch on the fields that may be changed */
static void node_patch(struct req *r, struct obj *o)
{
    static const char *const may[] = {"automated_clean", "bios_interface", "boot_interface", "chassis_uuid", "conductor_group", "console_interface",
        "deploy_interface", "description", "driver", "driver_info", "extra", "inspect_interface", "instance_info", "instance_uuid", "lessee", "maintenance",
        "management_interface", "name", "network_data", "network_interface", "owner", "power_interface", "properties", "protected", "protected_reason",
        "raid_interface", "rescue_interface", "resource_class", "retired", "retired_reason", "shard", "storage_interface", "vendor_interface"};
    json_t *ops = r->body ? json_loads(r->body, 0, NULL) : NULL, *d = obj_doc(o);
    char *id = sim_strdup(o->name);
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const json_t *op = json_array_get(ops, i);
        char path[128];
        bool ok = false;
        size_t n = strcspn(jstr(op, "path")[0] ? jstr(op, "path") + 1 : "", "/");
        for (size_t k = 0; k < sizeof(may) / sizeof(may[0]) && !ok; k++)
            ok = jstr(op, "path")[0] && strlen(may[k]) == n && strncmp(may[k], jstr(op, "path") + 1, n) == 0;
        if (!ok) {
            struct str all;
            str_init(&all, 0);
            for (size_t k = 0; k < sizeof(may) / sizeof(may[0]); k++)
                str_addf(&all, "%s%s", k ? ", " : "", may[k]);
            metal_fail(r, 400, "Cannot patch %s. Only the following can be updated: %s", jstr(op, "path"), all.data);
            str_release(&all);
            goto out;
        }
        snprintf(path, sizeof(path), "%s", jstr(op, "path") + 1);
        for (char *p = path; *p; p++)
            *p = *p == '/' ? '.' : *p;
        jset(d, path, strcmp(jstr(op, "op"), "remove") == 0 ? json_null() : json_incref(json_object_get(op, "value")));
    }
    metal_put(r->sim, id, json_incref(d));
    reply_node(r, 200, id);
out:
    free(id);
    json_decref(ops);
    json_decref(d);
}

static void states(struct req *r, const json_t *d)
{
    static const char *const keys[] = {"boot_mode", "secure_boot", "console_enabled", "last_error", "power_state", "provision_state", "target_power_state", "target_provision_state",
                                       "provision_updated_at", "raid_config", "target_raid_config"};
    json_t *out = json_object();
    for (size_t i = r->micro.minor < 75 ? 2 : 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        json_object_set_new(out, keys[i], json_object_get(d, keys[i]) ? json_incref(json_object_get(d, keys[i])) : json_null());
    reply_json(r, 200, out);
}

static void ports_of(struct req *r, const char *node)
{
    struct res *t = metal_table(r->sim, "ports");
    json_t *rows = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "node_uuid"), node) == 0) {
            d = ostk_public(see_port(r, d));
            only(d, "uuid,address");
            json_array_append(rows, d);
        }
        json_decref(d);
    }
    reply_json(r, 200, jt("{'ports':%j}", rows));
}

/* What a node may have and these do not. */
static bool empty_part(struct req *r, const char *id, const char *sub)
{
    static const struct { const char *sub; int from; } none[] = {{"vifs", 28}, {"bios", 40}, {"history", 78}};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        if (strcmp(none[i].sub, sub) != 0 || r->micro.minor < none[i].from)
            continue;
        json_t *out = json_object();
        json_object_set_new(out, sub, json_array());
        reply_json(r, 200, out);
        return true;
    }
    if (strcmp(sub, "allocation") != 0)
        return false;
    metal_fail(r, 404, "Allocation for node %s was not found", id);
    return true;
}

/* The form of a wish for power or a state; false: it was refused. */
static bool power_ok(struct req *r, const json_t *in)
{
    const json_t *timeout = jat(in, "timeout");
    const char *text = json_string_value(timeout);
    int64_t seconds = text ? atoi(text) : json_integer_value(timeout);
    if (!*jstr(in, "target"))
        metal_fail(r, 400, "Missing mandatory parameter: target");
    else if (text && (!*text || text[strspn(text, "0123456789")]))
        metal_fail(r, 400, "Expected an integer for timeout: %s", text);
    else if (r->micro.minor < 27 && (timeout || strncmp(jstr(in, "target"), "soft ", 5) == 0))
        metal_fail(r, 406, "Request not acceptable.");
    else if (timeout && seconds <= 0)
        metal_fail(r, 400, "timeout has to be positive integer");
    else
        return true;
    return false;
}

static void node_sub(struct req *r, struct obj *o, json_t *d)
{
    const char *sub = r->seg[4], *more = r->nseg > 5 ? r->seg[5] : "";
    bool put_it = strcmp(r->method, "PUT") == 0, del = strcmp(r->method, "DELETE") == 0;
    json_t *in = ostk_body(r);
    static const char *const faces[] = {"boot", "deploy", "management", "network", "power", "bios", "console", "inspect", "raid", "rescue", "storage"};
    bool change = put_it || del || strcmp(r->method, "POST") == 0;
    if (change && !ostk_admin(r)) {
        metal_fail(r, 403, "Access was denied to the following resource: baremetal:node:set_%s", sub);
    } else if (put_it && strcmp(sub, "states") == 0 && (strcmp(more, "power") == 0 || strcmp(more, "provision") == 0) && !power_ok(r, in)) {
        /* said */
    } else if (change && *jstr(d, "reservation") && strcmp(sub, "states") == 0 && strcmp(more, "power") == 0 && strstr("power on power off rebooting soft", jstr(in, "target"))) {
        metal_fail(r, 409, "Node %s is locked by host %s, please retry after the current operation is completed.", o->name, jstr(d, "reservation"));
    } else if (strcmp(sub, "states") == 0 && put_it && strcmp(more, "power") == 0) {
        metal_power(r, d, jstr(in, "target"));
    } else if (strcmp(sub, "states") == 0 && put_it && strcmp(more, "provision") == 0 && strcmp(jstr(in, "target"), "clean") == 0 &&
               !json_array_size(json_object_get(in, "clean_steps"))) {
        metal_fail(r, 400, "\"clean_steps\" is required when setting target provision state to clean");
    } else if (strcmp(sub, "states") == 0 && put_it && strcmp(more, "provision") == 0) {
        metal_provision(r, d, jstr(in, "target"));
    } else if (strcmp(sub, "states") == 0 && strcmp(more, "console") == 0) {
        reply_json(r, 200, jt("{'console_enabled':false,'console_info':null}"));
    } else if (strcmp(sub, "states") == 0) {
        states(r, d);
    } else if (strcmp(sub, "maintenance") == 0) {
        metal_put(r->sim, o->name, jt("{'maintenance':%b,'maintenance_reason':%s}", put_it, put_it && *jstr(in, "reason") ? jstr(in, "reason") : NULL));
        reply_text(r, 202, NULL, "", 0);
    } else if (strcmp(sub, "validate") == 0) {
        json_t *out = json_object();
        for (size_t i = 0; i < sizeof(faces) / sizeof(faces[0]); i++)
            json_object_set_new(out, faces[i], jt("{'result':true}"));
        reply_json(r, 200, out);
    } else if (strcmp(sub, "ports") == 0) {
        ports_of(r, o->name);
    } else if (strcmp(sub, "traits") == 0) {
        reply_json(r, 200, jt("{'traits':%j}", json_incref(json_object_get(d, "traits"))));
    } else if (strcmp(sub, "portgroups") == 0) {
        reply_json(r, 200, jt("{'portgroups':[]}"));
    } else if (strcmp(sub, "management") == 0 && r->nseg > 6 && strcmp(r->seg[6], "supported") == 0) {
        reply_json(r, 200, jt("{'supported_boot_devices':['pxe','disk','cdrom','bios','safe']}"));
    } else if (empty_part(r, o->name, sub)) {
        ;
    } else if (strcmp(sub, "management") == 0) {
        reply_json(r, 200, jt("{'boot_device':'pxe','persistent':false}"));
    } else {
        metal_fail(r, 400, "Field %s is not a valid field.", sub);
    }
    json_decref(in);
}

static void nodes(struct req *r)
{
    const char *id = r->nseg > 3 ? r->seg[3] : "";
    bool get = strcmp(r->method, "GET") == 0;
    if (!*id || strcmp(id, "detail") == 0) {
        if (!get)
            node_create(r);
        else
            list(r, "nodes", *id || ostk_flag(r, "detail"));
        return;
    }
    struct obj *o = find_node(r->sim, id);
    json_t *d = o ? obj_doc(o) : NULL;
    if (!d || !mine(r, d))
        metal_fail(r, 404, "Node %s could not be found.", id);
    else if (r->nseg > 4)
        node_sub(r, o, d);
    else if (get)
        reply_node(r, 200, o->name);
    else if (!ostk_admin(r))
        metal_fail(r, 403, "Access was denied to the following resource: baremetal:node:update");
    else if (strcmp(r->method, "PATCH") == 0)
        node_patch(r, o);
    else if (*jstr(d, "instance_uuid"))
        metal_fail(r, 409, "Node %s is associated with instance %s.", o->name, jstr(d, "instance_uuid"));
    else if (strcmp(r->method, "DELETE") == 0) {
        struct res *t = metal_table(r->sim, "ports");
        for (size_t i = t->n; i-- > 0;)
            if (strstr(t->items[i]->text, o->name))
                ostk_drop(r->sim, t, t->items[i]->name);
        ostk_drop(r->sim, o->res, o->name);
        reply_text(r, 204, NULL, "", 0);
    }
    json_decref(d);
}

static bool mac_taken(struct sim *s, const char *mac)
{
    struct res *t = metal_table(s, "ports");
    bool taken = false;
    for (size_t i = 0; i < t->n && !taken; i++) {
        json_t *d = obj_doc(t->items[i]);
        taken = strcasecmp(jstr(d, "address"), mac) == 0;
        json_decref(d);
    }
    return taken;
}

static void port_create(struct req *r)
{
    json_t *in = ostk_body(r);
    const char *mac = jstr(in, "address"), *node = jstr(in, "node_uuid");
    if (!*mac || !*node) {
        metal_fail(r, 400, "Invalid input for field/attribute %s. Value: 'None'. Mandatory field missing.", *mac ? "node_uuid" : "address");
    } else if (!find_node(r->sim, node)) {
        metal_fail(r, 400, "Node %s could not be found.", node);
    } else if (mac_taken(r->sim, mac)) {
        metal_fail(r, 409, "A port with MAC address %s already exists.", mac);
    } else {
        struct obj *o = metal_port(r->sim, mac, node, sim_now(r->sim));
        char *url = ostk_url(r, "/baremetal/v1/ports/%s", o->name);
        req_head(r, "Location", "%s", url);
        free(url);
        reply_json(r, 201, ostk_public(see_port(r, obj_doc(o))));
    }
    json_decref(in);
}

static void ports(struct req *r)
{
    const char *id = r->nseg > 3 ? r->seg[3] : "";
    struct obj *o = *id ? store_get(metal_table(r->sim, "ports"), "", id) : NULL;
    if (!ostk_admin(r))
        reply_json(r, 200, jt("{'ports':[]}"));
    else if (!*id && strcmp(r->method, "POST") == 0)
        port_create(r);
    else if (!*id || strcmp(id, "detail") == 0)
        list(r, "ports", *id != 0);
    else if (!ostk_is_uuid(id))
        metal_fail(r, 400, "Expected UUID for port_uuid: %s", id);
    else if (!o)
        metal_fail(r, 404, "Port %s could not be found.", id);
    else if (strcmp(r->method, "DELETE") == 0) {
        ostk_drop(r->sim, o->res, id);
        reply_text(r, 204, NULL, "", 0);
    } else
        reply_json(r, 200, ostk_public(see_port(r, obj_doc(o))));
}

/* "X-OpenStack-Ironic-API-Version: 1.58"; false: 406 was sent */
static bool version_ok(struct req *r)
{
    const char *h = req_header(r, "X-OpenStack-Ironic-API-Version");
    char why[256];
    r->micro.major = 1;
    r->micro.minor = 1;
    if (h && strcmp(h, "latest") == 0)
        r->micro.minor = 82;
    else if (h && sscanf(h, "%d.%d", &r->micro.major, &r->micro.minor) != 2) {
        str_clear(&r->head);
        fail_plain(r, 406, "Not Acceptable", "Invalid value for X-OpenStack-Ironic-API-Version header");
        return false;
    }
    bool ok = r->micro.major == 1 && r->micro.minor >= 1 && r->micro.minor <= 82;
    if (!ok)
        str_clear(&r->head);
    req_head(r, "X-OpenStack-Ironic-API-Minimum-Version", "1.1");
    req_head(r, "X-OpenStack-Ironic-API-Maximum-Version", "1.82");
    if (ok) {
        req_head(r, "X-OpenStack-Ironic-API-Version", "1.%d", r->micro.minor);
        return true;
    }
    snprintf(why, sizeof(why), r->micro.major != 1 ? "Mutually exclusive versions requested. Version %d.%d requested but not supported by this service. The supported "
             "version range is: [1.1, 1.82]." : "Version %d.%d was requested but the minor version is not supported by this service. The supported version range is: "
             "[1.1, 1.82].", r->micro.major, r->micro.minor);
    fail_plain(r, 406, "Not Acceptable", why);
    return false;
}

static void root(struct req *r)
{
    static const char *const parts[] = {"chassis", "nodes", "ports", "drivers"};
    char *url = ostk_url(r, "/baremetal/v1/");
    json_t *v = jt("{'id':'v1','links':[{'href':%s,'rel':'self'}],'status':'CURRENT','min_version':'1.1','version':'1.82'}", url);
    if (r->nseg <= 1) {
        reply_json(r, 200, jt("{'name':'OpenStack Ironic API','description':'Ironic is an OpenStack project which enables the provision and management of baremetal "
                              "machines.','default_version':%j,'versions':[%j]}", json_incref(v), json_incref(v)));
    } else {
        json_t *out = jt("{'id':'v1','links':[{'href':%s,'rel':'self'},{'href':'https://docs.openstack.org//ironic/latest/contributor//webapi.html','rel':'describedby',"
                         "'type':'text/html'}],'media_types':{'base':'application/json','type':'application/vnd.openstack.ironic.v1+json'},'version':%j}", url, json_incref(v));
        for (size_t i = 0; i < 4; i++) {
            char *path = sim_printf("%s/", parts[i]);
            json_object_set_new(out, parts[i], metal_links(r, path));
            free(path);
        }
        reply_json(r, 200, out);
    }
    json_decref(v);
    free(url);
}

void ironic_handle(struct req *r)
{
    static const struct { const char *what; int from; } empty[] = {{"chassis", 1}, {"portgroups", 23}, {"allocations", 52}, {"deploy_templates", 55}};
    const char *what = r->nseg > 2 ? r->seg[2] : "";
    str_clear(&r->head);                                       /* its ids go by a name of their own */
    if (r->nseg <= 1) {
        root(r);
        return;
    }
    req_head(r, "Openstack-Request-Id", "%s", r->id);
    if (r->nseg > 2 && !ostk_token(r))
        return;
    if (!version_ok(r))
        return;
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        if (strcmp(empty[i].what, what) != 0)
            continue;
        json_t *out = json_object();
        json_object_set_new(out, what, json_array());
        if (r->micro.minor >= empty[i].from)
            reply_json(r, 200, json_incref(out));
        else
            metal_fail(r, 404, "Resource could not be found.");
        json_decref(out);
        return;
    }
    if (r->nseg == 2)
        root(r);
    else if (strcmp(what, "nodes") == 0)
        nodes(r);
    else if (strcmp(what, "ports") == 0)
        ports(r);
    else if (strcmp(what, "drivers") == 0)
        metal_drivers(r);
    else if (strcmp(what, "conductors") == 0 && r->micro.minor >= 49)
        metal_conductors(r);
    else if (strcmp(what, "conductors") == 0)
        metal_fail(r, 404, "Resource could not be found.");
    else if (strcmp(what, "volume") == 0 && r->nseg > 3) {
        json_t *out = json_object();
        json_object_set_new(out, r->seg[3], json_array());
        reply_json(r, 200, out);
    } else {
        str_clear(&r->head);
        fail_plain(r, 404, "Not Found", "");
    }
}
