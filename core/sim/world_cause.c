/* Cause and effect, upwards: pods of mgmt -> services of the cloud -> its servers -> nodes of the tenants. */
#include "core/sim/world_cause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"
#include "core/sim/plan.h"

enum { LOOK_MS = 250, LOST_NODE_MS = 60000, SILENT_MS = 60000 };

struct cause {
    bool rpc, known_rpc;                                       /* the message queue has its quorum */
    struct seen { char *pod; bool up; } *seen;                 /* what was told of a pod */
    size_t nseen, cap;
    char **resume;                                             /* servers that were on when their machine died */
    size_t nresume, cap_resume;
};

/* ---- the pods of a component ---- */
static bool alive(struct sim *mgmt, const struct ctl_item *it)
{
    struct ctl_node *n = *it->o->node ? map_get(&ctl_of(mgmt)->nodes, it->o->node) : NULL;
    return it->ready && !it->terminating && n && !n->down;
}

static const char *label(const struct obj *o, const char *key)
{
    const char *v = o->labels ? json_string_value(json_object_get(o->labels, key)) : NULL;
    return v ? v : "";
}

static void each_pod(struct sim *mgmt, const char *app, const char *component, void (*fn)(struct sim *m, const struct ctl_item *it, bool up, void *arg),
                     void *arg)
{
    struct res *pods = ctl_res(mgmt, K_POD);
    for (size_t i = store_from(pods, "openstack", "", false); i < pods->n && strcmp(pods->items[i]->ns, "openstack") == 0; i++) {
        struct obj *o = pods->items[i];
        if (strcmp(label(o, "application"), app) != 0 || strcmp(label(o, "component"), component) != 0)
            continue;
        struct ctl_item *it = ctl_item(mgmt, o->uid);
        if (it)
            fn(mgmt, it, alive(mgmt, it), arg);
    }
}

static void count_up(struct sim *m, const struct ctl_item *it, bool up, void *arg)
{
    (void)m;
    (void)it;
    *(int *)arg += up;
}

static int up_pods(struct world *w, const char *app, const char *component)
{
    int n = 0;
    each_pod(w->mgmt, app, component, count_up, &n);
    return n;
}

/* ---- APIs ---- */
static const struct api { const char *path, *service, *shape, *words; } apis[] = {
    {"identity", "keystone-api", "keystone", "An unexpected error prevented the server from fulfilling your request."},
    {"compute", "nova-api", "computeFault", "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if "
     "possible.\n<class 'oslo_db.exception.DBConnectionError'>"},
    {"network", "neutron-server", "neutron:HTTPInternalServerError", "Request Failed: internal server error while processing your request."},
    {"volume", "cinder-api", "computeFault", "The server has either erred or is incapable of performing the requested operation."},
    {"image", "glance-api", "html", "The server has either erred or is incapable of performing the requested operation."},
    {"placement", "placement-api", "html", "The server has either erred or is incapable of performing the requested operation."},
    {"orchestration", "heat-api", "computeFault", "The server has either erred or is incapable of performing the requested operation."},
    {"load-balancer", "octavia-api", "computeFault", "Internal error"},
    {"container-infra", "magnum-api", "computeFault", "Internal error"},
    {"baremetal", "ironic-api", "computeFault", "Internal error"},
    {"share", "manila-api", "computeFault", "The server has either erred or is incapable of performing the requested operation."},
};

/* As the ingress controller in front of the services says it. */
static void unavailable(struct req *r, int code, const char *title)
{
    char *page = sim_printf("<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n<hr><center>nginx</center>\r\n"
                            "</body>\r\n</html>\r\n", code, title, code, title);
    str_clear(&r->head);                                       /* no service has seen the request */
    reply_text(r, code, "text/html", page, strlen(page));
    free(page);
}

static const struct api *api_at(const char *path)
{
    for (size_t i = 0; i < sizeof(apis) / sizeof(apis[0]); i++)
        if (strcmp(apis[i].path, path) == 0)
            return &apis[i];
    return NULL;
}

