/* Keystone of the demo cloud: projects, users, roles, who may do what where, services, application credentials. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

static const struct kind {
    const char *plural, *one, *word;                           /* word: of "Could not find project: x." */
    bool all;                                                  /* every user may list them */
    bool change;                                               /* POST, PATCH, DELETE */
    const char *defaults;
} kinds[] = {
    {"projects", "project", "project", false, true, "{'domain_id':'default','description':'','enabled':true,'parent_id':'default','is_domain':false,'tags':[],'options':{}}"},
    {"users", "user", "user", false, true, "{'domain_id':'default','enabled':true,'password_expires_at':null,'options':{}}"},
    {"domains", "domain", "domain", false, false, NULL}, {"roles", "role", "role", false, false, NULL}, {"regions", "region", "region", true, false, NULL},
    {"services", "service", "service", false, false, NULL}, {"endpoints", "endpoint", "endpoint", false, false, NULL},
    {"groups", "group", "group", false, false, NULL}, {"credentials", "credential", "credential", false, false, NULL},
    {"policies", "policy", "policy", false, false, NULL}, {"limits", "limit", "limit", true, false, NULL},
    {"registered_limits", "registered_limit", "registered limit", true, false, NULL},
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct res *table(struct sim *s, const char *name)
{
    return ostk_table(s, "keystone", name);
}

/* ---- what the others ask ---- */
void keystone_project(struct sim *s, const char *id, const char *name, const char *description)
{
    store_put(s, table(s, "projects"), jt("{'id':%s,'name':%s,'domain_id':'default','description':%s,'enabled':true,'parent_id':'default','is_domain':false,"
                                          "'tags':[],'options':{}}", id, name, description));
}

void keystone_user(struct sim *s, const char *id, const char *name)
{
    char *mail = sim_printf("%s@demo.invalid", name);
    store_put(s, table(s, "users"), jt("{'email':%s,'id':%s,'name':%s,'domain_id':'default','enabled':true,'password_expires_at':null,'options':{}}", mail, id, name));
    free(mail);
}

static char *grant_id(const char *user, const char *scope)
{
    return sim_printf("%s|%s", scope, user);
}

void keystone_grant(struct sim *s, const char *user, const char *scope, int role)
{
    char *id = grant_id(user, scope);
    int had = keystone_roles_of(s, user, scope);
    store_put(s, table(s, "grants"), jt("{'id':%s,'user':%s,'scope':%s,'roles':%i}", id, user, scope, had | role));
    free(id);
}

int keystone_roles_of(struct sim *s, const char *user, const char *scope)
{
    char *id = grant_id(user, scope);
    struct obj *o = store_get(table(s, "grants"), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    int mask = (int)jint(d, "roles");
    json_decref(d);
    free(id);
    return mask;
}

void keystone_appcred(struct sim *s, const char *id, const char *secret, const char *name, const char *user, const char *project)
{
    int mask = keystone_implied(keystone_roles_of(s, user, project));
    store_put(s, table(s, "appcreds"), jt("{'id':%s,'name':%s,'description':null,'user_id':%s,'project_id':%s,'system':null,'expires_at':null,'unrestricted':true,"
                                          "'roles':%j,'_secret':%s,'_roles':%i}", id, name, user, project, keystone_roles(s, mask, true), secret, mask));
}

static const char *find_id(struct sim *s, const char *plural, const char *name)
{
    struct res *t = table(s, plural);
    struct obj *o = store_get(t, "", name);
    const char *id = o ? o->name : NULL;
    for (size_t i = 0; i < t->n && !id; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcasecmp(jstr(d, "name"), name) == 0)
            id = t->items[i]->name;
        json_decref(d);
    }
    return id;
}

const char *keystone_project_id(struct sim *s, const char *name)
{
    return find_id(s, "projects", name);
}

const char *keystone_user_id(struct sim *s, const char *name)
{
    return find_id(s, "users", name);
}

const char *keystone_name(struct sim *s, const char *plural, const char *id, char buf[256])
{
    struct obj *o = store_get(table(s, plural), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    snprintf(buf, 256, "%s", jstr(d, "name"));
    json_decref(d);
    return buf;
}

/* ---- answers ---- */
static void forbidden(struct req *r, const char *verb, const char *what)
{
    ostk_error(r, 403, "keystone", "You are not authorized to perform the requested action: identity:%s_%s.", verb, what);
}

static void not_found(struct req *r, const char *word, const char *id)
{
    ostk_error(r, 404, "keystone", "Could not find %s: %s.", word, id);
}

static json_t *linked(struct req *r, const char *plural, json_t *d)
{
    char *url = ostk_url(r, "/identity/v3/%s/%s", plural, jstr(d, "id"));
    json_object_set_new(d, "links", jt("{'self':%s}", url));
    free(url);
    return ostk_public(d);
}

static bool name_contains(struct req *r, const json_t *d)
{
    const char *part = req_query(r, "name__contains");
    return !part || strcasestr(jstr(d, "name"), part);
}

static void reply_list(struct req *r, const char *key, json_t *rows)
{
    char *self = ostk_url(r, "%s", r->path), *link = ostk_link(r, self, NULL, "%s", "");
    link[strlen(link) - 1] = 0;                                /* the separator before nothing */
    json_t *out = jt("{'links':{'next':null,'self':%s,'previous':null}}", link);
    json_object_set_new(out, key, rows);
    reply_json(r, 200, out);
    free(self);
    free(link);
}

static void list(struct req *r, const struct kind *k)
{
    static const char *const filters[] = {"name", "domain_id", "enabled", "parent_id", "type", "interface", "service_id", "region_id", "id", NULL};
    struct res *t = table(r->sim, k->plural);                  /* keystone knows no pages: it ignores limit */
    json_t *rows = json_array();
    store_from(t, "", "", false);
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool ok = name_contains(r, d);
        for (const char *const *f = filters; *f && ok; f++)
            ok = !req_query(r, *f) || ostk_equals(json_object_get(d, *f), req_query(r, *f));
        if (ok)
            json_array_append_new(rows, linked(r, k->plural, json_incref(d)));
        json_decref(d);
    }
    reply_list(r, k->plural, rows);
}

/* ---- changes ---- */
static void create(struct req *r, const struct kind *k)
{
    json_t *in = ostk_body(r), *want = jat(in, k->one);
    const char *name = jstr(want, "name");
    char id[37];
    if (!*name) {
        ostk_error(r, 400, "keystone", "'name' is a required property\n\nFailed validating 'required' in schema:\n    {'required': ['name'], 'type': 'object'}");
    } else if (find_id(r->sim, k->plural, name)) {
        bool user = strcmp(k->one, "user") == 0;
        if (user)
            ostk_error(r, 409, "keystone", "Conflict occurred attempting to store user - Duplicate entry found with name %s at domain ID default.", name);
        else
            ostk_error(r, 409, "keystone", "Conflict occurred attempting to store %s - it is not permitted to have two %s with either the same name or same id in "
                       "the same domain: name is %s, %s id %s.", k->one, k->plural, name, k->one, find_id(r->sim, k->plural, name));
    } else {
        json_t *d = jt(k->defaults), *password = json_incref(jat(want, "password"));
        hex_id(r->sim, id, 32);
        json_object_del(want, "password");
        json_object_update(d, want);
        json_object_set_new(d, "id", json_string(id));
        if (json_is_string(password))
            json_object_set(d, "_password", password);
        json_decref(password);
        store_put(r->sim, table(r->sim, k->plural), json_incref(d));
        json_t *out = json_object();
        json_object_set_new(out, k->one, linked(r, k->plural, d));
        reply_json(r, 201, out);
    }
    json_decref(in);
}

static void one(struct req *r, const struct kind *k, const struct token *t, const char *id)
{
    struct obj *o = store_get(table(r->sim, k->plural), "", id);
    bool own = strcmp(id, strcmp(k->plural, "users") == 0 ? t->user_id : t->project_id) == 0;
    bool get = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0, patch = strcmp(r->method, "PATCH") == 0;
    json_t *out = json_object();
    if (!t->admin && !k->all && !(get && own)) {
        forbidden(r, get ? "get" : patch ? "update" : "delete", k->one);
    } else if (!o) {
        not_found(r, k->word, id);
    } else if (get || (patch && k->change)) {
        json_t *in = patch ? ostk_body(r) : NULL;
        if (jat(in, k->one))
            o = ostk_merge(r->sim, o->res, id, json_incref(jat(in, k->one)));
        json_object_set_new(out, k->one, linked(r, k->plural, obj_doc(o)));
        reply_json(r, 200, json_incref(out));
        json_decref(in);
    } else if (strcmp(r->method, "DELETE") == 0 && k->change) {
        ostk_drop(r->sim, o->res, id);
        reply_text(r, 204, NULL, "", 0);
    } else {
        ostk_error(r, 405, "keystone", "The method is not allowed for the requested URL.");
    }
    json_decref(out);
}

/* ---- role assignments ---- */
static json_t *named(struct sim *s, const char *plural, const char *id, bool names)
{
    char buf[256];
    json_t *o = jt("{'id':%s}", id);
    if (names) {
        json_object_set_new(o, "name", json_string(keystone_name(s, plural, id, buf)));
        if (strcmp(plural, "roles") != 0 && strcmp(plural, "domains") != 0)
            json_object_set_new(o, "domain", jt("{'id':'default','name':'Default'}"));
    }
    return o;
}

static void add_assignment(struct req *r, json_t *rows, const json_t *g, const char *role, bool names)
{
    const char *scope = jstr(g, "scope"), *user = jstr(g, "user");
    bool sys = strcmp(scope, "system") == 0, dom = strcmp(scope, "default") == 0;
    const char *want[] = {req_query(r, "user.id"), req_query(r, "role.id"), req_query(r, "scope.project.id"), req_query(r, "scope.domain.id")};
    if ((want[0] && strcmp(want[0], user) != 0) || (want[1] && strcmp(want[1], role) != 0) || (want[2] && strcmp(want[2], scope) != 0) ||
        (want[3] && strcmp(want[3], scope) != 0) || (req_query(r, "scope.system") && !sys) || req_query(r, "group.id"))
        return;
    char *path = sys ? sim_strdup("system") : sim_printf("%s/%s", dom ? "domains" : "projects", scope);
    char *url = ostk_url(r, "/identity/v3/%s/users/%s/roles/%s", path, user, role);
    json_t *at = json_object();
    json_object_set_new(at, sys ? "system" : dom ? "domain" : "project",
                        sys ? jt("{'all':true}") : named(r->sim, dom ? "domains" : "projects", scope, names));
    json_array_append_new(rows, jt("{'links':{'assignment':%s},'scope':%j,'user':%j,'role':%j}", url, at, named(r->sim, "users", user, names),
                                   named(r->sim, "roles", role, names)));
    free(path);
    free(url);
}

static void assignments(struct req *r)
{
    struct res *t = table(r->sim, "grants");
    json_t *rows = json_array();
    bool names = req_query(r, "include_names") && strcasecmp(req_query(r, "include_names"), "false") != 0 && strcmp(req_query(r, "include_names"), "0") != 0;
    bool all = req_query(r, "effective") && strcasecmp(req_query(r, "effective"), "false") != 0;
    store_from(t, "", "", false);
    for (size_t i = 0; i < t->n; i++) {
        json_t *g = obj_doc(t->items[i]);
        int mask = (int)jint(g, "roles");
        if (all)
            mask = keystone_implied(mask);
        for (int bit = 1; bit <= mask; bit <<= 1)
            if (mask & bit)
                add_assignment(r, rows, g, keystone_role_id(bit), names);
        json_decref(g);
    }
    reply_list(r, "role_assignments", rows);
}

/* Which role brings which: admin member, member reader. */
static void inferences(struct req *r)
{
    static const int chain[] = {ROLE_ADMIN, ROLE_MEMBER, ROLE_READER};
    json_t *rows = json_array();
    for (int i = 0; i < 2; i++) {
        json_t *two[2];
        for (int k = 0; k < 2; k++) {
            json_t *role = obj_doc(store_get(table(r->sim, "roles"), "", keystone_role_id(chain[i + k])));
            char *self = ostk_url(r, "/identity/v3/roles/%s", jstr(role, "id"));
            two[k] = jt("{'id':%s,'links':{'self':%s},'name':%s}", jstr(role, "id"), self, jstr(role, "name"));
            free(self);
            json_decref(role);
        }
        json_array_append_new(rows, jt("{'prior_role':%j,'implies':[%j]}", two[0], two[1]));
    }
    reply_json(r, 200, jt("{'role_inferences':%j}", rows));
}

/* What nobody set up here: trusts, and users of other clouds. */
static bool extension(struct req *r)
{
    static const struct { const char *what, *key; } none[] = {{"OS-TRUST", "trusts"}, {"OS-FEDERATION", "identity_providers"}, {"OS-FEDERATION", "mappings"},
                                                              {"OS-FEDERATION", "service_providers"}};
    if (r->nseg != 4 || strcmp(r->method, "GET") != 0)
        return false;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        if (strcmp(none[i].what, r->seg[2]) == 0 && strcmp(none[i].key, r->seg[3]) == 0) {
            reply_list(r, none[i].key, json_array());
            return true;
        }
    }
    return false;
}

