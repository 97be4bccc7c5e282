/* Networks, subnets, ports, security groups: what creating, changing and deleting them means. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_net.h"

/* ---- addresses ---- */
bool net_parse_ip(const char *text, uint32_t *ip)
{
    struct in_addr a;
    if (inet_pton(AF_INET, text, &a) != 1)
        return false;
    *ip = ntohl(a.s_addr);
    return true;
}

const char *net_ip(uint32_t ip, char out[16])
{
    snprintf(out, 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
    return out;
}

bool net_cidr(const char *text, uint32_t *base, int *bits)
{
    char ip[16];
    const char *slash = strchr(text, '/');
    if (!slash || slash - text > 15)
        return false;
    snprintf(ip, sizeof(ip), "%.*s", (int)(slash - text), text);
    *bits = atoi(slash + 1);
    return net_parse_ip(ip, base) && *bits > 0 && *bits <= 32;
}

/* Ports are looked through as text: there may be many, and only one can have the address. */
bool net_ip_taken(struct sim *s, const char *network, const char *ip)
{
    struct res *t = net_table(s, "ports");
    char *need = sim_printf("\"ip_address\":\"%s\"", ip);
    bool taken = false;
    for (size_t i = 0; i < t->n && !taken; i++)
        taken = strstr(t->items[i]->text, need) && strstr(t->items[i]->text, network);
    free(need);
    return taken;
}

bool net_free_ip(struct sim *s, const json_t *subnet, char out[16])
{
    uint32_t from, to;
    for (size_t i = 0; i < json_array_size(json_object_get(subnet, "allocation_pools")); i++) {
        const json_t *pool = json_array_get(json_object_get(subnet, "allocation_pools"), i);
        if (!net_parse_ip(jstr(pool, "start"), &from) || !net_parse_ip(jstr(pool, "end"), &to) || to < from)
            continue;
        uint32_t n = to - from + 1, at = (uint32_t)(sim_rand(s) % n);
        for (uint32_t k = 0; k < n; k++)
            if (!net_ip_taken(s, jstr(subnet, "network_id"), net_ip(from + (at + k) % n, out)))
                return true;
    }
    return false;
}

/* ---- networks ---- */
static json_t *get(struct sim *s, const char *plural, const char *id)
{
    struct obj *o = store_get(net_table(s, plural), "", id);
    return o ? obj_doc(o) : NULL;
}

static void defaults(json_t *d, json_t *more)
{
    json_object_update_missing(d, more);
    json_decref(more);
}

bool net_network_create(struct req *r, json_t *want, json_t *d)
{
    bool external = json_is_true(json_object_get(want, "router:external"));
    const char *physical = jstr(want, "provider:physical_network");
    if (strcmp(jstr(want, "provider:network_type"), "flat") == 0 && strcmp(physical, "physnet1") != 0)
        return net_fail(r, 400, "InvalidInput", "Invalid input for operation: physical_network '%s' unknown for flat provider network.", physical);
    json_object_update(d, want);
    if (external)
        defaults(d, jt("{'is_default':false}"));
    defaults(d, jt("{'admin_state_up':true,'mtu':%i,'status':'ACTIVE','subnets':[],'shared':false,'port_security_enabled':true,'qos_policy_id':null,"
                   "'router:external':false,'provider:network_type':%s,'provider:physical_network':%s,'provider:segmentation_id':%j,"
                   "'availability_zone_hints':[],'availability_zones':[],'ipv4_address_scope':null,'ipv6_address_scope':null}", external ? 1500 : 1450,
                   external ? "flat" : "vxlan", external ? "physnet1" : NULL,
                   external ? json_null() : json_integer((json_int_t)(100 + sim_rand(r->sim) % 900))));
    return true;
}

bool net_network_update(struct req *r, json_t *want, json_t *d)
{
    (void)r;
    if (json_is_false(json_object_get(want, "admin_state_up")))
        json_object_set_new(d, "status", json_string("DOWN"));
    else if (json_object_get(want, "admin_state_up"))
        json_object_set_new(d, "status", json_string("ACTIVE"));
    return true;
}

/* Ids of the ports of a network (or with a fixed address of a subnet) that hold it; the DHCP agents' own go with it. */
static char *ports_in_use(struct sim *s, const char *id)
{
    struct res *t = net_table(s, "ports");
    struct str ids;
    str_init(&ids, 0);
    for (size_t i = 0; i < t->n; i++) {
        if (!strstr(t->items[i]->text, id))
            continue;
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "device_owner"), "network:dhcp") != 0)
            str_addf(&ids, "%s%s", ids.len ? "," : "", t->items[i]->name);
        json_decref(d);
    }
    char *out = ids.len ? sim_strdup(ids.data) : NULL;
    str_release(&ids);
    return out;
}

