/* The graph: its nodes are the slots of its snapshots, one after another. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

const struct row *link_node_row(const struct links *l, uint32_t node, const struct link_snap **s)
{
    size_t lo = 0, hi = l->nsnaps;
    while (lo + 1 < hi) {
        size_t mid = (lo + hi) / 2;
        if (l->snap[mid].base <= node)
            lo = mid;
        else
            hi = mid;
    }
    if (lo >= l->nsnaps || node >= l->nnodes || (l->hidden && l->hidden[node]))
        return NULL;
    if (s)
        *s = &l->snap[lo];
    return snap_row(l->snap[lo].snap, node - l->snap[lo].base);
}

/* What each pod and workload is, once for all rules: their labels are long. */
static bool find_roles(struct links *l)
{
    if (!(l->role = mem_zalloc((l->nnodes + 1) * sizeof *l->role)))
        return false;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        if (snap_kind(s->snap)->plane != PLANE_KUBE)
            continue;
        for (size_t k = 0; k < snap_slots(s->snap); k++) {
            const struct row *r = snap_row(s->snap, k);
            l->role[s->base + k] = r ? link_role_of(l->profiles, r) : NULL;
        }
    }
    return true;
}

static void take(struct links *l, struct snap *s)
{
    l->snap[l->nsnaps++] = (struct link_snap){s, l->nnodes, snap_status(s)->partial};
    l->nnodes += (uint32_t)snap_slots(s);
}

/* It answers, and gives no list. What it does not have, or who looks may not see, is no outage. */
static bool dark(const struct links *l, uint16_t source)
{
    size_t away = 0;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        enum err_code code = snap_status(s->snap)->err.code;
        if (snap_source(s->snap) != source || link_is_place(snap_kind(s->snap)) || code == ERR_NOTFOUND || code == ERR_FORBIDDEN)
            continue;
        if (!link_list_hides(s))
            return false;
        away++;
    }
    return away > 0;
}

struct links *links_build(const struct links_world *w, struct link_profiles *p)
{
    struct links *l = mem_zalloc(sizeof *l);
    struct raw_edges raw = {0};
    if (!l || !(l->snap = mem_zalloc((w->nsnaps + w->nsources + 1) * sizeof *l->snap))) {
        links_free(l);
        return NULL;
    }
    l->profiles = link_profiles_ref(p);
    for (size_t i = 0; i < w->nsnaps; i++) {
        struct snap *s = (struct snap *)w->snap[i];
        if (!s || !snap_kind(s))
            continue;
        take(l, snap_ref(s));
    }
    for (size_t i = 0; i < w->nsources; i++) {
        const struct source_info *in = &w->source[i];
        if (in->id < CORE_MAX_SOURCES && in->state < SOURCE_STALE)
            l->answered[in->id] = in->last_ok_mono_ms;
        if (in->has_clock && in->id < CORE_MAX_SOURCES) {
            l->clock[in->id].offset_ms = in->clock_offset_ms;
            l->clock[in->id].error_ms = in->clock_error_ms;
            l->clock[in->id].known = true;
        }
        struct snap *place = link_place(in, dark(l, in->id));
        if (place)
            take(l, place);
    }
    bool ok = find_roles(l) && link_find_same(l, w);
    for (const struct link_rule *r = link_rules; ok && r->id; r++)
        ok = link_join(l, r, &raw);
    ok = ok && link_merge(l, &raw) && link_find_below(l) && link_find_scaled(l);
    mem_free(raw.e);
    if (!ok) {
        links_free(l);
        return NULL;
    }
    return l;
}

void links_free(struct links *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->nsnaps; i++)
        snap_unref(l->snap[i].snap);
    link_profiles_free(l->profiles);
    mem_free(l->snap);
    mem_free(l->scaled);
    mem_free(l->role);
    mem_free(l->hidden);
    mem_free(l->below);
    mem_free(l->down);
    mem_free(l->up);
    mem_free(l->down_at);
    mem_free(l->up_at);
    mem_free(l);
}

size_t links_nodes(const struct links *l)
{
    return l->nnodes;
}

const struct row *links_row(const struct links *l, uint32_t node)
{
    return link_node_row(l, node, NULL);
}

struct snap *links_snap(const struct links *l, uint32_t node)
{
    const struct link_snap *s;
    return link_node_row(l, node, &s) ? s->snap : NULL;
}

uint32_t links_find(const struct links *l, uint16_t source, const struct kind *kind, const char *uid)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct snap *s = l->snap[i].snap;
        if (links_cluster(l, snap_source(s)) != links_cluster(l, source) || (snap_kind(s) != kind && strcmp(snap_kind(s)->id, kind->id) != 0))
            continue;
        const struct row *r = snap_find(s, uid);
        if (r && !(l->hidden && l->hidden[l->snap[i].base + r->slot]))
            return l->snap[i].base + r->slot;
    }
    return LINK_NO_NODE;
}

size_t links_down(const struct links *l, uint32_t node, const struct link_edge **e)
{
    *e = node < l->nnodes ? l->down + l->down_at[node] : NULL;
    return node < l->nnodes ? l->down_at[node + 1] - l->down_at[node] : 0;
}

