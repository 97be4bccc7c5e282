/* Rows that change the template of a workload and follow the rollout: restart, set-image, undo; and pause, resume. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/facts.h"
#include "core/ops/kube_work.h"
#include "core/ops/op_probe.h"
#include "strata/map.h"
#include "strata/text.h"

#define RESTARTED "kubectl.kubernetes.io/restartedAt"
#define MANAGER "?fieldManager=kubectl-rollout"

enum { SIDE_PODS, SIDE_REVISIONS };

static bool is_deployment(const struct act_ctx *c) { return kube_is_kind(c, "deployments"); }

static bool pods_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    (void)service;
    (void)microversion;
    return i == SIDE_PODS && kube_selected_path(c, path, "v1", "pods");
}

static bool revisions_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (i == SIDE_REVISIONS)
        return kube_selected_path(c, path, "apps/v1", is_deployment(c) ? "replicasets" : "controllerrevisions");
    return pods_side(c, i, path, service, microversion);
}

/* Deployments tell their revision themselves. */
static bool restart_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    return (is_deployment(c) ? pods_side : revisions_side)(c, i, path, service, microversion);
}

/* Has somebody else put another template over the one that this operation sent? */
static bool taken_over(const struct act_ctx *c)
{
    const json_t *ours = act_get(c->answer, "spec.template"), *now = act_get(c->obj, "spec.template");
    return ours && now && act_num(c->obj, "metadata.generation", 0) > act_num(c->answer, "metadata.generation", 0) && !json_equal(ours, now);
}

static enum act_seen rolled(const struct act_ctx *c, struct str *why)
{
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (taken_over(c)) {
        str_adds(why, "another change took over: its template was changed again meanwhile, see who did it before you change it back");
        return SEEN_OVERTAKEN;
    }
    if (json_is_true(act_get(c->obj, "spec.paused"))) {
        str_adds(why, "it is set, and rolls out once the deployment is resumed");
        return SEEN_DONE;
    }
    return kube_rollout_seen(c->obj, c->side[SIDE_PODS].json, why);
}

/* ---- restart ---- */

static enum act_verdict restart_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    char now[40];
    if (json_is_true(act_get(c->obj, "spec.paused"))) {
        act_fact(facts, FACT_REFUSED, "it is paused, a restart would not begin: resume it first");
        return ACT_REFUSED;
    }
    text_format_time(now, sizeof now, c->now_ms);
    if (!strcmp(now, kube_map_str(c->obj, "spec.template.metadata.annotations", RESTARTED))) {
        act_fact(facts, FACT_REFUSED, "it was restarted in this very second: look at what that does first");
        return ACT_REFUSED;
    }
    kube_say_roll(c->obj, facts);
    kube_say_keepers(c->obj, facts);
    bool ok = kube_patch(c, rq, NULL, KUBE_STRATEGIC,
                         json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata", "annotations", RESTARTED, now));
    return ok && str_adds(&rq->path, MANAGER) ? ACT_SEND : ACT_REFUSED;
}

static enum act_arrived restart_arrived(const struct act_ctx *c)
{
    if (!c->obj || !c->before)
        return ARRIVED_UNKNOWN;
    return strcmp(kube_map_str(c->obj, "spec.template.metadata.annotations", RESTARTED),
                  kube_map_str(c->before, "spec.template.metadata.annotations", RESTARTED)) != 0 ? ARRIVED_YES : ARRIVED_NO;
}

/* The revision it had; of sets, whose objects do not tell its number, the one of that template. None: the one before the newest. */
static const char *revision_before(const struct act_ctx *c, struct str *args)
{
    const char *own = kube_map_str(c->before, "metadata.annotations", KUBE_REVISION);
    int64_t was = is_deployment(c) ? 0 : kube_revision_with(c->before, c->side[SIDE_REVISIONS].json);
    if (is_deployment(c) && *own)
        str_addf(args, "to-revision=%s\n", own);
    else if (was > 0)
        str_addf(args, "to-revision=%" PRId64 "\n", was);
    if (is_deployment(c) && strcmp(c->action->id, "undo") != 0)
        str_adds(args, "template-only=true\n");       /* it touched no annotation of the Deployment: others may have, since */
    return c->before ? "undo" : NULL;
}

/* ---- pause, resume ---- */

