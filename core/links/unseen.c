/* What could not be looked at of all that a row hangs on, and how old what is looked at is. */
#include <stdio.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "core/links/why_walk.h"
#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/tell.h"
#include "strata/text.h"

static bool has_servers(const struct links *l)
{
    for (size_t i = 0; i < l->nsnaps; i++)
        if (link_kind_is(snap_kind(l->snap[i].snap), "server"))
            return true;
    return false;
}

bool link_no_cloud(const struct links *l) { return !has_servers(l); }

bool why_no_cloud(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    return r && link_kind_is(r->kind, "nodes") && !strncmp(row_column(r, "provider-id"), "openstack:", 10) && link_no_cloud(l);
}

/* Who serves it is an agent, and agents are for administrators: Cinder refuses who else asks for them, Neutron shows none. */
static const struct snap *agents_hidden(const struct links *l, uint32_t node)
{
    static const struct { const char *kind, *type; } served[] = {
        {"volume", "block-storage"}, {"share", "shared-file-system"}, {"router", "network"}, {"network", "network"}, {"port", "network"},
    };
    const struct row *r = links_row(l, node);
    const struct link_edge *e;
    size_t by = 0, n = links_down(l, node, &e);
    while (by < sizeof served / sizeof *served && !link_is(r, served[by].kind))
        by++;
    for (size_t i = 0; i < n; i++)
        if (link_is(links_row(l, e[i].to), "os-services"))
            return NULL;
    for (size_t i = 0; by < sizeof served / sizeof *served && i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        bool its = link_kind_is(snap_kind(s->snap), "os-services") && links_cluster(l, snap_source(s->snap)) == links_cluster(l, r->source);
        for (size_t k = 0; its && k < snap_slots(s->snap); k++) {
            const struct row *h = links_row(l, s->base + (uint32_t)k);
            if (h && (h->flags & ROW_HEAD) && *row_column(h, "workers") && !strcmp(ostk_type_canonical(row_column(h, "type")), served[by].type))
                return s->snap;
        }
    }
    return NULL;
}

void link_walk_unseen(struct walk *w, struct why *out)
{
    for (size_t i = 0; i < w->n; i++) {
        const struct snap *s = w->blind ? link_hidden_at(w->l, w->step[i].node) : NULL;
        s = s ? s : agents_hidden(w->l, w->step[i].node);
        size_t k = 0;
        while (k < out->nunseen && out->unseen[k] != s)
            k++;
        if (s && k == out->nunseen && k < WHY_UNSEEN_LISTS)
            out->unseen[out->nunseen++] = s;
        out->no_cloud |= w->blind && why_no_cloud(w->l, w->step[i].node);
    }
}

/* ---- in words ---- */

/* "HTTP 503, nova says so" */
static void reason(const struct feed_status *st, struct str *out)
{
    if (st->err.detail >= 400 && st->err.detail < 600)
        str_addf(out, "HTTP %d, ", st->err.detail);
    str_adds(out, st->err.code != ERR_OK ? st->err.msg : st->note);
}

void tell_unseen_list(const struct tell *t, const struct snap *s, struct str *out)
{
    const struct source_info *at = t->source(t->arg, snap_source(s));
    str_addf(out, "cannot see beyond %s of %s: ", snap_kind(s)->id, at ? at->name : "?");
    reason(snap_status(s), out);
    if (snap_status(s)->state != FEED_LIVE)
        tell_last(tell_answered(t, s), out);
}

void tell_no_cloud(struct str *out) { str_adds(out, "cannot see beyond the node: it names a server of OpenStack, and no cloud is open here (--cloud NAME, or --all)"); }

bool tell_hidden_at(const struct tell *t, uint32_t node, const char *lead, struct str *out)
{
    const struct snap *s = link_hidden_at(t->l, node);
    if (!s && !why_no_cloud(t->l, node))
        return false;
    str_adds(out, lead);
    if (s)
        tell_unseen_list(t, s, out);
    else
        tell_no_cloud(out);
    return true;
}

bool tell_apis_down(const struct tell *t, uint16_t cloud, struct str *out)
{
    size_t said = 0;
    for (size_t i = 0; i < t->l->nsnaps; i++) {
        const struct link_snap *s = &t->l->snap[i];
        if (!link_kind_is(snap_kind(s->snap), "os-services") || links_cluster(t->l, snap_source(s->snap)) != cloud)
            continue;
        for (size_t k = 0; k < snap_slots(s->snap); k++) {
            const struct row *r = links_row(t->l, s->base + (uint32_t)k);
            const char *why = r ? row_column(r, "reason") : "";
            if (r && (r->flags & ROW_HEAD) && !strcmp(row_column(r, "state"), "down"))
                str_addf(out, "%s%s API %s%s%s", said++ ? "; " : "", row_column(r, "type"), link_api_silent(r) ? "is silent" : "is down", *why ? ", " : "", why);
        }
    }
    return said > 0;
}

void tell_unseen(const struct tell *t, const struct why *w, struct str *out)
{
    for (size_t i = 0; i < w->nunseen; i++) {
        str_adds(out, "  ");
        tell_unseen_list(t, w->unseen[i], out);
        str_addc(out, '\n');
    }
    if (w->no_cloud) {
        str_adds(out, "  ");
        tell_no_cloud(out);
        str_addc(out, '\n');
    }
}

/* The API that tells of the agents of a service: those it told last stay. */
static const struct row *api_of(const struct link_snap *s, const struct row *r)
{
    int col = kind_column(r->kind, "group");
    for (size_t i = 0; col >= 0 && i < snap_slots(s->snap); i++) {
        const struct row *h = snap_row(s->snap, i);
        if (h && (h->flags & ROW_HEAD) && h->cell[col].n == r->cell[col].n)
            return h;
    }
    return NULL;
}

static void age(struct str *out, const char *lead, int64_t ms)
{
    char text[40];
    text_age(text, sizeof text, ms / 1000);
    str_addf(out, "%sseen %s ago", lead, text);
}

bool tell_seen(const struct tell *t, uint32_t node, const char *lead, struct str *out)
{
    const struct link_snap *s = NULL;
    const struct row *r = link_node_row(t->l, node, &s), *api = r && (r->flags & ROW_STALE) ? api_of(s, r) : NULL;
    int64_t old = tell_old(t, node);
    if (old) {
        age(out, lead, clock_mono_ms() - old);
        str_adds(out, ": ");
        reason(snap_status(s->snap), out);
        tell_last(old, out);
    } else if (api) {
        int col = kind_column(api->kind, "seen");
        const char *why = row_column(api, "reason");
        if (col >= 0 && api->cell[col].n != CELL_NONE)
            age(out, lead, tell_now_ms(t, api) - api->cell[col].n);
        else
            str_addf(out, "%snot read now", lead);
        str_addf(out, ": its API is %s%s%s", link_api_silent(api) ? "silent" : row_column(api, "state"), *why ? ", " : "", why);
    }
    return old || api;
}
