/* Drawing a table: which columns fit, rows with health, matches and marks, and an honest word about what is not current. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "tui/app.h"
#include "tui/linked.h"
#include "tui/pending.h"
#include "tui/table.h"
#include "tui/textbuf.h"
#include "tui/theme.h"

#define SUFFIX_CELLS 5                    /* what a controller ends the names of its pods with */

static bool right_aligned(const struct kind *k, int col)
{
    return col >= 0 && (k->columns[col].flags & COL_RIGHT);
}

static bool is_name(const struct kind *k, int col)
{
    return col >= 0 && !strcmp(k->columns[col].id, "name");
}

static const char *cell_text(const struct table *t, const struct row *r, int col, char *buf, size_t size)
{
    if (col >= 0) return row_text(r, col, app_now(t->base.app, r->source), buf, size);
    const struct source_info *si = app_source(t->base.app, r->source);
    return si ? si->name : "?";
}

enum { ALL_MEASURED = 500 };             /* rows */

/* A state that is over gives its cells back: it is looked for in all rows, so scrolling moves nothing. */
static void forget_states(struct table *t, const struct column *c, int *w, size_t *from, size_t *rows)
{
    if (!c || !(c->flags & COL_STATE) || c->type != COL_TEXT || view_count(t->view) > ALL_MEASURED) return;
    *w = c->width;
    *from = 0;
    *rows = view_count(t->view);
}

/* Widths grow with what has been on the screen and do not shrink: columns do not dance while scrolling, nor as ages grow. */
static void measure(struct table *t, const int *cols, size_t n, size_t from, size_t rows)
{
    const struct kind *k = view_kind(t->view);
    char buf[160];
    if (t->seen_kind != k) memset(t->seen, 0, sizeof t->seen), t->useful = 0;
    t->seen_kind = k;
    for (size_t j = 0; j < n; j++) {
        int *w = &t->seen[cols[j] < 0 ? COLFIT_SOURCE : cols[j]];
        const struct column *c = cols[j] < 0 ? NULL : &k->columns[cols[j]];
        int max = c && c->max_width ? c->max_width : 60;
        size_t first = from, many = rows;
        forget_states(t, c, w, &first, &many);
        if (c && c->width > *w) *w = c->width;
        for (size_t i = first; i < first + many; i++) {
            const struct row *r = view_row(t->view, i);
            if (!r) break;
            const char *s = cell_text(t, r, cols[j], buf, sizeof buf);
            size_t len = strlen(s);
            if (c && len && strcmp(s, c->none ? c->none : "<none>")) t->useful |= (uint64_t)1 << cols[j];
            int cells = c ? colfit_reserve(r, cols[j]) : -1;
            if (cells < 0) cells = (int)len <= *w ? 0 : text_width(s, len);      /* never wider than its bytes */
            if (cells > max) cells = max;
            if (cells > *w) *w = cells;
        }
    }
}

static struct colfit_in fit_input(const struct table *t, int avail)
{
    const struct kind *k = view_kind(t->view);
    bool desc;
    return (struct colfit_in){.kind = k, .seen = t->seen, .pref = app_colpref(t->base.app, k->id), .lead = t->lead,
                              .sort = view_sort_column(t->view, &desc), .avail = avail};
}

static void fit_columns(struct table *t, const int *cols, size_t n, int avail, struct colfit *f)
{
    const struct kind *k = view_kind(t->view);
    int skip = t->hscroll, shown[TABLE_COLUMNS];
    size_t nshown = 0;
    t->lead = n > 1 && cols[0] < 0 ? cols[1] : cols[0];
    for (size_t i = 0; i < n; i++) {
        if (skip > 0 && !is_name(k, cols[i])) skip--;
        else shown[nshown++] = cols[i];
    }
    t->hscroll -= skip;                                      /* cannot scroll further than there are columns */
    struct colfit_in in = fit_input(t, avail);
    colfit_make(&in, shown, nshown, f);
    t->nhidden = f->hidden;
}

