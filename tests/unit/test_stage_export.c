/* The verdict's words, and files that give the same numbers again. */
#include "stage_json.h"

#include "core/stage/export.h"
#include "core/stage/numbers.h"
#include "core/base/json_read.h"
#include "strata/mem.h"

#define S ((int64_t)1000000)
#define T0 (500 * S)

static struct stage_sample api[100], cloud[100], vm[200];
static struct stage_strip strips[3];
static struct stage_clock clocks[3];
static struct stage_run_box *box;
static struct stage_run *r;

static void fill(struct stage_sample *v, size_t n, int64_t period, int64_t theta_ms)
{
    for (size_t i = 0; i < n; i++) {
        int64_t slot = T0 - 5 * S + (int64_t)i * period;
        v[i] = (struct stage_sample){.slot_us = slot, .sent_us = slot + 100, .done_us = slot + 4100, .class = STAGE_OK, .status = 200,
                                     .theta_lo_ms = (int32_t)theta_ms - 100, .theta_hi_ms = (int32_t)theta_ms + 100};
    }
}

static void seen(enum stage_mid id, int64_t after_us)
{
    r->milestone[id].seen = STAGE_SEEN;
    r->milestone[id].at_us = r->milestone[id].since_us = T0 + after_us;
}

static int begin(void **state)
{
    (void)state;
    json_read_init();
    box = stage_run_box_new();
    r = stage_run_box_run(box);
    *r = (struct stage_run){.number = 1, .outcome = STAGE_HEALED, .cluster = "mgmt", .ns = "openstack", .pod = "nova-api-1", .uid = "u1",
                            .owner = "Deployment nova-api", .new_pod = "nova-api-2", .node = "n2", .replicas = 2, .started_ms = 1700000000000,
                            .t0_us = T0, .asked_us = T0, .end_us = T0 + 7 * S};
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        r->milestone[i].server_ms = CELL_NONE;
    seen(STAGE_T0, 0);
    seen(STAGE_T1, 20000);
    seen(STAGE_T2, 30000);
    seen(STAGE_T7, 3400000);
    seen(STAGE_T8, 3600000);
    seen(STAGE_T9, 3600000);
    seen(STAGE_T10, 2000000);
    r->milestone[STAGE_T11].seen = STAGE_NOT_EXPECTED;
    fill(api, 60, 200000, 0);
    fill(cloud, 60, 200000, 0);
    fill(vm, 120, 100000, 0);
    strips[0] = (struct stage_strip){.kind = STAGE_P3, .label = "K8s API", .target = "https://x/readyz", .period_us = 200000, .timeout_us = 3 * S, .sample = api, .n = 60};
    strips[1] = (struct stage_strip){.kind = STAGE_P1, .label = "OpenStack API", .target = "http://x/ (compute)", .period_us = 200000, .timeout_us = 3 * S, .sample = cloud, .n = 60};
    strips[2] = (struct stage_strip){.kind = STAGE_P4, .label = "VM data", .target = "TCP 10.0.0.5:22", .data_plane = true, .period_us = 100000, .timeout_us = S, .sample = vm, .n = 120};
    for (size_t i = 0; i < 120; i++)
        vm[i].theta_lo_ms = 1, vm[i].theta_hi_ms = 0;
    r->strip = strips;
    r->nstrips = 3;
    r->clock = clocks;
    r->nclocks = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    stage_run_box_unref(box);
    return 0;
}

static void judge(void)
{
    r->nclocks = 2;
    clocks_from_samples(&clocks[0], STAGE_CLOCK_API, strips, 3);
    clocks_from_samples(&clocks[1], STAGE_CLOCK_CLOUD, strips, 3);
    assert_true(run_words(r, strips, stage_run_box_arena(box)));
}

static void has(const char *words)
{
    if (!strstr(r->verdict, words) && !strstr(r->headline, words))
        fail_msg("no \"%s\" in:\n%s\n%s", words, r->headline, r->verdict);
}

static void not_one_failed(void **state)
{
    (void)state;
    judge();
    has("HEALED: replacement ready after 3.40 s, endpoint back after 3.60 s; K8s API 0 of 19 failed; OpenStack API (compute) 0 of 19 failed; VM traffic untouched");
    has("0 of 19 failed (an outage shorter than 204 ms cannot be excluded)");
    has("The data plane was not touched: 0 of 70 probes");
    assert_null(strstr(r->verdict, "Finding"));
    assert_string_equal(r->milestone[STAGE_T7].value, "+3.400 s");
    assert_string_equal(r->milestone[STAGE_T11].value, "-");
}

