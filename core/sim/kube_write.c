/* Create, replace and patch: what every write goes through on its way to the store. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/ctl.h"
#include "core/sim/kube_patch.h"
#include "core/sim/kube_proto.h"
#include "core/sim/kube_sim.h"

bool kube_dry(struct req *r, const json_t *options, const char *kind, bool *dry)
{
    const char *q = req_query(r, "dryRun");
    json_t *list = jat(options, "dryRun");
    if (!q && json_array_size(list))
        q = json_string_value(json_array_get(list, 0));
    *dry = q && *q;
    if (!*dry || strcmp(q, "All") == 0)
        return true;
    struct causes c;
    causes_init(&c);
    cause(&c, "FieldValueNotSupported", "dryRun", "Unsupported value: [\"%s\"]: supported values: \"All\"", q);
    causes_reply(&c, r, "meta.k8s.io", kind, "");
    return false;
}

json_t *kube_read_body(struct req *r, json_error_t *e)
{
    snprintf(e->text, sizeof(e->text), "unexpected end of JSON input");
    if (r->blen && proto_is(r->body, r->blen))
        return proto_read(r->body, r->blen);
    return r->blen ? json_read(r->body, r->blen, 0, e) : NULL;
}

static void bad_json(struct req *r, const struct res *res, const json_error_t *e)
{
    kube_status(r, 400, "BadRequest", NULL, "the object provided is unrecognized (must be of type %s): couldn't get version/kind; json parse error: %s (%.60s)",
                res->kind, e->text, r->body ? r->body : "");
}

json_t *kube_body(struct req *r, const struct res *res, const char *kind)
{
    json_error_t e;
    json_t *doc = kube_read_body(r, &e);
    char gv[128];
    if (!json_is_object(doc)) {
        json_decref(doc);
        bad_json(r, res, &e);
        return NULL;
    }
    const char *have = jstr(doc, "kind");
    if (!kind && *have && strcmp(have, res->kind) != 0) {
        kube_status(r, 400, "BadRequest", NULL, "%s in version \"%s\" cannot be handled as a %s: converting (%s.%s) to (core.%s): unknown conversion", have,
                    res->version, res->kind, res->version, have, res->kind);
        json_decref(doc);
        return NULL;
    }
    struct shape_fault f;
    if (!kube_shape(doc, res, &f)) {
        kube_status(r, 400, "BadRequest", NULL, "%s in version \"%s\" cannot be handled as a %s: %s", res->kind, res->version, res->kind, f.text);
        json_decref(doc);
        return NULL;
    }
    if (!kind && !kube_known_fields(r, res, doc)) {
        json_decref(doc);
        return NULL;
    }
    if (!kind) {
        kube_view_in(r->view, doc);
        json_object_set_new(doc, "kind", json_string(res->kind));
        json_object_set_new(doc, "apiVersion", json_string(kube_api_version(res, gv)));
    }
    return doc;
}

/* kind and apiVersion come first in what the servers send. */
json_t *kube_in_front(json_t *doc)
{
    static const char *const first[] = {"kind", "apiVersion", "metadata"};
    json_t *out = json_object(), *v;
    const char *key;
    for (size_t i = 0; i < 3; i++)
        if ((v = json_object_get(doc, first[i])))
            json_object_set(out, first[i], v);
    json_object_foreach(doc, key, v)
        json_object_set(out, key, v);
    json_decref(doc);
    return out;
}

enum language { MERGE, STRATEGIC, OPERATIONS, APPLY, UNKNOWN };

static enum language language_of(const struct req *r)
{
    static const char *const types[] = {"application/merge-patch+json", "application/strategic-merge-patch+json", "application/json-patch+json",
                                        "application/apply-patch+yaml"};
    const char *type = req_header(r, "Content-Type");
    for (int i = 0; type && i < UNKNOWN; i++)
        if (strncmp(type, types[i], strlen(types[i])) == 0)
            return (enum language)i;
    return UNKNOWN;
}

