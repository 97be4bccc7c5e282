/* Themes: every shipped one names every role and keeps the cursor to be seen; bad files say where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/theme.h"

static void each_theme(void (*fn)(const struct theme *))
{
    struct str names;
    int n = 0;
    str_init(&names, 8192);
    theme_names(&names);
    for (char *p = names.data, *e; (e = strchr(p, '\n')); p = e + 1, n++) {
        struct theme t;
        struct err err = ERR_INIT;
        *e = '\0';
        if (theme_load(&t, p, &err)) fail_msg("%s: %s", p, err.msg);
        assert_string_equal(t.name, p);
        fn(&t);
    }
    assert_true(n >= 6);
    str_release(&names);
}

static void check_roles(const struct theme *t)
{
    for (int r = 1; r < ROLE_COUNT; r++)
        if (!t->style[r].set) fail_msg("%s: role %d has no line", t->name, r);
}

static int luma(int c)
{
    return ((c >> 16 & 255) * 3 + (c >> 8 & 255) * 6 + (c & 255)) / 10;
}

static void check_cursor(const struct theme *t)
{
    static const int roles[] = {ROLE_TEXT, ROLE_NAME, ROLE_OK, ROLE_BUSY, ROLE_WARN, ROLE_BAD, ROLE_HEAD};
    for (int d = DEPTH_MONO; d <= DEPTH_RGB; d++) {
        for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
            struct term_style plain = theme_resolve(t, (enum term_depth)d, roles[i], 0);
            struct term_style cursor = theme_resolve(t, (enum term_depth)d, roles[i], ROLE_CURSOR);
            bool seen = plain.bg != cursor.bg || ((plain.attrs ^ cursor.attrs) & TA_REVERSE);
            if (!seen) fail_msg("%s, depth %d: the cursor cannot be seen over role %d", t->name, d, roles[i]);
            if (d > DEPTH_MONO && cursor.fg >= 0 && cursor.fg == cursor.bg) fail_msg("%s, depth %d: role %d vanishes under the cursor", t->name, d, roles[i]);
            if (d == DEPTH_RGB && plain.fg >= 0 && plain.bg >= 0 && abs(luma(plain.fg) - luma(plain.bg)) < 50)
                fail_msg("%s: role %d is hard to read", t->name, roles[i]);
        }
    }
}

static void every_theme_has_every_role(void **state)
{
    (void)state;
    each_theme(check_roles);
}

static void the_cursor_is_always_to_be_seen(void **state)
{
    (void)state;
    each_theme(check_cursor);
}

static void expect_error(const char *text, const char *want)
{
    struct theme t = {0};
    struct err err = ERR_INIT;
    assert_int_equal(theme_parse(&t, text, strlen(text), "my.theme", &err), ERR_CONFIG);
    if (!strstr(err.msg, want)) fail_msg("\"%s\" should say \"%s\"", err.msg, want);
}

static void mistakes_say_where(void **state)
{
    struct theme t;
    struct err err = ERR_INIT;
    (void)state;
    expect_error("text red default\nbogus red -\n", "my.theme:2: no role is called \"bogus\"");
    expect_error("# fine\n\ntext #12345g -\n", "my.theme:3");
    expect_error("text red\n", "needs a foreground and a background");
    expect_error("text red - blinking\n", "attributes are");
    expect_error("te\x1b[31mxt red -\n", "my.theme:1");
    assert_int_equal(theme_load(&t, "no-such-theme", &err), ERR_NOTFOUND);
    assert_non_null(strstr(err.msg, "dusk"));
}

static void colours_fall_back_by_depth(void **state)
{
    struct theme t = {0};
    const char *text = "text #ffffff #000000\nbad #ff0000/9 - bold mono: reverse\ncursor - #0000ff/4\nkey 208 -\n";
    (void)state;
    assert_int_equal(theme_parse(&t, text, strlen(text), "t", NULL), ERR_OK);
    struct term_style s = theme_resolve(&t, DEPTH_RGB, ROLE_BAD, ROLE_CURSOR);
    assert_int_equal(s.fg, 0xff0000);
    assert_int_equal(s.bg, 0x0000ff);
    assert_int_equal(s.attrs, TA_BOLD);
    s = theme_resolve(&t, DEPTH_256, ROLE_BAD, 0);
    assert_int_equal(s.fg, 196);
    assert_int_equal(s.bg, 16);
    s = theme_resolve(&t, DEPTH_16, ROLE_BAD, ROLE_CURSOR);
    assert_int_equal(s.fg, 9);
    assert_int_equal(s.bg, 4);
    s = theme_resolve(&t, DEPTH_8, ROLE_BAD, 0);
    assert_int_equal(s.fg, 1);
    s = theme_resolve(&t, DEPTH_MONO, ROLE_BAD, 0);
    assert_int_equal(s.fg, -1);
    assert_int_equal(s.attrs, TA_REVERSE);
    s = theme_resolve(&t, DEPTH_256, ROLE_KEY, 0);
    assert_int_equal(s.fg, 208);
    assert_int_equal(color_nearest(0xff8700, 256), 208);
    assert_int_equal(color_nearest(0x000000, 16), 0);
}

static void the_users_own_theme_comes_first(void **state)
{
    char dir[] = "/tmp/strata-theme-XXXXXX", path[128];
    struct theme t;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/strata", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/strata/themes", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/strata/themes/dark.theme", dir);
    FILE *f = fopen(path, "w");
    fputs("text #123456 default\n", f);
    fclose(f);
    setenv("XDG_CONFIG_HOME", dir, 1);
    assert_int_equal(theme_load(&t, "dark", NULL), ERR_OK);
    assert_int_equal(t.style[ROLE_TEXT].fg, 0x123456);
    unlink(path);
    assert_int_equal(theme_load(&t, "dark", NULL), ERR_OK);
    assert_int_not_equal(t.style[ROLE_TEXT].fg, 0x123456);
    snprintf(path, sizeof path, "%s/strata/themes", dir);
    rmdir(path);
    snprintf(path, sizeof path, "%s/strata", dir);
    rmdir(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_theme_has_every_role), cmocka_unit_test(the_cursor_is_always_to_be_seen),
        cmocka_unit_test(mistakes_say_where), cmocka_unit_test(colours_fall_back_by_depth),
        cmocka_unit_test(the_users_own_theme_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
