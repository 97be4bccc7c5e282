/* What hangs on a server: console, volumes, interfaces, metadata, tags, addresses, diagnostics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

static const struct nova_op attach_volume = {.word = "attach_volume", .vm = BIT(VM_ACTIVE) | BIT(VM_PAUSED) | BIT(VM_STOPPED) | BIT(VM_RESIZED) |
                                             BIT(VM_SHELVED) | BIT(VM_SHELVED_OFFLOADED)};
static const struct nova_op detach_volume = {.word = "detach_volume", .vm = BIT(VM_ACTIVE) | BIT(VM_PAUSED) | BIT(VM_STOPPED) | BIT(VM_RESIZED) |
                                             BIT(VM_SHELVED) | BIT(VM_SHELVED_OFFLOADED)};
static const struct nova_op attach_interface = {.word = "attach_interface", .vm = BIT(VM_ACTIVE) | BIT(VM_PAUSED) | BIT(VM_STOPPED)};
static const struct nova_op detach_interface = {.word = "detach_interface", .vm = BIT(VM_ACTIVE) | BIT(VM_PAUSED) | BIT(VM_STOPPED)};

/* ---- console ---- */
enum { CONSOLE_LINES = 60 };

void nova_console(struct req *r, struct nova_server *v, const json_t *arg)
{
    const json_t *asked = json_object_get(arg, "length");
    int64_t lines = json_is_string(asked) ? atoi(json_string_value(asked)) : json_is_integer(asked) ? json_integer_value(asked) : -1;
    struct str out;
    if (!v->host) {
        nova_error(r, 409, "Instance %s is not ready", v->id);
        return;
    }
    str_init(&out, 0);
    for (int64_t i = lines > 0 && lines <= CONSOLE_LINES ? CONSOLE_LINES - lines + 1 : 0; i < CONSOLE_LINES; i++)
        str_addf(&out, "[%5lld.%06lld] %s: systemd[1]: Started unit %lld\n", (long long)i, (long long)(i * 7919 % 1000000), v->name, (long long)i);
    str_addf(&out, "%s login: ", v->name);
    reply_json(r, 200, jt("{'output':%s}", out.data));
    str_release(&out);
}

static void remote_console(struct req *r, struct nova_server *v)
{
    static const char *const protocols[] = {"vnc", "spice", "rdp", "serial", "mks"};
    json_t *in = nova_body(r, "remote_console");
    const char *protocol = jstr(in, "protocol"), *type = jstr(in, "type");
    char token[37];
    if (!in)
        return;
    const json_t *given = json_object_get(in, "protocol");
    size_t i = 0;
    while (i < 5 && strcmp(protocols[i], protocol) != 0)
        i++;
    if (given && i == 5) {
        nova_invalid(r, "protocol", given, "'%s' is not one of ['vnc', 'spice', 'rdp', 'serial', 'mks']", protocol);
    } else if (v->vm == VM_BUILDING || !v->host) {
        nova_error(r, 409, "Instance %s is not ready", v->id);
    } else if (v->task == TASK_MIGRATING || v->task == TASK_DELETING) {      /* nobody expects it there */
        nova_error(r, 500, "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n"
                           "<class 'nova.exception.InstanceInvalidState'>");
    } else if (i) {
        nova_error(r, 400, "Unavailable console type %s.", type);
    } else {
        uuid4(r->sim, token);
        char *url = sim_printf("http://127.0.0.1:6080/vnc_auto.html?path=%%3Ftoken%%3D%s", token);
        reply_json(r, 200, jt("{'remote_console':{'protocol':%s,'type':%s,'url':%s}}", protocol, type, url));
        free(url);
    }
    json_decref(in);
}

/* ---- volumes ---- */
static json_t *attachment(const struct req *r, const struct nova_server *v, const struct nova_volume *a)
{
    json_t *d = jt("{'id':%s,'volumeId':%s,'serverId':%s,'device':%s}", a->id, a->id, v->id, a->device);
    if (nova_at(r, 70))
        json_object_set_new(d, "tag", a->tag ? json_string(a->tag) : json_null());
    if (nova_at(r, 79))
        json_object_set_new(d, "delete_on_termination", json_boolean(a->delete_with));
    if (nova_at(r, 89)) {
        json_object_del(d, "id");
        json_object_set_new(d, "attachment_id", json_string(a->attachment));
        json_object_set_new(d, "bdm_uuid", json_string(a->bdm));
    }
    return d;
}

