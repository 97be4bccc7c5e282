/* Glance: images, their filters and pages, how one becomes active. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

static const char *const keys[] = {"name", "status", "container_format", "disk_format", "id", "owner", "protected", "checksum", "os_distro", "tag=tags",
                                   "os_hidden_=os_hidden", "size", "architecture", "os_version", NULL};

static struct res *table(struct sim *s)
{
    return ostk_table(s, "glance", "images");
}

/* Glance's errors are pages in JSON. */
static void fail(struct req *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void fail(struct req *r, int code, const char *fmt, ...)
{
    static const struct { int code; const char *title; } titles[] = {
        {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {409, "Conflict"},
    };
    const char *title = "Internal Server Error";
    char msg[1024], head[64];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (titles[i].code == code)
            title = titles[i].title;
    char *text = sim_printf("%s<br /><br />\n\n\n", msg);
    snprintf(head, sizeof(head), "%d %s", code, title);
    reply_json(r, code, jt("{'message':%s,'code':%s,'title':%s}", text, head, title));
    free(text);
}

/* ---- what is seen ---- */
static json_t *see(struct req *r, json_t *d)
{
    const struct token *t = ostk_who(r);
    bool mine = strcmp(jstr(d, "owner"), t->project_id) == 0, open = strcmp(jstr(d, "visibility"), "public") == 0 || strcmp(jstr(d, "visibility"), "community") == 0;
    if (!t->admin && !mine && !open) {
        json_decref(d);
        return NULL;
    }
    char *self = sim_printf("/v2/images/%s", jstr(d, "id")), *file = sim_printf("%s/file", self);
    json_t *more = jt("{'self':%s,'file':%s,'schema':'/v2/schemas/image'}", self, file);
    json_object_update(d, more);
    json_decref(more);
    free(self);
    free(file);
    return d;
}

static bool also(struct req *r, const json_t *d)
{
    const char *v = req_query(r, "visibility"), *min = req_query(r, "size_min"), *max = req_query(r, "size_max");
    bool hidden = json_is_true(json_object_get(d, "os_hidden"));
    if (hidden != ostk_flag(r, "os_hidden"))
        return false;
    if (strcmp(jstr(d, "visibility"), "community") == 0 && (!v || strcmp(v, "community") != 0) && strcmp(jstr(d, "owner"), ostk_who(r)->project_id) != 0)
        return false;
    return (!v || strcmp(v, "all") == 0 || strcmp(v, jstr(d, "visibility")) == 0) && (!min || jint(d, "size") >= atoll(min)) &&
           (!max || jint(d, "size") <= atoll(max));
}

static void list(struct req *r)
{
    static const char *const sorts[] = {"name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at"};
    static const char *const seen[] = {"public", "private", "shared", "community", "all"};
    char order[256];
    const char *v = req_query(r, "visibility"), *key = req_query(r, "sort_key");
    struct ostk_list l = {.table = table(r->sim), .see = see, .filters = keys, .also = also, .limit = 25, .max = 1000};
    bool ok = !v;
    l.order = ostk_order(r, order, sizeof(order), "created_at:desc,id:desc", "desc");
    for (size_t i = 0; i < 5 && !ok; i++)
        ok = strcmp(seen[i], v) == 0;
    if (!ok) {
        fail(r, 400, "Invalid visibility value: %s", v);
        return;
    }
    ok = !key;
    for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]) && !ok; i++)
        ok = strcmp(sorts[i], key) == 0;
    if (!ok) {
        fail(r, 400, "Invalid sort key: %s. It must be one of the following: name, status, container_format, disk_format, size, id, created_at, updated_at.", key);
        return;
    }
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit || p.bad_marker) {
        if (p.bad_limit)
            fail(r, 400, req_query(r, "limit")[0] == '-' ? "limit param must be positive" : "limit param must be an integer");
        else
            fail(r, 400, "No image found with ID %s", req_query(r, "marker"));
        return;
    }
    char *first = ostk_link(r, "/v2/images", NULL, "%s", ""), *next = ostk_link(r, "/v2/images", NULL, "marker=%s", p.last);
    first[strlen(first) - 1] = 0;
    json_t *out = jt("{'images':%j,'first':%s,'schema':'/v2/schemas/images'}", p.rows, first);
    if (p.full)
        json_object_set_new(out, "next", json_string(next));
    free(first);
    free(next);
    reply_json(r, 200, out);
}

/* ---- changes ---- */
static const char *now(struct sim *s, char at[32])
{
    return stamp(sim_now(s), at);
}

