/*
 * Purpose:   one line of text being typed: cursor by grapheme, the usual keys.
 * Thread:    ui.
 * Ownership: plain value.
 * Errors:    what does not fit is not taken.
 */
#ifndef STRATA_TUI_LINEEDIT_H
#define STRATA_TUI_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lineedit { char text[512]; size_t len, cursor; };

void lineedit_set(struct lineedit *e, const char *clean);
bool lineedit_insert(struct lineedit *e, const char *clean, size_t len);
/* true when the key was used (the text or the cursor changed, or it would have at the edge). */
bool lineedit_key(struct lineedit *e, uint32_t key);

#endif
