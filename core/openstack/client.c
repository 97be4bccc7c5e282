/* Requests to the APIs of one cloud: token, discovery and a place in the service's queue first, then the wire. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define HELD_UP_MS 2000

struct ostk_call {
    struct ostk_call *next;
    struct ostk_source *os;
    char *service, *method, *path, *microversion, *body;
    struct ostk_req rq;               /* numbers and callback; its strings are not used */
    int svc;                          /* index once resolved, else -1 */
    struct net_call *net;
    unsigned gen;                     /* token the request went out with */
    bool waited, again_401, again_406;
};

static void call_free(struct ostk_call *c)
{
    mem_free(c->service);
    mem_free(c->method);
    mem_free(c->path);
    mem_free(c->microversion);
    if (c->body)
        explicit_bzero(c->body, c->rq.body_len);
    mem_free(c->body);
    mem_free(c);
}

static void unlink_call(struct ostk_call *c)
{
    struct ostk_source *os = c->os;
    for (struct ostk_call **p = &os->calls; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            if (os->calls_tail == &c->next)
                os->calls_tail = p;
            break;
        }
    if (c->svc >= 0 && os->svc[c->svc]->flight == c)
        os->svc[c->svc]->flight = NULL;
}

/* The one end of every call. */
static void finish(struct ostk_call *c, const struct net_reply *r)
{
    unlink_call(c);
    ostk_kick(c->os);
    c->rq.on_done(c->rq.arg, r);
    call_free(c);
}

static void finish_err(struct ostk_call *c, const struct err *err)
{
    struct net_reply r = {.err = *err, .body = "", .head = {.content_type = "", .retry_after_ms = -1}};
    if (r.err.code == ERR_OK)
        err_set(&r.err, ERR_CANCELED, 0, "%s", err_text(ERR_CANCELED));
    finish(c, &r);
}

char *ostk_url(struct ostk_source *os, int svc, const char *path, bool root)
{
    const struct ostk_service *s = &os->services[svc];
    const char *base = root || !s->versioned ? s->root : s->versioned, *scheme = strstr(path, "://");
    struct str u;
    str_init(&u, 1 << 16);
    if (scheme && scheme < path + 8) {
        /* a link of the server's: the token goes to no other host than the catalog's */
        const char *rest = strchr(scheme + 3, '/'), *host = strstr(base, "://");
        size_t n = host ? (size_t)(host + 3 - base) + strcspn(host + 3, "/") : strlen(base);
        str_add(&u, base, n);
        str_adds(&u, rest ? rest : "/");
    } else {
        str_adds(&u, base);
        if (*path && *path != '/' && *path != '?')
            str_addc(&u, '/');
        str_adds(&u, path);
    }
    char *r = str_take(&u);
    str_release(&u);
    return r;
}

int ostk_micro_headers(char (*h)[96], const char *canonical, const char *version)
{
    static const char *const own[][2] = {{"compute", "X-OpenStack-Nova-API-Version"}, {"baremetal", "X-OpenStack-Ironic-API-Version"},
                                         {"baremetal-introspection", "X-OpenStack-Ironic-Inspector-API-Version"},
                                         {"shared-file-system", "X-OpenStack-Manila-API-Version"}};
    int n = 0;
    if (!version || !*version)
        return 0;
    snprintf(h[n++], 96, "OpenStack-API-Version: %.40s %.20s", strcmp(canonical, "block-storage") ? canonical : "volume", version);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(own[i][0], canonical))
            snprintf(h[n++], 96, "%s: %.20s", own[i][1], version);
    return n;
}

static void note_wait(void *arg, int status, int64_t ms)
{
    struct ostk_call *c = arg;
    struct ostk_service *s = &c->os->services[c->svc];
    err_set(&s->err, ERR_THROTTLED, status, "%s API asks for patience (HTTP %d): it is asked again in %lld s", s->type, status,
            (long long)(ms + 500) / 1000);
    s->waiting = true;
    ostk_state(c->os);
    ostk_poll_told(c->os, c->svc);
}

static void note_result(struct ostk_call *c, const struct net_reply *r)
{
    struct ostk_source *os = c->os;
    struct ostk_service *s = &os->services[c->svc];
    struct err before = s->err;
    if (c->rq.root && s->waiting)
        return;
    s->waiting = false;
    if (r->err.code == ERR_CANCELED)
        return;
    if (r->status == 401) {                          /* whether the API is at fault, a newer token will tell */
        os->last_answer_ms = clock_mono_ms();
        return;
    }
    if (r->status) {
        os->last_answer_ms = clock_mono_ms();
        if (r->server_ms >= 0)
            s->latency_ms = r->server_ms;
        ostk_relook(os, s->latency_ms);
    }
    if (r->status > 0 && r->status < 500 && r->err.code != ERR_NET && r->err.code != ERR_TIMEOUT) {
        /* a version document that answers does not mean that the calls which broke (500), or got no further than the
         * door (401), work again */
        if (!(c->rq.root && ((s->err.code == ERR_SERVER && s->err.detail == 500) || s->err.code == ERR_AUTH)))
            s->err = (struct err)ERR_INIT;
    } else {
        s->err = r->err;
        if (s->err.code == ERR_OK)
            net_status_err(&s->err, r->status, r->body, r->len);
        err_wrap(&s->err, "%s API", s->type);
    }
    if (before.code != s->err.code) {
        ostk_state(os);
        if (!os->freeing)
            ostk_poll_told(os, c->svc);
    }
    if (before.code != ERR_OK && s->err.code == ERR_OK && !os->freeing)
        ostk_poll_wake(os, true);
}

