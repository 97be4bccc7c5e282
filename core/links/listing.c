/* Rows that are made of the picture: a store for each source, and what belongs to each row beside its cells, by the order of writing. */
#include "strata/listing.h"

#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/core.h"
#include "strata/links.h"
#include "strata/mem.h"
#include "strata/store.h"

#define TEXT_MAX ((size_t)1 << 24)
#define FOOT_ROOM ((size_t)1 << 21)             /* what is left then, so that each row has its word */

struct listing {
    const struct kind *kind;
    struct store *store[CORE_MAX_SOURCES];
    struct { uint32_t node; size_t foot; } *of;     /* by order */
    size_t n, cap;
    struct str text, head, unseen;
    uint16_t source;                                /* of the row that is being written */
    bool failed;
};

struct listing *listing_new(const struct kind *k)
{
    struct listing *g = mem_zalloc(sizeof *g);
    if (!g)
        return NULL;
    g->kind = k;
    str_init(&g->text, TEXT_MAX);
    str_init(&g->head, 4096);
    str_init(&g->unseen, 1 << 17);
    return g;
}

void listing_free(struct listing *g)
{
    for (size_t i = 0; g && i < CORE_MAX_SOURCES; i++)
        store_free(g->store[i]);
    if (!g)
        return;
    mem_free(g->of);
    str_release(&g->text);
    str_release(&g->head);
    str_release(&g->unseen);
    mem_free(g);
}

static struct store *store_of(struct listing *g, uint16_t source)
{
    struct store *s = source < CORE_MAX_SOURCES ? g->store[source] : NULL;
    if (s || source >= CORE_MAX_SOURCES || !(s = store_new(source, NULL, NULL)))
        return s;
    store_set_kind(s, g->kind);
    store_status(s)->state = FEED_LIVE;
    store_status(s)->last_ok_mono_ms = clock_mono_ms();
    return g->store[source] = s;
}

struct rowbuf *listing_line(struct listing *g, const struct listing_of *of)
{
    char uid[120];
    struct store *s = store_of(g, of->source);
    if (!s || !mem_grow(&g->of, &g->cap, g->n + 1, sizeof *g->of)) {
        g->failed = true;
        return NULL;
    }
    snprintf(uid, sizeof uid, "%.100s", of->uid);
    for (unsigned n = 2; store_get(s, uid); n++)
        snprintf(uid, sizeof uid, "%.100s %u", of->uid, n);
    struct rowbuf *rb = store_rowbuf(s);
    rowbuf_begin(rb, g->kind);
    rowbuf_id(rb, uid, of->scope, of->name);
    rowbuf_health(rb, of->health);
    rowbuf_num(rb, 0, (int64_t)g->n);
    g->of[g->n].node = of->node;
    g->source = of->source;
    return rb;
}

struct rowbuf *listing_row(struct listing *g, const struct row *about, uint32_t node)
{
    char uid[120];
    snprintf(uid, sizeof uid, "%.30s %.80s", about->kind->id, about->uid);
    return listing_line(g, &(struct listing_of){about->source, node, uid, about->scope, about->name, (enum health)about->health});
}

void listing_done(struct listing *g, const char *foot)
{
    struct store *s = g->store[g->source];
    str_addc(&g->text, '\0');
    g->of[g->n++].foot = g->text.len;
    if (foot && g->text.len + strlen(foot) < TEXT_MAX - FOOT_ROOM)
        str_adds(&g->text, foot);
    else if (foot)
        str_adds(&g->text, "there is no room to tell more of it");
    g->failed |= !store_put(s, rowbuf_finish(store_rowbuf(s))) || g->text.failed;
}

struct str *listing_head(struct listing *g) { return &g->head; }
struct str *listing_unseen(struct listing *g) { return &g->unseen; }
bool listing_failed(const struct listing *g) { return g->failed || g->head.failed || g->unseen.failed; }
size_t listing_count(const struct listing *g) { return g->n; }

struct snap *listing_snap(struct listing *g, uint16_t source)
{
    struct store *s = store_of(g, source);
    return s ? store_publish(s) : NULL;
}

static bool has(const struct listing *g, const struct row *r) { return r && r->kind == g->kind && r->cell[0].n >= 0 && (size_t)r->cell[0].n < g->n; }

uint32_t listing_node(const struct listing *g, const struct row *r) { return has(g, r) ? g->of[r->cell[0].n].node : LINK_NO_NODE; }
const char *listing_foot(const struct listing *g, const struct row *r) { return has(g, r) && !g->text.failed ? g->text.data + g->of[r->cell[0].n].foot : ""; }
