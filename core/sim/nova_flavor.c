/* Flavors: lists, one, new ones, extra specs, who may use a private one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/sim/nova_priv.h"

static void show(struct jw *w, const struct req *r, const struct nova_flavor *f, bool detail, const char *key)
{
    jw_open(w, key, '{');
    jw_str(w, "id", f->id);
    jw_str(w, "name", f->name);
    if (detail) {
        jw_int(w, "ram", f->ram);
        jw_int(w, "disk", f->disk);
        if (f->swap || nova_at(r, 75))
            jw_int(w, "swap", f->swap);
        else
            jw_str(w, "swap", "");
        jw_int(w, "OS-FLV-EXT-DATA:ephemeral", f->ephemeral);
        jw_bool(w, "OS-FLV-DISABLED:disabled", false);
        jw_int(w, "vcpus", f->vcpus);
        jw_bool(w, "os-flavor-access:is_public", f->is_public);
        json_t *factor = json_real(1.0);
        jw_json(w, "rxtx_factor", factor);
        json_decref(factor);
    }
    jw_links(w, r, "flavors", f->id);
    if (nova_at(r, 55))
        jw_str(w, "description", f->description);
    if (detail && nova_at(r, 61))
        jw_json(w, "extra_specs", f->extra);
    jw_close(w, '}');
}

static bool has_access(const struct nova_flavor *f, const char *project)
{
    for (size_t i = 0; i < json_array_size(f->access); i++)
        if (strcmp(json_string_value(json_array_get(f->access, i)), project) == 0)
            return true;
    return false;
}

static bool listed(struct req *r, const struct nova_flavor *f)
{
    const char *want = req_query(r, "is_public"), *ram = req_query(r, "minRam"), *disk = req_query(r, "minDisk");
    if (f->deleted || (ram && f->ram < atoi(ram)) || (disk && f->disk < atoi(disk)))
        return false;
    if (!nova_admin(r) || !want)
        return f->is_public || has_access(f, nova_who(r)->project_id);
    return strcasecmp(want, "none") == 0 || nova_flag(want, true) == f->is_public;
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(struct nova_flavor *const *)a)->id, (*(struct nova_flavor *const *)b)->id);
}

static void list(struct req *r, bool detail)
{
    struct nova *n = r->sim->nova;
    const char *marker = req_query(r, "marker"), *last = NULL;
    long limit = nova_limit(r), shown = 0;
    size_t at = 0;
    if (limit < 0)
        return;
    if (marker && !nova_flavor(n, marker)) {
        nova_error(r, 400, "marker [%s] not found", marker);
        return;
    }
    struct nova_flavor **all = sim_alloc((n->nflavors + 1) * sizeof(*all));
    memcpy(all, n->flavors, n->nflavors * sizeof(*all));
    qsort(all, n->nflavors, sizeof(*all), by_id);
    while (marker && strcmp(all[at]->id, marker) != 0)
        at++;
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "flavors", '[');
    for (at += marker != NULL; at < n->nflavors && shown < limit; at++) {
        if (!listed(r, all[at]))
            continue;
        show(&w, r, all[at], detail, NULL);
        last = all[at]->id;
        shown++;
    }
    jw_close(&w, ']');
    if (last && shown == limit)
        jw_next(&w, r, "flavors_links", last);
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
    free(all);
}

static void one(struct req *r, const struct nova_flavor *f)
{
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    show(&w, r, f, true, "flavor");
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static int number(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) ? atoi(json_string_value(v)) : (int)json_integer_value(v);
}

static void create(struct req *r)
{
    static const char *const needed[] = {"name", "ram", "vcpus", "disk"};
    struct nova *n = r->sim->nova;
    json_t *in = nova_body(r, "flavor");
    if (!in)
        return;
    for (int i = 0; i < 4; i++) {
        if (!json_object_get(in, needed[i])) {
            nova_invalid(r, "flavor", in, "'%s' is a required property", needed[i]);
            json_decref(in);
            return;
        }
    }
    const char *name = jstr(in, "name"), *asked = jstr(in, "id");
    char id[37];
    bool taken = false;
    for (size_t i = 0; i < n->nflavors; i++)
        taken = taken || (!n->flavors[i]->deleted && strcmp(n->flavors[i]->name, name) == 0);
    uuid4(r->sim, id);
    if (taken) {
        nova_error(r, 409, "Flavor with name %s already exists.", name);
    } else if (*asked && nova_flavor(n, asked)) {
        nova_error(r, 409, "Flavor with ID %s already exists.", asked);
    } else {
        nova_seed_flavor(r->sim, *asked && strcmp(asked, "auto") != 0 ? asked : id, name, number(in, "vcpus"), number(in, "ram"), number(in, "disk"));
        struct nova_flavor *f = n->flavors[n->nflavors - 1];
        f->swap = number(in, "swap");
        f->ephemeral = number(in, "OS-FLV-EXT-DATA:ephemeral");
        f->is_public = !json_is_false(json_object_get(in, "os-flavor-access:is_public"));
        if (nova_at(r, 55))
            nova_set(&f->description, json_string_value(json_object_get(in, "description")));
        one(r, f);
    }
    json_decref(in);
}

static void specs(struct req *r, struct nova_flavor *f)
{
    const char *key = r->nseg > 5 ? r->seg[5] : NULL;
    bool get = strcmp(r->method, "GET") == 0;
    if (get && key && !json_object_get(f->extra, key)) {
        nova_error(r, 404, "Flavor %s has no extra specs with key %s.", f->id, key);
    } else if (get && key) {
        json_t *o = json_object();
        json_object_set(o, key, json_object_get(f->extra, key));
        reply_json(r, 200, o);
    } else if (get) {
        reply_json(r, 200, jt("{'extra_specs':%j}", json_incref(f->extra)));
    } else if (strcmp(r->method, "POST") == 0 && nova_allowed(r, "os_compute_api:os-flavor-extra-specs:create")) {
        json_t *in = nova_body(r, "extra_specs");
        if (in) {
            json_object_update(f->extra, in);
            reply_json(r, 200, jt("{'extra_specs':%j}", in));
        }
    } else if (key && strcmp(r->method, "DELETE") == 0 && nova_allowed(r, "os_compute_api:os-flavor-extra-specs:delete")) {
        json_object_del(f->extra, key);
        reply_text(r, 200, "application/json", "", 0);
    }
}

static void access_list(struct req *r, const struct nova_flavor *f)
{
    json_t *all = json_array();
    if (!nova_allowed(r, "os_compute_api:os-flavor-access")) {
        json_decref(all);
        return;
    }
    if (f->is_public) {
        json_decref(all);
        nova_error(r, 404, "Access list not available for public flavors.");
        return;
    }
    for (size_t i = 0; i < json_array_size(f->access); i++)
        json_array_append_new(all, jt("{'flavor_id':%s,'tenant_id':%s}", f->id, json_string_value(json_array_get(f->access, i))));
    reply_json(r, 200, jt("{'flavor_access':%j}", all));
}

void nova_flavors(struct req *r)
{
    const char *id = r->nseg > 3 ? r->seg[3] : "", *sub = r->nseg > 4 ? r->seg[4] : "";
    bool get = strcmp(r->method, "GET") == 0, detail = strcmp(id, "detail") == 0;
    if (get && (!*id || detail)) {
        list(r, detail);
        return;
    }
    if (!*id && strcmp(r->method, "POST") == 0) {
        if (nova_allowed(r, "os_compute_api:os-flavor-manage:create"))
            create(r);
        return;
    }
    struct nova_flavor *f = nova_flavor(r->sim->nova, id);
    if (!f || (!f->is_public && !nova_admin(r) && !has_access(f, nova_who(r)->project_id)))
        nova_error(r, 404, "Flavor %s could not be found.", id);
    else if (strcmp(sub, "os-extra_specs") == 0)
        specs(r, f);
    else if (strcmp(sub, "os-flavor-access") == 0)
        access_list(r, f);
    else if (!*sub && get)
        one(r, f);
    else if (!*sub && strcmp(r->method, "DELETE") == 0) {
        if (nova_allowed(r, "os_compute_api:os-flavor-manage:delete")) {
            f->deleted = true;
            reply_text(r, 202, "application/json", "", 0);
        }
    } else {
        nova_none(r);
    }
}
