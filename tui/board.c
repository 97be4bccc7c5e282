/* Boards: lines of parts, a cursor, a foot. */
#include "tui/board.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/board_int.h"
#include "tui/table.h"
#include "tui/textbuf.h"

#define FOOT_LINES 6
#define STATE_CELLS 160                    /* of the words of a state; what comes behind it is to be seen, too */

/* ---- writing ---- */

void board_line(struct board *b)
{
    if (!mem_grow(&b->line, &b->cap_lines, b->nlines + 1, sizeof *b->line)) return;
    b->line[b->nlines++] = (struct line){.part = b->nparts, .leads = NO_LINE, .under = NO_LINE};
}

static struct line *last(struct board *b) { return b->nlines ? &b->line[b->nlines - 1] : NULL; }

size_t board_at(const struct board *b) { return b->nlines - 1; }
void board_row(struct board *b, const struct row *r) { if (last(b)) last(b)->row = r; }
void board_leads(struct board *b, size_t line) { if (last(b)) last(b)->leads = line; }
void board_under(struct board *b, size_t line) { if (last(b)) last(b)->under = line; }
void board_to(struct board *b, int column) { if (last(b) && last(b)->w < column) last(b)->w = column; }

static void add_part(struct board *b, int role, size_t at)
{
    struct line *l = last(b);
    size_t len = b->text.len - at;
    if (!l || !len || !mem_grow(&b->part, &b->cap_parts, b->nparts + 1, sizeof *b->part)) return;
    b->part[b->nparts++] = (struct part){(uint16_t)l->w, 0, (uint8_t)role, at, len};
    l->nparts++;
    l->w += text_width(b->text.data + at, len);
}

void board_put(struct board *b, int role, const char *fmt, ...)
{
    size_t at = b->text.len;
    va_list ap;
    va_start(ap, fmt);
    str_addv(&b->text, fmt, ap);
    va_end(ap);
    add_part(b, role, at);
}

bool board_most(struct board *b, int cells)
{
    struct line *l = last(b);
    struct part *p = l && l->nparts ? &b->part[b->nparts - 1] : NULL;
    int w = p ? text_width(b->text.data + p->at, p->len) : 0;
    if (w <= cells) return false;
    p->most = (uint16_t)cells;
    l->w -= w - cells;
    return true;
}

static size_t apart(struct board *b, const char *fmt, va_list ap)
{
    str_addc(&b->text, '\0');
    size_t at = b->text.len;
    str_addv(&b->text, fmt, ap);
    str_addc(&b->text, '\0');
    return b->text.failed ? 0 : at;
}

void board_foot(struct board *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (last(b)) last(b)->foot = apart(b, fmt, ap);
    va_end(ap);
}

void board_runs(struct board *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (last(b)) last(b)->runs = apart(b, fmt, ap);
    va_end(ap);
}

void board_state(struct board *b, const struct row *r)
{
    size_t at = b->text.len;
    int role = role_of_health((enum health)r->health);
    board_put(b, role, "%s ", glyph(app_canvas(b->base.app), table_glyph((enum health)r->health)));
    at = b->text.len;
    why_words_whole(r, app_now(b->base.app, r->source), &b->text);
    add_part(b, role, at);
    if (board_most(b, STATE_CELLS)) last(b)->cut = true;
}

void board_name(struct board *b, const struct row *r)
{
    const struct source_info *s = app_source(b->base.app, r->source);
    bool ns = r->kind->plane == PLANE_KUBE && *r->scope;
    board_put(b, ROLE_MINOR, "%s ", r->kind->singular);
    if (ns) board_put(b, ROLE_MINOR, "%s/", r->scope);
    board_put(b, r->health == HEALTH_BAD ? ROLE_BAD : r->health == HEALTH_WARN ? ROLE_WARN : ROLE_NAME, "%s", r->name);
    board_put(b, ROLE_DIM, " (%s)", s ? s->name : "?");
}

/* ---- the cursor ---- */

bool board_chosen(const struct board *b, size_t i) { return b->line[i].row || b->line[i].foot || b->line[i].runs || b->line[i].leads != NO_LINE; }

