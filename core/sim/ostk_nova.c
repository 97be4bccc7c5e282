/* Nova: servers with states that change, services, hypervisors, migrations, flavors, actions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/sim.h"

static const char *tenant(const json_t *d)
{
    return jstr(d, "tenant_id");
}

static bool is_admin(const struct req *r)
{
    const char *id = req_header(r, "X-Auth-Token");
    for (const struct token *t = r->sim->tokens; id && t; t = t->next)
        if (strcmp(t->id, id) == 0)
            return t->admin;
    return false;
}

static void policy(struct req *r, const char *rule)
{
    ostk_error(r, 403, "forbidden", "Policy doesn't allow %s to be performed.", rule);
}

static bool flag(const struct req *r, const char *key)
{
    const char *v = req_query(r, key);
    return v && (strcmp(v, "1") == 0 || strcasecmp(v, "true") == 0);
}

/* What the microversion hides: flavor in place (2.47), extended attributes (2.3), locked (2.9), tags (2.26), ... */
static void strip(const struct req *r, json_t *d)
{
    static const struct { int from; const char *key; } since[] = {
        {3, "OS-EXT-SRV-ATTR:reservation_id"}, {3, "OS-EXT-SRV-ATTR:launch_index"}, {3, "OS-EXT-SRV-ATTR:hostname"}, {3, "OS-EXT-SRV-ATTR:kernel_id"},
        {3, "OS-EXT-SRV-ATTR:ramdisk_id"}, {3, "OS-EXT-SRV-ATTR:root_device_name"}, {3, "OS-EXT-SRV-ATTR:user_data"}, {9, "locked"}, {16, "host_status"},
        {19, "description"}, {26, "tags"}, {63, "trusted_image_certificates"}, {73, "locked_reason"},
    };
    int v = r->micro.minor;
    for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
        if (v < since[i].from)
            json_object_del(d, since[i].key);
    if (v < 47) {
        char *url = sim_printf("http://127.0.0.1:%d/compute/flavors/%s", r->sim->port, jstr(d, "flavor.original_name"));
        json_object_set_new(d, "flavor", jt("{'id':%s,'links':[{'rel':'bookmark','href':%s}]}", jstr(d, "flavor.original_name"), url));
        free(url);
    }
    if (v < 19)
        json_object_del(d, "description");
    if (!is_admin(r)) {
        static const char *const secret[] = {"OS-EXT-SRV-ATTR:host", "OS-EXT-SRV-ATTR:instance_name", "OS-EXT-SRV-ATTR:hypervisor_hostname", "host_status"};
        for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
            json_object_del(d, secret[i]);
    }
}

static json_t *drop(json_t *d)
{
    json_decref(d);
    return NULL;
}

static json_t *show_server(struct req *r, const struct obj *o, json_t *d)
{
    const char *since = req_query(r, "changes-since"), *status = req_query(r, "status"), *name = req_query(r, "name"), *host = req_query(r, "host");
    const char *project = req_query(r, "project_id") ? req_query(r, "project_id") : req_query(r, "tenant_id");
    bool deleted = strcmp(jstr(d, "status"), "DELETED") == 0;
    (void)o;
    if (!ostk_project_visible(r, d, "tenant_id") || (project && strcmp(project, tenant(d)) != 0))
        return drop(d);
    if (since ? stamp_ms(jstr(d, "updated")) < stamp_ms(since) : deleted != flag(r, "deleted"))
        return drop(d);
    if ((status && strcasecmp(status, jstr(d, "status")) != 0) || (name && !strstr(jstr(d, "name"), name)) ||
        (host && strcmp(host, jstr(d, "OS-EXT-SRV-ATTR:host")) != 0))
        return drop(d);
    strip(r, d);
    return d;
}

static json_t *show_brief(struct req *r, const struct obj *o, json_t *doc)
{
    json_t *d = show_server(r, o, doc);
    if (!d)
        return NULL;
    json_t *b = jt("{'id':%s,'name':%s,'links':%j}", jstr(d, "id"), jstr(d, "name"), json_incref(json_object_get(d, "links")));
    json_decref(d);
    return b;
}

static json_t *show_any(struct req *r, const struct obj *o, json_t *d)
{
    (void)r;
    (void)o;
    return d;
}

static void list(struct req *r, const char *key, const char *links_key, json_t *(*show)(struct req *, const struct obj *, json_t *))
{
    json_t *links = NULL, *page = ostk_page(r, ostk_table(r->sim, "nova", key), r->path, &links, show), *out = json_object();
    json_object_set_new(out, key, page);
    if (links)
        json_object_set_new(out, links_key, links);
    reply_json(r, 200, out);
}

