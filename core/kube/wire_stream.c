/* Lists and watches as their bytes arrive: finds each object, decodes it, hands it on, forgets it. An object that lies
 * wholly inside a chunk is read where it is; only what a chunk border cuts is put together in `pend`. */
#include <stdio.h>
#include <string.h>

#include "core/kube/wire_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MAX_OBJECT_DEFAULT ((size_t)16 << 20)

enum state {
    /* protobuf list */
    P_MAGIC, P_TAG, P_VARINT, P_LEN, P_BODY, P_SKIP,
    /* protobuf watch */
    W_LEN, W_BODY,
    /* JSON list */
    J_START, J_KEY, J_COLON, J_VALUE, J_NEXT, J_ITEM, J_ITEM_NEXT, J_END,
    /* JSON watch */
    E_EVENT,
};

enum key { KEY_OTHER, KEY_ITEMS, KEY_METADATA };

struct wire_stream {
    const struct wire_schema *sc;
    const struct wire_stream_ops *ops;
    void *arg;
    bool proto, watch;
    size_t max;
    enum state state;
    struct err err;               /* sticky */
    struct arena arena;
    struct str pend;              /* the head of what a chunk border cut */
    bool pend_used;               /* and the last token lay there: empty it before the next */
    struct str rv, cont, message;
    int64_t remaining;
    bool saw_list;
    /* protobuf list */
    bool in_list;                 /* level: inside runtime.Unknown, or inside the list within it */
    uint64_t left;                /* bytes of the list not read yet */
    uint64_t vacc;                /* a varint in the making */
    unsigned vshift;
    uint32_t field;
    uint64_t need;                /* bytes of the body or of what is stepped over */
    /* JSON */
    bool tok_open, first;
    struct json_scan scan;
    enum key key;
};

/* ---- what is common ---- */

static bool fail(struct wire_stream *ws, enum err_code code, const char *what)
{
    err_set(&ws->err, code, 0, "%s", what);
    return false;
}

static bool too_big(struct wire_stream *ws)
{
    err_set(&ws->err, ERR_TOOBIG, 0, "an object of more than %zu MiB", ws->max >> 20);
    return false;
}

static bool keep(struct wire_stream *ws, const char *p, size_t n)
{
    if (n > ws->max || ws->pend.len > ws->max - n)
        return too_big(ws);
    if (str_add(&ws->pend, p, n))
        return true;
    wire_no_memory(&ws->err);
    return false;
}

/* Before a token: what the last one left in pend is done with. */
static void fresh(struct wire_stream *ws)
{
    if (ws->pend_used)
        str_clear(&ws->pend);
    ws->pend_used = false;
}

static bool decode(struct wire_stream *ws, const struct wire_schema *sc, struct wire_slice s, const struct wire_obj **o)
{
    arena_reset(&ws->arena);
    return (ws->proto ? wire_proto : wire_json)(sc, s.p, s.len, &ws->arena, o, &ws->err) == ERR_OK;
}

static bool hand_on(struct wire_stream *ws, enum wire_event ev, const struct wire_obj *o, struct wire_slice s, int code)
{
    if (ws->ops->object(ws->arg, ev, o, s.p ? s.p : "", s.len, code))
        return true;
    return fail(ws, ERR_CANCELED, "stopped");
}

static bool object(struct wire_stream *ws, enum wire_event ev, struct wire_slice s)
{
    const struct wire_obj *o;
    return decode(ws, ws->sc, s, &o) && hand_on(ws, ev, o, s, 0);
}

static bool list_meta(struct wire_stream *ws, struct wire_slice s)
{
    static const struct wire_field fields[] = {
        {.json = "resourceVersion", .proto = 2, .type = WIRE_STR},
        {.json = "continue", .proto = 3, .type = WIRE_STR},
        {.json = "remainingItemCount", .proto = 4, .type = WIRE_INT},
    };
    static const struct wire_schema sc = {.fields = fields, .n = 3};
    const struct wire_obj *o;
    if (!decode(ws, &sc, s, &o))
        return false;
    const char *rv = wire_str(o, 0), *cont = wire_str(o, 1);
    str_clear(&ws->rv);
    str_clear(&ws->cont);
    ws->remaining = wire_num(o, 2, -1);
    if (str_adds(&ws->rv, rv ? rv : "") && str_adds(&ws->cont, cont ? cont : ""))
        return true;
    return fail(ws, ERR_TOOBIG, "the list's resourceVersion or continue is too long");
}

