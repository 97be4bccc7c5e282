/* The guard: read-only and protected sources, what a kind allows; and the words that say what will happen. */
#include "core/ops/guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/kube/kube_kind.h"
#include "strata/clock.h"
#include "strata/text.h"
#include "strata/window.h"

/* Who brings a pod back after it was deleted, by the kind of its controller. */
static const struct heir {
    const char *owner, *before, *after;
} heirs[] = {
    {"ReplicaSet", "its ReplicaSet ", " starts a new pod with another name at once"},
    {"StatefulSet", "its StatefulSet ", " starts a pod of the same name once this one is gone"},
    {"DaemonSet", "its DaemonSet ", " starts a new pod on the same node once this one is gone"},
    {"Job", "its Job ", " starts another pod if it still needs completions (this may count as a failure)"},
    {"ReplicationController", "its ReplicationController ", " starts a new pod at once"},
    {"Node", "it is a static pod of node ", ": only its mirror is deleted, the kubelet makes it again"},
};

/* Kinds of a whole cluster whose delete takes with it what nobody named: the object's own name is typed. */
static const struct danger {
    const char *group, *resource, *says;
} dangers[] = {
    {"", "namespaces", "EVERYTHING in this namespace is deleted with it\n"},
    {"apiextensions.k8s.io", "customresourcedefinitions",
     "EVERY object of the kind it defines is deleted with it, in all namespaces; the kind itself is then unknown\n"},
    {"", "persistentvolumes",
     "LOST for the cluster: it waits while a claim is bound to it, then the volume is gone, and with the policy Delete its data too\n"},
    {"", "nodes", "NO machine is stopped: the cluster forgets the node, and its pods are deleted from the API. "
                  "A kubelet that still runs registers it again, with the cordon, labels and taints that were set on it gone. Drain it first\n"},
};

static const struct danger *danger_of(const struct action_request *a)
{
    const struct kube_kind *k = a->row->kind->kube;
    for (size_t i = 0; k && !strcmp(a->verb, "delete") && i < sizeof(dangers) / sizeof(dangers[0]); i++)
        if (!strcmp(k->group, dangers[i].group) && !strcmp(k->resource, dangers[i].resource))
            return &dangers[i];
    return NULL;
}

bool guard_wanted(const struct source_info *info, const struct action_request *a, struct str *out)
{
    bool danger = danger_of(a) != NULL;
    if (info->protected_)
        str_adds(out, info->name);
    if (info->protected_ && danger)
        str_addc(out, '/');
    if (danger)
        str_adds(out, a->row->name);
    return danger;
}

/* What opens a way into a pod. */
static bool streams(const struct action_request *a)
{
    static const char *const verbs[] = {"exec", "attach", "port-forward"};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (!strcmp(a->verb, verbs[i]))
            return true;
    return false;
}

static bool can(const struct action_request *a)
{
    if (streams(a))
        return !strcmp(a->row->kind->id, "pods") || (!strcmp(a->verb, "port-forward") && !strcmp(a->row->kind->id, "services"));
    static const char *const scaled[] = {"deployments", "statefulsets", "replicasets"};
    for (size_t i = 0; !strcmp(a->verb, "scale") && i < sizeof(scaled) / sizeof(scaled[0]); i++)
        if (!strcmp(a->row->kind->id, scaled[i]))
            return true;
    return !strcmp(a->verb, "delete") && (a->row->kind->flags & KIND_DELETE);
}

static enum err_code allowed(const struct source_info *info, const struct options *opt, const struct action_request *a,
                             struct err *err)
{
    if (opt->read_only)
        return err_set(err, ERR_READONLY, 0, "strata runs read-only (--read-only or read-only: true in the configuration)");
    if (info->read_only)
        return err_set(err, ERR_READONLY, 0, "%s is read-only (sources: in the configuration)", info->name);
    if (!can(a))
        return err_set(err, ERR_UNSUPPORTED, 0, "strata cannot %s a %s yet", a->verb, a->row->kind->singular);
    return ERR_OK;
}

/* Are all of these ("tier=prod,env=x") among the object's labels? */
static bool has_labels(const char *labels, const char *want)
{
    for (size_t n; *want; want += n + (want[n] == ',')) {
        bool found = false;
        n = strcspn(want, ",");
        for (size_t at = 0, len; !found && labels[at]; at += len + (labels[at + len] == ',')) {
            len = strcspn(labels + at, ",");
            found = len == n && !strncmp(labels + at, want, n);
        }
        if (!found)
            return false;
    }
    return true;
}

