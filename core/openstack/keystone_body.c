/* Keystone v3 bodies, both ways, without a network: what an entry of clouds.yaml asks for, the request, the answer. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

static bool set(const char *s)
{
    return s && *s;
}

void ostk_token_release(struct ostk_token *t)
{
    mem_free_secret(t->id);
    mem_free(t->user_id);
    mem_free(t->user_name);
    mem_free(t->user_domain);
    mem_free(t->project_id);
    mem_free(t->project_name);
    mem_free(t->project_domain);
    mem_free(t->domain_name);
    json_decref(t->catalog);
    *t = (struct ostk_token){0};
}

void ostk_who(const struct cloud *c, char *buf, size_t size)
{
    const char *dom = set(c->user_domain_name) ? c->user_domain_name : c->user_domain_id;
    if (set(c->app_cred_id) || set(c->app_cred_name))
        snprintf(buf, size, "application credential %.40s", set(c->app_cred_name) ? c->app_cred_name : c->app_cred_id);
    else if (set(c->username) || set(c->user_id))
        snprintf(buf, size, "user %.60s%s%.40s%s", set(c->username) ? c->username : c->user_id, set(dom) ? " (domain " : "",
                 set(dom) ? dom : "", set(dom) ? ")" : "");
    else
        snprintf(buf, size, "the token");
}

void ostk_scope_text(const struct cloud *c, char *buf, size_t size)
{
    if (set(c->system_scope))
        snprintf(buf, size, "the system");
    else if (set(c->project_name) || set(c->project_id))
        snprintf(buf, size, "project %.80s", set(c->project_name) ? c->project_name : c->project_id);
    else if (set(c->domain_name) || set(c->domain_id))
        snprintf(buf, size, "domain %.80s", set(c->domain_name) ? c->domain_name : c->domain_id);
    else
        snprintf(buf, size, "%s", "");
}

/* ---- what the entry asks for ---- */
static unsigned method_of(const char *name)
{
    static const struct { const char *name; unsigned bit; } table[] = {
        {"password", OSTK_M_PASSWORD}, {"v3password", OSTK_M_PASSWORD}, {"token", OSTK_M_TOKEN}, {"v3token", OSTK_M_TOKEN},
        {"v3applicationcredential", OSTK_M_APPCRED}, {"application_credential", OSTK_M_APPCRED},
        {"applicationcredential", OSTK_M_APPCRED}, {"v3totp", OSTK_M_TOTP}, {"totp", OSTK_M_TOTP},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcasecmp(name, table[i].name))
            return table[i].bit;
    return 0;
}

static bool missing(const struct cloud *c, const char *what, struct err *err)
{
    err_set(err, ERR_CONFIG, 0, "cloud %s (%s): %s is missing", c->name ? c->name : "?", c->where ? c->where : "clouds.yaml",
            what);
    return false;
}

static bool check_methods(const struct cloud *c, unsigned m, struct err *err)
{
    bool user = set(c->username) || set(c->user_id);
    if (!set(c->auth_url))
        return missing(c, "auth: auth_url", err);
    if ((m & (OSTK_M_PASSWORD | OSTK_M_TOTP)) && !user)
        return missing(c, "auth: username", err);
    if ((m & OSTK_M_PASSWORD) && !c->password)
        return missing(c, "auth: password (strata does not ask for one; secure.yaml or OS_PASSWORD may hold it)", err);
    if ((m & OSTK_M_TOTP) && !set(c->passcode))
        return missing(c, "auth: passcode", err);
    if ((m & OSTK_M_TOKEN) && !set(c->token))
        return missing(c, "auth: token", err);
    if (m & OSTK_M_APPCRED) {
        if (!set(c->app_cred_id) && !set(c->app_cred_name))
            return missing(c, "auth: application_credential_id", err);
        if (!set(c->app_cred_id) && !user)
            return missing(c, "auth: username (an application credential by name needs its user)", err);
        if (!c->app_cred_secret)
            return missing(c, "auth: application_credential_secret", err);
    }
    return true;
}

