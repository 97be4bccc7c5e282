/*
 * Purpose:   a case: its private home, environment, variables, programs; and the steps a case file may use.
 * Thread:    one; every case runs in a process of its own.
 * Ownership: the case's process ends with it; script_end kills what was started.
 * Errors:    die(): prints the step and the screen, the case has failed.
 * Units:     ms.
 */
#ifndef STRATA_TEST_SCRIPT_H
#define STRATA_TEST_SCRIPT_H

#include <stdio.h>

#include "tests/screen/tty.h"

#define ENV_MAX 200
#define SIM_MAX 4

struct script {
    const char *path, *strata, *sim;            /* the case file; the programs */
    const char *line;                           /* the step that runs */
    int line_no;
    FILE *f;
    char home[128];
    char *env[ENV_MAX];                         /* NAME=VALUE, also the case's variables */
    int nenv;
    pid_t sims[SIM_MAX];
    int nsims;
    struct tty tty;
    int w, h, pane;
    char background[16];
    int64_t deadline_ms, esc_ms;
};

struct step { const char *name; void (*run)(struct script *s, char *args); };
extern const struct step look_steps[];          /* what the screen must show */

void script_set(struct script *s, const char *name, const char *value);
int64_t script_until(const struct script *s);
/* Plays one case; returns 0, or does not return: die(). */
int script_play(const char *path, const char *strata, const char *sim);

#endif
