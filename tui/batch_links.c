/* strata links KIND NAME: what an object hangs on and what hangs on it, through all clusters and clouds, with the evidence. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch.h"

#define DEPTH 12

struct walk {
    struct batch *b;
    struct tell t;
    struct str out;
    uint8_t *seen;             /* per node */
    size_t edges;
    bool json, dot;
};

/* ---- all edges, for programs ---- */

static void node_json(struct walk *w, const char *key, const struct row *r)
{
    str_addf(&w->out, "\"%s\":{", key);
    json_text(&w->out, "source", tell_source(&w->t, r));
    json_text(&w->out, "kind", r->kind->id);
    json_text(&w->out, "scope", r->scope);
    json_text(&w->out, "name", r->name);
    json_text(&w->out, "uid", r->uid);
    str_addc(&w->out, '}');
}

static void dot_node(struct walk *w, const struct row *r)
{
    char id[512];
    snprintf(id, sizeof id, "%s\n%s\n%s", r->kind->singular, r->name, tell_source(&w->t, r));
    str_add_json(&w->out, id, strlen(id));
}

static void edge_out(struct walk *w, uint32_t from, const struct link_edge *e)
{
    const struct row *a = links_row(w->t.l, from), *b = links_row(w->t.l, e->to);
    struct str ev;
    str_init(&ev, 0);
    links_evidence(w->t.l, from, e, &ev);
    if (w->dot) {
        str_adds(&w->out, "  ");
        dot_node(w, a);
        str_adds(&w->out, " -> ");
        dot_node(w, b);
        str_addf(&w->out, " [label=\"%s %c\"%s]\n", links_relation(e->relation)->id, link_class_letter(e->cls),
                 e->cls == LINK_X ? ",color=red" : e->cls == LINK_C ? ",style=dashed" : "");
    } else {
        str_adds(&w->out, w->edges ? ",\n{" : "[{");
        node_json(w, "from", a);
        json_text(&w->out, "relation", links_relation(e->relation)->id);
        str_addf(&w->out, ",\"class\":\"%c\"", link_class_letter(e->cls));
        json_text(&w->out, "evidence", ev.len > 2 ? ev.data + 2 : "");
        str_addc(&w->out, ',');
        node_json(w, "to", b);
        str_addc(&w->out, '}');
    }
    w->edges++;
    str_release(&ev);
}

static void edges(struct walk *w, uint32_t node, bool up, int depth)
{
    const struct link_edge *e;
    size_t n = up ? links_up(w->t.l, node, &e) : links_down(w->t.l, node, &e);
    for (size_t i = 0; i < n && depth < DEPTH; i++) {
        struct link_edge back = e[i];
        if (up)
            back.to = node;
        edge_out(w, up ? e[i].to : node, &back);
        if (!w->seen[e[i].to]) {
            w->seen[e[i].to] = 1;
            edges(w, e[i].to, up, depth + 1);
        }
    }
}

static void one(void *arg, uint32_t node)
{
    struct walk *w = arg;
    size_t n = links_nodes(w->t.l);
    if (!w->json && !w->dot) {
        w->out.failed |= !tell_links(&w->t, node, &w->out);
        return;
    }
    struct str words;
    str_init(&words, 1024);
    if (why_absent_words(w->t.l, node, "", &words))             /* there is no edge to what is not there */
        batch_error(w->b, EXIT_OK, "%s %s: %s", links_row(w->t.l, node)->kind->singular, links_row(w->t.l, node)->name, words.data ? words.data : "");
    str_release(&words);
    for (int up = 0; up < 2; up++) {
        memset(w->seen, 0, n);
        w->seen[node] = 1;
        edges(w, node, up, 0);
    }
}

void batch_links(struct batch *b)
{
    const struct options *o = b->opt;
    struct walk w = {.b = b, .json = o->output && !strcmp(o->output, "json"), .dot = o->output && !strcmp(o->output, "dot")};
    struct world *world = batch_world(b, &w.t);
    const struct kind *k = batch_world_kind(b, w.t.l, "links", o->args.items[0]);
    w.seen = w.t.l ? mem_zalloc(links_nodes(w.t.l) + 1) : NULL;
    str_init(&w.out, (size_t)1 << 30);
    w.out.failed = !w.seen;
    if (w.dot)
        str_adds(&w.out, "digraph links {\n  rankdir=BT\n");
    for (size_t i = 1; k && w.seen && i < o->args.count; i++)
        batch_each_node(b, w.t.l, k, o->args.items[i], one, &w);
    if (w.dot)
        str_adds(&w.out, "}\n");
    else if (w.json)
        str_adds(&w.out, w.edges ? "]\n" : "[]\n");
    mem_free(w.seen);
    batch_world_end(b, world, &w.out);
}
