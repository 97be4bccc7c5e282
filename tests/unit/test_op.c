/* Operations on a source that answers by rule: plan, guard, one sending, a lost answer, patience, the seen end, the journal. */
#include "fake_core.h"

#include "core/ops/guard.h"
#include "core/ops/journal.h"
#include "strata/window.h"

static struct {
    int replica[64], ready, reads, sends, reviews, tries;
    int lose, lose_before, busy, conflict, down, forbid, hang, other_uid, fail_at;
    char last[512];
} server;

static void rule(const struct call_req *rq, struct fake_answer *a)
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
    snprintf(a->body, sizeof(a->body),
             "{\"metadata\":{\"uid\":\"%s\",\"generation\":1,\"name\":\"web\"},\"spec\":{\"replicas\":%d},\"status\":{\"observedGeneration\":1,"
             "\"replicas\":%d,\"readyReplicas\":%d}}", server.other_uid ? "u2" : "u1", *replicas, server.ready, server.ready);
}

static struct row row_web(void)
{
    return (struct row){.kind = kind_find("deployments"), .uid = "u1", .name = "web", .scope = "shop", .labels = "tier=gold", .owner = ""};
}

static void fresh(void)
{
    memset(&server, 0, sizeof(server));
    server.ready = 2;
    for (int i = 0; i < 64; i++)
        server.replica[i] = 2;
    fake_rule = rule;
}

static bool keep_going;

static uint32_t ask_n(size_t n, const char *replicas, bool dry)
{
    static struct row r[64];
    static char name[64][8];
    const struct row *rows[64];
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

static uint32_t planned(const char *replicas)
{
    uint32_t id = ask_n(1, replicas, false);
    struct event *e = fake_wait(EV_PLAN, id);
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_PLANNED);
    event_free(e);
    return id;
}

static struct event *run(const char *replicas, const char *typed)
{
    uint32_t id = planned(replicas);
    core_op_start(fake, id, typed);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_non_null(e);
    assert_non_null(e->op);
    return e;
}

/* No request without a line, no line without its outcome. */
static void journal_is_whole(size_t sent)
{
    assert_int_equal(fake_journal("\"event\":\"intent\"") - fake_journal("\"dry_run\":true,\"args\""), sent);
    assert_int_equal(fake_journal("\"event\":\"intent\""), fake_journal("\"event\":\"outcome\""));
    assert_int_equal(fake_journal("\"event\":\"op\""), fake_journal("\"event\":\"op-end\""));
}

static void a_plan_sends_nothing_that_changes(void **state)
{
    (void)state;
    fresh();
    uint32_t id = planned("5");
    assert_int_equal(server.sends, 0);
    assert_int_equal(server.tries, 1);
    assert_int_equal(server.reviews, 1);
    core_op_drop(fake, id);
    journal_is_whole(0);
}

static void done_is_what_was_seen(void **state)
{
    (void)state;
    fresh();
    server.hang = 1;
    uint32_t id = planned("5");
    core_op_start(fake, id, NULL);
    for (int i = 0; i < 100; i++) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
    assert_int_equal(server.sends, 1);
    assert_true(server.reads > 4);
    assert_non_null(strstr(server.last, "\"uid\":\"u1\""));
    server.ready = 5;
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_true(e->op->can_undo);
    event_free(e);
    journal_is_whole(1);
    assert_int_equal(fake_journal("\"undo\":\"scale\",\"undo_args\":\"replicas=2\\n\""), 2);
    id = core_op_control(fake, id, OP_UNDO);            /* and back */
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_PLANNED);
    event_free(e);
    server.hang = 0;
    core_op_start(fake, id, NULL);
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(server.replica[0], 2);
    event_free(e);
}

static void what_does_not_end_is_unsure(void **state)
{
    (void)state;
    fresh();
    server.hang = 1;
    struct event *e = run("5", NULL);
    assert_int_equal(e->op->state, OPS_UNSURE);
    assert_non_null(strstr(e->op->note, "not seen to end"));
    event_free(e);
    journal_is_whole(1);
}

static void a_lost_answer_is_looked_into(void **state)
{
    (void)state;
    fresh();
    server.lose = 1;                                     /* it came, the answer did not */
    struct event *e = run("5", NULL);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(server.sends, 1);
    event_free(e);
    server.lose_before = 1;                              /* it did not come: a scale may be sent again */
    e = run("7", NULL);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(server.sends, 3);
    event_free(e);
    journal_is_whole(3);
}

