/* Pods: READY, STATUS and RESTARTS by the rules of the API server's own table (1.36). */
#include <stdio.h>
#include <string.h>

#include "core/kinds/kube_affinity.h"
#include "core/kinds/kube_beside.h"
#include "core/kinds/kube_crash.h"
#include "strata/str.h"

#define CLAIMS_MAX (64u << 10)

/* ---- what is read ---- */
enum { WAITING_REASON, WAITING_MESSAGE };
static const struct wire_field waiting_fields[] = {F_STR("reason", 1), F_STR("message", 2)};
static const struct wire_schema waiting = KUBE_SCHEMA(waiting_fields);

static const struct wire_field running_fields[] = {F_TIME("startedAt", 1)};
static const struct wire_schema running = KUBE_SCHEMA(running_fields);

enum { TERM_EXIT, TERM_SIGNAL, TERM_REASON, TERM_MESSAGE, TERM_FINISHED, TERM_STARTED };
static const struct wire_field terminated_fields[] = {
    F_INT("exitCode", 1), F_INT("signal", 2), F_STR("reason", 3), F_STR("message", 4), F_TIME("finishedAt", 6), F_TIME("startedAt", 5),
};
static const struct wire_schema terminated = KUBE_SCHEMA(terminated_fields);

enum { STATE_WAITING, STATE_RUNNING, STATE_TERMINATED };
static const struct wire_field state_fields[] = {
    F_MSG("waiting", 1, waiting), F_MSG("running", 2, running), F_MSG("terminated", 3, terminated),
};
static const struct wire_schema state = KUBE_SCHEMA(state_fields);

enum { CS_NAME, CS_STATE, CS_LAST, CS_READY, CS_RESTARTS, CS_STARTED };
static const struct wire_field cs_fields[] = {
    F_STR("name", 1),   F_MSG("state", 2, state),    F_MSG("lastState", 3, state),
    F_BOOL("ready", 4), F_INT("restartCount", 5), F_BOOL("started", 9),
};
static const struct wire_schema container_status = KUBE_SCHEMA(cs_fields);

static const struct wire_field gate_fields[] = {F_STR("conditionType", 1)};
static const struct wire_schema gate = KUBE_SCHEMA(gate_fields);

static const struct wire_field claim_fields[] = {F_STR("claimName", 1)};
static const struct wire_schema claim = KUBE_SCHEMA(claim_fields);
static const struct wire_field empty_dir_fields[] = {F_STR("medium", 1)};
static const struct wire_schema empty_dir = KUBE_SCHEMA(empty_dir_fields);
enum { SOURCE_CLAIM, SOURCE_EMPTY };
static const struct wire_field volume_source_fields[] = {F_MSG("persistentVolumeClaim", 10, claim), F_MSG("emptyDir", 2, empty_dir)};
static const struct wire_schema volume_source = KUBE_SCHEMA(volume_source_fields);
/* JSON has inline what protobuf has in a message of its own. */
enum { VOLUME_SOURCE, VOLUME_CLAIM, VOLUME_EMPTY };
static const struct wire_field volume_fields[] = {F_MSG("", 2, volume_source), F_MSG("persistentVolumeClaim", 0, claim), F_MSG("emptyDir", 0, empty_dir)};
static const struct wire_schema volume = KUBE_SCHEMA(volume_fields);

enum { TOLERATION_KEY, TOLERATION_OPERATOR, TOLERATION_VALUE, TOLERATION_EFFECT };
static const struct wire_field toleration_fields[] = {F_STR("key", 1), F_STR("operator", 2), F_STR("value", 3), F_STR("effect", 4)};
static const struct wire_schema toleration = KUBE_SCHEMA(toleration_fields);

enum { SPEC_CONTAINERS, SPEC_NODE, SPEC_INIT, SPEC_GATES, SPEC_VOLUMES, SPEC_OVERHEAD, SPEC_RESOURCES, SPEC_SELECTOR, SPEC_TOLERATIONS, SPEC_AFFINITY, SPEC_SPREAD, SPEC_PRIORITY };
static const struct wire_field spec_fields[] = {
    F_MSGS("containers", 2, kube_container),
    F_STR("nodeName", 10),
    F_MSGS("initContainers", 20, kube_container),
    F_MSGS("readinessGates", 28, gate),
    F_MSGS("volumes", 1, volume),
    F_QUANTITIES("overhead", 32),
    F_MSG("resources", 40, kube_resources),
    F_MAP("nodeSelector", 7),
    F_MSGS("tolerations", 22, toleration),
    F_MSG("affinity", 18, kube_affinity),
    F_MSGS("topologySpreadConstraints", 33, kube_spread),
    F_INT("priority", 25),
};
static const struct wire_schema spec = KUBE_SCHEMA(spec_fields);

