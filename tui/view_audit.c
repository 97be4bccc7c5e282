/* :audit: the journal, newest last; a filter, and one entry with all its fields. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/view_text.h"

struct entry { const char *words, *whole; };
struct audit_view {
    struct screen base;
    char *text;                              /* of the event: what the entries point into */
    struct entry *entry;
    size_t *shown, n, nshown, cap, cap_shown, at, top;
    char filter[128];
    uint32_t request;
    bool again;                              /* something ended while the journal was being read */
    struct err err;
    int page;
};

static void ask(struct audit_view *v)
{
    v->again = v->request != 0;
    if (v->request) return;
    v->request = core_audit(app_core(v->base.app));
    if (!v->request) app_error(v->base.app, "out of memory");
}

/* ---- what is shown ---- */

static bool matches(const struct audit_view *v, const struct entry *e)
{
    size_t n = strlen(v->filter);
    return !n || text_casestr(e->words, strlen(e->words), v->filter, n) || text_casestr(e->whole, strlen(e->whole), v->filter, n);
}

/* The chosen entry stays chosen; at the end it is the newest. */
static void refill(struct audit_view *v, bool end, size_t chosen)
{
    v->nshown = v->at = 0;
    for (size_t i = 0; i < v->n; i++) {
        if (!matches(v, &v->entry[i]) || !mem_grow(&v->shown, &v->cap_shown, v->nshown + 1, sizeof *v->shown)) continue;
        if (i <= chosen) v->at = v->nshown;
        v->shown[v->nshown++] = i;
    }
    if (end && v->nshown) v->at = v->nshown - 1;
    app_dirty(v->base.app);
}

static void refilter(struct audit_view *v, const char *text)
{
    bool end = v->at + 1 >= v->nshown;
    size_t chosen = v->nshown ? v->shown[v->at] : 0;
    snprintf(v->filter, sizeof v->filter, "%s", text);
    refill(v, end, chosen);
}

static bool event(struct screen *s, struct event *e)
{
    struct audit_view *v = (struct audit_view *)s;
    if (e->type == EV_OP_END) ask(v);
    if (e->type != EV_TEXT || e->id != v->request) return false;
    bool end = v->at + 1 >= v->nshown;
    size_t chosen = v->nshown ? v->shown[v->at] : 0;
    v->request = 0;
    if (v->again) ask(v);
    v->err = e->err;
    if (e->err.code && !e->len) return true;
    mem_free(v->text);
    v->text = e->text;
    e->text = NULL;
    v->n = 0;
    for (const char *p = v->text, *last = p + e->len; p && p < last;) {
        const char *whole = p + strlen(p) + 1;
        if (whole >= last || !mem_grow(&v->entry, &v->cap, v->n + 1, sizeof *v->entry)) break;
        v->entry[v->n++] = (struct entry){p, whole};
        p = whole + strlen(whole) + 1;
    }
    refill(v, end, chosen);
    return true;
}

/* ---- drawing ---- */

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct audit_view *v = (struct audit_view *)s;
    (void)focus;
    int y = r.y, end = r.y + r.h;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (v->err.code) canvas_ellipsis(c, r.x + 1, y++, r.w - 2, STYLE(ROLE_ERROR), v->err.msg, strlen(v->err.msg));
    else if (!v->nshown)
        canvas_puts(c, r.x + 1, y, r.w - 2, STYLE(ROLE_DIM), v->request ? "reading the journal ..." : v->n ? "no entry has that in it" : "nothing was done so far");
    v->page = end - y > 0 ? end - y : 1;
    if (v->at < v->top) v->top = v->at;
    if (v->at >= v->top + (size_t)v->page) v->top = v->at - (size_t)v->page + 1;
    for (size_t i = v->top; i < v->nshown && y < end; i++, y++) {
        const char *words = v->entry[v->shown[i]].words;
        size_t time = strcspn(words, " ");
        int x = r.x + 1 + canvas_ellipsis(c, r.x + 1, y, r.w - 2, STYLE(ROLE_TICKER_TIME), words, time);
        canvas_ellipsis(c, x, y, r.x + r.w - 1 - x, STYLE(ROLE_TEXT), words + time, strlen(words + time));
        if (i == v->at) canvas_over(c, (struct rect){r.x, y, r.w, 1}, ROLE_CURSOR);
    }
}

