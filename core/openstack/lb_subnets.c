/* Subnets of members: the status tree of a load balancer has them not, the list of a pool's members has. One never changes. */
#include <string.h>

#include <jansson.h>

#include "core/openstack/lb_tree.h"
#include "core/openstack/ostk.h"

static const char *text(const json_t *o, const char *key)
{
    const char *s = ostk_json_str(o, key);
    return s ? s : "";
}

/* By the id of the member; those that have no such key are left out. */
static json_t *by_id(const json_t *members)
{
    json_t *out = json_object(), *m, *subnet;
    size_t i;
    json_array_foreach((json_t *)members, i, m)
        if ((subnet = json_object_get(m, "subnet_id")))
            json_object_set(out, text(m, "id"), json_is_string(subnet) ? subnet : json_null());
    return out;
}

/* Of one pool, or of all: NULL. Returns how many became known. */
static size_t give(json_t *members, const char *pool, const json_t *known)
{
    size_t i, n = 0;
    json_t *m, *subnet;
    json_array_foreach(members, i, m)
        if (!json_object_get(m, "subnet_id") && (!pool || !strcmp(text(m, "pool_id"), pool)) && (subnet = json_object_get(known, text(m, "id"))))
            n += json_object_set(m, "subnet_id", subnet) == 0;
    return n;
}

void lb_subnets_known(json_t *members, const json_t *before)
{
    json_t *known = by_id(before);
    give(members, NULL, known);
    json_decref(known);
}

const char *lb_subnets_wanted(const json_t *members)
{
    size_t i;
    json_t *m;
    json_array_foreach((json_t *)members, i, m)
        if (!json_object_get(m, "subnet_id"))
            return text(m, "pool_id");
    return NULL;
}

bool lb_subnets_take(json_t *members, const char *pool, const json_t *page)
{
    size_t i, left = 0;
    json_t *m, *known = by_id(page);
    bool told = give(members, pool, known) > 0;
    json_decref(known);
    json_array_foreach(members, i, m)
        if (!json_object_get(m, "subnet_id") && !strcmp(text(m, "pool_id"), pool)) {
            left++;
            if (!told)
                json_object_set_new(m, "subnet_id", json_null());
        }
    return told && left;
}
