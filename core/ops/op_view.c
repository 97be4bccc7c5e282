/* Pictures of operations: immutable, counted, each in one piece of memory. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/op.h"
#include "strata/mem.h"
#include "strata/radius.h"
#include "strata/text.h"

#define PUBLISH_MS 50

struct picture {
    struct op_view v;             /* first */
    atomic_uint refs;
    struct arena mem;
};

const char *op_state_name(enum op_state s)
{
    static const char *const names[] = {"planning", "planned", "refused", "running", "paused", "canceling", "done", "failed", "canceled", "unsure"};
    return (unsigned)s < sizeof(names) / sizeof(names[0]) ? names[s] : "";
}

const char *step_state_name(enum step_state s)
{
    static const char *const names[] = {"waiting", "reading", "sending", "watching", "done", "already", "skipped", "failed", "unsure", "canceled"};
    return (unsigned)s < sizeof(names) / sizeof(names[0]) ? names[s] : "";
}

struct op_view *op_view_ref(struct op_view *v)
{
    if (v)
        atomic_fetch_add(&((struct picture *)v)->refs, 1);
    return v;
}

void op_view_unref(struct op_view *v)
{
    struct picture *p = (struct picture *)v;
    if (!p || atomic_fetch_sub(&p->refs, 1) != 1)
        return;
    struct arena a = p->mem;
    radius_unref(p->v.radius);
    mem_free(p);
    arena_release(&a);
}

static const char *keep(struct arena *a, const char *s)
{
    const char *copy = s && *s ? arena_strndup(a, s, strlen(s)) : "";
    return copy ? copy : "";
}

static const char *keep_clean(struct arena *a, const char *s)
{
    struct str clean;
    str_init(&clean, 4096);
    text_clean(&clean, s ? s : "", s ? strlen(s) : 0, 0);
    const char *copy = keep(a, clean.data);
    str_release(&clean);
    return copy;
}

static const char *note_of(struct arena *a, const struct op_step *st)
{
    char late[200], both[900];
    if (!step_stalled(st, late, sizeof(late)))
        return keep(a, st->note);
    bool more = st->state == STEP_WATCHING && st->note && *st->note;
    snprintf(both, sizeof(both), "%s%s%.650s", late, more ? "; " : "", more ? st->note : "");
    return keep_clean(a, both);
}

static void step_picture(struct arena *a, struct step_view *v, const struct op_step *st)
{
    *v = (struct step_view){.text = keep(a, st->text), .request = keep(a, st->request), .note = note_of(a, st),
                            .request_id = keep(a, st->request_id), .source = keep(a, st->src ? st->src->info.name : ""),
                            .uid = keep(a, st->uid), .source_id = st->src ? st->src->info.id : UINT16_MAX,
                            .kind = keep(a, st->kind ? st->kind->singular : ""), .scope = keep_clean(a, st->scope),
                            .place = st->kind && st->kind->plane == PLANE_OPENSTACK ? keep_clean(a, st->project) : keep_clean(a, st->scope), .name = keep_clean(a, st->name), .id = st->index,
                            .state = st->state, .began_mono_ms = st->began_ms, .ended_mono_ms = st->ended_ms};
}

/* The arguments that are not what the action does anyway. */
static const char *given(struct arena *a, const struct op *op)
{
    size_t n;
    const struct action_arg *known = action_args(op->action, &n);
    struct str s;
    str_init(&s, 4096);
    for (size_t i = 0; i < op->nargs; i++) {
        const struct op_arg *g = &op->args[i];
        const struct action_arg *k = NULL;
        for (size_t j = 0; j < n && !k; j++)
            k = strcmp(known[j].name, g->name) ? NULL : &known[j];
        bool own = k && k->def && (!strcmp(k->def, g->value) || (!strcmp(k->def, ARG_UNIQUE) && *g->value == *ARG_UNIQUE));
        if (!k || own || !strcmp(g->name, "document") || (!strcmp(g->name, "mark") && !strcmp(op->action->id, "edit")))
            continue;
        bool yes = k->type == ARG_BOOL && (!strcmp(g->value, "yes") || !strcmp(g->value, "true"));
        str_addf(&s, "%s%s%s%.200s", s.len ? ", " : "", g->name, yes ? "" : "=", yes ? "" : hide_name(g->name) ? "***" : g->value);
    }
    if (op->undo_failed)
        str_addf(&s, "%sundo-on-failure", s.len ? ", " : "");
    const char *copy = keep_clean(a, s.data);
    str_release(&s);
    return copy;
}

