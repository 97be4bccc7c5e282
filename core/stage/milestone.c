/* Milestones from pod objects: what has been seen, by uid, in whatever order the owner does things. */
#include "core/stage/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/kube/kube_rq.h"
#include "strata/mem.h"
#include "strata/text.h"

void machine_init(struct machine *m, const char *old_uid, const char *owner_uid)
{
    *m = (struct machine){.failed = false};
    snprintf(m->old_uid, sizeof m->old_uid, "%s", old_uid);
    snprintf(m->owner_uid, sizeof m->owner_uid, "%s", owner_uid);
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        m->mark[i].server_ms = CELL_NONE;
}

void machine_release(struct machine *m)
{
    mem_free(m->pod);
    machine_slices_release(m);
    *m = (struct machine){.failed = false};
}

/* ---- marks ---- */

static bool seen(const struct machine *m, enum stage_mid id)
{
    return m->mark[id].seen == STAGE_SEEN || m->mark[id].seen == STAGE_SEEN_LATE;
}

bool machine_is_set(const struct machine *m, enum stage_mid id)
{
    return m->mark[id].seen != STAGE_WAITING;
}

void machine_mark(struct machine *m, enum stage_mid id, struct machine_stamp s)
{
    struct machine_mark *k = &m->mark[id];
    if (seen(m, id))
        return;
    k->stamp = s;
    k->seen = s.since_us < s.at_us ? STAGE_SEEN_LATE : STAGE_SEEN;
}

void machine_mark_server(struct machine *m, enum stage_mid id, const char *time, enum stage_whose clock)
{
    struct machine_mark *k = &m->mark[id];
    if (!time || k->server_ms != CELL_NONE || !text_parse_time(time, strlen(time), &k->server_ms))
        return;
    k->trunc_ms = strchr(time, '.') ? 0 : 1000;      /* metav1.Time has whole seconds, MicroTime has not */
    k->clock = clock;
}

void machine_set(struct machine *m, enum stage_mid id, struct machine_stamp s, const char *detail)
{
    machine_mark(m, id, s);
    stage_text(m->mark[id].detail, sizeof m->mark[id].detail, detail);
}

void machine_not_expected(struct machine *m, enum stage_mid id, const char *why)
{
    if (seen(m, id))
        return;
    m->mark[id].seen = STAGE_NOT_EXPECTED;
    stage_text(m->mark[id].detail, sizeof m->mark[id].detail, why);
}

/* Accepted not later than its first consequence was seen: a watch line may overtake the answer. */
void machine_evidence(struct machine *m, struct machine_stamp s)
{
    if (!m->sent_us)
        return;
    if (!seen(m, STAGE_T0)) {
        m->mark[STAGE_T0].seen = STAGE_SEEN;
        m->mark[STAGE_T0].stamp = (struct machine_stamp){s.at_us, s.at_us};
    } else if (s.at_us < m->mark[STAGE_T0].stamp.at_us) {
        m->mark[STAGE_T0].stamp = (struct machine_stamp){s.at_us, s.at_us};
    }
}

void machine_sent(struct machine *m, int64_t at_us)
{
    m->sent_us = at_us;
    for (size_t i = 0; i < m->npods; i++)
        m->pod[i].before = true;
    machine_slices_before(m);
}

void machine_accepted(struct machine *m, struct machine_stamp s, int64_t server_ms)
{
    machine_evidence(m, (struct machine_stamp){s.since_us, s.since_us});
    if (s.since_us < s.at_us && seen(m, STAGE_T0) && m->mark[STAGE_T0].stamp.at_us == s.since_us)
        m->mark[STAGE_T0].seen = STAGE_SEEN_LATE;
    if (server_ms != CELL_NONE) {
        m->mark[STAGE_T0].server_ms = server_ms;
        m->mark[STAGE_T0].trunc_ms = 1000;
        m->mark[STAGE_T0].clock = STAGE_CLOCK_API;
    }
}

