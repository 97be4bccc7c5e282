/* One cloud and region as a plain struct, and the settings of its services. */
#include "strata/clouds.h"

#include <stdio.h>
#include <string.h>

#include "core/config/cfile.h"
#include "core/config/clouds_tree.h"
#include "strata/mem.h"
#include "strata/text.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, 0, "out of memory");
}

/* Values of auth by name. */
static const struct { const char *key; size_t offset; } auth_fields[] = {
#define F(key, member) {key, offsetof(struct cloud, member)}
    F("auth_url", auth_url), F("username", username), F("user_id", user_id), F("password", password), F("token", token),
    F("passcode", passcode), F("user_domain_name", user_domain_name), F("user_domain_id", user_domain_id),
    F("project_name", project_name), F("project_id", project_id), F("tenant_name", project_name), F("tenant_id", project_id),
    F("project_domain_name", project_domain_name), F("project_domain_id", project_domain_id), F("domain_name", domain_name),
    F("domain_id", domain_id), F("system_scope", system_scope), F("application_credential_id", app_cred_id),
    F("application_credential_name", app_cred_name), F("application_credential_secret", app_cred_secret), F("endpoint", endpoint),
#undef F
};
enum { NFIELDS = sizeof auth_fields / sizeof *auth_fields };

static char **slot(struct cloud *c, size_t i)
{
    return (char **)(void *)((char *)c + auth_fields[i].offset);
}

void cloud_free(struct cloud *c)
{
    for (size_t i = 0; i < NFIELDS; i++) {
        mem_free_secret(*slot(c, i));
        *slot(c, i) = NULL;
    }
    for (size_t i = 0; i < c->nauth_methods; i++)
        mem_free(c->auth_methods[i]);
    for (size_t i = 0; i < c->nsettings; i++) {
        mem_free(c->setting_names[i]);
        mem_free_secret(c->setting_values[i]);
    }
    mem_free(c->auth_methods);
    mem_free(c->setting_names);
    mem_free(c->setting_values);
    char *const plain[] = {c->name, c->region, c->auth_type, c->interface, c->cacert, c->cert, c->key, c->where};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        mem_free(plain[i]);
    *c = (struct cloud){.name = NULL};
}

static bool put(char **at, const char *value)
{
    if (!value || !*value)
        return true;
    mem_free_secret(*at);
    return (*at = mem_strdup(value)) != NULL;
}

static bool add_setting(struct cloud *c, const char *name, const char *value)
{
    char **names = mem_realloc(c->setting_names, (c->nsettings + 1) * sizeof *names);
    if (names)
        c->setting_names = names;
    char **values = names ? mem_realloc(c->setting_values, (c->nsettings + 1) * sizeof *values) : NULL;
    if (values)
        c->setting_values = values;
    char *n = values ? mem_strdup(name) : NULL, *v = n ? mem_strdup(value) : NULL;
    if (!v) {
        mem_free(n);
        return false;
    }
    c->setting_names[c->nsettings] = n;
    c->setting_values[c->nsettings++] = v;
    return true;
}

static const char *method_at(const struct yaml_item **item, const char **text, size_t *len)
{
    if (*item) {
        const char *s = (*item)->value->text;
        *len = strlen(s);
        *item = (*item)->next;
        return s;
    }
    const char *s = *text;
    if (!s || !*s)
        return NULL;
    *len = strcspn(s, ",");
    *text = s + *len + (s[*len] == ',');
    return s;
}

/* auth_methods: a list, or names with commas. */
static bool take_methods(struct cloud *c, const struct yaml_node *v)
{
    const struct yaml_item *item = yaml_is(v, YAML_SEQ) ? v->first : NULL;
    const char *text = yaml_scalar(v) ? v->text : NULL, *s;
    size_t len;
    while ((s = method_at(&item, &text, &len)) != NULL) {
        char **grown = mem_realloc(c->auth_methods, (c->nauth_methods + 1) * sizeof *grown);
        if (!grown)
            return false;
        c->auth_methods = grown;
        if (!(grown[c->nauth_methods] = mem_strndup(s, len)))
            return false;
        c->nauth_methods++;
    }
    return true;
}

static bool take_auth(struct cloud *c, const struct yaml_node *auth)
{
    for (const struct yaml_item *i = auth->first; i; i = i->next) {
        size_t f = 0;
        while (f < NFIELDS && strcmp(auth_fields[f].key, i->key->text) != 0)
            f++;
        if (!strcmp(i->key->text, "auth_methods")) {
            if (!take_methods(c, i->value))
                return false;
        } else if (yaml_scalar(i->value) && i->value->type != YAML_NULL &&
                   !(f < NFIELDS ? put(slot(c, f), i->value->text) : add_setting(c, i->key->text, i->value->text))) {
            return false;
        }
    }
    return true;
}

/* A list of interfaces or services as one text with commas. */
static char *join(const struct yaml_node *list)
{
    struct str s;
    str_init(&s, 4096);
    for (const struct yaml_item *i = list->first; i; i = i->next)
        if (yaml_scalar(i->value))
            str_addf(&s, "%s%s", s.len ? "," : "", i->value->text);
    str_addc(&s, '\0');
    return str_take(&s);
}

