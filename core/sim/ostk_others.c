/* Neutron, Cinder, Glance and Placement: tables of objects, each service's own words for pages, errors and versions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"

static char *url_of(struct req *r, const char *path)
{
    return sim_printf("http://127.0.0.1:%d%s", r->sim->port, path);
}

static bool asked(struct req *r, json_t *d, const char *key)
{
    const char *want = req_query(r, key);
    return !want || strcmp(want, jstr(d, key)) == 0;
}

/* ---- neutron ---- */
static json_t *show_net(struct req *r, const struct obj *o, json_t *d)
{
    const struct token *t = NULL;
    const char *id = req_header(r, "X-Auth-Token");
    char at[32];
    for (const struct token *x = r->sim->tokens; id && x; x = x->next)
        if (strcmp(x->id, id) == 0)
            t = x;
    bool agent = strcmp(o->res->plural, "agents") == 0;
    bool seen = t && (t->admin || (!agent && (strcmp(jstr(d, "project_id"), t->project_id) == 0 || json_is_true(jat(d, "shared")) ||
                                              json_is_true(json_object_get(d, "router:external")))));
    if (agent && json_is_true(jat(d, "alive"))) {
        stamp(sim_now(r->sim) - 4000, at);
        at[10] = ' ';
        at[19] = 0;
        json_object_set_new(d, "heartbeat_timestamp", json_string(at));
    }
    if (!seen || !asked(r, d, "name") || !asked(r, d, "id") || !asked(r, d, "device_id") || !asked(r, d, "network_id") || !asked(r, d, "project_id")) {
        json_decref(d);
        return NULL;
    }
    return d;
}

void neutron_handle(struct req *r)
{
    static const char *const known[][2] = {{"agents", "Agent"}, {"networks", "Network"}, {"subnets", "Subnet"}, {"ports", "Port"}, {"routers", "Router"},
                                           {"floatingips", "FloatingIP"}, {"security-groups", "SecurityGroup"}, {"quotas", "Quota"}, {"extensions", "Extension"}};
    if (r->nseg <= 1) {
        char *url = url_of(r, "/network/v2.0/");
        reply_json(r, 200, jt("{'versions':[{'id':'v2.0','status':'CURRENT','links':[{'rel':'self','href':%s}]}]}", url));
        free(url);
        return;
    }
    if (r->nseg > 2 && !ostk_token(r))
        return;
    const char *what = r->nseg > 2 ? r->seg[2] : "";
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(what, known[i][0]) != 0)
            continue;
        char key[64], links_key[80], one[64];
        snprintf(key, sizeof(key), "%s", what);
        for (char *p = key; *p; p++)
            if (*p == '-')
                *p = '_';
        snprintf(links_key, sizeof(links_key), "%s_links", key);
        snprintf(one, sizeof(one), "%.*s", (int)strlen(key) - 1, key);
        struct res *t = ostk_table(r->sim, "neutron", known[i][0]);
        if (r->nseg > 3) {
            struct obj *o = store_get(t, "", r->seg[3]);
            json_t *d = o ? show_net(r, o, obj_doc(o)) : NULL, *out = json_object();
            if (d) {
                json_object_set_new(out, one, d);
                reply_json(r, 200, out);
            } else {
                char *type = sim_printf("neutron:%sNotFound", known[i][1]);
                json_decref(out);
                ostk_error(r, 404, type, "%s %s could not be found.", known[i][1], r->seg[3]);
                free(type);
            }
            return;
        }
        json_t *links = NULL, *page = ostk_page(r, t, r->path, &links, show_net), *out = json_object();
        json_object_set_new(out, key, page);
        if (links)
            json_object_set_new(out, links_key, links);
        reply_json(r, 200, out);
        return;
    }
    ostk_error(r, 404, "neutron:HTTPNotFound", "The resource could not be found.");
}

