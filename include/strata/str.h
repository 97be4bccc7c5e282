/*
 * Purpose:   growable text buffer with a maximum; a bump arena for short-lived trees.
 * Thread:    any; one buffer belongs to one thread at a time.
 * Ownership: str_take() moves the bytes out (free with mem_free). str.data is never NULL after
 *            str_init and always NUL-terminated; it is borrowed until the next call on it.
 * Errors:    sticky: after an allocation failure or when `max` would be passed, `failed` is set,
 *            further appends do nothing. Check once at the end.
 * Units:     bytes.
 */
#ifndef STRATA_STR_H
#define STRATA_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str {
    char *data;
    size_t len, cap, max;
    bool failed;
};

void str_init(struct str *s, size_t max);   /* allocates nothing; max 0 = 64 MiB */
void str_release(struct str *s);            /* frees; the buffer may be used again */
void str_release_secret(struct str *s);     /* overwrites all of it first */
void str_clear(struct str *s);              /* len = 0, failed = false, keeps the memory */
bool str_add(struct str *s, const char *text, size_t len);
bool str_adds(struct str *s, const char *text);
bool str_addc(struct str *s, char c);
bool str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool str_addv(struct str *s, const char *fmt, va_list ap);
void str_cut(struct str *s, size_t n);      /* drops the first n bytes */
char *str_take(struct str *s) __attribute__((warn_unused_result)); /* moved out; NULL if failed */

/* Percent-encodes for a URL path segment or query value (RFC 3986 unreserved stay). */
bool str_add_urlenc(struct str *s, const char *text);
/* Writes a JSON string literal with quotes. */
bool str_add_json(struct str *s, const char *text, size_t len);

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used;      /* bytes in use over all blocks */
    size_t max;       /* 0 = 256 MiB */
    bool failed;
};
void arena_init(struct arena *a, size_t max);
void *arena_alloc(struct arena *a, size_t n);                    /* zeroed, 8-aligned; NULL when out */
char *arena_strndup(struct arena *a, const char *s, size_t n);
void arena_reset(struct arena *a);                               /* keeps one block */
void arena_release(struct arena *a);

#endif
