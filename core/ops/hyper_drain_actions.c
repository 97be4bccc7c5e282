/*
 * Draining a hypervisor: its compute service is disabled with our reason, then each server that was there moves as agreed, a few at
 * a time; cold moves are confirmed; over when Nova's list, its migrations, Placement and the service all say so.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/compound.h"
#include "core/ops/facts.h"
#include "core/ops/host_drain.h"
#include "core/ops/hyper_drain.h"
#include "core/ops/upkeep.h"
#include "strata/text.h"

#define SETTLE_MS 20000             /* a move ended: so long may its host still be the old one */
#define HELD_MS 150000              /* Nova gives back what Placement holds each minute */
#define STALE_MS 900000             /* a record of a move that nobody has written for so long */
#define AGAINS 5                    /* of what was refused because the server, or the API, was busy just then */
#define LISTED 1000

enum { MARK_TRIES = 0xff, MARK_BUSY = 0x100, MARK_BUSIES = 0xff00, MARK_CLOSED = 0x10000 };     /* of op_kid.mark */
#define MARK_MOVING 0x100000        /* times it: the second, since the drain began, in which it was first seen to move, and one */

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
        if (host_node_in(c, &c->side[HYPER_NODES + k], host_nodes_side(c, k, NULL), node))
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
    return c->planning && node_of(c, &node) && upkeep_side(c, HYPER_NODES + all, n - all, node.name, path);
}

static const char *side_source(const struct act_ctx *c, size_t i)
{
    struct host_node node = {0};
    if (i < HYPER_NODES)
        return NULL;
    i -= HYPER_NODES;
    return i < clusters(c) ? host_nodes_side(c, i, NULL) : node_of(c, &node) ? node.source : NULL;
}

static bool drain_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    static const struct { const char *service, *microversion, *path; } sides[] = {
        [HYPER_SERVERS] = {"compute", "2.73", "/servers/detail?all_tenants=1&limit=1000&host="},
        [HYPER_MIGRATIONS] = {"compute", "2.59", "/os-migrations?limit=1000&host="},
        [HYPER_ALLOCATIONS] = {"placement", "1.12", "/resource_providers/"},
    };
    if (i >= HYPER_NODES)
        return beside_side(c, i - HYPER_NODES, path, service);
    *service = sides[i].service;
    *microversion = sides[i].microversion;
    str_adds(path, sides[i].path);
    str_add_urlenc(path, i == HYPER_ALLOCATIONS ? c->uid : hyper_host(c->obj));
    return i != HYPER_ALLOCATIONS || str_adds(path, "/allocations");
}

static const json_t *servers_of(const struct op_drive *d) { return json_object_get(d->c.side[HYPER_SERVERS].json, "servers"); }
static const json_t *migrations_of(const struct op_drive *d) { return json_object_get(d->c.side[HYPER_MIGRATIONS].json, "migrations"); }

static bool is_move(const struct op_kid *k) { return !strcmp(k->action, "live-migrate") || !strcmp(k->action, "migrate"); }

/* The last step of that action (NULL: move) for a server. */
static struct op_kid *kid_of(const struct op_drive *d, const char *action, const char *uid)
{
    for (size_t i = d->nkids; i-- > 0;)
        if (!strcmp(d->kid[i].uid, uid) && (action ? !strcmp(d->kid[i].action, action) : is_move(&d->kid[i])))
            return &d->kid[i];
    return NULL;
}

static size_t index_of(const struct op_drive *d, const struct op_kid *k) { return (size_t)(k - d->kid); }

static struct op_kid *disabling(const struct op_drive *d) { return kid_of(d, "disable", d->c.uid); }

static bool add_step(struct op_drive *d, const char *action, const char *uid, const char *name, const struct op_arg *args, size_t nargs)
{
    const struct op_kid_new kid = {.action = action, .kind = "server", .scope = "", .name = *name ? name : uid, .uid = uid, .args = args, .nargs = nargs,
                                   .stays = true, .tidies = !strcmp(action, "confirm-resize")};
    return d->ops->add(d, &kid);
}

