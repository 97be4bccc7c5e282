/*
 * The fix-ups openstacksdk makes to one cloud's settings (loader.magic_fixes), in its order: older names become
 * newer ones, what belongs to authentication moves into `auth`, placeholders are filled in.
 */
#include <string.h>
#include <strings.h>

#include "core/config/clouds_tree.h"

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, 0, "out of memory");
}

static bool ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), m = strlen(tail);
    return n >= m && !strcmp(s + n - m, tail);
}

/* _fix_backwards_api_timeout: compute_timeout and the like all mean api_timeout. */
static bool fix_timeouts(struct arena *a, struct yaml_node *config)
{
    struct yaml_node *value = NULL;
    for (struct yaml_item *i = config->first, *next; i; i = next) {
        next = i->next;
        const char *key = i->key->text;
        if (ends_with(key, "timeout") && strcmp(key, "timeout") != 0 && strcmp(key, "api_timeout") != 0) {
            value = i->value;
            tree_del(config, key);
        }
    }
    return !value || value->type == YAML_NULL || tree_set(a, config, "api_timeout", value);
}

/* _fix_backwards_project: the last of the names wins, and of one name the value inside auth; the result is a text. */
static bool fix_auth_names(struct arena *a, struct yaml_node *config, struct yaml_node *auth)
{
    static const char *const v3[][5] = {
        {"domain_id", "domain_id", "domain-id"}, {"domain_name", "domain_name", "domain-name"},
        {"user_domain_id", "user_domain_id", "user-domain-id"}, {"user_domain_name", "user_domain_name", "user-domain-name"},
        {"project_domain_id", "project_domain_id", "project-domain-id"},
        {"project_domain_name", "project_domain_name", "project-domain-name"},
        {"token", "auth-token", "auth_token", "token"},
        {"project_id", "tenant_id", "tenant-id", "project_id", "project-id"},
        {"project_name", "tenant_name", "tenant-name", "project_name", "project-name"},
    };
    static const char *const v2[][5] = {
        {"tenant_id", "project_id", "project-id", "tenant_id", "tenant-id"},
        {"tenant_name", "project_name", "project-name", "tenant_name", "tenant-name"},
    };
    const char *type = tree_text(config, "auth_type");
    bool old = type && !strcmp(type, "v2password");
    for (size_t i = 0; i < sizeof v3 / sizeof *v3; i++) {
        const char *const *row = old && i >= 7 ? v2[i - 7] : v3[i];
        const char *value = NULL;
        int line = 0;
        for (size_t k = 1; k < 5 && row[k]; k++) {
            struct yaml_node *const in[] = {config, auth};
            for (size_t m = 0; m < 2; m++) {
                const struct yaml_node *v = yaml_get(in[m], row[k]);
                /* Python would make the text "None" of nothing; nobody means that */
                if (yaml_scalar(v) && v->type != YAML_NULL)
                    value = v->text, line = v->line;
                tree_del(in[m], row[k]);
            }
        }
        if (value && *value && !tree_set_text(a, auth, row[0], value, line))
            return false;
    }
    return true;
}

/* _fix_backwards_interface: x_endpoint_type becomes x_interface. */
static bool fix_interfaces(struct arena *a, struct yaml_node *config)
{
    struct yaml_node *whole = yaml_get(config, "endpoint_type");
    if (whole) {
        if (!tree_set(a, config, "interface", whole))
            return false;
        tree_del(config, "endpoint_type");
    }
    for (struct yaml_item *i = config->first, *next; i; i = next) {
        next = i->next;
        const char *key = i->key->text;
        if (!ends_with(key, "endpoint_type"))
            continue;
        size_t n = strlen(key) - strlen("endpoint_type");
        char *name = arena_alloc(a, n + 16);
        if (!name)
            return false;
        memcpy(name, key, n);
        memcpy(name + n, "interface", 10);
        struct yaml_node *v = i->value;
        tree_del(config, key);
        if (!tree_set(a, config, name, v))
            return false;
    }
    return true;
}

/* _handle_domain_id: with a project, one domain stands for the user's and the project's. */
static bool fix_domains(struct arena *a, struct yaml_node *config, struct yaml_node *auth)
{
    static const char *const rows[][3] = {
        {"domain_id", "user_domain_id", "project_domain_id"}, {"domain_name", "user_domain_name", "project_domain_name"}};
    if (!tree_has(auth, "project_id") && !tree_has(auth, "project_name") && !tree_has(config, "project_id") &&
        !tree_has(config, "project_name"))
        return true;
    for (size_t i = 0; i < 2; i++) {
        struct yaml_node *v = yaml_get(auth, rows[i][0]);
        for (size_t k = 1; v && k < 3; k++)
            if (!tree_has(auth, rows[i][k]) && !tree_set(a, auth, rows[i][k], v))
                return false;
        tree_del(auth, rows[i][0]);
    }
    return true;
}

