/* Debug containers: the kubelet starts those that were added to a running pod, one state after the other, and never again. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

struct debug_look { char *ns, *name, uid[40]; };

static void look(struct sim *s, void *arg);

static void later(struct sim *s, const char *ns, const char *name, const char *uid, int64_t ms)
{
    struct debug_look *l = sim_alloc(sizeof(*l));
    l->ns = sim_strdup(ns);
    l->name = sim_strdup(name);
    snprintf(l->uid, sizeof(l->uid), "%s", uid);
    sim_after(s, ctl_ms(s, ms), look, l);
}

static json_t *status_of(const json_t *pod, const char *name)
{
    json_t *all = jat(pod, "status.ephemeralContainerStatuses");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "name"), name) == 0)
            return json_array_get(all, i);
    return NULL;
}

static bool missing(const char *image)
{
    const char *tag = strrchr(image, ':');
    return tag && (strstr(tag, "no-such") || strstr(tag, "missing") || strstr(tag, "broken"));
}

/* One step of one container; ms until the next, -1: it stands. */
static int64_t step(struct sim *s, json_t *pod, const json_t *box, bool *changed)
{
    const char *name = jstr(box, "name"), *image = jstr(box, "image");
    json_t *st = status_of(pod, name), *all = jat(pod, "status.ephemeralContainerStatuses");
    char at[32];
    int64_t ms;
    int code;
    if (!st) {
        if (!all) {
            all = json_array();
            json_object_set_new(jat(pod, "status"), "ephemeralContainerStatuses", all);
        }
        json_array_append_new(all, jt("{'name':%s,'state':{'waiting':{'reason':'ContainerCreating'}},'lastState':{},'ready':false,'restartCount':0,'image':%s,"
                                      "'imageID':''}", name, image));
        *changed = true;
        return 600;
    }
    const char *waits = jstr(st, "state.waiting.reason");
    if (strcmp(waits, "ContainerCreating") == 0 && missing(image)) {
        char *why = sim_printf("rpc error: code = NotFound desc = failed to pull and unpack image \"%s\": failed to resolve reference \"%s\": %s: not found",
                               image, image, image);
        json_object_set_new(st, "state", jt("{'waiting':{'reason':'ErrImagePull','message':%s}}", why));
        free(why);
        *changed = true;
    } else if (strcmp(waits, "ContainerCreating") == 0) {
        json_object_set_new(st, "state", jt("{'running':{'startedAt':%s}}", ctl_now(s, at)));
        json_object_set_new(st, "containerID", json_string("containerd://debug"));
        ctl_event(s, pod, "Normal", "Started", "kubelet", "spec.ephemeralContainers", "Container started");
        *changed = true;
        if (!json_is_true(jat(box, "stdin")) && ctl_command(box, &ms, &code))
            return ms;
    } else if (jat(st, "state.running") && !json_is_true(jat(box, "stdin")) && ctl_command(box, &ms, &code)) {
        json_object_set_new(st, "state", jt("{'terminated':{'exitCode':%i,'reason':%s,'startedAt':%s,'finishedAt':%s}}", code, code ? "Error" : "Completed",
                                            jstr(st, "state.running.startedAt"), ctl_now(s, at)));
        *changed = true;
    }
    return -1;
}

static void look(struct sim *s, void *arg)
{
    struct debug_look *l = arg;
    struct obj *o = s->ctl->running ? ctl_get(s, K_POD, l->ns, l->name) : NULL;
    if (o && strcmp(o->uid, l->uid) == 0) {
        json_t *pod = obj_doc(o), *list = jat(pod, "spec.ephemeralContainers");
        bool changed = false;
        int64_t next = -1;
        for (size_t i = 0; strcmp(jstr(pod, "status.phase"), "Running") == 0 && i < json_array_size(list); i++) {
            int64_t ms = step(s, pod, json_array_get(list, i), &changed);
            next = ms >= 0 && (next < 0 || ms < next) ? ms : next;
        }
        if (next >= 0)
            later(s, l->ns, l->name, l->uid, next);
        if (changed)
            ctl_put(s, K_POD, json_incref(pod));
        json_decref(pod);
    }
    free(l->ns);
    free(l->name);
    free(l);
}

void ctl_debug_see(struct sim *s, const struct ctl_item *it, const json_t *doc)
{
    json_t *list = jat(doc, "spec.ephemeralContainers");
    bool fresh = false;
    for (size_t i = 0; i < json_array_size(list) && !fresh; i++)
        fresh = !status_of(doc, jstr(json_array_get(list, i), "name"));
    if (fresh && it->node)
        later(s, it->o->ns, it->o->name, it->o->uid, 40);
}