static void attach(struct req *r, struct nova_server *v)
{
    json_t *in = nova_body(r, "volumeAttachment"), *volume;
    const char *id = jstr(in, "volumeId"), *device = json_string_value(json_object_get(in, "device"));
    if (!in)
        return;
    static const char *const known[] = {"volumeId", "device", "tag", "delete_on_termination", NULL};
    if (json_object_get(in, "volumeId") && !ostk_is_uuid(id)) {
        nova_invalid(r, "volumeId", json_object_get(in, "volumeId"), "'%s' is not a 'uuid'", id);
    } else if (!json_object_get(in, "volumeId")) {
        nova_invalid(r, "volumeAttachment", in, "'volumeId' is a required property");
    } else if (!nova_known(r, "volumeAttachment", in, known)) {
        /* said */
    } else if (nova_may(r, v, &attach_volume)) {
        volume = neigh_volume(r->sim, id);
        if (!volume) {
            nova_error(r, 404, "Volume %s could not be found.", id);
        } else if (strcmp(jstr(volume, "status"), "in-use") == 0 && *jstr(volume, "attachments.0.server_id")) {
            nova_error(r, 400, "Invalid volume: volume %s is already attached to instances: %s", id, jstr(volume, "attachments.0.server_id"));
        } else if (strcmp(jstr(volume, "status"), "available") != 0) {
            nova_error(r, 400, "Invalid volume: volume %s status must be 'available' or 'in-use' and multiattach. Currently in '%s' status", id,
                       jstr(volume, "status"));
        } else {
            v->volumes = realloc(v->volumes, (v->nvolumes + 1) * sizeof(*v->volumes));
            if (!v->volumes)
                abort();
            struct nova_volume *a = &v->volumes[v->nvolumes++];
            *a = (struct nova_volume){.delete_with = json_is_true(json_object_get(in, "delete_on_termination"))};
            snprintf(a->id, sizeof(a->id), "%s", id);
            uuid4(r->sim, a->attachment);
            uuid4(r->sim, a->bdm);
            if (device)
                snprintf(a->device, sizeof(a->device), "%s", device);
            else
                snprintf(a->device, sizeof(a->device), "/dev/vd%c", (char)('a' + (v->nvolumes + (v->volumes[0].boot ? 0 : 1)) % 26 - 1));
            nova_set(&a->tag, json_string_value(json_object_get(in, "tag")));
            struct nova_act *act = nova_act_of(r, v, "attach_volume");
            nova_event_end(r->sim, act, nova_event_start(r->sim, act, "compute_attach_volume", v->host ? v->host->name : "controller"), NULL, NULL);
            neigh_attach(r->sim, v, a);
            nova_touch(r->sim, v);
            json_t *d = attachment(r, v, a);
            json_object_del(d, "attachment_id");               /* only told to who asks for it */
            json_object_del(d, "bdm_uuid");
            json_object_set_new(d, "id", json_string(a->id));
            reply_json(r, 200, jt("{'volumeAttachment':%j}", d));
        }
        json_decref(volume);
    }
    json_decref(in);
}

static void detach(struct req *r, struct nova_server *v, size_t i)
{
    if (!nova_may(r, v, &detach_volume))
        return;
    if (v->volumes[i].boot && v->vm != VM_SHELVED_OFFLOADED) {
        nova_error(r, 403, "Can't detach root device volume");
        return;
    }
    struct nova_act *act = nova_act_of(r, v, "detach_volume");
    nova_event_end(r->sim, act, nova_event_start(r->sim, act, "compute_detach_volume", v->host ? v->host->name : "controller"), NULL, NULL);
    neigh_detach(r->sim, v, v->volumes[i].id);
    free(v->volumes[i].tag);
    memmove(&v->volumes[i], &v->volumes[i + 1], (--v->nvolumes - i) * sizeof(*v->volumes));
    nova_touch(r->sim, v);
    nova_accepted(r);
}