static const struct wire_field ip_fields[] = {F_STR("ip", 1)};
static const struct wire_schema ip = KUBE_SCHEMA(ip_fields);

enum {
    ST_PHASE, ST_CONDITIONS, ST_MESSAGE, ST_REASON, ST_IP, ST_CONTAINERS, ST_QOS, ST_INIT, ST_NOMINATED, ST_IPS, ST_START,
};
static const struct wire_field status_fields[] = {
    F_STR("phase", 1),
    F_MSGS("conditions", 2, kube_condition),
    F_STR("message", 3),
    F_STR("reason", 4),
    F_STR("podIP", 6),
    F_MSGS("containerStatuses", 8, container_status),
    F_STR("qosClass", 9),
    F_MSGS("initContainerStatuses", 10, container_status),
    F_STR("nominatedNodeName", 11),
    F_MSGS("podIPs", 12, ip),
    F_TIME("startTime", 7),
};
static const struct wire_schema status = KUBE_SCHEMA(status_fields);

static const struct wire_field pod_fields[] = {
    F_MSG("metadata", 1, kube_meta), F_MSG("spec", 2, spec), F_MSG("status", 3, status),
};
static const struct wire_schema pod = KUBE_SCHEMA(pod_fields);

/* ---- columns ---- */
enum {
    C_NAMESPACE, C_NAME, C_READY, C_STATUS, C_RESTARTS, C_AGE, C_CPU, C_MEM, C_IP, C_NODE, C_NOMINATED, C_GATES,
    C_QOS, C_CONTAINERS, C_IMAGES, C_UNREADY, C_MESSAGE, C_CPU_ASKED, C_MEM_ASKED, C_LABELS, C_CLAIMS,
    C_EMPTY, C_SELECTOR, C_TOLERATIONS, C_AFFINITY, C_BESIDE, C_LOOPS, C_ABOUT,
};
static const struct column columns[] = {
    [C_NAMESPACE] = KUBE_COL_NAMESPACE,
    [C_NAME] = KUBE_COL_NAME,
    [C_READY] = {.id = "ready", .title = "READY", .help = "Containers that are ready, of all.", .type = COL_RATIO,
                 .flags = COL_RIGHT},
    [C_STATUS] = {.id = "status", .title = "STATUS", .help = "What the pod does, or what keeps it from it.",
                  .flags = COL_INTERN | COL_STATE},
    [C_RESTARTS] = {.id = "restarts", .title = "RESTARTS", .help = "Restarts of its containers, and the last one's age.",
                    .type = COL_RESTARTS, .flags = COL_DESC | COL_RIGHT},
    [C_AGE] = KUBE_COL_AGE,
    [C_CPU] = {.id = "cpu", .title = "CPU", .help = "Processor use, thousandths of a core.", .type = COL_MILLI,
               .flags = COL_CARRY | COL_WIDE | COL_RIGHT | COL_DESC, .none = "-"},
    [C_MEM] = {.id = "mem", .title = "MEM", .help = "Memory use.", .type = COL_BYTES,
               .flags = COL_CARRY | COL_WIDE | COL_RIGHT | COL_DESC, .none = "-"},
    [C_IP] = {.id = "ip", .title = "IP", .help = "Address of the pod.", .flags = COL_WIDE, .none = "<none>"},
    [C_NODE] = {.id = "node", .title = "NODE", .help = "Node it runs on.", .flags = COL_WIDE | COL_INTERN,
                .none = "<none>"},
    [C_NOMINATED] = {.id = "nominated-node", .title = "NOMINATED NODE",
                     .help = "Node it waits for while others are preempted.", .flags = COL_WIDE | COL_INTERN,
                     .none = "<none>"},
    [C_GATES] = {.id = "readiness-gates", .title = "READINESS GATES", .help = "Readiness gates passed, of all.",
                 .type = COL_RATIO, .flags = COL_WIDE, .none = "<none>"},
    [C_QOS] = {.id = "qos", .title = "QOS", .help = "Quality of service class.", .flags = COL_HIDDEN | COL_INTERN},
    [C_CONTAINERS] = KUBE_COL_CONTAINERS(COL_HIDDEN),
    [C_IMAGES] = KUBE_COL_IMAGES(COL_HIDDEN),
    [C_UNREADY] = KUBE_COL_UNREADY,
    [C_MESSAGE] = KUBE_COL_MESSAGE,
    [C_CPU_ASKED] = {.id = "cpu-requested", .title = "CPU-REQUESTED", .help = "Processor that the scheduler counts for it; none once it ended.", .type = COL_MILLI,
                     .flags = COL_HIDDEN | COL_RIGHT | COL_DESC, .none = "-"},
    [C_MEM_ASKED] = {.id = "mem-requested", .title = "MEM-REQUESTED", .help = "Memory that the scheduler counts for it; none once it ended.", .type = COL_BYTES,
                     .flags = COL_HIDDEN | COL_RIGHT | COL_DESC, .none = "-"},
    [C_LABELS] = KUBE_COL_LABELS,
    [C_CLAIMS] = {.id = "claims", .title = "CLAIMS", .help = "Claims of storage it uses.", .flags = COL_HIDDEN},
    [C_EMPTY] = {.id = "empty-dirs", .title = "EMPTY-DIRS", .help = "How many emptyDir volumes it has: what is in them goes with it.", .type = COL_INT,
                 .flags = COL_HIDDEN | COL_RIGHT | COL_DESC},
    [C_SELECTOR] = {.id = "node-selector", .title = "NODE SELECTOR", .help = "Labels of the nodes it is for.", .flags = COL_HIDDEN | COL_INTERN},
    [C_TOLERATIONS] = {.id = "tolerations", .title = "TOLERATIONS", .help = "Taints it puts up with.", .flags = COL_HIDDEN | COL_INTERN},
    [C_AFFINITY] = {.id = "node-affinity", .title = "NODE AFFINITY", .help = "What a node must have that takes it: terms with | between them, one must hold.", .flags = COL_HIDDEN | COL_INTERN},
    [C_LOOPS] = {.id = "loops-since", .title = "LOOPS-SINCE", .help = "Since when it crashes again and again.", .type = COL_TIME, .flags = COL_HIDDEN, .none = "-"},
    [C_ABOUT] = {.id = "unready-how", .title = "UNREADY-HOW", .help = "about: of one that crashes again and again the first time is reckoned.", .flags = COL_HIDDEN | COL_INTERN},
    [C_BESIDE] = {.id = "placement", .title = "PLACEMENT", .help = "What else the scheduler asks: pods it stands beside, apart from or spread among, ports of the node, its priority.", .flags = COL_HIDDEN | COL_INTERN},
};

