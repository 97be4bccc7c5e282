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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compute_service_is_disabled_with_our_reason),
        cmocka_unit_test(an_enabled_one_was_not_disabled_by_us),
        cmocka_unit_test(in_the_panel_of_all_services_the_api_is_known_by_the_uid),
        cmocka_unit_test(an_agent_is_set_down_and_what_it_cares_for_is_told),
        cmocka_unit_test(a_host_that_is_up_is_forced_down_with_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, act_teardown);
}
