/* kube_send: one request with credentials, impersonation, and a second try after a 401 that new credentials may cure. */
#include <string.h>

#include "core/kube/kube_priv.h"
#include "strata/mem.h"


struct kube_call {
    struct kube_call *next;
    struct kube_source *ks;
    struct kube_req rq;                /* strings below are ours */
    char *method, *path, *accept, *content_type, *body;
    struct net_call *nc;               /* in flight */
    struct kube_site *site;
    struct net_timer *fail_timer;      /* failed before it was sent: told from the loop, not from kube_send */
    struct err fail;
    unsigned generation;
    bool bulk, retried, waiting, canceled, open;
};

static void unlink_call(struct kube_call *c)
{
    for (struct kube_call **p = &c->ks->calls; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            return;
        }
}

static void free_call(struct kube_call *c)
{
    mem_free(c->method);
    mem_free(c->path);
    mem_free(c->accept);
    mem_free(c->content_type);
    mem_free_secret(c->body);
    mem_free(c);
}

/* The one way a call ends. */
static void finish(struct kube_call *c, const struct net_reply *r)
{
    struct kube_source *ks = c->ks;
    struct net_reply reply = *r;
    c->canceled = true;                           /* from here on kube_cancel has nothing to do */
    if (reply.err.code == ERR_OK && reply.status >= 400)
        net_status_err(&reply.err, reply.status, reply.body ? reply.body : "", reply.len);
    if (reply.status == 401)
        kube_auth_explain(ks, &reply.err);
    unlink_call(c);
    kube_call_ended(ks, &reply);
    c->rq.on_done(c->rq.arg, &reply);
    free_call(c);
}

static void finish_err(struct kube_call *c, const struct err *err)
{
    struct net_reply reply = {.err = *err, .body = "", .head = {.content_type = "", .retry_after_ms = -1}};
    finish(c, &reply);
}

/* ---- callbacks of net ---- */

static void on_head(void *arg, const struct net_head *head)
{
    struct kube_call *c = arg;
    if (head->status == 401)
        return;                                   /* maybe repeated; on_done tells the end, and that it is no good one */
    kube_sign_of_life(c->ks);
    kube_auth_accepted(c->ks);
    if (c->rq.on_head)
        c->rq.on_head(c->rq.arg, head);
}

static bool on_data(void *arg, const char *data, size_t len)
{
    struct kube_call *c = arg;
    kube_sign_of_life(c->ks);
    return c->rq.on_data(c->rq.arg, data, len);
}

static void on_wait(void *arg, int status, int64_t ms)
{
    struct kube_call *c = arg;
    kube_asked_to_wait(c->ks, status, ms);
}

/* ---- WebSockets ---- */

static void ws_open(void *arg, const char *protocol)
{
    struct kube_call *c = arg;
    c->open = true;
    kube_sign_of_life(c->ks);
    kube_auth_accepted(c->ks);
    c->rq.ws->on_open(c->rq.arg, protocol);
}

static void ws_message(void *arg, const char *data, size_t len)
{
    struct kube_call *c = arg;
    c->rq.ws->on_message(c->rq.arg, data, len);
}

static void ws_room(void *arg)
{
    struct kube_call *c = arg;
    c->rq.ws->on_room(c->rq.arg);
}

struct net_call *kube_call_ws(const struct kube_call *c)
{
    return c && c->open ? c->nc : NULL;
}

static bool start(struct kube_call *c, struct err *err);

static void on_done(void *arg, const struct net_reply *r)
{
    struct kube_call *c = arg;
    struct kube_source *ks = c->ks;
    c->nc = NULL;
    kube_site_put(ks, c->site);
    c->site = NULL;
    if (r->status == 401 && !c->retried && !c->canceled && kube_auth_refused(ks, c->generation)) {
        struct err err = ERR_INIT;
        c->retried = true;
        switch (kube_auth_get(ks, &err)) {
        case AUTH_READY:
            if (start(c, &err))
                return;
            break;
        case AUTH_WAIT:
            c->waiting = true;
            return;
        case AUTH_FAILED:
            break;
        }
        finish_err(c, &err);
        return;
    }
    finish(c, r);
}

