/* Octavia's API: load balancers with what hangs on them, amphorae. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_lb.h"

#define UPDATE_MS 1200

static const char *const words[] = {"limit", "marker", "sort", "sort_key", "sort_dir", "fields", "page_reverse", "tags", "tags-any", "not-tags", "loadbalancer_id",
                                    "cascade", NULL};
static const char *const amphora_keys[] = {"id", "loadbalancer_id", "compute_id", "role", "status", "lb_network_ip", "vrrp_ip", "ha_ip", NULL};

static bool fail(struct req *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool fail(struct req *r, int code, const char *fmt, ...)
{
    char msg[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    reply_json(r, code, jt("{'faultcode':'Client','faultstring':%s,'debuginfo':null}", msg));
    return false;
}

static void no_path(struct req *r)
{
    reply_json(r, 404, jt("{'code':404,'title':'Not Found','description':''}"));
}

/* ---- the API ---- */
static bool mine(struct req *r, const json_t *d)
{
    const struct token *t = ostk_who(r);
    return t->admin || strcmp(jstr(d, "project_id"), t->project_id) == 0;
}

static const struct lb_kind *kind_of(const char *path)
{
    for (size_t i = 0; i < sizeof(lb_kinds) / sizeof(lb_kinds[0]); i++)
        if (strcmp(lb_kinds[i].path, path) == 0)
            return &lb_kinds[i];
    return NULL;
}

static const struct lb_kind *asked_for(struct req *r)
{
    return r->nseg > 5 && strcmp(r->seg[5], "members") == 0 ? &lb_kinds[MEMBER] : kind_of(r->seg[3]);
}

static json_t *row(struct req *r, json_t *d)
{
    const struct lb_kind *k = asked_for(r);
    if (mine(r, d) && !(k == &lb_kinds[MEMBER] && strcmp(jstr(d, "_pool"), r->seg[4]) != 0))
        return lb_whole(r->sim, k, d);
    json_decref(d);
    return NULL;
}

static json_t *row_amphora(struct req *r, json_t *d)
{
    (void)r;
    return d;
}

static void list(struct req *r, const char *name, const char *key, const char *const *keys, json_t *(*see)(struct req *, json_t *))
{
    char order[256];
    struct ostk_list l = {.table = lb_table(r->sim, name), .see = see, .filters = keys, .max = 1000};
    l.order = ostk_order(r, order, sizeof(order), "created_at:asc,id:asc", "asc");
    if (ostk_unknown_query(r, keys, words)) {
        fail(r, 400, "One or more arguments are either duplicate or invalid");
        return;
    }
    for (const char *p = l.order; *p; p += strcspn(p, ","), p += *p == ',') {
        char word[64];
        bool ok = strncmp(p, "created_at", 10) == 0;
        snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, ":,"), p);
        for (const char *const *f = keys; *f && !ok; f++)
            ok = strcmp(*f, word) == 0;
        if (!ok) {
            fail(r, 400, "Supplied sort key '%s' is not valid.", word);
            return;
        }
    }
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit) {
        char *why = sim_printf("Supplied pagination limit '%s' is not valid.", req_query(r, "limit"));
        reply_json(r, 400, jt("{'code':400,'title':'Bad Request','description':%s}", why));
        free(why);
        return;
    }
    if (p.bad_marker) {
        fail(r, 400, "Supplied pagination marker '%s' is not valid.", req_query(r, "marker"));
        return;
    }
    json_t *out = json_object(), *links = json_array();
    char *links_key = sim_printf("%s_links", key);
    for (size_t i = 0; i < json_array_size(p.rows); i++)
        ostk_fields(r, json_array_get(p.rows, i));
    if (p.full && req_query(r, "limit")) {
        char *self = ostk_url(r, "%s", r->path), *next = ostk_link(r, self, NULL, "marker=%s", p.last);
        json_array_append_new(links, jt("{'href':%s,'rel':'next'}", next));
        free(self);
        free(next);
    }
    json_object_set_new(out, key, p.rows);
    json_object_set_new(out, links_key, links);
    free(links_key);
    reply_json(r, 200, out);
}

