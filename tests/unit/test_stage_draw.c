/* The stage's picture: what stands where at three sizes, which probes are told apart, what gives way when room is short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/stage_draw.h"

#define SECOND 1000000LL
#define T0 (100 * SECOND)

static struct stage_sample samples[60];
static struct stage_strip strips[2];
static struct stage_pod pods[2];
static struct stage_fact facts[2];
static struct stage_note notes[2];
static struct stage_run run;
static const struct stage_run *runs[2];
static struct stage_snap snap;

static void fill(void)
{
    static const char *const titles[STAGE_MILESTONES] = {"delete accepted", "endpoint withdrawn", "replacement exists", "scheduled", "sandbox up",
        "init done", "containers running", "ready", "endpoint back", "API whole again", "old pod gone", "agent rows settle"};
    static char ids[STAGE_MILESTONES][16];
    memset(&run, 0, sizeof(run));
    memset(&snap, 0, sizeof(snap));
    for (int i = 0; i < 60; i++)
        samples[i] = (struct stage_sample){.slot_us = T0 + (i - 10) * SECOND / 5, .class = STAGE_OK};
    samples[20].class = STAGE_HTTP_5XX;
    samples[21].class = STAGE_REFUSED_CONN;
    samples[30].class = STAGE_NOT_SENT;
    strips[0] = (struct stage_strip){.kind = STAGE_P3, .label = "K8s API", .target = "https://127.0.0.1/readyz", .sample = samples, .n = 60,
                                     .num = {.sent = 59, .ok = 57, .failed = 2}, .words = "2 of 59 failed"};
    strips[1] = (struct stage_strip){.kind = STAGE_P4, .label = "VM data", .note = "no server chosen: press v"};
    pods[0] = (struct stage_pod){.role = STAGE_POD_OLD, .name = "nova-api-old", .status = "Terminating", .terminating = true, .health = HEALTH_BUSY};
    pods[1] = (struct stage_pod){.role = STAGE_POD_NEW, .name = "nova-api-new", .status = "Running", .ready = true, .health = HEALTH_OK};
    facts[0] = (struct stage_fact){STAGE_FINE, "owner", "Deployment nova-api makes a new pod at once.", "ownerReferences", false};
    facts[1] = (struct stage_fact){STAGE_WARN, "replicas", "One replica: the API will not answer meanwhile.", "spec.replicas=1", false};
    notes[0] = (struct stage_note){.at_us = T0 + SECOND, .text = "Killing: Stopping container nova-api"};
    notes[1] = (struct stage_note){.at_us = T0 + 2 * SECOND, .marker = true, .text = "marker 1"};
    run = (struct stage_run){.number = 1, .outcome = STAGE_HEALED, .ns = "openstack", .pod = "nova-api-old", .t0_us = T0, .asked_us = T0, .end_us = T0 + 5 * SECOND,
                             .strip = strips, .nstrips = 2, .note = notes, .nnotes = 2,
                             .headline = "HEALED in 3.4 s: 2 of 59 requests failed", .verdict = "Outage between 0.2 s and 0.6 s.\nVM traffic was not probed."};
    for (int i = 0; i < STAGE_MILESTONES; i++) {
        struct stage_milestone *m = &run.milestone[i];
        snprintf(ids[i], sizeof(ids[i]), "T%d", i);
        *m = (struct stage_milestone){.seen = STAGE_SEEN, .at_us = T0 + i * SECOND / 2, .id = ids[i], .title = titles[i]};
        snprintf(m->value, sizeof(m->value), "+%.3f s", i / 2.0);
    }
    run.milestone[5].seen = run.milestone[11].seen = STAGE_NOT_EXPECTED;
    runs[0] = runs[1] = &run;
    snap = (struct stage_snap){.phase = STAGE_DONE, .now_us = T0 + 6 * SECOND, .status = "HEALED in 3.4 s: 2 of 59 requests failed", .strip = strips, .nstrips = 2, .fact = facts,
                               .nfacts = 2, .pod = pods, .npods = 2, .run = runs, .nruns = 1};
}

static char *picture(struct canvas *c, int w, int h, const struct stage_look *l)
{
    char *out = calloc((size_t)(w * 6 + 1) * (size_t)h + 1, 1), *p = out;
    canvas_init(c);
    assert_true(canvas_resize(c, w, h));
    stage_draw(c, (struct rect){0, 0, w, h}, l);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            char cell[24];
            size_t n = canvas_cell_text(c, &c->cells[y * w + x], cell);
            memcpy(p, cell, n);
            p += n;
        }
        *p++ = '\n';
    }
    if (getenv("STAGE_SHOW"))
        printf("%s", out);
    return out;
}

static void shown(int w, int h, const struct stage_look *l, const char *const *want)
{
    struct canvas c;
    char *text = picture(&c, w, h, l);
    for (; *want; want++)
        if (!strstr(text, *want))
            fail_msg("at %dx%d '%s' is missing in\n%s", w, h, *want, text);
    free(text);
    canvas_release(&c);
}

static void a_run_that_ended(void **state)
{
    static const char *const small[] = {"T0", "delete accepted", "T8", "T10", "+4.500 s", "HEALED in 3.4 s", "K8s API", "VM data", "no server chosen", "4.00 s", NULL};
    static const char *const wide[] = {"Run 1: openstack/nova-api-old", "T5", "nova-api-new", "NEW", "marker 1", "Outage between", "2 of 59 failed",
                                       "https://127.0.0.1/readyz", NULL};
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    (void)state;
    fill();
    shown(80, 20, &l, small);
    shown(120, 36, &l, wide);
    shown(200, 56, &l, wide);
}

static void the_plan_before_it(void **state)
{
    static const char *const want[] = {"Will it heal?", "makes a new pod at once", "One replica", "spec.replicas=1", "Delete it now?", NULL};
    struct stage_look l = {.snap = &snap, .now_us = T0, .question = "Delete it now?"};
    (void)state;
    fill();
    snap.phase = STAGE_READY;
    snap.nruns = 0;
    shown(80, 20, &l, want);
    shown(120, 36, &l, want);
}

/* A run of a century, one of no length, moments before its beginning: nothing overflows, nothing is drawn beside its place. */
static void extreme_times(void **state)
{
    static const char *const want[] = {"T8", "endpoint back", NULL};
    static const int64_t far[] = {0, 1, 99, 3600 * SECOND, 100LL * 365 * 86400 * SECOND, 1LL << 61};
    struct stage_look l = {.snap = &snap, .run = &run};
    (void)state;
    for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
        fill();
        run.outcome = i % 2 ? STAGE_RUNNING : STAGE_HEALED;
        l.now_us = run.end_us = T0 + far[i];
        run.milestone[STAGE_T8].at_us = T0 + far[i];
        run.milestone[STAGE_T8].since_us = 0;
        run.milestone[STAGE_T8].seen = STAGE_SEEN_LATE;
        run.milestone[STAGE_T1].at_us = run.milestone[STAGE_T1].since_us = T0 - 50 * SECOND;
        shown(120, 36, &l, want);
        shown(200, 56, &l, want);
    }
}