/* ---- headers ---- */

struct headers { char *line[64]; size_t n; bool failed; };

static void add_header(struct headers *h, const char *name, const char *scheme, const char *value)
{
    struct str s;
    str_init(&s, 1u << 20);
    str_addf(&s, "%s: %s%s", name, scheme, value);
    char *line = str_take(&s);
    if (!line || h->n + 1 >= sizeof h->line / sizeof *h->line) {
        mem_free_secret(line);
        h->failed = true;
        return;
    }
    h->line[h->n++] = line;
    h->line[h->n] = NULL;
}

static void free_headers(struct headers *h)
{
    for (size_t i = 0; i < h->n; i++)
        mem_free_secret(h->line[i]);
}

/* Keys may hold what a header name may not ("example.com/scope"): percent-encoded, as the API server decodes them. */
static void extra_name(struct str *out, const char *key)
{
    str_adds(out, "Impersonate-Extra-");
    for (; *key; key++) {
        unsigned char c = (unsigned char)*key;
        bool token = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c && strchr("!#$&'*+-.^_`|~", c));
        if (token)
            str_addc(out, (char)c);
        else
            str_addf(out, "%%%02X", c);
    }
}

static void impersonation(struct headers *h, const struct kube_user *u)
{
    if (!u->as || !u->as[0])
        return;
    add_header(h, "Impersonate-User", "", u->as);
    if (u->as_uid && u->as_uid[0])
        add_header(h, "Impersonate-Uid", "", u->as_uid);
    for (size_t i = 0; i < u->nas_groups; i++)
        add_header(h, "Impersonate-Group", "", u->as_groups[i]);
    for (size_t i = 0; i < u->nas_extra; i++) {
        struct str name;
        str_init(&name, 1u << 16);
        extra_name(&name, u->as_extra_keys[i]);
        add_header(h, name.data, "", u->as_extra_values[i]);
        h->failed |= name.failed;
        str_release(&name);
    }
}

/* ---- sending ---- */

static bool start(struct kube_call *c, struct err *err)
{
    struct kube_source *ks = c->ks;
    const struct kube_user *u = &ks->conf->user;
    struct headers plain = {.n = 0}, secret = {.n = 0};
    struct str url;
    str_init(&url, 1u << 20);
    str_addf(&url, "%s%s", ks->conf->cluster.server, c->path);
    add_header(&plain, "Accept", "", c->accept ? c->accept : "application/json");
    if (c->content_type)
        add_header(&plain, "Content-Type", "", c->content_type);
    impersonation(&plain, u);
    if (ks->auth.bearer)
        add_header(&secret, "Authorization", "Bearer ", ks->auth.bearer);
    bool basic = ks->auth.type == AUTH_BASIC;
    bool ok = false;
    if (url.failed || plain.failed || secret.failed) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
    } else if ((c->site = kube_site_get(ks, err))) {
        int timeout = c->rq.timeout_ms == 0 ? CALL_KUBE_MS : c->rq.timeout_ms < 0 ? 0 : c->rq.timeout_ms;
        struct net_req rq = {
            .method = c->method,
            .url = url.data,
            .headers = (const char *const *)plain.line,
            .secret_headers = secret.n ? (const char *const *)secret.line : NULL,
            .user = basic ? (u->username ? u->username : "") : NULL,
            .password = basic ? (u->password ? u->password : "") : NULL,
            .body = c->body,
            .body_len = c->rq.body_len,
            .timeout_ms = timeout,
            .idle_timeout_ms = c->rq.idle_timeout_ms,
            .max_body = c->rq.max_body,
            .retries = c->rq.retries,
            .safe = c->rq.safe,
            .fresh_connection = c->rq.fresh,
            .on_wait = on_wait,
            .on_head = on_head,
            .on_data = c->rq.on_data ? on_data : NULL,
            .on_done = on_done,
            .arg = c,
        };
        c->generation = ks->auth.generation;
        if (c->rq.ws) {
            struct net_ws ws = {.protocols = c->rq.ws->protocols, .max_message = c->rq.ws->max_message, .on_open = ws_open,
                                .on_message = ws_message, .on_room = c->rq.ws->on_room ? ws_room : NULL};
            c->nc = net_ws_open(ks->src.net, c->site->bulk, &rq, &ws, err);
        } else {
            c->nc = net_send(ks->src.net, c->bulk ? c->site->bulk : c->site->net, &rq, err);
        }
        ok = c->nc != NULL;
        if (!ok) {
            kube_site_put(ks, c->site);
            c->site = NULL;
        }
    }
    free_headers(&plain);
    free_headers(&secret);
    str_release(&url);
    return ok;
}

