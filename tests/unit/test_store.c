/* Store and snapshots: what a holder sees never changes; only changed chunks are copied. */
#include <stdio.h>
#include "fake_kind.h"

#include "strata/filter.h"
#include "strata/mem.h"

static void snap_does_not_change(void **state)
{
    (void)state;
    struct store *s = fake_store(3);
    assert_true(put_pod(s, "u1", "a", "one", "Running", 0, 5, NULL));
    struct snap *before = store_publish(s);
    assert_true(put_pod(s, "u1", "a", "one", "Error", 1, 5, NULL));
    assert_true(put_pod(s, "u2", "a", "two", "Running", 0, 5, NULL));
    struct snap *after = store_publish(s);
    assert_int_equal(snap_count(before), 1);
    assert_string_equal(snap_row(before, 0)->cell[F_STATUS].s, "Running");
    assert_int_equal(snap_count(after), 2);
    assert_string_equal(snap_find(after, "u1")->cell[F_STATUS].s, "Error");
    assert_int_equal(snap_find(after, "u1")->source, 3);
    store_free(s);
    assert_string_equal(snap_find(after, "u2")->name, "two");   /* outlives its store */
    snap_unref(before);
    snap_unref(after);
}

static void unchanged_chunks_are_shared(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    char uid[32];
    for (int i = 0; i < 3 * SNAP_CHUNK; i++) {
        snprintf(uid, sizeof(uid), "u%d", i);
        assert_true(put_pod(s, uid, "a", uid, "Running", 0, 5, NULL));
    }
    struct snap *a = store_publish(s);
    assert_true(put_pod(s, "u300", "a", "u300", "Error", 0, 5, NULL));
    struct snap *b = store_publish(s);
    assert_ptr_equal(snap_chunk(a, 0), snap_chunk(b, 0));
    assert_ptr_not_equal(snap_chunk(a, 1), snap_chunk(b, 1));
    assert_ptr_equal(snap_chunk(a, 2), snap_chunk(b, 2));
    assert_false(store_dirty(s));
    assert_true(put_pod(s, "u300", "a", "u300", "Error", 0, 5, NULL));   /* the same again */
    assert_false(store_dirty(s));
    snap_unref(a);
    snap_unref(b);
    store_free(s);
}

static void relist_sweeps_what_is_gone(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    put_pod(s, "u1", "a", "one", "Running", 0, 5, NULL);
    put_pod(s, "u2", "a", "two", "Running", 0, 5, NULL);
    put_pod(s, "u3", "a", "three", "Running", 0, 5, NULL);
    store_sync_begin(s);
    put_pod(s, "u2", "a", "two", "Running", 0, 5, NULL);
    assert_true(store_touch(s, "u3"));
    assert_false(store_touch(s, "u9"));
    assert_int_equal(store_sync_end(s), 1);
    assert_null(store_get(s, "u1"));
    assert_non_null(store_get(s, "u2"));
    store_sync_begin(s);
    store_sync_cancel(s);
    assert_int_equal(store_sync_end(s), 0);
    assert_int_equal(store_count(s), 2);
    store_free(s);
}

static void slots_are_reused(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    char uid[32];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 500; i++) {
            snprintf(uid, sizeof(uid), "r%d-%d", round, i);
            assert_true(put_pod(s, uid, "a", uid, "Running", 0, 5, NULL));
        }
        for (int i = 0; i < 500; i++) {
            snprintf(uid, sizeof(uid), "r%d-%d", round, i);
            assert_true(store_delete(s, uid));
            assert_false(store_delete(s, uid));
        }
    }
    struct snap *p = store_publish(s);
    assert_int_equal(snap_count(p), 0);
    assert_true(snap_slots(p) <= 512);
    snap_unref(p);
    store_free(s);
}

static void metrics_stay_with_the_object(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    put_pod(s, "u1", "a", "one", "Running", 0, 5, "app=web");
    assert_true(store_set_num(s, "u1", F_CPU, 250));
    assert_int_equal(store_get(s, "u1")->cell[F_CPU].n, 250);
    put_pod(s, "u1", "a", "one", "Error", 0, 5, "app=web");
    assert_int_equal(store_get(s, "u1")->cell[F_CPU].n, 250);
    assert_string_equal(store_get(s, "u1")->cell[F_STATUS].s, "Error");
    assert_string_equal(store_get(s, "u1")->labels, "app=web");
    store_free(s);
}

static void texts_are_cleaned(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    put_pod(s, "u1", "a", "evil\033[31m\nname", "Run\007ning", 0, 5, NULL);
    const struct row *r = store_get(s, "u1");
    for (const char *p = r->name; *p; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    assert_null(strchr(r->cell[F_STATUS].s, '\007'));
    store_free(s);
}

static void no_uid_no_row(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    assert_false(put_pod(s, "", "a", "one", "Running", 0, 5, NULL));
    assert_int_equal(store_count(s), 0);
    store_free(s);
}

/* Every allocation fails once: nothing breaks, and the store still works after. */
static void memory_runs_out(void **state)
{
    (void)state;
    for (long n = 1; n < 60; n++) {
        struct store *s = fake_store(0);
        put_pod(s, "u0", "a", "zero", "Running", 0, 5, NULL);
        mem_fail_at(n, false);
        bool ok = put_pod(s, "u1", "b", "one", "Pending", 1, 5, "app=web,tier=x");
        struct snap *p = store_publish(s);
        mem_fail_at(0, false);
        assert_int_equal(store_get(s, "u1") != NULL, ok);
        assert_non_null(store_get(s, "u0"));
        snap_unref(p);
        assert_true(put_pod(s, "u1", "b", "one", "Pending", 1, 5, "app=web"));
        store_free(s);
    }
}

/* Not when it was, but before when it was not. */
static void a_time_may_be_a_bound(void **state)
{
    static const int64_t ms[] = {-1000, 2000, -400000};
    const struct kind *k = kind_find("nodes");
    int age = kind_column(k, "age");
    struct store *s = store_new(0, NULL, NULL);
    const struct row *r[3];
    char buf[32], uid[2] = "a";
    (void)state;
    store_set_kind(s, k);
    for (int i = 0; i < 3; i++, uid[0]++) {
        rowbuf_begin(store_rowbuf(s), k);
        rowbuf_id(store_rowbuf(s), uid, "", uid);
        rowbuf_num(store_rowbuf(s), age, ms[i]);
        assert_true(store_put(s, rowbuf_finish(store_rowbuf(s))));
        r[i] = store_get(s, uid);
    }
    assert_string_equal(row_text(r[0], age, 601000, buf, sizeof buf), "<10m");
    assert_string_equal(row_text(r[1], age, 602000, buf, sizeof buf), "10m");
    assert_true(row_compare(r[0], r[1], age) > 0 && row_compare(r[1], r[2], age) > 0);
    struct filter *f = NULL;
    assert_int_equal(filter_parse(&f, "age>5m", k, NULL), ERR_OK);
    assert_true(filter_match(f, r[0], 601000) && !filter_match(f, r[2], 601000));
    filter_free(f);
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_may_be_a_bound), cmocka_unit_test(snap_does_not_change), cmocka_unit_test(unchanged_chunks_are_shared),
        cmocka_unit_test(relist_sweeps_what_is_gone), cmocka_unit_test(slots_are_reused),
        cmocka_unit_test(metrics_stay_with_the_object), cmocka_unit_test(texts_are_cleaned),
        cmocka_unit_test(no_uid_no_row), cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
