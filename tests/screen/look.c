/* Steps that look at the screen. Each waits until it holds or the case's deadline is over; none sleeps. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/screen/script.h"

#define LINE_MAX_BYTES 8192

/* ---- patterns: "/regex/" or plain text ---- */

struct pattern { pcre2_code *re; const char *text; };

static struct pattern pattern_of(const char *arg)
{
    struct pattern p = {.text = arg};
    size_t n = strlen(arg);
    if (!n) die("a pattern is missing");
    if (arg[0] != '/' || n < 2 || arg[n - 1] != '/') return p;
    int code;
    PCRE2_SIZE at;
    p.re = pcre2_compile((PCRE2_SPTR)arg + 1, n - 2, PCRE2_UTF | PCRE2_NO_UTF_CHECK, &code, &at, NULL);
    if (!p.re) die("bad regular expression at %zu: %s", at, arg);
    return p;
}

/* Byte offset of the match, -1 = none; *len its length; group 1, when there is one, wins. */
static long match(const struct pattern *p, const char *text, size_t *len)
{
    if (!p->re) {
        const char *at = strstr(text, p->text);
        *len = strlen(p->text);
        return at ? at - text : -1;
    }
    pcre2_match_data *m = pcre2_match_data_create_from_pattern(p->re, NULL);
    long at = -1;
    int n = pcre2_match(p->re, (PCRE2_SPTR)text, strlen(text), 0, 0, m, NULL);
    if (n > 0) {
        PCRE2_SIZE *v = pcre2_get_ovector_pointer(m);
        int g = n > 1 && v[2] != PCRE2_UNSET ? 1 : 0;
        at = (long)v[2 * g];
        *len = v[2 * g + 1] - v[2 * g];
    }
    pcre2_match_data_free(m);
    return at;
}

struct found { int row, x0, x1; char text[LINE_MAX_BYTES]; };      /* cells of the match; its text */

static void span(const struct script *s, int *x0, int *x1)
{
    *x0 = 0, *x1 = s->tty.w;
    if (s->pane && !tty_pane(&s->tty, s->pane, x0, x1)) *x1 = 0;
}

static bool find(const struct script *s, const struct pattern *p, int only_row, struct found *f)
{
    int x0, x1;
    char line[LINE_MAX_BYTES];
    span(s, &x0, &x1);
    for (int row = 0; row < s->tty.h; row++) {
        size_t len;
        if (only_row >= 0 && row != only_row) continue;
        tty_text(&s->tty, row, x0, x1, line, sizeof line);
        long at = match(p, line, &len);
        if (at < 0) continue;
        f->row = row;
        f->x0 = tty_column(&s->tty, row, x0, (size_t)at);
        f->x1 = len ? tty_column(&s->tty, row, x0, (size_t)at + len - 1) + 1 : f->x0;
        snprintf(f->text, sizeof f->text, "%.*s", (int)len, line + at);
        return true;
    }
    return false;
}

/* ---- waiting ---- */

typedef bool condition(struct script *s, void *arg);

static bool wait_for(struct script *s, condition *holds, void *arg)
{
    int64_t until = script_until(s);
    while (!holds(s, arg)) {
        int64_t left = until - now_ms();
        if (left <= 0) return false;
        if (!tty_pump(&s->tty, left < 50 ? (int)left : 50) && s->tty.ended) return holds(s, arg);
    }
    return true;
}

struct look { struct pattern p; int row; struct found f; const char *words; char why[200]; };

static bool shown(struct script *s, void *arg) { struct look *l = arg; return find(s, &l->p, l->row, &l->f); }
static bool not_shown(struct script *s, void *arg) { return !shown(s, arg); }

static void expect(struct script *s, char *args)
{
    struct look l = {.p = pattern_of(args), .row = -1};
    if (!wait_for(s, shown, &l)) die("%s", s->tty.ended ? "the program has ended without showing this" : "not shown in time");
}

static void gone(struct script *s, char *args)
{
    struct look l = {.p = pattern_of(args), .row = -1};
    if (!wait_for(s, not_shown, &l)) die("still shown: %s", l.f.text);
}

/* Now, not later: after a step that waited for something which comes with it or after it. */
static void never(struct script *s, char *args)
{
    struct look l = {.p = pattern_of(args), .row = -1};
    while (tty_pump(&s->tty, 30)) continue;                   /* to the end of the frame */
    if (shown(s, &l)) die("shown: %s", l.f.text);
}

static void line(struct script *s, char *args)
{
    char *pat;
    long row = strtol(args, &pat, 10);
    while (*pat == ' ') pat++;
    struct look l = {.p = pattern_of(pat), .row = (int)(row < 0 ? row + s->tty.h : row)};
    if (!wait_for(s, shown, &l)) die("row %ld does not show this", row);
}

/* grab NAME PATTERN: the match (or its group 1) becomes a variable. */
static void grab(struct script *s, char *args)
{
    char *name = strsep(&args, " ");
    if (!args) die("grab NAME PATTERN");
    struct look l = {.p = pattern_of(args), .row = -1};
    if (!wait_for(s, shown, &l)) die("not shown in time");
    script_set(s, name, l.f.text);
}

