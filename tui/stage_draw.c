/* Draws the stage: at the top what goes on and the timer, at the bottom the strips, between them what scrolls when it is
 * higher than its room. */
#include "tui/stage_draw.h"

#include <stdio.h>
#include <string.h>

#include "tui/textbuf.h"
#include "tui/theme.h"

#define FULL 10000                     /* rows: as high as it is */

/* ---- facts: will it heal? ---- */

static void draw_answer(struct canvas *c, int x, int y, int w, const struct stage_snap *s)
{
    int warn = 0;
    bool never = false;
    x += canvas_puts(c, x, y, w, STYLE(ROLE_SECTION), "Will it heal?") + 2;
    for (size_t i = 0; i < s->nfacts; i++)
        warn += s->fact[i].level == STAGE_WARN, never |= s->fact[i].level == STAGE_REFUSE;
    if (never)
        canvas_puts(c, x, y, w - 15, STYLE(ROLE_BAD), "No.");
    else if (s->nfacts && warn)
        canvas_printf(c, x, y, w - 15, STYLE(ROLE_WARN), "It should. %d thing%s to mind:", warn, warn == 1 ? "" : "s");
    else if (s->nfacts)
        canvas_puts(c, x, y, w - 15, STYLE(ROLE_OK), "Yes.");
    else if (s->phase == STAGE_REFUSED)
        canvas_puts(c, x, y, w - 15, STYLE(ROLE_BAD), "Not known.");
}

/* What warns comes first. */
static int draw_facts(struct canvas *c, struct rect r, const struct stage_snap *s)
{
    static const struct { enum glyph g; enum role role; } mark[] = {
        [STAGE_FINE] = {GLYPH_OK, ROLE_OK}, [STAGE_WARN] = {GLYPH_WARN, ROLE_WARN}, [STAGE_REFUSE] = {GLYPH_BAD, ROLE_BAD}};
    int y = r.y;
    bool said = !*s->refusal;
    draw_answer(c, r.x, y++, r.w, s);
    for (int level = STAGE_REFUSE; level >= STAGE_FINE; level--) {
        for (size_t i = 0; i < s->nfacts; i++) {
            const struct stage_fact *f = &s->fact[i];
            if ((int)f->level != level)
                continue;
            said |= !strcmp(f->text, s->refusal);
            canvas_glyph(c, r.x, y, STYLE(mark[level].role), mark[level].g);
            y += text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, FULL}, STYLE(level == STAGE_FINE ? ROLE_TEXT : mark[level].role), f->text, FULL);
            if (f->changed)
                canvas_puts(c, r.x + 2, y++, r.w - 2, STYLE(ROLE_NEW), "changed since it was first read");
            if (*f->evidence)
                canvas_ellipsis(c, r.x + 2, y++, r.w - 2, STYLE(ROLE_DIM), f->evidence, strlen(f->evidence));
        }
    }
    if (!said)
        y += text_draw_words(c, (struct rect){r.x, y, r.w, FULL}, STYLE(ROLE_BAD), s->refusal, FULL);
    return y - r.y;
}

/* ---- the verdict ---- */

/* A line of the verdict that the timeline or a strip does not show already. */
static bool is_news(const struct stage_run *run, const char *line)
{
    static const char *const story[] = {"The replacement ", "No replacement came", "It did not heal ", "The data plane was not ", "Times are when "};
    for (size_t i = 0; i < sizeof(story) / sizeof(*story); i++)
        if (!strncmp(line, story[i], strlen(story[i])))
            return false;
    for (size_t i = 0; i < run->nstrips; i++) {
        size_t n = strlen(run->strip[i].label);
        if (!strncmp(line, run->strip[i].label, n) && line[n] == ',')
            return false;
    }
    return true;
}

/* The sentences of the verdict, all or the news alone. */
static int draw_verdict(struct canvas *c, struct rect r, const struct stage_run *run, bool news)
{
    int y = r.y;
    for (const char *p = run->verdict; *p;) {
        size_t n = strcspn(p, "\n");
        char line[600];
        snprintf(line, sizeof(line), "%.*s", (int)n, p);
        if (!news || is_news(run, line))
            y += text_draw_words(c, (struct rect){r.x, y, r.w, FULL}, STYLE(ROLE_TEXT), line, FULL);
        p += n + (p[n] == '\n');
    }
    return y - r.y;
}

