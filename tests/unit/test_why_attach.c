/* Where volumes are attached, by Kubernetes, Nova and Cinder: what does not agree is a finding, and what waits for it says so. */
#include "why_world.h"

#include "strata/clock.h"

#define NOW 1790000000000
#define OLD "1789990000000"
#define NEW "1789999990000"
#define VA "volumeattachments.storage.k8s.io"
#define PV "persistentvolumes"
#define PVC "persistentvolumeclaims"
#define VOL "aaaaaaaa-0000-4000-8000-0000000000a1"

static void volume(struct world *w, const char *status, const char *servers, const char *changed)
{
    world_put(w, CLOUD, "volume", VOL, "red", "vol", "status", status, "server-ids", servers, "changed", changed, NULL);
}

static void server(struct world *w, const char *uid, const char *name, const char *host, const char *volumes)
{
    world_put(w, CLOUD, "server", uid, "red", name, "hypervisor_hostname", host, "status", "ACTIVE", "volumes", volumes, NULL);
}

/* db-1 on w1, which is vm1, with its volume; all agree. */
static void disks(struct world *w)
{
    sandwich(w);
    server(w, SRV1, "vm1", "cmp1", VOL);
    server(w, SRV2, "vm2", "cmp2", "");
    volume(w, "in-use", SRV1, OLD);
    world_put(w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "claims", "data", "status", "Running", "@owner", "StatefulSet/db/db", NULL);
    world_put(w, TENANT, PVC, "c1", "shop", "data", "volume-name", "pv1", NULL);
    world_put(w, TENANT, PV, "pv1", "", "pv1", "cinder-volume", VOL, NULL);
    world_put(w, TENANT, VA, "va1", "", "va1", "attached-volume", "pv1", "attached-node", "w1", "is-attached", "true", NULL);
    world_build(w);
}

static const char *finding(struct world *w, uint16_t source, const char *kind, const char *uid, enum why_attach want)
{
    static char text[600];
    struct str s;
    str_init(&s, 0);
    uint32_t node = links_find(w->links, source, world_kind(kind), uid);
    assert_int_equal(why_attached(w->links, node, NULL), want);
    assert_int_equal(why_attached(w->links, node, &s), want);
    snprintf(text, sizeof text, "%s", s.data ? s.data : "");
    str_release(&s);
    return text;
}

static void who_agrees_is_no_finding(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
    assert_string_equal(finding(&w, CLOUD, "volume", VOL, ATTACH_AGREED), "");
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "");
    world_free(&w);
}

static void an_attachment_that_cinder_does_not_know_is_a_conflict(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    server(&w, SRV1, "vm1", "cmp1", "");
    volume(&w, "available", "", OLD);
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_CONFLICT), "is attached to node w1 (server vm1) by its VolumeAttachment, and by Cinder to none: the volume is available");
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 1);
    assert_int_equal(all.cause[0].cls, LINK_X);
    why_world_free(&all);
    const char *text = all_of(&w, list);
    assert_non_null(strstr(text, "contradicts     -  X  persistentvolumes pv1 ()"));
    assert_non_null(strstr(text, "by Cinder to none: the volume is available"));
    server(&w, SRV2, "vm2", "cmp2", VOL);
    volume(&w, "in-use", SRV2, OLD);
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_CONFLICT), "is attached to node w1 (server vm1) by its VolumeAttachment, and by Cinder to server vm2");
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "claims", "data", "status", "ContainerCreating", "@owner", "StatefulSet/db/db", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > c1 > pv1: contradicts X 2-0");
    volume(&w, "in-use", SRV2, NEW);           /* it may be that the other list was read before */
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_ELSEWHERE), "is attached to server vm2, and pod db-1 waits for it on node w1, which is server vm1");
    world_free(&w);
}

