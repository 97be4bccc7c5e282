/* Keystone bodies both ways: what goes out for each auth type and scope, what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/openstack/ostk_priv.h"
#include "strata/mem.h"

static struct cloud base(void)
{
    return (struct cloud){.name = "lab", .auth_type = "password", .auth_url = "http://k:5000/v3", .username = "ann",
                          .password = "p\"w", .user_domain_name = "Default", .project_name = "demo",
                          .project_domain_name = "Default", .interface = "public", .verify = true, .where = "clouds.yaml:3"};
}

static json_t *body(const struct cloud *c, unsigned methods, bool scoped)
{
    struct str s;
    str_init(&s, 0);
    assert_true(ostk_auth_body(&s, c, methods, scoped));
    json_t *doc = json_loadb(s.data, s.len, 0, NULL);
    if (!doc)
        print_error("%s\n", s.data);
    assert_non_null(doc);
    str_release(&s);
    return doc;
}

static void is(const json_t *doc, const char *path, const char *want)
{
    const char *s = ostk_json_str(doc, path);
    assert_non_null(s);
    assert_string_equal(s, want);
}

static void password_by_name(void **st)
{
    (void)st;
    struct cloud c = base();
    json_t *d = body(&c, OSTK_M_PASSWORD, true);
    is(d, "auth.identity.methods.0", "password");
    is(d, "auth.identity.password.user.name", "ann");
    is(d, "auth.identity.password.user.password", "p\"w");
    is(d, "auth.identity.password.user.domain.name", "Default");
    is(d, "auth.scope.project.name", "demo");
    is(d, "auth.scope.project.domain.name", "Default");
    json_decref(d);
    d = body(&c, OSTK_M_PASSWORD, false);
    is(d, "auth.scope", "unscoped");
    json_decref(d);
}

static void ids_and_scopes(void **st)
{
    (void)st;
    struct cloud c = base();
    c.user_id = "u1";
    c.project_id = "p1";
    json_t *d = body(&c, OSTK_M_PASSWORD, true);
    is(d, "auth.identity.password.user.id", "u1");
    assert_null(ostk_json(d, "auth.identity.password.user.name"));
    is(d, "auth.scope.project.id", "p1");
    assert_null(ostk_json(d, "auth.scope.project.name"));
    json_decref(d);
    c.project_id = c.project_name = NULL;
    c.domain_id = "d1";
    d = body(&c, OSTK_M_PASSWORD, true);
    is(d, "auth.scope.domain.id", "d1");
    json_decref(d);
    c.system_scope = "all";
    d = body(&c, OSTK_M_PASSWORD, true);
    assert_true(json_is_true(ostk_json(d, "auth.scope.system.all")));
    json_decref(d);
    c.system_scope = c.domain_id = NULL;
    d = body(&c, OSTK_M_PASSWORD, true);
    is(d, "auth.scope", "unscoped");
    json_decref(d);
}

static void application_credential(void **st)
{
    (void)st;
    struct cloud c = base();
    c.app_cred_id = "ac";
    c.app_cred_secret = "s";
    json_t *d = body(&c, OSTK_M_APPCRED, true);
    is(d, "auth.identity.application_credential.id", "ac");
    is(d, "auth.identity.application_credential.secret", "s");
    assert_null(ostk_json(d, "auth.scope"));      /* naming one is refused */
    json_decref(d);
    c.app_cred_id = NULL;
    c.app_cred_name = "robot";
    d = body(&c, OSTK_M_APPCRED, true);
    is(d, "auth.identity.application_credential.name", "robot");
    is(d, "auth.identity.application_credential.user.name", "ann");
    json_decref(d);
}

static void several_factors(void **st)
{
    (void)st;
    struct cloud c = base();
    char *methods[] = {"v3password", "v3totp"};
    enum ostk_auth_kind kind;
    unsigned m;
    struct err err = ERR_INIT;
    c.auth_type = "v3multifactor";
    c.auth_methods = methods;
    c.nauth_methods = 2;
    assert_false(ostk_auth_plan(&c, &kind, &m, &err));
    assert_non_null(strstr(err.msg, "passcode"));
    c.passcode = "123456";
    assert_true(ostk_auth_plan(&c, &kind, &m, &err));
    assert_int_equal(m, OSTK_M_PASSWORD | OSTK_M_TOTP);
    json_t *d = body(&c, m, true);
    is(d, "auth.identity.methods.1", "totp");
    is(d, "auth.identity.totp.user.passcode", "123456");
    json_decref(d);
}