static void pane(struct script *s, char *args) { s->pane = atoi(args); }      /* 0 = the whole screen */

/* ---- styles ---- */

static bool attr_is(const struct tty *t, const VTermScreenCell *c, const char *word, bool *known)
{
    unsigned r, g, b;
    VTermColor col;
    *known = true;
    if (!strcmp(word, "bold")) return c->attrs.bold;
    if (!strcmp(word, "reverse")) return c->attrs.reverse;
    if (!strcmp(word, "underline")) return c->attrs.underline != 0;
    if (!strcmp(word, "italic")) return c->attrs.italic;
    if (!strcmp(word, "default-fg")) return VTERM_COLOR_IS_DEFAULT_FG(&c->fg);
    if (!strcmp(word, "default-bg")) return VTERM_COLOR_IS_DEFAULT_BG(&c->bg);
    if (sscanf(word, "fg=%2x%2x%2x", &r, &g, &b) == 3) col = c->fg;
    else if (sscanf(word, "bg=%2x%2x%2x", &r, &g, &b) == 3) col = c->bg;
    else return *known = false;
    vterm_screen_convert_color_to_rgb(t->screen, &col);
    return col.rgb.red == r && col.rgb.green == g && col.rgb.blue == b;
}

static bool styled(struct script *s, void *arg)
{
    struct look *l = arg;
    char words[200], *save = NULL;
    if (!find(s, &l->p, -1, &l->f)) return snprintf(l->why, sizeof l->why, "not shown"), false;
    snprintf(words, sizeof words, "%s", l->words);
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        bool known, want = *w != '!';
        for (int x = l->f.x0; x < l->f.x1; x++) {
            VTermScreenCell c = tty_cell(&s->tty, l->f.row, x);
            bool has = attr_is(&s->tty, &c, want ? w : w + 1, &known);
            if (!known) die("no attribute is called %s", w);
            if (has == want) continue;
            VTermColor fg = c.fg, bg = c.bg;
            vterm_screen_convert_color_to_rgb(s->tty.screen, &fg);
            vterm_screen_convert_color_to_rgb(s->tty.screen, &bg);
            snprintf(l->why, sizeof l->why, "%s does not hold at row %d column %d: fg=%02x%02x%02x bg=%02x%02x%02x%s%s%s%s%s", w, l->f.row, x,
                     fg.rgb.red, fg.rgb.green, fg.rgb.blue, bg.rgb.red, bg.rgb.green, bg.rgb.blue, c.attrs.bold ? " bold" : "",
                     c.attrs.reverse ? " reverse" : "", c.attrs.underline ? " underline" : "",
                     VTERM_COLOR_IS_DEFAULT_FG(&c.fg) ? " default-fg" : "", VTERM_COLOR_IS_DEFAULT_BG(&c.bg) ? " default-bg" : "");
            return false;
        }
    }
    return true;
}

/* style PATTERN has WORDS */
static void style(struct script *s, char *args)
{
    char *has = strstr(args, " has ");
    if (!has) die("style PATTERN has ATTRIBUTES");
    *has = '\0';
    struct look l = {.p = pattern_of(args), .row = -1, .words = has + 5};
    if (!wait_for(s, styled, &l)) die("%s", l.why);
}

static bool monochrome(struct script *s, void *arg)
{
    struct look *l = arg;
    for (int y = 0; y < s->tty.h; y++)
        for (int x = 0; x < s->tty.w; x++) {
            VTermScreenCell c = tty_cell(&s->tty, y, x);
            if (VTERM_COLOR_IS_DEFAULT_FG(&c.fg) && VTERM_COLOR_IS_DEFAULT_BG(&c.bg)) continue;
            snprintf(l->why, sizeof l->why, "a colour at row %d column %d", y, x);
            return false;
        }
    return true;
}

static void no_colour(struct script *s, char *args)
{
    struct look l = {0};
    (void)args;
    if (!wait_for(s, monochrome, &l)) die("%s", l.why);
}

static bool ascii(struct script *s, void *arg)
{
    struct look *l = arg;
    for (int y = 0; y < s->tty.h; y++)
        for (int x = 0; x < s->tty.w; x++) {
            VTermScreenCell c = tty_cell(&s->tty, y, x);
            if (c.chars[0] < 127) continue;
            snprintf(l->why, sizeof l->why, "U+%04X at row %d column %d", c.chars[0], y, x);
            return false;
        }
    return true;
}

static void only_ascii(struct script *s, char *args)
{
    struct look l = {0};
    (void)args;
    if (!wait_for(s, ascii, &l)) die("%s", l.why);
}

/* ---- the row under the cursor: its ground differs from its neighbours', and is one over its whole width ---- */

