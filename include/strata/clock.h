/*
 * Purpose:   the clocks, injectable for tests.
 * Thread:    any. clock_freeze() only before threads start (tests).
 * Units:     milliseconds unless the name says otherwise; wall = since 1970-01-01 UTC.
 */
#ifndef STRATA_CLOCK_H
#define STRATA_CLOCK_H

#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void);

/* Tests: both clocks stand still at these values; clock_advance moves both. mono_ms < 0 thaws. */
void clock_freeze(int64_t mono_ms, int64_t wall_ms);
void clock_advance(int64_t ms);

/* STRATA_NOW=<RFC 3339> in the environment freezes the wall clock (screen tests, pictures). */

#endif