static void receipts(void **st)
{
    (void)st;
    static const char b[] = "{\"receipt\":{\"methods\":[\"password\"]},\"required_auth_methods\":[[\"password\",\"totp\"],"
                            "[\"token\",\"u2f\"]]}";
    char names[100];
    assert_int_equal(ostk_receipt_missing(b, sizeof b - 1, OSTK_M_TOTP, names, sizeof names), OSTK_M_TOTP);
    assert_string_equal(names, "password+totp or token+u2f");
    assert_int_equal(ostk_receipt_missing(b, sizeof b - 1, OSTK_M_TOKEN, names, sizeof names), 0);
    assert_int_equal(ostk_receipt_missing("not json", 8, ~0u, names, sizeof names), 0);
}

static void plans(void **st)
{
    (void)st;
    struct cloud c = base();
    enum ostk_auth_kind kind;
    unsigned m;
    struct err err = ERR_INIT;
    assert_true(ostk_auth_plan(&c, &kind, &m, &err));
    assert_int_equal(kind, OSTK_AUTH_V3);
    c.password = NULL;
    assert_false(ostk_auth_plan(&c, &kind, &m, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.msg, "clouds.yaml:3"));
    c.auth_type = "v3oidcpassword";
    assert_false(ostk_auth_plan(&c, &kind, &m, &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.msg, "application credential"));
    c.auth_type = "v2password";
    assert_false(ostk_auth_plan(&c, &kind, &m, &err));
    assert_non_null(strstr(err.msg, "v3"));
    c.auth_type = "none";
    c.endpoint = "http://ironic:6385";
    assert_true(ostk_auth_plan(&c, &kind, &m, &err));
    assert_int_equal(kind, OSTK_AUTH_NONE);
    c.auth_type = "password";
    c.auth_url = NULL;
    c.password = "x";
    assert_false(ostk_auth_plan(&c, &kind, &m, &err));
    assert_non_null(strstr(err.msg, "auth_url"));
}

static void token(void **st)
{
    (void)st;
    static const char b[] =
        "{\"token\":{\"methods\":[\"password\"],\"expires_at\":\"2026-01-02T04:04:05.000000Z\",\"issued_at\":\"2026-01-02T03:04:05Z\","
        "\"user\":{\"id\":\"u\",\"name\":\"ann\\u001b[31m\",\"domain\":{\"name\":\"Default\"}},\"project\":{\"id\":\"p\",\"name\":"
        "\"demo\"},\"roles\":[{\"name\":\"Admin\"}],\"catalog\":[{\"type\":\"compute\"}]}}";
    struct ostk_token t = {0};
    struct err err = ERR_INIT;
    assert_true(ostk_token_parse(&t, b, sizeof b - 1, &err));
    assert_string_equal(t.project_id, "p");
    assert_null(strchr(t.user_name, 27));
    assert_int_equal(t.expires_ms - t.issued_ms, 3600000);
    assert_true(t.admin);
    assert_false(t.system);
    assert_int_equal(json_array_size(t.catalog), 1);
    ostk_token_release(&t);
    assert_false(ostk_token_parse(&t, "<html>", 6, &err));
    assert_int_equal(err.code, ERR_PROTO);
    assert_false(ostk_token_parse(&t, NULL, 0, &err));
    ostk_token_release(&t);
}

static void faults(void **st)
{
    (void)st;
    static const char *const cases[][2] = {
        {"{\"error\":{\"code\":401,\"message\":\"bad\\npassword\"}}", "bad password"},
        {"{\"itemNotFound\":{\"code\":404,\"message\":\"no server\"}}", "no server"},
        {"{\"NeutronError\":{\"type\":\"X\",\"message\":\"no net\"}}", "no net"},
        {"{\"faultcode\":\"Client\",\"faultstring\":\"no lb\"}", "no lb"},
        {"{\"errors\":[{\"detail\":\"placement says no\"}]}", "placement says no"},
    };
    char buf[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(ostk_fault(cases[i][0], strlen(cases[i][0]), buf, sizeof buf));
        assert_string_equal(buf, cases[i][1]);
    }
    assert_false(ostk_fault("<html>", 6, buf, sizeof buf));
    assert_string_equal(buf, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_by_name), cmocka_unit_test(ids_and_scopes), cmocka_unit_test(application_credential),
        cmocka_unit_test(several_factors), cmocka_unit_test(receipts), cmocka_unit_test(plans), cmocka_unit_test(token),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