bool ostk_auth_plan(const struct cloud *c, enum ostk_auth_kind *kind, unsigned *methods, struct err *err)
{
    const char *t = set(c->auth_type) ? c->auth_type : "password";
    struct str clean;
    *kind = OSTK_AUTH_V3;
    *methods = 0;
    if (!strcasecmp(t, "none") || !strcasecmp(t, "http_basic") || !strcasecmp(t, "admin_token")) {
        *kind = !strcasecmp(t, "none") ? OSTK_AUTH_NONE : !strcasecmp(t, "http_basic") ? OSTK_AUTH_BASIC : OSTK_AUTH_ADMIN_TOKEN;
        if (*kind == OSTK_AUTH_ADMIN_TOKEN && !set(c->token))
            return missing(c, "auth: token", err);
        if (*kind == OSTK_AUTH_BASIC && (!set(c->username) || !c->password))
            return missing(c, "auth: username and password", err);
        return true;       /* the endpoint may also come from <service>_endpoint_override */
    }
    if (!strcasecmp(t, "v3multifactor")) {
        for (size_t i = 0; i < c->nauth_methods; i++) {
            unsigned m = method_of(c->auth_methods[i]);
            if (!m) {
                err_set(err, ERR_UNSUPPORTED, 0, "cloud %s (%s): auth method %.40s of v3multifactor is not supported", c->name,
                        c->where ? c->where : "clouds.yaml", c->auth_methods[i]);
                return false;
            }
            *methods |= m;
        }
        if (!*methods)
            return missing(c, "auth_methods (a list such as [v3password, v3totp])", err);
        return check_methods(c, *methods, err);
    }
    *methods = method_of(t);
    if (*methods)
        return check_methods(c, *methods, err);
    str_init(&clean, 256);
    text_clean(&clean, t, strlen(t), 0);
    if (!strncasecmp(t, "v2", 2))
        err_set(err, ERR_UNSUPPORTED, 0, "cloud %s: auth_type %.40s is Identity v2, which OpenStack removed in 2018; use auth_type "
                "password and an auth_url that ends in /v3", c->name, clean.data);
    else
        err_set(err, ERR_UNSUPPORTED, 0, "cloud %s: auth_type %.40s is not supported; use an application credential "
                "(auth_type v3applicationcredential), or auth_type token with a token from `openstack token issue`", c->name,
                clean.data);
    str_release(&clean);
    return false;
}

/* ---- request ---- */
static void add_pair(struct str *out, const char *key, const char *value)
{
    str_addf(out, "\"%s\":", key);
    str_add_json(out, value, strlen(value));
}

static void add_domain(struct str *out, const struct cloud *c, const char *id, const char *name)
{
    str_adds(out, "\"domain\":{");
    if (!set(id) && !set(name)) {
        id = cloud_setting(c, "default_domain_id");
        name = cloud_setting(c, "default_domain_name");
    }
    if (set(id))
        add_pair(out, "id", id);
    else if (set(name))
        add_pair(out, "name", name);
    else
        add_pair(out, "id", "default");
    str_adds(out, "}");
}

/* The user object, with its secret inside where the method wants it there. */
static void add_user(struct str *out, const struct cloud *c, const char *secret_key, const char *secret)
{
    str_adds(out, "\"user\":{");
    if (set(c->user_id)) {
        add_pair(out, "id", c->user_id);
    } else {
        add_pair(out, "name", c->username ? c->username : "");
        str_adds(out, ",");
        add_domain(out, c, c->user_domain_id, c->user_domain_name);
    }
    if (secret_key) {
        str_adds(out, ",");
        add_pair(out, secret_key, secret ? secret : "");
    }
    str_adds(out, "}");
}

static void add_scope(struct str *out, const struct cloud *c)
{
    str_adds(out, ",\"scope\":");
    if (set(c->system_scope)) {
        str_adds(out, "{\"system\":{\"all\":true}}");
    } else if (set(c->project_id)) {
        str_adds(out, "{\"project\":{");
        add_pair(out, "id", c->project_id);
        str_adds(out, "}}");
    } else if (set(c->project_name)) {
        str_adds(out, "{\"project\":{");
        add_pair(out, "name", c->project_name);
        str_adds(out, ",");
        add_domain(out, c, c->project_domain_id, c->project_domain_name);
        str_adds(out, "}}");
    } else if (set(c->domain_id) || set(c->domain_name)) {
        str_adds(out, "{");
        add_domain(out, c, c->domain_id, c->domain_name);
        str_adds(out, "}");
    } else {
        str_adds(out, "\"unscoped\"");
    }
}

bool ostk_auth_body(struct str *out, const struct cloud *c, unsigned methods, bool scoped)
{
    static const struct { unsigned bit; const char *name; } names[] = {
        {OSTK_M_PASSWORD, "password"}, {OSTK_M_TOKEN, "token"}, {OSTK_M_APPCRED, "application_credential"}, {OSTK_M_TOTP, "totp"},
    };
    const char *sep = "";
    str_adds(out, "{\"auth\":{\"identity\":{\"methods\":[");
    for (size_t i = 0; i < 4; i++)
        if (methods & names[i].bit) {
            str_addf(out, "%s\"%s\"", sep, names[i].name);
            sep = ",";
        }
    str_adds(out, "]");
    if (methods & OSTK_M_PASSWORD) {
        str_adds(out, ",\"password\":{");
        add_user(out, c, "password", c->password);
        str_adds(out, "}");
    }
    if (methods & OSTK_M_TOTP) {
        str_adds(out, ",\"totp\":{");
        add_user(out, c, "passcode", c->passcode);
        str_adds(out, "}");
    }
    if (methods & OSTK_M_TOKEN) {
        str_adds(out, ",\"token\":{");
        add_pair(out, "id", c->token ? c->token : "");
        str_adds(out, "}");
    }
    if (methods & OSTK_M_APPCRED) {
        str_adds(out, ",\"application_credential\":{");
        if (set(c->app_cred_id)) {
            add_pair(out, "id", c->app_cred_id);
        } else {
            add_pair(out, "name", c->app_cred_name ? c->app_cred_name : "");
            str_adds(out, ",");
            add_user(out, c, NULL, NULL);
        }
        str_adds(out, ",");
        add_pair(out, "secret", c->app_cred_secret ? c->app_cred_secret : "");
        str_adds(out, "}");
    }
    str_adds(out, "}");
    if (!(methods & OSTK_M_APPCRED)) {        /* its project is fixed: naming a scope is refused */
        if (scoped)
            add_scope(out, c);
        else
            str_adds(out, ",\"scope\":\"unscoped\"");
    }
    str_adds(out, "}}");
    return !out->failed;
}

