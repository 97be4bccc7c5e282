/*
 * Purpose:   the parts of the man pages that are tables of the program: options, configuration, keys, commands, kinds.
 * Thread:    main.
 */
#ifndef STRATA_TUI_MANUAL_H
#define STRATA_TUI_MANUAL_H

/* Copies a page from stdin to stdout; lines @OPTIONS@, @CONFIG@, @KEYS@, @COMMANDS@, @KINDS@, @THEMES@, @VERSION@ are
 * replaced by what the tables say. 0 or an exit status. */
int manual_main(void);

#endif
