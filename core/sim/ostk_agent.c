/* Neutron's agents: hearts that beat, hosts that die, the routers and networks each takes care of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_net.h"

#define REPORT_MS 30000                                        /* how often an agent reports, and after how long it counts as dead */
#define DOWN_MS 75000

static const struct flavor { const char *type, *binary, *topic, *zone, *configurations; } flavors[] = {
    {"Open vSwitch agent", "neutron-openvswitch-agent", "N/A", NULL,
     "{'arp_responder_enabled':false,'bridge_mappings':{'physnet1':'br-ex'},'datapath_type':'system','devices':0,'enable_distributed_routing':false,"
     "'extensions':['qos'],'in_distributed_mode':false,'integration_bridge':'br-int','l2_population':false,'log_agent_heartbeats':false,"
     "'ovs_capabilities':{'datapath_types':['netdev','system'],'iface_types':['internal','vxlan']},'ovs_hybrid_plug':false,'tunnel_types':['vxlan'],"
     "'tunneling_ip':'10.0.0.1',"
     "'vhostuser_socket_dir':'/var/run/openvswitch'}"},
    {"L3 agent", "neutron-l3-agent", "l3_agent", "nova",
     "{'agent_mode':'legacy','ex_gw_ports':0,'floating_ips':0,'handle_internal_only_routers':true,'interface_driver':'openvswitch','interfaces':0,"
     "'log_agent_heartbeats':false,'routers':0}"},
    {"DHCP agent", "neutron-dhcp-agent", "dhcp_agent", "nova",
     "{'dhcp_driver':'neutron.agent.linux.dhcp.Dnsmasq','dhcp_lease_duration':86400,'log_agent_heartbeats':false,'networks':0,'notifies_port_ready':true,'ports':0,"
     "'subnets':0}"},
    {"Metadata agent", "neutron-metadata-agent", "N/A", NULL,
     "{'log_agent_heartbeats':false,'metadata_proxy_socket':'/var/run/metadata_proxy','nova_metadata_host':'127.0.0.1','nova_metadata_port':8775}"},
};

static const char *agent_stamp(int64_t ms, char at[32])
{
    stamp(ms, at);
    at[10] = ' ';
    at[19] = 0;
    return at;
}

const char *neutron_agent(struct sim *s, const char *binary, const char *host)
{
    struct res *t = net_table(s, "agents");
    char id[37], born[32], up[32];
    for (size_t i = 0; i < sizeof(flavors) / sizeof(flavors[0]); i++) {
        const struct flavor *f = &flavors[i];
        if (strcmp(f->binary, binary) != 0)
            continue;
        uuid4(s, id);
        agent_stamp(sim_now(s) - 40LL * 86400000, born);
        agent_stamp(sim_now(s) - 840000, up);
        return store_put(s, t, jt("{'id':%s,'agent_type':%s,'binary':%s,'topic':%s,'host':%s,'admin_state_up':true,'created_at':%s,'started_at':%s,"
                                  "'heartbeat_timestamp':%s,'description':null,'resources_synced':null,'availability_zone':%s,'alive':true,'configurations':%j,"
                                  "'_phase':%i,'_stopped':0,'_routers':[],'_networks':[]}", id, f->type, f->binary, f->topic, host, born, up, up, f->zone,
                                  jt(f->configurations), (int)(sim_rand(s) % REPORT_MS)))->name;
    }
    return NULL;
}

/* An agent that lives has reported at the last of its regular times; a dead one just before it stopped. */
void net_agent_beat(struct sim *s, json_t *d)
{
    char at[32];
    int64_t now = sim_now(s), stopped = jint(d, "_stopped"), period = ostk_ms(s, REPORT_MS), seen = stopped ? stopped : now;
    if (period < 1)
        period = 1;
    seen -= (seen + jint(d, "_phase")) % period;
    json_object_set_new(d, "heartbeat_timestamp", json_string(agent_stamp(seen, at)));
    json_object_set_new(d, "alive", json_boolean(now - seen < ostk_ms(s, DOWN_MS) || (!stopped && ostk_ms(s, DOWN_MS) < 1000)));
    if (strcmp(jstr(d, "agent_type"), "L3 agent") == 0)
        jset(d, "configurations.routers", json_integer((json_int_t)json_array_size(json_object_get(d, "_routers"))));
    else if (strcmp(jstr(d, "agent_type"), "DHCP agent") == 0)
        jset(d, "configurations.networks", json_integer((json_int_t)json_array_size(json_object_get(d, "_networks"))));
}