void nova_attachments(struct req *r, struct nova_server *v)
{
    const char *id = r->nseg > 5 ? r->seg[5] : NULL;
    bool get = strcmp(r->method, "GET") == 0;
    size_t i = 0;
    while (id && i < v->nvolumes && strcmp(v->volumes[i].id, id) != 0)
        i++;
    if (!id && get) {
        json_t *all = json_array();
        for (i = 0; i < v->nvolumes; i++)
            json_array_append_new(all, attachment(r, v, &v->volumes[i]));
        reply_json(r, 200, jt("{'volumeAttachments':%j}", all));
    } else if (!id && strcmp(r->method, "POST") == 0) {
        attach(r, v);
    } else if (id && i == v->nvolumes) {
        json_t *volume = get ? NULL : neigh_volume(r->sim, id);
        if (get || volume)
            nova_error(r, 404, "Instance %s is not attached to volume %s", v->id, id);
        else
            nova_error(r, 404, "Volume %s could not be found.", id);
        json_decref(volume);
    } else if (id && get) {
        reply_json(r, 200, jt("{'volumeAttachment':%j}", attachment(r, v, &v->volumes[i])));
    } else if (id && strcmp(r->method, "DELETE") == 0) {
        detach(r, v, i);
    } else {
        nova_none(r);
    }
}

/* ---- interfaces ---- */
static json_t *interface(struct req *r, const struct nova_port *p)
{
    struct obj *o = store_get(ostk_table(r->sim, "neutron", "ports"), "", p->id);
    json_t *port = o ? obj_doc(o) : NULL;
    json_t *d = jt("{'net_id':%s,'port_id':%s,'mac_addr':%s,'port_state':%s,'fixed_ips':[{'subnet_id':%s,'ip_address':%s}]}", p->net_id, p->id, p->mac,
                   port ? jstr(port, "status") : "ACTIVE", port ? jstr(port, "fixed_ips.0.subnet_id") : "", p->ip);
    if (nova_at(r, 70))
        json_object_set_new(d, "tag", json_null());
    json_decref(port);
    return d;
}

static void plug(struct req *r, struct nova_server *v)
{
    json_t *in = nova_body(r, "interfaceAttachment");
    char fault[200] = "", net[37] = "";
    const char *port = json_string_value(json_object_get(in, "port_id")), *asked = json_string_value(json_object_get(in, "net_id"));
    if (!in)
        return;
    if (!asked && !port && neigh_network(r->sim, v->project, NULL, net))
        asked = net;
    if (asked && port && asked != net) {
        nova_error(r, 400, "Must not input both network_id and port_id");
    } else if (!nova_may(r, v, &attach_interface)) {
        /* said */
    } else if (!neigh_port(r->sim, v, asked, port, json_string_value(jat(in, "fixed_ips.0.ip_address")), fault, sizeof(fault))) {
        nova_error(r, port || asked ? 404 : 400, "%s", fault);
    } else {
        struct nova_act *act = nova_act_of(r, v, "attach_interface");
        nova_event_end(r->sim, act, nova_event_start(r->sim, act, "compute_attach_interface", v->host ? v->host->name : ""), NULL, NULL);
        neigh_port_host(r->sim, v);
        nova_touch(r->sim, v);
        reply_json(r, 200, jt("{'interfaceAttachment':%j}", interface(r, &v->ports[v->nports - 1])));
    }
    json_decref(in);
}

void nova_interfaces(struct req *r, struct nova_server *v)
{
    const char *id = r->nseg > 5 ? r->seg[5] : NULL;
    size_t i = 0;
    while (id && i < v->nports && strcmp(v->ports[i].id, id) != 0)
        i++;
    if (!id && strcmp(r->method, "GET") == 0) {
        json_t *all = json_array();
        for (i = 0; i < v->nports; i++)
            json_array_append_new(all, interface(r, &v->ports[i]));
        reply_json(r, 200, jt("{'interfaceAttachments':%j}", all));
    } else if (!id && strcmp(r->method, "POST") == 0) {
        plug(r, v);
    } else if (id && i == v->nports && strcmp(r->method, "DELETE") == 0) {
        if (!nova_may(r, v, &detach_interface))
            return;
        struct nova_act *act = nova_act_of(r, v, "detach_interface");      /* the host finds out that there is none */
        nova_event_end(r->sim, act, nova_event_start(r->sim, act, "compute_detach_interface", v->host ? v->host->name : ""), "Traceback (most recent call last):",
                       "Port id could not be found.");
        nova_accepted(r);
    } else if (id && i == v->nports) {
        nova_error(r, 404, "Port id %s could not be found.", id);
    } else if (id && strcmp(r->method, "GET") == 0) {
        reply_json(r, 200, jt("{'interfaceAttachment':%j}", interface(r, &v->ports[i])));
    } else if (id && strcmp(r->method, "DELETE") == 0) {
        if (!nova_may(r, v, &detach_interface))
            return;
        struct nova_act *act = nova_act_of(r, v, "detach_interface");
        nova_event_end(r->sim, act, nova_event_start(r->sim, act, "compute_detach_interface", v->host ? v->host->name : ""), NULL, NULL);
        neigh_port_gone(r->sim, v, i);
        nova_touch(r->sim, v);
        nova_accepted(r);
    } else {
        nova_none(r);
    }
}

