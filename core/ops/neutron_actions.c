/*
 * Neutron: floating addresses led to a port and away; routers and networks moved from agent to agent. A move is two requests,
 * so that it is an operation of steps: a router leaves its agent before another takes it (Neutron allows but one), a network
 * is served by the new DHCP agent before it leaves the old one.
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/compound.h"
#include "core/ops/facts.h"
#include "core/ops/ostk_act.h"
#include "strata/text.h"

static bool is(const struct act_ctx *c, const char *id) { return !strcmp(c->action->id, id); }
static bool is_router(const struct act_ctx *c) { return !strcmp(c->kind->id, "router"); }

/* ---- floating addresses ---- */

static const char *given(const struct act_ctx *c, const char *name)
{
    const char *v = act_arg(c, name);
    return v ? v : "";
}

static const json_t *port_of(const struct act_ctx *c, struct act_facts *f);

/* The server, then its ports; or the port that was named; then what leads there already. Not while watching: the address itself tells
 * its end. */
static bool port_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *server = given(c, "server"), *port = given(c, "port");
    size_t n = ostk_act_searches(c, server);
    if (c->seeing || i > n + 1)
        return false;
    if (i == n + 1) {
        const json_t *p = port_of(c, NULL);
        *service = "network";
        *microversion = NULL;
        return p && str_addf(path, "/floatingips?port_id=%s", act_str(p, "id"));
    }
    if (i < n)
        return ostk_act_server_side(c, server, i, path, service, microversion);
    *service = "network";
    *microversion = NULL;
    if (*port && ostk_act_is_uuid(port))
        return str_addf(path, "/ports?id=%s", port);
    if (*port)
        return str_adds(path, "/ports?name=") && str_add_urlenc(path, port);
    const json_t *s = n ? ostk_act_server(c, server, NULL) : NULL;
    return s && str_addf(path, "/ports?device_id=%s", act_str(s, "id"));
}

static bool has_ip(const json_t *port, const char *ip) { return act_find_address(act_get(port, "fixed_ips"), "ip_address", ip) != NULL; }

static void add_ports(struct str *s, const json_t *ports)
{
    size_t i;
    json_t *p;
    json_array_foreach((json_t *)ports, i, p)
        str_addf(s, "%s%s %s", i ? ", " : "", act_str(p, "id"), act_str(p, "fixed_ips.0.ip_address"));
}

/* The port meant, NULL with the refusal. */
static const json_t *port_of(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *ports, *found = NULL;
    const char *ip = given(c, "fixed-ip"), *server = given(c, "server"), *port = given(c, "port");
    size_t at = ostk_act_searches(c, server), i, n = 0;
    json_t *p;
    if (!*server == !*port)
        return act_fact(f, FACT_REFUSED, "say where it shall lead to: a server or a port"), NULL;
    const json_t *s = *server ? ostk_act_server(c, server, f) : NULL;
    if (*server && !s)
        return NULL;
    ports = act_get(c->side[at].json, "ports");
    json_array_foreach((json_t *)ports, i, p)
        if (!*ip || has_ip(p, ip)) {
            found = p;
            n++;
        }
    if (n == 1)
        return found;
    if (!ports)
        act_fact(f, FACT_REFUSED, "the ports could not be read (HTTP %d): try again", c->side[at].status);
    else if (!json_array_size(ports) && *server)
        act_fact(f, FACT_REFUSED, "server %s has no port", act_str(s, "name"));
    else if (!json_array_size(ports))
        act_fact(f, FACT_REFUSED, "there is no port %s: look with strata get port", port);
    else if (!n)
        act_fact(f, FACT_REFUSED, "none of the ports has the address %s", ip);
    else {
        struct str list;
        str_init(&list, 4096);
        add_ports(&list, ports);
        act_fact(f, FACT_REFUSED, "there are %zu ports, say which one: %s", n, list.failed ? "too many to list" : list.data);
        str_release(&list);
    }
    return NULL;
}