/* What the ingress says: 0 = it has a pod that answers, 503 = its Service has none that is ready, 504 = those are on machines that are dead. */
static int ingress(struct world *w, const struct api *a)
{
    struct ctl_selector *svc = ctl_selector(w->mgmt, K_SERVICE, "openstack", a->service);
    size_t ready = 0, answer = 0;
    for (size_t k = 0; svc && k < svc->n; k++) {
        ready += svc->v[k]->ready && !svc->v[k]->terminating;
        answer += alive(w->mgmt, svc->v[k]);
    }
    return !ready ? 503 : !answer ? 504 : 0;
}

static bool database(struct world *w)
{
    return up_pods(w, "mariadb", "server") >= 2;
}

bool cause_words(const char *path, const char **shape, const char **words)
{
    const struct api *a = api_at(path);
    *shape = a ? a->shape : "computeFault";
    *words = a ? a->words : "Internal error";
    return a != NULL;
}

bool cause_api(size_t i, const char **path, const char **service)
{
    if (i >= sizeof(apis) / sizeof(apis[0]))
        return false;
    *path = apis[i].path;
    *service = apis[i].service;
    return true;
}

bool cause_api_down(struct world *w, const char *path)
{
    const struct api *a = api_at(path);
    return a && (ingress(w, a) || !database(w));
}

bool cause_gate(struct req *r)
{
    struct world *w = r->sim->world;
    const struct api *a = r->nseg ? api_at(r->seg[0]) : NULL;
    int code = a ? ingress(w, a) : 0;
    if (code)
        unavailable(r, code, code == 503 ? "Service Temporarily Unavailable" : "Gateway Time-out");
    else if (a && r->nseg > 2 && !database(w))
        ostk_error(r, 500, a->shape, "%s", a->words);
    else
        return false;
    return true;
}

/* ---- rows of services ---- */
struct row {
    const char *app, *component, *binary;
    char host;                                                 /* n the node's name, p the pod's */
    char of;                                                   /* n nova, a agent of neutron's, c cinder, h heat, i ironic, m manila */
    const char *fixed;                                         /* the host that its configuration says */
};
static const struct row rows[] = {
    {"nova", "compute", "nova-compute", 'n', 'n', NULL}, {"nova", "conductor", "nova-conductor", 'p', 'n', NULL}, {"nova", "scheduler", "nova-scheduler", 'p', 'n', NULL},
    {"neutron", "neutron-ovs-agent", "neutron-openvswitch-agent", 'n', 'a', NULL}, {"neutron", "l3-agent", "neutron-l3-agent", 'n', 'a', NULL},
    {"neutron", "dhcp-agent", "neutron-dhcp-agent", 'n', 'a', NULL}, {"cinder", "scheduler", "cinder-scheduler", 'p', 'c', "controller-1"},
    {"cinder", "volume", "cinder-volume", 'p', 'c', "controller-1@ssd"}, {"heat", "engine", "heat-engine", 'p', 'h', NULL},
    {"ironic", "conductor", "ironic-conductor", 'p', 'i', NULL}, {"manila", "scheduler", "manila-scheduler", 'p', 'm', "controller-1"},
    {"manila", "share", "manila-share", 'p', 'm', "manila-share@cephfs"},
};

/* True when what was last told of this pod's place is something else. The first look tells only what is down. */
static bool news(struct cause *c, const char *key, bool up)
{
    for (size_t i = 0; i < c->nseen; i++) {
        if (strcmp(c->seen[i].pod, key) != 0)
            continue;
        bool changed = c->seen[i].up != up;
        c->seen[i].up = up;
        return changed;
    }
    c->seen = sim_grow(c->seen, &c->cap, c->nseen + 1, sizeof(*c->seen));
    c->seen[c->nseen++] = (struct seen){sim_strdup(key), up};
    return !up;
}

struct place { const struct row *row; struct { char host[128]; bool up; } v[64]; size_t n; };

/* A place is served when any pod there is up: the one that ends and the one that replaces it are both listed. */
static void note_place(struct sim *m, const struct ctl_item *it, bool up, void *arg)
{
    struct place *p = arg;
    const char *host = p->row->fixed ? p->row->fixed : p->row->host == 'n' ? it->o->node : it->o->name;
    (void)m;
    if (!*host)
        return;
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->v[i].host, host) == 0) {
            p->v[i].up |= up;
            return;
        }
    }
    if (p->n < sizeof(p->v) / sizeof(p->v[0])) {
        snprintf(p->v[p->n].host, sizeof(p->v[0].host), "%s", host);
        p->v[p->n++].up = up;
    }
}

