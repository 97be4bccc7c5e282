/* What an earlier run of strata left unfinished, said at the start: gone on with, taken back, given up, or later. Later is the ready answer. */
#include "tui/dialog_left.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/dialog_op.h"
#include "tui/screen.h"

struct left_dialog {
    struct screen screen;
    struct op_left *left;
    size_t n;
    int at;
    bool giving_up;                          /* asked once more */
    bool unasked;                            /* nobody asked for it: other keys are for what is below */
};

static void words(size_t n, char *buf, size_t size)
{
    snprintf(buf, size, "%zu operation%s of an earlier run of strata did not end", n, n == 1 ? "" : "s");
}

/* ---- drawing ---- */

static int one_rows(const struct op_left *l, int w, char *line, size_t size)
{
    snprintf(line, size, "%s, begun %s: %s", l->title, l->when, l->what);
    int rows = text_words_rows(line, strlen(line), w);
    return rows > 0 ? rows : 1;
}

static void draw(struct screen *s, struct canvas *c, struct rect area, bool focus)
{
    struct left_dialog *d = (struct left_dialog *)s;
    char line[1200];
    int w = area.w > 102 ? 100 : area.w - 2, inner = w - 6, rows = 0, y;
    (void)focus;
    if (w < 12) w = area.w, inner = w - 6 > 1 ? w - 6 : 1;
    for (size_t i = 0; i < d->n; i++) rows += one_rows(&d->left[i], inner, line, sizeof line);
    int h = rows + 5 > area.h ? area.h : rows + 5;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h}, body = {r.x + 2, r.y + 2, w - 4, h - 5};
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_ellipsis(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_TITLE), " Unfinished operations ", 23);
    words(d->n, line, sizeof line);
    canvas_ellipsis(c, r.x + 2, r.y + 1, w - 4, STYLE(ROLE_WARN) | OVER(ROLE_DIALOG_BODY), line, strlen(line));
    int top = 0;                     /* rows above, so that the chosen one is shown */
    for (int i = 0; i <= d->at && (size_t)i < d->n; i++) top += one_rows(&d->left[i], inner, line, sizeof line);
    y = body.y - (top > body.h ? top - body.h : 0);
    struct rect old = canvas_clip(c, body);
    for (size_t i = 0; i < d->n; i++) {
        int n = one_rows(&d->left[i], inner, line, sizeof line);
        canvas_puts(c, body.x, y, 2, STYLE(ROLE_NAME) | OVER(ROLE_DIALOG_BODY), (int)i == d->at ? "> " : "  ");
        if (y + n > body.y && y < body.y + body.h) text_draw_words(c, (struct rect){body.x + 2, y, inner, n}, STYLE(ROLE_TEXT) | OVER(ROLE_DIALOG_BODY), line, n);
        y += n;
    }
    canvas_unclip(c, old);
    int x = r.x + 2, end = r.x + w - 2;
    y = r.y + h - 2;
    x += canvas_puts(c, x, y, end - x, STYLE(ROLE_BUTTON_FOCUS), d->giving_up ? "  No  " : "  Later  ") + 2;
    const char *keys = d->giving_up ? "give it up? nothing is sent, all stays as it is: y yes  n no"
                       : d->n > 1 ? "up down choose  r go on  b take it back  g give it up  esc later" : "r go on with it  b take it back  g give it up  esc later";
    canvas_ellipsis(c, x, y, end - x, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), keys, strlen(keys));
}

/* ---- keys ---- */

static void again(struct left_dialog *d, bool back)
{
    struct app *a = d->screen.app;
    uint32_t op = core_op_again(app_core(a), d->left[d->at].key, back, false);
    app_pop(a, &d->screen);
    if (op) dialog_op_plan(a, op);
    else app_error(a, "out of memory");
}

static bool key(struct screen *s, uint32_t k)
{
    struct left_dialog *d = (struct left_dialog *)s;
    app_dirty(s->app);
    if (d->giving_up) {
        d->giving_up = false;
        if (k != 'y') return true;
        core_op_give_up(app_core(s->app), 1, d->left[d->at].key);
        app_pop(s->app, s);
    } else if (k == 'g') d->giving_up = true;
    else if (k == K_UP || k == 'k') d->at -= d->at > 0;
    else if (k == K_DOWN || k == 'j') d->at += (size_t)d->at + 1 < d->n;
    else if (k == 'r' || k == 'b') again(d, k == 'b');
    else if (k == K_ENTER || k == K_ESC || k == (K_CTRL | 'c') || k == 'q' || k == 'n' || k == 'l') app_pop(s->app, s);
    else if (d->unasked) {
        struct app *a = s->app;
        app_pop(a, s);
        app_key(a, k);
    }
    return true;
}

static void close_dialog(struct screen *s)
{
    struct left_dialog *d = (struct left_dialog *)s;
    op_left_free(d->left, d->n);
    mem_free(d);
}

static const struct screen_ops left_ops = {.scope = "dialog", .popup = true, .modal = true, .draw = draw, .key = key, .close = close_dialog};

/* ---- what the journal says ---- */

/* id 0: at the start, when nothing is said about nothing. What another strata is at work on is in :ops, and nothing to go on with. */
void left_event(struct app *a, struct event *e)
{
    char line[200];
    e->nleft = op_left_drop_running(e->left, e->nleft);
    if (e->err.code) return app_error(a, "%s", e->err.msg);
    if (!e->nleft) {
        if (e->id) app_info(a, "no operation of an earlier run is unfinished");
        return;
    }
    words(e->nleft, line, sizeof line);
    snprintf(line + strlen(line), sizeof line - strlen(line), ": :unfinished");
    app_notice(a, HEALTH_WARN, line);
    if (!e->id && (app_typed(a) || app_prompting(a))) return;             /* who is at work already is not interrupted */
    struct left_dialog *d = mem_zalloc(sizeof(*d));
    if (!d) return app_error(a, "out of memory");
    d->screen.ops = &left_ops;
    d->screen.app = a;
    d->unasked = !e->id;
    d->left = e->left;
    d->n = e->nleft;
    e->left = NULL;
    e->nleft = 0;
    app_push(a, &d->screen);
    app_dirty(a);
}

static void run_unfinished(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    core_ops_look(app_core(a), 1);
}

const struct command left_commands[] = {
    {"unfinished", "left", NULL, NULL, "Operations of an earlier run of strata that did not end: go on with them, take them back, or give them up.", 0, COMPLETE_NONE, run_unfinished, NULL},
    {0},
};
