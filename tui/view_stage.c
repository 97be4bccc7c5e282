/* The self-healing stage: opens it in core, asks before the delete, shows what core says, exports it. */
#include "tui/view_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/stage.h"
#include "tui/command.h"
#include "tui/screen.h"
#include "tui/stage_draw.h"
#include "tui/view_text.h"

#define MAX_PROBES 8

struct stage_view {
    struct screen screen;
    struct target target;
    uint32_t id;
    struct stage_snap *snap;
    size_t shown;                    /* index of the run shown; SIZE_MAX = the last */
    char asked[128], asked_uid[64];  /* the pod that the question names: no other is deleted */
    enum { ASK_NOTHING, ASK_DELETE, ASK_SCALE, ASK_LEAVE } asking;     /* else the keys are the answer's */
    int64_t replicas;                /* ASK_SCALE: to so many */
    size_t saving, saved;            /* runs in the file that is being named; the first so many are in a file */
    struct stage_scroll scroll;
    char typed[192];
    char words[512];                 /* the arguments, cut at blanks: probe[] and vm point in here */
    const char *probe[MAX_PROBES + 1], *vm;
    uint16_t cloud;
    int64_t timeout_s, grace_s;
};

static const struct stage_run *shown_run(const struct stage_view *v)
{
    const struct stage_snap *s = v->snap;
    if (!s || !s->nruns)
        return NULL;
    return s->run[v->shown < s->nruns ? v->shown : s->nruns - 1];
}

/* Of the pod: a server's own source is another one. */
static const char *source_name(const struct stage_view *v)
{
    return v->snap->cluster;
}

/* ---- drawing ---- */

static bool running(const struct stage_view *v)
{
    return v->snap && (v->snap->phase == STAGE_HEALING || v->snap->phase == STAGE_DELETING);
}

/* Runs that go with the view. */
static size_t unsaved(const struct stage_view *v)
{
    return v->snap && v->snap->nruns > v->saved ? v->snap->nruns - v->saved : 0;
}

static void question(const struct stage_view *v, char *buf, size_t size)
{
    const char *ns = v->snap->ns, *s = v->replicas == 1 ? "" : "s";
    if (v->asking == ASK_LEAVE && running(v))
        snprintf(buf, size, "A run goes on. Leave? What it measured is lost, what was deleted stays deleted. y: leave   any other key: stay");
    else if (v->asking == ASK_LEAVE)
        snprintf(buf, size, "Leave? %zu run%s not saved and would be lost. y: leave   x: save as Markdown   any other key: stay", unsaved(v),
                 unsaved(v) == 1 ? " is" : "s are");
    else if (v->asking == ASK_SCALE && v->snap->protected_)
        snprintf(buf, size, "Scale %s in %s to %lld replica%s? %s is protected: type its name and enter, or esc:", v->snap->workload, ns, (long long)v->replicas, s, source_name(v));
    else if (v->asking == ASK_SCALE)
        snprintf(buf, size, "Scale %s in %s on %s to %lld replica%s? y: scale   any other key: no", v->snap->workload, ns, source_name(v), (long long)v->replicas, s);
    else if (v->snap->protected_)
        snprintf(buf, size, "Delete pod %s/%s? %s is protected: type its name and enter, or esc:", ns, v->asked, source_name(v));
    else
        snprintf(buf, size, "Delete pod %s/%s on %s now? y: delete   any other key: no", ns, v->asked, source_name(v));
}

static bool must_type(const struct stage_view *v)
{
    return v->snap->protected_ && v->asking != ASK_LEAVE;
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct stage_view *v = (struct stage_view *)s;
    char ask_text[600];
    (void)focus;
    if (!v->snap) {
        canvas_fill(c, r, STYLE(ROLE_TEXT));
        canvas_puts(c, r.x + 1, r.y, r.w - 2, STYLE(ROLE_DIM), "looking ...");
        return;
    }
    struct stage_look look = {.snap = v->snap, .run = shown_run(v), .now_us = clock_mono_us(), .scroll = &v->scroll};
    if (v->asking) {
        question(v, ask_text, sizeof(ask_text));
        look.question = ask_text;
        look.typed = must_type(v) ? v->typed : NULL;
    }
    stage_draw(c, r, &look);
}

static void title(struct screen *s, struct str *out)
{
    struct stage_view *v = (struct stage_view *)s;
    const struct row *r = v->target.row;
    if (v->snap && *v->snap->title)
        str_addf(out, "heal %s", v->snap->title);
    if (v->snap && v->snap->nruns > 1)
        str_addf(out, "  run %u of %zu", shown_run(v)->number, v->snap->nruns);
    if (v->snap && *v->snap->title)
        return;
    str_addf(out, "heal %s %s%s%s", r->kind->singular, r->scope, *r->scope ? "/" : "", r->name);
}

