/* What :ops says of an operation: what it waits for, how far it is, when it may be done; nothing that nobody can know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/dialog_op.h"
#include "tui/ops_draw.h"

#define ALONE UINT32_MAX
#define STEP(TEXT, STATE, PARENT, BEGAN, ENDED, NOTE) \
    {.text = (TEXT), .request = "", .note = (NOTE), .request_id = "", .source = "lab", .kind = "", .scope = "", .place = "", .name = "n", .parent = (PARENT), \
     .state = (STATE), .began_mono_ms = (BEGAN), .ended_mono_ms = (ENDED)}

static const struct step_view drain[] = {
    STEP("drain node n on lab", STEP_WATCHING, ALONE, 1000, 0, "2 of 5 pods gone"),
    STEP("cordon node n on lab", STEP_DONE, 0, 1000, 1100, ""),
    STEP("evict pod a on lab", STEP_DONE, 0, 2000, 8000, ""),
    STEP("evict pod b on lab", STEP_DONE, 0, 2000, 12000, ""),
    STEP("evict pod c on lab", STEP_WATCHING, 0, 8000, 0, "it is ending"),
    STEP("evict pod d on lab", STEP_FAILED, 0, 8000, 9000, "refused"),
    STEP("evict pod e on lab", STEP_WAITING, 0, 0, 0, ""),
};

static struct op_view view(const struct step_view *s, size_t n)
{
    return (struct op_view){.key = "", .title = "drain node n on lab", .wanted = "", .note = "running", .given = "", .state = OPS_RUNNING,
                            .steps = s, .nsteps = n, .total = 6, .done = 3, .failed = 1, .began_mono_ms = 1000};
}

static void test_progress(void **state)
{
    (void)state;
    char words[200];
    struct op_view o = view(drain, 7);
    assert_int_equal(ops_left_s(&o, 22000), 20);                 /* two in 20 s, two to go; the cordon was other work */
    ops_progress(&o, 22000, words, sizeof words);
    assert_string_equal(words, "running, 3 of 6 done, 1 failed, 1 under way, 1 waiting, 21s, about 20s left at this pace");
    struct step_view s[7];
    memcpy(s, drain, sizeof s);
    for (size_t i = 0; i < 7; i++) s[i].kind = i < 2 ? "node" : "pod";     /* as the drain's own words count: the pods */
    struct op_view pods = view(s, 7);
    ops_progress(&pods, 22000, words, sizeof words);
    assert_string_equal(words, "running, 2 of 5 done, 1 failed, 1 under way, 1 waiting, 21s, about 20s left at this pace");
    struct ops_count n = ops_count(&pods);
    assert_int_equal(n.done, 2);
    assert_int_equal(n.total, 5);
    o.state = OPS_PAUSED;
    assert_int_equal(ops_left_s(&o, 22000), -1);
    o.state = OPS_FAILED;
    o.ended_mono_ms = 31000;
    ops_progress(&o, 99000, words, sizeof words);
    assert_null(strstr(words, "left"));
    assert_non_null(strstr(words, "30s"));
}

static void test_no_pace(void **state)
{
    (void)state;
    struct step_view s[7];
    memcpy(s, drain, sizeof s);
    struct op_view o = view(s, 7);
    struct step_view late[7];
    memcpy(late, drain, sizeof late);
    late[4].began_mono_ms = 512000;                              /* after a pause, which is no pace */
    late[5].began_mono_ms = 510000;
    late[5].ended_mono_ms = 512000;
    struct op_view paused = view(late, 7);
    assert_int_equal(ops_left_s(&paused, 520000), 20);
    late[4].state = STEP_WAITING;                                /* all that is left waits, for a budget: nobody knows for how long */
    assert_int_equal(ops_left_s(&paused, 520000), -1);
    s[3].state = STEP_FAILED;                                    /* one alone is no pace */
    assert_int_equal(ops_left_s(&o, 22000), -1);
    s[3].state = STEP_DONE;
    s[6].text = "uncordon node n on lab";                        /* work of another kind is ahead */
    assert_int_equal(ops_left_s(&o, 22000), -1);
    assert_int_equal(ops_left_s(&(struct op_view){.state = OPS_RUNNING}, 22000), -1);
}

static void test_standing(void **state)
{
    (void)state;
    char words[200];
    struct op_view o = view(drain, 7);
    ops_standing(&o, words, sizeof words);
    assert_string_equal(words, "2 of 5 pods gone");
    o.state = OPS_PAUSED;
    o.note = "paused: nothing more is begun";
    ops_standing(&o, words, sizeof words);
    assert_string_equal(words, "paused: nothing more is begun");
    struct step_view two[] = {STEP("delete pod a", STEP_WATCHING, ALONE, 1, 0, "it is ending"), STEP("delete pod b", STEP_WATCHING, ALONE, 1, 0, "a finalizer")};
    o = view(two, 2);
    ops_standing(&o, words, sizeof words);
    assert_string_equal(words, "2 under way: n: it is ending");
}

static void test_follow(void **state)
{
    (void)state;
    struct op_view o = view(drain, 7);
    assert_int_equal(ops_follow(&o, 7), 0);
    assert_int_equal(ops_follow(&o, 4), 2);
}

