/* Building a row: cells and texts are collected, then laid out in one allocation. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/store/row_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

#define ROW_TEXT_MAX (1u << 20)

enum { CELL_IS_NUM, CELL_IS_OWN, CELL_IS_POOLED };

void rowbuf_init(struct rowbuf *rb, struct strpool *pool)
{
    memset(rb, 0, sizeof(*rb));
    rb->pool = pool;
    str_init(&rb->text, ROW_TEXT_MAX);
    str_init(&rb->labels, ROW_TEXT_MAX);
    str_init(&rb->tmp, ROW_TEXT_MAX);
}

static void drop_cell(struct rowbuf *rb, size_t i)
{
    if (rb->own[i] == CELL_IS_POOLED)
        pool_put(rb->pool, rb->cell[i].s);
    rb->own[i] = CELL_IS_NUM;
}

static void drop_pooled(struct rowbuf *rb)
{
    for (size_t i = 0; rb->kind && i < rb->kind->ncolumns; i++)
        drop_cell(rb, i);
    pool_put(rb->pool, rb->pooled_scope);
    pool_put(rb->pool, rb->pooled_owner);
    rb->pooled_scope = rb->pooled_owner = NULL;
}

void rowbuf_release(struct rowbuf *rb)
{
    drop_pooled(rb);
    mem_free(rb->cell);
    mem_free(rb->own);
    str_release(&rb->text);
    str_release(&rb->labels);
    str_release(&rb->tmp);
}

static void cell_empty(struct rowbuf *rb, size_t i)
{
    if (rb->kind->columns[i].type == COL_TEXT)
        rb->cell[i].s = NULL;
    else
        rb->cell[i].n = CELL_NONE;
    rb->own[i] = CELL_IS_NUM;
}

void rowbuf_begin(struct rowbuf *rb, const struct kind *kind)
{
    drop_pooled(rb);
    rb->kind = NULL;
    rb->failed = false;
    str_clear(&rb->text);
    str_clear(&rb->labels);
    rb->uid = rb->name = 0;
    rb->created_ms = CELL_NONE;
    rb->health = HEALTH_NONE;
    rb->flags = 0;
    memset(rb->later, 0, sizeof(rb->later));
    memset(rb->later_s, 0, sizeof(rb->later_s));
    if (kind->ncolumns > rb->cap_cells) {
        size_t cap = rb->cap_cells;
        if (!mem_grow(&rb->cell, &cap, kind->ncolumns, sizeof(*rb->cell))) {
            rb->failed = true;
            return;
        }
        uint8_t *own = mem_realloc(rb->own, cap);
        if (!own) {
            rb->failed = true;
            return;
        }
        rb->own = own;
        rb->cap_cells = cap;
    }
    rb->kind = kind;
    for (size_t i = 0; i < kind->ncolumns; i++)
        cell_empty(rb, i);
}

/* Clean text: s itself when it already is, else in rb->tmp. */
static const char *clean(struct rowbuf *rb, const char *s, size_t *len)
{
    if (text_is_clean(s, *len))
        return s;
    str_clear(&rb->tmp);
    text_clean(&rb->tmp, s, *len, 0);
    if (rb->tmp.failed) {
        rb->failed = true;
        *len = 0;
        return "";
    }
    *len = rb->tmp.len;
    return rb->tmp.data;
}

/* Appends own text; offset + 1, or 0. */
static size_t own_text(struct rowbuf *rb, const char *s, size_t len)
{
    size_t at = rb->text.len;
    s = clean(rb, s, &len);
    str_add(&rb->text, s, len);
    str_addc(&rb->text, 0);
    if (rb->text.failed) {
        rb->failed = true;
        return 0;
    }
    return at + 1;
}

void rowbuf_id(struct rowbuf *rb, const char *uid, const char *scope, const char *name)
{
    if (!rb->kind)
        return;
    rb->uid = uid && *uid ? own_text(rb, uid, strlen(uid)) : 0;
    rb->name = own_text(rb, name ? name : "", name ? strlen(name) : 0);
    pool_put(rb->pool, rb->pooled_scope);
    size_t len = scope ? strlen(scope) : 0;
    const char *sc = clean(rb, scope ? scope : "", &len);
    rb->pooled_scope = pool_get(rb->pool, sc, len);
    if (!rb->pooled_scope)
        rb->failed = true;
}

