/* One rule over all rows: the values of its far side go into a table, those of its near side are looked up in it. */
#include <string.h>

#include "core/kube/kube_kind.h"
#include "core/links/links_priv.h"
#include "strata/map.h"
#include "strata/mem.h"

struct entry { uint64_t hash; const char *key; size_t len; uint32_t node, next; };
struct table {
    struct entry *e;
    size_t n, cap;
    uint32_t *slot;             /* index + 1 of the first entry of a chain */
    size_t mask;
    struct arena keys;
    bool failed;
    uint32_t node;              /* of the row whose values come now */
    uint64_t salt;
};

/* Values are compared within a source by what is mixed into the hash. */
static uint64_t salt_of(const struct links *l, enum link_scope scope, const struct row *r)
{
    return scope == ACROSS ? 0 : (uint64_t)(links_cluster(l, r->source) + 1u) * 0x9e3779b97f4a7c15ull;
}

static void collect(void *arg, const char *s, size_t n)
{
    struct table *t = arg;
    if (t->failed || !mem_grow(&t->e, &t->cap, t->n + 1, sizeof *t->e)) {
        t->failed = true;
        return;
    }
    char *key = arena_strndup(&t->keys, s, n);
    t->failed = !key;
    t->e[t->n++] = (struct entry){hash_bytes(s, n) ^ t->salt, key, n, t->node, 0};
}

static bool chain(struct table *t)
{
    size_t cap = 16;
    while (cap < t->n * 2)
        cap *= 2;
    if (!(t->slot = mem_zalloc(cap * sizeof *t->slot)))
        return false;
    t->mask = cap - 1;
    for (size_t i = t->n; i-- > 0;) {
        size_t at = t->e[i].hash & t->mask;
        t->e[i].next = t->slot[at];
        t->slot[at] = (uint32_t)i + 1;
    }
    return true;
}

struct probe {
    const struct links *l;
    struct table *t;
    const struct link_rule *rule;
    struct raw_edges *out;
    uint32_t node;
    uint64_t salt;
    uint8_t relation, bit;
    bool partial, failed;
    struct table *between;      /* of a rule with a via */
    const struct kind *via_kind;
    struct link_keyer out_key;
};

static void look_up(void *arg, const char *s, size_t n)
{
    struct probe *p = arg;
    uint64_t h = hash_bytes(s, n) ^ p->salt;
    size_t first = p->out->n, found = 0;
    for (uint32_t i = p->t->slot[h & p->t->mask]; i; i = p->t->e[i - 1].next) {
        const struct entry *e = &p->t->e[i - 1];
        if (e->hash != h || e->len != n || memcmp(e->key, s, n) != 0 || e->node == p->node)
            continue;
        if (!mem_grow(&p->out->e, &p->out->cap, p->out->n + 1, sizeof *p->out->e)) {
            p->failed = true;
            return;
        }
        p->out->e[p->out->n++] = (struct raw_edge){p->node, e->node, p->relation, p->bit, (uint8_t)p->rule->cls};
        found++;
    }
    /* A value that several bear tells little. One object seen by two sources (two users of a cloud) is one. */
    bool several = false;
    for (size_t i = first + 1; i < first + found; i++)
        several |= strcmp(link_node_row(p->l, p->out->e[i].to, NULL)->uid, link_node_row(p->l, p->out->e[first].to, NULL)->uid) != 0;
    bool less = (several && p->rule->flags & RULE_UNIQUE) || (p->partial && p->rule->flags & RULE_ADMIN);
    for (size_t i = first; less && i < first + found; i++)
        p->out->e[i].cls = LINK_C;
}

/* The rows between that bear the value; what these give is looked up for the row itself. */
static void pass_on(void *arg, const char *s, size_t n)
{
    struct probe *p = arg;
    uint64_t h = hash_bytes(s, n) ^ p->salt, was = p->salt;
    for (uint32_t i = p->between->slot[h & p->between->mask]; i; i = p->between->e[i - 1].next) {
        const struct entry *e = &p->between->e[i - 1];
        if (e->hash != h || e->len != n || memcmp(e->key, s, n) != 0)
            continue;
        const struct row *v = link_node_row(p->l, e->node, NULL);
        if (v->kind != p->via_kind && !link_keyer_init(&p->out_key, &p->rule->via->out, p->via_kind = v->kind))
            p->out_key.key = NULL;
        p->salt = salt_of(p->l, p->rule->via->scope_out, v);
        if (p->out_key.key)
            link_key_each(&p->out_key, v, p->l->role[e->node], look_up, p);
        p->salt = was;
    }
}

