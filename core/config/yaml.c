/*
 * From libyaml's events to a tree in an arena. Aliases share the node they name, so a nest of aliases costs no memory;
 * `weight` counts what they stand for and refuses the ones that would keep a reader busy for ever.
 */
#include "core/config/yaml.h"

#include <stdint.h>
#include <string.h>
#include <yaml.h>

#include "core/config/yaml_scalar.h"
#include "strata/map.h"
#include "strata/mem.h"
#include "strata/text.h"

enum { MAX_DEPTH = 64, MAX_WEIGHT = 2000000, MAX_BYTES = 64 << 20 };

struct frame {
    struct yaml_node *node;
    struct yaml_node *key;      /* of a mapping: waits for its value */
    const char *anchor;
};
struct builder {
    struct yaml_doc *doc;
    enum yaml_dialect dialect;
    const char *file;
    struct err *err;
    struct map anchors;
    struct frame stack[MAX_DEPTH];
    int depth;
    enum err_code (*each)(void *arg, const struct yaml_node *root, struct err *err);         /* NULL: one document */
    void *arg;
};

static enum err_code fail(struct builder *b, int line, const char *what)
{
    struct str file, text;
    str_init(&file, 4096);
    str_init(&text, 200);
    text_clean(&file, b->file, strlen(b->file), 0);
    text_clean(&text, what, strlen(what), 0);
    enum err_code rc = err_set(b->err, ERR_CONFIG, 0, "%s:%d: %s", file.len ? file.data : "?", line > 0 ? line : 1,
                               text.len ? text.data : "cannot be parsed");
    str_release(&file);
    str_release(&text);
    return rc;
}

static enum err_code no_memory(struct builder *b)
{
    return b->doc->arena.used >= MAX_BYTES ? err_set(b->err, ERR_TOOBIG, 0, "%s: too big", b->file)
                                           : err_set(b->err, ERR_NOMEM, 0, "out of memory");
}

struct yaml_node *yaml_new(struct arena *a, enum yaml_type type, int line)
{
    struct yaml_node *n = arena_alloc(a, sizeof *n);
    if (n) {
        n->type = type;
        n->line = line;
        n->raw = n->text = "";
        n->weight = 1;
    }
    return n;
}

struct yaml_node *yaml_new_text(struct arena *a, const char *text, size_t len, int line)
{
    struct yaml_node *n = yaml_new(a, YAML_STR, line);
    char *copy = n ? arena_strndup(a, text, len) : NULL;
    if (!copy)
        return NULL;
    n->raw = n->text = copy;
    n->len = len;
    return n;
}

bool yaml_append(struct arena *a, struct yaml_node *parent, struct yaml_node *key, struct yaml_node *value)
{
    struct yaml_item *item = arena_alloc(a, sizeof *item);
    if (!item)
        return false;
    item->key = key;
    item->value = value;
    if (parent->last)
        parent->last->next = item;
    else
        parent->first = item;
    parent->last = item;
    parent->count++;
    parent->weight += value->weight + (key ? 1 : 0);
    return true;
}

/*
 * Keys that came by "<<" stand before the mapping's own, so that its own, read last, win. In Go's reading they stand
 * where the "<<" stood: own keys before it lose.
 */
static enum err_code merge_into(struct builder *b, struct yaml_node *map, struct yaml_item *after, const struct yaml_node *source)
{
    struct yaml_item **link = after ? &after->next : &map->first, *rest = *link, *last = map->last;
    *link = NULL;
    map->last = after;
    for (const struct yaml_item *i = source->first; i; i = i->next)
        if (!yaml_append(&b->doc->arena, map, i->key, i->value))
            return no_memory(b);
    if (map->last)
        map->last->next = rest;
    else
        map->first = rest;
    if (rest)
        map->last = last;
    return map->weight > MAX_WEIGHT ? fail(b, map->line, "too many entries (an alias repeated too often?)") : ERR_OK;
}