static void title(struct screen *s, struct str *out)
{
    struct audit_view *v = (struct audit_view *)s;
    if (*v->filter) str_addf(out, "Audit [%zu/%zu] /%s", v->nshown, v->n, v->filter);
    else str_addf(out, "Audit [%zu], newest last", v->n);
}

static void close_view(struct screen *s)
{
    struct audit_view *v = (struct audit_view *)s;
    mem_free(v->text);
    mem_free(v->entry);
    mem_free(v->shown);
    mem_free(v);
}

static const struct screen_ops audit_ops = {.scope = "audit", .draw = draw, .title = title, .event = event, .close = close_view};

/* ---- commands ---- */

static void run_audit(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    if (app_top(a) && app_top(a)->ops == &audit_ops) return refilter((struct audit_view *)app_top(a), args);
    struct audit_view *v = mem_zalloc(sizeof *v);
    if (!v) return app_error(a, "out of memory");
    v->base.ops = &audit_ops;
    v->page = 1;
    snprintf(v->filter, sizeof v->filter, "%s", args);
    app_push(a, &v->base);
    ask(v);
}

static void filter_changed(struct app *a, void *arg, const char *text)
{
    (void)a;
    refilter(arg, text);
}

static void filter_done(struct app *a, void *arg, const char *text, bool ok)
{
    (void)a;
    refilter(arg, ok ? text : "");
}

static void move(struct audit_view *v, const char *how)
{
    size_t page = v->page > 1 ? (size_t)v->page - 1 : 1, last = v->nshown ? v->nshown - 1 : 0;
    if (!strcmp(how, "up")) v->at -= v->at > 0;
    else if (!strcmp(how, "down")) v->at++;
    else if (!strcmp(how, "page-up")) v->at = v->at > page ? v->at - page : 0;
    else if (!strcmp(how, "page-down")) v->at += page;
    else if (!strcmp(how, "top")) v->at = 0;
    else if (!strcmp(how, "bottom")) v->at = last;
    if (v->at > last) v->at = last;
}

static void run_entry(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops filter_prompt = {.label = "/", .history = "search", .changed = filter_changed, .done = filter_done};
    struct audit_view *v = (struct audit_view *)s;
    app_dirty(a);
    if (!strcmp(args, "open") && v->nshown) {
        const char *whole = v->entry[v->shown[v->at]].whole;
        view_text_show(a, "journal entry", mem_strdup(whole), strlen(whole));
    } else if (!strcmp(args, "filter")) app_prompt(a, &filter_prompt, v, v->filter);
    else if (!strcmp(args, "refresh")) ask(v);
    else if (!strcmp(args, "back") && *v->filter) refilter(v, "");
    else if (!strcmp(args, "back") || !strcmp(args, "close")) app_pop(a, s);
    else move(v, args);
}

const struct command audit_commands[] = {
    {"audit", "journal", NULL, "[TEXT]", "The journal: what strata sent on this machine, newest last; only entries with that text.", 0, COMPLETE_NONE, run_audit, NULL},
    {"entry", NULL, "audit", "up|down|page-up|page-down|top|bottom|open|filter|refresh|back|close", "Works on the list of entries.", CMD_HIDDEN, COMPLETE_NONE, run_entry, NULL},
    {0},
};

const struct key_row audit_keys[] = {
    {"audit", "enter", "entry open", "whole entry", "The whole entry."},
    {"audit", "/", "entry filter", "filter", "Only entries with a text."},
    {"audit", "r", "entry refresh", "read again", "Reads the journal again."},
    {"audit", "up", "entry up", NULL, "Up."},
    {"audit", "k", "entry up", NULL, "Up."},
    {"audit", "down", "entry down", NULL, "Down."},
    {"audit", "j", "entry down", NULL, "Down."},
    {"audit", "pgup", "entry page-up", NULL, "A page up."},
    {"audit", "pgdn", "entry page-down", NULL, "A page down."},
    {"audit", "home", "entry top", NULL, "The oldest."},
    {"audit", "g", "entry top", NULL, "The oldest."},
    {"audit", "end", "entry bottom", NULL, "The newest."},
    {"audit", "G", "entry bottom", NULL, "The newest."},
    {"audit", "esc", "entry back", "back", "Clears the filter, then closes."},
    {"audit", "q", "entry close", NULL, "Close."},
    {0},
};
