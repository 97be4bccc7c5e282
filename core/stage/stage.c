/* One stage: its life on the net thread, what the owner asks of it, the pictures it publishes. */
#include <stdio.h>
#include <string.h>

#include "core/kube/kube.h"
#include "core/ops/guard.h"
#include "core/ops/op.h"
#include "core/stage/stage_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define TICK_MS 50
#define PUBLISH_US 100000
#define AGAIN_US 5000000               /* the plan is read again while it is on the screen */

struct kube_source *stage_kube(const struct stage *st)
{
    return (struct kube_source *)st->core->source[st->source];
}

/* ---- pictures ---- */

struct newer {
    uint32_t id;
    struct stage_snap *snap;
};

static bool take_newer(struct msg *m, void *arg)
{
    struct event *e = (struct event *)m;
    struct newer *n = arg;
    if (e->type != EV_STAGE || e->id != n->id)
        return false;
    struct stage_snap *old = e->stage;
    e->stage = n->snap;
    n->snap = old;
    return true;
}

/* A picture that waits unread is replaced, as with rows. */
static void publish(struct stage *st)
{
    struct newer n = {.id = st->id, .snap = stage_picture(st)};
    if (!n.snap) {
        core_starve(st->core);
        return;
    }
    st->dirty = false;
    st->published_us = clock_mono_us();
    if (!mbox_visit(&st->core->events, take_newer, &n)) {
        struct event *e = event_new(EV_STAGE, st->id, st->source);
        if (e) {
            e->stage = n.snap;
            n.snap = NULL;
        }
        core_send(st->core, e);
    }
    stage_snap_unref(n.snap);
}

/* What was true when the question was put may be so no more when it is answered. */
static void look_again(struct stage *st)
{
    bool calm = st->phase == STAGE_READY || st->phase == STAGE_DONE;
    if (calm && st->have_plan && !st->look && !st->go_wanted && clock_mono_us() - st->looked_us > AGAIN_US)
        stage_look(st);
}

static void tick(void *arg)
{
    struct stage *st = arg;
    st->tick = net_timer(st->core->net, TICK_MS, tick, st);
    stage_run_tick(st);
    look_again(st);
    if (st->dirty && clock_mono_us() - st->published_us >= PUBLISH_US)
        publish(st);
}

void stage_dirty(struct stage *st)
{
    st->dirty = true;
}

