/* The status tree of a load balancer: its members one by one, and all of it in words. */
#include "core/openstack/lb_tree.h"

#include <string.h>

#include <jansson.h>

#include "core/openstack/describe_out.h"
#include "core/openstack/ostk.h"

static const char *str_of(const json_t *o, const char *key)
{
    const char *s = ostk_json_str(o, key);
    return s ? s : "";
}

static const char *called(const json_t *o) { return *str_of(o, "name") ? str_of(o, "name") : str_of(o, "id"); }

static void add_members(json_t *out, const json_t *lb, const json_t *listener, const json_t *pool)
{
    static const char *const own[] = {"id", "name", "operating_status", "provisioning_status", "address", "protocol_port"};
    size_t i;
    json_t *m;
    json_array_foreach((json_t *)ostk_json(pool, "members"), i, m) {
        json_t *one = json_array_size(out) < LB_MEMBERS_MAX && ostk_json_str(m, "id") ? json_object() : NULL;
        if (!one)
            continue;
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            json_object_set(one, own[k], json_object_get(m, own[k]));
        json_object_set_new(one, "pool_id", json_string(str_of(pool, "id")));
        json_object_set_new(one, "pool", json_string(called(pool)));
        json_object_set_new(one, "listener", json_string(called(listener)));
        json_object_set_new(one, "loadbalancer_id", json_string(str_of(lb, "id")));
        json_object_set_new(one, "loadbalancer", json_string(called(lb)));
        json_object_set_new(one, "project_id", json_string(str_of(lb, "project_id")));
        json_array_append_new(out, one);
    }
}

json_t *lb_tree_members(const json_t *lb, const json_t *doc)
{
    json_t *out = json_array(), *told = json_object(), *l, *p;
    size_t i, k;
    json_array_foreach((json_t *)ostk_json(doc, "statuses.loadbalancer.listeners"), i, l)
        json_array_foreach((json_t *)ostk_json(l, "pools"), k, p) {
            if (json_object_get(told, str_of(p, "id")))         /* several listeners may share a pool */
                continue;
            json_object_set_new(told, str_of(p, "id"), json_true());
            add_members(out, lb, l, p);
        }
    json_decref(told);
    return out;
}

/* "  Pool web: DEGRADED, PENDING_UPDATE": what was changed last is said while it is not done. */
static void line(struct str *out, int depth, const char *what, const json_t *o, const char *more)
{
    const char *prov = str_of(o, "provisioning_status");
    bool told = *prov && strcmp(prov, "ACTIVE") != 0;
    str_addf(out, "%*s%s %s%s: %s%s%s\n", depth * 2, "", what, called(o), more, str_of(o, "operating_status"), told ? ", " : "", told ? prov : "");
}

static void pool_text(struct str *out, const json_t *p)
{
    const json_t *monitor = ostk_json(p, "health_monitor");
    struct str more;
    size_t i;
    json_t *m;
    line(out, 2, "Pool", p, "");
    if (json_is_object(monitor))
        str_addf(out, "      Health monitor %s %s: %s\n", called(monitor), str_of(monitor, "type"), str_of(monitor, "operating_status"));
    json_array_foreach((json_t *)ostk_json(p, "members"), i, m) {
        str_init(&more, 1024);
        str_addf(&more, " %s port %lld", str_of(m, "address"), (long long)ostk_json_int(m, "protocol_port", 0));
        line(out, 3, "Member", m, more.data ? more.data : "");
        str_release(&more);
    }
    if (!i)
        str_adds(out, "      no member: it answers nobody\n");
}

void lb_tree_text(struct str *out, const json_t *doc)
{
    const json_t *listeners = ostk_json(doc, "statuses.loadbalancer.listeners");
    size_t i, k;
    json_t *l, *p;
    dout_section(out, "Status");
    json_array_foreach((json_t *)listeners, i, l) {
        line(out, 1, "Listener", l, "");
        json_array_foreach((json_t *)ostk_json(l, "pools"), k, p)
            pool_text(out, p);
        if (!k)
            str_adds(out, "    no pool: it answers nobody\n");
    }
    if (!i)
        str_adds(out, "  no listener: it takes no traffic\n");
}