static enum act_verdict paused_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    bool want = !strcmp(c->action->id, "pause");
    if (json_is_true(act_get(c->obj, "spec.paused")) == want)
        return ACT_ALREADY;
    if (want)
        act_fact(facts, FACT_INFO, "a rollout under way stops where it is; scaling goes on");
    kube_say_keepers(c->obj, facts);
    bool ok = kube_patch(c, rq, NULL, KUBE_STRATEGIC, json_pack("{s:{s:b}}", "spec", "paused", want));
    return ok && str_adds(&rq->path, MANAGER) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen paused_seen(const struct act_ctx *c, struct str *why)
{
    bool want = !strcmp(c->action->id, "pause");
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (json_is_true(act_get(c->obj, "spec.paused")) != want) {
        str_adds(why, want ? "somebody resumed it again" : "somebody paused it again");
        return SEEN_FAILED;
    }
    if (want)
        return SEEN_DONE;
    return rolled(c, why);
}

static enum act_arrived paused_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : json_is_true(act_get(c->obj, "spec.paused")) == !strcmp(c->action->id, "pause") ? ARRIVED_YES : ARRIVED_NO;
}

static const char *paused_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return !strcmp(c->action->id, "pause") ? "resume" : "pause";
}

/* ---- set-image ---- */

static const char *pod_spec(const struct act_ctx *c)
{
    return kube_is_kind(c, "cronjobs") ? "spec.jobTemplate.spec.template.spec" : kube_is_kind(c, "pods") ? "spec" : "spec.template.spec";
}

struct images { const char *list; json_t *out; const char *want_name; size_t want_len; const char *image; size_t image_len; size_t hits; bool changed; };

/* One "container=image" for one list of containers. fact: into facts, else only counted. */
static bool set_images(struct images *im, const json_t *containers, struct act_facts *facts)
{
    for (size_t i = 0; i < json_array_size(containers); i++) {
        const json_t *container = json_array_get(containers, i);
        const char *name = act_str(container, "name"), *now = act_str(container, "image");
        bool all = im->want_len == 1 && im->want_name[0] == '*';
        if (!all && (strlen(name) != im->want_len || memcmp(name, im->want_name, im->want_len) != 0))
            continue;
        im->hits++;
        if (strlen(now) == im->image_len && !memcmp(now, im->image, im->image_len))
            continue;
        if (act_find(im->out, "name", name)) {
            act_fact(facts, FACT_REFUSED, "container %s is given two images: say one", name);
            return false;
        }
        im->changed = true;
        act_fact(facts, FACT_INFO, "container %s: %s becomes %.*s", name, now, (int)im->image_len, im->image);
        if (json_array_append_new(im->out, json_pack("{s:s,s:s%}", "name", name, "image", im->image, im->image_len)) != 0)
            return false;
    }
    return true;
}

static void refuse_container(const struct act_ctx *c, const struct images *im, struct act_facts *facts)
{
    static const char *const lists[] = {"initContainers", "containers"};
    struct str has;
    str_init(&has, 4096);
    for (size_t l = 0; l < 2; l++) {
        const json_t *cs = json_object_get(act_get(c->obj, pod_spec(c)), lists[l]);
        for (size_t i = 0; i < json_array_size(cs); i++)
            str_addf(&has, "%s%s", has.len ? ", " : "", act_str(json_array_get(cs, i), "name"));
    }
    act_fact(facts, FACT_REFUSED, "it has no container %.*s, it has: %s", (int)im->want_len, im->want_name, has.data);
    str_release(&has);
}

/* {"containers": [...], "initContainers": [...]} of what changes; NULL: refused, or nothing changes (*already). */
static json_t *image_patch(const struct act_ctx *c, struct act_facts *facts, bool *already)
{
    static const char *const lists[] = {"containers", "initContainers"};
    const char *p = act_arg(c, "image");
    json_t *spec = json_object();
    bool changed = false;
    for (p = p ? p : ""; *p; p += *p == ',' || *p == ' ' || *p == '\n') {
        size_t len = strcspn(p, ", \n"), name = strcspn(p, "=");
        struct images im = {.want_name = p, .want_len = name, .image = p + name + 1, .image_len = len > name ? len - name - 1 : 0};
        if (name >= len || !name || !im.image_len) {
            act_fact(facts, FACT_REFUSED, "\"%.*s\" is no container=image, as in api=registry/api:2", (int)len, p);
            json_decref(spec);
            return NULL;
        }
        for (size_t l = 0; l < 2; l++) {
            json_t *out = json_object_get(spec, lists[l]);
            if (!out && json_object_set_new(spec, lists[l], out = json_array()) != 0)
                break;
            im.out = out;
            if (!set_images(&im, json_object_get(act_get(c->obj, pod_spec(c)), lists[l]), facts)) {
                json_decref(spec);
                return NULL;
            }
        }
        changed |= im.changed;
        if (!im.hits) {
            refuse_container(c, &im, facts);
            json_decref(spec);
            return NULL;
        }
        p += len;
    }
    for (size_t l = 0; l < 2; l++)
        if (!json_array_size(json_object_get(spec, lists[l])))
            json_object_del(spec, lists[l]);
    *already = !changed;
    return spec;
}

