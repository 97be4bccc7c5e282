/* The question before a delete: what, where, what will happen. The answer that is ready is no. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/dialog_delete.h"
#include "tui/lineedit.h"
#include "tui/screen.h"
#include "tui/textbuf.h"

#define MAX_TARGETS 500

struct delete_dialog {
    struct screen screen;
    struct target *target;
    size_t n, cap, hidden;           /* hidden: marked, but not shown, so not meant */
    bool force, yes;                 /* yes: the button that enter presses */
    struct lineedit typed;
    char wanted[512];                /* to be typed: core_wanted; "" = nothing */
    uint32_t toll;                   /* what goes with it is being counted */
    char *counted;                   /* its answer */
    struct textbuf text;
};

static void target_add(void *arg, struct snap *s, const struct row *r)
{
    struct delete_dialog *d = arg;
    if (d->n >= MAX_TARGETS || !mem_grow(&d->target, &d->cap, d->n + 1, sizeof(*d->target)))
        return;
    d->target[d->n] = (struct target){0};
    target_set(&d->target[d->n++], s, r);
}

static struct action_request request_for(const struct delete_dialog *d, size_t i)
{
    return (struct action_request){.verb = "delete", .row = d->target[i].row, .grace_s = -1, .force = d->force,
                                   .typed = d->typed.text};
}

/* Many at once: a count for each cluster, then the names. */
static void say_many(struct delete_dialog *d, struct str *out)
{
    size_t nsrc;
    const struct source_info *src = app_sources(d->screen.app, &nsrc);
    for (size_t s = 0; s < nsrc; s++) {
        size_t k = 0;
        for (size_t i = 0; i < d->n; i++)
            k += d->target[i].row->source == src[s].id;
        if (k)
            str_addf(out, "%s    %s: %zu %s%s at %s\n", src[s].plane == PLANE_KUBE ? "cluster" : "cloud  ", src[s].name, k,
                     d->target[0].row->kind->singular, k > 1 ? "s" : "", src[s].server);
    }
    size_t alone = 0;
    for (size_t i = 0; i < d->n; i++)
        alone += !*d->target[i].row->owner;
    if (alone)
        str_addf(out, "%zu of %zu will NOT come back: nothing owns %s\n", alone, d->n, alone > 1 ? "them" : "it");
    else
        str_addf(out, "all have an owner, which may make new ones\n");
    for (size_t i = 0; i < d->n && i < 10; i++)
        str_addf(out, "  %s%s%s%s\n", d->target[i].row->scope, *d->target[i].row->scope ? "/" : "", d->target[i].row->name,
                 *d->target[i].row->owner ? "" : "   (nothing owns it: it will NOT come back)");
    if (d->n > 10)
        str_addf(out, "  ... and %zu more\n", d->n - 10);
    if (d->force)
        str_adds(out, "FORCE: gone from the API at once, the processes may still run for a while\n");
}

/* What must be typed for one, and whether what goes with it is to be counted. One text confirms all or none of them. */
static bool confirm(struct delete_dialog *d, size_t i, struct err *err)
{
    struct action_request rq = request_for(d, i);
    struct str want;
    str_init(&want, sizeof(d->wanted));
    bool danger = core_wanted(app_core(d->screen.app), &rq, &want), same = !d->wanted[0] || !strcmp(d->wanted, want.data);
    if (want.failed)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    else if (want.len && (!same || (danger && d->n > 1)))
        err_set(err, ERR_FORBIDDEN, 0, "a name must be typed for each of these: delete them one at a time");
    else if (want.len)
        snprintf(d->wanted, sizeof(d->wanted), "%s", want.data);
    if (danger && !err->code && !d->toll && !d->counted)
        d->toll = core_fetch(app_core(d->screen.app), d->target[i].row, FETCH_TOLL, 0);
    str_release(&want);
    return !err->code;
}

