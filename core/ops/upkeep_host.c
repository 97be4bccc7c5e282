/* The hypervisor that a node is: found in the clouds that are open, its servers, their moves, and what Nova wrote down of those. */
#include "core/ops/upkeep_host.h"

#include <stdio.h>
#include <string.h>

#include "core/ops/host_drain.h"
#include "core/ops/nova_act.h"
#include "strata/core.h"
#include "strata/row.h"
#include "strata/text.h"

#define CLOUDS 8                   /* so many are asked */
#define TOLD 4                     /* of so many servers it is said why they stay */
#define NAMED 8                    /* of so many that did not begin to move, which */

static const struct source_info *cloud_at(const struct act_ctx *c, size_t n)
{
    for (size_t i = 0; n < CLOUDS && i < c->nsources; i++)
        if (c->sources[i].plane == PLANE_OPENSTACK && !n--)
            return &c->sources[i];
    return NULL;
}

static size_t clouds(const struct act_ctx *c)
{
    size_t n = 0;
    while (cloud_at(c, n))
        n++;
    return n;
}

const json_t *upkeep_host(const struct act_ctx *c, size_t first, const char **cloud)
{
    for (size_t i = 0; cloud_at(c, i); i++) {
        const json_t *list = json_object_get(c->side[first + i].json, "hypervisors");
        for (size_t k = 0; k < json_array_size(list); k++)
            if (host_is_node(json_array_get(list, k), c->obj)) {
                *cloud = cloud_at(c, i)->name;
                return json_array_get(list, k);
            }
    }
    return NULL;
}

/* ---- its servers ---- */

static const json_t *servers(const struct act_ctx *c, size_t first) { return json_object_get(c->side[first + clouds(c)].json, "servers"); }
static const json_t *moves(const struct act_ctx *c, size_t first) { return json_object_get(c->side[first + clouds(c) + 1].json, "migrations"); }

/* The newest move of it away from there; NULL none. */
static const json_t *move_of(const struct act_ctx *c, size_t first, const json_t *server)
{
    const json_t *list = moves(c, first), *last = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        if (!strcmp(act_str(m, "instance_uuid"), act_str(server, "id")) && !strcmp(act_str(m, "source_compute"), nova_host(server)) &&
            (!last || act_num(m, "id", 0) > act_num(last, "id", 0)))
            last = m;
    }
    return last;
}

static bool came_to_nothing(const json_t *move) { return nova_in("failed error cancelled", act_str(move, "status")); }

/* The n-th server whose last move came to nothing; NULL none. */
static const json_t *stuck(const struct act_ctx *c, size_t first, size_t n)
{
    const json_t *list = servers(c, first);
    for (size_t i = 0; n < TOLD && i < json_array_size(list); i++) {
        const json_t *move = move_of(c, first, json_array_get(list, i));
        if (move && came_to_nothing(move) && !n--)
            return json_array_get(list, i);
    }
    return NULL;
}

static size_t stuck_ones(const struct act_ctx *c, size_t first)
{
    size_t n = 0;
    while (stuck(c, first, n))
        n++;
    return n;
}

/* The request of its last move, as the list of its instance actions has it; "" none. */
static const char *request_of(const struct act_ctx *c, size_t first, size_t n)
{
    const json_t *list = json_object_get(c->side[first + clouds(c) + 2 + n].json, "instanceActions");
    for (size_t i = 0; i < json_array_size(list); i++)             /* the newest is first */
        if (nova_in("live-migration migrate", act_str(json_array_get(list, i), "action")))
            return act_str(json_array_get(list, i), "request_id");
    return "";
}

/* What Nova wrote down of it: "" nothing, or it is not shown. */
static const char *reason_of(const struct act_ctx *c, size_t first, size_t n)
{
    size_t details = first + clouds(c) + 2 + stuck_ones(c, first), at = 0;
    for (size_t i = 0; i < n; i++)
        at += *request_of(c, first, i) != '\0';
    const json_t *events = details + at < ACT_SIDES && *request_of(c, first, n) ? act_get(c->side[details + at].json, "instanceAction.events") : NULL;
    for (size_t i = 0; i < json_array_size(events); i++)
        if (*act_str(json_array_get(events, i), "details"))
            return act_str(json_array_get(events, i), "details");
    return "";
}

/* ---- what is read ---- */

const char *upkeep_host_source(const struct act_ctx *c, size_t n)
{
    const struct source_info *s = cloud_at(c, n);
    return !s ? NULL : s->state == SOURCE_STALE || s->state == SOURCE_FAILED ? "" : s->name;
}

static bool of_server(struct str *path, const json_t *server, const char *request)
{
    return str_adds(path, "/servers/") && str_add_urlenc(path, act_str(server, "id")) && str_adds(path, "/os-instance-actions") &&
           (!*request || (str_addc(path, '/') && str_add_urlenc(path, request)));
}

bool upkeep_host_side(const struct act_ctx *c, size_t first, size_t n, struct str *path, const char **service, const char **microversion)
{
    size_t all = clouds(c);
    const char *cloud;
    char label[256];
    *service = "compute";
    *microversion = "2.53";
    if (n < all) {
        snprintf(label, sizeof label, "%.*s", (int)strcspn(c->name, "."), c->name);
        return str_adds(path, "/os-hypervisors/detail?hypervisor_hostname_pattern=") && str_add_urlenc(path, label);
    }
    const json_t *host = upkeep_host(c, first, &cloud);
    if (!host)
        return false;
    n -= all;
    if (n == 0)
        return str_adds(path, "/servers/detail?all_tenants=1&limit=1000&host=") && str_add_urlenc(path, act_str(host, "service.host"));
    *microversion = "2.59";
    if (n == 1)
        return str_adds(path, "/os-migrations?limit=1000&host=") && str_add_urlenc(path, act_str(host, "service.host"));
    *microversion = "2.84";
    size_t lists = stuck_ones(c, first);
    n -= 2;
    if (n < lists)
        return of_server(path, stuck(c, first, n), "");
    n -= lists;
    for (size_t i = 0; i < lists; i++)
        if (*request_of(c, first, i) && !n--)
            return of_server(path, stuck(c, first, i), request_of(c, first, i));
    return false;
}

