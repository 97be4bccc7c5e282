/* Which node of which cluster a server is, and how many pods go down with it. */
#include "core/ops/nova_node.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/ops/kube_work.h"
#include "core/ops/nova_act.h"
#include "strata/core.h"

#define CLUSTERS 24                        /* so many are asked */
#define NODES 2                            /* of so many nodes that it is pods are counted */

static const struct source_info *cluster(const struct act_ctx *c, size_t n)
{
    for (size_t i = 0; i < c->nsources; i++)
        if (c->sources[i].plane == PLANE_KUBE && !n--)
            return &c->sources[i];
    return NULL;
}

static bool concerns(const struct act_ctx *c)
{
    const struct nova_rule *r = nova_rule(c->action->id);
    return c->planning && !c->seeing && c->obj && r && r->flags & NOVA_TAKES;
}

static size_t clusters(const struct act_ctx *c)
{
    size_t n = 0;
    while (concerns(c) && n < CLUSTERS && cluster(c, n))
        n++;
    return n;
}

static bool by_provider(const struct act_ctx *c, const json_t *node)
{
    const char *id = act_str(node, "spec.providerID"), *slash = strrchr(id, '/');
    return !strncmp(id, "openstack://", 12) && slash && !strcasecmp(slash + 1, c->uid);
}

static bool by_uuid(const struct act_ctx *c, const json_t *node) { return !strcasecmp(act_str(node, "status.nodeInfo.systemUUID"), c->uid); }

static bool is_it(const struct act_ctx *c, const json_t *node) { return by_provider(c, node) || by_uuid(c, node); }

static bool by_address(const struct act_ctx *c, const json_t *node)
{
    const char *ip = act_str(act_find(act_get(node, "status.addresses"), "type", "InternalIP"), "address"), *net;
    const json_t *ports;
    json_object_foreach((json_t *)act_get(c->obj, "addresses"), net, ports)
        if (*ip && act_find_address(ports, "addr", ip))
            return true;
    return false;
}

/* As the links weigh it: of several facts, one of them its id. */
static bool proves(const struct act_ctx *c, const json_t *node)
{
    return by_provider(c, node) && (by_uuid(c, node) || by_address(c, node) || !strcasecmp(act_str(node, "metadata.name"), act_str(c->obj, "name")));
}

static bool any_proves(const struct act_ctx *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *items = json_object_get(c->side[i].json, "items");
        for (size_t k = 0; k < json_array_size(items); k++)
            if (proves(c, json_array_get(items, k)))
                return true;
    }
    return false;
}

/* Of its two ids the one says that it is this server, the other that it is another. */
static bool doubtful(const struct act_ctx *c, const json_t *node)
{
    return !proves(c, node) && *act_str(node, "spec.providerID") && *act_str(node, "status.nodeInfo.systemUUID") && by_provider(c, node) != by_uuid(c, node);
}

struct tie { const struct source_info *of; const json_t *node, *nodes; };

/* Several contexts may be of one cluster: a node counts once. */
static bool met(const struct act_ctx *c, size_t before, const char *uid)
{
    for (size_t i = 0; *uid && i < before; i++)
        if (act_find(json_object_get(c->side[i].json, "items"), "metadata.uid", uid))
            return true;
    return false;
}

static bool tie(const struct act_ctx *c, size_t which, struct tie *t)
{
    size_t n = clusters(c);
    bool proven = any_proves(c, n);             /* then who alone says so is not: the blast radius tells */
    for (size_t i = 0; i < n; i++) {
        const json_t *items = json_object_get(c->side[i].json, "items");
        for (size_t k = 0; k < json_array_size(items); k++) {
            const json_t *node = json_array_get(items, k);
            if ((proven ? proves(c, node) : is_it(c, node)) && !met(c, i, act_str(node, "metadata.uid")) && !which--) {
                *t = (struct tie){cluster(c, i), node, items};
                return true;
            }
        }
    }
    return false;
}

size_t nova_node_sides(const struct act_ctx *c)
{
    size_t n = clusters(c), ties = 0;
    struct tie t;
    while (ties < NODES && tie(c, ties, &t))
        ties++;
    return n + ties;
}

bool nova_node_side(const struct act_ctx *c, size_t i, struct str *path)
{
    size_t n = clusters(c);
    struct tie t;
    if (i < n)
        return str_adds(path, "/api/v1/nodes?limit=500");
    return i < n + NODES && tie(c, i - n, &t) && str_adds(path, "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3D") &&
           str_add_urlenc(path, act_str(t.node, "metadata.name"));
}

/* One that does not answer holds nothing up. */
const char *nova_node_source(const struct act_ctx *c, size_t i)
{
    size_t n = clusters(c);
    struct tie t;
    if (i < n)
        return cluster(c, i)->state == SOURCE_STALE || cluster(c, i)->state == SOURCE_FAILED ? "" : cluster(c, i)->name;
    return i < n + NODES && tie(c, i - n, &t) ? t.of->name : NULL;
}

/* ---- what it loses ---- */

static bool leads(const json_t *node)
{
    const json_t *labels = act_get(node, "metadata.labels");
    return json_object_get(labels, "node-role.kubernetes.io/control-plane") || json_object_get(labels, "node-role.kubernetes.io/master");
}

static bool ready(const json_t *node)
{
    return !strcmp(act_str(act_find(act_get(node, "status.conditions"), "type", "Ready"), "status"), "True");
}

