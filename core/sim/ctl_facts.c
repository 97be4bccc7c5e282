/* Facts read once from a document that was stored: pods, nodes, and who is selected by services and budgets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

/* ---- pods ---- */
static bool condition_true(const json_t *doc, const char *type, const char **since)
{
    json_t *c = ctl_find_condition(doc, type);
    *since = jstr(c, "lastTransitionTime");
    return strcmp(jstr(c, "status"), "True") == 0;
}

/* The images of a pod that runs are on its node: the next one does not wait for them. */
static void note_images(struct sim *s, const struct ctl_item *it, const json_t *doc)
{
    static const char *const lists[] = {"spec.initContainers", "spec.containers"};
    for (size_t l = 0; l < 2; l++) {
        json_t *all = jat(doc, lists[l]);
        for (size_t i = 0; i < json_array_size(all); i++) {
            char *key = sim_printf("%s|%s", it->o->node, jstr(json_array_get(all, i), "image"));
            map_put(&s->ctl->images, key, s->ctl);
            free(key);
        }
    }
}

void ctl_facts_pod(struct sim *s, struct ctl_item *it, const json_t *doc, bool first)
{
    const char *since;
    bool ready = condition_true(doc, "Ready", &since);
    if (first) {
        it->created = stamp_ms(jstr(doc, "metadata.creationTimestamp"));
        ctl_requests(jat(doc, "spec"), &it->cpu, &it->memory);
        it->apart = json_deep_copy(jat(doc, "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"));
        it->ports = ctl_host_ports(doc);
        s->ctl->aparts += it->apart != NULL;
    }
    if (ready && !it->ready)
        it->ready_since = s->ctl->running ? sim_now(s) : stamp_ms(since);
    it->ready = ready;
    it->terminating = ctl_deleting(doc);
    it->phase = *jstr(doc, "status.phase") ? *jstr(doc, "status.phase") : 'P';
    snprintf(it->ip, sizeof(it->ip), "%s", jstr(doc, "status.podIP"));
    it->has_ip = it->ip[0] != 0;
    it->restarts = 0;
    json_t *all = jat(doc, "status.containerStatuses");
    for (size_t i = 0; i < json_array_size(all); i++)
        it->restarts += jint(json_array_get(all, i), "restartCount");
    if (!s->ctl->running && it->phase == 'R')
        note_images(s, it, doc);
}

/* ---- nodes ---- */
static void count_pods(struct sim *s, struct ctl_node *n)
{
    size_t count;
    struct ctl_item **pods = ctl_pods_on(s, n->o->name, &count);
    for (size_t i = 0; i < count; i++) {
        if (pods[i]->phase == 'S' || pods[i]->phase == 'F')
            continue;
        n->used_cpu += pods[i]->cpu;
        n->used_memory += pods[i]->memory;
        n->used_pods++;
    }
    free(pods);
}

/* Daemon sets care for labels and taints, not for heartbeats. */
static void tell_daemonsets(struct sim *s)
{
    struct res *r = ctl_res(s, K_DAEMONSET);
    for (size_t i = 0; r && i < r->n; i++)
        ctl_queue(s, K_DAEMONSET, r->items[i]->ns, r->items[i]->name);
}

void ctl_facts_node(struct sim *s, struct obj *o, const json_t *doc)
{
    const char *since;
    struct ctl_node *n = map_get(&s->ctl->nodes, o->name);
    bool first = !n, ready = condition_true(doc, "Ready", &since), off = json_is_true(jat(doc, "spec.unschedulable"));
    json_t *taints = jat(doc, "spec.taints");
    if (first) {
        n = sim_alloc(sizeof(*n));
        n->o = o;
        map_put(&s->ctl->nodes, o->name, n);
        count_pods(s, n);
        n->down = strcmp(jstr(ctl_find_condition(doc, "Ready"), "status"), "Unknown") == 0;
    }
    bool changed = first || off != n->unschedulable || ready != n->ready || !json_equal(n->taints ? n->taints : json_null(), taints ? taints : json_null()) ||
                   !json_equal(n->o->labels, o->labels);
    n->o = o;
    snprintf(n->address, sizeof(n->address), "%s", jstr(doc, "status.addresses.0.address"));
    n->unschedulable = off;
    n->ready = ready;
    n->cpu = ctl_quantity(jstr(doc, "status.allocatable.cpu"), true);
    n->memory = ctl_quantity(jstr(doc, "status.allocatable.memory"), false);
    n->pods = ctl_quantity(jstr(doc, "status.allocatable.pods"), false);
    json_decref(n->taints);
    n->taints = json_deep_copy(taints);
    if (changed && s->ctl->running) {
        ctl_queue(s, K_NODE, "", o->name);
        tell_daemonsets(s);
        ctl_schedule_retry(s, true);
    }
}

