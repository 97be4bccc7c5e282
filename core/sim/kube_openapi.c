/*
 * OpenAPI v3, made from openapi/types.txt (facts of the API: one line a type, "NAME FIELD:TYPE ...") and openapi/words.txt (what a field is, in
 * words of ours): kubectl explains, validates and computes its patches by it. In types.txt: s string, i l integers, b boolean, n number, y bytes,
 * t time, x int or string, o object, a anything, @NAME a type, * list, % map; "!" in front: required; after it =a|b values, ^key ~strategy of patches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"
#include "strata/map.h"

extern const char *const openapi_types[], *const openapi_words[];      /* made by the Makefile; NULL ends them */

static const struct { const char *ours, *full; } packages[] = {
    {"meta.", "io.k8s.apimachinery.pkg.apis.meta."}, {"api.resource.", "io.k8s.apimachinery.pkg.api.resource."},
    {"runtime.", "io.k8s.apimachinery.pkg.runtime."}, {"util.intstr.", "io.k8s.apimachinery.pkg.util.intstr."}, {"io.k8s.", "io.k8s."},
};

static char *full_name(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
        size_t k = strlen(packages[i].ours);
        if (strncmp(name, packages[i].ours, k) == 0)
            return sim_printf("%s%.*s", packages[i].full, (int)(n - k), name + k);
    }
    return sim_printf("io.k8s.api.%.*s", (int)n, name);
}

static const char *type_line(const char *name, size_t n)
{
    for (size_t i = 0; openapi_types[i]; i++)
        if (strncmp(openapi_types[i], name, n) == 0 && openapi_types[i][n] == ' ')
            return openapi_types[i];
    return NULL;
}

/* The words about a type, or about a field of it; those for "*" are of every kind. */
static const char *words_for(const char *type, size_t n, const char *field, size_t len)
{
    for (size_t i = 0; openapi_words[i]; i++) {
        const char *w = openapi_words[i];
        size_t k = *w == '*' ? 1 : n;
        if (*w != '*' && strncmp(w, type, n) != 0)
            continue;
        if (!field ? w[k] == '|' && *w != '*' : w[k] == '.' && strncmp(w + k + 1, field, len) == 0 && w[k + 1 + len] == '|')
            return w + k + 1 + (field ? len + 1 : 0);
    }
    return NULL;
}

static json_t *of_type(const char *t, size_t n, json_t *used)
{
    static const struct { char letter; const char *type, *format; } plain[] = {
        {'s', "string", NULL}, {'i', "integer", "int32"}, {'l', "integer", "int64"}, {'b', "boolean", NULL}, {'n', "number", "double"},
        {'y', "string", "byte"}, {'t', "string", "date-time"}, {'o', "object", NULL},
    };
    if (*t == '@') {
        char *name = full_name(t + 1, n - 1), *ref = sim_printf("#/components/schemas/%s", name), *own = sim_printf("%.*s", (int)n - 1, t + 1);
        json_object_set_new(used, own, json_true());
        json_t *out = jt("{'allOf':[{'$ref':%s}]}", ref);
        free(own);
        free(ref);
        free(name);
        return out;
    }
    if (*t == '*')
        return jt("{'type':'array','items':%j}", of_type(t + 1, n - 1, used));
    if (*t == '%')
        return jt("{'type':'object','additionalProperties':%j}", of_type(t + 1, n - 1, used));
    if (*t == 'x')
        return jt("{'oneOf':[{'type':'integer'},{'type':'string'}],'format':'int-or-string'}");
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (plain[i].letter == *t)
            return plain[i].format ? jt("{'type':%s,'format':%s}", plain[i].type, plain[i].format) : jt("{'type':%s}", plain[i].type);
    return json_object();
}

