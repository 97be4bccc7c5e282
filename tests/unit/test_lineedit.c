/* The line editor: grapheme stops, words, cuts; what does not fit is not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/key.h"
#include "tui/lineedit.h"

static void keys(struct lineedit *e, const uint32_t *k, size_t n)
{
    for (size_t i = 0; i < n; i++) lineedit_key(e, k[i]);
}
#define KEYS(e, ...) keys(e, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void typing_and_cutting(void **state)
{
    struct lineedit e;
    (void)state;
    lineedit_set(&e, "");
    KEYS(&e, 'a', 'b', 0x65e5, 'c');
    assert_string_equal(e.text, "ab日c");
    KEYS(&e, K_LEFT, K_BACKSPACE);
    assert_string_equal(e.text, "abc");
    KEYS(&e, K_HOME, K_DEL, 'x', K_END, 'y');
    assert_string_equal(e.text, "xbcy");
    KEYS(&e, K_CTRL | 'u');
    assert_string_equal(e.text, "");
    KEYS(&e, K_BACKSPACE, K_DEL, K_LEFT, K_RIGHT);
    assert_int_equal(e.cursor, 0);
}

static void marks_go_with_their_base(void **state)
{
    struct lineedit e;
    (void)state;
    lineedit_set(&e, "ae\xcc\x81" "b");
    KEYS(&e, K_LEFT, K_BACKSPACE);
    assert_string_equal(e.text, "ab");
}

static void words(void **state)
{
    struct lineedit e;
    (void)state;
    lineedit_set(&e, "pods -n kube-system");
    KEYS(&e, K_CTRL | 'w');
    assert_string_equal(e.text, "pods -n ");
    KEYS(&e, K_LEFT | K_CTRL, K_LEFT | K_CTRL, 'x', K_CTRL | 'k');
    assert_string_equal(e.text, "x");
    assert_int_equal(e.cursor, 1);
}

static void full_is_full(void **state)
{
    struct lineedit e;
    char big[600];
    (void)state;
    memset(big, 'x', sizeof big);
    lineedit_set(&e, "");
    assert_false(lineedit_insert(&e, big, sizeof big));
    assert_true(lineedit_insert(&e, big, 511));
    assert_false(lineedit_insert(&e, "y", 1));
    assert_int_equal(e.len, 511);
    assert_int_equal(e.text[511], 0);
    assert_false(lineedit_key(&e, K_F1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typing_and_cutting), cmocka_unit_test(marks_go_with_their_base),
        cmocka_unit_test(words), cmocka_unit_test(full_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
