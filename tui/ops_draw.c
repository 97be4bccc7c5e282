/* How operations and their steps look: what it waits for, how far it is, and when it may be done, where that can be said. */
#include "tui/ops_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/dialog_op.h"
#include "tui/op_words.h"
#include "tui/textbuf.h"

#define PACE 2                             /* so many steps of a kind were done before their pace says anything */

bool ops_runs(enum op_state s) { return s == OPS_RUNNING || s == OPS_PAUSED || s == OPS_CANCELING; }

static int role_of(enum op_state s)
{
    switch (s) {
    case OPS_DONE: return ROLE_OK;
    case OPS_RUNNING: case OPS_PLANNING: return ROLE_BUSY;
    case OPS_FAILED: case OPS_REFUSED: return ROLE_BAD;
    case OPS_PAUSED: case OPS_CANCELING: case OPS_UNSURE: return ROLE_WARN;
    default: return ROLE_TEXT;
    }
}

static enum glyph glyph_of(enum op_state s)
{
    switch (s) {
    case OPS_DONE: return GLYPH_OK;
    case OPS_RUNNING: case OPS_PLANNING: case OPS_CANCELING: return GLYPH_BUSY;
    case OPS_FAILED: case OPS_REFUSED: return GLYPH_BAD;
    case OPS_PAUSED: case OPS_UNSURE: return GLYPH_WARN;
    default: return GLYPH_DONE;
    }
}

static const struct { int role; enum glyph glyph; } step_looks[] = {
    [STEP_WAITING] = {ROLE_DIM, GLYPH_DOT}, [STEP_READING] = {ROLE_BUSY, GLYPH_BUSY}, [STEP_SENDING] = {ROLE_BUSY, GLYPH_BUSY},
    [STEP_WATCHING] = {ROLE_BUSY, GLYPH_BUSY}, [STEP_DONE] = {ROLE_OK, GLYPH_OK}, [STEP_ALREADY] = {ROLE_DONE, GLYPH_DONE},
    [STEP_SKIPPED] = {ROLE_DIM, GLYPH_DONE}, [STEP_FAILED] = {ROLE_BAD, GLYPH_BAD}, [STEP_UNSURE] = {ROLE_WARN, GLYPH_WARN},
    [STEP_CANCELED] = {ROLE_DIM, GLYPH_DONE}};

static void elapsed(int64_t began, int64_t ended, int64_t now, char *buf, size_t size)
{
    *buf = '\0';
    if (began) text_age(buf, size, ((ended ? ended : now) - began) / 1000);
}

/* ---- how it stands ---- */

static bool has_kids(const struct op_view *o)
{
    for (size_t i = 0; i < o->nsteps; i++)
        if (o->steps[i].parent != UINT32_MAX) return true;
    return false;
}

static bool counts(const struct step_view *s, bool kids) { return !kids || s->parent != UINT32_MAX; }

/* Is it a piece of what the operation is for: a pod of a node's drain, but not its cordon? */
static bool is_piece(const struct op_view *o, size_t i)
{
    const struct step_view *s = &o->steps[i];
    if (s->parent >= i || !strcmp(s->kind, o->steps[s->parent].kind)) return false;
    return i + 1 >= o->nsteps || o->steps[i + 1].parent != i;
}

struct ops_count ops_count(const struct op_view *o)
{
    struct ops_count n = {0};
    for (size_t i = 0; i < o->nsteps; i++) {
        if (!is_piece(o, i)) continue;
        n.total++;
        n.done += o->steps[i].state == STEP_DONE || o->steps[i].state == STEP_ALREADY;
        n.failed += o->steps[i].state == STEP_FAILED || o->steps[i].state == STEP_UNSURE;
    }
    return n.total ? n : (struct ops_count){o->done, o->failed, o->total};
}

static bool is_busy(const struct step_view *s) { return s->state == STEP_READING || s->state == STEP_SENDING || s->state == STEP_WATCHING; }

