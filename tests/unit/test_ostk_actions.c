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
    assert_false(the.facts.danger);
    arg("reason", "disk swap");
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"status\":\"disabled\",\"disabled_reason\":\"strata: disk swap\"}");
    side(0, 200, computes_last);
    builds(ACT_SEND);
    says(FACT_DANGER, "it is the last nova-compute of zone nova that is enabled and up: nothing new can be placed there");
    assert_true(the.facts.danger);
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
    arg("reason", "disk swap");             /* disabled already, for another reason */
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"status\":\"disabled\",\"disabled_reason\":\"strata: disk swap\"}");
    says(FACT_CAUTION, "it is disabled already: its reason \"\" is replaced");
    now("{\"status\":\"disabled\",\"disabled_reason\":\"RAM\"}");
    seen(SEEN_WAIT);
    now("{\"status\":\"disabled\",\"disabled_reason\":\"strata: disk swap\"}");
    seen(SEEN_DONE);
    undone_by(NULL, "");
    begin("disable", "network-agent", "{\"id\":\"a1\",\"agent_type\":\"L3 agent\",\"admin_state_up\":false,\"description\":\"rack 7\"}");
    arg("reason", "disk swap");
    builds(ACT_ALREADY);                    /* the description is somebody's */
    begin("disable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-conductor\",\"status\":\"enabled\"}");
    refuses("Nova updates nova-compute services only");
    arg("reason", "x");
}

static void an_enabled_one_was_not_disabled_by_us(void **state)
{
    (void)state;
    begin("enable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-compute\",\"status\":\"disabled\","
                                       "\"disabled_reason\":\"RAM\",\"state\":\"down\"}");
    refuses("it was not strata that disabled it (RAM): ask who did, or say --any-reason");
    arg("any-reason", "yes");
    sends("PUT", "compute", "/os-services/1470b861-fb18-46ad-abb3-12e3499dbb23", "{\"status\":\"enabled\"}");
    says(FACT_CAUTION, "it was disabled by others: RAM");
    says(FACT_CAUTION, "it is down: enabled alone it does nothing");
    undone_by(NULL, "");
    begin("enable", "compute-service", "{\"id\":\"1470b861-fb18-46ad-abb3-12e3499dbb23\",\"binary\":\"nova-compute\",\"status\":\"disabled\","
                                       "\"disabled_reason\":\"strata: RAM\",\"state\":\"up\"}");
    builds(ACT_SEND);
    quiet("disabled by others");
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
    refuses("it was not strata that disabled it (no reason is kept)");
    arg("any-reason", "yes");
    sends("PUT", "block-storage", "/os-services/enable", "{\"host\":\"c@hdd\",\"binary\":\"cinder-volume\"}");
}

