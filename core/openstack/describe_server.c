/* describe of a server, in the order in which one asks when something is wrong with it. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/describe_out.h"
#include "core/openstack/kind_util.h"
#include "core/openstack/requests_priv.h"
#include "strata/text.h"

#define LAST_ACTIONS 10

static const char *power_word(int64_t n)
{
    static const char *const words[] = {"NOSTATE", "Running", NULL, "Paused", "Shutdown", NULL, "Crashed", "Suspended"};
    const char *w = n >= 0 && n < (int64_t)(sizeof words / sizeof *words) ? words[n] : NULL;
    return w ? w : "unknown";
}

static void named(struct str *out, struct ostk_source *os, const char *key, const char *what, const char *id)
{
    const char *name = ostk_ref(os, what, id);
    if (id && *id && strcmp(name, id))
        dout_textf(out, 0, key, "%s (%s)", name, id);
    else
        dout_text(out, 0, key, id);
}

static void state(struct str *out, const json_t *s, int64_t now_ms)
{
    const char *task = ostk_json_str(s, "OS-EXT-STS:task_state"), *vm = ostk_json_str(s, "OS-EXT-STS:vm_state");
    int64_t progress = ostk_json_int(s, "progress", -1);
    dout_text(out, 0, "Status", ostk_json_str(s, "status"));
    dout_text(out, 0, "Task", task ? task : "none");
    dout_text(out, 0, "VM state", vm);
    dout_text(out, 0, "Power", ostk_json(s, "OS-EXT-STS:power_state") ? power_word(ostk_json_int(s, "OS-EXT-STS:power_state", 0)) : NULL);
    if (task && progress > 0)
        dout_textf(out, 0, "Progress", "%lld %%", (long long)progress);
    if (ostk_true(s, "locked"))
        dout_textf(out, 0, "Locked", "yes%s%s", ostk_json_str(s, "locked_reason") ? ": " : "",
                   ostk_json_str(s, "locked_reason") ? ostk_json_str(s, "locked_reason") : "");
    if (ostk_json(s, "fault")) {
        dout_section(out, "Fault");
        dout_text(out, 1, "Message", ostk_json_str(s, "fault.message"));
        if (ostk_json_int(s, "fault.code", 0))
            dout_textf(out, 1, "Code", "%lld", (long long)ostk_json_int(s, "fault.code", 0));
        dout_time(out, 1, "At", ostk_json_str(s, "fault.created"), now_ms);
        dout_text(out, 1, "Details", ostk_json_str(s, "fault.details"));
    }
}

static void flavor(struct str *out, struct ostk_source *os, const json_t *s)
{
    const json_t *f = ostk_json(s, "flavor");
    char size[32], disk[32];
    const char *name = ostk_json_str(f, "original_name");
    if (!name) {                                       /* before 2.47 only the id */
        named(out, os, "Flavor", "flavor", ostk_json_str(f, "id"));
        return;
    }
    text_bytes(size, sizeof size, ostk_json_int(f, "ram", 0) * OSTK_MIB);
    text_bytes(disk, sizeof disk, ostk_json_int(f, "disk", 0) * OSTK_GIB);
    dout_textf(out, 0, "Flavor", "%s (%lld vCPU, %s memory, %s disk)", name, (long long)ostk_json_int(f, "vcpus", 0), size, disk);
    dout_json(out, 1, "Extra specs", ostk_json(f, "extra_specs"), 0);
}

static void place(struct str *out, struct ostk_source *os, const json_t *s, int64_t now_ms)
{
    const char *image = ostk_json_str(s, "image.id");
    flavor(out, os, s);
    if (image)
        named(out, os, "Image", "image", image);
    else
        dout_text(out, 0, "Image", "none: it boots from a volume");
    dout_text(out, 0, "Key pair", ostk_json_str(s, "key_name"));
    dout_text(out, 0, "Zone", ostk_json_str(s, "OS-EXT-AZ:availability_zone"));
    dout_text(out, 0, "Host", ostk_json_str(s, "OS-EXT-SRV-ATTR:host"));
    dout_text(out, 0, "Hypervisor", ostk_json_str(s, "OS-EXT-SRV-ATTR:hypervisor_hostname"));
    dout_text(out, 0, "Instance name", ostk_json_str(s, "OS-EXT-SRV-ATTR:instance_name"));
    dout_text(out, 0, "Host status", ostk_json_str(s, "host_status"));
    if (!ostk_json_str(s, "OS-EXT-SRV-ATTR:host"))
        dout_text(out, 0, "Host id", ostk_json_str(s, "hostId"));
    dout_time(out, 0, "Created", ostk_json_str(s, "created"), now_ms);
    dout_time(out, 0, "Updated", ostk_json_str(s, "updated"), now_ms);
    dout_time(out, 0, "Launched", ostk_json_str(s, "OS-SRV-USG:launched_at"), now_ms);
    dout_time(out, 0, "Terminated", ostk_json_str(s, "OS-SRV-USG:terminated_at"), now_ms);
}

static void addresses(struct str *out, const json_t *s)
{
    const char *net;
    json_t *list, *a;
    size_t i;
    if (!json_object_size((json_t *)ostk_json(s, "addresses")))
        return;
    dout_section(out, "Addresses");
    json_object_foreach((json_t *)ostk_json(s, "addresses"), net, list)
        json_array_foreach(list, i, a) {
            const char *type = ostk_json_str(a, "OS-EXT-IPS:type"), *mac = ostk_json_str(a, "OS-EXT-IPS-MAC:mac_addr");
            dout_textf(out, 1, net, "%s%s%s%s%s", ostk_json_str(a, "addr") ? ostk_json_str(a, "addr") : "?", type ? " " : "",
                       type ? type : "", mac ? ", MAC " : "", mac ? mac : "");
        }
}

