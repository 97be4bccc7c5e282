/* A source's own copy of one kubeconfig context: cluster, user, namespace; and what is wrong with it. */
#include "core/kube/kube_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/text.h"

static bool dup_to(char **to, const char *from)
{
    *to = mem_strdup(from);
    return *to || !from;
}

static bool dup_list(char ***to, size_t *n, char *const *from, size_t count)
{
    *to = NULL;
    *n = 0;
    if (!count)
        return true;
    char **list = mem_zalloc(count * sizeof *list);
    if (!list)
        return false;
    *to = list;
    *n = count;
    for (size_t i = 0; i < count; i++)
        if (!dup_to(&list[i], from[i]))
            return false;
    return true;
}

static void free_list(char **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mem_free(list[i]);
    mem_free(list);
}

static bool dup_cluster(struct kube_cluster *to, const struct kube_cluster *from)
{
    to->insecure = from->insecure;
    to->disable_compression = from->disable_compression;
    return dup_to(&to->name, from->name) && dup_to(&to->server, from->server) && dup_to(&to->ca_file, from->ca_file) &&
           dup_to(&to->ca_data, from->ca_data) && dup_to(&to->tls_server_name, from->tls_server_name) &&
           dup_to(&to->proxy_url, from->proxy_url) && dup_to(&to->where, from->where);
}

static bool dup_exec(struct kube_exec **out, const struct kube_exec *from)
{
    struct kube_exec *to = *out = mem_zalloc(sizeof *to);
    if (!to)
        return false;
    size_t nvalues;
    to->provide_cluster_info = from->provide_cluster_info;
    to->interactive = from->interactive;
    return dup_list(&to->args, &to->nargs, from->args, from->nargs) &&
           dup_list(&to->env_names, &to->nenv, from->env_names, from->nenv) &&
           dup_list(&to->env_values, &nvalues, from->env_values, from->nenv) && dup_to(&to->command, from->command) &&
           dup_to(&to->api_version, from->api_version) && dup_to(&to->install_hint, from->install_hint) &&
           dup_to(&to->dir, from->dir);
}

static bool dup_user(struct kube_user *to, const struct kube_user *from)
{
    size_t nvalues;
    return dup_to(&to->name, from->name) && dup_to(&to->cert_file, from->cert_file) &&
           dup_to(&to->cert_data, from->cert_data) && dup_to(&to->key_file, from->key_file) &&
           dup_to(&to->key_data, from->key_data) && dup_to(&to->token, from->token) &&
           dup_to(&to->token_file, from->token_file) && dup_to(&to->username, from->username) &&
           dup_to(&to->password, from->password) && dup_to(&to->where, from->where) && dup_to(&to->as, from->as) &&
           dup_to(&to->as_uid, from->as_uid) && dup_to(&to->auth_provider, from->auth_provider) &&
           dup_list(&to->as_groups, &to->nas_groups, from->as_groups, from->nas_groups) &&
           dup_list(&to->as_extra_keys, &to->nas_extra, from->as_extra_keys, from->nas_extra) &&
           dup_list(&to->as_extra_values, &nvalues, from->as_extra_values, from->nas_extra) &&
           (!from->exec || dup_exec(&to->exec, from->exec));
}

/* "; it has: a, b, c" */
static void known_contexts(struct str *out, const struct kubeconfig *kc)
{
    str_adds(out, kc->ncontexts ? "; there are: " : "; it defines no context");
    for (size_t i = 0; i < kc->ncontexts && out->len < 160; i++) {
        if (i)
            str_adds(out, ", ");
        text_clean(out, kc->contexts[i].name, strlen(kc->contexts[i].name), 0);
    }
}

static bool fail_context(const struct kubeconfig *kc, const char *context, struct err *err)
{
    struct str known, name;
    str_init(&known, 4096);
    str_init(&name, 4096);
    known_contexts(&known, kc);
    text_clean(&name, context, strlen(context), 0);
    err_set(err, ERR_CONFIG, 0, "the kubeconfig has no context \"%s\"%s", name.data, known.data);
    str_release(&known);
    str_release(&name);
    return false;
}

static const char *place(const char *where)
{
    return where ? where : "kubeconfig";
}

static bool readable(const struct kube_user *u, const char *what, const char *data, const char *file, struct err *err)
{
    char why[128];
    if (data || !file || !access(file, R_OK))
        return true;
    int code = errno;
    err_set(err, ERR_CONFIG, code, "%s: the client-%s %.160s of user %s cannot be read (%s)", place(u->where), what, file, u->name,
            strerror_r(code, why, sizeof(why)));
    return false;
}

