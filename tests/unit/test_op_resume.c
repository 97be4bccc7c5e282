/* Operations that strata did not see to their end: gone on with, taken back, given up, from the journal alone. */
#include "op_server.h"

static struct event *resume(bool back)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(core_ops_left(fake, &left, &err), 1);
    uint32_t id = core_op_again(fake, left[0].key, back, false);
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
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(core_ops_left(fake, &left, &err), 1);
    struct event *dry = fake_wait(EV_PLAN, core_op_again(fake, left[0].key, false, true));
    op_left_free(left, 1);
    assert_int_equal(dry->op->state, OPS_REFUSED);
    assert_true(dry->op->dry_run);
    assert_non_null(strstr(dry->op->note, "somebody changed it since (then replicas=2, now replicas=1): it is not sent again"));
    event_free(dry);
    struct event *e = resume(false);
    assert_int_equal(e->op->state, OPS_FAILED);
    assert_non_null(strstr(e->op->note, "somebody changed it since (then replicas=2, now replicas=1): not sent again"));
    assert_int_equal(server.sends, 1);
    assert_int_equal(server.replica[0], 1);
    event_free(e);
}

/* What was sent is looked at to its end, though the rest, which was not, can be done no more. */
static void what_was_sent_has_its_end_though_the_rest_cannot_be_done(void **state)
{
    (void)state;
    fresh();
    server.hang = 1;
    struct event *e = fake_wait(EV_PLAN, ask_n(3, "5", false));
    assert_int_equal(e->op->state, OPS_PLANNED);
    core_op_start(fake, e->op->id, NULL);
    event_free(e);
    turns(30);
    assert_int_equal(server.sends, 1);
    fake_kill();
    server.hang = 0;
    server.ready = 5;
    server.gone_from = 1;
    e = resume(false);
    assert_int_equal(e->op->steps[0].state, STEP_DONE);
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(e->op->steps[i].state, STEP_SKIPPED);
        assert_true(*e->op->steps[i].note);
    }
    assert_int_equal(server.sends, 1);
    journal_is_whole(1);
    event_free(e);
}

static bool told(const struct op_view *v, enum fact_level level, const char *words)
{
    for (size_t i = 0; i < v->nfacts; i++)
        if (v->facts[i].level == level && strstr(v->facts[i].text, words))
            return true;
    return false;
}

/* Killed between sending and the answer: the way back asks the server what became of it. */
static void what_takes_back_the_unknown_says_what_the_server_shows(void **state)
{
    static const struct { int replicas; const char *says; enum fact_level level; const char *wanted; } cases[] = {
        {5, "strata ended before it saw the answer; the server shows replicas=5", FACT_CAUTION, ""},
        {2, "the server shows replicas=2: it did not come, or went back already", FACT_INFO, ""},
        {7, "replicas was set to 7 by somebody else since (this operation left 5)", FACT_DANGER, "web"},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct op_left *left = NULL;
        struct err err = ERR_INIT;
        fresh();
        uint32_t id = planned("5");
        core_op_start(fake, id, NULL);
        for (int k = 0; k < 40 && !server.sends; k++)
            net_step(fake->net, 0);
        fake_kill();
        server.replica[0] = server.ready = cases[i].replicas;
        assert_int_equal(core_ops_left(fake, &left, &err), 1);
        id = core_op_again(fake, left[0].key, true, false);
        op_left_free(left, 1);
        struct event *e = fake_wait(EV_PLAN, id);
        assert_int_equal(e->op->state, OPS_PLANNED);
        assert_true(told(e->op, cases[i].level, cases[i].says));
        assert_string_equal(e->op->wanted, cases[i].wanted);
        event_free(e);
        core_op_start(fake, id, cases[i].wanted);
        e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_DONE);
        assert_int_equal(server.replica[0], 2);
        assert_int_equal(server.sends, cases[i].replicas == 2 ? 1 : 2);
        event_free(e);
    }
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
        refused_saying(core_op_again(fake, old, true, false), "rollback", "it was gone on with as ", new);
        refused_saying(core_op_again(fake, old, false, false), "resume", "it was gone on with as ", new);
        id = by_list ? core_op_control(fake, done, OP_UNDO) : core_op_again(fake, new, true, false);
        e = fake_wait(EV_PLAN, id);
        assert_int_equal(e->op->nsteps, 3);              /* also what was done before the kill */
        event_free(e);
        core_op_start(fake, id, NULL);
        e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_DONE);
        refused_saying(core_op_again(fake, new, true, false), "rollback", "it was taken back already, by ", e->op->key);
        event_free(e);
        for (int i = 0; i < 3; i++)
            assert_int_equal(server.replica[i], 2);
        mem_free(old);
    }
}

/* What the server refused was not done: taking back the rest of it lets that one be, whatever it is by now. */
static void what_failed_is_not_taken_back(void **state)
{
    (void)state;
    fresh();
    keep_going = true;
    server.fail_at = 2;
    uint32_t id = ask_n(3, "5", false);
    keep_going = false;
    event_free(fake_wait(EV_PLAN, id));
    core_op_start(fake, id, NULL);
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_FAILED);
    char *key = mem_strdup(e->op->key);
    event_free(e);
    server.replica[1] = 9;                               /* by somebody since */
    id = core_op_again(fake, key, true, false);
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_PLANNED);
    assert_int_equal(e->op->nsteps, 2);
    event_free(e);
    core_op_start(fake, id, NULL);
    event_free(fake_wait(EV_OP_END, id));
    assert_int_equal(server.replica[0], 2);
    assert_int_equal(server.replica[1], 9);
    mem_free(key);
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
    id = core_op_again(fake, key, true, false);                 /* but what was done can be taken back all the same */
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->nsteps, 2);
    event_free(e);
    core_op_drop(fake, id);
    mem_free(key);
}

/* The owner's call does not read: what the journal has when the worker comes to it counts. One that is dropped before is told so, once. */
static void the_journal_is_not_read_by_who_asks(void **state)
{
    char path[160], away[170];
    (void)state;
    fresh();
    uint32_t id = planned("5");
    core_op_start(fake, id, NULL);
    turns(4);
    char *key = key_of(id);
    fake_kill();
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl", fake_state);
    snprintf(away, sizeof(away), "%s.away", path);
    id = core_op_again(fake, key, true, false);
    assert_int_equal(rename(path, away), 0);
    struct event *e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_string_equal(e->op->title, "rollback");
    assert_non_null(strstr(e->op->note, "the journal has no operation "));
    event_free(e);
    assert_int_equal(rename(away, path), 0);
    id = core_op_again(fake, key, false, false);
    core_op_drop(fake, id);
    e = fake_wait(EV_PLAN, id);
    assert_int_equal(e->op->state, OPS_CANCELED);
    event_free(e);
    turns(4);
    struct ops_view *all = core_ops(fake);
    for (size_t i = 0; i < all->n; i++)
        assert_int_not_equal(all->op[i]->id, id);
    ops_view_unref(all);
    mem_free(key);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_up, fake_down)
    const struct CMUnitTest tests[] = {
        T(after_a_crash_it_goes_on), T(what_may_have_been_sent_is_looked_at), T(what_somebody_changed_since_is_not_overwritten),
        T(what_takes_back_the_unknown_says_what_the_server_shows), T(what_was_done_before_a_crash_is_taken_back), T(the_key_after_a_resume_knows_all_of_it),
        T(what_failed_is_not_taken_back), T(given_up_is_written_down_and_not_listed),
        T(the_journal_is_not_read_by_who_asks), T(what_was_sent_has_its_end_though_the_rest_cannot_be_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
