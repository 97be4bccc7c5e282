/* What an API server has before anybody creates anything: default roles and bindings, API services, priority classes, its own service. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

#define READ "get,list,watch"
#define WRITE "create,delete,deletecollection,patch,update"
#define AGE_MS (41LL * 86400000)

/* role, groups, resources (or paths when they begin with '/'), verbs; rows of one role follow each other */
static const struct rule { const char *role, *groups, *resources, *verbs; } rules[] = {
    {"cluster-admin", "*", "*", "*"}, {"cluster-admin", NULL, "*", "*"},
    {"system:basic-user", "authorization.k8s.io", "selfsubjectaccessreviews,selfsubjectrulesreviews", "create"},
    {"system:basic-user", "authentication.k8s.io", "selfsubjectreviews", "create"},
    {"system:discovery", NULL, "/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/", "get"},
    {"system:public-info-viewer", NULL, "/healthz,/livez,/readyz,/version,/version/", "get"},
    {"view", "", "configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,"
     "replicationcontrollers/scale,serviceaccounts,services,services/status", READ},
    {"view", "", "bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,"
     "resourcequotas/status", READ},
    {"view", "", "namespaces", READ}, {"view", "discovery.k8s.io", "endpointslices", READ},
    {"view", "apps", "controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,"
     "replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status", READ},
    {"view", "autoscaling", "horizontalpodautoscalers,horizontalpodautoscalers/status", READ},
    {"view", "batch", "cronjobs,cronjobs/status,jobs,jobs/status", READ},
    {"view", "policy", "poddisruptionbudgets,poddisruptionbudgets/status", READ},
    {"view", "networking.k8s.io", "ingresses,ingresses/status,networkpolicies", READ},
    {"view", "metrics.k8s.io", "pods,nodes", READ},
    {"edit", "", "pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy", READ},
    {"edit", "", "serviceaccounts", "impersonate"},
    {"edit", "", "pods,pods/attach,pods/exec,pods/portforward,pods/proxy,configmaps,persistentvolumeclaims,replicationcontrollers,"
     "replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy,events", WRITE},
    {"edit", "", "pods/eviction,serviceaccounts/token", "create"},
    {"edit", "apps", "daemonsets,deployments,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale", WRITE},
    {"edit", "autoscaling", "horizontalpodautoscalers", WRITE}, {"edit", "batch", "cronjobs,jobs", WRITE},
    {"edit", "policy", "poddisruptionbudgets", WRITE}, {"edit", "networking.k8s.io", "ingresses,networkpolicies", WRITE},
    {"edit", "coordination.k8s.io", "leases", READ "," WRITE},
    {"admin", "authorization.k8s.io", "localsubjectaccessreviews", "create"},
    {"admin", "rbac.authorization.k8s.io", "rolebindings,roles", READ "," WRITE},
};

static const struct { const char *name, *role, *kind, *subject, *ns; } bindings[] = {
    {"cluster-admin", "cluster-admin", "Group", "system:masters", NULL}, {"system:basic-user", "system:basic-user", "Group", "system:authenticated", NULL},
    {"system:discovery", "system:discovery", "Group", "system:authenticated", NULL},
    {"system:public-info-viewer", "system:public-info-viewer", "Group", "system:authenticated,system:unauthenticated", NULL},
    {"demo-viewer", "view", "User", "viewer", NULL}, {"demo-ns-only", "view", "User", "ns-only", "openstack"},
};

static json_t *list_of(const char *words)
{
    json_t *a = json_array();
    do {
        size_t n = strcspn(words, ",");
        json_array_append_new(a, json_stringn(words, n));
        words += n + (words[n] == ',');
    } while (*words);
    return a;
}

static void add(struct sim *s, const char *group, const char *plural, const char *ns, const char *name, json_t *doc)
{
    struct res *r = store_find_res(s, group, NULL, plural);
    char gv[128], at[32];
    json_object_set_new(doc, "kind", json_string(r->kind));
    json_object_set_new(doc, "apiVersion", json_string(kube_api_version(r, gv)));
    jset(doc, "metadata.name", json_string(name));
    if (ns)
        jset(doc, "metadata.namespace", json_string(ns));
    jset(doc, "metadata.creationTimestamp", json_string(stamp(sim_now(s) - AGE_MS, at)));
    if (r->flags & KIND_GENERATION)
        jset(doc, "metadata.generation", json_integer(1));
    store_put(s, r, doc);
}

