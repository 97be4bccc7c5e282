/* Decoders of the OpenStack tables: items as a Zed cloud sends them become the cells and the health operators expect. */
#include "tests/unit/ostk_rows.h"

static void test_hypervisor(void **state)
{
    (void)state;
    const struct row *r = decoded("hypervisor",
        "{\"id\": \"a947c430-0000-4000-8000-000000000012\", \"hypervisor_hostname\": \"compute-3\", \"state\": \"up\","
        " \"status\": \"enabled\", \"hypervisor_type\": \"QEMU\", \"hypervisor_version\": 1000, \"host_ip\": \"10.0.0.23\","
        " \"service\": {\"id\": \"4a75\", \"host\": \"compute-3\", \"disabled_reason\": null}, \"vcpus\": 64,"
        " \"memory_mb\": 262144, \"local_gb\": 4000, \"vcpus_used\": 19, \"memory_mb_used\": 36352, \"local_gb_used\": 342,"
        " \"running_vms\": 9}");
    cell_is(r, "name", "compute-3");
    cell_is(r, "vcpus-used", "19");
    cell_is(r, "vcpus", "64");
    cell_is(r, "memory-used", "35.5Gi");
    cell_is(r, "memory", "256Gi");
    cell_is(r, "vms", "9");
    cell_is(r, "reason", "");
    assert_string_equal(r->name, "compute-3");
    assert_int_equal(r->health, HEALTH_OK);
    r = decoded("hypervisor", "{\"id\": \"b\", \"hypervisor_hostname\": \"c2\", \"state\": \"down\", \"status\": \"enabled\"}");
    assert_int_equal(r->health, HEALTH_BAD);
    cell_is(r, "memory", "");                   /* 2.88 and later tell no numbers: empty, not 0 */
    cell_is(r, "vms", "");
    r = decoded("hypervisor", "{\"id\": \"c\", \"hypervisor_hostname\": \"c3\", \"state\": \"down\", \"status\": \"disabled\","
                              " \"service\": {\"disabled_reason\": \"disk\"}}");
    assert_int_equal(r->health, HEALTH_WARN);
    cell_is(r, "reason", "disk");
}

static void test_services_by_their_names(void **state)
{
    (void)state;
    const struct row *r = decoded("compute-service", "{\"id\": \"1470b861\", \"binary\": \"nova-compute\", \"host\": \"compute-1\", \"zone\": \"nova\","
                                  " \"status\": \"disabled\", \"state\": \"up\", \"disabled_reason\": \"disk\", \"forced_down\": false}");
    assert_string_equal(r->name, "compute-1");
    assert_string_equal(r->uid, "1470b861");
    assert_int_equal(r->health, HEALTH_WARN);
    cell_is(r, "reason", "disk");
    r = decoded("compute-service", "{\"id\": \"2\", \"binary\": \"nova-scheduler\", \"host\": \"c\", \"status\": \"enabled\", \"state\": \"down\"}");
    assert_string_equal(r->name, "nova-scheduler/c");
    assert_int_equal(r->health, HEALTH_BAD);
    r = decoded("volume-service", "{\"binary\": \"cinder-volume\", \"host\": \"c@hdd\", \"status\": \"enabled\", \"state\": \"up\", \"backend_state\": \"down\"}");
    assert_string_equal(r->name, "c@hdd");
    assert_string_equal(r->uid, "cinder-volume/c@hdd");          /* Cinder gives no id */
    assert_int_equal(r->health, HEALTH_BAD);
    r = decoded("network-agent", "{\"id\": \"a1\", \"agent_type\": \"L3 agent\", \"binary\": \"neutron-l3-agent\", \"host\": \"net-1\", \"alive\": true,"
                " \"admin_state_up\": false, \"configurations\": {\"routers\": 3}}");
    assert_string_equal(r->name, "neutron-l3-agent/net-1");
    cell_is(r, "cares", "3");
    cell_is(r, "admin", "DOWN");
    assert_int_equal(r->health, HEALTH_WARN);
}

