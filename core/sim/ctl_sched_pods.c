/* What a pod's place asks of the pods that are there already: affinity, anti-affinity of either side, spread over topologies, ports. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define REQUIRED "requiredDuringSchedulingIgnoredDuringExecution"

static const char *domain(const struct obj *node, const json_t *term)
{
    return json_string_value(json_object_get(node->labels, jstr(term, "topologyKey")));
}

static bool named(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (!strcmp(json_string_value(json_array_get(names, i)) ? json_string_value(json_array_get(names, i)) : "", name))
            return true;
    return false;
}

/* Does a term of a pod in namespace `mine` mean one with these labels in namespace `its`? */
static bool means(struct sim *s, const json_t *term, const char *mine, const char *its, const json_t *labels)
{
    json_t *ns = jat(term, "namespaceSelector"), *names = jat(term, "namespaces");
    struct obj *o = json_is_object(ns) ? ctl_get(s, K_NAMESPACE, "", its) : NULL;
    bool there = !json_is_object(ns) && !json_array_size(names) ? !strcmp(mine, its) : named(names, its) || (o && ctl_selects(ns, o->labels));
    return there && json_is_object(jat(term, "labelSelector")) && ctl_selects(jat(term, "labelSelector"), labels);
}

static void count(json_t *in, const char *what, int n)
{
    json_object_set_new(in, what, json_integer(json_integer_value(json_object_get(in, what)) + n));
}

/* The selector of a constraint, and the labels that pods of one revision share. */
static bool alike(const json_t *constraint, const json_t *pod, const json_t *labels)
{
    json_t *keys = jat(constraint, "matchLabelKeys"), *mine = jat(pod, "metadata.labels");
    if (!json_is_object(jat(constraint, "labelSelector")) || !ctl_selects(jat(constraint, "labelSelector"), labels))
        return false;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        json_t *v = key ? json_object_get(mine, key) : NULL;
        if (v && !json_equal(v, json_object_get(labels, key)))
            return false;
    }
    return true;
}

static bool tolerates_all(const json_t *pod, const struct ctl_node *n)
{
    for (size_t i = 0; i < json_array_size(n->taints); i++)
        if (strcmp(jstr(json_array_get(n->taints, i), "effect"), "PreferNoSchedule") && !ctl_tolerates(jat(pod, "spec.tolerations"), json_array_get(n->taints, i), NULL))
            return false;
    return true;
}

/* A node that counts for a constraint: it is in all its topologies, and one the pod may be on by the policies. */
static bool counts(const struct ctl_beside *b, const json_t *c, const struct ctl_node *n)
{
    for (size_t i = 0; i < json_array_size(b->spread); i++)
        if (!domain(n->o, json_array_get(b->spread, i)))
            return false;
    return (!strcmp(jstr(c, "nodeAffinityPolicy"), "Ignore") || ctl_node_selected(b->pod, n->o)) && (strcmp(jstr(c, "nodeTaintsPolicy"), "Honor") || tolerates_all(b->pod, n));
}

static void see_pod(struct ctl_beside *b, const struct ctl_node *n, const struct ctl_item *it)
{
    const char *mine = jstr(b->pod, "metadata.namespace"), *at;
    for (size_t i = 0; i < json_array_size(b->with); i++)
        if ((at = domain(n->o, json_array_get(b->with, i))) && means(b->s, json_array_get(b->with, i), mine, it->o->ns, it->o->labels))
            count(json_array_get(b->with_at, i), at, 1);
    for (size_t i = 0; i < json_array_size(b->apart); i++)
        if ((at = domain(n->o, json_array_get(b->apart, i))) && means(b->s, json_array_get(b->apart, i), mine, it->o->ns, it->o->labels))
            count(json_array_get(b->apart_at, i), at, 1);
    for (size_t i = 0; i < json_array_size(b->spread); i++) {
        json_t *c = json_array_get(b->spread, i);
        if (!it->terminating && !strcmp(mine, it->o->ns) && counts(b, c, n) && alike(c, b->pod, it->o->labels))
            count(json_array_get(b->spread_at, i), domain(n->o, c), 1);
    }
    for (size_t i = 0; i < json_array_size(it->apart); i++)
        if ((at = domain(n->o, json_array_get(it->apart, i))) && means(b->s, json_array_get(it->apart, i), it->o->ns, mine, jat(b->pod, "metadata.labels"))) {
            char *key = sim_printf("%s=%s", jstr(json_array_get(it->apart, i), "topologyKey"), at);
            count(b->banned, key, 1);
            free(key);
        }
}

static json_t *tables(const json_t *terms)
{
    json_t *a = json_array();
    for (size_t i = 0; i < json_array_size(terms); i++)
        json_array_append_new(a, json_object());
    return a;
}

void ctl_beside_init(struct ctl_beside *b, struct sim *s, const json_t *pod)
{
    const struct map_entry *e;
    json_t *all = jat(pod, "spec.topologySpreadConstraints");
    *b = (struct ctl_beside){.s = s, .pod = pod, .with = jat(pod, "spec.affinity.podAffinity." REQUIRED), .apart = jat(pod, "spec.affinity.podAntiAffinity." REQUIRED),
                             .spread = json_array(), .banned = json_object()};
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "whenUnsatisfiable"), "ScheduleAnyway"))
            json_array_append(b->spread, json_array_get(all, i));
    b->with_at = tables(b->with);
    b->apart_at = tables(b->apart);
    b->spread_at = tables(b->spread);
    bool any = json_array_size(b->with) || json_array_size(b->apart) || json_array_size(b->spread) || s->ctl->aparts;
    for (size_t at = 0; any && (e = map_next(&s->ctl->nodes, &at));) {
        size_t n;
        struct ctl_node *node = e->value;
        for (size_t i = 0; i < json_array_size(b->spread); i++)
            if (counts(b, json_array_get(b->spread, i), node))
                count(json_array_get(b->spread_at, i), domain(node->o, json_array_get(b->spread, i)), 0);
        struct ctl_item **pods = ctl_pods_on(s, node->o->name, &n);
        for (size_t i = 0; i < n; i++)
            if (pods[i]->phase != 'S' && pods[i]->phase != 'F')
                see_pod(b, node, pods[i]);
        free(pods);
    }
}

