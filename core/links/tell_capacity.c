/* Capacity in words: a table for each kind of place. */
#include <stdio.h>
#include <string.h>

#include "strata/capacity.h"
#include "strata/text.h"

#define COLUMNS 14
#define CELL 40

struct table { char (*cell)[COLUMNS][CELL]; size_t n, columns; };

static void cores(char *buf, int64_t milli)
{
    if (milli == CELL_NONE)
        snprintf(buf, CELL, "-");
    else if (milli % 1000 && milli < 100000)
        snprintf(buf, CELL, "%lld.%02lld", (long long)(milli / 1000), (long long)(milli % 1000 / 10));
    else
        snprintf(buf, CELL, "%lld", (long long)(milli / 1000));
}

static void bytes(char *buf, int64_t n)
{
    if (n == CELL_NONE)
        snprintf(buf, CELL, "-");
    else
        text_bytes(buf, CELL, n);
}

static void share(char *buf, int64_t part, int64_t of)
{
    if (part == CELL_NONE || of == CELL_NONE || of <= 0)
        snprintf(buf, CELL, "-");
    else
        snprintf(buf, CELL, "%lld%%", (long long)(part * 100 / of));
}

static const char *const heads[CAPACITY_KINDS][COLUMNS] = {
    [CAPACITY_CLUSTER] = {"NODES", "PODS", "CPU ASKED", "OF", "%", "USED", "%", "MEM ASKED", "OF", "%", "USED", "%"},
    [CAPACITY_NODE] = {"PODS", "CPU ASKED", "OF", "%", "USED", "%", "MEM ASKED", "OF", "%", "USED", "%"},
    [CAPACITY_HYPERVISOR] = {"SERVERS", "CORES", "VCPU ROOM", "GIVEN", "%", "OWN PODS", "PODS IN VMS", "USED", "MEM", "ROOM", "GIVEN", "%", "OWN PODS", "USED"},
    [CAPACITY_PROJECT] = {"SERVERS", "VCPU", "MEM"},
};
/* On a narrow terminal: which of these, and what stands above them. */
enum { NARROW = 120 };
static const struct { uint16_t keep; const char *head[COLUMNS]; } narrow[CAPACITY_KINDS] = {
    [CAPACITY_CLUSTER] = {0x0bdf, {"NODES", "PODS", "CPU", "OF", "%", "", "USED", "MEM", "OF", "%", "", "USED"}},
    [CAPACITY_NODE] = {0x0529, {"PODS", "", "", "CPU", "", "USED", "", "", "MEM", "", "USED"}},
    [CAPACITY_HYPERVISOR] = {0x0e1d, {"SERVERS", "", "VCPU", "GIVEN", "%", "", "", "", "", "MEM", "GIVEN", "%"}},
    [CAPACITY_PROJECT] = {0x0007, {"SERVERS", "VCPU", "MEM"}},
};
static const char *const titles[] = {"Clusters", "Nodes", "Hypervisors", "Projects"};

static void amounts(char (*c)[CELL], const struct capacity_amount *a, void (*write)(char *buf, int64_t n))
{
    write(c[0], a->asked);
    write(c[1], a->have);
    share(c[2], a->asked, a->have);
    write(c[3], a->used);
    share(c[4], a->used, a->have);
}

static void cells(char (*c)[CELL], const struct capacity_line *x)
{
    size_t at = 0;
    switch ((enum capacity_what)x->what) {
    case CAPACITY_CLUSTER:
        snprintf(c[at++], CELL, "%zu", x->nodes);
        /* fall through */
    case CAPACITY_NODE:
        snprintf(c[at++], CELL, "%zu", x->things);
        amounts(c + at, &x->cpu, cores);
        amounts(c + at + 5, &x->mem, bytes);
        break;
    case CAPACITY_HYPERVISOR:
        snprintf(c[0], CELL, "%zu", x->things);
        cores(c[1], x->cpu.have);
        cores(c[2], x->cpu.room);
        cores(c[3], x->cpu.asked);
        share(c[4], x->cpu.asked, x->cpu.room);
        cores(c[5], x->cpu.below);
        cores(c[6], x->cpu.above);
        cores(c[7], x->cpu.used);
        bytes(c[8], x->mem.have);
        bytes(c[9], x->mem.room);
        bytes(c[10], x->mem.asked);
        share(c[11], x->mem.asked, x->mem.room);
        bytes(c[12], x->mem.below);
        bytes(c[13], x->mem.used);
        break;
    case CAPACITY_PROJECT:
        snprintf(c[0], CELL, "%zu", x->things);
        cores(c[1], x->cpu.asked);
        bytes(c[2], x->mem.asked);
        break;
    }
}

static void pad(struct str *out, const char *s, int width, bool right)
{
    int w = text_width(s, strlen(s));
    str_addf(out, "%*s%s%*s  ", right && w < width ? width - w : 0, "", s, !right && w < width ? width - w : 0, "");
}

static int wider(int now, const char *s)
{
    int w = text_width(s, strlen(s));
    return w > now ? w : now;
}

static void table(const struct tell *t, const struct capacity *c, enum capacity_what what, bool small, struct str *out)
{
    const char *const *head = small ? narrow[what].head : heads[what];
    unsigned keep = small ? narrow[what].keep : ~0u;
    int width[COLUMNS] = {0}, name = 4, source = 6;
    char cell[COLUMNS][CELL];
    size_t lines = 0, columns = 0;
    for (; columns < COLUMNS && heads[what][columns]; columns++)
        width[columns] = wider(0, keep >> columns & 1 ? head[columns] : "");
    for (size_t i = 0; i < c->n; i++) {
        const struct source_info *s = t->source(t->arg, c->line[i].source);
        if (c->line[i].what != what)
            continue;
        lines++;
        cells(cell, &c->line[i]);
        name = wider(name, c->line[i].name);
        source = wider(source, s ? s->name : "");
        for (size_t k = 0; k < columns; k++)
            width[k] = wider(width[k], cell[k]);
    }
    if (!lines)
        return;
    str_addf(out, "%s%s\n  ", out->len ? "\n" : "", titles[what]);
    if (what != CAPACITY_CLUSTER)
        pad(out, "SOURCE", source, false);
    pad(out, "NAME", name, false);
    for (size_t k = 0; k < columns; k++)
        if (keep >> k & 1)
            pad(out, head[k], width[k], true);
    str_addc(out, '\n');
    for (size_t i = 0; i < c->n; i++) {
        const struct capacity_line *x = &c->line[i];
        const struct source_info *s = t->source(t->arg, x->source);
        if (x->what != what)
            continue;
        cells(cell, x);
        str_adds(out, "  ");
        if (what != CAPACITY_CLUSTER)
            pad(out, s ? s->name : "", source, false);
        pad(out, x->name, name, false);
        for (size_t k = 0; k < columns; k++)
            if (keep >> k & 1)
                pad(out, cell[k], width[k], true);
        str_addf(out, "%s%s\n", small && x->note && *x->note ? "\n      " : "", x->note ? x->note : "");
    }
}

void tell_capacity(const struct tell *t, const struct capacity *c, unsigned kinds, int cells, struct str *out)
{
    for (int what = 0; what < CAPACITY_KINDS; what++)
        if (kinds & 1u << what)
            table(t, c, (enum capacity_what)what, cells && cells < NARROW, out);
    if (!out->len)
        str_adds(out, "nothing of it is seen\n");
}
