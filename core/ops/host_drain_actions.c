/*
 * A host that is a hypervisor and a node, out of use and back: its servers first, then what Neutron has there, then its pods; each
 * part is a whole operation with its own verification, and the next one begins when the one before is done.
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/compound.h"
#include "core/ops/facts.h"
#include "core/ops/host_drain.h"
#include "core/ops/hyper_drain.h"
#include "core/ops/ostk_act.h"
#include "core/ops/upkeep.h"

/* The arguments that a part knows, of those the whole was given. */
static bool add_part(struct op_drive *d, const char *action, const char *kind, const char *source, const char *name, const char *uid, const struct op_arg *more)
{
    const struct action *a = action_find(action, kind_find(kind));
    struct op_arg args[24];
    size_t n = 0, nrows;
    if (!a)
        return false;
    const struct action_arg *rows = action_args(a, &nrows);
    if (more)
        args[n++] = *more;
    for (size_t i = 0; i < nrows && n < 24; i++) {
        const char *value = act_arg(&d->c, rows[i].name);
        if (value && *value && !(more && !strcmp(more->name, rows[i].name)))
            args[n++] = (struct op_arg){rows[i].name, value};
    }
    const struct op_kid_new kid = {.action = action, .kind = kind, .source = source, .scope = "", .name = name, .uid = uid, .args = args, .nargs = n};
    return d->ops->add(d, &kid);
}

/* ---- out of use ---- */

/* What an agent of the host cares for goes to others of its kind. */
static bool move_cares(struct op_drive *d, const char *type, enum host_side what, const char *kind)
{
    const json_t *agent = host_agent(&d->c, type), *list = host_side_list(&d->c, what);
    const struct op_arg from = {"from", act_str(agent, "id")};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *name = *act_str(o, "name") ? act_str(o, "name") : act_str(o, "id");
        if (!add_part(d, "reschedule", kind, NULL, name, act_str(o, "id"), &from)) {
            act_fact(d->facts, FACT_REFUSED, "%s %s is on the %s of this host, and strata cannot move it: move it first", kind, name, type);
            return false;
        }
    }
    return true;
}

static bool agent_off(struct op_drive *d, const char *type)
{
    const json_t *agent = host_agent(&d->c, type);
    char name[600];
    if (!agent || json_is_false(act_get(agent, "admin_state_up")))
        return true;
    snprintf(name, sizeof name, "%s/%s", act_str(agent, "binary"), act_str(agent, "host"));
    return add_part(d, "disable", "network-agent", NULL, name, act_str(agent, "id"), NULL);
}

static enum act_seen planned(const struct op_drive *d, bool ok)
{
    if (!ok && !facts_refusal(d->facts))
        act_fact(d->facts, FACT_REFUSED, "out of memory, or too many parts for one operation");
    return facts_refusal(d->facts) ? SEEN_FAILED : SEEN_DONE;
}

static enum act_seen plan_drain(struct op_drive *d)
{
    struct host_node node;
    bool ok = host_find_node(&d->c, &node, d->facts);
    if (!ok)
        return SEEN_FAILED;
    if (!json_is_array(host_side_list(&d->c, HOST_AGENTS)))
        act_fact(d->facts, FACT_CAUTION, "Neutron's agents of the host could not be read (HTTP %d): routers and DHCP there are not moved",
                 d->c.side[HOST_AGENTS].status);
    ok = add_part(d, "drain", "hypervisor", NULL, d->c.name, d->c.uid, NULL) && move_cares(d, "L3 agent", HOST_ROUTERS, "router") &&
         move_cares(d, "DHCP agent", HOST_NETWORKS, "network") && agent_off(d, "L3 agent") && agent_off(d, "DHCP agent") &&
         add_part(d, "drain", "nodes", node.source, node.name, node.uid, NULL);
    return planned(d, ok);
}

