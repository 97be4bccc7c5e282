/* What a server says it has, and names as kubectl takes them: plural, singular, short name, Kind, with group and version. */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "core/kube/resources.h"
#include "strata/mem.h"
#include "strata/text.h"

void kube_resources_init(struct kube_resources *r)
{
    *r = (struct kube_resources){.head = NULL};
    r->tail = &r->head;
}

void kube_resource_free(struct kube_resource *p)
{
    mem_free(p->id);
    mem_free(p->singular);
    mem_free(p->title);
    mem_free(p->help);
    mem_free(p->group);
    mem_free(p->version);
    mem_free(p->resource);
    mem_free(p->object_kind);
    for (char **s = p->short_names; s && *s; s++)
        mem_free(*s);
    mem_free(p->short_names);
    mem_free(p);
}

void kube_resources_release(struct kube_resources *r)
{
    for (struct kube_resource *p; (p = r->head);) {
        r->head = p->next;
        kube_resource_free(p);
    }
    kube_resources_init(r);
}

void kube_resources_append(struct kube_resources *r, struct kube_resource *p)
{
    p->next = NULL;
    *r->tail = p;
    r->tail = &p->next;
}

void kube_resources_move(struct kube_resources *to, struct kube_resources *from)
{
    if (from->head) {
        *to->tail = from->head;
        to->tail = from->tail;
    }
    to->partial |= from->partial;
    kube_resources_init(from);
}

static bool has_verb(const json_t *verbs, const char *verb)
{
    for (size_t i = 0; i < json_array_size(verbs); i++) {
        const char *v = json_string_value(json_array_get(verbs, i));
        if (v && strcmp(v, verb) == 0)
            return true;
    }
    return false;
}

/* A name that is shown and typed: printable ASCII only, else the resource is left out. */
bool kube_good_name(const char *s)
{
    return s && s[0] && strlen(s) < 256 && text_is_clean(s, strlen(s)) && !strpbrk(s, " /");
}

static bool fill_kind(struct kube_resource *p, bool namespaced, bool deletable)
{
    struct str help;
    p->title = mem_strdup(p->resource);
    if (!p->title)
        return false;
    if (p->title[0] >= 'a' && p->title[0] <= 'z')
        p->title[0] = (char)(p->title[0] - 'a' + 'A');
    str_init(&help, 4096);
    str_addf(&help, "%s of %s%s%s, with the columns the server gives.", p->object_kind, p->group, p->group[0] ? "/" : "",
             p->version);
    p->help = str_take(&help);
    str_release(&help);
    p->kube = (struct kube_kind){
        .group = p->group, .version = p->version, .resource = p->resource, .object_kind = p->object_kind};
    p->kind = (struct kind){
        .singular = p->singular,
        .title = p->title,
        .aliases = (const char *const *)p->short_names,
        .help = p->help,
        .plane = PLANE_KUBE,
        .flags = KIND_DISCOVERED | (namespaced ? KIND_NAMESPACED : 0) | (deletable ? KIND_DELETE : 0),
        .kube = &p->kube,
    };
    return p->help != NULL;
}

/* What Helm keeps of a release is a Secret; its labels say what strata asks, its data is never read. */
static bool add_helm(struct kube_resources *r, const struct kube_resource *secrets)
{
    struct kube_resource *p = mem_zalloc(sizeof *p);
    bool ok = p && (p->group = mem_strdup("")) && (p->version = mem_strdup(secrets->version)) && (p->resource = mem_strdup(secrets->resource)) &&
              (p->object_kind = mem_strdup(secrets->object_kind)) && (p->singular = mem_strdup("helm-release")) && (p->id = mem_strdup("helm-releases")) &&
              (p->short_names = mem_zalloc(3 * sizeof *p->short_names)) && (p->short_names[0] = mem_strdup("helm-releases")) &&
              (p->short_names[1] = mem_strdup("helm"));
    if (!ok || !fill_kind(p, true, false)) {
        if (p)
            kube_resource_free(p);
        return false;
    }
    p->listable = secrets->listable;
    p->watchable = secrets->watchable;
    p->kind.id = p->id;
    p->kube.selector = "owner=helm";
    kube_resources_append(r, p);
    return true;
}

