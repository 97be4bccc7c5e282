/*
 * The sanitiser and display widths. Clean text is valid UTF-8 whose every code point is visible or a
 * combining mark on a visible base, so that a terminal can neither be steered nor misaligned by it.
 */
#include "strata/text.h"

#include <string.h>
#include <utf8proc.h>

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u
#define MAX_MARKS 4
#define TAB 8

/* Length of the run of printable ASCII at the start. */
static size_t ascii_run(const char *s, size_t len)
{
    size_t i = 0;
    for (; len - i >= 8; i += 8) {
        uint64_t w;
        memcpy(&w, s + i, 8);
        /* high bit, or 0x7F (carries into it), or below 0x20 (borrows it) */
        if ((w | (w + ONES) | ((w - 0x20 * ONES) & ~w)) & HIGHS)
            break;
    }
    while (i < len && s[i] >= 0x20 && s[i] < 0x7F)
        i++;
    return i;
}

bool text_is_clean(const char *in, size_t len)
{
    return ascii_run(in, len) == len;
}

/* Decodes one code point; -1 for an invalid one. Returns the bytes of it (of its longest valid start). */
static size_t decode(const char *in, size_t len, int32_t *cp)
{
    const unsigned char *s = (const unsigned char *)in;
    unsigned char c = s[0], low = 0x80, high = 0xBF;
    size_t more;
    *cp = -1;
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    if (c >= 0xC2 && c <= 0xDF) {
        more = 1;
        c &= 0x1F;
    } else if (c >= 0xE0 && c <= 0xEF) {
        more = 2;
        low = c == 0xE0 ? 0xA0 : 0x80;    /* overlong */
        high = c == 0xED ? 0x9F : 0xBF;   /* surrogates */
        c &= 0x0F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        more = 3;
        low = c == 0xF0 ? 0x90 : 0x80;
        high = c == 0xF4 ? 0x8F : 0xBF;
        c &= 0x07;
    } else {
        return 1;
    }
    int32_t v = c;
    for (size_t i = 1; i <= more; i++) {
        if (i >= len || s[i] < low || s[i] > high)
            return i;
        low = 0x80;
        high = 0xBF;
        v = v << 6 | (s[i] & 0x3F);
    }
    *cp = v;
    return more + 1;
}

/* A control string (OSC, DCS, SOS, PM, APC) from its contents on: the bytes up to and with the terminator,
 * or 0 when the line, the text or another sequence ends it: then only the introducer vanishes, so that
 * nobody can hide the rest of a line. Stopping there also keeps the whole scan linear. */
static size_t control_string(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == 0x07 || c == 0x18 || c == 0x1A)
            return i + 1;
        if (c == 0x1B)
            return i + 1 < len && s[i + 1] == '\\' ? i + 2 : 0;
        if (c == 0xC2 && i + 1 < len && ((unsigned char)s[i + 1] & 0xE0) == 0x80)
            return (unsigned char)s[i + 1] == 0x9C ? i + 2 : 0;
        if (c == '\n')
            return 0;
    }
    return 0;
}

static size_t csi(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len && s[i] >= 0x20 && s[i] <= 0x3F)
        i++;
    return i < len && s[i] >= 0x40 && s[i] <= 0x7E ? i + 1 : i;
}

/* Bytes that belong to the introducer just read (ESC x is given as its C1 value). */
static size_t sequence(unsigned c1, const char *s, size_t len)
{
    switch (c1) {
    case 0x9B:
        return csi(s, len);
    case 0x90: case 0x98: case 0x9D: case 0x9E: case 0x9F:
        return control_string(s, len);
    default:
        return 0;
    }
}

/* ESC at s[0]: bytes of the whole sequence; 0 = a lone ESC. */
static size_t escape(const char *s, size_t len)
{
    if (len < 2)
        return 0;
    unsigned char c = (unsigned char)s[1];
    if (c >= 0x40 && c <= 0x5F)
        return 2 + sequence(c + 0x40u, s + 2, len - 2);
    size_t i = 1;
    while (i < len && s[i] >= 0x20 && s[i] <= 0x2F)
        i++;
    if (i < len && s[i] >= 0x30 && s[i] <= 0x7E)
        return i + 1;
    return i > 1 ? i : 0;
}

