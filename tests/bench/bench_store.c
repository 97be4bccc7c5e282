/* What the store, the views and the filters cost with many rows, without any network or screen:
 * bench_store [ROWS [REPS]]. One Markdown table of processor time: median, p99 and worst, and bytes per row.
 * Rows look like pods of a big cluster: 25 a Deployment, a hundred namespaces. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "strata/filter.h"
#include "strata/mem.h"
#include "strata/store.h"
#include "strata/view.h"

#define NOW_MS 1795000000000LL
enum { PER_OWNER = 25, CHANGES = 100 };

struct bench {
    const struct kind *kind;
    struct store *store;
    struct view *view;
    double *sample;
    size_t n, cap, rows;
};

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);   /* other programs on the machine do not count */
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void sample(struct bench *b, double since)
{
    if (b->n < b->cap)
        b->sample[b->n++] = now_ms() - since;
}

static void report(struct bench *b, const char *what, const char *goal)
{
    if (!b->n)
        return;
    qsort(b->sample, b->n, sizeof *b->sample, by_value);
    size_t p99 = b->n * 99 / 100;
    printf("| %s | %.3f | %.3f | %.3f | %s |\n", what, b->sample[b->n / 2], b->sample[p99 < b->n ? p99 : b->n - 1],
           b->sample[b->n - 1], goal);
    b->n = 0;
}

/* ---- rows ---- */

static void texts(struct rowbuf *rb, size_t i)
{
    char buf[200];
    size_t owner = i / PER_OWNER;
    snprintf(buf, sizeof buf, "10.%zu.%zu.%zu", i >> 16 & 255, i >> 8 & 255, i & 255);
    rowbuf_text(rb, kind_column(rb->kind, "ip"), buf);
    snprintf(buf, sizeof buf, "node-%zu.rack-%zu.example.net", i % 400, i % 400 / 20);
    rowbuf_text(rb, kind_column(rb->kind, "node"), buf);
    rowbuf_text(rb, kind_column(rb->kind, "qos"), "Burstable");
    rowbuf_text(rb, kind_column(rb->kind, "containers"), "app,proxy");
    snprintf(buf, sizeof buf, "registry.example.net/apps/app-%zu:1.2.%zu,registry.example.net/mesh/proxy:v3.1.4", owner, owner % 9);
    rowbuf_text(rb, kind_column(rb->kind, "images"), buf);
    snprintf(buf, sizeof buf, "app-%zu", owner);
    rowbuf_label(rb, "app.kubernetes.io/name", buf);
    rowbuf_label(rb, "pod-template-hash", "6c9d8f7b5");
    rowbuf_textn(rb, kind_column(rb->kind, "labels"), rb->labels.data, rb->labels.len);
}

static bool put(struct bench *b, size_t i, int restarts)
{
    struct rowbuf *rb = store_rowbuf(b->store);
    char uid[40], ns[32], name[80], hash[48];
    size_t owner = i / PER_OWNER;
    bool bad = i % 97 == 0;
    unsigned h = (unsigned)i * 2654435761u;
    snprintf(uid, sizeof uid, "%08x-0000-4000-8000-%012zx", h, i);
    snprintf(ns, sizeof ns, "team-%03zu", owner % 100);
    snprintf(name, sizeof name, "app-%zu-6c9d8f7b5-%05x", owner, h & 0xfffff);
    snprintf(hash, sizeof hash, "app-%zu-6c9d8f7b5", owner);
    rowbuf_begin(rb, b->kind);
    rowbuf_id(rb, uid, ns, name);
    rowbuf_text(rb, kind_column(b->kind, "name"), name);
    rowbuf_text(rb, kind_column(b->kind, "namespace"), ns);
    rowbuf_owner(rb, "ReplicaSet", hash, "00000000-1111-4222-8333-444444444444");
    rowbuf_created(rb, NOW_MS - (int64_t)(h % 8640000) * 1000);
    rowbuf_num(rb, kind_column(b->kind, "ready"), CELL_RATIO(bad ? 1 : 2, 2));
    rowbuf_num(rb, kind_column(b->kind, "restarts"), CELL_RESTARTS(restarts, restarts ? NOW_MS / 1000 - 100 : 0));
    rowbuf_text(rb, kind_column(b->kind, "status"), bad ? "CrashLoopBackOff" : "Running");
    texts(rb, i);
    rowbuf_health(rb, bad ? HEALTH_BAD : HEALTH_OK);
    return store_put(b->store, rowbuf_finish(rb));
}