/* {projects/ID|system}/users/ID/roles[/ID]; at: where "users" is in the path */
static void grants(struct req *r, int at)
{
    const char *scope = at == 4 ? r->seg[3] : "system", *user = r->nseg > at + 1 ? r->seg[at + 1] : "", *role = r->nseg > at + 3 ? r->seg[at + 3] : NULL;
    struct obj *o = role ? store_get(table(r->sim, "roles"), "", role) : NULL;
    json_t *d = o ? obj_doc(o) : NULL;
    int bit = (int)jint(d, "_role"), mask = keystone_roles_of(r->sim, user, scope);
    json_decref(d);
    if (at == 4 && strcmp(r->seg[2], "domains") != 0 && !keystone_project_id(r->sim, scope)) {
        not_found(r, "project", scope);
    } else if (!store_get(table(r->sim, "users"), "", user)) {
        not_found(r, "user", user);
    } else if (!role) {
        reply_list(r, "roles", keystone_roles(r->sim, mask, true));
    } else if (!o) {
        not_found(r, "role", role);
    } else if (strcmp(r->method, "PUT") == 0) {
        keystone_grant(r->sim, user, scope, bit);
        reply_text(r, 204, NULL, "", 0);
    } else if (!(mask & bit)) {
        not_found(r, "role assignment with role", role);
    } else {
        if (strcmp(r->method, "DELETE") == 0) {
            char *id = grant_id(user, scope);
            ostk_drop(r->sim, table(r->sim, "grants"), id);
            if (mask & ~bit)
                keystone_grant(r->sim, user, scope, mask & ~bit);
            free(id);
        }
        reply_text(r, 204, NULL, "", 0);
    }
}

