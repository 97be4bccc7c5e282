/* Magnum: clusters of containers on servers, their templates and health. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

static struct res *table(struct sim *s, const char *name)
{
    return ostk_table(s, "magnum", name);
}

static void fail(struct req *r, int code, const char *title, const char *detail)
{
    reply_json(r, code, jt("{'errors':[{'request_id':'','code':'client','status':%i,'title':%s,'detail':%s,'links':[]}]}", code, title, detail));
}

static void not_found(struct req *r, const char *what, const char *id)
{
    char title[200], detail[201];
    snprintf(title, sizeof(title), "%s %.100s could not be found", what, id);
    snprintf(detail, sizeof(detail), "%s.", title);
    fail(r, 404, title, detail);
}

static const char *plus_zero(int64_t ms, char at[40])
{
    char z[32];
    snprintf(at, 40, "%.19s+00:00", stamp(ms, z));
    return at;
}

/* ---- as they are found ---- */
const char *magnum_seed_template(struct sim *s, const char *name, const char *project, const char *user, const char *image)
{
    char id[37], at[40];
    uuid4(s, id);
    json_t *d = jt("{'id':%s,'uuid':%s,'name':%s,'coe':'kubernetes','image_id':%s,'flavor_id':'m1.medium','master_flavor_id':'m1.medium','dns_nameserver':'192.0.2.53',"
                   "'keypair_id':null,'external_network_id':'public','fixed_network':null,'fixed_subnet':null,'network_driver':'calico','apiserver_port':null,"
                   "'docker_volume_size':20,'cluster_distro':'fedora-coreos','http_proxy':null,'https_proxy':null,'no_proxy':null,'volume_driver':'cinder'}", id, id, name,
                   image);
    json_t *more = jt("{'registry_enabled':false,'labels':{},'tls_disabled':false,'public':true,'server_type':'vm','insecure_registry':null,"
                      "'docker_storage_driver':'overlay2','master_lb_enabled':true,'floating_ip_enabled':true,'project_id':%s,'user_id':%s,'hidden':false,'tags':null,"
                      "'created_at':%s,'updated_at':null}", project, user, plus_zero(sim_now(s) - 30LL * 86400000, at));
    json_object_update(d, more);
    json_decref(more);
    return store_put(s, table(s, "templates"), d)->name;
}

static json_t *words(const char *list, int *n)
{
    json_t *all = json_array();
    for (const char *p = list ? list : ""; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
        char one[64];
        snprintf(one, sizeof(one), "%.*s", (int)strcspn(p, " "), p);
        json_array_append_new(all, json_string(one));
    }
    *n = (int)json_array_size(all);
    return all;
}

const char *magnum_seed_cluster(struct sim *s, const struct magnum_cluster *c)
{
    char id[37], at[40];
    int masters, nodes;
    uuid4(s, id);
    json_t *m = words(c->masters, &masters), *n = words(c->nodes, &nodes);
    json_t *d = jt("{'id':%s,'uuid':%s,'name':%s,'cluster_template_id':%s,'keypair':%s,'node_count':%i,'master_count':%i,'docker_volume_size':20,'labels':{},"
                   "'labels_overridden':{},'labels_skipped':{},'labels_added':{},'master_flavor_id':'m1.medium','flavor_id':'m1.medium','create_timeout':60}", c->id ? c->id : id,
                   c->id ? c->id : id, c->name, c->template, c->keypair, nodes, masters);
    json_t *more = jt("{'stack_id':%s,'status':%s,'status_reason':null,'discovery_url':null,'api_address':%s,'coe_version':'v1.28.9','container_version':'1.7.13',"
                      "'project_id':%s,'user_id':%s,'node_addresses':%j,'master_addresses':%j,'faults':{},'fixed_network':null,'fixed_subnet':null,"
                      "'floating_ip_enabled':true,'master_lb_enabled':true,'health_status':%s,'health_status_reason':{},'created_at':%s,'updated_at':null,'_seq':%i}",
                      c->stack, c->status ? c->status : "CREATE_COMPLETE", c->api_address, c->project, c->user, n, m, c->health ? c->health : "HEALTHY",
                      plus_zero(c->born_at ? c->born_at : sim_now(s) - 12LL * 86400000, at), (int)table(s, "clusters")->n);
    json_object_update(d, more);
    json_decref(more);
    return store_put(s, table(s, "clusters"), d)->name;
}

void magnum_health(struct sim *s, const char *cluster, const char *health, json_t *reason)
{
    char at[40];
    ostk_merge(s, table(s, "clusters"), cluster, jt("{'health_status':%s,'health_status_reason':%j,'updated_at':%s}", health, reason, plus_zero(sim_now(s), at)));
}

