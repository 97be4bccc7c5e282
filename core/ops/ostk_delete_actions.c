/*
 * Delete of what clouds have beside servers: a row for all these kinds, over a table of what stands in the way of each, what is
 * lost with it, and how its end is told.
 */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk.h"
#include "core/ops/facts.h"
#include "core/ops/ostk_act.h"

struct doomed {
    const char *kind;
    const char *status;                    /* member of the object; NULL: it has none */
    const char *beside, *service, *key;    /* what may stand in its way: "/ports?device_id=", and the list in the answer */
    const char *lost;                      /* then its name is typed; NULL */
    void (*say)(const struct act_ctx *c, struct act_facts *f);
};

static bool cascades(const struct act_ctx *c) { return act_bool(c, "cascade"); }

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

/* ---- Cinder ---- */

static void say_parts(const struct act_ctx *c, struct act_facts *f, size_t n, const char *what)
{
    if (n && cascades(c))
        act_fact(f, FACT_DANGER, "LOST: its %zu %s%s with it", n, what, plural(n));
    else if (n)
        act_fact(f, FACT_REFUSED, "it has %zu %s%s: delete them first, or with it by --cascade=yes", n, what, plural(n));
}

static bool free_to_go(const struct act_ctx *c, struct act_facts *f)
{
    const char *status = act_str(c->obj, "status");
    if (!strcmp(status, "available") || !strncmp(status, "error", 5))
        return true;
    if (!strcmp(status, "deleting"))
        act_fact(f, FACT_REFUSED, "it is being deleted already; if that hangs, reset-state by an administrator lets it be deleted again");
    else if (*act_str(c->obj, "attachments.0.server_id"))
        act_fact(f, FACT_REFUSED, "it is in use: server %s has it; detach it first", act_str(c->obj, "attachments.0.server_id"));
    else
        act_fact(f, FACT_REFUSED, "it is %s: only one that is available or in an error can be deleted", *status ? status : "of no status");
    return false;
}

static void say_volume(const struct act_ctx *c, struct act_facts *f)
{
    if (!free_to_go(c, f))
        return;
    say_parts(c, f, json_array_size(act_get(c->side[0].json, "snapshots")), "snapshot");
    act_fact(f, FACT_INFO, "%lld GiB, made %s", (long long)act_num(c->obj, "size", 0), act_str(c->obj, "created_at"));
}

static void say_snapshot(const struct act_ctx *c, struct act_facts *f) { free_to_go(c, f); }

/* ---- Manila ---- */

/* Manila answers 403 to what it cannot delete now, as to who may not: told before it is asked. */
static void say_share(const struct act_ctx *c, struct act_facts *f)
{
    const char *status = act_str(c->obj, "status"), *group = act_str(c->obj, "share_group_id");
    size_t snapshots = json_array_size(act_get(c->side[0].json, "snapshots"));
    if (strstr(status, "deleting") && strncmp(status, "error", 5) != 0)
        act_fact(f, FACT_REFUSED, "it is being deleted already");
    else if (strcmp(status, "available") != 0 && strcmp(status, "error") != 0 && strcmp(status, "inactive") != 0)
        act_fact(f, FACT_REFUSED, "it is %s: Manila deletes what is available, inactive or in error; if that stays, an administrator sets its status to error (openstack share set --status error)",
                 *status ? status : "of no status");
    if (json_is_true(act_get(c->obj, "has_replicas")))
        act_fact(f, FACT_REFUSED, "it has replicas: delete them first");
    if (snapshots)
        act_fact(f, FACT_REFUSED, "it has %zu snapshot%s: delete them first", snapshots, plural(snapshots));
    if (*group)
        act_fact(f, FACT_CAUTION, "share group %s loses it", group);
    act_fact(f, FACT_INFO, "%lld GiB of %s, made %s", (long long)act_num(c->obj, "size", 0), act_str(c->obj, "share_proto"), act_str(c->obj, "created_at"));
}

/* ---- Neutron ---- */

static bool among(const char *word, const char *const *list)
{
    while (*list && strcmp(*list, word) != 0)
        list++;
    return *list != NULL;
}

/* Ports of the answer whose owner is none of these; the owner of one of them in *who. */
static size_t ports_but(const struct act_ctx *c, const char *const *owners, const char **who)
{
    const json_t *all = act_get(c->side[0].json, "ports");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *owner = act_str(json_array_get(all, i), "device_owner");
        if (among(owner, owners))
            continue;
        *who = n++ ? *who : owner;
    }
    return n;
}

