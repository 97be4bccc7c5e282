/* Nova in its world: seeds, machines that die and return, the message queue, capacity as Placement asks for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

#define HOUR 3600000LL

/* ---- seeds ---- */
const char *nova_seed_flavor(struct sim *s, const char *id, const char *name, int vcpus, int ram_mb, int disk_gb)
{
    struct nova *n = s->nova;
    struct nova_flavor *f = sim_alloc(sizeof(*f));
    n->flavors = sim_grow(n->flavors, &n->cap_flavors, n->nflavors + 1, sizeof(*n->flavors));
    n->flavors[n->nflavors] = f;
    f->id = sim_strdup(id ? id : name);
    f->name = sim_strdup(name);
    f->num = (int)++n->nflavors;
    f->vcpus = vcpus;
    f->ram = ram_mb;
    f->disk = disk_gb;
    f->is_public = true;
    f->extra = json_object();
    f->access = json_array();
    return f->id;
}

static struct nova_service *service_new(struct sim *s, const char *binary, const char *host, const char *zone)
{
    struct nova *n = s->nova;
    struct nova_service *v = sim_alloc(sizeof(*v));
    n->services = sim_grow(n->services, &n->cap_services, n->nservices + 1, sizeof(*n->services));
    n->services[n->nservices++] = v;
    v->binary = sim_strdup(binary);
    v->host = sim_strdup(host);
    v->zone = sim_strdup(zone ? zone : strcmp(binary, "nova-compute") == 0 ? "nova" : "internal");
    uuid4(s, v->id);
    v->num = ++n->service_num;
    v->alive = true;
    v->born = sim_now(s) - (s->world->start_ms ? 0 : (int64_t)(sim_rand(s) % 10000));
    return v;
}

void nova_seed_service(struct sim *s, const char *binary, const char *host, const char *zone)
{
    service_new(s, binary, host, zone);
}

void nova_seed_host(struct sim *s, const char *host, const char *ip, int vcpus, int memory_mb, int disk_gb)
{
    struct nova *n = s->nova;
    struct nova_host *h = sim_alloc(sizeof(*h));
    n->hosts = sim_grow(n->hosts, &n->cap_hosts, n->nhosts + 1, sizeof(*n->hosts));
    n->hosts[n->nhosts] = h;
    h->name = sim_strdup(host);
    h->ip = sim_strdup(ip);
    uuid4(s, h->id);
    h->num = (int)++n->nhosts;
    h->vcpus = vcpus;
    h->memory_mb = memory_mb;
    h->disk_gb = disk_gb;
    h->generation = 1;
    h->service = service_new(s, "nova-compute", host, "nova");
}

void nova_seed_disable(struct sim *s, const char *host, const char *reason)
{
    struct nova_service *v = nova_service(s->nova, "nova-compute", host);
    if (v) {
        v->disabled = true;
        nova_set(&v->reason, reason);
    }
}

/* The states behind a status. */
static const struct { const char *status; enum vm vm; enum task task; int power; } known[] = {
    {"ACTIVE", VM_ACTIVE, TASK_NONE, POWER_RUNNING}, {"BUILD", VM_BUILDING, TASK_SPAWNING, POWER_NOSTATE}, {"PAUSED", VM_PAUSED, TASK_NONE, POWER_PAUSED},
    {"SUSPENDED", VM_SUSPENDED, TASK_NONE, POWER_SHUTDOWN}, {"SHUTOFF", VM_STOPPED, TASK_NONE, POWER_SHUTDOWN}, {"RESCUE", VM_RESCUED, TASK_NONE, POWER_RUNNING},
    {"ERROR", VM_ERROR, TASK_NONE, POWER_NOSTATE}, {"DELETED", VM_DELETED, TASK_NONE, POWER_NOSTATE}, {"SHELVED", VM_SHELVED, TASK_NONE, POWER_SHUTDOWN},
    {"SHELVED_OFFLOADED", VM_SHELVED_OFFLOADED, TASK_NONE, POWER_SHUTDOWN}, {"VERIFY_RESIZE", VM_RESIZED, TASK_NONE, POWER_RUNNING},
    {"MIGRATING", VM_ACTIVE, TASK_MIGRATING, POWER_RUNNING}, {"RESIZE", VM_ACTIVE, TASK_RESIZE_MIGRATING, POWER_RUNNING},
};

