/* The demo cloud's containers end as the few commands do that everybody tries. */
#include "sim_world.h"

static void commands(void **state)
{
    static const struct { const char *container; bool ends; int64_t ms; int code; const char *said; } rows[] = {
        {"{'image':'busybox','args':['sleep','1']}", true, 1150, 0, ""},
        {"{'image':'x','command':['/bin/sleep','2m']}", true, 120150, 0, ""},
        {"{'image':'busybox','args':['sleep','infinity']}", false, 0, 0, NULL},
        {"{'image':'x','command':['sh','-c','echo \\\"a b\\\"; sleep 2 && exit 3; sleep 9']}", true, 2150, 3, "a b"},
        {"{'image':'x','command':['sh','-c'],'args':['false && sleep 5']}", true, 150, 1, ""},
        {"{'image':'x','command':['sh','-c','while true; do sleep 1; done']}", false, 0, 0, NULL},
        {"{'image':'x','command':['sh','-c','serve; exit 1']}", false, 0, 0, NULL},
        {"{'image':'docker.io/library/busybox:1.36'}", true, 150, 0, ""},
        {"{'image':'busybox','stdin':true}", false, 0, 0, NULL},
        {"{'image':'registry.example.org/api:1'}", false, 0, 0, NULL},
        {"{'image':'registry.example.org/api:1','args':['--port','80']}", false, 0, 0, NULL},
        {"{'image':'busybox','args':['echo','hello','world']}", true, 150, 0, "hello world"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *c = jt(rows[i].container), *said = ctl_command_said(c);
        int64_t ms;
        int code;
        print_message("%s\n", rows[i].container);
        assert_int_equal(ctl_command(c, &ms, &code), rows[i].ends);
        assert_int_equal(said != NULL, rows[i].ends);
        if (rows[i].ends) {
            assert_int_equal(ms, rows[i].ms);
            assert_int_equal(code, rows[i].code);
            assert_string_equal(jstr(said, "0"), rows[i].said);
        }
        json_decref(said);
        json_decref(c);
    }
}

static void restarts(void **state)
{
    struct sim *s = cluster_new(1);
    (void)state;
    json_t *always = work("Pod", "always", 1, "busybox"), *never = jt("{'kind':'Pod','apiVersion':'v1','metadata':{'name':'never','namespace':'a'},'spec':{"
                      "'restartPolicy':'Never','containers':[{'name':'c','image':'busybox','args':['sh','-c','exit 3']}]}}");
    jset(always, "spec", jt("{'containers':[{'name':'c','image':'busybox','args':['sleep','1']}]}"));
    ctl_pod_defaults(always);
    ctl_pod_defaults(never);
    ctl_put(s, K_POD, always);
    ctl_put(s, K_POD, never);
    pass(s, 60000, NULL);
    assert_true(says(s, K_POD, "never", "status.phase", "Failed"));
    assert_int_equal(number(s, K_POD, "never", "status.containerStatuses.0.state.terminated.exitCode"), 3);
    assert_true(number(s, K_POD, "always", "status.containerStatuses.0.restartCount") > 1);
    assert_true(says(s, K_POD, "always", "status.containerStatuses.0.lastState.terminated.reason", "Completed"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(commands), cmocka_unit_test(restarts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