static void test_follow_many(void **state)
{
    static const struct step_view s[] = {
        STEP("drain node n1 on lab", STEP_WATCHING, ALONE, 1000, 0, ""), STEP("cordon node n1 on lab", STEP_DONE, 0, 1000, 1100, ""),
        STEP("evict pod a on lab", STEP_DONE, 0, 1000, 1100, ""), STEP("drain node n2 on lab", STEP_WATCHING, ALONE, 1000, 0, ""),
        STEP("cordon node n2 on lab", STEP_WATCHING, 3, 1000, 0, ""), STEP("evict pod b on lab", STEP_DONE, 4, 1000, 1100, ""),
    };
    (void)state;
    struct op_view o = view(s, 6);
    assert_int_equal(ops_follow(&o, 4), 2);                      /* n1, its two, n2, and there it is: the fifth line */
    assert_int_equal(ops_depth(&o, 3), 0);
    assert_int_equal(ops_depth(&o, 5), 2);
}

static void test_words(void **state)
{
    (void)state;
    struct op_view o = view(drain, 7);
    assert_string_equal(op_one_place(&o), "lab");
    assert_int_equal(op_step_words("evict pod a on lab", "lab"), 11);
    assert_int_equal(op_step_words("evict pod a on lab2", "lab"), 19);
    assert_int_equal(op_step_words("evict pod a on lab", NULL), 18);
    assert_int_equal(op_step_words(" on lab", "lab"), 7);
    assert_int_equal(op_plan_lead("! no", 4), 2);
    assert_int_equal(op_plan_lead("  - evict", 9), 4);
    assert_int_equal(op_plan_lead("  mgmt: 2", 9), 2);
    assert_int_equal(op_plan_lead("5 steps:", 8), 0);
    assert_int_equal(op_plan_lead("!", 1), 0);
}

/* Of thousands of objects with something to say of each: a plan that can be read, the worst first. */
static void test_many_facts(void **state)
{
    enum { MANY = 5000, LONG = 300 };
    static struct step_view s[MANY];
    static struct fact_view facts[MANY];
    static char text[MANY][LONG];
    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        s[i] = (struct step_view)STEP("delete pod n on lab", STEP_WAITING, ALONE, 0, 0, "");
        memset(text[i], 'x', LONG - 1);
        snprintf(text[i], LONG - 1, "fact %u", i);
        text[i][strlen(text[i])] = ' ';
        facts[i] = (struct fact_view){.level = i == MANY - 1 ? FACT_DANGER : FACT_INFO, .step = i, .text = text[i]};
    }
    struct op_view o = view(s, MANY);
    o.facts = facts;
    o.nfacts = MANY;
    o.err.msg[0] = '\0';
    struct op_dialog d = {.plan = &o};
    size_t len;
    assert_true(op_plan_text(&d));
    assert_memory_equal(textbuf_line(&d.text, 0, &len), "! n: fact 4999 ", 15);
    assert_memory_equal(textbuf_line(&d.text, 500, &len), "  ... and 4500 more", 19);
    textbuf_release(&d.text);
}

/* Two of one name in two clusters: of which one it is said. */
static void test_whose_fact(void **state)
{
    static const struct fact_view facts[] = {{.level = FACT_DANGER, .step = 1, .text = "image was set by somebody else since"}};
    struct step_view s[] = {STEP("set-image deployment shop/n on a", STEP_WAITING, ALONE, 0, 0, ""), STEP("set-image deployment shop/n on b", STEP_WAITING, ALONE, 0, 0, "")};
    (void)state;
    for (int both = 0; both < 2; both++) {
        s[0].place = s[1].place = "shop";
        s[0].source = both ? "a" : "b";
        s[1].source = "b";
        struct op_view o = view(s, 2);
        o.facts = facts;
        o.nfacts = 1;
        o.err.msg[0] = '\0';
        struct op_dialog d = {.plan = &o};
        size_t len;
        assert_true(op_plan_text(&d));
        const char *want = both ? "! shop/n on b: image was set" : "! shop/n: image was set";
        assert_memory_equal(textbuf_line(&d.text, 0, &len), want, strlen(want));
        textbuf_release(&d.text);
    }
}

/* At 80x24 the steps have most of the room, however much was said before it began. */
static void test_head(void **state)
{
    static const struct fact_view facts[] = {{.level = FACT_CAUTION, .step = ALONE, .text = "first"}, {.level = FACT_CAUTION, .step = ALONE, .text = "second"},
                                             {.level = FACT_CAUTION, .step = ALONE, .text = "third"}, {.level = FACT_CAUTION, .step = ALONE, .text = "fourth"},
                                             {.level = FACT_CAUTION, .step = ALONE, .text = "fifth"}, {.level = FACT_CAUTION, .step = ALONE, .text = "sixth"}};
    struct canvas c;
    struct op_view o = view(drain, 7);
    (void)state;
    canvas_init(&c);
    assert_true(canvas_resize(&c, 80, 24));
    int bare = ops_draw_head(&c, (struct rect){1, 2, 78, 20}, &o);
    o.facts = facts;
    o.nfacts = sizeof facts / sizeof *facts;
    assert_int_equal(ops_draw_head(&c, (struct rect){1, 2, 78, 20}, &o), bare + 3);
    canvas_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress), cmocka_unit_test(test_no_pace), cmocka_unit_test(test_standing), cmocka_unit_test(test_follow), cmocka_unit_test(test_follow_many), cmocka_unit_test(test_words),
        cmocka_unit_test(test_many_facts), cmocka_unit_test(test_whose_fact), cmocka_unit_test(test_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
