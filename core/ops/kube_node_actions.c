/* Rows about nodes: cordon, uncordon, taint (with kubectl's words and rules). */
#include <string.h>

#include "core/ops/kube_work.h"

/* ---- cordon, uncordon ---- */

static bool wants_cordon(const struct act_ctx *c) { return !strcmp(c->action->id, "cordon"); }
static bool cordoned(const json_t *node) { return json_is_true(act_get(node, "spec.unschedulable")); }

static enum act_verdict cordon_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    bool want = wants_cordon(c);
    if (cordoned(c->obj) == want)
        return ACT_ALREADY;
    act_fact(facts, FACT_INFO, want ? "no new pods are placed on it; those that run stay" : "new pods may be placed on it again");
    json_t *spec = want ? json_pack("{s:{s:b}}", "spec", "unschedulable", 1) : json_pack("{s:{s:n}}", "spec", "unschedulable");
    return kube_patch(c, rq, NULL, KUBE_STRATEGIC, spec) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen cordon_seen(const struct act_ctx *c, struct str *why)
{
    if (c->obj && cordoned(c->obj) == wants_cordon(c))
        return SEEN_DONE;
    str_adds(why, c->obj ? "somebody changed it back" : "the node was deleted meanwhile");
    return c->obj ? SEEN_OVERTAKEN : SEEN_FAILED;
}

static enum act_arrived cordon_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : cordoned(c->obj) == wants_cordon(c) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *cordon_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return wants_cordon(c) ? "uncordon" : "cordon";
}

/* ---- taint ---- */

/* key=value:Effect and key:Effect set; key-, key:Effect- and key=value:Effect- remove. */
struct taint { char key[320], value[64], effect[24]; bool remove; };

static bool known_effect(const char *e)
{
    return !strcmp(e, "NoSchedule") || !strcmp(e, "PreferNoSchedule") || !strcmp(e, "NoExecute");
}

static bool put(char *to, size_t size, const char *from, size_t len)
{
    if (len >= size)
        return false;
    memcpy(to, from, len);
    to[len] = 0;
    return true;
}

/* 1: a taint, 0: the end, -1: no taint. */
static int next_taint(const char **p, struct taint *t)
{
    *p += strspn(*p, ", \n");
    size_t len = strcspn(*p, ", \n");
    const char *s = *p;
    *p += len;
    if (!len)
        return 0;
    memset(t, 0, sizeof *t);
    t->remove = s[len - 1] == '-';
    len -= t->remove;
    size_t key = strcspn(s, "=:"), colon = strcspn(s, ":");
    key = key < len ? key : len;
    colon = colon < len ? colon : len;
    bool value = key < colon;
    if (!key || !put(t->key, sizeof t->key, s, key) || (value && !put(t->value, sizeof t->value, s + key + 1, colon - key - 1)) ||
        (colon < len && !put(t->effect, sizeof t->effect, s + colon + 1, len - colon - 1)))
        return -1;
    return (t->remove && !*t->effect && !value) || known_effect(t->effect) ? 1 : -1;
}

static bool same_taint(const json_t *one, const struct taint *t)
{
    return !strcmp(act_str(one, "key"), t->key) && (!*t->effect || !strcmp(act_str(one, "effect"), t->effect));
}

static const json_t *find_taint(const json_t *list, const struct taint *t)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (same_taint(json_array_get(list, i), t))
            return json_array_get(list, i);
    return NULL;
}

static bool taint_so(const json_t *list, const struct taint *t)
{
    const json_t *one = find_taint(list, t);
    return t->remove ? !one : one && !strcmp(act_str(one, "value"), t->value);
}

static bool taints_so(const struct act_ctx *c, const json_t *node)
{
    const char *p = act_arg(c, "set");
    struct taint t;
    while (p && next_taint(&p, &t) > 0)
        if (!taint_so(act_get(node, "spec.taints"), &t))
            return false;
    return true;
}

static void drop_taint(json_t *list, const struct taint *t)
{
    for (size_t i = json_array_size(list); i-- > 0;)
        if (same_taint(json_array_get(list, i), t))
            json_array_remove(list, i);
}

