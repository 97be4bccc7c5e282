/*
 * Purpose:   strata --demo: starts the demo cloud (strata-sim, a program of its own), points the options to the files it
 *            wrote, and ends it. Nothing else in strata knows that there is a demo.
 * Thread:    main.
 * Ownership: the caller owns struct demo; demo_end frees what is in it and ends the program.
 * Errors:    one sentence that says what to do.
 */
#ifndef STRATA_TUI_DEMO_H
#define STRATA_TUI_DEMO_H

#include <stdbool.h>
#include <sys/types.h>

#include "strata/options.h"

struct demo {
    pid_t pid;                             /* 0 = none runs */
    int in, out;                           /* its standard input, which ends it when closed, and its output; -1 = closed */
    char *dir;                             /* where its files are */
};

#define DEMO_INIT {.in = -1, .out = -1}

enum err_code demo_start(struct demo *d, struct options *opt, struct err *err);
bool demo_do(struct demo *d, const char *action);       /* "host-down compute-2 for 5m" (strata-sim(1)); its story says what came of it */
/* True once: it ended by itself since; why is one sentence. */
bool demo_died(struct demo *d, char *why, size_t size);
void demo_end(struct demo *d);

#endif
