/* The blast radius of a plan: rows are read as far as the harm goes, round by round; the graph of each round is made on a worker. */
#include "core/ops/op_blast_priv.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "core/links/profile.h"
#include "core/ops/blast_words.h"
#include "strata/clock.h"
#include "strata/graph.h"
#include "strata/map.h"
#include "strata/mem.h"
#include "strata/options.h"
#include "strata/radius.h"

#define CUTS_MAX 100000

/* ---- when ---- */

static void due(void *arg)
{
    struct op_blast *b = arg;
    b->timer = NULL;
    if (b->op)
        op_pump_soon(b->op);
}

void op_blast_wait(struct op_blast *b)
{
    net_timer_cancel(b->core->net, b->timer);
    b->until_ms = clock_mono_ms() + LOOK_MS;
    b->timer = net_timer(b->core->net, LOOK_MS, due, b);
}

/* All targets in one namespace of one cluster: no other need be read as long as the harm stays there. */
static void one_namespace(struct op_blast *b, const struct op *op)
{
    const struct op_step *first = NULL;
    for (size_t i = 0; i < op->ntargets; i++) {
        const struct op_step *st = &op->steps[i];
        if (!op_blast_counts(st))
            continue;
        first = first ? first : st;
        if (!(st->kind->flags & KIND_NAMESPACED) || st->src != first->src || !st->scope || strcmp(st->scope, first->scope ? first->scope : ""))
            return;
    }
    if (first && first->scope && strlen(first->scope) < sizeof b->ns)
        memcpy(b->ns, first->scope, strlen(first->scope) + 1);
}

void op_blast_warm(struct op *op)
{
    bool any = false;
    for (size_t i = 0; i < op->ntargets && !any; i++)
        any = op_blast_counts(&op->steps[i]);
    if (op->blast || op->blasted || op->planned || !any || op->by_itself)
        return;
    struct op_blast *b = mem_zalloc(sizeof *b);
    if (!b)
        return;
    b->core = op->core;
    b->op = op;
    b->keeps = op->look;
    sem_init(&b->ended, 0, 0);
    str_init(&b->facts, 65536);
    str_init(&b->conflicts, 65536);
    one_namespace(b, op);
    for (size_t i = 0; i < op->ntargets; i++)
        if (op_blast_counts(&op->steps[i]))
            op_blast_watch_target(b, &op->steps[i]);
    op->blast = b;
}

/* ---- a round ---- */

bool op_blast_settled(const struct op_blast *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->watch[i].f && store_status(b->watch[i].f->store)->state == FEED_LOADING)
            return false;
    return true;
}

static uint32_t find(const struct links *l, const struct mark *m)
{
    uint32_t node = *m->uid ? links_find(l, m->source, m->kind, m->uid) : LINK_NO_NODE;
    for (uint32_t i = 0; !*m->uid && i < links_nodes(l); i++) {
        const struct row *r = links_row(l, i);
        if (r && r->kind == m->kind && links_cluster(l, r->source) == links_cluster(l, m->source) && !strcmp(r->name, m->name) && !strcmp(r->scope, m->scope))
            return i;
    }
    for (uint32_t i = 0; node == LINK_NO_NODE && graph_part_of(m->kind) && i < links_nodes(l); i++) {
        const struct row *r = links_row(l, i);
        if (r && links_cluster(l, r->source) == links_cluster(l, m->source) && graph_is_part(m->kind, *m->uid ? m->uid : m->name, r))
            return i;
    }
    return node;
}

/* The node of a pod, from 1; 0: it is not seen. */
static uint32_t stands_on(const struct links *l, uint32_t pod)
{
    const struct link_edge *e;
    size_t n = links_down(l, pod, &e);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "runs-on"))
            return e[i].to + 1;
    return 0;
}

