/* Nova's records: servers by id, by age and by last change; flavors, hosts, services, migrations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

#define KEEP_DELETED_MS (24 * 3600000LL)
#define KEEP_DELETED 5000

const char *const nova_vm_names[VM_STATES] = {
    [VM_ACTIVE] = "active", [VM_BUILDING] = "building", [VM_PAUSED] = "paused", [VM_SUSPENDED] = "suspended", [VM_STOPPED] = "stopped",
    [VM_RESCUED] = "rescued", [VM_RESIZED] = "resized", [VM_SOFT_DELETED] = "soft-delete", [VM_DELETED] = "deleted", [VM_ERROR] = "error",
    [VM_SHELVED] = "shelved", [VM_SHELVED_OFFLOADED] = "shelved_offloaded",
};
const char *const nova_task_names[TASKS] = {
    [TASK_SCHEDULING] = "scheduling", [TASK_BLOCK_DEVICE_MAPPING] = "block_device_mapping", [TASK_NETWORKING] = "networking",
    [TASK_SPAWNING] = "spawning", [TASK_IMAGE_SNAPSHOT_PENDING] = "image_snapshot_pending", [TASK_IMAGE_PENDING_UPLOAD] = "image_pending_upload",
    [TASK_IMAGE_UPLOADING] = "image_uploading", [TASK_UPDATING_PASSWORD] = "updating_password", [TASK_RESIZE_PREP] = "resize_prep",
    [TASK_RESIZE_MIGRATING] = "resize_migrating", [TASK_RESIZE_MIGRATED] = "resize_migrated", [TASK_RESIZE_FINISH] = "resize_finish",
    [TASK_RESIZE_REVERTING] = "resize_reverting", [TASK_REBOOTING] = "rebooting", [TASK_REBOOT_STARTED] = "reboot_started",
    [TASK_REBOOTING_HARD] = "rebooting_hard", [TASK_REBOOT_STARTED_HARD] = "reboot_started_hard", [TASK_PAUSING] = "pausing",
    [TASK_UNPAUSING] = "unpausing", [TASK_SUSPENDING] = "suspending", [TASK_RESUMING] = "resuming", [TASK_POWERING_OFF] = "powering-off",
    [TASK_POWERING_ON] = "powering-on", [TASK_RESCUING] = "rescuing", [TASK_UNRESCUING] = "unrescuing", [TASK_REBUILDING] = "rebuilding",
    [TASK_REBUILD_BLOCK_DEVICE_MAPPING] = "rebuild_block_device_mapping", [TASK_REBUILD_SPAWNING] = "rebuild_spawning",
    [TASK_MIGRATING] = "migrating", [TASK_DELETING] = "deleting", [TASK_SHELVING] = "shelving",
    [TASK_SHELVING_IMAGE_PENDING_UPLOAD] = "shelving_image_pending_upload", [TASK_SHELVING_IMAGE_UPLOADING] = "shelving_image_uploading",
    [TASK_SHELVING_OFFLOADING] = "shelving_offloading", [TASK_UNSHELVING] = "unshelving",
};

int64_t nova_ms(const struct sim *s, int64_t ms)
{
    double speed = s->world->speed > 0 ? s->world->speed : 1;
    return (int64_t)((double)ms / speed);
}

const char *nova_micros(int64_t at, char out[40])
{
    char text[32];
    snprintf(out, 40, "%.19s.000000", stamp(at, text));
    return out;
}

const char *nova_word(struct nova *n, const char *text)
{
    if (!text)
        return NULL;
    for (size_t i = 0; i < n->nwords; i++)
        if (strcmp(n->words[i], text) == 0)
            return n->words[i];
    n->words = sim_grow(n->words, &n->cap_words, n->nwords + 1, sizeof(*n->words));
    return n->words[n->nwords++] = sim_strdup(text);
}

void nova_set(char **field, const char *value)
{
    char *copy = value ? sim_strdup(value) : NULL;
    free(*field);
    *field = copy;
}

/* ---- servers ---- */
static size_t bucket(const char *id)
{
    uint32_t h = 2166136261u;
    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 16777619u;
    return (h ^ h >> 16) & 65535;
}

struct nova_server *nova_find(struct sim *s, const char *id)
{
    struct nova_server *v = s->nova->buckets[bucket(id)];
    while (v && strcmp(v->id, id) != 0)
        v = v->next;
    return v;
}

static void unlink_updated(struct nova *n, struct nova_server *v)
{
    *(v->newer ? &v->newer->older : &n->newest) = v->older;
    *(v->older ? &v->older->newer : &n->oldest) = v->newer;
    v->newer = v->older = NULL;
}

/* The list of last changes stays in order also when a seed says a time long ago: it is searched from the newest. */
static void link_updated(struct nova *n, struct nova_server *v)
{
    struct nova_server *after = n->newest, *before = NULL;
    while (after && after->updated > v->updated) {
        before = after;
        after = after->older;
    }
    v->older = after;
    v->newer = before;
    *(before ? &before->older : &n->newest) = v;
    *(after ? &after->newer : &n->oldest) = v;
}

