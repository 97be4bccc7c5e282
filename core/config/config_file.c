/*
 * strata's own configuration file: the option table's rows by their keys, and sources, keys and columns. Whatever is
 * wrong in it costs a sentence with file and line; everything else in it counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/cfile.h"
#include "core/config/option_table.h"
#include "core/config/yaml.h"
#include "strata/clock.h"
#include "strata/kind.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/window.h"

enum { FILE_MAX = 4 << 20 };

struct reader {
    struct options *o;
    const bool *seen;
    struct str *warn;
    const char *file;
    bool nomem;
};

#define SAY(r, n, ...) cfile_problem((r)->warn, (r)->file, (n)->line, __VA_ARGS__)

static bool set(struct reader *r, char **slot, const char *value)
{
    char *copy = mem_strdup(value);
    if (!copy)
        r->nomem = true;
    mem_free(*slot);
    *slot = copy;
    return copy != NULL;
}

static bool get_flag(struct reader *r, const struct yaml_node *map, const char *key, bool *out)
{
    const struct yaml_node *v = yaml_get(map, key);
    if (!v || v->type == YAML_NULL)
        return true;
    if (v->type != YAML_BOOL) {
        SAY(r, v, "%s must be true or false, not %s", key, yaml_type_name(v->type));
        return false;
    }
    *out = v->truth;
    return true;
}

/* What cannot be read may have been meant to protect something: nothing may be changed until it is put right. */
static void protect(struct reader *r, const struct yaml_node *n)
{
    if (!r->o->read_only)
        SAY(r, n, "read-only until this is put right");
    r->o->read_only = true;
}

/* Does the mapping hold other keys than these? Says so for each. */
static bool only_keys(struct reader *r, const struct yaml_node *map, const char *const *known, const char *in)
{
    bool all_ok = true;
    for (const struct yaml_item *i = map->first; i; i = i->next) {
        struct nearest near = {NULL, 0};
        bool ok = false;
        for (const char *const *k = known; *k && !ok; k++) {
            ok = !strcmp(i->key->raw, *k);
            nearest_try(&near, i->key->raw, *k);
        }
        if (!ok && near.best)
            SAY(r, i->key, "unknown key %s in %s; did you mean %s?", i->key->raw, in, near.best);
        else if (!ok)
            SAY(r, i->key, "unknown key %s in %s", i->key->raw, in);
        all_ok = all_ok && ok;
    }
    return all_ok;
}

static bool add_window(struct reader *r, struct source_rule *rule, const struct yaml_node *v)
{
    struct window w;
    const char *why = "a window must be a text";
    if (!yaml_scalar(v) || !window_parse(&w, v->raw, clock_wall_ms(), &why)) {
        SAY(r, v, "window: %s", why);
        return false;
    }
    struct window *grown = mem_realloc(rule->windows, (rule->nwindows + 1) * sizeof(*grown));
    if (!grown) {
        r->nomem = true;
        return false;
    }
    rule->windows = grown;
    rule->windows[rule->nwindows++] = w;
    return true;
}

/* window: one, or a list of them; labels narrow it to some objects. What cannot be read allows nothing. */
static bool get_windows(struct reader *r, struct source_rule *rule, const struct yaml_node *map)
{
    const struct yaml_node *v = yaml_get(map, "window"), *labels = yaml_get(map, "labels");
    bool ok = true;
    if (v && v->type == YAML_SEQ)
        for (const struct yaml_item *i = v->first; i; i = i->next)
            ok = add_window(r, rule, i->value) && ok;
    else if (v)
        ok = add_window(r, rule, v);
    if (ok && v && !rule->nwindows) {
        SAY(r, v, "window names no time at all");
        ok = false;
    }
    if (labels && (!yaml_scalar(labels) || !*labels->raw || !v)) {
        SAY(r, labels, "labels must be a text such as tier=prod, and go with window");
        ok = false;
    } else if (labels) {
        ok = set(r, &rule->labels, labels->raw) && ok;
    }
    return ok;
}

