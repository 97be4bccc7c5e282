/* Server-side apply: what a manager applied it owns; fields it no longer names go, fields of another manager are a conflict. */
#include <stdlib.h>
#include <string.h>

#include "core/config/yaml.h"
#include "core/sim/kube_patch.h"
#include "core/sim/kube_sim.h"

static json_t *to_json(const struct yaml_node *n, int depth)
{
    if (!n || depth > 64)
        return json_null();
    switch (n->type) {
    case YAML_BOOL: return json_boolean(n->truth);
    case YAML_INT: return json_integer(atoll(n->text));
    case YAML_FLOAT: return json_real(strtod(n->text, NULL));
    case YAML_STR: {
        json_t *s = json_stringn(n->text, n->len);
        return s ? s : json_string("");
    }
    case YAML_SEQ: {
        json_t *a = json_array();
        for (const struct yaml_item *i = n->first; i; i = i->next)
            json_array_append_new(a, to_json(i->value, depth + 1));
        return a;
    }
    case YAML_MAP: {
        json_t *o = json_object();
        for (const struct yaml_item *i = n->first; i; i = i->next)
            if (yaml_scalar(i->key))
                json_object_set_new(o, i->key->raw ? i->key->raw : "", to_json(i->value, depth + 1));
        return o;
    }
    default: return json_null();
    }
}

static json_t *read_config(struct req *r, const struct res *res)
{
    struct yaml_doc d;
    struct err err;
    if (!r->blen || yaml_parse(&d, r->body, r->blen, YAML_GO, "patch", &err) != ERR_OK) {
        kube_status(r, 400, "BadRequest", NULL, "error decoding YAML: %s", r->blen ? err.msg : "the body is empty");
        return NULL;
    }
    json_t *out = to_json(d.root, 0);
    struct shape_fault f = {.text = "the patch is no mapping"};
    yaml_release(&d);
    if (json_is_object(out) && kube_shape(out, res, &f))
        return out;
    json_decref(out);
    kube_status(r, 400, "BadRequest", NULL, "error decoding YAML: %s", f.text);
    return NULL;
}

/* ---- sets of fields, in the format of managedFields: f:name, k:{"key":value}, v:value ---- */
struct walk { const char *kind; };

static char *item_key(const char *merge_key, const json_t *item)
{
    if (!*merge_key) {
        char *v = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY), *out = sim_printf("v:%s", v ? v : "");
        free(v);
        return out;
    }
    json_t *id = json_object(), *v = json_object_get(item, merge_key);
    json_object_set(id, merge_key, v ? v : json_null());
    char *text = jdump(id), *out = sim_printf("k:%s", text);
    free(text);
    return out;
}

static json_t *field_set(const struct walk *w, const json_t *v, const char *parent, const char *name)
{
    json_t *out = json_object(), *x;
    const char *key;
    size_t i;
    if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, key, x) {
            char *f = sim_printf("f:%s", key);
            json_object_set_new(out, f, field_set(w, x, name, key));
            free(f);
        }
    } else if (json_is_array(v)) {
        const char *by = patch_merge_key(w->kind, parent, name);
        json_array_foreach((json_t *)(uintptr_t)v, i, x) {
            char *k = by ? item_key(by, x) : NULL;
            if (k)
                json_object_set_new(out, k, field_set(w, x, parent, name));
            free(k);
        }
    }
    return out;
}

static json_t *applied_set(const struct walk *w, const json_t *config)
{
    json_t *body = json_copy((json_t *)(uintptr_t)config), *meta = json_copy(json_object_get(config, "metadata"));
    static const char *const not_owned[] = {"kind", "apiVersion"}, *const identity[] = {"name", "namespace", "resourceVersion", "uid", "creationTimestamp"};
    for (size_t i = 0; i < 2; i++)
        json_object_del(body, not_owned[i]);
    for (size_t i = 0; meta && i < sizeof(identity) / sizeof(identity[0]); i++)
        json_object_del(meta, identity[i]);
    if (json_object_size(meta))
        json_object_set(body, "metadata", meta);
    else
        json_object_del(body, "metadata");
    json_t *out = field_set(w, body, "", "");
    json_decref(meta);
    json_decref(body);
    return out;
}

/* The part of doc a key of a field set names. */
static json_t *under(const json_t *doc, const char *key, size_t *index)
{
    json_t *id, *x;
    const char *name;
    size_t i;
    *index = 0;
    if (key[0] == 'f')
        return json_object_get(doc, key + 2);
    id = json_loads(key + 2, JSON_DECODE_ANY, NULL);
    json_array_foreach((json_t *)(uintptr_t)doc, i, x) {
        json_t *v;
        bool same = key[0] == 'v' ? json_equal(x, id) : json_is_object(x);
        if (key[0] == 'k')
            json_object_foreach(id, name, v)
                same = same && json_equal(json_object_get(x, name), v);
        if (same) {
            json_decref(id);
            *index = i;
            return x;
        }
    }
    json_decref(id);
    return NULL;
}

/* Takes from doc what is in `mine` and in neither of the other sets. */
static void drop_unowned(json_t *doc, json_t *mine, const json_t *now, json_t *const *others, size_t n)
{
    const char *key;
    json_t *sub;
    json_object_foreach(mine, key, sub) {
        size_t at, kept = 0;
        json_t *part = under(doc, key, &at), *theirs[16];
        const json_t *mine_now = json_object_get(now, key);
        for (size_t i = 0; i < n && i < 16; i++)
            if (json_object_get(others[i], key))
                theirs[kept++] = json_object_get(others[i], key);
        if (!part)
            continue;
        if (mine_now || kept)
            drop_unowned(part, sub, mine_now, theirs, kept);
        else if (key[0] == 'f')
            json_object_del(doc, key + 2);
        else
            json_array_remove(doc, at);
    }
}