static enum act_verdict image_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    bool already = false, pod = kube_is_kind(c, "pods"), cron = kube_is_kind(c, "cronjobs");
    json_t *spec = image_patch(c, facts, &already);
    if (!spec)
        return ACT_REFUSED;
    if (already) {
        json_decref(spec);
        return ACT_ALREADY;
    }
    json_t *body = pod    ? json_pack("{s:o}", "spec", spec)
                   : cron ? json_pack("{s:{s:{s:{s:{s:o}}}}}", "spec", "jobTemplate", "spec", "template", "spec", spec)
                          : json_pack("{s:{s:{s:o}}}", "spec", "template", "spec", spec);
    if (cron)
        act_fact(facts, FACT_INFO, "the next job runs it; a job that runs now is not touched");
    else if (pod)
        act_fact(facts, FACT_CAUTION, "the container is restarted in place; who owns the pod makes the next one with the old image");
    else if (kube_is_kind(c, "replicasets"))
        act_fact(facts, FACT_CAUTION, "its pods keep the old image; only those that are made from now on have the new one");
    else if (json_is_true(act_get(c->obj, "spec.paused")))
        act_fact(facts, FACT_CAUTION, "it is paused: nothing rolls out until it is resumed");
    else
        kube_say_roll(c->obj, facts);
    if (!pod)
        kube_say_keepers(c->obj, facts);
    return kube_patch(c, rq, NULL, KUBE_STRATEGIC, body) ? ACT_SEND : ACT_REFUSED;
}

/* Does every container that was asked for have its image? */
static bool has_images(const struct act_ctx *c)
{
    struct act_facts unsaid = {0};
    bool already = false;
    json_t *spec = image_patch(c, &unsaid, &already);
    bool has = spec && already;
    json_decref(spec);
    facts_release(&unsaid);
    return has;
}

static enum act_seen image_seen(const struct act_ctx *c, struct str *why)
{
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (!has_images(c)) {
        str_adds(why, "another change took over: its image was changed again meanwhile, see who did it before you change it back");
        return SEEN_OVERTAKEN;
    }
    if (kube_is_kind(c, "pods")) {
        if (kube_pod_ready(c->obj))
            return SEEN_DONE;
        kube_pod_why(c->obj, why);
        return SEEN_WAIT;
    }
    return kube_is_kind(c, "cronjobs") ? SEEN_DONE : rolled(c, why);
}

static enum act_arrived image_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : has_images(c) ? ARRIVED_YES : ARRIVED_NO;
}

/* What the containers had that it gives another image: the same before it is sent, where the journal keeps it, and after. */
static const char *image_undo(const struct act_ctx *c, struct str *args)
{
    static const char *const lists[] = {"containers", "initContainers"};
    struct act_ctx was = *c;
    struct act_facts unsaid = {0};
    bool first = true, already;
    was.obj = c->before;
    json_t *gets = c->before ? image_patch(&was, &unsaid, &already) : NULL, *one;
    for (size_t l = 0, i; l < 2; l++)
        json_array_foreach(json_object_get(gets, lists[l]), i, one) {
            const json_t *had = act_find(json_object_get(act_get(c->before, pod_spec(c)), lists[l]), "name", act_str(one, "name"));
            str_addf(args, "%s%s=%s", first ? "image=" : ",", act_str(one, "name"), act_str(had, "image"));
            first = false;
        }
    if (!first)
        str_addc(args, '\n');
    json_decref(gets);
    facts_release(&unsaid);
    return first ? NULL : "set-image";
}

/* ---- undo to a revision ---- */

