/* Daemon sets. */
#include "core/kinds/kube_roll.h"

enum { SPEC_SELECTOR, SPEC_TEMPLATE, SPEC_UPDATE };
static const struct wire_field spec_fields[] = {
    F_MSG("selector", 1, kube_label_selector), F_MSG("template", 2, kube_pod_template), F_MSG("updateStrategy", 3, kube_roll),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ST_CURRENT, ST_MISPLACED, ST_DESIRED, ST_READY, ST_OBSERVED, ST_UPDATED, ST_AVAILABLE };
static const struct wire_field status_fields[] = {
    F_INT("currentNumberScheduled", 1), F_INT("numberMisscheduled", 2),     F_INT("desiredNumberScheduled", 3),
    F_INT("numberReady", 4),            F_INT("observedGeneration", 5),     F_INT("updatedNumberScheduled", 6),
    F_INT("numberAvailable", 7),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field set_fields[] = {
    F_MSG("metadata", 1, kube_meta_noted), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema set = KUBE_SCHEMA(set_fields);

enum {
    C_NAMESPACE, C_NAME, C_DESIRED, C_CURRENT, C_READY, C_UPDATED, C_AVAILABLE, C_NODE_SELECTOR, C_AGE, C_CONTAINERS,
    C_IMAGES, C_SELECTOR, C_MISPLACED, C_LABELS, C_RELEASE, C_AWAY, C_ROLLING, C_REVISION,
};
#define NUMBER(id_, title_, help_, flags_) \
    {.id = id_, .title = title_, .help = help_, .type = COL_INT, .flags = COL_RIGHT | (flags_)}
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_DESIRED] = NUMBER("desired", "DESIRED", "Nodes that should run it.", 0),
    [C_CURRENT] = NUMBER("current", "CURRENT", "Nodes that run it and should.", 0),
    [C_READY] = NUMBER("ready", "READY", "Nodes where it is ready.", COL_STATE),
    [C_UPDATED] = NUMBER("up-to-date", "UP-TO-DATE", "Nodes that run the newest template.", 0),
    [C_AVAILABLE] = NUMBER("available", "AVAILABLE", "Nodes where it has been ready long enough.", 0),
    [C_NODE_SELECTOR] = {.id = "node-selector", .title = "NODE SELECTOR", .help = "Labels of the nodes it is for.",
                         .flags = COL_INTERN, .none = "<none>"},
    [C_AGE] = KUBE_COL_AGE,
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_WIDE),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_WIDE),
    [C_SELECTOR] = KUBE_COL_SELECTOR("<none>"),
    [C_MISPLACED] = NUMBER("misscheduled", "MISSCHEDULED", "Nodes that run it and should not.", COL_HIDDEN),
    [C_LABELS] = KUBE_COL_LABELS,
    [C_RELEASE] = KUBE_COL_RELEASE,
    [C_AWAY] = KUBE_COL_AWAY,
    [C_ROLLING] = KUBE_COL_ROLLING,
    [C_REVISION] = {.id = "revision", .title = "REVISION", .help = "The newest generation of its template.", .flags = COL_HIDDEN},
};

/* Pods of the old template still run where they should. One that was lost is no rollout: it is not counted at all. */
static bool rolling(const struct wire_obj *o, const struct wire_obj *sp, const struct wire_obj *st)
{
    if (kube_is(wire_str(wire_sub(sp, SPEC_UPDATE), ROLL_TYPE), "OnDelete"))
        return false;
    return wire_num(wire_sub(o, OBJ_META), META_GENERATION, 0) > wire_num(st, ST_OBSERVED, 0) ||
           wire_num(st, ST_UPDATED, 0) < wire_num(st, ST_CURRENT, 0);
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_obj *ts = wire_sub(wire_sub(sp, SPEC_TEMPLATE), TEMPLATE_SPEC);
    int64_t desired = wire_num(st, ST_DESIRED, 0), available = wire_num(st, ST_AVAILABLE, 0);
    int64_t updated = wire_num(st, ST_UPDATED, 0), misplaced = wire_num(st, ST_MISPLACED, 0);
    enum health h = kube_replica_health(rb, o, desired, available, now_ms);
    if (h <= HEALTH_OK && misplaced)
        h = HEALTH_WARN;
    else if (h == HEALTH_OK && updated < desired)
        h = HEALTH_BUSY;
    rowbuf_num(rb, C_DESIRED, desired);
    rowbuf_num(rb, C_CURRENT, wire_num(st, ST_CURRENT, 0));
    rowbuf_num(rb, C_READY, wire_num(st, ST_READY, 0));
    rowbuf_num(rb, C_UPDATED, updated);
    rowbuf_num(rb, C_AVAILABLE, available);
    rowbuf_num(rb, C_MISPLACED, misplaced);
    kube_map_cell(rb, C_NODE_SELECTOR, wire_list(ts, TSPEC_NODE_SELECTOR));
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, wire_list(ts, TSPEC_CONTAINERS));
    kube_selector_cell(rb, C_SELECTOR, wire_sub(sp, SPEC_SELECTOR), "<error>");
    rowbuf_health(rb, h);
    kube_release_cell(rb, C_RELEASE, o);
    rowbuf_num(rb, C_AWAY, kube_roll_daemon(wire_sub(sp, SPEC_UPDATE), desired));
    if (rolling(o, sp, st))
        rowbuf_text(rb, C_ROLLING, "True");
    kube_text(rb, C_REVISION, kube_note(o, "deprecated.daemonset.template.generation"));
}

static const struct kube_kind kube = {
    .group = "apps", .version = "v1", .resource = "daemonsets", .object_kind = "DaemonSet", .schema = &set,
    .decode = decode,
};
static const char *const aliases[] = {"ds", "daemonset", "daemonsets.apps", "daemonset.apps", NULL};
const struct kind kind_daemonsets = {
    .id = "daemonsets", .singular = "daemonset", .title = "DaemonSets", .aliases = aliases,
    .help = "Runs one pod on each node.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_LOGS | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
