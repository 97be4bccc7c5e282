/* Lists that operations look at again and again, kept by a watch: what it says is in them, and while it is broken nobody is told old things. */
#include "feed_world.h"

#include "core/core_priv.h"
#include "core/ops/action.h"
#include "core/ops/lists.h"

#define BUDGETS "/apis/policy/v1/poddisruptionbudgets"
#define LIST(rv, items) "{\"kind\":\"PodDisruptionBudgetList\",\"metadata\":{\"resourceVersion\":\"" rv "\"},\"items\":[" items "]}"

/* "b1:12 b3:14": uid and version of each; "none": the server is to be asked. */
static const char *kept(struct world *w, char *buf, size_t size)
{
    json_t *list = lists_now(w->core, w->core->source[0], BUDGETS), *items = json_object_get(list, "items");
    size_t at = 0;
    snprintf(buf, size, "%s", list ? "" : "none");
    for (size_t i = 0; i < json_array_size(items) && at < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%s:%s", i ? " " : "", act_str(json_array_get(items, i), "metadata.uid"),
                               act_str(json_array_get(items, i), "metadata.resourceVersion"));
    json_decref(list);
    return buf;
}

#define IS(words) (!strcmp(kept(&w, buf, sizeof buf), words))

static void kept_by_a_watch(void **state)
{
    static const struct step steps[] = {
        {BUDGETS "?limit=", 200, LIST("10", CM("b1", "one", "5") "," CM("b2", "two", "6")), false},
        {BUDGETS "?watch=true&allowWatchBookmarks=true&resourceVersion=10&", 200,
         EVENT("ADDED", CM("b3", "three", "11")) EVENT("MODIFIED", CM("b1", "one", "12")) EVENT("DELETED", CM("b2", "two", "13"))
             EVENT("DELETED", CM("b7", "never-seen", "13")), true},
        {BUDGETS "?watch=true&allowWatchBookmarks=true&resourceVersion=13&", 429, STATUS("429", "slow down"), false},
        {BUDGETS "?watch=true&allowWatchBookmarks=true&resourceVersion=13&", 200, EVENT("MODIFIED", CM("b3", "three", "14")), true},
        {BUDGETS "?watch=true&allowWatchBookmarks=true&resourceVersion=14&", 200, EVENT("ERROR", STATUS("410", "too old resource version")), true},
        {BUDGETS "?limit=", 200, LIST("90", CM("b9", "nine", "80")), false},
        {BUDGETS "?watch=true&allowWatchBookmarks=true&resourceVersion=90&", 200, EVENT("ADDED", CM("b8", "eight", "91")), true},
    };
    struct world w;
    char buf[200];
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", NULL);
    assert_null(lists_now(w.core, w.core->source[0], "/api/v1/pods"));      /* not one of those that are kept */
    assert_true(IS("none"));                       /* not listed yet */
    UNTIL(&w, IS("b1:12 b3:11"));
    release(&w.server, 2);                         /* cut, and the server wants a pause: what is known may be old */
    UNTIL(&w, IS("none"));
    UNTIL(&w, IS("b1:12 b3:14"));                  /* goes on where it was, without a new list */
    assert_int_equal(used(&w.server), 4);
    release(&w.server, 4);
    UNTIL(&w, IS("b9:80 b8:91"));                  /* too old: listed anew, and what is gone is gone */
    assert_int_equal(used(&w.server), 7);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_by_a_watch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
