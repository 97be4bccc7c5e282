/* Rows about OpenStack's other services on objects as a Zed cloud sends them: what they ask for, refuse, say, and take for an end. */
#include "tests/unit/ostk_act.h"

/* ---- services and agents ---- */

static const char compute[] = "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-compute\",\"host\":\"compute-1\",\"zone\":\"nova\","
                              "\"status\":\"enabled\",\"state\":\"up\",\"disabled_reason\":null,\"forced_down\":false}";
static const char computes_two[] = "{\"services\":[{\"binary\":\"nova-compute\",\"host\":\"compute-1\",\"zone\":\"nova\",\"status\":\"enabled\",\"state\":\"up\"},"
                                   "{\"binary\":\"nova-compute\",\"host\":\"compute-2\",\"zone\":\"nova\",\"status\":\"enabled\",\"state\":\"up\"}]}";
static const char computes_last[] = "{\"services\":[{\"binary\":\"nova-compute\",\"host\":\"compute-1\",\"zone\":\"nova\",\"status\":\"enabled\",\"state\":\"up\"},"
                                    "{\"binary\":\"nova-compute\",\"host\":\"compute-2\",\"zone\":\"nova\",\"status\":\"disabled\",\"state\":\"up\"},"
                                    "{\"binary\":\"nova-compute\",\"host\":\"compute-3\",\"zone\":\"other\",\"status\":\"enabled\",\"state\":\"up\"}]}";

static void a_compute_service_is_disabled_with_our_reason(void **state)
{
    (void)state;
    begin("disable", "compute-service", compute);
    side(0, 200, computes_two);
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"status\":\"disabled\",\"disabled_reason\":\"strata: maintenance\"}");
    says(FACT_INFO, "1 more of nova-compute in zone nova is enabled and up");
    arg("reason", "disk swap");
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"status\":\"disabled\",\"disabled_reason\":\"strata: disk swap\"}");
    side(0, 200, computes_last);
    builds(ACT_SEND);
    says(FACT_DANGER, "it is the last nova-compute of zone nova that is enabled and up: nothing new can be placed there");
    side(0, 403, NULL);
    builds(ACT_SEND);
    says(FACT_CAUTION, "could not be read (HTTP 403)");
    seen(SEEN_WAIT);
    now("{\"status\":\"disabled\",\"disabled_reason\":\"strata: disk swap\"}");
    seen(SEEN_DONE);
    undone_by("enable", "");
    now("{\"status\":\"disabled\",\"disabled_reason\":\"somebody's\"}");
    undone_by(NULL, "");
    now(NULL);
    seen(SEEN_FAILED);
    begin("disable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-compute\",\"status\":\"disabled\"}");
    builds(ACT_ALREADY);
    begin("disable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-conductor\",\"status\":\"enabled\"}");
    refuses("Nova updates nova-compute services only");
    arg("reason", "x");
}

static void an_enabled_one_was_not_disabled_by_us(void **state)
{
    (void)state;
    begin("enable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-compute\",\"status\":\"disabled\","
                                       "\"disabled_reason\":\"RAM\",\"state\":\"down\"}");
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"status\":\"enabled\"}");
    says(FACT_CAUTION, "it was not strata that disabled it: \"RAM\"");
    says(FACT_CAUTION, "it is down: enabled alone it does nothing");
    undone_by(NULL, "");
    begin("enable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-compute\",\"status\":\"disabled\","
                                       "\"disabled_reason\":\"strata: RAM\",\"state\":\"up\"}");
    builds(ACT_SEND);
    quiet("it was not strata");
    undone_by("disable", "reason=strata: RAM\n");
}

static void in_the_panel_of_all_services_the_api_is_known_by_the_uid(void **state)
{
    (void)state;
    begin("disable", "os-services", "{\"binary\":\"cinder-volume\",\"host\":\"c@hdd\",\"zone\":\"nova\",\"status\":\"enabled\",\"state\":\"up\"}");
    uid("volumev3/cinder-volume/c@hdd");
    sends("PUT", "block-storage", "/os-services/disable-log-reason",
          "{\"host\":\"c@hdd\",\"binary\":\"cinder-volume\",\"disabled_reason\":\"strata: maintenance\"}");
    uid("orchestration/7");
    refuses("only workers of Nova, Cinder and Neutron");
    uid("compute");
    refuses("only workers of Nova, Cinder and Neutron");
    begin("enable", "volume-service", "{\"binary\":\"cinder-volume\",\"host\":\"c@hdd\",\"status\":\"disabled\",\"state\":\"up\"}");
    sends("PUT", "block-storage", "/os-services/enable", "{\"host\":\"c@hdd\",\"binary\":\"cinder-volume\"}");
}