static void seed_state(struct nova_server *v, const char *status, const char *task)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].status, status) == 0) {
            v->vm = known[i].vm;
            v->task = known[i].task;
            v->power = known[i].power;
        }
    }
    for (int i = 1; task && i < TASKS; i++)
        if (strcmp(nova_task_names[i], task) == 0)
            v->task = (enum task)i;
}

static void seed_create(struct sim *s, struct nova_server *v)
{
    char id[37], request[41];
    uuid4(s, id);
    snprintf(request, sizeof(request), "req-%s", id);
    struct nova_act *a = nova_act_new(s, v, "create", request, v->user, v->project);
    a->start = v->created;
    struct nova_event *e = nova_event_start(s, a, "compute__do_build_and_run_instance", v->host ? v->host->name : "controller");
    e->start = v->created + 1000;
    if (v->vm == VM_ERROR)
        nova_event_end(s, a, e, "Traceback (most recent call last):", v->fault.message);
    else if (v->vm != VM_BUILDING)
        nova_event_end(s, a, e, NULL, NULL);
    if (e->finish)
        e->finish = v->created + 4000;
    a->updated = v->created + 4000;
}

const char *nova_seed_server(struct sim *s, const struct nova_boot *b)
{
    struct nova *n = s->nova;
    char id[37];
    int64_t born = b->born_at ? b->born_at : sim_now(s) - HOUR * (1 + (int64_t)(sim_rand(s) % 900)) - (int64_t)(sim_rand(s) % HOUR);
    if (b->id)
        snprintf(id, sizeof(id), "%s", b->id);
    else
        uuid4(s, id);
    struct nova_server *v = nova_add(s, id, born);
    v->name = sim_strdup(b->name);
    v->project = nova_word(n, b->project);
    v->user = nova_word(n, b->user);
    v->flavor = nova_flavor(n, b->flavor);
    for (size_t i = 0; !v->flavor && i < n->nflavors; i++)
        if (strcmp(n->flavors[i]->name, b->flavor) == 0)
            v->flavor = n->flavors[i];
    if (!v->flavor)
        v->flavor = n->flavors[0];
    snprintf(v->image, sizeof(v->image), "%s", b->image ? b->image : "");
    snprintf(v->group, sizeof(v->group), "%s", b->group ? b->group : "");
    snprintf(v->reservation, sizeof(v->reservation), "r-");
    hex_id(s, v->reservation + 2, 8);
    nova_set(&v->key, b->key);
    nova_set(&v->description, b->description);
    v->metadata = b->metadata;
    v->tags = b->tags;
    seed_state(v, b->status ? b->status : "ACTIVE", b->task);
    struct nova_host *h = b->host ? nova_host(n, b->host) : NULL;
    if (v->vm == VM_DELETED)
        v->host = h;
    else
        nova_place(v, h);
    if (h && v->vm != VM_BUILDING)
        v->launched = born + 4000;
    if (v->vm == VM_DELETED)
        v->terminated = sim_now(s);
    if (b->fault) {
        nova_fail(s, v, 500, b->fault, "Traceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/nova/conductor/manager.py\"\n");
        v->fault.at = born + 3000;
    }
    v->updated = v->vm == VM_DELETED ? sim_now(s) : born + 4000;
    seed_create(s, v);
    for (int i = 0; i < b->nnics; i++)
        nova_nic_set(s, v->id, &b->nics[i]);
    if (*v->group)
        nova_group_join(s, v->group, v->id, true);
    return v->id;
}

void nova_seed_migration(struct sim *s, const char *server, const char *type, const char *status, const char *from, const char *to, int64_t at)
{
    struct nova_server *v = nova_find(s, server);
    if (!v)
        return;
    struct nova_migration *m = nova_migration_new(s, v, nova_word(s->nova, type), nova_word(s->nova, status));
    m->source = nova_word(s->nova, from);
    m->dest = nova_word(s->nova, to);
    m->created = at;
    m->updated = at + 12000;
}

/* ---- volumes that Cinder attached ---- */
static size_t volume_at(const struct nova_server *v, const char *volume)
{
    size_t i = 0;
    while (i < v->nvolumes && strcmp(v->volumes[i].id, volume) != 0)
        i++;
    return i;
}

