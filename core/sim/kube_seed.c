/* A cluster from its tables: nodes and namespaces; its workloads are in kube_seed_work.c. */
#include "core/sim/kube_seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct res *seed_res(struct sim *s, const char *group, const char *plural)
{
    return store_find_res(s, group, NULL, plural);
}

struct obj *seed_put(struct sim *s, const char *group, const char *plural, json_t *doc)
{
    struct res *r = seed_res(s, group, plural);
    if (!r)
        json_decref(doc);
    return r ? store_put(s, r, doc) : NULL;
}

int64_t seed_ago(struct sim *s, int64_t ms)
{
    return sim_now(s) - ms - (int64_t)(sim_rand(s) % 60000);
}

/* ---- nodes ---- */
static const char *role_of(const struct machine *m)
{
    return m->role == 'c' ? "control-plane" : m->role == 'h' ? "compute" : "worker";
}

static json_t *node_labels(const struct sim *s, const struct machine *m)
{
    char key[64], flavor[32], host[37];
    json_t *l = jt("{'kubernetes.io/hostname':%s,'kubernetes.io/arch':'amd64','kubernetes.io/os':'linux'}", m->name);
    snprintf(key, sizeof(key), "node-role.kubernetes.io/%s", role_of(m));
    json_object_set_new(l, key, json_string(""));
    if (s == s->world->mgmt && m->role != 'b') {
        json_object_set_new(l, m->role == 'c' ? "openstack-control-plane" : "openstack-compute-node", json_string("enabled"));
        json_object_set_new(l, "openvswitch", json_string("enabled"));
    }
    for (size_t i = 0; m->provider && i < plan_nservers; i++) {
        if (strcmp(plan_servers[i].name, m->name) != 0)
            continue;
        snprintf(flavor, sizeof(flavor), "%s", plan_servers[i].flavor);
        plan_id(s->world, "host", plan_servers[i].host, host);
        json_object_set_new(l, "node.kubernetes.io/instance-type", json_string(flavor));
        json_object_set_new(l, "topology.kubernetes.io/region", json_string("RegionOne"));
        json_object_set_new(l, "topology.kubernetes.io/zone", json_string("nova"));
        json_object_set_new(l, "topology.cinder.csi.openstack.org/zone", json_string("nova"));
    }
    return l;
}

static void seed_node(struct sim *s, const struct machine *m, int nth)
{
    char at[32], beat[32], cpus[16], mem[32], id[37], boot[37], hex[33], cidr[32];
    stamp(seed_ago(s, 40LL * 86400000), at);
    stamp(sim_now(s), beat);
    plan_id(s->world, m->provider ? "server" : "machine", m->name, id);
    uuid4(s, boot);
    hex_id(s, hex, 32);
    snprintf(cpus, sizeof(cpus), "%d", m->cpus);
    snprintf(mem, sizeof(mem), "%lldKi", (long long)m->memory_gi * 1048576 - 131072);
    snprintf(cidr, sizeof(cidr), "10.%d.%d.0/24", (s == s->world->mgmt ? 128 : 244) + nth / 256, nth % 256);
    bool silent = m->trouble == 'x';
    json_t *conds = json_array();
    static const char *const pressure[][3] = {{"MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
                                              {"DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
                                              {"PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"}};
    for (size_t i = 0; i < 3; i++)
        json_array_append_new(conds, jt("{'type':%s,'status':%s,'lastHeartbeatTime':%s,'lastTransitionTime':%s,'reason':%s,'message':%s}", pressure[i][0],
                                        silent ? "Unknown" : "False", silent ? at : beat, at, silent ? "NodeStatusUnknown" : pressure[i][1],
                                        silent ? "Kubelet stopped posting node status." : pressure[i][2]));
    json_array_append_new(conds, jt("{'type':'Ready','status':%s,'lastHeartbeatTime':%s,'lastTransitionTime':%s,'reason':%s,'message':%s}",
                                    silent ? "Unknown" : "True", silent ? at : beat, at, silent ? "NodeStatusUnknown" : "KubeletReady",
                                    silent ? "Kubelet stopped posting node status." : "kubelet is posting ready status"));
    json_t *n = jt("{'kind':'Node','apiVersion':'v1','metadata':{'name':%s,'creationTimestamp':%s,'labels':%j,'annotations':"
                   "{'node.alpha.kubernetes.io/ttl':'0','volumes.kubernetes.io/controller-managed-attach-detach':'true'}},"
                   "'spec':{'podCIDR':%s,'podCIDRs':[%s]},'status':{'capacity':{'cpu':%s,'ephemeral-storage':'203056560Ki','memory':%s,'pods':'250'},"
                   "'allocatable':{'cpu':%s,'ephemeral-storage':'187136925Ki','memory':%s,'pods':'250'},'conditions':%j,'addresses':[{'type':'InternalIP',"
                   "'address':%s},{'type':'Hostname','address':%s}],'daemonEndpoints':{'kubeletEndpoint':{'Port':10250}},'nodeInfo':{'machineID':%s,"
                   "'systemUUID':%s,'bootID':%s,'kernelVersion':'6.1.0-28-amd64','osImage':'Debian GNU/Linux 12 (bookworm)',"
                   "'containerRuntimeVersion':'containerd://2.0.2','kubeletVersion':'v1.36.3','kubeProxyVersion':'','operatingSystem':'linux',"
                   "'architecture':'amd64'}}}", m->name, at, node_labels(s, m), cidr, cidr, cpus, mem, cpus, mem, conds, m->ip, m->name, hex, id, boot);
    if (m->role == 'c')
        jset(n, "spec.taints", jt("[{'key':'node-role.kubernetes.io/control-plane','effect':'NoSchedule'}]"));
    if (m->trouble == 'd') {
        jset(n, "spec.unschedulable", json_true());
        jset(n, "spec.taints", jt("[{'key':'node.kubernetes.io/unschedulable','effect':'NoSchedule','timeAdded':%s}]", at));
    }
    if (m->provider) {
        char *pid = sim_printf("%s%s", m->provider, id);
        jset(n, "spec.providerID", json_string(pid));
        free(pid);
    }
    if (strcmp(s->name, "tenant-b") == 0) {                /* Cluster API says on a node which Machine it is */
        json_object_update_new(jat(n, "metadata.annotations"),
                               jt("{'cluster.x-k8s.io/cluster-name':'tenant-b','cluster.x-k8s.io/cluster-namespace':'capo-system','cluster.x-k8s.io/machine':%s}", m->name));
    }
    store_put(s, seed_res(s, "", "nodes"), n);
}

static void seed_namespaces(struct sim *s, const char *const *names)
{
    char at[32];
    for (; *names; names++)
        store_put(s, seed_res(s, "", "namespaces"),
                  jt("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':%s,'creationTimestamp':%s,'labels':{'kubernetes.io/metadata.name':%s}},"
                     "'spec':{'finalizers':['kubernetes']},'status':{'phase':'Active'}}", *names, stamp(seed_ago(s, 40LL * 86400000), at), *names));
}

/* ---- all of it ---- */
void seed_cluster(struct sim *s, const struct cluster *c)
{
    for (size_t i = 0; i < c->nmachines; i++)
        seed_node(s, &c->machines[i], (int)i);
    seed_namespaces(s, c->namespaces);
    for (size_t i = 0; i < c->nworks; i++)
        seed_work(s, c, &c->works[i]);
}

void kube_seed(struct sim *s)
{
    if (s == s->world->mgmt)
        seed_mgmt(s);
    else
        seed_tenant(s);
}
