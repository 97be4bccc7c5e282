/* POST /servers: what is refused before anything exists, and how a server is born. The scheduler. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

/* ---- the scheduler ---- */
static const double cpu_ratio = 4.0;
enum { RESERVED_MB = 512 };

/* How many members of the server's group are on this host; *policy: of the group, NULL = none. */
static int members_on(struct sim *s, const struct nova_server *v, const struct nova_host *h, const char **policy, bool *elsewhere)
{
    const json_t *g = *v->group ? nova_group(s->nova, v->group) : NULL, *members = json_object_get(g, "members");
    int here = 0;
    *policy = g ? jstr(g, "policy") : NULL;
    for (size_t i = 0; i < json_array_size(members); i++) {
        const struct nova_server *m = nova_find(s, json_string_value(json_array_get(members, i)));
        if (!m || m == v || m->vm == VM_DELETED || !m->host)
            continue;
        here += m->host == h;
        *elsewhere = *elsewhere || m->host != h;
    }
    return here;
}

static bool group_allows(struct sim *s, const struct nova_server *v, const struct nova_host *h)
{
    const char *policy;
    bool elsewhere = false;
    int here = members_on(s, v, h, &policy, &elsewhere);
    if (!policy)
        return true;
    if (strcmp(policy, "anti-affinity") == 0)
        return here < (int)(jint(nova_group(s->nova, v->group), "rules.max_server_per_host") ? jint(nova_group(s->nova, v->group),
                                                                                                     "rules.max_server_per_host") : 1);
    return strcmp(policy, "affinity") != 0 || here || !elsewhere;
}

static bool fits(const struct nova_host *h, const struct nova_flavor *f)
{
    return h->used_vcpus + f->vcpus <= (int)(h->vcpus * cpu_ratio) && f->vcpus <= h->vcpus && h->used_memory + f->ram + RESERVED_MB <= h->memory_mb &&
           h->used_disk + f->disk + f->ephemeral <= h->disk_gb;
}

struct nova_host *nova_schedule(struct sim *s, const struct nova_server *v, const struct nova_flavor *f, const char *only,
                                const struct nova_host *not)
{
    struct nova *n = s->nova;
    struct nova_host *best = NULL;
    for (size_t i = 0; i < n->nhosts && nova_worker_up(s, "nova-scheduler"); i++) {
        struct nova_host *h = n->hosts[i];
        if (h == not || !h->service || h->service->disabled || !nova_service_is_up(s, h->service) || (only && strcmp(only, h->name) != 0))
            continue;
        if (v->zone && strcmp(v->zone, nova_host_zone(n, h->name)) != 0)
            continue;
        if (fits(h, f) && group_allows(s, v, h) && (!best || h->memory_mb - h->used_memory > best->memory_mb - best->used_memory))
            best = h;
    }
    return best;
}

/* ---- birth, step by step ---- */
static enum then build_failed(struct sim *s, struct nova_server *v, struct nova_job *j, const char *why, const char *trace)
{
    nova_place(v, NULL);
    nova_fail(s, v, 500, why, trace);
    nova_state(s, v, VM_ERROR, TASK_NONE, POWER_NOSTATE);
    nova_job_done(s, j, trace, why);
    return THEN_END;
}

static enum then build_schedule(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    static const char trace[] = "Traceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/nova/conductor/manager.py\", line 1587, in "
                                "schedule_and_build_instances\nnova.exception.NoValidHost: " NOVA_NO_HOST "\n";
    j->to = nova_schedule(s, v, v->flavor, *j->host ? j->host : NULL, NULL);
    if (!j->to) {
        nova_job_event(s, v, j, "conductor_schedule_and_build_instances", "controller");
        return build_failed(s, v, j, NOVA_NO_HOST, trace);
    }
    nova_place(v, j->to);
    nova_state(s, v, VM_BUILDING, TASK_NONE, POWER_NOSTATE);
    return THEN_NEXT;
}

