/* The drain of a hypervisor: who moves how, what is waited for, what is told apart, and when it is really over. */
#include "hyper_drain_world.h"

static void what_becomes_of_each(void **state)
{
    static const struct { const char *server, *arg, *value; enum hyper_fate fate; const char *words; } cases[] = {
        {UP("a"), NULL, NULL, HYPER_LIVE, ""},
        {DOWN("a"), NULL, NULL, HYPER_COLD, ""},
        {V("a", "PAUSED", "paused", "null"), NULL, NULL, HYPER_LIVE, ""},
        {UP("a"), "cold", "b,a", HYPER_COLD, ""},
        {UP("a"), "cold", "all", HYPER_COLD, ""},
        {UP("a"), "cold", "ab,aa", HYPER_LIVE, ""},
        {V("a", "PAUSED", "paused", "null"), "cold", "all", HYPER_LIVE, ""},
        {V("a", "PAUSED", "paused", "null"), "cold", "a", HYPER_REFUSED, "a is PAUSED and cannot be moved cold"},
        {DOWN("a"), "live", "a-id", HYPER_REFUSED, "a is SHUTOFF and cannot be moved live: start it, or agree to leave it (--leave=a)"},
        {UP("a"), "leave", "active", HYPER_LEAVE, "as agreed"},
        {V("a", "ERROR", "error", "null"), NULL, NULL, HYPER_REFUSED, "a is ERROR and cannot be moved: mend it first (strata resets no state by itself)"},
        {V("a", "ERROR", "error", "null"), "leave", "ERROR,x", HYPER_LEAVE, "as agreed"},
        {V("a", "SUSPENDED", "suspended", "null"), NULL, NULL, HYPER_REFUSED, "resume it"},
        {V("a", "UNKNOWN", "odd", "null"), NULL, NULL, HYPER_REFUSED, "a is UNKNOWN"},
        {"{'id':'a-id','status':'UNKNOWN'}", NULL, NULL, HYPER_REFUSED, "UNKNOWN"},
        {BUSY("a", "rebooting"), NULL, NULL, HYPER_WAIT, "it is busy (rebooting)"},
        {V("a", "BUILD", "building", "null"), NULL, NULL, HYPER_WAIT, "building"},
        {SINCE("c", "2001-09-09T01:20:00Z"), NULL, NULL, HYPER_WAIT, "networking"},
        {SINCE("c", "2001-09-09T01:16:00Z"), NULL, NULL, HYPER_REFUSED, "c is BUILD, networking and Nova changed nothing of it for half an hour or more"},
        {SINCE("c", "2001-08-01T00:00:00Z"), "leave", "c", HYPER_LEAVE, "as agreed"},
        {SINCE("d", "2001-08-01T00:00:00Z"), NULL, NULL, HYPER_WAIT, "networking"},       /* its move goes on */
        {V("a", "VERIFY_RESIZE", "resized", "null"), NULL, NULL, HYPER_REFUSED, "--confirm-resizes"},
        {V("a", "VERIFY_RESIZE", "resized", "null"), "confirm-resizes", "true", HYPER_CONFIRM, ""},
        {V("b", "VERIFY_RESIZE", "resized", "null"), NULL, NULL, HYPER_CONFIRM, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        struct str words;
        str_init(&words, 0);
        world(&w, LIST());
        w_side(&w, HYPER_MIGRATIONS, MOVES(M("1", "a", "error", "migration") "," M("3", "a", "finished", "resize") "," M("2", "b", "finished", "migration") "," M("4", "d", "running", "live-migration")));
        if (cases[i].arg)
            w_with(&w, cases[i].arg, cases[i].value);
        json_t *v = js(cases[i].server);
        enum hyper_fate fate = hyper_fate(&w.d.c, v, &words);
        if (fate != cases[i].fate || !strstr(words.data ? words.data : "", cases[i].words))
            fail_msg("%zu %s: %d %s", i, cases[i].server, fate, words.data);
        str_release(&words);
        json_decref(v);
        w_end(&w);
    }
}

static void a_refused_plan_touches_nothing(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," V("b", "ERROR", "error", "null")));
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_true(w_told(&w, FACT_REFUSED, "b is ERROR"));
    w_end(&w);
    world(&w, LIST());
    w_gone(&w, HYPER_SERVERS, 403);
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_true(w_told(&w, FACT_REFUSED, "could not be read (HTTP 403)"));
    w_end(&w);
    world(&w, LIST());
    w_obj(&w, "{'id':'hv','state':'down','status':'enabled','service':{'host':'c1','id':'s1'}}");
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_true(w_told(&w, FACT_REFUSED, "evacuated"));
    w_end(&w);
    world(&w, LIST());
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("1", "z", "finished", "resize")));
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_true(w_told(&w, FACT_REFUSED, "server z-id was resized away from here"));
    w_end(&w);
    world(&w, LIST());                                                /* all are left: those are others' too */
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("1", "z", "finished", "resize") "," M("2", "y", "finished", "migration")));
    w_with(&w, "leave", "all");
    begin(&w);
    assert_int_equal(w_turn(&w), SEEN_DONE);
    assert_int_equal(w.d.nkids, 1);
    w_end(&w);
}

