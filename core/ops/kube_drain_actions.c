/*
 * Draining a node: cordoned, then each pod that kubectl drain would take is evicted, as many at a time as asked for; one whose
 * budget or whose set's majority forbids it waits for that, not for a clock; over when the node is seen empty.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/compound.h"
#include "core/ops/facts.h"
#include "core/ops/kube_drain.h"
#include "core/ops/kube_work.h"
#include "core/ops/upkeep.h"
#include "strata/mem.h"
#include "strata/text.h"

#define PLACED_MS 10000            /* a pod that the scheduler was placing when the node was cordoned may still come */
#define STAMP_MS 3000              /* times of the server are cut to seconds, and its clock is known to about one */
#define RETRY_MS 5000              /* kubectl's, where nothing says when */
#define UNSEEN_MS 600000           /* an eviction that never arrived is sent again for so long */
#define UNSURE_MS 30000            /* so long an eviction whose answer was lost may still show in its set */
#define WAITS "it waits: "
#define CORDON 0                   /* the first step; its mark: when it was seen done, the server's clock */

const json_t *kube_drain_pods(const struct op_drive *d) { return json_object_get(d->c.side[DRAIN_PODS].json, "items"); }

static const json_t *pod_by_uid(const struct op_drive *d, const char *uid)
{
    return act_find(kube_drain_pods(d), "metadata.uid", uid);
}

static bool drain_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *selector = act_arg(c, "pod-selector");
    static const char *const paths[] = {[DRAIN_BUDGETS] = "/apis/policy/v1/poddisruptionbudgets", [DRAIN_DAEMONSETS] = "/apis/apps/v1/daemonsets",
                                        [DRAIN_STATEFULSETS] = "/apis/apps/v1/statefulsets"};
    (void)service;
    (void)microversion;
    if (i >= DRAIN_UPKEEP)
        return upkeep_side(c, DRAIN_UPKEEP, i - DRAIN_UPKEEP, c->name, path);
    if (i != DRAIN_PODS)
        return i < sizeof paths / sizeof paths[0] && str_adds(path, paths[i]);
    str_adds(path, "/api/v1/pods?fieldSelector=spec.nodeName%3D");
    str_add_urlenc(path, c->name);
    if (selector && *selector) {
        str_adds(path, "&labelSelector=");
        str_add_urlenc(path, selector);
    }
    if (act_int(c, "chunk-size", 0) > 0)
        str_addf(path, "&limit=%" PRId64, act_int(c, "chunk-size", 0));
    return !path->failed;
}

/* ---- which pods ---- */

static bool known(const struct op_drive *d, const char *uid)
{
    for (size_t i = 0; i < d->nkids; i++)
        if (!strcmp(d->kid[i].uid, uid))
            return true;
    return false;
}

/* Not of the list that was made when the node was cordoned: it does not mind the cordon, and neither would the next in its place. Such a
 * pod stays, else its owner and the drain would go on for ever. Of a drain that is gone on with, the list is that of its first run. */
static bool came_after(const struct op_drive *d, const json_t *pod)
{
    const char *at = act_str(pod, "metadata.creationTimestamp");
    int64_t ms, cordoned = d->nkids ? d->kid[CORDON].mark : 0;
    if (known(d, act_str(pod, "metadata.uid")))
        return false;
    for (size_t i = 0; i < d->nkids; i++)
        if (d->kid[i].earlier)
            return true;
    if (cordoned <= 0 || !text_parse_time(at, strlen(at), &ms))
        return false;
    return ms > cordoned + (kube_tolerates(pod, KUBE_CORDONED, "", "NoSchedule") ? -STAMP_MS : PLACED_MS);
}

static enum drain_fate fate_of(const struct op_drive *d, const json_t *pod, const char **words)
{
    enum drain_fate fate = kube_drain_fate(&d->c, pod, words);
    return fate != DRAIN_STAYS && came_after(d, pod) ? DRAIN_STAYS : fate;
}

