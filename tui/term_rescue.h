/*
 * Purpose:   signals as bytes in a pipe, and the terminal as it was found, given back by exit and by fatal signals.
 * Thread:    ui; its handlers run anywhere and are async-signal-safe.
 * Ownership: one for the process; what is installed is uninstalled by who did it. The pipe stays.
 * Errors:    ERR_IO: no pipe.
 */
#ifndef STRATA_TUI_TERM_RESCUE_H
#define STRATA_TUI_TERM_RESCUE_H

#include <stdbool.h>

#include "strata/err.h"
#include "tui/term.h"

enum err_code rescue_install(struct err *err);
void rescue_uninstall(void);
void rescue_keep(int fd);                      /* its modes as they are now are the ones to give back */
void rescue_clear(void);                       /* the bytes that give the screen back: none, then one by one */
void rescue_add(const char *s);
void rescue_arm(bool on);                      /* from now on it is given back whatever ends us */
void rescue_modes(bool drain);                 /* gives back the modes; drain: once all that was written is out */
int rescue_signal_fd(void);                    /* poll for signals */
enum term_signal rescue_signal(void);          /* the next one; TERM_SIG_NONE: no more */

#endif
