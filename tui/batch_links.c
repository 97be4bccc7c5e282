/* strata links KIND NAME: what an object hangs on and what hangs on it, through all clusters and clouds, with the evidence. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/world.h"
#include "tui/batch.h"

#define DEPTH 12
#define SHOWN 12               /* of one relation, going up; all with -o json and dot */

struct walk {
    struct batch *b;
    const struct links *l;
    struct str out;
    uint8_t *seen;             /* per node */
    size_t edges;
    bool json, dot, first;
};

static const char *source_name(const struct walk *w, uint16_t id)
{
    const struct source_info *s = batch_source(w->b, id);
    return s ? s->name : "";
}

static void node_words(struct walk *w, const struct row *r)
{
    str_addf(&w->out, "%s %s%s%s (%s)", r->kind->singular, r->kind->plane == PLANE_KUBE ? r->scope : "", r->kind->plane == PLANE_KUBE && *r->scope ? "/" : "",
             r->name, source_name(w, r->source));
}

/* ---- text ---- */

static void tree(struct walk *w, uint32_t node, bool up, int depth)
{
    const struct link_edge *e;
    size_t n = up ? links_up(w->l, node, &e) : links_down(w->l, node, &e), run = 0, more = 0;
    for (size_t i = 0; i < n && depth < DEPTH; i++) {
        run = i && e[i].relation == e[i - 1].relation ? run + 1 : 0;
        if (up && run >= SHOWN) {
            more++;
        } else {
            const struct link_relation *rel = links_relation(e[i].relation);
            str_addf(&w->out, "%*s%s ", depth * 2, "", up ? rel->up : rel->down);
            node_words(w, links_row(w->l, e[i].to));
            str_adds(&w->out, "   ");
            struct link_edge back = e[i];
            if (up)
                back.to = node;
            links_evidence(w->l, up ? e[i].to : node, &back, &w->out);
            str_addc(&w->out, '\n');
            if (!w->seen[e[i].to]) {
                w->seen[e[i].to] = 1;
                tree(w, e[i].to, up, depth + 1);
            }
        }
        if (more && (i + 1 == n || e[i + 1].relation != e[i].relation)) {
            str_addf(&w->out, "%*s... and %zu more\n", depth * 2, "", more);
            more = 0;
        }
    }
}

/* ---- all edges, for programs ---- */

static void node_json(struct walk *w, const char *key, const struct row *r)
{
    str_addf(&w->out, "\"%s\":{", key);
    json_text(&w->out, "source", source_name(w, r->source));
    json_text(&w->out, "kind", r->kind->id);
    json_text(&w->out, "scope", r->scope);
    json_text(&w->out, "name", r->name);
    json_text(&w->out, "uid", r->uid);
    str_addc(&w->out, '}');
}

static void dot_node(struct walk *w, const struct row *r)
{
    char id[512];
    snprintf(id, sizeof id, "%s\n%s\n%s", r->kind->singular, r->name, source_name(w, r->source));
    str_add_json(&w->out, id, strlen(id));
}

static void edge_out(struct walk *w, uint32_t from, const struct link_edge *e)
{
    const struct row *a = links_row(w->l, from), *b = links_row(w->l, e->to);
    struct str ev;
    str_init(&ev, 0);
    links_evidence(w->l, from, e, &ev);
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
    size_t n = up ? links_up(w->l, node, &e) : links_down(w->l, node, &e);
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

static void one(struct walk *w, uint32_t node)
{
    size_t n = links_nodes(w->l);
    memset(w->seen, 0, n);
    w->seen[node] = 1;
    if (w->json || w->dot) {
        edges(w, node, false, 0);
        memset(w->seen, 0, n);
        w->seen[node] = 1;
        edges(w, node, true, 0);
        return;
    }
    node_words(w, links_row(w->l, node));
    str_addc(&w->out, '\n');
    tree(w, node, false, 1);
    memset(w->seen, 0, n);
    w->seen[node] = 1;
    tree(w, node, true, 1);
}

/* Rows of the kind with that name or uid, wherever they are. */
static void show_named(struct walk *w, const struct kind *k, const char *name)
{
    size_t found = 0;
    for (uint32_t i = 0; i < links_nodes(w->l); i++) {
        const struct row *r = links_row(w->l, i);
        if (!r || r->kind != k || (strcmp(r->name, name) && strcmp(r->uid, name)))
            continue;
        found++;
        one(w, i);
    }
    if (!found)
        batch_error(w->b, EXIT_NOT_FOUND, "%s \"%s\" not found", k->singular, name);
}

void batch_links(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = kind_find(o->args.items[0]);
    struct walk w = {.b = b, .json = o->output && !strcmp(o->output, "json"), .dot = o->output && !strcmp(o->output, "dot")};
    if (!k) {
        batch_error(b, EXIT_USAGE, "links: there is no kind \"%s\"", o->args.items[0]);
        return;
    }
    struct world *world = batch_world(b);
    w.l = world ? world_links(world) : NULL;
    w.seen = w.l ? mem_zalloc(links_nodes(w.l) + 1) : NULL;
    str_init(&w.out, (size_t)1 << 30);
    if (w.dot)
        str_adds(&w.out, "digraph links {\n  rankdir=BT\n");
    for (size_t i = 1; w.seen && i < o->args.count; i++)
        show_named(&w, k, o->args.items[i]);
    if (w.dot)
        str_adds(&w.out, "}\n");
    else if (w.json)
        str_adds(&w.out, w.edges ? "]\n" : "[]\n");
    if (!w.seen || w.out.failed)
        batch_error(b, EXIT_FAILED, "out of memory");
    else
        print_text(w.out.data ? w.out.data : "", w.out.len);
    batch_unseen(b, world);
    str_release(&w.out);
    mem_free(w.seen);
    world_close(world);
}
