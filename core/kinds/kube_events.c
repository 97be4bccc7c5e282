/* Events, by core/v1: the view `kubectl get events` shows. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/kinds/kube_common.h"

enum { REF_KIND, REF_NAMESPACE, REF_NAME, REF_UID, REF_PATH };
static const struct wire_field reference_fields[] = {
    F_STR("kind", 1), F_STR("namespace", 2), F_STR("name", 3), F_STR("uid", 4), F_STR("fieldPath", 7),
};
static const struct wire_schema reference = KUBE_SCHEMA(reference_fields);

enum { SRC_COMPONENT, SRC_HOST };
static const struct wire_field source_fields[] = {F_STR("component", 1), F_STR("host", 2)};
static const struct wire_schema source = KUBE_SCHEMA(source_fields);

enum { SERIES_COUNT, SERIES_LAST };
static const struct wire_field series_fields[] = {F_INT("count", 1), F_TIME("lastObservedTime", 2)};
static const struct wire_schema series = KUBE_SCHEMA(series_fields);

enum {
    EV_META, EV_OBJECT, EV_REASON, EV_MESSAGE, EV_SOURCE, EV_FIRST, EV_LAST, EV_COUNT, EV_TYPE, EV_TIME, EV_SERIES,
    EV_COMPONENT, EV_INSTANCE,
};
static const struct wire_field event_fields[] = {
    F_MSG("metadata", 1, kube_meta), F_MSG("involvedObject", 2, reference), F_STR("reason", 3), F_STR("message", 4),
    F_MSG("source", 5, source),      F_TIME("firstTimestamp", 6),           F_TIME("lastTimestamp", 7),
    F_INT("count", 8),               F_STR("type", 9),                      F_TIME("eventTime", 10),
    F_MSG("series", 11, series),     F_STR("reportingComponent", 14),       F_STR("reportingInstance", 15),
};
static const struct wire_schema event = KUBE_SCHEMA(event_fields);

enum {
    C_NAMESPACE, C_LAST, C_TYPE, C_REASON, C_OBJECT, C_SUBOBJECT, C_SOURCE, C_MESSAGE, C_FIRST, C_COUNT, C_NAME, C_UID,
    C_AGE, C_LABELS,
};
#define EVENT_TEXT(id_, title_, help_, flags_) {.id = id_, .title = title_, .help = help_, .flags = flags_}
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_LAST] = {.id = "last-seen", .title = "LAST SEEN", .help = "Time since it last happened.", .type = COL_TIME,
                .flags = COL_SORT | COL_RIGHT, .none = "<unknown>"},
    [C_TYPE] = EVENT_TEXT("type", "TYPE", "Normal or Warning.", COL_INTERN | COL_STATE),
    [C_REASON] = EVENT_TEXT("reason", "REASON", "What happened, in a word.", COL_INTERN),
    [C_OBJECT] = EVENT_TEXT("object", "OBJECT", "The object it happened to.", 0),
    [C_SUBOBJECT] = EVENT_TEXT("subobject", "SUBOBJECT", "The part of the object.", COL_WIDE | COL_INTERN),
    [C_SOURCE] = EVENT_TEXT("source", "SOURCE", "Who reports it, and where.", COL_WIDE | COL_INTERN),
    [C_MESSAGE] = {.id = "message", .title = "MESSAGE", .help = "What happened.", .flags = COL_PROSE, .max_width = 200},
    [C_FIRST] = {.id = "first-seen", .title = "FIRST SEEN", .help = "Time since it first happened.", .type = COL_TIME,
                 .flags = COL_WIDE | COL_RIGHT, .none = "<unknown>"},
    [C_COUNT] = {.id = "count", .title = "COUNT", .help = "How often it happened.", .type = COL_INT,
                 .flags = COL_WIDE | COL_RIGHT | COL_DESC},
    [C_NAME] = EVENT_TEXT("name", "NAME", "Name of the event itself.", COL_WIDE),
    [C_UID] = EVENT_TEXT("object-uid", "OBJECT-UID", "UID of the object it happened to.", COL_HIDDEN),
    [C_AGE] = {.id = "age", .title = "AGE", .help = "Time since it was created.", .type = COL_TIME,
               .flags = COL_HIDDEN | COL_RIGHT, .none = "<unknown>"},
    [C_LABELS] = KUBE_COL_LABELS,
};

static void fill_object(struct rowbuf *rb, const struct wire_obj *ref)
{
    const char *kind = wire_str(ref, REF_KIND), *name = wire_str(ref, REF_NAME);
    char lower[128];
    size_t i = 0;
    for (; kind && kind[i] && i + 1 < sizeof lower; i++)
        lower[i] = (char)tolower((unsigned char)kind[i]);
    lower[i] = 0;
    rowbuf_textf(rb, C_OBJECT, "%s%s%s", lower, kube_some(name) ? "/" : "", name ? name : "");
    kube_text(rb, C_SUBOBJECT, wire_str(ref, REF_PATH));
    kube_text(rb, C_UID, wire_str(ref, REF_UID));
}

static void fill_source(struct rowbuf *rb, const struct wire_obj *o)
{
    const struct wire_obj *src = wire_sub(o, EV_SOURCE);
    const char *who = wire_str(src, SRC_COMPONENT), *where = wire_str(src, SRC_HOST);
    who = kube_some(who) ? who : wire_str(o, EV_COMPONENT);
    where = kube_some(where) ? where : wire_str(o, EV_INSTANCE);
    if (kube_some(where))
        rowbuf_textf(rb, C_SOURCE, "%s, %s", who ? who : "", where);
    else
        kube_text(rb, C_SOURCE, who);
}

/* When it first and last happened, and how often: a series says it all, else the counters of old or the one time. */
static void fill_times(struct rowbuf *rb, const struct wire_obj *o)
{
    const struct wire_obj *many = wire_sub(o, EV_SERIES);
    int64_t first = wire_num(o, EV_FIRST, wire_num(o, EV_TIME, CELL_NONE));
    int64_t last = wire_num(o, EV_LAST, first), count = wire_num(o, EV_COUNT, 0);
    if (many) {
        last = wire_num(many, SERIES_LAST, CELL_NONE);
        count = wire_num(many, SERIES_COUNT, 0);
    } else if (!count) {
        count = 1;
    }
    rowbuf_num(rb, C_FIRST, first);
    rowbuf_num(rb, C_LAST, last);
    rowbuf_num(rb, C_COUNT, count);
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_val *m = wire_list(o, EV_MESSAGE);
    const char *type = wire_str(o, EV_TYPE), *s = m ? m->s : "";
    size_t len = m ? m->len : 0;
    (void)now_ms;
    while (len && isspace((unsigned char)*s))
        s++, len--;
    while (len && isspace((unsigned char)s[len - 1]))
        len--;
    fill_times(rb, o);
    kube_text(rb, C_TYPE, type);
    kube_text(rb, C_REASON, wire_str(o, EV_REASON));
    fill_object(rb, wire_sub(o, EV_OBJECT));
    fill_source(rb, o);
    rowbuf_textn(rb, C_MESSAGE, s, len);
    rowbuf_health(rb, kube_is(type, "Warning") ? HEALTH_WARN : HEALTH_OK);
}

static const struct kube_kind kube = {
    .group = "", .version = "v1", .resource = "events", .object_kind = "Event", .schema = &event, .decode = decode,
};
static const char *const aliases[] = {"ev", "event", NULL};
const struct kind kind_events = {
    .id = "events", .singular = "event", .title = "Events", .aliases = aliases,
    .help = "What happened to the objects of the cluster lately.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_DELETE | KIND_HISTORY,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