static enum act_arrived never(const struct act_ctx *c) { (void)c; return ARRIVED_NO; }
static enum act_arrived unknown(const struct act_ctx *c) { (void)c; return ARRIVED_UNKNOWN; }

static void what_could_do_harm_is_never_sent_twice(void **state)
{
    struct action once = *action_find("scale", kind_find("deployments"));
    (void)state;
    once.flags = 0;
    for (int i = 0; i < 2; i++) {
        fresh();
        once.arrived = i ? unknown : never;
        server.lose_before = 1;
        struct op *op = op_new(fake, &once, 1);
        struct op_arg arg = {"replicas", "5"};
        op_set_args(&op->args, &op->nargs, &once, &arg, 1);
        op->at_once = 1;
        struct op_step *st = &op->steps[0];
        st->src = &fake_source;
        st->kind = kind_find("deployments");
        st->scope = mem_strdup("shop"), st->name = mem_strdup("web"), st->uid = mem_strdup("u1"), st->labels = mem_strdup("");
        st->args = op->args, st->nargs = op->nargs;
        op->planned = true;
        op->title = mem_strdup("x");
        op->state = OPS_PLANNED;
        op_name_it(op);
        op->next = fake->ops->list;
        fake->ops->list = op;
        uint32_t id = op->id;
        core_op_start(fake, id, NULL);
        struct event *e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, i ? OPS_UNSURE : OPS_FAILED);
        assert_int_equal(server.sends, 1);
        event_free(e);
        core_op_drop(fake, id);
        net_step(fake->net, 0);
    }
    journal_is_whole(2);
}

static void patience_and_conflicts(void **state)
{
    (void)state;
    fresh();
    server.busy = 2;
    int64_t before = clock_mono_ms();
    struct event *e = run("5", NULL);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(server.sends, 3);
    assert_true(clock_mono_ms() - before >= 6000);       /* it was given the time it asked for */
    event_free(e);
    server.conflict = 1;
    server.reads = 0;
    e = run("6", NULL);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(server.sends, 5);
    event_free(e);
    journal_is_whole(5);
}

static void a_source_that_is_down_is_waited_for(void **state)
{
    (void)state;
    fresh();
    uint32_t id = planned("5");
    server.down = 5;
    core_op_start(fake, id, NULL);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(server.sends, 1);
    event_free(e);
}

static void refused(uint32_t id, enum err_code code)
{
    struct event *e = fake_wait(EV_PLAN, id);
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_int_equal(e->err.code, code);
    event_free(e);
    core_op_start(fake, id, "prod");                     /* a refused plan is no way in */
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_REFUSED);
    event_free(e);
    assert_int_equal(server.sends, 0);
}

static void each_refusal(void **state)
{
    (void)state;
    fresh();
    fake_opt.read_only = true;
    refused(ask_n(1, "5", false), ERR_READONLY);
    refused(ask_n(1, "5", true), ERR_READONLY);
    fake_opt.read_only = false;
    fake->info[0].read_only = true;
    refused(ask_n(1, "5", false), ERR_READONLY);
    fake->info[0].read_only = false;
    assert_int_equal(server.tries, 0);
    server.forbid = 1;
    refused(ask_n(1, "5", false), ERR_FORBIDDEN);
    server.forbid = 0;
    server.other_uid = 1;
    refused(ask_n(1, "5", false), ERR_NOTFOUND);
    server.other_uid = 0;
    refused(ask_n(1, NULL, false), ERR_USAGE);
    refused(ask_n(1, "many", false), ERR_USAGE);
    refused(ask_n(51, "5", false), ERR_FORBIDDEN);
    refused(ask_n(0, "5", false), ERR_USAGE);
    journal_is_whole(0);
}

static void what_changed_since_the_plan_counts(void **state)
{
    (void)state;
    fresh();
    uint32_t id = planned("5");
    server.other_uid = 1;                                /* another object of that name */
    core_op_start(fake, id, NULL);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_FAILED);
    event_free(e);
    server.other_uid = 0;
    id = planned("5");
    fake->info[0].read_only = true;                      /* read-only since */
    core_op_start(fake, id, NULL);
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_REFUSED);
    event_free(e);
    fake->info[0].read_only = false;
    id = planned("5");
    server.replica[0] = server.ready = 5;                  /* somebody else did it */
    core_op_start(fake, id, NULL);
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(e->op->steps[0].state, STEP_ALREADY);
    event_free(e);
    assert_int_equal(server.sends, 0);
    journal_is_whole(0);
}

