/* Faults on request and the control path: POST /_sim/fault {"kind":"latency","prefix":"/api/v1/pods","ms":500,"count":3}. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/sim/scenario.h"
#include "core/sim/sim.h"
#include "strata/clock.h"

static const char *const fault_names[FAULT_KINDS] = {
    [FAULT_LATENCY] = "latency", [FAULT_STATUS] = "status", [FAULT_CUT] = "cut", [FAULT_SILENT] = "silent",
    [FAULT_ENDLESS] = "endless", [FAULT_MALFORMED] = "malformed", [FAULT_HOSTILE] = "hostile", [FAULT_CLOSE] = "close", [FAULT_SKEW] = "skew",
    [FAULT_REFUSE] = "refuse", [FAULT_EXPIRE] = "expire", [FAULT_COMPACT] = "compact",
};

static void fault_free(struct fault *f)
{
    free(f->prefix);
    free(f->method);
    free(f);
}

void fault_clear(struct world *w)
{
    while (w->faults) {
        struct fault *f = w->faults;
        w->faults = f->next;
        fault_free(f);
    }
    for (size_t i = 0; i < w->nrealms; i++)
        w->realm[i]->skew_ms = w->realm[i]->token_ms = w->realm[i]->bearer_end = 0;
}

/* All tokens end after ms; "lifetime": from now on new ones live that long. */
static void token_expire_all(struct sim *s, const json_t *spec)
{
    int64_t ms = jint(spec, "ms");
    if (s->side == SIDE_KUBE && *jstr(spec, "on"))              /* only when it is named: nobody gives out new ones */
        s->bearer_end = clock_wall_ms() + ms;
    if (jat(spec, "lifetime"))
        s->token_ms = jint(spec, "lifetime");
    for (struct token *t = jat(spec, "lifetime") && !jat(spec, "ms") ? NULL : s->tokens; t; t = t->next)
        t->expires_ms = ms > 0 ? sim_now(s) + ms : 0;
}

/* What happens at once, without a request. */
static bool fault_now(struct sim *s, enum fault_kind kind, const json_t *spec)
{
    switch (kind) {
    case FAULT_SKEW:
        s->skew_ms = jint(spec, "ms");
        return true;
    case FAULT_COMPACT:
        store_compact(s);
        return true;
    case FAULT_EXPIRE:
        token_expire_all(s, spec);
        return true;
    case FAULT_REFUSE:
        sim_refuse(s, jint(spec, "ms"));
        return true;
    default:
        return false;
    }
}

const char *fault_add(struct world *w, const json_t *spec)
{
    const char *name = jstr(spec, "kind"), *on = jstr(spec, "on");
    int kind = 0, side = strcmp(on, "kube") == 0 ? SIDE_KUBE : strcmp(on, "openstack") == 0 ? SIDE_OSTK : -1;
    const struct sim *only = *on && side < 0 ? world_find(w, on) : NULL;
    while (kind < FAULT_KINDS && strcmp(name, fault_names[kind]) != 0)
        kind++;
    if (kind == FAULT_KINDS)
        return "kind: latency, status, cut, silent, endless, malformed, hostile, close, skew, refuse, expire or compact";
    if (*on && side < 0 && !only)
        return "on: kube, openstack or the name of a cluster";
    bool now = false;
    for (size_t i = 0; i < w->nrealms; i++)
        if (only ? w->realm[i] == only : side < 0 || (int)w->realm[i]->side == side)
            now = fault_now(w->realm[i], (enum fault_kind)kind, spec) || now;
    if (now)
        return NULL;
    struct fault *f = sim_alloc(sizeof(*f));
    f->kind = (enum fault_kind)kind;
    f->side = side;
    f->only = only;
    f->prefix = *jstr(spec, "prefix") ? sim_strdup(jstr(spec, "prefix")) : NULL;
    f->method = *jstr(spec, "method") ? sim_strdup(jstr(spec, "method")) : NULL;
    f->count = jat(spec, "count") ? (int)jint(spec, "count") : -1;
    f->skip = (int)jint(spec, "skip");
    f->ms = jint(spec, "ms");
    f->bytes = jint(spec, "bytes");
    f->status = jat(spec, "status") ? (int)jint(spec, "status") : 500;
    f->retry_after = jat(spec, "retry_after") ? (int)jint(spec, "retry_after") : f->status == 429 ? 1 : -1;
    struct fault **end = &w->faults;
    while (*end)
        end = &(*end)->next;
    *end = f;
    return NULL;
}