/* ---- what belongs to a user ---- */
static json_t *projects_of(struct req *r, const char *user)
{
    struct res *t = table(r->sim, "projects");
    json_t *rows = json_array();
    store_from(t, "", "", false);
    for (size_t i = 0; i < t->n; i++)
        if (keystone_roles_of(r->sim, user, t->items[i]->name))
            json_array_append_new(rows, linked(r, "projects", obj_doc(t->items[i])));
    return rows;
}

static json_t *see_appcred(struct req *r, json_t *d)
{
    char *url = ostk_url(r, "/identity/v3/application_credentials/%s", jstr(d, "id"));
    json_object_set_new(d, "links", jt("{'self':%s}", url));
    free(url);
    return ostk_public(d);
}

static void appcred_create(struct req *r, const struct token *t)
{
    json_t *in = ostk_body(r), *want = jat(in, "application_credential");
    char id[33], secret[87];
    hex_id(r->sim, id, 32);
    hex_id(r->sim, secret, 86);
    if (!*jstr(want, "name")) {
        ostk_error(r, 400, "keystone", "'name' is a required property\n\nFailed validating 'required' in schema:\n    {'required': ['name'], 'type': 'object'}");
    } else {
        json_t *own = json_object();
        keystone_appcred(r->sim, id, *jstr(want, "secret") ? jstr(want, "secret") : secret, jstr(want, "name"), t->user_id, t->project_id);
        if (jat(want, "description"))
            json_object_set(own, "description", jat(want, "description"));
        if (*jstr(want, "expires_at"))
            json_object_set(own, "expires_at", jat(want, "expires_at"));
        json_object_set_new(own, "unrestricted", json_is_true(jat(want, "unrestricted")) ? json_true() : json_null());
        json_t *d = see_appcred(r, obj_doc(ostk_merge(r->sim, table(r->sim, "appcreds"), id, own)));
        json_object_set_new(d, "secret", json_string(*jstr(want, "secret") ? jstr(want, "secret") : secret));
        reply_json(r, 201, jt("{'application_credential':%j}", d));
    }
    json_decref(in);
}