static bool add_pod(struct op_drive *d, const json_t *pod)
{
    const char *grace = act_arg(&d->c, "grace-period");
    const struct op_arg args[] = {{"grace", grace ? grace : "-1"}};
    struct op_kid_new kid = {.action = act_bool(&d->c, "disable-eviction") ? "remove" : "evict", .kind = "pods",
                             .scope = act_str(pod, "metadata.namespace"), .name = act_str(pod, "metadata.name"), .uid = act_str(pod, "metadata.uid"),
                             .args = args, .nargs = grace && *grace != '-' ? 1 : 0};
    struct str who;
    str_init(&who, 1024);
    if (d->facts && kube_drain_holds(&d->c, pod, &who, &kid.allowed))
        kid.held = who.data;
    kid.data = d->facts && kube_pod_local(pod) && !kube_pod_finished(pod);
    bool ok = d->ops->add(d, &kid);
    str_release(&who);
    return ok;
}

static bool add_pods(struct op_drive *d)
{
    const json_t *items = kube_drain_pods(d), **pods = mem_zalloc((json_array_size(items) + 1) * sizeof *pods);
    const char *words;
    size_t n = 0;
    for (size_t i = 0; pods && i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        if (!known(d, act_str(pod, "metadata.uid")) && fate_of(d, pod, &words) == DRAIN_GOES)
            pods[n++] = pod;
    }
    bool ok = pods && kube_drain_order(&d->c, pods, n);
    for (size_t i = 0; ok && i < n; i++)
        ok = add_pod(d, pods[i]);
    mem_free(pods);
    return ok;
}

/* How many pods are there that should not be; the first words that stop it all go to why. */
static size_t still_there(const struct op_drive *d, bool *stops, struct str *why)
{
    const json_t *items = kube_drain_pods(d);
    const char *words;
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        enum drain_fate fate = fate_of(d, pod, &words);
        n += fate == DRAIN_GOES;
        if (fate == DRAIN_STOPS && !*stops) {
            *stops = true;
            str_addf(why, "%s: %s/%s came meanwhile", words, act_str(pod, "metadata.namespace"), act_str(pod, "metadata.name"));
        }
    }
    return n;
}

/* ---- the plan ---- */

static enum act_seen plan(struct op_drive *d)
{
    const struct op_kid_new cordon = {.action = "cordon", .kind = "nodes", .scope = "", .name = d->c.name, .uid = d->c.uid, .first = true};
    const json_t *items = kube_drain_pods(d);
    const char *words;
    size_t n = 0;
    if (!json_is_array(items)) {
        const char *selector = act_arg(&d->c, "pod-selector"), *said = d->c.side_why && *d->c.side_why ? d->c.side_why : "no more was said";
        if (d->c.side[DRAIN_PODS].status == 400 && selector && *selector)
            act_fact(d->facts, FACT_REFUSED, "the selector '%.100s' cannot be parsed: %s", selector, said);
        else
            act_fact(d->facts, FACT_REFUSED, "the pods of the node could not be read (HTTP %d)", d->c.side[DRAIN_PODS].status);
        return SEEN_FAILED;
    }
    upkeep_say(&d->c, DRAIN_UPKEEP, d->c.name, UPKEEP_PODS, d->facts);
    kube_drain_say_groups(d);
    kube_drain_say_unknown(d, DRAIN_BUDGETS, "disruption budgets: the server alone decides, and is asked again every 5 s; they");
    kube_drain_say_unknown(d, DRAIN_DAEMONSETS, "daemon sets: those pods are taken as theirs; they");
    kube_drain_say_unknown(d, DRAIN_STATEFULSETS, "stateful sets: no majority is watched over; they");
    if (!d->ops->add(d, &cordon) || !add_pods(d)) {
        act_fact(d->facts, FACT_REFUSED, "out of memory, or too many pods for one operation: drain fewer nodes at once");
        return SEEN_FAILED;
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        if (fate_of(d, pod, &words) != DRAIN_GOES)
            continue;
        n++;
        kube_drain_say_pod(d, pod);
    }
    act_fact(d->facts, FACT_INFO, "%zu pod%s %s, %zu stay%s", n, n == 1 ? "" : "s", n == 1 ? "goes" : "go", json_array_size(items) - n,
             json_array_size(items) - n == 1 ? "s" : "");
    return facts_refusal(d->facts) ? SEEN_FAILED : SEEN_DONE;
}

