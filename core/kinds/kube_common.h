/*
 * Purpose:   what the Kubernetes kinds share: schemas of metadata, selectors and pod templates, common columns, and the
 *            texts kubectl makes of them.
 * Thread:    any (const data, no state); decoding happens on the net thread.
 * Ownership: nothing is kept; rows get copies.
 * Errors:    out of memory shows in the rowbuf (rowbuf_finish gives NULL).
 * Source:    field numbers: generated.proto of k8s.io/api and k8s.io/apimachinery v0.36.
 */
#ifndef STRATA_KUBE_COMMON_H
#define STRATA_KUBE_COMMON_H

#include "core/kube/kube_kind.h"

/* ---- describing schemas ---- */
#define F_STR(name, no) {.json = name, .proto = no, .type = WIRE_STR}
#define F_STRS(name, no) {.json = name, .proto = no, .type = WIRE_STR, .repeated = 1}
#define F_INT(name, no) {.json = name, .proto = no, .type = WIRE_INT}
#define F_BOOL(name, no) {.json = name, .proto = no, .type = WIRE_BOOL}
#define F_TIME(name, no) {.json = name, .proto = no, .type = WIRE_TIME}
#define F_MAP(name, no) {.json = name, .proto = no, .type = WIRE_MAP}
#define F_QUANTITIES(name, no) {.json = name, .proto = no, .type = WIRE_MAP, .msg = &wire_quantity_map}
#define F_MSG(name, no, schema) {.json = name, .proto = no, .type = WIRE_MSG, .msg = &(schema)}
#define F_MSGS(name, no, schema) {.json = name, .proto = no, .type = WIRE_MSG, .repeated = 1, .msg = &(schema)}
#define KUBE_SCHEMA(fields_) {.fields = fields_, .n = sizeof(fields_) / sizeof((fields_)[0])}
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Field 0 of every kind's schema is metadata; mostly 1 is spec and 2 status. */
enum { OBJ_META, OBJ_SPEC, OBJ_STATUS };
enum {
    META_NAME, META_NAMESPACE, META_UID, META_RV, META_GENERATION, META_CREATED, META_DELETED, META_LABELS, META_OWNERS,
    META_NOTES,                 /* annotations: of kube_meta_noted alone */
};
extern const struct wire_schema kube_meta, kube_meta_noted;
const char *kube_note(const struct wire_obj *o, const char *key);      /* an annotation, "" none; of kinds that read them */

enum { SEL_LABELS, SEL_EXPRS };
extern const struct wire_schema kube_label_selector;

enum { CONTAINER_NAME, CONTAINER_IMAGE, CONTAINER_RESTART, CONTAINER_RESOURCES, CONTAINER_PORTS };
enum { HOST_PORT, HOST_PROTOCOL, HOST_ADDRESS };
enum { RESOURCES_REQUESTS };
extern const struct wire_schema kube_resources;
extern const struct wire_schema kube_container;

enum { TEMPLATE_SPEC };
enum { TSPEC_CONTAINERS, TSPEC_NODE_SELECTOR, TSPEC_NODE };
extern const struct wire_schema kube_pod_template;

enum { COND_TYPE, COND_STATUS, COND_REASON, COND_MESSAGE, COND_SINCE };
extern const struct wire_schema kube_condition;        /* of pods, nodes and jobs: reason 5, message 6 */
extern const struct wire_schema kube_apps_condition;   /* of the apps group: reason 4, message 5 */

/* ---- common columns ---- */
#define KUBE_COL_NAMESPACE \
    {.id = "namespace", .title = "NAMESPACE", .help = "Namespace it lives in.", .flags = COL_SCOPE | COL_INTERN | COL_SORT}
#define KUBE_COL_NAME {.id = "name", .title = "NAME", .help = "Name of the object.", .flags = COL_SORT}
#define KUBE_COL_AGE \
    {.id = "age", .title = "AGE", .help = "Time since it was created.", .type = COL_TIME, .flags = COL_RIGHT, \
     .none = "<unknown>"}
#define KUBE_COL_UNREADY \
    {.id = "unready", .title = "UNREADY", .help = "How long it is not ready.", .type = COL_TIME, .flags = COL_HIDDEN | COL_RIGHT}
