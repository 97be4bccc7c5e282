/* A name that is no command and no kind of ours: the servers are asked before a pane is given to it. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "tui/app_int.h"

#define PATIENCE_MS 1500       /* who does not answer in time may have it: the pane is opened and says the rest */

static void forget(struct app *a)
{
    for (size_t i = 0; i < a->finding.n; i++) core_close(a->core, a->finding.feed[i]);
    a->finding = (struct finding){0};
}

static void found(struct app *a)
{
    char line[sizeof a->finding.line];
    struct pane *p = a->finding.pane;
    bool there = !p && !a->deck.n;
    for (int i = 0; i < a->deck.n; i++) there |= a->deck.pane[i] == p;
    snprintf(line, sizeof line, "%s", a->finding.line);
    size_t n = strcspn(line, " "), args = n + strspn(line + n, " ");
    line[n] = '\0';
    if (there) open_kind(a, p, line, line + args);            /* joins the feed that found it */
    forget(a);
    *a->status = '\0';
    app_dirty(a);
}

void find_kind(struct app *a, const char *name, const char *args)
{
    struct finding *f = &a->finding;
    forget(a);
    for (size_t i = 0; i < a->nsrc; i++) {
        uint32_t id = a->src[i].plane == PLANE_KUBE && a->src[i].state != SOURCE_FAILED ? core_open(a->core, a->src[i].id, name, "") : 0;
        if (id) f->feed[f->n++] = id;
    }
    f->left = f->n;
    f->pane = deck_focus(&a->deck);
    f->start_ms = clock_mono_ms();
    snprintf(f->line, sizeof f->line, "%s%s%s", name, *args ? " " : "", args);
    if (!f->n) find_kind_none(a, name);
    else app_info(a, "looking for a kind called \"%s\" ...", name);
}

void find_kind_none(struct app *a, const char *name)
{
    app_error(a, "there is no command or kind called \"%s\" (tab completes, ? shows every key)", name);
}

void find_kind_event(struct app *a, const struct event *e)
{
    struct finding *f = &a->finding;
    for (size_t i = 0; i < f->n && e->snap; i++) {
        if (f->feed[i] != e->id || f->answered[i]) continue;
        const struct feed_status *st = snap_status(e->snap);
        if (snap_kind(e->snap) || (st->state == FEED_FAILED && st->err.code != ERR_NOTFOUND)) {
            found(a);
            return;
        }
        f->answered[i] = st->state == FEED_FAILED;
        f->left -= f->answered[i];
    }
    if (!f->n || f->left) return;
    f->line[strcspn(f->line, " ")] = '\0';
    find_kind_none(a, f->line);
    forget(a);
    app_dirty(a);
}

void find_kind_tick(struct app *a)
{
    if (a->finding.n && clock_mono_ms() - a->finding.start_ms >= PATIENCE_MS) found(a);
}