/* ---- while it runs ---- */

static bool named_cause(const json_t *answer, const char *reason)
{
    return act_find(act_get(answer, "details.causes"), "reason", reason) != NULL;
}

/* An eviction that was refused for now waits again: for its budget, or as long as the server asked. false: that pod failed. */
static bool refused_for_now(struct op_drive *d, size_t i)
{
    struct op_kid *k = &d->kid[i];
    bool budget = k->status == 429 && named_cause(k->answer, "DisruptionBudget");
    bool namespace = k->status == 403 && named_cause(k->answer, "NamespaceTerminating");
    char words[300];
    bool lost = k->unseen && d->mono_ms - k->began_mono_ms < UNSEEN_MS;
    if (k->state != STEP_FAILED || (k->status != 429 && !namespace && !lost))
        return false;
    d->ops->again(d, i);
    k->mark = d->mono_ms + (k->retry_after_ms > 0 ? k->retry_after_ms : (budget && d->c.side[DRAIN_BUDGETS].json) || lost ? 1000 : RETRY_MS);
    snprintf(words, sizeof words, "%s", lost ? "it did not arrive: the answer was lost and nothing of it is to be seen, it is sent again" : budget ? "its budget forbade it just now" : namespace ? "its namespace is ending, it is asked again"
                                                                                         : "the server asked to slow down, no budget forbade it");
    d->ops->note(d, i, words);
    return true;
}

/* By its name: pods of other nodes are not at hand. */
static bool of_set(const struct op_kid *k, const json_t *set)
{
    const char *name = act_str(set, "metadata.name");
    size_t len = strlen(name);
    return !strcmp(k->scope, act_str(set, "metadata.namespace")) && !strncmp(k->name, name, len) && k->name[len] == '-' &&
           strspn(k->name + len + 1, "0123456789") == strlen(k->name + len + 1);
}

/* The pods of a set or budget that went count until its status has been written again. */
static int64_t version_mark(const json_t *o)
{
    const char *p = act_str(o, "metadata.resourceVersion");
    int64_t h = 7;
    if (!*p)
        return 0;
    for (; *p; p++)
        h = (h * 131 + *p) & INT64_C(0x3fffffffffffff);
    return -1 - h;                  /* below 0: a mark of an object, above: a time */
}

/* Evictions of pods of that budget that may not have reached its status yet: it is the one it was when they began. */
static size_t budget_in_use(const struct op_drive *d, const json_t *pdb, const json_t *but)
{
    size_t n = 0;
    for (size_t i = CORDON + 1; i < d->nkids; i++) {
        const json_t *pod = op_kid_busy(&d->kid[i]) ? pod_by_uid(d, d->kid[i].uid) : NULL;
        bool sent = d->kid[i].state == STEP_WATCHING || *act_str(pod, "metadata.deletionTimestamp");
        n += pod && pod != but && (!sent || (d->kid[i].mark < 0 && d->kid[i].mark == version_mark(pdb))) && kube_budget_of(d->c.side[DRAIN_BUDGETS].json, pod).pdb == pdb;
    }
    return n;
}

/* It ended, but may have taken its pod. One that was refused for good did not, and nobody waits for it. */
static bool may_have_gone(const struct op_drive *d, const struct op_kid *k)
{
    if (k->state == STEP_FAILED)
        return *act_str(pod_by_uid(d, k->uid), "metadata.deletionTimestamp");
    return op_kid_well(k) || (k->state == STEP_UNSURE && d->mono_ms - k->ended_mono_ms < UNSURE_MS);
}