static void an_outage(void **state)
{
    (void)state;
    for (size_t i = 26; i < 36; i++) {
        cloud[i].class = i < 34 ? STAGE_REFUSED_CONN : STAGE_HTTP_5XX;
        cloud[i].status = i < 34 ? 0 : 503;
    }
    judge();
    has("10 of 19 failed (HTTP 5xx 2, connection refused 8): down for at least 1.80 s and at most 2.20 s; 10 in a row at most");
    has("K8s API 0 of 19 failed; OpenStack API (compute) 10 of 19 failed, down for 1.80 s to 2.20 s; VM traffic untouched");
}

/* The version of the API and a read with a token are two questions: no sum of them, and the looser bounds do not win. */
static void the_read_is_named_apart(void **state)
{
    (void)state;
    static struct stage_sample read[12];
    fill(read, 12, S, 0);
    for (size_t i = 26; i < 36; i++)
        cloud[i].class = STAGE_REFUSED_CONN;
    struct stage_strip vm_strip = strips[2];
    static struct stage_strip four[4];
    four[0] = strips[0], four[1] = strips[1], four[3] = vm_strip;
    four[2] = (struct stage_strip){.kind = STAGE_P2, .label = "OpenStack read", .target = "http://x/v2.1/servers (with a token)", .period_us = S, .timeout_us = 10 * S, .sample = read, .n = 12};
    r->strip = four;
    r->nstrips = 4;
    assert_true(run_words(r, four, stage_run_box_arena(box)));
    has("OpenStack API (compute) 10 of 19 failed, down for 1.80 s to 2.20 s; VM traffic untouched");
    read[6].class = STAGE_HTTP_5XX;
    assert_true(run_words(r, four, stage_run_box_arena(box)));
    has("OpenStack API (compute) 10 of 19 failed, down for 1.80 s to 2.20 s; OpenStack read 1 of 4 failed, down for 0.0 ms to 2.00 s; VM traffic untouched");
}

/* The answer to the delete may come after its first consequences: they count, also when the file is read again. */
static void before_the_answer(void **state)
{
    (void)state;
    size_t i = 0;
    while (cloud[i].slot_us < T0)
        i++;
    cloud[i - 1].class = STAGE_REFUSED_CONN;
    judge();
    has("OpenStack API (compute) 0 of 19 failed;");
    r->asked_us = T0 - 250000;
    judge();
    has("OpenStack API (compute) 1 of 20 failed, down");
    struct str out;
    struct err err;
    struct stage_snap *s = stage_snap_new();
    assert_true(stage_snap_set_runs(s, &box, 1));
    str_init(&out, 1 << 20);
    assert_true(stage_export(s, NULL, STAGE_JSON, &out));
    struct stage_snap *back = stage_import(out.data, out.len, &err);
    assert_non_null(back);
    assert_string_equal(back->run[0]->headline, r->headline);
    stage_snap_unref(back);
    stage_snap_unref(s);
    str_release(&out);
}

static void lose(struct stage_sample *v, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        v[i].class = STAGE_NOT_SENT;
        v[i].sent_us = v[i].done_us = 0;
    }
}

/* This program stood still for a while: what it did not ask is said in the first line, and nothing is called untouched. */
static void not_measured(void **state)
{
    (void)state;
    lose(cloud, 27, 33);
    lose(vm, 54, 66);
    judge();
    has("OpenStack API (compute) 0 of 13 failed, 6 not sent (up to 1.40 s unseen)");
    has("VM traffic 0 of 58 failed, 12 not sent (up to 1.30 s unseen)");
    has("The data plane was measured with holes: 0 of 58 probes of TCP 10.0.0.5:22 failed (12 not sent)");
    assert_null(strstr(r->headline, "untouched"));
    assert_null(strstr(r->verdict, "was not touched"));
    assert_string_equal(strips[1].words, "0 of 13 failed, 6 not sent (an outage shorter than 1.40 s cannot be excluded)");
    cloud[40].class = STAGE_REFUSED_CONN;
    judge();
    has("OpenStack API (compute) 1 of 13 failed, down for 0.0 ms to 404 ms, 6 not sent (up to 1.40 s of another unseen)");
}

static void two_outages(void **state)
{
    (void)state;
    cloud[30].class = cloud[38].class = cloud[39].class = STAGE_REFUSED_CONN;
    judge();
    has("OpenStack API (compute) 3 of 19 failed, 2 outages, the longest 196 ms to 604 ms;");
    has("3 of 19 failed (connection refused 3): 2 outages, the longest of at least 196 ms and at most 604 ms");
}

