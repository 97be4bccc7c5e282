/* The slice of a root cause: from a row down along what it needs, and which of that is no cause as something below it is not well. */
#include <string.h>

#include "core/links/why_walk.h"
#include "strata/map.h"
#include "strata/mem.h"

/* Asked of what traffic goes through: that a host cannot be managed says nothing. */
static bool traffic(const struct walk *w)
{
    const struct row *r = links_row(w->l, w->step[0].node);
    return link_is(r, "floating-ip") || link_is(r, "router") || link_is(r, "port") || link_is(r, "loadbalancer");
}

/* MAINTENANCE is said of a host that is disabled, whether it is heard of or not: its hypervisor tells. */
static bool host_silent(const struct walk *w, uint32_t node)
{
    const struct link_edge *e;
    const struct row *r = links_row(w->l, node);
    const char *host = link_is(r, "server") && !strcmp(row_column(r, "status"), "ACTIVE") ? row_column(r, "host_status") : "";
    size_t n = strcmp(host, "MAINTENANCE") ? 0 : links_down(w->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "hosted") && e[i].cls != LINK_X && link_dead(links_row(w->l, e[i].to)))
            return true;
    return !strcmp(host, "DOWN") || !strcmp(host, "UNKNOWN");
}

static void add(struct walk *w, uint32_t node, uint8_t cls)
{
    const struct step *by = w->n ? &w->step[w->at] : NULL;
    w->work++;
    if (w->seen[node] == w->stamp || !links_row(w->l, node) || (by && by->depth + 1 >= WHY_DEPTH))
        return;
    if (!mem_grow(&w->step, &w->cap, w->n + 1, sizeof *w->step)) {
        w->failed = true;
        return;
    }
    by = w->n ? &w->step[w->at] : NULL;
    w->step[w->n] = (struct step){node, by ? (uint32_t)w->at : 0, by && by->cls < cls ? by->cls : cls, by ? (uint8_t)(by->depth + 1) : 0, false, false, false, false, false, 0};
    w->step[w->n].stale = (by && by->stale) || (!traffic(w) && host_silent(w, node));
    w->step_of[node] = (uint32_t)w->n++;
    w->seen[node] = w->stamp;
}

/* What is not ready yet because a change is rolled out. What fails to start is no part of the plan. */
static bool rolled_out(struct walk *w, uint32_t node, enum why_state s)
{
    const struct row *r = links_row(w->l, node);
    bool waits = (link_is(r, "pods") && s == WHY_WEAK) || (link_is(r, "replicasets") && (s == WHY_WEAK || s == WHY_BROKEN));
    uint32_t top = waits ? link_top_of(w->l, node) : node;
    return top != node && why_rolling(links_row(w->l, top)) && link_walk_state(w, top) <= WHY_PLANNED;
}

/* Who uses such a volume has no data, and who comes by such a Service from outside does not get there. A node whose providerID is wrong
 * works: that is a fault of its own, and explains no other. */
static bool way_gone(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    bool way = (*r->kind->id == 'p' && link_kind_is(r->kind, "persistentvolumes")) || (*r->kind->id == 's' && link_kind_is(r->kind, "services"));
    return way && why_dangles(l, node);
}

enum why_state link_walk_state(struct walk *w, uint32_t node)
{
    if (!w->state[node]) {
        const struct row *r = links_row(w->l, node);
        enum why_state s = link_state(w->l, node);
        const struct link_scaled *scaled = NULL;
        if (rolled_out(w, node, s))
            s = WHY_PLANNED;
        else if (s <= WHY_PLANNED && why_rolling(r) && link_rollout_stuck(w->l, node, NULL))
            s = r->health == HEALTH_BAD ? WHY_BROKEN : WHY_WEAK;
        else if (s < WHY_STOPPED && (scaled = link_scaled_of(w->l, node)) && !scaled->now)
            s = WHY_STOPPED;                    /* its last pods may be on their way */
        else if ((s == WHY_WEAK || (s == WHY_FINE && scaled)) && !link_is(r, "pods") && link_quorum_lost(w->l, node))
            s = WHY_BROKEN;                     /* so are all who need it */
        else if (s == WHY_FINE && way_gone(w->l, node))
            s = WHY_DANGLING;
        if (s == WHY_FINE && scaled && !scaled->of)
            s = WHY_WEAK;                       /* whether it serves is not known */
        bool of_service;
        if (s <= WHY_WEAK && s != WHY_PLANNED && link_pool_empty(w->l, node, &of_service))
            s = of_service ? WHY_BROKEN : WHY_WEAK;
        enum why_attach where = s == WHY_FINE ? why_attached(w->l, node, NULL) : ATTACH_AGREED;
        if (where != ATTACH_AGREED)
            s = where == ATTACH_CONFLICT ? WHY_CONTRADICTS : WHY_WEAK;
        w->state[node] = (uint8_t)(s + 1);
    }
    return (enum why_state)(w->state[node] - 1);
}