/* false: out of memory. A resource with an unusable name is skipped. */
static bool add_resource(struct kube_resources *r, const char *group, const char *version, const char *name,
                         const char *singular, const char *kind, bool namespaced, const json_t *verbs, const json_t *shorts)
{
    if (!kube_good_name(name) || !kube_good_name(version) || !kube_good_name(kind) || (group[0] && !kube_good_name(group)))
        return true;
    struct kube_resource *p = mem_zalloc(sizeof *p);
    size_t n = json_array_size(shorts), used = 0;
    if (!p)
        return false;
    bool ok = (p->group = mem_strdup(group)) && (p->version = mem_strdup(version)) && (p->resource = mem_strdup(name)) &&
              (p->object_kind = mem_strdup(kind)) &&
              (p->singular = mem_strdup(kube_good_name(singular) ? singular : kind)) &&
              (p->short_names = mem_zalloc((n + 1) * sizeof *p->short_names));
    if (ok && !kube_good_name(singular))
        for (char *c = p->singular; *c; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    for (size_t i = 0; ok && i < n; i++) {
        const char *s = json_string_value(json_array_get(shorts, i));
        if (kube_good_name(s))
            ok = (p->short_names[used++] = mem_strdup(s)) != NULL;
    }
    p->listable = has_verb(verbs, "list");
    p->watchable = has_verb(verbs, "watch");
    if (!ok || !fill_kind(p, namespaced, has_verb(verbs, "delete"))) {
        kube_resource_free(p);
        return false;
    }
    kube_resources_append(r, p);
    return group[0] || strcmp(name, "secrets") != 0 || add_helm(r, p);
}

const char *kube_text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

enum err_code kube_resources_parse_aggregated(struct kube_resources *r, const char *text, size_t len, struct err *err)
{
    json_t *doc = json_read(text, len, 0, NULL);
    bool ok = true;
    if (strcmp(kube_text_of(doc, "kind"), "APIGroupDiscoveryList") != 0) {
        json_decref(doc);
        return err_set(err, ERR_PROTO, 0, "the server's discovery document cannot be read");
    }
    const json_t *items = json_object_get(doc, "items"), *versions, *resources;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *group = kube_text_of(json_object_get(item, "metadata"), "name");
        versions = json_object_get(item, "versions");
        for (size_t j = 0; j < json_array_size(versions); j++) {
            const json_t *v = json_array_get(versions, j);
            if (strcmp(kube_text_of(v, "freshness"), "Stale") == 0)
                r->partial = true;
            resources = json_object_get(v, "resources");
            for (size_t k = 0; ok && k < json_array_size(resources); k++) {
                const json_t *o = json_array_get(resources, k);
                ok = add_resource(r, group, kube_text_of(v, "version"), kube_text_of(o, "resource"), kube_text_of(o, "singularResource"),
                                  kube_text_of(json_object_get(o, "responseKind"), "kind"),
                                  strcmp(kube_text_of(o, "scope"), "Namespaced") == 0, json_object_get(o, "verbs"),
                                  json_object_get(o, "shortNames"));
            }
        }
    }
    json_decref(doc);
    return ok ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

enum err_code kube_resources_parse_legacy(struct kube_resources *r, const char *text, size_t len, struct err *err)
{
    json_t *doc = json_read(text, len, 0, NULL);
    bool ok = true;
    if (strcmp(kube_text_of(doc, "kind"), "APIResourceList") != 0) {
        json_decref(doc);
        return err_set(err, ERR_PROTO, 0, "the server's discovery document cannot be read");
    }
    const char *gv = kube_text_of(doc, "groupVersion"), *slash = strchr(gv, '/');
    char group[256] = "";
    if (slash)
        snprintf(group, sizeof group, "%.*s", (int)(slash - gv < 255 ? slash - gv : 255), gv);
    const json_t *resources = json_object_get(doc, "resources");
    for (size_t k = 0; ok && k < json_array_size(resources); k++) {
        const json_t *o = json_array_get(resources, k);
        ok = add_resource(r, group, slash ? slash + 1 : gv, kube_text_of(o, "name"), kube_text_of(o, "singularName"), kube_text_of(o, "kind"),
                          json_is_true(json_object_get(o, "namespaced")), json_object_get(o, "verbs"),
                          json_object_get(o, "shortNames"));
    }
    json_decref(doc);
    return ok ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

/* ---- names ---- */

/* "widgets", "widgets.example.com" or "widgets.v1.example.com" splits into these; group NULL = any. */
struct asked { char name[256], version[64], group[256]; bool any_group, any_version; };

static bool matches(const struct kube_resource *p, const struct asked *a)
{
    if (!a->any_group && strcmp(p->group, a->group) != 0)
        return false;
    return a->any_version || strcmp(p->version, a->version) == 0;
}

static const struct kube_resource *find_asked(const struct kube_resources *r, const struct asked *a)
{
    const struct kube_resource *p;
    for (p = r->head; p; p = p->next)             /* full names beat short names, short names beat Kinds: as kubectl */
        if (matches(p, a) && (strcasecmp(p->resource, a->name) == 0 || strcasecmp(p->singular, a->name) == 0))
            return p;
    for (p = r->head; p; p = p->next)
        for (char **s = p->short_names; matches(p, a) && *s; s++)
            if (strcasecmp(*s, a->name) == 0)
                return p;
    for (p = r->head; p; p = p->next)
        if (matches(p, a) && strcasecmp(p->object_kind, a->name) == 0)
            return p;
    return NULL;
}

/* Readings of a name, most literal first. Returns how many. */
static int readings(const char *name, struct asked out[3])
{
    int n = 0;
    const char *dot = strchr(name, '.'), *dot2 = dot ? strchr(dot + 1, '.') : NULL;
    if (strlen(name) >= sizeof out->name)
        return 0;
    if (!dot) {
        out[n] = (struct asked){.any_group = true, .any_version = true};
        snprintf(out[n++].name, sizeof out->name, "%s", name);
        return n;
    }
    out[n] = (struct asked){.any_version = true};
    snprintf(out[n].name, sizeof out->name, "%.*s", (int)(dot - name), name);
    snprintf(out[n++].group, sizeof out->group, "%s", dot + 1);
    if (dot2 && dot2 - dot - 1 < (long)sizeof out->version) {
        out[n] = (struct asked){.any_version = false};
        snprintf(out[n].name, sizeof out->name, "%.*s", (int)(dot - name), name);
        snprintf(out[n].version, sizeof out->version, "%.*s", (int)(dot2 - dot - 1), dot + 1);
        snprintf(out[n++].group, sizeof out->group, "%s", dot2 + 1);
    }
    return n;
}

const struct kube_resource *kube_resources_find(const struct kube_resources *r, const char *name)
{
    struct asked a[3];
    int n = readings(name, a);
    for (int i = 0; i < n; i++) {
        const struct kube_resource *p = find_asked(r, &a[i]);
        if (p)
            return p;
    }
    return NULL;
}

/* Built-in kinds: by name, and by "resource[.version].group". */
const struct kind *kube_builtin_find(const char *name)
{
    struct asked a[3];
    int n = readings(name, a);
    for (int i = 0; i < n; i++) {
        const struct kind *k = kind_find(a[i].name);
        if (!k || k->plane != PLANE_KUBE || !k->kube)
            continue;
        if ((a[i].any_group || strcmp(a[i].group, k->kube->group) == 0) &&
            (a[i].any_version || strcmp(a[i].version, k->kube->version) == 0))
            return k;
    }
    return NULL;
}

const struct kind *kube_builtin_of(const struct kube_resource *p)
{
    for (const struct kind *const *k = kinds_all; *k; k++)
        if ((*k)->plane == PLANE_KUBE && (*k)->kube && strcmp((*k)->kube->group, p->group) == 0 &&
            strcmp((*k)->kube->resource, p->resource) == 0 && strcmp((*k)->kube->version, p->version) == 0)
            return *k;
    return NULL;
}

void kube_resources_name(struct kube_resources *r)
{
    for (struct kube_resource *p = r->head; p; p = p->next) {
        bool plain = true, group = true;
        if (p->id)
            continue;
        for (const struct kube_resource *q = r->head; q != p; q = q->next)
            if (strcmp(q->resource, p->resource) == 0) {
                plain = false;
                if (strcmp(q->group, p->group) == 0)
                    group = false;
            }
        const struct kind *b = plain ? kind_find(p->resource) : NULL;
        if (b)
            plain = b == kube_builtin_of(p);
        struct str id;
        str_init(&id, 1024);
        str_adds(&id, p->resource);
        if (!plain && !group)
            str_addf(&id, ".%s", p->version);
        if (!plain)
            str_addf(&id, ".%s", p->group);
        p->id = str_take(&id);
        str_release(&id);
        p->kind.id = p->id ? p->id : p->resource;
    }
}

bool kube_kind_may(const struct kind *k, bool *listable, bool *watchable)
{
    *listable = *watchable = true;
    if (!(k->flags & KIND_DISCOVERED))
        return false;
    const struct kube_resource *p =
        (const struct kube_resource *)((const char *)k->kube - offsetof(struct kube_resource, kube));
    *listable = p->listable;
    *watchable = p->watchable;
    return true;
}
