/* Arithmetic of the controllers, without objects: rolling updates, budgets, cron lines. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/sim/ctl.h"

int ctl_share(const json_t *v, int total, bool up, int otherwise)
{
    if (json_is_integer(v))
        return (int)json_integer_value(v);
    const char *text = json_string_value(v);
    char *end;
    if (!text)
        return otherwise;
    long n = strtol(text, &end, 10);
    if (*end != '%')
        return end == text ? otherwise : (int)n;
    return (int)((n * total + (up ? 99 : 0)) / 100);
}

void ctl_fenceposts(const json_t *strategy, int replicas, struct ctl_rollout *out)
{
    json_t *r = jat(strategy, "rollingUpdate");
    bool rolling = strcmp(jstr(strategy, "type"), "Recreate") != 0;
    static const int quarter = 25;
    *out = (struct ctl_rollout){.replicas = replicas};
    if (!rolling)
        return;
    out->max_surge = ctl_share(jat(r, "maxSurge"), replicas, true, (quarter * replicas + 99) / 100);
    out->max_unavailable = ctl_share(jat(r, "maxUnavailable"), replicas, false, quarter * replicas / 100);
    if (out->max_surge == 0 && out->max_unavailable == 0)      /* rounding must not stop the roll-out */
        out->max_unavailable = 1;
    if (out->max_unavailable > replicas)
        out->max_unavailable = replicas;
}

int ctl_new_replicas(const struct ctl_rollout *r, bool recreate, int pods, int now)
{
    if (recreate)
        return r->replicas;
    int room = r->replicas + r->max_surge - pods, missing = r->replicas - now;
    if (room <= 0)
        return now;
    return now + (room < missing ? room : missing);
}

int ctl_old_budget(const struct ctl_rollout *r, int pods, int new_size, int new_available)
{
    return pods - (r->replicas - r->max_unavailable) - (new_size - new_available);
}

void ctl_budget(const json_t *spec, int pods, int scale, int healthy, struct ctl_budget *out)
{
    json_t *min = jat(spec, "minAvailable"), *max = jat(spec, "maxUnavailable");
    out->healthy = healthy;
    out->expected = max || json_is_string(min) ? scale : pods;
    if (max)
        out->desired = out->expected - ctl_share(max, out->expected, true, 0);
    else
        out->desired = min ? ctl_share(min, out->expected, true, 0) : 0;
    if (out->desired < 0)
        out->desired = 0;
    out->allowed = out->expected > 0 && healthy > out->desired ? healthy - out->desired : 0;
}

/* ---- cron ---- */
struct field { int min, max; const char *names; };
static const struct field fields[5] = {
    {0, 59, NULL}, {0, 23, NULL}, {1, 31, NULL}, {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"}, {0, 7, "sunmontuewedthufrisat"},
};

static int number(const char **p, const struct field *f)
{
    if (isdigit((unsigned char)**p))
        return (int)strtol(*p, (char **)p, 10);
    for (int i = 0; f->names && f->names[i * 3]; i++) {
        if (strncasecmp(*p, f->names + (ptrdiff_t)i * 3, 3) == 0) {
            *p += 3;
            return i + f->min;
        }
    }
    return -1;
}

/* One field as a bit set; star tells that it began with '*' or '?'. */
static bool parse(const char **p, const struct field *f, uint64_t *bits, bool *star)
{
    *bits = 0;
    *star = **p == '*' || **p == '?';
    for (;;) {
        int from = f->min, to = f->max, step = 1;
        bool open = **p == '*' || **p == '?';
        if (open) {
            ++*p;
        } else if ((from = to = number(p, f)) < 0) {
            return false;
        } else if (**p == '-') {
            ++*p;
            to = number(p, f);
        }
        if (**p == '/') {
            ++*p;
            step = (int)strtol(*p, (char **)p, 10);
            if (!open && from == to)
                to = f->max;
        }
        if (from < f->min || to > f->max || to < from || step < 1)
            return false;
        for (int i = from; i <= to; i += step)
            *bits |= 1ULL << i;
        if (**p != ',')
            break;
        ++*p;
    }
    return **p == 0 || **p == ' ';
}

static const char *unfold(const char *line)
{
    static const char *const names[][2] = {{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
                                           {"@daily", "0 0 * * *"}, {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(line, names[i][0]) == 0)
            return names[i][1];
    return line;
}

int64_t ctl_cron_next(const char *line, int64_t wall_s, int offset_s)
{
    uint64_t set[5];
    bool star[5];
    const char *p = unfold(line);
    for (int i = 0; i < 5; i++) {
        while (*p == ' ')
            p++;
        if (!parse(&p, &fields[i], &set[i], &star[i]))
            return -1;
    }
    while (*p == ' ')
        p++;
    if (*p)
        return -1;
    if (set[4] & (1ULL << 7))                                  /* 7 is Sunday too */
        set[4] |= 1;
    int64_t t = (wall_s + offset_s) / 60 * 60 + 60, end = t + 5LL * 366 * 86400;
    while (t < end) {
        struct tm tm;
        time_t tt = (time_t)t;
        gmtime_r(&tt, &tm);
        bool dom = set[2] >> tm.tm_mday & 1, dow = set[4] >> tm.tm_wday & 1;
        bool day = star[2] || star[4] ? dom && dow : dom || dow;
        if (!(set[3] >> (tm.tm_mon + 1) & 1) || !day)
            t = (t / 86400 + 1) * 86400;
        else if (!(set[1] >> tm.tm_hour & 1))
            t = (t / 3600 + 1) * 3600;
        else if (!(set[0] >> tm.tm_min & 1))
            t += 60;
        else
            return t - offset_s;
    }
    return -1;
}
