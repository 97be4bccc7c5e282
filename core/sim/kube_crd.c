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

/* Of several versions the first one is served. */
void kube_crd_made(struct sim *s, const struct res *res, const json_t *doc)
{
    static const char *const none[] = {NULL};
    if (!is_crd(res))
        return;
    const char *version = jstr(doc, "spec.versions.0.name"), *singular = jstr(doc, "spec.names.singular");
    struct res *r = defined(s, doc);
    bool namespaced = strcmp(jstr(doc, "spec.scope"), "Namespaced") == 0;
    if (r) {
        r->version = sim_strdup(version);
        return;
    }
    const struct res proto = {.group = sim_strdup(jstr(doc, "spec.group")), .version = sim_strdup(version), .plural = sim_strdup(jstr(doc, "spec.names.plural")),
                              .singular = sim_strdup(singular), .kind = sim_strdup(jstr(doc, "spec.names.kind")), .shorts = none,
                              .subs = jat(doc, "spec.versions.0.subresources.status") ? "status" : "", .namespaced = namespaced,
                              .flags = KIND_CUSTOM | KIND_GENERATION | (namespaced ? KIND_NAMESPACED : 0)};
    store_res(s, &proto);
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
