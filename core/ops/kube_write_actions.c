/*
 * Rows that write whole objects: what was edited goes as a merge patch on the version that was edited, what is applied as a
 * server-side apply. Both are tried on the server first, and the plan says what its answer differs in.
 */
#include <inttypes.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/change.h"
#include "core/ops/facts.h"
#include "core/ops/kube_work.h"
#include "core/ops/kube_write.h"
#include "strata/mem.h"
#include "strata/text.h"

#define APPLY "application/apply-patch+yaml"
#define WORDS_MAX 60

static json_t *document(const struct act_ctx *c, struct act_facts *facts)
{
    const char *text = act_arg(c, "document");
    json_t *j = text ? json_read(text, strlen(text), 0, NULL) : NULL;
    if (!json_is_object(j))
        act_fact(facts, FACT_REFUSED, "what is to be written is not kept in the journal: do it anew");
    if (json_is_object(j))
        return j;
    json_decref(j);
    return NULL;
}

/* ---- what goes with it: pods of a node that is written with a taint which ends them ---- */

static bool is_rolled(const struct act_ctx *c) { return kube_is_kind(c, "deployments") || kube_is_kind(c, "statefulsets") || kube_is_kind(c, "daemonsets"); }

static bool writes_evicting(const struct act_ctx *c, struct act_facts *facts)
{
    if (strcmp(c->kind->id, "nodes") != 0)
        return false;
    json_t *doc = document(c, NULL);
    bool any = kube_evicting_taints(c, act_get(doc, "spec.taints"), facts);
    json_decref(doc);
    return any;
}

static bool writes_labels(const struct act_ctx *c, struct act_facts *facts)
{
    if (strcmp(c->kind->id, "nodes") != 0 || !c->obj)
        return false;
    json_t *doc = document(c, NULL);
    const json_t *labels = act_get(doc, "metadata.labels");
    bool any = kube_relabels(c->obj, labels);
    if (any && facts)
        kube_say_unselected(c, labels, facts);
    json_decref(doc);
    return any;
}

/* Does it say where the pods of a workload may run? Then the nodes are looked at. */
static bool writes_place(const struct act_ctx *c)
{
    if (!is_rolled(c) || !c->obj)
        return false;
    json_t *doc = document(c, NULL);
    const json_t *spec = act_get(doc, "spec.template.spec");
    bool any = json_object_get(spec, "nodeSelector") || json_object_get(spec, "affinity") || json_object_get(spec, "tolerations") ||
               (spec && act_get(c->obj, "spec.template.spec.tolerations"));
    json_decref(doc);
    return any;
}

/* Of a Service: facts NULL: does it get another selector? path: of the pods that it has then. */
static bool reselects(const struct act_ctx *c, struct str *path, struct act_facts *facts)
{
    json_t *doc = strcmp(c->kind->id, "services") ? NULL : document(c, NULL);
    bool any = doc && kube_reselects(c, doc, path);
    if (any && facts)
        kube_say_reselected(c, doc, facts);
    json_decref(doc);
    return any;
}

static bool write_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    (void)service;
    (void)microversion;
    if (c->before)
        return false;
    if (writes_labels(c, NULL))
        return kube_labels_side(c, i, path);
    if (i)
        return false;
    if (reselects(c, path, NULL))
        return true;
    return writes_place(c) ? str_adds(path, "/api/v1/nodes") : writes_evicting(c, NULL) && kube_pods_on_node(c, path);
}

static enum act_takes write_takes(const struct act_ctx *c)
{
    return writes_evicting(c, NULL) || writes_labels(c, NULL) ? TAKES_LISTS : TAKES_ITSELF;
}

/* ---- what would change ---- */