static void read_rules(struct reader *r, const struct yaml_node *n)
{
    static const char *const known[] = {"match", "read-only", "protected", "window", "labels", NULL};
    if (n->type != YAML_SEQ) {
        SAY(r, n, "sources must be a list of {match, read-only, protected}, not %s", yaml_type_name(n->type));
        protect(r, n);
        return;
    }
    for (const struct yaml_item *i = n->first; i; i = i->next) {
        const struct yaml_node *match = yaml_get(i->value, "match");
        if (i->value->type != YAML_MAP || !yaml_scalar(match) || !*match->raw) {
            SAY(r, i->value, "an entry of sources needs match: the name of a context or cloud or the address of its server, * and ? allowed");
            protect(r, i->value);
            continue;
        }
        /* a rule that cannot be read must not protect less than its author meant */
        struct source_rule rule = {.read_only = !only_keys(r, i->value, known, "sources")};
        if (!get_flag(r, i->value, "read-only", &rule.read_only))
            rule.read_only = true;
        if (!get_flag(r, i->value, "protected", &rule.protected_))
            rule.protected_ = true;
        if (!get_windows(r, &rule, i->value))
            rule.read_only = true;
        struct source_rule *grown = mem_realloc(r->o->rules, (r->o->nrules + 1) * sizeof *grown);
        if (grown)
            r->o->rules = grown;
        if (!grown || !set(r, &rule.match, match->raw)) {
            r->nomem = true;
            mem_free(rule.labels);
            mem_free(rule.windows);
            return;
        }
        r->o->rules[r->o->nrules++] = rule;
    }
}

/* "file:line", clean; for what can be judged only later. */
static void set_where(struct reader *r, char **slot, int line)
{
    struct str where;
    str_init(&where, 8192);
    text_clean(&where, r->file, strlen(r->file), 0);
    str_addf(&where, ":%d", line);
    set(r, slot, where.failed || !where.data ? "" : where.data);
    str_release(&where);
}

static void add_key(struct reader *r, const char *scope, const struct yaml_node *key, const struct yaml_node *command)
{
    struct key_binding *grown = mem_realloc(r->o->keys, (r->o->nkeys + 1) * sizeof *grown);
    if (!grown) {
        r->nomem = true;
        return;
    }
    r->o->keys = grown;
    struct key_binding *k = &grown[r->o->nkeys++];
    *k = (struct key_binding){.scope = NULL};
    set(r, &k->scope, scope);
    set(r, &k->key, key->raw);
    set(r, &k->command, command->raw);
    set_where(r, &k->where, key->line);
}

/* keys: a list of {key, command, scope}, or a mapping {key: command} or {scope: {key: command}}. */
static void read_keys(struct reader *r, const struct yaml_node *n)
{
    static const char *const known[] = {"key", "command", "scope", NULL};
    if (n->type != YAML_SEQ && n->type != YAML_MAP) {
        SAY(r, n, "keys must be a list of {key, command, scope} or a mapping of keys to commands, not %s", yaml_type_name(n->type));
        return;
    }
    for (const struct yaml_item *i = n->first; i; i = i->next) {
        if (i->key && i->value->type == YAML_MAP) {
            for (const struct yaml_item *k = i->value->first; k; k = k->next) {
                if (yaml_scalar(k->value))
                    add_key(r, i->key->raw, k->key, k->value);
                else
                    SAY(r, k->key, "the command of key %s must be a text", k->key->raw);
            }
        } else if (i->key && yaml_scalar(i->value)) {
            add_key(r, "", i->key, i->value);
        } else {
            const struct yaml_node *key = yaml_get(i->value, "key"), *command = yaml_get(i->value, "command");
            const struct yaml_node *scope = yaml_get(i->value, "scope");
            if (i->value->type != YAML_MAP || !yaml_scalar(key) || !*key->raw || !yaml_scalar(command)) {
                SAY(r, i->value, "an entry of keys needs key and command");
                continue;
            }
            only_keys(r, i->value, known, "keys");
            add_key(r, yaml_scalar(scope) ? scope->raw : "", key, command);
        }
    }
}

