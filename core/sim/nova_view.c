/* A server as the API shows it: each member from the microversion and for the callers that get it. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

const char *nova_status(const struct nova_server *v)
{
    static const char *const plain[VM_STATES] = {
        [VM_ACTIVE] = "ACTIVE", [VM_BUILDING] = "BUILD", [VM_PAUSED] = "PAUSED", [VM_SUSPENDED] = "SUSPENDED", [VM_STOPPED] = "SHUTOFF",
        [VM_RESCUED] = "RESCUE", [VM_RESIZED] = "VERIFY_RESIZE", [VM_SOFT_DELETED] = "SOFT_DELETED", [VM_DELETED] = "DELETED",
        [VM_ERROR] = "ERROR", [VM_SHELVED] = "SHELVED", [VM_SHELVED_OFFLOADED] = "SHELVED_OFFLOADED",
    };
    static const struct { uint64_t vm, task; const char *status; } special[] = {
        {BIT(VM_ACTIVE), BIT(TASK_REBOOTING) | BIT(TASK_REBOOT_STARTED), "REBOOT"},
        {BIT(VM_ACTIVE), BIT(TASK_REBOOTING_HARD) | BIT(TASK_REBOOT_STARTED_HARD), "HARD_REBOOT"},
        {BIT(VM_ACTIVE), BIT(TASK_UPDATING_PASSWORD), "PASSWORD"},
        {BIT(VM_ACTIVE) | BIT(VM_STOPPED) | BIT(VM_ERROR),
         BIT(TASK_REBUILDING) | BIT(TASK_REBUILD_BLOCK_DEVICE_MAPPING) | BIT(TASK_REBUILD_SPAWNING), "REBUILD"},
        {BIT(VM_ACTIVE) | BIT(VM_PAUSED), BIT(TASK_MIGRATING), "MIGRATING"},
        {BIT(VM_ACTIVE) | BIT(VM_STOPPED),
         BIT(TASK_RESIZE_PREP) | BIT(TASK_RESIZE_MIGRATING) | BIT(TASK_RESIZE_MIGRATED) | BIT(TASK_RESIZE_FINISH), "RESIZE"},
        {BIT(VM_RESIZED), BIT(TASK_RESIZE_REVERTING), "REVERT_RESIZE"},
    };
    for (size_t i = 0; v->task && i < sizeof(special) / sizeof(special[0]); i++)
        if (special[i].vm & BIT(v->vm) && special[i].task & BIT(v->task))
            return special[i].status;
    return plain[v->vm];
}

void nova_host_id(const char *project, const char *host, char out[57])
{
    unsigned char sum[28];
    char *text = sim_printf("%s%s", project, host);
    gnutls_hash_fast(GNUTLS_DIG_SHA224, text, strlen(text), sum);
    for (int i = 0; i < 28; i++)
        snprintf(out + 2 * i, 3, "%02x", sum[i]);
    free(text);
}

static void flavor(struct jw *w, const struct req *r, const struct nova_flavor *f)
{
    jw_open(w, "flavor", '{');
    if (!nova_at(r, 47)) {
        jw_str(w, "id", f->id);
        jw_open(w, "links", '[');
        jw_link(w, r, "bookmark", "/flavors/%s", f->id);
        jw_close(w, ']');
    } else {
        jw_int(w, "vcpus", f->vcpus);
        jw_int(w, "ram", f->ram);
        jw_int(w, "disk", f->disk);
        jw_int(w, "ephemeral", f->ephemeral);
        jw_int(w, "swap", f->swap);
        jw_str(w, "original_name", f->name);
        jw_json(w, "extra_specs", f->extra);
    }
    jw_close(w, '}');
}

static void address(struct jw *w, const struct nova_port *p, const char *ip, const char *type, bool whole)
{
    jw_open(w, NULL, '{');
    jw_int(w, "version", strchr(ip, ':') ? 6 : 4);
    jw_str(w, "addr", ip);
    if (whole) {
        jw_str(w, "OS-EXT-IPS:type", type);
        jw_str(w, "OS-EXT-IPS-MAC:mac_addr", p->mac);
    }
    jw_close(w, '}');
}

static void addresses(struct jw *w, const struct nova_server *v, bool whole)
{
    jw_open(w, "addresses", '{');
    for (size_t i = 0; i < v->nports; i++) {
        size_t first = 0;
        while (strcmp(v->ports[first].net, v->ports[i].net) != 0)
            first++;
        if (first != i)
            continue;                                          /* this network was written already */
        jw_open(w, v->ports[i].net, '[');
        for (size_t k = i; k < v->nports; k++) {
            const struct nova_port *p = &v->ports[k];
            if (strcmp(p->net, v->ports[i].net) != 0)
                continue;
            address(w, p, p->ip, "fixed", whole);
            if (p->floating)
                address(w, p, p->floating, "floating", whole);
        }
        jw_close(w, ']');
    }
    jw_close(w, '}');
}

