/* A flavor that wants hosts of some aggregates: which hosts these are, as Nova's AggregateInstanceExtraSpecsFilter finds them. */
#include <stdlib.h>
#include <string.h>

#include "core/openstack/kind_util.h"
#include "core/openstack/requests_priv.h"

#define SCOPE "aggregate_instance_extra_specs:"

static bool is(const char *s, size_t n, const char *what) { return strlen(what) == n && !strncmp(s, what, n); }

/* The next word of a wish, NULL at its end. */
static const char *word(const char **at, size_t *n)
{
    *at += strspn(*at, " ");
    const char *s = *at;
    *n = strcspn(s, " ");
    *at += *n;
    return *n ? s : NULL;
}

static bool contains(const char *s, size_t n, const char *part, size_t len)
{
    for (size_t i = 0; i + len <= n; i++)
        if (!strncmp(s + i, part, len))
            return true;
    return false;
}

static bool number_is(const char *op, size_t len, double x, double y)
{
    return is(op, len, "==") ? x == y : is(op, len, "!=") ? x != y : is(op, len, "<=") ? x <= y : x >= y;
}

/* One value of an aggregate (n bytes) against the wish: a word of its own, or an operator and what it compares with. */
static bool fits(const char *s, size_t n, const char *wish)
{
    static const char *const numbers[] = {"=", "==", "!=", "<=", ">="};
    const char *at = wish, *w;
    size_t op_len, len;
    const char *op = word(&at, &op_len);
    if (!op)
        return !n && !*wish;
    if (is(op, op_len, "<or>")) {
        while ((w = word(&at, &len)))
            if (!is(w, len, "<or>") && len == n && !strncmp(s, w, n))
                return true;
        return false;
    }
    bool in = is(op, op_len, "<in>"), same = is(op, op_len, "s=="), other = is(op, op_len, "s!=");
    if ((in || same || other) && (w = word(&at, &len)))
        return in ? contains(s, n, w, len) : (len == n && !strncmp(s, w, n)) == same;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (is(op, op_len, numbers[i]) && (w = word(&at, &len)))
            return number_is(op, op_len, strtod(s, NULL), strtod(w, NULL));
    return is(s, n, wish);
}

static bool any_fits(const char *values, const char *wish)
{
    for (size_t n; ; values += n + 1) {
        n = strcspn(values, ",");
        if (fits(values, n, wish))
            return true;
        if (!values[n])
            return false;
    }
}

bool ostk_wants_aggregates(const json_t *specs)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)specs, key, v)
        if (!strncmp(key, SCOPE, strlen(SCOPE)))
            return true;
    return false;
}

/* Hosts (keys of an object) of the aggregates that say so. */
static json_t *hosts_with(const json_t *aggregates, const char *key, const char *wish)
{
    json_t *all = json_object(), *a, *h;
    size_t i, k;
    json_array_foreach((json_t *)aggregates, i, a) {
        const char *value = json_string_value(json_object_get(json_object_get(a, "metadata"), key));
        json_array_foreach(json_object_get(a, "hosts"), k, h)
            if (value && any_fits(value, wish) && json_string_value(h))
                json_object_set_new(all, json_string_value(h), json_true());
    }
    return all;
}

json_t *ostk_aggregate_hosts(const json_t *specs, const json_t *aggregates)
{
    const char *key, *host;
    json_t *v, *within = NULL, *t;
    void *next;
    json_object_foreach((json_t *)specs, key, v) {
        if (strncmp(key, SCOPE, strlen(SCOPE)) != 0 || !json_string_value(v))
            continue;
        json_t *these = hosts_with(aggregates, key + strlen(SCOPE), json_string_value(v));
        if (!within) {
            within = these;
            continue;
        }
        json_object_foreach_safe(within, next, host, t)
            if (!json_object_get(these, host))
                json_object_del(within, host);
        json_decref(these);
    }
    return within;
}
