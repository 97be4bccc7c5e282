/* Port-forwards: made with a key on a pod or a service, listed, alive while strata lives, ended with a key. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/forward.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/ports.h"

struct forwards_view { struct screen base; uint32_t id; int at, top; };

/* What is asked before one begins. */
struct asking { struct target target; char ports[64], wanted[320]; };

static void asking_free(struct asking *q)
{
    target_release(&q->target);
    mem_free(q);
}

/* ---- begin ---- */

static void begin(struct app *a, struct asking *q, const char *typed)
{
    struct forward_request rq = {.row = q->target.row, .typed = typed};
    uint32_t id = ports_parse(q->ports, &rq.local, &rq.remote) ? core_forward(a->core, &rq) : 0;
    size_t i = 0;
    while (i < CORE_MAX_FORWARDS && a->forward[i]) i++;
    if (!id) app_error(a, "out of memory");
    else if (i < CORE_MAX_FORWARDS) a->forward[i] = id;
    asking_free(q);
}

static void name_typed(struct app *a, void *arg, const char *text, bool ok)
{
    struct asking *q = arg;
    if (ok && text_typed(q->wanted, text)) {
        begin(a, q, text);
        return;
    }
    if (ok) app_error(a, "no port-forward: %s was not typed", q->wanted);
    asking_free(q);
}

static void ports_given(struct app *a, void *arg, const char *text, bool ok)
{
    static const struct prompt_ops name_ops = {.done = name_typed};
    struct asking *q = arg;
    struct action_request rq = {.verb = "port-forward", .row = q->target.row};
    struct str wanted;
    char label[480];
    int local, remote;
    snprintf(q->ports, sizeof q->ports, "%s", text);
    if (!ok || !*text) {
        asking_free(q);
        return;
    }
    if (!ports_parse(q->ports, &local, &remote)) {
        app_error(a, "\"%s\": ports are written PORT, LOCAL:REMOTE or :REMOTE", q->ports);
        asking_free(q);
        return;
    }
    str_init(&wanted, 4096);
    core_wanted(a->core, &rq, &wanted);
    snprintf(q->wanted, sizeof q->wanted, "%s", wanted.len ? wanted.data : "");
    str_release(&wanted);
    if (!*q->wanted) {
        begin(a, q, NULL);
        return;
    }
    snprintf(label, sizeof label, "%s is protected, type its name for a way into %.60s: ", q->wanted, q->target.row->name);
    app_prompt_labelled(a, &name_ops, q, label, "");
}

static bool forwards_to(const struct row *r)
{
    return !strcmp(r->kind->id, "pods") || !strcmp(r->kind->id, "services");
}

static void run_forward(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.done = ports_given};
    struct asking *q = mem_zalloc(sizeof *q);
    struct err err = ERR_INIT;
    char label[300], cell[200];
    (void)s;
    if (!q || !app_selected(a, &q->target) || !forwards_to(q->target.row)) {
        app_error(a, q ? "ports lead to pods and services: select one" : "out of memory");
        if (q) asking_free(q);
        return;
    }
    const struct row *r = q->target.row;
    struct action_request rq = {.verb = "port-forward", .row = r};
    if (core_may(a->core, &rq, &err)) {
        app_error(a, "no port-forward: %s", err.msg);
        asking_free(q);
        return;
    }
    if (*args) {
        ports_given(a, q, args, true);
        return;
    }
    int col = kind_column(r->kind, "ports");
    snprintf(cell, sizeof cell, "%s", col >= 0 ? row_text(r, col, app_now(a, r->source), cell, sizeof cell) : "");
    cell[strspn(cell, "0123456789")] = '\0';
    snprintf(label, sizeof label, "port-forward to %.200s, [LOCAL:]REMOTE: ", r->name);
    app_prompt_labelled(a, &ops, q, label, cell);
}

/* ---- what becomes of them: every EV_FORWARD, and the EV_DONE of one. true: it was about one ---- */

bool forwards_event(struct app *a, const struct event *e)
{
    struct forward_info info[CORE_MAX_FORWARDS];
    char text[400];
    size_t i = 0;
    while (i < CORE_MAX_FORWARDS && (!e->id || a->forward[i] != e->id)) i++;
    if (i == CORE_MAX_FORWARDS) return false;
    if (e->type == EV_DONE) {
        a->forward[i] = 0;
        if (e->err.code == ERR_CANCELED) app_info(a, "the port-forward has ended");
        else app_notice(a, HEALTH_BAD, e->err.msg), app_error(a, "%s", e->err.msg);
    } else if (e->err.code) {
        app_notice(a, HEALTH_WARN, e->err.msg);
    } else {
        size_t n = core_forwards(a->core, info, CORE_MAX_FORWARDS);
        for (size_t k = 0; k < n; k++)
            if (info[k].id == e->id) {
                snprintf(text, sizeof text, "%s:%d leads to port %d of pod %s (:port-forwards)", info[k].address, info[k].local, info[k].remote, info[k].pod);
                app_notice(a, HEALTH_OK, text);
                app_info(a, "%s", text);
            }
    }
    app_dirty(a);
    return true;
}

/* ---- the list ---- */

static void bytes(char *buf, size_t size, uint64_t n)
{
    static const char unit[] = "BKMGT";
    double v = (double)n;
    int u = 0;
    while (v >= 1000 && u < 4) v /= 1024, u++;
    snprintf(buf, size, u ? "%.1f%c" : "%.0f%c", v, unit[u]);
}

