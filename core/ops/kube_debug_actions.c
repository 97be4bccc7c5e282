/* A debug container in a running pod, as `kubectl debug` makes it. */
#include <inttypes.h>
#include <string.h>

#include "core/ops/kube_work.h"

/* Made from the pod as it was read: the same request sent twice adds one container. */
static void container_name(const struct act_ctx *c, char *buf, size_t size)
{
    const json_t *o = c->before ? c->before : c->obj;
    const char *asked = act_arg(c, "name"), *uid = act_str(o, "metadata.uid");
    char tail[6];
    if (asked && *asked) {
        snprintf(buf, size, "%s", asked);
        return;
    }
    kube_tail(tail, &uid, 1, json_array_size(act_get(o, "spec.ephemeralContainers")));
    snprintf(buf, size, "debugger-%s", tail);
}

static const json_t *named(const json_t *list, const char *name) { return act_find(list, "name", name); }

static void list_names(const json_t *list, struct str *out)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        str_addf(out, "%s%s", i ? ", " : "", act_str(json_array_get(list, i), "name"));
}

/* "sleep 1d": words at blanks, a text in quotes is one. */
static json_t *command_of(const char *text)
{
    json_t *words = json_array();
    struct str w;
    char quote = 0;
    bool any = false;
    str_init(&w, 65536);
    for (;; text++) {
        if (*text && (quote ? *text == quote : *text == '"' || *text == '\'')) {
            quote = quote ? 0 : *text;
            any = true;
        } else if (*text && (quote || *text != ' ')) {
            str_addc(&w, *text);
            any = true;
        } else if (any) {
            json_array_append_new(words, json_string(w.len ? w.data : ""));
            str_clear(&w);
            any = false;
        }
        if (!*text)
            break;
    }
    str_release(&w);
    return words;
}

static enum act_verdict debug_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    const char *image = act_arg(c, "image"), *target = act_arg(c, "target"), *command = act_arg(c, "command"), *phase = act_str(c->obj, "status.phase");
    const json_t *mains = act_get(c->obj, "spec.containers");
    char name[300];
    struct str names;
    container_name(c, name, sizeof name);
    if (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed")) {
        act_fact(facts, FACT_REFUSED, "the pod has ended (%s): nothing starts in it any more", phase);
        return ACT_REFUSED;
    }
    if (*act_str(c->obj, "metadata.deletionTimestamp")) {
        act_fact(facts, FACT_REFUSED, "the pod is being deleted");
        return ACT_REFUSED;
    }
    if (named(mains, name) || named(act_get(c->obj, "spec.initContainers"), name) || named(act_get(c->obj, "spec.ephemeralContainers"), name)) {
        act_fact(facts, FACT_REFUSED, "it has a container %.100s already: give another --name", name);
        return ACT_REFUSED;
    }
    if (target && *target && !named(mains, target)) {
        str_init(&names, 4096);
        list_names(mains, &names);
        act_fact(facts, FACT_REFUSED, "it has no container %.100s to look into, it has: %s", target, names.len ? names.data : "none");
        str_release(&names);
        return ACT_REFUSED;
    }
    act_fact(facts, FACT_CAUTION, "container %s with image %s cannot be taken out again: it is there as long as the pod", name, image ? image : "");
    if (target && *target)
        act_fact(facts, FACT_INFO, "it sees the processes of container %s", target);
    if (strcmp(phase, "Running") != 0)
        act_fact(facts, FACT_CAUTION, "the pod does not run yet (%s): it starts when the pod does", *phase ? phase : "no phase");
    json_t *box = json_pack("{s:s,s:s,s:s,s:b,s:b}", "name", name, "image", image ? image : "", "terminationMessagePolicy", "File", "stdin", 1, "tty", 1);
    if (box && command && *command)
        json_object_set_new(box, "command", command_of(command));
    if (box && target && *target)
        json_object_set_new(box, "targetContainerName", json_string(target));
    json_t *body = json_pack("{s:{s:[o]}}", "spec", "ephemeralContainers", box);
    return kube_patch(c, rq, "ephemeralcontainers", KUBE_STRATEGIC, body) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen debug_seen(const struct act_ctx *c, struct str *why)
{
    char name[300];
    container_name(c, name, sizeof name);
    const json_t *st = named(act_get(c->obj, "status.ephemeralContainerStatuses"), name);
    const char *reason = act_str(st, "state.waiting.reason");
    if (!c->obj) {
        str_adds(why, "the pod is gone");
        return SEEN_FAILED;
    }
    if (act_get(st, "state.running")) {
        str_addf(why, "container %s runs: strata attach -it %s -n %s -c %s, or :attach %s", name, c->name, c->scope, name, name);
        return SEEN_DONE;
    }
    if (act_get(st, "state.terminated")) {
        int64_t code = act_num(st, "state.terminated.exitCode", 0);
        str_addf(why, "container %s ended at once with %" PRId64 " (%s)%s%.200s", name, code, act_str(st, "state.terminated.reason"),
                 *act_str(st, "state.terminated.message") ? ": " : "", act_str(st, "state.terminated.message"));
        return code ? SEEN_FAILED : SEEN_DONE;
    }
    if (*reason)
        str_addf(why, "container %s: %s%s%.300s", name, reason, *act_str(st, "state.waiting.message") ? ": " : "", act_str(st, "state.waiting.message"));
    else
        str_addf(why, "container %s is in the pod, its node has not begun it", name);
    return SEEN_WAIT;
}

static enum act_arrived debug_arrived(const struct act_ctx *c)
{
    char name[300];
    container_name(c, name, sizeof name);
    const json_t *there = act_get(c->obj, "spec.ephemeralContainers");
    if (!c->obj || (!named(there, name) && json_array_size(there)))
        return ARRIVED_UNKNOWN;            /* one of them may be it, under a name made of what was read then */
    return named(there, name) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *const pods[] = {"pods", NULL};
static const struct action_arg debug_args[] = {
    {.name = "image", .help = "The image of the debug container.", .type = ARG_TEXT, .required = true},
    {.name = "target", .help = "The container whose processes it sees.", .type = ARG_TEXT},
    {.name = "command", .help = "What it runs; its image's own if not said.", .type = ARG_TEXT},
    {.name = "name", .help = "Its name; made up if not given.", .type = ARG_TEXT},
};

const struct action kube_debug_actions[] = {
    {.id = "debug", .past = "debugged", .kinds = pods, .help = "Starts a debug container in a running pod, to attach to.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN | ACTION_ONE, .args = debug_args, .nargs = 4, .timeout_s = 120, .build = debug_build, .observe = debug_seen,
     .arrived = debug_arrived},
    {0},
};
