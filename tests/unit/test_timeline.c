/* Timeline: one order by one clock, honest where it is not known; whose lines; what each source says; what strata saw itself. */
#include "links_sandwich.h"

#include "core/core_priv.h"
#include "core/links/timeline_read.h"
#include "strata/clock.h"

static void put(struct timeline *t, const char *what, uint32_t clock, int64_t stamp, int64_t step, int64_t offset, int64_t error)
{
    struct timeline_line l = {.clock = clock, .what = (char *)what};
    timeline_interval(&l, stamp, step, offset, error);
    timeline_add(t, &l);
}

/* "a b~ c": the lines in their order; ~ may have been before. */
static const char *order(struct timeline *t)
{
    static char text[1024];
    size_t n = 0;
    timeline_order(t);
    text[0] = '\0';
    for (size_t i = 0; i < t->n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s%s", i ? " " : "", t->line[i].what, t->line[i].swaps ? "~" : "");
    timeline_release(t);
    return text;
}

static void clocks_are_corrected(void **state)
{
    (void)state;
    struct timeline t = {0};
    put(&t, "nova", 1, 100000, 1, 60000, 10);          /* its clock is a minute ahead: 40 s by ours */
    put(&t, "kube", 2, 45000, 1, 0, 10);
    put(&t, "ours", 0, 50000, 1, 0, 0);
    assert_int_equal(t.line[0].lo_ms, 39990);
    assert_int_equal(t.line[0].hi_ms, 40011);
    assert_string_equal(order(&t), "nova kube ours");
}

static void what_may_be_the_other_way_round_says_so(void **state)
{
    (void)state;
    struct timeline t = {0};
    put(&t, "a", 1, 10000, 1000, 0, 0);
    put(&t, "b", 2, 10900, 1000, 0, 0);                /* 10.9 to 11.9 on another clock: a may be 10.99 */
    put(&t, "c", 2, 11900, 1, 0, 500);
    put(&t, "d", 2, 13000, 1, 0, 500);                 /* one clock: its stamps tell, however far it is off */
    assert_string_equal(order(&t), "a b~ c d");
    put(&t, "a", 1, 10000, 1000, 0, 0);
    put(&t, "b", 1, 10500, 1, 0, 0);                   /* a was cut to the second: it may be 10.9 */
    put(&t, "created", 1, 10000, 1000, 0, 0);
    assert_string_equal(order(&t), "created a~ b~");
    put(&t, "a", 1, 10000, 1, 0, 0);
    put(&t, "a", 1, 10000, 1, 0, 0);                   /* told twice */
    put(&t, "b", 1, 20000, 1, 0, 0);
    timeline_since(&t, 15000);
    assert_string_equal(order(&t), "b");
}

static bool holds(const struct world *w, const uint32_t *set, size_t n, uint16_t source, const char *kind, const char *uid)
{
    uint32_t node = links_find(w->links, source, kind_find(kind), uid);
    for (size_t i = 0; i < n; i++)
        if (set[i] == node)
            return true;
    return false;
}

static void it_is_about_what_the_object_hangs_on(void **state)
{
    (void)state;
    struct world w = {0};
    uint32_t set[TIMELINE_OBJECTS];
    sandwich(&w);
    size_t n = timeline_objects(w.links, links_find(w.links, TENANT, kind_find("pods"), "web-1"), set, TIMELINE_OBJECTS);
    assert_string_equal(links_row(w.links, set[0])->uid, "web-1");
    static const struct { uint16_t source; const char *kind, *uid; } down[] = {
        {TENANT, "nodes", "node-1"}, {CLOUD, "server", SRV1}, {CLOUD, "hypervisor", "h1"}, {CLOUD, "os-services", "compute/1"}, {MGMT, "pods", "nc-1"}, {MGMT, "nodes", "under-1"},
        {TENANT, "deployments", "web"},
    };
    for (size_t i = 0; i < sizeof down / sizeof *down; i++)
        if (!holds(&w, set, n, down[i].source, down[i].kind, down[i].uid))
            fail_msg("%s is missing", down[i].uid);
    assert_false(holds(&w, set, n, TENANT, "pods", "web-2"));          /* a sibling */
    assert_false(holds(&w, set, n, CLOUD, "server", SRV2));
    n = timeline_objects(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1), set, TIMELINE_OBJECTS);
    assert_true(holds(&w, set, n, TENANT, "nodes", "node-1"));          /* what it carries */
    n = timeline_objects(w.links, links_find(w.links, CLOUD, kind_find("os-services"), "compute"), set, TIMELINE_OBJECTS);
    assert_true(holds(&w, set, n, MGMT, "pods", "api-1"));             /* the API's own pod */
    assert_int_equal(timeline_objects(w.links, links_find(w.links, TENANT, kind_find("pods"), "web-1"), set, 3), 3);
    world_free(&w);
}

