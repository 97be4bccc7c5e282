/*
 * Purpose:   a stream (strata/stream.h) joined to this terminal: keys go there, its bytes come here, sizes follow. The terminal
 *            is given back as it was, however this ends.
 * Thread:    ui (main); it polls and handles signals itself while it runs.
 * Ownership: the stream stays the caller's.
 * Errors:    in passage.err; exit_code -1 when the command's is not known.
 */
#ifndef STRATA_TUI_PASSAGE_H
#define STRATA_TUI_PASSAGE_H

#include "strata/stream.h"

struct passage {
    struct core *core;
    struct stream *stream;
    const char *hello;                           /* said when it is open; NULL: nothing */
    bool in, tty;                                /* tty: keys are given on one by one */
    bool stays;                                  /* ctrl-c ends the stream, not strata */
    void (*other)(void *arg, struct event *e);   /* events of others; frees them. NULL: dropped */
    void *arg;
    /* results */
    struct err err;
    int exit_code;
    bool opened, left;                           /* left: by ctrl-c; what runs there runs on */
};
void passage_run(struct passage *p);
bool passage_size(int *cols, int *rows);         /* of the terminal that is ours; false: there is none */

#endif