/* ---- STATUS, READY, RESTARTS ---- */
struct summary {
    char reason[256];
    int64_t ready, total, restarts;
    int64_t last_ms;              /* of the last restart, 0 = none */
    const char *message;          /* of the container that explains the reason */
};

static void set_reason(struct summary *s, const char *prefix, const char *reason)
{
    snprintf(s->reason, sizeof s->reason, "%s%s", prefix, reason ? reason : "");
}

/* How a container ended, in the words of its status. */
static void set_ended(struct summary *s, const char *prefix, const struct wire_obj *term)
{
    const char *reason = wire_str(term, TERM_REASON);
    if (kube_some(reason))
        set_reason(s, prefix, reason);
    else if (wire_num(term, TERM_SIGNAL, 0))
        snprintf(s->reason, sizeof s->reason, "%sSignal:%d", prefix, (int)wire_num(term, TERM_SIGNAL, 0));
    else
        snprintf(s->reason, sizeof s->reason, "%sExitCode:%d", prefix, (int)wire_num(term, TERM_EXIT, 0));
}

static void set_message(struct summary *s, const struct wire_obj *of, int field)
{
    if (kube_some(wire_str(of, field)))
        s->message = wire_str(of, field);
}

static bool is_sidecar(const struct wire_obj *sp, const char *name)
{
    bool yes = false;
    for (const struct wire_val *v = wire_list(sp, SPEC_INIT); v; v = v->next) {
        if (name && kube_is(wire_str(v->obj, CONTAINER_NAME), name))
            yes = kube_is(wire_str(v->obj, CONTAINER_RESTART), "Always");
    }
    return yes;
}

