/* Routers with their interfaces and gateways, floating IPs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_net.h"

static json_t *get(struct sim *s, const char *plural, const char *id)
{
    struct obj *o = store_get(net_table(s, plural), "", id);
    return o ? obj_doc(o) : NULL;
}

/* The router's port on a subnet (or with that id), NULL when there is none. */
static struct obj *interface_on(struct sim *s, const char *router, const char *what)
{
    struct res *t = net_table(s, "ports");
    for (size_t i = 0; i < t->n; i++) {
        if (!strstr(t->items[i]->text, router) || !strstr(t->items[i]->text, what) || !strstr(t->items[i]->text, "\"network:router_interface\""))
            continue;
        json_t *d = obj_doc(t->items[i]);
        bool ok = strcmp(jstr(d, "device_id"), router) == 0;
        json_decref(d);
        if (ok)
            return t->items[i];
    }
    return NULL;
}

static bool external(struct sim *s, const char *network)
{
    json_t *net = get(s, "networks", network);
    bool yes = json_is_true(json_object_get(net, "router:external"));
    json_decref(net);
    return yes;
}

/* A port of Neutron's own on a network, with one of its addresses. */
static json_t *service_port(struct sim *s, const char *network, const char *owner, const char *device, const char *project, const char *want_ip)
{
    char ip[16] = "";
    json_t *net = get(s, "networks", network), *sub = get(s, "subnets", jstr(net, "subnets.0"));
    if (*want_ip)
        snprintf(ip, sizeof(ip), "%s", want_ip);
    else if (sub)
        net_free_ip(s, sub, ip);
    json_t *d = jt("{'network_id':%s,'project_id':%s,'device_owner':%s,'device_id':%s,'fixed_ips':[{'subnet_id':%s,'ip_address':%s}]}", network, project, owner,
                   device, jstr(sub, "id"), ip);
    struct obj *o = *ip ? net_put_port(s, json_incref(d)) : NULL;
    json_decref(d);
    json_decref(net);
    json_decref(sub);
    return o ? obj_doc(o) : NULL;
}

/* ---- routers ---- */
static void drop_gateway(struct sim *s, json_t *d)
{
    if (*jstr(d, "_gw_port"))
        ostk_drop(s, net_table(s, "ports"), jstr(d, "_gw_port"));
    json_object_del(d, "_gw_port");
    json_object_set_new(d, "external_gateway_info", json_null());
}

/* Does a floating address go through it? */
static bool routed(struct sim *s, const char *router)
{
    struct res *t = net_table(s, "floatingips");
    bool yes = false;
    for (size_t i = 0; i < t->n && !yes; i++) {
        json_t *f = strstr(t->items[i]->text, router) ? obj_doc(t->items[i]) : NULL;
        yes = f && strcmp(jstr(f, "router_id"), router) == 0;
        json_decref(f);
    }
    return yes;
}

static bool set_gateway(struct req *r, json_t *d, const json_t *info)
{
    const char *network = jstr(info, "network_id");
    const char *has = jstr(d, "external_gateway_info.network_id");
    if (*has && strcmp(has, network) != 0 && routed(r->sim, jstr(d, "id")))
        return net_fail(r, 409, "RouterExternalGatewayInUseByFloatingIp", "Gateway cannot be updated for router %s, since a gateway to external network %s is required "
                        "by one or more floating IPs.", jstr(d, "id"), has);
    if (!*network) {
        drop_gateway(r->sim, d);
        return true;
    }
    if (!store_get(net_table(r->sim, "networks"), "", network))
        return net_fail(r, 404, "NetworkNotFound", "Network %s could not be found.", network);
    if (!external(r->sim, network))
        return net_fail(r, 400, "BadRequest", "Bad router request: Network %s is not an external network.", network);
    if (strcmp(jstr(d, "external_gateway_info.network_id"), network) == 0)
        return true;
    drop_gateway(r->sim, d);
    json_t *port = service_port(r->sim, network, "network:router_gateway", jstr(d, "id"), "", jstr(info, "external_fixed_ips.0.ip_address"));
    if (!port)
        return net_fail(r, 409, "IpAddressGenerationFailure", "No more IP addresses available on network %s.", network);
    json_object_set_new(d, "external_gateway_info", jt("{'network_id':%s,'external_fixed_ips':%j,'enable_snat':%b}", network,
                                                       json_incref(json_object_get(port, "fixed_ips")), !json_is_false(json_object_get(info, "enable_snat"))));
    json_object_set(d, "_gw_port", json_object_get(port, "id"));
    json_object_set_new(d, "availability_zones", jt("['nova']"));
    net_agent_host(r->sim, "_routers", "L3 agent", jstr(d, "id"));
    json_decref(port);
    return true;
}