static void servers_list(struct req *r, bool detail)
{
    if (req_query(r, "all_tenants") && !is_admin(r)) {
        policy(r, detail ? "os_compute_api:servers:detail:get_all_tenants" : "os_compute_api:servers:index:get_all_tenants");
        return;
    }
    if (req_query(r, "changes-since") && stamp_ms(req_query(r, "changes-since")) < 0) {
        ostk_error(r, 400, "badRequest", "Invalid input for query parameters changes-since. Value: %s. '%s' is not a 'date-time'",
                   req_query(r, "changes-since"), req_query(r, "changes-since"));
        return;
    }
    if (req_query(r, "marker") && !store_get(ostk_table(r->sim, "nova", "servers"), "", req_query(r, "marker"))) {
        ostk_error(r, 400, "badRequest", "marker [%s] not found", req_query(r, "marker"));
        return;
    }
    list(r, "servers", "servers_links", detail ? show_server : show_brief);
}

static json_t *console(const json_t *d, int64_t lines)
{
    struct str out;
    str_init(&out, 0);
    for (int64_t i = lines > 0 && lines < 60 ? 60 - lines : 0; i < 60; i++)
        str_addf(&out, "[%5lld.%06lld] %s: systemd[1]: Started unit %lld\n", (long long)i, (long long)(i * 7919 % 1000000), jstr(d, "name"), (long long)i);
    str_addf(&out, "%s login: ", jstr(d, "name"));
    json_t *o = jt("{'output':%s}", out.data);
    str_release(&out);
    return o;
}

static void put_state(struct sim *s, json_t *d, const char *status, const char *vm, const char *task, int power)
{
    char at[32];
    json_object_set_new(d, "status", json_string(status));
    json_object_set_new(d, "OS-EXT-STS:vm_state", json_string(vm));
    json_object_set_new(d, "OS-EXT-STS:task_state", task ? json_string(task) : json_null());
    json_object_set_new(d, "OS-EXT-STS:power_state", json_integer(power));
    json_object_set_new(d, "updated", json_string(stamp(sim_now(s), at)));
    store_put(s, ostk_table(s, "nova", "servers"), d);
}

struct later { char *id; const char *status, *vm; int power; };

static void later_done(struct sim *s, void *arg)
{
    struct later *l = arg;
    struct obj *o = store_get(ostk_table(s, "nova", "servers"), "", l->id);
    if (o)
        put_state(s, obj_doc(o), l->status, l->vm, NULL, l->power);
    free(l->id);
    free(l);
}

static void later(struct sim *s, const char *id, int64_t ms, const char *status, const char *vm, int power)
{
    struct later *l = sim_alloc(sizeof(*l));
    *l = (struct later){sim_strdup(id), status, vm, power};
    sim_after(s, ms, later_done, l);
}

static void note_action(struct req *r, const char *id, const char *what, const struct token *t)
{
    char at[32], now[40], row[37];
    stamp(sim_now(r->sim), at);
    snprintf(now, sizeof(now), "%.19s.000000", at);
    uuid4(r->sim, row);
    store_put(r->sim, ostk_table(r->sim, "nova", "actions"),
              jt("{'id':%s,'action':%s,'instance_uuid':%s,'request_id':%s,'user_id':%s,'project_id':%s,'start_time':%s,'message':null,'updated_at':%s}", row,
                 what, id, r->id, t->user_id, t->project_id, now, now));
}

static void action(struct req *r, struct obj *o, const struct token *t)
{
    static const struct { const char *key, *from, *status, *vm, *task, *name; int power; } moves[] = {
        {"os-start", "SHUTOFF", "ACTIVE", "active", "powering-on", "start", 1}, {"os-stop", "ACTIVE", "SHUTOFF", "stopped", "powering-off", "stop", 4},
        {"reboot", "ACTIVE", "ACTIVE", "active", "rebooting", "reboot", 1}, {"pause", "ACTIVE", "PAUSED", "paused", "pausing", "pause", 3},
        {"unpause", "PAUSED", "ACTIVE", "active", "unpausing", "unpause", 1},
    };
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL, *d = obj_doc(o);
    bool done = false;
    if (json_object_get(in, "os-getConsoleOutput")) {
        reply_json(r, 200, console(d, jint(in, "os-getConsoleOutput.length")));
        done = true;
    }
    for (size_t i = 0; !done && i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (!json_object_get(in, moves[i].key))
            continue;
        done = true;
        if (strcmp(jstr(d, "status"), moves[i].from) != 0) {
            ostk_error(r, 409, "conflictingRequest", "Cannot '%s' instance %s while it is in vm_state %s", moves[i].name, o->name,
                       jstr(d, "OS-EXT-STS:vm_state"));
            break;
        }
        put_state(r->sim, json_incref(d), strcmp(moves[i].key, "reboot") == 0 ? "REBOOT" : jstr(d, "status"), jstr(d, "OS-EXT-STS:vm_state"), moves[i].task,
                  (int)jint(d, "OS-EXT-STS:power_state"));
        later(r->sim, jstr(d, "id"), 1500, moves[i].status, moves[i].vm, moves[i].power);
        note_action(r, jstr(d, "id"), moves[i].name, t);
        reply_text(r, 202, "application/json", "", 0);
    }
    if (!done)
        ostk_error(r, 400, "badRequest", "There is no such action: %s", in ? json_object_iter_key(json_object_iter(in)) : "");
    json_decref(d);
    json_decref(in);
}