enum err_code guard_window(const struct source_info *info, const struct options *opt, const char *labels, int64_t *until_ms, struct err *err)
{
    int64_t now = clock_wall_ms();
    *until_ms = 0;
    for (size_t i = 0, bit = 0; info->windows && i < opt->nrules; i++) {
        const struct source_rule *r = &opt->rules[i];
        if (!r->nwindows || bit >= 64 || !(info->windows & UINT64_C(1) << bit++) || (r->labels && labels && !has_labels(labels, r->labels)))
            continue;
        int64_t end = 0, opens = INT64_MAX, at;
        for (size_t k = 0; k < r->nwindows; k++) {
            bool open = window_open(&r->windows[k], now, &at);
            if (open && at > end)
                end = at;
            else if (!open && at < opens)
                opens = at;
        }
        if (!end) {
            char when[40], in[32];
            text_format_time(when, sizeof(when), opens);
            text_age(in, sizeof(in), (opens - now) / 1000);
            return err_set(err, ERR_FORBIDDEN, 0, "%s is outside its maintenance window (%s%s): it opens in %s, at %s", info->name,
                           r->windows[0].text, r->nwindows > 1 ? ", ..." : "", in, when);
        }
        if (!*until_ms || end < *until_ms)
            *until_ms = end;
    }
    return ERR_OK;
}

enum err_code guard_check(const struct source_info *info, const struct options *opt, const struct action_request *a,
                          struct err *err)
{
    enum err_code code = allowed(info, opt, a, err);
    struct str want;
    int64_t until;
    if (code || a->dry_run)
        return code;
    if (guard_window(info, opt, a->by_name ? NULL : a->row->labels, &until, err))
        return err->code;
    str_init(&want, 4096);
    guard_wanted(info, a, &want);
    if (want.failed)
        code = err_set(err, ERR_NOMEM, 0, "out of memory");
    else if (want.len && !(a->typed && text_typed(want.data, a->typed)) && info->protected_)
        code = err_set(err, ERR_FORBIDDEN, 0, "%s is protected: %s must be typed to confirm", info->name, danger_of(a) ? want.data : "its name");
    else if (want.len && !(a->typed && text_typed(want.data, a->typed)))
        code = err_set(err, ERR_FORBIDDEN, 0, "the name of the %s must be typed to confirm", a->row->kind->singular);
    str_release(&want);
    return code;
}

static void say_pod(const struct row *r, struct str *text)
{
    char kind[64] = "", name[256] = "";
    sscanf(r->owner, "%63[^/]/%255[^/]", kind, name);
    if (!*r->owner) {
        str_adds(text, "nothing owns it: it will NOT come back\n");
        return;
    }
    for (size_t i = 0; i < sizeof(heirs) / sizeof(heirs[0]); i++) {
        if (!strcasecmp(kind, heirs[i].owner)) {
            str_addf(text, "%s%s%s\n", heirs[i].before, name, heirs[i].after);
            return;
        }
    }
    str_addf(text, "it is owned by %s %s, which decides whether it comes back\n", kind, name);
}

enum err_code guard_plan(const struct source_info *info, const struct options *opt, const struct action_request *a,
                         struct str *text, struct err *err)
{
    const struct row *r = a->row;
    enum err_code code = allowed(info, opt, a, err);
    if (code)
        return code;
    const struct danger *danger = danger_of(a);
    bool cloud = info->plane == PLANE_OPENSTACK;
    str_addf(text, "%s    %s  (%s)\n", cloud ? "cloud  " : "cluster", info->name, info->server);
    if (*r->scope)
        str_addf(text, "%s  %s\n", cloud ? "project  " : "namespace", r->scope);
    str_addf(text, "%-10s %s\n", r->kind->singular, r->name);
    if (a->by_name)
        str_adds(text, "you may not read it: whatever bears this name now is deleted\n");
    else
        str_addf(text, "uid        %s\n", r->uid);
    if (r->flags & ROW_DELETING)
        str_adds(text, "it is already being deleted\n");
    if (a->force)
        str_adds(text, "FORCE: gone from the API at once, the process may still run for a while\n");
    else if (a->grace_s >= 0)
        str_addf(text, "it gets %lld s to end\n", (long long)a->grace_s);
    if (!strcmp(r->kind->id, "pods") && !a->by_name)
        say_pod(r, text);
    else
        str_adds(text, danger ? danger->says : "what it owns is deleted with it, in the background\n");
    if (a->dry_run)
        str_adds(text, "dry run: the server checks, nothing is changed\n");
    int64_t until = 0;
    struct err closed = ERR_INIT;
    if (guard_window(info, opt, a->by_name ? NULL : r->labels, &until, &closed))
        str_addf(text, "%s\n", closed.msg);
    else if (until) {
        char left[32];
        text_age(left, sizeof(left), (until - clock_wall_ms()) / 1000);
        str_addf(text, "its maintenance window is open for another %s\n", left);
    }
    if (info->protected_)
        str_addf(text, "%s is PROTECTED: type %s to confirm\n", info->name, danger ? "its name and the object's" : "its name");
    return ERR_OK;
}