static void test_migration(void **state)
{
    (void)state;
    static const char running[] =
        "{\"id\": 7, \"uuid\": \"22341d4b-0000-4000-8000-000000000001\", \"instance_uuid\": \"8a03\", \"status\": \"running\","
        " \"migration_type\": \"live-migration\", \"source_compute\": \"compute-1\", \"dest_compute\": \"compute-2\","
        " \"source_node\": \"compute-1\", \"dest_node\": \"compute-2\", \"dest_host\": null, \"old_instance_type_id\": 3,"
        " \"new_instance_type_id\": 3, \"project_id\": \"p1\", \"user_id\": \"u1\","
        " \"created_at\": \"2026-11-21T11:59:00.000000\", \"updated_at\": \"2026-11-21T11:59:50.000000\"}";
    const struct row *r = decoded("migration", running);
    assert_string_equal(r->uid, "22341d4b-0000-4000-8000-000000000001");
    assert_string_equal(r->name, "7");
    assert_string_equal(r->scope, "p1");
    assert_int_equal(r->health, HEALTH_BUSY);
    cell_is(r, "source", "compute-1");
    cell_is(r, "dest", "compute-2");
    cell_is(r, "age", "60s");
    r = decoded("migration", "{\"id\": 8, \"uuid\": \"b\", \"status\": \"finished\"}");
    cell_is(r, "hint", "waits for confirm or revert");
    assert_int_equal(r->health, HEALTH_BUSY);
    r = decoded("migration", "{\"id\": 9, \"uuid\": \"c\", \"status\": \"completed\"}");
    assert_int_equal(r->health, HEALTH_DONE);
    r = decoded("migration", "{\"id\": 10, \"uuid\": \"d\", \"status\": \"error\"}");
    assert_int_equal(r->health, HEALTH_WARN);
    r = decoded("migration", "{\"id\": 11, \"uuid\": \"e\", \"status\": \"something new\"}");
    assert_int_equal(r->health, HEALTH_UNKNOWN);
}

static void test_volume(void **state)
{
    (void)state;
    const struct row *r = decoded("volume",
        "{\"id\": \"2947eae5\", \"status\": \"in-use\", \"size\": 10, \"availability_zone\": \"nova\","
        " \"created_at\": \"2026-11-21T10:00:00.000000\", \"name\": \"\", \"volume_type\": \"ssd\", \"metadata\": {\"a\": \"1\"},"
        " \"bootable\": \"true\", \"encrypted\": false, \"multiattach\": false, \"migration_status\": null,"
        " \"attachments\": [{\"server_id\": \"s1\", \"device\": \"/dev/vdb\"}, {\"server_id\": \"s2\", \"device\": null}],"
        " \"os-vol-tenant-attr:tenant_id\": \"p1\", \"os-vol-host-attr:host\": \"controller@ssd-b#ssd\"}");
    cell_is(r, "name", "2947eae5");            /* a volume without a name is called by its id */
    cell_is(r, "size", "10Gi");
    cell_is(r, "attached", "s1 /dev/vdb, s2");
    cell_is(r, "host", "controller@ssd-b#ssd");
    cell_is(r, "project", "p1");
    cell_is(r, "properties", "a=1");
    cell_is(r, "bootable", "true");
    cell_is(r, "age", "120m");
    assert_string_equal(r->scope, "p1");
    assert_int_equal(r->health, HEALTH_OK);
    assert_int_equal(decoded("volume", "{\"id\": \"v2\", \"status\": \"error_deleting\"}")->health, HEALTH_BAD);
    assert_int_equal(decoded("volume", "{\"id\": \"v3\", \"status\": \"creating\"}")->health, HEALTH_BUSY);
    assert_int_equal(decoded("volume", "{\"id\": \"v4\", \"status\": \"available\", \"migration_status\": \"error\"}")->health,
                     HEALTH_WARN);
    assert_true(decoded("volume", "{\"id\": \"v5\", \"status\": \"deleting\"}")->flags & ROW_DELETING);
    assert_null(decoded("volume", "{\"status\": \"available\"}"));
}