static bool namespace_takes(struct req *r, const struct target *t, const char *name)
{
    struct obj *ns = t->ns ? store_get(store_find_res(r->sim, "", "v1", "namespaces"), "", t->ns) : NULL;
    if (!t->ns)
        return true;
    if (!ns) {
        kube_status(r, 404, "NotFound", jt("{'name':%s,'kind':'namespaces'}", t->ns), "namespaces \"%s\" not found", t->ns);
        return false;
    }
    if (!strstr(ns->text, "\"deletionTimestamp\""))
        return true;
    char *why = sim_printf("namespace %s is being terminated", t->ns);
    json_t *d = kube_details(t->res, name);
    json_object_set_new(d, "causes", jt("[{'reason':'NamespaceTerminating','message':%s,'field':'metadata.namespace'}]", why));
    kube_status(r, 403, "Forbidden", d, "%s%s%s \"%s\" is forbidden: unable to create new content in namespace %s because it is being terminated",
                t->res->plural, *t->res->group ? "." : "", t->res->group, name, t->ns);
    free(why);
    return false;
}

/* Names, uid, clock and counters of a new object. */
static bool new_metadata(struct req *r, const struct target *t, json_t *doc)
{
    static const char *const servers[] = {"resourceVersion", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
                                          "selfLink"};
    const char *ns = jstr(doc, "metadata.namespace"), *prefix = jstr(doc, "metadata.generateName");
    char suffix[6], at[32], uid[37];
    if (!json_is_object(jat(doc, "metadata")))
        json_object_set_new(doc, "metadata", json_object());
    json_t *m = jat(doc, "metadata");
    if (*ns && strcmp(ns, t->ns ? t->ns : "") != 0) {
        kube_status(r, 400, "BadRequest", NULL, "the namespace of the provided object does not match the namespace sent on the request");
        return false;
    }
    if (*jstr(m, "resourceVersion")) {
        kube_status(r, 500, NULL, NULL, "resourceVersion should not be set on objects to be created");
        return false;
    }
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
        json_object_del(m, servers[i]);
    if (language_of(r) != APPLY)
        json_object_del(m, "managedFields");
    if (!*jstr(m, "name") && *prefix) {
        char *name = sim_printf("%s%s", prefix, suffix5(r->sim, suffix));
        json_object_set_new(m, "name", json_string(name));
        free(name);
    }
    if (t->ns)
        json_object_set_new(m, "namespace", json_string(t->ns));
    uuid4(r->sim, uid);
    json_object_set_new(m, "uid", json_string(uid));
    json_object_set_new(m, "creationTimestamp", json_string(stamp(sim_now(r->sim), at)));
    if (t->res->flags & KIND_GENERATION)
        json_object_set_new(m, "generation", json_integer(1));
    return true;
}

/* Answers a write with the document as stored, or as it would be; doc is taken. */
static void store_and_reply(struct req *r, const struct target *t, json_t *doc, bool dry, int status)
{
    doc = kube_in_front(doc);
    if (dry) {
        kube_view_out(r->view, doc);
        reply_json(r, status, doc);
        return;
    }
    struct obj *o = obj_ref(store_put(r->sim, t->res, doc));
    if (status == 201)
        kube_crd_made(r->sim, t->res, obj_read(o));
    kube_reply_object(r, status, o);
    obj_unref(o);
}