static void add_rules(json_t *to, const char *role)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *u = &rules[i];
        if (strcmp(u->role, role) != 0)
            continue;
        if (u->groups)
            json_array_append_new(to, jt("{'apiGroups':%j,'resources':%j,'verbs':%j}", list_of(u->groups), list_of(u->resources), list_of(u->verbs)));
        else
            json_array_append_new(to, jt("{'nonResourceURLs':%j,'verbs':%j}", list_of(u->resources), list_of(u->verbs)));
    }
}

static void boot_roles(struct sim *s)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const char *role = rules[i].role;
        bool admin = strcmp(role, "admin") == 0, edit = strcmp(role, "edit") == 0;
        json_t *all = json_array();
        if (i && strcmp(rules[i - 1].role, role) == 0) {
            json_decref(all);
            continue;
        }
        add_rules(all, role);
        if (admin)
            add_rules(all, "edit");
        if (admin || edit)
            add_rules(all, "view");
        add(s, "rbac.authorization.k8s.io", "clusterroles", NULL, role, jt("{'metadata':{'labels':{'kubernetes.io/bootstrapping':'rbac-defaults'}},"
                                                                           "'rules':%j}", all));
    }
    for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
        json_t *subjects = json_array(), *names = list_of(bindings[i].subject);
        if (bindings[i].ns && s != s->world->mgmt) {
            json_decref(subjects);
            json_decref(names);
            continue;
        }
        for (size_t k = 0; k < json_array_size(names); k++)
            json_array_append_new(subjects, jt("{'kind':%s,'apiGroup':'rbac.authorization.k8s.io','name':%s}", bindings[i].kind,
                                               json_string_value(json_array_get(names, k))));
        json_decref(names);
        add(s, "rbac.authorization.k8s.io", bindings[i].ns ? "rolebindings" : "clusterrolebindings", bindings[i].ns, bindings[i].name,
            jt("{'subjects':%j,'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole','name':%s}}", subjects, bindings[i].role));
    }
}

static void boot_api_services(struct sim *s)
{
    char at[32];
    const char *last = NULL;
    stamp(sim_now(s) - AGE_MS, at);
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (!*r->version || (last && strcmp(last, r->group) == 0))
            continue;
        last = r->group;
        bool remote = r->flags & KIND_COMPUTED;
        char *name = sim_printf("%s.%s", r->version, r->group);
        json_t *d = jt("{'spec':{'group':%s,'version':%s,'groupPriorityMinimum':%i,'versionPriority':%i},'status':{'conditions':[{'type':'Available',"
                       "'status':'True','reason':%s,'message':%s,'lastTransitionTime':%s}]}}", r->group, r->version, *r->group ? 17000 : 18000,
                       remote ? 100 : 15, remote ? "Passed" : "Local", remote ? "all checks passed" : "Local APIServices are always available", at);
        if (remote)
            jset(d, "spec.service", jt("{'namespace':'kube-system','name':'metrics-server','port':443}"));
        else
            jset(d, "metadata.labels", jt("{'kube-aggregator.kubernetes.io/automanaged':'onstart'}"));
        add(s, "apiregistration.k8s.io", "apiservices", NULL, name, d);
        free(name);
    }
}

static json_t *columns_of(const struct res *r)
{
    json_t *all = kube_table_columns(r), *out = json_array();
    for (size_t i = 1; i < json_array_size(all); i++) {        /* the name is no printer column of a CRD */
        const json_t *c = json_array_get(all, i);
        char *path = sim_printf(".%s", kube_custom_path(r, i - 1));
        json_array_append_new(out, jt("{'name':%s,'type':%s,'jsonPath':%s}", jstr(c, "name"), jstr(c, "type"), path));
        free(path);
    }
    json_decref(all);
    return out;
}

