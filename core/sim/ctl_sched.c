/* The scheduler: which nodes a pod fits, the emptiest of them, and its words when there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "strata/clock.h"

/* ---- taints ---- */
bool ctl_tolerates(const json_t *tolerations, const json_t *taint, int64_t *seconds)
{
    bool any = false;
    const char *key = jstr(taint, "key"), *value = jstr(taint, "value"), *effect = jstr(taint, "effect");
    int64_t longest = -1;
    for (size_t i = 0; i < json_array_size(tolerations); i++) {
        json_t *t = json_array_get(tolerations, i), *sec = jat(t, "tolerationSeconds");
        const char *k = jstr(t, "key"), *e = jstr(t, "effect");
        bool exists = strcmp(jstr(t, "operator"), "Exists") == 0;
        if ((*k || !exists) && strcmp(k, key) != 0)
            continue;
        if ((*e && strcmp(e, effect) != 0) || (!exists && strcmp(jstr(t, "value"), value) != 0))
            continue;
        any = true;
        if (json_is_integer(sec) && (longest < 0 || json_integer_value(sec) < longest))
            longest = json_integer_value(sec) < 0 ? 0 : json_integer_value(sec);
    }
    if (seconds)
        *seconds = longest;
    return any;
}

/* ---- affinity to nodes; ctl_sched_pods.c has that to pods ---- */
static bool value_in(const json_t *values, const char *v)
{
    for (size_t i = 0; v && i < json_array_size(values); i++) {
        const char *x = json_string_value(json_array_get(values, i));
        if (x && strcmp(x, v) == 0)
            return true;
    }
    return false;
}

static bool expression(const json_t *e, const char *have)
{
    const char *op = jstr(e, "operator");
    json_t *values = jat(e, "values");
    if (strcmp(op, "In") == 0)
        return value_in(values, have);
    if (strcmp(op, "NotIn") == 0)
        return !value_in(values, have);
    if (strcmp(op, "Exists") == 0)
        return have != NULL;
    if (strcmp(op, "DoesNotExist") == 0)
        return have == NULL;
    const char *bound = json_string_value(json_array_get(values, 0));
    if (!have || !bound)
        return false;
    return *op == 'G' ? atoll(have) > atoll(bound) : atoll(have) < atoll(bound);
}

static bool term(const json_t *t, const struct obj *node)
{
    json_t *labels = jat(t, "matchExpressions"), *fields = jat(t, "matchFields");
    if (!json_array_size(labels) && !json_array_size(fields))
        return false;
    for (size_t i = 0; i < json_array_size(labels); i++) {
        json_t *e = json_array_get(labels, i);
        if (!expression(e, json_string_value(json_object_get(node->labels, jstr(e, "key")))))
            return false;
    }
    for (size_t i = 0; i < json_array_size(fields); i++)
        if (!expression(json_array_get(fields, i), node->name))
            return false;
    return true;
}

