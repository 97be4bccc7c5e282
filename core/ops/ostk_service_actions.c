/*
 * Workers of Nova, Cinder and Neutron taken out of use and back, in the panel of all services or by the kind of their own:
 * disable, enable; of nova-compute also force-down.
 */
#include <string.h>

#include "core/openstack/services_priv.h"
#include "core/ops/nova_room.h"
#include "core/ops/ostk_act.h"

enum api { NONE, NOVA, CINDER, NEUTRON };

static enum api api_of(const struct act_ctx *c)
{
    const char *type = ostk_act_api(c);
    return !strcmp(type, "compute") ? NOVA : !strcmp(type, "block-storage") ? CINDER : !strcmp(type, "network") ? NEUTRON : NONE;
}

static bool is_off(const struct act_ctx *c, const json_t *o)
{
    return api_of(c) == NEUTRON ? json_is_false(act_get(o, "admin_state_up")) : !strcmp(act_str(o, "status"), "disabled");
}

static const char *reason_of(const struct act_ctx *c, const json_t *o)
{
    return act_str(o, api_of(c) == NEUTRON ? "description" : "disabled_reason");
}

/* ---- what hangs on it ---- */

static bool is_l3(const struct act_ctx *c) { return !strcmp(act_str(c->obj, "agent_type"), "L3 agent"); }
static bool gives_care(const struct act_ctx *c) { return is_l3(c) || !strcmp(act_str(c->obj, "agent_type"), "DHCP agent"); }

static bool is_compute(const struct act_ctx *c) { return !strcmp(act_str(c->obj, "binary"), "nova-compute"); }

/* The others: to see who is left; of an agent what it cares for, as its own report counts only what it got round to. */
static bool others_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    enum api api = api_of(c);
    *service = api == NOVA ? "compute" : api == NEUTRON ? "network" : "block-storage";
    *microversion = api == NOVA ? "2.93" : api == NEUTRON ? NULL : "3.70";
    if (c->seeing || strcmp(c->action->id, "disable") != 0)
        return false;
    if (api == NEUTRON && gives_care(c) && !i)
        return str_adds(path, is_l3(c) ? "/agents?agent_type=L3%20agent" : "/agents?agent_type=DHCP%20agent");
    if (api == NEUTRON && gives_care(c) && i == 1)
        return str_adds(path, "/agents/") && str_add_urlenc(path, act_str(c->obj, "id")) && str_adds(path, is_l3(c) ? "/l3-routers" : "/dhcp-networks");
    if (api == NOVA && i && is_compute(c))
        return nova_room_host_side(c, 1, i - 1, act_str(c->obj, "host"), path, service, microversion);
    if (i || (api != NOVA && api != CINDER))
        return false;
    return str_adds(path, "/os-services?binary=") && str_add_urlenc(path, act_str(c->obj, "binary"));
}

static void say_last(const struct act_ctx *c, struct act_facts *f)
{
    const char *zone = act_str(c->obj, "zone"), *binary = act_str(c->obj, "binary"), *host = act_str(c->obj, "host");
    size_t i, left = 0, go = 0;
    json_t *e;
    if (!c->side[0].json) {
        act_fact(f, FACT_CAUTION, "who is left in zone %s could not be read (HTTP %d)", zone, c->side[0].status);
        return;
    }
    json_array_foreach((json_t *)act_get(c->side[0].json, "services"), i, e) {
        bool serves = !strcmp(act_str(e, "binary"), binary) && !strcmp(act_str(e, "zone"), zone) && strcmp(act_str(e, "host"), host) &&
                      !strcmp(act_str(e, "status"), "enabled") && !strcmp(act_str(e, "state"), "up");
        bool goes = serves && act_is_target(c, act_str(e, "host"));            /* it is counted as gone: the operation takes it, too */
        go += goes;
        left += serves && !goes;
    }
    if (left) {
        act_fact(f, FACT_INFO, "%zu more of %s in zone %s %s enabled and up", left, binary, zone, left == 1 ? "is" : "are");
        return;
    }
    act_danger(f, false);                  /* the service as a whole ends with it */
    act_fact(f, FACT_DANGER, "%s the last %s of zone %s that is enabled and up: nothing new can be placed there",
             go ? "with the others that are disabled here goes" : "it is", binary, zone);
}