static void a_protected_source_wants_its_name(void **state)
{
    (void)state;
    fresh();
    fake->info[0].protected_ = true;
    static const char *const wrong[] = {NULL, "", "pro", "prod/web"};
    for (size_t i = 0; i < 4; i++) {
        struct event *e = run("5", wrong[i]);
        assert_int_equal(e->op->state, OPS_REFUSED);
        assert_string_equal(e->op->wanted, "prod");
        event_free(e);
    }
    assert_int_equal(server.sends, 0);
    struct event *e = run("5", "prod");
    assert_int_equal(e->op->state, OPS_DONE);
    event_free(e);
    fake->info[0].protected_ = false;
}

static void what_cannot_be_written_down_is_not_done(void **state)
{
    char path[128];
    (void)state;
    fresh();
    uint32_t id = planned("5");
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl", fake_state);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    core_op_start(fake, id, NULL);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_int_equal(e->err.code, ERR_IO);
    assert_int_equal(server.sends, 0);
    event_free(e);
    assert_int_equal(rmdir(path), 0);
}

static void many(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        fresh();
        server.fail_at = 2;                              /* the second of four; one at a time */
        keep_going = keep;
        uint32_t id = ask_n(4, "5", false);
        keep_going = false;
        event_free(fake_wait(EV_PLAN, id));
        core_op_start(fake, id, NULL);
        struct event *e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_FAILED);
        assert_int_equal(e->op->steps[0].state, STEP_DONE);
        assert_int_equal(e->op->steps[1].state, STEP_FAILED);
        assert_int_equal(e->op->steps[2].state, keep ? STEP_DONE : STEP_SKIPPED);
        assert_int_equal(server.sends, keep ? 4 : 2);
        event_free(e);
    }
    journal_is_whole(6);
}

static void canceled_in_the_middle(void **state)
{
    (void)state;
    fresh();
    uint32_t id = ask_n(3, "5", false);
    event_free(fake_wait(EV_PLAN, id));
    server.hang = 1;
    core_op_start(fake, id, NULL);
    for (int i = 0; i < 30; i++) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
    core_op_control(fake, id, OP_CANCEL);
    for (int i = 0; i < 30; i++) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
    server.ready = 5;                                    /* what was under way is followed */
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_CANCELED);
    assert_int_equal(e->op->steps[0].state, STEP_DONE);
    assert_int_equal(e->op->steps[1].state, STEP_CANCELED);
    assert_int_equal(server.sends, 1);
    event_free(e);
    journal_is_whole(1);
}

static void paused_sends_nothing(void **state)
{
    (void)state;
    fresh();
    uint32_t id = planned("5");
    core_op_start(fake, id, NULL);
    core_op_control(fake, id, OP_PAUSE);
    for (int i = 0; i < 50; i++) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
    assert_int_equal(server.sends, 0);
    core_op_control(fake, id, OP_RESUME);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_DONE);
    event_free(e);
}

static struct event *resume(bool back)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(core_ops_left(fake, &left, &err), 1);
    uint32_t id = core_op_again(fake, left[0].key, back);
    op_left_free(left, 1);
    struct event *e = fake_wait(EV_PLAN, id);
    assert_non_null(e);
    if (e->op->state == OPS_REFUSED)
        return e;
    event_free(e);
    core_op_start(fake, id, NULL);
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(core_ops_left(fake, &left, &err), 0);
    op_left_free(left, 0);
    return e;
}

static void turns(int n)
{
    for (int i = 0; i < n; i++) {
        net_step(fake->net, 0);
        clock_advance(100);
    }
}