static bool error_event(struct wire_stream *ws, struct wire_slice s)
{
    static const struct wire_field fields[] = {
        {.json = "message", .proto = 3, .type = WIRE_STR},
        {.json = "code", .proto = 6, .type = WIRE_INT},
    };
    static const struct wire_schema sc = {.fields = fields, .n = 2};
    const struct wire_obj *o;
    if (!decode(ws, &sc, s, &o))
        return false;
    const struct wire_val *m = wire_list(o, 0);
    int64_t code = wire_num(o, 1, 0);
    str_clear(&ws->message);
    if (m)
        text_clean(&ws->message, m->s, m->len, 0);
    return hand_on(ws, WIRE_ERROR, NULL, s, code > 0 && code < 1000 ? (int)code : 0);
}

static bool event(struct wire_stream *ws, struct wire_slice type, struct wire_slice obj)
{
    static const struct {
        const char *name;
        enum wire_event ev;
    } names[] = {
        {"ADDED", WIRE_ADDED}, {"MODIFIED", WIRE_MODIFIED}, {"DELETED", WIRE_DELETED}, {"BOOKMARK", WIRE_BOOKMARK},
        {"ERROR", WIRE_ERROR},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (type.len != strlen(names[i].name) || memcmp(type.p, names[i].name, type.len))
            continue;
        return names[i].ev == WIRE_ERROR ? error_event(ws, obj) : object(ws, names[i].ev, obj);
    }
    return fail(ws, ERR_PROTO, "a watch event of unknown type");
}

/* ---- protobuf ---- */

/* Counts n bytes of the list as read. */
static bool spend(struct wire_stream *ws, uint64_t n)
{
    if (!ws->in_list)
        return true;
    if (n > ws->left)
        return fail(ws, ERR_PROTO, "a field reaches beyond the end of its list");
    ws->left -= n;
    return true;
}

/* 1: *v is there; 0: more bytes are needed; -1: error. */
static int varint(struct wire_stream *ws, const char **p, const char *end, uint64_t *v)
{
    while (*p < end) {
        unsigned char c = (unsigned char)*(*p)++;
        if (!spend(ws, 1))
            return -1;
        if (ws->vshift > 63 || (ws->vshift == 63 && c > 1))
            return fail(ws, ERR_PROTO, "a number of more than 64 bits"), -1;
        ws->vacc |= (uint64_t)(c & 0x7f) << ws->vshift;
        ws->vshift += 7;
        if (!(c & 0x80)) {
            *v = ws->vacc;
            ws->vacc = ws->vshift = 0;
            return 1;
        }
    }
    return 0;
}

/* Exactly ws->need bytes, in place if the chunk has them all. Returns as varint(). */
static int body(struct wire_stream *ws, const char **p, const char *end, struct wire_slice *s)
{
    fresh(ws);
    size_t want = (size_t)ws->need - ws->pend.len, have = (size_t)(end - *p);
    size_t n = want < have ? want : have;
    const char *at = *p;
    *p += n;
    if (n == want && !ws->pend.len) {
        *s = (struct wire_slice){at, n};
        return 1;
    }
    if (!keep(ws, at, n))
        return -1;
    if (n < want)
        return 0;
    *s = (struct wire_slice){ws->pend.data, ws->pend.len};
    ws->pend_used = true;
    return 1;
}

static bool list_tag(struct wire_stream *ws, uint64_t tag)
{
    if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return fail(ws, ERR_PROTO, "a field without a number");
    ws->field = (uint32_t)(tag >> 3);
    switch (tag & 7) {
    case 0:
        ws->state = P_VARINT;
        return true;
    case 1:
    case 5:
        ws->need = (tag & 7) == 1 ? 8 : 4;
        ws->state = P_SKIP;
        return spend(ws, ws->need);
    case 2:
        ws->state = P_LEN;
        return true;
    default:
        return fail(ws, ERR_PROTO, "a field of unknown wire type");
    }
}

