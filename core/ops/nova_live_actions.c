/* Nova: live migration, and what can be done to one that is under way. */
#include <inttypes.h>
#include <string.h>

#include "core/ops/nova_migr.h"

#define LIVE "live-migration"
#define DEAF_MS 30000             /* after an abort that Nova took */

/* ---- live-migrate ---- */

/* Nova chose by itself between the two ways from 2.25 on; a host that was named was checked by the scheduler from 2.30. */
static json_t *live_body(const struct act_ctx *c, const char *host, const char *block, struct act_facts *f, const char **microversion)
{
    json_t *to = host ? json_string(host) : json_null();
    if (nova_has(c, "2.25")) {
        *microversion = nova_has(c, "2.68") ? "2.68" : nova_has(c, "2.34") ? "2.34" : nova_has(c, "2.30") ? "2.30" : "2.25";
        if (host && !nova_has(c, "2.30"))
            act_fact(f, FACT_CAUTION, "this cloud goes to a named host without asking the scheduler whether there is room");
        return !strcmp(block, "auto") ? json_pack("{s:o,s:s}", "host", to, "block_migration", "auto")
                                      : json_pack("{s:o,s:b}", "host", to, "block_migration", !strcmp(block, "yes"));
    }
    *microversion = "2.1";
    if (!strcmp(block, "auto"))
        act_fact(f, FACT_CAUTION, "this cloud does not choose by itself: asked for without copying disks (shared storage); else say block=yes");
    return json_pack("{s:o,s:b,s:b}", "host", to, "block_migration", !strcmp(block, "yes"), "disk_over_commit", 0);
}

static enum act_verdict live_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *block = act_arg(c, "block"), *microversion = NULL;
    bool ok;
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    if (!block || !nova_in("auto yes no", block)) {
        act_fact(f, FACT_REFUSED, "block is auto, yes or no, not %s", block ? block : "");
        return ACT_REFUSED;
    }
    const char *host = nova_dest(c, f, &ok);
    if (!ok || !nova_source_up(c, f))
        return ACT_REFUSED;
    if (!host)
        act_fact(f, FACT_INFO, "the scheduler chooses where to");
    nova_say_group(c, f);
    nova_say_place(c, host, "will not move", f);
    json_t *body = live_body(c, host, block, f, &microversion);
    return nova_post(c, rq, microversion, body);
}

/* Of what the row cannot say: why, by the record, and where the server is. */
static enum act_seen live_seen(const struct act_ctx *c, struct str *why)
{
    if (nova_failed(c, why) == SEEN_FAILED)
        return SEEN_FAILED;
    const json_t *row = nova_migr(c, LIVE, true);
    const char *dest = act_str(row, "dest_compute"), *host = nova_host(c->obj);
    bool there = *dest && *host ? !strcmp(dest, host) : nova_moved(c), busy = *nova_task(c->obj);
    if (!row) {
        struct str said;
        str_init(&said, 4096);
        bool over = nova_record(c, &said) == RECORD_DONE && !busy;
        str_release(&said);
        if (over && nova_moved(c))
            return SEEN_DONE;
        if (!over || nova_beside(c, "migrations") || c->now_ms - c->sent_ms < 20000)
            return SEEN_WAIT;
        str_adds(why, "; it is where it was, and this user may not see what became of its migration");
        return SEEN_FAILED;
    }
    enum act_seen seen = nova_migr_seen(c, row, "completed", why);
    if (seen != SEEN_DONE)
        return seen;
    if (there && !busy) {
        str_addf(why, "; it is on %s now", *host ? host : "another host");
        return SEEN_DONE;
    }
    int64_t since = c->now_ms - nova_time(row, "updated_at");
    if (nova_time(row, "updated_at") == CELL_NONE || since < (busy ? 60000 : 15000))
        return SEEN_WAIT;
    str_addf(why, ", but Nova still has the server %s%s%s: see on both hosts where the guest runs before anything is reset", *host ? "on " : "where it was", host,
             busy ? ", migrating" : "");
    return SEEN_FAILED;
}

static const char *live_undo(const struct act_ctx *c, struct str *args)
{
    const char *host = nova_host(c->before);
    if (!*host || !strcmp(host, nova_host(c->obj)))
        return NULL;
    str_addf(args, "host=%s\n", host);
    return "live-migrate";
}

/* ---- one that is under way ---- */

static bool under_way_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (c->seeing)
        return nova_migr_side(c, i, path, service, microversion);
    *service = "compute";
    *microversion = "2.80";
    return i == 0 && act_path(c, path, "migrations");
}