struct fault *fault_match(const struct req *r, enum fault_kind kind)
{
    if (strncmp(r->path, "/_sim/", 6) == 0)
        return NULL;
    for (struct fault *f = r->sim->world->faults; f; f = f->next) {
        if (f->kind != kind || f->count == 0 || (f->side >= 0 && f->side != (int)r->sim->side) || (f->only && f->only != r->sim))
            continue;
        if ((f->prefix && strncmp(r->path, f->prefix, strlen(f->prefix)) != 0) || (f->method && strcmp(f->method, r->method) != 0))
            continue;
        if (f->skip > 0) {
            f->skip--;
            continue;
        }
        if (f->count > 0)
            f->count--;
        f->hits++;
        return f;
    }
    return NULL;
}

static json_t *fault_list(const struct world *w)
{
    json_t *all = json_array();
    for (const struct fault *f = w->faults; f; f = f->next)
        json_array_append_new(all, jt("{'kind':%s,'prefix':%s,'count':%i,'hits':%i}", fault_names[f->kind], f->prefix, f->count,
                                      (int)f->hits));
    return jt("{'faults':%j,'requests':{'kube':%i,'openstack':%i}}", all, (int)w->mgmt->requests, (int)w->cloud->requests);
}

/* What a scenario can do, now: {"do": "host-down compute-2 for 3m"}. */
static void act(struct req *r)
{
    json_t *spec = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const char *words = jstr(spec, "do");
    if (!scenario_knows(words))
        reply_json(r, 400, jt("{'error':'do: one of the actions of the scenarios'}"));
    else if (!scenario_act(r->sim->world, words))
        reply_json(r, 404, jt("{'error':'there is no such thing now'}"));
    else
        reply_json(r, 200, jt("{'done':%s}", words));
    json_decref(spec);
}

/* What came, before any fault: a test compares it with what strata wrote down. */
#define LOG_MAX 20000

void log_change(const struct req *r)
{
    struct world *w = r->sim->world;
    static const char *const reads[] = {"GET", "HEAD", "OPTIONS"};
    const char *dry = req_query(r, "dryRun"), *agent = req_header(r, "User-Agent");
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
        if (strcmp(r->method, reads[i]) == 0)
            return;
    if (strncmp(r->path, "/_sim/", 6) == 0)
        return;
    if (!w->changes)
        w->changes = json_array();
    if (json_array_size(w->changes) < LOG_MAX)
        json_array_append_new(w->changes, jt("{'on':%s,'method':%s,'path':%s,'dry_run':%b,'agent':%s}", r->sim->name, r->method, r->path,
                                                 dry != NULL, agent ? agent : ""));
}

bool admin_handle(struct req *r)
{
    if (r->nseg < 2 || strcmp(r->seg[0], "_sim") != 0)
        return false;
    const char *key = req_header(r, "X-Sim-Secret");
    if (!key || strcmp(key, r->sim->world->secret) != 0) {
        reply_json(r, 401, jt("{'error':'X-Sim-Secret is in sim.json'}"));
        return true;
    }
    if (strcmp(r->seg[1], "act") == 0 && strcmp(r->method, "POST") == 0) {
        act(r);
    } else if (strcmp(r->seg[1], "log") == 0 && strcmp(r->method, "GET") == 0) {
        json_t *all = r->sim->world->changes;
        reply_json(r, 200, jt("{'requests':%j}", all ? json_incref(all) : json_array()));
    } else if (strcmp(r->seg[1], "fault") != 0) {
        reply_json(r, 404, jt("{'error':'there are only /_sim/fault, /_sim/act and /_sim/log'}"));
    } else if (strcmp(r->method, "DELETE") == 0) {
        fault_clear(r->sim->world);
        reply_json(r, 200, fault_list(r->sim->world));
    } else if (strcmp(r->method, "POST") == 0) {
        json_t *spec = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
        const char *bad = spec ? fault_add(r->sim->world, spec) : "the body is no JSON";
        json_decref(spec);
        if (bad)
            reply_json(r, 400, jt("{'error':%s}", bad));
        else
            reply_json(r, 200, fault_list(r->sim->world));
    } else {
        reply_json(r, 200, fault_list(r->sim->world));
    }
    return true;
}
