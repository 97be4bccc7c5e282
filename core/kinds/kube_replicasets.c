/* Replica sets. */
#include "core/kinds/kube_common.h"

enum { SPEC_REPLICAS, SPEC_SELECTOR, SPEC_TEMPLATE };
static const struct wire_field spec_fields[] = {
    F_INT("replicas", 1), F_MSG("selector", 2, kube_label_selector), F_MSG("template", 3, kube_pod_template),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ST_REPLICAS, ST_READY, ST_AVAILABLE, ST_CONDITIONS };
static const struct wire_field status_fields[] = {
    F_INT("replicas", 1), F_INT("readyReplicas", 4), F_INT("availableReplicas", 5),
    F_MSGS("conditions", 6, kube_apps_condition),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field set_fields[] = {
    F_MSG("metadata", 1, kube_meta_noted), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema set = KUBE_SCHEMA(set_fields);

enum {
    C_NAMESPACE, C_NAME, C_DESIRED, C_CURRENT, C_READY, C_AGE, C_CONTAINERS, C_IMAGES, C_SELECTOR, C_MESSAGE, C_LABELS, C_REVISION,
};
#define NUMBER(id_, title_, help_, flags_) \
    {.id = id_, .title = title_, .help = help_, .type = COL_INT, .flags = COL_RIGHT | (flags_)}
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_DESIRED] = NUMBER("desired", "DESIRED", "Pods wanted.", 0),
    [C_CURRENT] = NUMBER("current", "CURRENT", "Pods that exist.", 0),
    [C_READY] = NUMBER("ready", "READY", "Pods that are ready.", COL_STATE),
    [C_AGE] = KUBE_COL_AGE,
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_WIDE),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_WIDE),
    [C_SELECTOR] = KUBE_COL_SELECTOR("<none>"),
    [C_MESSAGE] = KUBE_COL_MESSAGE,
    [C_LABELS] = KUBE_COL_LABELS,
    [C_REVISION] = KUBE_COL_REVISION,
};

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *cs = wire_at(o, OBJ_SPEC, SPEC_TEMPLATE, TEMPLATE_SPEC, TSPEC_CONTAINERS, -1);
    const struct wire_obj *failure = kube_cond(wire_list(st, ST_CONDITIONS), "ReplicaFailure");
    int64_t wanted = wire_num(sp, SPEC_REPLICAS, 1);
    enum health h = kube_replica_health(rb, o, wanted, wire_num(st, ST_AVAILABLE, 0), now_ms);
    rowbuf_num(rb, C_DESIRED, wanted);
    rowbuf_num(rb, C_CURRENT, wire_num(st, ST_REPLICAS, 0));
    rowbuf_num(rb, C_READY, wire_num(st, ST_READY, 0));
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, cs);
    kube_selector_cell(rb, C_SELECTOR, wire_sub(sp, SPEC_SELECTOR), "<error>");
    if (kube_is(wire_str(failure, COND_STATUS), "True")) {      /* pods are refused: quota, admission */
        kube_text(rb, C_MESSAGE, wire_str(failure, COND_MESSAGE));
        h = h < HEALTH_WARN ? HEALTH_WARN : h;
    }
    kube_text(rb, C_REVISION, kube_note(o, KUBE_REVISION));
    rowbuf_health(rb, h);
}

static const struct kube_kind kube = {
    .group = "apps", .version = "v1", .resource = "replicasets", .object_kind = "ReplicaSet", .schema = &set,
    .decode = decode,
};
static const char *const aliases[] = {"rs", "replicaset", "replicasets.apps", "replicaset.apps", NULL};
const struct kind kind_replicasets = {
    .id = "replicasets", .singular = "replicaset", .title = "ReplicaSets", .aliases = aliases,
    .help = "Keeps a number of like pods running; usually made by a deployment.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_LOGS | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
