/* What a server fills in where a writer left it out: tables of defaults, then what has to be worked out. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

struct fill { const char *plural, *path, *value; };            /* value: a template of jt() */

static const struct fill fills[] = {
    {"deployments", "spec.replicas", "1"}, {"deployments", "spec.strategy.type", "'RollingUpdate'"}, {"deployments", "spec.revisionHistoryLimit", "10"},
    {"deployments", "spec.progressDeadlineSeconds", "600"}, {"deployments", "status", "{}"},
    {"replicasets", "spec.replicas", "1"}, {"replicasets", "status", "{'replicas':0}"},
    {"replicationcontrollers", "spec.replicas", "1"}, {"replicationcontrollers", "status", "{'replicas':0}"},
    {"statefulsets", "spec.replicas", "1"}, {"statefulsets", "spec.podManagementPolicy", "'OrderedReady'"},
    {"statefulsets", "spec.updateStrategy.type", "'RollingUpdate'"}, {"statefulsets", "spec.revisionHistoryLimit", "10"},
    {"statefulsets", "spec.persistentVolumeClaimRetentionPolicy", "{'whenDeleted':'Retain','whenScaled':'Retain'}"},
    {"statefulsets", "status", "{'replicas':0,'availableReplicas':0}"},
    {"daemonsets", "spec.updateStrategy.type", "'RollingUpdate'"}, {"daemonsets", "spec.revisionHistoryLimit", "10"},
    {"daemonsets", "status", "{'currentNumberScheduled':0,'numberMisscheduled':0,'desiredNumberScheduled':0,'numberReady':0}"},
    {"jobs", "spec.parallelism", "1"}, {"jobs", "spec.completions", "1"}, {"jobs", "spec.backoffLimit", "6"}, {"jobs", "spec.manualSelector", "false"},
    {"jobs", "spec.completionMode", "'NonIndexed'"}, {"jobs", "spec.suspend", "false"}, {"jobs", "spec.podReplacementPolicy", "'TerminatingOrFailed'"},
    {"jobs", "status", "{}"},
    {"cronjobs", "spec.concurrencyPolicy", "'Allow'"}, {"cronjobs", "spec.suspend", "false"}, {"cronjobs", "spec.successfulJobsHistoryLimit", "3"},
    {"cronjobs", "spec.failedJobsHistoryLimit", "1"}, {"cronjobs", "spec.jobTemplate.metadata", "{}"},
    {"cronjobs", "spec.jobTemplate.spec.template.metadata", "{}"}, {"cronjobs", "status", "{}"},
    {"services", "spec.type", "'ClusterIP'"}, {"services", "spec.sessionAffinity", "'None'"}, {"services", "status", "{'loadBalancer':{}}"},
    {"namespaces", "spec.finalizers", "['kubernetes']"}, {"namespaces", "status.phase", "'Active'"},
    {"poddisruptionbudgets", "status", "{'disruptionsAllowed':0,'currentHealthy':0,'desiredHealthy':0,'expectedPods':0}"},
    {"persistentvolumeclaims", "spec.volumeMode", "'Filesystem'"}, {"persistentvolumeclaims", "status.phase", "'Pending'"}, {"persistentvolumes", "spec.volumeMode", "'Filesystem'"},
    {"persistentvolumes", "spec.persistentVolumeReclaimPolicy", "'Retain'"}, {"persistentvolumes", "status.phase", "'Pending'"}, {"secrets", "type", "'Opaque'"}, {"nodes", "status", "{}"}, {"ingresses", "status", "{'loadBalancer':{}}"},
    {"storageclasses", "reclaimPolicy", "'Delete'"}, {"storageclasses", "volumeBindingMode", "'Immediate'"},
    {"priorityclasses", "preemptionPolicy", "'PreemptLowerPriority'"}, {"horizontalpodautoscalers", "spec.minReplicas", "1"},
    {"horizontalpodautoscalers", "status", "{'desiredReplicas':0,'currentMetrics':null}"},
    {"networkpolicies", "spec.policyTypes", "['Ingress']"}, {"resourcequotas", "status", "{}"},
};

