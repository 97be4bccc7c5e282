/*
 * Purpose:   lines of the : prompt in several words, as batch mode takes them: "host drain", "load balancer list".
 * Thread:    ui.
 */
#ifndef STRATA_TUI_TWO_WORDS_H
#define STRATA_TUI_TWO_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The line in the words that the cockpit knows; false: it is no such line, or too long. */
bool two_words_fold(const char *line, char *out, size_t size);
/* What may stand behind the words of text, its last one unfinished. */
void two_words_next(const char *text, void (*offer)(void *arg, const char *word), void *arg);

#endif