/* With room to spare, columns that are else only for wide tables come in: the most wanted first, empty ones never. */
static size_t add_roomy(struct table *t, int *cols, size_t n, size_t rows, int avail, struct colfit *f)
{
    const struct kind *k = view_kind(t->view);
    const struct colpref *own = app_colpref(t->base.app, k->id);
    int more[TABLE_COLUMNS];
    size_t nmore = 0;
    if (t->wide || t->hscroll || t->nhidden || f->gap < 2 || (own && own->nshow) || options_columns(app_options(t->base.app), k->id)) return n;
    for (size_t i = 0; i < k->ncolumns && i < TABLE_COLUMNS; i++)
        if ((k->columns[i].flags & (COL_WIDE | COL_HIDDEN | COL_SOURCE)) == COL_WIDE && !table_scope_hidden(t, (int)i)) more[nmore++] = (int)i;
    measure(t, more, nmore, t->top, rows);
    struct colfit_in in = fit_input(t, avail);
    int room = avail - colfit_total(f);
    for (;;) {
        int best = -1;
        for (size_t i = 0; i < nmore; i++) {
            int col = more[i];
            if (col < 0 || !(t->useful >> col & 1) || colfit_wanted(&in, col) + f->gap > room) continue;
            if (best < 0 || colfit_keep(&in, col) > colfit_keep(&in, more[best])) best = (int)i;
        }
        if (best < 0) break;
        room -= colfit_wanted(&in, more[best]) + f->gap;
        t->roomy |= (uint64_t)1 << more[best];
        more[best] = -1;
    }
    return t->roomy ? table_columns(t, cols, TABLE_COLUMNS) : n;
}

static void note_sort(struct table *t, const struct colfit *f)
{
    bool desc, unseen;
    int sort = view_sort_column(t->view, &desc);
    unseen = sort >= 0 && view_sort_chosen(t->view);
    for (int i = 0; i < f->n; i++) unseen &= f->col[i].col != sort;
    if (unseen != t->sort_unseen) app_dirty(t->base.app);     /* the title was drawn before */
    t->sort_unseen = unseen;
}

static void draw_columns(const struct table *t, struct canvas *c, struct rect r, const struct colfit *f)
{
    const struct kind *k = view_kind(t->view);
    bool desc = false;
    int sort = view_sort_column(t->view, &desc);
    for (int i = 0; i < f->n; i++) {
        int col = f->col[i].col, x = r.x + f->col[i].x, w = f->col[i].width;
        const char *title = colfit_title(k, col);
        int len = text_width(title, strlen(title)), room = w;
        bool sorted = col >= 0 && col == sort;
        uint16_t st = STYLE(sorted || (col >= 0 && col == t->pick) ? ROLE_COLUMN_SORT : ROLE_COLUMN);
        if (col >= 0 && col == t->pick) st |= OVER(ROLE_CURSOR_OFF);
        if (sorted && len + 1 > w) room = w - 1;
        if (right_aligned(k, col) && len + sorted < w) x += w - len - sorted;
        int used = canvas_ellipsis(c, x, r.y, room < len ? room : len, st, title, strlen(title));
        if (sorted && w > 1) canvas_glyph(c, x + used, r.y, st, desc ? GLYPH_DOWN : GLYPH_UP);
    }
    if (t->hscroll) canvas_glyph(c, r.x - 1, r.y, STYLE(ROLE_KEY), GLYPH_LEFT);
    if (t->nhidden) canvas_glyph(c, r.x + r.w, r.y, STYLE(ROLE_KEY), GLYPH_RIGHT);
}

enum glyph table_glyph(enum health h)
{
    static const uint8_t map[] = {[HEALTH_NONE] = GLYPH_NONE, [HEALTH_DONE] = GLYPH_DONE, [HEALTH_OK] = GLYPH_OK,
        [HEALTH_BUSY] = GLYPH_BUSY, [HEALTH_UNKNOWN] = GLYPH_UNKNOWN, [HEALTH_WARN] = GLYPH_WARN, [HEALTH_BAD] = GLYPH_BAD};
    return (unsigned)h < sizeof map ? (enum glyph)map[h] : GLYPH_NONE;
}

