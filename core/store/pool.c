/* Shared strings: a chained hash table; each string sits behind its own header. */
#include "core/store/pool.h"

#include <stdint.h>
#include <string.h>

#include "strata/map.h"
#include "strata/mem.h"

struct entry {
    struct entry *next;
    uint64_t hash;
    uint32_t refs, len;
    char text[];
};

struct strpool {
    struct entry **bucket;
    size_t nbuckets, count;
    unsigned refs;
};

struct strpool *pool_new(void)
{
    struct strpool *p = mem_zalloc(sizeof(*p));
    if (!p)
        return NULL;
    p->refs = 1;
    p->nbuckets = 64;
    p->bucket = mem_zalloc(p->nbuckets * sizeof(*p->bucket));
    if (!p->bucket) {
        mem_free(p);
        return NULL;
    }
    return p;
}

struct strpool *pool_ref(struct strpool *p)
{
    p->refs++;
    return p;
}

void pool_unref(struct strpool *p)
{
    if (!p || --p->refs)
        return;
    for (size_t i = 0; i < p->nbuckets; i++) {
        for (struct entry *e = p->bucket[i], *next; e; e = next) {
            next = e->next;
            mem_free(e);
        }
    }
    mem_free(p->bucket);
    mem_free(p);
}

static void pool_grow(struct strpool *p)
{
    size_t n = p->nbuckets * 4;
    struct entry **b = mem_zalloc(n * sizeof(*b));
    if (!b)
        return;   /* longer chains, nothing else */
    for (size_t i = 0; i < p->nbuckets; i++) {
        for (struct entry *e = p->bucket[i], *next; e; e = next) {
            next = e->next;
            e->next = b[e->hash & (n - 1)];
            b[e->hash & (n - 1)] = e;
        }
    }
    mem_free(p->bucket);
    p->bucket = b;
    p->nbuckets = n;
}

const char *pool_get(struct strpool *p, const char *s, size_t len)
{
    uint64_t h = hash_bytes(s, len);
    for (struct entry *e = p->bucket[h & (p->nbuckets - 1)]; e; e = e->next) {
        if (e->hash == h && e->len == len && !memcmp(e->text, s, len)) {
            e->refs++;
            return e->text;
        }
    }
    if (p->count >= p->nbuckets * 2)
        pool_grow(p);
    struct entry *e = mem_alloc(sizeof(*e) + len + 1);
    if (!e)
        return NULL;
    e->hash = h;
    e->refs = 1;
    e->len = (uint32_t)len;
    memcpy(e->text, s, len);
    e->text[len] = 0;
    e->next = p->bucket[h & (p->nbuckets - 1)];
    p->bucket[h & (p->nbuckets - 1)] = e;
    p->count++;
    return e->text;
}

void pool_put(struct strpool *p, const char *s)
{
    if (!s)
        return;
    struct entry *e = (struct entry *)(s - offsetof(struct entry, text));
    if (--e->refs)
        return;
    struct entry **at = &p->bucket[e->hash & (p->nbuckets - 1)];
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    p->count--;
    mem_free(e);
}
