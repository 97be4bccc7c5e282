/* label and annotate, with kubectl's words: key=value sets, key- removes, what is there is only changed with overwrite. */
#include <string.h>

#include "core/ops/kube_work.h"

/* One word of what was asked for. */
struct word { const char *key, *value; size_t key_len, value_len; bool remove; };

static bool is_label(const struct act_ctx *c) { return !strcmp(c->action->id, "label"); }
static const char *map_name(const struct act_ctx *c) { return is_label(c) ? "labels" : "annotations"; }
static const json_t *map_of(const struct act_ctx *c, const json_t *o) { return json_object_get(act_get(o, "metadata"), map_name(c)); }

/* Takes the next word off *p; a label has no comma and no space, an annotation may: there a line is a word. 0: end, -1: no word. */
static int next_word(const struct act_ctx *c, const char **p, struct word *w)
{
    const char *between = is_label(c) ? ", \n" : "\n";
    *p += strspn(*p, between);
    size_t len = strcspn(*p, between), key = strcspn(*p, "=");
    if (!len)
        return 0;
    *w = (struct word){.key = *p, .key_len = key < len ? key : len, .remove = key >= len};
    if (w->remove)
        w->key_len -= (*p)[len - 1] == '-';
    else
        w->value = *p + key + 1, w->value_len = len - key - 1;
    bool good = w->key_len && (!w->remove || (*p)[len - 1] == '-');
    *p += len;
    return good ? 1 : -1;
}

static const char *has(const json_t *map, const struct word *w)
{
    return json_string_value(json_object_getn(map, w->key, w->key_len));
}

static bool is_so(const json_t *map, const struct word *w)
{
    const char *v = has(map, w);
    return w->remove ? !v : v && strlen(v) == w->value_len && !memcmp(v, w->value, w->value_len);
}

/* Is all that was asked for so? */
static bool all_so(const struct act_ctx *c, const json_t *o)
{
    const char *p = act_arg(c, "set");
    struct word w;
    while (p && next_word(c, &p, &w) > 0)
        if (!is_so(map_of(c, o), &w))
            return false;
    return true;
}

/* ---- a node's labels say which daemon sets run there ---- */

static bool relabels_node(const struct act_ctx *c) { return is_label(c) && kube_is_kind(c, "nodes"); }

static bool meta_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    (void)service;
    (void)microversion;
    return !c->before && relabels_node(c) && kube_labels_side(c, i, path);
}

/* What is only added ends nothing, as a rule. */
static enum act_takes meta_takes(const struct act_ctx *c)
{
    const char *p = act_arg(c, "set");
    struct word w;
    while (p && relabels_node(c) && next_word(c, &p, &w) > 0)
        if (has(map_of(c, c->obj), &w) && !is_so(map_of(c, c->obj), &w))
            return TAKES_LISTS;
    return TAKES_ITSELF;
}