static void an_agent_is_set_down_and_what_it_cares_for_is_told(void **state)
{
    (void)state;
    begin("disable", "network-agent", "{\"id\":\"a1\",\"agent_type\":\"L3 agent\",\"admin_state_up\":true,\"alive\":true,\"description\":null,"
                                      "\"configurations\":{\"routers\":3}}");
    sends("PUT", "network", "/agents/a1", "{\"agent\":{\"admin_state_up\":false,\"description\":\"strata: maintenance\"}}");
    says(FACT_DANGER, "it cares for 3 routers, which it stops to forward for");
    now("{\"admin_state_up\":false,\"description\":\"strata: maintenance\"}");
    seen(SEEN_DONE);
    undone_by("enable", "");
    begin("disable", "network-agent", "{\"id\":\"a1\",\"agent_type\":\"L3 agent\",\"admin_state_up\":true,\"description\":\"rack 7\"}");
    sends("PUT", "network", "/agents/a1", "{\"agent\":{\"admin_state_up\":false}}");
    begin("disable", "network-agent", "{\"id\":\"a1\",\"agent_type\":\"OVN Controller agent\",\"admin_state_up\":true}");
    refuses("an agent of OVN cannot be set up or down");
    begin("enable", "network-agent", "{\"id\":\"a1\",\"agent_type\":\"DHCP agent\",\"admin_state_up\":false,\"alive\":true,\"description\":\"strata: x\"}");
    sends("PUT", "network", "/agents/a1", "{\"agent\":{\"admin_state_up\":true,\"description\":\"\"}}");
}

static void a_host_that_is_up_is_forced_down_with_a_warning(void **state)
{
    (void)state;
    begin("force-down", "compute-service", compute);
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"forced_down\":true}");
    says(FACT_DANGER, "it is up: servers that run there may be evacuated and then run twice");
    assert_true(the.action->flags & ACTION_DANGER);
    assert_false(the.action->flags & ACTION_AGAIN);
    now("{\"forced_down\":true,\"state\":\"up\"}");
    seen(SEEN_WAIT);
    now("{\"forced_down\":true,\"state\":\"down\"}");
    seen(SEEN_DONE);
    undone_by("unforce-down", "");
    begin("unforce-down", "compute-service", compute);
    builds(ACT_ALREADY);
}

/* ---- physical nodes ---- */

#define NODE "\"uuid\":\"n1\",\"provision_state\":\"active\",\"maintenance\":false"

static void a_node_is_switched_off_and_its_server_is_told(void **state)
{
    (void)state;
    begin("power-off", "baremetal", "{" NODE ",\"power_state\":\"power on\",\"target_power_state\":null,\"reservation\":null,\"instance_uuid\":\"s1\"}");
    asks(0, false, "/servers/s1");
    asks(0, true, NULL);
    side(0, 200, "{\"server\":{\"id\":\"s1\",\"name\":\"db-1\"}}");
    sends("PUT", "baremetal", "/nodes/u1/states/power", "{\"target\":\"power off\"}");
    says(FACT_DANGER, "server db-1 (s1) runs on it and goes down with it");
    arg("soft", "true");
    sends("PUT", "baremetal", "/nodes/u1/states/power", "{\"target\":\"soft power off\"}");
    now("{\"power_state\":\"power on\",\"target_power_state\":\"power off\",\"reservation\":\"c1\"}");
    seen(SEEN_WAIT);
    now("{\"power_state\":\"power off\",\"target_power_state\":null,\"reservation\":\"c1\"}");
    seen(SEEN_WAIT);                            /* locked: not over */
    now("{\"power_state\":\"power off\",\"target_power_state\":null,\"reservation\":null,\"last_error\":null}");
    seen(SEEN_DONE);
    came(ARRIVED_YES);
    undone_by("power-on", "");
    now("{\"power_state\":\"power on\",\"target_power_state\":null,\"reservation\":null,\"last_error\":\"IPMI timed out\"}");
    seen_saying(SEEN_FAILED, "IPMI timed out");
    came(ARRIVED_NO);
}