static uint16_t cell_style(const struct kind *k, const struct row *r, int col)
{
    const struct column *c = col < 0 ? NULL : &k->columns[col];
    if (c && (c->flags & COL_STATE)) return STYLE(role_of_health(r->health));
    if (r->flags & ROW_DELETING) return STYLE(ROLE_DELETING);
    if (r->flags & ROW_STALE) return STYLE(ROLE_STALE);
    if (r->flags & ROW_HEAD) return STYLE(ROLE_HEAD);
    if (r->health == HEALTH_DONE) return STYLE(ROLE_DONE);
    if (is_name(k, col)) return STYLE(r->health == HEALTH_BAD ? ROLE_BAD : r->health == HEALTH_WARN ? ROLE_WARN : ROLE_NAME);
    if (c && c->type == COL_RATIO && r->health >= HEALTH_WARN && (r->cell[col].n >> 32) != (int32_t)r->cell[col].n) return STYLE(ROLE_WARN);
    if (c && (c->type == COL_TIME || (c->flags & COL_SCOPE))) return STYLE(ROLE_MINOR);
    return STYLE(ROLE_TEXT);
}

/* Of a source that does not answer now: never as fresh as the rows beside it. */
static uint16_t lost_style(const struct kind *k, int col)
{
    return STYLE(col >= 0 && (k->columns[col].flags & COL_STATE) ? ROLE_STALE : ROLE_DIM);
}

static void draw_marks(const struct table *t, struct canvas *c, int x, int y, int max, int col, const char *s)
{
    struct filter_mark m[8];
    int n = col >= 0 && t->marks_of ? filter_marks(t->marks_of, col, s, m, 8) : 0;
    for (int i = 0; i < n; i++) {
        int at = text_width(s, m[i].at), w = text_width(s + m[i].at, m[i].len);
        if (at >= max) continue;
        canvas_restyle(c, (struct rect){x + at, y, at + w > max ? max - at : w, 1}, STYLE(ROLE_MATCH));
    }
}

/* In a tree in its own order: what stands before the first cell. */
static int draw_branch(const struct table *t, struct canvas *c, int x, int y, size_t i, const struct row *r)
{
    if (r->flags & ROW_HEAD) return 0;
    const struct row *next = view_row(t->view, i + 1);
    canvas_glyph(c, x, y, STYLE(ROLE_DIM), next && !(next->flags & ROW_HEAD) ? GLYPH_TEE : GLYPH_LAST);
    return 2;
}

/* Names often differ at their ends alone: the middle is what goes. most: cells of the end that stay at best. */
static void draw_middle(struct canvas *c, int x, int y, int w, int most, uint16_t st, const char *s, size_t len)
{
    int cells = text_width(s, len), tail = (w - 1) / 2 < most ? (w - 1) / 2 : most;
    size_t from = len;
    if (cells <= w || tail < 2) {
        canvas_ellipsis(c, x, y, w, st, s, len);
        return;
    }
    while (from > 0 && text_width(s + from, len - from) < tail) {
        do from--;
        while (from > 0 && ((unsigned char)s[from] & 0xc0) == 0x80);
    }
    if (text_width(s + from, len - from) > tail) tail++;      /* a wide character */
    int head = canvas_text(c, x, y, w - tail - 1, st, s, from);
    canvas_glyph(c, x + head, y, st, GLYPH_ELLIPSIS);
    canvas_text(c, x + head + 1, y, tail, st, s + from, len - from);
}

/* The uppermost row that is shown says it in any case. */
static bool said_above(const struct table *t, size_t i, int col)
{
    char above[160], here[160];
    if (col < 0 || i <= t->top || !(view_kind(t->view)->columns[col].flags & COL_ONCE)) return false;
    return !strcmp(cell_text(t, view_row(t->view, i - 1), col, above, sizeof above), cell_text(t, view_row(t->view, i), col, here, sizeof here));
}

