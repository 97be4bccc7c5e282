/* describe: servers get sections of their own; every other kind is shown field by field, with names beside ids. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/describe_out.h"
#include "core/openstack/kind_util.h"
#include "core/openstack/lb_tree.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "strata/mem.h"

/* ---- generic ---- */
static const struct { const char *key, *title, *what; } refs[] = {
    {"project_id", "Project", "project"}, {"os-vol-tenant-attr:tenant_id", "Project", "project"},
    {"os-extended-snapshot-attributes:project_id", "Project", "project"}, {"owner", "Owner", "project"},
    {"user_id", "User", "user"}, {"flavor_id", "Flavor", "flavor"}, {"image_id", "Image", "image"},
    {"network_id", "Network", "network"}, {"floating_network_id", "Network", "network"},
    {"vip_network_id", "VIP network", "network"}, {"router_id", "Router", "router"}, {"domain_id", "Domain", "domain"},
    {"instance_uuid", "Server", "server"}, {"compute_id", "Server", "server"}, {"volume_id", "Volume", "volume"},
};
static const char *const first[] = {"name", "hypervisor_hostname", "stack_name", "floating_ip_address", "zoneName", "id", "uuid",
                                    "project_id", "status", "state", "provisioning_status", "operating_status",
                                    "provision_state", "power_state", "stack_status", "stack_status_reason"};

static bool skip(const char *key)
{
    return !strcmp(key, "links") || !strcmp(key, "tenant_id") || !strcmp(key, "schema") || !strcmp(key, "security_group_rules");
}

static void field(struct str *out, const struct ostk_job *j, const char *key, const json_t *v, int64_t now)
{
    char title[120];
    const char *id = json_string_value(v);
    for (size_t i = 0; id && i < sizeof refs / sizeof *refs; i++)
        if (!strcmp(key, refs[i].key)) {
            const char *name = ostk_ref(j->os, refs[i].what, id);
            if (strcmp(name, id))
                dout_textf(out, 0, refs[i].title, "%s (%s)", name, id);
            else
                dout_text(out, 0, refs[i].title, id);
            return;
        }
    dout_title(title, sizeof title, key);
    dout_json(out, 0, title, v, now);
}

static bool is_first(const char *key)
{
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (!strcmp(first[i], key))
            return true;
    return false;
}

static void rules(struct str *out, const json_t *list)
{
    size_t i;
    json_t *r;
    if (!json_array_size((json_t *)list))
        return;
    dout_section(out, "Rules");
    json_array_foreach((json_t *)list, i, r) {
        const char *proto = ostk_json_str(r, "protocol"), *net = ostk_json_str(r, "remote_ip_prefix");
        const char *group = ostk_json_str(r, "remote_group_id");
        int64_t a = ostk_json_int(r, "port_range_min", -1), b = ostk_json_int(r, "port_range_max", -1);
        char ports[48] = "";
        if (a >= 0 && a == b)
            snprintf(ports, sizeof ports, " port %lld", (long long)a);
        else if (a >= 0)
            snprintf(ports, sizeof ports, " ports %lld-%lld", (long long)a, (long long)b);
        str_addf(out, "  %-8s %-5s %s%s %s %s%s\n", ostk_json_str(r, "direction") ? ostk_json_str(r, "direction") : "?",
                 ostk_json_str(r, "ethertype") ? ostk_json_str(r, "ethertype") : "", proto ? proto : "any protocol", ports,
                 ostk_json_str(r, "direction") && !strcmp(ostk_json_str(r, "direction"), "egress") ? "to" : "from",
                 group ? "group " : "", group ? group : net ? net : "anywhere");
    }
}

void ostk_describe_item(struct str *out, const struct ostk_job *j)
{
    int64_t now = ostk_now_ms(j->os);
    const char *key;
    json_t *v;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        const json_t *e = json_object_get(j->item, first[i]);
        if (e)
            field(out, j, first[i], e, now);
    }
    json_object_foreach(j->item, key, v)
        if (!is_first(key) && !skip(key))
            field(out, j, key, v, now);
    rules(out, ostk_json(j->item, "security_group_rules"));
}

/* ---- a load balancer: what it answers with, from its listeners down to its members ---- */
static void on_tree(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    if (doc)
        lb_tree_text(&j->out, doc);
    else
        dout_text(&j->out, 0, "Status", err.msg);
    json_decref(doc);
    ostk_job_end(j, NULL);
}

