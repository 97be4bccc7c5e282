/* What the scheduler asks of a place beyond its node; see the header. */
#include "core/kinds/kube_beside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TERM_SELECTOR, TERM_NAMESPACES, TERM_TOPOLOGY, TERM_NS_SELECTOR };
static const struct wire_field term_fields[] = {
    F_MSG("labelSelector", 1, kube_label_selector), F_STRS("namespaces", 2), F_STR("topologyKey", 3), F_MSG("namespaceSelector", 4, kube_label_selector),
};
static const struct wire_schema term = KUBE_SCHEMA(term_fields);
static const struct wire_field beside_fields[] = {F_MSGS("requiredDuringSchedulingIgnoredDuringExecution", 1, term)};
const struct wire_schema kube_beside = KUBE_SCHEMA(beside_fields);

enum { SPREAD_SKEW, SPREAD_TOPOLOGY, SPREAD_ELSE, SPREAD_SELECTOR, SPREAD_MIN, SPREAD_AFFINITY, SPREAD_TAINTS, SPREAD_KEYS };
static const struct wire_field spread_fields[] = {
    F_INT("maxSkew", 1),    F_STR("topologyKey", 2),        F_STR("whenUnsatisfiable", 3), F_MSG("labelSelector", 4, kube_label_selector),
    F_INT("minDomains", 5), F_STR("nodeAffinityPolicy", 6), F_STR("nodeTaintsPolicy", 7),  F_STRS("matchLabelKeys", 8),
};
const struct wire_schema kube_spread = KUBE_SCHEMA(spread_fields);

void kube_beside_part(struct str *out, const char *fmt, ...)
{
    char part[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(part, sizeof part, fmt, ap);
    va_end(ap);
    str_addf(out, "%s%s", out->len ? "|" : "", part);
}

static void selector(const struct wire_obj *sel, struct str *out)
{
    struct str s;
    str_init(&s, 16u << 10);
    bool ok = !sel || kube_selector_text(sel, &s);
    str_adds(out, !sel ? "-" : !ok || s.failed ? "?" : s.len ? s.data : "");
    str_release(&s);
}

static void terms(const char *what, const struct wire_obj *affinity, struct str *out)
{
    for (const struct wire_val *v = wire_list(affinity, 0); v; v = v->next) {
        const char *key = wire_str(v->obj, TERM_TOPOLOGY);
        kube_beside_part(out, "%s;%s;", what, key ? key : "");
        for (const struct wire_val *ns = wire_list(v->obj, TERM_NAMESPACES), *first = ns; ns; ns = ns->next)
            str_addf(out, "%s%s", ns == first ? "" : ",", ns->s ? ns->s : "");
        str_addc(out, ';');
        selector(wire_sub(v->obj, TERM_NS_SELECTOR), out);
        str_addc(out, ';');
        selector(wire_sub(v->obj, TERM_SELECTOR), out);
    }
}

void kube_beside_affinity(const struct wire_obj *affinity, struct str *out)
{
    terms("with", wire_sub(affinity, 1), out);
    terms("apart", wire_sub(affinity, 2), out);
}

/* Older servers leave matchLabelKeys to the scheduler, newer ones write them into the selector as well: twice does no harm. */
static void same_labels(const struct wire_val *keys, const struct wire_val *labels, struct str *out)
{
    for (; keys; keys = keys->next)
        for (const struct wire_val *v = labels; v && keys->s; v = v->next)
            if (kube_is(v->key, keys->s))
                str_addf(out, "%s%s=%s", out->data[out->len - 1] == ';' ? "" : ",", v->key, v->s ? v->s : "");
}

void kube_beside_spread(const struct wire_val *v, const struct wire_val *labels, struct str *out)
{
    for (; v; v = v->next) {
        const struct wire_obj *o = v->obj;
        const char *key = wire_str(o, SPREAD_TOPOLOGY);
        if (kube_is(wire_str(o, SPREAD_ELSE), "ScheduleAnyway"))
            continue;
        kube_beside_part(out, "spread;%s;%lld;%lld;%s%s;", key ? key : "", (long long)wire_num(o, SPREAD_SKEW, 1), (long long)wire_num(o, SPREAD_MIN, 1),
                         kube_is(wire_str(o, SPREAD_AFFINITY), "Ignore") ? "a" : "", kube_is(wire_str(o, SPREAD_TAINTS), "Honor") ? "t" : "");
        selector(wire_sub(o, SPREAD_SELECTOR), out);
        if (wire_sub(o, SPREAD_SELECTOR))
            same_labels(wire_list(o, SPREAD_KEYS), labels, out);
    }
}

void kube_beside_ports(const struct wire_val *containers, struct str *out)
{
    for (; containers; containers = containers->next)
        for (const struct wire_val *p = wire_list(containers->obj, CONTAINER_PORTS); p; p = p->next) {
            const char *protocol = wire_str(p->obj, HOST_PROTOCOL), *address = wire_str(p->obj, HOST_ADDRESS);
            long long port = wire_num(p->obj, HOST_PORT, 0);
            if (port)
                kube_beside_part(out, "port;%s;%lld;%s", kube_some(protocol) ? protocol : "TCP", port, kube_some(address) ? address : "");
        }
}

static const struct wire_val *requests(const struct wire_obj *container) { return wire_list(wire_sub(container, CONTAINER_RESOURCES), RESOURCES_REQUESTS); }

static int64_t asked(const struct wire_val *container, const char *res)
{
    for (const struct wire_val *v = requests(container->obj); v; v = v->next)
        if (kube_is(v->key, res))
            return v->n;
    return 0;
}

static bool told(const struct wire_val *from, const struct wire_val *to, const char *res)
{
    for (; from && from != to; from = from->next)
        for (const struct wire_val *v = requests(from->obj); v; v = v->next)
            if (kube_is(v->key, res))
                return true;
    return false;
}

/* As the scheduler sums them: all containers, or an init container that asks for more. */
static int64_t greatest(const struct wire_val *containers, const struct wire_val *init, const char *res)
{
    int64_t sum = 0;
    for (; containers; containers = containers->next)
        sum += asked(containers, res);
    for (; init; init = init->next)
        sum = asked(init, res) > sum ? asked(init, res) : sum;
    return sum;
}

void kube_beside_asks(const struct wire_val *containers, const struct wire_val *init, struct str *out)
{
    const struct wire_val *list[] = {containers, init};
    for (size_t i = 0; i < 2; i++)
        for (const struct wire_val *c = list[i]; c; c = c->next)
            for (const struct wire_val *v = requests(c->obj); v; v = v->next)
                if (v->key && strcmp(v->key, "cpu") && strcmp(v->key, "memory") && !told(list[i], c, v->key) && (!i || !told(containers, NULL, v->key)))
                    kube_beside_part(out, "ask;%s;%lld", v->key, (long long)greatest(containers, init, v->key));
}