/* ---- metadata, tags ---- */
static void metadata(struct req *r, struct nova_server *v)
{
    const char *key = r->nseg > 5 ? r->seg[5] : NULL;
    bool get = strcmp(r->method, "GET") == 0, put = strcmp(r->method, "PUT") == 0;
    if (!v->metadata)
        v->metadata = json_object();
    if (!get && v->locked && !nova_admin(r)) {
        nova_error(r, 409, "Instance %s is locked", v->id);
        return;
    }
    json_t *in = get || strcmp(r->method, "DELETE") == 0 ? NULL : nova_body(r, key ? "meta" : "metadata"), *x;
    const char *name;
    if (!get && !in && strcmp(r->method, "DELETE") != 0)
        return;
    if (put && !key)
        json_object_clear(v->metadata);
    json_object_foreach(in, name, x)
        json_object_set(v->metadata, name, x);
    if (!get)
        nova_touch(r->sim, v);
    if (strcmp(r->method, "DELETE") == 0 && key) {
        if (json_object_del(v->metadata, key) == 0)
            reply_text(r, 204, "application/json", "", 0);
        else
            nova_error(r, 404, "Metadata item was not found");
    } else if (key && !json_object_get(v->metadata, key)) {
        nova_error(r, 404, "Metadata item was not found");
    } else if (key) {
        json_t *one = json_object();
        json_object_set(one, key, json_object_get(v->metadata, key));
        reply_json(r, 200, jt("{'meta':%j}", one));
    } else {
        reply_json(r, 200, jt("{'metadata':%j}", json_incref(v->metadata)));
    }
    json_decref(in);
}

static void tags(struct req *r, struct nova_server *v)
{
    const char *tag = r->nseg > 5 ? r->seg[5] : NULL;
    bool put = strcmp(r->method, "PUT") == 0, del = strcmp(r->method, "DELETE") == 0;
    size_t i = 0;
    if (!v->tags)
        v->tags = json_array();
    while (tag && i < json_array_size(v->tags) && strcmp(json_string_value(json_array_get(v->tags, i)), tag) != 0)
        i++;
    bool there = tag && i < json_array_size(v->tags);
    if (put && tag) {
        if (!there)
            json_array_append_new(v->tags, json_string(tag));
        reply_text(r, there ? 204 : 201, "application/json", "", 0);
    } else if (put) {
        json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
        if (json_is_array(json_object_get(in, "tags"))) {
            json_decref(v->tags);
            v->tags = json_incref(json_object_get(in, "tags"));
        }
        json_decref(in);
        reply_json(r, 200, jt("{'tags':%j}", json_incref(v->tags)));
    } else if (tag && !there) {
        nova_error(r, 404, "Server %s has no tag '%s'", v->id, tag);
    } else if (del) {
        if (tag)
            json_array_remove(v->tags, i);
        else
            json_array_clear(v->tags);
        reply_text(r, 204, "application/json", "", 0);
    } else if (tag) {
        reply_text(r, 204, "application/json", "", 0);
    } else {
        reply_json(r, 200, jt("{'tags':%j}", json_incref(v->tags)));
    }
    if (put || del)
        nova_touch(r->sim, v);
}

static void ips(struct req *r, const struct nova_server *v)
{
    json_t *all = json_object();
    for (size_t i = 0; i < v->nports; i++) {
        json_t *list = json_object_get(all, v->ports[i].net);
        if (!list) {
            list = json_array();
            json_object_set_new(all, v->ports[i].net, list);
        }
        json_array_append_new(list, jt("{'version':4,'addr':%s}", v->ports[i].ip));
        if (v->ports[i].floating)
            json_array_append_new(list, jt("{'version':4,'addr':%s}", v->ports[i].floating));
    }
    reply_json(r, 200, jt("{'addresses':%j}", all));
}