/* What admission adds to what is made; who changes it later may take it away. */
static const struct fill made_fills[] = {
    {"persistentvolumeclaims", "metadata.finalizers", "['kubernetes.io/pvc-protection']"}, {"persistentvolumes", "metadata.finalizers", "['kubernetes.io/pv-protection']"},
};
static const struct fill pod_fills[] = {
    {"", "restartPolicy", "'Always'"}, {"", "terminationGracePeriodSeconds", "30"}, {"", "dnsPolicy", "'ClusterFirst'"}, {"", "securityContext", "{}"},
    {"", "schedulerName", "'default-scheduler'"},
};
static const struct fill container_fills[] = {
    {"", "resources", "{}"}, {"", "terminationMessagePath", "'/dev/termination-log'"}, {"", "terminationMessagePolicy", "'File'"},
};
static const struct fill probe_fills[] = {
    {"", "timeoutSeconds", "1"}, {"", "periodSeconds", "10"}, {"", "successThreshold", "1"}, {"", "failureThreshold", "3"},
};
static const struct fill admitted_fills[] = {
    {"", "serviceAccountName", "'default'"}, {"", "priority", "0"}, {"", "enableServiceLinks", "true"}, {"", "preemptionPolicy", "'PreemptLowerPriority'"},
};
#define N(a) (sizeof(a) / sizeof((a)[0]))

static void fill_all(json_t *doc, const char *plural, const struct fill *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(f[i].plural, plural) == 0 && !jat(doc, f[i].path))
            jset(doc, f[i].path, jt(f[i].value));
}

static void fill(json_t *doc, const char *path, json_t *v)
{
    if (doc && !jat(doc, path))
        jset(doc, path, v);
    else
        json_decref(v);
}

/* ---- pod templates ---- */
static void probe(json_t *c, const char *key)
{
    json_t *p = jat(c, key);
    if (!p)
        return;
    fill_all(p, "", probe_fills, N(probe_fills));
    fill(jat(p, "httpGet"), "scheme", json_string("HTTP"));
    fill(jat(p, "httpGet"), "path", json_string("/"));
}

static void container(json_t *c)
{
    const char *image = jstr(c, "image"), *tag = strrchr(image, ':');
    json_t *list = jat(c, "ports"), *x;
    size_t i;
    bool latest = !strchr(image, '@') && (!tag || strchr(tag, '/') || strcmp(tag, ":latest") == 0);
    fill_all(c, "", container_fills, N(container_fills));
    fill(c, "imagePullPolicy", json_string(latest ? "Always" : "IfNotPresent"));
    json_array_foreach(list, i, x)
        fill(x, "protocol", json_string("TCP"));
    list = jat(c, "env");
    json_array_foreach(list, i, x)
        fill(jat(x, "valueFrom.fieldRef"), "apiVersion", json_string("v1"));
    probe(c, "livenessProbe");
    probe(c, "readinessProbe");
    probe(c, "startupProbe");
    json_t *limits = jat(c, "resources.limits"), *v;
    const char *key;
    json_object_foreach(limits, key, v) {                      /* a limit alone is a request too */
        json_t *req = jat(c, "resources.requests");
        if (req && !json_object_get(req, key))
            json_object_set(req, key, v);
    }
}

static void volume(json_t *v)
{
    static const char *const modes[] = {"configMap", "secret", "projected", "downwardAPI"};
    for (size_t i = 0; i < N(modes); i++)
        fill(json_object_get(v, modes[i]), "defaultMode", json_integer(420));
    fill(jat(v, "hostPath"), "type", json_string(""));
    if (json_object_size(v) == 1 && json_object_get(v, "name"))
        json_object_set_new(v, "emptyDir", json_object());
}

