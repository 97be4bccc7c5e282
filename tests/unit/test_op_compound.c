/* An operation of many steps in the engine: a drain that is cut in the middle, gone on with, taken back, canceled, paused. */
#include "fake_core.h"

#include "core/ops/journal.h"
#include "strata/window.h"

#define PODS 6
static struct {
    bool cordoned, lose;
    int patches, evictions[PODS], grace[PODS];
    bool gone[PODS], deleting[PODS];
    int pods, node_of[PODS];
    int reviews;
    bool no_evict, refuse;
} server;

static void pod_json(char *out, size_t size, int i)
{
    snprintf(out, size,
             "{\"metadata\":{\"namespace\":\"shop\",\"name\":\"p%d\",\"uid\":\"u%d\",%s\"ownerReferences\":[{\"controller\":true,\"kind\":\"ReplicaSet\",\"name\":\"r\",\"uid\":\"rs\"}]},"
             "\"spec\":{},\"status\":{\"phase\":\"Running\"}}", i, i, server.deleting[i] ? "\"deletionTimestamp\":\"2027-01-15T08:00:00Z\"," : "");
}

static void rule(const struct call_req *rq, struct fake_answer *a)
{
    bool get = !rq->method || !strcmp(rq->method, "GET");
    const char *pod = strstr(rq->path, "/pods/p"), *node = strstr(rq->path, "/nodes/n");
    int i = pod ? atoi(pod + 7) : 0;
    if (!get && strstr(rq->path, "dryRun=All")) {
        snprintf(a->body, sizeof(a->body), "{}");
    } else if (pod && !get) {
        const char *grace = strstr(rq->body, "\"gracePeriodSeconds\":");
        server.evictions[i]++;
        server.grace[i] = grace ? atoi(grace + 21) : -1;
        server.deleting[i] = !server.refuse;
        if (server.lose)
            a->status = 0;
        snprintf(a->body, sizeof(a->body), "{}");
        if (server.refuse)
            *a = (struct fake_answer){.status = 403, .sent = true, .retry_after_ms = -1, .body = "{\"reason\":\"Forbidden\",\"message\":\"no\"}"};
    } else if (pod) {
        if (server.gone[i])
            *a = (struct fake_answer){.status = 404, .sent = true, .retry_after_ms = -1, .body = "{\"reason\":\"NotFound\"}"};
        else
            pod_json(a->body, sizeof(a->body), i);
    } else if (node) {
        if (!get) {
            server.patches++;
            server.cordoned = strstr(rq->body, "\"unschedulable\":true") != NULL;
        }
        snprintf(a->body, sizeof(a->body), "{\"metadata\":{\"uid\":\"n%c\",\"name\":\"n%c\"},\"spec\":{%s}}", node[8], node[8],
                 server.cordoned ? "\"unschedulable\":true" : "");
    } else if ((node = strstr(rq->path, "spec.nodeName%3Dn"))) {
        size_t at = (size_t)snprintf(a->body, sizeof(a->body), "{\"items\":[");
        bool first = true;
        for (i = 0; i < server.pods; i++) {
            if (server.gone[i] || server.node_of[i] != node[17] - '0')
                continue;
            at += (size_t)snprintf(a->body + at, sizeof(a->body) - at, first ? "" : ",");
            pod_json(a->body + at, sizeof(a->body) - at, i);
            at = strlen(a->body);
            first = false;
        }
        snprintf(a->body + at, sizeof(a->body) - at, "]}");
    } else if (strstr(rq->path, "/replicasets/r")) {
        snprintf(a->body, sizeof(a->body), "{\"kind\":\"ReplicaSet\",\"metadata\":{\"name\":\"r\",\"uid\":\"rs\",\"labels\":{\"tier\":\"gold\"},"
                 "\"ownerReferences\":[{\"controller\":true,\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"d\",\"uid\":\"du\"}]}}");
    } else if (strstr(rq->path, "/apis/apps/v1/namespaces/shop/deployments/d")) {
        snprintf(a->body, sizeof(a->body), "{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\",\"uid\":\"du\",\"labels\":{\"top\":\"yes\"}}}");
    } else if (strstr(rq->path, "selfsubjectaccessreviews")) {
        server.reviews++;
        snprintf(a->body, sizeof(a->body), "{\"status\":{\"allowed\":%s}}", server.no_evict && strstr(rq->body, "eviction") ? "false" : "true");
    } else {
        snprintf(a->body, sizeof(a->body), get ? "{\"items\":[]}" : "{}");
    }
}

