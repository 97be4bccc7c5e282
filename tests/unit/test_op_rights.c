/* What a 403 taught: the next plan of such a request says so, of another request or another server's kind of request it does not. */
#include "fake_core.h"

static int sends;

static void rule(const struct call_req *rq, struct fake_answer *a)
{
    bool get = !rq->method || !strcmp(rq->method, "GET");
    const char *id = strstr(rq->path, "s2") ? "s2" : "s1";
    if (!get) {
        sends++;
        *a = (struct fake_answer){.status = 403, .sent = true, .retry_after_ms = -1, .body = "{\"forbidden\":{\"message\":\"Policy doesn't allow it\",\"code\":403}}"};
        return;
    }
    bool deep = strstr(rq->path, "os-instance-actions") != NULL;
    snprintf(a->body, sizeof(a->body), deep ? "{\"instanceActions\":[]}" :
             "{\"server\":{\"id\":\"%s\",\"name\":\"vm\",\"status\":\"ACTIVE\",\"OS-EXT-STS:vm_state\":\"active\",\"OS-EXT-STS:task_state\":null,"
             "\"OS-EXT-STS:power_state\":1,\"locked\":false}}", id);
}

static struct event *plan(const char *action, const char *id)
{
    static union { struct row r; char all[sizeof(struct row) + 64 * sizeof(union cell)]; } server;      /* a row has its cells behind it */
    server.r = (struct row){.kind = kind_find("server"), .uid = id, .name = "vm", .scope = "", .labels = "", .owner = ""};
    assert_true(server.r.kind->ncolumns <= 64);
    const struct row *rows[] = {&server.r};
    struct op_request rq = {.action = action, .rows = rows, .nrows = 1};
    struct event *e = fake_wait(EV_PLAN, core_op_plan(fake, &rq));
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_PLANNED);
    return e;
}

static size_t warned(const char *action, const char *id)
{
    struct event *e = plan(action, id);
    size_t n = 0;
    for (size_t i = 0; i < e->op->nfacts; i++)
        n += e->op->facts[i].level == FACT_CAUTION && strstr(e->op->facts[i].text, "refused such a request of this user") != NULL;
    core_op_drop(fake, e->id);
    event_free(e);
    return n;
}

static void stop(void)
{
    struct event *e = plan("stop", "s1");
    uint32_t id = e->id;
    event_free(e);
    core_op_start(fake, id, NULL);
    e = fake_wait(EV_OP_END, id);
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_FAILED);
    event_free(e);
}

static void a_403_is_remembered(void **state)
{
    (void)state;
    fake_rule = rule;
    assert_int_equal(warned("stop", "s1"), 0);
    stop();
    assert_int_equal(sends, 1);                          /* and not tried again by itself */
    assert_int_equal(warned("stop", "s1"), 1);
    assert_int_equal(warned("stop", "s2"), 1);           /* the right is to the kind of request */
    assert_int_equal(warned("pause", "s1"), 0);
    assert_int_equal(sends, 1);
    stop();
    assert_int_equal(sends, 2);
    assert_null(fake->ops->denied->next);                /* once for all of them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(a_403_is_remembered, fake_up, fake_down)};
    (void)fake_journal;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
