/*
 * Which containers' logs are wanted: the pods of a workload by its selector (or one pod by name), listed and, while
 * following, watched, so that pods may come and go and containers restart.
 */
#include "core/base/json_read.h"
#include "core/kube/logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

static void list_pods(struct logs *l);

static void clean_copy(char *buf, size_t size, const char *s)
{
    struct str t;
    str_init(&t, 4096);
    text_clean(&t, s ? s : "", s ? strlen(s) : 0, 0);
    snprintf(buf, size, "%s", t.data);
    str_release(&t);
}

/* ---- containers of a pod ---- */

static const json_t *status_of(const json_t *pod, const char *container)
{
    static const char *const lists[] = {"status.containerStatuses", "status.initContainerStatuses",
                                        "status.ephemeralContainerStatuses"};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const json_t *a = kube_jget(pod, lists[k]);
        for (size_t i = 0; i < json_array_size(a); i++) {
            const char *n = kube_jstr(json_array_get(a, i), "name");
            if (n && !strcmp(n, container))
                return json_array_get(a, i);
        }
    }
    return NULL;
}

/* Takes over what the pod says about one container. */
static void see_container(struct logs *l, const json_t *pod, const char *container)
{
    const char *name = kube_jstr(pod, "metadata.name"), *uid = kube_jstr(pod, "metadata.uid");
    struct log_stream *s = logs_stream(l, kube_jstr(pod, "metadata.namespace"), name, uid, container);
    if (!s)
        return;
    const json_t *st = status_of(pod, container);
    const char *id = kube_jstr(st, "containerID"), *phase = kube_jstr(pod, "status.phase");
    int64_t restarts = kube_jint(st, "restartCount", 0);
    bool ran = kube_jget(st, "state.running") || kube_jget(st, "state.terminated") || kube_jget(st, "lastState.terminated");
    s->listed = true;
    s->fresh |= l->listed;                       /* it appeared while we looked */
    s->running = kube_jget(st, "state.running") != NULL;
    s->pod_done = phase && (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed"));
    if (kube_jget(st, "state.waiting") && !kube_jget(st, "lastState.terminated"))
        ran = false;
    if (ran)
        snprintf(s->seen, sizeof s->seen, "%s#%" PRId64, id ? id : "", restarts);
    const char *why = kube_jstr(st, "state.waiting.reason");
    clean_copy(s->waiting, sizeof s->waiting, s->running ? "" : why ? why : ran ? "" : phase ? phase : "not scheduled");
}

static bool has_container(const json_t *pod, const char *list, const char *name)
{
    const json_t *a = kube_jget(pod, list);
    for (size_t i = 0; i < json_array_size(a); i++) {
        const char *n = kube_jstr(json_array_get(a, i), "name");
        if (n && !strcmp(n, name))
            return true;
    }
    return false;
}

static const char *const container_lists[] = {"spec.initContainers", "spec.containers", "spec.ephemeralContainers"};

static void no_such_container(struct logs *l, const json_t *pod)
{
    struct str names;
    str_init(&names, 2048);
    for (size_t k = 0; k < 3; k++) {
        const json_t *a = kube_jget(pod, container_lists[k]);
        for (size_t i = 0; i < json_array_size(a); i++)
            str_addf(&names, "%s%s", names.len ? ", " : "", kube_jstr(json_array_get(a, i), "name"));
    }
    char want[128];
    clean_copy(want, sizeof want, l->op.rq->container);
    err_set(&l->last_err, ERR_NOTFOUND, 0, "pod %s has no container %s; it has: %.180s", kube_jstr(pod, "metadata.name"), want,
            names.data);
    str_release(&names);
}

/* All of them as kubectl names them: first the plain ones. */
static void container_names(struct str *out, const json_t *pod)
{
    static const struct { const char *list, *what; } kinds[] = {
        {"spec.containers", ""}, {"spec.ephemeralContainers", " (ephem)"}, {"spec.initContainers", " (init)"}};
    for (size_t k = 0; k < 3; k++) {
        const json_t *a = kube_jget(pod, kinds[k].list);
        for (size_t i = 0; i < json_array_size(a); i++)
            str_addf(out, "%s%s%s", out->len ? ", " : "", kube_jstr(json_array_get(a, i), "name"), kinds[k].what);
    }
}

/* None was named: the pod's own wish, else its first; and what kubectl says about that. */
static const char *default_container(struct logs *l, const json_t *pod)
{
    const json_t *notes = kube_jget(pod, "metadata.annotations"), *all = kube_jget(pod, "spec.containers");
    const char *wish = json_string_value(json_object_get(notes, "kubectl.kubernetes.io/default-container"));
    const char *first = kube_jstr(json_array_get(all, 0), "name");
    struct str names;
    for (size_t k = 0; wish && k < 3; k++)
        if (has_container(pod, container_lists[k], wish))
            return wish;
    if (l->hinted || !first)
        return first;
    str_init(&names, 4096);
    if (wish && *wish)
        request_note(l->op.rq, "Default container name \"%s\" not found in pod %s", wish, kube_jstr(pod, "metadata.name"));
    container_names(&names, pod);
    if (json_array_size(all) > 1 || json_array_size(kube_jget(pod, "spec.initContainers")) ||
        json_array_size(kube_jget(pod, "spec.ephemeralContainers")))
        request_note(l->op.rq, "Defaulted container \"%s\" out of: %s", first, names.data);
    l->hinted = true;
    str_release(&names);
    return first;
}

/* Of a pod that no node has, the server's log is empty and fine: why it is, says the scheduler. */
static void note_unscheduled(struct logs *l, const json_t *pod)
{
    const json_t *all = kube_jget(pod, "status.conditions");
    const char *why = NULL;
    if (kube_jstr(pod, "spec.nodeName"))
        return;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *type = kube_jstr(json_array_get(all, i), "type");
        if (type && !strcmp(type, "PodScheduled"))
            why = kube_jstr(json_array_get(all, i), "message");
    }
    char clean[400];
    clean_copy(clean, sizeof clean, why);
    request_note(l->op.rq, "pod %s has no logs yet, it is not scheduled%s%s", kube_jstr(pod, "metadata.name"), *clean ? ": " : "", clean);
}