static void say_leaves(const struct act_ctx *c, struct act_facts *f)
{
    const char *port = act_str(c->obj, "port_id"), *server = act_str(c->obj, "port_details.device_id");
    if (*port)
        act_fact(f, FACT_DANGER, "it leads to %s now (port %s%s%s): connections through it end", act_str(c->obj, "fixed_ip_address"), port,
                 *server ? ", of " : "", server);
}

/* Neutron leads one address of each outer network to a fixed one. */
static bool is_taken(const struct act_ctx *c, const char *ip, struct act_facts *f)
{
    const json_t *list = act_get(c->side[ostk_act_searches(c, given(c, "server")) + 1].json, "floatingips");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        if (!strcmp(act_str(o, "id"), act_str(c->obj, "id")) || !text_same_address(act_str(o, "fixed_ip_address"), ip) ||
            strcmp(act_str(o, "floating_network_id"), act_str(c->obj, "floating_network_id")) != 0)
            continue;
        act_fact(f, FACT_REFUSED, "%s leads to %s already, and only one of a network can: disassociate that one first", act_str(o, "floating_ip_address"), ip);
        return true;
    }
    return false;
}

static enum act_verdict associate_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const json_t *port = port_of(c, f);
    const char *id = act_str(port, "id"), *ip = given(c, "fixed-ip"), *now_ip = act_str(c->obj, "fixed_ip_address");
    if (!port)
        return ACT_REFUSED;
    if (!strcmp(act_str(c->obj, "port_id"), id) && (!*ip || !strcmp(now_ip, ip)))
        return ACT_ALREADY;
    if (!*ip && json_array_size(act_get(port, "fixed_ips")) > 1)
        return act_fact(f, FACT_REFUSED, "port %s has several addresses: say which one with fixed-ip", id), ACT_REFUSED;
    if (is_taken(c, *ip ? ip : act_str(port, "fixed_ips.0.ip_address"), f))
        return ACT_REFUSED;
    say_leaves(c, f);
    act_fact(f, FACT_INFO, "it will lead to %s (port %s)", *ip ? ip : act_str(port, "fixed_ips.0.ip_address"), id);
    const char *mine = act_str(c->obj, "project_id"), *theirs = act_str(port, "project_id");
    if (*mine && *theirs && strcmp(mine, theirs) != 0)
        act_fact(f, FACT_CAUTION, "address and port belong to different projects");
    json_t *in = json_pack("{s:s}", "port_id", id);
    if (*ip)
        json_object_set_new(in, "fixed_ip_address", json_string(ip));
    act_path(c, &rq->path, NULL);
    return ostk_act_send(rq, "PUT", "network", NULL, json_pack("{s:o}", "floatingip", in));
}

static enum act_verdict disassociate_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    if (!*act_str(c->obj, "port_id"))
        return ACT_ALREADY;
    say_leaves(c, f);
    act_fact(f, FACT_INFO, "the address stays with its project");
    act_path(c, &rq->path, NULL);
    return ostk_act_send(rq, "PUT", "network", NULL, json_pack("{s:{s:n}}", "floatingip", "port_id"));
}

/* Neutron answers with the address as it is then: to which port it went. */
static enum act_seen address_seen(const struct act_ctx *c, struct str *why)
{
    const char *port = act_str(c->obj, "port_id"), *wanted = act_str(c->answer, "floatingip.port_id"), *named = given(c, "port");
    if (!c->obj) {
        str_adds(why, "the address was given back meanwhile");
        return SEEN_FAILED;
    }
    if (is(c, "disassociate")) {
        str_addf(why, *port ? "it leads to port %s" : "it leads nowhere", port);
        return *port ? SEEN_WAIT : SEEN_DONE;
    }
    if (!*wanted && ostk_act_is_uuid(named))
        wanted = named;
    str_addf(why, "it leads to %s, status %s", *port ? act_str(c->obj, "fixed_ip_address") : "nowhere", act_str(c->obj, "status"));
    if (!strcmp(act_str(c->obj, "status"), "ERROR"))
        return SEEN_FAILED;
    return *port && (!*wanted || !strcmp(port, wanted)) ? SEEN_DONE : SEEN_WAIT;
}

