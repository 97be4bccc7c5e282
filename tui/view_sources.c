/* :sources: every cluster and cloud of this session, how it is and what it says; enter lets the doctor look at one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/table.h"
#include "tui/textbuf.h"
#include "tui/view_text.h"

struct sources_view {
    struct screen base;
    uint16_t id;                             /* the chosen one; follows it when the order changes */
    int at, top;
};

static int urgency(enum source_state s)
{
    static const int rank[] = {[SOURCE_FAILED] = 0, [SOURCE_STALE] = 1, [SOURCE_DEGRADED] = 2, [SOURCE_CONNECTING] = 3, [SOURCE_OK] = 4};
    return (unsigned)s < sizeof rank / sizeof *rank ? rank[s] : 0;
}

size_t source_order(const struct source_info *src, size_t n, uint8_t *order)
{
    for (size_t i = 0; i < n; i++) {                         /* insertion: stable, and there are few */
        size_t at = i;
        while (at > 0 && urgency(src[order[at - 1]].state) > urgency(src[i].state)) order[at] = order[at - 1], at--;
        order[at] = (uint8_t)i;
    }
    return n;
}

/* ---- words ---- */

static void clock_words(const struct source_info *s, char *buf, size_t size)
{
    double sec = (double)s->clock_offset_ms / 1000;
    if (!s->has_clock) snprintf(buf, size, "-");
    else if (sec > -2 && sec < 2) snprintf(buf, size, "same");
    else snprintf(buf, size, "%+.0fs", sec);
}

static void expiry_words(const struct source_info *s, char *buf, size_t size)
{
    int64_t left = (s->expires_ms - clock_wall_ms()) / 1000;
    char age[24] = "";
    if (s->expires_ms <= 0) {
        snprintf(buf, size, "-");
        return;
    }
    text_age(age, sizeof age, left < 0 ? -left : left);
    snprintf(buf, size, left < 0 ? "%s ago" : "in %s", age);
}

enum { CELL_NAME, CELL_STATE, CELL_VERSION, CELL_EXPIRES, CELL_CLOCK, CELL_USER, CELL_SERVER, CELLS };
static const struct { const char *title; int max; } heads[CELLS] = {
    {"NAME", 40}, {"STATE", 14}, {"VERSION", 20}, {"EXPIRES", 10}, {"CLOCK", 8}, {"USER", 40}, {"SERVER", 60}};

static void cell(const struct source_info *s, int what, char *buf, size_t size)
{
    switch (what) {
    case CELL_NAME: snprintf(buf, size, "%s", s->name); break;
    case CELL_STATE: source_words(s, buf, size); break;
    case CELL_VERSION: snprintf(buf, size, "%s", *s->version ? s->version : "-"); break;
    case CELL_EXPIRES: expiry_words(s, buf, size); break;
    case CELL_CLOCK: clock_words(s, buf, size); break;
    case CELL_USER: snprintf(buf, size, "%s", *s->user ? s->user : "-"); break;
    default: snprintf(buf, size, "%s", *s->server ? s->server : "-"); break;
    }
}

static int role_of(const struct source_info *s)
{
    switch (s->state) {
    case SOURCE_OK: return ROLE_OK;
    case SOURCE_CONNECTING: return ROLE_BUSY;
    case SOURCE_DEGRADED: case SOURCE_STALE: return ROLE_WARN;
    default: return ROLE_BAD;
    }
}

/* ---- drawing ---- */

static int field(struct canvas *c, struct rect r, int y, const char *name, const char *value, int role)
{
    if (y >= r.y + r.h || !*value) return 0;
    canvas_puts(c, r.x, y, 10, STYLE(ROLE_FIELD), name);
    return text_draw_words(c, (struct rect){r.x + 11, y, r.w - 11, r.y + r.h - y}, STYLE(role), value, 4);
}

