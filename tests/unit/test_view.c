/* Views: always what a fresh sort and filter of all rows would give. */
#include <stdio.h>
#include <stdlib.h>
#include "fake_kind.h"

#include "strata/view.h"

static struct filter *parse(const char *text)
{
    struct filter *f = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(filter_parse(&f, text, &fake_kind, &err), ERR_OK);
    return f;
}

static void show(struct view *v, unsigned at, struct store *s)
{
    struct snap *p = store_publish(s);
    assert_true(view_update(v, at, p));
    snap_unref(p);
}

static void assert_names(struct view *v, const char *want)
{
    char got[512] = "";
    for (size_t i = 0; i < view_count(v); i++) {
        strncat(got, view_row(v, i)->name, sizeof(got) - strlen(got) - 2);
        strcat(got, " ");
    }
    assert_string_equal(got, want);
}

static void sorts_by_kind_then_by_choice(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    struct view *v = view_new();
    put_pod(s, "u1", "b", "node-10", "Running", 5, 10, NULL);
    put_pod(s, "u2", "b", "node-2", "Error", 0, 100, NULL);
    put_pod(s, "u3", "a", "z", "Running", 9, 50, NULL);
    show(v, 0, s);
    assert_names(v, "z node-10 node-2 ");          /* namespace, then name by byte as kubectl lists */
    view_sort(v, F_NAME, false);
    assert_names(v, "node-2 node-10 z ");          /* by the column: natural */
    view_sort(v, F_RESTARTS, true);
    assert_names(v, "z node-10 node-2 ");
    view_sort(v, F_AGE, false);
    assert_names(v, "node-10 z node-2 ");
    view_free(v);
    store_free(s);
}

static void filter_and_problems(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    struct view *v = view_new();
    put_pod(s, "u1", "a", "web-1", "Running", 0, 10, NULL);
    put_pod(s, "u2", "a", "web-2", "Error", 0, 10, NULL);
    put_pod(s, "u3", "a", "db-1", "Running", 0, 10, NULL);
    show(v, 0, s);
    view_filter(v, parse("w"), FAKE_NOW);
    view_filter(v, parse("web"), FAKE_NOW);
    assert_names(v, "web-1 web-2 ");
    assert_int_equal(view_total(v), 3);
    view_problems(v, true);
    assert_names(v, "web-2 ");
    put_pod(s, "u2", "a", "web-2", "Running", 0, 10, NULL);
    put_pod(s, "u4", "a", "web-4", "Error", 0, 10, NULL);
    show(v, 0, s);
    assert_names(v, "web-4 ");
    assert_int_equal(view_health(v, HEALTH_BAD), 1);
    assert_int_equal(view_health_of(v, 0, HEALTH_BAD), 1);
    assert_int_equal(view_health_of(v, 9, HEALTH_BAD), 0);
    view_filter(v, parse("1"), FAKE_NOW);          /* not narrower: looks at all again */
    view_problems(v, false);
    assert_names(v, "db-1 web-1 web-2 web-4 ");    /* READY 1/2 holds a 1 too */
    view_filter(v, NULL, FAKE_NOW);
    assert_int_equal(view_count(v), 4);
    view_free(v);
    store_free(s);
}

static void two_sources_in_one_table(void **state)
{
    (void)state;
    struct store *a = fake_store(0), *b = fake_store(1);
    struct view *v = view_new();
    put_pod(a, "u1", "x", "one", "Running", 0, 10, NULL);
    put_pod(b, "u1", "x", "one", "Error", 0, 10, NULL);
    show(v, 0, a);
    show(v, 1, b);
    assert_int_equal(view_count(v), 2);
    assert_int_equal(view_index(v, 1, "u1"), 1);
    assert_int_equal(view_index(v, 0, "u1"), 0);
    assert_true(view_update(v, 0, NULL));
    assert_int_equal(view_count(v), 1);
    assert_int_equal(view_row(v, 0)->source, 1);
    view_free(v);
    store_free(a);
    store_free(b);
}