static void fresh(int pods)
{
    memset(&server, 0, sizeof(server));
    server.pods = pods;
    fake_rule = rule;
}

static void turns(int n)
{
    while (n--) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
}

static int evicted(void)
{
    int n = 0;
    for (int i = 0; i < PODS; i++)
        n += server.evictions[i];
    return n;
}

static uint32_t ask(size_t nodes, const struct op_arg *args, size_t nargs)
{
    static const char *const names[] = {"n0", "n1", "n2", "n3"};
    struct row r[4];
    const struct row *rows[4];
    for (size_t i = 0; i < nodes; i++) {
        r[i] = (struct row){.kind = kind_find("nodes"), .uid = names[i], .name = names[i], .scope = "", .labels = "", .owner = ""};
        rows[i] = &r[i];
    }
    struct op_request rq = {.action = "drain", .rows = rows, .nrows = nodes, .args = args, .nargs = nargs};
    return core_op_plan(fake, &rq);
}

static struct event *planned(uint32_t id)
{
    struct event *e = fake_wait(EV_PLAN, id);
    assert_non_null(e);
    if (e->op->state != OPS_PLANNED)
        fail_msg("%s", e->op->note);
    return e;
}

static uint32_t drain(size_t nodes, const struct op_arg *args, size_t nargs)
{
    uint32_t id = ask(nodes, args, nargs);
    event_free(planned(id));
    core_op_start(fake, id, NULL);
    return id;
}

static void until_evicted(int n)
{
    for (int i = 0; i < 400 && evicted() < n; i++)
        turns(1);
    assert_int_equal(evicted(), n);
}

static void all_gone(void)
{
    for (int i = 0; i < PODS; i++)
        server.gone[i] = server.deleting[i];
}

static struct event *ended(uint32_t id, enum op_state state)
{
    struct event *e = NULL;
    for (int i = 0; i < 600 && !e; i++) {
        while ((e = core_next_event(fake)) && !(e->type == EV_OP_END && e->id == id))
            event_free(e);
        all_gone();
        turns(1);
    }
    assert_non_null(e);
    if (e->op->state != state)
        fail_msg("%s: %s", op_state_name(e->op->state), e->op->note);
    return e;
}

static uint32_t again(bool back)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(core_ops_left(fake, &left, &err), 1);
    uint32_t id = core_op_again(fake, left[0].key, back, false);
    op_left_free(left, 1);
    event_free(planned(id));
    core_op_start(fake, id, NULL);
    return id;
}

/* No request without a line, no line without its outcome. */
static void journal_is_whole(int sent)
{
    assert_int_equal(fake_journal("\"event\":\"intent\""), sent);
    assert_int_equal(fake_journal("\"event\":\"intent\""), fake_journal("\"event\":\"outcome\""));
    assert_int_equal(fake_journal("\"event\":\"op\""), fake_journal("\"event\":\"op-end\""));
}

static size_t cautions(const struct op_view *v, const char *words)
{
    size_t n = 0;
    for (size_t i = 0; i < v->nfacts; i++)
        n += v->facts[i].level == FACT_CAUTION && strstr(v->facts[i].text, words);
    return n;
}