static enum act_arrived address_arrived(const struct act_ctx *c)
{
    const char *port = act_str(c->obj, "port_id"), *was = act_str(c->before, "port_id");
    if (is(c, "disassociate"))
        return *port ? ARRIVED_NO : ARRIVED_YES;
    return !strcmp(port, was) ? ARRIVED_NO : ostk_act_is_uuid(given(c, "port")) && !strcmp(given(c, "port"), port) ? ARRIVED_YES : ARRIVED_UNKNOWN;
}

static const char *address_undo(const struct act_ctx *c, struct str *args)
{
    const char *port = act_str(c->before, "port_id"), *ip = act_str(c->before, "fixed_ip_address");
    if (!*port)
        return "disassociate";
    str_addf(args, "port=%s\n", port);
    if (*ip)
        str_addf(args, "fixed-ip=%s\n", ip);
    return "associate";
}

/* ---- agents: what is on them ---- */

enum { ON, AGENTS, ADDRESSES };                    /* sides of a router and of a network */

static bool agents_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    bool router = is_router(c);
    const char *id = act_str(c->obj, "id");
    *service = "network";
    *microversion = NULL;
    if (i == ON)
        return str_addf(path, router ? "/routers/%s/l3-agents" : "/networks/%s/dhcp-agents", id);
    if (i == AGENTS)
        return str_adds(path, router ? "/agents?agent_type=L3%20agent" : "/agents?agent_type=DHCP%20agent");
    return i == ADDRESSES && router && !c->seeing && str_addf(path, "/floatingips?router_id=%s&fields=id", id);
}

static const json_t *agents_of(const struct act_ctx *c, size_t side) { return act_get(c->side[side].json, "agents"); }
static bool is_on(const struct act_ctx *c, const char *agent) { return act_find(agents_of(c, ON), "id", agent) != NULL; }
static bool alive(const json_t *agent) { return json_is_true(act_get(agent, "alive")) && json_is_true(act_get(agent, "admin_state_up")); }

/* By id or host among all of the type; NULL: the refusal is said. */
static const json_t *agent_named(const struct act_ctx *c, const char *name, struct act_facts *f)
{
    const json_t *all = agents_of(c, AGENTS), *a = act_find(all, "id", name);
    a = a ? a : act_find(all, "host", name);
    if (!all)
        act_fact(f, FACT_REFUSED, "the agents could not be read (HTTP %d): this is for administrators", c->side[AGENTS].status);
    else if (!a)
        act_fact(f, FACT_REFUSED, "there is no %s agent %s: look with strata get network-agent", is_router(c) ? "L3" : "DHCP", name);
    return a;
}

/* ---- one step: an agent takes it, an agent lets go ---- */

static bool takes(const struct act_ctx *c) { return is(c, "add-agent"); }

static enum act_verdict agent_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const json_t *a = agent_named(c, given(c, "agent"), f), *other = json_array_get(agents_of(c, ON), 0);
    const char *id = act_str(a, "id"), *list = is_router(c) ? "l3-routers" : "dhcp-networks";
    bool ha = json_is_true(act_get(c->obj, "ha"));
    if (!a)
        return ACT_REFUSED;
    if (!agents_of(c, ON))
        return act_fact(f, FACT_REFUSED, "on which agents it is could not be read (HTTP %d)", c->side[ON].status), ACT_REFUSED;
    if (is_on(c, id) == takes(c) && !c->ahead)
        return ACT_ALREADY;
    if (!takes(c)) {
        act_fact(f, json_array_size(agents_of(c, ON)) < 2 ? FACT_DANGER : FACT_CAUTION, "%s",
                 json_array_size(agents_of(c, ON)) < 2 ? (is_router(c) ? "no other agent has it: nothing is forwarded any more" : "no other agent serves it: nobody gets an address any more")
                                                       : "other agents go on with it");
        str_addf(&rq->path, "/agents/%s/%s/%s", id, list, act_str(c->obj, "id"));
        return ostk_act_send(rq, "DELETE", "network", NULL, NULL);
    }
    if (!json_is_true(act_get(a, "admin_state_up")))
        act_fact(f, FACT_REFUSED, "agent on %s is set down: enable it first", act_str(a, "host"));
    else if (is_router(c) && other && !ha && !c->ahead)
        act_fact(f, FACT_REFUSED, "the agent on %s has it: reschedule it", act_str(other, "host"));
    else if (!alive(a))
        act_fact(f, FACT_CAUTION, "the agent on %s is dead: it does nothing until it is back", act_str(a, "host"));
    if (facts_refusal(f))
        return ACT_REFUSED;
    str_addf(&rq->path, "/agents/%s/%s", id, list);
    return ostk_act_send(rq, "POST", "network", NULL, json_pack("{s:s}", is_router(c) ? "router_id" : "network_id", act_str(c->obj, "id")));
}