static bool take_settings(struct cloud *c, const struct yaml_node *config)
{
    static const char *const elsewhere[] = {"auth", "auth_type", "region_name", "interface", "verify", "cacert", "cert", "key", "insecure",
                                            "password", NULL};
    for (const struct yaml_item *i = config->first; i; i = i->next) {
        const struct yaml_node *v = i->value;
        bool skip = v->type == YAML_NULL;
        for (const char *const *e = elsewhere; *e && !skip; e++)
            skip = !strcmp(*e, i->key->text);
        if (skip)
            continue;
        if (yaml_scalar(v) && !add_setting(c, i->key->text, v->text))
            return false;
        if (v->type == YAML_SEQ && v->first && yaml_scalar(v->first->value)) {
            char *text = join(v);
            bool ok = text && add_setting(c, i->key->text, text);
            mem_free(text);
            if (!ok)
                return false;
        }
        if (v->type != YAML_MAP)
            continue;
        for (const struct yaml_item *k = v->first; k; k = k->next) {     /* api_version: {compute: 2} as "api_version.compute" */
            char name[200];
            snprintf(name, sizeof name, "%s.%s", i->key->text, k->key->text);
            if (yaml_scalar(k->value) && k->value->type != YAML_NULL && !add_setting(c, name, k->value->text))
                return false;
        }
    }
    return true;
}

/* get_requests_verify_args: insecure beats verify beats cacert; verify as a text is the path of a CA file. */
static bool take_tls(struct cloud *c, const struct yaml_node *config, const char *home)
{
    const struct yaml_node *verify = yaml_get(config, "verify"), *insecure = yaml_get(config, "insecure");
    const char *cacert = tree_text(config, "cacert"), *cert = tree_text(config, "cert"), *key = tree_text(config, "key");
    bool is_path = yaml_is(verify, YAML_STR) && verify->len;
    c->verify = is_path || !verify || verify->type == YAML_NULL || (verify->type == YAML_BOOL && verify->truth);
    if (yaml_is(insecure, YAML_BOOL) && insecure->truth)
        c->verify = false;
    if (c->verify && cacert && *cacert)
        c->cacert = cfile_home(cacert, home);
    else if (c->verify && is_path)
        c->cacert = mem_strdup(verify->text);
    if (cert && *cert)
        c->cert = cfile_home(cert, home);
    if (cert && *cert && key && *key)
        c->key = cfile_home(key, home);
    return (!cert || !*cert || (c->cert && (!key || !*key || c->key))) &&
           (!c->verify || (!is_path && (!cacert || !*cacert)) || c->cacert);
}

static bool take_where(const struct clouds *c, const struct yaml_node *config, struct cloud *out)
{
    struct str s;
    str_init(&s, 8192);
    if (!strcmp(out->name, c->env_name)) {
        str_adds(&s, "environment");
    } else {
        const char *file = c->file ? c->file : "secure.yaml";
        text_clean(&s, file, strlen(file), 0);
        str_addf(&s, ":%d", config->line);
    }
    return (out->where = str_take(&s)) != NULL;
}

static bool fill(const struct clouds *c, const struct yaml_node *config, const char *name, struct cloud *out)
{
    const struct yaml_node *interface = yaml_get(config, "interface");
    out->name = mem_strdup(name);
    if (!out->name || !put(&out->region, tree_text(config, "region_name")) || !put(&out->auth_type, tree_text(config, "auth_type")))
        return false;
    if (yaml_is(interface, YAML_SEQ) ? !(out->interface = join(interface)) : !put(&out->interface, tree_text(config, "interface")))
        return false;
    return take_auth(out, yaml_get(config, "auth")) && take_settings(out, config) && take_tls(out, config, c->home) &&
           take_where(c, config, out);
}

/* The region's values over the cloud's, and its name. */
static enum err_code apply_region(const struct clouds *c, struct arena *a, const char *name, const char *region,
                                  struct yaml_node *config, struct err *err)
{
    struct yaml_node *regions;
    enum err_code rc = clouds_known_regions(c, a, name, &regions, err);
    if (rc)
        return rc;
    const struct yaml_node *chosen = NULL;
    struct str known;
    str_init(&known, 200);
    for (const struct yaml_item *i = regions->first; i && !chosen; i = i->next) {
        const char *text = yaml_get(i->value, "name")->text;
        str_addf(&known, "%s%s", known.len ? ", " : "", text);
        if (!region || !*region || !strcmp(region, text))
            chosen = i->value;
    }
    if (regions->first && !chosen)
        rc = err_set(err, ERR_NOTFOUND, 0, "cloud \"%s\" has no region \"%s\"; known: %s", name, region, known.data ? known.data : "");
    str_release(&known);
    if (rc)
        return rc;
    const char *use = chosen ? yaml_get(chosen, "name")->text : region ? region : "";
    tree_del(config, "regions");
    if (chosen && !tree_update(a, config, yaml_get(chosen, "values"), true))
        return no_memory(err);
    return tree_set_text(a, config, "region_name", use, config->line) ? ERR_OK : no_memory(err);
}