static bool kept_annotation(const char *key)
{
    static const char *const kept[] = {"kubectl.kubernetes.io/last-applied-configuration", KUBE_REVISION, "deployment.kubernetes.io/revision-history",
                                       "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
                                       "deprecated.deployment.rollback.revision"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (!strcmp(kept[i], key))
            return true;
    return false;
}

/* kubectl's: those of the replica set, but what is the deployment's own stays. */
static json_t *undo_annotations(const json_t *deployment, const json_t *rs)
{
    json_t *out = json_object(), *value;
    const char *key;
    json_object_foreach(json_object_get(json_object_get(deployment, "metadata"), "annotations"), key, value)
        if (kept_annotation(key))
            json_object_set(out, key, value);
    json_object_foreach(json_object_get(json_object_get(rs, "metadata"), "annotations"), key, value)
        if (!kept_annotation(key))
            json_object_set(out, key, value);
    return out;
}

static void say_annotations(const json_t *was, const json_t *is, struct act_facts *facts)
{
    json_t *value;
    const char *key;
    json_object_foreach((json_t *)was, key, value) {
        const char *then = json_string_value(json_object_get(is, key));
        if (!json_equal(value, json_object_get(is, key)))
            act_fact(facts, FACT_CAUTION, "its annotation %.150s is not that of then: %s%.150s%s, as kubectl's undo does; template-only leaves it", key,
                     then ? "it becomes \"" : "it is removed", then ? then : "", then ? "\"" : "");
    }
}

/* JSON Patch: no other change may have come between reading and this. The engine adds a test of the uid. */
static bool undo_deployment(const struct act_ctx *c, struct act_req *rq, const json_t *rs, json_t *template, struct act_facts *facts)
{
    const json_t *now = act_get(c->obj, "metadata.annotations");
    rq->method = "PATCH";
    rq->content_type = KUBE_JSON_PATCH;
    rq->body = json_pack("[{s:s,s:s,s:I},{s:s,s:s,s:o}]", "op", "test", "path", "/metadata/generation", "value", (json_int_t)act_num(c->obj, "metadata.generation", 0),
                         "op", "replace", "path", "/spec/template", "value", template);
    if (rq->body && !act_bool(c, "template-only")) {
        json_t *then = undo_annotations(c->obj, rs);
        say_annotations(now, then, facts);
        json_array_append_new(rq->body, json_pack("{s:s,s:s,s:o}", "op", json_is_object(now) ? "replace" : "add", "path", "/metadata/annotations", "value", then));
    }
    return rq->body && act_path(c, &rq->path, NULL) && str_adds(&rq->path, MANAGER);
}

static void say_images(const json_t *from, const json_t *to, struct act_facts *facts)
{
    const json_t *a = act_get(from, "spec.containers"), *b = act_get(to, "spec.containers");
    for (size_t i = 0; i < json_array_size(b); i++) {
        const char *name = act_str(json_array_get(b, i), "name"), *image = act_str(json_array_get(b, i), "image");
        const char *now = act_str(act_find(a, "name", name), "image");
        if (strcmp(now, image) != 0)
            act_fact(facts, FACT_INFO, "container %s: %s becomes %s", name, *now ? now : "(none)", image);
    }
}

static enum act_verdict undo_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    int64_t wanted = act_int(c, "to-revision", 0);
    size_t n;
    const json_t *to = kube_find_revision(c->obj, c->side[SIDE_REVISIONS].json, wanted, &n);
    if (!c->side[SIDE_REVISIONS].json)
        act_fact(facts, FACT_REFUSED, "its revisions could not be read (HTTP %d)", c->side[SIDE_REVISIONS].status);
    else if (json_is_true(act_get(c->obj, "spec.paused")))
        act_fact(facts, FACT_REFUSED, "it is paused, kubectl would not undo it either: resume it first");
    else if (wanted < 0)
        act_fact(facts, FACT_REFUSED, "a revision is a number from 1 on, 0 is the one before the newest");
    else if (!to && wanted)
        act_fact(facts, FACT_REFUSED, "revision %" PRId64 " is not in its history", wanted);
    else if (!to)
        act_fact(facts, FACT_REFUSED, "there is no revision to go back to: it has %zu", n);
    else
        goto found;
    return ACT_REFUSED;
found:;
    const json_t *now = act_get(c->obj, "spec.template"), *template = kube_revision_template(c->obj, to);
    if (kube_same_template(now, template)) {
        act_fact(facts, FACT_INFO, "its template is that of revision %" PRId64 " already", kube_revision_of(c->obj, to));
        return ACT_ALREADY;
    }
    act_fact(facts, FACT_INFO, "the template of revision %" PRId64 " becomes the newest again", kube_revision_of(c->obj, to));
    say_images(now, template, facts);
    kube_say_roll(c->obj, facts);
    kube_say_keepers(c->obj, facts);
    if (is_deployment(c))
        return undo_deployment(c, rq, to, kube_plain_template(template), facts) ? ACT_SEND : ACT_REFUSED;
    return kube_patch(c, rq, NULL, KUBE_STRATEGIC, json_deep_copy(act_get(to, "data"))) ? ACT_SEND : ACT_REFUSED;
}

