/*
 * Purpose:   lines of clean text for reading: an index of lines, search that keeps the other lines, drawing with wrap.
 * Thread:    ui.
 * Ownership: textbuf_set moves the text in.
 * Errors:    false when memory is out: the buffer is then empty.
 */
#ifndef STRATA_TUI_TEXTBUF_H
#define STRATA_TUI_TEXTBUF_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"

struct textbuf {
    char *text;
    size_t len;
    size_t *line;            /* start of each line; line[nlines] = len + 1 */
    size_t nlines, cap_lines;
};
bool textbuf_set(struct textbuf *t, char *text, size_t len);
void textbuf_release(struct textbuf *t);
const char *textbuf_line(const struct textbuf *t, size_t i, size_t *len);

/* How one line is coloured: called for each piece drawn; style of the byte range [from, to). */
struct text_span { size_t from, to; uint16_t style; };
/* Longer lines: one row from column `left` on; on in the next row at any place; or between words, and under the column that broke. */
enum text_wrap { TEXT_CUT, TEXT_FILL, TEXT_WORDS };
/* Draws one line at r.x, y in rows of width r.w. Marks every match of needle. Returns the rows used (at least 1). style: of what no
 * span covers. */
int text_draw_line(struct canvas *c, struct rect r, int y, const char *s, size_t len, uint16_t style, const struct text_span *spans,
                   size_t nspans, const char *needle, enum text_wrap wrap, int left);
/* A sentence in r, broken between words, the last line with an ellipsis when there is more. Returns the rows used. */
int text_words_rows(const char *s, size_t len, int w);               /* lines that text_draw_words needs, at least 1 */
int text_draw_words(struct canvas *c, struct rect r, uint16_t style, const char *s, int max_lines);
int text_line_rows(const char *s, size_t len, int w, enum text_wrap wrap);
/* The first line to show when the last one is to stand at the bottom. */
size_t textbuf_last_top(const struct textbuf *t, int w, int h, enum text_wrap wrap);
/* Next line (after or before `from`) that holds needle, round the end; SIZE_MAX if none. */
size_t textbuf_search(const struct textbuf *t, const char *needle, size_t from, bool back);

#endif
