/* What somebody changed since an operation is not overwritten by its way back without being told so, and the name typed. */
#include "op_server.h"

static const char said[] = "replicas was set to 7 by somebody else since (this operation left 5)";

static char *scaled(uint32_t *id)
{
    fresh();
    struct event *e = run("5", NULL);
    assert_int_equal(e->op->state, OPS_DONE);
    char *key = mem_strdup(e->op->key);
    *id = e->id;
    event_free(e);
    return key;
}

static bool told(const struct op_view *v, const char *words)
{
    for (size_t i = 0; i < v->nfacts; i++)
        if (v->facts[i].level == FACT_DANGER && !strcmp(v->facts[i].text, words))
            return true;
    return false;
}

/* From the list of this run, and from the journal in the next one. */
static uint32_t back_of(int by_journal, uint32_t id, const char *key)
{
    if (!by_journal)
        return core_op_control(fake, id, OP_UNDO);
    fake_kill();
    return core_op_again(fake, key, true, false);
}

static void what_somebody_set_since_is_named_and_its_name_typed(void **state)
{
    (void)state;
    for (int by_journal = 0; by_journal < 2; by_journal++) {
        uint32_t id;
        char *key = scaled(&id);
        server.replica[0] = server.ready = 7;
        id = back_of(by_journal, id, key);
        struct event *e = fake_wait(EV_PLAN, id);
        assert_int_equal(e->op->state, OPS_PLANNED);
        assert_true(told(e->op, said));
        assert_string_equal(e->op->wanted, "web");
        event_free(e);
        core_op_start(fake, id, NULL);
        e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_REFUSED);
        assert_int_equal(server.replica[0], 7);
        event_free(e);
        id = core_op_again(fake, key, true, false);
        event_free(fake_wait(EV_PLAN, id));
        core_op_start(fake, id, "web");
        e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_DONE);
        assert_int_equal(server.replica[0], 2);
        event_free(e);
        mem_free(key);
    }
}

static void what_is_as_it_was_left_needs_no_name(void **state)
{
    (void)state;
    for (int by_journal = 0; by_journal < 2; by_journal++) {
        uint32_t id;
        char *key = scaled(&id);
        id = back_of(by_journal, id, key);
        struct event *e = fake_wait(EV_PLAN, id);
        assert_string_equal(e->op->wanted, "");
        event_free(e);
        core_op_start(fake, id, NULL);
        e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_DONE);
        assert_int_equal(server.replica[0], 2);
        event_free(e);
        mem_free(key);
    }
}

/* Between plan and start, whether something was told and confirmed, or nothing. */
static void what_was_set_after_the_plan_stays(void **state)
{
    (void)state;
    for (int confirmed = 0; confirmed < 2; confirmed++) {
        uint32_t id;
        char *key = scaled(&id);
        if (confirmed)
            server.replica[0] = server.ready = 7;
        id = back_of(0, id, key);
        event_free(fake_wait(EV_PLAN, id));
        server.replica[0] = server.ready = 8;
        int sends = server.sends;
        core_op_start(fake, id, confirmed ? "web" : NULL);
        struct event *e = fake_wait(EV_OP_END, id);
        assert_int_equal(e->op->state, OPS_FAILED);
        assert_non_null(strstr(e->op->note, confirmed ? "not done: replicas was set to 8 by somebody else since (when it was planned it was 7); plan it again"
                                                  : "not done: replicas was set to 8 by somebody else since (when it was planned it was 5); plan it again"));
        assert_int_equal(server.sends, sends);
        assert_int_equal(server.replica[0], 8);
        event_free(e);
        mem_free(key);
    }
}

/* Its end was not seen, as somebody else's came before: what is there now is theirs, although nothing changed after that. */
static void what_took_over_before_the_end_is_somebody_elses(void **state)
{
    (void)state;
    fresh();
    server.hang = 1;
    uint32_t id = planned("5");
    core_op_start(fake, id, NULL);
    turns(10);
    assert_int_equal(server.sends, 1);
    server.replica[0] = 7;
    struct event *e = fake_wait(EV_OP_END, id);
    assert_int_equal(e->op->state, OPS_FAILED);
    event_free(e);
    server.hang = 0;
    id = back_of(0, id, NULL);
    e = fake_wait(EV_PLAN, id);
    assert_string_equal(e->op->wanted, "web");
    event_free(e);
    core_op_drop(fake, id);
}

/* There and back again is as it was left, but not by whom. */
static void who_set_it_away_and_back_is_named(void **state)
{
    static const char words[] = "replicas is as this operation left it, but kubectl wrote it since (2026-01-02T03:04:05Z)";
    (void)state;
    for (int by_journal = 0; by_journal < 2; by_journal++)
        for (int others = 0; others < 2; others++) {
            fresh();
            server.writer = "strata";
            struct event *e = run("5", NULL);
            char *key = mem_strdup(e->op->key);
            uint32_t id = e->id;
            event_free(e);
            server.writer = others ? "kubectl" : "strata";
            id = back_of(by_journal, id, key);
            e = fake_wait(EV_PLAN, id);
            bool said_so = false;
            for (size_t i = 0; i < e->op->nfacts; i++)
                said_so |= e->op->facts[i].level == FACT_CAUTION && !strcmp(e->op->facts[i].text, words);
            assert_int_equal(said_so, others);
            assert_string_equal(e->op->wanted, "");
            event_free(e);
            core_op_start(fake, id, NULL);
            e = fake_wait(EV_OP_END, id);
            assert_int_equal(e->op->state, OPS_DONE);
            event_free(e);
            mem_free(key);
        }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_up, fake_down)
    const struct CMUnitTest tests[] = {
        T(what_somebody_set_since_is_named_and_its_name_typed), T(what_is_as_it_was_left_needs_no_name), T(what_was_set_after_the_plan_stays),
        T(what_took_over_before_the_end_is_somebody_elses), T(who_set_it_away_and_back_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
