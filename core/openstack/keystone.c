/* Keystone over the network: where v3 is, tokens, MFA receipts, renewal; one request at a time for all waiters. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

enum phase { PH_IDLE, PH_DISCOVER, PH_TOKEN, PH_EXPLAIN, PH_PROJECTS };

#define RENEW_BEFORE_MS 120000        /* as keystoneauth */
#define SLOW_MS 5000                  /* whoever looks on is told what is waited for */
#define YOUNG_MS 10000                /* a token this young is not renewed on a 401: the service is at fault */
#define REFUSED_MS 60000              /* wrong credentials: accounts get locked, so ask rarely */
#define REFUSED_MAX_MS 900000

static void on_reply(void *arg, const struct net_reply *r);

static void set_error(struct ostk_source *os, enum err_code code, int detail, const char *text)
{
    err_set(&os->auth_err, code, detail, "%s: %s", os->label, text);
}

static const char *where(const struct ostk_source *os)
{
    return os->conf.where ? os->conf.where : "clouds.yaml";
}

/* ---- ends ---- */
static void retry(void *arg)
{
    struct ostk_source *os = arg;
    struct err err = ERR_INIT;
    os->auth_timer = NULL;
    ostk_token_ready(os, &err);
}

static void failed(struct ostk_source *os)
{
    int64_t wait, now = clock_mono_ms();
    os->auth_phase = PH_IDLE;
    if (err_retryable(os->auth_err.code)) {
        wait = net_backoff_next(&os->auth_backoff);
    } else {
        int tries = os->auth_backoff.tries++;
        wait = tries > 4 ? REFUSED_MAX_MS : (int64_t)REFUSED_MS << tries;
    }
    os->auth_retry_ms = now + wait;
    TRACE(openstack, "auth_failed", "%s", os->auth_err.msg);
    net_timer_cancel(os->base.net, os->auth_timer);
    os->auth_timer = net_timer(os->base.net, wait, retry, os);
    ostk_state(os);
    ostk_kick(os);
}

