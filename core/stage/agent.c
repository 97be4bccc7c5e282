/* Agents of OpenStack: the list that the workload's service keeps of them, read again and again for the other lane; and T11:
 * when the pod is an agent of Nova (conductor, scheduler, compute), does its row in os-services live again? */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk.h"
#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/text.h"

#define ASK_US 2000000
#define CALM_US 5000000                /* between runs */
#define BIG 200000                     /* bytes of an answer that is asked for less often */
#define BIG_US 15000000
#define MISSES 4                       /* answers without a row of ours, once the pod is ready: there is none */

/* After T0 beyond any doubt about the cloud's clock. updated_at has whole seconds and is written by the agent's side. */
static bool after_delete(const struct live *l, const char *updated)
{
    struct arena a;
    int64_t ms;
    struct stage_clock cloud;
    if (!text_parse_time(updated, strlen(updated), &ms))
        return false;
    arena_init(&a, (size_t)64 << 20);
    struct stage_strip *s = live_strips(l, &a);
    clocks_from_samples(&cloud, STAGE_CLOCK_CLOUD, s, s ? l->nstrips : 0);
    arena_release(&a);
    return ms - (cloud.known ? cloud.hi_ms : 0) >= wall_of(&l->anchor, live_t0(l)) / 1000;
}

static bool pod_there(void *arg, const char *pod)
{
    const struct machine *m = arg;
    for (size_t i = 0; i < m->npods; i++)
        if (!strcmp(m->pod[i].show.name, pod))
            return true;
    return false;
}

static struct lane_in lane_of(const struct stage *st)
{
    const struct live *l = st->live;
    const struct plan *p = &st->found.plan;
    const struct lane_list *list = lane_list_of(p->application);
    return (struct lane_in){.binary = lane_binary(p->application, p->component), .old_pod = l->shown_run ? l->old_pod : p->pod, .old_node = l->shown_run ? l->old_node : p->node,
                            .new_pod = l->machine.new_name, .new_node = l->machine.new_node, .owner = st->found.workload_name, .service = list ? list->service : "",
                            .old_gone = l->machine.mark[STAGE_T10].seen == STAGE_SEEN || l->machine.mark[STAGE_T10].seen == STAGE_SEEN_LATE,
                            .running = l->running, .alive = pod_there, .arg = (void *)&l->machine};
}

/* ---- T11 ---- */

/* Does a row of the replacement, or of its node, report since the delete? */
static void look_at(const struct stage *st, const struct lane_agent *a, const char **ours, bool *alive)
{
    const struct machine *m = &st->live->machine;
    if (strcmp(a->host, m->new_name) && strcmp(a->host, m->new_node))
        return;
    *ours = a->host;
    *alive |= a->up && after_delete(st->live, a->updated);
}

static void settled(struct stage *st, const json_t *list, const char *binary, int64_t now)
{
    struct live *l = st->live;
    struct machine *m = &l->machine;
    const char *ours = NULL;
    bool alive = false;
    char detail[300];
    if (!l->running || !*m->new_node || machine_is_set(m, STAGE_T11))
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct lane_agent a;
        if (lane_agent(&a, json_array_get(list, i)) && !strcmp(a.binary, binary))
            look_at(st, &a, &ours, &alive);
    }
    if (ours && alive) {
        const char *ghost = "";
        for (size_t i = 0; i < l->lane.nown; i++)
            if (l->lane.own[i].role == STAGE_ROW_GHOST || (l->lane.own[i].role == STAGE_ROW_OLD && strcmp(l->lane.own[i].host, m->new_node)))
                ghost = l->lane.own[i].host;
        snprintf(detail, sizeof detail, "%s on %.90s reports%s%.90s", binary, ours, *ghost ? "; ghost: " : "", ghost);
        machine_set(m, STAGE_T11, (struct machine_stamp){now, l->agent_since_us ? l->agent_since_us : now}, detail);
    } else if (!ours && machine_is_set(m, STAGE_T7) && ++l->agent_misses >= MISSES) {
        machine_not_expected(m, STAGE_T11, "no row of os-services belongs to this pod or its node");
    }
}

/* ---- asking ---- */

static void answered(void *arg, const struct net_reply *reply)
{
    struct stage *st = arg;
    struct live *l = st->live;
    const struct lane_list *list = lane_list_of(st->found.plan.application);
    const char *binary = lane_binary(st->found.plan.application, st->found.plan.component);
    char why[300];
    l->agent_call = NULL;
    l->agent_asked_us = clock_mono_us();
    l->agent_size = reply->len;
    if (reply->err.code == ERR_CANCELED || !list)
        return;
    if (reply->err.code != ERR_OK) {   /* the API may be what is away */
        snprintf(why, sizeof why, "%.20s: %.200s", list->path + 1, reply->err.msg);
        stage_text(l->lane_why, sizeof l->lane_why, why);
        if (l->running && (reply->err.code == ERR_FORBIDDEN || reply->err.code == ERR_UNSUPPORTED))
            machine_not_expected(&l->machine, STAGE_T11, why);
        return;
    }
    json_t *doc = json_read(reply->body ? reply->body : "", reply->len, 0, NULL);
    const json_t *rows = json_object_get(doc, list->key);
    struct lane_in in = lane_of(st);
    l->lane_why[0] = '\0';
    l->lane_us = l->agent_asked_us;
    lane_read(&l->lane, &in, rows);
    if (binary && !strcmp(list->application, "nova"))
        settled(st, rows, binary, l->agent_asked_us);
    json_decref(doc);
    l->agent_since_us = l->agent_asked_us;     /* it was not so at the last look: it happened since */
    stage_dirty(st);
}

