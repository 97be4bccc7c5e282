/* Octavia: a load balancer gets new machines. Its API says PENDING before it answers, so ACTIVE afterwards is the end. */
#include <string.h>

#include "core/ops/ostk_act.h"

/* Its machines: administrators alone see them. */
static bool amphorae_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (i || strncmp(act_str(c->obj, "provider"), "amphora", 7) != 0)
        return false;
    *service = "load-balancer";
    *microversion = NULL;
    return str_addf(path, "/octavia/amphorae?loadbalancer_id=%s", act_str(c->obj, "id"));
}

static void say_amphorae(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *all = act_get(c->side[0].json, "amphorae");
    size_t n = json_array_size(all);
    if (!all)
        act_fact(f, FACT_CAUTION, "its amphorae are not shown to this user: whether one of two takes over meanwhile is not known");
    else if (n < 2)
        act_fact(f, FACT_DANGER, "it has %s: no traffic passes until a new one is there, which takes minutes", n ? "a single amphora" : "no amphora");
    else
        act_fact(f, FACT_INFO, "it has %zu amphorae: one serves while the other is replaced", n);
}

static enum act_verdict failover_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *state = act_str(c->obj, "provisioning_status"), *provider = act_str(c->obj, "provider");
    if (!strncmp(state, "PENDING_", 8)) {
        act_fact(f, FACT_REFUSED, "it is %s: Octavia changes nothing of it until that has ended", state);
        return ACT_REFUSED;
    }
    if (strcmp(state, "ACTIVE") != 0 && strcmp(state, "ERROR") != 0) {
        act_fact(f, FACT_REFUSED, "it is %s: only one that is ACTIVE or in ERROR can fail over", state);
        return ACT_REFUSED;
    }
    if (!strcmp(provider, "ovn"))
        act_fact(f, FACT_CAUTION, "provider ovn has nothing to fail over: Octavia will refuse it");
    else if (!strncmp(provider, "amphora", 7))
        say_amphorae(c, f);
    else
        act_fact(f, FACT_CAUTION, "what that means is up to its provider, %s", provider);
    if (json_is_false(act_get(c->obj, "admin_state_up")))
        act_fact(f, FACT_CAUTION, "its owner has set it down");
    act_path(c, &rq->path, "failover");
    return ostk_act_send(rq, "PUT", "load-balancer", NULL, NULL);
}

static enum act_seen failover_seen(const struct act_ctx *c, struct str *why)
{
    const char *state = act_str(c->obj, "provisioning_status");
    const json_t *all = act_get(c->side[0].json, "amphorae");
    if (!c->obj || !strcmp(state, "DELETED")) {
        str_adds(why, "the load balancer was deleted meanwhile");
        return SEEN_FAILED;
    }
    str_addf(why, "it is %s", state);
    if (!strcmp(state, "ERROR"))
        str_adds(why, ": its octavia-worker knows why; a second failover may mend it");
    else if (!strcmp(state, "ACTIVE"))
        str_addf(why, ", %s", act_str(c->obj, "operating_status"));
    if (!strcmp(state, "ACTIVE") && all)
        str_addf(why, ", with %zu amphora%s", json_array_size(all), json_array_size(all) == 1 ? "" : "e");
    return !strcmp(state, "ACTIVE") ? SEEN_DONE : !strcmp(state, "ERROR") ? SEEN_FAILED : SEEN_WAIT;
}

static enum act_arrived failover_arrived(const struct act_ctx *c)
{
    if (!strcmp(act_str(c->obj, "provisioning_status"), "PENDING_UPDATE"))
        return ARRIVED_YES;
    return strcmp(act_str(c->obj, "updated_at"), act_str(c->before, "updated_at")) ? ARRIVED_UNKNOWN : ARRIVED_NO;
}

static const char *const balancers[] = {"loadbalancer", NULL};

const struct action octavia_actions[] = {
    {.id = "failover", .past = "failed over", .kinds = balancers, .help = "Replaces the machines of a load balancer.", .plane = PLANE_OPENSTACK,
     .timeout_s = 900, .side = amphorae_side, .build = failover_build, .observe = failover_seen, .arrived = failover_arrived},
    {0},
};
