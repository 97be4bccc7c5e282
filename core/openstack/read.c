/* One item by its identity: where it is read, and where in the answer it stands. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "core/openstack/services_priv.h"
#include "strata/text.h"

/* A worker of os-services: "compute/4a75...". */
static const struct svc_api *api_of(const char *uid, char *type, size_t size)
{
    size_t n = strcspn(uid, "/");
    snprintf(type, size, "%.*s", (int)n, uid);
    return uid[n] ? svc_api_find(ostk_type_canonical(type)) : NULL;
}

bool ostk_item_path(struct str *out, const struct ostk_kind *k, const char *id, const char *name)
{
    struct str enc;
    const char *slash = k->driver == &ostk_lb_driver ? strchr(id, '/') : NULL;
    str_init(&enc, 4096);
    if (!strcmp(k->item_path, "/stacks/%s")) {           /* Heat redirects from the id alone */
        str_add_urlenc(&enc, name);
        str_addc(&enc, '/');
    }
    if (slash) {                                         /* a member is below its pool */
        char pool[128];
        snprintf(pool, sizeof(pool), "%.*s", (int)(slash - id), id);
        str_add_urlenc(&enc, pool);
        str_adds(&enc, "/members/");
        id = slash + 1;
    }
    str_add_urlenc(&enc, id);
    str_addf(out, k->item_path, enc.data ? enc.data : "");
    bool ok = !enc.failed && !out->failed;
    str_release(&enc);
    return ok;
}

bool ostk_read_path(struct ostk_read *r, const struct kind *kind, const char *uid, const char *name)
{
    const struct ostk_kind *k = kind->ostk;
    if (kind->flags & KIND_TREE) {
        const struct svc_api *api = api_of(uid ? uid : "", r->service, sizeof(r->service));
        if (!api)
            return false;
        r->microversion = api->microversion;
        return str_adds(&r->path, api->path);
    }
    snprintf(r->service, sizeof(r->service), "%s", k->service);
    r->microversion = k->microversion;
    if (k->item_path)
        return ostk_item_path(&r->path, k, uid && *uid ? uid : name, name);
    return !k->driver && str_adds(&r->path, k->path);
}

static bool is_worker(const struct svc_api *api, const char *type, const json_t *e, const char *uid)
{
    struct svc_worker w = {0};
    struct str s;
    str_init(&s, 4096);
    if (api->worker(&w, e))
        svc_worker_uid(&s, type, &w);
    bool hit = s.len && !strcmp(s.data, uid);
    str_release(&s);
    return hit;
}

const char *ostk_item_id(const struct ostk_kind *k, const json_t *item, char *buf, size_t size)
{
    const char *key = k->id_key ? k->id_key : "id", *slash = strchr(key, '/'), *s = slash ? NULL : ostk_json_str(item, key);
    char first[64];
    if (slash) {
        snprintf(first, sizeof(first), "%.*s", (int)(slash - key), key);
        const char *a = ostk_json_str(item, first), *b = ostk_json_str(item, slash + 1);
        snprintf(buf, size, "%s/%s", a ? a : "", b ? b : "");
        return a && b ? buf : NULL;
    }
    if (s || !json_is_integer(ostk_json(item, key)))
        return s;
    snprintf(buf, size, "%lld", (long long)ostk_json_int(item, key, 0));
    return buf;
}

bool ostk_is_item(const struct ostk_kind *k, const json_t *e, const char *id)
{
    char buf[600];
    const char *s = ostk_item_id(k, e, buf, sizeof(buf));
    return s && !strcmp(s, id);
}

struct json_t *ostk_read_item(const struct kind *kind, const char *uid, const char *name, struct json_t *doc)
{
    const struct ostk_kind *k = kind->ostk;
    const char *id = uid && *uid ? uid : name;
    bool tree = kind->flags & KIND_TREE;
    char type[64] = "";
    const struct svc_api *api = tree ? api_of(uid ? uid : "", type, sizeof(type)) : NULL;
    size_t i;
    json_t *e;
    if (!tree && k->item_path)
        return json_incref(k->item_key ? (json_t *)ostk_json(doc, k->item_key) : doc);
    if (tree && !api)
        return NULL;
    json_array_foreach((json_t *)ostk_json(doc, tree ? api->list_key : k->list_key), i, e)
        if (tree ? is_worker(api, type, e, id) : ostk_is_item(k, e, id))
            return json_incref(e);
    return NULL;
}
