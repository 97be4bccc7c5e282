/*
 * Exec and attach: the pod is read first (is it the one that was chosen, does it run, which container), then one WebSocket
 * carries the channels. What breaks is over: a command is never sent again.
 */
#include "core/kube/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kube/kube_rq.h"
#include "core/stream.h"
#include "strata/mem.h"
#include "strata/text.h"

enum { LINGER_MS = 2000 /* after the last word, for what is still on its way on other channels */ };
#define STATUS_MAX ((size_t)64 << 10)

struct kstream {
    struct kube_op op;
    struct kube_call *call;
    struct net_timer *linger;
    char *container;
    struct str status;                   /* of the error channel */
    bool closes;                         /* v5: the end of stdin can be told */
    bool open, in, tty;
    char what[300];                      /* "container c of pod ns/p on mgmt", clean */
};

/* The exit status that a runtime hides in its words, which may be longer than those that are kept; 0 none. */
static int status_in(const char *text)
{
    static const char said[] = "exit status ";
    const char *at = NULL;
    char *end;
    if (strstr(text, "executable file not found"))
        return STREAM_NO_PROGRAM;
    for (const char *p = text; (p = strstr(p, said)); p += sizeof said - 1)
        at = p + sizeof said - 1;
    long n = at ? strtol(at, &end, 10) : 0;
    return at && end != at && !*end && n > 0 && n < 256 ? (int)n : 0;
}

void kube_stream_status(const char *text, size_t len, int *exit_code, struct err *err)
{
    json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *status = kube_jstr(j, "status"), *message = kube_jstr(j, "message"), *reason = kube_jstr(j, "reason");
    json_t *causes = kube_jget(j, "details.causes");
    *exit_code = -1;
    *err = (struct err)ERR_INIT;
    if (status && !strcmp(status, "Success")) {
        *exit_code = 0;
    } else if (reason && !strcmp(reason, "NonZeroExitCode")) {
        for (size_t i = 0; i < json_array_size(causes); i++) {
            const char *r = kube_jstr(json_array_get(causes, i), "reason"), *m = kube_jstr(json_array_get(causes, i), "message");
            char *end = NULL;
            long code = r && m && !strcmp(r, "ExitCode") ? strtol(m, &end, 10) : -1;
            if (end && end != m && !*end && code >= 0 && code <= 255)
                *exit_code = (int)code;
        }
    }
    if (*exit_code < 0) {
        struct str s;
        str_init(&s, 4096);
        if (message && *message)
            text_clean(&s, message, strlen(message), 0);
        else if (!j && len)
            text_clean(&s, text, len < 300 ? len : 300, 0);
        err_set(err, ERR_SERVER, s.len ? status_in(s.data) : 0, "%s", s.len ? s.data : "the server did not say how it ended");
        str_release(&s);
    }
    json_decref(j);
}

/* ---- the owner's end ---- */

static bool side_write(void *impl, const char *data, size_t len)
{
    struct kstream *k = impl;
    struct net_call *ws = kube_call_ws(k->call);
    unsigned char channel = CHANNEL_STDIN;
    if (!ws || !k->in)
        return k->open;                  /* nobody reads there: gone, as into a command without stdin */
    return net_ws_send(ws, &channel, 1, data, len);
}

static void side_close_in(void *impl)
{
    struct kstream *k = impl;
    struct net_call *ws = kube_call_ws(k->call);
    static const unsigned char close_stdin[2] = {CHANNEL_CLOSE, CHANNEL_STDIN};
    if (ws && k->in && k->closes)
        net_ws_send(ws, close_stdin, 2, NULL, 0);
}

static void side_resize(void *impl, int cols, int rows)
{
    struct kstream *k = impl;
    struct net_call *ws = kube_call_ws(k->call);
    char text[80];
    int n = snprintf(text, sizeof text, "%c{\"Width\":%d,\"Height\":%d}", CHANNEL_RESIZE, cols, rows);
    if (ws && k->tty && cols > 0 && rows > 0)
        net_ws_send(ws, text, (size_t)n, NULL, 0);
}

static void side_pause(void *impl, bool paused)
{
    struct kstream *k = impl;
    struct net_call *ws = kube_call_ws(k->call);
    if (ws)
        net_ws_pause(ws, paused);
}

static const struct stream_side side = {side_write, side_close_in, side_resize, side_pause};

/* ---- the server's end ---- */

