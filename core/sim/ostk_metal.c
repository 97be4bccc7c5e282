/* The life of machines of metal: power and provisioning in their time, and how they are found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_metal.h"

struct res *metal_table(struct sim *s, const char *name)
{
    return ostk_table(s, "ironic", name);
}

const char *metal_stamp(int64_t ms, char at[40])
{
    char z[32];
    snprintf(at, 40, "%.19s+00:00", stamp(ms, z));
    return at;
}

const char *metal_conductor(struct sim *s)
{
    struct res *t = metal_table(s, "conductors");
    return t->n ? t->items[0]->name : "";
}

void metal_put(struct sim *s, const char *id, json_t *set)
{
    char at[40];
    json_object_set_new(set, "updated_at", json_string(metal_stamp(sim_now(s), at)));
    ostk_merge(s, metal_table(s, "nodes"), id, set);
}

static void moved(struct sim *s, const char *id)
{
    char at[40];
    metal_put(s, id, jt("{'provision_updated_at':%s}", metal_stamp(sim_now(s), at)));
}

void metal_power(struct req *r, const json_t *d, const char *want)
{
    static const struct { const char *want, *state; int ms; } moves[] = {
        {"power on", "power on", 3000}, {"power off", "power off", 3000}, {"rebooting", "power on", 6000}, {"soft power off", "power off", 6000},
        {"soft rebooting", "power on", 8000},
    };
    const char *id = jstr(d, "uuid");
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (strcmp(moves[i].want, want) != 0)
            continue;
        metal_put(r->sim, id, jt("{'target_power_state':%s,'reservation':%s,'last_error':null}", moves[i].state, metal_conductor(r->sim)));
        ostk_later(r->sim, moves[i].ms, metal_table(r->sim, "nodes"), id, "target_power_state", moves[i].state,
                   jt("{'power_state':%s,'target_power_state':null,'reservation':null}", moves[i].state), NULL);
        char *url = ostk_url(r, "/baremetal/v1/nodes/%s/states", id);
        req_head(r, "Location", "%s", url);
        free(url);
        reply_text(r, 202, NULL, "", 0);
        return;
    }
    metal_fail(r, 400, "The requested action \"%s\" can not be performed on node \"%s\" while it is in state \"%s\".", want, id,
         *jstr(d, "power_state") ? jstr(d, "power_state") : "None");
}

static const struct step { const char *from, *verb, *via, *then, *to; int ms; bool cut; } steps[] = {
    {"enroll", "manage", "verifying", NULL, "manageable", 3000, false}, {"manageable", "provide", "cleaning", "clean wait", "available", 12000, false},
    {"manageable", "inspect", "inspecting", "inspect wait", "manageable", 10000, false}, {"manageable", "clean", "cleaning", "clean wait", "manageable", 9000, false},
    {"manageable", "adopt", "adopting", NULL, "active", 3000, false}, {"available", "manage", NULL, NULL, "manageable", 0, false},
    {"available", "active", "deploying", "wait call-back", "active", 20000, false}, {"active", "deleted", "deleting", "cleaning", "available", 15000, true},
    {"active", "undeploy", "deleting", "cleaning", "available", 15000, true}, {"active", "rebuild", "deploying", "wait call-back", "active", 20000, false},
    {"active", "rescue", "rescuing", "rescue wait", "rescue", 8000, false}, {"rescue", "unrescue", "unrescuing", NULL, "active", 6000, false},
    {"deploy failed", "active", "deploying", "wait call-back", "active", 20000, false}, {"deploy failed", "deleted", "deleting", "cleaning", "available", 15000, true},
    {"clean failed", "manage", NULL, NULL, "manageable", 0, false}, {"inspect failed", "manage", NULL, NULL, "manageable", 0, false},
    {"error", "deleted", "deleting", "cleaning", "available", 15000, true}, {"clean wait", "abort", NULL, NULL, "clean failed", 0, false},
    {"inspect wait", "abort", NULL, NULL, "inspect failed", 0, false},
};

void metal_provision(struct req *r, const json_t *d, const char *verb)
{
    const char *id = jstr(d, "uuid"), *state = jstr(d, "provision_state");
    struct res *t = metal_table(r->sim, "nodes");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct step *p = &steps[i];
        if (strcmp(p->from, state) != 0 || strcmp(p->verb, verb) != 0)
            continue;
        if (p->via && json_is_true(json_object_get(d, "maintenance")) && strcmp(verb, "deleted") != 0) {
            metal_fail(r, 400, "The %s operation can't be performed on node %s because it's in maintenance mode.", "provisioning", id);
            return;
        }
        json_t *end = jt("{'provision_state':%s,'target_provision_state':null,'reservation':null}", p->to);
        if (p->cut)
            json_object_set_new(end, "instance_uuid", json_null());
        if (strcmp(p->to, "active") == 0)
            json_object_set_new(end, "power_state", json_string("power on"));
        if (!p->via) {
            metal_put(r->sim, id, end);
        } else {
            metal_put(r->sim, id, jt("{'provision_state':%s,'target_provision_state':%s,'last_error':null}", p->via, p->to));
            if (p->then)
                ostk_later(r->sim, p->ms / 3, t, id, "provision_state", p->via, jt("{'provision_state':%s}", p->then), moved);
            ostk_later(r->sim, p->ms, t, id, "provision_state", p->then ? p->then : p->via, end, moved);
        }
        moved(r->sim, id);
        char *url = ostk_url(r, "/baremetal/v1/nodes/%s/states", id);
        req_head(r, "Location", "%s", url);
        free(url);
        reply_text(r, 202, NULL, "", 0);
        return;
    }
    metal_fail(r, 400, "The requested action \"%s\" can not be performed on node \"%s\" while it is in state \"%s\".", verb, id, state);
}

struct obj *metal_port(struct sim *s, const char *mac, const char *node, int64_t born)
{
    char id[37], at[40];
    uuid4(s, id);
    return store_put(s, metal_table(s, "ports"),
                     jt("{'id':%s,'uuid':%s,'created_at':%s,'updated_at':null,'address':%s,'extra':{},'internal_info':{},'is_smartnic':false,'local_link_connection':{},"
                        "'physical_network':null,'pxe_enabled':true,'node_uuid':%s,'portgroup_uuid':null,'_seq':%i}", id, id, metal_stamp(born, at), mac, node,
                        (int)metal_table(s, "ports")->n));
}

const char *ironic_seed_node(struct sim *s, const struct ironic_node *n)
{
    char id[37], at[40], born[40], mac[18];
    uuid4(s, id);
    metal_stamp(sim_now(s) - 20LL * 86400000, at);
    const char *uuid = n->id ? n->id : id;
    snprintf(mac, sizeof(mac), "52:54:00:%02x:%02x:%02x", (unsigned)(sim_rand(s) & 255), (unsigned)(sim_rand(s) & 255), (unsigned)(sim_rand(s) & 255));
    json_t *d = jt("{'id':%s,'uuid':%s,'created_at':%s,'updated_at':%s,'automated_clean':null,'bios_interface':'no-bios','boot_interface':'ipxe','boot_mode':null,"
                   "'clean_step':{},'conductor_group':'','console_enabled':false,'console_interface':'no-console','deploy_interface':'direct','deploy_step':{},"
                   "'description':null,'driver':'ipmi','driver_info':%j,'driver_internal_info':{},'extra':{},'fault':null,'inspection_finished_at':null,"
                   "'inspection_started_at':null,'inspect_interface':'no-inspect','instance_info':{},'instance_uuid':%s,'last_error':%s,'lessee':null,"
                   "'maintenance':%b,'maintenance_reason':%s}", uuid, uuid, n->provision ? at : metal_stamp(sim_now(s), born), n->provision ? at : NULL, n->name ? jt("{'ipmi_address':%s,'ipmi_password':'******'}", n->name) : json_object(),
                   n->instance, n->last_error, n->maintenance != NULL, n->maintenance);
    json_t *more = jt("{'management_interface':'ipmitool','name':%s,'network_data':{},'network_interface':'flat','owner':%s,'power_interface':'ipmitool','power_state':%s,"
                      "'properties':%j,'protected':false,'protected_reason':null,'provision_state':%s,'provision_updated_at':%s,'raid_config':{},'raid_interface':'no-raid',"
                      "'rescue_interface':'no-rescue','reservation':null,'resource_class':%s,'retired':false,'retired_reason':null,'secure_boot':null,'shard':null,"
                      "'storage_interface':'noop','target_power_state':null,'target_provision_state':null,'target_raid_config':{},'traits':[],"
                      "'vendor_interface':'ipmitool','conductor':%s,'allocation_uuid':null,'chassis_uuid':null,'_seq':%i}", n->name, n->project, n->power,
                      n->cpus ? jt("{'cpus':%i,'memory_mb':%i,'local_gb':%i,'cpu_arch':'x86_64'}", n->cpus, n->memory_mb, n->disk_gb) : json_object(),
                      n->provision ? n->provision : "enroll", n->provision ? at : NULL, n->resource_class, metal_conductor(s), (int)metal_table(s, "nodes")->n);
    json_object_update(d, more);
    json_decref(more);
    if (n->mac)
        metal_port(s, *n->mac ? n->mac : mac, uuid, sim_now(s) - 20LL * 86400000);
    return store_put(s, metal_table(s, "nodes"), d)->name;
}

void ironic_conductor(struct sim *s, const char *host, bool alive)
{
    store_put(s, metal_table(s, "conductors"), jt("{'id':%s,'hostname':%s,'conductor_group':'','alive':%b}", host, host, alive));
}

/* ---- who drives them ---- */
json_t *metal_links(struct req *r, const char *path)
{
    char *self = ostk_url(r, "/baremetal/v1/%s", path), *mark = ostk_url(r, "/baremetal/%s", path);
    json_t *l = jt("[{'href':%s,'rel':'self'},{'href':%s,'rel':'bookmark'}]", self, mark);
    free(self);
    free(mark);
    return l;
}

