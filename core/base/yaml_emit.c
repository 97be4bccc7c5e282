/*
 * Writes JSON documents as YAML and as indented JSON.
 *
 * The YAML rules (which style a string gets, where long lines fold, how keys sort) are those of go-yaml v2, through
 * which kubectl prints, so that a diff against kubectl's output is empty. One deliberate difference: characters that
 * text_clean() would change are written as escapes, never raw.
 */
#include "strata/yaml_emit.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "strata/mem.h"
#include "strata/text.h"

enum { INDENT = 2, FOLD_COLUMN = 80, SIMPLE_KEY_MAX = 128, MAX_DEPTH = 1024 };

struct yaml_out {
    struct str *out;
    size_t line;         /* offset of the current line in out */
    int column;          /* characters, not bytes */
    struct str scratch;
    int depth;
};

/* What a string consists of, as far as styles care. */
struct scalar {
    const char *s;
    size_t len;
    bool breaks, special, unclean;
    bool plain_ok, single_ok, block_ok;
};

static void put(struct yaml_out *y, const char *s, size_t n)
{
    str_add(y->out, s, n);
    for (size_t i = 0; i < n; i++)
        y->column += ((unsigned char)s[i] & 0xc0) != 0x80;
}

static void puts_(struct yaml_out *y, const char *s)
{
    put(y, s, strlen(s));
}

static void newline(struct yaml_out *y)
{
    str_addc(y->out, '\n');
    y->column = 0;
}

static void pad(struct yaml_out *y, int indent)
{
    while (y->column < indent && !y->out->failed)
        put(y, " ", 1);
}

static void new_line_at(struct yaml_out *y, int indent)
{
    newline(y);
    pad(y, indent);
}

/* ---- which type would a YAML 1.1 reader see in this plain text? ---- */

static bool in_list(const char *s, size_t len, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == len && !memcmp(*list, s, len))
            return true;
    return false;
}

static size_t digits(const char *s, size_t len, size_t at)
{
    size_t n = 0;
    while (at + n < len && s[at + n] >= '0' && s[at + n] <= '9')
        n++;
    return n;
}

/* Base 60 numbers ("1:30", "190:20:30.15") of YAML 1.1. */
static bool is_base60(const char *s, size_t len)
{
    size_t i = len && (s[0] == '-' || s[0] == '+');
    if (i >= len || s[i] < '0' || s[i] > '9')
        return false;
    while (i < len && ((s[i] >= '0' && s[i] <= '9') || s[i] == '_'))
        i++;
    if (i >= len || s[i] != ':')
        return false;
    while (i < len && s[i] == ':') {
        size_t n = digits(s, len, ++i);
        if (n < 1 || n > 2 || (n == 2 && s[i] > '5'))
            return false;
        i += n;
    }
    if (i < len && s[i] == '.')
        for (i++; i < len && ((s[i] >= '0' && s[i] <= '9') || s[i] == '_'); i++)
            ;
    return i == len;
}

/* One number of 1..max digits at *i, followed by `after` (0 = nothing wanted). -1 when it is not there. */
static int field(const char *s, size_t len, size_t *i, size_t max, char after)
{
    size_t n = digits(s, len, *i);
    if (n < 1 || n > max)
        return -1;
    int v = 0;
    for (size_t k = 0; k < n; k++)
        v = v * 10 + (s[*i + k] - '0');
    *i += n;
    if (after) {
        if (*i >= len || s[*i] != after)
            return -1;
        ++*i;
    }
    return v;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_zone(const char *s, size_t len)
{
    if (len == 1)
        return s[0] == 'Z';
    return len == 6 && (s[0] == '+' || s[0] == '-') && digits(s, len, 1) == 2 && s[3] == ':' && digits(s, len, 4) == 2 &&
           (s[1] - '0') * 10 + (s[2] - '0') <= 24 && s[4] < '6';
}

static bool is_timestamp(const char *s, size_t len)
{
    if (digits(s, len, 0) != 4 || len < 8 || s[4] != '-')
        return false;
    size_t i = 0;
    int year = field(s, len, &i, 4, '-'), month = field(s, len, &i, 2, '-'), day = field(s, len, &i, 2, 0);
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    if (i == len)
        return true;
    char sep = s[i++];
    if (sep != 'T' && sep != 't' && sep != ' ')
        return false;
    int hour = field(s, len, &i, 2, ':'), min = hour < 0 ? -1 : field(s, len, &i, 2, ':');
    int sec = min < 0 ? -1 : field(s, len, &i, 2, 0);
    if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 59)
        return false;
    if (i < len && (s[i] == '.' || s[i] == ',')) {
        size_t n = digits(s, len, i + 1);
        if (!n)
            return false;
        i += 1 + n;
    }
    return sep == ' ' ? i == len : is_zone(s + i, len - i);
}

