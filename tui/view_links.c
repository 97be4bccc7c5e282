/* Links of an object as a tree, and its column: what it stands on, one below the other, down to the rack. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "tui/app_int.h"
#include "tui/view_layers.h"

#define DEPTH 12
#define SHOWN 12               /* of one relation, going up */
enum { STATE_AT = 58, STATE_NARROW = 46, COLUMN_AT = 18, SOURCE_CELLS = 14, TREE_STATE_CELLS = 40 };

static struct subject *keep(const struct subject *u)
{
    struct subject *s = mem_alloc(sizeof *s);
    if (s) *s = *u;
    return s;
}

static uint32_t node_of(struct board *b, const struct graph *g, const struct subject *u)
{
    uint32_t node = graph_find(g, u->source, u->kind, u->uid);
    if (node != LINK_NO_NODE) return node;
    struct str s;
    str_init(&s, 1024);
    subject_absent(u, &s);
    board_line(b);
    board_put(b, ROLE_DIM, "%.*s", (int)strcspn(s.len ? s.data : "", "\n"), s.len ? s.data : "");
    str_release(&s);
    return node;
}

static int role_of_class(unsigned cls) { return cls == LINK_X ? ROLE_BAD : cls == LINK_C ? ROLE_WARN : ROLE_DIM; }

/* "node tenant-a-w2 is server 3f99: A E11-1 providerID; E11-4 systemUUID", and the same short at the end of the line. */
static void evidence(struct board *b, const struct graph *g, uint32_t from, const struct link_edge *e)
{
    const struct row *r = links_row(g->links, from), *to = links_row(g->links, e->to);
    struct str ev;
    str_init(&ev, 4096);
    links_evidence(g->links, from, e, &ev);
    if (ev.data) {
        board_put(b, role_of_class(e->cls), "  %s", ev.data);
        board_foot(b, "%s %s %s %s %s: %s%s", r->kind->singular, r->name, links_relation(e->relation)->down, to->kind->singular, to->name, ev.data,
                   e->cls == LINK_X ? "   The rules contradict each other: no action goes across this link." : e->cls == LINK_C ? "   A guess: nothing acts on it." : "");
    }
    str_release(&ev);
}

/* It names a server or a volume that is not there: there is no line for that one. */
static void dangling(struct board *b, const struct graph *g, uint32_t node)
{
    struct str s;
    str_init(&s, 1024);
    if (why_absent_words(g->links, node, "", &s)) board_put(b, ROLE_BAD, "  %s", s.data ? s.data : "");
    str_release(&s);
}

/* ---- the tree ---- */

struct tree { struct board *b; const struct graph *g; const struct tell *t; uint8_t *seen; };

static void branch(struct tree *w, uint32_t from, const struct link_edge *e, bool up, int depth)
{
    const struct link_relation *rel = links_relation(e->relation);
    struct link_edge edge = *e;
    if (up) edge.to = from;
    board_line(w->b);
    board_row(w->b, links_row(w->g->links, e->to));
    board_to(w->b, depth * 2);
    board_put(w->b, ROLE_DIM, "%s ", up ? rel->up : rel->down);
    board_name(w->b, links_row(w->g->links, e->to));
    board_put(w->b, ROLE_TEXT, "  ");
    board_old(w->b, w->t, e->to);
    board_state(w->b, links_row(w->g->links, e->to));
    board_most(w->b, TREE_STATE_CELLS);                         /* the evidence is what it is for */
    if (!up) dangling(w->b, w->g, e->to);
    evidence(w->b, w->g, up ? e->to : from, &edge);
}

/* What it names, or stands on, is in a list that is not read: there is no line for that. */
static void hidden(struct tree *w, uint32_t node, int depth)
{
    struct str s;
    str_init(&s, 2048);
    if (tell_hidden_at(w->t, node, "", &s)) {
        board_line(w->b);
        board_to(w->b, depth * 2);
        board_put(w->b, ROLE_STALE, "%s", s.data ? s.data : "");
    }
    str_release(&s);
}

static void branches(struct tree *w, uint32_t node, bool up, int depth)
{
    const struct link_edge *e;
    size_t n = up ? links_up(w->g->links, node, &e) : links_down(w->g->links, node, &e), run = 0, more = 0;
    if (!up && depth < DEPTH) hidden(w, node, depth);
    for (size_t i = 0; i < n && depth < DEPTH; i++) {
        run = i && e[i].relation == e[i - 1].relation ? run + 1 : 0;
        if (up && run >= SHOWN) {
            more++;
        } else {
            branch(w, node, &e[i], up, depth);
            if (!w->seen[e[i].to]) {
                w->seen[e[i].to] = 1;
                branches(w, e[i].to, up, depth + 1);
            }
        }
        if (more && (i + 1 == n || e[i + 1].relation != e[i].relation)) {
            board_line(w->b);
            board_to(w->b, depth * 2);
            board_put(w->b, ROLE_DIM, "... and %zu more", more);
            more = 0;
        }
    }
}

static void write_links(struct board *b, const struct graph *g, const struct tell *t, void *arg)
{
    struct tree w = {b, g, t, NULL};
    const struct link_edge *e;
    uint32_t node = node_of(b, g, arg);
    if (node == LINK_NO_NODE || !(w.seen = mem_zalloc(links_nodes(g->links) + 1))) return;
    board_line(b);
    board_row(b, links_row(g->links, node));
    board_name(b, links_row(g->links, node));
    board_put(b, ROLE_TEXT, "  ");
    board_old(b, t, node);
    board_state(b, links_row(g->links, node));
    dangling(b, g, node);
    for (int up = 0; up < 2; up++) {
        if (!(up ? links_up(g->links, node, &e) : links_down(g->links, node, &e))) continue;
        board_line(b);
        board_put(b, ROLE_SECTION, "%s", up ? "what hangs on it" : "what it hangs on");
        memset(w.seen, 0, links_nodes(g->links) + 1);
        w.seen[node] = 1;
        branches(&w, node, up, 1);
    }
    mem_free(w.seen);
}