static bool make_text(struct delete_dialog *d, struct err *err)
{
    struct str out;
    str_init(&out, 65536);
    for (size_t i = 0; i < d->n; i++) {
        struct action_request rq = request_for(d, i);
        struct str one;
        str_init(&one, 65536);
        enum err_code code = core_plan(app_core(d->screen.app), &rq, &one, err);
        if (!code && d->n == 1)
            str_add(&out, one.data, one.len);
        str_release(&one);
        if (code || !confirm(d, i, err)) {
            str_release(&out);
            return false;
        }
    }
    if (d->n > 1)
        say_many(d, &out);
    if (d->hidden)
        str_addf(&out, "%zu more marked %s not shown and stay%s\n", d->hidden, d->hidden == 1 ? "row is" : "rows are", d->hidden == 1 ? "s" : "");
    str_adds(&out, d->counted ? d->counted : d->toll ? "counting what goes with it ...\n" : "");
    size_t len = out.len;
    char *text = str_take(&out);
    str_release(&out);
    return text && textbuf_set(&d->text, text, len);
}

/* ---- drawing ---- */

static bool starts(const char *line, size_t len, const char *with)
{
    return len >= strlen(with) && !memcmp(line, with, strlen(with));
}

/* On one row where it fits; else what is to be typed above, and of what is typed the end. */
static int typed_rows(const struct delete_dialog *d, int inner)
{
    if (!d->wanted[0])
        return 0;
    return text_width(d->wanted, strlen(d->wanted)) * 2 + 8 > inner ? 2 : 1;
}

static void draw_typed(const struct delete_dialog *d, struct canvas *c, int x, int y, int inner)
{
    uint16_t style = STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY);
    const char *t = d->typed.text;
    int w;
    if (typed_rows(d, inner) == 1) {
        canvas_printf(c, x, y, inner, style, "type %s: %s_", d->wanted, t);
        return;
    }
    canvas_printf(c, x, y - 1, inner, style, "type %s:", d->wanted);
    while (*t && text_width(t, strlen(t)) + 1 > inner)
        t += text_next(t, strlen(t), &w);
    canvas_printf(c, x, y, inner, style, "%s_", t);
}

static void draw(struct screen *s, struct canvas *c, struct rect area, bool focus)
{
    struct delete_dialog *d = (struct delete_dialog *)s;
    (void)focus;
    int w = area.w > 78 ? 76 : area.w - 2, inner = w - 4, rows = 0;
    if (w < 10)
        w = area.w, inner = w;
    for (size_t i = 0; i < d->text.nlines; i++) {
        size_t len;
        const char *line = textbuf_line(&d->text, i, &len);
        rows += text_words_rows(line, len, inner > 0 ? inner : 1);
    }
    int frame = typed_rows(d, inner) + 5;
    int h = rows + frame;
    if (h > area.h)
        h = area.h;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_printf(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_DANGER), " Delete %s %s%s? ", d->n > 1 ? "these" : "this",
                  d->target[0].row->kind->singular, d->n > 1 ? "s" : "");
    struct rect body = {r.x + 2, r.y + 1, inner, h - frame + 1};
    struct rect old = canvas_clip(c, body);
    int y = body.y;
    for (size_t i = 0; i < d->text.nlines && y < body.y + body.h; i++) {
        size_t len;
        const char *line = textbuf_line(&d->text, i, &len);
        bool danger = len >= 5 && (!memcmp(line, "FORCE", 5) || memmem(line, len, "NOT come back", 13) || memmem(line, len, "PROTECTED", 9) ||
                                   starts(line, len, "EVERY") || starts(line, len, "LOST") || starts(line, len, "NO machine"));
        char text[1024];
        snprintf(text, sizeof(text), "%.*s", (int)len, line);
        int used = text_draw_words(c, (struct rect){body.x, y, body.w, body.y + body.h - y}, STYLE(danger ? ROLE_DIALOG_DANGER : ROLE_DIALOG), text, body.h);
        y += used ? used : 1;
    }
    canvas_unclip(c, old);
    int by = r.y + h - 2;
    if (d->wanted[0])
        draw_typed(d, c, r.x + 2, by - 2, inner);
    int x = r.x + 2;
    x += canvas_puts(c, x, by, inner, STYLE(d->yes ? ROLE_BUTTON : ROLE_BUTTON_FOCUS), "  Cancel  ") + 2;
    x += canvas_puts(c, x, by, r.x + w - 2 - x, STYLE(d->yes ? ROLE_BUTTON_FOCUS : ROLE_BUTTON), "  Delete  ") + 2;
    canvas_puts(c, x, by, r.x + w - 2 - x, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), d->wanted[0] ? "tab enter  esc" : "tab enter  y n  f force  esc");
}