static uint32_t do_node(const char *action, const char *node, bool dry)
{
    struct row r = {.kind = kind_find("nodes"), .uid = node, .name = node, .scope = "", .labels = "", .owner = ""};
    const struct row *rows[] = {&r};
    return core_op_plan(fake, &(struct op_request){.action = action, .rows = rows, .nrows = 1, .dry_run = dry});
}

/* Another one on the same node is told of it; another drain of it is not begun beside it. */
static void a_drain_that_was_killed_is_told_of(void **state)
{
    static const char unfinished[] = "drain node n0 on prod, begun by ";
    (void)state;
    fresh(4);
    const struct op_arg args[] = {{"concurrency", "2"}};
    drain(1, args, 1);
    until_evicted(2);
    turns(5);
    struct event *e = fake_wait(EV_PLAN, do_node("uncordon", "n1", false));
    assert_int_equal(cautions(e->op, "unfinished"), 0);
    event_free(e);
    fake_kill();
    e = planned(do_node("uncordon", "n0", false));
    assert_int_equal(cautions(e->op, unfinished), 1);
    assert_int_equal(cautions(e->op, "is unfinished: 1 of 5 ended, then strata was gone while 2 were under way; strata ops (:unfinished) goes on with it or takes it back ("), 1);
    assert_string_equal(e->op->wanted, "");
    event_free(e);
    e = planned(do_node("drain", "n0", true));
    assert_int_equal(cautions(e->op, unfinished), 1);
    event_free(e);
    e = planned(do_node("uncordon", "n1", false));
    assert_int_equal(cautions(e->op, "unfinished"), 0);
    event_free(e);
    e = fake_wait(EV_PLAN, do_node("drain", "n0", false));
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->op->note, ": strata ops --resume "));
    assert_non_null(strstr(e->op->note, " goes on with it (:unfinished), --rollback takes it back, --give-up lets it be begun anew"));
    event_free(e);
    event_free(ended(again(false), OPS_DONE));           /* nothing of it is said to itself */
    e = planned(do_node("drain", "n0", false));
    assert_int_equal(cautions(e->op, "unfinished"), 0);
    event_free(e);
}

static void a_drain_that_was_killed_goes_on(void **state)
{
    const struct op_arg args[] = {{"grace-period", "7"}, {"concurrency", "2"}};
    (void)state;
    for (int kills = 1; kills <= 2; kills++) {
        fresh(4);
        drain(1, args, 2);
        until_evicted(2);
        turns(5);
        assert_int_equal(evicted(), 2);                  /* its own concurrency */
        fake_kill();
        server.gone[0] = true;                           /* one went meanwhile */
        uint32_t id = again(false);
        if (kills == 2) {
            until_evicted(3);
            fake_kill();
            id = again(false);
        }
        struct event *e = ended(id, OPS_DONE);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(server.evictions[i], 1);    /* none twice */
            assert_int_equal(server.grace[i], 7);        /* with the options it had */
        }
        assert_int_equal(server.patches, 1);
        assert_true(e->op->can_undo);                    /* the cordon was ours */
        event_free(e);
        id = core_op_control(fake, id, OP_UNDO);
        e = planned(id);
        assert_string_equal(action_id(e->op->action), "uncordon");
        assert_int_equal(e->op->nsteps, 1);
        event_free(e);
        core_op_start(fake, id, NULL);
        event_free(ended(id, OPS_DONE));
        assert_false(server.cordoned);
    }
    journal_is_whole(4 + 1 + 1 + 4 + 1 + 1);
}

static void the_way_back_says_what_stays(void **state)
{
    (void)state;
    fresh(2);
    uint32_t id = drain(1, NULL, 0);
    event_free(ended(id, OPS_DONE));
    id = core_op_control(fake, id, OP_UNDO);
    struct event *e = planned(id);
    bool told = false;
    for (size_t i = 0; i < e->op->nfacts; i++)
        told |= e->op->facts[i].level == FACT_CAUTION && strstr(e->op->facts[i].text, "2 steps stay as done, there is no way back from them: evict pod ");
    assert_true(told);
    event_free(e);
    core_op_drop(fake, id);
    turns(2);
}