static enum act_seen agent_seen(const struct act_ctx *c, struct str *why)
{
    const json_t *a = agent_named(c, given(c, "agent"), NULL);
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (!agents_of(c, ON) || !a || is_on(c, act_str(a, "id")) != takes(c))
        return SEEN_WAIT;
    str_addf(why, takes(c) ? "the agent on %s has it" : "the agent on %s has it no more", act_str(a, "host"));
    return SEEN_DONE;
}

static enum act_arrived agent_arrived(const struct act_ctx *c)
{
    struct str why;
    str_init(&why, 1024);
    bool there = agent_seen(c, &why) == SEEN_DONE;
    str_release(&why);
    return there ? ARRIVED_YES : agents_of(c, ON) ? ARRIVED_NO : ARRIVED_UNKNOWN;
}

static const char *agent_undo(const struct act_ctx *c, struct str *args)
{
    str_addf(args, "agent=%s\n", given(c, "agent"));
    return takes(c) ? "remove-agent" : "add-agent";
}

/* ---- from one agent to another ---- */

static int64_t load_of(const struct act_ctx *c, const json_t *agent)
{
    return act_num(agent, is_router(c) ? "configurations.routers" : "configurations.networks", 0);
}

/* The one that was named, else the least loaded that lives and does not have it; NULL: the refusal is said. */
static const json_t *choose(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *all = agents_of(c, AGENTS), *best = NULL;
    size_t i;
    json_t *a;
    if (*given(c, "to") || !all) {
        const json_t *named = agent_named(c, given(c, "to"), f);
        if (!named || alive(named))
            return named;
        act_fact(f, FACT_REFUSED, "the agent on %s is %s and cannot take it: name one that works, or none", act_str(named, "host"),
                 json_is_true(act_get(named, "alive")) ? "set down" : "dead");
        return NULL;
    }
    json_array_foreach((json_t *)all, i, a)
        if (alive(a) && !is_on(c, act_str(a, "id")) && (!best || load_of(c, a) < load_of(c, best)))
            best = a;
    if (!best)
        act_fact(f, FACT_REFUSED, "there is no other %s agent that is alive and up to take it", is_router(c) ? "L3" : "DHCP");
    return best;
}

/* The one it leaves: named, the only one, or one that is dead or set down; NULL: nobody has it, or *many. */
static const json_t *leaves(const struct act_ctx *c, bool *many)
{
    const json_t *on = agents_of(c, ON), *bad = NULL;
    const char *from = given(c, "from");
    size_t i, nbad = 0;
    json_t *a;
    *many = false;
    if (*from) {
        const json_t *one = act_find(on, "id", from);
        return one ? one : act_find(on, "host", from);
    }
    if (json_array_size(on) < 2)
        return json_array_get(on, 0);
    json_array_foreach((json_t *)on, i, a)
        if (!alive(a)) {
            bad = a;
            nbad++;
        }
    *many = nbad != 1;
    return *many ? NULL : bad;
}

