/* What the Kubernetes kinds share; see the header. */
#include "core/kinds/kube_common.h"

#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"

#define CELL_TEXT_MAX (256u << 10)

enum { OWNER_KIND, OWNER_NAME, OWNER_UID, OWNER_CONTROLLER };
static const struct wire_field owner_fields[] = {
    F_STR("kind", 1), F_STR("name", 3), F_STR("uid", 4), F_BOOL("controller", 6),
};
static const struct wire_schema owner = KUBE_SCHEMA(owner_fields);

static const struct wire_field meta_fields[] = {
    [META_NAME] = F_STR("name", 1),
    [META_NAMESPACE] = F_STR("namespace", 3),
    [META_UID] = F_STR("uid", 5),
    [META_RV] = F_STR("resourceVersion", 6),
    [META_GENERATION] = F_INT("generation", 7),
    [META_CREATED] = F_TIME("creationTimestamp", 8),
    [META_DELETED] = F_TIME("deletionTimestamp", 9),
    [META_LABELS] = F_MAP("labels", 11),
    [META_OWNERS] = F_MSGS("ownerReferences", 13, owner),
    [META_NOTES] = F_MAP("annotations", 12),
};
const struct wire_schema kube_meta = {.fields = meta_fields, .n = META_NOTES};
const struct wire_schema kube_meta_noted = KUBE_SCHEMA(meta_fields);

enum { EXPR_KEY, EXPR_OP, EXPR_VALUES };
static const struct wire_field expr_fields[] = {F_STR("key", 1), F_STR("operator", 2), F_STRS("values", 3)};
static const struct wire_schema expr = KUBE_SCHEMA(expr_fields);
static const struct wire_field selector_fields[] = {
    [SEL_LABELS] = F_MAP("matchLabels", 1), [SEL_EXPRS] = F_MSGS("matchExpressions", 2, expr),
};
const struct wire_schema kube_label_selector = KUBE_SCHEMA(selector_fields);

static const struct wire_field resources_fields[] = {[RESOURCES_REQUESTS] = F_QUANTITIES("requests", 2)};
const struct wire_schema kube_resources = KUBE_SCHEMA(resources_fields);
static const struct wire_field port_fields[] = {[HOST_PORT] = F_INT("hostPort", 2), [HOST_PROTOCOL] = F_STR("protocol", 4), [HOST_ADDRESS] = F_STR("hostIP", 5)};
static const struct wire_schema port = KUBE_SCHEMA(port_fields);
static const struct wire_field container_fields[] = {
    [CONTAINER_NAME] = F_STR("name", 1),
    [CONTAINER_IMAGE] = F_STR("image", 2),
    [CONTAINER_RESTART] = F_STR("restartPolicy", 24), [CONTAINER_RESOURCES] = F_MSG("resources", 8, kube_resources),
    [CONTAINER_PORTS] = F_MSGS("ports", 6, port),
};
const struct wire_schema kube_container = KUBE_SCHEMA(container_fields);

static const struct wire_field template_spec_fields[] = {
    [TSPEC_CONTAINERS] = F_MSGS("containers", 2, kube_container), [TSPEC_NODE_SELECTOR] = F_MAP("nodeSelector", 7), [TSPEC_NODE] = F_STR("nodeName", 10),
};
static const struct wire_schema template_spec = KUBE_SCHEMA(template_spec_fields);
static const struct wire_field template_fields[] = {[TEMPLATE_SPEC] = F_MSG("spec", 2, template_spec)};
const struct wire_schema kube_pod_template = KUBE_SCHEMA(template_fields);

