/* Slots, outage bounds, percentiles, clock offsets. */
#include "stage_json.h"

#include "core/stage/numbers.h"
#include "core/stage/probe.h"

#define MS 1000

static struct stage_sample v[400];
static struct stage_strip s;

/* one sample each 200 ms; class letters: . ok, x refused, t timeout (3 s), - not sent, ? pending, 4 = 401 */
static void strip(enum stage_probe kind, const char *classes)
{
    s = (struct stage_strip){.kind = kind, .period_us = 200 * MS, .sample = v, .n = strlen(classes)};
    for (size_t i = 0; i < s.n; i++) {
        int64_t slot = (int64_t)(1 + i) * 200 * MS;
        v[i] = (struct stage_sample){.slot_us = slot, .sent_us = slot + 1 * MS, .done_us = slot + 5 * MS, .theta_lo_ms = 1};
        switch (classes[i]) {
        case '.': v[i].class = STAGE_OK; v[i].status = 200; break;
        case 'x': v[i].class = STAGE_REFUSED_CONN; break;
        case 't': v[i].class = STAGE_TIMEOUT; v[i].done_us = slot + 3000 * MS; break;
        case '-': v[i].class = STAGE_NOT_SENT; v[i].sent_us = v[i].done_us = 0; break;
        case '?': v[i].class = STAGE_PENDING; v[i].done_us = 0; break;
        case '4': v[i].class = STAGE_HTTP_4XX; v[i].status = 401; break;
        }
    }
}

static void slots(void **state)
{
    (void)state;
    struct slots t = {.next_us = 1000, .period_us = 200};
    assert_int_equal(slots_due(&t, 999), 0);
    assert_int_equal(slots_due(&t, 1000), 1);
    assert_int_equal(t.next_us, 1200);
    assert_int_equal(slots_due(&t, 1199), 0);
    assert_int_equal(slots_due(&t, 1850), 4);      /* 1200 1400 1600 1800: held up, none is forgotten */
    assert_int_equal(t.next_us, 2000);
    assert_true(slot_too_late(&t, 1600, 1850));
    assert_false(slot_too_late(&t, 1800, 1850));
}

static void nothing_failed(void **state)
{
    (void)state;
    struct stage_numbers n;
    strip(STAGE_P1, "..........");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.sent, 6);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.outage_hi_us, 0);
    assert_int_equal(n.before_p50_us, 5 * MS);
    numbers_make(&n, &s, 1000 * MS, 1400 * MS, 0);
    assert_int_equal(n.sent, 3);
}

static void outage_bounds(void **state)
{
    (void)state;
    struct stage_numbers n;
    strip(STAGE_P1, ".....xxx.x......");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 4);
    assert_int_equal(n.longest_run, 3);
    assert_int_equal(n.longest_run_us, 400 * MS);
    /* of the longer one: failed answer 1205 ms to failing request 1601; last good sent 1001, first good after answered 1805 */
    assert_int_equal(n.outages, 2);
    assert_int_equal(n.outage_lo_us, 396 * MS);
    assert_int_equal(n.outage_hi_us, 804 * MS);
    strip(STAGE_P1, ".....x....");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.outage_lo_us, 0);            /* one failure proves a moment, no duration */
    assert_int_equal(n.outage_hi_us, 404 * MS);
    strip(STAGE_P1, ".....ttttttttttttttttt....");      /* nobody answered them, until one sent later was answered */
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.outage_lo_us, 3404 * MS);
    assert_int_equal(n.outage_hi_us, 3604 * MS);
    strip(STAGE_P1, ".....xx");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.outage_hi_us, -1);           /* not back */
}

/* Answered and not answered take turns: neither is what lies between two good answers proven to be down. */
static void good_answers_in_between(void **state)
{
    (void)state;
    struct stage_numbers n;
    strip(STAGE_P1, ".....x......x....");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 2);
    assert_int_equal(n.outages, 2);
    assert_int_equal(n.outage_lo_us, 0);
    assert_int_equal(n.outage_hi_us, 404 * MS);
    assert_int_equal(n.longest_run, 1);
    assert_int_equal(n.blind_us, 204 * MS);
}

/* One request that hung while the server stood still proves all the time it hung, the others were answered at its end. */
static void a_hung_request(void **state)
{
    (void)state;
    struct stage_numbers n;
    strip(STAGE_P1, ".....t...................");
    for (size_t i = 6; i < 21; i++)                 /* 1400 .. 4200: answered when it went on, 4250 */
        v[i].done_us = 4250 * MS;
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 1);
    assert_int_equal(n.outage_lo_us, 2999 * MS);
    assert_int_equal(n.outage_hi_us, 3249 * MS);
    strip(STAGE_P1, ".........................");
    for (size_t i = 6; i < 21; i++)                 /* the same, but none gave up */
        v[i].done_us = 4250 * MS;
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.blind_us, 3049 * MS);
    assert_true(numbers_holes(&s) == false);        /* it asks the strip's own numbers */
    s.num = n;
    assert_true(numbers_holes(&s));
}