static json_t *shown(const json_t *obj)
{
    static const char *const noise[] = {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"};
    json_t *o = json_deep_copy(obj), *meta = json_object_get(o, "metadata");
    for (size_t i = 0; meta && i < sizeof noise / sizeof *noise; i++)
        json_object_del(meta, noise[i]);
    json_object_del(o, "status");
    return o;
}

void kube_say_change(const json_t *was, const json_t *is, struct act_facts *facts)
{
    json_t *a = was ? shown(was) : NULL, *b = shown(is);
    struct str words;
    str_init(&words, 1 << 20);
    size_t n = was ? change_words(&words, a, b, WORDS_MAX) : 0;
    for (char *p = words.data; p && *p;) {
        size_t len = strcspn(p, "\n");
        act_fact(facts, FACT_INFO, "%.*s", (int)len, p);
        p += len + (p[len] == '\n');
    }
    if (n > WORDS_MAX)
        act_fact(facts, FACT_INFO, "... %zu values in all", n);
    if (was && !n)
        act_fact(facts, FACT_INFO, "nothing of it would change");
    str_release(&words);
    json_decref(a);
    json_decref(b);
}

/* The server's causes, each with its field: "spec.replicas: Invalid value: -1: must be greater than or equal to 0". */
static void say_causes(const json_t *status, struct str *why)
{
    const json_t *causes = act_get(status, "details.causes");
    const char *message = act_str(status, "message");
    if (!json_array_size(causes) || strstr(act_str(status, "reason"), "BadRequest")) {
        str_adds(why, message);
        return;
    }
    for (size_t i = 0; i < json_array_size(causes) && i < 20; i++) {
        const json_t *one = json_array_get(causes, i);
        const char *field = act_str(one, "field"), *text = act_str(one, "message");
        const char *body = !strcmp(field, "patch") ? strrchr(text, '}') : NULL;        /* it repeats all that was sent */
        text = body && body[1] == ':' ? body + 2 + (body[2] == ' ') : text;
        field = body ? "" : field;
        bool immutable = strstr(text, "immutable") || strstr(text, "may not change") || strstr(text, "updates to ");
        str_addf(why, "%s%s%s%s%s", i ? "; " : "", field, *field && *text ? ": " : "", text,
                 immutable ? " (it cannot be changed: delete the object and make it anew)" : "");
    }
}

static const char *from(const struct act_ctx *c)
{
    const char *f = act_arg(c, "from");
    return f ? f : "";
}

/* No node takes what it makes from now on: what goes does not come back. */
static bool nowhere(const struct act_ctx *c, struct act_facts *facts)
{
    const json_t *was = act_get(c->obj, "spec.template"), *is = act_get(c->answer, "spec.template"), *nodes = json_object_get(c->side[0].json, "items");
    static const char *const place[] = {"spec.nodeSelector", "spec.affinity", "spec.tolerations"};
    bool moved = false;
    size_t n = json_array_size(nodes), fit = 0;
    for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
        const json_t *a = act_get(was, place[i]), *b = act_get(is, place[i]);
        moved |= a != b && !json_equal(a, b);
    }
    if (!moved || !writes_place(c))
        return false;
    if (!json_is_array(nodes)) {
        act_fact(facts, FACT_CAUTION, "whether a node takes its new pods could not be read (HTTP %d)", c->side[0].status);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        fit += kube_is_kind(c, "daemonsets") ? kube_pod_wants(is, json_array_get(nodes, i)) : kube_pod_fits(is, json_array_get(nodes, i));
    if (fit)
        act_fact(facts, FACT_INFO, "%zu of %zu nodes take%s its new pods", fit, n, fit == 1 ? "s" : "");
    else
        act_fact(facts, FACT_DANGER, "none of the %zu nodes takes its new pods (nodeSelector, affinity, tolerations): they stay Pending", n);
    return !fit;
}

/* What rolls it goes by the new text: how many are away at a time, and whether any come back. */
static void counts_as_roll(const struct act_ctx *c, struct act_facts *facts)
{
    int64_t all, away = kube_roll_away(c->answer, &all);
    bool lost = nowhere(c, facts), daemon = kube_is_kind(c, "daemonsets");
    kube_say_roll(c->answer, facts);
    if (lost)
        act_counts_as(facts, daemon ? "delete" : "scale", daemon ? -1 : all - away);
    else
        act_counts_as(facts, away && away >= all ? "recreate" : "set-image", all - away);
}

/* A text that scales down or rolls a workload does what those actions do. */
static void counts_as(const struct act_ctx *c, struct act_facts *facts)
{
    bool rolled = is_rolled(c), workload = rolled || kube_is_kind(c, "replicasets");
    int64_t now = act_num(c->obj, "spec.replicas", -1), want = act_num(c->answer, "spec.replicas", -1);
    bool rolls = rolled && !json_equal(act_get(c->obj, "spec.template"), act_get(c->answer, "spec.template"));
    if (rolls)
        counts_as_roll(c, facts);
    if (workload && want >= 0 && want < now) {
        kube_say_fewer(c, now, want, facts);
        if (!rolls || kube_roll_away(c->answer, &now) < want)          /* what is worse counts */
            act_counts_as(facts, "scale", want);
    }
}

static void write_tried(const struct act_ctx *c, int status, struct str *why, struct act_facts *facts)
{
    struct str raw;
    if (status < 400) {
        if (c->obj) {
            kube_say_change(c->obj, c->answer, facts);
            counts_as(c, facts);
            reselects(c, NULL, facts);
        } else {
            act_fact(facts, FACT_INFO, "it is not there yet: it is made");
        }
        return;
    }
    if ((status >= 500 && !strstr(act_str(c->answer, "message"), "typed patch object")) || status == 429)
        return;                            /* that one is about what was sent, the others about the server */
    str_init(&raw, 65536);
    if (*from(c))
        str_addf(&raw, "%s: ", from(c));
    str_adds(&raw, "the server would refuse it: ");
    say_causes(c->answer, &raw);
    if (status == 409 && !strcmp(c->action->id, "apply") && strstr(act_str(c->answer, "message"), "conflict"))
        str_adds(&raw, " (these fields belong to others; --force takes them over)");
    if (raw.len && json_is_object(c->answer))
        text_clean(why, raw.data, raw.len, 0);
    str_release(&raw);
}

/* ---- edit ---- */

/* A number of all that the user could see and edit: the same when only the server's own bookkeeping went on. */
void kube_edit_mark(const json_t *obj, char *buf, size_t size)
{
    static const char *const own[] = {"managedFields", "resourceVersion", "generation"};
    json_t *o = json_deep_copy(obj), *meta = json_object_get(o, "metadata");
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; meta && i < sizeof own / sizeof *own; i++)
        json_object_del(meta, own[i]);
    json_object_del(o, "status");
    char *text = o ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    for (const char *p = text; p && *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    snprintf(buf, size, "%016" PRIx64, text ? h : 0);
    json_text_free(text);
    json_decref(o);
}

static enum act_verdict edit_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    json_t *doc = document(c, facts), *meta = json_object_get(doc, "metadata");
    const char *mark = act_arg(c, "mark");
    char now[40];
    if (!doc)
        return ACT_REFUSED;
    if (mark && *mark && !json_object_get(doc, "status")) {
        kube_edit_mark(c->obj, now, sizeof now);
        if (!strcmp(mark, now) && meta)        /* only the server's own went on: it is what was edited */
            json_object_set_new(meta, "resourceVersion", json_string(act_str(c->obj, "metadata.resourceVersion")));
    }
    kube_say_keepers(c->obj, facts);
    writes_evicting(c, facts);
    writes_labels(c, facts);
    rq->method = "PATCH";
    rq->content_type = KUBE_MERGE;
    rq->body = doc;
    return act_path(c, &rq->path, NULL) && str_adds(&rq->path, "?fieldManager=strata-edit&fieldValidation=Strict") ? ACT_SEND : ACT_REFUSED;
}