/* s has no '_' any more and is NUL-terminated. Go's ParseInt/ParseUint with base 0. */
static bool is_int(const char *s)
{
    bool neg = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    int base = 10;
    if (*s == '0' && s[1]) {
        char c = (char)(s[1] | 0x20);
        base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 8;
        s += c == 'x' || c == 'o' || c == 'b' ? 2 : 1;
    }
    if (!*s)
        return false;
    for (const char *p = s; *p; p++) {
        int c = *p | 0x20, d = *p >= '0' && *p <= '9' ? *p - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (d >= base)
            return false;
    }
    errno = 0;
    unsigned long long v = strtoull(s, NULL, base);
    return !errno && (!neg || v <= (unsigned long long)INT64_MAX + 1);
}

static bool is_float(const char *s)
{
    const char *p = s + (*s == '-' || *s == '+');
    size_t n = digits(p, strlen(p), 0);
    p += n;
    if (*p == '.') {
        size_t frac = digits(p, strlen(p), 1);
        if (!n && !frac)
            return false;
        p += 1 + frac;
    } else if (!n) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p += 1 + (p[1] == '-' || p[1] == '+');
        size_t exp = digits(p, strlen(p), 0);
        if (!exp)
            return false;
        p += exp;
    }
    return !*p && !isinf(strtod(s, NULL));
}

/* Would the plain text be read as something else than a string? */
static bool needs_quotes(struct yaml_out *y, const char *s, size_t len)
{
    static const char *const words[] = {
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no", "No", "NO", "false", "False",
        "FALSE", "off", "Off", "OFF", "", "~", "null", "Null", "NULL", NULL};
    static const char *const floats[] = {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
                                         "-.inf", "-.Inf", "-.INF", NULL};
    if (in_list(s, len, words) || in_list(s, len, floats))
        return true;
    if (!strchr("+-.0123456789", s[0]) || len > 400 || memchr(s, 0, len))
        return false;
    if (is_base60(s, len) || is_timestamp(s, len))
        return true;
    str_clear(&y->scratch);
    for (size_t i = 0; i < len; i++)
        if (s[i] != '_' || s[0] == '.')
            str_addc(&y->scratch, s[i]);
    const char *plain = y->scratch.data;
    return s[0] == '.' ? is_float(plain) : is_int(plain) || is_float(plain);
}

/* ---- styles ---- */

static utf8proc_int32_t rune_at(const char *s, size_t len, size_t *n)
{
    utf8proc_int32_t c;
    utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &c);
    if (used <= 0) {
        *n = 1;
        return -1;
    }
    *n = (size_t)used;
    return c;
}

/* The characters go-yaml writes as they are. */
static bool printable(utf8proc_int32_t c)
{
    return c == '\n' || (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c < 0xfffe && c != 0xfeff);
}