static size_t list_length(const struct wire_val *v)
{
    size_t n = 0;
    for (; v; v = v->next)
        n++;
    return n;
}

/* When the container's run before this one ended; 0 = it had none. */
static int64_t last_end(const struct wire_obj *cs)
{
    return wire_num(wire_sub(wire_sub(cs, CS_LAST), STATE_TERMINATED), TERM_FINISHED, 0);
}

static void count_restarts(struct summary *s, const struct wire_obj *cs)
{
    s->restarts += wire_num(cs, CS_RESTARTS, 0);
    if (last_end(cs) > s->last_ms)
        s->last_ms = last_end(cs);
}

/* Goes through the init containers up to the first that is still to be waited for. Their restarts are counted in
 * `all`, those of the sidecars among them (up to there) also in `side`. true: the pod is initializing. */
static bool init_containers(const struct wire_obj *sp, const struct wire_obj *st, struct summary *s,
                            struct summary *side)
{
    int place = 0;
    for (const struct wire_val *v = wire_list(st, ST_INIT); v; v = v->next, place++) {
        const struct wire_obj *cs = v->obj, *now = wire_sub(cs, CS_STATE);
        const struct wire_obj *term = wire_sub(now, STATE_TERMINATED), *wait = wire_sub(now, STATE_WAITING);
        const char *why = wire_str(wait, WAITING_REASON);
        bool sidecar = is_sidecar(sp, wire_str(cs, CS_NAME));
        count_restarts(s, cs);
        if (sidecar)
            count_restarts(side, cs);
        if (term && !wire_num(term, TERM_EXIT, 0))
            continue;
        if (sidecar && wire_num(cs, CS_STARTED, 0)) {
            s->ready += wire_num(cs, CS_READY, 0) != 0;
            continue;
        }
        if (term) {
            set_ended(s, "Init:", term);
            set_message(s, term, TERM_MESSAGE);
        } else if (kube_some(why) && strcmp(why, "PodInitializing") != 0) {
            set_reason(s, "Init:", why);
            set_message(s, wait, WAITING_MESSAGE);
        } else {
            snprintf(s->reason, sizeof s->reason, "Init:%d/%zu", place, list_length(wire_list(sp, SPEC_INIT)));
        }
        return true;
    }
    return false;
}

struct run {
    bool any;                 /* a container is running and ready */
    char error[256];          /* how the first container ended that failed */
};

static void one_container(const struct wire_obj *cs, struct summary *s, struct run *run)
{
    const struct wire_obj *now = wire_sub(cs, CS_STATE);
    const struct wire_obj *term = wire_sub(now, STATE_TERMINATED), *wait = wire_sub(now, STATE_WAITING);
    count_restarts(s, cs);
    if (kube_some(wire_str(wait, WAITING_REASON))) {
        set_reason(s, "", wire_str(wait, WAITING_REASON));
        set_message(s, wait, WAITING_MESSAGE);
    } else if (term) {
        set_ended(s, "", term);
        set_message(s, term, TERM_MESSAGE);
        if (wire_num(term, TERM_EXIT, 0))
            snprintf(run->error, sizeof run->error, "%s", s->reason);
    } else if (wire_num(cs, CS_READY, 0) && wire_sub(now, STATE_RUNNING)) {
        run->any = true;
        s->ready++;
    }
}

/* The last container's state is looked at first, so that the first container's word stands. */
static void containers_back_to_front(const struct wire_val *v, struct summary *s, struct run *run)
{
    const struct wire_obj *some[32];
    size_t n = list_length(v);
    while (n > 0) {                              /* blocks of 32 from the end of the chain */
        size_t from = n > COUNT_OF(some) ? n - COUNT_OF(some) : 0, k = 0, i = 0;
        for (const struct wire_val *c = v; c && i < n; c = c->next, i++) {
            if (i >= from)
                some[k++] = c->obj;
        }
        while (k > 0)
            one_container(some[--k], s, run);
        n = from;
    }
}

/* Any Ready condition that is True will do here, where all other questions go to the first of its type. */
static bool some_ready(const struct wire_val *v)
{
    for (; v; v = v->next) {
        if (kube_is(wire_str(v->obj, COND_TYPE), "Ready") && kube_is(wire_str(v->obj, COND_STATUS), "True"))
            return true;
    }
    return false;
}