/* Ironic believes in a conductor until it was silent for a minute. */
static void conductor_lost(struct sim *cloud, void *arg)
{
    struct world *w = cloud->world;
    if (!w->cause->rpc || !up_pods(w, "ironic", "conductor"))
        ironic_conductor(cloud, arg, false);
    free(arg);
}

static void tell_row(struct world *w, const struct row *row, const char *host, bool up)
{
    struct sim *s = w->cloud;
    switch (row->of) {
    case 'a': up ? neutron_agent_start(s, row->binary, host) : neutron_agent_stop(s, row->binary, host, 0); break;
    case 'c': up ? cinder_service_start(s, row->binary, host) : cinder_service_stop(s, row->binary, host); break;
    case 'h': heat_engine(s, host, up); break;
    case 'm': up ? manila_service_start(s, row->binary) : manila_service_stop(s, row->binary); break;
    case 'i': up ? ironic_conductor(s, host, true) : sim_after(s, ctl_ms(w->mgmt, SILENT_MS), conductor_lost, sim_strdup(host)); break;
    default: up ? nova_service_up(s, row->binary, host) : nova_service_dead(s, row->binary, host);
    }
}

static void look_at(struct world *w, const struct row *row, bool rpc)
{
    struct place p = {.row = row, .n = 0};
    char key[200];
    each_pod(w->mgmt, row->app, row->component, note_place, &p);
    for (size_t i = 0; i < p.n; i++) {
        bool up = p.v[i].up && (rpc || row->of == 'n');        /* without the queue no agent is heard; nova_rpc does it for nova */
        snprintf(key, sizeof(key), "%s/%s", row->binary, p.v[i].host);
        if (news(w->cause, key, up))
            tell_row(w, row, p.v[i].host, up);
    }
    size_t n = strlen(row->binary);
    for (size_t i = 0; i < w->cause->nseen; i++) {             /* where there was a pod and is none now */
        struct seen *was = &w->cause->seen[i];
        bool here = !was->up || strncmp(was->pod, row->binary, n) != 0 || was->pod[n] != '/';
        for (size_t k = 0; !here && k < p.n; k++)
            here = strcmp(p.v[k].host, was->pod + n + 1) == 0;
        if (here)
            continue;
        was->up = false;
        tell_row(w, row, was->pod + n + 1, false);
    }
}

/* ---- guests ---- */
static const struct plan_server *node_of(struct world *w, const char *id, struct sim **tenant)
{
    char mine[37];
    for (size_t i = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        plan_id(w, "server", v->name, mine);
        if (strcmp(mine, id) != 0)
            continue;
        *tenant = v->cluster ? world_find(w, v->cluster) : NULL;
        return v;
    }
    return NULL;
}

/* The cloud controller manager finds no server for a node that is silent, and removes the node. */
static void forget_node(struct sim *tenant, void *arg)
{
    char *name = arg;
    struct obj *o = ctl_get(tenant, K_NODE, "", name);
    if (o)
        ctl_delete(tenant, o, &(struct ctl_delete){-1, NULL});
    free(name);
}

static bool guest_runs(struct world *w, const struct plan_server *v)
{
    struct nova_view now;
    char id[37];
    plan_id(w, "server", v->name, id);
    return nova_server(w->cloud, id, &now) && now.running;
}

/* What Magnum's health check finds: the API of the cluster, then its nodes. */
static void check_health(struct world *w, const char *cluster)
{
    json_t *reason = json_object();
    bool well = true, api = true;
    char id[37];
    plan_id(w, "cluster", cluster, id);
    for (size_t i = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        char key[96];
        if (!v->cluster || strcmp(v->cluster, cluster) != 0)
            continue;
        bool up = guest_runs(w, v);
        snprintf(key, sizeof(key), "%s.Ready", v->name);
        json_object_set_new(reason, key, json_string(up ? "True" : "False"));
        api = api && (up || strcmp(v->role, "master") != 0);
        well = well && up;
    }
    if (!api)
        json_object_clear(reason);
    json_object_set_new(reason, "api", json_string(api ? "ok" : "Connection refused"));
    magnum_health(w->cloud, id, well ? "HEALTHY" : "UNHEALTHY", reason);
}