static bool list_len(struct wire_stream *ws, uint64_t len)
{
    if (!ws->in_list && ws->field == 2) {
        ws->saw_list = ws->in_list = true;
        ws->left = len;
        ws->state = P_TAG;
        return true;
    }
    bool wanted = ws->in_list && (ws->field == 1 || ws->field == 2);
    if (wanted && len > ws->max)
        return too_big(ws);
    ws->need = len;
    ws->state = wanted ? P_BODY : len ? P_SKIP : P_TAG;
    return spend(ws, len);
}

static bool feed_proto_list(struct wire_stream *ws, const char *p, const char *end)
{
    struct wire_slice s;
    uint64_t v;
    int r = 1;
    while (r > 0) {
        if (ws->state == P_TAG && ws->in_list && !ws->left && !ws->vshift)
            ws->in_list = false;
        if (p == end && !(ws->state == P_BODY && !ws->need))
            break;
        switch (ws->state) {
        case P_MAGIC:
            ws->need = 4;
            if ((r = body(ws, &p, end, &s)) <= 0)
                break;
            if (memcmp(s.p, "k8s\0", 4))
                return fail(ws, ERR_PROTO, "this is not Kubernetes protobuf");
            ws->state = P_TAG;
            break;
        case P_TAG:
            if ((r = varint(ws, &p, end, &v)) > 0 && !list_tag(ws, v))
                r = -1;
            break;
        case P_VARINT:
            if ((r = varint(ws, &p, end, &v)) > 0)
                ws->state = P_TAG;
            break;
        case P_LEN:
            if ((r = varint(ws, &p, end, &v)) > 0 && !list_len(ws, v))
                r = -1;
            break;
        case P_BODY:
            if ((r = body(ws, &p, end, &s)) <= 0)
                break;
            ws->state = P_TAG;
            if (!(ws->field == 1 ? list_meta(ws, s) : object(ws, WIRE_ITEM, s)))
                r = -1;
            break;
        default: {        /* P_SKIP */
            uint64_t n = ws->need < (uint64_t)(end - p) ? ws->need : (uint64_t)(end - p);
            p += n;
            ws->need -= n;
            if (!ws->need)
                ws->state = P_TAG;
        }
        }
    }
    return r >= 0;
}

static bool proto_event(struct wire_stream *ws, struct wire_slice frame)
{
    struct wire_slice type, ext, obj = {NULL, 0};
    if (!proto_unwrap(&frame) || !proto_slice(frame.p, frame.len, 1, &type) ||
        !proto_slice(frame.p, frame.len, 2, &ext) || !proto_slice(ext.p, ext.len, 1, &obj) || !proto_unwrap(&obj))
        return fail(ws, ERR_PROTO, "a malformed watch event");
    return event(ws, type, obj);
}

static bool feed_proto_watch(struct wire_stream *ws, const char *p, const char *end)
{
    struct wire_slice s;
    while (p < end) {
        if (ws->state == W_LEN)
            ws->need = 4;
        int r = body(ws, &p, end, &s);
        if (r <= 0)
            return r == 0;
        if (ws->state == W_BODY) {
            ws->state = W_LEN;
            if (!proto_event(ws, s))
                return false;
            continue;
        }
        const unsigned char *b = (const unsigned char *)s.p;
        ws->need = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        if (ws->need > ws->max)
            return too_big(ws);
        if (ws->need)          /* an empty frame says nothing */
            ws->state = W_BODY;
    }
    return true;
}

/* ---- JSON ---- */

static const char *scalar_end(const char *p, const char *end)
{
    while (p < end && !strchr(",}] \n\t\r", *p))
        p++;
    return p < end ? p : NULL;
}

/* The JSON value that begins at *p, or goes on there. 1: *s holds it; 0: more bytes are needed; -1: error.
 * The bytes of values nobody wants are not kept. */
