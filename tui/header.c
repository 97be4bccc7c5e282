/* The lines around the deck: sources with their health, the ticker, key hints, and the page for when nothing is configured. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "strata/view.h"
#include "tui/app_int.h"
#include "tui/table.h"
#include "tui/tally.h"
#include "tui/view_ops.h"

enum { TIP_AFTER_MS = 10000 };             /* news are alone on a narrow line for so long */

/* Lines of the ticker have seconds; the clock in the header has none, for it would be all that an idle screen sends. */
static void clock_text(char *buf, size_t size, int64_t ms, bool seconds)
{
    time_t sec = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&sec, &tm);
    if (seconds) snprintf(buf, size, "%02d:%02d:%02d", tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
    else snprintf(buf, size, "%02d:%02dZ", tm.tm_hour % 100, tm.tm_min % 100);
}

static int role_of_source(const struct source_info *s)
{
    switch (s->state) {
    case SOURCE_OK: return ROLE_HEADER_OK;
    case SOURCE_CONNECTING: return ROLE_HEADER_DIM;
    case SOURCE_DEGRADED: case SOURCE_STALE: return ROLE_HEADER_WARN;
    default: return ROLE_HEADER_BAD;
    }
}

void source_words(const struct source_info *s, char *buf, size_t size)
{
    char age[24] = "";
    if (s->last_ok_mono_ms > 0) text_age(age, sizeof age, (clock_mono_ms() - s->last_ok_mono_ms) / 1000);
    switch (s->state) {
    case SOURCE_CONNECTING: snprintf(buf, size, "%s", s->err.code ? "no answer yet" : "connecting"); break;
    case SOURCE_OK:
        if (s->latency_ms >= 0) snprintf(buf, size, "ok %lldms", (long long)s->latency_ms);
        else snprintf(buf, size, "ok -");
        break;
    case SOURCE_DEGRADED: snprintf(buf, size, "degraded"); break;
    case SOURCE_STALE: snprintf(buf, size, "stale %s", age); break;
    default: snprintf(buf, size, "failed"); break;
    }
}

/* It answers, but every list that a pane asks of it is forbidden. */
static bool no_rights(const struct app *a, const struct source_info *s)
{
    int feeds = 0, forbidden = 0;
    if (s->state != SOURCE_OK) return false;
    for (int i = 0; i < a->deck.n; i++) {
        const struct table *t = table_of(a->deck.pane[i]->table);
        if (t) table_rights(t, s->id, &feeds, &forbidden);
    }
    return feeds > 0 && forbidden == feeds;
}

/* A source that is well (enough), but what a pane shows of it is old or missing: the kind, else NULL. */
static const char *lost_kind(const struct app *a, const struct source_info *s)
{
    if (s->state != SOURCE_OK && s->state != SOURCE_DEGRADED) return NULL;
    for (int i = 0; i < a->deck.n; i++) {
        const struct table *t = table_of(a->deck.pane[i]->table);
        if (t && table_lost(t, s->id)) return view_kind(t->view) ? view_kind(t->view)->id : t->kind_name;
    }
    return NULL;
}

/* A source as the header shows it. */
struct shown { const struct source_info *s; int role, rank; char words[48]; };
enum { RANK_BAD, RANK_CONNECTING, RANK_OK };
#define NAME_CELLS 28
#define GAP 3

static int shown_make(const struct app *a, struct shown *h)
{
    size_t n = 0;
    uint8_t order[CORE_MAX_SOURCES];
    bool denied[CORE_MAX_SOURCES];
    source_order(a->src, a->nsrc, order);
    for (size_t i = 0; i < a->nsrc; i++) denied[i] = no_rights(a, &a->src[i]);
    for (int rank = RANK_BAD; rank <= RANK_OK; rank++) {
        for (size_t i = 0; i < a->nsrc; i++) {
            const struct source_info *s = &a->src[order[i]];
            bool no = denied[order[i]];
            const char *lost = lost_kind(a, s);
            int own = s->state >= SOURCE_DEGRADED || no || lost ? RANK_BAD : s->state == SOURCE_OK ? RANK_OK : RANK_CONNECTING;
            if (own != rank) continue;
            h[n] = (struct shown){.s = s, .rank = own, .role = no || lost ? (int)ROLE_HEADER_WARN : role_of_source(s)};
            if (no) snprintf(h[n].words, sizeof h[n].words, "ok, no rights");
            else if (lost) snprintf(h[n].words, sizeof h[n].words, "%s: %.24s", s->state == SOURCE_OK ? "partial" : "degraded", lost);
            else source_words(s, h[n].words, sizeof h[n].words);
            n++;
        }
    }
    return (int)n;
}

