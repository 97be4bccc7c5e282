/* Lists of whole clusters, kept by a watch while operations run. */
#include "core/ops/lists.h"

#include <string.h>

#include "core/kube/kube.h"
#include "core/kube/kube_kind.h"
#include "core/ops/op.h"
#include "strata/mem.h"

struct op_list {
    struct op_list *next;
    struct source *src;
    const char *path;
    struct kube_tap *tap;
    json_t *list, *fresh;          /* {"items": [...]}; fresh: items of a list that is on its way */
    bool current;                  /* listed, and its watch has not ended */
};

static const struct kube_kind budgets = {.group = "policy", .version = "v1", .resource = "poddisruptionbudgets", .object_kind = "PodDisruptionBudget"};
static const struct kind budget_kind = {.id = "poddisruptionbudgets", .singular = "poddisruptionbudget", .title = "Poddisruptionbudgets", .help = "",
                                        .plane = PLANE_KUBE, .flags = KIND_NAMESPACED, .kube = &budgets};

/* NULL id: the kind that stands here. */
static const struct { const char *path, *id; } kept[] = {
    {"/apis/policy/v1/poddisruptionbudgets", NULL}, {"/apis/apps/v1/daemonsets", "daemonsets"}, {"/apis/apps/v1/statefulsets", "statefulsets"},
};

/* ---- what the watch says ---- */

static size_t at_of(const json_t *items, const json_t *obj)
{
    const char *uid = act_str(obj, "metadata.uid");
    size_t i = 0;
    while (i < json_array_size(items) && strcmp(act_str(json_array_get(items, i), "metadata.uid"), uid) != 0)
        i++;
    return i;
}

static void on_object(void *arg, enum kube_tap_event ev, const json_t *obj, int64_t arrived_us)
{
    struct op_list *l = arg;
    json_t *items = json_object_get(l->list, "items"), *o = (json_t *)(uintptr_t)obj;
    size_t at = ev == TAP_ITEM ? 0 : at_of(items, obj);
    bool ok;
    (void)arrived_us;
    if (ev == TAP_ITEM)
        ok = json_array_append(l->fresh, o) == 0;
    else if (ev == TAP_DELETED)
        ok = at == json_array_size(items) || json_array_remove(items, at) == 0;
    else
        ok = at == json_array_size(items) ? json_array_append(items, o) == 0 : json_array_set(items, at, o) == 0;
    if (!ok) {                     /* out of memory: not what the server has, until it is listed again */
        l->current = false;
        json_object_del(l->list, "items");
        json_decref(l->fresh);
        l->fresh = NULL;
    }
}

static void on_link(void *arg, enum kube_tap_link link, const struct err *err)
{
    struct op_list *l = arg;
    (void)err;
    if (link == TAP_LISTING) {
        json_decref(l->fresh);
        l->fresh = json_array();
    } else if (link == TAP_LISTED) {
        l->current = l->fresh && json_object_set_new(l->list, "items", l->fresh) == 0;
        l->fresh = NULL;
    } else {
        l->current = link == TAP_UP && json_is_array(json_object_get(l->list, "items"));
    }
}

static const struct kube_tap_ops tap_ops = {.object = on_object, .link = on_link};

/* ---- who asks ---- */

static void list_free(struct op_list *l)
{
    kube_tap_close(l->tap);
    json_decref(l->list);
    json_decref(l->fresh);
    mem_free(l);
}

static struct op_list *list_open(struct core *c, struct source *src, size_t which)
{
    struct err err = ERR_INIT;
    struct kube_source *ks = kube_source_of(src, &err);
    struct op_list *l = ks ? mem_zalloc(sizeof *l) : NULL;
    const struct kind *k = kept[which].id ? kind_find(kept[which].id) : &budget_kind;
    if (!l)
        return NULL;
    *l = (struct op_list){.next = c->ops->lists, .src = src, .path = kept[which].path, .list = json_object()};
    l->tap = l->list && k ? kube_tap_open(ks, k, "", NULL, &tap_ops, l) : NULL;
    if (!l->tap) {
        list_free(l);
        return NULL;
    }
    c->ops->lists = l;
    return l;
}

json_t *lists_now(struct core *c, struct source *src, const char *path)
{
    struct op_list *l = c->ops->lists;
    size_t which = 0;
    while (which < sizeof kept / sizeof *kept && strcmp(kept[which].path, path) != 0)
        which++;
    if (which == sizeof kept / sizeof *kept)
        return NULL;
    while (l && (l->src != src || strcmp(l->path, path) != 0))
        l = l->next;
    if (!l)
        l = list_open(c, src, which);
    return l && l->current ? json_incref(l->list) : NULL;
}

void lists_close(struct core *c)
{
    for (struct op_list *l; (l = c->ops->lists);) {
        c->ops->lists = l->next;
        list_free(l);
    }
}
