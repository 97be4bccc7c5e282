/* Neutron's quotas, its extensions, how many addresses are left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_net.h"

static const struct { const char *name, *plural; int limit; } limits[] = {
    {"network", "networks", 100}, {"subnet", "subnets", 100}, {"subnetpool", NULL, -1}, {"port", "ports", 500}, {"router", "routers", 10},
    {"floatingip", "floatingips", 50}, {"rbac_policy", NULL, 10}, {"security_group", "security-groups", 10}, {"security_group_rule", "security-group-rules", 100},
    {"trunk", NULL, -1},
};
#define NLIMITS (sizeof(limits) / sizeof(limits[0]))

/* ---- quotas ---- */
static int limit_of(struct sim *s, const char *project, size_t i)
{
    struct obj *o = store_get(net_table(s, "quotas"), "", project);
    json_t *d = o ? obj_doc(o) : NULL, *v = json_object_get(d, limits[i].name);
    int n = v ? (int)json_integer_value(v) : limits[i].limit;
    json_decref(d);
    return n;
}

static int used_of(struct sim *s, const char *project, size_t i)
{
    struct res *t = limits[i].plural ? net_table(s, limits[i].plural) : NULL;
    char *need = sim_printf("\"project_id\":\"%s\"", project);
    int n = 0;
    for (size_t k = 0; t && k < t->n; k++)
        n += strstr(t->items[k]->text, need) != NULL;
    free(need);
    return n;
}

bool net_within_quota(struct req *r, const char *project, const char *plural)
{
    for (size_t i = 0; i < NLIMITS; i++) {
        if (!limits[i].plural || strcmp(limits[i].plural, plural) != 0)
            continue;
        int limit = limit_of(r->sim, project, i);
        if (limit >= 0 && used_of(r->sim, project, i) >= limit)
            return net_fail(r, 409, "OverQuota", "Quota exceeded for resources: ['%s'].", limits[i].name);
    }
    return true;
}

static json_t *numbers(struct sim *s, const char *project, bool standard, bool details)
{
    json_t *q = json_object();
    for (size_t i = 0; i < NLIMITS; i++) {
        int limit = standard ? limits[i].limit : limit_of(s, project, i);
        json_object_set_new(q, limits[i].name, details ? jt("{'limit':%i,'used':%i,'reserved':0}", limit, used_of(s, project, i)) : json_integer(limit));
    }
    return q;
}

static void all_quotas(struct req *r)
{
    struct res *t = net_table(r->sim, "quotas");
    json_t *rows = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *q = numbers(r->sim, t->items[i]->name, false, false);
        json_object_set_new(q, "project_id", json_string(t->items[i]->name));
        json_object_set_new(q, "tenant_id", json_string(t->items[i]->name));
        json_array_append_new(rows, q);
    }
    reply_json(r, 200, jt("{'quotas':%j}", rows));
}

void net_quotas(struct req *r)
{
    const struct token *t = ostk_who(r);
    const char *project = r->nseg > 3 ? r->seg[3] : "", *sub = r->nseg > 4 ? r->seg[4] : "";
    bool get = strcmp(r->method, "GET") == 0, put = strcmp(r->method, "PUT") == 0;
    if (!t->admin && (!get || strcmp(project, t->project_id) != 0)) {
        net_fail(r, 403, "PolicyNotAuthorized", "rule:%s_quota is disallowed by policy", get ? "get" : put ? "update" : "delete");
    } else if (!*project) {
        all_quotas(r);
    } else if (put) {
        json_t *in = ostk_body(r), *set = json_incref(json_object_get(in, "quota"));
        struct obj *o = store_get(net_table(r->sim, "quotas"), "", project);
        json_t *d = o ? obj_doc(o) : jt("{'id':%s}", project);
        json_object_update(d, set);
        store_put(r->sim, net_table(r->sim, "quotas"), d);
        json_decref(set);
        json_decref(in);
        reply_json(r, 200, jt("{'quota':%j}", numbers(r->sim, project, false, false)));
    } else if (get) {
        reply_json(r, 200, jt("{'quota':%j}", numbers(r->sim, project, strcmp(sub, "default") == 0, strcmp(sub, "details") == 0)));
    } else {
        ostk_drop(r->sim, net_table(r->sim, "quotas"), project);
        reply_text(r, 204, NULL, "", 0);
    }
}