static void appcreds(struct req *r, const struct token *t, const char *user)
{
    struct res *tab = table(r->sim, "appcreds");
    const char *id = r->nseg > 5 ? r->seg[5] : NULL;
    struct obj *o = id ? store_get(tab, "", id) : NULL;
    if (!t->admin && strcmp(t->user_id, user) != 0) {
        forbidden(r, id ? "get" : "list", id ? "application_credential" : "application_credentials");
    } else if (!id && strcmp(r->method, "POST") == 0) {
        appcred_create(r, t);
    } else if (!id) {
        json_t *rows = json_array();
        store_from(tab, "", "", false);
        for (size_t i = 0; i < tab->n; i++) {
            json_t *d = obj_doc(tab->items[i]);
            if (strcmp(jstr(d, "user_id"), user) == 0 && (!req_query(r, "name") || strcmp(req_query(r, "name"), jstr(d, "name")) == 0))
                json_array_append_new(rows, see_appcred(r, json_incref(d)));
            json_decref(d);
        }
        reply_list(r, "application_credentials", rows);
    } else if (!o) {
        not_found(r, "Application Credential", id);
    } else if (strcmp(r->method, "DELETE") == 0) {
        ostk_drop(r->sim, tab, id);
        reply_text(r, 204, NULL, "", 0);
    } else {
        reply_json(r, 200, jt("{'application_credential':%j}", see_appcred(r, obj_doc(o))));
    }
}