static void an_agent_is_set_down_and_what_it_cares_for_is_told(void **state)
{
    (void)state;
    begin("disable", "network-agent", "{\"id\":\"a1\",\"agent_type\":\"L3 agent\",\"admin_state_up\":true,\"alive\":true,\"description\":null,"
                                      "\"configurations\":{\"routers\":3}}");
    sends("PUT", "network", "/agents/a1", "{\"agent\":{\"admin_state_up\":false,\"description\":\"strata: maintenance\"}}");
    says(FACT_DANGER, "it cares for 3 routers, which it stops to forward for");
    says(FACT_CAUTION, "its own last report says 3");
    side(0, 200, "{\"agents\":[{\"id\":\"a1\",\"alive\":true,\"admin_state_up\":true},{\"id\":\"a2\",\"alive\":true,\"admin_state_up\":true}]}");
    side(1, 200, "{\"routers\":[{\"id\":\"r1\"},{\"id\":\"r2\"}]}");
    builds(ACT_SEND);
    says(FACT_DANGER, "it cares for 2 routers, which it stops to forward for unless the cloud keeps them on agents that are down: reschedule them first");
    quiet("the last");
    assert_false(the.facts.danger);
    side(0, 200, "{\"agents\":[{\"id\":\"a1\",\"alive\":true,\"admin_state_up\":true},{\"id\":\"a2\",\"alive\":false,\"admin_state_up\":true}]}");
    builds(ACT_SEND);
    says(FACT_DANGER, "it is the last L3 agent that is alive and up: no router can be given to another");
    quiet("reschedule");
    assert_true(the.facts.danger);
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
    assert_true(the.facts.danger);
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
    begin("power-off", "baremetal", "{\"provision_state\":\"active\",\"power_state\":\"power on\"}");
    builds(ACT_SEND);
    says(FACT_DANGER, "it is deployed: what runs on it ends");       /* without Nova knowing of it */
    assert_true(the.facts.danger);
    begin("power-off", "baremetal", "{\"provision_state\":\"available\",\"power_state\":\"power on\"}");
    builds(ACT_SEND);
    assert_false(the.facts.danger);         /* nothing is on it */
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
    begin("maintenance-on", "baremetal", "{\"maintenance\":true,\"maintenance_reason\":\"RMA 7\",\"fault\":null}");
    arg("reason", "fan");
    builds(ACT_ALREADY);
    says(FACT_CAUTION, "for another reason, which stays: \"RMA 7\"");
    begin("maintenance-off", "baremetal", "{\"maintenance\":true,\"maintenance_reason\":\"RMA 7\",\"fault\":null}");
    builds(ACT_REFUSED);
    says(FACT_REFUSED, "(RMA 7): ask who did, or say --any-reason");
    arg("any-reason", "true");
    sends("DELETE", "baremetal", "/nodes/u1/maintenance", NULL);
    says(FACT_CAUTION, "by others: RMA 7");
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

/* ---- volumes ---- */

#define SERVER "\"id\":\"5e5e5e5e-0000-4000-8000-000000000001\",\"name\":\"web-1\",\"tenant_id\":\"p1\",\"OS-EXT-STS:task_state\":null"
#define SRV "5e5e5e5e-0000-4000-8000-000000000001"
#define FREE "{\"id\":\"v1\",\"status\":\"available\",\"size\":10,\"attachments\":[],\"os-vol-tenant-attr:tenant_id\":\"p1\"}"
#define USED "{\"id\":\"v1\",\"status\":\"in-use\",\"size\":10,\"attachments\":[{\"server_id\":\"" SRV "\",\"device\":\"/dev/vdb\"}]}"

static void a_volume_is_attached_and_seen_on_both_sides(void **state)
{
    (void)state;
    begin("attach", "volume", FREE);
    arg("server", "we(b-1");
    asks(0, false, "/servers/detail?all_tenants=1&name=%5Ewe%5C%28b-1%24");
    asks(1, false, NULL);
    side(0, 403, NULL);                         /* who may not see all projects sees his own */
    asks(1, false, "/servers/detail?name=%5Ewe%5C%28b-1%24");
    begin("attach", "volume", FREE);
    arg("server", "web-1");
    side(0, 200, "{\"servers\":[{" SERVER ",\"status\":\"ACTIVE\"},{\"id\":\"x\",\"name\":\"web-10\"}]}");
    sends("POST", "compute", "/servers/" SRV "/os-volume_attachments", "{\"volumeAttachment\":{\"volumeId\":\"v1\"}}");
    quiet("different projects");
    now("{\"id\":\"v1\",\"status\":\"attaching\",\"attachments\":[]}");
    asks(1, true, "/servers/" SRV "/os-volume_attachments/v1");
    side(1, 200, "{\"volumeAttachment\":{\"volumeId\":\"v1\"}}");
    seen(SEEN_WAIT);
    now(USED);
    seen_saying(SEEN_DONE, "server web-1 has it as /dev/vdb");
    undone_by("detach", "server=" SRV "\n");
    side(1, 404, NULL);
    seen(SEEN_WAIT);                            /* Cinder alone is half of it */
    now(FREE);
    seen_saying(SEEN_FAILED, "Nova does not have it");
    came(ARRIVED_NO);
}

static void an_attachment_that_cannot_be_is_refused_in_words(void **state)
{
    (void)state;
    begin("attach", "volume", "{\"id\":\"v1\",\"status\":\"in-use\",\"attachments\":[{\"server_id\":\"other\",\"device\":\"/dev/vdc\"}]}");
    arg("server", "web-1");
    side(0, 200, "{\"servers\":[{" SERVER ",\"status\":\"ACTIVE\"}]}");
    refuses("server other has it as /dev/vdc");
    begin("attach", "volume", FREE);
    arg("server", "web-1");
    side(0, 200, "{\"servers\":[{" SERVER ",\"status\":\"SUSPENDED\"}]}");
    refuses("server web-1 is SUSPENDED");
    side(0, 200, "{\"servers\":[{\"id\":\"a\",\"name\":\"web-1\"},{\"id\":\"b\",\"name\":\"web-1\"}]}");
    refuses("there are 2 servers named web-1");
    side(0, 200, "{\"servers\":[]}");
    refuses("there is no server web-1");
    side(0, 503, NULL);
    refuses("could not be looked up (HTTP 503)");
    begin("attach", "volume", "{\"id\":\"v1\",\"status\":\"error\",\"attachments\":[]}");
    arg("server", SRV);
    asks(0, false, "/servers/" SRV);
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"ACTIVE\"}}");
    refuses("it is error: only a volume that is available");
}