static const struct op_kid *member(const struct op_drive *d, size_t i) { return i < d->nkids ? &d->kid[i] : &d->other[i - d->nkids]; }

/* Is another pod of the set on its way, or went one that its status may not know yet? On any node of the operation. */
static bool set_in_use(const struct op_drive *d, const json_t *set)
{
    for (size_t i = 0; i < d->nkids + d->nothers; i++) {
        const struct op_kid *k = member(d, i);
        if (of_set(k, set) && (op_kid_busy(k) || (k->mark < 0 && k->mark == version_mark(set) && may_have_gone(d, k))))
            return true;
    }
    return false;
}

/* Its set has no member to spare, and none of those that went from here comes back: who waits for one waits for somebody else. */
static bool majority_held(const struct op_drive *d, const struct op_kid *k)
{
    const json_t *pod = pod_by_uid(d, k->uid), *set = pod ? kube_drain_set(&d->c, pod) : NULL;
    struct str words;
    if (!set || act_bool(&d->c, "ignore-majority"))
        return false;
    str_init(&words, 1024);
    bool held = !kube_drain_majority(set, pod, &words);
    str_release(&words);
    for (size_t i = 0; held && i < d->nkids + d->nothers; i++)
        held = !of_set(member(d, i), set) || !(op_kid_busy(member(d, i)) || op_kid_well(member(d, i)));
    return held;
}

/* May this pod go now? words: why not. */
static bool may_go(const struct op_drive *d, const struct op_kid *k, const json_t *pod, struct str *words)
{
    const json_t *set = kube_drain_set(&d->c, pod);
    bool evict = !strcmp(k->action, "evict");
    if (*act_str(pod, "metadata.deletionTimestamp"))
        return true;
    if (set && !act_bool(&d->c, "ignore-majority")) {
        str_adds(words, WAITS);
        if (set_in_use(d, set)) {
            str_addf(words, "another pod of its StatefulSet %s is on its way", act_str(set, "metadata.name"));
            return false;
        }
        if (!kube_drain_majority(set, pod, words))
            return false;
    }
    struct kube_budget b = kube_budget_of(d->c.side[DRAIN_BUDGETS].json, pod);
    if (!evict || !b.n || !kube_budget_asked(pod))
        return true;
    str_clear(words);
    str_adds(words, WAITS);
    bool allows = kube_budget_allows(b.pdb, pod, words);
    return allows && (!kube_pod_ready(pod) || act_num(b.pdb, "status.disruptionsAllowed", 0) > (int64_t)budget_in_use(d, b.pdb, pod));
}

/* Its eviction was refused or its end not seen, but it is not there any more: that is what was wanted. */
static bool went(const struct op_drive *d, const struct op_kid *k)
{
    return (k->state == STEP_UNSURE || k->state == STEP_FAILED || k->state == STEP_CANCELED) && !pod_by_uid(d, k->uid);
}

struct tally { size_t going, done, waiting, failed, unsure; };

static struct tally count(const struct op_drive *d)
{
    struct tally t = {0};
    for (size_t i = CORDON + 1; i < d->nkids; i++) {
        const struct op_kid *k = &d->kid[i];
        t.going += op_kid_busy(k);
        t.waiting += k->state == STEP_WAITING;
        t.done += op_kid_well(k) || k->state == STEP_SKIPPED || went(d, k);
        if (went(d, k))
            continue;
        t.unsure += k->state == STEP_UNSURE;
        t.failed += k->state == STEP_FAILED || k->state == STEP_CANCELED;
    }
    return t;
}