bool net_router_create(struct req *r, json_t *want, json_t *d)
{
    json_t *gw = json_incref(json_object_get(want, "external_gateway_info"));
    json_object_del(want, "external_gateway_info");
    json_object_update(d, want);
    json_t *more = jt("{'admin_state_up':true,'status':'ACTIVE','external_gateway_info':null,'availability_zones':[],'distributed':false,'ha':false,"
                      "'availability_zone_hints':[],'routes':[],'flavor_id':null}");
    json_object_update_missing(d, more);
    json_decref(more);
    bool ok = !json_is_object(gw) || set_gateway(r, d, gw);
    json_decref(gw);
    return ok;
}

bool net_router_update(struct req *r, json_t *want, json_t *d)
{
    json_t *gw = json_object_get(want, "external_gateway_info");
    bool ok = !gw || set_gateway(r, d, gw);
    json_object_del(want, "external_gateway_info");
    if (ok && (json_is_true(json_object_get(want, "distributed")) || json_is_true(json_object_get(want, "ha"))) && json_is_true(json_object_get(d, "admin_state_up")))
        return net_fail(r, 400, "BadRequest", "Bad router request: Cannot upgrade active router to distributed. Please set router admin_state_up to False prior "
                                              "to upgrade.");
    return ok;
}

bool net_router_remove(struct req *r, json_t *d)
{
    const char *id = jstr(d, "id");
    struct obj *port = interface_on(r->sim, id, "");
    if (port)
        return net_fail(r, 409, "RouterInUse", "Router %s has ports still attached: %s", id, port->name);
    drop_gateway(r->sim, d);
    return true;
}

static void interface_reply(struct req *r, const json_t *router, const char *port, const json_t *d)
{
    const char *sub = jstr(d, "fixed_ips.0.subnet_id");
    reply_json(r, 200, jt("{'id':%s,'tenant_id':%s,'port_id':%s,'network_id':%s,'subnet_id':%s,'subnet_ids':[%s]}", jstr(router, "id"), jstr(router, "project_id"),
                          port, jstr(d, "network_id"), sub, sub));
}

static void add_interface(struct req *r, const json_t *router, const json_t *in)
{
    const char *id = jstr(router, "id"), *sub_id = jstr(in, "subnet_id"), *port_id = jstr(in, "port_id");
    json_t *sub = *sub_id ? get(r->sim, "subnets", sub_id) : NULL, *port = *port_id ? get(r->sim, "ports", port_id) : NULL;
    if (!*sub_id && !*port_id) {
        net_fail(r, 400, "BadRequest", "Bad router request: Either subnet_id or port_id must be specified.");
    } else if (*sub_id && !sub) {
        net_fail(r, 404, "SubnetNotFound", "Subnet %s could not be found.", sub_id);
    } else if (*port_id && !port) {
        net_fail(r, 404, "PortNotFound", "Port %s could not be found.", port_id);
    } else if (sub && interface_on(r->sim, id, sub_id)) {
        net_fail(r, 400, "BadRequest", "Bad router request: Router already has a port on subnet %s.", sub_id);
    } else if (sub && !*jstr(sub, "gateway_ip")) {
        net_fail(r, 400, "BadRequest", "Bad router request: Subnet for router interface must have a gateway IP.");
    } else if (sub && net_ip_taken(r->sim, jstr(sub, "network_id"), jstr(sub, "gateway_ip"))) {
        net_fail(r, 409, "IpAddressAlreadyAllocated", "IP address %s already allocated in subnet %s", jstr(sub, "gateway_ip"), sub_id);
    } else if (port && *jstr(port, "device_id")) {
        net_fail(r, 409, "PortInUse", "Unable to complete operation on port %s for network %s. Port already has an attached device %s.", port_id,
                 jstr(port, "network_id"), jstr(port, "device_id"));
    } else {
        struct obj *o;
        if (port) {
            o = ostk_merge(r->sim, net_table(r->sim, "ports"), port_id, jt("{'device_owner':'network:router_interface','device_id':%s}", id));
        } else {
            json_t *d = jt("{'network_id':%s,'project_id':%s,'device_owner':'network:router_interface','device_id':%s,'binding:host_id':'',"
                           "'fixed_ips':[{'subnet_id':%s,'ip_address':%s}]}", jstr(sub, "network_id"), jstr(router, "project_id"), id, sub_id, jstr(sub, "gateway_ip"));
            o = net_put_port(r->sim, d);
        }
        json_t *d = obj_doc(o);
        net_agent_host(r->sim, "_routers", "L3 agent", id);
        ostk_later(r->sim, 2000, net_table(r->sim, "ports"), o->name, "status", "DOWN", jt("{'status':'ACTIVE'}"), NULL);
        interface_reply(r, router, o->name, d);
        json_decref(d);
    }
    json_decref(sub);
    json_decref(port);
}