/* Leaves of `mine` that another set has too and whose value the config changes. */
static void find_conflicts(const json_t *live, const json_t *config, json_t *mine, const json_t *theirs, const char *path, const char *who, struct causes *c)
{
    const char *key;
    json_t *sub;
    json_object_foreach(mine, key, sub) {
        const json_t *t = json_object_get(theirs, key);
        size_t at;
        if (!t)
            continue;
        const json_t *have = under(live, key, &at), *want = under(config, key, &at);
        char *field = key[0] == 'f' ? sim_printf("%s.%s", path, key + 2) : sim_printf("%s[%s]", path, key + 2);
        if (json_object_size(sub))
            find_conflicts(have, want, sub, t, field, who, c);
        else if (have && want && !json_equal(have, want))
            cause(c, "FieldManagerConflict", field, "conflict with \"%s\"", who);
        free(field);
    }
}

static bool conflicts(struct req *r, const json_t *live, const json_t *config, json_t *mine, const char *manager)
{
    struct causes c;
    json_t *all = jat(live, "metadata.managedFields"), *m;
    size_t i, n;
    causes_init(&c);
    json_array_foreach(all, i, m)
        if (strcmp(jstr(m, "manager"), manager) != 0)
            find_conflicts(live, config, mine, jat(m, "fieldsV1"), "", jstr(m, "manager"), &c);
    n = json_array_size(c.list);
    if (n) {
        struct str text;
        str_init(&text, 0);
        for (i = 0; i < n; i++)
            str_addf(&text, "%s%s: %s", i ? ", " : "", jstr(json_array_get(c.list, i), "message"), jstr(json_array_get(c.list, i), "field"));
        kube_status(r, 409, "Conflict", jt("{'causes':%j}", json_incref(c.list)), "Apply failed with %zu conflict%s: %s", n, n == 1 ? "" : "s", text.data);
        str_release(&text);
    }
    json_decref(c.list);
    return n > 0;
}

static void note_owner(struct sim *s, const struct res *res, json_t *doc, const json_t *old, json_t *set, const char *manager)
{
    json_t *all = old ? json_deep_copy(jat(old, "metadata.managedFields")) : NULL, *m;
    char gv[128], at[32];
    size_t i;
    all = all ? all : json_array();
    json_array_foreach(all, i, m)
        if (strcmp(jstr(m, "manager"), manager) == 0) {
            if (json_equal(jat(m, "fieldsV1"), set)) {         /* nothing new: not even the time */
                jset(doc, "metadata.managedFields", all);
                return;
            }
            json_array_remove(all, i);
            break;
        }
    json_array_append_new(all, jt("{'manager':%s,'operation':'Apply','apiVersion':%s,'time':%s,'fieldsType':'FieldsV1','fieldsV1':%j}", manager,
                                  kube_api_version(res, gv), stamp(sim_now(s), at), json_incref(set)));
    jset(doc, "metadata.managedFields", all);
}

/* What the object becomes: NULL when it was answered with an error. */
static json_t *merged(struct req *r, const struct target *t, const json_t *live, const json_t *config, json_t *set, const char *manager, bool force)
{
    struct patch_fault f = {0};
    json_t *all = jat(live, "metadata.managedFields"), *m, *others[16], *mine = NULL, *out;
    size_t i, n = 0;
    if (!force && conflicts(r, live, config, set, manager))
        return NULL;
    json_array_foreach(all, i, m) {
        if (strcmp(jstr(m, "manager"), manager) == 0)
            mine = jat(m, "fieldsV1");
        else if (n < 16)
            others[n++] = jat(m, "fieldsV1");
    }
    out = t->res->flags & KIND_CUSTOM ? patch_merge(live, config) : patch_strategic(live, config, t->res->kind, &f);
    if (!out) {
        kube_status(r, 500, NULL, NULL, "%s", f.text);
        return NULL;
    }
    if (mine)
        drop_unowned(out, mine, set, others, n);
    return out;
}

void kube_apply(struct req *r, const struct target *t, struct obj *o)
{
    const char *manager = req_query(r, "fieldManager"), *force = req_query(r, "force");
    json_t *config, *set;
    bool dry;
    if (!manager || !*manager) {
        struct causes c;
        causes_init(&c);
        cause(&c, "FieldValueRequired", "fieldManager", "Required value: is required for apply patch");
        causes_reply(&c, r, "meta.k8s.io", "PatchOptions", "");
        return;
    }
    if (!kube_dry(r, NULL, "PatchOptions", &dry) || !(config = read_config(r, t->res)))
        return;
    if (!kube_declared_fields(r, t, config)) {
        json_decref(config);
        return;
    }
    set = applied_set(&(struct walk){t->res->kind}, config);
    if (!o) {
        char gv[128];
        jset(config, "metadata.name", json_string(t->name));
        json_object_set_new(config, "kind", json_string(t->res->kind));
        json_object_set_new(config, "apiVersion", json_string(kube_api_version(t->res, gv)));
        note_owner(r->sim, t->res, config, NULL, set, manager);
        kube_create_doc(r, t, config);
    } else {
        json_t *live = obj_doc(o), *now = merged(r, t, live, config, set, manager, force && strcmp(force, "true") == 0);
        if (now) {
            note_owner(r->sim, t->res, now, live, set, manager);
            kube_put(r, t, o, now, dry);
        }
        json_decref(live);
        json_decref(config);
    }
    json_decref(set);
}
