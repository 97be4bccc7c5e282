/* What an object, its events, its actions and the journal say of the past, as lines with the clock that stamped them. */
#include "core/links/timeline_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/links/links_priv.h"
#include "strata/map.h"
#include "strata/text.h"

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* A stamp and how exact it is: whole seconds are a cut, fractions were written on purpose. */
static bool stamp(const char *s, int64_t *ms, int64_t *step)
{
    if (!*s || !text_parse_time(s, strlen(s), ms))
        return false;
    *step = *ms % 1000 ? 1 : 1000;
    return true;
}

static uint32_t clock_of(const char *source, const char *host)
{
    uint32_t h = (uint32_t)(hash_bytes(source, strlen(source)) * 31 + hash_bytes(host, strlen(host)));
    return h ? h : 1;
}

static void line(struct timeline *t, const struct timeline_object *o, enum timeline_from from, const char *host, int64_t ms, int64_t step, uint8_t health,
                 const char *what, const char *who)
{
    struct timeline_line l = {.source = o->row->source, .from = (uint8_t)from, .health = health, .clock = clock_of(o->source, host), .object = (char *)o->name, .row = o->row};
    struct str a, b;
    str_init(&a, 2048);
    str_init(&b, 512);
    text_clean(&a, what, strnlen(what, 1000), 0);
    text_clean(&b, who, strnlen(who, 200), 0);
    l.what = a.data;
    l.who = b.data;
    timeline_interval(&l, ms, step, o->offset_ms, o->error_ms + (*host ? NODE_CLOCK_MS : 0));
    timeline_add(t, &l);
    str_release(&a);
    str_release(&b);
}

static void json_line(struct timeline *t, const struct timeline_object *o, const char *host, const char *when, uint8_t health, const char *what, const char *who)
{
    int64_t ms, step;
    if (stamp(when, &ms, &step))
        line(t, o, TIMELINE_CONDITION, host, ms, step, health, what, who);
}

/* ---- Kubernetes objects ---- */

/* Who writes a condition: the API server binds, the node controller says that a kubelet is silent; the rest of a pod or node is its kubelet's. */
static const char *writer(const struct row *r, const json_t *c, const char *node)
{
    bool pod = !strcmp(r->kind->id, "pods"), host = !strcmp(r->kind->id, "nodes");
    if ((pod && (!strcmp(text_of(c, "type"), "PodScheduled") || !strcmp(text_of(c, "type"), "DisruptionTarget"))) || (host && !strcmp(text_of(c, "status"), "Unknown")))
        return "";
    return pod || host ? node : "";
}

/* True is well for Ready, Available; not for MemoryPressure, Failed. */
static uint8_t health_of(const json_t *c)
{
    static const char *const good[] = {"Ready", "Available", "Progressing", "ContainersReady", "PodScheduled", "Initialized", "Complete"};
    bool yes = !strcmp(text_of(c, "status"), "True");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!strcmp(good[i], text_of(c, "type")))
            return yes ? HEALTH_OK : HEALTH_BAD;
    return HEALTH_NONE;
}

static void conditions(struct timeline *t, const struct timeline_object *o, const json_t *list, const char *node)
{
    char what[1024];
    size_t i;
    json_t *c;
    json_array_foreach((json_t *)list, i, c) {
        const char *reason = text_of(c, "reason"), *message = text_of(c, "message"), *host = writer(o->row, c, node);
        snprintf(what, sizeof what, "%s is %s%s%s%s%s", text_of(c, "type"), text_of(c, "status"), *reason ? ": " : "", reason, *message ? ": " : "", message);
        json_line(t, o, host, text_of(c, "lastTransitionTime"), health_of(c), what, *host ? "kubelet" : "");
    }
}

static void ended(struct timeline *t, const struct timeline_object *o, const char *as, const char *name, const json_t *end, const char *node)
{
    char what[600];
    long long code = json_integer_value(json_object_get(end, "exitCode"));
    snprintf(what, sizeof what, "%scontainer %s began", as, name);
    json_line(t, o, node, text_of(end, "startedAt"), HEALTH_OK, what, "kubelet");
    snprintf(what, sizeof what, "%scontainer %s ended with %lld%s%s", as, name, code, *text_of(end, "reason") ? ": " : "", text_of(end, "reason"));
    json_line(t, o, node, text_of(end, "finishedAt"), code ? HEALTH_BAD : HEALTH_DONE, what, "kubelet");
}

static void containers(struct timeline *t, const struct timeline_object *o, const char *as, const json_t *list, const char *node)
{
    char what[600];
    size_t i;
    json_t *c, *s;
    json_array_foreach((json_t *)list, i, c) {
        const char *name = text_of(c, "name");
        if ((s = json_object_get(json_object_get(c, "lastState"), "terminated")))
            ended(t, o, as, name, s, node);
        if ((s = json_object_get(json_object_get(c, "state"), "terminated")))
            ended(t, o, as, name, s, node);
        snprintf(what, sizeof what, "%scontainer %s began", as, name);
        json_line(t, o, node, text_of(json_object_get(json_object_get(c, "state"), "running"), "startedAt"), HEALTH_OK, what, "kubelet");
    }
}

