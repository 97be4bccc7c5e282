/* The rows of one feed: slots in chunks, found by uid through an open-addressing table; copy on write. */
#include "strata/store.h"

#include <string.h>

#include "core/store/row_priv.h"
#include "strata/map.h"
#include "strata/mem.h"

#define NO_SLOT UINT32_MAX
#define GONE (UINT32_MAX - 1)

struct store {
    uint16_t source;
    const struct kind *kind;
    struct strpool *pool;
    struct rowbuf rb;
    struct snap_chunk **chunk;
    size_t nchunks, cap_chunks;
    size_t count, slots;
    uint32_t *free_slot;          /* stack of empty slots below `slots` */
    size_t nfree, cap_free;
    uint32_t *table;              /* uid hash -> slot; NO_SLOT empty, GONE deleted */
    size_t cap_table, used_table; /* used counts GONE too */
    uint32_t *seen;               /* per slot: the sync it was last put in */
    size_t cap_seen;
    uint32_t sync;                /* current or last sync */
    bool syncing, dirty;
    int64_t next_age_ms;          /* no row gets worse before */
    uint64_t version;
    struct feed_status status;
    void (*recycle)(void *arg, struct snap *s);
    void *recycle_arg;
};

struct store *store_new(uint16_t source, void (*recycle)(void *arg, struct snap *s), void *arg)
{
    struct store *s = mem_zalloc(sizeof(*s));
    if (!s)
        return NULL;
    s->pool = pool_new();
    if (!s->pool) {
        mem_free(s);
        return NULL;
    }
    s->source = source;
    s->next_age_ms = INT64_MAX;
    s->recycle = recycle;
    s->recycle_arg = arg;
    rowbuf_init(&s->rb, s->pool);
    return s;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    rowbuf_release(&s->rb);
    for (size_t i = 0; i < s->nchunks; i++)
        chunk_unref(s->chunk[i], s->pool);
    mem_free(s->chunk);
    mem_free(s->free_slot);
    mem_free(s->table);
    mem_free(s->seen);
    pool_unref(s->pool);
    mem_free(s);
}

void store_set_kind(struct store *s, const struct kind *k)
{
    if (s->kind == k)
        return;
    store_clear(s);
    s->kind = k;
    s->dirty = true;
}

struct rowbuf *store_rowbuf(struct store *s)
{
    return &s->rb;
}

size_t store_count(const struct store *s)
{
    return s->count;
}

static struct row *at(const struct store *s, uint32_t slot)
{
    return s->chunk[slot / SNAP_CHUNK]->row[slot % SNAP_CHUNK];
}

size_t store_slots(const struct store *s)
{
    return s->slots;
}

const struct row *store_row(const struct store *s, size_t slot)
{
    return slot < s->slots ? at(s, (uint32_t)slot) : NULL;
}

/* ---- uid -> slot ---- */

static size_t probe(const struct store *s, const char *uid, bool *found)
{
    size_t mask = s->cap_table - 1, i = hash_bytes(uid, strlen(uid)) & mask, grave = SIZE_MAX;
    for (;; i = (i + 1) & mask) {
        uint32_t slot = s->table[i];
        if (slot == NO_SLOT) {
            *found = false;
            return grave != SIZE_MAX ? grave : i;
        }
        if (slot == GONE) {
            if (grave == SIZE_MAX)
                grave = i;
        } else if (!strcmp(at(s, slot)->uid, uid)) {
            *found = true;
            return i;
        }
    }
}

static bool table_reserve(struct store *s)
{
    if (s->cap_table && (s->used_table + 1) * 4 < s->cap_table * 3)
        return true;
    size_t cap = 64;
    while (cap * 3 < (s->count + 1) * 4 * 2)
        cap *= 2;
    uint32_t *t = mem_alloc(cap * sizeof(*t));
    if (!t)
        return false;
    memset(t, 0xff, cap * sizeof(*t));
    for (uint32_t slot = 0; slot < s->slots; slot++) {
        const struct row *r = at(s, slot);
        if (!r)
            continue;
        size_t i = hash_bytes(r->uid, strlen(r->uid)) & (cap - 1);
        while (t[i] != NO_SLOT)
            i = (i + 1) & (cap - 1);
        t[i] = slot;
    }
    mem_free(s->table);
    s->table = t;
    s->cap_table = cap;
    s->used_table = s->count;
    return true;
}