/* As many rows as it needs: an answer that is cut off is no question. Returns them. */
static int draw_question(struct canvas *c, struct rect r, const struct stage_look *l)
{
    int rows = text_words_rows(l->question, strlen(l->question), r.w - 2), high = rows + (l->typed != NULL);
    if (high > r.h)
        high = r.h;
    r = (struct rect){r.x, r.y + r.h - high, r.w, high};
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    text_draw_words(c, (struct rect){r.x + 1, r.y, r.w - 2, high}, STYLE(ROLE_DIALOG_DANGER), l->question, rows);
    if (l->typed)
        canvas_printf(c, r.x + 1, r.y + high - 1, r.w - 2, STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY), "%s_", l->typed);
    return high;
}

/* ---- all of it ---- */

static void draw_tabs(struct canvas *c, int x, int y, int w, const struct stage_look *l)
{
    const struct stage_snap *s = l->snap;
    int right = x + w;
    for (size_t i = 0; i < s->nruns && x < right; i++)
        x += canvas_printf(c, x, y, right - x, s->run[i] == l->run ? STYLE(ROLE_TAB_FOCUS) : stage_outcome_style(s->run[i]), " run %u ",
                           s->run[i]->number) + 1;
}

/* Rows with a line for each part. */
static int split_rows(const char *headline, int w)
{
    int rows = 0;
    for (const char *p = headline; *p;) {
        const char *stop = strstr(p, "; ");
        rows += text_words_rows(p, stop ? (size_t)(stop - p) : strlen(p), w);
        p = stop ? stop + 2 : p + strlen(p);
    }
    return rows;
}

/* "HEALED: ready after 3.4 s; K8s API 0 of 412 failed; VM traffic untouched": where all of it has room so, a line for each part. */
static int draw_headline(struct canvas *c, struct rect r, const struct stage_run *run)
{
    int y = r.y, end = r.y + r.h;      /* a row less for what enter does, where there is one: the keys' line has it, too */
    bool split = r.h >= STAGE_BIG_ROWS && strlen(run->headline) > (size_t)r.w && split_rows(run->headline, r.w) <= r.h;
    for (const char *p = run->headline; *p && y < end;) {
        const char *stop = split ? strstr(p, "; ") : NULL;
        char part[400];
        snprintf(part, sizeof(part), "%.*s", stop ? (int)(stop - p) : (int)strlen(p), p);
        bool fine = strstr(part, " 0 of ") ? !strstr(part, " unseen)") : !strcmp(part, "VM traffic untouched") || !strcmp(part, "OpenStack API not asked");
        bool bad = p != run->headline && !fine;
        y += text_draw_words(c, (struct rect){r.x, y, r.w, end - y}, bad ? STYLE(ROLE_WARN) : stage_outcome_style(run), part, end - y);
        p = stop ? stop + 2 : p + strlen(p);
    }
    return y - r.y;
}

static int draw_stale(struct canvas *c, struct rect r, const struct stage_look *l)
{
    char text[300];
    int64_t age = (l->now_us - l->snap->stale_us) / 1000000;
    snprintf(text, sizeof(text), "STALE: Kubernetes is not heard for %lld s%s%s", (long long)(age < 0 ? 0 : age), *l->snap->stale_why ? ": " : "", l->snap->stale_why);
    return text_draw_words(c, (struct rect){r.x, r.y, r.w, 2}, STYLE(ROLE_STALE), text, 2);
}

/* What goes on, and once it is over what it came to; at the left of the timer. Returns the rows used. */
static int draw_top(struct canvas *c, struct rect r, const struct stage_look *l)
{
    const struct stage_snap *s = l->snap;
    const struct stage_run *run = l->run;
    bool ended = run && run->outcome != STAGE_RUNNING;
    int y = r.y, end = r.y + r.h;
    if (s->stale_us)
        y += draw_stale(c, r, l);
    if (ended)
        y += draw_headline(c, (struct rect){r.x, y, r.w, end - y}, run);
    if (y < end && s->phase == STAGE_DONE && s->nruns && strncmp(s->status, s->run[s->nruns - 1]->headline, strlen(s->status)) != 0)
        canvas_ellipsis(c, r.x, y++, r.w, STYLE(ROLE_STRONG), s->status, strlen(s->status));   /* what was done since */
    if (y < end && s->phase == STAGE_DONE && *s->pod_name)
        canvas_printf(c, r.x, y++, r.w, STYLE(ended ? ROLE_DIM : ROLE_STRONG), "enter: once more, with %s", s->pod_name);
    else if (y < end && s->phase == STAGE_READY && !s->err.code && *s->pod_name && !s->goes) {
        canvas_printf(c, r.x, y++, r.w, STYLE(ROLE_STRONG), "enter: delete %s and watch it heal (asks first)", s->pod_name);
        if (y < end && strcmp(s->status, "ready") != 0)
            canvas_ellipsis(c, r.x, y++, r.w, STYLE(ROLE_TEXT), s->status, strlen(s->status));
    } else if (y < end && !(ended && s->phase == STAGE_DONE))
        canvas_ellipsis(c, r.x, y++, r.w, STYLE(ROLE_STRONG), s->status, strlen(s->status));
    if (y < end && *s->chosen && s->phase != STAGE_DONE)
        canvas_ellipsis(c, r.x, y++, r.w, STYLE(ROLE_DIM), s->chosen, strlen(s->chosen));
    if (y < end && s->nruns > 1)
        draw_tabs(c, r.x, y++, r.w, l);
    return y - r.y;
}