/* Of its type, alive and up, and none that goes with it; *told false: they could not be read. */
static size_t agents_left(const struct act_ctx *c, bool *told, size_t *go)
{
    const json_t *list = json_object_get(c->side[0].json, "agents");
    size_t left = 0;
    *told = json_is_array(list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i);
        bool serves = strcmp(act_str(a, "id"), act_str(c->obj, "id")) && json_is_true(act_get(a, "alive")) && json_is_true(act_get(a, "admin_state_up"));
        bool goes = serves && act_is_target(c, act_str(a, "id"));
        *go += goes;
        left += serves && !goes;
    }
    return left;
}

static void say_agent(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *list = json_object_get(c->side[1].json, is_l3(c) ? "routers" : "networks");
    const char *what = is_l3(c) ? "router" : "network", *cares = is_l3(c) ? "cares for" : "serves DHCP for", *stops = is_l3(c) ? "to forward for" : "to";
    int64_t n = json_is_array(list) ? (int64_t)json_array_size(list) : act_num(c->obj, is_l3(c) ? "configurations.routers" : "configurations.networks", 0);
    bool told;
    size_t go = 0, left = agents_left(c, &told, &go);
    if (!gives_care(c)) {
        act_fact(f, FACT_CAUTION, "nothing new is given to it; what it does already is looked after as its type does");
        return;
    }
    if (!json_is_array(list))
        act_fact(f, FACT_CAUTION, "how many %ss it %s could not be read (HTTP %d): its own last report says %lld", what, cares, c->side[1].status, (long long)n);
    if (!told)
        act_fact(f, FACT_CAUTION, "which others there are of its type could not be read (HTTP %d)", c->side[0].status);
    if (n)
        act_fact(f, FACT_DANGER, "it %s %lld %s%s, which it stops %s unless the cloud keeps them on agents that are down%s", cares, (long long)n, what, n == 1 ? "" : "s", stops,
                 told && !left ? "" : n == 1 ? ": reschedule it first" : ": reschedule them first");
    if (told && !left) {
        act_danger(f, false);              /* the service as a whole ends with it */
        act_fact(f, FACT_DANGER, "%s the last %s that is alive and up: no %s can be given to another", go ? "with the others that are disabled here goes" : "it is",
                 act_str(c->obj, "agent_type"), what);
    } else if (told && !n) {
        act_fact(f, FACT_INFO, "it %s no %s; %zu more of its type %s alive and up", cares, what, left, left == 1 ? "is" : "are");
    }
}

static void say_what(const struct act_ctx *c, struct act_facts *f, bool off)
{
    bool compute = is_compute(c);
    if (!off) {
        if (api_of(c) != NEUTRON)          /* an agent keeps no reason, its description may be anybody's */
            ostk_act_of_others(c, f, reason_of(c, c->obj), "disabled");
        else if (*reason_of(c, c->obj) && !ostk_act_is_ours(reason_of(c, c->obj)))
            act_fact(f, FACT_CAUTION, "it was not strata that disabled it: \"%s\"", reason_of(c, c->obj));
        if (json_is_true(act_get(c->obj, "forced_down")))
            act_fact(f, FACT_CAUTION, "it stays down, as it is forced down");
        else if (!strcmp(act_str(c->obj, "state"), "down") || json_is_false(act_get(c->obj, "alive")))
            act_fact(f, FACT_CAUTION, "it is down: enabled alone it does nothing");
        return;
    }
    if (api_of(c) == NEUTRON)
        say_agent(c, f);
    else if (compute)
        act_fact(f, FACT_INFO, "servers on it run on; no new ones are placed there");
    else
        act_fact(f, FACT_INFO, "what it has goes on; nothing new is given to it");
    if (api_of(c) != NEUTRON)
        say_last(c, f);
    if (compute)
        nova_room_say_host(c, 1, act_str(c->obj, "host"), "could not leave", f);
}

