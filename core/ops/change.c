/* Differences of JSON documents. */
#include "core/ops/change.h"

#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/op.h"
#include "strata/text.h"

#define DEPTH 64

static bool nothing(const json_t *j)
{
    return !j || json_is_null(j);
}

static bool same(const json_t *a, const json_t *b)
{
    return nothing(a) ? nothing(b) : !nothing(b) && json_equal(a, b);
}

/* ---- lists by name ---- */

static const char *name_of(const json_t *item)
{
    return json_string_value(json_object_get(item, "name"));
}

static const json_t *named(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *n = name_of(json_array_get(list, i));
        if (n && !strcmp(n, name))
            return json_array_get(list, i);
    }
    return NULL;
}

static bool by_name(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *n = name_of(json_array_get(list, i));
        if (!n || named(list, n) != json_array_get(list, i))
            return false;
    }
    return json_is_array(list);
}

/* ---- walking ---- */

struct walk { change_fn *fn; void *arg; struct str path; };

static void step(struct walk *w, const json_t *was, const json_t *is, int depth);

static void under(struct walk *w, const json_t *was, const json_t *is, int depth, const char *fmt, const char *key)
{
    size_t at = w->path.len;
    str_addf(&w->path, fmt, key);
    step(w, was, is, depth + 1);
    if (w->path.data) {
        w->path.len = at;
        w->path.data[at] = '\0';
    }
}

static const char *dotted(const struct walk *w) { return w->path.len ? ".%s" : "%s"; }

static void walk_objects(struct walk *w, const json_t *was, const json_t *is, int depth)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)was, key, v)
        under(w, v, json_object_get(is, key), depth, dotted(w), key);
    json_object_foreach((json_t *)is, key, v)
        if (!json_object_get(was, key))
            under(w, NULL, v, depth, dotted(w), key);
}

static void walk_lists(struct walk *w, const json_t *was, const json_t *is, int depth)
{
    if (by_name(was) && by_name(is)) {
        for (size_t i = 0; i < json_array_size(was); i++) {
            const char *n = name_of(json_array_get(was, i));
            under(w, json_array_get(was, i), named(is, n), depth, "[%s]", n);
        }
        for (size_t i = 0; i < json_array_size(is); i++) {
            const char *n = name_of(json_array_get(is, i));
            if (!named(was, n))
                under(w, NULL, json_array_get(is, i), depth, "[%s]", n);
        }
        return;
    }
    for (size_t i = 0; i < json_array_size(was) || i < json_array_size(is); i++) {
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        under(w, json_array_get(was, i), json_array_get(is, i), depth, "[%s]", index);
    }
}

static void step(struct walk *w, const json_t *was, const json_t *is, int depth)
{
    if (same(was, is))
        return;
    if (json_is_object(was) && json_is_object(is) && depth < DEPTH)
        walk_objects(w, was, is, depth);
    else if (json_is_array(was) && json_is_array(is) && depth < DEPTH)
        walk_lists(w, was, is, depth);
    else if (w->path.data)
        w->fn(w->arg, w->path.data, nothing(was) ? NULL : was, nothing(is) ? NULL : is);
}

void change_walk(const json_t *was, const json_t *is, change_fn *fn, void *arg)
{
    struct walk w = {.fn = fn, .arg = arg};
    str_init(&w.path, 65536);
    str_adds(&w.path, "");
    step(&w, was, is, 0);
    str_release(&w.path);
}

/* ---- words ---- */

struct words { struct str *out; size_t n, lines, max; bool secret; };

static void add_clean(struct str *out, const char *text, size_t len, size_t most)
{
    struct str clean;
    str_init(&clean, 65536);
    size_t n = len > most ? most : len;
    while (n && n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    text_clean(&clean, text, n, 0);
    str_adds(out, clean.data ? clean.data : "");
    if (n < len)
        str_adds(out, "...");
    str_release(&clean);
}

static void value(struct str *out, const json_t *v)
{
    char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text)
        add_clean(out, text, strlen(text), 160);
    json_text_free(text);
}

static bool hidden(const struct words *w, const char *path)
{
    const char *last = strrchr(path, '.');
    if (w->secret && (!strncmp(path, "data", 4) || !strncmp(path, "stringData", 10)))
        return true;
    return strstr(path, "last-applied-configuration") || hide_name(last ? last + 1 : path);
}

static void some_lines(struct words *w, char sign, const char *text, const char *end)
{
    for (const char *p = text; p < end && w->lines < w->max;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = stop ? (size_t)(stop - p) : (size_t)(end - p);
        str_addf(w->out, "  %c ", sign);
        add_clean(w->out, p, n, 160);
        str_addc(w->out, '\n');
        w->lines++;
        p += n + (stop != NULL);
    }
}

/* What is the same at the beginning and at the end is left out, by whole lines. */
static void texts(struct words *w, const char *a, const char *b)
{
    const char *ea = a + strlen(a), *eb = b + strlen(b), *pa = a, *pb = b;
    while (*pa && *pa == *pb)
        pa++, pb++;
    while (pa > a && pa[-1] != '\n')
        pa--, pb--;
    while (ea > pa && eb > pb && ea[-1] == eb[-1])
        ea--, eb--;
    while (*ea && *eb && ((ea > pa && ea[-1] != '\n') || (eb > pb && eb[-1] != '\n')))
        ea++, eb++;
    some_lines(w, '-', pa, ea);
    some_lines(w, '+', pb, eb);
}

