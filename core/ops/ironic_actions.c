/* Ironic: power of a physical node, and maintenance. Its conductor locks the node for what it does: unlocked means ended. */
#include <string.h>

#include "core/ops/ostk_act.h"

static bool is(const struct act_ctx *c, const char *id) { return !strcmp(c->action->id, id); }

/* ---- the server on it ---- */

static bool server_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *instance = act_str(c->obj, "instance_uuid");
    if (i || !*instance || c->seeing)
        return false;
    *service = "compute";
    *microversion = "2.1";
    return str_addf(path, "/servers/%s", instance);
}

static void say_server(const struct act_ctx *c, struct act_facts *f, enum fact_level level, const char *what)
{
    const char *instance = act_str(c->obj, "instance_uuid"), *name = act_str(c->side[0].json, "server.name");
    if (!*instance)
        return;
    if (level == FACT_DANGER)
        act_danger(f, false);
    act_fact(f, level, "server %s%s%s%s runs on it and %s", *name ? name : instance, *name ? " (" : "", *name ? instance : "", *name ? ")" : "", what);
}

/* ---- power ---- */

static const char *target_of(const struct act_ctx *c)
{
    bool soft = act_bool(c, "soft");
    if (is(c, "power-on"))
        return "power on";
    return is(c, "power-off") ? (soft ? "soft power off" : "power off") : soft ? "soft rebooting" : "rebooting";
}

static const char *end_of(const struct act_ctx *c) { return is(c, "power-off") ? "power off" : "power on"; }

static bool locked(const struct act_ctx *c, struct act_facts *f)
{
    const char *by = act_str(c->obj, "reservation"), *going = act_str(c->obj, "target_power_state");
    if (*going)
        act_fact(f, FACT_REFUSED, "it is just going to %s: wait until that has ended", going);
    else if (*by)
        act_fact(f, FACT_REFUSED, "conductor %s works on it and has it locked: wait until that has ended", by);
    return *by || *going;
}

static enum act_verdict power_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *power = act_str(c->obj, "power_state"), *state = act_str(c->obj, "provision_state");
    if (!is(c, "reboot") && !strcmp(power, end_of(c)) && !*act_str(c->obj, "target_power_state"))
        return ACT_ALREADY;
    if (locked(c, f))
        return ACT_REFUSED;
    if (!strcmp(state, "clean wait") || !strcmp(state, "service wait")) {
        act_fact(f, FACT_REFUSED, "it is in %s: Ironic leaves its power alone until that has ended; abort it first", state);
        return ACT_REFUSED;
    }
    if (!strcmp(state, "enroll"))
        act_fact(f, FACT_CAUTION, "it is only enrolled: nobody has checked yet that its power can be managed");
    else if (strstr(state, "ing") || strstr(state, "wait")) {
        act_danger(f, false);
        act_fact(f, FACT_DANGER, "it is %s: what is under way there will fail", state);
    }
    if (!is(c, "power-on"))
        say_server(c, f, FACT_DANGER, is(c, "reboot") ? "reboots with it" : "goes down with it");
    if (!is(c, "power-on") && !strcmp(state, "active") && !*act_str(c->obj, "instance_uuid")) {
        act_danger(f, false);
        act_fact(f, FACT_DANGER, "it is deployed: what runs on it %s", is(c, "reboot") ? "reboots with it" : "ends");
    }
    if (is(c, "power-off") && *act_str(c->obj, "instance_uuid") && !json_is_true(act_get(c->obj, "maintenance")))
        act_fact(f, FACT_CAUTION, "Nova may see the server stopped and keep it so, or switch it on again: stop the server instead where you can");
    if (!*power)
        act_fact(f, FACT_CAUTION, "its power state is not known to Ironic%s%s", *act_str(c->obj, "last_error") ? ": " : "", act_str(c->obj, "last_error"));
    act_path(c, &rq->path, "states/power");
    return ostk_act_send(rq, "PUT", "baremetal", act_bool(c, "soft") ? "1.27" : "1.1", json_pack("{s:s}", "target", target_of(c)));
}

static enum act_seen gone(struct str *why)
{
    str_adds(why, "the node was deleted meanwhile");
    return SEEN_FAILED;
}

static enum act_seen power_seen(const struct act_ctx *c, struct str *why)
{
    const char *power = act_str(c->obj, "power_state"), *going = act_str(c->obj, "target_power_state"), *error = act_str(c->obj, "last_error");
    if (!c->obj)
        return gone(why);
    if (*going || *act_str(c->obj, "reservation")) {
        str_addf(why, "it is %s%s%s", *power ? power : "in an unknown state", *going ? ", going to " : "", going);
        return SEEN_WAIT;
    }
    if (!strcmp(power, end_of(c)) && !*error) {
        str_addf(why, "it is %s", power);
        return SEEN_DONE;
    }
    str_addf(why, "it is %s: %s", *power ? power : "in an unknown state", *error ? error : "Ironic does not say why");
    return SEEN_FAILED;
}

/* It locks the node before it answers. */
static enum act_arrived power_arrived(const struct act_ctx *c)
{
    if (*act_str(c->obj, "target_power_state"))
        return !strcmp(act_str(c->obj, "target_power_state"), end_of(c)) ? ARRIVED_YES : ARRIVED_UNKNOWN;
    if (is(c, "reboot"))
        return strcmp(act_str(c->obj, "updated_at"), act_str(c->before, "updated_at")) ? ARRIVED_UNKNOWN : ARRIVED_NO;
    return !strcmp(act_str(c->obj, "power_state"), end_of(c)) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *power_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return is(c, "power-on") ? "power-off" : "power-on";
}