/* ways: words that no other fact of its plan says; of all else the rows of its action have them, but of what was refused. targets: their nodes. */
static size_t cuts_of(struct op_blast *b, const struct links *l, struct blast_cut *cut, uint32_t *target, struct str *unfound, struct str *ways)
{
    size_t n = 0, lost = 0;
    struct str more;
    str_init(&more, 1 << 16);
    for (size_t i = 0; i < b->nmarks; i++) {
        struct mark *m = &b->mark[i];
        uint32_t node = find(l, m);
        if (node == LINK_NO_NODE) {
            lost++;
            continue;
        }
        size_t first = n;
        const struct blast_how how = {.keep = m->keep, .args = m->arg, .nargs = m->nargs};
        if (!m->kid)
            target[m->step] = node;
        if (!m->whole)
            n += blast_cuts_as(l, m->action, node, &how, cut + n, CUTS_MAX - n, blast_tells(m->action, m->kind) || (b->keeps && !m->kid) ? ways : &more);
        for (size_t k = first; k < n; k++) {
            cut[k].turn = m->turn;
            if (m->refused)
                continue;                       /* its options as they are say how it would go */
            cut[k].data = m->data ? DATA_GIVEN : DATA_NONE;
            cut[k].held = m->held;
            cut[k].allowed = m->allowed;
            if (m->drained && cut[k].back && !link_is_pinned(l, links_row(l, node)))
                cut[k].drained = stands_on(l, node);
            cut[k].opens = m->opens;
        }
        if (m->kid)
            continue;
        op_blast_doubt(b, l, m, node);
    }
    blast_place(l, cut, n, ways);
    if (lost)
        str_addf(unfound, "%s%zu of what is named", unfound->len ? ", " : "", lost);
    str_release(&more);
    return n;
}

static void work_on(struct op_blast *b, struct blast_cut *cut, struct link_profiles *p)
{
    struct err err = ERR_INIT;
    struct str unknown, ways;
    struct blast x = {0};
    radius_unref(b->radius);                   /* of the round before */
    b->radius = NULL;
    if (*b->profiles_dir)
        link_profiles_dir(p, b->profiles_dir, &err);
    struct source_info *source = mem_alloc(CORE_MAX_SOURCES * sizeof *source);
    size_t nsources = source ? core_sources(b->core, source, CORE_MAX_SOURCES) : 0;
    struct links *l = links_build(&(struct links_world){(const struct snap *const *)b->snap, b->nsnaps, source, nsources}, p);
    mem_free(source);
    str_init(&unknown, 4096);
    str_init(&ways, 1 << 14);
    op_blast_say_unseen(l, b->unseen, &unknown);
    str_release(&b->facts);
    str_init(&b->facts, 65536);
    str_release(&b->conflicts);
    str_init(&b->conflicts, 65536);
    b->failed |= !l;
    uint32_t *target = mem_alloc((b->ntargets + 1) * sizeof *target);
    for (size_t i = 0; target && i < b->ntargets; i++)
        target[i] = LINK_NO_NODE;
    size_t n = l && target ? cuts_of(b, l, cut, target, &unknown, &ways) : 0;
    if (l && target && blast_make(&x, l, cut, n, b->pace)) {
        struct str says;
        str_init(&says, 4200);
        if (unknown.len)
            str_addf(&says, "blast radius: unknown: %s", unknown.data);
        b->nneeds = blast_place_needs(l, cut, n, b->need, blast_needs(l, &x, b->need, NEEDS_MAX), NEEDS_MAX);
        for (size_t i = 0; i < b->nmarks; i++)
            if (b->mark[i].conflict && blast_across(b->mark[i].action, b->mark[i].kind))
                x.verdict = BLAST_RED;          /* it might hit another: it is refused */
        b->verdict = x.verdict;
        b->beyond = blast_beyond(l, &x);
        for (size_t i = 0; i < b->nmarks; i++)
            b->beyond |= b->mark[i].kid;        /* nobody named what its steps take */
        b->quorum_lost = x.quorum_lost;
        b->failed |= !op_blast_reds(b, l, &x);
        blast_words(b->core, l, &x, says.len ? says.data : "", &b->facts);
        for (const char *p = ways.len ? ways.data : ""; *p; p += strcspn(p, "\n"), p += *p == '\n')
            str_addf(&b->facts, "%c%.*s\n", x.verdict == BLAST_RED ? 'd' : 'c', (int)strcspn(p, "\n"), p);
        str_release(&says);
        if (b->keeps)
            op_blast_keep(b, l, &x, target, ways.data, unknown.data);
        else
            blast_free(&x);
    } else {
        b->failed = true;
    }
    mem_free(target);
    str_release(&unknown);
    str_release(&ways);
    if (!b->radius)
        links_free(l);
}

static void work(void *arg)
{
    struct op_blast *b = arg;
    int queued = QUEUED;
    if (!atomic_compare_exchange_strong(&b->at, &queued, RUNNING))
        return;
    struct blast_cut *cut = mem_alloc(CUTS_MAX * sizeof *cut);
    struct link_profiles *p = cut ? link_profiles_new() : NULL;
    if (p)
        work_on(b, cut, p);
    else
        b->failed = true;
    link_profiles_free(p);
    mem_free(cut);
    atomic_store(&b->at, ENDED);
    sem_post(&b->ended);
}