/* However few rows there are: what is not shown is scrolled to, and it is shown that there is more. */
static void all_of_it_is_reached(void **state)
{
    static const char *const parts[] = {"T0 ", "T8 ", "T10", "nova-api-new", "NEW", "Outage between", "VM traffic was not probed", "marker 1", "Killing: Stopping"};
    (void)state;
    for (int h = 14; h < 30; h++) {
        struct stage_scroll scroll = {0};
        struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND, .scroll = &scroll};
        bool found[sizeof(parts) / sizeof(*parts)] = {false};
        struct canvas c;
        fill();
        do {
            char *text = picture(&c, 80, h, &l);
            for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
                found[i] |= strstr(text, parts[i]) != NULL;
            assert_true(!strstr(text, glyph(&c, GLYPH_DOWN)) == (scroll.at == scroll.last));
            free(text);
            canvas_release(&c);
        } while (scroll.at++ < scroll.last);
        for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
            if (!found[i])
                fail_msg("at 80x%d '%s' is nowhere", h, parts[i]);
    }
}

/* A question is never cut off, whatever it costs the rest. */
static void the_whole_question(void **state)
{
    static const char *const want[] = {"Delete pod", "any other key: no", "prod_", NULL};
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0, .typed = "prod",
                           .question = "Delete pod openstack/nova-api-osapi-37c371d7e6-4rx2h on a cluster with a long name now? y: delete   any other key: no"};
    (void)state;
    fill();
    shown(80, 20, &l, want);
}