void run_links(struct app *a, struct screen *s, const char *args)
{
    static const struct board_kind kind = {"links", write_links, mem_free};
    picture_ask_all(a);
    struct subject u, *kept;
    if (subject_named(a, s, args, &u) && (kept = keep(&u))) board_open(a, &kind, u.name, kept);
}

/* ---- the column ---- */

/* What a thing is made of, the first of these it has. */
static const char *const substance[] = {"runs-on", "machine", "hosted", "metal", "host", "balances", "amphora", "members", "target", "attached", "process", "placed", "backed", "guest", "bound", "disk", "stored", "coe", NULL};

static const struct link_edge *below(const struct graph *g, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(g->links, node, &e);
    for (const char *const *s = substance; *s; s++)
        for (size_t i = 0; i < n; i++)
            if (!strcmp(links_relation(e[i].relation)->id, *s)) return &e[i];
    return NULL;
}

/* A server is the node of somebody: the column begins there. */
static uint32_t topmost(const struct graph *g, uint32_t node)
{
    for (int depth = 0; depth < DEPTH; depth++) {
        const struct link_edge *e;
        size_t n = links_up(g->links, node, &e), i = 0;
        while (i < n && strcmp(links_relation(e[i].relation)->id, "machine") && strcmp(links_relation(e[i].relation)->id, "metal")) i++;
        if (i == n) break;
        node = e[i].to;
    }
    return node;
}

/* "carries 14 pods, 2 of them red; has 3 ports": all that stands upon it, by relation. */
static void burden(struct board *b, const struct graph *g, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_up(g->links, node, &e), said = 0;
    for (size_t i = 0; i < n;) {
        size_t count = 0, red = 0, from = i;
        const struct kind *k = links_row(g->links, e[i].to)->kind;
        for (; i < n && e[i].relation == e[from].relation && links_row(g->links, e[i].to)->kind == k; i++) {
            count++;
            red += why_state_of(links_row(g->links, e[i].to)) == WHY_BROKEN;
        }
        if (count < 2 && !red) continue;
        board_put(b, ROLE_DIM, "%s%s %zu %s%s", said++ ? "; " : "   ", links_relation(e[from].relation)->up, count, k->singular, count == 1 ? "" : "s");
        if (red) board_put(b, ROLE_BAD, ", %zu red", red);
    }
}

static void storey(struct board *b, const struct graph *g, const struct tell *t, uint32_t node, uint16_t *source, bool it)
{
    struct app *a = ((struct screen *)b)->app;
    const struct row *r = links_row(g->links, node);
    const struct source_info *s = app_source(a, r->source);
    bool ns = r->kind->plane == PLANE_KUBE && *r->scope;
    board_line(b);
    board_row(b, r);
    if (*source != r->source)
        board_put(b, ROLE_SECTION, "%s ", glyph(app_canvas(a), r->kind->plane == PLANE_KUBE ? GLYPH_KUBE : GLYPH_STACK)), board_put(b, ROLE_SECTION, "%s", s ? s->name : "?"), board_most(b, SOURCE_CELLS);
    *source = r->source;
    board_to(b, COLUMN_AT);
    board_put(b, ROLE_FIELD, "%s ", r->kind->singular);
    board_put(b, it ? ROLE_STRONG : ROLE_NAME, "%s%s%s", ns ? r->scope : "", ns ? "/" : "", r->name);
    board_put(b, ROLE_TEXT, "  ");
    board_to(b, app_canvas(a)->w < 110 ? STATE_NARROW : STATE_AT);
    board_old(b, t, node);
    board_state(b, r);
}

static void write_column(struct board *b, const struct graph *g, const struct tell *t, void *arg)
{
    uint32_t it = node_of(b, g, arg), node;
    uint16_t source = UINT16_MAX;
    const struct link_edge *e;
    struct app *a = ((struct screen *)b)->app;
    uint32_t met[DEPTH];
    if (it == LINK_NO_NODE) return;
    node = topmost(g, it);
    for (int depth = 0; depth < DEPTH; depth++) {
        bool again = false;
        for (int i = 0; i < depth; i++) again |= met[i] == node;        /* a self-hosted cloud stands on itself */
        if (again) {
            board_line(b);
            board_to(b, COLUMN_AT);
            board_put(b, ROLE_WARN, "and so on: it is self-hosted");
            break;
        }
        met[depth] = node;
        storey(b, g, t, node, &source, node == it);
        burden(b, g, node);
        e = below(g, node);
        board_foot(b, "%s", e ? "" : "nothing below it is seen: the column ends here");
        if (!e) break;
        board_line(b);
        board_to(b, COLUMN_AT);
        board_put(b, ROLE_BORDER, "%s  ", glyph(app_canvas(a), GLYPH_V));
        board_put(b, ROLE_DIM, "%s", links_relation(e->relation)->down);
        evidence(b, g, node, e);
        node = e->to;
    }
}

void run_column(struct app *a, struct screen *s, const char *args)
{
    static const struct board_kind kind = {"column", write_column, mem_free};
    struct subject u, *kept;
    if (subject_named(a, s, args, &u) && (kept = keep(&u))) board_open(a, &kind, u.name, kept);
}