static void drop_dhcp_ports(struct sim *s, const char *network)
{
    struct res *t = net_table(s, "ports");
    for (size_t i = t->n; i-- > 0;)
        if (strstr(t->items[i]->text, network) && strstr(t->items[i]->text, "\"network:dhcp\""))
            ostk_drop(s, t, t->items[i]->name);
}

bool net_network_remove(struct req *r, json_t *d)
{
    const char *id = jstr(d, "id");
    char *ports = ports_in_use(r->sim, id);
    if (ports) {
        net_fail(r, 409, "NetworkInUse", "Unable to complete operation on network %s. There are one or more ports still in use on the network, id for these "
                 "ports is: %s.", id, ports);
        free(ports);
        return false;
    }
    drop_dhcp_ports(r->sim, id);
    for (size_t i = 0; i < json_array_size(json_object_get(d, "subnets")); i++)
        ostk_drop(r->sim, net_table(r->sim, "subnets"), json_string_value(json_array_get(json_object_get(d, "subnets"), i)));
    return true;
}

/* ---- subnets ---- */
static void dhcp_comes(struct sim *s, void *arg)
{
    net_dhcp_ports(s, arg);
    free(arg);
}

bool net_subnet_create(struct req *r, json_t *want, json_t *d)
{
    uint32_t base, other;
    int bits, other_bits;
    char first[16], last[16], gate[16];
    const char *cidr = jstr(want, "cidr"), *net_id = jstr(want, "network_id");
    json_t *net = get(r->sim, "networks", net_id), *subnets = json_object_get(net, "subnets");
    if (!net)
        return net_fail(r, 404, "NetworkNotFound", "Network %s could not be found.", net_id);
    bool own = ostk_admin(r) || strcmp(jstr(net, "project_id"), ostk_who(r)->project_id) == 0, form = net_cidr(cidr, &base, &bits) || strchr(cidr, ':');
    if (!form && (own || *cidr)) {
        json_decref(net);
        return net_fail(r, 400, "InvalidInput", "Invalid input for operation: %s is not in a CIDR format.", cidr);
    }
    if (!own) {
        json_decref(net);
        return net_fail(r, 403, "HTTPForbidden", "Tenant ID not allowed to create subnet on this network");
    }
    for (size_t i = 0; i < json_array_size(subnets); i++) {
        json_t *sub = get(r->sim, "subnets", json_string_value(json_array_get(subnets, i)));
        bool over = net_cidr(jstr(sub, "cidr"), &other, &other_bits) && !((base ^ other) >> (32 - (bits < other_bits ? bits : other_bits)));
        json_decref(sub);
        if (over) {
            json_decref(net);
            return net_fail(r, 400, "InvalidInput", "Invalid input for operation: Requested subnet with cidr: %s for network: %s overlaps with another subnet.",
                            cidr, net_id);
        }
    }
    uint32_t size = bits < 32 ? 1u << (32 - bits) : 1;
    base &= ~(size - 1);
    net_ip(base + 1, gate);
    json_object_update(d, want);
    json_object_set_new(d, "revision_number", json_integer(0));
    defaults(d, jt("{'ip_version':4,'subnetpool_id':null,'enable_dhcp':true,'ipv6_ra_mode':null,'ipv6_address_mode':null,'gateway_ip':%s,'host_routes':[],"
                   "'dns_nameservers':[],'service_types':[],'allocation_pools':[{'start':%s,'end':%s}]}", gate, net_ip(base + 2, first),
                   net_ip(base + size - 2, last)));
    json_array_append(subnets, json_object_get(d, "id"));
    if (json_is_true(json_object_get(d, "enable_dhcp"))) {
        json_object_set_new(net, "availability_zones", jt("['nova']"));
        net_agent_host(r->sim, "_networks", "DHCP agent", net_id);
        sim_after(r->sim, ostk_ms(r->sim, 1500), dhcp_comes, sim_strdup(net_id));
    }
    net_touch(r->sim, net);
    store_put(r->sim, net_table(r->sim, "networks"), net);
    return true;
}

