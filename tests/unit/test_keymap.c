/* Keys: decoding of what terminals send, names both ways, and the tables of keys and commands as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/command.h"
#include "tui/key.h"
#include "tui/keymap.h"

static void expect_key(const char *bytes, uint32_t key)
{
    struct input in;
    size_t n = strlen(bytes);
    assert_int_equal(key_decode(bytes, n, true, NULL, 0, &in), n);
    assert_int_equal(in.type, key ? IN_KEY : IN_NONE);
    if (key) assert_int_equal(in.key, key);
}

static void sequences_become_keys(void **state)
{
    (void)state;
    expect_key("a", 'a');
    expect_key("\xe6\x97\xa5", 0x65e5);
    expect_key("\x04", K_CTRL | 'd');
    expect_key("\x1c", K_CTRL | '\\');
    expect_key("\r", K_ENTER);
    expect_key("\x7f", K_BACKSPACE);
    expect_key("\x1b", K_ESC);
    expect_key("\x1b[A", K_UP);
    expect_key("\x1bOB", K_DOWN);
    expect_key("\x1b[1;2D", K_LEFT | K_SHIFT);
    expect_key("\x1b[1;5C", K_RIGHT | K_CTRL);
    expect_key("\x1b[5~", K_PGUP);
    expect_key("\x1b[24~", K_F12);
    expect_key("\x1b[[C", K_F3);
    expect_key("\x1b[Z", K_TAB | K_SHIFT);
    expect_key("\x1b" "1", K_ALT | '1');
    expect_key("\x1b[110;2u", 'N');
    expect_key("\x1b[27;5;13~", K_ENTER | K_CTRL);
    expect_key("\x1b[?62;4c", 0);                        /* an answer nobody asked for is not typed */
    expect_key("\x1b[99;99;99x", 0);
    expect_key("\x1bP1$r0m\x1b\\", 0);
}

static void parts_wait_for_the_rest(void **state)
{
    static const char *const whole[] = {"\x1b[1;2D", "\x1bOA", "\xe6\x97\xa5", "\x1b[<0;10;5M", "\x1b]11;rgb:0000/0000/0000\x1b\\",
                                        "\x1b[200~rm -rf\r\x1b[201~"};
    struct input in;
    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        for (size_t n = 1; n < strlen(whole[i]); n++) assert_int_equal(key_decode(whole[i], n, false, NULL, 0, &in), 0);
}

static void mouse_paste_and_background(void **state)
{
    struct input in;
    const char *paste = "\x1b[200~x\ry\x1b[201~z";
    (void)state;
    assert_int_equal(key_decode("\x1b[<65;12;7M", 11, false, NULL, 0, &in), 11);
    assert_int_equal(in.type, IN_MOUSE);
    assert_int_equal(in.mouse, MOUSE_WHEEL_DOWN);
    assert_int_equal(in.x, 11);
    assert_int_equal(in.y, 6);
    assert_int_equal(key_decode(paste, strlen(paste), false, NULL, 0, &in), strlen(paste) - 1);
    assert_int_equal(in.type, IN_PASTE);
    assert_int_equal(in.len, 3);
    assert_memory_equal(in.text, "x\ry", 3);
    assert_int_equal(key_decode("\x1b]11;rgb:ffff/8080/00\a", 22, false, NULL, 0, &in), 22);
    assert_int_equal(in.type, IN_BACKGROUND);
    assert_int_equal(in.r, 255);
    assert_int_equal(in.g, 128);
    assert_int_equal(in.b, 0);
}

static void any_bytes_end(void **state)
{
    unsigned seed = 1;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char buf[24];
        size_t len = 1 + (unsigned)round % sizeof buf, at = 0;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245u + 12345u;
            buf[i] = (seed >> 16) % 3 ? "\x1b[O<;0123456789~MmuABP]\\\a"[(seed >> 18) % 26] : (char)(seed >> 20);
        }
        while (at < len) {
            struct input in;
            size_t n = key_decode(buf + at, len - at, true, NULL, 0, &in);
            assert_true(n > 0 && n <= len - at);
            at += n;
        }
    }
}