/* ---- the pods ---- */

static struct machine_pod *pod_of(struct machine *m, const char *uid, bool make)
{
    for (size_t i = 0; i < m->npods; i++)
        if (!strcmp(m->pod[i].uid, uid))
            return &m->pod[i];
    if (!make)
        return NULL;
    if (!mem_grow(&m->pod, &m->cap_pods, m->npods + 1, sizeof *m->pod)) {
        m->failed = true;
        return NULL;
    }
    struct machine_pod *p = &m->pod[m->npods++];
    *p = (struct machine_pod){.before = false};
    snprintf(p->uid, sizeof p->uid, "%s", uid);
    return p;
}

static const char *text_or(const json_t *o, const char *path, const char *dflt)
{
    const char *s = kube_jstr(o, path);
    return s ? s : dflt;
}

static const char *waiting(const json_t *pod, const char *list, const char **message)
{
    const json_t *cs = kube_jget(pod, list);
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const char *why = kube_jstr(json_array_get(cs, i), "state.waiting.reason");
        if (why && strcmp(why, "PodInitializing") && strcmp(why, "ContainerCreating")) {
            *message = text_or(json_array_get(cs, i), "state.waiting.message", "");
            return why;
        }
    }
    return NULL;
}

static void show_pod(struct machine_pod *p, const json_t *pod)
{
    char buf[200];
    const char *phase = text_or(pod, "status.phase", "Unknown"), *message = "", *why;
    struct stage_pod *s = &p->show;
    stage_text(s->uid, sizeof s->uid, p->uid);
    stage_text(s->name, sizeof s->name, kube_jstr(pod, "metadata.name"));
    stage_text(s->node, sizeof s->node, kube_jstr(pod, "spec.nodeName"));
    s->terminating = kube_jstr(pod, "metadata.deletionTimestamp") != NULL;
    s->ready = pod_condition(pod, "Ready", NULL);
    why = waiting(pod, "status.initContainerStatuses", &message);
    if (!why)
        why = waiting(pod, "status.containerStatuses", &message);
    s->health = s->terminating ? HEALTH_BUSY : s->ready ? HEALTH_OK : why || !strcmp(phase, "Failed") ? HEALTH_BAD : HEALTH_BUSY;
    if (s->terminating)
        snprintf(buf, sizeof buf, "Terminating");
    else if (why)
        snprintf(buf, sizeof buf, "%.50s", why);
    else if (s->ready)
        snprintf(buf, sizeof buf, "Ready");
    else if (!strcmp(phase, "Pending") && !*s->node)
        snprintf(buf, sizeof buf, "Pending: no node yet");
    else if (!strcmp(phase, "Pending") && !pod_condition(pod, "Initialized", NULL))
        snprintf(buf, sizeof buf, "Initializing");
    else
        snprintf(buf, sizeof buf, "%s%s", phase, strcmp(phase, "Running") ? "" : ", not ready");
    stage_text(s->status, sizeof s->status, buf);
}

/* ---- the replacement ---- */

/* "init: wait-for-db (running)": which init containers are not done. OpenStack-Helm's entrypoint waits for others. */
static void init_detail(struct machine *m, const json_t *pod)
{
    const json_t *cs = kube_jget(pod, "status.initContainerStatuses");
    char buf[200] = "";
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const json_t *c = json_array_get(cs, i);
        size_t n = strlen(buf);
        bool running = kube_jget(c, "state.running") != NULL;
        if (kube_jint(c, "state.terminated.exitCode", -1) == 0)
            continue;
        if (n < sizeof buf - 1)
            snprintf(buf + n, sizeof buf - n, "%s%.60s%s", n ? ", " : "init: ", text_or(c, "name", "?"),
                     running ? " (running)" : json_object_get(json_object_get(c, "state"), "terminated") ? " (failed)" : "");
    }
    if (*buf || !machine_is_set(m, STAGE_T5))
        stage_text(m->mark[STAGE_T5].detail, sizeof m->mark[STAGE_T5].detail, buf);
}

