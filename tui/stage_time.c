/* Draws the stage's time: the big timer, and the milestones with the bars of what each one took. */
#include <stdio.h>
#include <string.h>

#include "tui/stage_draw.h"
#include "tui/textbuf.h"
#include "tui/theme.h"

static bool seen(const struct stage_milestone *m)
{
    return m->seen == STAGE_SEEN || m->seen == STAGE_SEEN_LATE;
}

/* ---- the timer ---- */

/* Rows of the digits 0 to 9 and of the point. */
static const char *const big[STAGE_BIG_ROWS] = {
    "### .#. ### ### #.# ### ### ### ### ### .",
    "#.# ##. ..# ..# #.# #.. #.. ..# #.# #.# .",
    "#.# .#. ### .## ### ### ### ..# ### ### .",
    "#.# .#. #.. ..# ..# ..# #.# ..# #.# ..# .",
    "### ### ### ### ..# ### ### ..# ### ### #",
};

static int64_t timer_us(const struct stage_look *l)
{
    const struct stage_run *run = l->run;
    if (!run || !run->t0_us)
        return -1;
    int64_t end = 0;
    bool whole = true;                 /* what still comes then is about the old pod, or seen by probes a while later */
    for (int i = STAGE_T7; i <= STAGE_T8; i++) {
        const struct stage_milestone *m = &run->milestone[i];
        if (seen(m) && m->at_us > end)
            end = m->at_us;
        whole = whole && m->seen != STAGE_WAITING;
    }
    if (run->outcome == STAGE_RUNNING && (!whole || !end))
        return l->now_us - run->t0_us;
    if ((run->outcome != STAGE_HEALED && run->outcome != STAGE_RUNNING) || !end)
        end = run->end_us;
    return end - run->t0_us;
}

uint16_t stage_outcome_style(const struct stage_run *run)
{
    static const enum role roles[] = {[STAGE_RUNNING] = ROLE_BUSY, [STAGE_HEALED] = ROLE_OK, [STAGE_NOT_HEALED] = ROLE_BAD,
                                      [STAGE_VOID] = ROLE_WARN, [STAGE_ABORTED] = ROLE_WARN, [STAGE_NOT_KNOWN] = ROLE_WARN};
    return STYLE(run ? roles[run->outcome] : ROLE_DIM);
}

int stage_draw_timer(struct canvas *c, struct rect r, const struct stage_look *l, bool large)
{
    char text[24];
    int64_t us = timer_us(l);
    if (us < 0)
        return 0;
    bool ended = l->run->outcome != STAGE_RUNNING;             /* then as exact as the verdict's words */
    uint16_t style = l->snap->stale_us && !ended ? STYLE(ROLE_WARN) : stage_outcome_style(l->run);
    snprintf(text, sizeof(text), ended ? "%.2f" : "%.1f", ended ? (double)us / 1e6 : (double)(us / 100000) / 10);
    int n = (int)strlen(text);
    if (!large) {
        canvas_printf(c, r.x + r.w - n - 2, r.y, n + 2, style, "%s s", text);
        return 1;
    }
    int wide = r.w >= 110 ? 2 : 1, x = r.x + r.w - (4 * (n - 1) + 2) * wide - 1;
    for (int i = 0; i < n; i++) {
        int digit = text[i] == '.' ? 10 : text[i] - '0', cols = digit == 10 ? 1 : 3;
        for (int row = 0; row < STAGE_BIG_ROWS; row++)
            for (int col = 0; col < cols * wide; col++)
                if (big[row][digit * 4 + col / wide] == '#')
                    canvas_glyph(c, x + col, r.y + row, style, GLYPH_BLOCK);
        x += (cols + 1) * wide;
    }
    canvas_puts(c, x - wide + 1, r.y + STAGE_BIG_ROWS - 1, 1, STYLE(ROLE_DIM), "s");
    return STAGE_BIG_ROWS;
}

