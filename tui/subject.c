/* What a view of links is about: the object that the words of a command name, else the one under the cursor. */
#include "tui/subject.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strata/ops.h"
#include "tui/app_int.h"
#include "tui/command.h"

enum { TOLD = 4 };                      /* of several, so many are named */

static void put_row(struct subject *u, const struct row *r)
{
    *u = (struct subject){.kind = r->kind, .source = r->source};
    snprintf(u->uid, sizeof u->uid, "%s", r->uid);
    snprintf(u->name, sizeof u->name, "%s", r->name);
    snprintf(u->scope, sizeof u->scope, "%s", r->scope);
    const char *status = row_column(r, "status"), *reason = row_column(r, "reason");
    if (!graph_speaks_of(r->kind) && *status) snprintf(u->said, sizeof u->said, "%s%s%s", status, *reason ? ", " : "", reason);
}

bool subject_of(struct app *a, struct screen *s, struct subject *u)
{
    struct target t = {0};
    const struct row *r = app_looked_at(a, &t) ? t.row : NULL;
    (void)s;
    if (r) put_row(u, r);
    target_release(&t);
    return r != NULL;
}

const struct kind *subject_kind(const struct app *a, const char *name)
{
    const struct graph *g = app_graph(a);
    return g ? links_kind(g->links, name) : kind_find(name);
}

/* ---- the words ---- */

struct asked { const struct kind *kind; char name[300], ns[256], source[64]; bool own; };       /* own: the pane's kind, no other was said */

/* KIND NAME, KIND WORD NAME ("load balancer lb-1"), KIND/NAME or NAME. */
static bool objects(const struct app *a, char *const *w, int n, struct asked *q, struct err *err)
{
    char kind[128];
    char *slash = n == 1 ? strchr(w[0], '/') : NULL;
    if (n == 1 && !slash) {
        snprintf(q->name, sizeof q->name, "%s", w[0]);
        q->own = true;
        return q->kind || !err_set(err, ERR_USAGE, 0, "%.80s: of which kind? Say KIND NAME", w[0]);
    }
    if (slash) snprintf(kind, sizeof kind, "%.*s", (int)(slash - w[0] < 127 ? slash - w[0] : 127), w[0]);
    else snprintf(kind, sizeof kind, "%.60s%s%.60s", w[0], n == 3 ? "-" : "", n == 3 ? w[1] : "");
    snprintf(q->name, sizeof q->name, "%s", slash ? slash + 1 : w[n - 1]);
    q->kind = subject_kind(a, kind);
    if (!q->kind) return !err_set(err, ERR_USAGE, 0, "there is no kind \"%.80s\"; say KIND NAME, or NAME of the pane's kind", kind);
    return *q->name || !err_set(err, ERR_USAGE, 0, "which %s? Give its name", q->kind->singular);
}

static bool parse(const struct app *a, const char *args, struct asked *q, struct err *err)
{
    char line[512], *rest = line, *w[4];
    int n = 0;
    snprintf(line, sizeof line, "%s", args);
    for (char *p; (p = command_word(&rest));) {
        if (!strcmp(p, "-A")) continue;
        if (!strcmp(p, "-n")) {
            if (!(p = command_word(&rest))) return !err_set(err, ERR_USAGE, 0, "-n: of which namespace?");
            snprintf(q->ns, sizeof q->ns, "%s", p);
        } else if (*p == '@') snprintf(q->source, sizeof q->source, "%s", p + 1);
        else if (n < 4) w[n++] = p;
    }
    if (!n || n > 3) return !err_set(err, ERR_USAGE, 0, "of one object: say KIND NAME, or no more than the command for the one under the cursor");
    bool known = !*q->source || !strcasecmp(q->source, "all");
    for (size_t i = 0; i < a->nsrc && !known; i++) known = !strcasecmp(a->src[i].name, q->source);
    if (!known) return !err_set(err, ERR_USAGE, 0, "no cluster or cloud is called \"%s\"", q->source);
    if (!strcasecmp(q->source, "all")) *q->source = '\0';
    return objects(a, w, n, q, err);
}

/* ---- who is called so ---- */

