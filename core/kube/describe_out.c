/*
 * The pen of describe: the values and sections all kinds share.
 */
#include "core/kube/describe_out.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "strata/mem.h"
#include "strata/text.h"

enum { ANNOTATION_MAX = 140, TREE_DEPTH = 40 };

void d_add(struct desc *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str_addv(&d->raw, fmt, ap);
    va_end(ap);
}

void d_line(struct desc *d, int level, const char *fmt, ...)
{
    va_list ap;
    str_addf(&d->raw, "%*s", level * 2, "");
    va_start(ap, fmt);
    str_addv(&d->raw, fmt, ap);
    va_end(ap);
    str_addc(&d->raw, '\n');
}

void d_break(struct desc *d)
{
    str_adds(&d->raw, "\f\n");
}

/* ---- values ---- */

static const char *keep(struct desc *d, const char *s, size_t n)
{
    char *p = arena_strndup(&d->arena, s, n);
    if (!p)
        d->raw.failed = true;
    return p ? p : "";
}

const char *d_clean(struct desc *d, const char *s)
{
    struct str t;
    if (!s || !*s)
        return "";
    size_t len = strlen(s);
    if (text_is_clean(s, len))
        return s;
    str_init(&t, 0);
    text_clean(&t, s, len, 0);
    const char *r = keep(d, t.data, t.len);
    if (t.failed)
        d->raw.failed = true;
    str_release(&t);
    return r;
}

static const char *scalar(struct desc *d, const json_t *v)
{
    char buf[64];
    if (json_is_string(v))
        return d_clean(d, json_string_value(v));
    if (json_is_boolean(v))
        return json_is_true(v) ? "true" : "false";
    if (json_is_integer(v))
        snprintf(buf, sizeof buf, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_real(v))
        snprintf(buf, sizeof buf, "%g", json_real_value(v));
    else if (json_is_null(v))
        snprintf(buf, sizeof buf, "<nil>");
    else
        return "";
    return keep(d, buf, strlen(buf));
}

const char *d_str(struct desc *d, const json_t *o, const char *path)
{
    return scalar(d, kube_jget(o, path));
}

const char *d_str_or(struct desc *d, const json_t *o, const char *path, const char *dflt)
{
    const char *s = d_str(d, o, path);
    return *s ? s : dflt;
}

static const char *age_of(struct desc *d, const char *when)
{
    int64_t ms;
    char buf[32];
    if (!when || !text_parse_time(when, strlen(when), &ms))
        return "<unknown>";
    int64_t s = (d->now_ms - ms) / 1000;
    text_age(buf, sizeof buf, s < 0 ? 0 : s);
    return keep(d, buf, strlen(buf));
}

const char *d_age(struct desc *d, const json_t *o, const char *path)
{
    return age_of(d, kube_jstr(o, path));
}

const char *d_time(struct desc *d, const json_t *o, const char *path)
{
    const char *s = kube_jstr(o, path);
    int64_t ms;
    char buf[64];
    struct tm tm;
    if (!s || !text_parse_time(s, strlen(s), &ms))
        return s ? d_clean(d, s) : "";
    time_t t = (time_t)(ms / 1000);
    if (!localtime_r(&t, &tm) || !strftime(buf, sizeof buf, "%a, %d %b %Y %H:%M:%S %z", &tm))
        return d_clean(d, s);
    return keep(d, buf, strlen(buf));
}

const char *d_bool(const json_t *o, const char *path)
{
    return json_is_true(kube_jget(o, path)) ? "true" : "false";
}

