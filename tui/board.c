/* Boards: lines of parts, a cursor, a foot. */
#include "tui/board.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/table.h"
#include "tui/textbuf.h"

#define NO_LINE SIZE_MAX
#define FOOT_LINES 4

struct part { uint16_t column; uint8_t role; size_t at, len; };
struct line { const struct row *row; size_t part, nparts, foot, runs, leads, under; int w; };
struct board {
    struct screen base;
    const struct board_kind *kind;
    void *arg;
    char name[80];
    struct graph *graph;
    struct line *line;
    size_t nlines, cap_lines;
    struct part *part;
    size_t nparts, cap_parts;
    struct str text;
    size_t at, top;
    int page, left;
    bool shown;                             /* the cursor has been placed */
};

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
    b->part[b->nparts++] = (struct part){(uint16_t)l->w, (uint8_t)role, at, len};
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
    why_words(r, app_now(b->base.app, r->source), &b->text);
    add_part(b, role, at);
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

static bool chosen(const struct board *b, size_t i) { return b->line[i].row || b->line[i].foot || b->line[i].runs || b->line[i].leads != NO_LINE; }

static void step(struct board *b, long by)
{
    long n = (long)b->nlines, at = (long)b->at + by, dir = by < 0 ? -1 : 1;
    if (at < 0) at = 0;
    if (at >= n) at = n - 1;
    long from = at;
    while (at >= 0 && at < n && !chosen(b, (size_t)at)) at += dir;
    if (at < 0 || at >= n) {                                /* nothing that way: the last one before it */
        at = from;
        while (at >= 0 && at < n && !chosen(b, (size_t)at)) at -= dir;
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
    if (b->nlines && !chosen(b, b->at)) step(b, 1), step(b, 0);
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
    if (e->type != EV_GRAPH) return false;
    write((struct board *)s);
    return true;
}

/* ---- drawing ---- */

static void draw_line(const struct board *b, struct canvas *c, struct rect r, int y, const struct line *l)
{
    for (size_t i = l->part; i < l->part + l->nparts; i++) {
        const struct part *p = &b->part[i];
        int x = r.x + (int)p->column - b->left;
        canvas_ellipsis(c, x, y, r.x + r.w - x, STYLE(p->role), b->text.data + p->at, p->len);
    }
}

static int draw_foot(const struct board *b, struct canvas *c, struct rect r)
{
    const char *s = b->at < b->nlines && b->line[b->at].foot ? b->text.data + b->line[b->at].foot : "";
    int rows = *s ? text_words_rows(s, strlen(s), r.w - 2) : 0;
    rows = rows > FOOT_LINES ? FOOT_LINES : rows;
    if (r.h < rows + 4 || !rows) return 0;
    canvas_hline(c, r.x - 1, r.y + r.h - rows - 1, r.w + 2, STYLE(ROLE_BORDER));
    text_draw_words(c, (struct rect){r.x + 1, r.y + r.h - rows, r.w - 2, rows}, STYLE(ROLE_INFO), s, rows);
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
        draw_line(b, c, in, r.y + i, &b->line[b->top + (size_t)i]);
        if (b->top + (size_t)i == b->at && chosen(b, b->at)) canvas_over(c, (struct rect){r.x, r.y + i, r.w, 1}, focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
    }
    canvas_unclip(c, old);
}

static void title(struct screen *s, struct str *out)
{
    const struct board *b = (const struct board *)s;
    str_addf(out, "%s%s%s", b->kind->title, *b->name ? " of " : "", b->name);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct board *b = (struct board *)s;
    size_t hit = b->top + (size_t)(in->y - r.y > 0 ? in->y - r.y - 1 : 0);
    if (in->mouse == MOUSE_WHEEL_UP) step(b, -3);
    else if (in->mouse == MOUSE_WHEEL_DOWN) step(b, 3);
    else if (in->mouse == MOUSE_PRESS && hit < b->nlines && chosen(b, hit)) b->at = hit;
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

static const struct screen_ops board_ops = {
    .scope = "board", .draw = draw, .title = title, .event = event, .mouse = mouse, .close = close_board,
};

const struct row *board_object(struct screen *s)
{
    const struct board *b = s && s->ops == &board_ops ? (const struct board *)s : NULL;
    return b && b->at < b->nlines ? b->line[b->at].row : NULL;
}

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

/* ---- commands ---- */

static void run_move(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    static const struct { const char *word; int lines, pages; } ways[] = {
        {"up", -1, 0}, {"down", 1, 0}, {"page-up", 0, -1}, {"page-down", 0, 1}, {"top", -1000000, 0}, {"bottom", 1000000, 0}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(args, ways[i].word) && b->nlines) step(b, ways[i].lines + (long)ways[i].pages * b->page);
    if (!strcmp(args, "left")) b->left = b->left > 8 ? b->left - 8 : 0;
    if (!strcmp(args, "right")) b->left += 8;
    app_dirty(a);
}

static void run_go(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    const struct line *l = b->at < b->nlines ? &b->line[b->at] : NULL;
    (void)args;
    if (l && l->leads != NO_LINE && l->leads < b->nlines) {
        b->at = l->leads;
        app_dirty(a);
    } else if (l && l->runs) {
        char line[300];
        snprintf(line, sizeof line, "%.299s", b->text.data + l->runs);
        app_pop(a, s);
        app_run_line(a, line);
    } else if (l && l->row) {
        struct graph *g = graph_ref(b->graph);              /* the board goes, its row is still needed */
        app_goto(a, l->row);
        graph_unref(g);
    }
}

static void run_up(struct app *a, struct screen *s, const char *args)
{
    struct board *b = (struct board *)s;
    (void)args;
    for (size_t i = b->at + 1; b->nlines && i-- > 0;) {
        if (b->line[i].under == NO_LINE) continue;
        b->at = b->line[i].under;
        app_dirty(a);
        return;
    }
    app_info(a, "nothing stands upon it");
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    (void)args;
    app_pop(a, s);
}

const struct command board_commands[] = {
    {"move", NULL, "board", "up|down|top|bottom|page-up|page-down|left|right", "Moves on the board.", CMD_HIDDEN, COMPLETE_NONE, run_move, NULL},
    {"go", NULL, "board", NULL, "Goes to the object, in the pane that shows it; in the sandwich down a layer.", 0, COMPLETE_NONE, run_go, NULL},
    {"up", NULL, "board", NULL, "In the sandwich: to the layer that stands upon this one.", 0, COMPLETE_NONE, run_up, NULL},
    {"close", NULL, "board", NULL, "Closes this board.", 0, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row board_keys[] = {
    {"board", "enter", "go", "go there", NULL},
    {"board", "u", "up", "up", NULL},
    {"board", "backspace", "up", NULL, NULL},
    {"board", "i", "links", "links", NULL},
    {"board", "x", "why", "why", NULL},
    {"board", "shift-i", "column", "column", NULL},
    {"board", "esc", "close", "back", NULL},
    {"board", "q", "close", NULL, NULL},
    {"board", "up", "move up", NULL, "One line up."},
    {"board", "k", "move up", NULL, "One line up."},
    {"board", "down", "move down", NULL, "One line down."},
    {"board", "j", "move down", NULL, "One line down."},
    {"board", "pgup", "move page-up", NULL, "One page up."},
    {"board", "ctrl-b", "move page-up", NULL, "One page up."},
    {"board", "pgdn", "move page-down", NULL, "One page down."},
    {"board", "ctrl-f", "move page-down", NULL, "One page down."},
    {"board", "space", "move page-down", NULL, "One page down."},
    {"board", "home", "move top", NULL, "To the start."},
    {"board", "g", "move top", NULL, "To the start."},
    {"board", "end", "move bottom", NULL, "To the end."},
    {"board", "G", "move bottom", NULL, "To the end."},
    {"board", "left", "move left", NULL, "Further left."},
    {"board", "right", "move right", NULL, "Further right."},
    {0},
};