static uint32_t find(const struct store *s, const char *uid, size_t *place)
{
    bool found = false;
    if (!s->cap_table)
        return NO_SLOT;
    size_t i = probe(s, uid, &found);
    if (place)
        *place = i;
    return found ? s->table[i] : NO_SLOT;
}

const struct row *store_get(const struct store *s, const char *uid)
{
    uint32_t slot = find(s, uid, NULL);
    return slot == NO_SLOT ? NULL : at(s, slot);
}

/* ---- slots ---- */

/* The chunk of a slot, ours alone to write. */
static struct snap_chunk *writable(struct store *s, uint32_t slot)
{
    struct snap_chunk **c = &s->chunk[slot / SNAP_CHUNK];
    if ((*c)->refs > 1) {
        struct snap_chunk *mine = chunk_copy(*c);
        if (!mine)
            return NULL;
        chunk_unref(*c, s->pool);
        *c = mine;
    }
    return *c;
}

static uint32_t new_slot(struct store *s)
{
    if (s->nfree)
        return s->free_slot[--s->nfree];
    if (s->slots == s->nchunks * SNAP_CHUNK) {
        if (!mem_grow(&s->chunk, &s->cap_chunks, s->nchunks + 1, sizeof(*s->chunk)) ||
            !mem_grow(&s->seen, &s->cap_seen, (s->nchunks + 1) * SNAP_CHUNK, sizeof(*s->seen)) ||
            !mem_grow(&s->free_slot, &s->cap_free, (s->nchunks + 1) * SNAP_CHUNK, sizeof(*s->free_slot)))
            return NO_SLOT;
        struct snap_chunk *c = chunk_new();
        if (!c)
            return NO_SLOT;
        s->chunk[s->nchunks++] = c;
    }
    return (uint32_t)s->slots++;
}

/* Values that do not come with the object (metrics) stay until they are measured again. */
static void carry(const struct row *old, struct row *r)
{
    for (size_t i = 0; i < r->kind->ncolumns; i++) {
        const struct column *c = &r->kind->columns[i];
        if ((c->flags & COL_CARRY) && c->type != COL_TEXT && r->cell[i].n == CELL_NONE)
            r->cell[i].n = old->cell[i].n;
    }
}

bool store_put(struct store *s, struct row *r)
{
    if (!r)
        return false;
    r->source = s->source;
    int64_t later = row_next_later(r);
    if (later < s->next_age_ms)
        s->next_age_ms = later;
    size_t place = 0;
    uint32_t slot = find(s, r->uid, &place);
    if (slot != NO_SLOT) {
        struct row *old = at(s, slot);
        carry(old, r);
        s->seen[slot] = s->sync;
        if (row_same(old, r)) {
            row_unref(r, s->pool);
            return true;
        }
        struct snap_chunk *c = writable(s, slot);
        if (!c) {
            row_unref(r, s->pool);
            return false;
        }
        r->slot = slot;
        row_unref(c->row[slot % SNAP_CHUNK], s->pool);
        c->row[slot % SNAP_CHUNK] = r;
        s->dirty = true;
        return true;
    }
    if (!table_reserve(s) || (slot = new_slot(s)) == NO_SLOT) {
        row_unref(r, s->pool);
        return false;
    }
    struct snap_chunk *c = writable(s, slot);
    if (!c) {
        s->free_slot[s->nfree++] = slot;
        row_unref(r, s->pool);
        return false;
    }
    bool found;
    place = probe(s, r->uid, &found);
    if (s->table[place] == NO_SLOT)
        s->used_table++;
    s->table[place] = slot;
    r->slot = slot;
    c->row[slot % SNAP_CHUNK] = r;
    c->used++;
    s->seen[slot] = s->sync;
    s->count++;
    s->dirty = true;
    return true;
}

static bool remove_slot(struct store *s, uint32_t slot, size_t place)
{
    struct snap_chunk *c = writable(s, slot);
    if (!c)
        return false;
    s->table[place] = GONE;
    row_unref(c->row[slot % SNAP_CHUNK], s->pool);
    c->row[slot % SNAP_CHUNK] = NULL;
    c->used--;
    s->free_slot[s->nfree++] = slot;
    s->count--;
    s->dirty = true;
    return true;
}

