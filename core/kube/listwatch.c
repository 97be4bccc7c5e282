/* Codec of kinds that have a schema: lists and watches through the streaming reader, rows put as they arrive. */
#include <string.h>

#include "core/kinds/kube_common.h"
#include "core/kube/kube_priv.h"
#include "strata/mem.h"

#define PROTO_TYPE "application/vnd.kubernetes.protobuf"

static bool has_proto(const struct wire_schema *sc)
{
    return sc->n > 0 && sc->fields[0].proto != 0;
}

static const char *schema_accept(const struct kfeed *kf)
{
    return has_proto(kf->kind->kube->schema) && !kf->one ? PROTO_TYPE ",application/json" : "application/json";
}

static bool put(struct kfeed *kf, const struct wire_obj *o)
{
    struct rowbuf *rb = store_rowbuf(kf->f->store);
    rowbuf_begin(rb, kf->kind);
    kube_fill_meta(rb, o);
    kf->kind->kube->decode(rb, o, kube_now_ms(kf->ks));
    struct row *row = rowbuf_finish(rb);
    if (!row && rb->uid && rb->kind) {            /* a list that silently lacks a row would lie */
        err_set(&kf->fault, ERR_NOMEM, 0, "out of memory");
        return false;
    }
    if (!row)
        return true;                              /* an object without uid: nothing to show it under */
    kf->touched = true;
    const struct row *before = kf->kind->kube->keep ? store_get(kf->f->store, row->uid) : NULL;
    if (before)
        kf->kind->kube->keep(row, before);
    if (store_put(kf->f->store, row))
        return true;
    err_set(&kf->fault, ERR_NOMEM, 0, "out of memory");
    return false;
}

static bool drop(struct kfeed *kf, const struct wire_obj *o)
{
    const char *uid = kube_meta_uid(o);
    if (uid && store_delete(kf->f->store, uid))
        kf->touched = true;
    return true;
}

static bool on_object(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int status_code)
{
    struct kfeed *kf = arg;
    bool ok = true;
    switch (ev) {
    case WIRE_ITEM:
        return put(kf, o);
    case WIRE_ERROR:
        kfeed_status_fault(kf, status_code, raw, len);
        return false;
    case WIRE_ADDED:
    case WIRE_MODIFIED:
        ok = put(kf, o);
        break;
    case WIRE_DELETED:
        ok = drop(kf, o);
        break;
    case WIRE_BOOKMARK:
        kf->bookmarks = true;
        break;
    }
    if (ok)
        kfeed_set_rv(kf, kube_meta_rv(o));        /* where a cut watch goes on */
    return ok;
}

static bool schema_begin(struct kfeed *kf, const struct net_head *head, bool watch)
{
    static const struct wire_stream_ops ops = {.object = on_object};
    str_clear(&kf->buf);
    if (kf->one && !watch)
        return true;
    bool proto = strncmp(head->content_type, PROTO_TYPE, sizeof PROTO_TYPE - 1) == 0;
    wire_stream_free(kf->ws);
    kf->ws = wire_stream_new(kf->kind->kube->schema, proto, watch, 0, &ops, kf);
    if (!kf->ws)
        err_set(&kf->fault, ERR_NOMEM, 0, "out of memory");
    return kf->ws != NULL;
}

static bool schema_data(struct kfeed *kf, const char *data, size_t len)
{
    struct err err = ERR_INIT;
    if (kf->one && kf->phase != KF_WATCH) {
        if (str_add(&kf->buf, data, len))
            return true;
        err_set(&kf->fault, ERR_TOOBIG, 0, "the object is too big");
        return false;
    }
    if (!kf->ws) {
        err_set(&kf->fault, ERR_PROTO, 0, "a reply without a head");
        return false;
    }
    enum err_code code = wire_stream_feed(kf->ws, data, len, &err);
    if (code == ERR_OK)
        return true;
    if (kf->fault.code == ERR_OK)
        kf->fault = err;
    return false;
}

/* One object, got by its name. */
static bool put_one(struct kfeed *kf)
{
    const struct wire_obj *o = NULL;
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    bool ok = wire_json(kf->kind->kube->schema, kf->buf.data ? kf->buf.data : "", kf->buf.len, &arena, &o, &kf->fault) == ERR_OK && put(kf, o);
    arena_release(&arena);
    return ok;
}

static bool schema_end(struct kfeed *kf)
{
    if (kf->one)
        return put_one(kf);
    if (!kf->ws) {
        err_set(&kf->fault, ERR_PROTO, 0, "an empty reply");
        return false;
    }
    if (wire_stream_end(kf->ws, &kf->fault) != ERR_OK)
        return false;
    kfeed_set_list_rv(kf, wire_stream_rv(kf->ws));
    const char *cont = wire_stream_continue(kf->ws);
    mem_free(kf->cont);
    kf->cont = NULL;
    return !cont || !cont[0] || kfeed_set_text(&kf->cont, cont, strlen(cont));
}

static void schema_reset(struct kfeed *kf)
{
    wire_stream_free(kf->ws);
    kf->ws = NULL;
    str_release(&kf->buf);
}

const struct kube_codec kube_schema_codec = {
    .accept = schema_accept,
    .begin = schema_begin,
    .data = schema_data,
    .end = schema_end,
    .reset = schema_reset,
    .next_page = 0,
};
