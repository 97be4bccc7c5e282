/*
 * Purpose:   bytes of a container's log (with the server's timestamps) into clean, bounded lines; what was already
 *            seen is recognised when a stream is resumed.
 * Thread:    net thread (no shared state).
 * Ownership: emit gets borrowed text.
 * Errors:    none: odd bytes become replacement characters; out of memory counts lines in `lost`.
 * Units:     ns since 1970 for stamps.
 */
#ifndef STRATA_LOGLINES_H
#define STRATA_LOGLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/str.h"

enum { LOGLINES_PIECE = 262144 };        /* longer lines come in pieces, each marked with an ellipsis at the cut */
#define LOGLINES_NO_TIME INT64_MIN

struct loglines {
    void (*emit)(void *arg, int64_t time_ns, const char *text, size_t len);
    void *arg;
    struct str raw, clean;
    int64_t time_ns;                    /* of the line being read */
    bool as_sent, keep_stamp;           /* set by the caller: bytes as they came; with the server's stamp in front */
    bool more;                          /* as_sent, for emit: the end of the line did not come yet */
    bool in_line, continued, drop;      /* a piece was emitted already / the line was seen before */
    int64_t last_ns;                    /* newest line emitted, LOGLINES_NO_TIME before the first */
    uint64_t last_count;                /* how many lines had this very stamp */
    int64_t skip_ns;                    /* while resuming: lines up to here are known */
    uint64_t skip_count;
    bool skipping;
    unsigned pieces, skip_pieces;       /* of a line that was cut off: how many pieces went out */
    int64_t cut_ns;
    uint64_t lost;
};

void loglines_init(struct loglines *ll, void (*emit)(void *, int64_t, const char *, size_t), void *arg);
void loglines_feed(struct loglines *ll, const char *data, size_t len);
/* The stream came to its end: a last line without newline is a line. Not after a lost connection: there the line
 * comes again after loglines_resume. */
void loglines_end(struct loglines *ll);
void loglines_resume(struct loglines *ll);    /* the next bytes are a new stream that starts at or before last_ns */
void loglines_release(struct loglines *ll);

/* RFC 3339 with up to nine digits of fraction; false when it is none. */
bool loglines_stamp(const char *s, size_t len, int64_t *ns);

#endif