static bool publish(struct bench *b)
{
    struct snap *s = store_publish(b->store);
    bool ok = s && view_update(b->view, 0, s);
    snap_unref(s);
    return ok;
}

static void filter(struct bench *b, const char *text)
{
    struct filter *f = NULL;
    struct err err = ERR_INIT;
    if (filter_parse(&f, text, b->kind, &err)) {
        fprintf(stderr, "bench_store: %s\n", err.msg);
        exit(1);
    }
    view_filter(b->view, f, NOW_MS);
}

/* ---- measurements ---- */

static void load(struct bench *b)
{
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    double t = now_ms();
    for (size_t i = 0; i < b->rows; i++)
        put(b, i, 0);
    sample(b, t);
    report(b, "build and put all rows", "");
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    t = now_ms();
    publish(b);
    sample(b, t);
    report(b, "publish, sort them all", "");
    size_t view = mallinfo2().uordblks + mallinfo2().hblkhd;
    printf("| bytes per row in the store | %.0f | | | 500 with the view |\n| bytes per row in the view | %.0f | | | |\n",
           (double)(after - before) / (double)b->rows, (double)(view - after) / (double)b->rows);
}

static void changes(struct bench *b, size_t reps, int base, const char *what)
{
    for (size_t k = 0; k < reps; k++) {
        for (size_t i = 0; i < CHANGES; i++)
            put(b, (i * 7919 + k * 104729) % b->rows, base + (int)(k % 90));
        double t = now_ms();
        publish(b);
        sample(b, t);
    }
    report(b, what, "16");
}

static void keystrokes(struct bench *b, size_t reps, const char *const *typed, const char *what)
{
    for (size_t k = 0; k < reps; k++) {
        filter(b, NULL);
        for (size_t i = 0; typed[i]; i++) {
            double t = now_ms();
            filter(b, typed[i]);
            sample(b, t);
        }
    }
    report(b, what, "10");
}

static void clears(struct bench *b, size_t reps)
{
    for (size_t k = 0; k < reps; k++) {
        filter(b, "app-123");
        double t = now_ms();
        filter(b, NULL);
        sample(b, t);
    }
    report(b, "clear the filter", "10");
}

static void sorts(struct bench *b, size_t reps, const char *column)
{
    char what[80];
    for (size_t k = 0; k < reps; k++) {
        double t = now_ms();
        view_sort(b->view, kind_column(b->kind, column), k % 2);
        sample(b, t);
    }
    snprintf(what, sizeof what, "sort by %s, up and down", column);
    report(b, what, "");
    view_sort(b->view, -1, false);
}

int main(int argc, char **argv)
{
    static const char *const name[] = {"a", "ap", "app", "app-", "app-1", "app-12", "app-123", NULL};
    static const char *const last[] = {"z", "zz", "zzz", NULL};      /* nothing matches: every cell is looked at */
    static const char *const regex[] = {"~app-1.*-6c9", NULL};
    static const char *const number[] = {"restarts>5", NULL};
    size_t reps = argc > 2 ? (size_t)atol(argv[2]) : 100;
    struct bench b = {.kind = kind_find("pods"), .rows = argc > 1 ? (size_t)atol(argv[1]) : 100000, .cap = reps * 16 + 16};
    b.store = store_new(0, NULL, NULL);
    b.view = view_new();
    b.sample = mem_zalloc(b.cap * sizeof *b.sample);
    if (!b.store || !b.view || !b.sample || !b.rows)
        return 1;
    store_set_kind(b.store, b.kind);
    printf("| %zu rows | median ms | p99 ms | worst ms | goal |\n|---|---|---|---|---|\n", b.rows);
    load(&b);
    changes(&b, reps, 1, "publish and update, 100 rows changed");
    keystrokes(&b, reps, name, "filter keystroke (app-123, letter by letter)");
    keystrokes(&b, reps, last, "filter keystroke that matches nothing");
    keystrokes(&b, reps, regex, "filter by regular expression");
    keystrokes(&b, reps, number, "filter restarts>5");
    clears(&b, reps);
    filter(&b, "app-1");
    changes(&b, reps, 100, "publish and update under a filter");
    filter(&b, NULL);
    sorts(&b, reps / 10 + 2, "name");
    sorts(&b, reps / 10 + 2, "restarts");
    sorts(&b, reps / 10 + 2, "age");
    view_free(b.view);
    store_free(b.store);
    mem_free(b.sample);
    return 0;
}
