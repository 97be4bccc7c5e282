/* A drain's decisions: kubectl's filters in their order and words; budgets, majorities and refusals while it runs. */
#include "core/ops/compound.h"
#include "core/ops/kube_drain.h"
#include "core/ops/kube_work.h"
#include "kube_act.h"

/* ---- filters ---- */

#define OWNER(kind) "'ownerReferences':[{'controller':true,'kind':'" kind "','name':'own','uid':'o'}]"
#define P(meta, rest) "{'metadata':{'namespace':'shop','name':'p'," meta "}," rest "}"
#define EMPTY "'spec':{'volumes':[{'name':'v','emptyDir':{}}]}"

static void filters_as_kubectl(void **state)
{
    static const struct { const char *pod; const char *args[3]; enum drain_fate fate; const char *words; } cases[] = {
        {P(OWNER("ReplicaSet"), "'spec':{}"), {NULL}, DRAIN_GOES, NULL},
        {P(OWNER("DaemonSet"), "'spec':{}"), {NULL}, DRAIN_STOPS, "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"},
        {P(OWNER("DaemonSet"), "'spec':{}"), {"ignore-daemonsets"}, DRAIN_STAYS, "ignoring DaemonSet-managed Pods"},
        {P(OWNER("DaemonSet"), "'status':{'phase':'Failed'}"), {NULL}, DRAIN_GOES, NULL},
        {P("'ownerReferences':[{'controller':true,'kind':'DaemonSet','name':'lost'}]", "'spec':{}"), {"ignore-daemonsets"}, DRAIN_STOPS, "gone (use --force"},
        {P("'ownerReferences':[{'controller':true,'kind':'DaemonSet','name':'lost'}]", "'spec':{}"), {"force"}, DRAIN_GOES, "deleting Pods whose DaemonSet"},
        {P("'annotations':{'kubernetes.io/config.mirror':'x'}", EMPTY), {NULL}, DRAIN_STAYS, NULL},
        {P(OWNER("ReplicaSet"), EMPTY), {NULL}, DRAIN_STOPS, "cannot delete Pods with local storage (use --delete-emptydir-data to override)"},
        {P(OWNER("ReplicaSet"), EMPTY), {"delete-emptydir-data"}, DRAIN_GOES, "deleting Pods with local storage"},
        {P(OWNER("ReplicaSet"), EMPTY ",'status':{'phase':'Succeeded'}"), {NULL}, DRAIN_GOES, NULL},
        {P("'uid':'1'", EMPTY), {"delete-emptydir-data"}, DRAIN_STOPS, "cannot delete Pods that declare no controller (use --force to override)"},
        {P("'uid':'1'", EMPTY), {"delete-emptydir-data", "force"}, DRAIN_GOES, "deleting Pods that declare no controller"},
        {P("'uid':'1'", "'status':{'phase':'Succeeded'}"), {NULL}, DRAIN_GOES, NULL},
        {P(OWNER("ReplicaSet") ",'deletionTimestamp':'2001-09-09T01:40:00Z'", EMPTY), {"skip"}, DRAIN_STAYS, NULL},
        {P(OWNER("ReplicaSet") ",'deletionTimestamp':'2001-09-09T01:46:30Z'", "'spec':{}"), {"skip"}, DRAIN_GOES, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        const char *words;
        act_case(&t, "drain", "nodes", cases[i].pod);
        act_beside(&t, DRAIN_DAEMONSETS, 200, "{'items':[{'metadata':{'namespace':'shop','name':'own'}}]}");
        for (size_t a = 0; a < 3 && cases[i].args[a]; a++)
            act_with(&t, !strcmp(cases[i].args[a], "skip") ? "skip-wait-for-delete-timeout" : cases[i].args[a], !strcmp(cases[i].args[a], "skip") ? "60" : "true");
        if (kube_drain_fate(&t.c, t.c.obj, &words) != cases[i].fate || !words != !cases[i].words || (words && !strstr(words, cases[i].words)))
            fail_msg("%zu %s: %s", i, cases[i].pod, words ? words : "(nothing)");
        act_end(&t);
    }
}

/* ---- which nodes take a pod ---- */

#define IS_READY "'status':{'conditions':[{'type':'Ready','status':'True'}]}"
#define NODE_(name, labels, spec) "{'metadata':{'name':'" name "','labels':{" labels "}},'spec':{" spec "}," IS_READY "}"

static void a_node_takes_it(void **state)
{
    static const struct { const char *spec, *nodes; bool may; } cases[] = {
        {"", NODE_("b", "", ""), true},
        {"", NODE_("b", "", "'unschedulable':true"), false},
        {"'tolerations':[{'key':'node.kubernetes.io/unschedulable','operator':'Exists'}]", NODE_("b", "", "'unschedulable':true"), true},
        {"", "{'metadata':{'name':'b'},'spec':{},'status':{'conditions':[{'type':'Ready','status':'Unknown'}]}}", false},
        {"'nodeSelector':{'disk':'ssd'}", NODE_("b", "'disk':'hdd'", "") "," NODE_("c", "'disk':'ssd'", ""), true},
        {"'nodeSelector':{'disk':'ssd'}", NODE_("b", "'disk':'hdd'", ""), false},
        {"", NODE_("b", "", "'taints':[{'key':'gpu','effect':'NoSchedule'}]"), false},
        {"", NODE_("b", "", "'taints':[{'key':'gpu','effect':'PreferNoSchedule'}]"), true},
        {"'tolerations':[{'key':'gpu','operator':'Exists'}]", NODE_("b", "", "'taints':[{'key':'gpu','effect':'NoExecute'}]"), true},
#define AFFINITY(terms) "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[" terms "]}}}"
        {AFFINITY("{'matchExpressions':[{'key':'zone','operator':'In','values':['a','b']}]}"), NODE_("b", "'zone':'b'", ""), true},
        {AFFINITY("{'matchExpressions':[{'key':'zone','operator':'In','values':['a']}]}"), NODE_("b", "'zone':'b'", ""), false},
        {AFFINITY("{'matchExpressions':[{'key':'zone','operator':'NotIn','values':['a']}]}"), NODE_("b", "", ""), true},
        {AFFINITY("{'matchExpressions':[{'key':'zone','operator':'Exists'},{'key':'x','operator':'DoesNotExist'}]}"), NODE_("b", "'zone':'b'", ""), true},
        {AFFINITY("{'matchExpressions':[{'key':'cores','operator':'Gt','values':['8']}]}"), NODE_("b", "'cores':'8'", ""), false},
        {AFFINITY("{'matchFields':[{'key':'metadata.name','operator':'In','values':['n']}]}"), NODE_("b", "", ""), false},
        {AFFINITY("{'matchFields':[{'key':'metadata.name','operator':'In','values':['n']}]},{'matchExpressions':[{'key':'y','operator':'Exists'}]}"), NODE_("b", "'y':''", ""), true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        char pod[1200], nodes[1200];
        snprintf(pod, sizeof pod, "{'metadata':{'namespace':'shop','name':'p'},'spec':{%s}}", cases[i].spec);
        snprintf(nodes, sizeof nodes, "{'items':[%s]}", cases[i].nodes);
        act_case(&t, "drain", "nodes", pod);
        act_beside(&t, DRAIN_PODS, 200, nodes);
        bool fits = false;
        for (size_t k = 0; k < json_array_size(json_object_get(t.c.side[DRAIN_PODS].json, "items")); k++)
            fits |= kube_pod_fits(t.c.obj, json_array_get(json_object_get(t.c.side[DRAIN_PODS].json, "items"), k));
        if (fits != cases[i].may)
            fail_msg("%zu: %s on %s", i, pod, nodes);
        act_end(&t);
    }
}

/* ---- a world of one node ---- */

struct world {
    struct op_drive d;
    struct act_facts facts;
    struct op_arg args[6];
    struct op_kid kid[20];
    char names[20][3][40], notes[20][300];
    struct str why;
    json_t *node, *side[4];
};

static struct world *of(struct op_drive *d) { return (struct world *)d; }

static bool w_add(struct op_drive *d, const struct op_kid_new *k)
{
    struct world *w = of(d);
    size_t i = d->nkids++;
    assert_true(i < 20);
    snprintf(w->names[i][0], 40, "%s", k->scope);
    snprintf(w->names[i][1], 40, "%s", k->name);
    snprintf(w->names[i][2], 40, "%s", k->uid);
    w->kid[i] = (struct op_kid){.action = k->action, .scope = w->names[i][0], .name = w->names[i][1], .uid = w->names[i][2], .note = w->notes[i], .retry_after_ms = -1};
    assert_non_null(action_find(k->action, kind_find(k->kind)));
    return true;
}
static void w_start(struct op_drive *d, size_t i)
{
    assert_int_equal(d->kid[i].state, STEP_WAITING);
    d->kid[i].state = STEP_READING;
}
static void w_again(struct op_drive *d, size_t i) { d->kid[i].state = STEP_WAITING; }
static void w_skip(struct op_drive *d, size_t i, const char *words)
{
    snprintf(of(d)->notes[i], 300, "%s", words);
    d->kid[i].state = STEP_SKIPPED;
}
static void w_note(struct op_drive *d, size_t i, const char *words) { snprintf(of(d)->notes[i], 300, "%s", words); }
static const struct op_drive_ops w_ops = {w_add, w_start, w_again, w_skip, w_note};

static void set(struct world *w, int side, const char *json)
{
    json_decref(w->side[side]);
    w->side[side] = js(json);
    w->d.c.side[side] = (struct act_side){w->side[side], 200};
}

static void node(struct world *w, bool cordoned)
{
    json_decref(w->node);
    w->node = js(cordoned ? "{'metadata':{'uid':'n'},'spec':{'unschedulable':true}}" : "{'metadata':{'uid':'n'},'spec':{}}");
    w->d.c.obj = w->node;
}

static void world(struct world *w, const char *pods)
{
    memset(w, 0, sizeof *w);
    str_init(&w->why, 0);
    w->d = (struct op_drive){.ops = &w_ops, .kid = w->kid, .facts = &w->facts, .mono_ms = 1000, .began_mono_ms = 1000};
    w->d.c = (struct act_ctx){.action = action_find("drain", kind_find("nodes")), .kind = kind_find("nodes"), .source = "mgmt", .scope = "", .name = "n1",
                              .uid = "n", .args = w->args, .now_ms = 1000000000000};
    node(w, false);
    for (int i = 0; i < 4; i++)
        set(w, i, "{'items':[]}");
    set(w, DRAIN_PODS, pods);
}

static void with(struct world *w, const char *name, const char *value) { w->args[w->d.c.nargs++] = (struct op_arg){name, value}; }

static enum act_seen turn(struct world *w)
{
    str_clear(&w->why);
    return w->d.c.action->compound(&w->d, &w->why);
}

static void begin(struct world *w)
{
    assert_int_equal(turn(w), SEEN_DONE);
    w->d.facts = NULL;
    assert_int_equal(turn(w), SEEN_WAIT);
    assert_int_equal(w->kid[0].state, STEP_READING);
    for (size_t i = 1; i < w->d.nkids; i++)
        assert_int_equal(w->kid[i].state, STEP_WAITING);          /* nothing before it is cordoned */
    w->kid[0].state = STEP_DONE;
    node(w, true);
}

static void end(struct world *w)
{
    facts_release(&w->facts);
    str_release(&w->why);
    json_decref(w->node);
    for (int i = 0; i < 4; i++)
        json_decref(w->side[i]);
}

#define READY "'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}"
#define POD(name, app, owner) "{'metadata':{'namespace':'shop','name':'" name "','uid':'" name "','labels':{'app':'" app "'}," OWNER(owner) "},'spec':{}," READY "}"
#define PDB(allowed) "{'items':[{'metadata':{'namespace':'shop','name':'b'},'spec':{'selector':{'matchLabels':{'app':'web'}}},'status':{'disruptionsAllowed':" allowed ",'currentHealthy':2,'desiredHealthy':1,'expectedPods':2}}]}"

static void a_refusal_touches_nothing(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "web", "ReplicaSet") "," POD("d", "ds", "DaemonSet") "]}");
    set(&w, DRAIN_DAEMONSETS, "{'items':[{'metadata':{'namespace':'shop','name':'own'}}]}");
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_string_equal(facts_refusal(&w.facts), "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): shop/d");
    end(&w);
    world(&w, "null");
    assert_int_equal(turn(&w), SEEN_FAILED);
    end(&w);
}