static void draw_details(const struct app *a, struct canvas *c, struct rect r, const struct source_info *s)
{
    char buf[400], words[64];
    int y = r.y;
    canvas_hline(c, r.x - 1, y++, r.w + 2, STYLE(ROLE_BORDER));
    struct rect old = canvas_clip(c, r);
    if (s->err.code) y += field(c, r, y, "why", s->err.msg, role_of(s));
    for (int i = 0; i < a->deck.n && s->state == SOURCE_OK; i++) {      /* it answers: what the panes may not see of it */
        const struct table *t = table_of(a->deck.pane[i]->table);
        if (t && table_source_words(t, s->id, buf, sizeof buf)) {
            snprintf(words, sizeof words, "%.10s", t->kind_name);
            y += field(c, r, y, words, buf, ROLE_WARN);
        }
    }
    y += field(c, r, y, "server", s->server, ROLE_TEXT);
    y += field(c, r, y, "user", s->user, ROLE_TEXT);
    y += field(c, r, y, s->plane == PLANE_KUBE ? "namespace" : "scope", s->scope, ROLE_TEXT);
    y += field(c, r, y, "version", s->version, ROLE_TEXT);
    clock_words(s, words, sizeof words);
    if (s->has_clock) {
        snprintf(buf, sizeof buf, "%s%s", words, !strcmp(words, "same") ? " as here" : " against the one here");
        y += field(c, r, y, "clock", buf, !strcmp(words, "same") ? ROLE_TEXT : ROLE_WARN);
    }
    expiry_words(s, words, sizeof words);
    snprintf(buf, sizeof buf, "the token or certificate ends: %s", words);
    if (s->expires_ms > 0) y += field(c, r, y, "login", buf, s->expires_ms < clock_wall_ms() ? ROLE_BAD : ROLE_TEXT);
    if (s->read_only || s->protected_)
        field(c, r, y, "guard", s->read_only ? "read-only: nothing is changed here" : "protected: deletes ask for its name", ROLE_TEXT);
    canvas_unclip(c, old);
}

static void draw_list(struct sources_view *v, struct canvas *c, struct rect r, const struct source_info *src, const uint8_t *order, int n)
{
    int width[CELLS], x;
    char buf[200];
    for (int k = 0; k < CELLS; k++) {
        width[k] = (int)strlen(heads[k].title);
        for (int i = 0; i < n; i++) {
            cell(&src[i], k, buf, sizeof buf);
            int w = text_width(buf, strlen(buf));
            if (w > heads[k].max) w = heads[k].max;
            if (w > width[k]) width[k] = w;
        }
    }
    if (width[CELL_NAME] > r.w / 2) width[CELL_NAME] = r.w / 2;
    x = r.x + 2;
    for (int k = 0; k < CELLS && x + 6 < r.x + r.w; x += width[k++] + 2)
        canvas_ellipsis(c, x, r.y, r.x + r.w - x, STYLE(ROLE_COLUMN), heads[k].title, strlen(heads[k].title));
    for (int y = 1; y < r.h && v->top + y - 1 < n; y++) {
        const struct source_info *s = &src[order[v->top + y - 1]];
        canvas_glyph(c, r.x, r.y + y, STYLE(role_of(s)), s->plane == PLANE_KUBE ? GLYPH_KUBE : GLYPH_STACK);
        x = r.x + 2;
        for (int k = 0; k < CELLS && x + 6 < r.x + r.w; x += width[k++] + 2) {
            int room = r.x + r.w - x;
            cell(s, k, buf, sizeof buf);
            canvas_ellipsis(c, x, r.y + y, width[k] < room ? width[k] : room,
                            STYLE(k == CELL_NAME ? ROLE_NAME : k == CELL_STATE ? role_of(s) : ROLE_TEXT), buf, strlen(buf));
        }
        if (v->top + y - 1 == v->at) canvas_over(c, (struct rect){r.x - 1, r.y + y, r.w + 2, 1}, ROLE_CURSOR);
    }
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct sources_view *v = (struct sources_view *)s;
    size_t n = 0;
    const struct source_info *src = app_sources(s->app, &n);
    uint8_t order[CORE_MAX_SOURCES];
    (void)focus;
    source_order(src, n, order);
    if (n == 0) return;
    v->at = 0;
    for (size_t i = 0; i < n; i++)
        if (src[order[i]].id == v->id) v->at = (int)i;
    v->id = src[order[v->at]].id;
    struct rect in = {r.x + 1, r.y, r.w - 2, r.h};
    int below = r.h > 22 ? 11 : r.h > 13 ? 7 : r.h / 2, rows = r.h - below - 1;
    if (rows > (int)n) rows = (int)n, below = r.h - rows - 1;
    if (v->at < v->top) v->top = v->at;
    if (v->at >= v->top + rows) v->top = v->at - rows + 1;
    draw_list(v, c, (struct rect){in.x, in.y, in.w, rows + 1}, src, order, (int)n);
    if (below > 1) draw_details(s->app, c, (struct rect){in.x, in.y + rows + 1, in.w, below}, &src[order[v->at]]);
}

