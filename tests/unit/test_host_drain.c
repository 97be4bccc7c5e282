/* Which node a hypervisor is: by what evidence, and what is said where it is weak. */
#include "core/ops/host_drain.h"
#include "kube_act.h"
#include "strata/core.h"

#define HV "{'id':'hv','hypervisor_hostname':'c1.example','host_ip':'10.0.0.1','service':{'host':'c1'}}"
#define NODE(name, ip, more) "{'items':[{'metadata':{'name':'" name "','uid':'u'}," more "'status':{'addresses':[{'type':'InternalIP','address':'" ip "'}]}}]}"

static void the_evidence(void **state)
{
    static const struct { const char *nodes, *said; bool found; enum fact_level level; const char *words; } cases[] = {
        {NODE("c1", "10.0.0.1", ""), NULL, true, FACT_INFO, "it has the same name and the same address"},
        {NODE("c1", "10.9.0.1", ""), NULL, true, FACT_CAUTION, "its address differs: 10.0.0.1 in Nova, 10.9.0.1 in the cluster; look that it is the same machine"},
        {NODE("c1.other", "10.0.0.1", ""), NULL, true, FACT_INFO, "the same address, and the first part of its name is the same"},
        {NODE("c1.other", "10.9.0.1", ""), NULL, false, FACT_REFUSED, "but has another address: say that it is this host"},
        {NODE("c1.other", "10.9.0.1", ""), "k/c1.other", true, FACT_DANGER, "only the first part of its name is the same, and --node says so"},
        {NODE("c1", "10.0.0.1", "'spec':{'providerID':'openstack:///x'},"), NULL, false, FACT_REFUSED, "no node has its name"},
        {"{'items':[]}", NULL, false, FACT_REFUSED, "no node has its name"},
        {NULL, NULL, false, FACT_REFUSED, "no cluster could be asked"},
    };
    const struct source_info source = {.name = "k", .plane = PLANE_KUBE};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        struct host_node node;
        bool told = false;
        act_case(&t, "host-drain", "hypervisor", HV);
        t.c.before = NULL;
        t.c.sources = &source;
        t.c.nsources = 1;
        act_beside(&t, 2, 200, cases[i].nodes);
        if (cases[i].said)
            act_with(&t, "node", cases[i].said);
        assert_int_equal(host_find_node(&t.c, &node, &t.facts), cases[i].found);
        for (size_t k = 0; k < t.facts.n; k++)
            told |= t.facts.item[k].level == cases[i].level && strstr(t.facts.item[k].text, cases[i].words);
        if (!told)
            fail_msg("case %zu: not said: %s", i, cases[i].words);
        if (cases[i].found)
            assert_string_equal(node.source, "k");
        act_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_evidence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