bool net_subnet_remove(struct req *r, json_t *d)
{
    const char *id = jstr(d, "id");
    char *ports = ports_in_use(r->sim, id);
    bool used = ports != NULL;
    free(ports);
    if (used)
        return net_fail(r, 409, "SubnetInUse", "Unable to complete operation on subnet %s: One or more ports have an IP allocation from this subnet.", id);
    json_t *net = get(r->sim, "networks", jstr(d, "network_id")), *list = json_object_get(net, "subnets");
    for (size_t i = json_array_size(list); i-- > 0;)
        if (strcmp(json_string_value(json_array_get(list, i)), id) == 0)
            json_array_remove(list, i);
    if (net)
        store_put(r->sim, net_table(r->sim, "networks"), net);
    drop_dhcp_ports(r->sim, id);
    return true;
}

/* ---- ports ---- */
static const char *default_group(struct sim *s, const char *project, char id[64])
{
    struct res *t = net_table(s, "security-groups");
    id[0] = 0;
    for (size_t i = 0; i < t->n && !id[0]; i++) {
        const json_t *d = obj_read(t->items[i]);
        if (strcmp(jstr(d, "project_id"), project) == 0 && strcmp(jstr(d, "name"), "default") == 0)
            snprintf(id, 64, "%s", t->items[i]->name);
    }
    return id;
}

static json_t *vif_details(bool bound)
{
    return bound ? jt("{'connectivity':'l2','port_filter':true,'ovs_hybrid_plug':false,'datapath_type':'system','bridge_name':'br-int',"
                      "'bound_drivers':{'0':'openvswitch'}}") : json_object();
}

struct obj *net_put_port(struct sim *s, json_t *d)
{
    char mac[18], group[64], at[32], id[37];
    bool bound = *jstr(d, "binding:host_id") != 0, network = strncmp(jstr(d, "device_owner"), "network:", 8) == 0;
    const char *project = jstr(d, "project_id");
    snprintf(mac, sizeof(mac), "fa:16:3e:%02x:%02x:%02x", (unsigned)(sim_rand(s) & 255), (unsigned)(sim_rand(s) & 255), (unsigned)(sim_rand(s) & 255));
    uuid4(s, id);
    stamp(sim_now(s), at);
    default_group(s, project, group);
    defaults(d, jt("{'id':%s,'name':'','mac_address':%s,'admin_state_up':true,'status':%s,'device_id':'','device_owner':'','fixed_ips':[],'tenant_id':%s,"
                   "'port_security_enabled':%b,'qos_policy_id':null,'security_groups':%j,'binding:vnic_type':'normal','binding:profile':{},'binding:host_id':'',"
                   "'binding:vif_type':%s,'binding:vif_details':%j,'allowed_address_pairs':[],'extra_dhcp_opts':[],'description':'',"
                   "'qos_network_policy_id':null,'resource_request':null,'tags':[],'created_at':%s,'updated_at':%s,'revision_number':1}", id, mac,
                   bound ? "ACTIVE" : "DOWN", project, !network, *group && !network ? jt("[%s]", group) : json_array(), bound ? "ovs" : "unbound",
                   vif_details(bound), at, at));
    return store_put(s, net_table(s, "ports"), d);
}