/* ---- extensions ---- */
static const struct { const char *alias, *name, *updated; } extensions[] = {
    {"address-group", "Address group", "2020-07-15T10:00:00-00:00"},
    {"address-scope", "Address scope", "2015-07-26T10:00:00-00:00"},
    {"router-admin-state-down-before-update", "Enforce Router's Admin State Down Before Update Extension", "2019-07-02T15:56:00"},
    {"agent", "agent", "2013-02-03T10:00:00-00:00"},
    {"agent-resources-synced", "Agent's Resource View Synced to Placement", "2018-12-19T00:00:00-00:00"},
    {"allowed-address-pairs", "Allowed Address Pairs", "2013-07-23T10:00:00-00:00"},
    {"auto-allocated-topology", "Auto Allocated Topology Services", "2016-01-01T00:00:00-00:00"},
    {"availability_zone", "Availability Zone", "2015-01-01T10:00:00-00:00"},
    {"availability_zone_filter", "Availability Zone Filter Extension", "2018-06-22T10:00:00-00:00"},
    {"default-subnetpools", "Default Subnetpools", "2016-02-18T18:00:00-00:00"},
    {"dhcp_agent_scheduler", "DHCP Agent Scheduler", "2013-02-07T10:00:00-00:00"},
    {"dvr", "Distributed Virtual Router", "2014-06-1T10:00:00-00:00"},
    {"empty-string-filtering", "Empty String Filtering Extension", "2018-05-01T10:00:00-00:00"},
    {"expose-port-forwarding-in-fip", "Expose Floating IP port forwardings", "2018-06-28T16:00:00-00:00"},
    {"external-net", "Neutron external network", "2013-01-14T10:00:00-00:00"},
    {"extra_dhcp_opt", "Neutron Extra DHCP options", "2013-03-17T12:00:00-00:00"},
    {"extraroute", "Neutron Extra Route", "2013-02-01T10:00:00-00:00"},
    {"extraroute-atomic", "Atomically add/remove extra routes", "2019-07-10T00:00:00+00:00"},
    {"filter-validation", "Filter parameters validation", "2018-07-04T10:00:00-00:00"},
    {"floating-ip-port-forwarding-description", "Floating IP Port Forwarding new attribute description", "2019-11-01T10:00:00-00:00"},
    {"floating-ip-port-forwarding-detail", "Floating IP port forwarding detail", "2022-05-06T10:00:00-00:00"},
    {"floating-ip-port-forwarding-port-ranges", "Floating IP Port Forwarding support port ranges", "2020-07-01T10:00:00-00:00"},
    {"fip-port-details", "Floating IP Port Details Extension", "2018-04-09T10:00:00-00:00"},
    {"flavors", "Neutron Service Flavors", "2015-09-17T10:00:00-00:00"},
    {"floating-ip-port-forwarding", "Floating IP Port Forwarding", "2018-01-19T10:00:00-00:00"},
    {"floatingip-pools", "Floating IP Pools Extension", "2018-03-21T10:00:00-00:00"},
    {"ip-substring-filtering", "IP address substring filtering", "2017-11-28T09:00:00-00:00"},
    {"router", "Neutron L3 Router", "2012-07-20T10:00:00-00:00"},
    {"ext-gw-mode", "Neutron L3 Configurable external gateway mode", "2013-03-28T10:00:00-00:00"},
    {"l3-ha", "HA Router extension", "2014-04-26T00:00:00-00:00"},
    {"l3-flavors", "Router Flavor Extension", "2016-05-17T00:00:00-00:00"},
    {"l3-port-ip-change-not-allowed", "Prevent L3 router ports IP address change extension", "2018-10-09T10:00:00-00:00"},
    {"l3_agent_scheduler", "L3 Agent Scheduler", "2013-02-07T10:00:00-00:00"},
    {"multi-provider", "Multi Provider Network", "2013-06-27T10:00:00-00:00"},
    {"net-mtu", "Network MTU", "2015-03-25T10:00:00-00:00"},
    {"net-mtu-writable", "Network MTU (writable)", "2017-07-12T00:00:00-00:00"},
    {"network_availability_zone", "Network Availability Zone", "2015-01-01T10:00:00-00:00"},
    {"network-ip-availability", "Network IP Availability", "2015-09-24T00:00:00-00:00"},
    {"pagination", "Pagination support", "2016-06-12T00:00:00-00:00"},
    {"port-device-profile", "Port device profile", "2020-12-17T10:00:00-00:00"},
    {"port-mac-override", "Neutron Port MAC address override", "2022-03-18T10:00:00-00:00"},
    {"port-mac-address-regenerate", "Neutron Port MAC address regenerate", "2018-05-03T10:00:00-00:00"},
    {"port-numa-affinity-policy", "Port NUMA affinity policy", "2020-07-08T10:00:00-00:00"},
    {"port-resource-request", "Port Resource Request", "2018-05-08T10:00:00-00:00"},
    {"port-resource-request-groups", "Port Resource Request Groups", "2021-08-02T10:00:00-00:00"},
    {"binding", "Port Binding", "2014-02-03T10:00:00-00:00"},
    {"binding-extended", "Port Bindings Extended", "2017-07-17T10:00:00-00:00"},
    {"port-security", "Port Security", "2012-07-23T10:00:00-00:00"},
    {"project-id", "project_id field enabled", "2016-09-09T09:09:09-09:09"},
    {"provider", "Provider Network", "2012-09-07T10:00:00-00:00"},
    {"qos", "Quality of Service", "2015-06-08T10:00:00-00:00"},
    {"qos-bw-limit-direction", "Direction for QoS bandwidth limit rule", "2017-04-10T10:00:00-00:00"},
    {"qos-bw-minimum-ingress", "Ingress direction for QoS minimum bandwidth rule", "2018-07-09T10:00:00-00:00"},
    {"qos-default", "QoS default policy", "2017-041-06T10:00:00-00:00"},
    {"qos-fip", "Floating IP QoS", "2017-07-20T00:00:00-00:00"},
    {"qos-gateway-ip", "Router gateway IP QoS", "2018-02-24T00:00:00-00:00"},
    {"qos-port-network-policy", "QoS port network policy ID", "2019-11-01T10:00:00-00:00"},
    {"qos-pps-minimum", "QoS minimum packet rate rule", "2021-07-14T10:00:00-00:00"},
    {"qos-pps-minimum-rule-alias", "QoS minimum packet rate rule alias", "2021-10-22T10:00:00-00:00"},
    {"qos-pps", "QoS Rule Type Packet per Second Extension", "2021-05-12T10:00:00-00:00"},
    {"qos-rule-type-details", "Details of QoS rule types", "2017-06-22T10:00:00-00:00"},
    {"qos-rule-type-filter", "Allow to filter the list of QoS rule types", "2022-02-02T10:00:00-00:00"},
    {"qos-rules-alias", "Quality of Service rules alias API", "2018-10-07T10:00:00-00:00"},
    {"quota-check-limit", "Quota engine limit check", "2021-09-08T16:00:00-00:00"},
    {"quotas", "Quota management support", "2012-07-29T10:00:00-00:00"},
    {"quota_details", "Quota details management support", "2017-02-10T10:00:00-00:00"},
    {"rbac-policies", "RBAC Policies", "2015-06-17T12:15:12-00:00"},
    {"rbac-address-group", "Add address_group type to RBAC", "2021-01-20T00:00:00-00:00"},
    {"rbac-address-scope", "Add address_scope type to RBAC", "2020-02-12T00:00:00-00:00"},
    {"rbac-security-groups", "Add security_group type to network RBAC", "2019-02-14T00:00:00-00:00"},
    {"rbac-subnetpool", "Add subnetpool type to RBAC", "2020-02-05T00:00:00-00:00"},
    {"revision-if-match", "If-Match constraints based on revision_number", "2016-12-11T00:00:00-00:00"},
    {"standard-attr-revisions", "Resource revision numbers", "2016-04-11T10:00:00-00:00"},
    {"router_availability_zone", "Router Availability Zone", "2015-01-01T10:00:00-00:00"},
    {"security-groups-normalized-cidr", "Normalized CIDR field for security group rules", "2020-07-28T10:00:00-00:00"},
    {"port-security-groups-filtering", "Port filtering on security groups", "2018-01-09T09:00:00-00:00"},
    {"security-groups-remote-address-group", "Remote address group id field for security group rules", "2020-08-25T10:00:00-00:00"},
    {"security-groups-shared-filtering", "Security group filtering on the shared field", "2021-10-05T09:00:00-00:00"},
    {"security-group", "security-group", "2012-10-05T10:00:00-00:00"},
    {"service-type", "Neutron Service Type Management", "2013-01-20T00:00:00-00:00"},
    {"sorting", "Sorting support", "2016-06-12T00:00:00-00:00"},
    {"standard-attr-description", "standard-attr-description", "2016-02-10T10:00:00-00:00"},
    {"stateful-security-group", "Stateful security group", "2019-11-26T09:00:00-00:00"},
    {"subnet_onboard", "Subnet Onboard", "2018-12-18T09:00:00-00:00"},
    {"subnet-service-types", "Subnet service types", "2016-03-15T18:00:00-00:00"},
    {"subnet_allocation", "Subnet Allocation", "2015-03-30T10:00:00-00:00"},
    {"subnetpool-prefix-ops", "Subnet Pool Prefix Operations", "2019-02-08T10:00:00-00:00"},
    {"standard-attr-tag", "Tag support for resources with standard attribute: port, subnet, subnetpool, network, security_group, router, floatingip, policy, trunk, network_segment_range", "2017-01-01T00:00:00-00:00"},
    {"standard-attr-timestamp", "Resource timestamps", "2016-09-12T10:00:00-00:00"},
    {"trunk", "Trunk Extension", "2016-01-01T10:00:00-00:00"},
    {"trunk-details", "Trunk port details", "2016-01-01T10:00:00-00:00"},
};