/* What client-go refuses before the first request. */
static bool check_user(const struct kube_user *u, struct err *err)
{
    bool token = (u->token && u->token[0]) || (u->token_file && u->token_file[0]);
    bool basic = (u->username && u->username[0]) || (u->password && u->password[0]);
    bool cert = u->cert_data || u->cert_file, key = u->key_data || u->key_file;
    if (u->auth_provider && u->exec)
        return err_set(err, ERR_CONFIG, 0, "%s: user %s has both auth-provider and exec: keep exec", place(u->where), u->name), false;
    if (u->auth_provider)
        return err_set(err, ERR_UNSUPPORTED, 0,
                       "%s: user %s uses the removed auth-provider \"%s\": change it to its exec credential plugin",
                       place(u->where), u->name, u->auth_provider),
               false;
    if (token && basic)
        return err_set(err, ERR_CONFIG, 0, "%s: user %s has a token and a username: keep one of them", place(u->where), u->name),
               false;
    if (cert != key)
        return err_set(err, ERR_CONFIG, 0, "%s: user %s has a client %s without its %s", place(u->where), u->name,
                       cert ? "certificate" : "key", cert ? "key" : "certificate"),
               false;
    if (!readable(u, "certificate", u->cert_data, u->cert_file, err) || !readable(u, "key", u->key_data, u->key_file, err))
        return false;
    if (u->exec && (!u->exec->command || !u->exec->command[0]))
        return err_set(err, ERR_CONFIG, 0, "%s: the exec plugin of user %s has no command", place(u->where), u->name), false;
    if (u->exec && !u->exec->api_version)
        return err_set(err, ERR_CONFIG, 0, "%s: the exec plugin of user %s has no apiVersion", place(u->where), u->name), false;
    if ((u->as_uid || u->nas_groups || u->nas_extra) && !(u->as && u->as[0]))
        return err_set(err, ERR_CONFIG, 0, "%s: user %s impersonates groups or a uid without a user name (as)",
                       place(u->where), u->name),
               false;
    return true;
}

/* Length of "scheme://" when there is one and a host after it, else 0. */
static size_t scheme_len(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return n && !strncmp(s + n, "://", 3) && !strchr("/?#", s[n + 3]) ? n + 3 : 0;
}

static bool port_ok(const char *host, size_t len)
{
    const char *end = host + len, *from = memrchr(host, ']', len), *colon;
    long port = 0;
    from = from ? from : host;
    colon = memchr(from, ':', (size_t)(end - from));
    if (!colon)
        return true;
    for (const char *p = colon + 1; p < end; p++)
        if (*p < '0' || *p > '9' || (port = port * 10 + *p - '0') > 65535)
            return false;
    return colon > host && colon + 1 < end;
}

/* As client-go reads it: a bare HOST:PORT is http:// (for kubectl even where a CA is named); a query means nothing. */
static bool server_url(struct kube_conf *c, struct err *err)
{
    struct kube_cluster *k = &c->cluster;
    const char *s = k->server;
    size_t scheme = scheme_len(s), host = strcspn(s + scheme, "/?#"), len = scheme + strcspn(s + scheme, "?#");
    const char *at = memrchr(s + scheme, '@', host), *name = at ? at + 1 : s + scheme;
    if (scheme && strncasecmp(s, "http://", 7) != 0 && strncasecmp(s, "https://", 8) != 0)
        return err_set(err, ERR_CONFIG, 0, "%s: the server of cluster %s begins with %.*s: it must be http:// or https://", place(k->where),
                       k->name, (int)scheme, s), false;
    if (strpbrk(s, " \t\r\n\\") || host == 0 || (!scheme && s[host] && strcmp(s + host, "/") != 0) ||
        !port_ok(name, (size_t)(s + scheme + host - name)))
        return err_set(err, ERR_CONFIG, 0, "%s: the server of cluster %s is no address: write https://HOST:PORT", place(k->where), k->name),
               false;
    while (len && s[len - 1] == '/')
        len--;
    struct str url;
    str_init(&url, 1u << 16);
    if (!scheme)
        str_adds(&url, "http://");
    str_add(&url, s, len);
    char *text = str_take(&url);
    str_release(&url);
    if (!text)
        return err_set(err, ERR_NOMEM, 0, "out of memory"), false;
    mem_free(k->server);
    k->server = text;
    return true;
}

