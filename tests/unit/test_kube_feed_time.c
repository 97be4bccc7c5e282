/* A feed over time: a server that wants patience or falls silent, a reader who leaves, comes back or does not read. */
#include "feed_world.h"

/* A busy server that says when to come back (Retry-After) is no failure of the first list; who waits for long is told. */
static void patience(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 503, STATUS("503", "later"), false},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    struct source_info in;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, ({ core_sources(w.core, &in, 1); in.waiting; }));
    assert_int_equal(in.state, SOURCE_DEGRADED);
    assert_non_null(strstr(in.err.msg, "asked again in 30 s"));
    assert_int_equal(state_of(&w), FEED_LOADING);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    clock_advance(31000);
    for (int i = 0; i < 300 && (state_of(&w) != FEED_LIVE || in.waiting || in.state != SOURCE_OK); i++) {
        pump(&w);
        clock_advance(60);
        core_sources(w.core, &in, 1);
    }
    clock_freeze(-1, 0);
    assert_int_equal(state_of(&w), FEED_LIVE);
    assert_int_equal(in.state, SOURCE_OK);
    assert_false(in.waiting);
    assert_true(has(&w, "u1"));
    close_world(&w);
}

/* With the clocks standing still: so many turns at most. */
#define TURNS(w, cond)                                     \
    do {                                                   \
        for (int i_ = 0; i_ < 500 && !(cond); i_++)        \
            pump(w);                                       \
        assert_true(cond);                                 \
    } while (0)

static enum source_state source_of(struct world *w)
{
    struct source_info in;
    core_sources(w->core, &in, 1);
    return in.state;
}

/* The end of a watch that fell silent is no sign of life: what is stale stays stale. */
static void silent(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 2 && source_of(&w) == SOURCE_OK);
    pthread_mutex_lock(&w.server.lock);
    w.server.mute = true;
    pthread_mutex_unlock(&w.server.lock);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    clock_advance(21000);                          /* asked how it is ... */
    for (int i = 0; i < 5; i++)
        pump(&w);
    clock_advance(6000);                           /* ... and no answer */
    pump(&w);
    clock_advance(200);
    TURNS(&w, state_of(&w) == FEED_STALE && source_of(&w) == SOURCE_STALE);
    clock_advance(60000);                          /* the watch is given up */
    for (int i = 0; i < 5; i++)
        pump(&w);
    clock_advance(200);
    for (int i = 0; i < 5; i++)
        pump(&w);
    assert_int_equal(source_of(&w), SOURCE_STALE);
    assert_int_equal(state_of(&w), FEED_STALE);
    clock_freeze(-1, 0);
    close_world(&w);
}

