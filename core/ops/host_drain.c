/* Which node of which cluster is a hypervisor: by its name and its address, or because it was said; what Neutron has on the host. */
#include "core/ops/host_drain.h"

#include <stdio.h>
#include <string.h>

#include "core/ops/hyper_drain.h"
#include "core/ops/upkeep.h"
#include "strata/core.h"

/* ---- what is read ---- */

const json_t *host_agent(const struct act_ctx *c, const char *type)
{
    return act_find(json_object_get(c->side[HOST_AGENTS].json, "agents"), "agent_type", type);
}

/* "mgmt/node-1" names the cluster, too. */
static const char *said_node(const struct act_ctx *c, const char **cluster, size_t *len)
{
    const char *said = act_arg(c, "node"), *slash = said ? strrchr(said, '/') : NULL;
    *cluster = slash ? said : NULL;
    *len = slash ? (size_t)(slash - said) : 0;
    return !said || !*said ? NULL : slash ? slash + 1 : said;
}

static bool is_asked(const struct act_ctx *c, const struct source_info *s)
{
    const char *cluster;
    size_t n;
    said_node(c, &cluster, &n);
    return s->plane == PLANE_KUBE && (!cluster || (strlen(s->name) == n && !strncmp(s->name, cluster, n)));
}

struct host_place host_place(const struct act_ctx *c, size_t i)
{
    const json_t *l3 = i ? host_agent(c, "L3 agent") : NULL, *dhcp = i ? host_agent(c, "DHCP agent") : NULL;
    size_t at = 2;
    if (i < 2)
        return (struct host_place){.what = i ? HOST_SERVERS : HOST_AGENTS};
    if (l3 && i == at++)
        return (struct host_place){.what = HOST_ROUTERS, .agent = act_str(l3, "id")};
    if (dhcp && i == at++)
        return (struct host_place){.what = HOST_NETWORKS, .agent = act_str(dhcp, "id")};
    for (size_t k = 0; k < c->nsources && !c->before; k++)
        if (is_asked(c, &c->sources[k]) && i == at++)
            return (struct host_place){.what = HOST_NODES, .source = c->sources[k].name};
    if (c->before)
        return (struct host_place){.what = HOST_NOTHING};
    return i == at ? (struct host_place){.what = HOST_PODS} : (struct host_place){.what = HOST_UPKEEP, .first = at + 1};
}

size_t host_upkeep(const struct act_ctx *c)
{
    for (size_t i = 0; i < ACT_SIDES; i++)
        if (host_place(c, i).what == HOST_UPKEEP)
            return i;
    return 0;
}

static void first_label(char *to, size_t size, const char *name) { snprintf(to, size, "%.*s", (int)strcspn(name, "."), name); }

static void add_nodes_path(const struct act_ctx *c, struct str *path)
{
    const char *name = act_str(c->obj, "hypervisor_hostname"), *cluster, *node;
    char label[256];
    size_t n;
    first_label(label, sizeof label, name);
    node = said_node(c, &cluster, &n);
    str_adds(path, "/api/v1/nodes?labelSelector=kubernetes.io%2Fhostname%20in%20%28");
    str_add_urlenc(path, name);
    str_adds(path, ",");
    str_add_urlenc(path, hyper_host(c->obj));
    str_adds(path, ",");
    str_add_urlenc(path, label);
    if (node) {
        str_adds(path, ",");
        str_add_urlenc(path, node);
    }
    str_adds(path, "%29");
}

const char *host_nodes_side(const struct act_ctx *c, size_t n, struct str *path)
{
    for (size_t k = 0; k < c->nsources; k++)
        if (c->sources[k].plane == PLANE_KUBE && !n--) {
            if (path)
                add_nodes_path(c, path);
            return c->sources[k].name;
        }
    return NULL;
}