static void drop_snaps(struct op_blast *b)
{
    for (size_t i = 0; i < b->nsnaps; i++)
        snap_unref(b->snap[i]);
    mem_free(b->snap);
    b->snap = NULL;
    b->nsnaps = 0;
    mem_free(b->unseen);
    b->unseen = NULL;
}

static void drop_marks(struct op_blast *b)
{
    for (size_t i = 0; i < b->nmarks; i++) {
        mem_free(b->mark[i].uid);
        mem_free(b->mark[i].name);
        mem_free(b->mark[i].scope);
        for (size_t k = 0; k < b->mark[i].nargs; k++)
            mem_free(b->mark[i].arg[k]);
        mem_free(b->mark[i].arg);
    }
    mem_free(b->mark);
    b->mark = NULL;
    b->nmarks = 0;
}

static void end(struct op_blast *b)
{
    drop_snaps(b);
    drop_marks(b);
    str_release(&b->facts);
    str_release(&b->conflicts);
    radius_unref(b->radius);
    mem_free(b->red);
    mem_free(b->agreed_red);
    mem_free(b->agreed_words);
    sem_destroy(&b->ended);
    mem_free(b->watch);
    mem_free(b);
}

static bool any_source(const struct core *c, enum plane plane)
{
    for (size_t i = 0; i < c->nsources; i++)
        if (c->source[i]->info.plane == plane)
            return true;
    return false;
}

static bool more_needed(struct op_blast *b)
{
    bool more = false;
    for (size_t i = 0; i < b->nneeds; i++) {
        const struct blast_need *x = &b->need[i];
        enum plane plane = kind_find(x->kind) ? kind_find(x->kind)->plane : PLANE_KUBE;
        b->closed[plane == PLANE_KUBE] |= x->across && !any_source(b->core, plane);
        b->partly |= x->across && plane == PLANE_KUBE && b->core->unopened.len;
        more |= x->across ? op_blast_watch_all(b, x->kind) : op_blast_watch(b, x->source, x->kind, x->wide);
    }
    return more;
}

static void worked(void *arg)
{
    struct op_blast *b = arg;
    b->working = false;
    if (!b->op) {
        end(b);
        return;
    }
    drop_snaps(b);
    bool more = !b->failed && more_needed(b);
    b->late = more && clock_mono_ms() >= b->until_ms;
    b->complete = !more || b->late;
    op_pump_soon(b->op);
}

static char *mine(const char *s) { return mem_strdup(s ? s : ""); }

/* The target that it is part of. */
static uint32_t target_of(const struct op *op, const struct op_step *st)
{
    for (int depth = 0; st->parent != UINT32_MAX && st->parent < op->nsteps && depth < 16; depth++)
        st = &op->steps[st->parent];
    return st->index;
}

/* As it was told: which labels are set, which state, which pods. */
static bool take_args(struct mark *m, const struct op_step *st)
{
    bool ok = (m->arg = mem_zalloc((st->nargs + 1) * sizeof *m->arg)) != NULL;
    for (size_t k = 0; ok && k < st->nargs; k++) {
        struct str s;
        str_init(&s, 1 << 20);
        ok = str_addf(&s, "%s=%s", st->args[k].name, st->args[k].value) && (m->arg[m->nargs] = str_take(&s));
        m->nargs += ok;
        str_release(&s);
    }
    return ok;
}

static bool take_mark(struct op_blast *b, const struct op_step *st, uint32_t target)
{
    struct mark *m = &b->mark[b->nmarks++];
    *m = (struct mark){.source = st->src->info.id, .kind = st->kind, .action = op_blast_acts_as(st), .uid = mine(st->uid), .name = mine(st->name), .scope = mine(st->scope),
                       .step = target, .keep = st->as ? st->keep : -1, .allowed = st->allowed, .data = st->data, .kid = target != st->index, .whole = !st->refused && (st->action->compound || st->taken), .refused = st->refused};
    m->drained = m->kid && !strcmp(m->kind->id, "pods") && (!strcmp(m->action, "evict") || !strcmp(m->action, "remove"));
    m->opens = m->drained && !strcmp(op_blast_acts_as(&b->op->steps[target]), "maintenance");
    for (size_t k = 0; k < st->nargs; k++)
        if (!strcmp(st->args[k].name, "replicas"))
            m->keep = strtoll(st->args[k].value, NULL, 10);
    return m->uid && m->name && m->scope && take_args(m, st);
}