static enum then build_network(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute__do_build_and_run_instance", v->host->name);
    nova_state(s, v, VM_BUILDING, TASK_NETWORKING, POWER_NOSTATE);
    return THEN_NEXT;
}

static enum then build_disks(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    (void)j;
    neigh_port_host(s, v);
    nova_state(s, v, VM_BUILDING, TASK_BLOCK_DEVICE_MAPPING, POWER_NOSTATE);
    return THEN_NEXT;
}

static enum then build_spawn(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    (void)j;
    for (size_t i = 0; i < v->nvolumes; i++)
        neigh_attach(s, v, &v->volumes[i]);
    nova_state(s, v, VM_BUILDING, TASK_SPAWNING, POWER_NOSTATE);
    return THEN_NEXT;
}

static enum then build_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (strstr(v->name, "spawnfail")) {
        char *why = sim_printf("Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for instance %s. Last exception: "
                               "Failed to deploy instance: the hypervisor refused to start this guest", v->id);
        char *trace = sim_printf("Traceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/nova/conductor/manager.py\", line 688, in "
                                 "build_instances\nnova.exception.MaxRetriesExceeded: %s\n", why);
        nova_job_done(s, j, NULL, NULL);
        build_failed(s, v, j, why, trace);
        free(why);
        free(trace);
        return THEN_END;
    }
    v->launched = sim_now(s);
    nova_state(s, v, VM_ACTIVE, TASK_NONE, POWER_RUNNING);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step build_steps[] = {
    {600, ON_CONDUCTOR, build_schedule}, {400, ON_HOST, build_network}, {900, ON_HOST, build_disks}, {500, ON_HOST, build_spawn},
    {2600, ON_HOST, build_end}, {0, ON_API, NULL},
};

void nova_seed_build(struct sim *s, const char *id)
{
    static const struct nova_step last[] = {{20000, ON_HOST, build_end}, {0, ON_API, NULL}};
    struct nova_server *v = nova_find(s, id);
    if (v && v->vm == VM_BUILDING)
        nova_job(s, v, NULL, last, v->acts)->event = v->acts->events;
}

/* ---- what is asked for ---- */
struct order {
    const json_t *in, *hints;
    struct nova_flavor *flavor;
    const char *image, *host, *zone;
    char volume[37];
    int64_t count;
};

static bool names_ok(struct req *r, const json_t *in)
{
    static const char *const known[] = {"name", "flavorRef", "imageRef", "networks", "metadata", "tags", "description", "key_name", "availability_zone",
                                        "security_groups", "config_drive", "user_data", "min_count", "max_count", "block_device_mapping_v2",
                                        "block_device_mapping", "adminPass", "host", "hypervisor_hostname", "hostname", "OS-DCF:diskConfig",
                                        "accessIPv4", "accessIPv6", "personality", "return_reservation_id", "trusted_image_certificates", NULL};
    static const char *const needed[] = {"name", "flavorRef", "networks"};
    const json_t *name = json_object_get(in, "name");
    const char *text = json_string_value(name), *key;
    const json_t *networks = json_object_get(in, "networks");
    json_t *x;
    if (name && !text) {
        char *text_of = nova_repr(name, false);
        nova_invalid(r, "name", name, "%s is not of type 'string'", text_of);
        free(text_of);
        return false;
    }
    if (text && !*text)
        return nova_invalid(r, "name", name, "'' is too short");
    if (text && strlen(text) > 255)
        return nova_invalid(r, "name", name, "'%s' is too long", text);
    if (json_is_string(networks) && !nova_at(r, 37))
        return nova_invalid(r, "networks", networks, "'%s' is not of type 'array'", json_string_value(networks));
    for (int i = 0; i < (nova_at(r, 37) ? 3 : 2); i++)
        if (!json_object_get(in, needed[i]))
            return nova_invalid(r, "server", in, "'%s' is a required property", needed[i]);
    if (!nova_known(r, "server", in, known))
        return false;
    for (size_t i = 0; i < json_array_size(networks); i++) {
        const char *uuid = json_string_value(json_object_get(json_array_get(networks, i), "uuid"));
        if (uuid && !ostk_is_uuid(uuid)) {
            nova_error(r, 400, "Bad networks format: network uuid is not in proper format (%s)", uuid);
            return false;
        }
    }
    json_object_foreach(json_object_get(in, "metadata"), key, x) {
        if (!json_is_string(x)) {
            char *text_of = nova_repr(x, false);
            nova_invalid(r, key, x, "%s is not of type 'string'", text_of);
            free(text_of);
            return false;
        }
    }
    return true;
}