/* ---- the request ---- */

static enum act_verdict refuse(struct act_facts *f, const char *why)
{
    act_fact(f, FACT_REFUSED, "%s", why);
    return ACT_REFUSED;
}

static enum act_verdict nova_request(const struct act_ctx *c, struct act_req *rq, bool off, const char *reason)
{
    str_addf(&rq->path, "/os-services/%s", act_str(c->obj, "id"));
    json_t *body = off ? json_pack("{s:s,s:s}", "status", "disabled", "disabled_reason", reason) : json_pack("{s:s}", "status", "enabled");
    return ostk_act_send(rq, "PUT", "compute", "2.53", body);
}

static enum act_verdict cinder_request(const struct act_ctx *c, struct act_req *rq, bool off, const char *reason)
{
    json_t *body = json_pack("{s:s,s:s}", "host", act_str(c->obj, "host"), "binary", act_str(c->obj, "binary"));
    if (off)
        json_object_set_new(body, "disabled_reason", json_string(reason));
    str_adds(&rq->path, off ? "/os-services/disable-log-reason" : "/os-services/enable");
    return ostk_act_send(rq, "PUT", "block-storage", NULL, body);
}

/* Its description says why, where nobody else wrote one. */
static enum act_verdict neutron_request(const struct act_ctx *c, struct act_req *rq, bool off, const char *reason)
{
    const char *text = act_str(c->obj, "description");
    json_t *in = json_pack("{s:b}", "admin_state_up", !off);
    if (off ? !*text || ostk_act_is_ours(text) : ostk_act_is_ours(text))
        json_object_set_new(in, "description", json_string(off ? reason : ""));
    str_addf(&rq->path, "/agents/%s", act_str(c->obj, "id"));
    return ostk_act_send(rq, "PUT", "network", NULL, json_pack("{s:o}", "agent", in));
}

/* One that was asked for in so many words, not the one that is there for who says nothing. */
static bool given_reason(const struct act_ctx *c)
{
    const char *given = act_arg(c, "reason");
    return given && *given && (!c->action->nargs || !c->action->args[0].def || strcmp(given, c->action->args[0].def) != 0);
}

static enum act_verdict switch_it(const struct act_ctx *c, struct act_req *rq, struct act_facts *f, bool off)
{
    enum api api = api_of(c);
    struct str reason;
    if (api == NONE)
        return refuse(f, "only workers of Nova, Cinder and Neutron can be disabled and enabled");
    if (api == NOVA && strcmp(act_str(c->obj, "binary"), "nova-compute") != 0)
        return refuse(f, "Nova updates nova-compute services only");
    if (api == NOVA && !ostk_act_is_uuid(act_str(c->obj, "id")))
        return refuse(f, "this Nova is older than microversion 2.53: use its own client");
    if (api == NEUTRON && !strncmp(act_str(c->obj, "agent_type"), "OVN", 3))
        return refuse(f, "an agent of OVN cannot be set up or down");
    str_init(&reason, 4096);
    ostk_act_reason(c, "reason", &reason);
    const char *now = reason_of(c, c->obj);
    bool was = is_off(c, c->obj) == off, replaces = api != NEUTRON || !*now || ostk_act_is_ours(now);       /* an agent's description may be anybody's */
    bool renamed = was && off && replaces && given_reason(c) && !reason.failed && strcmp(now, reason.data) != 0;
    if (was && !renamed) {
        str_release(&reason);
        return ACT_ALREADY;
    }
    if (renamed)
        act_fact(f, ostk_act_is_ours(now) ? FACT_INFO : FACT_CAUTION, "it is disabled already: its reason \"%s\" is replaced", now);
    else
        say_what(c, f, off);
    if (reason.len > 255)
        refuse(f, "the reason is too long: 255 characters with \"" OURS "\" at most");
    enum act_verdict v = api == NOVA ? nova_request(c, rq, off, reason.data) : api == CINDER ? cinder_request(c, rq, off, reason.data)
                                                                                             : neutron_request(c, rq, off, reason.data);
    str_release(&reason);
    return v;
}