/* Pods that fail because of what is rolled out: that is why, not each of them. The only one of what never was another tells more. */
static bool fails_of_rollout(struct walk *w, uint32_t node)
{
    uint32_t top = link_top_of(w->l, node);
    if (top == node || link_walk_state(w, top) <= WHY_PLANNED || !link_rollout_fails(w->l, node))
        return false;
    if (!w->rollout[top])
        w->rollout[top] = 1 + link_rollout_tells(w->l, top);
    return w->rollout[top] > 1;
}

/* None of a service's pods is ready: that is told of its deployment, which its ReplicaSet but repeats. */
static bool lacks_as_a_whole(struct walk *w, uint32_t node)
{
    uint32_t top = link_is(links_row(w->l, node), "replicasets") ? link_top_of(w->l, node) : node;
    return top != node && link_walk_state(w, top) == WHY_BROKEN && link_quorum_lost(w->l, top);
}

static uint32_t below_by(const struct walk *w, uint32_t node, const char *relation)
{
    const struct link_edge *e;
    size_t n = links_down(w->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], relation) && e[i].cls != LINK_X)
            return e[i].to;
    return LINK_NO_NODE;
}

/* Is its claim, or the volume behind that, lost or not where it runs? It may be ready, and cannot read nor write. */
static bool lost_data(struct walk *w, uint32_t pod)
{
    static const char *const further[] = {"bound", "disk"};
    const struct link_edge *e;
    size_t n = links_down(w->l, pod, &e);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = link_related(&e[i], "claims") && e[i].cls != LINK_X ? e[i].to : LINK_NO_NODE;
        for (size_t k = 0; at != LINK_NO_NODE; at = k < 2 ? below_by(w, at, further[k]) : LINK_NO_NODE, k++)
            if (link_walk_state(w, at) >= WHY_STOPPED || why_attached(w->l, at, NULL) != ATTACH_AGREED)
                return true;
    }
    return false;
}

/* Of its pods, of what it sends to and is made of: only what is not well. */
static void add_pod(void *arg, uint32_t pod)
{
    struct walk *w = arg;
    if (link_walk_state(w, pod) != WHY_FINE || lost_data(w, pod))
        add(w, pod, LINK_A);
}

static void add_own_pod(void *arg, uint32_t pod)
{
    struct walk *w = arg;
    if (link_walk_state(w, pod) == WHY_FINE ? lost_data(w, pod) : !fails_of_rollout(w, pod) && !link_lacks_with_others(w, pod))
        add(w, pod, LINK_A);
}

/* The server that a node is: known to be off, stopped, or in error. */
static bool is_off(struct walk *w, const struct link_edge *e)
{
    enum why_state s = link_related(e, "machine") && e->cls != LINK_X ? link_walk_state(w, e->to) : WHY_FINE;
    return s == WHY_PLANNED || s == WHY_STOPPED || s == WHY_BROKEN;
}

