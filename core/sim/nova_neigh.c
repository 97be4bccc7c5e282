/* What Nova asks of Neutron, Cinder and Glance: ports, attachments, snapshots; on their tables, whose documents are the truth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

static json_t *doc(struct sim *s, const char *service, const char *table, const char *id)
{
    struct obj *o = store_get(ostk_table(s, service, table), "", id);
    return o ? obj_doc(o) : NULL;
}

static void put(struct sim *s, const char *service, const char *table, json_t *d)
{
    store_put(s, ostk_table(s, service, table), d);
}

/* ---- networks and ports ---- */
bool neigh_network(struct sim *s, const char *project, const char *id, char out[37])
{
    struct res *t = ostk_table(s, "neutron", "networks");
    size_t found = 0;
    *out = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool mine = strcmp(jstr(d, "project_id"), project) == 0 || json_is_true(json_object_get(d, "shared"));
        if (id ? strcmp(id, t->items[i]->name) == 0 : mine && !json_is_true(json_object_get(d, "router:external"))) {
            snprintf(out, 37, "%s", t->items[i]->name);
            found++;
        }
        json_decref(d);
    }
    return found == 1;
}

static struct nova_port *port_slot(struct nova_server *v)
{
    v->ports = realloc(v->ports, (v->nports + 1) * sizeof(*v->ports));
    if (!v->ports)
        abort();
    struct nova_port *p = &v->ports[v->nports++];
    *p = (struct nova_port){0};
    return p;
}

bool neigh_port(struct sim *s, struct nova_server *v, const char *network, const char *port, const char *ip, char *fault, size_t size)
{
    json_t *p = port ? doc(s, "neutron", "ports", port) : NULL;
    json_t *net = doc(s, "neutron", "networks", p ? jstr(p, "network_id") : network ? network : "");
    const char *id = NULL;
    char address[16], mac[18];
    if (port && !p) {
        snprintf(fault, size, "Port id %s could not be found.", port);
    } else if (p && *jstr(p, "device_id")) {
        snprintf(fault, size, "Port %s is still in use.", port);
    } else if (!net) {
        snprintf(fault, size, "Network %s could not be found.", network ? network : "");
    } else if (p) {
        id = ostk_merge(s, ostk_table(s, "neutron", "ports"), port, jt("{'device_id':%s,'device_owner':'compute:nova'}", v->id))->name;
    } else {
        id = neutron_port_create(s, &(struct neutron_port){.network = jstr(net, "id"), .project = v->project, .server = v->id, .ip = ip});
        if (!id)
            snprintf(fault, size, "No fixed IP addresses available for network: %s", jstr(net, "id"));
    }
    if (id && neutron_port_get(s, id, address, mac)) {
        struct nova_port *slot = port_slot(v);
        nova_set(&slot->net, jstr(net, "name"));
        nova_set(&slot->net_id, jstr(net, "id"));
        nova_set(&slot->id, id);
        nova_set(&slot->ip, address);
        nova_set(&slot->mac, mac);
    }
    json_decref(p);
    json_decref(net);
    return id != NULL;
}

void neigh_port_gone(struct sim *s, struct nova_server *v, size_t i)
{
    neutron_port_delete(s, v->ports[i].id);
    nova_port_free(&v->ports[i]);
    memmove(&v->ports[i], &v->ports[i + 1], (--v->nports - i) * sizeof(*v->ports));
}

void neigh_port_host(struct sim *s, const struct nova_server *v)
{
    if (v->nports)
        neutron_ports_bind(s, v->id, v->host ? v->host->name : "", v->host != NULL);
}

static struct nova_port *port_of(struct nova_server *v, const char *id)
{
    for (size_t i = 0; i < v->nports; i++)
        if (strcmp(v->ports[i].id, id) == 0)
            return &v->ports[i];
    return NULL;
}