static void an_eviction_whose_answer_was_lost_is_looked_at(void **state)
{
    (void)state;
    fresh(2);
    uint32_t id = drain(1, NULL, 0);
    server.lose = true;
    until_evicted(2);
    fake_kill();                                         /* before any answer was there */
    server.lose = false;
    server.deleting[1] = false;                          /* and this one never came */
    server.evictions[1] = 0;
    id = again(false);
    event_free(ended(id, OPS_DONE));
    assert_int_equal(server.evictions[0], 1);
    assert_int_equal(server.evictions[1], 1);
    journal_is_whole(1 + 3);
}

/* Killed in the middle, uncordoned by somebody: what goes on with it ends, and what had been sent has the outcome that is seen. */
static void a_drain_that_may_not_go_on_says_what_came_of_it(void **state)
{
    const struct op_arg args[] = {{"concurrency", "2"}};
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        fresh(4);
        drain(1, args, 1);
        server.lose = lost;
        until_evicted(2);
        turns(lost ? 0 : 3);
        fake_kill();
        server.lose = false;
        server.gone[0] = true;
        server.cordoned = false;
        uint32_t id = again(false);
        struct event *e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_FAILED);
        if (!strstr(e->op->note, "somebody uncordoned it meanwhile; 1 pod is gone, 3 still on the node, which takes new pods again: shop/p1 (it ends"))
            fail_msg("%s", e->op->note);
        for (size_t i = 0; i < e->op->nsteps; i++) {
            const struct step_view *s = &e->op->steps[i];
            int pod = strcmp(s->kind, "pod") ? -1 : atoi(s->name + 1);
            if (pod == 0)
                assert_int_equal(s->state, STEP_DONE);
            else if (pod == 1 && (s->state != STEP_UNSURE || !strstr(s->note, "its end was not waited for: it ends, it may take")))
                fail_msg("%d: %s", (int)s->state, s->note);
            else if (pod > 1)
                assert_int_equal(s->state, STEP_SKIPPED);
        }
        event_free(e);
    }
    assert_int_equal(fake_journal("\"result\":\"canceled\""), 0);
    assert_int_equal(fake_journal("\"result\":\"done\",\"text\":\"evicted"), 2);
    journal_is_whole(2 * 3);
}

static void what_is_left_has_its_reason(void **state)
{
    const struct op_arg args[] = {{"timeout", "5"}, {"concurrency", "1"}};
    (void)state;
    fresh(2);
    uint32_t id = drain(1, args, 2);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_FAILED);
    if (!strstr(e->op->note, ": shop/p0 (it ends, evicted ") || !strstr(e->op->note, "), shop/p1 (not begun)"))
        fail_msg("%s", e->op->note);
    event_free(e);
    assert_int_equal(fake_journal("shop/p0 (it ends, evicted "), 2);       /* the node's end, the operation's */
    journal_is_whole(2);
}

static void the_way_back_of_a_killed_one(void **state)
{
    (void)state;
    fresh(2);
    drain(1, NULL, 0);
    until_evicted(2);
    fake_kill();
    uint32_t id = again(true);
    event_free(ended(id, OPS_DONE));
    assert_false(server.cordoned);
    assert_int_equal(evicted(), 2);
    journal_is_whole(1 + 2 + 1);
}

static void a_cordon_of_somebody_else_stays(void **state)
{
    (void)state;
    fresh(2);
    server.cordoned = true;
    uint32_t id = drain(1, NULL, 0);
    until_evicted(2);
    fake_kill();
    id = again(false);
    struct event *e = ended(id, OPS_DONE);
    assert_false(e->op->can_undo);
    event_free(e);
    assert_true(server.cordoned);
    assert_int_equal(server.patches, 0);
}