/* What follows the type: values, key and strategy of patches. */
static void marks(json_t *o, const char *p, const char *end)
{
    while (p < end) {
        char what = *p++;
        size_t n = strcspn(p, what == '=' ? " ^~" : " =^~");
        if (what == '=') {
            json_t *all = json_array();
            for (size_t at = 0; at < n;) {
                size_t k = strcspn(p + at, "| ^~");
                json_array_append_new(all, json_stringn(p + at, k));
                at += k + 1;
            }
            json_object_set_new(o, "enum", all);
        } else if (what == '^') {
            json_object_set_new(o, "x-kubernetes-patch-merge-key", json_stringn(p, n));
            json_object_set_new(o, "x-kubernetes-patch-strategy", json_string("merge"));
        } else {
            json_object_set_new(o, "x-kubernetes-patch-strategy", json_stringn(p, n));
        }
        p += n;
    }
}

static json_t *schema_of(const char *line, json_t *used)
{
    size_t n = strcspn(line, " ");
    const char *p = line + n, *said = words_for(line, n, NULL, 0);
    json_t *out = NULL, *props = json_object(), *need = json_array();
    while (*p == ' ') {
        const char *word = p + 1, *colon;
        bool required = *word == '!';
        word += required;
        colon = word + strcspn(word, ":");
        const char *end = colon + strcspn(colon, " ");
        size_t type = strcspn(colon + 1, " =^~");
        json_t *o = of_type(colon + 1, type, used);
        if (colon == word) {                                   /* the type is a plain value itself */
            out = o;
            break;
        }
        const char *about = words_for(line, n, word, (size_t)(colon - word));
        marks(o, colon + 1 + type, end);
        if (about)
            json_object_set_new(o, "description", json_string(about));
        char *name = sim_printf("%.*s", (int)(colon - word), word);
        json_object_set_new(props, name, o);
        if (required)
            json_array_append_new(need, json_string(name));
        free(name);
        p = end;
    }
    if (!out)
        out = jt("{'type':'object','properties':%j}", json_incref(props));
    if (json_array_size(need))
        json_object_set(out, "required", need);
    if (said)
        json_object_set_new(out, "description", json_string(said));
    json_decref(props);
    json_decref(need);
    return out;
}

/* The line of a kind: GROUP.VERSION.KIND, of the group its first word. */
static const char *kind_type(const struct res *r)
{
    char *want = sim_printf("%.*s.%s.%s", *r->group ? (int)strcspn(r->group, ".") : 4, *r->group ? r->group : "core", r->version, r->kind);
    size_t n = strlen(want);
    const char *found = NULL;
    for (size_t i = 0; openapi_types[i] && !found; i++) {
        size_t len = strcspn(openapi_types[i], " ");
        if (len >= n && strncmp(openapi_types[i] + len - n, want, n) == 0 && (len == n || openapi_types[i][len - n - 1] == '.'))
            found = openapi_types[i];
    }
    free(want);
    return found;
}

static void add_kind(json_t *schemas, const struct res *r, json_t *used)
{
    const char *line = r->flags & KIND_CUSTOM ? NULL : kind_type(r);
    json_t *gvk = jt("[{'group':%s,'version':%s,'kind':%s}]", r->group, r->version, r->kind), *o;
    char *name = line ? full_name(line, strcspn(line, " ")) : sim_printf("%s.%s.%s", r->group, r->version, r->kind);
    o = line ? schema_of(line, used) : schema_of("custom apiVersion:s kind:s metadata:@meta.v1.ObjectMeta spec:o status:o", used);
    json_object_set_new(o, "x-kubernetes-group-version-kind", gvk);
    json_object_set_new(schemas, name, o);
    free(name);
}

/* Every type that is used, and those it uses. */
static void complete(json_t *schemas, json_t *used)
{
    const char *key;
    json_t *v;
    bool more = true;
    while (more) {
        json_t *round = json_copy(used);
        more = false;
        json_object_foreach(round, key, v) {
            char *name = full_name(key, strlen(key));
            const char *line = json_object_get(schemas, name) ? NULL : type_line(key, strlen(key));
            if (line) {
                json_object_set_new(schemas, name, schema_of(line, used));
                more = true;
            }
            free(name);
        }
        json_decref(round);
    }
}

