/* delete: any object, bound to its uid, what goes with it and who brings it back told before, and its going watched to the end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/kube/kube_kind.h"
#include "core/ops/facts.h"
#include "core/ops/kube_work.h"
#include "strata/core.h"
#include "strata/text.h"

#define PATIENCE_S 300
enum { SIDE_BUDGETS, SIDE_OWNER };         /* for the plan, of a pod */
enum { SIDE_PODS, SIDE_VOLUME };           /* of a claim, which may have no volume yet */
enum { SIDE_NODE };                        /* while it ends: of a pod */

static const struct owner_path { const char *kind, *group_version, *resource; } owners[] = {
    {"ReplicaSet", "apps/v1", "replicasets"}, {"StatefulSet", "apps/v1", "statefulsets"}, {"DaemonSet", "apps/v1", "daemonsets"},
    {"ReplicationController", "v1", "replicationcontrollers"},
};

/* Kinds of a whole cluster whose delete takes with it what nobody named. */
static const struct danger { const char *group, *resource, *says; } dangers[] = {
    {"", "namespaces", "EVERYTHING in this namespace is deleted with it"},
    {"apiextensions.k8s.io", "customresourcedefinitions",
     "EVERY object of the kind it defines is deleted with it, in all namespaces; the kind itself is then unknown"},
    {"", "persistentvolumes",
     "LOST for the cluster: it waits while a claim is bound to it, then the volume is gone, and with the policy Delete its data too"},
    {"", "nodes", "NO machine is stopped: the cluster forgets the node, and its pods are deleted from the API. "
                  "A kubelet that still runs registers it again, with the cordon, labels and taints that were set on it gone. Drain it first"},
};

static bool is(const struct act_ctx *c, const char *group, const char *resource)
{
    const struct kube_kind *k = c->kind->kube;
    return k && !strcmp(k->group, group) && !strcmp(k->resource, resource);
}

static bool gone(const struct act_ctx *c)
{
    const char *was = act_str(c->before, "metadata.uid");
    return !c->obj || (*was && strcmp(was, act_str(c->obj, "metadata.uid")) != 0);
}

static bool forced(const struct act_ctx *c) { return act_bool(c, "force"); }

/* 0 without force is 1, as kubectl has it: the end of the process is waited for. */
static int64_t grace_of(const struct act_ctx *c)
{
    int64_t grace = act_bool(c, "now") ? 1 : act_int(c, "grace-period", -1);
    return forced(c) ? 0 : grace == 0 ? 1 : grace;
}

static bool waits(const struct act_ctx *c)
{
    const char *wait = act_arg(c, "wait");
    return !wait || act_bool(c, "wait");
}

/* ---- what stands beside it ---- */

static bool item_path(struct str *path, const char *name)
{
    str_addc(path, '/');
    return str_add_urlenc(path, name);
}

static bool pod_side(const struct act_ctx *c, size_t i, struct str *path)
{
    const json_t *ref = kube_controller(c->obj);
    if (i == SIDE_BUDGETS)
        return kube_ns_path(c, path, "policy/v1", "poddisruptionbudgets");
    for (size_t k = 0; i == SIDE_OWNER && ref && k < sizeof owners / sizeof owners[0]; k++)
        if (!strcmp(owners[k].kind, act_str(ref, "kind")) && kube_ns_path(c, path, owners[k].group_version, owners[k].resource))
            return item_path(path, act_str(ref, "name"));
    return false;
}

static bool claim_side(const struct act_ctx *c, size_t i, struct str *path)
{
    const char *volume = act_str(c->obj, "spec.volumeName");
    if (i == SIDE_PODS)
        return kube_ns_path(c, path, "v1", "pods");
    return i == SIDE_VOLUME && *volume && str_adds(path, "/api/v1/persistentvolumes") && item_path(path, volume);
}

/* Past the time it had to end. */
static bool overdue(const struct act_ctx *c)
{
    const char *at = act_str(c->obj, "metadata.deletionTimestamp");
    int64_t ms;
    return *at && text_parse_time(at, strlen(at), &ms) && c->now_ms > ms + 2000;
}

/* What a namespace or a node takes with it is asked for where its labels may say when. */
static enum act_takes takes(const struct act_ctx *c)
{
    return is(c, "apiextensions.k8s.io", "customresourcedefinitions") ? TAKES_UNKNOWN
         : is(c, "", "namespaces") || is(c, "", "nodes") ? TAKES_LISTS : TAKES_ITSELF;
}

static bool has_windows(const struct act_ctx *c)
{
    for (size_t k = 0; k < c->nsources; k++)
        if (c->sources[k].plane == PLANE_KUBE && !strcmp(c->sources[k].name, c->source) && c->sources[k].windows)
            return true;
    return false;
}