/* Neutron takes these away itself. */
static const char *const own_ports[] = {"network:dhcp", "network:distributed", "network:floatingip_agent_gateway", NULL};

static void in_the_way(const struct act_ctx *c, struct act_facts *f)
{
    const char *who = "";
    size_t n = ports_but(c, own_ports, &who);
    if (n)
        act_fact(f, FACT_REFUSED, "it is in use: %zu port%s in it (%s); Neutron keeps it until they are gone", n, n == 1 ? " is" : "s are",
                 *who ? who : "of nobody");
}

static void say_network(const struct act_ctx *c, struct act_facts *f)
{
    size_t subnets = json_array_size(act_get(c->obj, "subnets"));
    in_the_way(c, f);
    if (subnets)
        act_fact(f, FACT_CAUTION, "its %zu subnet%s with it", subnets, subnets == 1 ? " goes" : "s go");
}

static void say_subnet(const struct act_ctx *c, struct act_facts *f)
{
    if (act_num(c->obj, "ip_version", 4) == 4)             /* addresses that IPv6 gives out by itself do not hold it */
        in_the_way(c, f);
}

static void say_router(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *all = act_get(c->side[0].json, "ports");
    const char *gateway = act_str(c->obj, "external_gateway_info.external_fixed_ips.0.ip_address");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *owner = act_str(json_array_get(all, i), "device_owner");
        n += !strncmp(owner, "network:router_interface", 24) || !strcmp(owner, "network:ha_router_replicated_interface");
    }
    if (n)
        act_fact(f, FACT_REFUSED, "it is in use: %zu subnet%s behind it; take its interfaces away first", n, n == 1 ? " is" : "s are");
    if (*gateway)
        act_fact(f, FACT_CAUTION, "its outer address %s is given back", gateway);
}

static void say_port(const struct act_ctx *c, struct act_facts *f)
{
    static const char *const held[] = {"network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface",
                                       "network:router_gateway", "network:router_centralized_snat", "network:floatingip", NULL};
    const char *owner = act_str(c->obj, "device_owner"), *device = act_str(c->obj, "device_id"), *ip = act_str(c->obj, "fixed_ips.0.ip_address");
    if (among(owner, held))
        act_fact(f, FACT_REFUSED, "it is in use: it belongs to %s %s (%s), take it away there", strstr(owner, "floatingip") ? "floating address" : "router",
                 device, owner);
    else if (!strncmp(owner, "compute:", 8))
        act_fact(f, FACT_DANGER, "server %s loses it%s%s", device, *ip ? " and its address " : "", ip);
    else if (*owner)
        act_fact(f, FACT_CAUTION, "%s %s uses it", owner, device);
}

static void say_address(const struct act_ctx *c, struct act_facts *f)
{
    const char *inner = act_str(c->obj, "fixed_ip_address"), *address = act_str(c->obj, "floating_ip_address");
    if (*inner)
        act_fact(f, FACT_DANGER, "%s leads to %s, which is not reachable by it any more", address, inner);
    act_fact(f, FACT_CAUTION, "%s goes back to the pool: another may get it", address);
}

static void say_group(const struct act_ctx *c, struct act_facts *f)
{
    size_t n = json_array_size(act_get(c->side[0].json, "ports"));
    if (n)
        act_fact(f, FACT_REFUSED, "it is in use: %zu port%s it; Neutron keeps it until they do not", n, n == 1 ? " has" : "s have");
    if (!strcmp(act_str(c->obj, "name"), "default"))
        act_fact(f, FACT_CAUTION, "it is its project's default group: only administrators may, and it is made again");
}

/* ---- the others ---- */

static void say_image(const struct act_ctx *c, struct act_facts *f)
{
    if (json_is_true(act_get(c->obj, "protected")))
        act_fact(f, FACT_REFUSED, "it is protected: take that from it first (openstack image set --unprotected)");
}

static void say_key(const struct act_ctx *c, struct act_facts *f)
{
    (void)c;
    act_fact(f, FACT_INFO, "servers that have it keep it");
}

