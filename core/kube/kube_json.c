/* The small JSON helpers the requests share: answers, dotted paths, label selectors. */
#include "core/base/json_read.h"
#include "core/kube/kube_rq.h"

#include <string.h>

json_t *kube_json(const struct net_reply *r, struct err *err)
{
    if (r->err.code != ERR_OK) {
        if (err)
            *err = r->err;
        return NULL;
    }
    json_error_t je;
    json_t *j = json_read(r->body ? r->body : "", r->len, JSON_ALLOW_NUL, &je);
    if (!j)
        err_set(err, ERR_PROTO, 0, "the server's answer is not JSON (line %d)", je.line);
    return j;
}

json_t *kube_jget(const json_t *o, const char *path)
{
    while (o && *path) {
        const char *dot = strchr(path, '.');
        size_t n = dot ? (size_t)(dot - path) : strlen(path);
        char key[64];
        if (n >= sizeof key)
            return NULL;
        memcpy(key, path, n);
        key[n] = '\0';
        o = json_object_get(o, key);
        path += n + (dot != NULL);
    }
    return (json_t *)o;
}

const char *kube_jstr(const json_t *o, const char *path)
{
    return json_string_value(kube_jget(o, path));
}

int64_t kube_jint(const json_t *o, const char *path, int64_t dflt)
{
    const json_t *v = kube_jget(o, path);
    return json_is_integer(v) ? json_integer_value(v) : dflt;
}

static void selector_term(struct str *out, const char *text)
{
    if (out->len)
        str_addc(out, ',');
    str_adds(out, text);
}

static void selector_expression(struct str *out, const json_t *e)
{
    const char *key = kube_jstr(e, "key"), *op = kube_jstr(e, "operator");
    const json_t *values = json_object_get(e, "values");
    if (!key || !op)
        return;
    bool in = !strcmp(op, "In"), not_in = !strcmp(op, "NotIn");
    selector_term(out, !strcmp(op, "DoesNotExist") ? "!" : "");
    str_adds(out, key);
    if (!in && !not_in)
        return;
    str_adds(out, in ? " in (" : " notin (");
    for (size_t i = 0; i < json_array_size(values); i++)
        str_addf(out, "%s%s", i ? "," : "", json_string_value(json_array_get(values, i)));
    str_addc(out, ')');
}

bool kube_selector(struct str *out, const json_t *sel)
{
    const json_t *labels = json_object_get(sel, "matchLabels"), *exprs = json_object_get(sel, "matchExpressions");
    if (!labels && !exprs)
        labels = sel;
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)labels, key, v) {
        if (!json_is_string(v))
            continue;
        selector_term(out, key);
        str_addf(out, "=%s", json_string_value(v));
    }
    for (size_t i = 0; i < json_array_size(exprs); i++)
        selector_expression(out, json_array_get(exprs, i));
    return !out->failed;
}