/* A number for who holds it; of those that are told apart by their words. */
static uint32_t holder(struct map *held, const struct op_step *st)
{
    uintptr_t n = st->held ? (uintptr_t)map_get(held, st->held) : 0;
    if (st->held && !n && map_put(held, st->held, (void *)(held->count + 1)))
        n = held->count;
    return (uint32_t)n;
}

/* What only ends holds nobody up: all are at work at once. */
static void take_pace(struct op_blast *b)
{
    size_t wave = op_wave(b->op);
    b->pace = (struct blast_pace){.together = b->op->action->flags & ACTION_GONE ? 0 : wave ? (uint32_t)wave : b->op->at_once, .waves = wave > 0};
}

/* Targets go one after another, those that do nothing left out. */
static void in_turns(struct op_blast *b, uint32_t *turn)
{
    uint32_t n = 0;
    for (size_t i = 0; i < b->nmarks; i++) {
        struct mark *m = &b->mark[i];
        if (!m->kid)
            turn[m->step] = n++;
        m->turn = turn[m->step];
    }
}

/* What its plan named, "KIND UID" a line. */
static bool take_named(struct op_blast *b, const struct op_step *st)
{
    bool ok = true;
    for (const char *p = st->taken ? st->taken : ""; ok && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        struct mark *m = &b->mark[b->nmarks];
        char kind[64];
        size_t n = strcspn(p, " ");
        snprintf(kind, sizeof kind, "%.*s", (int)n, p);
        p += n + 1;
        *m = (struct mark){.source = st->src->info.id, .kind = kind_find(kind), .action = "delete", .uid = mem_strndup(p, strcspn(p, "\n")), .name = mine(""),
                           .scope = mine(""), .step = st->index, .keep = -1, .kid = true};
        b->nmarks++;
        ok = m->uid && m->name && m->scope;
    }
    return ok;
}

static size_t lines_of(const struct op *op)
{
    size_t n = 0;
    for (size_t i = 0; i < op->ntargets; i++)
        for (const char *p = op->steps[i].taken; p && *p; p++)
            n += *p == '\n';
    return n;
}

static bool take_marks(struct op_blast *b)
{
    const struct op *op = b->op;
    struct map held;
    drop_marks(b);
    b->ntargets = op->ntargets;
    uint32_t *turn = mem_zalloc((op->ntargets + 1) * sizeof *turn);
    b->mark = mem_zalloc((op->nsteps + lines_of(op) + 1) * sizeof *b->mark);
    bool ok = turn && b->mark;
    take_pace(b);
    map_init(&held, NULL);
    for (size_t i = 0; ok && i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        uint32_t target = target_of(op, st);
        bool kid = i >= op->ntargets, waits = st->state == STEP_WAITING && !st->refused && st->pending == PENDING_NO;
        if (kid ? !waits || target >= op->ntargets || op->steps[target].refused || !blast_known(op_blast_acts_as(st), st->kind) || !op_blast_counts(&op->steps[target]) : !op_blast_counts(st))
            continue;
        ok &= take_mark(b, st, target);
        b->mark[b->nmarks - 1].held = holder(&held, st);
        ok &= kid || take_named(b, st);
    }
    map_release(&held);
    if (ok)
        in_turns(b, turn);
    mem_free(turn);
    return ok;
}

/* The steps of its targets are known now, and nothing else is waited for. */
static void look(struct op_blast *b)
{
    op_blast_wait(b);
    b->looks = true;
    for (size_t i = b->op->ntargets; i < b->op->nsteps; i++) {
        const struct op_step *st = &b->op->steps[i];
        if (st->kind && blast_known(op_blast_acts_as(st), st->kind))
            op_blast_watch(b, st->src->info.id, st->kind->id, true);
    }
}