static void containers(const struct wire_obj *st, struct summary *s)
{
    struct run run = {0};
    containers_back_to_front(wire_list(st, ST_CONTAINERS), s, &run);
    if (strcmp(s->reason, "Completed") != 0)
        return;
    if (run.any && some_ready(wire_list(st, ST_CONDITIONS)))
        set_reason(s, "", "Running");
    else if (run.error[0])
        set_reason(s, "", run.error);
    else if (run.any)
        set_reason(s, "", "NotReady");
}

static void summarize(const struct wire_obj *o, struct summary *s)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *conditions = wire_list(st, ST_CONDITIONS);
    const char *phase = wire_str(st, ST_PHASE), *reason = wire_str(st, ST_REASON);
    struct summary side = {0};
    *s = (struct summary){.total = (int64_t)list_length(wire_list(sp, SPEC_CONTAINERS))};
    set_reason(s, "", kube_some(reason) ? reason : phase);
    for (const struct wire_val *v = conditions; v; v = v->next) {
        if (kube_is(wire_str(v->obj, COND_TYPE), "PodScheduled") &&
            kube_is(wire_str(v->obj, COND_REASON), "SchedulingGated"))
            set_reason(s, "", "SchedulingGated");
    }
    for (const struct wire_val *v = wire_list(sp, SPEC_INIT); v; v = v->next)
        s->total += kube_is(wire_str(v->obj, CONTAINER_RESTART), "Always");
    if (!init_containers(sp, st, s, &side) || kube_cond_true(conditions, "Initialized")) {
        s->restarts = side.restarts;
        s->last_ms = side.last_ms;
        containers(st, s);
    }
    if (!wire_list(wire_sub(o, OBJ_META), META_DELETED))
        return;
    if (kube_is(reason, "NodeLost"))
        set_reason(s, "", "Unknown");
    else if (!kube_is(phase, "Succeeded") && !kube_is(phase, "Failed"))
        set_reason(s, "", "Terminating");
}

/* ---- health ---- */

/* Words (without "Init:") that mean somebody has to act. One ending in '*' is a prefix. */
static const char *const bad_words[] = {
    "CrashLoopBackOff", "ImagePullBackOff", "ErrImage*", "InvalidImageName", "ImageInspectError",
    "RegistryUnavailable", "CreateContainer*", "CreatePodSandboxError", "RunContainerError", "PreStartHookError",
    "PostStartHookError", "StartError", "ContainerCannotRun", "ContainerStatusUnknown", "Error", "OOMKilled",
    "Evicted", "DeadlineExceeded", "Failed", "NodeLost", "NodeAffinity", "UnexpectedAdmissionError", "OutOf*",
    "Preempted", "Preempting", "Signal:*", "ExitCode:*",
};

static bool is_bad_word(const char *reason)
{
    if (!strncmp(reason, "Init:", 5))
        reason += 5;
    for (size_t i = 0; i < COUNT_OF(bad_words); i++) {
        size_t n = strlen(bad_words[i]);
        if (bad_words[i][n - 1] == '*' ? !strncmp(reason, bad_words[i], n - 1) : !strcmp(reason, bad_words[i]))
            return true;
    }
    return false;
}

static enum health pod_health(struct rowbuf *rb, const struct wire_obj *o, const struct summary *s, int64_t now_ms)
{
    const struct wire_obj *st = wire_sub(o, OBJ_STATUS);
    const struct wire_val *conditions = wire_list(st, ST_CONDITIONS);
    const char *phase = wire_str(st, ST_PHASE);
    enum health gone = kube_deletion_health(rb, o, now_ms);
    if (!strcmp(s->reason, "Unknown"))
        return gone != HEALTH_NONE ? HEALTH_BAD : HEALTH_UNKNOWN;
    if (kube_is(phase, "Failed") || (gone == HEALTH_NONE && is_bad_word(s->reason)))
        return HEALTH_BAD;
    if (gone != HEALTH_NONE)
        return gone;
    if (kube_is(phase, "Succeeded"))
        return HEALTH_DONE;
    if (!strcmp(s->reason, "SchedulingGated"))
        return HEALTH_BUSY;
    /* what does not even start for minutes will not start by itself; init containers may work for long */
    enum health stuck = kube_is(phase, "Pending") && strncmp(s->reason, "Init:", 5) != 0 ? HEALTH_BAD : HEALTH_WARN;
    if (kube_is(wire_str(kube_cond(conditions, "PodScheduled"), COND_REASON), "Unschedulable")) {
        enum health h = kube_young_health(rb, o, now_ms, HEALTH_WARN, stuck);
        return h > HEALTH_WARN ? h : HEALTH_WARN;
    }
    if (kube_is(phase, "Running") && s->ready == s->total && kube_cond_true(conditions, "Ready"))
        return HEALTH_OK;
    return kube_young_health(rb, o, now_ms, HEALTH_WARN, stuck);
}