void board_step(struct board *b, long by)
{
    long n = (long)b->nlines, at = (long)b->at + by, dir = by < 0 ? -1 : 1;
    if (at < 0) at = 0;
    if (at >= n) at = n - 1;
    long from = at;
    while (at >= 0 && at < n && !board_chosen(b, (size_t)at)) at += dir;
    if (at < 0 || at >= n) {                                /* nothing that way: the last one before it */
        at = from;
        while (at >= 0 && at < n && !board_chosen(b, (size_t)at)) at -= dir;
    }
    if (at >= 0 && at < n) b->at = (size_t)at;
    if (by < 0 && from <= 0) b->top = 0;
}

/* The line that is about the same object. */
static void keep(struct board *b, const char *uid)
{
    size_t best = NO_LINE;
    for (size_t i = 0; *uid && i < b->nlines; i++) {
        if (!b->line[i].row || strcmp(b->line[i].row->uid, uid) != 0) continue;
        size_t far = i > b->at ? i - b->at : b->at - i, was = best == NO_LINE ? NO_LINE : best > b->at ? best - b->at : b->at - best;
        if (far < was) best = i;
    }
    if (best != NO_LINE) b->at = best;
    if (b->at >= b->nlines) b->at = b->nlines ? b->nlines - 1 : 0;
    if (b->nlines && !board_chosen(b, b->at)) board_step(b, 1), board_step(b, 0);
}

static void write(struct board *b)
{
    char uid[300] = "";
    struct tell t;
    const struct graph *g = app_graph(b->base.app);
    if (b->shown && b->at < b->nlines && b->line[b->at].row) snprintf(uid, sizeof uid, "%s", b->line[b->at].row->uid);
    b->nlines = b->nparts = 0;
    str_clear(&b->text);
    app_tell(b->base.app, &t);
    if (g) {
        struct graph *old = b->graph;
        b->graph = graph_ref((struct graph *)g);
        graph_unref(old);
    }
    if (!app_graph_whole(b->base.app)) {
        board_line(b);
        board_put(b, ROLE_DIM, "not all has been read yet ...");
    }
    if (g) b->kind->write(b, g, &t, b->arg);
    keep(b, uid);
    b->shown = b->nlines > 0 && g;
    app_dirty(b->base.app);
}

static bool event(struct screen *s, struct event *e)
{
    if (e->type != EV_GRAPH && e->type != EV_TEXT) return false;             /* a picture, or what was asked about it */
    write((struct board *)s);
    return true;
}

/* ---- drawing ---- */

void board_line_text(const struct board *b, size_t line, bool drawn, struct str *out)
{
    const struct line *l = &b->line[line];
    int at = 0;
    for (size_t i = l->part; i < l->part + l->nparts; i++) {
        const struct part *p = &b->part[i];
        if ((int)p->column > at) str_addf(out, "%*s", (int)p->column - at, "");
        size_t len = drawn && p->most ? text_fit(b->text.data + p->at, p->len, p->most, NULL) : p->len;
        str_add(out, b->text.data + p->at, len);
        at = (int)p->column + text_width(b->text.data + p->at, len);
    }
}

static void draw_matches(const struct board *b, struct canvas *c, struct rect r, int y, size_t line)
{
    size_t n = strlen(b->needle);
    struct str s;
    str_init(&s, 1 << 16);
    board_line_text(b, line, true, &s);
    for (const char *p = s.data; n && p && (p = text_casestr(p, s.len - (size_t)(p - s.data), b->needle, n)); p += n) {
        int x = r.x + text_width(s.data, (size_t)(p - s.data)) - b->left;
        if (x >= r.x && x < r.x + r.w) canvas_over(c, (struct rect){x, y, text_width(p, n), 1}, ROLE_MATCH);
    }
    str_release(&s);
}

static void draw_line(const struct board *b, struct canvas *c, struct rect r, int y, size_t line)
{
    const struct line *l = &b->line[line];
    for (size_t i = l->part; i < l->part + l->nparts; i++) {
        const struct part *p = &b->part[i];
        int x = r.x + (int)p->column - b->left;
        int room = r.x + r.w - x;
        canvas_ellipsis(c, x, y, p->most && p->most < room ? p->most : room, STYLE(p->role), b->text.data + p->at, p->len);
    }
    if (*b->needle) draw_matches(b, c, r, y, line);
}

