/* Namespaces. */
#include "core/kinds/kube_common.h"

enum { ST_PHASE, ST_CONDITIONS };
static const struct wire_field status_fields[] = {F_STR("phase", 1), F_MSGS("conditions", 2, kube_condition)};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);
enum { NS_STATUS = 1 };
static const struct wire_field namespace_fields[] = {F_MSG("metadata", 1, kube_meta), F_MSG("status", 3, status)};
static const struct wire_schema namespace_schema = KUBE_SCHEMA(namespace_fields);

enum { C_NAME, C_STATUS, C_AGE, C_MESSAGE, C_LABELS };
static const struct column columns[] = {
    [C_NAME] = KUBE_COL_NAME,
    [C_STATUS] = {.id = "status", .title = "STATUS", .help = "Active, or Terminating while its objects are removed.",
                  .flags = COL_INTERN | COL_STATE},
    [C_AGE] = KUBE_COL_AGE,
    [C_MESSAGE] = KUBE_COL_MESSAGE,
    [C_LABELS] = KUBE_COL_LABELS,
};

/* Why a namespace does not go away: the first condition that is True names what is left in it. */
static const struct wire_obj *obstacle(const struct wire_val *v)
{
    for (; v; v = v->next) {
        if (kube_is(wire_str(v->obj, COND_STATUS), "True"))
            return v->obj;
    }
    return NULL;
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *st = wire_sub(o, NS_STATUS);
    const struct wire_obj *left = obstacle(wire_list(st, ST_CONDITIONS));
    const char *phase = wire_str(st, ST_PHASE);
    enum health gone = kube_deletion_health(rb, o, now_ms);
    rowbuf_text(rb, C_STATUS, phase);
    kube_text(rb, C_MESSAGE, wire_str(left, COND_MESSAGE));
    if (gone == HEALTH_NONE && kube_is(phase, "Terminating"))
        gone = HEALTH_BUSY;
    rowbuf_health(rb, gone != HEALTH_NONE ? gone : kube_is(phase, "Active") ? HEALTH_OK : HEALTH_UNKNOWN);
}

static const struct kube_kind kube = {
    .group = "", .version = "v1", .resource = "namespaces", .object_kind = "Namespace", .schema = &namespace_schema,
    .decode = decode,
};
static const char *const aliases[] = {"ns", "namespace", NULL};
const struct kind kind_namespaces = {
    .id = "namespaces", .singular = "namespace", .title = "Namespaces", .aliases = aliases,
    .help = "Parts of a cluster with names of their own.",
    .plane = PLANE_KUBE, .flags = KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
