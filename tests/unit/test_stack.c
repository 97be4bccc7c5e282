/* One row a service: what makes it red, and what does not. */
#include "links_sandwich.h"

#include "strata/stack.h"

#define BAD "6"

static struct stack y;
static const struct stack_service *service(struct world *w, const char *name)
{
    stack_free(&y);
    world_build(w);
    assert_true(stack_make(&y, w->links));
    for (size_t i = 0; i < y.n; i++)
        if (!strcmp(y.service[i].name, name))
            return &y.service[i];
    fail_msg("no service %s", name);
    return NULL;
}

static void conductor(struct world *w, const char *host, const char *state)
{
    char uid[64];
    snprintf(uid, sizeof uid, "compute/%s", host);
    world_put(w, CLOUD, "os-services", uid, "", "nova-conductor", "binary", "nova-conductor", "host", host, "state", state, "status", "enabled", NULL);
    if (!strcmp(state, "up"))
        world_put(w, MGMT, "pods", host, "openstack", host, "node", "ctl", "@owner", "StatefulSet/nova-conductor/c", "@label", "application=nova", "@label", "component=conductor", NULL);
}

static void a_service_is_red_for_its_own_reason(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    for (int i = 1; i <= 2; i++) {
        char svc[32], host[32];
        snprintf(svc, sizeof svc, "compute/%d", i);
        snprintf(host, sizeof host, "cmp%d", i);
        world_put(&w, CLOUD, "os-services", svc, "", "nova-compute", "binary", "nova-compute", "host", host, "state", "up", "status", "enabled", NULL);
    }
    conductor(&w, "nova-conductor-0", "up");
    const struct stack_service *s = service(&w, "compute");
    assert_true(s->api);
    assert_string_equal(s->project, "nova");
    assert_string_equal(s->why, "");
    assert_int_equal(s->agents, 3);
    assert_int_equal(s->up, 3);

    conductor(&w, "nova-conductor-9", "down");              /* its pod is gone since long, another one works */
    s = service(&w, "compute");
    assert_int_equal(s->ghosts, 1);
    assert_string_equal(s->why, "");
    assert_int_equal(s->health, HEALTH_OK);

    assert_int_equal(s->budgets, 0);
    world_put(&w, MGMT, "poddisruptionbudgets.policy", "b1", "openstack", "loose", "selector", "application=nova", "may-go", "2", NULL);
    world_put(&w, MGMT, "poddisruptionbudgets.policy", "b2", "openstack", "tight", "selector", "component=compute,application=nova", "may-go", "0", NULL);
    world_put(&w, MGMT, "poddisruptionbudgets.policy", "b3", "openstack", "other", "selector", "application=heat", "may-go", "0", NULL);
    world_put(&w, MGMT, "poddisruptionbudgets.policy", "b4", "elsewhere", "same", "selector", "application=nova", "may-go", "0", NULL);
    s = service(&w, "compute");
    assert_int_equal(s->budgets, 2);
    assert_int_equal(s->may_go, 0);
    assert_string_equal(links_row(w.links, s->budget[0])->name, "tight");
    assert_int_equal(s->health, HEALTH_OK);                 /* nothing may go, but all is there */

    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "status", "disabled", NULL);
    s = service(&w, "compute");
    assert_int_equal(s->off, 1);
    assert_string_equal(s->why, "");                        /* somebody took it out of use */
    world_put(&w, CLOUD, "os-services", "compute/l3", "", "l3", "binary", "neutron-l3-agent", "host", "net1", "state", "up", "status", "disabled", NULL);
    s = service(&w, "compute");
    assert_int_equal(s->up + 3, s->agents);                 /* alive, and it routes nothing */
    assert_int_equal(s->health, HEALTH_WARN);
    assert_string_equal(s->why, "neutron-l3-agent of net1 is disabled, as planned");
    world_put(&w, CLOUD, "os-services", "compute/l3", "", "l3", "binary", "neutron-l3-agent", "host", "net1", "state", "up", "status", "enabled", NULL);

    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "status", "enabled", NULL);
    s = service(&w, "compute");
    assert_int_equal(s->health, HEALTH_WARN);
    assert_string_equal(s->why, "nova-compute of cmp1 is down");

    world_put(&w, MGMT, "pods", "nc-3", "openstack", "nc-3", "node", "cmp3", "@owner", "DaemonSet/nova-compute/ds", "@label", "application=nova", "@label", "component=compute", NULL);
    world_put(&w, CLOUD, "os-services", "compute/3", "", "nova-compute", "binary", "nova-compute", "host", "cmp3", "state", "down", "status", "enabled", NULL);
    assert_string_equal(service(&w, "compute")->why, "nova-compute of cmp1, nova-compute of cmp3 are down");

    world_put(&w, CLOUD, "os-services", "compute/2", "", "nova-compute", "binary", "nova-compute", "host", "cmp2", "state", "down", "status", "enabled", NULL);
    s = service(&w, "compute");
    assert_int_equal(s->health, HEALTH_BAD);
    assert_string_equal(s->why, "no nova-compute is up");

    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "reason", "503", "@health", BAD, NULL);
    assert_string_equal(service(&w, "compute")->why, "its API is down: 503");
    world_put(&w, MGMT, "deployments", "api-d", "openstack", "api", "ready", "0/0", "@label", "application=nova", "@label", "component=os-api", NULL);
    s = service(&w, "compute");
    assert_string_equal(s->why, "its API is down: deployment api is scaled to 0");
    assert_string_equal(links_row(w.links, s->worst)->uid, "api-d");
    assert_int_equal(service(&w, "mariadb")->api, false);
    stack_free(&y);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_service_is_red_for_its_own_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