static void draw_row(const struct table *t, struct canvas *c, struct rect r, int y, size_t i, const struct colfit *f, bool tree)
{
    const struct kind *k = view_kind(t->view);
    const struct row *row = view_row(t->view, i);
    char buf[160];
    bool lost = table_lost(t, row->source);
    if (pending_has(app_pending(t->base.app), row)) canvas_glyph(c, r.x - 1, y, STYLE(role_of_health(HEALTH_BUSY)), GLYPH_BUSY);
    else if (table_marked(t, row)) canvas_glyph(c, r.x - 1, y, STYLE(ROLE_MARK), GLYPH_MARK);
    for (int j = 0; j < f->n; j++) {
        int col = f->col[j].col, x = r.x + f->col[j].x, w = f->col[j].width;
        const char *s = said_above(t, i, col) ? "" : cell_text(t, row, col, buf, sizeof buf);
        size_t len = strlen(s);
        uint16_t st = lost ? lost_style(k, col) : cell_style(k, row, col);
        if (tree && col == t->lead) {
            int used = draw_branch(t, c, x, y, i, row);
            x += used;
            w -= used;
        }
        if (col >= 0 && (k->columns[col].flags & COL_STATE) && len) {
            canvas_glyph(c, x, y, st, table_glyph(row->health));
            x += 2;
            w -= 2;
        }
        if (col >= 0 && k->columns[col].type == COL_RESTARTS && (int)len > w) len = strcspn(s, " ");    /* the count alone */
        if (right_aligned(k, col)) {
            int cells = text_width(s, len);
            if (cells < w) x += w - cells, w = cells;
        }
        if (col < 0 || ((k->columns[col].flags & COL_SCOPE) && !t->marks_of)) draw_middle(c, x, y, w, w, st, s, len);
        else if (is_name(k, col) && !t->marks_of) draw_middle(c, x, y, w, SUFFIX_CELLS, st, s, len);
        else canvas_ellipsis(c, x, y, w, st, s, len);
        draw_marks(t, c, x, y, w, col, s);
    }
}

/* The row under the cursor of another pane hangs on it, or it on that. */
static void draw_linked(const struct table *t, struct canvas *c, struct rect r, int y, const struct row *row, bool marked)
{
    enum link_mark m = linked_of(t->base.app, row);
    if (m == LINKED_NOT) return;
    canvas_over(c, (struct rect){r.x, y, r.w, 1}, ROLE_CURSOR_LINK);
    if (!marked) canvas_glyph(c, r.x, y, STYLE(ROLE_KEY) | OVER(ROLE_CURSOR_LINK), m == LINKED_DOWN ? GLYPH_HANGS_ON : m == LINKED_UP ? GLYPH_CARRIES : GLYPH_SAME);
}

static void draw_scrollbar(const struct table *t, struct canvas *c, struct rect r, bool focus)
{
    size_t n = view_count(t->view);
    if (r.h < 2 || n <= (size_t)r.h) return;
    int size = (int)((size_t)r.h * (size_t)r.h / n), at;
    if (size < 1) size = 1;
    at = (int)((size_t)(r.h - size) * t->top / (n - (size_t)r.h));
    for (int i = 0; i < size && at + i < r.h; i++)
        canvas_glyph(c, r.x + r.w, r.y + at + i, STYLE(focus ? ROLE_BORDER_FOCUS : ROLE_SCROLLBAR), GLYPH_THUMB);
}

static void keep_in_sight(struct table *t, int h)
{
    size_t n = view_count(t->view);
    t->rows_h = h;
    if (h <= 0) return;
    if (t->index < t->top) t->top = t->index;
    if (t->index >= t->top + (size_t)h) t->top = t->index - (size_t)h + 1;
    if (n <= (size_t)h) t->top = 0;
    else if (t->top > n - (size_t)h) t->top = n - (size_t)h;
}

