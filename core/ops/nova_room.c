/* Places for servers that leave their host; see the header. */
#include "core/ops/nova_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/openstack/requests_priv.h"
#include "strata/mem.h"

#define NAMED 3
#define REASONS 8

/* Why a host does not take it, the words for one host and for more. */
enum no { TAKES, NO_DOWN, NO_DISABLED, NO_CPU, NO_MEMORY, NO_DISK, NO_OTHER, NO_TRAIT, NO_AGGREGATE, NO_ZONE, NO_APART, NO_WITH, NOS };
static const struct { const char *one, *more; } nos[NOS] = {
    [NO_DOWN] = {"is down", "are down"},
    [NO_DISABLED] = {"is disabled", "are disabled"},
    [NO_CPU] = {"has too few vCPUs left", "have too few vCPUs left"},
    [NO_MEMORY] = {"has too little memory left", "have too little memory left"},
    [NO_DISK] = {"has too little disk left", "have too little disk left"},
    [NO_OTHER] = {"has none left of what its flavor wants besides", "have none left of what its flavor wants besides"},
    [NO_TRAIT] = {"has not the traits that its flavor wants", "have not the traits that its flavor wants"},
    [NO_AGGREGATE] = {"is of no aggregate that its flavor wants", "are of no aggregate that its flavor wants"},
    [NO_ZONE] = {"is in another zone than it is pinned to", "are in other zones than it is pinned to"},
    [NO_APART] = {"has another server of its group (anti-affinity)", "have another server of its group (anti-affinity)"},
    [NO_WITH] = {"has no server of its group (affinity)", "have no server of its group (affinity)"},
};

struct spot { const char *name, *zone; const json_t *has; json_t *left; bool down, disabled; };     /* has: Placement's summary; NULL no vCPU is left */
struct told { size_t by[NOS], n; const char *first[NAMED]; };
struct nova_room {
    const char *from;
    const json_t *aggregates, *groups, *servers;
    struct spot *spot;
    size_t nspots, fit, elsewhere, nodd;
    const char *odd, *odd_name, *elsewhere_name;         /* elsewhere: in another zone only */
    json_t *at;                             /* where those are that were placed: id, host */
    struct told told[REASONS];
    size_t ntold;
    bool more;
};

/* ---- what is read ---- */

static const struct { const char *service, *microversion, *path; bool group; } sides[] = {
    {"placement", "1.29", "/allocation_candidates?limit=1000&resources=VCPU:1&required=%21COMPUTE_STATUS_DISABLED", false},
    {"compute", "2.53", "/os-hypervisors/detail?limit=1000", false},
    {"compute", "2.1", "/os-aggregates", false},
    {"compute", "2.64", "/os-server-groups?all_projects=True&limit=1000", true},
    {"compute", "2.73", "/servers/detail?all_tenants=1&limit=1000", true},
};
#define SIDES (sizeof sides / sizeof *sides)

bool nova_room_side(size_t i, bool group, struct str *path, const char **service, const char **microversion)
{
    if (i >= SIDES || (sides[i].group && !group))
        return false;
    *service = sides[i].service;
    *microversion = sides[i].microversion;
    return str_adds(path, sides[i].path);
}

bool nova_room_grouped(const json_t *servers)
{
    size_t i = 0;
    while (i < json_array_size(servers) && !json_array_size(act_get(json_array_get(servers, i), "server_groups")))
        i++;
    return i < json_array_size(servers);
}

static const char *zone_of(const json_t *aggregates, const char *host)
{
    size_t i, k;
    json_t *a, *h;
    json_array_foreach((json_t *)aggregates, i, a) {
        const char *zone = act_str(a, "metadata.availability_zone");
        json_array_foreach((json_t *)act_get(a, "hosts"), k, h)
            if (*zone && json_is_string(h) && !strcmp(json_string_value(h), host))
                return zone;
    }
    return "";
}

