/* A feed against a server that plays a script: list, watch, resume, 410, 403, tables, metrics. */
#include "feed_world.h"

#include "core/core_priv.h"
#include "core/kube/kube.h"

/* list, events, a cut stream, a server that wants a pause (Retry-After): goes on from the last revision without a new list */
static void resume(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=10&", 200,
         EVENT("ADDED", NS("u3", "three", "11")) EVENT("DELETED", NS("u1", "one", "12"))
             EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}"), true},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=20&", 429, STATUS("429", "slow down"), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=20&", 200, EVENT("ADDED", NS("u4", "four", "21")), true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t0k", "namespaces");
    UNTIL(&w, has(&w, "u3") && !has(&w, "u1") && state_of(&w) == FEED_LIVE);
    assert_string_equal(w.server.auth, "");        /* not over http:// */
    release(&w.server, 2);                         /* cut: no final chunk */
    UNTIL(&w, w.was_stale);                        /* it is not current now, and says so */
    UNTIL(&w, has(&w, "u4") && state_of(&w) == FEED_LIVE);
    assert_int_equal(snap_count(w.snap), 3);
    close_world(&w);
}

static int64_t cell_of(const struct world *w, const char *uid, const char *column)
{
    const struct row *r = w->snap ? snap_find(w->snap, uid) : NULL;
    return r ? r->cell[kind_column(r->kind, column)].n : -1;
}

#define USAGE(ns, name, a, b) "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" ns "\"},\"containers\":[" a b "]}"
#define USES(cpu, mem) "{\"name\":\"c\",\"usage\":{\"cpu\":\"" cpu "\",\"memory\":\"" mem "\"}}"

/* metrics.k8s.io: the sum of a pod's containers; a pod of another namespace, one without numbers, numbers without a pod */
static void metrics(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" CM("u1", "web", "5") ","
         "{\"metadata\":{\"uid\":\"u2\",\"name\":\"web\",\"namespace\":\"b\"}}," CM("u3", "idle", "6") "]}", false},
        {"/api/v1/pods?watch=true", 200, "", true},
    };
    static const struct step again[] = {
        {"/api/v1/pods?limit=100", 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" CM("u1", "web", "5") "]}", false},
        {"/api/v1/pods?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "pods");
    pthread_mutex_lock(&w.server.lock);
    w.server.metrics = "{\"kind\":\"PodMetricsList\",\"metadata\":{},\"items\":[" USAGE("z", "nobody", "", "") ","
        USAGE("b", "web", USES("1", "1Gi"), "") "," USAGE("a", "web", USES("1500000n", "1024Ki"), "," USES("250m", "1Mi")) "]}";
    pthread_mutex_unlock(&w.server.lock);
    UNTIL(&w, cell_of(&w, "u1", "cpu") == 252);           /* 1.5 m up to 2, and 250 */
    assert_int_equal(cell_of(&w, "u1", "mem"), 2 << 20);
    assert_int_equal(cell_of(&w, "u2", "cpu"), 1000);
    assert_int_equal(cell_of(&w, "u2", "mem"), 1 << 30);
    assert_int_equal(cell_of(&w, "u3", "cpu"), CELL_NONE);
    close_world(&w);
    /* an answer that breaks off in the middle is no numbers, and no harm */
    open_world(&w, again, COUNT(again), "token: t", "pods");
    pthread_mutex_lock(&w.server.lock);
    w.server.metrics = "{\"items\":[" USAGE("a", "web", USES("1", "1Gi"), "") ",]";
    pthread_mutex_unlock(&w.server.lock);
    UNTIL(&w, metrics_asked(&w.server) > 0 && has(&w, "u1") && state_of(&w) == FEED_LIVE);
    for (int i = 0; i < 5; i++)
        pump(&w);
    assert_int_equal(cell_of(&w, "u1", "cpu"), CELL_NONE);
    close_world(&w);
}

/* 410 inside the stream: lists again, rows that are gone go, the others stay meanwhile */
static void gone(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true", 200, EVENT("ERROR", STATUS("410", "too old resource version")), true},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("90", "", NS("u2", "two", "6") "," NS("u9", "nine", "80")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=90&", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, has(&w, "u9") && !has(&w, "u1") && state_of(&w) == FEED_LIVE && used(&w.server) == 4);
    assert_int_equal(snap_count(w.snap), 2);
    close_world(&w);
}

/* more than a page: the first for the eye, then the whole from the cache; a row deleted between is not kept */
static void whole(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "tok", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?resourceVersionMatch=NotOlderThan&resourceVersion=10", 200,
         NSLIST("12", "", NS("u2", "two", "6") "," NS("u3", "three", "7")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=12&", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 3);
    assert_false(has(&w, "u1"));
    assert_int_equal(snap_count(w.snap), 2);
    close_world(&w);
}

static void not_whole(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "tok", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?resourceVersionMatch=", 400, STATUS("400", "unknown parameter"), false},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "tok/2", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?limit=10000&continue=tok%2F2", 200, NSLIST("10", "", NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=10&", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 5);
    assert_true(has(&w, "u1") && has(&w, "u2"));
    close_world(&w);
}

/* a list that breaks off is no list: old rows stay */
static void cut_list(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, "{\"kind\":\"NamespaceList\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" NS("u1", "one", "5"), false},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_FAILED);
    UNTIL(&w, state_of(&w) == FEED_LIVE);
    close_world(&w);
}