/* What is wider than the board stands whole at its foot, without the blanks of its columns. */
static void foot_text(const struct board *b, int w, struct str *out)
{
    const struct line *l = b->at < b->nlines ? &b->line[b->at] : NULL;
    if (!l) return;
    if (l->w > w || l->cut) {
        struct str s;
        str_init(&s, 1 << 16);
        board_line_text(b, b->at, false, &s);
        size_t len = s.len, at = strspn(s.data ? s.data : "", " ");
        while (len > at && s.data[len - 1] == ' ') len--;
        for (; at < len; at++) {
            str_addc(out, s.data[at]);
            if (!memcmp(s.data + at, "  ", 2)) at += strspn(s.data + at, " ") - 1, str_addc(out, ' ');
        }
        str_release(&s);
    }
    if (l->foot && b->text.data[l->foot]) str_addf(out, "%s%s", out->len ? ";   " : "", b->text.data + l->foot);
}

static int draw_foot(const struct board *b, struct canvas *c, struct rect r)
{
    struct str s;
    str_init(&s, 8192);
    foot_text(b, r.w - 2, &s);
    int rows = s.len ? text_words_rows(s.data, s.len, r.w - 2) : 0;
    int most = r.h / 3 < FOOT_LINES ? r.h / 3 : FOOT_LINES;
    rows = rows > most ? most : rows;
    if (r.h < rows + 4 || !rows) {
        rows = -1;
    } else {
        canvas_hline(c, r.x - 1, r.y + r.h - rows - 1, r.w + 2, STYLE(ROLE_BORDER));
        text_draw_words(c, (struct rect){r.x + 1, r.y + r.h - rows, r.w - 2, rows}, STYLE(ROLE_INFO), s.data, rows);
    }
    str_release(&s);
    return rows + 1;
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct board *b = (struct board *)s;
    r.h -= draw_foot(b, c, r);
    b->page = r.h > 0 ? r.h : 1;
    if (b->at < b->top) b->top = b->at;
    if (b->at >= b->top + (size_t)b->page) b->top = b->at - (size_t)b->page + 1;
    if (b->nlines <= (size_t)b->page) b->top = 0;
    struct rect in = {r.x + 1, r.y, r.w - 2, r.h}, old = canvas_clip(c, r);
    for (int i = 0; i < r.h && b->top + (size_t)i < b->nlines; i++) {
        draw_line(b, c, in, r.y + i, b->top + (size_t)i);
        if (b->top + (size_t)i == b->at && board_chosen(b, b->at)) canvas_over(c, (struct rect){r.x, r.y + i, r.w, 1}, focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
    }
    canvas_unclip(c, old);
}

static void title(struct screen *s, struct str *out)
{
    const struct board *b = (const struct board *)s;
    str_addf(out, "%s%s%s", b->kind->title, *b->name ? " of " : "", b->name);
    if (*b->needle) str_addf(out, "  /%s", b->needle);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct board *b = (struct board *)s;
    size_t hit = b->top + (size_t)(in->y - r.y > 0 ? in->y - r.y - 1 : 0);
    if (in->mouse == MOUSE_WHEEL_UP) board_step(b, -3);
    else if (in->mouse == MOUSE_WHEEL_DOWN) board_step(b, 3);
    else if (in->mouse == MOUSE_PRESS && hit < b->nlines && board_chosen(b, hit)) b->at = hit;
    else return false;
    return true;
}

static void close_board(struct screen *s)
{
    struct board *b = (struct board *)s;
    if (b->kind->close) b->kind->close(b->arg);
    graph_unref(b->graph);
    str_release(&b->text);
    mem_free(b->line);
    mem_free(b->part);
    mem_free(b);
}

static const struct row *object(struct screen *s)
{
    const struct board *b = (const struct board *)s;
    return b->at < b->nlines ? b->line[b->at].row : NULL;
}

static const struct screen_ops board_ops = {
    .scope = "board", .draw = draw, .title = title, .event = event, .mouse = mouse, .close = close_board, .object = object,
};

void board_open(struct app *a, const struct board_kind *k, const char *name, void *arg)
{
    struct board *b = mem_zalloc(sizeof *b);
    if (!b) {
        if (k->close) k->close(arg);
        return app_error(a, "out of memory");
    }
    b->base.ops = &board_ops;
    b->kind = k;
    b->arg = arg;
    b->page = 1;
    str_init(&b->text, 1 << 24);
    snprintf(b->name, sizeof b->name, "%.79s", name);
    app_push(a, &b->base);
    write(b);
}