/* One after the other; routers and networks a few at once. */
static enum act_seen in_order(struct op_drive *d, struct str *why, const char *done)
{
    size_t over = 0, going = 0;
    const struct op_kid *busy = NULL;
    for (size_t i = 0; i < d->nkids; i++) {
        struct op_kid *k = &d->kid[i];
        if (op_kid_well(k) || k->state == STEP_SKIPPED) {
            over++;
            continue;
        }
        if (k->state != STEP_WAITING && !op_kid_busy(k)) {
            if (going)                 /* its neighbours end first */
                break;
            str_addf(why, "%zu of %zu parts done, then %s %.120s failed: %.250s; nothing after it was begun", over, d->nkids, k->action, k->name, k->note);
            return SEEN_FAILED;
        }
        bool beside = busy && !strcmp(busy->action, "reschedule") && !strcmp(k->action, "reschedule") && going < 4;
        if (busy && !beside)
            break;
        if (k->state == STEP_WAITING)
            d->ops->start(d, i);
        busy = k;
        going++;
    }
    if (busy)
        str_addf(why, "part %zu of %zu: %s %.120s%s%.200s", over + 1, d->nkids, busy->action, busy->name, *busy->note ? ": " : "", busy->note);
    else
        str_addf(why, "%s", done);
    return busy ? SEEN_WAIT : SEEN_DONE;
}

static enum act_seen drain(struct op_drive *d, struct str *why)
{
    if (d->facts)
        return plan_drain(d);
    enum act_seen seen = in_order(d, why, "its servers, its routers and DHCP, its pods are elsewhere");
    if (seen == SEEN_DONE && !hyper_disabled(d->c.obj)) {
        str_clear(why);
        str_adds(why, "somebody enabled its compute service meanwhile");
        return SEEN_FAILED;
    }
    if (seen == SEEN_DONE && (json_array_size(host_side_list(&d->c, HOST_ROUTERS)) || json_array_size(host_side_list(&d->c, HOST_NETWORKS)))) {
        str_clear(why);
        str_adds(why, "routers or networks came to its agents again: look which (network-agent)");
        return SEEN_FAILED;
    }
    return seen;
}

/* ---- and back ---- */

static bool agent_on(struct op_drive *d, const char *type)
{
    const json_t *agent = host_agent(&d->c, type);
    char name[600];
    if (!agent || !json_is_false(act_get(agent, "admin_state_up")))
        return true;
    snprintf(name, sizeof name, "%s/%s", act_str(agent, "binary"), act_str(agent, "host"));
    if (!ostk_act_is_ours(act_str(agent, "description"))) {
        act_fact(d->facts, FACT_CAUTION, "%s was set down by others (%s) and stays so", name, *act_str(agent, "description") ? act_str(agent, "description") : "no reason is kept");
        return true;
    }
    return add_part(d, "enable", "network-agent", NULL, name, act_str(agent, "id"), NULL);
}

static enum act_seen plan_back(struct op_drive *d)
{
    struct host_node node;
    bool ok = host_find_node(&d->c, &node, d->facts);
    if (!ok)
        return SEEN_FAILED;
    if (strcmp(act_str(d->c.obj, "state"), "up") != 0)
        act_fact(d->facts, FACT_CAUTION, "its compute service is %s: enabled alone it takes no servers", act_str(d->c.obj, "state"));
    ok = add_part(d, "uncordon", "nodes", node.source, node.name, node.uid, NULL) && agent_on(d, "L3 agent") && agent_on(d, "DHCP agent") &&
         add_part(d, "enable", "hypervisor", NULL, d->c.name, d->c.uid, NULL);
    if (hyper_disabled(d->c.obj) && !hyper_reason_ours(d->c.obj) && !act_bool(&d->c, "any-reason"))
        act_fact(d->facts, FACT_REFUSED, "strata did not disable it (%s): ask who did, or say --any-reason",
                 *act_str(d->c.obj, "service.disabled_reason") ? act_str(d->c.obj, "service.disabled_reason") : "no reason is kept");
    return planned(d, ok);
}