/* ---- cinder ---- */
static json_t *show_volume(struct req *r, const struct obj *o, json_t *d)
{
    bool snap = strcmp(o->res->plural, "snapshots") == 0;
    if (ostk_project_visible(r, d, snap ? "os-extended-snapshot-attributes:project_id" : "os-vol-tenant-attr:tenant_id"))
        return d;
    json_decref(d);
    return NULL;
}

static json_t *show_cinder_service(struct req *r, const struct obj *o, json_t *d)
{
    char at[32], beat[40];
    (void)o;
    if (strcmp(jstr(d, "state"), "up") == 0) {
        snprintf(beat, sizeof(beat), "%.19s.000000", stamp(sim_now(r->sim) - 5000, at));
        json_object_set_new(d, "updated_at", json_string(beat));
    }
    json_object_del(d, "id");
    return d;
}

void cinder_handle(struct req *r)
{
    char *url = url_of(r, "/volume/v3/");
    json_t *version = jt("{'id':'v3.0','status':'CURRENT','version':'3.70','min_version':'3.0','updated':'2022-08-31T00:00:00Z','links':[{'rel':'self','href':%s}]}",
                         url);
    const struct token *t;
    free(url);
    if (r->nseg <= 2) {
        reply_json(r, r->nseg <= 1 ? 300 : 200, jt("{'versions':[%j]}", version));
        return;
    }
    json_decref(version);
    if (!(t = ostk_token(r)))
        return;
    const char *what = r->nseg > 3 ? r->seg[3] : "", *sub = r->nseg > 4 ? r->seg[4] : "";
    bool volumes = strcmp(what, "volumes") == 0, snaps = strcmp(what, "snapshots") == 0;
    if ((volumes || snaps) && (!*sub || strcmp(sub, "detail") == 0)) {
        json_t *links = NULL, *out = json_object();
        json_object_set_new(out, what, ostk_page(r, ostk_table(r->sim, "cinder", volumes ? "volumes" : "snapshots"), r->path, &links, show_volume));
        if (links)
            json_object_set_new(out, volumes ? "volumes_links" : "snapshots_links", links);
        reply_json(r, 200, out);
    } else if (volumes || snaps) {
        struct obj *o = store_get(ostk_table(r->sim, "cinder", volumes ? "volumes" : "snapshots"), "", sub);
        json_t *out = json_object();
        if (o)
            json_object_set_new(out, volumes ? "volume" : "snapshot", obj_doc(o));
        if (o) {
            reply_json(r, 200, out);
        } else {
            json_decref(out);
            ostk_error(r, 404, "itemNotFound", "%s %s could not be found.", volumes ? "Volume" : "Snapshot", sub);
        }
    } else if (strcmp(what, "os-services") == 0 && !t->admin) {
        ostk_error(r, 403, "forbidden", "Policy doesn't allow volume_extension:services:index to be performed.");
    } else if (strcmp(what, "os-services") == 0) {
        reply_json(r, 200, jt("{'services':%j}", ostk_page(r, ostk_table(r->sim, "cinder", "services"), r->path, NULL, show_cinder_service)));
    } else if (strcmp(what, "types") == 0) {
        reply_json(r, 200, jt("{'volume_types':[{'id':'t1','name':'ssd','is_public':true,'description':null,'extra_specs':{}}]}"));
    } else {
        ostk_error(r, 404, "itemNotFound", "The resource could not be found.");
    }
}

/* ---- glance ---- */
static json_t *show_image(struct req *r, const struct obj *o, json_t *d)
{
    (void)r;
    (void)o;
    return d;
}