void stage_draw_name(struct canvas *c, int x, int y, int max, uint16_t style, const char *name)
{
    int n = (int)strlen(name);
    if (max < 2)
        return;
    if (n <= max) {
        canvas_puts(c, x, y, max, style, name);
        return;
    }
    canvas_glyph(c, x, y, style, GLYPH_ELLIPSIS);
    canvas_puts(c, x + 1, y, max - 1, style, name + n - (max - 1));
}

/* ---- the timeline ---- */

/* Where a milestone stands in its row; bar 0 = no room for bars. */
struct columns { int title, value, bar, detail; };

/* What a milestone waits for: its time is counted from there. */
static const struct stage_milestone *cause(const struct stage_run *run, int id)
{
    static const int before[STAGE_MILESTONES] = {
        [STAGE_T0] = -1, [STAGE_T1] = STAGE_T0, [STAGE_T2] = STAGE_T0, [STAGE_T3] = STAGE_T2, [STAGE_T4] = STAGE_T3, [STAGE_T5] = STAGE_T4,
        [STAGE_T6] = STAGE_T5, [STAGE_T7] = STAGE_T6, [STAGE_T8] = STAGE_T7, [STAGE_T9] = STAGE_T8, [STAGE_T10] = STAGE_T0, [STAGE_T11] = STAGE_T7};
    const struct stage_milestone *m = run->milestone;
    if (id == STAGE_T2 && seen(&m[STAGE_T10]) && (!seen(&m[STAGE_T2]) || m[STAGE_T10].at_us <= m[STAGE_T2].at_us))
        return &m[STAGE_T10];          /* an owner that waits until the old pod is gone */
    for (id = before[id]; id >= 0 && m[id].seen == STAGE_NOT_EXPECTED;)
        id = before[id];
    return id < 0 ? NULL : &m[id];
}

/* The cell of a moment; a run may have taken ages, and a gap begin before it. */
static int cell_of(int64_t us, int64_t whole_us, int cells)
{
    return us <= 0 ? 0 : us >= whole_us ? cells : (int)((double)us / (double)whole_us * cells);
}

static void draw_bar(struct canvas *c, struct rect r, const struct stage_run *run, int id, int64_t end_us)
{
    const struct stage_milestone *m = &run->milestone[id], *since = cause(run, id);
    bool waits = m->seen == STAGE_WAITING && run->outcome == STAGE_RUNNING, old = id == STAGE_T1 || id == STAGE_T10;
    if ((!seen(m) && !waits) || (since && !seen(since)) || end_us <= run->t0_us)
        return;
    int64_t to = waits ? end_us : m->at_us, from = since && since->at_us < to ? since->at_us : to;
    int64_t whole = end_us - run->t0_us;
    int x0 = cell_of(from - run->t0_us, whole, r.w - 1), x1 = cell_of(to - run->t0_us, whole, r.w - 1);
    int sure = m->seen == STAGE_SEEN_LATE ? cell_of(m->since_us - run->t0_us, whole, r.w - 1) : x1;
    for (int x = x0 < x1 ? x0 + 1 : x0; x <= x1 && x < r.w; x++)
        canvas_glyph(c, r.x + x, r.y, STYLE(waits ? ROLE_BUSY : x > sure ? ROLE_WARN : old ? ROLE_DIM : ROLE_OK), waits || x > sure ? GLYPH_DOT : GLYPH_BLOCK);
}

static void draw_detail(struct canvas *c, struct rect r, const struct stage_milestone *m, const char *pod)
{
    int right = r.x + r.w, n = (int)strlen(m->server), x = r.x + (int)strlen(*m->detail ? m->detail : pod) + 2;
    if (!*m->detail && *pod)
        stage_draw_name(c, r.x, r.y, r.w, STYLE(ROLE_MINOR), pod);
    else if (*m->detail && !strchr(m->detail, ' '))
        stage_draw_name(c, r.x, r.y, r.w, STYLE(ROLE_MINOR), m->detail);
    else if (*m->detail)
        canvas_ellipsis(c, r.x, r.y, r.w, STYLE(m->skewed ? ROLE_WARN : ROLE_MINOR), m->detail, strlen(m->detail));
    if (n && right - n > x)
        canvas_puts(c, right - n, r.y, n, STYLE(m->skewed ? ROLE_WARN : ROLE_DIM), m->server);
}

