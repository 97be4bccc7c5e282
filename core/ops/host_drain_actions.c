/*
 * A host that is a hypervisor and a node, out of use and back: its servers first, then what Neutron has there, then its pods; each
 * part is a whole operation with its own verification, and the next one begins when the one before is done. What the cluster's own
 * controller takes from its nodes is asked of it (upkeep.h), and not drained a second time.
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/compound.h"
#include "core/ops/facts.h"
#include "core/ops/host_drain.h"
#include "core/ops/hyper_drain.h"
#include "core/ops/ostk_act.h"
#include "core/ops/upkeep.h"
#include "core/ops/upkeep_host.h"
#include "strata/core.h"

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

/* ---- the cluster's own controllers ---- */

struct keepers { const struct upkeep *of[2]; const json_t *object[2]; unsigned moves; size_t n; };      /* each moves what no other does */

static unsigned moved_by(const char *word)
{
    for (size_t i = 0; word && i < UPKEEPS; i++)
        if (!strcmp(upkeep_rows[i].word, word))
            return upkeep_rows[i].moves;
    return 0;
}

static bool find_keepers(struct op_drive *d, const struct host_node *node, struct keepers *k)
{
    size_t first = host_upkeep(&d->c), n = 0;
    const struct upkeep *u;
    const json_t *object;
    *k = (struct keepers){.n = 0};
    if (first && !d->c.side[first].json)
        act_fact(d->facts, FACT_CAUTION, "whether cluster %s has a controller of its own for maintenance could not be read (HTTP %d)", node->source,
                 d->c.side[first].status);
    const char *with = act_arg(&d->c, "with");
    while (first && (u = upkeep_next(&d->c, first, &n, node->name, &object))) {
        if (strcmp(with ? with : "", u->word) != 0 && (u->moves & moved_by(with))) {
            act_fact(d->facts, FACT_DANGER, "%s takes nodes out of use here, too; it is not asked, as you said (--with), and knows nothing of this drain", u->product);
            continue;
        }
        if (k->n == 2 || (k->moves & u->moves)) {
            act_fact(d->facts, FACT_REFUSED, "%s and %s both take nodes out of use here: say which one is asked (--with), or --ignore-maintenance",
                     k->of[0]->product, u->product);
            return false;
        }
        k->of[k->n] = u;
        k->object[k->n++] = object;
        k->moves |= u->moves;
    }
    return true;
}

static const char *takes(const struct upkeep *u)
{
    return u->moves == UPKEEP_PODS ? "pods" : u->moves == UPKEEP_SERVERS ? "servers" : "servers and pods";
}

/* What only our own drain heeds. Where a controller does all that an option is about, it would be overheard. */
static const struct { const char *name; unsigned about; } ours_alone[] = {
    {"live", UPKEEP_SERVERS}, {"cold", UPKEEP_SERVERS}, {"leave", UPKEEP_SERVERS}, {"host", UPKEEP_SERVERS}, {"block", UPKEEP_SERVERS}, {"attempts", UPKEEP_SERVERS},
    {"abort-after", UPKEEP_SERVERS}, {"force-after", UPKEEP_SERVERS}, {"confirm-resizes", UPKEEP_SERVERS}, {"concurrency", UPKEEP_SERVERS | UPKEEP_PODS},
    {"force", UPKEEP_PODS}, {"ignore-daemonsets", UPKEEP_PODS}, {"delete-emptydir-data", UPKEEP_PODS}, {"pod-selector", UPKEEP_PODS}, {"grace-period", UPKEEP_PODS},
};

static bool is_said(const struct op_drive *d, const char *name)
{
    size_t n;
    const struct action_arg *rows = action_args(d->c.action, &n);
    const char *value = act_arg(&d->c, name);
    for (size_t i = 0; i < n && value && *value; i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].def ? strcmp(rows[i].def, value) != 0 : rows[i].type != ARG_BOOL || act_bool(&d->c, name);
    return false;
}

static bool heeded(struct op_drive *d, const struct keepers *k)
{
    bool all = true;
    for (size_t i = 0; i < sizeof ours_alone / sizeof ours_alone[0]; i++) {
        unsigned about = ours_alone[i].about;
        const struct upkeep *u = k->n && k->of[0]->moves & about ? k->of[0] : k->of[1];
        if ((about & ~k->moves) || !is_said(d, ours_alone[i].name))
            continue;
        act_fact(d->facts, FACT_REFUSED, "--%s is for strata's own drain, and %s takes the %s here as it is set up to: leave it out, or say --ignore-maintenance",
                 ours_alone[i].name, u->product, takes(u));
        all = false;
    }
    return all;
}

