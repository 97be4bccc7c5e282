/* Streams: the server's last word about a command, and what the journal keeps of its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/kube/stream.h"
#include "core/stream.h"
#include "strata/str.h"

static void last_words(void **state)
{
    static const struct { const char *text; int code; enum err_code err; const char *says; } t[] = {
        {"{\"metadata\":{},\"status\":\"Success\"}", 0, ERR_OK, ""},
        {"{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"message\":\"m\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"137\"}]}}",
         137, ERR_OK, ""},
        {"{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"message\":\"odd\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"9x\"}]}}",
         -1, ERR_SERVER, "odd"},
        {"{\"status\":\"Failure\",\"reason\":\"InternalError\",\"message\":\"no \\u001b[2Jsuch file\"}", -1, ERR_SERVER, "such file"},
        {"{\"status\":\"Failure\",\"message\":7,\"details\":[1]}", -1, ERR_SERVER, "did not say"},
        {"plain words", -1, ERR_SERVER, "plain words"},
        {"", -1, ERR_SERVER, "did not say"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        int code;
        struct err err;
        kube_stream_status(t[i].text, strlen(t[i].text), &code, &err);
        assert_int_equal(code, t[i].code);
        assert_int_equal(err.code, t[i].err);
        assert_non_null(strstr(err.msg, t[i].says));
        assert_null(strchr(err.msg, 0x1b));
    }
}

static void no_secrets_in_the_journal(void **state)
{
    static const struct { const char *command[8]; const char *said; } t[] = {
        {{"ls", "-l", "/etc"}, "ls -l /etc"},
        {{"env", "DB_PASSWORD=hunter2", "X=1"}, "env DB_PASSWORD=*** X=1"},
        {{"mysql", "-u", "root", "-phunter2"}, "mysql -u *** -p***"},
        {{"login", "--password", "hunter2", "--user", "me"}, "login --password *** --user me"},
        {{"sh", "-c", "curl -H 'Authorization: Bearer hunter2' https://u:hunter2@h/x"}, "sh -c curl -H 'Authorization:*** *** *** https://u:***@h/x"},
        {{"sh", "-c", "TOKEN=hunter2 run; echo ok"}, "sh -c TOKEN=*** run; echo ok"},
        {{"tar", "", "x"}, "tar '' x"},
        {{"mkdir", "-p", "/a/b"}, "mkdir -p /a/b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct str s;
        str_init(&s, 0);
        assert_true(command_said(&s, t[i].command));
        assert_null(strstr(s.data, "hunter2"));
        assert_string_equal(s.data, t[i].said);
        str_release(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(last_words), cmocka_unit_test(no_secrets_in_the_journal)};
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