static void say_evicted(const struct act_ctx *c, const char *key, const char *value, struct act_facts *facts)
{
    const json_t *items = json_object_get(c->side[0].json, "items");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        if (kube_pod_finished(pod) || kube_tolerates(pod, key, value, "NoExecute"))
            continue;
        n++;
        act_taken(facts, "pods", act_str(pod, "metadata.uid"));
    }
    if (!c->side[0].json)
        act_fact(facts, FACT_DANGER, "pods that do not tolerate %s:NoExecute are deleted at once, disruption budgets are not asked", key);
    else if (n)
        act_fact(facts, FACT_DANGER, "%zu pod%s on it do%s not tolerate %s:NoExecute and %s deleted at once, disruption budgets are not asked", n,
                 n == 1 ? "" : "s", n == 1 ? "es" : "", key, n == 1 ? "is" : "are");
}

bool kube_pods_on_node(const struct act_ctx *c, struct str *path)
{
    str_adds(path, "/api/v1/pods?fieldSelector=spec.nodeName%3D");
    return str_add_urlenc(path, c->name);
}

bool kube_evicting_taints(const struct act_ctx *c, const json_t *taints, struct act_facts *facts)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(taints); i++) {
        const json_t *one = json_array_get(taints, i);
        struct taint t = {.remove = false};
        snprintf(t.key, sizeof t.key, "%s", act_str(one, "key"));
        snprintf(t.value, sizeof t.value, "%s", act_str(one, "value"));
        snprintf(t.effect, sizeof t.effect, "%s", act_str(one, "effect"));
        if (strcmp(t.effect, "NoExecute") || taint_so(act_get(c->obj, "spec.taints"), &t))
            continue;
        any = true;
        say_evicted(c, t.key, t.value, facts);
    }
    return any;
}

/* The pods that do not bear it. */
static enum act_takes taint_takes(const struct act_ctx *c)
{
    const char *set = act_arg(c, "set");
    return set && strstr(set, "NoExecute") ? TAKES_LISTS : TAKES_ITSELF;
}

static bool taint_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *set = act_arg(c, "set");
    (void)service;
    (void)microversion;
    if (i || c->before || !set || !strstr(set, ":NoExecute"))
        return false;
    return kube_pods_on_node(c, path);
}

/* As kubectl has it; of many nodes those that bear it lose it, and what takes something back finds its end reached. */
static bool absent(const struct act_ctx *c, const struct taint *t, struct act_facts *facts)
{
    bool refused = c->planning && act_targets(c) == 1 && !act_bool(c, "overwrite");
    act_fact(facts, refused ? FACT_REFUSED : FACT_INFO, "it has no taint %s%s%s%s", t->key, *t->effect ? ":" : "", t->effect, refused ? ": not found" : "");
    return refused;
}

/* The new list; NULL: refused. */
static json_t *tainted(const struct act_ctx *c, struct act_facts *facts)
{
    const json_t *now = act_get(c->obj, "spec.taints");
    json_t *list = json_is_array(now) ? json_deep_copy(now) : json_array();
    const char *p = act_arg(c, "set");
    struct taint t;
    int got = p ? 0 : -1;
    bool refused = false;
    while (p && (got = next_taint(&p, &t)) > 0) {
        const json_t *one = find_taint(now, &t);
        if (t.remove && !one) {
            refused |= absent(c, &t, facts);
        } else if (!t.remove && one && strcmp(act_str(one, "value"), t.value) != 0 && !act_bool(c, "overwrite")) {
            act_fact(facts, FACT_REFUSED, "it has the taint %s=%s:%s already: say overwrite to change it", t.key, act_str(one, "value"), t.effect);
            refused = true;
        } else if (!taint_so(now, &t)) {
            drop_taint(list, &t);
            act_fact(facts, FACT_INFO, "taint %s%s%s%s%s is %s", t.key, *t.value ? "=" : "", t.value, *t.effect ? ":" : "", t.effect,
                     t.remove ? "removed" : "set");
            if (!t.remove) {
                json_t *new = json_pack("{s:s,s:s}", "key", t.key, "effect", t.effect);
                if (*t.value)
                    json_object_set_new(new, "value", json_string(t.value));
                json_array_append_new(list, new);
            }
            if (!t.remove && !strcmp(t.effect, "NoExecute"))
                say_evicted(c, t.key, t.value, facts);
        }
    }
    if (got < 0)
        act_fact(facts, FACT_REFUSED, "what taint? key=value:Effect sets, key:Effect- removes; effects are NoSchedule, PreferNoSchedule, NoExecute");
    if (got >= 0 && !refused)
        return list;
    json_decref(list);
    return NULL;
}