void metal_conductors(struct req *r)
{
    struct res *t = metal_table(r->sim, "conductors");
    json_t *rows = json_array();
    store_from(t, "", "", false);
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        char *path = sim_printf("conductors/%s", jstr(d, "hostname"));
        json_object_set_new(d, "links", metal_links(r, path));
        json_object_del(d, "id");
        free(path);
        if (r->nseg > 3 && strcmp(r->seg[3], jstr(d, "hostname")) == 0) {
            json_decref(rows);
            reply_json(r, 200, d);
            return;
        }
        json_array_append_new(rows, d);
    }
    if (r->nseg > 3)
        metal_fail(r, 404, "Conductor %s could not be found.", r->seg[3]);
    else
        reply_json(r, 200, jt("{'conductors':%j}", json_incref(rows)));
    json_decref(rows);
}

void metal_drivers(struct req *r)
{
    json_t *d = jt("{'name':'ipmi','hosts':[%s],'links':%j,'properties':%j,'type':'dynamic'}", metal_conductor(r->sim), metal_links(r, "drivers/ipmi"),
                   metal_links(r, "drivers/ipmi/properties"));
    if (r->nseg > 3 && strcmp(r->seg[3], "ipmi") != 0) {
        metal_fail(r, 404, "Could not find the following driver(s) or hardware type(s): %s.", r->seg[3]);
        json_decref(d);
        return;
    }
    if (r->nseg > 3) {
        static const struct { const char *face, *usual; } faces[] = {{"bios", "no-bios"}, {"boot", "ipxe"}, {"console", "no-console"}, {"deploy", "direct"},
            {"inspect", "no-inspect"}, {"management", "ipmitool"}, {"network", "noop"}, {"power", "ipmitool"}, {"raid", "no-raid"}, {"rescue", "no-rescue"},
            {"storage", "noop"}, {"vendor", "ipmitool"}};
        for (size_t i = 0; i < sizeof(faces) / sizeof(faces[0]) && r->micro.minor >= 30; i++) {
            char *usual = sim_printf("default_%s_interface", faces[i].face), *all = sim_printf("enabled_%s_interfaces", faces[i].face);
            json_object_set_new(d, usual, json_string(faces[i].usual));
            json_object_set_new(d, all, jt("[%s]", faces[i].usual));
            free(usual);
            free(all);
        }
        reply_json(r, 200, d);
        return;
    }
    if (r->micro.minor < 14)
        json_object_del(d, "properties");
    if (r->micro.minor < 30)
        json_object_del(d, "type");
    reply_json(r, 200, jt("{'drivers':[%j]}", d));
}
