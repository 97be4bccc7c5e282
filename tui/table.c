/* The table of a pane: feeds in, a view over them, and a cursor that stays on its object. */
#include "tui/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app.h"

/* ---- feeds ---- */

static bool wants_source(const struct table *t, const struct source_info *si, const struct kind *k)
{
    if (*t->sources && strcasecmp(t->sources, si->name)) return false;
    return k ? si->plane == k->plane : si->plane == PLANE_KUBE;      /* discovered kinds are Kubernetes' */
}

static void add_feed(struct table *t, const struct source_info *si, const char *ns)
{
    if (t->nfeeds >= TABLE_FEEDS) return;
    for (int i = 0; i < t->nfeeds; i++)
        if (t->feed[i].source == si->id && !strcmp(t->feed[i].ns, ns)) return;
    struct table_feed *f = &t->feed[t->nfeeds];
    f->source = si->id;
    snprintf(f->ns, sizeof f->ns, "%s", ns);
    f->id = core_open(app_core(t->base.app), si->id, t->kind_name, ns);
    if (f->id) t->nfeeds++;
}

/* Without -n or -A: the context's namespace when the kubeconfig names one, else all of them. */
static const char *own_namespace(const struct source_info *si)
{
    return si->plane == PLANE_KUBE && *si->scope && strcmp(si->scope, "default") ? si->scope : "";
}

static void add_source(struct table *t, const struct source_info *si, const struct kind *k)
{
    if (si->plane != PLANE_KUBE || (k && !(k->flags & KIND_NAMESPACED)) || !strcmp(t->ns, "*")) {
        add_feed(t, si, "");
        return;
    }
    if (!*t->ns) {
        add_feed(t, si, own_namespace(si));
        return;
    }
    char list[sizeof t->ns], *save = NULL;
    snprintf(list, sizeof list, "%s", t->ns);
    for (char *w = strtok_r(list, ", ", &save); w; w = strtok_r(NULL, ", ", &save)) add_feed(t, si, w);
}

static void close_feeds(struct table *t)
{
    for (int i = 0; i < t->nfeeds; i++) {
        core_close(app_core(t->base.app), t->feed[i].id);
        view_update(t->view, (unsigned)i, NULL);
    }
    t->nfeeds = 0;
}

void table_open(struct table *t)
{
    size_t n = 0;
    const struct source_info *src = app_sources(t->base.app, &n);
    const struct kind *k = kind_find(t->kind_name);
    t->nsources = 0;
    t->asked_ms = clock_mono_ms();
    for (size_t i = 0; i < n; i++) {
        if (!wants_source(t, &src[i], k)) continue;
        t->nsources++;
        add_source(t, &src[i], k);
    }
}

void table_set(struct table *t, const char *kind, const char *ns, const char *source)
{
    bool other = kind && strcasecmp(kind, t->kind_name);
    close_feeds(t);
    if (other || (ns && strcmp(ns, t->ns)) || (source && strcmp(source, t->sources))) {
        map_release(&t->marked);                             /* nobody acts on what was marked elsewhere */
        map_init(&t->marked, NULL);
    }
    if (other) {
        view_free(t->view);
        t->view = view_new();
        t->hscroll = 0;
        t->pick = -1;
        t->problems = false;
        *t->filter_text = *t->filter_err = '\0';
        filter_free(t->marks_of);
        t->marks_of = NULL;
        snprintf(t->kind_name, sizeof t->kind_name, "%s", kind);
    }
    if (ns) snprintf(t->ns, sizeof t->ns, "%s", ns);
    if (source) snprintf(t->sources, sizeof t->sources, "%s", source);
    *t->uid = *t->want_uid = *t->painted = '\0';
    t->index = t->top = 0;
    t->bound = false;
    memset(t->seen, 0, sizeof t->seen);
    t->useful = 0;
    table_open(t);
    app_dirty(t->base.app);
}

/* ---- the cursor ---- */

static void bind(struct table *t)
{
    const struct row *r = view_row(t->view, t->index);
    snprintf(t->uid, sizeof t->uid, "%s", r ? r->uid : "");
    t->source = r ? r->source : 0;
}

