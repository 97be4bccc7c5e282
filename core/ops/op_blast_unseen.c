/* What the blast radius of a plan could not see, or saw last before its server fell silent. */
#include "core/ops/op_blast_priv.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/text.h"

/* Rows that came, now or before; a kind that is not there hides nothing. */
static bool seen(const struct watch *w)
{
    const struct feed_status *st = w->f ? store_status(w->f->store) : NULL;
    return st && (st->state == FEED_LIVE || st->state == FEED_STALE || st->err.code == ERR_NOTFOUND);
}

/* Of who does not answer now, once for each: its rows were so then. */
static void say_old(const struct op_blast *b, size_t at, struct str *out)
{
    const struct watch *w = &b->watch[at];
    struct source_info info;
    char when[40];
    for (size_t i = 0; i < at; i++)
        if (b->watch[i].source == w->source && seen(&b->watch[i]))
            return;
    core_info_of(b->core, w->source, &info);
    text_format_time(when, sizeof when, clock_wall_ms() - (clock_mono_ms() - info.last_ok_mono_ms));
    str_addf(out, "%u what changed at %s since %s (not reachable now)\n", (unsigned)w->source, info.name, when);
}

/* A line each behind its source: "2 nodes of tenant (no answer yet)". */
char *op_blast_unseen(const struct op_blast *b)
{
    struct str s;
    struct source_info info;
    str_init(&s, 1 << 16);
    for (size_t i = 0; i < b->n; i++) {
        const struct watch *w = &b->watch[i];
        const struct feed_status *st = w->f ? store_status(w->f->store) : NULL;
        if (seen(w)) {
            if (op_blast_down(b->core, w->source))
                say_old(b, i, &s);
            continue;
        }
        /* Amphorae are servers of Octavia's own project: who may not list them has none among his. */
        if (st && st->err.code == ERR_FORBIDDEN && !strcmp(w->kind, "amphora"))
            continue;
        core_info_of(b->core, w->source, &info);
        str_addf(&s, "%u %s of %s (%.120s)\n", (unsigned)w->source, w->kind, info.name,
                 !st ? "not reachable now" : st->err.msg[0] ? st->err.msg : "no answer in time");
    }
    char *text = s.len ? str_take(&s) : NULL;
    str_release(&s);
    return text;
}

/* Where another context shows the same cluster, or cloud, what one may not see hides nothing. */
void op_blast_say_unseen(const struct links *l, const char *lines, struct str *out)
{
    enum { SAID = 4 };
    size_t n = 0;
    for (const char *line = lines; line && *line; line += strcspn(line, "\n") + 1) {
        char *words;
        unsigned long source = strtoul(line, &words, 10);
        if ((l && links_cluster(l, (uint16_t)source) != source) || n++ >= SAID)
            continue;
        str_adds(out, out->len ? ", " : "");
        str_add(out, words + 1, strcspn(words + 1, "\n"));
    }
    if (n > SAID)
        str_addf(out, ", and %zu more", n - SAID);
}
