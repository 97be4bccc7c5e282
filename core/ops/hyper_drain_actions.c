/*
 * Draining a hypervisor: its compute service is disabled with our reason, then each server that was there moves as agreed, a few at
 * a time; cold moves are confirmed; over when Nova's list, its migrations, Placement and the service all say so.
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/host_drain.h"
#include "core/ops/hyper_steps.h"
#include "core/ops/nova_room.h"
#include "core/ops/upkeep.h"
#include "strata/text.h"

#define LISTED 1000

static bool grouped(const struct act_ctx *c) { return nova_room_grouped(json_object_get(c->side[HYPER_SERVERS].json, "servers")); }

/* Where the sides of the node begin. */
static size_t nodes_at(const struct act_ctx *c)
{
    const char *service, *microversion;
    struct str path;
    size_t n = 0;
    str_init(&path, 4096);
    while (nova_room_side(n, grouped(c), &path, &service, &microversion))
        n++;
    str_release(&path);
    return HYPER_ROOM + n;
}

/* The clusters that are asked for the node. */
static size_t clusters(const struct act_ctx *c)
{
    size_t n = 0;
    while (n < HYPER_CLUSTERS && host_nodes_side(c, n, NULL))
        n++;
    return n;
}

/* The node that it is, its cluster as the source; false: none is known. */
static bool node_of(const struct act_ctx *c, struct host_node *node)
{
    for (size_t k = 0; k < clusters(c); k++)
        if (host_node_in(c, &c->side[nodes_at(c) + k], host_nodes_side(c, k, NULL), node))
            return true;
    return false;
}

static bool beside_side(const struct act_ctx *c, size_t n, struct str *path, const char **service)
{
    size_t all = clusters(c);
    struct host_node node;
    *service = NULL;
    if (n < all)
        return c->planning && host_nodes_side(c, n, path);
    return c->planning && node_of(c, &node) && upkeep_side(c, nodes_at(c) + all, n - all, node.name, path);
}

static const char *side_source(const struct act_ctx *c, size_t i)
{
    struct host_node node = {0};
    if (i < nodes_at(c))
        return NULL;
    i -= nodes_at(c);
    return i < clusters(c) ? host_nodes_side(c, i, NULL) : node_of(c, &node) ? node.source : NULL;
}

static bool drain_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    static const struct { const char *service, *microversion, *path; } sides[] = {
        [HYPER_SERVERS] = {"compute", "2.73", "/servers/detail?all_tenants=1&limit=1000&host="},
        [HYPER_MIGRATIONS] = {"compute", "2.59", "/os-migrations?limit=1000&host="},
        [HYPER_ALLOCATIONS] = {"placement", "1.12", "/resource_providers/"},
    };
    if (i >= HYPER_ROOM && !c->planning)
        return false;
    if (i >= nodes_at(c))
        return beside_side(c, i - nodes_at(c), path, service);
    if (i >= HYPER_ROOM)
        return nova_room_side(i - HYPER_ROOM, grouped(c), path, service, microversion);
    *service = sides[i].service;
    *microversion = sides[i].microversion;
    str_adds(path, sides[i].path);
    str_add_urlenc(path, i == HYPER_ALLOCATIONS ? c->uid : hyper_host(c->obj));
    return i != HYPER_ALLOCATIONS || str_adds(path, "/allocations");
}

/* ---- the plan ---- */

static void unknown(void *arg, const char *list, const char *word, size_t len) { act_unknown(arg, list, word, len); }

static void gone(void *arg, const char *list, const char *word, size_t len)
{
    act_fact(arg, FACT_CAUTION, "no server here is called %.*s any more (--%s)", (int)len, word, list);
}

/* What refuses a new drain is left where it is by one that is gone on with, as if it had come about meanwhile; told at the end. */
static void say_stays(struct op_drive *d, const char *words)
{
    const char *advice = strstr(words, ", or agree to leave it");
    act_fact(d->facts, FACT_CAUTION, "%.*s; it stays here and is told at the end, the rest goes on", advice ? (int)(advice - words) : (int)strlen(words), words);
}

static void say_server(struct op_drive *d, const json_t *v, enum hyper_fate fate, const char *words, bool rest)
{
    const char *name = act_str(v, "name"), *vm = act_str(v, "OS-EXT-STS:vm_state");
    if (fate == HYPER_REFUSED && rest)
        say_stays(d, words);
    else if (fate == HYPER_REFUSED)
        act_fact(d->facts, FACT_REFUSED, "%s", words);
    else if (fate == HYPER_WAIT)
        act_fact(d->facts, FACT_CAUTION, "server %s: %s", name, words);
    else if (fate == HYPER_CONFIRM)
        act_fact(d->facts, FACT_CAUTION, "server %s: its move to here is confirmed, there is no way back then", name);
    else if (fate == HYPER_COLD && strcmp(vm, "stopped") != 0)
        act_fact(d->facts, FACT_CAUTION, "server %s runs and is moved cold: it is shut down and started again elsewhere", name);
    if (json_is_true(act_get(v, "locked")) && fate != HYPER_LEAVE)
        act_fact(d->facts, FACT_CAUTION, "server %s is locked: only an administrator's request is taken", name);
}

