/* The words of a blast radius: those that are alike are told once, in short lines; whole, each with its evidence. */
#include "links_sandwich.h"

#include "strata/blast.h"
#include "strata/tell.h"

static const struct source_info *nobody(void *arg, uint16_t id)
{
    (void)arg;
    (void)id;
    return NULL;
}

static void tell(const struct world *w, bool each, bool whole, struct str *out)
{
    struct blast b;
    uint32_t node = links_find(w->links, MGMT, kind_find("nodes"), "under-1");
    const struct tell t = {.l = w->links, .source = nobody, .each = each, .whole = whole};
    str_clear(out);
    assert_true(tell_blast(&t, "lose", &node, 1, &b, out));
    blast_free(&b);
}

static void alike_is_told_once(void **state)
{
    (void)state;
    struct world w = {0};
    struct str out;
    sandwich(&w);
    for (int i = 10; i < 40; i++) {
        char name[64];
        snprintf(name, sizeof name, "a-long-name-of-a-pod-of-a-batch-%d", i);
        world_put(&w, TENANT, "pods", name, "batch", name, "node", "w1", "@owner", "Job/b/b", NULL);
    }
    world_build(&w);
    str_init(&out, 1 << 20);
    tell(&w, false, false, &out);
    assert_non_null(strstr(out.data, "  lost     DP  30 pods of batch (a-long-name-of-a-pod-of-a-batch-10, ...) <- node w1 <- server vm1 <- hypervisor cmp1 <- node cmp1 [likely, B]\n"));
    assert_null(strstr(out.data, "batch-20"));
    assert_null(strstr(out.data, "providerID"));
    tell(&w, true, false, &out);                                /* none left out, the evidence is */
    for (int i = 10; i < 40; i++) {
        char line[160];
        snprintf(line, sizeof line, "  lost     DP  pod a-long-name-of-a-pod-of-a-batch-%d <- node w1 <- server vm1 <- hypervisor cmp1 <- node cmp1 [likely, B]\n", i);
        assert_non_null(strstr(out.data, line));
    }
    assert_null(strstr(out.data, "more\n"));
    tell(&w, false, true, &out);
    assert_non_null(strstr(out.data, "pod a-long-name-of-a-pod-of-a-batch-39 <- node w1 [A E1 nodeName w1] <- server vm1 [A E11-1 providerID"));
    assert_null(strstr(out.data, "more\n"));
    str_release(&out);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(alike_is_told_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