void kube_create_doc(struct req *r, const struct target *t, json_t *doc)
{
    bool dry;
    if (!kube_dry(r, NULL, "CreateOptions", &dry) || !new_metadata(r, t, doc)) {
        json_decref(doc);
        return;
    }
    const char *name = jstr(doc, "metadata.name");
    if (!namespace_takes(r, t, name)) {
        json_decref(doc);
        return;
    }
    char *why = NULL;
    bool pod = strcmp(t->res->plural, "pods") == 0;
    if (pod && !kube_admit_pod(r, t->ns, doc)) {
        json_decref(doc);
        return;
    }
    kube_default(r->sim, t->res, doc, NULL);
    if (!kube_valid(r, t->res, NULL, doc, NULL)) {
        json_decref(doc);
    } else if ((why = ctl_quota_against(r->sim, t->res, doc))) {
        kube_status(r, 403, "Forbidden", kube_details(t->res, name), "%s%s%s \"%s\" is forbidden: %s", t->res->plural, *t->res->group ? "." : "",
                    t->res->group, name, why);
        json_decref(doc);
    } else if (store_get(t->res, t->ns ? t->ns : "", name)) {
        kube_status(r, 409, "AlreadyExists", kube_details(t->res, name), "%s%s%s \"%s\" already exists", t->res->plural, *t->res->group ? "." : "",
                    t->res->group, name);
        json_decref(doc);
    } else {
        store_and_reply(r, t, doc, dry, 201);
    }
    free(why);
}

void kube_create(struct req *r, const struct target *t)
{
    json_t *doc = kube_body(r, t->res, NULL);
    if (doc)
        kube_create_doc(r, t, doc);
}

/* ---- updates ---- */
static void take_from(json_t *to, const json_t *from, const char *key)
{
    json_t *v = json_object_get(from, key);
    if (v)
        json_object_set(to, key, v);
    else
        json_object_del(to, key);
}

static bool without(const json_t *a, const json_t *b, bool status)
{
    json_t *x = json_copy((json_t *)(uintptr_t)a), *y = json_copy((json_t *)(uintptr_t)b);
    static const char *const keys[] = {"metadata", "status"};
    for (size_t i = 0; i < (status ? 2u : 1u); i++) {
        json_object_del(x, keys[i]);
        json_object_del(y, keys[i]);
    }
    bool same = json_equal(x, y);
    json_decref(x);
    json_decref(y);
    return same;
}

/* What a writer may not change comes from the object as it is. */
static void keep(struct req *r, const struct target *t, json_t *now, const json_t *old)
{
    static const char *const servers[] = {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "namespace", "name",
                                          "generateName", "selfLink"};
    bool machine = strcmp(t->res->plural, "pods") == 0 || strcmp(t->res->plural, "nodes") == 0;
    json_t *m = json_object_get(now, "metadata"), *om = json_object_get(old, "metadata");
    if (t->sub && strcmp(t->sub, "status") == 0) {
        json_t *status = json_incref(json_object_get(now, "status"));
        const char *key;
        json_t *v;
        void *next;
        json_object_foreach_safe(now, next, key, v)
            if (strcmp(key, "metadata") != 0)
                json_object_del(now, key);
        json_object_foreach((json_t *)(uintptr_t)old, key, v)
            if (strcmp(key, "metadata") != 0 && strcmp(key, "status") != 0)
                json_object_set(now, key, v);
        if (status)
            json_object_set(now, "status", status);
        json_decref(status);
        if (!machine)
            take_from(m, om, "labels");
    } else if (kube_has_sub(t->res, "status")) {
        take_from(now, old, "status");
    }
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
        take_from(m, om, servers[i]);
    if (language_of(r) != APPLY)
        take_from(m, om, "managedFields");
}

static bool conflict(struct req *r, const struct target *t, const json_t *now, const struct obj *o)
{
    const char *rv = jstr(now, "metadata.resourceVersion");
    if (!*rv || strtoull(rv, NULL, 10) == o->rv)
        return false;
    kube_conflict(r, t);
    return true;
}

void kube_conflict(struct req *r, const struct target *t)
{
    kube_status(r, 409, "Conflict", kube_details(t->res, t->name), "Operation cannot be fulfilled on %s%s%s \"%s\": the object has been modified; please "
                "apply your changes to the latest version and try again", t->res->plural, *t->res->group ? "." : "", t->res->group, t->name);
}