static void last_init_end(struct machine *m, const json_t *pod)
{
    const json_t *cs = kube_jget(pod, "status.initContainerStatuses");
    const char *last = NULL;
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const char *t = kube_jstr(json_array_get(cs, i), "state.terminated.finishedAt");
        if (t && (!last || strcmp(t, last) > 0))
            last = t;
    }
    if (last)
        machine_mark_server(m, STAGE_T5, last, STAGE_CLOCK_NODE);
    if (json_array_size(cs))
        snprintf(m->mark[STAGE_T5].detail, sizeof m->mark[STAGE_T5].detail, "%zu init container%s", json_array_size(cs),
                 json_array_size(cs) == 1 ? "" : "s");
}

static void condition(struct machine *m, const json_t *pod, const char *type, enum stage_mid id, enum stage_whose clock,
                      struct machine_stamp s)
{
    const json_t *c = NULL;
    if (!pod_condition(pod, type, &c) || seen(m, id))
        return;
    machine_mark(m, id, s);
    machine_mark_server(m, id, kube_jstr(c, "lastTransitionTime"), clock);
}

static void running(struct machine *m, const json_t *pod, struct machine_stamp s)
{
    const json_t *cs = kube_jget(pod, "status.containerStatuses");
    const char *last = NULL;
    size_t n = json_array_size(cs), want = json_array_size(kube_jget(pod, "spec.containers"));
    for (size_t i = 0; i < n; i++) {
        const char *t = kube_jstr(json_array_get(cs, i), "state.running.startedAt");
        if (!kube_jget(json_array_get(cs, i), "state.running"))
            return;
        if (t && (!last || strcmp(t, last) > 0))
            last = t;
    }
    if (!n || n < want || seen(m, STAGE_T6))
        return;
    machine_mark(m, STAGE_T6, s);
    machine_mark_server(m, STAGE_T6, last, STAGE_CLOCK_NODE);
}

/* What the entrypoint of OpenStack-Helm was told to wait for: "SERVICE openstack:mariadb". */
static void dependencies(const json_t *pod, const char *container, char *buf, size_t size)
{
    const json_t *cs = kube_jget(pod, "spec.initContainers");
    *buf = '\0';
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const json_t *c = json_array_get(cs, i), *env = json_object_get(c, "env");
        for (size_t k = 0; !strcmp(text_or(c, "name", ""), container) && k < json_array_size(env); k++) {
            const char *name = text_or(json_array_get(env, k), "name", ""), *value = text_or(json_array_get(env, k), "value", "");
            size_t n = strlen(buf);
            if (!strncmp(name, "DEPENDENCY_", 11) && *value && n + 1 < size)
                snprintf(buf + n, size - n, "%s%.30s %.60s", n ? ", " : "; it waits for ", name + 11, value);
        }
    }
}

/* "container api does not start: CrashLoopBackOff, back-off ...; it ended with 1 (Error), 4 restarts"; false: nothing is wrong with it. */
static bool trouble(struct machine *m, const json_t *c, const char *what, char *buf, size_t size)
{
    const char *name = text_or(c, "name", "?"), *why = kube_jstr(c, "state.waiting.reason");
    const json_t *end = kube_jget(c, "state.terminated");
    int64_t restarts = kube_jint(c, "restartCount", 0);
    char ended[120] = "";
    if (!end)
        end = kube_jget(c, "lastState.terminated");
    if (end && kube_jint(end, "exitCode", 0))
        snprintf(ended, sizeof ended, "it ended with %" PRId64 " (%.40s), %" PRId64 " restart%s", kube_jint(end, "exitCode", 0), text_or(end, "reason", "?"), restarts,
                 restarts == 1 ? "" : "s");
    if (why && strcmp(why, "PodInitializing") && strcmp(why, "ContainerCreating"))
        snprintf(buf, size, "%s %.60s does not start: %.60s%s%.160s%s%s", what, name, why, kube_jstr(c, "state.waiting.message") ? ", " : "",
                 text_or(c, "state.waiting.message", ""), *ended ? "; " : "", ended);
    else if (kube_jint(c, "state.terminated.exitCode", 0))
        snprintf(buf, size, "%s %.60s: %s", what, name, ended);
    else
        return false;
    snprintf(m->stuck, sizeof m->stuck, "%.120s", name);
    m->stuck_ended = *ended && !kube_jget(c, "state.terminated");
    return true;
}

