/* The filter language: text -> terms -> match. See filter.h for the grammar. */
#include "strata/filter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/store/selector.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MAX_TERMS 32
#define MAX_COLUMNS 64
#define MEMO 256              /* shared strings whose answer is remembered, a power of two */
#define MAX_FILTER 4096

enum op { OP_TEXT, OP_REGEX, OP_FUZZY, OP_SELECTOR, OP_HEALTH, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct term {
    enum op op;
    bool inverse;
    char *column;             /* NULL = any shown column */
    bool source;              /* column is the cluster or cloud the row comes from */
    char *text;               /* what to look for */
    size_t len;
    bool numeric_text;        /* only characters that can stand in a number or an age */
    char *whole;              /* the term as typed: same text, same meaning */
    pcre2_code *re;
    pcre2_match_data *match;
    struct selector *selector;
    double number;            /* comparisons */
    bool has_number, is_duration;
    /* caches, one thread at a time */
    const struct kind *kind;
    int col;
    const struct kind *any_kind;         /* whose columns are in any[] */
    uint8_t any[MAX_COLUMNS], n_any;     /* those that text anywhere can be in */
    struct { const char *s; bool hit; } memo[MEMO];
};

struct filter {
    struct term term[MAX_TERMS];
    size_t n;
    char *selector;
    const char *(*source_name)(const void *arg, uint16_t source);
    const void *source_arg;
};

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

/* ---- parsing ---- */

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

static int column_of(const struct kind *k, const char *name)
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
    bool known = !k || column_of(k, t->column) >= 0 || is_source(t->column);
    if (s[n] == '!' && s[n + 1] == '~' && known)
        t->inverse = !t->inverse;
    if (known && vlen == 1 && *value == '~')           /* half-typed */
        vlen = 0;
    if (!strcasecmp(t->column, "health") && op == OP_TEXT) {
        t->op = OP_HEALTH;
        return set_text(t, value, vlen) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (is_source(t->column) && (!k || column_of(k, t->column) < 0) && (op == OP_TEXT || op == OP_EQ || op == OP_NE)) {
        t->source = true;
        if (op == OP_TEXT && vlen)
            return plain_term(t, value, vlen, err);
        t->op = op;
        return set_text(t, value, vlen) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (k && column_of(k, t->column) < 0) {
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
    int col = k ? column_of(k, t->column) : -1;
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

/* ---- matching ---- */

static bool find_text(struct term *t, const char *s, size_t len)
{
    if (t->op == OP_REGEX)
        return pcre2_match(t->re, (PCRE2_SPTR)s, len, 0, PCRE2_NO_UTF_CHECK, t->match, NULL) >= 0;
    return text_casestr(s, len, t->text, t->len) != NULL;
}

/* Shared strings are few: each is looked into once a pass. */
static bool in_shared(struct term *t, const char *s)
{
    size_t at = ((uintptr_t)s >> 4) * 0x9E3779B97F4A7C15u >> 56 & (MEMO - 1);
    if (t->memo[at].s != s) {
        t->memo[at].s = s;
        t->memo[at].hit = find_text(t, s, strlen(s));
    }
    return t->memo[at].hit;
}

static bool in_cell(struct term *t, const struct row *r, int col, int64_t now_ms)
{
    const struct column *c = &r->kind->columns[col];
    if (c->type == COL_TEXT) {
        const char *s = r->cell[col].s;
        if (!s)
            s = c->none ? c->none : "";
        return c->flags & COL_INTERN ? in_shared(t, s) : find_text(t, s, strlen(s));
    }
    if (t->op == OP_TEXT && !t->numeric_text && (r->cell[col].n != CELL_NONE || !c->none))
        return false;
    char buf[64];
    size_t len = row_cell(r, col, now_ms, buf, sizeof(buf));
    return find_text(t, buf, len);
}

/* Letters are in no number: then only the columns of text are worth a look. */
static bool may_hold(struct term *t, const struct column *c)
{
    if (c->flags & (COL_HIDDEN | COL_SOURCE))
        return false;
    if (c->type == COL_TEXT || t->op != OP_TEXT || t->numeric_text)
        return true;
    return c->none && find_text(t, c->none, strlen(c->none));
}

static bool anywhere(struct term *t, const struct row *r, int64_t now_ms)
{
    if (t->any_kind != r->kind) {
        t->any_kind = r->kind;
        t->n_any = 0;
        for (size_t i = 0; i < r->kind->ncolumns && i < UINT8_MAX && t->n_any < MAX_COLUMNS; i++) {
            if (may_hold(t, &r->kind->columns[i]))
                t->any[t->n_any++] = (uint8_t)i;
        }
    }
    for (size_t i = 0; i < t->n_any; i++) {
        if (in_cell(t, r, t->any[i], now_ms))
            return true;
    }
    return false;
}

/* The letters of text in order, somewhere in scope/name. */
static bool fuzzy(const struct term *t, const struct row *r)
{
    const char *parts[] = {r->scope, "/", r->name};
    const char *want = t->text;
    for (size_t i = 0; i < 3 && *want; i++) {
        for (const char *p = parts[i]; *p && *want; p++) {
            if (tolower((unsigned char)*p) == tolower((unsigned char)*want))
                want++;
        }
    }
    return !*want;
}

static bool numeric_cell(const struct row *r, int col, int64_t now_ms, double *out)
{
    const struct column *c = &r->kind->columns[col];
    int64_t n = r->cell[col].n, milli;
    if (c->type == COL_TEXT) {
        if (!r->cell[col].s || !text_parse_quantity(r->cell[col].s, strlen(r->cell[col].s), &milli))
            return false;
        *out = (double)milli / 1000;
        return true;
    }
    if (n == CELL_NONE)
        return false;
    switch (c->type) {
    case COL_TIME: *out = (double)(now_ms - n) / 1000; break;
    case COL_STAMP: *out = (double)(now_ms - n) / 1000; break;
    case COL_DURATION: *out = (double)(n < 0 ? now_ms + n : n) / 1000; break;
    case COL_MILLI: *out = (double)n / 1000; break;
    case COL_PERCENT: *out = (double)n / 10; break;
    case COL_RESTARTS: *out = (double)(n >> 40); break;
    case COL_RATIO: {
        int32_t b = (int32_t)(uint32_t)n;
        *out = b ? (double)(n >> 32) / b : 1;
        break;
    }
    default: *out = (double)n;
    }
    return true;
}

static bool ordered(enum op op, int d)
{
    switch (op) {
    case OP_EQ: return d == 0;
    case OP_NE: return d != 0;
    case OP_LT: return d < 0;
    case OP_LE: return d <= 0;
    case OP_GT: return d > 0;
    default: return d >= 0;
    }
}

static bool compare_cell(const struct term *t, const struct row *r, int col, int64_t now_ms)
{
    double have, want = t->number;
    enum col_type type = r->kind->columns[col].type;
    bool timed = type == COL_TIME || type == COL_STAMP || type == COL_DURATION;
    char buf[256];
    const char *s = row_text(r, col, now_ms, buf, sizeof(buf));
    if ((t->op == OP_EQ || t->op == OP_NE) && !strcasecmp(s, t->text))
        return t->op == OP_EQ;
    /* Milli-cores are written "250m", the same letters as 250 minutes. */
    if (t->is_duration && !timed) {
        int64_t milli;
        if (!text_parse_quantity(t->text, t->len, &milli))
            return t->op == OP_NE;
        want = (double)milli / 1000;
    } else if (!t->has_number && !t->is_duration) {
        return type == COL_TEXT ? ordered(t->op, strcasecmp(s, t->text)) : t->op == OP_NE;
    }
    if (!numeric_cell(r, col, now_ms, &have))
        return t->op == OP_NE;
    return ordered(t->op, have < want ? -1 : have > want);
}

static bool from_source(const struct filter *f, struct term *t, const struct row *r)
{
    const char *name = f->source_name ? f->source_name(f->source_arg, r->source) : NULL;
    if (!name)
        return false;
    if (t->op == OP_EQ || t->op == OP_NE)
        return !strcasecmp(name, t->text) == (t->op == OP_EQ);
    return find_text(t, name, strlen(name));
}

static bool term_match(const struct filter *f, struct term *t, const struct row *r, int64_t now_ms)
{
    if (t->source)
        return from_source(f, t, r);
    switch (t->op) {
    case OP_FUZZY: return fuzzy(t, r);
    case OP_SELECTOR: return selector_match(t->selector, r->labels);
    case OP_HEALTH: return !strncasecmp(health_name((enum health)r->health), t->text, t->len);
    default: break;
    }
    if (!t->column)
        return anywhere(t, r, now_ms);
    if (t->kind != r->kind) {
        t->kind = r->kind;
        t->col = column_of(r->kind, t->column);
    }
    if (t->col < 0)
        return false;
    return t->op == OP_TEXT || t->op == OP_REGEX ? in_cell(t, r, t->col, now_ms) : compare_cell(t, r, t->col, now_ms);
}

bool filter_match(struct filter *f, const struct row *r, int64_t now_ms)
{
    for (size_t i = 0; i < f->n; i++) {
        if (term_match(f, &f->term[i], r, now_ms) == f->term[i].inverse)
            return false;
    }
    return true;
}

void filter_pass(struct filter *f)
{
    for (size_t i = 0; f && i < f->n; i++)
        memset(f->term[i].memo, 0, sizeof(f->term[i].memo));
}

/* ---- about a filter ---- */

static bool implies(const struct term *now, const struct term *old)
{
    if (!strcmp(now->whole, old->whole))
        return true;
    bool same_column = now->column == old->column || (now->column && old->column && !strcasecmp(now->column, old->column));
    return now->op == OP_TEXT && old->op == OP_TEXT && !now->inverse && !old->inverse && same_column &&
           text_casestr(now->text, now->len, old->text, old->len);
}

bool filter_narrows(const struct filter *old, const struct filter *now)
{
    if (!old || !now || filter_uses_time(old) || filter_uses_time(now))
        return !old;
    for (size_t i = 0; i < old->n; i++) {
        size_t j = 0;
        while (j < now->n && !implies(&now->term[j], &old->term[i]))
            j++;
        if (j == now->n)
            return false;
    }
    return true;
}

bool filter_uses_time(const struct filter *f)
{
    for (size_t i = 0; f && i < f->n; i++) {
        if (f->term[i].is_duration)
            return true;
    }
    return false;
}

void filter_sources(struct filter *f, const char *(*name)(const void *arg, uint16_t source), const void *arg)
{
    if (!f)
        return;
    f->source_name = name;
    f->source_arg = arg;
}

const char *filter_selector(const struct filter *f)
{
    return f ? f->selector : NULL;
}

static int mark_text(struct term *t, const char *text, size_t len, struct filter_mark *out, int max)
{
    int n = 0;
    size_t at = 0;
    while (n < max && at < len) {
        size_t from, size;
        if (t->op == OP_REGEX) {
            if (pcre2_match(t->re, (PCRE2_SPTR)text, len, at, PCRE2_NO_UTF_CHECK, t->match, NULL) < 0)
                break;
            PCRE2_SIZE *o = pcre2_get_ovector_pointer(t->match);
            from = o[0];
            size = o[1] > o[0] ? o[1] - o[0] : 0;
        } else {
            const char *p = text_casestr(text + at, len - at, t->text, t->len);
            if (!p)
                break;
            from = (size_t)(p - text);
            size = t->len;
        }
        if (!size || from > UINT16_MAX)
            break;
        out[n++] = (struct filter_mark){.at = (unsigned short)from, .len = (unsigned short)(size > UINT16_MAX ? UINT16_MAX : size)};
        at = from + size;
    }
    return n;
}

int filter_marks(struct filter *f, int col, const char *text, struct filter_mark *out, int max)
{
    int n = 0;
    size_t len = strlen(text);
    for (size_t i = 0; f && i < f->n && n < max; i++) {
        struct term *t = &f->term[i];
        if (t->inverse || !t->len || (t->op != OP_TEXT && t->op != OP_REGEX) || (t->column && t->col != col))
            continue;
        n += mark_text(t, text, len, out + n, max - n);
    }
    return n;
}