/* Nothing of it waits for a rollout: that it goes on, and what follows it. */
static void say_unfollowed(const struct act_ctx *c, struct str *why)
{
    struct str how;
    str_init(&how, 4096);
    if (is_rolled(c) && kube_rollout_seen(c->obj, NULL, &how) == SEEN_WAIT)
        str_addf(why, "%sits rollout goes on and is not followed (%.200s): strata rollout status %s %s%s%s does", why->len ? "; " : "", how.data ? how.data : "", c->kind->singular,
                 c->name, *c->scope ? " -n " : "", c->scope);
    str_release(&how);
}

/* The patch without what binds it to a version, and without a status, which its controller writes and an edit beside other changes does not. */
static json_t *wishes(const struct act_ctx *c)
{
    json_t *doc = document(c, NULL), *meta = json_object_get(doc, "metadata");
    if (meta) {
        json_object_del(meta, "resourceVersion");
        json_object_del(meta, "uid");
        if (!json_object_size(meta))
            json_object_del(doc, "metadata");
    }
    if (json_object_size(doc) > 1)
        json_object_del(doc, "status");
    return doc;
}

static enum act_seen edit_seen(const struct act_ctx *c, struct str *why)
{
    json_t *doc = wishes(c);
    bool holds = doc && c->obj && change_holds(c->obj, doc);
    bool same = c->obj && c->answer && !strcmp(act_str(c->obj, "metadata.resourceVersion"), act_str(c->answer, "metadata.resourceVersion"));
    json_decref(doc);
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (!holds && !same)
        str_adds(why, "somebody changed it again meanwhile");
    say_unfollowed(c, why);
    return SEEN_DONE;
}

