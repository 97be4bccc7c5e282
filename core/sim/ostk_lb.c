/* The life of load balancers: changes that take their time, amphorae and failover, the health of members, what is found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_lb.h"

#define UPDATE_MS 1200

#define COMMON "id", "name", "description", "project_id", "tenant_id", "provisioning_status", "operating_status", "admin_state_up", "created_at", "updated_at"
static const char *const lb_keys[] = {COMMON, "vip_address", "vip_network_id", "vip_port_id", "vip_subnet_id", "vip_qos_policy_id", "provider", "flavor_id",
                                      "availability_zone", NULL};
static const char *const listener_keys[] = {COMMON, "protocol", "protocol_port", "connection_limit", "default_pool_id", "loadbalancer_id=_lb", NULL};
static const char *const pool_keys[] = {COMMON, "protocol", "lb_algorithm", "session_persistence", "loadbalancer_id=_lb", "listener_id=_listener", NULL};
static const char *const member_keys[] = {COMMON, "address", "protocol_port", "weight", "backup", "subnet_id", "monitor_address", "monitor_port", NULL};
static const char *const monitor_keys[] = {COMMON, "pool_id=_pool", "type", "delay", "timeout", "max_retries", "max_retries_down", "http_method", "url_path",
                                           "expected_codes", "http_version", "domain_name", NULL};

const struct lb_kind lb_kinds[LB_KINDS] = {
    {"loadbalancers", "loadbalancer", "Load Balancer", lb_keys,
     "{'vip_address':null,'vip_port_id':null,'vip_subnet_id':null,'vip_network_id':null,'additional_vips':[],'provider':'amphora','flavor_id':null,"
     "'vip_qos_policy_id':null,'availability_zone':null}"},
    {"listeners", "listener", "Listener", listener_keys,
     "{'connection_limit':-1,'default_tls_container_ref':null,'sni_container_refs':[],'default_pool_id':null,'l7policies':[],'insert_headers':{},"
     "'timeout_client_data':50000,'timeout_member_connect':5000,'timeout_member_data':50000,'timeout_tcp_inspect':0,'client_ca_tls_container_ref':null,"
     "'client_authentication':'NONE','client_crl_container_ref':null,'allowed_cidrs':null,'tls_ciphers':null,'tls_versions':null,'alpn_protocols':null}"},
    {"pools", "pool", "Pool", pool_keys,
     "{'lb_algorithm':'ROUND_ROBIN','session_persistence':null,'tls_container_ref':null,'ca_tls_container_ref':null,'crl_container_ref':null,'tls_enabled':false,"
     "'tls_ciphers':null,'tls_versions':null,'alpn_protocols':null}"},
    {"members", "member", "Member", member_keys, "{'weight':1,'backup':false,'subnet_id':null,'monitor_address':null,'monitor_port':null}"},
    {"healthmonitors", "healthmonitor", "Health Monitor", monitor_keys,
     "{'http_method':null,'url_path':null,'expected_codes':null,'max_retries':3,'max_retries_down':3,'http_version':null,'domain_name':null}"},
    {"l7policies", "l7policy", "L7Policy", listener_keys, "{}"},
};
struct res *lb_table(struct sim *s, const char *name)
{
    return ostk_table(s, "octavia", name);
}

json_t *lb_get(struct sim *s, const char *name, const char *id)
{
    struct obj *o = store_get(lb_table(s, name), "", id);
    return o ? obj_doc(o) : NULL;
}

/* ---- documents ---- */
json_t *lb_ids(struct sim *s, const char *name, const char *key, const char *value)
{
    struct res *t = lb_table(s, name);
    json_t *all = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, value) ? obj_doc(t->items[i]) : NULL;
        if (d && strcmp(jstr(d, key), value) == 0)
            json_array_append_new(all, jt("{'id':%s}", jstr(d, "id")));
        json_decref(d);
    }
    return all;
}

static json_t *listed(const char *id)
{
    return *id ? jt("[{'id':%s}]", id) : json_array();
}

