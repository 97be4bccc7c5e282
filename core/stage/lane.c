/* Agents of OpenStack as rows of the stage: those of the pods themselves, ghosts, and each binary counted. */
#include "core/stage/lane.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct lane_list lists[] = {
    {"nova", "compute", "/os-services", "services"}, {"neutron", "network", "/agents", "agents"},
    {"cinder", "block-storage", "/os-services", "services"}, {"heat", "orchestration", "/services", "services"},
};

static const struct { const char *application, *component, *binary; } binaries[] = {
    {"nova", "conductor", "nova-conductor"}, {"nova", "scheduler", "nova-scheduler"}, {"nova", "compute", "nova-compute"},
    {"neutron", "neutron-ovs-agent", "neutron-openvswitch-agent"}, {"neutron", "l3-agent", "neutron-l3-agent"},
    {"neutron", "dhcp-agent", "neutron-dhcp-agent"}, {"neutron", "metadata-agent", "neutron-metadata-agent"},
    {"cinder", "scheduler", "cinder-scheduler"}, {"cinder", "volume", "cinder-volume"}, {"cinder", "backup", "cinder-backup"},
    {"heat", "engine", "heat-engine"},
};

const struct lane_list *lane_list_of(const char *application)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!strcmp(lists[i].application, application))
            return &lists[i];
    return NULL;
}

const char *lane_binary(const char *application, const char *component)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (!strcmp(binaries[i].application, application) && !strcmp(binaries[i].component, component))
            return binaries[i].binary;
    return NULL;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

bool lane_agent(struct lane_agent *a, const json_t *row)
{
    const json_t *alive = json_object_get(row, "alive"), *id = json_object_get(row, "id"), *enabled = json_object_get(row, "admin_state_up");
    const char *state = text_of(row, "state");
    bool heat = !*state && !alive;
    *a = (struct lane_agent){.binary = text_of(row, "binary"), .host = text_of(row, heat ? "hostname" : "host"), .updated = text_of(row, "updated_at")};
    if (heat)
        state = text_of(row, "status");
    if (heat && !*a->host)
        a->host = text_of(row, "host");
    if (!*a->updated)
        a->updated = text_of(row, "heartbeat_timestamp");
    a->up = alive ? json_is_true(alive) : !strcmp(state, "up");
    a->disabled = (!heat && !strcmp(text_of(row, "status"), "disabled")) || json_is_false(enabled);
    if (json_is_integer(id))
        snprintf(a->id, sizeof a->id, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
    else
        stage_text(a->id, sizeof a->id, json_string_value(id));
    return *a->binary && *a->host;
}

/* ---- reading ---- */

static struct lane_group *group_of(struct lane *l, const char *binary)
{
    char clean[64];
    stage_text(clean, sizeof clean, binary);
    for (size_t i = 0; i < l->ngroups; i++)
        if (!strcmp(l->group[i].binary, clean))
            return &l->group[i];
    if (l->ngroups == LANE_GROUPS)
        return NULL;
    struct lane_group *g = &l->group[l->ngroups++];
    *g = (struct lane_group){.up = 0};
    memcpy(g->binary, clean, sizeof clean);
    return g;
}

/* cinder-volume's host is "name@backend". */
static bool host_is(const char *host, const char *name)
{
    size_t n = strlen(name);
    return n && !strncmp(host, name, n) && (!host[n] || host[n] == '@' || host[n] == '.');
}

/* "OWNER-5f7c9d-x2b4q" or "OWNER-0": a pod of a deployment or a stateful set of that name, and of no other one. */
static bool was_a_pod(const char *host, const char *owner)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t n = strlen(owner), hash, last;
    if (!n || strncmp(host, owner, n) || host[n] != '-')
        return false;
    host += n + 1;
    hash = strspn(host, small);
    if (hash && hash == strspn(host, "0123456789") && !host[hash])
        return true;
    if (!hash || hash > 10 || host[hash] != '-')
        return false;
    last = strspn(host + hash + 1, small);
    return last == 5 && !host[hash + 1 + last];
}

/* Whose row is it? -1: nobody's here. */
static int role_of(const struct lane_in *in, const char *host)
{
    bool kept = *in->new_pod && !strcmp(in->new_pod, in->old_pod);     /* a stateful set keeps the name, and the row */
    char name[128];
    if (*in->new_pod && (host_is(host, in->new_pod) || (host_is(host, in->new_node) && !was_a_pod(host, in->owner))))
        return STAGE_ROW_NEW;
    if (host_is(host, in->old_pod))
        return in->old_gone && *in->new_pod && !kept ? STAGE_ROW_GHOST : STAGE_ROW_OLD;
    if (host_is(host, in->old_node) && !was_a_pod(host, in->owner))
        return STAGE_ROW_OLD;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(host, "@"), host);
    return was_a_pod(name, in->owner) && in->alive && !in->alive(in->arg, name) ? STAGE_ROW_GHOST : -1;
}