static bool marked_row(const struct tty *t, int row, int x0, int x1)
{
    VTermScreenCell first = tty_cell(t, row, x0);
    for (int x = x0 + 1; x < x1; x++) {
        VTermScreenCell c = tty_cell(t, row, x);
        if (c.chars[0] == (uint32_t)-1) continue;             /* the right half of a wide one has no style of its own */
        if (!tty_same_ground(&first, &c)) return false;
    }
    if (VTERM_COLOR_IS_DEFAULT_BG(&first.bg) && first.attrs.reverse) return true;          /* without colours */
    for (int other = row - 1; other <= row + 1; other += 2) {
        if (other < 0 || other >= t->h) continue;
        VTermScreenCell c = tty_cell(t, other, x0);
        if (tty_same_ground(&first, &c)) return false;
    }
    return true;
}

static bool is_selected(struct script *s, void *arg)
{
    struct look *l = arg;
    int px0, px1;
    span(s, &px0, &px1);
    for (int row = 1; row < s->tty.h - 1; row++) {
        for (int x0 = px0; x0 < px1;) {                       /* the segments between upright lines */
            int x1 = x0;
            char text[LINE_MAX_BYTES];
            for (; x1 < px1; x1++) {
                VTermScreenCell c = tty_cell(&s->tty, row, x1);
                if (tty_is_border(&c)) break;
            }
            size_t len;
            if (x1 - x0 >= 8 && (x1 < s->tty.w || s->pane)) {
                tty_text(&s->tty, row, x0, x1, text, sizeof text);
                if (*text && match(&l->p, text, &len) >= 0 && marked_row(&s->tty, row, x0, x1)) return true;
            }
            x0 = x1 + 1;
        }
    }
    return false;
}

static void selected(struct script *s, char *args)
{
    struct look l = {.p = pattern_of(args), .row = -1};
    if (!wait_for(s, is_selected, &l)) die("no row like this is marked over its whole width");
}

/* ---- borders: in the pane's rows the upright lines stand below the corners ---- */

static bool borders_hold(struct script *s, void *arg)
{
    struct look *l = arg;
    int x0, x1, panes = 0, top = -1;
    for (int n = 1; tty_pane(&s->tty, n, &x0, &x1); n++) panes = n;
    if (!panes) return snprintf(l->why, sizeof l->why, "there are no panes"), false;
    char buf[LINE_MAX_BYTES];
    for (int row = 0; row < s->tty.h && top < 0; row++) {
        tty_text(&s->tty, row, x0 - 1, x0, buf, sizeof buf);
        if (!strcmp(buf, "\u256d") || !strcmp(buf, "+") || !strcmp(buf, "\u250c")) top = row;
    }
    for (int row = top + 1; row < s->tty.h; row++) {
        VTermScreenCell c = tty_cell(&s->tty, row, x0 - 1);
        if (!tty_is_border(&c)) {
            if (row - top > 3) return true;                   /* the lower border */
            return snprintf(l->why, sizeof l->why, "row %d: no border", row), false;
        }
        for (int n = 1; n <= panes; n++) {
            tty_pane(&s->tty, n, &x0, &x1);
            VTermScreenCell a = tty_cell(&s->tty, row, x0 - 1), b = tty_cell(&s->tty, row, x1);
            if (tty_is_border(&a) && tty_is_border(&b)) continue;
            return snprintf(l->why, sizeof l->why, "row %d, pane %d: the border is broken", row, n), false;
        }
    }
    return snprintf(l->why, sizeof l->why, "no lower border"), false;
}

static void borders(struct script *s, char *args)
{
    struct look l = {0};
    (void)args;
    if (!wait_for(s, borders_hold, &l)) die("%s", l.why);
}

/* same-column A then B: both patterns begin in the same column */
static bool columns_meet(struct script *s, void *arg)
{
    struct look *l = arg, b = {.p = pattern_of(l->words), .row = -1};
    if (!shown(s, l) || !shown(s, &b)) return snprintf(l->why, sizeof l->why, "not shown"), false;
    snprintf(l->why, sizeof l->why, "column %d is not column %d", l->f.x0, b.f.x0);
    return l->f.x0 == b.f.x0;
}

static void same_column(struct script *s, char *args)
{
    char *then = strstr(args, " then ");
    if (!then) die("same-column PATTERN then PATTERN");
    *then = '\0';
    struct look l = {.p = pattern_of(args), .row = -1, .words = then + 6};
    if (!wait_for(s, columns_meet, &l)) die("%s", l.why);
}

static bool cursor_is(struct script *s, void *arg) { return s->tty.cursor == *(bool *)arg; }

static void cursor(struct script *s, char *args)
{
    bool want = !strcmp(args, "shown");
    if (!wait_for(s, cursor_is, &want)) die("the cursor is not %s", args);
}

const struct step look_steps[] = {
    {"expect", expect}, {"gone", gone}, {"never", never}, {"line", line}, {"grab", grab}, {"pane", pane}, {"style", style},
    {"no-colour", no_colour}, {"only-ascii", only_ascii}, {"selected", selected}, {"borders", borders},
    {"same-column", same_column}, {"cursor", cursor}, {0},
};