const char *glance_seed_image(struct sim *s, const struct glance_image *i)
{
    char id[37], at[32], md5[33], sha[129];
    uuid4(s, id);
    hex_id(s, md5, 32);
    hex_id(s, sha, 128);
    stamp(i->born_at ? i->born_at : sim_now(s) - 40LL * 86400000, at);
    json_t *d = jt("{'name':%s,'disk_format':%s,'container_format':'bare','visibility':%s,'size':%l,'virtual_size':null,'status':'active','checksum':%s,'protected':false,"
                   "'min_ram':0,'min_disk':0,'owner':%s,'os_hidden':false,'os_hash_algo':'sha512','os_hash_value':%s,'id':%s,'created_at':%s,'updated_at':%s,'tags':[]}",
                   i->name, i->format ? i->format : "qcow2", i->visibility ? i->visibility : "public", i->size, md5, i->owner, sha, i->id ? i->id : id, at, at);
    if (i->distro)
        json_object_set_new(d, "os_distro", json_string(i->distro));
    return store_put(s, table(s), d)->name;
}

static void create(struct req *r)
{
    static const char *const formats[] = {"ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"};
    json_t *in = ostk_body(r), *v;
    if (!in) {
        fail(r, 400, "Malformed JSON in request body.");
        return;
    }
    const char *format = jstr(in, "disk_format"), *key;
    char id[37], at[32];
    bool ok = !*format;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]) && !ok; i++)
        ok = strcmp(formats[i], format) == 0;
    if (!ok) {
        fail(r, 400, "Provided object does not match schema 'image': '%s' is not one of [None, 'ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', "
             "'ploop']", format);
        json_decref(in);
        return;
    }
    uuid4(r->sim, id);
    json_t *d = jt("{'name':null,'disk_format':null,'container_format':null,'visibility':'shared','size':null,'virtual_size':null,'status':'queued','checksum':null,"
                   "'protected':false,'min_ram':0,'min_disk':0,'owner':%s,'os_hidden':false,'os_hash_algo':null,'os_hash_value':null,'id':%s,'created_at':%s,"
                   "'updated_at':%s,'tags':[]}", ostk_who(r)->project_id, id, now(r->sim, at), at);
    json_object_foreach(in, key, v)
        json_object_set(d, key, v);
    if (strcmp(jstr(d, "visibility"), "public") == 0 && !ostk_admin(r)) {
        fail(r, 403, "You are not authorized to complete publicize_image action.");
        json_decref(d);
    } else {
        char *url = ostk_url(r, "/image/v2/images/%s", jstr(d, "id"));
        req_head(r, "Location", "%s", url);
        req_head(r, "OpenStack-image-import-methods", "glance-direct,web-download");
        free(url);
        store_put(r->sim, table(r->sim), json_incref(d));
        reply_json(r, 201, see(r, d));
    }
    json_decref(in);
}

/* JSON Patch with glance's own words */
static void patch(struct req *r, struct obj *o)
{
    static const char *const fixed[] = {"id", "status", "checksum", "size", "virtual_size", "created_at", "updated_at", "os_hash_algo", "os_hash_value", "self", "file",
                                        "schema"};
    json_t *ops = r->body ? json_loads(r->body, 0, NULL) : NULL, *d = obj_doc(o);
    char at[32];
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const json_t *op = json_array_get(ops, i);
        const char *key = jstr(op, "path")[0] == '/' ? jstr(op, "path") + 1 : "", *verb = jstr(op, "op");
        for (size_t k = 0; k < sizeof(fixed) / sizeof(fixed[0]); k++) {
            if (strcmp(fixed[k], key) == 0) {
                fail(r, 403, "Attribute '%s' is read-only.", key);
                goto out;
            }
        }
        if (strcmp(verb, "remove") == 0 && json_object_del(d, key) != 0) {
            fail(r, 409, "Property %s does not exist.", key);
            goto out;
        }
        if (strcmp(verb, "remove") != 0)
            json_object_set(d, key, json_object_get(op, "value"));
    }
    json_object_set_new(d, "updated_at", json_string(now(r->sim, at)));
    store_put(r->sim, o->res, json_incref(d));
    reply_json(r, 200, ostk_public(see(r, json_incref(d))));
out:
    json_decref(ops);
    json_decref(d);
}

enum { KEPT = 256 << 10 };                                     /* bytes of an upload that can be had back */

