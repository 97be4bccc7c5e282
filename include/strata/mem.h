/*
 * Purpose:   the one way to allocate; the seam for fault injection.
 * Thread:    any.
 * Ownership: what you get is yours; mem_free() takes it (NULL is fine).
 * Errors:    NULL when memory is out: core reports ERR_NOMEM, nothing aborts.
 * Units:     bytes.
 */
#ifndef STRATA_MEM_H
#define STRATA_MEM_H

#include <stdbool.h>
#include <stddef.h>

void mem_free(void *p);
void *mem_alloc(size_t n) __attribute__((malloc, warn_unused_result));
void *mem_zalloc(size_t n) __attribute__((malloc, warn_unused_result));
void *mem_realloc(void *p, size_t n) __attribute__((warn_unused_result));
char *mem_strdup(const char *s) __attribute__((malloc, warn_unused_result));          /* NULL in, NULL out */
char *mem_strndup(const char *s, size_t n) __attribute__((malloc, warn_unused_result));

/* Frees a secret after overwriting it (s is a C string or NULL). */
void mem_free_secret(char *s);

/* Grows *ptr so that it holds at least `need` elements of `size` bytes (doubling).
 * Returns false (and leaves everything as it was) when memory is out. */
bool mem_grow(void *ptr_to_ptr, size_t *cap, size_t need, size_t size) __attribute__((warn_unused_result));

/* Fault injection (tests): the n-th allocation from now fails (1 = the next), once or from then on.
 * 0 switches it off. Returns how many allocations happened since the last call. */
long mem_fail_at(long n, bool persistent);
/* The same for a whole program (tests/fault): STRATA_FAIL_ALLOC=N, or N+ for all from the n-th on. */
void mem_fail_from_env(void);

#endif