/* The whole list goes out, so the node must be as it was read: its resourceVersion goes with it. */
static enum act_verdict taint_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    if (act_arg(c, "set") && taints_so(c, c->obj)) {
        const char *p = act_arg(c, "set");
        struct taint t;
        int got;
        bool refused = false;
        while ((got = next_taint(&p, &t)) > 0)
            refused |= t.remove && absent(c, &t, facts);
        if (!got)
            return refused ? ACT_REFUSED : ACT_ALREADY;
    }
    json_t *list = tainted(c, facts);
    if (!list)
        return ACT_REFUSED;
    json_t *body = json_pack("{s:{s:s},s:{s:o}}", "metadata", "resourceVersion", act_str(c->obj, "metadata.resourceVersion"), "spec", "taints", list);
    return kube_patch(c, rq, NULL, KUBE_MERGE, body) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen taint_seen(const struct act_ctx *c, struct str *why)
{
    if (c->obj && taints_so(c, c->obj))
        return SEEN_DONE;
    str_adds(why, c->obj ? "another change took over: its taints were changed again meanwhile" : "the node was deleted meanwhile");
    return c->obj ? SEEN_OVERTAKEN : SEEN_FAILED;
}

static enum act_arrived taint_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : taints_so(c, c->obj) ? ARRIVED_YES : ARRIVED_NO;
}

static void add_taint(struct str *args, bool first, const json_t *t, bool remove)
{
    const char *value = act_str(t, "value");
    str_addf(args, "%s%s%s%s:%s%s", first ? "set=" : ",", act_str(t, "key"), *value && !remove ? "=" : "", remove ? "" : value, act_str(t, "effect"),
             remove ? "-" : "");
}

/* Each taint it touches, as it was before. */
static const char *taint_undo(const struct act_ctx *c, struct str *args)
{
    const json_t *was = act_get(c->before, "spec.taints");
    const char *p = act_arg(c, "set");
    struct taint t;
    bool any = false;
    while (p && c->before && next_taint(&p, &t) > 0) {
        if (taint_so(was, &t))
            continue;
        bool none = true;
        for (size_t i = 0; i < json_array_size(was); i++) {
            if (!same_taint(json_array_get(was, i), &t))
                continue;
            add_taint(args, !any, json_array_get(was, i), false);
            any = true;
            none = false;
        }
        if (none) {
            str_addf(args, "%s%s:%s-", any ? "," : "set=", t.key, t.effect);
            any = true;
        }
    }
    if (any)
        str_adds(args, "\noverwrite=true\n");
    return any ? "taint" : NULL;
}

static const char *const nodes[] = {"nodes", NULL};
static const struct action_arg taint_args[] = {
    {.name = "set", .help = "key=value:Effect or key:Effect sets, key- or key:Effect- removes; several with commas, or as words behind the name.", .type = ARG_TEXT, .required = true},
    {.name = "overwrite", .help = "Also change a taint that has another value now.", .type = ARG_BOOL},
};

const struct action kube_node_actions[] = {
    {.id = "cordon", .asks = "PATCH", .past = "cordoned", .kinds = nodes, .help = "Keeps new pods off a node.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .build = cordon_build, .observe = cordon_seen, .arrived = cordon_arrived, .undo = cordon_undo},
    {.id = "uncordon", .past = "uncordoned", .kinds = nodes, .help = "Lets new pods onto a node again.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .build = cordon_build, .observe = cordon_seen, .arrived = cordon_arrived, .undo = cordon_undo},
    {.id = "taint", .past = "tainted", .kinds = nodes, .help = "Sets, changes or removes taints of a node.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = taint_args, .nargs = 2, .side = taint_side, .takes = taint_takes, .build = taint_build, .observe = taint_seen,
     .arrived = taint_arrived, .undo = taint_undo},
    {0},
};
