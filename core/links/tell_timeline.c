/* A timeline in words: a line each, the time by our clock and how sure it is. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "strata/text.h"
#include "strata/timeline.h"

/* "±0.5 s"; half of what lies between the two. */
void tell_uncertainty(const struct timeline_line *l, char *buf, size_t size)
{
    int64_t half_ms = (l->hi_ms - l->lo_ms + 1) / 2;
    if (half_ms < 10000)
        snprintf(buf, size, "±%lld.%lld s", (long long)(half_ms / 1000), (long long)(half_ms % 1000 / 100));
    else
        snprintf(buf, size, "±%lld s", (long long)(half_ms / 1000));
}

static void column(struct str *out, const char *s, int width)
{
    int cells = text_width(s, strlen(s));
    str_adds(out, s);
    str_addf(out, "%*s", cells < width ? width - cells + 2 : 2, "");
}

struct widths { int source, object, who; };

static int widest(int now, const char *s, int most)
{
    int n = text_width(s, strlen(s));
    return n > most ? most : n > now ? n : now;
}

static void one(const struct tell *t, const struct timeline_line *l, const struct widths *w, struct str *out)
{
    char when[40], half[40];
    const struct source_info *s = t->source(t->arg, l->source);
    text_format_time(when, sizeof when, timeline_when(l));
    tell_uncertainty(l, half, sizeof half);
    str_addf(out, "%s %s ", when, l->swaps ? "~" : " ");
    column(out, half, 7);
    column(out, s ? s->name : "", w->source);
    column(out, timeline_from_name((enum timeline_from)l->from), 9);
    column(out, l->object, w->object);
    bool by = *l->who && l->from != TIMELINE_SEEN;          /* who saw it did not do it */
    str_addf(out, "%s%s%s\n", l->what, by ? "   by " : "", by ? l->who : "");
}

void tell_timeline(const struct tell *t, const struct timeline *line, struct str *out)
{
    struct widths w = {0};
    for (size_t i = 0; i < line->n; i++) {
        const struct source_info *s = t->source(t->arg, line->line[i].source);
        w.source = widest(w.source, s ? s->name : "", 20);
        w.object = widest(w.object, line->line[i].object, 44);
    }
    for (size_t i = 0; i < line->n; i++)
        one(t, &line->line[i], &w, out);
    if (!line->n)
        str_adds(out, "nothing is known of its past\n");
}

void tell_clock(const struct source_info *s, struct str *out)
{
    long long off = (long long)s->clock_offset_ms, size = off < 0 ? -off : off;
    if (s->has_clock)
        str_addf(out, "%s: its clock is %lld.%03lld s %s ours, ±%lld.%03lld s; corrected", s->name, size / 1000, size % 1000, off < 0 ? "behind" : "ahead of",
                 (long long)(s->clock_error_ms / 1000), (long long)(s->clock_error_ms % 1000));
    else
        str_addf(out, "%s: its clock is not known, its times stand as they came", s->name);
}

void tell_clocks(const struct tell *t, const struct timeline *line, struct str *out)
{
    bool told[CORE_MAX_SOURCES] = {false};
    for (size_t i = 0; i < line->n; i++) {
        uint16_t id = line->line[i].source;
        const struct source_info *s = t->source(t->arg, id);
        if (!s || id >= CORE_MAX_SOURCES || told[id])
            continue;
        told[id] = true;
        tell_clock(s, out);
        str_addc(out, '\n');
    }
}
