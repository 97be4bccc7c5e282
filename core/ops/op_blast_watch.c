/* What is read for a blast radius: rows of what is named and of what hangs on it, no further than they are needed. */
#include "core/ops/op_blast_priv.h"

#include <stdio.h>
#include <string.h>

#include "strata/graph.h"
#include "strata/mem.h"

/* A taint ends pods only if it is of NoExecute: those that its plan names. */
static bool known(const struct op_step *st)
{
    return st->taken || (strcmp(op_blast_acts_as(st), "taint") != 0 && blast_known(op_blast_acts_as(st), st->kind));
}

bool op_blast_counts(const struct op_step *st)
{
    bool asked = st->refused ? st->op->look && st->err.code != ERR_NOTFOUND : st->state == STEP_WAITING && st->pending == PENDING_NO;
    return st->src->ops->feed_open && known(st) && (!st->tried || asked);
}

/* Who does not answer is not asked; what is still known of him counts, as it was then. */
static struct feed *rows_of(struct op_blast *b, uint16_t source, const char *kind, const char *ns)
{
    return (op_blast_down(b->core, source) ? feed_inside_join : feed_inside_open)(b->core, source, kind, ns);
}

bool op_blast_down(struct core *c, uint16_t source)
{
    struct source_info info;
    core_info_of(c, source, &info);
    return info.state == SOURCE_FAILED || info.state == SOURCE_STALE;
}

bool op_blast_watch(struct op_blast *b, uint16_t source, const char *kind, bool wide)
{
    const struct kind *k = kind_find(kind);
    if ((k ? k->plane : PLANE_KUBE) != b->core->source[source]->info.plane)
        return false;
    wide |= !k || !(k->flags & KIND_NAMESPACED) || !*b->ns;
    kind = k ? k->id : kind;
    for (size_t i = 0; i < b->n; i++)
        if (b->watch[i].source == source && !strcmp(b->watch[i].kind, kind)) {
            if (b->watch[i].wide || !wide)
                return false;
            if (b->watch[i].f)                  /* it goes further than one namespace */
                feed_inside_close(b->watch[i].f);
            b->watch[i].f = rows_of(b, source, kind, "");
            b->watch[i].wide = true;
            return true;
        }
    if (!mem_grow(&b->watch, &b->cap, b->n + 1, sizeof(*b->watch))) {
        b->failed = true;
        return false;
    }
    b->watch[b->n++] = (struct watch){rows_of(b, source, kind, wide ? "" : b->ns), source, kind, wide, true};
    return true;
}

bool op_blast_watch_all(struct op_blast *b, const char *kind)
{
    bool more = false;
    for (uint16_t i = 0; i < b->core->nsources; i++)
        more |= op_blast_watch(b, i, kind, true);
    return more;
}

/* A pod's labels tell who made it before its row does. */
static void watch_owner(struct op_blast *b, const struct op_step *st)
{
    static const struct { const char *label, *kind; } of[] = {
        {"pod-template-hash=", "replicasets"}, {"pod-template-hash=", "deployments"}, {"statefulset.kubernetes.io/pod-name=", "statefulsets"},
        {"controller-revision-hash=", "daemonsets"}, {"job-name=", "jobs"},
    };
    bool set = st->labels && strstr(st->labels, "statefulset.kubernetes.io/pod-name=");
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (st->labels && strstr(st->labels, of[i].label) && !(set && !strcmp(of[i].kind, "daemonsets")))
            op_blast_watch(b, st->src->info.id, of[i].kind, false);
}

/* What is read beside rows of a kind, whose rows tell what hangs on it. */
static void watch_with(struct op_blast *b, uint16_t source, const char *kind)
{
    static const struct { const char *kind, *with[8]; } below[] = {
        {"deployments", {"replicasets", "pods", NULL}}, {"statefulsets", {"pods", NULL}}, {"daemonsets", {"pods", NULL}}, {"replicasets", {"pods", NULL}},
        {"jobs", {"pods", NULL}}, {"nodes", {"pods", NULL}}, {"namespaces", {"pods", "persistentvolumeclaims", "persistentvolumes", "services", "ingresses", "httproutes.gateway.networking.k8s.io", NULL}}, {"services", {"pods", "endpointslices", "ingresses", "httproutes.gateway.networking.k8s.io", "routes.route.openshift.io", NULL}}, {"loadbalancer", {"amphora", "port", "floating-ip", NULL}}, {"floating-ip", {"port", "server", NULL}},
        {"persistentvolumeclaims", {"pods", "persistentvolumes", NULL}}, {"volume", {"server", NULL}}, {"port", {"server", "router", "floating-ip"}}, {"router", {"port", "network", "floating-ip", "server"}},
        {"network", {"port", "server", "floating-ip"}}, {"network-agent", {"port", "network"}}, {"image", {"server"}}, {"snapshot", {"volume"}}, {"subnet", {"port", "server", "loadbalancer", "router", "floating-ip"}},
    };
    for (size_t i = 0; i < sizeof below / sizeof *below; i++)
        for (size_t k = 0; !strcmp(below[i].kind, kind) && below[i].with[k]; k++)
            op_blast_watch(b, source, below[i].with[k], !strcmp(kind, "nodes"));
}

/* The kinds of what its plan names. */
static void watch_taken(struct op_blast *b, const struct op_step *st)
{
    for (const char *p = st->taken ? st->taken : ""; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(p, " "), p);
        const struct kind *k = kind_find(word);
        if (k && op_blast_watch(b, st->src->info.id, k->id, true))
            watch_with(b, st->src->info.id, k->id);
    }
}

void op_blast_watch_target(struct op_blast *b, const struct op_step *st)
{
    const char *whole = graph_part_of(st->kind);
    const char *other = !blast_across(op_blast_acts_as(st), st->kind) ? NULL : !strcmp(st->kind->id, "nodes") ? "hypervisor" : "nodes";
    op_blast_watch(b, st->src->info.id, whole ? whole : st->kind->id, false);
    watch_with(b, st->src->info.id, st->kind->id);
    watch_taken(b, st);
    if (!strcmp(st->kind->id, "os-services") && st->uid && !strncmp(st->uid, "network/", 8))
        watch_with(b, st->src->info.id, "network-agent");
    if (!strcmp(st->action->id, "reset-state") && !strcmp(st->kind->id, "server"))
        op_blast_watch_all(b, "openstackmachines.infrastructure.cluster.x-k8s.io");
    if (!strcmp(st->action->id, "label") && !strcmp(st->kind->id, "pods"))
        op_blast_watch(b, st->src->info.id, "services", false);
    if (!strcmp(st->kind->id, "pods"))
        watch_owner(b, st);
    if (b->keeps && (!strcmp(st->kind->id, "nodes") || !strcmp(st->kind->id, "hypervisor")))
        op_blast_watch_all(b, "poddisruptionbudgets");      /* of a drain that is refused no step says who holds it */
    if (other)
        op_blast_watch_all(b, other);
    if (!strcmp(st->action->id, "host-drain"))
        op_blast_watch_all(b, "pods");
}
