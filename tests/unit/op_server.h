/* Deployments web, web1.. of a source that answers by rule and can be told to lose, refuse, hang: what tests of operations run against. */
#ifndef OP_SERVER_H
#define OP_SERVER_H

#include "fake_core.h"

static struct {
    int replica[64], ready, reads, sends, reviews, tries;
    int lose, lose_before, busy, conflict, down, forbid, hang, other_uid, fail_at, late_ms, gone_from;      /* gone_from: webN and those after it are not there */
    char last[512];
    const char *writer;        /* of the replicas, as managedFields has it; NULL: nobody keeps that */
} server;

static inline void rule(const struct call_req *rq, struct fake_answer *a)
{
    bool get = !rq->method || !strcmp(rq->method, "GET");
    const char *at = strstr(rq->path, "/web");
    int *replicas = &server.replica[at ? atoi(at + 4) % 64 : 0];
    if (strstr(rq->path, "selfsubjectaccessreviews")) {
        server.reviews++;
        snprintf(a->body, sizeof(a->body), "{\"status\":{\"allowed\":%s}}", server.forbid ? "false" : "true");
        return;
    }
    if (server.down > 0) {
        server.down--;
        *a = (struct fake_answer){.retry_after_ms = -1};
        return;
    }
    if (!get && strstr(rq->path, "dryRun=All")) {
        server.tries++;
        snprintf(a->body, sizeof(a->body), "{}");
        return;
    }
    if (!get) {
        server.sends++;
        a->late_ms = server.late_ms;
        snprintf(server.last, sizeof(server.last), "%s %s %s", rq->method, rq->path, rq->body ? rq->body : "");
        const char *n = strstr(rq->body, "\"replicas\":");
        bool lose = server.lose > 0, before = server.lose_before > 0, busy = server.busy > 0, conflict = server.conflict > 0;
        server.lose -= lose;
        if (before)
            server.lose_before--;
        if (before || busy || conflict || (server.fail_at && server.sends == server.fail_at))
            n = NULL;
        if (n)
            *replicas = atoi(n + strlen("\"replicas\":"));
        if (n && !server.hang)
            server.ready = *replicas;
        if (lose || before)
            a->status = 0;
        else if (busy && server.busy--)
            *a = (struct fake_answer){.status = 429, .sent = true, .retry_after_ms = 3000, .body = "{\"message\":\"slow down\"}"};
        else if (conflict && server.conflict--)
            *a = (struct fake_answer){.status = 409, .sent = true, .retry_after_ms = -1,
                                      .body = "{\"message\":\"the object has been modified; please apply your changes\"}"};
        else if (server.fail_at && server.sends == server.fail_at)
            *a = (struct fake_answer){.status = 422, .sent = true, .retry_after_ms = -1, .body = "{\"message\":\"no such thing\"}"};
        return;
    }
    server.reads++;
    if (server.gone_from && at && atoi(at + 4) >= server.gone_from) {
        *a = (struct fake_answer){.status = 404, .sent = true, .retry_after_ms = -1, .body = "{\"message\":\"not found\"}"};
        return;
    }
    char kept[300] = "";
    if (server.writer)
        snprintf(kept, sizeof(kept), ",\"managedFields\":[{\"manager\":\"%s\",\"time\":\"2026-01-02T03:04:05Z\",\"fieldsV1\":{\"f:spec\":{\"f:replicas\":{}}}},"
                 "{\"manager\":\"other\",\"fieldsV1\":{\"f:metadata\":{}}}]", server.writer);
    snprintf(a->body, sizeof(a->body),
             "{\"metadata\":{\"uid\":\"%s\",\"generation\":1,\"name\":\"web\"%s},\"spec\":{\"replicas\":%d},\"status\":{\"observedGeneration\":1,"
             "\"replicas\":%d,\"readyReplicas\":%d}}", server.other_uid ? "u2" : "u1", kept, *replicas, server.ready, server.ready);
}

static inline struct row row_web(void)
{
    return (struct row){.kind = kind_find("deployments"), .uid = "u1", .name = "web", .scope = "shop", .labels = "tier=gold", .owner = ""};
}

static inline void fresh(void)
{
    memset(&server, 0, sizeof(server));
    server.ready = 2;
    for (int i = 0; i < 64; i++)
        server.replica[i] = 2;
    fake_rule = rule;
}

#define MANY 51                            /* more than are acted on at once, if nothing is said */
static bool keep_going;

static inline uint32_t ask_n(size_t n, const char *replicas, bool dry)
{
    static struct row r[MANY];
    static char name[MANY][8];
    const struct row *rows[MANY];
    struct op_arg arg = {"replicas", replicas};
    for (size_t i = 0; i < n; i++) {
        r[i] = row_web();
        snprintf(name[i], sizeof(name[i]), i ? "web%zu" : "web", i);
        r[i].name = name[i];
        rows[i] = &r[i];
    }
    struct op_request rq = {.action = "scale", .rows = rows, .nrows = n, .args = &arg, .nargs = replicas ? 1 : 0, .dry_run = dry, .at_once = 1, .keep_going = keep_going};
    return core_op_plan(fake, &rq);
}

static inline uint32_t planned(const char *replicas)
{
    uint32_t id = ask_n(1, replicas, false);
    struct event *e = fake_wait(EV_PLAN, id);
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_PLANNED);
    event_free(e);
    return id;
}

static inline struct event *run(const char *replicas, const char *typed)
{
    uint32_t id = planned(replicas);
    core_op_start(fake, id, typed);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_non_null(e);
    assert_non_null(e->op);
    return e;
}

/* No request without a line, no line without its outcome. */
static inline void journal_is_whole(size_t sent)
{
    assert_int_equal(fake_journal("\"event\":\"intent\""), sent);
    assert_int_equal(fake_journal("\"event\":\"intent\""), fake_journal("\"event\":\"outcome\""));
    assert_int_equal(fake_journal("\"event\":\"op\""), fake_journal("\"event\":\"op-end\""));
}

static inline void turns(int n)
{
    for (int i = 0; i < n; i++) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
}

#endif
