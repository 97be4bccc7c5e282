/* Before the loop: what was odd in the configuration, the first theme, the panes that were asked for. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "tui/app_int.h"

#define KNOWN_MS 500       /* so long the first screen waits for the servers to say whether they have a kind that is none of ours */

void start_warnings(struct app *a, const char *warn)
{
    while (warn && *warn) {
        size_t n = strcspn(warn, "\n");
        char line[400];
        snprintf(line, sizeof line, "%.*s", (int)n, warn);
        if (*line) {
            if (!*a->status) app_error(a, "%s", line);          /* the first says where it began; the rest is in the ticker */
            app_notice(a, HEALTH_WARN, line);
        }
        warn += n + (warn[n] == '\n');
    }
}

void start_theme(struct app *a)
{
    struct err err = ERR_INIT;
    const char *bg = getenv("COLORFGBG"), *last = bg ? strrchr(bg, ';') : NULL;
    bool light = last && (!strcmp(last, ";15") || !strcmp(last, ";7"));
    a->theme_chosen = a->opt->theme != NULL;
    if (a->opt->theme && app_set_theme(a, a->opt->theme, &err) == ERR_OK) return;
    if (a->opt->theme) app_error(a, "%s", err.msg);
    app_set_theme(a, light ? "light" : "dark", NULL);
}

/* ---- panes ---- */

/* Has any context such a resource? Who does not answer in time may have it. */
static bool somewhere(struct app *a, const char *kind, int64_t end)
{
    uint32_t id[CORE_MAX_SOURCES];
    size_t asked = 0;
    bool may = false;
    for (size_t i = 0; i < a->nsrc; i++) {
        if (a->src[i].plane == PLANE_KUBE) id[asked++] = core_open(a->core, (uint16_t)i, kind, "");
    }
    size_t n = asked;
    while (asked && !may) {
        int64_t left = end - clock_mono_ms();
        struct pollfd p = {.fd = core_event_fd(a->core), .events = POLLIN};
        struct event *e = core_next_event(a->core);
        if (!e && (left <= 0 || poll(&p, 1, (int)left) < 0)) may = true;
        for (size_t i = 0; e && e->type == EV_SNAP && e->snap && i < n; i++) {
            if (id[i] != e->id) continue;
            const struct feed_status *st = snap_status(e->snap);
            may = snap_kind(e->snap) || (st->state == FEED_FAILED && st->err.code != ERR_NOTFOUND);
            asked -= st->state == FEED_FAILED;
        }
        event_free(e);
    }
    for (size_t i = 0; i < n; i++) core_close(a->core, id[i]);
    return may;
}

/* A kind that is nowhere: a wrong command line; of the configuration file it is reported, and its pane says the same. */
static bool views_known(struct app *a, struct err *err)
{
    int64_t end = clock_mono_ms() + KNOWN_MS;
    const char *where = a->opt->views_where;
    for (size_t i = 0; i < a->opt->views.count; i++) {
        const char *kind = a->opt->views.items[i];
        struct str shown;
        char near[160];
        if (kind_find(kind) || !a->nsrc || somewhere(a, kind, end)) continue;
        str_init(&shown, 256);
        text_clean(&shown, kind, strnlen(kind, 60), 0);
        kind_near(kind, near, sizeof near);
        err_set(err, ERR_USAGE, 0, "%s: there is no kind \"%s\"%s%s (man strata lists them)", where ? where : "--view", shown.data,
                *near ? "; near it: " : "", near);
        str_release(&shown);
        if (!where) return false;
        start_warnings(a, err->msg);
    }
    a->nsrc = core_sources(a->core, a->src, CORE_MAX_SOURCES);      /* what changed while we waited */
    return true;
}

#define CROWDED_WEIGHT 120                       /* a pane whose rows also need their cluster and namespace named */

bool start_deck(struct app *a, struct err *err)
{
    if (!views_known(a, err)) return false;
    static char *const dflt[] = {"pods", "os-services", "server"};
    size_t n = a->opt->views.count, same = 0;
    for (size_t i = 0; i < n && i < 3; i++) same += !strcmp(a->opt->views.items[i], dflt[i]);
    if (n == 3 && same == 3) n = 0;
    for (size_t i = 0; i < (n ? n : 3); i++) {
        const char *kind = n ? a->opt->views.items[i] : dflt[i];
        const struct kind *k = kind_find(kind);
        size_t served = 0;
        for (size_t s = 0; s < a->nsrc; s++) served += k && a->src[s].plane == k->plane;
        if (n == 0 && served == 0) continue;     /* without --view: only panes there is a source for */
        if (!deck_add(a, &a->deck, kind)) continue;
        if (n == 0 && k && (k->flags & KIND_NAMESPACED) && served > 1) a->deck.pane[a->deck.focus]->weight = CROWDED_WEIGHT;
    }
    a->deck.focus = 0;
    return true;
}
