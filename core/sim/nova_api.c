/* The compute API's door: versions, who asks, bodies and queries that are refused, and which file answers a path. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

#define MAX_LIMIT 1000

bool nova_at(const struct req *r, int minor)
{
    return r->micro.minor >= minor;
}

void nova_error(struct req *r, int code, const char *fmt, ...)
{
    static const struct { int code; const char *shape; } shapes[] = {
        {400, "badRequest"}, {401, "unauthorized"}, {403, "forbidden"}, {404, "itemNotFound"}, {405, "badMethod"}, {409, "conflictingRequest"},
        {413, "overLimit"}, {415, "badMediaType"}, {429, "overLimit"}, {501, "notImplemented"}, {503, "serviceUnavailable"},
    };
    const char *shape = "computeFault";
    struct str msg;
    va_list ap;
    str_init(&msg, 0);
    va_start(ap, fmt);
    str_addv(&msg, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].code == code)
            shape = shapes[i].shape;
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, shape, '{');
    jw_int(&w, "code", code);
    jw_str(&w, "message", msg.data);
    jw_close(&w, '}');
    jw_close(&w, '}');
    reply_text(r, code, "application/json; charset=UTF-8", w.o.data, w.o.len);
    str_release(&w.o);
    str_release(&msg);
}

/* What the router says of a path or method it does not know: webob's page in the form the client prefers. */
void nova_none(struct req *r)
{
    const char *accept = req_header(r, "Accept");
    ostk_bare(r, "X-Compute-Request-Id");
    if (accept && strstr(accept, "json")) {
        reply_json(r, 404, jt("{'message':'The resource could not be found.<br /><br />\\n\\n\\n','code':'404 Not Found','title':'Not Found'}"));
    } else if (accept && (strstr(accept, "html") || strstr(accept, "*/*"))) {
        ostk_error(r, 404, "html", "The resource could not be found.");
    } else {
        static const char text[] = "404 Not Found\n\nThe resource could not be found.\n\n   ";
        reply_text(r, 404, "text/plain; charset=UTF-8", text, sizeof(text) - 1);
    }
}

const struct token *nova_who(const struct req *r)
{
    const char *id = req_header(r, "X-Auth-Token");
    for (const struct token *t = r->sim->tokens; id && t; t = t->next)
        if (strcmp(t->id, id) == 0)
            return t;
    return NULL;
}

bool nova_admin(const struct req *r)
{
    const struct token *t = nova_who(r);
    return t && t->admin;
}

bool nova_allowed(struct req *r, const char *rule)
{
    if (nova_admin(r))
        return true;
    nova_error(r, 403, "Policy doesn't allow %s to be performed.", rule);
    return false;
}

bool nova_member(struct req *r, const char *rule)
{
    const struct token *t = nova_who(r);
    if (t && !t->reader)
        return true;
    nova_error(r, 403, "Policy doesn't allow %s to be performed.", rule);
    return false;
}

bool nova_invalid(struct req *r, const char *field, const json_t *value, const char *fmt, ...)
{
    char *text = nova_repr(value, true);
    struct str why;
    va_list ap;
    str_init(&why, 0);
    va_start(ap, fmt);
    str_addv(&why, fmt, ap);
    va_end(ap);
    nova_error(r, 400, "Invalid input for field/attribute %s. Value: %s. %s", field, text, why.data);
    str_release(&why);
    free(text);
    return false;
}

json_t *nova_body(struct req *r, const char *key)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    if (!json_is_object(in)) {
        json_decref(in);
        nova_error(r, 400, "Malformed request body");
        return NULL;
    }
    json_t *o = json_object_get(in, key);
    if (!o)
        nova_error(r, 400, "'%s' is a required property", key);
    else if (!json_is_object(o))
        nova_invalid(r, key, o, "%s is not of type 'object'", json_is_null(o) ? "None" : "The value");
    if (!json_is_object(o)) {
        json_decref(in);
        return NULL;
    }
    json_incref(o);
    json_decref(in);
    return o;
}

bool nova_known(struct req *r, const char *field, const json_t *o, const char *const *known)
{
    const char *key;
    json_t *x;
    json_object_foreach((json_t *)o, key, x) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return nova_invalid(r, field, o, "Additional properties are not allowed ('%s' was unexpected)", key);
    }
    return true;
}

struct query_check { const char *const *known; const char *bad; };

static enum MHD_Result check_query(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct query_check *c = cls;
    (void)kind;
    (void)value;
    for (size_t i = 0; c->known[i]; i++)
        if (strcmp(c->known[i], key) == 0)
            return MHD_YES;
    if (!c->bad)
        c->bad = key;
    return MHD_YES;
}

bool nova_queries(struct req *r, const char *const *known)
{
    return !nova_at(r, 75) || nova_queries_only(r, known);
}

