/* What becomes of each server of a hypervisor that is drained, and what Nova's records say about those that left. */
#include "core/ops/hyper_drain.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/ops/nova_migr.h"
#include "core/ops/ostk_act.h"
#include "strata/text.h"

#define HANGS_MS 1800000

/* ---- what was agreed ---- */

/* In "web1,SUSPENDED": 3 by its name or id, 2 by its status, 1 by "all", 0 not. */
static int named(const char *list, const json_t *server)
{
    const char *const words[] = {act_str(server, "id"), act_str(server, "name"), act_str(server, "status"), "all"};
    static const int ranks[] = {3, 3, 2, 1};
    int best = 0;
    for (size_t n; list && *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        for (size_t i = 0; i < 4; i++)
            if (n && strlen(words[i]) == n && (i < 2 ? !strncmp(words[i], list, n) : !strncasecmp(words[i], list, n)) && ranks[i] > best)
                best = ranks[i];
    }
    return best;
}

/* The words of a list that name nothing: told one by one. */
void hyper_unknown(const struct act_ctx *c, void (*one)(void *arg, const char *list, const char *word, size_t len), void *arg)
{
    static const char *const lists[] = {"live", "cold", "leave"};
    static const char states_of_nova[] = "all ACTIVE BUILD ERROR HARD_REBOOT MIGRATING PASSWORD PAUSED REBOOT REBUILD RESCUE RESIZE REVERT_RESIZE SHELVED "
                                         "SHELVED_OFFLOADED SHUTOFF SOFT_DELETED SUSPENDED UNKNOWN VERIFY_RESIZE";
    const json_t *servers = json_object_get(c->side[HYPER_SERVERS].json, "servers");
    for (size_t l = 0; l < 3; l++)
        for (const char *p = act_arg(c, lists[l]), *end; p && *p; p = end + (*end == ',')) {
            bool known = false;
            end = p + strcspn(p, ",");
            for (const char *s = states_of_nova; *s && !known; s += strcspn(s, " "), s += *s == ' ')
                known = strcspn(s, " ") == (size_t)(end - p) && !strncasecmp(s, p, (size_t)(end - p));
            for (size_t i = 0; i < json_array_size(servers) && !known; i++) {
                const char *const ids[] = {act_str(json_array_get(servers, i), "id"), act_str(json_array_get(servers, i), "name")};
                for (size_t k = 0; k < 2; k++)
                    known = known || (strlen(ids[k]) == (size_t)(end - p) && !strncmp(ids[k], p, (size_t)(end - p)));
            }
            if (!known && end > p)
                one(arg, lists[l], p, (size_t)(end - p));
        }
}

static bool left_alone(const struct act_ctx *c, const json_t *server)
{
    int left = named(act_arg(c, "leave"), server);
    return left && left >= named(act_arg(c, "live"), server) && left >= named(act_arg(c, "cold"), server);
}

bool hyper_leaves(const struct act_ctx *c, const char *uid)
{
    json_t *server = json_pack("{s:s}", "id", uid);
    bool leaves = left_alone(c, server);
    json_decref(server);
    return leaves;
}

/* What a state allows, and what to do where it allows no move. */
static const struct state { const char *vm; bool live, cold; const char *advice; } states[] = {
    {"active", true, true, ""},
    {"paused", true, false, "unpause it"},
    {"stopped", false, true, "start it"},
    {"suspended", false, false, "resume it"},
    {"error", false, false, "mend it first (strata resets no state by itself)"},
    {"rescued", false, false, "unrescue it"},
    {"shelved", false, false, "offload or unshelve it"},
    {"soft-delete", false, false, "restore it or delete it for good"},
};

static const struct state *state_of(const json_t *server)
{
    const char *vm = act_str(server, "OS-EXT-STS:vm_state");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (!strcmp(vm, states[i].vm))
            return &states[i];
    return NULL;
}

static enum hyper_fate refused(const json_t *server, const char *how, const char *advice, struct str *words)
{
    str_addf(words, "%s is %s and cannot be moved%s: %s, or agree to leave it (--leave=%s)", act_str(server, "name"), act_str(server, "status"), how,
             *advice ? advice : "choose the other way", act_str(server, "name"));
    return HYPER_REFUSED;
}

static enum hyper_fate by_state(const struct act_ctx *c, const json_t *server, struct str *words)
{
    const struct state *s = state_of(server);
    int live = named(act_arg(c, "live"), server), cold = named(act_arg(c, "cold"), server);
    if (!s)
        return refused(server, "", "look what it is about", words);
    if (live > cold && live == 3 && !s->live)
        return refused(server, " live", s->advice, words);
    if (cold >= live && cold == 3 && !s->cold)
        return refused(server, " cold", s->advice, words);
    if (!s->live && !s->cold)
        return refused(server, "", s->advice, words);
    if (cold && cold >= live && s->cold)
        return HYPER_COLD;
    return s->live ? HYPER_LIVE : HYPER_COLD;
}