static enum err_code fix_bools(struct arena *a, struct yaml_node *config, struct err *err)
{
    static const char *const keys[] = {"insecure", "cache"};
    for (size_t i = 0; i < 2; i++) {
        const struct yaml_node *v = yaml_get(config, keys[i]);
        if (!v || v->type == YAML_BOOL)
            continue;
        if (v->type != YAML_STR && v->type != YAML_NULL)
            return err_set(err, ERR_CONFIG, 0, "line %d: %s must be true or false, not %s", v->line, keys[i], yaml_type_name(v->type));
        struct yaml_node *flag = yaml_new(a, YAML_BOOL, v->line);
        if (!flag)
            return no_memory(err);
        flag->truth = v->type == YAML_STR && !strcasecmp(v->text, "true");
        flag->text = flag->truth ? "True" : "False";
        flag->len = strlen(flag->text);
        if (!tree_set(a, config, keys[i], flag))
            return no_memory(err);
    }
    return ERR_OK;
}

/* _validate_auth: what a plugin takes and stands outside moves inside; what is inside wins. */
static bool move_auth(struct arena *a, struct yaml_node *config, struct yaml_node *auth)
{
    static const char *const names[][2] = {        /* name, older name */
        {"auth_url"}, {"system_scope"}, {"domain_id"}, {"domain_name"}, {"project_id", "tenant_id"}, {"project_name", "tenant_name"},
        {"project_domain_id"}, {"project_domain_name"}, {"trust_id"}, {"default_domain_id"}, {"default_domain_name"}, {"user_id"},
        {"username", "user_name"}, {"user_domain_id"}, {"user_domain_name"}, {"password"}, {"token"}, {"passcode"},
        {"application_credential_secret"}, {"application_credential_id"}, {"application_credential_name"}, {"auth_methods"},
        {"endpoint", "url"},
    };
    const char *type = tree_text(config, "auth_type");
    bool direct = type && (!strcmp(type, "none") || !strcmp(type, "admin_token") || !strcmp(type, "http_basic"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct yaml_node *win = NULL, *const in[] = {auth, config};
        if (!strcmp(names[i][0], "endpoint") && !direct)
            continue;                              /* a setting of that name is no auth value then */
        for (size_t m = 0; m < 2 && !win; m++) {
            for (size_t k = 0; k < 2 && names[i][k]; k++) {
                struct yaml_node *v = yaml_get(in[m], names[i][k]);
                if (!v)
                    continue;
                bool empty = v->type == YAML_NULL || (v->type == YAML_STR && !v->len) || (v->type == YAML_BOOL && !v->truth);
                win = empty ? NULL : v;
                break;
            }
        }
        for (size_t m = 0; m < 2; m++)
            for (size_t k = 0; k < 2 && names[i][k]; k++)
                tree_del(in[m], names[i][k]);
        if (win && !tree_set(a, auth, names[i][0], win))
            return false;
    }
    return true;
}

/* Fills {name} in one value of a mapping. */
static enum err_code format_value(struct arena *a, struct yaml_node *map, const char *key, const struct yaml_node *vars, struct err *err)
{
    const struct yaml_node *v = yaml_get(map, key);
    char *text;
    if (!yaml_is(v, YAML_STR) || !strpbrk(v->text, "{}"))
        return ERR_OK;
    enum err_code rc = tree_format(a, v->text, vars, &text, err);
    if (rc == ERR_CONFIG)
        return v->line > 0 ? err_wrap(err, "line %d: %s", v->line, key) : err_wrap(err, "%s", key);
    if (!rc && !tree_set_text(a, map, key, text, v->line))
        return no_memory(err);
    return rc;
}

static bool rename_passcode(struct arena *a, struct yaml_node *config, struct yaml_node *auth)
{
    struct yaml_node *v = yaml_get(config, "passcode");
    if (!v)
        return true;
    bool ok = tree_set(a, auth, "passcode", v);
    tree_del(config, "passcode");
    return ok;
}

enum err_code clouds_fix(struct arena *a, struct yaml_node *config, struct yaml_node **normal, struct err *err)
{
    struct yaml_node *auth = tree_copy(a, yaml_get(config, "auth"));
    if (!auth || !tree_set(a, config, "auth", auth) || !rename_passcode(a, config, auth) || !fix_timeouts(a, config))
        return no_memory(err);
    tree_del(config, "auth_plugin");               /* auth_type has a default, so it always wins */
    if (!fix_auth_names(a, config, auth) || !fix_interfaces(a, config) || !fix_domains(a, config, auth))
        return no_memory(err);
    enum err_code rc = fix_bools(a, config, err);
    if (!rc)
        rc = format_value(a, auth, "auth_url", config, err);
    if (rc)
        return rc;
    struct yaml_node *n = *normal = tree_normalize(a, config);
    if (!n || !(auth = yaml_get(n, "auth")))
        return no_memory(err);
    const char *type = tree_text(n, "auth_type");
    if (!type || !*type || !strcmp(type, "None"))
        type = "none";
    else if (!strcmp(type, "token_endpoint"))
        type = "admin_token";
    if (!tree_set_text(a, n, "auth_type", type, 0) || !move_auth(a, n, auth))
        return no_memory(err);
    for (const struct yaml_item *i = n->first; i && !rc; i = i->next)
        if (strcmp(i->key->text, "password") != 0)
            rc = format_value(a, n, i->key->text, n, err);
    return rc;
}