static void of_user(struct req *r, const struct token *t)
{
    const char *user = r->seg[3], *sub = r->seg[4];
    if (strcmp(sub, "application_credentials") == 0)
        appcreds(r, t, user);
    else if (!t->admin && strcmp(t->user_id, user) != 0)
        forbidden(r, "list", sub);
    else if (!store_get(table(r->sim, "users"), "", user))
        not_found(r, "user", user);
    else
        reply_list(r, sub, strcmp(sub, "projects") == 0 ? projects_of(r, user) : json_array());
}

static json_t *version(struct req *r)
{
    char *url = ostk_url(r, "/identity/v3/");
    json_t *v = jt("{'id':'v3.14','status':'stable','updated':'2020-04-07T00:00:00Z','links':[{'rel':'self','href':%s}],"
                   "'media-types':[{'base':'application/json','type':'application/vnd.openstack.identity-v3+json'}]}", url);
    free(url);
    return v;
}

static void flask_404(struct req *r)
{
    static const char page[] = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the "
                               "server. If you entered the URL manually please check your spelling and try again.</p>\n";
    reply_text(r, 404, "text/html; charset=utf-8", page, sizeof(page) - 1);
}

static void of_token(struct req *r, const struct token *t)
{
    const char *what = r->nseg > 3 ? r->seg[3] : "";
    char *self = ostk_url(r, "%s", r->path);
    if (strcmp(what, "tokens") == 0)
        keystone_subject(r);
    else if (strcmp(what, "catalog") == 0 && !*t->project_id)
        ostk_error(r, 403, "keystone", "You are not authorized to perform the requested action.");
    else if (strcmp(what, "catalog") == 0)
        reply_json(r, 200, jt("{'catalog':%j,'links':{'self':%s}}", keystone_catalog(r->sim, t->project_id), self));
    else if (strcmp(what, "projects") == 0)
        reply_list(r, "projects", projects_of(r, t->user_id));
    else if (strcmp(what, "domains") == 0)
        reply_list(r, "domains", json_array());
    else if (strcmp(what, "system") == 0)
        reply_json(r, 200, jt("{'system':%j,'links':{'self':%s}}", keystone_roles_of(r->sim, t->user_id, "system") ? jt("[{'all':true}]") : json_array(), self));
    else
        flask_404(r);
    free(self);
}