static void each_on(struct sim *s, const char *binary, const char *host, int64_t stopped)
{
    struct res *t = net_table(s, "agents");
    char at[32];
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool was = jint(d, "_stopped") != 0;
        if (strcmp(jstr(d, "host"), host) == 0 && (!binary || strcmp(binary, jstr(d, "binary")) == 0) && was != (stopped != 0))
            ostk_merge(s, t, t->items[i]->name, stopped ? jt("{'_stopped':%l}", stopped)
                                                        : jt("{'_stopped':0,'started_at':%s}", agent_stamp(sim_now(s), at)));
        json_decref(d);
    }
}

void neutron_host_down(struct sim *s, const char *host)
{
    each_on(s, NULL, host, sim_now(s));
}

void neutron_host_up(struct sim *s, const char *host)
{
    each_on(s, NULL, host, 0);
}

void neutron_agent_stop(struct sim *s, const char *binary, const char *host, int64_t since_ms)
{
    each_on(s, binary, host, since_ms ? since_ms : sim_now(s));
}

/* One that never was there makes itself known. */
void neutron_agent_start(struct sim *s, const char *binary, const char *host)
{
    struct res *t = net_table(s, "agents");
    bool known = !binary;
    for (size_t i = 0; i < t->n && !known; i++) {
        const json_t *d = obj_read(t->items[i]);
        known = strcmp(jstr(d, "host"), host) == 0 && strcmp(jstr(d, "binary"), binary) == 0;
    }
    if (!known)
        neutron_agent(s, binary, host);
    each_on(s, binary, host, 0);
}

/* ---- what they take care of ---- */
static bool holds(const json_t *list, const char *id, bool remove)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), id) != 0)
            continue;
        if (remove)
            json_array_remove((json_t *)list, i);
        return true;
    }
    return false;
}

bool net_agent_holds(const json_t *list, const char *id) { return holds(list, id, false); }

/* Neutron binds a router's ports to the host of the agent that has the router. */
static void bind_ports(struct sim *s, const char *router, const char *host)
{
    struct res *t = net_table(s, "ports");
    for (size_t i = 0; i < t->n; i++) {
        if (!strstr(t->items[i]->text, router) || !strstr(t->items[i]->text, "\"network:router_"))
            continue;
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "device_id"), router) == 0)
            ostk_merge(s, t, jstr(d, "id"), jt("{'binding:host_id':%s,'binding:vif_type':'ovs','binding:vif_details':{'connectivity':'l2','port_filter':true,"
                                               "'ovs_hybrid_plug':false,'datapath_type':'system','bridge_name':'br-int','bound_drivers':{'0':'openvswitch'}}}", host));
        json_decref(d);
    }
}

void net_agent_host(struct sim *s, const char *key, const char *type, const char *id)
{
    bool router = strcmp(key, "_routers") == 0;
    struct res *t = net_table(s, "agents");
    struct obj *best = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < t->n; i++) {                       /* the least loaded one that lives */
        json_t *d = obj_doc(t->items[i]);
        json_t *list = json_object_get(d, key);
        bool able = strcmp(jstr(d, "agent_type"), type) == 0 && json_is_true(json_object_get(d, "admin_state_up")) && !jint(d, "_stopped");
        bool has = strcmp(jstr(d, "agent_type"), type) == 0 && holds(list, id, false);
        if (able && json_array_size(list) < least) {
            least = json_array_size(list);
            best = t->items[i];
        }
        if (has && router)
            bind_ports(s, id, jstr(d, "host"));
        json_decref(d);
        if (has)
            return;
    }
    if (best) {
        json_t *d = obj_doc(best);
        json_array_append_new(json_object_get(d, key), json_string(id));
        if (router)
            bind_ports(s, id, jstr(d, "host"));
        store_put(s, t, d);
    }
}

