/*
 * Purpose:   the bytes that a terminal sends, kept until they are whole keys.
 * Thread:    ui.
 * Ownership: part of its owner; zeroed is empty, nothing to free.
 */
#ifndef STRATA_TUI_TERM_INPUT_H
#define STRATA_TUI_TERM_INPUT_H

#include "tui/key.h"

#define TERM_INPUT_CAP 65536

struct term_input {
    struct key_seq seqs[64];
    size_t nseqs;
    char bytes[TERM_INPUT_CAP];
    size_t len, at;
};

/* What this terminal sends for a key, where it begins with ESC; others, and more than there is room for, are left out. */
void term_input_seq(struct term_input *in, const char *seq, uint32_t key);
bool term_input_read(struct term_input *in, int fd);                               /* as term_read, term_next, term_pending_ms of term.h */
bool term_input_next(struct term_input *in, bool final, struct input *out);
int term_input_pending_ms(const struct term_input *in);

#endif
