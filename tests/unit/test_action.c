/* Rows of actions: the table, the helpers, and the functions of the first rows on objects as servers send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/ops/action.h"
#include "core/ops/facts.h"

static void every_row_is_whole(void **state)
{
    const struct action *a;
    (void)state;
    for (size_t i = 0; (a = action_at(i)); i++) {
        assert_true(*action_help(a) && a->kinds && a->kinds[0]);
        assert_true(a->compound || a->build);
        for (const char *const *k = a->kinds; *k; k++) {
            if (!strcmp(*k, "*"))
                continue;
            const struct kind *kind = kind_find(*k);
            assert_non_null(kind);
            assert_string_equal(kind->id, *k);
            assert_ptr_equal(action_find(a->id, kind), a);       /* one row for a word and a kind */
        }
        for (size_t n = 0; n < a->nargs; n++)
            assert_true(*a->args[n].name && *a->args[n].help && (a->args[n].type != ARG_CHOICE || a->args[n].choices));
    }
    assert_null(action_find("nonsense", NULL));
    assert_null(action_find("stop", kind_find("pods")));
}

static void paths_arguments_and_facts(void **state)
{
    struct act_facts f = {0};
    const struct op_arg args[] = {{"replicas", "7"}, {"force", "true"}, {"bad", "7x"}};
    struct act_ctx c = {.kind = kind_find("deployments"), .scope = "a b", .name = "web/1", .uid = "u", .args = args, .nargs = 3};
    struct str s;
    (void)state;
    str_init(&s, 0);
    assert_true(act_path(&c, &s, "scale"));
    assert_string_equal(s.data, "/apis/apps/v1/namespaces/a%20b/deployments/web%2F1/scale");
    str_clear(&s);
    c.kind = kind_find("server");
    assert_true(act_path(&c, &s, "action"));
    assert_string_equal(s.data, "/servers/u/action");
    str_clear(&s);
    c.kind = kind_find("aggregate");
    assert_false(act_path(&c, &s, NULL));
    assert_int_equal(act_int(&c, "replicas", -1), 7);
    assert_int_equal(act_int(&c, "bad", -1), -1);
    assert_true(act_bool(&c, "force"));
    assert_null(act_arg(&c, "none"));
    act_fact(&f, FACT_CAUTION, "esc \033[31m%s", "x\ny");
    act_fact(&f, FACT_REFUSED, "no");
    assert_null(strchr(f.item[0].text, '\033'));
    assert_null(strchr(f.item[0].text, '\n'));
    assert_string_equal(facts_refusal(&f), "no");
    facts_release(&f);
    str_release(&s);
}

static void nothing_is_found_by_no_name(void **state)
{
    json_t *list = json_loads("[{\"server_id\":null,\"n\":0},{\"at\":{\"id\":\"s2\"},\"n\":1},{\"at\":{\"id\":\"s2\"},\"n\":2}]", 0, NULL);
    (void)state;
    assert_int_equal(act_num(act_find(list, "at.id", "s2"), "n", -1), 1);
    assert_null(act_find(list, "at.id", "s3"));
    assert_null(act_find(list, "server_id", ""));       /* a volume that a host has is not that of a server not known */
    assert_null(act_find(NULL, "at.id", "s2"));
    json_decref(list);
}

static enum act_verdict build(const struct action *a, const char *obj, const struct op_arg *args, size_t n, struct act_req *rq)
{
    struct act_facts f = {0};
    json_t *o = json_loads(obj, 0, NULL);
    struct act_ctx c = {.action = a, .kind = kind_find(a->kinds[0]), .scope = "shop", .name = "web", .uid = "u1", .obj = o, .args = args,
                        .nargs = n, .request_id = "", .now_ms = 1000000000000, .sent_ms = CELL_NONE};
    assert_non_null(o);
    json_decref(rq->body);
    str_release(&rq->path);
    *rq = (struct act_req){0};
    str_init(&rq->path, 0);
    enum act_verdict v = a->build(&c, rq, &f);
    assert_int_equal(v == ACT_REFUSED, facts_refusal(&f) != NULL);
    facts_release(&f);
    json_decref(o);
    return v;
}

static void a_server_in_the_middle_of_something_is_left_alone(void **state)
{
    const struct action *stop = action_find("stop", kind_find("server")), *start = action_find("start", kind_find("server"));
    struct act_req rq = {0};
    (void)state;
    assert_int_equal(build(stop, "{\"status\":\"ACTIVE\",\"OS-EXT-STS:task_state\":null}", NULL, 0, &rq), ACT_SEND);
    assert_string_equal(rq.path.data, "/servers/u1/action");
    assert_int_equal(build(stop, "{\"status\":\"ACTIVE\",\"OS-EXT-STS:task_state\":\"rebooting\"}", NULL, 0, &rq), ACT_REFUSED);
    assert_int_equal(build(stop, "{\"status\":\"SHUTOFF\",\"OS-EXT-STS:task_state\":null}", NULL, 0, &rq), ACT_ALREADY);
    assert_int_equal(build(start, "{\"status\":\"PAUSED\",\"OS-EXT-STS:task_state\":null}", NULL, 0, &rq), ACT_REFUSED);
    json_decref(rq.body);
    str_release(&rq.path);
}

static void a_scale_wants_a_number(void **state)
{
    const struct action *scale = action_find("scale", kind_find("deployments"));
    const struct op_arg three = {"replicas", "3"};
    struct act_req rq = {0};
    (void)state;
    assert_int_equal(build(scale, "{\"spec\":{\"replicas\":2}}", NULL, 0, &rq), ACT_REFUSED);
    assert_int_equal(build(scale, "{\"spec\":{\"replicas\":3}}", &three, 1, &rq), ACT_ALREADY);
    assert_int_equal(build(scale, "{\"spec\":{\"replicas\":2}}", &three, 1, &rq), ACT_SEND);
    assert_int_equal(act_num(rq.body, "spec.replicas", -1), 3);
    json_decref(rq.body);
    str_release(&rq.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(paths_arguments_and_facts),
        cmocka_unit_test(nothing_is_found_by_no_name),
        cmocka_unit_test(a_server_in_the_middle_of_something_is_left_alone),
        cmocka_unit_test(a_scale_wants_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