/* Several contexts may lead to one cluster: any of their names is its name. */
static bool of_source(const struct app *a, const struct graph *g, const struct row *r, const char *name)
{
    for (size_t i = 0; i < a->nsrc; i++)
        if (!strcasecmp(a->src[i].name, name) && (a->src[i].id == r->source || (g && links_cluster(g->links, a->src[i].id) == links_cluster(g->links, r->source)))) return true;
    return !*name;
}

static bool of_kind(const struct row *r, const struct kind *k)
{
    const char *part = graph_part_of(k);
    return !strcmp(r->kind->id, k->id) || (part && !strcmp(r->kind->id, part));
}

/* Whatever its kind. */
static bool called(const struct app *a, const struct graph *g, const struct asked *q, const struct row *r)
{
    if ((strcmp(r->name, q->name) && strcmp(r->uid, q->name)) || !of_source(a, g, r, q->source)) return false;
    return r->kind->plane != PLANE_KUBE || !*q->ns || !*r->scope || !strcmp(q->ns, r->scope);
}

struct found { struct app *app; const struct graph *g; const struct asked *q; struct subject *u; size_t n; struct str list; };

static void take(struct found *f, const struct row *r)
{
    const struct asked *q = f->q;
    bool kube = r->kind->plane == PLANE_KUBE;
    const struct source_info *si = app_source(f->app, r->source);
    if (!of_kind(r, q->kind) || !called(f->app, f->g, q, r)) return;
    if (!f->n++) put_row(f->u, r);
    if (f->n <= TOLD)
        str_addf(&f->list, "%s%s%s%s%s%s", f->n > 1 ? ", " : "", kube ? r->scope : r->uid, !kube || *r->scope ? " " : "", si ? "(" : "", si ? si->name : "", si ? ")" : "");
}

static void take_shown(void *arg, struct snap *s, const struct row *r)
{
    (void)s;
    take(arg, r);
}

/* Of all that the links speak of; what is newer than the picture, or of a kind it does not have, may stand in the pane. Of several
 * of the pane's kind the one is meant that the pane shows. */
static void look(struct found *f)
{
    for (uint32_t i = 0; f->g && i < links_nodes(f->g->links); i++) {
        const struct row *r = links_row(f->g->links, i);
        if (r) take(f, r);
    }
    if (f->n == 1 || (f->n && !f->q->own)) return;
    struct subject shown = {0};
    struct found here = {.app = f->app, .g = f->g, .q = f->q, .u = &shown};
    str_init(&here.list, 2048);
    app_each_named(f->app, f->q->name, take_shown, &here);
    if (here.n == 1) *f->u = shown;
    if (here.n == 1 || !f->n) f->n = here.n;
    if (!f->list.len && here.list.data) str_adds(&f->list, here.list.data);
    str_release(&here.list);
}

#define UNLINKED "no rule links any %s to anything; d in the pane of its kind describes it"

bool subject_find(struct app *a, struct screen *s, const char *args, struct subject *u, struct err *err)
{
    struct asked q = {.kind = app_kind(a)};
    struct found f = {.app = a, .g = app_graph(a), .q = &q, .u = u};
    if (!*args) return subject_of(a, s, u) || !err_set(err, ERR_USAGE, 0, "no object is selected: select one, or say KIND NAME");
    if (screen_object(app_top(a))) q.kind = screen_object(app_top(a))->kind;
    if (!parse(a, args, &q, err)) return false;
    str_init(&f.list, 2048);
    look(&f);
    if (f.n > 1)
        err_set(err, ERR_CONFLICT, 0, "which %s %.80s? Add %s@CLUSTER%s: %s%s", q.kind->singular, q.name, q.kind->plane == PLANE_KUBE ? "-n NAMESPACE or " : "",
                q.kind->plane == PLANE_KUBE ? "" : ", or say its id", f.list.data ? f.list.data : "", f.n > TOLD ? " and more" : "");
    else if (!f.n && q.own && subject_kind(a, q.name))
        err_set(err, ERR_USAGE, 0, "which %s? Give its name", subject_kind(a, q.name)->singular);
    else if (!f.n) {
        *u = (struct subject){.kind = q.kind, .source = SUBJECT_ANYWHERE};
        snprintf(u->uid, sizeof u->uid, "%s", q.name);
        snprintf(u->name, sizeof u->name, "%s", q.name);
        if (!graph_speaks_of(q.kind))
            err_set(err, ERR_NOTFOUND, 0, UNLINKED, q.kind->singular);
        else
            err_set(err, ERR_NOTFOUND, 0, "no %s is called %.80s%s%.80s%s%.60s%s", q.kind->singular, q.name, *q.ns ? " in " : "", q.ns, *q.source ? " of " : "", q.source,
                    app_graph_whole(a) ? ", in all that could be read (:sandwich says what could not)" : ", in what has been read so far: not all has, try again in a moment");
    }
    str_release(&f.list);
    return f.n == 1;
}