/* One cell a probe, a bar where the pod was deleted, failures and unsent slots with glyphs of their own. */
static void cells_of_a_strip(void **state)
{
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    struct canvas c;
    (void)state;
    fill();
    run.nnotes = 0;                    /* a marker would stand between them */
    char *text = picture(&c, 120, 20, &l);
    char *row = strstr(text, "K8s API");
    assert_non_null(row);
    char want[400] = "", *p = want;
    for (int i = 0; i < 60; i++)
        p += sprintf(p, "%s%s", i == 10 ? glyph(&c, GLYPH_V) : "", glyph(&c, i == 20 || i == 21 ? GLYPH_BAD : i == 30 ? GLYPH_UNKNOWN : GLYPH_BLOCK));
    assert_non_null(strstr(row, want));
    free(text);
    canvas_release(&c);
}

/* Before the first probe that was sent after it. */
static void a_marker_in_the_strip(void **state)
{
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    struct canvas c;
    (void)state;
    fill();
    notes[1].at_us = T0 + SECOND + 1;                          /* the probes 11 to 15 were sent by then, of 50 after the delete */
    char *text = picture(&c, 120, 20, &l), *row = strstr(text, "K8s API"), want[200] = "", *p = want;
    for (int i = 10; i < 17; i++)
        p += sprintf(p, "%s%s%s", i == 10 ? glyph(&c, GLYPH_V) : "", i == 16 ? glyph(&c, GLYPH_FOLD) : "", glyph(&c, GLYPH_BLOCK));
    assert_non_null(strstr(row, want));
    free(text);
    canvas_release(&c);
}

static int column_of(struct canvas *c, const char *label, enum glyph g)
{
    for (int y = 0; y < c->h; y++) {
        char row[4000] = "", cell[24];
        int at = -1;
        for (int x = 0; x < c->w; x++) {
            canvas_cell_text(c, &c->cells[y * c->w + x], cell);
            strcat(row, cell);
            if (at < 0 && x > 16 && !strcmp(cell, glyph(c, g)))
                at = x;
        }
        if (strstr(row, label))
            return at;
    }
    return -2;
}

/* Probes of another pace: the delete stands in one column all the same. */
static void the_delete_in_one_column(void **state)
{
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    struct canvas c;
    (void)state;
    fill();
    strips[1] = strips[0];
    strips[1].sample += 8;             /* two before the delete, not ten */
    strips[1].n -= 8;
    snprintf(strips[1].label, sizeof(strips[1].label), "VM data");
    free(picture(&c, 120, 36, &l));
    assert_in_range(column_of(&c, "K8s API", GLYPH_V), 17, 118);
    assert_int_equal(column_of(&c, "VM data", GLYPH_V), column_of(&c, "K8s API", GLYPH_V));
    canvas_release(&c);
}

/* A bar from what a milestone waited for to its moment; the one that is awaited grows. */
static void bars_of_the_milestones(void **state)
{
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 8 * SECOND};
    struct canvas c;
    (void)state;
    fill();
    run.outcome = STAGE_RUNNING;
    run.milestone[STAGE_T9].seen = run.milestone[STAGE_T10].seen = STAGE_WAITING;
    run.milestone[STAGE_T4].at_us = run.milestone[STAGE_T3].at_us = T0 + SECOND / 10;
    free(picture(&c, 120, 36, &l));
    int t3 = column_of(&c, "T3 ", GLYPH_BLOCK), t6 = column_of(&c, "T6 ", GLYPH_BLOCK), t7 = column_of(&c, "T7 ", GLYPH_BLOCK), t9 = column_of(&c, "T9 ", GLYPH_DOT);
    assert_true(t3 > 30 && t6 <= t3 + 2 && t7 > t6 + 8 && t9 > t7);
    canvas_release(&c);
}

