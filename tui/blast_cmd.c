/* `:blast ACTION`: what an action on the object would take with it, kept up to date while it is looked at. Without: what if it dies. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/clock.h"
#include "strata/graph.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/radius.h"
#include "strata/tell.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_text.h"

#define MANY 16                 /* objects at once */
struct subjects { struct subject of[MANY]; size_t n; };
#define ANEW_MS 10000           /* a plan reads: not with each change of the picture */

/* Of an action its plan tells it; of what is none ("lose"), or wants more words for a plan, the picture. */
struct looked { struct app *app; struct subjects u; char action[40]; bool plans; uint32_t op; int64_t asked_ms; struct op_view *plan; };

static void ask(struct looked *y)
{
    struct row *row[MANY] = {NULL};
    bool ok = true;
    for (size_t i = 0; i < y->u.n && ok; i++) {
        const struct subject *u = &y->u.of[i];
        ok = (row[i] = mem_zalloc(sizeof *row[i] + u->kind->ncolumns * sizeof row[i]->cell[0])) != NULL;       /* of what it shows nothing is needed */
        if (ok) {
            row[i]->kind = u->kind;
            row[i]->source = u->source;
            row[i]->uid = u->uid;
            row[i]->name = u->name;
            row[i]->scope = u->scope;
            row[i]->labels = row[i]->owner = "";
        }
    }
    struct op_request rq = {.action = y->action, .rows = (const struct row *const *)row, .nrows = y->u.n, .look = true, .keep_going = true};
    y->op = ok ? core_op_plan(app_core(y->app), &rq) : 0;
    y->asked_ms = clock_mono_ms();
    for (size_t i = 0; i < y->u.n; i++)
        mem_free(row[i]);
}

static bool on_event(void *arg, struct event *e)
{
    struct looked *y = arg;
    if (e->type == EV_GRAPH && y->plans && !y->op && clock_mono_ms() - y->asked_ms >= ANEW_MS)
        ask(y);
    if (e->type != EV_PLAN || !y->op || e->id != y->op)
        return e->type == EV_GRAPH && !y->plans;
    core_op_drop(app_core(y->app), y->op);
    y->op = 0;
    if (e->op) {
        op_view_unref(y->plan);
        y->plan = e->op;
        e->op = NULL;
    }
    return true;
}

static void end(void *arg)
{
    struct looked *y = arg;
    if (y->op)
        core_op_drop(app_core(y->app), y->op);
    op_view_unref(y->plan);
    mem_free(y);
}

struct looking { struct scene scene; struct subjects u; char action[40]; bool plans; struct op_view *plan; struct str foot; };

static void release(void *work)
{
    struct looking *w = work;
    scene_release(&w->scene);
    op_view_unref(w->plan);
    str_release(&w->foot);
    mem_free(w);
}

static void *gather(void *arg)
{
    const struct looked *y = arg;
    struct looking *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    w->u = y->u;
    memcpy(w->action, y->action, sizeof w->action);
    w->plan = op_view_ref(y->plan);
    w->plans = y->plans && !(y->plan && y->plan->err.code == ERR_USAGE && !y->plan->radius);
    str_init(&w->foot, 1 << 17);
    if (!app_scene(y->app, &w->scene)) {
        release(w);
        return NULL;
    }
    if (w->scene.whole)
        layers_unseen(y->app, NULL, &w->foot);
    return w;
}

/* What its plan tells; an object that it names is the one of that name in the picture. */
static bool by_plan(const struct looking *w, struct str *out, struct told *told)
{
    struct tell t = w->scene.tell;
    t.told = told;
    t.each = true;
    if (!w->plan)
        return str_adds(out, "looking at what hangs on it ...\n");
    tell_radius(&t, w->plan, out);
    for (size_t i = 0; told && i < told->n; i++) {
        const struct row *r = links_row(w->plan->radius->links, told->of[i].node);
        told->of[i].node = w->scene.graph && r ? graph_node(w->scene.graph, r) : LINK_NO_NODE;
    }
    return !out->failed;
}