static bool machine_off(struct walk *w, uint32_t node)
{
    const struct link_edge *e;
    size_t n = link_is(links_row(w->l, node), "nodes") ? links_down(w->l, node, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (is_off(w, &e[i]))
            return true;
    return false;
}

/* Told by who looks from outside: it notices before the node is given up, which is Ready by its last heartbeat until then. */
static bool from_outside(const struct walk *w)
{
    const struct kind *k = links_row(w->l, w->step[0].node)->kind;
    return k->plane == PLANE_OPENSTACK || link_is_cluster(k);
}

static void add_member(void *arg, uint32_t node, uint8_t cls)
{
    struct walk *w = arg;
    if (link_walk_state(w, node) != WHY_FINE || (from_outside(w) && machine_off(w, node)))
        add(w, node, cls);
}

static uint32_t *bucket(struct walk *w, const struct row *r)
{
    return &w->first[(hash_bytes(r->scope, strlen(r->scope)) + links_cluster(w->l, r->source)) % (sizeof w->first / sizeof *w->first)];
}

static bool list_pods(struct walk *w)
{
    if (!w->next && (w->next = mem_zalloc((w->l->nnodes + 1) * sizeof *w->next)))
        for (uint32_t node = w->l->nnodes; node--;) {
            const struct row *r = links_row(w->l, node);
            if (!link_is(r, "pods"))
                continue;
            uint32_t *b = bucket(w, r);
            w->next[node] = *b;
            *b = node + 1;
        }
    return w->next != NULL;
}

static void add_selected(struct walk *w, const struct row *service)
{
    w->failed |= !list_pods(w);
    for (uint32_t at = w->failed ? 0 : *bucket(w, service); at && w->work < w->most; at = w->next[at - 1], w->work++)
        if (link_selects(w->l, service, links_row(w->l, at - 1)))
            add_pod(w, at - 1);
}

/* Magnum's word of a cluster that it made is told by that cluster's API server and nodes: it is no reason of theirs. */
static bool tells_of_it(const struct walk *w, const struct row *r)
{
    const char *status = link_is(r, "coe-cluster") ? row_column(r, "status") : "";
    size_t n = strlen(status);
    return n > 9 && !strcmp(status + n - 9, "_COMPLETE") && link_is(links_row(w->l, w->step[0].node), LINK_APISERVER);
}

static enum question question_of(const struct walk *w, const struct step *s) { return s->stale ? MANAGED : w->q; }

/* A hypervisor's state is the word of its nova-compute: where its node is known and reports, the host lives. */
enum why_state link_walk_state_in(struct walk *w, const struct step *step)
{
    uint32_t node = step->node;
    const struct row *r = links_row(w->l, node);
    const struct link_edge *e;
    enum why_state s = link_walk_state(w, node);
    bool away = s == WHY_PLANNED && strcmp(row_column(r, "state"), "down") != 0 && !link_withdrawn(r) && !link_of_host(links_row(w->l, w->step[0].node));
    if (tells_of_it(w, r))
        return WHY_FINE;
    if (w->closed[node] == w->round && s <= WHY_PLANNED)
        return WHY_PLANNED;
    if (away && link_of_host(r))
        return WHY_FINE;                /* out of service and up: it takes nothing new, and what it has runs on and is managed */
    if ((question_of(w, step) != WORKS && !traffic(w)) || !link_is(r, "hypervisor") || s == WHY_FINE)
        return s;
    size_t n = links_down(w->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "host") && e[i].cls != LINK_X && link_walk_state(w, e[i].to) == WHY_FINE && !(w->blind && link_old(w->l, e[i].to)))
            return WHY_FINE;
    return strcmp(row_column(r, "state"), "down") ? WHY_FINE : s == WHY_PLANNED ? WHY_PLANNED : WHY_WEAK;
}

/* Its own kubelet reports the fault: what is below it works. What was read last says nothing once its API does not answer. */
bool link_walk_reports(const struct walk *w, uint32_t node)
{
    const struct link_snap *s = NULL;
    const struct row *r = link_node_row(w->l, node, &s);
    return link_is(r, "nodes") && strcmp(row_column(r, "ready"), "Unknown") != 0 && snap_status(s->snap)->state != FEED_STALE;
}

/* An address works no better than what it leads to. */
static bool leads(const struct walk *w, uint32_t node, const struct link_edge *e)
{
    const struct row *r = links_row(w->l, node);
    return (link_is(r, "floating-ip") && link_related(e, "routes")) || (link_is(r, "port") && link_related(e, "plugged"));
}

static bool needed(struct walk *w, const struct step *s, const struct link_edge *e)
{
    uint32_t node = s->node;
    enum link_plane p = links_relation(e->relation)->plane;
    if (leads(w, node, e))
        return e->cls != LINK_X;
    if (link_related(e, "managed") && traffic(w))
        return false;
    if (link_related(e, "tokens") && strcmp(row_column(links_row(w->l, node), "state"), "failing") != 0)
        return false;                   /* one that does not answer at all is down by itself */
    if (link_related(e, "keeps") && link_walk_state(w, node) != WHY_FINE && link_walk_state(w, e->to) == WHY_CONTRADICTS)
        return false;                   /* where its volume is attached is no reason to be off */
    if (link_related(e, "needs"))            /* whoever asks: an agent that is down is no end where its queue is */
        return e->cls != LINK_X && link_quorum_lost(w->l, e->to);
    return p != LINK_FOR_NONE && e->cls != LINK_X && !(p == LINK_FOR_CP && question_of(w, s) == WORKS) && !(link_related(e, "machine") && link_walk_reports(w, node) && !w->below && !(from_outside(w) && is_off(w, e)));
}

