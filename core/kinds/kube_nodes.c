/* Nodes: kubectl's columns, and what the links between layers need to know of a node (provider id, machine ids). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kinds/kube_common.h"
#include "strata/mem.h"

#define ROLE_PREFIX "node-role.kubernetes.io/"
#define ROLE_LABEL "kubernetes.io/role"

enum { TAINT_KEY, TAINT_VALUE, TAINT_EFFECT, TAINT_ADDED };
static const struct wire_field taint_fields[] = {F_STR("key", 1), F_STR("value", 2), F_STR("effect", 3), F_TIME("timeAdded", 4)};
static const struct wire_schema taint = KUBE_SCHEMA(taint_fields);

enum { SPEC_PROVIDER, SPEC_CORDONED, SPEC_TAINTS };
static const struct wire_field spec_fields[] = {
    F_STR("providerID", 3), F_BOOL("unschedulable", 4), F_MSGS("taints", 5, taint),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ADDR_TYPE, ADDR_ADDRESS };
static const struct wire_field address_fields[] = {F_STR("type", 1), F_STR("address", 2)};
static const struct wire_schema address = KUBE_SCHEMA(address_fields);

enum { INFO_MACHINE, INFO_SYSTEM, INFO_KERNEL, INFO_OS, INFO_RUNTIME, INFO_KUBELET, INFO_ARCH };
static const struct wire_field info_fields[] = {
    F_STR("machineID", 1), F_STR("systemUUID", 2),       F_STR("kernelVersion", 4),
    F_STR("osImage", 5),   F_STR("containerRuntimeVersion", 6), F_STR("kubeletVersion", 7),
    F_STR("architecture", 10),
};
static const struct wire_schema info = KUBE_SCHEMA(info_fields);

enum { ST_CAPACITY, ST_ALLOCATABLE, ST_CONDITIONS, ST_ADDRESSES, ST_INFO };
static const struct wire_field status_fields[] = {
    F_QUANTITIES("capacity", 1), F_QUANTITIES("allocatable", 2), F_MSGS("conditions", 4, kube_condition),
    F_MSGS("addresses", 5, address), F_MSG("nodeInfo", 7, info),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field node_fields[] = {
    F_MSG("metadata", 1, kube_meta_noted), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema node = KUBE_SCHEMA(node_fields);

enum {
    C_NAME, C_STATUS, C_ROLES, C_AGE, C_VERSION, C_CPU, C_MEM, C_INTERNAL_IP, C_EXTERNAL_IP, C_OS, C_KERNEL, C_RUNTIME,
    C_TAINTS, C_TAINT_LIST, C_ALLOC_CPU, C_ALLOC_MEM, C_ALLOC_PODS, C_PROVIDER, C_MACHINE, C_SYSTEM, C_PRESSURE, C_READY, C_UNREADY,
    C_MESSAGE, C_LABELS, C_CAPI, C_CORDONED, C_OFFERS,
};
#define NODE_TEXT(id_, title_, help_, flags_, none_) \
    {.id = id_, .title = title_, .help = help_, .flags = flags_, .none = none_}
static const struct column columns[] = {
    [C_NAME] = KUBE_COL_NAME,
    [C_STATUS] = NODE_TEXT("status", "STATUS", "Ready or not, and whether pods may be scheduled on it.",
                           COL_INTERN | COL_STATE, NULL),
    [C_ROLES] = NODE_TEXT("roles", "ROLES", "Roles, from its labels.", COL_INTERN, "<none>"),
    [C_AGE] = KUBE_COL_AGE,
    [C_VERSION] = NODE_TEXT("version", "VERSION", "Version of the kubelet.", COL_INTERN, NULL),
    [C_CPU] = {.id = "cpu", .title = "CPU", .help = "Processor use, thousandths of a core.", .type = COL_MILLI,
               .flags = COL_CARRY | COL_WIDE | COL_RIGHT | COL_DESC, .none = "-"},
    [C_MEM] = {.id = "mem", .title = "MEM", .help = "Memory use.", .type = COL_BYTES,
               .flags = COL_CARRY | COL_WIDE | COL_RIGHT | COL_DESC, .none = "-"},
    [C_INTERNAL_IP] = NODE_TEXT("internal-ip", "INTERNAL-IP", "Address inside the cluster.", COL_WIDE, "<none>"),
    [C_EXTERNAL_IP] = NODE_TEXT("external-ip", "EXTERNAL-IP", "Address from outside.", COL_WIDE, "<none>"),
    [C_OS] = NODE_TEXT("os-image", "OS-IMAGE", "Operating system.", COL_WIDE | COL_INTERN, "<unknown>"),
    [C_KERNEL] = NODE_TEXT("kernel", "KERNEL-VERSION", "Kernel and architecture.", COL_WIDE | COL_INTERN, "<unknown>"),
    [C_RUNTIME] = NODE_TEXT("runtime", "CONTAINER-RUNTIME", "Container runtime.", COL_WIDE | COL_INTERN, "<unknown>"),
    [C_TAINTS] = {.id = "taints", .title = "TAINTS", .help = "How many taints it has.", .type = COL_INT,
                  .flags = COL_HIDDEN | COL_RIGHT},
    [C_TAINT_LIST] = NODE_TEXT("taint-list", "TAINT-LIST", "Its taints.", COL_HIDDEN | COL_INTERN, "<none>"),
    [C_ALLOC_CPU] = {.id = "alloc-cpu", .title = "ALLOC-CPU", .help = "Processor that pods may use.",
                     .type = COL_MILLI, .flags = COL_HIDDEN | COL_RIGHT},
    [C_ALLOC_MEM] = {.id = "alloc-mem", .title = "ALLOC-MEM", .help = "Memory that pods may use.", .type = COL_BYTES,
                     .flags = COL_HIDDEN | COL_RIGHT},
    [C_ALLOC_PODS] = {.id = "alloc-pods", .title = "ALLOC-PODS", .help = "How many pods it takes.", .type = COL_INT,
                      .flags = COL_HIDDEN | COL_RIGHT},
    [C_PROVIDER] = NODE_TEXT("provider-id", "PROVIDER-ID", "The machine behind it, as its cloud names it.", COL_HIDDEN,
                             NULL),
    [C_MACHINE] = NODE_TEXT("machine-id", "MACHINE-ID", "Its /etc/machine-id.", COL_HIDDEN, NULL),
    [C_SYSTEM] = NODE_TEXT("system-uuid", "SYSTEM-UUID", "UUID of its hardware or virtual machine.", COL_HIDDEN, NULL),
    [C_PRESSURE] = NODE_TEXT("pressure", "PRESSURE", "Resources it runs short of.", COL_HIDDEN | COL_INTERN, NULL),
    [C_READY] = NODE_TEXT("ready", "READY", "What its Ready condition says; Unknown: its kubelet is not heard.", COL_HIDDEN | COL_INTERN, NULL),
    [C_UNREADY] = KUBE_COL_UNREADY,
    [C_MESSAGE] = KUBE_COL_MESSAGE,
    [C_LABELS] = KUBE_COL_LABELS,
    [C_CAPI] = NODE_TEXT("capi-machine", "MACHINE", "Machine of Cluster API that made it, NAMESPACE/NAME.", COL_HIDDEN, NULL),
    [C_OFFERS] = {.id = "offers", .title = "OFFERS", .help = "What else than processor, memory and pods it has for pods, in thousandths.", .flags = COL_HIDDEN},
    [C_CORDONED] = {.id = "cordoned", .title = "CORDONED", .help = "How long no pods are scheduled on it.", .type = COL_TIME, .flags = COL_HIDDEN | COL_RIGHT},
};

/* The last condition of a type counts for nodes. */
static const struct wire_obj *last_cond(const struct wire_val *v, const char *type)
{
    const struct wire_obj *found = NULL;
    for (; v; v = v->next) {
        if (kube_is(wire_str(v->obj, COND_TYPE), type))
            found = v->obj;
    }
    return found;
}