static void draw_milestone(struct canvas *c, struct rect r, const struct columns *col, const struct stage_run *run, int id, int64_t end_us)
{
    static const struct { enum glyph g; enum role role; } mark[] = {
        [STAGE_WAITING] = {GLYPH_DONE, ROLE_DIM}, [STAGE_SEEN] = {GLYPH_OK, ROLE_OK}, [STAGE_SEEN_LATE] = {GLYPH_WARN, ROLE_WARN},
        [STAGE_NOT_EXPECTED] = {GLYPH_DOT, ROLE_DIM}, [STAGE_UNKNOWN] = {GLYPH_UNKNOWN, ROLE_UNKNOWN}};
    const struct stage_milestone *m = &run->milestone[id];
    bool done = seen(m);
    int right = r.x + r.w, x = r.x + 6 + col->title;
    canvas_glyph(c, r.x, r.y, STYLE(mark[m->seen].role), mark[m->seen].g);
    canvas_printf(c, r.x + 2, r.y, 4, STYLE(ROLE_DIM), "%-3s", m->id);
    canvas_ellipsis(c, r.x + 6, r.y, col->title, STYLE(done ? ROLE_TEXT : ROLE_DIM), m->title, strlen(m->title));
    if (x < right)
        canvas_printf(c, x, r.y, right - x, STYLE(done ? ROLE_STRONG : ROLE_DIM), "%*s", col->value, m->value);
    x += col->value + 2;
    if (col->bar) {
        draw_bar(c, (struct rect){x, r.y, col->bar, 1}, run, id, end_us);
        x += col->bar + 2;
    }
    if (x < right)
        draw_detail(c, (struct rect){x, r.y, right - x, 1}, m, id == STAGE_T0 ? run->pod : "");
}

/* The bars' right end: now, or the last milestone; never less than a second. */
static int64_t end_of_bars(const struct stage_run *run, int64_t now_us)
{
    int64_t end = run->outcome == STAGE_RUNNING ? now_us : run->t0_us;
    for (int i = 0; i < STAGE_MILESTONES; i++)
        if (seen(&run->milestone[i]) && run->milestone[i].at_us > end)
            end = run->milestone[i].at_us;
    return end > run->t0_us + 1000000 ? end : run->t0_us + 1000000;
}

static int draw_gap(struct canvas *c, struct rect r, const struct stage_gap *g, int64_t t0_us)
{
    char text[240];
    snprintf(text, sizeof(text), "gap at +%.1f s: %s", (double)(g->from_us - t0_us) / 1e6, g->what);
    return text_draw_words(c, r, STYLE(ROLE_WARN), text, r.h);
}

int stage_draw_timeline(struct canvas *c, struct rect r, const struct stage_run *run, int64_t now_us, bool all)
{
    int y = r.y;
    struct columns col = {.title = 20, .value = 11};
    if (run->t0_us && r.w >= 96)
        col.bar = (r.w - 39) * 45 / 100;
    if (all)
        canvas_printf(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Run %u: %s%s%s", run->number, run->ns, *run->ns ? "/" : "", run->pod);
    for (int i = 0; i < STAGE_MILESTONES; i++)
        if (all || run->milestone[i].seen != STAGE_NOT_EXPECTED)
            draw_milestone(c, (struct rect){r.x, y++, r.w, 1}, &col, run, i, end_of_bars(run, now_us));
    for (size_t i = 0; i < run->ngaps; i++)
        y += draw_gap(c, (struct rect){r.x, y, r.w, 4}, &run->gap[i], run->t0_us);
    return y - r.y;
}