/* A router that has another agent which is well, a Ceph cluster with most of its disks: it works on. */
static bool has_others(struct walk *w, const struct link_edge *all, size_t n, const struct link_edge *e)
{
    size_t of = 0, fine = 0;
    bool one = link_related(e, "served-by") || link_related(e, "members");
    if (!one && !link_related(e, "ceph"))
        return false;
    for (size_t i = 0; i < n; i++)
        if (all[i].relation == e->relation) {
            of++;
            fine += link_walk_state(w, all[i].to) == WHY_FINE;
        }
    return one ? fine > 0 : fine * 2 > of;
}

/* The members of a cluster's load balancer are there for the pods of its Service: where it is not well, those say why, but not of
 * one without members. */
static void balanced_for(struct walk *w, uint32_t node)
{
    const struct link_edge *e;
    bool of_service;
    size_t n = link_walk_state(w, node) == WHY_FINE || link_pool_empty(w->l, node, &of_service) ? 0 : links_up(w->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "balanced") && e[i].cls != LINK_X && link_is(links_row(w->l, e[i].to), "services"))
            add(w, e[i].to, e[i].cls);
}

/* A member that answers its monitor gets traffic, whatever its node says; and what is wrong with the server is wrong with the node that
 * it is, where that is known. Of a load balancer that is well one member is enough. */
static bool spared(struct walk *w, uint32_t node, const struct link_edge *all, size_t n, const struct link_edge *e)
{
    if (link_related(e, "members"))
        return link_walk_state(w, node) == WHY_FINE ? has_others(w, all, n, e) : !strcmp(row_column(links_row(w->l, e->to), "operating"), "ONLINE");
    bool server = link_related(e, "target") && link_is(links_row(w->l, e->to), "server");
    for (size_t i = 0; server && i < n; i++)
        if (link_related(&all[i], "target") && all[i].cls >= LINK_B && all[i].cls != LINK_X && link_is(links_row(w->l, all[i].to), "nodes"))
            for (size_t k = w->l->down_at[all[i].to]; k < w->l->down_at[all[i].to + 1]; k++)
                if (w->l->down[k].to == e->to && w->l->down[k].cls != LINK_X)
                    return true;
    return !link_related(e, "target") && has_others(w, all, n, e);
}

/* The nodes that would take it, were they not cordoned. */
static void add_cordons(struct walk *w, uint32_t pod)
{
    uint32_t node[WHY_CAUSES];
    size_t n = link_walk_cordons(w, pod, node, WHY_CAUSES);
    for (size_t i = 0; i < n; i++) {
        w->closed[node[i]] = w->round;
        add(w, node[i], LINK_A);
    }
}

static void needs(struct walk *w, uint32_t node)
{
    const struct link_edge *e;
    const struct row *r = links_row(w->l, node);
    size_t n = links_down(w->l, node, &e);
    if (link_is(r, "loadbalancer"))
        balanced_for(w, node);
    for (size_t i = 0; i < n && !w->failed; i++)
        if (needed(w, &w->step[w->at], &e[i]) && !spared(w, node, e, n, &e[i]))
            add(w, e[i].to, e[i].cls);
    if (link_is(r, "pods"))
        add_cordons(w, node);
    link_walk_wires(w, node, add);
    link_members(w->l, node, add_member, w);
    if (link_is(r, "services"))
        add_selected(w, r);
    else
        link_pods_of(w->l, node, add_own_pod, w);
    bool of_above = (link_is(r, "pods") || link_is(r, "replicasets")) && (fails_of_rollout(w, node) || lacks_as_a_whole(w, node));
    for (size_t i = 0; i < n && of_above; i++)
        if (link_related(&e[i], "belongs-to"))
            add(w, e[i].to, e[i].cls);
}

static enum question asked(const struct row *r)
{
    if (link_is(r, "os-services") || link_is(r, "hypervisor") || link_is(r, LINK_APISERVER) || link_is(r, "coe-cluster") || link_is(r, "router") || link_is(r, "floating-ip"))
        return MANAGED;
    return link_is(r, "server") && !strcmp(row_column(r, "status"), "ACTIVE") ? MANAGED : WORKS;      /* ACTIVE on a host that does not report */
}

