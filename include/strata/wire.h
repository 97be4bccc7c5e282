/*
 * Purpose:   table-driven reader of Kubernetes objects: one description of the wanted fields reads JSON and
 *            protobuf; all else is skipped over without being built.
 * Thread:    any; one reader belongs to one thread at a time.
 * Ownership: wire_obj trees live in the caller's arena, until arena_reset.
 * Errors:    ERR_PARSE with what and where; ERR_TOOBIG; ERR_NOMEM. Hostile bytes never crash it (fuzzed).
 * Source:    field numbers: generated.proto of k8s.io/api and k8s.io/apimachinery; envelope "k8s\0" + runtime.Unknown
 *            (apimachinery runtime/serializer/protobuf); watch framing: 4-byte big-endian length (protobuf),
 *            one JSON document a line (JSON).
 */
#ifndef STRATA_WIRE_H
#define STRATA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/str.h"

enum wire_type {
    WIRE_STR,       /* string; also bytes */
    WIRE_INT,       /* int32/int64 varint; JSON number */
    WIRE_BOOL,
    WIRE_TIME,      /* metav1.Time / MicroTime {seconds=1, nanos=2}; JSON RFC 3339 -> n = ms since 1970 */
    WIRE_QUANTITY,  /* resource.Quantity {string=1}; JSON string or number -> n = thousandths */
    WIRE_INTSTR,    /* intstr {type=1,intVal=2,strVal=3}; -> s/len as text */
    WIRE_MSG,       /* nested, see .msg */
    WIRE_MAP,       /* map<string,string> (or string->Quantity with WIRE_MAP and msg = wire_quantity_map) -> list of key/s */
};

struct wire_schema;
struct wire_field {
    const char *json;                /* "metadata" */
    uint16_t proto;                  /* field number */
    uint8_t type;                    /* enum wire_type */
    uint8_t repeated;                /* 1: wire_val.next chains the elements */
    const struct wire_schema *msg;
};
struct wire_schema {
    const struct wire_field *fields;
    uint16_t n;
};

struct wire_obj;
struct wire_val {
    struct wire_val *next;           /* repeated, map: next element, in order */
    const char *key;                 /* map */
    const char *s;                   /* STR, INTSTR, map value: NUL-terminated, raw (not sanitised); else NULL */
    uint32_t len;
    int64_t n;                       /* INT, BOOL, TIME, QUANTITY */
    const struct wire_obj *obj;      /* MSG */
};
struct wire_obj {
    const struct wire_schema *schema;
    struct wire_val *v[];            /* by index in schema->fields; NULL = absent */
};
extern const struct wire_schema wire_quantity_map;   /* marker, see WIRE_MAP */

/* Reading helpers: NULL-safe. Path of field indexes ends with -1. */
const struct wire_val *wire_at(const struct wire_obj *o, ...);
const char *wire_str(const struct wire_obj *o, int field);              /* NULL if absent */
int64_t wire_num(const struct wire_obj *o, int field, int64_t dflt);
const struct wire_obj *wire_sub(const struct wire_obj *o, int field);   /* first */
const struct wire_val *wire_list(const struct wire_obj *o, int field);  /* first element, or NULL */

enum err_code wire_json(const struct wire_schema *sc, const char *data, size_t len, struct arena *a,
                        const struct wire_obj **out, struct err *err);
enum err_code wire_proto(const struct wire_schema *sc, const char *data, size_t len, struct arena *a,
                         const struct wire_obj **out, struct err *err);

/* ---- streams: a list or a watch in chunks as they arrive ---- */
enum wire_event { WIRE_ITEM /* of a list */, WIRE_ADDED, WIRE_MODIFIED, WIRE_DELETED, WIRE_BOOKMARK, WIRE_ERROR };
struct wire_stream;
struct wire_stream_ops {
    /* One object. raw: its own bytes (JSON text or protobuf), valid during the call. For WIRE_ERROR, *o is NULL and
     * raw is the Status; status_code its .code. false stops the stream (ERR_CANCELED). */
    bool (*object)(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int status_code);
};
/* proto: protobuf or JSON; watch: frames or one list document. max_object 0 = 16 MiB. */
struct wire_stream *wire_stream_new(const struct wire_schema *sc, bool proto, bool watch, size_t max_object,
                                    const struct wire_stream_ops *ops, void *arg);
enum err_code wire_stream_feed(struct wire_stream *ws, const char *data, size_t len, struct err *err);
/* At the end of a list: ERR_PROTO when it was cut. resourceVersion/continue/remaining of the list (borrowed). */
enum err_code wire_stream_end(struct wire_stream *ws, struct err *err);
const char *wire_stream_rv(const struct wire_stream *ws);
const char *wire_stream_continue(const struct wire_stream *ws);
int64_t wire_stream_remaining(const struct wire_stream *ws);           /* objects behind this page, -1 unknown */
const char *wire_stream_message(const struct wire_stream *ws);         /* of the last ERROR event, clean; "" = none */
void wire_stream_free(struct wire_stream *ws);

#endif
