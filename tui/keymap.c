/* Keys to command lines. The user's bindings come first, so they win. */
#include "tui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "tui/key.h"

static const struct key_row *const tables[] = {
#define XX(name) name##_keys,
    KEY_TABLES(XX)
#undef XX
};

const struct key_row *key_row_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct key_row *k = tables[t]; k->scope; k++)
            if (i-- == 0) return k;
    return NULL;
}

static bool add(struct keymap *m, const char *scope, uint32_t key, const char *command, const struct key_row *row)
{
    if (!mem_grow(&m->e, &m->cap, m->n + 1, sizeof *m->e)) return false;
    m->e[m->n++] = (struct keymap_entry){scope, key, command, row ? row->hint : NULL, row ? row->help : NULL, row == NULL};
    return true;
}

static bool known_scope(const char *scope)
{
    for (size_t i = 0; key_row_at(i); i++)
        if (!strcmp(key_row_at(i)->scope, scope)) return true;
    return false;
}

bool keymap_init(struct keymap *m, const struct options *opt, struct str *warn)
{
    *m = (struct keymap){0};
    bool ok = true;
    for (size_t i = 0; opt && i < opt->nkeys; i++) {
        const struct key_binding *b = &opt->keys[i];
        const char *scope = b->scope && *b->scope ? b->scope : "global";
        uint32_t key = key_parse(b->key);
        if (!known_scope(scope)) str_addf(warn, "%s: keys: no scope is called \"%s\"\n", b->where, scope);
        else if (!key) str_addf(warn, "%s: keys: \"%s\" is not a key\n", b->where, b->key);
        else ok = add(m, scope, key, b->command, NULL) && ok;
    }
    for (size_t i = 0; key_row_at(i); i++) {
        const struct key_row *k = key_row_at(i);
        ok = add(m, k->scope, key_parse(k->key), k->command, k) && ok;
    }
    return ok;
}

void keymap_release(struct keymap *m)
{
    mem_free(m->e);
    *m = (struct keymap){0};
}

static const char *in_scope(const struct keymap *m, const char *scope, uint32_t key)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->e[i].key == key && !strcmp(m->e[i].scope, scope)) return m->e[i].command;
    return NULL;
}

const char *keymap_find(const struct keymap *m, const char *scope, bool global, uint32_t key)
{
    const char *cmd = in_scope(m, scope, key);
    if (!cmd && global) cmd = in_scope(m, "global", key);
    return cmd;
}

void keymap_key_of(const struct keymap *m, const char *scope, const char *command, char *buf, size_t size)
{
    if (size) *buf = '\0';
    for (size_t i = 0; i < m->n; i++) {
        const struct keymap_entry *e = &m->e[i];
        if (strcmp(e->scope, scope) || strcmp(e->command, command)) continue;
        if (in_scope(m, scope, e->key) != e->command) continue;      /* the user gave the key to another command */
        key_name(e->key, buf, size);
        return;
    }
}