/* Of the objects first: a drain says itself how many are gone and how many wait. */
void ops_standing(const struct op_view *o, char *buf, size_t size)
{
    const struct step_view *first = NULL;
    size_t busy = 0;
    for (int pass = 0; pass < 2 && !busy; pass++)
        for (size_t i = 0; i < o->nsteps; i++) {
            const struct step_view *s = &o->steps[i];
            if (!is_busy(s) || !*s->note || (s->parent == UINT32_MAX) == (pass == 1)) continue;
            if (!busy++) first = s;
        }
    if (!first || (o->state != OPS_RUNNING && o->state != OPS_CANCELING)) snprintf(buf, size, "%s", o->note);
    else if (busy == 1) snprintf(buf, size, "%s", first->note);
    else snprintf(buf, size, "%zu under way: %s: %s", busy, first->name, first->note);
    op_words_in(buf, size);
}

static bool same_work(const char *a, const char *b)
{
    size_t n = strcspn(a, " ");
    return n == strcspn(b, " ") && !strncmp(a, b, n);
}

struct span { int64_t from, to; };

static int by_from(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* So long at least one of them was under way: what a pause or a budget held up is no pace. */
static int64_t covered_ms(struct span *s, size_t n)
{
    int64_t all = 0, to = 0;
    qsort(s, n, sizeof *s, by_from);
    for (size_t i = 0; i < n; i++) {
        int64_t from = s[i].from > to ? s[i].from : to;
        if (s[i].to > from) all += s[i].to - from;
        if (s[i].to > to) to = s[i].to;
    }
    return all;
}

int64_t ops_left_s(const struct op_view *o, int64_t now)
{
    bool kids = has_kids(o);
    const char *work = NULL;
    size_t done = 0, left = 0, busy = 0, n = 0;
    if (o->state != OPS_RUNNING) return -1;
    for (size_t i = 0; i < o->nsteps; i++) {                     /* the work that is still to do, of whatever there is most */
        const struct step_view *s = &o->steps[i];
        if (!counts(s, kids) || s->state > STEP_WATCHING) continue;
        if (!work) work = s->text;
        if (!same_work(work, s->text)) return -1;
        left++;
        busy += is_busy(s);
    }
    struct span *span = work && busy ? mem_alloc(o->nsteps * sizeof *span) : NULL;      /* nothing moves: nobody knows for how long */
    for (size_t i = 0; span && i < o->nsteps; i++) {
        const struct step_view *s = &o->steps[i];
        if (!counts(s, kids) || !same_work(work, s->text) || !s->began_mono_ms || (!s->ended_mono_ms && !is_busy(s))) continue;
        span[n++] = (struct span){s->began_mono_ms, s->ended_mono_ms ? s->ended_mono_ms : now};
        done += s->state == STEP_DONE;
    }
    int64_t left_s = done >= PACE ? covered_ms(span, n) / (int64_t)done * (int64_t)left / 1000 : -1;
    mem_free(span);
    return left_s;
}

void ops_progress(const struct op_view *o, int64_t now, char *buf, size_t size)
{
    bool kids = has_kids(o), pieces = false;
    size_t busy = 0, waiting = 0;
    struct ops_count all = ops_count(o);
    char age[24];
    for (size_t i = 0; i < o->nsteps && !pieces; i++) pieces = is_piece(o, i);
    for (size_t i = 0; i < o->nsteps; i++) {
        bool of = pieces ? is_piece(o, i) : counts(&o->steps[i], kids);
        busy += of && is_busy(&o->steps[i]);
        waiting += of && o->steps[i].state == STEP_WAITING;
    }
    elapsed(o->began_mono_ms, o->ended_mono_ms, now, age, sizeof age);
    int n = snprintf(buf, size, "%s, %zu of %zu done", op_state_name(o->state), all.done, all.total);
    struct { size_t n; const char *word; } part[] = {{all.failed, "failed"}, {busy, "under way"}, {ops_runs(o->state) ? waiting : 0, "waiting"}};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (part[i].n && n >= 0 && (size_t)n < size) n += snprintf(buf + n, size - (size_t)n, ", %zu %s", part[i].n, part[i].word);
    if (*age && n >= 0 && (size_t)n < size) n += snprintf(buf + n, size - (size_t)n, ", %s", age);
    int64_t left = ops_left_s(o, now);
    if (left < 0 || n < 0 || (size_t)n >= size) return;
    text_age(age, sizeof age, left);
    snprintf(buf + n, size - (size_t)n, ", about %s left at this pace", age);
}

/* ---- its steps ---- */

int ops_depth(const struct op_view *o, size_t i)
{
    int depth = 0;
    for (uint32_t up = o->steps[i].parent; up < i; i = up, up = o->steps[up].parent) depth++;
    return depth;
}

int ops_follow(const struct op_view *o, int fit)
{
    size_t at = 0;
    bool kids = has_kids(o);
    for (size_t i = 0; (int)o->nsteps > fit && i < o->nsteps && !at; i++)
        if (o->steps[i].state <= STEP_WATCHING && counts(&o->steps[i], kids)) at = i;
    return at > 2 ? (int)at - 2 : 0;                             /* what was done right before stays in sight */
}

/* ---- lines ---- */

static void bar(struct canvas *c, int x, int y, int w, const struct op_view *o)
{
    struct ops_count n = ops_count(o);
    size_t total = n.total ? n.total : 1;
    for (int i = 0; i < w; i++) {
        bool ok = (size_t)(i + 1) * total <= n.done * (size_t)w, bad = !ok && (size_t)(i + 1) * total <= (n.done + n.failed) * (size_t)w;
        canvas_glyph(c, x + i, y, STYLE(ok ? ROLE_OK : bad ? ROLE_BAD : ROLE_DIM), ok || bad ? GLYPH_BLOCK : GLYPH_DOT);
    }
}

void ops_draw_line(struct canvas *c, struct rect r, const struct op_view *o)
{
    char age[24], left[24] = "", count[40], words[600];
    int64_t now = clock_mono_ms(), left_s = ops_left_s(o, now);
    int x = r.x + 2, barw = r.w >= 70 ? 12 : 0;
    elapsed(o->began_mono_ms, o->ended_mono_ms, now, age, sizeof age);
    if (left_s >= 0) text_age(left, sizeof left, left_s);
    struct ops_count n = ops_count(o);
    snprintf(count, sizeof count, "%zu/%zu", n.done, n.total);              /* the bar has what failed, in its colour */
    canvas_glyph(c, r.x, r.y, STYLE(role_of(o->state)), glyph_of(o->state));
    x += canvas_printf(c, x, r.y, 10, STYLE(role_of(o->state)), "%-10s", op_state_name(o->state));
    x += canvas_printf(c, x, r.y, 6, STYLE(ROLE_MINOR), "%5s ", age);
    if (barw) bar(c, x, r.y, barw, o), x += barw + 1;
    x += canvas_printf(c, x, r.y, 8, STYLE(ROLE_TEXT), "%7s ", count);
    if (r.h == 1 && r.w >= 100) x += canvas_printf(c, x, r.y, 8, STYLE(ROLE_MINOR), "%s%6s ", *left ? "~" : " ", left);
    int room = r.x + r.w - x, titlew = r.h > 1 || room < 60 ? room : room / 2;
    canvas_ellipsis(c, x, r.y, titlew - 1, STYLE(ROLE_NAME), o->title, strlen(o->title));
    ops_standing(o, words, sizeof words);
    if (r.h > 1 && *left) snprintf(words + strlen(words), sizeof words - strlen(words), "; about %s left at this pace", left);
    struct rect under = {r.x + 13, r.y + 1, r.w - 13, 1}, beside = {x + titlew, r.y, room - titlew, 1}, at = r.h > 1 ? under : beside;
    canvas_ellipsis(c, at.x, at.y, at.w, STYLE(o->err.code ? ROLE_BAD : ROLE_MINOR), words, strlen(words));
}

/* What warns before it is begun and while it runs; the same words once. Of thousands of facts only those that are shown are compared. */
static int draw_facts(struct canvas *c, struct rect r, const struct op_view *o)
{
    const char *shown[100];
    size_t n = 0;
    bool many = op_objects(o) > 1, one = op_one_place(o) != NULL;
    int y = r.y;
    for (size_t i = 0; i < o->nfacts && y < r.y + r.h && n < sizeof shown / sizeof *shown; i++) {
        bool again = o->facts[i].level < FACT_CAUTION;
        for (size_t k = 0; k < n && !again; k++) again = !strcmp(shown[k], o->facts[i].text);
        if (again) continue;
        shown[n++] = o->facts[i].text;
        char line[700];
        size_t same = 0;
        for (size_t k = i; k < o->nfacts; k++) same += !strcmp(o->facts[k].text, o->facts[i].text);
        bool whose = many && same == 1 && o->facts[i].step < o->nsteps;
        const struct step_view *s = whose ? &o->steps[o->facts[i].step] : NULL;
        bool scoped = s && *s->place;
        snprintf(line, sizeof line, "%.60s%s%.100s%s%.60s%s%.440s", scoped ? s->place : "", scoped ? "/" : "", s ? s->name : "", s && !one ? " on " : "", s && !one ? s->source : "",
                 s ? ": " : "", o->facts[i].text);
        if (many && same > 1) snprintf(line + strlen(line), sizeof line - strlen(line), " (%zu objects)", same);
        op_words_in(line, sizeof line);
        int rows = text_draw_words(c, (struct rect){r.x, y, r.w, 2}, STYLE(ROLE_WARN), line, 2);
        y += rows > 0 ? rows : 1;
    }
    return y - r.y;
}

int ops_draw_head(struct canvas *c, struct rect r, const struct op_view *o)
{
    char line[600];
    int y = r.y, rows;
    ops_progress(o, clock_mono_ms(), line, sizeof line);
    canvas_glyph(c, r.x, y, STYLE(role_of(o->state)), glyph_of(o->state));
    rows = text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, 2}, STYLE(role_of(o->state)), line, 2);
    y += rows > 0 ? rows : 1;
    if (*o->given) {
        snprintf(line, sizeof line, "with %.500s", o->given);
        rows = text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, 2}, STYLE(ROLE_MINOR), line, 2);
        y += rows > 0 ? rows : 1;
    }
    ops_standing(o, line, sizeof line);
    if (*line) {
        rows = text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, 3}, STYLE(o->err.code ? ROLE_BAD : ROLE_TEXT), line, 3);
        y += rows > 0 ? rows : 1;
    }
    if (ops_runs(o->state)) y += draw_facts(c, (struct rect){r.x + 2, y, r.w - 2, r.h / 6}, o);   /* they were read before it began: the steps need the room */
    canvas_hline(c, r.x - 1, y++, r.w + 2, STYLE(ROLE_BORDER));
    return y - r.y;
}