static void say_waiting(struct op_drive *d)
{
    const json_t *list = hyper_migrations(d);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        if (!hyper_waits(&d->c, m) || !hyper_is_ours(d, act_str(m, "instance_uuid")))
            continue;
        bool may = hyper_may_confirm(&d->c, m);
        act_fact(d->facts, may ? FACT_CAUTION : FACT_REFUSED, may ? "server %s moved away and waits for its confirmation, which is given" :
                 "server %s was resized away from here and waits for its confirmation: confirm or revert it, or let the drain confirm it (--confirm-resizes)",
                 act_str(m, "instance_uuid"));
    }
}

static bool say_sides(struct op_drive *d)
{
    const struct act_side *s = d->c.side;
    if (!json_is_array(hyper_servers(d)))
        act_fact(d->facts, FACT_REFUSED, "the servers of the host could not be read (HTTP %d): that takes an administrator's role", s[HYPER_SERVERS].status);
    else if (!json_is_array(hyper_migrations(d)))
        act_fact(d->facts, FACT_REFUSED, "the migrations of the host could not be read (HTTP %d): that takes an administrator's role", s[HYPER_MIGRATIONS].status);
    else if (json_array_size(hyper_servers(d)) >= LISTED)
        act_fact(d->facts, FACT_REFUSED, "%d servers and more are too many for one drain", LISTED);
    else
        return true;
    return false;
}

static enum act_seen plan(struct op_drive *d)
{
    char reason[256];
    snprintf(reason, sizeof reason, "%.250s", act_arg(&d->c, "reason") ? act_arg(&d->c, "reason") : "");
    const struct op_arg why = {"reason", reason};
    const struct op_kid_new disable = {.action = "disable", .kind = "hypervisor", .scope = "", .name = d->c.name, .uid = d->c.uid, .args = &why,
                                       .nargs = *reason ? 1 : 0, .first = true};
    size_t n[HYPER_REFUSED + 1] = {0};
    struct str words, stay;
    struct host_node node;
    bool ok, rest = d->nkids != 0;                 /* of a drain that an earlier run began */
    if (!say_sides(d))
        return SEEN_FAILED;
    hyper_unknown(&d->c, rest ? gone : unknown, d->facts);
    if (!*hyper_host(d->c.obj)) {
        act_fact(d->facts, FACT_REFUSED, "Nova does not say which compute service it has (that takes microversion 2.53)");
        return SEEN_FAILED;
    }
    if (strcmp(act_str(d->c.obj, "state"), "up") != 0)
        act_fact(d->facts, FACT_REFUSED, "its compute service is %s: nothing can be moved from it; servers of a dead host are evacuated", act_str(d->c.obj, "state"));
    for (size_t k = 0; k < clusters(&d->c); k++)
        if (!d->c.side[nodes_at(&d->c) + k].json)
            act_fact(d->facts, FACT_CAUTION, "cluster %s cannot be asked whether it has a controller of its own for maintenance", host_nodes_side(&d->c, k, NULL));
    if (node_of(&d->c, &node))
        upkeep_say(&d->c, nodes_at(&d->c) + clusters(&d->c), node.name, UPKEEP_SERVERS, d->facts);
    if (hyper_disabled(d->c.obj) && !hyper_reason_ours(d->c.obj))
        act_fact(d->facts, FACT_CAUTION, "it was disabled before: %s; strata will not enable it", act_str(d->c.obj, "service.disabled_reason"));
    ok = d->ops->add(d, &disable);
    str_init(&stay, 4096);
    const json_t *list = hyper_servers(d);
    int status = 0;
    struct nova_room *room = nova_room_new(&d->c, HYPER_ROOM, grouped(&d->c), hyper_host(d->c.obj), &status);
    const char *host = act_arg(&d->c, "host");
    for (size_t i = 0; i < json_array_size(list) && ok; i++) {
        const json_t *v = json_array_get(list, i);
        str_init(&words, 2048);
        enum hyper_fate fate = hyper_fate(&d->c, v, &words);
        n[fate]++;
        say_server(d, v, fate, words.data ? words.data : "", rest);
        if (fate == HYPER_LEAVE && n[fate] <= 10)
            str_addf(&stay, "%s%s", stay.len ? ", " : "", act_str(v, "name"));
        str_release(&words);
        if (room && (fate == HYPER_LIVE || fate == HYPER_COLD || fate == HYPER_WAIT))
            nova_room_place(room, v, host && *host ? host : NULL);
        ok = fate == HYPER_REFUSED || fate == HYPER_LEAVE || hyper_add_move(d, v, fate);
    }
    if (n[HYPER_LEAVE])
        act_fact(d->facts, FACT_CAUTION, "%zu stay%s here, as agreed: %s%s", n[HYPER_LEAVE], n[HYPER_LEAVE] == 1 ? "s" : "", stay.data ? stay.data : "",
                 n[HYPER_LEAVE] > 10 ? ", ..." : "");
    str_release(&stay);
    if (room)
        nova_room_say(room, "will not move", d->facts);
    else if (json_array_size(list))
        act_fact(d->facts, FACT_CAUTION, "whether there are places for its servers is not known: what the other hosts have left could not be read (HTTP %d)", status);
    nova_room_free(room);
    say_waiting(d);
    if (!d->c.side[HYPER_ALLOCATIONS].json)
        act_fact(d->facts, FACT_CAUTION, "Placement could not be read (HTTP %d): what it holds is not verified", d->c.side[HYPER_ALLOCATIONS].status);
    if (!ok) {
        act_fact(d->facts, FACT_REFUSED, "out of memory, or too many servers for one operation: drain fewer hypervisors at once");
        return SEEN_FAILED;
    }
    size_t stays = n[HYPER_LEAVE] + n[HYPER_REFUSED];
    act_fact(d->facts, FACT_INFO, "%zu live, %zu cold, %zu when they are not busy any more, %zu stay%s", n[HYPER_LIVE], n[HYPER_COLD],
             n[HYPER_WAIT] + n[HYPER_CONFIRM], stays, stays == 1 ? "s" : "");
    return facts_refusal(d->facts) ? SEEN_FAILED : SEEN_DONE;
}