/* How much there is for them, and which servers are none that a move begins with. */
static void say_there(struct op_drive *d, const struct keepers *k)
{
    const json_t *servers = host_side_list(&d->c, HOST_SERVERS), *pods = host_side_list(&d->c, HOST_PODS);
    size_t n = json_array_size(servers), odd = 0, moved = 0;
    struct str s;
    str_init(&s, 4096);
    for (size_t i = 0; i < n; i++)
        odd += upkeep_host_odd(json_array_get(servers, i));
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const json_t *pod = json_array_get(pods, i);
        moved += !act_find(act_get(pod, "metadata.ownerReferences"), "kind", "DaemonSet") && strcmp(act_str(pod, "status.phase"), "Succeeded") != 0 &&
                 strcmp(act_str(pod, "status.phase"), "Failed") != 0;
    }
    if (json_is_array(servers))
        str_addf(&s, "%zu server%s", n, n == 1 ? "" : "s");
    if (json_is_array(pods))
        str_addf(&s, "%s%zu pod%s (those of daemon sets not counted)", s.len ? " and " : "", moved, moved == 1 ? "" : "s");
    if (s.len)
        act_fact(d->facts, FACT_INFO, "on it are %s", s.data);
    str_clear(&s);
    upkeep_host_names(servers, true, &s);
    if (odd && k->moves & UPKEEP_SERVERS)
        act_fact(d->facts, FACT_CAUTION, "%zu of its servers no move begins with as %s now, and the controller may wait for %s without end: %s", odd, odd == 1 ? "it is" : "they are",
                 odd == 1 ? "it" : "them", s.data);
    str_release(&s);
}

/* Of those that move any of that, in their place. */
static bool ask_keepers(struct op_drive *d, const struct keepers *k, const struct host_node *node, unsigned moves, const char *action)
{
    bool ok = true, begins = !strcmp(action, "maintenance");
    for (size_t i = 0; i < k->n && ok; i++) {
        const struct upkeep *u = k->of[i];
        const struct op_arg with = {"with", u->word};
        if (!(u->moves & moves) || (!begins && !upkeep_asks(u, k->object[i])))
            continue;
        if (begins)
            act_fact(d->facts, FACT_CAUTION, "%s takes the %s of node %s itself: it is asked by a %s and watched, strata drains nothing of that beside it", u->product,
                     takes(u), node->name, u->kind);
        ok = add_part(d, action, "nodes", node->source, node->name, node->uid, &with);
    }
    return ok;
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
    struct keepers k = {.n = 0};
    if (act_bool(&d->c, "ignore-maintenance"))
        act_fact(d->facts, FACT_INFO, "controllers of the cluster that take nodes out of use are not asked, as you said");
    else if (!find_keepers(d, &node, &k))
        return SEEN_FAILED;
    if (!heeded(d, &k))
        return SEEN_FAILED;
    if (k.n)
        say_there(d, &k);
    /* one that takes both comes last: what is moved to other agents must not be moved by it, too */
    ok = k.moves & UPKEEP_SERVERS ? (k.moves & UPKEEP_PODS && k.n == 1) || ask_keepers(d, &k, &node, UPKEEP_SERVERS, "maintenance")
                                  : add_part(d, "drain", "hypervisor", NULL, d->c.name, d->c.uid, NULL);
    ok = ok && move_cares(d, "L3 agent", HOST_ROUTERS, "router") && move_cares(d, "DHCP agent", HOST_NETWORKS, "network") && agent_off(d, "L3 agent") &&
         agent_off(d, "DHCP agent");
    ok = ok && (k.moves & UPKEEP_PODS ? ask_keepers(d, &k, &node, UPKEEP_PODS, "maintenance") : add_part(d, "drain", "nodes", node.source, node.name, node.uid, NULL));
    return planned(d, ok);
}