void stage_say(struct stage *st, const char *fmt, ...)
{
    char buf[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    stage_text(st->status, sizeof st->status, buf);
    stage_dirty(st);
}

/* ---- looking ---- */

void stage_refuse(struct stage *st, const char *why)
{
    st->phase = STAGE_REFUSED;
    stage_text(st->refusal, sizeof st->refusal, why);
    stage_say(st, "refused: %.180s", st->refusal);
}

static void guard_says(struct stage *st)
{
    struct source_info info;
    struct err err = ERR_INIT;
    core_info_of(st->core, st->source, &info);
    st->protected_ = info.protected_;
    if (guard_source(&info, st->core->opt, &err))
        stage_refuse(st, err.msg);
}

/* Of what brings the pod back, where there is such a thing: its pods come and go from run to run. */
static void title_planned(struct stage *st)
{
    const struct look_result *f = &st->found;
    char of_server[160], title[400];
    server_title(st, of_server, sizeof of_server);
    snprintf(title, sizeof title, "%.20s %.60s/%.80s on %.40s%s", f->workload ? f->workload->singular : "pod", f->plan.ns,
             f->workload ? f->workload_name : f->plan.pod, st->core->source[st->source]->info.name, of_server);
    stage_text(st->title, sizeof st->title, title);
}

static void looked(void *arg, const struct look_result *r)
{
    struct stage *st = arg;
    struct look *l = st->look;
    bool first = st->phase == STAGE_LOOKING, other = strcmp(st->first.uid, r->plan.uid);
    st->look = NULL;
    st->looked_us = clock_mono_us();
    if (r->err.code != ERR_OK) {
        bool gone = st->go_wanted && (r->err.code == ERR_GONE || r->err.code == ERR_NOTFOUND);
        if (gone && st->found.workload) {      /* nothing was deleted: the next question names another pod */
            stage_run_not_deleted(st, ERR_GONE, "the pod is gone meanwhile");
        } else if (first || st->go_wanted) {
            stage_refuse(st, r->err.msg);
        }
        st->go_wanted = false;
        stage_dirty(st);
        look_free(l);
        if (gone && st->phase != STAGE_REFUSED)
            stage_look_next(st);
        return;
    }
    st->found = *r;
    st->have_plan = true;
    look_free(l);
    server_facts(st, &st->found.plan);
    if (first || other)
        st->first = st->found.plan;
    plan_changes(&st->found.plan, &st->first);
    title_planned(st);
    if (first) {
        stage_say(st, "ready");
        st->phase = STAGE_READY;
    }
    if (first || st->go_wanted)
        guard_says(st);
    for (size_t i = 0; i < st->found.plan.nfacts && st->phase != STAGE_REFUSED; i++)
        if (st->found.plan.fact[i].level == STAGE_REFUSE && (first || st->go_wanted))
            stage_refuse(st, st->found.plan.fact[i].text);
    stage_run_planned(st);
    stage_dirty(st);
}

static void look_at(struct stage *st, const struct look_target *t)
{
    look_free(st->look);
    st->look = look_start(stage_kube(st), t, looked, st);
    if (!st->look)
        stage_refuse(st, "out of memory");
}

/* The pod of the plan and no other: it is what the user was asked about. */
void stage_look(struct stage *st)
{
    const struct plan *p = &st->found.plan;
    struct look_target t = {.kind = st->kind, .ns = st->scope, .name = st->name, .uid = st->uid};
    if (st->have_plan)
        t = (struct look_target){.kind = kind_find("pods"), .ns = p->ns, .name = p->pod, .uid = p->uid};
    st->look_next = !st->have_plan;
    look_at(st, &t);
}

/* For another run: whichever of the workload's pods is there now. */
void stage_look_next(struct stage *st)
{
    const struct look_result *f = &st->found;
    if (!st->have_plan || !f->workload)
        return;
    struct look_target t = {.kind = f->workload, .ns = st->scope, .name = f->workload_name, .uid = ""};
    if (!strcmp(f->workload->id, "daemonsets"))
        t.node = f->plan.node;         /* the others of a daemon set do another node's work */
    st->look_next = true;
    look_at(st, &t);
}

static const char *unsupported(const struct stage *st)
{
    static const char *const kinds[] = {"pods", "deployments", "statefulsets", "daemonsets", "replicasets"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i], st->kind->id))
            return NULL;
    return "The stage is for pods and for what runs them: deployments, statefulsets, daemonsets, replicasets; and for servers.";
}

static void drop_open(void *arg)
{
    struct stage *st = arg;
    mem_free(st->name);
    mem_free(st->uid);
    mem_free(st->scope);
    mem_free(st->vm);
    strlist_release(&st->probes);
    mem_free(st);
}

/* ---- life ---- */

static void stage_free(struct stage *st)
{
    for (struct stage **p = &st->core->stages; *p; p = &(*p)->next)
        if (*p == st) {
            *p = st->next;
            break;
        }
    st->closing = true;
    net_timer_cancel(st->core->net, st->tick);
    op_inside_forget(st->core, st);
    stage_run_free(st);
    look_free(st->look);
    behind_free(st);
    server_free(st);
    for (size_t i = 0; i < st->nruns; i++)
        stage_run_box_unref(st->runs[i]);
    mem_free(st->runs);
    drop_open(st);
}

void stages_close_all(struct core *c)
{
    while (c->stages)
        stage_free(c->stages);
}

/* ---- from the owner's thread ---- */

enum what { STAGE_DO_GO, STAGE_DO_SCALE, STAGE_DO_MARK, STAGE_DO_STOP, STAGE_DO_CLOSE };
struct command {
    struct core *core;
    uint32_t id;
    enum what what;
    struct stage_go go;
    char text[120];
    int64_t at_us, replicas;
};