static void show(struct req *r, const struct lb_kind *k, int status, const char *id)
{
    json_t *d = lb_get(r->sim, k->path, id), *out = json_object();
    d = ostk_public(lb_whole(r->sim, k, d));
    ostk_fields(r, d);
    json_object_set_new(out, k->one, d);
    reply_json(r, status, out);
}

static json_t *brief(const json_t *d, const char *more, json_t *list)
{
    json_t *b = jt("{'id':%s,'name':%s,'operating_status':%s,'provisioning_status':%s}", jstr(d, "id"), jstr(d, "name"), jstr(d, "operating_status"),
                   jstr(d, "provisioning_status"));
    if (more)
        json_object_set_new(b, more, list);
    return b;
}

static void with_monitor(struct sim *s, const json_t *pool, json_t *out)
{
    json_t *ids = lb_ids(s, "healthmonitors", "_pool", jstr(pool, "id")), *d = json_array_size(ids) ? lb_get(s, "healthmonitors", jstr(ids, "0.id")) : NULL;
    if (d) {
        json_t *b = brief(d, NULL, NULL);
        json_object_set(b, "type", json_object_get(d, "type"));
        json_object_set_new(out, "health_monitor", b);
    }
    json_decref(d);
    json_decref(ids);
}

static void status_tree(struct req *r, const json_t *lb)
{
    json_t *lis = lb_ids(r->sim, "listeners", "_lb", jstr(lb, "id")), *listeners = json_array();
    for (size_t i = 0; i < json_array_size(lis); i++) {
        json_t *l = lb_get(r->sim, "listeners", jstr(json_array_get(lis, i), "id")), *pids = lb_ids(r->sim, "pools", "_listener", jstr(l, "id")), *pools = json_array();
        for (size_t k = 0; k < json_array_size(pids); k++) {
            json_t *p = lb_get(r->sim, "pools", jstr(json_array_get(pids, k), "id")), *mids = lb_ids(r->sim, "members", "_pool", jstr(p, "id")), *members = json_array();
            for (size_t m = 0; m < json_array_size(mids); m++) {
                json_t *d = lb_get(r->sim, "members", jstr(json_array_get(mids, m), "id")), *b = brief(d, NULL, NULL);
                json_object_set(b, "address", json_object_get(d, "address"));
                json_object_set(b, "protocol_port", json_object_get(d, "protocol_port"));
                json_array_append_new(members, b);
                json_decref(d);
            }
            json_t *b = brief(p, "members", members);
            with_monitor(r->sim, p, b);
            json_array_append_new(pools, b);
            json_decref(p);
            json_decref(mids);
        }
        json_array_append_new(listeners, brief(l, "pools", pools));
        json_decref(l);
        json_decref(pids);
    }
    json_decref(lis);
    reply_json(r, 200, jt("{'statuses':{'loadbalancer':%j}}", brief(lb, "listeners", listeners)));
}

/* ---- changes ---- */
static char *lb_of(struct sim *s, const struct lb_kind *k, const json_t *d)
{
    if (k == &lb_kinds[LB])
        return sim_strdup(jstr(d, "id"));
    if (*jstr(d, "_lb"))
        return sim_strdup(jstr(d, "_lb"));
    json_t *pool = lb_get(s, "pools", jstr(d, "_pool"));
    char *lb = sim_strdup(jstr(pool, "_lb"));
    json_decref(pool);
    return lb;
}