static void budgets_are_waited_for(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "web", "ReplicaSet") "," POD("b", "web", "ReplicaSet") "," POD("c", "x", "ReplicaSet") "]}");
    set(&w, DRAIN_BUDGETS, PDB("1"));
    begin(&w);
    assert_int_equal(w.d.nkids, 4);
    assert_string_equal(w.kid[1].name, "c");             /* without a budget first */
    assert_int_equal(turn(&w), SEEN_WAIT);
    assert_int_equal(w.kid[1].state, STEP_READING);
    assert_int_equal(w.kid[2].state, STEP_READING);
    assert_int_equal(w.kid[3].state, STEP_WAITING);      /* the one disruption is on its way */
    w.kid[1].state = STEP_DONE;
    w.kid[2].state = STEP_DONE;
    set(&w, DRAIN_PODS, "{'items':[" POD("b", "web", "ReplicaSet") "]}");
    set(&w, DRAIN_BUDGETS, PDB("0"));
    assert_int_equal(turn(&w), SEEN_WAIT);
    assert_int_equal(w.kid[3].state, STEP_WAITING);
    assert_string_equal(w.notes[3], "it waits: budget shop/b allows 0 evictions: 2 healthy of 2, 1 needed");
    assert_string_equal(w.why.data, "2 of 3 pods gone, 0 ending, 1 waiting");
    set(&w, DRAIN_BUDGETS, PDB("1"));
    assert_int_equal(turn(&w), SEEN_WAIT);
    assert_int_equal(w.kid[3].state, STEP_READING);
    w.kid[3].state = STEP_DONE;
    assert_int_equal(turn(&w), SEEN_WAIT);               /* it is still seen there */
    set(&w, DRAIN_PODS, "{'items':[]}");
    assert_int_equal(turn(&w), SEEN_DONE);
    assert_string_equal(w.why.data, "3 of 3 pods gone, 0 ending, 0 waiting");
    end(&w);
}

