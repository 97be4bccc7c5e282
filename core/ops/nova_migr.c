/* Rows of migrations, and hosts by name. */
#include "core/ops/nova_migr.h"

#include <inttypes.h>
#include <string.h>

#include "core/ops/nova_room.h"
#include "strata/text.h"

#define SETTLE_MS 30000             /* task and row are not written in one: what contradicts itself so long stays so */

/* ---- the rows ---- */

bool nova_migr_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (nova_side(c, i, path, service, microversion))
        return true;
    i -= nova_sides(c);
    *service = "compute";
    *microversion = "2.80";
    if (i == 0)
        return str_adds(path, "/os-migrations?instance_uuid=") && str_add_urlenc(path, *c->uid ? c->uid : c->name);
    return i == 1 && !strcmp(nova_task(c->obj), "migrating") && act_path(c, path, "migrations");
}

const json_t *nova_migr(const struct act_ctx *c, const char *types, bool ours)
{
    const json_t *best = NULL;
    size_t i, k;
    json_t *e;
    for (k = 0; k < ACT_SIDES && !best; k++)         /* the rows of all; or of what is under way, where those are not shown */
        json_array_foreach((json_t *)json_object_get(c->side[k].json, "migrations"), i, e) {
            const char *type = act_str(e, "migration_type"), *of = act_str(e, "instance_uuid");
            if ((*type && !nova_in(types, type)) || (*of && *c->uid && strcmp(of, c->uid) != 0))
                continue;
            if (ours && !nova_ours(c, nova_time(e, "created_at")))
                continue;
            if (!best || act_num(e, "id", 0) > act_num(best, "id", 0))
                best = e;
        }
    return best;
}

bool nova_migr_under_way(const char *status)
{
    return !nova_in("confirmed reverted error failed completed cancelled done", status);
}

/* Bytes of memory that are over, of those under way. */
static void say_progress(const struct act_ctx *c, const json_t *row, struct str *why)
{
    char left[40], all[40];
    size_t i, k;
    json_t *e;
    for (k = 0; k < ACT_SIDES; k++)
        json_array_foreach((json_t *)json_object_get(c->side[k].json, "migrations"), i, e) {
            int64_t total = act_num(e, "memory_total_bytes", 0), rest = act_num(e, "memory_remaining_bytes", 0);
            if (total <= 0 || act_num(e, "id", 0) != act_num(row, "id", -1))
                continue;
            text_bytes(left, sizeof left, rest);
            text_bytes(all, sizeof all, total);
            str_addf(why, ", %s of %s of memory left", left, all);
            return;
        }
}

static int64_t still_ms(const struct act_ctx *c, const json_t *row)
{
    int64_t a = nova_time(row, "updated_at"), b = nova_time(c->obj, "updated");
    a = a == CELL_NONE ? nova_time(row, "created_at") : a;
    a = b != CELL_NONE && b > a ? b : a;
    return a == CELL_NONE ? 0 : c->now_ms - a;
}

/* A migration that failed keeps no reason: the server's fault has one now and then, else the logs do. */
static void say_why(const struct act_ctx *c, const json_t *row, struct str *why)
{
    const char *fault = act_str(c->obj, "fault.message"), *from = act_str(row, "source_compute"), *to = act_str(row, "dest_compute");
    const char *const logs[] = {from, to};
    if (*fault && nova_ours(c, nova_time(c->obj, "fault.created"))) {
        str_addf(why, ": %s", fault);
        return;
    }
    str_adds(why, ", and Nova keeps no reason: see the log of nova-compute");
    for (size_t i = 0, n = 0; i < 2; i++)
        if (*logs[i])
            str_addf(why, "%s%s", n++ ? " and " : " on ", logs[i]);
    if (*c->request_id)
        str_addf(why, " for %s", c->request_id);
}

enum act_seen nova_migr_seen(const struct act_ctx *c, const json_t *row, const char *to, struct str *why)
{
    const char *status = act_str(row, "status"), *task = nova_task(c->obj), *dest = act_str(row, "dest_compute"), *host = nova_host(c->obj);
    str_addf(why, "; migration %" PRId64 "%s%s is %s", act_num(row, "id", 0), *dest ? " to " : "", dest, status);
    if (!strcmp(status, to))
        return SEEN_DONE;
    if (nova_migr_under_way(status)) {
        if (*task || nova_moved(c) || still_ms(c, row) < SETTLE_MS) {    /* the source cleans up after the move */
            say_progress(c, row, why);
            return SEEN_WAIT;
        }
        str_addf(why, ", but the server is busy with nothing: its nova-compute was restarted meanwhile, and nobody goes on with it. The server runs%s%s; "
                 "that row stays as it is", *host ? " on " : "", host);
        return SEEN_FAILED;
    }
    if (*task && still_ms(c, row) < SETTLE_MS)
        return SEEN_WAIT;
    str_adds(why, !strcmp(status, "cancelled") ? ": it was aborted" : !strcmp(status, "completed") ? ": it came to its end before" : "");
    if (nova_in("failed error", status))
        say_why(c, row, why);
    return SEEN_FAILED;
}

/* ---- hosts ---- */

bool nova_hosts_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *group = act_str(c->obj, "server_groups.0");
    bool hosts = act_arg(c, "host") || *nova_host(c->obj);
    if (c->seeing)
        return false;
    if (nova_node_side(c, i, path))
        return true;
    i -= nova_node_sides(c);
    *service = "compute";
    *microversion = "2.64";
    if (hosts && i == 0)
        return str_adds(path, "/os-services?binary=nova-compute");
    return i == (size_t)hosts && *group && str_adds(path, "/os-server-groups/") && str_add_urlenc(path, group);
}