static bool taken_side(const struct act_ctx *c, size_t i, struct str *path)
{
    static const struct { const char *group_version, *resource; } in[] = {
        {"v1", "pods"}, {"apps/v1", "deployments"}, {"apps/v1", "statefulsets"}, {"apps/v1", "daemonsets"}, {"apps/v1", "replicasets"}, {"batch/v1", "jobs"},
        {"batch/v1", "cronjobs"}, {"v1", "services"}, {"v1", "persistentvolumeclaims"}, {"v1", "configmaps"}, {"networking.k8s.io/v1", "ingresses"},
        {"policy/v1", "poddisruptionbudgets"},
    };
    if (!has_windows(c) || i >= (is(c, "", "nodes") ? 1 : sizeof in / sizeof in[0]))
        return false;
    if (is(c, "", "nodes"))
        return str_adds(path, "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3D") && str_add_urlenc(path, c->name);
    str_addf(path, "%s/%s/namespaces/", strchr(in[i].group_version, '/') ? "/apis" : "/api", in[i].group_version);
    return str_add_urlenc(path, c->name) && str_addf(path, "/%s?limit=500", in[i].resource);
}

static bool side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    (void)service;
    (void)microversion;
    if (c->planning && kube_is_kind(c, "pods"))
        return pod_side(c, i, path);
    if (!c->seeing && is(c, "", "persistentvolumeclaims"))
        return claim_side(c, i, path);
    if (!c->seeing && takes(c) == TAKES_LISTS)
        return taken_side(c, i, path);
    if (c->seeing && i == SIDE_NODE && c->obj && kube_is_kind(c, "pods") && *act_str(c->obj, "spec.nodeName") && overdue(c)) {
        str_adds(path, "/api/v1/nodes");
        return item_path(path, act_str(c->obj, "spec.nodeName"));
    }
    return false;
}

/* ---- what it will do ---- */

static void add_names(struct str *s, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        str_addf(s, "%s%s", s->len ? ", " : "", name ? name : "?");
    }
}

static void say_going(const struct act_ctx *c, struct act_facts *facts)
{
    const json_t *finalizers = act_get(c->obj, "metadata.finalizers");
    struct str names;
    str_init(&names, 4096);
    add_names(&names, finalizers);
    if (*act_str(c->obj, "metadata.deletionTimestamp"))
        act_fact(facts, FACT_CAUTION, "it is already being deleted since %s%s%s", act_str(c->obj, "metadata.deletionTimestamp"),
                 names.len ? "; what holds it: finalizer " : "", names.len ? names.data : "");
    else if (names.len)
        act_fact(facts, FACT_INFO, "it goes once who set these finalizers has taken them off: %s", names.data);
    str_release(&names);
}

static bool claims(const json_t *pod, const char *claim)
{
    const json_t *volumes = act_get(pod, "spec.volumes");
    for (size_t i = 0; i < json_array_size(volumes); i++)
        if (!strcmp(act_str(json_array_get(volumes, i), "persistentVolumeClaim.claimName"), claim))
            return true;
    return false;
}

static void say_claim(const struct act_ctx *c, struct act_facts *facts)
{
    const json_t *volume = c->side[SIDE_VOLUME].json, *pods = act_get(c->side[SIDE_PODS].json, "items");
    const char *name = act_str(c->obj, "spec.volumeName"), *policy = act_str(volume, "spec.persistentVolumeReclaimPolicy");
    size_t n = 0;
    const char *user = "";
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const json_t *pod = json_array_get(pods, i);
        if (kube_pod_finished(pod) || !claims(pod, c->name))
            continue;
        user = n++ ? user : act_str(pod, "metadata.name");
    }
    if (!*name) {
        act_fact(facts, FACT_INFO, "no volume is bound to it");
    } else if (!strcmp(policy, "Retain")) {
        act_fact(facts, FACT_CAUTION, "its volume %s and the data on it stay (policy Retain), and can be bound again only by hand", name);
    } else {
        act_fact(facts, FACT_DANGER, "LOST: its volume %s and the data on it go with it (policy %s)", name, *policy ? policy : "not readable");
        act_danger(facts, false);
    }
    if (n)
        act_fact(facts, FACT_CAUTION, "%zu pod%s it (%s%s): it stays until they are gone", n, n == 1 ? " uses" : "s use", user, n > 1 ? ", ..." : "");
}

static void say_force(const struct act_ctx *c, struct act_facts *facts)
{
    const char *node = act_str(c->obj, "spec.nodeName"), *owner = act_str(kube_controller(c->obj), "kind");
    if (!kube_is_kind(c, "pods")) {
        act_fact(facts, FACT_CAUTION, "FORCE: nothing is waited for where the server allows that");
        return;
    }
    act_danger(facts, false);
    act_fact(facts, FACT_DANGER, "FORCE: gone from the API at once; its processes may still run for a while%s%s", *node ? " on " : "", node);
    if (!strcmp(owner, "StatefulSet"))
        act_fact(facts, FACT_DANGER, "two pods of this name may then run at the same time, which can destroy their data: be sure that node %s is off", node);
}