const char *d_join(struct desc *d, const json_t *array, const char *sep)
{
    struct str s;
    str_init(&s, 0);
    for (size_t i = 0; i < json_array_size(array); i++)
        str_addf(&s, "%s%s", i ? sep : "", scalar(d, json_array_get(array, i)));
    const char *r = keep(d, s.data, s.len);
    str_release(&s);
    return r;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **d_keys(struct desc *d, const json_t *o, size_t *n)
{
    const char *key;
    json_t *v;
    *n = 0;
    const char **keys = arena_alloc(&d->arena, (json_object_size(o) + 1) * sizeof *keys);
    if (!keys) {
        d->raw.failed = true;
        return NULL;
    }
    json_object_foreach((json_t *)o, key, v)
        keys[(*n)++] = key;
    qsort(keys, *n, sizeof *keys, by_bytes);
    return keys;
}

const char *d_labels_inline(struct desc *d, const json_t *map)
{
    struct str s;
    size_t n;
    const char **keys = d_keys(d, map, &n);
    if (!n)
        return "<none>";
    str_init(&s, 0);
    for (size_t i = 0; i < n; i++) {
        str_addf(&s, "%s%s=", i ? "," : "", d_clean(d, keys[i]));
        str_adds(&s, scalar(d, json_object_get(map, keys[i])));
    }
    const char *r = keep(d, s.data, s.len);
    str_release(&s);
    return r;
}

const char *d_selector(struct desc *d, const json_t *sel)
{
    if (!json_object_get(sel, "matchExpressions") && json_is_object(sel))
        return d_labels_inline(d, json_object_get(sel, "matchLabels"));
    struct str s;
    str_init(&s, 0);
    kube_selector(&s, sel);
    const char *r = s.len ? d_clean(d, keep(d, s.data, s.len)) : "<none>";
    str_release(&s);
    return r;
}

const char *d_controller(struct desc *d, const json_t *obj)
{
    const json_t *refs = kube_jget(obj, "metadata.ownerReferences");
    for (size_t i = 0; i < json_array_size(refs); i++) {
        const json_t *r = json_array_get(refs, i);
        if (!json_is_true(json_object_get(r, "controller")))
            continue;
        char buf[400];
        snprintf(buf, sizeof buf, "%s/%s", d_str(d, r, "kind"), d_str(d, r, "name"));
        return keep(d, buf, strlen(buf));
    }
    return NULL;
}

const char *d_quantity(struct desc *d, int64_t milli, bool memory)
{
    char buf[40];
    static const struct { int shift; const char *unit; } units[] = {{50, "Pi"}, {40, "Ti"}, {30, "Gi"}, {20, "Mi"}, {10, "Ki"}};
    if (milli % 1000) {
        snprintf(buf, sizeof buf, "%" PRId64 "m", milli);
        return keep(d, buf, strlen(buf));
    }
    int64_t v = milli / 1000;
    snprintf(buf, sizeof buf, "%" PRId64, v);
    for (size_t i = 0; memory && v && i < sizeof units / sizeof *units; i++)
        if (v % ((int64_t)1 << units[i].shift) == 0) {
            snprintf(buf, sizeof buf, "%" PRId64 "%s", v >> units[i].shift, units[i].unit);
            break;
        }
    return keep(d, buf, strlen(buf));
}

void d_rows(struct desc *d, int level, const json_t *o, const struct d_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct d_row *r = &rows[i];
        const json_t *v = kube_jget(o, r->path);
        const char *s = r->how == D_TIME ? d_time(d, o, r->path) : r->how == D_BOOL ? d_bool(o, r->path) : scalar(d, v);
        if (!*s && (r->how == D_TEXT || r->how == D_TIME))
            continue;
        if (!*s && r->how != D_ALWAYS)
            s = r->how == D_NONE ? "<none>" : "<unset>";
        d_line(d, level, "%s:\t%s", r->label, s);
    }
}

/* ---- sections ---- */

static bool skip_annotation(const char *key)
{
    return !strcmp(key, "kubectl.kubernetes.io/last-applied-configuration");
}