static void deleted(struct timeline *t, const struct timeline_object *o, const json_t *meta)
{
    int64_t ms, step, grace = json_integer_value(json_object_get(meta, "deletionGracePeriodSeconds"));
    char what[100];
    if (!stamp(text_of(meta, "deletionTimestamp"), &ms, &step) || grace < 0 || grace > INT32_MAX)
        return;
    snprintf(what, sizeof what, "its deletion began, %lld s of grace", (long long)grace);
    line(t, o, TIMELINE_CONDITION, "", ms - grace * 1000, step, HEALTH_WARN, what, "");
}

void timeline_read_object(struct timeline *t, const struct timeline_object *o, const char *text)
{
    json_t *doc = json_read(text, strlen(text), 0, NULL), *meta = json_object_get(doc, "metadata"), *st = json_object_get(doc, "status");
    const char *node = text_of(json_object_get(doc, "spec"), "nodeName");
    if (!strcmp(o->row->kind->id, "nodes"))
        node = o->row->name;
    json_line(t, o, "", text_of(meta, "creationTimestamp"), HEALTH_NONE, "created", "");
    deleted(t, o, meta);
    conditions(t, o, json_object_get(st, "conditions"), node);
    containers(t, o, "init ", json_object_get(st, "initContainerStatuses"), node);
    containers(t, o, "", json_object_get(st, "containerStatuses"), node);
    json_decref(doc);
}

/* ---- events ---- */

/* A kubelet names a node by its name where others give a uid. */
bool timeline_event_of(const struct row *event, const struct row *object)
{
    const char *uid = row_column(event, "object-uid"), *what = row_column(event, "object"), *slash = strchr(what, '/');
    size_t n = slash ? (size_t)(slash - what) : 0;
    bool kind = n && strlen(object->kind->singular) == n && !strncasecmp(what, object->kind->singular, n);
    if (event->source != object->source || !kind)
        return false;
    if (*uid && !strcmp(uid, object->uid))
        return true;
    return !strcmp(slash + 1, object->name) && (!*uid || !strcmp(object->kind->id, "nodes"));
}

/* Who records an event names it by the time in ns, which is finer than the seconds of its fields: NAME.17f0a1b2c3d4e5f6. */
static int64_t fine_ms(const struct row *event, int64_t ms)
{
    const char *dot = strrchr(event->name, '.');
    char *end = NULL;
    long long ns = dot && strlen(dot + 1) == 16 ? strtoll(dot + 1, &end, 16) : 0;
    return ms % 1000 == 0 && end && !*end && ns / 1000000000 == ms / 1000 ? ns / 1000000 : ms;
}

static int64_t exact(int64_t ms) { return ms % 1000 ? 1 : 1000; }

void timeline_read_event(struct timeline *t, const struct timeline_object *o, const struct row *event)
{
    char what[1200];
    int first = kind_column(event->kind, "first-seen"), last = kind_column(event->kind, "last-seen"), many = kind_column(event->kind, "count");
    const char *who = row_column(event, "source"), *host = !strncmp(who, "kubelet, ", 9) ? who + 9 : "";
    int64_t a = event->cell[first].n == CELL_NONE ? CELL_NONE : fine_ms(event, event->cell[first].n), b = event->cell[last].n, n = event->cell[many].n;
    snprintf(what, sizeof what, "%.100s: %.1000s", row_column(event, "reason"), row_column(event, "message"));
    if (a != CELL_NONE)
        line(t, o, TIMELINE_EVENT, host, a, exact(a), event->health, what, who);
    if (b == CELL_NONE || (a != CELL_NONE && b / 1000 <= a / 1000))
        return;
    snprintf(what, sizeof what, "%.100s: %.1000s (the last of %lld)", row_column(event, "reason"), row_column(event, "message"), (long long)(n == CELL_NONE ? 1 : n));
    line(t, o, TIMELINE_EVENT, host, b, exact(b), event->health, what, who);
}

/* ---- OpenStack ---- */

void timeline_read_actions(struct timeline *t, const struct timeline_object *o, const char *text)
{
    json_t *doc = json_read(text, strlen(text), 0, NULL), *a, *e;
    char what[800];
    size_t i, k;
    int64_t ms, step;
    json_array_foreach(doc, i, a) {
        const char *who = *text_of(a, "user") ? text_of(a, "user") : text_of(a, "user_id"), *said = text_of(a, "message");
        snprintf(what, sizeof what, "%.60s asked for%s%.300s, request %.60s", text_of(a, "action"), *said ? ": " : "", said, text_of(a, "request_id"));
        if (stamp(text_of(a, "start_time"), &ms, &step))
            line(t, o, TIMELINE_ACTION, "", ms, step, *said ? HEALTH_WARN : HEALTH_OK, what, *who ? who : "Nova by itself");
        json_array_foreach(json_object_get(a, "events"), k, e) {
            const char *host = text_of(e, "host"), *result = text_of(e, "result");
            snprintf(what, sizeof what, "%.60s: %.60s began", text_of(a, "action"), text_of(e, "event"));
            if (stamp(text_of(e, "start_time"), &ms, &step))
                line(t, o, TIMELINE_ACTION, "", ms, step, HEALTH_BUSY, what, host);
            snprintf(what, sizeof what, "%.60s: %.60s ended: %.40s%s%.300s", text_of(a, "action"), text_of(e, "event"), *result ? result : "?",
                     *text_of(e, "details") ? ": " : "", text_of(e, "details"));
            if (stamp(text_of(e, "finish_time"), &ms, &step))
                line(t, o, TIMELINE_ACTION, "", ms, step, !strcmp(result, "Error") ? HEALTH_BAD : HEALTH_OK, what, host);
        }
    }
    json_decref(doc);
}