/* Thousands of random changes, compared with a view built from scratch each time. */
static void differences_equal_a_rebuild(void **state)
{
    (void)state;
    struct store *s = fake_store(0);
    struct view *v = view_new();
    view_filter(v, parse("pod-1"), FAKE_NOW);
    unsigned seed = 42;
    for (int round = 0; round < 150; round++) {
        for (int i = 0; i < 40; i++) {
            char uid[32], name[32], ns[8];
            int n = (int)((seed = seed * 1103515245u + 12345u) >> 16) % 700;
            snprintf(uid, sizeof(uid), "u%d", n);
            snprintf(name, sizeof(name), "pod-%d", n);
            snprintf(ns, sizeof(ns), "ns%d", n % 7);
            if ((seed >> 8) % 4 == 0)
                store_delete(s, uid);
            else
                put_pod(s, uid, ns, name, (seed >> 9) % 3 ? "Running" : "Error", (int)(seed >> 20) % 5, 10, NULL);
        }
        if (round == 50)
            view_sort(v, F_RESTARTS, true);
        struct snap *p = store_publish(s);
        assert_true(view_update(v, 0, p));
        struct view *fresh = view_new();
        assert_true(view_update(fresh, 0, p));
        if (round >= 50)
            view_sort(fresh, F_RESTARTS, true);
        assert_int_equal(view_total(v), view_total(fresh));
        view_filter(fresh, parse("pod-1"), FAKE_NOW);
        assert_int_equal(view_count(v), view_count(fresh));
        for (size_t i = 0; i < view_count(v); i++) {
            assert_ptr_equal(view_row(v, i), view_row(fresh, i));
            assert_int_equal(view_index(v, 0, view_row(v, i)->uid), i);
        }
        for (int h = HEALTH_NONE; h <= HEALTH_BAD; h++)
            assert_int_equal(view_health(v, (enum health)h), view_health(fresh, (enum health)h));
        view_free(fresh);
        snap_unref(p);
    }
    view_free(v);
    store_free(s);
}

/* The use of all pods is told at once: each stays where it stands, or moves when it is what is sorted by. */
static void many_changes_at_once(void **state)
{
    enum { PODS = 1000 };
    (void)state;
    struct store *s = fake_store(0);
    struct view *v = view_new(), *fresh;
    char uid[32], name[32];
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < PODS - round * 40; i++) {
            snprintf(uid, sizeof uid, "u%d", i);
            snprintf(name, sizeof name, "pod-%d%s", i * 7919 % PODS, round == 2 && i % 10 == 0 ? "-renamed" : "");
            put_pod(s, uid, i % 3 ? "a" : "b", name, i % (round + 2) ? "Running" : "Error", i * (round + 1) % 17, 10, NULL);
        }
        if (round == 3)
            assert_true(store_delete(s, "u5"));
        if (round == 1)
            view_filter(v, parse("restarts>5"), FAKE_NOW), view_problems(v, true);
        if (round == 2)
            view_problems(v, false), view_sort(v, F_RESTARTS, true);
        show(v, 0, s);
        fresh = view_new();
        bool down;
        int col = view_sort_column(v, &down);
        if (round)
            view_filter(fresh, parse("restarts>5"), FAKE_NOW), view_problems(fresh, round == 1);
        show(fresh, 0, s);
        if (round > 1)
            view_sort(fresh, col, down);
        assert_true(view_count(v) > 0);
        assert_int_equal(view_count(v), view_count(fresh));
        assert_int_equal(view_total(v), view_total(fresh));
        for (size_t i = 0; i < view_count(v); i++)
            assert_ptr_equal(view_row(v, i), view_row(fresh, i));
        for (size_t i = 0; i < view_count(v); i += 37)
            assert_int_equal(view_place(v, view_row(fresh, i)), i);
        for (int h = 0; h <= HEALTH_BAD; h++)
            assert_int_equal(view_health(v, (enum health)h), view_health(fresh, (enum health)h));
        view_free(fresh);
    }
    view_free(v);
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_by_kind_then_by_choice), cmocka_unit_test(filter_and_problems),
        cmocka_unit_test(two_sources_in_one_table), cmocka_unit_test(many_changes_at_once), cmocka_unit_test(differences_equal_a_rebuild),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