void glance_handle(struct req *r)
{
    if (r->nseg <= 1 || (r->nseg == 2 && strcmp(r->seg[1], "versions") == 0)) {
        char *url = url_of(r, "/image/v2/");
        reply_json(r, r->nseg <= 1 ? 300 : 200, jt("{'versions':[{'id':'v2.16','status':'CURRENT','links':[{'rel':'self','href':%s}]},{'id':'v2.15',"
                                                   "'status':'SUPPORTED','links':[{'rel':'self','href':%s}]}]}", url, url));
        free(url);
        return;
    }
    if (!ostk_token(r))
        return;
    struct res *t = ostk_table(r->sim, "glance", "images");
    if (r->nseg > 3) {
        struct obj *o = store_get(t, "", r->seg[3]);
        if (o)
            reply_json(r, 200, obj_doc(o));
        else
            ostk_error(r, 404, "html", "No image found with ID %s", r->seg[3]);
    } else if (r->nseg > 2 && strcmp(r->seg[2], "images") == 0) {
        json_t *links = NULL, *page = ostk_page(r, t, r->path, &links, show_image);
        json_t *out = jt("{'images':%j,'first':'/v2/images','schema':'/v2/schemas/images'}", page);
        const char *next = strstr(jstr(links, "0.href"), "/image/v2/");
        if (next)
            json_object_set_new(out, "next", json_string(next + strlen("/image")));
        json_decref(links);
        reply_json(r, 200, out);
    } else {
        ostk_error(r, 404, "html", "The resource could not be found.");
    }
}

/* ---- placement ---- */
void placement_handle(struct req *r)
{
    if (r->nseg <= 1) {
        reply_json(r, 200, jt("{'versions':[{'id':'v1.0','max_version':'1.39','min_version':'1.0','status':'CURRENT','links':[{'rel':'self','href':''}]}]}"));
        return;
    }
    if (!ostk_token(r))
        return;
    struct res *hyps = ostk_table(r->sim, "nova", "hypervisors");
    if (strcmp(r->seg[1], "resource_providers") != 0) {
        reply_json(r, 404, jt("{'errors':[{'status':404,'title':'Not Found','detail':'The resource could not be found.\\n\\n   ','request_id':%s}]}", r->id));
    } else if (r->nseg == 2) {
        json_t *all = json_array();
        for (size_t i = 0; i < hyps->n; i++) {
            json_t *d = obj_doc(hyps->items[i]);
            json_array_append_new(all, jt("{'uuid':%s,'name':%s,'generation':3,'links':[],'parent_provider_uuid':null,'root_provider_uuid':%s}", jstr(d, "id"),
                                          jstr(d, "hypervisor_hostname"), jstr(d, "id")));
            json_decref(d);
        }
        reply_json(r, 200, jt("{'resource_providers':%j}", all));
    } else {
        struct obj *o = store_get(hyps, "", r->seg[2]);
        json_t *d = o ? obj_doc(o) : NULL;
        const char *sub = r->nseg > 3 ? r->seg[3] : "";
        if (d && strcmp(sub, "inventories") == 0)
            reply_json(r, 200, jt("{'inventories':{'VCPU':{'total':%l,'reserved':0,'min_unit':1,'max_unit':64,'step_size':1,'allocation_ratio':4.0},'MEMORY_MB':{"
                                  "'total':%l,'reserved':512,'min_unit':1,'max_unit':262144,'step_size':1,'allocation_ratio':1.0},'DISK_GB':{'total':%l,"
                                  "'reserved':0,'min_unit':1,'max_unit':4000,'step_size':1,'allocation_ratio':1.0}},'resource_provider_generation':3}",
                                  jint(d, "vcpus"), jint(d, "memory_mb"), jint(d, "local_gb")));
        else if (d && strcmp(sub, "usages") == 0)
            reply_json(r, 200, jt("{'usages':{'VCPU':%l,'MEMORY_MB':%l,'DISK_GB':%l},'resource_provider_generation':3}", jint(d, "vcpus_used"),
                                  jint(d, "memory_mb_used"), jint(d, "local_gb_used")));
        else
            reply_json(r, 404, jt("{'errors':[{'status':404,'title':'Not Found','detail':'No resource provider','request_id':%s}]}", r->id));
        json_decref(d);
    }
}
