/* The blast radius: who is hurt by what, in which plane, by which chain; and the verdict. */
#include "links_sandwich.h"

#include "strata/blast.h"

static const struct blast_item *harmed(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->item[i].plane == plane && !strcmp(links_row(w->links, b->item[i].node)->uid, uid))
            return &b->item[i];
    return NULL;
}

static struct blast act(const struct world *w, const char *action, uint16_t source, const char *kind, const char *uid, const char *said)
{
    struct blast_cut cut[64];
    struct blast b;
    struct str words;
    str_init(&words, 0);
    uint32_t node = links_find(w->links, source, kind_find(kind), uid);
    assert_int_not_equal(node, LINK_NO_NODE);
    size_t n = blast_cuts(w->links, action, node, cut, 64, &words);
    assert_true(blast_make(&b, w->links, cut, n));
    assert_string_equal(words.data ? words.data : "", said);
    str_release(&words);
    return b;
}

static void assert_harm(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane, enum blast_harm want)
{
    const struct blast_item *it = harmed(w, b, uid, plane);
    if ((it ? it->harm : HARM_NONE) != (int)want)
        fail_msg("%s: harm %d, wanted %d", uid, it ? it->harm : 0, want);
}

static void a_dead_host_goes_up_all_layers(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct blast b = act(&w, "lose", MGMT, "nodes", "under-1", "");
    assert_harm(&w, &b, "h1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV2, BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "web", BLAST_DP, HARM_AT_RISK);
    assert_harm(&w, &b, "db", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "compute/1", BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, "compute", BLAST_CP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    assert_int_equal(b.projects, 1);
    assert_int_equal(b.clusters, 2);
    struct str chain;
    str_init(&chain, 0);
    blast_chain(w.links, &b, harmed(&w, &b, "node-1", BLAST_DP), &chain);
    assert_string_equal(chain.data, "node w1 <- server vm1 [A E11-1 providerID " SRV1 "] <- hypervisor cmp1 [A E9 hypervisor_hostname cmp1] <- node cmp1 "
                                    "[B E7c name cmp1; E8 host_ip and InternalIP 10.0.0.1]");
    str_release(&chain);
    blast_free(&b);
    world_free(&w);
}

static void what_manages_is_not_what_runs(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct blast b = act(&w, "delete", MGMT, "pods", "nc-1", "");
    assert_harm(&w, &b, SRV1, BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "delete", MGMT, "pods", "api-1", "");            /* the one pod of an API: gone for a moment, then back */
    assert_harm(&w, &b, "compute", BLAST_CP, HARM_LOST);
    assert_true(harmed(&w, &b, "compute", BLAST_CP)->back);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

static void groups_bear_some(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "pods", "web-3", "shop", "web-3", "node", "w2", "@owner", "ReplicaSet/web/rs", NULL);
    world_put(&w, TENANT, "pods", "lone", "shop", "lone", "node", "w2", NULL);
    world_build(&w);
    struct blast b = act(&w, "delete", TENANT, "pods", "web-1", "");
    assert_harm(&w, &b, "web", BLAST_DP, HARM_DEGRADED);
    assert_int_equal(b.verdict, BLAST_GREEN);
    assert_int_equal(harmed(&w, &b, "web", BLAST_DP)->alive, 2);
    assert_int_equal(harmed(&w, &b, "web", BLAST_DP)->of, 3);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "pods", "lone", "the pod belongs to nobody: it will not come back\n");
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "drain", MGMT, "nodes", "under-1", "1 pod of DaemonSets stays\n");
    assert_harm(&w, &b, "nc-1", BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_put(&w, MGMT, "pods", "db-galera-2", "openstack", "db-galera-2", "node", "cmp2", "@owner", "StatefulSet/mariadb/galera", "@health", "6", NULL);
    world_build(&w);                                             /* one of three is ill: the next one is the quorum */
    b = act(&w, "delete", MGMT, "pods", "db-galera-1", "");
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_LOST);
    assert_true(b.quorum_lost);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_host_goes_up_all_layers),
        cmocka_unit_test(what_manages_is_not_what_runs),
        cmocka_unit_test(groups_bear_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
