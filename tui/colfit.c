/* Column fitting: what is dropped, what is shortened, and what never is. Widths never depend on text that ages. */
#include "tui/colfit.h"

#include <stdio.h>
#include <string.h>

#include "strata/text.h"

#define AGE_CELLS 5                       /* "9m59s", "23h", "7d23h" */
#define DURATION_CELLS 5                  /* "999ms" */
#define STATE_CELLS 18                    /* glyph and CrashLoopBackOff */
#define NEVER_DROPPED 86
#define PROSE_CELLS 60                    /* a sentence is not dropped for columns, nor they for more of it than this */
#define HOST_FROM 30

const char *colfit_title(const struct kind *k, int col)
{
    return col >= 0 ? k->columns[col].title : k->flags & KIND_ANYWHERE ? "WHERE" : k->plane == PLANE_KUBE ? "CLUSTER" : "CLOUD";
}

bool colfit_leads(const struct colfit_in *in, int col)
{
    const struct kind *k = in->kind;
    return col >= 0 && (!strcmp(k->columns[col].id, "name") || (col == in->lead && (k->flags & KIND_TREE)));
}

static int seen(const struct colfit_in *in, int col)
{
    return in->seen[col < 0 ? COLFIT_SOURCE : col];
}

static bool says_where(const struct kind *k, int col)
{
    return col < 0 || ((k->columns[col].flags & COL_SCOPE) && k->plane == PLANE_KUBE) || ((k->flags & KIND_ANYWHERE) && !strcmp(k->columns[col].id, "kind"));
}

static bool is_state(const struct kind *k, int col)
{
    return col >= 0 && (k->columns[col].flags & COL_STATE);
}

static bool is_prose(const struct kind *k, int col)
{
    return col >= 0 && (k->columns[col].flags & COL_PROSE);
}

static bool is_restarts(const struct kind *k, int col)
{
    return col >= 0 && k->columns[col].type == COL_RESTARTS;
}

/* Where the first column is not a name of its own (nova-compute), the host says which one it is; in a very narrow table that has no room. */
static bool tells_which(const struct colfit_in *in, int col)
{
    const struct kind *k = in->kind;
    return col >= 0 && kind_column(k, "name") < 0 && !strcmp(k->columns[col].id, "host") && in->avail >= HOST_FROM + (seen(in, -1) ? HOST_FROM / 3 : 0);
}

int colfit_keep(const struct colfit_in *in, int col)
{
    const struct kind *k = in->kind;
    if (colfit_leads(in, col)) return 100;
    if (tells_which(in, col) || (col >= 0 && !strcmp(k->columns[col].id, "object"))) return 88;      /* an event is known by what it is about */
    if (says_where(k, col)) return 95;                       /* the same names are in every cluster and namespace */
    const struct column *c = &k->columns[col];
    int empty = seen(in, col) == 0 ? 45 : 0;                 /* nothing in it so far */
    if (c->flags & (COL_STATE | COL_PROSE)) return 90;
    if (col == in->lead || c->type == COL_CLOCK) return NEVER_DROPPED;
    if (c->flags & COL_SCOPE) return 35 - empty;
    if (c->type == COL_RATIO && !(c->flags & COL_WIDE)) return 80;
    if (c->type == COL_RESTARTS) return 60;
    if (!strcmp(c->id, "host") || !strcmp(c->id, "node")) return 58 - empty;
    if (c->type == COL_TIME) return col < kind_column(k, "name") ? 48 : 42;    /* before the name it is what the list is about */
    if (c->type == COL_DURATION) return 30 - empty;
    if (!strcmp(c->id, "version") || !strcmp(c->id, "power")) return 31 - empty;
    return 50 - (col < 15 ? col : 15) - empty;
}

static int own_width(const struct colfit_in *in, int col)
{
    return col < 0 ? 0 : colpref_width(in->pref, in->kind->columns[col].id);
}

int colfit_reserve(const struct row *r, int col)
{
    const struct column *c = &r->kind->columns[col];
    int64_t n = r->cell[col].n;
    char buf[24];
    if (c->type == COL_RESTARTS && n != CELL_NONE)
        return snprintf(buf, sizeof buf, "%lld", (long long)(n >> 40)) + ((n & 0xffffffffffLL) ? AGE_CELLS + 7 : 0);   /* " (5m30s ago)" */
    return -1;
}

/* Cells the content of a column needs, glyphs included; headings apart. */
static int content_width(const struct colfit_in *in, int col)
{
    const struct kind *k = in->kind;
    int w = seen(in, col), own = own_width(in, col);
    if (own) return own;
    if (col >= 0 && k->columns[col].type == COL_TIME && w < AGE_CELLS) return AGE_CELLS;
    int most = col >= 0 && k->columns[col].width && k->columns[col].width < 3 ? k->columns[col].width : 3;      /* a mark asks for less */
    if (w == 0) return most;
    if (col >= 0 && k->columns[col].type == COL_DURATION && w < DURATION_CELLS) return DURATION_CELLS;
    if (is_state(k, col)) w += 2;
    if (col >= 0 && col == in->lead && (k->flags & KIND_TREE)) w += 2;
    return w < most ? most : w;
}

int colfit_wanted(const struct colfit_in *in, int col)
{
    const char *title = colfit_title(in->kind, col);
    int w = content_width(in, col), head = text_width(title, strlen(title));
    if (own_width(in, col)) return w;
    if (col >= 0 && in->sort == col) head++;                 /* the arrow */
    return w > head ? w : head;
}

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

static bool tells_prose(const struct colfit_in *in)
{
    for (size_t i = 0; i < in->kind->ncolumns; i++)
        if (is_prose(in->kind, (int)i)) return true;
    return false;
}