/* "NAME=value" of a quantity map in thousandths, or CELL_NONE. */
static int64_t quantity(const struct wire_val *map, const char *name)
{
    for (; map; map = map->next) {
        if (!strcmp(map->key, name))
            return map->n;
    }
    return CELL_NONE;
}

static void fill_roles(struct rowbuf *rb, const struct wire_val *labels)
{
    const char *roles[64];       /* sorted, each once */
    size_t n = 0;
    for (const struct wire_val *v = labels; v && n < COUNT_OF(roles); v = v->next) {
        const char *role = !strncmp(v->key, ROLE_PREFIX, strlen(ROLE_PREFIX)) ? v->key + strlen(ROLE_PREFIX)
                           : !strcmp(v->key, ROLE_LABEL)                      ? v->s
                                                                              : "";
        size_t at = 0;
        while (at < n && strcmp(roles[at], role) < 0)
            at++;
        if (!*role || (at < n && !strcmp(roles[at], role)))
            continue;
        memmove(&roles[at + 1], &roles[at], (n - at) * sizeof roles[0]);
        roles[at] = role;
        n++;
    }
    struct str s;
    str_init(&s, 16u << 10);
    for (size_t i = 0; i < n; i++) {
        str_adds(&s, i ? "," : "");
        str_adds(&s, roles[i]);
    }
    if (n)
        rowbuf_textn(rb, C_ROLES, s.data, s.len);
    rb->failed |= s.failed;
    str_release(&s);
}