static enum act_verdict disable_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f) { return switch_it(c, rq, f, true); }
static enum act_verdict enable_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f) { return switch_it(c, rq, f, false); }

/* ---- its end ---- */

static enum act_seen gone(struct str *why)
{
    str_adds(why, "the service was deleted meanwhile");
    return SEEN_FAILED;
}

/* Of one that was disabled before, only the reason changes. */
static bool reason_seen(const struct act_ctx *c)
{
    struct str reason;
    if (!c->before || !is_off(c, c->before))
        return true;
    str_init(&reason, 4096);
    ostk_act_reason(c, "reason", &reason);
    bool same = !reason.failed && !strcmp(reason_of(c, c->obj), reason.data);
    str_release(&reason);
    return same;
}

static enum act_seen switched(const struct act_ctx *c, struct str *why, bool off)
{
    if (!c->obj)
        return gone(why);
    if (is_off(c, c->obj) != off || (off && !reason_seen(c)))
        return SEEN_WAIT;
    if (off && *reason_of(c, c->obj))
        str_addf(why, "\"%s\"", reason_of(c, c->obj));
    return SEEN_DONE;
}

static enum act_seen disable_seen(const struct act_ctx *c, struct str *why) { return switched(c, why, true); }
static enum act_seen enable_seen(const struct act_ctx *c, struct str *why) { return switched(c, why, false); }
static enum act_arrived disable_arrived(const struct act_ctx *c) { return is_off(c, c->obj) && reason_seen(c) ? ARRIVED_YES : ARRIVED_NO; }
static enum act_arrived enable_arrived(const struct act_ctx *c) { return is_off(c, c->obj) ? ARRIVED_NO : ARRIVED_YES; }

static const char *disable_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return c->obj && ostk_act_is_ours(reason_of(c, c->obj)) && !(c->before && is_off(c, c->before)) ? "enable" : NULL;
}

static const char *enable_undo(const struct act_ctx *c, struct str *args)
{
    const char *reason = reason_of(c, c->before);
    if (!ostk_act_is_ours(reason))
        return NULL;
    str_addf(args, "reason=%s\n", reason);
    return "disable";
}

/* ---- force-down ---- */

static bool forced(const json_t *o) { return json_is_true(act_get(o, "forced_down")); }
static bool wants_down(const struct act_ctx *c) { return !strcmp(c->action->id, "force-down"); }

static bool force_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    return wants_down(c) && is_compute(c) && nova_room_host_side(c, 0, i, act_str(c->obj, "host"), path, service, microversion);
}

static enum act_verdict force_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    bool down = wants_down(c);
    if (api_of(c) != NOVA || strcmp(act_str(c->obj, "binary"), "nova-compute") != 0)
        return refuse(f, "only a nova-compute can be forced down");
    if (!ostk_act_is_uuid(act_str(c->obj, "id")))
        return refuse(f, "this Nova is older than microversion 2.53: use its own client");
    if (forced(c->obj) == down)
        return ACT_ALREADY;
    if (down && !strcmp(act_str(c->obj, "state"), "up"))
        act_fact(f, FACT_DANGER, "it is up: servers that run there may be evacuated and then run twice on the same disks; switch the host off first");
    else if (down)
        act_fact(f, FACT_DANGER, "Nova takes the host as dead, its servers may be evacuated; make sure that it is off, or they run twice on the same disks");
    else
        act_fact(f, FACT_CAUTION, "restart nova-compute before, so that it cleans up what was evacuated; Nova refuses while such evacuations are not completed");
    if (down)
        nova_room_say_host(c, 0, act_str(c->obj, "host"), "would be left in ERROR by an evacuation", f);
    str_addf(&rq->path, "/os-services/%s", act_str(c->obj, "id"));
    return ostk_act_send(rq, "PUT", "compute", "2.53", json_pack("{s:b}", "forced_down", down));
}

