/* Fields nobody knows: a real server drops them, warns, or refuses, as fieldValidation says; fields of the wrong type are always
 * refused. The schema is the protobuf one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_proto.h"
#include "core/sim/kube_sim.h"

#define DEPTH_MAX 40

struct walk {
    json_t *paths;                                             /* of unknown fields; NULL: types are looked at */
    struct shape_fault *fault;
    const char *in;                                            /* the message we are in, as "Name ..." */
};

static const char *message(const char *name, size_t n)
{
    for (size_t i = 0; proto_schema[i]; i++)
        if (strncmp(proto_schema[i], name, n) == 0 && proto_schema[i][n] == ' ')
            return proto_schema[i] + n + 1;
    return NULL;
}

/* The type of a field of a message, of those it takes in too; NULL: it has none of this name. */
static const char *type_of(const char *line, const char *name, size_t *len, int depth)
{
    size_t want = strlen(name);
    while (line && *line && depth < 4) {
        const char *word = line + strspn(line, "0123456789"), *colon = strchr(word, ':');
        size_t n = colon ? (size_t)(colon - word) : 0, type = colon ? strcspn(colon + 1, " ") : 0;
        if (!colon)
            return NULL;
        if (n == want && memcmp(word, name, n) == 0 && colon[1] != '!') {
            *len = type;
            return colon + 1;
        }
        if (colon[1] == '!') {
            const char *inner = type_of(message(colon + 2, type - 1), name, len, depth + 1);
            if (inner)
                return inner;
        }
        line = colon + 1 + type;
        line += *line == ' ';
    }
    return NULL;
}

static void walk(struct walk *u, json_t *doc, const char *line, const char *path, int depth);

static const char *json_word(const json_t *v)
{
    return json_is_object(v) ? "object" : json_is_array(v) ? "array" : json_is_string(v) ? "string" : json_is_boolean(v) ? "bool" : "number";
}

static const char *go_word(const json_t *v)
{
    return json_is_integer(v) ? "int64" : json_is_real(v) ? "float64" : json_is_boolean(v) ? "bool" : json_is_object(v) ? "map" : json_is_array(v) ? "slice" : "string";
}

/* What Go calls the type of a field; "" = any value is left to others. */
static void go_type(const char *type, size_t len, char *out, size_t size)
{
    static const struct { char letter; const char *name; } plain[] = {{'s', "string"}, {'i', "int32"}, {'z', "int32"}, {'o', "bool"}, {'f', "bool"}};
    const char *list = *type == '*' ? "[]" : *type == '%' ? "map[string]" : "";
    type += *list != 0;
    len -= *list != 0;
    *out = 0;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (len == 1 && *type == plain[i].letter)
            snprintf(out, size, "%s%s", list, plain[i].name);
    if (*type == '@' || *type == '~')
        snprintf(out, size, "%sv1.%.*s", list, (int)len - 1, type + 1);
}

static bool fits(const json_t *v, char letter)
{
    switch (letter) {
    case '*': return json_is_array(v);
    case '%': case '@': case '~': return json_is_object(v);
    case 's': return json_is_string(v);
    case 'i': case 'z': return json_is_integer(v);
    case 'o': case 'f': return json_is_boolean(v);
    default: return true;
    }
}

/* Go's words for a value of the wrong type: the message it is in, then the path without its indices. */
static void wrong_type(struct walk *u, const json_t *v, const char *type, size_t len, const char *path)
{
    char want[80], plain[200];
    size_t n = 0;
    go_type(type, len, want, sizeof(want));
    if (!*want || *u->fault->text)
        return;
    for (const char *p = path; *p && n < sizeof(plain) - 1; p++) {
        if (*p == '[')
            p += strcspn(p, "]");
        else
            plain[n++] = *p;
    }
    plain[n] = 0;
    snprintf(u->fault->text, sizeof(u->fault->text), "json: cannot unmarshal %s into Go struct field %.*s.%s of type %s", json_word(v),
             (int)strcspn(u->in, " "), u->in, plain, want);
    const char *kind = *type == '*' ? "cannot restore slice from: " : *type == '%' ? "cannot restore map from: " : "cannot restore struct from: ";
    if (*type == 's')
        snprintf(u->fault->patch_text, sizeof(u->fault->patch_text), "cannot convert %s to string", go_word(v));
    else if (strchr("*%@~", *type))
        snprintf(u->fault->patch_text, sizeof(u->fault->patch_text), "%s%s", kind, go_word(v));
    else
        snprintf(u->fault->patch_text, sizeof(u->fault->patch_text), "unrecognized type: %s", want);
}

/* "100m", "2Gi", "1e3": what Go's parser takes for a quantity. */
static bool is_quantity(const char *s)
{
    s += *s == '+' || *s == '-';
    size_t n = strspn(s, "0123456789.");
    if (!n)
        return false;
    s += n;
    s += strspn(s, "eEinumkKMGTP");
    s += *s == '+' || *s == '-';
    return !s[strspn(s, "0123456789")];
}

