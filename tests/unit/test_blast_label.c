/* The blast radius of labels: a pod leaves the Services that select by them, its owner makes another. */
#include "blast_act.h"

#define GOES "replicaset web lets it go and makes another in its place; this one runs on and belongs to nobody\n"

static struct blast label(const struct world *w, const char *pod, const char *set, const char *said)
{
    struct blast_cut cut[16];
    struct blast b;
    struct str words;
    char arg[64], *args[] = {arg};
    snprintf(arg, sizeof arg, "set=%s", set);
    str_init(&words, 0);
    size_t n = blast_cuts_as(w->links, "label", links_find(w->links, TENANT, kind_find("pods"), pod), &(struct blast_how){.keep = -1, .args = args, .nargs = 1}, cut, 16, &words);
    assert_true(blast_make(&b, w->links, cut, n, (struct blast_pace){0}));
    assert_string_equal(words.data ? words.data : "", said);
    str_release(&words);
    return b;
}

static void build(struct world *w, int pods)
{
    sandwich(w);
    world_put(w, TENANT, "replicasets", "rs", "shop", "web", "selector", "app=web,hash=1", "@owner", "Deployment/web/web", NULL);
    world_put(w, TENANT, "services", "front", "shop", "front", "selector", "app=web,tier=front", NULL);
    world_put(w, TENANT, "services", "far", "else", "front", "selector", "app=web", NULL);
    for (int i = 1; i <= pods; i++) {
        char name[16];
        snprintf(name, sizeof name, "web-%d", i);
        world_put(w, TENANT, "pods", name, "shop", name, "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=web", "@label", "hash=1", "@label", "tier=front", NULL);
    }
    world_build(w);
}

static void a_pod_leaves_who_selects_it(void **state)
{
    static const struct { const char *set, *said; enum blast_harm harm; bool back; enum blast_verdict verdict; } of[] = {
        {"zone=x", "", HARM_NONE, false, BLAST_GREEN},
        {"tier=front", "", HARM_NONE, false, BLAST_GREEN},
        {"tier=back", "it leaves service front: 1 other pod that serves stays behind that\n", HARM_AT_RISK, false, BLAST_YELLOW},
        {"tier-", "it leaves service front: 1 other pod that serves stays behind that\n", HARM_AT_RISK, false, BLAST_YELLOW},
        {"tier=back,tier=front", "", HARM_NONE, false, BLAST_GREEN},
        {"x=y\napp=other", GOES "it leaves service front: 1 other pod that serves stays behind that\n", HARM_DEGRADED, true, BLAST_GREEN},
        {"hash=2", GOES, HARM_NONE, false, BLAST_GREEN},
    };
    (void)state;
    struct world w = {0};
    build(&w, 2);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct blast b = label(&w, "web-1", of[i].set, of[i].said);
        assert_harm(&w, &b, "front", BLAST_DP, of[i].harm);
        assert_harm(&w, &b, "far", BLAST_DP, HARM_NONE);
        assert_harm(&w, &b, "web-1", BLAST_DP, HARM_NONE);
        assert_true(!of[i].back || harmed(&w, &b, "front", BLAST_DP)->back);
        assert_int_equal(b.verdict, of[i].verdict);
        blast_free(&b);
    }
    world_free(&w);
}

static void the_last_one_is_an_outage(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w, 1);
    world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "node", "w2", NULL);
    world_build(&w);
    struct blast b = label(&w, "web-1", "tier-", "it leaves service front: 0 other pods that serve stay behind that\n");
    assert_harm(&w, &b, "front", BLAST_DP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_YELLOW);                   /* who set it sets it back */
    blast_free(&b);
    b = label(&w, "db-1", "a=b", "unknown: whether statefulset db selects by it; if so it lets it go, and makes no other of its name while this one stands\n");
    assert_int_equal(b.n, 0);
    blast_free(&b);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_pod_leaves_who_selects_it), cmocka_unit_test(the_last_one_is_an_outage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
