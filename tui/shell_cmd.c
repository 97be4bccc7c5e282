/* A shell in a pod, or the terminal of its main process: the screen steps aside, keys go there, and the screen comes back. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/op_cmd.h"
#include "tui/passage.h"
#include "tui/view_text.h"

/* What is asked before it begins: which container, then the name of a protected cluster. */
struct entry {
    struct target target;
    enum stream_kind kind;
    char containers[600];                /* "a,b" */
    char container[128];
    char wanted[320];
    struct str label;
};

/* The best shell that is there; a container without sh has none. */
static const char *const shell[] = {
    "sh", "-c", "for s in bash ash sh; do command -v $s >/dev/null 2>&1 && exec $s; done", NULL};

static void entry_free(struct entry *e)
{
    target_release(&e->target);
    str_release(&e->label);
    mem_free(e);
}

static const char *what(const struct entry *e)
{
    return e->kind == STREAM_EXEC ? "shell" : "attach";
}

/* Events of others go on as ever: what is below the stream is current when it comes back. */
static void other(void *arg, struct event *e)
{
    app_event(arg, e);
}

static void enter(struct app *a, struct entry *en, const char *typed)
{
    const struct row *r = en->target.row;
    const struct source_info *src = app_source(a, r->source);
    struct stream_request rq = {.kind = en->kind, .row = r, .container = *en->container ? en->container : NULL, .in = true, .tty = true,
                                .typed = typed, .command = en->kind == STREAM_EXEC ? shell : NULL};
    passage_size(&rq.cols, &rq.rows);
    struct passage p = {.core = a->core, .in = true, .tty = true, .stays = true, .other = other, .arg = a, .stream = core_stream_open(a->core, &rq)};
    if (!p.stream) {
        app_error(a, "out of memory");
        entry_free(en);
        return;
    }
    term_leave(a->term);
    printf("strata: %s in %s%s%s/%s on %s; %s\n", what(en), en->container, *en->container ? " of " : "", r->scope, r->name, src ? src->name : "?",
           en->kind == STREAM_EXEC ? "exit or ctrl-d comes back" : "it ends with the process, or ctrl-d");
    fflush(stdout);
    passage_run(&p);
    term_enter(a->term);
    core_stream_free(p.stream);
    if (p.left)
        app_info(a, "%s of %s left; what runs there runs on", what(en), r->name);
    else if (p.err.code)
        app_notice(a, HEALTH_BAD, p.err.msg), app_error(a, "%s", p.err.msg);
    else
        app_info(a, "%s in %s ended with %d", what(en), r->name, p.exit_code);
    app_dirty(a);
    entry_free(en);
}

/* ---- what is asked ---- */

static void name_typed(struct app *a, void *arg, const char *text, bool ok)
{
    struct entry *e = arg;
    if (ok && text_typed(e->wanted, text)) {
        enter(a, e, text);
        return;
    }
    if (ok)
        app_error(a, "no %s: %s was not typed", what(e), e->wanted);
    entry_free(e);
}

static void guard(struct app *a, struct entry *e)
{
    static struct prompt_ops const ops = {.done = name_typed};
    struct action_request rq = {.verb = e->kind == STREAM_EXEC ? "exec" : "attach", .row = e->target.row};
    struct str text;
    struct err err = ERR_INIT;
    str_init(&text, 65536);
    bool may = core_may(a->core, &rq, &err) == ERR_OK;
    if (may)
        core_wanted(a->core, &rq, &text);
    snprintf(e->wanted, sizeof e->wanted, "%s", text.len ? text.data : "");
    str_release(&text);
    if (!may) {
        app_error(a, "no %s: %s", what(e), err.msg);
        entry_free(e);
    } else if (*e->wanted) {
        str_clear(&e->label);
        str_addf(&e->label, "%s is protected, type its name for a way into %s: ", e->wanted, e->target.row->name);
        app_prompt_labelled(a, &ops, e, e->label.data ? e->label.data : "", "");
    } else {
        enter(a, e, NULL);
    }
}

static void container_chosen(struct app *a, void *arg, const char *text, bool ok)
{
    struct entry *e = arg;
    if (!ok) {
        entry_free(e);
        return;
    }
    snprintf(e->container, sizeof e->container, "%s", text);
    guard(a, e);
}

