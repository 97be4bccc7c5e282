/*
 * Writes JSON documents as YAML.
 *
 * The rules (which style a string gets, where long lines fold, how keys sort) are those of go-yaml v2, through
 * which kubectl prints, so that a diff against kubectl's output is empty. One deliberate difference: characters that
 * text_clean() would change are written as escapes, never raw.
 */
#include "strata/yaml_emit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/emit.h"
#include "strata/mem.h"
#include "strata/text.h"

enum { INDENT = 2, FOLD_COLUMN = 80, SIMPLE_KEY_MAX = 128 };

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

/* ---- styles ---- */

/* The characters go-yaml writes as they are. */
static bool printable(utf8proc_int32_t c)
{
    return c == '\n' || (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c < 0xfffe && c != 0xfeff);
}

static bool is_break(utf8proc_int32_t c)
{
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
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
    sc->unclean = !text_is_clean(s, len) && emit_changed_by_clean(&y->scratch, s, len);
    sc->special = sc->unclean;
    for (size_t i = 0, n; i < len; i += n) {
        utf8proc_int32_t c = emit_rune(s + i, len - i, &n);
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
    return (cat >= UTF8PROC_CATEGORY_MN && cat <= UTF8PROC_CATEGORY_ME) || emit_changed_by_clean(&y->scratch, s, n);
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
        utf8proc_int32_t c = emit_rune(sc->s + i, sc->len - i, &n);
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
    } else if (multi || yaml_needs_quotes(&y->scratch, s, len)) {
        write_double(y, &sc, indent, !key);
    } else if (sc.plain_ok) {
        write_flowing(y, &sc, indent, !key, false);
    } else if (sc.single_ok && !sc.breaks) {
        write_flowing(y, &sc, indent, !key, true);
    } else {
        write_double(y, &sc, indent, !key);
    }
}

static void write_scalar(struct yaml_out *y, const json_t *v, int indent)
{
    char buf[64];
    switch (json_typeof(v)) {
    case JSON_STRING: write_string(y, json_string_value(v), json_string_length(v), indent, false); return;
    case JSON_INTEGER: snprintf(buf, sizeof buf, "%" JSON_INTEGER_FORMAT, json_integer_value(v)); break;
    case JSON_REAL: emit_real(buf, sizeof buf, json_real_value(v), 6); break;
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
    utf8proc_int32_t ca = emit_rune(a + i, strlen(a + i), &n), cb = emit_rune(b + i, strlen(b + i), &n);
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

static void write_node(struct yaml_out *y, const json_t *v, int indent);

static void write_value(struct yaml_out *y, const json_t *v, int indent, bool in_map)
{
    if (emit_is_block(v)) {
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
    if (y->out->failed || y->depth >= EMIT_MAX_DEPTH) {
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
    if (emit_is_block(doc)) {
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