/* It is taken out of use in the same go. */
static bool goes_too(const struct act_ctx *c, const json_t *h)
{
    bool host = c->kind && strcmp(c->kind->id, "server") != 0;
    return host && (act_is_target(c, act_str(h, "id")) || act_is_target(c, act_str(h, "service.id")) || act_is_target(c, act_str(h, "hypervisor_hostname")));
}

static void add_spot(struct nova_room *m, const struct act_ctx *c, const json_t *h, const json_t *summaries)
{
    const char *name = act_str(h, "service.host");
    struct spot *s = &m->spot[m->nspots];
    if (!*name || !strcmp(name, m->from) || !strcmp(act_str(h, "hypervisor_type"), "ironic"))
        return;
    *s = (struct spot){.name = name, .zone = zone_of(m->aggregates, name), .has = json_object_get(summaries, act_str(h, "id")), .left = json_object(),
                       .down = strcmp(act_str(h, "state"), "up") != 0, .disabled = !strcmp(act_str(h, "status"), "disabled") || goes_too(c, h)};
    const char *class;
    json_t *v;
    json_object_foreach(json_object_get(s->has, "resources"), class, v)
        json_object_set_new(s->left, class, json_integer(act_num(v, "capacity", 0) - act_num(v, "used", 0)));
    m->nspots++;
}

struct nova_room *nova_room_new(const struct act_ctx *c, size_t at, bool group, const char *from, int *why)
{
    const struct act_side *s = at + SIDES <= ACT_SIDES ? &c->side[at] : NULL;
    const json_t *summaries = s ? act_get(s[0].json, "provider_summaries") : NULL, *hosts = s ? act_get(s[1].json, "hypervisors") : NULL;
    struct nova_room *m = summaries && json_is_array(hosts) ? mem_zalloc(sizeof *m) : NULL;
    *why = s && !summaries ? s[0].status : s ? s[1].status : 0;
    if (!m)
        return NULL;
    m->from = from;
    m->aggregates = act_get(s[2].json, "aggregates");
    m->groups = group ? act_get(s[3].json, "server_groups") : NULL;
    m->servers = group ? act_get(s[4].json, "servers") : NULL;
    m->spot = mem_zalloc((json_array_size(hosts) + 1) * sizeof *m->spot);
    m->at = json_object();
    m->more = json_array_size(hosts) >= 1000;
    for (size_t i = 0; m->spot && i < json_array_size(hosts); i++)
        add_spot(m, c, json_array_get(hosts, i), summaries);
    if (m->spot && m->at)
        return m;
    nova_room_free(m);
    return NULL;
}

void nova_room_free(struct nova_room *m)
{
    for (size_t i = 0; m && i < m->nspots; i++)
        json_decref(m->spot[i].left);
    if (m) {
        json_decref(m->at);
        mem_free(m->spot);
    }
    mem_free(m);
}

/* ---- what a server wants ---- */

/* What is bound to parts of a host, cores or cards, is not looked at. */
static const char *odd_wish(const json_t *specs)
{
    static const char *const odd[] = {"pci_passthrough:", "hw:cpu_policy", "hw:numa", "hw:mem_page_size", "hw:pmem", "hw:mem_encryption", "hw:emulator", "accel:", "group_policy", "resources_", "trait_"};
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)specs, key, v)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
            if (!strncmp(key, odd[i], strlen(odd[i])) || (!strncmp(key, "resources", 9) && key[9] >= '0' && key[9] <= '9'))
                return key;
    return NULL;
}

static void want(json_t *need, const json_t *specs, const char *class, int64_t n)
{
    char own[60];
    snprintf(own, sizeof own, "resources:%s", class);
    if (n > 0 && !json_object_get(specs, own))
        json_object_set_new(need, class, json_integer(n));
}