/* What gives way when the rows are few: thick strips, then what is said twice. */
struct parts {
    const struct stage_strip *strip;
    size_t nstrips;
    bool words, wide, ended, brief;
    int high;                          /* rows of cells a strip */
};

static struct parts parts_of(struct rect r, const struct stage_look *l)
{
    const struct stage_run *run = l->run;
    struct parts p = {.ended = run && run->outcome != STAGE_RUNNING, .words = r.h >= 28, .wide = r.w >= 100 && r.h >= 26, .high = 1};
    p.strip = p.ended ? run->strip : l->snap->strip;
    p.nstrips = p.ended ? run->nstrips : l->snap->nstrips;
    return p;
}

static int strip_rows(const struct parts *p)
{
    return stage_strip_rows(p->strip, p->nstrips, p->high, p->words);
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Pods | OpenStack | events in a wide window; two columns, or all below each other, in narrower ones. */
static int draw_lanes(struct canvas *c, struct rect r, const struct stage_look *l, int columns)
{
    const struct stage_run *run = l->run;
    bool last = !run || (l->snap->nruns && run == l->snap->run[l->snap->nruns - 1]);
    int w = columns == 3 ? (r.w - 4) * 30 / 100 : columns == 2 ? (r.w - 2) / 2 : r.w, gap;
    struct rect at = {r.x, r.y, w, FULL}, right = {r.x + w + 2, r.y, r.w - w - 2, FULL};
    int pods = last ? stage_draw_pods(c, at, l->snap) : 0, rows;
    if (columns == 1 || !pods) {                                      /* one column, or nothing stands at the left */
        gap = pods > 0 && !run;
        rows = stage_draw_rows(c, (struct rect){r.x, r.y + pods + gap, r.w, FULL}, l);
        pods += rows ? rows + gap : 0;
        gap = pods > 0 && !run;
        rows = stage_draw_events(c, (struct rect){r.x, r.y + pods + gap, r.w, FULL}, run);
        return pods + (rows ? rows + gap : 0);
    }
    if (columns == 3)
        right.w = w;
    rows = stage_draw_rows(c, right, l);
    if (columns == 3 && rows) {
        int x = right.x + right.w + 2;
        return larger(larger(pods, rows), stage_draw_events(c, (struct rect){x, r.y, r.x + r.w - x, FULL}, run));
    }
    if (rows) {                                                /* the left column has room below the pods */
        int events = stage_draw_events(c, (struct rect){r.x, r.y + pods + 1, w, FULL}, run);
        return larger(pods + (events ? 1 + events : 0), rows);
    }
    return larger(pods, stage_draw_events(c, (struct rect){right.x, r.y, r.x + r.w - right.x, FULL}, run));
}

/* Why these are the probes. */
static int draw_basis(struct canvas *c, struct rect r, const struct parts *p)
{
    int y = r.y;
    for (size_t i = 0; i < p->nstrips; i++) {
        const struct stage_strip *s = &p->strip[i];
        char text[300];
        if (!*s->basis || (i && !strcmp(s->basis, p->strip[i - 1].basis)))
            continue;
        if (y == r.y)
            canvas_puts(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Why these probes");
        snprintf(text, sizeof(text), "%s: %s", s->label, s->basis);
        y += text_draw_words(c, (struct rect){r.x, y, r.w, FULL}, STYLE(s->tie == STAGE_TIE_LABELS ? ROLE_WARN : ROLE_MINOR), text, FULL);
    }
    return y - r.y;
}

static int draw_plan(struct canvas *c, struct rect r, const struct stage_look *l, const struct parts *p)
{
    struct rect left = {r.x, r.y, p->wide ? r.w * 58 / 100 : r.w, FULL};
    int facts = draw_facts(c, left, l->snap), lanes, basis;
    if (!p->wide)
        facts += 1 + draw_lanes(c, (struct rect){r.x, r.y + facts + 1, r.w, FULL}, l, 1);
    basis = draw_basis(c, (struct rect){r.x, r.y + facts + 1, left.w, FULL}, p);
    facts += basis ? basis + 1 : 0;
    if (!p->wide)
        return facts;
    lanes = draw_lanes(c, (struct rect){left.x + left.w + 2, r.y, r.w - left.w - 2, FULL}, l, 1);
    return larger(facts, lanes);
}

/* The middle, as high as it is. Returns its rows. */
static int draw_body(struct canvas *c, struct rect r, const struct stage_look *l, const struct parts *p)
{
    int y = r.y, n;
    bool later = p->words && p->brief; /* what stands beside the strips already */
    if (!l->run)
        return draw_plan(c, r, l, p);
    y += stage_draw_timeline(c, (struct rect){r.x, y, r.w, FULL}, l->run, l->now_us, !p->brief) + p->wide;
    if (p->ended && (n = draw_verdict(c, (struct rect){r.x, y, r.w, FULL}, l->run, later)) > 0)
        y += n + p->wide;
    y += draw_lanes(c, (struct rect){r.x, y, r.w, FULL}, l, !p->wide ? 1 : r.w >= 160 ? 3 : 2);
    if (p->ended && later) {
        canvas_puts(c, r.x, y + 1, r.w, STYLE(ROLE_SECTION), "The whole verdict");
        y += 2 + draw_verdict(c, (struct rect){r.x, y + 2, r.w, FULL}, l->run, false);
    }
    n = p->ended ? 0 : draw_basis(c, (struct rect){r.x, y + p->wide, r.w, FULL}, p);      /* the verdict says it */
    return y + (n ? n + p->wide : 0) - r.y;
}

static int body_rows(struct canvas *c, int w, const struct stage_look *l, const struct parts *p)
{
    struct rect old = canvas_clip(c, (struct rect){0, 0, 0, 0});
    int rows = draw_body(c, (struct rect){0, 0, w, FULL}, l, p);
    canvas_unclip(c, old);
    return rows;
}

/* r: all between the top and the window's end. Returns the rows of the body. */
static int fit(struct canvas *c, struct rect r, const struct stage_look *l, struct parts *p)
{
    for (p->high = p->wide ? 3 : 1; p->high > 1; p->high--)
        if (body_rows(c, r.w, l, p) <= r.h - strip_rows(p))
            break;
    p->brief = body_rows(c, r.w, l, p) > r.h - strip_rows(p);
    return body_rows(c, r.w, l, p);
}

static void draw_scrolled(struct canvas *c, struct rect r, const struct stage_look *l, const struct parts *p, int rows)
{
    struct stage_scroll none = {0}, *s = l->scroll ? l->scroll : &none;
    int last = rows > r.h ? rows - r.h : 0;
    *s = (struct stage_scroll){.at = s->at > last ? last : s->at < 0 ? 0 : s->at, .last = last, .page = r.h};
    struct rect old = canvas_clip(c, r);
    draw_body(c, (struct rect){r.x, r.y - s->at, r.w, FULL}, l, p);
    canvas_unclip(c, old);
    if (s->at > 0)
        canvas_glyph(c, r.x + r.w, r.y, STYLE(ROLE_KEY), GLYPH_UP);
    if (s->at < last)
        canvas_glyph(c, r.x + r.w, r.y + r.h - 1, STYLE(ROLE_KEY), GLYPH_DOWN);
}

void stage_draw(struct canvas *c, struct rect r, const struct stage_look *l)
{
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (r.w < 20 || r.h < 5)
        return;
    if (l->question)
        r.h -= draw_question(c, r, l);
    r.x++, r.w -= 2;
    struct parts p = parts_of(r, l);
    int timer = stage_draw_timer(c, r, l, p.wide);
    int top = draw_top(c, (struct rect){r.x, r.y, r.w - (timer > 1 ? r.w >= 110 ? 48 : 26 : timer ? 10 : 0), timer > 1 ? timer + 2 : 5}, l);
    struct rect mid = {r.x, r.y + (timer > top ? timer : top), r.w, 0};
    mid.y += p.wide && mid.y + 1 < r.y + r.h;
    mid.h = r.y + r.h - mid.y;
    int rows = fit(c, mid, l, &p), strips = strip_rows(&p);
    if (strips > mid.h)
        strips = mid.h;
    mid.h -= strips;
    draw_scrolled(c, mid, l, &p, rows);
    stage_draw_strips(c, (struct rect){r.x, mid.y + mid.h, r.w, strips}, p.strip, p.nstrips, l->run, p.high, p.words);
}