/* The timer runs between the snapshots. */
static bool tick(struct screen *s, int64_t now_ms)
{
    struct stage_view *v = (struct stage_view *)s;
    (void)now_ms;
    return running(v) || (v->snap && (v->snap->stale_us || v->snap->rows_us));
}

/* ---- life ---- */

static bool event(struct screen *s, struct event *e)
{
    struct stage_view *v = (struct stage_view *)s;
    if (e->type != EV_STAGE || e->id != v->id)
        return false;
    stage_snap_unref(v->snap);
    v->snap = e->stage;
    e->stage = NULL;
    app_dirty(s->app);
    return true;
}

static void close_view(struct screen *s)
{
    struct stage_view *v = (struct stage_view *)s;
    if (v->id)
        core_stage_close(app_core(s->app), v->id);
    stage_snap_unref(v->snap);
    target_release(&v->target);
    mem_free(v);
}

static bool start(struct stage_view *v)
{
    struct stage_request rq = {.row = v->target.row, .probes = v->probe[0] ? v->probe : NULL, .cloud = v->cloud, .vm = v->vm,
                               .timeout_s = v->timeout_s, .grace_s = v->grace_s};
    v->id = core_stage_open(app_core(v->screen.app), &rq);
    return v->id != 0;
}

static bool find_cloud(struct stage_view *v, const char *name)
{
    size_t n;
    const struct source_info *src = app_sources(v->screen.app, &n);
    for (size_t i = 0; i < n; i++)
        if (src[i].plane == PLANE_OPENSTACK && !strcmp(src[i].name, name)) {
            v->cloud = src[i].id;
            return true;
        }
    app_error(v->screen.app, "no cloud is called %s here; :sources lists them", name);
    return false;
}

static bool parse_seconds(struct stage_view *v, const char *what, const char *text, int64_t *out)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (end == text || *end || n < 0 || n > 86400) {
        app_error(v->screen.app, "%s=%s: a number of seconds up to 86400 is wanted", what, text);
        return false;
    }
    *out = n;
    return true;
}

