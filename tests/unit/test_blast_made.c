/* The blast radius of what others were made from or have an address of, of a record set by hand, and of a worker by its own list. */
#include "blast_act.h"

#define IMG "7f99a1b2-0000-4000-8000-00000000000a"
#define SNAP "7f99a1b2-0000-4000-8000-00000000000b"
#define SUB "7f99a1b2-0000-4000-8000-00000000000c"
#define VOL "7f99a1b2-0000-4000-8000-00000000000d"

static void an_image_is_the_way_to_make_a_server_again(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "image", IMG, "red", "debian", NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "image-id", IMG, NULL);
    world_put(&w, CLOUD, "server", SRV2, "blue", "vm2", "hypervisor_hostname", "cmp2", "image-id", "", NULL);       /* from a volume */
    world_build(&w);
    struct blast b = act(&w, "delete", CLOUD, "image", IMG, "1 server made from it runs on; rebuild, and evacuation or a cold move to a host that has no copy of it, fail from then on\n");
    assert_harm(&w, &b, IMG, BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, SRV2, BLAST_CP, HARM_NONE);
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_NONE);         /* it runs on */
    blast_free(&b);
    world_free(&w);
}

static void a_snapshot_goes_and_what_was_made_from_it_stays(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "snapshot", SNAP, "red", "monday", NULL);
    world_put(&w, CLOUD, "volume", VOL, "red", "copy", "snapshot-id", SNAP, NULL);
    world_build(&w);
    struct blast b = act(&w, "delete", CLOUD, "snapshot", SNAP, "1 volume made from it keeps its data; a backend whose copies hang on the snapshot (Ceph) refuses until they do not\n");
    assert_harm(&w, &b, SNAP, BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, VOL, BLAST_ST, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

static void a_subnet_takes_its_addresses(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "subnet", SUB, "red", "v6", "ip", "6", NULL);
    world_put(&w, CLOUD, "port", "p1", "red", "p1", "device-id", SRV1, "subnet-ids", SUB ", " SUB, NULL);
    world_put(&w, CLOUD, "port", "p2", "red", "p2", "device-id", SRV2, "subnet-ids", "other, " SUB, NULL);
    world_build(&w);
    struct blast b = act(&w, "delete", CLOUD, "subnet", SUB, "2 ports have an address of it, which goes with it\n");
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV2, BLAST_DP, HARM_DEGRADED);         /* reached by its other address */
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_LOST);
    blast_free(&b);
    world_put(&w, CLOUD, "subnet", "empty", "red", "empty", "ip", "4", NULL);
    world_build(&w);
    b = act(&w, "delete", CLOUD, "subnet", "empty", "no port that is seen has an address of it\n");
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    world_free(&w);
}

static struct blast reset(const struct world *w, const char *kind, const char *uid, char *state, const char *said)
{
    struct blast_cut cut[8];
    struct blast b;
    struct str words;
    char *args[] = {state};
    str_init(&words, 0);
    size_t n = blast_cuts_as(w->links, "reset-state", links_find(w->links, CLOUD, kind_find(kind), uid), &(struct blast_how){-1, args, 1}, cut, 8, &words);
    assert_true(blast_make(&b, w->links, cut, n, (struct blast_pace){0}));
    assert_string_equal(words.len ? words.data : "", said);
    str_release(&words);
    return b;
}

static void who_goes_by_a_record_is_told(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "volume", VOL, "red", "disk", "server-ids", SRV1, NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv", "", "pv", "cinder-volume", VOL, "claim-uid", "pvc", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "pvc", "shop", "data", "volume-name", "pv", NULL);
    world_put(&w, CLOUD, "server", SRV2, "blue", "vm2", "hypervisor_hostname", "cmp2", "power", "Shutdown", NULL);
    world_build(&w);
    struct blast b = reset(&w, "server", SRV1, "state=error", "the guest runs on as it is, but Nova neither pauses, resizes nor moves it until it is active again\n"
                           "it is a node of a cluster, whose cloud controller goes by this record\n");
    assert_harm(&w, &b, SRV1, BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = reset(&w, "server", SRV2, "state=active", "Nova's record says active while the guest is Shutdown, until Nova looks at its power again\n"
              "it is a node of a cluster, whose cloud controller goes by this record\n");
    blast_free(&b);
    b = reset(&w, "volume", VOL, "state=available", "it is attached: once it is called available it can be deleted, or attached to another that writes on it as well\n");
    assert_harm(&w, &b, "pvc", BLAST_ST, HARM_AT_RISK);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = reset(&w, "volume", VOL, "state=in-use", "");           /* what it is */
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    world_free(&w);
}

static void an_agent_that_is_lost_leaves_its_ports(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "os-services", "network/ovs", "", "neutron-openvswitch-agent/cmp1", "binary", "neutron-openvswitch-agent", "host", "cmp1", NULL);
    world_put(&w, CLOUD, "port", "p1", "red", "p1", "device-id", SRV1, "owner", "compute:nova", "host", "cmp1", "vif", "ovs", NULL);
    world_build(&w);
    struct blast b = act(&w, "lose", CLOUD, "os-services", "network/ovs", "what is wired stays wired; a port that is new, moved or plugged again gets no network before it is back\n");
    assert_harm(&w, &b, "p1", BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_CP, HARM_DEGRADED);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

static void a_volume_stays_attached_without_its_service(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "os-services", "volumev3/cmp1@ssd", "", "cinder-volume/cmp1@ssd", "binary", "cinder-volume", "host", "cmp1@ssd", NULL);
    world_put(&w, CLOUD, "volume", VOL, "red", "disk", "server-ids", SRV1, "host", "cmp1@ssd#pool", "bootable", "true", NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv", "", "pv", "cinder-volume", VOL, "claim-uid", "pvc", NULL);
    world_build(&w);
    struct blast b = act(&w, "lose", CLOUD, "os-services", "volumev3/cmp1@ssd", "");
    assert_harm(&w, &b, VOL, BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, VOL, BLAST_ST, HARM_NONE);
    assert_harm(&w, &b, "pv", BLAST_ST, HARM_NONE);
    assert_harm(&w, &b, "pv", BLAST_CP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "lose", CLOUD, "hypervisor", "h1", "");         /* its host may be where it lies */
    assert_harm(&w, &b, VOL, BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, "pv", BLAST_ST, HARM_LOST);
    blast_free(&b);
    world_free(&w);
}

static void a_worker_is_the_same_in_its_own_list(void **state)
{
    (void)state;
    assert_true(blast_known("disable", kind_find("compute-service")));
    assert_true(blast_known("disable", kind_find("network-agent")));
    assert_true(blast_known("disable", kind_find("volume-service")));
    assert_true(blast_known("force-down", kind_find("compute-service")));
    assert_false(blast_known("start", kind_find("compute-service")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_the_way_to_make_a_server_again), cmocka_unit_test(a_snapshot_goes_and_what_was_made_from_it_stays),
        cmocka_unit_test(a_subnet_takes_its_addresses), cmocka_unit_test(who_goes_by_a_record_is_told), cmocka_unit_test(an_agent_that_is_lost_leaves_its_ports), cmocka_unit_test(a_volume_stays_attached_without_its_service), cmocka_unit_test(a_worker_is_the_same_in_its_own_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