void nova_touch(struct sim *s, struct nova_server *v)
{
    nova_start(s);
    unlink_updated(s->nova, v);
    v->updated = sim_now(s);
    link_updated(s->nova, v);
}

static int by_age(const void *a, const void *b)
{
    const struct nova_server *x = *(struct nova_server *const *)a, *y = *(struct nova_server *const *)b;
    return x->created != y->created ? (x->created < y->created ? -1 : 1) : x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int by_update(const void *a, const void *b)
{
    const struct nova_server *x = *(struct nova_server *const *)a, *y = *(struct nova_server *const *)b;
    return x->updated < y->updated ? -1 : x->updated > y->updated;
}

struct nova_server *nova_add(struct sim *s, const char *id, int64_t created)
{
    struct nova *n = s->nova;
    struct nova_server *v = sim_alloc(sizeof(*v));
    snprintf(v->id, sizeof(v->id), "%s", id);
    v->seq = ++n->seq;
    v->created = v->updated = created;
    v->next = n->buckets[bucket(id)];
    n->buckets[bucket(id)] = v;
    n->order = sim_grow(n->order, &n->cap, n->n + 1, sizeof(*n->order));
    size_t i = n->n++;
    n->order[i] = v;
    n->unsorted = n->unsorted || !s->world->start_ms;
    if (!n->unsorted) {                                        /* seeds are sorted once, in nova_start */
        for (; i > 0 && by_age(&n->order[i - 1], &n->order[i]) > 0; i--) {
            n->order[i] = n->order[i - 1];
            n->order[i - 1] = v;
        }
        link_updated(n, v);
    }
    return v;
}

static void sort_all(struct nova *n)
{
    qsort(n->order, n->n, sizeof(*n->order), by_update);
    n->newest = n->oldest = NULL;
    for (size_t i = 0; i < n->n; i++) {
        n->order[i]->older = n->newest;
        n->order[i]->newer = NULL;
        *(n->newest ? &n->newest->newer : &n->oldest) = n->order[i];
        n->newest = n->order[i];
    }
    qsort(n->order, n->n, sizeof(*n->order), by_age);
}

void nova_state(struct sim *s, struct nova_server *v, enum vm vm, enum task task, int power)
{
    bool was = v->power == POWER_RUNNING, is = power == POWER_RUNNING;
    v->vm = vm;
    v->task = task;
    v->power = power;
    nova_touch(s, v);
    if (was != is)
        nova_tell(s, v, is ? NOVA_STARTED : NOVA_STOPPED);
}

void nova_claim(struct nova_host *h, const struct nova_flavor *f, int sign)
{
    if (!h || !f)
        return;
    h->used_vcpus += sign * f->vcpus;
    h->used_memory += sign * f->ram;
    h->used_disk += sign * (f->disk + f->ephemeral);
    h->generation++;
}

void nova_place(struct nova_server *v, struct nova_host *h)
{
    if (v->host) {
        nova_claim(v->host, v->flavor, -1);
        v->host->guests--;
    }
    v->host = h;
    if (h) {
        nova_claim(h, v->flavor, 1);
        h->guests++;
    }
}

void nova_extra(struct nova_server *v, struct nova_host *h, struct nova_flavor *f)
{
    nova_claim(v->extra_host, v->extra_flavor, -1);
    v->extra_host = h;
    v->extra_flavor = f;
    nova_claim(h, f, 1);
}

void nova_extra_swap(struct nova_server *v)
{
    struct nova_host *h = v->host;
    struct nova_flavor *f = v->flavor;
    v->host = v->extra_host;
    v->flavor = v->extra_flavor;
    v->extra_host = h;
    v->extra_flavor = f;
    if (h)
        h->guests--;
    if (v->host)
        v->host->guests++;
}

void nova_fail(struct sim *s, struct nova_server *v, int code, const char *message, const char *details)
{
    nova_set(&v->fault.message, message);
    nova_set(&v->fault.details, details);
    v->fault.code = code;
    v->fault.at = sim_now(s);
}

void nova_port_free(struct nova_port *p)
{
    free(p->net);
    free(p->net_id);
    free(p->id);
    free(p->ip);
    free(p->mac);
    free(p->floating);
}

static void server_free(struct nova *n, struct nova_server *v)
{
    struct nova_server **p = &n->buckets[bucket(v->id)];
    while (*p != v)
        p = &(*p)->next;
    *p = v->next;
    unlink_updated(n, v);
    for (struct nova_act *a = v->acts, *na; a; a = na) {
        na = a->next;
        for (struct nova_event *e = a->events, *ne; e; e = ne) {
            ne = e->next;
            free(e->traceback);
            free(e->details);
            free(e);
        }
        free(a);
    }
    char *const owned[] = {v->name, v->hostname, v->description, v->user_data, v->locked_reason, v->key, v->zone, v->fault.message,
                           v->fault.details};
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        free(owned[i]);
    json_decref(v->metadata);
    json_decref(v->tags);
    json_decref(v->groups);
    for (size_t i = 0; i < v->nports; i++)
        nova_port_free(&v->ports[i]);
    for (size_t i = 0; i < v->nvolumes; i++)
        free(v->volumes[i].tag);
    free(v->ports);
    free(v->volumes);
    free(v);
}

/* What was deleted long ago is forgotten, as archiving does it. */
void nova_purge(struct sim *s)
{
    struct nova *n = s->nova;
    size_t kept = 0, gone = 0;
    for (size_t i = 0; i < n->n; i++)
        gone += n->order[i]->vm == VM_DELETED;
    for (size_t i = 0; i < n->n; i++) {
        struct nova_server *v = n->order[i];
        if (v->vm == VM_DELETED && (gone > KEEP_DELETED || v->updated < sim_now(s) - KEEP_DELETED_MS)) {
            gone--;
            server_free(n, v);
        } else {
            n->order[kept++] = v;
        }
    }
    n->n = kept;
}

static void purge_now_and_then(struct sim *s, void *arg)
{
    (void)arg;
    nova_purge(s);
    sim_after(s, 600000, purge_now_and_then, NULL);
}

/* ---- small ones ---- */
struct nova_flavor *nova_flavor(struct nova *n, const char *id)
{
    for (size_t i = 0; i < n->nflavors; i++)
        if (!n->flavors[i]->deleted && strcmp(n->flavors[i]->id, id) == 0)
            return n->flavors[i];
    return NULL;
}

struct nova_host *nova_host(struct nova *n, const char *name)
{
    for (size_t i = 0; i < n->nhosts; i++)
        if (strcmp(n->hosts[i]->name, name) == 0)
            return n->hosts[i];
    return NULL;
}

struct nova_service *nova_service(struct nova *n, const char *binary, const char *host)
{
    for (size_t i = 0; i < n->nservices; i++)
        if (strcmp(n->services[i]->binary, binary) == 0 && strcmp(n->services[i]->host, host) == 0)
            return n->services[i];
    return NULL;
}

struct nova_migration *nova_migration_new(struct sim *s, const struct nova_server *v, const char *type, const char *status)
{
    struct nova *n = s->nova;
    struct nova_migration *m = sim_alloc(sizeof(*m));
    n->migrations = sim_grow(n->migrations, &n->cap_migrations, n->nmigrations + 1, sizeof(*n->migrations));
    n->migrations[n->nmigrations] = m;
    m->id = (int)++n->nmigrations;
    uuid4(s, m->uuid);
    snprintf(m->server, sizeof(m->server), "%s", v->id);
    m->type = type;
    m->status = status;
    m->source = v->host ? v->host->name : NULL;
    m->old_flavor = m->new_flavor = v->flavor ? v->flavor->num : 0;
    m->user = v->user;
    m->project = v->project;
    m->created = m->updated = sim_now(s);
    return m;
}

void nova_migration_set(struct sim *s, struct nova_migration *m, const char *status)
{
    m->status = status;
    m->updated = sim_now(s);
}

struct nova_migration *nova_migration(struct nova *n, int id)
{
    return id > 0 && (size_t)id <= n->nmigrations ? n->migrations[id - 1] : NULL;
}

bool nova_in_progress(const struct nova_migration *m)
{
    static const char *const ends[] = {"confirmed", "reverted", "error", "failed", "completed", "cancelled", "done", "finished"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(ends[i], m->status) == 0)
            return false;
    return true;
}

void nova_tell(struct sim *s, const struct nova_server *v, enum nova_news what)
{
    for (size_t i = 0; i < s->nova->nnews; i++)
        s->nova->news[i].fn(s, v->id, what, s->nova->news[i].arg);
}

void nova_on_server(struct sim *s, nova_news_fn *fn, void *arg)
{
    struct nova *n = s->nova;
    if (n->nnews < sizeof(n->news) / sizeof(n->news[0])) {
        n->news[n->nnews].fn = fn;
        n->news[n->nnews++].arg = arg;
    }
}

void nova_init(struct sim *s)
{
    struct nova *n = s->nova = sim_alloc(sizeof(*n));
    n->keypairs = json_object();
    n->groups = json_array();
    n->aggregates = json_array();
    n->quotas = json_object();
    sim_after(s, 600000, purge_now_and_then, NULL);
}

/* Quotas of a cloud made large leave room for more. */
static void room(struct nova *n)
{
    static const char *const names[] = {"instances", "cores", "ram"};
    for (size_t i = 0; n->n > 150 && i < n->n; i++) {
        if (json_object_get(n->quotas, n->order[i]->project))
            continue;
        json_t *q = json_object();
        for (int k = 0; k < 3; k++)
            json_object_set_new(q, names[k], json_integer(-1));
        json_object_set_new(n->quotas, n->order[i]->project, q);
    }
}

void nova_start(struct sim *s)
{
    if (!s->nova->unsorted)
        return;
    sort_all(s->nova);
    room(s->nova);
    s->nova->unsorted = false;
}