static json_t *index_of(struct sim *s)
{
    json_t *paths = json_object();
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        char gv[128];
        if (!*r->version)
            continue;
        kube_api_version(r, gv);
        char *key = sim_printf("%s/%s", *r->group ? "apis" : "api", gv), *url = sim_printf("/openapi/v3/%s?hash=%s", key, "1");
        json_object_set_new(paths, key, jt("{'serverRelativeURL':%s}", url));
        free(key);
        free(url);
    }
    return jt("{'paths':%j}", paths);
}

/* kubectl looks at PATCH before it sends dryRun and fieldValidation. */
static void add_path(json_t *paths, const struct res *r)
{
    char gv[128];
    kube_api_version(r, gv);
    char *path = sim_printf("/%s/%s/%s%s/{name}", *r->group ? "apis" : "api", gv, r->namespaced ? "namespaces/{namespace}/" : "", r->plural);
    json_t *query = jt("[{'name':'dryRun','in':'query','schema':{'type':'string','uniqueItems':true}},{'name':'fieldManager','in':'query',"
                       "'schema':{'type':'string','uniqueItems':true}},{'name':'fieldValidation','in':'query','schema':{'type':'string',"
                       "'uniqueItems':true}},{'name':'force','in':'query','schema':{'type':'boolean','uniqueItems':true}}]");
    json_object_set_new(paths, path, jt("{'patch':{'parameters':%j,'responses':{'200':{'description':'OK'}},'x-kubernetes-action':'patch',"
                                        "'x-kubernetes-group-version-kind':{'group':%s,'version':%s,'kind':%s}}}", query, r->group, r->version, r->kind));
    free(path);
}

static json_t *group_document(struct sim *s, const char *group, const char *version)
{
    json_t *paths = json_object(), *schemas = json_object(), *used = json_object();
    for (size_t i = 0; i < s->nres; i++) {
        const struct res *r = s->res[i];
        if (strcmp(r->group, group) != 0 || strcmp(r->version, version) != 0)
            continue;
        if (!(r->flags & KIND_CREATE_ONLY))
            add_path(paths, r);
        add_kind(schemas, r, used);
    }
    complete(schemas, used);
    json_decref(used);
    return jt("{'openapi':'3.0.0','info':{'title':'Kubernetes','version':'v1.36.3'},'paths':%j,'components':{'schemas':%j}}", paths, schemas);
}

/* OpenAPI v2 without a single schema, in the protobuf encoding kubectl asks for: it validates only what it finds there. */
static void second(struct req *r)
{
    static const char doc[] = "\012\0032.0" "\022\025" "\012\012Kubernetes" "\022\007v1.36.3" "\102";      /* and one NUL: no paths */
    const char *accept = req_header(r, "Accept");
    if (accept && strstr(accept, "proto-openapi.spec.v2"))
        reply_text(r, 200, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", doc, sizeof(doc));
    else
        reply_json(r, 200, jt("{'swagger':'2.0','info':{'title':'Kubernetes','version':'v1.36.3'},'paths':{},'definitions':{}}"));
}

void kube_openapi(struct req *r)
{
    bool three = r->nseg > 1 && strcmp(r->seg[1], "v3") == 0, core = r->nseg > 2 && strcmp(r->seg[2], "api") == 0;
    if (three && r->nseg == 2)
        reply_json(r, 200, index_of(r->sim));
    else if (three && core && r->nseg == 4)
        reply_json(r, 200, group_document(r->sim, "", r->seg[3]));
    else if (three && r->nseg == 5)
        reply_json(r, 200, group_document(r->sim, r->seg[3], r->seg[4]));
    else if (r->nseg == 2 && strcmp(r->seg[1], "v2") == 0)
        second(r);
    else
        kube_status(r, 404, "NotFound", json_object(), "the server could not find the requested resource");
}
