/*
 * A view keeps two sorted arrays: every row, and those the filter leaves. A new snap is compared with the old one
 * chunk by chunk; what left is found by binary search, what came is sorted and merged in one pass.
 */
#include "strata/view.h"

#include <string.h>

#include "strata/core.h"
#include "strata/mem.h"

#define VIEW_SNAPS 64
#define AHEAD 6

struct list {
    const struct row **row;
    size_t count, cap;
};

struct view {
    struct snap *snap[VIEW_SNAPS];
    struct list all, shown;
    struct list gone, come, scratch;   /* of one update */
    bool change_failed;
    const struct kind *kind;
    int sort_col;                      /* -1 = default of the kind */
    bool descending;
    int group_col;                     /* of a KIND_TREE kind, else -1 */
    bool problems;
    struct filter *filter;
    int64_t now_ms;
    bool filtered;                     /* shown differs from all */
    size_t health[CORE_MAX_SOURCES + 1][HEALTH_BAD + 1];        /* per source; the last is of any other */
    uint64_t version;
    uint32_t hint;                     /* slot of the row asked for last: the cursor asks each frame */
};

static size_t *health_of(struct view *v, const struct row *r)
{
    return &v->health[r->source < CORE_MAX_SOURCES ? r->source : CORE_MAX_SOURCES][r->health];
}

struct view *view_new(void)
{
    struct view *v = mem_zalloc(sizeof(*v));
    if (v) {
        v->sort_col = -1;
        v->group_col = -1;
    }
    return v;
}

void view_free(struct view *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < VIEW_SNAPS; i++)
        snap_unref(v->snap[i]);
    mem_free(v->all.row);
    mem_free(v->shown.row);
    mem_free(v->gone.row);
    mem_free(v->come.row);
    mem_free(v->scratch.row);
    filter_free(v->filter);
    mem_free(v);
}

/* ---- order ---- */

static int default_column(const struct kind *k, bool *descending)
{
    for (size_t i = 0; k && i < k->ncolumns; i++) {
        if (k->columns[i].flags & COL_SORT) {
            *descending = (k->columns[i].flags & COL_DESC) != 0;
            return (int)i;
        }
    }
    *descending = false;
    return -1;
}

bool view_sort_chosen(const struct view *v)
{
    return v->sort_col != -1;
}

int view_sort_column(const struct view *v, bool *descending)
{
    if (v->sort_col >= 0 || v->sort_col == VIEW_BY_SOURCE) {
        *descending = v->descending;
        return v->sort_col;
    }
    return default_column(v->kind, descending);
}

struct order {
    int col, group;
    bool descending;
};

static int compare(const struct order *o, const struct row *a, const struct row *b)
{
    int d;
    if (o->group >= 0) {
        if (a->source != b->source)
            return a->source < b->source ? -1 : 1;
        d = row_compare(a, b, o->group);
        if (d)
            return d;
        d = (b->flags & ROW_HEAD) - (a->flags & ROW_HEAD);
        if (d)
            return d;
    }
    if (o->col == VIEW_BY_SOURCE) {
        d = (a->source > b->source) - (a->source < b->source);
        if (d)
            return o->descending ? -d : d;
    }
    if (o->col >= 0) {
        d = row_compare(a, b, o->col);
        if (d)
            return o->descending ? -d : d;
    }
    if (a->scope != b->scope && (d = strcmp(a->scope, b->scope)))
        return d;
    d = strcmp(a->name, b->name);
    if (d)
        return d;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    d = strcmp(a->uid, b->uid);
    return d ? d : a < b ? -1 : a > b;
}

static struct order order_of(const struct view *v)
{
    struct order o = {.group = v->group_col};
    o.col = view_sort_column(v, &o.descending);
    return o;
}

/* Natural merge sort: lists arrive almost in order, runs are kept. tmp holds n. */
static void merge(const struct order *o, const struct row **to, const struct row **a, size_t na, const struct row **b, size_t nb)
{
    size_t i = 0, j = 0, k = 0;
    while (i < na && j < nb)
        to[k++] = compare(o, b[j], a[i]) < 0 ? b[j++] : a[i++];
    while (i < na)
        to[k++] = a[i++];
    while (j < nb)
        to[k++] = b[j++];
}

/* A run the wrong way round (the same column sorted the other way) is turned. */
static size_t run_length(const struct order *o, const struct row **row, size_t at, size_t n)
{
    size_t i = at + 1;
    while (i < n && compare(o, row[i - 1], row[i]) <= 0)
        i++;
    if (i > at + 1)
        return i - at;
    while (i < n && compare(o, row[i - 1], row[i]) > 0)
        i++;
    for (size_t lo = at, hi = i; lo + 1 < hi; lo++) {
        const struct row *r = row[--hi];
        row[hi] = row[lo];
        row[lo] = r;
    }
    return i - at;
}