/* Does a floating address of the router lead to that subnet? */
static bool floats(struct sim *s, const char *router, const char *subnet)
{
    struct res *t = net_table(s, "floatingips");
    bool yes = false;
    for (size_t i = 0; i < t->n && !yes; i++) {
        json_t *f = strstr(t->items[i]->text, router) ? obj_doc(t->items[i]) : NULL, *port = f ? get(s, "ports", jstr(f, "port_id")) : NULL;
        yes = port && strcmp(jstr(f, "router_id"), router) == 0 && strcmp(jstr(port, "fixed_ips.0.subnet_id"), subnet) == 0;
        json_decref(port);
        json_decref(f);
    }
    return yes;
}

static void remove_interface(struct req *r, const json_t *router, const json_t *in)
{
    const char *id = jstr(router, "id"), *sub = jstr(in, "subnet_id"), *port = jstr(in, "port_id");
    struct obj *o = interface_on(r->sim, id, *sub ? sub : port);
    if (!*sub && !*port) {
        net_fail(r, 400, "BadRequest", "Bad router request: Either subnet_id or port_id must be specified.");
    } else if (!o && *sub) {
        net_fail(r, 404, "RouterInterfaceNotFoundForSubnet", "Router %s has no interface on subnet %s", id, sub);
    } else if (!o) {
        net_fail(r, 404, "RouterInterfaceNotFound", "Router %s does not have an interface with id %s", id, port);
    } else if (floats(r->sim, id, jstr(obj_read(o), "fixed_ips.0.subnet_id"))) {
        char *subnet = sim_strdup(jstr(obj_read(o), "fixed_ips.0.subnet_id"));
        net_fail(r, 409, "RouterInterfaceInUseByFloatingIP", "Router interface for subnet %s on router %s cannot be deleted, as it is required by one or more floating "
                 "IPs.", subnet, id);
        free(subnet);
    } else {
        json_t *d = obj_doc(o);
        char *name = sim_strdup(o->name);
        ostk_drop(r->sim, o->res, name);
        interface_reply(r, router, name, d);
        json_decref(d);
        free(name);
    }
}

bool net_sub(struct req *r, const struct net_kind *k, const char *sub)
{
    const char *id = r->seg[3];
    bool put = strcmp(r->method, "PUT") == 0;
    if (strcmp(k->path, "agents") == 0)
        return net_agent_sub(r, id, sub);
    bool hosts = strcmp(sub, "l3-agents") == 0 || strcmp(sub, "dhcp-agents") == 0;
    if (!(put && strcmp(k->path, "routers") == 0 && (strcmp(sub, "add_router_interface") == 0 || strcmp(sub, "remove_router_interface") == 0)) && !hosts)
        return false;
    if (hosts && *sub == 'd' && ostk_admin(r) && !store_get(net_table(r->sim, k->path), "", id)) {
        reply_json(r, 200, jt("{'agents':[]}"));               /* nobody asks whether there is such a network */
        return true;
    }
    if (hosts && !ostk_admin(r)) {
        net_fail(r, 403, "PolicyNotAuthorized", "rule:get_%s is disallowed by policy", sub);
        return true;
    }
    json_t *d = get(r->sim, k->path, id), *in = ostk_body(r);
    const struct token *t = ostk_who(r);
    if (!d || (!t->admin && strcmp(jstr(d, "project_id"), t->project_id) != 0)) {
        char type[64];
        snprintf(type, sizeof(type), "%sNotFound", k->type);
        net_fail(r, 404, type, k->gone, id);
    } else if (hosts) {
        reply_json(r, 200, jt("{'agents':%j}", net_agents_for(r, sub[0] == 'l' ? "_routers" : "_networks", id)));
    } else if (sub[0] == 'a') {
        add_interface(r, d, in);
    } else {
        remove_interface(r, d, in);
    }
    json_decref(d);
    json_decref(in);
    return true;
}