/* "object what by who\n" of each, in order. */
static const char *lines(struct timeline *t)
{
    static char text[4096];
    size_t n = 0;
    timeline_order(t);
    text[0] = '\0';
    for (size_t i = 0; i < t->n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%lld+%lld %s|%s\n", (long long)t->line[i].lo_ms, (long long)(t->line[i].hi_ms - t->line[i].lo_ms), t->line[i].what,
                              t->line[i].who);
    timeline_release(t);
    return text;
}

static void each_source_is_read(void **state)
{
    (void)state;
    struct world w = {0};
    struct timeline t = {0};
    sandwich(&w);
    struct timeline_object pod = {links_row(w.links, links_find(w.links, TENANT, kind_find("pods"), "web-1")), "pod shop/web-1", "tenant", 0, 10};
    timeline_read_object(&t, &pod,
                         "{\"metadata\":{\"creationTimestamp\":\"1970-01-01T00:00:10Z\",\"deletionTimestamp\":\"1970-01-01T00:01:30Z\",\"deletionGracePeriodSeconds\":30},"
                         "\"spec\":{\"nodeName\":\"w1\"},\"status\":{\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"True\",\"lastTransitionTime\":\"1970-01-01T00:00:11Z\"},"
                         "{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"No\\u202e\",\"lastTransitionTime\":\"1970-01-01T00:00:40Z\"},{\"type\":\"X\",\"lastTransitionTime\":null}],"
                         "\"containerStatuses\":[{\"name\":\"c\",\"lastState\":{\"terminated\":{\"exitCode\":137,\"reason\":\"OOMKilled\",\"finishedAt\":\"1970-01-01T00:00:20Z\"}}}]}}");
    assert_string_equal(lines(&t), "9990+1020 created|\n10990+1020 PodScheduled is True|\n17990+5020 container c ended with 137: OOMKilled|kubelet\n"
                                   "37990+5020 Ready is False: No\xef\xbf\xbd|kubelet\n59990+1020 its deletion began, 30 s of grace|\n");
    struct timeline_object vm = {links_row(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1)), "server vm1", "cloud", 5000, 0};
    timeline_read_actions(&t, &vm,
                          "[{\"action\":\"stop\",\"start_time\":\"1970-01-01T00:00:20.000000\",\"user\":\"ann\",\"request_id\":\"req-1\",\"message\":null,\"events\":[{\"event\":\"compute_stop_instance\","
                          "\"start_time\":\"1970-01-01T00:00:21.500000\",\"finish_time\":null,\"host\":\"cmp1\"}]},{\"action\":\"stop\",\"start_time\":\"1970-01-01T00:00:30\",\"user_id\":null}, 7]");
    assert_string_equal(lines(&t), "15000+1000 stop asked for, request req-1|ann\n16500+1 stop: compute_stop_instance began|cmp1\n25000+1000 stop asked for, request |Nova by itself\n");
    static const char journal[] = "words\0{\"time\":\"1970-01-01T00:00:50Z\",\"event\":\"intent\",\"who\":\"bob\",\"host\":\"h\",\"action\":\"delete\",\"source\":\"tenant\",\"kind\":\"pods\",\"scope\":\"shop\","
                                  "\"name\":\"web-1\",\"uid\":\"web-1\",\"dry_run\":false}\0words\0{\"time\":\"1970-01-01T00:00:51Z\",\"event\":\"outcome\",\"who\":\"bob\",\"host\":\"h\",\"action\":\"delete\","
                                  "\"source\":\"other\",\"kind\":\"pods\",\"scope\":\"shop\",\"name\":\"web-1\",\"uid\":\"web-1\",\"result\":\"done\"}\0words\0{\"cut";
    timeline_read_journal(&t, &pod, journal, sizeof journal - 1);
    assert_string_equal(lines(&t), "50000+1000 delete is sent|bob@h with strata\n");
    timeline_read_object(&t, &pod, "[]");
    timeline_read_object(&t, &pod, "{\"status\":{\"conditions\":7,\"containerStatuses\":{\"a\":1}},\"metadata\":[]}");
    timeline_read_actions(&t, &vm, "{}");
    timeline_read_journal(&t, &pod, "x", 1);
    assert_string_equal(lines(&t), "");
    world_free(&w);
}

/* ---- what was seen ---- */

struct watched { struct core core; struct source source; struct feed feed; };