static void on_reply(void *arg, const struct net_reply *r)
{
    struct ostk_call *c = arg;
    struct ostk_source *os = c->os;
    struct net_reply copy = *r;
    c->net = NULL;
    note_result(c, r);
    if (r->status == 404 && !c->rq.root && os->services[c->svc].guessed)
        os->services[c->svc].discovered = false;
    bool stopped = r->err.code == ERR_CANCELED;      /* in the middle of an answer: it is not asked again */
    if (r->status == 401 && !stopped && !c->again_401 && os->kind == OSTK_AUTH_V3) {
        ostk_token_invalid(os, c->gen);
        if (!os->have_token || c->gen != os->token_gen) {
            c->again_401 = true;
            os->svc[c->svc]->flight = NULL;
            ostk_kick(os);
            return;
        }
    }
    if (r->status == 406 && !stopped && c->microversion && !c->again_406 && !os->freeing) {
        /* the service was up- or downgraded meanwhile: look at its versions again */
        c->again_406 = true;
        c->waited = false;
        os->services[c->svc].discovered = false;
        os->svc[c->svc]->flight = NULL;
        ostk_kick(os);
        return;
    }
    if (copy.err.code == ERR_OK && r->status >= 400)
        net_status_err(&copy.err, r->status, r->body, r->len);
    if (r->status == 401)
        err_set(&copy.err, ERR_AUTH, 401, "does not accept the token, though Keystone has just made it");
    if (copy.err.code != ERR_OK && copy.err.code != ERR_CANCELED)
        err_wrap(&copy.err, "%s API", os->services[c->svc].type);
    if (r->status == 401 && !stopped && !os->freeing) {
        os->services[c->svc].err = copy.err;
        ostk_state(os);
    }
    finish(c, &copy);
}

static bool put_on_wire(struct ostk_call *c, struct err *err)
{
    struct ostk_source *os = c->os;
    struct ostk_svc *v = os->svc[c->svc];
    const struct ostk_service *s = &os->services[c->svc];
    char micro[2][96], version[24];
    const char *plain[6], *secret[2] = {NULL, NULL};
    int n = 0, m = 0;
    struct str token;
    char *url = ostk_url(os, c->svc, c->path, c->rq.root);
    ostk_negotiate(version, sizeof version, c->again_406 && !s->version_max[0] ? "" : c->microversion, s->version_min, s->version_max);
    if (!c->rq.root)
        m = ostk_micro_headers(micro, v->canonical, version);
    plain[n++] = "Accept: application/json";
    if (c->body)
        plain[n++] = "Content-Type: application/json";
    for (int i = 0; i < m; i++)
        plain[n++] = micro[i];
    plain[n] = NULL;
    str_init(&token, 1 << 16);
    if (!c->rq.root && os->token.id) {
        str_addf(&token, "X-Auth-Token: %s", os->token.id);
        secret[0] = token.data;
    }
    struct net_req rq = {.method = c->method, .url = url, .headers = plain, .secret_headers = secret, .body = c->body,
                         .body_len = c->rq.body_len, .timeout_ms = c->rq.timeout_ms ? c->rq.timeout_ms : CALL_OSTK_MS,
                         .max_body = c->rq.max_body ? c->rq.max_body : (size_t)256 << 20, .retries = c->rq.retries,
                         .on_wait = note_wait, .on_done = on_reply, .arg = c, .fresh_connection = c->rq.fresh};
    if (os->kind == OSTK_AUTH_BASIC) {
        rq.user = os->conf.username;
        rq.password = os->conf.password;
    }
    c->gen = os->token_gen;
    if (url && !token.failed)
        c->net = net_send(os->base.net, os->site, &rq, err);
    else
        err_set(err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
    if (c->net && !c->rq.root) {
        v->flight = c;
        v->flight_ms = clock_mono_ms();
    }
    str_release_secret(&token);
    mem_free(url);
    return c->net != NULL;
}

static void no_service(const struct ostk_call *c, struct err *err)
{
    static const char *const words[][2] = {{"orchestration", "orchestration"}, {"container-infra", "container-infra"},
                                           {"load-balancer", "load-balancer"}, {"baremetal", "bare metal"},
                                           {"block-storage", "block-storage"}};
    const struct ostk_source *os = c->os;
    const char *word = c->service;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i][0], word))
            word = words[i][1];
    if (c->svc >= 0)
        err_set(err, ERR_UNSUPPORTED, 0, "%s: no %.40s endpoint for region %.40s, interface %.40s%s", os->label, word,
                os->conf.region ? os->conf.region : "(any)", os->conf.interface ? os->conf.interface : "public",
                os->token.system ? " in system scope" : "");
    else if (ostk_unscoped(os, err))
        return;
    else if (os->token.system)
        err_set(err, ERR_UNSUPPORTED, 0, "%s: system scope sees no %.40s service: use a cloud entry scoped to a project", os->label, word);
    else
        err_set(err, ERR_UNSUPPORTED, 404, "this cloud has no %.40s service", word);
}