/* Words "key=value" set things; any other word is a probe: a service or a URL. */
static bool parse_args(struct stage_view *v, const char *args)
{
    size_t probes = 0;
    char *save = NULL;
    snprintf(v->words, sizeof(v->words), "%s", args);
    for (char *w = strtok_r(v->words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        if (!strncmp(w, "vm=", 3)) {
            v->vm = w + 3;
        } else if (!strncmp(w, "cloud=", 6)) {
            if (!find_cloud(v, w + 6))
                return false;
        } else if (!strncmp(w, "timeout=", 8)) {
            if (!parse_seconds(v, "timeout", w + 8, &v->timeout_s))
                return false;
        } else if (!strncmp(w, "grace=", 6)) {
            if (!parse_seconds(v, "grace", w + 6, &v->grace_s))
                return false;
        } else if (probes < MAX_PROBES) {
            v->probe[probes++] = w;
        }
    }
    return true;
}

/* ---- keys and commands ---- */

static const struct screen_ops ask_ops;
static const struct screen_ops stage_ops;

/* While it asks, no key means anything else. */
static void ask(struct stage_view *v, int what, int64_t replicas)
{
    v->asking = what;
    v->replicas = replicas;
    v->typed[0] = 0;
    snprintf(v->asked, sizeof(v->asked), "%s", v->snap->pod_name);
    snprintf(v->asked_uid, sizeof(v->asked_uid), "%s", v->snap->pod_uid);
    v->screen.ops = what ? &ask_ops : &stage_ops;
    app_dirty(v->screen.app);
}

static void go(struct stage_view *v)
{
    struct stage_go g = {.confirmed_name = v->snap->protected_ && !strcmp(v->typed, source_name(v))};
    int64_t replicas = v->asking == ASK_SCALE ? v->replicas : 0;
    snprintf(g.uid, sizeof(g.uid), "%s", v->asked_uid);
    ask(v, ASK_NOTHING, 0);
    if (replicas) {
        core_stage_scale(app_core(v->screen.app), v->id, replicas, g.confirmed_name);
        return;
    }
    v->shown = SIZE_MAX;
    v->scroll.at = 0;
    core_stage_go(app_core(v->screen.app), v->id, &g);
}

static bool key_typed(struct stage_view *v, uint32_t k)
{
    size_t n = strlen(v->typed);
    if (k == K_ENTER && !strcmp(v->typed, source_name(v)))
        go(v);
    else if (k == K_ENTER)
        app_error(v->screen.app, "type %s to confirm", source_name(v));
    else if (k == K_ESC || k == (K_CTRL | 'c'))
        ask(v, ASK_NOTHING, 0);
    else if (k == K_BACKSPACE)
        v->typed[n ? n - 1 : 0] = 0;
    else if (k >= ' ' && k < 127 && n + 1 < sizeof(v->typed))
        v->typed[n] = (char)k, v->typed[n + 1] = 0;
    return true;
}

static void run_export(struct app *a, struct screen *s, const char *args);

static void leave_now(struct stage_view *v)
{
    if (running(v))
        app_info(v->screen.app, "the stage is closed; what was deleted stays deleted");
    app_pop(v->screen.app, &v->screen);
}

static bool key(struct screen *s, uint32_t k)
{
    struct stage_view *v = (struct stage_view *)s;
    bool leave = v->asking == ASK_LEAVE;
    app_dirty(s->app);
    if (must_type(v))
        return key_typed(v, k);
    if (k == 'y' && leave)
        leave_now(v);
    else if (k == 'y')
        go(v);
    else if (k == 'x' && leave && !running(v)) {
        ask(v, ASK_NOTHING, 0);
        run_export(s->app, s, "md");
    }
    else
        ask(v, ASK_NOTHING, 0);
    return true;
}

static void run_go(struct app *a, struct screen *s, const char *args)
{
    struct stage_view *v = (struct stage_view *)s;
    (void)args;
    if (!v->snap || v->snap->phase == STAGE_LOOKING)
        app_info(a, "still looking");
    else if (v->snap->phase == STAGE_DONE && !*v->snap->pod_uid)
        app_info(a, "no pod of the workload is ready to be taken away yet");
    else if (v->snap->phase == STAGE_REFUSED)
        app_error(a, "%s", v->snap->refusal);
    else if (v->snap->phase == STAGE_READY && !*v->snap->pod_uid)
        app_info(a, "still looking which pod is next");
    else if (v->snap->phase != STAGE_READY && v->snap->phase != STAGE_DONE)
        app_info(a, "a run is going on");
    else
        ask(v, ASK_DELETE, 0);
}

/* "Now with one replica." */
static void run_replicas(struct app *a, struct screen *s, const char *args)
{
    struct stage_view *v = (struct stage_view *)s;
    char *end;
    long n = strtol(args, &end, 10);
    if (end == args || *end || n < 1 || n > 1000)
        app_error(a, "replicas: a number from 1 to 1000 is wanted");
    else if (!v->snap || (v->snap->phase != STAGE_READY && v->snap->phase != STAGE_DONE))
        app_info(a, "not now: only between two runs");
    else if (!*v->snap->workload)
        app_error(a, "nothing here can be scaled: the pod belongs to no deployment, stateful set or replica set");
    else
        ask(v, ASK_SCALE, n);
}

static void run_dry(struct app *a, struct screen *s, const char *args)
{
    struct stage_view *v = (struct stage_view *)s;
    struct stage_go g = {.dry_run = true, .confirmed_name = true};
    (void)args;
    if (v->snap && (v->snap->phase == STAGE_READY || v->snap->phase == STAGE_DONE))
        core_stage_go(app_core(a), v->id, &g);
}

static void run_mark(struct app *a, struct screen *s, const char *args)
{
    core_stage_mark(app_core(a), ((struct stage_view *)s)->id, *args ? args : NULL);
}

static void run_stop(struct app *a, struct screen *s, const char *args)
{
    (void)args;
    core_stage_stop(app_core(a), ((struct stage_view *)s)->id);
}

static void run_show(struct app *a, struct screen *s, const char *args)
{
    struct stage_view *v = (struct stage_view *)s;
    size_t n = v->snap ? v->snap->nruns : 0, at = v->shown < n ? v->shown : n ? n - 1 : 0;
    if (!strcmp(args, "previous") && at > 0)
        v->shown = at - 1;
    else if (!strcmp(args, "next") && at + 1 < n)
        v->shown = at + 1;
    v->scroll.at = 0;
    app_dirty(a);
}

static void run_scroll(struct app *a, struct screen *s, const char *args)
{
    static const struct { const char *word; int lines, pages; } moves[] = {
        {"up", -1, 0}, {"down", 1, 0}, {"page-up", 0, -1}, {"page-down", 0, 1}, {"top", -100000, 0}, {"bottom", 100000, 0}};
    struct stage_scroll *at = &((struct stage_view *)s)->scroll;
    for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++)
        if (!strcmp(args, moves[i].word))
            at->at += moves[i].lines + moves[i].pages * at->page;
    at->at = at->at < 0 ? 0 : at->at > at->last ? at->last : at->at;
    app_dirty(a);
}

