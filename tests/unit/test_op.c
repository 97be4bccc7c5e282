/* Operations on a source that answers by rule: plan, guard, one sending, a lost answer, patience, the seen end, the journal. */
#include <poll.h>
#include <pthread.h>

#include "op_server.h"

#include "core/ops/guard.h"
#include "core/ops/journal.h"
#include "strata/window.h"

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

/* An operation by a row of the test's own, planned; it is started. */
static struct event *run_own(const struct action *row, uint32_t *id)
{
    struct op *op = op_new(fake, row, 1);
    struct op_arg arg = {"replicas", "5"};
    op_set_args(&op->args, &op->nargs, row, &arg, 1);
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
    *id = op->id;
    core_op_start(fake, *id, NULL);
    return fake_wait(EV_OP_END, *id);
}

static void what_could_do_harm_is_never_sent_twice(void **state)
{
    struct action once = *action_find("scale", kind_find("deployments"));
    uint32_t id;
    (void)state;
    once.flags = 0;
    for (int i = 0; i < 2; i++) {
        fresh();
        once.arrived = i ? unknown : never;
        server.lose_before = 1;
        struct event *e = run_own(&once, &id);
        assert_int_equal(e->op->state, i ? OPS_UNSURE : OPS_FAILED);
        assert_int_equal(server.sends, 1);
        event_free(e);
        core_op_drop(fake, id);
        net_step(fake->net, 0);
    }
    journal_is_whole(2);
}

static enum act_verdict dangerous(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    act_danger(f, false);
    return action_find("scale", c->kind)->build(c, rq, f);
}

/* Nobody typed its name, as there was no need to when it was planned. */
static void what_became_dangerous_since_the_plan_is_not_sent(void **state)
{
    struct action row = *action_find("scale", kind_find("deployments"));
    uint32_t id;
    (void)state;
    fresh();
    row.build = dangerous;
    struct event *e = run_own(&row, &id);
    assert_int_equal(e->op->state, OPS_FAILED);
    assert_non_null(strstr(e->op->note, "it has changed since it was planned, and its name must be typed now"));
    assert_int_equal(server.sends, 0);
    event_free(e);
    core_op_drop(fake, id);
    net_step(fake->net, 0);
    journal_is_whole(0);
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

/* A server that says nothing: told after a while, with what is left; and forgotten when it answers. */
static void an_answer_that_is_late_is_told(void **state)
{
    size_t told = 0;
    bool last = false;
    (void)state;
    fresh();
    uint32_t id = planned("5");
    server.late_ms = 22000;
    core_op_start(fake, id, NULL);
    for (int i = 0; i < 300 && !last; i++) {
        struct event *e;
        net_step(fake->net, 0);
        clock_advance(100);
        while ((e = core_next_event(fake))) {
            const char *note = e->op && e->op->nsteps ? e->op->steps[0].note : "";
            bool late = !strncmp(note, "no answer from prod for ", 24);
            told += late;
            assert_true(!late || (e->op->steps[0].state == STEP_SENDING && strstr(note, " s, waiting at most ") != NULL));
            if (late && strstr(note, "for 10 s"))
                assert_string_equal(note, "no answer from prod for 10 s, waiting at most 20 s more");
            last |= e->type == EV_OP_END && e->op->state == OPS_DONE && !late;
            event_free(e);
        }
    }
    assert_true(last);
    assert_in_range(told, 2, 5);
    assert_int_equal(server.sends, 1);
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
    refused(ask_n(MANY, "5", false), ERR_FORBIDDEN);
    fake_opt.max_objects = 2;
    refused(ask_n(3, "5", false), ERR_FORBIDDEN);
    fake_opt.max_objects = -1;
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
    turns(30);
    core_op_control(fake, id, OP_CANCEL);
    turns(30);
    server.ready = 5;                                    /* what was under way is followed */
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_CANCELED);
    assert_int_equal(e->op->steps[0].state, STEP_DONE);
    assert_int_equal(e->op->steps[1].state, STEP_CANCELED);
    assert_int_equal(server.sends, 1);
    event_free(e);
    journal_is_whole(1);
}

/* Its end would be what nobody wants any more: it is not waited for, though there may be news of it every moment. */
static void canceled_to_be_taken_back(void **state)
{
    (void)state;
    fresh();
    uint32_t id = ask_n(3, "5", false);
    event_free(fake_wait(EV_PLAN, id));
    server.hang = 1;
    core_op_start(fake, id, NULL);
    turns(30);
    core_op_control(fake, id, OP_CANCEL_UNDO);
    turns(12);
    struct ops_view *all = core_ops(fake);
    const struct op_view *o = NULL;
    for (size_t i = 0; i < all->n; i++)
        if (all->op[i]->id == id)
            o = all->op[i];
    assert_non_null(o);
    assert_int_equal(o->state, OPS_UNSURE);
    assert_int_equal(o->steps[0].state, STEP_UNSURE);
    assert_int_equal(o->steps[1].state, STEP_CANCELED);
    assert_non_null(strstr(o->steps[0].note, "to be taken back"));
    uint32_t back = o->undone_by;
    assert_int_not_equal(back, 0);
    ops_view_unref(all);
    server.ready = 3;
    struct event *e = fake_wait(EV_OP_END, back);
    assert_int_equal(e->op->nsteps, 1);
    event_free(e);
}

static void *publishes(void *core)
{
    ops_publish(core);
    return NULL;
}

/* Who hears that something moved looks into the list at once: while the list cannot be changed yet, nothing is told of it. */
static void the_list_is_there_before_the_news(void **state)
{
    (void)state;
    fresh();
    uint32_t id = ask_n(1, "5", false);
    event_free(fake_wait(EV_PLAN, id));
    for (struct event *e; (e = core_next_event(fake));)
        event_free(e);
    struct pollfd told = {.fd = core_event_fd(fake), .events = POLLIN};
    while (poll(&told, 1, 0) > 0)
        event_free(core_next_event(fake));
    pthread_t other;
    op_changed(op_find(fake, id));
    pthread_mutex_lock(&fake->lock);
    assert_int_equal(pthread_create(&other, NULL, publishes, fake), 0);
    int early = poll(&told, 1, 50);
    pthread_mutex_unlock(&fake->lock);
    pthread_join(other, NULL);
    assert_int_equal(early, 0);
    struct event *e = core_next_event(fake);
    assert_non_null(e);
    assert_int_equal(e->type, EV_OPS);
    struct ops_view *all = core_ops(fake);
    assert_ptr_equal(all->op[0], e->op);
    ops_view_unref(all);
    event_free(e);
    core_op_drop(fake, id);                              /* whoever shows the list is told that it is gone from it */
    turns(2);
    bool gone = false;
    while ((e = core_next_event(fake))) {
        gone |= e->type == EV_OPS && !e->id && !e->op;
        event_free(e);
    }
    assert_true(gone);
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
        T(what_could_do_harm_is_never_sent_twice), T(what_became_dangerous_since_the_plan_is_not_sent),
        T(patience_and_conflicts), T(a_source_that_is_down_is_waited_for), T(each_refusal),
        T(what_changed_since_the_plan_counts), T(a_protected_source_wants_its_name), T(what_cannot_be_written_down_is_not_done), T(many),
        T(canceled_in_the_middle), T(canceled_to_be_taken_back), T(the_list_is_there_before_the_news), T(paused_sends_nothing), T(one_operation_at_a_time_on_an_object), T(the_journal_turns_over),
        T(an_answer_that_is_late_is_told), T(outside_its_window_nothing_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
