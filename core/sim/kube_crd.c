/* Custom resource definitions made at run time: what they define is served until they are deleted. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

static bool is_crd(const struct res *res) { return strcmp(res->plural, "customresourcedefinitions") == 0; }

static struct res *defined(struct sim *s, const json_t *doc)
{
    for (size_t i = 0; i < s->nres; i++)
        if (strcmp(s->res[i]->plural, jstr(doc, "spec.names.plural")) == 0 && strcmp(s->res[i]->group, jstr(doc, "spec.group")) == 0)
            return s->res[i];
    return NULL;
}

/* As the server's own controllers say it, right after the answer. */
static void establish(struct sim *s, struct res *res, const json_t *doc)
{
    char at[32];
    json_t *d = json_deep_copy(doc);
    stamp(sim_now(s), at);
    jset(d, "status", jt("{'conditions':[{'type':'NamesAccepted','status':'True','reason':'NoConflicts','message':'no conflicts found','lastTransitionTime':%s},"
                         "{'type':'Established','status':'True','reason':'InitialNamesAccepted','message':'the initial names have been accepted',"
                         "'lastTransitionTime':%s}],'acceptedNames':%j,'storedVersions':[%s]}", at, at, json_deep_copy(jat(doc, "spec.names")),
                         jstr(doc, "spec.versions.0.name")));
    store_put(s, res, d);
}

/* Of several versions the first one is served. */
void kube_crd_made(struct sim *s, struct res *res, const json_t *doc)
{
    static const char *const none[] = {NULL};
    if (!is_crd(res))
        return;
    const char *version = jstr(doc, "spec.versions.0.name"), *singular = jstr(doc, "spec.names.singular");
    struct res *r = defined(s, doc);
    bool status = jat(doc, "spec.versions.0.subresources.status"), scale = jat(doc, "spec.versions.0.subresources.scale");
    const char *subs = status && scale ? "status,scale" : status ? "status" : scale ? "scale" : "";
    bool namespaced = strcmp(jstr(doc, "spec.scope"), "Namespaced") == 0;
    if (r) {
        r->version = sim_strdup(version);
        r->subs = subs;
        establish(s, res, doc);
        return;
    }
    const struct res proto = {.group = sim_strdup(jstr(doc, "spec.group")), .version = sim_strdup(version), .plural = sim_strdup(jstr(doc, "spec.names.plural")),
                              .singular = sim_strdup(singular), .kind = sim_strdup(jstr(doc, "spec.names.kind")), .shorts = none,
                              .subs = subs, .namespaced = namespaced,
                              .flags = KIND_CUSTOM | KIND_GENERATION | (namespaced ? KIND_NAMESPACED : 0)};
    store_res(s, &proto);
    establish(s, res, doc);
}

void kube_crd_gone(struct sim *s, const struct res *res, const json_t *doc)
{
    struct res *r = is_crd(res) ? defined(s, doc) : NULL;
    if (!r)
        return;
    while (r->n)
        store_delete(s, r, r->items[0]->ns, r->items[0]->name);
    r->version = "";               /* served no more */
}
