/* Nova: stop and start of a server. */
#include <string.h>

#include "core/ops/action.h"

static enum act_verdict power(const struct act_ctx *c, struct act_req *rq, struct act_facts *f, const char *verb, const char *from, const char *to)
{
    const char *status = act_str(c->obj, "status"), *task = act_str(c->obj, "OS-EXT-STS:task_state");
    if (!strcmp(status, to) && !*task)
        return ACT_ALREADY;
    if (*task) {
        act_fact(f, FACT_REFUSED, "it is busy (%s): wait until that has ended", task);
        return ACT_REFUSED;
    }
    if (strcmp(status, from) != 0 && strcmp(status, "ERROR") != 0) {
        act_fact(f, FACT_REFUSED, "it is %s; only a server that is %s can do this", status, from);
        return ACT_REFUSED;
    }
    if (json_is_true(act_get(c->obj, "locked")))
        act_fact(f, FACT_CAUTION, "it is locked: only an administrator's request is taken");
    rq->method = "POST";
    rq->service = "compute";
    rq->microversion = "2.1";
    rq->body = json_pack("{s:n}", verb);
    act_path(c, &rq->path, "action");
    return ACT_SEND;
}

static enum act_verdict stop_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    act_fact(f, FACT_CAUTION, "what runs on it ends; it keeps its place, its addresses and its volumes");
    return power(c, rq, f, "os-stop", "ACTIVE", "SHUTOFF");
}

static enum act_verdict start_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    return power(c, rq, f, "os-start", "SHUTOFF", "ACTIVE");
}

/* The instance action of our request id says how it ended where the status does not. */
static bool actions_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (i || !*c->request_id)
        return false;
    *service = "compute";
    *microversion = "2.1";
    return act_path(c, path, "os-instance-actions") && str_addf(path, "/%s", c->request_id);
}

static enum act_seen seen(const struct act_ctx *c, struct str *why, const char *to)
{
    const char *status = act_str(c->obj, "status"), *task = act_str(c->obj, "OS-EXT-STS:task_state");
    if (!c->obj) {
        str_adds(why, "the server was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (!strcmp(status, to) && !*task) {
        str_addf(why, "it is %s", to);
        return SEEN_DONE;
    }
    const char *message = act_str(c->side[0].json, "instanceAction.message");
    size_t i;
    json_t *e;
    json_array_foreach((json_t *)act_get(c->side[0].json, "instanceAction.events"), i, e)
        if (!strcmp(act_str(e, "result"), "Error")) {
            str_addf(why, "Nova says that it failed: %s", *message ? message : act_str(e, "event"));
            return SEEN_FAILED;
        }
    if (!*task && !strcmp(status, "ERROR")) {
        str_addf(why, "it is in ERROR: %s", act_str(c->obj, "fault.message"));
        return SEEN_FAILED;
    }
    str_addf(why, "it is %s%s%s", status, *task ? ", " : "", task);
    return SEEN_WAIT;
}

static enum act_seen stop_observe(const struct act_ctx *c, struct str *why) { return seen(c, why, "SHUTOFF"); }
static enum act_seen start_observe(const struct act_ctx *c, struct str *why) { return seen(c, why, "ACTIVE"); }

static enum act_arrived arrived(const struct act_ctx *c, const char *to, const char *task)
{
    const char *now = act_str(c->obj, "OS-EXT-STS:task_state");
    return !strcmp(act_str(c->obj, "status"), to) || !strncmp(now, task, strlen(task)) ? ARRIVED_YES : ARRIVED_NO;
}

static enum act_arrived stop_arrived(const struct act_ctx *c) { return arrived(c, "SHUTOFF", "powering-off"); }
static enum act_arrived start_arrived(const struct act_ctx *c) { return arrived(c, "ACTIVE", "powering-on"); }

static const char *stop_undo(const struct act_ctx *c, struct str *args)
{
    (void)c, (void)args;
    return "start";
}

static const char *start_undo(const struct act_ctx *c, struct str *args)
{
    (void)c, (void)args;
    return "stop";
}

static bool runs(const struct row *r) { return r->health != HEALTH_DONE; }
static bool is_off(const struct row *r) { return r->health == HEALTH_DONE || r->health == HEALTH_BAD; }

static const char *const servers[] = {"server", NULL};

const struct action nova_power_actions[] = {
    {.id = "stop", .past = "stopped", .kinds = servers, .help = "Shuts a server down.", .plane = PLANE_OPENSTACK, .build = stop_build,
     .side = actions_side, .observe = stop_observe, .arrived = stop_arrived, .undo = stop_undo, .fits = runs},
    {.id = "start", .past = "started", .kinds = servers, .help = "Starts a server that is shut off.", .plane = PLANE_OPENSTACK, .build = start_build,
     .side = actions_side, .observe = start_observe, .arrived = start_arrived, .undo = start_undo, .fits = is_off},
    {0},
};