/* Its row, as it must be; NULL: refused with words. */
static const json_t *under_way(const struct act_ctx *c, struct act_facts *f, const char *states, const char *words)
{
    const json_t *row = nova_migr(c, LIVE, false);
    const char *status = act_str(row, "status");
    if (strcmp(nova_task(c->obj), "migrating") != 0) {
        act_fact(f, FACT_REFUSED, "it is not being migrated");
    } else if (nova_may(c, f) != ACT_SEND) {
        return NULL;
    } else if (c->side[0].status == 403) {
        act_fact(f, FACT_REFUSED, "this user may not see its migrations: an administrator or a manager of its project may");
    } else if (!row) {
        act_fact(f, FACT_REFUSED, "Nova has no live migration of it under way; try again in a moment");
    } else if (!nova_in(states, status)) {
        act_fact(f, FACT_REFUSED, "its migration is %s: Nova takes this only while it is %s", status, words);
    } else {
        act_fact(f, FACT_INFO, "migration %" PRId64 " from %s to %s, %s", act_num(row, "id", 0), act_str(row, "source_compute"),
                 *act_str(row, "dest_compute") ? act_str(row, "dest_compute") : "a host not chosen yet", status);
        return row;
    }
    return NULL;
}

static enum act_verdict abort_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    bool late = nova_has(c, "2.65");
    const json_t *row = under_way(c, f, late ? "running queued preparing" : "running", late ? "queued, preparing or running" : "running");
    if (!row)
        return ACT_REFUSED;
    rq->method = "DELETE";
    rq->service = "compute";
    rq->microversion = late ? "2.65" : "2.24";
    act_path(c, &rq->path, "migrations");
    str_addf(&rq->path, "/%" PRId64, act_num(row, "id", 0));
    return ACT_SEND;
}

/* Its row ends as it shall, and it has moved, or not. */
static enum act_seen ended(const struct act_ctx *c, const char *status, bool moves, struct str *why)
{
    const json_t *row = nova_migr(c, LIVE, false);
    bool busy = *nova_task(c->obj), moved = nova_moved(c);
    if (nova_failed(c, why) == SEEN_FAILED)
        return SEEN_FAILED;
    if (!row && !nova_beside(c, "migrations") && !busy) {      /* nothing but the server can be seen */
        str_adds(why, !moved ? "; it stayed where it was" : moves ? "; it has moved" : "; it had moved before");
        return moved == moves ? SEEN_DONE : SEEN_FAILED;
    }
    enum act_seen seen = row ? nova_migr_seen(c, row, status, why) : SEEN_WAIT;
    if (seen == SEEN_WAIT && !moves && c->sent_ms != CELL_NONE && c->now_ms - c->sent_ms > DEAF_MS)
        str_addf(why, "; it was told so a while ago: the log of nova-compute on %s says why it does not obey", act_str(row, "source_compute"));
    return seen == SEEN_DONE && (busy || (moves && !moved)) ? SEEN_WAIT : seen;
}

static enum act_seen abort_seen(const struct act_ctx *c, struct str *why) { return ended(c, "cancelled", false, why); }
static enum act_seen force_seen(const struct act_ctx *c, struct str *why) { return ended(c, "completed", true, why); }

static enum act_verdict force_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const json_t *row = under_way(c, f, "running", "running");
    if (!row)
        return ACT_REFUSED;
    rq->method = "POST";
    rq->service = "compute";
    rq->microversion = "2.22";
    rq->body = json_pack("{s:n}", "force_complete");
    act_path(c, &rq->path, "migrations");
    str_addf(&rq->path, "/%" PRId64 "/action", act_num(row, "id", 0));
    return ACT_SEND;
}

static const struct action_arg live_args[] = {
    {.name = "host", .help = "Compute host to move to; without it the scheduler chooses."},
    {.name = "block", .help = "Copy local disks: auto lets Nova find out.", .type = ARG_CHOICE, .def = "auto", .choices = "auto yes no"},
};

const struct action nova_live_actions[] = {
    {NOVA_ROW("live-migrate", "moved", "Moves a running server to another host."), .args = live_args, .nargs = 2, .timeout_s = 6 * 3600, .side = nova_move_side,
     .build = live_build, .observe = live_seen, .arrived = nova_arrived, .undo = live_undo, .fits = nova_fits},
    {NOVA_ROW("abort-migration", "aborted", "Aborts its live migration; it stays where it is."), .flags = ACTION_MEANWHILE, .side = under_way_side, .build = abort_build,
     .observe = abort_seen, .arrived = nova_arrived, .fits = nova_fits},
    {NOVA_ROW("force-complete", "completed", "Ends a live migration that does not converge."), .flags = ACTION_MEANWHILE, .side = under_way_side, .build = force_build,
     .observe = force_seen, .arrived = nova_arrived, .fits = nova_fits},
    {0},
};