static void refusals_are_told_apart(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "x", "ReplicaSet") "," POD("b", "x", "ReplicaSet") "," POD("c", "x", "ReplicaSet") "]}");
    begin(&w);
    turn(&w);
    json_t *budget = js("{'details':{'causes':[{'reason':'DisruptionBudget','message':'m'}]}}"), *busy = js("{'message':'too many requests'}");
    w.kid[1].state = w.kid[2].state = w.kid[3].state = STEP_FAILED;
    w.kid[1].status = w.kid[2].status = 429;
    w.kid[1].answer = budget;
    w.kid[2].answer = busy;
    w.kid[2].retry_after_ms = 3000;
    w.kid[3].status = 500;
    assert_int_equal(turn(&w), SEEN_WAIT);
    assert_int_equal(w.kid[1].state, STEP_WAITING);
    assert_int_equal(w.kid[2].state, STEP_WAITING);
    assert_int_equal(w.kid[3].state, STEP_FAILED);
    assert_non_null(strstr(w.notes[1], "its budget"));
    assert_non_null(strstr(w.notes[2], "no budget"));
    w.d.mono_ms += 1500;
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_READING);
    assert_int_equal(w.kid[2].state, STEP_WAITING);
    w.d.mono_ms += 1500;
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_READING);
    w.kid[1].state = w.kid[2].state = STEP_DONE;
    set(&w, DRAIN_PODS, "{'items':[" POD("c", "x", "ReplicaSet") "]}");
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_string_equal(w.why.data, "1 pod could not be evicted; 2 pods are gone, 1 still on the node, which stays cordoned: shop/c (its eviction was not seen to come)");
    json_decref(budget);
    json_decref(busy);
    end(&w);
}

