/* The clocks. Frozen by tests, or the wall clock alone by STRATA_NOW. */
#include "strata/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "strata/text.h"

/* frozen values in use when the mode says so; atomics because every thread reads the time */
enum { CLOCK_UNASKED, CLOCK_REAL, CLOCK_WALL_FROZEN, CLOCK_FROZEN };
static atomic_int mode;
static atomic_llong frozen_mono, frozen_wall;

static int clock_mode(void)
{
    int m = atomic_load_explicit(&mode, memory_order_acquire);
    if (m != CLOCK_UNASKED)
        return m;
    const char *now = getenv("STRATA_NOW");
    int64_t ms;
    m = CLOCK_REAL;
    if (now && text_parse_time(now, strlen(now), &ms)) {
        atomic_store(&frozen_wall, ms);
        m = CLOCK_WALL_FROZEN;
    }
    atomic_store_explicit(&mode, m, memory_order_release);
    return m;
}

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
    return clock_mode() == CLOCK_FROZEN ? atomic_load(&frozen_mono) * 1000 : read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

int64_t clock_wall_ms(void)
{
    return clock_mode() >= CLOCK_WALL_FROZEN ? atomic_load(&frozen_wall) : read_us(CLOCK_REALTIME) / 1000;
}

void clock_freeze(int64_t mono_ms, int64_t wall_ms)
{
    if (mono_ms < 0) {
        atomic_store(&mode, CLOCK_UNASKED);
        return;
    }
    atomic_store(&frozen_mono, mono_ms);
    atomic_store(&frozen_wall, wall_ms);
    atomic_store(&mode, CLOCK_FROZEN);
}

void clock_advance(int64_t ms)
{
    atomic_fetch_add(&frozen_mono, ms);
    atomic_fetch_add(&frozen_wall, ms);
}