static const struct lane_own *own_before(const struct lane_own *list, size_t n, const char *host)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i].host, host))
            return &list[i];
    return NULL;
}

void lane_read(struct lane *l, const struct lane_in *in, const json_t *list)
{
    struct lane_own old[LANE_OWN];
    size_t nold = l->nown;
    memcpy(old, l->own, sizeof old);
    l->nown = 0;
    snprintf(l->service, sizeof l->service, "%s", in->service);
    for (size_t i = 0; i < l->ngroups; i++)
        l->group[i].up = l->group[i].total = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct lane_agent a;
        if (!lane_agent(&a, json_array_get(list, i)))
            continue;
        struct lane_group *g = group_of(l, a.binary);
        if (g) {
            g->total++;
            g->up += a.up;
        }
        int role = in->binary && !strcmp(a.binary, in->binary) ? role_of(in, a.host) : -1;
        if (role < 0 || l->nown == LANE_OWN)
            continue;
        struct lane_own *o = &l->own[l->nown++];
        *o = (struct lane_own){.role = (enum stage_row_role)role, .up = a.up, .disabled = a.disabled};
        stage_text(o->host, sizeof o->host, a.host);
        memcpy(o->id, a.id, sizeof o->id);
        const struct lane_own *before = own_before(old, nold, o->host);
        o->was_before = before && before->was_before;
        o->up_before = before && before->up_before;
    }
    for (size_t i = 0; i < l->ngroups; i++) {
        struct lane_group *g = &l->group[i];
        if (in->running && g->up < g->up_least)
            g->up_least = g->up;
    }
}

void lane_before(struct lane *l)
{
    for (size_t i = 0; i < l->ngroups; i++) {
        struct lane_group *g = &l->group[i];
        g->up_before = g->up_least = g->up;
        g->total_before = g->total;
        g->counted = true;
    }
    for (size_t i = 0; i < l->nown; i++) {
        l->own[i].was_before = true;
        l->own[i].up_before = l->own[i].up;
    }
}

/* ---- rows ---- */

static void own_row(const struct lane *l, const struct lane_in *in, const struct lane_own *o, struct stage_row *r)
{
    char name[200], text[300];
    *r = (struct stage_row){.role = o->role, .up = o->up, .total = 1, .up_before = o->up_before, .total_before = o->was_before};
    r->up_least = o->up && o->up_before;
    snprintf(name, sizeof name, "%s %s", in->binary ? in->binary : "", o->host);
    stage_text(r->name, sizeof r->name, name);
    if (o->role == STAGE_ROW_GHOST) {
        snprintf(text, sizeof text, "ghost: no pod reports as it any more (%s%s)%s%.60s", o->up ? "still up" : "down", o->disabled ? ", disabled" : "",
                 !strcmp(l->service, "compute") && *o->id ? "; openstack compute service delete " : "", !strcmp(l->service, "compute") ? o->id : "");
        r->health = HEALTH_WARN;
    } else {
        snprintf(text, sizeof text, "%s%s%s", o->up ? "up" : "down", o->disabled ? ", disabled" : "",
                 o->was_before && o->up_before != o->up ? o->up_before ? "; up before the delete" : "; down before the delete" : "");
        r->health = !o->up ? o->was_before && !o->up_before ? HEALTH_WARN : HEALTH_BAD : o->disabled ? HEALTH_WARN : HEALTH_OK;
    }
    stage_text(r->text, sizeof r->text, text);
}

static void group_row(const struct lane_group *g, struct stage_row *r)
{
    *r = (struct stage_row){.role = STAGE_ROW_GROUP, .up = g->up, .total = g->total, .up_before = g->up_before, .total_before = g->total_before,
                            .up_least = g->up_least};
    memcpy(r->name, g->binary, sizeof g->binary);
    size_t n = (size_t)snprintf(r->text, sizeof r->text, "%u of %u up", g->up, g->total);
    if (g->counted && (g->up != g->up_before || g->total != g->total_before))
        n += (size_t)snprintf(r->text + n, sizeof r->text - n, "; before the delete %u of %u", g->up_before, g->total_before);
    if (g->counted && g->up_least < g->up && g->up_least < g->up_before)
        snprintf(r->text + n, sizeof r->text - n, "; at worst %u", g->up_least);
    r->health = g->up < g->total ? g->counted && g->up < g->up_before ? HEALTH_BAD : HEALTH_WARN : HEALTH_OK;
}

size_t lane_rows(const struct lane *l, const struct lane_in *in, struct stage_row *out, size_t max)
{
    static const enum stage_row_role order[] = {STAGE_ROW_OLD, STAGE_ROW_NEW, STAGE_ROW_GHOST};
    size_t n = 0;
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < l->nown && n < max; i++)
            if (l->own[i].role == order[k])
                own_row(l, in, &l->own[i], &out[n++]);
    for (size_t i = 0; i < l->ngroups && n < max; i++)
        if (l->group[i].total || l->group[i].total_before)
            group_row(&l->group[i], &out[n++]);
    return n;
}
