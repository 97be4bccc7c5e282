/* Where what is known of a row ends: rules that contradict each other, and what is not read and may lie below it. */
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/why.h"

#define KINDS_MAX 96            /* that links need of one source */

bool why_contradicts(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls == LINK_X)
            return true;
    return false;
}

bool link_list_hides(const struct link_snap *s)
{
    const struct feed_status *st = snap_status(s->snap);
    return (st->state == FEED_STALE || st->state == FEED_FAILED) && st->err.code != ERR_NOTFOUND && st->err.code != ERR_OK;
}

/* Servers of one's own project alone, and no other entry of that cloud sees more: others are there. */
static bool narrow(const struct link_snap *s) { return s->partial && link_kind_is(snap_kind(s->snap), "server"); }

/* Of several entries of one cloud, or contexts of one cluster, one is looked through (same.c). */
static bool looked_through(const struct links *l, const struct link_snap *s) { return links_cluster(l, snap_source(s->snap)) == snap_source(s->snap); }


/* That an API does not answer is known now, whatever became of its list. */
bool link_old(const struct links *l, uint32_t node)
{
    const struct link_snap *s = NULL;
    const struct row *r = link_node_row(l, node, &s);
    return r && s && !link_is_place(r->kind) && link_list_hides(s) && !(link_is_api(r) && r->health == HEALTH_BAD);
}

bool why_blind(const struct links *l)
{
    for (size_t i = 0; i < l->nsnaps; i++)
        if (link_list_hides(&l->snap[i]) || narrow(&l->snap[i]))
            return true;
    return link_no_cloud(l);
}

static void any(void *arg, const char *s, size_t n)
{
    (void)s;
    *(bool *)arg |= n > 0;
}

/* An id that only might be one of theirs: the UUID that a machine has, or is called by. */
static bool may_be(const struct link_rule *rule)
{
    return rule->from_key.form == FORM_UUID && (!strcmp(rule->relation, "machine") || !strcmp(rule->relation, "metal"));
}

/* Does the row itself name one of those? */
static bool names_one(const struct links *l, const struct link_rule *rule, uint32_t node, const struct row *r)
{
    struct link_keyer k;
    bool yes = false;
    if (!(rule->cls == LINK_A || (rule->cls == LINK_B && rule->scope == WITHIN_SOURCE && !link_is_place(r->kind))) || rule->via || may_be(rule) || links_relation(link_relation_of(rule))->plane == LINK_FOR_NONE ||
        !link_kind_is(r->kind, rule->from) || !link_keyer_init(&k, &rule->from_key, r->kind))
        return false;
    link_key_each(&k, r, l->role[node], any, &yes);
    return yes;
}

static bool found(const struct links *l, uint32_t node, unsigned relation)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].relation == relation)
            return true;
    return false;
}

/* What it hangs on stands in a list that is not read now: it is as it was. */
static const struct snap *old_below(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++) {
        const struct link_snap *s = NULL;
        if (e[i].cls != LINK_X && links_relation(e[i].relation)->plane != LINK_FOR_NONE && link_node_row(l, e[i].to, &s) && link_list_hides(s))
            return s->snap;
    }
    return NULL;
}

/* Hypervisors, agents and APIs do not name the cluster that they run in. One that does not answer may be it: the one that others of
 * the cloud are known to run in; where none is known, one that is not itself on this cloud. */
static const struct snap *undercloud(const struct links *l, uint32_t node, const struct row *r)
{
    const struct link_edge *e;
    uint16_t cloud = links_cluster(l, r->source);
    if (!link_kind_is(r->kind, "hypervisor") && !link_kind_is(r->kind, "os-services"))
        return NULL;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (links_row(l, e[i].to)->kind->plane == PLANE_KUBE)
            return NULL;
    for (size_t i = 0; i < l->nsnaps && cloud < CORE_MAX_SOURCES; i++) {
        const struct link_snap *s = &l->snap[i];
        uint16_t at = links_cluster(l, snap_source(s->snap));
        enum err_code code = snap_status(s->snap)->err.code;
        if (!link_list_hides(s) || !looked_through(l, s) || !link_kind_is(snap_kind(s->snap), "nodes") || at >= CORE_MAX_SOURCES || code == ERR_FORBIDDEN || code == ERR_AUTH)
            continue;
        if (l->below[cloud] ? l->below[cloud] >> at & 1 : !(l->below[at] >> cloud & 1))
            return s->snap;
    }
    return NULL;
}

/* What rows of a kind are made of though none names it: of Magnum's cluster the servers, of an API server of which no more is known the
 * servers behind its address. Not of a cloud that itself runs on that cluster. */
