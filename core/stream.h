/*
 * Purpose:   inside core: the two ends of a stream. The owner's calls come over to the net thread; what carries it out there
 *            (a `side`) gives bytes back.
 * Thread:    net thread, but for what is marked.
 * Ownership: counted; freed by the last.
 */
#ifndef STRATA_CORE_STREAM_H
#define STRATA_CORE_STREAM_H

#include "strata/stream.h"

struct stream_side {
    bool (*write)(void *impl, const char *data, size_t len);     /* false: no room now, stream_room() will be called */
    void (*close_in)(void *impl);
    void (*resize)(void *impl, int cols, int rows);
    void (*pause)(void *impl, bool paused);                      /* the reader cannot follow, or can again */
};
struct stream *stream_ref(struct stream *s);                     /* any thread */
void stream_unref(struct stream *s);                             /* any thread; NULL is fine */
void stream_bind(struct stream *s, const struct stream_side *side, void *impl);    /* what was written before is written now */
void stream_unbind(struct stream *s);
uint64_t stream_came(const struct stream *s);                    /* any thread: bytes from there */
uint64_t stream_went(const struct stream *s);                    /* any thread: bytes to there */
void stream_opened(struct stream *s, bool keys);        /* keys: what is typed here goes to a terminal there, ctrl-c, too */
void stream_room(struct stream *s);
void stream_bytes(struct stream *s, enum stream_part part, const char *data, size_t len);
void stream_event_freed(struct event *e);                        /* owner's thread */

/* ops/said.c: a command for the journal, one line, with what looks like a secret left out. */
bool command_said(struct str *out, const char *const *command);

#endif
