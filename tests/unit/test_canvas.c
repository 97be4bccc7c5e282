/* Cells: clipping, wide characters whole or not at all, marks interned, overlays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/canvas.h"
#include "tui/theme.h"

static void line(const struct canvas *c, int y, char *out)
{
    *out = '\0';
    for (int x = 0; x < c->w; x++) {
        char buf[24];
        canvas_cell_text(c, &c->cells[y * c->w + x], buf);
        strcat(out, buf);
    }
}

static void expect(const struct canvas *c, int y, const char *want)
{
    char got[512];
    line(c, y, got);
    assert_string_equal(got, want);
}

static void wide_characters_stay_whole(void **state)
{
    struct canvas c;
    (void)state;
    canvas_init(&c);
    assert_true(canvas_resize(&c, 6, 2));
    assert_int_equal(canvas_puts(&c, 0, 0, 6, STYLE(ROLE_TEXT), "a日本語"), 6);
    expect(&c, 0, "a日本 ");                         /* the third does not fit: a blank, no half */
    canvas_puts(&c, 2, 0, 1, STYLE(ROLE_TEXT), "x");       /* over the right half: the left half goes too */
    expect(&c, 0, "a x本 ");
    canvas_puts(&c, 3, 0, 1, STYLE(ROLE_TEXT), "y");
    expect(&c, 0, "a xy  ");
    canvas_puts(&c, 0, 1, 6, STYLE(ROLE_TEXT), "日本語");
    canvas_puts(&c, 1, 1, 2, STYLE(ROLE_TEXT), "字");       /* cuts two of them */
    expect(&c, 1, " 字 語");
    canvas_release(&c);
}

static void nothing_is_drawn_outside_the_clip(void **state)
{
    struct canvas c;
    (void)state;
    canvas_init(&c);
    assert_true(canvas_resize(&c, 8, 3));
    struct rect old = canvas_clip(&c, (struct rect){2, 1, 3, 1});
    canvas_puts(&c, 0, 1, 8, 0, "abcdefgh");
    canvas_puts(&c, 0, 0, 8, 0, "abcdefgh");
    canvas_puts(&c, -3, 2, 8, 0, "abcdefgh");
    canvas_fill(&c, (struct rect){-5, -5, 100, 6}, STYLE(ROLE_BAD));
    canvas_box(&c, (struct rect){0, 0, 8, 3}, 0);
    canvas_unclip(&c, old);
    expect(&c, 0, "        ");
    expect(&c, 1, "  cde   ");
    expect(&c, 2, "        ");
    canvas_puts(&c, -1, 2, 8, 0, "日x");                   /* half outside on the left */
    expect(&c, 2, " x      ");
    canvas_release(&c);
}

static void marks_are_interned(void **state)
{
    struct canvas c;
    (void)state;
    canvas_init(&c);
    assert_true(canvas_resize(&c, 4, 1));
    canvas_puts(&c, 0, 0, 4, 0, "e\xcc\x81" "e\xcc\x81");
    assert_int_equal(c.nextra, 1);
    assert_memory_equal(&c.cells[0], &c.cells[1], sizeof c.cells[0]);
    expect(&c, 0, "e\xcc\x81" "e\xcc\x81" "  ");
    c.ascii = true;
    canvas_puts(&c, 0, 0, 4, 0, "日é");
    expect(&c, 0, "??? ");
    canvas_release(&c);
}

static void ellipsis_and_overlay(void **state)
{
    struct canvas c;
    (void)state;
    canvas_init(&c);
    assert_true(canvas_resize(&c, 6, 1));
    canvas_ellipsis(&c, 0, 0, 5, STYLE(ROLE_BAD), "abcdefgh", 8);
    expect(&c, 0, "abcd… ");
    canvas_over(&c, (struct rect){1, 0, 2, 1}, ROLE_CURSOR);
    assert_int_equal(c.cells[0].style, STYLE(ROLE_BAD));
    assert_int_equal(c.cells[1].style, STYLE(ROLE_BAD) | OVER(ROLE_CURSOR));
    canvas_ellipsis(&c, 0, 0, 8, 0, "abc", 3);
    expect(&c, 0, "abcd… ");
    assert_true(canvas_resize(&c, 1, 1));                  /* the smallest screen */
    canvas_box(&c, (struct rect){0, 0, 1, 1}, 0);
    canvas_puts(&c, 0, 0, 5, 0, "日");
    expect(&c, 0, " ");
    canvas_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_characters_stay_whole),
        cmocka_unit_test(nothing_is_drawn_outside_the_clip),
        cmocka_unit_test(marks_are_interned),
        cmocka_unit_test(ellipsis_and_overlay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
