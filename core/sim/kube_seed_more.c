/* What ties a cluster to the cloud below it: CSI volumes, load balancers, Cluster API machines; and Helm releases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_seed.h"

#define SHARE_DRIVER "nfs.manila.csi.openstack.org"

/* ---- storage: volumes of Cinder, shares of Manila ---- */
static void seed_csinodes(struct sim *s, bool shares)
{
    struct res *nodes = seed_res(s, "", "nodes");
    for (size_t i = 0; i < nodes->n; i++) {
        char id[37];
        plan_id(s->world, "server", nodes->items[i]->name, id);
        json_t *d = jt("{'kind':'CSINode','apiVersion':'storage.k8s.io/v1','metadata':{'name':%s,'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':%s,"
                       "'uid':%s}]},'spec':{'drivers':[{'name':'cinder.csi.openstack.org','nodeID':%s,'topologyKeys':['topology.cinder.csi.openstack.org/zone'],"
                       "'allocatable':{'count':26}}]}}", nodes->items[i]->name, nodes->items[i]->name, nodes->items[i]->uid, id);
        if (shares)
            json_array_append_new(jat(d, "spec.drivers"), jt("{'name':'" SHARE_DRIVER "','nodeID':%s,'topologyKeys':null}", nodes->items[i]->name));
        seed_put(s, "storage.k8s.io", "csinodes", d);
    }
}

static void seed_volume(struct sim *s, const struct plan_volume *v)
{
    char id[37], uid[37], at[32], ns[64], size[16], claim_uid[37];
    const char *claim = strchr(v->claim, '/') + 1;
    snprintf(ns, sizeof(ns), "%.*s", (int)(claim - v->claim - 1), v->claim);
    snprintf(size, sizeof(size), "%dGi", v->size);
    plan_id(s->world, "volume", v->name, id);
    plan_id(s->world, "claim", v->claim, claim_uid);
    uuid4(s, uid);
    stamp(seed_ago(s, 20LL * 86400000), at);
    char *pv = sim_printf("pvc-%s", claim_uid);
    seed_put(s, "", "persistentvolumeclaims",
             jt("{'kind':'PersistentVolumeClaim','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'uid':%s,'creationTimestamp':%s,'annotations':"
                "{'pv.kubernetes.io/bind-completed':'yes','volume.kubernetes.io/storage-provisioner':'cinder.csi.openstack.org'},'finalizers':"
                "['kubernetes.io/pvc-protection']},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':%s}},'storageClassName':"
                "'cinder-ssd','volumeMode':'Filesystem','volumeName':%s},'status':{'phase':'Bound','accessModes':['ReadWriteOnce'],'capacity':"
                "{'storage':%s}}}", claim, ns, claim_uid, at, size, pv, size));
    seed_put(s, "", "persistentvolumes",
             jt("{'kind':'PersistentVolume','apiVersion':'v1','metadata':{'name':%s,'uid':%s,'creationTimestamp':%s,'annotations':"
                "{'pv.kubernetes.io/provisioned-by':'cinder.csi.openstack.org'},'finalizers':['kubernetes.io/pv-protection']},'spec':{'capacity':"
                "{'storage':%s},'csi':{'driver':'cinder.csi.openstack.org','fsType':'ext4','volumeHandle':%s,'volumeAttributes':"
                "{'storage.kubernetes.io/csiProvisionerIdentity':'cinder.csi.openstack.org'}},'accessModes':['ReadWriteOnce'],'claimRef':{'kind':"
                "'PersistentVolumeClaim','namespace':%s,'name':%s,'uid':%s,'apiVersion':'v1'},'persistentVolumeReclaimPolicy':'Delete','storageClassName':"
                "'cinder-ssd','volumeMode':'Filesystem'},'status':{'phase':'Bound'}}", pv, uid, at, size, id, ns, claim, claim_uid));
    char hex[65];
    hex_id(s, hex, 64);
    char *att = sim_printf("csi-%s", hex);
    seed_put(s, "storage.k8s.io", "volumeattachments",
             jt("{'kind':'VolumeAttachment','apiVersion':'storage.k8s.io/v1','metadata':{'name':%s,'creationTimestamp':%s,'finalizers':"
                "['external-attacher/cinder-csi-openstack-org']},'spec':{'attacher':"
                "'cinder.csi.openstack.org','source':{'persistentVolumeName':%s},'nodeName':%s},'status':{'attached':true,'attachmentMetadata':"
                "{'DevicePath':'/dev/vdb'}}}", att, at, pv, v->server));
    free(att);
    free(pv);
}

