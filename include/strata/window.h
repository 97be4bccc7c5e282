/*
 * Purpose:   maintenance windows: "mon-fri 22:00-05:00 Europe/Berlin", the times at which changes are allowed.
 * Thread:    window_parse: main, before other threads (it asks the C library for the zone). window_open: any.
 * Ownership: plain values.
 * Errors:    a sentence in *why.
 * Units:     ms since 1970; minutes of a day.
 */
#ifndef STRATA_WINDOW_H
#define STRATA_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_TURNS 8

struct window {
    unsigned days;                        /* bit 0 = Sunday; the day it begins */
    int from_min, to_min;                 /* to <= from: it ends on the day after */
    char zone[64];
    int turns;                            /* changes of the zone's offset, for a year to come */
    int64_t turn_ms[WINDOW_TURNS];
    int offset_s[WINDOW_TURNS + 1];       /* before the first, after the first, ... */
    char text[96];                        /* as it was written */
};

/* "DAYS FROM-TO [ZONE]": days mon, mon-fri, sat,sun, daily; times 22:00-05:00, 00:00-24:00; zone: UTC if none. */
bool window_parse(struct window *w, const char *text, int64_t now_ms, const char **why);
/* Is it open? until_ms: when that changes. */
bool window_open(const struct window *w, int64_t now_ms, int64_t *until_ms);

#endif