/* It runs as long as the pod does: nothing waits for its end. */
static bool is_sidecar(const json_t *pod, const char *container)
{
    const json_t *cs = kube_jget(pod, "spec.initContainers");
    for (size_t i = 0; i < json_array_size(cs); i++)
        if (!strcmp(text_or(json_array_get(cs, i), "name", ""), container))
            return !strcmp(text_or(json_array_get(cs, i), "restartPolicy", ""), "Always");
    return false;
}

static bool explain_init(struct machine *m, const json_t *pod, char *buf, size_t size)
{
    const json_t *cs = kube_jget(pod, "status.initContainerStatuses");
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const json_t *c = json_array_get(cs, i);
        char waits[160];
        if (trouble(m, c, "init container", buf, size))
            return true;
        if (!kube_jget(c, "state.running") || is_sidecar(pod, text_or(c, "name", "")))
            continue;
        dependencies(pod, text_or(c, "name", ""), waits, sizeof waits);
        snprintf(buf, size, "init container %.60s still runs, %zu of %zu are done%s", text_or(c, "name", "?"), i, json_array_size(cs), waits);
        snprintf(m->stuck, sizeof m->stuck, "%.120s", text_or(c, "name", ""));
        return true;
    }
    return false;
}

static bool explain_containers(struct machine *m, const json_t *pod, char *buf, size_t size)
{
    const json_t *cs = kube_jget(pod, "status.containerStatuses");
    for (size_t i = 0; i < json_array_size(cs); i++)
        if (trouble(m, json_array_get(cs, i), "container", buf, size))
            return true;
    for (size_t i = 0; i < json_array_size(cs); i++) {
        const json_t *c = json_array_get(cs, i);
        if (!kube_jget(c, "state.running") || json_is_true(json_object_get(c, "ready")))
            continue;
        snprintf(buf, size, "container %.60s runs, but is not ready", text_or(c, "name", "?"));
        snprintf(m->stuck, sizeof m->stuck, "%.120s", text_or(c, "name", ""));
        return true;
    }
    return false;
}

static void explain(struct machine *m, const json_t *pod)
{
    const json_t *c = NULL;
    char buf[500] = "";
    m->stuck[0] = '\0';
    m->stuck_ended = false;
    if (pod_condition(pod, "Ready", NULL)) {
        m->why[0] = '\0';
        return;
    }
    if (!pod_condition(pod, "PodScheduled", &c) && c && kube_jstr(c, "message")) {
        const char *text = kube_jstr(c, "message"), *stop = strstr(text, ". ");        /* then comes what preemption could not do */
        snprintf(buf, sizeof buf, "it cannot be scheduled: %.*s", stop && stop - text < 200 ? (int)(stop - text) : 200, text);
    } else if (!strcmp(text_or(pod, "status.phase", ""), "Failed")) {
        snprintf(buf, sizeof buf, "it failed: %.60s %.160s", text_or(pod, "status.reason", ""), text_or(pod, "status.message", ""));
    } else if (pod_condition(pod, "Initialized", NULL) || !explain_init(m, pod, buf, sizeof buf)) {
        explain_containers(m, pod, buf, sizeof buf);
    }
    stage_text(m->why, sizeof m->why, buf);
}

