/* Rows about addresses, routers and networks on objects as a Zed Neutron sends them: what they ask for, refuse, say, and take for an end. */
#include "tests/unit/ostk_act.h"

#include "core/ops/compound.h"

/* ---- floating addresses ---- */

#define SRV "5e5e5e5e-0000-4000-8000-000000000001"
#define SERVER "\"id\":\"" SRV "\",\"name\":\"web-1\",\"tenant_id\":\"p1\",\"OS-EXT-STS:task_state\":null"

#define PORT "aaaaaaaa-0000-4000-8000-000000000001"
#define NOWHERE "{\"id\":\"f1\",\"floating_ip_address\":\"203.0.113.5\",\"port_id\":null,\"project_id\":\"p1\",\"status\":\"DOWN\"}"

static void an_address_is_led_to_a_server_and_back(void **state)
{
    (void)state;
    begin("associate", "floating-ip", NOWHERE);
    refuses("say where it shall lead to");
    arg("server", "web-1");
    side(0, 200, "{\"servers\":[{" SERVER ",\"status\":\"ACTIVE\"}]}");
    asks(1, false, "/ports?device_id=" SRV);
    asks(2, false, NULL);
    side(1, 200, "{\"ports\":[{\"id\":\"" PORT "\",\"project_id\":\"p1\",\"fixed_ips\":[{\"ip_address\":\"10.0.0.4\"}]}]}");
    sends("PUT", "network", "/floatingips/u1", "{\"floatingip\":{\"port_id\":\"" PORT "\"}}");
    side(1, 200, "{\"ports\":[{\"id\":\"p\",\"fixed_ips\":[{\"ip_address\":\"10.0.0.4\"}]},{\"id\":\"q\",\"fixed_ips\":[{\"ip_address\":\"10.1.0.4\"}]}]}");
    refuses("there are 2 ports, say which one: p 10.0.0.4, q 10.1.0.4");
    arg("fixed-ip", "10.1.0.4");
    sends("PUT", "network", "/floatingips/u1", "{\"floatingip\":{\"port_id\":\"q\",\"fixed_ip_address\":\"10.1.0.4\"}}");
    arg("fixed-ip", "10.9.9.9");
    refuses("none of the ports has the address 10.9.9.9");
    answered("{\"floatingip\":{\"port_id\":\"q\"}}");
    now(NOWHERE);
    seen(SEEN_WAIT);
    now("{\"port_id\":\"other\",\"status\":\"ACTIVE\"}");
    seen(SEEN_WAIT);
    now("{\"port_id\":\"q\",\"fixed_ip_address\":\"10.1.0.4\",\"status\":\"ACTIVE\"}");
    seen(SEEN_DONE);
    undone_by("disassociate", "");
}

static void what_it_led_to_is_told_and_given_back(void **state)
{
    static const char leads[] = "{\"id\":\"f1\",\"port_id\":\"" PORT "\",\"fixed_ip_address\":\"10.0.0.4\",\"port_details\":{\"device_id\":\"s1\"}}";
    (void)state;
    begin("disassociate", "floating-ip", leads);
    sends("PUT", "network", "/floatingips/u1", "{\"floatingip\":{\"port_id\":null}}");
    says(FACT_DANGER, "it leads to 10.0.0.4 now (port " PORT ", of s1): connections through it end");
    now(NOWHERE);
    seen(SEEN_DONE);
    came(ARRIVED_YES);
    undone_by("associate", "port=" PORT "\nfixed-ip=10.0.0.4\n");
    begin("disassociate", "floating-ip", NOWHERE);
    builds(ACT_ALREADY);
}

/* ---- agents of routers and networks ---- */

#define L3 "{\"agents\":[{\"id\":\"l1\",\"host\":\"net-1\",\"alive\":true,\"admin_state_up\":true,\"configurations\":{\"routers\":1}}," \
           "{\"id\":\"l2\",\"host\":\"net-2\",\"alive\":true,\"admin_state_up\":true,\"configurations\":{\"routers\":9}}," \
           "{\"id\":\"l3\",\"host\":\"net-3\",\"alive\":true,\"admin_state_up\":true,\"configurations\":{\"routers\":2}}," \
           "{\"id\":\"l4\",\"host\":\"net-4\",\"alive\":false,\"admin_state_up\":true,\"configurations\":{\"routers\":0}}]}"