static void the_volume_a_server_boots_from_stays(void **state)
{
    (void)state;
    begin("detach", "volume", USED);
    asks(0, false, "/servers/" SRV);
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"ACTIVE\",\"OS-EXT-SRV-ATTR:root_device_name\":\"/dev/vdb\"}}");
    refuses("server web-1 boots from it");
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"ACTIVE\",\"OS-EXT-SRV-ATTR:root_device_name\":\"/dev/vda\"}}");
    sends("DELETE", "compute", "/servers/" SRV "/os-volume_attachments/v1", NULL);
    says(FACT_DANGER, "unmount it there first");
    assert_true(the.facts.danger);
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"SHUTOFF\",\"OS-EXT-SRV-ATTR:root_device_name\":\"/dev/vda\"}}");
    builds(ACT_SEND);
    assert_false(the.facts.danger);         /* nobody writes to it */
    begin("detach", "volume", "{\"id\":\"v1\",\"status\":\"in-use\",\"attachments\":[{\"server_id\":\"" SRV "\",\"device\":\"/dev/vda\"}]}");
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"ACTIVE\",\"image\":\"\"}}");          /* a member is not told the root device */
    refuses("server web-1 boots from it");
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"ACTIVE\",\"image\":{\"id\":\"i\"}}}");
    builds(ACT_SEND);
    side(0, 404, NULL);
    refuses("Nova does not know the server that has it");
    begin("detach", "volume", FREE);
    builds(ACT_ALREADY);
}

static void a_detach_that_the_host_refuses_has_failed(void **state)
{
    (void)state;
    begin("detach", "volume", USED);
    side(0, 200, "{\"server\":{" SERVER ",\"status\":\"ACTIVE\"}}");
    builds(ACT_SEND);
    now("{\"id\":\"v1\",\"status\":\"detaching\",\"attachments\":[{\"server_id\":\"" SRV "\"}]}");
    the.c.request_id = "req-1";
    asks(1, true, "/servers/" SRV "/os-volume_attachments/v1");
    asks(2, true, "/servers/" SRV "/os-instance-actions/req-1");
    side(1, 200, "{\"volumeAttachment\":{\"volumeId\":\"v1\"}}");
    seen_saying(SEEN_WAIT, "Nova still has it");
    side(2, 200, "{\"instanceAction\":{\"message\":\"Error\",\"events\":[{\"event\":\"compute_detach_volume\",\"result\":\"Error\"}]}}");
    seen(SEEN_FAILED);
    side(2, 200, "{\"instanceAction\":{\"events\":[]}}");
    side(1, 404, NULL);
    seen(SEEN_WAIT);                            /* gone in Nova, Cinder not yet */
    now(FREE);
    seen(SEEN_DONE);
    undone_by("attach", "server=" SRV "\n");
}

static void a_volume_only_grows(void **state)
{
    (void)state;
    begin("extend", "volume", USED);
    arg("size", "9");
    refuses("a volume only grows");
    arg("size", "10");
    builds(ACT_ALREADY);
    arg("size", "12");
    sends("POST", "block-storage", "/volumes/u1/action", "{\"os-extend\":{\"new_size\":12}}");
    assert_string_equal(the.rq.microversion, "3.42");
    now("{\"status\":\"extending\",\"size\":10}");
    seen(SEEN_WAIT);
    came(ARRIVED_YES);
    now("{\"status\":\"in-use\",\"size\":12}");
    seen(SEEN_DONE);
    now("{\"status\":\"in-use\",\"size\":10}");
    seen_saying(SEEN_FAILED, "Cinder gave up");
    came(ARRIVED_NO);
    undone_by(NULL, "");
}

static void a_reset_says_what_it_does_not_do(void **state)
{
    (void)state;
    begin("reset-state", "volume", "{\"id\":\"v1\",\"status\":\"detaching\",\"attachments\":[{\"server_id\":\"" SRV "\"}]}");
    arg("state", "available");
    sends("POST", "block-storage", "/volumes/u1/action", "{\"os-reset_status\":{\"status\":\"available\"}}");
    says(FACT_DANGER, "1 server has it");
    says(FACT_DANGER, "it is detaching: if that is still under way, it goes on");
    says(FACT_CAUTION, "only Cinder's record changes");
    assert_true(the.action->flags & ACTION_DANGER);
    begin("reset-state", "volume", FREE);
    arg("state", "in-use");
    refuses("no server has it");
}