static void table(void **state)
{
    static const struct step steps[] = {
        {"/apis", 200, "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"example.com\",\"versions\":[{\"groupVersion\":\"example.com/v1\"}],"
                       "\"preferredVersion\":{\"groupVersion\":\"example.com/v1\"}}]}", false},
        {"/apis/example.com/v1", 200, "{\"kind\":\"APIResourceList\",\"groupVersion\":\"example.com/v1\",\"resources\":[{\"name\":\"widgets\","
                                      "\"singularName\":\"widget\",\"namespaced\":true,\"kind\":\"Widget\",\"verbs\":[\"list\",\"watch\"]}]}", false},
        {"/apis/example.com/v1/widgets?limit=100", 200, TABLE("7", COLS, ROW("u1", "w1", "5", "\"w1\",\"Failed\",3")), false},
        {"/apis/example.com/v1/widgets?watch=true&allowWatchBookmarks=true&resourceVersion=7&", 200,
         EVENT("MODIFIED", TABLE("8", "null", ROW("u1", "w1", "8", "\"w1\",\"Ready\",4"))), true},
        {"/apis/example.com/v1/widgets?watch=true&allowWatchBookmarks=true&resourceVersion=8&", 200, "", true},
    };
    struct world w;
    char buf[64];
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "widget");
    UNTIL(&w, has(&w, "u1") && snap_find(w.snap, "u1")->health == HEALTH_OK);
    const struct row *r = snap_find(w.snap, "u1");
    const struct kind *k = snap_kind(w.snap);
    assert_string_equal(k->id, "widgets");
    assert_int_equal(k->ncolumns, 4);
    assert_string_equal(row_text(r, kind_column(k, "namespace"), 0, buf, sizeof buf), "a");
    assert_string_equal(row_text(r, kind_column(k, "phase"), 0, buf, sizeof buf), "Ready");
    assert_int_equal(r->cell[kind_column(k, "size")].n, 4);
    assert_true(k->columns[kind_column(k, "size")].flags & COL_WIDE);
    release(&w.server, 4);
    UNTIL(&w, used(&w.server) == 5);
    close_world(&w);
}

/* not allowed everywhere: the context's namespace, and it says so */
static void narrow(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 403, STATUS("403", "pods is forbidden"), false},
        {"/api/v1/namespaces/mine/pods?limit=100", 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"3\"},\"items\":[" CM("u1", "p", "2") "]}", false},
        {"/api/v1/namespaces/mine/pods?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "pods");
    UNTIL(&w, state_of(&w) == FEED_LIVE && has(&w, "u1"));
    assert_true(snap_status(w.snap)->partial);
    assert_non_null(strstr(snap_status(w.snap)->note, "only namespace mine"));
    close_world(&w);
}

/* Neither all namespaces nor the one: what was asked for is what was refused. */
static void narrow_in_vain(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 403, STATUS("403", "pods is forbidden at the cluster scope"), false},
        {"/api/v1/namespaces/mine/pods?limit=100", 403, STATUS("403", "pods is forbidden in the namespace"), false},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "pods");
    UNTIL(&w, state_of(&w) == FEED_FAILED);
    assert_non_null(strstr(snap_status(w.snap)->err.msg, "at the cluster scope"));
    assert_false(snap_status(w.snap)->partial);
    close_world(&w);
}

static void tap_object(void *arg, enum kube_tap_event ev, const json_t *obj, int64_t at) { (void)arg, (void)ev, (void)obj, (void)at; }
static void tap_link(void *arg, enum kube_tap_link link, const struct err *err)
{
    if (link == TAP_DOWN)
        *(struct err *)arg = *err;
}

/* Who has a tap takes what it lists for all there is: the one namespace in place of all is no answer. */
static void narrow_is_not_for_taps(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 403, STATUS("403", "pods is forbidden at the cluster scope"), false},
        {"/nothing/more", 200, "", false},
    };
    static const struct kube_tap_ops ops = {.object = tap_object, .link = tap_link};
    struct world w;
    struct err down = ERR_INIT, err = ERR_INIT;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", NULL);
    struct kube_tap *tap = kube_tap_open(kube_source_of(w.core->source[0], &err), kind_find("pods"), "", NULL, &ops, &down);
    assert_non_null(tap);
    UNTIL(&w, down.code);
    assert_int_equal(down.code, ERR_FORBIDDEN);
    assert_int_equal(used(&w.server), 1);
    kube_tap_close(tap);
    close_world(&w);
}

static void forbidden(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/nodes?limit=100", 403, STATUS("403", "nodes is forbidden: User x"), false},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "nodes");
    UNTIL(&w, state_of(&w) == FEED_FAILED);
    assert_int_equal(snap_status(w.snap)->err.code, ERR_FORBIDDEN);
    assert_non_null(strstr(snap_status(w.snap)->err.msg, "nodes is forbidden: User x"));
    UNTIL(&w, ({ struct source_info in; core_sources(w.core, &in, 1); in.state == SOURCE_OK; }));
    close_world(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume), cmocka_unit_test(metrics), cmocka_unit_test(gone), cmocka_unit_test(whole), cmocka_unit_test(not_whole),
        cmocka_unit_test(cut_list), cmocka_unit_test(table), cmocka_unit_test(narrow), cmocka_unit_test(narrow_in_vain),
        cmocka_unit_test(narrow_is_not_for_taps), cmocka_unit_test(forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
