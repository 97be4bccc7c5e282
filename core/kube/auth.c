/* What a kubeconfig user gives, in client-go's precedence: static token, token file, basic, exec plugin; a client
 * certificate goes with any of them. Also the TLS identities (sites). */
#include <string.h>

#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define TOKEN_FILE_MS 60000        /* client-go re-reads each minute */
#define TOKEN_FILE_MAX (1u << 20)
#define EXEC_MARGIN_MS 10000       /* renew so long before the end, but never in the first 5/6 of its life */
#define EXEC_RETRY_MS 5000         /* plugins may open browsers: failures back off, doubling up to ... */
#define EXEC_RETRY_MAX_MS 300000

/* ---- sites ---- */

void kube_site_conf(const struct kube_source *ks, struct net_site_conf *conf)
{
    const struct kube_cluster *k = &ks->conf->cluster;
    const struct kube_user *u = &ks->conf->user;
    const struct kube_auth *a = &ks->auth;
    bool own = u->cert_data || u->cert_file;     /* static certificates win over a plugin's, like client-go */
    *conf = (struct net_site_conf){
        .name = ks->conf->context,
        .ca_file = k->ca_data ? NULL : k->ca_file,
        .ca_data = k->ca_data,
        .cert_file = u->cert_data ? NULL : u->cert_file,
        .cert_data = own ? u->cert_data : a->exec_cert,
        .key_file = u->key_data ? NULL : u->key_file,
        .key_data = own ? u->key_data : a->exec_key,
        .tls_server_name = k->tls_server_name,
        .insecure = k->insecure,
        .proxy_url = k->proxy_url,
        .user_agent = KUBE_USER_AGENT,
        .compress = !k->disable_compression,
    };
}

const char *kube_bearer(const struct kube_source *ks)
{
    return ks->auth.bearer;
}

const char *kube_server(const struct kube_source *ks)
{
    return ks->conf->cluster.server;
}

static struct net_site *new_net_site(struct kube_source *ks, bool http2, struct err *err)
{
    struct net_site_conf conf;
    kube_site_conf(ks, &conf);
    conf.http2 = http2;
    return net_site_new(ks->src.net, &conf, err);
}

static struct kube_site *site_new(struct kube_source *ks, struct err *err)
{
    struct kube_site *s = mem_zalloc(sizeof *s);
    if (!s) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    s->net = new_net_site(ks, true, err);
    s->bulk = s->net ? new_net_site(ks, false, err) : NULL;
    if (!s->bulk) {
        if (s->net)
            net_site_free(ks->src.net, s->net);
        mem_free(s);
        return NULL;
    }
    s->next = ks->sites;
    ks->sites = s;
    return s;
}

struct doomed { struct net *net; struct kube_site *site; };

static void doomed_free(void *arg)
{
    struct doomed *d = arg;
    net_site_free(d->net, d->site->net);
    net_site_free(d->net, d->site->bulk);
    mem_free(d->site);
    mem_free(d);
}

/* Not at once: its last call's callback may be on the stack. */
static void site_reap(struct kube_source *ks, struct kube_site *s)
{
    struct doomed *d;
    if (!s->retired || s->calls > 0 || !(d = mem_alloc(sizeof *d)))
        return;                                   /* no memory: freed with the source */
    for (struct kube_site **p = &ks->sites; *p; p = &(*p)->next)
        if (*p == s) {
            *p = s->next;
            break;
        }
    *d = (struct doomed){ks->src.net, s};
    if (!net_post(ks->src.net, doomed_free, doomed_free, d)) {
        s->next = ks->sites;
        ks->sites = s;
        mem_free(d);
    }
}

struct kube_site *kube_site_get(struct kube_source *ks, struct err *err)
{
    if (!ks->auth.site)
        ks->auth.site = site_new(ks, err);
    if (ks->auth.site)
        ks->auth.site->calls++;
    return ks->auth.site;
}

void kube_site_put(struct kube_source *ks, struct kube_site *s)
{
    s->calls--;
    site_reap(ks, s);
}

/* ---- token files ---- */

static bool read_token_file(struct kube_source *ks, struct err *err)
{
    struct kube_auth *a = &ks->auth;
    struct str s;
    a->read_mono_ms = clock_mono_ms();
    str_init(&s, TOKEN_FILE_MAX);
    bool read = kube_read_file(ks->conf->user.token_file, &s);
    while (s.len && strchr(" \t\r\n", s.data[s.len - 1]))
        s.data[--s.len] = '\0';
    size_t skip = strspn(s.data, " \t\r\n");
    bool good = read && s.len > skip && !strpbrk(s.data + skip, "\r\n");
    if (good && (!a->bearer || strcmp(a->bearer, s.data + skip) != 0)) {
        char *token = mem_strdup(s.data + skip);
        good = token != NULL;
        if (token) {
            mem_free_secret(a->bearer);
            a->bearer = token;
            a->generation++;
        }
    }
    memset(s.data, 0, s.len);
    str_release(&s);
    if (good || a->bearer)                        /* the last good one goes on, as in client-go */
        return true;
    struct str name;
    str_init(&name, 4096);
    text_clean(&name, ks->conf->user.token_file, strlen(ks->conf->user.token_file), 0);
    err_set(err, ERR_AUTH, 0, read ? "the token file %s holds no token" : "the token file %s cannot be read", name.data);
    str_release(&name);
    return false;
}