static void diagnostics(struct req *r, const struct nova_server *v)
{
    int64_t up = (sim_now(r->sim) - v->launched) / 1000;
    if (!nova_allowed(r, "os_compute_api:os-server-diagnostics"))
        return;
    if (!v->host) {
        nova_error(r, 409, "Instance %s is not ready", v->id);
        return;
    }
    if (v->power != POWER_RUNNING) {
        nova_error(r, 409, "Cannot 'get_diagnostics' instance %s while it is in power state %s", v->id, v->power == POWER_PAUSED ? "paused" :
                   v->power == POWER_SHUTDOWN ? "shutdown" : v->power == POWER_SUSPENDED ? "suspended" : "pending");
        return;
    }
    if (!nova_at(r, 48)) {                                     /* libvirt's own names, once */
        json_t *d = json_object();
        static const struct { const char *key; int rate; } disk[] = {{"vda_read", 911}, {"vda_read_req", 1}, {"vda_write", 1873}, {"vda_write_req", 2}, {"vda_errors", 0}};
        static const struct { const char *key; int rate; } nic[] = {{"rx", 1200}, {"rx_errors", 0}, {"rx_drop", 0}, {"rx_packets", 3}, {"tx", 800}, {"tx_errors", 0},
                                                                    {"tx_drop", 0}, {"tx_packets", 2}};
        char key[48];
        for (int i = 0; i < v->flavor->vcpus; i++) {
            snprintf(key, sizeof(key), "cpu%d_time", i);
            json_object_set_new(d, key, json_integer(up * 31000000LL));
        }
        for (size_t i = 0; i < sizeof(disk) / sizeof(disk[0]); i++)
            json_object_set_new(d, disk[i].key, json_integer(disk[i].rate ? up * disk[i].rate : -1));
        for (size_t i = 0; v->nports && i < sizeof(nic) / sizeof(nic[0]); i++) {
            snprintf(key, sizeof(key), "tap%.11s_%s", v->ports[0].id, nic[i].key);
            json_object_set_new(d, key, json_integer(up * nic[i].rate));
        }
        json_object_set_new(d, "memory", json_integer(v->flavor->ram * 1024));
        json_object_set_new(d, "memory-actual", json_integer(v->flavor->ram * 1024));
        json_object_set_new(d, "memory-rss", json_integer(v->flavor->ram * 512));
        reply_json(r, 200, d);
        return;
    }
    reply_json(r, 200, jt("{'state':'running','driver':'libvirt','hypervisor':'kvm','hypervisor_os':'linux','uptime':%l,'config_drive':%b,'num_cpus':%i,"
                          "'num_nics':%i,'num_disks':%i,'disk_details':[{'read_bytes':%l,'read_requests':%l,'write_bytes':%l,'write_requests':%l,"
                          "'errors_count':-1}],'cpu_details':[{'id':0,'time':%l,'utilisation':null}],'nic_details':[{'mac_address':%s,'rx_octets':%l,"
                          "'rx_errors':0,'rx_drop':0,'rx_packets':%l,'rx_rate':null,'tx_octets':%l,'tx_errors':0,'tx_drop':0,'tx_packets':%l,"
                          "'tx_rate':null}],'memory_details':{'maximum':%i,'used':%i}}", up, v->config_drive, v->flavor->vcpus, (int)v->nports,
                          (int)v->nvolumes + 1, up * 911, up / 7, up * 1873, up / 3, up * 31000000LL, v->nports ? v->ports[0].mac : "", up * 1200, up * 3,
                          up * 800, up * 2, v->flavor->ram, v->flavor->ram / 2));
}