/* As Nova asks Placement: the sizes of its flavor, those that its properties name instead; a disk that is a volume is none of the host's. */
static json_t *needs(const json_t *server)
{
    const json_t *f = act_get(server, "flavor"), *specs = act_get(f, "extra_specs");
    bool volume = !json_is_object(act_get(server, "image"));
    const char *key;
    json_t *need = json_object(), *v;
    want(need, specs, "VCPU", act_num(f, "vcpus", 0));
    want(need, specs, "MEMORY_MB", act_num(f, "ram", 0));
    want(need, specs, "DISK_GB", (volume ? 0 : act_num(f, "disk", 0)) + act_num(f, "ephemeral", 0) + (act_num(f, "swap", 0) + 1023) / 1024);
    json_object_foreach((json_t *)specs, key, v)
        if (!strncmp(key, "resources:", 10) && json_is_string(v) && strtoll(json_string_value(v), NULL, 10) > 0)
            json_object_set_new(need, key + 10, json_integer(strtoll(json_string_value(v), NULL, 10)));
    return need;
}

static enum no room_for(const struct spot *s, const json_t *need)
{
    const char *class;
    json_t *v;
    json_object_foreach((json_t *)need, class, v) {
        const json_t *left = json_object_get(s->left, class);
        bool disk = !strcmp(class, "DISK_GB");
        if ((!left && disk) || json_integer_value(left) >= json_integer_value(v))
            continue;                           /* no disk of its own: a store that hosts share */
        return disk ? NO_DISK : !strcmp(class, "VCPU") ? NO_CPU : !strcmp(class, "MEMORY_MB") ? NO_MEMORY : NO_OTHER;
    }
    return TAKES;
}

static bool has_trait(const struct spot *s, const char *trait)
{
    size_t i;
    json_t *t;
    json_array_foreach((json_t *)act_get(s->has, "traits"), i, t)
        if (json_is_string(t) && !strcmp(json_string_value(t), trait))
            return true;
    return false;
}

static bool traits_fit(const struct spot *s, const json_t *specs)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)specs, key, v)
        if (!strncmp(key, "trait:", 6) && json_is_string(v) && has_trait(s, key + 6) != !strcmp(json_string_value(v), "required"))
            return false;
    return true;
}

/* ---- groups ---- */

static const json_t *group_of(const struct nova_room *m, const char *id)
{
    size_t i, k;
    json_t *g, *e;
    json_array_foreach((json_t *)m->groups, i, g)
        json_array_foreach((json_t *)act_get(g, "members"), k, e)
            if (json_is_string(e) && !strcmp(json_string_value(e), id))
                return g;
    return NULL;
}

static const char *where(const struct nova_room *m, const char *id)
{
    const char *placed = json_string_value(json_object_get(m->at, id));
    return placed ? placed : act_str(act_find(m->servers, "id", id), "OS-EXT-SRV-ATTR:host");
}

/* Of the host that is left, only those that stay there count, and it is none of the places. */
static enum no group_fits(const struct nova_room *m, const struct spot *s, const json_t *group, const char *id)
{
    const char *policy = *act_str(group, "policy") ? act_str(group, "policy") : act_str(group, "policies.0");
    size_t i, here = 0, others = 0;
    int64_t most = act_num(group, "rules.max_server_per_host", 1);
    json_t *e;
    json_array_foreach((json_t *)act_get(group, "members"), i, e) {
        const char *other = json_is_string(e) ? json_string_value(e) : "", *host = where(m, other);
        if (!*other || !strcmp(other, id) || !*host)
            continue;
        here += !strcmp(host, s->name);
        others++;
    }
    if (!strcmp(policy, "anti-affinity") && here >= (size_t)(most < 1 ? 1 : most))
        return NO_APART;
    return !strcmp(policy, "affinity") && others && !here ? NO_WITH : TAKES;
}

/* ---- a place ---- */