static void names_go_both_ways(void **state)
{
    static const char *const names[] = {"ctrl-d", "alt-1", "shift-left", "ctrl-right", "space", "esc", "f10", "/", ":", "?", "<", ">",
                                        "shift-n", "g", "ctrl-\\", "pgdn", "-", "ctrl-alt-del"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char buf[32];
        assert_int_not_equal(key_parse(names[i]), 0);
        key_name(key_parse(names[i]), buf, sizeof buf);
        assert_string_equal(buf, names[i]);
    }
    assert_int_equal(key_parse("shift-n"), 'N');
    assert_int_equal(key_parse("G"), 'G');
    assert_int_equal(key_parse("Ctrl-D"), K_CTRL | 'd');
    assert_int_equal(key_parse("bogus"), 0);
    assert_int_equal(key_parse(""), 0);
}

static void users_keys_come_first(void **state)
{
    struct key_binding keys[] = {{.scope = "", .key = "ctrl-x", .command = "quit", .where = "c:1"},
                                 {.scope = "tabel", .key = "x", .command = "quit", .where = "c:2"}};
    struct options opt = {.keys = keys, .nkeys = 2};
    struct keymap m;
    struct str warn;
    (void)state;
    str_init(&warn, 0);
    assert_true(keymap_init(&m, &opt, &warn));
    assert_string_equal(keymap_find(&m, "table", true, K_CTRL | 'x'), "quit");       /* without a scope: everywhere */
    assert_string_equal(warn.data, "c:2: keys: no scope is called \"tabel\"\n");
    keymap_release(&m);
    str_release(&warn);
}

static void every_key_runs_a_command(void **state)
{
    const struct key_row *k;
    (void)state;
    for (size_t i = 0; (k = key_row_at(i)); i++) {
        const struct key_row *o;
        if (!key_parse(k->key)) fail_msg("%s is not a key", k->key);
        if (!command_find(k->command, strcspn(k->command, " "), k->scope) && !command_find(k->command, strcspn(k->command, " "), "table"))
            fail_msg("%s %s: no command %s", k->scope, k->key, k->command);
        for (size_t j = 0; j < i && (o = key_row_at(j)); j++)
            if (!strcmp(o->scope, k->scope) && key_parse(o->key) == key_parse(k->key)) fail_msg("%s %s is bound twice", k->scope, k->key);
    }
}

static void every_command_has_help(void **state)
{
    const struct command *c;
    (void)state;
    for (size_t i = 0; (c = command_at(i)); i++) {
        assert_non_null(c->run);
        if (!c->help || !*c->help || c->help[strlen(c->help) - 1] != '.') fail_msg(":%s has no sentence of help", c->name);
        assert_ptr_equal(command_find(c->name, strlen(c->name), c->scope), c);      /* no name twice in a scope */
    }
}

static void the_users_key_wins(void **state)
{
    struct key_binding mine[] = {{"table", "ctrl-d", "wide", "c.yaml:3"}, {"global", "f2", "theme dusk", "c.yaml:4"},
                                 {"tabel", "x", "wide", "c.yaml:5"}, {"table", "hyper-x", "wide", "c.yaml:6"}};
    struct options opt = {.keys = mine, .nkeys = 4};
    struct keymap m;
    struct str warn;
    char buf[32];
    (void)state;
    str_init(&warn, 4096);
    assert_true(keymap_init(&m, &opt, &warn));
    assert_string_equal(keymap_find(&m, "table", true, K_CTRL | 'd'), "wide");
    assert_string_equal(keymap_find(&m, "table", true, K_F2), "theme dusk");
    assert_string_equal(keymap_find(&m, "table", true, '?'), "help");
    assert_null(keymap_find(&m, "table", false, '?'));
    assert_non_null(strstr(warn.data, "c.yaml:5"));
    assert_non_null(strstr(warn.data, "c.yaml:6"));
    keymap_key_of(&m, "table", "wide", buf, sizeof buf);
    assert_string_equal(buf, "ctrl-d");
    keymap_release(&m);
    str_release(&warn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_become_keys), cmocka_unit_test(parts_wait_for_the_rest),
        cmocka_unit_test(mouse_paste_and_background), cmocka_unit_test(any_bytes_end),
        cmocka_unit_test(names_go_both_ways), cmocka_unit_test(users_keys_come_first), cmocka_unit_test(every_key_runs_a_command),
        cmocka_unit_test(every_command_has_help), cmocka_unit_test(the_users_key_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
