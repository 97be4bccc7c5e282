/* Nova: moves of a server that is down meanwhile, and resizes: both wait for their confirmation; and away from a host that is dead. */
#include <inttypes.h>
#include <string.h>

#include "core/ops/nova_migr.h"
#include "strata/text.h"

#define COLD "migration resize"

/* ---- migrate ---- */

static enum act_verdict migrate_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    bool ok;
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    const char *host = nova_dest(c, f, &ok);
    if (!ok || !nova_source_up(c, f))
        return ACT_REFUSED;
    if (!host)
        act_fact(f, FACT_INFO, "the scheduler chooses where to");
    nova_say_group(c, f);
    nova_say_place(c, host, "will not move", f);
    return nova_post(c, rq, host ? "2.56" : "2.1", host ? json_pack("{s:s}", "host", host) : NULL);
}

/* Some clouds confirm by themselves after a while. */
static enum act_seen cold_seen(const struct act_ctx *c, struct str *why)
{
    const json_t *row = nova_migr(c, COLD, true);
    const char *status = act_str(row, "status"), *host = nova_host(c->obj);
    enum act_seen seen = nova_seen(c, why);
    if (seen == SEEN_DONE) {
        str_addf(why, "%s%s; confirm-resize keeps it so, revert-resize takes it back", *host ? " on " : "", host);
    } else if (!strcmp(status, "confirmed") && !*nova_task(c->obj) && nova_in("active stopped", nova_vm(c->obj))) {
        str_clear(why);
        str_addf(why, "confirmed already, it is%s%s %s", *host ? " on " : "", host, act_str(c->obj, "status"));
        return SEEN_DONE;
    } else if (row && seen == SEEN_WAIT) {
        str_addf(why, "; its move to %s is %s", *act_str(row, "dest_compute") ? act_str(row, "dest_compute") : "another host", status);
    }
    return seen;
}

/* ---- resize ---- */

/* The flavor by its id, or all of them, to find its name. */
static bool resize_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *flavor = act_arg(c, "flavor");
    if (c->seeing)
        return nova_migr_side(c, i, path, service, microversion);
    size_t nodes = nova_node_sides(c);
    bool by_id = json_is_object(json_object_get(c->side[nodes].json, "flavor"));
    if (nova_node_side(c, i, path))
        return true;
    *service = "compute";
    *microversion = "2.55";
    if (!flavor || !*flavor)
        return false;
    if (i == nodes)
        return str_adds(path, "/flavors/") && str_add_urlenc(path, flavor);
    if (i == nodes + 1 && !by_id)
        return str_adds(path, "/flavors/detail?is_public=None&limit=1000");
    return nova_hosts_side(c, i - (by_id ? 1 : 2), path, service, microversion);
}

static const json_t *flavor_of(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *flavor = json_object_get(c->side[nova_node_sides(c)].json, "flavor"), *list = nova_beside(c, "flavors");
    const char *said = act_arg(c, "flavor");
    size_t i, n = 0;
    json_t *e;
    if (!flavor)
        json_array_foreach((json_t *)list, i, e)
            if (said && !strcmp(act_str(e, "name"), said)) {
                flavor = e;
                n++;
            }
    if (!flavor)
        act_fact(f, FACT_REFUSED, list ? "there is no flavor %s that this user may see: strata get flavor lists them" : "flavor %s could not be looked up", said ? said : "");
    else if (n > 1)
        act_fact(f, FACT_REFUSED, "%zu flavors are called %s: give its id", n, said);
    return n > 1 ? NULL : flavor;
}

static void say_size(struct str *s, const json_t *f, const char *name)
{
    str_addf(s, "%s (%" PRId64 " vCPU, %" PRId64 " MiB, disk %" PRId64 " GiB)", name, act_num(f, "vcpus", 0), act_num(f, "ram", 0), act_num(f, "disk", 0));
}

static enum act_verdict resize_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const json_t *to = flavor_of(c, f), *now = act_get(c->obj, "flavor");
    bool local = json_is_object(act_get(c->obj, "image"));
    struct str said;
    if (!to)
        return ACT_REFUSED;
    const char *name = act_str(to, "name"), *was = act_str(now, "original_name");
    if (!strcmp(was, name) || (*act_str(now, "id") && !strcmp(act_str(now, "id"), act_str(to, "id")))) {
        if (strcmp(nova_vm(c->obj), "resized") != 0)
            return ACT_ALREADY;
    }
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND || !nova_source_up(c, f))
        return ACT_REFUSED;
    str_init(&said, 2000);
    say_size(&said, now, *was ? was : "what it has");
    str_adds(&said, " becomes ");
    say_size(&said, to, name);
    act_fact(f, FACT_INFO, "%s", said.data);
    str_release(&said);
    if (local && act_num(now, "disk", 0) > 0 && act_num(to, "disk", 0) == 0) {
        act_fact(f, FACT_REFUSED, "Nova does not resize a disk to nothing: choose a flavor with a disk");
        return ACT_REFUSED;
    }
    if (local && act_num(to, "disk", 0) < act_num(now, "disk", 0))
        act_fact(f, FACT_CAUTION, "the disk is to become smaller: most hypervisors refuse that half way, and it stays as it was");
    nova_say_group(c, f);
    return nova_post(c, rq, "2.1", json_pack("{s:s}", "flavorRef", act_str(to, "id")));
}

/* ---- their ends ---- */

