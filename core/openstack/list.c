/* All items of a kind as the servers send them, page by page: `get -o json` and `-o yaml`. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "core/openstack/services_priv.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

#define PAGE 1000
#define MAX_PAGES 2000

static const struct kind *kind_of(const struct ostk_job *j)
{
    return j->rq->kind ? j->rq->kind : kind_find(j->rq->kind_name ? j->rq->kind_name : "");
}

static void ask_page(struct ostk_job *j);

static bool has_more(const json_t *doc, const char *key)
{
    char name[80];
    size_t i;
    json_t *l;
    snprintf(name, sizeof name, "%s_links", key);
    if (ostk_json_str(doc, "next") || ostk_json_str(doc, "links.next"))
        return true;
    json_array_foreach((json_t *)ostk_json(doc, name), i, l) {
        const char *rel = ostk_json_str(l, "rel");
        if (rel && !strcmp(rel, "next"))
            return true;
    }
    return false;
}

static void on_page(struct ostk_job *j, const struct net_reply *r)
{
    const struct ostk_kind *k = kind_of(j)->ostk;
    struct err err = ERR_INIT;
    json_t *doc;
    if (r->status == 403 && j->all_projects && k->path_all) {
        j->all_projects = false;
        j->denied = true;
        ask_page(j);
        return;
    }
    doc = ostk_job_json(r, &err);
    json_t *list = (json_t *)ostk_json(doc, k->list_key);
    if (!json_is_array(list)) {
        if (doc)
            err_set(&err, ERR_PROTO, 0, "%s API: the answer has no \"%s\"", k->service, k->list_key);
        json_decref(doc);
        ostk_job_end(j, &err);
        return;
    }
    size_t n = json_array_size(list);
    const char *id = n ? ostk_json_str(json_array_get(list, n - 1), k->id_key ? k->id_key : "id") : NULL;
    bool more = id && k->paging != OSTK_NO_PAGES && (n >= PAGE || (k->paging != OSTK_OFFSET && has_more(doc, k->list_key)));
    bool ok = json_array_extend(j->list, list) == 0;
    char offset[24];
    snprintf(offset, sizeof offset, "%zu", json_array_size(j->list));
    char *marker = more ? mem_strdup(k->paging == OSTK_OFFSET ? offset : id) : NULL;
    bool again = marker && j->marker && !strcmp(marker, j->marker);
    json_decref(doc);
    mem_free(j->marker);
    j->marker = marker;
    if (!ok) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        ostk_job_end(j, &err);
    } else if (marker && !again && ++j->pages < MAX_PAGES) {
        ask_page(j);
    } else {
        j->listed(j);
    }
}

static char joint(const struct str *s)
{
    return strchr(s->data, '?') ? '&' : '?';
}

static void ask_page(struct ostk_job *j)
{
    const struct ostk_kind *k = kind_of(j)->ostk;
    struct str path;
    str_init(&path, 8192);
    bool other = j->all_projects && k->path_all && *k->path_all == '/';
    str_adds(&path, other ? k->path_all : k->path);
    if (j->all_projects && k->path_all && !other)
        str_addf(&path, "%c%s", joint(&path), k->path_all + (*k->path_all == '?'));
    if (k->paging != OSTK_NO_PAGES)
        str_addf(&path, "%climit=%d", joint(&path), PAGE);
    if (j->marker) {
        str_addf(&path, "%c%s=", joint(&path), k->paging == OSTK_OFFSET ? "offset" : "marker");
        str_add_urlenc(&path, j->marker);
    }
    ostk_job_get(j, k->service, k->microversion, path.data, on_page);
    str_release(&path);
}

void ostk_list(struct ostk_job *j, void (*listed)(struct ostk_job *j))
{
    j->listed = listed;
    j->list = json_array();
    j->all_projects = true;
    ask_page(j);
}

const char *ostk_list_key(const struct kind *k)
{
    return k->ostk && k->ostk->driver == &ostk_quota_driver ? "quotas" : k->flags & KIND_TREE ? "services" : k->ostk ? k->ostk->list_key : "items";
}

static void emit(struct ostk_job *j)
{
    struct err note = ERR_INIT;                     /* code OK: the answer is good, but not all there is */
    json_t *e;
    size_t i;
    json_array_foreach(j->list, i, e)
        list_emit_item(&j->out, e, j->rq->yaml, j->rq->flags & FETCH_SOURCE ? j->os->base.info.name : NULL);
    j->clean = true;
    if (j->denied)
        ostk_own_note(j->os, kind_of(j)->ostk, note.msg, sizeof note.msg);
    ostk_job_end(j, &note);
}

/* ---- os-services: one object per API, its own answer about its workers inside ---- */
static void next_api(struct ostk_job *j);

static void on_api(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err), *one = json_array_get(j->list, json_array_size(j->list) - 1);
    const struct svc_api *api = svc_api_find(ostk_type_canonical(ostk_json_str(one, "type")));
    if (doc && api && ostk_json(doc, api->list_key))
        json_object_set(one, api->list_key, (json_t *)ostk_json(doc, api->list_key));
    else
        json_object_set_new(one, "error", json_string(err.msg));
    json_decref(doc);
    next_api(j);
}

static void next_api(struct ostk_job *j)
{
    const struct ostk_service *list;
    size_t n = ostk_services(j->os, &list);
    while (j->at < n) {
        const struct ostk_service *s = &list[j->at++];
        const struct svc_api *api = svc_api_find(ostk_type_canonical(s->type));
        char url[1024];
        if (!s->endpoint)
            continue;
        json_array_append_new(j->list, json_pack("{s:s, s:s?, s:s}", "type", s->type, "name", s->name, "endpoint",
                                                 text_url(url, sizeof url, s->endpoint)));
        if (api) {
            ostk_job_get(j, s->type, api->microversion, api->path, on_api);
            return;
        }
    }
    emit(j);
}

static void on_token(struct ostk_job *j, const struct net_reply *r)
{
    const struct ostk_service *list;
    if (ostk_services(j->os, &list))
        next_api(j);
    else
        ostk_job_end(j, &r->err);
}

void ostk_list_request(struct ostk_job *j)
{
    const struct kind *k = kind_of(j);
    struct err err;
    struct ostk_req rq = {.service = "identity", .path = "/", .root = true, .timeout_ms = 10000};
    if (!k || !k->ostk) {
        err_set(&err, ERR_NOTFOUND, 0, "OpenStack has no kind \"%.60s\" here", j->rq->kind_name ? j->rq->kind_name : "?");
        ostk_job_end(j, &err);
    } else if (j->rq->selector && *j->rq->selector) {
        err_set(&err, ERR_UNSUPPORTED, 0, "OpenStack objects have no labels to select by: use --filter");
        ostk_job_end(j, &err);
    } else if (k->ostk->driver == &ostk_quota_driver) {
        ostk_quota_list(j, emit);
    } else if (!(k->flags & KIND_TREE) && !k->ostk->path) {
        err_set(&err, ERR_UNSUPPORTED, 0, "a %s is put together of several answers: use -o table, -o wide or -o cells", k->singular);
        ostk_job_end(j, &err);
    } else if (k->flags & KIND_TREE) {
        j->list = json_array();
        ostk_job_ask(j, &rq, on_token);
    } else {
        ostk_list(j, emit);
    }
}
