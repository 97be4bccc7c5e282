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

static void json(struct teller *x, const struct row *r, const struct timeline *t, bool gone)
{
    struct str *out = &x->out;
    str_addf(out, "%s{\"objects\":%zu", x->said++ ? ",\n" : "[", t->objects);
    json_text(out, "kind", r->kind->id);
    json_text(out, "source", tell_source(&x->t, r));
    json_text(out, "scope", r->scope);
    json_text(out, "name", r->name);
    json_text(out, "uid", r->uid);
    if (gone) {
        struct str how;
        str_init(&how, 4096);
        tell_gone(t, r, &how);
        json_text(out, "gone", how.data ? how.data : "");
        str_release(&how);
    }
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

static void settle(struct teller *x, struct timeline_job *j)
{
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    for (struct event *e; !timeline_settled(j) && (e = batch_event_until(x->b, end)); event_free(e))
        timeline_event(j, e);
    x->b->ninfo = core_sources(x->b->core, x->b->info, CORE_MAX_SOURCES);      /* the newest of their clocks */
}

static bool make(struct teller *x, struct timeline_job *j, struct timeline *t, const struct row *const *row, size_t n)
{
    bool ok = timeline_ask_rows(j, row, n);
    if (ok)
        settle(x, j);
    struct timeline_work *w = ok ? timeline_gather_rows(j, row, n) : NULL;
    ok = w && timeline_make(t, w, &x->t);
    timeline_work_free(w);
    return ok;
}

static void words(struct teller *x, const struct row *r, const struct timeline *t, bool gone)
{
    str_adds(&x->out, x->said++ ? "\n" : "");
    tell_row(&x->t, r, &x->out);
    str_adds(&x->out, gone ? " " : " and what it hangs on");
    if (gone)
        tell_gone(t, r, &x->out);
    str_addf(&x->out, ": %zu line%s of %zu object%s; ~ may have been before the one above\n", t->n, t->n == 1 ? "" : "s", t->objects, t->objects == 1 ? "" : "s");
    tell_clocks(&x->t, t, &x->out);
    str_addc(&x->out, '\n');
    tell_timeline(&x->t, t, &x->out);
}

static void tell(struct teller *x, struct timeline_job *j, const struct row *const *row, size_t n, bool gone)
{
    struct timeline t = {0};
    x->out.failed |= !make(x, j, &t, row, n);
    if (x->b->opt->since_s)
        timeline_since(&t, clock_wall_ms() - x->b->opt->since_s * 1000);
    if (x->json)
        json(x, row[0], &t, gone);
    else
        words(x, row[0], &t, gone);
    timeline_release(&t);
}

static void one(void *arg, uint32_t node)
{
    struct teller *x = arg;
    uint32_t set[TIMELINE_OBJECTS];
    const struct row *row[TIMELINE_OBJECTS];
    size_t n = timeline_objects(x->t.l, node, set, TIMELINE_OBJECTS);
    struct timeline_job *j = timeline_open(x->b->core);
    for (size_t i = 0; i < n; i++)
        row[i] = links_row(x->t.l, set[i]);
    x->out.failed |= !j;
    if (j) {
        tell(x, j, row, n, false);
        not_seen(x, j);
    }
    timeline_close(j);
}

/* ---- what is gone ---- */

static bool there(const struct links *l, const struct kind *k, const char *name)
{
    for (uint32_t i = 0; i < links_nodes(l); i++) {
        const struct row *r = links_row(l, i);
        if (r && r->kind == k && (!strcmp(r->name, name) || !strcmp(r->uid, name)))
            return true;
    }
    return false;
}

static bool ask_past(struct teller *x, struct timeline_job *j, const char *ns)
{
    bool ok = true;
    for (size_t i = 0; i < x->b->ninfo; i++)
        ok = (x->b->info[i].plane != PLANE_KUBE || timeline_ask_past(j, x->b->info[i].id, ns)) && ok;
    if (ok)
        settle(x, j);
    return ok;
}

/* Where it was put, that stands on: its node with what that hangs on. */
static size_t put_on(struct teller *x, struct timeline_job *j, const struct row **row)
{
    struct timeline t = {0};
    uint32_t set[TIMELINE_OBJECTS], node = LINK_NO_NODE;
    size_t n = 0;
    if (make(x, j, &t, row, 1))
        node = timeline_host(&t, &x->t, row[0]);
    timeline_release(&t);
    if (node != LINK_NO_NODE)
        n = timeline_objects(x->t.l, node, set, TIMELINE_OBJECTS - 1);
    size_t all = 1;
    for (size_t i = 0; i < n; i++)
        if (strcmp(links_row(x->t.l, set[i])->kind->id, "pods") != 0)          /* not who lived there with it */
            row[all++] = links_row(x->t.l, set[i]);
    return all;
}

static void gone(struct teller *x, const struct kind *k, const char *name)
{
    const struct strlist *n = &x->b->opt->namespaces;
    const char *ns = n->count == 1 && !x->b->opt->all_namespaces && (k->flags & KIND_NAMESPACED) ? n->items[0] : "";
    struct row *row[TIMELINE_GONE];
    struct timeline_job *j = timeline_open(x->b->core);
    size_t some = 0;
    x->out.failed |= !j;
    if (j && (k->plane != PLANE_KUBE || ask_past(x, j, ns))) {
        settle(x, j);
        some = timeline_gone(j, &x->t, k, name, ns, row, TIMELINE_GONE);
    }
    for (size_t i = 0; i < some; i++) {
        const struct row *all[TIMELINE_OBJECTS] = {row[i]};
        tell(x, j, all, put_on(x, j, all), true);
    }
    if (!some)
        batch_error(x->b, EXIT_NOT_FOUND, "%s \"%s\"%s no event and no line of the journal tells of it", k->singular, name, graph_speaks_of(k) ? " not found, and" : ":");
    if (j)
        not_seen(x, j);
    timeline_close(j);
    for (size_t i = 0; i < some; i++)
        timeline_gone_free(row[i]);
}

void batch_timeline(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = NULL;
    struct teller x = {.b = b, .json = o->output && !strcmp(o->output, "json")};
    struct world *world = batch_world(b, &x.t);
    k = batch_world_kind(b, x.t.l, "timeline", o->args.items[0]);
    str_init(&x.out, (size_t)1 << 28);
    for (size_t i = 1; k && i < o->args.count; i++)
        if (there(x.t.l, k, o->args.items[i]))
            batch_each_node(b, x.t.l, k, o->args.items[i], one, &x);
        else
            gone(&x, k, o->args.items[i]);
    if (x.json)
        str_adds(&x.out, x.said ? "]\n" : "[]\n");
    batch_world_end(b, world, &x.out);
}