static bool add_move(struct op_drive *d, const json_t *server, enum hyper_fate fate)
{
    const char *host = act_arg(&d->c, "host"), *block = act_arg(&d->c, "block");
    struct op_arg args[2];
    size_t n = 0;
    if (host && *host)
        args[n++] = (struct op_arg){"host", host};
    if (fate != HYPER_COLD && block)
        args[n++] = (struct op_arg){"block", block};
    return add_step(d, fate == HYPER_COLD ? "migrate" : "live-migrate", act_str(server, "id"), act_str(server, "name"), args, n);
}

/* A step that is done as soon as it is known. false: memory, or too many. */
static bool do_step(struct op_drive *d, const char *action, const char *uid, const char *name)
{
    if (!add_step(d, action, uid, name, NULL, 0))
        return false;
    const struct op_kid *k = kid_of(d, action, uid);
    if (k->state == STEP_WAITING)
        d->ops->start(d, index_of(d, k));
    return true;
}

/* ---- the plan ---- */

static void say_server(struct op_drive *d, const json_t *v, enum hyper_fate fate, const char *words)
{
    const char *name = act_str(v, "name"), *vm = act_str(v, "OS-EXT-STS:vm_state");
    if (fate == HYPER_REFUSED)
        act_fact(d->facts, FACT_REFUSED, "%s", words);
    else if (fate == HYPER_WAIT)
        act_fact(d->facts, FACT_CAUTION, "server %s: %s", name, words);
    else if (fate == HYPER_CONFIRM)
        act_fact(d->facts, FACT_CAUTION, "server %s: its move to here is confirmed, there is no way back then", name);
    else if (fate == HYPER_COLD && strcmp(vm, "stopped") != 0)
        act_fact(d->facts, FACT_DANGER, "server %s runs and is moved cold: it is shut down and started again elsewhere", name);
    if (json_is_true(act_get(v, "locked")) && fate != HYPER_LEAVE)
        act_fact(d->facts, FACT_CAUTION, "server %s is locked: only an administrator's request is taken", name);
}

/* Is a server that is not here any more part of it? Not where all are left and nobody named it. */
static bool is_ours(const struct op_drive *d, const char *uid) { return kid_of(d, NULL, uid) || !hyper_leaves(&d->c, uid); }

static void say_waiting(struct op_drive *d)
{
    const json_t *list = migrations_of(d);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        if (!hyper_waits(&d->c, m) || !is_ours(d, act_str(m, "instance_uuid")))
            continue;
        bool may = hyper_may_confirm(&d->c, m);
        act_fact(d->facts, may ? FACT_CAUTION : FACT_REFUSED, may ? "server %s moved away and waits for its confirmation, which is given%s"
                 : "server %s was resized away from here and waits for its confirmation: confirm or revert it, or let the drain confirm it (--confirm-resizes%s)",
                 act_str(m, "instance_uuid"), may ? "" : ")");
    }
}