static bool unwell(struct walk *w, const struct step *s) { return !s->late && link_walk_state_in(w, s) > WHY_FINE; }
static bool is_cause(struct walk *w, const struct step *s) { return !s->below && unwell(w, s); }

/* Of two clocks, and of two that notice: what began minutes after a symptom is not what brought it about. Nor is what that in turn
 * stands on, where it does not say when it began: a server that was stopped, below a node that went away with it. */
static bool began_after(struct walk *w, const struct step *s)
{
    const struct row *r = link_dated_by(w, s->node);
    if (!r)
        return w->step[s->from].after;
    for (const struct step *up = s; up != w->step;) {
        up = &w->step[up->from];
        if (link_failed_before(links_row(w->l, up->node), r))
            return true;
    }
    return false;
}

static bool hangs_below(const struct walk *w, const struct step *s, const struct step *above)
{
    while (s != above && s != w->step)
        s = &w->step[s->from];
    return s == above;
}

/* What is needed of it and was met by this walk, whichever way led there first, but what it hangs below itself. */
static void stand(struct walk *w, uint32_t at, const struct step *s, uint32_t mark)
{
    const struct link_edge *e;
    struct step *step = &w->step[at];
    size_t n = links_down(w->l, step->node, &e);
    w->work += n;
    for (size_t i = 0; i < n; i++) {
        uint32_t k = w->seen[e[i].to] == w->stamp ? w->step_of[e[i].to] : UINT32_MAX;
        if (k == UINT32_MAX || w->step[k].met == mark || !needed(w, step, &e[i]) || spared(w, step->node, e, n, &e[i]) || hangs_below(w, s, &w->step[k]))
            continue;
        if (!mem_grow(&w->queue, &w->queue_cap, w->queued + 1, sizeof *w->queue)) {
            w->failed = true;
            return;
        }
        w->step[k].met = mark;
        w->queue[w->queued++] = k;
    }
}

/* A walk meets what two ways lead to once, and hangs it below the first: what the second one comes from stands on it, too, be it far
 * below. Of those that stand on each other one stays. */
static bool stands_on_cause(struct walk *w, const struct step *s)
{
    uint32_t mark = (uint32_t)(s - w->step) + 1;
    w->queued = 0;
    stand(w, mark - 1, s, mark);
    for (size_t at = 0; at < w->queued && !w->failed; at++) {
        if (is_cause(w, &w->step[w->queue[at]]))
            return true;
        stand(w, w->queue[at], s, mark);
    }
    return false;
}

/* Nothing answers at a member whose node is well: where pods of the Service are not, that is why. */
static bool has_pods(const struct walk *w, const struct step *s)
{
    for (size_t i = 0; link_is(links_row(w->l, s->node), "lb-member") && i < w->n; i++)
        if (w->step[i].below && w->step[i].depth == s->depth && link_is(links_row(w->l, w->step[i].node), "services"))
            return true;
    return false;
}

/* The slice below node; where something not well has such a thing below it, it is no cause. */
bool link_walk_slice(struct walk *w, uint32_t node)
{
    w->q = w->below ? MANAGED : asked(links_row(w->l, node));
    w->n = w->at = 0;
    w->stamp++;
    w->round++;
    add(w, node, LINK_A);
    for (; w->at < w->n && !w->failed && w->work < w->most; w->at++)
        needs(w, w->step[w->at].node);
    for (size_t i = 1; i < w->n; i++)
        w->step[i].after = began_after(w, &w->step[i]);
    for (size_t i = w->n; i-- > 1;) {
        w->step[i].late = w->step[i].after || (w->step[i].recent && !w->step[i].below);
        if (w->step[i].below || unwell(w, &w->step[i]))
            w->step[w->step[i].from].below = true;
        else if (w->step[i].late && link_walk_state_in(w, &w->step[i]) > WHY_FINE && why_onset(links_row(w->l, w->step[w->step[i].from].node)) == CELL_NONE)
            w->step[w->step[i].from].recent = true;
    }
    for (size_t i = w->n; i-- > 1;)
        if (is_cause(w, &w->step[i]) && (stands_on_cause(w, &w->step[i]) || has_pods(w, &w->step[i])))
            w->step[i].below = true;
    return !w->failed;
}