/* ---- what is seen ---- */
static bool mine(struct req *r, const json_t *d)
{
    const struct token *t = ostk_who(r);
    return strcmp(jstr(d, "project_id"), t->project_id) == 0 || json_is_true(json_object_get(d, "public")) || (t->admin && (!*t->project_id || ostk_flag(r, "all_tenants")));
}

static json_t *linked(struct req *r, const char *plural, json_t *d)
{
    char *self = ostk_url(r, "/container-infra/v1/%s/%s", plural, jstr(d, "uuid")), *mark = ostk_url(r, "/container-infra/%s/%s", plural, jstr(d, "uuid"));
    json_object_set_new(d, "links", jt("[{'href':%s,'rel':'self'},{'href':%s,'rel':'bookmark'}]", self, mark));
    json_object_del(d, "id");
    free(self);
    free(mark);
    return d;
}

/* An admin sees the clusters of all projects; a member the own ones. */
static json_t *see_cluster(struct req *r, json_t *d)
{
    if (mine(r, d) || ostk_admin(r))
        return linked(r, "clusters", d);
    json_decref(d);
    return NULL;
}

static json_t *see_template(struct req *r, json_t *d)
{
    if (mine(r, d))
        return linked(r, "clustertemplates", d);
    json_decref(d);
    return NULL;
}

static void list(struct req *r, const char *key, const char *name, json_t *(*see)(struct req *, json_t *), bool brief)
{
    static const char *const sorts[] = {"id", "uuid", "name", "status", "created_at", "updated_at", "node_count", "master_count", "keypair"};
    static const char *const shown[] = {"uuid", "name", "cluster_template_id", "keypair", "node_count", "master_count", "docker_volume_size", "labels", "master_flavor_id",
        "flavor_id", "create_timeout", "links", "stack_id", "status", "health_status"};
    char order[256];
    const char *sort = req_query(r, "sort_key"), *marker = req_query(r, "marker");
    struct ostk_list l = {.table = table(r->sim, name), .see = see, .max = 1000};
    bool ok = !sort;
    for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]) && !ok; i++)
        ok = strcmp(sorts[i], sort) == 0;
    if (!ok) {
        char why[160];
        snprintf(why, sizeof(why), "The sort_key value \"%.80s\" is an invalid field for sorting", sort);
        fail(r, 400, why, why);
        return;
    }
    if (marker && !ostk_is_uuid(marker)) {
        char why[200];
        snprintf(why, sizeof(why), "Invalid input for field/attribute marker. Value: '%.40s'. unable to convert to uuid. Error: Expected a uuid but received %.40s.", marker,
                 marker);
        fail(r, 400, "Invalid input for field/attribute marker", why);
        return;
    }
    l.order = ostk_order(r, order, sizeof(order), "_seq:asc", "asc");
    if (strncmp(l.order, "id:", 3) == 0)
        l.order = "_seq:asc";
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit) {
        fail(r, 400, "Limit must be positive", "Limit must be positive");
        return;
    }
    if (p.bad_marker) {
        not_found(r, strcmp(name, "clusters") == 0 ? "Cluster" : "ClusterTemplate", marker);
        return;
    }
    for (size_t i = 0; i < json_array_size(p.rows) && brief; i++) {
        json_t *d = json_array_get(p.rows, i), *v;
        const char *k;
        void *next;
        json_object_foreach_safe(d, next, k, v) {
            bool keep = false;
            for (size_t j = 0; j < sizeof(shown) / sizeof(shown[0]) && !keep; j++)
                keep = strcmp(shown[j], k) == 0;
            if (!keep)
                json_object_del(d, k);
        }
    }
    json_t *out = json_object();
    json_object_set_new(out, key, p.rows);
    if (p.full) {
        char *next = ostk_url(r, "/container-infra/v1/%s?limit=%zu&sort_key=id&sort_dir=asc&marker=%s", key, p.limit, p.last);
        json_object_set_new(out, "next", json_string(next));
        free(next);
    }
    reply_json(r, 200, out);
}

static struct obj *find(struct sim *s, const char *name, const char *id)
{
    struct res *t = table(s, name);
    struct obj *o = store_get(t, "", id);
    for (size_t i = 0; i < t->n && !o; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "name"), id) == 0)
            o = t->items[i];
        json_decref(d);
    }
    return o;
}

