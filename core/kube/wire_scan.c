/* The bracket scanner: finds the end of a JSON value without looking at what it says. Most of an object's bytes are
 * never wanted (managedFields, volumes, images), so this is where JSON's time goes: 64 bytes at a step where the
 * processor can. */
#include "core/kube/wire_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>

struct masks {
    uint64_t quote, back, open, close;
};

static uint64_t eq64(const __m128i v[4], char c)
{
    __m128i x = _mm_set1_epi8(c);
    uint64_t m = 0;
    for (int i = 0; i < 4; i++)
        m |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], x)) << (16 * i);
    return m;
}

static struct masks look(const char *p)
{
    __m128i v[4], folded[4];
    for (int i = 0; i < 4; i++) {
        v[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        folded[i] = _mm_or_si128(v[i], _mm_set1_epi8(0x20));     /* '[' and '{', ']' and '}' differ in this bit */
    }
    return (struct masks){eq64(v, '"'), eq64(v, '\\'), eq64(folded, '{'), eq64(folded, '}')};
}

/* Bits of the bytes that a backslash before them takes away. */
static uint64_t escaped_bits(uint64_t back, bool *carry)
{
    uint64_t esc = *carry;
    back &= ~esc;
    *carry = false;
    while (back) {
        int i = __builtin_ctzll(back);
        if (i == 63) {
            *carry = true;
            break;
        }
        esc |= 2ull << i;
        back &= ~(3ull << i);
    }
    return esc;
}

static uint64_t prefix_xor(uint64_t x)
{
    for (int i = 1; i < 64; i <<= 1)
        x ^= x << i;
    return x;
}

/* Steps over whole blocks in which the value does not end; *p stops before the block where it may. */
static void skip_blocks(struct json_scan *st, const char **p, const char *end)
{
    while (end - *p >= 64) {
        struct masks m = look(*p);
        bool carry = st->esc;
        if (m.back || carry) {
            uint64_t real = ~escaped_bits(m.back, &carry);
            m.quote &= real;
            m.open &= real;
            m.close &= real;
        }
        uint64_t in = prefix_xor(m.quote) ^ (st->str ? ~0ull : 0);
        int up = __builtin_popcountll(m.open & ~in), down = __builtin_popcountll(m.close & ~in);
        if (st->depth <= down || st->depth + up > JSON_DEPTH_MAX)
            return;
        st->depth += up - down;
        st->str = in >> 63;
        st->esc = carry;
        *p += 64;
    }
}
#else
static void skip_blocks(struct json_scan *st, const char **p, const char *end)
{
    (void)st, (void)p, (void)end;
}
#endif

const char *json_scan_string(struct json_scan *st, const char *p, const char *end)
{
    if (p < end && !st->str) {
        st->str = true;
        p++;
    }
    for (; p < end; p++) {
        if (st->esc) {
            st->esc = false;
        } else if (*p == '\\') {
            st->esc = true;
        } else if (*p == '"') {
            st->str = false;
            return p + 1;
        }
    }
    return NULL;
}

const char *json_scan(struct json_scan *st, const char *p, const char *end)
{
    if (p < end && !st->depth)
        st->depth++, p++;
    while (p < end) {
        skip_blocks(st, &p, end);
        const char *stop = end - p > 64 ? p + 64 : end;
        while (p < stop) {
            char c = *p++;
            if (st->esc) {
                st->esc = false;
            } else if (st->str) {
                if (c == '"')
                    st->str = false;
                else if (c == '\\')
                    st->esc = true;
            } else if (c == '"') {
                st->str = true;
            } else if (c == '\\') {
                st->esc = true;          /* no valid JSON has one here; what counts is that both walks agree */
            } else if ((c | 0x20) == '{') {
                if (++st->depth > JSON_DEPTH_MAX)
                    return NULL;
            } else if ((c | 0x20) == '}' && --st->depth == 0) {
                return p;
            }
        }
    }
    return NULL;
}
