/* Samples between a probe's thread and its readers, and the clocks they are written with. */
#include <string.h>
#include <time.h>

#include "core/stage/probe.h"
#include "strata/clock.h"
#include "strata/mem.h"

static int64_t clock_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void wall_anchor_take(struct wall_anchor *a)
{
    int64_t before = clock_mono_us();
    a->wall_us = clock_us(CLOCK_REALTIME);
    a->mono_us = before + (clock_mono_us() - before) / 2;
}

int64_t wall_of(const struct wall_anchor *a, int64_t mono_us)
{
    return a->wall_us + mono_us - a->mono_us;
}

int64_t boot_minus_mono_us(void)
{
    return clock_us(CLOCK_BOOTTIME) - clock_us(CLOCK_MONOTONIC);
}

bool samples_init(struct samples *s)
{
    *s = (struct samples){.n = 0};
    return !pthread_mutex_init(&s->lock, NULL);
}

void samples_release(struct samples *s)
{
    pthread_mutex_destroy(&s->lock);
    mem_free(s->v);
}

size_t samples_add(struct samples *s, const struct stage_sample *x)
{
    pthread_mutex_lock(&s->lock);
    size_t number = s->base + s->n;
    if (mem_grow(&s->v, &s->cap, s->n + 1, sizeof *s->v))
        s->v[s->n++] = *x;
    else
        s->starved = true;
    pthread_mutex_unlock(&s->lock);
    return number;
}

void samples_set(struct samples *s, size_t number, const struct stage_sample *x)
{
    pthread_mutex_lock(&s->lock);
    if (number >= s->base && number - s->base < s->n)
        s->v[number - s->base] = *x;
    pthread_mutex_unlock(&s->lock);
}

struct stage_sample samples_get(struct samples *s, size_t number)
{
    struct stage_sample x = {.class = STAGE_NOT_SENT};
    pthread_mutex_lock(&s->lock);
    if (number >= s->base && number - s->base < s->n)
        x = s->v[number - s->base];
    pthread_mutex_unlock(&s->lock);
    return x;
}

size_t samples_copy(struct samples *s, struct arena *a, const struct stage_sample **out)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->n;
    struct stage_sample *to = arena_alloc(a, (n + 1) * sizeof *to);
    if (to && n)
        memcpy(to, s->v, n * sizeof *to);
    pthread_mutex_unlock(&s->lock);
    *out = to;
    return to ? n : 0;
}

int64_t samples_last_ok(struct samples *s)
{
    int64_t last = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = s->n; i-- > 0 && !last;)
        if (s->v[i].class == STAGE_OK)
            last = s->v[i].done_us;
    pthread_mutex_unlock(&s->lock);
    return last;
}

void samples_trim(struct samples *s, size_t keep)
{
    pthread_mutex_lock(&s->lock);
    if (s->n > keep) {
        size_t drop = s->n - keep;
        memmove(s->v, s->v + drop, keep * sizeof *s->v);
        s->n = keep;
        s->base += drop;
    }
    pthread_mutex_unlock(&s->lock);
}