static bool say_sides(struct op_drive *d)
{
    const struct act_side *s = d->c.side;
    if (!json_is_array(servers_of(d)))
        act_fact(d->facts, FACT_REFUSED, "the servers of the host could not be read (HTTP %d): that takes an administrator's role", s[HYPER_SERVERS].status);
    else if (!json_is_array(migrations_of(d)))
        act_fact(d->facts, FACT_REFUSED, "the migrations of the host could not be read (HTTP %d): that takes an administrator's role", s[HYPER_MIGRATIONS].status);
    else if (json_array_size(servers_of(d)) >= LISTED)
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
    bool ok;
    if (!say_sides(d))
        return SEEN_FAILED;
    if (!*hyper_host(d->c.obj)) {
        act_fact(d->facts, FACT_REFUSED, "Nova does not say which compute service it has (that takes microversion 2.53)");
        return SEEN_FAILED;
    }
    if (strcmp(act_str(d->c.obj, "state"), "up") != 0)
        act_fact(d->facts, FACT_REFUSED, "its compute service is %s: nothing can be moved from it; servers of a dead host are evacuated", act_str(d->c.obj, "state"));
    for (size_t k = 0; k < clusters(&d->c); k++)
        if (!d->c.side[HYPER_NODES + k].json)
            act_fact(d->facts, FACT_CAUTION, "cluster %s cannot be asked whether it has a controller of its own for maintenance", host_nodes_side(&d->c, k, NULL));
    if (node_of(&d->c, &node))
        upkeep_say(&d->c, HYPER_NODES + clusters(&d->c), node.name, UPKEEP_SERVERS, d->facts);
    if (hyper_disabled(d->c.obj) && !hyper_reason_ours(d->c.obj))
        act_fact(d->facts, FACT_CAUTION, "it was disabled before: %s; strata will not enable it", act_str(d->c.obj, "service.disabled_reason"));
    ok = d->ops->add(d, &disable);
    str_init(&stay, 4096);
    const json_t *list = servers_of(d);
    for (size_t i = 0; i < json_array_size(list) && ok; i++) {
        const json_t *v = json_array_get(list, i);
        str_init(&words, 2048);
        enum hyper_fate fate = hyper_fate(&d->c, v, &words);
        n[fate]++;
        say_server(d, v, fate, words.data ? words.data : "");
        if (fate == HYPER_LEAVE && n[fate] <= 10)
            str_addf(&stay, "%s%s", stay.len ? ", " : "", act_str(v, "name"));
        str_release(&words);
        ok = fate == HYPER_REFUSED || fate == HYPER_LEAVE || add_move(d, v, fate);
    }
    if (n[HYPER_LEAVE])
        act_fact(d->facts, FACT_CAUTION, "%zu stay%s here, as agreed: %s%s", n[HYPER_LEAVE], n[HYPER_LEAVE] == 1 ? "s" : "", stay.data ? stay.data : "",
                 n[HYPER_LEAVE] > 10 ? ", ..." : "");
    str_release(&stay);
    say_waiting(d);
    if (!d->c.side[HYPER_ALLOCATIONS].json)
        act_fact(d->facts, FACT_CAUTION, "Placement could not be read (HTTP %d): what it holds is not verified", d->c.side[HYPER_ALLOCATIONS].status);
    if (!ok) {
        act_fact(d->facts, FACT_REFUSED, "out of memory, or too many servers for one operation: drain fewer hypervisors at once");
        return SEEN_FAILED;
    }
    act_fact(d->facts, FACT_INFO, "%zu live, %zu cold, %zu when they are not busy any more, %zu stay%s", n[HYPER_LIVE], n[HYPER_COLD],
             n[HYPER_WAIT] + n[HYPER_CONFIRM], n[HYPER_LEAVE], n[HYPER_LEAVE] == 1 ? "s" : "");
    return facts_refusal(d->facts) ? SEEN_FAILED : SEEN_DONE;
}

/* ---- while it runs ---- */

struct tally { size_t gone, going, waiting, stuck, staying, came; struct str left, new; };

static enum act_seen disable_first(struct op_drive *d, struct str *why)
{
    const struct op_kid *k = disabling(d);
    if (k->state == STEP_WAITING)
        d->ops->start(d, index_of(d, k));
    if (op_kid_well(k))
        return SEEN_DONE;
    str_adds(why, k->state == STEP_WAITING || op_kid_busy(k) ? "its compute service is being disabled" : "its compute service could not be disabled, so nothing was moved");
    return k->state == STEP_WAITING || op_kid_busy(k) ? SEEN_WAIT : SEEN_FAILED;
}

/* What is there when no new ones can come any more is what it is about. */
static bool close_list(struct op_drive *d)
{
    const json_t *list = servers_of(d);
    struct str words;
    bool ok = true;
    if (disabling(d)->mark & MARK_CLOSED)
        return true;
    for (size_t i = 0; i < json_array_size(list) && ok; i++) {
        const json_t *v = json_array_get(list, i);
        str_init(&words, 2048);
        enum hyper_fate fate = hyper_fate(&d->c, v, &words);
        str_release(&words);
        ok = fate == HYPER_LEAVE || kid_of(d, NULL, act_str(v, "id")) || add_move(d, v, fate);
    }
    disabling(d)->mark |= MARK_CLOSED;
    return ok;
}

