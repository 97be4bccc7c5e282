/* Hearts of compute services that beat or do not, hypervisors with what is used of them, availability zones. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

#define REPORT_MS 10000
#define DOWN_MS 60000

/* Each has a phase of its own: hearts do not beat together. */
int64_t nova_service_beat(const struct sim *s, const struct nova_service *v)
{
    int64_t every = nova_ms(s, REPORT_MS), now = v->alive && !s->nova->no_rpc ? sim_now(s) : v->died ? v->died : sim_now(s);
    if (every < 1)
        every = 1;
    return now <= v->born ? v->born : v->born + (now - v->born) / every * every;
}

bool nova_service_is_up(const struct sim *s, const struct nova_service *v)
{
    return !v->forced_down && sim_now(s) - nova_service_beat(s, v) <= nova_ms(s, DOWN_MS);
}

const char *nova_host_zone(struct nova *n, const char *host)
{
    for (size_t i = 0; i < json_array_size(n->aggregates); i++) {
        const json_t *a = json_array_get(n->aggregates, i), *hosts = json_object_get(a, "hosts");
        const char *zone = json_string_value(json_object_get(json_object_get(a, "metadata"), "availability_zone"));
        for (size_t k = 0; zone && k < json_array_size(hosts); k++)
            if (strcmp(json_string_value(json_array_get(hosts, k)), host) == 0)
                return zone;
    }
    return "nova";
}

const char *nova_host_status(const struct sim *s, const struct nova_server *v)
{
    if (!v->host || !v->host->service)
        return "";
    if (v->host->service->forced_down)
        return "DOWN";
    if (v->host->service->disabled)
        return "MAINTENANCE";
    return nova_service_is_up(s, v->host->service) ? "UP" : "UNKNOWN";
}

/* ---- hypervisors ---- */
/* h NULL: busy with whatever host. */
static int busy_on(const struct nova *n, const struct nova_host *h)
{
    int busy = 0;
    for (size_t i = 0; i < n->n; i++)
        busy += n->order[i]->host && (!h || n->order[i]->host == h) && n->order[i]->task != TASK_NONE;
    return busy;
}

static void numbers(struct jw *w, const struct nova_host *h, int busy)
{
    jw_int(w, "vcpus", h->vcpus);
    jw_int(w, "memory_mb", h->memory_mb);
    jw_int(w, "local_gb", h->disk_gb);
    jw_int(w, "vcpus_used", h->used_vcpus);
    jw_int(w, "memory_mb_used", h->used_memory + 512);
    jw_int(w, "local_gb_used", h->used_disk);
    jw_int(w, "free_ram_mb", h->memory_mb - h->used_memory - 512);
    jw_int(w, "free_disk_gb", h->disk_gb - h->used_disk);
    jw_int(w, "current_workload", busy);
    jw_int(w, "running_vms", h->guests);
    jw_int(w, "disk_available_least", h->disk_gb - h->used_disk);
}

static void cpu_info(struct jw *w, const struct req *r)
{
    json_t *cpu = jt("{'arch':'x86_64','model':'Cascadelake-Server','vendor':'Intel','topology':{'cells':2,'sockets':1,'cores':16,'threads':2},'features':["
                     "'aes','avx2','avx512f','pge','sse4.2','vmx']}");
    if (nova_at(r, 28)) {
        jw_json(w, "cpu_info", cpu);
        json_decref(cpu);
    } else {
        char *text = jdump(cpu);
        jw_str(w, "cpu_info", text);
        free(text);
    }
}

static void uptime(struct jw *w, const struct sim *s, const struct nova_host *h)
{
    int64_t up = (sim_now(s) - h->service->born) / 60000 + 41 * 1440;
    char *text = sim_printf(" %02d:%02d:%02d up %lld days, %2lld:%02lld,  0 users,  load average: %.2f, %.2f, %.2f\n", (int)(sim_now(s) / 3600000 % 24),
                            (int)(sim_now(s) / 60000 % 60), (int)(sim_now(s) / 1000 % 60), (long long)(up / 1440), (long long)(up / 60 % 24),
                            (long long)(up % 60), h->used_vcpus * 0.31, h->used_vcpus * 0.29, h->used_vcpus * 0.27);
    jw_str(w, "uptime", nova_service_is_up(s, h->service) ? text : NULL);
    free(text);
}

static void guests(struct jw *w, const struct sim *s, const struct nova_host *h)
{
    char name[32];
    jw_open(w, "servers", '[');
    for (size_t i = 0; i < s->nova->n; i++) {
        const struct nova_server *v = s->nova->order[i];
        if (v->host != h || v->vm == VM_DELETED)
            continue;
        snprintf(name, sizeof(name), "instance-%08x", v->seq);
        jw_open(w, NULL, '{');
        jw_str(w, "name", name);
        jw_str(w, "uuid", v->id);
        jw_close(w, '}');
    }
    jw_close(w, ']');
}