static void start_what_may(struct op_drive *d)
{
    int64_t most = act_int(&d->c, "concurrency", 0);
    size_t going = count(d).going;
    struct str words;
    str_init(&words, 2048);
    for (size_t i = CORDON + 1; i < d->nkids; i++) {
        struct op_kid *k = &d->kid[i];
        const json_t *pod = pod_by_uid(d, k->uid);
        if (k->state != STEP_WAITING)
            continue;
        if (!pod) {
            d->ops->skip(d, i, "it is gone from the node");
            continue;
        }
        if ((k->mark > 0 && d->mono_ms < k->mark) || (most > 0 && going >= (size_t)most))
            continue;
        str_clear(&words);
        if (!may_go(d, k, pod, &words)) {
            d->ops->note(d, i, words.data);
            continue;
        }
        const json_t *set = kube_drain_set(&d->c, pod);
        struct kube_budget b = kube_budget_of(d->c.side[DRAIN_BUDGETS].json, pod);
        k->mark = set ? version_mark(set) : b.n ? version_mark(b.pdb) : 0;
        d->ops->start(d, i);
        going++;
    }
    str_release(&words);
}

static enum act_seen cordon_first(struct op_drive *d, struct str *why)
{
    switch (d->kid[CORDON].state) {
    case STEP_WAITING:
        d->ops->start(d, CORDON);
        str_adds(why, "it is being cordoned");
        return SEEN_WAIT;
    case STEP_DONE: case STEP_ALREADY:
        return SEEN_DONE;
    case STEP_READING: case STEP_SENDING: case STEP_WATCHING:
        str_adds(why, "it is being cordoned");
        return SEEN_WAIT;
    default:
        str_adds(why, "it could not be cordoned, so nothing was evicted");
        return SEEN_FAILED;
    }
}

/* Those that did not mind the cordon. */
static void say_came(const struct op_drive *d, struct str *why)
{
    const json_t *items = kube_drain_pods(d), *first = NULL;
    const char *words;
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        if (kube_drain_fate(&d->c, pod, &words) == DRAIN_STAYS || !came_after(d, pod))
            continue;
        first = n++ ? first : pod;
    }
    if (n)
        str_addf(why, "; %zu came since and %s, as %s not mind the cordon: %s/%s%s", n, n == 1 ? "stays" : "stay", n == 1 ? "it does" : "they do",
                 act_str(first, "metadata.namespace"), act_str(first, "metadata.name"), n == 1 ? "" : ", ...");
}

#define LEFT_MAX 3000              /* bytes of a note that goes into the journal as one */

/* Why it is still there: what its eviction came to, what it waits for, what holds its end. */
static void say_why(const struct op_drive *d, const json_t *pod, struct str *s)
{
    const json_t *holds = json_array_get(act_get(pod, "metadata.finalizers"), 0);
    const struct op_kid *k = NULL;
    for (size_t i = CORDON + 1; i < d->nkids && !k; i++)
        k = strcmp(d->kid[i].uid, act_str(pod, "metadata.uid")) ? NULL : &d->kid[i];
    const char *note = k && k->note ? k->note : "", *sep = "";
    bool ends = *act_str(pod, "metadata.deletionTimestamp"), waits = !strncmp(note, WAITS, strlen(WAITS));
    if (!k || (k->state == STEP_WAITING && !ends))
        str_addf(s, "not begun%s%.300s", *note ? ": " : "", note + (waits ? strlen(WAITS) : 0));
    else if (!ends && *note)
        str_addf(s, "%.300s", note);
    else if (!ends)
        str_adds(s, "its eviction was not seen to come");
    if (!ends)
        return;
    str_adds(s, "it ends");
    if (k && k->began_mono_ms)
        str_addf(s, ", evicted %" PRId64 " s ago", (d->mono_ms - k->began_mono_ms) / 1000), sep = ";";
    if (holds)
        str_addf(s, "%s held by its finalizer %.100s", *sep ? sep : ",", json_string_value(holds));
    else
        str_addf(s, "%s it may take %" PRId64 " s", *sep ? sep : ",", act_num(pod, "metadata.deletionGracePeriodSeconds", 0));
}

