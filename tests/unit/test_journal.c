/* The journal's file: nothing torn, nothing lost, nothing secret, nobody else's eyes; several writers at once. */
#include "fake_core.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "core/base/json_read.h"
#include "core/ops/journal.h"
#include "core/ops/journal_read.h"
#include "core/ops/left.h"

static char path[160];

static int up(void **state)
{
    (void)state;
    snprintf(fake_state, sizeof(fake_state), "/tmp/strata-journal-XXXXXX");
    if (!mkdtemp(fake_state))
        return 1;
    setenv("XDG_STATE_HOME", fake_state, 1);
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl", fake_state);
    return 0;
}

static int down(void **state)
{
    char cmd[128];
    (void)state;
    unsetenv("STRATA_AUDIT_MAX");
    snprintf(cmd, sizeof(cmd), "rm -rf %s", fake_state);
    return system(cmd) != 0;
}

static void line(struct journal *j, const char *event, const char *key, int step)
{
    struct str s;
    struct err err = ERR_INIT;
    journal_begin(j, &s, event);
    journal_field(&s, "key", key);
    if (!strcmp(event, "op"))
        str_adds(&s, ",\"title\":\"t\",\"action\":\"scale\",\"targets\":[{\"step\":0,\"kind\":\"deployments\",\"name\":\"web\"}]");
    else
        journal_number(&s, "step", step);
    if (journal_put(j, &s, false, &err))
        fail_msg("%s", err.msg);
}

static bool count(void *arg, json_t *j)
{
    const char *key = act_str(j, "key");
    int *n = arg;
    assert_true(key[0] == 'a' || key[0] == 'b');
    assert_int_equal(act_num(j, "step", -1), n[key[0] - 'a']);       /* each writer's in their order */
    n[key[0] - 'a']++;
    return true;
}