/* ---- the row ---- */

static void fill_message(struct rowbuf *rb, const struct wire_obj *st, const struct summary *s)
{
    const struct wire_obj *scheduled = kube_cond(wire_list(st, ST_CONDITIONS), "PodScheduled");
    const char *m = s->message;
    if (!m && kube_some(wire_str(st, ST_MESSAGE)))
        m = wire_str(st, ST_MESSAGE);
    if (!m && kube_is(wire_str(scheduled, COND_STATUS), "False"))
        m = wire_str(scheduled, COND_MESSAGE);
    kube_text(rb, C_MESSAGE, m);
}

static void fill_gates(struct rowbuf *rb, const struct wire_obj *sp, const struct wire_obj *st)
{
    int64_t passed = 0, all = 0;
    for (const struct wire_val *v = wire_list(sp, SPEC_GATES); v; v = v->next, all++) {
        const char *type = wire_str(v->obj, 0);
        passed += kube_cond_true(wire_list(st, ST_CONDITIONS), type ? type : "");
    }
    if (all)
        rowbuf_num(rb, C_GATES, CELL_RATIO(passed, all));
}

static void fill_claims(struct rowbuf *rb, const struct wire_val *volumes)
{
    struct str s;
    int64_t empty = 0;
    str_init(&s, CLAIMS_MAX);
    for (const struct wire_val *v = volumes; v; v = v->next) {
        const struct wire_obj *from = wire_sub(v->obj, VOLUME_SOURCE), *c = wire_sub(from, SOURCE_CLAIM);
        empty += wire_sub(from, SOURCE_EMPTY) || wire_sub(v->obj, VOLUME_EMPTY);
        const char *name = wire_str(c ? c : wire_sub(v->obj, VOLUME_CLAIM), 0);
        if (kube_some(name))
            str_addf(&s, "%s%s", s.len ? "," : "", name);
    }
    if (s.len)
        rowbuf_textn(rb, C_CLAIMS, s.data, s.len);
    if (empty)
        rowbuf_num(rb, C_EMPTY, empty);
    rb->failed |= s.failed;
    str_release(&s);
}

/* Where it may run: "a=b,c=d"; "key[=value][:effect]" of each taint it tolerates, "*" all of them. */
static void fill_place(struct rowbuf *rb, const struct wire_obj *sp, const struct wire_obj *meta)
{
    struct str s;
    str_init(&s, CLAIMS_MAX);
    for (const struct wire_val *v = wire_list(sp, SPEC_SELECTOR); v; v = v->next)
        str_addf(&s, "%s%s=%s", s.len ? "," : "", v->key, v->s ? v->s : "");
    if (s.len)
        rowbuf_textn(rb, C_SELECTOR, s.data, s.len);
    str_clear(&s);
    for (const struct wire_val *v = wire_list(sp, SPEC_TOLERATIONS); v; v = v->next) {
        const char *key = wire_str(v->obj, TOLERATION_KEY), *val = wire_str(v->obj, TOLERATION_VALUE), *effect = wire_str(v->obj, TOLERATION_EFFECT);
        bool equal = kube_some(key) && !kube_is(wire_str(v->obj, TOLERATION_OPERATOR), "Exists");
        str_addf(&s, "%s%s%s%s%s%s", v == wire_list(sp, SPEC_TOLERATIONS) ? "" : ",", kube_some(key) ? key : "*", equal ? "=" : "", equal && val ? val : "", kube_some(effect) ? ":" : "",
                 kube_some(effect) ? effect : "");
    }
    if (wire_list(sp, SPEC_TOLERATIONS))
        rowbuf_textn(rb, C_TOLERATIONS, s.data ? s.data : "", s.len);
    str_clear(&s);
    kube_affinity_text(wire_sub(sp, SPEC_AFFINITY), &s);
    if (s.len)
        rowbuf_textn(rb, C_AFFINITY, s.data, s.len);
    str_clear(&s);
    const struct wire_obj *affinity = wire_sub(sp, SPEC_AFFINITY);
    kube_beside_affinity(affinity, &s);
    kube_beside_spread(wire_list(sp, SPEC_SPREAD), wire_list(meta, META_LABELS), &s);
    kube_beside_ports(wire_list(sp, SPEC_CONTAINERS), &s);
    kube_beside_ports(wire_list(sp, SPEC_INIT), &s);
    kube_beside_asks(wire_list(sp, SPEC_CONTAINERS), wire_list(sp, SPEC_INIT), &s);
    if (wire_num(sp, SPEC_PRIORITY, 0))
        kube_beside_part(&s, "prio;%lld", (long long)wire_num(sp, SPEC_PRIORITY, 0));
    if (s.len)
        rowbuf_textn(rb, C_BESIDE, s.data, s.len);
    rb->failed |= s.failed;
    str_release(&s);
}

