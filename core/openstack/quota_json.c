/* quota for -o json, -o yaml and describe: what Nova, Cinder and Neutron sent, one object a project. */
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "core/openstack/quota_priv.h"
#include "core/openstack/requests_priv.h"

static void ask_part(struct ostk_job *j);

static void all_known(struct ostk_job *j)
{
    json_t *made = j->aside;
    j->aside = NULL;
    json_decref(j->list);
    j->list = made;
    if (j->found) {
        j->item = json_incref(json_array_get(made, 0));
        j->found(j);
    } else {
        j->listed(j);
    }
}

static void on_part(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    const char *service = quota_parts[j->step].service;
    json_t *one = json_array_get(j->aside, json_array_size(j->aside) - 1), *doc = ostk_job_json(r, &err);
    const json_t *part = ostk_json(doc, quota_parts[j->step].root);
    if (!part && r->status == 404 && quota_parts[j->step].plain && !j->failed) {
        json_decref(doc);
        j->failed = true;                                   /* no usage there: limits alone */
        ask_part(j);
        return;
    }
    if (part)
        json_object_set(one, service, (json_t *)part);
    else if (err.code != ERR_UNSUPPORTED)                   /* a cloud without volumes has no volume quotas */
        json_object_set_new(one, service, json_pack("{s:s}", "error", err.code ? err.msg : "the answer is not understood"));
    json_decref(doc);
    j->failed = false;
    j->step++;
    ask_part(j);
}

static void ask_part(struct ostk_job *j)
{
    struct str path;
    if (j->step == QUOTA_PARTS) {
        j->step = 0;
        j->at++;
    }
    const json_t *project = json_array_get(j->list, j->at);
    if (!project) {
        all_known(j);
        return;
    }
    const char *id = ostk_json_str(project, "id"), *name = ostk_json_str(project, "name");
    if (j->step == 0 && !j->failed)
        json_array_append_new(j->aside, json_pack("{s:s, s:s}", "project_id", id ? id : "", "project_name", name ? name : ""));
    str_init(&path, 4096);
    quota_path(&path, j->step, j->failed, id);
    ostk_job_get(j, quota_parts[j->step].service, j->step == 0 ? "2.93" : NULL, path.data, on_part);
    str_release(&path);
}

/* j->list: the projects; each is taken to pieces in turn. */
static void go(struct ostk_job *j)
{
    j->at = 0;
    j->step = 0;
    j->aside = json_array();
    ask_part(j);
}

static void own_project(struct ostk_job *j, const struct net_reply *r)
{
    const char *id = ostk_project_id(j->os), *name = j->os->token.project_name;
    struct err err = r->err;
    if (!*id) {
        if (err.code == ERR_OK)
            err_set(&err, ERR_UNSUPPORTED, 0, "the token is not for a project: there are no quotas to show");
        ostk_job_end(j, &err);
        return;
    }
    j->list = json_pack("[{s:s, s:s}]", "id", id, "name", name ? name : id);
    j->denied = true;
    go(j);
}

static void on_projects(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    if (r->status == 403) {
        ostk_job_get(j, "identity", NULL, "/auth/projects", own_project);
        return;
    }
    json_t *doc = ostk_job_json(r, &err), *list = (json_t *)ostk_json(doc, "projects");
    if (json_is_array(list)) {
        j->list = json_incref(list);
        json_decref(doc);
        go(j);
        return;
    }
    json_decref(doc);
    if (err.code == ERR_OK)
        err_set(&err, ERR_PROTO, 0, "identity API: the answer has no \"projects\"");
    ostk_job_end(j, &err);
}

void ostk_quota_list(struct ostk_job *j, void (*listed)(struct ostk_job *j))
{
    j->listed = listed;
    ostk_job_get(j, "identity", NULL, "/projects", on_projects);
}

void ostk_quota_item(struct ostk_job *j)
{
    j->list = json_pack("[{s:s, s:s}]", "id", j->rq->uid, "name", j->rq->name ? j->rq->name : "");
    go(j);
}