/* Its pod runs, and neither reads nor writes: who asks for the set or for the volume is told. */
static void what_runs_without_its_volume_says_so(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    server(&w, SRV1, "vm1", "cmp1", "");
    volume(&w, "available", "", OLD);
    world_put(&w, TENANT, "statefulsets", "db", "shop", "db", "ready", "1/1", NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "statefulsets", "db"), "db > db-1 > c1 > pv1: contradicts X 1-0");
    assert_string_equal(why(&w, CLOUD, "volume", VOL), VOL " > pv1: contradicts X 1-0");
    world_free(&w);
}

/* Of what is ready and has no data, who asks for it by its Service is told, too: the volume is elsewhere, in error, or its claim is lost. */
static void a_service_leads_to_the_volume_of_its_pod(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "claims", "data", "status", "Running", "@label", "app=db", "@owner", "StatefulSet/db/db", NULL);
    world_put(&w, TENANT, "services", "svc", "shop", "db", "selector", "app=db", NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "services", "svc"), "");
    server(&w, SRV1, "vm1", "cmp1", "");
    volume(&w, "available", "", OLD);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "services", "svc"), "svc > db-1 > c1 > pv1: contradicts X 1-0");
    server(&w, SRV1, "vm1", "cmp1", VOL);
    world_put(&w, CLOUD, "volume", VOL, "red", "vol", "status", "error", "server-ids", SRV1, "changed", OLD, "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "services", "svc"), "svc > db-1 > c1 > pv1 > " VOL ": broken A 1-1");
    world_put(&w, TENANT, PVC, "c1", "shop", "data", "volume-name", "pv9", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "services", "svc"), "svc > db-1 > c1: broken A 1-0");
    world_free(&w);
}

/* 30 s ago: attachments that were read since would say that they go. */
static void what_was_read_since_needs_no_grace(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    server(&w, SRV1, "vm1", "cmp1", "");
    volume(&w, "available", "", "1789999970000");
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
    struct feed_status *st = store_status(world_store(&w, TENANT, world_kind(VA)));
    st->state = FEED_LIVE;
    st->last_ok_mono_ms = 990000;
    world_build(&w);
    assert_non_null(strstr(finding(&w, TENANT, PV, "pv1", ATTACH_CONFLICT), "by Cinder to none"));
    st->last_ok_mono_ms = 980000;
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
    /* nothing came of it since, and its server answered: nothing has changed */
    w.source[0] = (struct source_info){.id = TENANT, .plane = PLANE_KUBE, .state = SOURCE_OK, .last_ok_mono_ms = 990000};
    w.nsources = 1;
    world_build(&w);
    assert_non_null(strstr(finding(&w, TENANT, PV, "pv1", ATTACH_CONFLICT), "by Cinder to none"));
    w.source[0].state = SOURCE_STALE;
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
    /* 6 s ago, by a clock that is known: two seconds since are enough */
    volume(&w, "available", "", "1789999994000");
    st->last_ok_mono_ms = 999000;
    w.source[1] = (struct source_info){.id = CLOUD, .plane = PLANE_OPENSTACK, .state = SOURCE_OK, .last_ok_mono_ms = 999000};
    w.nsources = 2;
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
    w.source[1].has_clock = true;
    w.source[1].clock_error_ms = 500;
    world_build(&w);
    assert_non_null(strstr(finding(&w, TENANT, PV, "pv1", ATTACH_CONFLICT), "by Cinder to none"));
    world_free(&w);
}

static void a_server_that_is_off_is_not_so_for_where_its_volume_is_attached(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    server(&w, SRV2, "vm2", "cmp2", VOL);
    world_build(&w);
    assert_int_equal(why_attached(w.links, links_find(w.links, CLOUD, kind_find("volume"), VOL), NULL), ATTACH_CONFLICT);
    assert_non_null(strstr(why(&w, CLOUD, "server", SRV1), VOL));               /* it runs: the finding is told */
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "SHUTOFF", "volumes", VOL, "@health", "5", NULL);
    world_build(&w);
    assert_null(strstr(why(&w, CLOUD, "server", SRV1), VOL));
    assert_non_null(strstr(why(&w, CLOUD, "server", SRV1), "stopped"));
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "ready", "Unknown", "provider-id", "openstack:///" SRV1, "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "claims", "data", "status", "Running", "@owner", "StatefulSet/db/db", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > node-1 > " SRV1 ": stopped A 2-0");
    world_free(&w);
}