enum fate { KEEP, MARK, REPLACE, VANISH, SPACE };

static enum fate judge(int32_t cp)
{
    const utf8proc_property_t *p = utf8proc_get_property(cp);
    switch (p->category) {
    case UTF8PROC_CATEGORY_CN: case UTF8PROC_CATEGORY_CC: case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS: case UTF8PROC_CATEGORY_CO:
        return REPLACE;
    case UTF8PROC_CATEGORY_ZL: case UTF8PROC_CATEGORY_ZP:
        return SPACE;
    case UTF8PROC_CATEGORY_ZS:
        return cp == 0x3000 || cp == 0x1680 ? KEEP : SPACE;
    default:
        break;
    }
    /* Variation selectors would make terminals disagree about the width of the base. */
    if ((cp >= 0xFE00 && cp <= 0xFE0F) || (cp >= 0xE0100 && cp <= 0xE01EF))
        return VANISH;
    if (p->ignorable)
        return REPLACE;   /* invisible letters: Hangul fillers and the like */
    return utf8proc_charwidth(cp) == 0 ? MARK : KEEP;
}

/* Joiners (U+200C, U+200D) are part of the spelling in some scripts and of emoji; anywhere else they hide in a name. */
enum joins { JOINS_NOTHING, JOINS_LETTERS, JOINS_EMOJI };

static enum joins joins(int32_t cp)
{
    static const struct { int32_t first, last; } scripts[] = {
        {0x0600, 0x07FF},                      /* Arabic, Syriac, Thaana, N'Ko */
        {0x0840, 0x0DFF},                      /* Mandaic, more Arabic, the scripts of India */
        {0x0F00, 0x109F}, {0x1780, 0x18AF},    /* Tibetan, Myanmar; Khmer, Mongolian */
        {0xFB50, 0xFDFF}, {0xFE70, 0xFEFC},    /* Arabic forms */
    };
    if (cp < 0xA0)
        return JOINS_NOTHING;
    const utf8proc_property_t *p = utf8proc_get_property(cp);
    if (p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC || (cp >= 0x1F3FB && cp <= 0x1F3FF))
        return JOINS_EMOJI;
    if (p->category < UTF8PROC_CATEGORY_LU || p->category > UTF8PROC_CATEGORY_ME)
        return JOINS_NOTHING;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (cp >= scripts[i].first && cp <= scripts[i].last)
            return JOINS_LETTERS;
    return JOINS_NOTHING;
}

struct cleaner {
    struct str *out;
    unsigned flags;
    int column;   /* for tabs */
    int marks;    /* on the current base; -1 = there is no base */
    int32_t base;
};

static void put(struct cleaner *c, const char *s, size_t n, int width, bool base)
{
    str_add(c->out, s, n);
    c->column += width;
    c->marks = base ? 0 : -1;
    c->base = 0;
}

/* A joiner stays between letters, where every terminal gives it no width. Between emoji terminals disagree about the width
 * of what it makes: there it goes, and two emoji stand beside each other. */
static enum fate judge_joiner(const struct cleaner *c, const char *after, size_t len)
{
    int32_t next = -1;
    enum joins j = c->marks < 0 ? JOINS_NOTHING : joins(c->base);
    if (j != JOINS_NOTHING && len)
        decode(after, len, &next);
    if (j == JOINS_NOTHING || next < 0 || joins(next) != j)
        return REPLACE;
    enum fate after_it = judge(next);              /* what follows must stay, or the joiner would join something else */
    if (after_it != KEEP && !(after_it == MARK && c->marks + 2 <= MAX_MARKS))
        return REPLACE;
    return j == JOINS_EMOJI ? VANISH : MARK;
}

static void put_space(struct cleaner *c)
{
    put(c, " ", 1, 1, false);
}

static void put_replacement(struct cleaner *c)
{
    put(c, "\xEF\xBF\xBD", 3, 1, false);
}

