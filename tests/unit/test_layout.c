/* Panes cover the area exactly, whatever the size; small screens get tabs and lose nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/deck.h"

static const int equal[DECK_PANES] = {100, 100, 100, 100, 100, 100, 100, 100, 100};

static void side_by_side_covers_the_width(void **state)
{
    struct layout l;
    const int weights[] = {100, 250, 20};
    (void)state;
    for (int w = 102; w < 400; w++) {
        layout_make(&l, (struct rect){0, 1, w, 40}, weights, 3, 1, false);
        assert_int_equal(l.mode, LAYOUT_SIDE);
        int x = 0;
        for (int i = 0; i < 3; i++) {
            assert_int_equal(l.frame[i].x, x);
            assert_int_equal(l.frame[i].h, 40);
            assert_true(l.frame[i].w >= 34);
            x += l.frame[i].w;
        }
        assert_int_equal(x, w);
    }
    layout_make(&l, (struct rect){0, 1, 300, 40}, weights, 3, 1, false);
    assert_true(l.frame[1].w > l.frame[0].w && l.frame[0].w > l.frame[2].w);
}

static void narrow_and_tall_is_stacked(void **state)
{
    struct layout l;
    (void)state;
    layout_make(&l, (struct rect){0, 1, 80, 50}, equal, 3, 0, false);
    assert_int_equal(l.mode, LAYOUT_STACK);
    assert_int_equal(l.frame[0].h + l.frame[1].h + l.frame[2].h, 50);
    assert_int_equal(l.frame[2].y, 1 + l.frame[0].h + l.frame[1].h);
}

static void small_screens_have_tabs(void **state)
{
    struct layout l;
    (void)state;
    layout_make(&l, (struct rect){0, 1, 80, 21}, equal, 3, 2, false);
    assert_int_equal(l.mode, LAYOUT_TABS);
    assert_true(l.tab_line);
    assert_int_equal(l.frame[0].w, 0);
    assert_int_equal(l.frame[2].w, 80);
    assert_int_equal(l.frame[2].y, 2);
    assert_int_equal(l.frame[2].h, 20);
    layout_make(&l, (struct rect){0, 0, 2, 2}, equal, 3, 0, false);
    assert_false(l.tab_line);
    assert_int_equal(l.frame[0].h, 2);
}

static void text_takes_the_whole_area_when_its_pane_is_narrow(void **state)
{
    struct layout l;
    (void)state;
    layout_make(&l, (struct rect){0, 1, 200, 40}, equal, 3, 1, false);
    layout_reading(&l, (struct rect){0, 1, 200, 40}, 1);
    assert_int_equal(l.frame[1].w, 200);
    assert_int_equal(l.frame[0].w, 0);
    assert_false(l.tab_line);
    layout_make(&l, (struct rect){0, 1, 200, 40}, equal, 2, 1, false);
    layout_reading(&l, (struct rect){0, 1, 200, 40}, 1);
    assert_int_equal(l.frame[1].w, 100);
    assert_int_equal(l.frame[0].w, 100);
    layout_make(&l, (struct rect){0, 1, 80, 21}, equal, 3, 0, false);
    layout_reading(&l, (struct rect){0, 1, 80, 21}, 0);
    assert_int_equal(l.frame[0].h, 21);
    assert_false(l.tab_line);
}

static void zoom_shows_one(void **state)
{
    struct layout l;
    (void)state;
    layout_make(&l, (struct rect){0, 1, 200, 50}, equal, 3, 1, true);
    assert_int_equal(l.frame[1].w, 200);
    assert_int_equal(l.frame[0].w, 0);
    layout_make(&l, (struct rect){0, 1, 200, 50}, equal, 1, 0, false);
    assert_false(l.tab_line);
    assert_int_equal(l.frame[0].h, 50);
    layout_make(&l, (struct rect){0, 1, 200, 50}, equal, 0, 0, false);
    assert_int_equal(l.frame[0].w, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_by_side_covers_the_width),
        cmocka_unit_test(narrow_and_tall_is_stacked),
        cmocka_unit_test(small_screens_have_tabs),
        cmocka_unit_test(text_takes_the_whole_area_when_its_pane_is_narrow), cmocka_unit_test(zoom_shows_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
