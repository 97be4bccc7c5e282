/*
 * Purpose:   private to clouds*.c: the merged files, and the dictionary operations openstacksdk does on them.
 * Thread:    any; no shared state.
 * Ownership: nodes live in the arena given; nodes of other documents are shared, never changed.
 * Errors:    NULL or false = memory is out.
 */
#ifndef STRATA_CONFIG_CLOUDS_TREE_H
#define STRATA_CONFIG_CLOUDS_TREE_H

#include "core/config/yaml.h"
#include "strata/clouds.h"

struct clouds {
    struct yaml_doc config, secure, vendor;
    struct err vendor_err;         /* the vendor file is broken: matters when a profile is asked for */
    struct arena arena;            /* merged tree, environment cloud */
    struct yaml_node *clouds;      /* mapping of all clouds; never NULL */
    char *file, *home;
    char *default_name;
    const char *env_name;          /* of the cloud made of OS_* variables ("envvars") */
    struct strlist names;
    struct str problems, searched;
};

enum { CLOUDS_FILE_MAX = 16 << 20 };

/* Dictionary operations, on mappings this arena owns. Keys are unique and in order of first insertion. */
struct yaml_node *tree_copy(struct arena *a, const struct yaml_node *map);        /* shallow; NULL or no mapping: empty */
bool tree_set(struct arena *a, struct yaml_node *map, const char *key, struct yaml_node *value);
bool tree_set_text(struct arena *a, struct yaml_node *map, const char *key, const char *text, int line);
void tree_del(struct yaml_node *map, const char *key);
/* _util.merge_clouds: new over old, mappings deep. */
struct yaml_node *tree_merge(struct arena *a, const struct yaml_node *old, const struct yaml_node *new_);
/* loader._auth_update: src over dst, only "auth" one level deep. */
bool tree_update(struct arena *a, struct yaml_node *dst, const struct yaml_node *src, bool skip_null);
/* _util.normalize_keys: '-' becomes '_', numbers become texts. */
struct yaml_node *tree_normalize(struct arena *a, const struct yaml_node *map);
/* str.format(**vars). ERR_CONFIG says what is wrong with it. */
enum err_code tree_format(struct arena *a, const char *format, const struct yaml_node *vars, char **out, struct err *err);
bool tree_has(const struct yaml_node *map, const char *key);
const char *tree_text(const struct yaml_node *map, const char *key);   /* text of a scalar that is not null, else NULL */

/* clouds_env.c: the defaults of every cloud, and the variables as a cloud (NULL: there is none). */
bool clouds_add_defaults(struct arena *a, struct yaml_node *map);
bool clouds_environment(struct arena *a, char *const *env, struct yaml_node **out);
const char *clouds_getenv(char *const *env, const char *name);         /* NULL also when empty */

/* clouds_region.c */
enum err_code clouds_base(const struct clouds *c, struct arena *a, const char *name, struct yaml_node **out, struct err *err);
/* The known regions of a cloud: a list of {name, values}; empty: none known. */
enum err_code clouds_known_regions(const struct clouds *c, struct arena *a, const char *name, struct yaml_node **out, struct err *err);

/* clouds_fix.c: loader.magic_fixes, the auth values' move into auth, placeholders. */
enum err_code clouds_fix(struct arena *a, struct yaml_node *config, struct yaml_node **normal, struct err *err);

#endif
