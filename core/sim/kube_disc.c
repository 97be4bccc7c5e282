/* Discovery made from the table of resources: aggregated (v2) and the older documents. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

json_t *kube_verbs(const struct res *r)
{
    if (r->flags & KIND_CREATE_ONLY)
        return jt("['create']");
    if (r->flags & KIND_COMPUTED)
        return jt("['get','list']");
    if (r->flags & KIND_NO_COLLECTION)
        return jt("['create','delete','get','list','patch','update','watch']");
    return jt("['create','delete','deletecollection','get','list','patch','update','watch']");
}

/* What a subresource speaks and may do; kinds of their own where they are not the resource's. */
static const struct { const char *sub, *group, *version, *kind, *verbs; } subs[] = {
    {"attach", NULL, NULL, "PodAttachOptions", "create,get"}, {"binding", NULL, NULL, "Binding", "create"},
    {"ephemeralcontainers", NULL, NULL, NULL, "get,patch,update"}, {"eviction", "policy", "v1", "Eviction", "create"},
    {"exec", NULL, NULL, "PodExecOptions", "create,get"}, {"log", NULL, NULL, NULL, "get"},
    {"portforward", NULL, NULL, "PodPortForwardOptions", "create,get"}, {"resize", NULL, NULL, NULL, "get,patch,update"},
    {"status", NULL, NULL, NULL, "get,patch,update"}, {"scale", "autoscaling", "v1", "Scale", "get,patch,update"},
    {"finalize", NULL, NULL, NULL, "update"}, {"approval", NULL, NULL, NULL, "get,patch,update"},
    {"token", "authentication.k8s.io", "v1", "TokenRequest", "create"}, {"proxy", NULL, NULL, NULL, "create,delete,get,patch,update"},
};

static json_t *word_list(const char *words)
{
    json_t *a = json_array();
    while (*words) {
        size_t n = strcspn(words, ",");
        json_array_append_new(a, json_stringn(words, n));
        words += n + (words[n] == ',');
    }
    return a;
}

static size_t sub_row(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++)
        if (strlen(subs[i].sub) == n && memcmp(subs[i].sub, name, n) == 0)
            return i;
    return 0;
}

static json_t *short_list(const struct res *r)
{
    json_t *a = json_array();
    for (size_t i = 0; r->shorts[i]; i++)
        json_array_append_new(a, json_string(r->shorts[i]));
    return a;
}

static const char *prefer(const char *own, const char *other)
{
    return own ? own : other;
}

static json_t *aggregated_one(const struct res *r)
{
    json_t *o = jt("{'resource':%s,'responseKind':{'group':%s,'version':%s,'kind':%s},'scope':%s,'singularResource':%s,'verbs':%j}", r->plural,
                   r->group, r->version, r->kind, r->namespaced ? "Namespaced" : "Cluster", r->singular, kube_verbs(r));
    if (r->shorts[0])
        json_object_set_new(o, "shortNames", short_list(r));
    if (r->category)
        json_object_set_new(o, "categories", jt("[%s]", r->category));
    json_t *all = json_array();
    for (const char *p = r->subs; *p;) {
        size_t n = strcspn(p, ","), i = sub_row(p, n);
        char proxy[64];
        snprintf(proxy, sizeof(proxy), "%sProxyOptions", r->kind);
        json_array_append_new(all, jt("{'subresource':%s,'responseKind':{'group':%s,'version':%s,'kind':%s},'verbs':%j}", subs[i].sub,
                                      prefer(subs[i].group, r->group), prefer(subs[i].version, r->version),
                                      strcmp(subs[i].sub, "proxy") == 0 ? proxy : prefer(subs[i].kind, r->kind), word_list(subs[i].verbs)));
        p += n + (p[n] == ',');
    }
    if (json_array_size(all))
        json_object_set(o, "subresources", all);
    json_decref(all);
    return o;
}

static json_t *aggregated(struct sim *s, bool core)
{
    json_t *items = json_array(), *now = NULL;
    const char *group = NULL, *version = NULL;
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (!*r->version || core != !*r->group)
            continue;
        if (!group || strcmp(group, r->group) != 0) {
            json_t *meta = *r->group ? jt("{'name':%s}", r->group) : json_object();
            json_array_append_new(items, jt("{'metadata':%j,'versions':[{'version':%s,'resources':[],'freshness':'Current'}]}", meta, r->version));
            now = jat(json_array_get(items, json_array_size(items) - 1), "versions.0.resources");
        } else if (strcmp(version, r->version) != 0) {
            json_t *all = jat(json_array_get(items, json_array_size(items) - 1), "versions");
            json_array_append_new(all, jt("{'version':%s,'resources':[],'freshness':'Current'}", r->version));
            now = jat(json_array_get(all, json_array_size(all) - 1), "resources");
        }
        group = r->group;
        version = r->version;
        json_array_append_new(now, aggregated_one(r));
    }
    return jt("{'kind':'APIGroupDiscoveryList','apiVersion':'apidiscovery.k8s.io/v2','metadata':{},'items':%j}", items);
}

