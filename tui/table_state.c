/* What a table says about itself: the worst feed in a sentence and how many more, what is partial, why nothing is there. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "tui/app.h"
#include "tui/table.h"
#include "tui/textbuf.h"
#include "tui/theme.h"

enum { SILENT_S = 3 };                /* what takes so long is said to take long */

static const struct feed_status *status_of(const struct table *t, int i)
{
    struct snap *s = view_snap(t->view, (unsigned)i);
    return s ? snap_status(s) : NULL;
}

static int badness(const struct feed_status *st)
{
    if (!st) return 0;
    switch (st->state) {
    case FEED_FAILED: return 4;
    case FEED_STALE: return 3;
    case FEED_LOADING: return st->err.code ? 2 : 0;
    default: return st->partial || *st->note ? 1 : 0;
    }
}

bool table_loading(const struct table *t)
{
    for (int i = 0; i < t->nfeeds; i++) {
        const struct feed_status *st = status_of(t, i);
        if (!st || st->state == FEED_LOADING) return true;
    }
    return false;
}

bool table_settled(const struct table *t)
{
    for (int i = 0; i < t->nfeeds; i++) {
        const struct feed_status *st = status_of(t, i);
        if (!st || (st->state == FEED_LOADING && !st->err.code)) return false;
    }
    return t->nfeeds > 0;
}

/* Is something not in the list that was asked for? A single feed that failed says so itself. */
bool table_partial(const struct table *t)
{
    for (int i = 0; i < t->nfeeds; i++) {
        const struct feed_status *st = status_of(t, i);
        if (st && (st->partial || (st->state == FEED_FAILED && t->nfeeds > 1))) return true;
    }
    return false;
}

/* The namespace that a feed really lists: its own, or the one it had to be content with. */
const char *table_feed_ns(const struct table *t, int i, char *buf, size_t size)
{
    static const char only[] = "only namespace ";
    const struct feed_status *st = status_of(t, i);
    const char *ns = st && st->partial && !strncmp(st->note, only, sizeof only - 1) ? st->note + sizeof only - 1 : NULL;
    if (ns) snprintf(buf, size, "%.*s", (int)strcspn(ns, ": "), ns);
    else snprintf(buf, size, "%s", t->feed[i].ns);
    return buf;
}

void table_rights(const struct table *t, uint16_t source, int *feeds, int *forbidden)
{
    for (int i = 0; i < t->nfeeds; i++) {
        const struct feed_status *st = status_of(t, i);
        if (t->feed[i].source != source) continue;
        ++*feeds;
        *forbidden += st && st->state == FEED_FAILED && st->err.code == ERR_FORBIDDEN;
    }
}

/* Not forbidden, not unknown there: it was there, or should be, and does not come. */
bool table_lost(const struct table *t, uint16_t source)
{
    for (int i = 0; i < t->nfeeds; i++) {
        const struct feed_status *st = status_of(t, i);
        if (t->feed[i].source != source || !st) continue;
        if (st->state == FEED_STALE || (st->state == FEED_FAILED && (err_retryable(st->err.code) || st->err.code == ERR_PROTO || st->err.code == ERR_AUTH)))
            return true;
    }
    return false;
}

bool table_source_words(const struct table *t, uint16_t source, char *buf, size_t size)
{
    int worst = 0;
    for (int i = 0; i < t->nfeeds; i++) {
        const struct feed_status *st = status_of(t, i);
        int b = badness(st);
        if (t->feed[i].source != source || b <= worst) continue;
        worst = b;
        snprintf(buf, size, "%s", st->err.code && b > 1 ? st->err.msg : *st->note ? st->note : "a part could not be seen");
    }
    return worst > 0;
}

/* "STALE, as of 95s ago": by the feed; the header goes by the source, and where they differ it is said. */
static void stale_words(const struct feed_status *st, const struct source_info *si, char *buf, size_t size)
{
    int64_t now = clock_mono_ms(), rows = (now - st->last_ok_mono_ms) / 1000, answer = si ? (now - si->last_ok_mono_ms) / 1000 : 0;
    char age[24], last[24];
    text_age(age, sizeof age, rows);
    text_age(last, sizeof last, answer);
    if (st->last_ok_mono_ms <= 0) snprintf(buf, size, "STALE");
    else if (si && si->last_ok_mono_ms > 0 && rows > answer + 5) snprintf(buf, size, "STALE, as of %s ago, last answer %s ago", age, last);
    else snprintf(buf, size, "STALE, as of %s ago", age);
}

