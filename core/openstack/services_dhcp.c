/* The networks of Neutron's DHCP agents that are out of service. While an agent works a port of its own on each network tells where it is,
 * and Neutron deletes that port with the agent disabled: then its own list alone tells what it serves. It is one request per agent, so it
 * is asked of those alone, and rarely. */
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/kind_util.h"
#include "core/openstack/services_priv.h"
#include "strata/mem.h"
#include "strata/str.h"

#define AGAIN_MS 60000
#define TEXT_MAX (512u << 10)           /* 14,000 networks */
#define ID_LEN 36

struct list { char *networks; int64_t read_ms; };

static void list_free(void *arg)
{
    struct list *l = arg;
    mem_free(l->networks);
    mem_free(l);
}

void svc_dhcp_init(struct map *lists) { map_init(lists, list_free); }

static bool withdrawn(const struct json_t *agent)
{
    const char *binary = ostk_json_str(agent, "binary");
    return binary && !strcmp(binary, "neutron-dhcp-agent") && !(ostk_true(agent, "alive") && ostk_true(agent, "admin_state_up"));
}

const char *svc_dhcp_wanted(struct map *lists, const struct json_t *agents, int64_t now_ms, int64_t since_ms)
{
    const char *wanted = NULL;
    size_t i;
    json_t *agent;
    json_array_foreach((json_t *)agents, i, agent) {
        const char *id = ostk_json_str(agent, "id");
        const struct list *had = id ? map_get(lists, id) : NULL;
        if (had && !withdrawn(agent))
            map_del(lists, id);
        else if (id && !wanted && withdrawn(agent) && (!had || now_ms - had->read_ms >= AGAIN_MS || had->read_ms < since_ms))
            wanted = id;
    }
    return wanted;
}

/* Ids alone: what is no id is no network. */
static char *ids_of(const struct json_t *networks)
{
    struct str ids;
    size_t i;
    json_t *n;
    str_init(&ids, TEXT_MAX);
    json_array_foreach((json_t *)networks, i, n) {
        const char *id = ostk_json_str(n, "id");
        if (id && strlen(id) == ID_LEN && ids.len + ID_LEN + 2 < TEXT_MAX)
            str_addf(&ids, "%s%s", ids.len ? "," : "", id);
    }
    char *out = ids.len && !ids.failed ? mem_strdup(ids.data) : NULL;
    str_release(&ids);
    return out;
}

bool svc_dhcp_take(struct map *lists, const char *agent, const char *body, size_t len, int64_t now_ms)
{
    struct list *had = map_get(lists, agent), *l = had ? had : mem_zalloc(sizeof *l);
    json_t *doc = body ? json_read(body, len, 0, NULL) : NULL;
    const struct json_t *networks = ostk_json(doc, "networks");
    if (l) {
        l->read_ms = now_ms;
        if (json_is_array(networks)) {
            mem_free(l->networks);
            l->networks = ids_of(networks);
        }
        if (!had && !map_put(lists, agent, l)) {
            list_free(l);
            l = NULL;
        }
    }
    json_decref(doc);
    return l != NULL;
}

const char *svc_dhcp_networks(const struct map *lists, const char *agent)
{
    const struct list *l = agent ? map_get(lists, agent) : NULL;
    return l ? l->networks : NULL;
}
