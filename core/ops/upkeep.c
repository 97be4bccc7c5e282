/* Which controllers of nodes there are, how a cluster shows that it has one, and what a drain says then. */
#include "core/ops/upkeep.h"

#include <stdio.h>
#include <string.h>

const struct upkeep upkeep_rows[UPKEEPS] = {
    {"mosk", "MOSK", UPKEEP_PODS | UPKEEP_SERVERS, "/apis/lcm.mirantis.com/v1alpha1", "nodemaintenancerequests", "NodeMaintenanceRequest", "spec.nodeName", NULL,
     {"scope", "drain"}, "nodeworkloadlocks", "spec.nodeName", "status.state", "inactive", "status.state", "failed", {"status.state", "status.errorMessage"}},
    {"sap", "SAP's hypervisor operator", UPKEEP_PODS | UPKEEP_SERVERS, "/apis/kvm.cloud.sap/v1", "evictions", "Eviction", "spec.hypervisor", "spec.reason",
     {NULL, NULL}, "hypervisors", "metadata.name", "status.evicted", "true", NULL, NULL, {"status.numInstances", NULL}},
    {"medik8s", "the node maintenance operator", UPKEEP_PODS, "/apis/nodemaintenance.medik8s.io/v1beta1", "nodemaintenances", "NodeMaintenance", "spec.nodeName",
     "spec.reason", {NULL, NULL}, NULL, NULL, "status.phase", "Succeeded", "status.phase", "Failed", {"status.pendingPods", "status.lastError"}},
};

static bool has_group(const json_t *groups, const struct upkeep *u)
{
    const json_t *list = json_object_get(groups, "groups");
    const char *group = u->api + strlen("/apis/");
    size_t len = strcspn(group, "/");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = act_str(json_array_get(list, i), "name");
        if (strlen(name) == len && !strncmp(name, group, len))
            return true;
    }
    return false;
}

/* The row that side n is about; NULL none. */
static const struct upkeep *row_at(const json_t *groups, size_t n)
{
    for (size_t i = 0; i < UPKEEPS; i++)
        if (has_group(groups, &upkeep_rows[i]) && !--n)
            return &upkeep_rows[i];
    return NULL;
}

bool upkeep_side(const struct act_ctx *c, size_t first, size_t n, const char *node, struct str *path)
{
    if (!c->planning || first + n >= ACT_SIDES)
        return false;
    if (!n)
        return str_adds(path, "/apis");
    const struct upkeep *u = row_at(c->side[first].json, n);
    if (!u)
        return false;
    if (!u->beside || strcmp(u->beside_node, "metadata.name") != 0)
        return str_addf(path, "%s/%s?limit=1", u->api, u->plural);
    str_addf(path, "%s/%s/", u->api, u->beside);
    return str_add_urlenc(path, node);
}

void upkeep_say(const struct act_ctx *c, size_t first, const char *node, unsigned moves, struct act_facts *f)
{
    bool may = act_bool(c, "ignore-maintenance");
    if (!c->side[first].json)
        act_fact(f, FACT_CAUTION, "whether the cluster has a controller of its own for maintenance could not be read (HTTP %d)", c->side[first].status);
    for (size_t n = 1; first + n < ACT_SIDES; n++) {
        const struct upkeep *u = row_at(c->side[first].json, n);
        int status = c->side[first + n].status;
        if (!u || !(u->moves & moves) || (status != 200 && status != 403))       /* 403: there, and not shown */
            continue;
        if (may)
            act_fact(f, FACT_DANGER, "%s takes nodes out of use here; it is not asked, as you said, and knows nothing of this drain", u->product);
        else
            act_fact(f, FACT_REFUSED, "%s takes nodes out of use here: strata maintenance %s asks it (or say --ignore-maintenance for a drain without it)",
                     u->product, node);
    }
}
