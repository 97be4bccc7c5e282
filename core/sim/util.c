/* Small things: memory that never fails, paths in JSON, time stamps, random names. */
#include <ctype.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/sim/sim.h"
#include "strata/clock.h"

static void no_memory(void)
{
    fputs("strata-sim: out of memory\n", stderr);
    _Exit(3);
}

void *sim_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        no_memory();
    return p;
}

void *sim_grow(void *p, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 16;
    if (want < need)
        want = need;
    p = realloc(p, want * size);
    if (!p)
        no_memory();
    *cap = want;
    return p;
}

char *sim_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(sim_alloc(n), s, n);
}

char *sim_printf(const char *fmt, ...)
{
    va_list ap;
    char *out = NULL;
    va_start(ap, fmt);
    if (vasprintf(&out, fmt, ap) < 0)
        out = sim_strdup("");
    va_end(ap);
    return out;
}

char *jdump(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(o);
    return text ? text : sim_strdup("");
}

json_t *jat(const json_t *o, const char *path)
{
    char key[128];
    while (o && *path) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof(key))
            return NULL;
        memcpy(key, path, n);
        key[n] = 0;
        path += n + (path[n] == '.');
        o = json_is_array(o) ? json_array_get(o, (size_t)strtoul(key, NULL, 10)) : json_object_get(o, key);
    }
    return (json_t *)o;
}

const char *jstr(const json_t *o, const char *path)
{
    const char *s = json_string_value(jat(o, path));
    return s ? s : "";
}

int64_t jint(const json_t *o, const char *path)
{
    return json_integer_value(jat(o, path));
}

void jset(json_t *o, const char *path, json_t *v)
{
    char key[128];
    for (;;) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof(key))
            break;
        memcpy(key, path, n);
        key[n] = 0;
        path += n + (path[n] == '.');
        if (!*path) {
            if (json_is_array(o))
                json_array_set_new(o, (size_t)strtoul(key, NULL, 10), v);
            else
                json_object_set_new(o, key, v);
            return;
        }
        json_t *next = json_is_array(o) ? json_array_get(o, (size_t)strtoul(key, NULL, 10)) : json_object_get(o, key);
        if (!json_is_object(next) && !json_is_array(next)) {
            next = json_object();
            json_object_set_new(o, key, next);
        }
        o = next;
    }
    json_decref(v);
}

const char *stamp(int64_t wall_ms, char buf[32])
{
    time_t t = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return buf;
}

int64_t stamp_ms(const char *text)
{
    struct tm tm = {0};
    char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest && (memset(&tm, 0, sizeof(tm)), rest = strptime(text, "%Y-%m-%d", &tm)) && *rest)
        rest = NULL;                                           /* a day alone is one as well */
    if (!rest)
        return -1;
    int64_t ms = (int64_t)timegm(&tm) * 1000;
    if (*rest == '.') {
        int scale = 100;
        for (rest++; isdigit((unsigned char)*rest); rest++, scale /= 10)
            ms += (*rest - '0') * scale;
    }
    if (*rest == '+' || *rest == '-') {
        int h = 0, m = 0;
        if (sscanf(rest + 1, "%2d:%2d", &h, &m) >= 1)
            ms -= (*rest == '+' ? 1 : -1) * (h * 60 + m) * 60000LL;
    }
    return ms;
}

uint64_t sim_rand(struct sim *s)
{
    s->seed += 0x9e3779b97f4a7c15ULL;
    uint64_t z = s->seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

void hex_id(struct sim *s, char *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = "0123456789abcdef"[sim_rand(s) >> 60];
    out[n] = 0;
}

void uuid4(struct sim *s, char out[37])
{
    char h[33];
    hex_id(s, h, 32);
    h[12] = '4';
    h[16] = "89ab"[sim_rand(s) >> 62];
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
}

const char *suffix5(struct sim *s, char out[6])
{
    for (int i = 0; i < 5; i++)
        out[i] = "bcdfghjklmnpqrstvwxz2456789"[sim_rand(s) % 27];
    out[5] = 0;
    return out;
}

int64_t sim_now(const struct sim *s)
{
    return clock_wall_ms() + s->skew_ms;
}

char *sim_base64(const void *data, size_t n)
{
    gnutls_datum_t in = {(unsigned char *)data, (unsigned)n}, out = {0};
    if (n && gnutls_base64_encode2(&in, &out) < 0)
        no_memory();
    char *text = sim_printf("%.*s", (int)out.size, n ? (const char *)out.data : "");
    gnutls_free(out.data);
    return text;
}
