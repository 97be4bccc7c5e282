/* T11: when the pod is an agent of Nova (conductor, scheduler, compute), does its row in os-services live again? Rows of
 * pods that are gone stay behind as ghosts: they are named, nothing more. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk.h"
#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/text.h"

#define ASK_US 2000000
#define MISSES 4                       /* answers without a row of ours, once the pod is ready: there is none */

static const char *binary_of(const struct plan *p)
{
    static const struct { const char *component, *binary; } agents[] = {
        {"conductor", "nova-conductor"}, {"scheduler", "nova-scheduler"}, {"compute", "nova-compute"}};
    for (size_t i = 0; strcmp(p->application, "nova") == 0 && i < sizeof agents / sizeof *agents; i++)
        if (!strcmp(agents[i].component, p->component))
            return agents[i].binary;
    return NULL;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

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

struct rows { bool ours, alive; char host[96], ghosts[96]; };

static void look_at(const struct stage *st, const json_t *row, struct rows *r)
{
    const struct machine *m = &st->live->machine;
    const struct plan *p = &st->found.plan;
    const char *host = text_of(row, "host");
    bool new_name = *m->new_name && !strcmp(host, m->new_name), on_node = *m->new_node && !strcmp(host, m->new_node);
    if (new_name || on_node) {
        r->ours = true;
        stage_text(r->host, sizeof r->host, host);
        r->alive |= !strcmp(text_of(row, "state"), "up") && after_delete(st->live, text_of(row, "updated_at"));
    } else if (!strcmp(host, p->pod)) {
        stage_text(r->ghosts, sizeof r->ghosts, host);
    }
}

static void answered(void *arg, const struct net_reply *reply)
{
    struct stage *st = arg;
    struct live *l = st->live;
    struct machine *m = &l->machine;
    struct rows r = {.ours = false};
    char detail[300];
    l->agent_call = NULL;
    l->agent_asked_us = clock_mono_us();
    if (reply->err.code == ERR_CANCELED || !l->running || machine_is_set(m, STAGE_T11))
        return;
    if (reply->err.code != ERR_OK) {
        snprintf(detail, sizeof detail, "os-services: %.200s", reply->err.msg);
        if (reply->err.code == ERR_FORBIDDEN || reply->err.code == ERR_UNSUPPORTED)
            machine_not_expected(m, STAGE_T11, detail);
        return;                        /* the API may be what is away */
    }
    json_t *doc = json_read(reply->body ? reply->body : "", reply->len, 0, NULL);
    const json_t *list = json_object_get(doc, "services");
    for (size_t i = 0; i < json_array_size(list); i++)
        look_at(st, json_array_get(list, i), &r);
    json_decref(doc);
    if (r.ours && r.alive) {
        int64_t now = clock_mono_us();
        snprintf(detail, sizeof detail, "%s on %s reports%s%s", binary_of(&st->found.plan), r.host, *r.ghosts ? "; ghost: " : "", r.ghosts);
        machine_set(m, STAGE_T11, (struct machine_stamp){now, l->agent_since_us ? l->agent_since_us : now}, detail);
    } else if (!r.ours && machine_is_set(m, STAGE_T7) && ++l->agent_misses >= MISSES) {
        machine_not_expected(m, STAGE_T11, "no row of os-services belongs to this pod or its node");
    }
    l->agent_since_us = l->agent_asked_us;     /* it was not so at the last look: it happened since */
}

void agent_tick(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    struct ostk_source *os = live_cloud(st);
    const char *binary = binary_of(&st->found.plan);
    struct err err = ERR_INIT;
    char path[80];
    if (machine_is_set(&l->machine, STAGE_T11))
        return;
    if (!binary || !os) {
        machine_not_expected(&l->machine, STAGE_T11, binary ? "no cloud is there to ask" : "not an agent");
        return;
    }
    if (!*l->machine.new_node || l->agent_call || now - l->agent_asked_us < ASK_US)
        return;
    snprintf(path, sizeof path, "/os-services?binary=%s", binary);
    struct ostk_req rq = {.service = "compute", .path = path, .timeout_ms = 10000, .on_done = answered, .arg = st};
    l->agent_asked_us = now;
    l->agent_call = ostk_send(os, &rq, &err);
}

void agent_stop(struct live *l)
{
    if (l->agent_call)
        ostk_cancel(l->agent_call);
    l->agent_call = NULL;
    l->agent_misses = 0;
    l->agent_asked_us = l->agent_since_us = 0;
}
