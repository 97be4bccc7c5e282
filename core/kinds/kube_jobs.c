/* Jobs. */
#include "core/kinds/kube_common.h"

enum { SPEC_PARALLELISM, SPEC_COMPLETIONS, SPEC_SELECTOR, SPEC_TEMPLATE };
static const struct wire_field spec_fields[] = {
    F_INT("parallelism", 1), F_INT("completions", 2), F_MSG("selector", 4, kube_label_selector),
    F_MSG("template", 6, kube_pod_template),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

enum { ST_CONDITIONS, ST_START, ST_END, ST_ACTIVE, ST_SUCCEEDED, ST_FAILED };
static const struct wire_field status_fields[] = {
    F_MSGS("conditions", 1, kube_condition), F_TIME("startTime", 2), F_TIME("completionTime", 3),
    F_INT("active", 4),                      F_INT("succeeded", 5),  F_INT("failed", 6),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field job_fields[] = {
    F_MSG("metadata", 1, kube_meta), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema job = KUBE_SCHEMA(job_fields);

enum {
    C_NAMESPACE, C_NAME, C_STATUS, C_COMPLETIONS, C_DURATION, C_AGE, C_CONTAINERS, C_IMAGES, C_SELECTOR, C_ACTIVE,
    C_FAILED, C_MESSAGE, C_LABELS,
};
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_STATUS] = {.id = "status", .title = "STATUS", .help = "How far the job is.", .flags = COL_INTERN | COL_STATE},
    [C_COMPLETIONS] = {.id = "completions", .title = "COMPLETIONS", .help = "Runs that succeeded, of those wanted.",
                       .flags = COL_INTERN | COL_RIGHT},
    [C_DURATION] = {.id = "duration", .title = "DURATION", .help = "How long it took, or has taken so far.",
                    .type = COL_DURATION, .flags = COL_RIGHT},
    [C_AGE] = KUBE_COL_AGE,
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_WIDE),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_WIDE),
    [C_SELECTOR] = KUBE_COL_SELECTOR("<none>"),
    [C_ACTIVE] = {.id = "active", .title = "ACTIVE", .help = "Pods that run.", .type = COL_INT,
                  .flags = COL_HIDDEN | COL_RIGHT},
    [C_FAILED] = {.id = "failed", .title = "FAILED", .help = "Pods that failed.", .type = COL_INT,
                  .flags = COL_HIDDEN | COL_RIGHT},
    [C_MESSAGE] = KUBE_COL_MESSAGE,
    [C_LABELS] = KUBE_COL_LABELS,
};

/* The first that holds is the status; a job being deleted comes before the conditions marked late. */
static const struct {
    const char *condition, *status;
    bool late;
    enum health health;
} states[] = {
    {"Complete", "Complete", false, HEALTH_DONE},
    {"Failed", "Failed", false, HEALTH_BAD},
    {"Suspended", "Suspended", true, HEALTH_NONE},
    {"FailureTarget", "FailureTarget", true, HEALTH_BAD},
    {"SuccessCriteriaMet", "SuccessCriteriaMet", true, HEALTH_BUSY},
};

static void fill_status(struct rowbuf *rb, const struct wire_obj *o, const struct wire_obj *st, int64_t now_ms)
{
    const struct wire_val *conditions = wire_list(st, ST_CONDITIONS);
    enum health gone = kube_deletion_health(rb, o, now_ms);
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (states[i].late && gone != HEALTH_NONE)
            break;
        if (!kube_cond_true(conditions, states[i].condition))
            continue;
        rowbuf_text(rb, C_STATUS, states[i].status);
        if (states[i].health == HEALTH_BAD)
            kube_text(rb, C_MESSAGE, wire_str(kube_cond(conditions, states[i].condition), COND_MESSAGE));
        rowbuf_health(rb, gone != HEALTH_NONE ? gone : states[i].health);
        return;
    }
    rowbuf_text(rb, C_STATUS, gone != HEALTH_NONE ? "Terminating" : "Running");
    rowbuf_health(rb, gone != HEALTH_NONE ? gone : wire_num(st, ST_FAILED, 0) ? HEALTH_WARN : HEALTH_BUSY);
}

static void fill_completions(struct rowbuf *rb, const struct wire_obj *sp, const struct wire_obj *st)
{
    int done = (int)wire_num(st, ST_SUCCEEDED, 0), side_by_side = (int)wire_num(sp, SPEC_PARALLELISM, 0);
    if (wire_list(sp, SPEC_COMPLETIONS))
        rowbuf_textf(rb, C_COMPLETIONS, "%d/%d", done, (int)wire_num(sp, SPEC_COMPLETIONS, 0));
    else if (side_by_side > 1)
        rowbuf_textf(rb, C_COMPLETIONS, "%d/1 of %d", done, side_by_side);
    else
        rowbuf_textf(rb, C_COMPLETIONS, "%d/1", done);
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *cs = wire_at(o, OBJ_SPEC, SPEC_TEMPLATE, TEMPLATE_SPEC, TSPEC_CONTAINERS, -1);
    int64_t start = wire_num(st, ST_START, CELL_NONE), end = wire_num(st, ST_END, CELL_NONE);
    fill_status(rb, o, st, now_ms);
    fill_completions(rb, sp, st);
    if (start != CELL_NONE)
        rowbuf_num(rb, C_DURATION, end == CELL_NONE ? -start : end > start ? end - start : 0);
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, cs);
    kube_selector_cell(rb, C_SELECTOR, wire_sub(sp, SPEC_SELECTOR), "<error>");
    rowbuf_num(rb, C_ACTIVE, wire_num(st, ST_ACTIVE, 0));
    rowbuf_num(rb, C_FAILED, wire_num(st, ST_FAILED, 0));
}

static const struct kube_kind kube = {
    .group = "batch", .version = "v1", .resource = "jobs", .object_kind = "Job", .schema = &job, .decode = decode,
};
static const char *const aliases[] = {"job", "jobs.batch", "job.batch", NULL};
const struct kind kind_jobs = {
    .id = "jobs", .singular = "job", .title = "Jobs", .aliases = aliases,
    .help = "Runs pods until they have succeeded.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_LOGS | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