static void two_at_a_time_to_a_seen_end(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("b") "," DOWN("c")));
    w_with(&w, "block", "auto");
    w_with(&w, "host", "c9");
    begin(&w);
    assert_string_equal(w.kid[1].action, "live-migrate");
    assert_string_equal(w.with[1], "host=c9 block=auto");
    assert_string_equal(w.kid[3].action, "migrate");
    assert_string_equal(w.with[3], "host=c9");
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    assert_int_equal(w.kid[2].state, STEP_WATCHING);
    assert_int_equal(w.kid[3].state, STEP_WAITING);
    assert_string_equal(w.why.data, "0 of 3 servers gone, 2 moving, 1 waiting");
    w_ended(&w, 1, STEP_DONE, "");
    w_side(&w, HYPER_SERVERS, LIST(UP("b") "," DOWN("c")));
    w_turn(&w);
    assert_int_equal(w.kid[3].state, STEP_WATCHING);
    w_ended(&w, 2, STEP_DONE, "");
    w_ended(&w, 3, STEP_DONE, "");
    w_side(&w, HYPER_SERVERS, LIST());
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("7", "c", "finished", "migration")));
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    assert_int_equal(w.d.nkids, 5);
    assert_string_equal(w.kid[4].action, "confirm-resize");
    assert_string_equal(w.kid[4].name, "c");
    w_ended(&w, 4, STEP_DONE, "");
    assert_int_equal(w_turn(&w), SEEN_WAIT);                          /* its record says finished: not over */
    assert_non_null(strstr(w.why.data, "migration 7 of server c as finished"));
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("7", "c", "confirmed", "migration")));
    w_side(&w, HYPER_ALLOCATIONS, HELD("'b-id':{}"));
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    assert_string_equal(w.why.data, "Placement still holds the place of b-id, server b here");
    w_side(&w, HYPER_ALLOCATIONS, HELD());
    assert_int_equal(w_turn(&w), SEEN_DONE);
    assert_string_equal(w.why.data, "3 servers are gone");
    w_side(&w, HYPER_ALLOCATIONS, HELD("'b-id':{}"));
    w.d.mono_ms += 200000;
    assert_int_equal(w_turn(&w), SEEN_FAILED);                        /* a leak is no end */
    w_obj(&w, ON);
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_non_null(strstr(w.why.data, "somebody enabled"));
    w_end(&w);
}

static void who_came_since_is_told_not_judged(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("s")));
    w_with(&w, "leave", "s");
    begin(&w);
    w_side(&w, HYPER_SERVERS, LIST(UP("a") "," UP("s") "," UP("b")));     /* before it was disabled: it is part of it */
    w_turn(&w);
    assert_string_equal(w.kid[2].name, "b");
    w_ended(&w, 1, STEP_DONE, "");
    w_ended(&w, 2, STEP_DONE, "");
    w_side(&w, HYPER_SERVERS, LIST(UP("s") "," UP("n")));
    w_side(&w, HYPER_ALLOCATIONS, HELD("'s-id':{},'n-id':{}"));
    assert_int_equal(w_turn(&w), SEEN_DONE);
    assert_string_equal(w.why.data, "2 servers are gone, 1 stays as agreed; came since and not part of it: n");
    assert_int_equal(w.d.nkids, 3);
    w_end(&w);
}


static void a_hiccup_of_the_api_is_no_refusal(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a")));
    begin(&w);
    w_turn(&w);
    assert_int_equal(w.kid[1].state, STEP_WATCHING);
    w_ended(&w, 1, STEP_FAILED, "not done: HTTP 503; nothing of it is to be seen");
    w.kid[1].unseen = true;
    w_turn(&w);
    assert_int_equal(w.kid[1].state, STEP_WATCHING);                   /* again, though each move is tried once */
    w_ended(&w, 1, STEP_FAILED, "not done: no valid host");
    w.kid[1].unseen = false;
    w_turn(&w);
    assert_int_equal(w.kid[1].state, STEP_FAILED);
    w_end(&w);
}