static void digest(gnutls_digest_algorithm_t how, size_t n, const struct req *r, char *out)
{
    unsigned char sum[64];
    gnutls_hash_fast(how, r->blen ? r->body : "", r->blen, sum);
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

/* PUT .../file: the bits arrive, the image becomes active */
static void upload(struct req *r, struct obj *o)
{
    char md5[33], sha[129], at[32];
    char *hex = sim_alloc(2 * KEPT + 1);
    digest(GNUTLS_DIG_MD5, 16, r, md5);
    digest(GNUTLS_DIG_SHA512, 64, r, sha);
    for (size_t i = 0; r->blen <= KEPT && i < r->blen; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)r->body[i]);
    ostk_merge(r->sim, o->res, o->name, jt("{'status':'saving','updated_at':%s,'_data':%s}", now(r->sim, at), hex));
    ostk_later(r->sim, 1500, o->res, o->name, "status", "saving",
               jt("{'status':'active','size':%l,'virtual_size':%l,'checksum':%s,'os_hash_algo':'sha512','os_hash_value':%s}", (int64_t)r->blen, (int64_t)r->blen, md5,
                  sha), NULL);
    free(hex);
    reply_text(r, 204, NULL, "", 0);
}

static void download(struct req *r, const json_t *d)
{
    const char *hex = jstr(d, "_data");
    size_t n = strlen(hex) / 2;
    char *bits = sim_alloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        unsigned b = 0;
        sscanf(hex + 2 * i, "%2x", &b);
        bits[i] = (char)b;
    }
    if (n && *jstr(d, "checksum"))
        req_head(r, "Content-MD5", "%s", jstr(d, "checksum"));
    reply_text(r, n ? 200 : 204, n ? "application/octet-stream" : NULL, bits, n);
    free(bits);
}

static void sub(struct req *r, struct obj *o, const json_t *d)
{
    const char *what = r->seg[4], *more = r->nseg > 5 ? r->seg[5] : "", *status = jstr(d, "status");
    bool on = strcmp(more, "reactivate") == 0;
    if (strcmp(what, "members") == 0 && strcmp(jstr(d, "visibility"), "shared") != 0) {
        fail(r, 403, "Not allowed to list members for image %s: Only shared images have members.", o->name);
    } else if (strcmp(what, "members") == 0) {
        reply_json(r, 200, jt("{'members':[],'schema':'/v2/schemas/members'}"));
    } else if (strcmp(what, "file") == 0 && strcmp(r->method, "PUT") == 0) {
        upload(r, o);
    } else if (strcmp(what, "file") == 0) {
        download(r, d);
    } else if (strcmp(what, "actions") == 0 && *more) {
        if (strcmp(status, "active") != 0 && strcmp(status, "deactivated") != 0) {
            fail(r, 403, "Not allowed to %s image in status '%s'", more, status);
        } else {
            ostk_merge(r->sim, o->res, o->name, jt("{'status':%s}", on ? "active" : "deactivated"));
            reply_text(r, 204, NULL, "", 0);
        }
    } else if (strcmp(what, "tags") == 0 && *more) {
        json_t *tags = json_deep_copy(json_object_get(d, "tags"));
        for (size_t i = json_array_size(tags); i-- > 0;)
            if (strcmp(json_string_value(json_array_get(tags, i)), more) == 0)
                json_array_remove(tags, i);
        if (strcmp(r->method, "PUT") == 0)
            json_array_append_new(tags, json_string(more));
        ostk_merge(r->sim, o->res, o->name, jt("{'tags':%j}", tags));
        reply_text(r, 204, NULL, "", 0);
    } else {
        fail(r, 404, "The resource could not be found.");
    }
}

static void one(struct req *r, const char *id)
{
    struct obj *o = store_get(table(r->sim), "", id);
    json_t *d = o ? see(r, obj_doc(o)) : NULL;
    bool get = strcmp(r->method, "GET") == 0, del = strcmp(r->method, "DELETE") == 0, mine = ostk_admin(r) || strcmp(jstr(d, "owner"), ostk_who(r)->project_id) == 0;
    if (!d && del)
        fail(r, 404, "Failed to find image %s to delete", id);
    else if (!d && r->nseg > 4)
        fail(r, 404, "Image %s not found.", id);
    else if (!d)
        fail(r, 404, "No image found with ID %s", id);
    else if (get && r->nseg <= 4)
        reply_json(r, 200, ostk_public(json_incref(d)));
    else if (!get && !mine)
        fail(r, 403, "You do not own this image");
    else if (r->nseg > 4)
        sub(r, o, d);
    else if (strcmp(r->method, "PATCH") == 0)
        patch(r, o);
    else if (json_is_true(json_object_get(d, "protected")))
        fail(r, 403, "Image %s is protected and cannot be deleted.", id);
    else {
        ostk_drop(r->sim, o->res, id);
        reply_text(r, 204, "text/html; charset=UTF-8", "", 0);
    }
    json_decref(d);
}

