/* Credential plugins, run for real as little shell scripts; and what is refused of their replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/kube/kube_priv.h"
#include "strata/mem.h"

#define V1 "client.authentication.k8s.io/v1"
#define REPLY "{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":"

/* Runs a script as the plugin. */
static enum err_code run(const char *script, struct kube_exec *over, int cancel_fd, int timeout_ms, struct kube_cred *cred,
                         struct err *err)
{
    char *args[] = {(char *)"-c", (char *)script};
    char *names[] = {(char *)"PLUGIN_VAR"}, *values[] = {(char *)"added"};
    struct kube_exec x = {.command = (char *)"/bin/sh", .args = args, .nargs = 2, .env_names = names, .env_values = values,
                          .nenv = 1, .api_version = (char *)V1, .interactive = EXEC_IF_AVAILABLE};
    if (over && over->command)
        x.command = over->command;
    if (over && over->install_hint)
        x.install_hint = over->install_hint;
    if (over && over->dir)
        x.dir = over->dir;
    if (over && over->api_version)
        x.api_version = over->api_version;
    if (over) {
        x.interactive = over->interactive;
        x.provide_cluster_info = over->provide_cluster_info;
    }
    struct kube_conf conf = {.refs = 1, .cluster = {.server = (char *)"https://example.org:6443", .ca_data = (char *)"PEM",
                                                    .tls_server_name = (char *)"inner"}, .user = {.exec = &x}};
    int fd = cancel_fd >= 0 ? cancel_fd : eventfd(0, EFD_CLOEXEC);
    *err = (struct err)ERR_INIT;
    enum err_code code = kube_exec_now(&conf, fd, timeout_ms, cred, err);
    if (cancel_fd < 0)
        close(fd);
    return code;
}

static void token(void **state)
{
    struct kube_cred c;
    struct err err;
    (void)state;
    assert_int_equal(run("echo '" REPLY "{\"token\":\"t0k\",\"expirationTimestamp\":\"2030-01-01T00:00:00Z\"}}'; echo noise >&2",
                         NULL, -1, 10000, &c, &err), ERR_OK);
    assert_string_equal(c.token, "t0k");
    assert_int_equal(c.expires_ms, 1893456000000);
    kube_cred_release(&c);
}

static void certificate_pair(void **state)
{
    struct kube_cred c;
    struct err err;
    (void)state;
    assert_int_equal(run("echo '" REPLY "{\"clientCertificateData\":\"CERT\",\"clientKeyData\":\"KEY\"}}'", NULL, -1, 10000, &c,
                         &err), ERR_OK);
    assert_string_equal(c.cert, "CERT");
    assert_string_equal(c.key, "KEY");
    assert_null(c.token);
    kube_cred_release(&c);
    assert_int_equal(run("echo '" REPLY "{\"clientCertificateData\":\"CERT\"}}'", NULL, -1, 10000, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "without its key"));
    assert_null(strstr(err.msg, "CERT"));
}

static void environment(void **state)
{
    struct kube_cred c;
    struct err err;
    struct kube_exec over = {.provide_cluster_info = true, .interactive = EXEC_IF_AVAILABLE};
    (void)state;
    /* the script echoes what it got as the token: variable, stdin at its end, no terminal, the info document */
    assert_int_equal(run("cat >/dev/null; tty >/dev/null && exit 7; case $KUBERNETES_EXEC_INFO in "
                         "*'\"apiVersion\":\"" V1 "\"'*'\"server\":\"https://example.org:6443\"'*'\"tls-server-name\":\"inner\"'*"
                         "'\"certificate-authority-data\":\"UEVN\"'*'\"interactive\":false'*) i=ok;; *) i=bad;; esac; "
                         "(exec 3</dev/tty) 2>/dev/null && i=tty; "
                         "echo '" REPLY "{\"token\":\"'$PLUGIN_VAR-$i'\"}}'",
                         &over, -1, 10000, &c, &err), ERR_OK);
    assert_string_equal(c.token, "added-ok");
    kube_cred_release(&c);
}

static void failure(void **state)
{
    struct kube_cred c;
    struct err err;
    (void)state;
    assert_int_equal(run("echo first >&2; printf 'log in\\033[31m again\\n\\n' >&2; exit 3", NULL, -1, 10000, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "exit 3"));
    assert_non_null(strstr(err.msg, "log in"));
    assert_null(strchr(err.msg, '\033'));
    assert_null(strchr(err.msg, '\n'));
    assert_int_equal(run("kill -9 $$", NULL, -1, 10000, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "signal 9"));
}