/* Only the Kubernetes API was asked: nobody may read that as the service's answers. */
static void openstack_not_asked(void **state)
{
    (void)state;
    r->nstrips = 1;
    r->clock = clocks;
    r->nclocks = 1;
    clocks_from_samples(&clocks[0], STAGE_CLOCK_API, strips, 1);
    assert_true(run_words(r, strips, stage_run_box_arena(box)));
    has("K8s API 0 of 19 failed; OpenStack API not asked");
    has("the Kubernetes API (no OpenStack API was asked) whole after 3.60 s");
}

static void the_data_plane(void **state)
{
    (void)state;
    for (size_t i = 100; i < 120; i++)              /* after T9: it counts all the same */
        vm[i].class = STAGE_TIMEOUT;
    judge();
    has("VM traffic was touched, 20 of 70 failed, away for at least 1.90 s, not back at the end");
    for (size_t i = 110; i < 120; i++)
        vm[i].class = STAGE_OK;
    judge();
    has("VM traffic was touched, 10 of 70 failed, down for ");
    vm[119].class = STAGE_TIMEOUT;
    judge();
    has("VM traffic was touched, 11 of 70 failed, 2 outages, the longest at least 904 ms, not back at the end");
    has("The data plane was touched: 11 of 70 probes");
}

static void deaf_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < 120; i++)
        vm[i].class = STAGE_TIMEOUT;
    judge();
    has("The data plane cannot be judged");
    has("OpenStack API (compute) 0 of 19 failed; a probe failed before the delete already");
    assert_null(strstr(r->headline, "VM traffic"));
}

static void clock_skew(void **state)
{
    (void)state;
    fill(api, 60, 200000, 45000);
    r->milestone[STAGE_T2].server_ms = r->started_ms + 45000;
    r->milestone[STAGE_T2].server_trunc_ms = 1000;
    r->milestone[STAGE_T2].clock = STAGE_CLOCK_API;
    r->milestone[STAGE_T7].server_ms = r->started_ms - 90000 + 3000;
    r->milestone[STAGE_T7].server_trunc_ms = 1000;
    r->milestone[STAGE_T7].clock = STAGE_CLOCK_NODE;
    judge();
    r->nclocks = 3;
    clocks[2] = (struct stage_clock){.whose = STAGE_CLOCK_NODE, .known = true, .lo_ms = -90100, .hi_ms = -89000, .name = "node n2"};
    clock_words(&clocks[2]);
    assert_true(run_words(r, strips, stage_run_box_arena(box)));
    has("the clock of the API server is 45.00 s ahead of ours");
    has("the clock of node n2 and that of the API server differ by more than 2 s");
    assert_string_equal(r->milestone[STAGE_T7].value, "+3.400 s");      /* durations do not care */
    assert_non_null(strstr(r->milestone[STAGE_T2].server, "= +0.5 s +/- 0.6 s"));
    assert_non_null(strstr(r->milestone[STAGE_T7].server, "= +3.0 s"));
    assert_false(r->milestone[STAGE_T7].skewed);
}

static void a_stamp_that_lies(void **state)
{
    (void)state;
    r->milestone[STAGE_T2].server_ms = r->started_ms + 60000;          /* a minute after we saw it */
    r->milestone[STAGE_T2].clock = STAGE_CLOCK_API;
    judge();
    assert_true(r->milestone[STAGE_T2].skewed);
    has("contradict the order in which things arrived");
}

static void it_did_not_heal(void **state)
{
    (void)state;
    r->outcome = STAGE_NOT_HEALED;
    snprintf(r->why, sizeof r->why, "FailedCreate: exceeded quota");
    for (size_t i = STAGE_T2; i <= STAGE_T9; i++)
        r->milestone[i].seen = STAGE_UNKNOWN;
    judge();
    has("NOT HEALED: FailedCreate: exceeded quota");
    has("No replacement came");
    has("It did not heal within 7.00 s: FailedCreate");
    assert_string_equal(r->milestone[STAGE_T7].value, "not seen");
}

