/* Files become an operation: as many objects as there may be, each of a kind that is known at once. */
#include "feed_world.h"

#include "strata/apply.h"
#include "strata/ops.h"

#define MANY 4990

static void as_many_as_there_may_be(void **state)
{
    struct str text;
    struct world w;
    struct event *e = NULL;
    (void)state;
    str_init(&text, 0);
    for (int i = 0; i < MANY; i++)
        str_addf(&text, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d}\n", i);
    str_adds(&text, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: last, namespace: other}\n");
    open_world(&w, NULL, 0, "token: t", NULL);
    const struct apply_text file = {"many.yaml", text.data, text.len};
    uint32_t id = core_apply_plan(w.core, &(struct apply_request){.texts = &file, .ntexts = 1, .ns = "mine", .dry_run = true});
    assert_int_not_equal(id, 0);
    for (int i = 0; i < 500 && !(e && e->id == id && e->type == EV_PLAN); i++) {
        event_free(e);
        core_step(w.core, 20);
        e = core_next_event(w.core);
    }
    assert_non_null(e);
    assert_int_equal(e->op->state, OPS_REFUSED);
    assert_non_null(strstr(e->err.msg, "it says namespace other, -n says mine"));       /* the last of them: all were looked at */
    event_free(e);
    str_release(&text);
    close_world(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_as_there_may_be)};
    (void)used, (void)metrics_asked;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