/* Of a router that its agent has, or was told to let go: ports and floating addresses are as the agent finds them, the router itself is not. */
static void serve(struct sim *s, const char *plural, const char *key, const char *router, bool up)
{
    struct res *t = net_table(s, plural);
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, router) ? obj_doc(t->items[i]) : NULL;
        bool its = d && strcmp(jstr(d, key), router) == 0 && (*key == 'r' ? *jstr(d, "port_id") != 0 : strncmp(jstr(d, "device_owner"), "network:router_", 15) == 0);
        if (its)
            ostk_merge(s, t, t->items[i]->name, jt("{'status':%s}", up ? "ACTIVE" : "DOWN"));
        json_decref(d);
    }
}

/* An agent is told that it was changed and asks for its routers or networks: of one that is disabled there are none. */
static void resync(struct sim *s, const char *id)
{
    struct obj *o = store_get(net_table(s, "agents"), "", id);
    json_t *d = o ? obj_doc(o) : NULL, *routers = json_object_get(d, "_routers"), *networks = json_object_get(d, "_networks");
    for (size_t i = 0; d && !jint(d, "_stopped") && i < json_array_size(routers); i++) {
        const char *router = json_string_value(json_array_get(routers, i));
        serve(s, "ports", "device_id", router, json_is_true(json_object_get(d, "admin_state_up")));
        serve(s, "floatingips", "router_id", router, json_is_true(json_object_get(d, "admin_state_up")));
    }
    for (size_t i = 0; d && i < json_array_size(networks); i++)
        net_dhcp_ports(s, json_string_value(json_array_get(networks, i)));
    json_decref(d);
}

bool net_agent_update(struct req *r, json_t *want, json_t *d)
{
    if (json_object_get(want, "admin_state_up"))
        ostk_later(r->sim, 500, net_table(r->sim, "agents"), jstr(d, "id"), "id", NULL, json_object(), resync);
    return true;
}

json_t *net_agents_for(struct req *r, const char *key, const char *id)
{
    struct res *t = net_table(r->sim, "agents");
    json_t *all = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (holds(json_object_get(d, key), id, false)) {
            net_agent_beat(r->sim, d);
            json_object_set_new(d, "resource_versions", json_object());
            if (key[1] == 'r')
                json_object_set_new(d, "ha_state", json_null());
            json_array_append(all, ostk_public(d));
        }
        json_decref(d);
    }
    return all;
}

static json_t *cared_for(struct req *r, const json_t *agent, const char *key, const char *plural)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < json_array_size(json_object_get(agent, key)); i++) {
        struct obj *o = store_get(net_table(r->sim, plural), "", json_string_value(json_array_get(json_object_get(agent, key), i)));
        json_t *d = o ? obj_doc(o) : NULL;
        if (d && key[1] == 'r') {
            json_object_set_new(d, "gw_port_id", *jstr(d, "_gw_port") ? json_string(jstr(d, "_gw_port")) : json_null());
            json_object_set_new(d, "ha_vr_id", json_integer(0));
        }
        if (d)
            json_array_append_new(rows, ostk_public(d));
    }
    return rows;
}

/* Its DHCP agents are told that one took it, or let it go. */
static void dhcp_moved(struct sim *s, void *arg)
{
    net_dhcp_ports(s, arg);
    free(arg);
}