bool store_delete(struct store *s, const char *uid)
{
    size_t place = 0;
    uint32_t slot = find(s, uid, &place);
    return slot != NO_SLOT && remove_slot(s, slot, place);
}

void store_clear(struct store *s)
{
    for (size_t i = 0; i < s->nchunks; i++)
        chunk_unref(s->chunk[i], s->pool);
    s->nchunks = 0;
    s->slots = s->count = s->nfree = s->used_table = 0;
    if (s->cap_table)
        memset(s->table, 0xff, s->cap_table * sizeof(*s->table));
    s->dirty = true;
}

/* ---- mark and sweep ---- */

void store_sync_begin(struct store *s)
{
    s->sync++;
    s->syncing = true;
}

bool store_touch(struct store *s, const char *uid)
{
    uint32_t slot = find(s, uid, NULL);
    if (slot == NO_SLOT)
        return false;
    s->seen[slot] = s->sync;
    return true;
}

size_t store_sync_end(struct store *s)
{
    size_t gone = 0;
    if (!s->syncing)
        return 0;
    s->syncing = false;
    for (uint32_t slot = 0; slot < s->slots; slot++) {
        const struct row *r = at(s, slot);
        size_t place = 0;
        if (r && s->seen[slot] != s->sync && find(s, r->uid, &place) == slot && remove_slot(s, slot, place))
            gone++;
    }
    return gone;
}

void store_sync_cancel(struct store *s)
{
    s->syncing = false;
}

bool store_set_num(struct store *s, const char *uid, int col, int64_t n)
{
    uint32_t slot = find(s, uid, NULL);
    if (slot == NO_SLOT || col < 0 || (size_t)col >= s->kind->ncolumns)
        return false;
    struct row *old = at(s, slot);
    if (old->kind->columns[col].type == COL_TEXT || old->cell[col].n == n)
        return old->cell[col].n == n;
    struct snap_chunk *c = writable(s, slot);
    struct row *r = c ? row_with_num(old, s->pool, col, n) : NULL;
    if (!r)
        return false;
    c->row[slot % SNAP_CHUNK] = r;
    row_unref(old, s->pool);
    s->dirty = true;
    return true;
}

/* ---- age ---- */

int64_t store_next_age(const struct store *s)
{
    return s->next_age_ms;
}

bool store_age(struct store *s, int64_t now_ms)
{
    bool any = false;
    if (now_ms < s->next_age_ms)
        return false;
    s->next_age_ms = INT64_MAX;
    for (uint32_t slot = 0; slot < s->slots; slot++) {
        struct row *old = at(s, slot);
        if (!old || !old->later[0])
            continue;
        uint8_t h = row_health_at(old, now_ms);
        struct row *r = old;
        if (h != old->health) {
            struct snap_chunk *c = writable(s, slot);
            r = c ? row_with_health(old, s->pool, h) : NULL;
            if (!r) {                 /* no memory: soon again */
                s->next_age_ms = now_ms + 1000;
                continue;
            }
            c->row[slot % SNAP_CHUNK] = r;
            row_unref(old, s->pool);
            any = s->dirty = true;
        }
        int64_t next = row_next_later(r);
        if (next < s->next_age_ms)
            s->next_age_ms = next;
    }
    return any;
}

/* ---- publication ---- */

struct feed_status *store_status(struct store *s)
{
    return &s->status;
}

bool store_dirty(const struct store *s)
{
    return s->dirty;
}

struct snap *store_publish(struct store *s)
{
    struct snap *p = mem_alloc(sizeof(*p) + s->nchunks * sizeof(p->chunk[0]));
    if (!p)
        return NULL;
    atomic_init(&p->refs, 1);
    p->source = s->source;
    p->kind = s->kind;
    p->version = ++s->version;
    p->status = s->status;
    p->count = s->count;
    p->slots = s->slots;
    p->nchunks = s->nchunks;
    p->pool = pool_ref(s->pool);
    p->recycle = s->recycle;
    p->recycle_arg = s->recycle_arg;
    for (size_t i = 0; i < s->nchunks; i++) {
        s->chunk[i]->refs++;
        p->chunk[i] = s->chunk[i];
    }
    s->dirty = false;
    return p;
}