/* ---- keys ---- */

static void send_all(struct delete_dialog *d)
{
    struct app *a = d->screen.app;
    size_t failed = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct action_request rq = request_for(d, i);
        failed += !app_act(a, &rq);
    }
    if (failed)
        app_error(a, "%zu requests could not be started: out of memory", failed);
    app_clear_marks(a);
    app_pop(a, &d->screen);
}

static bool named(struct delete_dialog *d)
{
    if (!d->wanted[0] || text_typed(d->wanted, d->typed.text))
        return true;
    app_error(d->screen.app, "type %s to confirm", d->wanted);
    return false;
}

static bool key(struct screen *s, uint32_t k)
{
    struct delete_dialog *d = (struct delete_dialog *)s;
    struct err err = ERR_INIT;
    bool typing = d->wanted[0] != 0;
    app_dirty(s->app);
    if (k == K_ESC || k == (K_CTRL | 'c') || (!typing && (k == 'n' || k == 'q'))) {
        app_pop(s->app, s);
    } else if (k == K_TAB || k == K_LEFT || k == K_RIGHT || k == (K_SHIFT | K_TAB)) {
        d->yes = !d->yes;
    } else if (k == K_ENTER) {
        if (!d->yes)
            app_pop(s->app, s);
        else if (named(d))
            send_all(d);
    } else if (typing) {
        lineedit_key(&d->typed, k);
    } else if (!typing && k == 'y') {
        send_all(d);
    } else if (!typing && k == 'f') {
        d->force = !d->force;
        make_text(d, &err);
    }
    return true;
}

static void paste(struct screen *s, const char *clean, size_t len)
{
    struct delete_dialog *d = (struct delete_dialog *)s;
    if (d->wanted[0])
        lineedit_insert(&d->typed, clean, len);
}

static bool event(struct screen *s, struct event *e)
{
    struct delete_dialog *d = (struct delete_dialog *)s;
    struct err err = ERR_INIT;
    if (e->type != EV_TEXT || !d->toll || e->id != d->toll)
        return false;
    struct str out;
    d->toll = 0;
    str_init(&out, 65536);
    if (e->err.code)
        str_addf(&out, "NOT counted: what goes with it (%s)\n", e->err.msg);
    else
        str_add(&out, e->text ? e->text : "", e->text ? e->len : 0);
    d->counted = str_take(&out);
    str_release(&out);
    make_text(d, &err);
    app_dirty(s->app);
    return true;
}

static void close_dialog(struct screen *s)
{
    struct delete_dialog *d = (struct delete_dialog *)s;
    if (d->toll)
        core_cancel(app_core(s->app), d->toll);
    mem_free(d->counted);
    for (size_t i = 0; i < d->n; i++)
        target_release(&d->target[i]);
    mem_free(d->target);
    textbuf_release(&d->text);
    mem_free(d);
}

static const struct screen_ops delete_ops = {
    .scope = "dialog", .popup = true, .modal = true, .draw = draw, .key = key, .paste = paste, .event = event, .close = close_dialog,
};

void dialog_delete_open(struct app *a)
{
    struct err err = ERR_INIT;
    struct delete_dialog *d = mem_zalloc(sizeof(*d));
    if (!d) {
        app_error(a, "out of memory");
        return;
    }
    d->screen.ops = &delete_ops;
    d->screen.app = a;
    app_each_selected(a, target_add, d);
    d->hidden = app_marks_hidden(a);
    if (!d->n || !make_text(d, &err)) {
        if (!d->n && d->hidden)
            app_error(a, "%zu marked row%s not shown: clear the filter, or ctrl-\\ unmarks", d->hidden, d->hidden == 1 ? " is" : "s are");
        else
            app_error(a, "%s", d->n ? err.msg : "no object is selected");
        close_dialog(&d->screen);
        return;
    }
    app_push(a, &d->screen);
    app_dirty(a);
}