static enum err_code merge_keys(struct builder *b, struct yaml_node *map)
{
    enum err_code rc = ERR_OK;
    struct yaml_item *previous = NULL;
    for (struct yaml_item *i = map->first, *next; i && !rc; i = next) {
        next = i->next;
        if (strcmp(i->key->raw, "<<") != 0) {
            previous = i;
            continue;
        }
        struct yaml_node *v = i->value;
        *(previous ? &previous->next : &map->first) = next;
        if (map->last == i)
            map->last = previous;
        map->count--;
        struct yaml_item *after = b->dialect == YAML_GO ? previous : NULL;
        if (v->type == YAML_MAP) {
            rc = merge_into(b, map, after, v);
        } else if (v->type == YAML_SEQ) {              /* the first of the list ends up last, and so wins */
            for (struct yaml_item *s = v->first; s && !rc; s = s->next)
                rc = s->value->type == YAML_MAP ? merge_into(b, map, after, s->value)
                                                : fail(b, i->key->line, "'<<' wants a mapping or a list of mappings");
        } else {
            rc = fail(b, i->key->line, "'<<' wants a mapping or a list of mappings");
        }
        for (previous = map->first == next ? NULL : map->first; previous && previous->next != next;)
            previous = previous->next;
    }
    return rc;
}

static enum err_code place(struct builder *b, struct yaml_node *n)
{
    if (!b->depth) {
        b->doc->root = n;
        return ERR_OK;
    }
    struct frame *f = &b->stack[b->depth - 1];
    if (f->node->type == YAML_SEQ) {
        if (!yaml_append(&b->doc->arena, f->node, NULL, n))
            return no_memory(b);
    } else if (!f->key) {
        if (!yaml_scalar(n))
            return fail(b, n->line, "a list or mapping cannot be a key");
        f->key = n;
    } else {
        struct yaml_node *key = f->key;
        f->key = NULL;
        if (!yaml_append(&b->doc->arena, f->node, key, n))
            return no_memory(b);
    }
    if (f->node->weight > MAX_WEIGHT)
        return fail(b, n->line, "too many entries (an alias repeated too often?)");
    return ERR_OK;
}

static enum err_code done(struct builder *b, struct yaml_node *n, const char *anchor)
{
    if (anchor && !map_put(&b->anchors, anchor, n))
        return no_memory(b);
    return place(b, n);
}

static enum err_code on_scalar(struct builder *b, const yaml_event_t *e, int line)
{
    const char *value = (const char *)e->data.scalar.value;
    size_t len = e->data.scalar.length;
    const char *tag = (const char *)e->data.scalar.tag;
    struct yaml_node *n = yaml_new_text(&b->doc->arena, value, len, line);
    if (!n)
        return no_memory(b);
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool resolve = tag && strcmp(tag, "!") != 0 ? strcmp(tag, "tag:yaml.org,2002:str") != 0 : plain;
    if (resolve && !yaml_scalar_resolve(&b->doc->arena, n, len, b->dialect))
        return no_memory(b);
    return done(b, n, (const char *)e->data.scalar.anchor);
}

static enum err_code on_start(struct builder *b, enum yaml_type type, const yaml_char_t *anchor, int line)
{
    if (b->depth == MAX_DEPTH)
        return fail(b, line, "nested too deep");
    struct yaml_node *n = yaml_new(&b->doc->arena, type, line);
    char *name = n && anchor ? arena_strndup(&b->doc->arena, (const char *)anchor, strlen((const char *)anchor)) : NULL;
    if (!n || (anchor && !name))
        return no_memory(b);
    b->stack[b->depth++] = (struct frame){.node = n, .anchor = name};
    return ERR_OK;
}

static enum err_code on_end(struct builder *b)
{
    struct frame f = b->stack[--b->depth];
    enum err_code rc = f.node->type == YAML_MAP ? merge_keys(b, f.node) : ERR_OK;
    return rc ? rc : done(b, f.node, f.anchor);
}

static enum err_code on_alias(struct builder *b, const yaml_event_t *e, int line)
{
    struct yaml_node *n = map_get(&b->anchors, (const char *)e->data.alias.anchor);
    return n ? place(b, n) : fail(b, line, "alias without an anchor before it");
}

static enum err_code parser_error(struct builder *b, const yaml_parser_t *p, const char *text, size_t len)
{
    if (p->error == YAML_MEMORY_ERROR)
        return err_set(b->err, ERR_NOMEM, 0, "out of memory");
    int line = (int)p->problem_mark.line + 1;
    if (p->error == YAML_READER_ERROR) {
        line = 1;
        for (size_t i = 0; i < len && i < p->problem_offset; i++)
            line += text[i] == '\n';
    }
    char what[200];
    if (p->context && p->error != YAML_READER_ERROR)
        snprintf(what, sizeof what, "%s %s", p->problem ? p->problem : "cannot be parsed", p->context);
    else
        snprintf(what, sizeof what, "%s", p->problem ? p->problem : "cannot be parsed");
    return fail(b, line, what);
}

