/* Draws the stage. What does not fit in a small terminal goes in this order: evidence, events, words beside the strips. */
#include "tui/stage_draw.h"

#include <stdio.h>
#include <string.h>

#include "tui/textbuf.h"
#include "tui/theme.h"

#define STRIP_LABEL 15

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

static int draw_facts(struct canvas *c, struct rect r, const struct stage_snap *s)
{
    static const struct { enum glyph g; enum role role; } mark[] = {
        [STAGE_FINE] = {GLYPH_OK, ROLE_OK}, [STAGE_WARN] = {GLYPH_WARN, ROLE_WARN}, [STAGE_REFUSE] = {GLYPH_BAD, ROLE_BAD}};
    int y = r.y, end = r.y + r.h;
    if (y < end)
        draw_answer(c, r.x, y++, r.w, s);
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

/* ---- pods and events ---- */

static int draw_pods(struct canvas *c, struct rect r, const struct stage_snap *s)
{
    bool going = s->phase == STAGE_DELETING || s->phase == STAGE_HEALING;
    const char *const role_word[] = {[STAGE_POD_OTHER] = "", [STAGE_POD_OLD] = going ? "old" : "next", [STAGE_POD_NEW] = "NEW"};
    int y = r.y, end = r.y + r.h, status = 0;
    if (r.h < 2)
        return 0;
    size_t room = (size_t)r.h - 1, hidden = s->npods > room ? s->npods - room : 0;
    int head = canvas_printf(c, r.x, y, r.w, STYLE(ROLE_SECTION), "Pods of the workload [%zu]", s->npods);
    if (hidden)
        canvas_printf(c, r.x + head + 1, y, r.w - head - 1, STYLE(ROLE_DIM), "+%zu not shown", hidden);
    y++;
    for (size_t i = 0; i < s->npods; i++)
        if ((int)strlen(s->pod[i].status) > status)
            status = (int)strlen(s->pod[i].status);
    if (status > r.w / 2)
        status = r.w / 2;
    int name = r.w - status - 8;
    size_t from = room == 1 && s->npods > 1 && s->pod[1].role == STAGE_POD_NEW;      /* one row: the new one's */
    for (size_t i = from; i < s->npods && y < end; i++) {
        const struct stage_pod *p = &s->pod[i];
        uint16_t style = STYLE(p->role == STAGE_POD_OLD && going ? ROLE_DELETING : p->role == STAGE_POD_NEW ? ROLE_NEW : ROLE_TEXT);
        canvas_glyph(c, r.x, y, STYLE(role_of_health(p->health)), p->ready ? GLYPH_OK : p->terminating ? GLYPH_DONE : GLYPH_BUSY);
        stage_draw_name(c, r.x + 2, y, name, style, p->name);
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
            stage_draw_name(c, x, y, name, STYLE(ROLE_DIM), pod);
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

/* One cell a probe. The bar where the pod was deleted stands in the same column in all strips, until what came after it
 * needs the room; then the newest is at the right. */
static void draw_cells(struct canvas *c, struct rect r, const struct stage_strip *s, int64_t t0_us)
{
    size_t before = 0, left = (size_t)(r.w / 4 < 25 ? r.w / 4 : 25), room = (size_t)r.w;
    while (t0_us && before < s->n && s->sample[before].slot_us < t0_us)
        before++;
    size_t after = s->n - before, from = 0;
    int x = r.x;
    if (!t0_us) {
        from = s->n > room ? s->n - room : 0;
    } else if (after + left + 1 <= room) {
        from = before > left ? before - left : 0;
        x += (int)(left - (before - from));
    } else {
        size_t keep = after + 1 < room ? room - after - 1 : 0;
        from = keep ? before > keep ? before - keep : 0 : s->n - room;
    }
    for (size_t i = from; i <= s->n && x < r.x + r.w; i++) {
        enum glyph g;
        enum role role;
        if (t0_us && i == before)
            canvas_glyph(c, x++, r.y, STYLE(ROLE_STRONG), GLYPH_V);
        if (i == s->n || x >= r.x + r.w)
            break;
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
            int x = *s->note ? r.x + r.w : cells.x + canvas_ellipsis(c, cells.x, y, cells.w, STYLE(failing(s) ? ROLE_BAD : ROLE_MINOR), s->words, strlen(s->words)) + 2;
            if (x + 12 < r.x + r.w)
                canvas_ellipsis(c, x, y, r.x + r.w - x, STYLE(ROLE_DIM), s->target, strlen(s->target));
            y++;
        }
    }
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

/* The sentences of the verdict in r, all or the news alone; with c NULL it only counts. Returns the rows. */
static int draw_verdict(struct canvas *c, struct rect r, const struct stage_run *run, bool news)
{
    int y = r.y, end = r.y + r.h;
    for (const char *p = run->verdict; *p && y < end;) {
        size_t n = strcspn(p, "\n");
        char line[600];
        snprintf(line, sizeof(line), "%.*s", (int)n, p);
        if (!news || is_news(run, line))
            y += c ? text_draw_words(c, (struct rect){r.x, y, r.w, end - y}, STYLE(ROLE_TEXT), line, end - y)
                   : text_words_rows(line, strlen(line), r.w);
        p += n + (p[n] == '\n');
    }
    return (y < end ? y : end) - r.y;
}

static void draw_question(struct canvas *c, struct rect r, const struct stage_look *l)
{
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    int x = r.x + 1 + canvas_ellipsis(c, r.x + 1, r.y, r.w - 2, STYLE(ROLE_DIALOG_DANGER), l->question, strlen(l->question));
    if (l->typed)
        canvas_printf(c, x + 1, r.y, r.x + r.w - x - 1, STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY), "%s_", l->typed);
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

/* "HEALED: ready after 3.4 s; K8s API 0 of 412 failed; VM traffic untouched": where there is room, a line for each part. */
static int draw_headline(struct canvas *c, struct rect r, const struct stage_run *run)
{
    int y = r.y, end = r.y + (r.h > 3 ? r.h - 1 : r.h);
    bool split = r.h >= STAGE_BIG_ROWS && strlen(run->headline) > (size_t)r.w;
    for (const char *p = run->headline; *p && y < end;) {
        const char *stop = split ? strstr(p, "; ") : NULL;
        char part[400];
        snprintf(part, sizeof(part), "%.*s", stop ? (int)(stop - p) : (int)strlen(p), p);
        bool fine = strstr(part, " 0 of ") ? !strstr(part, "cannot be excluded") : !strcmp(part, "VM traffic untouched") || !strcmp(part, "OpenStack API not asked");
        bool bad = p != run->headline && !fine;
        y += text_draw_words(c, (struct rect){r.x, y, r.w, end - y}, bad ? STYLE(ROLE_WARN) : stage_outcome_style(run), part, end - y);
        p = stop ? stop + 2 : p + strlen(p);
    }
    return y - r.y;
}

/* What goes on, and once it is over what it came to; at the left of the timer. Returns the rows used. */
static int draw_top(struct canvas *c, struct rect r, const struct stage_look *l)
{
    const struct stage_snap *s = l->snap;
    const struct stage_run *run = l->run;
    bool ended = run && run->outcome != STAGE_RUNNING;
    int y = r.y, end = r.y + r.h;
    if (ended)
        y += draw_headline(c, r, run);
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

struct parts { const struct stage_strip *strip; size_t nstrips; bool words, wide, ended; int high, strips; };

static struct parts parts_of(struct rect r, const struct stage_look *l)
{
    const struct stage_run *run = l->run;
    struct parts p = {.ended = run && run->outcome != STAGE_RUNNING, .words = r.h >= 28, .wide = r.w >= 100 && r.h >= 26, .high = 1};
    p.strip = p.ended ? run->strip : l->snap->strip;
    p.nstrips = p.ended ? run->nstrips : l->snap->nstrips;
    for (int high = 2; high <= 3 && p.wide; high++)
        if (r.h >= 26 + (int)p.nstrips * (high + 1))
            p.high = high;
    p.strips = (int)p.nstrips * (p.high + p.words);
    return p;
}

/* Pods at the left, what happened at the right; below each other in a narrow window. */
static void draw_actors(struct canvas *c, struct rect r, const struct stage_look *l, bool beside)
{
    const struct stage_run *run = l->run;
    bool last = !run || (l->snap->nruns && run == l->snap->run[l->snap->nruns - 1]);
    struct rect left = {r.x, r.y, beside ? r.w * 45 / 100 : r.w, r.h};
    int pods = last ? draw_pods(c, left, l->snap) : 0;
    if (beside && pods)
        draw_notes(c, (struct rect){left.x + left.w + 2, r.y, r.w - left.w - 2, r.h}, run);
    else
        draw_notes(c, (struct rect){r.x, r.y + pods, r.w, r.h - pods}, run);
}

static void draw_plan(struct canvas *c, struct rect r, const struct stage_look *l, bool wide)
{
    struct rect left = {r.x, r.y, wide ? r.w * 58 / 100 : r.w, r.h}, right = {left.x + left.w + 2, r.y, r.w - left.w - 2, r.h};
    int used = draw_facts(c, left, l->snap);
    draw_actors(c, wide ? right : (struct rect){r.x, r.y + used + 1, r.w, r.h - used - 1}, l, false);
}

void stage_draw(struct canvas *c, struct rect r, const struct stage_look *l)
{
    const struct stage_run *run = l->run;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (r.w < 20 || r.h < 5)
        return;
    r.x++, r.w -= 2;
    if (l->question)
        draw_question(c, (struct rect){r.x - 1, r.y + --r.h, r.w + 2, 1}, l);
    struct parts p = parts_of(r, l);
    int timer = stage_draw_timer(c, r, l, p.wide), room = r.h - p.strips;
    int top = draw_top(c, (struct rect){r.x, r.y, r.w - (timer > 1 ? r.w >= 110 ? 48 : 26 : timer ? 10 : 0), timer > 1 ? timer : 5}, l);
    struct rect mid = {r.x, r.y + (timer > top ? timer : top), r.w, 0};
    mid.y += p.wide && mid.y + 1 < r.y + room;
    mid.h = r.y + room - mid.y;
    if (run) {
        int used = stage_draw_timeline(c, mid, run, l->now_us) + p.wide, left = mid.h - used;
        int all = p.ended ? draw_verdict(NULL, (struct rect){0, 0, r.w, 100}, run, false) : 0;
        bool news = p.words && all + 7 > left;                 /* what is said beside the strips gives way to pods and events */
        struct rect v = {r.x, 0, r.w, left > 0 ? left : 0};
        v.h = p.ended ? draw_verdict(NULL, v, run, news) : 0;
        v.y = mid.y + mid.h - v.h - (p.wide && v.h);
        draw_actors(c, (struct rect){r.x, mid.y + used, r.w, v.y - mid.y - used - p.wide}, l, p.wide);
        if (v.h)
            draw_verdict(c, v, run, news);
    } else {
        draw_plan(c, mid, l, p.wide);
    }
    draw_strips(c, (struct rect){r.x, r.y + r.h - p.strips, r.w, p.strips}, p.strip, p.nstrips, run && run->t0_us ? run->asked_us : 0, p.high, p.words);
}
