/* Volumes of the tenants' pods are Cinder's: made when a pod first wants them, attached to the server that is the pod's node, moved with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"
#include "core/sim/plan.h"
#include "core/sim/world_cause.h"

#define STORAGE "storage.k8s.io"
#define DRIVER "cinder.csi.openstack.org"
#define SHARE_DRIVER "nfs.manila.csi.openstack.org"

enum { FORCE_MS = 360000, AGAIN_MS = 15000 };                  /* a volume of a node that is silent is taken away after so long */

static struct res *res_of(struct sim *s, const char *group, const char *plural)
{
    return store_find_res(s, group, NULL, plural);
}

static json_t *doc_of(struct sim *s, const char *group, const char *plural, const char *ns, const char *name)
{
    struct res *r = res_of(s, group, plural);
    struct obj *o = r ? store_get(r, ns, name) : NULL;
    return o ? obj_doc(o) : NULL;
}

static bool of_tenant(const struct sim *s)
{
    for (size_t i = 0; i < TENANTS; i++)
        if (s->world->tenant[i] == s)
            return true;
    return false;
}

/* ---- attachments ---- */
static json_t *attachment_of(struct sim *s, const char *pv)
{
    struct res *r = res_of(s, STORAGE, "volumeattachments");
    for (size_t i = 0; r && i < r->n; i++) {
        json_t *d = strstr(r->items[i]->text, pv) ? obj_doc(r->items[i]) : NULL;
        if (d && strcmp(jstr(d, "spec.source.persistentVolumeName"), pv) == 0)
            return d;
        json_decref(d);
    }
    return NULL;
}

static bool uses(const struct ctl_item *it, const char *ns, const char *claim)
{
    char want[300];
    snprintf(want, sizeof(want), "\"claimName\":\"%s\"", claim);
    return strcmp(it->o->ns, ns) == 0 && it->phase != 'S' && it->phase != 'F' && strstr(it->o->text, want);
}

/* A pod on that node that has the claim; NULL: none. */
static const char *user_of(struct sim *s, const char *node, const char *ns, const char *claim)
{
    size_t n;
    struct ctl_item **pods = ctl_pods_on(s, node, &n);
    const char *found = NULL;
    for (size_t i = 0; i < n && !found; i++)
        if (uses(pods[i], ns, claim))
            found = pods[i]->o->name;
    free(pods);
    return found;
}

static bool node_silent(struct sim *s, const char *node)
{
    struct ctl_node *n = map_get(&ctl_of(s)->nodes, node);
    return n && (n->down || !n->ready);
}

static void server_of(struct sim *s, const char *node, char id[64])
{
    json_t *d = ctl_doc(s, K_NODE, "", node);
    const char *slash = strrchr(jstr(d, "spec.providerID"), '/');
    snprintf(id, 64, "%s", slash ? slash + 1 : "");
    json_decref(d);
}

static void put_attachment(struct sim *s, json_t *d)
{
    store_put(s, res_of(s, STORAGE, "volumeattachments"), d);
}

/* ---- making volumes ---- */
static const char *project_of(const struct sim *s)
{
    for (size_t i = 0; i < plan_nservers; i++)
        if (plan_servers[i].cluster && strcmp(plan_servers[i].cluster, s->name) == 0)
            return plan_servers[i].project;
    return "admin";
}

static int gib(const char *size)
{
    int64_t bytes = ctl_quantity(size, false);
    return bytes > 0 ? (int)((bytes + 1073741823) / 1073741824) : 1;
}