/* What its controller made goes with it, or stays. */
static void say_dependents(const struct act_ctx *c, struct act_facts *facts)
{
    const char *cascade = act_arg(c, "cascade");
    bool orphan = cascade && !strcmp(cascade, "orphan"), first = cascade && !strcmp(cascade, "foreground");
    int64_t pods = act_num(c->obj, "status.replicas", act_num(c->obj, "status.currentNumberScheduled", act_num(c->obj, "status.active", 0)));
    char many[40] = "";
    if (pods > 0)
        snprintf(many, sizeof many, " (%" PRId64 " pod%s)", pods, pods == 1 ? "" : "s");
    if (orphan)
        act_fact(facts, FACT_CAUTION, "what it owns%s stays, and nobody looks after it then", many);
    else if (kube_is_kind(c, "pods"))
        return;
    else if (first)
        act_fact(facts, *many ? FACT_CAUTION : FACT_INFO, "first what it owns%s is deleted, then itself", many);
    else
        act_fact(facts, *many ? FACT_CAUTION : FACT_INFO, "what it owns%s is deleted with it, in the background", many);
    if (is(c, "apps", "statefulsets") && json_array_size(act_get(c->obj, "spec.volumeClaimTemplates"))) {
        bool with = !strcmp(act_str(c->obj, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted"), "Delete");
        act_fact(facts, with ? FACT_DANGER : FACT_INFO, with ? "LOST: the claims of its pods and their data go with it" : "the claims of its pods and their data stay");
        if (with)
            act_danger(facts, false);
    }
    if (is(c, "", "services") && !strcmp(act_str(c->obj, "spec.type"), "LoadBalancer"))
        act_fact(facts, FACT_CAUTION, "its load balancer goes with it, and its address may not come back");
}

static void say(const struct act_ctx *c, struct act_facts *facts)
{
    int64_t grace = grace_of(c);
    say_going(c, facts);
    for (size_t i = 0; i < sizeof dangers / sizeof dangers[0]; i++)
        if (is(c, dangers[i].group, dangers[i].resource)) {
            act_fact(facts, FACT_DANGER, "%s", dangers[i].says);
            act_danger(facts, true);
        }
    if (is(c, "", "namespaces") && has_windows(c))
        act_fact(facts, FACT_CAUTION, "its secrets and the objects of other kinds (custom resources) in it are not looked at for labels that have a maintenance window");
    if (forced(c))
        say_force(c, facts);
    else if (grace >= 0)
        act_fact(facts, FACT_INFO, "it gets %" PRId64 " s to end", grace);
    if (kube_is_kind(c, "pods") && *c->uid)
        kube_say_pod(c->obj, c->side[SIDE_BUDGETS].json, c->side[SIDE_OWNER].json, false, facts), kube_say_majority(c, c->side[SIDE_OWNER].json, facts),
            kube_say_together(c, c->side[SIDE_BUDGETS].json, c->side[SIDE_OWNER].json, facts);
    else
        kube_say_keepers_who(c->obj, "make it again", facts);
    if (is(c, "", "persistentvolumeclaims"))
        say_claim(c, facts);
    say_dependents(c, facts);
}

/* ---- the request, and its end ---- */

static enum act_verdict build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    const char *cascade = act_arg(c, "cascade"), *uid = act_str(c->obj, "metadata.uid");
    const char *how = cascade && !strcmp(cascade, "orphan") ? "Orphan" : cascade && !strcmp(cascade, "foreground") ? "Foreground" : "Background";
    int64_t grace = grace_of(c);
    if (!(c->kind->flags & KIND_DELETE)) {
        act_fact(facts, FACT_REFUSED, "the server has no delete of %s", c->kind->id);
        return ACT_REFUSED;
    }
    if (forced(c) && act_int(c, "grace-period", 0) > 0) {
        act_fact(facts, FACT_REFUSED, "force gives no time to end: leave out grace-period, or force");
        return ACT_REFUSED;
    }
    say(c, facts);
    rq->method = "DELETE";
    rq->body = json_pack("{s:s,s:s,s:s}", "kind", "DeleteOptions", "apiVersion", "v1", "propagationPolicy", how);
    if (rq->body && *uid)
        json_object_set_new(rq->body, "preconditions", json_pack("{s:s}", "uid", uid));
    if (rq->body && grace >= 0)
        json_object_set_new(rq->body, "gracePeriodSeconds", json_integer(grace));
    return rq->body && act_path(c, &rq->path, NULL) ? ACT_SEND : ACT_REFUSED;
}

/* Who holds a namespace says so itself, in its conditions. */
static bool why_namespace(const struct act_ctx *c, struct str *why)
{
    const json_t *conditions = act_get(c->obj, "status.conditions");
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        const json_t *one = json_array_get(conditions, i);
        if (strcmp(act_str(one, "status"), "True") != 0 || (strcmp(act_str(one, "type"), "NamespaceContentRemaining") != 0 &&
            strcmp(act_str(one, "type"), "NamespaceFinalizersRemaining") != 0 && strcmp(act_str(one, "type"), "NamespaceDeletionDiscoveryFailure") != 0))
            continue;
        str_addf(why, "%s%s", why->len ? "; " : "it ends: ", act_str(one, "message"));
    }
    return why->len != 0;
}

