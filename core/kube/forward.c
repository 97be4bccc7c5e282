/*
 * Port-forward: a listening socket here; each connection has a WebSocket of its own to the pod (v4.channel.k8s.io: one
 * channel for the data, one for errors, each beginning with the port). The end of our input cannot be told in that protocol:
 * a connection whose client has said all stays until the pod closes it, or says nothing more for a while.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/forward.h"
#include "core/kube/kube_rq.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

enum { CONNS = 100, PIECE = 16 << 10, HIGH = 256 << 10, QUIET_MS = 30000, TELL_MS = 250, DATA = 0, ERRORS = 1 };

struct conn {
    struct conn *next;
    struct fwd *f;
    struct kube_call *call;
    struct net_watch *watch;
    struct net_timer *quiet;
    int fd;
    struct str out;                      /* for the client, who reads slowly */
    size_t out_at, port_seen[2];
    struct str error;
    int64_t heard_ms;
    bool ours_done, paused, over;        /* the client said all; the pod did */
};

struct fwd {
    struct kube_op op;
    struct forward_info info;
    struct net_watch *watch;
    struct net_timer *tell;
    int fd;
    struct conn *conns;
    json_t *service;
};

/* ---- the list ---- */

static void tell_now(void *arg)
{
    struct fwd *f = arg;
    f->tell = NULL;
    forward_set(f->op.rq->core, &f->info);
}

static void changed(struct fwd *f)
{
    if (!f->tell && !f->op.ended)
        f->tell = net_timer(f->op.source->net, TELL_MS, tell_now, f);
}

/* ---- one connection ---- */

static void conn_free(struct conn *c)
{
    struct fwd *f = c->f;
    struct net *net = f->op.source->net;
    for (struct conn **at = &f->conns; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            f->info.active--;
            break;
        }
    net_watch_free(net, c->watch);
    net_timer_cancel(net, c->quiet);
    close(c->fd);
    str_release(&c->out);
    str_release(&c->error);
    mem_free(c);
    if (f->watch)
        net_watch_set(f->watch, NET_IN);
    changed(f);
}

static void watch_for(struct conn *c)
{
    struct net_call *ws = kube_call_ws(c->call);
    bool in = ws && !c->ours_done && net_ws_queued(ws) < HIGH, out = c->out_at < c->out.len;
    net_watch_set(c->watch, (in ? NET_IN : 0) | (out ? NET_OUT : 0));
}

/* The client is gone, or everything is said: ends it. c may be gone afterwards. */
static void conn_end(struct conn *c)
{
    c->over = true;
    str_clear(&c->out);
    c->out_at = 0;
    if (c->call)
        kube_cancel(c->call);            /* on_done frees it */
    else
        conn_free(c);
}

/* false: c is gone. */
static bool flush(struct conn *c)
{
    while (c->out_at < c->out.len) {
        ssize_t n = send(c->fd, c->out.data + c->out_at, c->out.len - c->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0) {
            conn_end(c);
            return false;
        }
        c->out_at += (size_t)n;
    }
    struct net_call *ws = kube_call_ws(c->call);
    size_t left = c->out.len - c->out_at;
    if (!left) {
        str_clear(&c->out);
        c->out_at = 0;
    }
    if (ws && c->paused && left < HIGH / 4)
        net_ws_pause(ws, c->paused = false);
    if (c->over && !left && !c->call) {
        conn_free(c);
        return false;
    }
    watch_for(c);
    return true;
}

static void quiet_due(void *arg)
{
    struct conn *c = arg;
    int64_t left = c->heard_ms + QUIET_MS - clock_mono_ms();
    c->quiet = NULL;
    if (left > 0)
        c->quiet = net_timer(c->f->op.source->net, left, quiet_due, c);
    else
        conn_end(c);
}

static void read_client(struct conn *c)
{
    char buf[PIECE];
    unsigned char channel = DATA;
    struct net_call *ws = kube_call_ws(c->call);
    while (ws && net_ws_queued(ws) < HIGH) {
        ssize_t n = recv(c->fd, buf, sizeof buf, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0 || (n > 0 && !net_ws_send(ws, &channel, 1, buf, (size_t)n))) {
            conn_end(c);
            return;
        }
        if (n == 0) {
            c->ours_done = true;
            c->heard_ms = clock_mono_ms();
            c->quiet = net_timer(c->f->op.source->net, QUIET_MS, quiet_due, c);
            break;
        }
        c->f->info.bytes_out += (uint64_t)n;
        changed(c->f);
    }
    watch_for(c);
}