static void fail_now(void *arg)
{
    struct kube_call *c = arg;
    c->fail_timer = NULL;
    finish_err(c, &c->fail);
}

static bool copy(char **to, const char *from)
{
    *to = mem_strdup(from);
    return *to || !from;
}

static struct kube_call *send_call(struct kube_source *ks, const struct kube_req *rq, bool bulk, struct err *err)
{
    struct kube_call *c = mem_zalloc(sizeof *c);
    if (!c)
        goto nomem;
    c->ks = ks;
    c->rq = *rq;
    c->bulk = bulk;
    if (!copy(&c->method, rq->method) || !copy(&c->path, rq->path) || !copy(&c->accept, rq->accept) ||
        !copy(&c->content_type, rq->content_type) ||
        (rq->body && !(c->body = mem_strndup(rq->body, rq->body_len))))
        goto nomem;
    enum kube_auth_state state = AUTH_FAILED;
    c->fail = ks->conf_err;
    if (c->fail.code == ERR_OK)
        state = kube_auth_get(ks, &c->fail);
    c->waiting = state == AUTH_WAIT;
    if (state == AUTH_FAILED && !(c->fail_timer = net_timer(ks->src.net, 0, fail_now, c)))
        goto nomem;
    if (state == AUTH_READY && !start(c, err)) {
        free_call(c);
        return NULL;
    }
    c->next = ks->calls;
    ks->calls = c;
    return c;
nomem:
    if (c)
        free_call(c);
    err_set(err, ERR_NOMEM, 0, "out of memory");
    return NULL;
}

struct kube_call *kube_send(struct kube_source *ks, const struct kube_req *rq, struct err *err)
{
    return send_call(ks, rq, false, err);
}

struct kube_call *kube_send_bulk(struct kube_source *ks, const struct kube_req *rq, struct err *err)
{
    return send_call(ks, rq, true, err);
}

void kube_cancel(struct kube_call *c)
{
    if (!c || c->canceled)
        return;
    c->canceled = true;
    if (c->nc) {
        net_cancel(c->ks->src.net, c->nc);        /* ends in on_done, which frees c */
        return;
    }
    struct err err;
    net_timer_cancel(c->ks->src.net, c->fail_timer);
    err_set(&err, ERR_CANCELED, 0, "canceled");
    finish_err(c, &err);
}

void kube_calls_resume(struct kube_source *ks, const struct err *err)
{
    /* callbacks may send and cancel: start over after each */
    for (bool again = true; again;) {
        again = false;
        for (struct kube_call *c = ks->calls; c; c = c->next) {
            if (!c->waiting)
                continue;
            struct err why = ERR_INIT;
            c->waiting = false;
            if (err)
                finish_err(c, err);
            else if (!start(c, &why))
                finish_err(c, &why);
            again = true;
            break;
        }
    }
}

void kube_calls_cancel_all(struct kube_source *ks)
{
    while (ks->calls)
        kube_cancel(ks->calls);
}