#define ON_NET_1 "{\"agents\":[{\"id\":\"l1\",\"host\":\"net-1\",\"alive\":true,\"admin_state_up\":true}]}"
#define ROUTER "{\"id\":\"r1\",\"ha\":false,\"distributed\":false,\"external_gateway_info\":{\"external_fixed_ips\":[{\"ip_address\":\"203.0.113.9\"}]}}"

static void a_router_has_one_agent(void **state)
{
    (void)state;
    begin("add-agent", "router", ROUTER);
    arg("agent", "net-2");
    asks(0, false, "/routers/r1/l3-agents");
    asks(1, false, "/agents?agent_type=L3%20agent");
    side(0, 200, ON_NET_1);
    side(1, 200, L3);
    refuses("the agent on net-1 has it: reschedule it");
    side(0, 200, "{\"agents\":[]}");
    sends("POST", "network", "/agents/l2/l3-routers", "{\"router_id\":\"r1\"}");
    arg("agent", "nowhere");
    refuses("there is no L3 agent nowhere");
    arg("agent", "l2");
    now(ROUTER);
    seen(SEEN_WAIT);
    side(0, 200, "{\"agents\":[{\"id\":\"l2\"}]}");
    seen(SEEN_DONE);
    came(ARRIVED_YES);
    undone_by("remove-agent", "agent=l2\n");
    begin("remove-agent", "router", ROUTER);
    arg("agent", "net-1");
    side(0, 200, ON_NET_1);
    side(1, 200, L3);
    sends("DELETE", "network", "/agents/l1/l3-routers/r1", NULL);
    says(FACT_DANGER, "nothing is forwarded any more");
    begin("add-agent", "network", "{\"id\":\"n1\"}");
    arg("agent", "net-2");
    side(0, 200, ON_NET_1);
    side(1, 200, L3);
    sends("POST", "network", "/agents/l2/dhcp-networks", "{\"network_id\":\"n1\"}");
}

/* What a compound may say, written down. */
static struct { struct op_drive d; struct op_kid kid[4]; struct op_arg arg[4]; struct act_facts facts; } drive;

static bool kid_add(struct op_drive *d, const struct op_kid_new *k)
{
    assert_true(d->nkids < 4 && k->nargs == 1);
    drive.arg[d->nkids] = k->args[0];
    drive.kid[d->nkids++] = (struct op_kid){.action = k->action, .name = k->name, .uid = k->uid, .state = STEP_WAITING};
    return true;
}
static void kid_start(struct op_drive *d, size_t i) { d->kid[i].state = STEP_SENDING; }
static void kid_again(struct op_drive *d, size_t i) { d->kid[i].state = STEP_WAITING; }
static void kid_skip(struct op_drive *d, size_t i, const char *words) { d->kid[i].state = *words ? STEP_SKIPPED : STEP_FAILED; }
static void kid_note(struct op_drive *d, size_t i, const char *words) { (void)d, (void)i, (void)words; }
static const struct op_drive_ops kid_ops = {.add = kid_add, .start = kid_start, .again = kid_again, .skip = kid_skip, .note = kid_note};

static enum act_seen drives(bool plan)
{
    struct str why;
    str_init(&why, 4096);
    if (plan) {
        drive.d = (struct op_drive){.ops = &kid_ops, .kid = drive.kid};
        facts_release(&the.facts);
    }
    drive.d.c = the.c;
    drive.d.facts = plan ? &the.facts : NULL;
    enum act_seen s = the.action->compound(&drive.d, &why);
    str_release(&why);
    return s;
}

static void step_is(size_t i, const char *action, const char *agent)
{
    assert_true(i < drive.d.nkids);
    assert_string_equal(drive.kid[i].action, action);
    assert_string_equal(drive.arg[i].value, agent);
}

static void a_router_leaves_before_another_takes_it(void **state)
{
    (void)state;
    begin("reschedule", "router", ROUTER);
    side(0, 200, ON_NET_1);
    side(1, 200, L3);
    side(2, 200, "{\"floatingips\":[{\"id\":\"a\"},{\"id\":\"b\"}]}");
    assert_int_equal(drives(true), SEEN_WAIT);
    says(FACT_INFO, "from the agent on net-1 to the one on net-3, which has 2");     /* the least loaded that lives */
    says(FACT_DANGER, "nothing is forwarded while it moves: its own address 203.0.113.9, and 2 floating addresses through it are not reachable");
    assert_int_equal(drive.d.nkids, 3);
    step_is(0, "remove-agent", "l1");
    step_is(1, "add-agent", "l3");
    step_is(2, "add-agent", "l1");
    assert_int_equal(drives(false), SEEN_WAIT);
    assert_int_equal(drive.kid[0].state, STEP_SENDING);
    assert_int_equal(drive.kid[1].state, STEP_WAITING);
    drive.kid[0].state = STEP_DONE;
    assert_int_equal(drives(false), SEEN_WAIT);
    assert_int_equal(drive.kid[1].state, STEP_SENDING);
    drive.kid[1].state = STEP_DONE;
    assert_int_equal(drives(false), SEEN_DONE);
    assert_int_equal(drive.kid[2].state, STEP_SKIPPED);
}