static bool is_uuid(const char *text)
{
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    return text[36] == 0;
}

/* The image to boot from: imageRef or the boot volume's. */
static bool image_ok(struct req *r, struct order *o)
{
    const json_t *bdm = json_object_get(o->in, "block_device_mapping_v2");
    const json_t *ref = json_object_get(o->in, "imageRef");
    o->image = jstr(o->in, "imageRef");
    for (size_t i = 0; i < json_array_size(bdm); i++) {
        const json_t *d = json_array_get(bdm, i);
        const char *source = jstr(d, "source_type"), *boot = jstr(d, "boot_index");
        if (strcmp(source, "volume") == 0 && (jint(d, "boot_index") == 0 || strcmp(boot, "0") == 0))
            snprintf(o->volume, sizeof(o->volume), "%s", jstr(d, "uuid"));
        if (strcmp(source, "image") == 0 && !*o->image)
            o->image = jstr(d, "uuid");
    }
    if (*o->volume) {
        json_t *v = neigh_volume(r->sim, o->volume);
        bool ok = v && strcmp(jstr(v, "status"), "available") == 0;
        if (!v)
            nova_error(r, 400, "Block Device Mapping is Invalid: failed to get volume %s.", o->volume);
        else if (!ok)
            nova_error(r, 400, "Invalid volume: status must be 'available', but it is '%s'", jstr(v, "status"));
        json_decref(v);
        return ok;
    }
    if (!*o->image) {
        nova_error(r, 400, "Missing imageRef attribute");
        return false;
    }
    if (!is_uuid(o->image))
        return nova_invalid(r, "imageRef", ref, "'%s' is not valid under any of the given schemas", o->image);
    if (!neigh_image(r->sim, o->image)) {
        nova_error(r, 400, "Can not find requested image");
        return false;
    }
    return true;
}

static bool key_ok(struct req *r, const char *name)
{
    return !name || json_object_get(json_object_get(r->sim->nova->keypairs, nova_who(r)->user_id), name);
}

static bool zone_known(struct nova *n, const char *zone)
{
    for (size_t i = 0; i < n->nhosts; i++)
        if (strcmp(nova_host_zone(n, n->hosts[i]->name), zone) == 0)
            return true;
    return false;
}

static bool place_ok(struct req *r, struct order *o, char zone[64], char host[64])
{
    const char *az = json_string_value(json_object_get(o->in, "availability_zone"));
    o->host = json_string_value(json_object_get(o->in, "host"));
    if (!o->host)
        o->host = json_string_value(json_object_get(o->in, "hypervisor_hostname"));
    if (o->host && !nova_allowed(r, "compute:servers:create:requested_destination"))
        return false;
    if (az && strchr(az, ':')) {                               /* ZONE:HOST forces one */
        if (!nova_allowed(r, "os_compute_api:servers:create:forced_host"))
            return false;
        snprintf(zone, 64, "%.*s", (int)strcspn(az, ":"), az);
        snprintf(host, 64, "%s", strchr(az, ':') + 1);
        host[strcspn(host, ":")] = 0;
        o->host = host;
        az = *zone ? zone : NULL;
    }
    o->zone = az;
    if (az && !zone_known(r->sim->nova, az))
        nova_error(r, 400, "The requested availability zone is not available");
    else if (o->host && !nova_host(r->sim->nova, o->host))
        nova_error(r, 400, "Compute host %s could not be found.", o->host);
    else
        return true;
    return false;
}

