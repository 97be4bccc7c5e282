/* The cluster as it is found: nodes, OpenStack's own services as pods, some things broken as in life. Rows, not dumps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"
#include "strata/clock.h"

#define REGISTRY "registry.example.org/airshipit/"

struct work {
    const char *ns, *name;
    char kind;                  /* D deployment, S stateful set, A daemon set, J job, C cron job, B bare pod */
    int replicas;
    const char *app, *component, *image, *behaviour;
    const char *containers;     /* "a,b"; NULL = the component's name */
    int inits;
    int port;
};

static const struct work works[] = {
    {"openstack", "keystone-api", 'D', 2, "keystone", "api", "keystone:2024.1-ubuntu_jammy", NULL, NULL, 1, 5000},
    {"openstack", "glance-api", 'D', 2, "glance", "api", "glance:2024.1-ubuntu_jammy", NULL, NULL, 1, 9292},
    {"openstack", "nova-api-osapi", 'D', 2, "nova", "os-api", "nova:2024.1-ubuntu_jammy", NULL, NULL, 1, 8774},
    {"openstack", "nova-api-metadata", 'D', 1, "nova", "metadata", "nova:2024.1-ubuntu_jammy", NULL, NULL, 1, 8775},
    {"openstack", "nova-conductor", 'D', 2, "nova", "conductor", "nova:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "nova-scheduler", 'D', 1, "nova", "scheduler", "nova:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "nova-compute-default", 'A', 4, "nova", "compute", "nova:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "placement-api", 'D', 1, "placement", "api", "placement:2024.1-ubuntu_jammy", NULL, NULL, 1, 8778},
    {"openstack", "neutron-server", 'D', 2, "neutron", "server", "neutron:2024.1-ubuntu_jammy", NULL, NULL, 1, 9696},
    {"openstack", "neutron-ovs-agent-default", 'A', 4, "neutron", "neutron-ovs-agent", "neutron:2024.1-ubuntu_jammy", NULL, NULL, 2, 0},
    {"openstack", "neutron-l3-agent-default", 'A', 4, "neutron", "l3-agent", "neutron:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "cinder-api", 'D', 2, "cinder", "api", "cinder:2024.1-ubuntu_jammy", NULL, NULL, 1, 8776},
    {"openstack", "cinder-scheduler", 'D', 1, "cinder", "scheduler", "cinder:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "cinder-volume", 'D', 1, "cinder", "volume", "cinder:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "heat-engine", 'D', 1, "heat", "engine", "heat:2024.1-ubuntu_jammy", NULL, NULL, 1, 0},
    {"openstack", "mariadb-server", 'S', 3, "mariadb", "server", "mariadb:10.6.14", NULL, NULL, 1, 3306},
    {"openstack", "rabbitmq-rabbitmq", 'S', 3, "rabbitmq", "server", "rabbitmq:3.13", NULL, NULL, 1, 5672},
    {"openstack", "memcached-memcached", 'S', 1, "memcached", "server", "memcached:1.6", NULL, "memcached,exporter", 0, 11211},
    {"openstack", "horizon", 'D', 1, "horizon", "server", "horizon:2024.1-ubuntu_jammy", NULL, NULL, 1, 80},
    {"openstack", "designate-worker", 'D', 1, "designate", "worker", "designate:2024.1-ubuntu_jammy", "crash", NULL, 0, 0},
    {"openstack", "octavia-worker", 'D', 1, "octavia", "worker", "octavia:no-such-tag", "pull", NULL, 0, 0},
    {"openstack", "barbican-api", 'D', 1, "barbican", "api", "barbican:2024.1-ubuntu_jammy", "unschedulable", NULL, 1, 9311},
    {"openstack", "aodh-api", 'D', 1, "aodh", "api", "aodh:2024.1-ubuntu_jammy", "init", NULL, 2, 8042},
    {"openstack", "cloudkitty-api", 'D', 1, "cloudkitty", "api", "cloudkitty:2024.1-ubuntu_jammy", "creating", NULL, 0, 8889},
    {"openstack", "cinder-db-sync", 'J', 1, "cinder", "db-sync", "cinder:2024.1-ubuntu_jammy", "completed", NULL, 0, 0},
    {"openstack", "heat-engine-cleaner", 'C', 0, "heat", "engine-cleaner", "heat:2024.1-ubuntu_jammy", NULL, NULL, 0, 0},
    {"openstack", "bare-debug-pod", 'B', 1, "debug", "shell", "debug:1", NULL, NULL, 0, 0},
    {"kube-system", "coredns", 'D', 2, "coredns", "dns", "coredns:1.12", NULL, NULL, 0, 53},
    {"kube-system", "kube-proxy", 'A', 7, "kube-proxy", "proxy", "kube-proxy:1.36", NULL, NULL, 0, 0},
    {"ceph", "rook-ceph-mon", 'S', 3, "ceph", "mon", "ceph:18.2", NULL, NULL, 0, 6789},
    {"ceph", "rook-ceph-osd", 'S', 3, "ceph", "osd", "ceph:18.2", NULL, NULL, 1, 0},
    {"monitoring", "prometheus", 'S', 1, "prometheus", "server", "prometheus:3.1", NULL, "prometheus,config-reloader", 1, 9090},
    {"monitoring", "grafana", 'D', 1, "grafana", "server", "grafana:11.4", NULL, NULL, 0, 3000},
    {"lab", "web", 'D', 4, "web", "web", "web:1", NULL, NULL, 0, 8080},
    {"lab", "log-lab", 'D', 1, "log-lab", "logs", "log-lab:1", NULL, "api,odd", 0, 0},
    {"lab", "\346\227\245\346\234\254\350\252\236", 'B', 1, "unicode", "\345\206\231", "web:1", NULL, NULL, 0, 0},
};

struct machine { const char *name, *ip, *role; };
static const struct machine machines[] = {
    {"controller-1", "10.0.0.11", "control-plane"}, {"controller-2", "10.0.0.12", "control-plane"}, {"controller-3", "10.0.0.13", "control-plane"},
    {"compute-1", "10.0.0.21", "compute"}, {"compute-2", "10.0.0.22", "compute"}, {"compute-3", "10.0.0.23", "compute"},
    {"compute-4", "10.0.0.24", "compute"},
};
#define NMACHINES (sizeof(machines) / sizeof(machines[0]))

static struct res *core_res(struct sim *s, const char *group, const char *plural)
{
    return store_find_res(s, group, NULL, plural);
}

static int64_t ago(struct sim *s, int64_t ms)
{
    return sim_now(s) - ms - (int64_t)(sim_rand(s) % 60000);
}

static void seed_nodes(struct sim *s)
{
    char at[32], beat[32];
    for (size_t i = 0; i < NMACHINES; i++) {
        const struct machine *m = &machines[i];
        bool cp = m->role[1] == 'o' && m->role[2] == 'n';
        stamp(ago(s, 40LL * 86400000), at);
        stamp(sim_now(s), beat);
        char *role = sim_printf("node-role.kubernetes.io/%s", m->role), *id = sim_printf("sim-machine-%s", m->name);
        json_t *labels = jt("{'kubernetes.io/hostname':%s,'kubernetes.io/arch':'amd64','kubernetes.io/os':'linux'}", m->name);
        json_object_set_new(labels, role, json_string(""));
        if (!cp)
            json_object_set_new(labels, "openstack-compute-node", json_string("enabled"));
        json_t *ready = i == 6 ? jt("{'type':'Ready','status':'Unknown','reason':'NodeStatusUnknown','message':'Kubelet stopped posting node status.',"
                                    "'lastHeartbeatTime':%s,'lastTransitionTime':%s}", at, at)
                               : jt("{'type':'Ready','status':'True','reason':'KubeletReady','message':'kubelet is posting ready status',"
                                    "'lastHeartbeatTime':%s,'lastTransitionTime':%s}", beat, at);
        json_t *n = jt("{'kind':'Node','apiVersion':'v1','metadata':{'name':%s,'creationTimestamp':%s,'labels':%j},'spec':{'podCIDR':'10.128.0.0/24'},"
                       "'status':{'capacity':{'cpu':'64','memory':'263856516Ki','pods':'250'},'allocatable':{'cpu':'63','memory':'260710788Ki',"
                       "'pods':'250'},'conditions':[{'type':'MemoryPressure','status':'False','reason':'KubeletHasSufficientMemory',"
                       "'lastHeartbeatTime':%s,'lastTransitionTime':%s},%j],'addresses':[{'type':'InternalIP','address':%s},{'type':'Hostname',"
                       "'address':%s}],'nodeInfo':{'machineID':%s,'systemUUID':%s,'bootID':'boot','kernelVersion':'6.1.0-28-amd64',"
                       "'osImage':'Debian GNU/Linux 12 (bookworm)','containerRuntimeVersion':'containerd://2.0.2','kubeletVersion':'v1.36.3',"
                       "'kubeProxyVersion':'','operatingSystem':'linux','architecture':'amd64'}}}", m->name, at, labels, beat, at, ready, m->ip, m->name,
                       id, id);
        if (cp)
            jset(n, "spec.taints", jt("[{'key':'node-role.kubernetes.io/control-plane','effect':'NoSchedule'}]"));
        if (i == 5)
            jset(n, "spec.unschedulable", json_true());
        store_put(s, core_res(s, "", "nodes"), n);
        free(role);
        free(id);
    }
}

static void seed_namespaces(struct sim *s)
{
    static const char *const names[] = {"default", "kube-system", "openstack", "ceph", "monitoring", "lab"};
    char at[32];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        store_put(s, core_res(s, "", "namespaces"),
                  jt("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':%s,'creationTimestamp':%s,'labels':{'kubernetes.io/metadata.name':%s}},"
                     "'spec':{'finalizers':['kubernetes']},'status':{'phase':'Active'}}", names[i], stamp(ago(s, 40LL * 86400000), at), names[i]));
}

static json_t *container(const struct work *w, const char *name, bool init)
{
    char *image = sim_printf(REGISTRY "%s", init ? "kubernetes-entrypoint:v1.0.0" : w->image);
    json_t *c = jt("{'name':%s,'image':%s,'resources':{'limits':{'memory':'2Gi'},'requests':{'cpu':'100m','memory':'256Mi'}},"
                   "'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File','imagePullPolicy':'IfNotPresent'}", name, image);
    if (w->port && !init)
        json_object_set_new(c, "ports", jt("[{'name':'api','containerPort':%i,'protocol':'TCP'}]", w->port));
    free(image);
    return c;
}

static json_t *labels_of(const struct work *w)
{
    return jt("{'application':%s,'component':%s,'release_group':%s,'app.kubernetes.io/name':%s,'app.kubernetes.io/component':%s}", w->app,
              w->component, w->app, w->app, w->component);
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
    if (w->kind == 'A' && w->replicas == 7)
        json_array_append_new(jat(spec, "tolerations"), jt("{'operator':'Exists'}"));
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

static void seed_pods(struct sim *s, const struct work *w, const struct obj *owner, const char *kind, int64_t at)
{
    json_t *doc = obj_doc(owner);
    char sfx[6], created[32];
    for (int i = 0; i < w->replicas; i++) {
        char *name = w->kind == 'S' ? sim_printf("%s-%d", owner->name, i) : sim_printf("%s-%s", owner->name, suffix5(s, sfx));
        json_t *pod = ctl_new_pod(s, doc, kind, name);
        char uid[37];
        uuid4(s, uid);
        jset(pod, "metadata.uid", json_string(uid));
        jset(pod, "metadata.creationTimestamp", json_string(stamp(at, created)));
        const char *node = w->kind == 'A' ? machines[(w->replicas == 4 ? 3 : 0) + i].name : machines[(size_t)sim_rand(s) % 6].name;
        ctl_pod_running(s, pod, node, at + 2000);
        struct obj *o = store_put(s, core_res(s, "", "pods"), pod);
        if (w->behaviour) {
            json_t *about = obj_doc(o);
            static const char *const troubles[][3] = {
                {"crash", "BackOff", "Back-off restarting failed container"}, {"pull", "Failed", "Failed to pull image: rpc error: code = NotFound"},
                {"unschedulable", "FailedScheduling", "0/7 nodes are available: 7 Insufficient memory. preemption: 0/7 nodes are available"},
            };
            for (size_t t = 0; t < 3; t++)
                if (strcmp(w->behaviour, troubles[t][0]) == 0)
                    kube_event(s, about, "Warning", troubles[t][1], t == 2 ? "default-scheduler" : "kubelet", 17, at, sim_now(s) - 30000,
                               troubles[t][2]);
            json_decref(about);
        }
        free(name);
    }
    json_decref(doc);
}

static void seed_work(struct sim *s, const struct work *w)
{
    char at[32], hash[11];
    int64_t born = ago(s, 3600000LL * (2 + (int64_t)(sim_rand(s) % 400)));
    bool bad = w->behaviour && strcmp(w->behaviour, "completed") != 0;
    int up = bad ? 0 : w->replicas;
    stamp(born, at);
    hex_id(s, hash, 10);
    if (w->kind == 'D') {
        json_t *d = workload(w, "apps/v1", "Deployment", w->name, at, spec_of(w, NULL));
        jset(d, "metadata.annotations", jt("{'deployment.kubernetes.io/revision':'1'}"));
        jset(d, "spec.strategy", jt("{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':'25%%','maxSurge':'25%%'}}"));
        jset(d, "status", jt("{'observedGeneration':1,'replicas':%i,'updatedReplicas':%i,'readyReplicas':%i,'availableReplicas':%i,"
                             "'unavailableReplicas':%i,'conditions':[{'type':'Available','status':%s,'lastUpdateTime':%s,'lastTransitionTime':%s,"
                             "'reason':'MinimumReplicasAvailable','message':''}]}", w->replicas, w->replicas, up, up, w->replicas - up,
                             up ? "True" : "False", at, at));
        struct obj *dep = store_put(s, core_res(s, "apps", "deployments"), d);
        char *rs_name = sim_printf("%s-%s", w->name, hash);
        json_t *rs = workload(w, "apps/v1", "ReplicaSet", rs_name, at, spec_of(w, hash));
        owned_by(rs, "apps/v1", "Deployment", dep);
        jset(rs, "metadata.annotations", jt("{'deployment.kubernetes.io/revision':'1'}"));
        jset(rs, "status", jt("{'replicas':%i,'fullyLabeledReplicas':%i,'readyReplicas':%i,'availableReplicas':%i,'observedGeneration':1}", w->replicas,
                              w->replicas, up, up));
        seed_pods(s, w, store_put(s, core_res(s, "apps", "replicasets"), rs), "ReplicaSet", born);
        free(rs_name);
    } else if (w->kind == 'S') {
        json_t *d = workload(w, "apps/v1", "StatefulSet", w->name, at, spec_of(w, NULL));
        jset(d, "spec.serviceName", json_string(w->name));
        jset(d, "status", jt("{'observedGeneration':1,'replicas':%i,'readyReplicas':%i,'currentReplicas':%i,'updatedReplicas':%i,'availableReplicas':%i}",
                             w->replicas, up, w->replicas, w->replicas, up));
        seed_pods(s, w, store_put(s, core_res(s, "apps", "statefulsets"), d), "StatefulSet", born);
    } else if (w->kind == 'A') {
        json_t *d = workload(w, "apps/v1", "DaemonSet", w->name, at, spec_of(w, NULL));
        json_object_del(jat(d, "spec"), "replicas");
        if (w->replicas == 4)
            jset(d, "spec.template.spec.nodeSelector", jt("{'openstack-compute-node':'enabled'}"));
        jset(d, "status", jt("{'currentNumberScheduled':%i,'numberMisscheduled':0,'desiredNumberScheduled':%i,'numberReady':%i,'observedGeneration':1,"
                             "'updatedNumberScheduled':%i,'numberAvailable':%i}", w->replicas, w->replicas, up, w->replicas, up));
        seed_pods(s, w, store_put(s, core_res(s, "apps", "daemonsets"), d), "DaemonSet", born);
    } else if (w->kind == 'J') {
        char end[32];
        json_t *d = workload(w, "batch/v1", "Job", w->name, at, spec_of(w, NULL));
        json_object_del(jat(d, "spec"), "replicas");
        jset(d, "spec.completions", json_integer(1));
        jset(d, "spec.parallelism", json_integer(1));
        stamp(born + 62000, end);
        jset(d, "status", jt("{'startTime':%s,'completionTime':%s,'succeeded':1,'ready':0,'conditions':[{'type':'Complete','status':'True',"
                             "'lastProbeTime':%s,'lastTransitionTime':%s}]}", at, end, end, end));
        seed_pods(s, w, store_put(s, core_res(s, "batch", "jobs"), d), "Job", born);
    } else if (w->kind == 'C') {
        json_t *d = workload(w, "batch/v1", "CronJob", w->name, at,
                             jt("{'schedule':'*/5 * * * *','suspend':false,'concurrencyPolicy':'Allow','jobTemplate':{'metadata':{'creationTimestamp':null},"
                                "'spec':{'template':%j}}}", template_of(w)));
        jset(d, "status", jt("{'lastScheduleTime':%s}", at));
        store_put(s, core_res(s, "batch", "cronjobs"), d);
    } else {
        json_t *holder = workload(w, "v1", "None", w->name, at, spec_of(w, NULL)), *pod = ctl_new_pod(s, holder, "None", w->name);
        json_object_del(jat(pod, "metadata"), "ownerReferences");
        json_object_del(jat(pod, "metadata"), "generateName");
        jset(pod, "metadata.creationTimestamp", json_string(at));
        ctl_pod_running(s, pod, "compute-1", born + 2000);
        store_put(s, core_res(s, "", "pods"), pod);
        json_decref(holder);
    }
    if (w->port) {
        char *ip = sim_printf("10.96.%d.%d", (int)(sim_rand(s) % 250), (int)(sim_rand(s) % 250) + 2);
        json_t *svc = workload(w, "v1", "Service", w->name, at,
                               jt("{'ports':[{'name':'api','protocol':'TCP','port':%i,'targetPort':%i}],'selector':{'application':%s,'component':%s},"
                                  "'clusterIP':%s,'clusterIPs':[%s],'type':'ClusterIP','sessionAffinity':'None','ipFamilies':['IPv4'],"
                                  "'ipFamilyPolicy':'SingleStack','internalTrafficPolicy':'Cluster'}", w->port, w->port, w->app, w->component, ip, ip));
        json_object_del(jat(svc, "metadata"), "generation");
        jset(svc, "status", jt("{'loadBalancer':{}}"));
        store_put(s, core_res(s, "", "services"), svc);
        free(ip);
    }
}

/* Text that must never reach a terminal as it is: control characters are legal in reasons, messages and names of images. */
static void seed_hostile(struct sim *s)
{
    struct obj *o = store_get(core_res(s, "", "pods"), "openstack", "bare-debug-pod");
    json_t *d = o ? obj_doc(o) : NULL;
    if (!d)
        return;
    kube_event(s, d, "Warning", "Ho\033[31mstile", "kub\007elet", 3, sim_now(s) - 600000, sim_now(s) - 5000,
               "clear \033[2J\033[H title \033]0;owned\007 rlo \342\200\256 bom \357\273\277 newline\nsecond line\ttab c1 \302\233 \346\227\245\346\234\254\350\252\236");
    jset(d, "metadata.annotations", jt("{'note':'esc \\u001b[31m bell \\u0007 done'}"));
    jset(d, "status.message", jt("'line one\\nline two \\u001b[5mblink'"));
    struct res *pods = o->res;
    store_delete(s, pods, o->ns, o->name);                     /* while seeding, put appends */
    store_put(s, pods, d);
}

void kube_seed_many(struct sim *s, int pods)
{
    char ns[32], name[64], at[32];
    struct work w = {ns, name, 'D', 0, "bench", "bench", "bench:1", NULL, NULL, 1, 0};
    for (int i = 0; i < pods; i += 25) {
        snprintf(ns, sizeof(ns), "bench-%03d", i / 25 % 100);
        snprintf(name, sizeof(name), "bench-%05d", i / 25);
        if (i / 25 < 100)
            store_put(s, core_res(s, "", "namespaces"), jt("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':%s,'creationTimestamp':%s},"
                                                           "'status':{'phase':'Active'}}", ns, stamp(ago(s, 86400000), at)));
        w.replicas = pods - i < 25 ? pods - i : 25;
        seed_work(s, &w);
    }
}

void kube_seed(struct sim *s)
{
    char at[32];
    seed_nodes(s);
    seed_namespaces(s);
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
        seed_work(s, &works[i]);
    seed_hostile(s);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"region-one", "region-two", "edge"}, *const states[] = {"APPLIED", "APPLYING", "FAILED"};
        store_put(s, core_res(s, "lcm.hybrid.lab", "openstackdeployments"),
                  jt("{'kind':'OpenStackDeployment','apiVersion':'lcm.hybrid.lab/v1alpha1','metadata':{'name':%s,'namespace':'openstack','generation':1,"
                     "'creationTimestamp':%s},'spec':{'release':'caracal','preset':'compute'},'status':{'state':%s,'progress':%i}}", names[i],
                     stamp(ago(s, 86400000LL * (i + 1)), at), states[i], 100 - i * 40));
    }
    store_put(s, core_res(s, "", "configmaps"), jt("{'kind':'ConfigMap','apiVersion':'v1','metadata':{'name':'nova-etc','namespace':'openstack',"
                                                   "'creationTimestamp':%s},'data':{'nova.conf':'[DEFAULT]\\nhost = demo\\n'}}", stamp(ago(s, 86400000), at)));
    store_put(s, core_res(s, "", "secrets"), jt("{'kind':'Secret','apiVersion':'v1','metadata':{'name':'nova-db','namespace':'openstack',"
                                                "'creationTimestamp':%s},'type':'Opaque','data':{'password':'c2VjcmV0'}}", stamp(ago(s, 86400000), at)));
    kube_seed_many(s, s->world->pods);
}