static void a_router_that_nobody_took_goes_back(void **state)
{
    (void)state;
    begin("reschedule", "router", ROUTER);
    arg("to", "net-2");
    side(0, 200, ON_NET_1);
    side(1, 200, L3);
    assert_int_equal(drives(true), SEEN_WAIT);
    step_is(1, "add-agent", "l2");
    drive.kid[0].state = STEP_FAILED;
    assert_int_equal(drives(false), SEEN_FAILED);
    drive.kid[0].state = STEP_DONE;
    drive.kid[1].state = STEP_FAILED;
    assert_int_equal(drives(false), SEEN_WAIT);
    assert_int_equal(drive.kid[2].state, STEP_SENDING);
    drive.kid[2].state = STEP_DONE;
    assert_int_equal(drives(false), SEEN_FAILED);
}

/* It would leave one that works, and nobody would have it. */
static void none_goes_to_an_agent_that_is_dead_or_down(void **state)
{
    (void)state;
    begin("reschedule", "router", ROUTER);
    arg("to", "net-9");
    side(0, 200, ON_NET_1);
    side(1, 200, "{\"agents\":[{\"id\":\"l9\",\"host\":\"net-9\",\"agent_type\":\"L3 agent\",\"alive\":false,\"admin_state_up\":true}]}");
    assert_int_equal(drives(true), SEEN_FAILED);
    says(FACT_REFUSED, "the agent on net-9 is dead and cannot take it");
    side(1, 200, "{\"agents\":[{\"id\":\"l9\",\"host\":\"net-9\",\"agent_type\":\"L3 agent\",\"alive\":true,\"admin_state_up\":false}]}");
    assert_int_equal(drives(true), SEEN_FAILED);
    says(FACT_REFUSED, "the agent on net-9 is set down");
}

static void a_network_is_served_by_both_for_a_moment(void **state)
{
    (void)state;
    begin("reschedule", "network", "{\"id\":\"n1\"}");
    side(0, 200, ON_NET_1);
    side(1, 200, L3);
    assert_int_equal(drives(true), SEEN_WAIT);
    step_is(0, "add-agent", "l2");
    step_is(1, "remove-agent", "l1");
    assert_int_equal(drive.d.nkids, 2);
    arg("to", "net-1");
    assert_int_equal(drives(true), SEEN_FAILED);
    says(FACT_REFUSED, "the agent on net-1 has it already");
    arg("to", "");
    side(0, 200, "{\"agents\":[{\"id\":\"l1\",\"host\":\"net-1\",\"alive\":true,\"admin_state_up\":true},"
                 "{\"id\":\"l2\",\"host\":\"net-2\",\"alive\":true,\"admin_state_up\":true}]}");
    assert_int_equal(drives(true), SEEN_FAILED);
    says(FACT_REFUSED, "2 agents have it: say from which one it goes");
    arg("from", "net-2");
    assert_int_equal(drives(true), SEEN_WAIT);
    step_is(1, "remove-agent", "l2");
    arg("from", "");
    side(0, 403, NULL);
    assert_int_equal(drives(true), SEEN_FAILED);
    says(FACT_REFUSED, "this is for administrators");
    side(0, 200, ON_NET_1);
    side(1, 200, "{\"agents\":[{\"id\":\"l1\",\"host\":\"net-1\",\"alive\":true,\"admin_state_up\":true}]}");
    assert_int_equal(drives(true), SEEN_FAILED);
    says(FACT_REFUSED, "there is no other DHCP agent that is alive and up");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_led_to_a_server_and_back),
        cmocka_unit_test(what_it_led_to_is_told_and_given_back),
        cmocka_unit_test(a_router_has_one_agent),
        cmocka_unit_test(a_router_leaves_before_another_takes_it),
        cmocka_unit_test(a_router_that_nobody_took_goes_back),
        cmocka_unit_test(a_network_is_served_by_both_for_a_moment), cmocka_unit_test(none_goes_to_an_agent_that_is_dead_or_down),
    };
    return cmocka_run_group_tests(tests, NULL, act_teardown);
}
