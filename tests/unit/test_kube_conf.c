/* A context as its source takes it: the server's address by kubectl's rules, and what is no address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "core/kube/kube_priv.h"

static struct kube_conf *conf_of(const char *server, struct err *err)
{
    struct kubeconfig kc;
    char text[600];
    *err = (struct err)ERR_INIT;
    snprintf(text, sizeof text, "clusters:\n- name: c\n  cluster: {server: '%s'}\n"
             "users: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n", server);
    kubeconfig_init(&kc);
    assert_int_equal(kubeconfig_parse(&kc, text, strlen(text), "file", err), ERR_OK);
    struct kube_conf *c = kube_conf_new(&kc, "x", err);
    assert_non_null(c);
    kubeconfig_free(&kc);
    return c;
}

static void addresses(void **state)
{
    static const char *const good[][2] = {
        {"https://h:6443", "https://h:6443"}, {"https://h:6443///", "https://h:6443"}, {"HTTPS://h/base/", "HTTPS://h/base"},
        {"http://[::1]:8080", "http://[::1]:8080"}, {"https://u:p@h", "https://u:p@h"}, {"https://h/a?x=1#y", "https://h/a"},
        {"h:6443", "http://h:6443"}, {"127.0.0.1:6443/", "http://127.0.0.1:6443"}, {"localhost", "http://localhost"},
    };
    static const char *const bad[][2] = {
        {"h:6443/base", "is no address"}, {"ftp://h", "begins with ftp://"}, {"https:/h", "is no address"}, {"https://", "is no address"},
        {"https://h:port", "is no address"}, {"https://h:70000", "is no address"}, {"https://h:", "is no address"},
        {"https://a b", "is no address"}, {"/", "is no address"}, {"https://:443", "is no address"},
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct kube_conf *c = conf_of(good[i][0], &err);
        assert_int_equal(err.code, ERR_OK);
        assert_string_equal(c->cluster.server, good[i][1]);
        bool tls = !strncasecmp(good[i][1], "https:", 6);          /* a token goes over TLS or nowhere */
        assert_int_equal(tls, c->user.token && !strcmp(c->user.token, "t"));
        assert_int_equal(c->open_line, !tls);
        kube_conf_unref(c);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct kube_conf *c = conf_of(bad[i][0], &err);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_int_equal(strncmp(err.msg, "file:2: ", 8), 0);
        assert_non_null(strstr(err.msg, bad[i][1]));
        kube_conf_unref(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