/* POST {"router_id": ID}: the agent takes it; the others of its type let go (a DHCP agent shares). */
static void take(struct req *r, const json_t *agent, const char *key, const char *id)
{
    bool l3 = key[1] == 'r';
    struct res *t = net_table(r->sim, "agents");
    if (!id) {
        net_fail(r, 500, "HTTPInternalServerError", "Request Failed: internal server error while processing your request.");
        return;
    }
    if (strcmp(jstr(agent, "agent_type"), l3 ? "L3 agent" : "DHCP agent") != 0 || !json_is_true(json_object_get(agent, "admin_state_up"))) {
        net_fail(r, 404, l3 ? "InvalidL3Agent" : "InvalidDHCPAgent", "Agent %s is not a %s Agent or has been disabled%s", jstr(agent, "id"), l3 ? "L3" : "valid DHCP", l3 ? "" : ".");
        return;
    }
    if (!store_get(net_table(r->sim, l3 ? "routers" : "networks"), "", id)) {
        net_fail(r, 404, l3 ? "RouterNotFound" : "NetworkNotFound", l3 ? "Router %s could not be found" : "Network %s could not be found.", id);
        return;
    }
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool here = strcmp(jstr(d, "id"), jstr(agent, "id")) == 0, has = holds(json_object_get(d, key), id, false);
        if (has && !here && l3) {
            net_fail(r, 409, "RouterHostedByL3Agent", "The router %s has been already hosted by the L3 Agent %s.", id, jstr(d, "id"));
            json_decref(d);
            return;
        }
        if (has && here && !l3) {
            net_fail(r, 409, "NetworkHostedByDHCPAgent", "The network %s has been already hosted by the DHCP Agent %s.", id, jstr(d, "id"));
            json_decref(d);
            return;
        }
        json_decref(d);
    }
    json_t *list = json_deep_copy(json_object_get(agent, key));
    if (!holds(list, id, false))
        json_array_append_new(list, json_string(id));
    json_t *set = json_object();
    json_object_set_new(set, key, list);
    ostk_merge(r->sim, t, jstr(agent, "id"), set);
    if (!l3)
        sim_after(r->sim, ostk_ms(r->sim, 500), dhcp_moved, sim_strdup(id));
    reply_json(r, 201, json_null());
}

bool net_agent_sub(struct req *r, const char *id, const char *sub)
{
    bool l3 = strcmp(sub, "l3-routers") == 0;
    const char *key = l3 ? "_routers" : "_networks";
    if (!l3 && strcmp(sub, "dhcp-networks") != 0)
        return false;
    struct obj *o = store_get(net_table(r->sim, "agents"), "", id);
    json_t *d = o ? obj_doc(o) : NULL, *in = ostk_body(r);
    bool get = strcmp(r->method, "GET") == 0, post = strcmp(r->method, "POST") == 0;
    if (!ostk_admin(r)) {
        net_fail(r, 403, "PolicyNotAuthorized", "rule:%s_%.*s is disallowed by policy", get ? "get" : post ? "create" : "delete",
                 (int)strlen(sub) - !get, sub);
    } else if (!d) {
        net_fail(r, 404, "AgentNotFound", "Agent %s could not be found.", id);
    } else if (get) {
        json_t *out = json_object();
        json_object_set_new(out, l3 ? "routers" : "networks", cared_for(r, d, key, l3 ? "routers" : "networks"));
        reply_json(r, 200, out);
    } else if (post) {
        take(r, d, key, json_string_value(jat(in, l3 ? "router_id" : "network_id")));
    } else {
        const char *what = r->nseg > 5 ? r->seg[5] : "";
        bool held = holds(json_object_get(d, key), what, true);
        if (held)
            store_put(r->sim, o->res, json_incref(d));
        if (held && !l3)
            sim_after(r->sim, ostk_ms(r->sim, 500), dhcp_moved, sim_strdup(what));
        if (!held && !l3)
            net_fail(r, 409, "NetworkNotHostedByDhcpAgent", "The network %s is not hosted by the DHCP Agent %s.", what, id);
        else if (l3 && !store_get(net_table(r->sim, "routers"), "", what))
            net_fail(r, 404, "RouterNotFound", "Router %s could not be found", what);
        else
            reply_text(r, 204, NULL, "", 0);
    }
    json_decref(d);
    json_decref(in);
    return true;
}

/* One that lives comes back with its next report, under a new id. */
static void reborn(struct sim *s, void *arg)
{
    json_t *d = arg;
    char id[37], at[32];
    uuid4(s, id);
    json_object_set_new(d, "id", json_string(id));
    json_object_set_new(d, "created_at", json_string(agent_stamp(sim_now(s), at)));
    store_put(s, net_table(s, "agents"), d);
}

bool net_agent_remove(struct req *r, json_t *d)
{
    if (!jint(d, "_stopped"))
        sim_after(r->sim, ostk_ms(r->sim, REPORT_MS / 2), reborn, json_deep_copy(d));
    return true;
}