static void complete(struct app *a, void *arg, const char *text, size_t cursor, struct str *out)
{
    struct entry *e = arg;
    (void)a;
    for (const char *p = e->containers; *p;) {
        size_t n = strcspn(p, ",");
        if (n >= cursor && !strncmp(p, text, cursor))
            str_add(out, p, n), str_addc(out, '\n');
        p += n + (p[n] == ',');
    }
}

static bool on_pod(struct app *a)
{
    struct target t = {0};
    bool pod = app_selected(a, &t) && !strcmp(t.row->kind->id, "pods");
    target_release(&t);
    return pod;
}

static void begin(struct app *a, enum stream_kind kind, const char *args)
{
    static struct prompt_ops const ops = {.done = container_chosen, .complete = complete};
    struct entry *e = mem_zalloc(sizeof *e);
    char cell[600];
    if (!e || !app_selected(a, &e->target)) {
        app_error(a, e ? "no object is selected" : "out of memory");
        mem_free(e);
        return;
    }
    const struct row *r = e->target.row;
    e->kind = kind;
    str_init(&e->label, 1024);
    if (strcmp(r->kind->id, "pods") != 0) {
        app_error(a, "only pods have containers: select one (enter on a workload shows its pods)");
        entry_free(e);
        return;
    }
    snprintf(e->containers, sizeof e->containers, "%s", row_text(r, kind_column(r->kind, "containers"), app_now(a, r->source), cell, sizeof cell));
    snprintf(e->container, sizeof e->container, "%s", args);
    if (*args || !strchr(e->containers, ',')) {
        guard(a, e);
        return;
    }
    char first[128];
    snprintf(first, sizeof first, "%.*s", (int)(strcspn(e->containers, ",") < 127 ? strcspn(e->containers, ",") : 127), e->containers);
    str_addf(&e->label, "%s in which container of %s? ", what(e), r->name);
    app_prompt_labelled(a, &ops, e, e->label.data ? e->label.data : "", first);
}

/* Its name is in the words of the step that ended: "debugged: container NAME runs: ...". */
void debug_event(struct app *a, const struct event *e)
{
    const struct op_view *v = e->type == EV_OP_END ? e->op : NULL;
    struct target t = {0};
    char name[128], text[400];
    if (!v || !v->action || strcmp(action_id(v->action), "debug") || v->state != OPS_DONE || v->dry_run || v->nsteps != 1) return;
    const char *at = strstr(v->steps[0].note, "container ");
    if (!at || sscanf(at, "container %127s runs", name) != 1) return;
    bool here = !a->prompt.ops && !a->over && app_selected(a, &t) && !strcmp(t.row->uid, v->steps[0].uid);
    target_release(&t);
    if (here) {
        begin(a, STREAM_ATTACH, name);
        return;
    }
    snprintf(text, sizeof text, "container %.100s runs in pod %.100s: :attach %.100s joins it", name, v->steps[0].name, name);
    app_notice(a, HEALTH_OK, text);
}

static void run_shell(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    begin(a, STREAM_EXEC, args);
}

static void run_attach(struct app *a, struct screen *s, const char *args)
{
    struct target t = {0};
    bool any = app_selected(a, &t), server = any && (t.row->kind->flags & KIND_CONSOLE), action = any && action_find("attach", t.row->kind);
    (void)s;
    target_release(&t);
    if (server)
        view_text_open(a, FETCH_ACTIONS);        /* its key, where there is nothing to attach to */
    else if (action)
        op_command(a, "attach", args);           /* of a volume: to a server */
    else
        begin(a, STREAM_ATTACH, args);
}

static bool is_pod(struct app *a, struct screen *s)
{
    (void)s;
    return on_pod(a);
}

const struct command shell_commands[] = {
    {"shell", "sh exec", "table", "[CONTAINER]", "A shell in a container of the pod.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_shell, is_pod},
    {"attach", NULL, "table", "[CONTAINER]", "Joins the main process of a container; a volume: to a server; of a server: its instance actions.", CMD_ROW, COMPLETE_NONE, run_attach, is_pod},
    {0},
};

const struct key_row shell_keys[] = {
    {"table", "s", "shell", "shell", NULL},
    {"table", "a", "attach", "attach", NULL},
    {0},
};
