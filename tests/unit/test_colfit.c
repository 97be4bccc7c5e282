/* Which columns a table keeps: who and how is never dropped, ages and latencies go first, and no width follows the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "strata/timeline.h"
#include "tui/colfit.h"

static int seen[TABLE_COLUMNS + 1];

static int col_of(const struct kind *k, const char *id)
{
    int c = kind_column(k, id);
    assert_true(c >= 0);
    return c;
}

static int width_of(const struct colfit *f, int col)
{
    for (int i = 0; i < f->n; i++)
        if (f->col[i].col == col) return f->col[i].width;
    return 0;
}

static void fits(const struct colfit *f, int avail)
{
    assert_true(colfit_total(f) <= avail);
    for (int i = 1; i < f->n; i++) assert_int_equal(f->col[i].x, f->col[i - 1].x + f->col[i - 1].width + f->gap);
}

/* Pods of several clusters and namespaces, as wide as real ones. */
static void pods(int avail, bool many, struct colfit *f)
{
    const struct kind *k = kind_find("pods");
    int cols[8], n = 0;
    static const char *const ids[] = {"namespace", "name", "ready", "status", "restarts", "age"};
    static const int widths[] = {14, 40, 5, 16, 15, 4};
    memset(seen, 0, sizeof seen);
    if (many) cols[n++] = -1;
    seen[COLFIT_SOURCE] = 12;
    for (int i = many ? 0 : 1; i < 6; i++) cols[n++] = col_of(k, ids[i]);
    for (int i = 0; i < 6; i++) seen[col_of(k, ids[i])] = widths[i];
    struct colfit_in in = {.kind = k, .seen = seen, .lead = cols[many], .sort = -1, .avail = avail};
    colfit_make(&in, cols, (size_t)n, f);
    fits(f, avail);
}

static void who_is_never_dropped(void **state)
{
    const struct kind *k = kind_find("pods");
    struct colfit f;
    (void)state;
    for (int avail = 24; avail < 140; avail++) {
        pods(avail, true, &f);
        assert_true(width_of(&f, -1) >= 4);
        assert_true(width_of(&f, col_of(k, "namespace")) >= 4);
        assert_true(width_of(&f, col_of(k, "name")) >= 5);
        assert_true(width_of(&f, col_of(k, "status")) >= 5);
    }
    pods(64, true, &f);                                      /* a third of 200 columns */
    assert_true(width_of(&f, col_of(k, "status")) >= 18);    /* glyph and CrashLoopBackOff */
    assert_true(width_of(&f, col_of(k, "name")) >= 16);
    pods(36, false, &f);                                     /* a third of 120 */
    assert_true(width_of(&f, col_of(k, "name")) >= 16);
    assert_int_equal(width_of(&f, col_of(k, "status")), 18);
}

static void ages_go_before_restarts(void **state)
{
    const struct kind *k = kind_find("pods");
    struct colfit f;
    (void)state;
    for (int avail = 24; avail < 140; avail++) {
        pods(avail, true, &f);
        if (width_of(&f, col_of(k, "age"))) assert_true(width_of(&f, col_of(k, "restarts")) > 0);
        if (width_of(&f, col_of(k, "restarts"))) assert_true(width_of(&f, col_of(k, "ready")) > 0);
    }
}

static void restarts_are_whole_or_a_count(void **state)
{
    const struct kind *k = kind_find("pods");
    struct colfit f;
    int whole = 0, count = 0;
    (void)state;
    for (int avail = 40; avail < 140; avail++) {
        pods(avail, false, &f);
        int w = width_of(&f, col_of(k, "restarts"));
        whole += w >= 15;
        count += w > 0 && w < 15;
        if (w > 0 && w < 15) assert_true(w <= 8);            /* no wider than its heading */
    }
    assert_true(whole > 40 && count > 0);
    pods(100, false, &f);
    assert_true(width_of(&f, col_of(k, "restarts")) >= 15);
}

static void services_keep_cloud_service_and_state(void **state)
{
    const struct kind *k = kind_find("os-services");
    struct colfit f;
    static const char *const ids[] = {"service", "host", "state", "status", "seen", "latency", "version"};
    static const int widths[] = {26, 22, 8, 8, 4, 5, 14};
    int cols[8] = {-1};
    (void)state;
    memset(seen, 0, sizeof seen);
    seen[COLFIT_SOURCE] = 20;
    for (int i = 0; i < 7; i++) cols[i + 1] = col_of(k, ids[i]), seen[cols[i + 1]] = widths[i];
    for (int avail = 24; avail < 130; avail++) {
        struct colfit_in in = {.kind = k, .seen = seen, .lead = cols[1], .sort = -1, .avail = avail};
        colfit_make(&in, cols, 8, &f);
        fits(&f, avail);
        assert_true(width_of(&f, -1) >= 4 && width_of(&f, cols[1]) >= 8 && width_of(&f, cols[3]) >= 6);
        if (width_of(&f, cols[6])) assert_true(width_of(&f, cols[2]) > 0);        /* latency never outlives the host */
    }
}