/* What was not sent is not measured: no proof of health, and none of an outage. */
static void unsent(void **state)
{
    (void)state;
    struct stage_numbers n;
    strip(STAGE_P1, "......------......");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.not_sent, 6);
    assert_int_equal(n.blind_us, 1404 * MS);        /* sent 1201, answered 2605 */
    strip(STAGE_P1, "......-.....");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.blind_us, 404 * MS);
    s.num = n;
    assert_true(numbers_holes(&s));
    strip(STAGE_P1, ".....xx------xx....");          /* two outages, or one: at least the longer of the two that were seen */
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.outage_lo_us, 196 * MS);
    assert_int_equal(n.outage_hi_us, 2204 * MS);
    strip(STAGE_P1, "........----");                 /* the end was not seen either */
    numbers_make(&n, &s, 1000 * MS, 0, 2500 * MS);
    assert_int_equal(n.blind_us, 899 * MS);
    strip(STAGE_P1, "-----------.");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.blind_us, 1405 * MS);        /* from the delete on */
}

static void what_is_no_failure(void **state)
{
    (void)state;
    struct stage_numbers n;
    strip(STAGE_P1, ".....-?.");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.not_sent, 1);
    assert_int_equal(n.pending, 1);
    assert_int_equal(n.sent, 2);
    strip(STAGE_P2, ".....4..");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.reauth, 1);
    assert_int_equal(n.by_class[STAGE_HTTP_4XX], 0);
    strip(STAGE_P2, ".....44.");                    /* the second left before the first came back: with the same token */
    v[5].done_us = v[6].sent_us + 5 * MS;
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 0);
    assert_int_equal(n.reauth, 2);
    strip(STAGE_P2, ".....444");                    /* the new token did not help */
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 2);
    strip(STAGE_P1, ".....4..");
    numbers_make(&n, &s, 1000 * MS, 0, 0);
    assert_int_equal(n.failed, 1);
    strip(STAGE_P1, "xxxxx...");
    numbers_make(&n, &s, 1000 * MS + 1, 0, 0);
    assert_true(n.failing_before);
    numbers_make(&n, &s, 0, 0, 0);                  /* no delete yet: all of it is before */
    assert_true(n.failing_before);
}

static void whole(void **state)
{
    (void)state;
    int64_t since = 0;
    strip(STAGE_P1, ".....xxx.x......");
    assert_int_equal(numbers_whole(&s, 1000 * MS, 5, &since), 2205 * MS);
    assert_int_equal(numbers_whole(&s, 1000 * MS, 7, &since), 0);
    strip(STAGE_P1, ".....xxx.x.-.?..");            /* unknown ones neither count nor break */
    assert_int_equal(numbers_whole(&s, 1000 * MS, 4, &since), 2205 * MS);
    assert_int_equal(numbers_whole(&s, 1000 * MS, 5, &since), 0);
    assert_int_equal(since, 2205 * MS);
    strip(STAGE_P1, ".....xxx---.....");            /* it may have come back in what was not sent */
    assert_int_equal(numbers_whole(&s, 1000 * MS, 5, &since), 2405 * MS);
    assert_int_equal(since, 1601 * MS);
}

static void dates(void **state)
{
    (void)state;
    int64_t ms, lo, hi;
    assert_true(http_date("Sun, 06 Nov 1994 08:49:37 GMT", &ms));
    assert_int_equal(ms, 784111777000);
    assert_false(http_date("Sunday, 06-Nov-94 08:49:37 GMT", &ms));
    assert_false(http_date("Sun, 06 Xyz 1994 08:49:37 GMT", &ms));
    assert_false(http_date("", &ms));
    /* their clock is 45 s ahead; asked at 100.700 s, answered at 100.710 s: Date says 145 */
    theta_date(145000, 100700000, 100710000, &lo, &hi);
    assert_true(lo <= 45000 && 45000 <= hi);
    assert_int_equal(lo, 44290);
    assert_int_equal(hi, 45300);
}