bool nova_volume_set(struct sim *s, const char *server, const char *volume, const char *device)
{
    struct nova_server *v = nova_find(s, server);
    if (!v || volume_at(v, volume) < v->nvolumes)
        return v != NULL;
    struct nova_volume *all = sim_alloc((v->nvolumes + 1) * sizeof(*all)), *a = &all[v->nvolumes];
    for (size_t i = 0; i < v->nvolumes; i++)
        all[i] = v->volumes[i];
    free(v->volumes);
    v->volumes = all;
    v->nvolumes++;
    snprintf(a->id, sizeof(a->id), "%s", volume);
    snprintf(a->device, sizeof(a->device), "%s", device);
    uuid4(s, a->attachment);
    uuid4(s, a->bdm);
    return true;
}

bool nova_has_volume(struct sim *s, const char *server, const char *volume)
{
    const struct nova_server *v = nova_find(s, server);
    return v && v->vm != VM_DELETED && volume_at(v, volume) < v->nvolumes;
}

/* Cinder tells that a disk is larger now; the guest's host hears it. */
void nova_volume_extended(struct sim *s, const char *server, const char *volume)
{
    struct nova_server *v = nova_has_volume(s, server, volume) ? nova_find(s, server) : NULL;
    char id[37], request[41];
    if (!v)
        return;
    uuid4(s, id);
    snprintf(request, sizeof(request), "req-%s", id);
    struct nova_act *a = nova_act_new(s, v, "extend_volume", request, v->user, v->project);
    nova_event_end(s, a, nova_event_start(s, a, "compute_extend_volume", v->host ? v->host->name : ""), NULL, NULL);
}

bool nova_volume_gone(struct sim *s, const char *server, const char *volume)
{
    struct nova_server *v = nova_find(s, server);
    size_t i = v ? volume_at(v, volume) : 0;
    if (!v || i == v->nvolumes)
        return false;
    free(v->volumes[i].tag);
    memmove(&v->volumes[i], &v->volumes[i + 1], (--v->nvolumes - i) * sizeof(*v->volumes));
    return true;
}

/* While a server moves, what it takes where it comes from is held in the name of its migration; of one evacuated, in its own. */
static const char *mover(const struct nova *n, const struct nova_server *v)
{
    for (size_t i = n->nmigrations; i-- > 0;)
        if (strcmp(n->migrations[i]->server, v->id) == 0)
            return strcmp(n->migrations[i]->type, "evacuation") == 0 ? v->id : n->migrations[i]->uuid;
    return v->id;
}

/* ---- machines and services that die and return ---- */
void nova_service_up(struct sim *s, const char *binary, const char *host)
{
    struct nova_service *v = nova_service(s->nova, binary, host);
    if (!v)
        v = service_new(s, binary, host, NULL);
    bool starts = !v->alive;
    if (starts)
        v->born = sim_now(s);
    v->alive = true;
    struct nova_host *h = strcmp(binary, "nova-compute") == 0 ? nova_host(s->nova, host) : NULL;
    if (h && starts)
        nova_live_host(s, host, true);
    if (h && !h->service)
        h->service = v;
    /* A nova-compute that starts finds out which of its guests were evacuated. */
    for (size_t i = 0; h && i < s->nova->nmigrations; i++) {
        struct nova_migration *m = s->nova->migrations[i];
        if (strcmp(m->type, "evacuation") == 0 && strcmp(m->status, "done") == 0 && m->source && strcmp(m->source, host) == 0)
            nova_migration_set(s, m, "completed");
    }
    for (size_t i = 0; h && starts && i < s->nova->n; i++) {
        struct nova_server *one = s->nova->order[i];
        if (one->extra_host == h && one->task == TASK_NONE && mover(s->nova, one) == one->id)
            nova_extra(one, NULL, NULL);
    }
}

void nova_service_dead(struct sim *s, const char *binary, const char *host)
{
    struct nova_service *v = nova_service(s->nova, binary, host);
    const struct nova_host *h = nova_host(s->nova, host);
    if (v && v->alive) {
        v->died = sim_now(s);
        v->alive = false;
        if (h && h->service == v && !h->dead)
            nova_live_host(s, host, false);
    }
}

/* The guests are gone with the machine. Nova does not know: what it last heard of them stays in its answers. */
void nova_host_down(struct sim *s, const char *host)
{
    struct nova_host *h = nova_host(s->nova, host);
    bool was_dead = h && h->dead;
    if (h)
        h->dead = true;
    nova_service_dead(s, "nova-compute", host);
    if (!h || was_dead)
        return;
    for (size_t i = 0; i < s->nova->n; i++) {
        struct nova_server *v = s->nova->order[i];
        if (v->host == h && v->vm != VM_DELETED && v->power == POWER_RUNNING)
            nova_tell(s, v, NOVA_STOPPED);
    }
}