static void sort_rows(const struct order *o, const struct row **row, const struct row **tmp, size_t n)
{
    for (;;) {
        size_t at = 0, runs = 0, out = 0;
        while (at < n) {
            size_t a = run_length(o, row, at, n);
            size_t b = at + a < n ? run_length(o, row, at + a, n) : 0;
            merge(o, tmp + out, row + at, a, row + at + a, b);
            out += a + b;
            at += a + b;
            runs++;
        }
        if (n)
            memcpy(row, tmp, n * sizeof(*row));
        if (runs <= 1)
            return;
    }
}

/* ---- lists ---- */

static bool reserve(struct list *l, size_t n)
{
    return mem_grow(&l->row, &l->cap, n, sizeof(*l->row));
}

static void note_gone(void *arg, const struct row *r)
{
    struct view *v = arg;
    if (!reserve(&v->gone, v->gone.count + 1))
        v->change_failed = true;
    else
        v->gone.row[v->gone.count++] = r;
}

static void note_come(void *arg, const struct row *r)
{
    struct view *v = arg;
    if (!reserve(&v->come, v->come.count + 1))
        v->change_failed = true;
    else
        v->come.row[v->come.count++] = r;
}

static size_t place_of(const struct order *o, const struct list *l, const struct row *r)
{
    size_t lo = 0, hi = l->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (compare(o, l->row[mid], r) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->count && l->row[lo] == r ? lo : SIZE_MAX;
}

/* Takes the gone rows out and merges the sorted come rows in: one pass. Memory was reserved by the caller. */
static void apply(const struct order *o, struct view *v, struct list *l, const struct row **come, size_t ncome)
{
    if (v->gone.count) {
        size_t first = SIZE_MAX;
        for (size_t i = 0; i < v->gone.count; i++) {
            size_t at = place_of(o, l, v->gone.row[i]);
            if (at != SIZE_MAX && at < first)
                first = at;
            v->scratch.row[i] = (const struct row *)(uintptr_t)at;
        }
        /* The searches need whole order, so holes are made only after all of them. */
        for (size_t i = 0; i < v->gone.count; i++) {
            size_t at = (size_t)(uintptr_t)v->scratch.row[i];
            if (at != SIZE_MAX)
                l->row[at] = NULL;
        }
        if (first != SIZE_MAX) {
            size_t to = first;
            for (size_t i = first; i < l->count; i++) {
                if (l->row[i])
                    l->row[to++] = l->row[i];
            }
            l->count = to;
        }
    }
    /* Merge from the end, so that it can be done in place. */
    size_t i = l->count, j = ncome, k = l->count + ncome;
    while (j) {
        if (i && compare(o, come[j - 1], l->row[i - 1]) < 0)
            l->row[--k] = l->row[--i];
        else
            l->row[--k] = come[--j];
    }
    l->count += ncome;
}

/* ---- what is shown ---- */

static bool wanted(const struct view *v, const struct row *r)
{
    if (v->problems && r->health != HEALTH_WARN && r->health != HEALTH_BAD && r->health != HEALTH_UNKNOWN)
        return false;
    return !v->filter || filter_match(v->filter, r, v->now_ms);
}

/* Rows in sorted order are anywhere in memory: they are asked for some rows ahead of their turn. */
static void fetch(const struct row *r)
{
    const char *p = (const char *)r;
    for (size_t i = 0; i < 5; i++)
        __builtin_prefetch(p + i * 64);
}

static bool refilter(struct view *v, const struct list *from)
{
    v->filtered = v->problems || v->filter;
    v->version++;
    if (!v->filtered) {
        v->shown.count = 0;
        return true;
    }
    if (!reserve(&v->shown, from->count)) {
        v->filtered = false;
        return false;
    }
    size_t n = 0;
    filter_pass(v->filter);
    for (size_t i = 0; i < from->count; i++) {
        if (i + AHEAD < from->count)
            fetch(from->row[i + AHEAD]);
        if (wanted(v, from->row[i]))
            v->shown.row[n++] = from->row[i];
    }
    v->shown.count = n;
    return true;
}

bool view_filter(struct view *v, struct filter *f, int64_t now_ms)
{
    bool narrower = v->filter && f && v->filtered && filter_narrows(v->filter, f);
    filter_free(v->filter);
    v->filter = f;
    v->now_ms = now_ms;
    return refilter(v, narrower ? &v->shown : &v->all);
}

void view_problems(struct view *v, bool only)
{
    if (v->problems == only)
        return;
    v->problems = only;
    refilter(v, &v->all);
}

void view_sort(struct view *v, int col, bool descending)
{
    v->sort_col = col;
    v->descending = descending;
    v->version++;
    struct order o = order_of(v);
    if (!reserve(&v->scratch, v->all.count))
        return;
    sort_rows(&o, v->all.row, v->scratch.row, v->all.count);
    if (v->filtered)
        sort_rows(&o, v->shown.row, v->scratch.row, v->shown.count);
}

/* ---- updates ---- */

/* Whose columns come from the server has others where nothing is: rows decide, those that are shown first. */
static void set_kind(struct view *v)
{
    const struct kind *k = NULL, *empty = NULL;
    for (size_t i = 0; i < VIEW_SNAPS; i++) {
        const struct kind *one = v->snap[i] ? snap_kind(v->snap[i]) : NULL;
        if (one && !snap_count(v->snap[i]))
            empty = empty ? empty : one;
        else if (one && (!k || one == v->kind))
            k = one;
    }
    k = k ? k : empty;
    if (k == v->kind)
        return;
    v->kind = k;
    v->sort_col = -1;
    v->group_col = k && (k->flags & KIND_TREE) ? kind_column(k, "group") : -1;
}

/* Everything anew: another kind, or too little memory for the short way. */
static bool rebuild(struct view *v)
{
    size_t n = 0;
    memset(v->health, 0, sizeof(v->health));
    v->all.count = 0;
    for (size_t i = 0; i < VIEW_SNAPS; i++)
        n += v->snap[i] ? snap_count(v->snap[i]) : 0;
    if (!reserve(&v->all, n) || !reserve(&v->scratch, n)) {
        v->shown.count = 0;
        return false;
    }
    for (size_t i = 0; i < VIEW_SNAPS; i++) {
        if (!v->snap[i] || snap_kind(v->snap[i]) != v->kind)
            continue;
        for (size_t s = 0; s < snap_slots(v->snap[i]); s++) {
            const struct row *r = snap_row(v->snap[i], s);
            if (r) {
                v->all.row[v->all.count++] = r;
                (*health_of(v, r))++;
            }
        }
    }
    struct order o = order_of(v);
    sort_rows(&o, v->all.row, v->scratch.row, v->all.count);
    return refilter(v, &v->all);
}

/* ---- many at once: what all pods use is told for all of them ---- */

enum { MANY = 256, MANY_SHARE = 16 };

static bool same_place(const struct order *o, const struct row *a, const struct row *b)
{
    if (o->group >= 0 && (row_compare(a, b, o->group) || (a->flags & ROW_HEAD) != (b->flags & ROW_HEAD)))
        return false;
    if (o->col >= 0 && row_compare(a, b, o->col))
        return false;
    return a->source == b->source && !strcmp(a->uid, b->uid) && !strcmp(a->name, b->name) && !strcmp(a->scope, b->scope);
}

/* Of gone and come stays what has another place now; the others are marked by their slot. */
static size_t mark_stays(struct view *v, const struct order *o, const struct snap *old, uint8_t *mark)
{
    size_t ncome = 0, ngone = 0, n = 0;
    for (size_t i = 0; i < v->come.count; i++) {
        const struct row *now = v->come.row[i], *was = snap_row(old, now->slot);
        if (i + AHEAD < v->come.count)
            fetch(v->come.row[i + AHEAD]);
        if (was && same_place(o, was, now))
            mark[now->slot] = 1, n++, (*health_of(v, was))--, (*health_of(v, now))++;
        else
            v->come.row[ncome++] = now;
    }
    for (size_t i = 0; i < v->gone.count; i++)
        if (!mark[v->gone.row[i]->slot])
            v->gone.row[ngone++] = v->gone.row[i];
    v->come.count = ncome;
    v->gone.count = ngone;
    return n;
}

/* Rows that change where they stand change there, without being searched for. stayed: how many. false: only anew. */
static bool change_in_place(struct view *v, const struct snap *old, const struct snap *now, size_t *stayed)
{
    struct order o = order_of(v);
    struct list *l = &v->all;
    *stayed = 0;
    if (!old || !now || v->come.count < MANY || v->come.count * MANY_SHARE < l->count)
        return true;
    size_t slots = snap_slots(old) > snap_slots(now) ? snap_slots(old) : snap_slots(now);
    uint8_t *mark = mem_zalloc(slots + 1);
    if (!mark)
        return true;
    *stayed = mark_stays(v, &o, old, mark);
    bool ok = true;
    for (size_t i = 0; i < l->count && ok; i++) {
        const struct row *was = l->row[i];
        if (i + AHEAD < l->count)
            __builtin_prefetch(l->row[i + AHEAD]);
        if (was->slot >= slots || !mark[was->slot] || snap_row(old, was->slot) != was)
            continue;
        l->row[i] = snap_row(now, was->slot);
        /* two feeds with one object stand as their rows lie in memory */
        ok = !i || l->row[i - 1]->source != was->source || strcmp(l->row[i - 1]->uid, was->uid) != 0;
    }
    mem_free(mark);
    return ok;
}

static bool merge_changes(struct view *v)
{
    struct order o = order_of(v);
    size_t ncome = v->come.count, most = ncome > v->gone.count ? ncome : v->gone.count;
    if (!reserve(&v->scratch, most) || !reserve(&v->all, v->all.count + ncome) ||
        (v->filtered && !reserve(&v->shown, v->shown.count + ncome)))
        return false;
    sort_rows(&o, v->come.row, v->scratch.row, ncome);
    for (size_t i = 0; i < v->gone.count; i++)
        (*health_of(v, v->gone.row[i]))--;
    for (size_t i = 0; i < ncome; i++)
        (*health_of(v, v->come.row[i]))++;
    apply(&o, v, &v->all, v->come.row, ncome);
    if (v->filtered) {
        size_t n = 0;
        filter_pass(v->filter);
        for (size_t i = 0; i < ncome; i++) {
            if (wanted(v, v->come.row[i]))
                v->come.row[n++] = v->come.row[i];
        }
        apply(&o, v, &v->shown, v->come.row, n);
    }
    return true;
}

bool view_update(struct view *v, unsigned at, struct snap *s)
{
    if (at >= VIEW_SNAPS || v->snap[at] == s)
        return true;
    struct snap *old = v->snap[at];
    const struct kind *was = v->kind;
    bool same_kind = (!old || snap_kind(old) == was) && (!s || snap_kind(s) == was);
    v->snap[at] = snap_ref(s);
    set_kind(v);
    v->version++;
    bool ok = false;
    if (v->kind == was && same_kind) {
        v->gone.count = v->come.count = 0;
        v->change_failed = false;
        snap_diff(old, s, note_gone, note_come, v);
        size_t stayed = 0;
        ok = !v->change_failed && change_in_place(v, old, s, &stayed);
        if (ok && stayed)
            v->filtered = false;                /* what is shown is looked at anew */
        ok = ok && merge_changes(v) && (!stayed || refilter(v, &v->all));
    }
    if (!ok)
        ok = rebuild(v);
    snap_unref(old);   /* only now: the rows that left were compared with */
    return ok;
}

/* ---- reading ---- */

static const struct list *current(const struct view *v)
{
    return v->filtered ? &v->shown : &v->all;
}

const struct kind *view_kind(const struct view *v)
{
    return v->kind;
}

size_t view_count(const struct view *v)
{
    return current(v)->count;
}

size_t view_total(const struct view *v)
{
    return v->all.count;
}

const struct row *view_row(const struct view *v, size_t i)
{
    return i < current(v)->count ? current(v)->row[i] : NULL;
}

/* The cursor's row asks after every update: its slot is tried first, then its place is a binary search. */
static const struct row *by_hint(const struct view *v, uint16_t source, const char *uid)
{
    for (size_t i = 0; i < VIEW_SNAPS; i++) {
        const struct row *r = v->snap[i] && snap_source(v->snap[i]) == source ? snap_row(v->snap[i], v->hint) : NULL;
        if (r && r->kind == v->kind && !strcmp(r->uid, uid))
            return r;
    }
    return NULL;
}

size_t view_index(struct view *v, uint16_t source, const char *uid)
{
    const struct list *l = current(v);
    const struct row *r = by_hint(v, source, uid);
    if (r) {
        struct order o = order_of(v);
        return place_of(&o, l, r);
    }
    for (size_t i = 0; i < l->count; i++) {
        if (l->row[i]->source == source && !strcmp(l->row[i]->uid, uid)) {
            v->hint = l->row[i]->slot;
            return i;
        }
    }
    return SIZE_MAX;
}

size_t view_place(const struct view *v, const struct row *r)
{
    for (size_t i = 0; i < VIEW_SNAPS; i++) {
        const struct row *now = v->snap[i] && snap_source(v->snap[i]) == r->source ? snap_row(v->snap[i], r->slot) : NULL;
        struct order o = order_of(v);
        if (now && now->kind == v->kind && !strcmp(now->uid, r->uid))
            return place_of(&o, current(v), now);
    }
    return SIZE_MAX;
}

size_t view_health(const struct view *v, enum health h)
{
    size_t n = 0;
    for (size_t i = 0; i <= CORE_MAX_SOURCES; i++)
        n += v->health[i][h];
    return n;
}

size_t view_health_of(const struct view *v, uint16_t source, enum health h)
{
    return source < CORE_MAX_SOURCES ? v->health[source][h] : 0;
}

struct snap *view_snap(const struct view *v, unsigned at)
{
    return at < VIEW_SNAPS ? v->snap[at] : NULL;
}

uint64_t view_version(const struct view *v)
{
    return v->version;
}
