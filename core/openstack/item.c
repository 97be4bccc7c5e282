/* One object of any OpenStack kind by its identity; kinds without a call for one item are looked up in their list. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "core/openstack/services_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

static void gone(struct ostk_job *j)
{
    struct err err;
    err_set(&err, ERR_NOTFOUND, 404, "%s %s is not there any more", j->rq->kind->singular,
            j->rq->name ? j->rq->name : j->rq->uid);
    ostk_job_end(j, &err);
}

static void in_list(struct ostk_job *j)
{
    const struct ostk_kind *k = j->rq->kind->ostk;
    size_t i;
    json_t *e;
    json_array_foreach(j->list, i, e)
        if (ostk_is_item(k, e, j->rq->uid)) {
            j->item = json_incref(e);
            j->found(j);
            return;
        }
    gone(j);
}

static void on_item(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    const struct ostk_kind *k = j->rq->kind->ostk;
    json_t *doc = ostk_job_json(r, &err);
    if (!doc) {
        if (r->status == 404)
            gone(j);
        else
            ostk_job_end(j, &err);
        return;
    }
    j->item = json_incref(k->item_key ? (json_t *)ostk_json(doc, k->item_key) : doc);
    json_decref(doc);
    if (j->item) {
        j->found(j);
        return;
    }
    err_set(&err, ERR_PROTO, 0, "the answer has no \"%s\"", k->item_key);
    ostk_job_end(j, &err);
}

/* ---- rows of os-services: "compute" is the API itself, "compute/ID" a worker of it ---- */
static void on_versions(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    const struct ostk_service *s = ostk_find_service(j->os, j->rq->uid);
    if (!s) {
        json_decref(doc);
        gone(j);
        return;
    }
    char url[1024];
    j->item = json_pack("{s:s, s:s?, s:s?, s:o*}", "type", s->type, "name", s->name, "endpoint",
                        s->endpoint ? text_url(url, sizeof url, s->endpoint) : NULL, "answer", doc);
    if (j->item && r->err.code != ERR_OK)
        json_object_set_new(j->item, "error", json_string(r->err.msg));
    j->found(j);
}

static void on_workers(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    char type[64];
    size_t i, n = strcspn(j->rq->uid, "/");
    json_t *doc = ostk_job_json(r, &err), *e;
    snprintf(type, sizeof type, "%.*s", (int)n, j->rq->uid);
    const struct svc_api *api = svc_api_find(ostk_type_canonical(type));
    if (!doc) {
        ostk_job_end(j, &err);
        return;
    }
    json_array_foreach((json_t *)ostk_json(doc, api->list_key), i, e) {
        struct svc_worker w = {0};
        struct str uid;
        str_init(&uid, 4096);
        if (api->worker(&w, e))
            svc_worker_uid(&uid, type, &w);
        bool hit = uid.len && !strcmp(uid.data, j->rq->uid);
        str_release(&uid);
        if (hit) {
            j->item = json_incref(e);
            break;
        }
    }
    json_decref(doc);
    if (j->item)
        j->found(j);
    else
        gone(j);
}

static void service_item(struct ostk_job *j)
{
    char type[64];
    size_t n = strcspn(j->rq->uid, "/");
    struct ostk_req rq = {.service = type, .path = "/", .root = true, .timeout_ms = 10000};
    snprintf(type, sizeof type, "%.*s", (int)n, j->rq->uid);
    const struct svc_api *api = svc_api_find(ostk_type_canonical(type));
    if (!j->rq->uid[n])
        ostk_job_ask(j, &rq, on_versions);
    else if (api)
        ostk_job_get(j, type, api->microversion, api->path, on_workers);
    else
        gone(j);
}

void ostk_item(struct ostk_job *j, void (*found)(struct ostk_job *j))
{
    const struct ostk_kind *k = j->rq->kind->ostk;
    struct str path;
    j->found = found;
    if (j->rq->kind->flags & KIND_TREE) {
        service_item(j);
        return;
    }
    if (k->driver == &ostk_quota_driver) {
        ostk_quota_item(j);
        return;
    }
    if (!k->item_path) {
        ostk_list(j, in_list);
        return;
    }
    str_init(&path, 4096);
    ostk_item_path(&path, k, j->rq->uid, j->rq->name);
    ostk_job_get(j, k->service, k->microversion, path.data ? path.data : "", on_item);
    str_release(&path);
}