/* Each that is left, as kubectl lists them, with why. */
static void say_left(const struct op_drive *d, struct str *why)
{
    const json_t *items = kube_drain_pods(d);
    const char *words;
    size_t n = 0, more = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        if (fate_of(d, pod, &words) != DRAIN_GOES)
            continue;
        if (why->len > LEFT_MAX) {
            more++;
            continue;
        }
        str_addf(why, "%s%.100s/%.200s (", n++ ? ", " : ": ", act_str(pod, "metadata.namespace"), act_str(pod, "metadata.name"));
        say_why(d, pod, why);
        str_adds(why, ")");
    }
    if (more)
        str_addf(why, ", and %zu more: the steps name them", more);
}

static enum act_seen failed(const struct op_drive *d, struct str *why, size_t left, const char *because)
{
    size_t gone = 0;
    for (size_t i = CORDON + 1; i < d->nkids; i++)
        gone += !pod_by_uid(d, d->kid[i].uid);
    str_addf(why, "%s; %zu pod%s gone, %zu still on the node, which %s", because, gone, gone == 1 ? " is" : "s are", left,
             json_is_true(act_get(d->c.obj, "spec.unschedulable")) ? "stays cordoned" : "takes new pods again");
    say_left(d, why);
    return SEEN_FAILED;
}

/* Not all of it went; can nothing more? */
static bool no_more(const struct op_drive *d, const struct tally *t)
{
    if (t->going || !(t->failed + t->unsure))
        return false;
    for (size_t i = CORDON + 1; i < d->nkids; i++)
        if (d->kid[i].state == STEP_WAITING && !majority_held(d, &d->kid[i]))
            return false;
    return true;
}

static enum act_seen in_part(const struct op_drive *d, struct str *why, const struct tally *t, size_t left)
{
    char words[80];
    size_t n = t->failed + t->unsure;
    snprintf(words, sizeof words, "%zu pod%s could not be evicted", n, n == 1 ? "" : "s");
    return failed(d, why, left, words);
}

static enum act_seen run(struct op_drive *d, struct str *why)
{
    int64_t timeout = act_int(&d->c, "timeout", 0);
    bool stops = false;
    enum act_seen cordoned = cordon_first(d, why);
    if (cordoned != SEEN_DONE)
        return cordoned;
    if (!d->kid[CORDON].mark)
        d->kid[CORDON].mark = d->c.now_ms;
    if (!json_is_array(kube_drain_pods(d))) {
        str_addf(why, "the pods of the node cannot be read now (HTTP %d)", d->c.side[DRAIN_PODS].status);
        return SEEN_WAIT;
    }
    struct str came;
    str_init(&came, 1024);
    size_t left = still_there(d, &stops, &came);
    struct tally t = count(d);
    enum act_seen seen = SEEN_WAIT;
    if (!json_is_true(act_get(d->c.obj, "spec.unschedulable"))) {
        seen = failed(d, why, left, "somebody uncordoned it meanwhile");
    } else if (stops) {
        seen = failed(d, why, left, came.data);
    } else if (left && timeout > 0 && d->mono_ms - d->began_mono_ms >= timeout * 1000) {
        str_addf(&came, "global timeout reached: %" PRId64 "s", timeout);
        seen = failed(d, why, left, came.data);
    }
    str_release(&came);
    if (seen == SEEN_FAILED)
        return seen;
    for (size_t i = CORDON + 1; i < d->nkids; i++)
        refused_for_now(d, i);
    add_pods(d);                    /* that came after the plan */
    start_what_may(d);
    t = count(d);
    if (no_more(d, &t))
        return in_part(d, why, &t, left);
    str_addf(why, "%zu of %zu pods gone, %zu ending, %zu waiting", t.done, d->nkids - 1, t.going, t.waiting);
    say_came(d, why);
    return !left && !t.going && !t.waiting ? SEEN_DONE : SEEN_WAIT;
}

static enum act_seen drain(struct op_drive *d, struct str *why)
{
    return d->facts ? plan(d) : run(d, why);
}

/* ---- a pod deleted, as kubectl does where eviction is disabled ---- */