/* Healed: what still comes is about the old pod and the probes; the timer stands. */
static void the_timer_stands_once_it_is_healed(void **state)
{
    static const char *const want[] = {"4.0 s", NULL}, *const later[] = {"8.0 s", NULL};
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 8 * SECOND};
    (void)state;
    fill();
    run.outcome = STAGE_RUNNING;
    run.milestone[STAGE_T10].seen = STAGE_WAITING;
    shown(80, 20, &l, want);
    run.milestone[STAGE_T8].seen = STAGE_WAITING;
    shown(80, 20, &l, later);
}

/* The other lane: services, ghosts, the watched server; its age; below the pods where it is narrow, beside them where not. */
static void services_and_the_server(void **state)
{
    static struct stage_row rows[] = {
        {.role = STAGE_ROW_GROUP, .name = "nova-compute", .text = "4 of 4 up", .health = HEALTH_OK},
        {.role = STAGE_ROW_GHOST, .name = "nova-conductor on nova-conductor-old", .text = "ghost: its pod is gone", .health = HEALTH_WARN},
        {.role = STAGE_ROW_VM, .name = "server web-1", .text = "TCP 10.0.0.5:22: 0 of 120 failed", .health = HEALTH_OK}};
    static const char *const want[] = {"OpenStack services and VM read 3 s ago", "nova-compute", "4 of 4 up", "nova-conductor-old", "ghost: its pod is gone",
                                       "server web-1", "0 of 120 failed", NULL};
    static const char *const note[] = {"no cloud is behind this pod", NULL}, *const was[] = {"at the end of run 1", "4 of 4 up", NULL};
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    struct stage_run second;
    (void)state;
    fill();
    snap.row = rows, snap.nrows = 3, snap.rows_us = T0 + 6 * SECOND;
    shown(80, 44, &l, want);
    shown(120, 36, &l, want);
    shown(200, 56, &l, want);
    second = run, second.number = 2, second.row = rows, second.nrows = 3;
    runs[1] = &second, snap.nruns = 2;
    snap.nrows = 0, run.row = rows, run.nrows = 3;             /* the last run: as it is now; the first: as it was */
    snprintf(snap.rows_note, sizeof(snap.rows_note), "no cloud is behind this pod");
    shown(120, 36, &l, was);
    l.run = &second;
    shown(120, 36, &l, note);
}

/* Nothing that is old looks fresh. */
static void a_side_that_is_not_heard(void **state)
{
    static const char *const want[] = {"STALE: Kubernetes is not heard for 7 s: it refuses the connection", NULL};
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    struct canvas c;
    (void)state;
    fill();
    run.outcome = STAGE_RUNNING;
    snap.phase = STAGE_HEALING;
    snap.stale_us = T0 + 2 * SECOND;
    snprintf(snap.stale_why, sizeof(snap.stale_why), "it refuses the connection");
    shown(120, 36, &l, want);
    char *text = picture(&c, 120, 36, &l), *pods = strstr(text, "Pods of the workload"), *pod = strstr(pods, "nova-api-new"), look[32];
    snprintf(look, sizeof(look), "%s nova-api-new", glyph(&c, GLYPH_UNKNOWN));
    assert_ptr_equal(strstr(pods, look) + strlen(look) - strlen("nova-api-new"), pod);
    free(text);
    canvas_release(&c);
}

static void a_tiny_window(void **state)
{
    struct stage_look l = {.snap = &snap, .run = &run, .now_us = T0 + 9 * SECOND};
    (void)state;
    fill();
    for (int w = 1; w < 60; w += 3)
        for (int h = 1; h < 14; h++) {
            struct canvas c;
            free(picture(&c, w, h, &l));
            canvas_release(&c);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_ended),
        cmocka_unit_test(the_plan_before_it), cmocka_unit_test(extreme_times),
        cmocka_unit_test(all_of_it_is_reached),
        cmocka_unit_test(the_whole_question),
        cmocka_unit_test(cells_of_a_strip),
        cmocka_unit_test(a_marker_in_the_strip),
        cmocka_unit_test(the_delete_in_one_column),
        cmocka_unit_test(bars_of_the_milestones),
        cmocka_unit_test(the_timer_stands_once_it_is_healed),
        cmocka_unit_test(services_and_the_server),
        cmocka_unit_test(a_side_that_is_not_heard),
        cmocka_unit_test(a_tiny_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
