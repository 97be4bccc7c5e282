/*
 * Purpose:   a text with holes: made from one text and the words in it that differ from copy to copy.
 * Thread:    any.
 * Ownership: the stencil holds a copy of its text; what is filled in is borrowed, the result is the caller's.
 * Errors:    none.
 * Units:     bytes.
 */
#ifndef STRATA_SIM_STENCIL_H
#define STRATA_SIM_STENCIL_H

#include <stddef.h>

enum { STENCIL_WORDS = 12 };
struct stencil {
    char *text;
    struct { size_t from, len; int word; } *piece;             /* literal text, then the word (-1: none) */
    size_t n, cap;
};
/* words: NULL or "" = not used; where several fit, the longest does. */
void stencil_init(struct stencil *t, const char *text, const char *const words[STENCIL_WORDS]);
char *stencil_fill(const struct stencil *t, const char *const words[STENCIL_WORDS], size_t *len);
void stencil_release(struct stencil *t);

#endif
