/* Hash map from C string to pointer: open addressing, linear probing, tombstones. */
#include "strata/map.h"

#include <string.h>

#include "strata/mem.h"

/* key == NULL: never used; key == tomb: deleted, probing goes on. */
static const char tomb_byte[1];
#define TOMB ((char *)(uintptr_t)tomb_byte) /* never written to */

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 r = (u128)a * b;
    return (uint64_t)r ^ (uint64_t)(r >> 64);
}

uint64_t hash_bytes(const void *p, size_t n)
{
    const unsigned char *s = p;
    uint64_t h = 0x9E3779B97F4A7C15u ^ (uint64_t)n;
    for (; n >= 8; s += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, s, 8);
        h = mix(h ^ w, 0xD6E8FEB86659FD93u);
    }
    uint64_t w = 0;
    memcpy(&w, s, n);
    h = mix(h ^ w, 0xA0761D6478BD642Fu);
    return h ^ (h >> 29);
}

void map_init(struct map *m, void (*free_value)(void *))
{
    *m = (struct map){.free_value = free_value};
}

void map_release(struct map *m)
{
    for (size_t i = 0; i < m->cap; i++) {
        struct map_entry *e = &m->slots[i];
        if (!e->key || e->key == TOMB)
            continue;
        mem_free(e->key);
        if (m->free_value)
            m->free_value(e->value);
    }
    mem_free(m->slots);
    map_init(m, m->free_value);
}

static struct map_entry *find(const struct map *m, const char *key, uint64_t hash)
{
    if (!m->cap)
        return NULL;
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct map_entry *e = &m->slots[i];
        if (!e->key)
            return NULL;
        if (e->key != TOMB && e->hash == hash && strcmp(e->key, key) == 0)
            return e;
    }
}

void *map_get(const struct map *m, const char *key)
{
    const struct map_entry *e = m->count ? find(m, key, hash_bytes(key, strlen(key))) : NULL;
    return e ? e->value : NULL;
}

/* Keeps at least a quarter of the slots never-used, so that probing ends. */
static bool make_room(struct map *m)
{
    if (m->cap && (m->count + m->dead + 1) * 4 <= m->cap * 3)
        return true;
    size_t cap = 16;
    while (cap < (m->count + 1) * 2)
        cap *= 2;
    struct map_entry *slots = mem_zalloc(cap * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < m->cap; i++) {
        if (!m->slots[i].key || m->slots[i].key == TOMB)
            continue;
        size_t at = m->slots[i].hash & (cap - 1);
        while (slots[at].key)
            at = (at + 1) & (cap - 1);
        slots[at] = m->slots[i];
    }
    mem_free(m->slots);
    m->slots = slots;
    m->cap = cap;
    m->dead = 0;
    return true;
}

bool map_put(struct map *m, const char *key, void *value)
{
    uint64_t hash = hash_bytes(key, strlen(key));
    struct map_entry *e = find(m, key, hash);
    if (e) {
        void *old = e->value;
        e->value = value;
        if (m->free_value && old != value)
            m->free_value(old);
        return true;
    }
    char *copy = mem_strdup(key);
    if (!copy || !make_room(m)) {
        mem_free(copy);
        return false;
    }
    size_t at = hash & (m->cap - 1);
    while (m->slots[at].key && m->slots[at].key != TOMB)
        at = (at + 1) & (m->cap - 1);
    if (m->slots[at].key == TOMB)
        m->dead--;
    m->slots[at] = (struct map_entry){.key = copy, .value = value, .hash = hash};
    m->count++;
    return true;
}

bool map_del(struct map *m, const char *key)
{
    struct map_entry *e = find(m, key, hash_bytes(key, strlen(key)));
    if (!e)
        return false;
    void *old = e->value;
    mem_free(e->key);
    e->key = TOMB;
    e->value = NULL;
    m->count--;
    m->dead++;
    if (m->free_value)
        m->free_value(old);
    return true;
}

const struct map_entry *map_next(const struct map *m, size_t *i)
{
    while (*i < m->cap) {
        const struct map_entry *e = &m->slots[(*i)++];
        if (e->key && e->key != TOMB)
            return e;
    }
    return NULL;
}
