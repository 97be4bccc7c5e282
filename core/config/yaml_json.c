/* Trees of YAML become JSON; JSON is read as such, so that its lines and escapes are its own. */
#include "core/config/yaml_json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/config/yaml.h"
#include "strata/text.h"

struct reader {
    const char *file;
    enum err_code (*each)(void *arg, json_t *doc, int line, struct err *err);
    void *arg;
};

static enum err_code wrong(const struct reader *r, struct err *err, int line, const char *what, const char *word)
{
    struct str file, clean;
    str_init(&file, 2048);
    str_init(&clean, 512);
    text_clean(&file, r->file, strnlen(r->file, 400), 0);
    text_clean(&clean, word, strnlen(word, 100), 0);
    enum err_code code = err_set(err, ERR_PARSE, 0, "%s:%d: %s%s", file.data, line > 0 ? line : 1, what, clean.data);
    str_release(&file);
    str_release(&clean);
    return code;
}

static json_t *convert(const struct reader *r, const struct yaml_node *n, struct err *err);

static json_t *number(const struct reader *r, const struct yaml_node *n, struct err *err)
{
    char *end;
    errno = 0;
    long long whole = strtoll(n->text, &end, 10);
    if (n->type == YAML_INT && !*end && !errno)
        return json_integer(whole);
    double v = strtod(n->text, &end);
    if (*end || !isfinite(v)) {
        wrong(r, err, n->line, "no number that JSON has: ", n->raw);
        return NULL;
    }
    return json_real(v);
}

/* Booleans that are keys are named as JSON names them. */
static const char *key_text(const struct yaml_node *k)
{
    return k->type == YAML_BOOL ? k->truth ? "true" : "false" : k->type == YAML_NULL ? "null" : k->text;
}

static json_t *mapping(const struct reader *r, const struct yaml_node *n, struct err *err)
{
    json_t *o = json_object();
    for (const struct yaml_item *i = n->first; o && i; i = i->next) {
        const char *key = key_text(i->key);
        bool own = i->key->line >= n->line;            /* not come by "<<" */
        if (own && json_object_get(o, key)) {
            bool twice = false;
            for (const struct yaml_item *j = n->first; j != i && !twice; j = j->next)
                twice = j->key->line >= n->line && !strcmp(key_text(j->key), key);
            if (twice) {
                wrong(r, err, i->key->line, "this key stands twice: ", key);
                json_decref(o);
                return NULL;
            }
        }
        json_t *v = convert(r, i->value, err);
        if (!v || json_object_set_new(o, key, v)) {
            if (v)
                wrong(r, err, i->key->line, "this key cannot be read: ", key);
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

static json_t *convert(const struct reader *r, const struct yaml_node *n, struct err *err)
{
    json_t *out = NULL;
    switch (n->type) {
    case YAML_NULL: out = json_null(); break;
    case YAML_BOOL: out = json_boolean(n->truth); break;
    case YAML_INT: case YAML_FLOAT: return number(r, n, err);
    case YAML_STR:
        if (!(out = json_stringn(n->text, n->len)))
            wrong(r, err, n->line, "no text in UTF-8", "");
        return out;
    case YAML_MAP: return mapping(r, n, err);
    case YAML_SEQ:
        out = json_array();
        for (const struct yaml_item *i = n->first; out && i; i = i->next) {
            json_t *v = convert(r, i->value, err);
            if (!v || json_array_append_new(out, v)) {
                json_decref(out);
                return NULL;
            }
        }
        break;
    }
    if (!out)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return out;
}

static enum err_code one_yaml(void *arg, const struct yaml_node *root, struct err *err)
{
    const struct reader *r = arg;
    json_t *doc;
    if (root->type == YAML_NULL)
        return ERR_OK;
    doc = convert(r, root, err);
    if (!doc)
        return err->code ? err->code : err_set(err, ERR_NOMEM, 0, "out of memory");
    enum err_code rc = r->each(r->arg, doc, root->line, err);
    json_decref(doc);
    return rc;
}

/* JSON documents one after the other; false: it is none, *line where. */
static bool all_json(const struct reader *r, const char *text, size_t len, struct err *err, enum err_code *rc)
{
    size_t at = 0;
    int line = 1;
    for (;;) {
        json_error_t e;
        while (at < len && strchr(" \t\r\n", text[at]))
            line += text[at++] == '\n';
        if (at == len)
            return true;
        json_t *doc = json_read(text + at, len - at, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &e);
        if (!doc && (json_error_code(&e) == json_error_duplicate_key || at)) {
            *rc = wrong(r, err, line + e.line - 1, "", e.text);
            return true;
        }
        if (!doc)
            return false;
        *rc = r->each(r->arg, doc, line, err);
        json_decref(doc);
        if (*rc)
            return true;
        for (size_t end = at + (size_t)e.position; at < end && at < len; at++)
            line += text[at] == '\n';
    }
}

enum err_code yaml_json_each(const char *text, size_t len, const char *file,
                             enum err_code (*each)(void *arg, json_t *doc, int line, struct err *err), void *arg, struct err *err)
{
    struct reader r = {.file = file, .each = each, .arg = arg};
    enum err_code rc = ERR_OK;
    size_t at = 0;
    *err = (struct err)ERR_INIT;
    while (at < len && strchr(" \t\r\n", text[at]))
        at++;
    bool several = memmem(text, len, "\n---", 4) != NULL;       /* JSON between the marks of YAML is read as YAML, which it is */
    if (!several && at < len && (text[at] == '{' || text[at] == '[') && all_json(&r, text, len, err, &rc))
        return rc;
    rc = yaml_parse_each(text, len, YAML_GO, file, one_yaml, &r, err);
    if (rc == ERR_CONFIG)
        rc = err->code = ERR_PARSE;
    return rc;
}

struct only { json_t *doc; const struct reader *r; };

static enum err_code keep(void *arg, json_t *doc, int line, struct err *err)
{
    struct only *o = arg;
    if (o->doc)
        return wrong(o->r, err, line, "a second document begins here; only one is wanted", "");
    o->doc = json_incref(doc);
    return ERR_OK;
}

json_t *yaml_json_one(const char *text, size_t len, const char *file, struct err *err)
{
    struct reader r = {.file = file};
    struct only o = {.r = &r};
    if (!yaml_json_each(text, len, file, keep, &o, err))
        return o.doc;
    json_decref(o.doc);
    return NULL;
}
