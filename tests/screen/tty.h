/*
 * Purpose:   a program on a real pseudo-terminal, with libvterm as the terminal that a person would sit at.
 * Thread:    one.
 * Ownership: tty_free kills what was started and frees everything.
 * Errors:    die(): the case has failed, with a sentence.
 * Units:     ms; cells count from 0, negative rows from the bottom.
 */
#ifndef STRATA_TEST_TTY_H
#define STRATA_TEST_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

struct tty {
    int fd, keep, w, h;                 /* keep: our own handle of the terminal side: reads termios after the end */
    pid_t pid;
    bool ended, altscreen, cursor;
    int status, mouse, bells;
    VTerm *vt;
    VTermScreen *screen;
    struct termios before;
    char *raw;                          /* every byte the program wrote */
    size_t raw_len, raw_cap, answered;
    char background[16];                /* "rrggbb": what the terminal answers when asked; "" = stays silent */
};

int64_t now_ms(void);
void tty_start(struct tty *t, int w, int h, char *const argv[], char *const env[], const char *dir);
bool tty_pump(struct tty *t, int wait_ms);      /* takes what comes within wait_ms; false: nothing came */
void tty_send(struct tty *t, const char *bytes, size_t n);
void tty_resize(struct tty *t, int w, int h);
bool tty_wait_end(struct tty *t, int64_t until);
void tty_free(struct tty *t);

/* Text of the cells [x0, x1) of a row as UTF-8, blanks at the end left out; returns its length. */
size_t tty_text(const struct tty *t, int row, int x0, int x1, char *buf, size_t size);
int tty_column(const struct tty *t, int row, int x0, size_t byte);      /* the cell where byte `byte` of tty_text begins */
VTermScreenCell tty_cell(const struct tty *t, int row, int x);
bool tty_same_ground(const VTermScreenCell *a, const VTermScreenCell *b);   /* background and reverse alike */
bool tty_is_border(const VTermScreenCell *c);   /* an upright line */
/* The n-th pane (from 1) from left: its inner columns, from the corners of its upper border. */
bool tty_pane(const struct tty *t, int n, int *x0, int *x1);
/* What is not as it was before the start: a sentence, or NULL. */
const char *tty_not_restored(const struct tty *t);
bool tty_raw_has(const struct tty *t, const char *bytes);

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
