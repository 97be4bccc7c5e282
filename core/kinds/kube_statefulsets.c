/* Stateful sets. */
#include "core/kinds/kube_roll.h"

static const struct wire_field claim_fields[] = {F_MSG("metadata", 1, kube_meta)};
static const struct wire_schema claim = KUBE_SCHEMA(claim_fields);
static const struct wire_field ordinal_fields[] = {F_INT("start", 1)};
static const struct wire_schema ordinals = KUBE_SCHEMA(ordinal_fields);

enum { SPEC_REPLICAS, SPEC_TEMPLATE, SPEC_CLAIMS, SPEC_UPDATE, SPEC_ORDINALS };
static const struct wire_field spec_fields[] = {
    F_INT("replicas", 1), F_MSG("template", 3, kube_pod_template), F_MSGS("volumeClaimTemplates", 4, claim), F_MSG("updateStrategy", 7, kube_roll_set),
    F_MSG("ordinals", 11, ordinals),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ST_OBSERVED, ST_READY, ST_UPDATED, ST_CURRENT_REV, ST_UPDATE_REV, ST_AVAILABLE };
static const struct wire_field status_fields[] = {
    F_INT("observedGeneration", 1), F_INT("readyReplicas", 3), F_INT("updatedReplicas", 5),
    F_STR("currentRevision", 6), F_STR("updateRevision", 7), F_INT("availableReplicas", 11),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field set_fields[] = {
    F_MSG("metadata", 1, kube_meta_noted), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema set = KUBE_SCHEMA(set_fields);

enum { C_NAMESPACE, C_NAME, C_READY, C_AGE, C_CONTAINERS, C_IMAGES, C_UPDATED, C_LABELS, C_RELEASE, C_AWAY, C_PINNED, C_ROLLING, C_REVISION, C_CLAIMS, C_START };
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_READY] = {.id = "ready", .title = "READY", .help = "Ready pods, of those wanted.", .type = COL_RATIO,
                 .flags = COL_STATE | COL_RIGHT},
    [C_AGE] = KUBE_COL_AGE,
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_WIDE),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_WIDE),
    [C_UPDATED] = {.id = "up-to-date", .title = "UP-TO-DATE", .help = "Pods of the newest template.",
                   .type = COL_INT, .flags = COL_HIDDEN | COL_RIGHT},
    [C_LABELS] = KUBE_COL_LABELS,
    [C_RELEASE] = KUBE_COL_RELEASE,
    [C_AWAY] = KUBE_COL_AWAY,
    [C_PINNED] = KUBE_COL_TEMPLATE_NODE,
    [C_ROLLING] = KUBE_COL_ROLLING,
    [C_REVISION] = {.id = "revision", .title = "REVISION", .help = "The newest revision of its template.", .flags = COL_HIDDEN},
    [C_CLAIMS] = {.id = "claim-templates", .title = "CLAIM TEMPLATES", .help = "Templates of the claims that each of its pods has.", .flags = COL_HIDDEN | COL_INTERN},
    [C_START] = {.id = "first-number", .title = "FIRST NUMBER", .help = "Number of its first pod.", .type = COL_INT, .flags = COL_HIDDEN | COL_RIGHT},
};

/* Pods of a set have claims of the names TEMPLATE-SET-NUMBER. */
static void claims_cell(struct rowbuf *rb, const struct wire_val *templates)
{
    struct str names;
    str_init(&names, 4096);
    for (const struct wire_val *v = templates; v; v = v->next) {
        const char *name = wire_str(wire_sub(v->obj, 0), META_NAME);
        str_addf(&names, "%s%s", names.len ? "," : "", name ? name : "");
    }
    if (names.len)
        rowbuf_text(rb, C_CLAIMS, names.data);
    str_release(&names);
}

/* Revisions differ until the last pod of the new one is ready; with a partition for ever, then its pods are counted. */
static bool rolling(const struct wire_obj *o, const struct wire_obj *sp, const struct wire_obj *st, int64_t wanted)
{
    const struct wire_obj *how = wire_sub(sp, SPEC_UPDATE);
    const char *current = wire_str(st, ST_CURRENT_REV), *update = wire_str(st, ST_UPDATE_REV);
    int64_t kept = wire_num(wire_sub(how, ROLL_HOW), ROLL_SET_PARTITION, 0);
    if (kube_is(wire_str(how, ROLL_TYPE), "OnDelete"))
        return false;
    if (wire_num(wire_sub(o, OBJ_META), META_GENERATION, 0) > wire_num(st, ST_OBSERVED, 0))
        return true;
    return kube_some(update) && !kube_is(current, update) && (!kept || wire_num(st, ST_UPDATED, 0) < wanted - kept);
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *cs = wire_at(o, OBJ_SPEC, SPEC_TEMPLATE, TEMPLATE_SPEC, TSPEC_CONTAINERS, -1);
    int64_t wanted = wire_num(sp, SPEC_REPLICAS, 1), ready = wire_num(st, ST_READY, 0);
    enum health h = kube_replica_health(rb, o, wanted, wire_num(st, ST_AVAILABLE, 0), now_ms);
    bool on_its_way = rolling(o, sp, st, wanted);
    if (h == HEALTH_OK && on_its_way)
        h = HEALTH_BUSY;
    if (on_its_way)
        rowbuf_text(rb, C_ROLLING, "True");
    kube_text(rb, C_REVISION, wire_str(st, ST_UPDATE_REV));
    rowbuf_num(rb, C_READY, CELL_RATIO(ready, wanted));
    rowbuf_num(rb, C_UPDATED, wire_num(st, ST_UPDATED, 0));
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, cs);
    rowbuf_health(rb, h);
    kube_text(rb, C_PINNED, wire_str(wire_sub(wire_sub(sp, SPEC_TEMPLATE), TEMPLATE_SPEC), TSPEC_NODE));
    kube_release_cell(rb, C_RELEASE, o);
    claims_cell(rb, wire_list(sp, SPEC_CLAIMS));
    rowbuf_num(rb, C_START, wire_num(wire_sub(sp, SPEC_ORDINALS), 0, 0));
    rowbuf_num(rb, C_AWAY, kube_roll_stateful(wire_sub(sp, SPEC_UPDATE), wanted));
}

static const struct kube_kind kube = {
    .group = "apps", .version = "v1", .resource = "statefulsets", .object_kind = "StatefulSet", .schema = &set,
    .decode = decode,
};
static const char *const aliases[] = {"sts", "statefulset", "statefulsets.apps", "statefulset.apps", NULL};
const struct kind kind_statefulsets = {
    .id = "statefulsets", .singular = "statefulset", .title = "StatefulSets", .aliases = aliases,
    .help = "Keeps pods with lasting names and volumes running.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_LOGS | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
