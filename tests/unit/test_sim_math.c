/* Arithmetic of the demo cloud's controllers: roll-outs, budgets, cron lines, quantities, selectors, taints. */
#include "sim_world.h"

static void rollouts(void **state)
{
    static const struct { int replicas; const char *strategy; int surge, missing; } cases[] = {
        {4, "{'type':'RollingUpdate'}", 1, 1}, {2, "{'type':'RollingUpdate'}", 1, 0}, {10, "{'rollingUpdate':{'maxSurge':'25%%','maxUnavailable':'25%%'}}", 3, 2},
        {1, "{'rollingUpdate':{'maxSurge':0,'maxUnavailable':'25%%'}}", 0, 1}, {3, "{'rollingUpdate':{'maxSurge':2,'maxUnavailable':0}}", 2, 0},
        {3, "{'rollingUpdate':{'maxSurge':0,'maxUnavailable':9}}", 0, 3}, {3, "{'type':'Recreate'}", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *st = jt(cases[i].strategy);
        struct ctl_rollout r;
        ctl_fenceposts(st, cases[i].replicas, &r);
        assert_int_equal(r.max_surge, cases[i].surge);
        assert_int_equal(r.max_unavailable, cases[i].missing);
        json_decref(st);
    }
    struct ctl_rollout r = {.replicas = 10, .max_surge = 3, .max_unavailable = 2};
    assert_int_equal(ctl_new_replicas(&r, false, 10, 0), 3);   /* room for three more */
    assert_int_equal(ctl_new_replicas(&r, false, 13, 3), 3);   /* none left */
    assert_int_equal(ctl_new_replicas(&r, false, 4, 1), 10);   /* never more than wanted */
    assert_int_equal(ctl_new_replicas(&r, true, 10, 0), 10);
    assert_int_equal(ctl_old_budget(&r, 13, 3, 0), 2);         /* the three new ones are not there yet */
    assert_int_equal(ctl_old_budget(&r, 13, 3, 3), 5);
}

static void budgets(void **state)
{
    static const struct { const char *spec; int pods, scale, healthy, expected, desired, allowed; } cases[] = {
        {"{'minAvailable':1}", 2, 2, 2, 2, 1, 1}, {"{'minAvailable':1}", 1, 1, 1, 1, 1, 0}, {"{'minAvailable':2}", 3, 3, 1, 3, 2, 0},
        {"{'minAvailable':'50%%'}", 3, 3, 3, 3, 2, 1}, {"{'maxUnavailable':1}", 3, 3, 3, 3, 2, 1}, {"{'maxUnavailable':1}", 2, 3, 2, 3, 2, 0},
        {"{'maxUnavailable':'30%%'}", 3, 3, 3, 3, 2, 1}, {"{'maxUnavailable':5}", 3, 3, 3, 3, 0, 3}, {"{'minAvailable':0}", 0, 0, 0, 0, 0, 0},
        {"{'minAvailable':'100%%'}", 4, 4, 4, 4, 4, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *spec = jt(cases[i].spec);
        struct ctl_budget b;
        ctl_budget(spec, cases[i].pods, cases[i].scale, cases[i].healthy, &b);
        assert_int_equal(b.expected, cases[i].expected);
        assert_int_equal(b.desired, cases[i].desired);
        assert_int_equal(b.allowed, cases[i].allowed);
        json_decref(spec);
    }
}

static void cron(void **state)
{
    static const struct { const char *line, *from, *next; } cases[] = {
        {"*/5 * * * *", "2027-01-15T08:00:00Z", "2027-01-15T08:05:00Z"}, {"*/5 * * * *", "2027-01-15T08:04:59Z", "2027-01-15T08:05:00Z"},
        {"0 0 1 * *", "2027-01-15T08:00:00Z", "2027-02-01T00:00:00Z"}, {"30 2 29 2 *", "2027-01-15T08:00:00Z", "2028-02-29T02:30:00Z"},
        {"0 9-17/4 * * mon-fri", "2027-01-15T17:00:00Z", "2027-01-18T09:00:00Z"}, {"0 0 13 * 5", "2027-01-15T08:00:00Z", "2027-01-22T00:00:00Z"},
        {"15,45 * * * 7", "2027-01-15T08:00:00Z", "2027-01-17T00:15:00Z"}, {"@hourly", "2027-01-15T08:00:30Z", "2027-01-15T09:00:00Z"},
        {"0 0 31 dec *", "2027-01-15T08:00:00Z", "2027-12-31T00:00:00Z"}, {"5/20 * * * *", "2027-01-15T08:26:00Z", "2027-01-15T08:45:00Z"},
    };
    static const char *const bad[] = {"", "* * * *", "* * * * * *", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "@sometimes", "1, * * * *"};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[32];
        stamp(ctl_cron_next(cases[i].line, stamp_ms(cases[i].from) / 1000, 0) * 1000, got);
        assert_string_equal(got, cases[i].next);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(ctl_cron_next(bad[i], EPOCH / 1000, 0), -1);
    assert_int_equal(ctl_cron_next("0 12 * * *", EPOCH / 1000, 3600), EPOCH / 1000 + 3 * 3600);        /* noon one hour east of Greenwich */
}

static void quantities(void **state)
{
    (void)state;
    assert_int_equal(ctl_quantity("100m", true), 100);
    assert_int_equal(ctl_quantity("2", true), 2000);
    assert_int_equal(ctl_quantity("0.5", true), 500);
    assert_int_equal(ctl_quantity("2Gi", false), 2147483648LL);
    assert_int_equal(ctl_quantity("128974848", false), 128974848);
    assert_int_equal(ctl_quantity("1e3", false), 1000);
    assert_int_equal(ctl_quantity("500k", false), 500000);
    assert_int_equal(ctl_quantity("nonsense", false), 0);
    json_t *spec = jt("{'containers':[{'resources':{'requests':{'cpu':'250m','memory':'64Mi'}}},{'resources':{'limits':{'cpu':1}}}],"
                      "'initContainers':[{'resources':{'requests':{'memory':'1Gi'}}}]}");
    int64_t cpu, memory;
    ctl_requests(spec, &cpu, &memory);
    assert_int_equal(cpu, 1250);
    assert_int_equal(memory, 1073741824);                      /* the init container needs more than all the others */
    assert_string_equal(ctl_qos(spec), "Burstable");
    json_decref(spec);
}

static void selectors(void **state)
{
    static const struct { const char *selector; bool yes; } cases[] = {
        {"{'matchLabels':{'app':'x'}}", true}, {"{'matchLabels':{'app':'y'}}", false}, {"{'matchLabels':{'app':'x','no':'z'}}", false},
        {"{'matchExpressions':[{'key':'app','operator':'In','values':['w','x']}]}", true}, {"{}", true},
        {"{'matchExpressions':[{'key':'app','operator':'NotIn','values':['w','x']}]}", false},
        {"{'matchExpressions':[{'key':'no','operator':'NotIn','values':['w']}]}", true},
        {"{'matchExpressions':[{'key':'tier','operator':'Exists'}]}", true}, {"{'matchExpressions':[{'key':'tier','operator':'DoesNotExist'}]}", false},
        {"{'matchExpressions':[{'key':'tier','operator':'Like'}]}", false},
    };
    (void)state;
    json_t *labels = jt("{'app':'x','tier':'front'}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *sel = jt(cases[i].selector);
        assert_int_equal(ctl_selects(sel, labels), cases[i].yes);
        json_decref(sel);
    }
    assert_false(ctl_selects(NULL, labels));
    json_decref(labels);
}

static void taints(void **state)
{
    json_t *taint = jt("{'key':'k','value':'v','effect':'NoExecute'}");
    static const struct { const char *tolerations; bool yes; int64_t seconds; } cases[] = {
        {"[]", false, -1}, {"[{'operator':'Exists'}]", true, -1}, {"[{'key':'k','operator':'Exists','effect':'NoExecute','tolerationSeconds':300}]", true, 300},
        {"[{'key':'k','value':'v'}]", true, -1}, {"[{'key':'k','value':'w'}]", false, -1}, {"[{'key':'k','operator':'Exists','effect':'NoSchedule'}]", false, -1},
        {"[{'key':'k','operator':'Exists','tolerationSeconds':300},{'operator':'Exists','tolerationSeconds':60}]", true, 60},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *t = jt(cases[i].tolerations);
        int64_t seconds;
        assert_int_equal(ctl_tolerates(t, taint, &seconds), cases[i].yes);
        assert_int_equal(seconds, cases[i].seconds);
        json_decref(t);
    }
    json_decref(taint);
}

static void hashes(void **state)
{
    char a[11], b[11];
    json_t *x = jt("{'a':1,'b':[2]}"), *y = jt("{'b':[2],'a':1}");
    (void)state;
    ctl_hash(x, a);
    ctl_hash(y, b);
    assert_string_equal(a, b);                                 /* the order of keys says nothing */
    assert_int_equal(strspn(a, "bcdfghjklmnpqrstvwxz2456789"), strlen(a));
    json_object_set_new(y, "a", json_integer(2));
    ctl_hash(y, b);
    assert_string_not_equal(a, b);
    json_decref(x);
    json_decref(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rollouts), cmocka_unit_test(budgets), cmocka_unit_test(cron), cmocka_unit_test(quantities),
        cmocka_unit_test(selectors), cmocka_unit_test(taints), cmocka_unit_test(hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