static void say_balancer(const struct act_ctx *c, struct act_facts *f)
{
    const char *state = act_str(c->obj, "provisioning_status"), *vip = act_str(c->obj, "vip_address");
    if (!strncmp(state, "PENDING_", 8))
        act_fact(f, FACT_REFUSED, "it is %s: Octavia changes nothing of it until that has ended", state);
    say_parts(c, f, json_array_size(act_get(c->obj, "listeners")), "listener");
    say_parts(c, f, json_array_size(act_get(c->obj, "pools")), "pool");
    if (*vip)
        act_fact(f, FACT_DANGER, "nothing answers at %s any more", vip);
}

/* What Heat makes that others hang on. */
static const struct { const char *type, *kind; } made[] = {
    {"OS::Nova::Server", "server"}, {"OS::Cinder::Volume", "volume"}, {"OS::Manila::Share", "share"}, {"OS::Neutron::Net", "network"}, {"OS::Neutron::Subnet", "subnet"},
    {"OS::Neutron::Router", "router"}, {"OS::Neutron::Port", "port"}, {"OS::Neutron::FloatingIP", "floating-ip"}, {"OS::Octavia::LoadBalancer", "loadbalancer"},
    {"OS::Magnum::Cluster", "coe-cluster"}, {"OS::Glance::WebImage", "image"},
};

/* Those that were never made, or are gone, have no id or say so. Which of them the template keeps (deletion policy) Heat does not tell: as if none. */
static void take_made(const struct act_ctx *c, struct act_facts *f)
{
    const json_t *all = act_get(c->side[0].json, "resources");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *r = json_array_get(all, i);
        const char *id = act_str(r, "physical_resource_id"), *type = act_str(r, "resource_type"), *status = act_str(r, "resource_status");
        for (size_t k = 0; *id && strcmp(status, "DELETE_COMPLETE") && k < sizeof made / sizeof *made; k++)
            if (!strcmp(made[k].type, type))
                act_taken(f, made[k].kind, id);
    }
    if (all)
        act_fact(f, FACT_INFO, "%zu resource%s of it", json_array_size(all), plural(json_array_size(all)));
}

static void say_stack(const struct act_ctx *c, struct act_facts *f)
{
    take_made(c, f);
    const char *state = act_str(c->obj, "stack_status"), *parent = act_str(c->obj, "parent");
    if (!strcmp(state, "DELETE_IN_PROGRESS"))
        act_fact(f, FACT_REFUSED, "it is being deleted already");
    if (*parent)
        act_fact(f, FACT_CAUTION, "it is part of stack %s, which is then not whole", parent);
}

/* ---- the table ---- */

static const struct doomed table[] = {
    {"volume", "status", "/snapshots?all_tenants=1&volume_id=", "block-storage", "snapshots", "LOST: the data on it", say_volume},
    {"snapshot", "status", NULL, NULL, NULL, "LOST: the state of the volume that it keeps", say_snapshot},
    {"share", "status", "/snapshots?all_tenants=1&share_id=", "shared-file-system", "snapshots", "LOST: the data on it", say_share},
    {"network", NULL, "/ports?network_id=", "network", "ports", NULL, say_network},
    {"subnet", NULL, "/ports?fixed_ips=subnet_id%3D", "network", "ports", NULL, say_subnet},
    {"router", NULL, "/ports?device_id=", "network", "ports", NULL, say_router},
    {"port", NULL, NULL, NULL, NULL, NULL, say_port},
    {"floating-ip", NULL, NULL, NULL, NULL, NULL, say_address},
    {"security-group", NULL, "/ports?security_groups=", "network", "ports", NULL, say_group},
    {"image", "status", NULL, NULL, NULL, "LOST: its data", say_image},
    {"keypair", NULL, NULL, NULL, NULL, NULL, say_key},
    {"loadbalancer", "provisioning_status", NULL, NULL, NULL, "its traffic ends", say_balancer},
    {"stack", "stack_status", "/resources?nested_depth=5", "orchestration", "resources", "LOST: everything that the stack made", say_stack},
};
static const char *const kinds[] = {"volume", "snapshot", "share", "network", "subnet", "router", "port", "floating-ip", "security-group", "image", "keypair",
                                    "loadbalancer", "stack", NULL};

static const struct doomed *of(const struct act_ctx *c)
{
    size_t i = 0;
    while (i + 1 < sizeof table / sizeof table[0] && strcmp(table[i].kind, c->kind->id) != 0)
        i++;
    return &table[i];
}