static int token(struct wire_stream *ws, const char **p, const char *end, bool wanted, struct wire_slice *s)
{
    fresh(ws);
    char c = ws->pend.len ? ws->pend.data[0] : **p;
    if (!ws->tok_open) {
        ws->scan = (struct json_scan){0};
        ws->tok_open = true;
        if (!wanted && !keep(ws, &c, 1))       /* remember what it is */
            return -1;
    }
    const char *q = c == '"'               ? json_scan_string(&ws->scan, *p, end)
                    : c == '{' || c == '[' ? json_scan(&ws->scan, *p, end)
                                           : scalar_end(*p, end);
    if (ws->scan.depth > JSON_DEPTH_MAX)
        return fail(ws, ERR_PROTO, "JSON nested too deep"), -1;
    const char *at = *p;
    size_t n = (size_t)((q ? q : end) - at);
    *p = q ? q : end;
    if (wanted && n > ws->max)
        return too_big(ws), -1;
    if (q && wanted && !ws->pend.len) {
        ws->tok_open = false;
        *s = (struct wire_slice){at, n};
        return 1;
    }
    if (wanted && !keep(ws, at, n))
        return -1;
    if (!q)
        return 0;
    ws->tok_open = false;
    *s = (struct wire_slice){ws->pend.data, ws->pend.len};
    ws->pend_used = true;
    return 1;
}

static bool is_text(struct wire_slice s, const char *t)
{
    return s.len == strlen(t) && !memcmp(s.p, t, s.len);
}

/* The punctuation of a list. false: error. */
static bool list_char(struct wire_stream *ws, char c)
{
    switch (ws->state) {
    case J_START:
        ws->state = J_KEY;
        ws->first = true;
        return c == '{' || fail(ws, ERR_PROTO, "this is not a JSON object");
    case J_COLON:
        ws->state = J_VALUE;
        return c == ':' || fail(ws, ERR_PROTO, "malformed JSON: expected a colon");
    case J_NEXT:
        ws->state = c == ',' ? J_KEY : J_END;
        ws->first = false;
        return c == ',' || c == '}' || fail(ws, ERR_PROTO, "malformed JSON: expected a comma");
    case J_ITEM_NEXT:
        ws->state = c == ',' ? J_ITEM : J_NEXT;
        ws->first = false;
        return c == ',' || c == ']' || fail(ws, ERR_PROTO, "malformed JSON: expected a comma between items");
    default:
        return fail(ws, ERR_PROTO, "something behind the end of the list");
    }
}