static json_t *of_server(struct sim *s, const char *id)
{
    struct res *t = ostk_table(s, "nova", "actions");
    json_t *all = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "instance_uuid"), id) == 0) {
            json_object_del(d, "id");
            json_array_append(all, d);
        }
        json_decref(d);
    }
    return all;
}

static void actions_list(struct req *r, const char *id, const char *rid)
{
    json_t *all = of_server(r->sim, id), *one = NULL;
    if (!rid) {
        reply_json(r, 200, jt("{'instanceActions':%j}", all));
        return;
    }
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "request_id"), rid) == 0)
            one = json_incref(json_array_get(all, i));
    json_decref(all);
    if (!one) {
        ostk_error(r, 404, "itemNotFound", "Action for request_id %s on instance %s not found", rid, id);
        return;
    }
    json_object_set_new(one, "events", jt("[{'event':'compute__do_build_and_run_instance','start_time':%s,'finish_time':%s,'result':'Success','traceback':null,"
                                          "'host':'compute-1','hostId':''}]", jstr(one, "start_time"), jstr(one, "updated_at")));
    reply_json(r, 200, jt("{'instanceAction':%j}", one));
}

static void server_delete(struct req *r, struct obj *o)
{
    json_t *d = obj_doc(o);
    char at[32], ended[40];
    snprintf(ended, sizeof(ended), "%.19s.000000", stamp(sim_now(r->sim), at));
    json_object_set_new(d, "OS-SRV-USG:terminated_at", json_string(ended));
    put_state(r->sim, json_incref(d), jstr(d, "status"), jstr(d, "OS-EXT-STS:vm_state"), "deleting", (int)jint(d, "OS-EXT-STS:power_state"));
    later(r->sim, jstr(d, "id"), 1200, "DELETED", "deleted", 0);
    json_decref(d);
    reply_text(r, 204, "application/json", "", 0);
}