/* Nothing is attached: the driver mounts it where a pod wants it. */
static void seed_share(struct sim *s, const struct plan_share *v)
{
    char id[37], uid[37], rule[37], at[32], ns[64], size[16], claim_uid[37];
    const char *claim = strchr(v->claim, '/') + 1;
    snprintf(ns, sizeof(ns), "%.*s", (int)(claim - v->claim - 1), v->claim);
    snprintf(size, sizeof(size), "%dGi", v->size);
    plan_id(s->world, "share", v->name, id);
    plan_id(s->world, "share-access", v->name, rule);
    plan_id(s->world, "claim", v->claim, claim_uid);
    plan_id(s->world, "volume-of-share", v->name, uid);
    stamp(sim_now(s) - 20LL * 86400000, at);
    char *pv = sim_printf("pvc-%s", claim_uid);
    seed_put(s, "", "persistentvolumeclaims",
             jt("{'kind':'PersistentVolumeClaim','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'uid':%s,'creationTimestamp':%s,'annotations':"
                "{'pv.kubernetes.io/bind-completed':'yes','pv.kubernetes.io/bound-by-controller':'yes','volume.kubernetes.io/storage-provisioner':'" SHARE_DRIVER "'},"
                "'finalizers':['kubernetes.io/pvc-protection']},'spec':{'accessModes':['ReadWriteMany'],'resources':{'requests':{'storage':%s}},'storageClassName':"
                "'csi-manila-nfs','volumeMode':'Filesystem','volumeName':%s},'status':{'phase':'Bound','accessModes':['ReadWriteMany'],'capacity':{'storage':%s}}}", claim, ns,
                claim_uid, at, size, pv, size));
    seed_put(s, "", "persistentvolumes",
             jt("{'kind':'PersistentVolume','apiVersion':'v1','metadata':{'name':%s,'uid':%s,'creationTimestamp':%s,'annotations':"
                "{'pv.kubernetes.io/provisioned-by':'" SHARE_DRIVER "'},'finalizers':['kubernetes.io/pv-protection']},'spec':{'capacity':{'storage':%s},'csi':{'driver':"
                "'" SHARE_DRIVER "','volumeHandle':%s,'volumeAttributes':{'shareAccessIDs':%s,'shareID':%s},'nodeStageSecretRef':{'name':'csi-manila-secrets','namespace':"
                "'kube-system'}},'accessModes':['ReadWriteMany'],'claimRef':{'kind':'PersistentVolumeClaim','namespace':%s,'name':%s,'uid':%s,'apiVersion':'v1'},"
                "'persistentVolumeReclaimPolicy':'Delete','storageClassName':'csi-manila-nfs','volumeMode':'Filesystem'},'status':{'phase':'Bound'}}", pv, uid, at, size, id,
                rule, id, ns, claim, claim_uid));
    free(pv);
}

static bool of_cluster(const struct sim *s, const char *server)
{
    for (size_t i = 0; i < plan_nservers; i++)
        if (strcmp(plan_servers[i].name, server) == 0)
            return plan_servers[i].cluster && strcmp(plan_servers[i].cluster, s->name) == 0;
    return false;
}

static void seed_shares(struct sim *s)
{
    size_t n = 0;
    for (size_t i = 0; i < plan_nshares; i++) {
        if (!plan_shares[i].cluster || strcmp(plan_shares[i].cluster, s->name) != 0)
            continue;
        n++;
        seed_share(s, &plan_shares[i]);
    }
    seed_csinodes(s, n);
    if (n)
        seed_put(s, "storage.k8s.io", "storageclasses",
                 jt("{'kind':'StorageClass','apiVersion':'storage.k8s.io/v1','metadata':{'name':'csi-manila-nfs'},'provisioner':'" SHARE_DRIVER "','parameters':{'type':'cephfs'},"
                    "'reclaimPolicy':'Delete','allowVolumeExpansion':true,'volumeBindingMode':'Immediate'}"));
}

void seed_csi(struct sim *s)
{
    seed_shares(s);
    seed_put(s, "storage.k8s.io", "storageclasses",
             jt("{'kind':'StorageClass','apiVersion':'storage.k8s.io/v1','metadata':{'name':'cinder-ssd','annotations':"
                "{'storageclass.kubernetes.io/is-default-class':'true'}},'provisioner':'cinder.csi.openstack.org','parameters':{'type':'ssd'},"
                "'reclaimPolicy':'Delete','allowVolumeExpansion':true,'volumeBindingMode':'WaitForFirstConsumer'}"));
    for (size_t i = 0; i < plan_nvolumes; i++)
        if (plan_volumes[i].claim && of_cluster(s, plan_volumes[i].server))
            seed_volume(s, &plan_volumes[i]);
}

