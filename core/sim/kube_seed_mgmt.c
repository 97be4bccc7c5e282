/* The management cluster: OpenStack's own services as pods, labelled as OpenStack-Helm labels them; its nodes are the hypervisors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_seed.h"
#include "core/sim/world_cause.h"

#define OS "2024.1-ubuntu_jammy"

static const struct work works[] = {
    {"openstack", "keystone-api", 'D', 2, "keystone", "api", "keystone:" OS, .inits = 1, .port = 5000, .on = 'c', .budget = '1'},
    {"openstack", "glance-api", 'D', 2, "glance", "api", "glance:" OS, .inits = 1, .port = 9292, .on = 'c', .budget = '1'},
    {"openstack", "nova-api-osapi", 'D', 2, "nova", "os-api", "nova:" OS, .inits = 1, .port = 8774, .svc = "nova-api", .on = 'c', .budget = '1'},
    {"openstack", "nova-api-metadata", 'D', 1, "nova", "metadata", "nova:" OS, .inits = 1, .port = 8775, .svc = "nova-metadata", .on = 'c'},
    {"openstack", "nova-conductor", 'S', 2, "nova", "conductor", "nova:" OS, .inits = 1, .on = 'c'},
    {"openstack", "nova-scheduler", 'S', 1, "nova", "scheduler", "nova:" OS, .inits = 1, .on = 'c'},
    {"openstack", "nova-novncproxy", 'D', 1, "nova", "novnc-proxy", "nova:" OS, .inits = 1, .port = 6080, .on = 'c'},
    {"openstack", "nova-compute-default", 'A', 0, "nova", "compute", "nova:" OS, .inits = 1, .on = 'h', .host = true},
    {"openstack", "libvirt-libvirt-default", 'A', 0, "libvirt", "libvirt", "libvirt:" OS, .on = 'h', .host = true},
    {"openstack", "placement-api", 'D', 1, "placement", "api", "placement:" OS, .inits = 1, .port = 8778, .on = 'c'},
    {"openstack", "neutron-server", 'D', 2, "neutron", "server", "neutron:" OS, .inits = 1, .port = 9696, .on = 'c', .budget = '1'},
    {"openstack", "neutron-ovs-agent-default", 'A', 0, "neutron", "neutron-ovs-agent", "neutron:" OS, .inits = 2, .on = 'h', .host = true},
    {"openstack", "neutron-l3-agent-default", 'A', 0, "neutron", "l3-agent", "neutron:" OS, .inits = 1, .on = 'c', .host = true},
    {"openstack", "neutron-dhcp-agent-default", 'A', 0, "neutron", "dhcp-agent", "neutron:" OS, .inits = 1, .on = 'c', .host = true},
    {"openstack", "cinder-api", 'D', 2, "cinder", "api", "cinder:" OS, .inits = 1, .port = 8776, .on = 'c', .budget = '1'},
    {"openstack", "cinder-scheduler", 'D', 1, "cinder", "scheduler", "cinder:" OS, .inits = 1, .on = 'c'},
    {"openstack", "cinder-volume", 'D', 1, "cinder", "volume", "cinder:" OS, .inits = 1, .on = 'c'},
    {"openstack", "heat-api", 'D', 2, "heat", "api", "heat:" OS, .inits = 1, .port = 8004, .on = 'c'},
    {"openstack", "heat-engine", 'S', 1, "heat", "engine", "heat:" OS, .inits = 1, .on = 'c'},
    {"openstack", "magnum-api", 'D', 1, "magnum", "api", "magnum:" OS, .inits = 1, .port = 9511, .on = 'c'},
    {"openstack", "magnum-conductor", 'S', 1, "magnum", "conductor", "magnum:" OS, .inits = 1, .on = 'c'},
    {"openstack", "ironic-api", 'D', 1, "ironic", "api", "ironic:" OS, .inits = 1, .port = 6385, .on = 'c'},
    {"openstack", "ironic-conductor", 'S', 1, "ironic", "conductor", "ironic:" OS, .inits = 1, .on = 'c'},
    {"openstack", "octavia-api", 'D', 2, "octavia", "api", "octavia:" OS, .inits = 1, .port = 9876, .on = 'c'},
    {"openstack", "mariadb-server", 'S', 3, "mariadb", "server", "mariadb:10.6.14", .inits = 1, .port = 3306, .svc = "mariadb", .on = 'c', .budget = 'm'},
    {"openstack", "rabbitmq-rabbitmq", 'S', 3, "rabbitmq", "server", "rabbitmq:3.13", .inits = 1, .port = 5672, .svc = "rabbitmq", .on = 'c', .budget = 'm'},
    {"openstack", "memcached-memcached", 'S', 1, "memcached", "server", "memcached:1.6", .containers = "memcached,exporter", .port = 11211, .on = 'c'},
    {"openstack", "horizon", 'D', 1, "horizon", "server", "horizon:" OS, .inits = 1, .port = 80, .svc = "horizon-int", .on = 'c'},
    {"openstack", "designate-worker", 'D', 1, "designate", "worker", "designate:" OS, "crash", .on = 'c'},
    {"openstack", "octavia-worker", 'D', 1, "octavia", "worker", "octavia:no-such-tag", "pull", .on = 'c'},
    {"openstack", "barbican-api", 'D', 1, "barbican", "api", "barbican:" OS, "unschedulable", .inits = 1, .port = 9311, .on = 'c'},
    {"openstack", "aodh-api", 'D', 1, "aodh", "api", "aodh:" OS, "init", .inits = 2, .port = 8042, .on = 'c'},
    {"openstack", "cloudkitty-api", 'D', 1, "cloudkitty", "api", "cloudkitty:" OS, "creating", .port = 8889, .on = 'c'},
    {"openstack", "cinder-db-sync", 'J', 1, "cinder", "db-sync", "cinder:" OS, "completed", .on = 'c'},
    {"openstack", "heat-engine-cleaner", 'C', 0, "heat", "engine-cleaner", "heat:" OS, .inits = 0},
    {"openstack", "bare-debug-pod", 'B', 1, "debug", "shell", "debug:1", .inits = 0},
    {"kube-system", "coredns", 'D', 2, "coredns", "dns", "coredns:1.12", .port = 53, .svc = "kube-dns", .on = 'c'},
    {"kube-system", "kube-proxy", 'A', 0, "kube-proxy", "proxy", "kube-proxy:1.36", .host = true},
    {"ceph", "rook-ceph-mon", 'S', 3, "ceph", "mon", "ceph:18.2", .port = 6789, .on = 'c', .budget = 'm'},
    {"ceph", "rook-ceph-osd", 'S', 3, "ceph", "osd", "ceph:18.2", .inits = 1, .on = 'h'},
    {"monitoring", "prometheus", 'S', 1, "prometheus", "server", "prometheus:3.1", .containers = "prometheus,config-reloader", .inits = 1, .port = 9090},
    {"monitoring", "grafana", 'D', 1, "grafana", "server", "grafana:11.4", .port = 3000},
    {"lab", "web", 'D', 4, "web", "web", "web:1", .port = 8080},
    {"lab", "log-lab", 'D', 1, "log-lab", "logs", "log-lab:1", .containers = "api,odd"},
    {"lab", "\346\227\245\346\234\254\350\252\236", 'B', 1, "unicode", "\345\206\231", "web:1", .inits = 0},
    {"openstack", "manila-api", 'D', 1, "manila", "api", "manila:" OS, .inits = 1, .port = 8786, .on = 'c'},
    {"openstack", "manila-scheduler", 'D', 1, "manila", "scheduler", "manila:" OS, .inits = 1, .on = 'c'},
    {"openstack", "manila-share", 'D', 1, "manila", "share", "manila:" OS, .inits = 1, .on = 'c'},
};

static const struct machine machines[] = {
    {"controller-1", "10.0.0.11", 'c', 0, NULL, 64, 256},   {"controller-2", "10.0.0.12", 'c', 0, NULL, 64, 256},
    {"controller-3", "10.0.0.13", 'c', 0, NULL, 64, 256},   {"compute-1", "10.0.0.21", 'h', 0, NULL, 64, 256},
    {"compute-2", "10.0.0.22", 'h', 0, NULL, 64, 256},      {"compute-3", "10.0.0.23", 'h', 'd', NULL, 64, 256},
    {"compute-4", "10.0.0.24", 'h', 0, NULL, 64, 256},
};
static const char *const namespaces[] = {"default", "kube-node-lease", "kube-public", "kube-system", "openstack", "ceph", "monitoring", "lab", "capo-system", NULL};

static const struct cluster cluster_mgmt = {machines, sizeof(machines) / sizeof(machines[0]), works, sizeof(works) / sizeof(works[0]), namespaces};

/* Text that must never reach a terminal as it is: control characters are legal in reasons, messages and names of images. */
static void seed_hostile(struct sim *s)
{
    struct obj *o = store_get(seed_res(s, "", "pods"), "openstack", "bare-debug-pod");
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

/* The way from an endpoint of the catalog to the pods: an Ingress for each API, all at the one address. */
static void seed_ingresses(struct sim *s)
{
    const char *path, *service;
    for (size_t i = 0; cause_api(i, &path, &service); i++) {
        struct obj *svc = store_get(seed_res(s, "", "services"), "openstack", service);
        char *at = sim_printf("/%s", path), stamped[32];
        if (svc)
            seed_put(s, "networking.k8s.io", "ingresses",
                     jt("{'kind':'Ingress','apiVersion':'networking.k8s.io/v1','metadata':{'name':%s,'namespace':'openstack','generation':1,'creationTimestamp':%s},"
                        "'spec':{'ingressClassName':'nginx','rules':[{'http':{'paths':[{'path':%s,'pathType':'Prefix','backend':{'service':{'name':%s,'port':"
                        "{'number':%i}}}}]}}]},'status':{'loadBalancer':{'ingress':[{'ip':'127.0.0.1','ports':[{'port':%i,'protocol':'TCP'}]}]}}}", service,
                        stamp(seed_ago(s, 86400000LL * 30), stamped), at, service, (int)jint(obj_doc(svc), "spec.ports.0.port"), s->world->cloud->port));
        free(at);
    }
}

static void seed_rest(struct sim *s)
{
    static const char *const names[] = {"region-one", "region-two", "edge"}, *const states[] = {"APPLIED", "APPLYING", "FAILED"};
    char at[32];
    for (int i = 0; i < 3; i++)
        seed_put(s, "lcm.hybrid.lab", "openstackdeployments",
                 jt("{'kind':'OpenStackDeployment','apiVersion':'lcm.hybrid.lab/v1alpha1','metadata':{'name':%s,'namespace':'openstack','generation':1,"
                    "'creationTimestamp':%s},'spec':{'release':'caracal','preset':'compute'},'status':{'state':%s,'progress':%i}}", names[i],
                    stamp(seed_ago(s, 86400000LL * (i + 1)), at), states[i], 100 - i * 40));
    seed_put(s, "", "configmaps", jt("{'kind':'ConfigMap','apiVersion':'v1','metadata':{'name':'nova-etc','namespace':'openstack',"
                                     "'creationTimestamp':%s},'data':{'nova.conf':'[DEFAULT]\\nhost = demo\\n'}}", stamp(seed_ago(s, 86400000), at)));
    seed_put(s, "", "secrets", jt("{'kind':'Secret','apiVersion':'v1','metadata':{'name':'nova-db','namespace':'openstack',"
                                  "'creationTimestamp':%s},'type':'Opaque','data':{'password':'c2VjcmV0'}}", stamp(seed_ago(s, 86400000), at)));
}

void seed_mgmt(struct sim *s)
{
    static const struct { const char *name, *version; int revision; } charts[] = {
        {"keystone", "2024.2.1", 4}, {"glance", "2024.2.0", 3}, {"nova", "2024.2.3", 7}, {"placement", "2024.2.0", 2}, {"neutron", "2024.2.2", 5},
        {"cinder", "2024.2.1", 4}, {"heat", "2024.2.0", 2}, {"magnum", "2024.2.0", 2}, {"ironic", "2024.2.0", 1}, {"octavia", "2024.2.1", 3},
        {"mariadb", "2024.1.5", 2}, {"rabbitmq", "2024.1.3", 2}, {"manila", "2024.2.0", 1},
    };
    struct cluster c = cluster_mgmt;
    seed_rooms(s->world->pods, &c);
    seed_cluster(s, &c);
    seed_hostile(s);
    seed_rest(s);
    seed_ingresses(s);
    for (size_t i = 0; i < sizeof(charts) / sizeof(charts[0]); i++)
        seed_helm(s, "openstack", charts[i].name, charts[i].name, charts[i].version, charts[i].revision);
    seed_capi(s);
    seed_many(s, &c, s->world->pods);
    seed_rooms_done(&c);
}
