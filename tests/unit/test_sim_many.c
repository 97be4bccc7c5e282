/* Very many pods: copies differ in what must differ, and the facts about them are those of their text. */
#include "sim_world.h"

#include "core/sim/kube_seed.h"
#include "core/sim/kube_sim.h"
#include "core/sim/stencil.h"

static void stencils(void **state)
{
    (void)state;
    struct stencil t;
    size_t len;
    const char *const from[STENCIL_WORDS] = {"a-1", "a-1-x", NULL, "", "rv:7"}, *const to[STENCIL_WORDS] = {"bb", "<c>", NULL, NULL, "rv:12345"};
    stencil_init(&t, "a-1 a-1-x,a-1;rv:7 a-1", from);
    char *text = stencil_fill(&t, to, &len);
    assert_string_equal(text, "bb <c>,bb;rv:12345 bb");
    assert_int_equal(len, strlen(text));
    free(text);
    stencil_release(&t);
    stencil_init(&t, "", from);
    text = stencil_fill(&t, to, &len);
    assert_string_equal(text, "");
    free(text);
    stencil_release(&t);
}

static void seed(struct sim *s, int pods)
{
    static const char *const namespaces[] = {"default", NULL};
    struct cluster c = {.namespaces = namespaces};
    static const struct machine none[1];
    c.machines = none;
    s->world->start_ms = 0;
    seed_rooms(pods, &c);
    seed_cluster(s, &c);
    seed_many(s, &c, pods);
    seed_rooms_done(&c);
    s->world->start_ms = EPOCH;
}

/* What a copy says of itself is what the store and the controllers know of it; nothing of the model is left in it. */
static void copies(void **state)
{
    (void)state;
    struct world *w = test_worlds[test_nworlds++] = sim_alloc(sizeof(*w));
    clock_freeze(1000000, EPOCH);
    world_init(w);
    struct sim *s = w->mgmt;
    s->seed = 7;
    kube_init(s);
    seed(s, 160);
    struct res *pods = ctl_res(s, K_POD), *sets = ctl_res(s, K_REPLICASET);
    assert_int_equal(pods->n, 160);
    assert_int_equal(sets->n, 7);
    struct map seen;
    map_init(&seen, NULL);
    store_from(pods, "", "", false);
    for (size_t i = 0; i < pods->n; i++) {
        struct obj *o = pods->items[i];
        json_t *d = obj_doc(o);
        const struct ctl_item *it = ctl_item(s, o->uid), *up = ctl_item(s, o->owner_uid);
        char rv[24];
        assert_non_null(d);
        assert_non_null(it);
        assert_non_null(up);
        assert_string_equal(jstr(d, "metadata.name"), o->name);
        assert_string_equal(jstr(d, "metadata.namespace"), o->ns);
        assert_string_equal(jstr(d, "metadata.uid"), o->uid);
        assert_string_equal(jstr(d, "spec.nodeName"), o->node);
        assert_string_equal(jstr(d, "metadata.ownerReferences.0.uid"), o->owner_uid);
        assert_string_equal(jstr(d, "metadata.ownerReferences.0.name"), up->o->name);
        assert_string_equal(jstr(d, "metadata.resourceVersion"), kube_rv_text(o->rv, rv));
        assert_true(json_equal(jat(d, "metadata.labels"), o->labels));
        assert_string_equal(jstr(d, "status.podIP"), it->ip);
        assert_int_equal(stamp_ms(jstr(d, "metadata.creationTimestamp")), it->created);
        assert_true(it->ready && it->phase == 'R' && it->node);
        assert_true(strncmp(o->name, up->o->name, strlen(up->o->name)) == 0);
        const char *const unique[] = {o->uid, o->name, it->ip, jstr(d, "status.containerStatuses.0.containerID"),
                                      jstr(d, "status.initContainerStatuses.0.containerID")};
        for (size_t k = 0; k < sizeof(unique) / sizeof(unique[0]); k++) {
            assert_null(map_get(&seen, unique[k]));
            map_put(&seen, unique[k], s);
        }
        json_decref(d);
    }
    map_release(&seen);
}

/* The row of a table that is kept says what the row made from the document says. */
static void rows(void **state)
{
    (void)state;
    struct sim *s = test_worlds[test_nworlds - 1]->mgmt;
    struct res *pods = ctl_res(s, K_POD);
    for (size_t i = 0; i < pods->n; i += 13) {
        for (int include = INCLUDE_NONE; include <= INCLUDE_OBJECT; include++) {
            struct str out;
            str_init(&out, 0);
            kube_row_text(s, pods->items[i], (enum include)include, &out);
            json_t *kept = json_loads(out.data, 0, NULL), *made = kube_table_row(s, pods->items[i], (enum include)include);
            if (!json_equal(kept, made))
                print_message("%s\n%s\n", out.data, json_dumps(made, 0));
            assert_true(json_equal(kept, made));
            json_decref(kept);
            json_decref(made);
            str_release(&out);
        }
        struct str out;
        str_init(&out, 0);
        kube_partial_text(pods->items[i], &out);
        json_t *part = json_loads(out.data, 0, NULL), *d = obj_doc(pods->items[i]);
        assert_true(json_equal(jat(part, "metadata"), jat(d, "metadata")));
        json_decref(part);
        json_decref(d);
        str_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stencils), cmocka_unit_test(copies), cmocka_unit_test(rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