static int draw_step(struct canvas *c, struct rect r, const struct step_view *s, const char *place, int indent, bool requests, const char *note)
{
    char age[24], line[1200];
    int rows;
    elapsed(s->began_mono_ms, s->ended_mono_ms, clock_mono_ms(), age, sizeof age);
    canvas_glyph(c, r.x + indent, r.y, STYLE(step_looks[s->state].role), step_looks[s->state].glyph);
    canvas_printf(c, r.x + r.w - 6, r.y, 6, STYLE(ROLE_MINOR), "%6s", age);
    snprintf(line, sizeof line, "%.*s%s%s", op_step_words(s->text, place), s->text, *note ? ": " : "", note);
    op_words_in(line, sizeof line);
    rows = text_draw_words(c, (struct rect){r.x + indent + 2, r.y, r.w - indent - 9, 4}, STYLE(s->state == STEP_FAILED ? ROLE_BAD : ROLE_TEXT), line, 4);
    if (rows < 1) rows = 1;
    if (requests && *s->request) {
        snprintf(line, sizeof line, "%s%s%s", s->request, *s->request_id ? "  " : "", s->request_id);
        int more = text_draw_words(c, (struct rect){r.x + indent + 4, r.y + rows, r.w - indent - 4, 6}, STYLE(ROLE_MINOR), line, 6);
        rows += more > 0 ? more : 1;
    }
    return rows;
}

void ops_draw_steps(struct canvas *c, struct rect r, const struct op_view *o, int from, bool requests)
{
    const char *place = op_one_place(o);
    bool alone = has_kids(o) && op_objects(o) == 1;              /* the head has said how the only object stands */
    struct rect old = canvas_clip(c, r);
    for (int i = from, y = r.y; (size_t)i < o->nsteps && y < r.y + r.h; i++) {
        const struct step_view *s = &o->steps[i];
        int depth = ops_depth(o, (size_t)i), indent = (depth - alone) * 2;
        if (depth || !alone) y += draw_step(c, (struct rect){r.x, y, r.w, r.y + r.h - y}, s, place, indent, requests, o->nsteps == 1 ? "" : s->note);
    }
    canvas_unclip(c, old);
}