/* ---- maintenance ---- */

static bool wants_maintenance(const struct act_ctx *c) { return is(c, "maintenance-on"); }
static bool in_maintenance(const json_t *o) { return json_is_true(act_get(o, "maintenance")); }

static enum act_verdict maintenance_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    bool on = wants_maintenance(c);
    const char *reason = act_str(c->obj, "maintenance_reason"), *fault = act_str(c->obj, "fault"), *by = act_str(c->obj, "reservation");
    struct str words;
    if (in_maintenance(c->obj) == on) {
        str_init(&words, 4096);
        ostk_act_reason(c, "reason", &words);
        if (on && words.data && strcmp(words.data, reason) != 0)
            act_fact(f, FACT_CAUTION, "for another reason, which stays: \"%s\" (maintenance-off, then on, sets yours)", reason);
        str_release(&words);
        return ACT_ALREADY;
    }
    if (*by) {
        act_fact(f, FACT_REFUSED, "conductor %s works on it and has it locked: wait until that has ended", by);
        return ACT_REFUSED;
    }
    act_path(c, &rq->path, "maintenance");
    if (!on) {
        if (*fault)
            act_fact(f, FACT_CAUTION, "Ironic itself set it, for a %s: it comes back if that is not mended", fault);
        else if (!ostk_act_is_ours(reason) && !ostk_act_of_others(c, f, reason, "set"))
            return ACT_REFUSED;
        return ostk_act_send(rq, "DELETE", "baremetal", "1.1", NULL);
    }
    act_fact(f, FACT_INFO, "Nova places nothing on it and Ironic neither deploys, cleans nor looks after its power; it runs on");
    say_server(c, f, FACT_INFO, "runs on");
    str_init(&words, 4096);
    ostk_act_reason(c, "reason", &words);
    ostk_act_send(rq, "PUT", "baremetal", "1.1", json_pack("{s:s}", "reason", words.data));
    str_release(&words);
    return ACT_SEND;
}

static enum act_seen maintenance_seen(const struct act_ctx *c, struct str *why)
{
    if (!c->obj)
        return gone(why);
    if (in_maintenance(c->obj) != wants_maintenance(c))
        return SEEN_WAIT;
    if (wants_maintenance(c))
        str_addf(why, "\"%s\"", act_str(c->obj, "maintenance_reason"));
    return SEEN_DONE;
}

static enum act_arrived maintenance_arrived(const struct act_ctx *c)
{
    return in_maintenance(c->obj) == wants_maintenance(c) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *maintenance_undo(const struct act_ctx *c, struct str *args)
{
    const char *reason = act_str(wants_maintenance(c) ? c->obj : c->before, "maintenance_reason");
    if (!ostk_act_is_ours(reason))
        return NULL;
    if (wants_maintenance(c))
        return "maintenance-off";
    str_addf(args, "reason=%s\n", reason);
    return "maintenance-on";
}

/* ---- the rows ---- */

static bool fits(const struct action *a, const struct row *r)
{
    bool kept = !strcmp(row_column(r, "maintenance"), "true"), on = !strcmp(row_column(r, "power"), "power on");
    if (!strncmp(a->id, "maintenance", 11))
        return kept == !strcmp(a->id, "maintenance-off");
    return on != !strcmp(a->id, "power-on");
}

static const char *const nodes[] = {"baremetal", NULL};
static const struct action_arg soft_args[] = {{.name = "soft", .help = "Asks the operating system to do it.", .type = ARG_BOOL}};
static const struct action_arg off_args[] = {OSTK_ANY_REASON};
static const struct action_arg reason_args[] = {{.name = "reason", .help = "Why, for the others; \"" OURS "\" is put before it.", .type = ARG_TEXT, .def = "maintenance"}};

const struct action ironic_actions[] = {
    {.id = "power-on", .past = "powered on", .kinds = nodes, .help = "Switches a physical node on.", .plane = PLANE_OPENSTACK, .flags = ACTION_AGAIN,
     .build = power_build, .observe = power_seen, .arrived = power_arrived, .undo = power_undo, .fits = fits},
    {.id = "power-off", .past = "powered off", .kinds = nodes, .help = "Switches a physical node off.", .plane = PLANE_OPENSTACK, .args = soft_args,
     .nargs = 1, .timeout_s = 900, .side = server_side, .build = power_build, .observe = power_seen, .arrived = power_arrived, .undo = power_undo,
     .fits = fits},
    {.id = "reboot", .past = "rebooted", .kinds = nodes, .help = "Switches a physical node off and on again.", .plane = PLANE_OPENSTACK, .args = soft_args,
     .nargs = 1, .timeout_s = 900, .side = server_side, .build = power_build, .observe = power_seen, .arrived = power_arrived, .fits = fits},
    {.id = "maintenance-on", .past = "in maintenance", .kinds = nodes, .help = "Takes a physical node out of use.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_AGAIN, .args = reason_args, .nargs = 1, .timeout_s = 60, .side = server_side, .build = maintenance_build,
     .observe = maintenance_seen, .arrived = maintenance_arrived, .undo = maintenance_undo, .fits = fits},
    {.id = "maintenance-off", .past = "out of maintenance", .kinds = nodes, .help = "Takes a physical node into use again.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_AGAIN, .args = off_args, .nargs = 1, .timeout_s = 60, .build = maintenance_build, .observe = maintenance_seen,
     .arrived = maintenance_arrived, .undo = maintenance_undo, .fits = fits},
    {0},
};