static const struct snap *made_of(const struct links *l, uint32_t node, const struct row *r)
{
    bool place = link_is_place(r->kind);
    uint16_t own = links_cluster(l, r->source);
    if (!place && !link_kind_is(r->kind, "coe-cluster"))
        return NULL;
    const struct link_edge *e;
    size_t n = place ? links_down(l, node, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (links_relation(e[i].relation)->plane != LINK_FOR_NONE && e[i].cls != LINK_X)
            return NULL;
    n = place ? 0 : links_up(l, node, &e);              /* of Magnum's cluster: the API servers that are reached through it */
    for (size_t i = 0; i < l->nsnaps && own < CORE_MAX_SOURCES; i++) {
        const struct link_snap *s = &l->snap[i];
        uint16_t at = links_cluster(l, snap_source(s->snap));
        bool servers = link_kind_is(snap_kind(s->snap), "server"), nodes = !place && link_kind_is(snap_kind(s->snap), "nodes");
        if (!((link_list_hides(s) && looked_through(l, s)) || (place && narrow(s))) || (!servers && !nodes) || at >= CORE_MAX_SOURCES)
            continue;
        if (servers && (place ? !(l->below[at] >> own & 1) : at == own))
            return s->snap;
        for (size_t k = 0; nodes && k < n; k++)
            if (link_is_place(links_row(l, e[k].to)->kind) && links_cluster(l, links_row(l, e[k].to)->source) == at)
                return s->snap;
    }
    return NULL;
}

/* Who may not see hypervisors is not told by a server which is its. What Nova says of one that is ACTIVE, it said when its host lived. */
static const struct snap *host_of(const struct links *l, uint32_t node, const struct row *r)
{
    const struct link_edge *e;
    if (!link_kind_is(r->kind, "server") || strcmp(row_column(r, "status"), "ACTIVE") != 0)
        return NULL;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "hosted") || !strcmp(links_relation(e[i].relation)->id, "metal"))
            return NULL;
    for (size_t i = 0; i < l->nsnaps; i++)
        if (link_list_hides(&l->snap[i]) && looked_through(l, &l->snap[i]) && link_kind_is(snap_kind(l->snap[i].snap), "hypervisor") && links_cluster(l, snap_source(l->snap[i].snap)) == links_cluster(l, r->source))
            return l->snap[i].snap;
    return NULL;
}

/* Its hypervisor is known, and is no Ironic: no machine of that is the server. */
static bool is_virtual(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++) {
        const char *type = link_related(&e[i], "hosted") && e[i].cls != LINK_X ? row_column(links_row(l, e[i].to), "type") : "";
        if (*type && strcasecmp(type, "ironic") != 0)
            return true;
    }
    return false;
}

const struct snap *link_hidden_at(const struct links *l, uint32_t node)
{
    const struct link_snap *own = NULL;
    const struct row *r = link_node_row(l, node, &own);
    if (r && (r->flags & ROW_STALE) && own && link_list_hides(own))
        return own->snap;
    for (const struct link_rule *rule = link_rules; r && rule->id; rule++) {
        if (!names_one(l, rule, node, r) || found(l, node, link_relation_of(rule)) || (!strcmp(rule->relation, "metal") && is_virtual(l, node)))
            continue;
        for (size_t i = 0; i < l->nsnaps; i++) {
            const struct link_snap *s = &l->snap[i];
            uint16_t at = links_cluster(l, snap_source(s->snap));
            if ((link_list_hides(s) || narrow(s)) && link_kind_is(snap_kind(s->snap), rule->to) && at == snap_source(s->snap) && (rule->scope == ACROSS || at == links_cluster(l, r->source)))
                return s->snap;
        }
    }
    const struct snap *old = r ? old_below(l, node) : NULL;
    if (old && link_is_place(r->kind) && links_cluster(l, snap_source(old)) == links_cluster(l, r->source))
        old = NULL;                         /* they are not read because it does not answer */
    if (!old && r)
        old = made_of(l, node, r);
    if (!old && r)
        old = host_of(l, node, r);
    return old || !r ? old : undercloud(l, node, r);
}

/* What is well as far as it is seen may hide what is not. A node that reports is well. */
#define BELOW 3
static const struct snap *hidden_below(const struct links *l, uint32_t node, int depth)
{
    const struct link_edge *e;
    const struct row *r = links_row(l, node);
    const struct snap *s = link_hidden_at(l, node);
    size_t n = s || !r || !depth || (link_kind_is(r->kind, "nodes") && strcmp(row_column(r, "ready"), "Unknown") != 0) ? 0 : links_down(l, node, &e);
    for (size_t i = 0; i < n && !s; i++) {
        const struct link_relation *rel = links_relation(e[i].relation);
        const struct row *to = links_row(l, e[i].to);
        if (rel->single && rel->plane == LINK_FOR_DP && e[i].cls != LINK_X && why_state_of(to) == WHY_FINE && !link_kind_is(to->kind, "nodes"))
            s = hidden_below(l, e[i].to, depth - 1);
    }
    return s;
}

const struct snap *why_hidden(const struct links *l, uint32_t node) { return hidden_below(l, node, BELOW); }

/* Of an API server that took every connection and answered nothing: all its lists, for none of them has failed, and none has come. */
static size_t silent(const struct links *l, const struct row *r)
{
    const char *kinds[KINDS_MAX];
    if (!link_is_place(r->kind) || r->health != HEALTH_BAD)
        return 0;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        if (links_cluster(l, snap_source(s->snap)) == links_cluster(l, r->source) && !link_is_place(snap_kind(s->snap)) && snap_status(s->snap)->state != FEED_LOADING)
            return 0;
    }
    return links_kinds(r->kind->plane, kinds, KINDS_MAX);
}

size_t why_hides(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    size_t n = 0;
    if (!link_is_place(r->kind) && !(link_kind_is(r->kind, "os-services") && (r->flags & ROW_HEAD)))
        return 0;
    for (size_t i = 0; i < l->nsnaps; i++)
        n += link_list_hides(&l->snap[i]) && links_cluster(l, snap_source(l->snap[i].snap)) == links_cluster(l, r->source);
    return n ? n : silent(l, r);
}