void net_extensions(struct req *r)
{
    const char *want = r->nseg > 3 ? r->seg[3] : NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (want && strcmp(want, extensions[i].alias) != 0)
            continue;
        json_t *d = jt("{'name':%s,'alias':%s,'description':%s,'updated':%s,'links':[]}", extensions[i].name, extensions[i].alias, extensions[i].name,
                       extensions[i].updated);
        json_array_append_new(all, d);
    }
    if (!want)
        reply_json(r, 200, jt("{'extensions':%j}", json_incref(all)));
    else if (json_array_size(all))
        reply_json(r, 200, jt("{'extension':%j}", json_incref(json_array_get(all, 0))));
    else {
        char *why = sim_printf("The resource could not be found.<br /><br />\nExtension with alias %s does not exist\n\n", want);
        reply_json(r, 404, jt("{'message':%s,'code':'404 Not Found','title':'Not Found'}", why));
        free(why);
    }
    json_decref(all);
}

/* ---- addresses ---- */
static json_t *subnet_use(struct sim *s, const json_t *sub)
{
    uint32_t from, to;
    long long total = 0;
    int used = 0;
    struct res *t = net_table(s, "ports");
    for (size_t i = 0; i < json_array_size(json_object_get(sub, "allocation_pools")); i++) {
        const json_t *pool = json_array_get(json_object_get(sub, "allocation_pools"), i);
        if (net_parse_ip(jstr(pool, "start"), &from) && net_parse_ip(jstr(pool, "end"), &to) && to >= from)
            total += to - from + 1;
    }
    for (size_t i = 0; i < t->n; i++)
        used += strstr(t->items[i]->text, jstr(sub, "id")) != NULL;
    return jt("{'subnet_id':%s,'subnet_name':%s,'ip_version':4,'cidr':%s,'total_ips':%l,'used_ips':%i}", jstr(sub, "id"), jstr(sub, "name"), jstr(sub, "cidr"),
              (int64_t)total, used);
}