static bool is_break(utf8proc_int32_t c)
{
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool changed_by_clean(struct str *scratch, const char *s, size_t len)
{
    str_clear(scratch);
    text_clean(scratch, s, len, TEXT_KEEP_NEWLINES);
    return scratch->len != len || memcmp(scratch->data, s, len) != 0;
}

/* Marks that forbid a plain scalar where they stand. */
static bool indicator(const char *s, size_t len, size_t i, bool after_blank, bool before_blank)
{
    char c = s[i];
    if (i == 0 && strchr("#,[]{}&*!|>'\"%@`", c) && c)
        return true;
    if (i == 0 && (c == '?' || c == '-') && before_blank)
        return true;
    if (i == 0 && len >= 3 && (!memcmp(s, "---", 3) || !memcmp(s, "...", 3)))
        return true;
    return (c == ':' && before_blank) || (i > 0 && c == '#' && after_blank);
}

static void analyze(struct yaml_out *y, struct scalar *sc, const char *s, size_t len)
{
    bool lead = false, trail_space = false, trail_break = false, break_space = false, space_break = false;
    bool prev_space = false, prev_break = false, after_blank = true, ind = false;
    *sc = (struct scalar){.s = s, .len = len};
    sc->unclean = !text_is_clean(s, len) && changed_by_clean(&y->scratch, s, len);
    sc->special = sc->unclean;
    for (size_t i = 0, n; i < len; i += n) {
        utf8proc_int32_t c = rune_at(s + i, len - i, &n);
        bool last = i + n >= len;
        ind |= indicator(s, len, i, after_blank, last || s[i + n] == ' ' || s[i + n] == '\t');
        sc->special |= !printable(c);
        if (c == ' ') {
            lead |= i == 0;
            trail_space |= last;
            break_space |= prev_break;
            prev_space = true;
            prev_break = false;
        } else if (is_break(c)) {
            sc->breaks = true;
            lead |= i == 0;
            trail_break |= last;
            space_break |= prev_space;
            prev_space = false;
            prev_break = true;
        } else {
            prev_space = prev_break = false;
        }
        after_blank = c == ' ' || c == '\t' || is_break(c);
    }
    bool odd = space_break || sc->special;
    sc->plain_ok = !lead && !trail_space && !trail_break && !break_space && !odd && !sc->breaks && !ind;
    sc->single_ok = !break_space && !odd;
    sc->block_ok = len && !trail_space && !odd;
}

/* Must this character, in a string that is not clean, be written as an escape? Too many marks on a base are only
 * wrong together. */
static bool must_escape(struct yaml_out *y, const char *s, size_t n, utf8proc_int32_t c)
{
    utf8proc_category_t cat = utf8proc_category(c);
    return (cat >= UTF8PROC_CATEGORY_MN && cat <= UTF8PROC_CATEGORY_ME) || changed_by_clean(&y->scratch, s, n);
}

/* Go on at the next line? Only at a single space behind the fold column. */
static bool fold_here(const struct yaml_out *y, const struct scalar *sc, size_t i, bool in_spaces, bool fold)
{
    return fold && !in_spaces && y->column > FOLD_COLUMN && i > 0 && i + 1 < sc->len;
}

static void write_flowing(struct yaml_out *y, const struct scalar *sc, int indent, bool fold, bool quote)
{
    bool spaces = false;
    if (quote)
        puts_(y, "'");
    for (size_t i = 0; i < sc->len; i++) {
        if (sc->s[i] == ' ') {
            if (fold_here(y, sc, i, spaces, fold) && sc->s[i + 1] != ' ')
                new_line_at(y, indent);
            else
                put(y, " ", 1);
            spaces = true;
        } else {
            if (quote && sc->s[i] == '\'')
                puts_(y, "'");
            put(y, sc->s + i, 1);
            spaces = false;
        }
    }
    if (quote)
        puts_(y, "'");
}

static void write_escape(struct yaml_out *y, utf8proc_int32_t c)
{
    static const struct { int c; char e; } named[] = {
        {0, '0'}, {7, 'a'}, {8, 'b'}, {9, 't'}, {10, 'n'}, {11, 'v'}, {12, 'f'}, {13, 'r'}, {27, 'e'}, {'"', '"'}, {'\\', '\\'},
        {0x85, 'N'}, {0xa0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
    char buf[16];
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].c == c) {
            snprintf(buf, sizeof buf, "\\%c", named[i].e);
            puts_(y, buf);
            return;
        }
    unsigned u = (unsigned)c;
    snprintf(buf, sizeof buf, u <= 0xff ? "\\x%02X" : u <= 0xffff ? "\\u%04X" : "\\U%08X", u);
    puts_(y, buf);
}

static void write_double(struct yaml_out *y, const struct scalar *sc, int indent, bool fold)
{
    bool spaces = false;
    puts_(y, "\"");
    for (size_t i = 0, n; i < sc->len && !y->out->failed; i += n) {
        utf8proc_int32_t c = rune_at(sc->s + i, sc->len - i, &n);
        if (c == ' ') {
            if (fold_here(y, sc, i, spaces, fold)) {
                new_line_at(y, indent);
                if (sc->s[i + 1] == ' ')
                    puts_(y, "\\");
            } else {
                put(y, " ", 1);
            }
            spaces = true;
            continue;
        }
        spaces = false;
        if (c < 0)
            puts_(y, "\\uFFFD");
        else if (!printable(c) || is_break(c) || c == '"' || c == '\\' || (sc->unclean && c >= 0x80 && must_escape(y, sc->s + i, n, c)))
            write_escape(y, c);
        else
            put(y, sc->s + i, n);
    }
    puts_(y, "\"");
}

static void write_literal(struct yaml_out *y, const struct scalar *sc, int indent)
{
    const char *s = sc->s;
    size_t len = sc->len;
    puts_(y, "|");
    if (s[0] == ' ' || s[0] == '\n')
        puts_(y, "2");
    if (s[len - 1] != '\n')
        puts_(y, "-");
    else if (len == 1 || s[len - 2] == '\n')
        puts_(y, "+");
    newline(y);
    while (len) {
        const char *nl = memchr(s, '\n', len);
        size_t n = nl ? (size_t)(nl - s) : len;
        if (n) {
            pad(y, indent);
            put(y, s, n);
        }
        if (!nl)
            break;
        newline(y);
        s += n + 1;
        len -= n + 1;
    }
}

/* indent: of the lines a long scalar continues on. */
static void write_string(struct yaml_out *y, const char *s, size_t len, int indent, bool key)
{
    struct scalar sc;
    analyze(y, &sc, s, len);
    bool multi = memchr(s, '\n', len) != NULL;
    if (multi && sc.block_ok && !key) {
        write_literal(y, &sc, indent);
    } else if (multi || needs_quotes(y, s, len)) {
        write_double(y, &sc, indent, !key);
    } else if (sc.plain_ok) {
        write_flowing(y, &sc, indent, !key, false);
    } else if (sc.single_ok && !sc.breaks) {
        write_flowing(y, &sc, indent, !key, true);
    } else {
        write_double(y, &sc, indent, !key);
    }
}

/* Shortest digits that read back as the same value; whole numbers, and others below 10^max_exp, without an exponent. */
static void format_real(char *buf, size_t size, double v, int max_exp)
{
    if (v == floor(v) && fabs(v) < 1e15) {
        snprintf(buf, size, "%.0f", v);
        return;
    }
    int prec = 0;
    do {
        snprintf(buf, size, "%.*e", prec, v);
    } while (strtod(buf, NULL) != v && ++prec < 18);
    const char *e = strchr(buf, 'e');
    int exp = e ? atoi(e + 1) : 0;
    if (exp >= -4 && exp < (v == floor(v) ? 21 : max_exp))
        snprintf(buf, size, "%.*f", prec > exp ? prec - exp : 0, v);
}

static void write_scalar(struct yaml_out *y, const json_t *v, int indent)
{
    char buf[64];
    switch (json_typeof(v)) {
    case JSON_STRING: write_string(y, json_string_value(v), json_string_length(v), indent, false); return;
    case JSON_INTEGER: snprintf(buf, sizeof buf, "%" JSON_INTEGER_FORMAT, json_integer_value(v)); break;
    case JSON_REAL: format_real(buf, sizeof buf, json_real_value(v), 6); break;
    case JSON_TRUE: snprintf(buf, sizeof buf, "true"); break;
    case JSON_FALSE: snprintf(buf, sizeof buf, "false"); break;
    case JSON_OBJECT: snprintf(buf, sizeof buf, "{}"); break;
    case JSON_ARRAY: snprintf(buf, sizeof buf, "[]"); break;
    default: snprintf(buf, sizeof buf, "null"); break;
    }
    puts_(y, buf);
}

/* ---- order of keys ---- */

static bool is_letter(utf8proc_int32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    utf8proc_category_t cat = utf8proc_category(c);
    return cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO;
}

static int64_t number_at(const char *s, int64_t start, size_t *n)
{
    int64_t v = start;
    for (*n = 0; s[*n] >= '0' && s[*n] <= '9'; ++*n)
        v = v < INT64_MAX / 10 - 9 ? v * 10 + (s[*n] - '0') : v;
    return v;
}

/* Letters after everything else, numbers by value. */
static int key_order(const void *pa, const void *pb)
{
    const char *a = *(const char *const *)pa, *b = *(const char *const *)pb;
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    if (!a[i] || !b[i])
        return (a[i] != 0) - (b[i] != 0);
    while (i > 0 && ((unsigned char)a[i] & 0xc0) == 0x80)
        i--;
    size_t n;
    utf8proc_int32_t ca = rune_at(a + i, strlen(a + i), &n), cb = rune_at(b + i, strlen(b + i), &n);
    bool la = is_letter(ca), lb = is_letter(cb);
    if (la != lb)
        return la ? 1 : -1;
    if (!la) {
        /* in the middle of a number with a zero here: longer means greater */
        bool inside = false;
        if (a[i] == '0' || b[i] == '0')
            for (size_t j = i; j > 0 && a[j - 1] >= '0' && a[j - 1] <= '9'; j--)
                inside |= a[j - 1] != '0';
        size_t na, nb;
        int64_t va = number_at(a + i, inside, &na), vb = number_at(b + i, inside, &nb);
        if (va != vb)
            return va < vb ? -1 : 1;
        if (na != nb)
            return na < nb ? -1 : 1;
    }
    return ca < cb ? -1 : 1;
}

static const char **sorted_keys(const json_t *o, size_t *n)
{
    const char **keys = mem_alloc((json_object_size(o) + 1) * sizeof *keys), *key;
    json_t *v;
    *n = 0;
    if (!keys)
        return NULL;
    json_object_foreach((json_t *)o, key, v)
        keys[(*n)++] = key;
    qsort(keys, *n, sizeof *keys, key_order);
    return keys;
}

/* ---- the tree ---- */

static bool is_block(const json_t *v)
{
    return (json_is_object(v) && json_object_size(v)) || (json_is_array(v) && json_array_size(v));
}

static void write_node(struct yaml_out *y, const json_t *v, int indent);

static void write_value(struct yaml_out *y, const json_t *v, int indent, bool in_map)
{
    if (is_block(v)) {
        if (in_map)
            newline(y);
        write_node(y, v, in_map && json_is_array(v) ? indent : indent + INDENT);
    } else {
        puts_(y, " ");
        write_scalar(y, v, indent + INDENT);
        if (y->column)
            newline(y);
    }
}

/* At the start of a line or behind "- "; ends at the start of a line. */
static void write_node(struct yaml_out *y, const json_t *v, int indent)
{
    if (y->out->failed || y->depth >= MAX_DEPTH) {
        y->out->failed = true;
        return;
    }
    y->depth++;
    if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++) {
            pad(y, indent);
            puts_(y, "-");
            write_value(y, json_array_get(v, i), indent, false);
        }
    } else {
        size_t n;
        const char **keys = sorted_keys(v, &n);
        if (!keys)
            y->out->failed = true;
        for (size_t i = 0; keys && i < n; i++) {
            bool simple = strlen(keys[i]) <= SIMPLE_KEY_MAX;
            pad(y, indent);
            if (!simple)
                puts_(y, "? ");
            write_string(y, keys[i], strlen(keys[i]), indent + INDENT, simple);
            if (!simple) {
                if (y->column)
                    newline(y);
                pad(y, indent);
            }
            puts_(y, ":");
            write_value(y, json_object_get(v, keys[i]), indent, true);
        }
        mem_free(keys);
    }
    y->depth--;
}