/* ---- services of type LoadBalancer: Octavia's ---- */
void seed_balancers(struct sim *s)
{
    char id[37], at[32];
    for (size_t i = 0; i < plan_nlbs; i++) {
        const struct plan_lb *lb = &plan_lbs[i];
        if (strcmp(lb->cluster, s->name) != 0)
            continue;
        plan_id(s->world, "lb", lb->service, id);
        char *ip = sim_printf("10.96.%d.%d", (int)(sim_rand(s) % 250), (int)(sim_rand(s) % 250) + 2), *name = sim_printf("%s-public", lb->service);
        bool front = strcmp(lb->service, "shop-front") == 0;
        seed_put(s, "", "services",
                 jt("{'kind':'Service','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s,'annotations':"
                    "{'loadbalancer.openstack.org/load-balancer-id':%s,'loadbalancer.openstack.org/load-balancer-address':%s},'finalizers':"
                    "['service.kubernetes.io/load-balancer-cleanup']},'spec':{'ports':[{'name':'https','protocol':'TCP','port':%i,'targetPort':8080,"
                    "'nodePort':%i}],'selector':{'app.kubernetes.io/name':%s,'app.kubernetes.io/component':%s},'clusterIP':%s,'clusterIPs':[%s],'type':"
                    "'LoadBalancer','sessionAffinity':'None','externalTrafficPolicy':'Cluster','ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack',"
                    "'allocateLoadBalancerNodePorts':true,'internalTrafficPolicy':'Cluster'},'status':{'loadBalancer':{'ingress':[{'ip':%s,'ipMode':"
                    "'VIP'}]}}}", name, lb->ns, stamp(seed_ago(s, 20LL * 86400000), at), id, lb->fip, lb->port, lb->node_port, front ? "shop" : "batch",
                    front ? "front" : "api", ip, ip, lb->fip));
        free(ip);
        free(name);
    }
}

/* ---- Cluster API: tenant-b is made by CAPO from the management cluster ---- */
#define CAPI "cluster.x-k8s.io"
#define CAPO "infrastructure.cluster.x-k8s.io"

static void seed_machine(struct sim *s, const struct plan_server *v, const char *at)
{
    char id[37];
    bool control = strcmp(v->role, "master") == 0;
    plan_id(s->world, "server", v->name, id);
    char *provider = sim_printf("openstack://RegionOne/%s", id);
    json_t *labels = jt("{'cluster.x-k8s.io/cluster-name':'tenant-b'}");
    json_object_set_new(labels, control ? "cluster.x-k8s.io/control-plane" : "cluster.x-k8s.io/deployment-name", json_string(control ? "" : "tenant-b-md-0"));
    struct obj *m = seed_put(s, CAPI, "machines",
                             jt("{'kind':'Machine','apiVersion':'cluster.x-k8s.io/v1beta1','metadata':{'name':%s,'namespace':'capo-system','creationTimestamp':"
                                "%s,'labels':%j},'spec':{'clusterName':'tenant-b','providerID':%s,'version':'v1.36.3','failureDomain':'nova',"
                                "'infrastructureRef':{'apiVersion':'infrastructure.cluster.x-k8s.io/v1beta1','kind':'OpenStackMachine','name':%s,"
                                "'namespace':'capo-system'}},'status':{'phase':'Running','infrastructureReady':true,'bootstrapReady':true,'nodeRef':"
                                "{'apiVersion':'v1','kind':'Node','name':%s},'addresses':[{'type':'InternalIP','address':%s}]}}", v->name, at,
                                json_incref(labels), provider, v->name, v->name, v->ip));
    json_t *o = jt("{'kind':'OpenStackMachine','apiVersion':'infrastructure.cluster.x-k8s.io/v1beta1','metadata':{'name':%s,'namespace':'capo-system',"
                   "'creationTimestamp':%s,'labels':%j},'spec':{'flavor':%s,'image':{'filter':{'name':'debian-12'}},'providerID':%s,'sshKeyName':'ops'},"
                   "'status':{'ready':true,'instanceState':'ACTIVE','instanceID':%s,'addresses':[{'type':'InternalIP','address':%s}]}}", v->name, at, labels,
                   v->flavor, provider, id, v->ip);
    if (m)
        jset(o, "metadata.ownerReferences", jt("[{'apiVersion':'cluster.x-k8s.io/v1beta1','kind':'Machine','name':%s,'uid':%s,'controller':true,"
                                               "'blockOwnerDeletion':true}]", m->name, m->uid));
    seed_put(s, CAPO, "openstackmachines", o);
    free(provider);
}