void net_ip_availability(struct req *r)
{
    struct res *t = net_table(r->sim, "networks");
    const char *want = r->nseg > 3 ? r->seg[3] : req_query(r, "network_id");
    json_t *all = json_array();
    store_from(t, "", "", false);
    for (size_t i = 0; i < t->n && ostk_admin(r); i++) {
        json_t *d = obj_doc(t->items[i]), *subs = json_array();
        int64_t total = 0, used = 0;
        for (size_t k = 0; k < json_array_size(json_object_get(d, "subnets")); k++) {
            struct obj *o = store_get(net_table(r->sim, "subnets"), "", json_string_value(json_array_get(json_object_get(d, "subnets"), k)));
            json_t *sub = o ? obj_doc(o) : NULL, *use = sub ? subnet_use(r->sim, sub) : NULL;
            total += jint(use, "total_ips");
            used += jint(use, "used_ips");
            json_array_append_new(subs, use);
            json_decref(sub);
        }
        json_t *row = jt("{'network_id':%s,'network_name':%s,'tenant_id':%s,'project_id':%s,'subnet_ip_availability':%j,'total_ips':%l,'used_ips':%l}", jstr(d, "id"),
                         jstr(d, "name"), jstr(d, "project_id"), jstr(d, "project_id"), subs, total, used);
        ostk_fields(r, row);
        if (!want || strcmp(want, jstr(d, "id")) == 0)
            json_array_append(all, row);
        json_decref(row);
        json_decref(d);
    }
    if (r->nseg <= 3)
        reply_json(r, 200, jt("{'network_ip_availabilities':%j}", json_incref(all)));
    else if (json_array_size(all))
        reply_json(r, 200, jt("{'network_ip_availability':%j}", json_incref(json_array_get(all, 0))));
    else
        net_fail(r, 404, "NetworkNotFound", "Network %s could not be found.", want);
    json_decref(all);
}
