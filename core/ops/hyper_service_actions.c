/* A hypervisor's compute service: no new servers with our reason; enabled again if the reason is ours. */
#include <string.h>

#include "core/ops/hyper_drain.h"
#include "core/ops/nova_room.h"
#include "core/ops/ostk_act.h"

static enum act_verdict put(const struct act_ctx *c, struct act_req *rq, struct act_facts *f, json_t *body)
{
    const char *id = act_str(c->obj, "service.id");
    if (!ostk_act_is_uuid(id)) {
        json_decref(body);
        act_fact(f, FACT_REFUSED, "Nova does not say which compute service it has (that takes microversion 2.53)");
        return ACT_REFUSED;
    }
    str_addf(&rq->path, "/os-services/%s", id);
    return ostk_act_send(rq, "PUT", "compute", "2.53", body);
}

static bool disable_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    return nova_room_host_side(c, 0, i, hyper_host(c->obj), path, service, microversion);
}

static enum act_verdict disable_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    struct str reason;
    if (hyper_disabled(c->obj)) {
        act_fact(f, FACT_INFO, "it is disabled already: %s", *act_str(c->obj, "service.disabled_reason") ? act_str(c->obj, "service.disabled_reason") : "no reason is kept");
        return ACT_ALREADY;
    }
    act_fact(f, FACT_INFO, "the servers on it run on; no new ones come");
    nova_room_say_host(c, 0, hyper_host(c->obj), "could not leave", f);
    str_init(&reason, 4096);
    ostk_act_reason(c, "reason", &reason);
    if (reason.len > 255)
        act_fact(f, FACT_REFUSED, "the reason is too long: 255 characters with \"" OURS "\" at most");
    enum act_verdict v = put(c, rq, f, json_pack("{s:s,s:s}", "status", "disabled", "disabled_reason", reason.data));
    str_release(&reason);
    return v;
}

static enum act_verdict enable_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    if (!hyper_disabled(c->obj))
        return ACT_ALREADY;
    if (!ostk_act_of_others(c, f, act_str(c->obj, "service.disabled_reason"), "disabled"))
        return ACT_REFUSED;
    return put(c, rq, f, json_pack("{s:s}", "status", "enabled"));
}

static enum act_seen seen(const struct act_ctx *c, struct str *why, bool disabled)
{
    if (!c->obj) {
        str_adds(why, "the hypervisor is gone");
        return SEEN_FAILED;
    }
    str_addf(why, "it is %s", act_str(c->obj, "status"));
    return hyper_disabled(c->obj) == disabled ? SEEN_DONE : SEEN_WAIT;
}

static enum act_seen disable_seen(const struct act_ctx *c, struct str *why) { return seen(c, why, true); }
static enum act_seen enable_seen(const struct act_ctx *c, struct str *why) { return seen(c, why, false); }
static enum act_arrived disable_arrived(const struct act_ctx *c) { return hyper_disabled(c->obj) ? ARRIVED_YES : ARRIVED_NO; }
static enum act_arrived enable_arrived(const struct act_ctx *c) { return hyper_disabled(c->obj) ? ARRIVED_NO : ARRIVED_YES; }

static const char *disable_undo(const struct act_ctx *c, struct str *args)
{
    (void)c, (void)args;
    return "enable";
}

static const char *enable_undo(const struct act_ctx *c, struct str *args)
{
    (void)c, (void)args;
    return "disable";
}

/* By its STATUS, which is disabled or enabled. */
static bool fits(const struct action *a, const struct row *r)
{
    return !strcmp(row_column(r, "status"), "disabled") == !strcmp(a->id, "enable");
}

static const char *const hypervisors[] = {"hypervisor", NULL};
static const struct action_arg disable_args[] = {{.name = "reason", .help = "Why, as Nova keeps it; \"" OURS "\" is put before it.", .type = ARG_TEXT, .def = "maintenance"}};
static const struct action_arg enable_args[] = {OSTK_ANY_REASON};

const struct action hyper_service_actions[] = {
    {.id = "disable", .past = "disabled", .kinds = hypervisors, .help = "Takes no new servers there; those that are there run on.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_AGAIN, .args = disable_args, .nargs = 1, .side = disable_side, .build = disable_build, .observe = disable_seen, .arrived = disable_arrived, .undo = disable_undo,
     .fits = fits},
    {.id = "enable", .past = "enabled", .kinds = hypervisors, .help = "Takes new servers again, if strata disabled it.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_AGAIN, .args = enable_args, .nargs = 1, .build = enable_build, .observe = enable_seen, .arrived = enable_arrived, .undo = enable_undo,
     .fits = fits},
    {0},
};