bool yaml_emit(struct str *out, const json_t *doc)
{
    struct yaml_out y = {.out = out};
    str_init(&y.scratch, 0);
    if (is_block(doc)) {
        write_node(&y, doc, 0);
    } else {
        write_scalar(&y, doc, INDENT);
        if (y.column)
            newline(&y);
    }
    bool ok = !out->failed && !y.scratch.failed;
    str_release(&y.scratch);
    return ok;
}

bool yaml_emit_item(struct str *out, const json_t *item)
{
    struct yaml_out y = {.out = out};
    str_init(&y.scratch, 0);
    puts_(&y, "-");
    write_value(&y, item, 0, false);
    bool ok = !out->failed && !y.scratch.failed;
    str_release(&y.scratch);
    return ok;
}

/* ---- JSON ---- */

static void json_string_to(struct str *out, struct str *scratch, const char *s, size_t len)
{
    if (text_is_clean(s, len) || !changed_by_clean(scratch, s, len)) {
        str_add_json(out, s, len);
        return;
    }
    str_addc(out, '"');
    for (size_t i = 0, n; i < len; i += n) {
        utf8proc_int32_t c = rune_at(s + i, len - i, &n);
        if (c < 0)
            c = 0xfffd;
        if (c == '"' || c == '\\')
            str_addf(out, "\\%c", (char)c);
        else if (c >= 0x20 && c < 0x7f)
            str_addc(out, (char)c);
        else if (c == '\n' || c == '\t' || c == '\r')
            str_addf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c < 0x10000)
            str_addf(out, "\\u%04x", (unsigned)c);
        else
            str_addf(out, "\\u%04x\\u%04x", 0xd800u + (unsigned)((c - 0x10000) >> 10), 0xdc00u + (unsigned)((c - 0x10000) & 0x3ff));
    }
    str_addc(out, '"');
}

