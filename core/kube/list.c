/*
 * `get -o json|yaml`: the items of all pages of a list, written page by page so that no more than one page stands in
 * memory as a tree.
 */
#include "core/kube/kube_rq.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/yaml_emit.h"

enum { PAGE = 500 };
#define LIST_MAX ((size_t)1 << 30)

struct list {
    struct kube_op op;
    struct str out;
    size_t items;
    int restarts;             /* after an expired continue token */
};

static void ask_page(struct list *l, const char *cont);

static void list_release(struct kube_op *op)
{
    str_release(&((struct list *)op)->out);
}

/* Items of a list do not say what they are; kubectl adds it, first in line. */
static json_t *complete_item(json_t *item, const char *api, const char *kind, bool managed)
{
    json_t *o = json_object();
    if (!o || !json_is_object(item))
        return o;
    json_object_set_new(o, "apiVersion", json_string(api));
    json_object_set_new(o, "kind", json_string(kind));
    json_object_update(o, item);
    if (!managed)
        json_object_del(kube_jget(o, "metadata"), "managedFields");
    return o;
}

static void add_items(struct list *l, const json_t *page)
{
    const struct request *rq = l->op.rq;
    const char *api = kube_jstr(page, "apiVersion"), *list_kind = kube_jstr(page, "kind");
    char kind[128];
    snprintf(kind, sizeof kind, "%s", l->op.kind->kube->object_kind ? l->op.kind->kube->object_kind : list_kind ? list_kind : "");
    size_t n = strlen(kind);
    if (!l->op.kind->kube->object_kind && n > 4 && !strcmp(kind + n - 4, "List"))
        kind[n - 4] = '\0';
    const json_t *items = json_object_get(page, "items");
    for (size_t i = 0; i < json_array_size(items) && !l->out.failed; i++) {
        json_t *o = complete_item(json_array_get(items, i), api ? api : "v1", kind, rq->flags & FETCH_MANAGED);
        if (!o) {
            l->out.failed = true;
            return;
        }
        l->items++;
        list_emit_item(&l->out, o, rq->yaml, rq->flags & FETCH_SOURCE ? l->op.source->info.name : NULL);
        json_decref(o);
    }
}

static void page_done(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct list *l = (struct list *)op;
    struct err err;
    (void)arg;
    if (r->status == 410 && l->items && l->restarts++ < 2) {      /* the snapshot expired: a list is of one moment */
        l->items = 0;
        str_clear(&l->out);
        ask_page(l, NULL);
        return;
    }
    json_t *page = kube_json(r, &err);
    if (!page) {
        err_wrap(&err, "listing %s on %s", op->kind->id, op->source->info.name);
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    add_items(l, page);
    const char *cont = kube_jstr(page, "metadata.continue");
    if (l->out.failed) {
        bool big = l->out.len > LIST_MAX / 2;
        kube_op_fail(op, big ? ERR_TOOBIG : ERR_NOMEM,
                     big ? "the list is bigger than 1 GiB of text: narrow it with a namespace or a selector" : "out of memory");
    } else if (cont && *cont) {
        ask_page(l, cont);
    } else {
        kube_op_end_str(&l->op, &l->out, NULL);
    }
    json_decref(page);
}

static void ask_page(struct list *l, const char *cont)
{
    const struct request *rq = l->op.rq;
    bool namespaced = l->op.kind->flags & KIND_NAMESPACED;
    struct err err;
    struct str path;
    str_init(&path, 0);
    kube_path(&path, l->op.kind, namespaced && rq->scope && *rq->scope ? rq->scope : NULL, NULL, NULL);
    str_addf(&path, "?limit=%d", PAGE);
    const char *always = l->op.kind->kube->selector, *asked = rq->selector ? rq->selector : "";
    if (always || *asked) {
        str_adds(&path, "&labelSelector=");
        str_add_urlenc(&path, always ? always : "");
        str_adds(&path, always && *asked ? "%2C" : "");
        str_add_urlenc(&path, asked);
    }
    if (rq->fields) {
        str_adds(&path, "&fieldSelector=");
        str_add_urlenc(&path, rq->fields);
    }
    if (cont) {
        str_adds(&path, "&continue=");
        str_add_urlenc(&path, cont);
    }
    if (path.failed)
        kube_op_fail(&l->op, ERR_NOMEM, "out of memory");
    else if (!kube_op_get(&l->op, path.data, page_done, NULL, &err))
        kube_op_end(&l->op, NULL, 0, &err);
    str_release(&path);
}

static void start(struct kube_op *op)
{
    ask_page((struct list *)op, NULL);
}

void kube_list(struct source *s, struct request *rq)
{
    struct list *l = kube_op_new(s, rq, sizeof *l, list_release);
    if (!l)
        return;
    str_init(&l->out, LIST_MAX);
    kube_op_resolve(&l->op, start);
}