static bool changeable(struct req *r, const char *lb, bool itself)
{
    json_t *d = lb_get(r->sim, "loadbalancers", lb);
    const char *st = jstr(d, "provisioning_status");
    bool ok = !d || strcmp(st, "ACTIVE") == 0 || strcmp(st, "ERROR") == 0;
    if (!ok && itself)
        fail(r, 409, "Invalid state %s of loadbalancer resource %s", st, lb);
    else if (!ok)
        fail(r, 409, "Load Balancer %s is immutable and cannot be updated.", lb);
    json_decref(d);
    return ok;
}

/* A load balancer takes an address of its subnet: a port of Neutron's. False: the reply was sent. */
static bool vip(struct req *r, json_t *want, json_t *d)
{
    const char *sub_id = jstr(want, "vip_subnet_id"), *net_id = jstr(want, "vip_network_id"), *port_id = jstr(want, "vip_port_id");
    if (!*sub_id && !*net_id && !*port_id)
        return fail(r, 400, "Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.");
    const char *ids[][2] = {{"vip_subnet_id", sub_id}, {"vip_network_id", net_id}, {"vip_port_id", port_id}};
    for (size_t i = 0; i < 3; i++)
        if (*ids[i][1] && !ostk_is_uuid(ids[i][1]))
            return fail(r, 400, "Invalid input for field/attribute %s. Value: '%s'. Value should be UUID format", ids[i][0], ids[i][1]);
    struct obj *o = store_get(ostk_table(r->sim, "neutron", "subnets"), "", sub_id);
    json_t *sub = o ? obj_doc(o) : NULL;
    if (*sub_id && !sub)
        return fail(r, 400, "Subnet %s not found.", sub_id);
    const char *net = *net_id ? net_id : jstr(sub, "network_id");
    char ip[16] = "", mac[18];
    char *device = sim_printf("lb-%s", jstr(d, "id"));
    const char *port = *port_id ? port_id : neutron_port_create(r->sim, &(struct neutron_port){.network = net, .project = jstr(d, "project_id"), .server = device,
                                                                .owner = "Octavia", .ip = *jstr(want, "vip_address") ? jstr(want, "vip_address") : NULL});
    if (port && neutron_port_get(r->sim, port, ip, mac)) {
        json_t *set = jt("{'vip_address':%s,'vip_port_id':%s,'vip_network_id':%s,'vip_subnet_id':%s}", ip, port, net, *sub_id ? sub_id : NULL);
        json_object_update(d, set);
        json_decref(set);
    }
    free(device);
    json_decref(sub);
    return *ip || fail(r, 400, "Network %s not found.", net);
}

static bool parent(struct req *r, const struct lb_kind *k, json_t *want, json_t *d)
{
    const char *lb = jstr(want, "loadbalancer_id"), *listener = jstr(want, "listener_id");
    if (k == &lb_kinds[MEMBER] || k == &lb_kinds[MONITOR]) {
        const char *pool = k == &lb_kinds[MEMBER] ? r->seg[4] : jstr(want, "pool_id");
        if (!store_get(lb_table(r->sim, "pools"), "", pool))
            return fail(r, 404, "Pool %s not found.", pool);
        json_object_set_new(d, "_pool", json_string(pool));
        return true;
    }
    json_t *l = *listener ? lb_get(r->sim, "listeners", listener) : NULL;
    if (*listener && !l)
        return fail(r, 404, "Listener %s not found.", listener);
    if (l) {
        json_object_set_new(d, "_listener", json_string(listener));
        lb = jstr(l, "_lb");
    }
    bool ok = store_get(lb_table(r->sim, "loadbalancers"), "", lb) != NULL;
    if (ok)
        json_object_set_new(d, "_lb", json_string(lb));
    else
        fail(r, 404, "Load Balancer %s not found.", lb);
    json_decref(l);
    return ok;
}