/* ---- security groups, in the form of the days when they were Nova's ---- */
static json_t *group_rules(struct sim *s, const char *group)
{
    struct res *t = ostk_table(s, "neutron", "security-group-rules");
    json_t *all = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, group) ? obj_doc(t->items[i]) : NULL;
        if (d && strcmp(jstr(d, "security_group_id"), group) == 0 && strcmp(jstr(d, "direction"), "ingress") == 0) {
            bool any = json_is_null(json_object_get(d, "port_range_min")), icmp = strcmp(jstr(d, "protocol"), "icmp") == 0, with = *jstr(d, "protocol") != 0;
            json_t *low = any ? icmp ? json_integer(-1) : json_null() : json_incref(json_object_get(d, "port_range_min"));
            json_t *high = any ? icmp ? json_integer(-1) : json_null() : json_incref(json_object_get(d, "port_range_max"));
            struct obj *o = store_get(ostk_table(s, "neutron", "security-groups"), "", jstr(d, "remote_group_id"));
            json_t *remote = o ? obj_doc(o) : NULL;
            json_t *from = remote ? jt("{'name':%s,'tenant_id':%s}", jstr(remote, "name"), jstr(remote, "project_id")) : json_object();
            const char *cidr = *jstr(d, "remote_ip_prefix") ? jstr(d, "remote_ip_prefix") : strcmp(jstr(d, "ethertype"), "IPv6") == 0 ? "::/0" : "0.0.0.0/0";
            json_array_append_new(all, jt("{'id':%s,'parent_group_id':%s,'ip_protocol':%s,'from_port':%j,'to_port':%j,'group':%j,'ip_range':%j}", jstr(d, "id"), group,
                                          with ? jstr(d, "protocol") : NULL, low, high, from, remote ? json_object() : jt("{'cidr':%s}", cidr)));
            json_decref(remote);
        }
        json_decref(d);
    }
    return all;
}

static json_t *group_doc(struct sim *s, const json_t *g)
{
    return jt("{'id':%s,'description':%s,'name':%s,'tenant_id':%s,'rules':%j}", jstr(g, "id"), jstr(g, "description"), jstr(g, "name"), jstr(g, "project_id"),
              group_rules(s, jstr(g, "id")));
}

/* Those of the server, by name; v NULL: all of the caller's project, or the one with this id. */
static void groups_of(struct req *r, const struct nova_server *v, const char *id)
{
    struct res *t = ostk_table(r->sim, "neutron", "security-groups");
    const char *project = v ? v->project : nova_who(r)->project_id;
    json_t *all = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *g = obj_doc(t->items[i]);
        bool on = strcmp(jstr(g, "project_id"), project) == 0 && (!id || strcmp(jstr(g, "id"), id) == 0);
        bool named = !v || (!v->groups && strcmp(jstr(g, "name"), "default") == 0);
        for (size_t k = 0; v && k < json_array_size(v->groups); k++)
            named = named || strcmp(json_string_value(json_array_get(v->groups, k)), jstr(g, "name")) == 0;
        if (on && named)
            json_array_append_new(all, group_doc(r->sim, g));
        json_decref(g);
    }
    if (!id)
        reply_json(r, 200, jt("{'security_groups':%j}", json_incref(all)));
    else if (json_array_size(all))
        reply_json(r, 200, jt("{'security_group':%j}", json_incref(json_array_get(all, 0))));
    else
        nova_error(r, 404, "Security group %s not found.", id);
    json_decref(all);
}

void nova_security_groups(struct req *r, const char *id)
{
    groups_of(r, NULL, id);
}

void nova_server_misc(struct req *r, struct nova_server *v, const char *sub)
{
    bool get = strcmp(r->method, "GET") == 0;
    if (strcmp(sub, "metadata") == 0)
        metadata(r, v);
    else if (strcmp(sub, "tags") == 0 && nova_at(r, 26))
        tags(r, v);
    else if (strcmp(sub, "ips") == 0 && get)
        ips(r, v);
    else if (strcmp(sub, "diagnostics") == 0 && get)
        diagnostics(r, v);
    else if (strcmp(sub, "os-security-groups") == 0 && get)
        groups_of(r, v, NULL);
    else if (strcmp(sub, "os-server-password") == 0 && get)
        reply_json(r, 200, jt("{'password':''}"));
    else if (strcmp(sub, "topology") == 0 && get && nova_at(r, 78))
        reply_json(r, 200, jt("{'nodes':[],'pagesize_kb':null}"));
    else if (strcmp(sub, "remote-consoles") == 0 && strcmp(r->method, "POST") == 0 && nova_at(r, 6))
        remote_console(r, v);
    else
        nova_none(r);
}
