/* Maintenance windows: read, and asked whether they are open. */
#include "strata/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "strata/mem.h"

#define DAY_MS INT64_C(86400000)

/* ---- zones ---- */

static bool zone_known(const char *zone)
{
    const char *dir = getenv("TZDIR");
    char path[256];
    if (!strcmp(zone, "UTC"))
        return true;
    if (strstr(zone, "..") || *zone == '/')
        return false;
    snprintf(path, sizeof(path), "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", zone);
    return !access(path, R_OK);
}

static int offset_at(int64_t ms)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    return localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
}

/* The offsets of a year and a month, by the C library, whose zone is put back. */
static bool zone_load(struct window *w, int64_t now_ms)
{
    char *old = mem_strdup(getenv("TZ"));
    if (!zone_known(w->zone)) {
        mem_free(old);
        return false;
    }
    setenv("TZ", w->zone, 1);
    tzset();
    int64_t at = now_ms - 2 * DAY_MS;
    w->turns = 0;
    w->offset_s[0] = offset_at(at);
    for (int i = 0; i < 400 && w->turns < WINDOW_TURNS; i++, at += DAY_MS) {
        int next = offset_at(at + DAY_MS);
        if (next == w->offset_s[w->turns])
            continue;
        int64_t lo = at, hi = at + DAY_MS;
        while (hi - lo > 1000) {
            int64_t mid = lo + (hi - lo) / 2;
            if (offset_at(mid) == w->offset_s[w->turns])
                lo = mid;
            else
                hi = mid;
        }
        w->turn_ms[w->turns++] = hi / 1000 * 1000;
        w->offset_s[w->turns] = next;
    }
    if (old)
        setenv("TZ", old, 1);
    else
        unsetenv("TZ");
    tzset();
    mem_free(old);
    return true;
}

static int64_t offset_ms(const struct window *w, int64_t utc_ms)
{
    int i = 0;
    while (i < w->turns && utc_ms >= w->turn_ms[i])
        i++;
    return (int64_t)w->offset_s[i] * 1000;
}

/* A time on the wall there, as a moment. */
static int64_t moment(const struct window *w, int64_t wall_ms)
{
    int64_t guess = wall_ms - offset_ms(w, wall_ms);
    return wall_ms - offset_ms(w, guess);
}

/* ---- reading ---- */

static int day_of(const char *s, size_t n)
{
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    for (int i = 0; n >= 3 && i < 7; i++)
        if (!strncasecmp(s, names[i], 3))
            return i;
    return -1;
}

static bool read_days(struct window *w, const char *s, size_t len)
{
    if (len == 5 && !strncasecmp(s, "daily", 5)) {
        w->days = 127;
        return true;
    }
    for (size_t at = 0, n; at < len; at += n + 1) {
        n = 0;
        while (at + n < len && s[at + n] != ',')
            n++;
        const char *dash = memchr(s + at, '-', n);
        int from = day_of(s + at, dash ? (size_t)(dash - s) - at : n), to = dash ? day_of(dash + 1, n - (size_t)(dash + 1 - s - at)) : from;
        if (from < 0 || to < 0)
            return false;
        for (int d = from;; d = (d + 1) % 7) {
            w->days |= 1u << d;
            if (d == to)
                break;
        }
    }
    return w->days != 0;
}

bool window_parse(struct window *w, const char *text, int64_t now_ms, const char **why)
{
    char days[64], zone[64] = "UTC";
    int h1, m1, h2, m2, used = 0;
    *w = (struct window){0};
    snprintf(w->text, sizeof(w->text), "%s", text);
    *why = "a window is written as mon-fri 22:00-05:00 Europe/Berlin";
    if (sscanf(text, " %63[^ ] %d:%d-%d:%d %n", days, &h1, &m1, &h2, &m2, &used) < 5 || !used)
        return false;
    if (text[used] && sscanf(text + used, "%63[A-Za-z0-9_+/-] %n", zone, &used) < 1)
        return false;
    if (h1 < 0 || h1 > 23 || h2 < 0 || h2 > 24 || m1 < 0 || m1 > 59 || m2 < 0 || m2 > 59 || (h2 == 24 && m2) || strlen(text) >= sizeof(w->text))
        return false;
    if (!read_days(w, days, strlen(days)))
        return false;
    w->from_min = h1 * 60 + m1;
    w->to_min = h2 * 60 + m2;
    snprintf(w->zone, sizeof(w->zone), "%s", zone);
    *why = "this time zone is not known here (see /usr/share/zoneinfo)";
    return zone_load(w, now_ms);
}

/* ---- asking ---- */

bool window_open(const struct window *w, int64_t now_ms, int64_t *until_ms)
{
    int64_t wall = now_ms + offset_ms(w, now_ms), day = wall - (wall % DAY_MS + DAY_MS) % DAY_MS, next = INT64_MAX, end = INT64_MIN;
    for (int i = -1; i <= 8; i++) {
        int64_t d = day + i * DAY_MS;
        int weekday = (int)(((d / DAY_MS + 4) % 7 + 7) % 7);          /* 1970 began on a Thursday */
        if (!(w->days & 1u << weekday))
            continue;
        int64_t from = moment(w, d + w->from_min * 60000LL);
        int64_t to = moment(w, d + w->to_min * 60000LL + (w->to_min <= w->from_min ? DAY_MS : 0));
        if (from <= now_ms && now_ms < to && to > end)
            end = to;
        else if (from == end && end != INT64_MIN)                     /* one goes over into the next */
            end = to;
        if (from > now_ms && from < next)
            next = from;
    }
    *until_ms = end != INT64_MIN ? end : next;
    return end != INT64_MIN;
}
