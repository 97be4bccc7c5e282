/* Services of type LoadBalancer of the tenants: their cloud controller manager asks Octavia, and cleans up when they go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/nova.h"
#include "core/sim/ostk_lb.h"
#include "core/sim/plan.h"
#include "core/sim/world_cause.h"

#define NOTE_ID "loadbalancer.openstack.org/load-balancer-id"
#define NOTE_ADDRESS "loadbalancer.openstack.org/load-balancer-address"
#define CLEANUP "service.kubernetes.io/load-balancer-cleanup"

enum { LOOK_MS = 3000, CREATE_MS = 40000 };

static const struct plan_server *first_of(const struct sim *tenant)
{
    for (size_t i = 0; i < plan_nservers; i++)
        if (plan_servers[i].cluster && strcmp(plan_servers[i].cluster, tenant->name) == 0)
            return &plan_servers[i];
    return NULL;
}

static struct obj *floating_ip(struct sim *cloud, const char *address)
{
    struct res *t = ostk_table(cloud, "neutron", "floatingips");
    char want[48];
    snprintf(want, sizeof(want), "\"floating_ip_address\":\"%s\"", address);
    for (size_t i = 0; i < t->n; i++)
        if (strstr(t->items[i]->text, want))
            return t->items[i];
    return NULL;
}

static bool say(struct sim *s, const json_t *svc, const char *type, const char *reason, const char *text)
{
    ctl_event(s, svc, type, reason, "service-controller", NULL, "%s", text);
    return true;
}

/* ---- making ---- */
/* The load balancer with its address inside; what hangs on it comes when it is ACTIVE. */
static void create(struct sim *s, json_t *svc)
{
    struct sim *cloud = s->world->cloud;
    const struct plan_server *v = first_of(s);
    char id[37], net[37], ip[16], mac[18];
    const char *project = keystone_project_id(cloud, v->project);
    uuid4(cloud, id);
    snprintf(net, sizeof(net), "%s", neutron_network_find(cloud, v->net));
    char *device = sim_printf("lb-%s", id), *name = sim_printf("kube_service_%s_%s_%s", s->name, jstr(svc, "metadata.namespace"), jstr(svc, "metadata.name"));
    const char *made = neutron_port_create(cloud, &(struct neutron_port){.network = net, .project = project, .server = device, .owner = "Octavia"});
    char *port = sim_strdup(made ? made : "");
    if (neutron_port_get(cloud, port, ip, mac)) {
        octavia_lb(cloud, id, name, project, ip, "", net, port);
        lb_touch(cloud, "loadbalancers", id, jt("{'provisioning_status':'PENDING_CREATE','operating_status':'OFFLINE'}"));
        ostk_later(cloud, CREATE_MS, lb_table(cloud, "loadbalancers"), id, "provisioning_status", "PENDING_CREATE",
                   jt("{'provisioning_status':'ACTIVE','operating_status':'ONLINE'}"), NULL);
        ctl_set_note(svc, NOTE_ID, id);
        jset(svc, "metadata.finalizers", jt("[%s]", CLEANUP));
        ctl_put(s, K_SERVICE, json_incref(svc));
    }
    free(device);
    free(name);
    free(port);
}

/* Octavia boots a small server for it. */
const char *octavia_boot(struct sim *cloud, const char *lb, const char *role)
{
    char vm[37], id[37], net[37], port[37], ip[16] = "", mac[18] = "";
    const char *project = keystone_project_id(cloud, "service"), *host = (sim_rand(cloud) & 1) ? "compute-1" : "compute-4", *found = neutron_network_find(cloud, "lb-mgmt-net");
    if (!found || !cloud->nova || !nova_compute(cloud, host))
        return octavia_amphora(cloud, lb, role, NULL, NULL);
    uuid4(cloud, vm);
    uuid4(cloud, id);
    uuid4(cloud, port);
    snprintf(net, sizeof(net), "%s", found);
    neutron_port_create(cloud, &(struct neutron_port){.id = port, .network = net, .project = project, .server = vm, .host = host});
    neutron_port_get(cloud, port, ip, mac);
    struct nova_nic nic = {"lb-mgmt-net", net, port, ip, mac, NULL};
    char *name = sim_printf("amphora-%s", id);
    nova_seed_server(cloud, &(struct nova_boot){.id = vm, .name = name, .project = project, .user = keystone_user_id(cloud, "octavia"), .flavor = "m1.tiny",
                                                .host = host, .born_at = sim_now(cloud), .nics = &nic, .nnics = 1});
    free(name);
    return octavia_amphora(cloud, lb, role, vm, ip);
}