/* Busy for so long that it is stuck. What moves is Nova's record of the move, not the server's own. */
static bool hangs(const struct act_ctx *c, const json_t *server)
{
    const char *at = act_str(server, "updated");
    const json_t *m = hyper_migration(c, act_str(server, "id"));
    int64_t ms;
    return (!m || hyper_migration_over(m)) && text_parse_time(at, strlen(at), &ms) && c->now_ms - ms > HANGS_MS;
}

/* Somebody else moves it. */
static void say_moving(const struct act_ctx *c, const json_t *m, struct str *words)
{
    char when[40] = "";
    const char *at = act_str(m, "created_at");
    int64_t ms, after = act_int(c, "abort-after", 0);
    if (text_parse_time(at, strlen(at), &ms))
        text_format_time(when, sizeof when, ms);
    str_addf(words, "it is on its way%s%s already (%s), not begun by this drain: that is waited for", *when ? " since " : "", when, act_str(m, "status"));
    if (!hyper_abortable(m))
        return;
    if (after > 0)
        str_addf(words, ", and aborted when it takes %lld s more", (long long)after);
    else
        str_adds(words, " as long as it takes (--abort-after ends it, or abort-migration)");
}

bool hyper_abortable(const json_t *m)
{
    const char *status = act_str(m, "status");
    return !strcmp(act_str(m, "migration_type"), "live-migration") && (!strcmp(status, "running") || !strcmp(status, "preparing") || !strcmp(status, "queued"));
}

enum hyper_fate hyper_fate(const struct act_ctx *c, const json_t *server, struct str *words)
{
    const json_t *m = hyper_migration(c, act_str(server, "id"));
    const char *task = act_str(server, "OS-EXT-STS:task_state"), *vm = act_str(server, "OS-EXT-STS:vm_state");
    if (left_alone(c, server)) {
        str_adds(words, "it stays here, as agreed");
        return HYPER_LEAVE;
    }
    if ((*task || !strcmp(vm, "building")) && hangs(c, server)) {
        str_addf(words, "%s is %s%s%s and Nova changed nothing of it for half an hour or more: that does not end by itself; look at it, or agree to leave it (--leave=%s)",
                 act_str(server, "name"), act_str(server, "status"), *task ? ", " : "", task, act_str(server, "name"));
        return HYPER_REFUSED;
    }
    if ((!strcmp(task, "migrating") || !strncmp(task, "resize_", 7)) && m && !hyper_migration_over(m) && strcmp(act_str(m, "status"), "finished") != 0) {
        say_moving(c, m, words);
        return HYPER_WAIT;
    }
    if (*task || !strcmp(vm, "building")) {
        str_addf(words, "it is busy (%s): that is waited for", *task ? task : vm);
        return HYPER_WAIT;
    }
    if (!strcmp(vm, "resized")) {
        if (hyper_may_confirm(c, hyper_migration(c, act_str(server, "id"))))
            return HYPER_CONFIRM;
        str_addf(words, "%s waits for the confirmation of its resize: confirm or revert it, let the drain confirm it (--confirm-resizes), or agree to leave it (--leave=%s)",
                 act_str(server, "name"), act_str(server, "name"));
        return HYPER_REFUSED;
    }
    return by_state(c, server, words);
}

const json_t *hyper_server(const struct act_ctx *c, const char *uid)
{
    return act_find(json_object_get(c->side[HYPER_SERVERS].json, "servers"), "id", uid);
}

/* ---- Nova's records of moves ---- */

const json_t *hyper_migration(const struct act_ctx *c, const char *uid)
{
    const json_t *list = json_object_get(c->side[HYPER_MIGRATIONS].json, "migrations"), *best = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        if (!strcmp(act_str(m, "instance_uuid"), uid) && (!best || act_num(m, "id", 0) > act_num(best, "id", 0)))
            best = m;
    }
    return best;
}

bool hyper_migration_over(const json_t *m) { return !nova_migr_under_way(act_str(m, "status")); }

bool hyper_waits(const struct act_ctx *c, const json_t *m)
{
    return !strcmp(act_str(m, "status"), "finished") && !strcmp(act_str(m, "source_compute"), hyper_host(c->obj));
}

bool hyper_may_confirm(const struct act_ctx *c, const json_t *m)
{
    return !strcmp(act_str(m, "status"), "finished") && (!strcmp(act_str(m, "migration_type"), "migration") || act_bool(c, "confirm-resizes"));
}

/* ---- its service ---- */

bool hyper_disabled(const json_t *h) { return !strcmp(act_str(h, "status"), "disabled"); }

bool hyper_reason_ours(const json_t *h)
{
    return ostk_act_is_ours(act_str(h, "service.disabled_reason"));
}

const char *hyper_host(const json_t *h) { return act_str(h, "service.host"); }