/* Nothing was heard any more: what became of the pod is not known, and nobody says that it failed. Healed may have a but. */
static void it_is_not_known(void **state)
{
    (void)state;
    r->outcome = STAGE_NOT_KNOWN;
    snprintf(r->why, sizeof r->why, "nothing heard from mgmt since +0.61 s: connection refused");
    for (size_t i = STAGE_T3; i <= STAGE_T10; i++)
        r->milestone[i].seen = STAGE_UNKNOWN;
    judge();
    has("NOT KNOWN: nothing heard from mgmt since +0.61 s: connection refused; K8s API 0 of");
    has("What became of it is not known: nothing heard from mgmt since +0.61 s: connection refused. What is told of the pods is as of then. It got as far as T2 ");
    assert_null(strstr(r->verdict, "not heal"));
    r->outcome = STAGE_HEALED;
    snprintf(r->why, sizeof r->why, "the replacement restarted 1 time since it was ready");
    seen(STAGE_T7, 3400000);
    judge();
    has("HEALED, but the replacement restarted 1 time since it was ready; replacement ready after 3.40 s");
}

static void gaps_are_said(void **state)
{
    (void)state;
    static const struct stage_gap gap = {.from_us = T0 + S, .to_us = T0 + 4 * S, .what = "the watch of pods ended"};
    r->gap = &gap;
    r->ngaps = 1;
    r->milestone[STAGE_T7].seen = STAGE_SEEN_LATE;
    r->milestone[STAGE_T7].since_us = T0 + S;
    judge();
    has("Gap from +1.00 s to +4.00 s: the watch of pods ended");
    has("ready after at most 3.40 s");
    assert_string_equal(r->milestone[STAGE_T7].value, "<= +3.400 s");
}

/* The answer to the delete was read late: all is counted from the earliest moment at which it may have been accepted. */
static void accepted_in_a_gap(void **state)
{
    (void)state;
    r->milestone[STAGE_T0].seen = STAGE_SEEN_LATE;
    judge();
    assert_string_equal(r->milestone[STAGE_T7].value, "<= +3.400 s");
    has("replacement ready after at most 3.40 s");
}

static void written_and_read(void **state)
{
    (void)state;
    an_outage(NULL);
    static const struct stage_note note = {.at_us = T0 + 7, .warning = true, .text = "Killing: \"x\" \\ |y|"};
    r->note = &note;
    r->nnotes = 1;
    cloud[3].class = STAGE_NOT_SENT;
    cloud[3].sent_us = cloud[3].done_us = 0;
    judge();
    struct stage_snap *s = stage_snap_new(), *again;
    struct str one, two, md;
    struct err err = ERR_INIT;
    str_init(&one, 0);
    str_init(&two, 0);
    str_init(&md, 0);
    assert_true(stage_snap_set_runs(s, &box, 1));
    snprintf(s->title, sizeof s->title, "deployment openstack/nova-api on mgmt");
    assert_true(stage_export(s, NULL, STAGE_JSON, &one));
    again = stage_import(one.data, one.len, &err);
    assert_non_null(again);
    assert_string_equal(again->run[0]->verdict, r->verdict);
    assert_string_equal(again->title, s->title);                   /* of the workload: its pod's name says less */
    assert_true(stage_export(again, NULL, STAGE_JSON, &two));
    assert_string_equal(one.data, two.data);
    assert_true(stage_export(again, NULL, STAGE_MARKDOWN, &md));
    assert_non_null(strstr(md.data, "\\|y\\|"));
    str_clear(&md);
    assert_true(stage_export(again, NULL, STAGE_CAST, &md));
    size_t lines = 0;
    for (char *p = md.data, *nl; (nl = strchr(p, '\n')); p = nl + 1, lines++) {      /* each line is JSON, times do not go back */
        json_t *j = json_loadb(p, (size_t)(nl - p), 0, NULL);
        assert_non_null(j);
        json_decref(j);
    }
    assert_true(lines > 100);
    str_clear(&md);
    assert_true(stage_compare(again, &md));
    assert_non_null(strstr(md.data, "10 of 19"));
    stage_snap_unref(s);
    stage_snap_unref(again);
    str_release(&one);
    str_release(&two);
    str_release(&md);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_null(stage_import("{}", 2, &err));
    assert_int_equal(err.code, ERR_PARSE);
    assert_null(stage_import("x", 1, &err));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(not_one_failed), T(an_outage), T(the_read_is_named_apart), T(before_the_answer), T(not_measured), T(two_outages), T(openstack_not_asked),
        T(the_data_plane), T(deaf_before), T(clock_skew), T(a_stamp_that_lies), T(it_did_not_heal), T(it_is_not_known), T(gaps_are_said),
        T(written_and_read), T(accepted_in_a_gap), T(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