static void after_a_crash_it_goes_on(void **state)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    (void)state;
    for (int came = 0; came < 2; came++) {
        fresh();
        server.hang = 1;
        uint32_t id = planned(came ? "5" : "6");
        core_op_start(fake, id, NULL);
        turns(30);
        assert_int_equal(server.sends, 1);
        assert_int_equal(core_ops_left(fake, &left, &err), 0);      /* not while it is there */
        op_left_free(left, 0);
        fake_kill();
        if (!came)
            server.replica[0] = 2;                       /* it never arrived there, whatever was answered */
        server.hang = 0;
        server.ready = came ? 5 : 6;
        if (!came)
            server.replica[0] = 6;
        struct event *e = resume(false);
        assert_int_equal(e->op->state, OPS_DONE);
        assert_int_equal(server.sends, 1);               /* answered with yes: it is followed, not sent again */
        event_free(e);
    }
}

static void what_may_have_been_sent_is_looked_at(void **state)
{
    (void)state;
    for (int came = 0; came < 2; came++) {
        fresh();
        uint32_t id = planned("5");
        core_op_start(fake, id, NULL);
        for (int i = 0; i < 40 && !server.sends; i++)
            net_step(fake->net, 0);
        assert_int_equal(server.sends, 1);               /* and its answer is on its way */
        if (!came)
            server.replica[0] = server.ready = 2;
        fake_kill();
        struct event *e = resume(false);
        assert_int_equal(e->op->state, OPS_DONE);
        assert_int_equal(server.sends, came ? 1 : 2);
        assert_int_equal(server.replica[0], 5);
        event_free(e);
    }
}

static void what_somebody_changed_since_is_not_overwritten(void **state)
{
    (void)state;
    fresh();
    uint32_t id = planned("5");
    core_op_start(fake, id, NULL);
    for (int i = 0; i < 40 && !server.sends; i++)
        net_step(fake->net, 0);
    fake_kill();
    server.replica[0] = server.ready = 1;                /* neither as it was nor as it was asked for */
    struct event *e = resume(false);
    assert_int_equal(e->op->state, OPS_FAILED);
    assert_non_null(strstr(e->op->note, "somebody changed it since (then replicas=2, now replicas=1): not sent again"));
    assert_int_equal(server.sends, 1);
    assert_int_equal(server.replica[0], 1);
    event_free(e);
}

static void what_was_done_before_a_crash_is_taken_back(void **state)
{
    (void)state;
    fresh();
    uint32_t id = ask_n(3, "5", false);
    event_free(fake_wait(EV_PLAN, id));
    core_op_start(fake, id, NULL);
    for (int i = 0; i < 4000 && server.sends < 2; i++)
        turns(1);
    assert_int_equal(server.replica[0], 5);
    fake_kill();
    struct event *e = resume(true);
    assert_int_equal(e->op->state, OPS_DONE);
    assert_int_equal(e->op->nsteps, 2);                  /* also the one that was under way */
    assert_int_equal(server.replica[0], 2);
    assert_int_equal(server.replica[1], 2);
    event_free(e);
    journal_is_whole((size_t)server.sends);
}

static char *key_of(uint32_t id)
{
    struct ops_view *all = core_ops(fake);
    char *key = NULL;
    for (size_t i = 0; i < all->n; i++)
        if (all->op[i]->id == id)
            key = mem_strdup(all->op[i]->key);
    ops_view_unref(all);
    assert_non_null(key);
    return key;
}

static void refused_saying(uint32_t id, const char *title, const char *a, const char *b)
{
    struct event *e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_int_equal(e->op->err.code, ERR_FORBIDDEN);
    assert_string_equal(e->op->title, title);
    assert_non_null(strstr(e->op->note, a));
    assert_non_null(strstr(e->op->note, b));
    event_free(e);
}

/* Gone on with under a key of its own, which then takes back what both runs did, from the journal and from the list alike. */
static void the_key_after_a_resume_knows_all_of_it(void **state)
{
    (void)state;
    for (int by_list = 0; by_list < 2; by_list++) {
        fresh();
        uint32_t id = ask_n(3, "5", false);
        event_free(fake_wait(EV_PLAN, id));
        core_op_start(fake, id, NULL);
        for (int i = 0; i < 4000 && server.sends < 2; i++)
            turns(1);
        char *old = key_of(id), new[64];
        fake_kill();
        struct event *e = resume(false);
        assert_int_equal(e->op->state, OPS_DONE);
        assert_int_equal(e->op->nsteps, 2);
        snprintf(new, sizeof(new), "%s", e->op->key);
        bool said = false;
        for (size_t i = 0; i < e->op->nfacts; i++)
            said |= strstr(e->op->facts[i].text, new) && strstr(e->op->facts[i].text, old);
        assert_true(said);
        uint32_t done = e->id;
        event_free(e);
        refused_saying(core_op_again(fake, old, true), "rollback", "it was gone on with as ", new);
        refused_saying(core_op_again(fake, old, false), "resume", "it was gone on with as ", new);
        id = by_list ? core_op_control(fake, done, OP_UNDO) : core_op_again(fake, new, true);
        e = fake_wait(EV_PLAN, id);
        assert_int_equal(e->op->nsteps, 3);              /* also what was done before the kill */
        event_free(e);
        core_op_start(fake, id, NULL);
        e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_DONE);
        refused_saying(core_op_again(fake, new, true), "rollback", "it was taken back already, by ", e->op->key);
        event_free(e);
        for (int i = 0; i < 3; i++)
            assert_int_equal(server.replica[i], 2);
        mem_free(old);
    }
}