/* What it became: what it is busy with comes before what it still says it is. */
static const char *became(const struct row *r)
{
    static const char *const ids[] = {"provision", "task", "status"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (*row_column(r, ids[i]))
            return row_column(r, ids[i]);
    return "";
}

void timeline_read_service(struct timeline *t, const struct timeline_object *o)
{
    const struct row *r = o->row;
    int seen = kind_column(r->kind, "seen"), since = kind_column(r->kind, "since");
    if (r->created_ms != CELL_NONE && r->kind->plane == PLANE_OPENSTACK)
        line(t, o, TIMELINE_CONDITION, "", r->created_ms, 1000, HEALTH_NONE, "created", "");
    if (seen >= 0 && r->cell[seen].n != CELL_NONE && !strcmp(row_column(r, "state"), "down"))
        line(t, o, TIMELINE_SERVICE, "", r->cell[seen].n, 1000, HEALTH_BAD, "last heard: it is down since", "");
    if (since >= 0 && r->kind->columns[since].type == COL_TIME && r->cell[since].n != CELL_NONE) {
        char what[200];
        snprintf(what, sizeof what, link_is_place(r->kind) ? "last answer: it does not answer since" : "became %.100s", became(r));
        if (link_is_place(r->kind) || *became(r))
            line(t, o, TIMELINE_SERVICE, "", r->cell[since].n, 1000, r->health, what, "");
    }
}

/* ---- the journal ---- */

static bool about(const struct timeline_object *o, const json_t *j)
{
    return !strcmp(text_of(j, "source"), o->source) && !strcmp(text_of(j, "kind"), o->row->kind->id) &&
           (*text_of(j, "uid") ? !strcmp(text_of(j, "uid"), o->row->uid) : !strcmp(text_of(j, "name"), o->row->name) && !strcmp(text_of(j, "scope"), o->row->scope));
}

static void operation(struct timeline *t, const struct timeline_object *o, const json_t *j)
{
    const char *event = text_of(j, "event"), *verb = *text_of(j, "action") ? text_of(j, "action") : text_of(j, "verb"), *result = text_of(j, "result"), *text = text_of(j, "text");
    struct timeline_line l = {.source = o->row->source, .from = TIMELINE_OPERATION, .object = (char *)o->name, .row = o->row};
    char what[800], who[200];
    int64_t ms, step;
    bool sent = !strcmp(event, "intent"), end = !strcmp(event, "outcome") || !strcmp(event, "end");
    if ((!sent && !end) || json_is_true(json_object_get(j, "dry_run")) || !stamp(text_of(j, "time"), &ms, &step))
        return;
    if (sent)
        snprintf(what, sizeof what, "%.60s is sent%s%.200s", verb, *text_of(j, "as") ? " as " : "", text_of(j, "as"));
    else
        snprintf(what, sizeof what, "%.60s %.40s%s%.500s", verb, *result ? result : "ended", *text ? ": " : "", text);
    snprintf(who, sizeof who, "%.60s@%.80s with strata", text_of(j, "who"), text_of(j, "host"));
    l.health = sent ? HEALTH_BUSY : !strcmp(result, "failed") ? HEALTH_BAD : !strcmp(result, "unsure") ? HEALTH_WARN : HEALTH_OK;
    l.what = what;
    l.who = who;
    timeline_interval(&l, ms, step, 0, 0);
    timeline_add(t, &l);
}

void timeline_journal_each(const char *text, size_t len, void (*fn)(void *arg, const char *line, size_t n), void *arg)
{
    for (const char *p = text, *end = text + len; p && p < end;) {
        const char *whole = p + strnlen(p, (size_t)(end - p)) + 1;
        if (whole >= end)
            return;
        size_t n = strnlen(whole, (size_t)(end - whole));
        fn(arg, whole, n);
        p = whole + n + 1;
    }
}

struct reading { struct timeline *t; const struct timeline_object *o; };

static void journal_line(void *arg, const char *text, size_t n)
{
    const struct reading *r = arg;
    json_t *j = strstr(text, r->o->row->uid) || strstr(text, r->o->row->name) ? json_read(text, n, 0, NULL) : NULL;
    if (json_is_object(j) && about(r->o, j))
        operation(r->t, r->o, j);
    json_decref(j);
}

void timeline_read_journal(struct timeline *t, const struct timeline_object *o, const char *text, size_t len)
{
    struct reading r = {t, o};
    timeline_journal_each(text, len, journal_line, &r);
}