static void json_line(struct str *out, int level)
{
    str_addf(out, "\n%*s", level * 4, "");
}

static void json_node(struct str *out, struct str *scratch, const json_t *v, int level)
{
    char buf[64];
    if (out->failed || level >= MAX_DEPTH) {
        out->failed = true;
        return;
    }
    if (!is_block(v)) {
        if (json_is_string(v)) {
            json_string_to(out, scratch, json_string_value(v), json_string_length(v));
        } else if (json_is_real(v)) {
            format_real(buf, sizeof buf, json_real_value(v), 21);
            str_adds(out, buf);
        } else if (json_is_integer(v)) {
            str_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        } else {
            str_adds(out, json_is_true(v) ? "true" : json_is_false(v) ? "false" : json_is_object(v) ? "{}"
                          : json_is_array(v) ? "[]" : "null");
        }
        return;
    }
    bool first = true;
    if (json_is_array(v)) {
        str_addc(out, '[');
        for (size_t i = 0; i < json_array_size(v); i++, first = false) {
            if (!first)
                str_addc(out, ',');
            json_line(out, level + 1);
            json_node(out, scratch, json_array_get(v, i), level + 1);
        }
    } else {
        const char *key;
        json_t *sub;
        str_addc(out, '{');
        json_object_foreach((json_t *)v, key, sub) {
            if (!first)
                str_addc(out, ',');
            first = false;
            json_line(out, level + 1);
            json_string_to(out, scratch, key, strlen(key));
            str_adds(out, ": ");
            json_node(out, scratch, sub, level + 1);
        }
    }
    json_line(out, level);
    str_addc(out, json_is_array(v) ? ']' : '}');
}

bool json_emit(struct str *out, const json_t *doc, int level)
{
    struct str scratch;
    str_init(&scratch, 0);
    json_node(out, &scratch, doc, level);
    bool ok = !out->failed && !scratch.failed;
    str_release(&scratch);
    return ok;
}