static const struct wire_field condition_fields[] = {
    [COND_TYPE] = F_STR("type", 1), [COND_STATUS] = F_STR("status", 2), [COND_REASON] = F_STR("reason", 5),
    [COND_MESSAGE] = F_STR("message", 6), [COND_SINCE] = F_TIME("lastTransitionTime", 4),
};
const struct wire_schema kube_condition = KUBE_SCHEMA(condition_fields);
static const struct wire_field apps_condition_fields[] = {
    [COND_TYPE] = F_STR("type", 1), [COND_STATUS] = F_STR("status", 2), [COND_REASON] = F_STR("reason", 4),
    [COND_MESSAGE] = F_STR("message", 5), [COND_SINCE] = F_TIME("lastTransitionTime", 7),
};
const struct wire_schema kube_apps_condition = KUBE_SCHEMA(apps_condition_fields);

/* ---- small helpers ---- */

bool kube_is(const char *s, const char *text)
{
    return s && !strcmp(s, text);
}

bool kube_some(const char *s)
{
    return s && *s;
}

void kube_text(struct rowbuf *rb, int col, const char *s)
{
    rowbuf_text(rb, col, kube_some(s) ? s : NULL);
}

const struct wire_obj *kube_cond(const struct wire_val *conditions, const char *type)
{
    for (const struct wire_val *v = conditions; v; v = v->next) {
        if (kube_is(wire_str(v->obj, COND_TYPE), type))
            return v->obj;
    }
    return NULL;
}

bool kube_cond_true(const struct wire_val *conditions, const char *type)
{
    return kube_is(wire_str(kube_cond(conditions, type), COND_STATUS), "True");
}

const char *kube_note(const struct wire_obj *o, const char *key)
{
    for (const struct wire_val *v = wire_list(wire_sub(o, OBJ_META), META_NOTES); v; v = v->next)
        if (!strcmp(v->key, key))
            return v->s ? v->s : "";
    return "";
}

void kube_release_cell(struct rowbuf *rb, int col, const struct wire_obj *o)
{
    const char *name = kube_note(o, "meta.helm.sh/release-name"), *ns = kube_note(o, "meta.helm.sh/release-namespace");
    if (*name && *ns)
        rowbuf_textf(rb, col, "%s/%s", ns, name);
}

/* A text made in out becomes a cell; an empty one is no value. */
static void cell_of(struct rowbuf *rb, int col, struct str *out)
{
    if (out->failed)
        rb->failed = true;
    else
        rowbuf_textn(rb, col, out->len ? out->data : NULL, out->len);
}

/* ---- sorted maps ---- */

static int by_key(const void *a, const void *b)
{
    return strcmp((*(const struct wire_val *const *)a)->key, (*(const struct wire_val *const *)b)->key);
}

static bool sorted(const struct wire_val *map)
{
    for (; map && map->next; map = map->next) {
        if (strcmp(map->key, map->next->key) > 0)
            return false;
    }
    return true;
}

/* Calls fn for each entry by rising key. Servers send maps sorted, so this nearly never allocates. */
static bool each_sorted(const struct wire_val *map, void (*fn)(void *arg, const struct wire_val *v), void *arg)
{
    if (sorted(map)) {
        for (; map; map = map->next)
            fn(arg, map);
        return true;
    }
    size_t n = 0, i = 0;
    for (const struct wire_val *v = map; v; v = v->next)
        n++;
    const struct wire_val **a = mem_alloc(n * sizeof *a);
    if (!a)
        return false;
    for (; map; map = map->next)
        a[i++] = map;
    qsort(a, n, sizeof *a, by_key);
    for (i = 0; i < n; i++)
        fn(arg, a[i]);
    mem_free(a);
    return true;
}

static void add_pair(void *arg, const struct wire_val *v)
{
    struct str *out = arg;
    if (out->len)
        str_addc(out, ',');
    str_adds(out, v->key);
    str_addc(out, '=');
    str_adds(out, v->s);
}

void kube_map_cell(struct rowbuf *rb, int col, const struct wire_val *map)
{
    struct str out;
    str_init(&out, CELL_TEXT_MAX);
    if (!each_sorted(map, add_pair, &out))
        rb->failed = true;
    cell_of(rb, col, &out);
    str_release(&out);
}

/* ---- metadata ---- */

