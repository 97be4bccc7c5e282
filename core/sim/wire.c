/* Upgraded connections: the handshake, frames by libwslay, and the channels of Kubernetes' streams. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "core/net/wshand.h"
#include "core/sim/wire.h"

/*
 * The daemon would pass an upgraded TLS connection on in pieces of four bytes, one a run: what it keeps for that is what the
 * handshake left of its memory. So the session is spoken to here, and to the daemon it has nothing to read.
 */
#define TURN_BYTES ((size_t)1 << 20)

static ssize_t pull(gnutls_transport_ptr_t arg, void *buf, size_t len)
{
    struct wire *w = arg;
    ssize_t n = w->reading ? recv(w->fd, buf, len, MSG_DONTWAIT) : -1;
    if (n < 0)
        gnutls_transport_set_errno(w->tls, w->reading ? errno : EAGAIN);
    return n;
}

static ssize_t pull_none(gnutls_transport_ptr_t arg, void *buf, size_t len)
{
    (void)arg, (void)buf, (void)len;
    errno = EAGAIN;
    return -1;
}

static void take_over(struct wire *w, struct MHD_Connection *conn)
{
    char buf[4096];
    w->tls = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
    w->fd = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    gnutls_transport_set_ptr2(w->tls, w, (gnutls_transport_ptr_t)(intptr_t)w->fd);
    gnutls_transport_set_pull_function(w->tls, pull);
    for (ssize_t n; gnutls_record_check_pending(w->tls) && (n = gnutls_record_recv(w->tls, buf, sizeof(buf))) > 0;)
        str_add(&w->early, buf, (size_t)n);
}