/* How narrow a column may become before others are dropped for it. crowd: columns beside the name that say which
 * object this is; full: restarts with the age of the last. */
static int least(const struct colfit_in *in, int col, int crowd, bool full)
{
    const struct kind *k = in->kind;
    int content = content_width(in, col), min = content, own = own_width(in, col), avail = in->avail;
    bool prose = tells_prose(in);
    if (own) min = own < avail / 2 ? own : avail / 2;        /* the user said so */
    else if (is_prose(k, col) && avail >= 50) min = clamp(is_state(k, col) ? avail * 3 / 8 : avail / 4, STATE_CELLS, PROSE_CELLS);     /* all that is said, or beside a reason */
    else if (prose && colfit_leads(in, col)) min = clamp(avail / 5, 10, 36);
    else if (prose && col >= 0 && says_where(k, col)) min = clamp(avail / 12, 5, 16);
    else if (colfit_leads(in, col)) min = crowd == 0 ? clamp(avail / 2, 16, 36) : crowd == 1 ? clamp(avail * 2 / 5, 12, 36) : clamp(avail / 4, 10, 30);
    else if (says_where(k, col)) min = col < 0 ? clamp(avail / 5, 6, 17) : clamp(avail / 6, 5, 16);
    else if (is_state(k, col)) min = avail >= 35 && (crowd == 0 || avail >= 50) ? STATE_CELLS : clamp(avail / 3, 9, STATE_CELLS);
    else if (k->columns[col].type == COL_TEXT) min = 9;
    else if (is_restarts(k, col) && !full) min = 4;
    return min < content ? min : content;
}

int colfit_total(const struct colfit *f)
{
    int w = 0;
    for (int i = 0; i < f->n; i++) w += f->col[i].width + (i ? f->gap : 0);
    return w;
}

static void drop(struct colfit *f, int i)
{
    memmove(&f->col[i], &f->col[i + 1], sizeof f->col[0] * (size_t)(f->n - i - 1));
    f->n--;
    f->hidden++;
}

/* What a column can still give: what only its heading needs first, then by its distance to the least width; the name
 * counts half, so that it stays readable longest. */
static int spare(const struct colfit_in *in, const struct colfit *f, int i, int crowd, bool full)
{
    int col = f->col[i].col, content = content_width(in, col), w = f->col[i].width;
    if (content < 5 && w == 5) content = 5;                  /* five letters of a heading are worth it */
    if (w > content) return 1000 + w - content;
    int over = w - least(in, col, crowd, full);
    if (is_restarts(in->kind, col) && over > 0) return 900;    /* the heading of a mere count */
    return colfit_leads(in, col) || is_prose(in->kind, col) ? (over + 1) / 2 : over;
}

static int crowd_of(const struct colfit_in *in, const struct colfit *f)
{
    int n = 0;
    for (int i = 0; i < f->n; i++) n += (says_where(in->kind, f->col[i].col) && !colfit_leads(in, f->col[i].col)) || tells_which(in, f->col[i].col);
    return n;
}

/* Drops the least wanted columns until the least widths fit, then takes from who has most to give. */
static void squeeze(const struct colfit_in *in, struct colfit *f, bool full)
{
    int crowd = crowd_of(in, f);
    for (int i = 0; i < f->n && !full; i++)                   /* the count alone needs no more than its heading */
        if (is_restarts(in->kind, f->col[i].col) && !own_width(in, f->col[i].col) && f->col[i].width > 8) f->col[i].width = 8;
    for (;;) {
        int need = f->gap * (f->n - 1), worst = -1, worst_keep = NEVER_DROPPED;
        for (int i = 0; i < f->n; i++) {
            int col = f->col[i].col, l = least(in, col, crowd, full), kept = colfit_keep(in, col);
            need += l < f->col[i].width ? l : f->col[i].width;
            if (kept < worst_keep) worst_keep = kept, worst = i;
        }
        if (need <= in->avail || worst < 0) break;
        drop(f, worst);
    }
    for (int over = colfit_total(f) - in->avail; over > 0; over--) {
        int from = -1, most = 0;
        for (int i = 0; i < f->n; i++) {
            int sp = spare(in, f, i, crowd, full);
            if (sp > most) most = sp, from = i;
        }
        for (int i = 0; i < f->n && most == 0; i++)           /* nobody has: the widest */
            if (from < 0 || f->col[i].width > f->col[from].width) from = i;
        if (from < 0 || f->col[from].width <= 1) return;
        f->col[from].width--;
    }
}

static int lead_width(const struct colfit_in *in, const struct colfit *f)
{
    for (int i = 0; i < f->n; i++)
        if (colfit_leads(in, f->col[i].col)) return f->col[i].width;
    return 0;
}

/* The age of the last restart stays only where no column goes and no name gets short for it. */
static void squeeze_best(const struct colfit_in *in, struct colfit *f)
{
    struct colfit with = *f;
    squeeze(in, &with, true);
    squeeze(in, f, false);
    int name = lead_width(in, f), need = name * 4 / 5;
    if (with.hidden == f->hidden && colfit_total(&with) <= in->avail && lead_width(in, &with) >= need) *f = with;
}

void colfit_make(const struct colfit_in *in, const int *cols, size_t n, struct colfit *f)
{
    *f = (struct colfit){.gap = 2};
    for (size_t i = 0; i < n && i < TABLE_COLUMNS; i++)
        f->col[f->n++] = (struct table_column){.col = cols[i], .width = colfit_wanted(in, cols[i])};
    if (colfit_total(f) > in->avail) f->gap = 1;
    if (colfit_total(f) > in->avail) squeeze_best(in, f);
    for (int i = 0, x = 0; i < f->n; i++) {
        f->col[i].x = x;
        x += f->col[i].width + f->gap;
    }
}