static enum act_seen force_seen(const struct act_ctx *c, struct str *why)
{
    if (!c->obj)
        return gone(why);
    if (forced(c->obj) != wants_down(c))
        return SEEN_WAIT;
    str_addf(why, "Nova takes it as %s", act_str(c->obj, "state"));
    return wants_down(c) && strcmp(act_str(c->obj, "state"), "down") ? SEEN_WAIT : SEEN_DONE;
}

static enum act_arrived force_arrived(const struct act_ctx *c) { return forced(c->obj) == wants_down(c) ? ARRIVED_YES : ARRIVED_NO; }

static const char *force_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return wants_down(c) ? "unforce-down" : NULL;
}

/* ---- the rows ---- */

/* Of the panel of all services those that can be switched: its workers of three APIs. */
static bool can_switch(const struct row *r, bool off)
{
    if (strcmp(r->kind->id, "os-services") != 0)
        return true;
    struct act_ctx c = {.kind = r->kind, .uid = r->uid};
    const char *status = r->cell[SVC_STATUS].s;
    return api_of(&c) != NONE && status && (strstr(status, "disabled") != NULL) != off;
}

static bool fits_disable(const struct action *a, const struct row *r) { return (void)a, can_switch(r, true); }
static bool fits_enable(const struct action *a, const struct row *r) { return (void)a, can_switch(r, false); }

static bool fits_force(const struct row *r, bool down)
{
    const char *binary = strcmp(r->kind->id, "os-services") ? "nova-compute" : r->cell[SVC_BINARY].s, *status = r->cell[SVC_STATUS].s;
    if (strcmp(r->kind->id, "os-services") != 0)
        return true;
    return binary && !strcmp(binary, "nova-compute") && (status && strstr(status, "forced-down")) != down;
}

static bool fits_down(const struct action *a, const struct row *r) { return (void)a, fits_force(r, true); }
static bool fits_up(const struct action *a, const struct row *r) { return (void)a, fits_force(r, false); }

static const char *const workers[] = {"compute-service", "volume-service", "network-agent", "os-services", NULL};
static const char *const computes[] = {"compute-service", "os-services", NULL};
static const struct action_arg disable_args[] = {{.name = "reason", .help = "Why, for the others; \"" OURS "\" is put before it.", .type = ARG_TEXT, .def = "maintenance"}};
static const struct action_arg enable_args[] = {OSTK_ANY_REASON};

const struct action ostk_service_actions[] = {
    {.id = "disable", .past = "disabled", .kinds = workers, .help = "Takes a compute or volume service, or a network agent, out of use.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_AGAIN, .args = disable_args, .nargs = 1, .timeout_s = 60, .side = others_side, .build = disable_build,
     .observe = disable_seen, .arrived = disable_arrived, .undo = disable_undo, .fits = fits_disable},
    {.id = "enable", .past = "enabled", .kinds = workers, .help = "Takes a service or an agent into use again.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_AGAIN, .args = enable_args, .nargs = 1, .timeout_s = 60, .build = enable_build, .observe = enable_seen, .arrived = enable_arrived, .undo = enable_undo, .fits = fits_enable},
    {.id = "force-down", .past = "forced down", .kinds = computes, .help = "Tells Nova that a host is dead, so that its servers can be evacuated.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_DANGER, .timeout_s = 60, .side = force_side, .build = force_build, .observe = force_seen,
     .arrived = force_arrived, .undo = force_undo, .fits = fits_down},
    {.id = "unforce-down", .past = "no longer forced down", .kinds = computes, .help = "Tells Nova that a host that was forced down lives again.",
     .plane = PLANE_OPENSTACK, .timeout_s = 60, .build = force_build, .observe = force_seen, .arrived = force_arrived, .fits = fits_up},
    {0},
};