bool nova_nic_set(struct sim *s, const char *server, const struct nova_nic *nic)
{
    struct nova_server *v = nova_find(s, server);
    if (!v || v->vm == VM_DELETED)
        return false;
    struct nova_port *p = port_of(v, nic->port_id);
    if (!p)
        p = port_slot(v);
    nova_set(&p->net, nic->net ? nic->net : "");
    nova_set(&p->net_id, nic->net_id ? nic->net_id : "");
    nova_set(&p->id, nic->port_id);
    nova_set(&p->ip, nic->ip ? nic->ip : "");
    nova_set(&p->mac, nic->mac ? nic->mac : "");
    nova_set(&p->floating, nic->floating);
    if (s->world->start_ms)
        nova_touch(s, v);
    return true;
}

bool nova_nic_gone(struct sim *s, const char *server, const char *port_id)
{
    struct nova_server *v = nova_find(s, server);
    struct nova_port *p = v ? port_of(v, port_id) : NULL;
    if (!p)
        return false;
    size_t i = (size_t)(p - v->ports);
    nova_port_free(p);
    memmove(p, p + 1, (--v->nports - i) * sizeof(*v->ports));
    nova_touch(s, v);
    return true;
}

void nova_nic_floating(struct sim *s, const char *server, const char *port_id, const char *ip)
{
    struct nova_server *v = nova_find(s, server);
    struct nova_port *p = v ? port_of(v, port_id) : NULL;
    if (p) {
        nova_set(&p->floating, ip);
        nova_touch(s, v);
    }
}

/* ---- images ---- */
bool neigh_image(struct sim *s, const char *id)
{
    return store_get(ostk_table(s, "glance", "images"), "", id) != NULL;
}

void neigh_image_gone(struct sim *s, const char *id)
{
    store_delete(s, ostk_table(s, "glance", "images"), "", id);
}

void neigh_snapshot(struct sim *s, const struct nova_server *v, const char *name, char id[37])
{
    char at[32], self[80], file[90];
    uuid4(s, id);
    stamp(sim_now(s), at);
    snprintf(self, sizeof(self), "/v2/images/%s", id);
    snprintf(file, sizeof(file), "/v2/images/%s/file", id);
    put(s, "glance", "images",
        jt("{'id':%s,'name':%s,'disk_format':null,'container_format':null,'visibility':'private','size':null,'virtual_size':null,'status':'queued','checksum':"
           "null,'protected':false,'min_ram':0,'min_disk':%i,'owner':%s,'os_hidden':false,'os_hash_algo':null,'os_hash_value':null,'created_at':%s,"
           "'updated_at':%s,'tags':[],'self':%s,'file':%s,'schema':'/v2/schemas/image','image_type':'snapshot','instance_uuid':%s,'base_image_ref':%s,"
           "'user_id':%s,'owner_specified.openstack.object':%s}", id, name, v->flavor->disk, v->project, at, at, self, file, v->id, v->image, v->user, name));
}

void neigh_snapshot_done(struct sim *s, const char *id)
{
    json_t *d = doc(s, "glance", "images", id);
    char at[32], sum[33];
    if (!d)
        return;
    hex_id(s, sum, 32);
    json_object_set_new(d, "status", json_string("active"));
    json_object_set_new(d, "disk_format", json_string("qcow2"));
    json_object_set_new(d, "container_format", json_string("bare"));
    json_object_set_new(d, "size", json_integer(21430272));
    json_object_set_new(d, "virtual_size", json_integer(117440512));
    json_object_set_new(d, "checksum", json_string(sum));
    json_object_set_new(d, "updated_at", json_string(stamp(sim_now(s), at)));
    put(s, "glance", "images", d);
}

/* ---- volumes ---- */
json_t *neigh_volume(struct sim *s, const char *id)
{
    return doc(s, "cinder", "volumes", id);
}

void neigh_attach(struct sim *s, const struct nova_server *v, const struct nova_volume *a)
{
    cinder_attach(s, a->id, v->id, a->device, v->host ? v->host->name : NULL);
}

void neigh_detach(struct sim *s, const struct nova_server *v, const char *volume)
{
    cinder_detach(s, volume, v->id);
}

void neigh_detach_all(struct sim *s, const struct nova_server *v)
{
    cinder_detach_all(s, v->id);
}