static void say_move(struct op_drive *d, const json_t *from, const json_t *to)
{
    const struct act_ctx *c = &d->c;
    size_t n = json_array_size(act_get(c->side[ADDRESSES].json, "floatingips")), on = json_array_size(agents_of(c, ON));
    const char *ip = act_str(c->obj, "external_gateway_info.external_fixed_ips.0.ip_address");
    act_fact(d->facts, FACT_INFO, "from the agent on %s to the one on %s, which has %lld", from ? act_str(from, "host") : "nobody", act_str(to, "host"),
             (long long)load_of(c, to));
    if (!is_router(c)) {
        act_fact(d->facts, FACT_INFO, "it is served by both for a moment; leases stay valid");
        return;
    }
    if (json_is_true(act_get(c->obj, "distributed")))
        act_fact(d->facts, FACT_CAUTION, "it is distributed: only its central part, SNAT, moves");
    if (json_is_true(act_get(c->obj, "ha")) && on > 1)
        act_fact(d->facts, FACT_INFO, "it is highly available: its %zu other instance%s forward%s meanwhile", on - 1, on == 2 ? "" : "s", on == 2 ? "s" : "");
    else if (from)
        act_fact(d->facts, FACT_DANGER, "nothing is forwarded while it moves%s%s, and %zu floating address%s through it %s not reachable", *ip ? ": its own address " : "",
                 ip, n, n == 1 ? "" : "es", n == 1 ? "is" : "are");
}

#define AGAINS 4                    /* after the first, of what an API that failed never got */
#define LEAVES "from"
#define TAKES "to"
#define WAY_BACK "only if the other does not take it, back to"

static bool step(struct op_drive *d, const char *action, const json_t *agent, const char *how)
{
    char about[400];
    snprintf(about, sizeof about, "%s the agent on %.255s", how, act_str(agent, "host"));
    const struct op_arg args[] = {{"agent", act_str(agent, "id")}};
    const struct op_kid_new kid = {.action = action, .kind = d->c.kind->id, .scope = d->c.scope, .name = d->c.name, .uid = d->c.uid, .args = args, .nargs = 1,
                                   .about = about};
    return d->ops->add(d, &kid);
}

/* The steps of a router: leave, take, and the way back, which is needed when nobody took it. Of a network: take, leave. */
static enum act_seen plan(struct op_drive *d)
{
    const struct act_ctx *c = &d->c;
    bool many, ok;
    const json_t *from = leaves(c, &many), *to;
    if (!agents_of(c, ON)) {
        act_fact(d->facts, FACT_REFUSED, "on which agents it is could not be read (HTTP %d): this is for administrators", c->side[ON].status);
        return SEEN_FAILED;
    }
    if (many || (!from && *given(c, "from") && json_array_size(agents_of(c, ON)))) {
        act_fact(d->facts, FACT_REFUSED, many ? "%zu agents have it: say from which one it goes" : "that agent is none of the %zu that have it",
                 json_array_size(agents_of(c, ON)));
        return SEEN_FAILED;
    }
    to = choose(c, d->facts);
    if (!to)
        return SEEN_FAILED;
    if (is_on(c, act_str(to, "id"))) {
        act_fact(d->facts, FACT_REFUSED, "the agent on %s has it already", act_str(to, "host"));
        return SEEN_FAILED;
    }
    say_move(d, from, to);
    if (!json_array_size(agents_of(c, ON)))               /* also: a move that was cut off between its two steps */
        act_fact(d->facts, FACT_CAUTION, "no agent has it now, it is only given to one");
    if (is_router(c))
        ok = (!from || step(d, "remove-agent", from, LEAVES)) && step(d, "add-agent", to, TAKES) && (!from || step(d, "add-agent", from, WAY_BACK));
    else
        ok = step(d, "add-agent", to, TAKES) && (!from || step(d, "remove-agent", from, LEAVES));
    if (!ok)
        act_fact(d->facts, FACT_REFUSED, "out of memory");
    return ok ? SEEN_WAIT : SEEN_FAILED;
}

static bool over(const struct op_kid *k) { return k->state >= STEP_DONE; }

/* The API hiccuped, and nothing of the request is to be seen: it is asked again before the router goes anywhere else. */
static bool once_more(struct op_drive *d, size_t i)
{
    if (d->kid[i].state != STEP_FAILED || !d->kid[i].unseen || d->kid[i].mark >= AGAINS)
        return false;
    d->kid[i].mark++;
    d->ops->again(d, i);
    return true;
}