void d_labels(struct desc *d, const char *title, const json_t *map)
{
    size_t n;
    const char **keys = d_keys(d, map, &n);
    int indent = (int)strspn(title, " ");
    d_add(d, "%s:\t%s", title, n ? "" : "<none>\n");
    for (size_t i = 0; i < n; i++)
        d_add(d, "%*s%s%s=%s\n", i ? indent : 0, "", i ? "\t" : "", d_clean(d, keys[i]), scalar(d, json_object_get(map, keys[i])));
}

static void long_annotation(struct desc *d, const char *key, const char *value)
{
    d_add(d, "%s:\n", d_clean(d, key));
    while (*value) {
        size_t n = strcspn(value, "\n"), cut = n > ANNOTATION_MAX - 2 ? ANNOTATION_MAX - 2 : n;
        while (cut > 0 && cut < n && ((unsigned char)value[cut] & 0xc0) == 0x80)
            cut--;
        d_add(d, "\t  %s%s\n", d_clean(d, keep(d, value, cut)), cut < n ? "..." : "");
        value += n + (value[n] == '\n');
    }
}

void d_annotations(struct desc *d, const char *title, const json_t *map)
{
    size_t n, shown = 0;
    const char **keys = d_keys(d, map, &n);
    d_add(d, "%s:\t", title);
    for (size_t i = 0; i < n; i++) {
        const char *v = json_string_value(json_object_get(map, keys[i]));
        if (!v || skip_annotation(keys[i]))
            continue;
        if (shown++)
            d_add(d, "\t");
        size_t len = strlen(v);
        if (len && v[len - 1] == '\n')
            len--;
        if (len + strlen(keys[i]) + 2 > ANNOTATION_MAX || memchr(v, '\n', len))
            long_annotation(d, keys[i], v);
        else
            d_add(d, "%s: %s\n", d_clean(d, keys[i]), d_clean(d, keep(d, v, len)));
    }
    if (!shown)
        d_add(d, "<none>\n");
}

static void toleration(struct desc *d, const json_t *t)
{
    const char *key = d_str(d, t, "key"), *value = d_str(d, t, "value"), *effect = d_str(d, t, "effect");
    d_add(d, "%s%s%s%s%s", key, *value ? "=" : "", value, *effect ? ":" : "", effect);
    if (!strcmp(d_str(d, t, "operator"), "Exists") && !*value)
        d_add(d, "%sop=Exists", *key || *effect ? " " : "");
    if (json_object_get(t, "tolerationSeconds"))
        d_add(d, " for %ss", d_str(d, t, "tolerationSeconds"));
    d_add(d, "\n");
}

struct ordered { const json_t *v; const char *a, *b; size_t at; };

static int by_keys(const void *pa, const void *pb)
{
    const struct ordered *a = pa, *b = pb;
    int c = strcmp(a->a, b->a);
    c = c ? c : strcmp(a->b, b->b);
    return c ? c : a->at < b->at ? -1 : a->at > b->at;
}

static struct ordered *order(struct desc *d, const json_t *list, const char *first, const char *second)
{
    size_t n = json_array_size(list);
    struct ordered *o = arena_alloc(&d->arena, (n + 1) * sizeof *o);
    if (!o)
        d->raw.failed = true;
    for (size_t i = 0; o && i < n; i++) {
        const json_t *v = json_array_get(list, i);
        o[i] = (struct ordered){.v = v, .a = d_str(d, v, first), .b = second ? d_str(d, v, second) : "", .at = i};
    }
    if (o)
        qsort(o, n, sizeof *o, by_keys);
    return o;
}

void d_tolerations(struct desc *d, const char *title, const json_t *list)
{
    size_t n = json_array_size(list);
    const struct ordered *o = order(d, list, "key", NULL);
    int indent = (int)strspn(title, " ");
    d_add(d, "%s:\t%s", title, n ? "" : "<none>\n");
    for (size_t i = 0; o && i < n; i++) {
        if (i)
            d_add(d, "%*s\t", indent, "");
        toleration(d, o[i].v);
    }
}

