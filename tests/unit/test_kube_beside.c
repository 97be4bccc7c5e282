/* What a pod asks of a place beyond its node, in the words that the links read. */
#include "kube_row.h"

static void what_the_scheduler_asks_is_in_a_cell(void **state)
{
    static const struct { const char *spec, *want; } cases[] = {
        {"", ""},
        {"'affinity':{'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'host','labelSelector':{'matchExpressions':[{'key':'app','operator':'In','values':['b','a']}]}}]}}",
         "apart;host;;-;app in (a,b)"},
        {"'affinity':{'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'zone','namespaces':['x','y'],'namespaceSelector':{},'labelSelector':{'matchLabels':{'b':'2','a':'1'}}},"
         "{'topologyKey':'host'}]}}",
         "with;zone;x,y;;a=1,b=2|with;host;;-;-"},
        {"'affinity':{'podAntiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':1,'podAffinityTerm':{'topologyKey':'host'}}]}}", ""},
        {"'topologySpreadConstraints':[{'maxSkew':2,'topologyKey':'zone','whenUnsatisfiable':'DoNotSchedule','labelSelector':{'matchLabels':{'app':'web'}},'matchLabelKeys':['hash','none'],'minDomains':3,"
         "'nodeTaintsPolicy':'Honor','nodeAffinityPolicy':'Ignore'},{'maxSkew':1,'topologyKey':'host','whenUnsatisfiable':'ScheduleAnyway'}]",
         "spread;zone;2;3;at;app=web,hash=h1"},
        {"'containers':[{'name':'c','ports':[{'containerPort':1},{'containerPort':2,'hostPort':2},{'hostPort':3,'protocol':'UDP','hostIP':'10.0.0.1'}]}]", "port;TCP;2;|port;UDP;3;10.0.0.1"},
        {"'containers':[{'name':'c','resources':{'requests':{'cpu':'1','memory':'1Gi','gpu':'1'}}},{'name':'d','resources':{'requests':{'gpu':'2'}}}],'initContainers':[{'name':'i','resources':{'requests':{'gpu':'9','x':'1'}}}]",
         "ask;gpu;9000|ask;x;1000"},
        {"'priority':1000", "prio;1000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2000];
        struct store *st = store_new(0, NULL, NULL);
        snprintf(text, sizeof text, "{'metadata':{'name':'p','namespace':'shop','uid':'u','labels':{'hash':'h1'}},'spec':{%s},'status':{}}", cases[i].spec);
        const struct row *r = kube_row(st, "pods", text);
        assert_string_equal(row_column(r, "placement"), cases[i].want);
        store_free(st);
    }
    struct store *st = store_new(0, NULL, NULL);
    const struct row *r = kube_row(st, "nodes", "{'metadata':{'name':'n','uid':'u'},'status':{'allocatable':{'cpu':'1','memory':'1','pods':'1','gpu':'2'}}}");
    assert_string_equal(row_column(r, "offers"), "gpu=2000");
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_the_scheduler_asks_is_in_a_cell)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
