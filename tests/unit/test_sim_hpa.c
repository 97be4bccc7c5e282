/* The demo cloud's horizontal autoscaler: sizes, limits, windows, and what it says when it cannot know. */
#include "sim_world.h"

static json_t *busy(const char *name, const char *cpu, const char *request)
{
    json_t *d = work("Deployment", name, 1, "x:1");
    jset(d, "spec.template.metadata.annotations", json_object());
    json_object_set_new(jat(d, "spec.template.metadata.annotations"), SIM_NOTE "cpu", json_string(cpu));
    if (request)
        jset(d, "spec.template.spec.containers.0.resources", jt("{'requests':{'cpu':%s}}", request));
    return d;
}

static json_t *scaler(const char *name, int least, int most, int percent)
{
    return jt("{'kind':'HorizontalPodAutoscaler','apiVersion':'autoscaling/v2','metadata':{'name':%s,'namespace':'a'},'spec':{'minReplicas':%i,"
              "'maxReplicas':%i,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':%s},'metrics':[{'type':'Resource','resource':{'name':"
              "'cpu','target':{'type':'Utilization','averageUtilization':%i}}}]}}", name, least, most, name, percent);
}

static void grows_and_shrinks(void **state)
{
    struct sim *s = cluster_new(3);
    (void)state;
    ctl_put(s, K_DEPLOYMENT, busy("web", "200m", "100m"));
    ctl_put(s, K_HPA, scaler("web", 2, 6, 50));
    pass(s, 14000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 1);      /* its first look comes after 15 s */
    pass(s, 2000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 2);
    assert_true(told(s, "SuccessfulRescale", "New size: 2; reason: Current number of replicas below Spec.MinReplicas"));
    pass(s, 15000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 4);      /* 8 are wanted: at most twice as many a step */
    assert_true(is(s, K_HPA, "web", "ScalingLimited", "True", "ScaleUpLimit"));
    pass(s, 30000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 6);
    assert_true(is(s, K_HPA, "web", "ScalingLimited", "True", "TooManyReplicas"));
    assert_true(is(s, K_HPA, "web", "ScalingActive", "True", "ValidMetricFound"));
    assert_int_equal(number(s, K_HPA, "web", "status.currentMetrics.0.resource.current.averageUtilization"), 200);
    json_t *d = ctl_doc(s, K_DEPLOYMENT, "a", "web");
    json_object_set_new(jat(d, "spec.template.metadata.annotations"), SIM_NOTE "cpu", json_string("10m"));
    jset(d, "metadata.generation", json_integer(9));
    ctl_put(s, K_DEPLOYMENT, d);
    pass(s, 120000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 6);      /* the highest advice of five minutes */
    assert_true(is(s, K_HPA, "web", "AbleToScale", "True", "ScaleDownStabilized"));
    pass(s, 240000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 2);
    assert_true(told(s, "SuccessfulRescale", "New size: 2; reason: All metrics below target"));
    change(s, K_HPA, "web", "spec.minReplicas", json_integer(3));
    pass(s, 31000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 3);
    assert_int_equal(number(s, K_HPA, "web", "status.desiredReplicas"), 3);
}

static void cannot_know(void **state)
{
    struct sim *s = cluster_new(3);
    (void)state;
    ctl_put(s, K_HPA, scaler("web", 1, 6, 50));
    pass(s, 16000, NULL);
    assert_true(is(s, K_HPA, "web", "AbleToScale", "False", "FailedGetScale"));
    assert_true(told(s, "FailedGetScale", "deployments.apps"));
    ctl_put(s, K_DEPLOYMENT, busy("web", "200m", NULL));
    pass(s, 30000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 1);
    assert_true(is(s, K_HPA, "web", "ScalingActive", "False", "FailedGetResourceMetric"));
    assert_true(told(s, "FailedGetResourceMetric", "missing request for cpu in container c of Pod web-"));
    change(s, K_DEPLOYMENT, "web", "spec.replicas", json_integer(0));
    pass(s, 30000, NULL);
    assert_true(is(s, K_HPA, "web", "ScalingActive", "False", "ScalingDisabled"));
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "spec.replicas"), 0);
    /* one that is made again under the same name keeps one beat */
    struct obj *o = ctl_get(s, K_HPA, "a", "web");
    ctl_delete(s, o, &(struct ctl_delete){-1, "Background"});
    pass(s, 1000, NULL);
    assert_null(ctl_get(s, K_HPA, "a", "web"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grows_and_shrinks), cmocka_unit_test(cannot_know)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
