/* The guard of ways into pods: each way around it is tried. Operations have theirs in test_op.c. */
#include <stdio.h>
#include "fake_kind.h"

#include "core/ops/guard.h"

static struct store *rows;
static struct source_info info = {.name = "prod", .server = "https://x"};
static struct options opt;

static enum err_code check(struct action_request a, struct err *err)
{
    a.verb = a.verb ? a.verb : "exec";
    a.row = a.row ? a.row : store_get(rows, "u1");
    return guard_check(&info, &opt, &a, err);
}

static void read_only_wins(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(check((struct action_request){0}, &err), ERR_OK);
    opt.read_only = true;
    assert_int_equal(check((struct action_request){.typed = "prod"}, &err), ERR_READONLY);
    assert_int_equal(guard_source(&info, &opt, &err), ERR_READONLY);
    opt.read_only = false;
    info.read_only = true;
    assert_int_equal(check((struct action_request){.typed = "prod"}, &err), ERR_READONLY);
    assert_int_equal(guard_source(&info, &opt, &err), ERR_READONLY);
    info.read_only = false;
    assert_int_equal(guard_source(&info, &opt, &err), ERR_OK);
}

static void protected_wants_its_name(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    info.protected_ = true;
    assert_int_equal(check((struct action_request){0}, &err), ERR_FORBIDDEN);
    assert_non_null(strstr(err.msg, "prod"));
    assert_int_equal(check((struct action_request){.typed = "y"}, &err), ERR_FORBIDDEN);
    assert_int_equal(check((struct action_request){.typed = "prod"}, &err), ERR_OK);
    info.protected_ = false;
}

static void only_what_opens_a_way_goes_through_here(void **state)
{
    (void)state;
    static const struct { const char *verb, *kind; enum err_code code; } each[] = {
        {"exec", "pods", ERR_OK}, {"attach", "pods", ERR_OK}, {"port-forward", "pods", ERR_OK}, {"port-forward", "services", ERR_OK},
        {"exec", "services", ERR_UNSUPPORTED}, {"exec", "deployments", ERR_UNSUPPORTED}, {"delete", "pods", ERR_UNSUPPORTED}, {"drain", "nodes", ERR_UNSUPPORTED}};
    struct err err = ERR_INIT;
    struct row row = *store_get(rows, "u1");
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        row.kind = kind_find(each[i].kind);
        assert_int_equal(check((struct action_request){.verb = each[i].verb, .row = &row}, &err), each[i].code);
    }
}

static int setup(void **state)
{
    (void)state;
    rows = fake_store(0);
    put_pod(rows, "u1", "openstack", "nova-api-1", "Running", 0, 300, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_free(rows);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_only_wins), cmocka_unit_test(protected_wants_its_name), cmocka_unit_test(only_what_opens_a_way_goes_through_here),
    };
    return cmocka_run_group_tests_name("guard", tests, setup, teardown);
}
