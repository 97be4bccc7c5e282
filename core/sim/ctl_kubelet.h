/*
 * Purpose:   the kubelets' own view of the pods they work on, shared by ctl_kubelet.c (life) and ctl_kill.c (death).
 *            A pod that runs and is ready is not worked on: nothing is kept of it here.
 * Thread:    the one of the simulation.
 * Ownership: kubelet_pod belongs to the map ctl->kubelet (by uid).
 * Errors:    none.
 * Units:     ms; `at` and `due` are monotonic, NEVER = not by itself.
 */
#ifndef STRATA_SIM_CTL_KUBELET_H
#define STRATA_SIM_CTL_KUBELET_H

#include "core/sim/ctl.h"

#define NEVER INT64_MAX

enum box_state { BOX_NEW, BOX_PULLING, BOX_PULL_FAILED, BOX_PULL_BACKOFF, BOX_STARTING, BOX_RUNNING, BOX_EXITED, BOX_BACKOFF, BOX_DONE };
struct box {                    /* a container */
    char *name, *image;
    json_t *status;             /* as it stands in containerStatuses */
    enum box_state st;
    bool init, sidecar, pulled_before;
    int64_t at, end_at, ready_at, backoff, began;
    int exit_code;
    const char *exit_reason;    /* NULL: by the code */
};
enum pod_stage { POD_NEW, POD_SANDBOX, POD_UP, POD_STOPPING, POD_STOPPED };
struct kubelet_pod {
    char *ns, *name, *uid, *node, *behaviour, *sick;
    unsigned alarm;             /* the newest timer; older ones are void */
    enum pod_stage stage;
    int64_t at, probe_at, grace;
    bool deaf, resumed;
    struct box *box;
    size_t n, ninit;
};

struct kubelet_pod *kubelet_adopt(struct sim *s, const struct ctl_item *it, const json_t *doc);    /* by what its status says */
void kubelet_arm(struct sim *s, struct kubelet_pod *k);
int64_t kubelet_delay(struct sim *s, const json_t *pod, const char *what, int low, int high);      /* annotation or chance; scaled */
void kubelet_render(struct sim *s, struct kubelet_pod *k, json_t *pod);
void kubelet_waiting(struct box *b, const char *reason, const char *message);
void kubelet_exited(struct sim *s, struct box *b, int code, const char *reason);
void kubelet_stop(struct sim *s, struct kubelet_pod *k, const json_t *pod);            /* the pod is to end: begins, or hurries up */
void kubelet_stop_step(struct sim *s, struct kubelet_pod *k, json_t *pod, int64_t now);
bool kubelet_node_works(struct sim *s, const char *node);
void kubelet_work(struct sim *s, struct kubelet_pod *k);
void kubelet_order(json_t *pod);

#endif