static size_t clean_c0(struct cleaner *c, const char *s, size_t len)
{
    bool lines = c->flags & TEXT_KEEP_NEWLINES;
    switch (*s) {
    case 0x1B: {
        size_t n = escape(s, len);
        if (n)
            return n;
        break;
    }
    case '\r':
        if (len > 1 && s[1] == '\n')
            return 1;
        put_space(c);
        return 1;
    case '\n':
        if (lines) {
            put(c, "\n", 1, 0, false);
            c->column = 0;
        } else {
            put_space(c);
        }
        return 1;
    case '\t':
        do
            put_space(c);
        while (lines && c->column % TAB);
        return 1;
    default:
        break;
    }
    put_replacement(c);
    return 1;
}

static size_t clean_wide(struct cleaner *c, const char *s, size_t len)
{
    int32_t cp;
    size_t n = decode(s, len, &cp);
    if (cp < 0) {
        put_replacement(c);
        return n;
    }
    if (cp < 0xA0) {   /* C1 */
        if (cp == 0x90 || cp == 0x98 || (cp >= 0x9B && cp <= 0x9F))
            return n + sequence((unsigned)cp, s + n, len - n);
        put_replacement(c);
        return n;
    }
    switch (cp == 0x200C || cp == 0x200D ? judge_joiner(c, s + n, len - n) : judge(cp)) {
    case KEEP:
        put(c, s, n, utf8proc_charwidth(cp), true);
        c->base = cp;
        break;
    case MARK:
        if (c->marks < 0)
            put_replacement(c);
        else if (c->marks++ < MAX_MARKS)
            str_add(c->out, s, n);
        break;
    case REPLACE:
        put_replacement(c);
        break;
    case SPACE:
        put_space(c);
        break;
    case VANISH:
        break;
    }
    return n;
}

void text_clean(struct str *out, const char *in, size_t len, unsigned flags)
{
    struct cleaner c = {.out = out, .flags = flags, .marks = -1};
    while (len && !out->failed) {
        size_t n = ascii_run(in, len);
        if (n)
            put(&c, in, n, (int)n, in[n - 1] != ' ');
        else if ((unsigned char)*in < 0x80)
            n = clean_c0(&c, in, len);
        else
            n = clean_wide(&c, in, len);
        in += n;
        len -= n;
    }
}

char *text_take(struct str *raw)
{
    struct str clean;
    str_init(&clean, 0);
    text_clean(&clean, raw->data, raw->len, 0);
    str_release(raw);
    return str_take(&clean);
}

static int width_of(int32_t cp)
{
    return cp < 0 ? 1 : cp < 0x20 ? 0 : cp < 0x7F ? 1 : utf8proc_charwidth(cp);
}

int text_width(const char *s, size_t len)
{
    int width = 0;
    while (len) {
        size_t n = ascii_run(s, len);
        if (n) {
            width += (int)n;
        } else {
            int32_t cp;
            n = decode(s, len, &cp);
            width += width_of(cp);
        }
        s += n;
        len -= n;
    }
    return width;
}

size_t text_next(const char *s, size_t len, int *width)
{
    *width = 0;
    if (!len)
        return 0;
    int32_t cp;
    size_t n = decode(s, len, &cp);
    *width = width_of(cp);
    while (n < len && (unsigned char)s[n] >= 0x80) {
        size_t more = decode(s + n, len - n, &cp);
        if (cp < 0 || width_of(cp) != 0)
            break;
        n += more;
    }
    return n;
}

size_t text_fit(const char *s, size_t len, int cells, int *used)
{
    size_t at = 0;
    int width = 0;
    while (at < len) {
        size_t n = ascii_run(s + at, len - at);
        if (n > 1) {   /* all but the last, which may carry marks */
            n--;
            if ((int64_t)n > cells - width)
                n = cells > width ? (size_t)(cells - width) : 0;
            if (n == 0)
                break;
            at += n;
            width += (int)n;
            continue;
        }
        int w;
        n = text_next(s + at, len - at, &w);
        if (width + w > cells)
            break;
        at += n;
        width += w;
    }
    if (used)
        *used = width;
    return at;
}