static enum no unfit(const struct nova_room *m, const struct spot *s, const json_t *server, const json_t *need, const json_t *within, const json_t *group)
{
    const char *pinned = act_str(server, "pinned_availability_zone");
    if (s->down || s->disabled)
        return s->down ? NO_DOWN : NO_DISABLED;
    if (*pinned && strcmp(*s->zone ? s->zone : "nova", pinned) != 0)
        return NO_ZONE;
    enum no no = s->has ? room_for(s, need) : NO_CPU;
    if (no)
        return no;
    if (!traits_fit(s, act_get(server, "flavor.extra_specs")))
        return NO_TRAIT;
    if (within && !json_object_get(within, s->name))
        return NO_AGGREGATE;
    return group ? group_fits(m, s, group, act_str(server, "id")) : TAKES;
}

static void take(struct nova_room *m, struct spot *s, const json_t *need, const char *id)
{
    const char *class;
    json_t *v;
    json_object_foreach((json_t *)need, class, v)
        if (json_object_get(s->left, class))
            json_object_set_new(s->left, class, json_integer(json_integer_value(json_object_get(s->left, class)) - json_integer_value(v)));
    json_object_set_new(m->at, id, json_string(s->name));
    m->fit++;
}

static void keep(struct nova_room *m, const size_t by[NOS], const char *name)
{
    size_t i = 0;
    while (i < m->ntold && memcmp(m->told[i].by, by, sizeof m->told[i].by) != 0)
        i++;
    if (i == REASONS)
        i--;                                    /* the last counts those of more reasons than are told */
    else if (i == m->ntold)
        memcpy(m->told[m->ntold++].by, by, sizeof m->told[i].by);
    if (m->told[i].n < NAMED)
        m->told[i].first[m->told[i].n] = name;
    m->told[i].n++;
}

/* The one with most memory left, as Nova weighs them unless told otherwise; in its own zone if there is one, it may be bound to that. */
static struct spot *best_of(struct nova_room *m, const json_t *server, const json_t *need, const json_t *within, const json_t *group, const char *host, size_t by[NOS])
{
    const char *zone = act_str(server, "OS-EXT-AZ:availability_zone");
    struct spot *best = NULL;
    bool best_own = false;
    for (size_t i = 0; i < m->nspots; i++) {
        struct spot *s = &m->spot[i];
        if (host && strcmp(host, s->name) != 0)
            continue;
        enum no no = unfit(m, s, server, need, within, group);
        by[no]++;
        bool own = !*zone || !strcmp(*s->zone ? s->zone : "nova", zone);
        if (!no && (!best || own > best_own ||
                    (own == best_own && act_num(s->left, "MEMORY_MB", 0) > act_num(best->left, "MEMORY_MB", 0)))) {
            best = s;
            best_own = own;
        }
    }
    if (best && !best_own && !m->elsewhere++)
        m->elsewhere_name = act_str(server, "name");
    return best;
}

bool nova_room_place(struct nova_room *m, const json_t *server, const char *host)
{
    const json_t *specs = act_get(server, "flavor.extra_specs"), *group = group_of(m, act_str(server, "id"));
    const char *odd = odd_wish(specs), *name = act_str(server, "name");
    size_t by[NOS] = {0};
    odd = !odd && act_num(server, "flavor.vcpus", -1) < 0 ? "a flavor that Nova does not show" : odd;
    odd = !odd && !m->aggregates && ostk_wants_aggregates(specs) ? "the aggregate that its flavor wants" : odd;
    odd = !odd && json_array_size(act_get(server, "server_groups")) && !group ? "a server group that Nova does not show" : odd;
    if (odd) {
        m->odd = m->nodd++ ? m->odd : odd;
        m->odd_name = m->odd_name ? m->odd_name : name;
        return true;
    }
    json_t *need = needs(server), *within = ostk_aggregate_hosts(specs, m->aggregates);
    struct spot *best = best_of(m, server, need, within, group, host, by);
    if (best)
        take(m, best, need, act_str(server, "id"));
    else
        keep(m, by, name);
    json_decref(need);
    json_decref(within);
    return best != NULL;
}

void nova_room_forget(struct nova_room *m)
{
    m->fit = m->elsewhere = m->nodd = m->ntold = 0;
    m->odd = m->odd_name = m->elsewhere_name = NULL;
    memset(m->told, 0, sizeof m->told);
}