static void versions(struct req *r, int status)
{
    static const char *const ids[] = {"v2.16", "v2.15", "v2.14", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"};
    json_t *all = json_array();
    char *url = ostk_url(r, "/image/v2/");
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        json_array_append_new(all, jt("{'id':%s,'status':%s,'links':[{'rel':'self','href':%s}]}", ids[i], i ? "SUPPORTED" : "CURRENT", url));
    free(url);
    reply_json(r, status, jt("{'versions':%j}", all));
}

/* A schema as clients want it: which members are glance's own. */
static json_t *image_schema(void)
{
    static const char *const own[] = {"id", "name", "status", "visibility", "protected", "os_hidden", "checksum", "os_hash_algo", "os_hash_value", "owner", "size",
        "virtual_size", "container_format", "disk_format", "created_at", "updated_at", "tags", "direct_url", "min_ram", "min_disk", "self", "file", "schema",
        "locations", "stores"};
    json_t *props = json_object();
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        json_object_set_new(props, own[i], jt("{'type':['null','string'],'description':''}"));
    return jt("{'name':'image','properties':%j,'additionalProperties':{'type':'string'},'links':[{'rel':'self','href':'{self}'},{'rel':'enclosure','href':'{file}'},"
              "{'rel':'describedby','href':'{schema}'}]}", props);
}

void glance_handle(struct req *r)
{
    const char *what = r->nseg > 2 ? r->seg[2] : "", *id = r->nseg > 3 ? r->seg[3] : "";
    if (r->nseg <= 1 || (strcmp(r->seg[1], "v2") != 0)) {
        versions(r, r->nseg == 2 && strcmp(r->seg[1], "versions") == 0 ? 200 : 300);
        return;
    }
    const struct token *t = ostk_who(r);
    if (!t || t->expires_ms <= sim_now(r->sim)) {
        str_clear(&r->head);
        req_head(r, "WWW-Authenticate", "Keystone uri=\"https://127.0.0.1:%d/identity/v3\"", r->sim->port);
        fail(r, 401, "This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad "
             "password), or your browser does not understand how to supply the credentials required.");
        return;
    }
    if (strcmp(what, "images") == 0 && *id)
        one(r, id);
    else if (strcmp(what, "images") == 0 && strcmp(r->method, "POST") == 0)
        create(r);
    else if (strcmp(what, "images") == 0)
        list(r);
    else if (strcmp(what, "schemas") == 0 && strcmp(id, "image") == 0)
        reply_json(r, 200, image_schema());
    else if (strcmp(what, "schemas") == 0 && strcmp(id, "images") == 0)
        reply_json(r, 200, jt("{'name':'images','properties':{'images':{'type':'array','items':%j},'first':{'type':'string'},'next':{'type':'string'},"
                              "'schema':{'type':'string'}},'links':[{'rel':'first','href':'{first}'},{'rel':'next','href':'{next}'}]}", image_schema()));
    else if (strcmp(what, "metadefs") == 0 && strcmp(id, "namespaces") == 0 && r->nseg == 4 && strcmp(r->method, "GET") == 0)
        reply_json(r, 200, jt("{'namespaces':[],'first':'/v2/metadefs/namespaces','schema':'/v2/schemas/metadefs/namespaces'}"));
    else if (strcmp(what, "tasks") == 0 && !t->admin)
        fail(r, 403, "You are not authorized to complete tasks_api_access action.");
    else if (strcmp(what, "tasks") == 0)
        reply_json(r, 200, jt("{'tasks':[],'first':'/v2/tasks','schema':'/v2/schemas/tasks'}"));
    else if (strcmp(what, "info") == 0 && strcmp(id, "import") == 0)
        reply_json(r, 200, jt("{'import-methods':{'description':'Import methods available.','type':'array','value':['glance-direct','web-download']}}"));
    else if (strcmp(what, "info") == 0 && strcmp(id, "usage") == 0)
        reply_json(r, 200, jt("{'usage':{}}"));
    else if (strcmp(what, "info") == 0 && strcmp(id, "stores") == 0)
        fail(r, 404, "Multi backend is not supported at this site.");
    else if (strcmp(what, "cache") == 0 && t->admin)
        reply_json(r, 200, jt("{'cached_images':[],'queued_images':[]}"));
    else
        fail(r, 404, "The resource could not be found.");
}