void rowbuf_owner(struct rowbuf *rb, const char *kind, const char *name, const char *uid)
{
    if (!rb->kind)
        return;
    struct str s;
    str_init(&s, 4096);
    str_addf(&s, "%s/%s/%s", kind ? kind : "", name ? name : "", uid ? uid : "");
    size_t len = s.len;
    const char *text = clean(rb, s.data ? s.data : "", &len);
    pool_put(rb->pool, rb->pooled_owner);
    rb->pooled_owner = s.failed ? NULL : pool_get(rb->pool, text, len);      /* shared by all that it owns */
    if (!rb->pooled_owner)
        rb->failed = true;
    str_release(&s);
}

void rowbuf_label(struct rowbuf *rb, const char *key, const char *value)
{
    if (rb->labels.len)
        str_addc(&rb->labels, ',');
    size_t len = strlen(key);
    const char *k = clean(rb, key, &len);
    str_add(&rb->labels, k, len);
    str_addc(&rb->labels, '=');
    len = value ? strlen(value) : 0;
    const char *v = clean(rb, value ? value : "", &len);
    str_add(&rb->labels, v, len);
}

void rowbuf_textn(struct rowbuf *rb, int col, const char *s, size_t len)
{
    if (!rb->kind || col < 0 || (size_t)col >= rb->kind->ncolumns)
        return;
    drop_cell(rb, (size_t)col);
    cell_empty(rb, (size_t)col);
    if (!s)
        return;
    if (rb->kind->columns[col].flags & COL_INTERN) {
        s = clean(rb, s, &len);
        rb->cell[col].s = pool_get(rb->pool, s, len);
        if (rb->cell[col].s)
            rb->own[col] = CELL_IS_POOLED;
        else
            rb->failed = true;
        return;
    }
    /* the column "name" is most often the name: one copy is enough */
    const char *name = rb->name ? rb->text.data + rb->name - 1 : NULL;
    bool same = name && len && !strncmp(name, s, len) && !name[len];
    size_t at = same ? rb->name : own_text(rb, s, len);
    if (at) {
        rb->cell[col].n = (int64_t)at;
        rb->own[col] = CELL_IS_OWN;
    }
}

void rowbuf_text(struct rowbuf *rb, int col, const char *s)
{
    rowbuf_textn(rb, col, s, s ? strlen(s) : 0);
}

void rowbuf_textf(struct rowbuf *rb, int col, const char *fmt, ...)
{
    struct str s;
    va_list ap;
    str_init(&s, ROW_TEXT_MAX);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    if (s.failed)
        rb->failed = true;
    else
        rowbuf_textn(rb, col, s.data, s.len);
    str_release(&s);
}

void rowbuf_num(struct rowbuf *rb, int col, int64_t n)
{
    if (!rb->kind || col < 0 || (size_t)col >= rb->kind->ncolumns || rb->kind->columns[col].type == COL_TEXT)
        return;
    rb->cell[col].n = n;
}

void rowbuf_created(struct rowbuf *rb, int64_t ms)
{
    rb->created_ms = ms;
    if (!rb->kind)
        return;
    int col = kind_column(rb->kind, "age");
    if (col >= 0 && rb->kind->columns[col].type == COL_TIME)
        rb->cell[col].n = ms;
}

void rowbuf_health(struct rowbuf *rb, enum health h)
{
    rb->health = (uint8_t)h;
}

void rowbuf_later(struct rowbuf *rb, int64_t at_ms, enum health h)
{
    size_t i = rb->later[0] ? 1 : 0;
    if (at_ms <= 0 || at_ms / 1000 >= UINT32_MAX)
        return;
    rb->later_s[i] = (uint32_t)((at_ms + 999) / 1000);
    rb->later[i] = (uint8_t)h;
}

void rowbuf_flag(struct rowbuf *rb, unsigned flag)
{
    rb->flags |= (uint8_t)flag;
}

