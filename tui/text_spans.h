/*
 * Purpose:   colours of the lines of text views: describe, YAML, checks and messages, links.
 * Thread:    any (pure).
 * Ownership: s is a line of len bytes; sp has room for 4; how many were filled.
 */
#ifndef STRATA_TUI_TEXT_SPANS_H
#define STRATA_TUI_TEXT_SPANS_H

#include "tui/textbuf.h"

size_t spans_describe(const char *s, size_t len, struct text_span *sp);
size_t spans_words(const char *s, size_t len, struct text_span *sp);      /* doctor, messages: how it went comes first */
size_t spans_yaml(const char *s, size_t len, struct text_span *sp);
size_t spans_links(const char *s, size_t len, struct text_span *sp);

#endif