#define KUBE_COL_CONTAINERS(flags_) \
    {.id = "containers", .title = "CONTAINERS", .help = "Names of its containers.", .flags = (flags_) | COL_INTERN}
#define KUBE_COL_IMAGES(flags_) \
    {.id = "images", .title = "IMAGES", .help = "Images of its containers.", .flags = (flags_) | COL_INTERN}
#define KUBE_COL_SELECTOR(none_) \
    {.id = "selector", .title = "SELECTOR", .help = "Which pods belong to it.", .flags = COL_WIDE, .none = none_}
#define KUBE_COL_LABELS \
    {.id = "labels", .title = "LABELS", .help = "Its labels.", .flags = COL_HIDDEN | COL_INTERN, .none = "<none>"}
#define KUBE_COL_RELEASE \
    {.id = "release", .title = "RELEASE", .help = "Helm release it says it is of, NAMESPACE/NAME.", .flags = COL_HIDDEN}
#define KUBE_COL_ROLLING \
    {.id = "rolling", .title = "ROLLING", .help = "True while a change is rolled out, and not too long yet.", .flags = COL_HIDDEN | COL_INTERN}
#define KUBE_REVISION "deployment.kubernetes.io/revision"
#define KUBE_COL_REVISION \
    {.id = "revision", .title = "REVISION", .help = "Number of its revision.", .flags = COL_HIDDEN | COL_INTERN}
#define KUBE_COL_TEMPLATE_NODE \
    {.id = "template-node", .title = "TEMPLATE NODE", .help = "Node that its template names: no scheduler is asked.", .flags = COL_HIDDEN | COL_INTERN}
void kube_release_cell(struct rowbuf *rb, int col, const struct wire_obj *o);
#define KUBE_COL_MESSAGE \
    {.id = "message", .title = "MESSAGE", .help = "Why it is in this state, in the words of the server.", \
     .flags = COL_HIDDEN, .max_width = 120}

/* ---- filling rows ---- */

/* Identity, name, namespace, labels, controller, creation and deletion of any object: to be called between rowbuf_begin
 * and the kind's decode(). */
void kube_fill_meta(struct rowbuf *rb, const struct wire_obj *o);
const char *kube_meta_rv(const struct wire_obj *o);    /* "" if none */
const char *kube_meta_uid(const struct wire_obj *o);   /* "" if none */

bool kube_is(const char *s, const char *text);         /* NULL-safe equality */
bool kube_some(const char *s);                         /* neither NULL nor "" */
/* "" counts as absent: protobuf writes empty strings where JSON leaves them out. */
void kube_text(struct rowbuf *rb, int col, const char *s);

/* The first condition of this type, or NULL; and whether its status is True. */
const struct wire_obj *kube_cond(const struct wire_val *conditions, const char *type);
bool kube_cond_true(const struct wire_val *conditions, const char *type);

/* kubectl's columns CONTAINERS and IMAGES of a list of containers. */
void kube_container_cells(struct rowbuf *rb, int names, int images, const struct wire_val *containers);
/* "a=b,c=d", sorted. */
void kube_map_cell(struct rowbuf *rb, int col, const struct wire_val *map);
/* A label selector in kubectl's words: "a=b,c in (x,y),!d"; one that is malformed is `broken`, or false. */
bool kube_selector_text(const struct wire_obj *sel, struct str *out);
void kube_selector_cell(struct rowbuf *rb, int col, const struct wire_obj *sel, const char *broken);

/* ---- health ---- */
#define KUBE_BUSY_MS 60000      /* so long a change in progress is expected, then it is worth a look */
#define KUBE_STUCK_MS 300000    /* and after so long it will not end by itself */
/* All of these tell the row when its health gets worse by age alone (rowbuf_later). */
/* HEALTH_BUSY while it is being deleted, HEALTH_WARN when that takes much longer than asked for; else HEALTH_NONE. */
enum health kube_deletion_health(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms);
/* HEALTH_BUSY within KUBE_BUSY_MS after its creation, then `slow`, and `stuck` after KUBE_STUCK_MS. */
enum health kube_young_health(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms, enum health slow, enum health stuck);
/* Of a workload: wanted replicas against available ones. */
enum health kube_replica_health(struct rowbuf *rb, const struct wire_obj *o, int64_t wanted, int64_t available, int64_t now_ms);

#endif