/* A protocol that listeners or pools know. */
static bool spoken(struct req *r, const struct lb_kind *k, const char *protocol)
{
    static const char *const known[2][8] = {{"PROMETHEUS", "HTTPS", "UDP", "TERMINATED_HTTPS", "SCTP", "TCP", "HTTP", NULL},
                                            {"PROXYV2", "HTTPS", "UDP", "SCTP", "TCP", "PROXY", "HTTP", NULL}};
    const char *const *p = known[k == &lb_kinds[POOL]];
    struct str all;
    if (k != &lb_kinds[LISTENER] && k != &lb_kinds[POOL])
        return true;
    str_init(&all, 0);
    for (; *p && strcmp(*p, protocol) != 0; p++)
        str_addf(&all, "%s%s", all.len ? ", " : "", *p);
    bool ok = *p != NULL;
    if (!ok)
        fail(r, 400, "Invalid input for field/attribute protocol. Value: '%s'. Value should be one of: %s", protocol, all.data);
    str_release(&all);
    return ok;
}

static bool valid(struct req *r, const struct lb_kind *k, json_t *want)
{
    static const char *const need[][2] = {{NULL, NULL}, {"protocol", "protocol_port"}, {"protocol", "lb_algorithm"}, {"address", "protocol_port"}, {"type", "delay"}};
    for (size_t i = 0; i < 2 && k != &lb_kinds[LB] && k - lb_kinds <= MONITOR; i++)
        if (!json_object_get(want, need[k - lb_kinds][i]))
            return fail(r, 400, "Invalid input for field/attribute %s. Value: 'None'. Mandatory field missing.", need[k - lb_kinds][i]);
    if (!spoken(r, k, jstr(want, "protocol")))
        return false;
    if (k != &lb_kinds[LISTENER])
        return true;
    struct res *t = lb_table(r->sim, "listeners");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool same = strcmp(jstr(d, "_lb"), jstr(want, "loadbalancer_id")) == 0 && jint(d, "protocol_port") == jint(want, "protocol_port");
        json_decref(d);
        if (same)
            return fail(r, 409, "Another Listener on this Load Balancer is already using protocol %s and protocol_port %lld", jstr(want, "protocol"),
                        (long long)jint(want, "protocol_port"));
    }
    return true;
}

/* The first member of want that this kind does not have, NULL when there is none. */
static const char *unknown(const struct lb_kind *k, json_t *want, const char *const *more)
{
    json_t *own = jt(k->defaults), *v;
    const char *key, *odd = NULL;
    json_object_foreach(want, key, v) {
        bool ok = json_object_get(own, key) != NULL;
        for (const char *const *f = k->keys; *f && !ok; f++)
            ok = strncmp(*f, key, strlen(key)) == 0;
        for (const char *const *f = more; *f && !ok; f++)
            ok = strcmp(*f, key) == 0;
        if (!ok && !odd)
            odd = key;
    }
    json_decref(own);
    return odd;
}