static bool make(void *work, struct str *out, struct told *told)
{
    const struct looking *w = work;
    struct blast x;
    uint32_t node[MANY];
    size_t n = 0;
    if (w->plans)
        return by_plan(w, out, told);
    for (size_t i = 0; i < (w->scene.whole ? w->u.n : 1); i++) {
        node[n] = subject_node(&w->scene, &w->u.of[i], out);
        n += node[n] != LINK_NO_NODE;
    }
    struct tell t = w->scene.tell;
    t.told = told;
    t.chosen = &w->u.of[0].source;
    t.partial = w->foot.len || !w->scene.whole;             /* what is not seen, or is as it was, is never green */
    t.each = true;                      /* it scrolls, and enter on a line goes there */
    if (n && tell_blast(&t, w->action, node, n, &x, out))
        blast_free(&x);
    return str_add(out, w->foot.data, w->foot.len);
}

static const struct action *action_of(const char *action, const struct kind *k)
{
    const struct action *a = action_find(action, k);
    return a && !(action_flags(a) & ACTION_HIDDEN) ? a : NULL;
}

/* What hangs on a kind that servers alone know no plan says. */
static bool known(const char *action, const struct kind *k)
{
    const struct action *a = action_of(action, k);
    return blast_known(action, k) || (a && strcmp(action_kinds(a)[0], "*") != 0);
}

static void take_marked(void *arg, struct snap *s, const struct row *r)
{
    struct subjects *u = arg;
    (void)s;
    if (u->n < MANY) {
        struct subject *one = &u->of[u->n];
        *one = (struct subject){.kind = r->kind, .source = r->source};
        snprintf(one->uid, sizeof one->uid, "%s", r->uid);
        snprintf(one->name, sizeof one->name, "%s", r->name);
        snprintf(one->scope, sizeof one->scope, "%s", r->scope);
    }
    u->n++;
}

/* "KIND NAME NAME ...", each with the options: how many names; 0: it is no such. A kind may be of two words. */
static size_t names(struct app *a, char *line, char *word[], size_t max, struct str *options)
{
    char two[200], *rest = line;
    size_t n = 0;
    for (char *p; (p = command_word(&rest));) {
        if (*p == '-' || *p == '@') {
            str_addf(options, " %s", p);
            if (!strcmp(p, "-n") && (p = command_word(&rest)))
                str_addf(options, " %s", p);
        } else if (n < max) {
            word[n++] = p;
        }
    }
    if (n < 3 || !subject_kind(a, word[0]))
        return 0;
    snprintf(two, sizeof two, "%.90s-%.90s", word[0], word[1]);
    return n == 3 && subject_kind(a, two) ? 0 : n - 1;
}

/* What the words name: one object or several of a kind; without any, those marked, else the one under the cursor. */
static bool find(struct app *a, struct screen *s, const char *args, struct subjects *u, struct err *err)
{
    char line[512], *word[MANY + 2];
    struct str options, one;
    u->n = 0;
    if (!*args && !screen_object(app_top(a)) && !app_cursor_only(a))
        app_each_selected(a, take_marked, u);
    if (u->n > MANY)
        return !err_set(err, ERR_USAGE, 0, "blast: of at most %d objects at once", MANY);
    if (u->n > 1)
        return true;
    snprintf(line, sizeof line, "%s", args);
    str_init(&options, sizeof line);
    str_init(&one, 2 * sizeof line);
    size_t many = names(a, line, word, MANY + 2, &options);
    bool ok = many <= MANY || !err_set(err, ERR_USAGE, 0, "blast: of at most %d objects at once", MANY);
    for (u->n = 0; ok && u->n < many; u->n += ok) {
        str_clear(&one);
        str_addf(&one, "%s %s%s", word[0], word[u->n + 1], options.data ? options.data : "");
        ok = subject_find(a, s, one.data ? one.data : "", &u->of[u->n], err);
    }
    if (!many) {
        u->n = 1;
        ok = subject_find(a, s, args, &u->of[0], err);
    }
    str_release(&options);
    str_release(&one);
    return ok;
}

