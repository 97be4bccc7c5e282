/* A timeline as rows: each with its day and time by our clock, and a foot that tells the whole of it. */
#include <stdio.h>
#include <string.h>

#include "core/links/timeline_read.h"
#include "strata/map.h"
#include "strata/text.h"
#include "strata/timeline.h"

enum { C_ORDER, C_DAY, C_TIME, C_SWAPS, C_KIND, C_SCOPE, C_NAME, C_WHAT, C_FROM, C_WHO, C_OFF };
enum { WHAT_CELLS = 160 };
static const struct column columns[] = {
    [C_ORDER] = LISTING_ORDER,
    [C_DAY] = {.id = "day", .title = "DAY", .help = "Month and day, UTC, by our clock.", .type = COL_TEXT, .flags = COL_ONCE | COL_INTERN},
    [C_TIME] = {.id = "age", .title = "TIME", .help = "When, UTC, by our clock; filters know it as an age.", .type = COL_CLOCK},
    [C_SWAPS] = {.id = "swaps", .title = "~", .help = "~: may have been before the one above.", .type = COL_TEXT, .flags = COL_INTERN, .width = 1},
    [C_KIND] = {.id = "kind", .title = "KIND", .help = "What kind of object it is about.", .type = COL_TEXT, .flags = COL_INTERN},
    [C_SCOPE] = {.id = "namespace", .title = "NAMESPACE", .help = "Its namespace.", .type = COL_TEXT, .flags = COL_WIDE | COL_INTERN},
    [C_NAME] = {.id = "name", .title = "OBJECT", .help = "Its name.", .type = COL_TEXT},
    [C_WHAT] = {.id = "what", .title = "WHAT", .help = "What happened.", .type = COL_TEXT, .flags = COL_STATE | COL_PROSE, .max_width = WHAT_CELLS},
    [C_FROM] = {.id = "from", .title = "FROM", .help = "Who tells it: an event, a condition, nova's actions, a service, the journal (operation), or strata saw it.", .type = COL_TEXT,
                .flags = COL_INTERN},
    [C_WHO] = {.id = "who", .title = "WHO", .help = "Who did it, as far as that is told.", .type = COL_TEXT, .flags = COL_WIDE},
    [C_OFF] = {.id = "uncertainty", .title = "OFF", .help = "How far the time may be off.", .type = COL_TEXT, .flags = COL_WIDE | COL_RIGHT},
};
const struct kind timeline_kind = {
    .id = "timeline", .singular = "line", .title = "timeline", .help = "What happened to an object and to what it hangs on.", .plane = PLANE_KUBE,
    .flags = KIND_ANYWHERE | KIND_HISTORY, .columns = columns, .ncolumns = sizeof columns / sizeof *columns,
};

/* "pod shop/web-0" taken apart. An event may be about another object than the row it was found by. */
struct named { char kind[80], scope[260], name[520]; };

static void name_of(const struct timeline_line *l, struct named *n)
{
    struct str s;
    str_init(&s, 2048);
    if (l->row)
        timeline_name(l->row, &s);
    if (l->row && s.data && !strcmp(s.data, l->object)) {
        snprintf(n->kind, sizeof n->kind, "%s", l->row->kind->singular);
        snprintf(n->scope, sizeof n->scope, "%s", l->row->kind->plane == PLANE_KUBE ? l->row->scope : "");
        snprintf(n->name, sizeof n->name, "%s", l->row->name);
    } else {
        const char *rest = strrchr(l->object, ' '), *slash = rest ? strchr(rest, '/') : NULL;
        snprintf(n->kind, sizeof n->kind, "%.*s", rest ? (int)(rest - l->object) : 0, l->object);
        snprintf(n->scope, sizeof n->scope, "%.*s", slash ? (int)(slash - rest - 1) : 0, rest ? rest + 1 : "");
        snprintf(n->name, sizeof n->name, "%s", slash ? slash + 1 : rest ? rest + 1 : l->object);
    }
    str_release(&s);
}

/* Of the line itself, so that it is the same when more is known. */
static void uid_of(const struct timeline_line *l, char *buf, size_t size)
{
    int64_t at = l->stamp_ms == CELL_NONE ? l->lo_ms : l->stamp_ms;
    snprintf(buf, size, "%u %lld %llx %llx %llx", (unsigned)l->from, (long long)at, (unsigned long long)hash_bytes(l->object, strlen(l->object)),
             (unsigned long long)hash_bytes(l->what, strlen(l->what)), (unsigned long long)hash_bytes(l->who, strlen(l->who)));
}

static void foot(const struct tell *t, const struct timeline_line *l, const char *when, const char *off, const char *who, struct str *out)
{
    const struct source_info *s = t->source(t->arg, l->source);
    str_addf(out, "%s %s, %s of %s%s%s%s: %s%s%s", when, off, timeline_from_name((enum timeline_from)l->from), l->object, s ? " (" : "", s ? s->name : "", s ? ")" : "",
             l->what, *who ? "   by " : "", who);
    if (l->swaps)
        str_adds(out, ";   ~ it may have been before the one above");
    if (s)
        str_adds(out, ".   "), tell_clock(s, out);
}

static void write_line(const struct tell *t, const struct timeline_line *l, struct listing *g)
{
    char when[40], off[40], uid[120];
    struct named n;
    struct str words;
    name_of(l, &n);
    uid_of(l, uid, sizeof uid);
    uint32_t node = l->row && t->l ? links_find(t->l, l->row->source, l->row->kind, l->row->uid) : LINK_NO_NODE;
    struct rowbuf *rb = listing_line(g, &(struct listing_of){l->source, node, uid, n.scope, n.name, (enum health)l->health});
    if (!rb)
        return;
    const char *who = l->from == TIMELINE_SEEN ? "" : l->who;       /* who saw it did not do it */
    text_format_time(when, sizeof when, timeline_when(l));
    tell_uncertainty(l, off, sizeof off);
    rowbuf_textf(rb, C_DAY, "%.5s", strlen(when) > 5 ? when + 5 : "");
    rowbuf_num(rb, C_TIME, timeline_when(l));
    rowbuf_text(rb, C_SWAPS, l->swaps ? "~" : "");
    rowbuf_text(rb, C_KIND, n.kind);
    rowbuf_text(rb, C_SCOPE, n.scope);
    rowbuf_text(rb, C_NAME, n.name);
    rowbuf_text(rb, C_WHAT, l->what);
    rowbuf_text(rb, C_FROM, timeline_from_name((enum timeline_from)l->from));
    rowbuf_text(rb, C_WHO, who);
    rowbuf_text(rb, C_OFF, off);
    str_init(&words, 1 << 16);
    foot(t, l, when, off, who, &words);
    listing_done(g, words.data ? words.data : "");
    str_release(&words);
}

void timeline_rows(const struct tell *t, const struct timeline *line, struct listing *g)
{
    for (size_t i = 0; i < line->n; i++)
        write_line(t, &line->line[i], g);
}
