/* Small pure parts of core/kube: paths, ends of certificates and tokens, ages, words of health. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/kube/kube_priv.h"
#include "strata/text.h"

static const struct kube_kind pods_kube = {.group = "", .version = "v1", .resource = "pods", .object_kind = "Pod"};
static const struct kube_kind nodes_kube = {.group = "", .version = "v1", .resource = "nodes", .object_kind = "Node"};
static const struct kube_kind deploy_kube = {.group = "apps", .version = "v1", .resource = "deployments"};
static const struct kind pods = {.id = "pods", .flags = KIND_NAMESPACED, .kube = &pods_kube};
static const struct kind nodes = {.id = "nodes", .kube = &nodes_kube};
static const struct kind deployments = {.id = "deployments", .flags = KIND_NAMESPACED, .kube = &deploy_kube};

static void check_path(const struct kind *k, const char *ns, const char *name, const char *sub, const char *want)
{
    struct str s;
    str_init(&s, 0);
    assert_true(kube_path(&s, k, ns, name, sub));
    assert_string_equal(s.data, want);
    str_release(&s);
}

static void paths(void **state)
{
    (void)state;
    check_path(&pods, "", NULL, NULL, "/api/v1/pods");
    check_path(&pods, NULL, NULL, NULL, "/api/v1/pods");
    check_path(&pods, "lab", "web-1", "eviction", "/api/v1/namespaces/lab/pods/web-1/eviction");
    check_path(&nodes, "lab", "n1", NULL, "/api/v1/nodes/n1");
    check_path(&deployments, "a", NULL, NULL, "/apis/apps/v1/namespaces/a/deployments");
    check_path(&pods, "../x", "a/b?c", NULL, "/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc");
}

/* self-signed, made for this test; its end is after 2049, so it is a GeneralizedTime */
#define TEST_CERT \
    "-----BEGIN CERTIFICATE-----\n" \
    "MIIBdTCCARugAwIBAgIULzW46QeMOMHps1VigOx53iLaRHswCgYIKoZIzj0EAwIw\n" \
    "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExMTI4MzNaGA8yMDgxMDgyNDExMjgz\n" \
    "M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLaM\n" \
    "VZ6bDDQUvgdOMEcxWhjQoaCG1Z2vi4ZnHgwXjP6Xur0Pn2U/JLiVEXG/JGwNBOwH\n" \
    "V/S//LlZRChNpPiYNjyjUzBRMB0GA1UdDgQWBBSAqsle4z3zTpINKKoAUT593fjo\n" \
    "qTAfBgNVHSMEGDAWgBSAqsle4z3zTpINKKoAUT593fjoqTAPBgNVHRMBAf8EBTAD\n" \
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDmXO00TFc5JUnUQcRaWJVbKCo0oEpwZ/iZ\n" \
    "kvqjsqVI1wIgcOQcRe+KfPfkbtPq3BBp/Ph4vvBkHiX9RuvlYz0BCXw=\n" \
    "-----END CERTIFICATE-----\n"
#define TEST_CERT_END_MS 3523260513000LL

static const char cert[] =
    "junk before\n-----BEGIN CERTIFICATE-----\n"
    "MIIBYTCCAQegAwIBAgIUQxeATzyrE6jIgAMBzQgvgu9MMzYwCgYIKoZIzj0EAwIw\n"
    "@@@\n-----END CERTIFICATE-----\n";

static void certificates(void **state)
{
    int64_t ms;
    (void)state;
    /* cut in the middle: no answer, no crash */
    assert_false(kube_cert_expiry(cert, sizeof cert - 1, &ms));
    assert_false(kube_cert_expiry("", 0, &ms));
    assert_false(kube_cert_expiry("-----BEGIN CERTIFICATE-----", 27, &ms));
    assert_true(kube_cert_expiry(TEST_CERT, sizeof TEST_CERT - 1, &ms));
    assert_int_equal(ms, TEST_CERT_END_MS);
}

static void tokens(void **state)
{
    int64_t ms;
    (void)state;
    assert_true(kube_jwt_expiry("eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTUxNjk1NTZ9.c2ln", &ms));
    assert_int_equal(ms, 1795169556000);
    assert_false(kube_jwt_expiry("opaque", &ms));
    assert_false(kube_jwt_expiry("a.b.c", &ms));
    assert_false(kube_jwt_expiry("..", &ms));
}

static void ages(void **state)
{
    static const struct { const char *s; int64_t want; } good[] = {
        {"5s", 5}, {"4m10s", 250}, {"3h20m", 12000}, {"5d", 432000}, {"2y120d", 2 * 31536000 + 120 * 86400}, {"0s", 0}};
    static const char *const bad[] = {"", "5", "s", "<unknown>", "<invalid>", "3m2h", "5d5d", "-5s", "99999999s", "5s "};
    int64_t s;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(kube_parse_age(good[i].s, &s));
        assert_int_equal(s, good[i].want);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(kube_parse_age(bad[i], &s));
}

/* A clock that is a second off makes no "41h" a "40h"; a row told again keeps its tick; words stay what they are. */
static void age_cells(void **state)
{
    static const char *const shown[] = {"30s", "4m10s", "3h20m", "41h", "5d", "2y120d"};
    const int64_t now = 1800000000000;
    char buf[64];
    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        int64_t ms = kube_age_cell(shown[i], now, CELL_NONE), had, has;
        assert_true(kube_parse_age(shown[i], &had));
        text_age(buf, sizeof buf, (now - 900 - ms) / 1000);
        assert_true(kube_parse_age(buf, &has));
        assert_true(has >= had && has <= had + 1);
        text_age(buf, sizeof buf, (now - ms) / 1000 - 1);
        assert_string_equal(buf, shown[i]);
    }
    int64_t old = now - (41 * 3600 + 1800) * 1000LL;
    assert_int_equal(kube_age_cell("41h", now, old), old);
    assert_true(kube_age_cell("42h", now, old) < old);
    text_age(buf, sizeof buf, (now - kube_age_cell("<invalid>", now, CELL_NONE)) / 1000);
    assert_string_equal(buf, "<invalid>");
    assert_int_equal(kube_age_cell("2027-01-15T08:00:00Z", now, CELL_NONE), now);
    assert_true(kube_age_cell("soon", now, CELL_NONE) == CELL_NONE);
}

static void words(void **state)
{
    (void)state;
    assert_int_equal(kube_word_health("Status", "Bound"), HEALTH_OK);
    assert_int_equal(kube_word_health("PHASE", "failed"), HEALTH_BAD);
    assert_int_equal(kube_word_health("State", "Provisioning"), HEALTH_BUSY);
    assert_int_equal(kube_word_health("Status", "something else"), HEALTH_NONE);
    assert_int_equal(kube_word_health("Ready", "True"), HEALTH_OK);
    assert_int_equal(kube_word_health("Ready", "False"), HEALTH_WARN);
    assert_int_equal(kube_word_health("Ready", "2/3"), HEALTH_WARN);
    assert_int_equal(kube_word_health("Ready", "3/3"), HEALTH_OK);
    assert_int_equal(kube_word_health("Name", "Failed"), HEALTH_NONE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths), cmocka_unit_test(certificates), cmocka_unit_test(tokens), cmocka_unit_test(ages), cmocka_unit_test(age_cells),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