static void title(struct screen *s, struct str *out)
{
    size_t n = 0, bad = 0;
    const struct source_info *src = app_sources(s->app, &n);
    for (size_t i = 0; i < n; i++) bad += src[i].state >= SOURCE_DEGRADED;
    str_addf(out, "Clusters and clouds [%zu]", n);
    if (bad) str_addf(out, " %zu not well", bad);
}

static bool tick(struct screen *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    return true;                                             /* ages */
}

static void move(struct sources_view *v, int to)
{
    size_t n = 0;
    const struct source_info *src = app_sources(v->base.app, &n);
    uint8_t order[CORE_MAX_SOURCES];
    source_order(src, n, order);
    if (to >= (int)n) to = (int)n - 1;
    if (to < 0) to = 0;
    if (n) v->id = src[order[to]].id;
    app_dirty(v->base.app);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct sources_view *v = (struct sources_view *)s;
    if (in->mouse == MOUSE_WHEEL_UP) move(v, v->at - 1);
    else if (in->mouse == MOUSE_WHEEL_DOWN) move(v, v->at + 1);
    else if (in->mouse == MOUSE_PRESS && in->y >= r.y + 2) move(v, v->top + in->y - r.y - 2);
    else return false;
    return true;
}

static void close_view(struct screen *s)
{
    mem_free(s);
}

static const struct screen_ops sources_ops = {
    .scope = "sources", .draw = draw, .title = title, .tick = tick, .mouse = mouse, .close = close_view,
};

/* ---- commands ---- */

static void run_sources(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    uint8_t order[CORE_MAX_SOURCES];
    if (app_top(a) && app_top(a)->ops == &sources_ops) return;
    if (a->nsrc == 0) return app_error(a, "nothing is configured");
    struct sources_view *v = mem_zalloc(sizeof *v);
    if (!v) return app_error(a, "out of memory");
    source_order(a->src, a->nsrc, order);
    v->base.ops = &sources_ops;
    v->id = a->src[order[0]].id;
    app_push(a, &v->base);
}

static void run_source(struct app *a, struct screen *s, const char *args)
{
    struct sources_view *v = (struct sources_view *)s;
    if (!strcmp(args, "up")) move(v, v->at - 1);
    else if (!strcmp(args, "down")) move(v, v->at + 1);
    else if (!strcmp(args, "first")) move(v, 0);
    else if (!strcmp(args, "last")) move(v, CORE_MAX_SOURCES);
    else if (!strcmp(args, "doctor")) view_text_doctor(a, v->id);
    else app_pop(a, s);
}

static void run_doctor(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    for (size_t i = 0; i < a->nsrc; i++)
        if (a->nsrc == 1 || !strcmp(a->src[i].name, args)) return view_text_doctor(a, a->src[i].id);
    if (*args) app_error(a, "no cluster or cloud is called \"%s\"", args);
    else run_sources(a, s, args);
}

const struct command sources_commands[] = {
    {"sources", "contexts clouds", NULL, NULL, "Clusters and clouds: how they are, versions, clocks, logins.", 0, COMPLETE_NONE, run_sources, NULL},
    {"doctor", NULL, NULL, "[NAME]", "Checks one cluster or cloud thoroughly.", 0, COMPLETE_SOURCE, run_doctor, NULL},
    {"source", NULL, "sources", "up|down|first|last|doctor|close", "Works on the list of clusters and clouds.", CMD_HIDDEN, COMPLETE_NONE, run_source, NULL},
    {0},
};

const struct key_row sources_keys[] = {
    {"global", "shift-h", "sources", NULL, NULL},
    {"sources", "enter", "source doctor", "doctor", "Lets the doctor look at it."},
    {"sources", "d", "source doctor", NULL, "Lets the doctor look at it."},
    {"sources", "up", "source up", NULL, "Up."},
    {"sources", "k", "source up", NULL, "Up."},
    {"sources", "down", "source down", NULL, "Down."},
    {"sources", "j", "source down", NULL, "Down."},
    {"sources", "home", "source first", NULL, "To the first."},
    {"sources", "g", "source first", NULL, "To the first."},
    {"sources", "end", "source last", NULL, "To the last."},
    {"sources", "shift-g", "source last", NULL, "To the last."},
    {"sources", "esc", "source close", "back", "Close."},
    {"sources", "q", "source close", NULL, "Close."},
    {0},
};