/* ---- changes ---- */
static void create(struct req *r)
{
    const struct token *t = ostk_who(r);
    json_t *in = ostk_body(r);
    const char *tmpl = jstr(in, "cluster_template_id"), *name = jstr(in, "name");
    struct obj *o = *tmpl ? find(r->sim, "templates", tmpl) : NULL;
    if (!*tmpl) {
        fail(r, 400, "Invalid input for field/attribute cluster_template_id", "Invalid input for field/attribute cluster_template_id. Value: 'None'. Mandatory field missing.");
    } else if (!o) {
        char title[200], why[201];
        snprintf(title, sizeof(title), "ClusterTemplate %.80s could not be found", tmpl);
        snprintf(why, sizeof(why), "%s.", title);
        fail(r, 400, title, why);
    } else if (find(r->sim, "clusters", name)) {
        fail(r, 409, "A cluster with this name already exists", "A cluster with this name already exists.");
    } else {
        char stack[37];
        uuid4(r->sim, stack);
        const char *id = magnum_seed_cluster(r->sim, &(struct magnum_cluster){.name = name, .project = t->project_id, .user = t->user_id, .template = o->name,
                                             .stack = stack, .status = "CREATE_IN_PROGRESS", .health = "UNKNOWN", .keypair = *jstr(in, "keypair") ? jstr(in, "keypair") : NULL,
                                             .born_at = sim_now(r->sim)});
        json_t *set = jt("{'node_count':%l,'master_count':%l}", json_object_get(in, "node_count") ? jint(in, "node_count") : 1,
                         json_object_get(in, "master_count") ? jint(in, "master_count") : 1);
        o = ostk_merge(r->sim, table(r->sim, "clusters"), id, set);
        ostk_later(r->sim, 60000, table(r->sim, "clusters"), o->name, "status", "CREATE_IN_PROGRESS", jt("{'status':'CREATE_COMPLETE','health_status':'HEALTHY'}"), NULL);
        reply_json(r, 202, jt("{'uuid':%s}", o->name));
    }
    json_decref(in);
}

static void cluster(struct req *r, const char *id, const char *sub)
{
    struct obj *o = find(r->sim, "clusters", id);
    json_t *d = o ? see_cluster(r, obj_doc(o)) : NULL;
    bool del = strcmp(r->method, "DELETE") == 0, patch = strcmp(r->method, "PATCH") == 0;
    if (!d) {
        not_found(r, "Cluster", id);
    } else if (strcmp(sub, "nodegroups") == 0) {
        json_t *rows = json_array();
        static const char *const roles[] = {"master", "worker"};
        for (int i = 0; i < 2; i++) {
            char *name = sim_printf("default-%s", roles[i]);
            json_array_append_new(rows, jt("{'uuid':%s,'name':%s,'flavor_id':'m1.medium','image_id':'','node_count':%l,'status':%s,'role':%s,'is_default':true}", o->name, name,
                                           jint(d, i ? "node_count" : "master_count"), jstr(d, "status"), roles[i]));
            free(name);
        }
        reply_json(r, 200, jt("{'nodegroups':%j}", rows));
    } else if (del) {
        ostk_merge(r->sim, o->res, o->name, jt("{'status':'DELETE_IN_PROGRESS'}"));
        ostk_later(r->sim, 20000, table(r->sim, "clusters"), jstr(d, "uuid"), "status", "DELETE_IN_PROGRESS", NULL, NULL);
        reply_text(r, 204, NULL, "", 0);
    } else if (patch || strcmp(sub, "actions") == 0) {
        json_t *ops = r->body ? json_loads(r->body, 0, NULL) : NULL, *set = jt("{'status':'UPDATE_IN_PROGRESS'}");
        json_int_t count = jint(ops, "node_count");
        for (size_t i = 0; i < json_array_size(ops); i++)
            if (strcmp(jstr(json_array_get(ops, i), "path"), "/node_count") == 0)
                count = json_is_string(jat(json_array_get(ops, i), "value")) ? atoi(jstr(json_array_get(ops, i), "value")) : jint(json_array_get(ops, i), "value");
        if (count > 0)
            json_object_set_new(set, "node_count", json_integer(count));
        ostk_merge(r->sim, o->res, o->name, set);
        ostk_later(r->sim, 20000, table(r->sim, "clusters"), jstr(d, "uuid"), "status", "UPDATE_IN_PROGRESS", jt("{'status':'UPDATE_COMPLETE'}"), NULL);
        reply_json(r, 202, jt("{'uuid':%s}", jstr(d, "uuid")));
        json_decref(ops);
    } else {
        reply_json(r, 200, ostk_public(json_incref(d)));
    }
    json_decref(d);
}

static void templates(struct req *r, const char *id)
{
    struct obj *o = find(r->sim, "templates", id);
    json_t *d = o ? see_template(r, obj_doc(o)) : NULL;
    if (!d)
        not_found(r, "ClusterTemplate", id);
    else if (strcmp(r->method, "DELETE") == 0) {
        ostk_drop(r->sim, o->res, o->name);
        reply_text(r, 204, NULL, "", 0);
    } else
        reply_json(r, 200, ostk_public(json_incref(d)));
    json_decref(d);
}

