/* Capacity: sums, the two views of the same cores, what lies idle, nodes that stand together, and Placement's words. */
#include "links_sandwich.h"

#include "core/openstack/requests_priv.h"

#include "strata/capacity.h"

static const struct source_info *source(void *arg, uint16_t id)
{
    static struct source_info s[3];
    static const char *const names[] = {"mgmt", "tenant", "cloud"};
    (void)arg;
    if (id > 2)
        return NULL;
    s[id].id = id;
    snprintf(s[id].name, sizeof s[id].name, "%s", names[id]);
    return &s[id];
}

/* A row whose number columns are set: "column=n ...". The texts of the row must be given again. */
static void with_numbers(struct world *w, uint16_t src, const char *kind, const char *uid, const char *scope, const char *name, const char *texts, const char *numbers)
{
    const struct kind *k = kind_find(kind);
    struct store *st = world_store(w, src, k);
    struct rowbuf *rb = store_rowbuf(st);
    char buf[300], *save = NULL;
    rowbuf_begin(rb, k);
    rowbuf_id(rb, uid, scope, name);
    rowbuf_health(rb, HEALTH_OK);
    for (int pass = 0; pass < 2; pass++) {
        snprintf(buf, sizeof buf, "%s", pass ? numbers : texts);
        for (char *p = strtok_r(buf, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
            char *v = strchr(p, '=');
            *v++ = '\0';
            int col = kind_column(k, p);
            if (col < 0)
                fail_msg("%s has no column %s", kind, p);
            if (pass)
                rowbuf_num(rb, col, strtoll(v, NULL, 10));
            else
                rowbuf_text(rb, col, v);
        }
    }
    assert_true(store_put(st, rowbuf_finish(rb)));
}

static const struct capacity_line *find(const struct capacity *c, enum capacity_what what, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->line[i].what == what && !strcmp(c->line[i].name, name))
            return &c->line[i];
    fail_msg("no line of %s", name);
    return NULL;
}