static void client_ready(void *arg, int events)
{
    struct conn *c = arg;
    if ((events & NET_OUT) && !flush(c))
        return;
    if (events & NET_IN)
        read_client(c);
}

/* ---- the pod's end ---- */

static void on_open(void *arg, const char *protocol)
{
    (void)protocol;
    watch_for(arg);
}

static void on_room(void *arg)
{
    watch_for(arg);
}

static void on_message(void *arg, const char *data, size_t len)
{
    struct conn *c = arg;
    unsigned channel = len ? (unsigned char)data[0] : 9;
    if (channel > ERRORS || c->over)
        return;
    data++, len--;
    while (len && c->port_seen[channel] < 2)
        data++, len--, c->port_seen[channel]++;
    if (!len)
        return;
    if (channel == ERRORS) {
        str_add(&c->error, data, len < 4096 ? len : 4096);
        return;
    }
    c->heard_ms = clock_mono_ms();
    c->f->info.bytes_in += len;
    changed(c->f);
    str_cut(&c->out, c->out_at);
    c->out_at = 0;
    if (!str_add(&c->out, data, len)) {
        conn_end(c);
        return;
    }
    struct net_call *ws = kube_call_ws(c->call);
    if (!flush(c))
        return;
    if (c->out.len - c->out_at > HIGH && ws)
        net_ws_pause(ws, c->paused = true);
}

static void trouble(struct fwd *f, enum err_code code, const char *text, size_t len)
{
    struct str clean;
    struct err err;
    str_init(&clean, 4096);
    text_clean(&clean, text, len, 0);
    err_set(&err, code, 0, "a connection to port %d of pod %s failed: %.160s", f->info.remote, f->info.pod, clean.data ? clean.data : "");
    snprintf(f->info.trouble, sizeof f->info.trouble, "%.199s", clean.data ? clean.data : "");
    str_release(&clean);
    forward_tell(f->op.rq, &err);
    changed(f);
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct conn *c = arg;
    struct fwd *f = c->f;
    c->call = NULL;
    kube_op_hold(&f->op);
    bool ended = f->op.ended;
    if (!ended && c->error.len)
        trouble(f, ERR_SERVER, c->error.data, c->error.len);
    else if (!ended && !c->over && r->err.code)
        trouble(f, r->err.code, r->err.msg, strlen(r->err.msg));
    c->over = true;
    c->ours_done = true;
    if (!c->watch || ended)
        conn_free(c);
    else
        flush(c);
    if (!ended && (r->status == 404 || r->status == 403))
        kube_op_fail(&f->op, r->status == 404 ? ERR_NOTFOUND : ERR_FORBIDDEN, "port-forward to pod %s ends: %.200s", f->info.pod, r->err.msg);
    kube_op_drop(&f->op);
}

static void conn_new(struct fwd *f, int fd)
{
    static const char *const protocols[] = {"v4.channel.k8s.io", NULL};
    static const struct net_ws ws = {.protocols = protocols, .on_open = on_open, .on_message = on_message, .on_room = on_room};
    struct conn *c = mem_zalloc(sizeof *c);
    struct str path;
    struct err err = ERR_INIT;
    if (!c) {
        close(fd);
        return;
    }
    c->f = f;
    c->fd = fd;
    str_init(&c->out, 4 << 20);
    str_init(&c->error, 8192);
    c->next = f->conns;
    f->conns = c;
    f->info.active++;
    f->info.total++;
    str_init(&path, 0);
    kube_path(&path, kind_find("pods"), f->info.scope, f->info.pod, "portforward");
    str_addf(&path, "?ports=%d", f->info.remote);
    struct kube_req req = {.path = path.data, .accept = "*/*", .ws = &ws, .on_done = on_done, .arg = c};
    c->watch = path.failed ? NULL : net_watch(f->op.source->net, fd, 0, client_ready, c);
    if (!c->watch || !(c->call = kube_send(f->op.ks, &req, &err)))
        conn_free(c);
    str_release(&path);
    changed(f);
}

static void on_accept(void *arg, int events)
{
    struct fwd *f = arg;
    (void)events;
    while (f->info.active < CONNS) {
        int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        conn_new(f, fd);
    }
    net_watch_set(f->watch, 0);          /* others wait in the kernel's queue */
}

