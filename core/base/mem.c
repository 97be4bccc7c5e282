/* The one way to allocate. Counts every allocation so that a test can make the n-th one fail. */
#include "strata/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The seam's state: how many allocations since the last mem_fail_at, and which of them fails. */
static atomic_long seen;
static atomic_long fail_at;
static atomic_bool fail_on;

static bool must_fail(void)
{
    long now = atomic_fetch_add_explicit(&seen, 1, memory_order_relaxed) + 1;
    long at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (at == 0)
        return false;
    return now == at || (now > at && atomic_load_explicit(&fail_on, memory_order_relaxed));
}

long mem_fail_at(long n, bool persistent)
{
    atomic_store(&fail_at, 0);
    atomic_store(&fail_on, persistent);
    long before = atomic_exchange(&seen, 0);
    atomic_store(&fail_at, n > 0 ? n : 0);
    return before;
}

void mem_fail_from_env(void)
{
    const char *v = getenv("STRATA_FAIL_ALLOC");
    char *end = NULL;
    long n = v ? strtol(v, &end, 10) : 0;
    if (n > 0 && (!*end || !strcmp(end, "+")))
        mem_fail_at(n, *end == '+');
}

void mem_free(void *p)
{
    free(p);
}

void *mem_alloc(size_t n)
{
    return must_fail() ? NULL : malloc(n ? n : 1);
}

void *mem_zalloc(size_t n)
{
    return must_fail() ? NULL : calloc(1, n ? n : 1);
}

void *mem_realloc(void *p, size_t n)
{
    return must_fail() ? NULL : realloc(p, n ? n : 1);
}

char *mem_strdup(const char *s)
{
    return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t n)
{
    if (!s)
        return NULL;
    n = strnlen(s, n);
    char *copy = mem_alloc(n + 1);
    if (!copy)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

void mem_free_secret(char *s)
{
    if (s)
        explicit_bzero(s, strlen(s));
    free(s);
}

bool mem_grow(void *ptr_to_ptr, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t to = *cap ? *cap : 8;
    while (to < need) {
        if (to > SIZE_MAX / 2)
            return false;
        to *= 2;
    }
    if (size && to > SIZE_MAX / size)
        return false;
    void *old;
    memcpy(&old, ptr_to_ptr, sizeof old);   /* void ** would break aliasing: the caller's type is any pointer */
    void *p = mem_realloc(old, to * size);
    if (!p)
        return false;
    memcpy(ptr_to_ptr, &p, sizeof p);
    *cap = to;
    return true;
}