void ctl_node_forget(struct sim *s, const char *name)
{
    struct ctl_node *n = map_get(&s->ctl->nodes, name);
    if (!n)
        return;
    map_del(&s->ctl->nodes, name);
    json_decref(n->taints);
    free(n);
    ctl_queue(s, K_NODE, "", name);
    tell_daemonsets(s);
}

/* ---- services and budgets ---- */
static struct ctl_selector *first_of(struct sim *s, const char *ns)
{
    return map_get(&s->ctl->selectors, ns);
}

struct ctl_selector *ctl_selector(struct sim *s, enum ctl_kind kind, const char *ns, const char *name)
{
    struct ctl_selector *q = first_of(s, ns);
    while (q && (q->kind != kind || strcmp(q->name, name) != 0))
        q = q->next;
    return q;
}

/* A service without a selector selects nobody, a budget with an empty one everybody. */
static bool picks(const struct ctl_selector *q, const json_t *labels)
{
    if (q->kind == K_SERVICE && ctl_empty_selector(q->selector))
        return false;
    return q->selector && ctl_selects(q->selector, labels);
}

static void member_add(struct ctl_selector *q, struct ctl_item *it)
{
    q->v = sim_grow(q->v, &q->cap, q->n + 1, sizeof(struct ctl_item *));
    q->v[q->n++] = it;
}

static void member_drop(struct ctl_selector *q, const struct ctl_item *it)
{
    for (size_t i = 0; i < q->n; i++) {
        if (q->v[i] == it) {
            q->v[i] = q->v[--q->n];
            return;
        }
    }
}

static void select_all(struct sim *s, struct ctl_selector *q, const char *ns)
{
    struct res *pods = ctl_res(s, K_POD);
    struct ctl_item *it;
    q->n = 0;
    for (size_t i = pods ? store_from(pods, ns, "", false) : 0; pods && i < pods->n && strcmp(pods->items[i]->ns, ns) == 0; i++)
        if (picks(q, pods->items[i]->labels) && (it = ctl_item(s, pods->items[i]->uid)))
            member_add(q, it);
}

void ctl_selectors_start(struct sim *s)
{
    const struct map_entry *e;
    size_t at = 0;
    while ((e = map_next(&s->ctl->selectors, &at)))
        for (struct ctl_selector *q = e->value; q; q = q->next)
            select_all(s, q, e->key);
}

void ctl_selector_put(struct sim *s, enum ctl_kind kind, struct obj *o, const json_t *doc)
{
    json_t *sel = jat(doc, "spec.selector");
    struct ctl_selector *q = ctl_selector(s, kind, o->ns, o->name);
    json_t *want = kind == K_SERVICE ? jt("{'matchLabels':%j}", sel ? json_incref(sel) : json_object()) : json_deep_copy(sel);
    if (q && want && q->selector && json_equal(q->selector, want)) {
        json_decref(want);
        return;
    }
    if (!q) {
        q = sim_alloc(sizeof(*q));
        q->kind = kind;
        q->name = sim_strdup(o->name);
        q->next = first_of(s, o->ns);
        map_put(&s->ctl->selectors, o->ns, q);
    }
    json_decref(q->selector);
    q->selector = want;
    if (s->ctl->running)
        select_all(s, q, o->ns);
}

void ctl_selector_drop(struct sim *s, enum ctl_kind kind, const char *ns, const char *name)
{
    struct ctl_selector *q = ctl_selector(s, kind, ns, name), *head = first_of(s, ns);
    if (!q)
        return;
    if (q == head) {
        if (q->next)
            map_put(&s->ctl->selectors, ns, q->next);
        else
            map_del(&s->ctl->selectors, ns);
    } else {
        while (head->next != q)
            head = head->next;
        head->next = q->next;
    }
    json_decref(q->selector);
    free(q->name);
    free(q->v);
    free(q);
}

void ctl_selectors_pod(struct sim *s, struct ctl_item *it, const json_t *before, bool was, bool is, bool matters)
{
    if (!s->ctl->running || (!matters && before == it->o->labels))
        return;
    for (struct ctl_selector *q = first_of(s, it->o->ns); q; q = q->next) {
        bool in = was && picks(q, before), now = is && picks(q, it->o->labels);
        if (in && !now)
            member_drop(q, it);
        else if (now && !in)
            member_add(q, it);
        if (in || now)
            ctl_queue(s, q->kind, it->o->ns, q->name);
    }
}