/* The addresses asked for, or one of the first subnet. False: the reply was sent. */
static bool give_addresses(struct req *r, const json_t *want, const json_t *net, json_t *d)
{
    json_t *ips = json_array(), *asked = json_object_get(want, "fixed_ips"), *subnets = json_object_get(net, "subnets");
    size_t n = json_is_array(asked) ? json_array_size(asked) : json_array_size(subnets) ? 1 : 0;
    char ip[16];
    json_object_set_new(d, "fixed_ips", ips);
    for (size_t i = 0; i < n; i++) {
        const json_t *a = json_is_array(asked) ? json_array_get(asked, i) : NULL;
        const char *addr = jstr(a, "ip_address"), *in = jstr(a, "subnet_id");
        uint32_t v = 0, base;
        int bits;
        bool done = false;
        if (*addr && !net_parse_ip(addr, &v) && !strchr(addr, ':'))
            return net_fail(r, 400, "HTTPBadRequest", "Invalid input for fixed_ips. Reason: '%s' is not a valid IP address.", addr);
        for (size_t k = 0; k < json_array_size(subnets) && !done; k++) {
            json_t *sub = get(r->sim, "subnets", json_string_value(json_array_get(subnets, k)));
            bool fits = sub && (!*in || strcmp(in, jstr(sub, "id")) == 0) &&
                        (!*addr || (net_cidr(jstr(sub, "cidr"), &base, &bits) && !((v ^ base) >> (32 - bits))));
            if (fits && *addr && net_ip_taken(r->sim, jstr(net, "id"), addr)) {
                net_fail(r, 409, "IpAddressAlreadyAllocated", "IP address %s already allocated in subnet %s", addr, jstr(sub, "id"));
                json_decref(sub);
                return false;
            }
            if (fits && (*addr || net_free_ip(r->sim, sub, ip))) {
                json_array_append_new(ips, jt("{'subnet_id':%s,'ip_address':%s}", jstr(sub, "id"), *addr ? addr : ip));
                done = true;
            }
            json_decref(sub);
        }
        if (!done && *addr && *in)
            return net_fail(r, 400, "InvalidIpForSubnet", "IP address %s is not a valid IP for the specified subnet.", addr);
        if (!done && *addr)
            return net_fail(r, 400, "InvalidIpForNetwork", "IP address %s is not a valid IP for any of the subnets on the specified network.", addr);
        if (!done)
            return net_fail(r, 409, "IpAddressGenerationFailure", "No more IP addresses available on network %s.", jstr(net, "id"));
    }
    return true;
}

bool net_port_create(struct req *r, json_t *want, json_t *d)
{
    json_t *net = get(r->sim, "networks", jstr(want, "network_id"));
    if (!net)
        return net_fail(r, 404, "NetworkNotFound", "Network %s could not be found.", jstr(want, "network_id"));
    json_object_update(d, want);
    json_object_del(d, "fixed_ips");
    bool ok = give_addresses(r, want, net, d);
    json_decref(net);
    if (ok)
        net_put_port(r->sim, json_incref(d));
    return ok;
}

bool net_port_update(struct req *r, json_t *want, json_t *d)
{
    const char *host = json_string_value(json_object_get(want, "binding:host_id"));
    if (json_object_get(want, "fixed_ips")) {
        json_t *net = get(r->sim, "networks", jstr(d, "network_id"));
        bool ok = give_addresses(r, want, net, d);
        json_decref(net);
        if (!ok)
            return false;
        json_object_del(want, "fixed_ips");
    }
    if (host) {
        json_object_set_new(d, "binding:vif_type", json_string(*host ? "ovs" : "unbound"));
        json_object_set_new(d, "binding:vif_details", vif_details(*host != 0));
    }
    if (json_is_false(json_object_get(want, "admin_state_up")))
        json_object_set_new(d, "status", json_string("DOWN"));
    else if (json_is_true(json_object_get(want, "admin_state_up")) && *jstr(d, "binding:host_id"))
        json_object_set_new(d, "status", json_string("ACTIVE"));
    return true;
}

bool net_port_remove(struct req *r, json_t *d)
{
    const char *owner = jstr(d, "device_owner"), *id = jstr(d, "id");
    if (strncmp(owner, "network:router", 14) == 0)
        return net_fail(r, 409, "ServicePortInUse", "Port %s cannot be deleted directly via the port API: has device owner %s.", id, owner);
    net_fip_of_port(r->sim, id, NULL);
    nova_nic_gone(r->sim, jstr(d, "device_id"), id);
    return true;
}

/* ---- security groups ---- */
bool net_group_create(struct req *r, json_t *want, json_t *d)
{
    (void)r;
    json_object_update(d, want);
    defaults(d, jt("{'stateful':true,'shared':false}"));
    return true;
}

static json_t *new_rule(struct sim *s, const json_t *group, json_t *more)
{
    char id[37], at[32];
    uuid4(s, id);
    stamp(sim_now(s), at);
    defaults(more, jt("{'id':%s,'tenant_id':%s,'security_group_id':%s,'ethertype':'IPv4','protocol':null,'port_range_min':null,'port_range_max':null,"
                      "'remote_ip_prefix':null,'remote_address_group_id':null,'normalized_cidr':null,'remote_group_id':null,'description':null,'created_at':%s,"
                      "'updated_at':%s,'revision_number':0,'project_id':%s}", id, jstr(group, "project_id"), jstr(group, "id"), at, at, jstr(group, "project_id")));
    return more;
}