static enum act_seen back(struct op_drive *d, struct str *why)
{
    if (d->facts)
        return plan_back(d);
    enum act_seen seen = in_order(d, why, "the node takes pods, the hypervisor takes servers");
    if (seen == SEEN_DONE && (hyper_disabled(d->c.obj) || strcmp(act_str(d->c.obj, "state"), "up") != 0)) {
        str_clear(why);
        str_addf(why, "all is enabled; its compute service is %s and %s", act_str(d->c.obj, "status"), act_str(d->c.obj, "state"));
        return SEEN_WAIT;
    }
    return seen;
}

static const char *const hypervisors[] = {"hypervisor", NULL};
#define NODE {.name = "node", .help = "The node that this host is, CONTEXT/NODE or NODE, where names and addresses do not say it.", .type = ARG_TEXT}
static const struct action_arg drain_args[] = {
    NODE,
    {.name = "live", .help = "Servers to move live, as for the drain of a hypervisor.", .type = ARG_TEXT},
    {.name = "cold", .help = "Servers to move cold.", .type = ARG_TEXT},
    {.name = "leave", .help = "Servers to leave where they are.", .type = ARG_TEXT},
    {.name = "host", .help = "Where servers go; the scheduler chooses if not said.", .type = ARG_TEXT},
    {.name = "block", .help = "Copy local disks on a live move: Nova finds out, it must, it must not.", .type = ARG_CHOICE, .def = "auto", .choices = "auto yes no"},
    {.name = "concurrency", .help = "How many servers, and how many pods, at a time.", .type = ARG_INT, .def = "2"},
    {.name = "attempts", .help = "How often a move that failed is tried.", .type = ARG_INT, .def = "1"},
    {.name = "abort-after", .help = "Seconds of moving after which a live move that does not end is aborted; 0: never.", .type = ARG_SECONDS, .def = "0"},
    {.name = "force-after", .help = "Seconds of moving after which a live move that does not end is forced; 0: never.", .type = ARG_SECONDS, .def = "0"},
    {.name = "confirm-resizes", .help = "Also confirm resizes that others began.", .type = ARG_BOOL},
    {.name = "reason", .help = "Why, as Nova and Neutron keep it.", .type = ARG_TEXT, .def = "maintenance"},
    UPKEEP_ARG,
    {.name = "force", .help = "Also pods that nothing owns: they do not come back.", .type = ARG_BOOL},
    {.name = "ignore-daemonsets", .help = "Leave pods of daemon sets where they are (a hypervisor's own agents are such).", .type = ARG_BOOL, .def = "true"},
    {.name = "delete-emptydir-data", .help = "Also pods with emptyDir volumes: what is in them is lost.", .type = ARG_BOOL},
    {.name = "pod-selector", .help = "Only pods with these labels.", .type = ARG_TEXT},
    {.name = "grace-period", .help = "Seconds each pod gets to end; -1: its own.", .type = ARG_INT, .def = "-1"},
    {.name = "timeout", .help = "Seconds for the servers, and for the pods, before it is given up; 0: none.", .type = ARG_SECONDS, .def = "0"},
};
static const struct action_arg back_args[] = {NODE, {.name = "any-reason", .help = "Also what strata did not disable.", .type = ARG_BOOL}};

const struct action host_drain_actions[] = {
    {.id = "host-drain", .past = "drained", .kinds = hypervisors, .help = "Drains a host across the layers: servers, routers and DHCP, then the pods of its node.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_TWICE | ACTION_AGAIN | ACTION_ONE, .args = drain_args, .nargs = sizeof drain_args / sizeof drain_args[0],
     .side = host_side_path, .side_source = host_side_source, .compound = drain},
    {.id = "host-back", .past = "back in use", .kinds = hypervisors, .help = "Takes a host that was drained into use again: its node, its agents, its compute service.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_AGAIN | ACTION_ONE, .args = back_args, .nargs = sizeof back_args / sizeof back_args[0],
     .side = host_side_path, .side_source = host_side_source, .compound = back},
    {0},
};
