/* JSON merge patch and JSON Patch. */
#include "core/sim/kube_patch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

static json_t *merge(const json_t *doc, const json_t *patch, int depth)
{
    const char *key;
    json_t *v;
    if (!json_is_object(patch) || depth > DEPTH_MAX)
        return json_deep_copy(patch);
    json_t *out = json_is_object(doc) ? json_copy((json_t *)doc) : json_object();
    json_object_foreach((json_t *)patch, key, v) {
        if (json_is_null(v))
            json_object_del(out, key);
        else
            json_object_set_new(out, key, merge(json_object_get(out, key), v, depth + 1));
    }
    return out;
}

json_t *patch_merge(const json_t *doc, const json_t *patch)
{
    json_t *shared = merge(doc, patch, 0), *own = json_deep_copy(shared);
    json_decref(shared);
    return own;
}

/* ---- JSON Patch ---- */
/* The next token of a JSON pointer, unescaped; false when it is too long. */
static bool token(const char **at, char *out, size_t size)
{
    size_t n = 0;
    const char *p = *at + 1;
    for (; *p && *p != '/'; p++) {
        char c = *p;
        if (c == '~' && (p[1] == '0' || p[1] == '1'))
            c = *++p == '0' ? '~' : '/';
        if (n + 1 >= size)
            return false;
        out[n++] = c;
    }
    out[n] = 0;
    *at = p;
    return true;
}

static bool position(const char *text, size_t n, bool adding, size_t *out)
{
    char *end;
    if (adding && strcmp(text, "-") == 0) {
        *out = n;
        return true;
    }
    if (*text < '0' || *text > '9' || (*text == '0' && text[1]))
        return false;
    *out = strtoul(text, &end, 10);
    return !*end && (adding ? *out <= n : *out < n);
}

static json_t *step(json_t *in, const char *key)
{
    size_t i;
    if (json_is_array(in))
        return position(key, json_array_size(in), false, &i) ? json_array_get(in, i) : NULL;
    return json_object_get(in, key);
}

/* The container the pointer's last token lives in; "" as the pointer has none. */
static json_t *holder(json_t *root, const char *ptr, char *last, size_t size)
{
    if (*ptr != '/')
        return NULL;
    while (root && *ptr) {
        if (!token(&ptr, last, size))
            return NULL;
        if (!*ptr)
            return json_is_object(root) || json_is_array(root) ? root : NULL;
        root = step(root, last);
    }
    return NULL;
}

static json_t *at(json_t *root, const char *ptr)
{
    char last[512];
    if (!*ptr)
        return root;
    json_t *in = holder(root, ptr, last, sizeof(last));
    return in ? step(in, last) : NULL;
}

/* Takes v over. replace: the value must be there (in a list), else room is made for it. */
static bool put(json_t **root, const char *ptr, json_t *v, bool replace)
{
    char last[512];
    size_t i;
    bool ok = false;
    json_t *in = *ptr ? holder(*root, ptr, last, sizeof(last)) : NULL;
    if (!*ptr) {
        json_decref(*root);
        *root = v;
        return true;
    }
    if (json_is_object(in))                                    /* a replace of what is not there adds it, like the API server */
        ok = json_object_set(in, last, v) == 0;
    else if (in && position(last, json_array_size(in), !replace, &i))
        ok = (replace ? json_array_set(in, i, v) : json_array_insert(in, i, v)) == 0;
    json_decref(v);
    return ok;
}

static bool drop(json_t *root, const char *ptr)
{
    char last[512];
    size_t i;
    json_t *in = holder(root, ptr, last, sizeof(last));
    if (json_is_object(in))
        return json_object_del(in, last) == 0;
    return in && position(last, json_array_size(in), false, &i) && json_array_remove(in, i) == 0;
}

static bool within(const char *inner, const char *outer)
{
    size_t n = strlen(outer);
    return strncmp(inner, outer, n) == 0 && (inner[n] == '/' || !inner[n]);
}

static bool one_op(json_t **root, const json_t *op)
{
    const char *what = json_string_value(json_object_get(op, "op")), *path = json_string_value(json_object_get(op, "path"));
    const char *from = json_string_value(json_object_get(op, "from"));
    json_t *value = json_object_get(op, "value");
    if (!what || !path)
        return false;
    if (strcmp(what, "add") == 0 || strcmp(what, "replace") == 0)
        return value && put(root, path, json_deep_copy(value), *what == 'r');
    if (strcmp(what, "remove") == 0)
        return drop(*root, path);
    if (strcmp(what, "test") == 0) {
        json_t *have = at(*root, path);
        return have ? value && json_equal(have, value) : !value || json_is_null(value);
    }
    json_t *src = from && (strcmp(what, "copy") == 0 || strcmp(what, "move") == 0) ? at(*root, from) : NULL;
    if (!src || (*what == 'm' && within(path, from)))
        return src && *what == 'm' && strcmp(path, from) == 0;
    json_t *copy = json_deep_copy(src);
    if (*what == 'm' && !drop(*root, from)) {
        json_decref(copy);
        return false;
    }
    return put(root, path, copy, false);
}

json_t *patch_json(const json_t *doc, const json_t *ops, struct patch_fault *fault)
{
    json_t *out = json_deep_copy(doc), *op;
    size_t i;
    json_array_foreach((json_t *)ops, i, op) {
        if (!one_op(&out, op)) {
            fault->status = 422;
            snprintf(fault->text, sizeof(fault->text), "the server rejected our request due to an error in our request");
            json_decref(out);
            return NULL;
        }
    }
    return out;
}