/* What a controller does has no end of its own; the other parts know their time. */
static bool gave_up(const struct op_drive *d, const struct op_kid *k, struct str *why)
{
    int64_t s = act_int(&d->c, "timeout", 0);
    if (strncmp(k->action, "maintenance", 11) != 0 || s <= 0 || !op_kid_busy(k) || d->mono_ms - k->began_mono_ms < s * 1000)
        return false;
    str_addf(why, "given up after %lld s (--timeout), its controller goes on with what it was asked for: %.700s", (long long)s, k->note);
    return true;
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
            str_addf(why, "%zu of %zu parts done, then %s %.120s failed: %.700s; nothing after it was begun", over, d->nkids, k->action, k->name, k->note);
            return SEEN_FAILED;
        }
        if (gave_up(d, k, why))
            return SEEN_FAILED;
        bool beside = busy && !strcmp(busy->action, "reschedule") && !strcmp(k->action, "reschedule") && going < 4;
        if (busy && !beside)
            break;
        if (k->state == STEP_WAITING)
            d->ops->start(d, i);
        busy = k;
        going++;
    }
    if (busy)
        str_addf(why, "part %zu of %zu: %s %.120s%s%.1000s", over + 1, d->nkids, busy->action, busy->name, *busy->note ? ": " : "", busy->note);
    else
        str_addf(why, "%s", done);
    return busy ? SEEN_WAIT : SEEN_DONE;
}

/* Was it the cluster's controller that took its servers? */
static bool keeper_took_servers(const struct op_drive *d)
{
    bool drained = false, asked = false;
    for (size_t i = 0; i < d->nkids; i++) {
        drained |= !strcmp(d->kid[i].action, "drain") && !strcmp(d->kid[i].uid, d->c.uid);
        asked |= !strcmp(d->kid[i].action, "maintenance");
    }
    return asked && !drained;
}

/* A controller leaves what it is set up to leave: that is told, as is a service that it did not disable. */
static void say_left(const struct op_drive *d, struct str *why)
{
    const json_t *list = host_side_list(&d->c, HOST_SERVERS);
    size_t n = json_array_size(list);
    if (!json_is_array(list))
        str_adds(why, "; which servers are still on it could not be read");
    if (n)
        str_addf(why, "; its controller left %zu server%s there: ", n, n == 1 ? "" : "s");
    upkeep_host_names(list, false, why);
    if (!hyper_disabled(d->c.obj))
        str_adds(why, "; its compute service is enabled");
}

/* What each part says of its end, and how many of the small ones there were. */
static void say_parts(const struct op_drive *d, struct str *why)
{
    size_t routers = 0, networks = 0;
    for (size_t i = 0; i < d->nkids; i++) {
        const struct op_kid *k = &d->kid[i];
        routers += !strcmp(k->action, "reschedule") && !strcmp(k->kind, "router");
        networks += !strcmp(k->action, "reschedule") && !strcmp(k->kind, "network");
        if (!strcmp(k->action, "drain") && *k->note)
            str_addf(why, "%s%s %.300s", why->len ? "; " : "", k->kind, k->note);
    }
    str_addf(why, "%s%zu router%s and the DHCP of %zu network%s moved", why->len ? "; " : "", routers, routers == 1 ? "" : "s", networks, networks == 1 ? "" : "s");
}