/* "[ACTION] [KIND] [NAME] ...": the action into action; the rest is the object's. A word alone is an action, unless an object is called so. */
static bool words(struct app *a, struct screen *s, const char *args, char *action, size_t size, struct subjects *u, struct err *err)
{
    char w[300];
    size_t n = strcspn(args, " ");
    const char *rest = args + n + strspn(args + n, " ");
    snprintf(w, sizeof w, "%.*s", (int)(n < sizeof w ? n : sizeof w - 1), args);
    snprintf(action, size, "lose");
    if (!*w || strchr("-@", *w) || strchr(w, '/') || (*rest && !strchr("-@", *rest) && subject_kind(a, w))) return find(a, s, args, u, err);
    bool here = subject_of(a, s, &u->of[0]);
    if ((here && known(w, u->of[0].kind)) || (*rest && !strchr("-@", *rest))) {
        snprintf(action, size, "%.39s", w);
        return find(a, s, rest, u, err);
    }
    if (find(a, s, args, u, err)) return true;
    if (!here || err->code == ERR_CONFLICT) return false;
    return !err_set(err, ERR_USAGE, 0, "blast: it is not known what %.40s does to a %s, and none is called so", w, u->of[0].kind->singular);
}

static void open_blast(struct app *a, struct screen *s, const char *args, struct looked *y)
{
    static const struct text_live live = {on_event, gather, make, release, end};
    const struct subject *u = &y->u.of[0];
    struct err err = ERR_INIT;
    char name[180], more[40] = "";
    bool open = false;
    y->app = a;
    if (!words(a, s, args, y->action, sizeof y->action, &y->u, &err)) {
        app_error(a, "%s", err.msg);
    } else if (!known(y->action, u->kind)) {
        app_error(a, "blast: it is not known what %.40s does to a %s", y->action, u->kind->singular);
    } else {
        if (y->u.n > 1)
            snprintf(more, sizeof more, " and %zu more", y->u.n - 1);
        y->plans = action_of(y->action, u->kind) != NULL;
        if (y->plans)
            ask(y);
        snprintf(name, sizeof name, "blast radius of %s %.50s%s", y->action, u->name, more);
        open = view_text_live(a, name, &live, y);
    }
    if (!open)
        end(y);
}

static void run_blast(struct app *a, struct screen *s, const char *args)
{
    struct looked *y = mem_zalloc(sizeof *y);
    if (y)
        open_blast(a, s, args, y);
    else
        app_error(a, "out of memory");
}

#define BLAST "What an action on the object would take with it, through all layers; without an action: what if it dies."
const struct command blast_commands[] = {
    {"blast", NULL, "table", "[ACTION] [KIND] [NAME...] [-n NAMESPACE] [@CLUSTER]", BLAST, CMD_ROW, COMPLETE_OBJECT, run_blast, NULL},
    {"blast", NULL, "board", "[ACTION] [KIND] [NAME...] [-n NAMESPACE] [@CLUSTER]", BLAST, CMD_HIDDEN, COMPLETE_OBJECT, run_blast, NULL},
    {"blast", NULL, "list", "[ACTION] [KIND] [NAME...] [-n NAMESPACE] [@CLUSTER]", BLAST, CMD_HIDDEN, COMPLETE_OBJECT, run_blast, NULL},
    {"blast", NULL, "text", "[ACTION] [KIND] [NAME...] [-n NAMESPACE] [@CLUSTER]", BLAST, CMD_HIDDEN, COMPLETE_OBJECT, run_blast, NULL},
    {0},
};

const struct key_row blast_keys[] = {
    {"table", "shift-b", "blast", NULL, NULL},
    {"board", "shift-b", "blast", NULL, NULL},
    {"text", "shift-b", "blast", NULL, NULL},
    {0},
};