bool nova_queries_only(struct req *r, const char *const *known)
{
    struct query_check c = {known, NULL};
    MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, check_query, &c);
    if (c.bad && strcmp(r->seg[2], "servers") == 0 && r->nseg < 5)
        nova_error(r, 400, "'%s' does not match any of the regexes: '^_'", c.bad);
    else if (c.bad)
        nova_error(r, 400, "Additional properties are not allowed ('%s' was unexpected)", c.bad);
    return !c.bad;
}

long nova_limit(struct req *r)
{
    const char *text = req_query(r, "limit");
    if (!text)
        return MAX_LIMIT;
    for (const char *p = text; *p; p++) {
        if (!isdigit((unsigned char)*p)) {
            nova_error(r, 400, "Invalid input for query parameters limit. Value: %s. '%s' does not match '^[0-9]*$'", text, text);
            return -1;
        }
    }
    long n = strtol(text, NULL, 10);
    return n > MAX_LIMIT || !*text ? MAX_LIMIT : n;
}

bool nova_flag(const char *v, bool when_odd)
{
    static const char *const yes[] = {"1", "t", "true", "on", "y", "yes"}, *const no[] = {"0", "f", "false", "off", "n", "no"};
    for (size_t i = 0; v && i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcasecmp(v, yes[i]) == 0)
            return true;
        if (strcasecmp(v, no[i]) == 0)
            return false;
    }
    return when_odd;
}

/* ---- versions ---- */
static void version(struct jw *w, struct req *r, bool current, bool whole)
{
    jw_open(w, whole ? "version" : NULL, '{');
    jw_str(w, "id", current ? "v2.1" : "v2.0");
    jw_str(w, "status", current ? "CURRENT" : "SUPPORTED");
    jw_str(w, "version", current ? "2.93" : "");
    jw_str(w, "min_version", current ? "2.1" : "");
    jw_str(w, "updated", current ? "2013-07-23T11:33:21Z" : "2011-01-21T11:33:21Z");
    char *url = sim_printf("https://127.0.0.1:%d/compute/v2%s/", r->sim->port, current ? ".1" : "");
    jw_open(w, "links", '[');
    jw_open(w, NULL, '{');
    jw_str(w, "rel", "self");
    jw_str(w, "href", url);
    jw_close(w, '}');
    free(url);
    if (whole) {
        jw_open(w, NULL, '{');
        jw_str(w, "rel", "describedby");
        jw_str(w, "type", "text/html");
        jw_str(w, "href", "http://docs.openstack.org/");
        jw_close(w, '}');
    }
    jw_close(w, ']');
    if (whole) {
        jw_open(w, "media-types", '[');
        jw_open(w, NULL, '{');
        jw_str(w, "base", "application/json");
        jw_str(w, "type", "application/vnd.openstack.compute+json;version=2.1");
        jw_close(w, '}');
        jw_close(w, ']');
    }
    jw_close(w, '}');
}

static void versions(struct req *r)
{
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    if (r->nseg > 1) {
        version(&w, r, strcmp(r->seg[1], "v2") != 0, true);
    } else {
        jw_open(&w, "versions", '[');
        version(&w, r, false, false);
        version(&w, r, true, false);
        jw_close(&w, ']');
    }
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

/* ---- servers ---- */
static void server_put(struct req *r, struct nova_server *v)
{
    static const char *const known[] = {"name", "description", "accessIPv4", "accessIPv6", "OS-DCF:diskConfig", "hostname", NULL};
    json_t *in = nova_body(r, "server"), *name = json_object_get(in, "name");
    if (!in)
        return;
    const char *text = json_string_value(name);
    if (text && !*text)
        nova_invalid(r, "name", name, "'' is too short");
    else if (text && strlen(text) > 255)
        nova_invalid(r, "name", name, "'%s' is too long", text);
    else if (name && !text)
        nova_invalid(r, "name", name, "The value is not of type 'string'");
    else if (nova_known(r, "server", in, known)) {
        if (text)
            nova_set(&v->name, text);
        if (json_object_get(in, "description"))
            nova_set(&v->description, json_string_value(json_object_get(in, "description")));
        if (json_is_string(json_object_get(in, "hostname")))
            nova_set(&v->hostname, json_string_value(json_object_get(in, "hostname")));
        nova_touch(r->sim, v);
        struct jw w;
        jw_init(&w);
        jw_open(&w, NULL, '{');
        nova_show_changed(&w, r, v);
        jw_close(&w, '}');
        jw_reply(&w, r, 200);
    }
    json_decref(in);
}

/* What a reader may not: the rule that is told, by method and path. */
static bool may_write(struct req *r, const char *sub)
{
    static const struct { const char *method, *sub, *rule; } rules[] = {
        {"DELETE", "", "servers:delete"}, {"PUT", "", "servers:update"}, {"POST", "os-interface", "os-attach-interfaces:create"},
        {"DELETE", "os-interface", "os-attach-interfaces:delete"}, {"POST", "os-volume_attachments", "os-volumes-attachments:create"},
        {"DELETE", "os-volume_attachments", "os-volumes-attachments:delete"}, {"PUT", "os-volume_attachments", "os-volumes-attachments:update"},
        {"POST", "metadata", "server-metadata:create"}, {"PUT", "metadata", "server-metadata:update_all"}, {"DELETE", "metadata", "server-metadata:delete"},
        {"PUT", "tags", "os-server-tags:update_all"}, {"DELETE", "tags", "os-server-tags:delete_all"}, {"POST", "remote-consoles", "os-remote-consoles"},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcmp(rules[i].method, r->method) == 0 && strcmp(rules[i].sub, sub) == 0) {
            char rule[64];
            snprintf(rule, sizeof(rule), "os_compute_api:%s", rules[i].rule);
            return nova_member(r, rule);
        }
    }
    return true;
}

