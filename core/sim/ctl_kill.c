/* The death of a pod on its node: SIGTERM, the grace period, containers that end, and the last word to the API server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl_kubelet.h"
#include "strata/clock.h"

static int64_t pre_stop(const json_t *pod)
{
    int64_t longest = 0;
    json_t *all = jat(pod, "spec.containers");
    for (size_t i = 0; i < json_array_size(all); i++) {
        int64_t s = jint(json_array_get(all, i), "lifecycle.preStop.sleep.seconds");
        longest = s > longest ? s : longest;
    }
    return longest * 1000;
}

void kubelet_stop(struct sim *s, struct kubelet_pod *k, const json_t *pod)
{
    int64_t now = clock_mono_ms(), grace = ctl_ms(s, jint(pod, "metadata.deletionGracePeriodSeconds") * 1000);
    bool any = false;
    if (k->stage == POD_STOPPED)
        return;
    if (k->stage == POD_STOPPING) {                            /* deleted again with less patience */
        if (now + grace < k->at) {
            k->at = now + grace;
            k->deaf = true;
            kubelet_arm(s, k);
        }
        return;
    }
    for (size_t i = 0; i < k->n; i++) {
        struct box *b = &k->box[i];
        if (b->st != BOX_RUNNING)
            continue;
        char *field = sim_printf("spec.%s{%s}", b->init ? "initContainers" : "containers", b->name);
        ctl_event(s, pod, "Normal", "Killing", "kubelet", field, "Stopping container %s", b->name);
        free(field);
        any = true;
    }
    const char *note = ctl_note_str(pod, SIM_NOTE "stop-ms");
    int64_t takes = any ? ctl_ms(s, pre_stop(pod)) + kubelet_delay(s, pod, "stop-ms", 900, 1700) : ctl_ms(s, 200);
    k->deaf = any && (*note == '-' || takes > grace);
    k->at = now + (k->deaf ? grace : takes);
    k->stage = POD_STOPPING;
    kubelet_arm(s, k);
}

void kubelet_stop_step(struct sim *s, struct kubelet_pod *k, json_t *pod, int64_t now)
{
    if (now < k->at) {
        kubelet_arm(s, k);
        return;
    }
    if (k->stage == POD_STOPPING) {
        /* services end in order when they are told to, batch work just dies of the signal */
        int code = k->deaf ? 137 : strcmp(jstr(pod, "metadata.ownerReferences.0.kind"), "Job") == 0 ? 143 : 0;
        for (size_t i = 0; i < k->n; i++) {
            struct box *b = &k->box[i];
            if (b->st == BOX_RUNNING)
                kubelet_exited(s, b, code, NULL);
            else if (!b->init && !jat(b->status, "state.terminated"))
                json_object_set_new(b->status, "state", jt("{'terminated':{'exitCode':137,'reason':'ContainerStatusUnknown','message':'The container could "
                                                           "not be located when the pod was terminated','startedAt':null,'finishedAt':null}}"));
            json_object_set_new(b->status, "ready", json_boolean(b->init && b->st == BOX_DONE));
        }
        k->stage = POD_STOPPED;
        k->at = now + ctl_ms(s, 120 + (int64_t)(sim_rand(s) % 150));
        kubelet_render(s, k, pod);
        kubelet_arm(s, k);
        ctl_put(s, K_POD, json_incref(pod));
        return;
    }
    struct obj *o = ctl_get(s, K_POD, k->ns, k->name);         /* k is forgotten when its pod is deleted */
    if (o)
        ctl_delete(s, o, &(struct ctl_delete){0, NULL});
}