static void fill_addresses(struct rowbuf *rb, const struct wire_val *v)
{
    const char *internal = NULL, *external = NULL;
    for (; v; v = v->next) {
        const char *type = wire_str(v->obj, ADDR_TYPE), *a = wire_str(v->obj, ADDR_ADDRESS);
        if (!internal && kube_is(type, "InternalIP"))
            internal = a ? a : "";
        if (!external && kube_is(type, "ExternalIP"))
            external = a ? a : "";
    }
    rowbuf_text(rb, C_INTERNAL_IP, internal);
    rowbuf_text(rb, C_EXTERNAL_IP, external);
}

static void fill_taints(struct rowbuf *rb, const struct wire_val *v)
{
    struct str s;
    int64_t n = 0, cordoned = CELL_NONE;
    str_init(&s, 64u << 10);
    for (; v; v = v->next, n++) {
        const char *key = wire_str(v->obj, TAINT_KEY), *val = wire_str(v->obj, TAINT_VALUE);
        const char *effect = wire_str(v->obj, TAINT_EFFECT);
        str_addf(&s, "%s%s%s%s:%s", n ? "," : "", key ? key : "", kube_some(val) ? "=" : "", val ? val : "",
                 effect ? effect : "");
        if (kube_is(key, "node.kubernetes.io/unschedulable"))
            cordoned = wire_num(v->obj, TAINT_ADDED, CELL_NONE);
    }
    rowbuf_num(rb, C_CORDONED, cordoned);
    rowbuf_num(rb, C_TAINTS, n);
    kube_text(rb, C_TAINT_LIST, s.data);
    rb->failed |= s.failed;
    str_release(&s);
}

/* Conditions that say it runs short of something; true if there is one. */
static bool fill_pressure(struct rowbuf *rb, const struct wire_val *conditions)
{
    static const char *const types[] = {"MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"};
    struct str s;
    str_init(&s, 256);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (kube_is(wire_str(last_cond(conditions, types[i]), COND_STATUS), "True"))
            str_addf(&s, "%s%s", s.len ? "," : "", types[i]);
    }
    bool any = s.len > 0;
    if (any)
        rowbuf_text(rb, C_PRESSURE, s.data);
    rb->failed |= s.failed;
    str_release(&s);
    return any;
}

static void fill_info(struct rowbuf *rb, const struct wire_obj *in)
{
    const char *kernel = wire_str(in, INFO_KERNEL), *arch = wire_str(in, INFO_ARCH);
    if (kube_some(arch))
        rowbuf_textf(rb, C_KERNEL, "%s (%s)", kube_some(kernel) ? kernel : "<unknown>", arch);
    else
        kube_text(rb, C_KERNEL, kernel);
    rowbuf_text(rb, C_VERSION, wire_str(in, INFO_KUBELET));
    kube_text(rb, C_OS, wire_str(in, INFO_OS));
    kube_text(rb, C_RUNTIME, wire_str(in, INFO_RUNTIME));
    kube_text(rb, C_MACHINE, wire_str(in, INFO_MACHINE));
    kube_text(rb, C_SYSTEM, wire_str(in, INFO_SYSTEM));
}