static void test_share(void **state)
{
    (void)state;
    const struct row *r = decoded("share",
        "{\"id\": \"f45cc5b2\", \"size\": 10, \"availability_zone\": \"nova\", \"created_at\": \"2026-11-21T10:00:00.000000\", \"status\": \"available\","
        " \"name\": null, \"description\": \"media\", \"project_id\": \"p1\", \"snapshot_id\": null, \"share_network_id\": \"f9b2e754\","
        " \"share_proto\": \"NFS\", \"metadata\": {\"a\": \"1\"}, \"share_type\": \"25747776\", \"volume_type\": \"default\", \"share_type_name\": \"default\","
        " \"is_public\": false, \"snapshot_support\": true, \"task_state\": null, \"access_rules_status\": \"active\", \"replication_type\": \"dr\","
        " \"has_replicas\": true, \"share_group_id\": null, \"progress\": \"100%\", \"is_soft_deleted\": false, \"share_server_id\": null,"
        " \"host\": \"manila2@generic1#GENERIC1\"}");
    cell_is(r, "name", "f45cc5b2");            /* a share without a name is called by its id */
    cell_is(r, "status", "available");
    cell_is(r, "size", "10Gi");
    cell_is(r, "proto", "NFS");
    cell_is(r, "type", "default");
    cell_is(r, "host", "manila2@generic1#GENERIC1");
    cell_is(r, "project", "p1");
    cell_is(r, "access", "active");
    cell_is(r, "replicas", "dr");
    cell_is(r, "properties", "a=1");
    cell_is(r, "age", "120m");
    assert_string_equal(r->scope, "p1");
    assert_int_equal(r->health, HEALTH_OK);
    r = decoded("share", "{\"id\": \"s2\", \"name\": \"old\", \"status\": \"creating\", \"share_type\": \"gold\", \"has_replicas\": false, \"replication_type\": \"dr\"}");
    cell_is(r, "type", "gold");                 /* before 2.6 its name */
    cell_is(r, "replicas", "");
    assert_int_equal(r->health, HEALTH_BUSY);
    static const struct { const char *words; enum health h; } says[] = {
        {"\"status\": \"error\"", HEALTH_BAD}, {"\"status\": \"error_deleting\"", HEALTH_BAD}, {"\"status\": \"shrinking_possible_data_loss_error\"", HEALTH_BAD},
        {"\"status\": \"extending_error\"", HEALTH_BAD}, {"\"status\": \"inactive\"", HEALTH_WARN}, {"\"status\": \"replication_change\"", HEALTH_BUSY},
        {"\"status\": \"manage_starting\"", HEALTH_BUSY}, {"\"status\": \"available\", \"access_rules_status\": \"error\"", HEALTH_WARN},
        {"\"status\": \"available\", \"access_rules_status\": \"syncing\"", HEALTH_OK}, {"\"status\": \"available\", \"task_state\": \"migration_error\"", HEALTH_WARN},
        {"\"status\": \"surprise\"", HEALTH_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        char text[160];
        snprintf(text, sizeof text, "{\"id\": \"s3\", %s}", says[i].words);
        if (decoded("share", text)->health != says[i].h)
            fail_msg("%s", says[i].words);
    }
    assert_true(decoded("share", "{\"id\": \"s4\", \"status\": \"deleting\"}")->flags & ROW_DELETING);
    assert_null(decoded("share", "{\"status\": \"available\"}"));
}

static void test_image_flavor(void **state)
{
    (void)state;
    const struct row *r = decoded("image", "{\"id\": \"i1\", \"name\": \"debian\", \"status\": \"queued\", \"visibility\": \"public\","
                                           " \"size\": null, \"disk_format\": \"qcow2\", \"owner\": \"p1\", \"min_ram\": 512,"
                                           " \"protected\": false, \"created_at\": \"2026-11-20T12:00:00Z\"}");
    cell_is(r, "size", "");
    cell_is(r, "min-ram", "512Mi");
    cell_is(r, "protected", "False");
    cell_is(r, "age", "24h");
    assert_int_equal(r->health, HEALTH_BUSY);
    r = decoded("flavor", "{\"id\": \"f1\", \"name\": \"m1.large\", \"ram\": 8192, \"disk\": 80, \"swap\": \"\", \"vcpus\": 4,"
                          " \"OS-FLV-EXT-DATA:ephemeral\": 0, \"os-flavor-access:is_public\": true, \"rxtx_factor\": 1.0,"
                          " \"extra_specs\": {\"hw:cpu_policy\": \"dedicated\", \"x\": \"y\"}}");
    cell_is(r, "ram", "8Gi");
    cell_is(r, "disk", "80Gi");
    cell_is(r, "properties", "hw:cpu_policy=dedicated, x=y");
    cell_is(r, "public", "True");
}

static void test_port(void **state)
{
    (void)state;
    static const char base[] = "{\"id\": \"p%d\", \"status\": \"%s\", \"admin_state_up\": %s, \"device_owner\": \"%s\","
        " \"device_id\": \"d\", \"binding:vif_type\": \"%s\", \"mac_address\": \"fa:16:3e:00:00:01\","
        " \"fixed_ips\": [{\"ip_address\": \"10.0.0.5\"}, {\"ip_address\": \"2001:db8::5\"}], \"tenant_id\": \"t\"}";
    static const struct { const char *status, *up, *owner, *vif; enum health want; } cases[] = {
        {"ACTIVE", "true", "compute:nova", "ovs", HEALTH_OK},
        {"DOWN", "true", "compute:nova", "ovs", HEALTH_WARN},            /* a server without its network */
        {"DOWN", "true", "", "unbound", HEALTH_NONE},                    /* nobody plugs it */
        {"DOWN", "true", "compute:nova", "binding_failed", HEALTH_BAD},
        {"ACTIVE", "false", "compute:nova", "ovs", HEALTH_WARN},
        {"BUILD", "true", "compute:nova", "ovs", HEALTH_BUSY},
        {"ERROR", "true", "compute:nova", "ovs", HEALTH_BAD},
        {"N/A", "true", "network:floatingip", "unbound", HEALTH_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        snprintf(text, sizeof text, base, (int)i, cases[i].status, cases[i].up, cases[i].owner, cases[i].vif);
        const struct row *r = decoded("port", text);
        if (r->health != cases[i].want)
            fail_msg("case %zu: health %d, want %d", i, r->health, cases[i].want);
        cell_is(r, "ips", "10.0.0.5, 2001:db8::5");
        assert_string_equal(r->scope, "t");
    }
}

static void test_network_things(void **state)
{
    (void)state;
    const struct row *r = decoded("network", "{\"id\": \"n1\", \"name\": \"data\", \"admin_state_up\": false, \"status\": \"ACTIVE\","
                                             " \"subnets\": [\"a\", \"b\"], \"shared\": false, \"router:external\": true,"
                                             " \"provider:network_type\": \"vxlan\", \"provider:segmentation_id\": 655}");
    cell_is(r, "subnets", "2");
    cell_is(r, "external", "True");
    cell_is(r, "segment", "655");
    cell_is(r, "admin", "DOWN");
    assert_int_equal(r->health, HEALTH_WARN);
    r = decoded("subnet", "{\"id\": \"s1\", \"name\": \"v4\", \"cidr\": \"10.0.0.0/24\", \"gateway_ip\": null, \"enable_dhcp\": true,"
                          " \"ip_version\": 4, \"network_id\": \"n1\", \"dns_nameservers\": [\"192.0.2.53\"],"
                          " \"allocation_pools\": [{\"start\": \"10.0.0.2\", \"end\": \"10.0.0.254\"}]}");
    cell_is(r, "pools", "10.0.0.2-10.0.0.254");
    cell_is(r, "dns", "192.0.2.53");
    cell_is(r, "gateway", "");
    cell_is(r, "network", "n1");
    cell_is(r, "dhcp", "True");
    r = decoded("router", "{\"id\": \"r1\", \"name\": \"gw\", \"admin_state_up\": true, \"status\": \"ACTIVE\", \"external_gateway_info\":"
                          " {\"network_id\": \"n2\", \"external_fixed_ips\": [{\"ip_address\": \"203.0.113.5\"}], \"enable_snat\": true}}");
    cell_is(r, "external-ips", "203.0.113.5");
    cell_is(r, "snat", "True");
    r = decoded("router", "{\"id\": \"r2\", \"name\": \"x\", \"admin_state_up\": true, \"status\": \"ACTIVE\", \"external_gateway_info\": null}");
    cell_is(r, "gateway", "");
    r = decoded("floating-ip", "{\"id\": \"f1\", \"floating_ip_address\": \"203.0.113.9\", \"status\": \"DOWN\", \"port_id\": null}");
    assert_string_equal(r->name, "203.0.113.9");
    assert_int_equal(r->health, HEALTH_NONE);
    r = decoded("floating-ip", "{\"id\": \"f2\", \"floating_ip_address\": \"203.0.113.8\", \"status\": \"DOWN\", \"port_id\": \"p\","
                               " \"port_details\": {\"device_owner\": \"compute:az1\", \"device_id\": \"srv\"}}");
    cell_is(r, "server", "srv");
    assert_int_equal(r->health, HEALTH_WARN);
    r = decoded("security-group", "{\"id\": \"g1\", \"name\": \"web\", \"security_group_rules\": [{}, {}, {}], \"stateful\": true}");
    cell_is(r, "rules", "3");
}

static void test_loadbalancer(void **state)
{
    (void)state;
    static const struct { const char *prov, *oper, *listeners; enum health want; } cases[] = {
        {"ACTIVE", "ONLINE", "[{}]", HEALTH_OK}, {"ACTIVE", "OFFLINE", "[]", HEALTH_WARN}, {"ACTIVE", "OFFLINE", "[{}]", HEALTH_WARN},
        {"ACTIVE", "ERROR", "[{}]", HEALTH_BAD}, {"ACTIVE", "DEGRADED", "[{}]", HEALTH_WARN},
        {"PENDING_UPDATE", "ERROR", "[{}]", HEALTH_BAD}, {"PENDING_UPDATE", "ONLINE", "[{}]", HEALTH_BUSY}, {"ERROR", "ONLINE", "[{}]", HEALTH_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400];
        snprintf(text, sizeof text, "{\"id\": \"l%zu\", \"name\": \"lb\", \"provisioning_status\": \"%s\", \"operating_status\": \"%s\","
                 " \"admin_state_up\": true, \"listeners\": %s, \"pools\": []}", i, cases[i].prov, cases[i].oper, cases[i].listeners);
        const struct row *r = decoded("loadbalancer", text);
        if (r->health != cases[i].want)
            fail_msg("case %zu: health %d, want %d", i, r->health, cases[i].want);
    }
}

static void test_others(void **state)
{
    (void)state;
    const struct row *nobody = decoded("network", "{\"id\": \"n\", \"name\": \"n\", \"status\": \"ACTIVE\"}");
    assert_string_equal(nobody->cell[kind_column(nobody->kind, "project")].s, "-");
    const struct row *r = decoded("stack", "{\"id\": \"s\", \"stack_name\": \"web\", \"stack_status\": \"UPDATE_FAILED\","
                                           " \"stack_status_reason\": \"quota\", \"project\": \"p1\","
                                           " \"creation_time\": \"2026-11-21T11:00:00Z\", \"updated_time\": null}");
    assert_string_equal(r->name, "web");
    assert_string_equal(r->scope, "p1");
    assert_int_equal(r->health, HEALTH_BAD);
    cell_is(r, "age", "60m");
    r = decoded("baremetal", "{\"uuid\": \"b1\", \"name\": null, \"provision_state\": \"active\", \"power_state\": \"power on\","
                             " \"maintenance\": true, \"maintenance_reason\": \"fan\", \"fault\": null, \"last_error\": null,"
                             " \"properties\": {\"cpus\": \"32\", \"memory_mb\": 131072, \"local_gb\": \"900\"}}");
    assert_string_equal(r->name, "b1");
    assert_int_equal(r->health, HEALTH_WARN);
    cell_is(r, "error", "fan");
    cell_is(r, "cpus", "32");                  /* Ironic stores what the operator typed: numbers or texts */
    cell_is(r, "disk", "900Gi");
    assert_int_equal(decoded("baremetal", "{\"uuid\": \"b2\", \"provision_state\": \"deploy failed\"}")->health, HEALTH_BAD);
    assert_int_equal(decoded("baremetal", "{\"uuid\": \"b3\", \"provision_state\": \"wait call-back\"}")->health, HEALTH_BUSY);
    assert_int_equal(decoded("baremetal", "{\"uuid\": \"b4\", \"provision_state\": \"enroll\"}")->health, HEALTH_NONE);
    r = decoded("keypair", "{\"keypair\": {\"name\": \"lab\", \"type\": \"ssh\", \"fingerprint\": \"aa:bb\"}}");
    assert_string_equal(r->uid, "lab");
    cell_is(r, "fingerprint", "aa:bb");
    r = decoded("aggregate", "{\"id\": 1, \"uuid\": \"u-1\", \"name\": \"ssd\", \"hosts\": [\"c1\", \"c2\"], \"metadata\": {\"ssd\": \"true\"}}");
    assert_string_equal(r->uid, "u-1");
    cell_is(r, "hosts", "c1, c2");
    cell_is(r, "id", "1");
    r = decoded("snapshot", "{\"id\": \"sn\", \"name\": \"nightly\", \"status\": \"error\", \"size\": 20, \"volume_id\": \"v\","
                            " \"os-extended-snapshot-attributes:project_id\": \"p9\"}");
    assert_string_equal(r->scope, "p9");
    assert_int_equal(r->health, HEALTH_BAD);
}

static void test_hostile_items(void **state)
{
    (void)state;
    static const char *const odd[] = {"{}", "{\"id\": 3}", "{\"id\": null, \"name\": {}}", "{\"id\": \"x\", \"name\": \"a\\u001b[31mb\\n\","
        " \"status\": 5, \"attachments\": 7, \"fixed_ips\": {\"a\": 1}, \"subnets\": \"no\", \"size\": 9223372036854775807,"
        " \"metadata\": [1], \"ram\": -9223372036854775807, \"properties\": null, \"security_group_rules\": 0}"};
    for (const struct kind *const *k = kinds_all; *k; k++)
        for (size_t i = 0; (*k)->plane == PLANE_OPENSTACK && i < sizeof odd / sizeof *odd; i++) {
            const struct row *r = decoded((*k)->id, odd[i]);
            if (r)
                assert_null(strchr(r->name, '\033'));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hypervisor, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_services_by_their_names, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_migration, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_volume, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_share, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_image_flavor, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_port, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_network_things, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_loadbalancer, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_others, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_hostile_items, rows_setup, rows_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