static void boot_crds(struct sim *s)
{
    char at[32];
    stamp(sim_now(s) - AGE_MS, at);
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (!(r->flags & KIND_CUSTOM))
            continue;
        char *name = sim_printf("%s.%s", r->plural, r->group), *list = sim_printf("%sList", r->kind);
        json_t *names = jt("{'kind':%s,'listKind':%s,'plural':%s,'singular':%s,'shortNames':[%s],'categories':[%s]}", r->kind, list, r->plural,
                           r->singular, r->shorts[0], r->category);
        json_t *version = jt("{'name':%s,'served':true,'storage':true,'subresources':{'status':{}},'additionalPrinterColumns':%j,'schema':"
                             "{'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':'object','x-kubernetes-preserve-unknown-fields':true},"
                             "'status':{'type':'object','x-kubernetes-preserve-unknown-fields':true}}}}}", r->version, columns_of(r));
        if (kube_has_sub(r, "scale"))
            jset(version, "subresources.scale", jt("{'specReplicasPath':'.spec.replicas','statusReplicasPath':'.status.replicas'}"));
        add(s, "apiextensions.k8s.io", "customresourcedefinitions", NULL, name,
            jt("{'spec':{'group':%s,'names':%j,'scope':%s,'versions':[%j],'conversion':{'strategy':'None'}},'status':{'conditions':[{'type':"
               "'NamesAccepted','status':'True','reason':'NoConflicts','message':'no conflicts found','lastTransitionTime':%s},{'type':'Established',"
               "'status':'True','reason':'InitialNamesAccepted','message':'the initial names have been accepted','lastTransitionTime':%s}],"
               "'acceptedNames':%j,'storedVersions':[%s]}}", r->group, json_incref(names), r->namespaced ? "Namespaced" : "Cluster", version, at, at,
               names, r->version));
        free(name);
        free(list);
    }
}

static void boot_priority(struct sim *s)
{
    static const struct { const char *name; int value; } classes[] = {
        {"system-cluster-critical", 2000000000}, {"system-node-critical", 2000001000}, {"openstack-critical", 1000000},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        add(s, "scheduling.k8s.io", "priorityclasses", NULL, classes[i].name,
            jt("{'value':%i,'preemptionPolicy':'PreemptLowerPriority'}", classes[i].value));
}

static void boot_service(struct sim *s)
{
    static const char ip[] = "10.96.0.1";
    add(s, "", "services", "default", "kubernetes",
        jt("{'metadata':{'labels':{'component':'apiserver','provider':'kubernetes'}},'spec':{'ports':[{'name':'https','protocol':'TCP','port':443,"
           "'targetPort':6443}],'clusterIP':%s,'clusterIPs':[%s],'type':'ClusterIP','sessionAffinity':'None','ipFamilies':['IPv4'],"
           "'ipFamilyPolicy':'SingleStack','internalTrafficPolicy':'Cluster'},'status':{'loadBalancer':{}}}", ip, ip));
    add(s, "discovery.k8s.io", "endpointslices", "default", "kubernetes",
        jt("{'metadata':{'labels':{'kubernetes.io/service-name':'kubernetes'}},'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.11'],"
           "'conditions':{'ready':true}}],'ports':[{'name':'https','protocol':'TCP','port':6443}]}"));
    add(s, "", "endpoints", "default", "kubernetes",
        jt("{'metadata':{'labels':{'endpointslice.kubernetes.io/skip-mirror':'true'}},'subsets':[{'addresses':[{'ip':'10.0.0.11'}],'ports':[{'name':"
           "'https','port':6443,'protocol':'TCP'}]}]}"));
    add(s, "networking.k8s.io", "servicecidrs", NULL, "kubernetes", jt("{'spec':{'cidrs':['10.96.0.0/16']}}"));
    add(s, "networking.k8s.io", "ipaddresses", NULL, ip,
        jt("{'spec':{'parentRef':{'group':'','resource':'services','namespace':'default','name':'kubernetes'}}}"));
}

void kube_boot(struct sim *s)
{
    boot_roles(s);
    boot_api_services(s);
    boot_crds(s);
    boot_priority(s);
    boot_service(s);
}
