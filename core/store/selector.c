/* Label selectors: "a=b,c!=d,e in (f,g),h notin (i),j,!k". */
#include "core/store/selector.h"

#include <ctype.h>
#include <string.h>

#include "strata/mem.h"

enum rule { IS, IS_NOT, EXISTS, EXISTS_NOT };

struct need {
    struct need *next;
    enum rule rule;
    char *key;
    char *values;      /* "a\0b\0\0" */
};
struct selector {
    struct need *needs;
};

void selector_free(struct selector *s)
{
    if (!s)
        return;
    for (struct need *n = s->needs, *next; n; n = next) {
        next = n->next;
        mem_free(n->key);
        mem_free(n->values);
        mem_free(n);
    }
    mem_free(s);
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.' || c == '/';
}

static const char *blanks(const char *p)
{
    return p + strspn(p, " \t");
}

static size_t word(const char *p)
{
    size_t n = 0;
    while (word_char(p[n]))
        n++;
    return n;
}

/* "(a, b)" into n->values; the place behind it, or NULL. */
static const char *set_values(struct need *n, const char *p)
{
    p = blanks(p);
    if (*p != '(' || !(n->values = mem_zalloc(strlen(p) + 2)))
        return NULL;
    char *to = n->values;
    do {
        p = blanks(p + 1);
        size_t len = word(p);
        memcpy(to, p, len);
        to[len] = 0;
        to += len + 1;
        p = blanks(p + len);
    } while (*p == ',');
    return *p == ')' ? p + 1 : NULL;
}

static const char *requirement(struct need *n, const char *p)
{
    bool not = *p == '!';
    if (not)
        p = blanks(p + 1);
    size_t len = word(p);
    if (!len || !(n->key = mem_strndup(p, len)))
        return NULL;
    p = blanks(p + len);
    if (not || !*p || *p == ',') {
        n->rule = not ? EXISTS_NOT : EXISTS;
        return p;
    }
    size_t op = strspn(p, "=!");
    if (op) {
        n->rule = *p == '!' ? IS_NOT : IS;
        if (op > 2 || (*p == '!' && op != 2) || (op == 2 && p[1] != '='))
            return NULL;
        p = blanks(p + op);
        len = word(p);
        if (!(n->values = mem_zalloc(len + 2)))
            return NULL;
        memcpy(n->values, p, len);
        return blanks(p + len);
    }
    len = word(p);
    if (len == 2 && !strncmp(p, "in", 2))
        n->rule = IS;
    else if (len == 5 && !strncmp(p, "notin", 5))
        n->rule = IS_NOT;
    else
        return NULL;
    p = set_values(n, p + len);
    return p ? blanks(p) : NULL;
}

enum err_code selector_parse(struct selector **out, const char *text, struct err *err)
{
    struct selector *s = mem_zalloc(sizeof(*s));
    *out = NULL;
    if (!s)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    struct need **at = &s->needs;
    for (const char *p = blanks(text); *p;) {
        struct need *n = mem_zalloc(sizeof(*n));
        if (!n) {
            selector_free(s);
            return err_set(err, ERR_NOMEM, 0, "out of memory");
        }
        *at = n;
        at = &n->next;
        const char *start = p;
        p = requirement(n, p);
        if (!p || (*p && *p != ',')) {
            selector_free(s);
            return err_set(err, ERR_USAGE, 0, "the label selector is wrong at '%.60s': write k=v, k!=v, k in (a,b), k notin (a,b), k or !k",
                           start);
        }
        if (*p == ',')
            p = blanks(p + 1);
    }
    *out = s;
    return ERR_OK;
}

/* Value of a key in "a=b,c=d", its length in *len; NULL if absent. */
static const char *value_of(const char *labels, const char *key, size_t *len)
{
    size_t n = strlen(key);
    for (const char *p = labels; *p;) {
        const char *end = strchrnul(p, ',');
        if (!strncmp(p, key, n) && p[n] == '=') {
            *len = (size_t)(end - p) - n - 1;
            return p + n + 1;
        }
        p = *end ? end + 1 : end;
    }
    return NULL;
}

static bool holds(const struct need *n, const char *labels)
{
    size_t len = 0;
    const char *v = value_of(labels, n->key, &len);
    if (n->rule == EXISTS || n->rule == EXISTS_NOT)
        return (v != NULL) == (n->rule == EXISTS);
    bool in = false;
    const char *want = n->values;
    do {
        in = in || (v && strlen(want) == len && !memcmp(want, v, len));
        want += strlen(want) + 1;
    } while (!in && *want);
    return in == (n->rule == IS);
}

bool selector_match(const struct selector *s, const char *labels)
{
    for (const struct need *n = s->needs; n; n = n->next) {
        if (!holds(n, labels))
            return false;
    }
    return true;
}