/* Its answer was lost and it never arrived: asked again, not for ever. One that is not there any more went, however its eviction ended. */
static void what_went_is_gone(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "x", "ReplicaSet") "," POD("b", "x", "ReplicaSet") "," POD("c", "x", "ReplicaSet") "]}");
    begin(&w);
    turn(&w);
    w.kid[1].state = STEP_UNSURE;
    w.kid[2].state = STEP_FAILED;
    w.kid[3].state = STEP_FAILED;
    w.kid[3].unseen = true;
    w.kid[3].began_mono_ms = w.d.mono_ms;
    set(&w, DRAIN_PODS, "{'items':[" POD("b", "x", "ReplicaSet") "," POD("c", "x", "ReplicaSet") "]}");
    assert_int_equal(turn(&w), SEEN_WAIT);
    assert_int_equal(w.kid[3].state, STEP_WAITING);
    assert_non_null(strstr(w.notes[3], "it did not arrive"));
    assert_string_equal(w.why.data, "1 of 3 pods gone, 0 ending, 1 waiting");
    w.d.mono_ms += 1000;
    turn(&w);
    assert_int_equal(w.kid[3].state, STEP_READING);
    w.kid[3].state = STEP_FAILED;
    w.d.mono_ms += 600000;
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_memory_equal(w.why.data, "2 pods could not be evicted; 1 pod is gone, 2 still on the node", 63);
    set(&w, DRAIN_PODS, "{'items':[]}");
    assert_int_equal(turn(&w), SEEN_DONE);
    assert_string_equal(w.why.data, "3 of 3 pods gone, 0 ending, 0 waiting");
    end(&w);
}

