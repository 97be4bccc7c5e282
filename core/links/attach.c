/* Where a volume is attached, by Kubernetes, by Nova and by Cinder: they must agree. Findings on the persistent volume and on the volume. */
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/why.h"

#define GRACE_MS 150000         /* Nova's list of servers is read whole every two minutes: what changed later may not be in it */
#define SLACK_MS 15000          /* two clocks, one of them not known */
#define LAG_MS 3000             /* whole seconds of Cinder's stamp, and what a watch may be behind an answer */

static bool from(const struct link_edge *e, const char *relation) { return link_related(e, relation) && e->cls != LINK_X; }

static int64_t time_of(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 && r->kind->columns[col].type == COL_TIME ? r->cell[col].n : CELL_NONE;
}

/* By the clock of its server. What does not say when it changed is as old as can be. */
static int64_t age_ms(const struct links *l, const struct row *r, const char *column)
{
    int64_t then = time_of(r, column), offset = r->source < CORE_MAX_SOURCES && l->clock[r->source].known ? l->clock[r->source].offset_ms : 0;
    return then == CELL_NONE ? INT64_MAX : clock_wall_ms() + offset - then;
}

static bool settled(const struct links *l, const struct row *r, const char *column) { return age_ms(l, r, column) > GRACE_MS; }

/* When a list that is followed held for the last time: it says nothing while nothing changes, and its server answers. */
static int64_t held(const struct links *l, const struct snap *s)
{
    int64_t read = snap_status(s)->last_ok_mono_ms, answered = snap_source(s) < CORE_MAX_SOURCES ? l->answered[snap_source(s)] : 0;
    return snap_status(s)->state != FEED_LIVE ? 0 : answered > read ? answered : read;
}

static int64_t slack(const struct links *l, const struct row *r)
{
    bool known = r->source < CORE_MAX_SOURCES && l->clock[r->source].known && l->clock[r->source].error_ms < SLACK_MS - LAG_MS;
    return known ? LAG_MS + l->clock[r->source].error_ms : SLACK_MS;
}

/* Kubernetes marks an attachment as going before Cinder lets go of the volume: where it was read after that, no grace is needed. */
static bool let_go(const struct links *l, const struct row *volume, const struct snap *attachments)
{
    int64_t ago = age_ms(l, volume, "changed"), when = held(l, attachments);
    return ago > GRACE_MS || (!strcmp(row_column(volume, "status"), "available") && when > 0 && ago > clock_mono_ms() - when + slack(l, volume));
}

static uint32_t first(const struct links *l, uint32_t node, const char *relation)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (from(&e[i], relation))
            return e[i].to;
    return LINK_NO_NODE;
}

static bool attached_to(const struct links *l, uint32_t volume, uint32_t server)
{
    const struct link_edge *e;
    size_t n = links_down(l, volume, &e);
    for (size_t i = 0; i < n; i++)
        if (from(&e[i], "attached") && e[i].to == server)
            return true;
    return false;
}

static void named(const struct links *l, uint32_t node, struct str *out) { str_addf(out, "%s %s", links_row(l, node)->kind->singular, links_row(l, node)->name); }

/* ", and Cinder says it is attached to server vm2", or "... to nothing, available". */
static void by_cinder(const struct links *l, uint32_t volume, struct str *out)
{
    uint32_t server = first(l, volume, "attached");
    str_adds(out, ", and by Cinder to ");
    if (server != LINK_NO_NODE)
        named(l, server, out);
    else
        str_addf(out, "%s: the volume is %s", *row_column(links_row(l, volume), "server-ids") ? "a server that is not seen" : "none", row_column(links_row(l, volume), "status"));
}

/* The attachment that says it is at that node, and has said so for long enough. */
static bool says_attached(const struct links *l, const struct row *pv, const struct row *volume, const struct row *node)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct snap *s = l->snap[i].snap;
        if (links_cluster(l, snap_source(s)) != links_cluster(l, pv->source) || !link_kind_is(snap_kind(s), "volumeattachments.storage.k8s.io") || !let_go(l, volume, s))
            continue;
        for (size_t k = 0; k < snap_slots(s); k++) {
            const struct row *r = snap_row(s, k);
            if (r && !(r->flags & (ROW_DELETING | ROW_STALE)) && !strcmp(row_column(r, "attached-volume"), pv->name) && !strcmp(row_column(r, "attached-node"), node->name) &&
                !strcmp(row_column(r, "is-attached"), "true") && settled(l, r, "age"))
                return true;
        }
    }
    return false;
}

static bool by_attachment(const struct links *l, uint32_t node, uint32_t volume, struct str *out)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++) {
        uint32_t server = from(&e[i], "mounted") ? first(l, e[i].to, "machine") : LINK_NO_NODE;
        if (server == LINK_NO_NODE || attached_to(l, volume, server) || !says_attached(l, links_row(l, node), links_row(l, volume), links_row(l, e[i].to)))
            continue;
        if (out) {
            str_adds(out, "is attached to ");
            named(l, e[i].to, out);
            str_adds(out, " (");
            named(l, server, out);
            str_adds(out, ") by its VolumeAttachment");
            by_cinder(l, volume, out);
        }
        return true;
    }
    return false;
}

static bool gone(const struct row *pv) { return (pv->flags & (ROW_DELETING | ROW_STALE)) || !strcmp(row_column(pv, "status"), "Released") || !strcmp(row_column(pv, "status"), "Failed"); }

