/*
 * Purpose:   the terminal: raw mode, sizes, colours, keys in, changed cells out, and given back as it was whatever ends us.
 * Thread:    ui. One terminal at a time.
 * Ownership: term_close restores and frees; so do exit, fatal signals, SIGHUP and SIGTERM.
 * Errors:    ERR_IO / ERR_USAGE with a sentence (no tty, TERM unset or unknown).
 */
#ifndef STRATA_TUI_TERM_H
#define STRATA_TUI_TERM_H

#include <stdbool.h>

#include "strata/err.h"
#include "tui/canvas.h"
#include "tui/key.h"
#include "tui/theme.h"

struct term;
struct term_options { bool ascii, mouse; };

struct term *term_open(const struct term_options *opt, struct err *err);
void term_close(struct term *t);
void term_size(const struct term *t, int *w, int *h);
enum term_depth term_depth(const struct term *t);
bool term_ascii(const struct term *t);                 /* --ascii, or the locale is not UTF-8 */
void term_set_theme(struct term *t, const struct theme *theme);
/* Paints the cells that changed since the last flush; cursor shown at x,y, hidden when x < 0. */
void term_flush(struct term *t, const struct canvas *c, int cursor_x, int cursor_y);
void term_redraw(struct term *t);                      /* the next flush paints everything */

int term_fd(const struct term *t);                     /* poll for keys */
int term_signal_fd(const struct term *t);              /* poll for signals */
/* Reads what the terminal sent; false when it hung up. Then term_next until false. wait_ms: how long poll may sleep
 * before term_next(final) must be called to settle a lone ESC; -1 = nothing pending. */
bool term_read(struct term *t);
bool term_next(struct term *t, bool final, struct input *in);
int term_pending_ms(const struct term *t);

enum term_signal { TERM_SIG_NONE, TERM_SIG_RESIZE, TERM_SIG_QUIT, TERM_SIG_STOP, TERM_SIG_CONT };
enum term_signal term_signal(struct term *t);          /* the next one that came in; the size is already updated */
void term_suspend(struct term *t);                     /* restore, stop, come back and repaint */
void term_leave(struct term *t);                       /* restore for a child program ... */
void term_enter(struct term *t);                       /* ... and back */
bool term_left(const struct term *t);                  /* a child has it */
void term_copy(struct term *t, const char *text, size_t len);   /* clipboard by OSC 52 */
void term_title(struct term *t, const char *clean);

#endif
