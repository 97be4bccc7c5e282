/* Questions of a plan to other sources than its targets'. */
#include "core/ops/beside.h"

#include <string.h>

#include "core/base/json_read.h"
#include "strata/mem.h"

#define ANSWER_MS 5000             /* one that is slower is told as not seen */
#define ITEMS_MAX 200000
#define WAITERS 16                 /* more than are planned at a time */

struct beside {
    struct beside *next;
    struct op *op;
    struct source *src;
    char *path;
    struct call *call;
    struct net_timer *limit;
    json_t *json;
    int status;
    bool over, late;
    struct { struct op_step *st; void (*then)(struct op_step *st); } waiter[WAITERS];
};

static void ended(struct beside *b)
{
    net_timer_cancel(b->op->core->net, b->limit);
    b->limit = NULL;
    b->over = true;
    for (size_t i = 0; i < WAITERS; i++) {
        struct op_step *st = b->waiter[i].st;
        b->waiter[i].st = NULL;
        if (st)
            b->waiter[i].then(st);
    }
}

static void answered(void *arg, const struct call_reply *reply);

static bool ask(struct beside *b, const char *cont)
{
    struct str path;
    struct err err = ERR_INIT;
    str_init(&path, 1u << 20);
    str_adds(&path, b->path);
    if (*cont) {
        str_addf(&path, "%ccontinue=", strchr(b->path, '?') ? '&' : '?');
        str_add_urlenc(&path, cont);
    }
    struct call_req rq = {.path = path.data, .timeout_ms = ANSWER_MS, .done = answered, .arg = b};
    b->call = path.failed ? NULL : source_call(b->src, &rq, &err);
    str_release(&path);
    return b->call != NULL;
}

/* A list that comes in pages is one list; a part of it is none. */
static void answered(void *arg, const struct call_reply *reply)
{
    struct beside *b = arg;
    const struct net_reply *r = reply->net;
    b->call = NULL;
    if (b->op->core->closing)
        return;
    json_t *page = r->err.code == ERR_OK && !b->late ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    char *cont = page ? mem_strdup(act_str(page, "metadata.continue")) : NULL;
    bool good = page && cont;
    b->status = b->late ? 0 : r->status;
    if (good && b->json)
        good = json_array_extend(json_object_get(b->json, "items"), json_object_get(page, "items")) == 0;
    else if (good)
        b->json = json_incref(page);
    bool more = good && *cont;
    good = good && (!more || (json_array_size(json_object_get(b->json, "items")) < ITEMS_MAX && ask(b, cont)));
    mem_free(cont);
    json_decref(page);
    if (good && more)
        return;
    if (!good) {
        json_decref(b->json);
        b->json = NULL;
    }
    ended(b);
}

static void too_late(void *arg)
{
    struct beside *b = arg;
    b->limit = NULL;
    b->late = true;
    call_cancel(b->call);                /* ends in answered() */
}

static struct beside *find(const struct op *op, const struct source *src, const char *path)
{
    struct beside *b = op->beside;
    while (b && (b->src != src || strcmp(b->path, path) != 0))
        b = b->next;
    return b;
}

static struct beside *begun(struct op *op, struct source *src, const char *path)
{
    struct beside *b = find(op, src, path);
    if (b || !(b = mem_zalloc(sizeof *b)))
        return b;
    *b = (struct beside){.next = op->beside, .op = op, .src = src, .path = mem_strdup(path)};
    if (!b->path) {
        mem_free(b);
        return NULL;
    }
    op->beside = b;
    b->limit = net_timer(op->core->net, ANSWER_MS, too_late, b);
    if (!b->limit || !ask(b, ""))
        ended(b);
    return b;
}

void beside_ask(struct op *op, struct source *src, const char *path)
{
    begun(op, src, path);
}

bool beside_get(struct op_step *st, struct source *src, const char *path, void (*then)(struct op_step *st), json_t **json, int *status, struct err *err)
{
    struct beside *b = begun(st->op, src, path);
    for (size_t i = 0; b && !b->over && i < WAITERS; i++)
        if (!b->waiter[i].st) {
            b->waiter[i].st = st;
            b->waiter[i].then = then;
            return false;
        }
    if (!b || !b->over) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return false;
    }
    *json = json_incref(b->json);
    *status = b->status;
    return true;
}

void beside_leave(struct op_step *st)
{
    for (struct beside *b = st->op->beside; b; b = b->next)
        for (size_t i = 0; i < WAITERS; i++)
            if (b->waiter[i].st == st)
                b->waiter[i].st = NULL;
}

void beside_free(struct op *op)
{
    bool closing = op->core->closing;
    op->core->closing = true;            /* its callbacks must not go on */
    for (struct beside *b; (b = op->beside);) {
        op->beside = b->next;
        net_timer_cancel(op->core->net, b->limit);
        call_cancel(b->call);
        json_decref(b->json);
        mem_free(b->path);
        mem_free(b);
    }
    op->core->closing = closing;
}