static void a_right_that_is_missing_stops_it_before_the_cordon(void **state)
{
    static const struct row r = {.uid = "n0", .name = "n0", .scope = "", .labels = "", .owner = ""};
    struct row node = r;
    const struct row *rows[] = {&node};
    struct op_request rq = {.action = "drain", .rows = rows, .nrows = 1};
    (void)state;
    node.kind = kind_find("nodes");
    fresh(3);
    event_free(planned(core_op_plan(fake, &rq)));
    assert_int_equal(server.reviews, 2);                 /* to cordon, to evict: each once */
    server.no_evict = true;
    struct event *e = fake_wait(EV_PLAN, core_op_plan(fake, &rq));
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->op->note, "may not create pods/eviction"));
    event_free(e);
    assert_int_equal(server.patches, 0);
}

static void paused_canceled_and_uncordoned(void **state)
{
    const struct op_arg args[] = {{"concurrency", "1"}};
    (void)state;
    fresh(3);
    uint32_t id = drain(1, args, 1);
    until_evicted(1);
    core_op_control(fake, id, OP_PAUSE);
    server.gone[0] = true;
    turns(50);
    assert_int_equal(evicted(), 1);                      /* nothing more while it is paused */
    core_op_control(fake, id, OP_RESUME);
    until_evicted(2);
    core_op_control(fake, id, OP_CANCEL_UNDO);
    struct event *e = ended(id, OPS_CANCELED);
    assert_int_equal(evicted(), 2);
    assert_int_not_equal(e->op->undone_by, 0);
    id = e->op->undone_by;
    event_free(e);
    event_free(ended(id, OPS_DONE));
    assert_false(server.cordoned);
    journal_is_whole(1 + 2 + 1);
}

static void failed_and_taken_back_by_itself(void **state)
{
    struct row r = {.kind = kind_find("nodes"), .uid = "n0", .name = "n0", .scope = "", .labels = "", .owner = ""};
    const struct row *rows[] = {&r};
    const struct op_arg args[] = {{"timeout", "3"}};
    struct op_request rq = {.action = "drain", .rows = rows, .nrows = 1, .args = args, .nargs = 1, .undo_on_failure = true};
    (void)state;
    fresh(1);
    fake->info[0].protected_ = true;                     /* its name was typed once: that was for both */
    uint32_t id = core_op_plan(fake, &rq);
    event_free(planned(id));
    core_op_start(fake, id, "prod");
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_FAILED);
    id = e->op->undone_by;
    event_free(e);
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_DONE);
    event_free(e);
    assert_false(server.cordoned);
    fake->info[0].protected_ = false;
    journal_is_whole(1 + 1 + 1);
}

static void in_waves(void **state)
{
    const struct op_arg args[] = {{"waves", "2"}};
    (void)state;
    fresh(4);
    for (int i = 0; i < 4; i++)
        server.node_of[i] = i;
    uint32_t id = ask(4, args, 1);
    struct event *e = planned(id);
    const struct op_view *v = e->op;
    for (uint32_t i = 0; i < 4; i++) {                   /* each node, and under it what is done to it, as it will run */
        assert_int_equal(v->nsteps, 12);
        assert_int_equal(v->steps[3 * i].parent, UINT32_MAX);
        assert_int_equal(v->steps[3 * i].id, i);
        assert_string_equal(v->steps[3 * i + 1].kind, "node");
        assert_string_equal(v->steps[3 * i + 2].kind, "pod");
        assert_int_equal(v->steps[3 * i + 1].parent, 3 * i);
        assert_int_equal(v->steps[3 * i + 2].parent, 3 * i);
    }
    event_free(e);
    core_op_start(fake, id, NULL);
    until_evicted(2);
    server.gone[0] = true;                               /* one of the two is empty */
    turns(80);
    assert_int_equal(evicted(), 2);
    server.gone[1] = true;
    until_evicted(4);
    event_free(ended(id, OPS_DONE));
}