void agent_tick(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    const struct plan *p = &st->found.plan;
    const struct lane_list *list = lane_list_of(p->application);
    struct ostk_source *os = behind_below(st) ? NULL : live_cloud(st);
    bool t11 = list && !strcmp(list->application, "nova") && lane_binary(p->application, p->component);
    int64_t pace = l->agent_size > BIG ? BIG_US : l->running ? ASK_US : CALM_US;
    struct err err = ERR_INIT;
    if (l->running && (!t11 || !os) && l->probing)
        machine_not_expected(&l->machine, STAGE_T11, t11 ? "no cloud is there to ask" : "not an agent");
    if (!list || !os || !l->probing || l->agent_call || (l->agent_asked_us && now - l->agent_asked_us < pace))
        return;
    struct ostk_req rq = {.service = list->service, .path = list->path, .timeout_ms = 10000, .on_done = answered, .arg = st};
    l->agent_asked_us = now;
    l->agent_call = ostk_send(os, &rq, &err);
}

void agent_before(struct stage *st)
{
    struct live *l = st->live;
    lane_before(&l->lane);
    memcpy(l->old_pod, st->found.plan.pod, sizeof l->old_pod);
    memcpy(l->old_node, st->found.plan.node, sizeof l->old_node);
    l->shown_run = true;
    l->agent_asked_us = 0;
    l->agent_misses = 0;
    l->agent_since_us = 0;
}

void agent_stop(struct live *l)
{
    if (l->agent_call)
        ostk_cancel(l->agent_call);
    l->agent_call = NULL;
    l->shown_run = false;
    for (size_t i = 0; i < l->lane.ngroups; i++)
        l->lane.group[i].counted = false;
    for (size_t i = 0; i < l->lane.nown; i++)
        l->lane.own[i].was_before = false;
    l->agent_misses = 0;
    l->agent_asked_us = l->agent_since_us = 0;
}

/* ---- what is shown ---- */

/* The server that is watched: what is measured, where, and why there. */
static void vm_row(const struct stage *st, const struct stage_strip *s, struct stage_row *r)
{
    char name[200], text[300], p50[24];
    const struct stage_numbers *n = &s->num;
    *r = (struct stage_row){.role = STAGE_ROW_VM, .health = HEALTH_UNKNOWN};
    server_called(st, name, sizeof name);
    stage_text(r->name, sizeof r->name, name);
    seconds_text(p50, sizeof p50, n->before_p50_us);
    if (*s->note)
        snprintf(text, sizeof text, "%.150s", s->note);
    else if (n->sent || n->not_sent)
        snprintf(text, sizeof text, "%.80s: %u of %u failed", s->target, n->failed, n->sent);
    else
        snprintf(text, sizeof text, "%.80s: %s%s", s->target, n->before_p50_us < 0 ? "no answer yet" : n->failing_before ? "does not answer" : "answers in ",
                 n->before_p50_us < 0 || n->failing_before ? "" : p50);
    stage_text(r->text, sizeof r->text, text);
    if (!*s->note && n->before_p50_us >= 0)
        r->health = n->failed || n->failing_before ? HEALTH_BAD : HEALTH_OK;
}

size_t agent_rows(const struct stage *st, const struct stage_strip *strips, size_t nstrips, struct stage_row *out, size_t max)
{
    struct lane_in in = lane_of(st);
    size_t n = lane_rows(&st->live->lane, &in, out, max - 1);
    for (size_t i = 0; i < nstrips && n < max; i++)
        if (strips[i].kind == STAGE_P4)
            vm_row(st, &strips[i], &out[n++]);
    return n;
}

void agent_note(const struct stage *st, char *buf, size_t size)
{
    const struct live *l = st->live;
    char note[160];
    *buf = '\0';
    if (!lane_list_of(st->found.plan.application))
        snprintf(buf, size, "this workload is no service of OpenStack that lists agents");
    else if (!l->probing)
        snprintf(buf, size, "looking for the cloud behind the pod");
    else if (behind_below(st))
        snprintf(buf, size, "the cloud is below this cluster, its services are elsewhere");
    else if (!live_cloud(st))
        stage_text(buf, size, !strncmp(behind_note(st, note, sizeof note), "not probed: ", 12) ? note + 12 : note);
    else if (*l->lane_why)
        stage_text(buf, size, l->lane_why);
    else if (!l->lane_us)
        snprintf(buf, size, "asking for the agents");
}
