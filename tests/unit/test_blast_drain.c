/* The blast radius of a drain says what the drain would: budgets, majorities, data of emptyDir, pods that nothing else takes. */
#include "links_sandwich.h"

#include "strata/blast.h"

static struct blast drained(const struct world *w, const char *action, const char *kind, const char *uid, const char *said)
{
    struct blast_cut cut[64];
    struct blast b;
    struct str words;
    str_init(&words, 0);
    uint32_t node = links_find(w->links, TENANT, world_kind(kind), uid);
    assert_int_not_equal(node, LINK_NO_NODE);
    size_t n = blast_cuts(w->links, action, node, -1, cut, 64, &words);
    blast_place(w->links, cut, n, &words);
    assert_true(blast_make(&b, w->links, cut, n, (struct blast_pace){1, false}));
    assert_string_equal(words.data ? words.data : "", said);
    str_release(&words);
    return b;
}

static bool lost(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane, bool back)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->item[i].plane == plane && b->item[i].harm == HARM_LOST && b->item[i].back == back && !strcmp(links_row(w->links, b->item[i].node)->uid, uid))
            return true;
    return false;
}

static void guard(struct world *w, const char *name, const char *selector, const char *may, const char *of)
{
    world_put(w, TENANT, "poddisruptionbudgets.policy", name, "shop", name, "selector", selector, "may-go", may, "guarded", of, NULL);
    world_build(w);
}

static void web(struct world *w, const char *uid, const char *column, const char *value)
{
    world_put(w, TENANT, "pods", uid, "shop", uid, "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=web", column, value, NULL);
    world_build(w);
}

static void a_budget_that_allows_none_holds_its_pods(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    web(&w, "web-1", "node", "w1");
    guard(&w, "web", "app=web", "0", "2");
    struct blast b = drained(&w, "drain", "nodes", "node-1", "blocked by budget shop/web (allows 0 of 2): pod web-1 stays\n");
    assert_false(lost(&w, &b, "web-1", BLAST_DP, true));
    assert_true(lost(&w, &b, "db-1", BLAST_DP, true));
    assert_int_equal(b.waits, 1);
    blast_free(&b);
    b = drained(&w, "evict", "pods", "web-1", "blocked by budget shop/web (allows 0 of 2): pod web-1 stays\n");
    assert_int_equal(b.n, 0);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = drained(&w, "delete", "pods", "web-1", "");            /* asks no budget */
    assert_true(lost(&w, &b, "web-1", BLAST_DP, true));
    blast_free(&b);
    guard(&w, "web", "app=web", "1", "2");
    b = drained(&w, "drain", "nodes", "node-1", "");
    assert_true(lost(&w, &b, "web-1", BLAST_DP, true));
    assert_int_equal(b.waits, 0);
    blast_free(&b);
    guard(&w, "other", "app=web", "1", "2");
    b = drained(&w, "evict", "pods", "web-1", "blocked by 2 budgets at once (shop/other is one): the server refuses, leave one: pod web-1 stays\n");
    assert_int_equal(b.waits, 1);
    blast_free(&b);
    world_free(&w);
}

