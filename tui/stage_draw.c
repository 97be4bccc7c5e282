/* Draws the stage. What does not fit in a small terminal goes in this order: evidence, events, words beside the strips. */
#include "tui/stage_draw.h"

#include <stdio.h>
#include <string.h>

#include "tui/textbuf.h"
#include "tui/theme.h"

#define MILESTONE_TITLE 22
#define STRIP_LABEL 15

/* ---- the timer ---- */

/* Rows of the digits 0 to 9 and of the point. */
enum { BIG_ROWS = 5 };
static const char *const big[BIG_ROWS] = {
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
    if (run->outcome == STAGE_RUNNING)
        return l->now_us - run->t0_us;
    int64_t end = 0;
    for (int i = STAGE_T7; i <= STAGE_T9; i++)
        if ((run->milestone[i].seen == STAGE_SEEN || run->milestone[i].seen == STAGE_SEEN_LATE) && run->milestone[i].at_us > end)
            end = run->milestone[i].at_us;
    if (run->outcome != STAGE_HEALED || !end)
        end = run->end_us;
    return end - run->t0_us;
}

static uint16_t outcome_style(const struct stage_run *run)
{
    static const enum role roles[] = {[STAGE_RUNNING] = ROLE_BUSY, [STAGE_HEALED] = ROLE_OK, [STAGE_NOT_HEALED] = ROLE_BAD,
                                      [STAGE_VOID] = ROLE_WARN, [STAGE_ABORTED] = ROLE_WARN};
    return STYLE(run ? roles[run->outcome] : ROLE_DIM);
}

/* Returns the rows used at the top right. */
static int draw_timer(struct canvas *c, struct rect r, const struct stage_look *l, bool large)
{
    char text[24];
    int64_t us = timer_us(l);
    if (us < 0)
        return 0;
    snprintf(text, sizeof(text), "%lld.%lld", (long long)(us / 1000000), (long long)(us / 100000 % 10));
    int n = (int)strlen(text);
    if (!large) {
        canvas_printf(c, r.x + r.w - n - 2, r.y, n + 2, outcome_style(l->run), "%s s", text);
        return 1;
    }
    int wide = r.w >= 110 ? 2 : 1, x = r.x + r.w - (4 * (n - 1) + 2) * wide - 1;
    for (int i = 0; i < n; i++) {
        int digit = text[i] == '.' ? 10 : text[i] - '0', cols = digit == 10 ? 1 : 3;
        for (int row = 0; row < BIG_ROWS; row++)
            for (int col = 0; col < cols * wide; col++)
                if (big[row][digit * 4 + col / wide] == '#')
                    canvas_glyph(c, x + col, r.y + row, outcome_style(l->run), GLYPH_BLOCK);
        x += (cols + 1) * wide;
    }
    canvas_puts(c, x - wide + 1, r.y + BIG_ROWS - 1, 1, STYLE(ROLE_DIM), "s");
    return BIG_ROWS;
}

/* Pods of a workload differ at the end of their names: what does not fit goes from the front. */
static void draw_name(struct canvas *c, int x, int y, int max, uint16_t style, const char *name)
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

/* ---- facts: will it heal? ---- */

static int draw_facts(struct canvas *c, struct rect r, const struct stage_snap *s)
{
    static const struct { enum glyph g; enum role role; } mark[] = {
        [STAGE_FINE] = {GLYPH_OK, ROLE_OK}, [STAGE_WARN] = {GLYPH_WARN, ROLE_WARN}, [STAGE_REFUSE] = {GLYPH_BAD, ROLE_BAD}};
    int y = r.y, end = r.y + r.h;
    if (y < end)
        canvas_puts(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Will it heal?");
    int need = 0;
    for (size_t i = 0; i < s->nfacts; i++)
        need += text_words_rows(s->fact[i].text, strlen(s->fact[i].text), r.w - 2) + (*s->fact[i].evidence != 0);
    bool evidence = need <= end - y - 2;
    for (size_t i = 0; i < s->nfacts && y < end; i++) {
        const struct stage_fact *f = &s->fact[i];
        canvas_glyph(c, r.x, y, STYLE(mark[f->level].role), mark[f->level].g);
        y += text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, end - y}, STYLE(f->level == STAGE_FINE ? ROLE_TEXT : mark[f->level].role),
                             f->text, end - y);
        if (evidence && *f->evidence && y < end)
            canvas_ellipsis(c, r.x + 2, y++, r.w - 2, STYLE(ROLE_DIM), f->evidence, strlen(f->evidence));
    }
    bool said = false;
    for (size_t i = 0; i < s->nfacts; i++)
        said |= !strcmp(s->fact[i].text, s->refusal);
    if (*s->refusal && !said && y < end)
        y += text_draw_words(c, (struct rect){r.x, y, r.w, end - y}, STYLE(ROLE_BAD), s->refusal, end - y);
    return y - r.y;
}