static void what_is_not_attached_yet_or_goes_is_no_conflict(void **state)
{
    static const struct { const char *attached, *flag; } cases[] = {{"false", "0"}, {"true", NULL}};
    char deleting[8];
    (void)state;
    snprintf(deleting, sizeof deleting, "%u", ROW_DELETING);
    for (size_t i = 0; i < 2; i++) {
        struct world w = {0};
        disks(&w);
        server(&w, SRV1, "vm1", "cmp1", "");
        volume(&w, "available", "", OLD);
        world_put(&w, TENANT, VA, "va1", "", "va1", "attached-volume", "pv1", "attached-node", "w1", "is-attached", cases[i].attached, "@flag", cases[i].flag ? cases[i].flag : deleting, NULL);
        world_build(&w);
        assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
        world_free(&w);
    }
}

static void a_pod_that_waits_where_the_volume_is_not_says_so(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w2", "claims", "data", "status", "ContainerCreating", "@owner", "StatefulSet/db/db", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_ELSEWHERE), "is attached to server vm1, and pod db-1 waits for it on node w2, which is server vm2");
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > c1 > pv1: weak A 2-0");
    world_free(&w);
}

static void two_that_are_one_volume_are_a_conflict(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    world_put(&w, TENANT, PV, "pv2", "", "pv2", "cinder-volume", VOL, NULL);
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_CONFLICT), "is volume vol, and so is persistentvolumes pv2");
    assert_string_equal(finding(&w, TENANT, PV, "pv2", ATTACH_CONFLICT), "is volume vol, and so is persistentvolumes pv1");
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > c1 > pv1: contradicts X 1-0");
    char deleting[8];
    snprintf(deleting, sizeof deleting, "%u", ROW_DELETING);
    world_put(&w, TENANT, PV, "pv2", "", "pv2", "cinder-volume", VOL, "@flag", deleting, NULL);
    world_build(&w);
    assert_string_equal(finding(&w, TENANT, PV, "pv1", ATTACH_AGREED), "");
    world_free(&w);
}

static void nova_and_cinder_must_agree(void **state)
{
    (void)state;
    struct world w = {0};
    disks(&w);
    server(&w, SRV1, "vm1", "cmp1", "");
    world_build(&w);
    assert_string_equal(finding(&w, CLOUD, "volume", VOL, ATTACH_CONFLICT), "is attached to server vm1 by Cinder, and not by Nova");
    volume(&w, "in-use", SRV1, NEW);
    world_build(&w);
    assert_string_equal(finding(&w, CLOUD, "volume", VOL, ATTACH_AGREED), "");
    volume(&w, "detaching", SRV1, OLD);
    world_build(&w);
    assert_string_equal(finding(&w, CLOUD, "volume", VOL, ATTACH_AGREED), "");
    server(&w, SRV1, "vm1", "cmp1", VOL);
    volume(&w, "available", "", OLD);
    world_build(&w);
    assert_string_equal(finding(&w, CLOUD, "volume", VOL, ATTACH_CONFLICT), "is attached to server vm1 by Nova, and not by Cinder");
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 " > " VOL ": contradicts X 2-0");
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_agrees_is_no_finding), cmocka_unit_test(an_attachment_that_cinder_does_not_know_is_a_conflict),
        cmocka_unit_test(what_runs_without_its_volume_says_so), cmocka_unit_test(a_service_leads_to_the_volume_of_its_pod),
        cmocka_unit_test(what_was_read_since_needs_no_grace), cmocka_unit_test(a_server_that_is_off_is_not_so_for_where_its_volume_is_attached), cmocka_unit_test(what_is_not_attached_yet_or_goes_is_no_conflict), cmocka_unit_test(a_pod_that_waits_where_the_volume_is_not_says_so),
        cmocka_unit_test(two_that_are_one_volume_are_a_conflict), cmocka_unit_test(nova_and_cinder_must_agree),
    };
    clock_freeze(1000000, NOW);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
