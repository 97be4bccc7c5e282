/* strata why [KIND NAME...]: the chain from what is red down to what explains it; without a name, what explains all that is red. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/why.h"
#include "strata/world.h"
#include "tui/batch.h"

#define SHOWN 20               /* causes of all that is red; all with -o json */

static const char *const states[] = {"fine", "planned", "not quite well", "not seen", "stopped", "broken"};

struct teller { struct batch *b; const struct links *l; struct str out; bool json; size_t said; };

static const struct source_info *source(const struct teller *t, const struct row *r) { return batch_source(t->b, r->source); }

static int64_t now_at(const struct teller *t, const struct row *r)
{
    const struct source_info *s = source(t, r);
    return clock_wall_ms() + (s && s->has_clock ? s->clock_offset_ms : 0);
}

static void named(struct teller *t, const struct row *r)
{
    const struct source_info *s = source(t, r);
    bool ns = r->kind->plane == PLANE_KUBE && *r->scope;
    str_addf(&t->out, "%s %s%s%s (%s): ", r->kind->singular, ns ? r->scope : "", ns ? "/" : "", r->name, s ? s->name : "");
    why_words(r, now_at(t, r), &t->out);
}

/* The edge between two rows of a chain, whichever way it goes; NULL: by a selector. */
static bool edge(const struct links *l, uint32_t from, uint32_t to, struct link_edge *out, uint32_t *at)
{
    const struct link_edge *e;
    for (int up = 0; up < 2; up++) {
        uint32_t a = up ? to : from, b = up ? from : to;
        size_t n = links_down(l, a, &e);
        for (size_t i = 0; i < n; i++)
            if (e[i].to == b && e[i].cls != LINK_X) {
                *out = e[i];
                *at = a;
                return true;
            }
    }
    return false;
}

static void hop_words(struct teller *t, const struct why_cause *c, size_t i)
{
    struct link_edge e;
    uint32_t at;
    if (edge(t->l, c->hop[i - 1], c->hop[i], &e, &at)) {
        str_addf(&t->out, "  %s ", at == c->hop[i] ? links_relation(e.relation)->up : links_relation(e.relation)->down);
        named(t, links_row(t->l, c->hop[i]));
        str_adds(&t->out, "   ");
        links_evidence(t->l, at, &e, &t->out);
    } else {
        str_adds(&t->out, "  needs ");
        named(t, links_row(t->l, c->hop[i]));
    }
    str_addc(&t->out, '\n');
}

static void cause_words(struct teller *t, const struct why_cause *c)
{
    const struct row *r = links_row(t->l, c->hop[c->n - 1]);
    const struct source_info *s = source(t, r);
    for (size_t i = 1; i < c->n; i++)
        hop_words(t, c, i);
    str_addf(&t->out, "  = %s %s is %s", r->kind->singular, r->name, states[c->state]);
    if (c->explains > 1)
        str_addf(&t->out, "; that explains %zu rows that are not well", c->explains);
    if (c->against)
        str_addf(&t->out, "; %zu node%s on it report%s all the same", c->against, c->against == 1 ? "" : "s", c->against == 1 ? "s" : "");
    str_adds(&t->out, "\n  look at: ");
    why_next(r, s ? s->name : "", &t->out);
    str_addc(&t->out, '\n');
}

/* ---- JSON ---- */

static void row_json(struct teller *t, const struct row *r)
{
    const struct source_info *s = source(t, r);
    struct str words;
    str_init(&words, 1024);
    why_words(r, now_at(t, r), &words);
    str_adds(&t->out, "{\"kind\":");
    str_add_json(&t->out, r->kind->id, strlen(r->kind->id));
    json_text(&t->out, "source", s ? s->name : "");
    json_text(&t->out, "scope", r->scope);
    json_text(&t->out, "name", r->name);
    json_text(&t->out, "uid", r->uid);
    json_text(&t->out, "state", states[why_state_of(r)]);
    json_text(&t->out, "says", words.data ? words.data : "");
    str_release(&words);
}

