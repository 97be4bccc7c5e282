/* Small things of the controllers: quantities, selectors, hashes, conditions, annotations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "strata/clock.h"

/* ---- quantities ---- */
int64_t ctl_quantity(const char *text, bool milli)
{
    static const struct { const char *unit; double factor; } units[] = {
        {"", 1}, {"m", 1e-3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"Ki", 1024.0}, {"Mi", 1048576.0},
        {"Gi", 1073741824.0}, {"Ti", 1099511627776.0}, {"Pi", 1125899906842624.0}, {"u", 1e-6}, {"n", 1e-9},
    };
    char *unit;
    double v = strtod(text, &unit);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            v *= units[i].factor * (milli ? 1000 : 1);
            int64_t whole = (int64_t)v;
            return v > (double)whole ? whole + 1 : whole;
        }
    }
    return 0;
}

static int64_t wanted(const json_t *container, const char *what, bool milli)
{
    json_t *req = json_object_get(jat(container, "resources.requests"), what), *lim = json_object_get(jat(container, "resources.limits"), what);
    json_t *q = req ? req : lim;
    char number[32];
    if (json_is_integer(q)) {
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(q));
        return ctl_quantity(number, milli);
    }
    return q ? ctl_quantity(json_string_value(q) ? json_string_value(q) : "", milli) : 0;
}

void ctl_requests(const json_t *spec, int64_t *cpu, int64_t *memory)
{
    json_t *main = jat(spec, "containers"), *init = jat(spec, "initContainers");
    *cpu = *memory = 0;
    for (size_t i = 0; i < json_array_size(main); i++) {
        *cpu += wanted(json_array_get(main, i), "cpu", true);
        *memory += wanted(json_array_get(main, i), "memory", false);
    }
    for (size_t i = 0; i < json_array_size(init); i++) {
        int64_t c = wanted(json_array_get(init, i), "cpu", true), m = wanted(json_array_get(init, i), "memory", false);
        *cpu = c > *cpu ? c : *cpu;
        *memory = m > *memory ? m : *memory;
    }
}

const char *ctl_qos(const json_t *spec)
{
    static const char *const what[] = {"cpu", "memory"};
    json_t *all = jat(spec, "containers");
    bool any = false, all_limited = json_array_size(all) > 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *c = json_array_get(all, i), *req = jat(c, "resources.requests"), *lim = jat(c, "resources.limits");
        for (size_t k = 0; k < 2; k++) {
            json_t *r = json_object_get(req, what[k]), *l = json_object_get(lim, what[k]);
            any = any || r || l;
            all_limited = all_limited && l && (!r || json_equal(r, l));
        }
    }
    return !any ? "BestEffort" : all_limited ? "Guaranteed" : "Burstable";
}

/* ---- selectors ---- */
static bool listed(const json_t *values, const char *v)
{
    for (size_t i = 0; v && i < json_array_size(values); i++) {
        const char *x = json_string_value(json_array_get(values, i));
        if (x && strcmp(x, v) == 0)
            return true;
    }
    return false;
}

bool ctl_empty_selector(const json_t *sel)
{
    return !json_object_size(json_object_get(sel, "matchLabels")) && !json_array_size(json_object_get(sel, "matchExpressions"));
}

bool ctl_selects(const json_t *sel, const json_t *labels)
{
    json_t *pairs = json_object_get(sel, "matchLabels"), *all = json_object_get(sel, "matchExpressions"), *v;
    const char *key;
    if (!json_is_object(sel))
        return false;
    json_object_foreach(pairs, key, v) {
        const char *a = json_string_value(json_object_get(labels, key)), *b = json_string_value(v);
        if (!a || !b || strcmp(a, b) != 0)
            return false;
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *e = json_array_get(all, i), *values = json_object_get(e, "values");
        const char *op = jstr(e, "operator"), *have = json_string_value(json_object_get(labels, jstr(e, "key")));
        bool ok = strcmp(op, "In") == 0 ? listed(values, have) : strcmp(op, "NotIn") == 0 ? !listed(values, have) :
                  strcmp(op, "Exists") == 0 ? have != NULL : strcmp(op, "DoesNotExist") == 0 ? have == NULL : false;
        if (!ok)
            return false;
    }
    return true;
}

/* ---- hashes ---- */
void ctl_hash(const json_t *o, char out[11])
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY), digits[16];
    uint32_t h = 2166136261u;
    for (const char *p = text; p && *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    free(text);
    snprintf(digits, sizeof(digits), "%u", (unsigned)h);
    size_t n = 0;
    for (; digits[n] && n < 10; n++)                           /* no vowels, no digits that look like one */
        out[n] = "bcdfghjklmnpqrstvwxz2456789"[(unsigned char)digits[n] % 27];
    out[n] = 0;
}