static void pod_spec(json_t *spec)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    json_t *list, *x;
    size_t i;
    if (!json_is_object(spec))
        return;
    fill_all(spec, "", pod_fills, N(pod_fills));
    for (size_t k = 0; k < N(lists); k++) {
        list = json_object_get(spec, lists[k]);
        json_array_foreach(list, i, x)
            container(x);
    }
    list = json_object_get(spec, "volumes");
    json_array_foreach(list, i, x)
        volume(x);
    if (*jstr(spec, "serviceAccountName"))
        fill(spec, "serviceAccount", json_string(jstr(spec, "serviceAccountName")));
}

static void rolling(json_t *doc, const char *path, const char *value)
{
    char type[64], params[64];
    snprintf(type, sizeof(type), "%s.type", path);
    snprintf(params, sizeof(params), "%s.rollingUpdate", path);
    if (strcmp(jstr(doc, type), "RollingUpdate") == 0) {
        json_t *all = jt(value), *v;
        const char *key;
        fill(doc, params, json_object());
        json_object_foreach(all, key, v)
            fill(jat(doc, params), key, json_incref(v));
        json_decref(all);
    }
}

/* ---- pods: what admission adds ---- */
static const char *qos(const json_t *spec)
{
    json_t *list = jat(spec, "containers"), *x;
    bool any = false, guaranteed = true;
    size_t i;
    json_array_foreach(list, i, x) {
        static const char *const what[] = {"cpu", "memory"};
        json_t *req = jat(x, "resources.requests"), *lim = jat(x, "resources.limits");
        for (size_t k = 0; k < 2; k++) {
            const json_t *r = json_object_get(req, what[k]), *l = json_object_get(lim, what[k]);
            any = any || r || l;
            guaranteed = guaranteed && l && (!r || json_equal(r, l));
        }
    }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

static void tolerate(json_t *spec, const char *key)
{
    json_t *list = jat(spec, "tolerations"), *x;
    size_t i;
    fill(spec, "tolerations", json_array());
    json_array_foreach(list, i, x) {
        const char *k = jstr(x, "key"), *e = jstr(x, "effect");
        if ((!*k || strcmp(k, key) == 0) && (!*e || strcmp(e, "NoExecute") == 0))
            return;
    }
    json_array_append_new(jat(spec, "tolerations"), jt("{'key':%s,'operator':'Exists','effect':'NoExecute','tolerationSeconds':300}", key));
}

static void token_volume(struct sim *s, json_t *spec)
{
    static const char *const lists[] = {"initContainers", "containers"};
    char suffix[6], name[32];
    json_t *list, *x;
    size_t i;
    if (json_is_false(jat(spec, "automountServiceAccountToken")))
        return;
    snprintf(name, sizeof(name), "kube-api-access-%s", suffix5(s, suffix));
    fill(spec, "volumes", json_array());
    json_array_append_new(jat(spec, "volumes"), jt("{'name':%s,'projected':{'sources':[{'serviceAccountToken':{'expirationSeconds':3607,'path':'token'}},"
        "{'configMap':{'name':'kube-root-ca.crt','items':[{'key':'ca.crt','path':'ca.crt'}]}},{'downwardAPI':{'items':[{'path':'namespace','fieldRef':"
        "{'apiVersion':'v1','fieldPath':'metadata.namespace'}}]}}],'defaultMode':420}}", name));
    for (size_t k = 0; k < N(lists); k++) {
        list = json_object_get(spec, lists[k]);
        json_array_foreach(list, i, x) {
            fill(x, "volumeMounts", json_array());
            json_array_append_new(jat(x, "volumeMounts"), jt("{'name':%s,'readOnly':true,'mountPath':'/var/run/secrets/kubernetes.io/serviceaccount'}", name));
        }
    }
}

static void admit_pod(struct sim *s, json_t *doc)
{
    json_t *spec = json_object_get(doc, "spec");
    const char *class = jstr(spec, "priorityClassName");
    struct obj *pc = *class ? store_get(store_find_res(s, "scheduling.k8s.io", "v1", "priorityclasses"), "", class) : NULL;
    if (pc) {
        json_t *d = obj_doc(pc);
        jset(spec, "priority", json_integer(jint(d, "value")));
        json_decref(d);
    }
    fill_all(spec, "", admitted_fills, N(admitted_fills));
    fill(spec, "serviceAccount", json_string(jstr(spec, "serviceAccountName")));
    token_volume(s, spec);
    json_object_set_new(doc, "status", jt("{'phase':'Pending','qosClass':%s}", qos(spec)));
}

/* ---- services ---- */
static bool ip_taken(struct sim *s, const char *ip)
{
    struct res *r = store_find_res(s, "", "v1", "services");
    char want[64];
    snprintf(want, sizeof(want), "\"clusterIP\":\"%s\"", ip);
    for (size_t i = 0; i < r->n; i++)
        if (strstr(r->items[i]->text, want))
            return true;
    return false;
}

static void service(struct sim *s, json_t *doc)
{
    json_t *spec = jat(doc, "spec"), *ports = jat(spec, "ports"), *x;
    const char *type = jstr(spec, "type");
    bool external = strcmp(type, "ExternalName") == 0, outside = strcmp(type, "NodePort") == 0 || strcmp(type, "LoadBalancer") == 0;
    char ip[20];
    size_t i;
    json_array_foreach(ports, i, x) {
        fill(x, "protocol", json_string("TCP"));
        fill(x, "targetPort", json_integer(jint(x, "port")));
        if (outside)
            fill(x, "nodePort", json_integer(30000 + (json_int_t)(sim_rand(s) % 2768)));
    }
    if (external)
        return;
    if (!*jstr(spec, "clusterIP")) {
        do
            snprintf(ip, sizeof(ip), "10.96.%d.%d", (int)(sim_rand(s) % 250) + 1, (int)(sim_rand(s) % 250) + 2);
        while (ip_taken(s, ip));
        jset(spec, "clusterIP", json_string(ip));
    }
    fill(spec, "clusterIPs", jt("[%s]", jstr(spec, "clusterIP")));
    bool alone = strcmp(jstr(spec, "clusterIP"), "None") == 0 && !json_object_size(jat(spec, "selector"));      /* headless, nobody selected */
    fill(spec, "ipFamilies", alone ? jt("['IPv4','IPv6']") : jt("['IPv4']"));
    fill(spec, "ipFamilyPolicy", json_string(alone ? "RequireDualStack" : "SingleStack"));
    fill(spec, "internalTrafficPolicy", json_string("Cluster"));
    if (outside)
        fill(spec, "externalTrafficPolicy", json_string("Cluster"));
    if (strcmp(type, "LoadBalancer") == 0)
        fill(spec, "allocateLoadBalancerNodePorts", json_true());
}

/* ---- the rest ---- */
static void job(json_t *doc)
{
    const char *uid = jstr(doc, "metadata.uid"), *name = jstr(doc, "metadata.name");
    json_t *labels = jt("{'batch.kubernetes.io/controller-uid':%s,'batch.kubernetes.io/job-name':%s,'controller-uid':%s,'job-name':%s}", uid, name, uid, name);
    if (!jat(doc, "spec.selector") && jat(doc, "spec.template")) {
        jset(doc, "spec.selector", jt("{'matchLabels':{'batch.kubernetes.io/controller-uid':%s}}", uid));
        fill(doc, "spec.template.metadata", json_object());
        fill(doc, "spec.template.metadata.labels", json_object());
        json_object_update(jat(doc, "spec.template.metadata.labels"), labels);
        fill(doc, "metadata.labels", json_deep_copy(jat(doc, "spec.template.metadata.labels")));
    }
    json_decref(labels);
}

static void secret(json_t *doc)
{
    json_t *plain = json_object_get(doc, "stringData"), *v;
    const char *key;
    json_object_foreach(plain, key, v) {
        char *b = sim_base64(json_is_string(v) ? json_string_value(v) : "", json_string_length(v));
        fill(doc, "data", json_object());
        json_object_set_new(jat(doc, "data"), key, json_string(b));
        free(b);
    }
    json_object_del(doc, "stringData");
}

static void claim(struct sim *s, json_t *doc)
{
    struct res *r = store_find_res(s, "storage.k8s.io", "v1", "storageclasses");
    for (size_t i = 0; i < r->n && !jat(doc, "spec.storageClassName"); i++)
        if (strstr(r->items[i]->text, "\"storageclass.kubernetes.io/is-default-class\":\"true\""))
            jset(doc, "spec.storageClassName", json_string(r->items[i]->name));
}

void kube_default(struct sim *s, const struct res *res, json_t *doc, const json_t *old)
{
    const char *p = res->plural;
    if (strcmp(p, "services") != 0 || strcmp(jstr(doc, "spec.type"), "ExternalName") != 0 || jat(doc, "spec"))
        fill_all(doc, p, fills, N(fills));
    if (!old)
        fill_all(doc, p, made_fills, N(made_fills));
    if (strcmp(p, "pods") == 0 && json_is_object(jat(doc, "spec"))) {
        pod_spec(jat(doc, "spec"));
        if (!old)
            admit_pod(s, doc);
        tolerate(jat(doc, "spec"), "node.kubernetes.io/not-ready");
        tolerate(jat(doc, "spec"), "node.kubernetes.io/unreachable");
    } else if (strcmp(p, "services") == 0) {
        service(s, doc);
    } else if (strcmp(p, "jobs") == 0 && !old) {
        job(doc);
    } else if (strcmp(p, "secrets") == 0) {
        secret(doc);
    } else if (strcmp(p, "persistentvolumeclaims") == 0 && !old) {
        claim(s, doc);
    } else if (strcmp(p, "horizontalpodautoscalers") == 0 && json_is_object(jat(doc, "spec")) && !json_array_size(jat(doc, "spec.metrics"))) {
        jset(doc, "spec.metrics", jt("[{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':80}}}]"));
    } else if (strcmp(p, "namespaces") == 0 && !old) {
        fill(doc, "metadata.labels", json_object());
        json_object_set_new(jat(doc, "metadata.labels"), "kubernetes.io/metadata.name", json_string(jstr(doc, "metadata.name")));
        json_object_set_new(doc, "status", jt("{'phase':'Active'}"));
    }
    rolling(doc, "spec.strategy", "{'maxUnavailable':'25%%','maxSurge':'25%%'}");
    rolling(doc, "spec.updateStrategy", strcmp(p, "daemonsets") == 0 ? "{'maxUnavailable':1,'maxSurge':0}" : "{'partition':0}");
    pod_spec(jat(doc, "spec.template.spec"));
    pod_spec(jat(doc, "spec.jobTemplate.spec.template.spec"));
    if (strcmp(p, "daemonsets") == 0) {                        /* counted by the API server, whatever is sent */
        static const char note[] = "deprecated.daemonset.template.generation";
        const char *is = old ? json_string_value(json_object_get(jat(old, "metadata.annotations"), note)) : NULL;
        int64_t had = is ? strtoll(is, NULL, 10) : 0;
        char now[24];
        snprintf(now, sizeof(now), "%lld", (long long)(!old ? 1 : (had ? had : 1) + !json_equal(jat(old, "spec.template"), jat(doc, "spec.template"))));
        fill(doc, "metadata.annotations", json_object());
        json_object_set_new(jat(doc, "metadata.annotations"), note, json_string(now));
    }
}
