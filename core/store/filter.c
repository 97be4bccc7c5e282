/* A filter at work: does a row match, and where? */
#include "core/store/filter_priv.h"

#include <ctype.h>
#include <string.h>

#include "strata/text.h"

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
    case COL_TIME: *out = (double)(now_ms - (n < 0 ? -n : n)) / 1000; break;
    case COL_STAMP:
    case COL_CLOCK: *out = (double)(now_ms - n) / 1000; break;
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
    bool timed = type == COL_TIME || type == COL_STAMP || type == COL_CLOCK || type == COL_DURATION;
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
        t->col = filter_column(r->kind, t->column);
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