bool host_side_path(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    struct host_place at = host_place(c, i);
    struct host_node node;
    *service = "network";
    *microversion = NULL;
    switch (at.what) {
    case HOST_AGENTS:
        str_adds(path, "/agents?host=");
        str_add_urlenc(path, hyper_host(c->obj));
        return true;
    case HOST_ROUTERS: case HOST_NETWORKS:
        str_addf(path, "/agents/%s/%s", at.agent, at.what == HOST_ROUTERS ? "l3-routers" : "dhcp-networks");
        return true;
    case HOST_SERVERS:
        *service = "compute";
        str_adds(path, "/servers/detail?all_tenants=1&limit=1000&host=");
        str_add_urlenc(path, hyper_host(c->obj));
        return true;
    case HOST_NODES:
        *service = NULL;
        add_nodes_path(c, path);
        return true;
    case HOST_PODS:
        *service = NULL;
        return host_find_node(c, &node, NULL) && str_adds(path, "/api/v1/pods?limit=1000&fieldSelector=spec.nodeName%3D") && str_add_urlenc(path, node.name);
    case HOST_UPKEEP:
        *service = NULL;
        return host_find_node(c, &node, NULL) && upkeep_side(c, at.first, i - at.first, node.name, path);
    default:
        return false;
    }
}

const char *host_side_source(const struct act_ctx *c, size_t i)
{
    struct host_place at = host_place(c, i);
    struct host_node node;
    return (at.what == HOST_UPKEEP || at.what == HOST_PODS) && host_find_node(c, &node, NULL) ? node.source : at.source;
}

const json_t *host_side_list(const struct act_ctx *c, enum host_side what)
{
    static const char *const keys[] = {[HOST_AGENTS] = "agents", [HOST_SERVERS] = "servers", [HOST_ROUTERS] = "routers", [HOST_NETWORKS] = "networks",
                                       [HOST_PODS] = "items"};
    for (size_t i = 0; i < ACT_SIDES; i++)
        if (host_place(c, i).what == what)
            return json_object_get(c->side[i].json, keys[what]);
    return NULL;
}

/* ---- the evidence ---- */

enum proof { NO_PROOF, BY_LABEL, BY_LABEL_AND_ADDRESS, BY_NAME, BY_NAME_AND_ADDRESS };

static enum proof proof_of(const json_t *hypervisor, const json_t *node)
{
    const char *name = act_str(node, "metadata.name"), *own = act_str(hypervisor, "hypervisor_hostname");
    char a[256], b[256];
    bool address = act_find_address(act_get(node, "status.addresses"), "address", act_str(hypervisor, "host_ip"));
    if (!strncmp(act_str(node, "spec.providerID"), "openstack:", 10))      /* a server of a cloud is no hypervisor of one */
        return NO_PROOF;
    if (!strcmp(name, own) || !strcmp(name, hyper_host(hypervisor)))
        return address ? BY_NAME_AND_ADDRESS : BY_NAME;
    first_label(a, sizeof a, name);
    first_label(b, sizeof b, own);
    return strcmp(a, b) != 0 ? NO_PROOF : address ? BY_LABEL_AND_ADDRESS : BY_LABEL;
}

static const char *const proofs[] = {
    [NO_PROOF] = "nothing but --node says so", [BY_LABEL] = "only the first part of its name is the same, and --node says so",
    [BY_LABEL_AND_ADDRESS] = "the same address, and the first part of its name is the same", [BY_NAME] = "it has the same name",
    [BY_NAME_AND_ADDRESS] = "it has the same name and the same address",
};

bool host_is_node(const json_t *hypervisor, const json_t *node) { return proof_of(hypervisor, node) > BY_LABEL; }

struct found { struct host_node node, other; enum proof proof; const json_t *doc; size_t n, weak, clusters; };   /* other: a better one than was said */

static void look(const struct act_ctx *c, const struct act_side *side, const char *source, struct found *f)
{
    const json_t *items = json_object_get(side->json, "items");
    const char *cluster, *said;
    size_t n;
    said = said_node(c, &cluster, &n);
    f->clusters += json_is_array(items);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *node = json_array_get(items, i);
        const char *name = act_str(node, "metadata.name");
        enum proof p = proof_of(c->obj, node);
        if (said ? strcmp(name, said) != 0 : p <= BY_LABEL) {
            f->weak += p == BY_LABEL;
            if (p > BY_LABEL)
                f->other = (struct host_node){source, name, NULL};
            continue;
        }
        f->n++;
        f->proof = p;
        f->doc = node;
        f->node = (struct host_node){source, name, act_str(node, "metadata.uid")};
    }
}