static void two_views_of_the_same_cores(void **state)
{
    (void)state;
    struct world w = {0};
    struct capacity c;
    sandwich(&w);
    with_numbers(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip=10.0.0.1 status=Ready", "alloc-cpu=8000 alloc-mem=1000000000 cpu=1500 mem=300000000");
    with_numbers(&w, MGMT, "pods", "nc-1", "openstack", "nc-1", "node=cmp1", "cpu-requested=2000 mem-requested=100000000");
    with_numbers(&w, TENANT, "nodes", "node-1", "", "w1", "status=Ready provider-id=openstack:///" SRV1, "alloc-cpu=4000 alloc-mem=1000 cpu=680");
    with_numbers(&w, TENANT, "pods", "web-1", "shop", "web-1", "node=w1", "cpu-requested=500 mem-requested=920");
    with_numbers(&w, TENANT, "pods", "db-1", "shop", "db-1", "node=w1", "");                    /* it ended: nothing is held */
    with_numbers(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname=cmp1 project=red", "vcpus=4 ram=2048");
    with_numbers(&w, CLOUD, "server", SRV2, "red", "vm2", "hypervisor_hostname=cmp1 project=red", "vcpus=2 ram=1024");
    with_numbers(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host=cmp1 host-ip=10.0.0.1 state=up status=enabled", "vcpus=8 vcpus-used=6");
    world_build(&w);
    struct tell t = {.l = w.links, .source = source};
    struct capacity_stock stock = {.source = CLOUD, .uid = "h1"};
    assert_true(capacity_read_stock(&stock, "{\"inventories\":{\"VCPU\":{\"total\":8,\"reserved\":1,\"allocation_ratio\":4.0},\"MEMORY_MB\":{\"total\":4096,\"reserved\":512,\"allocation_ratio\":1.0}},"
                                            "\"usages\":{\"VCPU\":6,\"MEMORY_MB\":3500}}"));
    assert_true(capacity_make(&c, &t, &stock, 1));
    const struct capacity_line *h = find(&c, CAPACITY_HYPERVISOR, "cmp1");
    assert_int_equal(h->cpu.have, 8000);
    assert_int_equal(h->cpu.room, 28000);
    assert_int_equal(h->cpu.asked, 6000);
    assert_int_equal(h->cpu.below, 2000);              /* of the node it is */
    assert_int_equal(h->cpu.above, 500);               /* of the nodes that are its servers */
    assert_int_equal(h->cpu.used, 1500);
    assert_int_equal(h->mem.room, (int64_t)3584 << 20);
    assert_int_equal(h->things, 2);
    assert_int_equal(h->cpu.idle, 22000);
    assert_string_equal(h->note, "memory 97 % taken with 18 % CPU used: 22.0 vCPUs cannot be used");
    const struct capacity_line *n = find(&c, CAPACITY_NODE, "w1");
    assert_int_equal(n->cpu.asked, 500);
    assert_int_equal(n->things, 1);
    assert_string_equal(n->note, "memory 92 % taken with 17 % CPU used: 3.5 cores cannot be used");
    const struct capacity_line *cl = find(&c, CAPACITY_CLUSTER, "tenant");
    assert_int_equal(cl->nodes, 2);
    assert_int_equal(cl->cpu.have, 4000);              /* the other node's is not known */
    assert_int_equal(cl->cpu.idle, 3500);
    assert_non_null(strstr(cl->note, "3.5 cores of nodes whose memory is full cannot be used; 2 of 2 nodes stand on hypervisor cmp1"));
    const struct capacity_line *p = find(&c, CAPACITY_PROJECT, "red");
    assert_int_equal(p->cpu.asked, 6000);
    assert_int_equal(p->mem.asked, (int64_t)3072 << 20);
    assert_int_equal(p->things, 2);
    const struct capacity_line *other = find(&c, CAPACITY_HYPERVISOR, "cmp2");
    assert_true(other->cpu.room == CELL_NONE);
    assert_string_equal(other->note, "its overcommit is not known: Placement did not tell; down");
    capacity_release(&c);
    world_free(&w);
}

static void where_servers_fit(void **state)
{
    (void)state;
    struct capacity_fit f;
    assert_true(capacity_read_fit(&f, "{\"asked\":{\"VCPU\":2,\"MEMORY_MB\":1024},\"limit\":1000,\"allocation_requests\":["
                                      "{\"allocations\":{\"a\":{\"resources\":{\"VCPU\":2,\"MEMORY_MB\":1024}}}},"
                                      "{\"allocations\":{\"b\":{\"resources\":{\"VCPU\":2,\"MEMORY_MB\":1024}}}},"
                                      "{\"allocations\":{\"c\":{\"resources\":{\"VCPU\":2}},\"c0\":{\"resources\":{\"MEMORY_MB\":1024}}}},"
                                      "{\"allocations\":{\"c\":{\"resources\":{\"VCPU\":2}},\"c1\":{\"resources\":{\"MEMORY_MB\":1024}}}}],"
                                      "\"provider_summaries\":{\"a\":{\"resources\":{\"VCPU\":{\"capacity\":16,\"used\":10},\"MEMORY_MB\":{\"capacity\":9000,\"used\":0}}},"
                                      "\"b\":{\"resources\":{\"VCPU\":{\"capacity\":99,\"used\":0},\"MEMORY_MB\":{\"capacity\":3000,\"used\":1000}}},"
                                      "\"c\":{\"resources\":{\"VCPU\":{\"capacity\":20,\"used\":0}},\"root_provider_uuid\":\"c\"},"
                                      "\"c0\":{\"resources\":{\"MEMORY_MB\":{\"capacity\":1024,\"used\":0}},\"root_provider_uuid\":\"c\"},"
                                      "\"c1\":{\"resources\":{\"MEMORY_MB\":{\"capacity\":2048,\"used\":0}},\"root_provider_uuid\":\"c\"}}}"));
    assert_int_equal(f.n, 3);
    assert_string_equal(f.host[0].uid, "a");
    assert_int_equal(f.host[0].fits, 3);
    assert_string_equal(f.host[1].uid, "c");
    assert_int_equal(f.host[1].fits, 2);
    assert_int_equal(f.host[2].fits, 1);
    assert_int_equal(f.fits, 6);
    assert_false(f.more);
    assert_string_equal(f.asked.data, "2 VCPU, 1024 MEMORY_MB");
    capacity_fit_release(&f);
    assert_true(capacity_read_fit(&f, "{\"allocation_requests\":[],\"provider_summaries\":{},\"asked\":{}}"));
    assert_int_equal(f.fits, 0);
    capacity_fit_release(&f);
    static const char *const odd[] = {"[]", "{", "{\"allocation_requests\":{}}", "{\"allocation_requests\":[],\"provider_summaries\":7}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_false(capacity_read_fit(&f, odd[i]));
        capacity_fit_release(&f);
    }
    assert_true(capacity_read_fit(&f, "{\"allocation_requests\":[7,{\"allocations\":{\"a\":{\"resources\":{\"VCPU\":-1,\"X\":\"y\"}}}}],\"provider_summaries\":{}}"));
    assert_int_equal(f.fits, 0);
    capacity_fit_release(&f);
    struct capacity_stock s;
    assert_false(capacity_read_stock(&s, "{\"inventories\":{\"VCPU\":{}},\"usages\":{}}"));
    assert_true(capacity_read_stock(&s, "{\"inventories\":{\"VCPU\":{\"total\":-5,\"allocation_ratio\":1e300},\"MEMORY_MB\":{}},\"usages\":{}}"));
    assert_int_equal(s.cpu.total, 0);
    assert_int_equal(s.cpu.ratio_permille, 1000);
}

static const struct row *host_of(void *arg, const char *uid)
{
    uint32_t node = links_find(arg, CLOUD, kind_find("hypervisor"), uid);
    return node == LINK_NO_NODE ? NULL : links_row(arg, node);
}

/* Nova's rules: a word of its own is equal, a list of values is any of them, each property may be of another aggregate of the host. */
static void a_flavor_of_an_aggregate_fits_its_hosts_alone(void **state)
{
#define WANT(key, value) "\"aggregate_instance_extra_specs:" key "\":\"" value "\""
    static const struct { const char *specs, *hosts; } cases[] = {
        {"{\"hw:x\":\"1\"}", NULL}, {"{" WANT("ssd", "true") "}", "cmp1 cmp2"}, {"{" WANT("ssd", "true") "," WANT("zone", "b") "}", "cmp2"},
        {"{" WANT("zone", "<or> c <or> a") "}", "cmp1"}, {"{" WANT("zone", "<or> c") "}", ""}, {"{" WANT("zone", "<in> gold") "}", "cmp3"}, {"{" WANT("none", "x") "}", ""},
        {"{" WANT("zone", "s!= a") "}", "cmp2 cmp3"}, {"{" WANT("ram", ">= 64") "}", "cmp3"}, {"{" WANT("ram", "= 65") "}", ""}, {"{" WANT("ssd", "tru") "}", ""},
    };
    (void)state;
    json_t *all = json_loads("[{\"metadata\":{\"ssd\":\"true\"},\"hosts\":[\"cmp1\",\"cmp2\"]},{\"metadata\":{\"zone\":\"a\"},\"hosts\":[\"cmp1\"]},"
                            "{\"metadata\":{\"zone\":\"x,b\"},\"hosts\":[\"cmp2\"]},{\"metadata\":{\"zone\":\"marigold\",\"ram\":\"64\"},\"hosts\":[\"cmp3\",7]},"
                            "{\"metadata\":7},{\"hosts\":null},8]", 0, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[200] = "";
        const char *host;
        json_t *specs = json_loads(cases[i].specs, 0, NULL), *v;
        assert_int_equal(ostk_wants_aggregates(specs), cases[i].hosts != NULL);
        json_t *hosts = ostk_aggregate_hosts(specs, all);
        json_object_foreach(hosts, host, v)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", *got ? " " : "", host);
        if (strcmp(got, cases[i].hosts ? cases[i].hosts : "") != 0 || !hosts != !cases[i].hosts)
            fail_msg("%s: %s", cases[i].specs, got);
        json_decref(hosts);
        json_decref(specs);
    }
    json_decref(all);
    struct world w = {0};
    struct capacity_fit f;
    sandwich(&w);
    assert_true(capacity_read_fit(&f, "{\"asked\":{\"VCPU\":1},\"within\":{\"cmp\":true,\"cmp2\":true},\"allocation_requests\":["
                                      "{\"allocations\":{\"h1\":{\"resources\":{\"VCPU\":1}}}},{\"allocations\":{\"h2\":{\"resources\":{\"VCPU\":1}}}},"
                                      "{\"allocations\":{\"h9\":{\"resources\":{\"VCPU\":1}}}}],\"provider_summaries\":{\"h1\":{\"resources\":{\"VCPU\":{\"capacity\":5}}},"
                                      "\"h2\":{\"resources\":{\"VCPU\":{\"capacity\":3}}},\"h9\":{\"resources\":{\"VCPU\":{\"capacity\":9}}}}}"));
    assert_int_equal(capacity_fit_bind(&f, host_of, w.links), 1);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.host[0].uid, "h2");
    assert_int_equal(f.fits, 3);
    capacity_fit_release(&f);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_views_of_the_same_cores), cmocka_unit_test(where_servers_fit),
                                       cmocka_unit_test(a_flavor_of_an_aggregate_fits_its_hosts_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