static void one(void *arg, const char *path, const json_t *was, const json_t *is)
{
    struct words *w = arg;
    const char *a = json_string_value(was), *b = json_string_value(is);
    w->n++;
    if (w->lines >= w->max)
        return;
    w->lines++;
    add_clean(w->out, path, strlen(path), 300);
    if (hidden(w, path)) {
        str_adds(w->out, !was ? ": added\n" : !is ? ": removed\n" : ": changed (not shown)\n");
        return;
    }
    if (a && b && (strchr(a, '\n') || strchr(b, '\n'))) {
        str_adds(w->out, ":\n");
        texts(w, a, b);
        return;
    }
    str_adds(w->out, ": ");
    if (was)
        value(w->out, was);
    str_adds(w->out, !was ? "added " : !is ? " removed" : " -> ");
    if (is)
        value(w->out, is);
    str_addc(w->out, '\n');
}

size_t change_words(struct str *out, const json_t *was, const json_t *is, size_t max)
{
    const char *kind = json_string_value(json_object_get(is ? is : was, "kind"));
    struct words w = {.out = out, .max = max, .secret = kind && !strcmp(kind, "Secret")};
    change_walk(was, is, one, &w);
    return w.n;
}

/* ---- merge patches ---- */

json_t *change_patch(const json_t *was, const json_t *is)
{
    json_t *out, *v;
    const char *key;
    if (!json_is_object(was) || !json_is_object(is))
        return json_deep_copy(is);
    out = json_object();
    json_object_foreach((json_t *)was, key, v)
        if (nothing(json_object_get(is, key)) && !nothing(v))
            json_object_set_new(out, key, json_null());
    json_object_foreach((json_t *)is, key, v) {
        const json_t *old = json_object_get(was, key);
        if (!nothing(v) && !same(old, v))
            json_object_set_new(out, key, json_is_object(old) ? change_patch(old, v) : json_deep_copy(v));
    }
    return out;
}

bool change_holds(const json_t *doc, const json_t *patch)
{
    const char *key;
    json_t *v;
    if (!json_is_object(patch))
        return same(doc, patch);
    if (!json_is_object(doc))
        return false;
    json_object_foreach((json_t *)patch, key, v)
        if (!change_holds(json_object_get(doc, key), v))
            return false;
    return true;
}

json_t *change_back(const json_t *patch, const json_t *before)
{
    json_t *out = json_object(), *v;
    const char *key;
    json_object_foreach((json_t *)patch, key, v) {
        const json_t *old = json_object_get(before, key);
        if (json_is_object(v) && json_is_object(old))
            json_object_set_new(out, key, change_back(v, old));
        else
            json_object_set_new(out, key, old ? json_deep_copy(old) : json_null());
    }
    return out;
}

/* ---- three ---- */

struct merge { struct str *clashes, path; };

static json_t *three(struct merge *m, const json_t *base, const json_t *mine, const json_t *theirs, int depth);

static json_t *three_under(struct merge *m, const char *fmt, const char *key, const json_t *base, const json_t *mine, const json_t *theirs, int depth)
{
    size_t at = m->path.len;
    str_addf(&m->path, fmt, key);
    json_t *out = three(m, base, mine, theirs, depth + 1);
    if (m->path.data) {
        m->path.len = at;
        m->path.data[at] = '\0';
    }
    return out;
}

static json_t *three_objects(struct merge *m, const json_t *base, const json_t *mine, const json_t *theirs, int depth)
{
    json_t *out = json_object(), *v, *got;
    const char *key, *fmt = m->path.len ? ".%s" : "%s";
    json_object_foreach((json_t *)theirs, key, v)
        if ((got = three_under(m, fmt, key, json_object_get(base, key), json_object_get(mine, key), v, depth)))
            json_object_set_new(out, key, got);
    json_object_foreach((json_t *)mine, key, v)
        if (!json_object_get(theirs, key) && (got = three_under(m, fmt, key, json_object_get(base, key), v, NULL, depth)))
            json_object_set_new(out, key, got);
    return out;
}

static json_t *three_lists(struct merge *m, const json_t *base, const json_t *mine, const json_t *theirs, int depth)
{
    json_t *out = json_array(), *got;
    for (size_t i = 0; i < json_array_size(theirs); i++) {
        const json_t *t = json_array_get(theirs, i);
        const char *n = name_of(t);
        if ((got = three_under(m, "[%s]", n, named(base, n), named(mine, n), t, depth)))
            json_array_append_new(out, got);
    }
    for (size_t i = 0; i < json_array_size(mine); i++) {
        const json_t *t = json_array_get(mine, i);
        const char *n = name_of(t);
        if (!named(theirs, n) && (got = three_under(m, "[%s]", n, named(base, n), t, NULL, depth)))
            json_array_append_new(out, got);
    }
    return out;
}

static json_t *three(struct merge *m, const json_t *base, const json_t *mine, const json_t *theirs, int depth)
{
    if (same(mine, base) || same(mine, theirs))
        return theirs ? json_deep_copy(theirs) : NULL;
    if (same(theirs, base))
        return mine ? json_deep_copy(mine) : NULL;
    if (json_is_object(mine) && json_is_object(theirs) && depth < DEPTH)
        return three_objects(m, base, mine, theirs, depth);
    if (by_name(mine) && by_name(theirs) && depth < DEPTH)
        return three_lists(m, base, mine, theirs, depth);
    if (m->path.data) {
        add_clean(m->clashes, m->path.data, m->path.len, 300);
        str_addc(m->clashes, '\n');
    }
    return mine ? json_deep_copy(mine) : NULL;
}

json_t *change_merge(const json_t *base, const json_t *mine, const json_t *theirs, struct str *clashes)
{
    struct merge m = {.clashes = clashes};
    str_init(&m.path, 65536);
    json_t *out = three(&m, base, mine, theirs, 0);
    str_release(&m.path);
    return out;
}