static void fill_allocatable(struct rowbuf *rb, const struct wire_val *map)
{
    int64_t cpu = quantity(map, "cpu"), mem = quantity(map, "memory"), pods = quantity(map, "pods");
    rowbuf_num(rb, C_ALLOC_CPU, cpu);
    rowbuf_num(rb, C_ALLOC_MEM, mem == CELL_NONE ? mem : mem / 1000);
    rowbuf_num(rb, C_ALLOC_PODS, pods == CELL_NONE ? pods : pods / 1000);
    struct str s;
    str_init(&s, 16u << 10);
    for (; map; map = map->next)
        if (map->key && strcmp(map->key, "cpu") && strcmp(map->key, "memory") && strcmp(map->key, "pods"))
            str_addf(&s, "%s%s=%lld", s.len ? "," : "", map->key, (long long)map->n);
    kube_text(rb, C_OFFERS, s.data);
    rb->failed |= s.failed;
    str_release(&s);
}

static enum health node_health(struct rowbuf *rb, const struct wire_obj *o, bool ready, bool known, bool cordoned,
                               bool pressed, int64_t now_ms)
{
    enum health gone = kube_deletion_health(rb, o, now_ms);
    enum health late = known ? HEALTH_BAD : HEALTH_UNKNOWN;
    if (!ready)
        return kube_young_health(rb, o, now_ms, late, late);
    return gone != HEALTH_NONE ? gone : cordoned || pressed ? HEALTH_WARN : HEALTH_OK;
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *conditions = wire_list(st, ST_CONDITIONS);
    const struct wire_obj *cond = last_cond(conditions, "Ready");
    bool ready = kube_is(wire_str(cond, COND_STATUS), "True"), cordoned = wire_num(sp, SPEC_CORDONED, 0) != 0;
    rowbuf_textf(rb, C_STATUS, "%s%s", !cond ? "Unknown" : ready ? "Ready" : "NotReady",
                 cordoned ? ",SchedulingDisabled" : "");
    fill_roles(rb, wire_list(wire_sub(o, OBJ_META), META_LABELS));
    fill_info(rb, wire_sub(st, ST_INFO));
    fill_addresses(rb, wire_list(st, ST_ADDRESSES));
    fill_taints(rb, wire_list(sp, SPEC_TAINTS));
    fill_allocatable(rb, wire_list(st, ST_ALLOCATABLE));
    kube_text(rb, C_PROVIDER, wire_str(sp, SPEC_PROVIDER));
    kube_text(rb, C_READY, cond ? wire_str(cond, COND_STATUS) : "Unknown");
    const char *machine = kube_note(o, "cluster.x-k8s.io/machine"), *ns = kube_note(o, "cluster.x-k8s.io/cluster-namespace");
    if (*machine && *ns)
        rowbuf_textf(rb, C_CAPI, "%s/%s", ns, machine);
    rowbuf_num(rb, C_UNREADY, ready ? CELL_NONE : wire_num(cond, COND_SINCE, CELL_NONE));
    if (!ready)
        kube_text(rb, C_MESSAGE, wire_str(cond, COND_MESSAGE));
    bool pressed = fill_pressure(rb, conditions);
    rowbuf_health(rb, node_health(rb, o, ready, cond != NULL, cordoned, pressed, now_ms));
}

static const struct kube_kind kube = {
    .group = "", .version = "v1", .resource = "nodes", .object_kind = "Node", .schema = &node, .decode = decode,
    .metrics = true,
};
static const char *const aliases[] = {"no", "node", NULL};
const struct kind kind_nodes = {
    .id = "nodes", .singular = "node", .title = "Nodes", .aliases = aliases,
    .help = "Machines that run the cluster's pods.",
    .plane = PLANE_KUBE, .flags = KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