static bool can_undo(const struct op *op)
{
    for (size_t i = 0; op->over && i < op->nsteps; i++)
        if (op->steps[i].undo_id)
            return true;
    return false;
}

#define NONE UINT32_MAX

/* In the order of the run: each object, under it its steps, under those theirs. Where they stand among all is the order in which the
 * plan came to know them. of: the steps, at: the place of each; next, first: links between them. */
struct order { uint32_t *of, *at, *next, *first; };

static bool order_init(struct order *r, const struct op *op, struct arena *a)
{
    uint32_t *mem = arena_alloc(a, (4 * op->nsteps + 1) * sizeof(*mem)), i = NONE;
    if (!mem)
        return false;
    *r = (struct order){mem, mem + op->nsteps, mem + 2 * op->nsteps, mem + 3 * op->nsteps};
    for (size_t k = 0; k < op->nsteps; k++)
        r->first[k] = NONE;
    for (size_t k = op->nsteps; k-- > 0;) {
        uint32_t up = op->steps[k].parent, *head = up < op->nsteps && up != k ? &r->first[up] : &i;
        r->next[k] = *head;
        *head = (uint32_t)k;
    }
    for (uint32_t n = 0; n < op->nsteps && i != NONE; n++) {
        r->of[n] = i;
        r->at[i] = n;
        if (r->first[i] != NONE) {
            i = r->first[i];
            continue;
        }
        while (i < op->nsteps && r->next[i] == NONE)
            i = op->steps[i].parent;
        i = i < op->nsteps ? r->next[i] : NONE;
    }
    return true;
}

struct op_view *op_picture(const struct op *op)
{
    struct picture *p = mem_zalloc(sizeof(*p));
    if (!p)
        return NULL;
    struct arena *a = &p->mem;
    arena_init(a, 0);
    atomic_init(&p->refs, 1);
    struct step_view *steps = arena_alloc(a, (op->nsteps + 1) * sizeof(*steps));
    struct fact_view *facts = arena_alloc(a, (op->nfacts + 1) * sizeof(*facts));
    struct op_view *v = &p->v;
    *v = (struct op_view){.id = op->id, .key = keep(a, op->key), .title = keep(a, op->title), .wanted = keep(a, op->wanted),
                          .note = keep(a, op->note), .given = given(a, op), .action = op->action, .state = op->state, .err = op->err, .nsteps = op->nsteps,
                          .nfacts = op->nfacts, .steps = steps, .facts = facts, .began_wall_ms = op->began_wall_ms,
                          .began_mono_ms = op->began_ms, .ended_mono_ms = op->ended_ms, .dry_run = op->dry_run, .beyond = op->beyond,
                          .can_pause = op->started && !op->over && !op->canceling, .can_undo = can_undo(op), .undone_by = op->undone_by};
    struct order order;
    bool ok = order_init(&order, op, a) && steps && facts;
    for (size_t i = 0; ok && i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[order.of[i]];
        step_picture(a, &steps[i], st);
        steps[i].parent = st->parent < op->nsteps ? order.at[st->parent] : NONE;
        if (op->action->compound && st->parent == UINT32_MAX)
            continue;                      /* its steps count */
        v->total++;
        v->done += st->state == STEP_DONE || st->state == STEP_ALREADY;
        v->failed += st->state == STEP_FAILED || st->state == STEP_UNSURE;
    }
    for (size_t i = 0; ok && i < op->nfacts; i++)
        facts[i] = (struct fact_view){.level = op->facts[i].level, .step = op->facts[i].step < op->nsteps ? order.at[op->facts[i].step] : NONE, .text = keep(a, op->facts[i].text)};
    if (a->failed) {
        op_view_unref(v);
        return NULL;
    }
    return v;
}