/* ---- the timeline ---- */

static void draw_milestone(struct canvas *c, struct rect r, const struct stage_milestone *m)
{
    static const struct { enum glyph g; enum role role; } mark[] = {
        [STAGE_WAITING] = {GLYPH_DONE, ROLE_DIM}, [STAGE_SEEN] = {GLYPH_OK, ROLE_OK}, [STAGE_SEEN_LATE] = {GLYPH_WARN, ROLE_WARN},
        [STAGE_NOT_EXPECTED] = {GLYPH_DOT, ROLE_DIM}, [STAGE_UNKNOWN] = {GLYPH_UNKNOWN, ROLE_UNKNOWN}};
    bool done = m->seen == STAGE_SEEN || m->seen == STAGE_SEEN_LATE;
    uint16_t text = STYLE(done ? ROLE_TEXT : ROLE_DIM);
    int x = r.x, right = r.x + r.w;
    canvas_glyph(c, x, r.y, STYLE(mark[m->seen].role), mark[m->seen].g);
    canvas_printf(c, x + 2, r.y, 4, STYLE(ROLE_DIM), "%-3s", m->id);
    canvas_ellipsis(c, x + 6, r.y, MILESTONE_TITLE, text, m->title, strlen(m->title));
    x += 6 + MILESTONE_TITLE + 1;
    if (x < right)
        canvas_printf(c, x, r.y, right - x, STYLE(done ? ROLE_STRONG : ROLE_DIM), "%11s", m->value);
    x += 13;
    if (x < right && *m->detail && !strchr(m->detail, ' '))
        draw_name(c, x, r.y, right - x, STYLE(ROLE_MINOR), m->detail);
    else if (x < right && *m->detail)
        canvas_ellipsis(c, x, r.y, right - x, STYLE(m->skewed ? ROLE_WARN : ROLE_MINOR), m->detail, strlen(m->detail));
    x += (int)strlen(m->detail) + 2;
    int n = (int)strlen(m->server);
    if (n && right - n > x)
        canvas_puts(c, right - n, r.y, n, STYLE(m->skewed ? ROLE_WARN : ROLE_DIM), m->server);
}