static void hypervisor(struct jw *w, struct req *r, const struct nova_host *h, bool detail, bool with, const char *key)
{
    jw_open(w, key, '{');
    if (nova_at(r, 53))
        jw_str(w, "id", h->id);
    else
        jw_int(w, "id", h->num);
    jw_str(w, "hypervisor_hostname", h->name);
    jw_str(w, "state", nova_service_is_up(r->sim, h->service) ? "up" : "down");
    jw_str(w, "status", h->service->disabled ? "disabled" : "enabled");
    if (detail) {
        jw_str(w, "hypervisor_type", "QEMU");
        jw_int(w, "hypervisor_version", 7002000);
        jw_str(w, "host_ip", h->ip);
        jw_open(w, "service", '{');
        if (nova_at(r, 53))
            jw_str(w, "id", h->service->id);
        else
            jw_int(w, "id", h->service->num);
        jw_str(w, "host", h->name);
        jw_str(w, "disabled_reason", h->service->reason);
        jw_close(w, '}');
        if (!nova_at(r, 88)) {
            numbers(w, h, busy_on(r->sim->nova, h));
            cpu_info(w, r);
        } else {
            uptime(w, r->sim, h);
        }
    }
    if (with && (h->guests || nova_at(r, 75)))
        guests(w, r->sim, h);
    jw_close(w, '}');
}

static void hypervisor_list(struct req *r, bool detail)
{
    static const char *const known[] = {"hypervisor_hostname_pattern", "with_servers", "limit", "marker", NULL};
    struct nova *n = r->sim->nova;
    const char *pattern = nova_at(r, 53) ? req_query(r, "hypervisor_hostname_pattern") : NULL, *marker = nova_at(r, 33) ? req_query(r, "marker") : NULL;
    long limit = nova_limit(r), shown = 0;
    const struct nova_host *last = NULL;
    size_t at = 0;
    if (limit < 0 || !nova_queries(r, known) || (nova_at(r, 53) && !nova_yes_no_query(r, "with_servers")))
        return;
    if (pattern && (req_query(r, "limit") || marker)) {
        nova_error(r, 400, "Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.");
        return;
    }
    while (marker && at < n->nhosts && strcmp(n->hosts[at]->id, marker) != 0)
        at++;
    if (marker && at++ == n->nhosts) {
        nova_error(r, 400, "marker [%s] not found", marker);
        return;
    }
    bool with = nova_at(r, 53) && nova_flag(req_query(r, "with_servers"), false);
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "hypervisors", '[');
    for (; at < n->nhosts && shown < limit; at++) {
        const struct nova_host *h = n->hosts[at];
        if (!h->service || (pattern && !strstr(h->name, pattern)))
            continue;
        hypervisor(&w, r, h, detail, with, NULL);
        last = h;
        shown++;
    }
    jw_close(&w, ']');
    if (last && shown == limit && nova_at(r, 33) && !pattern)
        jw_next(&w, r, "hypervisors_links", last->id);
    jw_close(&w, '}');
    if (pattern && !shown) {
        str_release(&w.o);
        nova_error(r, 404, "No hypervisor matching '%s' could be found.", pattern);
        return;
    }
    jw_reply(&w, r, 200);
}

static void statistics(struct req *r)
{
    const struct nova *n = r->sim->nova;
    struct nova_host sum = {0};
    int count = 0;
    for (size_t i = 0; i < n->nhosts; i++) {
        const struct nova_host *h = n->hosts[i];
        if (!h->service)
            continue;
        count++;
        sum.vcpus += h->vcpus;
        sum.memory_mb += h->memory_mb;
        sum.disk_gb += h->disk_gb;
        sum.used_vcpus += h->used_vcpus;
        sum.used_memory += h->used_memory + 512;
        sum.used_disk += h->used_disk;
        sum.guests += h->guests;
    }
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "hypervisor_statistics", '{');
    jw_int(&w, "count", count);
    sum.used_memory -= 512;
    numbers(&w, &sum, busy_on(n, NULL));
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static void hypervisor_one(struct req *r, const char *id)
{
    struct nova *n = r->sim->nova;
    if (nova_at(r, 53) && !ostk_is_uuid(id)) {
        nova_error(r, 400, "Invalid uuid %s", id);
        return;
    }
    for (size_t i = 0; i < n->nhosts; i++) {
        struct nova_host *h = n->hosts[i];
        if (!h->service || (nova_at(r, 53) ? strcmp(h->id, id) != 0 : h->num != atoi(id)))
            continue;
        struct jw w;
        jw_init(&w);
        jw_open(&w, NULL, '{');
        hypervisor(&w, r, h, true, nova_at(r, 53) && nova_flag(req_query(r, "with_servers"), false), "hypervisor");
        jw_close(&w, '}');
        jw_reply(&w, r, 200);
        return;
    }
    nova_error(r, 404, "Hypervisor with ID '%s' could not be found.", id);
}