static enum act_seen move(struct op_drive *d, struct str *why)
{
    if (d->facts)
        return plan(d);
    bool spare = is_router(&d->c) && d->nkids == 3;
    size_t n = spare ? 2 : d->nkids;
    for (size_t i = 0; i < n; i++) {
        if (!over(&d->kid[i])) {
            if (d->kid[i].state == STEP_WAITING)
                d->ops->start(d, i);
            str_adds(why, !strcmp(d->kid[i].action, "add-agent") ? "the new agent takes it" : "the old agent lets go");
            return SEEN_WAIT;
        }
        if (op_kid_well(&d->kid[i]))
            continue;
        if (once_more(d, i)) {
            str_adds(why, "the API failed, it is asked again");
            return SEEN_WAIT;
        }
        if (!spare || !i) {
            str_adds(why, i ? "the new agent has it, the old one did not let go" : d->nkids == 1 ? "no agent took it" : "it stays where it is");
            return SEEN_FAILED;
        }
        if (d->kid[2].state == STEP_WAITING || once_more(d, 2))        /* nobody has it now: back to where it was */
            d->ops->start(d, 2);
        if (!over(&d->kid[2])) {
            str_adds(why, "the new agent did not take it: back to the old one");
            return SEEN_WAIT;
        }
        str_adds(why, op_kid_well(&d->kid[2]) ? "the new agent did not take it; the old one has it again" : "neither agent has it now: add-agent gives it to one");
        return SEEN_FAILED;
    }
    if (spare)
        d->ops->skip(d, 2, "the new agent has it: no way back is needed");
    str_adds(why, "the new agent has it");
    return SEEN_DONE;
}

/* ---- the rows ---- */

static bool fits(const struct action *a, const struct row *r)
{
    return (*row_column(r, "port") != '\0') == !strcmp(a->id, "disassociate");
}

static const char *const addresses[] = {"floating-ip", NULL};
static const char *const moved[] = {"router", "network", NULL};
static const struct action_arg associate_args[] = {
    {.name = "server", .help = "The server it leads to, by name or id.", .type = ARG_TEXT},
    {.name = "port", .help = "Or the port, by name or id.", .type = ARG_TEXT},
    {.name = "fixed-ip", .help = "Which of its addresses, where it has several.", .type = ARG_TEXT},
};
static const struct action_arg agent_args[] = {{.name = "agent", .help = "The agent, by host or id.", .type = ARG_TEXT, .required = true}};
static const struct action_arg move_args[] = {
    {.name = "to", .help = "The agent that takes it, by host or id; else the least loaded.", .type = ARG_TEXT},
    {.name = "from", .help = "The agent it leaves, where several have it.", .type = ARG_TEXT},
};

const struct action neutron_actions[] = {
    {.id = "associate", .past = "associated", .kinds = addresses, .help = "Leads a floating address to a server or port.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_ONE, .args = associate_args, .nargs = 3, .timeout_s = 120, .side = port_side, .build = associate_build, .observe = address_seen,
     .arrived = address_arrived, .undo = address_undo, .fits = fits},
    {.id = "disassociate", .past = "disassociated", .kinds = addresses, .help = "Takes a floating address from where it leads.", .plane = PLANE_OPENSTACK,
     .timeout_s = 120, .build = disassociate_build, .observe = address_seen, .arrived = address_arrived, .undo = address_undo, .fits = fits},
    {.id = "reschedule", .past = "rescheduled", .kinds = moved, .help = "Moves a router, or the DHCP of a network, to another agent.",
     .plane = PLANE_OPENSTACK, .args = move_args, .nargs = 2, .side = agents_side, .compound = move},
    {.id = "add-agent", .past = "given to the agent", .kinds = moved, .help = "Gives a router or a network to an agent.", .plane = PLANE_OPENSTACK,
     .args = agent_args, .nargs = 1, .timeout_s = 120, .side = agents_side, .build = agent_build, .observe = agent_seen, .arrived = agent_arrived,
     .undo = agent_undo},
    {.id = "remove-agent", .past = "taken from the agent", .kinds = moved, .help = "Takes a router or a network from an agent.", .plane = PLANE_OPENSTACK,
     .args = agent_args, .nargs = 1, .timeout_s = 120, .side = agents_side, .build = agent_build, .observe = agent_seen, .arrived = agent_arrived,
     .undo = agent_undo},
    {0},
};
