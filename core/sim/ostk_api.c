/* The OpenStack side: which service a path belongs to, tokens, errors as each service words them, pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

/* code, shape: "computeFault", "itemNotFound", "badRequest", ...; "neutron:Type"; "keystone"; "html" */
void ostk_error(struct req *r, int code, const char *shape, const char *fmt, ...)
{
    char msg[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    if (strncmp(shape, "neutron:", 8) == 0) {
        reply_json(r, code, jt("{'NeutronError':{'type':%s,'message':%s,'detail':''}}", shape + 8, msg));
    } else if (strcmp(shape, "keystone") == 0) {
        const char *title = code == 401 ? "Unauthorized" : code == 403 ? "Forbidden" : code == 404 ? "Not Found" : code == 409 ? "Conflict"
                            : code == 405 ? "Method Not Allowed" : code == 503 ? "Service Unavailable" : code >= 500 ? "Internal Server Error" : "Bad Request";
        reply_json(r, code, jt("{'error':{'code':%i,'message':%s,'title':%s}}", code, msg, title));
    } else if (strcmp(shape, "html") == 0) {
        const char *title = code == 404 ? "404 Not Found" : code == 403 ? "403 Forbidden" : code == 503 ? "503 Service Unavailable"
                            : code >= 500 ? "500 Internal Server Error" : "400 Bad Request";
        char *page = sim_printf("<html>\n <head>\n  <title>%s</title>\n </head>\n <body>\n  <h1>%s</h1>\n  %s<br /><br />\n\n\n\n </body>\n</html>", title,
                                title, msg);
        reply_text(r, code, "text/html; charset=UTF-8", page, strlen(page));
        free(page);
    } else {
        json_t *o = json_object();
        json_object_set_new(o, shape, jt("{'code':%i,'message':%s}", code, msg));
        char *text = jdump(o);
        reply_text(r, code, strcmp(r->seg[0], "compute") == 0 ? "application/json; charset=UTF-8" : "application/json", text, strlen(text));
        free(text);
    }
}

void ostk_bare(struct req *r, const char *more)
{
    str_clear(&r->head);
    req_head(r, "X-Openstack-Request-Id", "%s", r->id);
    if (more)
        req_head(r, more, "%s", r->id);
}

/* The middleware that knows tokens sits before the rest of a service: its 401 has no version yet, and an id only where ids are made before. */
static void unknown(struct req *r)
{
    static const struct { const char *service; bool id; const char *more; } doors[] = {
        {"compute", true, "X-Compute-Request-Id"}, {"volume", true, NULL}, {"placement", true, NULL}, {"image", false, NULL}, {"load-balancer", false, NULL},
        {"baremetal", false, NULL},
    };
    for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
        if (strcmp(r->seg[0], doors[i].service) != 0)
            continue;
        ostk_bare(r, doors[i].more);
        if (!doors[i].id)
            str_clear(&r->head);
    }
}

const struct token *ostk_token(struct req *r)
{
    const char *id = req_header(r, "X-Auth-Token");
    for (const struct token *t = r->sim->tokens; id && t; t = t->next)
        if (strcmp(t->id, id) == 0 && t->expires_ms > sim_now(r->sim))
            return t;
    unknown(r);
    req_head(r, "WWW-Authenticate", "Keystone uri=\"https://127.0.0.1:%d/identity/v3\"", r->sim->port);
    if (strcmp(r->seg[0], "identity") == 0)
        ostk_error(r, 401, "keystone", "The request you have made requires authentication.");
    else
        reply_json(r, 401, jt("{'error':{'code':401,'title':'Unauthorized','message':'The request you have made requires authentication.'}}"));
    return NULL;
}

struct res *ostk_table(struct sim *s, const char *service, const char *plural)
{
    struct res *r = store_find_res(s, service, "", plural);
    if (r)
        return r;
    return store_res(s, &(struct res){.group = service, .version = "", .plural = plural, .singular = "", .kind = NULL});
}

bool ostk_project_visible(const struct req *r, const json_t *doc, const char *key)
{
    const char *id = req_header(r, "X-Auth-Token"), *all = req_query(r, "all_tenants");
    for (const struct token *t = r->sim->tokens; id && t; t = t->next)
        if (strcmp(t->id, id) == 0)
            return (t->admin && all && strcmp(all, "0") != 0 && strcasecmp(all, "false") != 0) ||
                   strcmp(json_string_value(json_object_get(doc, key)) ? json_string_value(json_object_get(doc, key)) : "", t->project_id) == 0;
    return false;
}

/* The query of the next page: what came, with another marker. */
static enum MHD_Result again(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct str *out = cls;
    (void)kind;
    if (strcmp(key, "marker") != 0) {
        str_addf(out, "%s%s=", out->len && out->data[out->len - 1] != '?' ? "&" : "", key);
        str_add_urlenc(out, value ? value : "");
    }
    return MHD_YES;
}