static void run_compare(struct app *a, struct screen *s, const char *args)
{
    struct stage_view *v = (struct stage_view *)s;
    struct str out;
    (void)args;
    if (!v->snap || !v->snap->nruns) {
        app_info(a, "no run yet");
        return;
    }
    str_init(&out, 1 << 20);
    bool ok = stage_compare(v->snap, &out);
    size_t len = out.len;
    char *text = ok ? str_take(&out) : NULL;
    str_release(&out);
    if (text)
        view_text_show(a, "runs side by side", text, len);
    else
        app_error(a, "out of memory");
}

static void saved(void *arg)
{
    struct stage_view *v = arg;
    if (v->saving > v->saved)
        v->saved = v->saving;
}

static void run_export(struct app *a, struct screen *s, const char *args)
{
    static const struct { const char *word; enum stage_format format; } formats[] = {
        {"md", STAGE_MARKDOWN}, {"json", STAGE_JSON}, {"cast", STAGE_CAST}};
    struct stage_view *v = (struct stage_view *)s;
    const struct stage_run *run = shown_run(v);
    size_t f = 0;
    while (f < 3 && strcmp(args, formats[f].word) != 0)
        f++;
    if (!run || f == 3) {
        app_error(a, "%s", run ? "export: md, json or cast" : "nothing to export: no run yet");
        return;
    }
    struct str out;
    char name[300];
    str_init(&out, (size_t)256 << 20);
    bool ok = stage_export(v->snap, formats[f].format == STAGE_CAST ? run : NULL, formats[f].format, &out);
    size_t len = out.len;
    char *text = ok ? str_take(&out) : NULL;
    str_release(&out);
    snprintf(name, sizeof(name), "heal-%s.%s", run->pod, formats[f].word);
    v->saving = formats[f].format != STAGE_CAST || v->snap->nruns == 1 ? v->snap->nruns - (run->outcome == STAGE_RUNNING) : 0;
    if (text)
        save_text(a, name, text, len, saved, v);
    else
        app_error(a, "out of memory");
}

static void vm_done(struct app *a, void *arg, const char *text, bool ok)
{
    struct stage_view *v = arg;
    if (!ok)
        return;
    char line[300];
    snprintf(line, sizeof(line), "heal%s%s", *text ? " vm=" : "", text);
    app_pop(a, &v->screen);
    app_run_line(a, line);
}

static void run_vm(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.label = "VM data: a server's address[:port] or name ", .done = vm_done};
    struct stage_view *v = (struct stage_view *)s;
    (void)args;
    if (v->snap && v->snap->nruns)
        app_error(a, "the runs so far would be lost; close the stage (q) and open it with :heal vm=ADDRESS:PORT");
    else
        app_prompt(a, &ops, s, v->vm ? v->vm : "");
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    struct stage_view *v = (struct stage_view *)s;
    (void)args;
    (void)a;
    if (unsaved(v) || running(v))
        ask(v, ASK_LEAVE, 0);
    else
        leave_now(v);
}

static const struct screen_ops stage_ops = {
    .scope = "stage", .draw = draw, .event = event, .title = title, .tick = tick, .close = close_view,
};
static const struct screen_ops ask_ops = {
    .scope = "dialog", .modal = true, .draw = draw, .key = key, .event = event, .title = title, .tick = tick, .close = close_view,
};

void view_stage_open(struct app *a, const char *args)
{
    struct stage_view *v = mem_zalloc(sizeof(*v));
    if (!v || !app_selected(a, &v->target)) {
        mem_free(v);
        app_error(a, "no object is selected");
        return;
    }
    v->screen.ops = &stage_ops;
    v->screen.app = a;
    v->shown = SIZE_MAX;
    v->cloud = STAGE_NO_SOURCE;
    v->grace_s = -1;
    if (!parse_args(v, args) || !start(v)) {
        close_view(&v->screen);
        return;
    }
    app_push(a, &v->screen);
}

/* ---- which keys make sense now ---- */

static bool between(const struct stage_view *v)
{
    return v->snap && (v->snap->phase == STAGE_READY || v->snap->phase == STAGE_DONE);
}

static bool can_go(struct app *a, struct screen *s)
{
    (void)a;
    return between((const struct stage_view *)s);
}