static void finish(struct kstream *k, const struct net_reply *r)
{
    struct kube_op *op = &k->op;
    struct request *rq = op->rq;
    struct err err = ERR_INIT;
    char text[400];
    if (k->status.len) {
        kube_stream_status(k->status.data, k->status.len, &rq->exit_code, &err);
        if (err.code) {
            err_wrap(&err, "%s in %s", rq->verb, k->what);
            kube_op_end(op, NULL, 0, &err);
        } else {
            snprintf(text, sizeof text, "%s in %.280s ended with %d", rq->verb, k->what, rq->exit_code);
            kube_op_endf(op, "%s", text);
        }
        return;
    }
    if (r->err.code)
        err = r->err;
    else
        err_set(&err, ERR_NET, 0, "the server ended the stream without a word on how the command ended");
    if (k->open)
        err_wrap(&err, "%s in %s broke off, what ran there may still run; it is not opened again", rq->verb, k->what);
    else
        err_wrap(&err, "no %s in %s", rq->verb, k->what);
    kube_op_end(op, NULL, 0, &err);
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct kstream *k = arg;
    k->call = NULL;
    kube_op_hold(&k->op);
    if (!k->op.ended)
        finish(k, r);
    kube_op_drop(&k->op);
}

static void on_open(void *arg, const char *protocol)
{
    struct kstream *k = arg;
    k->open = true;
    k->closes = !strcmp(protocol, "v5.channel.k8s.io");
    if (k->in && !k->closes)
        request_note(k->op.rq, "%s speaks an older protocol that cannot tell the end of the input", k->op.source->info.name);
    side_resize(k, k->op.rq->cols, k->op.rq->rows);
    stream_opened(k->op.rq->stream, k->in && k->tty);
}

static void linger_over(void *arg)
{
    struct kstream *k = arg;
    struct net_call *ws = kube_call_ws(k->call);
    k->linger = NULL;
    if (ws)
        net_ws_close(ws);
}

static void on_message(void *arg, const char *data, size_t len)
{
    struct kstream *k = arg;
    unsigned char channel = len ? (unsigned char)data[0] : CHANNEL_CLOSE;
    if (k->op.ended)
        return;
    if (channel == CHANNEL_STDOUT || channel == CHANNEL_STDERR) {
        stream_bytes(k->op.rq->stream, channel == CHANNEL_STDOUT ? STREAM_OUT : STREAM_ERR, data + 1, len - 1);
    } else if (channel == CHANNEL_ERROR && len > 1) {
        str_add(&k->status, data + 1, len - 1);
        if (!k->linger)
            k->linger = net_timer(k->op.source->net, LINGER_MS, linger_over, k);
    }
}

static void on_room(void *arg)
{
    struct kstream *k = arg;
    if (!k->op.ended)
        stream_room(k->op.rq->stream);
}

static void flag(struct str *path, const char *name, bool on)
{
    if (on)
        str_addf(path, "&%s=true", name);
}

static void connect_it(struct kstream *k)
{
    static const char *const protocols[] = {"v5.channel.k8s.io", "v4.channel.k8s.io", NULL};
    static const struct net_ws ws = {.protocols = protocols, .on_open = on_open, .on_message = on_message, .on_room = on_room};
    struct kube_op *op = &k->op;
    struct request *rq = op->rq;
    struct err err = ERR_INIT;
    struct str path;
    str_init(&path, 0);
    if (!kube_op_path(op, &path, strcmp(rq->verb, "attach") ? "exec" : "attach"))
        goto out;
    str_adds(&path, "?container=");
    str_add_urlenc(&path, k->container);
    for (char **w = rq->command; w && *w; w++) {
        str_adds(&path, "&command=");
        str_add_urlenc(&path, *w);
    }
    flag(&path, "stdin", k->in);
    flag(&path, "stdout", true);
    flag(&path, "stderr", !k->tty);
    flag(&path, "tty", k->tty);
    struct kube_req req = {.path = path.data, .accept = "*/*", .ws = &ws, .on_done = on_done, .arg = k};
    if (path.failed)
        kube_op_fail(op, ERR_NOMEM, "out of memory");
    else if (!(k->call = kube_send(op->ks, &req, &err)))
        kube_op_end(op, NULL, 0, &err);
out:
    str_release(&path);
}

/* ---- the pod ---- */