void seed_capi(struct sim *s)
{
    char at[32];
    stamp(seed_ago(s, 35LL * 86400000), at);
    seed_put(s, CAPI, "clusters",
             jt("{'kind':'Cluster','apiVersion':'cluster.x-k8s.io/v1beta1','metadata':{'name':'tenant-b','namespace':'capo-system','creationTimestamp':%s,"
                "'labels':{'cluster.x-k8s.io/cluster-name':'tenant-b'}},'spec':{'controlPlaneEndpoint':{'host':'10.60.0.10','port':6443},'infrastructureRef':"
                "{'apiVersion':'infrastructure.cluster.x-k8s.io/v1beta1','kind':'OpenStackCluster','name':'tenant-b'}},'status':{'phase':'Provisioned',"
                "'infrastructureReady':true,'controlPlaneReady':true,'observedGeneration':2}}", at));
    seed_put(s, CAPO, "openstackclusters",
             jt("{'kind':'OpenStackCluster','apiVersion':'infrastructure.cluster.x-k8s.io/v1beta1','metadata':{'name':'tenant-b','namespace':'capo-system',"
                "'creationTimestamp':%s},'spec':{'identityRef':{'cloudName':'ops','name':'cloud-config'},'managedSubnets':[{'cidr':'10.60.0.0/24'}]},"
                "'status':{'ready':true}}", at));
    seed_put(s, CAPI, "machinedeployments",
             jt("{'kind':'MachineDeployment','apiVersion':'cluster.x-k8s.io/v1beta1','metadata':{'name':'tenant-b-md-0','namespace':'capo-system',"
                "'creationTimestamp':%s,'labels':{'cluster.x-k8s.io/cluster-name':'tenant-b'}},'spec':{'clusterName':'tenant-b','replicas':3},'status':"
                "{'phase':'Running','replicas':3,'readyReplicas':3,'availableReplicas':3,'updatedReplicas':3}}", at));
    for (size_t i = 0; i < plan_nservers; i++)
        if (plan_servers[i].cluster && strcmp(plan_servers[i].cluster, "tenant-b") == 0)
            seed_machine(s, &plan_servers[i], at);
}

/* ---- Helm ---- */

/* The last revisions of a release; the payload is plain JSON in base64 twice, which Helm reads as well as the packed form. */
void seed_helm(struct sim *s, const char *ns, const char *name, const char *chart, const char *version, int revision)
{
    int64_t when = seed_ago(s, 86400000LL * (10 + (int64_t)(sim_rand(s) % 60)));
    for (int v = revision > 2 ? revision - 1 : 1; v <= revision; v++) {
        char at[32], num[16], secs[24];
        int64_t then = when - (revision - v) * 30LL * 86400000;
        stamp(then, at);
        snprintf(num, sizeof(num), "%d", v);
        snprintf(secs, sizeof(secs), "%lld", (long long)(then / 1000));
        const char *status = v == revision ? "deployed" : "superseded";
        char *text = jdump(jt("{'name':%s,'info':{'first_deployed':%s,'last_deployed':%s,'deleted':'','description':'Upgrade complete','status':%s},"
                              "'chart':{'metadata':{'name':%s,'version':%s,'appVersion':'v2024.1','apiVersion':'v2'}},'config':{},'manifest':'','version':%i,"
                              "'namespace':%s}", name, at, at, status, chart, version, v, ns));
        char *once = sim_base64(text, strlen(text)), *twice = sim_base64(once, strlen(once)), *secret = sim_printf("sh.helm.release.v1.%s.v%d", name, v);
        seed_put(s, "", "secrets",
                 jt("{'kind':'Secret','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s,'labels':{'owner':'helm','name':%s,"
                    "'status':%s,'version':%s,'modifiedAt':%s}},'type':'helm.sh/release.v1','data':{'release':%s}}", secret, ns, at, name, status, num, secs,
                    twice));
        free(text);
        free(once);
        free(twice);
        free(secret);
    }
}