void table_draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct table *t = (struct table *)s;
    const struct kind *k = view_kind(t->view);
    char buf[600];
    int role = 0, cols[TABLE_COLUMNS];
    if (*t->filter_err) {
        int used = canvas_ellipsis(c, r.x, r.y, r.w, STYLE(ROLE_ERROR), t->filter_err, strlen(t->filter_err));
        canvas_fill(c, (struct rect){r.x + used, r.y, r.w - used, 1}, STYLE(ROLE_ERROR));
        r.y++, r.h--;
    }
    if (table_state_line(t, buf, sizeof buf, &role)) {
        int lines = text_draw_words(c, (struct rect){r.x + 1, r.y, r.w - 2, r.h}, STYLE(role), buf, view_count(t->view) ? 2 : 5);
        canvas_restyle(c, (struct rect){r.x, r.y, r.w, lines}, STYLE(role));
        r.y += lines, r.h -= lines;
    }
    if (!k || view_count(t->view) == 0) {
        if (role != ROLE_ERROR) table_draw_empty(t, c, r);
        t->rows_h = 0;
        if (!k || r.h < 2 || view_total(t->view) == 0) return;
    }
    struct rect in = {r.x + 1, r.y, r.w - 2, r.h};
    bool head = in.h > 2;
    if (head) in.y++, in.h--;
    keep_in_sight(t, in.h);
    t->roomy = 0;
    size_t n = table_columns(t, cols, TABLE_COLUMNS), rows = in.h > 0 ? (size_t)in.h : 0;
    struct colfit f;
    measure(t, cols, n, t->top, rows);
    fit_columns(t, cols, n, in.w, &f);
    n = add_roomy(t, cols, n, rows, in.w, &f);
    if (t->roomy) fit_columns(t, cols, n, in.w, &f);
    t->ndrawn = f.n;
    for (int i = 0; i < f.n; i++) t->drawn[i] = (struct table_column){f.col[i].col, f.col[i].width, in.x + f.col[i].x};
    if (head) draw_columns(t, c, (struct rect){in.x, in.y - 1, in.w, 1}, &f);
    note_sort(t, &f);
    bool tree = (k->flags & KIND_TREE) && !t->hscroll, other = !focus && !app_focused(t->base.app, s);
    for (int i = 0; i < in.h && t->top + (size_t)i < view_count(t->view); i++) {
        draw_row(t, c, in, in.y + i, t->top + (size_t)i, &f, tree);
        const struct row *row = view_row(t->view, t->top + (size_t)i);
        if (other) draw_linked(t, c, r, in.y + i, row, table_marked(t, row) || pending_has(app_pending(t->base.app), row));
        if (t->top + (size_t)i != t->index) continue;
        snprintf(t->painted, sizeof t->painted, "%s", row->uid);
        t->painted_source = row->source;
        if (!other || linked_of(t->base.app, row) == LINKED_NOT) canvas_over(c, (struct rect){r.x, in.y + i, r.w, 1}, focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
    }
    draw_scrollbar(t, c, (struct rect){r.x, in.y, r.w, in.h}, focus);
}

void table_title(struct screen *s, struct str *out)
{
    struct table *t = (struct table *)s;
    const struct kind *k = view_kind(t->view) ? view_kind(t->view) : kind_find(t->kind_name);
    char ns[160];
    table_ns_label(t, ns, sizeof ns);
    str_addf(out, "%s%s%s", *t->title ? t->title : k && k->title ? k->title : t->kind_name, *ns ? ": " : "", ns);
    if (*t->sources && k && k->plane == PLANE_KUBE) str_addf(out, " @%s", t->sources);
    size_t count = view_count(t->view), total = view_total(t->view);
    if (*t->filter_text || t->problems) str_addf(out, " [%zu/%zu]", count, total);
    else str_addf(out, " [%zu]", count);
    bool desc = false;
    int sort = t->sort_unseen && k ? view_sort_column(t->view, &desc) : -1;
    if (sort >= 0 && (size_t)sort < k->ncolumns) str_addf(out, " by %s%s", k->columns[sort].title, desc ? " desc" : "");
    if (t->problems) str_adds(out, " problems");
    if (*t->filter_text) str_addf(out, " /%s", t->filter_text);
    if (t->marked.count) str_addf(out, " %zu marked", t->marked.count);
    if (table_partial(t)) str_adds(out, " partial");
    if (table_loading(t)) str_adds(out, " loading");
}