/* ---- exec ---- */

static void set_retry(struct kube_auth *a)
{
    int64_t wait = EXEC_RETRY_MS;
    for (int i = 0; i < a->backoff.tries && wait < EXEC_RETRY_MAX_MS; i++)
        wait *= 2;
    a->backoff.tries++;
    a->retry_mono_ms = clock_mono_ms() + (wait < EXEC_RETRY_MAX_MS ? wait : EXEC_RETRY_MAX_MS);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void exec_done(void *arg, struct kube_cred *cred, const struct err *err)
{
    struct kube_source *ks = arg;
    struct kube_auth *a = &ks->auth;
    a->run = NULL;
    if (err->code != ERR_OK) {
        a->last_err = *err;
        a->have = false;
        set_retry(a);
        kube_calls_resume(ks, err);
        return;
    }
    bool new_site = !same(cred->cert, a->exec_cert) || !same(cred->key, a->exec_key);
    mem_free_secret(a->bearer);
    mem_free_secret(a->exec_key);
    mem_free(a->exec_cert);
    a->bearer = cred->token;
    a->exec_cert = cred->cert;
    a->exec_key = cred->key;
    a->expires_ms = cred->expires_ms;
    *cred = (struct kube_cred){0};
    if (a->expires_ms) {
        int64_t life = a->expires_ms - clock_wall_ms();
        a->expires_ms -= life / 6 < EXEC_MARGIN_MS ? (life > 0 ? life / 6 : 0) : EXEC_MARGIN_MS;
    }
    a->have = true;
    a->generation++;
    a->last_err = (struct err)ERR_INIT;
    if (new_site && a->site) {
        struct kube_site *old = a->site;
        a->site = NULL;
        old->retired = true;
        site_reap(ks, old);
    }
    kube_calls_resume(ks, NULL);
}

static enum kube_auth_state exec_get(struct kube_source *ks, struct err *err)
{
    struct kube_auth *a = &ks->auth;
    if (a->have && (!a->expires_ms || clock_wall_ms() < a->expires_ms))
        return AUTH_READY;
    if (a->run)
        return AUTH_WAIT;
    if (a->last_err.code != ERR_OK && clock_mono_ms() < a->retry_mono_ms) {
        *err = a->last_err;
        return AUTH_FAILED;
    }
    a->run = kube_exec_start(ks->src.net, ks->conf, exec_done, ks, err);
    return a->run ? AUTH_WAIT : AUTH_FAILED;
}

/* ---- all of them ---- */

static bool header_safe(const char *s)
{
    for (; s && *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    return true;
}

bool kube_auth_init(struct kube_source *ks, struct err *err)
{
    const struct kube_user *u = &ks->conf->user;
    struct kube_auth *a = &ks->auth;
    bool safe = header_safe(u->token) && header_safe(u->as) && header_safe(u->as_uid);
    for (size_t i = 0; i < u->nas_groups; i++)
        safe = safe && header_safe(u->as_groups[i]);
    for (size_t i = 0; i < u->nas_extra; i++)
        safe = safe && header_safe(u->as_extra_values[i]);
    if (!safe)
        return err_set(err, ERR_CONFIG, 0, "the token or the impersonation of user %s contains control characters",
                       u->name),
               false;
    if (u->token_file && u->token_file[0])
        a->type = AUTH_TOKEN_FILE;
    else if (u->token && u->token[0])
        a->type = AUTH_TOKEN;
    else if ((u->username && u->username[0]) || (u->password && u->password[0]))
        a->type = AUTH_BASIC;
    else if (u->exec)
        a->type = AUTH_EXEC;
    else
        a->type = u->cert_data || u->cert_file ? AUTH_CERT : AUTH_NONE;
    if (u->token && u->token[0] && !(a->bearer = mem_strdup(u->token)))
        return err_set(err, ERR_NOMEM, 0, "out of memory"), false;
    a->read_mono_ms = INT64_MIN;
    return true;
}

void kube_auth_release(struct kube_source *ks)
{
    struct kube_auth *a = &ks->auth;
    if (a->run)
        kube_exec_cancel(a->run);
    mem_free_secret(a->bearer);
    mem_free_secret(a->exec_key);
    mem_free(a->exec_cert);
    for (struct kube_site *s; (s = ks->sites);) {
        ks->sites = s->next;
        net_site_free(ks->src.net, s->net);
        net_site_free(ks->src.net, s->bulk);
        mem_free(s);
    }
    *a = (struct kube_auth){0};
}

enum kube_auth_state kube_auth_get(struct kube_source *ks, struct err *err)
{
    struct kube_auth *a = &ks->auth;
    switch (a->type) {
    case AUTH_TOKEN_FILE:
        if (a->read_mono_ms == INT64_MIN || clock_mono_ms() - a->read_mono_ms >= TOKEN_FILE_MS)
            return read_token_file(ks, err) ? AUTH_READY : AUTH_FAILED;
        if (!a->bearer)
            return read_token_file(ks, err) ? AUTH_READY : AUTH_FAILED;
        return AUTH_READY;
    case AUTH_EXEC:
        return exec_get(ks, err);
    default:
        return AUTH_READY;
    }
}

bool kube_auth_refused(struct kube_source *ks, unsigned generation)
{
    struct kube_auth *a = &ks->auth;
    struct err err;
    if (generation != a->generation)              /* somebody else renewed it meanwhile */
        return true;
    if (a->type == AUTH_TOKEN_FILE)
        return read_token_file(ks, &err) && a->generation != generation;
    if (a->type != AUTH_EXEC || a->run)
        return a->type == AUTH_EXEC;
    a->have = false;
    if (a->refused++ == 0)
        return true;
    /* refused again right after it was renewed: do not run the plugin in a circle */
    kube_auth_explain(ks, &a->last_err);
    set_retry(a);
    return false;
}

void kube_auth_accepted(struct kube_source *ks)
{
    ks->auth.refused = 0;
    ks->auth.backoff.tries = 0;
}

int64_t kube_auth_expires(const struct kube_source *ks)
{
    const struct kube_user *u = &ks->conf->user;
    int64_t end = 0, ms;
    struct str pem;
    str_init(&pem, 1u << 20);
    if (u->cert_data) {
        str_adds(&pem, u->cert_data);
    } else if (u->cert_file) {
        kube_read_file(u->cert_file, &pem);
    }
    if (pem.len && kube_cert_expiry(pem.data, pem.len, &ms))
        end = ms;
    str_release(&pem);
    if (ks->auth.type == AUTH_TOKEN && kube_jwt_expiry(u->token, &ms) && (!end || ms < end))
        end = ms;
    return end;
}

void kube_auth_waits(const struct kube_source *ks, struct err *err)
{
    struct str command;
    str_init(&command, 1u << 16);
    text_clean(&command, ks->conf->user.exec->command, strlen(ks->conf->user.exec->command), 0);
    err_set(err, ERR_TIMEOUT, 0, "waiting for the credential plugin %s", command.data);
    str_release(&command);
}

void kube_auth_explain(const struct kube_source *ks, struct err *err)
{
    const struct kube_user *u = &ks->conf->user;
    const char *name = ks->src.info.user[0] ? ks->src.info.user : "(none)";
    int64_t end = kube_auth_expires(ks);
    char when[40];
    struct str text;
    str_init(&text, 4096);
    if (end && end < clock_wall_ms() + ks->src.info.clock_offset_ms) {
        text_format_time(when, sizeof when, end);
        str_addf(&text, "the %s of user \"%s\" expired at %s: renew it", ks->auth.type == AUTH_TOKEN ? "token" : "client certificate",
                 name, when);
    } else if (ks->auth.type == AUTH_EXEC) {
        str_addf(&text, "the server refuses what credential plugin %s gave for user %s: log in again with it",
                 u->exec->command, name);
    } else if (ks->auth.type == AUTH_TOKEN_FILE) {
        str_addf(&text, "the server refuses the token in %s (user %s): it expired or is for another cluster", u->token_file,
                 name);
    } else if (ks->auth.type == AUTH_TOKEN) {
        str_addf(&text, "the server refuses the token of user %s: it expired or is for another cluster; get a new one", name);
    } else if (ks->auth.type == AUTH_BASIC) {
        str_addf(&text, "the server refuses the username and password of user %s", name);
    } else if (ks->auth.type == AUTH_CERT) {
        str_addf(&text, "the server refuses the client certificate of user %s: it is for another cluster or was revoked", name);
    } else if (ks->conf->open_line) {
        str_adds(&text, "the server wants credentials, and none are sent over http://: write https:// in the kubeconfig");
    } else {
        str_addf(&text, "the kubeconfig gives no credentials for user %s and the server wants some", name);
    }
    struct str clean;
    str_init(&clean, 8192);
    text_clean(&clean, text.data, text.len, 0);
    err_set(err, ERR_AUTH, 401, "%s", clean.data);
    str_release(&clean);
    str_release(&text);
}
