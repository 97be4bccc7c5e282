/* Fields nobody knows: a real server drops them, warns, or refuses, as fieldValidation says. The schema is the protobuf one. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_proto.h"
#include "core/sim/kube_sim.h"

#define DEPTH_MAX 40

struct unknown { json_t *paths; };

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

static void walk(struct unknown *u, json_t *doc, const char *line, const char *path, int depth);

static void value(struct unknown *u, json_t *v, const char *type, size_t len, const char *path, int depth)
{
    if (*type == '*' && json_is_array(v)) {
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
        const char *line = message(type + 1, len - 1);
        if (line)
            walk(u, v, line, path, depth + 1);
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

static void walk(struct unknown *u, json_t *doc, const char *line, const char *path, int depth)
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
        } else if (!spared(path, key)) {
            json_array_append_new(u->paths, json_string(at));
            json_object_del(doc, key);
        }
        free(at);
    }
}

bool kube_known_fields(struct req *r, const struct res *res, json_t *doc)
{
    const char *line = message(res->kind, strlen(res->kind)), *how = req_query(r, "fieldValidation");
    struct unknown u = {json_array()};
    bool custom = res->flags & KIND_CUSTOM, strict = how && strcmp(how, "Strict") == 0, silent = how && strcmp(how, "Ignore") == 0;
    struct str all;
    if (line && !custom)
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
