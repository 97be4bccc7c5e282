/* strata edit KIND NAME...: objects in an editor, one after the other, tried on the server, asked about and followed to its end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/batch.h"
#include "tui/edit.h"

static void other(void *arg, struct event *e)
{
    (void)arg;
    event_free(e);
}

static enum edit_next fetch(struct batch *b, struct edit *e, const struct row *r)
{
    struct event *ev = batch_wait(b, core_fetch(b->core, r, FETCH_YAML, 0));
    enum edit_next next = EDIT_FAILED;
    str_clear(&e->note);
    if (ev && !ev->err.code)
        next = edit_fetched(e, ev->text);
    else
        str_adds(&e->note, ev ? ev->err.msg : "it could not be read");
    event_free(ev);
    return next;
}

/* The plan that stands is asked about and run. */
static void run(struct batch *b, struct edit *e, struct event *plan)
{
    bool keep = !b->opt->dry_run;
    uint32_t id = plan->id;
    int before = b->rc;
    b->rc = EXIT_OK;
    batch_op_planned(b, id, plan);
    if (b->rc != EXIT_OK && keep) {
        str_clear(&e->note);
        edit_keep(e);
        batch_error(b, EXIT_OK, "%s", e->note.data);
    }
    b->rc = b->rc > before ? b->rc : before;
}

/* Rights, guard, and the name that must be typed: told before anything is typed for nothing. */
static bool may(struct batch *b, const struct row *r, const char *what)
{
    const struct options *o = b->opt;
    struct op_request rq = {.action = "edit", .rows = &r, .nrows = 1, .args = edit_nothing, .nargs = 1, .dry_run = o->dry_run};
    struct event *e = batch_wait(b, core_op_plan(b->core, &rq));
    const struct op_view *v = e ? e->op : NULL;
    const char *no = v ? edit_forbidden(v) : NULL, *wanted = v && v->state == OPS_PLANNED && !o->dry_run ? v->wanted : "";
    if (no)
        batch_error(b, EXIT_REFUSED, "%s: not edited: %s", what, no);
    else if (*wanted && o->confirm && !text_typed(wanted, o->confirm))
        batch_error(b, EXIT_REFUSED, "%s: not edited: --confirm '%s' is not what must be typed, '%s'", what, o->confirm, wanted);
    if (v && v->state == OPS_PLANNED)
        core_op_drop(b->core, e->id);
    event_free(e);
    return b->rc == EXIT_OK;
}

static void edit(struct batch *b, const struct row *r)
{
    char what[400];
    const struct source_info *s = batch_source(b, r->source);
    snprintf(what, sizeof what, "%s %s%s%s on %s", r->kind->singular, r->scope, *r->scope ? "/" : "", r->name, s ? s->name : "?");
    if (!may(b, r, what))
        return;
    struct edit *e = edit_new(r->name);
    if (!e) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return;
    }
    e->core = b->core;
    e->other = other;
    e->what = what;
    e->decode = b->opt->decode;
    enum edit_next next = fetch(b, e, r);
    while (next == EDIT_PLAN) {
        struct op_request rq = {.action = "edit", .rows = &r, .nrows = 1, .args = edit_args(e), .nargs = 2, .dry_run = b->opt->dry_run};
        struct event *plan = batch_wait(b, core_op_plan(b->core, &rq));
        if (!plan || !plan->op) {
            str_clear(&e->note);
            str_adds(&e->note, plan ? plan->err.msg : "no plan could be made");
            edit_keep(e);
            next = EDIT_FAILED;
            event_free(plan);
            break;
        }
        next = edit_planned(e, plan->op);
        if (next == EDIT_READY)
            run(b, e, plan);
        else
            event_free(plan);
        if (next == EDIT_FETCH)
            next = fetch(b, e, r);
    }
    if (next == EDIT_OVER)
        fprintf(e->kept ? stderr : stdout, "%s: %s\n", what, e->note.data);
    else if (next == EDIT_FAILED)
        batch_error(b, EXIT_REFUSED, "%s: not edited: %s", what, e->note.data ? e->note.data : "");
    if (next == EDIT_OVER && e->kept)
        b->rc = b->rc ? b->rc : EXIT_REFUSED;
    edit_free(e);
}

static void edit_one(struct batch *b, const struct row *r)
{
    const struct options *o = b->opt;
    const struct source_info *s = batch_source(b, r->source);
    if (s && !o->dry_run && (s->read_only || o->read_only))          /* before anything is typed for nothing */
        batch_error(b, EXIT_REFUSED, "%s: not edited: %s", r->name, o->read_only ? "strata runs read-only" : "its cluster is read-only");
    else if (s && !o->dry_run && s->protected_ && !isatty(STDIN_FILENO) && !(o->yes && o->confirm))
        batch_error(b, EXIT_REFUSED, "%s: not edited: %s is protected, and nobody is here to type its name: give --yes --confirm NAME", r->name, s->name);
    else
        edit(b, r);
}

static bool named_before(char *const *names, size_t j)
{
    for (size_t i = 0; i < j; i++)
        if (!strcmp(names[i], names[j]))
            return true;
    return false;
}

/* One after the other, each with its own plan and its own conflicts: what becomes of one does not hold up the next. */
void batch_edit(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = kind_find(o->args.items[0]);
    char **names = o->args.items + 1;
    size_t n = o->args.count - 1;
    int worst = EXIT_OK;
    if (!n) {
        batch_error(b, EXIT_USAGE, "edit: which one? strata edit KIND NAME...");
        return;
    }
    if (k && k->plane == PLANE_OPENSTACK) {
        batch_error(b, EXIT_USAGE, "a %s cannot be edited: OpenStack has no such thing; its actions change it (strata --help)", k->singular);
        return;
    }
    if (!batch_open_named(b, o->args.items[0], names, n))
        return;
    for (size_t i = 0; i < n; i++)                  /* all of them are there before anything is typed */
        if (!batch_find(b, names[i]) && !o->ignore_not_found)
            return;
    for (size_t i = 0; i < n && !b->signals; i++) {
        const struct row *r = named_before(names, i) ? NULL : batch_find(b, names[i]);
        if (r)
            edit_one(b, r);
        worst = b->rc > worst ? b->rc : worst;
        b->rc = EXIT_OK;
    }
    b->rc = worst;
}