static void add_label(void *rb, const struct wire_val *v)
{
    rowbuf_label(rb, v->key, v->s);
}

static void fill_owner(struct rowbuf *rb, const struct wire_obj *meta)
{
    for (const struct wire_val *v = wire_list(meta, META_OWNERS); v; v = v->next) {
        if (!wire_num(v->obj, OWNER_CONTROLLER, 0))
            continue;
        rowbuf_owner(rb, wire_str(v->obj, OWNER_KIND), wire_str(v->obj, OWNER_NAME), wire_str(v->obj, OWNER_UID));
        return;
    }
}

void kube_fill_meta(struct rowbuf *rb, const struct wire_obj *o)
{
    const struct wire_obj *meta = wire_sub(o, OBJ_META);
    const char *name = wire_str(meta, META_NAME), *ns = wire_str(meta, META_NAMESPACE);
    rowbuf_id(rb, wire_str(meta, META_UID), ns, name);
    if (!rb->kind)
        return;
    rowbuf_text(rb, kind_column(rb->kind, "name"), name);
    kube_text(rb, kind_column(rb->kind, "namespace"), ns);
    if (!each_sorted(wire_list(meta, META_LABELS), add_label, rb))
        rb->failed = true;
    if (rb->labels.len)
        rowbuf_textn(rb, kind_column(rb->kind, "labels"), rb->labels.data, rb->labels.len);
    fill_owner(rb, meta);
    rowbuf_created(rb, wire_num(meta, META_CREATED, CELL_NONE));
    if (wire_list(meta, META_DELETED))
        rowbuf_flag(rb, ROW_DELETING);
}

const char *kube_meta_rv(const struct wire_obj *o)
{
    const char *s = wire_str(wire_sub(o, OBJ_META), META_RV);
    return s ? s : "";
}

const char *kube_meta_uid(const struct wire_obj *o)
{
    const char *s = wire_str(wire_sub(o, OBJ_META), META_UID);
    return s ? s : "";
}

/* ---- containers and selectors ---- */

void kube_container_cells(struct rowbuf *rb, int names, int images, const struct wire_val *containers)
{
    static const int fields[] = {CONTAINER_NAME, CONTAINER_IMAGE};
    const int cols[] = {names, images};
    struct str out;
    str_init(&out, CELL_TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(cols); i++) {
        str_clear(&out);
        for (const struct wire_val *v = containers; v; v = v->next) {
            const char *s = wire_str(v->obj, fields[i]);
            str_adds(&out, s ? s : "");
            if (v->next)
                str_addc(&out, ',');
        }
        cell_of(rb, cols[i], &out);
    }
    str_release(&out);
}

/* One condition of a selector: a label (expr NULL) or an expression. */
struct requirement {
    const char *key;
    const struct wire_val *label;
    const struct wire_obj *expr;
    size_t place;
};