const struct row *table_row(const struct table *t)
{
    return t->view ? view_row(t->view, t->index) : NULL;
}

void table_move(struct table *t, long to)
{
    *t->want_uid = '\0';                                     /* the user, or the wish itself, decided */
    size_t n = view_count(t->view);
    t->index = n == 0 || to < 0 ? 0 : (size_t)to >= n ? n - 1 : (size_t)to;
    t->bound = true;
    bind(t);
    app_dirty(t->base.app);
}

/* The same object, at the same height on the screen where that is possible. Until all rows are there, and while nothing was
 * done with one, the cursor waits on the first row: else it would be carried off by every page that is loaded. */
static void follow(struct table *t)
{
    if (*t->want_uid) {
        size_t place = view_index(t->view, t->want_source, t->want_uid);
        if (place != SIZE_MAX) {
            *t->want_uid = '\0';
            table_move(t, (long)place);
            return;
        }
    }
    size_t n = view_count(t->view), at = *t->uid && t->bound ? view_index(t->view, t->source, t->uid) : SIZE_MAX;
    if (at == SIZE_MAX) {                                   /* gone, or never bound: who stands there now */
        if (!t->bound) t->index = t->top = 0;
        if (t->index >= n) t->index = n ? n - 1 : 0;
        bind(t);
        t->bound = t->bound || (n && !t->by_weight && table_settled(t));
        return;
    }
    if (t->top > 0 && at != t->index) {
        long top = (long)t->top + (long)at - (long)t->index;
        t->top = top < 0 ? 0 : (size_t)top;
    }
    t->index = at;
}

void table_follow(struct table *t)
{
    if (view_index(t->view, t->source, t->uid) == SIZE_MAX) t->index = t->top = 0;
    follow(t);
}

void table_hold(struct table *t)
{
    if (t->bound || !*t->painted) return;
    memcpy(t->uid, t->painted, sizeof t->uid);
    t->source = t->painted_source;
    t->bound = true;
    follow(t);
}

/* ---- marks ---- */

static const char *mark_key(const struct row *r, char *buf, size_t size)
{
    snprintf(buf, size, "%u %s", r->source, r->uid);
    return buf;
}

/* The value of a mark tells whether its row is there (any two pointers): a row that changed goes and comes. */
#define HERE(t) ((void *)(t))
#define GONE(t) ((void *)&(t)->marked)

static void mark_set(struct table *t, const struct row *r, void *value)
{
    char key[160];
    if (map_get(&t->marked, mark_key(r, key, sizeof key))) map_put(&t->marked, key, value);
}

static void mark_gone(void *arg, const struct row *r) { mark_set(arg, r, GONE((struct table *)arg)); }
static void mark_here(void *arg, const struct row *r) { mark_set(arg, r, HERE(arg)); }
static void mark_as_it_is(void *arg, const struct row *r) { (void)arg, (void)r; }

/* What was deleted is not marked any more. A list that is not followed now says nothing about what is there. */
static void marks_follow(struct table *t, const struct snap *old, const struct snap *now)
{
    const struct map_entry *e;
    char key[160];
    if (!t->marked.count || !old || !now || snap_status(now)->state != FEED_LIVE) return;
    snap_diff(old, now, mark_gone, mark_as_it_is, t);
    snap_diff(old, now, mark_as_it_is, mark_here, t);               /* it may have come to another place */
    for (size_t i = 0; (e = map_next(&t->marked, &i));) {
        if (e->value != GONE(t)) continue;
        snprintf(key, sizeof key, "%s", e->key);
        map_del(&t->marked, key);
        i = 0;
    }
}

void table_take(struct table *t, unsigned at, struct snap *s)
{
    marks_follow(t, view_snap(t->view, at), s);
    view_update(t->view, at, s);
    follow(t);
    app_dirty(t->base.app);
}

bool table_snap(struct table *t, struct event *e)
{
    for (int i = 0; i < t->nfeeds; i++) {
        if (t->feed[i].id != e->id) continue;
        table_take(t, (unsigned)i, e->snap);
        return true;
    }
    return false;
}

struct snap *table_row_snap(const struct table *t, const struct row *r)
{
    for (int i = 0; i < t->nfeeds; i++) {
        struct snap *s = view_snap(t->view, (unsigned)i);
        if (s && snap_source(s) == r->source && snap_row(s, r->slot) == r) return s;
    }
    return NULL;
}

