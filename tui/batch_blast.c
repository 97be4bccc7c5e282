/* strata blast ACTION KIND NAME...: what it would take with it, before it is done. Ends with 0 green, 7 yellow, 8 red.
 * An action is planned, and its plan tells it; what is no action ("lose"), or wants more words for a plan, is told by the links alone. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/graph.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/radius.h"
#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch_blast.h"

struct asked {
    struct batch *b;
    const char *action;
    struct world *world;            /* NULL: not needed yet */
    struct tell t;
    uint32_t *node;                 /* of the world's graph */
    const struct row **row;
    size_t n, node_cap, row_cap;
    bool listed, failed;            /* listed: the rows are those of the view, of a kind alone */
};

static bool as_(const struct asked *q, const char *format) { return q->b->opt->output && !strcmp(q->b->opt->output, format); }

static const struct links *world_of(struct asked *q)
{
    if (!q->world)
        q->world = batch_world(q->b, &q->t);
    q->t.whole = as_(q, "wide");
    return q->t.l;
}

static void add(struct asked *q, const struct row *r, uint32_t node)
{
    q->failed |= !mem_grow(&q->node, &q->node_cap, q->n + 1, sizeof *q->node) || !mem_grow(&q->row, &q->row_cap, q->n + 1, sizeof *q->row);
    if (q->failed)
        return;
    q->row[q->n] = r;
    q->node[q->n++] = node;
}

static void one(void *arg, uint32_t node)
{
    struct asked *q = arg;
    add(q, links_row(q->t.l, node), node);
}

/* ---- telling ---- */

static void told(struct asked *q, const struct blast_told *o, struct str *out)
{
    if (as_(q, "json")) {
        str_addc(out, '[');
        blast_json(q->b, o, out);
        str_adds(out, "]\n");
    } else if (as_(q, "dot")) {
        blast_dot(q->b, o, out);
    }
    if (o->verdict != BLAST_GREEN && q->b->rc == EXIT_OK)      /* one of several that is not there: that is what it ends with */
        q->b->rc = EXIT_YELLOW + (int)o->verdict - BLAST_YELLOW;
}

static void names(const struct asked *q, struct str *out)
{
    for (size_t i = 0; i < q->n; i++)
        str_addf(out, "%s%s", i ? ", " : "", q->row[i]->name);
}

static void by_links(struct asked *q, struct str *out)
{
    struct blast x;
    struct str all, unseen;
    str_init(&all, 1 << 20);
    str_init(&unseen, 1 << 16);
    q->t.args = q->b->opt->action_args.items;
    q->t.nargs = q->b->opt->action_args.count;
    names(q, &all);
    if (q->world)
        world_unseen(q->world, &unseen);
    if (tell_blast(&q->t, q->action, q->node, q->n, &x, as_(q, "json") || as_(q, "dot") ? NULL : out)) {
        told(q, &(struct blast_told){q->t.l, &x, x.verdict, q->action, q->row[0]->kind->id, all.len ? all.data : "", unseen.len ? unseen.data : "", NULL, NULL}, out);
        blast_free(&x);
    } else {
        q->failed = true;
    }
    str_release(&all);
    str_release(&unseen);
}

static void by_plan(struct asked *q, const struct op_view *v, struct str *out)
{
    struct str all, unseen;
    const struct radius *r = v->radius;
    str_init(&all, 1 << 20);
    str_init(&unseen, 1 << 16);
    names(q, &all);
    if (q->world)
        world_unseen(q->world, &unseen);
    else if (r && r->unknown)
        str_adds(&unseen, r->unknown);
    if (!as_(q, "json") && !as_(q, "dot"))
        tell_radius(&q->t, v, out);
    told(q, &(struct blast_told){r ? r->links : NULL, r ? &r->blast : NULL, tell_radius_verdict(v), q->action, q->row[0]->kind->id, all.len ? all.data : "", unseen.len ? unseen.data : "",
                                  r ? r->words : NULL, v}, out);
    str_release(&all);
    str_release(&unseen);
}

