/* Workloads of a table as they are found: with their pods running, or broken as in life; their services and budgets. */
#include "core/sim/ctl.h"
#include "core/sim/kube_seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGISTRY "registry.example.org/airshipit/"

static json_t *container(const struct work *w, const char *name, bool init)
{
    char *image = sim_printf(REGISTRY "%s", init ? "kubernetes-entrypoint:v1.0.0" : w->image);
    json_t *c = jt("{'name':%s,'image':%s,'resources':{'limits':{'memory':'2Gi'},'requests':{'cpu':'100m','memory':'256Mi'}},"
                   "'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File','imagePullPolicy':'IfNotPresent'}", name, image);
    if (w->behaviour && strcmp(w->behaviour, "unschedulable") == 0 && !init)
        jset(c, "resources", jt("{'limits':{'memory':'900Gi'},'requests':{'cpu':'100m','memory':'900Gi'}}"));
    if (w->port && !init)
        json_object_set_new(c, "ports", jt("[{'name':'api','containerPort':%i,'protocol':'TCP'}]", w->port));
    free(image);
    return c;
}

static json_t *labels_of(const struct work *w)
{
    json_t *l = jt("{'app.kubernetes.io/name':%s,'app.kubernetes.io/component':%s,'app.kubernetes.io/instance':%s}", w->app, w->component, w->app);
    if (strcmp(w->ns, "shop") != 0 && strcmp(w->ns, "analytics") != 0) {          /* as OpenStack-Helm's charts label */
        json_object_set_new(l, "application", json_string(w->app));
        json_object_set_new(l, "component", json_string(w->component));
        json_object_set_new(l, "release_group", json_string(w->app));
    }
    return l;
}

static json_t *template_of(const struct work *w)
{
    json_t *cs = json_array(), *inits = json_array(), *notes = json_object();
    const char *list = w->containers ? w->containers : w->component;
    while (*list) {
        char name[64];
        size_t n = strcspn(list, ",");
        snprintf(name, sizeof(name), "%.*s", (int)n, list);
        json_array_append_new(cs, container(w, name, false));
        list += n + (list[n] == ',');
    }
    for (int i = 0; i < w->inits; i++)
        json_array_append_new(inits, container(w, i ? "ovs-agent-init" : "init", true));
    if (w->behaviour)
        json_object_set_new(notes, "sim.strata/behaviour", json_string(w->behaviour));
    json_t *spec = jt("{'containers':%j,'restartPolicy':%s,'terminationGracePeriodSeconds':30,'dnsPolicy':'ClusterFirst','serviceAccountName':'default',"
                      "'serviceAccount':'default','securityContext':{},'schedulerName':'default-scheduler','priority':0,'enableServiceLinks':true,"
                      "'preemptionPolicy':'PreemptLowerPriority','tolerations':[{'key':'node.kubernetes.io/not-ready','operator':'Exists',"
                      "'effect':'NoExecute','tolerationSeconds':300}],'volumes':[{'name':'pod-tmp','emptyDir':{}}]}", cs,
                      w->kind == 'J' || w->kind == 'C' ? "OnFailure" : "Always");
    if (w->inits)
        json_object_set(spec, "initContainers", inits);
    if (w->host)
        json_object_set_new(spec, "hostNetwork", json_true());
    if (w->on == 'c' && strcmp(w->ns, "openstack") == 0)
        json_object_set_new(spec, "nodeSelector", jt("{'openstack-control-plane':'enabled'}"));
    if (w->on == 'c' && w->kind == 'A' && strcmp(w->ns, "openstack") != 0)
        json_object_set_new(spec, "nodeSelector", jt("{'node-role.kubernetes.io/control-plane':''}"));
    if (w->on == 'c')
        json_array_append_new(jat(spec, "tolerations"), jt("{'key':'node-role.kubernetes.io/control-plane','operator':'Exists','effect':'NoSchedule'}"));
    if (w->on == 'h' && strcmp(w->ns, "openstack") == 0)
        json_object_set_new(spec, "nodeSelector", jt("{'openstack-compute-node':'enabled'}"));
    if (w->kind == 'A')
        json_array_append_new(jat(spec, "tolerations"), jt("{'operator':'Exists'}"));
    if (w->claim && w->kind == 'D')
        json_array_append_new(jat(spec, "volumes"), jt("{'name':'data','persistentVolumeClaim':{'claimName':%s}}", w->claim));
    json_decref(inits);
    return jt("{'metadata':{'creationTimestamp':null,'labels':%j,'annotations':%j},'spec':%j}", labels_of(w), notes, spec);
}

