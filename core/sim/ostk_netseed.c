/* Neutron for Nova and for the story: ports of servers, and networks, routers, groups, floating IPs as they are found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_net.h"

#define DAY_MS 86400000LL

static json_t *get(struct sim *s, const char *plural, const char *id)
{
    struct obj *o = store_get(net_table(s, plural), "", id);
    return o ? obj_doc(o) : NULL;
}

/* ---- ports of servers ---- */
const char *neutron_port_create(struct sim *s, const struct neutron_port *p)
{
    char ip[16] = "";
    struct obj *network = store_get(net_table(s, "networks"), "", p->network);
    struct obj *subnet = network ? store_get(net_table(s, "subnets"), "", jstr(obj_read(network), "subnets.0")) : NULL;
    const json_t *sub = subnet ? obj_read(subnet) : NULL;
    bool ok = sub && (p->ip || net_free_ip(s, sub, ip));
    const char *id = NULL;
    if (ok) {
        json_t *d = jt("{'network_id':%s,'project_id':%s,'device_owner':%s,'device_id':%s,'name':%s,'binding:host_id':%s,"
                       "'fixed_ips':[{'subnet_id':%s,'ip_address':%s}]}", p->network, p->project, p->owner ? p->owner : "compute:nova", p->server ? p->server : "",
                       p->name ? p->name : "", p->host ? p->host : "", jstr(sub, "id"), p->ip ? p->ip : ip);
        if (p->id)
            json_object_set_new(d, "id", json_string(p->id));
        if (p->mac)
            json_object_set_new(d, "mac_address", json_string(p->mac));
        if (p->group)
            json_object_set_new(d, "security_groups", jt("[%s]", p->group));
        id = net_put_port(s, d)->name;
    }
    return id;
}

/* Each DHCP agent of a network answers from a port of its own, first the lowest free address; one that is disabled or let go of the network
 * gives it back. A dead one does nothing. */
static void dhcp_port_of(struct sim *s, const json_t *agent, const json_t *net, const json_t *sub)
{
    struct res *t = net_table(s, "ports");
    const char *network = jstr(net, "id"), *host = jstr(agent, "host");
    bool serves = json_is_true(json_object_get(agent, "admin_state_up")) && json_is_true(json_object_get(sub, "enable_dhcp")) && net_agent_holds(json_object_get(agent, "_networks"), network);
    char ip[16], device[80], uuid[37];
    uint32_t at;
    for (size_t i = t->n; i-- > 0;) {
        const json_t *p = strstr(t->items[i]->text, "\"network:dhcp\"") && strstr(t->items[i]->text, network) ? obj_read(t->items[i]) : NULL;
        if (!p || strcmp(jstr(p, "binding:host_id"), host) != 0)
            continue;
        if (serves)
            return;
        ostk_drop(s, t, t->items[i]->name);
    }
    if (!serves || !net_parse_ip(jstr(sub, "allocation_pools.0.start"), &at))
        return;
    while (net_ip_taken(s, network, net_ip(at, ip)))
        at++;
    uuid4(s, uuid);
    snprintf(device, sizeof(device), "dhcp%s-%s", uuid, network);
    neutron_port_create(s, &(struct neutron_port){.network = network, .project = jstr(net, "project_id"), .server = device, .host = host,
                                                  .owner = "network:dhcp", .ip = ip});
}

void net_dhcp_ports(struct sim *s, const char *network)
{
    struct res *agents = net_table(s, "agents");
    json_t *net = get(s, "networks", network), *sub = get(s, "subnets", jstr(net, "subnets.0"));
    for (size_t i = 0; net && sub && i < agents->n; i++) {
        json_t *a = obj_doc(agents->items[i]);
        if (!jint(a, "_stopped") && !strcmp(jstr(a, "agent_type"), "DHCP agent"))
            dhcp_port_of(s, a, net, sub);
        json_decref(a);
    }
    json_decref(sub);
    json_decref(net);
}

bool neutron_port_get(struct sim *s, const char *id, char ip[16], char mac[18])
{
    json_t *d = get(s, "ports", id);
    snprintf(ip, 16, "%s", jstr(d, "fixed_ips.0.ip_address"));
    snprintf(mac, 18, "%s", jstr(d, "mac_address"));
    json_decref(d);
    return d != NULL;
}

bool neutron_subnet_at(struct sim *s, const char *project, const char *ip, char out[37])
{
    struct res *t = net_table(s, "ports");
    *out = 0;
    for (size_t i = 0; i < t->n && !*out; i++) {
        json_t *d = strstr(t->items[i]->text, ip) ? obj_doc(t->items[i]) : NULL, *fixed = json_object_get(d, "fixed_ips"), *f;
        size_t k;
        json_array_foreach(fixed, k, f)
            if (strcmp(jstr(f, "ip_address"), ip) == 0 && strcmp(jstr(d, "project_id"), project) == 0)
                snprintf(out, 37, "%s", jstr(f, "subnet_id"));
        json_decref(d);
    }
    return *out;
}