struct row *rowbuf_finish(struct rowbuf *rb)
{
    if (rb->failed || rb->text.failed || rb->labels.failed || !rb->kind || !rb->uid)
        return NULL;
    size_t n = rb->kind->ncolumns;
    size_t head = offsetof(struct row, cell) + n * sizeof(union cell);
    const char *labels = pool_get(rb->pool, rb->labels.len ? rb->labels.data : "", rb->labels.len);
    if (!rb->pooled_owner)
        rb->pooled_owner = pool_get(rb->pool, "", 0);
    struct row *r = labels && rb->pooled_owner ? mem_alloc(head + rb->text.len) : NULL;
    if (!r) {
        pool_put(rb->pool, labels);
        return NULL;
    }
    char *text = (char *)r + head;
    memcpy(text, rb->text.data, rb->text.len);
    *r = (struct row){
        .kind = rb->kind,
        .uid = text + rb->uid - 1,
        .name = text + rb->name - 1,
        .scope = rb->pooled_scope,
        .labels = labels,
        .owner = rb->pooled_owner,
        .created_ms = rb->created_ms,
        .refs = 1,
        .health = rb->health,
        .flags = rb->flags,
        .size = (uint32_t)(head + rb->text.len),
        .later_s = {rb->later_s[0], rb->later_s[1]},
        .later = {rb->later[0], rb->later[1]},
    };
    rb->pooled_scope = rb->pooled_owner = NULL;
    for (size_t i = 0; i < n; i++) {
        if (rb->own[i] == CELL_IS_OWN)
            r->cell[i].s = text + rb->cell[i].n - 1;
        else
            r->cell[i] = rb->cell[i];
        rb->own[i] = CELL_IS_NUM;   /* pooled uses have moved into the row */
    }
    return r;
}

/* ---- life ---- */

static bool pooled(const struct row *r, size_t i)
{
    return r->kind->columns[i].type == COL_TEXT && (r->kind->columns[i].flags & COL_INTERN);
}

void row_unref(struct row *r, struct strpool *pool)
{
    if (!r || --r->refs)
        return;
    for (size_t i = 0; i < r->kind->ncolumns; i++) {
        if (pooled(r, i))
            pool_put(pool, r->cell[i].s);
    }
    pool_put(pool, r->scope);
    pool_put(pool, r->owner);
    pool_put(pool, r->labels);
    mem_free(r);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

bool row_same(const struct row *a, const struct row *b)
{
    if (memcmp(a->later_s, b->later_s, sizeof(a->later_s)) || memcmp(a->later, b->later, sizeof(a->later)))
        return false;
    if (a->kind != b->kind || a->health != b->health || a->flags != b->flags || a->created_ms != b->created_ms ||
        a->labels != b->labels || a->scope != b->scope || a->owner != b->owner || !same_text(a->name, b->name))
        return false;
    for (size_t i = 0; i < a->kind->ncolumns; i++) {
        if (a->kind->columns[i].type == COL_TEXT ? !same_text(a->cell[i].s, b->cell[i].s) : a->cell[i].n != b->cell[i].n)
            return false;
    }
    return true;
}

static struct row *row_copy(const struct row *r, struct strpool *pool)
{
    struct row *c = mem_alloc(r->size);
    if (!c)
        return NULL;
    memcpy(c, r, r->size);
    const char *from = (const char *)r;
    for (size_t i = 0; i < r->kind->ncolumns; i++) {
        if (r->kind->columns[i].type != COL_TEXT || !r->cell[i].s)
            continue;
        if (pooled(r, i))
            c->cell[i].s = pool_get(pool, r->cell[i].s, strlen(r->cell[i].s));   /* cannot fail: it is there */
        else
            c->cell[i].s = (char *)c + (r->cell[i].s - from);
    }
    c->uid = (char *)c + (r->uid - from);
    c->name = (char *)c + (r->name - from);
    c->scope = pool_get(pool, r->scope, strlen(r->scope));
    c->owner = pool_get(pool, r->owner, strlen(r->owner));
    c->labels = pool_get(pool, r->labels, strlen(r->labels));
    c->refs = 1;
    return c;
}

struct row *row_with_num(const struct row *r, struct strpool *pool, int col, int64_t n)
{
    struct row *c = row_copy(r, pool);
    if (c)
        c->cell[col].n = n;
    return c;
}

struct row *row_with_health(const struct row *r, struct strpool *pool, uint8_t health)
{
    struct row *c = row_copy(r, pool);
    if (c)
        c->health = health;
    return c;
}

/* ---- health by age ---- */

uint8_t row_health_at(const struct row *r, int64_t now_ms)
{
    uint8_t h = r->health;
    for (size_t i = 0; i < 2; i++) {
        if (r->later[i] > h && now_ms / 1000 >= r->later_s[i])
            h = r->later[i];
    }
    return h;
}

int64_t row_next_later(const struct row *r)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < 2; i++) {
        if (r->later[i] > r->health && r->later_s[i] * 1000LL < next)
            next = r->later_s[i] * 1000LL;
    }
    return next;
}