static void listen_on(struct sim *s, const char *lb, const json_t *port, int nth)
{
    struct sim *cloud = s->world->cloud;
    char name[32], id[37];
    snprintf(name, sizeof(name), "listener_%d", nth);
    const char *listener = octavia_listener(cloud, lb, name, "TCP", (int)jint(port, "port"));
    snprintf(name, sizeof(name), "pool_%d", nth);
    char *pool = sim_strdup(octavia_pool(cloud, listener, name, "TCP", true));
    for (size_t i = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        struct nova_view now;
        plan_id(s->world, "server", v->name, id);
        if (v->cluster && strcmp(v->cluster, s->name) == 0 && strcmp(v->role, "worker") == 0 && nova_server(cloud, id, &now))
            octavia_member(cloud, pool, v->name, v->ip, (int)jint(port, "nodePort"), now.running);
    }
    free(pool);
}

static void finish(struct sim *s, json_t *svc, const char *lb)
{
    struct sim *cloud = s->world->cloud;
    json_t *d = lb_get(cloud, "loadbalancers", lb), *ports = jat(svc, "spec.ports");
    const char *public = neutron_network_find(cloud, "public");
    char ip[16], external[37];
    int n = 60;
    do {
        snprintf(ip, sizeof(ip), "203.0.113.%d", n);
    } while (floating_ip(cloud, ip) && ++n < 250);
    snprintf(external, sizeof(external), "%s", public ? public : "");
    for (size_t i = 0; i < json_array_size(ports); i++)
        listen_on(s, lb, json_array_get(ports, i), (int)i);
    octavia_boot(cloud, lb, "STANDALONE");
    neutron_seed_fip(cloud, jstr(d, "project_id"), external, ip, jstr(d, "vip_port_id"));
    ctl_set_note(svc, NOTE_ADDRESS, ip);
    jset(svc, "status", jt("{'loadBalancer':{'ingress':[{'ip':%s,'ipMode':'VIP'}]}}", ip));
    ctl_put(s, K_SERVICE, json_incref(svc));
    say(s, svc, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
    json_decref(d);
}

/* ---- its end ---- */
static void unmake(struct sim *s, json_t *svc, const char *lb)
{
    struct sim *cloud = s->world->cloud;
    json_t *d = *lb ? lb_get(cloud, "loadbalancers", lb) : NULL, *all = d ? lb_ids(cloud, "amphorae", "loadbalancer_id", lb) : NULL;
    struct obj *fip = floating_ip(cloud, jstr(svc, "status.loadBalancer.ingress.0.ip"));
    if (d && strcmp(jstr(d, "provisioning_status"), "ACTIVE") == 0) {
        say(s, svc, "Normal", "DeletingLoadBalancer", "Deleting load balancer");
        if (fip)
            ostk_drop(cloud, fip->res, fip->name);
        for (size_t i = 0; i < json_array_size(all); i++) {
            json_t *a = lb_get(cloud, "amphorae", jstr(json_array_get(all, i), "id"));
            nova_server_delete(cloud, jstr(a, "compute_id"));
            json_decref(a);
        }
        octavia_lb_delete(cloud, lb);
    } else if (!d) {
        say(s, svc, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
        json_object_del(jat(svc, "metadata"), "finalizers");
        ctl_put(s, K_SERVICE, json_incref(svc));
    }
    json_decref(all);
    json_decref(d);
}

/* ---- all of them ---- */
static void look_at(struct sim *s, json_t *svc)
{
    const char *lb = ctl_note_str(svc, NOTE_ID);
    bool wanted = strcmp(jstr(svc, "spec.type"), "LoadBalancer") == 0 && !ctl_deleting(svc), cleanup = json_array_size(jat(svc, "metadata.finalizers")) > 0;
    if (wanted ? jat(svc, "status.loadBalancer.ingress") != NULL : !cleanup)
        return;
    if (cause_api_down(s->world, "identity") || cause_api_down(s->world, "load-balancer") || cause_api_down(s->world, "network")) {
        say(s, svc, "Warning", "SyncLoadBalancerFailed", wanted ? "Error syncing load balancer: failed to ensure load balancer: error getting loadbalancer: 503 Service Unavailable"
                                                               : "Error syncing load balancer: failed to delete load balancer: 503 Service Unavailable");
        return;
    }
    json_t *d = *lb ? lb_get(s->world->cloud, "loadbalancers", lb) : NULL;
    if (!wanted)
        unmake(s, svc, lb);
    else if (!d && say(s, svc, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer"))
        create(s, svc);
    else if (strcmp(jstr(d, "provisioning_status"), "ACTIVE") == 0)
        finish(s, svc, lb);
    json_decref(d);
}

void cause_look_balancers(struct sim *s, void *arg)
{
    struct res *services = ctl_res(s, K_SERVICE);
    for (size_t i = services ? services->n : 0; i-- > 0;) {
        struct obj *o = services->items[i];
        if (!strstr(o->text, "\"LoadBalancer\"") && !strstr(o->text, CLEANUP))
            continue;
        json_t *svc = obj_doc(o);
        look_at(s, svc);
        json_decref(svc);
    }
    sim_after(s, ctl_ms(s, LOOK_MS), cause_look_balancers, arg);
}