static void provision(struct sim *s, json_t *claim)
{
    struct sim *cloud = s->world->cloud;
    char at[32], uid[37], *pv = sim_printf("pvc-%s", jstr(claim, "metadata.uid"));
    int size = gib(jstr(claim, "spec.resources.requests.storage"));
    const char *project = keystone_project_id(cloud, project_of(s)), *user = keystone_user_id(cloud, project_of(s));
    char *id = sim_strdup(cinder_volume_create(cloud, pv, size, "ssd", project, user, NULL)), *cap = sim_printf("%dGi", size);
    uuid4(s, uid);
    store_put(s, res_of(s, "", "persistentvolumes"),
              jt("{'kind':'PersistentVolume','apiVersion':'v1','metadata':{'name':%s,'uid':%s,'creationTimestamp':%s,'annotations':"
                 "{'pv.kubernetes.io/provisioned-by':'" DRIVER "'},'finalizers':['kubernetes.io/pv-protection']},'spec':{'capacity':{'storage':%s},'csi':"
                 "{'driver':'" DRIVER "','fsType':'ext4','volumeHandle':%s},'accessModes':['ReadWriteOnce'],'claimRef':{'kind':'PersistentVolumeClaim',"
                 "'namespace':%s,'name':%s,'uid':%s,'apiVersion':'v1'},'persistentVolumeReclaimPolicy':'Delete','storageClassName':'cinder-ssd',"
                 "'volumeMode':'Filesystem'},'status':{'phase':'Bound'}}", pv, uid, ctl_now(s, at), cap, id, jstr(claim, "metadata.namespace"),
                 jstr(claim, "metadata.name"), jstr(claim, "metadata.uid")));
    ctl_event(s, claim, "Normal", "ProvisioningSucceeded", DRIVER, NULL, "Successfully provisioned volume %s", pv);
    jset(claim, "spec.volumeName", json_string(pv));
    jset(claim, "spec.storageClassName", json_string("cinder-ssd"));
    jset(claim, "status", jt("{'phase':'Bound','accessModes':['ReadWriteOnce'],'capacity':{'storage':%s}}", cap));
    ctl_put(s, K_CLAIM, json_incref(claim));
    free(pv);
    free(id);
    free(cap);
}

/* ---- attaching ---- */
static bool known_volume(struct sim *s, const json_t *pv, char status[32])
{
    char project[64];
    int size;
    return cinder_volume(s->world->cloud, jstr(pv, "spec.csi.volumeHandle"), status, project, &size);
}

static void attach(struct sim *s, const json_t *pod, const json_t *pv, const char *node)
{
    char server[64], device[16], status[32], hex[65], at[32];
    struct nova_view v;
    const char *name = jstr(pv, "metadata.name"), *volume = jstr(pv, "spec.csi.volumeHandle");
    server_of(s, node, server);
    const char *bad = cause_api_down(s->world, "identity") || cause_api_down(s->world, "compute") || cause_api_down(s->world, "volume") ? "503 Service Unavailable"
                      : !nova_server(s->world->cloud, server, &v) || !v.running ? "instance is not running" : NULL;
    if (bad) {
        ctl_event(s, pod, "Warning", "FailedAttachVolume", "attachdetach-controller", NULL,
                  "AttachVolume.Attach failed for volume \"%s\" : rpc error: code = Internal desc = [ControllerPublishVolume] Attach Volume failed with error failed to "
                  "attach %s volume to %s compute: %s", name, volume, server, bad);
        return;
    }
    if (!known_volume(s, pv, status) || strcmp(status, "available") != 0)
        return;
    snprintf(device, sizeof(device), "/dev/vd%c", 'b' + (int)cinder_volumes_of(s->world->cloud, server, NULL, NULL) % 24);
    if (!cinder_attach(s->world->cloud, volume, server, device, v.host))
        return;
    nova_volume_set(s->world->cloud, server, volume, device);
    hex_id(s, hex, 64);
    char *att = sim_printf("csi-%s", hex);
    put_attachment(s, jt("{'kind':'VolumeAttachment','apiVersion':'" STORAGE "/v1','metadata':{'name':%s,'creationTimestamp':%s,'finalizers':"
                         "['external-attacher/cinder-csi-openstack-org']},'spec':{'attacher':'" DRIVER "','source':{'persistentVolumeName':%s},'nodeName':%s},'status':{'attached':false}}", att, ctl_now(s, at), name, node));
    free(att);
}