static void fault(struct jw *w, const struct nova_server *v, bool admin)
{
    char at[32];
    jw_open(w, "fault", '{');
    jw_int(w, "code", v->fault.code);
    jw_str(w, "created", stamp(v->fault.at, at));
    jw_str(w, "message", v->fault.message);
    if (v->fault.details && (admin || v->fault.code != 500))
        jw_str(w, "details", v->fault.details);
    jw_close(w, '}');
}

static void strings(struct jw *w, const char *key, const json_t *list)
{
    jw_open(w, key, '[');
    for (size_t i = 0; i < json_array_size(list); i++)
        jw_str(w, NULL, json_string_value(json_array_get(list, i)));
    jw_close(w, ']');
}

static void security_groups(struct jw *w, const struct nova_server *v)
{
    jw_open(w, "security_groups", '[');
    for (size_t i = 0; v->nports && i < (v->groups ? json_array_size(v->groups) : 1); i++) {
        jw_open(w, NULL, '{');
        jw_str(w, "name", v->groups ? json_string_value(json_array_get(v->groups, i)) : "default");
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

/* What only administrators see. */
static void extended(struct jw *w, const struct req *r, const struct nova_server *v)
{
    char name[32];
    snprintf(name, sizeof(name), "instance-%08x", v->seq);
    jw_str(w, "OS-EXT-SRV-ATTR:host", v->host ? v->host->name : NULL);
    jw_str(w, "OS-EXT-SRV-ATTR:instance_name", name);
    jw_str(w, "OS-EXT-SRV-ATTR:hypervisor_hostname", v->host ? v->host->name : NULL);
    if (!nova_at(r, 3))
        return;
    jw_str(w, "OS-EXT-SRV-ATTR:reservation_id", v->reservation);
    jw_int(w, "OS-EXT-SRV-ATTR:launch_index", 0);
    jw_str(w, "OS-EXT-SRV-ATTR:hostname", v->hostname ? v->hostname : v->name);
    jw_str(w, "OS-EXT-SRV-ATTR:kernel_id", "");
    jw_str(w, "OS-EXT-SRV-ATTR:ramdisk_id", "");
    jw_str(w, "OS-EXT-SRV-ATTR:root_device_name", v->launched ? "/dev/vda" : NULL);
    jw_str(w, "OS-EXT-SRV-ATTR:user_data", v->user_data);
}

static void volumes(struct jw *w, const struct req *r, const struct nova_server *v)
{
    jw_open(w, "os-extended-volumes:volumes_attached", '[');
    for (size_t i = 0; i < v->nvolumes; i++) {
        jw_open(w, NULL, '{');
        jw_str(w, "id", v->volumes[i].id);
        if (nova_at(r, 3))
            jw_bool(w, "delete_on_termination", v->volumes[i].delete_with);
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

/* What microversions added, in the order of the real answer. */
static void added(struct jw *w, struct req *r, const struct nova_server *v, bool admin, bool one)
{
    if (nova_at(r, 16) && admin)
        jw_str(w, "host_status", nova_host_status(r->sim, v));
    if (nova_at(r, 9))
        jw_bool(w, "locked", v->locked);
    if (nova_at(r, 73))
        jw_str(w, "locked_reason", v->locked_reason);
    if (nova_at(r, 19))
        jw_str(w, "description", v->description);
    if (nova_at(r, 26))
        strings(w, "tags", v->tags);
    if (nova_at(r, 63))
        jw_str(w, "trusted_image_certificates", NULL);
    if (nova_at(r, 90) && !admin)
        jw_str(w, "OS-EXT-SRV-ATTR:hostname", v->hostname ? v->hostname : v->name);
    if (nova_at(r, 71) && one) {
        jw_open(w, "server_groups", '[');
        if (*v->group)
            jw_str(w, NULL, v->group);
        jw_close(w, ']');
    }
}

static void identity(struct jw *w, struct req *r, const struct nova_server *v, bool whole)
{
    char at[32], host_id[57] = "";
    jw_str(w, "id", v->id);
    jw_str(w, "name", v->name);
    jw_str(w, "status", nova_status(v));
    jw_str(w, "tenant_id", v->project);
    jw_str(w, "user_id", v->user);
    if (v->metadata && v->vm != VM_DELETED) {
        jw_json(w, "metadata", v->metadata);
    } else {
        jw_open(w, "metadata", '{');
        jw_close(w, '}');
    }
    if (v->host)
        nova_host_id(v->project, v->host->name, host_id);
    jw_str(w, "hostId", host_id);
    if (*v->image) {
        jw_open(w, "image", '{');
        jw_str(w, "id", v->image);
        jw_open(w, "links", '[');
        jw_link(w, r, "bookmark", "/images/%s", v->image);
        jw_close(w, ']');
        jw_close(w, '}');
    } else {
        jw_str(w, "image", "");
    }
    flavor(w, r, v->flavor);
    jw_str(w, "created", stamp(v->created, at));
    jw_str(w, "updated", stamp(v->updated, at));
    addresses(w, v, whole);
    jw_str(w, "accessIPv4", "");
    jw_str(w, "accessIPv6", "");
    jw_links(w, r, "servers", v->id);
    jw_str(w, "OS-DCF:diskConfig", v->admin_disk ? "AUTO" : "MANUAL");
}

static void show(struct jw *w, struct req *r, const struct nova_server *v, bool one, bool whole)
{
    static const char *const moving[] = {"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"};
    const char *status = nova_status(v);
    bool admin = nova_admin(r);
    jw_open(w, one ? "server" : NULL, '{');
    identity(w, r, v, whole);
    if (v->fault.message && (v->vm == VM_ERROR || v->vm == VM_DELETED) && status[0] != 'R')
        fault(w, v, admin);
    for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++)
        if (strcmp(status, moving[i]) == 0)
            jw_int(w, "progress", v->progress);
    if (!whole) {
        added(w, r, v, false, one);
        jw_close(w, '}');
        return;
    }
    jw_str(w, "OS-EXT-AZ:availability_zone", v->host ? nova_host_zone(r->sim->nova, v->host->name) : v->zone ? v->zone : "");
    jw_str(w, "config_drive", v->config_drive ? "True" : "");
    jw_str(w, "key_name", v->key);
    jw_at(w, "OS-SRV-USG:launched_at", v->launched);
    jw_at(w, "OS-SRV-USG:terminated_at", v->terminated);
    if (v->nports)
        security_groups(w, v);
    if (admin)
        extended(w, r, v);
    jw_str(w, "OS-EXT-STS:task_state", nova_task_names[v->task]);
    jw_str(w, "OS-EXT-STS:vm_state", nova_vm_names[v->vm]);
    jw_int(w, "OS-EXT-STS:power_state", v->power);
    volumes(w, r, v);
    added(w, r, v, admin, one);
    jw_close(w, '}');
}

void nova_show(struct jw *w, struct req *r, const struct nova_server *v, bool one)
{
    show(w, r, v, one, true);
}

void nova_show_changed(struct jw *w, struct req *r, const struct nova_server *v)
{
    show(w, r, v, true, nova_at(r, 75));
}