void keystone_handle(struct req *r)
{
    const char *what = r->nseg > 2 ? r->seg[2] : "";
    req_head(r, "Vary", "X-Auth-Token");
    if (r->nseg <= 1) {
        char *url = ostk_url(r, "/identity/v3/");
        req_head(r, "Location", "%s", url);
        reply_json(r, 300, jt("{'versions':{'values':[%j]}}", version(r)));
        free(url);
        return;
    }
    if (strcmp(r->seg[1], "v3") != 0) {
        flask_404(r);
        return;
    }
    if (r->nseg == 2) {
        reply_json(r, 200, jt("{'version':%j}", version(r)));
        return;
    }
    bool auth = strcmp(what, "auth") == 0;
    if (auth && r->nseg > 3 && strcmp(r->seg[3], "tokens") == 0 && strcmp(r->method, "POST") == 0) {
        keystone_issue(r);
        return;
    }
    const struct token *t = ostk_token(r);
    if (!t)
        return;
    if (auth) {
        of_token(r, t);
        return;
    }
    if (strcmp(what, "limits") == 0 && r->nseg == 4 && strcmp(r->seg[3], "model") == 0) {
        reply_json(r, 200, jt("{'model':{'name':'flat','description':'Limit enforcement and validation does not take project hierarchy into consideration.'}}"));
        return;
    }
    if (strcmp(what, "role_inferences") == 0 && strcmp(r->method, "GET") == 0) {
        inferences(r);
        return;
    }
    if (extension(r))
        return;
    if (strcmp(what, "role_assignments") == 0) {
        if (t->admin)
            assignments(r);
        else
            forbidden(r, "list", what);
        return;
    }
    int users_at = r->nseg > 4 && strcmp(r->seg[4], "users") == 0 ? 4 : r->nseg > 3 && strcmp(what, "system") == 0 && strcmp(r->seg[3], "users") == 0 ? 3 : 0;
    if (users_at && r->nseg > users_at + 2) {
        if (t->admin)
            grants(r, users_at);
        else
            forbidden(r, "list", "grants");
        return;
    }
    for (size_t i = 0; i < NKINDS; i++) {
        const struct kind *k = &kinds[i];
        if (strcmp(k->plural, what) != 0)
            continue;
        if (r->nseg > 4 && strcmp(what, "users") == 0)
            of_user(r, t);
        else if (r->nseg > 4)
            flask_404(r);
        else if (r->nseg > 3)
            one(r, k, t, r->seg[3]);
        else if (strcmp(r->method, "POST") == 0 && k->change && !t->admin)
            forbidden(r, "create", k->one);
        else if (strcmp(r->method, "POST") == 0 && k->change)
            create(r, k);
        else if (!k->all && !t->admin)
            forbidden(r, "list", k->plural);
        else
            list(r, k);
        return;
    }
    flask_404(r);
}