/* True when the volume of the claim is attached to the node; else the next step towards it was made. */
static bool mounted(struct sim *s, const json_t *pod, json_t *claim, const char *node)
{
    json_t *pv = doc_of(s, "", "persistentvolumes", "", jstr(claim, "spec.volumeName")), *att;
    if (!pv) {
        if (!cause_api_down(s->world, "identity") && !cause_api_down(s->world, "volume"))
            provision(s, claim);
        return false;
    }
    if (strcmp(jstr(pv, "spec.csi.driver"), DRIVER) != 0) {
        json_decref(pv);
        return true;
    }
    const char *name = jstr(pv, "metadata.name");
    bool there = false;
    if (!(att = attachment_of(s, name))) {
        attach(s, pod, pv, node);
    } else if (strcmp(jstr(att, "spec.nodeName"), node) == 0 && !ctl_deleting(att)) {
        there = json_is_true(jat(att, "status.attached"));
    } else if (!ctl_deleting(att)) {
        const char *user = user_of(s, jstr(att, "spec.nodeName"), jstr(claim, "metadata.namespace"), jstr(claim, "metadata.name"));
        ctl_event(s, pod, "Warning", "FailedAttachVolume", "attachdetach-controller", NULL, "Multi-Attach error for volume \"%s\" Volume is already %s%s", name,
                  user ? "used by pod(s) " : "exclusively attached to one node and can't be attached to another", user ? user : "");
    }
    json_decref(att);
    json_decref(pv);
    return there;
}

int64_t cause_mounts(struct sim *s, const json_t *pod, const char *node)
{
    json_t *volumes = jat(pod, "spec.volumes");
    int64_t wait = 0;
    for (size_t i = 0; of_tenant(s) && i < json_array_size(volumes); i++) {
        const char *name = jstr(json_array_get(volumes, i), "persistentVolumeClaim.claimName");
        json_t *claim = *name ? ctl_doc(s, K_CLAIM, jstr(pod, "metadata.namespace"), name) : NULL;
        if (claim && !mounted(s, pod, claim, node)) {
            json_t *att = attachment_of(s, jstr(claim, "spec.volumeName"));
            bool elsewhere = att && strcmp(jstr(att, "spec.nodeName"), node) != 0;
            wait = ctl_ms(s, elsewhere && !ctl_deleting(att) ? AGAIN_MS : 500);
            json_decref(att);
        }
        json_decref(claim);
    }
    return wait;
}

/* ---- what the attach-detach controller and the provisioner look at ---- */
static void tell_attached(struct sim *s, json_t *att, const char *pv, const char *ns, const char *claim)
{
    const char *pod = user_of(s, jstr(att, "spec.nodeName"), ns, claim);
    json_t *d = pod ? ctl_doc(s, K_POD, ns, pod) : NULL;
    jset(att, "status", jt("{'attached':true,'attachmentMetadata':{'DevicePath':'/dev/vdb'}}"));
    put_attachment(s, json_incref(att));
    if (d)
        ctl_event(s, d, "Normal", "SuccessfulAttachVolume", "attachdetach-controller", NULL, "AttachVolume.Attach succeeded for volume \"%s\" ", pv);
    json_decref(d);
}

/* Nobody there needs it any more: at once when the node says so, after FORCE_MS when it is silent. */
static bool may_detach(struct sim *s, json_t *att, const char *node)
{
    char at[32];
    if (!node_silent(s, node))
        return true;
    int64_t since = stamp_ms(ctl_note_str(att, SIM_NOTE "unused-since"));
    if (since < 0) {
        ctl_set_note(att, SIM_NOTE "unused-since", ctl_now(s, at));
        put_attachment(s, json_incref(att));
    }
    return since >= 0 && sim_now(s) - since >= ctl_ms(s, FORCE_MS);
}