void subject_absent(const struct subject *u, struct str *out)
{
    if (graph_speaks_of(u->kind))
        str_addf(out, "%s %s is not there any more\n", u->kind->singular, u->name);
    else
        str_addf(out, "%s %s%s%s: " UNLINKED "\n", u->kind->singular, u->name, *u->said ? " is " : "", u->said, u->kind->singular);
}

bool subject_named(struct app *a, struct screen *s, const char *args, struct subject *u)
{
    struct err err = ERR_INIT;
    bool ok = subject_find(a, s, args, u, &err);
    if (!ok) app_error(a, "%s", err.msg);
    return ok;
}

/* ---- completion ---- */

static void offer_names(struct app *a, const struct kind *k, void (*offer)(void *arg, const char *word), void *arg)
{
    const struct graph *g = app_graph(a);
    for (uint32_t i = 0; g && i < links_nodes(g->links); i++) {
        const struct row *r = links_row(g->links, i);
        if (r && of_kind(r, k)) offer(arg, r->name);
    }
}

bool subject_next(struct app *a, const char *text, void (*offer)(void *arg, const char *word), void *arg)
{
    char line[512], *rest = line, *word, last[128] = "";
    const struct kind *k = NULL;
    bool ns = false;
    snprintf(line, sizeof line, "%s", text);
    command_word(&rest);                                        /* the command */
    while ((word = command_word(&rest))) {
        ns = !strcmp(word, "-n");
        if (*word == '-' || *word == '@') continue;
        k = subject_kind(a, word);
        snprintf(last, sizeof last, "%.127s", word);
    }
    if (ns) return true;
    if (k) offer_names(a, k, offer, arg);
    for (size_t i = 0; !k && kinds_all[i]; i++) {
        offer(arg, kinds_all[i]->singular);
        offer(arg, kinds_all[i]->id);
    }
    if (!*last && app_kind(a)) offer_names(a, app_kind(a), offer, arg);
    return false;
}

/* ---- an action on what lies elsewhere ---- */

static bool has_action(const struct kind *k, const char *action)
{
    const struct action *x = action_find(action, k);
    return x && !(action_flags(x) & ACTION_HIDDEN);
}

uint32_t subject_for(struct app *a, const char *action, const char *words)
{
    struct asked q = {.kind = app_kind(a)};
    const struct graph *g = app_graph(a);
    struct err err = ERR_INIT;
    uint32_t found = LINK_NO_NODE;
    if (!q.kind) q.kind = kinds_all[0];
    if (!g || !parse(a, words, &q, &err)) return LINK_NO_NODE;
    for (uint32_t i = 0; i < links_nodes(g->links); i++) {
        const struct row *r = links_row(g->links, i);
        if (!r || (!q.own && !of_kind(r, q.kind)) || !called(a, g, &q, r) || !has_action(r->kind, action)) continue;
        if (found != LINK_NO_NODE) return LINK_NO_NODE;
        found = i;
    }
    return found;
}

static void put_place(struct str *out, size_t n, const char *kind, const struct source_info *si)
{
    str_addf(out, "%s%s%s%s", n ? " or " : "", kind, si ? " @" : "", si ? si->name : "");
}

bool subject_where(struct app *a, const char *action, const char *name, struct str *out)
{
    const struct graph *g = app_graph(a);
    size_t n = 0, kinds = 0;
    for (uint32_t i = 0; g && i < links_nodes(g->links) && n < TOLD; i++) {
        const struct row *r = links_row(g->links, i);
        if (r && (!strcmp(r->name, name) || !strcmp(r->uid, name)) && has_action(r->kind, action)) put_place(out, n++, r->kind->id, app_source(a, r->source));
    }
    for (size_t i = 0; !n && kinds_all[i] && kinds < TOLD; i++)
        if (has_action(kinds_all[i], action)) put_place(out, kinds++, kinds_all[i]->id, NULL);
    return n > 0;
}
