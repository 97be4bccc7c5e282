/*
 * Purpose:   sentences of operations, which name options as the command line does, in the words of the cockpit: "use option force",
 *            ":drain n1 ignore-maintenance".
 * Thread:    any (pure).
 */
#ifndef STRATA_TUI_OP_WORDS_H
#define STRATA_TUI_OP_WORDS_H

#include "strata/str.h"

void op_words(const char *text, size_t len, struct str *out);
void op_words_in(char *buf, size_t size);              /* in its place; what does not fit is cut */

#endif
