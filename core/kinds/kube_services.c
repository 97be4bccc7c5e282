/* Services. */
#include <stdlib.h>
#include <string.h>

#include "core/kinds/kube_common.h"
#include "strata/mem.h"

#define CELL_MAX (64u << 10)

enum { PORT_PROTOCOL, PORT_PORT, PORT_NODE };
static const struct wire_field port_fields[] = {F_STR("protocol", 2), F_INT("port", 3), F_INT("nodePort", 5)};
static const struct wire_schema port = KUBE_SCHEMA(port_fields);

enum { SPEC_PORTS, SPEC_SELECTOR, SPEC_CLUSTER_IP, SPEC_TYPE, SPEC_EXTERNAL, SPEC_EXTERNAL_NAME, SPEC_CLUSTER_IPS };
static const struct wire_field spec_fields[] = {
    F_MSGS("ports", 1, port), F_MAP("selector", 2),         F_STR("clusterIP", 3),    F_STR("type", 4),
    F_STRS("externalIPs", 5), F_STR("externalName", 10),    F_STRS("clusterIPs", 18),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ING_IP, ING_HOST };
static const struct wire_field ingress_fields[] = {F_STR("ip", 1), F_STR("hostname", 2)};
static const struct wire_schema ingress = KUBE_SCHEMA(ingress_fields);
static const struct wire_field balancer_fields[] = {F_MSGS("ingress", 1, ingress)};
static const struct wire_schema balancer = KUBE_SCHEMA(balancer_fields);
static const struct wire_field status_fields[] = {F_MSG("loadBalancer", 1, balancer)};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field service_fields[] = {
    F_MSG("metadata", 1, kube_meta_noted), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema service = KUBE_SCHEMA(service_fields);

enum { C_NAMESPACE, C_NAME, C_TYPE, C_CLUSTER_IP, C_EXTERNAL_IP, C_PORTS, C_AGE, C_SELECTOR, C_LABELS, C_BALANCER };
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_TYPE] = {.id = "type", .title = "TYPE", .help = "How it is reached.", .flags = COL_INTERN},
    [C_CLUSTER_IP] = {.id = "cluster-ip", .title = "CLUSTER-IP", .help = "Address inside the cluster.",
                      .none = "<none>"},
    [C_EXTERNAL_IP] = {.id = "external-ip", .title = "EXTERNAL-IP", .help = "Addresses from outside.",
                       .flags = COL_STATE, .none = "<none>"},
    [C_PORTS] = {.id = "ports", .title = "PORT(S)", .help = "Ports, with those on the nodes.", .none = "<none>"},
    [C_AGE] = KUBE_COL_AGE,
    [C_SELECTOR] = KUBE_COL_SELECTOR("<none>"),
    [C_LABELS] = KUBE_COL_LABELS,
    [C_BALANCER] = {.id = "balancer-id", .title = "BALANCER ID", .help = "Load balancer of Octavia that was made for it.", .flags = COL_HIDDEN},
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_item(struct str *out, const char *s)
{
    if (out->len)
        str_addc(out, ',');
    str_adds(out, s);
}

/* Addresses the load balancer gave: sorted, each once. */
static bool add_balancer(struct str *out, const struct wire_obj *st)
{
    const struct wire_val *list = wire_list(wire_sub(st, 0), 0);
    size_t n = 0, k = 0;
    for (const struct wire_val *v = list; v; v = v->next)
        n++;
    const char **a = mem_alloc((n + 1) * sizeof *a);
    if (!a)
        return false;
    for (const struct wire_val *v = list; v; v = v->next) {
        const char *ip = wire_str(v->obj, ING_IP), *host = wire_str(v->obj, ING_HOST);
        if (kube_some(ip) || kube_some(host))
            a[k++] = kube_some(ip) ? ip : host;
    }
    qsort(a, k, sizeof *a, by_text);
    for (size_t i = 0; i < k; i++) {
        if (!i || strcmp(a[i], a[i - 1]) != 0)
            add_item(out, a[i]);
    }
    mem_free(a);
    return true;
}

/* true: it waits for its load balancer. */
static bool fill_external(struct rowbuf *rb, const struct wire_obj *sp, const struct wire_obj *st)
{
    const char *type = wire_str(sp, SPEC_TYPE);
    bool balanced = kube_is(type, "LoadBalancer"), pending = false;
    if (kube_is(type, "ExternalName")) {
        const char *name = wire_str(sp, SPEC_EXTERNAL_NAME);
        rowbuf_text(rb, C_EXTERNAL_IP, name ? name : "");
        return false;
    }
    if (!balanced && !kube_is(type, "ClusterIP") && !kube_is(type, "NodePort")) {
        rowbuf_text(rb, C_EXTERNAL_IP, "<unknown>");
        return false;
    }
    struct str s;
    str_init(&s, CELL_MAX);
    if (balanced && !add_balancer(&s, st))
        rb->failed = true;
    for (const struct wire_val *v = wire_list(sp, SPEC_EXTERNAL); v; v = v->next)
        add_item(&s, v->s);
    pending = balanced && !s.len;
    kube_text(rb, C_EXTERNAL_IP, pending ? "<pending>" : s.data);
    rb->failed |= s.failed;
    str_release(&s);
    return pending;
}

static void fill_ports(struct rowbuf *rb, const struct wire_val *v)
{
    struct str s;
    str_init(&s, CELL_MAX);
    for (; v; v = v->next) {
        const char *protocol = wire_str(v->obj, PORT_PROTOCOL);
        int number = (int)wire_num(v->obj, PORT_PORT, 0), on_node = (int)wire_num(v->obj, PORT_NODE, 0);
        str_addf(&s, "%s%d", s.len ? "," : "", number);
        if (on_node > 0)
            str_addf(&s, ":%d", on_node);
        str_addf(&s, "/%s", protocol ? protocol : "");
    }
    kube_text(rb, C_PORTS, s.data);
    rb->failed |= s.failed;
    str_release(&s);
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *ips = wire_list(sp, SPEC_CLUSTER_IPS);
    enum health h = kube_deletion_health(rb, o, now_ms);
    rowbuf_text(rb, C_TYPE, wire_str(sp, SPEC_TYPE));
    kube_text(rb, C_CLUSTER_IP, ips ? ips->s : wire_str(sp, SPEC_CLUSTER_IP));
    bool pending = fill_external(rb, sp, st);
    fill_ports(rb, wire_list(sp, SPEC_PORTS));
    kube_text(rb, C_BALANCER, kube_note(o, "loadbalancer.openstack.org/load-balancer-id"));
    kube_map_cell(rb, C_SELECTOR, wire_list(sp, SPEC_SELECTOR));
    if (h == HEALTH_NONE)
        h = !pending ? HEALTH_OK : kube_young_health(rb, o, now_ms, HEALTH_WARN, HEALTH_WARN);
    rowbuf_health(rb, h);
}

static const struct kube_kind kube = {
    .group = "", .version = "v1", .resource = "services", .object_kind = "Service", .schema = &service,
    .decode = decode,
};
static const char *const aliases[] = {"svc", "service", NULL};
const struct kind kind_services = {
    .id = "services", .singular = "service", .title = "Services", .aliases = aliases,
    .help = "Lasting addresses in front of pods.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