static void look_at(struct sim *s, json_t *att)
{
    const char *name = jstr(att, "metadata.name"), *node = jstr(att, "spec.nodeName");
    json_t *pv = doc_of(s, "", "persistentvolumes", "", jstr(att, "spec.source.persistentVolumeName"));
    char status[32] = "", server[64], at[32];
    const char *ns = jstr(pv, "spec.claimRef.namespace"), *claim = jstr(pv, "spec.claimRef.name"), *volume = jstr(pv, "spec.csi.volumeHandle");
    bool known = pv && known_volume(s, pv, status), api = !cause_api_down(s->world, "volume") && !cause_api_down(s->world, "identity");
    if (ctl_deleting(att)) {
        if (!known || strcmp(status, "available") == 0)
            store_delete(s, res_of(s, STORAGE, "volumeattachments"), "", name);
        else if (api && strcmp(status, "in-use") == 0) {
            server_of(s, node, server);
            cinder_detach(s->world->cloud, volume, *server ? server : NULL);
            nova_volume_gone(s->world->cloud, server, volume);
        }
    } else if (!known || (!user_of(s, node, ns, claim) && may_detach(s, att, node))) {
        jset(att, "metadata.deletionTimestamp", json_string(ctl_now(s, at)));
        put_attachment(s, json_incref(att));
    } else if (!json_is_true(jat(att, "status.attached")) && strcmp(status, "in-use") == 0) {
        tell_attached(s, att, jstr(pv, "metadata.name"), ns, claim);
    }
    json_decref(pv);
}

/* A claim that is being deleted goes when no pod has it; its volume goes with it. */
static void look_at_claims(struct sim *s)
{
    struct res *claims = ctl_res(s, K_CLAIM), *pods = ctl_res(s, K_POD), *pvs = res_of(s, "", "persistentvolumes");
    for (size_t i = claims ? claims->n : 0; i-- > 0;) {
        struct obj *c = claims->items[i];
        bool used = !strstr(c->text, "\"deletionTimestamp\"");
        for (size_t k = 0; !used && k < pods->n; k++) {
            struct ctl_item *it = ctl_item(s, pods->items[k]->uid);
            used = it && uses(it, c->ns, c->name);
        }
        if (!used)
            store_delete(s, claims, c->ns, c->name);
    }
    for (size_t i = pvs ? pvs->n : 0; i-- > 0;) {
        json_t *pv = obj_doc(pvs->items[i]), *att;
        const char *name = jstr(pv, "metadata.name");
        struct obj *c = ctl_get(s, K_CLAIM, jstr(pv, "spec.claimRef.namespace"), jstr(pv, "spec.claimRef.name"));
        bool gone = *jstr(pv, "spec.claimRef.uid") && strcmp(jstr(pv, "spec.persistentVolumeReclaimPolicy"), "Retain") && (!c || strcmp(c->uid, jstr(pv, "spec.claimRef.uid")) != 0);
        char status[32];
        if (gone && !(att = attachment_of(s, name))) {
            if (known_volume(s, pv, status) && strcmp(status, "deleting") != 0)
                cinder_volume_delete(s->world->cloud, jstr(pv, "spec.csi.volumeHandle"));
            else if (strcmp(jstr(pv, "spec.csi.driver"), SHARE_DRIVER) == 0)
                manila_share_delete(s->world->cloud, jstr(pv, "spec.csi.volumeHandle"));
            store_delete(s, pvs, "", name);
        } else if (gone) {
            json_decref(att);
        }
        json_decref(pv);
    }
}

void cause_look_volumes(struct sim *s)
{
    struct res *r = res_of(s, STORAGE, "volumeattachments");
    for (size_t i = r ? r->n : 0; i-- > 0;) {
        json_t *att = obj_doc(r->items[i]);
        look_at(s, att);
        json_decref(att);
    }
    look_at_claims(s);
}