void net_group_defaults(struct sim *s, const json_t *group)
{
    struct res *t = net_table(s, "security-group-rules");
    bool standard = strcmp(jstr(group, "name"), "default") == 0;
    for (int i = 0; i < (standard ? 4 : 2); i++) {
        json_t *rule = jt("{'ethertype':%s,'direction':%s}", i & 1 ? "IPv6" : "IPv4", i < 2 ? "egress" : "ingress");
        if (i >= 2)
            json_object_set_new(rule, "remote_group_id", json_string(jstr(group, "id")));
        store_put(s, t, new_rule(s, group, rule));
    }
}

void net_group_rules(struct sim *s, json_t *group)
{
    struct res *t = net_table(s, "security-group-rules");
    json_t *rules = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, jstr(group, "id")) ? obj_doc(t->items[i]) : NULL;
        if (d && strcmp(jstr(d, "security_group_id"), jstr(group, "id")) == 0) {
            json_object_set_new(d, "tags", json_array());
            json_object_set_new(d, "standard_attr_id", json_integer((json_int_t)i + 20));
            json_array_append(rules, d);
        }
        json_decref(d);
    }
    json_object_set_new(group, "security_group_rules", rules);
}

bool net_rule_create(struct req *r, json_t *want, json_t *d)
{
    static const char *const same[] = {"direction", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id"};
    struct res *t = net_table(r->sim, "security-group-rules");
    json_t *group = get(r->sim, "security-groups", jstr(want, "security_group_id"));
    if (!group)
        return net_fail(r, 404, "SecurityGroupNotFound", "Security group %s does not exist", jstr(want, "security_group_id"));
    bool from = json_is_integer(json_object_get(want, "port_range_min")), to = json_is_integer(json_object_get(want, "port_range_max"));
    const char *odd = !from && !to ? NULL : !*jstr(want, "protocol") ? "ProtocolRequiredWithPorts"
                      : strcmp(jstr(want, "protocol"), "icmp") != 0 && jint(want, "port_range_min") > jint(want, "port_range_max") ? "InvalidPortRange" : NULL;
    if (odd) {
        char type[64];
        snprintf(type, sizeof(type), "SecurityGroup%s", odd);
        json_decref(group);
        return net_fail(r, 400, type, *odd == 'P' ? "Must also specify protocol if port range is given."
                                                  : "For TCP/UDP protocols, port_range_min must be <= port_range_max");
    }
    json_object_update(d, want);
    json_object_del(d, "name");
    json_object_del(d, "tags");
    json_object_set_new(d, "revision_number", json_integer(0));
    new_rule(r->sim, group, d);
    if (*jstr(d, "remote_ip_prefix"))
        json_object_set(d, "normalized_cidr", json_object_get(d, "remote_ip_prefix"));
    json_decref(group);
    for (size_t i = 0; i < t->n; i++) {
        json_t *o = obj_doc(t->items[i]);
        bool equal = strcmp(jstr(o, "security_group_id"), jstr(d, "security_group_id")) == 0 && strcmp(jstr(o, "ethertype"), jstr(d, "ethertype")) == 0;
        for (size_t k = 0; k < sizeof(same) / sizeof(same[0]) && equal; k++)
            equal = json_equal(json_object_get(o, same[k]), json_object_get(d, same[k]));
        json_decref(o);
        if (equal)
            return net_fail(r, 409, "SecurityGroupRuleExists", "Security group rule already exists. Rule id is %s.", t->items[i]->name);
    }
    return true;
}

bool net_group_remove(struct req *r, json_t *d)
{
    struct res *ports = net_table(r->sim, "ports"), *rules = net_table(r->sim, "security-group-rules");
    const char *id = jstr(d, "id");
    for (size_t i = 0; i < ports->n; i++)
        if (strstr(ports->items[i]->text, id))
            return net_fail(r, 409, "SecurityGroupInUse", "Security Group %s in use.", id);
    if (strcmp(jstr(d, "name"), "default") == 0 && !ostk_admin(r))
        return net_fail(r, 409, "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.");
    for (size_t i = rules->n; i-- > 0;)
        if (strstr(rules->items[i]->text, id))
            ostk_drop(r->sim, rules, rules->items[i]->name);
    return true;
}