static json_t *named(json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *n = kube_jstr(json_array_get(list, i), "name");
        if (n && !strcmp(n, name))
            return json_array_get(list, i);
    }
    return NULL;
}

/* kubectl's rule: the one that was named, else that of the annotation, else the first. */
static json_t *find_container(json_t *pod, const char *want)
{
    static const char *const lists[] = {"spec.containers", "spec.initContainers", "spec.ephemeralContainers"};
    json_t *found = NULL;
    if (!want || !*want) {
        want = json_string_value(json_object_get(kube_jget(pod, "metadata.annotations"), "kubectl.kubernetes.io/default-container"));
        found = want ? named(kube_jget(pod, lists[0]), want) : NULL;
        return found ? found : json_array_get(kube_jget(pod, lists[0]), 0);
    }
    for (size_t i = 0; i < 3 && !found; i++)
        found = named(kube_jget(pod, lists[i]), want);
    return found;
}

static void list_names(const json_t *list, struct str *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *n = kube_jstr(json_array_get(list, i), "name");
        if (n)
            str_adds(out, out->len ? ", " : ""), text_clean(out, n, strlen(n), 0);
    }
}

static void got_pod(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct kstream *k = (struct kstream *)op;
    struct request *rq = op->rq;
    struct err err = ERR_INIT;
    (void)arg;
    json_t *pod = kube_json(r, &err);
    if (!pod) {
        err_wrap(&err, "no %s: pod %s on %s", rq->verb, rq->name, op->source->info.name);
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    const char *uid = kube_jstr(pod, "metadata.uid"), *phase = kube_jstr(pod, "status.phase");
    json_t *c = find_container(pod, rq->container);
    const char *name = c ? kube_jstr(c, "name") : NULL;
    struct str names;
    str_init(&names, 4096);
    if (rq->uid && *rq->uid && uid && strcmp(uid, rq->uid) != 0) {
        kube_op_fail(op, ERR_CONFLICT, "no %s: pod %s is another one of that name now", rq->verb, rq->name);
    } else if (phase && (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed"))) {
        kube_op_fail(op, ERR_CONFLICT, "no %s: pod %s has ended (%s), nothing runs there", rq->verb, rq->name, phase);
    } else if (!name) {
        list_names(kube_jget(pod, "spec.containers"), &names);
        kube_op_fail(op, ERR_NOTFOUND, "pod %s has no container %s; it has %.150s", rq->name, rq->container ? rq->container : "", names.len ? names.data : "none");
    } else {
        k->container = mem_strdup(name);
        k->in = rq->in;
        k->tty = rq->tty;
        if (!strcmp(rq->verb, "attach")) {           /* its terminal is what it was made with */
            bool has_in = json_is_true(json_object_get(c, "stdin")), has_tty = json_is_true(json_object_get(c, "tty"));
            if (rq->tty && !has_tty)
                request_note(rq, "container %.100s was made without a terminal: attached without", name);
            if (rq->in && !has_in)
                request_note(rq, "container %.100s was made without stdin: what is typed does not reach it", name);
            k->in = k->in && has_in;
            k->tty = has_tty;
        }
        snprintf(k->what, sizeof k->what, "container %.80s of pod %s/%s on %.60s", name, rq->scope, rq->name, op->source->info.name);
        if (k->container)
            connect_it(k);
        else
            kube_op_fail(op, ERR_NOMEM, "out of memory");
    }
    str_release(&names);
    json_decref(pod);
}

static void ask(struct kube_op *op)
{
    kube_op_get_object(op, 0, got_pod);
}

/* Before the request ends: nothing of it may be called any more. */
static void stop(struct kube_op *op)
{
    struct kstream *k = (struct kstream *)op;
    net_timer_cancel(op->source->net, k->linger);
    k->linger = NULL;
    stream_unbind(op->rq->stream);
    op->ended = true;
    if (k->call)
        kube_cancel(k->call);            /* on_done finds the op ended */
}

static void release(struct kube_op *op)
{
    struct kstream *k = (struct kstream *)op;
    mem_free(k->container);
    str_release(&k->status);
}

void kube_stream(struct source *s, struct request *rq)
{
    struct kstream *k = kube_op_new(s, rq, sizeof *k, release);
    if (!k)
        return;
    k->op.flush = stop;
    str_init(&k->status, STATUS_MAX);
    stream_bind(rq->stream, &side, k);
    kube_op_resolve(&k->op, ask);
}
