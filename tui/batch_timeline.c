/* strata timeline KIND NAME...: what happened to an object and to what it hangs on, in one order. */
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/text.h"
#include "strata/timeline.h"
#include "strata/world.h"
#include "tui/batch.h"

#define PATIENCE_MS 30000

struct teller { struct batch *b; struct tell t; struct str out; bool json; size_t said; };

static void time_json(struct str *out, const char *key, int64_t ms)
{
    char when[40];
    text_format_time(when, sizeof when, ms);
    when[strlen(when) - 1] = '\0';                     /* the Z */
    str_addf(out, ",\"%s\":\"%s.%03lldZ\"", key, when, (long long)(ms % 1000));
}

static void clocks_json(struct teller *x, const struct timeline *t)
{
    struct str *out = &x->out;
    bool told[CORE_MAX_SOURCES] = {false};
    size_t said = 0;
    str_adds(out, ",\"clocks\":[");
    for (size_t i = 0; i < t->n; i++) {
        const struct source_info *s = x->t.source(x->t.arg, t->line[i].source);
        if (!s || told[s->id])
            continue;
        told[s->id] = true;
        str_addf(out, "%s{\"known\":%s", said++ ? "," : "", s->has_clock ? "true" : "false");
        json_text(out, "source", s->name);
        if (s->has_clock)
            str_addf(out, ",\"ahead_ms\":%lld,\"uncertainty_ms\":%lld", (long long)s->clock_offset_ms, (long long)s->clock_error_ms);
        str_addc(out, '}');
    }
    str_addc(out, ']');
}

static void json(struct teller *x, const struct row *r, const struct timeline *t)
{
    struct str *out = &x->out;
    str_addf(out, "%s{\"objects\":%zu", x->said++ ? ",\n" : "[", t->objects);
    json_text(out, "kind", r->kind->id);
    json_text(out, "source", tell_source(&x->t, r));
    json_text(out, "scope", r->scope);
    json_text(out, "name", r->name);
    json_text(out, "uid", r->uid);
    clocks_json(x, t);
    str_adds(out, ",\"lines\":[");
    for (size_t i = 0; i < t->n; i++) {
        const struct timeline_line *l = &t->line[i];
        const struct source_info *s = x->t.source(x->t.arg, l->source);
        str_addf(out, "%s\n  {\"from\":\"%s\"", i ? "," : "", timeline_from_name((enum timeline_from)l->from));
        time_json(out, "time", (l->lo_ms + l->hi_ms) / 2);
        str_addf(out, ",\"uncertainty_ms\":%lld,\"may_swap\":%s", (long long)((l->hi_ms - l->lo_ms + 1) / 2), l->swaps ? "true" : "false");
        if (l->stamp_ms != CELL_NONE)
            time_json(out, "stamp", l->stamp_ms);
        json_text(out, "source", s ? s->name : "");
        json_text(out, "object", l->object);
        json_text(out, "what", l->what);
        json_text(out, "who", l->who);
        json_text(out, "health", health_name((enum health)l->health));
        str_addc(out, '}');
    }
    str_adds(out, "]}");
}

static void not_seen(struct teller *x, const struct timeline_job *j)
{
    struct str s;
    str_init(&s, 1 << 16);
    timeline_unseen(j, &x->t, &s);
    for (char *save = NULL, *line = s.len ? strtok_r(s.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
        batch_error(x->b, EXIT_FAILED, "not seen: %s", line);
    str_release(&s);
}

static void one(void *arg, uint32_t node)
{
    struct teller *x = arg;
    uint32_t set[TIMELINE_OBJECTS];
    size_t n = timeline_objects(x->t.l, node, set, TIMELINE_OBJECTS);
    struct timeline_job *j = timeline_open(x->b->core);
    struct timeline t = {0};
    bool ok = j && timeline_ask(j, x->t.l, set, n);
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    for (struct event *e; ok && !timeline_settled(j) && (e = batch_event_until(x->b, end)); event_free(e))
        timeline_event(j, e);
    x->b->ninfo = core_sources(x->b->core, x->b->info, CORE_MAX_SOURCES);      /* the newest of their clocks */
    struct timeline_work *w = ok ? timeline_gather(j, x->t.l, set, n) : NULL;
    ok = w && timeline_make(&t, w, &x->t);
    timeline_work_free(w);
    if (x->b->opt->since_s)
        timeline_since(&t, clock_wall_ms() - x->b->opt->since_s * 1000);
    x->out.failed |= !ok;
    if (x->json) {
        json(x, links_row(x->t.l, node), &t);
    } else {
        str_adds(&x->out, x->said++ ? "\n" : "");
        tell_row(&x->t, links_row(x->t.l, node), &x->out);
        str_addf(&x->out, " and what it hangs on: %zu line%s of %zu object%s; ~ may have been before the one above\n", t.n, t.n == 1 ? "" : "s", n, n == 1 ? "" : "s");
        tell_clocks(&x->t, &t, &x->out);
        str_addc(&x->out, '\n');
        tell_timeline(&x->t, &t, &x->out);
    }
    if (j)
        not_seen(x, j);
    timeline_release(&t);
    timeline_close(j);
}

void batch_timeline(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = NULL;
    struct teller x = {.b = b, .json = o->output && !strcmp(o->output, "json")};
    struct world *world = batch_world(b, &x.t);
    if (x.t.l && !(k = links_kind(x.t.l, o->args.items[0])))
        batch_error(b, EXIT_USAGE, "timeline: there is no kind \"%s\"", o->args.items[0]);
    str_init(&x.out, (size_t)1 << 28);
    for (size_t i = 1; k && i < o->args.count; i++)
        batch_each_node(b, x.t.l, k, o->args.items[i], one, &x);
    if (x.json)
        str_adds(&x.out, x.said ? "]\n" : "[]\n");
    batch_world_end(b, world, &x.out);
}