static void a_node_that_is_locked_or_cleaned_is_left_alone(void **state)
{
    (void)state;
    begin("power-on", "baremetal", "{" NODE ",\"power_state\":\"power off\",\"reservation\":\"c1\"}");
    refuses("conductor c1 works on it and has it locked");
    begin("reboot", "baremetal", "{" NODE ",\"power_state\":\"power on\",\"target_power_state\":\"power off\",\"reservation\":\"c1\"}");
    refuses("it is just going to power off");
    begin("power-on", "baremetal", "{\"provision_state\":\"clean wait\",\"power_state\":\"power off\"}");
    refuses("it is in clean wait");
    begin("power-off", "baremetal", "{\"provision_state\":\"deploying\",\"power_state\":\"power on\"}");
    builds(ACT_SEND);
    says(FACT_DANGER, "what is under way there will fail");
    begin("power-on", "baremetal", "{" NODE ",\"power_state\":\"power on\",\"reservation\":\"c1\"}");
    builds(ACT_ALREADY);
    begin("reboot", "baremetal", "{" NODE ",\"power_state\":\"power on\",\"updated_at\":\"1\"}");
    sends("PUT", "baremetal", "/nodes/u1/states/power", "{\"target\":\"rebooting\"}");
    now("{\"power_state\":\"power on\",\"updated_at\":\"1\"}");
    came(ARRIVED_NO);
    now("{\"power_state\":\"power on\",\"updated_at\":\"2\"}");
    came(ARRIVED_UNKNOWN);
}

static void maintenance_is_taken_back_only_where_it_is_ours(void **state)
{
    (void)state;
    begin("maintenance-on", "baremetal", "{" NODE ",\"instance_uuid\":null}");
    arg("reason", "fan");
    sends("PUT", "baremetal", "/nodes/u1/maintenance", "{\"reason\":\"strata: fan\"}");
    now("{\"maintenance\":true,\"maintenance_reason\":\"strata: fan\"}");
    seen(SEEN_DONE);
    undone_by("maintenance-off", "");
    begin("maintenance-off", "baremetal", "{\"maintenance\":true,\"maintenance_reason\":\"RMA 7\",\"fault\":null}");
    sends("DELETE", "baremetal", "/nodes/u1/maintenance", NULL);
    says(FACT_CAUTION, "it was not strata that set it: \"RMA 7\"");
    undone_by(NULL, "");
    begin("maintenance-off", "baremetal", "{\"maintenance\":true,\"maintenance_reason\":\"strata: fan\",\"fault\":\"power failure\"}");
    builds(ACT_SEND);
    says(FACT_CAUTION, "Ironic itself set it, for a power failure");
    undone_by("maintenance-on", "reason=strata: fan\n");
}

/* ---- load balancers ---- */

static void a_load_balancer_fails_over_when_nothing_is_pending(void **state)
{
    (void)state;
    begin("failover", "loadbalancer", "{\"id\":\"l1\",\"provider\":\"amphora\",\"provisioning_status\":\"ACTIVE\",\"updated_at\":\"1\"}");
    asks(0, false, "/octavia/amphorae?loadbalancer_id=l1");
    side(0, 200, "{\"amphorae\":[{\"id\":\"a\",\"role\":\"STANDALONE\"}]}");
    sends("PUT", "load-balancer", "/lbaas/loadbalancers/u1/failover", NULL);
    says(FACT_DANGER, "it has a single amphora: no traffic passes");
    side(0, 200, "{\"amphorae\":[{\"id\":\"a\"},{\"id\":\"b\"}]}");
    builds(ACT_SEND);
    quiet("no traffic");
    side(0, 403, NULL);
    builds(ACT_SEND);
    says(FACT_CAUTION, "not shown to this user");
    now("{\"provisioning_status\":\"PENDING_UPDATE\"}");
    seen(SEEN_WAIT);
    came(ARRIVED_YES);
    now("{\"provisioning_status\":\"ERROR\"}");
    seen(SEEN_FAILED);
    now("{\"provisioning_status\":\"ACTIVE\",\"operating_status\":\"ONLINE\",\"updated_at\":\"1\"}");
    seen(SEEN_DONE);
    came(ARRIVED_NO);
    begin("failover", "loadbalancer", "{\"provisioning_status\":\"PENDING_UPDATE\",\"provider\":\"amphora\"}");
    refuses("it is PENDING_UPDATE");
    begin("failover", "loadbalancer", "{\"provisioning_status\":\"ACTIVE\",\"provider\":\"ovn\"}");
    builds(ACT_SEND);
    says(FACT_CAUTION, "nothing to fail over");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compute_service_is_disabled_with_our_reason),
        cmocka_unit_test(an_enabled_one_was_not_disabled_by_us),
        cmocka_unit_test(in_the_panel_of_all_services_the_api_is_known_by_the_uid),
        cmocka_unit_test(an_agent_is_set_down_and_what_it_cares_for_is_told),
        cmocka_unit_test(a_host_that_is_up_is_forced_down_with_a_warning),
        cmocka_unit_test(a_node_is_switched_off_and_its_server_is_told),
        cmocka_unit_test(a_node_that_is_locked_or_cleaned_is_left_alone),
        cmocka_unit_test(maintenance_is_taken_back_only_where_it_is_ours),
        cmocka_unit_test(a_load_balancer_fails_over_when_nothing_is_pending),
    };
    return cmocka_run_group_tests(tests, NULL, act_teardown);
}