static const char *status_of(const struct act_ctx *c, const json_t *obj) { return of(c)->status ? act_str(obj, of(c)->status) : ""; }

/* ---- its functions ---- */

static bool side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const struct doomed *d = of(c);
    if (i || c->seeing || !d->beside)
        return false;
    *service = d->service;
    *microversion = NULL;
    if (!strcmp(d->kind, "stack"))             /* by its name and id: by the id alone Heat answers where to ask */
        return str_adds(path, "/stacks/") && str_add_urlenc(path, c->obj ? act_str(c->obj, "stack_name") : c->name) && str_addc(path, '/') && str_add_urlenc(path, c->uid) &&
               str_adds(path, d->beside);
    str_adds(path, d->beside);
    return str_add_urlenc(path, c->uid);
}

static enum act_verdict build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const struct doomed *d = of(c);
    if (d->say)
        d->say(c, f);
    if (d->beside && !act_get(c->side[0].json, d->key))
        act_fact(f, FACT_CAUTION, "what uses it could not be read (HTTP %d): the cloud decides", c->side[0].status);
    if (d->lost) {
        act_fact(f, FACT_DANGER, "%s", d->lost);
        act_danger(f, false);
    }
    if (facts_refusal(f) || !act_path(c, &rq->path, NULL))
        return ACT_REFUSED;
    if (cascades(c) && (!strcmp(d->kind, "volume") || !strcmp(d->kind, "loadbalancer")))
        str_adds(&rq->path, "?cascade=true");
    if (!strcmp(d->kind, "share") && *act_str(c->obj, "share_group_id")) {      /* one of a group is deleted by naming that */
        str_adds(&rq->path, "?share_group_id=");
        str_add_urlenc(&rq->path, act_str(c->obj, "share_group_id"));
    }
    return ostk_act_send(rq, "DELETE", c->kind->ostk->service, c->kind->ostk->microversion, NULL);
}

static bool under_way(const char *status)
{
    return !strcmp(status, "deleting") || !strcmp(status, "deferred_deleting") || !strcmp(status, "PENDING_DELETE") || !strcmp(status, "DELETE_IN_PROGRESS") || !strcmp(status, "pending_delete");
}

static enum act_seen observe(const struct act_ctx *c, struct str *why)
{
    const char *now = status_of(c, c->obj), *reason = act_str(c->obj, "stack_status_reason");
    if (!c->obj || !strcmp(now, "DELETED") || !strcmp(now, "deleted") || !strcmp(now, "DELETE_COMPLETE"))
        return SEEN_DONE;
    if (!strcmp(now, "error_deleting") || !strcmp(now, "error_deferred_deleting") || !strcmp(now, "DELETE_FAILED") || (!strcmp(now, "ERROR") && strcmp(status_of(c, c->before), "ERROR") != 0)) {
        str_addf(why, "the cloud could not delete it: it is %s%s%s", now, *reason ? ": " : "", reason);
        return SEEN_FAILED;
    }
    if (!strcmp(c->kind->ostk->service, "block-storage") && !strcmp(now, "available")) {
        str_adds(why, "it is available again: its storage could not let it go now (busy?)");
        return SEEN_FAILED;
    }
    str_addf(why, "it is %s", *now ? now : "still there");
    return SEEN_WAIT;
}

static enum act_arrived arrived(const struct act_ctx *c)
{
    if (!c->obj || under_way(status_of(c, c->obj)))
        return ARRIVED_YES;
    return !strcmp(c->kind->id, "keypair") ? ARRIVED_UNKNOWN : ARRIVED_NO;     /* its name is all it has: it may be another */
}

static const struct action_arg args[] = {
    {.name = "cascade", .help = "yes: a volume's snapshots, a load balancer's listeners and pools go with it.", .type = ARG_BOOL},
};

const struct action ostk_delete_actions[] = {
    {.id = "delete", .past = "deleted", .kinds = kinds, .help = "Deletes what a cloud has beside its servers, and waits until it is gone.",
     .plane = PLANE_OPENSTACK, .flags = ACTION_AGAIN | ACTION_GONE, .args = args, .nargs = 1, .timeout_s = 900, .side = side, .build = build,
     .observe = observe, .arrived = arrived},
    {0},
};