static json_t *groups(struct sim *s)
{
    json_t *all = json_array();
    const char *group = "";
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        char gv[128];
        if (!*r->version || !*r->group)
            continue;
        kube_api_version(r, gv);
        if (strcmp(group, r->group) == 0) {
            json_t *more = jat(json_array_get(all, json_array_size(all) - 1), "versions"), *last = json_array_get(more, json_array_size(more) - 1);
            if (strcmp(jstr(last, "version"), r->version) != 0)
                json_array_append_new(more, jt("{'groupVersion':%s,'version':%s}", gv, r->version));
            continue;
        }
        group = r->group;
        json_array_append_new(all, jt("{'name':%s,'versions':[{'groupVersion':%s,'version':%s}],'preferredVersion':{'groupVersion':%s,'version':%s}}",
                                      r->group, gv, r->version, gv, r->version));
    }
    return jt("{'kind':'APIGroupList','apiVersion':'v1','groups':%j}", all);
}

static json_t *one_group(struct sim *s, const char *name)
{
    json_t *all = groups(s), *list = jat(all, "groups"), *out = NULL;
    for (size_t i = 0; i < json_array_size(list) && !out; i++) {
        json_t *g = json_array_get(list, i);
        if (strcmp(jstr(g, "name"), name) == 0)
            out = jt("{'kind':'APIGroup','apiVersion':'v1','name':%s,'versions':%j,'preferredVersion':%j}", name,
                     json_incref(jat(g, "versions")), json_incref(jat(g, "preferredVersion")));
    }
    json_decref(all);
    return out;
}

static void add_subs(json_t *all, const struct res *r)
{
    for (const char *p = r->subs; *p;) {
        size_t n = strcspn(p, ","), i = sub_row(p, n);
        char *name = sim_printf("%s/%s", r->plural, subs[i].sub);
        json_t *o = jt("{'name':%s,'singularName':'','namespaced':%b,'kind':%s,'verbs':%j}", name, r->namespaced, prefer(subs[i].kind, r->kind),
                       word_list(subs[i].verbs));
        if (subs[i].group) {
            json_object_set_new(o, "group", json_string(subs[i].group));
            json_object_set_new(o, "version", json_string(subs[i].version));
        }
        json_array_append_new(all, o);
        free(name);
        p += n + (p[n] == ',');
    }
}

static json_t *resources(struct sim *s, const char *group, const char *version)
{
    json_t *all = json_array();
    char gv[128] = "";
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (strcmp(r->group, group) != 0 || strcmp(r->version, version) != 0)
            continue;
        kube_api_version(r, gv);
        json_t *o = jt("{'name':%s,'singularName':%s,'namespaced':%b,'kind':%s,'verbs':%j}", r->plural, r->singular, r->namespaced, r->kind, kube_verbs(r));
        if (r->shorts[0])
            json_object_set_new(o, "shortNames", short_list(r));
        if (r->category)
            json_object_set_new(o, "categories", jt("[%s]", r->category));
        json_array_append_new(all, o);
        add_subs(all, r);
    }
    if (*gv)
        return jt("{'kind':'APIResourceList','apiVersion':'v1','groupVersion':%s,'resources':%j}", gv, all);
    json_decref(all);
    return NULL;
}

void kube_discovery(struct req *r)
{
    const char *accept = req_header(r, "Accept");
    bool core = strcmp(r->seg[0], "api") == 0, v2 = accept && strstr(accept, "as=APIGroupDiscoveryList") && strstr(accept, "v=v2");
    json_t *out = NULL;
    if (r->nseg == 1 && v2) {
        char *text = jdump(aggregated(r->sim, core));
        reply_text(r, 200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", text, strlen(text));
        free(text);
        return;
    }
    if (r->nseg == 1) {
        char *host = sim_printf("127.0.0.1:%d", r->sim->port);
        out = core ? jt("{'kind':'APIVersions','versions':['v1'],'serverAddressByClientCIDRs':[{'clientCIDR':'0.0.0.0/0','serverAddress':%s}]}", host)
                   : groups(r->sim);
        free(host);
    } else if (core || r->nseg == 3) {
        out = resources(r->sim, core ? "" : r->seg[1], r->seg[r->nseg - 1]);
    } else {
        out = one_group(r->sim, r->seg[1]);
    }
    if (out)
        reply_json(r, 200, out);
    else
        reply_text(r, 404, "text/plain; charset=utf-8", "404 page not found\n", 19);
}