static void offsets_narrow(void **state)
{
    (void)state;
    struct theta t = {0};
    int64_t lo, hi, truth = -12345;
    for (int64_t at = 0; at < 60000; at += 200) {   /* 5/s for a minute, 10 ms each */
        int64_t server = 1000000 + at + 5 + truth, date = server / 1000 * 1000;
        theta_date(date, (1000000 + at) * 1000, (1000000 + at + 10) * 1000, &lo, &hi);
        theta_add(&t, lo, hi);
        assert_true(t.lo_ms <= truth && truth <= t.hi_ms);
    }
    assert_int_equal(t.steps, 0);
    assert_true(t.hi_ms - t.lo_ms <= 210);          /* not finer: the probes fall on five places of the second */
    theta_date(2000000, 1000000000, 1000010000, &lo, &hi);
    theta_add(&t, lo, hi);                          /* the server's clock was set */
    assert_int_equal(t.steps, 1);
    assert_int_equal(t.lo_ms, lo);
}

static void nodes(void **state)
{
    (void)state;
    struct node_theta n = {0};
    struct theta api = {.known = true, .lo_ms = -5, .hi_ms = 5};
    int64_t lo, hi;
    assert_false(node_theta_bounds(&n, &api, &lo, &hi));
    /* 90 s behind; each lease arrives 20..40 ms after it was written */
    for (int i = 0; i < 30; i++) {
        int64_t at = 1000000 + i * 10000 + 370, renew = at - 90000;
        node_theta_add(&n, renew * 1000, (at + 20 + i % 3 * 10) * 1000, at / 1000 * 1000);
    }
    assert_true(node_theta_bounds(&n, &api, &lo, &hi));
    assert_int_equal(lo, -90020);
    assert_true(hi >= -90000 && hi < -88000);
    for (int i = 0; i < 3; i++) {                   /* it was set right: what it said before counts no more */
        int64_t at = 1300000 + i * 10000 + 370;
        node_theta_add(&n, at * 1000, (at + 20) * 1000, at / 1000 * 1000);
    }
    assert_true(node_theta_bounds(&n, &api, &lo, &hi));
    assert_int_equal(lo, -20);
    assert_true(hi >= 0 && hi < 2000);
    struct node_theta back = {0};                   /* and from ahead of the others back to them: no bound from then */
    node_theta_add(&back, 1036370000, 1000370000, 1036000);
    node_theta_add(&back, 1010370000, 1010390000, 1010000);
    assert_true(node_theta_bounds(&back, &api, &lo, &hi));
    assert_int_equal(lo, -20);
    assert_true(hi >= 0 && hi < 2000);
    struct node_theta good = {0};                   /* two good leases, then many late ones: the bounds stay */
    node_theta_add(&good, 1000010000, 1000012000, 1000000);
    node_theta_add(&good, 1010020000, 1010024000, 1010000);
    assert_true(node_theta_bounds(&good, &api, &lo, &hi));
    for (int i = 0; i < 100; i++) {
        int64_t at = 1020000 + i * 10000 + 900, was = hi - lo;
        node_theta_add(&good, at * 1000, (at + 500) * 1000, at / 1000 * 1000);
        assert_true(node_theta_bounds(&good, &api, &lo, &hi));
        assert_true(hi - lo <= was);
    }
    assert_int_equal(lo, -2);
    node_theta_bounds(&n, &(struct theta){0}, &lo, &hi);
    assert_true(hi == INT64_MAX);
}

static void anchored(void **state)
{
    (void)state;
    struct wall_anchor a = {.mono_us = 1000, .wall_us = 5000000};
    assert_int_equal(wall_of(&a, 2000), 5001000);
    struct samples q;
    struct arena ar;
    const struct stage_sample *out;
    arena_init(&ar, 0);
    assert_true(samples_init(&q));
    for (int i = 0; i < 10; i++)
        assert_int_equal(samples_add(&q, &(struct stage_sample){.slot_us = i, .class = STAGE_PENDING}), i);
    samples_trim(&q, 4);
    samples_set(&q, 8, &(struct stage_sample){.slot_us = 8, .class = STAGE_OK});      /* an answer after the trim finds its slot */
    samples_set(&q, 2, &(struct stage_sample){.class = STAGE_OK});
    assert_int_equal(samples_copy(&q, &ar, &out), 4);
    assert_int_equal(out[0].slot_us, 6);
    assert_int_equal(out[2].class, STAGE_OK);
    assert_int_equal(out[1].class, STAGE_PENDING);
    samples_release(&q);
    arena_release(&ar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots), cmocka_unit_test(nothing_failed), cmocka_unit_test(outage_bounds), cmocka_unit_test(good_answers_in_between),
        cmocka_unit_test(a_hung_request), cmocka_unit_test(unsent), cmocka_unit_test(what_is_no_failure),
        cmocka_unit_test(whole), cmocka_unit_test(dates), cmocka_unit_test(offsets_narrow), cmocka_unit_test(nodes), cmocka_unit_test(anchored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