/* nova-compute compares what it finds with what should be: guests that are off although they should run are stopped. */
void nova_host_up(struct sim *s, const char *host)
{
    struct nova_host *h = nova_host(s->nova, host);
    bool was_dead = h && h->dead;
    if (h)
        h->dead = false;
    nova_service_up(s, "nova-compute", host);
    for (size_t i = 0; was_dead && i < s->nova->n; i++) {
        struct nova_server *v = s->nova->order[i];
        if (v->host != h || v->power != POWER_RUNNING || v->vm == VM_DELETED)
            continue;
        if (v->vm == VM_ACTIVE && v->task == TASK_NONE) {
            v->power = POWER_SHUTDOWN;                         /* was told when the machine died */
            nova_state(s, v, VM_STOPPED, TASK_NONE, POWER_SHUTDOWN);
        }
    }
}

void nova_rpc(struct sim *s, bool works)
{
    for (size_t i = 0; i < s->nova->nservices; i++) {
        struct nova_service *v = s->nova->services[i];
        if (!works && v->alive)
            v->died = sim_now(s);
    }
    s->nova->no_rpc = !works;
}

/* ---- questions ---- */
static struct nova_view view(const struct nova_server *v)
{
    return (struct nova_view){v->id, v->name, v->project, v->user, v->host ? v->host->name : NULL, nova_status(v), v->image, v->zone,
                              v->power == POWER_RUNNING && v->host && !v->host->dead};
}

bool nova_compute(struct sim *s, const char *host)
{
    const struct nova_host *h = nova_host(s->nova, host);
    return h && !h->dead && h->service;
}

bool nova_server(struct sim *s, const char *id, struct nova_view *out)
{
    const struct nova_server *v = nova_find(s, id);
    if (!v || v->vm == VM_DELETED)
        return false;
    *out = view(v);
    return true;
}

size_t nova_servers(struct sim *s, void (*fn)(struct sim *s, const struct nova_view *v, void *arg), void *arg)
{
    size_t count = 0;
    for (size_t i = 0; i < s->nova->n; i++) {
        if (s->nova->order[i]->vm == VM_DELETED)
            continue;
        struct nova_view v = view(s->nova->order[i]);
        if (fn)
            fn(s, &v, arg);
        count++;
    }
    return count;
}

size_t nova_providers(struct sim *s)
{
    return s->nova->nhosts;
}

bool nova_provider(struct sim *s, size_t i, struct nova_provider *out)
{
    if (i >= s->nova->nhosts)
        return false;
    const struct nova_host *h = s->nova->hosts[i];
    *out = (struct nova_provider){h->id, h->name, h->vcpus, h->memory_mb, h->disk_gb, h->used_vcpus, h->used_memory, h->used_disk,
                                  h->service && h->service->disabled, !h->service || !nova_service_is_up(s, h->service), h->generation};
    return h->service != NULL;
}

static void alloc(const struct nova_server *v, const struct nova_host *h, const struct nova_flavor *f,
                  const char *consumer, void (*fn)(const struct nova_alloc *a, void *arg), void *arg)
{
    struct nova_alloc a = {h->id, consumer, v->project, v->user, f->vcpus, f->ram, f->disk + f->ephemeral};
    fn(&a, arg);
}

void nova_allocations(struct sim *s, void (*fn)(const struct nova_alloc *a, void *arg), void *arg)
{
    for (size_t i = 0; i < s->nova->n; i++) {
        const struct nova_server *v = s->nova->order[i];
        if (v->vm == VM_DELETED)
            continue;
        const char *moving = v->extra_host ? mover(s->nova, v) : v->id;
        bool there = v->vm == VM_RESIZED || v->task == TASK_RESIZE_MIGRATED || v->task == TASK_RESIZE_FINISH;   /* it has arrived: the extra one is the old */
        if (v->host)
            alloc(v, v->host, v->flavor, there ? v->id : moving, fn, arg);
        if (v->extra_host)
            alloc(v, v->extra_host, v->extra_flavor, there ? moving : v->id, fn, arg);
    }
}