size_t links_up(const struct links *l, uint32_t node, const struct link_edge **e)
{
    *e = node < l->nnodes ? l->up + l->up_at[node] : NULL;
    return node < l->nnodes ? l->up_at[node + 1] - l->up_at[node] : 0;
}

static void add_kind(const char **list, size_t max, size_t *n, const char *id, enum plane plane)
{
    if (!strcmp(id, LINK_APISERVER))
        return;                                         /* made here */
    const struct kind *k = kind_find(id);               /* what is not known here is a resource that a cluster may have */
    for (size_t i = 0; i < *n; i++)
        if (!strcmp(list[i], id))
            return;
    if ((k ? k->plane : PLANE_KUBE) == plane && *n < max)
        list[(*n)++] = id;
}

size_t links_kinds(enum plane plane, const char **list, size_t max)
{
    size_t n = 0;
    for (const struct link_rule *r = link_rules; r->id; r++) {
        add_kind(list, max, &n, r->from, plane);
        add_kind(list, max, &n, r->to, plane);
        if (r->via)
            add_kind(list, max, &n, r->via->kind, plane);
    }
    add_kind(list, max, &n, "namespaces", plane);                           /* linked to nothing, too: what goes with one is told */
    add_kind(list, max, &n, "poddisruptionbudgets.policy", plane);         /* linked to nothing; the stack tells them */
    return n;
}

bool links_reads(const struct kind *k)
{
    const char *list[256];
    size_t n = links_kinds(k->plane, list, sizeof list / sizeof *list), i = 0;
    while (i < n && strcmp(list[i], k->id) != 0)
        i++;
    return i < n || k->plane == PLANE_KUBE;
}

bool links_needs(const char *kind)
{
    for (const struct link_rule *r = link_rules; r->id; r++)
        if (links_relation(link_relation_of(r))->plane != LINK_FOR_NONE &&
            (!strcmp(r->from, kind) || !strcmp(r->to, kind) || (r->via && !strcmp(r->via->kind, kind))))
            return true;
    return false;
}

bool links_only_between(const char *kind)
{
    bool between = false;
    for (const struct link_rule *r = link_rules; r->id; r++) {
        bool via = r->via && !strcmp(r->via->kind, kind);
        if (!strcmp(r->from, kind) || !strcmp(r->to, kind) || (via && (r->via->judged || links_relation(link_relation_of(r))->plane != LINK_FOR_NONE)))
            return false;
        between |= via;
    }
    return between;
}

static bool called(const struct kind *k, const char *name)
{
    bool is = link_kind_is(k, name) || !strcasecmp(k->id, name) || !strcasecmp(k->singular, name);
    for (const char *const *a = k->aliases; !is && a && *a; a++)
        is = !strcasecmp(*a, name);
    return is;
}

const struct kind *links_kind(const struct links *l, const char *name)
{
    const struct kind *k = kind_find(name);
    for (size_t i = 0; !k && i < l->nsnaps; i++)
        if (called(snap_kind(l->snap[i].snap), name))
            k = snap_kind(l->snap[i].snap);
    return k;
}

struct first { char text[80]; };

static void keep_first(void *arg, const char *s, size_t n)
{
    struct first *f = arg;
    if (!f->text[0])
        snprintf(f->text, sizeof f->text, "%.*s", (int)n, s);
}

/* Of several values, the one that the other side has as well. */
struct shared { const struct link_keyer *other; const struct row *row; const struct link_role *role; const char *s; size_t n; bool same; struct first value; };

static void compare(void *arg, const char *s, size_t n)
{
    struct shared *x = arg;
    x->same |= n == x->n && !memcmp(s, x->s, n);
}

static void keep_shared(void *arg, const char *s, size_t n)
{
    struct shared *x = arg;
    x->s = s;
    x->n = n;
    x->same = false;
    link_key_each(x->other, x->row, x->role, compare, x);
    if (x->same)
        keep_first(&x->value, s, n);
}

void links_evidence(const struct links *l, uint32_t from, const struct link_edge *e, struct str *out)
{
    const struct row *r = links_row(l, from), *to = links_row(l, e->to);
    str_addf(out, "%c", link_class_letter(e->cls));
    for (const struct link_rule *rule = link_rules; r && to && rule->id; rule++) {
        struct first value = {""};
        struct link_keyer k, other;
        if (link_relation_of(rule) != e->relation || !(e->rules >> link_rule_bit(rule) & 1) || !link_kind_is(r->kind, rule->from) || !link_kind_is(to->kind, rule->to))
            continue;
        if (rule->via && link_keyer_init(&k, &rule->to_key, to->kind))          /* that is what the row between said */
            link_key_each(&k, to, l->role[e->to], keep_first, &value);
        else if (!rule->via && link_keyer_init(&k, &rule->from_key, r->kind) && link_keyer_init(&other, &rule->to_key, to->kind)) {
            struct shared x = {.other = &other, .row = to, .role = l->role[e->to]};
            link_key_each(&k, r, l->role[from], keep_shared, &x);
            value = x.value;
        }
        str_addf(out, "%s %s %s %s", out->data[out->len - 1] == link_class_letter(e->cls) ? "" : ";", rule->id, rule->words, value.text);
    }
}