static void ports(struct str *out, struct ostk_source *os, const struct ostk_server_parts *p)
{
    size_t i, k;
    json_t *e, *ip;
    if (p->ports_err)
        dout_text(out, 0, "Ports", p->ports_err);
    if (!json_array_size((json_t *)p->ports))
        return;
    dout_section(out, "Ports");
    json_array_foreach((json_t *)p->ports, i, e) {
        struct str ips;
        const char *host = ostk_json_str(e, "binding:host_id"), *vif = ostk_json_str(e, "binding:vif_type");
        str_init(&ips, 4096);
        json_array_foreach((json_t *)ostk_json(e, "fixed_ips"), k, ip)
            str_addf(&ips, " %s", ostk_json_str(ip, "ip_address") ? ostk_json_str(ip, "ip_address") : "?");
        str_addf(out, "  %s  %s  network %s %s%s%s%s%s\n", ostk_json_str(e, "id") ? ostk_json_str(e, "id") : "?",
                 ostk_json_str(e, "status") ? ostk_json_str(e, "status") : "?",
                 ostk_ref(os, "network", ostk_json_str(e, "network_id")), ips.data ? ips.data : "",
                 host && *host ? "  on " : "", host ? host : "", vif && !strcmp(vif, "binding_failed") ? "  BINDING FAILED" : "",
                 json_is_false(ostk_json(e, "admin_state_up")) ? "  set down" : "");
        str_release(&ips);
    }
}

static void volumes(struct str *out, const struct ostk_server_parts *p)
{
    size_t i, k;
    json_t *v, *a;
    const json_t *ids = ostk_json(p->server, "os-extended-volumes:volumes_attached");
    if (!json_array_size((json_t *)ids))
        return;
    dout_section(out, "Volumes");
    if (p->volumes_err)
        str_addf(out, "  (not all could be read: %s)\n", p->volumes_err);
    json_array_foreach((json_t *)ids, i, a) {
        const char *id = ostk_json_str(a, "id"), *name = NULL, *status = NULL, *dev = NULL;
        int64_t gib = 0;
        json_array_foreach((json_t *)p->volumes, k, v)
            if (id && ostk_json_str(v, "id") && !strcmp(id, ostk_json_str(v, "id"))) {
                name = ostk_json_str(v, "name");
                status = ostk_json_str(v, "status");
                gib = ostk_json_int(v, "size", 0);
                dev = ostk_json_str(v, "attachments.0.device");
            }
        str_addf(out, "  %s  %s", id ? id : "?", name && *name ? name : "(no name)");
        if (status)
            str_addf(out, "  %lld GiB  %s  %s", (long long)gib, status, dev ? dev : "");
        str_adds(out, ostk_true(a, "delete_on_termination") ? "  deleted with the server\n" : "\n");
    }
}

static void actions(struct str *out, struct ostk_source *os, const struct ostk_server_parts *p)
{
    size_t i, n = json_array_size((json_t *)p->actions);
    json_t *a;
    if (p->actions_err)
        dout_text(out, 0, "Actions", p->actions_err);
    if (!n)
        return;
    dout_section(out, "Last actions");
    json_array_foreach((json_t *)p->actions, i, a) {
        char at[40] = "-";
        int64_t ms;
        const char *t = ostk_json_str(a, "start_time"), *msg = ostk_json_str(a, "message");
        if (i == LAST_ACTIONS) {
            str_addf(out, "  and %zu older\n", n - i);
            break;
        }
        if (t && text_parse_time(t, strlen(t), &ms))
            text_format_time(at, sizeof at, ms);
        str_addf(out, "  %s  %-18s by %s%s%s\n", at, ostk_json_str(a, "action") ? ostk_json_str(a, "action") : "?",
                 ostk_ref(os, "user", ostk_json_str(a, "user_id")), msg && *msg ? "  " : "", msg ? msg : "");
    }
}

void ostk_describe_server_text(struct str *out, struct ostk_source *os, const struct ostk_server_parts *p, int64_t now_ms)
{
    const json_t *s = p->server, *g;
    struct str groups;
    size_t i;
    json_t *e;
    dout_text(out, 0, "Name", ostk_json_str(s, "name"));
    dout_text(out, 0, "Id", ostk_json_str(s, "id"));
    dout_text(out, 0, "Description", ostk_json_str(s, "description"));
    named(out, os, "Project", "project", ostk_json_str(s, "tenant_id"));
    named(out, os, "User", "user", ostk_json_str(s, "user_id"));
    state(out, s, now_ms);
    place(out, os, s, now_ms);
    addresses(out, s);
    ports(out, os, p);
    volumes(out, p);
    g = ostk_json(s, "security_groups");
    str_init(&groups, 1 << 16);
    json_array_foreach((json_t *)g, i, e)
        str_addf(&groups, "%s%s", groups.len ? ", " : "", ostk_json_str(e, "name") ? ostk_json_str(e, "name") : "?");
    dout_text(out, 0, "Security groups", groups.data);
    str_release(&groups);
    dout_json(out, 0, "Server groups", ostk_json(s, "server_groups"), now_ms);
    dout_json(out, 0, "Tags", ostk_json(s, "tags"), now_ms);
    dout_json(out, 0, "Metadata", ostk_json(s, "metadata"), now_ms);
    actions(out, os, p);
}