static void describe_lb(struct ostk_job *j)
{
    struct str path;
    ostk_describe_item(&j->out, j);
    str_init(&path, 4096);
    str_adds(&path, "/lbaas/loadbalancers/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, "/status");
    ostk_job_get(j, "load-balancer", NULL, path.data ? path.data : "", on_tree);
    str_release(&path);
}

/* ---- a share: where it is mounted from, which Manila tells by a call of its own ---- */
static void on_exports(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err), *e;
    const json_t *list = ostk_json(doc, "export_locations");
    size_t i;
    if (!doc || json_array_size(list))
        dout_section(&j->out, "Export locations");
    if (!doc)
        str_addf(&j->out, "  %s\n", err.msg);
    json_array_foreach(list, i, e)
        str_addf(&j->out, "  %s\n", ostk_json_str(e, "path") ? ostk_json_str(e, "path") : "?");
    json_decref(doc);
    ostk_job_end(j, NULL);
}

static void describe_share(struct ostk_job *j)
{
    const struct ostk_kind *k = j->rq->kind->ostk;
    struct str path;
    ostk_describe_item(&j->out, j);
    str_init(&path, 4096);
    str_adds(&path, "/shares/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, "/export_locations");
    ostk_job_get(j, k->service, k->microversion, path.data ? path.data : "", on_exports);
    str_release(&path);
}

static void generic(struct ostk_job *j)
{
    if (j->rq->kind->flags & KIND_CONSOLE) {
        ostk_describe_server(j);
        return;
    }
    if (!strcmp(j->rq->kind->id, "loadbalancer")) {
        describe_lb(j);
        return;
    }
    if (!strcmp(j->rq->kind->id, "share")) {
        describe_share(j);
        return;
    }
    ostk_describe_item(&j->out, j);
    ostk_job_end(j, NULL);
}

void ostk_describe(struct ostk_job *j)
{
    ostk_item(j, generic);
}

/* ---- a server: its ports, volumes and last actions are asked for too; what is refused is said in its place ---- */
static void on_actions(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    struct ostk_server_parts p = {.server = j->item, .ports = json_object_get(j->aside, "ports"), .volumes = j->list,
                                  .actions = ostk_json(doc, "instanceActions"),
                                  .ports_err = ostk_json_str(j->aside, "ports_err"),
                                  .volumes_err = ostk_json_str(j->aside, "volumes_err")};
    if (err.code != ERR_OK)
        p.actions_err = err.msg;
    ostk_describe_server_text(&j->out, j->os, &p, ostk_now_ms(j->os));
    json_decref(doc);
    ostk_job_end(j, NULL);
}

static void ask_actions(struct ostk_job *j)
{
    struct str path;
    str_init(&path, 4096);
    str_adds(&path, "/servers/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, "/os-instance-actions");
    ostk_job_get(j, "compute", "2.84", path.data, on_actions);
    str_release(&path);
}

static void next_volume(struct ostk_job *j);

static void on_volume(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    if (doc && ostk_json(doc, "volume"))
        json_array_append(j->list, (json_t *)ostk_json(doc, "volume"));
    else if (r->status != 404)
        json_object_set_new(j->aside, "volumes_err", json_string(err.msg));
    json_decref(doc);
    next_volume(j);
}

static void next_volume(struct ostk_job *j)
{
    const json_t *list = ostk_json(j->item, "os-extended-volumes:volumes_attached");
    const char *id = ostk_json_str(json_array_get((json_t *)list, j->at), "id");
    struct str path;
    if (!id || j->at >= 32) {
        ask_actions(j);
        return;
    }
    j->at++;
    str_init(&path, 4096);
    str_adds(&path, "/volumes/");
    str_add_urlenc(&path, id);
    ostk_job_get(j, "block-storage", NULL, path.data, on_volume);
    str_release(&path);
}

static void on_ports(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    if (doc && ostk_json(doc, "ports"))
        json_object_set(j->aside, "ports", (json_t *)ostk_json(doc, "ports"));
    else
        json_object_set_new(j->aside, "ports_err", json_string(err.msg));
    json_decref(doc);
    next_volume(j);
}

void ostk_describe_server(struct ostk_job *j)
{
    struct str path;
    j->aside = json_object();
    j->list = json_array();
    str_init(&path, 4096);
    str_adds(&path, "/ports?device_id=");
    str_add_urlenc(&path, j->rq->uid);
    ostk_job_get(j, "network", NULL, path.data, on_ports);
    str_release(&path);
}