static bool same_names(struct req *r, const struct target *t, const json_t *now)
{
    const char *name = jstr(now, "metadata.name"), *ns = jstr(now, "metadata.namespace");
    if (strcmp(name, t->name) != 0 && *name)
        kube_status(r, 400, "BadRequest", NULL, "the name of the object (%s) does not match the name on the URL (%s)", name, t->name);
    else if (!*name)
        kube_status(r, 400, "BadRequest", NULL, "name must be provided");
    else if (*ns && strcmp(ns, t->ns ? t->ns : "") != 0)
        kube_status(r, 400, "BadRequest", NULL, "the namespace of the provided object does not match the namespace sent on the request");
    else
        return true;
    return false;
}

static void reply_old(struct req *r, const struct obj *o)
{
    kube_reply_object(r, 200, o);
}

void kube_put(struct req *r, const struct target *t, const struct obj *o, json_t *now, bool dry)
{
    json_t *old = obj_doc(o);
    if (!json_is_object(json_object_get(now, "metadata")))
        json_object_set_new(now, "metadata", json_object());
    const char *uid = jstr(now, "metadata.uid");
    if (!same_names(r, t, now) || conflict(r, t, now, o)) {
        json_decref(now);
        json_decref(old);
        return;
    }
    if (*uid && strcmp(uid, o->uid) != 0) {
        struct causes c;
        causes_init(&c);
        cause(&c, "FieldValueInvalid", "metadata.uid", "Invalid value: \"%s\": field is immutable", uid);
        causes_reply(&c, r, t->res->group, t->res->kind, t->name);
        json_decref(now);
        json_decref(old);
        return;
    }
    keep(r, t, now, old);
    if (!t->sub)
        kube_default(r->sim, t->res, now, old);
    if (!kube_valid(r, t->res, t->sub, now, old)) {
        json_decref(now);
        json_decref(old);
        return;
    }
    jset(now, "metadata.resourceVersion", json_string(jstr(old, "metadata.resourceVersion")));
    bool notes = strcmp(t->res->plural, "deployments") == 0 && !t->sub && !json_equal(jat(now, "metadata.annotations"), jat(old, "metadata.annotations"));
    if ((t->res->flags & KIND_GENERATION) && (notes || !without(now, old, true)))      /* a deployment counts its annotations, too */
        jset(now, "metadata.generation", json_integer(jint(old, "metadata.generation") + 1));
    bool leaves = jat(now, "metadata.deletionTimestamp") && !json_array_size(jat(now, "metadata.finalizers")) &&
                  !jint(now, "metadata.deletionGracePeriodSeconds") && strcmp(t->res->plural, "namespaces") != 0;
    if (leaves && !dry) {                                      /* its last finalizer went */
        store_delete(r->sim, t->res, o->ns, o->name);
        reply_json(r, 200, kube_in_front(json_incref(now)));
    } else if (json_equal(now, old)) {
        reply_old(r, o);
    } else {
        store_and_reply(r, t, json_incref(now), dry, 200);
    }
    json_decref(now);
    json_decref(old);
}

void kube_update(struct req *r, const struct target *t, struct obj *o)
{
    json_t *now = kube_body(r, t->res, NULL);
    bool dry;
    if (!now)
        return;
    if (kube_dry(r, NULL, "UpdateOptions", &dry))
        kube_put(r, t, o, now, dry);
    else
        json_decref(now);
}

/* ---- patches ---- */
/* As Go prints a document: map[a:b c:[1 2]]. */
static void go_print(struct str *out, const json_t *v)
{
    const char *key;
    json_t *x;
    size_t i;
    if (json_is_object(v)) {
        str_adds(out, "map[");
        json_object_foreach((json_t *)(uintptr_t)v, key, x) {
            str_addf(out, "%s%s:", out->data[out->len - 1] == '[' ? "" : " ", key);
            go_print(out, x);
        }
        str_addc(out, ']');
    } else if (json_is_array(v)) {
        str_addc(out, '[');
        json_array_foreach(v, i, x) {
            str_adds(out, i ? " " : "");
            go_print(out, x);
        }
        str_addc(out, ']');
    } else if (json_is_string(v)) {
        str_adds(out, json_string_value(v));
    } else {
        char *text = json_dumps(v, JSON_ENCODE_ANY);
        str_adds(out, text ? text : "");
        json_text_free(text);
    }
}