/* ---- filter, marks ---- */

static const char *source_name(const void *arg, uint16_t source)
{
    const struct source_info *s = app_source(arg, source);
    return s ? s->name : NULL;
}

enum err_code table_filter(struct table *t, const char *text, struct err *err)
{
    struct filter *f = NULL, *marks = NULL;
    const struct kind *k = view_kind(t->view);
    enum err_code rc = filter_parse(&f, text, k, err);
    if (rc) {
        snprintf(t->filter_err, sizeof t->filter_err, "%s", err ? err->msg : "bad filter");
        return rc;                                          /* what was shown stays */
    }
    bool other = strcmp(text, t->filter_text) != 0;         /* else only time went on */
    *t->filter_err = '\0';
    snprintf(t->filter_text, sizeof t->filter_text, "%s", text);
    if (f) filter_parse(&marks, text, k, NULL);
    filter_sources(f, source_name, t->base.app);
    filter_free(t->marks_of);
    t->marks_of = marks;
    view_filter(t->view, f, app_now(t->base.app, t->source));
    if (other) table_follow(t);
    else follow(t);
    app_dirty(t->base.app);
    return ERR_OK;
}

bool table_marked(const struct table *t, const struct row *r)
{
    char key[160];
    return t->marked.count && map_get(&t->marked, mark_key(r, key, sizeof key));
}

void table_mark(struct table *t, const struct row *r, bool on)
{
    char key[160];
    if (on) map_put(&t->marked, mark_key(r, key, sizeof key), HERE(t));
    else map_del(&t->marked, mark_key(r, key, sizeof key));
}

/* ---- columns ---- */

static bool one_namespace(const struct table *t)
{
    for (int i = 0; i < t->nfeeds; i++)
        if (!*t->feed[i].ns || strcmp(t->feed[i].ns, t->feed[0].ns)) return false;
    return t->nfeeds > 0;
}

/* A namespace column says nothing while there is only one. */
bool table_scope_hidden(const struct table *t, int col)
{
    const struct kind *k = view_kind(t->view);
    return (k->columns[col].flags & COL_SCOPE) && k->plane == PLANE_KUBE && one_namespace(t);
}

bool table_shows(const struct table *t, int col)
{
    const struct kind *k = view_kind(t->view);
    const struct column *c = &k->columns[col];
    if (c->flags & (COL_HIDDEN | COL_SOURCE)) return false;
    if ((c->flags & COL_WIDE) && !t->wide && !(t->roomy >> col & 1)) return false;
    return !table_scope_hidden(t, col);
}

static size_t chosen_columns(const struct table *t, const struct kind *k, int *cols, size_t n, size_t max)
{
    const struct colpref *pref = app_colpref(t->base.app, k->id);
    char *const *chosen = options_columns(app_options(t->base.app), k->id);
    if (pref && pref->nshow) {
        for (int i = 0; i < pref->nshow && n < max; i++) {
            int col = kind_column(k, pref->show[i]);
            if (col >= 0 && col < TABLE_COLUMNS && !table_scope_hidden(t, col)) cols[n++] = col;
        }
        return n;
    }
    for (; chosen && *chosen && n < max; chosen++) {
        int col = kind_column(k, *chosen);
        if (col >= 0 && col < TABLE_COLUMNS) cols[n++] = col;
    }
    return n;
}

static bool among(const int *cols, size_t n, int col)
{
    for (size_t i = 0; i < n; i++)
        if (cols[i] == col) return true;
    return false;
}

size_t table_columns(const struct table *t, int *cols, size_t max)
{
    const struct kind *k = view_kind(t->view);
    size_t n = 0;
    if (!k) return 0;
    if (t->nsources > 1 && max) cols[n++] = -1;
    size_t with_source = n;
    n = chosen_columns(t, k, cols, n, max);
    bool chosen = n > with_source;
    for (size_t i = 0; i < k->ncolumns && i < TABLE_COLUMNS && n < max; i++) {
        if (!table_shows(t, (int)i) || among(cols, n, (int)i)) continue;
        if (!chosen || (k->columns[i].flags & COL_WIDE)) cols[n++] = (int)i;       /* wide adds to what was chosen */
    }
    return n;
}