/* ---- in words ---- */

enum stand { FAILED, MOVING, WAITING, STANDS };

bool upkeep_host_odd(const json_t *server) { return *nova_task(server) || !nova_in("ACTIVE PAUSED SHUTOFF", act_str(server, "status")); }

void upkeep_host_name(const json_t *server, struct str *words)
{
    const char *task = nova_task(server);
    str_addf(words, "%.60s (%.20s%s%.40s)", *act_str(server, "name") ? act_str(server, "name") : act_str(server, "id"), act_str(server, "status"), *task ? ", " : "", task);
}

void upkeep_host_names(const json_t *list, bool odd_alone, struct str *words)
{
    size_t said = 0, n = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        n += !odd_alone || upkeep_host_odd(json_array_get(list, i));
    for (int odd = 1; odd >= odd_alone; odd--)                /* what is none of the usual first */
        for (size_t i = 0; i < json_array_size(list) && said < NAMED; i++)
            if (upkeep_host_odd(json_array_get(list, i)) == (bool)odd) {
                str_adds(words, said++ ? ", " : "");
                upkeep_host_name(json_array_get(list, i), words);
            }
    if (n > said)
        str_addf(words, ", %zu more", n - said);
}

static enum stand stand_of(const struct act_ctx *c, size_t first, const json_t *server)
{
    const json_t *move = move_of(c, first, server);
    if ((move && came_to_nothing(move)) || !strcmp(act_str(server, "status"), "ERROR"))
        return FAILED;
    return move && *nova_task(server) ? MOVING : WAITING;
}

static void say_one(const struct act_ctx *c, size_t first, const json_t *server, size_t *nth, struct str *words)
{
    const json_t *move = move_of(c, first, server);
    const char *type = *act_str(move, "migration_type") ? act_str(move, "migration_type") : "migration", *fault = act_str(server, "fault.message"), *why = fault;
    upkeep_host_name(server, words);
    str_adds(words, ": ");
    if (move && came_to_nothing(move)) {
        const char *details = *nth < TOLD ? reason_of(c, first, *nth) : "";
        why = *details ? details : fault;
        ++*nth;
        str_addf(words, "its %s %s%s", type, strcmp(act_str(move, "status"), "cancelled") ? "failed" : "was canceled", *why ? ": " : " (Nova keeps no reason, the log of its nova-compute may)");
    } else if (move && *nova_task(server)) {
        str_addf(words, "its %s is %s", type, act_str(move, "status"));
        return;
    } else if (!*why) {
        str_adds(words, "Nova does not say why");
    }
    str_addf(words, "%.160s", why);
}

static void say_waiting(const struct act_ctx *c, size_t first, struct str *words)
{
    const json_t *list = servers(c, first);
    json_t *wait = json_array();
    for (size_t i = 0; i < json_array_size(list); i++)
        if (stand_of(c, first, json_array_get(list, i)) == WAITING)
            json_array_append(wait, json_array_get(list, i));
    upkeep_host_names(wait, false, words);
    json_decref(wait);
}

/* Those of one kind; of those that wait no more than how they are. */
static void say_all(const struct act_ctx *c, size_t first, struct str *words)
{
    const json_t *list = servers(c, first);
    size_t n[STANDS] = {0}, nth = 0, said = 0;
    for (enum stand now = FAILED; now < STANDS; now++)
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *server = json_array_get(list, i);
            if (stand_of(c, first, server) != now || n[now]++ >= TOLD || now == WAITING)
                continue;
            str_adds(words, said++ ? ", " : ": ");
            say_one(c, first, server, &nth, words);
        }
    if (n[FAILED] > TOLD)
        str_addf(words, ", %zu more that failed", n[FAILED] - TOLD);
    if (n[MOVING] > TOLD)
        str_addf(words, ", %zu more that move", n[MOVING] - TOLD);
    if (n[WAITING]) {
        str_addf(words, "%s%zu not begun to move: ", said ? ", " : ": ", n[WAITING]);
        say_waiting(c, first, words);
    }
}

/* The last that moved, or began to: of the moves, and of what was asked for. */
static int64_t moved_at(const struct act_ctx *c, size_t first)
{
    const json_t *list = moves(c, first);
    int64_t last = c->sent_ms;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t ms = nova_time(json_array_get(list, i), *act_str(json_array_get(list, i), "updated_at") ? "updated_at" : "created_at");
        if (ms != CELL_NONE && (last == CELL_NONE || ms > last) && !came_to_nothing(json_array_get(list, i)))
            last = ms;
    }
    return last;
}

bool upkeep_host_servers(const struct act_ctx *c, size_t first, struct str *words, size_t *n)
{
    const json_t *list = servers(c, first);
    const char *cloud = "";
    char when[40];
    *n = json_array_size(list);
    if (!upkeep_host(c, first, &cloud) || !json_is_array(list))
        return false;
    if (*n)
        str_addf(words, "%s%zu server%s of %s still there", words->len ? "; " : "", *n, *n == 1 ? "" : "s", cloud);
    if (*n)
        say_all(c, first, words);
    int64_t last = moved_at(c, first);
    if (*n && last != CELL_NONE && c->now_ms - last > UPKEEP_STILL_MS) {
        text_format_time(when, sizeof when, last);
        str_addf(words, "; NO PROGRESS since %s", when);
    }
    return true;
}