static void adopt(struct machine *m, const struct machine_pod *p, const json_t *pod, struct machine_stamp s)
{
    snprintf(m->new_uid, sizeof m->new_uid, "%s", p->uid);
    snprintf(m->new_name, sizeof m->new_name, "%s", p->show.name);
    m->attempts++;
    machine_mark(m, STAGE_T2, s);
    machine_mark_server(m, STAGE_T2, kube_jstr(pod, "metadata.creationTimestamp"), STAGE_CLOCK_API);
    snprintf(m->mark[STAGE_T2].detail, sizeof m->mark[STAGE_T2].detail, "%.100s%s", p->show.name, m->attempts > 1 ? " (another attempt)" : "");
}

/* The replacement is lost before it was ready: what it had reached counts for nothing. */
static void disown(struct machine *m)
{
    if (seen(m, STAGE_T7))
        return;
    for (int id = STAGE_T2; id <= STAGE_T8; id++)
        if (m->mark[id].seen != STAGE_NOT_EXPECTED)
            m->mark[id] = (struct machine_mark){.server_ms = CELL_NONE};
    m->new_uid[0] = m->new_name[0] = m->new_node[0] = '\0';
}

static int64_t restarts_of(const json_t *pod)
{
    const json_t *cs = kube_jget(pod, "status.containerStatuses");
    int64_t n = 0;
    for (size_t i = 0; i < json_array_size(cs); i++)
        n += kube_jint(json_array_get(cs, i), "restartCount", 0);
    return n;
}

static void replacement(struct machine *m, const struct machine_pod *p, const json_t *pod, struct machine_stamp s)
{
    if (p->show.terminating || !strcmp(text_or(pod, "status.phase", ""), "Failed")) {
        explain(m, pod);
        disown(m);
        return;
    }
    const char *node = kube_jstr(pod, "spec.nodeName");
    if (node && *node) {
        condition(m, pod, "PodScheduled", STAGE_T3, STAGE_CLOCK_API, s);
        stage_text(m->new_node, sizeof m->new_node, node);
        snprintf(m->mark[STAGE_T3].detail, sizeof m->mark[STAGE_T3].detail, "on %.100s", m->new_node);
    }
    init_detail(m, pod);
    condition(m, pod, "PodReadyToStartContainers", STAGE_T4, STAGE_CLOCK_NODE, s);
    if (pod_condition(pod, "Initialized", NULL) && !seen(m, STAGE_T5)) {
        machine_mark(m, STAGE_T5, s);
        last_init_end(m, pod);
        condition(m, pod, "Initialized", STAGE_T5, STAGE_CLOCK_NODE, s);
        const json_t *c = NULL;
        pod_condition(pod, "Initialized", &c);
        machine_mark_server(m, STAGE_T5, kube_jstr(c, "lastTransitionTime"), STAGE_CLOCK_NODE);
    }
    running(m, pod, s);
    m->restarts = restarts_of(pod);
    if (!seen(m, STAGE_T7))
        m->restarts_ready = m->restarts;
    condition(m, pod, "Ready", STAGE_T7, STAGE_CLOCK_NODE, s);
    explain(m, pod);
    machine_endpoints(m);
}

static bool may_replace(const struct machine *m, const struct machine_pod *p, const json_t *pod)
{
    return seen(m, STAGE_T0) && !m->new_uid[0] && !p->before && strcmp(p->uid, m->old_uid) && !strcmp(p->owner_uid, m->owner_uid) &&
           !p->show.terminating && strcmp(text_or(pod, "status.phase", ""), "Failed");
}

static void forget(struct machine *m, const char *uid)
{
    for (size_t i = 0; i < m->npods; i++)
        if (!strcmp(m->pod[i].uid, uid)) {
            m->pod[i] = m->pod[--m->npods];
            return;
        }
}

static void gone(struct machine *m, const char *uid, struct machine_stamp s)
{
    if (!strcmp(uid, m->old_uid) && m->sent_us) {
        machine_evidence(m, s);
        machine_mark(m, STAGE_T10, s);
    }
    if (m->new_uid[0] && !strcmp(uid, m->new_uid)) {
        if (!m->why[0])
            snprintf(m->why, sizeof m->why, "the replacement %.100s was deleted, too", m->new_name);
        disown(m);
    }
    forget(m, uid);
}