/* Cells of one source. latency: with it; room for three digits is kept, so that the next source does not move. */
static int shown_cells(const struct shown *h, bool latency)
{
    int name = text_width(h->s->name, strlen(h->s->name)), words = (int)strlen(h->words);
    if (h->rank == RANK_OK) words = !latency ? 2 : words < 8 ? 8 : words;
    return 2 + (name < NAME_CELLS ? name : NAME_CELLS) + 2 * h->s->read_only + 2 * h->s->protected_ + 1 + words;
}

static void draw_source(struct canvas *c, const struct shown *h, int x, int y, bool latency)
{
    const struct source_info *s = h->s;
    canvas_glyph(c, x, y, STYLE(h->role), s->plane == PLANE_KUBE ? GLYPH_KUBE : GLYPH_STACK);
    x += 2;
    x += canvas_ellipsis(c, x, y, NAME_CELLS, STYLE(ROLE_HEADER), s->name, strlen(s->name));
    if (s->read_only) canvas_glyph(c, x + 1, y, STYLE(ROLE_HEADER_DIM), GLYPH_LOCK), x += 2;
    if (s->protected_) canvas_glyph(c, x + 1, y, STYLE(ROLE_HEADER_WARN), GLYPH_SHIELD), x += 2;
    canvas_puts(c, x + 1, y, 48, STYLE(h->role), h->rank == RANK_OK && !latency ? "ok" : h->words);
}

/* "+2 bad +15 ok" for those from `at` on; without "+" when nobody is shown. Returns the cells. */
static int rest_words(const struct shown *h, int at, int n, char words[3][24])
{
    static const char *const of[] = {"bad", "connecting", "ok"};
    int count[3] = {0}, cells = 0;
    for (int i = at; i < n; i++) count[h[i].rank]++;
    for (int k = 0; k < 3; k++) {
        words[k][0] = '\0';
        if (count[k]) snprintf(words[k], 24, "%s%d %s", at ? "+" : "", count[k], of[k]);
        if (count[k]) cells += (int)strlen(words[k]) + (cells > 0);
    }
    return cells;
}

/* Who fails comes first, nobody is cut in the middle, and who is not shown is counted. */
static void draw_sources(struct app *a, int x, int end, int y)
{
    static const int roles[] = {ROLE_HEADER_BAD, ROLE_HEADER_DIM, ROLE_HEADER_OK};
    struct canvas *c = &a->canvas;
    struct shown h[CORE_MAX_SOURCES];
    int n = shown_make(a, h), all = 0, fit = 0, at = x;
    char rest[3][24];
    for (int i = 0; i < n; i++) all += shown_cells(&h[i], true) + (i ? GAP : 0);
    bool latency = x + all <= end;
    for (int i = 0; i < n; i++) {
        int last = at + shown_cells(&h[i], latency), tail = rest_words(h, i + 1, n, rest);
        if (last + (tail ? GAP + tail : 0) > end) {
            bool all_fit = true;                             /* the last ones may need less than their count */
            for (int k = i, to = at; k < n; k++) {
                to += shown_cells(&h[k], latency);
                all_fit = all_fit && to <= end;
                to += GAP;
            }
            if (!all_fit) break;
        }
        draw_source(c, &h[i], at, y, latency);
        at = last + GAP;
        fit = i + 1;
    }
    rest_words(h, fit, n, rest);
    for (int k = 0; k < 3; k++) {
        if (!*rest[k] || at + (int)strlen(rest[k]) > end) continue;
        at += canvas_puts(c, at, y, end - at, STYLE(roles[k]), rest[k]) + 1;
    }
}