/* ---- floating IPs ---- */
/* The router with an interface on that subnet and a gateway to that network, NULL when there is none. */
static const char *router_between(struct sim *s, const char *subnet, const char *network)
{
    struct res *t = net_table(s, "ports");
    const char *router = NULL;
    for (size_t i = 0; i < t->n && !router; i++) {
        if (!strstr(t->items[i]->text, "\"network:router_interface\"") || !strstr(t->items[i]->text, subnet))
            continue;
        json_t *face = obj_doc(t->items[i]), *rt = get(s, "routers", jstr(face, "device_id"));
        if (strcmp(jstr(rt, "external_gateway_info.network_id"), network) == 0)
            router = store_get(net_table(s, "routers"), "", jstr(face, "device_id"))->name;
        json_decref(face);
        json_decref(rt);
    }
    return router;
}

bool net_fip_attach(struct sim *s, json_t *d, const char *id, const char *ip)
{
    static const char *const keys[] = {"name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner"};
    json_t *port = get(s, "ports", id), *details = json_object();
    const char *router = port ? router_between(s, jstr(port, "fixed_ips.0.subnet_id"), jstr(d, "floating_network_id")) : NULL;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && router; i++)
        json_object_set(details, keys[i], json_object_get(port, keys[i]));
    if (router) {
        json_t *on = jt("{'port_id':%s,'router_id':%s,'fixed_ip_address':%s,'port_details':%j,'status':'ACTIVE'}", id, router,
                        *ip ? ip : jstr(port, "fixed_ips.0.ip_address"), json_incref(details));
        nova_nic_floating(s, jstr(d, "port_details.device_id"), jstr(d, "port_id"), NULL);
        json_object_update(d, on);
        json_decref(on);
        nova_nic_floating(s, jstr(port, "device_id"), id, jstr(d, "floating_ip_address"));
    }
    json_decref(details);
    json_decref(port);
    return router != NULL;
}

/* Another floating address of that network that leads to the same fixed one. */
static bool fip_other(struct sim *s, const json_t *d, const char *port, const char *fixed)
{
    struct res *t = net_table(s, "floatingips");
    bool yes = false;
    for (size_t i = 0; i < t->n && !yes; i++) {
        const json_t *o = obj_read(t->items[i]);
        yes = strcmp(jstr(o, "id"), jstr(d, "id")) != 0 && strcmp(jstr(o, "port_id"), port) == 0 && strcmp(jstr(o, "fixed_ip_address"), fixed) == 0 &&
              strcmp(jstr(o, "floating_network_id"), jstr(d, "floating_network_id")) == 0;
    }
    return yes;
}

