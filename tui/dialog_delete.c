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
    size_t n, cap;
    bool force, yes;                 /* yes: the button that enter presses */
    struct lineedit typed;           /* protected: its name, typed */
    char wanted[192];                /* "" = not protected */
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
                                   .confirmed_name = d->wanted[0] && text_typed(d->wanted, d->typed.text)};
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

static bool make_text(struct delete_dialog *d, struct err *err)
{
    struct str out;
    str_init(&out, 65536);
    for (size_t i = 0; i < d->n; i++) {
        const struct source_info *s = app_source(d->screen.app, d->target[i].row->source);
        struct action_request rq = request_for(d, i);
        struct str one;
        str_init(&one, 65536);
        enum err_code code = core_plan(app_core(d->screen.app), &rq, &one, err);
        if (!code && d->n == 1)
            str_add(&out, one.data, one.len);
        str_release(&one);
        if (code) {
            str_release(&out);
            return false;
        }
        if (s && s->protected_)
            snprintf(d->wanted, sizeof(d->wanted), "%s", s->name);
    }
    if (d->n > 1)
        say_many(d, &out);
    size_t len = out.len;
    char *text = str_take(&out);
    str_release(&out);
    return text && textbuf_set(&d->text, text, len);
}

/* ---- drawing ---- */

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
    int h = rows + (d->wanted[0] ? 6 : 5);
    if (h > area.h)
        h = area.h;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_printf(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_DANGER), " Delete %s %s%s? ", d->n > 1 ? "these" : "this",
                  d->target[0].row->kind->singular, d->n > 1 ? "s" : "");
    struct rect body = {r.x + 2, r.y + 1, inner, h - (d->wanted[0] ? 5 : 4)};
    struct rect old = canvas_clip(c, body);
    int y = body.y;
    for (size_t i = 0; i < d->text.nlines && y < body.y + body.h; i++) {
        size_t len;
        const char *line = textbuf_line(&d->text, i, &len);
        bool danger = len >= 5 && (!memcmp(line, "FORCE", 5) || memmem(line, len, "NOT come back", 13) || memmem(line, len, "PROTECTED", 9));
        char text[1024];
        snprintf(text, sizeof(text), "%.*s", (int)len, line);
        int used = text_draw_words(c, (struct rect){body.x, y, body.w, body.y + body.h - y}, STYLE(danger ? ROLE_DIALOG_DANGER : ROLE_DIALOG), text, body.h);
        y += used ? used : 1;
    }
    canvas_unclip(c, old);
    int by = r.y + h - 2;
    if (d->wanted[0])
        canvas_printf(c, r.x + 2, by - 2, inner, STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY), "type %s: %s_", d->wanted, d->typed.text);
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

static void close_dialog(struct screen *s)
{
    struct delete_dialog *d = (struct delete_dialog *)s;
    for (size_t i = 0; i < d->n; i++)
        target_release(&d->target[i]);
    mem_free(d->target);
    textbuf_release(&d->text);
    mem_free(d);
}

static const struct screen_ops delete_ops = {
    .scope = "dialog", .popup = true, .modal = true, .draw = draw, .key = key, .paste = paste, .close = close_dialog,
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
    if (!d->n || !make_text(d, &err)) {
        app_error(a, "%s", d->n ? err.msg : "no object is selected");
        close_dialog(&d->screen);
        return;
    }
    app_push(a, &d->screen);
    app_dirty(a);
}
