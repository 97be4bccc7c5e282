/* strata get: a table, cells, names, or what the servers sent; once or watched. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/batch.h"

#define USAGE_WAIT_MS 1500

static bool output_is(const struct batch *b, const char *name)
{
    return b->opt->output && !strcmp(b->opt->output, name);
}

static const char *source_name(const void *arg, uint16_t source)
{
    const struct source_info *s = batch_source(arg, source);
    return s ? s->name : NULL;
}

/* -l and --filter are one filter; args name rows. */
static enum err_code make_filter(struct batch *b, struct filter **f, struct err *err)
{
    const struct options *o = b->opt;
    struct str s;
    str_init(&s, 8192);
    if (o->selector)
        str_addf(&s, "-l %s ", o->selector);
    if (o->filter)
        str_adds(&s, o->filter);
    enum err_code code = s.failed ? err_set(err, ERR_TOOBIG, 0, "the filter is too long")
                                  : filter_parse(f, s.data, view_kind(b->view), err);
    str_release(&s);
    filter_sources(*f, source_name, b);
    return code;
}

enum err_code batch_filter(struct batch *b, struct err *err)
{
    struct filter *f = NULL;
    if (make_filter(b, &f, err))
        return err->code;
    return view_filter(b->view, f, batch_now(b, b->feed_source[0])) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

static bool set_sort(struct batch *b, struct err *err)
{
    const char *s = b->opt->sort;
    const struct kind *k = view_kind(b->view);
    if (!s || !k)
        return true;
    bool desc = *s == '-';
    int col = kind_column(k, s + desc);
    if (col < 0) {
        err_set(err, ERR_USAGE, 0, "%s have no column '%s' to sort by", k->id, s + desc);
        return false;
    }
    view_sort(b->view, col, desc);
    return true;
}

static bool named(const struct batch *b, const struct row *r)
{
    if (b->opt->args.count < 2)
        return true;
    for (size_t i = 1; i < b->opt->args.count; i++) {
        if (!strcmp(b->opt->args.items[i], r->name) || !strcmp(b->opt->args.items[i], r->uid))
            return true;
    }
    return false;
}

static bool all_named_found(struct batch *b)
{
    bool all = true;
    for (size_t n = 1; n < b->opt->args.count; n++) {
        const char *name = b->opt->args.items[n];
        size_t i = 0;
        while (i < view_count(b->view) && strcmp(view_row(b->view, i)->name, name) && strcmp(view_row(b->view, i)->uid, name))
            i++;
        if (i == view_count(b->view) && !b->unsure) {
            batch_error(b, EXIT_NOT_FOUND, "%s \"%s\" not found", view_kind(b->view) ? view_kind(b->view)->singular : b->kind_name, name);
            all = false;
        }
    }
    return all;
}

/* Of a kind, or of those that are named. */
static bool open_wanted(struct batch *b)
{
    const struct strlist *a = &b->opt->args;
    return a->count < 2 ? batch_open(b, a->items[0]) : batch_open_named(b, a->items[0], a->items + 1, a->count - 1);
}

static void print_row(struct batch *b, struct table_layout *l, const struct row *r)
{
    if (output_is(b, "cells"))
        print_cells(b, r, NULL);
    else if (output_is(b, "name"))
        printf("%s/%s\n", r->kind->singular, r->name);
    else if (l)
        layout_row(l, r, batch_now(b, r->source));
}

/* CPU and memory come from another API, a little later than the rows: worth a short wait where they are printed. */
static void wait_usage(struct batch *b)
{
    const struct kind *k = view_kind(b->view);
    int col = k ? kind_column(k, "cpu") : -1;
    int64_t end = clock_mono_ms() + USAGE_WAIT_MS;
    if (col < 0 || !(k->columns[col].flags & COL_CARRY))
        return;
    while (view_count(b->view) && clock_mono_ms() < end) {
        for (size_t i = 0; i < view_count(b->view); i++) {
            if (view_row(b->view, i)->cell[col].n != CELL_NONE)
                return;
        }
        struct event *e = batch_event_until(b, end);
        if (!e)
            return;
        if (e->type == EV_SNAP)
            batch_snap(b, e);
        event_free(e);
    }
}

static struct table_layout *print_all(struct batch *b)
{
    const struct kind *k = view_kind(b->view);
    bool table = !output_is(b, "cells") && !output_is(b, "name");
    bool scope = b->opt->all_namespaces || b->opt->namespaces.count > 1;
    struct table_layout *l = table && k ? layout_new(b, k, output_is(b, "wide"), scope) : NULL;
    size_t shown = 0;
    for (size_t i = 0; l && i < view_count(b->view); i++) {
        const struct row *r = view_row(b->view, i);
        if (named(b, r))
            layout_fit(l, r, batch_now(b, r->source));
    }
    for (size_t i = 0; i < view_count(b->view); i++) {
        const struct row *r = view_row(b->view, i);
        if (!named(b, r))
            continue;
        if (!shown++ && l && !b->opt->no_headers)
            layout_header(l);
        print_row(b, l, r);
    }
    if (!shown && table && b->rc == EXIT_OK && b->opt->args.count < 2)
        fprintf(stderr, "no %s found\n", k ? k->id : b->kind_name);
    return l;
}

/* ---- watch: each changed row again, as kubectl get -w does ---- */

struct follow {
    struct batch *b;
    struct table_layout *l;
    struct filter *f;
    const struct row *gone;          /* taken out, and not yet known to come back changed */
};

static bool shows(struct follow *w, const struct row *r)
{
    return named(w->b, r) && (!w->f || filter_match(w->f, r, batch_now(w->b, r->source)));
}

static void print_changed(struct follow *w, const struct row *r, const char *event)
{
    if (w->l)
        layout_fit(w->l, r, batch_now(w->b, r->source));
    if (output_is(w->b, "cells"))
        print_cells(w->b, r, event);
    else
        print_row(w->b, w->l, r);
}

static void deleted(struct follow *w)
{
    if (w->gone && shows(w, w->gone))
        print_changed(w, w->gone, "deleted");
    w->gone = NULL;
}

static void removed(void *arg, const struct row *r)
{
    struct follow *w = arg;
    deleted(w);
    w->gone = r;
}

static void added(void *arg, const struct row *r)
{
    struct follow *w = arg;
    const struct row *was = w->gone && !strcmp(w->gone->uid, r->uid) ? w->gone : NULL;
    if (was)
        w->gone = NULL;
    else
        deleted(w);
    if (shows(w, r) && !(was && shows(w, was) && layout_same(w->l, was, r)))
        print_changed(w, r, NULL);
}

static void watch(struct batch *b, struct table_layout *l)
{
    struct follow w = {.b = b, .l = l};
    struct err err = ERR_INIT;
    struct event *e;
    if (make_filter(b, &w.f, &err)) {
        batch_report(b, &err, NULL);
        return;
    }
    b->for_reader = true;
    while (write_ok() && (e = batch_event(b))) {
        size_t i = 0;
        while (i < b->nfeeds && b->feed[i] != e->id)
            i++;
        if (e->type == EV_SNAP && e->snap && i < b->nfeeds) {
            struct snap *old = snap_ref(view_snap(b->view, (unsigned)i));
            enum feed_state was = old ? snap_status(old)->state : FEED_LOADING;
            const struct feed_status *st = snap_status(e->snap);
            batch_snap(b, e);
            snap_diff(old, e->snap, removed, added, &w);
            deleted(&w);
            const struct source_info *s = batch_source(b, b->feed_source[i]);
            if (st->state != was && st->state == FEED_STALE)
                fprintf(stderr, "strata: %s: not current any more: %s\n", s ? s->name : "", st->err.msg);
            else if (st->state != was && was == FEED_STALE)
                fprintf(stderr, "strata: %s: current again\n", s ? s->name : "");
            snap_unref(old);
        }
        event_free(e);
    }
}

/* ---- what the servers sent ---- */

/* The rows that are wanted, object by object. One by name, of one source, stands by itself, as kubectl prints it. */
static void raw_rows(struct batch *b, struct list_out *l, unsigned flags)
{
    size_t wanted = 0;
    for (size_t i = 0; i < view_count(b->view); i++)
        wanted += named(b, view_row(b->view, i));
    bool single = b->opt->args.count == 2 && wanted <= 1 && !(flags & FETCH_SOURCE);
    for (size_t i = 0; i < view_count(b->view); i++) {
        const struct row *r = view_row(b->view, i);
        if (!named(b, r))
            continue;
        struct event *e = batch_wait(b, core_fetch(b->core, r, l->yaml ? FETCH_YAML : FETCH_JSON, single ? flags & FETCH_MANAGED : flags));
        if (!e)
            return;
        if (e->err.code)
            batch_report(b, &e->err, r->name);
        else if (single)
            print_text(e->text, e->len);
        else
            list_out_items(l, e->text, e->len);
        event_free(e);
    }
    if (!wanted && b->rc == EXIT_OK)
        list_out_items(l, NULL, 0);
}

static bool raw_lists(struct batch *b, struct list_out *l, uint16_t source, unsigned flags)
{
    const struct options *o = b->opt;
    const struct source_info *s = &b->info[source];
    size_t n_ns = s->plane == PLANE_KUBE && !o->all_namespaces ? o->namespaces.count : 0;
    for (size_t n = 0; n < (n_ns ? n_ns : 1); n++) {
        const char *ns = n_ns ? o->namespaces.items[n] : s->plane == PLANE_KUBE && !o->all_namespaces ? (s->scope[0] ? s->scope : "default") : "";
        struct event *e = batch_wait(b, core_list(b->core, source, o->args.items[0], ns, o->selector, o->fields, l->yaml, flags & (FETCH_SOURCE | FETCH_MANAGED)));
        if (!e)
            return false;
        if (e->err.code) {
            batch_report(b, &e->err, s->name);
        } else {
            list_out_items(l, e->text, e->len);
            if (e->err.msg[0])
                batch_error(b, o->all_namespaces ? EXIT_FAILED : EXIT_OK, "%s: only a part is printed: %s", s->name, e->err.msg);
        }
        event_free(e);
    }
    return true;
}

/* The rows that are asked for, through the filter and sorted. */
static bool open_chosen(struct batch *b)
{
    struct err err = ERR_INIT;
    if (!open_wanted(b))
        return false;
    if (batch_filter(b, &err) || !set_sort(b, &err)) {
        batch_report(b, &err, NULL);
        return false;
    }
    all_named_found(b);
    return true;
}

static void get_raw(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = kind_find(o->args.items[0]);
    enum plane plane = k ? k->plane : PLANE_KUBE;
    struct list_out l = {.yaml = output_is(b, "yaml"), .key = core_list_key(k)};
    size_t sources = 0;
    for (size_t i = 0; i < b->ninfo; i++)
        sources += b->info[i].plane == plane;
    unsigned flags = FETCH_ITEM | (o->managed_fields ? FETCH_MANAGED : 0) | (sources > 1 ? FETCH_SOURCE : 0);
    if (o->filter || o->sort || o->args.count > 1) {   /* objects one by one, chosen through the table */
        if (!open_chosen(b))
            return;
        raw_rows(b, &l, flags);
    } else {
        for (size_t i = 0; i < b->ninfo; i++)
            if (b->info[i].plane == plane && !raw_lists(b, &l, (uint16_t)i, flags))
                return;
    }
    list_out_end(&l);
    if (!sources && b->rc == EXIT_OK)
        batch_error(b, EXIT_FAILED, "no %s is configured", plane == PLANE_KUBE ? "Kubernetes context" : "OpenStack cloud");
}

void batch_get(struct batch *b)
{
    if (output_is(b, "json") || output_is(b, "yaml")) {
        if (b->opt->watch)
            batch_error(b, EXIT_USAGE, "--watch goes with -o table, wide, name and cells");
        else
            get_raw(b);
        return;
    }
    if (!open_chosen(b))
        return;
    if (output_is(b, "wide") || output_is(b, "cells"))
        wait_usage(b);
    struct table_layout *l = print_all(b);
    if (b->opt->watch)
        watch(b, l);
    layout_free(l);
}