/* One of several: anchors and nodes are its own. */
static enum err_code end_document(struct builder *b)
{
    if (!b->each)
        return ERR_OK;
    enum err_code rc = b->doc->root ? b->each(b->arg, b->doc->root, b->err) : ERR_OK;
    map_release(&b->anchors);
    map_init(&b->anchors, NULL);
    arena_reset(&b->doc->arena);
    b->doc->root = NULL;
    return rc;
}

static enum err_code run(struct builder *b, yaml_parser_t *p, const char *text, size_t len)
{
    enum err_code rc = ERR_OK;
    int documents = 0;
    for (bool more = true; more && !rc;) {
        yaml_event_t e;
        if (!yaml_parser_parse(p, &e))
            return parser_error(b, p, text, len);
        int line = (int)e.start_mark.line + 1;
        switch (e.type) {
        case YAML_DOCUMENT_START_EVENT:
            if (documents++ && b->each)
                break;
            if (documents > 1 && b->dialect != YAML_GO)
                rc = fail(b, line, "a second document starts here; only one is allowed");
            else if (documents > 1)
                more = false;
            break;
        case YAML_SCALAR_EVENT: rc = on_scalar(b, &e, line); break;
        case YAML_SEQUENCE_START_EVENT: rc = on_start(b, YAML_SEQ, e.data.sequence_start.anchor, line); break;
        case YAML_MAPPING_START_EVENT: rc = on_start(b, YAML_MAP, e.data.mapping_start.anchor, line); break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT: rc = on_end(b); break;
        case YAML_ALIAS_EVENT: rc = on_alias(b, &e, line); break;
        case YAML_DOCUMENT_END_EVENT: rc = end_document(b); break;
        case YAML_STREAM_END_EVENT: more = false; break;
        default: break;
        }
        yaml_event_delete(&e);
    }
    return rc;
}

static enum err_code parse(struct yaml_doc *d, const char *text, size_t len, enum yaml_dialect dialect, const char *file,
                           enum err_code (*each)(void *arg, const struct yaml_node *root, struct err *err), void *arg, struct err *err)
{
    *d = (struct yaml_doc){.root = NULL};
    arena_init(&d->arena, MAX_BYTES);
    struct builder *b = mem_zalloc(sizeof *b);
    if (!b)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    *b = (struct builder){.doc = d, .dialect = dialect, .file = file, .err = err, .each = each, .arg = arg};
    map_init(&b->anchors, NULL);
    yaml_parser_t p;
    enum err_code rc;
    if (yaml_parser_initialize(&p)) {
        yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
        rc = run(b, &p, text, len);
        yaml_parser_delete(&p);
    } else {
        rc = err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    map_release(&b->anchors);
    mem_free(b);
    if (rc)
        yaml_release(d);
    return rc;
}

enum err_code yaml_parse(struct yaml_doc *d, const char *text, size_t len, enum yaml_dialect dialect, const char *file,
                         struct err *err)
{
    return parse(d, text, len, dialect, file, NULL, NULL, err);
}

enum err_code yaml_parse_each(const char *text, size_t len, enum yaml_dialect dialect, const char *file,
                              enum err_code (*each)(void *arg, const struct yaml_node *root, struct err *err), void *arg, struct err *err)
{
    struct yaml_doc d;
    enum err_code rc = parse(&d, text, len, dialect, file, each, arg, err);
    if (!rc)
        yaml_release(&d);
    return rc;
}

void yaml_release(struct yaml_doc *d)
{
    arena_release(&d->arena);
    d->root = NULL;
}

struct yaml_node *yaml_get(const struct yaml_node *n, const char *key)
{
    struct yaml_node *found = NULL;
    if (yaml_is(n, YAML_MAP))
        for (const struct yaml_item *i = n->first; i; i = i->next)
            if (!strcmp(i->key->text, key))
                found = i->value;
    return found;
}

bool yaml_is(const struct yaml_node *n, enum yaml_type type)
{
    return n && n->type == type;
}

bool yaml_scalar(const struct yaml_node *n)
{
    return n && n->type != YAML_SEQ && n->type != YAML_MAP;
}

const char *yaml_type_name(enum yaml_type type)
{
    static const char *const names[] = {
        [YAML_NULL] = "nothing", [YAML_BOOL] = "true or false", [YAML_INT] = "a number", [YAML_FLOAT] = "a number",
        [YAML_STR] = "a text", [YAML_SEQ] = "a list", [YAML_MAP] = "a mapping",
    };
    return names[type];
}