static bool fip_port(struct req *r, const json_t *want, json_t *d)
{
    json_t *v = json_object_get(want, "port_id");
    const char *id = json_string_value(v);
    if (!v)
        return true;
    if (!id) {
        json_t *off = jt("{'port_id':null,'router_id':null,'fixed_ip_address':null,'port_details':null,'status':'DOWN'}");
        nova_nic_floating(r->sim, jstr(d, "port_details.device_id"), jstr(d, "port_id"), NULL);
        json_object_update(d, off);
        json_decref(off);
        return true;
    }
    if (!ostk_is_uuid(id))
        return net_fail(r, 400, "HTTPBadRequest", "Invalid input for port_id. Reason: '%s' is not a valid UUID.", id);
    if (!store_get(net_table(r->sim, "ports"), "", id))
        return net_fail(r, 404, "PortNotFound", "Port %s could not be found.", id);
    json_t *port = get(r->sim, "ports", id);
    const char *fixed = jstr(want, "fixed_ip_address");
    bool ok = false, known = !*fixed;
    for (size_t i = 0; i < json_array_size(jat(port, "fixed_ips")); i++)
        known = known || strcmp(jstr(json_array_get(jat(port, "fixed_ips"), i), "ip_address"), fixed) == 0;
    if (!known)
        net_fail(r, 400, "BadRequest", "Bad floatingip request: Port %s does not have fixed ip %s.", id, fixed);
    else if (fip_other(r->sim, d, id, *fixed ? fixed : jstr(port, "fixed_ips.0.ip_address")))
        net_fail(r, 409, "FloatingIPPortAlreadyAssociated", "Cannot associate floating IP %s (%s) with port %s using fixed IP %s, as that fixed IP already has a "
                 "floating IP on external network %s.", jstr(d, "floating_ip_address"), jstr(d, "id"), id, *fixed ? fixed : jstr(port, "fixed_ips.0.ip_address"),
                 jstr(d, "floating_network_id"));
    else if (!(ok = net_fip_attach(r->sim, d, id, fixed)))
        net_fail(r, 404, "ExternalGatewayForFloatingIPNotFound", "External network %s is not reachable from subnet %s.  Therefore, cannot associate Port %s with a "
                 "Floating IP.", jstr(d, "floating_network_id"), jstr(port, "fixed_ips.0.subnet_id"), id);
    json_decref(port);
    return ok;
}

static bool fip_taken(struct sim *s, const char *ip)
{
    struct res *t = net_table(s, "floatingips");
    for (size_t i = 0; i < t->n; i++)
        if (strstr(t->items[i]->text, ip))
            return true;
    return false;
}

bool net_fip_create(struct req *r, json_t *want, json_t *d)
{
    const char *network = jstr(want, "floating_network_id"), *ip = jstr(want, "floating_ip_address");
    char found[16] = "";
    if (!store_get(net_table(r->sim, "networks"), "", network))
        return net_fail(r, 404, "NetworkNotFound", "Network %s could not be found.", network);
    if (!external(r->sim, network))
        return net_fail(r, 400, "BadRequest", "Bad floatingip request: Network %s is not a valid external network.", network);
    json_t *net = get(r->sim, "networks", network), *sub = get(r->sim, "subnets", jstr(net, "subnets.0"));
    for (int tries = 0; tries < 300 && !*ip && sub && (!*found || fip_taken(r->sim, found)); tries++)
        net_free_ip(r->sim, sub, found);
    json_decref(net);
    json_decref(sub);
    if (!*ip && (!*found || fip_taken(r->sim, found)))
        return net_fail(r, 409, "IpAddressGenerationFailure", "No more IP addresses available on network %s.", network);
    if (*ip && fip_taken(r->sim, ip))
        return net_fail(r, 409, "IpAddressAlreadyAllocated", "IP address %s already allocated in network %s", ip, network);
    json_t *more = jt("{'floating_ip_address':%s,'floating_network_id':%s,'router_id':null,'port_id':null,'fixed_ip_address':null,'status':'DOWN',"
                      "'description':%s,'qos_policy_id':null,'port_details':null,'port_forwardings':[]}", *ip ? ip : found, network, jstr(want, "description"));
    json_object_update(d, more);
    json_object_del(d, "name");
    json_object_set_new(d, "revision_number", json_integer(0));
    json_decref(more);
    return fip_port(r, want, d);
}

bool net_fip_update(struct req *r, json_t *want, json_t *d)
{
    bool ok = fip_port(r, want, d);
    json_object_del(want, "port_id");
    json_object_del(want, "fixed_ip_address");
    return ok;
}

bool net_fip_remove(struct req *r, json_t *d)
{
    nova_nic_floating(r->sim, jstr(d, "port_details.device_id"), jstr(d, "port_id"), NULL);
    return true;
}

void net_fip_of_port(struct sim *s, const char *port, const json_t *details)
{
    struct res *t = net_table(s, "floatingips");
    for (size_t i = 0; i < t->n; i++) {
        if (!strstr(t->items[i]->text, port))
            continue;
        if (details)
            ostk_merge(s, t, t->items[i]->name, jt("{'port_details':%j}", json_incref((json_t *)details)));
        else
            ostk_merge(s, t, t->items[i]->name, jt("{'port_id':null,'router_id':null,'fixed_ip_address':null,'port_details':null,'status':'DOWN'}"));
    }
}