static void see_pod(struct logs *l, const json_t *pod)
{
    const struct request *rq = l->op.rq;
    const char *name = kube_jstr(pod, "metadata.name"), *uid = kube_jstr(pod, "metadata.uid"), *want = rq->container;
    if (!name || !uid)
        return;
    l->got_pod = true;
    if (!rq->follow)
        note_unscheduled(l, pod);
    if (l->single && rq->uid && *rq->uid && strcmp(rq->uid, uid) != 0 && !l->uid_said) {
        l->uid_said = true;
        logs_note(l, logs_origin(l, name, NULL), "this is a new pod of the same name");
    }
    if (want && !strcmp(want, "*")) {
        for (size_t k = 0; k < 3; k++) {
            const json_t *a = kube_jget(pod, container_lists[k]);
            for (size_t i = 0; i < json_array_size(a); i++)
                if (kube_jstr(json_array_get(a, i), "name"))
                    see_container(l, pod, kube_jstr(json_array_get(a, i), "name"));
        }
        return;
    }
    if (want && *want) {
        for (size_t k = 0; k < 3; k++)
            if (has_container(pod, container_lists[k], want)) {
                see_container(l, pod, want);
                return;
            }
        no_such_container(l, pod);
        return;
    }
    const char *dflt = default_container(l, pod);
    if (dflt)
        see_container(l, pod, dflt);
}

static void pod_gone(struct logs *l, const char *uid)
{
    for (struct log_stream *s = l->streams; s; s = s->next)
        if (!strcmp(s->uid, uid))
            logs_gone(s);
}

