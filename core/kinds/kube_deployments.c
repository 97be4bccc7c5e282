/* Deployments. */
#include "core/kinds/kube_roll.h"

enum { SPEC_REPLICAS, SPEC_SELECTOR, SPEC_TEMPLATE, SPEC_STRATEGY, SPEC_PAUSED };
static const struct wire_field spec_fields[] = {
    F_INT("replicas", 1), F_MSG("selector", 2, kube_label_selector), F_MSG("template", 3, kube_pod_template),
    F_MSG("strategy", 4, kube_roll), F_BOOL("paused", 7),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ST_OBSERVED, ST_REPLICAS, ST_UPDATED, ST_AVAILABLE, ST_CONDITIONS, ST_READY };
static const struct wire_field status_fields[] = {
    F_INT("observedGeneration", 1), F_INT("replicas", 2), F_INT("updatedReplicas", 3), F_INT("availableReplicas", 4),
    F_MSGS("conditions", 6, kube_apps_condition), F_INT("readyReplicas", 7),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field deployment_fields[] = {
    F_MSG("metadata", 1, kube_meta_noted), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema deployment = KUBE_SCHEMA(deployment_fields);

enum {
    C_NAMESPACE, C_NAME, C_READY, C_UPDATED, C_AVAILABLE, C_AGE, C_CONTAINERS, C_IMAGES, C_SELECTOR, C_ROLLOUT,
    C_MESSAGE, C_LABELS, C_RELEASE, C_STRATEGY, C_ROLLING, C_AWAY, C_PINNED, C_REVISION,
};
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_READY] = {.id = "ready", .title = "READY", .help = "Ready pods, of those wanted.", .type = COL_RATIO,
                 .flags = COL_STATE | COL_RIGHT},
    [C_UPDATED] = {.id = "up-to-date", .title = "UP-TO-DATE", .help = "Pods of the newest template.",
                   .type = COL_INT, .flags = COL_RIGHT},
    [C_AVAILABLE] = {.id = "available", .title = "AVAILABLE", .help = "Pods that have been ready long enough.",
                     .type = COL_INT, .flags = COL_RIGHT},
    [C_AGE] = KUBE_COL_AGE,
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_WIDE),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_WIDE),
    [C_SELECTOR] = KUBE_COL_SELECTOR(NULL),
    [C_ROLLOUT] = {.id = "rollout", .title = "ROLLOUT", .help = "done, progressing, paused or failed.",
                   .flags = COL_HIDDEN | COL_INTERN},
    [C_MESSAGE] = KUBE_COL_MESSAGE,
    [C_LABELS] = KUBE_COL_LABELS,
    [C_RELEASE] = KUBE_COL_RELEASE,
    [C_STRATEGY] = {.id = "strategy", .title = "STRATEGY", .help = "RollingUpdate, or Recreate: its pods end before new ones start.",
                    .flags = COL_HIDDEN | COL_INTERN},
    [C_ROLLING] = KUBE_COL_ROLLING,
    [C_AWAY] = KUBE_COL_AWAY,
    [C_PINNED] = KUBE_COL_TEMPLATE_NODE,
    [C_REVISION] = KUBE_COL_REVISION,
};

enum rollout { ROLLOUT_DONE, ROLLOUT_GOING, ROLLOUT_PAUSED, ROLLOUT_FAILED };
static const char *const rollout_names[] = {"done", "progressing", "paused", "failed"};

/* As `kubectl rollout status` judges it. */
static enum rollout rollout(const struct wire_obj *o, const struct wire_obj *sp, const struct wire_obj *st)
{
    const struct wire_obj *progress = kube_cond(wire_list(st, ST_CONDITIONS), "Progressing");
    int64_t wanted = wire_num(sp, SPEC_REPLICAS, 1), updated = wire_num(st, ST_UPDATED, 0);
    bool seen = wire_num(wire_sub(o, OBJ_META), META_GENERATION, 0) <= wire_num(st, ST_OBSERVED, 0);
    if (seen && kube_is(wire_str(progress, COND_REASON), "ProgressDeadlineExceeded"))
        return ROLLOUT_FAILED;
    if (seen && updated >= wanted && wire_num(st, ST_REPLICAS, 0) <= updated &&
        wire_num(st, ST_AVAILABLE, 0) >= updated)
        return ROLLOUT_DONE;
    return wire_num(sp, SPEC_PAUSED, 0) ? ROLLOUT_PAUSED : ROLLOUT_GOING;
}

