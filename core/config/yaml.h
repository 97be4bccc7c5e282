/*
 * Purpose:   a small document tree read from YAML or JSON, with line numbers.
 * Thread:    any; no shared state.
 * Ownership: all nodes live in the document's arena: yaml_release frees them; texts are borrowed.
 * Errors:    ERR_CONFIG, "file:line: what is wrong"; ERR_TOOBIG, ERR_NOMEM.
 */
#ifndef STRATA_CONFIG_YAML_H
#define STRATA_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/err.h"
#include "strata/str.h"

/* Whose reading of plain scalars counts. */
enum yaml_dialect {
    YAML_PY,      /* YAML 1.1 as PyYAML's safe_load: yes/no are booleans, 0123 is 83, 1:30 is 90 */
    YAML_GO,      /* as kubectl: also y/n; the first of several documents counts */
    YAML_JSON,    /* plain scalars are numbers, true, false, null */
};

enum yaml_type { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_STR, YAML_SEQ, YAML_MAP };

struct yaml_item {
    struct yaml_item *next;
    struct yaml_node *key;      /* NULL in a sequence */
    struct yaml_node *value;
};
struct yaml_node {
    enum yaml_type type;
    int line;                   /* from 1; 0 = not from a file */
    bool truth;                 /* YAML_BOOL */
    const char *raw;            /* scalar as written, without quotes */
    const char *text;           /* scalar as Python's str() shows it: "83", "True", "1.5"; "" for null */
    size_t len;                 /* of text; a text with a NUL inside is longer than strlen */
    struct yaml_item *first, *last;
    size_t count;               /* items */
    size_t weight;              /* nodes below when aliases are written out: bounds every walk */
};
struct yaml_doc {
    struct arena arena;
    struct yaml_node *root;     /* NULL: nothing but comments */
};

/* `file` is for messages. On an error the document is empty (nothing to release, releasing is fine). */
enum err_code yaml_parse(struct yaml_doc *d, const char *text, size_t len, enum yaml_dialect dialect, const char *file,
                         struct err *err);
void yaml_release(struct yaml_doc *d);
/* Each document of a stream in turn; the nodes are borrowed for the call. The first error ends it. */
enum err_code yaml_parse_each(const char *text, size_t len, enum yaml_dialect dialect, const char *file,
                              enum err_code (*each)(void *arg, const struct yaml_node *root, struct err *err), void *arg, struct err *err);

/* Value of a key; of repeated keys the last. NULL if absent or if n is NULL or no mapping. */
struct yaml_node *yaml_get(const struct yaml_node *n, const char *key);
bool yaml_is(const struct yaml_node *n, enum yaml_type type);      /* false for NULL */
bool yaml_scalar(const struct yaml_node *n);                       /* not NULL, no sequence, no mapping */
const char *yaml_type_name(enum yaml_type type);                   /* "a number", "a list", ... for messages */

/* Building: nodes in the arena; NULL when memory is out. */
struct yaml_node *yaml_new(struct arena *a, enum yaml_type type, int line);
struct yaml_node *yaml_new_text(struct arena *a, const char *text, size_t len, int line);
bool yaml_append(struct arena *a, struct yaml_node *parent, struct yaml_node *key, struct yaml_node *value);

#endif
