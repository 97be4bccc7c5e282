/* Which resources there are: the table of them, aggregated (v2) and legacy discovery made from it. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"

#define SHORTS(...) (const char *const[]){__VA_ARGS__, NULL}
#define NO_SHORTS ((const char *const[]){NULL})

void kube_init(struct sim *s)
{
    const struct res all[] = {
        {.group = "", .version = "v1", .plural = "pods", .singular = "pod", .kind = "Pod", .shorts = SHORTS("po"), .category = "all", .namespaced = true},
        {.group = "", .version = "v1", .plural = "nodes", .singular = "node", .kind = "Node", .shorts = SHORTS("no")},
        {.group = "", .version = "v1", .plural = "namespaces", .singular = "namespace", .kind = "Namespace", .shorts = SHORTS("ns")},
        {.group = "", .version = "v1", .plural = "services", .singular = "service", .kind = "Service", .shorts = SHORTS("svc"), .category = "all", .namespaced = true},
        {.group = "", .version = "v1", .plural = "events", .singular = "event", .kind = "Event", .shorts = SHORTS("ev"), .namespaced = true},
        {.group = "", .version = "v1", .plural = "configmaps", .singular = "configmap", .kind = "ConfigMap", .shorts = SHORTS("cm"), .namespaced = true},
        {.group = "", .version = "v1", .plural = "secrets", .singular = "secret", .kind = "Secret", .shorts = NO_SHORTS, .namespaced = true},
        {.group = "apps", .version = "v1", .plural = "deployments", .singular = "deployment", .kind = "Deployment", .shorts = SHORTS("deploy"), .category = "all", .namespaced = true},
        {.group = "apps", .version = "v1", .plural = "replicasets", .singular = "replicaset", .kind = "ReplicaSet", .shorts = SHORTS("rs"), .category = "all", .namespaced = true},
        {.group = "apps", .version = "v1", .plural = "statefulsets", .singular = "statefulset", .kind = "StatefulSet", .shorts = SHORTS("sts"), .category = "all", .namespaced = true},
        {.group = "apps", .version = "v1", .plural = "daemonsets", .singular = "daemonset", .kind = "DaemonSet", .shorts = SHORTS("ds"), .category = "all", .namespaced = true},
        {.group = "batch", .version = "v1", .plural = "jobs", .singular = "job", .kind = "Job", .shorts = NO_SHORTS, .category = "all", .namespaced = true},
        {.group = "batch", .version = "v1", .plural = "cronjobs", .singular = "cronjob", .kind = "CronJob", .shorts = SHORTS("cj"), .category = "all", .namespaced = true},
        {.group = "lcm.hybrid.lab", .version = "v1alpha1", .plural = "openstackdeployments", .singular = "openstackdeployment", .kind = "OpenStackDeployment", .shorts = SHORTS("osdpl"), .namespaced = true},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct res *r = store_res(s, &all[i]);
        size_t n = 0;
        while (all[i].shorts[n])
            n++;
        const char **shorts = sim_alloc((n + 1) * sizeof(*shorts));
        memcpy(shorts, all[i].shorts, n * sizeof(*shorts));
        r->shorts = shorts;
    }
}

static json_t *verbs(void)
{
    return jt("['delete','get','list','watch']");
}

static json_t *short_list(const struct res *r)
{
    json_t *a = json_array();
    for (size_t i = 0; r->shorts[i]; i++)
        json_array_append_new(a, json_string(r->shorts[i]));
    return a;
}

static json_t *aggregated_one(const struct res *r)
{
    json_t *o = jt("{'resource':%s,'responseKind':{'group':%s,'version':%s,'kind':%s},'scope':%s,'singularResource':%s,'verbs':%j}", r->plural,
                   r->group, r->version, r->kind, r->namespaced ? "Namespaced" : "Cluster", r->singular, verbs());
    if (r->shorts[0])
        json_object_set_new(o, "shortNames", short_list(r));
    if (r->category)
        json_object_set_new(o, "categories", jt("[%s]", r->category));
    if (strcmp(r->plural, "pods") == 0)
        json_object_set_new(o, "subresources", jt("[{'subresource':'log','responseKind':{'group':'','version':'v1','kind':'Pod'},'verbs':['get']}]"));
    return o;
}

static json_t *aggregated(struct sim *s, bool core)
{
    json_t *items = json_array(), *now = NULL;
    const char *group = NULL;
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (!*r->version || core != !*r->group)
            continue;
        if (!group || strcmp(group, r->group) != 0) {
            json_t *meta = *r->group ? jt("{'name':%s}", r->group) : json_object();
            json_array_append_new(items, jt("{'metadata':%j,'versions':[{'version':%s,'resources':[],'freshness':'Current'}]}", meta, r->version));
            now = jat(json_array_get(items, json_array_size(items) - 1), "versions.0.resources");
            group = r->group;
        }
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
        if (!*r->version || strcmp(group, r->group) == 0)
            continue;
        group = r->group;
        char *gv = sim_printf("%s/%s", r->group, r->version);
        json_array_append_new(all, jt("{'name':%s,'versions':[{'groupVersion':%s,'version':%s}],'preferredVersion':{'groupVersion':%s,'version':%s}}",
                                      r->group, gv, r->version, gv, r->version));
        free(gv);
    }
    return jt("{'kind':'APIGroupList','apiVersion':'v1','groups':%j}", all);
}

static json_t *resources(struct sim *s, const char *group, const char *version)
{
    json_t *all = json_array();
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (strcmp(r->group, group) != 0 || strcmp(r->version, version) != 0)
            continue;
        json_t *o = jt("{'name':%s,'singularName':%s,'namespaced':%b,'kind':%s,'verbs':%j,'shortNames':%j}", r->plural, r->singular, r->namespaced,
                       r->kind, verbs(), short_list(r));
        if (r->category)
            json_object_set_new(o, "categories", jt("[%s]", r->category));
        json_array_append_new(all, o);
        if (strcmp(r->plural, "pods") == 0)
            json_array_append_new(all, jt("{'name':'pods/log','singularName':'','namespaced':true,'kind':'Pod','verbs':['get']}"));
    }
    char *gv = *group ? sim_printf("%s/%s", group, version) : sim_strdup(version);
    json_t *out = json_array_size(all) ? jt("{'kind':'APIResourceList','apiVersion':'v1','groupVersion':%s,'resources':%j}", gv, json_incref(all)) : NULL;
    json_decref(all);
    free(gv);
    return out;
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
    if (r->nseg == 1)
        out = core ? jt("{'kind':'APIVersions','versions':['v1'],'serverAddressByClientCIDRs':[]}") : groups(r->sim);
    else if (core || r->nseg == 3)
        out = resources(r->sim, core ? "" : r->seg[1], r->seg[r->nseg - 1]);
    else
        for (json_t *all = groups(r->sim), *g = all ? jat(all, "groups") : NULL; g; g = NULL, json_decref(all))
            for (size_t i = 0; i < json_array_size(g); i++)
                if (strcmp(jstr(json_array_get(g, i), "name"), r->seg[1]) == 0)
                    out = jt("{'kind':'APIGroup','apiVersion':'v1','name':%s,'versions':%j,'preferredVersion':%j}", r->seg[1],
                             json_incref(jat(json_array_get(g, i), "versions")), json_incref(jat(json_array_get(g, i), "preferredVersion")));
    if (out)
        reply_json(r, 200, out);
    else
        reply_text(r, 404, "text/plain; charset=utf-8", "404 page not found\n", 19);
}