static void why_overdue(const struct act_ctx *c, struct str *why)
{
    const char *node = act_str(c->obj, "spec.nodeName");
    if (c->side[SIDE_NODE].status == 404)
        str_addf(why, "it should have ended; its node %s is not in the cluster any more, so nobody says that it did: force deletes it", node);
    else if (c->side[SIDE_NODE].json && strcmp(act_str(kube_condition_of(c->side[SIDE_NODE].json, "Ready"), "status"), "True") != 0)
        str_addf(why, "it should have ended; its node %s is not ready, so nobody says that it did: when that machine is off, force deletes it", node);
    else
        str_addf(why, "it should have ended; the kubelet of %s has not said yet that it did", *node ? node : "no node");
}

static enum act_seen observe(const struct act_ctx *c, struct str *why)
{
    const json_t *finalizers = act_get(c->obj, "metadata.finalizers");
    bool ends = *act_str(c->obj, "metadata.deletionTimestamp");
    struct str names;
    if (gone(c))
        return SEEN_DONE;
    if (ends && !waits(c)) {
        str_adds(why, "it ends, which is not waited for");
        return SEEN_DONE;
    }
    if (is(c, "", "namespaces") && why_namespace(c, why))
        return SEEN_WAIT;
    str_init(&names, 4096);
    add_names(&names, finalizers);
    if (ends && names.len)
        str_addf(why, "it ends, held by finalizer %s", names.data);
    else if (ends && overdue(c) && kube_is_kind(c, "pods"))
        why_overdue(c, why);
    else if (ends)
        str_addf(why, "it ends, it has %" PRId64 " s for that", act_num(c->obj, "metadata.deletionGracePeriodSeconds", 0));
    else
        str_adds(why, "it does not end yet");
    str_release(&names);
    return SEEN_WAIT;
}

static enum act_arrived arrived(const struct act_ctx *c)
{
    if (!*c->uid)
        return ARRIVED_UNKNOWN;            /* by its name alone: another may bear it now */
    return gone(c) || *act_str(c->obj, "metadata.deletionTimestamp") ? ARRIVED_YES : ARRIVED_NO;
}

static int64_t patience(const struct act_ctx *c)
{
    int64_t grace = act_num(c->answer, "metadata.deletionGracePeriodSeconds", act_num(c->before, "spec.terminationGracePeriodSeconds", 0));
    int64_t wanted = act_int(c, "timeout", 0);
    return wanted > 0 ? wanted : PATIENCE_S + grace;
}

static bool fits(const struct action *a, const struct row *r)
{
    (void)a;
    return r->kind->flags & KIND_DELETE;
}

static const char *const all[] = {"*", NULL};
static const struct action_arg args[] = {
    {.name = "grace-period", .help = "Seconds it gets to end; its own if not said.", .type = ARG_SECONDS},
    {.name = "force", .help = "Gone from the API at once, whether its processes ended or not.", .type = ARG_BOOL},
    {.name = "now", .help = "Gets one second to end.", .type = ARG_BOOL},
    {.name = "cascade", .help = "What becomes of what it owns: deleted after it, before it, or left.", .type = ARG_CHOICE, .choices = "background foreground orphan"},
    {.name = "wait", .help = "no: does not wait until it is gone.", .type = ARG_BOOL, .def = "yes"},
    {.name = "timeout", .help = "Seconds until it must be gone; 300 and its time to end if not said.", .type = ARG_SECONDS},
};

const struct action kube_delete_actions[] = {
    {.id = "delete", .past = "deleted", .kinds = all, .help = "Deletes objects and waits until they are gone.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN | ACTION_AGAIN | ACTION_GONE, .args = args, .nargs = sizeof args / sizeof args[0], .at_once = 8, .side = side, .takes = takes,
     .build = build, .observe = observe, .arrived = arrived, .patience_s = patience, .fits = fits},
    {0},
};