/* What hangs together is worked out when it is shown. */
json_t *lb_whole(struct sim *s, const struct lb_kind *k, json_t *d)
{
    const char *id = jstr(d, "id");
    if (k == &lb_kinds[LB]) {
        json_object_set_new(d, "listeners", lb_ids(s, "listeners", "_lb", id));
        json_object_set_new(d, "pools", lb_ids(s, "pools", "_lb", id));
    } else if (k == &lb_kinds[LISTENER]) {
        json_object_set_new(d, "loadbalancers", listed(jstr(d, "_lb")));
    } else if (k == &lb_kinds[POOL]) {
        json_t *mon = lb_ids(s, "healthmonitors", "_pool", id);
        json_object_set_new(d, "loadbalancers", listed(jstr(d, "_lb")));
        json_object_set_new(d, "listeners", listed(jstr(d, "_listener")));
        json_object_set_new(d, "members", lb_ids(s, "members", "_pool", id));
        if (json_array_size(mon))
            json_object_set_new(d, "healthmonitor_id", json_string(jstr(mon, "0.id")));
        json_decref(mon);
    } else if (k == &lb_kinds[MONITOR]) {
        json_object_set_new(d, "pools", listed(jstr(d, "_pool")));
    }
    return d;
}

json_t *lb_new(struct sim *s, const struct lb_kind *k, const char *project, const char *name)
{
    char id[37], at[32];
    uuid4(s, id);
    stamp(sim_now(s), at);
    at[19] = 0;
    json_t *d = jt("{'id':%s,'name':%s,'description':'','provisioning_status':'PENDING_CREATE','operating_status':'OFFLINE','admin_state_up':true,'project_id':%s,"
                   "'created_at':%s,'updated_at':null,'tags':[],'tenant_id':%s}", id, name, project, at, project), *more = jt(k->defaults);
    json_object_update_missing(d, more);
    json_decref(more);
    if (k == &lb_kinds[MEMBER])
        json_object_del(d, "description");
    return d;
}

/* ---- what happens by itself ---- */
void lb_touch(struct sim *s, const char *name, const char *id, json_t *set)
{
    char at[32];
    stamp(sim_now(s), at);
    at[19] = 0;
    json_object_set_new(set, "updated_at", json_string(at));
    ostk_merge(s, lb_table(s, name), id, set);
}

/* The state of a pool follows its members', that of the load balancer its pools'. */
static const char *worst(struct sim *s, const char *name, const char *key, const char *id)
{
    struct res *t = lb_table(s, name);
    int bad = 0, half = 0, good = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, id) ? obj_doc(t->items[i]) : NULL;
        const char *st = jstr(d, "operating_status");
        if (d && strcmp(jstr(d, key), id) == 0) {
            bad += strcmp(st, "ERROR") == 0;
            half += strcmp(st, "DEGRADED") == 0;
            good += strcmp(st, "ONLINE") == 0 || strcmp(st, "NO_MONITOR") == 0;
        }
        json_decref(d);
    }
    return bad && !good && !half ? "ERROR" : bad || half ? "DEGRADED" : "ONLINE";
}

static void roll_up(struct sim *s, const char *pool)
{
    json_t *p = lb_get(s, "pools", pool);
    const char *lb = jstr(p, "_lb"), *listener = jstr(p, "_listener");
    lb_touch(s, "pools", pool, jt("{'operating_status':%s}", worst(s, "members", "_pool", pool)));
    if (*listener)
        lb_touch(s, "listeners", listener, jt("{'operating_status':'ONLINE'}"));
    if (*lb)
        lb_touch(s, "loadbalancers", lb, jt("{'operating_status':%s}", strcmp(worst(s, "pools", "_lb", lb), "ONLINE") == 0 ? "ONLINE" : worst(s, "pools", "_lb", lb)));
    json_decref(p);
}

void octavia_member_health(struct sim *s, const char *address, bool online)
{
    struct res *t = lb_table(s, "members");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, address) ? obj_doc(t->items[i]) : NULL;
        const char *now = jstr(d, "operating_status"), *next = online ? "ONLINE" : "ERROR";
        json_t *mon = d ? lb_ids(s, "healthmonitors", "_pool", jstr(d, "_pool")) : NULL;
        if (d && strcmp(jstr(d, "address"), address) == 0 && json_array_size(mon) && strcmp(now, next) != 0) {
            char *pool = sim_strdup(jstr(d, "_pool"));
            lb_touch(s, "members", t->items[i]->name, jt("{'operating_status':%s}", next));
            roll_up(s, pool);
            free(pool);
        }
        json_decref(mon);
        json_decref(d);
    }
}