static void late(void *arg)
{
    struct ostk_source *os = arg;
    os->late = NULL;
    ostk_kick(os);
}

/* One request at a time spares a service; one that is not answered does not keep all that is asked of it waiting as long. */
static bool held_up(struct ostk_source *os, const struct ostk_svc *v)
{
    int64_t left = v->flight ? v->flight_ms + HELD_UP_MS - clock_mono_ms() : 0;
    if (left > 0 && !os->late)
        os->late = net_timer(os->base.net, left, late, os);
    return left > 0;
}

/* One step for one call. true: the list changed, start over. */
static bool advance(struct ostk_call *c)
{
    struct ostk_source *os = c->os;
    struct err err = ERR_INIT;
    if (c->net)
        return false;
    if (!(c->rq.root && os->catalog_done) && !ostk_token_ready(os, &err)) {
        if (err.code == ERR_OK)
            return false;
        finish_err(c, &err);
        return true;
    }
    if (c->svc < 0)
        c->svc = ostk_service_index(os, c->service);
    if (c->svc < 0 || !os->services[c->svc].endpoint) {
        no_service(c, &err);
        finish_err(c, &err);
        return true;
    }
    struct ostk_svc *v = os->svc[c->svc];
    v->used = true;
    if (!c->rq.root && !os->services[c->svc].discovered) {
        if (v->disc) {
            c->waited = true;                        /* its answer is ours, too */
            return false;
        }
        if (!c->waited) {
            c->waited = true;
            ostk_version_want(os, c->svc);
            if (v->disc || !os->services[c->svc].discovered)
                return false;
        } else {
            err = os->services[c->svc].err;
            if (err.code == ERR_OK && !ostk_lost_way(os, os->services[c->svc].type, &err))
                err_set(&err, ERR_PROTO, 0, "%s API: no version could be found", os->services[c->svc].type);
            finish_err(c, &err);
            return true;
        }
    }
    if (!c->rq.root && held_up(os, v))
        return false;
    if (!put_on_wire(c, &err)) {
        finish_err(c, &err);
        return true;
    }
    return false;
}

static void pump(void *arg)
{
    struct ostk_source *os = arg;
    os->kick = NULL;
    for (struct ostk_call *c = os->calls; c && !os->freeing; )
        c = advance(c) ? os->calls : c->next;
}

void ostk_kick(struct ostk_source *os)
{
    if (!os->kick && !os->freeing && os->calls)
        os->kick = net_timer(os->base.net, 0, pump, os);
}

struct ostk_call *ostk_send(struct ostk_source *os, const struct ostk_req *rq, struct err *err)
{
    struct ostk_call *c = os->freeing ? NULL : mem_zalloc(sizeof *c);
    if (c) {
        c->os = os;
        c->rq = *rq;
        c->svc = -1;
        c->service = mem_strdup(rq->service ? rq->service : "");
        c->method = mem_strdup(rq->method);
        c->path = mem_strdup(rq->path ? rq->path : "");
        c->microversion = mem_strdup(rq->microversion);
        c->body = rq->body ? mem_strndup(rq->body, rq->body_len) : NULL;
        if (!c->service || !c->path || (rq->method && !c->method) || (rq->microversion && !c->microversion) || (rq->body && !c->body)) {
            call_free(c);
            c = NULL;
        }
    }
    if (!c) {
        err_set(err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        return NULL;
    }
    *os->calls_tail = c;
    os->calls_tail = &c->next;
    ostk_kick(os);
    return c;
}

void ostk_cancel(struct ostk_call *c)
{
    struct err err;
    if (c->net) {
        net_cancel(c->os->base.net, c->net);      /* on_reply ends it before this returns */
        return;
    }
    err_set(&err, ERR_CANCELED, 0, "%s", err_text(ERR_CANCELED));
    finish_err(c, &err);
}

void ostk_client_cancel(struct ostk_source *os)
{
    net_timer_cancel(os->base.net, os->kick);
    net_timer_cancel(os->base.net, os->late);
    os->kick = os->late = NULL;
    while (os->calls)
        ostk_cancel(os->calls);
}
