/* One row a service: what its API says, what its workloads say, what its agents say. */
#include "strata/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"
#include "strata/why.h"

static bool workload(const struct row *r) { return link_is(r, "deployments") || link_is(r, "statefulsets") || link_is(r, "daemonsets"); }

static int64_t number(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 && r->cell[col].n != CELL_NONE ? r->cell[col].n : 0;
}

/* What it is worst for is said; the first of the worst stays. */
static void say(struct stack_service *s, enum health h, uint32_t node, const char *words)
{
    if ((uint8_t)h <= s->health && *s->why)
        return;
    s->health = (uint8_t)h;
    s->worst = node;
    snprintf(s->why, sizeof s->why, "%s", words);
}

static struct stack_service *add(struct stack *out, size_t *cap, uint32_t node, const struct row *r, const char *name)
{
    if (!mem_grow(&out->service, cap, out->n + 1, sizeof *out->service))
        return NULL;
    struct stack_service *s = &out->service[out->n++];
    *s = (struct stack_service){.node = node, .worst = node, .source = r->source, .health = HEALTH_OK};
    snprintf(s->name, sizeof s->name, "%s", name);
    return s;
}

/* ---- workloads ---- */

static void add_version(struct stack_service *s, const char *images)
{
    const char *tag = images ? strrchr(images, ':') : NULL;
    size_t len = strlen(s->version), n = tag ? strcspn(tag + 1, "@,") : 0;
    if (!n || strchr(tag, '/') || n > 32)
        return;
    for (const char *p = s->version; (p = strstr(p, tag + 1)); p++)
        if ((p == s->version || p[-1] == ' ') && (p[n] == ',' || !p[n]))
            return;
    if (len + n + 3 < sizeof s->version)
        snprintf(s->version + len, sizeof s->version - len, "%s%.*s", len ? ", " : "", (int)n, tag + 1);
}

static void add_workload(struct stack_service *s, uint32_t node, const struct row *r)
{
    int64_t ready, wanted;
    char words[160];
    link_replicas(r, &ready, &wanted);
    s->workloads++;
    s->ready += (size_t)(ready < 0 ? 0 : ready);
    s->wanted += (size_t)(wanted < 0 ? 0 : wanted);
    add_version(s, row_column(r, "images"));
    snprintf(words, sizeof words, "%.90s: %lld of %lld ready", r->name, (long long)ready, (long long)wanted);
    if (ready < wanted)
        say(s, ready ? HEALTH_WARN : HEALTH_BAD, node, words);
}

/* ---- budgets ---- */

static void one_pod(void *arg, uint32_t pod)
{
    uint32_t *first = arg;
    if (*first == LINK_NO_NODE)
        *first = pod;
}

static void add_budget(struct stack_service *s, const struct links *l, uint32_t node)
{
    const char *may = row_column(links_row(l, node), "may-go");
    size_t go = strtoul(may, NULL, 10), most = sizeof s->budget / sizeof *s->budget;
    for (size_t i = 0; i < s->budgets && i < most; i++)
        if (s->budget[i] == node)
            return;
    if (!*may)                          /* nobody has counted yet */
        return;
    bool tightest = !s->budgets || go < s->may_go;
    if (s->budgets < most)
        s->budget[s->budgets] = node;
    if (tightest) {
        uint32_t *last = &s->budget[s->budgets < most ? s->budgets : most - 1];
        *last = s->budget[0];
        s->budget[0] = node;
        s->may_go = go;
    }
    s->budgets++;
}

/* Those that guard a workload: its pods are alike, so one is looked at. */
static void add_budgets(struct stack_service *s, const struct links *l, uint32_t workload_node)
{
    uint32_t pod = LINK_NO_NODE;
    link_pods_of(l, workload_node, one_pod, &pod);
    for (size_t i = 0; pod != LINK_NO_NODE && i < l->nsnaps; i++) {
        const struct link_snap *k = &l->snap[i];
        if (snap_source(k->snap) != links_row(l, pod)->source || !link_kind_is(snap_kind(k->snap), "poddisruptionbudgets.policy"))
            continue;
        for (uint32_t node = k->base; node < k->base + snap_slots(k->snap); node++)
            if (links_row(l, node) && link_selects(l, links_row(l, node), links_row(l, pod)))
                add_budget(s, l, node);
    }
}

static size_t project_len(const char *component) { return strcspn(component, "/"); }