static enum act_verdict meta_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    const char *p = act_arg(c, "set");
    json_t *out = json_object();
    const json_t *map = map_of(c, c->obj);
    struct word w = {0};
    int got = p ? 0 : -1;
    bool refused = false;
    while (p && (got = next_word(c, &p, &w)) > 0) {
        const char *now = has(map, &w);
        if (is_so(map, &w))
            continue;
        if (now && !w.remove && !act_bool(c, "overwrite")) {
            act_fact(facts, FACT_REFUSED, "%.*s is %s already: say overwrite to change it", (int)w.key_len, w.key, now);
            refused = true;
        } else if (w.remove) {
            act_fact(facts, FACT_INFO, "%.*s, now %s, is removed", (int)w.key_len, w.key, now);
            json_object_setn_new(out, w.key, w.key_len, json_null());
        } else {
            act_fact(facts, FACT_INFO, "%.*s becomes %.*s%s%s", (int)w.key_len, w.key, (int)w.value_len, w.value, now ? ", was " : "", now ? now : "");
            json_object_setn_new(out, w.key, w.key_len, json_stringn(w.value, w.value_len));
        }
    }
    if (got < 0 && p && w.key_len)
        act_fact(facts, FACT_REFUSED, "'%.*s' is no %s: key=value sets, key- removes", (int)(strcspn(w.key, "\n") < 80 ? strcspn(w.key, "\n") : 80), w.key, c->action->id);
    else if (got < 0)
        act_fact(facts, FACT_REFUSED, "what shall be set? key=value sets, key- removes");
    if (got < 0 || refused || !json_object_size(out)) {
        json_decref(out);
        return got < 0 || refused ? ACT_REFUSED : ACT_ALREADY;
    }
    if (is_label(c) && kube_is_kind(c, "pods") && kube_controller(c->obj))
        act_fact(facts, FACT_CAUTION, "if its owner or a service selects pods by this label, the pod leaves or joins them");
    kube_say_keepers(c->obj, facts);
    if (relabels_node(c) && !c->before)
        kube_say_unselected(c, out, facts);
    return kube_patch(c, rq, NULL, KUBE_MERGE, json_pack("{s:{s:o}}", "metadata", map_name(c), out)) ? ACT_SEND : ACT_REFUSED;
}

/* Removed only? */
static const char *meta_past(const struct act_ctx *c)
{
    const char *p = act_arg(c, "set");
    struct word w;
    while (p && next_word(c, &p, &w) > 0)
        if (!w.remove)
            return NULL;
    return is_label(c) ? "label removed" : "annotation removed";
}

static enum act_seen meta_seen(const struct act_ctx *c, struct str *why)
{
    if (c->obj && all_so(c, c->obj))
        return SEEN_DONE;
    str_adds(why, c->obj ? "another change took over: it was set to something else meanwhile" : "it was deleted meanwhile");
    return c->obj ? SEEN_OVERTAKEN : SEEN_FAILED;
}

static enum act_arrived meta_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : all_so(c, c->obj) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *meta_undo(const struct act_ctx *c, struct str *args)
{
    const char *p = act_arg(c, "set"), *sep = is_label(c) ? "," : "\n";
    struct word w;
    bool any = false;
    if (!is_label(c) && p && strchr(p, '\n'))
        return NULL;                /* several lines do not fit one argument */
    while (p && c->before && next_word(c, &p, &w) > 0) {
        const char *was = has(map_of(c, c->before), &w);
        if (is_so(map_of(c, c->before), &w) || (was && strchr(was, '\n')))
            continue;
        str_addf(args, "%s%.*s%s%s", any ? sep : "set=", (int)w.key_len, w.key, was ? "=" : "-", was ? was : "");
        any = true;
    }
    if (any)
        str_adds(args, "\noverwrite=true\n");
    return any ? c->action->id : NULL;
}

static const char *const any_kind[] = {"*", NULL};
static const struct action_arg label_args[] = {
    {.name = "set", .help = "key=value sets, key- removes; several with commas, or as words behind the name.", .type = ARG_TEXT, .required = true},
    {.name = "overwrite", .help = "Also change what has another value now.", .type = ARG_BOOL},
};
static const struct action_arg annotate_args[] = {
    {.name = "set", .help = "key=value sets, key- removes; also as words behind the name.", .type = ARG_TEXT, .required = true},
    {.name = "overwrite", .help = "Also change what has another value now.", .type = ARG_BOOL},
};

const struct action kube_meta_actions[] = {
    {.id = "label", .past = "labeled", .kinds = any_kind, .help = "Sets, changes or removes labels.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = label_args, .nargs = 2, .side = meta_side, .takes = meta_takes, .build = meta_build, .observe = meta_seen,
     .arrived = meta_arrived, .undo = meta_undo, .past_of = meta_past},
    {.id = "annotate", .past = "annotated", .kinds = any_kind, .help = "Sets, changes or removes annotations.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = annotate_args, .nargs = 2, .build = meta_build, .observe = meta_seen,
     .arrived = meta_arrived, .undo = meta_undo, .past_of = meta_past},
    {0},
};