#define SET(version, ready) "{'items':[{'metadata':{'namespace':'shop','name':'own','resourceVersion':'" version "'},'spec':{'replicas':3},'status':{'readyReplicas':" ready "}}]}"

static void a_majority_stays(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("own-0", "etcd", "StatefulSet") "," POD("own-1", "etcd", "StatefulSet") "]}");
    set(&w, DRAIN_STATEFULSETS, SET("1", "3"));
    begin(&w);
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_READING);
    assert_int_equal(w.kid[2].state, STEP_WAITING);      /* one at a time */
    w.kid[1].state = STEP_DONE;
    set(&w, DRAIN_PODS, "{'items':[" POD("own-1", "etcd", "StatefulSet") "]}");
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_WAITING);      /* the set's numbers are from before */
    set(&w, DRAIN_STATEFULSETS, SET("2", "2"));
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_WAITING);
    assert_non_null(strstr(w.notes[2], "has 2 of 3 ready, its majority is 2"));
    set(&w, DRAIN_STATEFULSETS, SET("3", "3"));
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_READING);
    end(&w);
    world(&w, "{'items':[" POD("own-0", "etcd", "StatefulSet") "," POD("own-1", "etcd", "StatefulSet") "]}");
    set(&w, DRAIN_STATEFULSETS, SET("1", "2"));
    with(&w, "ignore-majority", "true");                 /* said in so many words */
    begin(&w);
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_READING);
    assert_int_equal(w.kid[2].state, STEP_READING);
    end(&w);
}

