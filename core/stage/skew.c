/* Clock offsets without trusting any clock: intervals from exchanges, intersected. */
#include "core/stage/numbers.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool http_date(const char *s, int64_t *ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm = {0};
    char month[4] = "", zone[4] = "";
    int day, year, h, m, sec;
    if (sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d %3[A-Z]", &day, month, &year, &h, &m, &sec, zone) != 7 || strcmp(zone, "GMT"))
        return false;
    const char *at = strlen(month) == 3 ? strstr(months, month) : NULL;
    if (!at || (at - months) % 3 || day < 1 || day > 31 || year < 1970 || h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
        return false;
    tm.tm_mday = day;
    tm.tm_mon = (int)(at - months) / 3;
    tm.tm_year = year - 1900;
    tm.tm_hour = h;
    tm.tm_min = m;
    tm.tm_sec = sec;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

void theta_date(int64_t date_ms, int64_t sent_wall_us, int64_t got_wall_us, int64_t *lo_ms, int64_t *hi_ms)
{
    *lo_ms = floor_div(date_ms * 1000 - got_wall_us, 1000);
    *hi_ms = -floor_div(-((date_ms + 1000) * 1000 - sent_wall_us), 1000);
}

void theta_add(struct theta *t, int64_t lo_ms, int64_t hi_ms)
{
    if (lo_ms > hi_ms)
        return;
    if (t->known && lo_ms <= t->hi_ms && hi_ms >= t->lo_ms) {
        t->lo_ms = lo_ms > t->lo_ms ? lo_ms : t->lo_ms;
        t->hi_ms = hi_ms < t->hi_ms ? hi_ms : t->hi_ms;
        return;
    }
    t->steps += t->known;              /* no offset explains both: a clock was set */
    t->known = true;
    t->lo_ms = lo_ms;
    t->hi_ms = hi_ms;
}

/* The one that says least goes first: neither the best bound of one side nor of the other, so that more leases never say less. */
static size_t least(const struct node_theta *t)
{
    size_t lo = 0, hi = 0, i = 0;
    for (size_t k = 1; k < t->n; k++) {
        lo = t->lo_ms[k] >= t->lo_ms[lo] ? k : lo;
        hi = t->api_ms[k] != CELL_NONE && (t->api_ms[hi] == CELL_NONE || t->api_ms[k] <= t->api_ms[hi]) ? k : hi;
    }
    while (i == lo || i == hi)
        i++;
    return i;
}

void node_theta_add(struct node_theta *t, int64_t renew_us, int64_t arrived_wall_us, int64_t written_ms)
{
    if (t->n == NODE_LEASES) {
        size_t i = least(t), rest = --t->n - i;
        memmove(&t->lo_ms[i], &t->lo_ms[i + 1], rest * sizeof *t->lo_ms);
        memmove(&t->api_ms[i], &t->api_ms[i + 1], rest * sizeof *t->api_ms);
    }
    t->lo_ms[t->n] = floor_div(renew_us - arrived_wall_us, 1000);
    t->api_ms[t->n++] = written_ms == CELL_NONE ? CELL_NONE : floor_div(renew_us, 1000) - written_ms;
}

/* From the newest lease back, until one contradicts what the newer ones say: a clock was set in between. */
bool node_theta_bounds(const struct node_theta *t, const struct theta *api, int64_t *lo_ms, int64_t *hi_ms)
{
    *lo_ms = INT64_MIN;
    *hi_ms = INT64_MAX;
    for (size_t i = 0; i < t->n; i++) {
        size_t k = t->n - 1 - i;
        int64_t lo = t->lo_ms[k], hi = INT64_MAX;
        /* renewed at most a second before it was written (a kubelet renews and sends at once) */
        if (api->known && t->api_ms[k] != CELL_NONE)
            hi = t->api_ms[k] + api->hi_ms + 1000;
        if (hi < lo)
            hi = INT64_MAX;            /* the second was not enough: only the lower bound holds */
        if (lo > *hi_ms || hi < *lo_ms)
            break;
        *lo_ms = lo > *lo_ms ? lo : *lo_ms;
        *hi_ms = hi < *hi_ms ? hi : *hi_ms;
    }
    return t->n > 0;
}