void d_taints(struct desc *d, const char *title, const json_t *list)
{
    size_t n = json_array_size(list);
    const struct ordered *o = order(d, list, "effect", "key");
    d_add(d, "%s:\t%s", title, n ? "" : "<none>\n");
    for (size_t i = 0; o && i < n; i++) {
        const json_t *t = o[i].v;
        const char *value = d_str(d, t, "value");
        d_add(d, "%s%s%s%s:%s\n", i ? "\t" : "", d_str(d, t, "key"), *value ? "=" : "", value, d_str(d, t, "effect"));
    }
}

void d_resources(struct desc *d, int level, const json_t *res)
{
    static const char *const parts[][2] = {{"limits", "Limits"}, {"requests", "Requests"}};
    for (size_t p = 0; p < 2; p++) {
        const json_t *map = json_object_get(res, parts[p][0]);
        size_t n;
        const char **keys = d_keys(d, map, &n);
        if (n)
            d_line(d, level, "%s:", parts[p][1]);
        for (size_t i = 0; i < n; i++)
            d_line(d, level + 1, "%s:\t%s", d_clean(d, keys[i]), scalar(d, json_object_get(map, keys[i])));
    }
}

/* ---- events ---- */

static const char *event_time(const json_t *e)
{
    static const char *const paths[] = {"series.lastObservedTime", "lastTimestamp", "eventTime", "firstTimestamp"};
    for (size_t i = 0; i < 4; i++)
        if (kube_jstr(e, paths[i]))
            return kube_jstr(e, paths[i]);
    return "";
}

static int by_time(const void *pa, const void *pb)
{
    const struct ordered *a = pa, *b = pb;
    int64_t x = 0, y = 0;
    text_parse_time(a->a, strlen(a->a), &x);
    text_parse_time(b->a, strlen(b->a), &y);
    x /= 1000;                   /* old-style events know only seconds; the scheduler's come first, as they happened */
    y /= 1000;
    bool ea = kube_jstr(a->v, "eventTime"), eb = kube_jstr(b->v, "eventTime");
    return x != y ? (x < y ? -1 : 1) : ea != eb ? eb - ea : a->at < b->at ? -1 : a->at > b->at;
}

static void event_line(struct desc *d, const json_t *e)
{
    const char *first = kube_jstr(e, "eventTime");
    const char *since = age_of(d, first ? first : kube_jstr(e, "firstTimestamp"));
    int64_t count = kube_jint(e, "series.count", kube_jint(e, "count", 0));
    bool series = json_is_object(kube_jget(e, "series"));
    const char *last = series ? kube_jstr(e, "series.lastObservedTime") : kube_jstr(e, "lastTimestamp");
    const char *from = d_str_or(d, e, "source.component", d_str(d, e, "reportingComponent"));
    const char *where = d_str(d, e, "involvedObject.fieldPath"), *message = d_str(d, e, "message");
    while (*message == ' ')
        message++;
    str_addf(&d->raw, "  %s\t%s\t", d_str(d, e, "type"), d_str(d, e, "reason"));
    if (series || count > 1)
        str_addf(&d->raw, "%s (x%" PRId64 " over %s)", age_of(d, last), count, since);
    else
        str_adds(&d->raw, since);
    str_addf(&d->raw, "\t%s\t%s%s%s\n", from, where, *where ? ": " : "", message);
}

/* Asked for by name, the events of another object that had the name come along. */
static bool is_about(const json_t *event, const char *uid)
{
    const char *of = kube_jstr(event, "involvedObject.uid");
    return !uid || !of || !*of || !strcmp(of, uid);
}