/* ---- deletes ---- */

static void what_is_in_use_is_not_deleted(void **state)
{
    static const struct { const char *kind, *obj, *asks, *beside, *refusal; } cases[] = {
        {"volume", "{\"status\":\"in-use\",\"attachments\":[{\"server_id\":\"s1\"}]}", "/snapshots?all_tenants=1&volume_id=u1", "{\"snapshots\":[]}", "server s1 has it"},
        {"volume", "{\"status\":\"available\"}", NULL, "{\"snapshots\":[{}]}", "it has 1 snapshot"},
        {"volume", "{\"status\":\"deleting\"}", NULL, "{\"snapshots\":[]}", "being deleted already"},
        {"snapshot", "{\"status\":\"creating\"}", NULL, NULL, "it is creating"},
        {"share", "{\"status\":\"available\"}", "/snapshots?all_tenants=1&share_id=u1", "{\"snapshots\":[{},{}]}", "it has 2 snapshots"},
        {"share", "{\"status\":\"error_deleting\"}", NULL, "{\"snapshots\":[]}", "it is error_deleting: Manila deletes what is available"},
        {"share", "{\"status\":\"deferred_deleting\"}", NULL, "{\"snapshots\":[]}", "being deleted already"},
        {"share", "{\"status\":\"available\",\"has_replicas\":true}", NULL, "{\"snapshots\":[]}", "it has replicas"},
        {"network", "{}", "/ports?network_id=u1", "{\"ports\":[{\"device_owner\":\"network:dhcp\"},{\"device_owner\":\"compute:nova\"}]}", "1 port is in it (compute:nova)"},
        {"subnet", "{\"ip_version\":4}", "/ports?fixed_ips=subnet_id%3Du1", "{\"ports\":[{\"device_owner\":\"\"}]}", "1 port is in it (of nobody)"},
        {"router", "{}", "/ports?device_id=u1", "{\"ports\":[{\"device_owner\":\"network:router_gateway\"},{\"device_owner\":\"network:router_interface\"}]}", "1 subnet is behind it"},
        {"port", "{\"device_owner\":\"network:router_interface\",\"device_id\":\"r1\"}", NULL, NULL, "it belongs to router r1"},
        {"security-group", "{}", "/ports?security_groups=u1", "{\"ports\":[{},{}]}", "2 ports have it"},
        {"image", "{\"protected\":true}", NULL, NULL, "it is protected"},
        {"loadbalancer", "{\"provisioning_status\":\"PENDING_UPDATE\"}", NULL, NULL, "it is PENDING_UPDATE"},
        {"loadbalancer", "{\"provisioning_status\":\"ACTIVE\",\"listeners\":[{}]}", NULL, NULL, "it has 1 listener"},
        {"stack", "{\"stack_status\":\"DELETE_IN_PROGRESS\"}", NULL, NULL, "being deleted already"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin("delete", cases[i].kind, cases[i].obj);
        if (cases[i].asks)
            asks(0, false, cases[i].asks);
        side(0, 200, cases[i].beside);
        refuses(cases[i].refusal);
    }
}

static void a_delete_tells_what_is_lost_and_ends_when_it_is_gone(void **state)
{
    (void)state;
    begin("delete", "volume", "{\"status\":\"available\",\"size\":3}");
    side(0, 200, "{\"snapshots\":[{},{}]}");
    arg("cascade", "yes");
    sends("DELETE", "block-storage", "/volumes/u1?cascade=true", NULL);
    says(FACT_DANGER, "LOST: the data on it");
    says(FACT_DANGER, "its 2 snapshots with it");
    assert_true(the.facts.danger);
    now("{\"status\":\"deleting\"}");
    seen(SEEN_WAIT);
    came(ARRIVED_YES);
    now("{\"status\":\"error_deleting\"}");
    seen_saying(SEEN_FAILED, "error_deleting");
    now("{\"status\":\"available\"}");
    seen_saying(SEEN_FAILED, "available again");
    came(ARRIVED_NO);
    now(NULL);
    seen(SEEN_DONE);
    begin("delete", "snapshot", "{\"status\":\"available\"}");
    builds(ACT_SEND);
    now("{\"status\":\"deleting\"}");
    seen(SEEN_WAIT);
    now("{\"status\":\"available\"}");       /* a snapshot that is busy is given back so */
    seen_saying(SEEN_FAILED, "available again");
    begin("delete", "share", "{\"status\":\"inactive\",\"size\":3,\"share_proto\":\"NFS\",\"share_group_id\":\"g1\"}");
    side(0, 200, "{\"snapshots\":[]}");
    sends("DELETE", "shared-file-system", "/shares/u1?share_group_id=g1", NULL);
    says(FACT_DANGER, "LOST: the data on it");
    says(FACT_CAUTION, "share group g1 loses it");
    assert_true(the.facts.danger);
    now("{\"status\":\"deleting\"}");
    seen(SEEN_WAIT);
    came(ARRIVED_YES);
    now("{\"status\":\"error_deleting\"}");
    seen_saying(SEEN_FAILED, "error_deleting");
    now(NULL);
    seen(SEEN_DONE);
    begin("delete", "network", "{\"subnets\":[\"a\"]}");
    side(0, 200, "{\"ports\":[{\"device_owner\":\"network:dhcp\"}]}");
    sends("DELETE", "network", "/networks/u1", NULL);
    says(FACT_CAUTION, "its 1 subnet goes with it");
    assert_false(the.facts.danger);
    side(0, 403, NULL);
    builds(ACT_SEND);
    says(FACT_CAUTION, "could not be read (HTTP 403)");
    begin("delete", "port", "{\"device_owner\":\"compute:nova\",\"device_id\":\"s1\",\"fixed_ips\":[{\"ip_address\":\"10.0.0.9\"}]}");
    builds(ACT_SEND);
    says(FACT_DANGER, "server s1 loses it and its address 10.0.0.9");
    begin("delete", "loadbalancer", "{\"provisioning_status\":\"ERROR\",\"listeners\":[{}]}");
    arg("cascade", "yes");
    sends("DELETE", "load-balancer", "/lbaas/loadbalancers/u1?cascade=true", NULL);
    now("{\"provisioning_status\":\"ERROR\"}");
    seen(SEEN_WAIT);
    now("{\"provisioning_status\":\"DELETED\"}");
    seen(SEEN_DONE);
    begin("delete", "stack", "{\"stack_status\":\"CREATE_COMPLETE\",\"stack_name\":\"it\"}");
    asks(0, false, "/stacks/it/u1/resources?nested_depth=5");
    side(0, 200, "{\"resources\":[{\"resource_type\":\"OS::Nova::Server\",\"physical_resource_id\":\"s1\",\"resource_status\":\"CREATE_COMPLETE\"},"
                 "{\"resource_type\":\"OS::Neutron::Port\",\"physical_resource_id\":\"\",\"resource_status\":\"CREATE_FAILED\"},"
                 "{\"resource_type\":\"OS::Heat::RandomString\",\"physical_resource_id\":\"r1\",\"resource_status\":\"CREATE_COMPLETE\"},"
                 "{\"resource_type\":\"OS::Cinder::Volume\",\"physical_resource_id\":\"v1\",\"resource_status\":\"DELETE_COMPLETE\"}]}");
    sends("DELETE", "orchestration", "/stacks/it/u1", NULL);
    says(FACT_INFO, "4 resources of it");
    assert_string_equal(the.facts.taken, "server s1\n");         /* what was never made, is gone, or nobody hangs on, is not taken */
    now("{\"stack_status\":\"DELETE_FAILED\",\"stack_status_reason\":\"volume is busy\"}");
    seen_saying(SEEN_FAILED, "volume is busy");
    now("{\"stack_status\":\"DELETE_COMPLETE\"}");
    seen(SEEN_DONE);
    begin("delete", "keypair", "{}");
    now("{}");
    came(ARRIVED_UNKNOWN);
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
        cmocka_unit_test(a_volume_is_attached_and_seen_on_both_sides),
        cmocka_unit_test(an_attachment_that_cannot_be_is_refused_in_words),
        cmocka_unit_test(the_volume_a_server_boots_from_stays),
        cmocka_unit_test(a_detach_that_the_host_refuses_has_failed),
        cmocka_unit_test(a_volume_only_grows),
        cmocka_unit_test(a_reset_says_what_it_does_not_do),
        cmocka_unit_test(what_is_in_use_is_not_deleted),
        cmocka_unit_test(a_delete_tells_what_is_lost_and_ends_when_it_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, act_teardown);
}