void machine_pod_event(struct machine *m, enum machine_event ev, const json_t *pod, struct machine_stamp s)
{
    const char *uid = kube_jstr(pod, "metadata.uid");
    if (!uid || strlen(uid) >= sizeof m->old_uid)
        return;
    if (ev == MACHINE_GONE) {
        gone(m, uid, s);
        return;
    }
    struct machine_pod *p = pod_of(m, uid, true);
    if (!p)
        return;
    p->listed = true;
    snprintf(p->owner_uid, sizeof p->owner_uid, "%s", text_or(plan_controller(pod), "uid", ""));
    show_pod(p, pod);
    if (!strcmp(uid, m->old_uid)) {
        p->show.role = STAGE_POD_OLD;
        if (p->show.terminating)
            machine_evidence(m, s);
        return;
    }
    if (may_replace(m, p, pod))
        adopt(m, p, pod, s);
    if (!strcmp(uid, m->new_uid)) {
        p->show.role = STAGE_POD_NEW;
        replacement(m, p, pod, s);
    }
}

void machine_pods_list(struct machine *m)
{
    for (size_t i = 0; i < m->npods; i++)
        m->pod[i].listed = false;
}

void machine_pods_listed(struct machine *m, struct machine_stamp s)
{
    for (size_t i = 0; i < m->npods;) {
        char uid[64];
        snprintf(uid, sizeof uid, "%s", m->pod[i].uid);
        if (m->pod[i].listed)
            i++;
        else
            gone(m, uid, s);
    }
}

bool machine_new_ready(const struct machine *m)
{
    for (size_t i = 0; i < m->npods; i++)
        if (m->new_uid[0] && !strcmp(m->pod[i].uid, m->new_uid))
            return m->pod[i].show.ready;
    return true;
}

bool machine_deleted_by_others(const struct machine *m)
{
    for (size_t i = 0; i < m->npods && !m->sent_us; i++)
        if (!strcmp(m->pod[i].uid, m->old_uid))
            return m->pod[i].show.terminating;
    return false;
}

void machine_but(const struct machine *m, char *buf, size_t size)
{
    size_t at = 0, n = 0;
    *buf = '\0';
    if (m->restarts > m->restarts_ready)
        at = (size_t)snprintf(buf, size, "the replacement restarted %" PRId64 " time%s since it was ready", m->restarts - m->restarts_ready,
                              m->restarts - m->restarts_ready == 1 ? "" : "s");
    for (size_t i = 0; i < m->npods; i++) {
        const struct machine_pod *p = &m->pod[i];
        if (strcmp(p->owner_uid, m->owner_uid) || !strcmp(p->uid, m->old_uid) || !strcmp(p->uid, m->new_uid) || p->show.ready || p->show.terminating || at + 1 >= size)
            continue;
        if (n++ < 3)
            at += (size_t)snprintf(buf + at, size - at, "%s%.60s (%.40s)", n > 1 ? ", " : at ? ", and siblings are not ready: " : "siblings are not ready: ",
                                   p->show.name, p->show.status);
    }
    if (n > 3 && at + 1 < size)
        snprintf(buf + at, size - at, " and %zu more", n - 3);
}

void machine_finish(struct machine *m)
{
    if (m->mark[STAGE_T4].seen == STAGE_WAITING && seen(m, STAGE_T7))
        machine_not_expected(m, STAGE_T4, "this kubelet does not report it");
    if (m->mark[STAGE_T6].seen == STAGE_WAITING && seen(m, STAGE_T7))
        machine_not_expected(m, STAGE_T6, "this kubelet does not report it");
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        if (m->mark[i].seen == STAGE_WAITING)
            m->mark[i].seen = STAGE_UNKNOWN;
}
