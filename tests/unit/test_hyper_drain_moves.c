/* The drain of a hypervisor: moves that are busy, stuck, of others, aborted. */
#include "hyper_drain_world.h"

#define GOING "{'id':4,'instance_uuid':'a-id','status':'running','migration_type':'live-migration','source_compute':'c1','dest_compute':'c2','created_at':'2001-09-09T01:30:00.000000'}"

static void a_busy_one_is_waited_for(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("b")));
    begin(&w);
    w_side(&w, HYPER_SERVERS, LIST(BUSY("a", "rebooting") "," UP("b")));
    w_turn(&w);
    assert_int_equal(w.kid[1].state, STEP_WAITING);
    assert_string_equal(w.notes[1], "it is busy (rebooting): that is waited for");
    assert_non_null(strstr(w.why.data, ", busy with what this drain did not begin, and waited for (--abort-after, or abort-migration, ends a move): a"));
    w_ended(&w, 2, STEP_FAILED, "not done: Cannot 'os-migrateLive' instance while it is in task_state rebooting");
    w.kid[2].status = 409;                                             /* it began to reboot between two looks */
    w_side(&w, HYPER_SERVERS, LIST(DOWN("a") "," BUSY("b", "rebooting")));
    w_turn(&w);
    assert_int_equal(w.kid[2].state, STEP_WAITING);
    assert_int_equal(w.kid[1].state, STEP_SKIPPED);                    /* it was shut off: another way to go */
    assert_string_equal(w.kid[3].action, "migrate");
    w_side(&w, HYPER_SERVERS, LIST(V("a", "ERROR", "error", "null") "," UP("b")));
    w_turn(&w);
    assert_int_equal(w.kid[2].state, STEP_WATCHING);
    assert_int_equal(w.kid[3].state, STEP_SKIPPED);
    assert_non_null(strstr(w.why.data, ", not to be moved: a"));
    w_end(&w);
}

/* What somebody else began is named with its time, and ended as its own would be; then the server has its turn. */
static void a_move_of_another_is_aborted_too(void **state)
{
    struct world w;
    (void)state;
    for (int option = 0; option < 2; option++) {
        world(&w, LIST(V("a", "MIGRATING", "active", "'migrating'")));
        w_side(&w, HYPER_MIGRATIONS, MOVES(GOING));
        if (option)
            w_with(&w, "abort-after", "60");
        begin(&w);
        w_turn(&w);
        assert_string_equal(w.notes[1], option ? "it is on its way since 2001-09-09T01:30:00Z already (running), not begun by this drain: that is waited for, and aborted when it takes 60 s more"
                                               : "it is on its way since 2001-09-09T01:30:00Z already (running), not begun by this drain: that is waited for as long as it takes (--abort-after ends it, or abort-migration)");
        w.d.mono_ms += 59999;
        w_turn(&w);
        assert_int_equal(w.d.nkids, 2);
        w.d.mono_ms += 1;
        w_turn(&w);
        assert_int_equal(w.d.nkids, option ? 3 : 2);
        w_turn(&w);
        assert_int_equal(w.d.nkids, option ? 3 : 2);                   /* once */
        if (!option) {
            w_end(&w);
            continue;
        }
        assert_string_equal(w.kid[2].action, "abort-migration");
        w_ended(&w, 2, STEP_DONE, "");
        w.d.mono_ms += 1000;
        w_side(&w, HYPER_SERVERS, LIST(UP("a")));
        w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "cancelled", "live-migration")));
        w_turn(&w);
        assert_int_equal(w.kid[1].state, STEP_WATCHING);
        w_side(&w, HYPER_MIGRATIONS, MOVES(M("5", "a", "running", "live-migration")));
        w_turn(&w);
        w.d.mono_ms += 59000;
        w_turn(&w);
        assert_int_equal(w.d.nkids, 3);                                /* its own move has its own time, */
        w.d.mono_ms += 1000;
        w_turn(&w);
        assert_int_equal(w.d.nkids, 4);
        assert_string_equal(w.kid[3].action, "abort-migration");       /* and its own end */
        w_end(&w);
    }
}