/* One whose eviction was refused for good goes nowhere: the next goes, if the set can spare one; else it ends and says who was left. */
static void a_refused_sibling_is_not_waited_for(void **state)
{
    struct world w;
    (void)state;
    for (int spare = 0; spare < 2; spare++) {
        world(&w, "{'items':[" POD("own-0", "db", "StatefulSet") "," POD("own-1", "db", "StatefulSet") "]}");
        set(&w, DRAIN_STATEFULSETS, SET("1", "3"));
        begin(&w);
        turn(&w);
        assert_int_equal(w.kid[1].state, STEP_READING);
        assert_int_equal(w.kid[2].state, STEP_WAITING);
        w.kid[1].state = STEP_FAILED;
        snprintf(w.notes[1], 300, "not done: a policy forbids it");
        if (!spare)
            set(&w, DRAIN_STATEFULSETS, SET("2", "2"));
        if (spare) {
            assert_int_equal(turn(&w), SEEN_WAIT);
            assert_int_equal(w.kid[2].state, STEP_READING);
            w.kid[2].state = STEP_DONE;
            set(&w, DRAIN_PODS, "{'items':[" POD("own-0", "db", "StatefulSet") "]}");
        }
        assert_int_equal(turn(&w), SEEN_FAILED);
        assert_non_null(strstr(w.why.data, "1 pod could not be evicted; "));
        assert_non_null(strstr(w.why.data, ": shop/own-0 (not done: a policy forbids it)"));
        assert_true((strstr(w.why.data, ", shop/own-1 (not begun: its StatefulSet own has 2 of 3 ready, its majority is 2)") != NULL) == !spare);
        end(&w);
    }
    world(&w, "{'items':[" POD("own-0", "db", "StatefulSet") "," POD("own-1", "db", "StatefulSet") "]}");
    set(&w, DRAIN_STATEFULSETS, SET("1", "3"));
    with(&w, "timeout", "30");
    begin(&w);
    turn(&w);
    w.kid[1].state = STEP_UNSURE;                         /* it may have gone: its set has time to say so, not for ever */
    w.kid[1].ended_mono_ms = w.d.mono_ms;
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_WAITING);
    snprintf(w.notes[1], 300, "HTTP 500: kaputt");
    w.d.mono_ms += 30000;
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_non_null(strstr(w.why.data, "global timeout reached: 30s; 0 pods are gone, 2 still on the node, which stays cordoned: shop/own-0 (HTTP 500: kaputt), shop/own-1 (not begun: another pod of"));
    w.d.began_mono_ms = w.d.mono_ms;
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_READING);
    end(&w);
}

#define RANKED(name, priority, app, owner) "{'metadata':{'namespace':'shop','name':'" name "','uid':'" name "','labels':{'app':'" app "'}," OWNER(owner) "},'spec':{'priority':" priority "}," READY "}"

static void the_order_is_as_asked(void **state)
{
    static const struct { const char *order, *names; } cases[] = {{"gentle", "d c b own-0"}, {"name", "b c d own-0"}, {"priority", "own-0 c b d"}};       /* gentle among equals */
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        struct str path;
        char names[80] = "";
        world(&w, "{'items':[" RANKED("own-0", "-5", "etcd", "StatefulSet") "," RANKED("d", "9", "x", "ReplicaSet") "," RANKED("c", "3", "x", "ReplicaSet")
                  "," RANKED("b", "3", "web", "ReplicaSet") "]}");
        set(&w, DRAIN_BUDGETS, PDB("1"));
        set(&w, DRAIN_STATEFULSETS, SET("1", "3"));
        with(&w, "order", cases[i].order);
        with(&w, "chunk-size", "7");
        begin(&w);
        for (size_t k = 1; k < w.d.nkids; k++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k > 1 ? " " : "", w.kid[k].name);
        assert_string_equal(names, cases[i].names);
        str_init(&path, 0);
        assert_true(w.d.c.action->side(&w.d.c, DRAIN_PODS, &path, NULL, NULL));
        assert_string_equal(path.data, "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=7");
        str_release(&path);
        end(&w);
    }
}