static int draw_timeline(struct canvas *c, struct rect r, const struct stage_run *run)
{
    int y = r.y, end = r.y + r.h, shown = 0;
    for (int i = 0; i < STAGE_MILESTONES; i++)
        shown += run->milestone[i].seen != STAGE_NOT_EXPECTED;
    bool all = STAGE_MILESTONES + 1 <= r.h;
    if (shown < r.h)
        canvas_printf(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Run %u: %s%s%s", run->number, run->ns, *run->ns ? "/" : "", run->pod);
    for (int i = 0; i < STAGE_MILESTONES && y < end; i++)
        if (all || run->milestone[i].seen != STAGE_NOT_EXPECTED)
            draw_milestone(c, (struct rect){r.x, y++, r.w, 1}, &run->milestone[i]);
    for (size_t i = 0; i < run->ngaps && y < end; i++)
        canvas_printf(c, r.x, y++, r.w, STYLE(ROLE_WARN), "gap at +%.1f s: %s", (double)(run->gap[i].from_us - run->t0_us) / 1e6,
                      run->gap[i].what);
    return y - r.y;
}

/* ---- pods and events ---- */

static int draw_pods(struct canvas *c, struct rect r, const struct stage_snap *s)
{
    bool going = s->phase == STAGE_DELETING || s->phase == STAGE_HEALING;
    const char *const role_word[] = {[STAGE_POD_OTHER] = "", [STAGE_POD_OLD] = going ? "old" : "next", [STAGE_POD_NEW] = "NEW"};
    int y = r.y, end = r.y + r.h, status = 0;
    if (r.h < 2)
        return 0;
    canvas_printf(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Pods of the workload [%zu]", s->npods);
    for (size_t i = 0; i < s->npods; i++)
        if ((int)strlen(s->pod[i].status) > status)
            status = (int)strlen(s->pod[i].status);
    if (status > r.w / 2)
        status = r.w / 2;
    int name = r.w - status - 8;
    for (size_t i = 0; i < s->npods && y < end; i++) {
        const struct stage_pod *p = &s->pod[i];
        uint16_t style = STYLE(p->role == STAGE_POD_OLD && going ? ROLE_DELETING : p->role == STAGE_POD_NEW ? ROLE_NEW : ROLE_TEXT);
        canvas_glyph(c, r.x, y, STYLE(role_of_health(p->health)), p->ready ? GLYPH_OK : p->terminating ? GLYPH_DONE : GLYPH_BUSY);
        draw_name(c, r.x + 2, y, name, style, p->name);
        canvas_puts(c, r.x + 3 + name, y, 4, STYLE(p->role == STAGE_POD_NEW ? ROLE_OK : ROLE_DIM), role_word[p->role]);
        canvas_ellipsis(c, r.x + 8 + name, y, status, STYLE(role_of_health(p->health)), p->status, strlen(p->status));
        y++;
    }
    return y - r.y;
}

static void draw_notes(struct canvas *c, struct rect r, const struct stage_run *run)
{
    if (r.h < 2 || !run || !run->nnotes)
        return;
    canvas_puts(c, r.x, r.y, r.w, STYLE(ROLE_SECTION), "Events");
    size_t room = (size_t)r.h - 1, from = run->nnotes > room ? run->nnotes - room : 0;
    for (size_t i = from; i < run->nnotes; i++) {
        const struct stage_note *n = &run->note[i];
        int y = r.y + 1 + (int)(i - from);
        const char *text = n->text, *blank = n->marker ? NULL : strchr(text, ' ');
        int x = r.x + canvas_printf(c, r.x, y, 10, STYLE(ROLE_DIM), "%+7.1f s ", (double)(n->at_us - run->t0_us) / 1e6), name = r.w > 80 ? 40 : 10;
        if (blank && x + name < r.x + r.w) {                   /* "POD REASON: message": the reason must be seen */
            char pod[160];
            snprintf(pod, sizeof(pod), "%.*s", (int)(blank - text), text);
            draw_name(c, x, y, name, STYLE(ROLE_DIM), pod);
            x += ((int)strlen(pod) < name ? (int)strlen(pod) : name) + 1;
            text = blank + 1;
        }
        canvas_ellipsis(c, x, y, r.x + r.w - x, STYLE(n->marker ? ROLE_MARK : n->warning ? ROLE_WARN : ROLE_TEXT), text, strlen(text));
    }
}

/* ---- strips ---- */

static void sample_mark(const struct stage_sample *p, enum glyph *g, enum role *role)
{
    static const struct { enum glyph g; enum role role; } marks[STAGE_CLASSES] = {
        [STAGE_OK] = {GLYPH_BLOCK, ROLE_OK}, [STAGE_HTTP_5XX] = {GLYPH_BAD, ROLE_BAD}, [STAGE_HTTP_4XX] = {GLYPH_WARN, ROLE_WARN},
        [STAGE_REFUSED_CONN] = {GLYPH_BAD, ROLE_BAD}, [STAGE_RESET] = {GLYPH_BAD, ROLE_BAD}, [STAGE_TIMEOUT] = {GLYPH_BAD, ROLE_BAD},
        [STAGE_DNS] = {GLYPH_BAD, ROLE_BAD}, [STAGE_OTHER] = {GLYPH_BAD, ROLE_BAD}, [STAGE_NOT_SENT] = {GLYPH_UNKNOWN, ROLE_UNKNOWN},
        [STAGE_PENDING] = {GLYPH_DOT, ROLE_DIM}};
    *g = marks[p->class].g;
    *role = marks[p->class].role;
}

/* One cell a probe, the newest at the right; a bar stands where the pod was deleted. */
static void draw_cells(struct canvas *c, struct rect r, const struct stage_strip *s, int64_t t0_us)
{
    bool bar = t0_us > 0;
    size_t room = (size_t)(r.w > 1 ? r.w - bar : 0), from = s->n > room ? s->n - room : 0;
    int x = r.x;
    for (size_t i = from; i < s->n && x < r.x + r.w; i++) {
        enum glyph g;
        enum role role;
        if (bar && s->sample[i].slot_us >= t0_us) {
            if (i > 0 && s->sample[i - 1].slot_us < t0_us)
                canvas_glyph(c, x++, r.y, STYLE(ROLE_STRONG), GLYPH_V);
            bar = false;
        }
        sample_mark(&s->sample[i], &g, &role);
        canvas_glyph(c, x++, r.y, STYLE(role), g);
    }
}

static bool failing(const struct stage_strip *s)
{
    return s->num.failed > 0;
}

/* high: rows of cells a strip; then one of words. */
static void draw_strips(struct canvas *c, struct rect r, const struct stage_strip *strip, size_t n, int64_t t0_us, int high, bool words)
{
    int y = r.y;
    for (size_t i = 0; i < n && y < r.y + r.h; i++) {
        const struct stage_strip *s = &strip[i];
        struct rect cells = {r.x + STRIP_LABEL, y, r.w - STRIP_LABEL, 1};
        canvas_ellipsis(c, r.x, y, STRIP_LABEL - 1, STYLE(ROLE_FIELD), s->label, strlen(s->label));
        for (int row = 0; s->n && row < high; row++)
            draw_cells(c, (struct rect){cells.x, y + row, cells.w, 1}, s, t0_us);
        if (!s->n)
            canvas_ellipsis(c, cells.x, y, cells.w, STYLE(ROLE_DIM), *s->note ? s->note : "no probe yet", strlen(*s->note ? s->note : "no probe yet"));
        y += high;
        if (words && y < r.y + r.h) {
            int x = cells.x;
            x += canvas_ellipsis(c, x, y, cells.w / 2, STYLE(ROLE_DIM), s->target, strlen(s->target)) + 2;
            canvas_ellipsis(c, x, y, r.x + r.w - x, STYLE(failing(s) ? ROLE_BAD : ROLE_MINOR), s->words, strlen(s->words));
            y++;
        }
    }
}

/* ---- the verdict ---- */

static int verdict_rows(const struct stage_run *run, int w, int max)
{
    int rows = text_words_rows(run->headline, strlen(run->headline), w);
    for (const char *p = run->verdict; *p;) {
        size_t n = strcspn(p, "\n");
        rows += text_words_rows(p, n, w);
        p += n + (p[n] == '\n');
    }
    return rows < max ? rows : max;
}

static void draw_verdict(struct canvas *c, struct rect r, const struct stage_run *run)
{
    int y = r.y, end = r.y + r.h;
    y += text_draw_words(c, (struct rect){r.x, y, r.w, end - y}, outcome_style(run), run->headline, end - y);
    for (const char *p = run->verdict; *p && y < end;) {
        size_t n = strcspn(p, "\n");
        char line[600];
        snprintf(line, sizeof(line), "%.*s", (int)n, p);
        y += text_draw_words(c, (struct rect){r.x, y, r.w, end - y}, STYLE(ROLE_TEXT), line, end - y);
        p += n + (p[n] == '\n');
    }
}

static void draw_question(struct canvas *c, struct rect r, const struct stage_look *l)
{
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    int x = r.x + 1 + canvas_ellipsis(c, r.x + 1, r.y, r.w - 2, STYLE(ROLE_DIALOG_DANGER), l->question, strlen(l->question));
    if (l->typed)
        canvas_printf(c, x + 1, r.y, r.x + r.w - x - 1, STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY), "%s_", l->typed);
}

/* ---- all of it ---- */

static void draw_top(struct canvas *c, struct rect r, const struct stage_look *l, int timer)
{
    const struct stage_snap *s = l->snap;
    int w = r.w - (timer == BIG_ROWS ? (r.w >= 110 ? 44 : 24) : timer ? 10 : 0), y = r.y;
    if (s->phase == STAGE_DONE && *s->pod_name)
        canvas_printf(c, r.x, y++, w, STYLE(ROLE_STRONG), "enter: once more, with %s", s->pod_name);
    else
        canvas_ellipsis(c, r.x, y++, w, STYLE(ROLE_STRONG), s->status, strlen(s->status));
    if (*s->chosen && s->phase != STAGE_DONE && y < r.y + r.h)
        canvas_ellipsis(c, r.x, y++, w, STYLE(ROLE_DIM), s->chosen, strlen(s->chosen));
    if (s->nruns > 1 && y < r.y + r.h) {
        int x = r.x;
        for (size_t i = 0; i < s->nruns && x < r.x + w; i++)
            x += canvas_printf(c, x, y, r.x + w - x, s->run[i] == l->run ? STYLE(ROLE_TAB_FOCUS) : outcome_style(s->run[i]), " run %u ",
                               s->run[i]->number) + 1;
    }
}

void stage_draw(struct canvas *c, struct rect r, const struct stage_look *l)
{
    const struct stage_snap *s = l->snap;
    const struct stage_run *run = l->run;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (r.w < 20 || r.h < 5)
        return;
    r.x++, r.w -= 2;
    if (l->question)
        draw_question(c, (struct rect){r.x - 1, r.y + --r.h, r.w + 2, 1}, l);
    bool last = run && s->nruns && run == s->run[s->nruns - 1];
    const struct stage_strip *strip = run && run->outcome != STAGE_RUNNING ? run->strip : s->strip;
    size_t nstrips = run && run->outcome != STAGE_RUNNING ? run->nstrips : s->nstrips;
    bool words = r.h >= 28;
    int high = r.h >= 50 ? 3 : r.h >= 40 ? 2 : 1, strips = (int)nstrips * (high + words);
    bool ended = run && run->outcome != STAGE_RUNNING;
    int verdict = ended ? verdict_rows(run, r.w, r.h < 24 ? 3 : r.h / 3) : 0;
    int timer = draw_timer(c, r, l, r.w >= 90 && r.h >= 30), top = 1 + (*s->chosen && s->phase != STAGE_DONE) + (s->nruns > 1);
    if (timer == BIG_ROWS)
        top = BIG_ROWS + 1;
    draw_top(c, (struct rect){r.x, r.y, r.w, top}, l, timer);
    struct rect mid = {r.x, r.y + top, r.w, r.h - top - strips - verdict - (words && verdict ? 2 : words ? 1 : 0)};
    bool wide = r.w >= 100;
    struct rect left = {mid.x, mid.y, wide ? mid.w * 58 / 100 : mid.w, mid.h}, right = {left.x + left.w + 2, mid.y, mid.w - left.w - 2, mid.h};
    int used = run ? draw_timeline(c, left, run) : draw_facts(c, left, s);
    if (!wide)
        right = (struct rect){mid.x, mid.y + used, mid.w, mid.h - used};
    int pods = !run || last ? draw_pods(c, right, s) : 0;
    right.y += pods + (wide && pods);
    right.h -= pods + (wide && pods);
    draw_notes(c, right, run);
    int y = mid.y + mid.h + (words && verdict ? 1 : 0);
    if (verdict)
        draw_verdict(c, (struct rect){r.x, y, r.w, verdict}, run);
    draw_strips(c, (struct rect){r.x, r.y + r.h - strips, r.w, strips}, strip, nstrips, run ? run->t0_us : 0, high, words);
}