static void create(struct req *r, const struct lb_kind *k)
{
    const struct token *t = ostk_who(r);
    json_t *in = ostk_body(r), *want = json_object_get(in, k->one);
    json_t *d = lb_new(r->sim, k, *jstr(want, "project_id") ? jstr(want, "project_id") : t->project_id, jstr(want, "name"));
    static const char *const not_kept[] = {"loadbalancer_id", "listener_id", "pool_id", "listeners", "pools", "project_id", "vip_address", NULL};
    bool lb = k == &lb_kinds[LB];
    static const char *const more[] = {"vip_address", "listeners", "pools", "pool", "tags", "loadbalancer_id", "listener_id", "pool_id", "default_pool", NULL};
    const char *odd = unknown(k, want, more);
    if (!want)
        fail(r, 400, "Validation failure: %s is required", k->one);
    else if (odd)
        fail(r, 400, "Unknown attribute for argument %s.%s: %s", lb ? "load_balancer" : k->one, k->one, odd);
    else if (lb ? vip(r, want, d) : valid(r, k, want) && parent(r, k, want, d)) {
        char *owner = lb_of(r->sim, k, d), *id = sim_strdup(jstr(d, "id"));
        if (lb || changeable(r, owner, false)) {
            char *pool_of = k == &lb_kinds[POOL] ? sim_strdup(jstr(d, "_listener")) : NULL;
            ostk_hide(want, not_kept);
            json_object_update(d, want);
            if (k == &lb_kinds[MEMBER])
                json_object_set_new(d, "operating_status", json_string("NO_MONITOR"));
            store_put(r->sim, lb_table(r->sim, k->path), json_incref(d));
            if (pool_of && *pool_of)
                ostk_merge(r->sim, lb_table(r->sim, "listeners"), pool_of, jt("{'default_pool_id':%s}", id));
            free(pool_of);
            if (lb) {
                ostk_later(r->sim, 4000, lb_table(r->sim, "loadbalancers"), id, "provisioning_status", "PENDING_CREATE",
                           jt("{'provisioning_status':'ACTIVE','operating_status':'ONLINE'}"), NULL);
                octavia_boot(r->sim, id, "STANDALONE");
            } else {
                lb_pending(r->sim, owner, k->path, id, "PENDING_CREATE", k == &lb_kinds[MEMBER] ? jt("{'provisioning_status':'ACTIVE'}")
                                                                       : jt("{'provisioning_status':'ACTIVE','operating_status':'ONLINE'}"));
            }
            show(r, k, 201, id);
        }
        free(owner);
        free(id);
    }
    json_decref(d);
    json_decref(in);
}

static void drop_lb(struct sim *s, const char *id)
{
    static const char *const parts[][2] = {{"listeners", "_lb"}, {"pools", "_lb"}, {"amphorae", "loadbalancer_id"}};
    for (size_t i = 0; i < 3; i++) {
        json_t *ids = lb_ids(s, parts[i][0], parts[i][1], id);
        for (size_t k = 0; k < json_array_size(ids); k++) {
            json_t *part = lb_get(s, parts[i][0], jstr(json_array_get(ids, k), "id"));
            if (s->nova && *jstr(part, "compute_id"))
                nova_server_delete(s, jstr(part, "compute_id"));
            json_decref(part);
            ostk_drop(s, lb_table(s, parts[i][0]), jstr(json_array_get(ids, k), "id"));
        }
        json_decref(ids);
    }
    char *device = sim_printf("lb-%s", id);
    neutron_ports_delete(s, device);
    free(device);
}

void octavia_lb_delete(struct sim *s, const char *id)
{
    lb_touch(s, "loadbalancers", id, jt("{'provisioning_status':'PENDING_DELETE'}"));
    ostk_later(s, UPDATE_MS, lb_table(s, "loadbalancers"), id, "provisioning_status", "PENDING_DELETE", NULL, drop_lb);
}

static void change(struct req *r, const struct lb_kind *k, const json_t *d)
{
    bool lb = k == &lb_kinds[LB], put = strcmp(r->method, "PUT") == 0;
    char *owner = lb_of(r->sim, k, d), *id = sim_strdup(jstr(d, "id"));
    json_t *in = ostk_body(r), *kids = lb ? lb_ids(r->sim, "listeners", "_lb", id) : NULL;
    if (!changeable(r, owner, lb)) {
        ;
    } else if (put) {
        json_t *set = json_incref(json_object_get(in, k->one));
        if (set) {
            json_object_set_new(set, "provisioning_status", json_string("PENDING_UPDATE"));
            lb_touch(r->sim, k->path, id, set);
        }
        lb_pending(r->sim, lb ? "" : owner, k->path, id, "PENDING_UPDATE", jt("{'provisioning_status':'ACTIVE'}"));
        show(r, k, 200, id);
    } else if (lb && json_array_size(kids) && !ostk_flag(r, "cascade")) {
        fail(r, 400, "Validation failure: Cannot delete Load Balancer %s - it has children", id);
    } else {
        if (lb) {
            octavia_lb_delete(r->sim, id);
        } else {
            lb_touch(r->sim, k->path, id, jt("{'provisioning_status':'PENDING_DELETE'}"));
            lb_pending(r->sim, owner, k->path, id, "PENDING_DELETE", NULL);
        }
        reply_text(r, 204, NULL, "", 0);
    }
    json_decref(kids);
    json_decref(in);
    free(owner);
    free(id);
}