/* ---- begin ---- */

static bool start_listening(struct fwd *f, struct err *err)
{
    struct request *rq = f->op.rq;
    struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)rq->local)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)rq->local)};
    bool v6 = inet_pton(AF_INET6, rq->address, &a6.sin6_addr) == 1;
    const struct sockaddr *at = v6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4;
    socklen_t len = v6 ? sizeof a6 : sizeof a4;
    int one = 1;
    if (!v6 && inet_pton(AF_INET, rq->address, &a4.sin_addr) != 1)
        return err_set(err, ERR_USAGE, 0, "%s is no address to listen on", rq->address), false;
    f->fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (f->fd >= 0)
        setsockopt(f->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (f->fd < 0 || bind(f->fd, at, len) || listen(f->fd, 64) || getsockname(f->fd, v6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4, &len)) {
        const char *why = strerrordesc_np(errno);
        return err_set(err, ERR_IO, errno, "cannot listen on %s:%d: %s; choose another port", rq->address, rq->local, why ? why : "?"), false;
    }
    f->info.local = ntohs(v6 ? a6.sin6_port : a4.sin_port);
    f->watch = net_watch(f->op.source->net, f->fd, NET_IN, on_accept, f);
    f->info.since_mono_ms = clock_mono_ms();
    if (!f->watch || !forward_set(rq->core, &f->info))
        return err_set(err, ERR_NOMEM, 0, "there are too many port-forwards (at most %d)", CORE_MAX_FORWARDS), false;
    return true;
}

static void listen_now(struct fwd *f)
{
    struct err err = ERR_INIT;
    if (!start_listening(f, &err))
        kube_op_end(&f->op, NULL, 0, &err);
    else
        forward_tell(f->op.rq, NULL);
}

static void may(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct fwd *f = (struct fwd *)op;
    const char *user = op->source->info.user;
    (void)arg;
    if (kube_denied(r))
        kube_op_fail(op, ERR_FORBIDDEN, "no port-forward to pod %s: %.80s may not get pods/portforward in namespace %s on %s: ask for that right", f->info.pod,
                     *user ? user : "this user", f->info.scope, op->source->info.name);
    else
        listen_now(f);
}

static void begin(struct fwd *f, const json_t *pod)
{
    struct err err = ERR_INIT;
    const char *name = kube_jstr(pod, "metadata.name"), *phase = kube_jstr(pod, "status.phase");
    snprintf(f->info.pod, sizeof f->info.pod, "%s", name ? name : "");
    if (!phase || strcmp(phase, "Running") != 0)
        kube_op_fail(&f->op, ERR_CONFLICT, "no port-forward: pod %s does not run (%.40s)", f->info.pod, phase ? phase : "no phase");
    else if (!kube_op_ask_right(&f->op, "get", "portforward", f->info.scope, f->info.pod, may, &err) && !f->op.ended)
        listen_now(f);
}

/* ---- a service: its port, and a pod that is ready ---- */

static int target_port(const json_t *service, const json_t *pod, int port)
{
    json_t *ports = kube_jget(service, "spec.ports");
    for (size_t i = 0; i < json_array_size(ports); i++) {
        const json_t *p = json_array_get(ports, i), *t = json_object_get(p, "targetPort");
        if (kube_jint(p, "port", 0) != port)
            continue;
        if (!json_is_string(t))
            return (int)kube_jint(p, "targetPort", port);
        json_t *cs = kube_jget(pod, "spec.containers");
        for (size_t k = 0; k < json_array_size(cs); k++) {
            json_t *cp = kube_jget(json_array_get(cs, k), "ports");
            for (size_t m = 0; m < json_array_size(cp); m++) {
                const char *n = kube_jstr(json_array_get(cp, m), "name");
                if (n && !strcmp(n, json_string_value(t)))
                    return (int)kube_jint(json_array_get(cp, m), "containerPort", 0);
            }
        }
        return 0;
    }
    return -1;
}

static bool is_ready(const json_t *pod)
{
    json_t *c = kube_jget(pod, "status.conditions");
    for (size_t i = 0; i < json_array_size(c); i++) {
        const char *type = kube_jstr(json_array_get(c, i), "type"), *status = kube_jstr(json_array_get(c, i), "status");
        if (type && status && !strcmp(type, "Ready"))
            return !strcmp(status, "True") && !kube_jstr(pod, "metadata.deletionTimestamp");
    }
    return false;
}