static int64_t amount(const struct wire_val *map, const char *res)
{
    for (; map; map = map->next)
        if (kube_is(map->key, res))
            return map->n;
    return CELL_NONE;
}

static int64_t asks(const struct wire_obj *container, const char *res)
{
    int64_t n = amount(wire_list(wire_sub(container, CONTAINER_RESOURCES), RESOURCES_REQUESTS), res);
    return n == CELL_NONE ? 0 : n;
}

/* What the scheduler counts: all containers and sidecars, or the greediest init container if that is more; overhead; the pod's own
 * figure where it has one. In thousandths. */
static int64_t requested(const struct wire_obj *sp, const char *res)
{
    int64_t sum = 0, sidecars = 0, peak = 0, over = amount(wire_list(sp, SPEC_OVERHEAD), res);
    int64_t own = amount(wire_list(wire_sub(sp, SPEC_RESOURCES), RESOURCES_REQUESTS), res);
    for (const struct wire_val *v = wire_list(sp, SPEC_CONTAINERS); v; v = v->next)
        sum += asks(v->obj, res);
    for (const struct wire_val *v = wire_list(sp, SPEC_INIT); v; v = v->next) {
        int64_t n = asks(v->obj, res) + sidecars;
        if (kube_is(wire_str(v->obj, CONTAINER_RESTART), "Always"))
            sidecars = n;
        peak = n > peak ? n : peak;
    }
    sum += sidecars;
    sum = own != CELL_NONE ? own : peak > sum ? peak : sum;
    return sum + (over == CELL_NONE ? 0 : over);
}

static void fill_requested(struct rowbuf *rb, const struct wire_obj *sp, const char *phase)
{
    if (kube_is(phase, "Succeeded") || kube_is(phase, "Failed"))
        return;
    int64_t cpu = requested(sp, "cpu"), mem = requested(sp, "memory");
    rowbuf_num(rb, C_CPU_ASKED, cpu);
    rowbuf_num(rb, C_MEM_ASKED, mem / 1000);
}

/* Since its first crash, of one that crashes again and again: each start makes it ready for a moment. Where it was not ready all through
 * the last run, the condition tells. unready: since when by that, CELL_NONE: it is ready. */
static int64_t crashes_since(const struct wire_obj *st, const struct wire_val *containers, int64_t since, int64_t unready, int64_t now_ms)
{
    int64_t start = wire_num(st, ST_START, CELL_NONE);
    for (const struct wire_val *v = start == CELL_NONE ? NULL : containers; v; v = v->next) {
        const struct wire_obj *now = wire_sub(v->obj, CS_STATE), *wait = wire_sub(now, STATE_WAITING), *run = wire_sub(now, STATE_RUNNING);
        const struct wire_obj *end = wire_sub(wire_sub(v->obj, CS_LAST), STATE_TERMINATED), *ended = wire_sub(now, STATE_TERMINATED);
        int64_t restarts = wire_num(v->obj, CS_RESTARTS, 0), up = run ? wire_num(run, 0, now_ms) : CELL_NONE;
        bool loops = kube_is(wire_str(wait, WAITING_REASON), "CrashLoopBackOff") || ended || (run && now_ms - up < KUBE_STUCK_MS && up - last_end(v->obj) < 2 * KUBE_STUCK_MS);
        if (!loops || !restarts || !end)
            continue;
        end = ended ? ended : end;
        int64_t last = wire_num(end, TERM_FINISHED, CELL_NONE), began = wire_num(end, TERM_STARTED, last);
        if ((unready != CELL_NONE && unready < began) || (run && unready != CELL_NONE && last - began > KUBE_RAN_WELL_MS))
            continue;                           /* what ran well and was started once more, as with its node, does not loop */
        int64_t first = last == CELL_NONE ? CELL_NONE : kube_crash_since(last, last - began, restarts, wire_str(wait, WAITING_MESSAGE), start);
        since = first != CELL_NONE && (since == CELL_NONE || first < since) ? first : since;
    }
    return since;
}