/* ---- the words ---- */

static void say_none(const struct nova_room *m, const struct told *t, const char *stays, struct act_facts *f)
{
    struct str s;
    size_t said = 0;
    str_init(&s, 8192);
    str_addf(&s, "%zu server%s no place and %s: ", t->n, t->n == 1 ? " finds" : "s find", stays);
    for (size_t i = 0; i < t->n && i < NAMED; i++)
        str_addf(&s, "%s%s", i ? ", " : "", t->first[i]);
    if (t->n > NAMED)
        str_addf(&s, " and %zu more", t->n - NAMED);
    str_adds(&s, m->nspots ? "; of the other hosts " : "; there is no other host");
    for (size_t i = 0; i < NOS; i++)
        if (i && t->by[i])
            str_addf(&s, "%s%zu %s", said++ ? ", " : "", t->by[i], t->by[i] == 1 ? nos[i].one : nos[i].more);
    act_fact(f, FACT_CAUTION, "%s", s.data);
    str_release(&s);
}

void nova_room_say(const struct nova_room *m, const char *stays, struct act_facts *f)
{
    size_t none = 0;
    for (size_t i = 0; i < m->ntold; i++) {
        say_none(m, &m->told[i], stays, f);
        none += m->told[i].n;
    }
    if (m->nodd)
        act_fact(f, FACT_CAUTION, "whether %s%s a place is not known: %s is not looked at", m->odd_name, m->nodd > 1 ? " and others find" : " finds", m->odd);
    if (m->elsewhere)
        act_fact(f, FACT_CAUTION, "%s%s room in another zone only: Nova keeps it where it was asked for by its zone", m->elsewhere_name, m->elsewhere > 1 ? " and others find" : " finds");
    if (m->more)
        act_fact(f, FACT_CAUTION, "only the first 1000 hosts were looked at");
    if (m->fit && !none && !m->nodd && !m->elsewhere)
        act_fact(f, FACT_INFO, m->fit == 1 ? "there is a place for it, as Placement stands now" : "there is a place elsewhere for each of the %zu servers, as Placement stands now", m->fit);
}

/* ---- a host ---- */

static const json_t *servers_at(const struct act_ctx *c, size_t at) { return at < ACT_SIDES ? act_get(c->side[at].json, "servers") : NULL; }

/* Not as the step of a drain, whose plan has it. */
static bool looks(const struct act_ctx *c) { return c->planning && act_is_all_of_it(c); }

bool nova_room_host_side(const struct act_ctx *c, size_t at, size_t i, const char *host, struct str *path, const char **service, const char **microversion)
{
    if (!looks(c) || !*host)
        return false;
    *service = "compute";
    *microversion = "2.73";
    if (!i)
        return str_adds(path, "/servers/detail?all_tenants=1&limit=1000&host=") && str_add_urlenc(path, host);
    return json_array_size(servers_at(c, at)) && nova_room_side(i - 1, nova_room_grouped(servers_at(c, at)), path, service, microversion);
}

void nova_room_say_host(const struct act_ctx *c, size_t at, const char *host, const char *stays, struct act_facts *f)
{
    const json_t *list = servers_at(c, at);
    int status = at < ACT_SIDES ? c->side[at].status : 0;
    struct nova_room *m = looks(c) && json_array_size(list) ? nova_room_new(c, at + 1, nova_room_grouped(list), host, &status) : NULL;
    if (!looks(c) || (json_is_array(list) && !json_array_size(list)))
        return;
    for (size_t i = 0; m && i < json_array_size(list); i++)
        nova_room_place(m, json_array_get(list, i), NULL);
    if (m)
        nova_room_say(m, stays, f);
    else
        act_fact(f, FACT_CAUTION, "whether there are other places for its servers is not known: %s could not be read (HTTP %d)", list ? "what the other hosts have left" : "they", status);
    nova_room_free(m);
}