static void do_open(void *arg)
{
    struct stage *st = arg;
    struct core *c = st->core;
    st->next = c->stages;
    c->stages = st;
    st->tick = net_timer(c->net, TICK_MS, tick, st);
    const char *why = unsupported(st);
    char title[300];
    snprintf(title, sizeof title, "%s %s%s%s on %s", st->kind->singular, st->scope, *st->scope ? "/" : "", st->name,
             c->source[st->source]->info.name);
    stage_text(st->title, sizeof st->title, title);
    stage_say(st, "reading what owns it");
    if (c->closing)
        return;
    if (!strcmp(st->kind->id, "server"))
        server_look(st);
    else if (why)
        stage_refuse(st, why);
    else
        stage_look(st);
    publish(st);
}

uint32_t core_stage_open(struct core *c, const struct stage_request *rq)
{
    const struct row *r = rq->row;
    struct stage *st = r->source < c->nsources ? mem_zalloc(sizeof *st) : NULL;
    if (!st)
        return 0;
    *st = (struct stage){.core = c, .source = r->source, .cloud = rq->cloud, .kind = r->kind, .name = mem_strdup(r->name),
                         .uid = mem_strdup(r->uid), .scope = mem_strdup(r->scope), .vm = mem_strdup(rq->vm),
                         .vm_wanted = rq->vm != NULL, .timeout_us = rq->timeout_s * 1000000, .grace_s = rq->grace_s};
    st->id = atomic_fetch_add(&c->next_id, 1);
    bool ok = st->name && st->uid && st->scope && (st->vm || !rq->vm);
    for (const char *const *p = rq->probes; ok && p && *p; p++)
        ok = !strcmp(*p, "auto") || strlist_add(&st->probes, *p, strlen(*p));
    uint32_t id = st->id;
    if (ok && core_post(c, do_open, drop_open, st))
        return id;
    drop_open(st);
    return 0;
}

static void do_command(void *arg)
{
    struct command m = *(struct command *)arg;
    mem_free(arg);
    struct stage *st = m.core->stages;
    while (st && st->id != m.id)
        st = st->next;
    if (!st)
        return;
    switch (m.what) {
    case STAGE_DO_GO: stage_run_go(st, &m.go); break;
    case STAGE_DO_SCALE: stage_run_scale(st, m.replicas, m.go.confirmed_name); break;
    case STAGE_DO_MARK: stage_run_mark(st, m.at_us, m.text); break;
    case STAGE_DO_STOP: stage_run_stop(st); break;
    case STAGE_DO_CLOSE: stage_free(st); break;
    }
}

static void command(struct core *c, uint32_t id, enum what what, const struct stage_go *go, const char *text, int64_t replicas)
{
    struct command *m = mem_zalloc(sizeof *m);
    if (!m)
        return;
    *m = (struct command){.core = c, .id = id, .what = what, .at_us = clock_mono_us(), .replicas = replicas};
    if (go)
        m->go = *go;
    stage_text(m->text, sizeof m->text, text);
    if (!core_post(c, do_command, mem_free, m))
        mem_free(m);
}

void core_stage_go(struct core *c, uint32_t id, const struct stage_go *go)
{
    command(c, id, STAGE_DO_GO, go ? go : &(const struct stage_go){0}, NULL, 0);
}

void core_stage_scale(struct core *c, uint32_t id, int64_t replicas, bool confirmed_name)
{
    command(c, id, STAGE_DO_SCALE, &(const struct stage_go){.confirmed_name = confirmed_name}, NULL, replicas);
}

void core_stage_mark(struct core *c, uint32_t id, const char *text)
{
    command(c, id, STAGE_DO_MARK, NULL, text, 0);
}

void core_stage_stop(struct core *c, uint32_t id)
{
    command(c, id, STAGE_DO_STOP, NULL, NULL, 0);
}

void core_stage_close(struct core *c, uint32_t id)
{
    command(c, id, STAGE_DO_CLOSE, NULL, NULL, 0);
}