static enum act_seen drain(struct op_drive *d, struct str *why)
{
    if (d->facts)
        return plan_drain(d);
    bool theirs = keeper_took_servers(d);
    enum act_seen seen = in_order(d, why, theirs ? "its controller says that it is out of use" : "");
    if (seen == SEEN_DONE)
        say_parts(d, why);
    if (seen == SEEN_DONE && theirs) {
        say_left(d, why);
    } else if (seen == SEEN_DONE && !hyper_disabled(d->c.obj)) {
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
    struct keepers k;
    unsigned theirs = 0;
    if (!find_keepers(d, &node, &k))
        return SEEN_FAILED;
    for (size_t i = 0; i < k.n; i++) {
        const struct upkeep *u = k.of[i];
        if (!upkeep_asks(u, k.object[i]))
            continue;
        theirs |= u->moves;
        if (!upkeep_ours(u, k.object[i]) && !act_bool(&d->c, "any-reason"))
            act_fact(d->facts, FACT_REFUSED, "%s %s was not %s by strata: ask who did, or say --any-reason", u->kind, act_str(k.object[i], "metadata.name"),
                     u->set ? "asked" : "made");
        else
            act_fact(d->facts, FACT_INFO, "%s took its %s: what asks for that (%s %s) is taken back, the rest is its own", u->product, takes(u), u->kind,
                     act_str(k.object[i], "metadata.name"));
    }
    ok = (theirs & UPKEEP_PODS ? ask_keepers(d, &k, &node, UPKEEP_PODS, "maintenance-end") : add_part(d, "uncordon", "nodes", node.source, node.name, node.uid, NULL)) &&
         agent_on(d, "L3 agent") && agent_on(d, "DHCP agent");
    if (theirs & UPKEEP_SERVERS)
        return planned(d, ok && (theirs == (UPKEEP_PODS | UPKEEP_SERVERS) && k.n == 1 ? true : ask_keepers(d, &k, &node, UPKEEP_SERVERS, "maintenance-end")));
    ok = ok && add_part(d, "enable", "hypervisor", NULL, d->c.name, d->c.uid, NULL);
    if (hyper_disabled(d->c.obj))
        ostk_act_of_others(&d->c, d->facts, act_str(d->c.obj, "service.disabled_reason"), "disabled");
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

/* ---- asked for by its node ---- */

/* While planning: of each cloud the hypervisors whose name has the first part of the node's. */
static const char *node_side_source(const struct act_ctx *c, size_t i)
{
    for (size_t k = 0; k < c->nsources && !c->before; k++)
        if (c->sources[k].plane == PLANE_OPENSTACK && !i--)
            return c->sources[k].name;
    return NULL;
}

static bool node_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    char first[256];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(c->name, "."), c->name);
    *service = "compute";
    *microversion = "2.53";
    str_adds(path, "/os-hypervisors/detail?hypervisor_hostname_pattern=");
    return node_side_source(c, i) && str_add_urlenc(path, first);
}

/* The one hypervisor that the node is, by its name and its address. */
static const json_t *hypervisor_of(const struct op_drive *d, const char **cloud)
{
    const json_t *found = NULL;
    const char *source, *deaf = NULL;
    int status = 0;
    size_t n = 0, clouds = 0;
    for (size_t i = 0; i < ACT_SIDES && (source = node_side_source(&d->c, i)); i++, clouds++) {
        const json_t *list = json_object_get(d->c.side[i].json, "hypervisors");
        if (!json_is_array(list) && d->c.side[i].status != 404) {
            deaf = source;
            status = d->c.side[i].status;
        }
        for (size_t k = 0; k < json_array_size(list); k++)
            if (host_is_node(json_array_get(list, k), d->c.obj)) {
                found = json_array_get(list, k);
                *cloud = source;
                n++;
            }
    }
    if (n == 1)
        return found;
    if (!clouds)
        act_fact(d->facts, FACT_REFUSED, "no cloud is open whose hypervisor it could be: start strata with its --cloud, or drain the node alone");
    else if (n)
        act_fact(d->facts, FACT_REFUSED, "%zu hypervisors have its name: drain the host by the one that is meant (strata host drain NAME --cloud=CLOUD)", n);
    else if (deaf)
        act_fact(d->facts, FACT_REFUSED, "the hypervisors of cloud %s could not be read (HTTP %d), so whether it is one is not known", deaf, status);
    else
        act_fact(d->facts, FACT_REFUSED, "it is no hypervisor (looked in %zu cloud%s): drain the node alone", clouds, clouds == 1 ? "" : "s");
    return NULL;
}

static enum act_seen by_node(struct op_drive *d, struct str *why)
{
    const char *cloud = NULL;
    struct str node;
    if (!d->facts)
        return in_order(d, why, "as its hypervisor and as a node");
    const json_t *h = hypervisor_of(d, &cloud);
    if (!h)
        return SEEN_FAILED;
    act_fact(d->facts, FACT_INFO, "it is hypervisor %s of %s", act_str(h, "hypervisor_hostname"), cloud);
    str_init(&node, 1024);
    str_addf(&node, "%s/%s", d->c.source, d->c.name);
    const struct op_arg this_one = {"node", node.data};
    bool ok = !node.failed && add_part(d, d->c.action->id, "hypervisor", cloud, act_str(h, "hypervisor_hostname"), act_str(h, "id"), &this_one);
    str_release(&node);
    return planned(d, ok);
}

