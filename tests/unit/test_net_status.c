/* What a server said instead of an answer, as one sentence: the bodies of all that strata talks to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "strata/net.h"

static void test_status_err(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum err_code code;
        const char *body, *msg;
    } t[] = {
        {404, ERR_NOTFOUND, "{\"itemNotFound\":{\"message\":\"Instance x could not be found.\",\"code\":404}}",
         "Instance x could not be found."},
        {404, ERR_NOTFOUND, "{\"NeutronError\":{\"type\":\"NetworkNotFound\",\"message\":\"Network x could not be found.\",\"detail\":\"\"}}",
         "Network x could not be found."},
        {401, ERR_AUTH, "{\"error\":{\"code\":401,\"message\":\"The request you have made requires authentication.\",\"title\":\"Unauthorized\"}}",
         "The request you have made requires authentication."},
        {400, ERR_REQUEST, "{\"errors\":[{\"status\":400,\"title\":\"Bad Request\",\"detail\":\"one\"},{\"detail\":\"two\"}]}", "one; two"},
        {409, ERR_CONFLICT, "{\"error_message\":\"{\\\"faultcode\\\":\\\"Client\\\",\\\"faultstring\\\":\\\"Node n is locked\\\",\\\"debuginfo\\\":null}\"}",
         "Node n is locked"},
        {409, ERR_CONFLICT, "{\"error_message\":{\"faultcode\":\"Client\",\"faultstring\":\"Node n is locked\"}}", "Node n is locked"},
        {404, ERR_NOTFOUND, "{\"faultcode\":\"Client\",\"faultstring\":\"LB not found\",\"debuginfo\":null}", "LB not found"},
        {413, ERR_THROTTLED, "{\"overLimit\":{\"message\":\"Too fast\",\"retryAfter\":3}}", "Too fast"},
        {413, ERR_FORBIDDEN, "{\"overLimit\":{\"code\":413,\"message\":\"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota.\",\"retryAfter\":\"0\"}}",
         "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota."},
        {422, ERR_REQUEST, "{\"kind\":\"Status\",\"message\":\"Pod is invalid\",\"details\":{\"causes\":[{\"field\":\"spec.x\",\"message\":\"Required\"}]}}",
         "Pod is invalid; spec.x: Required"},
        {410, ERR_GONE, "{\"kind\":\"Status\",\"message\":\"too old resource version: 1 (2)\",\"reason\":\"Expired\",\"code\":410}",
         "too old resource version: 1 (2)"},
        {401, ERR_AUTH, "{\"kind\":\"Status\",\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}",
         "HTTP 401: not authenticated: sign in again or check the credentials"},
        {503, ERR_SERVER, "<html><head><title>503</title><style>b{}</style></head><body><h1>503 Service Unavailable</h1>\nNo server is available.</body></html>",
         "503 Service Unavailable No server is available."},
        {429, ERR_THROTTLED, "", "HTTP 429: the server asks to slow down"},
        {504, ERR_TIMEOUT, "  \n", "HTTP 504: gateway timeout: the service behind it is too slow"},
        {500, ERR_SERVER, "{\"broken\":", "{\"broken\":"},
        {500, ERR_SERVER, "red \x1b[31malert\x1b[0m\r\n\x07", "red alert \xEF\xBF\xBD"},
        {400, ERR_REQUEST, "{\"error\":\"invalid_grant\",\"error_description\":\"token expired\"}", "token expired"},
        {418, ERR_REQUEST, "[]", "HTTP 418: request refused"},
        {200, ERR_OK, "x", ""},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct err err = ERR_INIT;
        assert_int_equal(net_status_err(&err, t[i].status, t[i].body, strlen(t[i].body)), t[i].code);
        assert_string_equal(err.msg, t[i].msg);
        assert_int_equal(err.detail, t[i].status >= 400 ? t[i].status : 0);
    }
    static const char pb[] = "k8s\0\x0a\x0c\x0a\x02v1\x12\x06Status\x12\x18\x0a\x00\x12\x07" "Failure\x1a\x04gone\"\x03why0\x94\x03\x1a\x00";
    struct err err = ERR_INIT;
    net_status_err(&err, 404, pb, sizeof pb - 1);
    assert_string_equal(err.msg, "gone");
    for (size_t n = 0; n < sizeof pb - 1; n++)   /* cut anywhere: no crash, some sentence */
        assert_int_equal(net_status_err(&err, 404, pb, n), ERR_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_status_err)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