static bool can_scale(struct app *a, struct screen *s)
{
    const struct stage_view *v = (const struct stage_view *)s;
    (void)a;
    return between(v) && *v->snap->workload;
}

static bool can_mark(struct app *a, struct screen *s)
{
    (void)a;
    return running((const struct stage_view *)s);
}

static bool can_show(struct app *a, struct screen *s)
{
    const struct stage_view *v = (const struct stage_view *)s;
    (void)a;
    return v->snap && v->snap->nruns;
}

static bool can_export(struct app *a, struct screen *s)
{
    return can_show(a, s) && !can_mark(a, s);
}

static bool can_vm(struct app *a, struct screen *s)
{
    return can_go(a, s) && !can_show(a, s);
}

static bool can_scroll(struct app *a, struct screen *s)
{
    (void)a;
    return ((const struct stage_view *)s)->scroll.last > 0;
}

const struct command stage_commands[] = {
    {"go", "repeat", "stage", NULL, "Deletes the pod, after a question, and times what follows; again for the next run.", 0, COMPLETE_NONE, run_go, can_go},
    {"replicas", NULL, "stage", "N", "Scales the workload, after a question: now with one replica.", CMD_CHANGES, COMPLETE_NONE, run_replicas, can_scale},
    {"dry-run", NULL, "stage", NULL, "Lets the server check the delete; nothing happens.", 0, COMPLETE_NONE, run_dry, can_go},
    {"mark", NULL, "stage", "[TEXT]", "A marker in the run, now.", 0, COMPLETE_NONE, run_mark, can_mark},
    {"stop", NULL, "stage", NULL, "Ends the run with the verdict so far.", 0, COMPLETE_NONE, run_stop, can_mark},
    {"run", NULL, "stage", "previous | next", "Shows another run.", 0, COMPLETE_NONE, run_show, can_show},
    {"compare", NULL, "stage", NULL, "All runs side by side.", 0, COMPLETE_NONE, run_compare, can_show},
    {"export", NULL, "stage", "md | json | cast", "Saves the run as Markdown, JSON or an asciicast.", 0, COMPLETE_NONE, run_export, can_export},
    {"vm", NULL, "stage", NULL, "Probes the traffic of a VM, too.", 0, COMPLETE_NONE, run_vm, can_vm},
    {"scroll", NULL, "stage", "up|down|page-up|page-down|top|bottom", "Moves in what is higher than the window.", CMD_HIDDEN, COMPLETE_NONE, run_scroll, can_scroll},
    {"close", NULL, "stage", NULL, "Closes the stage; asks when runs were not saved.", 0, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row stage_keys[] = {
    {"stage", "enter", "go", "delete and watch", NULL},
    {"stage", "r", "repeat", NULL, "The next run."},
    {"stage", "j", "scroll down", "more", "One line down."},
    {"stage", "space", "mark", "marker", NULL},
    {"stage", "s", "stop", "stop", NULL},
    {"stage", "c", "compare", "compare", NULL},
    {"stage", "x", "export md", "save", "Saves the runs as Markdown."},
    {"stage", "shift-x", "export cast", NULL, "Saves the run as an asciicast."},
    {"stage", "ctrl-s", "export json", NULL, "Saves the runs with every sample as JSON."},
    {"stage", "v", "vm", "VM data", NULL},
    {"stage", "1", "replicas 1", "one replica", "Scales to one replica, for the next run."},
    {"stage", "2", "replicas 2", NULL, "Scales to two replicas."},
    {"stage", "3", "replicas 3", NULL, "Scales to three replicas."},
    {"stage", "n", "dry-run", NULL, NULL},
    {"stage", "left", "run previous", NULL, "The run before."},
    {"stage", "right", "run next", NULL, "The run after."},
    {"stage", "k", "scroll up", NULL, "One line up."},
    {"stage", "down", "scroll down", NULL, "One line down."},
    {"stage", "up", "scroll up", NULL, "One line up."},
    {"stage", "pgdn", "scroll page-down", NULL, "One page down."},
    {"stage", "ctrl-f", "scroll page-down", NULL, "One page down."},
    {"stage", "pgup", "scroll page-up", NULL, "One page up."},
    {"stage", "ctrl-b", "scroll page-up", NULL, "One page up."},
    {"stage", "home", "scroll top", NULL, "To the start."},
    {"stage", "g", "scroll top", NULL, "To the start."},
    {"stage", "end", "scroll bottom", NULL, "To the end."},
    {"stage", "G", "scroll bottom", NULL, "To the end."},
    {"stage", "q", "close", NULL, NULL},
    {"stage", "esc", "close", "back", NULL},
    {0},
};
