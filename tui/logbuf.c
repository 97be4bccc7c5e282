/* A ring of lines with a limit on their bytes. */
#include "tui/logbuf.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

#define LINE_COST (sizeof(struct log_line) + 16)

void logbuf_init(struct logbuf *b, size_t max_bytes)
{
    *b = (struct logbuf){.max_bytes = max_bytes};
}

static bool holds(const struct logbuf *b, const struct log_line *l)
{
    return b->needle[0] && text_casestr(l->text, l->len, b->needle, strlen(b->needle));
}

size_t logbuf_matches(struct logbuf *b, const char *needle)
{
    if (strcmp(b->needle, needle)) {
        snprintf(b->needle, sizeof(b->needle), "%s", needle);
        b->matches = 0;
        for (size_t i = 0; i < b->count; i++)
            b->matches += holds(b, logbuf_at(b, i));
    }
    return b->matches;
}

static void drop_first(struct logbuf *b)
{
    struct log_line *l = &b->ring[b->first];
    b->matches -= holds(b, l);
    b->bytes -= l->len + LINE_COST;
    mem_free(l->text);
    b->first = (b->first + 1) & (b->cap - 1);
    b->count--;
}

void logbuf_clear(struct logbuf *b)
{
    while (b->count)
        drop_first(b);
    b->dropped = b->lost = 0;
}

void logbuf_release(struct logbuf *b)
{
    logbuf_clear(b);
    mem_free(b->ring);
    b->ring = NULL;
    b->cap = 0;
}

static bool grow(struct logbuf *b)
{
    size_t cap = b->cap ? b->cap * 2 : 256;
    struct log_line *r = mem_alloc(cap * sizeof(*r));
    if (!r)
        return false;
    for (size_t i = 0; i < b->count; i++)
        r[i] = b->ring[(b->first + i) & (b->cap - 1)];
    mem_free(b->ring);
    b->ring = r;
    b->cap = cap;
    b->first = 0;
    return true;
}

bool logbuf_add(struct logbuf *b, struct log_line *line)
{
    if (b->count == b->cap && !grow(b)) {
        mem_free(line->text);
        b->lost++;
        return false;
    }
    b->ring[(b->first + b->count) & (b->cap - 1)] = *line;
    b->count++;
    b->matches += holds(b, line);
    b->bytes += line->len + LINE_COST;
    while (b->bytes > b->max_bytes && b->count > 1) {
        drop_first(b);
        b->dropped++;
    }
    return true;
}

const struct log_line *logbuf_at(const struct logbuf *b, size_t i)
{
    return i < b->count ? &b->ring[(b->first + i) & (b->cap - 1)] : NULL;
}
