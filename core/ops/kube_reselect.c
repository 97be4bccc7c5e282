/* A Service that is written with another selector: which pods are behind it then. One that none is behind serves nobody, as one that is deleted. */
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/kube_work.h"

/* The selector as it is with that change merged into it; NULL: it says nothing of it, or memory is out. */
static json_t *merged(const json_t *obj, const json_t *doc)
{
    const json_t *now = act_get(obj, "spec.selector"), *change = act_get(doc, "spec.selector");
    const char *key;
    json_t *v, *out;
    if (!json_is_object(change) || !(out = json_is_object(now) ? json_copy((json_t *)(uintptr_t)now) : json_object()))
        return NULL;
    json_object_foreach((json_t *)(uintptr_t)change, key, v) {
        if (json_is_null(v))
            json_object_del(out, key);
        else
            json_object_set(out, key, v);
    }
    return out;
}

static void words_of(const json_t *selector, struct str *out)
{
    const char *key;
    json_t *v;
    size_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)selector, key, v)
        str_addf(out, "%s%s=%s", n++ ? "," : "", key, json_is_string(v) ? json_string_value(v) : "");
}

bool kube_reselects(const struct act_ctx *c, const json_t *doc, struct str *path)
{
    if (!kube_is_kind(c, "services") || !c->obj)
        return false;
    json_t *then = merged(c->obj, doc);
    bool other = then && json_object_size(then) && !json_equal(then, act_get(c->obj, "spec.selector"));
    if (other && path) {
        struct str words;
        str_init(&words, 65536);
        words_of(then, &words);
        str_addf(path, "/api/v1/namespaces/");
        str_add_urlenc(path, c->scope);
        str_adds(path, "/pods?limit=500&labelSelector=");
        str_add_urlenc(path, words.data ? words.data : "");
        str_release(&words);
    }
    json_decref(then);
    return other;
}

void kube_say_reselected(const struct act_ctx *c, const json_t *doc, struct act_facts *facts)
{
    json_t *then = merged(c->obj, doc);
    const json_t *pods = json_object_get(c->side[0].json, "items");
    size_t ready = 0, n = json_array_size(pods);
    struct str words;
    str_init(&words, 2048);
    words_of(then, &words);
    for (size_t i = 0; i < n; i++)
        ready += kube_pod_ready(json_array_get(pods, i)) && !*act_str(json_array_get(pods, i), "metadata.deletionTimestamp");
    if (!json_is_array(pods) || !json_equal(then, act_get(c->answer, "spec.selector"))) {
        act_fact(facts, FACT_CAUTION, "which pods are behind it then could not be read (HTTP %d)", c->side[0].status);
    } else if (!ready) {
        act_fact(facts, FACT_CAUTION, n ? "no pod that is ready is behind it then: %s selects %zu" : "no pod is behind it then: %s selects none", words.data ? words.data : "", n);
        act_counts_as(facts, "delete", -1);
    } else {
        act_fact(facts, FACT_INFO, "%zu ready pod%s behind it then", ready, ready == 1 ? " is" : "s are");
    }
    str_release(&words);
    json_decref(then);
}