const char *table_ns_label(const struct table *t, char *buf, size_t size)
{
    const struct kind *k = view_kind(t->view) ? view_kind(t->view) : kind_find(t->kind_name);
    if (k && k->plane == PLANE_OPENSTACK) {
        const struct source_info *si = t->nsources == 1 && t->nfeeds ? app_source(t->base.app, t->feed[0].source) : NULL;
        snprintf(buf, size, "%s", si ? si->name : t->nsources > 1 ? "all clouds" : "");
        return buf;
    }
    if (!k || !(k->flags & KIND_NAMESPACED)) {               /* a word nobody knows (yet) lists nothing anywhere */
        buf[0] = '\0';
    } else if (*t->ns && strcmp(t->ns, "*")) {
        snprintf(buf, size, "%s", t->ns);
    } else {
        bool all = t->nfeeds == 0, same = t->nfeeds > 0;
        char ns[64], first[64] = "";
        for (int i = 0; i < t->nfeeds; i++) {
            table_feed_ns(t, i, ns, sizeof ns);
            if (i == 0) memcpy(first, ns, sizeof first);
            if (!*ns) all = true;
            if (strcmp(ns, first)) same = false;
        }
        snprintf(buf, size, "%s", all ? "all namespaces" : same ? first : "own namespaces");
    }
    return buf;
}

/* ---- the screen ---- */

/* A heading sorts by its column; again turns it round. */
static void click_heading(struct table *t, int x)
{
    const struct kind *k = view_kind(t->view);
    char line[80];
    for (int i = t->ndrawn - 1; k && i >= 0; i--) {
        if (x < t->drawn[i].x) continue;
        if (t->drawn[i].col < 0) return;
        snprintf(line, sizeof line, "sort %s", k->columns[t->drawn[i].col].id);
        app_run_line(t->base.app, line);
        return;
    }
}

static bool table_mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct table *t = (struct table *)s;
    long page = 3;
    if (in->mouse == MOUSE_WHEEL_UP) table_move(t, (long)t->index - page);
    else if (in->mouse == MOUSE_WHEEL_DOWN) table_move(t, (long)t->index + page);
    else if (in->mouse == MOUSE_PRESS && t->rows_h > 0) {
        long first = r.y + r.h - t->rows_h;
        if (in->y >= first && (size_t)(in->y - first) + t->top < view_count(t->view)) table_move(t, (long)t->top + in->y - first);
        else if (in->y == first - 1) click_heading(t, in->x);
    } else return false;
    return true;
}

static bool table_tick(struct screen *s, int64_t now_ms)
{
    struct table *t = (struct table *)s;
    (void)now_ms;
    if (t->marks_of && filter_uses_time(t->marks_of)) table_filter(t, t->filter_text, NULL);
    return view_total(t->view) > 0;              /* ages; only cells that changed are sent */
}

void table_release(struct table *t)
{
    close_feeds(t);
    view_free(t->view);
    filter_free(t->marks_of);
    map_release(&t->marked);
}

static void table_close(struct screen *s)
{
    table_release((struct table *)s);
    mem_free(s);
}

const struct screen_ops table_ops = {
    .scope = "table", .draw = table_draw, .title = table_title, .mouse = table_mouse, .tick = table_tick, .close = table_close,
};

bool table_init(struct table *t, struct app *a)
{
    t->base.ops = &table_ops;
    t->base.app = a;
    t->pick = -1;
    map_init(&t->marked, NULL);
    t->view = view_new();
    return t->view != NULL;
}

struct screen *table_new(struct app *a, const char *kind, const char *ns, const char *source)
{
    struct table *t = mem_zalloc(sizeof *t);
    if (!t || !table_init(t, a)) {
        mem_free(t);
        return NULL;
    }
    snprintf(t->kind_name, sizeof t->kind_name, "%s", kind);
    snprintf(t->ns, sizeof t->ns, "%s", ns ? ns : "");
    snprintf(t->sources, sizeof t->sources, "%s", source ? source : "");
    table_open(t);
    return &t->base;
}