static enum act_verdict confirm_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    enum act_verdict v = nova_build(c, rq, f);
    if (v == ACT_ALREADY)
        act_fact(f, FACT_INFO, "nothing of it waits for a confirmation");
    return v;
}

static enum act_seen confirm_seen(const struct act_ctx *c, struct str *why)
{
    const char *status = act_str(nova_migr(c, COLD, false), "status");
    enum act_seen seen = nova_seen(c, why);
    if (seen == SEEN_DONE && nova_in("finished confirming reverting", status)) {
        str_addf(why, "; its move is %s", status);
        return SEEN_WAIT;
    }
    if (seen == SEEN_DONE && *nova_host(c->obj))
        str_addf(why, " on %s", nova_host(c->obj));
    return seen;
}

/* ---- evacuate ---- */

static const char ago[] = "%s is down, last heard of %s ago%s";

static enum act_verdict evacuate_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *from = nova_host(c->obj), *up = act_str(c->obj, "host_status");
    char when[40] = "";
    bool ok, known = false;
    size_t i;
    json_t *e;
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    json_array_foreach((json_t *)nova_beside(c, "services"), i, e) {
        if (strcmp(act_str(e, "host"), from) != 0)
            continue;
        known = true;
        int64_t heard = nova_time(e, "updated_at");
        up = !strcmp(act_str(e, "state"), "up") ? "UP" : "DOWN";
        if (heard != CELL_NONE)
            text_age(when, sizeof when, (c->now_ms - heard) / 1000);
        if (*up == 'D')
            act_fact(f, FACT_INFO, ago, from, *when ? when : "some time", json_is_true(json_object_get(e, "forced_down")) ? "; it was forced down" : "");
    }
    if (nova_in("UP MAINTENANCE", up)) {
        act_fact(f, FACT_REFUSED, "the nova-compute of %s is up, and Nova evacuates only from a host that is down: live-migrate or migrate moves it", from);
        return ACT_REFUSED;
    }
    if (!known && strcmp(up, "DOWN") != 0)
        act_fact(f, FACT_INFO, "this user may not see whether its host is down: Nova takes this only then");
    const char *host = nova_dest(c, f, &ok);
    if (!ok)
        return ACT_REFUSED;
    if (json_is_object(act_get(c->obj, "image")))
        act_fact(f, FACT_DANGER, "its own disk is built anew from its image, unless the hosts share it: what was on it is lost");
    nova_say_disks(c, f, false);
    nova_say_group(c, f);
    nova_say_place(c, host, "will be left in ERROR", f);
    if (host && !nova_has(c, "2.29"))
        act_fact(f, FACT_CAUTION, "this cloud goes to a named host without asking the scheduler whether there is room");
    const char *microversion = nova_has(c, "2.68") ? "2.68" : nova_has(c, "2.29") ? "2.29" : "2.14";
    return nova_post(c, rq, microversion, host ? json_pack("{s:s}", "host", host) : json_object());
}

static enum act_seen evacuate_seen(const struct act_ctx *c, struct str *why)
{
    enum act_seen seen = nova_seen(c, why);
    const json_t *row = nova_migr(c, "evacuation", true);
    const char *status = act_str(row, "status"), *host = nova_host(c->obj);
    if (seen == SEEN_WAIT && row && !*nova_task(c->obj) && nova_in("error failed", status)) {
        str_addf(why, "; its evacuation is in %s", status);
        return SEEN_FAILED;
    }
    if (seen == SEEN_DONE && !nova_moved(c) && !nova_in("done completed", status))
        return SEEN_WAIT;
    if (seen == SEEN_DONE && *host)
        str_addf(why, " on %s; when its former host comes back, its nova-compute deletes the copy there", host);
    return seen;
}

static const struct action_arg host_args[] = {{.name = "host", .help = "Compute host to move to; without it the scheduler chooses."}};
static const struct action_arg resize_args[] = {{.name = "flavor", .help = "Name or id of the flavor it shall have.", .required = true}};

#define ENDS .arrived = nova_arrived, .undo = nova_undo, .fits = nova_fits
const struct action nova_cold_actions[] = {
    {NOVA_ROW("migrate", "moved", "Moves it to another host, shut down; to be confirmed."), .args = host_args, .nargs = 1, .timeout_s = 2 * 3600,
     .side = nova_move_side, .build = migrate_build, .observe = cold_seen, ENDS},
    {NOVA_ROW("resize", "resized", "Gives it another flavor, shut down; to be confirmed."), .args = resize_args, .nargs = 1,
     .timeout_s = 2 * 3600, .side = resize_side, .build = resize_build, .observe = cold_seen, ENDS},
    {NOVA_ROW("confirm-resize", "confirmed", "Keeps a resize or migration; no way back after that."), .side = nova_migr_side,
     .build = confirm_build, .observe = confirm_seen, ENDS},
    {NOVA_ROW("revert-resize", "reverted", "Takes back a resize or migration not yet confirmed."), .timeout_s = 1800, .side = nova_migr_side,
     .build = nova_build, .observe = confirm_seen, ENDS},
    {NOVA_ROW("evacuate", "evacuated", "Builds a server of a dead host anew on another one."), .flags = ACTION_DANGER, .args = host_args, .nargs = 1, .timeout_s = 1800,
     .side = nova_move_side, .build = evacuate_build, .observe = evacuate_seen, ENDS},
    {0},
};
