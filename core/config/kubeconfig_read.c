/*
 * One entry of a kubeconfig file into its struct, driven by tables of fields. kubectl refuses the whole file for one
 * wrong value; here the entry that holds it becomes unusable (its `problem`) and the rest goes on working.
 */
#include "core/config/kubeconfig_read.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "core/config/cfile.h"
#include "strata/mem.h"

enum field_type { F_TEXT, F_PATH, F_BASE64, F_BOOL };
struct field {
    const char *key;
    enum field_type type;
    size_t offset;
};
#define FIELD(strukt, key, type, member) {key, type, offsetof(struct strukt, member)}

static const struct field cluster_fields[] = {
    FIELD(kube_cluster, "server", F_TEXT, server),
    FIELD(kube_cluster, "certificate-authority", F_PATH, ca_file),
    FIELD(kube_cluster, "certificate-authority-data", F_BASE64, ca_data),
    FIELD(kube_cluster, "tls-server-name", F_TEXT, tls_server_name),
    FIELD(kube_cluster, "proxy-url", F_TEXT, proxy_url),
    FIELD(kube_cluster, "insecure-skip-tls-verify", F_BOOL, insecure),
    FIELD(kube_cluster, "disable-compression", F_BOOL, disable_compression),
};
static const struct field user_fields[] = {
    FIELD(kube_user, "client-certificate", F_PATH, cert_file),
    FIELD(kube_user, "client-certificate-data", F_BASE64, cert_data),
    FIELD(kube_user, "client-key", F_PATH, key_file),
    FIELD(kube_user, "client-key-data", F_BASE64, key_data),
    FIELD(kube_user, "token", F_TEXT, token),
    FIELD(kube_user, "tokenFile", F_PATH, token_file),
    FIELD(kube_user, "username", F_TEXT, username),
    FIELD(kube_user, "password", F_TEXT, password),
    FIELD(kube_user, "as", F_TEXT, as),
    FIELD(kube_user, "as-uid", F_TEXT, as_uid),
};
static const struct field context_fields[] = {
    FIELD(kube_context, "cluster", F_TEXT, cluster),
    FIELD(kube_context, "user", F_TEXT, user),
    FIELD(kube_context, "namespace", F_TEXT, namespace_),
};
static const struct field exec_fields[] = {
    FIELD(kube_exec, "command", F_TEXT, command),
    FIELD(kube_exec, "apiVersion", F_TEXT, api_version),
    FIELD(kube_exec, "installHint", F_TEXT, install_hint),
    FIELD(kube_exec, "provideClusterInfo", F_BOOL, provide_cluster_info),
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The first sentence about an entry stays with it, all of them go to the list. */
static void problem(struct kube_reader *r, char **entry_problem, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void problem(struct kube_reader *r, char **entry_problem, int line, const char *fmt, ...)
{
    struct str text;
    str_init(&text, 4096);
    va_list ap;
    va_start(ap, fmt);
    str_addv(&text, fmt, ap);
    va_end(ap);
    size_t start = r->kc->problems.len;
    cfile_problem(&r->kc->problems, r->file, line, "%s", text.failed ? "cannot be used" : text.data);
    if (entry_problem && !*entry_problem && r->kc->problems.len > start)
        *entry_problem = mem_strndup(r->kc->problems.data + start, r->kc->problems.len - start - 1);
    str_release(&text);
}

/* Go's base64.StdEncoding: padding required, line ends ignored, nothing else. NULL: malformed or no memory. */
static char *base64_decode(const char *s, size_t len, bool *malformed)
{
    unsigned char *out = mem_alloc(len / 4 * 3 + 4);
    size_t n = 0, digits = 0, pads = 0;
    uint32_t bits = 0;
    *malformed = false;
    if (!out)
        return NULL;
    for (size_t i = 0; i < len && !*malformed; i++) {
        char c = s[i];
        int v = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52
              : c == '+' ? 62 : c == '/' ? 63 : -1;
        if (c == '\n' || c == '\r')
            continue;
        if (c == '=' && digits % 4 >= 2 && pads < 4 - digits % 4) {
            pads++;
        } else if (v < 0 || pads) {
            *malformed = true;
        } else {
            bits = bits << 6 | (uint32_t)v;
            if (digits % 4)
                out[n++] = (unsigned char)(bits >> (6 - 2 * (digits % 4)));
            digits++;
        }
    }
    /* each group of four gives three bytes; what a padded group gives is right as it stands */
    if (digits % 4 == 1 || (digits % 4 && pads != 4 - digits % 4))
        *malformed = true;
    if (*malformed) {
        mem_free(out);
        return NULL;
    }
    out[n] = '\0';
    return (char *)out;
}

static void set_text(struct kube_reader *r, char **slot, char *value)
{
    mem_free_secret(*slot);
    *slot = value;
    if (!value)
        r->nomem = true;
}

static void read_field(struct kube_reader *r, const struct field *f, void *base, char **entry_problem, const struct yaml_node *v)
{
    void *at = (char *)base + f->offset;
    if (v->type == YAML_NULL)
        return;
    if (f->type == F_BOOL) {
        if (v->type == YAML_BOOL)
            *(bool *)at = v->truth;
        else
            problem(r, entry_problem, v->line, "%s must be true or false, not %s", f->key, yaml_type_name(v->type));
        return;
    }
    if (v->type != YAML_STR) {
        problem(r, entry_problem, v->line, "%s must be a text, not %s%s", f->key, yaml_type_name(v->type),
                yaml_scalar(v) ? "; put it in quotes" : "");
        return;
    }
    if (strlen(v->text) != v->len) {
        problem(r, entry_problem, v->line, "%s holds a zero byte", f->key);
        return;
    }
    if (!v->len)
        return;
    bool malformed = false;
    if (f->type == F_PATH)
        set_text(r, at, cfile_join(r->dir, v->text));
    else if (f->type == F_TEXT)
        set_text(r, at, mem_strdup(v->text));
    else {
        char *decoded = base64_decode(v->text, v->len, &malformed);
        if (malformed)
            problem(r, entry_problem, v->line, "%s is not valid base64", f->key);
        else
            set_text(r, at, decoded);
    }
}

static void read_fields(struct kube_reader *r, const struct field *fields, size_t n, void *base, char **entry_problem,
                        const struct yaml_node *map)
{
    for (size_t i = 0; i < n; i++) {
        const struct yaml_node *v = yaml_get(map, fields[i].key);
        if (v)
            read_field(r, &fields[i], base, entry_problem, v);
    }
}

/* A list of texts; what is no text is said and left out. */
static void read_list(struct kube_reader *r, const char *key, const struct yaml_node *v, char **entry_problem, char ***items,
                      size_t *count)
{
    if (!v || v->type == YAML_NULL)
        return;
    if (v->type != YAML_SEQ) {
        problem(r, entry_problem, v->line, "%s must be a list, not %s", key, yaml_type_name(v->type));
        return;
    }
    *items = mem_zalloc((v->count + 1) * sizeof **items);
    if (!*items) {
        r->nomem = true;
        return;
    }
    for (const struct yaml_item *i = v->first; i; i = i->next) {
        if (i->value->type != YAML_STR && i->value->type != YAML_NULL) {
            problem(r, entry_problem, i->value->line, "%s: each entry must be a text, not %s; put it in quotes", key,
                    yaml_type_name(i->value->type));
            continue;
        }
        if (((*items)[*count] = mem_strdup(i->value->text)) != NULL)
            (*count)++;
        else
            r->nomem = true;
    }
}

static void read_exec_env(struct kube_reader *r, struct kube_exec *e, const struct yaml_node *v, char **entry_problem)
{
    if (!v || v->type == YAML_NULL)
        return;
    if (v->type != YAML_SEQ) {
        problem(r, entry_problem, v->line, "exec env must be a list of {name, value}, not %s", yaml_type_name(v->type));
        return;
    }
    e->env_names = mem_zalloc((v->count + 1) * sizeof *e->env_names);
    e->env_values = mem_zalloc((v->count + 1) * sizeof *e->env_values);
    if (!e->env_names || !e->env_values) {
        r->nomem = true;
        return;
    }
    for (const struct yaml_item *i = v->first; i; i = i->next) {
        const struct yaml_node *name = yaml_get(i->value, "name"), *value = yaml_get(i->value, "value");
        if (!yaml_is(name, YAML_STR) || !name->len) {
            problem(r, entry_problem, i->value->line, "an exec env entry needs a name");
            continue;
        }
        if (value && value->type != YAML_STR && value->type != YAML_NULL) {
            problem(r, entry_problem, value->line, "exec env %s must be a text, not %s; put it in quotes", name->text,
                    yaml_type_name(value->type));
            continue;
        }
        e->env_names[e->nenv] = mem_strdup(name->text);
        e->env_values[e->nenv] = mem_strdup(value ? value->text : "");
        e->nenv++;
        if (!e->env_names[e->nenv - 1] || !e->env_values[e->nenv - 1])
            r->nomem = true;
    }
}

static void read_interactive(struct kube_reader *r, struct kube_exec *e, const struct yaml_node *n, char **entry_problem)
{
    static const char *const names[] = {
        [EXEC_NEVER] = "Never", [EXEC_IF_AVAILABLE] = "IfAvailable", [EXEC_ALWAYS] = "Always"};
    const struct yaml_node *v = yaml_get(n, "interactiveMode");
    e->interactive = EXEC_IF_AVAILABLE;
    if (v && v->type != YAML_NULL && v->len) {
        for (size_t i = 0; i < COUNT(names); i++) {
            if (!strcmp(v->text, names[i])) {
                e->interactive = (int)i;
                return;
            }
        }
        problem(r, entry_problem, v->line, "interactiveMode is Never, IfAvailable or Always");
    } else if (e->api_version && !strcmp(e->api_version, "client.authentication.k8s.io/v1")) {
        problem(r, entry_problem, n->line, "an exec plugin of client.authentication.k8s.io/v1 needs interactiveMode");
    }
}

static void read_exec(struct kube_reader *r, struct kube_user *u, const struct yaml_node *n)
{
    struct kube_exec *e = u->exec = mem_zalloc(sizeof *e);
    if (!e) {
        r->nomem = true;
        return;
    }
    read_fields(r, exec_fields, COUNT(exec_fields), e, &u->problem, n);
    read_list(r, "exec args", yaml_get(n, "args"), &u->problem, &e->args, &e->nargs);
    read_exec_env(r, e, yaml_get(n, "env"), &u->problem);
    read_interactive(r, e, n, &u->problem);
    set_text(r, &e->dir, mem_strdup(r->dir));
    if (!e->command)
        problem(r, &u->problem, n->line, "the exec plugin has no command");
    else if (strchr(e->command, '/'))
        set_text(r, &e->command, cfile_join(r->dir, e->command));
    if (!e->api_version)
        problem(r, &u->problem, n->line, "the exec plugin has no apiVersion");
    else if (strcmp(e->api_version, "client.authentication.k8s.io/v1") != 0 &&
             strcmp(e->api_version, "client.authentication.k8s.io/v1beta1") != 0)
        problem(r, &u->problem, n->line, "exec apiVersion %s is not supported: v1 and v1beta1 are", e->api_version);
}

static void read_extra(struct kube_reader *r, struct kube_user *u, const struct yaml_node *n)
{
    size_t total = 0;
    for (const struct yaml_item *i = n->first; i; i = i->next)
        total += i->value->count;
    u->as_extra_keys = mem_zalloc((total + 1) * sizeof *u->as_extra_keys);
    u->as_extra_values = mem_zalloc((total + 1) * sizeof *u->as_extra_values);
    if (!u->as_extra_keys || !u->as_extra_values) {
        r->nomem = true;
        return;
    }
    for (const struct yaml_item *i = n->first; i; i = i->next) {
        if (yaml_get(n, i->key->text) != i->value)
            continue;                            /* repeated key: the last one counts */
        char **values = NULL;
        size_t count = 0;
        read_list(r, "as-user-extra", i->value, &u->problem, &values, &count);
        for (size_t k = 0; k < count; k++) {
            u->as_extra_values[u->nas_extra] = values[k];
            if (!(u->as_extra_keys[u->nas_extra++] = mem_strdup(i->key->raw)))
                r->nomem = true;
        }
        mem_free(values);
    }
}

static void where(struct kube_reader *r, char **slot, const struct yaml_node *n)
{
    struct str s;
    str_init(&s, 8192);
    cfile_problem(&s, r->file, n->line, "%s", "");
    if (s.len >= 3)                              /* "file:line: \n" without its tail */
        s.data[s.len - (s.data[s.len - 2] == ' ' ? 3 : 2)] = '\0';
    set_text(r, slot, mem_strdup(s.len ? s.data : ""));
    str_release(&s);
}

/* The body of a named entry; NULL (and said) when it is not a mapping. An absent one is empty. */
static bool body_ok(struct kube_reader *r, const struct yaml_node *body, const struct yaml_node *entry, const char *key, char **bad)
{
    if (!body || body->type == YAML_NULL || body->type == YAML_MAP)
        return true;
    problem(r, bad, entry->line, "%s must be a mapping, not %s", key, yaml_type_name(body->type));
    return false;
}

void kube_read_cluster(struct kube_reader *r, struct kube_cluster *c, const struct yaml_node *n)
{
    const struct yaml_node *body = yaml_get(n, "cluster");
    where(r, &c->where, n);
    if (body_ok(r, body, n, "cluster", &c->problem))
        read_fields(r, cluster_fields, COUNT(cluster_fields), c, &c->problem, body);
    if (c->ca_file && c->ca_data)
        problem(r, NULL, n->line, "cluster \"%s\": certificate-authority-data is used, certificate-authority is not", c->name);
}

void kube_read_user(struct kube_reader *r, struct kube_user *u, const struct yaml_node *n)
{
    const struct yaml_node *body = yaml_get(n, "user");
    where(r, &u->where, n);
    if (!body_ok(r, body, n, "user", &u->problem))
        return;
    read_fields(r, user_fields, COUNT(user_fields), u, &u->problem, body);
    read_list(r, "as-groups", yaml_get(body, "as-groups"), &u->problem, &u->as_groups, &u->nas_groups);
    const struct yaml_node *extra = yaml_get(body, "as-user-extra");
    if (yaml_is(extra, YAML_MAP))
        read_extra(r, u, extra);
    else if (extra && extra->type != YAML_NULL)
        problem(r, &u->problem, extra->line, "as-user-extra must be a mapping of lists");
    const struct yaml_node *exec = yaml_get(body, "exec"), *provider = yaml_get(body, "auth-provider");
    if (yaml_is(exec, YAML_MAP))
        read_exec(r, u, exec);
    else if (exec && exec->type != YAML_NULL)
        problem(r, &u->problem, exec->line, "exec must be a mapping");
    if (yaml_is(provider, YAML_MAP)) {
        const struct yaml_node *name = yaml_get(provider, "name");
        set_text(r, &u->auth_provider, mem_strdup(yaml_scalar(name) ? name->text : "?"));
        problem(r, &u->problem, provider->line,
                "auth-provider \"%s\" is not supported (kubectl dropped it too): use an exec plugin", u->auth_provider ? u->auth_provider : "?");
    }
    if ((u->nas_groups || u->nas_extra || u->as_uid) && !u->as)
        problem(r, &u->problem, n->line, "user \"%s\": as-uid, as-groups and as-user-extra need as", u->name);
    if (u->token && (u->username || u->password))
        problem(r, &u->problem, n->line, "user \"%s\" has a token and a username or password; only one is allowed", u->name);
}

void kube_read_context(struct kube_reader *r, struct kube_context *c, const struct yaml_node *n)
{
    const struct yaml_node *body = yaml_get(n, "context");
    where(r, &c->where, n);
    if (body_ok(r, body, n, "context", &c->problem))
        read_fields(r, context_fields, COUNT(context_fields), c, &c->problem, body);
}

static void free_list(char **list, size_t n)
{
    for (size_t i = 0; list && i < n; i++)
        mem_free_secret(list[i]);
    mem_free(list);
}

static void release_fields(const struct field *fields, size_t n, void *base)
{
    for (size_t i = 0; i < n; i++)
        if (fields[i].type != F_BOOL)
            mem_free_secret(*(char **)(void *)((char *)base + fields[i].offset));
}

void kube_cluster_release(struct kube_cluster *c)
{
    release_fields(cluster_fields, COUNT(cluster_fields), c);
    mem_free(c->name);
    mem_free(c->where);
    mem_free(c->problem);
}

void kube_user_release(struct kube_user *u)
{
    release_fields(user_fields, COUNT(user_fields), u);
    free_list(u->as_groups, u->nas_groups);
    free_list(u->as_extra_keys, u->nas_extra);
    free_list(u->as_extra_values, u->nas_extra);
    if (u->exec) {
        release_fields(exec_fields, COUNT(exec_fields), u->exec);
        free_list(u->exec->args, u->exec->nargs);
        free_list(u->exec->env_names, u->exec->nenv);
        free_list(u->exec->env_values, u->exec->nenv);
        mem_free(u->exec->dir);
        mem_free(u->exec);
    }
    mem_free(u->auth_provider);
    mem_free(u->name);
    mem_free(u->where);
    mem_free(u->problem);
}

void kube_context_release(struct kube_context *c)
{
    release_fields(context_fields, COUNT(context_fields), c);
    mem_free(c->name);
    mem_free(c->where);
    mem_free(c->problem);
}
