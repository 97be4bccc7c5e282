/* What the plan of an action refuses its blast radius refuses, and what ended long ago is no loss. */
#include "blast_act.h"

#include "strata/tell.h"

static const struct source_info *nobody(void *arg, uint16_t id)
{
    (void)arg;
    (void)id;
    return NULL;
}

static enum blast_verdict tells(const struct world *w, const char *action, bool partial, struct str *out)
{
    struct blast b;
    uint32_t node = links_find(w->links, CLOUD, kind_find("server"), SRV1);
    const struct tell t = {.l = w->links, .source = nobody, .partial = partial};
    str_clear(out);
    assert_true(tell_blast(&t, action, &node, 1, &b, out));
    enum blast_verdict v = b.verdict;
    blast_free(&b);
    return v;
}

static void a_contradiction_forbids_it(void **state)
{
    (void)state;
    struct world w = {0};
    struct str out;
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", SRV2, NULL);
    world_build(&w);
    str_init(&out, 1 << 20);
    assert_int_equal(tells(&w, "stop", false, &out), BLAST_RED);
    assert_non_null(strstr(out.data, "  REFUSED: what it is contradicts itself: "));
    assert_non_null(strstr(out.data, "  it might hit another: look at node w1 of "));
    assert_non_null(strstr(out.data, " and mend what is wrong there, or go on with --ignore-clusters, which asks no cluster\n"));
    tells(&w, "lose", false, &out);                              /* nobody does that: nothing is refused */
    assert_null(strstr(out.data, "REFUSED"));
    assert_null(strstr(out.data, "as far as"));
    tells(&w, "lose", true, &out);                                  /* clusters whose nodes may not be seen are not counted */
    assert_non_null(strstr(out.data, ", as far as is seen\n"));
    str_release(&out);
    world_free(&w);
}

static void who_ended_loses_nothing(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "pods", "evicted", "shop", "evicted", "node", "w1", "status", "Evicted", "empty-dirs", "1", "@health", "6", NULL);
    world_put(&w, TENANT, "pods", "crashes", "shop", "crashes", "node", "w1", "status", "CrashLoopBackOff", "cpu-requested", "0", "@health", "6", NULL);
    world_build(&w);
    struct blast b = act(&w, "drain", TENANT, "nodes", "node-1", "1 pod will not come back; drain refuses without --force\n");
    assert_harm(&w, &b, "evicted", BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "evicted", BLAST_ST, HARM_NONE);
    assert_harm(&w, &b, "crashes", BLAST_DP, HARM_LOST);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "pods", "evicted", "");
    assert_int_equal(b.n, 0);
    blast_free(&b);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_contradiction_forbids_it), cmocka_unit_test(who_ended_loses_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
