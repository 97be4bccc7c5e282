/* Lines of text: broken between words and under their last column, or anywhere; which line is the first when the last is at the bottom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "strata/mem.h"
#include "tui/canvas.h"
#include "tui/textbuf.h"
#include "tui/theme.h"

static struct canvas c;

static const char *row(int y)
{
    static char out[200];
    *out = '\0';
    for (int x = 0; x < c.w; x++) {
        char buf[24];
        canvas_cell_text(&c, &c.cells[y * c.w + x], buf);
        strcat(out, buf);
    }
    for (size_t n = strlen(out); n && out[n - 1] == ' ';)
        out[--n] = '\0';
    return out;
}

static int draw(const char *s, int w, enum text_wrap wrap)
{
    canvas_release(&c);
    canvas_init(&c);
    assert_true(canvas_resize(&c, w, 6));
    int rows = text_draw_line(&c, (struct rect){0, 0, w, 6}, 0, s, strlen(s), STYLE(ROLE_TEXT), NULL, 0, NULL, wrap, 0);
    assert_int_equal(rows, text_line_rows(s, strlen(s), w, wrap));
    return rows;
}

static void test_words(void **state)
{
    (void)state;
    assert_int_equal(draw("one two three four", 10, TEXT_WORDS), 3);
    assert_string_equal(row(0), "one two");
    assert_string_equal(row(1), "  three");
    assert_string_equal(row(2), "  four");
    assert_int_equal(draw("12:01  ok  one two three four", 25, TEXT_WORDS), 2);      /* under the column that stands there */
    assert_string_equal(row(0), "12:01  ok  one two three");
    assert_string_equal(row(1), "           four");
    assert_int_equal(draw("abcdefghijkl mn", 10, TEXT_WORDS), 2);                     /* a word that is too long */
    assert_string_equal(row(0), "abcdefghij");
    assert_string_equal(row(1), "  kl mn");
    assert_int_equal(draw("  x 日本語日本", 8, TEXT_WORDS), 3);
    assert_int_equal(draw("", 10, TEXT_WORDS), 1);
}

static void test_fill_and_cut(void **state)
{
    (void)state;
    assert_int_equal(draw("one two three four", 10, TEXT_FILL), 2);
    assert_string_equal(row(0), "one two th");
    assert_string_equal(row(1), "ree four");
    assert_int_equal(draw("one two three four", 10, TEXT_CUT), 1);
}

static void test_last_top(void **state)
{
    struct textbuf t = {0};
    const char text[] = "a\nb\nthis is longer than one row of it\nc\nd\n";
    (void)state;
    assert_true(textbuf_set(&t, mem_strndup(text, sizeof text - 1), sizeof text - 1));
    assert_int_equal(textbuf_last_top(&t, 80, 10, TEXT_WORDS), 0);
    assert_int_equal(textbuf_last_top(&t, 80, 2, TEXT_WORDS), 3);
    assert_int_equal(textbuf_last_top(&t, 20, 4, TEXT_WORDS), 2);
    assert_int_equal(textbuf_last_top(&t, 20, 3, TEXT_WORDS), 3);
    assert_int_equal(textbuf_last_top(&t, 20, 3, TEXT_CUT), 2);
    assert_int_equal(textbuf_last_top(&t, 20, 0, TEXT_WORDS), 4);      /* the last line, however little room there is */
    textbuf_release(&t);
    assert_int_equal(textbuf_last_top(&t, 20, 3, TEXT_WORDS), 0);
}

static int leave(void **state)
{
    (void)state;
    canvas_release(&c);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_fill_and_cut), cmocka_unit_test(test_last_top)};
    return cmocka_run_group_tests(tests, NULL, leave);
}
