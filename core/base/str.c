/* Growable text with a maximum and sticky failure; and the bump arena. */
#include "strata/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"

#define STR_MAX_DEFAULT ((size_t)64 << 20)
#define ARENA_MAX_DEFAULT ((size_t)256 << 20)
#define ARENA_BLOCK_MIN 4096u
#define ARENA_BLOCK_MAX (256u << 10)

/* What data points to before the first byte (cap 0); never written. */
static const char empty[1] = "";

void str_init(struct str *s, size_t max)
{
    *s = (struct str){.data = (char *)empty, .max = max ? max : STR_MAX_DEFAULT};
}

void str_release(struct str *s)
{
    if (s->cap)
        mem_free(s->data);
    str_init(s, s->max);
}

void str_release_secret(struct str *s)
{
    if (s->cap)
        explicit_bzero(s->data, s->cap);
    str_release(s);
}

void str_clear(struct str *s)
{
    s->len = 0;
    s->failed = false;
    if (s->cap)
        s->data[0] = '\0';
}

/* Makes room for n more bytes and the NUL. */
static bool reserve(struct str *s, size_t n)
{
    if (s->failed)
        return false;
    size_t max = s->max ? s->max : STR_MAX_DEFAULT;
    if (n > max || s->len > max - n) {
        s->failed = true;
        return false;
    }
    size_t need = s->len + n + 1;
    if (need <= s->cap)
        return true;
    size_t cap = s->cap ? s->cap * 2 : 64;
    if (cap < need)
        cap = need;
    if (cap > max + 1)
        cap = max + 1;
    char *p = mem_realloc(s->cap ? s->data : NULL, cap);
    if (!p) {
        s->failed = true;
        return false;
    }
    p[s->len] = '\0';
    s->data = p;
    s->cap = cap;
    return true;
}

bool str_add(struct str *s, const char *text, size_t len)
{
    if (len == 0)
        return !s->failed;
    if (!reserve(s, len))
        return false;
    memcpy(s->data + s->len, text, len);
    s->len += len;
    s->data[s->len] = '\0';
    return true;
}

bool str_adds(struct str *s, const char *text)
{
    return str_add(s, text, strlen(text));
}

bool str_addc(struct str *s, char c)
{
    if (s->failed || s->len + 1 >= s->cap || (s->max && s->len >= s->max))
        return str_add(s, &c, 1);
    s->data[s->len++] = c;
    s->data[s->len] = '\0';
    return true;
}

bool str_addv(struct str *s, const char *fmt, va_list ap)
{
    if (s->failed)
        return false;
    va_list again;
    va_copy(again, ap);
    size_t room = s->cap ? s->cap - s->len : 0;
    char none[1];
    int n = vsnprintf(room ? s->data + s->len : none, room ? room : sizeof none, fmt, ap);
    bool ok = n >= 0;
    if (ok && ((size_t)n >= room || (s->max && (size_t)n > s->max - s->len))) {
        if (room)
            s->data[s->len] = '\0';
        ok = reserve(s, (size_t)n);
        if (ok)
            vsnprintf(s->data + s->len, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    if (ok)
        s->len += (size_t)n;
    else
        s->failed = true;
    return ok;
}

bool str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    bool ok = str_addv(s, fmt, ap);
    va_end(ap);
    return ok;
}

void str_cut(struct str *s, size_t n)
{
    if (n >= s->len) {
        s->len = 0;
        if (s->cap)
            s->data[0] = '\0';
        return;
    }
    s->len -= n;
    memmove(s->data, s->data + n, s->len + 1);
}

char *str_take(struct str *s)
{
    char *text = NULL;
    if (!s->failed && (s->cap || reserve(s, 0))) {
        text = s->data;
        s->cap = 0;
    }
    str_release(s);
    return text;
}

bool str_add_urlenc(struct str *s, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c)) {
            str_addc(s, *p);
        } else {
            char esc[3] = {'%', hex[c >> 4], hex[c & 15]};
            str_add(s, esc, sizeof esc);
        }
    }
    return !s->failed;
}

bool str_add_json(struct str *s, const char *text, size_t len)
{
    str_addc(s, '"');
    size_t plain = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        str_add(s, text + plain, i - plain);
        plain = i + 1;
        switch (c) {
        case '"': str_adds(s, "\\\""); break;
        case '\\': str_adds(s, "\\\\"); break;
        case '\n': str_adds(s, "\\n"); break;
        case '\r': str_adds(s, "\\r"); break;
        case '\t': str_adds(s, "\\t"); break;
        default: str_addf(s, "\\u%04x", c); break;
        }
    }
    str_add(s, text + plain, len - plain);
    return str_addc(s, '"');
}

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(8) char data[];
};

void arena_init(struct arena *a, size_t max)
{
    *a = (struct arena){.max = max ? max : ARENA_MAX_DEFAULT};
}

static struct arena_block *arena_grow(struct arena *a, size_t n)
{
    size_t size = a->head ? a->head->size * 2 : ARENA_BLOCK_MIN;
    if (size > ARENA_BLOCK_MAX)
        size = ARENA_BLOCK_MAX;
    if (size < n)
        size = n;
    struct arena_block *b = mem_alloc(sizeof *b + size);
    if (!b)
        return NULL;
    *b = (struct arena_block){.next = a->head, .size = size};
    a->head = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t max = a->max ? a->max : ARENA_MAX_DEFAULT;
    if (a->failed || n > max || a->used > max - n) {
        a->failed = true;
        return NULL;
    }
    n = (n + 7) & ~(size_t)7;
    struct arena_block *b = a->head;
    if (!b || b->size - b->used < n)
        b = arena_grow(a, n);
    if (!b) {
        a->failed = true;
        return NULL;
    }
    void *p = b->data + b->used;
    b->used += n;
    a->used += n;
    memset(p, 0, n);
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    if (n == SIZE_MAX)
        return NULL;
    char *copy = arena_alloc(a, n + 1);
    if (copy)
        memcpy(copy, s, n);
    return copy;
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->head;   /* the newest is the biggest, one oversized request aside */
    if (keep) {
        for (struct arena_block *b = keep->next, *next; b; b = next) {
            next = b->next;
            mem_free(b);
        }
        keep->next = NULL;
        keep->used = 0;
        if (keep->size > ARENA_BLOCK_MAX) {
            mem_free(keep);
            a->head = NULL;
        }
    }
    a->used = 0;
    a->failed = false;
}

void arena_release(struct arena *a)
{
    for (struct arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        mem_free(b);
    }
    arena_init(a, a->max);
}
