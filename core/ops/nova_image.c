/* Images by name or id; names are not unique. */
#include "core/ops/nova_image.h"

#include <string.h>

#include "core/ops/ostk_act.h"

bool nova_image_side(const char *said, struct str *path, const char **service, const char **microversion)
{
    if (!said || !*said)
        return false;
    *service = "image";
    *microversion = NULL;
    return str_adds(path, ostk_act_is_uuid(said) ? "/images/" : "/images?limit=100&name=") && str_add_urlenc(path, said);
}

const json_t *nova_image(const struct act_ctx *c, const char *said, struct act_facts *f)
{
    const json_t *found = NULL, *list = nova_beside(c, "images"), *e;
    size_t n = 0, i;
    for (i = 0; i < ACT_SIDES && !found; i++)
        if (!strcmp(act_str(c->side[i].json, "id"), said) && json_object_get(c->side[i].json, "disk_format"))
            found = c->side[i].json;
    for (i = 0; !n && i < json_array_size(list); i++)
        if (!strcmp(act_str(e = json_array_get(list, i), "id"), said))
            found = e;
    for (i = 0; !found && i < json_array_size(list); i++)
        n += !strcmp(act_str(json_array_get(list, i), "name"), said);
    for (i = 0; n == 1 && i < json_array_size(list); i++)
        if (!strcmp(act_str(e = json_array_get(list, i), "name"), said))
            found = e;
    if (n > 1)
        act_fact(f, FACT_REFUSED, "%zu images are called %s: give the id of one", n, said);
    else if (!found)
        act_fact(f, FACT_REFUSED, "there is no image %s that this user may see: strata get image lists them", said);
    else if (strcmp(act_str(found, "status"), "active") != 0) {
        act_fact(f, FACT_REFUSED, "image %s is %s: nothing can start from it", said, act_str(found, "status"));
        return NULL;
    }
    return found;
}
