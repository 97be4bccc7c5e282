/* The blast radius: who is hurt by what, in which plane, by which chain; and the verdict. */
#include "blast_act.h"

static void a_dead_host_goes_up_all_layers(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct blast b = act(&w, "lose", MGMT, "nodes", "under-1", "");
    assert_harm(&w, &b, "h1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV2, BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "web", BLAST_DP, HARM_AT_RISK);
    assert_harm(&w, &b, "db", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "compute/1", BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, "compute", BLAST_CP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    assert_int_equal(b.projects, 1);
    assert_int_equal(b.clusters, 2);
    struct str chain;
    str_init(&chain, 0);
    blast_chain(w.links, &b, harmed(&w, &b, "node-1", BLAST_DP), &chain);
    assert_string_equal(chain.data, "node w1 <- server vm1 [A E11-1 providerID " SRV1 "] <- hypervisor cmp1 [A E9 hypervisor_hostname cmp1] <- node cmp1 "
                                    "[B E7c name cmp1; E8 host_ip and InternalIP 10.0.0.1]");
    str_release(&chain);
    blast_free(&b);
    world_free(&w);
}

static void what_manages_is_not_what_runs(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct blast b = act(&w, "delete", MGMT, "pods", "nc-1", "");
    assert_harm(&w, &b, SRV1, BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "delete", MGMT, "pods", "api-1", "");            /* the one pod of an API: gone for a moment, then back */
    assert_harm(&w, &b, "compute", BLAST_CP, HARM_LOST);
    assert_true(harmed(&w, &b, "compute", BLAST_CP)->back);
    assert_int_equal(harmed(&w, &b, "compute", BLAST_CP)->cls, LINK_B);      /* by its Service; by its workload it is a guess: the surer one counts */
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

static void groups_bear_some(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "pods", "web-3", "shop", "web-3", "node", "w2", "@owner", "ReplicaSet/web/rs", NULL);
    world_put(&w, TENANT, "pods", "lone", "shop", "lone", "node", "w2", NULL);
    world_build(&w);
    struct blast b = act(&w, "delete", TENANT, "pods", "web-1", "");
    assert_harm(&w, &b, "web", BLAST_DP, HARM_DEGRADED);
    assert_int_equal(b.verdict, BLAST_GREEN);
    assert_int_equal(harmed(&w, &b, "web", BLAST_DP)->alive, 2);
    assert_int_equal(harmed(&w, &b, "web", BLAST_DP)->of, 3);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "pods", "lone", "the pod belongs to nobody: it will not come back\n");
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "drain", MGMT, "nodes", "under-1", "1 pod of DaemonSets stays; drain refuses without --ignore-daemonsets\n");
    assert_harm(&w, &b, "nc-1", BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_put(&w, MGMT, "pods", "db-galera-2", "openstack", "db-galera-2", "node", "cmp2", "@owner", "StatefulSet/mariadb/galera", "@health", "6", NULL);
    world_build(&w);                                             /* one of three is ill: the next one is the quorum */
    b = act(&w, "delete", MGMT, "pods", "db-galera-1", "");
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_LOST);
    assert_true(b.quorum_lost);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

/* Who stops a thing knows that it stops: red is what goes with it. A machine alone is worth what runs on it. */
static void named_itself_is_no_surprise(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000005", "red", "lone", "hypervisor_hostname", "cmp1", NULL);
    world_put(&w, CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000006", "red", "empty", "hypervisor_hostname", "cmp1", NULL);
    world_put(&w, TENANT, "nodes", "node-5", "", "w5", "provider-id", "openstack:///5f99a1b2-0000-4000-8000-000000000006", NULL);
    world_put(&w, TENANT, "pods", "proxy-5", "kube-system", "proxy-5", "node", "w5", "@owner", "DaemonSet/proxy/proxy", NULL);
    world_build(&w);
    struct blast b = act(&w, "stop", CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000005", "");
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "delete", CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000005", "");
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "stop", CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000006", "");
    assert_harm(&w, &b, "proxy-5", BLAST_DP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "stop", CLOUD, "server", SRV1, "");
    assert_harm(&w, &b, "db", BLAST_DP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "reboot", CLOUD, "server", SRV1, "");
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "rebuild", CLOUD, "server", SRV1, "");           /* it comes back, its disk as it was does not */
    assert_true(harmed(&w, &b, SRV1, BLAST_DP)->back);
    assert_harm(&w, &b, SRV1, BLAST_ST, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "lose", TENANT, "pods", "web-1", "");            /* one of two that has an owner is made anew */
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    b = act(&w, "live-migrate", CLOUD, "server", SRV1, "");
    assert_int_equal(b.verdict, BLAST_GREEN);
    assert_int_equal(b.n, 0);
    blast_free(&b);
    world_put(&w, CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000005", "red", "lone", "hypervisor_hostname", "cmp1", "@health", "1", NULL);
    world_build(&w);                                             /* it is off */
    b = act(&w, "stop", CLOUD, "server", "5f99a1b2-0000-4000-8000-000000000005", "");
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    world_free(&w);
}

static void scaling_and_rolling(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast_cut cut[8];
    struct str words;
    sandwich(&w);
    uint32_t web = links_find(w.links, TENANT, kind_find("deployments"), "web"), galera = links_find(w.links, MGMT, kind_find("statefulsets"), "galera");
    str_init(&words, 0);
    assert_int_equal(blast_cuts(w.links, "scale", web, 1, cut, 8, &words), 1);
    assert_int_equal(blast_cuts(w.links, "scale", web, 0, cut, 8, &words), 2);
    assert_true(cut[0].undo && !cut[0].back);
    assert_int_equal(blast_cuts(w.links, "scale", web, 5, cut, 8, &words), 0);
    assert_int_equal(words.len, 0);
    assert_int_equal(blast_cuts(w.links, "scale", web, -1, cut, 8, &words), 2);          /* how many is not said: no green that is but a guess */
    assert_string_equal(words.data, "how many pods shall stay is not said: as if none did\n");
    assert_int_equal(blast_cuts(w.links, "restart", web, -1, cut, 8, &words), 0);        /* the new ones come first */
    assert_int_equal(blast_cuts(w.links, "restart", galera, -1, cut, 8, &words), 1);
    world_put(&w, TENANT, "deployments", "web", "shop", "web", "strategy", "RollingUpdate", "max-unavailable", "1", NULL);
    world_build(&w);
    web = links_find(w.links, TENANT, kind_find("deployments"), "web");
    assert_int_equal(blast_cuts(w.links, "restart", web, -1, cut, 8, &words), 1);        /* the budget of its own strategy */
    assert_int_equal(blast_cuts(w.links, "set-image", web, 0, cut, 8, &words), 2);       /* as the new text says */
    assert_int_equal(blast_cuts(w.links, "set-image", web, 2, cut, 8, &words), 0);
    world_put(&w, TENANT, "deployments", "web", "shop", "web", "strategy", "RollingUpdate", "max-unavailable", "2", NULL);
    world_put(&w, MGMT, "statefulsets", "galera", "openstack", "mariadb", "max-unavailable", "2", "@label", "application=mariadb", "@label", "component=server", NULL);
    world_build(&w);
    web = links_find(w.links, TENANT, kind_find("deployments"), "web");
    galera = links_find(w.links, MGMT, kind_find("statefulsets"), "galera");
    assert_int_equal(blast_cuts(w.links, "restart", web, -1, cut, 8, &words), 2);        /* all end first */
    assert_true(cut[0].back);
    assert_int_equal(blast_cuts(w.links, "restart", galera, -1, cut, 8, &words), 2);     /* so many at a time */
    assert_int_equal(blast_cuts(w.links, "scale", galera, 1, cut, 8, &words), 2);
    struct blast b;
    assert_true(blast_make(&b, w.links, cut, 2, (struct blast_pace){0}));
    assert_true(b.quorum_lost);
    assert_harm(&w, &b, "compute", BLAST_CP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    str_release(&words);
    assert_false(blast_known("start", kind_find("server")));
    assert_true(blast_across("stop", kind_find("server")));
    assert_false(blast_across("drain", kind_find("nodes")));
    world_free(&w);
}

/* Two nodes drained: one after another each time only one member is away; together, and nothing holding them, the quorum is. */
static void one_after_another(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast b;
    sandwich(&w);
    struct blast_cut cut[] = {
        {.node = links_find(w.links, MGMT, kind_find("pods"), "db-galera-1"), .plane = BLAST_DP, .back = true, .turn = 0},
        {.node = links_find(w.links, MGMT, kind_find("pods"), "db-galera-2"), .plane = BLAST_DP, .back = true, .turn = 1},
        {.node = links_find(w.links, MGMT, kind_find("pods"), "db-galera-3"), .plane = BLAST_DP, .back = true, .turn = 2},
    };
    assert_true(blast_make(&b, w.links, cut, 2, (struct blast_pace){0}));
    assert_true(b.quorum_lost);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    assert_true(blast_make(&b, w.links, cut, 2, (struct blast_pace){1, false}));
    assert_false(b.quorum_lost);
    assert_harm(&w, &b, "galera", BLAST_CP, HARM_AT_RISK);
    assert_harm(&w, &b, "db-galera-1", BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, "db-galera-2", BLAST_CP, HARM_LOST);
    assert_harm(&w, &b, "db-galera-2", BLAST_DP, HARM_NONE);    /* no user's pod */
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    assert_true(blast_make(&b, w.links, cut, 3, (struct blast_pace){2, true}));
    assert_true(b.quorum_lost);                                 /* the first wave has two of them */
    blast_free(&b);
    cut[0].turn = 0, cut[1].turn = 2, cut[2].turn = 3;
    struct blast_cut gap[] = {cut[0], {.node = cut[0].node, .plane = BLAST_CP, .back = true, .turn = 1}, cut[1]};
    assert_true(blast_make(&b, w.links, gap, 3, (struct blast_pace){2, true}));
    assert_false(b.quorum_lost);
    blast_free(&b);
    cut[0].back = false, cut[1].turn = 1;                       /* what does not come back is away in all turns that follow */
    assert_true(blast_make(&b, w.links, cut, 2, (struct blast_pace){1, false}));
    assert_true(b.quorum_lost);
    blast_free(&b);
    struct blast_cut web[] = {
        {.node = links_find(w.links, TENANT, kind_find("pods"), "web-1"), .plane = BLAST_DP, .back = true, .turn = 0},
        {.node = links_find(w.links, TENANT, kind_find("pods"), "web-2"), .plane = BLAST_DP, .back = true, .turn = 1},
    };
    assert_true(blast_make(&b, w.links, web, 2, (struct blast_pace){1, false}));
    assert_harm(&w, &b, "web", BLAST_DP, HARM_AT_RISK);         /* nothing waits until the first is ready elsewhere */
    blast_free(&b);
    web[0].held = web[1].held = 1, web[0].allowed = web[1].allowed = 1;
    assert_true(blast_make(&b, w.links, web, 2, (struct blast_pace){1, false}));
    assert_harm(&w, &b, "web", BLAST_DP, HARM_DEGRADED);        /* its budget does */
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    web[1].turn = 0;
    assert_true(blast_make(&b, w.links, web, 2, (struct blast_pace){0}));
    assert_harm(&w, &b, "web", BLAST_DP, HARM_DEGRADED);
    assert_int_equal(b.count[BLAST_DP][HARM_LOST], 2);
    blast_free(&b);
    web[0].allowed = web[1].allowed = 0;
    assert_true(blast_make(&b, w.links, web, 2, (struct blast_pace){0}));
    assert_int_equal(b.n, 0);
    assert_int_equal(b.waits, 2);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    assert_true(blast_make(&b, w.links, NULL, 0, (struct blast_pace){4, false}));
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    world_free(&w);
}

static const char *api_of(const struct world *w, const char *action, const char *uid, enum blast_verdict verdict)
{
    static char text[300];
    struct str s;
    struct blast b = act(w, action, CLOUD, "server", uid, "");
    str_init(&s, 300);
    for (size_t i = 0; i < b.n; i++)
        blast_api_words(w->links, &b.item[i], "tenant", &s);
    snprintf(text, sizeof text, "%s", s.data ? s.data : "");
    assert_int_equal(b.verdict, verdict);
    str_release(&s);
    blast_free(&b);
    return text;
}

/* A control plane lives by the majority of its nodes; where none of its pods is seen as well. */
static void a_cluster_lives_by_its_control_plane(void **state)
{
    (void)state;
    struct world w = {.nsources = 1};
    w.source[0] = (struct source_info){.id = TENANT, .plane = PLANE_KUBE, .name = "tenant", .server = "https://10.1.0.1:6443", .state = SOURCE_OK};
    for (int of = 1; of <= 5; of += 2)
        for (int i = of - (of > 1); i <= of; i++) {
            char server[64], provider[80], uid[16], address[32];
            snprintf(server, sizeof server, "3f99a1b2-0000-4000-8000-00000000000%d", i);
            snprintf(provider, sizeof provider, "openstack:///%s", server);
            snprintf(uid, sizeof uid, "c%d", i);
            snprintf(address, sizeof address, "net=10.1.0.%d", i);
            world_put(&w, TENANT, "nodes", uid, "", uid, "provider-id", provider, "roles", "control-plane", NULL);
            world_put(&w, CLOUD, "server", server, "red", uid, "addresses", address, NULL);
            if (i < of)
                continue;
            world_build(&w);
            if (of == 1) {
                assert_string_equal(api_of(&w, "stop", SRV1, BLAST_RED), "control plane of cluster tenant lost: 0 of 1 of its nodes stay, 1 needed; its API does not answer then");
                assert_string_equal(api_of(&w, "reboot", SRV1, BLAST_YELLOW), "control plane of cluster tenant lost for a while: 0 of 1 of its nodes stay, 1 needed; its API does not answer then");
            } else if (of == 3) {
                assert_string_equal(api_of(&w, "reboot", SRV1, BLAST_YELLOW), "control plane of cluster tenant at risk: 2 of 3 of its nodes stay, 2 needed; one more is too many");
            } else {
                assert_string_equal(api_of(&w, "stop", SRV2, BLAST_YELLOW), "control plane of cluster tenant degraded: 4 of 5 of its nodes stay, 3 needed");
            }
        }
    struct blast_cut cut = {.node = links_find(w.links, CLOUD, kind_find("server"), SRV1), .plane = BLAST_CP};
    struct blast b;
    assert_true(blast_make(&b, w.links, &cut, 1, (struct blast_pace){0}));
    assert_int_equal(b.n, 1);            /* a server that cannot be managed is a way to its API */
    blast_free(&b);
    world_free(&w);
}

/* The cluster's own control plane is told by its name, and its etcd is a quorum; what the kubelet runs itself no drain evicts. */
static void own_control_plane(void **state)
{
    (void)state;
    struct world w = {0};
    struct str words;
    sandwich(&w);
    for (int i = 1; i <= 3; i++) {
        char name[32], node[16];
        snprintf(name, sizeof name, "etcd-w%d", i);
        snprintf(node, sizeof node, "w%d", i);
        world_put(&w, TENANT, "pods", name, "kube-system", name, "node", node, "@owner", "Node/w/n", "@label", "component=etcd", "@label", "tier=control-plane", NULL);
    }
    world_put(&w, TENANT, "pods", "api-w1", "kube-system", "api-w1", "node", "w1", "@owner", "Node/w/n", "@label", "component=kube-apiserver", NULL);
    world_build(&w);
    struct blast b = act(&w, "reboot", CLOUD, "server", SRV1, "");
    str_init(&words, 0);
    assert_int_equal(b.ncontrol, 2);
    blast_control_words(&b, 0, &words);
    assert_non_null(strstr(words.data, "2 of 3 etcd stay"));
    assert_non_null(strstr(words.data, "0 of 1 kube-apiserver stay: its API does not answer then"));
    assert_false(b.quorum_lost);
    str_clear(&words);
    blast_kinds(w.links, &b, BLAST_DP, HARM_LOST, &words);
    assert_non_null(strstr(words.data, "1 server"));
    assert_non_null(strstr(words.data, "4 pods"));
    blast_free(&b);
    struct blast_cut both[] = {{.node = links_find(w.links, CLOUD, kind_find("server"), SRV1), .plane = BLAST_DP, .back = true},
                               {.node = links_find(w.links, CLOUD, kind_find("server"), SRV2), .plane = BLAST_DP, .back = true, .turn = 1}};
    assert_true(blast_make(&b, w.links, both, 2, (struct blast_pace){0}));
    assert_true(b.quorum_lost);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    assert_true(blast_make(&b, w.links, both, 2, (struct blast_pace){1, false}));
    assert_false(b.quorum_lost);
    blast_free(&b);
    b = act(&w, "drain", TENANT, "nodes", "node-1", "");
    assert_int_equal(b.ncontrol, 0);
    blast_free(&b);
    str_release(&words);
    world_free(&w);
}

/* What must be read grows with the harm, and no further. */
static void looks_as_far_as_harm_goes(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast_need need[64];
    sandwich(&w);
    struct blast b = act(&w, "delete", TENANT, "pods", "web-1", "");
    size_t n = blast_needs(w.links, &b, need, 64);
    assert_true(needs(need, n, "replicasets", false, false) && needs(need, n, "deployments", false, false));
    assert_false(needs(need, n, "os-services", true, false) || needs(need, n, "services", false, false));
    assert_int_equal(n, 3);
    blast_free(&b);
    b = act(&w, "delete", MGMT, "pods", "nc-1", "");
    n = blast_needs(w.links, &b, need, 64);
    assert_true(needs(need, n, "os-services", true, false) && needs(need, n, "hypervisor", false, true));
    blast_free(&b);
    b = act(&w, "stop", CLOUD, "server", SRV1, "");
    n = blast_needs(w.links, &b, need, 64);
    assert_true(needs(need, n, "nodes", true, true) && needs(need, n, "pods", false, true));
    blast_free(&b);
    world_free(&w);
}

static const char *cluster_name(void *arg, uint16_t source) { return source == TENANT ? "tenant" : arg ? "?" : "mgmt"; }

static void who_says_falsely_that_it_is_a_machine_blocks_nobody(void **state)
{
    (void)state;
    struct world w = {0};
    struct str words;
    uint32_t who[4];
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", SRV1, "internal-ip", "10.1.0.1", NULL);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "system-uuid", SRV2, "internal-ip", "10.1.0.1", NULL);     /* its own, and w1's address */
    world_put(&w, TENANT, "nodes", "id", "", "id", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, MGMT, "nodes", "ip", "", "ip", "internal-ip", "10.1.0.1", NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "addresses", "net=10.1.0.1", NULL);
    world_build(&w);
    uint32_t server = links_find(w.links, CLOUD, kind_find("server"), SRV1), liar = links_find(w.links, TENANT, kind_find("nodes"), "id");
    str_init(&words, 0);
    assert_false(blast_conflict(w.links, server, &words));
    assert_false(blast_conflict(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV2), &words));
    assert_true(blast_conflict(w.links, liar, &words));
    assert_int_equal(blast_overruled(w.links, server, who, 4), 2);
    struct blast b = act(&w, "delete", CLOUD, "server", SRV1, "");
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "node-2", BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "id", BLAST_DP, HARM_NONE);
    assert_int_equal(b.nodd, 0);
    assert_int_equal(b.nclaims, 2);
    blast_free(&b);
    str_clear(&words);
    blast_overruled_words(w.links, liar, cluster_name, NULL, &words);
    assert_string_equal(words.data, "node id of cluster tenant says falsely that it is server vm1 (X E11-1 providerID " SRV1 "): node w1 of cluster tenant is that, and counts (A E11-1 providerID "
                        SRV1 "; E11-4 systemUUID " SRV1 "; E11-6 InternalIP 10.1.0.1)");
    b = act(&w, "delete", CLOUD, "server", SRV2, "");
    assert_harm(&w, &b, "node-2", BLAST_DP, HARM_LOST);      /* what is left of what it says agrees */
    assert_int_equal(b.nclaims, 0);
    blast_free(&b);
    str_release(&words);
    world_free(&w);
}

static void conflicts_are_told(void **state)
{
    (void)state;
    struct world w = {0};
    struct str words;
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", SRV2, NULL);
    world_build(&w);
    str_init(&words, 0);
    assert_true(blast_conflict(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1), &words));
    assert_non_null(strstr(words.data, "E11-1 providerID " SRV1));
    assert_non_null(strstr(words.data, "E11-4 systemUUID " SRV2));
    assert_true(blast_conflict(w.links, links_find(w.links, TENANT, kind_find("nodes"), "node-1"), &words));
    assert_false(blast_conflict(w.links, links_find(w.links, TENANT, kind_find("nodes"), "node-2"), &words));
    str_release(&words);
    /* The server goes with all that is known of it: what hangs on the node that may be another is unknown, and told. */
    struct blast b = act(&w, "reboot", CLOUD, "server", SRV1, "");
    assert_harm(&w, &b, "node-1", BLAST_DP, HARM_NONE);
    assert_int_equal(b.nodd, 1);
    assert_string_equal(links_row(w.links, b.odd[0])->uid, "node-1");
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_host_goes_up_all_layers),
        cmocka_unit_test(what_manages_is_not_what_runs),
        cmocka_unit_test(groups_bear_some),
        cmocka_unit_test(named_itself_is_no_surprise),
        cmocka_unit_test(scaling_and_rolling),
        cmocka_unit_test(one_after_another),
        cmocka_unit_test(own_control_plane), cmocka_unit_test(a_cluster_lives_by_its_control_plane),
        cmocka_unit_test(looks_as_far_as_harm_goes),
        cmocka_unit_test(conflicts_are_told), cmocka_unit_test(who_says_falsely_that_it_is_a_machine_blocks_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
