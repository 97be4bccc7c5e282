/*
 * Purpose:   hash map from C string to pointer.
 * Thread:    any; one map belongs to one thread at a time.
 * Ownership: keys are copied; values are borrowed unless a free function was given at init.
 * Errors:    map_put returns false when memory is out; the map is then unchanged.
 */
#ifndef STRATA_MAP_H
#define STRATA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    char *key;
    void *value;
    uint64_t hash;
};
struct map {
    struct map_entry *slots;
    size_t cap, count, dead;
    void (*free_value)(void *);
};

void map_init(struct map *m, void (*free_value)(void *));
void map_release(struct map *m);
void *map_get(const struct map *m, const char *key);
bool map_put(struct map *m, const char *key, void *value);  /* replaces; the old value is freed */
bool map_del(struct map *m, const char *key);               /* true if it was there */
/* Iterates in no order: for (size_t i = 0; (e = map_next(m, &i)); ) — no changes meanwhile. */
const struct map_entry *map_next(const struct map *m, size_t *i);

uint64_t hash_bytes(const void *p, size_t n);

#endif