static void what_fails_is_told(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("b") "," UP("c")));
    w_with(&w, "attempts", "2");
    begin(&w);
    w_turn(&w);
    w_ended(&w, 1, STEP_FAILED, "No valid host was found");
    w_turn(&w);
    assert_int_equal(w.kid[1].state, STEP_WATCHING);                   /* a second try, as agreed */
    w_ended(&w, 1, STEP_FAILED, "No valid host was found");
    w_ended(&w, 2, STEP_DONE, "");
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    w_ended(&w, 3, STEP_UNSURE, "nobody knows");
    w_turn(&w);
    assert_int_equal(w.kid[3].state, STEP_UNSURE);                     /* never sent again */
    w.d.mono_ms += 30000;
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_string_equal(w.why.data, "0 servers are gone, 3 still here: a, b, c; the compute service stays disabled");
    assert_string_equal(w.notes[2], "Nova calls its move completed, but it is still here: look at it, and reset nothing blindly");
    w_end(&w);
}

/* A cancel takes back what is queued, follows what moves, and ends in any case. */
static void a_cancel_ends(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("b")));
    begin(&w);
    w_turn(&w);
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("4", "a", "queued", "live-migration") "," M("5", "b", "running", "live-migration")));
    w.d.canceling = true;
    w.d.canceled_mono_ms = w.d.mono_ms;
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    assert_int_equal(w.d.nkids, 4);
    assert_string_equal(w.kid[3].action, "abort-migration");
    assert_string_equal(w.kid[3].uid, "a-id");
    assert_string_equal(w.why.data, "0 servers are gone, 2 still here, followed to its end for ten minutes at most: b, taken out of Nova's queue: a");
    w.d.mono_ms += 600000;
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    assert_int_equal(w.d.nkids, 4);                                    /* asked once */
    w.d.mono_ms += 1;
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_string_equal(w.why.data, "0 servers are gone, 2 still here; moving still, and not followed any further: b; still in Nova's queue, whence it may move any time: a"
                        "; the compute service stays disabled (enable takes that back)");
    w.d.goes_back = true;                                              /* it does not stay so */
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    assert_null(strstr(w.why.data, "stays disabled"));
    w.d.goes_back = false;
    w_gone(&w, HYPER_SERVERS, 503);
    assert_int_equal(w_turn(&w), SEEN_FAILED);
    w_end(&w);
}

/* What moves holds its old place by the id of its migration: said by the server's name, and not asked of one that stays. */
static void a_place_of_a_migration(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a")));
    begin(&w);
    w_turn(&w);
    w_ended(&w, 1, STEP_DONE, "");
    w_side(&w, HYPER_SERVERS, LIST());
    w_side(&w, HYPER_MIGRATIONS, "{'migrations':[{'id':29,'uuid':'m-id','instance_uuid':'a-id','status':'completed','source_compute':'c1'}]}");
    w_side(&w, HYPER_ALLOCATIONS, HELD("'m-id':{}"));
    assert_int_equal(w_turn(&w), SEEN_WAIT);
    assert_string_equal(w.why.data, "Placement still holds a place here for migration 29 of server a, which is completed");
    w_end(&w);
    world(&w, LIST(UP("s")));
    w_with(&w, "leave", "all");
    begin(&w);
    w_side(&w, HYPER_MIGRATIONS, "{'migrations':[{'id':29,'uuid':'m-id','instance_uuid':'s-id','status':'queued','source_compute':'c1'}]}");
    w_side(&w, HYPER_ALLOCATIONS, HELD("'m-id':{},'s-id':{}"));
    assert_int_equal(w_turn(&w), SEEN_DONE);
    w_end(&w);
}

static void names_of_nobody(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(UP("a") "," UP("b")));
    w_with(&w, "leave", "a,nosuch,,SUSPENDED,a-i");
    w_with(&w, "live", "all,b-id,Active,ab");
    assert_int_equal(w_turn(&w), SEEN_DONE);                           /* of several hypervisors one may know them: op_plan.c decides */
    assert_string_equal(w.facts.unknown, "live=ab\nleave=nosuch\nleave=a-i\n");
    w_end(&w);
}