static void server(struct req *r, const struct token *t)
{
    const char *id = r->seg[3], *sub = r->nseg > 4 ? r->seg[4] : "";
    struct obj *o = store_get(ostk_table(r->sim, "nova", "servers"), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    bool mine = d && (t->admin || strcmp(tenant(d), t->project_id) == 0) && strcmp(jstr(d, "status"), "DELETED") != 0;
    if (!mine)
        ostk_error(r, 404, "itemNotFound", "Instance %s could not be found.", id);
    else if (strcmp(sub, "action") == 0)
        action(r, o, t);
    else if (strcmp(sub, "os-instance-actions") == 0)
        actions_list(r, id, r->nseg > 5 ? r->seg[5] : NULL);
    else if (strcmp(sub, "os-volume_attachments") == 0)
        reply_json(r, 200, jt("{'volumeAttachments':[]}"));
    else if (strcmp(sub, "os-interface") == 0)
        reply_json(r, 200, jt("{'interfaceAttachments':[]}"));
    else if (*sub)
        ostk_error(r, 404, "html", "The resource could not be found.");
    else if (strcmp(r->method, "DELETE") == 0)
        server_delete(r, o);
    else {
        strip(r, d);
        reply_json(r, 200, jt("{'server':%j}", json_incref(d)));
    }
    json_decref(d);
}

/* Hearts beat: state and time of the last report are made when asked for. */
static json_t *show_service(struct req *r, const struct obj *o, json_t *d)
{
    char at[32], beat[40];
    (void)o;
    if (strcmp(jstr(d, "state"), "up") == 0) {
        snprintf(beat, sizeof(beat), "%.19s.000000", stamp(sim_now(r->sim) - 3000, at));
        json_object_set_new(d, "updated_at", json_string(beat));
    }
    if (r->micro.minor < 53)
        json_object_set_new(d, "id", json_integer(1));
    if (req_query(r, "binary") && strcmp(req_query(r, "binary"), jstr(d, "binary")) != 0)
        return drop(d);
    return d;
}

static json_t *show_hypervisor(struct req *r, const struct obj *o, json_t *d)
{
    static const char *const old[] = {"vcpus", "memory_mb", "local_gb", "vcpus_used", "memory_mb_used", "local_gb_used", "free_ram_mb", "free_disk_gb",
                                      "current_workload", "running_vms", "disk_available_least", "cpu_info"};
    (void)o;
    for (size_t i = 0; r->micro.minor >= 88 && i < sizeof(old) / sizeof(old[0]); i++)
        json_object_del(d, old[i]);
    if (r->micro.minor >= 88)
        json_object_set_new(d, "uptime", json_null());
    return d;
}

static json_t *show_hyp_brief(struct req *r, const struct obj *o, json_t *d)
{
    (void)r;
    (void)o;
    json_t *b = jt("{'id':%s,'hypervisor_hostname':%s,'state':%s,'status':%s}", jstr(d, "id"), jstr(d, "hypervisor_hostname"), jstr(d, "state"),
                   jstr(d, "status"));
    json_decref(d);
    return b;
}

static json_t *version_doc(struct req *r, const char *path)
{
    char *url = sim_printf("http://127.0.0.1:%d%s", r->sim->port, path);
    json_t *v = jt("{'id':'v2.1','status':'CURRENT','version':'2.93','min_version':'2.1','updated':'2013-07-23T11:33:21Z','links':[{'rel':'self','href':%s}]}",
                   url);
    free(url);
    return v;
}

static void admin_only(struct req *r, const char *what)
{
    if (!is_admin(r)) {
        char rule[96];
        snprintf(rule, sizeof(rule), strcmp(what, "os-migrations") == 0 ? "os_compute_api:%s:index" : "os_compute_api:%s:list", what);
        policy(r, rule);
    } else if (strcmp(what, "os-services") == 0) {
        json_t *page = ostk_page(r, ostk_table(r->sim, "nova", "services"), r->path, NULL, show_service);
        reply_json(r, 200, jt("{'services':%j}", page));
    } else if (strcmp(what, "os-hypervisors") == 0) {
        list(r, "hypervisors", "hypervisors_links", r->nseg > 3 ? show_hypervisor : show_hyp_brief);
    } else if (strcmp(what, "os-migrations") == 0) {
        list(r, "migrations", "migrations_links", show_any);
    } else {
        reply_json(r, 200, jt("{'aggregates':[]}"));
    }
}

void nova_handle(struct req *r)
{
    req_head(r, "X-OpenStack-Nova-API-Version", "%d.%d", r->micro.major, r->micro.minor);
    if (r->nseg <= 1) {
        json_t *v = json_array();
        json_array_append_new(v, version_doc(r, "/compute/v2.1/"));
        reply_json(r, 200, jt("{'versions':%j}", v));
        return;
    }
    if (r->nseg == 2) {
        reply_json(r, 200, jt("{'version':%j}", version_doc(r, "/compute/v2.1/")));
        return;
    }
    const struct token *t = ostk_token(r);
    if (!t)
        return;
    const char *what = r->seg[2], *sub = r->nseg > 3 ? r->seg[3] : "";
    if (strcmp(what, "servers") == 0 && (!*sub || strcmp(sub, "detail") == 0))
        servers_list(r, *sub != 0);
    else if (strcmp(what, "servers") == 0)
        server(r, t);
    else if (strcmp(what, "os-services") == 0 || strcmp(what, "os-hypervisors") == 0 || strcmp(what, "os-migrations") == 0 || strcmp(what, "os-aggregates") == 0)
        admin_only(r, what);
    else if (strcmp(what, "flavors") == 0 && (!*sub || strcmp(sub, "detail") == 0))
        list(r, "flavors", "flavors_links", show_any);
    else if (strcmp(what, "flavors") == 0 && store_get(ostk_table(r->sim, "nova", "flavors"), "", sub))
        reply_json(r, 200, jt("{'flavor':%j}", obj_doc(store_get(ostk_table(r->sim, "nova", "flavors"), "", sub))));
    else if (strcmp(what, "flavors") == 0)
        ostk_error(r, 404, "itemNotFound", "Flavor %s could not be found.", sub);
    else if (strcmp(what, "os-keypairs") == 0)
        reply_json(r, 200, jt("{'keypairs':[]}"));
    else if (strcmp(what, "os-server-groups") == 0)
        reply_json(r, 200, jt("{'server_groups':[]}"));
    else if (strcmp(what, "os-availability-zone") == 0)
        reply_json(r, 200, jt("{'availabilityZoneInfo':[{'zoneName':'nova','zoneState':{'available':true},'hosts':null}]}"));
    else if (strcmp(what, "limits") == 0)
        reply_json(r, 200, jt("{'limits':{'rate':[],'absolute':{'maxTotalInstances':100,'maxTotalCores':400,'maxTotalRAMSize':2000000,'totalInstancesUsed':0,"
                              "'totalCoresUsed':0,'totalRAMUsed':0}}}"));
    else
        ostk_error(r, 404, "html", "The resource could not be found.");
}