static enum act_verdict remove_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    int64_t grace = act_int(c, "grace", -1);
    (void)facts;
    rq->method = "DELETE";
    rq->body = json_pack("{s:s,s:s,s:{s:s}}", "apiVersion", "v1", "kind", "DeleteOptions", "preconditions", "uid", act_str(c->obj, "metadata.uid"));
    if (grace >= 0)
        json_object_set_new(rq->body, "gracePeriodSeconds", json_integer(grace));
    return act_path(c, &rq->path, NULL) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen remove_seen(const struct act_ctx *c, struct str *why)
{
    if (!c->obj)
        return SEEN_DONE;
    str_adds(why, *act_str(c->obj, "metadata.deletionTimestamp") ? "it ends" : "it does not end yet");
    return SEEN_WAIT;
}

static enum act_arrived remove_arrived(const struct act_ctx *c)
{
    return !c->obj || *act_str(c->obj, "metadata.deletionTimestamp") ? ARRIVED_YES : ARRIVED_NO;
}

static const char *const nodes[] = {"nodes", NULL};
static const char *const pods[] = {"pods", NULL};
static const struct action_arg remove_args[] = {{.name = "grace", .help = "Seconds it gets to end; its own if not said.", .type = ARG_SECONDS}};
static const struct action_arg drain_args[] = {
    {.name = "force", .help = "Also pods that nothing owns: they do not come back.", .type = ARG_BOOL},
    {.name = "ignore-daemonsets", .help = "Leave pods of daemon sets where they are, instead of refusing.", .type = ARG_BOOL},
    {.name = "delete-emptydir-data", .help = "Also pods with emptyDir volumes: what is in them is lost.", .type = ARG_BOOL},
    {.name = "grace-period", .help = "Seconds each pod gets to end; -1: its own.", .type = ARG_INT, .def = "-1", .least = -1, .most = INT32_MAX},
    {.name = "timeout", .help = "Seconds for each node before it is given up; 0: none.", .type = ARG_SECONDS, .def = "0"},
    {.name = "pod-selector", .help = "Only pods with these labels.", .type = ARG_TEXT},
    {.name = "disable-eviction", .help = "Delete the pods: disruption budgets are not asked.", .type = ARG_BOOL},
    {.name = "skip-wait-for-delete-timeout", .help = "Leave alone what has been ending for longer than these seconds; 0: nothing.", .type = ARG_SECONDS, .def = "0"},
    {.name = "concurrency", .help = "How many pods of a node at a time; 0: as many as may.", .type = ARG_INT, .def = "0", .most = INT32_MAX},
    {.name = "order", .help = "Who goes first: gentle: without a budget, with one, then StatefulSets that keep a majority; name: by namespace and name; "
     "priority: the lowest first, gentle among equals.", .type = ARG_CHOICE, .def = "gentle", .choices = "gentle name priority"},
    {.name = "chunk-size", .help = "So many pods a page of the list of them; 0: all at once.", .type = ARG_INT, .def = "500", .most = INT32_MAX},
    {.name = "waves", .help = "So many nodes at a time, the next when all of these are done; 0: --at-once.", .type = ARG_INT, .def = "0", .most = INT32_MAX},
    UPKEEP_ARG,
    {.name = "ignore-majority", .help = "Do not keep the majority of StatefulSets of three and more.", .type = ARG_BOOL},
};

const struct action kube_drain_actions[] = {
    {.id = "drain", .past = "drained", .kinds = nodes, .help = "Cordons a node and evicts its pods, as their budgets allow.", .plane = PLANE_KUBE,
     .flags = ACTION_TWICE | ACTION_AGAIN, .args = drain_args, .nargs = sizeof drain_args / sizeof drain_args[0], .side = drain_side,
     .compound = drain},
    {.id = "remove", .asks = "DELETE", .past = "deleted", .kinds = pods, .help = "Deletes a pod without asking its budget.", .plane = PLANE_KUBE,
     .flags = ACTION_HIDDEN | ACTION_DRY_RUN, .args = remove_args, .nargs = 1, .timeout_s = 600, .build = remove_build, .observe = remove_seen,
     .arrived = remove_arrived},
    {0},
};