/* ---- who is meant ---- */

static const struct action *action_of(const struct asked *q, const struct kind *k)
{
    const struct action *a = action_find(q->action, k);
    return a && !(action_flags(a) & ACTION_HIDDEN) ? a : NULL;
}

static bool fits(struct asked *q, const struct kind *k)
{
    const struct kind *as = graph_part_of(k) ? kind_find(graph_part_of(k)) : k;
    const struct action *a = action_of(q, k);
    bool planned = a && strcmp(action_kinds(a)[0], "*") != 0;       /* what hangs on a kind that servers alone know no plan says */
    if (!blast_known(q->action, as) && !planned) {
        struct str s;
        str_init(&s, 4096);
        blast_actions(as, &s);
        batch_error(q->b, EXIT_USAGE, "blast: it is not known what %s does to a %s; known: %s", q->action, k->singular, s.len ? s.data : "");
        str_release(&s);
        return false;
    }
    if (!planned && !links_needs(as->id) && !blast_of_kind(q->action, as)) {
        batch_error(q->b, EXIT_USAGE, "blast: nothing hangs on a %s by itself: strata %s %s NAME --dry-run tells what goes with it", k->singular, q->action, k->singular);
        return false;
    }
    return true;
}

/* A cloud's objects are in its lists, each by one name: no more need be read to find them. NULL: not of those. */
static const struct kind *listed(const struct asked *q)
{
    const struct strlist *args = &q->b->opt->args;
    char kind[128];
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(args->items[1], "/"), args->items[1]);
    const struct kind *k = kind_find(kind);
    for (size_t i = strchr(args->items[1], '/') ? 1 : 2; k && i < args->count; i++) {
        const char *slash = strchr(args->items[i], '/');
        snprintf(kind, sizeof kind, "%.*s", (int)(slash ? slash - args->items[i] : 0), args->items[i]);
        if (slash && kind_find(kind) && kind_find(kind) != k)
            return NULL;
    }
    return k && k->plane == PLANE_OPENSTACK && action_of(q, k) ? k : NULL;
}

static void find_listed(struct asked *q, const struct kind *k)
{
    const struct strlist *args = &q->b->opt->args;
    bool slash = strchr(args->items[1], '/') != NULL;
    struct strlist name = {0};
    for (size_t i = slash ? 1 : 2; i < args->count; i++) {
        const char *word = args->items[i], *at = strchr(word, '/');
        char kind[128];
        snprintf(kind, sizeof kind, "%.*s", (int)(at ? at - word : 0), word);
        word = at && kind_find(kind) == k ? at + 1 : word;      /* else a name with one, "neutron-l3-agent/net-1" */
        q->failed |= !strlist_add(&name, word, strlen(word));
    }
    bool ok = !q->failed && fits(q, k);
    if (ok && !name.count)
        batch_error(q->b, EXIT_USAGE, "blast: which %s?", k->singular);
    ok = ok && name.count && batch_open_named(q->b, k->id, name.items, name.count);
    for (size_t i = 0; ok && i < name.count; i++) {
        const struct row *r = batch_find(q->b, name.items[i]);
        if (r)
            add(q, r, LINK_NO_NODE);
    }
    q->listed = true;
    strlist_release(&name);
}

/* "KIND NAME..." or "KIND/NAME..."; the kind may be one that only a server knows. */
static void find(struct asked *q)
{
    const struct strlist *args = &q->b->opt->args;
    char kind[128];
    const struct kind *k = NULL;
    for (size_t i = 1; i < args->count; i++) {
        const char *word = args->items[i], *slash = strchr(word, '/');
        snprintf(kind, sizeof kind, "%.*s", (int)strcspn(word, "/"), word);
        if (i > 1 && slash && !links_kind(q->t.l, kind))
            slash = NULL;                       /* a name with one, "neutron-l3-agent/net-1" */
        if (i == 1 || slash) {
            if (!(k = batch_world_kind(q->b, q->t.l, "blast", kind)) || !fits(q, k))
                return;
        }
        if (i > 1 || slash)
            batch_each_node(q->b, q->t.l, k, slash ? slash + 1 : word, one, q);
        else if (args->count == 2)
            batch_error(q->b, EXIT_USAGE, "blast: which %s?", k->singular);
    }
}

