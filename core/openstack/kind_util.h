/*
 * Purpose:   what the decoders of the OpenStack kinds share: references by name, sizes, health from status words.
 * Thread:    net thread.
 * Ownership: texts are copied into the row buffer.
 * Errors:    absent or odd values leave the cell empty.
 * Units:     bytes, ms.
 */
#ifndef STRATA_OSTK_KIND_UTIL_H
#define STRATA_OSTK_KIND_UTIL_H

#include "core/openstack/ostk.h"

/* One row of a column table. path NULL: decode fills it. */
#define OSTK_COL(id_, title_, type_, flags_, path_, help_) \
    {.id = (id_), .title = (title_), .help = (help_), .type = (type_), .flags = (flags_), .path = (path_)}

#define OSTK_MIB 1048576LL
#define OSTK_GIB 1073741824LL

/* Name of a referenced object, its id while the name is unknown, "" for none. s may be NULL (tests). Never NULL. */
const char *ostk_ref(struct ostk_source *s, const char *what, const char *id);
void ostk_ref_cell(struct rowbuf *rb, int col, struct ostk_source *s, const char *what, const char *id);
/* project_id, tenant_id or the given key, as a name (the id where nobody tells us its name); "-" without any. */
void ostk_project_cell(struct rowbuf *rb, int col, struct ostk_source *s, const struct json_t *item, const char *key);
void ostk_created(struct rowbuf *rb, const struct json_t *item, const char *key);
/* Identity and the name column: name from name_key or the id; scope from scope_key, project_id or tenant_id. */
void ostk_named(struct rowbuf *rb, int col, const struct json_t *item, const char *name_key, const char *scope_key);
/* A number times a unit. */
void ostk_size_cell(struct rowbuf *rb, int col, const struct json_t *item, const char *path, int64_t unit);
/* "k=v, k=v" of an object in its order. */
void ostk_map_cell(struct rowbuf *rb, int col, const struct json_t *map);
/* "a, b" of one member of each element of an array. */
void ostk_pick_cell(struct rowbuf *rb, int col, const struct json_t *array, const char *member);
/* `a` where the boolean at path is true, `b` where it is false, nothing where it is absent. */
void ostk_bool_cell(struct rowbuf *rb, int col, const struct json_t *item, const char *path, const char *a,
                    const char *b);
bool ostk_true(const struct json_t *item, const char *path);
size_t ostk_len(const struct json_t *item, const char *path);

/* What the status words of most OpenStack APIs mean ("ACTIVE", "error_deleting", "CREATE_IN_PROGRESS"). */
enum health ostk_status_health(const char *status);
/* The same, but set down by its owner (admin_state_up false) is WARN. */
enum health ostk_admin_health(const struct json_t *item, const char *status);
/* Of an agent or compute host: up and status as the API tells them. */
enum health ostk_agent_health(bool up, bool disabled, bool forced_down);

#endif