static bool order_ok(struct req *r, struct order *o, char zone[64], char host[64])
{
    const json_t *ref = json_object_get(o->in, "flavorRef");
    char *flavor = nova_repr(ref, true);
    const char *group = jstr(o->hints, "group");
    const char *count = json_string_value(json_object_get(o->in, "min_count"));
    o->count = count ? atoi(count) : jint(o->in, "min_count");
    count = json_string_value(json_object_get(o->in, "max_count"));
    if ((count ? atoi(count) : jint(o->in, "max_count")) > o->count)
        o->count = count ? atoi(count) : jint(o->in, "max_count");
    o->count = o->count < 1 ? 1 : o->count;
    o->flavor = nova_flavor(r->sim->nova, flavor);
    bool ok = false;
    if (!o->flavor)
        nova_error(r, 400, "Flavor %s could not be found.", flavor);
    else if (!image_ok(r, o))
        ok = false;
    else if (!key_ok(r, json_string_value(json_object_get(o->in, "key_name"))))
        nova_error(r, 400, "Invalid key_name provided.");
    else if (*group && !nova_group(r->sim->nova, group))
        nova_error(r, 400, "Instance group %s could not be found.", group);
    else
        ok = place_ok(r, o, zone, host) && nova_quota_ok(r, nova_who(r)->project_id, (int)o->count, (int)o->count * o->flavor->vcpus,
                                                         (int)o->count * o->flavor->ram);
    free(flavor);
    return ok;
}

/* ---- networks ---- */
static bool ports_of(struct req *r, struct nova_server *v, const json_t *networks, bool first)
{
    char net[37], fault[200] = "";
    if (json_is_string(networks) && strcmp(json_string_value(networks), "none") == 0)
        return true;
    if (!json_array_size(networks)) {
        if (!neigh_network(r->sim, v->project, NULL, net)) {
            if (*net)
                nova_error(r, 409, "Multiple possible networks found, use a Network ID to be more specific.");
            return !*net;                                      /* none at all: a server without */
        }
        return neigh_port(r->sim, v, net, NULL, NULL, fault, sizeof(fault));
    }
    for (size_t i = 0; i < json_array_size(networks); i++) {
        const json_t *n = json_array_get(networks, i);
        const char *port = json_string_value(json_object_get(n, "port")), *uuid = json_string_value(json_object_get(n, "uuid"));
        if (!neigh_port(r->sim, v, uuid, first ? port : NULL, json_string_value(json_object_get(n, "fixed_ip")), fault, sizeof(fault))) {
            nova_error(r, 400, "%s", fault);
            return false;
        }
    }
    return true;
}