static void release_exec(struct kube_exec *e)
{
    if (!e)
        return;
    free_list(e->args, e->nargs);
    free_list(e->env_names, e->nenv);
    free_list(e->env_values, e->env_values ? e->nenv : 0);
    mem_free(e->command);
    mem_free(e->api_version);
    mem_free(e->install_hint);
    mem_free(e->dir);
    mem_free(e);
}

/* Like client-go: over http:// everybody could read them, so nothing but an impersonation is sent. */
static void drop_credentials(struct kube_user *u)
{
    mem_free_secret(u->key_data);
    mem_free_secret(u->token);
    mem_free_secret(u->password);
    release_exec(u->exec);
    char **const plain[] = {&u->cert_file, &u->cert_data, &u->key_file, &u->token_file, &u->username};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        mem_free(*plain[i]);
        *plain[i] = NULL;
    }
    u->key_data = u->token = u->password = NULL;
    u->exec = NULL;
}

static bool conf_fill(struct kube_conf *c, const struct kubeconfig *kc, const char *context, struct err *err)
{
    const struct kube_context *ctx = kubeconfig_context(kc, context);
    if (!dup_to(&c->context, context))
        goto nomem;
    if (!ctx)
        return fail_context(kc, context, err);
    if (!dup_to(&c->ns, ctx->namespace_ && ctx->namespace_[0] ? ctx->namespace_ : "default"))
        goto nomem;
    const struct kube_cluster *cluster = ctx->cluster ? kubeconfig_cluster(kc, ctx->cluster) : NULL;
    const struct kube_user *user = ctx->user && ctx->user[0] ? kubeconfig_user(kc, ctx->user) : NULL;
    if (user && !dup_user(&c->user, user))
        goto nomem;
    if (!c->user.name && !dup_to(&c->user.name, ctx->user ? ctx->user : ""))
        goto nomem;
    if (cluster && !dup_cluster(&c->cluster, cluster))
        goto nomem;
    if (kubeconfig_check(kc, context, err) != ERR_OK)
        return false;
    if (!server_url(c, err) || !check_user(&c->user, err))
        return false;
    c->open_line = strncasecmp(c->cluster.server, "https://", 8) != 0;
    if (c->open_line)
        drop_credentials(&c->user);
    return true;
nomem:
    err_set(err, ERR_NOMEM, 0, "out of memory");
    return false;
}

struct kube_conf *kube_conf_new(const struct kubeconfig *kc, const char *context, struct err *err)
{
    struct kube_conf *c = mem_zalloc(sizeof *c);
    if (!c || (c->refs = 1, !conf_fill(c, kc, context, err))) {
        if (!c || (err->code == ERR_NOMEM)) {
            err_set(err, ERR_NOMEM, 0, "out of memory");
            kube_conf_unref(c);
            return NULL;
        }
        struct str clean;                          /* names and paths come from files */
        str_init(&clean, 0);
        text_clean(&clean, err->msg, strlen(err->msg), 0);
        err_set(err, err->code, err->detail, "%s", clean.data);
        str_release(&clean);
    }
    return c;
}

struct kube_conf *kube_conf_ref(struct kube_conf *c)
{
    c->refs++;
    return c;
}

void kube_conf_unref(struct kube_conf *c)
{
    if (!c || --c->refs > 0)
        return;
    struct kube_cluster *k = &c->cluster;
    struct kube_user *u = &c->user;
    char *plain[] = {c->context, c->ns, k->name, k->server, k->ca_file, k->ca_data, k->tls_server_name, k->where,
                     u->name, u->cert_file, u->cert_data, u->key_file, u->token_file, u->username, u->where, u->as,
                     u->as_uid, u->auth_provider};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        mem_free(plain[i]);
    mem_free_secret(k->proxy_url);
    mem_free_secret(u->key_data);
    mem_free_secret(u->token);
    mem_free_secret(u->password);
    free_list(u->as_groups, u->nas_groups);
    free_list(u->as_extra_keys, u->nas_extra);
    free_list(u->as_extra_values, u->as_extra_values ? u->nas_extra : 0);
    release_exec(u->exec);
    mem_free(c);
}

bool kube_read_file(const char *path, struct str *out)
{
    FILE *f = fopen(path, "re");
    char buf[4096];
    size_t n;
    if (!f)
        return false;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0 && !out->failed)
        str_add(out, buf, n);
    bool ok = !ferror(f) && !out->failed;
    fclose(f);
    return ok;
}