/* ---- annotations ---- */
json_t *ctl_note(const json_t *o, const char *name)
{
    return json_object_get(jat(o, "metadata.annotations"), name);
}

const char *ctl_note_str(const json_t *o, const char *name)
{
    const char *v = json_string_value(ctl_note(o, name));
    return v ? v : "";
}

void ctl_set_note(json_t *o, const char *name, const char *value)
{
    json_t *all = jat(o, "metadata.annotations");
    if (!json_is_object(all)) {
        jset(o, "metadata.annotations", json_object());
        all = jat(o, "metadata.annotations");
    }
    json_object_set_new(all, name, json_string(value));
}

json_t *ctl_owner_refs(const json_t *owner, const char *kind)
{
    return jt("[{'apiVersion':%s,'kind':%s,'name':%s,'uid':%s,'controller':true,'blockOwnerDeletion':true}]", jstr(owner, "apiVersion"), kind,
              jstr(owner, "metadata.name"), jstr(owner, "metadata.uid"));
}

struct obj *ctl_owner(struct sim *s, const json_t *doc)
{
    struct ctl_item *it = ctl_item(s, jstr(doc, "metadata.ownerReferences.0.uid"));
    return it ? it->o : NULL;
}

bool ctl_deleting(const json_t *o)
{
    return json_is_string(jat(o, "metadata.deletionTimestamp"));
}

/* ---- conditions ---- */
json_t *ctl_find_condition(const json_t *o, const char *type)
{
    json_t *all = jat(o, "status.conditions");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "type"), type) == 0)
            return json_array_get(all, i);
    return NULL;
}

bool ctl_no_condition(json_t *o, const char *type)
{
    json_t *all = jat(o, "status.conditions");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "type"), type) == 0) {
            json_array_remove(all, i);
            if (!json_array_size(all))
                json_object_del(jat(o, "status"), "conditions");
            return true;
        }
    return false;
}

bool ctl_condition(json_t *o, const char *type, const char *status, const char *reason, const char *message, const char *at)
{
    json_t *c = ctl_find_condition(o, type);
    bool moved = !c || strcmp(jstr(c, "status"), status) != 0;
    if (!moved && strcmp(jstr(c, "reason"), reason ? reason : "") == 0 && strcmp(jstr(c, "message"), message ? message : "") == 0)
        return false;
    if (!c) {
        json_t *all = jat(o, "status.conditions");
        if (!json_is_array(all)) {
            jset(o, "status.conditions", json_array());
            all = jat(o, "status.conditions");
        }
        c = jt("{'type':%s,'status':%s}", type, status);
        json_array_append_new(all, c);
    }
    json_object_set_new(c, "status", json_string(status));
    if (moved)
        json_object_set_new(c, "lastTransitionTime", json_string(at));
    if (reason)
        json_object_set_new(c, "reason", json_string(reason));
    else
        json_object_del(c, "reason");
    if (message)
        json_object_set_new(c, "message", json_string(message));
    else
        json_object_del(c, "message");
    return true;
}

bool ctl_count(json_t *st, const char *key, int64_t v, bool keep_zero)
{
    json_t *old = json_object_get(st, key);
    if (old ? json_integer_value(old) == v && (v || keep_zero) : v == 0 && !keep_zero)
        return false;
    if (v || keep_zero)
        json_object_set_new(st, key, json_integer(v));
    else
        json_object_del(st, key);
    return true;
}

/* ---- time, storing ---- */
const char *ctl_now(struct sim *s, char buf[32])
{
    return stamp(sim_now(s), buf);
}

const char *ctl_since(struct sim *s, const json_t *owner, char buf[32])
{
    const char *born = s->ctl->opening ? jstr(owner, "metadata.creationTimestamp") : "";
    if (!*born)
        return ctl_now(s, buf);
    snprintf(buf, 32, "%s", born);
    return buf;
}

const char *ctl_now_us(struct sim *s, char buf[40])
{
    int64_t ms = sim_now(s);
    char whole[32];
    stamp(ms, whole);
    snprintf(buf, 40, "%.19s.%03d%03dZ", whole, (int)(ms % 1000), (int)(clock_mono_us() % 1000));
    return buf;
}

struct obj *ctl_put(struct sim *s, enum ctl_kind kind, json_t *doc)
{
    struct res *r = ctl_res(s, kind);
    if (!r) {
        json_decref(doc);
        return NULL;
    }
    return store_put(s, r, doc);
}