/* A server that answers, and whose watches bring nothing, not even a bookmark: the second one in a row is not believed, it is listed anew. */
static void nothing_comes(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
        {"/api/v1/namespaces?watch=true", 200, "", true},
        {"/api/v1/namespaces?limit=", 200, NSLIST("20", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 2 && source_of(&w) == SOURCE_OK);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    for (int i = 0; i < 100 && used(&w.server) < 5; i++) {
        clock_advance(4000);
        for (int k = 0; k < 3; k++)
            pump(&w);                              /* how it is, is asked and answered meanwhile */
    }
    assert_int_equal(used(&w.server), 5);
    clock_advance(60);
    TURNS(&w, has(&w, "u2") && state_of(&w) == FEED_LIVE);
    clock_freeze(-1, 0);
    close_world(&w);
}

static const char *note_of(const struct world *w) { return w->snap ? snap_status(w->snap)->note : ""; }

/* Of a resource whose watches bring bookmarks one that falls silent is dead: that is said at once, its rows are listed until one brings
 * something again, and as old as they may be. */
static void bookmarks_stay_away(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}"), true},
        {"/api/v1/namespaces?limit=", 200, NSLIST("20", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?limit=", 200, NSLIST("21", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?limit=", 200, NSLIST("22", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?limit=", 200, NSLIST("23", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true", 200, EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"30\"}}"), true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 2 && source_of(&w) == SOURCE_OK);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    assert_string_equal(note_of(&w), "");
    int64_t began = clock_mono_ms();
    for (int i = 0; i < 100 && used(&w.server) < 3; i++) {
        clock_advance(3000);
        for (int k = 0; k < 3; k++)
            pump(&w);                              /* how it is, is asked and answered meanwhile */
    }
    assert_int_equal(used(&w.server), 3);
    assert_true(clock_mono_ms() - began < 85000);
    for (int i = 0; i < 50 && !(has(&w, "u2") && state_of(&w) == FEED_LIVE); i++) {
        clock_advance(60);
        pump(&w);
    }
    assert_true(has(&w, "u2") && state_of(&w) == FEED_LIVE);
    assert_string_equal(note_of(&w), "its watch brings nothing, so it is listed: rows may be up to 75 s old");
    for (int i = 0; i < 100 && used(&w.server) < 7; i++) {
        clock_advance(4000);
        for (int k = 0; k < 3; k++)
            pump(&w);
    }
    assert_int_equal(used(&w.server), 7);
    for (int i = 0; i < 50 && *note_of(&w); i++) {
        clock_advance(60);
        pump(&w);
    }
    assert_string_equal(note_of(&w), "");
    assert_int_equal(state_of(&w), FEED_LIVE);
    clock_freeze(-1, 0);
    close_world(&w);
}

/* Closed, opened again while it lingers, changed, closed: it ends once, and only when nobody has looked for a while. */
static void linger(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
        {"/api/v1/namespaces?limit=", 200, NSLIST("20", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true", 200, EVENT("ADDED", NS("u3", "three", "21")), true},
        {"/api/v1/namespaces?limit=", 200, NSLIST("30", "", NS("u4", "four", "25")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 2);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    clock_advance(1000);
    core_close(w.core, w.id);
    pump(&w);
    uint32_t id = core_open(w.core, 0, "namespaces", "");
    core_refresh(w.core, id);
    TURNS(&w, has(&w, "u2") && used(&w.server) == 4);
    for (int i = 0; i < 10; i++)
        pump(&w);                                  /* the third is here, its publication waits for 50 ms */
    assert_false(has(&w, "u3"));
    core_close(w.core, id);
    pump(&w);
    clock_advance(20500);
    pump(&w);
    pump(&w);
    id = core_open(w.core, 0, "namespaces", "");
    TURNS(&w, has(&w, "u4") && used(&w.server) == 6);
    clock_freeze(-1, 0);
    close_world(&w);
}

/* Closed before the first answer, opened again after it: what came while nobody looked is told, though nothing changes any more. */
static void unseen(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    core_close(w.core, w.id);
    for (int i = 0; i < 500 && used(&w.server) < 2; i++)
        pump(&w);
    assert_int_equal(used(&w.server), 2);
    assert_null(w.snap);
    core_open(w.core, 0, "namespaces", "");
    TURNS(&w, state_of(&w) == FEED_LIVE && has(&w, "u1"));
    assert_int_equal(used(&w.server), 2);
    close_world(&w);
}

/* A reader who does not read: one snap waits, the newest. And the core may end with it unread, though its rows are of a
 * kind the source made. */
static void unread(void **state)
{
    static const struct step steps[] = {
        {"/apis", 200, "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"example.com\",\"versions\":[{\"groupVersion\":\"example.com/v1\"}],"
                       "\"preferredVersion\":{\"groupVersion\":\"example.com/v1\"}}]}", false},
        {"/apis/example.com/v1", 200, "{\"kind\":\"APIResourceList\",\"groupVersion\":\"example.com/v1\",\"resources\":[{\"name\":\"widgets\","
                                      "\"singularName\":\"widget\",\"namespaced\":true,\"kind\":\"Widget\",\"verbs\":[\"list\",\"watch\"]}]}", false},
        {"/apis/example.com/v1/widgets?limit=", 200, TABLE("7", COLS, ROW("u1", "w1", "5", "\"w1\",\"Failed\",3")), false},
        {"/apis/example.com/v1/widgets?watch=true", 200, EVENT("ADDED", TABLE("8", "null", ROW("u2", "w2", "8", "\"w2\",\"Ready\",4"))), true},
    };
    struct world w;
    size_t snaps = 0;
    bool newest = false;
    (void)state;
    for (int round = 0; round < 2; round++) {
        open_world(&w, steps, COUNT(steps), "token: t", "widget");
        clock_freeze(clock_mono_ms(), clock_wall_ms());
        for (int i = 0; i < 500 && used(&w.server) < 4; i++)
            core_step(w.core, 20);
        for (int i = 0; i < 10; i++)
            core_step(w.core, 20);
        clock_advance(60);
        core_step(w.core, 20);
        for (struct event *e; round == 0 && (e = core_next_event(w.core)); event_free(e)) {
            if (e->type != EV_SNAP)
                continue;
            snaps++;
            newest = snap_find(e->snap, "u1") && snap_find(e->snap, "u2");
        }
        clock_freeze(-1, 0);
        close_world(&w);
    }
    assert_int_equal(snaps, 1);
    assert_true(newest);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(patience), cmocka_unit_test(silent), cmocka_unit_test(nothing_comes), cmocka_unit_test(bookmarks_stay_away), cmocka_unit_test(linger), cmocka_unit_test(unseen), cmocka_unit_test(unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