static void value(struct walk *u, json_t *v, const char *type, size_t len, const char *path, int depth)
{
    if (!u->paths && !json_is_null(v) && !fits(v, *type)) {
        wrong_type(u, v, type, len, path);
    } else if (!u->paths && *type == 'Q' && json_is_string(v) && !is_quantity(json_string_value(v)) && !*u->fault->text) {
        static const char text[] = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        snprintf(u->fault->text, sizeof(u->fault->text), "%s", text);
        snprintf(u->fault->patch_text, sizeof(u->fault->patch_text), "%s", text);
    } else if (!u->paths && *type == 'b' && json_is_string(v)) {
        const char *text = json_string_value(v);
        size_t good = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n"), end = good + strspn(text + good, "=\r\n");
        if ((text[end] || end % 4) && !*u->fault->text)
            snprintf(u->fault->text, sizeof(u->fault->text), "illegal base64 data at input byte %zu", text[end] ? good : end - end % 4);
    } else if (*type == '*' && json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++) {
            char *at = sim_printf("%s[%zu]", path, i);
            value(u, json_array_get(v, i), type + 1, len - 1, at, depth);
            free(at);
        }
    } else if (*type == '%' && json_is_object(v)) {
        const char *key;
        json_t *x;
        json_object_foreach(v, key, x) {
            char *at = sim_printf("%s.%s", path, key);
            value(u, x, type + 1, len - 1, at, depth);
            free(at);
        }
    } else if ((*type == '@' || *type == '~') && json_is_object(v)) {
        const char *line = message(type + 1, len - 1), *before = u->in;
        u->in = type + 1;
        if (line)
            walk(u, v, line, path, depth + 1);
        u->in = before;
    }
}

/* Old kinds of volumes are not in the schema; what the server writes itself is never unknown. */
static bool spared(const char *path, const char *key)
{
    static const char *const always[] = {"kind", "apiVersion", "status"};
    const char *volumes = strstr(path, ".volumes[");
    if (strcmp(path, "metadata") == 0 && (strcmp(key, "managedFields") == 0 || strcmp(key, "selfLink") == 0))
        return true;
    for (size_t i = 0; !*path && i < 3; i++)
        if (strcmp(key, always[i]) == 0)
            return true;
    return volumes && !strchr(volumes + 9, '.');
}

static void walk(struct walk *u, json_t *doc, const char *line, const char *path, int depth)
{
    const char *key;
    json_t *v;
    void *next;
    if (depth > DEPTH_MAX)
        return;
    json_object_foreach_safe(doc, next, key, v) {
        size_t len;
        const char *type = type_of(line, key, &len, 0);
        char *at = sim_printf("%s%s%s", path, *path ? "." : "", key);
        if (type) {
            value(u, v, type, len, at, depth);
        } else if (u->paths && !spared(path, key)) {
            json_array_append_new(u->paths, json_string(at));
            json_object_del(doc, key);
        }
        free(at);
    }
}

/* The schema of a kind; NULL: there is none, or its name is that of something inside another. */
static const char *kind_line(const struct res *res)
{
    char name[200], gv[128];
    const char *line = NULL;
    if (res->flags & KIND_VIEW) {
        snprintf(name, sizeof(name), "%s@%s", res->kind, kube_api_version(res, gv));
        line = message(name, strlen(name));
    } else if (!(res->flags & KIND_CUSTOM)) {
        line = message(res->kind, strlen(res->kind));
    }
    size_t len;
    return line && type_of(line, "metadata", &len, 0) ? line : NULL;
}

bool kube_typed_fields(json_t *doc, const struct res *res, struct shape_fault *f)
{
    const char *line = kind_line(res);
    struct walk u = {.fault = f, .in = res->kind};
    f->text[0] = 0;
    if (line)
        walk(&u, doc, line, "", 0);
    return !f->text[0];
}

bool kube_known_fields(struct req *r, const struct res *res, json_t *doc)
{
    const char *line = kind_line(r->view ? r->view : res), *how = req_query(r, "fieldValidation");
    struct walk u = {.paths = json_array(), .in = res->kind};
    bool strict = how && strcmp(how, "Strict") == 0, silent = how && strcmp(how, "Ignore") == 0;
    struct str all;
    if (line)
        walk(&u, doc, line, "", 0);
    str_init(&all, 0);
    for (size_t i = 0; i < json_array_size(u.paths); i++) {
        const char *path = json_string_value(json_array_get(u.paths, i));
        str_addf(&all, "%sunknown field \"%s\"", i ? ", " : "", path);
        if (!strict && !silent && strlen(path) < 300)
            req_head(r, "Warning", "299 - \"unknown field \\\"%s\\\"\"", path);
    }
    bool ok = !strict || !all.len;
    if (!ok)
        kube_status(r, 400, "BadRequest", NULL, "%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s", res->kind, res->version,
                    res->kind, all.data);
    str_release(&all);
    json_decref(u.paths);
    return ok;
}

/* An apply names no field that the schema does not have, whatever fieldValidation says. */
bool kube_declared_fields(struct req *r, const struct target *t, const json_t *config)
{
    const char *line = kind_line(t->res);
    struct walk u = {.paths = json_array(), .in = t->res->kind};
    json_t *copy = json_deep_copy(config);
    char gv[128];
    struct str all;
    if (line)
        walk(&u, copy, line, "", 0);
    size_t n = json_array_size(u.paths);
    str_init(&all, 0);
    for (size_t i = 0; i < n; i++)
        str_addf(&all, n > 1 ? "\n  .%s: field not declared in schema" : ".%s: field not declared in schema", json_string_value(json_array_get(u.paths, i)));
    if (n)
        kube_status(r, 500, NULL, NULL, "failed to create typed patch object (%s%s%s; %s%s, Kind=%s): %s%s", t->ns ? t->ns : "", t->ns && *t->ns ? "/" : "", t->name,
                    *t->res->group ? "" : "/", kube_api_version(t->res, gv), t->res->kind, n > 1 ? "errors:" : "", all.data);
    str_release(&all);
    json_decref(u.paths);
    json_decref(copy);
    return !n;
}
