/* Lists written piece by piece: each item as it stands within the list, and what it says about where it is from. */
#include <jansson.h>

#include "strata/yaml_emit.h"

/* A copy that says its source first. */
static json_t *with_source(json_t *item, const char *source)
{
    json_t *o = json_object();
    if (o && (json_object_set_new(o, "strata_source", json_string(source)) || json_object_update_missing(o, item))) {
        json_decref(o);
        o = NULL;
    }
    return o;
}

bool list_emit_item(struct str *out, json_t *item, bool yaml, const char *source)
{
    json_t *o = source && json_is_object(item) ? with_source(item, source) : json_incref(item);
    bool ok = o != NULL;
    if (ok && !yaml && out->len)
        str_adds(out, ",\n        ");
    if (ok)
        ok = yaml ? yaml_emit_item(out, o) : json_emit(out, o, 2);
    if (!ok)
        out->failed = true;
    json_decref(o);
    return ok;
}