/* A long state takes cells from itself and from the service before the host goes: it says which nova-compute it is. */
static void the_host_outlives_a_long_state(void **state)
{
    const struct kind *k = kind_find("os-services");
    struct colfit f;
    static const char *const ids[] = {"service", "host", "state", "status", "seen", "latency", "version"};
    static const int widths[] = {26, 22, 16, 8, 4, 5, 14};
    int cols[7];
    (void)state;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < 7; i++) cols[i] = col_of(k, ids[i]), seen[cols[i]] = widths[i];
    for (int avail = 30; avail < 130; avail++) {
        struct colfit_in in = {.kind = k, .seen = seen, .lead = cols[0], .sort = -1, .avail = avail};
        colfit_make(&in, cols, 7, &f);
        fits(&f, avail);
        assert_true(width_of(&f, cols[1]) >= 7 && width_of(&f, cols[0]) >= 8 && width_of(&f, cols[2]) >= 8);
    }
}

/* What happened is read: a name is cut before the sentence is, and who tells it goes first. */
static void a_sentence_gets_room(void **state)
{
    const struct kind *k = &timeline_kind;
    struct colfit f;
    static const char *const ids[] = {"day", "age", "swaps", "kind", "name", "what", "from"};
    static const int widths[] = {5, 8, 1, 10, 38, 90, 9};
    static const struct { int avail, what; bool from; } cases[] = {{78, 28, false}, {98, 36, false}, {118, 43, true}, {198, 85, true}};
    int cols[8] = {-1};
    (void)state;
    memset(seen, 0, sizeof seen);
    seen[COLFIT_SOURCE] = 8;
    for (int i = 0; i < 7; i++) cols[i + 1] = col_of(k, ids[i]), seen[cols[i + 1]] = widths[i];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct colfit_in in = {.kind = k, .seen = seen, .lead = cols[1], .sort = -1, .avail = cases[i].avail};
        colfit_make(&in, cols, 8, &f);
        fits(&f, cases[i].avail);
        assert_true(width_of(&f, cols[6]) >= cases[i].what);
        assert_true(width_of(&f, cols[5]) >= 13 && width_of(&f, cols[4]) >= 5 && width_of(&f, cols[2]) == 8);
        assert_int_equal(width_of(&f, cols[7]) > 0, cases[i].from);
    }
    k = kind_find("events");
    for (int avail = 76; avail < 120; avail++) {
        static const char *const event[] = {"namespace", "last-seen", "type", "reason", "object", "message"};
        static const int wide[] = {14, 5, 7, 16, 44, 120};
        memset(seen, 0, sizeof seen);
        seen[COLFIT_SOURCE] = 8;
        for (int i = 0; i < 6; i++) cols[i + 1] = col_of(k, event[i]), seen[cols[i + 1]] = wide[i];
        struct colfit_in in = {.kind = k, .seen = seen, .lead = cols[1], .sort = -1, .avail = avail};
        colfit_make(&in, cols, 7, &f);
        fits(&f, avail);
        assert_true(width_of(&f, cols[6]) >= 18 && width_of(&f, cols[5]) >= 7 && width_of(&f, cols[4]) >= 7);
    }
}

static void nothing_moves_as_ages_grow(void **state)
{
    const struct kind *k = kind_find("pods");
    struct colfit a, b;
    int cols[] = {col_of(k, "name"), col_of(k, "status"), col_of(k, "age")};
    (void)state;
    for (int avail = 20; avail < 80; avail++) {
        memset(seen, 0, sizeof seen);
        seen[cols[0]] = 30, seen[cols[1]] = 7, seen[cols[2]] = 2;                 /* "9s" */
        struct colfit_in in = {.kind = k, .seen = seen, .lead = cols[0], .sort = -1, .avail = avail};
        colfit_make(&in, cols, 3, &a);
        seen[cols[2]] = 5;                                                        /* "5m30s" */
        colfit_make(&in, cols, 3, &b);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void restarts_reserve_what_their_age_may_need(void **state)
{
    const struct kind *k = kind_find("pods");
    _Alignas(struct row) char space[sizeof(struct row) + TABLE_COLUMNS * sizeof(union cell)] = {0};
    struct row *r = (struct row *)space;
    int col = col_of(k, "restarts");
    (void)state;
    r->kind = k;
    r->cell[col].n = CELL_RESTARTS(118, 1700000000);
    assert_int_equal(colfit_reserve(r, col), 15);            /* 118 (5m30s ago) */
    r->cell[col].n = CELL_RESTARTS(7, 0);
    assert_int_equal(colfit_reserve(r, col), 1);
    assert_int_equal(colfit_reserve(r, col_of(k, "name")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_never_dropped),
        cmocka_unit_test(ages_go_before_restarts),
        cmocka_unit_test(restarts_are_whole_or_a_count),
        cmocka_unit_test(services_keep_cloud_service_and_state),
        cmocka_unit_test(the_host_outlives_a_long_state),
        cmocka_unit_test(a_sentence_gets_room),
        cmocka_unit_test(nothing_moves_as_ages_grow),
        cmocka_unit_test(restarts_reserve_what_their_age_may_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