void neutron_port_delete(struct sim *s, const char *id)
{
    net_fip_of_port(s, id, NULL);
    ostk_drop(s, net_table(s, "ports"), id);
}

/* Each port of a server, from the last to the first: it may go while we look. */
static void each_port(struct sim *s, const char *server, void (*fn)(struct sim *s, json_t *port, const void *arg), const void *arg)
{
    struct res *t = net_table(s, "ports");
    for (size_t i = t->n; i-- > 0;) {
        if (i >= t->n || !strstr(t->items[i]->text, server))
            continue;
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "device_id"), server) == 0)
            fn(s, d, arg);
        json_decref(d);
    }
}

static void delete_one(struct sim *s, json_t *d, const void *arg)
{
    (void)arg;
    neutron_port_delete(s, jstr(d, "id"));
}

void neutron_ports_delete(struct sim *s, const char *server)
{
    each_port(s, server, delete_one, NULL);
}

struct bind { const char *host; bool up; };

static void bind_one(struct sim *s, json_t *d, const void *arg)
{
    const struct bind *b = arg;
    if (b->host) {
        json_object_set_new(d, "binding:host_id", json_string(b->host));
        json_object_set_new(d, "binding:vif_type", json_string("ovs"));
    }
    json_object_set_new(d, "status", json_string(b->up ? "ACTIVE" : "DOWN"));
    net_touch(s, d);
    store_put(s, net_table(s, "ports"), json_incref(d));
}

void neutron_ports_bind(struct sim *s, const char *server, const char *host, bool up)
{
    struct bind b = {host, up};
    each_port(s, server, bind_one, &b);
}

size_t neutron_ports_of(struct sim *s, const char *server, void (*fn)(struct sim *s, const json_t *port, void *arg), void *arg)
{
    struct res *t = net_table(s, "ports");
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, server) ? obj_doc(t->items[i]) : NULL;
        if (d && strcmp(jstr(d, "device_id"), server) == 0) {
            n++;
            if (fn)
                fn(s, d, arg);
        }
        json_decref(d);
    }
    return n;
}

const char *neutron_network_find(struct sim *s, const char *name)
{
    struct res *t = net_table(s, "networks");
    struct obj *o = store_get(t, "", name);
    for (size_t i = 0; i < t->n && !o; i++)
        if (strcmp(jstr(obj_read(t->items[i]), "name"), name) == 0)
            o = t->items[i];
    return o ? o->name : NULL;
}

/* ---- as it is found ---- */
const char *neutron_seed_network(struct sim *s, const struct neutron_net *n)
{
    char id[37], sub[37], at[32], first[16], last[16], gate[16], mask[8];
    uint32_t base = 0;
    int bits = 24;
    uuid4(s, id);
    uuid4(s, sub);
    stamp(n->born_at ? n->born_at : sim_now(s) - 30 * DAY_MS, at);
    net_cidr(n->cidr, &base, &bits);
    snprintf(mask, sizeof(mask), "%d", bits);
    const char *net = n->id ? n->id : id;
    char *sub_name = sim_printf("%s-v4", n->name);
    store_put(s, net_table(s, "subnets"),
              jt("{'id':%s,'name':%s,'tenant_id':%s,'network_id':%s,'ip_version':4,'subnetpool_id':null,'enable_dhcp':%b,'ipv6_ra_mode':null,'ipv6_address_mode':null,"
                 "'gateway_ip':%s,'cidr':%s,'allocation_pools':[{'start':%s,'end':%s}],'host_routes':[],'dns_nameservers':%j,'description':'','service_types':[],"
                 "'tags':[],'created_at':%s,'updated_at':%s,'revision_number':0,'project_id':%s}", sub, sub_name, n->project, net, !n->external,
                 net_ip(base + 1, gate), n->cidr, net_ip(base + 2, first), net_ip(base + (1u << (32 - bits)) - 2, last),
                 n->external ? json_array() : jt("['192.0.2.53']"), at, at, n->project));
    free(sub_name);
    if (!n->external)
        net_agent_host(s, "_networks", "DHCP agent", net);
    json_t *d = jt("{'id':%s,'name':%s,'tenant_id':%s,'admin_state_up':true,'mtu':%i,'status':'ACTIVE','subnets':[%s],'shared':%b,'availability_zone_hints':[],"
                        "'availability_zones':['nova'],'ipv4_address_scope':null,'ipv6_address_scope':null,'router:external':%b,'description':'',"
                        "'port_security_enabled':true,'qos_policy_id':null,'tags':[],'created_at':%s,'updated_at':%s,'revision_number':2,"
                        "'project_id':%s,'provider:network_type':%s,'provider:physical_network':%s,'provider:segmentation_id':%j}", net, n->name, n->project,
                        n->external ? 1500 : 1450, sub, n->shared, n->external, at, at, n->project, n->external ? "flat" : "vxlan",
                        n->external ? "physnet1" : NULL, n->external ? json_null() : json_integer((json_int_t)(100 + sim_rand(s) % 900)));
    if (n->external)
        json_object_set_new(d, "is_default", json_false());
    const char *made = store_put(s, net_table(s, "networks"), d)->name;
    if (!n->external)
        net_dhcp_ports(s, made);
    return made;
}