static void child_done(struct sim *s, const char *id)
{
    (void)id;
    struct res *t = lb_table(s, "pools");
    for (size_t i = 0; i < t->n; i++)
        roll_up(s, t->items[i]->name);
}

/* A change goes through the amphorae: the load balancer is PENDING_UPDATE meanwhile, and so is what changes. */
void lb_pending(struct sim *s, const char *lb, const char *name, const char *id, const char *from, json_t *end)
{
    if (*lb) {
        lb_touch(s, "loadbalancers", lb, jt("{'provisioning_status':'PENDING_UPDATE'}"));
        ostk_later(s, UPDATE_MS, lb_table(s, "loadbalancers"), lb, "provisioning_status", "PENDING_UPDATE", jt("{'provisioning_status':'ACTIVE'}"), NULL);
    }
    ostk_later(s, UPDATE_MS - 100, lb_table(s, name), id, "provisioning_status", from, end, child_done);
}

/* ---- amphorae ---- */
const char *octavia_amphora(struct sim *s, const char *lb, const char *role, const char *compute, const char *ip)
{
    char id[37], vm[37], port[37], at[32], until[32], vrrp[32];
    json_t *d = lb_get(s, "loadbalancers", lb);
    uuid4(s, id);
    uuid4(s, vm);
    uuid4(s, port);
    stamp(sim_now(s), at);
    stamp(sim_now(s) + 30LL * 86400000, until);
    at[19] = until[19] = 0;
    snprintf(vrrp, sizeof(vrrp), "192.0.2.%d", (int)(sim_rand(s) % 250) + 2);
    bool alone = strcmp(role, "STANDALONE") == 0, master = strcmp(role, "MASTER") == 0;
    const char *out = store_put(s, lb_table(s, "amphorae"),
        jt("{'id':%s,'loadbalancer_id':%s,'compute_id':%s,'lb_network_ip':%s,'vrrp_ip':%s,'ha_ip':%s,'vrrp_port_id':%s,'ha_port_id':%s,'cert_expiration':%s,"
           "'cert_busy':false,'role':%s,'status':'ALLOCATED','vrrp_interface':%s,'vrrp_id':1,'vrrp_priority':%j,'cached_zone':'nova','created_at':%s,'updated_at':%s,"
           "'image_id':null,'compute_flavor':null}", id, lb, compute ? compute : vm, ip ? ip : vrrp, vrrp, jstr(d, "vip_address"), port, jstr(d, "vip_port_id"), until,
           role, alone ? NULL : "eth1", alone ? json_null() : json_integer(master ? 100 : 90), at, at))->name;
    json_decref(d);
    return out;
}

struct failover { char *lb, *amphora; };

static void failed_over(struct sim *s, void *arg)
{
    struct failover *f = arg;
    struct res *t = lb_table(s, "amphorae");
    for (size_t i = t->n; i-- > 0;) {
        json_t *d = obj_doc(t->items[i]);
        bool it = strcmp(jstr(d, "loadbalancer_id"), f->lb) == 0 && (!f->amphora || strcmp(jstr(d, "id"), f->amphora) == 0);
        if (strcmp(jstr(d, "_new"), f->lb) == 0)
            ostk_merge(s, t, jstr(d, "id"), jt("{'_new':null}"));
        else if (it) {
            if (s->nova)
                nova_server_delete(s, jstr(d, "compute_id"));
            ostk_drop(s, t, jstr(d, "id"));
        }
        json_decref(d);
    }
    lb_touch(s, "loadbalancers", f->lb, jt("{'provisioning_status':'ACTIVE'}"));
    free(f->lb);
    free(f->amphora);
    free(f);
}

/* New ones are built first, the old ones go when they carry the traffic. */
static void failover_build(struct sim *s, void *arg)
{
    struct failover *f = arg;
    struct res *t = lb_table(s, "amphorae");
    size_t n = t->n;
    char (*roles)[16] = sim_alloc((n + 1) * sizeof(*roles));
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "loadbalancer_id"), f->lb) == 0 && (!f->amphora || strcmp(jstr(d, "id"), f->amphora) == 0))
            snprintf(roles[k++], sizeof(roles[0]), "%s", jstr(d, "role"));
        json_decref(d);
    }
    for (size_t i = 0; i < k; i++)
        ostk_merge(s, t, octavia_boot(s, f->lb, roles[i]), jt("{'_new':%s}", f->lb));
    free(roles);
    sim_after(s, ostk_ms(s, 2000), failed_over, f);
}

