/* The filter language read: text -> terms. See filter.h for the grammar. */
#include "core/store/filter_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

#define MAX_FILTER 4096

static void term_release(struct term *t)
{
    mem_free(t->column);
    mem_free(t->text);
    mem_free(t->whole);
    pcre2_match_data_free(t->match);
    pcre2_code_free(t->re);
    selector_free(t->selector);
}

void filter_free(struct filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n; i++)
        term_release(&f->term[i]);
    mem_free(f->selector);
    mem_free(f);
}

static enum err_code compile(struct term *t, struct err *err)
{
    int code;
    PCRE2_SIZE at;
    t->re = pcre2_compile((PCRE2_SPTR)t->text, t->len, PCRE2_CASELESS | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!t->re) {
        char why[128];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
        return err_set(err, ERR_USAGE, 0, "the regular expression '%s' is wrong at character %zu: %s", t->text, (size_t)at + 1, why);
    }
    pcre2_jit_compile(t->re, PCRE2_JIT_COMPLETE);
    t->match = pcre2_match_data_create(1, NULL);
    return t->match ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

static bool looks_like_regex(const char *s, size_t len)
{
    return memchr(s, '|', len) || s[0] == '^' || (len > 1 && s[len - 1] == '$') || memmem(s, len, ".*", 2) ||
           memmem(s, len, ".+", 2) || (memchr(s, '[', len) && memchr(s, ']', len)) || memchr(s, '\\', len);
}

/* "10m", "2d3h": seconds. */
static bool duration(const char *s, double *out)
{
    double sum = 0;
    if (!*s)
        return false;
    while (*s) {
        char *end;
        double v = strtod(s, &end);
        if (end == s || !isdigit((unsigned char)*s))
            return false;
        switch (*end) {
        case 's': break;
        case 'm': v *= 60; break;
        case 'h': v *= 3600; break;
        case 'd': v *= 86400; break;
        case 'w': v *= 7 * 86400; break;
        case 'y': v *= 365 * 86400.0; break;
        default: return false;
        }
        sum += v;
        s = end + 1;
    }
    *out = sum;
    return true;
}

static void read_number(struct term *t)
{
    int64_t milli;
    int a, b, used = 0;
    if (sscanf(t->text, "%d/%d%n", &a, &b, &used) == 2 && (size_t)used == t->len && b > 0) {
        t->number = (double)a / b;
        t->has_number = true;
        return;
    }
    if (text_parse_quantity(t->text, t->len, &milli)) {
        t->number = (double)milli / 1000;
        t->has_number = true;
    }
}

int filter_column(const struct kind *k, const char *name)
{
    int col = kind_column(k, name);
    if (col < 0 && !strcasecmp(name, "ns"))
        col = kind_column(k, "namespace");
    return col;
}

static bool is_source(const char *name)
{
    return !strcasecmp(name, "cluster") || !strcasecmp(name, "cloud") || !strcasecmp(name, "source") || !strcasecmp(name, "context");
}

/* What stands before a ':' is meant as a column when it is one plain word: "host:x", not "nginx:1.2" or "fe80::1". */
static bool is_word(const char *s)
{
    return isalpha((unsigned char)*s) && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")] == 0;
}

static enum err_code unknown_column(const struct kind *k, const char *name, struct err *err)
{
    struct str s;
    str_init(&s, 512);
    for (size_t i = 0; i < k->ncolumns; i++)
        str_addf(&s, "%s%s", i ? " " : "", k->columns[i].id);
    enum err_code c = err_set(err, ERR_USAGE, 0, "%s have no column '%s'; there are: %.200s", k->id, name, s.data);
    str_release(&s);
    return c;
}

static bool set_text(struct term *t, const char *s, size_t len)
{
    t->text = mem_strndup(s, len);
    t->len = len;
    return t->text;
}

/* "name<op>value" with a name that can be a column. Length of the name, op and its length; 0 = none. */
static size_t split_op(const char *s, size_t len, enum op *op, size_t *op_len)
{
    size_t n = 0;
    while (n < len && (isalnum((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80 || strchr("_-./%()", s[n])))
        n++;
    if (!n || n == len)
        return 0;
    const char *p = s + n;
    size_t left = len - n;
    static const struct { const char *text; enum op op; size_t len; } ops[] = {             /* the value of ~ begins with it */
        {"=~", OP_TEXT, 1}, {"!~", OP_TEXT, 1}, {"~", OP_TEXT, 0}, {"!=", OP_NE, 2}, {">=", OP_GE, 2}, {"<=", OP_LE, 2}, {"==", OP_EQ, 2},
        {"=", OP_EQ, 1}, {">", OP_GT, 1}, {"<", OP_LT, 1}, {":", OP_TEXT, 1},
    };
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        size_t l = strlen(ops[i].text);
        if (left >= l && !memcmp(p, ops[i].text, l)) {
            *op = ops[i].op;
            *op_len = ops[i].len;
            return n;
        }
    }
    return 0;
}

static enum err_code label_term(struct term *t, const char *s, size_t len, struct err *err)
{
    char *text = mem_strndup(s, len);
    if (!text)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    t->op = OP_SELECTOR;
    enum err_code c = selector_parse(&t->selector, text, err);
    mem_free(text);
    return c;
}

static enum err_code plain_term(struct term *t, const char *s, size_t len, struct err *err)
{
    t->op = OP_TEXT;
    if (s[0] == '~' && len > 1) {
        t->op = OP_REGEX;
        s++;
        len--;
    } else if (looks_like_regex(s, len)) {
        t->op = OP_REGEX;
    }
    if (!set_text(t, s, len))
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    t->numeric_text = strspn(t->text, "0123456789/.%()- smhdywkgibMKGTPaonN<>") == len;
    if (t->op != OP_REGEX)
        return ERR_OK;
    enum err_code c = compile(t, err);
    /* Half-typed: "web[" is text until it is a regular expression, unless ~ says it is one. */
    if (c == ERR_USAGE && t->whole[t->inverse] != '~') {
        t->op = OP_TEXT;
        return ERR_OK;
    }
    return c;
}

static enum err_code column_term(struct term *t, const struct kind *k, const char *s, size_t len, size_t n, enum op op,
                                 size_t op_len, struct err *err)
{
    const char *value = s + n + op_len;
    size_t vlen = len - n - op_len;
    t->column = mem_strndup(s, n);
    if (!t->column)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    bool known = !k || filter_column(k, t->column) >= 0 || is_source(t->column);
    if (s[n] == '!' && s[n + 1] == '~' && known)
        t->inverse = !t->inverse;
    if (known && vlen == 1 && *value == '~')           /* half-typed */
        vlen = 0;
    if (!strcasecmp(t->column, "health") && op == OP_TEXT) {
        t->op = OP_HEALTH;
        return set_text(t, value, vlen) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (is_source(t->column) && (!k || filter_column(k, t->column) < 0) && (op == OP_TEXT || op == OP_EQ || op == OP_NE)) {
        t->source = true;
        if (op == OP_TEXT && vlen)
            return plain_term(t, value, vlen, err);
        t->op = op;
        return set_text(t, value, vlen) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (k && filter_column(k, t->column) < 0) {
        if (op == OP_TEXT && vlen && is_word(t->column))
            return unknown_column(k, t->column, err);
        if (op == OP_TEXT) {                /* "image:tag", an IPv6 address: plain text */
            mem_free(t->column);
            t->column = NULL;
            return plain_term(t, s, len, err);
        }
        if (op == OP_EQ || op == OP_NE)     /* a label */
            return label_term(t, s, len, err);
        return unknown_column(k, t->column, err);
    }
    if (op == OP_TEXT) {
        if (!vlen) {
            t->op = OP_TEXT;
            return set_text(t, "", 0) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
        }
        return plain_term(t, value, vlen, err);
    }
    t->op = op;
    if (!set_text(t, value, vlen))
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    double secs;
    if (duration(t->text, &secs) && !isdigit((unsigned char)t->text[vlen ? vlen - 1 : 0])) {
        t->is_duration = true;
        t->number = secs;
    }
    if (!t->is_duration)
        read_number(t);
    int col = k ? filter_column(k, t->column) : -1;
    bool number = col >= 0 && (k->columns[col].type != COL_TEXT || (k->columns[col].flags & COL_NUMBER));
    if (number && vlen && !t->has_number && !t->is_duration && op != OP_EQ && op != OP_NE)
        return err_set(err, ERR_USAGE, 0, "%s is a number or an age, '%.60s' is not: write 5, 10m, 2Gi, 250m or 1/2", t->column, t->text);
    return ERR_OK;
}

static enum err_code add_term(struct filter *f, const char *s, size_t len, bool quoted, const struct kind *k, struct err *err)
{
    if (f->n == MAX_TERMS)
        return err_set(err, ERR_USAGE, 0, "a filter has at most %d terms", MAX_TERMS);
    struct term *t = &f->term[f->n++];
    t->whole = mem_strndup(s, len);
    if (!t->whole)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    t->col = -1;
    if (!quoted && s[0] == '!' && len > 1) {
        t->inverse = true;
        s++;
        len--;
    }
    enum op op = OP_TEXT;
    size_t op_len = 0, n = quoted ? 0 : split_op(s, len, &op, &op_len);
    if (n)
        return column_term(t, k, s, len, n, op, op_len, err);
    if (quoted)
        return set_text(t, s, len) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
    return plain_term(t, s, len, err);
}

/* "-l selector" and "-f text": option and value are two words (or one: "-lk=v"). */
static enum err_code add_option(struct filter *f, char opt, const char *s, size_t len, struct err *err)
{
    if (f->n == MAX_TERMS)
        return err_set(err, ERR_USAGE, 0, "a filter has at most %d terms", MAX_TERMS);
    struct term *t = &f->term[f->n++];
    struct str whole;
    str_init(&whole, MAX_FILTER + 8);
    str_addf(&whole, "-%c %.*s", opt, (int)len, s);
    t->whole = str_take(&whole);
    t->col = -1;
    if (!t->whole)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    if (opt == 'f') {
        t->op = OP_FUZZY;
        return set_text(t, s, len) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    enum err_code c = label_term(t, s, len, err);
    if (!c && !f->selector && !(f->selector = mem_strndup(s, len)))
        c = err_set(err, ERR_NOMEM, 0, "out of memory");
    return c;
}

static enum err_code parse_words(struct filter *f, const char *p, const struct kind *k, struct err *err)
{
    enum err_code c = ERR_OK;
    while (!c) {
        p += strspn(p, " \t");
        if (!*p)
            break;
        if (p[0] == '-' && (p[1] == 'l' || p[1] == 'f') && (p[2] == ' ' || p[2] == 0 || p[1] == 'l')) {
            char opt = p[1];
            p += 2;
            p += strspn(p, " ");
            size_t len = strcspn(p, " \t");
            /* "in (a, b)" holds spaces: a selector with an open bracket goes on to its end */
            const char *open = memchr(p, '(', len), *close;
            if (opt == 'l' && (open || !strncmp(p + len, " in ", 4) || !strncmp(p + len, " notin ", 7)) && (close = strchr(p, ')')))
                len = (size_t)(close + 1 - p) + strcspn(close + 1, " \t");
            if (opt == 'l' && (open || !strncmp(p + len, " in ", 4) || !strncmp(p + len, " notin ", 7)) && !strchr(p, ')'))
                len = strlen(p);             /* no end: the selector's own error says where */
            if (len)
                c = add_option(f, opt, p, len, err);
            p += len;
        } else if (*p == '"') {
            size_t len = strcspn(p + 1, "\"");
            if (p[len + 1] != '"')
                return err_set(err, ERR_USAGE, 0, "a quote in the filter is not closed: %.60s", p);
            if (len)
                c = add_term(f, p + 1, len, true, k, err);
            p += len + 2;
        } else {
            size_t len = strcspn(p, " \t");
            if (!(len == 1 && (*p == '!' || *p == '~')))   /* half-typed */
                c = add_term(f, p, len, false, k, err);
            p += len;
        }
    }
    return c;
}

enum err_code filter_parse(struct filter **out, const char *text, const struct kind *k, struct err *err)
{
    *out = NULL;
    if (!text || !text[strspn(text, " \t")])
        return ERR_OK;
    if (strlen(text) > MAX_FILTER)
        return err_set(err, ERR_USAGE, 0, "the filter is longer than %d characters", MAX_FILTER);
    struct filter *f = mem_zalloc(sizeof(*f));
    if (!f)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    enum err_code c = parse_words(f, text, k, err);
    if (c || !f->n) {
        filter_free(f);
        return c;
    }
    *out = f;
    return ERR_OK;
}