static json_t *workload(const struct work *w, const char *apiv, const char *kind, const char *name, const char *at, json_t *spec)
{
    return jt("{'kind':%s,'apiVersion':%s,'metadata':{'name':%s,'namespace':%s,'generation':1,'creationTimestamp':%s,'labels':%j},'spec':%j}", kind,
              apiv, name, w->ns, at, labels_of(w), spec);
}

static json_t *spec_of(const struct work *w, const char *hash)
{
    json_t *sel = labels_of(w), *t = template_of(w);
    if (hash) {
        json_object_set_new(sel, "pod-template-hash", json_string(hash));
        jset(t, "metadata.labels.pod-template-hash", json_string(hash));
    }
    return jt("{'replicas':%i,'selector':{'matchLabels':%j},'template':%j}", w->replicas, sel, t);
}

static void owned_by(json_t *o, const char *apiv, const char *kind, const struct obj *owner)
{
    jset(o, "metadata.ownerReferences", jt("[{'apiVersion':%s,'kind':%s,'name':%s,'uid':%s,'controller':true,'blockOwnerDeletion':true}]", apiv, kind,
                                           owner->name, owner->uid));
}

/* ---- where pods are ---- */
static bool fits(const struct work *w, const struct machine *m)
{
    if (m->trouble == 'x' && w->kind != 'A')
        return false;
    if (w->on == 'b' || m->role == 'b')
        return w->on == m->role || (w->kind == 'A' && !w->on);
    if (w->on == 'h')
        return m->role != 'c';
    return w->on != 'c' || m->role == 'c';
}

/* The nth machine that fits; pods of one workload are spread, those of different ones do not all begin at the same place. */
static const struct machine *machine_for(const struct cluster *c, const struct work *w, int nth)
{
    size_t n = 0, seen = 0, start = 0;
    for (size_t i = 0; i < c->nmachines; i++)
        n += fits(w, &c->machines[i]) && (w->kind == 'A' || !c->machines[i].trouble);
    for (const char *p = w->name; *p; p++)
        start = start * 31 + (unsigned char)*p;
    for (size_t i = 0; i < c->nmachines; i++) {
        if (!fits(w, &c->machines[i]) || (w->kind != 'A' && c->machines[i].trouble))
            continue;
        if (seen++ == ((size_t)nth + (w->kind == 'A' ? 0 : start)) % n)
            return &c->machines[i];
    }
    return &c->machines[0];
}

/* A pod is where its volume is attached. */
static const struct machine *machine_of_claim(const struct cluster *c, const struct work *w, const char *claim)
{
    char full[160];
    snprintf(full, sizeof(full), "%s/%s", w->ns, claim);
    for (size_t i = 0; i < plan_nvolumes; i++)
        for (size_t k = 0; plan_volumes[i].claim && strcmp(plan_volumes[i].claim, full) == 0 && k < c->nmachines; k++)
            if (strcmp(c->machines[k].name, plan_volumes[i].server) == 0)
                return &c->machines[k];
    return NULL;
}

static int count_of(const struct cluster *c, const struct work *w)
{
    int n = w->replicas;
    for (size_t i = 0; w->kind == 'A' && !w->replicas && i < c->nmachines; i++)
        n += fits(w, &c->machines[i]);
    return n;
}

/* ---- pods ---- */
static void pod_trouble(struct sim *s, const struct work *w, const struct obj *pod, int64_t at)
{
    static const char *const troubles[][3] = {
        {"crash", "BackOff", "Back-off restarting failed container"}, {"pull", "Failed", "Failed to pull image: rpc error: code = NotFound"},
        {"unschedulable", "FailedScheduling", "0/7 nodes are available: 7 Insufficient memory. preemption: 0/7 nodes are available"},
    };
    json_t *about = w->behaviour ? obj_doc(pod) : NULL;
    for (size_t t = 0; about && t < 3; t++)
        if (strcmp(w->behaviour, troubles[t][0]) == 0)
            kube_event(s, about, "Warning", troubles[t][1], t == 2 ? "default-scheduler" : "kubelet", 17, at, sim_now(s) - 30000, troubles[t][2]);
    json_decref(about);
}

