/* The guard: each way around it is tried. */
#include <stdio.h>
#include "fake_kind.h"

#include "core/kube/kube_kind.h"
#include "core/ops/guard.h"

static struct store *rows;
static struct source_info info = {.name = "prod", .server = "https://x"};
static struct options opt;

static enum err_code check(struct action_request a, struct err *err)
{
    a.verb = a.verb ? a.verb : "delete";
    a.row = store_get(rows, "u1");
    a.grace_s = -1;
    return guard_check(&info, &opt, &a, err);
}

static void read_only_wins(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(check((struct action_request){0}, &err), ERR_OK);
    opt.read_only = true;
    assert_int_equal(check((struct action_request){.force = true, .typed = "prod"}, &err), ERR_READONLY);
    assert_int_equal(check((struct action_request){.dry_run = true}, &err), ERR_READONLY);
    opt.read_only = false;
    info.read_only = true;
    assert_int_equal(check((struct action_request){.typed = "prod"}, &err), ERR_READONLY);
    info.read_only = false;
}

static void protected_wants_its_name(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    info.protected_ = true;
    assert_int_equal(check((struct action_request){0}, &err), ERR_FORBIDDEN);
    assert_non_null(strstr(err.msg, "prod"));
    assert_int_equal(check((struct action_request){.typed = "prod"}, &err), ERR_OK);
    assert_int_equal(check((struct action_request){.dry_run = true}, &err), ERR_OK);
    info.protected_ = false;
}

/* Its own name is typed for what takes others with it; at a protected source that, too. */
static void dangers_want_their_own_name(void **state)
{
    (void)state;
    static const struct kube_kind kube[] = {{.group = "apiextensions.k8s.io", .resource = "customresourcedefinitions"},
        {.group = "", .resource = "persistentvolumes"}, {.group = "other.io", .resource = "persistentvolumes"}};
    struct kind found = {.id = "x", .singular = "x", .flags = KIND_DELETE};
    struct err err = ERR_INIT;
    struct row row = *store_get(rows, "u1");
    struct action_request a = {.verb = "delete", .row = &row, .grace_s = -1};
    struct str text;
    row.name = "big";
    row.scope = "";
    for (size_t i = 0; i < 5; i++) {
        found.kube = i < 3 ? &kube[i] : NULL;
        row.kind = i < 3 ? &found : kind_find(i == 3 ? "namespaces" : "nodes");
        a.typed = NULL;
        assert_int_equal(guard_check(&info, &opt, &a, &err), i == 2 ? ERR_OK : ERR_FORBIDDEN);
        a.typed = "y";
        assert_int_equal(guard_check(&info, &opt, &a, &err), i == 2 ? ERR_OK : ERR_FORBIDDEN);
        a.typed = "big";
        assert_int_equal(guard_check(&info, &opt, &a, &err), ERR_OK);
        info.protected_ = true;
        assert_int_equal(guard_check(&info, &opt, &a, &err), ERR_FORBIDDEN);
        a.typed = i == 2 ? "prod" : "prod/big";
        assert_int_equal(guard_check(&info, &opt, &a, &err), ERR_OK);
        a.typed = NULL;
        a.dry_run = true;
        assert_int_equal(guard_check(&info, &opt, &a, &err), ERR_OK);
        a.dry_run = info.protected_ = false;
    }
    str_init(&text, 0);
    assert_int_equal(guard_plan(&info, &opt, &a, &text, &err), ERR_OK);
    assert_non_null(strstr(text.data, "NO machine is stopped"));
    row.kind = kind_find("namespaces");
    assert_int_equal(guard_plan(&info, &opt, &a, &text, &err), ERR_OK);
    assert_non_null(strstr(text.data, "EVERYTHING in this namespace"));
    str_release(&text);
}

static void unknown_verbs_are_refused(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(check((struct action_request){.verb = "drain"}, &err), ERR_UNSUPPORTED);
}

static void only_workloads_are_scaled(void **state)
{
    (void)state;
    static const struct { const char *kind; enum err_code code; } each[] = {
        {"deployments", ERR_OK}, {"statefulsets", ERR_OK}, {"replicasets", ERR_OK}, {"pods", ERR_UNSUPPORTED}, {"daemonsets", ERR_UNSUPPORTED}, {"server", ERR_UNSUPPORTED}};
    struct err err = ERR_INIT;
    struct row row = *store_get(rows, "u1");
    struct action_request a = {.verb = "scale", .row = &row, .grace_s = -1};
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        row.kind = kind_find(each[i].kind);
        assert_int_equal(guard_check(&info, &opt, &a, &err), each[i].code);
    }
    row.kind = kind_find("deployments");
    info.read_only = true;
    assert_int_equal(guard_check(&info, &opt, &a, &err), ERR_READONLY);
    info.read_only = false;
    info.protected_ = true;
    assert_int_equal(guard_check(&info, &opt, &a, &err), ERR_FORBIDDEN);
    info.protected_ = false;
}

/* No question is asked for what cannot be done; where it can, a cloud is not called a cluster. */
static void servers_are_not_deleted(void **state)
{
    (void)state;
    struct str text;
    struct err err = ERR_INIT;
    struct row server = *store_get(rows, "u1");
    server.kind = kind_find("server");
    struct action_request a = {.verb = "delete", .row = &server, .grace_s = -1, .dry_run = true};
    str_init(&text, 0);
    assert_non_null(server.kind);
    assert_int_equal(guard_plan(&info, &opt, &a, &text, &err), ERR_UNSUPPORTED);
    assert_int_equal(text.len, 0);
    a.row = store_get(rows, "u1");
    info.plane = PLANE_OPENSTACK;
    assert_int_equal(guard_plan(&info, &opt, &a, &text, &err), ERR_OK);
    assert_non_null(strstr(text.data, "project    openstack"));
    assert_null(strstr(text.data, "cluster"));
    info.plane = PLANE_KUBE;
    str_release(&text);
}

static void plan_names_everything(void **state)
{
    (void)state;
    struct str text;
    struct err err = ERR_INIT;
    str_init(&text, 0);
    struct action_request a = {.verb = "delete", .row = store_get(rows, "u1"), .grace_s = 5};
    assert_int_equal(guard_plan(&info, &opt, &a, &text, &err), ERR_OK);
    assert_non_null(strstr(text.data, "prod"));
    assert_non_null(strstr(text.data, "openstack"));
    assert_non_null(strstr(text.data, "nova-api-1"));
    assert_non_null(strstr(text.data, "5 s"));
    assert_non_null(strstr(text.data, "NOT come back"));   /* no owner */
    str_release(&text);
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
        cmocka_unit_test(read_only_wins), cmocka_unit_test(protected_wants_its_name), cmocka_unit_test(dangers_want_their_own_name),
        cmocka_unit_test(unknown_verbs_are_refused), cmocka_unit_test(only_workloads_are_scaled), cmocka_unit_test(servers_are_not_deleted),
        cmocka_unit_test(plan_names_everything),
    };
    return cmocka_run_group_tests_name("guard", tests, setup, teardown);
}