/* The worst feed in a sentence; the count of the others comes before the cause, which may be cut. */
bool table_state_line(const struct table *t, char *buf, size_t size, int *role)
{
    int worst = 0, place = -1, others = -1, failed = 0;
    for (int i = 0; i < t->nfeeds; i++) {
        int b = badness(status_of(t, i));
        others += b > 0;
        failed += b == 4;
        if (b > worst) worst = b, place = i;
    }
    if (place < 0) return false;
    const struct feed_status *st = status_of(t, place);
    const struct source_info *si = app_source(t->base.app, t->feed[place].source);
    const struct kind *k = view_kind(t->view) ? view_kind(t->view) : kind_find(t->kind_name);
    char who[200] = "", more[48] = "", how[96];
    if (t->nsources > 1 && si) snprintf(who, sizeof who, "%s: ", si->name);
    if (others > 0) snprintf(more, sizeof more, "(and %d more, :sources) ", others);
    *role = worst == 4 ? ROLE_ERROR : worst == 1 ? ROLE_WARN : ROLE_STALE;
    if (worst == 4 && failed > 1)       /* each for a reason of its own */
        snprintf(buf, size, "%d of %d sources not shown (:sources says why)", failed, t->nfeeds);
    else if (worst == 4 && st->err.code == ERR_FORBIDDEN && t->nsources > 1)
        snprintf(buf, size, "%s%smay not list %s", who, more, k ? k->id : t->kind_name);
    else if (worst == 4) snprintf(buf, size, "%s%s%s", who, more, st->err.msg);
    else if (worst == 3) {
        stale_words(st, si, how, sizeof how);
        snprintf(buf, size, "%s%s%s: %s", who, more, how, st->err.code ? st->err.msg : "no answer");
    } else if (worst == 2) snprintf(buf, size, "%s%strying again: %s", who, more, st->err.msg);
    else snprintf(buf, size, "%s%s%s%s", who, more, st->partial ? "PARTIAL: " : "", *st->note ? st->note : "a part could not be seen");
    return true;
}

/* ---- nothing to show ---- */

/* No source was asked: because none was given, or nobody knows the word. */
static void nothing_to_ask(const struct table *t, const struct kind *k, char *buf, size_t size)
{
    const char *what = k && k->title ? k->title : t->kind_name;
    bool os = k && k->plane == PLANE_OPENSTACK;
    if (!k && !t->nsources)
        snprintf(buf, size, "No kind is called \"%s\". ? lists the kinds; other resources are known when a cluster is configured.", t->kind_name);
    else if (*t->sources) snprintf(buf, size, "%s has no %s (:all shows every cluster and cloud)", t->sources, what);
    else if (os) snprintf(buf, size, "No cloud is configured: --cloud NAME, --all or OS_CLOUD (strata doctor says where was looked)");
    else snprintf(buf, size, "No cluster is configured: --context NAME, --all or KUBECONFIG (strata doctor says where was looked)");
}

void table_draw_empty(const struct table *t, struct canvas *c, struct rect r)
{
    char buf[640], ns[160];
    const struct kind *k = view_kind(t->view) ? view_kind(t->view) : kind_find(t->kind_name);
    const char *what = k && k->title ? k->title : t->kind_name;
    struct rect in = {r.x + 1, r.y + (r.h > 4 ? r.h / 3 : 0), r.w - 2, r.h};
    int role = ROLE_DIM;
    if (t->nfeeds == 0) {
        nothing_to_ask(t, k, buf, sizeof buf);
    } else if (view_total(t->view) > 0 && (*t->filter_text || t->problems)) {
        snprintf(buf, sizeof buf, "%s%s%s: nothing matches, %zu hidden. esc shows all.", t->problems ? "only problems" : "",
                 t->problems && *t->filter_text ? ", " : "", t->filter_text, view_total(t->view));
        if (t->problems && !*t->filter_text) {
            snprintf(buf, sizeof buf, "No problems among %zu. ctrl-z shows all.", view_total(t->view));
            role = ROLE_OK;
        }
    } else if (table_loading(t)) {
        const struct source_info *s = app_source(t->base.app, t->feed[0].source);
        bool waits = t->nsources == 1 && s && s->state == SOURCE_CONNECTING && s->err.code;
        int64_t silent = (clock_mono_ms() - t->asked_ms) / 1000;
        char since[48] = "";
        if (silent >= SILENT_S) snprintf(since, sizeof since, " no answer for %lld s%s", (long long)silent, waits ? ":" : "");
        snprintf(buf, sizeof buf, "Loading %s %s%s%s%s", what, glyph(c, GLYPH_ELLIPSIS), since, waits ? " " : "", waits ? s->err.msg : "");
    } else {
        table_ns_label(t, ns, sizeof ns);
        bool one = *t->ns && !strpbrk(t->ns, "*, ") && k && k->plane == PLANE_KUBE && *ns;
        snprintf(buf, sizeof buf, "No %s%s%s.%s", what, !*ns ? "" : one ? " in namespace " : " in ", ns,
                 one ? " 0 shows every namespace." : "");
    }
    struct rect old = canvas_clip(c, r);
    text_draw_words(c, in, STYLE(role), buf, 5);
    canvas_unclip(c, old);
}
