/* Columns chosen in the config file, per kind. */
#include <string.h>
#include <strings.h>

#include "core/config/option_table.h"
#include "strata/kind.h"
#include "strata/map.h"
#include "strata/mem.h"

struct map_columns { struct map lists; };       /* kind id -> struct strlist * */

static void free_list(void *p)
{
    strlist_release(p);
    mem_free(p);
}

bool option_columns_put(struct options *o, const char *kind, char *const *ids, size_t n)
{
    if (!o->columns) {
        if (!(o->columns = mem_alloc(sizeof *o->columns)))
            return false;
        map_init(&o->columns->lists, free_list);
    }
    struct strlist *l = mem_zalloc(sizeof *l);
    bool ok = l != NULL;
    for (size_t i = 0; ok && i < n; i++)
        ok = strlist_add(l, ids[i], strlen(ids[i]));
    if (ok && map_put(&o->columns->lists, kind, l))
        return true;
    if (l)
        free_list(l);
    return false;
}

void option_columns_free(struct map_columns *c)
{
    if (c)
        map_release(&c->lists);
    mem_free(c);
}

static bool same_kind(const char *written, const char *id)
{
    if (!strcasecmp(written, id))
        return true;
    for (const struct kind *const *k = kinds_all; *k; k++) {
        if (strcasecmp((*k)->id, id) != 0)
            continue;
        if ((*k)->singular && !strcasecmp((*k)->singular, written))
            return true;
        for (const char *const *a = (*k)->aliases; a && *a; a++)
            if (!strcasecmp(*a, written))
                return true;
    }
    return false;
}

char *const *options_columns(const struct options *o, const char *kind_id)
{
    if (!o->columns)
        return NULL;
    const struct strlist *l = map_get(&o->columns->lists, kind_id);
    const struct map_entry *e;
    for (size_t i = 0; !l && (e = map_next(&o->columns->lists, &i)) != NULL;)
        if (same_kind(e->key, kind_id))
            l = e->value;
    return l && l->count ? l->items : NULL;
}