/* Two persistent volumes that are one volume: each writes over the other. */
static bool by_other(const struct links *l, uint32_t node, uint32_t volume, struct str *out)
{
    const struct link_edge *e;
    size_t n = links_up(l, volume, &e);
    for (size_t i = 0; i < n && !gone(links_row(l, node)); i++) {
        const struct row *r = from(&e[i], "disk") && e[i].to != node ? links_row(l, e[i].to) : NULL;
        if (!r || gone(r) || !link_kind_is(r->kind, "persistentvolumes"))
            continue;
        if (out) {
            str_addf(out, "is %s %s, and so is ", links_row(l, volume)->kind->singular, links_row(l, volume)->name);
            named(l, e[i].to, out);
            str_adds(out, r->source == links_row(l, node)->source ? "" : " of another cluster");
        }
        return true;
    }
    return false;
}

static bool waits(const struct row *pod)
{
    const char *s = row_column(pod, "status");
    return !(pod->flags & ROW_DELETING) && (!strcmp(s, "Pending") || !strcmp(s, "ContainerCreating") || !strcmp(s, "PodInitializing") || !strncmp(s, "Init:", 5));
}

/* A pod that waits on a node whose server does not have the volume, as another one has it. */
static bool by_pod(const struct links *l, uint32_t node, uint32_t volume, struct str *out)
{
    const struct link_edge *claim, *pod;
    uint32_t has = first(l, volume, "attached");
    size_t n = has == LINK_NO_NODE ? 0 : links_up(l, node, &claim);
    for (size_t i = 0; i < n; i++) {
        size_t m = from(&claim[i], "bound") ? links_up(l, claim[i].to, &pod) : 0;
        for (size_t k = 0; k < m; k++) {
            uint32_t on = from(&pod[k], "claims") && waits(links_row(l, pod[k].to)) ? first(l, pod[k].to, "runs-on") : LINK_NO_NODE;
            uint32_t server = on == LINK_NO_NODE ? LINK_NO_NODE : first(l, on, "machine");
            if (server == LINK_NO_NODE || attached_to(l, volume, server))
                continue;
            if (out) {
                str_adds(out, "is attached to ");
                named(l, has, out);
                str_adds(out, ", and ");
                named(l, pod[k].to, out);
                str_adds(out, " waits for it on ");
                named(l, on, out);
                str_adds(out, ", which is ");
                named(l, server, out);
            }
            return true;
        }
    }
    return false;
}

/* Is that bit of "keeps" what Nova says of its server? Else it is what Cinder says of its volume. */
static uint32_t by_nova(void)
{
    for (const struct link_rule *r = link_rules; r->id; r++)
        if (!strcmp(r->relation, "keeps") && !strcmp(r->from_key.from, "volumes"))
            return 1u << link_rule_bit(r);
    return 0;
}

static bool by_server(const struct links *l, uint32_t volume, struct str *out)
{
    const struct link_edge *e;
    const struct row *v = links_row(l, volume);
    const char *status = row_column(v, "status");
    bool rests = !strcmp(status, "in-use") || !strcmp(status, "available") || !strcmp(status, "error");
    size_t n = rests && !(v->flags & ROW_STALE) && settled(l, v, "changed") ? links_up(l, volume, &e) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *s = from(&e[i], "keeps") ? links_row(l, e[i].to) : NULL;
        uint32_t nova = by_nova();
        if (!s || (s->flags & (ROW_STALE | ROW_DELETING)) || !strcmp(row_column(s, "status"), "UNKNOWN") || ((e[i].rules & nova) && (e[i].rules & ~nova)))
            continue;                       /* they agree; of a cell that is down not all of a server is told */
        if (out) {
            str_adds(out, "is attached to ");
            named(l, e[i].to, out);
            str_addf(out, " by %s, and not by %s", e[i].rules & nova ? "Nova" : "Cinder", e[i].rules & nova ? "Cinder" : "Nova");
        }
        return true;
    }
    return false;
}

enum why_attach why_attached(const struct links *l, uint32_t node, struct str *out)
{
    const struct row *r = links_row(l, node);
    const char c = r ? *r->kind->id : '\0';             /* most rows are none of these */
    if (c == 'v' && link_kind_is(r->kind, "volume"))
        return by_server(l, node, out) ? ATTACH_CONFLICT : ATTACH_AGREED;
    if (c != 'p' || !link_kind_is(r->kind, "persistentvolumes"))
        return ATTACH_AGREED;
    uint32_t volume = first(l, node, "disk");
    if (volume == LINK_NO_NODE || strcmp(links_row(l, volume)->kind->id, "volume") != 0)
        return ATTACH_AGREED;
    if (by_other(l, node, volume, out) || by_attachment(l, node, volume, out))
        return ATTACH_CONFLICT;
    return by_pod(l, node, volume, out) ? ATTACH_ELSEWHERE : ATTACH_AGREED;
}

uint32_t link_attach_disputed_by(const struct links *l, uint32_t volume)
{
    const struct link_edge *e;
    size_t n = strcmp(links_row(l, volume)->kind->id, "volume") ? 0 : links_up(l, volume, &e);
    for (size_t i = 0; i < n; i++)
        if (from(&e[i], "disk") && why_attached(l, e[i].to, NULL) == ATTACH_CONFLICT)
            return e[i].to;
    return LINK_NO_NODE;
}