static int by_requirement(const void *a, const void *b)
{
    const struct requirement *x = a, *y = b;
    int d = strcmp(x->key, y->key);
    return d ? d : (x->place > y->place) - (x->place < y->place);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool add_values(struct str *out, const struct wire_val *values)
{
    size_t n = 0, i = 0;
    for (const struct wire_val *v = values; v; v = v->next)
        n++;
    const char **a = mem_alloc((n + 1) * sizeof *a);
    if (!a)
        return false;
    for (; values; values = values->next)
        a[i++] = values->s;
    qsort(a, n, sizeof *a, by_text);
    for (i = 0; i < n; i++) {
        if (i)
            str_addc(out, ',');
        str_adds(out, a[i]);
    }
    mem_free(a);
    return true;
}

/* false: not a selector the server would take. */
static bool add_requirement(struct str *out, const struct requirement *q, bool first)
{
    if (!first)
        str_addc(out, ',');
    if (q->label) {
        str_adds(out, q->key);
        str_addc(out, '=');
        return str_adds(out, q->label->s) || true;
    }
    const char *op = wire_str(q->expr, EXPR_OP);
    const struct wire_val *values = wire_list(q->expr, EXPR_VALUES);
    bool in = kube_is(op, "In");
    if (in || kube_is(op, "NotIn")) {
        str_addf(out, "%s %s (", q->key, in ? "in" : "notin");
        if (!values)
            return false;
        if (!add_values(out, values))
            out->failed = true;
        str_addc(out, ')');
        return true;
    }
    if (kube_is(op, "DoesNotExist"))
        str_addc(out, '!');
    else if (!kube_is(op, "Exists"))
        return false;
    str_adds(out, q->key);
    return !values;
}

bool kube_selector_text(const struct wire_obj *sel, struct str *out)
{
    const struct wire_val *labels = wire_list(sel, SEL_LABELS), *exprs = wire_list(sel, SEL_EXPRS);
    size_t n = 0, i = 0;
    for (const struct wire_val *v = labels; v; v = v->next)
        n++;
    for (const struct wire_val *v = exprs; v; v = v->next)
        n++;
    struct requirement *q = mem_alloc((n + 1) * sizeof *q);
    if (!q)
        return out->failed = true;
    for (const struct wire_val *v = labels; v; v = v->next, i++)
        q[i] = (struct requirement){.key = v->key, .label = v, .place = i};
    for (const struct wire_val *v = exprs; v; v = v->next, i++) {
        const char *key = wire_str(v->obj, EXPR_KEY);
        q[i] = (struct requirement){.key = key ? key : "", .expr = v->obj, .place = i};
    }
    qsort(q, n, sizeof *q, by_requirement);
    bool ok = true;
    for (i = 0; i < n && ok; i++)
        ok = add_requirement(out, &q[i], i == 0);
    mem_free(q);
    return ok;
}

void kube_selector_cell(struct rowbuf *rb, int col, const struct wire_obj *sel, const char *broken)
{
    struct str out;
    if (!wire_list(sel, SEL_LABELS) && !wire_list(sel, SEL_EXPRS))
        return;
    str_init(&out, CELL_TEXT_MAX);
    if (kube_selector_text(sel, &out))
        cell_of(rb, col, &out);
    else
        rowbuf_text(rb, col, broken);
    str_release(&out);
}

/* ---- health ---- */

/* Busy for a while from `since` on, then slow, then stuck. */
static enum health by_age(struct rowbuf *rb, int64_t since_ms, int64_t now_ms, enum health slow, enum health stuck)
{
    if (since_ms == CELL_NONE)
        return slow;
    rowbuf_later(rb, since_ms + KUBE_BUSY_MS, slow);
    if (stuck != slow)
        rowbuf_later(rb, since_ms + KUBE_STUCK_MS, stuck);
    int64_t age = now_ms - since_ms;
    return age < KUBE_BUSY_MS ? HEALTH_BUSY : age < KUBE_STUCK_MS ? slow : stuck;
}

enum health kube_deletion_health(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    int64_t due = wire_num(wire_sub(o, OBJ_META), META_DELETED, CELL_NONE);   /* the moment its grace period ends */
    return due == CELL_NONE ? HEALTH_NONE : by_age(rb, due, now_ms, HEALTH_WARN, HEALTH_WARN);
}

enum health kube_young_health(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms, enum health slow, enum health stuck)
{
    return by_age(rb, wire_num(wire_sub(o, OBJ_META), META_CREATED, CELL_NONE), now_ms, slow, stuck);
}

enum health kube_replica_health(struct rowbuf *rb, const struct wire_obj *o, int64_t wanted, int64_t available, int64_t now_ms)
{
    enum health gone = kube_deletion_health(rb, o, now_ms);
    if (gone != HEALTH_NONE)
        return gone;
    if (wanted <= 0)
        return HEALTH_DONE;
    if (available >= wanted)
        return HEALTH_OK;
    enum health late = available > 0 ? HEALTH_WARN : HEALTH_BAD;
    return kube_young_health(rb, o, now_ms, late, late);
}