static void given_up_is_written_down_and_not_listed(void **state)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    (void)state;
    fresh();
    uint32_t id = ask_n(3, "5", false);
    event_free(fake_wait(EV_PLAN, id));
    core_op_start(fake, id, NULL);
    for (int i = 0; i < 4000 && server.sends < 2; i++)
        turns(1);
    char *key = key_of(id);
    server.ready = 2;                                    /* the second is not seen to end */
    core_op_give_up(fake, 7, key);                       /* it runs */
    struct event *e = fake_wait(EV_LEFT, 7);
    assert_int_equal(e->err.code, ERR_FORBIDDEN);
    event_free(e);
    fake_kill();
    int sends = server.sends;
    core_op_give_up(fake, 8, key);
    e = fake_wait(EV_LEFT, 8);
    assert_int_equal(e->err.code, ERR_OK);
    assert_int_equal(e->nleft, 0);
    event_free(e);
    assert_int_equal(fake_journal("given up: 1 done, 1 sent, how it ended was not seen (web1), 1 never begun; all is left as it is"), 1);
    assert_int_equal(core_ops_left(fake, &left, &err), 0);
    op_left_free(left, 0);
    core_op_give_up(fake, 9, key);                       /* once */
    e = fake_wait(EV_LEFT, 9);
    assert_int_equal(e->err.code, ERR_USAGE);
    event_free(e);
    assert_int_equal(server.sends, sends);
    journal_is_whole((size_t)sends);
    id = core_op_again(fake, key, true);                 /* but what was done can be taken back all the same */
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->nsteps, 2);
    event_free(e);
    core_op_drop(fake, id);
    mem_free(key);
}

static void one_operation_at_a_time_on_an_object(void **state)
{
    (void)state;
    fresh();
    server.hang = 1;
    uint32_t first = planned("5"), late = planned("6");
    core_op_start(fake, first, NULL);
    turns(30);
    core_op_start(fake, late, NULL);                     /* planned before the first began */
    struct event *e = fake_wait(EV_OP_END, late);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->op->note, "deployment web is at work already: scale deployment shop/web on prod, begun by "));
    assert_non_null(strstr(e->op->note, "2027-01-15T08:00:00Z in this strata; wait"));
    event_free(e);
    uint32_t id = ask_n(1, "7", false);
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_REFUSED);
    event_free(e);
    id = ask_n(1, "7", true);                            /* a dry run changes nothing */
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_PLANNED);
    event_free(e);
    assert_int_equal(server.sends, 1);
    server.ready = 5;
    event_free(fake_wait(EV_OP_END, first));
    server.hang = 0;
    e = run("7", NULL);                                  /* it is over: the way is free */
    assert_int_equal(e->op->state, OPS_DONE);
    event_free(e);
    char path[200];
    snprintf(path, sizeof(path), "%s/strata/running", fake_state);
    assert_int_equal(rmdir(path), -1);                   /* its lock is all that is left */
    snprintf(path, sizeof(path), "%s/strata/running/.lock", fake_state);
    assert_int_equal(unlink(path), 0);
    *strrchr(path, '/') = 0;
    assert_int_equal(rmdir(path), 0);
}

