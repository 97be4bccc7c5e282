/* Leaving while operations are under way: asked first, to stay is the ready answer; afterwards the terminal tells what was left. */
#include "tui/leave.h"

#include <string.h>

#include "strata/mem.h"
#include "strata/ops.h"
#include "tui/pending.h"
#include "tui/screen.h"
#include "tui/textbuf.h"

#define LISTED 6

static size_t under_way(struct app *a, const struct ops_view *ops)
{
    size_t n = 0;
    for (size_t i = 0; ops && i < ops->n; i++) n += pending_runs(app_pending(a), ops->op[i]);
    return n;
}

/* ---- the question ---- */

static void words(struct app *a, const struct ops_view *ops, struct str *out)
{
    size_t n = under_way(a, ops), said = 0;
    str_addf(out, n == 1 ? "%zu operation is under way and would be left unfinished (strata ops goes on with it):"
                  : "%zu operations are under way and would be left unfinished (strata ops goes on with them):", n);
    for (size_t i = 0; n && i < ops->n; i++)
        if (pending_runs(app_pending(a), ops->op[i]) && said++ < LISTED)
            str_addf(out, "\n%s, %s", ops->op[i]->title, op_state_name(ops->op[i]->state == OPS_PLANNED ? OPS_RUNNING : ops->op[i]->state));
    if (said > LISTED) str_addf(out, "\nand %zu more", said - LISTED);
}

static void draw(struct screen *s, struct canvas *c, struct rect area, bool focus)
{
    struct ops_view *ops = core_ops(app_core(s->app));
    struct str text;
    int w = area.w > 92 ? 90 : area.w - 2, rows = 0;
    (void)focus;
    str_init(&text, 8192);
    words(s->app, ops, &text);
    ops_view_unref(ops);
    if (w < 12) w = area.w;
    for (char *p = text.data; p && *p; p += strcspn(p, "\n"), p += *p == '\n') rows += text_words_rows(p, strcspn(p, "\n"), w - 4);
    int h = rows + 4 < area.h ? rows + 4 : area.h;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_ellipsis(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_TITLE), " Leave strata? ", 15);
    int y = r.y + 1;
    for (char *p = text.data, *next; p && *p && y < r.y + h - 3; p = next) {
        size_t n = strcspn(p, "\n");
        next = p + n + (p[n] == '\n');
        p[n] = '\0';
        y += text_draw_words(c, (struct rect){r.x + 2, y, w - 4, r.y + h - 3 - y}, STYLE(ROLE_TEXT) | OVER(ROLE_DIALOG_BODY), p, r.y + h - 3 - y);
    }
    static const char keys[] = "q leave now   any other key: stay";
    int x = r.x + 2;
    x += canvas_puts(c, x, r.y + h - 2, w - 4, STYLE(ROLE_BUTTON_FOCUS), "  Stay  ") + 2;
    canvas_ellipsis(c, x, r.y + h - 2, r.x + w - 2 - x, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), keys, sizeof keys - 1);
    str_release(&text);
}

static bool key(struct screen *s, uint32_t k)
{
    struct app *a = s->app;
    if (k == 'q' || k == 'y' || k == (K_CTRL | 'c')) app_quit(a);
    else app_pop(a, s);
    app_dirty(a);
    return true;
}

static bool event(struct screen *s, struct event *e)
{
    if (e->type != EV_OPS && e->type != EV_OP_END) return false;
    struct ops_view *ops = core_ops(app_core(s->app));
    if (ops && !under_way(s->app, ops)) app_quit(s->app);            /* nothing is left to be asked about */
    ops_view_unref(ops);
    app_dirty(s->app);
    return false;
}

static void close_dialog(struct screen *s) { mem_free(s); }

static const struct screen_ops leave_ops = {.scope = "dialog", .popup = true, .modal = true, .draw = draw, .key = key, .event = event, .close = close_dialog};

void leave_ask(struct app *a)
{
    struct ops_view *ops = core_ops(app_core(a));
    size_t n = under_way(a, ops);
    struct screen *s = n ? mem_zalloc(sizeof *s) : NULL;
    ops_view_unref(ops);
    if (!s) return app_quit(a);
    s->ops = &leave_ops;
    app_push(a, s);
}

/* ---- afterwards ---- */

void leave_say(struct app *a, FILE *to)
{
    struct ops_view *ops = core_ops(app_core(a));
    for (size_t i = 0; ops && i < ops->n; i++)
        if (pending_runs(app_pending(a), ops->op[i]))
            fprintf(to, "strata: left unfinished: %s; strata ops --resume %s goes on with it, --rollback takes it back\n", ops->op[i]->title, ops->op[i]->key);
    ops_view_unref(ops);
}