static void services(struct req *r)
{
    char at[40], born[40];
    plus_zero(sim_now(r->sim) - sim_now(r->sim) % 10000, at);
    plus_zero(r->sim->world->start_ms - 40LL * 86400000, born);
    if (ostk_admin(r))
        reply_json(r, 200, jt("{'mservices':[{'host':'controller-1','binary':'magnum-conductor','state':'up','id':1,'report_count':%l,'disabled':false,'disabled_reason':null,"
                              "'created_at':%s,'updated_at':%s}]}", (sim_now(r->sim) - r->sim->world->start_ms) / 10000, born, at));
    else
        fail(r, 403, "Policy doesn't allow magnum-service:get_all to be performed", "Policy doesn't allow magnum-service:get_all to be performed.");
}

static void stats(struct req *r)
{
    struct res *t = table(r->sim, "clusters");
    const char *project = req_query(r, "project_id");
    int64_t n = 0, nodes = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = see_cluster(r, obj_doc(t->items[i]));
        if (d && (!project || strcmp(project, jstr(d, "project_id")) == 0)) {
            n++;
            nodes += jint(d, "node_count") + jint(d, "master_count");
        }
        json_decref(d);
    }
    reply_json(r, 200, jt("{'clusters':%l,'nodes':%l}", n, nodes));
}

static bool version_ok(struct req *r)
{
    const char *h = req_header(r, "OpenStack-API-Version");
    r->micro.major = 1;
    r->micro.minor = 1;
    if (h && strncmp(h, "container-infra ", 16) == 0 && sscanf(h + 16, "%d.%d", &r->micro.major, &r->micro.minor) != 2)
        r->micro.minor = 10;
    req_head(r, "OpenStack-API-Minimum-Version", "container-infra 1.1");
    req_head(r, "OpenStack-API-Maximum-Version", "container-infra 1.10");
    req_head(r, "OpenStack-API-Version", "container-infra %d.%d", r->micro.major, r->micro.minor);
    req_head(r, "Vary", "OpenStack-API-Version");
    if (r->micro.major == 1 && r->micro.minor >= 1 && r->micro.minor <= 10)
        return true;
    char *why = sim_printf("Version %d.%d was requested but the minor version is not supported by this service. The supported version range is: "
                           "[container-infra 1.1, container-infra 1.10].", r->micro.major, r->micro.minor);
    reply_json(r, 406, jt("{'errors':[{'code':'magnum.microversion-unsupported','title':'Requested microversion is unsupported','description':%s,'max_version':'1.10',"
                          "'min_version':'1.1','links':[{'rel':'help','href':'http://docs.openstack.org/api-guide/compute/microversions.html'}]}]}", why));
    free(why);
    return false;
}

static void root(struct req *r)
{
    char *url = ostk_url(r, "/container-infra/v1/");
    if (r->nseg <= 1)
        reply_json(r, 200, jt("{'name':'OpenStack Magnum API','description':'Magnum is an OpenStack project which aims to provide container cluster management.',"
                              "'versions':[{'id':'v1','links':[{'href':%s,'rel':'self'}],'status':'CURRENT','max_version':'1.10','min_version':'1.1'}]}", url));
    else
        reply_json(r, 200, jt("{'id':'v1','media_types':[{'base':'application/json','type':'application/vnd.openstack.magnum.v1+json'}],'links':[{'href':%s,'rel':'self'}]}",
                              url));
    free(url);
}

void magnum_handle(struct req *r)
{
    const char *what = r->nseg > 2 ? r->seg[2] : "", *id = r->nseg > 3 ? r->seg[3] : "", *sub = r->nseg > 4 ? r->seg[4] : "";
    if (r->nseg <= 1) {
        root(r);
        return;
    }
    if (r->nseg > 2 && !ostk_token(r))
        return;
    if (!version_ok(r))
        return;
    bool detail = strcmp(id, "detail") == 0;
    if (r->nseg == 2)
        root(r);
    else if (strcmp(what, "clusters") == 0 && !*id && strcmp(r->method, "POST") == 0)
        create(r);
    else if (strcmp(what, "clusters") == 0 && (!*id || detail))
        list(r, "clusters", "clusters", see_cluster, !detail);
    else if (strcmp(what, "clusters") == 0)
        cluster(r, id, sub);
    else if (strcmp(what, "clustertemplates") == 0 && (!*id || detail))
        list(r, "clustertemplates", "templates", see_template, false);
    else if (strcmp(what, "clustertemplates") == 0)
        templates(r, id);
    else if (strcmp(what, "certificates") == 0 && !find(r->sim, "clusters", id))
        not_found(r, "Cluster", id);
    else if (strcmp(what, "mservices") == 0)
        services(r);
    else if (strcmp(what, "quotas") == 0)
        reply_json(r, 200, jt("{'quotas':[]}"));
    else if (strcmp(what, "stats") == 0)
        stats(r);
    else
        reply_json(r, 404, jt("{'errors':[{'request_id':'','code':'','status':404,'title':'Not Found','detail':'','links':[]}]}"));
}