/* All were cordoned before the first began: who stays so is said, and that one was begun. */
static void what_a_stop_leaves_is_said(void **state)
{
    const struct op_arg args[] = {{"waves", "1"}};
    (void)state;
    for (int failed = 0; failed < 2; failed++) {
        fresh(2);
        server.refuse = failed;
        server.node_of[1] = 1;
        uint32_t id = drain(2, args, 1);
        until_evicted(1);
        if (!failed)
            core_op_control(fake, id, OP_CANCEL);
        struct event *e = ended(id, failed ? OPS_FAILED : OPS_CANCELED);
        if (failed ? !strstr(e->op->note, "0 of 2 done, 1 failed, 0 unsure, 1 not begun: ") : strncmp(e->op->note, "canceled: 0 of 2 done, 1 broken off, 1 not begun; ", 50) != 0)
            fail_msg("%s", e->op->note);
        if (!strstr(e->op->note, "and stay: cordon node n0 on prod (uncordon takes that back), cordon node n1 on prod (uncordon takes that back)"))
            fail_msg("%s", e->op->note);
        const struct step_view *n1 = &e->op->steps[3];
        assert_int_equal(n1->state, failed ? STEP_SKIPPED : STEP_CANCELED);
        assert_string_equal(n1->note, failed ? "not begun, as another one failed; it was cordoned already, uncordon takes that back"
                                             : "canceled before it was begun; it was cordoned already, uncordon takes that back");
        assert_int_equal(evicted(), 1);
        assert_true(e->op->can_undo);
        event_free(e);
    }
}

/* The pods bear no label of the rule, what owns them does: no drain begins, not even with its cordon. */
static void outside_the_window_of_an_owner_nothing_begins(void **state)
{
    struct window w;
    const char *why;
    (void)state;
    fresh(2);
    assert_true(window_parse(&w, "sat 08:00-09:00", clock_wall_ms(), &why));       /* it is Friday */
    struct source_rule rule_ = {.match = "*", .windows = &w, .nwindows = 1, .labels = "tier=gold"};
    fake_opt.rules = &rule_;
    fake_opt.nrules = 1;
    fake->info[0].windows = 1;
    struct event *e = fake_wait(EV_PLAN, ask(1, NULL, 0));
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->op->note, "evict pod shop/p0"));
    assert_non_null(strstr(e->op->note, "ReplicaSet r has it"));
    assert_int_equal(server.patches + evicted(), 0);
    event_free(e);
    rule_.labels = "top=yes";                            /* and what owns that */
    e = fake_wait(EV_PLAN, ask(1, NULL, 0));
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->op->note, "Deployment d has it"));
    event_free(e);
    rule_.labels = "tier=silver";
    event_free(planned(ask(1, NULL, 0)));
    fake_opt.max_objects = 2;                            /* its steps count: the cordon, two pods */
    e = fake_wait(EV_PLAN, ask(1, NULL, 0));
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->op->note, "3 objects at once are more than the 2"));
    event_free(e);
    fake_opt.max_objects = 3;
    event_free(planned(ask(1, NULL, 0)));
    fake_opt.max_objects = -1;
    fake->info[0].windows = 0;
    fake_opt.rules = NULL;
    fake_opt.nrules = 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_up, fake_down)
    const struct CMUnitTest tests[] = {
        T(a_drain_that_was_killed_goes_on), T(a_drain_that_was_killed_is_told_of), T(the_way_back_says_what_stays), T(an_eviction_whose_answer_was_lost_is_looked_at), T(the_way_back_of_a_killed_one), T(a_drain_that_may_not_go_on_says_what_came_of_it), T(what_is_left_has_its_reason),
        T(a_cordon_of_somebody_else_stays), T(a_right_that_is_missing_stops_it_before_the_cordon),
        T(paused_canceled_and_uncordoned), T(failed_and_taken_back_by_itself), T(in_waves), T(what_a_stop_leaves_is_said), T(outside_the_window_of_an_owner_nothing_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
