/* Of what a drain evicts, what finds a node again: room, ports, disks, pods that it may not or must stand beside, topologies; in order. */
#include "blast_act.h"

/* Amounts of a row: "cpu-requested=500 mem-requested=1000". */
static void put(struct world *w, const char *kind, const char *uid, const char *const *cells, const char *labels, const char *owner)
{
    const struct kind *k = world_kind(kind);
    struct store *s = world_store(w, TENANT, k);
    struct rowbuf *rb = store_rowbuf(s);
    rowbuf_begin(rb, k);
    rowbuf_id(rb, uid, !strcmp(kind, "nodes") || !strcmp(kind, "namespaces") ? "" : "shop", uid);
    rowbuf_health(rb, HEALTH_OK);
    for (size_t i = 0; cells[i]; i += 2) {
        int col = kind_column(k, cells[i]);
        if (col < 0)
            fail_msg("%s has no column %s", kind, cells[i]);
        if (k->columns[col].type == COL_TEXT)
            rowbuf_text(rb, col, cells[i + 1]);
        else
            rowbuf_num(rb, col, strtoll(cells[i + 1], NULL, 10));
    }
    char copy[200], *save = NULL;
    snprintf(copy, sizeof copy, "%s", labels);
    for (char *p = strtok_r(copy, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
        *strchr(p, '=') = '\0';
        rowbuf_label(rb, p, p + strlen(p) + 1);
    }
    if (owner)
        rowbuf_owner(rb, "ReplicaSet", "web", owner);
    assert_true(store_put(s, rowbuf_finish(rb)));
}
#define CELLS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void node(struct world *w, const char *name, const char *cpu, const char *labels, const char *offers)
{
    put(w, "nodes", name, CELLS("status", "Ready", "alloc-cpu", cpu, "alloc-mem", "1000", "alloc-pods", "4", "offers", offers), labels, NULL);
}

static void pod(struct world *w, const char *name, const char *on, const char *cpu, const char *placement, const char *labels)
{
    put(w, "pods", name, CELLS("node", on, "cpu-requested", cpu, "mem-requested", "100", "placement", placement), labels, "rs");
}

/* n1 is drained, n2 and n3 are in the zones a and b. */
static void three(struct world *w)
{
    node(w, "n1", "1000", "host=n1,zone=a", "gpu=1000");
    node(w, "n2", "1000", "host=n2,zone=a", "gpu=1000");
    node(w, "n3", "1000", "host=n3,zone=b", "");
}

static void expect(struct world *w, const char *said, bool back, size_t doubts, enum blast_verdict verdict)
{
    world_build(w);
    struct blast b = act(w, "drain", TENANT, "nodes", "n1", said);
    const struct blast_item *it = harmed(w, &b, "p", BLAST_DP);
    assert_non_null(it);
    assert_int_equal(it->back, back);
    assert_int_equal(b.doubts, doubts);
    assert_int_equal(b.verdict, verdict);
    blast_free(&b);
    world_free(w);
    *w = (struct world){0};
}

#define STAYS "1 pod will stay Pending until a node is back: p; of 2 other nodes "
static void each_reason_is_told(void **state)
{
    static const struct { const char *cpu, *placement, *labels, *q, *q_labels, *q_on, *said; } of[] = {
        {"500", "", "app=web", "", "app=db", "n2", NULL},
        {"1500", "", "app=web", "", "app=db", "n2", STAYS "2 have too little CPU left\n"},
        {"500", "apart;host;;-;app=web", "app=web", "", "app=web", "n2", NULL},                                    /* n3 is free of its like */
        {"500", "apart;zone;;-;app in (web)", "app=web", "", "app=web", "n3", NULL},
        {"500", "apart;all;;-;app=web", "app=web", "", "app=web", "n2", NULL},                                     /* no node is in such a topology */
        {"500", "apart;host;;-;tier=x|apart;zone;;-;app=db", "app=web", "", "app=db,tier=x", "n2", NULL},
        {"500", "apart;host;;-;", "app=web", "", "app=db", "n2", NULL},
        {"500", "apart;host;other;-;", "app=web", "", "app=db", "n2", NULL},                                       /* another namespace is meant */
        {"500", "with;host;;-;app=db", "app=web", "", "app=db", "n2", NULL},
        {"500", "with;host;;-;app=none", "app=web", "", "app=db", "n2", STAYS "2 have no pod that it must stand beside (affinity)\n"},
        {"500", "with;host;;-;app=web", "app=web", "", "app=db", "n2", NULL},                                      /* the first of its kind may stand alone */
        {"500", "spread;host;1;1;;app=web", "app=web", "", "app=web", "n2", NULL},                                 /* n3 has none either */
        {"500", "spread;rack;1;1;;app=web", "app=web", "", "app=web", "n2", STAYS "2 would have too many of its kind (topology spread)\n"},
        {"500", "port;TCP;80;", "app=web", "port;TCP;80;", "app=db", "n2", NULL},
        {"500", "ask;gpu;1000", "app=web", "", "app=db", "n2", NULL},
        {"500", "ask;gpu;1000", "app=web", "ask;gpu;1000", "app=db", "n2", STAYS "2 have none left of a device or resource that it asks for\n"},
        {"500", "", "app=web", "apart;zone;;-;app=web", "app=db", "n2", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct world w = {0};
        three(&w);
        pod(&w, "q", of[i].q_on, "100", of[i].q, of[i].q_labels);
        pod(&w, "p", "n1", of[i].cpu, of[i].placement, of[i].labels);
        expect(&w, of[i].said ? of[i].said : "", !of[i].said, 0, of[i].said ? BLAST_RED : BLAST_GREEN);
    }
}

/* One on each node, one too many is too many: a node that is drained is still counted, with none. */
static void a_drained_node_still_counts_for_a_spread(void **state)
{
    (void)state;
    struct world w = {0};
    three(&w);
    static const char spread[] = "spread;host;1;1;;app=web", policies[] = "spread;host;1;1;t;app=web";
    pod(&w, "p", "n1", "100", spread, "app=web");
    pod(&w, "p2", "n2", "100", spread, "app=web");
    pod(&w, "p3", "n3", "100", spread, "app=web");
    expect(&w, STAYS "2 would have too many of its kind (topology spread)\n", false, 0, BLAST_RED);
    three(&w);                                                  /* taints are looked at: a cordoned node is none that counts */
    pod(&w, "p", "n1", "100", policies, "app=web");
    pod(&w, "p2", "n2", "100", policies, "app=web");
    pod(&w, "p3", "n3", "100", policies, "app=web");
    expect(&w, "", true, 0, BLAST_GREEN);
}

/* Each other node has one, and none wants another: those of the others count as much as its own. */
static void apart_from_all(void **state)
{
    (void)state;
    for (int theirs = 0; theirs < 2; theirs++) {
        struct world w = {0};
        three(&w);
        pod(&w, "p", "n1", "100", theirs ? "" : "apart;host;;-;app=web", "app=web");
        pod(&w, "p2", "n2", "100", theirs ? "apart;host;;;app=web" : "", theirs ? "app=x" : "app=web");     /* all namespaces, a selector of them that wants nothing */
        pod(&w, "p3", "n3", "100", theirs ? "apart;host;shop;-;app=web" : "", theirs ? "app=x" : "app=web");
        expect(&w, STAYS "2 have pods that may not stand beside it (anti-affinity)\n", false, 0, BLAST_RED);
    }
}

/* What goes before it takes its room; who may preempt another is not known to stay. */
static void in_order_and_by_importance(void **state)
{
    (void)state;
    struct world w = {0};
    three(&w);
    pod(&w, "a", "n1", "900", "", "app=a");
    pod(&w, "b", "n1", "900", "", "app=a");
    pod(&w, "p", "n1", "300", "", "app=a");                     /* 2100 do not go into 2000 */
    expect(&w, STAYS "2 have too little CPU left\n", false, 0, BLAST_RED);
    three(&w);
    pod(&w, "a", "n1", "700", "", "app=a");
    pod(&w, "b", "n1", "700", "", "app=a");
    pod(&w, "p", "n1", "400", "", "app=a");                     /* they would, in a sum: it is not known */
    expect(&w, "1 pod may stay Pending until a node is back: p; of 2 other nodes 2 have too little CPU left\n", true, 1, BLAST_YELLOW);
    three(&w);
    pod(&w, "a", "n2", "900", "", "app=a");
    pod(&w, "b", "n3", "900", "", "app=a");
    pod(&w, "p", "n1", "400", "prio;1000", "app=a");
    expect(&w, "1 pod may stay Pending until a node is back: p; of 2 other nodes 2 have too little CPU left\n", true, 1, BLAST_YELLOW);
    three(&w);
    pod(&w, "p", "n1", "400", "apart;host;;-;?", "app=a");
    expect(&w, "1 pod may stay Pending until a node is back: p; what it asks of a place is not understood\n", true, 1, BLAST_YELLOW);
}

/* A disk that only its own node reaches. */
static void a_disk_of_one_node(void **state)
{
    (void)state;
    for (int other = 0; other < 2; other++) {
        struct world w = {0};
        three(&w);
        put(&w, "persistentvolumeclaims", "data", CELLS("volume-name", "pv"), "", NULL);
        put(&w, "persistentvolumes", "pv", CELLS("reached-from", other ? "zone In b" : "host In n1"), "", NULL);
        put(&w, "pods", "p", CELLS("node", "n1", "claims", "data"), "", "rs");
        world_build(&w);
        struct blast b = act(&w, "drain", TENANT, "nodes", "n1", other ? "" : STAYS "2 do not reach its disk\n");
        assert_int_equal(harmed(&w, &b, "p", BLAST_DP)->back, other);
        blast_free(&b);
        world_free(&w);
    }
}

/* Of nodes that are drained one after another each stays closed; one under maintenance takes pods again. */
static void the_next_one_finds_less(void **state)
{
    (void)state;
    for (int upkeep = 0; upkeep < 2; upkeep++) {
        struct blast_cut cut[16];
        struct world w = {0};
        struct str words;
        three(&w);
        pod(&w, "a", "n1", "600", "", "app=a");
        pod(&w, "b", "n2", "600", "", "app=a");
        world_build(&w);
        str_init(&words, 0);
        size_t n = 0;
        for (uint32_t i = 0; i < 2; i++) {
            size_t more = blast_cuts(w.links, upkeep ? "maintenance" : "drain", links_find(w.links, TENANT, world_kind("nodes"), i ? "n2" : "n1"), -1, cut + n, 16 - n, &words);
            for (size_t k = n; k < n + more; k++)
                cut[k].turn = i;
            n += more;
        }
        blast_place(w.links, cut, n, &words);
        assert_string_equal(words.data ? words.data : "", upkeep ? "" : "1 pod will stay Pending until a node is back: b; of 1 other node 1 has too little CPU left\n");
        str_release(&words);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_is_told),       cmocka_unit_test(a_drained_node_still_counts_for_a_spread),
        cmocka_unit_test(apart_from_all),            cmocka_unit_test(in_order_and_by_importance),
        cmocka_unit_test(a_disk_of_one_node),        cmocka_unit_test(the_next_one_finds_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