static void seed_pods(struct sim *s, const struct cluster *c, const struct work *w, const struct obj *owner, const char *kind, int64_t at)
{
    json_t *doc = obj_doc(owner);
    char sfx[6], created[32], uid[37];
    for (int i = 0; i < count_of(c, w); i++) {
        char *name = w->kind == 'S' ? sim_printf("%s-%d", owner->name, i) : sim_printf("%s-%s", owner->name, suffix5(s, sfx));
        char *claim = w->claim ? w->kind == 'S' ? sim_printf("%s-%s", w->claim, name) : sim_strdup(w->claim) : NULL;
        const struct machine *m = claim ? machine_of_claim(c, w, claim) : NULL;
        m = m ? m : machine_for(c, w, i);
        json_t *pod = ctl_new_pod(s, doc, kind, name);
        uuid4(s, uid);
        jset(pod, "metadata.uid", json_string(uid));
        jset(pod, "metadata.creationTimestamp", json_string(stamp(at, created)));
        if (w->host) {
            jset(pod, "status.podIP", json_string(m->ip));
            jset(pod, "status.podIPs", jt("[{'ip':%s}]", m->ip));
        }
        if (claim && w->kind == 'S')
            json_array_append_new(jat(pod, "spec.volumes"), jt("{'name':%s,'persistentVolumeClaim':{'claimName':%s}}", w->claim, claim));
        ctl_pod_running(s, pod, m->name, at + 2000);
        pod_trouble(s, w, store_put(s, seed_res(s, "", "pods"), pod), at);
        free(claim);
        free(name);
    }
    json_decref(doc);
}

/* ---- workloads by kind ---- */
struct birth { const struct cluster *c; const struct work *w; int64_t born; int have, up; char at[32]; };

/* What the controller said of a roll-out: done some seconds after it began, or given up at its deadline. */
static json_t *rollout_conditions(const struct birth *b, const char *rs)
{
    char end[32], late[32];
    const char *at = b->up ? stamp(b->born + 9000, end) : b->at;
    char *say = sim_printf("ReplicaSet \"%s\" has %s.", rs, b->up ? "successfully progressed" : "timed out progressing");
    json_t *all = jt("[{'type':'Available','status':%s,'lastUpdateTime':%s,'lastTransitionTime':%s,'reason':%s,'message':%s},"
                     "{'type':'Progressing','status':%s,'lastUpdateTime':%s,'lastTransitionTime':%s,'reason':%s,'message':%s}]", b->up ? "True" : "False",
                     at, at, b->up ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                     b->up ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", b->up ? "True" : "False",
                     b->up ? at : stamp(b->born + 601000, late), b->up ? b->at : stamp(b->born + 601000, late),
                     b->up ? "NewReplicaSetAvailable" : "ProgressDeadlineExceeded", say);
    free(say);
    return all;
}

