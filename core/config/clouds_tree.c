/* What openstacksdk does with Python dictionaries, on YAML trees. */
#include "core/config/clouds_tree.h"

#include <string.h>

bool tree_set(struct arena *a, struct yaml_node *map, const char *key, struct yaml_node *value)
{
    if (!value)
        return false;
    for (struct yaml_item *i = map->first; i; i = i->next) {
        if (!strcmp(i->key->text, key)) {
            i->value = value;
            return true;
        }
    }
    struct yaml_node *k = yaml_new_text(a, key, strlen(key), value->line);
    return k && yaml_append(a, map, k, value);
}

bool tree_set_text(struct arena *a, struct yaml_node *map, const char *key, const char *text, int line)
{
    return tree_set(a, map, key, yaml_new_text(a, text, strlen(text), line));
}

void tree_del(struct yaml_node *map, const char *key)
{
    struct yaml_item *previous = NULL;
    for (struct yaml_item *i = map->first; i; previous = i, i = i->next) {
        if (strcmp(i->key->text, key) != 0)
            continue;
        *(previous ? &previous->next : &map->first) = i->next;
        if (map->last == i)
            map->last = previous;
        map->count--;
        return;
    }
}

struct yaml_node *tree_copy(struct arena *a, const struct yaml_node *map)
{
    struct yaml_node *copy = yaml_new(a, YAML_MAP, map ? map->line : 0);
    if (copy && yaml_is(map, YAML_MAP))
        for (const struct yaml_item *i = map->first; i; i = i->next)
            if (!tree_set(a, copy, i->key->text, i->value))
                return NULL;
    return copy;
}

struct yaml_node *tree_merge(struct arena *a, const struct yaml_node *old, const struct yaml_node *new_)
{
    struct yaml_node *out = tree_copy(a, old);
    for (const struct yaml_item *i = yaml_is(new_, YAML_MAP) ? new_->first : NULL; out && i; i = i->next) {
        struct yaml_node *v = i->value;
        if (v->type == YAML_MAP)
            v = tree_merge(a, yaml_get(out, i->key->text), v);
        if (!tree_set(a, out, i->key->text, v))
            return NULL;
    }
    return out;
}

bool tree_update(struct arena *a, struct yaml_node *dst, const struct yaml_node *src, bool skip_null)
{
    for (const struct yaml_item *i = yaml_is(src, YAML_MAP) ? src->first : NULL; i; i = i->next) {
        struct yaml_node *v = i->value;
        if (skip_null && v->type == YAML_NULL)
            continue;
        if (!strcmp(i->key->text, "auth")) {
            struct yaml_node *auth = tree_copy(a, yaml_get(dst, "auth"));
            for (const struct yaml_item *k = yaml_is(v, YAML_MAP) ? v->first : NULL; auth && k; k = k->next)
                if (!tree_set(a, auth, k->key->text, k->value))
                    return false;
            v = auth;
        }
        if (!tree_set(a, dst, i->key->text, v))
            return false;
    }
    return true;
}

struct yaml_node *tree_normalize(struct arena *a, const struct yaml_node *map)
{
    struct yaml_node *out = yaml_new(a, YAML_MAP, map ? map->line : 0);
    for (const struct yaml_item *i = yaml_is(map, YAML_MAP) ? map->first : NULL; out && i; i = i->next) {
        char *key = arena_strndup(a, i->key->text, strlen(i->key->text));
        struct yaml_node *v = i->value;
        if (!key)
            return NULL;
        for (char *p = key; *p; p++)
            if (*p == '-')
                *p = '_';
        if (v->type == YAML_MAP) {
            v = tree_normalize(a, v);
        } else if (v->type == YAML_INT || v->type == YAML_FLOAT) {
            int line = v->line;
            if ((v = yaml_new_text(a, v->text, v->len, line)) == NULL)
                return NULL;
        }
        if (!tree_set(a, out, key, v))
            return NULL;
    }
    return out;
}

bool tree_has(const struct yaml_node *map, const char *key)
{
    return yaml_get(map, key) != NULL;
}

const char *tree_text(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *v = yaml_get(map, key);
    return yaml_scalar(v) && v->type != YAML_NULL ? v->text : NULL;
}

/* One "{name}" or "{name[key]}"; other forms of Python's format are refused. */
static enum err_code placeholder(const char *name, size_t len, const struct yaml_node *vars, struct str *out, struct err *err)
{
    char key[128];
    const struct yaml_node *v = NULL;
    size_t n = strcspn(name, "[");
    if (len < sizeof key) {
        memcpy(key, name, len);
        key[len] = '\0';
        if (n >= len) {
            v = yaml_get(vars, key);
        } else if (key[len - 1] == ']') {
            key[n] = key[len - 1] = '\0';
            v = yaml_get(yaml_get(vars, key), key + n + 1);
        }
    }
    if (!yaml_scalar(v))
        return err_set(err, ERR_CONFIG, 0, "the placeholder {%.*s} names no setting of this cloud", len < 60 ? (int)len : 60, name);
    str_adds(out, v->type == YAML_NULL ? "None" : v->text);
    return ERR_OK;
}

enum err_code tree_format(struct arena *a, const char *format, const struct yaml_node *vars, char **out, struct err *err)
{
    struct str s;
    enum err_code rc = ERR_OK;
    str_init(&s, 1 << 20);
    for (const char *p = format; *p && !rc;) {
        size_t plain = strcspn(p, "{}");
        str_add(&s, p, plain);
        p += plain;
        if (!*p)
            break;
        if (p[0] == p[1]) {
            str_addc(&s, *p);
            p += 2;
            continue;
        }
        size_t n = strcspn(p + 1, "{}");
        if (*p == '}' || p[1 + n] != '}') {
            rc = err_set(err, ERR_CONFIG, 0, "a single %c in a text (write %c%c)", *p, *p, *p);
            break;
        }
        rc = placeholder(p + 1, n, vars, &s, err);
        p += n + 2;
    }
    *out = rc ? NULL : arena_strndup(a, s.data ? s.data : "", s.len);
    if (!rc && (s.failed || !*out))
        rc = err_set(err, ERR_NOMEM, 0, "out of memory");
    str_release(&s);
    return rc;
}