static void decode(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms)
{
    const struct wire_obj *sp = wire_sub(o, OBJ_SPEC), *st = wire_sub(o, OBJ_STATUS);
    const char *pod_ip = wire_str(st, ST_IP);
    struct summary s;
    summarize(o, &s);
    rowbuf_num(rb, C_READY, CELL_RATIO(s.ready, s.total));
    rowbuf_text(rb, C_STATUS, s.reason);
    rowbuf_num(rb, C_RESTARTS, CELL_RESTARTS(s.restarts, s.restarts ? s.last_ms / 1000 : 0));
    kube_text(rb, C_IP, kube_some(pod_ip) ? pod_ip : wire_str(wire_sub(st, ST_IPS), 0));
    kube_text(rb, C_NODE, wire_str(sp, SPEC_NODE));
    kube_text(rb, C_NOMINATED, wire_str(st, ST_NOMINATED));
    fill_gates(rb, sp, st);
    kube_text(rb, C_QOS, wire_str(st, ST_QOS));
    kube_container_cells(rb, C_CONTAINERS, C_IMAGES, wire_list(sp, SPEC_CONTAINERS));
    const struct wire_obj *ready = kube_cond(wire_list(st, ST_CONDITIONS), "Ready");
    int64_t since = kube_is(wire_str(ready, COND_STATUS), "True") ? CELL_NONE : wire_num(ready, COND_SINCE, CELL_NONE);
    int64_t loops = crashes_since(st, wire_list(st, ST_INIT), crashes_since(st, wire_list(st, ST_CONTAINERS), CELL_NONE, since, now_ms), since, now_ms);
    bool about = since != CELL_NONE && loops != CELL_NONE && loops < since;
    rowbuf_num(rb, C_LOOPS, loops);
    if (about)
        rowbuf_text(rb, C_ABOUT, "about");
    rowbuf_num(rb, C_UNREADY, about ? loops : since);
    fill_message(rb, st, &s);
    fill_claims(rb, wire_list(sp, SPEC_VOLUMES));
    fill_place(rb, sp, wire_sub(o, OBJ_META));
    fill_requested(rb, sp, wire_str(st, ST_PHASE));
    rowbuf_health(rb, pod_health(rb, o, &s, now_ms));
}

/* Runs are not all as long: as long as it goes on, what was reckoned first holds. */
static void keep(struct row *now, const struct row *before)
{
    int64_t *since = &now->cell[C_LOOPS].n, had = before->cell[C_LOOPS].n;
    int64_t n = now->cell[C_RESTARTS].n, then = before->cell[C_RESTARTS].n;
    if (*since == CELL_NONE || had == CELL_NONE || !kube_crash_goes_on(n >> 40, (n & 0xffffffffffLL) * 1000, then >> 40, (then & 0xffffffffffLL) * 1000))
        return;
    *since = had;
    if (now->cell[C_UNREADY].n != CELL_NONE && now->cell[C_ABOUT].s && *now->cell[C_ABOUT].s)
        now->cell[C_UNREADY].n = had;
}

static const struct kube_kind kube = {
    .group = "", .version = "v1", .resource = "pods", .object_kind = "Pod", .schema = &pod, .decode = decode, .keep = keep,
    .metrics = true,
};
static const char *const aliases[] = {"po", "pod", NULL};
const struct kind kind_pods = {
    .id = "pods", .singular = "pod", .title = "Pods", .aliases = aliases,
    .help = "Groups of containers that run together on a node.",
    .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_LOGS | KIND_DELETE,
    .columns = columns, .ncolumns = COUNT_OF(columns), .kube = &kube,
};
