/* :columns: which columns of a kind are shown, in what order, how wide; kept in the state directory. :widen for one column. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/table.h"

#define LOCK_TRIES 50                        /* of 2 ms */

struct columns_view {
    struct screen base;
    struct table *table;                     /* below: modal, so it stays */
    const struct kind *kind;
    int col[TABLE_COLUMNS], n;               /* all, in the order of the table */
    bool on[TABLE_COLUMNS];                  /* by place */
    int at, top, page;
};

/* ---- the file ---- */

static void read_file(const char *path, struct colprefs *to)
{
    char buf[4096];
    struct str text;
    str_init(&text, 1 << 20);
    FILE *f = fopen(path, "re");
    for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;) str_add(&text, buf, n);
    if (f) fclose(f);
    if (!text.failed) colprefs_parse(to, text.data);
    str_release(&text);
}

void columns_load(struct app *a)
{
    char path[512];
    if (state_path(path, sizeof path, "columns", false)) read_file(path, &a->columns);
    for (size_t i = 0; i < a->columns.n; i++)                    /* what the config file says comes first */
        if (options_columns(a->opt, a->columns.e[i]->kind)) a->columns.e[i]->nshow = 0;
}

/* Others write the same file: one at a time. Who holds it for long is not waited for. */
static int lock_file(const char *path)
{
    char name[560];
    snprintf(name, sizeof name, "%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    for (int i = 0; fd >= 0 && i < LOCK_TRIES && flock(fd, LOCK_EX | LOCK_NB); i++)
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    return fd;
}

/* The columns of one kind, into what the file says now about all the others. */
static void save(struct app *a, const char *kind)
{
    char path[512];
    struct str text;
    struct colprefs all = {0};
    str_init(&text, 1 << 20);
    bool ok = state_path(path, sizeof path, "columns", true);
    int lock = ok ? lock_file(path) : -1;
    if (ok) read_file(path, &all);
    ok = ok && colprefs_take(&all, &a->columns, kind);
    if (ok) colprefs_print(&all, &text);
    ok = ok && !text.failed && state_write(path, text.data, text.len);
    if (lock >= 0) close(lock);
    if (!ok) app_error(a, "the columns are as you chose, but only until the end: the state file cannot be written");
    colprefs_release(&all);
    str_release(&text);
}

/* ---- the list ---- */

static void list_add(struct columns_view *v, int col, bool on)
{
    for (int i = 0; i < v->n; i++)
        if (v->col[i] == col) return;
    v->on[v->n] = on;
    v->col[v->n++] = col;
}

static void list_make(struct columns_view *v)
{
    const struct kind *k = v->kind;
    const struct colpref *own = app_colpref(v->base.app, k->id);
    int cols[TABLE_COLUMNS];
    v->n = 0;
    for (int i = 0; own && i < own->nshow; i++) {                /* also a namespace column that is out of sight now */
        int col = kind_column(k, own->show[i]);
        if (col >= 0 && col < TABLE_COLUMNS) list_add(v, col, true);
    }
    size_t n = v->n ? 0 : table_columns(v->table, cols, TABLE_COLUMNS);
    bool in_order = n && !options_columns(app_options(v->base.app), k->id);
    for (size_t c = 0; in_order && c < k->ncolumns && c < TABLE_COLUMNS; c++) {
        bool shown = table_scope_hidden(v->table, (int)c) && !(k->columns[c].flags & (COL_WIDE | COL_HIDDEN));
        for (size_t i = 0; i < n; i++) shown |= cols[i] == (int)c;
        if (!(k->columns[c].flags & COL_SOURCE)) list_add(v, (int)c, shown);
    }
    for (size_t i = 0; i < n; i++)
        if (cols[i] >= 0) list_add(v, cols[i], true);
    for (size_t c = 0; c < k->ncolumns && c < TABLE_COLUMNS; c++)
        if (!(k->columns[c].flags & COL_SOURCE)) list_add(v, (int)c, false);
}

static void keep_list(struct columns_view *v)
{
    struct app *a = v->base.app;
    struct colpref *own = colprefs_get(&a->columns, v->kind->id);
    if (!own) return app_error(a, "out of memory");
    own->nshow = 0;
    for (int i = 0; i < v->n; i++)
        if (v->on[i]) colpref_show(own, v->kind->columns[v->col[i]].id);
    v->table->hscroll = 0;
    save(a, v->kind->id);
    app_dirty(a);
}

static void toggle(struct columns_view *v)
{
    int shown = 0;
    for (int i = 0; i < v->n; i++) shown += v->on[i];
    if (v->on[v->at] && shown == 1) return app_error(v->base.app, "one column has to stay");
    v->on[v->at] = !v->on[v->at];
    keep_list(v);
}

static void shift(struct columns_view *v, int by)
{
    int to = v->at + by, col = v->col[v->at];
    bool on = v->on[v->at];
    if (to < 0 || to >= v->n) return;
    v->col[v->at] = v->col[to], v->on[v->at] = v->on[to];
    v->col[to] = col, v->on[to] = on;
    v->at = to;
    keep_list(v);
}

/* by: cells more or less than now; 0 = as the content needs. */
static void widen(struct app *a, struct table *t, int col, int by, int to)
{
    const struct kind *k = view_kind(t->view);
    struct colpref *own = colprefs_get(&a->columns, k->id);
    if (!own) return app_error(a, "out of memory");
    const char *id = k->columns[col].id;
    int now = colpref_width(own, id);
    for (int i = 0; !now && i < t->ndrawn; i++)
        if (t->drawn[i].col == col) now = t->drawn[i].width;
    if (!now) now = t->seen[col] ? t->seen[col] : 10;
    int cells = to ? to : by ? now + by : 0;
    colpref_set_width(own, id, by || to ? (cells < COLPREF_WIDTH_MIN ? COLPREF_WIDTH_MIN : cells) : 0);
    if (colpref_width(own, id)) app_info(a, "%s: %d cells wide", k->columns[col].title, colpref_width(own, id));
    else app_info(a, "%s: as wide as its content", k->columns[col].title);
    save(a, k->id);
}

/* ---- the screen ---- */

static void draw(struct screen *s, struct canvas *c, struct rect area, bool focus)
{
    struct columns_view *v = (struct columns_view *)s;
    const struct kind *k = v->kind;
    const struct colpref *own = app_colpref(s->app, k->id);
    int idw = 6, w = area.w > 104 ? 100 : area.w - 2, h = v->n + 3;
    (void)focus;
    for (int i = 0; i < v->n; i++) {
        int n = text_width(k->columns[v->col[i]].title, strlen(k->columns[v->col[i]].title));
        if (n > idw) idw = n;
    }
    if (h > area.h) h = area.h;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
    const uint16_t body = OVER(ROLE_DIALOG_BODY);
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_printf(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_TITLE), " Columns of %s ", k->title ? k->title : k->id);
    struct rect in = {r.x + 2, r.y + 1, w - 4, h - 3}, old = canvas_clip(c, (struct rect){r.x + 1, r.y + 1, w - 2, h - 2});
    v->page = in.h > 0 ? in.h : 1;
    if (v->at < v->top) v->top = v->at;
    if (v->at >= v->top + v->page) v->top = v->at - v->page + 1;
    for (int y = 0; y < in.h && v->top + y < v->n; y++) {
        int i = v->top + y, x = in.x;
        const struct column *col = &k->columns[v->col[i]];
        int cells = colpref_width(own, col->id);
        uint16_t st = STYLE(v->on[i] ? ROLE_DIALOG : ROLE_DIM) | body;
        canvas_puts(c, x, in.y + y, 3, STYLE(ROLE_MARK) | body, v->on[i] ? glyph(c, GLYPH_MARK) : " ");
        canvas_ellipsis(c, x + 2, in.y + y, idw, STYLE(v->on[i] ? ROLE_STRONG : ROLE_DIM) | body, col->title, strlen(col->title));
        x += 2 + idw + 2;
        if (cells) canvas_printf(c, x, in.y + y, 5, STYLE(ROLE_KEY) | body, "%d", cells);
        else canvas_puts(c, x, in.y + y, 5, STYLE(ROLE_DIM) | body, "auto");
        const char *help = col->help ? col->help : "";
        canvas_ellipsis(c, x + 6, in.y + y, in.x + in.w - x - 6, st, help, strlen(help));
        if (i == v->at) canvas_over(c, (struct rect){r.x + 1, in.y + y, w - 2, 1}, ROLE_CURSOR);
    }
    canvas_puts(c, in.x, r.y + h - 2, in.w, STYLE(ROLE_INPUT_HINT) | body, "space shows or hides   + - width   shift-up shift-down order   r as before   esc");
    canvas_unclip(c, old);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct columns_view *v = (struct columns_view *)s;
    (void)r;
    if (in->mouse == MOUSE_WHEEL_UP) v->at -= v->at > 0;
    else if (in->mouse == MOUSE_WHEEL_DOWN) v->at += v->at + 1 < v->n;
    else return false;
    return true;
}