static void on_server(struct sim *cloud, const char *id, enum nova_news what, void *arg)
{
    struct world *w = arg;
    struct sim *tenant = NULL;
    const struct plan_server *v = node_of(w, id, &tenant);
    (void)cloud;
    if (!v || what == NOVA_MOVED)
        return;
    if (v->fip && !v->cluster)
        vm_set(w, what == NOVA_STARTED);
    if (!tenant)
        return;
    octavia_member_health(w->cloud, v->ip, what == NOVA_STARTED);
    if (strcmp(v->role, "master") == 0)                        /* the only one of its cluster: its API is there */
        sim_online(tenant, what == NOVA_STARTED);
    check_health(w, v->cluster);
    if (what == NOVA_STARTED)
        ctl_node_up(tenant, v->name, true);
    else
        ctl_node_down(tenant, v->name);
    if (what == NOVA_DELETED)
        sim_after(tenant, ctl_ms(tenant, LOST_NODE_MS), forget_node, sim_strdup(v->name));
}

/* ---- machines ---- */
static void remember_guest(struct sim *cloud, const struct nova_view *v, void *arg)
{
    struct cause *c = cloud->world->cause;
    if (!v->running || !v->host || strcmp(v->host, arg) != 0)
        return;
    c->resume = sim_grow(c->resume, &c->cap_resume, c->nresume + 1, sizeof(*c->resume));
    c->resume[c->nresume++] = sim_strdup(v->id);
}

bool cause_host_down(struct world *w, const char *host)
{
    if (!ctl_get(w->mgmt, K_NODE, "", host))
        return false;
    nova_servers(w->cloud, remember_guest, (void *)(uintptr_t)host);
    ctl_node_down(w->mgmt, host);
    nova_host_down(w->cloud, host);
    neutron_host_down(w->cloud, host);
    return true;
}

/* nova-compute starts the guests again that ran when the machine went (resume_guests_state_on_host_boot). */
static void resume_guests(struct sim *cloud, void *arg)
{
    struct cause *c = cloud->world->cause;
    char *host = arg;
    size_t left = 0;
    for (size_t i = 0; i < c->nresume; i++) {
        struct nova_view v;
        if (nova_server(cloud, c->resume[i], &v) && v.host && strcmp(v.host, host) != 0) {
            c->resume[left++] = c->resume[i];
            continue;
        }
        nova_server_power(cloud, c->resume[i], true);
        free(c->resume[i]);
    }
    c->nresume = left;
    free(host);
}

bool cause_host_up(struct world *w, const char *host)
{
    if (!ctl_get(w->mgmt, K_NODE, "", host))
        return false;
    ctl_node_up(w->mgmt, host, true);
    nova_host_up(w->cloud, host);
    neutron_host_up(w->cloud, host);
    sim_after(w->cloud, ctl_ms(w->mgmt, 15000), resume_guests, sim_strdup(host));
    return true;
}

bool cause_server(struct world *w, const char *name, bool on)
{
    char id[37];
    plan_id(w, "server", name, id);
    return nova_server_power(w->cloud, id, on);
}

/* ---- what is looked at all the time ---- */
static void look(struct sim *mgmt, void *arg)
{
    struct world *w = mgmt->world;
    struct cause *c = w->cause;
    bool rpc = up_pods(w, "rabbitmq", "server") >= 2;
    (void)arg;
    if (rpc != c->rpc)
        nova_rpc(w->cloud, rpc);
    c->rpc = rpc;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        look_at(w, &rows[i], rpc);
    for (size_t i = 0; i < TENANTS; i++)
        cause_look_volumes(w->tenant[i]);
    sim_after(mgmt, LOOK_MS, look, NULL);
}

void cause_start(struct world *w)
{
    w->cause = sim_alloc(sizeof(*w->cause));
    w->cause->rpc = true;
    nova_on_server(w->cloud, on_server, w);
    for (size_t i = 0; i < TENANTS; i++)
        sim_after(w->tenant[i], LOOK_MS, cause_look_balancers, NULL);
    sim_after(w->mgmt, LOOK_MS, look, NULL);
}