static void not_yet(struct op_drive *d, struct tally *t, const struct op_kid *k, const char *words)
{
    t->waiting++;
    if (k)
        d->ops->note(d, index_of(d, k), words);
}

static void stuck(struct tally *t, const json_t *v, const char *why)
{
    if (t->stuck++ < 4)
        str_addf(&t->left, "%s%s (%.160s)", t->left.len ? ", " : "", act_str(v, "name"), *why ? why : "not moved");
}

/* How long does it move? In the queue of its host it does not: Nova moves one at a time. */
static int64_t moving_s(const struct op_drive *d, struct op_kid *k)
{
    const char *status = act_str(hyper_migration(&d->c, k->uid), "status");
    int64_t now = (d->mono_ms - d->began_mono_ms) / 1000;
    if (k->mark < MARK_MOVING && (!strcmp(status, "running") || !strcmp(status, "preparing")))
        k->mark += (now + 1) * MARK_MOVING;
    return k->mark < MARK_MOVING ? 0 : now + 1 - k->mark / MARK_MOVING;
}

/* A live migration that does not end: what was agreed for that. */
static void watch_move(struct op_drive *d, const struct op_kid *k)
{
    static const struct { const char *arg, *action; } means[] = {{"force-after", "force-complete"}, {"abort-after", "abort-migration"}};
    size_t at = index_of(d, k);
    int64_t ran = moving_s(d, &d->kid[at]);
    for (size_t i = 0; i < 2; i++) {
        k = &d->kid[at];
        int64_t after = act_int(&d->c, means[i].arg, 0);
        const struct op_kid *before = kid_of(d, means[i].action, k->uid);
        if (k->state != STEP_WATCHING || strcmp(k->action, "live-migrate") != 0 || after <= 0 || ran < after || (before && index_of(d, before) > at))
            continue;
        do_step(d, means[i].action, k->uid, k->name);
    }
}

/* It was refused, or it failed: once more? A server that was busy just then is asked again, and one whose request came to
 * nothing because the API hiccuped; one that failed as often as agreed. */
static bool once_more(struct op_drive *d, struct op_kid *k)
{
    int64_t tries = (k->mark & MARK_TRIES) + 1, busies = (k->mark & MARK_BUSIES) / MARK_BUSY;
    const struct op_kid *aborted = kid_of(d, "abort-migration", k->uid);
    if (k->state != STEP_FAILED || (aborted && aborted > k))
        return false;
    bool passing = k->status == 409 || k->unseen;
    if (passing && busies < AGAINS)
        k->mark += MARK_BUSY;
    else if (!passing && tries < act_int(&d->c, "attempts", 1) && tries < MARK_TRIES)
        k->mark++;
    else
        return false;
    k->mark %= MARK_MOVING;
    d->ops->again(d, index_of(d, k));
    return true;
}

static bool add_other(struct op_drive *d, const struct op_kid *k, const json_t *v, enum hyper_fate fate)
{
    d->ops->skip(d, index_of(d, k), fate == HYPER_COLD ? "it is shut off now: it is moved cold" : "it runs now: it is moved live");
    return add_move(d, v, fate);
}