static void the_journal_turns_over(void **state)
{
    char path[160];
    struct str out;
    struct err err = ERR_INIT;
    struct stat st;
    (void)state;
    setenv("STRATA_AUDIT_MAX", "4000", 1);
    audit_close(fake->audit);
    fake->audit = audit_open();
    unsetenv("STRATA_AUDIT_MAX");
    for (int i = 0; i < 6; i++) {
        fresh();
        event_free(run("5", NULL));
    }
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl.1", fake_state);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    str_init(&out, 0);
    assert_int_equal(audit_text(&out, 0, true, &err), ERR_OK);
    size_t n = 0;
    for (const char *p = out.data; (p = strstr(p, "\"event\":\"op-end\"")); p++)
        n++;
    assert_int_equal(n, 6);                              /* none was lost on the way */
    str_clear(&out);
    assert_int_equal(audit_text(&out, clock_wall_ms() + 1000, false, &err), ERR_OK);
    assert_int_equal(out.len, 0);
    str_release(&out);
}

/* The clock of the tests begins on Friday, 2027-01-15, at 08:00. */
static void outside_its_window_nothing_is_changed(void **state)
{
    struct window w;
    const char *why;
    struct err err = ERR_INIT;
    (void)state;
    fresh();
    assert_true(window_parse(&w, "fri 08:00-09:00", clock_wall_ms(), &why));
    struct source_rule rules[2] = {{.match = "none", .read_only = true}, {.match = "*", .windows = &w, .nwindows = 1}};
    fake_opt.rules = rules;
    fake_opt.nrules = 2;
    fake->info[0].windows = 1;
    struct event *e = run("5", NULL);
    assert_int_equal(e->op->state, OPS_DONE);
    bool said = false;
    for (size_t i = 0; i < e->op->nfacts; i++)
        said |= strstr(e->op->facts[i].text, "window is open for another") != NULL;
    assert_true(said);
    uint32_t done = e->id, id = planned("7");
    event_free(e);
    clock_advance(3600000);
    server.sends = 0;
    core_op_start(fake, id, NULL);                       /* planned while it was open */
    e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_FAILED);
    assert_non_null(strstr(e->op->note, "outside its maintenance window"));
    event_free(e);
    refused(ask_n(1, "7", false), ERR_FORBIDDEN);
    refused(core_op_control(fake, done, OP_UNDO), ERR_FORBIDDEN);
    id = ask_n(1, "7", true);                            /* a dry run changes nothing */
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_PLANNED);
    event_free(e);
    struct row r = row_web();                            /* a way into a pod: the same windows */
    r.kind = kind_find("pods");
    struct action_request a = {.verb = "exec", .row = &r};
    assert_int_equal(guard_check(&fake->info[0], &fake_opt, &a, &err), ERR_FORBIDDEN);
    rules[1].labels = "tier=silver";                     /* of others only: these may be changed */
    assert_int_equal(guard_check(&fake->info[0], &fake_opt, &a, &err), ERR_OK);
    r.labels = "tier=silver";
    assert_int_equal(guard_check(&fake->info[0], &fake_opt, &a, &err), ERR_FORBIDDEN);
    r.labels = NULL;                                     /* not known: as if it were one of them */
    assert_int_equal(guard_check(&fake->info[0], &fake_opt, &a, &err), ERR_FORBIDDEN);
    assert_int_equal(server.sends, 0);
    e = run("7", NULL);                                  /* as it was read it has no such label */
    assert_int_equal(e->op->state, OPS_DONE);
    event_free(e);
    fake_opt.rules = NULL;
    fake_opt.nrules = 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_up, fake_down)
    const struct CMUnitTest tests[] = {
        T(a_plan_sends_nothing_that_changes), T(done_is_what_was_seen), T(what_does_not_end_is_unsure), T(a_lost_answer_is_looked_into),
        T(what_could_do_harm_is_never_sent_twice), T(patience_and_conflicts), T(a_source_that_is_down_is_waited_for), T(each_refusal),
        T(what_changed_since_the_plan_counts), T(a_protected_source_wants_its_name), T(what_cannot_be_written_down_is_not_done), T(many),
        T(canceled_in_the_middle), T(paused_sends_nothing), T(after_a_crash_it_goes_on), T(what_may_have_been_sent_is_looked_at),
        T(what_somebody_changed_since_is_not_overwritten),
        T(what_was_done_before_a_crash_is_taken_back), T(the_key_after_a_resume_knows_all_of_it),
        T(given_up_is_written_down_and_not_listed), T(one_operation_at_a_time_on_an_object), T(the_journal_turns_over), T(outside_its_window_nothing_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