static enum act_seen drain(struct op_drive *d, struct str *why)
{
    return d->facts ? plan(d) : d->canceling ? hyper_tidy(d, why) : hyper_run(d, why);
}

static const char *const hypervisors[] = {"hypervisor", NULL};
static const struct action_arg drain_args[] = {
    {.name = "live", .help = "Servers to move live: names, ids, states (PAUSED) or all, with commas. ACTIVE ones are anyway.", .type = ARG_TEXT},
    {.name = "cold", .help = "Servers to move cold, named alike. SHUTOFF ones are anyway; one that runs is shut down for it.", .type = ARG_TEXT},
    {.name = "leave", .help = "Servers to leave where they are, named alike.", .type = ARG_TEXT},
    {.name = "host", .help = "Where they go; the scheduler chooses if not said.", .type = ARG_TEXT},
    {.name = "block", .help = "Copy local disks on a live move: Nova finds out, it must, it must not.", .type = ARG_CHOICE, .def = "auto", .choices = "auto yes no"},
    {.name = "concurrency", .help = "How many servers at a time; 0: all at once.", .type = ARG_INT, .def = "2", .most = INT32_MAX},
    {.name = "attempts", .help = "How often a move that failed is tried.", .type = ARG_INT, .def = "1", .most = INT32_MAX},
    {.name = "abort-after", .help = "Seconds of moving, or in Nova's queue while nothing is moved from there, after which a live move that does not end is aborted, one that was under way before the drain as well, counted from its beginning; 0: never.", .type = ARG_SECONDS, .def = "0"},
    {.name = "force-after", .help = "Seconds of moving after which a live move that does not end is forced (the server stands still for it); 0: never.", .type = ARG_SECONDS, .def = "0"},
    {.name = "confirm-resizes", .help = "Also confirm resizes that others began: they cannot be reverted then.", .type = ARG_BOOL},
    {.name = "timeout", .help = "Seconds for each hypervisor before it is given up; 0: none.", .type = ARG_SECONDS, .def = "0"},
    {.name = "reason", .help = "Why, as Nova keeps it.", .type = ARG_TEXT},
    UPKEEP_ARG,
};

const struct action hyper_drain_actions[] = {
    {.id = "drain", .past = "drained", .kinds = hypervisors, .help = "Disables a hypervisor and moves its servers away, as agreed; verified.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_TWICE | ACTION_AGAIN | ACTION_TIDIES, .args = drain_args, .nargs = sizeof drain_args / sizeof drain_args[0], .side = drain_side, .side_source = side_source,
     .compound = drain},
    {0},
};