/* Its template is another one than before: of the one asked for, or of whoever came after. */
static enum act_arrived undo_arrived(const struct act_ctx *c)
{
    if (!c->obj || !c->before)
        return ARRIVED_UNKNOWN;
    return json_equal(act_get(c->obj, "spec.template"), act_get(c->before, "spec.template")) ? ARRIVED_NO : ARRIVED_YES;
}

/* A number says little: the same template bears another one once it came back. */
static void template_stands(const struct act_ctx *c, struct str *lines)
{
    const json_t *template = act_get(c->before, "spec.template"), *list = act_get(template, "spec.containers");
    char *text = template ? json_dumps(template, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text) {
        for (size_t i = 0; i < json_array_size(list); i++)
            str_addf(lines, "%s%s=%s", i ? "," : "image=", act_str(json_array_get(list, i), "name"), act_str(json_array_get(list, i), "image"));
        str_addf(lines, "%stemplate=%" PRIx64 "\n", json_array_size(list) ? "\n" : "", hash_bytes(text, strlen(text)));
    }
    json_text_free(text);
}

/* ---- the rows ---- */

static const char *const workloads[] = {"deployments", "statefulsets", "daemonsets", NULL};
static const char *const deployments[] = {"deployments", NULL};
static const char *const imaged[] = {"deployments", "statefulsets", "daemonsets", "cronjobs", "pods", "replicasets", NULL};

static const char goes_on[] = "it is not stopped, the rollout goes on";

static const struct action_arg image_args[] = {
    {.name = "image", .help = "container=image, several with commas, or as words behind the name; * is every container.", .type = ARG_TEXT, .required = true},
    OP_PROBE_ARGS,
};
static const struct action_arg probe_args[] = {OP_PROBE_ARGS};
static const struct action_arg undo_args[] = {
    {.name = "to-revision", .help = "Which revision of its history (:history, strata rollout history); 0: the one before the newest.", .type = ARG_INT, .def = "0", .most = INT64_MAX},
    {.name = "template-only", .help = "Of a Deployment only the pod template goes back; kubectl's undo sets its annotations to those of then, too.", .type = ARG_BOOL},
    OP_PROBE_ARGS,
};

const struct action kube_rollout_actions[] = {
    {.plane = PLANE_KUBE, .id = "restart", .past = "restarted", .kinds = workloads, .help = "Replaces all its pods, as its update strategy says.",
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = probe_args, .nargs = 2, .timeout_s = 900, .side = restart_side, .build = restart_build, .observe = rolled,
     .arrived = restart_arrived, .undo = revision_before, .goes_on = goes_on},
    {.plane = PLANE_KUBE, .id = "set-image", .past = "set to the image", .kinds = imaged, .help = "Gives containers another image and follows the rollout.",
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = image_args, .nargs = 3, .timeout_s = 900, .side = pods_side, .build = image_build,
     .observe = image_seen, .arrived = image_arrived, .undo = image_undo, .goes_on = goes_on},
    {.plane = PLANE_KUBE, .id = "undo", .past = "undone", .kinds = workloads, .help = "Goes back to an earlier revision and follows the rollout.",
     .flags = ACTION_DRY_RUN | ACTION_MEANWHILE, .args = undo_args, .nargs = sizeof undo_args / sizeof *undo_args, .timeout_s = 900, .side = revisions_side, .build = undo_build, .observe = rolled,
     .arrived = undo_arrived, .undo = revision_before, .stands = template_stands, .goes_on = goes_on},
    {.plane = PLANE_KUBE, .id = "pause", .past = "paused", .kinds = deployments, .help = "Holds the rollout: changes of the template wait.",
     .flags = ACTION_AGAIN | ACTION_DRY_RUN | ACTION_MEANWHILE, .side = pods_side, .build = paused_build, .observe = paused_seen, .arrived = paused_arrived,
     .undo = paused_undo},
    {.plane = PLANE_KUBE, .id = "resume", .past = "resumed", .kinds = deployments, .help = "Lets the rollout go on and follows it.",
     .flags = ACTION_AGAIN | ACTION_DRY_RUN | ACTION_MEANWHILE, .timeout_s = 900, .side = pods_side, .build = paused_build, .observe = paused_seen,
     .arrived = paused_arrived, .undo = paused_undo},
    {0},
};