static void seed_deployment(struct sim *s, const struct birth *b)
{
    const struct work *w = b->w;
    char hash[11], most[16], want[16];
    hex_id(s, hash, 10);
    snprintf(want, sizeof(want), "%d", w->replicas);
    snprintf(most, sizeof(most), "%d", w->replicas + (w->replicas + 3) / 4);           /* maxSurge 25%, rounded up */
    char *rs_name = sim_printf("%s-%s", w->name, hash);
    json_t *d = workload(w, "apps/v1", "Deployment", w->name, b->at, spec_of(w, NULL));
    jset(d, "metadata.annotations", jt("{'deployment.kubernetes.io/revision':'1','meta.helm.sh/release-name':%s,'meta.helm.sh/release-namespace':%s}",
                                       w->app, w->ns));
    jset(d, "spec.strategy", jt("{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':'25%%','maxSurge':'25%%'}}"));
    jset(d, "spec.revisionHistoryLimit", json_integer(10));
    jset(d, "spec.progressDeadlineSeconds", json_integer(600));
    json_t *st = jt("{'observedGeneration':1,'terminatingReplicas':0,'conditions':%j}", rollout_conditions(b, rs_name));
    ctl_count(st, "replicas", b->have, false);
    ctl_count(st, "updatedReplicas", b->have, false);
    ctl_count(st, "readyReplicas", b->up, false);
    ctl_count(st, "availableReplicas", b->up, false);
    ctl_count(st, "unavailableReplicas", b->have - b->up, false);
    jset(d, "status", st);
    struct obj *dep = store_put(s, seed_res(s, "apps", "deployments"), d);
    json_t *rs = workload(w, "apps/v1", "ReplicaSet", rs_name, b->at, spec_of(w, hash));
    owned_by(rs, "apps/v1", "Deployment", dep);
    jset(rs, "metadata.annotations", jt("{'deployment.kubernetes.io/revision':'1','deployment.kubernetes.io/desired-replicas':%s,"
                                        "'deployment.kubernetes.io/max-replicas':%s,'meta.helm.sh/release-name':%s,'meta.helm.sh/release-namespace':%s}",
                                        want, most, w->app, w->ns));
    jset(rs, "metadata.labels.pod-template-hash", json_string(hash));
    st = jt("{'replicas':%i,'fullyLabeledReplicas':%i,'observedGeneration':1,'terminatingReplicas':0}", b->have, b->have);
    ctl_count(st, "readyReplicas", b->up, false);
    ctl_count(st, "availableReplicas", b->up, false);
    jset(rs, "status", st);
    seed_pods(s, b->c, w, store_put(s, seed_res(s, "apps", "replicasets"), rs), "ReplicaSet", b->born);
    free(rs_name);
}

static void seed_statefulset(struct sim *s, const struct birth *b)
{
    const struct work *w = b->w;
    json_t *d = workload(w, "apps/v1", "StatefulSet", w->name, b->at, spec_of(w, NULL));
    jset(d, "metadata.annotations", jt("{'meta.helm.sh/release-name':%s,'meta.helm.sh/release-namespace':%s}", w->app, w->ns));
    jset(d, "spec.serviceName", json_string(w->svc ? w->svc : w->name));
    jset(d, "spec.podManagementPolicy", json_string("OrderedReady"));
    jset(d, "spec.updateStrategy", jt("{'type':'RollingUpdate','rollingUpdate':{'partition':0}}"));
    if (w->claim)
        jset(d, "spec.volumeClaimTemplates", jt("[{'kind':'PersistentVolumeClaim','apiVersion':'v1','metadata':{'name':%s},'spec':{'accessModes':"
                                                "['ReadWriteOnce'],'resources':{'requests':{'storage':'40Gi'}}}}]", w->claim));
    jset(d, "status", jt("{'observedGeneration':1,'replicas':%i,'readyReplicas':%i,'currentReplicas':%i,'updatedReplicas':%i,'availableReplicas':%i}",
                         b->have, b->up, b->have, b->have, b->up));
    seed_pods(s, b->c, w, store_put(s, seed_res(s, "apps", "statefulsets"), d), "StatefulSet", b->born);
}

static void seed_daemonset(struct sim *s, const struct birth *b)
{
    const struct work *w = b->w;
    json_t *d = workload(w, "apps/v1", "DaemonSet", w->name, b->at, spec_of(w, NULL));
    json_object_del(jat(d, "spec"), "replicas");
    jset(d, "metadata.annotations", jt("{'meta.helm.sh/release-name':%s,'meta.helm.sh/release-namespace':%s}", w->app, w->ns));
    jset(d, "spec.updateStrategy", jt("{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':1,'maxSurge':0}}"));
    jset(d, "status", jt("{'currentNumberScheduled':%i,'numberMisscheduled':0,'desiredNumberScheduled':%i,'numberReady':%i,'observedGeneration':1,"
                         "'updatedNumberScheduled':%i,'numberAvailable':%i}", b->have, b->have, b->up, b->have, b->up));
    seed_pods(s, b->c, w, store_put(s, seed_res(s, "apps", "daemonsets"), d), "DaemonSet", b->born);
}

static void seed_job(struct sim *s, const struct birth *b)
{
    char end[32];
    json_t *d = workload(b->w, "batch/v1", "Job", b->w->name, b->at, spec_of(b->w, NULL));
    json_object_del(jat(d, "spec"), "replicas");
    jset(d, "spec.completions", json_integer(1));
    jset(d, "spec.parallelism", json_integer(1));
    stamp(b->born + 62000, end);
    jset(d, "status", jt("{'startTime':%s,'completionTime':%s,'succeeded':1,'ready':0,'conditions':[{'type':'Complete','status':'True',"
                         "'lastProbeTime':%s,'lastTransitionTime':%s}]}", b->at, end, end, end));
    seed_pods(s, b->c, b->w, store_put(s, seed_res(s, "batch", "jobs"), d), "Job", b->born);
}