void header_draw(struct app *a, struct rect r)
{
    struct canvas *c = &a->canvas;
    char now[24];
    struct tally all;
    tally_make(a, r.w, &all);
    canvas_fill(c, r, STYLE(ROLE_HEADER));
    canvas_glyph(c, r.x + 1, r.y, STYLE(ROLE_LOGO), GLYPH_LAYERS);
    int x = r.x + 3 + canvas_puts(c, r.x + 3, r.y, r.w - 3, STYLE(ROLE_LOGO), "strata") + 2;
    clock_text(now, sizeof now, clock_wall_ms(), false);
    int end = r.x + r.w - (int)strlen(now) - 1;
    if (end > x) canvas_puts(c, end, r.y, r.w, STYLE(ROLE_HEADER_DIM), now);
    if (*all.words) {
        end -= (int)strlen(all.words) + 3;
        if (end > x) canvas_puts(c, end, r.y, r.w, STYLE(all.role), all.words);
    }
    if (a->opt->read_only && end - 12 > x) {
        end -= 12;
        canvas_puts(c, end, r.y, r.w, STYLE(ROLE_HEADER_DIM), "read-only");
    }
    struct rect old = canvas_clip(c, (struct rect){r.x, r.y, end - r.x > 0 ? end - r.x - 1 : 0, 1});
    draw_sources(a, x, end - 2, r.y);
    canvas_unclip(c, old);
}

/* The suggestion, right of the news; on a narrow screen only when there is no news. The cells it takes. */
static int tip_draw(struct app *a, struct rect r)
{
    static const char try[] = "try: ", story[] = "story: ", next[] = "  ctrl-t next";
    const char *told = hints_story(&a->tips), *tip = told ? told : hints_now(&a->tips), *lead = told ? story : try;
    const struct ticker_line *last = a->ticker_n ? &a->ticker[(a->ticker_n - 1) % TICKER_LINES] : NULL;
    int w = tip ? text_width(tip, strlen(tip)) + (int)strlen(lead) + 2 : 0, room = r.w - 2;
    if (!tip || room < 30) return 0;
    if (w + 40 > room) {
        if (!told && last && clock_wall_ms() - last->time_ms < TIP_AFTER_MS) return 0;
        if (w > room) w = room;
    }
    bool keys = !told && w + (int)sizeof next < room;
    if (keys) w += (int)sizeof next - 1;
    struct canvas *c = &a->canvas;
    int x = r.x + r.w - 1 - w, end = r.x + r.w - 1;
    x += canvas_puts(c, x, r.y, end - x, STYLE(ROLE_TICKER_TIME), lead);
    x += canvas_ellipsis(c, x, r.y, end - x, STYLE(told ? ROLE_STRONG : ROLE_KEY_TEXT), tip, strlen(tip));
    if (keys) canvas_puts(c, x, r.y, end - x, STYLE(ROLE_TICKER_TIME), next);
    return w + 1;
}

/* Operations under way, at the right end of the line; returns the cells used. */
static int ops_draw(struct app *a, struct rect r)
{
    char words[160];
    ops_words(a, words, sizeof words);
    int w = text_width(words, strlen(words)) + 2, most = r.w / 2;
    if (!*words || most < 12) return 0;
    if (w > most) w = most;
    canvas_glyph(&a->canvas, r.x + r.w - w - 1, r.y, STYLE(ROLE_BUSY), GLYPH_BUSY);
    canvas_ellipsis(&a->canvas, r.x + r.w - w + 1, r.y, w - 2, STYLE(ROLE_BUSY), words, strlen(words));
    return w + 3;
}

void ticker_draw(struct app *a, struct rect r)
{
    struct canvas *c = &a->canvas;
    int x = r.x + 1;
    if (*a->status) {
        uint16_t st = STYLE(a->status_bad ? ROLE_ERROR : ROLE_INFO);
        if (a->status_bad) canvas_fill(c, r, st);
        canvas_ellipsis(c, x, r.y, r.w - 2, st, a->status, strlen(a->status));
        return;
    }
    r.w -= ops_draw(a, r);
    r.w -= tip_draw(a, r);
    bool any = false;
    for (unsigned i = 0; i < a->ticker_n && i < TICKER_LINES && x < r.x + r.w - 12; i++) {      /* newest first */
        const struct ticker_line *l = &a->ticker[(a->ticker_n - 1 - i) % TICKER_LINES];
        char when[16];
        if (l->status) continue;
        if (any) x += canvas_puts(c, x, r.y, r.x + r.w - x, STYLE(ROLE_TICKER_TIME), "   ");
        clock_text(when, sizeof when, l->time_ms, true);
        x += canvas_printf(c, x, r.y, r.x + r.w - x, STYLE(ROLE_TICKER_TIME), "%s ", when);
        any = true;
        int role = l->health >= HEALTH_WARN ? (int)role_of_health(l->health) : ROLE_TICKER;
        x += canvas_ellipsis(c, x, r.y, r.x + r.w - 1 - x, STYLE(role), l->text, strlen(l->text));
    }
}

