/* Cron jobs. */
#include "core/kinds/kube_common.h"

enum { JOB_SELECTOR, JOB_TEMPLATE };
static const struct wire_field job_spec_fields[] = {
    F_MSG("selector", 4, kube_label_selector), F_MSG("template", 6, kube_pod_template),
};
static const struct wire_schema job_spec = KUBE_SCHEMA(job_spec_fields);
static const struct wire_field job_template_fields[] = {F_MSG("spec", 2, job_spec)};
static const struct wire_schema job_template = KUBE_SCHEMA(job_template_fields);

enum { SPEC_SCHEDULE, SPEC_SUSPEND, SPEC_JOB, SPEC_ZONE };
static const struct wire_field spec_fields[] = {
    F_STR("schedule", 1), F_BOOL("suspend", 4), F_MSG("jobTemplate", 5, job_template), F_STR("timeZone", 8),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

static const struct wire_field reference_fields[] = {F_STR("name", 3)};
static const struct wire_schema reference = KUBE_SCHEMA(reference_fields);

enum { ST_ACTIVE, ST_LAST, ST_LAST_GOOD };
static const struct wire_field status_fields[] = {
    F_MSGS("active", 1, reference), F_TIME("lastScheduleTime", 4), F_TIME("lastSuccessfulTime", 5),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field cronjob_fields[] = {
    F_MSG("metadata", 1, kube_meta), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema cronjob = KUBE_SCHEMA(cronjob_fields);

enum {
    C_NAMESPACE, C_NAME, C_SCHEDULE, C_ZONE, C_SUSPEND, C_ACTIVE, C_LAST, C_AGE, C_CONTAINERS, C_IMAGES, C_SELECTOR,
    C_LAST_GOOD, C_LABELS,
};
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_SCHEDULE] = {.id = "schedule", .title = "SCHEDULE", .help = "When it starts a job, in cron's words."},
    [C_ZONE] = {.id = "timezone", .title = "TIMEZONE", .help = "Time zone of the schedule.", .flags = COL_INTERN,
                .none = "<none>"},
    [C_SUSPEND] = {.id = "suspend", .title = "SUSPEND", .help = "Whether it pauses.",
                   .flags = COL_INTERN | COL_STATE, .none = "<unset>"},
    [C_ACTIVE] = {.id = "active", .title = "ACTIVE", .help = "Jobs of it that run.", .type = COL_INT,
                  .flags = COL_RIGHT},
    [C_LAST] = {.id = "last-schedule", .title = "LAST SCHEDULE", .help = "Time since it last started a job.",
                .type = COL_TIME, .flags = COL_RIGHT, .none = "<none>"},
    [C_AGE] = KUBE_COL_AGE,
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_WIDE),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_WIDE),
    [C_SELECTOR] = KUBE_COL_SELECTOR("<none>"),
    [C_LAST_GOOD] = {.id = "last-success", .title = "LAST SUCCESS", .help = "Time since a job of it succeeded.",
                     .type = COL_TIME, .flags = COL_HIDDEN | COL_RIGHT, .none = "<none>"},
    [C_LABELS] = KUBE_COL_LABELS,
};

static enum health cronjob_health(struct rowbuf *rb, const struct wire_obj *o, bool suspended, int64_t active, int64_t now_ms)
{
    enum health gone = kube_deletion_health(rb, o, now_ms);
    return gone != HEALTH_NONE ? gone : active ? HEALTH_BUSY : suspended ? HEALTH_NONE : HEALTH_OK;
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_obj *js = wire_sub(wire_sub(sp, SPEC_JOB), 0);
    const struct wire_val *cs = wire_at(js, JOB_TEMPLATE, TEMPLATE_SPEC, TSPEC_CONTAINERS, -1);
    const struct wire_val *suspend = wire_list(sp, SPEC_SUSPEND), *zone = wire_list(sp, SPEC_ZONE);
    int64_t active = 0;
    for (const struct wire_val *v = wire_list(st, ST_ACTIVE); v; v = v->next)
        active++;
    rowbuf_text(rb, C_SCHEDULE, wire_str(sp, SPEC_SCHEDULE));
    rowbuf_text(rb, C_ZONE, zone ? zone->s : NULL);
    rowbuf_text(rb, C_SUSPEND, !suspend ? NULL : suspend->n ? "True" : "False");
    rowbuf_num(rb, C_ACTIVE, active);
    rowbuf_num(rb, C_LAST, wire_num(st, ST_LAST, CELL_NONE));
    rowbuf_num(rb, C_LAST_GOOD, wire_num(st, ST_LAST_GOOD, CELL_NONE));
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, cs);
    kube_selector_cell(rb, C_SELECTOR, wire_sub(js, JOB_SELECTOR), "<error>");
    rowbuf_health(rb, cronjob_health(rb, o, suspend && suspend->n, active, now_ms));
}

static const struct kube_kind kube = {
    .group = "batch", .version = "v1", .resource = "cronjobs", .object_kind = "CronJob", .schema = &cronjob,
    .decode = decode,
};
static const char *const aliases[] = {"cj", "cronjob", "cronjobs.batch", "cronjob.batch", NULL};
const struct kind kind_cronjobs = {
    .id = "cronjobs", .singular = "cronjob", .title = "CronJobs", .aliases = aliases,
    .help = "Starts jobs by the clock.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
