/* Kinds that the cluster is asked for: a source that cannot be used, or has no such thing, refuses in its own words. */
#include "fake_core.h"

#include "strata/apply.h"

static void refused_with(uint32_t id, const char *title, const char *words)
{
    struct event *e = fake_wait(EV_PLAN, id);
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_string_equal(e->op->title, title);
    assert_non_null(strstr(e->err.msg, words));
    event_free(e);
}

static void apply(const char *words)
{
    static const char text[] = "apiVersion: example.org/v1\nkind: Frob\nmetadata: {name: a}\n";
    const struct apply_text file = {"a.yaml", text, sizeof(text) - 1};
    refused_with(core_apply_plan(fake, &(struct apply_request){.texts = &file, .ntexts = 1}), "apply", words);
}

static void resume(const char *title, const char *words)
{
    char path[200], host[128] = "";
    snprintf(path, sizeof(path), "%s/strata", fake_state);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl", fake_state);
    gethostname(host, sizeof(host) - 1);
    FILE *f = fopen(path, "w");
    fprintf(f, "{\"event\":\"op\",\"key\":\"k\",\"title\":\"t\",\"action\":\"delete\",\"host\":\"%s\",\"pid\":999999999,\"started\":\"1\",\"targets\":["
               "{\"step\":0,\"source\":\"prod\",\"kind\":\"frobs.example.org\",\"scope\":\"\",\"name\":\"a\",\"uid\":\"u\",\"args\":{}}]}\n", host);
    fclose(f);
    refused_with(core_op_again(fake, "k", false, false), title, words);
}

static void of_a_source_that_cannot_be_used(void **state)
{
    (void)state;
    err_set(&fake_source.info.err, ERR_CONFIG, 0, "kubeconfig:6: no key");
    apply("kubeconfig:6: no key");
    resume("delete", "kubeconfig:6: no key");
    fake_source.info.err = (struct err)ERR_INIT;
    apply("prod is no cluster");
}

static void of_a_cloud(void **state)
{
    (void)state;
    fake_source.info.plane = fake->info[0].plane = PLANE_OPENSTACK;
    resume("resume", "its cluster prod is not open here");
    apply("choose one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(of_a_source_that_cannot_be_used, fake_up, fake_down),
                                       cmocka_unit_test_setup_teardown(of_a_cloud, fake_up, fake_down)};
    (void)fake_journal, (void)fake_rule;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