void ctl_beside_release(struct ctl_beside *b)
{
    json_decref(b->spread);
    json_decref(b->with_at);
    json_decref(b->apart_at);
    json_decref(b->spread_at);
    json_decref(b->banned);
}

static int64_t have(const json_t *tables, size_t i, const char *at) { return json_integer_value(json_object_get(json_array_get(tables, i), at)); }

static const char *spread_unfit(const struct ctl_beside *b, size_t i, const struct ctl_node *n)
{
    json_t *c = json_array_get(b->spread, i), *table = json_array_get(b->spread_at, i), *v;
    const char *at = domain(n->o, c), *key;
    int64_t least = INT64_MAX, domains = jint(c, "minDomains") ? jint(c, "minDomains") : 1;
    if (!at)
        return "node(s) didn't match pod topology spread constraints (missing required label)";
    json_object_foreach(table, key, v)
        least = json_integer_value(v) < least ? json_integer_value(v) : least;
    if (least == INT64_MAX || (int64_t)json_object_size(table) < domains)
        least = 0;
    bool self = alike(c, b->pod, jat(b->pod, "metadata.labels"));
    return have(b->spread_at, i, at) + self - least > jint(c, "maxSkew") ? "node(s) didn't match pod topology spread constraints" : NULL;
}

static bool any_address(const char *a) { return !*a || !strcmp(a, "0.0.0.0"); }

static bool clash(const json_t *a, const json_t *b)
{
    const char *pa = *jstr(a, "protocol") ? jstr(a, "protocol") : "TCP", *pb = *jstr(b, "protocol") ? jstr(b, "protocol") : "TCP";
    const char *ha = jstr(a, "hostIP"), *hb = jstr(b, "hostIP");
    return jint(a, "hostPort") && jint(a, "hostPort") == jint(b, "hostPort") && !strcmp(pa, pb) && (any_address(ha) || any_address(hb) || !strcmp(ha, hb));
}

json_t *ctl_host_ports(const json_t *pod)
{
    json_t *all = jat(pod, "spec.containers"), *out = NULL;
    for (size_t i = 0; i < json_array_size(all); i++)
        for (size_t k = 0; k < json_array_size(jat(json_array_get(all, i), "ports")); k++) {
            json_t *p = json_array_get(jat(json_array_get(all, i), "ports"), k);
            if (!jint(p, "hostPort"))
                continue;
            out = out ? out : json_array();
            json_array_append_new(out, json_deep_copy(p));
        }
    return out;
}

static bool ports_taken(struct sim *s, const json_t *pod, const struct ctl_node *n)
{
    json_t *mine = ctl_host_ports(pod);
    size_t count = 0;
    bool taken = false;
    struct ctl_item **pods = mine ? ctl_pods_on(s, n->o->name, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < json_array_size(pods[i]->ports) && pods[i]->phase != 'S' && pods[i]->phase != 'F'; a++)
            for (size_t b = 0; b < json_array_size(mine); b++)
                taken |= clash(json_array_get(pods[i]->ports, a), json_array_get(mine, b));
    free(pods);
    json_decref(mine);
    return taken;
}

/* In the order of the scheduler's own filters. */
const char *ctl_beside_unfit(const struct ctl_beside *b, const struct ctl_node *n, bool *hopeless)
{
    const json_t *labels = jat(b->pod, "metadata.labels"), *v;
    const char *mine = jstr(b->pod, "metadata.namespace"), *key;
    *hopeless = false;
    if (ports_taken(b->s, b->pod, n))
        return "node(s) didn't have free ports for the requested pod ports";
    for (size_t i = 0; i < json_array_size(b->spread); i++) {
        const char *no = spread_unfit(b, i, n);
        *hopeless = no && !domain(n->o, json_array_get(b->spread, i));
        if (no)
            return no;
    }
    for (size_t i = 0; i < json_array_size(b->with); i++) {
        json_t *t = json_array_get(b->with, i);
        const char *at = domain(n->o, t);
        bool first = !json_object_size(json_array_get(b->with_at, i)) && means(b->s, t, mine, mine, labels);
        *hopeless = !at || (!have(b->with_at, i, at) && !first);
        if (*hopeless)
            return "node(s) didn't match pod affinity rules";
    }
    for (size_t i = 0; i < json_array_size(b->apart); i++) {
        const char *at = domain(n->o, json_array_get(b->apart, i));
        if (at && have(b->apart_at, i, at))
            return "node(s) didn't match pod anti-affinity rules";
    }
    json_object_foreach(b->banned, key, v) {
        const char *value = strchr(key, '=');
        char name[320];
        if (!value || (size_t)(value - key) >= sizeof(name))
            continue;
        memcpy(name, key, (size_t)(value - key));
        name[value - key] = 0;
        const char *at = json_string_value(json_object_get(n->o->labels, name));
        if (at && !strcmp(at, value + 1))
            return "node(s) didn't satisfy existing pods anti-affinity rules";
    }
    return NULL;
}