static void it_stops_when_it_should(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "x", "ReplicaSet") "," POD("b", "x", "ReplicaSet") "]}");
    with(&w, "timeout", "20");
    with(&w, "concurrency", "1");
    begin(&w);
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_READING);
    assert_int_equal(w.kid[2].state, STEP_WAITING);
    w.d.mono_ms += 20000;
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_string_equal(w.why.data, "global timeout reached: 20s; 0 pods are gone, 2 still on the node, which stays cordoned: "
                        "shop/a (its eviction was not seen to come), shop/b (not begun)");
    w.kid[1].began_mono_ms = 1000;
    snprintf(w.notes[2], 300, "it waits: budget shop/b allows 0 evictions");
    set(&w, DRAIN_PODS, "{'items':[{'metadata':{'namespace':'shop','name':'a','uid':'a','deletionTimestamp':'2001-09-09T01:46:30Z','finalizers':['x/hold']," OWNER("ReplicaSet") "},'spec':{}},"
        POD("b", "x", "ReplicaSet") "]}");
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_string_equal(w.why.data, "global timeout reached: 20s; 0 pods are gone, 2 still on the node, which stays cordoned: "
                        "shop/a (it ends, evicted 20 s ago; held by its finalizer x/hold), shop/b (not begun: budget shop/b allows 0 evictions)");
    w.d.mono_ms = 1000;
    node(&w, false);
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_non_null(strstr(w.why.data, "somebody uncordoned it"));
    assert_non_null(strstr(w.why.data, "which takes new pods again"));
    node(&w, true);
    set(&w, DRAIN_PODS, "{'items':[{'metadata':{'namespace':'shop','name':'bare','uid':'z'}}]}");
    assert_int_equal(turn(&w), SEEN_FAILED);
    assert_non_null(strstr(w.why.data, "no controller (use --force to override): shop/bare came meanwhile"));
    w.kid[0].state = STEP_FAILED;
    assert_int_equal(turn(&w), SEEN_FAILED);
    end(&w);
}

static void what_moved_or_came_is_seen(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "x", "ReplicaSet") "]}");
    begin(&w);
    set(&w, DRAIN_PODS, "{'items':[" POD("b", "x", "ReplicaSet") "]}");
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_SKIPPED);
    assert_int_equal(w.d.nkids, 3);
    assert_string_equal(w.kid[2].name, "b");
    assert_int_equal(w.kid[2].state, STEP_READING);
    end(&w);
}

#define BORN(name, at, more) "{'metadata':{'namespace':'shop','name':'" name "','uid':'" name "','creationTimestamp':'" at "'," OWNER("ReplicaSet") "},'spec':{" more "}," READY "}"
#define STUBBORN "'tolerations':[{'operator':'Exists'}]"

/* The clock stands at 2001-09-09T01:46:40Z when the cordon is seen. */
static void who_ignores_the_cordon_stays(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" BORN("a", "2001-09-09T01:00:00Z", STUBBORN) "," BORN("b", "2001-09-09T01:00:00Z", "") "]}");
    begin(&w);
    act_said(&w.facts, "pod shop/a tolerates a cordon");
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_READING);
    w.kid[1].state = w.kid[2].state = STEP_DONE;
    set(&w, DRAIN_PODS, "{'items':[" BORN("a2", "2001-09-09T01:46:42Z", STUBBORN) "," BORN("b2", "2001-09-09T01:46:42Z", "") "]}");
    assert_int_equal(turn(&w), SEEN_WAIT);
    assert_int_equal(w.d.nkids, 4);                      /* b2 was being placed: it goes */
    assert_string_equal(w.kid[3].name, "b2");
    w.kid[3].state = STEP_DONE;
    set(&w, DRAIN_PODS, "{'items':[" BORN("a2", "2001-09-09T01:46:42Z", STUBBORN) "," BORN("b3", "2001-09-09T01:46:55Z", "") "]}");
    assert_int_equal(turn(&w), SEEN_DONE);
    assert_int_equal(w.d.nkids, 4);
    assert_string_equal(w.why.data, "3 of 3 pods gone, 0 ending, 0 waiting; 2 came since and stay, as they do not mind the cordon: shop/a2, ...");
    end(&w);
}