/* Auth types that go by an auth_url; without one nothing can be done. */
static enum err_code check(const struct clouds *c, const struct yaml_node *base, const struct cloud *out, struct err *err)
{
    static const char *const keystone[] = {"password", "v3password", "token", "v3token", "v3applicationcredential", "v3totp",
                                           "v3multifactor", "v2password", "v2token", NULL};
    for (const char *const *k = keystone; *k; k++) {
        if (strcmp(out->auth_type, *k) != 0 || out->auth_url)
            continue;
        const char *profile = tree_text(base, "profile");
        if (profile && !yaml_get(yaml_get(c->vendor.root, "public-clouds"), profile))
            return err_set(err, ERR_CONFIG, 0, "%s: cloud \"%s\" has no auth_url, and its profile \"%s\" is not in clouds-public.yaml",
                           out->where, out->name, profile);
        return err_set(err, ERR_CONFIG, 0, "%s: cloud \"%s\" has no auth_url", out->where, out->name);
    }
    /* The generic types may yet take a default domain; these name one or are refused. */
    bool v3 = !strncmp(out->auth_type, "v3", 2), by_name = !strcmp(out->auth_type, "v3password") || !strcmp(out->auth_type, "v3totp") ||
                                                           !strcmp(out->auth_type, "v3applicationcredential");
    if (by_name && out->username && !out->user_domain_name && !out->user_domain_id)
        return err_set(err, ERR_CONFIG, 0, "%s: cloud \"%s\" has a username but no user_domain_name or user_domain_id", out->where, out->name);
    if (v3 && out->project_name && !out->project_domain_name && !out->project_domain_id)
        return err_set(err, ERR_CONFIG, 0, "%s: cloud \"%s\" has a project_name but no project_domain_name or project_domain_id", out->where,
                       out->name);
    return ERR_OK;
}

enum err_code clouds_get(const struct clouds *c, const char *name, const char *region, struct cloud *out, struct err *err)
{
    struct arena a;
    struct yaml_node *config = NULL, *normal = NULL;
    struct err e = ERR_INIT;
    *out = (struct cloud){.name = NULL};
    arena_init(&a, 0);
    enum err_code rc = clouds_base(c, &a, name, &config, &e);
    if (!rc)
        rc = apply_region(c, &a, name, region, config, &e);
    if (!rc && (rc = clouds_fix(&a, config, &normal, &e)) == ERR_CONFIG)
        err_wrap(&e, "%s: cloud \"%s\"", strcmp(name, c->env_name) && c->file ? c->file : "environment", name);
    if (!rc && !fill(c, normal, name, out))
        rc = no_memory(&e);
    if (!rc)
        rc = check(c, normal, out, &e);
    arena_release(&a);
    if (rc) {
        cloud_free(out);
        if (err) {
            struct str clean;
            str_init(&clean, 4096);
            text_clean(&clean, e.msg, strlen(e.msg), 0);
            err_set(err, rc, e.detail, "%s", clean.len && !clean.failed ? clean.data : "out of memory");
            str_release(&clean);
        }
    }
    return rc;
}

const char *cloud_setting(const struct cloud *c, const char *key)
{
    for (size_t i = 0; i < c->nsettings; i++)
        if (!strcmp(c->setting_names[i], key))
            return c->setting_values[i];
    return NULL;
}

/* Service types and the other names they go by (the service types authority), the official one first. */
static const char *const service_names[][6] = {
    {"block_storage", "volumev3", "volumev2", "volume", "block_store"},
    {"shared_file_system", "sharev2", "share"},
    {"container_infrastructure_management", "container_infrastructure", "container_infra"},
    {"baremetal", "bare_metal"},
    {"instance_ha", "ha"},
    {"resource_optimization", "infra_optim"},
    {"alarm", "alarming"},
    {"application_container", "container"},
    {"message", "messaging"},
    {"workflow", "workflowv2"},
};

static const char *service_value(const struct cloud *c, const char *service, const char *key)
{
    char name[160];
    snprintf(name, sizeof name, "%s_%s", service, key);
    return cloud_setting(c, name);
}

const char *cloud_service_setting(const struct cloud *c, const char *service, const char *key)
{
    char type[80];
    size_t n = 0;
    for (; service[n] && n + 1 < sizeof type; n++)
        type[n] = service[n] == '-' ? '_' : service[n] >= 'A' && service[n] <= 'Z' ? (char)(service[n] + 32) : service[n];
    type[n] = '\0';
    for (size_t i = 0; i < sizeof service_names / sizeof *service_names; i++) {
        bool ours = false;
        for (size_t k = 0; k < 6 && service_names[i][k] && !ours; k++)
            ours = !strcmp(service_names[i][k], type);
        for (size_t k = 0; ours && k < 6 && service_names[i][k]; k++) {
            const char *v = service_value(c, service_names[i][k], key);
            if (v)
                return v;
        }
        if (ours)
            return NULL;
    }
    return service_value(c, type, key);
}