/* A patch that gives a field the wrong type. */
static void cannot_be(struct req *r, const json_t *patch, const struct shape_fault *shape)
{
    char *text = json_dumps(patch, JSON_COMPACT);
    struct str map;
    str_init(&map, 0);
    go_print(&map, patch);
    char *why = language_of(r) == STRATEGIC ? sim_printf("Invalid value: \"%s\": %s", map.data, shape->patch_text)
                                            : sim_printf("Invalid value: %s: %s", text ? text : "", shape->text);
    str_release(&map);
    kube_status(r, 422, "Invalid", jt("{'causes':[{'reason':'FieldValueInvalid','message':%s,'field':'patch'}]}", why), " \"\" is invalid: patch: %s", why);
    free(why);
    free(text);
}

json_t *kube_apply_patch(struct req *r, const struct res *res, const json_t *doc)
{
    enum language l = language_of(r);
    json_error_t e;
    struct patch_fault f = {0};
    struct shape_fault shape;
    json_t *out = NULL;
    if (l == UNKNOWN) {
        kube_status(r, 415, "UnsupportedMediaType", json_object(), "415: Unsupported Media Type");
        return NULL;
    }
    if (l == STRATEGIC && (res->flags & KIND_CUSTOM)) {
        kube_status(r, 415, "UnsupportedMediaType", NULL, "the body of the request was in an unknown format - accepted media types include: "
                    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
        return NULL;
    }
    json_t *patch = r->blen ? json_read(r->body, r->blen, JSON_DECODE_ANY, &e) : NULL;
    if (patch && l != OPERATIONS && !json_is_object(patch))
        kube_status(r, 400, "BadRequest", NULL, "%sjson: cannot unmarshal %s into Go value of type map[string]interface {}", l == MERGE ? "error decoding patch: " : "",
                    json_is_array(patch) ? "array" : json_is_string(patch) ? "string" : json_is_boolean(patch) ? "bool" : "number");
    else if (!patch || (l == OPERATIONS && !json_is_array(patch)))
        kube_status(r, 400, "BadRequest", NULL, "error decoding patch: %s", !patch ? r->blen ? e.text : "unexpected end of JSON input" :
                    json_is_string(patch) ? "json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp" :
                    "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
    else if (l == MERGE)
        out = patch_merge(doc, patch);
    else if (l == STRATEGIC)
        out = patch_strategic(doc, patch, res->kind, &f);
    else
        out = patch_json(doc, patch, &f);
    if (f.status)
        kube_status(r, f.status, f.status == 422 ? "Invalid" : NULL, f.status == 422 ? json_object() : NULL, "%s", f.text);
    if (out && !json_is_object(out)) {
        kube_status(r, 422, "Invalid", json_object(), "the server rejected our request due to an error in our request");
        json_decref(out);
        out = NULL;
    } else if (out && !kube_shape(out, res, &shape)) {
        cannot_be(r, patch, &shape);
        json_decref(out);
        out = NULL;
    }
    json_decref(patch);
    return out;
}

void kube_patch(struct req *r, const struct target *t, struct obj *o)
{
    bool dry;
    if (language_of(r) == APPLY) {
        kube_apply(r, t, o);
        return;
    }
    if (!o) {
        kube_not_found(r, t->res, t->name);
        return;
    }
    if (!kube_dry(r, NULL, "PatchOptions", &dry))
        return;
    json_t *old = obj_doc(o), *now;
    kube_view_out(r->view, old);
    now = kube_apply_patch(r, t->res, old);
    json_decref(old);
    if (now && !kube_known_fields(r, t->res, now)) {
        json_decref(now);
        now = NULL;
    }
    if (now && r->view) {
        char gv[128];
        kube_view_in(r->view, now);
        json_object_set_new(now, "apiVersion", json_string(kube_api_version(t->res, gv)));
    }
    if (now)
        kube_put(r, t, o, now, dry);
}