/* ---- list and watch ---- */

static void list_again(void *arg)
{
    struct logs *l = arg;
    l->list_timer = NULL;
    list_pods(l);
}

static void list_later(struct logs *l)
{
    if (!l->list_timer)
        l->list_timer = net_timer(l->op.source->net, net_backoff_next(&l->list_backoff), list_again, l);
}

static void watch_event(struct logs *l, const char *line, size_t len)
{
    json_t *ev = json_read(line, len, JSON_ALLOW_NUL, NULL);
    const char *type = kube_jstr(ev, "type");
    const json_t *pod = json_object_get(ev, "object");
    const char *rv = kube_jstr(pod, "metadata.resourceVersion");
    if (!type || !strcmp(type, "ERROR")) {
        l->relist = true;
    } else {
        if (rv)
            snprintf(l->rv, sizeof l->rv, "%s", rv);
        if (!strcmp(type, "DELETED") && kube_jstr(pod, "metadata.uid"))
            pod_gone(l, kube_jstr(pod, "metadata.uid"));
        else if (strcmp(type, "BOOKMARK") != 0)
            see_pod(l, pod);
        net_backoff_reset(&l->list_backoff);
    }
    json_decref(ev);
}

static void pump_soon(void *arg)
{
    struct logs *l = arg;
    l->list_timer = NULL;
    logs_pump(l);
}

static bool watch_data(void *arg, const char *data, size_t len)
{
    struct logs *l = arg;
    bool any = false;
    while (len) {
        const char *nl = memchr(data, '\n', len);
        size_t n = nl ? (size_t)(nl - data) : len;
        str_add(&l->watch_line, data, n);
        data += n + (nl != NULL);
        len -= n + (nl != NULL);
        if (!nl)
            break;
        if (l->watch_line.failed)
            l->relist = true;
        else if (l->watch_line.len)
            watch_event(l, l->watch_line.data, l->watch_line.len);
        str_clear(&l->watch_line);
        any = true;
    }
    /* not from inside the transport's callback: pumping may end the request and with it this call */
    if (any && !l->list_timer)
        l->list_timer = net_timer(l->op.source->net, 0, pump_soon, l);
    return !l->relist;
}

static void watch_done(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct logs *l = (struct logs *)op;
    (void)arg;
    (void)r;
    l->watch = NULL;
    net_timer_cancel(op->source->net, l->list_timer);
    l->list_timer = NULL;
    list_later(l);
    logs_pump(l);
}

static void watch_pods(struct logs *l)
{
    struct err err;
    struct str path;
    const struct kind *pods = kind_find("pods");
    str_init(&path, 0);
    str_clear(&l->watch_line);
    l->relist = false;
    kube_path(&path, pods, l->ns, NULL, NULL);
    str_addf(&path, "?%s&watch=true&allowWatchBookmarks=true&resourceVersion=%s", l->query.data, l->rv);
    struct kube_req rq = {.path = path.data, .timeout_ms = -1, .idle_timeout_ms = 180000, .on_data = watch_data, .arg = l};
    if (path.failed || !kube_op_send(&l->op, &rq, watch_done, NULL, &l->watch, &err))
        list_later(l);
    str_release(&path);
}

static void mark_listed(struct logs *l, bool start)
{
    for (struct log_stream *s = l->streams; s; s = s->next) {
        if (!start && !s->listed)
            logs_gone(s);
        if (start)
            s->listed = false;
    }
}