static void amphorae(struct req *r)
{
    const char *id = r->nseg > 4 ? r->seg[4] : "", *sub = r->nseg > 5 ? r->seg[5] : "";
    json_t *d = *id ? lb_get(r->sim, "amphorae", id) : NULL;
    if (!ostk_admin(r))
        fail(r, 403, "Policy does not allow this request to be performed.");
    else if (!*id)
        list(r, "amphorae", "amphorae", amphora_keys, row_amphora);
    else if (!d)
        fail(r, 404, "Amphora %s not found.", id);
    else if (strcmp(sub, "failover") == 0 && strcmp(r->method, "PUT") == 0) {
        if (changeable(r, jstr(d, "loadbalancer_id"), true)) {
            octavia_failover(r->sim, jstr(d, "loadbalancer_id"), id);
            reply_text(r, 202, NULL, "", 0);
        }
    } else if (*sub) {
        fail(r, 404, "Amphora %s for %s not found.", sub, id);
    } else {
        reply_json(r, 200, jt("{'amphora':%j}", ostk_public(json_incref(d))));
    }
    json_decref(d);
}

static void one(struct req *r, const struct lb_kind *k, const char *id, const char *sub)
{
    json_t *d = lb_get(r->sim, k->path, id);
    bool put = strcmp(r->method, "PUT") == 0, get_it = strcmp(r->method, "GET") == 0;
    if (d && strcmp(sub, "failover") == 0 && put && !ostk_admin(r)) {
        fail(r, 403, "Policy does not allow this request to be performed.");
    } else if (!d || !mine(r, d)) {
        fail(r, 404, "%s %s not found.", k->word, id);
    } else if (strcmp(sub, "status") == 0 && k == &lb_kinds[LB]) {
        status_tree(r, d);
    } else if (strcmp(sub, "stats") == 0) {
        reply_json(r, 200, jt("{'stats':{'bytes_in':0,'bytes_out':0,'active_connections':0,'total_connections':0,'request_errors':0}}"));
    } else if (strcmp(sub, "failover") == 0 && put && k == &lb_kinds[LB]) {
        if (changeable(r, id, true)) {
            octavia_failover(r->sim, id, NULL);
            reply_text(r, 202, NULL, "", 0);
        }
    } else if (*sub) {
        no_path(r);
    } else if (get_it) {
        show(r, k, 200, id);
    } else {
        change(r, k, d);
    }
    json_decref(d);
}

static void no_pool(struct req *r, const char *id)
{
    char *why = sim_printf("Pool %s not found.", id);
    reply_json(r, 404, jt("{'code':404,'title':'Bad Request','description':%s}", why));
    free(why);
}

static void quotas(struct req *r, const char *project)
{
    json_t *q = jt("{'load_balancer':-1,'listener':-1,'member':-1,'pool':-1,'health_monitor':-1,'l7policy':-1,'l7rule':-1}");
    if (strcmp(project, "defaults") == 0 && !ostk_admin(r)) {
        fail(r, 403, "Policy does not allow this request to be performed.");
        json_decref(q);
    } else if (*project) {
        reply_json(r, 200, jt("{'quota':%j}", q));
    } else {
        json_decref(q);
        reply_json(r, 200, jt("{'quotas':[],'quotas_links':[]}"));
    }
}