static ssize_t on_recv(wslay_event_context_ptr c, uint8_t *buf, size_t len, int flags, void *arg)
{
    struct wire *w = arg;
    (void)flags;
    if (w->early_at < w->early.len) {
        size_t n = w->early.len - w->early_at < len ? w->early.len - w->early_at : len;
        memcpy(buf, w->early.data + w->early_at, n);
        w->early_at += n;
        return (ssize_t)n;
    }
    if (w->turn > TURN_BYTES && !gnutls_record_check_pending(w->tls)) {      /* others have their turn */
        w->sim->world->wires_left = true;
        wslay_event_set_error(c, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    w->reading = true;
    ssize_t n = gnutls_record_recv(w->tls, buf, len);
    w->reading = false;
    if (n > 0) {
        w->turn += (size_t)n;
        return n;
    }
    w->lost |= n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED;
    wslay_event_set_error(c, w->lost ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr c, const uint8_t *data, size_t len, int flags, void *arg)
{
    struct wire *w = arg;
    (void)flags;
    ssize_t n = w->held ? gnutls_record_send(w->tls, NULL, 0) : gnutls_record_send(w->tls, data, len);   /* NULL: what waits in there */
    w->held = n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED;
    if (n > 0)
        return n;
    w->lost |= !w->held;
    wslay_event_set_error(c, w->lost ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static void on_msg(wslay_event_context_ptr c, const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
    struct wire *w = arg;
    (void)c;
    if (wslay_is_ctrl_frame(m->opcode) || !m->msg_length || w->over)
        return;
    if (w->v5 && m->msg[0] == 255 && m->msg_length == 2)
        w->end->closed(w, m->msg[1]);
    else
        w->end->data(w, m->msg[0], (const char *)m->msg + 1, m->msg_length - 1);
}

void wire_send(struct wire *w, unsigned channel, const void *data, size_t len)
{
    unsigned char *msg = sim_alloc(len + 1);
    msg[0] = (unsigned char)channel;
    if (len)
        memcpy(msg + 1, data, len);
    wslay_event_queue_msg(w->ctx, &(struct wslay_event_msg){.opcode = WSLAY_BINARY_FRAME, .msg = msg, .msg_length = len + 1});
    free(msg);
}

size_t wire_queued(const struct wire *w)
{
    return wslay_event_get_queued_msg_length(w->ctx);
}

void wire_close(struct wire *w)
{
    w->over = true;                                            /* a close frame overtakes data: it is queued when they are sent */
}

static void last_word(struct wire *w, json_t *status)
{
    char *text = jdump(status);
    if (w->over) {
        free(text);
        return;
    }
    wire_send(w, 3, text, strlen(text));
    free(text);
    wire_close(w);
}

void wire_exit(struct wire *w, int code)
{
    char number[16], message[64];
    snprintf(number, sizeof(number), "%d", code);
    snprintf(message, sizeof(message), "command terminated with non-zero exit code: exit status %d", code);
    last_word(w, code == 0 ? jt("{'metadata':{},'status':'Success'}")
                           : jt("{'metadata':{},'status':'Failure','message':%s,'reason':'NonZeroExitCode','details':{'causes':[{'reason':'ExitCode',"
                                "'message':%s}]}}", message, number));
}

void wire_fail(struct wire *w, const char *message)
{
    last_word(w, jt("{'metadata':{},'status':'Failure','message':%s,'reason':'InternalError','details':{'causes':[{'message':%s}]},'code':%i}",
                    message, message, 500));
}

/* ---- the handshake ---- */

static void wire_free(struct wire *w)
{
    if (w->impl)
        w->end->free(w);
    if (w->ctx)
        wslay_event_context_free(w->ctx);
    if (w->tls) {                                              /* the daemon ends it, and reads nothing of a wire that is gone */
        gnutls_transport_set_ptr2(w->tls, NULL, (gnutls_transport_ptr_t)(intptr_t)w->fd);
        gnutls_transport_set_pull_function(w->tls, pull_none);
    }
    if (w->urh)
        MHD_upgrade_action(w->urh, MHD_UPGRADE_ACTION_CLOSE);
    for (char **a = w->argv; a && *a; a++)
        free(*a);
    free(w->argv);
    free(w->ns);
    free(w->pod);
    free(w->uid);
    free(w->container);
    str_release(&w->early);
    free(w);
}

static void upgraded(void *cls, struct MHD_Connection *conn, void *con_cls, const char *extra, size_t nextra, MHD_socket sock,
                     struct MHD_UpgradeResponseHandle *urh)
{
    static const struct wslay_event_callbacks cb = {.recv_callback = on_recv, .send_callback = on_send, .on_msg_recv_callback = on_msg};
    struct wire *w = cls;
    (void)sock;
    (void)con_cls;
    w->urh = urh;
    str_init(&w->early, 0);
    str_add(&w->early, extra, nextra);
    take_over(w, conn);
    wslay_event_context_server_init(&w->ctx, &cb, w);
    w->next = w->sim->world->wires;
    w->sim->world->wires = w;
    w->end->start(w);
}

static enum MHD_Result add_arg(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct wire *w = cls;
    size_t n = 0;
    (void)kind;
    if (strcmp(key, "command") != 0)
        return MHD_YES;
    while (w->argv && w->argv[n])
        n++;
    char **argv = sim_alloc((n + 2) * sizeof(*argv));
    for (size_t i = 0; i < n; i++)
        argv[i] = w->argv[i];
    argv[n] = sim_strdup(value ? value : "");
    free(w->argv);
    w->argv = argv;
    return MHD_YES;
}

static bool yes(const struct req *r, const char *key)
{
    const char *v = req_query(r, key);
    return v && (strcmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

/* The first offered that we speak; NULL: none. */
static const char *choose(const char *offered, bool port)
{
    static const char *const known[] = {"v5.channel.k8s.io", "v4.channel.k8s.io"};
    for (const char *p = offered ? offered : ""; *p;) {
        size_t n = strcspn(p, ", ");
        for (size_t i = port; i < 2; i++)
            if (strlen(known[i]) == n && !strncmp(known[i], p, n))
                return known[i];
        p += n + strspn(p + n, ", ");
    }
    return NULL;
}

static json_t *container_of(const json_t *pod, const char *name)
{
    static const char *const lists[] = {"spec.containers", "spec.ephemeralContainers", "spec.initContainers"};
    for (size_t k = 0; k < 3; k++) {
        json_t *list = jat(pod, lists[k]);
        for (size_t i = 0; i < json_array_size(list); i++)
            if (!name || !strcmp(jstr(json_array_get(list, i), "name"), name))
                return json_array_get(list, i);
    }
    return NULL;
}

void kube_upgrade(struct req *r, struct obj *pod, const char *sub)
{
    const json_t *doc = obj_read(pod);
    const char *key = req_header(r, "Sec-WebSocket-Key"), *name = req_query(r, "container"), *up = req_header(r, "Upgrade");
    bool port = !strcmp(sub, "portforward");
    const char *protocol = choose(req_header(r, "Sec-WebSocket-Protocol"), port);
    char accept[WS_ACCEPT_SIZE];
    json_t *c = container_of(doc, name && *name ? name : NULL);
    if (!port && name && *name && !c) {
        kube_status(r, 400, "BadRequest", NULL, "container %s is not valid for pod %s", name, pod->name);
    } else if (!port && (!name || !*name) && json_array_size(jat(doc, "spec.containers")) > 1) {
        kube_status(r, 400, "BadRequest", NULL, "a container name must be specified for pod %s", pod->name);
    } else if (strcmp(jstr(doc, "status.phase"), "Running") != 0) {
        kube_status(r, 500, "InternalError", NULL, "unable to upgrade connection: container not found (\"%s\")", c ? jstr(c, "name") : "");
    } else if (!up || strcasecmp(up, "websocket") || !key) {   /* SPDY is not spoken here */
        kube_status(r, 400, "BadRequest", NULL, "Upgrade request required");
    } else if (!protocol) {
        kube_status(r, 403, "Forbidden", NULL, "unable to upgrade: no acceptable subprotocol");
    } else {
        struct wire *w = sim_alloc(sizeof(*w));
        *w = (struct wire){.sim = r->sim, .end = port ? &wire_port : &wire_shell, .ns = sim_strdup(pod->ns), .pod = sim_strdup(pod->name),
                           .uid = sim_strdup(pod->uid), .container = sim_strdup(c ? jstr(c, "name") : ""), .tty = yes(r, "tty"),
                           .bare = c && strstr(jstr(c, "image"), "distroless"),
                           .in = yes(r, "stdin"), .v5 = protocol[1] == '5', .fd = -1, .port = port && req_query(r, "ports") ? atoi(req_query(r, "ports")) : 0};
        MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, add_arg, w);
        struct MHD_Response *resp = MHD_create_response_for_upgrade(upgraded, w);
        ws_accept_key(key, accept);
        MHD_add_response_header(resp, "Upgrade", "websocket");
        MHD_add_response_header(resp, "Sec-WebSocket-Accept", accept);
        MHD_add_response_header(resp, "Sec-WebSocket-Protocol", protocol);
        r->answered = true;
        r->result = MHD_queue_response(r->conn, 101, resp);
        MHD_destroy_response(resp);
        if (r->result != MHD_YES)
            wire_free(w);
    }
}

/* ---- in the loop ---- */

int wires_fds(const struct world *w, struct pollfd *fd, int max)
{
    int n = 0;
    for (struct wire *x = w->wires; x && n < max; x = x->next)
        fd[n++] = (struct pollfd){.fd = x->fd, .events = (short)(POLLIN | (wslay_event_want_write(x->ctx) ? POLLOUT : 0))};
    return n;
}

static bool serve(struct wire *w)
{
    struct res *pods = store_find_res(w->sim, "", "v1", "pods");
    struct obj *pod = store_get(pods, w->ns, w->pod);
    if (!w->over && (!pod || strcmp(pod->uid, w->uid)))
        wire_exit(w, 137);                                     /* killed with its pod */
    w->turn = 0;
    if (wslay_event_recv(w->ctx) != 0 || w->lost)
        return false;
    if (!w->over && w->end->more)
        w->end->more(w);
    if (wslay_event_send(w->ctx) != 0 || w->lost)
        return false;
    if (w->over && !wslay_event_get_close_sent(w->ctx) && !wslay_event_want_write(w->ctx))
        wslay_event_queue_close(w->ctx, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
    return !(wslay_event_get_close_received(w->ctx) && !wslay_event_want_write(w->ctx));
}

void wires_serve(struct world *w)
{
    for (struct wire **at = &w->wires, *x; (x = *at);) {
        if (serve(x)) {
            at = &x->next;
            continue;
        }
        *at = x->next;
        wire_free(x);
    }
}

void wires_drop(struct world *w, const struct sim *of)
{
    for (struct wire **at = &w->wires, *x; (x = *at);) {
        if (of && x->sim != of) {
            at = &x->next;
            continue;
        }
        *at = x->next;
        wire_free(x);
    }
}