/* All that the same project runs where its API runs: "nova/os-api" leads to "nova/conductor". */
static void add_project(struct stack_service *s, const struct links *l, uint16_t cluster)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *k = &l->snap[i];
        if (links_cluster(l, snap_source(k->snap)) != cluster)
            continue;
        for (uint32_t node = k->base; node < k->base + snap_slots(k->snap); node++) {
            const struct link_role *role = l->role[node];
            const struct row *r = role ? links_row(l, node) : NULL;
            if (workload(r) && !role->quorum && project_len(role->component) == strlen(s->project) && !strncmp(role->component, s->project, strlen(s->project)))
                add_workload(s, node, r), add_budgets(s, l, node);
        }
    }
}

static void find_project(struct stack_service *s, const struct links *l, uint64_t *clusters)
{
    const struct link_edge *e;
    uint64_t seen = 0;
    size_t n = links_down(l, s->node, &e);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(l, e[i].to);
        const struct link_role *role = l->role[e[i].to];
        uint16_t cluster = links_cluster(l, r->source);
        if (!link_related(&e[i], "backed") || !role || cluster >= 64 || seen >> cluster & 1)
            continue;
        seen |= UINT64_C(1) << cluster;
        snprintf(s->project, sizeof s->project, "%.*s", (int)project_len(role->component), role->component);
        add_project(s, l, cluster);
    }
    *clusters |= seen;
}

/* ---- agents ---- */

struct program { char binary[48]; size_t up, placed; };

/* Is anything left of it: its pod, or servers on its hypervisor? */
static bool remains(const struct links *l, uint32_t node)
{
    const struct link_edge *e, *on;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "process") || link_related(&e[i], "placed"))
            return true;
    n = links_up(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "managed") && links_up(l, e[i].to, &on))
            return true;
    return false;
}

static struct program *program(struct program *p, size_t *n, size_t max, const char *binary)
{
    size_t i = 0;
    while (i < *n && strcmp(p[i].binary, binary) != 0)
        i++;
    if (i == *n && *n < max)
        snprintf(p[(*n)++].binary, sizeof p->binary, "%s", binary);
    return i < *n ? &p[i] : NULL;
}

static void add_agents(struct stack_service *s, const struct links *l, const struct link_snap *k, int64_t group)
{
    enum { PROGRAMS = 24 };
    struct program p[PROGRAMS] = {{"", 0, 0}};
    size_t n = 0;
    char words[160];
    struct str down, taken;     /* each that is, or was disabled, by its host */
    uint32_t first = LINK_NO_NODE, planned = LINK_NO_NODE;
    str_init(&down, 4096);
    str_init(&taken, 4096);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t node = k->base; node < k->base + snap_slots(k->snap); node++) {
            const struct row *r = links_row(l, node);
            if (!r || (r->flags & ROW_HEAD) || number(r, "group") != group)
                continue;
            const char *binary = row_column(r, "binary");
            struct program *of = program(p, &n, PROGRAMS, *binary ? binary : r->name);
            bool up = !strcmp(row_column(r, "state"), "up"), out_of_use = strcmp(row_column(r, "status"), "enabled") != 0 && *row_column(r, "status");
            if (!pass) {
                s->agents++;
                s->up += up && !link_withdrawn(r);
                s->off += out_of_use;
                if (of) of->up += up, of->placed += remains(l, node);
            } else if (!up && of && of->up && of->placed && !remains(l, node)) {
                s->ghosts++;                    /* others of its kind have a pod, this one nothing any more */
            } else if (!up && !out_of_use && !(of && of->up)) {
                snprintf(words, sizeof words, "no %.40s is up", *binary ? binary : r->name);
                say(s, HEALTH_BAD, node, words);
            } else if (!up && !out_of_use) {
                str_addf(&down, "%s%.40s of %.90s", down.len ? ", " : "", *binary ? binary : "the agent", row_column(r, "host"));
                first = first == LINK_NO_NODE ? node : first;
            } else if (link_withdrawn(r)) {
                str_addf(&taken, "%s%.40s of %.90s", taken.len ? ", " : "", binary, row_column(r, "host"));
                planned = planned == LINK_NO_NODE ? node : planned;
            }
        }
    }
    if (first != LINK_NO_NODE)
        str_addf(&down, " %s down", strstr(down.data ? down.data : "", ", ") ? "are" : "is");
    if (planned != LINK_NO_NODE)
        str_addf(&down, "%s%s %s disabled, as planned", down.len ? "; " : "", taken.data ? taken.data : "", strstr(taken.data ? taken.data : "", ", ") ? "are" : "is");
    if (down.len)
        say(s, HEALTH_WARN, first != LINK_NO_NODE ? first : planned, down.data ? down.data : "");
    str_release(&taken);
    str_release(&down);
}

/* ---- services ---- */