bool octavia_failover(struct sim *s, const char *lb, const char *amphora)
{
    json_t *d = lb_get(s, "loadbalancers", lb);
    bool ok = d && strcmp(jstr(d, "provisioning_status"), "ACTIVE") == 0;
    json_decref(d);
    if (!ok)
        return false;
    struct failover *f = sim_alloc(sizeof(*f));
    *f = (struct failover){sim_strdup(lb), amphora ? sim_strdup(amphora) : NULL};
    lb_touch(s, "loadbalancers", lb, jt("{'provisioning_status':'PENDING_UPDATE'}"));
    sim_after(s, ostk_ms(s, 1500), failover_build, f);
    return true;
}

/* ---- as they are found, and made ---- */
const char *octavia_lb(struct sim *s, const char *id, const char *name, const char *project, const char *vip, const char *subnet, const char *network, const char *port)
{
    json_t *d = lb_new(s, &lb_kinds[LB], project, name), *set = jt("{'vip_address':%s,'vip_subnet_id':%s,'vip_network_id':%s,'vip_port_id':%s,"
                                                                "'provisioning_status':'ACTIVE','operating_status':'ONLINE'}", vip, subnet, network, port);
    json_object_update(d, set);
    json_decref(set);
    if (id)
        json_object_set_new(d, "id", json_string(id));
    return store_put(s, lb_table(s, "loadbalancers"), d)->name;
}

const char *octavia_listener(struct sim *s, const char *lb, const char *name, const char *protocol, int port)
{
    json_t *at = lb_get(s, "loadbalancers", lb), *d = lb_new(s, &lb_kinds[LISTENER], jstr(at, "project_id"), name);
    json_t *set = jt("{'protocol':%s,'protocol_port':%i,'_lb':%s,'provisioning_status':'ACTIVE','operating_status':'ONLINE'}", protocol, port, lb);
    json_object_update(d, set);
    json_decref(set);
    json_decref(at);
    return store_put(s, lb_table(s, "listeners"), d)->name;
}

const char *octavia_pool(struct sim *s, const char *listener, const char *name, const char *protocol, bool monitored)
{
    json_t *at = lb_get(s, "listeners", listener), *d = lb_new(s, &lb_kinds[POOL], jstr(at, "project_id"), name);
    json_t *set = jt("{'protocol':%s,'_lb':%s,'_listener':%s,'provisioning_status':'ACTIVE','operating_status':'ONLINE'}", protocol, jstr(at, "_lb"), listener);
    json_object_update(d, set);
    json_decref(set);
    const char *id = store_put(s, lb_table(s, "pools"), d)->name;
    ostk_merge(s, lb_table(s, "listeners"), listener, jt("{'default_pool_id':%s}", id));
    if (monitored) {
        json_t *m = lb_new(s, &lb_kinds[MONITOR], jstr(at, "project_id"), "");
        set = jt("{'type':'TCP','delay':5,'timeout':3,'_pool':%s,'provisioning_status':'ACTIVE','operating_status':'ONLINE'}", id);
        json_object_update(m, set);
        json_decref(set);
        store_put(s, lb_table(s, "healthmonitors"), m);
    }
    json_decref(at);
    return id;
}

const char *octavia_member(struct sim *s, const char *pool, const char *name, const char *address, int port, bool online)
{
    json_t *at = lb_get(s, "pools", pool), *d = lb_new(s, &lb_kinds[MEMBER], jstr(at, "project_id"), name), *mon = lb_ids(s, "healthmonitors", "_pool", pool);
    json_t *set = jt("{'address':%s,'protocol_port':%i,'_pool':%s,'provisioning_status':'ACTIVE','operating_status':%s}", address, port, pool,
                     !json_array_size(mon) ? "NO_MONITOR" : online ? "ONLINE" : "ERROR");
    char subnet[37];
    json_object_update(d, set);
    if (neutron_subnet_at(s, jstr(at, "project_id"), address, subnet))     /* the cloud provider says which */
        json_object_set_new(d, "subnet_id", json_string(subnet));
    json_decref(set);
    json_decref(at);
    json_decref(mon);
    const char *id = store_put(s, lb_table(s, "members"), d)->name;
    roll_up(s, pool);
    return id;
}