static void what_is_in_emptydir_is_lost_for_good(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    web(&w, "web-1", "empty-dirs", "2");
    struct blast b = drained(&w, "drain", "nodes", "node-1", "1 pod with emptyDir volumes: what is in them is lost; drain refuses without --delete-emptydir-data\n");
    assert_true(lost(&w, &b, "web-1", BLAST_ST, false));
    assert_true(lost(&w, &b, "web-1", BLAST_DP, true));
    assert_false(lost(&w, &b, "web", BLAST_ST, false));        /* that was the pod's alone */
    assert_int_equal(b.count[BLAST_ST][HARM_LOST], 1);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = drained(&w, "evict", "pods", "web-1", "what is in its emptyDir volumes is lost\n");
    blast_free(&b);
    guard(&w, "web", "app=web", "0", "2");                      /* it stays, and its data with it */
    b = drained(&w, "drain", "nodes", "node-1", "blocked by budget shop/web (allows 0 of 2): pod web-1 stays\n");
    assert_int_equal(b.count[BLAST_ST][HARM_LOST], 0);
    assert_int_not_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

/* It crashes, and what it wrote goes with it as kubectl says; one that ended or is on its way out has nothing to lose. */
static void what_does_not_serve_is_evicted_as_well(void **state)
{
    (void)state;
    static const char crash[] = "also evicted is a pod that does not serve now: web-2\n";
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=web", "cpu-requested", "100", "empty-dirs", "1", "@health", "6", NULL);
    world_put(&w, TENANT, "pods", "web-3", "shop", "web-3", "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=web", "empty-dirs", "1", "@health", "6", NULL);
    world_build(&w);
    char said[300];
    snprintf(said, sizeof said, "%s1 pod with emptyDir volumes: what is in them is lost; drain refuses without --delete-emptydir-data\n", crash);
    struct blast b = drained(&w, "drain", "nodes", "node-1", said);
    assert_true(lost(&w, &b, "web-2", BLAST_ST, false));
    assert_false(lost(&w, &b, "web-2", BLAST_DP, true));        /* nobody had anything of it */
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=web", "cpu-requested", "100", "@health", "6", NULL);
    world_build(&w);
    b = drained(&w, "drain", "nodes", "node-1", crash);
    assert_int_not_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

static void comes_back(struct world *w, bool back, const char *no)
{
    char said[200];
    snprintf(said, sizeof said, "1 pod will stay Pending until a node is back: web-1; of 1 other node 1 %s\n", no);
    struct blast b = drained(w, "drain", "nodes", "node-1", back ? "" : said);
    assert_true(lost(w, &b, "web-1", BLAST_DP, back));
    assert_true(lost(w, &b, "db-1", BLAST_DP, true));
    blast_free(&b);
}

static void w2_is(struct world *w, const char *status, const char *taints)
{
    world_put(w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "status", status, "taint-list", taints, "@label", "disk=ssd", NULL);
    world_build(w);
}

static void a_pod_that_no_other_node_takes_is_away(void **state)
{
    static const struct { const char *column, *value, *taint; bool back; } of[] = {
        {"node-selector", "disk=ssd", "", true}, {"node-selector", "disk=ssd,zone=a", "", false}, {"tolerations", "other", "", true},
        {"tolerations", "gpu", "gpu=yes:NoSchedule", true}, {"tolerations", "gpu=yes:NoSchedule", "gpu=yes:NoSchedule", true}, {"tolerations", "*", "gpu=yes:NoExecute", true},
        {"tolerations", "gpu=no", "gpu=yes:NoSchedule", false}, {"tolerations", "gpu:NoExecute", "gpu=yes:NoSchedule", false}, {"tolerations", "gp", "gpu=yes:NoSchedule", false},
        {"tolerations", "other", "gpu=yes:PreferNoSchedule", true}, {"tolerations", "gpu=", "gpu:NoSchedule", true},
        {"node-affinity", "disk In ssd,nvme", "", true}, {"node-affinity", "disk In hdd", "", false}, {"node-affinity", "disk In hdd|disk Exists;zone DoesNotExist", "", true},
        {"node-affinity", "disk NotIn ssd", "", false}, {"node-affinity", "zone NotIn a", "", true}, {"node-affinity", "zone Exists", "", false},
        {"node-affinity", ".name In w2", "", true}, {"node-affinity", ".name In w1,w3", "", false}, {"node-affinity", "disk Exists;.name NotIn w2", "", false},
        {"node-affinity", "|", "", false}, {"node-affinity", "disk Gt 5", "", false}, {"node-affinity", "disk Near ssd", "", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct world w = {0};
        sandwich(&w);
        world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "@owner", "StatefulSet/db/db", "tolerations", "*", NULL);
        w2_is(&w, "Ready", of[i].taint);
        web(&w, "web-1", of[i].column, of[i].value);
        comes_back(&w, of[i].back, strcmp(of[i].column, "tolerations") ? "is not what its node selector or affinity wants" : "has a taint that it does not tolerate");
        world_free(&w);
    }
    struct world w = {0};
    sandwich(&w);
    w2_is(&w, "Ready,SchedulingDisabled", "");
    struct blast b = drained(&w, "drain", "nodes", "node-1", "2 pods will stay Pending until a node is back: web-1, db-1; of 1 other node 1 is cordoned\n");
    assert_true(lost(&w, &b, "web-1", BLAST_DP, false));
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

/* Its workload's template names its node: made anew it is there again, drained or not. */
static void one_whose_template_names_the_node_is_there_again(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "deployments", "web", "shop", "web", "template-node", "w1", NULL);
    web(&w, "web-1", "node", "w1");
    comes_back(&w, true, "");
    world_free(&w);
}

/* What the drain is told it does: the words that it refuses without go, and what is given away is not red. */
static void options_are_the_drains(void **state)
{
    (void)state;
    static const struct { const char *args[3]; const char *words; bool goes, red; } of[] = {
        {{NULL}, "blocked by budget shop/web (allows 0 of 2): pod web-1 stays\n", false, false},
        {{"disable-eviction=true"}, "1 pod with emptyDir volumes: what is in them is lost; drain refuses without --delete-emptydir-data\n", true, true},
        {{"disable-eviction=true", "delete-emptydir-data=true"}, "1 pod with emptyDir volumes: what is in them is lost\n", true, false},
        {{"disable-eviction=true", "pod-selector=app!=web"}, "", false, false},
        {{"disable-eviction=true", "pod-selector=app in (web, db)", "delete-emptydir-data=true"}, "1 pod with emptyDir volumes: what is in them is lost\n", true, false},
        {{"pod-selector=a=(", "disable-eviction=true"}, "unknown: the selector 'a=(' cannot be parsed: no pod is looked at\n", false, false},
    };
    struct world w = {0};
    sandwich(&w);
    web(&w, "web-1", "empty-dirs", "1");
    guard(&w, "web", "app=web", "0", "2");
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct blast_cut cut[64];
        struct blast b;
        struct str words;
        char *args[3];
        size_t nargs = 0;
        for (; nargs < 3 && of[i].args[nargs]; nargs++)
            args[nargs] = (char *)(uintptr_t)of[i].args[nargs];
        str_init(&words, 0);
        size_t n = blast_cuts_as(w.links, "drain", links_find(w.links, TENANT, world_kind("nodes"), "node-1"), &(struct blast_how){-1, args, nargs}, cut, 64, &words);
        blast_place(w.links, cut, n, &words);
        assert_true(blast_make(&b, w.links, cut, n, (struct blast_pace){1, false}));
        assert_string_equal(words.data ? words.data : "", of[i].words);
        assert_int_equal(lost(&w, &b, "web-1", BLAST_DP, true), of[i].goes);
        assert_int_equal(lost(&w, &b, "web-1", BLAST_ST, false), of[i].goes);
        assert_int_equal(b.verdict == BLAST_RED, of[i].red);
        str_release(&words);
        blast_free(&b);
    }
    world_free(&w);
}

static const struct blast_item *group(const struct world *w, const struct blast *b, const char *uid)
{
    for (size_t i = 0; i < b->n; i++)
        if (!strcmp(links_row(w->links, b->item[i].node)->uid, uid))
            return &b->item[i];
    fail_msg("%s is not touched", uid);
    return NULL;
}

/* Three of them, as a label or an image says: of two lost a quorum is; a set of something else lives on with one. */
static void what_votes_needs_its_majority(void **state)
{
    static const struct { const char *app, *images; uint32_t need; } of[] = {
        {"app=etcd", "x/y:1", 2}, {"app=store", "quay.io/coreos/etcd:v3.5", 2}, {"app=store", "etcd.example.org/web:1", 1}, {"tier=etcd", "web", 1},
    };
    (void)state;
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) {
        struct world w = {0};
        struct str words;
        sandwich(&w);
        world_put(&w, TENANT, "statefulsets", "kv", "shop", "kv", NULL);
        for (int i = 0; i < 3; i++) {
            char name[16];
            snprintf(name, sizeof name, "kv-%d", i);
            world_put(&w, TENANT, "pods", name, "shop", name, "node", i < 2 ? "w1" : "w2", "@owner", "StatefulSet/kv/kv", "@label", of[k].app, "images", of[k].images, NULL);
        }
        world_build(&w);
        struct blast_cut cut[2] = {{.node = links_find(w.links, TENANT, world_kind("pods"), "kv-0"), .plane = BLAST_DP, .back = true},
                                   {.node = links_find(w.links, TENANT, world_kind("pods"), "kv-1"), .plane = BLAST_DP, .back = true}};
        struct blast b;
        assert_true(blast_make(&b, w.links, cut, 2, (struct blast_pace){0}));
        assert_int_equal(group(&w, &b, "kv")->need, of[k].need);
        assert_int_equal(b.quorum_lost, of[k].need == 2);
        assert_int_equal(group(&w, &b, "kv")->harm, of[k].need == 2 ? HARM_LOST : HARM_AT_RISK);     /* it may vote all the same */
        blast_free(&b);
        world_put(&w, TENANT, "poddisruptionbudgets.policy", "kv", "shop", "kv", "selector", of[k].app, "may-go", "0", "guarded", "3", "must-stay", "3", NULL);
        world_build(&w);
        assert_true(blast_make(&b, w.links, cut, 1, (struct blast_pace){0}));
        str_init(&words, 0);
        blast_group_words(group(&w, &b, "kv"), &words);
        assert_string_equal(words.data, of[k].need == 2 ? ": 2 of 3 stay, 2 needed, its budget wants 3" : ": 2 of 3 stay, 1 needed, its budget wants 3");
        assert_int_equal(group(&w, &b, "kv")->harm, of[k].need == 2 ? HARM_AT_RISK : HARM_DEGRADED);
        str_release(&words);
        blast_free(&b);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_that_allows_none_holds_its_pods),
        cmocka_unit_test(what_is_in_emptydir_is_lost_for_good),
        cmocka_unit_test(a_pod_that_no_other_node_takes_is_away),
        cmocka_unit_test(one_whose_template_names_the_node_is_there_again),
        cmocka_unit_test(what_does_not_serve_is_evicted_as_well),
        cmocka_unit_test(options_are_the_drains),
        cmocka_unit_test(what_votes_needs_its_majority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