const char *neutron_seed_router(struct sim *s, const char *name, const char *project, const char *network, const char *external)
{
    char id[37], at[32];
    const char *gw = NULL, *face = NULL;
    uuid4(s, id);
    stamp(sim_now(s) - 30 * DAY_MS, at);
    json_t *net = get(s, "networks", network), *sub = get(s, "subnets", jstr(net, "subnets.0")), *info = json_null();
    if (sub)
        face = neutron_port_create(s, &(struct neutron_port){.network = network, .project = project, .server = id, .host = "", .owner = "network:router_interface",
                                                             .ip = jstr(sub, "gateway_ip")});
    if (face)
        ostk_merge(s, net_table(s, "ports"), face, jt("{'status':'ACTIVE'}"));
    if (external)
        gw = neutron_port_create(s, &(struct neutron_port){.network = external, .project = "", .server = id, .host = "", .owner = "network:router_gateway"});
    if (gw) {
        json_t *port = get(s, "ports", gw);
        json_decref(info);
        info = jt("{'network_id':%s,'external_fixed_ips':%j,'enable_snat':true}", external, json_incref(json_object_get(port, "fixed_ips")));
        json_decref(port);
    }
    net_agent_host(s, "_routers", "L3 agent", id);
    json_decref(net);
    json_decref(sub);
    return store_put(s, net_table(s, "routers"),
                     jt("{'id':%s,'name':%s,'tenant_id':%s,'admin_state_up':true,'status':'ACTIVE','external_gateway_info':%j,'description':'','availability_zones':"
                        "['nova'],'distributed':false,'ha':false,'availability_zone_hints':[],'routes':[],'flavor_id':null,'tags':[],'created_at':%s,'updated_at':%s,"
                        "'revision_number':4,'project_id':%s,'_gw_port':%s}", id, name, project, info, at, at, project, gw ? gw : ""))->name;
}

const char *neutron_seed_group(struct sim *s, const char *name, const char *project, const char *description, const char *ports)
{
    char id[37], at[32], rule[37];
    uuid4(s, id);
    stamp(sim_now(s) - 30 * DAY_MS, at);
    json_t *d = jt("{'id':%s,'name':%s,'stateful':true,'tenant_id':%s,'description':%s,'shared':false,'tags':[],'created_at':%s,'updated_at':%s,"
                   "'revision_number':1,'project_id':%s}", id, name, project, description, at, at, project);
    net_group_defaults(s, d);
    for (const char *p = ports ? ports : ""; *p;) {
        char *end;
        int port = (int)strtol(p, &end, 10);
        uuid4(s, rule);
        store_put(s, net_table(s, "security-group-rules"),
                  jt("{'id':%s,'tenant_id':%s,'security_group_id':%s,'ethertype':'IPv4','direction':'ingress','protocol':'tcp','port_range_min':%i,'port_range_max':%i,"
                     "'remote_ip_prefix':'0.0.0.0/0','remote_address_group_id':null,'normalized_cidr':'0.0.0.0/0','remote_group_id':null,'description':'',"
                     "'created_at':%s,'updated_at':%s,'revision_number':0,'project_id':%s}", rule, project, id, port, port, at, at, project));
        p = end == p ? "" : end + (*end == ' ');
    }
    return store_put(s, net_table(s, "security-groups"), d)->name;
}

const char *neutron_seed_fip(struct sim *s, const char *project, const char *external, const char *ip, const char *port)
{
    char id[37], at[32];
    uuid4(s, id);
    stamp(sim_now(s) - 20 * DAY_MS, at);
    json_t *d = jt("{'id':%s,'tenant_id':%s,'floating_ip_address':%s,'floating_network_id':%s,'router_id':null,'port_id':null,'fixed_ip_address':null,'status':'DOWN',"
                   "'description':'','qos_policy_id':null,'port_details':null,'port_forwardings':[],'tags':[],'created_at':%s,'updated_at':%s,'revision_number':1,"
                   "'project_id':%s}", id, project, ip, external, at, at, project);
    net_fip_attach(s, d, port ? port : "", "");
    return store_put(s, net_table(s, "floatingips"), d)->name;
}