static struct nova_server *born(struct req *r, const struct order *o, int64_t n, const char *reservation)
{
    struct sim *s = r->sim;
    const struct token *t = nova_who(r);
    char id[37];
    uuid4(s, id);
    struct nova_server *v = nova_add(s, id, sim_now(s));
    v->name = o->count > 1 ? sim_printf("%s-%lld", jstr(o->in, "name"), (long long)n + 1) : sim_strdup(jstr(o->in, "name"));
    snprintf(v->image, sizeof(v->image), "%s", o->image ? o->image : "");
    snprintf(v->reservation, sizeof(v->reservation), "%s", reservation);
    snprintf(v->group, sizeof(v->group), "%s", jstr(o->hints, "group"));
    v->project = nova_word(s->nova, t->project_id);
    v->user = nova_word(s->nova, t->user_id);
    v->flavor = o->flavor;
    nova_set(&v->zone, o->zone);
    nova_set(&v->key, json_string_value(json_object_get(o->in, "key_name")));
    nova_set(&v->description, nova_at(r, 19) ? json_string_value(json_object_get(o->in, "description")) : v->name);
    nova_set(&v->user_data, json_string_value(json_object_get(o->in, "user_data")));
    nova_set(&v->hostname, json_string_value(json_object_get(o->in, "hostname")));
    v->config_drive = nova_flag(json_string_value(json_object_get(o->in, "config_drive")), json_is_true(json_object_get(o->in, "config_drive")));
    v->admin_disk = strcmp(jstr(o->in, "OS-DCF:diskConfig"), "AUTO") == 0;
    v->metadata = json_deep_copy(json_object_get(o->in, "metadata"));
    v->tags = json_deep_copy(json_object_get(o->in, "tags"));
    if (json_array_size(json_object_get(o->in, "security_groups"))) {
        v->groups = json_array();
        for (size_t i = 0; i < json_array_size(json_object_get(o->in, "security_groups")); i++)
            json_array_append(v->groups, json_object_get(json_array_get(json_object_get(o->in, "security_groups"), i), "name"));
    }
    v->vm = VM_BUILDING;
    v->task = TASK_SCHEDULING;
    if (*o->volume && n == 0) {
        v->volumes = sim_alloc(sizeof(*v->volumes));
        v->nvolumes = 1;
        snprintf(v->volumes[0].id, sizeof(v->volumes[0].id), "%s", o->volume);
        snprintf(v->volumes[0].device, sizeof(v->volumes[0].device), "/dev/vda");
        uuid4(s, v->volumes[0].attachment);
        uuid4(s, v->volumes[0].bdm);
        v->volumes[0].boot = true;
        v->image[0] = 0;
    }
    return v;
}

/* It was never there. */
static void unborn(struct sim *s, struct nova_server *v)
{
    while (v->nports)
        neigh_port_gone(s, v, v->nports - 1);
    v->vm = VM_DELETED;
    v->updated = 0;
    nova_purge(s);
}

static void answer(struct req *r, const struct nova_server *v)
{
    char password[13];
    struct jw w;
    hex_id(r->sim, password, 12);
    req_head(r, "Location", "https://127.0.0.1:%d/compute/v2.1/servers/%s", r->sim->port, v->id);
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "server", '{');
    jw_str(&w, "id", v->id);
    jw_links(&w, r, "servers", v->id);
    jw_str(&w, "OS-DCF:diskConfig", v->admin_disk ? "AUTO" : "MANUAL");
    jw_open(&w, "security_groups", '[');
    for (size_t i = 0; i < (v->groups ? json_array_size(v->groups) : 1); i++) {
        jw_open(&w, NULL, '{');
        jw_str(&w, "name", v->groups ? json_string_value(json_array_get(v->groups, i)) : "default");
        jw_close(&w, '}');
    }
    jw_close(&w, ']');
    jw_str(&w, "adminPass", password);
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 202);
}

void nova_create(struct req *r)
{
    json_t *in = nova_body(r, "server"), *all = in ? json_read(r->body, r->blen, 0, NULL) : NULL;
    char zone[64] = "", host[64] = "", reservation[11] = "r-";
    struct order o = {.in = in, .hints = json_object_get(all, "os:scheduler_hints")};
    struct nova_server *first = NULL;
    bool ok = in && names_ok(r, in) && order_ok(r, &o, zone, host);
    hex_id(r->sim, reservation + 2, 8);
    for (int64_t i = 0; ok && i < o.count; i++) {
        struct nova_server *v = born(r, &o, i, reservation);
        if (!ports_of(r, v, json_object_get(in, "networks"), i == 0)) {
            unborn(r->sim, v);
            break;
        }
        if (*v->group)
            nova_group_join(r->sim, v->group, v->id, true);
        struct nova_job *j = nova_job(r->sim, v, NULL, build_steps, nova_act_of(r, v, "create"));
        snprintf(j->host, sizeof(j->host), "%s", o.host ? o.host : "");
        first = first ? first : v;
    }
    if (first && nova_flag(NULL, json_is_true(json_object_get(in, "return_reservation_id"))))
        reply_json(r, 202, jt("{'reservation_id':%s}", reservation));
    else if (first)
        answer(r, first);
    json_decref(in);
    json_decref(all);
}