/* What would serve it and is scaled to nothing; NULL: it is not that. */
static const struct row *scaled_away(const struct links *l, uint32_t api, uint32_t *node)
{
    const struct link_edge *e;
    size_t n = links_down(l, api, &e);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(l, e[i].to);
        if (link_related(&e[i], "backed") && e[i].cls != LINK_X && why_state_of(r) == WHY_STOPPED) {
            *node = e[i].to;
            return r;
        }
    }
    return NULL;
}

static bool add_api(struct stack *out, size_t *cap, const struct links *l, const struct link_snap *k, uint32_t node, const struct row *r, uint64_t *clusters)
{
    struct stack_service *s = add(out, cap, node, r, row_column(r, "type"));
    const char *reason = row_column(r, "reason"), *state = link_api_silent(r) ? "silent" : row_column(r, "state");
    char words[160];
    if (!s)
        return false;
    s->api = true;
    snprintf(words, sizeof words, "its API is %.20s%s%.100s", *state ? state : "not known", *reason ? ": " : "", reason);
    uint32_t by = node;
    const struct row *off = r->health >= HEALTH_UNKNOWN ? scaled_away(l, node, &by) : NULL;
    if (off)
        snprintf(words, sizeof words, "its API is %.20s: %s %.90s is scaled to 0", *state ? state : "not known", off->kind->singular, off->name);
    if (r->health >= HEALTH_UNKNOWN)
        say(s, (enum health)r->health, by, words);
    s->hidden = !strcmp(row_column(r, "workers"), "hidden");
    if (s->hidden)
        say(s, HEALTH_UNKNOWN, node, "its agents are not readable by this user");
    find_project(s, l, clusters);
    add_agents(s, l, k, number(r, "group"));
    return true;
}

static void weigh_quorum(struct stack_service *s, const struct links *l)
{
    char words[160];
    const struct link_scaled *scaled = link_scaled_of(l, s->node);
    s->members = scaled ? scaled->had : s->wanted;
    s->quorum = s->members ? link_quorum(s->members) : 0;
    if (scaled) {
        struct str told;
        str_init(&told, sizeof s->why);
        link_scaled_words(l, s->node, "", &told);
        say(s, scaled->lost ? HEALTH_BAD : HEALTH_WARN, s->node, told.data ? told.data : "");
        str_release(&told);
    }
    if (scaled || s->ready >= s->wanted)
        return;
    bool lost = s->ready < s->quorum;
    snprintf(words, sizeof words, "%zu of %zu: the quorum of %zu %s", s->ready, s->wanted, s->quorum, lost ? "is lost" : s->ready == s->quorum ? "holds, nothing more may go" : "holds");
    s->health = HEALTH_NONE;
    *s->why = '\0';
    say(s, lost ? HEALTH_BAD : HEALTH_WARN, s->node, words);
}

static bool add_needed(struct stack *out, size_t *cap, const struct links *l, uint64_t clusters)
{
    for (uint32_t node = 0; node < l->nnodes; node++) {
        const struct link_role *role = l->role[node];
        const struct row *r = role && role->quorum ? links_row(l, node) : NULL;
        uint16_t cluster = r ? links_cluster(l, r->source) : 64;
        if (!workload(r) || cluster >= 64 || !(clusters >> cluster & 1))
            continue;
        struct stack_service *s = add(out, cap, node, r, r->name);
        if (!s)
            return false;
        add_workload(s, node, r);
        add_budgets(s, l, node);
        weigh_quorum(s, l);
    }
    return true;
}

static int in_order(const void *a, const void *b)
{
    const struct stack_service *x = a, *y = b;
    if (x->api != y->api)
        return x->api ? -1 : 1;
    return x->source != y->source ? (x->source < y->source ? -1 : 1) : strcmp(x->name, y->name);
}

bool stack_make(struct stack *out, const struct links *l)
{
    size_t cap = 0;
    uint64_t clusters = 0;
    bool ok = true;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; ok && i < l->nsnaps; i++) {
        const struct link_snap *k = &l->snap[i];
        if (strcmp(snap_kind(k->snap)->id, "os-services") != 0)
            continue;
        for (uint32_t node = k->base; ok && node < k->base + snap_slots(k->snap); node++) {
            const struct row *r = links_row(l, node);
            ok = !r || !(r->flags & ROW_HEAD) || add_api(out, &cap, l, k, node, r, &clusters);
        }
    }
    ok = ok && add_needed(out, &cap, l, clusters);
    if (!ok)
        stack_free(out);
    else if (out->n)
        qsort(out->service, out->n, sizeof *out->service, in_order);
    return ok;
}

void stack_free(struct stack *s)
{
    mem_free(s->service);
    memset(s, 0, sizeof *s);
}