static void seed_cronjob(struct sim *s, const struct birth *b)
{
    json_t *d = workload(b->w, "batch/v1", "CronJob", b->w->name, b->at,
                         jt("{'schedule':'17 3 * * *','suspend':false,'concurrencyPolicy':'Allow','jobTemplate':{'metadata':{'creationTimestamp':null},"
                            "'spec':{'template':%j}}}", template_of(b->w)));
    jset(d, "status", jt("{'lastScheduleTime':%s}", b->at));
    store_put(s, seed_res(s, "batch", "cronjobs"), d);
}

static void seed_bare(struct sim *s, const struct birth *b)
{
    const struct work *w = b->w;
    json_t *holder = workload(w, "v1", "None", w->name, b->at, spec_of(w, NULL)), *pod = ctl_new_pod(s, holder, "None", w->name);
    json_object_del(jat(pod, "metadata"), "ownerReferences");
    json_object_del(jat(pod, "metadata"), "generateName");
    jset(pod, "metadata.creationTimestamp", json_string(b->at));
    ctl_pod_running(s, pod, b->c->machines[b->c->nmachines > 3 ? 3 : 0].name, b->born + 2000);
    store_put(s, seed_res(s, "", "pods"), pod);
    json_decref(holder);
}

/* ---- what stands beside a workload ---- */
static void seed_service(struct sim *s, const struct birth *b)
{
    const struct work *w = b->w;
    char *ip = sim_printf("10.96.%d.%d", (int)(sim_rand(s) % 250), (int)(sim_rand(s) % 250) + 2);
    json_t *svc = workload(w, "v1", "Service", w->svc ? w->svc : w->name, b->at,
                           jt("{'ports':[{'name':'api','protocol':'TCP','port':%i,'targetPort':%i}],'selector':%j,'clusterIP':%s,'clusterIPs':[%s],"
                              "'type':'ClusterIP','sessionAffinity':'None','ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack','internalTrafficPolicy':"
                              "'Cluster'}", w->port, w->port, labels_of(w), ip, ip));
    json_object_del(jat(svc, "metadata"), "generation");
    jset(svc, "status", jt("{'loadBalancer':{}}"));
    store_put(s, seed_res(s, "", "services"), svc);
    free(ip);
}

static void seed_budget(struct sim *s, const struct birth *b)
{
    const struct work *w = b->w;
    int want = w->budget == 'm' ? b->have - 1 : 1;
    json_t *p = workload(w, "policy/v1", "PodDisruptionBudget", w->name, b->at, jt("{'selector':{'matchLabels':%j}}", labels_of(w)));
    jset(p, w->budget == 'm' ? "spec.maxUnavailable" : "spec.minAvailable", json_integer(1));
    jset(p, "status", jt("{'currentHealthy':%i,'desiredHealthy':%i,'disruptionsAllowed':%i,'expectedPods':%i,'observedGeneration':1}", b->up, want,
                         b->up > want ? b->up - want : 0, b->have));
    seed_put(s, "policy", "poddisruptionbudgets", p);
}

void seed_work(struct sim *s, const struct cluster *c, const struct work *w)
{
    static const struct { char kind; void (*make)(struct sim *s, const struct birth *b); } kinds[] = {
        {'D', seed_deployment}, {'S', seed_statefulset}, {'A', seed_daemonset}, {'J', seed_job}, {'C', seed_cronjob}, {'B', seed_bare},
    };
    struct birth b = {.c = c, .w = w, .born = seed_ago(s, 3600000LL * (2 + (int64_t)(sim_rand(s) % 400)))};
    bool bad = w->behaviour && strcmp(w->behaviour, "completed") != 0;
    b.have = count_of(c, w);
    b.up = bad ? 0 : b.have;
    stamp(b.born, b.at);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].kind == w->kind)
            kinds[i].make(s, &b);
    if (w->port)
        seed_service(s, &b);
    if (w->budget)
        seed_budget(s, &b);
}