static void ready(struct ostk_source *os)
{
    bool recovered = os->auth_err.code != ERR_OK;
    os->auth_phase = PH_IDLE;
    os->auth_err = (struct err)ERR_INIT;
    os->have_token = true;
    os->token_gen++;
    net_backoff_reset(&os->auth_backoff);
    if (os->token.project_id && os->token.project_name)
        ostk_names_seed(os, "project", os->token.project_id, os->token.project_name);
    if (!ostk_catalog_update(os)) {
        err_set(&os->auth_err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        os->have_token = false;
        failed(os);
        return;
    }
    os->catalog_done = true;
    ostk_state(os);
    ostk_kick(os);
    if (recovered)
        ostk_poll_wake(os, true);
}

/* ---- sending ---- */
static void still_waits(void *arg)
{
    struct ostk_source *os = arg;
    char url[128];
    os->slow_timer = NULL;
    err_set(&os->auth_wait, ERR_TIMEOUT, 0, "%s: Keystone at %.100s does not answer, still waiting", os->label, text_url(url, sizeof url, os->conf.auth_url));
    ostk_state(os);
}

static void answered(struct ostk_source *os)
{
    net_timer_cancel(os->base.net, os->slow_timer);
    os->slow_timer = NULL;
    os->auth_wait = (struct err)ERR_INIT;
}

static bool send(struct ostk_source *os, const char *method, const char *path, struct str *body, const char *secret, int phase)
{
    struct str url;
    struct err err = ERR_INIT;
    const char *plain[] = {"Accept: application/json", body ? "Content-Type: application/json" : NULL, NULL};
    const char *secrets[] = {secret, NULL};
    str_init(&url, 4096);
    str_addf(&url, "%s%s", os->identity ? os->identity : os->conf.auth_url, path);
    struct net_req rq = {.method = method, .url = url.data, .headers = plain, .secret_headers = secrets,
                         .body = body ? body->data : NULL, .body_len = body ? body->len : 0, .timeout_ms = 30000,
                         .idle_timeout_ms = net_patience(os->base.net, 0),
                         .max_body = 16 << 20, .on_done = on_reply, .arg = os};
    os->auth_phase = phase;
    os->auth_call = url.failed ? NULL : net_send(os->base.net, os->site, &rq, &err);
    str_release(&url);
    if (!os->auth_call) {
        os->auth_err = err;
        if (err.code == ERR_OK)
            err_set(&os->auth_err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        else
            err_wrap(&os->auth_err, "%s", os->label);
    }
    answered(os);
    if (os->auth_call)
        os->slow_timer = net_timer(os->base.net, SLOW_MS, still_waits, os);
    return os->auth_call != NULL;
}

static bool send_auth(struct ostk_source *os, unsigned methods, bool scoped, int phase)
{
    struct str body, head;
    str_init(&body, 1 << 16);
    str_init(&head, 1 << 14);
    if (os->receipt)
        str_addf(&head, "Openstack-Auth-Receipt: %s", os->receipt);
    os->auth_sent = methods;
    if (methods & OSTK_M_TOTP)
        os->passcode_used = true;
    bool ok = ostk_auth_body(&body, &os->conf, methods, scoped) &&
              send(os, "POST", "/auth/tokens", &body, head.len ? head.data : NULL, phase);
    str_release_secret(&body);
    str_release_secret(&head);
    return ok;
}

static bool ends_with(const char *s, size_t n, const char *tail)
{
    size_t t = strlen(tail);
    return n >= t && !strncmp(s + n - t, tail, t);
}

static bool start(struct ostk_source *os)
{
    const char *u = os->conf.auth_url;
    size_t n = strlen(u);
    while (n && u[n - 1] == '/')
        n--;
    os->auth_tried_ms = clock_mono_ms();
    net_timer_cancel(os->base.net, os->auth_timer);
    os->auth_timer = NULL;
    mem_free(os->receipt);
    os->receipt = NULL;
    if (!os->identity && ends_with(u, n, "/v3"))
        os->identity = mem_strndup(u, n);
    if (os->identity)
        return send_auth(os, os->methods, true, PH_TOKEN);
    return send(os, "GET", ends_with(u, n, "/") ? "" : "/", NULL, NULL, PH_DISCOVER);
}

/* ---- answers ---- */
static void discovered(struct ostk_source *os, const struct net_reply *r)
{
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL);
    struct ostk_version v;
    struct ostk_split sp;
    /* other services have lists of versions too, but Keystone's has "values" */
    bool known = (ostk_json(doc, "versions.values") || ostk_json(doc, "version.id")) && ostk_version_pick(&v, doc, "identity", NULL);
    json_decref(doc);
    if (known && v.id[1] == '2') {
        set_error(os, ERR_UNSUPPORTED, 0, "this Keystone offers only Identity v2, which OpenStack removed in 2018; strata needs v3");
        failed(os);
        return;
    }
    if (known)
        snprintf(os->identity_version, sizeof os->identity_version, "%s", v.id);
    struct str url;
    str_init(&url, 4096);
    if (ostk_endpoint_split(&sp, os->conf.auth_url, NULL)) {
        str_addf(&url, "%s/v3", sp.root);
        ostk_split_release(&sp);
    }
    os->identity = url.len ? str_take(&url) : NULL;
    str_release(&url);
    if (!os->identity || !send_auth(os, os->methods, true, PH_TOKEN)) {
        if (!os->identity)
            err_set(&os->auth_err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        failed(os);
    }
}

static void granted(struct ostk_source *os, const struct net_reply *r)
{
    const char *id = net_header(r->call, "X-Subject-Token");
    struct ostk_token t = {0};
    if (!id || !*id || !ostk_token_parse(&t, r->body, r->len, &os->auth_err)) {
        set_error(os, ERR_PROTO, 0, "the answer to the log-in is no Keystone v3 token: check auth_url");
        failed(os);
        return;
    }
    t.id = mem_strdup(id);
    ostk_token_release(&os->token);
    os->token = t;
    mem_free(os->receipt);
    os->receipt = NULL;
    if (!t.id) {
        err_set(&os->auth_err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        failed(os);
        return;
    }
    ready(os);
}

/* More is needed (MFA): give what the receipt says is missing, if the entry has it. */
static bool continue_receipt(struct ostk_source *os, const struct net_reply *r, const char *receipt)
{
    char names[160], msg[500];
    unsigned can = os->methods;
    if (os->conf.password)
        can |= OSTK_M_PASSWORD;
    if (os->conf.passcode && *os->conf.passcode)
        can |= OSTK_M_TOTP;
    unsigned more = ostk_receipt_missing(r->body, r->len, can & ~os->auth_sent, names, sizeof names);
    if (more && !os->receipt && (os->receipt = mem_strdup(receipt)))
        return send_auth(os, more, true, PH_TOKEN);
    snprintf(msg, sizeof msg, "this user needs several factors (%.80s): set auth_type v3multifactor, auth_methods and auth: "
             "passcode in %.80s", *names ? names : "multi-factor", where(os));
    set_error(os, ERR_AUTH, 401, msg);
    return false;
}

static bool generic(const char *msg)
{
    return !*msg || strstr(msg, "requires authentication") || strstr(msg, "Unauthorized");
}

static void refused(struct ostk_source *os, const struct net_reply *r)
{
    char msg[200], who[160], scope[120], text[600], url[128];
    bool has = ostk_fault(r->body, r->len, msg, sizeof msg);
    ostk_who(&os->conf, who, sizeof who);
    ostk_scope_text(&os->conf, scope, sizeof scope);
    if (r->status == 401 || (r->status == 404 && os->methods & (OSTK_M_TOKEN | OSTK_M_APPCRED))) {
        if (os->methods & OSTK_M_TOKEN)
            snprintf(text, sizeof text, "the token in %.100s is expired, revoked or may not be used for %.100s: get a new one with "
                     "`openstack token issue`", where(os), *scope ? scope : "this");
        else if (os->methods & OSTK_M_APPCRED)
            snprintf(text, sizeof text, "Keystone refuses the %.100s: secret wrong, or credential expired or deleted; see %.80s", who,
                     where(os));
        else if (os->methods & OSTK_M_TOTP)
            snprintf(text, sizeof text, "Keystone refuses %.100s: a passcode works once and for about 30 s; put a fresh one into %.80s",
                     who, where(os));
        else if (has && !generic(msg))
            snprintf(text, sizeof text, "Keystone refuses %.80s: %.150s", who, msg);
        else
            snprintf(text, sizeof text, "Keystone refuses %.100s: wrong user name, domain or password in %.80s%s%.80s", who, where(os),
                     *scope && os->explained ? "" : *scope ? ", or no role on " : "",
                     *scope && os->explained ? "" : *scope ? scope : "");
        set_error(os, ERR_AUTH, r->status, text);
    } else if (r->status == 404 || r->status == 405 || r->status == 300) {
        snprintf(text, sizeof text, "no Keystone v3 at %s (status %d): check auth_url in %.80s",
                 text_url(url, sizeof url, os->conf.auth_url), r->status, where(os));
        set_error(os, ERR_CONFIG, r->status, text);
        mem_free(os->identity);
        os->identity = NULL;
    } else {
        net_status_err(&os->auth_err, r->status, r->body, r->len);
        if (os->auth_err.code == ERR_OK)
            err_set(&os->auth_err, ERR_PROTO, r->status, "unexpected status %d", r->status);
        err_wrap(&os->auth_err, "%s: Keystone at %.100s", os->label, text_url(url, sizeof url, os->conf.auth_url));
    }
    failed(os);
}

/* The password is right but the scope is not: name the projects there are. */
static void explain_projects(struct ostk_source *os, const struct net_reply *r)
{
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL), *e;
    const json_t *list = ostk_json(doc, "projects");
    char who[160], scope[120];
    struct str s;
    size_t i;
    ostk_who(&os->conf, who, sizeof who);
    ostk_scope_text(&os->conf, scope, sizeof scope);
    str_init(&s, 300);
    str_addf(&s, "the password is right, but %.80s has no role on %.80s; it may use", who, scope);
    json_array_foreach(list, i, e) {
        const char *n = ostk_json_str(e, "name");
        if (n && s.len + strlen(n) < 220) {
            str_adds(&s, i ? ", " : " ");
            text_clean(&s, n, strlen(n), 0);
        }
    }
    if (!json_array_size((json_t *)list))
        str_adds(&s, " no project at all");
    set_error(os, ERR_AUTH, 401, s.data);
    str_release(&s);
    json_decref(doc);
    os->role_missing = true;      /* the password is right: looking again locks nobody out */
    failed(os);
}

static bool start_explaining(struct ostk_source *os)
{
    char scope[120];
    ostk_scope_text(&os->conf, scope, sizeof scope);
    if ((os->explained && !os->role_missing) || !*scope || os->methods != OSTK_M_PASSWORD)
        return false;
    os->explained = true;
    os->role_missing = false;
    return send_auth(os, os->methods, false, PH_EXPLAIN);
}

static bool explain_next(struct ostk_source *os, const struct net_reply *r)
{
    const char *id = net_header(r->call, "X-Subject-Token");
    struct str head;
    bool ok = false;
    if (r->status != 201 || !id)
        return false;
    str_init(&head, 1 << 15);
    str_addf(&head, "X-Auth-Token: %s", id);
    ok = send(os, "GET", "/auth/projects", NULL, head.data, PH_PROJECTS);
    str_release_secret(&head);
    return ok;
}

static void on_reply(void *arg, const struct net_reply *r)
{
    struct ostk_source *os = arg;
    int phase = os->auth_phase;
    os->auth_call = NULL;
    answered(os);
    if (os->freeing || r->err.code == ERR_CANCELED)
        return;
    if (r->status)
        os->last_answer_ms = clock_mono_ms();
    if (r->err.code != ERR_OK && !r->status) {
        char url[128];
        os->auth_err = r->err;
        err_wrap(&os->auth_err, "%s: Keystone at %.100s", os->label, text_url(url, sizeof url, os->conf.auth_url));
        failed(os);
        return;
    }
    const char *receipt = r->status == 401 ? net_header(r->call, "Openstack-Auth-Receipt") : NULL;
    switch (phase) {
    case PH_DISCOVER:
        if (r->status >= 500 || r->status == 429)
            refused(os, r);
        else
            discovered(os, r);
        break;
    case PH_TOKEN:
        if (r->status == 201 || r->status == 200)
            granted(os, r);
        else if (receipt) {
            if (!continue_receipt(os, r, receipt))
                failed(os);
        } else if (r->status != 401 || !start_explaining(os))
            refused(os, r);
        break;
    case PH_EXPLAIN:
        if (!explain_next(os, r))
            refused(os, r);
        break;
    case PH_PROJECTS:
        explain_projects(os, r);
        break;
    default:
        break;
    }
}

/* ---- asked by the client ---- */
static bool ready_without_keystone(struct ostk_source *os, struct err *err)
{
    if (os->catalog_done)
        return true;
    if (os->kind == OSTK_AUTH_ADMIN_TOKEN && !os->token.id && !(os->token.id = mem_strdup(os->conf.token))) {
        err_set(err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        return false;
    }
    if (!ostk_catalog_update(os)) {
        err_set(err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        return false;
    }
    os->have_token = os->catalog_done = true;
    ostk_state(os);
    return true;
}

bool ostk_token_ready(struct ostk_source *os, struct err *err)
{
    int64_t now = clock_mono_ms(), left = INT64_MAX, margin = RENEW_BEFORE_MS;
    *err = (struct err)ERR_INIT;
    if (os->broken.code != ERR_OK) {
        *err = os->broken;
        return false;
    }
    if (os->kind != OSTK_AUTH_V3)
        return ready_without_keystone(os, err);
    if (os->have_token && os->token.expires_ms) {
        left = os->token.expires_ms - ostk_now_ms(os);
        int64_t life = os->token.issued_ms ? os->token.expires_ms - os->token.issued_ms : 0;
        if (life > 0 && life / 2 < margin)
            margin = life / 2;
    }
    bool once = os->passcode_used || os->methods == OSTK_M_TOKEN;
    if (os->have_token && (left > margin || (left > 0 && (once || now < os->auth_retry_ms))))
        return true;
    if (os->auth_call)
        return false;
    if (os->token.id && os->passcode_used) {
        err_set(err, ERR_AUTH, 401, "%s: the session ended, and a TOTP passcode cannot be used twice: put a fresh passcode into %s and "
                "start again", os->label, where(os));
        os->auth_err = *err;
        os->have_token = false;
        ostk_state(os);
        return false;
    }
    if (os->auth_err.code != ERR_OK && now < os->auth_retry_ms) {
        *err = os->auth_err;
        return false;
    }
    if (!start(os)) {
        failed(os);
        *err = os->auth_err;
    }
    return false;
}

void ostk_token_invalid(struct ostk_source *os, unsigned gen)
{
    if (os->kind == OSTK_AUTH_V3 && gen == os->token_gen && clock_mono_ms() - os->auth_tried_ms > YOUNG_MS)
        os->have_token = false;
}

void ostk_token_renew(struct ostk_source *os)
{
    int64_t now = clock_mono_ms();
    bool once = os->passcode_used || os->methods == OSTK_M_TOKEN;
    if (os->kind == OSTK_AUTH_V3 && !once && (!os->renewed_ms || now - os->renewed_ms > YOUNG_MS)) {
        os->renewed_ms = now;
        os->have_token = false;
    } else {
        ostk_token_invalid(os, os->token_gen);
    }
}

void ostk_keystone_retry(struct ostk_source *os)
{
    /* not on every key press: wrong passwords lock accounts */
    if (os->auth_err.code != ERR_OK && clock_mono_ms() - os->auth_tried_ms > 5000)
        os->auth_retry_ms = 0;
}

void ostk_keystone_cancel(struct ostk_source *os)
{
    net_timer_cancel(os->base.net, os->auth_timer);
    os->auth_timer = NULL;
    answered(os);
    if (os->auth_call)
        net_cancel(os->base.net, os->auth_call);
    os->auth_call = NULL;
}
