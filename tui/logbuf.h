/*
 * Purpose:   log lines in bounded memory: the oldest go first, and how many went is kept.
 * Thread:    ui.
 * Ownership: logbuf_add moves the line's text in.
 */
#ifndef STRATA_TUI_LOGBUF_H
#define STRATA_TUI_LOGBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/core.h"

struct logbuf {
    struct log_line *ring;
    size_t cap, first, count;    /* cap is a power of two */
    size_t bytes, max_bytes;
    uint64_t dropped;            /* oldest lines given up for memory */
    uint64_t lost;               /* lines the core had to drop, said by it */
    char needle[128];            /* what is counted; "" = nothing */
    size_t matches;              /* lines that hold it */
};
void logbuf_init(struct logbuf *b, size_t max_bytes);
void logbuf_release(struct logbuf *b);
void logbuf_clear(struct logbuf *b);
/* How many lines hold the needle (any case): counted once, then kept as lines come and go. */
size_t logbuf_matches(struct logbuf *b, const char *needle);
bool logbuf_add(struct logbuf *b, struct log_line *line);      /* false: no memory, the line is counted as lost */
const struct log_line *logbuf_at(const struct logbuf *b, size_t i);   /* 0 = the oldest kept */

#endif
