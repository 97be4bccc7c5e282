/* What counts votes and was scaled below what it needs. Kubernetes does not keep what its size was: the claims of its pods do, which stay
 * when it is scaled down, and a budget that wants more of its pods than there shall be. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

static int64_t number(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 && r->cell[col].n != CELL_NONE ? r->cell[col].n : 0;
}

/* The number of the pod whose claim of that template it is; -1: of none of the set. */
static int64_t pod_of(const char *claim, const char *template, size_t n, const char *set)
{
    size_t len = strlen(set);
    char *end;
    if (strncmp(claim, template, n) != 0 || claim[n] != '-' || strncmp(claim + n + 1, set, len) != 0 || claim[n + 1 + len] != '-')
        return -1;
    const char *digits = claim + n + 2 + len;
    int64_t of = strtoll(digits, &end, 10);
    return *digits >= '0' && *digits <= '9' && !*end ? of : -1;
}

/* How many members the claims that are left are of, and the last of these claims. */
static void by_claims(const struct links *l, const struct row *set, struct link_scaled *s)
{
    const char *templates = row_column(set, "claim-templates");
    int64_t start = number(set, "first-number");
    for (size_t i = 0; *templates && i < l->nsnaps; i++) {
        const struct link_snap *k = &l->snap[i];
        if (links_cluster(l, snap_source(k->snap)) != links_cluster(l, set->source) || !link_kind_is(snap_kind(k->snap), "persistentvolumeclaims"))
            continue;
        for (uint32_t node = k->base; node < k->base + snap_slots(k->snap); node++) {
            const struct row *r = links_row(l, node);
            if (!r || strcmp(r->scope, set->scope) != 0 || r->flags & ROW_DELETING)
                continue;
            for (const char *t = templates; *t; t += strcspn(t, ","), t += *t == ',') {
                int64_t of = pod_of(r->name, t, strcspn(t, ","), set->name) - start + 1;
                if (of > (int64_t)s->claims && of < UINT16_MAX) {
                    s->claims = (size_t)of;
                    s->claim = node;
                }
            }
        }
    }
}

/* Its pods may be none: by the labels that they get, which a chart gives the set, too. */
static void by_budget(void *arg, uint32_t node, const struct row *budget)
{
    struct link_scaled *s = arg;
    size_t wants = strtoul(row_column(budget, "must-stay"), NULL, 10);
    if (wants > s->wants) {
        s->wants = wants;
        s->budget = node;
    }
}

/* Whose heartbeat goes through it and is heard, or not. The document that an API answers while all its calls fail says nothing. */
static void ask_around(const struct links *l, uint32_t set, struct link_scaled *s)
{
    const struct link_edge *e;
    size_t n = links_up(l, set, &e);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = link_related(&e[i], "needs") && e[i].cls != LINK_X ? links_row(l, e[i].to) : NULL;
        const char *state = r && !(r->flags & ROW_STALE) ? row_column(r, "state") : "";
        bool up = !strcmp(state, "up");
        if ((!up && strcmp(state, "down") && strcmp(state, "failing")) || link_out_of_service(r) || (up && r->flags & ROW_HEAD))
            continue;
        s->of++;
        s->silent += !up;
    }
}

static bool counts(const struct links *l, uint32_t node, const struct row *r)
{
    const struct link_role *role = l->role[node];
    int col = kind_column(r->kind, "ready");
    return role && link_is(r, "statefulsets") && r->cell[col].n != CELL_NONE && (role->quorum || !strncmp(role->component, "memcached/", 10));
}

static bool below(const struct links *l, uint32_t node, const struct row *r, struct link_scaled *s)
{
    int64_t ready;
    link_replicas(r, &ready, &s->now);
    by_claims(l, r, s);
    link_budgets_of(l, r, by_budget, s);
    s->had = s->claims > s->wants ? s->claims : s->wants;
    bool quorum = l->role[node]->quorum;
    if (!s->now)
        s->lost = true;
    else if (quorum && s->had > (size_t)s->now && (size_t)s->now < link_quorum(s->had))
        ask_around(l, node, s);
    else
        return false;
    s->lost |= s->silent * 2 > s->of;
    s->cls = !s->now || (s->claims > (size_t)s->now && s->wants > (size_t)s->now) ? LINK_B : LINK_C;
    return true;
}

bool link_find_scaled(struct links *l)
{
    size_t cap = 0;
    for (uint32_t node = 0; node < l->nnodes; node++) {
        const struct row *r = l->role[node] ? links_row(l, node) : NULL;
        struct link_scaled s = {.node = node, .claim = LINK_NO_NODE, .budget = LINK_NO_NODE};
        if (!r || r->flags & ROW_DELETING || !counts(l, node, r) || !below(l, node, r, &s))
            continue;
        if (!mem_grow(&l->scaled, &cap, l->nscaled + 1, sizeof *l->scaled))
            return false;
        l->scaled[l->nscaled++] = s;
    }
    return true;
}

const struct link_scaled *link_scaled_of(const struct links *l, uint32_t node)
{
    for (size_t i = 0; i < l->nscaled; i++)
        if (l->scaled[i].node == node)
            return &l->scaled[i];
    return NULL;
}

void link_scaled_words(const struct links *l, uint32_t node, const char *lead, struct str *out)
{
    const struct link_scaled *s = link_scaled_of(l, node);
    if (!s)
        return;
    str_addf(out, "%sit is scaled to %lld", lead, (long long)s->now);
    if (s->claims > (size_t)s->now)
        str_addf(out, ", and had %zu members: claim %s is left", s->claims, links_row(l, s->claim)->name);
    if (s->wants > (size_t)s->now)
        str_addf(out, ", and budget %s wants %zu", links_row(l, s->budget)->name, s->wants);
    if (s->now)
        str_adds(out, ": fewer than a majority");
    if (s->of)
        str_addf(out, ", and %zu of %zu services that need it %s silent or %s", s->silent, s->of, s->silent == 1 ? "is" : "are", s->silent == 1 ? "fails" : "fail");
}