void d_events(struct desc *d, const struct describe_side *side)
{
    const json_t *items = json_object_get(side->json, "items");
    const char *uid = kube_jstr(d->obj, "metadata.uid");
    bool by_uid = uid && !strstr(side->path ? side->path : "", "involvedObject.kind%3DNode%2C");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(items); i++)
        n += is_about(json_array_get(items, i), by_uid ? uid : NULL);
    if (!side->json) {
        d_line(d, 0, "Events:\t<not known: %s>", side->err.msg[0] ? side->err.msg : "not asked for");
        return;
    }
    if (!n) {
        d_line(d, 0, "Events:\t<none>");
        return;
    }
    struct ordered *o = arena_alloc(&d->arena, n * sizeof *o);
    if (!o) {
        d->raw.failed = true;
        return;
    }
    for (size_t i = 0, at = 0; i < json_array_size(items); i++) {
        const json_t *e = json_array_get(items, i);
        if (is_about(e, by_uid ? uid : NULL))
            o[at++] = (struct ordered){.v = e, .a = event_time(e), .at = i};
    }
    qsort(o, n, sizeof *o, by_time);
    d_break(d);
    d_line(d, 0, "Events:");
    d_line(d, 1, "Type\tReason\tAge\tFrom\tMessage");
    d_line(d, 1, "----\t------\t----\t----\t-------");
    for (size_t i = 0; i < n; i++)
        event_line(d, o[i].v);
    if (kube_jstr(side->json, "metadata.continue") && *kube_jstr(side->json, "metadata.continue"))
        d_line(d, 1, "(there are more)");
}

/* ---- any object ---- */

/* "podCIDRs" -> "Pod CIDRs", "api-version" stays a word with a capital. */
static const char *label_for(struct desc *d, const char *field)
{
    static const char *const acronyms[] = {"Api", "Url", "Uid", "Guid"};
    char buf[200];
    size_t n = 0;
    for (const char *p = field; *p; p++)
        if (!isalpha((unsigned char)*p) && *p != '-')
            return d_clean(d, field);
    for (const char *p = field; *p && n + 3 < sizeof buf; p++) {
        bool upper = isupper((unsigned char)*p), prev_lower = p > field && islower((unsigned char)p[-1]);
        bool next_lower = p > field && isupper((unsigned char)p[-1]) && islower((unsigned char)p[1]) && strcmp(p + 1, "s") != 0;
        if (p > field && upper && (prev_lower || next_lower))
            buf[n++] = ' ';
        buf[n] = n == 0 ? (char)toupper((unsigned char)*p) : *p;
        n++;
    }
    buf[n] = '\0';
    for (size_t i = 0; i < sizeof acronyms / sizeof *acronyms; i++)
        for (char *p = buf; (p = strstr(p, acronyms[i])); p += strlen(acronyms[i]))
            if ((p == buf || p[-1] == ' ') && (!p[strlen(acronyms[i])] || p[strlen(acronyms[i])] == ' '))
                for (char *q = p; *q && *q != ' '; q++)
                    *q = (char)toupper((unsigned char)*q);
    return keep(d, buf, n);
}

void d_tree(struct desc *d, int level, const json_t *o, const char *const *skip)
{
    size_t n;
    if (level > TREE_DEPTH)
        return;
    const char **keys = d_keys(d, o, &n);
    for (size_t i = 0; keys && i < n; i++) {
        const json_t *v = json_object_get(o, keys[i]);
        bool skipped = false;
        for (const char *const *s = skip; s && *s; s++)
            skipped |= !strcmp(*s, keys[i]);
        if (skipped)
            continue;
        if (json_is_object(v)) {
            d_line(d, level, "%s:", label_for(d, keys[i]));
            d_tree(d, level + 1, v, NULL);
        } else if (json_is_array(v)) {
            d_line(d, level, "%s:", label_for(d, keys[i]));
            for (size_t k = 0; k < json_array_size(v); k++) {
                const json_t *e = json_array_get(v, k);
                if (json_is_object(e))
                    d_tree(d, level + 1, e, NULL);
                else
                    d_line(d, level + 1, "%s", scalar(d, e));
            }
        } else {
            d_line(d, level, "%s:\t%s", label_for(d, keys[i]), scalar(d, v));
        }
    }
}
