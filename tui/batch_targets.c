/* `strata ACTION KIND NAME... | -l SELECTOR | --all-objects`: which objects are meant, then the operation on them. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/ops.h"
#include "tui/batch.h"

struct chosen {
    const struct row **rows;
    size_t n;
    struct row *blind;                     /* of names that may not be read */
};

static void no_such(struct batch *b, const struct kind *k)
{
    const struct action *a;
    char list[400] = "";
    for (size_t i = 0; (a = action_at(i)); i++)
        if (!(action_flags(a) & ACTION_HIDDEN) && !strcmp(action_id(a), b->opt->verb))
            for (const char *const *id = action_kinds(a); *id; id++)
                snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", *list ? ", " : "", strcmp(*id, "*") ? *id : "every kind of Kubernetes");
    batch_error(b, EXIT_USAGE, "strata cannot %s a %s; it goes with %s", b->opt->verb, k ? k->singular : b->kind_name, list);
}

static bool args_of(struct batch *b, struct op_arg **out, size_t *n)
{
    const struct strlist *l = &b->opt->action_args;
    *n = 0;
    *out = mem_zalloc((l->count + 1) * sizeof(**out));
    for (size_t i = 0; *out && i < l->count; i++) {
        char *eq = strchr(l->items[i], '=');
        if (!eq)
            continue;
        *eq = 0;
        (*out)[(*n)++] = (struct op_arg){.name = l->items[i], .value = eq + 1};
    }
    return *out != NULL;
}

static bool same_place(const struct row *a, const struct row *b)
{
    return a->source == b->source && !strcmp(a->scope, b->scope) && !strcmp(a->name, b->name);
}

/* Named twice it is meant once. */
static void add(struct chosen *c, const struct row *r)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->rows[i] == r || same_place(c->rows[i], r))
            return;
    c->rows[c->n++] = r;
}

static bool choose_named(struct batch *b, const struct kind *k, struct chosen *c)
{
    const struct strlist *args = &b->opt->args;
    size_t n = args->count - 1;
    char **names = args->items + 1;
    struct row place = {.uid = ""};
    c->rows = mem_zalloc((n + 1) * sizeof(*c->rows));
    c->blind = mem_zalloc((n + 1) * sizeof(*c->blind));
    b->blind_ok = batch_one_place(b, k, &place);
    if (!c->rows || !c->blind) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return false;
    }
    if (!batch_open_named(b, b->kind_name, names, n) || !batch_left_told(b))
        return false;
    if (b->blind && (!view_kind(b->view) || !batch_one_place(b, view_kind(b->view), &place)))
        b->blind = false;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = batch_find(b, names[i]);
        if (!r && b->blind && b->unsure) {
            c->blind[i] = place;
            c->blind[i].kind = view_kind(b->view) ? view_kind(b->view) : k;
            c->blind[i].name = names[i];
            r = c->blind[i].kind ? &c->blind[i] : NULL;
        }
        if (r)
            add(c, r);
        else if (b->rc == EXIT_OK && !b->opt->ignore_not_found)
            batch_error(b, EXIT_FAILED, "%s could not be read", names[i]);
    }
    return true;
}

/* What is to be chosen by its properties must be known whole: of a part, others would be left over unnoticed. */
static bool choose_all(struct batch *b, struct chosen *c)
{
    struct err err = ERR_INIT;
    if (!batch_open(b, b->kind_name))
        return false;
    if (b->unsure) {
        batch_error(b, EXIT_FAILED, "not all of them could be read: nothing was done");
        return false;
    }
    if (!batch_left_told(b))
        return false;
    if (view_kind(b->view) && batch_filter(b, &err)) {
        batch_report(b, &err, NULL);
        return false;
    }
    size_t n = view_count(b->view);
    c->rows = mem_zalloc((n + 1) * sizeof(*c->rows));
    for (size_t i = 0; c->rows && i < n; i++) {
        const struct row *r = view_row(b->view, i);
        size_t k = 0;
        while (k < c->n && (b->nfeeds < 2 || !batch_one_thing(b, c->rows[k], r)))
            k++;
        if (k == c->n)
            c->rows[c->n++] = r;
    }
    if (!c->rows)
        batch_error(b, EXIT_FAILED, "out of memory");
    else if (!n)
        batch_error(b, EXIT_OK, "no %s %s: nothing was done", b->kind_name, b->opt->selector || b->opt->fields || b->opt->filter ? "match" : "are there");
    return c->rows != NULL;
}

static bool takes_concurrency(const struct action *a)
{
    size_t n;
    const struct action_arg *args = action_args(a, &n);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(args[i].name, "concurrency"))
            return true;
    return false;
}

static void act_on(struct batch *b, struct chosen *c, const struct op_arg *args, size_t nargs)
{
    const struct options *o = b->opt;
    const struct action *a = action_find(o->verb, c->rows[0]->kind);
    if (!a) {
        no_such(b, c->rows[0]->kind);
        return;
    }
    if (o->at_once > 0 && o->args.count == 2 && takes_concurrency(a)) {
        batch_error(b, EXIT_USAGE, "--at-once counts %s objects, and this is one: how much of it moves at a time is said by --concurrency", c->rows[0]->kind->singular);
        return;
    }
    bool each = action_flags(a) & ACTION_GONE;               /* as kubectl: each for itself */
    if (!each && b->rc != EXIT_OK)
        return;                                              /* not all of them were found: nothing is done */
    b->named = each && o->args.count > 1 && !(action_flags(a) & ACTION_DANGER);
    struct op_request rq = {.action = o->verb, .rows = c->rows, .nrows = c->n, .args = args, .nargs = nargs, .dry_run = o->dry_run,
                            .by_name = b->blind, .at_once = o->at_once > 0 ? (unsigned)o->at_once : 0, .keep_going = o->keep_going || each, .undo_on_failure = o->undo_on_failure,
                            .stop_after = o->stop_after > 0 ? (unsigned)o->stop_after : 0};
    batch_op(b, core_op_plan(b->core, &rq));
    batch_debug_join(b, c->rows[0]);
}

void batch_act(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = kind_find(o->args.items[0]);
    bool by_properties = o->selector || o->fields || o->filter || o->all_objects, names = o->args.count > 1;
    struct chosen c = {0};
    struct op_arg *args = NULL;
    size_t nargs = 0;
    b->kind_name = o->args.items[0];
    b->acts = true;
    if (names && by_properties)
        batch_error(b, EXIT_USAGE, "names go without --selector, --field-selector, --filter and --all-objects");
    else if (!names && !by_properties)
        batch_error(b, EXIT_USAGE, "%s %s: which one? Give a name, --selector or --all-objects", o->verb, b->kind_name);
    else if (k && !action_find(o->verb, k))
        no_such(b, k);
    else if (!args_of(b, &args, &nargs))
        batch_error(b, EXIT_FAILED, "out of memory");
    else if ((names ? choose_named(b, k, &c) : choose_all(b, &c)) && c.n)
        act_on(b, &c, args, nargs);
    mem_free(c.rows);
    mem_free(c.blind);
    mem_free(args);
}