static void begin_move(struct op_drive *d, struct tally *t, struct op_kid *k, const json_t *v, enum hyper_fate fate, const char *words)
{
    int64_t most = act_int(&d->c, "concurrency", 2);
    bool cold = !strcmp(k->action, "migrate");
    if (fate == HYPER_WAIT) {
        not_yet(d, t, k, words);
    } else if (fate == HYPER_CONFIRM) {
        const struct op_kid *c = kid_of(d, "confirm-resize", k->uid);
        size_t at = index_of(d, k);
        if (c && c->state != STEP_WAITING && !op_kid_busy(c) && d->mono_ms - c->ended_mono_ms > SETTLE_MS) {
            d->ops->skip(d, at, c->note);
            stuck(t, v, c->note);
            return;
        }
        if (!c)
            do_step(d, "confirm-resize", k->uid, k->name);
        not_yet(d, t, &d->kid[at], "it is confirmed first");
    } else if (fate == HYPER_REFUSED) {
        d->ops->skip(d, index_of(d, k), words);
        stuck(t, v, words);
    } else if (cold != (fate == HYPER_COLD)) {
        t->waiting++;
        add_other(d, k, v, fate);
    } else if (most > 0 && (int64_t)t->going >= most) {
        t->waiting++;
    } else {
        t->going++;
        d->ops->start(d, index_of(d, k));
    }
}

static void one_server(struct op_drive *d, struct tally *t, const json_t *v)
{
    struct op_kid *k = kid_of(d, NULL, act_str(v, "id"));
    struct str words;
    str_init(&words, 2048);
    enum hyper_fate fate = hyper_fate(&d->c, v, &words);
    const char *text = words.data ? words.data : "";
    if (fate == HYPER_LEAVE) {
        t->staying++;
        if (k && k->state == STEP_WAITING)
            d->ops->skip(d, index_of(d, k), text);
    } else if (!k) {
        if (t->came++ < 4)
            str_addf(&t->new, "%s%s", t->new.len ? ", " : "", act_str(v, "name"));
    } else if (op_kid_busy(k)) {
        watch_move(d, k);
    } else if (k->state == STEP_WAITING || once_more(d, k)) {
        begin_move(d, t, k, v, fate, text);
    } else if (fate == HYPER_WAIT) {
        not_yet(d, t, NULL, text);
    } else if (op_kid_well(k) && d->mono_ms - (k->ended_mono_ms ? k->ended_mono_ms : d->began_mono_ms) < SETTLE_MS) {
        not_yet(d, t, NULL, "");
    } else {
        stuck(t, v, op_kid_well(k) ? "Nova calls its move completed, but it is still here: look at it, and reset nothing blindly" : k->note);
    }
    str_release(&words);
}

/* Those that are not here any more: nothing is to be begun for them, but the confirmation of a cold move. */
static void those_that_left(struct op_drive *d, struct tally *t)
{
    const json_t *list = migrations_of(d);
    for (size_t i = 0; i < d->nkids; i++) {
        const struct op_kid *k = &d->kid[i];
        if (!is_move(k) || hyper_server(&d->c, k->uid))
            continue;
        if (k->state == STEP_WAITING)
            d->ops->skip(d, i, "it is gone from the host");
        t->gone += !op_kid_busy(k) && k == kid_of(d, NULL, k->uid);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *uid = act_str(m, "instance_uuid");
        const struct op_kid *k = kid_of(d, NULL, uid);
        if (!hyper_waits(&d->c, m) || !hyper_may_confirm(&d->c, m) || !is_ours(d, uid) || kid_of(d, "confirm-resize", uid) || (k && op_kid_busy(k)))
            continue;
        do_step(d, "confirm-resize", uid, k ? k->name : "");
    }
}

static size_t others_going(const struct op_drive *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nkids; i++)
        n += !is_move(&d->kid[i]) && strcmp(d->kid[i].action, "disable") != 0 && op_kid_busy(&d->kid[i]);
    return n;
}

static size_t moves_going(const struct op_drive *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nkids; i++)
        n += is_move(&d->kid[i]) && op_kid_busy(&d->kid[i]);
    return n;
}

static int64_t last_end(const struct op_drive *d)
{
    int64_t t = d->began_mono_ms;
    for (size_t i = 0; i < d->nkids; i++)
        t = d->kid[i].ended_mono_ms > t ? d->kid[i].ended_mono_ms : t;
    return t;
}

/* ---- its end: 4.3's rules, beside the list of servers ---- */