/* Before 2.53: /os-hypervisors/PATTERN/search and /servers; before 2.88: /os-hypervisors/ID/uptime. */
static void hypervisor_old(struct req *r, const char *what, const char *sub)
{
    struct nova *n = r->sim->nova;
    bool search = strcmp(sub, "search") == 0, uptimes = strcmp(sub, "uptime") == 0;
    struct jw w;
    int shown = 0;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    if (!uptimes)
        jw_open(&w, "hypervisors", '[');
    for (size_t i = 0; i < n->nhosts; i++) {
        struct nova_host *h = n->hosts[i];
        bool this = uptimes ? (nova_at(r, 53) ? strcmp(h->id, what) == 0 : h->num == atoi(what)) : strstr(h->name, what) != NULL;
        if (!h->service || !this)
            continue;
        hypervisor(&w, r, h, false, !search && !uptimes, uptimes ? "hypervisor" : NULL);
        if (uptimes) {
            w.o.data[--w.o.len] = 0;                           /* into the object just written */
            uptime(&w, r->sim, h);
            jw_close(&w, '}');
        }
        shown++;
    }
    if (!uptimes)
        jw_close(&w, ']');
    jw_close(&w, '}');
    if (shown) {
        jw_reply(&w, r, 200);
        return;
    }
    str_release(&w.o);
    nova_error(r, 404, uptimes ? "Hypervisor with ID '%s' could not be found." : "No hypervisor matching '%s' could be found.", what);
}

void nova_hypervisors(struct req *r)
{
    const char *old = r->nseg > 4 ? r->seg[4] : "";
    const char *sub = r->nseg > 3 ? r->seg[3] : "";
    bool detail = strcmp(sub, "detail") == 0, sum = strcmp(sub, "statistics") == 0;
    const char *rule = *old ? old : !*sub ? "list" : detail ? "list-detail" : sum ? "statistics" : "show";
    char full[80];
    snprintf(full, sizeof(full), "os_compute_api:os-hypervisors:%s", rule);
    if (strcmp(r->method, "GET") != 0)
        nova_none(r);
    else if (sum && nova_at(r, 88))
        nova_error(r, 404, "The resource could not be found.");
    else if (*old && nova_at(r, strcmp(old, "uptime") == 0 ? 88 : 53))
        nova_error(r, 404, "The resource could not be found.");
    else if (!nova_allowed(r, full))
        return;
    else if (*old)
        hypervisor_old(r, sub, old);
    else if (!*sub || detail)
        hypervisor_list(r, detail);
    else if (sum)
        statistics(r);
    else
        hypervisor_one(r, sub);
}

/* ---- availability zones ---- */
static const char *zone_of(struct nova *n, const struct nova_service *v)
{
    return strcmp(v->binary, "nova-compute") == 0 ? nova_host_zone(n, v->host) : "internal";
}

static void zone_host(struct jw *w, struct req *r, const struct nova_service *v)
{
    struct nova *n = r->sim->nova;
    jw_open(w, v->host, '{');
    for (size_t i = 0; i < n->nservices; i++) {
        const struct nova_service *o = n->services[i];
        if (strcmp(o->host, v->host) != 0 || strcmp(zone_of(n, o), zone_of(n, v)) != 0)
            continue;
        jw_open(w, o->binary, '{');
        jw_bool(w, "available", nova_service_is_up(r->sim, o));
        jw_bool(w, "active", !o->disabled);
        jw_at(w, "updated_at", nova_service_beat(r->sim, o));
        jw_close(w, '}');
    }
    jw_close(w, '}');
}

static bool same_before(struct nova *n, size_t i, bool host)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(zone_of(n, n->services[k]), zone_of(n, n->services[i])) == 0 && (!host || strcmp(n->services[k]->host, n->services[i]->host) == 0))
            return true;
    return false;
}

void nova_zones(struct req *r, bool detail)
{
    struct nova *n = r->sim->nova;
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "availabilityZoneInfo", '[');
    for (size_t i = 0; i < n->nservices; i++) {
        const char *zone = zone_of(n, n->services[i]);
        if (same_before(n, i, false) || (!detail && strcmp(zone, "internal") == 0))
            continue;
        jw_open(&w, NULL, '{');
        jw_str(&w, "zoneName", zone);
        jw_open(&w, "zoneState", '{');
        jw_bool(&w, "available", true);
        jw_close(&w, '}');
        if (detail) {
            jw_open(&w, "hosts", '{');
            for (size_t k = i; k < n->nservices; k++)
                if (strcmp(zone_of(n, n->services[k]), zone) == 0 && !same_before(n, k, true))
                    zone_host(&w, r, n->services[k]);
            jw_close(&w, '}');
        } else {
            jw_str(&w, "hosts", NULL);
        }
        jw_close(&w, '}');
    }
    jw_close(&w, ']');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}