static void close_view(struct screen *s)
{
    mem_free(s);
}

static const struct screen_ops columns_ops = {
    .scope = "columns", .popup = true, .modal = true, .draw = draw, .mouse = mouse, .close = close_view,
};

/* ---- commands ---- */

static void run_columns(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    const struct kind *k = view_kind(t->view);
    if (!k) return app_error(a, "the columns are known once the first answer is there");
    if (!strcmp(args, "reset")) {
        colprefs_drop(&a->columns, k->id);
        save(a, k->id);
        return;
    }
    struct columns_view *v = mem_zalloc(sizeof *v);
    if (!v) return app_error(a, "out of memory");
    v->base.ops = &columns_ops;
    v->base.app = a;
    v->table = t;
    v->kind = k;
    list_make(v);
    app_push(a, &v->base);
}

static void run_column(struct app *a, struct screen *s, const char *args)
{
    struct columns_view *v = (struct columns_view *)s;
    if (!strcmp(args, "up")) v->at -= v->at > 0;
    else if (!strcmp(args, "down")) v->at += v->at + 1 < v->n;
    else if (!strcmp(args, "first")) v->at = 0;
    else if (!strcmp(args, "last")) v->at = v->n - 1;
    else if (!strcmp(args, "toggle")) toggle(v);
    else if (!strcmp(args, "earlier")) shift(v, -1);
    else if (!strcmp(args, "later")) shift(v, 1);
    else if (!strcmp(args, "wider")) widen(a, v->table, v->col[v->at], 2, 0);
    else if (!strcmp(args, "narrower")) widen(a, v->table, v->col[v->at], -2, 0);
    else if (!strcmp(args, "auto")) widen(a, v->table, v->col[v->at], 0, 0);
    else if (!strcmp(args, "close")) return app_pop(a, s);
    else if (!strcmp(args, "reset")) {
        colprefs_drop(&a->columns, v->kind->id);
        save(a, v->kind->id);
        list_make(v);
        app_info(a, "columns as they came");
    }
    app_dirty(a);
}