static void cause_json(struct teller *t, const struct why_cause *c)
{
    str_addf(&t->out, "{\"class\":\"%c\",\"state\":\"%s\",\"explains\":%zu,\"against\":%zu,\"chain\":[", link_class_letter(c->cls), states[c->state], c->explains, c->against);
    for (size_t i = 0; i < c->n; i++) {
        struct link_edge e;
        uint32_t at;
        struct str ev;
        str_adds(&t->out, i ? ",\n  " : "\n  ");
        row_json(t, links_row(t->l, c->hop[i]));
        str_init(&ev, 4096);
        if (i && edge(t->l, c->hop[i - 1], c->hop[i], &e, &at)) {
            json_text(&t->out, "by", links_relation(e.relation)->id);
            links_evidence(t->l, at, &e, &ev);
            json_text(&t->out, "evidence", ev.data ? ev.data : "");
        }
        str_release(&ev);
        str_addc(&t->out, '}');
    }
    str_adds(&t->out, "]}");
}

/* ---- what is asked ---- */

static void one(struct teller *t, uint32_t node)
{
    struct why w;
    const struct row *r = links_row(t->l, node);
    if (!why_make(&w, t->l, node)) {
        batch_error(t->b, EXIT_FAILED, "out of memory");
        return;
    }
    if (t->json) {
        str_adds(&t->out, t->said++ ? ",\n" : "[");
        row_json(t, r);
        str_adds(&t->out, ",\"causes\":[");
        for (size_t i = 0; i < w.n; i++) {
            str_adds(&t->out, i ? "," : "");
            cause_json(t, &w.cause[i]);
        }
        str_adds(&t->out, "]}");
        return;
    }
    named(t, r);
    str_addc(&t->out, '\n');
    if (!w.n)
        str_adds(&t->out, "  nothing is wrong with it, nor with what it hangs on\n");
    for (size_t i = 0; i < w.n; i++) {
        if (i)
            str_adds(&t->out, "  or, less likely:\n");
        cause_words(t, &w.cause[i]);
    }
}

static void all(struct teller *t)
{
    struct why_world w;
    if (!why_all(&w, t->l)) {
        batch_error(t->b, EXIT_FAILED, "out of memory");
        return;
    }
    if (!t->json)
        str_addf(&t->out, w.red ? "%zu cause%s explain%s %zu red row%s\n" : "nothing is red\n", w.n, w.n == 1 ? "" : "s", w.n == 1 ? "s" : "", w.red, w.red == 1 ? "" : "s");
    for (size_t i = 0; i < w.n && (t->json || i < SHOWN); i++) {
        if (t->json) {
            str_adds(&t->out, t->said++ ? ",\n" : "[");
            cause_json(t, &w.cause[i]);
            continue;
        }
        str_addf(&t->out, "%6zu  ", w.cause[i].explains);
        named(t, links_row(t->l, w.cause[i].hop[w.cause[i].n - 1]));
        str_addc(&t->out, '\n');
    }
    if (!t->json && w.n > SHOWN)
        str_addf(&t->out, "... and %zu more\n", w.n - SHOWN);
    why_world_free(&w);
}

static void show_named(struct teller *t, const struct kind *k, const char *name)
{
    size_t found = 0;
    for (uint32_t i = 0; i < links_nodes(t->l); i++) {
        const struct row *r = links_row(t->l, i);
        if (!r || r->kind != k || (strcmp(r->name, name) && strcmp(r->uid, name)))
            continue;
        found++;
        one(t, i);
    }
    if (!found)
        batch_error(t->b, EXIT_NOT_FOUND, "%s \"%s\" not found", k->singular, name);
}

void batch_why(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = o->args.count ? kind_find(o->args.items[0]) : NULL;
    struct teller t = {.b = b, .json = o->output && !strcmp(o->output, "json")};
    if (o->args.count && (!k || o->args.count < 2)) {
        batch_error(b, EXIT_USAGE, k ? "why: which %s?" : "why: there is no kind \"%s\"", k ? k->singular : o->args.items[0]);
        return;
    }
    struct world *world = batch_world(b);
    t.l = world ? world_links(world) : NULL;
    str_init(&t.out, (size_t)1 << 30);
    if (t.l && !o->args.count)
        all(&t);
    for (size_t i = 1; t.l && i < o->args.count; i++)
        show_named(&t, k, o->args.items[i]);
    if (t.json)
        str_adds(&t.out, t.said ? "]\n" : "[]\n");
    if (!t.l || t.out.failed)
        batch_error(b, EXIT_FAILED, "out of memory");
    else
        print_text(t.out.data ? t.out.data : "", t.out.len);
    batch_unseen(b, world);
    str_release(&t.out);
    world_close(world);
}