/* Is the record about a server that left, not one that stays or came? */
static bool about_ours(const struct op_drive *d, const char *uid) { return kid_of(d, NULL, uid) || (!hyper_server(&d->c, uid) && !hyper_leaves(&d->c, uid)); }

static enum act_seen records_clean(const struct op_drive *d, struct str *why)
{
    const json_t *list = migrations_of(d);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *at = act_str(m, "updated_at"), *uid = act_str(m, "instance_uuid");
        const struct op_kid *k = kid_of(d, "confirm-resize", uid);
        int64_t ms;
        if (hyper_migration_over(m) || !about_ours(d, uid))
            continue;
        bool stale = text_parse_time(at, strlen(at), &ms) && d->c.now_ms - ms > STALE_MS, refused = k && k->state == STEP_FAILED;
        str_addf(why, "Nova still has migration %" PRId64 " of server %s as %s", act_num(m, "id", 0), uid, act_str(m, "status"));
        if (stale || refused)
            str_addf(why, "%s%.200s: look at it", stale ? ", for a quarter of an hour or more" : "; its confirmation failed: ", refused ? k->note : "");
        return stale || refused ? SEEN_FAILED : SEEN_WAIT;
    }
    return SEEN_DONE;
}

static enum act_seen placement_clean(const struct op_drive *d, struct str *why)
{
    const json_t *held = act_get(d->c.side[HYPER_ALLOCATIONS].json, "allocations");
    const char *consumer;
    json_t *v;
    json_object_foreach((json_t *)held, consumer, v)
        if (!hyper_server(&d->c, consumer)) {
            str_addf(why, "Placement still holds the place of %s here", consumer);
            if (d->mono_ms - last_end(d) < HELD_MS)
                return SEEN_WAIT;
            str_adds(why, ": look who it is (openstack resource provider allocation show), it counts as used");
            return SEEN_FAILED;
        }
    return SEEN_DONE;
}

static enum act_seen verified(const struct op_drive *d, const struct tally *t, struct str *why)
{
    enum act_seen seen = records_clean(d, why);
    seen = seen == SEEN_DONE ? placement_clean(d, why) : seen;
    if (seen == SEEN_DONE && strcmp(act_str(d->c.obj, "state"), "up") != 0) {
        str_adds(why, "its compute service is down now");
        seen = SEEN_WAIT;
    }
    if (seen != SEEN_DONE)
        return seen;
    str_addf(why, "%zu server%s gone", t->gone, t->gone == 1 ? " is" : "s are");
    if (t->staying)
        str_addf(why, ", %zu stay%s as agreed", t->staying, t->staying == 1 ? "s" : "");
    if (t->came)
        str_addf(why, "; %zu came since and are not part of it: %s", t->came, t->new.data);
    return SEEN_DONE;
}

static enum act_seen judge(struct op_drive *d, struct tally *t, struct str *why)
{
    int64_t timeout = act_int(&d->c, "timeout", 0);
    size_t others = others_going(d);
    bool late = timeout > 0 && d->mono_ms - d->began_mono_ms >= timeout * 1000;
    if (!hyper_disabled(d->c.obj)) {
        str_addf(why, "somebody enabled its compute service meanwhile; %zu servers are gone, %zu still here", t->gone, t->going + t->waiting + t->stuck);
        return SEEN_FAILED;
    }
    if (!t->going && !t->waiting && !others && !t->stuck)
        return verified(d, t, why);
    if (late || (!t->going && !t->waiting && !others)) {
        size_t rest = t->stuck + t->waiting + t->going;
        str_addf(why, "%s%zu server%s gone, %zu still here", late ? "its time is over: " : "", t->gone, t->gone == 1 ? " is" : "s are", rest);
        if (t->left.len)
            str_addf(why, ": %s", t->left.data);
        str_adds(why, "; the compute service stays disabled");
        return SEEN_FAILED;
    }
    str_addf(why, "%zu of %zu servers gone, %zu moving, %zu waiting", t->gone, t->gone + t->going + t->waiting + t->stuck, t->going, t->waiting);
    if (t->stuck)
        str_addf(why, ", %zu not to be moved: %s", t->stuck, t->left.data);
    if (t->came)
        str_addf(why, "; came since: %s", t->new.data);
    return SEEN_WAIT;
}

