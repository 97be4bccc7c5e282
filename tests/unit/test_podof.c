/* The pod that stands for a workload: of two, the one that kubectl would take, wherever it stands in the list. */
#include "feed_world.h"

#define CONDITION(status, since) "\"conditions\":[{\"type\":\"Ready\",\"status\":\"" status "\",\"lastTransitionTime\":\"" since "\"}]"
#define RUNS "\"phase\":\"Running\","
#define T1 "2027-01-15T08:00:00Z"
#define T2 "2027-01-15T09:00:00Z"
#define READY RUNS CONDITION("True", T2)

static const struct { const char *worse, *better; } pairs[] = {
    {"'spec':{'nodeName':'n'},'status':{" RUNS CONDITION("False", T1) "}", "'spec':{'nodeName':'n'},'status':{" READY "}"},
    {"'spec':{'nodeName':'n'},'status':{'phase':'Pending'}", "'spec':{'nodeName':'n'},'status':{" RUNS CONDITION("False", T1) "}"},
    {"'spec':{},'status':{'phase':'Pending'}", "'spec':{'nodeName':'n'},'status':{'phase':'Pending'}"},
    {"'spec':{'nodeName':'n'},'status':{" READY "}", "'spec':{'nodeName':'n'},'status':{" RUNS CONDITION("True", T1) "}"},     /* for longer */
    {"'spec':{'nodeName':'n'},'status':{" READY ",'containerStatuses':[{'restartCount':3}]}",
     "'spec':{'nodeName':'n'},'status':{" READY ",'containerStatuses':[{'restartCount':1}]}"},
    {"'end':1,'spec':{'nodeName':'n'},'status':{" RUNS CONDITION("True", T1) "}", "'spec':{},'status':{'phase':'Pending'}"},
};

static void add_pod(struct str *out, const char *name, const char *rest)
{
    bool ends = !strncmp(rest, "'end':1,", 8);
    str_addf(out, "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"a\"%s},", name, ends ? ",\"deletionTimestamp\":\"" T1 "\"" : "");
    for (const char *p = ends ? rest + 8 : rest; *p; p++)
        str_addc(out, *p == '\'' ? '"' : *p);
    str_addc(out, '}');
}

static void the_better_one_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(pairs); i++) {
        bool last = i % 2;
        struct str list;
        struct world w;
        struct event *e = NULL;
        str_init(&list, 0);
        str_adds(&list, "{\"kind\":\"PodList\",\"metadata\":{},\"items\":[");
        add_pod(&list, last ? "worse" : "better", last ? pairs[i / 2].worse : pairs[i / 2].better);
        str_addc(&list, ',');
        add_pod(&list, last ? "better" : "worse", last ? pairs[i / 2].better : pairs[i / 2].worse);
        str_adds(&list, "]}");
        const struct step steps[] = {
            {"/apis/apps/v1/namespaces/a/deployments/web", 200,
             "{\"metadata\":{\"name\":\"web\",\"namespace\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"web\"}}}}", false},
            {"/api/v1/namespaces/a/pods?labelSelector=app%3Dweb", 200, list.data, false},
        };
        open_world(&w, steps, COUNT(steps), "token: t", NULL);
        struct row web = {.kind = kind_find("deployments"), .name = "web", .scope = "a", .uid = "u", .labels = "", .owner = ""};
        uint32_t id = core_fetch(w.core, &web, FETCH_POD, 0);
        for (int n = 0; n < 1000 && !(e && e->id == id && e->type == EV_TEXT); n++) {
            event_free(e);
            core_step(w.core, 20);
            e = core_next_event(w.core);
        }
        assert_string_equal(w.server.wrong, "");
        assert_non_null(e);
        assert_int_equal(e->err.code, ERR_OK);
        if (strcmp(e->text, "better") != 0)
            fail_msg("pair %zu, better one %s: %s", i / 2, last ? "last" : "first", e->text);
        event_free(e);
        close_world(&w);
        str_release(&list);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(the_better_one_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