static void server(struct req *r, const char *id)
{
    const char *sub = r->nseg > 4 ? r->seg[4] : "";
    bool get = strcmp(r->method, "GET") == 0;
    if (strcmp(sub, "os-instance-actions") == 0 && get) {
        nova_actions_get(r, id, r->nseg > 5 ? r->seg[5] : NULL);
        return;
    }
    if (strcmp(sub, "action") == 0 && strcmp(r->method, "POST") == 0) {
        nova_action(r, id);
        return;
    }
    struct nova_server *v = nova_mine(r, id);
    if (!v || !may_write(r, sub))
        return;
    if (!*sub && get) {
        struct jw w;
        jw_init(&w);
        jw_open(&w, NULL, '{');
        nova_show(&w, r, v, true);
        jw_close(&w, '}');
        jw_reply(&w, r, 200);
    } else if (!*sub && strcmp(r->method, "DELETE") == 0) {
        nova_delete(r, v);
    } else if (!*sub && strcmp(r->method, "PUT") == 0) {
        server_put(r, v);
    } else if (strcmp(sub, "migrations") == 0) {
        nova_server_migrations(r, v);
    } else if (strcmp(sub, "os-volume_attachments") == 0) {
        nova_attachments(r, v);
    } else if (strcmp(sub, "os-interface") == 0) {
        nova_interfaces(r, v);
    } else if (*sub) {
        nova_server_misc(r, v, sub);
    } else {
        nova_none(r);
    }
}

static void servers(struct req *r)
{
    const char *id = r->nseg > 3 ? r->seg[3] : "";
    if (*id && (strcmp(id, "detail") != 0 || r->nseg > 4))
        server(r, id);
    else if (strcmp(r->method, "GET") == 0)
        nova_servers_get(r, *id != 0);
    else if (!*id && strcmp(r->method, "POST") == 0)
        (void)(nova_member(r, "os_compute_api:servers:create") && (nova_create(r), true));
    else
        nova_none(r);
}

static void zones(struct req *r)
{
    bool detail = r->nseg > 3 && strcmp(r->seg[3], "detail") == 0;
    if (!detail || nova_allowed(r, "os_compute_api:os-availability-zone:detail"))
        nova_zones(r, detail);
}

void nova_handle(struct req *r)
{
    static const struct { const char *path; void (*handle)(struct req *r); } paths[] = {
        {"servers", servers}, {"flavors", nova_flavors}, {"os-services", nova_services}, {"os-hypervisors", nova_hypervisors},
        {"os-migrations", nova_migrations}, {"os-keypairs", nova_keypairs}, {"os-server-groups", nova_groups}, {"os-aggregates", nova_aggregates},
        {"os-availability-zone", zones}, {"limits", nova_limits}, {"os-quota-sets", nova_quota_sets}, {"os-quota-class-sets", nova_quota_class}, {"os-simple-tenant-usage", nova_usage},
    };
    /* Once ways to other services; openstackclient does not go them. */
    static const char *const gone[] = {"os-cells", "os-agents", "os-fping", "os-cloudpipe", "os-certificates", "os-consoles"};
    static const char *const proxies[] = {"images", "os-networks", "os-tenant-networks", "os-security-groups", "os-floating-ips", "os-volumes", "os-hosts"};
    nova_start(r->sim);
    if (r->nseg <= 2) {
        if (r->nseg < 2)
            str_clear(&r->head);                               /* the list of versions is another application */
        versions(r);
        return;
    }
    if (!ostk_token(r))
        return;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (strcmp(r->seg[2], paths[i].path) == 0) {
            paths[i].handle(r);
            return;
        }
    }
    for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]) && nova_at(r, 36); i++) {
        if (strcmp(r->seg[2], proxies[i]) == 0) {
            nova_error(r, 404, "The resource could not be found.");
            return;
        }
    }
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        if (strcmp(r->seg[2], gone[i]) == 0) {
            nova_error(r, 410, "This resource is no longer available. No forwarding address is given.");
            return;
        }
    }
    if (strcmp(r->seg[2], "os-security-groups") == 0 && strcmp(r->method, "GET") == 0)
        nova_security_groups(r, r->nseg > 3 ? r->seg[3] : NULL);
    else if (strcmp(r->seg[2], "extensions") == 0 && strcmp(r->method, "GET") == 0)
        reply_json(r, 200, jt("{'extensions':[]}"));
    else
        nova_none(r);
}