static enum act_seen run(struct op_drive *d, struct str *why)
{
    enum act_seen seen = disable_first(d, why);
    struct tally t = {0};
    if (seen != SEEN_DONE)
        return seen;
    if (!json_is_array(servers_of(d)) || !json_is_array(migrations_of(d))) {
        bool servers = !json_is_array(servers_of(d));
        str_addf(why, "the %s of the host cannot be read now (HTTP %d)", servers ? "servers" : "migrations",
                 d->c.side[servers ? HYPER_SERVERS : HYPER_MIGRATIONS].status);
        return SEEN_WAIT;
    }
    if (!close_list(d)) {
        str_adds(why, "out of memory, or too many servers for one operation");
        return SEEN_FAILED;
    }
    str_init(&t.left, 2048);
    str_init(&t.new, 2048);
    t.going = moves_going(d);
    const json_t *list = servers_of(d);
    if (hyper_disabled(d->c.obj))
        for (size_t i = 0; i < json_array_size(list); i++)
            one_server(d, &t, json_array_get(list, i));
    those_that_left(d, &t);
    seen = judge(d, &t, why);
    str_release(&t.left);
    str_release(&t.new);
    return seen;
}

/* Canceled: a server that moved cold is confirmed, so that it is not in two places; the rest is told. */
static enum act_seen tidy(struct op_drive *d, struct str *why)
{
    struct tally t = {0};
    size_t waiting = 0;
    if (!json_is_array(servers_of(d)) || !json_is_array(migrations_of(d)))
        return SEEN_WAIT;
    those_that_left(d, &t);
    for (size_t i = 0; i < d->nkids; i++) {
        const json_t *m = hyper_migration(&d->c, d->kid[i].uid);
        const struct op_kid *confirm = kid_of(d, "confirm-resize", d->kid[i].uid);
        waiting += is_move(&d->kid[i]) && hyper_waits(&d->c, m) && hyper_may_confirm(&d->c, m) && (!confirm || op_kid_busy(confirm));
    }
    size_t going = moves_going(d) + others_going(d);
    str_addf(why, "%zu server%s gone, %zu still here%s", t.gone, t.gone == 1 ? " is" : "s are", json_array_size(servers_of(d)),
             going ? ", what is under way is followed to its end" : hyper_disabled(d->c.obj) ? "; the compute service stays disabled (enable takes that back)" : "");
    return going || waiting ? SEEN_WAIT : SEEN_DONE;
}

static enum act_seen drain(struct op_drive *d, struct str *why)
{
    return d->facts ? plan(d) : d->canceling ? tidy(d, why) : run(d, why);
}

static const char *const hypervisors[] = {"hypervisor", NULL};
static const struct action_arg drain_args[] = {
    {.name = "live", .help = "Servers to move live: names, ids, states (PAUSED) or all, with commas. ACTIVE ones are anyway.", .type = ARG_TEXT},
    {.name = "cold", .help = "Servers to move cold, named alike. SHUTOFF ones are anyway; one that runs is shut down for it.", .type = ARG_TEXT},
    {.name = "leave", .help = "Servers to leave where they are, named alike.", .type = ARG_TEXT},
    {.name = "host", .help = "Where they go; the scheduler chooses if not said.", .type = ARG_TEXT},
    {.name = "block", .help = "Copy local disks on a live move: Nova finds out, it must, it must not.", .type = ARG_CHOICE, .def = "auto", .choices = "auto yes no"},
    {.name = "concurrency", .help = "How many servers at a time; 0: all at once.", .type = ARG_INT, .def = "2"},
    {.name = "attempts", .help = "How often a move that failed is tried.", .type = ARG_INT, .def = "1"},
    {.name = "abort-after", .help = "Seconds of moving after which a live move that does not end is aborted; 0: never.", .type = ARG_SECONDS, .def = "0"},
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