/* A value, key or item of a list; returns as token(). */
static int list_token(struct wire_stream *ws, const char **p, const char *end)
{
    struct wire_slice s;
    char c = **p;
    bool open = ws->tok_open;
    if (ws->state == J_KEY) {
        if (!open && c == '}' && ws->first)
            return (*p)++, ws->state = J_END, 1;
        if (!open && c != '"')
            return fail(ws, ERR_PROTO, "malformed JSON: expected a key"), -1;
        int r = token(ws, p, end, true, &s);
        if (r > 0) {
            ws->key = is_text(s, "\"items\"") ? KEY_ITEMS : is_text(s, "\"metadata\"") ? KEY_METADATA : KEY_OTHER;
            ws->state = J_COLON;
        }
        return r;
    }
    if (ws->state == J_ITEM) {
        if (!open && c == ']' && ws->first)
            return (*p)++, ws->state = J_NEXT, 1;
        if (!open && c != '{')
            return fail(ws, ERR_PROTO, "malformed JSON: an item is not an object"), -1;
        int r = token(ws, p, end, true, &s);
        if (r > 0)
            ws->state = J_ITEM_NEXT;
        return r > 0 && !object(ws, WIRE_ITEM, s) ? -1 : r;
    }
    if (!open && ws->key == KEY_ITEMS && c == '[') {
        ws->saw_list = ws->first = true;
        return (*p)++, ws->state = J_ITEM, 1;
    }
    if (!open && strchr(",:}]", c))
        return fail(ws, ERR_PROTO, "malformed JSON: expected a value"), -1;
    int r = token(ws, p, end, ws->key != KEY_OTHER, &s);
    if (r <= 0)
        return r;
    ws->state = J_NEXT;
    if (ws->key == KEY_ITEMS) {
        ws->saw_list = is_text(s, "null");
        return ws->saw_list ? 1 : (fail(ws, ERR_PROTO, "malformed JSON: items is not a list"), -1);
    }
    return ws->key == KEY_METADATA && !is_text(s, "null") && !list_meta(ws, s) ? -1 : 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool feed_json_list(struct wire_stream *ws, const char *p, const char *end)
{
    while (p < end) {
        if (!ws->tok_open && is_space(*p)) {
            p++;
            continue;
        }
        if (ws->state == J_KEY || ws->state == J_VALUE || ws->state == J_ITEM) {
            int r = list_token(ws, &p, end);
            if (r <= 0)
                return r == 0;
        } else if (!list_char(ws, *p++)) {
            return false;
        }
    }
    return true;
}

static bool json_event(struct wire_stream *ws, struct wire_slice doc)
{
    static const char *const keys[] = {"type", "object"};
    struct wire_slice v[2];
    if (!json_members(doc.p, doc.len, keys, v, 2) || v[0].len < 2 || v[0].p[0] != '"' || !v[1].p)
        return fail(ws, ERR_PROTO, "a malformed watch event");
    return event(ws, (struct wire_slice){v[0].p + 1, v[0].len - 2}, v[1]);
}

static bool feed_json_watch(struct wire_stream *ws, const char *p, const char *end)
{
    struct wire_slice s;
    while (p < end) {
        if (!ws->tok_open && is_space(*p)) {
            p++;
            continue;
        }
        if (!ws->tok_open && *p != '{')
            return fail(ws, ERR_PROTO, "a watch event is not a JSON object");
        int r = token(ws, &p, end, true, &s);
        if (r <= 0)
            return r == 0;
        if (!json_event(ws, s))
            return false;
    }
    return true;
}

/* ---- the outside ---- */

struct wire_stream *wire_stream_new(const struct wire_schema *sc, bool proto, bool watch, size_t max_object,
                                    const struct wire_stream_ops *ops, void *arg)
{
    struct wire_stream *ws = mem_zalloc(sizeof *ws);
    if (!ws)
        return NULL;
    ws->sc = sc;
    ws->ops = ops;
    ws->arg = arg;
    ws->proto = proto;
    ws->watch = watch;
    ws->max = max_object ? max_object : MAX_OBJECT_DEFAULT;
    ws->state = watch ? (proto ? W_LEN : E_EVENT) : (proto ? P_MAGIC : J_START);
    ws->remaining = -1;
    arena_init(&ws->arena, 0);
    str_init(&ws->pend, ws->max + 1);
    str_init(&ws->rv, 1024);
    str_init(&ws->cont, 64u << 10);
    str_init(&ws->message, 64u << 10);
    return ws;
}

void wire_stream_free(struct wire_stream *ws)
{
    if (!ws)
        return;
    arena_release(&ws->arena);
    str_release(&ws->pend);
    str_release(&ws->rv);
    str_release(&ws->cont);
    str_release(&ws->message);
    mem_free(ws);
}

static enum err_code result(const struct wire_stream *ws, struct err *err)
{
    if (err)
        *err = ws->err;
    return ws->err.code;
}

enum err_code wire_stream_feed(struct wire_stream *ws, const char *data, size_t len, struct err *err)
{
    if (ws->err.code != ERR_OK || !len)
        return result(ws, err);
    const char *end = data + len;
    if (ws->watch)
        (ws->proto ? feed_proto_watch : feed_json_watch)(ws, data, end);
    else
        (ws->proto ? feed_proto_list : feed_json_list)(ws, data, end);
    return result(ws, err);
}

enum err_code wire_stream_end(struct wire_stream *ws, struct err *err)
{
    if (ws->err.code != ERR_OK)
        return result(ws, err);
    fresh(ws);
    bool whole;
    if (ws->watch)
        whole = !ws->tok_open && !ws->pend.len && ws->state != W_BODY;
    else if (ws->proto)
        whole = ws->saw_list && ws->state == P_TAG && !ws->vshift && (!ws->in_list || !ws->left);
    else
        whole = ws->state == J_END;
    if (!whole)
        fail(ws, ERR_PROTO, ws->watch ? "the watch ended in the middle of an event" : "the list was cut short");
    else if (!ws->watch && !ws->saw_list)
        fail(ws, ERR_PROTO, "this is not a list");
    return result(ws, err);
}

const char *wire_stream_rv(const struct wire_stream *ws)
{
    return ws->rv.data;
}

const char *wire_stream_continue(const struct wire_stream *ws)
{
    return ws->cont.data;
}

int64_t wire_stream_remaining(const struct wire_stream *ws)
{
    return ws->remaining;
}

const char *wire_stream_message(const struct wire_stream *ws)
{
    return ws->message.data;
}