/* "widen", "widen -4", "widen name 50", "widen name auto": without a name the chosen column, else the name. */
static void run_widen(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    const struct kind *k = view_kind(t->view);
    char name[64];
    if (!k) return app_error(a, "nothing to widen yet");
    int col = t->pick >= 0 ? t->pick : kind_column(k, "name");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(args, " "), args);
    if (*name && !strchr("+-0123456789", *name) && strcmp(name, "auto")) {
        col = kind_column(k, name);
        if (col < 0) return app_error(a, "widen: %s has no column \"%s\"", k->id, name);
        args += strlen(name);
        while (*args == ' ') args++;
    }
    if (col < 0) return app_error(a, "widen which column? shift-left and shift-right choose one");
    if (!*args) widen(a, t, col, 4, 0);
    else if (*args == '+' || *args == '-') widen(a, t, col, atoi(args), 0);
    else widen(a, t, col, 0, strcmp(args, "auto") ? atoi(args) : 0);
}

const struct command columns_commands[] = {
    {"columns", NULL, "table", "[reset]", "Chooses the columns of this kind, their order and width; kept for next time.", 0, COMPLETE_NONE,
     run_columns, NULL},
    {"widen", NULL, "table", "[COLUMN] [CELLS | +N | -N | auto]", "Makes a column wider; without a name the one chosen with shift-right.", 0,
     COMPLETE_COLUMN, run_widen, NULL},
    {"column", NULL, "columns", "up|down|toggle|wider|narrower|auto|earlier|later|reset|close", "Works on the list of columns.", CMD_HIDDEN,
     COMPLETE_NONE, run_column, NULL},
    {0},
};

const struct key_row columns_keys[] = {
    {"table", "shift-c", "columns", NULL, "Choose columns, their order and width."},
    {"table", "]", "widen +2", NULL, "The chosen column (or the name) wider."},
    {"table", "[", "widen -2", NULL, "The chosen column (or the name) narrower."},
    {"columns", "space", "column toggle", "show/hide", "Show or hide the column."},
    {"columns", "enter", "column toggle", NULL, ""},
    {"columns", "+", "column wider", "wider", "Wider."},
    {"columns", "-", "column narrower", "narrower", "Narrower."},
    {"columns", "right", "column wider", NULL, "Wider."},
    {"columns", "left", "column narrower", NULL, "Narrower."},
    {"columns", "=", "column auto", "auto", "As wide as the content."},
    {"columns", "shift-up", "column earlier", NULL, "Further left in the table."},
    {"columns", "shift-k", "column earlier", "left", "Further left in the table."},
    {"columns", "shift-down", "column later", NULL, "Further right in the table."},
    {"columns", "shift-j", "column later", "right", "Further right in the table."},
    {"columns", "r", "column reset", "reset", "As they came."},
    {"columns", "up", "column up", NULL, "Up."},
    {"columns", "k", "column up", NULL, "Up."},
    {"columns", "down", "column down", NULL, "Down."},
    {"columns", "j", "column down", NULL, "Down."},
    {"columns", "home", "column first", NULL, "To the first."},
    {"columns", "end", "column last", NULL, "To the last."},
    {"columns", "esc", "column close", "done", "Close."},
    {"columns", "q", "column close", NULL, "Close."},
    {"columns", "shift-c", "column close", NULL, "Close."},
    {0},
};
