/* What the UI asks of a cloud besides feeds: dispatch, and the life of a chain of calls. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

struct ostk_job *ostk_job_new(struct ostk_source *os, struct request *rq)
{
    struct ostk_job *j = mem_zalloc(sizeof *j);
    struct err err;
    if (!j) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        request_end(rq, NULL, 0, &err);
        return NULL;
    }
    j->rq = rq;
    j->os = os;
    str_init(&j->out, (size_t)256 << 20);
    rq->priv = j;
    return j;
}

void ostk_job_end(struct ostk_job *j, const struct err *err)
{
    struct request *rq = j->rq;
    struct str text;
    struct err e = err ? *err : (struct err)ERR_INIT;
    str_init(&text, (size_t)256 << 20);
    if (j->out.failed && e.code == ERR_OK)
        err_set(&e, ERR_NOMEM, 0, "the answer does not fit into memory");
    if (e.code == ERR_OK || j->out.len) {
        if (j->clean) {
            struct str moved = j->out;
            str_init(&j->out, 0);
            text = moved;
        } else {
            text_clean(&text, j->out.data ? j->out.data : "", j->out.len, TEXT_KEEP_NEWLINES);
        }
    }
    size_t len = text.len;
    char *data = len ? str_take(&text) : NULL;
    str_release(&text);
    str_release(&j->out);
    json_decref(j->item);
    json_decref(j->list);
    json_decref(j->aside);
    mem_free(j->marker);
    rq->priv = NULL;
    mem_free(j);
    request_end(rq, data, data ? len : 0, &e);
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct ostk_job *j = arg;
    j->call = NULL;
    if (r->err.code == ERR_CANCELED) {
        str_clear(&j->out);
        ostk_job_end(j, &r->err);
        return;
    }
    j->next(j, r);
}

bool ostk_job_ask(struct ostk_job *j, const struct ostk_req *rq,
                  void (*next)(struct ostk_job *, const struct net_reply *))
{
    struct err err = ERR_INIT;
    struct ostk_req copy = *rq;
    copy.on_done = on_done;
    copy.arg = j;
    j->next = next;
    j->call = ostk_send(j->os, &copy, &err);
    if (!j->call)
        ostk_job_end(j, &err);
    return j->call != NULL;
}

bool ostk_job_get(struct ostk_job *j, const char *service, const char *microversion, const char *path,
                  void (*next)(struct ostk_job *, const struct net_reply *))
{
    struct ostk_req rq = {.service = service, .microversion = microversion, .path = path, .retries = 1};
    return ostk_job_ask(j, &rq, next);
}

json_t *ostk_job_json(const struct net_reply *r, struct err *err)
{
    json_error_t je;
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, &je) : NULL;
    if (r->err.code != ERR_OK)
        *err = r->err;
    else if (!doc)
        err_set(err, ERR_PROTO, 0, "the answer is not JSON (%zu bytes, cut or foreign)", r->len);
    return doc;
}

/* ---- one object as it is ---- */
static void emit_item(struct ostk_job *j)
{
    if (j->rq->flags & FETCH_ITEM)
        list_emit_item(&j->out, j->item, j->rq->what == FETCH_YAML, j->rq->flags & FETCH_SOURCE ? j->os->base.info.name : NULL);
    else if (j->rq->what == FETCH_YAML)
        yaml_emit(&j->out, j->item);
    else if (json_emit(&j->out, j->item, 0))
        str_addc(&j->out, '\n');
    j->clean = true;
    ostk_job_end(j, NULL);
}

static void fetch(struct ostk_job *j)
{
    struct err err;
    bool server = j->rq->kind && (j->rq->kind->flags & KIND_CONSOLE);
    switch (j->rq->what) {
    case FETCH_JSON:
    case FETCH_YAML:
        ostk_item(j, emit_item);
        return;
    case FETCH_DESCRIBE:
        ostk_describe(j);
        return;
    case FETCH_STOCK:
    case FETCH_FIT:
        (j->rq->what == FETCH_STOCK ? ostk_stock : ostk_fit)(j);
        return;
    case FETCH_CONSOLE:
    case FETCH_ACTIONS:
    case FETCH_CONSOLE_URL:
        if (server) {
            (j->rq->what == FETCH_CONSOLE ? ostk_console : j->rq->what == FETCH_ACTIONS ? ostk_actions : ostk_console_url)(j);
            return;
        }
        err_set(&err, ERR_UNSUPPORTED, 0, "only servers have %s",
                j->rq->what == FETCH_CONSOLE ? "a console log" : j->rq->what == FETCH_ACTIONS ? "actions" : "a console");
        break;
    default:
        err_set(&err, ERR_UNSUPPORTED, 0, "this cannot be asked of an OpenStack object");
    }
    ostk_job_end(j, &err);
}

/* ---- names of kinds ---- */
static void kinds_now(struct ostk_job *j)
{
    struct request *rq = j->rq;
    const struct ostk_service *svc;
    size_t n = 0, at = 0;
    struct err err = ERR_INIT;
    for (const struct kind *const *k = kinds_all; *k; k++)
        n++;
    char **names = mem_zalloc((n + 1) * sizeof *names);
    for (const struct kind *const *k = kinds_all; names && *k; k++) {
        if ((*k)->plane != PLANE_OPENSTACK || !(*k)->ostk)
            continue;
        svc = ostk_find_service(j->os, (*k)->ostk->service);
        if (((*k)->flags & KIND_TREE) || (svc && svc->endpoint))
            names[at++] = mem_strdup((*k)->id);
    }
    if (!names)
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
    rq->priv = NULL;
    str_release(&j->out);
    mem_free(j);
    request_end_names(rq, names, &err);
}

static void kinds_later(struct ostk_job *j, const struct net_reply *r)
{
    const struct ostk_service *list;
    if (ostk_services(j->os, &list))
        kinds_now(j);
    else
        ostk_job_end(j, &r->err);
}

static void kinds(struct ostk_job *j)
{
    const struct ostk_service *list;
    struct ostk_req rq = {.service = "identity", .path = "/", .root = true, .timeout_ms = 10000};
    if (ostk_services(j->os, &list))
        kinds_now(j);
    else                                       /* there is no token yet: this waits for one */
        ostk_job_ask(j, &rq, kinds_later);
}

void ostk_request(struct source *s, struct request *rq)
{
    struct err err;
    struct ostk_job *j = ostk_job_new((struct ostk_source *)s, rq);
    if (!j)
        return;
    switch (rq->type) {
    case RQ_FETCH:
        fetch(j);
        return;
    case RQ_LIST:
        ostk_list_request(j);
        return;
    case RQ_DOCTOR:
        ostk_doctor(j);
        return;
    case RQ_KINDS:
        kinds(j);
        return;
    case RQ_LOGS:
        err_set(&err, ERR_UNSUPPORTED, 0, "logs are for pods; of a server, look at its console log");
        break;
    default:
        err_set(&err, ERR_UNSUPPORTED, 0, "this cannot be asked of an OpenStack cloud");
    }
    ostk_job_end(j, &err);
}

void ostk_request_cancel(struct source *s, struct request *rq)
{
    struct ostk_job *j = rq->priv;
    (void)s;
    if (j && j->call)
        ostk_cancel(j->call);                  /* ends it before it returns */
}