static void not_installed(void **state)
{
    struct kube_cred c;
    struct err err;
    struct kube_exec over = {.command = (char *)"no-such-plugin-anywhere", .install_hint = (char *)"get it at example.org",
                             .interactive = EXEC_IF_AVAILABLE};
    (void)state;
    assert_int_equal(run("", &over, -1, 10000, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "no-such-plugin-anywhere is not installed: get it at example.org"));
}

static void relative_command(void **state)
{
    struct kube_cred c;
    struct err err;
    struct kube_exec over = {.command = (char *)"./sh", .dir = (char *)"/bin", .interactive = EXEC_NEVER};
    (void)state;
    assert_int_equal(run("echo '" REPLY "{\"token\":\"x\"}}'", &over, -1, 10000, &c, &err), ERR_OK);
    kube_cred_release(&c);
}

static void refusals(void **state)
{
    struct kube_cred c;
    struct err err;
    struct kube_exec always = {.interactive = EXEC_ALWAYS}, old = {.api_version = (char *)"client.authentication.k8s.io/v1alpha1"};
    (void)state;
    assert_int_equal(run("exit 0", &always, -1, 10000, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "interactiveMode: Always"));
    assert_int_equal(run("exit 0", &old, -1, 10000, &c, &err), ERR_CONFIG);
    assert_int_equal(run("yes 0123456789012345678901234567890123456789", NULL, -1, 20000, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "more than 1 MiB"));
}

static void stopped(void **state)
{
    struct kube_cred c;
    struct err err;
    uint64_t one = 1;
    int fd = eventfd(0, EFD_CLOEXEC);
    (void)state;
    assert_int_equal(write(fd, &one, sizeof one), (long)sizeof one);
    assert_int_equal(run("sleep 1000 & sleep 1000", NULL, fd, 60000, &c, &err), ERR_CANCELED);
    close(fd);
    assert_int_equal(run("echo waiting for the browser >&2; sleep 1000", NULL, -1, 300, &c, &err), ERR_EXEC);
    assert_non_null(strstr(err.msg, "did not end"));
}

/* We are killed without a chance to clean up: the plugin goes with us. */
static void dies_with_us(void **state)
{
    struct kube_cred c;
    struct err err;
    char path[] = "/tmp/strata-exec-XXXXXX", script[200];
    int fd = mkstemp(path), status = 0;
    pid_t plugin = 0;
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);       /* orphans come to us */
    snprintf(script, sizeof script, "echo $$ > %s; exec sleep 1000", path);
    pid_t us = fork();
    if (us == 0) {
        run(script, NULL, -1, 60000, &c, &err);
        _exit(0);
    }
    for (char buf[32] = ""; !plugin; usleep(1000)) {
        ssize_t n = pread(fd, buf, sizeof buf - 1, 0);
        if (n > 0 && buf[n - 1] == '\n')
            plugin = (pid_t)atoi(buf);
    }
    assert_int_equal(kill(us, SIGKILL), 0);
    assert_int_equal(waitpid(us, &status, 0), us);
    assert_int_equal(waitpid(plugin, &status, 0), plugin);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(fd);
    unlink(path);
}

static void replies(void **state)
{
    static const char *const bad[] = {
        "", "{", "[]", "{\"kind\":\"Status\"}", "{\"kind\":\"ExecCredential\",\"apiVersion\":\"other\",\"status\":{\"token\":\"SECRET\"}}",
        REPLY "null}", REPLY "{}}", REPLY "{\"token\":\"\"}}", REPLY "{\"token\":\"SEC\\nRET\"}}",
        REPLY "{\"token\":\"SECRET\",\"expirationTimestamp\":\"soon\"}}", REPLY "{\"clientKeyData\":\"SECRET\"}}"};
    struct kube_cred c;
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(kube_cred_parse(&c, bad[i], strlen(bad[i]), V1, "plugin", &err), ERR_EXEC);
        assert_null(strstr(err.msg, "SECRET"));
        assert_null(c.token);
        assert_null(c.key);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(token), cmocka_unit_test(certificate_pair), cmocka_unit_test(environment), cmocka_unit_test(failure),
        cmocka_unit_test(not_installed), cmocka_unit_test(relative_command), cmocka_unit_test(refusals), cmocka_unit_test(stopped), cmocka_unit_test(dies_with_us),
        cmocka_unit_test(replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