/* ---- publishing ---- */

static void unref_all(struct op_view **views, size_t n)
{
    for (size_t i = 0; i < n; i++)
        op_view_unref(views[i]);
    mem_free(views);
}

/* A reader that is slow gets fewer pictures. */
#define PICTURES_WAITING 64

static void publish(struct core *c)
{
    struct ops *ops = c->ops;
    size_t n = 0, at = 0, nmoved = 0;
    for (struct op *op = ops->list; op; op = op->next)
        n++;
    struct op_view **views = mem_zalloc((n + 1) * sizeof(*views)), **old;
    struct event **moved = mem_zalloc((n + 1) * sizeof(struct event *));
    if (!views || !moved) {
        mem_free(views);
        mem_free(moved);
        core_starve(c);
        return;
    }
    for (struct op *op = ops->list; op; op = op->next) {
        struct op_view *v = op->dirty || !op->view ? op_picture(op) : NULL;
        if (v) {
            op_view_unref(op->view);
            op->view = v;
            op->dirty = false;
            struct event *e = event_new(EV_OPS, op->id, 0);
            if (e) {
                atomic_fetch_add(&c->ops_told, 1);
                e->op = op_view_ref(v);
            }
            moved[nmoved++] = e;
        }
        if (op->view)
            views[at++] = op_view_ref(op->view);
    }
    pthread_mutex_lock(&c->lock);
    old = ops->views;
    n = ops->nviews;
    ops->views = views;
    ops->nviews = at;
    pthread_mutex_unlock(&c->lock);
    unref_all(old, n);
    struct event *gone = at < n && !nmoved ? event_new(EV_OPS, 0, 0) : NULL;       /* one was dropped, and no other moved: that is news, too */
    if (gone) {
        atomic_fetch_add(&c->ops_told, 1);
        core_send(c, gone);
    }
    for (size_t i = 0; i < nmoved; i++)        /* who hears of it finds it in the list: after the last one nothing more would come */
        core_send(c, moved[i]);
    mem_free(moved);
}

static void publish_due(void *arg);

void ops_publish(struct core *c)
{
    if (atomic_load(&c->ops_told) < PICTURES_WAITING)
        publish(c);
    else if (!c->ops->publish && !c->closing)
        c->ops->publish = net_timer(c->net, PUBLISH_MS, publish_due, c);
}

static void publish_due(void *arg)
{
    struct core *c = arg;
    c->ops->publish = NULL;
    ops_publish(c);
}

void op_changed(struct op *op)
{
    struct core *c = op->core;
    op->dirty = true;
    if (!c->ops->publish && !c->closing)
        c->ops->publish = net_timer(c->net, PUBLISH_MS, publish_due, c);
}

/* ---- for the owner ---- */

struct ops_own { struct ops_view v; struct op_view *op[]; };

struct ops_view *core_ops(struct core *c)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->ops->nviews;
    struct ops_own *o = mem_zalloc(sizeof(*o) + (n + 1) * sizeof(o->op[0]));
    for (size_t i = 0; o && i < n; i++)
        o->op[i] = op_view_ref(c->ops->views[i]);
    pthread_mutex_unlock(&c->lock);
    if (!o)
        return NULL;
    o->v = (struct ops_view){.n = n, .op = o->op};
    return &o->v;
}

void ops_view_unref(struct ops_view *v)
{
    for (size_t i = 0; v && i < v->n; i++)
        op_view_unref(v->op[i]);
    mem_free(v);
}