static void rows_of(const struct links *l, const struct link_snap *s, const struct link_key *key, enum link_scope scope,
                    void (*fn)(void *, const char *, size_t), void *arg, uint32_t *node, uint64_t *salt)
{
    struct link_keyer k;
    if (!link_keyer_init(&k, key, snap_kind(s->snap)))
        return;
    for (size_t i = 0; i < snap_slots(s->snap); i++) {
        const struct row *r = snap_row(s->snap, i);
        if (!r || (l->hidden && l->hidden[s->base + i]))
            continue;
        *node = s->base + (uint32_t)i;
        *salt = salt_of(l, scope, r);
        link_key_each(&k, r, l->role[*node], fn, arg);
    }
}

bool link_kind_is(const struct kind *k, const char *id)
{
    if (!strcmp(k->id, id))
        return true;
    const struct kube_kind *kk = k->kube;
    size_t n = kk ? strlen(kk->resource) : 0;
    return kk && !kk->schema && !kk->selector && !strncmp(kk->resource, id, n) && (id[n] == '.' ? !strcmp(kk->group, id + n + 1) : !id[n] && !*kk->group);
}

static bool is_kind(const struct link_snap *s, const char *id)
{
    return snap_kind(s->snap) && link_kind_is(snap_kind(s->snap), id);
}

static bool any_row(const struct links *l, const char *kind)
{
    bool any = false;
    for (size_t i = 0; i < l->nsnaps; i++)
        any |= is_kind(&l->snap[i], kind) && snap_count(l->snap[i].snap);
    return any;
}

static bool fill(const struct links *l, struct table *t, const char *kind, const struct link_key *key, enum link_scope scope, bool *partial)
{
    for (size_t i = 0; i < l->nsnaps; i++)
        if (is_kind(&l->snap[i], kind)) {
            rows_of(l, &l->snap[i], key, scope, collect, t, &t->node, &t->salt);
            *partial |= l->snap[i].partial;
        }
    return !t->failed && (!t->n || chain(t));
}

static void empty(struct table *t)
{
    mem_free(t->e);
    mem_free(t->slot);
    arena_release(&t->keys);
}

/* Of one row that is led to several objects nothing is known. */
static void only_alone(const struct links *l, struct raw_edges *out, size_t first)
{
    size_t kept = first;
    for (size_t i = first, n; i < out->n; i += n) {
        bool alone = true;
        for (n = 1; i + n < out->n && out->e[i + n].from == out->e[i].from; n++)
            alone &= !strcmp(link_node_row(l, out->e[i + n].to, NULL)->uid, link_node_row(l, out->e[i].to, NULL)->uid);
        for (size_t k = 0; alone && k < n; k++)
            out->e[kept++] = out->e[i + k];
    }
    out->n = kept;
}

bool link_join(const struct links *l, const struct link_rule *rule, struct raw_edges *out)
{
    const struct link_via *via = rule->via;
    if (!any_row(l, rule->from) || !any_row(l, rule->to) || (via && !any_row(l, via->kind)))
        return true;
    struct table t = {0}, between = {0};
    struct probe p = {.l = l, .t = &t, .rule = rule, .out = out, .relation = (uint8_t)link_relation_of(rule), .bit = (uint8_t)link_rule_bit(rule),
                      .between = &between};
    arena_init(&t.keys, 0);
    arena_init(&between.keys, 0);
    const size_t first = out->n;
    bool ok = fill(l, &t, rule->to, &rule->to_key, via ? via->scope_out : rule->scope, &p.partial);
    ok = ok && (!via || fill(l, &between, via->kind, &via->in, via->scope_in, &p.partial));
    for (size_t i = 0; ok && t.n && (!via || between.n) && i < l->nsnaps; i++)
        if (is_kind(&l->snap[i], rule->from))
            rows_of(l, &l->snap[i], &rule->from_key, via ? via->scope_in : rule->scope, via ? pass_on : look_up, &p, &p.node, &p.salt);
    if (rule->flags & RULE_ALONE)
        only_alone(l, out, first);
    empty(&t);
    empty(&between);
    return ok && !p.failed;
}