static void pods_listed(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct logs *l = (struct logs *)op;
    struct err err;
    (void)arg;
    if (r->status == 403 && l->single && !l->get_only && !l->listed) {
        l->get_only = true;                      /* may read this pod, not list */
        list_pods(l);
        return;
    }
    json_t *j = kube_json(r, &err);
    if (!j && l->listed && op->rq->follow && r->status != 401 && r->status != 403 && !(l->get_only && r->status == 404)) {
        list_later(l);
        return;
    }
    if (!j && !(l->listed && r->status == 404)) {
        err_wrap(&err, "logs of %s on %s", op->rq->name, op->source->info.name);
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    mark_listed(l, true);
    if (l->get_only && j)
        see_pod(l, j);
    const json_t *items = json_object_get(j, "items");
    for (size_t i = 0; i < json_array_size(items); i++)
        see_pod(l, json_array_get(items, i));
    mark_listed(l, false);
    const char *rv = kube_jstr(j, "metadata.resourceVersion");
    snprintf(l->rv, sizeof l->rv, "%s", rv ? rv : "");
    json_decref(j);
    l->listed = true;
    if (op->rq->follow && l->get_only)
        list_later(l);
    else if (op->rq->follow)
        watch_pods(l);
    logs_pump(l);
}

static void list_pods(struct logs *l)
{
    struct err err;
    struct str path;
    const struct kind *pods = kind_find("pods");
    str_init(&path, 0);
    if (!pods)
        kube_op_fail(&l->op, ERR_UNSUPPORTED, "pods are not known");
    else if (!kube_path(&path, pods, l->ns, l->get_only ? l->op.rq->name : NULL, NULL) ||
             (!l->get_only && !str_addf(&path, "?%s", l->query.data)))
        kube_op_fail(&l->op, ERR_NOMEM, "out of memory");
    else if (!kube_op_get(&l->op, path.data, pods_listed, NULL, &err))
        kube_op_end(&l->op, NULL, 0, &err);
    str_release(&path);
}

/* ---- from a workload to its selector ---- */

static void workload_read(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct logs *l = (struct logs *)op;
    struct err err;
    struct str sel;
    (void)arg;
    json_t *j = kube_json(r, &err);
    if (!j) {
        err_wrap(&err, "logs of %s on %s", op->rq->name, op->source->info.name);
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    str_init(&sel, 0);
    const json_t *s = kube_jget(j, "spec.selector");
    if (!json_is_object(s) || !kube_selector(&sel, s) || !sel.len) {
        kube_op_fail(op, ERR_UNSUPPORTED, "%s %s selects no pods, so it has no logs", op->kind->singular ? op->kind->singular : op->kind->id,
                     op->rq->name);
    } else {
        str_adds(&l->query, "labelSelector=");
        str_add_urlenc(&l->query, sel.data);
        list_pods(l);
    }
    str_release(&sel);
    json_decref(j);
}

void logs_set_start(struct logs *l)
{
    struct kube_op *op = &l->op;
    const struct request *rq = op->rq;
    struct err err;
    l->ns = mem_strdup((rq->scope && *rq->scope) || rq->selector ? rq->scope : kube_default_ns(op->ks));
    l->list_backoff = (struct net_backoff){.base_ms = 1000, .max_ms = 10000};
    if (!l->ns || !rq->name) {
        kube_op_fail(op, ERR_NOMEM, "out of memory");
        return;
    }
    if (rq->selector) {
        str_adds(&l->query, "labelSelector=");
        str_add_urlenc(&l->query, rq->selector);
        list_pods(l);
        return;
    }
    if (op->kind->kube->resource && !strcmp(op->kind->kube->resource, "pods") && !*op->kind->kube->group) {
        l->single = true;
        str_adds(&l->query, "fieldSelector=metadata.name%3D");
        str_add_urlenc(&l->query, rq->name);
        list_pods(l);
        return;
    }
    struct str path;
    str_init(&path, 0);
    if (kube_op_path(op, &path, NULL) && !kube_op_get(op, path.data, workload_read, NULL, &err))
        kube_op_end(op, NULL, 0, &err);
    str_release(&path);
}

void logs_set_release(struct logs *l)
{
    net_timer_cancel(l->op.source->net, l->list_timer);
    str_release(&l->watch_line);
    str_release(&l->query);
    mem_free(l->ns);
}
