/*
 * Purpose:   what the files of the wire reader share: the bracket scanner of JSON and slices of both formats.
 * Thread:    any (no state besides the caller's).
 * Ownership: slices borrow the caller's bytes.
 * Errors:    false / NULL as told at each function.
 */
#ifndef STRATA_WIRE_PRIV_H
#define STRATA_WIRE_PRIV_H

#include "strata/wire.h"

struct wire_slice {
    const char *p;
    size_t len;
};

/* Where a scan over JSON stands; all zero at the start of a value. Survives chunk borders. */
struct json_scan {
    int depth;                /* open brackets */
    bool str, esc;            /* inside a string; the next byte is escaped */
};
#define JSON_DEPTH_MAX 1000

/* From an opening bracket (or wherever the scan stands) to just behind the bracket that closes it. NULL: not within
 * these bytes (the state says how far), or nested deeper than JSON_DEPTH_MAX (depth says so). Looks at strings and
 * brackets only. */
const char *json_scan(struct json_scan *st, const char *p, const char *end);
/* The same for a string, from its opening quote. */
const char *json_scan_string(struct json_scan *st, const char *p, const char *end);

/* Values of the given keys of one object, as slices; p NULL = absent. false: not an object, or malformed. */
bool json_members(const char *data, size_t len, const char *const *keys, struct wire_slice *out, size_t n);

/* The last length-delimited field of this number; p NULL = absent. false: malformed. */
bool proto_slice(const char *data, size_t len, unsigned field, struct wire_slice *out);
/* Strips "k8s\0" + runtime.Unknown where there is one. false: malformed. */
bool proto_unwrap(struct wire_slice *s);
/* Base-128 number at p: the byte behind it, or NULL (cut, or longer than 10 bytes). */
const char *proto_varint(const char *p, const char *end, uint64_t *v);

/* Turns the lists of repeated fields round: they are built back to front. */
void wire_reverse_lists(struct wire_obj *o);
struct wire_obj *wire_obj_new(const struct wire_schema *sc, struct arena *a);
/* A new value of field i: in front of the list, or alone when the field is not repeated. */
struct wire_val *wire_val_new(struct wire_obj *o, size_t i, struct arena *a);
/* Copies text, with NUL behind; NUL bytes within become U+FFFD so that no reader takes the head for the whole. */
bool wire_set_text(struct wire_val *v, const char *s, size_t len, struct arena *a);
enum err_code wire_no_memory(struct err *err);

#endif
