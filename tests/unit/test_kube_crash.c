/* Since when a pod is not ready that crashes again and again: since the first crash, as far as what it says tells. */
#include "kube_row.h"

static int64_t at(const char *s)
{
    int64_t ms = 0;
    assert_true(text_parse_time(s, strlen(s), &ms));
    return ms;
}

#define DAY "2026-01-02T"
#define POD(start, status) POD_READY(start, "02:59:00", status)
#define POD_READY(start, unready, status) "{'metadata':{'name':'p','namespace':'shop','uid':'u'},'spec':{'containers':[{'name':'c'}]},'status':{'phase':'Running','startTime':'" DAY start "Z'," \
    "'conditions':[{'type':'Ready','status':'False','lastTransitionTime':'" DAY unready "Z'}],'containerStatuses':[{'name':'c','ready':false," status "}]}}"
#define LAST(from, to) "'lastState':{'terminated':{'exitCode':1,'startedAt':'" DAY from "Z','finishedAt':'" DAY to "Z'}}"
#define LOOP(wait) "'state':{'waiting':{'reason':'CrashLoopBackOff','message':'back-off " wait " restarting failed container=c'}}"

static void not_ready_since_the_first_crash(void **state)
{
    static const struct { const char *pod, *since; } cases[] = {
        {POD("01:00:00", "'restartCount':3," LOOP("40s") "," LAST("02:58:58", "02:59:00")), DAY "02:58:24Z"},            /* 10s, 20s, and three runs of 2s */
        {POD("01:00:00", "'restartCount':50," LOOP("40s") "," LAST("02:58:58", "02:59:00")), DAY "02:58:24Z"},           /* the older ones were of another series */
        {POD("02:00:00", "'restartCount':8," LOOP("5m0s") "," LAST("02:59:00", "02:59:00")), DAY "02:43:50Z"},           /* 310s and twice five minutes */
        {POD("02:30:00", "'restartCount':65," LOOP("5m0s") "," LAST("02:59:00", "02:59:00")), DAY "02:30:00Z"},          /* since there is such a pod */
        {POD("01:00:00", "'restartCount':3,'state':{'running':{'startedAt':'" DAY "02:59:30Z'}}," LAST("02:58:58", "02:59:00")), DAY "02:58:24Z"},     /* the next try */
        {POD("01:00:00", "'restartCount':3,'state':{'terminated':{'exitCode':1,'startedAt':'" DAY "02:58:58Z','finishedAt':'" DAY "02:59:00Z'}}," LAST("02:50:00", "02:50:01")), DAY "02:58:24Z"},
        {POD("01:00:00", "'restartCount':3,'state':{'running':{'startedAt':'" DAY "01:30:00Z'}}," LAST("01:20:00", "01:20:02")), DAY "02:59:00Z"},     /* runs, and fails its probe */
        {POD("01:00:00", "'restartCount':1,'state':{'running':{'startedAt':'" DAY "02:58:50Z'}}," LAST("01:00:10", "02:58:40")), DAY "02:59:00Z"},     /* its node came back for a moment */
        {POD("01:00:00", "'restartCount':0,'state':{'waiting':{'reason':'ImagePullBackOff'}}"), DAY "02:59:00Z"},
        {POD("01:00:00", "'restartCount':12," LOOP("5m0s") "," LAST("03:20:00", "03:20:30")), DAY "02:59:00Z"},          /* not ready all through the last run */
        {POD("02:25:00", "'restartCount':10," LOOP("5m0s") "," LAST("02:58:58", "02:59:00")), DAY "02:25:00Z"},          /* nearly so often as can be since it started */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store *st = store_new(0, NULL, NULL);
        const struct row *r = kube_row(st, "pods", cases[i].pod);
        if (r->cell[kind_column(r->kind, "unready")].n != at(cases[i].since))
            fail_msg("%zu: %lld s off", i, (long long)(r->cell[kind_column(r->kind, "unready")].n - at(cases[i].since)) / 1000);
        store_free(st);
    }
}

/* Runs are not all as long as the last one: while it goes on, be it ready for a moment, what was reckoned first holds. */
static void the_age_of_a_loop_does_not_jump_forward(void **state)
{
    static const struct { const char *pod, *since, *how; } looks[] = {
        {POD("01:00:00", "'restartCount':8," LOOP("5m0s") "," LAST("02:59:00", "02:59:00")), DAY "02:43:50Z", "about"},
        {POD_READY("01:00:00", "03:04:20", "'restartCount':9,'state':{'running':{'startedAt':'" DAY "03:09:20Z'}}," LAST("03:04:00", "03:04:20")), DAY "02:43:50Z", "about"},
        {POD_READY("01:00:00", "03:09:21", "'restartCount':10," LOOP("40s") "," LAST("03:09:20", "03:09:21")), DAY "02:43:50Z", "about"},
        {POD_READY("01:00:00", "05:02:00", "'restartCount':11," LOOP("10s") "," LAST("05:01:58", "05:02:00")), DAY "05:01:58Z", "about"},     /* it ran for long: another series */
    };
    (void)state;
    struct store *st = store_new(0, NULL, NULL);
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        const struct row *r = kube_row(st, "pods", looks[i].pod);
        int64_t since = r->cell[kind_column(r->kind, "unready")].n;
        if (since != at(looks[i].since))
            fail_msg("%zu: %lld s off", i, (long long)(since - at(looks[i].since)) / 1000);
        assert_string_equal(row_column(r, "unready-how"), looks[i].how);
    }
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(not_ready_since_the_first_crash), cmocka_unit_test(the_age_of_a_loop_does_not_jump_forward)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