#define EACH 300
static void two_write_at_once(void **state)
{
    pid_t child[2];
    int n[2] = {0}, status;
    struct err err = ERR_INIT;
    (void)state;
    setenv("STRATA_AUDIT_MAX", "20000", 1);              /* with rotations in the middle */
    for (int c = 0; c < 2; c++) {
        if ((child[c] = fork()))
            continue;
        struct journal *j = journal_new();
        for (int i = 0; i < EACH; i++)
            line(j, "intent", c ? "b" : "a", i);
        journal_free(j);
        _exit(0);
    }
    for (int c = 0; c < 2; c++) {
        assert_int_equal(waitpid(child[c], &status, 0), child[c]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(journal_read(count, n, &err), ERR_OK);
    assert_int_equal(n[0], EACH);
    assert_int_equal(n[1], EACH);
}

static void what_did_not_end_outlives_every_rotation(void **state)
{
    struct lefts l = {0};
    struct err err = ERR_INIT;
    struct stat st;
    char file[180];
    (void)state;
    setenv("STRATA_AUDIT_MAX", "2000", 1);
    struct journal *j = journal_new();
    line(j, "op", "open-1", 0);
    line(j, "intent", "open-1", 0);
    for (int i = 0; i < 400; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        line(j, "op", key, 0);
        line(j, "op-end", key, 0);
    }
    journal_free(j);
    assert_int_equal(lefts_load(&l, NULL, &err), ERR_OK);
    assert_int_equal(l.n, 1);
    assert_true(l.item[0].steps[0].begun && !l.item[0].steps[0].over);
    lefts_release(&l);
    snprintf(file, sizeof(file), "%s.kept", path);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(st.st_size < 2000);                      /* only what is needed */
    snprintf(file, sizeof(file), "%s.8", path);
    assert_int_equal(stat(file, &st), -1);
}

static void the_newest_that_did_not_end_comes_first(void **state)
{
    static const char *const keys[] = {"one", "two", "three"};
    struct op_left *left;
    struct err err = ERR_INIT;
    (void)state;
    for (int i = 0, status; i < 3; i++) {                /* each of a strata that is gone */
        pid_t child = fork();
        if (!child) {
            struct journal *j = journal_new();
            line(j, "op", keys[i], 0);
            journal_free(j);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
    }
    assert_int_equal(core_ops_left(NULL, &left, &err), 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(left[i].key, keys[2 - i]);
    op_left_free(left, 3);
}

static void what_ended_is_forgotten_at_once(void **state)
{
    static const char text[] = "{\"event\":\"op\",\"key\":\"a\",\"targets\":[{}]}\n{\"event\":\"op\",\"key\":\"b\",\"targets\":[{}]}\n"
                               "{\"event\":\"op\",\"key\":\"c\",\"targets\":[{}]}\n{\"event\":\"op-end\",\"key\":\"a\"}\n"
                               "{\"event\":\"op-end\",\"key\":\"c\"}\n";
    struct lefts l = {.also = "c"};
    (void)state;
    assert_true(journal_parse(text, sizeof(text) - 1, left_line, &l));
    assert_int_equal(l.n, 2);                            /* a journal of years holds tens of thousands that ended */
    assert_null(lefts_find(&l, "a"));
    assert_false(lefts_find(&l, "b")->ended);
    assert_true(lefts_find(&l, "c")->ended);
    assert_true(lefts_have(&l, "{\"key\":\"b\"}", 11));
    assert_false(lefts_have(&l, "{\"key\":\"bb\"}", 12));
    assert_false(lefts_have(&l, "{\"key\":\"b", 9));
    lefts_release(&l);
}

static void nobody_else_reads_it(void **state)
{
    struct stat st;
    (void)state;
    struct journal *j = journal_new();
    line(j, "op", "a", 0);
    assert_int_equal(chmod(path, 0644), 0);
    line(j, "op-end", "a", 0);
    journal_free(j);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    *strrchr(path, '/') = 0;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static bool ends(void *arg, json_t *j)
{
    *(int *)arg += !strcmp(act_str(j, "event"), "op-end");
    return true;
}

static void what_happened_is_written_later(void **state)
{
    struct str s;
    struct err err = ERR_INIT;
    int n = 0;
    (void)state;
    struct journal *j = journal_new();
    line(j, "op", "a", 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int i = 0; i < 2; i++) {
        journal_begin(j, &s, "op-end");
        journal_field(&s, "key", "a");
        journal_tell(j, &s, true);
    }
    assert_non_null(strstr(journal_trouble(j), "cannot be written (Is a directory)"));
    journal_begin(j, &s, "intent");
    assert_int_equal(journal_put(j, &s, true, &err), ERR_IO);        /* nothing new is begun */
    assert_int_equal(rmdir(path), 0);
    line(j, "intent", "b", 0);
    assert_string_equal(journal_trouble(j), "");
    journal_free(j);
    assert_int_equal(journal_read(ends, &n, &err), ERR_OK);
    assert_int_equal(n, 2);
}

/* /dev/full is a disk that is full. */
static void a_full_disk_refuses(void **state)
{
    struct str s;
    struct err err = ERR_INIT;
    (void)state;
    struct journal *j = journal_new();
    line(j, "op", "a", 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/dev/full", path), 0);
    journal_begin(j, &s, "intent");
    assert_int_equal(journal_put(j, &s, true, &err), ERR_IO);
    assert_non_null(strstr(err.msg, "No space left"));
    journal_free(j);
}

static bool any(void *arg, json_t *j)
{
    (void)j;
    ++*(int *)arg;
    return true;
}

static void a_cut_line_is_mended(void **state)
{
    struct err err = ERR_INIT;
    int n = 0;
    (void)state;
    struct journal *j = journal_new();
    line(j, "op", "a", 0);
    FILE *f = fopen(path, "a");
    fputs("{\"event\":\"op\",\"key\":\"cut", f);
    fclose(f);
    line(j, "op", "b", 0);
    journal_free(j);
    assert_int_equal(journal_read(any, &n, &err), ERR_OK);
    assert_int_equal(n, 2);
}

#define CONFIG "/api/v1/namespaces/a/configmaps/b"

static void secrets_are_hidden(void **state)
{
    static const struct { const char *path, *body, *gone; } cases[] = {
        {"/api/v1/namespaces/a/secrets/b", "{\"data\":{\"x\":\"c2VjcmV0LTE=\"},\"stringData\":{\"y\":\"secret-1\"}}", "c2VjcmV0LTE="},
        {"/api/v1/namespaces/a/secrets/b", "{\"stringData\":{\"y\":\"secret-1\"}}", "secret-1"},
        {"/api/v1/namespaces/a/secrets/b", "[{\"op\":\"replace\",\"path\":\"/data/x\",\"value\":\"secret-1\"}]", "secret-1"},
        {"/api/v1/namespaces/a/secrets/b", "[{\"op\":\"replace\",\"path\":\"/data\",\"value\":{\"x\":\"secret-1\"}}]", "secret-1"},
        {"/servers/1/action", "{\"rebuild\":{\"adminPass\":\"secret-1\",\"user_data\":\"secret-1\"}}", "secret-1"},
        {"/servers/1/action", "{\"os-x\":{\"token\":\"secret-1\"}}", "secret-1"},
        {"/servers/1/remote-consoles", "{\"remote_console\":{\"url\":\"http://c/?token=secret-1\"}}", "secret-1"},
        {"/apis/apps/v1/namespaces/a/deployments/b", "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"secret-1\"}]}]}}}}", "secret-1"},
        {CONFIG, "{\"data\":{\"db.conf\":\"[database]\\nconnection = mysql+pymysql://nova:secret-1@db/nova\\n\"}}", "secret-1"},
        {CONFIG, "{\"data\":{\"my.cnf\":\"[client]\\nuser = x\\npassword = secret-1\\n\"}}", "secret-1"},
        {CONFIG, "{\"data\":{\"a.yaml\":\"a: b\\nrabbit_password: secret-1\"}}", "secret-1"},
        {CONFIG, "{\"data\":{\"a.json\":\"{\\\"token\\\":\\\"secret-1\\\"}\"}}", "secret-1"},
        {CONFIG, "{\"data\":{\"x\":\"-----BEGIN RSA PRIVATE KEY-----\\nsecret-1\"}}", "secret-1"},
        {CONFIG, "[{\"op\":\"add\",\"path\":\"/data/admin_password\",\"value\":\"secret-1\"}]", "secret-1"},
        {"/apis/apps/v1/namespaces/a/deployments/b", "{\"spec\":{\"containers\":[{\"args\":[\"--token=secret-1\"]}]}}", "secret-1"},
    };
    static const char *const plain[] = {"registry.example.org:5000/secret-store:2", "level = debug\nport: 80", "https://example.org:80/a@b", "password ="};
    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        struct str s;
        json_t *j = json_pack("{s:{s:s}}", "data", "x", plain[i]), *back;
        str_init(&s, 0);
        assert_true(hide_json(&s, j, CONFIG));
        back = json_read(s.data, s.len, 0, NULL);
        assert_true(json_equal(j, back));
        json_decref(back);
        json_decref(j);
        str_release(&s);
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str s;
        json_t *j = json_read(cases[i].body, strlen(cases[i].body), 0, NULL);
        str_init(&s, 0);
        assert_true(hide_json(&s, j, cases[i].path));
        if (strstr(s.data, cases[i].gone))
            fail_msg("%zu: %s", i, s.data);
        json_decref(j);
        str_release(&s);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, up, down)
    const struct CMUnitTest tests[] = {
        T(two_write_at_once), T(what_did_not_end_outlives_every_rotation), T(what_ended_is_forgotten_at_once), T(the_newest_that_did_not_end_comes_first), T(nobody_else_reads_it),
        T(what_happened_is_written_later),
        T(a_full_disk_refuses), T(a_cut_line_is_mended), T(secrets_are_hidden),
    };
    (void)fake_up, (void)fake_down, (void)fake_wait, (void)fake_journal, (void)fake_rule, (void)fake_ops;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