static void one_that_does_not_end(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a")));
    w_with(&w, "abort-after", "60");
    w_with(&w, "force-after", "30");
    w_with(&w, "attempts", "3");
    begin(&w);
    w_turn(&w);
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "queued", "live-migration") "," M("5", "z", "running", "live-migration")));
    w.d.mono_ms += 500000;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 2);                                    /* behind another in the queue of its host: it does not move yet */
    assert_non_null(strstr(w.why.data, "in Nova's queue (--abort-after counts it there, abort-migration takes it out): a"));
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "running", "live-migration")));
    w_turn(&w);
    w.d.mono_ms += 29999;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 2);
    w.d.mono_ms += 1;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 3);
    assert_string_equal(w.kid[2].action, "force-complete");
    w_ended(&w, 2, STEP_FAILED, "it cannot");
    w_turn(&w);
    assert_int_equal(w.d.nkids, 3);
    w.d.mono_ms += 30000;
    w_turn(&w);
    assert_string_equal(w.kid[3].action, "abort-migration");
    w_ended(&w, 3, STEP_DONE, "aborted");
    w_ended(&w, 1, STEP_FAILED, "it was aborted");
    assert_int_equal(w_turn(&w), SEEN_FAILED);                         /* not tried again, whatever attempts says */
    assert_string_equal(w.why.data, "0 servers are gone, 1 still here: a; the compute service stays disabled");
    w_end(&w);
}

static void a_move_begun_anew_gets_an_abort_of_its_own(void **state)
{
    struct op_kid_new old = {.action = "abort-migration", .kind = "server", .scope = "", .name = "a"};
    struct world w;
    (void)state;
    world(&w, LIST(UP("a")));
    w_with(&w, "abort-after", "60");
    begin(&w);
    w_turn(&w);
    old.uid = w.kid[1].uid;
    assert_true(w.d.ops->add(&w.d, &old));
    w.kid[2].state = STEP_DONE;                                        /* of the run before */
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "running", "live-migration")));
    w_turn(&w);
    assert_int_equal(w.kid[2].state, STEP_DONE);
    w.d.mono_ms += 60000;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 3);
    assert_int_equal(w.kid[2].state, STEP_WATCHING);
    w_turn(&w);
    assert_int_equal(w.d.nkids, 3);                                    /* once */
    w_end(&w);
}

/* An abort of the move before is none of the one that was begun since. */
static void a_second_move_gets_an_abort_of_its_own(void **state)
{
    struct op_kid_new more = {.action = "abort-migration", .kind = "server", .scope = "", .name = "a"};
    struct world w;
    (void)state;
    world(&w, LIST(UP("a")));
    w_with(&w, "abort-after", "60");
    begin(&w);
    w_turn(&w);
    more.uid = w.kid[1].uid;
    assert_true(w.d.ops->add(&w.d, &more));
    w.d.ops->start(&w.d, 2);
    w_ended(&w, 2, STEP_DONE, "");
    w_ended(&w, 1, STEP_FAILED, "it was aborted");
    more.action = "live-migrate";
    assert_true(w.d.ops->add(&w.d, &more));
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "running", "live-migration")));
    w_turn(&w);
    assert_int_equal(w.kid[3].state, STEP_WATCHING);
    w_turn(&w);
    w.d.mono_ms += 60000;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 5);
    assert_string_equal(w.kid[4].action, "abort-migration");
    assert_int_equal(w.kid[4].state, STEP_WATCHING);
    w_end(&w);
}

/* The queue of a host from which nothing is moved ends by nothing but an abort. */
static void one_that_stays_queued(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a")));
    w_with(&w, "abort-after", "60");
    begin(&w);
    w_turn(&w);
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "queued", "live-migration")));
    w.d.mono_ms += 59999;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 2);
    w.d.mono_ms += 1;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 3);
    assert_string_equal(w.kid[2].action, "abort-migration");
    w_end(&w);
}

/* One that does not heed its abort holds up nobody: who is queued behind it is counted from that abort on. */
static void one_that_is_stuck_holds_up_nobody(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("b")));
    w_with(&w, "abort-after", "60");
    begin(&w);
    w_turn(&w);
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "running", "live-migration") "," M("5", "b", "queued", "live-migration")));
    w_turn(&w);
    w.d.mono_ms += 60000;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 4);                                    /* the one that moves alone: the other waits rightly */
    assert_string_equal(w.kid[3].action, "abort-migration");
    assert_string_equal(w.kid[3].name, "a");
    w.d.mono_ms += 59999;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 4);
    w.d.mono_ms += 1;
    w_turn(&w);
    assert_int_equal(w.d.nkids, 5);
    assert_string_equal(w.kid[4].action, "abort-migration");
    assert_string_equal(w.kid[4].name, "b");
    w_end(&w);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_one_is_waited_for),
        cmocka_unit_test(a_move_of_another_is_aborted_too),
        cmocka_unit_test(one_that_does_not_end),
        cmocka_unit_test(a_move_begun_anew_gets_an_abort_of_its_own),
        cmocka_unit_test(a_second_move_gets_an_abort_of_its_own),
        cmocka_unit_test(one_that_stays_queued),
        cmocka_unit_test(one_that_is_stuck_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