static bool hint_applies(struct app *a, const char *line, const char *scope)
{
    const struct command *cmd = command_find(line, strcspn(line, " "), scope);
    if (!cmd) return false;
    if ((cmd->flags & CMD_CHANGES) && a->opt->read_only) return false;
    return !cmd->applies || cmd->applies(a, app_top(a));
}

void hints_draw(struct app *a, struct rect r)
{
    struct canvas *c = &a->canvas;
    struct screen *top = app_top(a);
    const char *scopes[2] = {top ? top->ops->scope : "global", top && top->ops->modal ? NULL : "global"};
    int x = r.x + 1;
    if (r.w > 30 && scopes[1]) {                              /* whatever there is no room for: help has it */
        r.w -= 8;
        canvas_puts(c, r.x + r.w, r.y, 1, STYLE(ROLE_KEY), "?");
        canvas_puts(c, r.x + r.w + 2, r.y, 4, STYLE(ROLE_KEY_TEXT), "help");
    }
    for (int k = top ? 0 : 1; k < 2; k++) {                   /* without a pane there is only the global scope: once */
        for (size_t i = 0; scopes[k] && i < a->keymap.n; i++) {
            const struct keymap_entry *e = &a->keymap.e[i];
            char key[32], shown[32];
            if (!e->hint || (k == 1 && !strcmp(e->command, "help")) || strcmp(e->scope, scopes[k]) || !hint_applies(a, e->command, scopes[k])) continue;
            if (keymap_find(&a->keymap, e->scope, false, e->key) != e->command) continue;      /* the user took the key */
            key_name(e->key, key, sizeof key);
            snprintf(shown, sizeof shown, "%s", !strncmp(key, "shift-", 6) && !key[7] ? (char[]){(char)(key[6] - 32), 0} : key);
            int need = (int)strlen(shown) + 1 + text_width(e->hint, strlen(e->hint));
            if (!*key || x + need > r.x + r.w - 1) continue;
            x += canvas_puts(c, x, r.y, need, STYLE(ROLE_KEY), shown) + 1;
            x += canvas_puts(c, x, r.y, need, STYLE(ROLE_KEY_TEXT), e->hint) + 2;
        }
    }
}

/* ---- nothing configured ---- */

void welcome_draw(struct app *a, struct rect r)
{
    struct canvas *c = &a->canvas;
    static const struct { enum role role; const char *text; } lines[] = {
        {ROLE_LOGO, "strata"},
        {ROLE_TEXT, "a cockpit for Kubernetes and OpenStack, side by side"},
        {ROLE_TEXT, ""},
        {ROLE_STRONG, "Nothing is configured yet. What you can do:"},
        {ROLE_TEXT, "  strata --kubeconfig FILE        a cluster from a kubeconfig (or export KUBECONFIG)"},
        {ROLE_TEXT, "  strata --cloud NAME             a cloud from clouds.yaml"},
        {ROLE_TEXT, "  source openrc.sh; strata        a cloud from OS_* variables"},
        {ROLE_TEXT, "  strata --all                    every context and cloud there is"},
        {ROLE_TEXT, "  strata doctor                   what is reachable, and what is wrong"},
        {ROLE_TEXT, ""},
        {ROLE_STRONG, "Where strata looked:"},
    };
    const char *searched = core_searched(a->core), *odd = core_problems(a->core);
    int n = (int)(sizeof lines / sizeof *lines), y = r.y + (r.h > n + 12 ? (r.h - n - 10) / 2 : 0), x = r.x + (r.w > 90 ? (r.w - 84) / 2 : 1);
    int max = r.x + r.w - x - 1;
    struct rect old = canvas_clip(c, r);
    for (int i = 0; i < n; i++) canvas_puts(c, x, y++, max, STYLE(lines[i].role), lines[i].text);
    for (int k = 0; k < 2; k++) {
        const char *p = k ? odd : searched;
        if (k && *p) canvas_puts(c, x, ++y, max, STYLE(ROLE_STRONG), "What was odd:"), y++;
        while (*p) {
            size_t len = strcspn(p, "\n");
            canvas_ellipsis(c, x + 2, y++, max - 2, STYLE(k ? ROLE_WARN : ROLE_DIM), p, len);
            p += len + (p[len] == '\n');
        }
    }
    canvas_puts(c, x, y + 1, max, STYLE(ROLE_KEY_TEXT), "q quits, ? shows every key");
    canvas_unclip(c, old);
}