/* ---- all ---- */

/* Of the rows that were found in a list, their nodes; false: the links do not have all of them. */
static bool nodes(struct asked *q)
{
    const struct links *l = world_of(q);
    for (size_t i = 0; l && i < q->n; i++) {
        const struct row *r = q->row[i];
        q->node[i] = links_find(l, r->source, r->kind, r->uid);
        for (uint32_t k = 0; q->node[i] == LINK_NO_NODE && graph_part_of(r->kind) && k < links_nodes(l); k++)
            if (links_row(l, k) && graph_is_part(r->kind, r->uid, links_row(l, k)))
                q->node[i] = k;
        if (q->node[i] == LINK_NO_NODE)
            return false;
    }
    return l != NULL;
}

static bool planned(struct asked *q, struct str *out)
{
    const struct options *o = q->b->opt;
    struct op_arg *args = mem_zalloc((o->action_args.count + 1) * sizeof *args);
    char **copy = mem_zalloc((o->action_args.count + 1) * sizeof *copy);
    size_t n = 0;
    bool done = false;
    for (size_t i = 0; args && copy && i < o->action_args.count; i++) {
        char *eq = (copy[i] = mem_strdup(o->action_args.items[i])) ? strchr(copy[i], '=') : NULL;
        q->failed |= !copy[i];
        if (eq) {
            *eq = '\0';
            args[n++] = (struct op_arg){copy[i], eq + 1};
        }
    }
    struct op_request rq = {.action = q->action, .rows = q->row, .nrows = q->n, .args = args, .nargs = n, .look = true, .keep_going = true};
    struct event *e = args && copy && !q->failed ? batch_wait(q->b, core_op_plan(q->b->core, &rq)) : NULL;
    const struct op_view *v = e ? e->op : NULL;
    if (!v) {
        batch_error(q->b, EXIT_FAILED, "%s", e ? e->err.msg : "no plan could be made");
        done = true;
    } else if (v->err.code == ERR_USAGE && !v->radius && blast_known(q->action, q->row[0]->kind)) {
        done = false;                           /* it wants more words than the question has: as if the worst were said */
    } else {
        by_plan(q, v, out);
        done = true;
    }
    event_free(e);
    for (size_t i = 0; copy && i <= o->action_args.count; i++)
        mem_free(copy[i]);
    mem_free(copy);
    mem_free(args);
    return done;
}

static void all(struct asked *q, struct str *out)
{
    bool plan = q->n > 0;
    for (size_t i = 0; i < q->n; i++)
        plan = plan && action_of(q, q->row[i]->kind);
    if (!q->n || q->failed)
        str_adds(out, as_(q, "json") ? "[]\n" : "");
    else if ((!plan || !planned(q, out)) && (!q->listed || nodes(q)))
        by_links(q, out);
}

void batch_blast(struct batch *b)
{
    struct asked q = {.b = b, .action = b->opt->args.items[0]};
    struct str out;
    str_init(&out, (size_t)1 << 30);
    const struct kind *k = listed(&q);
    batch_tell(b, &q.t);
    q.t.whole = as_(&q, "wide");
    if (k)
        find_listed(&q, k);
    else if (world_of(&q))
        find(&q);
    all(&q, &out);
    out.failed |= q.failed;
    mem_free(q.node);
    mem_free(q.row);
    if (q.world) {
        (q.n ? batch_world_told : batch_world_end)(b, q.world, &out);
        return;
    }
    if (out.failed)
        batch_error(b, EXIT_FAILED, "out of memory");
    else
        print_text(out.data ? out.data : "", out.len);
    str_release(&out);
}