static void got_pods(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct fwd *f = (struct fwd *)op;
    struct err err = ERR_INIT;
    json_t *list = kube_json(r, &err), *items = kube_jget(list, "items"), *pod = NULL;
    (void)arg;
    for (size_t i = 0; i < json_array_size(items) && !pod; i++)
        if (is_ready(json_array_get(items, i)))
            pod = json_array_get(items, i);
    int port = pod ? target_port(f->service, pod, op->rq->remote) : 0;
    if (!list) {
        kube_op_end(op, NULL, 0, &err);
    } else if (!pod) {
        kube_op_fail(op, ERR_NOTFOUND, "no port-forward: service %s has no pod that is ready", op->rq->name);
    } else if (port <= 0) {
        kube_op_fail(op, ERR_NOTFOUND, "service %s has no port %d%s", op->rq->name, op->rq->remote, port ? "" : " that its pods have");
    } else {
        f->info.remote = port;
        begin(f, pod);
    }
    json_decref(list);
}

static void pods_of(struct fwd *f)
{
    struct str path, selector;
    struct err err;
    json_t *want = kube_jget(f->service, "spec.selector");
    str_init(&path, 0);
    str_init(&selector, 0);
    if (!json_object_size(want)) {
        kube_op_fail(&f->op, ERR_UNSUPPORTED, "service %s selects no pods: forward to a pod", f->op.rq->name);
    } else if (kube_selector(&selector, want) && kube_path(&path, kind_find("pods"), f->info.scope, NULL, NULL)) {
        str_adds(&path, "?labelSelector=");
        str_add_urlenc(&path, selector.data);
        if (!kube_op_get(&f->op, path.data, got_pods, NULL, &err) && !f->op.ended)
            kube_op_end(&f->op, NULL, 0, &err);
    } else {
        kube_op_fail(&f->op, ERR_NOMEM, "out of memory");
    }
    str_release(&path);
    str_release(&selector);
}

static void got_object(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct fwd *f = (struct fwd *)op;
    struct request *rq = op->rq;
    struct err err = ERR_INIT;
    json_t *o = kube_json(r, &err);
    const char *uid = kube_jstr(o, "metadata.uid"), *ns = kube_jstr(o, "metadata.namespace");
    (void)arg;
    snprintf(f->info.scope, sizeof f->info.scope, "%s", ns ? ns : rq->scope);
    if (!o) {
        err_wrap(&err, "no port-forward to %s", rq->name);
        kube_op_end(op, NULL, 0, &err);
    } else if (rq->uid && *rq->uid && uid && strcmp(uid, rq->uid) != 0) {
        kube_op_fail(op, ERR_CONFLICT, "no port-forward: %s is another object of that name now", rq->name);
    } else if (!strcmp(op->kind->id, "pods")) {
        begin(f, o);
    } else {
        f->service = json_incref(o);
        pods_of(f);
    }
    json_decref(o);
}

static void ask(struct kube_op *op)
{
    kube_op_get_object(op, 0, got_object);
}

static void stop(struct kube_op *op)
{
    struct fwd *f = (struct fwd *)op;
    struct net *net = op->source->net;
    op->ended = true;
    net_timer_cancel(net, f->tell);
    net_watch_free(net, f->watch);
    f->tell = NULL;
    f->watch = NULL;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    while (f->conns)
        conn_end(f->conns);
    forward_gone(op->rq->core, op->rq->id);
}

static void release(struct kube_op *op)
{
    json_decref(((struct fwd *)op)->service);
}

void kube_forward(struct source *s, struct request *rq)
{
    struct fwd *f = kube_op_new(s, rq, sizeof *f, release);
    if (!f)
        return;
    f->fd = -1;
    f->op.flush = stop;
    f->info = (struct forward_info){.id = rq->id, .source = s->info.id, .remote = rq->remote};
    snprintf(f->info.address, sizeof f->info.address, "%s", rq->address);
    snprintf(f->info.target, sizeof f->info.target, "%s/%s", rq->kind && rq->kind->singular ? rq->kind->singular : rq->kind_name, rq->name);
    kube_op_resolve(&f->op, ask);
}
