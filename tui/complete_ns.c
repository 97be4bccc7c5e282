/* Namespaces for completion: asked of the servers when one is about to be typed, watched while the prompt is open. */
#include <string.h>

#include "tui/app_int.h"

void namespaces_want(struct app *a)
{
    for (size_t i = 0; i < a->nsrc; i++) {
        if (a->src[i].plane == PLANE_KUBE && !a->ns_feed[i]) a->ns_feed[i] = core_open(a->core, a->src[i].id, "namespaces", "");
    }
}

bool namespaces_event(struct app *a, struct event *e)
{
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++) {
        if (!a->ns_feed[i] || a->ns_feed[i] != e->id || !e->snap) continue;
        snap_unref(a->ns_snap[i]);
        a->ns_snap[i] = snap_ref(e->snap);
        prompt_again(a);
        return true;
    }
    return false;
}

const char *namespaces_next(const struct app *a, size_t *source, size_t *slot)
{
    for (; *source < CORE_MAX_SOURCES; ++*source, *slot = 0) {
        const struct snap *s = a->ns_snap[*source];
        while (s && *slot < snap_slots(s)) {
            const struct row *r = snap_row(s, (*slot)++);
            if (r) return r->name;
        }
    }
    return NULL;
}

void namespaces_rest(struct app *a)
{
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++) {
        if (a->ns_feed[i]) core_close(a->core, a->ns_feed[i]);
        a->ns_feed[i] = 0;
    }
}

void namespaces_release(struct app *a)
{
    namespaces_rest(a);
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++) {
        snap_unref(a->ns_snap[i]);
        a->ns_snap[i] = NULL;
    }
}