static void versions(struct req *r)
{
    static const char *const dates[] = {"2016-12-11", "2018-04-20", "2018-07-31", "2018-12-18", "2018-12-19", "2019-01-21", "2019-01-25", "2018-01-25", "2019-02-12",
        "2019-03-04", "2019-03-05", "2019-06-24", "2019-09-11", "2019-09-13", "2019-11-10", "2020-03-10", "2020-03-15", "2020-04-29", "2020-04-29", "2020-05-12",
        "2020-08-02", "2020-09-03", "2020-09-04", "2020-09-07", "2020-10-15", "2021-10-02", "2022-08-29"};
    const size_t n = sizeof(dates) / sizeof(dates[0]);
    json_t *all = json_array();
    char *url = ostk_url(r, "/load-balancer/v2"), id[16], at[32];
    for (size_t i = 0; i < n; i++) {
        snprintf(id, sizeof(id), "v2.%zu", i);
        snprintf(at, sizeof(at), "%sT%s:00:00Z", dates[i], i == 7 ? "12" : i == 18 ? "01" : "00");
        json_array_append_new(all, jt("{'id':%s,'status':%s,'updated':%s,'links':[{'href':%s,'rel':'self'}]}", id, i + 1 < n ? "SUPPORTED" : "CURRENT", at, url));
    }
    free(url);
    reply_json(r, 200, jt("{'versions':%j}", all));
}

void octavia_handle(struct req *r)
{
    const char *what = r->nseg > 3 ? r->seg[3] : "", *id = r->nseg > 4 ? r->seg[4] : "", *sub = r->nseg > 5 ? r->seg[5] : "";
    bool lbaas = r->nseg > 2 && strcmp(r->seg[2], "lbaas") == 0;
    if (r->nseg <= 1) {
        versions(r);
        return;
    }
    if (!ostk_token(r))
        return;
    const struct lb_kind *k = lbaas ? kind_of(what) : NULL;
    if (r->nseg == 2 && (strcmp(r->seg[1], "v2") == 0 || strcmp(r->seg[1], "v2.0") == 0))
        reply_text(r, 200, "application/json", "\"v2\"", 4);
    else if (r->nseg > 3 && strcmp(r->seg[2], "octavia") == 0 && strcmp(what, "amphorae") == 0)
        amphorae(r);
    else if (k && k == &lb_kinds[POOL] && strcmp(sub, "members") == 0) {
        if (!store_get(lb_table(r->sim, "pools"), "", id))
            no_pool(r, id);
        else if (r->nseg > 6)
            one(r, &lb_kinds[MEMBER], r->seg[6], r->nseg > 7 ? r->seg[7] : "");
        else if (strcmp(r->method, "POST") == 0)
            create(r, &lb_kinds[MEMBER]);
        else
            list(r, "members", "members", lb_kinds[MEMBER].keys, row);
    } else if (k && k != &lb_kinds[MEMBER] && !*id) {
        if (strcmp(r->method, "POST") == 0)
            create(r, k);
        else
            list(r, k->path, k->path, k->keys, row);
    } else if (k && k != &lb_kinds[MEMBER])
        one(r, k, id, sub);
    else if (lbaas && strcmp(what, "quotas") == 0)
        quotas(r, id);
    else if (lbaas && strcmp(what, "providers") == 0)
        reply_json(r, 200, jt("{'providers':[{'name':'amphora','description':'The Octavia Amphora driver.'},{'name':'octavia','description':'Deprecated alias of the "
                              "Octavia Amphora driver.'}]}"));
    else if (lbaas && strcmp(what, "flavors") == 0)
        reply_json(r, 200, jt("{'flavors':[],'flavors_links':[]}"));
    else if (lbaas && strcmp(what, "flavorprofiles") == 0)
        reply_json(r, 200, jt("{'flavorprofiles':[],'flavorprofile_links':[]}"));
    else if (lbaas && strcmp(what, "availabilityzones") == 0)
        reply_json(r, 200, jt("{'availability_zones':[],'availability_zones_links':[]}"));
    else
        no_path(r);
}