static size_t others_that_lead(const struct tie *t)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(t->nodes); i++) {
        const json_t *node = json_array_get(t->nodes, i);
        n += node != t->node && leads(node) && ready(node);
    }
    return n;
}

/* It runs, and serves if another would be made in its place: as the blast radius counts. */
static bool serves(const json_t *pod)
{
    const char *phase = act_str(pod, "status.phase"), *ready = act_str(act_find(act_get(pod, "status.conditions"), "type", "Ready"), "status");
    bool ended = !strcmp(phase, "Succeeded") || !strcmp(phase, "Failed") || *act_str(pod, "metadata.deletionTimestamp");
    return !ended && (!kube_controller(pod) || (strcmp(phase, "Pending") != 0 && strcmp(ready, "False") != 0));
}

/* All that go down; those of DaemonSets would with their node anyway. */
static size_t count(const json_t *pods, size_t *daemons)
{
    size_t n = 0;
    *daemons = 0;
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const json_t *pod = json_array_get(pods, i);
        if (!serves(pod))
            continue;
        *daemons += act_find(act_get(pod, "metadata.ownerReferences"), "kind", "DaemonSet") != NULL;
        n++;
    }
    return n;
}

static const char *becomes(const struct act_ctx *c)
{
    if (!strcmp(c->action->id, "reboot"))
        return "will be interrupted";
    if (!strcmp(c->action->id, "resize") || !strcmp(c->action->id, "migrate"))
        return "will go down with it while its disk is copied";
    if (!strcmp(c->action->id, "pause") || !strcmp(c->action->id, "suspend"))
        return "will stand still, and after some minutes be given up by the cluster";
    return "will go down with it, and start elsewhere only after minutes and where there is room";
}

static const char *of_daemons(size_t n, char *buf, size_t size)
{
    *buf = '\0';
    if (n)
        snprintf(buf, size, " (%zu of DaemonSets)", n);
    return buf;
}

/* Whose node it is; what its ids say differently of it is doubted in the same breath. */
static void say_tie(const struct act_ctx *c, struct act_facts *f, const struct tie *t, const struct act_side *beside)
{
    const char *name = act_str(t->node, "metadata.name");
    const json_t *pods = json_object_get(beside->json, "items");
    size_t daemons, n = count(pods, &daemons);
    char of[48], who[700];
    bool known = json_is_array(pods), last = leads(t->node) && !others_that_lead(t), odd = doubtful(c, t->node);
    snprintf(who, sizeof who, odd ? "node %.300s of cluster %.200s says by one of its ids that it is it, and by the other that it is not: if it is, " : "it is node %.300s of cluster %.200s", name, t->of->name);
    if (!strcmp(c->action->id, "evacuate")) {      /* what runs there is down already */
        act_fact(f, FACT_INFO, "%s%sit comes back as that node on another host", who, odd ? "" : ": ");
        return;
    }
    if (!known)
        act_fact(f, FACT_DANGER, "%s%show many pods run there could not be read (HTTP %d)", who, odd ? "" : "; ", beside->status);
    else if (n > daemons)
        act_fact(f, FACT_DANGER, "%s%s%zu pod%s there%s %s; strata drain %s moves them first", who, odd ? "" : ": ", n, n == 1 ? "" : "s",
                 of_daemons(daemons, of, sizeof of), becomes(c), name);
    else
        act_fact(f, FACT_INFO, "%s%sonly %zu pod%s of DaemonSets run%s%s", who, odd ? "" : ", where ", daemons, daemons == 1 ? "" : "s", daemons == 1 ? "s" : "", odd ? " there" : "");
    if (last)
        act_fact(f, FACT_DANGER, "%sno other control plane of cluster %s is ready: without this one the cluster does not answer", odd ? "if it is that node, " : "", t->of->name);
    if (last || n > daemons || !known)
        act_danger(f, false);
}

static bool seen(const struct act_ctx *c, size_t i)
{
    return json_is_array(json_object_get(c->side[i].json, "items"));
}

static bool seen_by_another(const struct act_ctx *c, size_t i)
{
    const struct source_info *in = cluster(c, i);
    for (size_t k = 0; *in->server && k < clusters(c); k++)
        if (seen(c, k) && !strcmp(cluster(c, k)->server, in->server))
            return true;
    return false;
}

static void say_unseen(const struct act_ctx *c, struct act_facts *f, size_t i)
{
    const struct source_info *in = cluster(c, i);
    const char *why = c->side[i].status == 403 ? "you may not list its nodes" : c->side[i].status ? "its nodes could not be read" : in->err.code ? in->err.msg : "it does not answer";
    act_fact(f, FACT_CAUTION, "whether it is a node of cluster %s could not be seen: %.300s", in->name, why);
}

void nova_node_say(const struct act_ctx *c, struct act_facts *f)
{
    size_t n = clusters(c);
    struct tie t;
    for (size_t i = 0; i < n; i++)
        if (!seen(c, i) && !seen_by_another(c, i))
            say_unseen(c, f, i);
    if (n == CLUSTERS && cluster(c, n))
        act_fact(f, FACT_CAUTION, "whether it is a node was looked for in the first %d clusters only", CLUSTERS);
    if (concerns(c) && c->unopened && *c->unopened)
        act_fact(f, FACT_CAUTION, "whether it is a node of a cluster that is not open here could not be seen: %.600s (strata --all opens them, --context NAME one)", c->unopened);
    for (size_t i = 0; i < NODES && tie(c, i, &t); i++)
        say_tie(c, f, &t, &c->side[n + i]);
}