bool op_blast_round(struct op_blast *b)
{
    b->snap = mem_zalloc((b->n + 1) * sizeof *b->snap);
    if (!b->snap || !take_marks(b))
        return false;
    for (size_t i = 0; i < b->n; i++)
        if (b->watch[i].f && (b->snap[b->nsnaps] = store_publish(b->watch[i].f->store)))
            b->nsnaps++;
    b->unseen = op_blast_unseen(b);
    if (!options_user_dir("profiles", b->profiles_dir, sizeof b->profiles_dir))
        b->profiles_dir[0] = '\0';
    atomic_store(&b->at, QUEUED);
    while (!sem_trywait(&b->ended))
        continue;
    b->working = net_work(b->core->net, work, worked, b);
    return b->working;
}

/* ---- the plan ---- */

static void tell(struct op *op, struct op_blast *b)
{
    const struct op_step *one = op->ntargets == 1 ? &op->steps[0] : NULL;
    static const char letters[] = "icd", green[] = "blast radius: green";
    bool all = !b->late && !b->closed[0] && !b->closed[1] && !b->partly && !b->conflicts.len;
    for (const char *p = b->keeps ? NULL : b->facts.data; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        char line[1200];
        size_t n = strcspn(p, "\n");
        const char *level = strchr(letters, *p);
        bool partly = !all && !strncmp(p + 1, green, sizeof green - 1);     /* what was not looked at is not green */
        size_t skip = partly ? sizeof green : 1;
        snprintf(line, sizeof line, "%s%.*s", partly ? "blast radius: yellow" : "", (int)(n > skip ? n - skip : 0), p + skip);
        op_fact(op, level ? (enum fact_level)(level - letters) : FACT_INFO, one ? one->index : UINT32_MAX, line);
    }
    op_blast_doubts_told(op, b);
    if (b->late)
        op_fact(op, FACT_CAUTION, one ? one->index : UINT32_MAX, "blast radius: unknown: what more hangs on it could not be read in time");
    if (b->closed[0] || b->closed[1]) {
        char line[160];
        bool told_so = b->closed[1] && op->core->opt->ignore_clusters;
        snprintf(line, sizeof line, "blast radius: no %s is %s: what hangs on it there was not looked at (%s)", b->closed[1] ? "cluster" : "cloud", told_so ? "asked" : "open",
                 told_so ? "--ignore-clusters" : b->closed[1] ? "--context NAME, --all" : "--cloud NAME, --all");
        op_fact(op, told_so ? FACT_CAUTION : FACT_INFO, one ? one->index : UINT32_MAX, line);
    }
    for (size_t i = 0; b->verdict == BLAST_RED && i < b->nmarks; i++)
        op->steps[b->mark[i].step].danger = true;
    op->beyond = b->verdict == BLAST_RED && b->beyond;
    op_blast_whole(op, b);
}

bool op_blast_told(struct op *op)
{
    struct op_blast *b = op->blast;
    bool any = false;
    for (size_t i = 0; i < op->ntargets && !any; i++)
        any = op_blast_counts(&op->steps[i]);
    if (!b || !any) {
        op_blast_free(op);
        return true;
    }
    if (!b->looks)
        look(b);
    if (b->working || (!b->complete && !op_blast_settled(b) && clock_mono_ms() < b->until_ms))
        return false;
    if (!b->complete && op_blast_round(b))
        return false;
    if (b->failed || !b->complete)
        op_fact(op, FACT_CAUTION, UINT32_MAX, "blast radius: unknown: memory is out, nothing was looked at");
    else
        tell(op, b);
    op->blasted = true;
    if (op->dry_run || op->by_itself || op->told || !op_blast_agree(b))
        op_blast_free(op);
    return true;
}

void op_blast_free(struct op *op)
{
    struct op_blast *b = op->blast;
    int queued = QUEUED;
    if (!b)
        return;
    op->blast = NULL;
    b->op = NULL;
    net_timer_cancel(b->core->net, b->timer);
    b->timer = NULL;
    for (size_t i = 0; i < b->n; i++)
        if (b->watch[i].f)
            feed_inside_close(b->watch[i].f);
    b->n = 0;
    if (!b->working) {
        end(b);
        return;
    }
    /* Its rows must not outlive the feeds where the core ends; a graph is made in a moment. */
    if (!atomic_compare_exchange_strong(&b->at, &queued, DROPPED) && atomic_load(&b->at) == RUNNING)
        while (sem_wait(&b->ended))
            continue;
    drop_snaps(b);
    radius_unref(b->radius);
    b->radius = NULL;
}

void ops_feed_moved(struct core *c)
{
    for (struct op *op = c->ops ? c->ops->list : NULL; op; op = op->next)
        if (op->blast && (!op->planned || op->started))
            op_pump_soon(op);
}