bool ctl_node_selected(const json_t *pod, const struct obj *node)
{
    json_t *want = jat(pod, "spec.nodeSelector"), *v;
    json_t *terms = jat(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
    const char *key, *fixed = jstr(pod, "spec.nodeName");
    if (*fixed && strcmp(fixed, node->name) != 0)
        return false;
    json_object_foreach(want, key, v) {
        const char *have = json_string_value(json_object_get(node->labels, key));
        if (!have || !json_is_string(v) || strcmp(have, json_string_value(v)) != 0)
            return false;
    }
    bool any = !json_array_size(terms);
    for (size_t i = 0; i < json_array_size(terms) && !any; i++)
        any = term(json_array_get(terms, i), node);
    return any;
}

/* ---- filter ---- */
const char *ctl_unfit(const json_t *pod, const struct ctl_node *n, int64_t cpu, int64_t memory, bool *hopeless, char buf[160])
{
    json_t *tolerations = jat(pod, "spec.tolerations");
    json_t *off = jt("{'key':'node.kubernetes.io/unschedulable','effect':'NoSchedule'}");
    bool closed = n->unschedulable && !ctl_tolerates(tolerations, off, NULL);
    json_decref(off);
    *hopeless = true;
    if (closed)
        return "node(s) were unschedulable";
    for (size_t i = 0; i < json_array_size(n->taints); i++) {
        json_t *t = json_array_get(n->taints, i);
        const char *effect = jstr(t, "effect");
        if (strcmp(effect, "PreferNoSchedule") != 0 && !ctl_tolerates(tolerations, t, NULL))
            return "node(s) had untolerated taint(s)";
    }
    if (!ctl_node_selected(pod, n->o))
        return "node(s) didn't match Pod's node affinity/selector";
    bool slots = n->used_pods + 1 > n->pods, no_cpu = cpu && n->used_cpu + cpu > n->cpu, no_memory = memory && n->used_memory + memory > n->memory;
    *hopeless = cpu > n->cpu || memory > n->memory;
    if (!slots && !no_cpu && !no_memory)
        return NULL;
    snprintf(buf, 160, "%s%s%s%s%s", slots ? "Too many pods" : "", slots && (no_cpu || no_memory) ? "|" : "", no_cpu ? "Insufficient cpu" : "",
             no_cpu && no_memory ? "|" : "", no_memory ? "Insufficient memory" : "");
    return buf;
}

struct tally { char text[96]; int n; };
struct reasons { struct tally t[16]; size_t n; };

static void tally_add(struct reasons *r, const char *text, size_t len)
{
    for (size_t i = 0; i < r->n; i++) {
        if (strncmp(r->t[i].text, text, len) == 0 && !r->t[i].text[len]) {
            r->t[i].n++;
            return;
        }
    }
    if (r->n < 16 && len < sizeof(r->t[0].text)) {
        memcpy(r->t[r->n].text, text, len);
        r->t[r->n].text[len] = 0;
        r->t[r->n++].n = 1;
    }
}

static int by_text(const void *a, const void *b)
{
    char x[128], y[128];
    snprintf(x, sizeof(x), "%d %s", ((const struct tally *)a)->n, ((const struct tally *)a)->text);
    snprintf(y, sizeof(y), "%d %s", ((const struct tally *)b)->n, ((const struct tally *)b)->text);
    return strcmp(x, y);
}

static char *sentence(struct reasons *r, int nodes, int hopeless)
{
    struct str out;
    if (!nodes)
        return sim_strdup("no nodes available to schedule pods");
    str_init(&out, 0);
    qsort(r->t, r->n, sizeof(*r->t), by_text);
    str_addf(&out, "0/%d nodes are available: ", nodes);
    for (size_t i = 0; i < r->n; i++)
        str_addf(&out, "%s%d %s", i ? ", " : "", r->t[i].n, r->t[i].text);
    str_addf(&out, ". no new claims to deallocate, preemption: 0/%d nodes are available: ", nodes);
    int victims = nodes - hopeless;                            /* nobody here is less important than anybody else */
    if (victims)
        str_addf(&out, "%d No preemption victims found for incoming pod", victims);
    if (hopeless)
        str_addf(&out, "%s%d Preemption is not helpful for scheduling", victims ? ", " : "", hopeless);
    str_addc(&out, '.');
    char *text = sim_strdup(out.data);
    str_release(&out);
    return text;
}

/* Siblings are spread: how many of the same owner each node has already. */
static void siblings(struct sim *s, const struct ctl_item *it, int sign)
{
    size_t count = 0;
    struct ctl_item **pods = *it->o->owner_uid ? ctl_owned(s, it->o->owner_uid, K_POD, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        struct ctl_node *n = pods[i]->node ? map_get(&s->ctl->nodes, pods[i]->o->node) : NULL;
        if (n && !pods[i]->terminating)
            n->siblings += sign;
    }
    free(pods);
}

static struct ctl_node *choose(struct sim *s, const json_t *pod, struct ctl_item *it, char **why)
{
    struct ctl *c = s->ctl;
    struct ctl_node *best = NULL;
    struct reasons r = {.n = 0};
    const struct map_entry *e;
    double top = -1;
    int nodes = 0, hopeless = 0;
    size_t at = 0;
    bool never = strcmp(ctl_note_str(pod, SIM_NOTE "behaviour"), "unschedulable") == 0;
    struct ctl_beside beside;
    siblings(s, it, 1);
    ctl_beside_init(&beside, s, pod);
    bool resolves = false;
    while ((e = map_next(&c->nodes, &at))) {
        struct ctl_node *n = e->value;
        char buf[160];
        bool hope_less;
        const char *no = ctl_unfit(pod, n, it->cpu, it->memory, &hope_less, buf);
        nodes++;
        if (!no && never) {
            no = "Insufficient memory";
            hope_less = true;
        }
        if (!no && (no = ctl_beside_unfit(&beside, n, &hope_less)))
            resolves = true;                                   /* other pods may change it */
        if (no) {
            hopeless += hope_less;
            for (const char *p = no; *p;) {
                size_t len = strcspn(p, "|");
                tally_add(&r, p, len);
                p += len + (p[len] == '|');
            }
            continue;
        }
        double free_cpu = n->cpu ? (double)(n->cpu - n->used_cpu - it->cpu) / (double)n->cpu : 0;
        double free_mem = n->memory ? (double)(n->memory - n->used_memory - it->memory) / (double)n->memory : 0;
        double score = 10 * (free_cpu + free_mem) - 6 * n->siblings + (double)(sim_rand(s) % 1000) / 500.0;
        if (!best || score > top) {
            best = n;
            top = score;
        }
    }
    siblings(s, it, -1);
    ctl_beside_release(&beside);
    it->hopeless = hopeless == nodes && !resolves;
    *why = best ? NULL : sentence(&r, nodes, hopeless);
    return best;
}

/* ---- binding ---- */
static void bind_pod(struct sim *s, json_t *pod, const struct ctl_node *n)
{
    static const char *const topology[] = {"topology.kubernetes.io/region", "topology.kubernetes.io/zone"};
    char at[32];
    jset(pod, "spec.nodeName", json_string(n->o->name));
    for (size_t i = 0; i < 2; i++) {                           /* the API server copies them from the node when a pod is bound */
        json_t *v = json_object_get(n->o->labels, topology[i]);
        if (v && json_is_object(jat(pod, "metadata.labels")))
            json_object_set(jat(pod, "metadata.labels"), topology[i], v);
    }
    ctl_condition(pod, "PodScheduled", "True", NULL, NULL, ctl_now(s, at));
    json_object_set_new(ctl_find_condition(pod, "PodScheduled"), "lastProbeTime", json_null());
    json_object_set(ctl_find_condition(pod, "PodScheduled"), "observedGeneration", jat(pod, "metadata.generation"));
    ctl_event(s, pod, "Normal", "Scheduled", "default-scheduler", NULL, "Successfully assigned %s/%s to %s", jstr(pod, "metadata.namespace"),
              jstr(pod, "metadata.name"), n->o->name);
    ctl_put(s, K_POD, json_incref(pod));
}

void ctl_sync_schedule(struct sim *s, const char *ns, const char *name)
{
    struct obj *o = ctl_get(s, K_POD, ns, name);
    struct ctl_item *it = o ? ctl_item(s, o->uid) : NULL;
    if (!it || it->node || it->terminating || !ctl_active(it))
        return;
    json_t *pod = obj_doc(o);
    char *why = NULL, at[32];
    struct ctl_node *n = json_array_size(jat(pod, "spec.schedulingGates")) || strcmp(jstr(pod, "spec.schedulerName"), "default-scheduler") != 0
                             ? NULL : choose(s, pod, it, &why);
    if (n) {
        map_del(&s->ctl->waiting, it->o->uid);
        bind_pod(s, pod, n);
    } else if (why) {
        map_put(&s->ctl->waiting, it->o->uid, it);
        ctl_event(s, pod, "Warning", "FailedScheduling", "default-scheduler", NULL, "%s", why);
        if (ctl_condition(pod, "PodScheduled", "False", "Unschedulable", why, ctl_now(s, at))) {
            json_object_set_new(ctl_find_condition(pod, "PodScheduled"), "lastProbeTime", json_null());
            json_object_set(ctl_find_condition(pod, "PodScheduled"), "observedGeneration", jat(pod, "metadata.generation"));
            ctl_put(s, K_POD, json_incref(pod));
        }
        if (clock_mono_ms() >= it->flush_at) {                 /* now and then without any reason */
            it->flush_at = clock_mono_ms() + ctl_ms(s, 300000);
            ctl_queue_after(s, ctl_ms(s, 300000), K_SCHEDULE, ns, name);
        }
    }
    free(why);
    json_decref(pod);
}

void ctl_schedule_retry(struct sim *s, bool nodes)
{
    const struct map_entry *e;
    size_t at = 0;
    int64_t now = clock_mono_ms();
    while ((e = map_next(&s->ctl->waiting, &at))) {
        struct ctl_item *it = e->value;
        if (now < it->next_try || (it->hopeless && !nodes))
            continue;
        int64_t wait = 1000LL << (it->tries < 4 ? it->tries : 4);
        it->next_try = now + ctl_ms(s, wait > 10000 ? 10000 : wait);
        it->tries++;
        ctl_queue_after(s, it->next_try - now, K_SCHEDULE, it->o->ns, it->o->name);
    }
}
