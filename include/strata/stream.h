/*
 * Purpose:   a shell or another command in a container, or its own terminal: bytes both ways while it lasts. Guarded and
 *            written down like every change. Nothing is sent twice: a stream that breaks is over, and says so.
 * Thread:    the owner of the core (ui). Nothing blocks.
 * Ownership: core_stream_open gives a stream to the caller: core_stream_free, before core_free. Its events: event_free.
 * Errors:    every stream ends with one EV_DONE of its id: err, text (one clean sentence) and exit_code.
 */
#ifndef STRATA_STREAM_H
#define STRATA_STREAM_H

#include "strata/core.h"

struct stream;
/* UPLOAD, DOWNLOAD: commands of a copy, with verbs of their own for guard and journal. A download changes nothing: its command
 * is made from `path` and may run where strata is read-only. */
enum stream_kind { STREAM_EXEC, STREAM_ATTACH, STREAM_UPLOAD, STREAM_DOWNLOAD };

struct stream_request {
    enum stream_kind kind;
    const struct row *row;              /* a pod; its uid is checked before anything is opened */
    const char *container;              /* NULL = the default one */
    const char *const *command;         /* STREAM_EXEC, STREAM_UPLOAD: NULL-terminated */
    const char *dir, *path;             /* STREAM_DOWNLOAD: what is packed, a name in a folder */
    const char *note;                   /* STREAM_UPLOAD, STREAM_DOWNLOAD: of what file here, for the journal */
    bool in, tty;
    int cols, rows;                     /* of the terminal; 0 unknown */
    const char *typed;                  /* as in struct action_request */
};
/* NULL: out of memory. A refusal of the guard comes as EV_DONE, too. */
struct stream *core_stream_open(struct core *c, const struct stream_request *rq);
const char *core_stream_verb(enum stream_kind kind);    /* as in struct action_request, for core_wanted */
/* EV_DONE, err.detail of ERR_SERVER: the exit status that a runtime tells in words alone, 0 none; of ours: there is no such program. */
enum { STREAM_NO_PROGRAM = 127 };
uint32_t core_stream_id(const struct stream *s);
/* Takes as much as there is room for and returns that; less than len: EV_STREAM STREAM_ROOM comes when there is again. */
size_t core_stream_write(struct stream *s, const void *data, size_t len);
void core_stream_close_in(struct stream *s);            /* no more will be written */
void core_stream_resize(struct stream *s, int cols, int rows);
void core_stream_free(struct stream *s);                /* ends it if it runs; its EV_DONE still comes */

/* EV_STREAM: event.stream_part says what, event.text/len are its bytes as they came: not for a screen of ours. A reader
 * that does not free its events makes the server wait. */
/* STREAM_OPEN_PLAIN: open, and its end is not asked by keys there: it has no terminal, or takes no input. */
enum stream_part { STREAM_OPEN, STREAM_OPEN_PLAIN, STREAM_OUT, STREAM_ERR, STREAM_ROOM };

#endif