static void line_of(struct app *a, const struct forward_info *f, char *buf, size_t size)
{
    const struct source_info *src = app_source(a, f->source);
    char here[80], in[16], out[16], age[16];
    int64_t s = (clock_mono_ms() - f->since_mono_ms) / 1000;
    snprintf(here, sizeof here, "%.50s:%d", f->address, f->local);
    snprintf(age, sizeof age, s < 120 ? "%llds" : s < 7200 ? "%lldm" : "%lldh", (long long)(s < 120 ? s : s < 7200 ? s / 60 : s / 3600));
    bytes(in, sizeof in, f->bytes_in);
    bytes(out, sizeof out, f->bytes_out);
    snprintf(buf, size, "%-22s %-6d %3u/%-5u %8s %8s %5s  %s/%s on %s%s%s", here, f->remote, f->active, f->total, in, out, age, f->scope, f->pod,
             src ? src->name : "?", *f->trouble ? "  last: " : "", f->trouble);
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct forwards_view *v = (struct forwards_view *)s;
    struct forward_info info[CORE_MAX_FORWARDS];
    char line[900];
    size_t n = core_forwards(s->app->core, info, CORE_MAX_FORWARDS);
    (void)focus;
    canvas_puts(c, r.x + 1, r.y, r.w - 2, STYLE(ROLE_COLUMN), "HERE                   THERE  NOW/EVER     FROM       TO   AGE  POD");
    if (!n) canvas_puts(c, r.x + 1, r.y + 2, r.w - 2, STYLE(ROLE_DIM), "none: shift-f on a pod or a service makes one");
    v->at = 0;
    for (size_t i = 0; i < n; i++)
        if (info[i].id == v->id) v->at = (int)i;
    v->id = n ? info[v->at].id : 0;
    int rows = r.h - 1;
    if (v->at < v->top) v->top = v->at;
    if (rows > 0 && v->at >= v->top + rows) v->top = v->at - rows + 1;
    for (int y = 0; y < rows && v->top + y < (int)n; y++) {
        const struct forward_info *f = &info[v->top + y];
        line_of(s->app, f, line, sizeof line);
        canvas_ellipsis(c, r.x + 1, r.y + 1 + y, r.w - 2, STYLE(*f->trouble ? ROLE_WARN : ROLE_TEXT), line, strlen(line));
        if (v->top + y == v->at) canvas_over(c, (struct rect){r.x, r.y + 1 + y, r.w, 1}, ROLE_CURSOR);
    }
}

static void title(struct screen *s, struct str *out)
{
    struct forward_info info[CORE_MAX_FORWARDS];
    str_addf(out, "Port-forwards [%zu]", core_forwards(s->app->core, info, CORE_MAX_FORWARDS));
}

static bool tick(struct screen *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    return true;
}

static void close_view(struct screen *s)
{
    mem_free(s);
}

static const struct screen_ops forwards_ops = {.scope = "forwards", .draw = draw, .title = title, .tick = tick, .close = close_view};

static void run_list(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    if (app_top(a) && app_top(a)->ops == &forwards_ops) return;
    struct forwards_view *v = mem_zalloc(sizeof *v);
    if (!v) return app_error(a, "out of memory");
    v->base.ops = &forwards_ops;
    app_push(a, &v->base);
    app_dirty(a);
}

static void run_one(struct app *a, struct screen *s, const char *args)
{
    struct forwards_view *v = (struct forwards_view *)s;
    struct forward_info info[CORE_MAX_FORWARDS];
    size_t n = core_forwards(a->core, info, CORE_MAX_FORWARDS);
    if (!strcmp(args, "up") && v->at > 0 && n) v->id = info[v->at - 1].id;
    else if (!strcmp(args, "down") && v->at + 1 < (int)n) v->id = info[v->at + 1].id;
    else if (!strcmp(args, "end") && v->id) core_cancel(a->core, v->id);
    else if (!strcmp(args, "close")) app_pop(a, s);
    app_dirty(a);
}

static bool applies(struct app *a, struct screen *s)
{
    struct target t = {0};
    bool yes = app_selected(a, &t) && forwards_to(t.row);
    (void)s;
    target_release(&t);
    return yes;
}

const struct command forwards_commands[] = {
    {"port-forward", "forward", "table", "[[LOCAL:]REMOTE]", "A port of this machine that leads to the pod, or to one of the service.", CMD_ROW | CMD_CHANGES,
     COMPLETE_NONE, run_forward, applies},
    {"port-forwards", "forwards pf", NULL, NULL, "The port-forwards there are.", 0, COMPLETE_NONE, run_list, NULL},
    {"forwarded", NULL, "forwards", "up|down|end|close", "Works on the list of port-forwards.", CMD_HIDDEN, COMPLETE_NONE, run_one, NULL},
    {0},
};

const struct key_row forwards_keys[] = {
    {"table", "shift-f", "port-forward", NULL, NULL},
    {"forwards", "ctrl-d", "forwarded end", "end it", "Ends this port-forward."},
    {"forwards", "up", "forwarded up", NULL, "Up."},
    {"forwards", "k", "forwarded up", NULL, "Up."},
    {"forwards", "down", "forwarded down", NULL, "Down."},
    {"forwards", "j", "forwarded down", NULL, "Down."},
    {"forwards", "esc", "forwarded close", "back", "Close."},
    {"forwards", "q", "forwarded close", NULL, "Close."},
    {0},
};