/* Born in the second of the cordon, or evicted and made again before a drain is gone on with: no part of the list that was made then. */
static void the_list_is_that_of_the_start(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" BORN("a", "2001-09-09T01:00:00Z", STUBBORN) "]}");
    with(&w, "timeout", "5");
    begin(&w);
    turn(&w);
    w.kid[1].state = STEP_DONE;
    set(&w, DRAIN_PODS, "{'items':[" BORN("a2", "2001-09-09T01:46:39Z", STUBBORN) "]}");
    w.d.mono_ms += 5000;                                 /* its time is over, and so is it */
    assert_int_equal(turn(&w), SEEN_DONE);
    assert_int_equal(w.d.nkids, 2);
    end(&w);
    world(&w, "{'items':[" BORN("a", "2001-09-09T01:00:00Z", "") "," BORN("b", "2001-09-09T01:00:00Z", "") "]}");
    begin(&w);
    w.kid[1].state = STEP_DONE;
    w.kid[1].earlier = true;
    set(&w, DRAIN_PODS, "{'items':[" BORN("a2", "2001-09-09T01:40:00Z", "") "," BORN("b", "2001-09-09T01:00:00Z", "") "]}");
    turn(&w);
    assert_int_equal(w.kid[2].state, STEP_READING);
    assert_int_equal(w.d.nkids, 3);
    end(&w);
}

/* The plan of a drain that is gone on with: b is of its list, a2 stands in a's place since and stays. */
static void a_plan_to_go_on_has_the_list_of_the_start(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" BORN("a2", "2001-09-09T01:40:00Z", STUBBORN) "," BORN("b", "2001-09-09T01:00:00Z", "") "]}");
    assert_true(w_add(&w.d, &(struct op_kid_new){.action = "cordon", .kind = "nodes", .scope = "", .name = "n1", .uid = "n1"}));
    assert_true(w_add(&w.d, &(struct op_kid_new){.action = "evict", .kind = "pods", .scope = "shop", .name = "a", .uid = "a"}));
    assert_true(w_add(&w.d, &(struct op_kid_new){.action = "evict", .kind = "pods", .scope = "shop", .name = "b", .uid = "b"}));
    w.kid[0].state = w.kid[1].state = STEP_DONE;
    w.kid[0].earlier = w.kid[1].earlier = true;
    assert_int_equal(turn(&w), SEEN_DONE);
    assert_int_equal(w.d.nkids, 4);                      /* the cordon, which the engine would know */
    assert_string_equal(w.kid[3].name, w.d.c.name);
    assert_int_equal(act_said(&w.facts, "1 pod goes, 1 stays"), FACT_INFO);
    end(&w);
}

static void two_budgets_stop_one_pod_only(void **state)
{
    struct world w;
    (void)state;
    world(&w, "{'items':[" POD("a", "web", "ReplicaSet") "," POD("b", "x", "ReplicaSet") "]}");
    set(&w, DRAIN_BUDGETS, "{'items':[{'metadata':{'namespace':'shop','name':'b1'},'spec':{'selector':{'matchLabels':{'app':'web'}}},'status':{'disruptionsAllowed':1}},"
                           "{'metadata':{'namespace':'shop','name':'b2'},'spec':{'selector':{'matchLabels':{'app':'web'}}},'status':{'disruptionsAllowed':1}}]}");
    begin(&w);
    assert_int_equal(act_said(&w.facts, "2 disruption budgets select pod shop/a"), FACT_DANGER);
    turn(&w);
    assert_int_equal(w.kid[1].state, STEP_READING);
    assert_int_equal(w.kid[2].state, STEP_READING);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_as_kubectl),
        cmocka_unit_test(a_node_takes_it),
        cmocka_unit_test(a_refusal_touches_nothing),
        cmocka_unit_test(budgets_are_waited_for),
        cmocka_unit_test(refusals_are_told_apart),
        cmocka_unit_test(what_went_is_gone),
        cmocka_unit_test(a_majority_stays),
        cmocka_unit_test(a_refused_sibling_is_not_waited_for),
        cmocka_unit_test(the_order_is_as_asked),
        cmocka_unit_test(it_stops_when_it_should),
        cmocka_unit_test(what_moved_or_came_is_seen),
        cmocka_unit_test(who_ignores_the_cordon_stays),
        cmocka_unit_test(the_list_is_that_of_the_start),
        cmocka_unit_test(a_plan_to_go_on_has_the_list_of_the_start), cmocka_unit_test(two_budgets_stop_one_pod_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