static const char *const hypervisors[] = {"hypervisor", NULL}, *const nodes[] = {"nodes", NULL};
#define NODE {.name = "node", .help = "The node that this host is, CONTEXT/NODE or NODE, where names and addresses do not say it.", .type = ARG_TEXT}
#define WITH {.name = "with", .help = "Which of the cluster's own controllers is asked, where it has several.", .type = ARG_CHOICE, .choices = "mosk sap medik8s"}
static const struct action_arg drain_args[] = {
    NODE,
    {.name = "live", .help = "Servers to move live, as for the drain of a hypervisor.", .type = ARG_TEXT},
    {.name = "cold", .help = "Servers to move cold.", .type = ARG_TEXT},
    {.name = "leave", .help = "Servers to leave where they are.", .type = ARG_TEXT},
    {.name = "host", .help = "Where servers go; the scheduler chooses if not said.", .type = ARG_TEXT},
    {.name = "block", .help = "Copy local disks on a live move: Nova finds out, it must, it must not.", .type = ARG_CHOICE, .def = "auto", .choices = "auto yes no"},
    {.name = "concurrency", .help = "How many servers, and how many pods, at a time.", .type = ARG_INT, .def = "2", .most = INT32_MAX},
    {.name = "attempts", .help = "How often a move that failed is tried.", .type = ARG_INT, .def = "1", .most = INT32_MAX},
    {.name = "abort-after", .help = "Seconds of moving after which a live move that does not end is aborted, whoever began it; 0: never.", .type = ARG_SECONDS, .def = "0"},
    {.name = "force-after", .help = "Seconds of moving after which a live move that does not end is forced; 0: never.", .type = ARG_SECONDS, .def = "0"},
    {.name = "confirm-resizes", .help = "Also confirm resizes that others began.", .type = ARG_BOOL},
    {.name = "reason", .help = "Why, as Nova and Neutron keep it.", .type = ARG_TEXT, .def = "maintenance"},
    UPKEEP_ARG,
    WITH,
    {.name = "force", .help = "Also pods that nothing owns: they do not come back.", .type = ARG_BOOL},
    {.name = "ignore-daemonsets", .help = "Leave pods of daemon sets where they are (a hypervisor's own agents are such).", .type = ARG_BOOL, .def = "true"},
    {.name = "delete-emptydir-data", .help = "Also pods with emptyDir volumes: what is in them is lost.", .type = ARG_BOOL},
    {.name = "pod-selector", .help = "Only pods with these labels.", .type = ARG_TEXT},
    {.name = "grace-period", .help = "Seconds each pod gets to end; -1: its own.", .type = ARG_INT, .def = "-1", .least = -1, .most = INT32_MAX},
    {.name = "timeout", .help = "Seconds for the servers, and for the pods, before it is given up; 0: none.", .type = ARG_SECONDS, .def = "0"},
};
static const struct action_arg back_args[] = {NODE, OSTK_ANY_REASON, WITH};

const struct action host_drain_actions[] = {
    {.id = "host-drain", .past = "drained", .kinds = hypervisors, .help = "Drains a host across the layers: servers, routers and DHCP, then the pods of its node.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_TWICE | ACTION_AGAIN | ACTION_ONE, .args = drain_args, .nargs = sizeof drain_args / sizeof drain_args[0],
     .side = host_side_path, .side_source = host_side_source, .compound = drain},
    {.id = "host-back", .past = "back in use", .kinds = hypervisors, .help = "Takes a host that was drained into use again: its node, its agents, its compute service.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_AGAIN | ACTION_ONE, .args = back_args, .nargs = sizeof back_args / sizeof back_args[0],
     .side = host_side_path, .side_source = host_side_source, .compound = back},
    {.id = "host-drain", .past = "drained", .kinds = nodes, .help = "Drains the host across the layers, if the node is a hypervisor: servers, routers and DHCP, then its pods.",
     .plane = PLANE_KUBE, .flags = ACTION_AGAIN | ACTION_ONE, .args = drain_args + 1, .nargs = sizeof drain_args / sizeof drain_args[0] - 1,
     .side = node_side, .side_source = node_side_source, .compound = by_node},
    {.id = "host-back", .past = "back in use", .kinds = nodes, .help = "Takes the host into use again, if the node is a hypervisor: node, agents, compute service.",
     .plane = PLANE_KUBE, .flags = ACTION_AGAIN | ACTION_ONE, .args = back_args + 1, .nargs = sizeof back_args / sizeof back_args[0] - 1,
     .side = node_side, .side_source = node_side_source, .compound = by_node},
    {0},
};