/* ---- answer ---- */
static char *clean_dup(const json_t *o, const char *path)
{
    const char *s = ostk_json_str(o, path);
    struct str b;
    if (!s)
        return NULL;
    str_init(&b, 1024);
    text_clean(&b, s, strlen(s), 0);
    char *r = b.len ? str_take(&b) : NULL;
    str_release(&b);
    return r;
}

static int64_t time_at(const json_t *o, const char *path)
{
    const char *s = ostk_json_str(o, path);
    int64_t ms;
    return s && text_parse_time(s, strlen(s), &ms) ? ms : 0;
}

bool ostk_token_parse(struct ostk_token *t, const char *body, size_t len, struct err *err)
{
    json_t *doc = json_read(body ? body : "", body ? len : 0, 0, NULL);
    const json_t *tok = ostk_json(doc, "token"), *roles;
    char *id = t->id;
    if (!json_is_object(tok)) {
        json_decref(doc);
        err_set(err, ERR_PROTO, 0, "the answer is no Keystone v3 token");
        return false;
    }
    t->id = NULL;
    ostk_token_release(t);
    t->id = id;
    t->user_id = clean_dup(tok, "user.id");
    t->user_name = clean_dup(tok, "user.name");
    t->user_domain = clean_dup(tok, "user.domain.name");
    t->project_id = clean_dup(tok, "project.id");
    t->project_name = clean_dup(tok, "project.name");
    t->project_domain = clean_dup(tok, "project.domain.name");
    t->domain_name = clean_dup(tok, "domain.name");
    t->system = json_is_true(ostk_json(tok, "system.all"));
    t->issued_ms = time_at(tok, "issued_at");
    t->expires_ms = time_at(tok, "expires_at");
    roles = ostk_json(tok, "roles");
    for (size_t i = 0; i < json_array_size((json_t *)roles); i++) {
        const char *n = ostk_json_str(json_array_get((json_t *)roles, i), "name");
        if (n && !strcasecmp(n, "admin"))
            t->admin = true;
    }
    t->catalog = json_incref(json_object_get((json_t *)tok, "catalog"));
    json_decref(doc);
    return true;
}

static unsigned list_bits(const json_t *list)
{
    unsigned m = 0;
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        unsigned b = json_is_string(e) ? method_of(json_string_value(e)) : 0;
        m |= b ? b : 1u << 31;        /* a method we do not know */
    }
    return m;
}

unsigned ostk_receipt_missing(const char *body, size_t len, unsigned can, char *names, size_t size)
{
    json_t *doc = json_read(body ? body : "", body ? len : 0, 0, NULL);
    unsigned have = list_bits(ostk_json(doc, "receipt.methods")), found = 0;
    const json_t *rules = ostk_json(doc, "required_auth_methods");
    size_t i, j, n = 0;
    json_t *rule, *e;
    if (size)
        *names = 0;
    json_array_foreach(rules, i, rule) {
        unsigned need = list_bits(rule) & ~have;
        if (need && !(need & ~can) && !found)
            found = need;
        json_array_foreach(rule, j, e) {
            const char *s = json_string_value(e);
            if (s && text_is_clean(s, strlen(s)) && n < size)
                n += (size_t)snprintf(names + n, size - n, "%s%s", !n ? "" : j ? "+" : " or ", s);
        }
    }
    json_decref(doc);
    return found;
}

bool ostk_fault(const char *body, size_t len, char *buf, size_t size)
{
    json_t *doc = json_read(body ? body : "", body ? len : 0, 0, NULL);
    static const char *const paths[] = {"error.message", "message", "faultstring", "error_message.faultstring", "error_message",
                                        "NeutronError.message", "NeutronError", "errors.0.detail", "errors.0.title", "description",
                                        "explanation", "title"};
    const char *msg = NULL;
    struct str b;
    for (size_t i = 0; !msg && i < sizeof paths / sizeof *paths; i++)
        msg = ostk_json_str(doc, paths[i]);
    if (!msg && json_is_object(doc)) {            /* nova, cinder: {"itemNotFound": {"message": ...}} */
        const char *k;
        json_t *v;
        json_object_foreach(doc, k, v) {
            if ((msg = ostk_json_str(v, "message")))
                break;
        }
    }
    if (size)
        *buf = 0;
    str_init(&b, 4096);
    if (msg)
        text_clean(&b, msg, strnlen(msg, 2000), 0);
    if (b.len && !b.failed)
        snprintf(buf, size, "%s", b.data);
    bool ok = b.len > 0;
    str_release(&b);
    json_decref(doc);
    return ok;
}