static void row(struct watched *w, const char *status, enum health h)
{
    struct rowbuf *rb = store_rowbuf(w->feed.store);
    rowbuf_begin(rb, w->feed.kind);
    rowbuf_id(rb, "u1", "", "vm1");
    rowbuf_text(rb, kind_column(w->feed.kind, "status"), status);
    rowbuf_health(rb, h);
    assert_true(store_put(w->feed.store, rowbuf_finish(rb)));
}

static void publish(struct watched *w)
{
    store_status(w->feed.store)->state = FEED_LIVE;
    store_status(w->feed.store)->last_ok_mono_ms = clock_mono_ms();
    struct snap *s = store_publish(w->feed.store);
    feed_observe(&w->feed, s);
    snap_unref(s);
}

static void write_seen(void *arg, const struct seen_change *s)
{
    char *text = arg;
    size_t n = strlen(text);
    snprintf(text + n, 1000 - n, "%s %s>%s %lld-%lld\n", s->name, s->was ? s->was : "", s->is ? s->is : "", (long long)s->lo_ms, (long long)s->hi_ms);
}

static void watch_servers(struct watched *w)
{
    pthread_mutex_init(&w->core.lock, NULL);
    w->source.core = &w->core;
    w->feed.source = &w->source;
    w->feed.kind = kind_find("server");
    w->feed.store = store_new(0, NULL, NULL);
    store_set_kind(w->feed.store, w->feed.kind);
    clock_freeze(1000, 500000);
}

static void changes_between_snapshots_are_kept(void **state)
{
    (void)state;
    static struct watched w;
    char text[1000] = "";
    watch_servers(&w);
    row(&w, "ACTIVE", HEALTH_OK);
    publish(&w);
    clock_advance(5000);
    publish(&w);                                       /* a poll that found nothing new */
    clock_advance(5000);
    row(&w, "SHUTOFF", HEALTH_DONE);
    publish(&w);
    publish(&w);
    clock_advance(5000);
    store_delete(w.feed.store, "u1");
    publish(&w);
    core_seen_each(&w.core, write_seen, text);
    assert_string_equal(text, "vm1 ACTIVE>SHUTOFF 505000-510000\nvm1 SHUTOFF> 510000-515000\n");
    for (int i = 0; i < 5000; i++) {                   /* bounded: the oldest go */
        clock_advance(6000);
        row(&w, i % 2 ? "ACTIVE" : "ERROR", HEALTH_OK);
        publish(&w);
    }
    text[0] = '\0';
    core_seen_each(&w.core, write_seen, text);
    assert_null(strstr(text, "SHUTOFF"));
    snap_unref(w.feed.told);
    store_free(w.feed.store);
    seen_free(&w.core);
    pthread_mutex_destroy(&w.core.lock);
    clock_freeze(-1, 0);
}

/* No API tells since when: strata does, from the moment it saw it turn bad, and never of what was so from the start. */
static void what_turns_bad_is_known_since_then(void **state)
{
    static const struct { const char *status; enum health h; bool known; long long lo; } steps[] = {
        {"ERROR", HEALTH_BAD, false, 0}, {"ERROR2", HEALTH_BAD, false, 0}, {"ACTIVE", HEALTH_OK, false, 0},
        {"ERROR", HEALTH_BAD, true, 515000}, {"ERROR3", HEALTH_BAD, true, 515000}, {"WEAK", HEALTH_WARN, true, 515000}, {"ACTIVE", HEALTH_OK, false, 0},
    };
    (void)state;
    static struct watched w;
    watch_servers(&w);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t lo = 0;
        clock_advance(5000);
        row(&w, steps[i].status, steps[i].h);
        publish(&w);
        assert_int_equal(core_seen_since(&w.core, snap_row(w.feed.told, 0), &lo), steps[i].known);
        assert_int_equal(lo, steps[i].lo);
    }
    store_delete(w.feed.store, "u1");
    publish(&w);
    clock_advance(5000);
    row(&w, "ERROR", HEALTH_BAD);                      /* it came so */
    publish(&w);
    int64_t lo = 0;
    assert_true(core_seen_since(&w.core, snap_row(w.feed.told, 0), &lo));
    assert_int_equal(lo, 535000);
    snap_unref(w.feed.told);
    store_free(w.feed.store);
    seen_free(&w.core);
    pthread_mutex_destroy(&w.core.lock);
    clock_freeze(-1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_are_corrected), cmocka_unit_test(what_may_be_the_other_way_round_says_so), cmocka_unit_test(it_is_about_what_the_object_hangs_on),
        cmocka_unit_test(each_source_is_read), cmocka_unit_test(changes_between_snapshots_are_kept), cmocka_unit_test(what_turns_bad_is_known_since_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