static unsigned char ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static const char *find_ascii(const char *hay, size_t hay_len, const char *needle, size_t n)
{
    unsigned char first = ascii_lower((unsigned char)needle[0]);
    uint64_t fold = first >= 'a' && first <= 'z' ? 0x20 * ONES : 0, want = first * ONES;
    size_t last = hay_len - n, i = 0;
    while (i <= last) {
        if (last - i >= 8) {   /* skip 8 bytes that cannot start a match */
            uint64_t w;
            memcpy(&w, hay + i, 8);
            w = (w | fold) ^ want;
            if (!((w - ONES) & ~w & HIGHS)) {
                i += 8;
                continue;
            }
        }
        size_t end = last - i >= 8 ? i + 8 : last + 1;
        for (; i < end; i++) {
            size_t k = 0;
            while (k < n && ascii_lower((unsigned char)hay[i + k]) == ascii_lower((unsigned char)needle[k]))
                k++;
            if (k == n)
                return hay + i;
        }
    }
    return NULL;
}

static int32_t fold(int32_t cp)
{
    return cp < 0 ? cp : cp < 0x80 ? ascii_lower((unsigned char)cp) : utf8proc_tolower(cp);
}

static bool starts_with_folded(const char *s, size_t len, const char *needle, size_t n)
{
    while (n) {
        int32_t a, b;
        if (!len)
            return false;
        size_t sa = decode(s, len, &a), sb = decode(needle, n, &b);
        if (fold(a) != fold(b))
            return false;
        s += sa;
        len -= sa;
        needle += sb;
        n -= sb;
    }
    return true;
}

void text_case(struct str *s, bool upper)
{
    struct str out;
    str_init(&out, s->max);
    for (size_t i = 0; i < s->len;) {
        int32_t cp;
        utf8proc_uint8_t utf8[4];
        size_t n = decode(s->data + i, s->len - i, &cp);
        int32_t to = cp < 0 || cp == 0xDF ? cp : upper ? utf8proc_toupper(cp) : utf8proc_tolower(cp);
        if (to == cp)
            str_add(&out, s->data + i, n);
        else
            str_add(&out, (const char *)utf8, (size_t)utf8proc_encode_char(to, utf8));
        i += n;
    }
    if (out.failed || !out.len) {
        str_release(&out);
        return;
    }
    str_release(s);
    *s = out;
}

const char *text_casestr(const char *hay, size_t hay_len, const char *needle, size_t needle_len)
{
    if (needle_len == 0)
        return hay;
    bool ascii = true;
    for (size_t i = 0; i < needle_len; i++)
        ascii &= (unsigned char)needle[i] < 0x80;
    if (ascii)
        return needle_len <= hay_len ? find_ascii(hay, hay_len, needle, needle_len) : NULL;
    /* other scripts: the folded forms may differ in length, so no early length check */
    for (size_t i = 0; i < hay_len;) {
        if (starts_with_folded(hay + i, hay_len - i, needle, needle_len))
            return hay + i;
        int32_t cp;
        i += decode(hay + i, hay_len - i, &cp);
    }
    return NULL;
}

/* Next code point of the decomposed form; what a code point decomposes to waits in q. */
struct decomposed { const char *s; size_t len; int32_t q[16]; int n, at; };

static int32_t next_decomposed(struct decomposed *d)
{
    if (d->at < d->n)
        return d->q[d->at++];
    if (!d->len)
        return -1;
    int32_t cp;
    size_t bytes = decode(d->s, d->len, &cp);
    d->s += bytes;
    d->len -= bytes;
    int boundary = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char(cp < 0 ? 0xFFFD : cp, d->q, 16, UTF8PROC_DECOMPOSE, &boundary);
    d->n = n > 0 && n <= 16 ? (int)n : 0;
    d->at = 0;
    return d->n ? d->q[d->at++] : 0xFFFD;
}

bool text_typed(const char *wanted, const char *typed)
{
    struct decomposed w = {.s = wanted, .len = strlen(wanted)}, t = {.s = typed, .len = strlen(typed)};
    for (;;) {
        int32_t a = next_decomposed(&w), b = next_decomposed(&t);
        if (a != b && !(a == 0xFFFD && b == '?'))
            return false;
        if (a < 0)
            return true;
    }
}