json_t *ostk_page(struct req *r, struct res *t, const char *base, json_t **links,
                  json_t *(*show)(struct req *r, const struct obj *o, json_t *doc))
{
    const char *lim = req_query(r, "limit"), *marker = req_query(r, "marker");
    size_t limit = lim ? strtoul(lim, NULL, 10) : 1000, at = 0;
    json_t *page = json_array();
    const char *last = NULL;
    if (!limit || limit > 1000)
        limit = 1000;
    if (marker)
        at = store_from(t, "", marker, true);
    else
        store_from(t, "", "", false);
    for (; at < t->n && json_array_size(page) < limit; at++) {
        json_t *doc = obj_doc(t->items[at]), *seen = show(r, t->items[at], doc);
        if (seen) {
            json_array_append_new(page, seen);
            last = t->items[at]->name;
        }
    }
    bool more = false;
    for (; at < t->n && !more; at++) {
        json_t *seen = show(r, t->items[at], obj_doc(t->items[at]));
        more = seen != NULL;
        json_decref(seen);
    }
    if (more && links) {
        struct str url;
        str_init(&url, 0);
        str_addf(&url, "https://127.0.0.1:%d%s?", r->sim->port, base);
        MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, again, &url);
        str_addf(&url, "%smarker=%s", url.data[url.len - 1] == '?' ? "" : "&", last);
        *links = jt("[{'rel':'next','href':%s}]", url.data);
        str_release(&url);
    }
    return page;
}

/* The microversion asked for: "OpenStack-API-Version: compute 2.93"; false when it was refused (406 sent). */
static bool microversion(struct req *r, const char *service, int major, int min, int max, const char *fault)
{
    const char *h = req_header(r, "OpenStack-API-Version"), *v = h ? strchr(h, ' ') : NULL, *old = req_header(r, "X-OpenStack-Nova-API-Version");
    r->micro.major = major;
    r->micro.minor = min;
    v = v && strncmp(h, service, strlen(service)) == 0 && h[strlen(service)] == ' ' ? v + 1 : NULL;
    if (!v && strcmp(service, "compute") == 0)                 /* how clients ask for versions below 2.27 */
        v = old;
    if (v) {
        if (strcmp(v, "latest") == 0)
            r->micro.minor = max;
        else if (sscanf(v, "%d.%d", &r->micro.major, &r->micro.minor) != 2) {
            if (strcmp(service, "placement") == 0) {
                char *why = sim_printf("The server could not comply with the request since it is either malformed or otherwise incorrect.\n\n Invalid microversion: "
                                       "invalid version string: %s; invalid literal for int() with base 10: '%s'  ", v, v);
                reply_json(r, 400, jt("{'errors':[{'status':400,'title':'Bad Request','detail':%s,'request_id':%s}]}", why, r->id));
                free(why);
                return false;
            }
            ostk_error(r, 400, "badRequest", "API Version String %s is of invalid format. Must be of format MajorNum.MinorNum.", v);
            return false;
        }
    }
    req_head(r, "OpenStack-API-Version", "%s %d.%d", service, r->micro.major, r->micro.minor);
    if (strcmp(service, "compute") == 0)
        req_head(r, "X-OpenStack-Nova-API-Version", "%d.%d", r->micro.major, r->micro.minor);
    req_head(r, "Vary", "OpenStack-API-Version");
    if (r->micro.major != major || r->micro.minor < min || r->micro.minor > max) {
        if (strcmp(service, "placement") == 0) {
            char *why = sim_printf("The resource could not be generated that was acceptable to your browser (content of type application/json. \n\n Invalid microversion: "
                                   "Unacceptable version header: %d.%d", r->micro.major, r->micro.minor);
            reply_json(r, 406, jt("{'errors':[{'status':406,'title':'Not Acceptable','detail':%s,'request_id':%s,'max_version':'1.39','min_version':'1.0'}]}", why, r->id));
            free(why);
            return false;
        }
        ostk_error(r, 406, fault, "Version %d.%d is not supported by the API. Minimum is %d.%d and maximum is %d.%d.", r->micro.major, r->micro.minor,
                   major, min, major, max);
        return false;
    }
    return true;
}

void ostk_handle(struct req *r)
{
    const char *svc = r->nseg ? r->seg[0] : "";
    req_head(r, "X-Openstack-Request-Id", "%s", r->id);
    if (strcmp(svc, "identity") == 0) {
        keystone_handle(r);
    } else if (strcmp(svc, "compute") == 0) {
        req_head(r, "X-Compute-Request-Id", "%s", r->id);
        if (microversion(r, "compute", 2, 1, 93, "computeFault"))
            nova_handle(r);
    } else if (strcmp(svc, "network") == 0) {
        neutron_handle(r);
    } else if (strcmp(svc, "volume") == 0) {
        req_head(r, "X-Compute-Request-Id", "%s", r->id);
        if (microversion(r, "volume", 3, 0, 70, "computeFault"))
            cinder_handle(r);
    } else if (strcmp(svc, "image") == 0) {
        glance_handle(r);
    } else if (strcmp(svc, "placement") == 0) {
        if (microversion(r, "placement", 1, 0, 39, "errors"))
            placement_handle(r);
    } else if (strcmp(svc, "load-balancer") == 0) {
        octavia_handle(r);
    } else if (strcmp(svc, "baremetal") == 0) {
        ironic_handle(r);
    } else if (strcmp(svc, "heat-api") == 0) {
        heat_handle(r);
    } else if (strcmp(svc, "container-infra") == 0) {
        magnum_handle(r);
    } else if (strcmp(svc, "share") == 0) {
        manila_handle(r);
    } else {
        ostk_error(r, 404, "html", "The resource could not be found.");
    }
}