/* ---- where it would go ---- */

static bool grouped(const struct act_ctx *c) { return *act_str(c->obj, "server_groups.0"); }

/* The sides before those of places. */
static size_t hosts_sides(const struct act_ctx *c)
{
    bool hosts = act_arg(c, "host") || *nova_host(c->obj);
    return nova_node_sides(c) + hosts + grouped(c);
}

/* Who is chosen itself looks for a place, the steps of a drain have theirs by its plan. */
static bool looks_for_place(const struct act_ctx *c) { return c->planning && act_is_target(c, c->uid); }
/* Others leave the same host with it. */
static bool in_company(const struct act_ctx *c) { return act_targets(c) > 1 && *nova_host(c->obj); }

bool nova_move_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (c->seeing)
        return nova_migr_side(c, i, path, service, microversion);
    if (nova_hosts_side(c, i, path, service, microversion))
        return true;
    i -= hosts_sides(c);
    if (!looks_for_place(c))
        return false;
    if (!in_company(c))
        return nova_room_side(i, grouped(c), path, service, microversion);
    *service = "compute";
    *microversion = "2.73";
    if (!i)
        return str_adds(path, "/servers/detail?all_tenants=1&limit=1000&host=") && str_add_urlenc(path, nova_host(c->obj));
    return nova_room_side(i - 1, grouped(c), path, service, microversion);
}

void nova_say_place(const struct act_ctx *c, const char *host, const char *stays, struct act_facts *f)
{
    int status = 0;
    bool company = in_company(c);
    size_t at = hosts_sides(c) + company;
    struct nova_room *m = looks_for_place(c) ? nova_room_new(c, at, grouped(c), nova_host(c->obj), &status) : NULL;
    if (!m) {
        if (looks_for_place(c))
            act_fact(f, FACT_CAUTION, "whether there is a place for it is not known: what the other hosts have left could not be read (HTTP %d)", status);
        return;
    }
    const json_t *list = company ? act_get(c->side[at - 1].json, "servers") : NULL;
    for (size_t i = 0; i < json_array_size(list) && strcmp(act_str(json_array_get(list, i), "id"), c->uid); i++)
        if (act_is_target(c, act_str(json_array_get(list, i), "id")))
            nova_room_place(m, json_array_get(list, i), host);       /* it goes first */
    nova_room_forget(m);
    nova_room_place(m, c->obj, host);
    nova_room_say(m, stays, f);
    nova_room_free(m);
}

void nova_say_group(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *g = nova_beside(c, "server_group");
    const char *policy = *act_str(g, "policy") ? act_str(g, "policy") : act_str(g, "policies.0"), *zone = act_str(c->obj, "pinned_availability_zone");
    if (*policy)
        act_fact(f, strncmp(policy, "soft", 4) ? FACT_CAUTION : FACT_INFO, "its server group %s says %s for %zu servers: that limits where it can go", act_str(g, "name"), policy,
                 json_array_size(json_object_get(g, "members")));
    if (*zone)
        act_fact(f, FACT_INFO, "it is pinned to availability zone %s", zone);
}

static const json_t *service_of(const struct act_ctx *c, const char *host, size_t *n)
{
    const json_t *found = NULL;
    size_t i;
    json_t *e;
    *n = 0;
    json_array_foreach((json_t *)nova_beside(c, "services"), i, e) {
        if (!strcmp(act_str(e, "host"), host)) {
            *n = 1;
            return e;
        }
        if (nova_same_host(host, act_str(e, "host"))) {
            found = e;
            ++*n;
        }
    }
    return found;
}

const char *nova_dest(const struct act_ctx *c, struct act_facts *f, bool *ok)
{
    const char *said = act_arg(c, "host");
    size_t n;
    *ok = true;
    if (!said || !*said)
        return NULL;
    *ok = false;
    const json_t *s = service_of(c, said, &n);
    const char *host = s ? act_str(s, "host") : said, *reason = act_str(s, "disabled_reason");
    if (!nova_beside(c, "services"))
        act_fact(f, FACT_INFO, "this user may not list the compute services: whether %s is one of them Nova will say", said);
    else if (!n)
        act_fact(f, FACT_REFUSED, "there is no compute host %s: strata get compute-service lists them", said);
    else if (n > 1)
        act_fact(f, FACT_REFUSED, "%s is the beginning of %zu compute hosts: write the whole name", said, n);
    if (nova_beside(c, "services") && n != 1)
        return NULL;
    if (!strcmp(host, nova_host(c->obj))) {
        act_fact(f, FACT_REFUSED, "it is on %s already", host);
        return NULL;
    }
    if (s && !strcmp(act_str(s, "state"), "down")) {
        act_fact(f, FACT_REFUSED, "the nova-compute of %s is down: nothing can go there", host);
        return NULL;
    }
    if (s && strcmp(act_str(s, "status"), "enabled") != 0)
        act_fact(f, FACT_CAUTION, "%s is disabled%s%s: the scheduler will hardly take it", host, *reason ? ", " : "", reason);
    *ok = true;
    return host;
}

bool nova_source_up(const struct act_ctx *c, struct act_facts *f)
{
    const char *host = nova_host(c->obj), *status = act_str(c->obj, "host_status");
    size_t n;
    const json_t *s = *host ? service_of(c, host, &n) : NULL;
    if (strcmp(status, "DOWN") != 0 && (!s || strcmp(act_str(s, "state"), "down") != 0))
        return true;
    act_fact(f, FACT_REFUSED, "the nova-compute of its host %s is down, and a host that is down gives nothing away: evacuate moves it, once the host is surely off", host);
    return false;
}