/* What a kind of the server's has for columns is known when it is asked. */
static bool has_column(struct reader *r, const char *kind, const struct yaml_node *at, const char *id, size_t len)
{
    const struct kind *k = kind_find(kind);
    char one[80], all[300] = "";
    snprintf(one, sizeof one, "%.*s", (int)len, id);
    if (!k || kind_column(k, one) >= 0)
        return true;
    for (size_t i = 0; i < k->ncolumns; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", k->columns[i].id);
    SAY(r, at, "%s %s no column %s (there are %s)", k->id, k->id[strlen(k->id) - 1] == 's' ? "have" : "has", one, all);
    return false;
}

static void read_columns(struct reader *r, const struct yaml_node *n)
{
    if (n->type != YAML_MAP) {
        SAY(r, n, "columns must be a mapping of kinds to lists of column ids, not %s", yaml_type_name(n->type));
        return;
    }
    for (const struct yaml_item *i = n->first; i; i = i->next) {
        struct strlist ids = {.items = NULL};
        bool ok = true;
        if (i->value->type == YAML_SEQ) {
            for (const struct yaml_item *c = i->value->first; c && ok; c = c->next) {
                if (!yaml_scalar(c->value))
                    SAY(r, c->value, "a column of %s must be a column id", i->key->raw);
                else if (has_column(r, i->key->raw, c->value, c->value->raw, strlen(c->value->raw)))
                    ok = strlist_add(&ids, c->value->raw, strlen(c->value->raw));
            }
        } else if (yaml_scalar(i->value)) {
            for (const char *p = i->value->raw; *p && ok; p += strspn(p, ", ")) {
                size_t len = strcspn(p, ", ");
                if (len && has_column(r, i->key->raw, i->value, p, len))
                    ok = strlist_add(&ids, p, len);
                p += len;
            }
        } else {
            SAY(r, i->value, "columns of %s must be a list of column ids", i->key->raw);
        }
        if (ok && ids.count)
            ok = option_columns_put(r->o, i->key->raw, ids.items, ids.count);
        if (!ok)
            r->nomem = true;
        strlist_release(&ids);
    }
}

/* Was this row, or one that overrules it, on the command line? */
static bool overruled(const struct reader *r, const struct option_row *row)
{
    unsigned group = row->flags & (OPT_SOURCES | OPT_SCOPE);
    for (size_t i = 0; i < option_count; i++)
        if (r->seen[i] && (&option_rows[i] == row || (option_rows[i].flags & group)))
            return true;
    return false;
}

static bool set_path(struct reader *r, const struct option_row *row, const char *value, const char **why)
{
    char *plain = cfile_home(value, getenv("HOME")), *dir = cfile_dir(r->file);
    char *full = plain && dir ? cfile_join(dir, plain) : NULL;
    *why = "out of memory";
    bool ok = full && option_set(r->o, row, full, why);
    mem_free(plain);
    mem_free(dir);
    mem_free(full);
    return ok;
}

static void set_row(struct reader *r, const struct option_row *row, const struct yaml_node *key, const struct yaml_node *v)
{
    const char *why = NULL;
    bool ok = true;
    bool list = row->type == OPT_LIST || row->type == OPT_NAMES;
    if (v->type == YAML_NULL)
        return;
    if (v->type == YAML_SEQ && list) {
        for (const struct yaml_item *i = v->first; i; i = i->next) {
            if (!yaml_scalar(i->value))
                SAY(r, i->value, "an entry of %s must be a name, not %s", row->key, yaml_type_name(i->value->type));
            else if (!(ok = option_set(r->o, row, i->value->raw, &why)))
                break;
        }
    } else if (!yaml_scalar(v)) {
        SAY(r, v, "%s must be %s, not %s", row->key, list ? "a name or a list of names" : row->type == OPT_FLAG ? "true or false" : "a text",
            yaml_type_name(v->type));
        return;
    } else if (row->type == OPT_FLAG && v->type != YAML_BOOL) {
        if (!strcmp(row->key, "read-only"))
            protect(r, key);
        ok = false;
        why = "must be true or false";
    } else if (row->type == OPT_FLAG) {
        ok = option_set(r->o, row, v->truth ? "true" : "false", &why);
    } else {
        ok = row->type == OPT_PATH ? set_path(r, row, v->raw, &why) : option_set(r->o, row, v->raw, &why);
    }
    if (ok && !strcmp(row->key, "views"))
        set_where(r, &r->o->views_where, key->line);
    if (!ok && why && !strcmp(why, "out of memory"))
        r->nomem = true;
    else if (!ok)
        SAY(r, key, "%s %s%s", row->key, row->choices ? "is one of " : "", why ? why : "cannot be used");
}

/* Was a key meant to protect something? However it is written: readOnly, read_only, protect, source. */
static bool means_protection(const char *key)
{
    static const char *const words[] = {"read-only", "readonly", "protected", "sources"};
    struct nearest near = {NULL, 0};
    char low[64];
    size_t n = 0;
    for (; key[n] && n < sizeof low - 1; n++)
        low[n] = key[n] >= 'A' && key[n] <= 'Z' ? (char)(key[n] + 'a' - 'A') : key[n];
    low[n] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        nearest_try(&near, low, words[i]);
    return near.best || strstr(low, "protect") || strstr(low, "readonly") || strstr(low, "read-only") || strstr(low, "read_only");
}

static void unknown_key(struct reader *r, const struct yaml_node *key, const char *const *parts, size_t nparts)
{
    struct nearest near = {NULL, 0};
    for (size_t i = 0; i < option_count; i++)
        if (option_rows[i].key)
            nearest_try(&near, key->raw, option_rows[i].key);
    for (size_t i = 0; i < nparts; i++)
        nearest_try(&near, key->raw, parts[i]);
    if (!strcmp(key->raw, "protected") || !strcmp(key->raw, "match"))
        SAY(r, key, "unknown key %s: it stands in an entry of sources", key->raw);
    else
        SAY(r, key, near.best ? "unknown key %s; did you mean %s?" : "unknown key %s%s", key->raw, near.best ? near.best : "");
    if (means_protection(key->raw) || !strcmp(key->raw, "match"))
        protect(r, key);
}

static void read_root(struct reader *r, const struct yaml_node *root)
{
    static const char *const parts[] = {"sources", "keys", "columns"};
    static void (*const readers[])(struct reader *, const struct yaml_node *) = {read_rules, read_keys, read_columns};
    const size_t nparts = sizeof parts / sizeof *parts;
    if (!root || root->type == YAML_NULL)
        return;
    if (root->type != YAML_MAP) {
        SAY(r, root, "the configuration must be a mapping, not %s", yaml_type_name(root->type));
        protect(r, root);
        return;
    }
    for (const struct yaml_item *i = root->first; i && !r->nomem; i = i->next) {
        const char *key = i->key->raw;
        const struct option_row *row = option_by_key(key);
        size_t p = 0;
        while (p < nparts && strcmp(parts[p], key) != 0)
            p++;
        if (yaml_get(root, i->key->text) != i->value) {
            SAY(r, i->key, "%s stands here and again further down; the last one counts", key);
            if (means_protection(key))
                protect(r, i->key);
        } else if (p < nparts && i->value->type != YAML_NULL)
            readers[p](r, i->value);
        else if (row && !overruled(r, row))
            set_row(r, row, i->key, i->value);
        else if (!row && p == nparts)
            unknown_key(r, i->key, parts, nparts);
    }
    if (r->o->all_namespaces && r->o->namespaces.count) {
        SAY(r, root, "namespaces and all-namespaces exclude each other; namespaces is used");
        r->o->all_namespaces = false;
    }
}

/* --config, STRATA_CONFIG, XDG_CONFIG_HOME, ~/.config. *must: the user named it. NULL: no place to look, or no memory. */
static char *find(const struct options *o, bool *must)
{
    const char *env = getenv("STRATA_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    struct str s;
    *must = o->config_file || (env && *env);
    if (*must)
        return mem_strdup(o->config_file ? o->config_file : env);
    str_init(&s, 65536);
    if (xdg && *xdg == '/')
        str_addf(&s, "%s/strata/config.yaml", xdg);
    else if (home && *home)
        str_addf(&s, "%s/.config/strata/config.yaml", home);
    return s.len ? str_take(&s) : NULL;
}

enum err_code config_file_read(struct options *o, const bool *seen, struct str *warn, struct err *err)
{
    bool must, broken = false, named = o->config_file != NULL;
    char *path = find(o, &must), *text = NULL;
    size_t len = 0;
    if (!path)
        return ERR_OK;
    struct err e = ERR_INIT;
    enum err_code rc = cfile_read(path, FILE_MAX, &text, &len, &e);
    struct yaml_doc doc = {.root = NULL};
    if (!rc && !(rc = yaml_parse(&doc, text, len, YAML_PY, path, &e))) {
        struct reader r = {.o = o, .seen = seen, .warn = warn, .file = path};
        read_root(&r, doc.root);
        yaml_release(&doc);
        if (r.nomem)
            rc = err_set(&e, ERR_NOMEM, 0, "out of memory");
    } else if (rc != ERR_NOMEM && !named) {
        if (rc != ERR_NOTFOUND || must)          /* a file nobody asked for may be missing */
            cfile_problem(warn, NULL, 0, "%s", e.msg);
        broken = rc != ERR_NOTFOUND;
        rc = ERR_OK;
        if (!broken) {
            mem_free(path);
            path = NULL;
        }
    } else if (rc == ERR_CONFIG) {               /* --config FILE: there, but broken: said, the rest works */
        cfile_problem(warn, NULL, 0, "%s", e.msg);
        broken = true;
        rc = ERR_OK;
    }
    if (broken) {
        cfile_problem(warn, NULL, 0, "read-only until the configuration file can be read");
        o->read_only = true;
    }
    mem_free(text);
    if (rc && err)
        *err = e;
    if (rc || !path) {
        mem_free(path);
        return rc;
    }
    mem_free(o->config_file);
    o->config_file = path;
    return ERR_OK;
}