bool host_node_in(const struct act_ctx *c, const struct act_side *side, const char *source, struct host_node *node)
{
    struct found f = {.n = 0};
    look(c, side, source, &f);
    *node = f.node;
    return f.n == 1;
}

/* The same name with another address is often a second network, at times another machine. */
static void say_address(const struct act_ctx *c, const struct found *f, struct act_facts *facts)
{
    const char *ip = act_str(c->obj, "host_ip"), *own = act_str(act_find(act_get(f->doc, "status.addresses"), "type", "InternalIP"), "address");
    if (f->proof == BY_NAME && *ip && *own)
        act_fact(facts, FACT_CAUTION, "its address differs: %s in Nova, %s in the cluster; look that it is the same machine", ip, own);
}

bool host_find_node(const struct act_ctx *c, struct host_node *node, struct act_facts *facts)
{
    struct found f = {.n = 0};
    const struct source_info *deaf = NULL;
    const char *cluster, *said;
    size_t len;
    said = said_node(c, &cluster, &len);
    for (size_t i = 0; i < ACT_SIDES; i++) {
        struct host_place at = host_place(c, i);
        if (at.what == HOST_NODES)
            look(c, &c->side[i], at.source, &f);
        for (size_t k = 0; k < c->nsources && at.what == HOST_NODES && !c->side[i].json; k++)
            deaf = strcmp(c->sources[k].name, at.source) ? deaf : &c->sources[k];
    }
    *node = f.node;
    bool denied = f.n == 1 && f.other.name && f.proof < BY_LABEL_AND_ADDRESS;
    if (!f.clusters && deaf && deaf->err.code)
        act_fact(facts, FACT_REFUSED, "cluster %s cannot be asked for its nodes: %s", deaf->name, deaf->err.msg);
    else if (!f.clusters && cluster)
        act_fact(facts, FACT_REFUSED, "cluster %.*s could not be asked for its nodes: start strata with --context %.*s, too", (int)len, cluster, (int)len, cluster);
    else if (!f.clusters)
        act_fact(facts, FACT_REFUSED, "no cluster could be asked for its nodes: start strata with the --context of the cluster this host is a node of, or drain the hypervisor alone");
    else if (!f.n && f.weak)
        act_fact(facts, FACT_REFUSED, "a node begins with the same name, but has another address: say that it is this host (--node=CONTEXT/NODE), or drain the hypervisor alone");
    else if (!f.n && said)
        act_fact(facts, FACT_REFUSED, "no node that is called %.100s is known for this host (looked in %zu cluster%s)", said, f.clusters, f.clusters == 1 ? "" : "s");
    else if (denied)
        act_fact(facts, FACT_REFUSED, "--node says %s, but node %s of %s has the name%s of this host: drain what you mean, hypervisor and node, by themselves", f.node.name,
                 f.other.name, f.other.source, strcmp(f.other.name, hyper_host(c->obj)) ? " or address" : "");
    else if (!f.n)
        act_fact(facts, FACT_REFUSED, "no node has its name (looked in %zu cluster%s): if it is one, say which (--node=CONTEXT/NODE), else drain the hypervisor alone", f.clusters,
                 f.clusters == 1 ? "" : "s");
    else if (f.n > 1)
        act_fact(facts, FACT_REFUSED, "%zu nodes could be this host: say which (--node=CONTEXT/NODE)", f.n);
    else
        act_fact(facts, f.proof <= BY_LABEL ? FACT_DANGER : FACT_INFO, "node %s of %s is this host: %s", f.node.name, f.node.source, proofs[f.proof]);
    if (f.n == 1)
        say_address(c, &f, facts);
    return f.clusters && f.n == 1 && !denied;
}