/* A change is on its way: pods that are lost later leave the reason as it was. */
static bool rolling(const struct wire_obj *o, const struct wire_obj *st, enum rollout r)
{
    const char *reason = wire_str(kube_cond(wire_list(st, ST_CONDITIONS), "Progressing"), COND_REASON);
    bool seen = wire_num(wire_sub(o, OBJ_META), META_GENERATION, 0) <= wire_num(st, ST_OBSERVED, 0);
    return r == ROLLOUT_GOING && (!seen || (kube_some(reason) && !kube_is(reason, "NewReplicaSetAvailable")));
}

static enum health deployment_health(struct rowbuf *rb, const struct wire_obj *o, enum rollout r, int64_t wanted,
                                     int64_t available, int64_t now_ms)
{
    enum health h = kube_replica_health(rb, o, wanted, available, now_ms);
    if (r == ROLLOUT_FAILED && h < HEALTH_WARN)
        return HEALTH_WARN;                          /* the old pods still serve, the new ones do not come */
    return r == ROLLOUT_GOING && h == HEALTH_OK ? HEALTH_BUSY : h;
}

static void fill_message(struct rowbuf *rb, const struct wire_val *conditions, enum health h)
{
    static const char *const types[] = {"ReplicaFailure", "Progressing", "Available"};
    const struct wire_obj *c = NULL;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        const struct wire_obj *x = kube_cond(conditions, types[i]);
        bool trouble = kube_is(wire_str(x, COND_STATUS), i ? "False" : "True");
        if (!c && x && trouble)
            c = x;
    }
    const char *reason = wire_str(c, COND_REASON);      /* of a deadline that passed the message tells no more, in many words */
    if (h >= HEALTH_WARN)
        kube_text(rb, C_MESSAGE, kube_is(reason, "ProgressDeadlineExceeded") ? reason : wire_str(c, COND_MESSAGE));
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *cs = wire_at(o, OBJ_SPEC, SPEC_TEMPLATE, TEMPLATE_SPEC, TSPEC_CONTAINERS, -1);
    int64_t wanted = wire_num(sp, SPEC_REPLICAS, 1), available = wire_num(st, ST_AVAILABLE, 0);
    enum rollout r = rollout(o, sp, st);
    enum health h = deployment_health(rb, o, r, wanted, available, now_ms);
    rowbuf_num(rb, C_READY, CELL_RATIO(wire_num(st, ST_READY, 0), wanted));
    rowbuf_num(rb, C_UPDATED, wire_num(st, ST_UPDATED, 0));
    rowbuf_num(rb, C_AVAILABLE, available);
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, cs);
    kube_selector_cell(rb, C_SELECTOR, wire_sub(sp, SPEC_SELECTOR), "<invalid>");
    rowbuf_text(rb, C_ROLLOUT, rollout_names[r]);
    if (rolling(o, st, r))
        rowbuf_text(rb, C_ROLLING, "True");
    fill_message(rb, wire_list(st, ST_CONDITIONS), h);
    rowbuf_health(rb, h);
    kube_text(rb, C_PINNED, wire_str(wire_sub(wire_sub(sp, SPEC_TEMPLATE), TEMPLATE_SPEC), TSPEC_NODE));
    kube_release_cell(rb, C_RELEASE, o);
    kube_text(rb, C_STRATEGY, wire_str(wire_sub(sp, SPEC_STRATEGY), ROLL_TYPE));
    rowbuf_num(rb, C_AWAY, kube_roll_deployment(wire_sub(sp, SPEC_STRATEGY), wanted));
    kube_text(rb, C_REVISION, kube_note(o, KUBE_REVISION));
}

static const struct kube_kind kube = {
    .group = "apps", .version = "v1", .resource = "deployments", .object_kind = "Deployment", .schema = &deployment,
    .decode = decode,
};
static const char *const aliases[] = {"deploy", "deployment", "deployments.apps", "deployment.apps", NULL};
const struct kind kind_deployments = {
    .id = "deployments", .singular = "deployment", .title = "Deployments", .aliases = aliases,
    .help = "Keeps a number of like pods running and rolls out changes to them.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_LOGS | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