static enum act_arrived edit_arrived(const struct act_ctx *c)
{
    json_t *doc = wishes(c);
    bool holds = doc && c->obj && change_holds(c->obj, doc);
    json_decref(doc);
    return !c->obj ? ARRIVED_UNKNOWN : holds ? ARRIVED_YES : ARRIVED_NO;
}

static const char *edit_undo(const struct act_ctx *c, struct str *args)
{
    json_t *doc = strcmp(act_str(c->before, "kind"), "Secret") ? wishes(c) : NULL;     /* what a secret was is written down nowhere */
    json_t *back = doc ? change_back(doc, c->before) : NULL;
    char *text = back ? json_dumps(back, JSON_COMPACT) : NULL;
    if (text)
        str_addf(args, "document=%s\n", text);
    json_text_free(text);
    json_decref(back);
    json_decref(doc);
    return text ? c->action->id : NULL;
}

/* ---- apply ---- */

static enum act_verdict apply_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    json_t *doc = document(c, facts);
    if (!doc)
        return ACT_REFUSED;
    if (c->obj)
        kube_say_keepers(c->obj, facts);
    writes_evicting(c, facts);
    writes_labels(c, facts);
    rq->method = "PATCH";
    rq->content_type = APPLY;
    rq->body = doc;
    bool ok = act_path(c, &rq->path, NULL);
    str_addf(&rq->path, "?fieldManager=strata&force=%s&fieldValidation=Strict", act_bool(c, "force") ? "true" : "false");
    return ok && !rq->path.failed ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen apply_seen(const struct act_ctx *c, struct str *why)
{
    if (!c->obj) {
        str_adds(why, c->answer ? "it was deleted meanwhile" : "it is not there");
        return c->answer ? SEEN_FAILED : SEEN_WAIT;
    }
    if (!strcmp(act_str(c->obj, "kind"), "CustomResourceDefinition")) {
        const json_t *e = kube_condition_of(c->obj, "Established"), *n = kube_condition_of(c->obj, "NamesAccepted");
        if (!strcmp(act_str(n, "status"), "False")) {
            str_addf(why, "its names are not accepted: %.300s", act_str(n, "message"));
            return SEEN_FAILED;
        }
        if (strcmp(act_str(e, "status"), "True") != 0) {
            str_adds(why, "the server does not serve it yet");
            return SEEN_WAIT;
        }
    }
    if (c->answer) {                       /* a server may write a new version of what is the same */
        json_t *was = c->before ? shown(c->before) : NULL, *is = shown(c->answer);
        bool other = was && !json_equal(was, is);
        str_adds(why, !was ? "made" : other ? "configured" : "unchanged");
        if (other)
            say_unfollowed(c, why);
        json_decref(was);
        json_decref(is);
    }
    return SEEN_DONE;
}

static const char *const any_kind[] = {"*", NULL};
static const struct action_arg edit_args[] = {
    {.name = "document", .help = "A merge patch.", .type = ARG_TEXT, .required = true},
    {.name = "mark", .help = "Of what was edited.", .type = ARG_TEXT},
};
static const struct action_arg apply_args[] = {
    {.name = "document", .help = "The object as JSON.", .type = ARG_TEXT, .required = true},
    {.name = "from", .help = "FILE:LINE it stands at.", .type = ARG_TEXT},
    {.name = "force", .help = "Takes over fields that belong to others.", .type = ARG_BOOL},
};

const struct action kube_write_actions[] = {
    {.id = "edit", .past = "edited", .kinds = any_kind, .help = "Changes an object in an editor.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN | ACTION_ONE | ACTION_HIDDEN, .args = edit_args, .nargs = 2, .side = write_side, .takes = write_takes, .build = edit_build, .observe = edit_seen,
     .arrived = edit_arrived, .undo = edit_undo, .tried = write_tried},
    {.id = "apply", .past = "applied", .kinds = any_kind, .help = "Makes or changes objects as a file says.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN | ACTION_HIDDEN | ACTION_MAKES, .args = apply_args, .nargs = 3, .side = write_side, .takes = write_takes, .build = apply_build,
     .observe = apply_seen, .tried = write_tried},
    {0},
};