/* What broke under the drain does not keep the rest from going on; nor does a name of one that is gone. */
static void gone_on_with_although_one_broke(void **state)
{
    struct op_kid_new old = {.action = "live-migrate", .kind = "server", .scope = "", .name = "x", .uid = "x-id"};
    struct world w;
    (void)state;
    world(&w, LIST(V("x", "ERROR", "error", "null") "," UP("a")));
    w_obj(&w, OFF);
    w_with(&w, "leave", "left");
    assert_true(w.d.ops->add(&w.d, &old));
    assert_int_equal(w_turn(&w), SEEN_DONE);
    assert_true(w_told(&w, FACT_CAUTION, "x is ERROR and cannot be moved: mend it first (strata resets no state by itself); it stays here and is told at the end, the rest goes on"));
    assert_true(w_told(&w, FACT_CAUTION, "no server here is called left any more (--leave)"));
    assert_true(w_told(&w, FACT_INFO, "1 live, 0 cold, 0 when they are not busy any more, 1 stays"));
    assert_null(w.facts.unknown);
    w.d.facts = NULL;
    w_turn(&w);
    w_ended(&w, 1, STEP_ALREADY, "");
    w_turn(&w);
    assert_int_equal(w.kid[0].state, STEP_SKIPPED);
    assert_string_equal(w.kid[2].uid, "a-id");
    assert_int_equal(w.kid[2].state, STEP_WATCHING);
    w_end(&w);
}

static void a_rest_of_an_earlier_run(void **state)
{
    struct world w;
    (void)state;
    world(&w, LIST(V("a", "MIGRATING", "active", "'migrating'")));
    w_obj(&w, OFF);
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("5", "b", "finished", "migration") "," M("6", "a", "running", "live-migration")));
    assert_int_equal(w_turn(&w), SEEN_DONE);
    w.d.facts = NULL;
    w_turn(&w);
    w_ended(&w, 0, STEP_ALREADY, "");
    w_turn(&w);
    assert_int_equal(w.kid[1].state, STEP_WAITING);                    /* it is on its way: nothing is sent */
    assert_string_equal(w.kid[2].action, "confirm-resize");
    assert_string_equal(w.kid[2].uid, "b-id");
    w_ended(&w, 2, STEP_DONE, "");
    w_side(&w, HYPER_SERVERS, LIST());
    w_side(&w, HYPER_MIGRATIONS, MOVES(M("5", "b", "confirmed", "migration") "," M("6", "a", "completed", "live-migration")));
    assert_int_equal(w_turn(&w), SEEN_DONE);
    assert_int_equal(w.kid[1].state, STEP_SKIPPED);
    w_end(&w);
}

static void enabled_only_if_ours(void **state)
{
    static const struct { const char *hv, *arg; enum act_verdict verdict; } cases[] = {
        {ON, NULL, ACT_ALREADY}, {OFF, NULL, ACT_SEND}, {HV("disabled", "'fan broken'"), NULL, ACT_REFUSED}, {HV("disabled", "null"), NULL, ACT_REFUSED},
        {HV("disabled", "'fan broken'"), "any-reason", ACT_SEND},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "enable", "hypervisor", cases[i].hv);
        if (cases[i].arg)
            act_with(&t, cases[i].arg, "true");
        assert_int_equal(built(&t), cases[i].verdict);
        act_end(&t);
    }
    struct act_case t;
    act_case(&t, "disable", "hypervisor", ON);
    act_with(&t, "reason", "fan");
    assert_int_equal(built(&t), ACT_SEND);
    assert_string_equal(t.rq.path.data, "/os-services/11111111-2222-3333-4444-555555555555");
    assert_string_equal(act_str(t.rq.body, "disabled_reason"), "strata: fan");
    act_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_each),
        cmocka_unit_test(a_refused_plan_touches_nothing),
        cmocka_unit_test(two_at_a_time_to_a_seen_end),
        cmocka_unit_test(who_came_since_is_told_not_judged),
        cmocka_unit_test(a_hiccup_of_the_api_is_no_refusal),
        cmocka_unit_test(what_fails_is_told),
        cmocka_unit_test(a_rest_of_an_earlier_run),
        cmocka_unit_test(a_cancel_ends),
        cmocka_unit_test(a_place_of_a_migration),
        cmocka_unit_test(names_of_nobody),
        cmocka_unit_test(gone_on_with_although_one_broke),
        cmocka_unit_test(enabled_only_if_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
