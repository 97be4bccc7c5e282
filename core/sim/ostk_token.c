/* Tokens of the demo cloud's Keystone: by password, token or application credential; for a project, a domain, the system or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/ostk_sim.h"

#define TOKEN_MS 3600000LL

static const struct { const char *name, *id; int role; } roles[] = {
    {"admin", "865fad83a0f44133a2a61e7c42f50004", ROLE_ADMIN}, {"member", "bd4ed2da396049a7b88cf31d82850002", ROLE_MEMBER},
    {"reader", "cc70b678668a4aa5bd3de0bebeff0001", ROLE_READER}, {"service", "deb32e899d194c74973a3053a1fb0008", ROLE_SERVICE},
};
#define NROLES (sizeof(roles) / sizeof(roles[0]))

static const struct service { const char *type, *name, *path; bool project; } services[] = {
    {"compute", "nova", "/compute/v2.1", false}, {"identity", "keystone", "/identity/v3", false}, {"volumev3", "cinder", "/volume/v3/", true},
    {"load-balancer", "octavia", "/load-balancer", false}, {"orchestration", "heat", "/heat-api/v1/", true}, {"baremetal", "ironic", "/baremetal", false},
    {"network", "neutron", "/network", false}, {"container-infra", "magnum", "/container-infra/v1", false},
    {"placement", "placement", "/placement", false}, {"image", "glance", "/image", false},
    {"sharev2", "manilav2", "/share/v2", false},
};
#define NSERVICES (sizeof(services) / sizeof(services[0]))
static const char *const faces[] = {"public", "internal", "admin"};

/* ---- the catalog ---- */
static char *endpoint_url(struct sim *s, const struct service *v, const char *project)
{
    return sim_printf("https://127.0.0.1:%d%s%s", s->port, v->path, v->project ? project : "");
}

static void ids_of(size_t i, size_t face, char service[33], char endpoint[33])
{
    snprintf(service, 33, "5e41ce%026zx", i + 1);
    snprintf(endpoint, 33, "e0d%028zx%zu", i + 1, face);
}

/* Without a project an address that has one in it cannot be made: those services stay without endpoints. */
json_t *keystone_catalog(struct sim *s, const char *project)
{
    json_t *list = json_array();
    char sid[33], eid[33];
    for (size_t i = 0; i < NSERVICES; i++) {
        json_t *ends = json_array();
        for (size_t f = 0; f < 3 && (*project || !services[i].project); f++) {
            char *url = endpoint_url(s, &services[i], project);
            ids_of(i, f, sid, eid);
            json_array_append_new(ends, jt("{'id':%s,'interface':%s,'region_id':'RegionOne','url':%s,'region':'RegionOne'}", eid, faces[f], url));
            free(url);
        }
        ids_of(i, 0, sid, eid);
        json_array_append_new(list, jt("{'endpoints':%j,'id':%s,'type':%s,'name':%s}", ends, sid, services[i].type, services[i].name));
    }
    return list;
}

void keystone_seed(struct sim *s)
{
    char sid[33], eid[33];
    for (size_t i = 0; i < NROLES; i++)
        store_put(s, ostk_table(s, "keystone", "roles"), jt("{'id':%s,'name':%s,'domain_id':null,'description':null,'options':%j,'_role':%i}", roles[i].id,
                                                            roles[i].name, roles[i].role < ROLE_SERVICE ? jt("{'immutable':true}") : json_object(), roles[i].role));
    store_put(s, ostk_table(s, "keystone", "domains"),
              jt("{'id':'default','name':'Default','description':'The default domain','enabled':true,'tags':[],'options':{}}"));
    store_put(s, ostk_table(s, "keystone", "regions"), jt("{'id':'RegionOne','description':'','parent_region_id':null}"));
    for (size_t i = 0; i < NSERVICES; i++) {
        ids_of(i, 0, sid, eid);
        store_put(s, ostk_table(s, "keystone", "services"),
                  jt("{'name':%s,'id':%s,'type':%s,'enabled':true}", services[i].name, sid, services[i].type));
        for (size_t f = 0; f < 3; f++) {
            char *url = endpoint_url(s, &services[i], "%(project_id)s");
            ids_of(i, f, sid, eid);
            store_put(s, ostk_table(s, "keystone", "endpoints"),
                      jt("{'id':%s,'interface':%s,'region_id':'RegionOne','service_id':%s,'url':%s,'enabled':true,'region':'RegionOne'}", eid, faces[f], sid, url));
            free(url);
        }
    }
}

json_t *keystone_roles(struct sim *s, int mask, bool whole)
{
    json_t *all = json_array();
    for (size_t i = 0; i < NROLES; i++)
        if (mask & roles[i].role)
            json_array_append_new(all, whole ? ostk_public(obj_doc(store_get(ostk_table(s, "keystone", "roles"), "", roles[i].id)))
                                             : jt("{'id':%s,'name':%s}", roles[i].id, roles[i].name));
    return all;
}

/* admin implies member, member implies reader */
int keystone_implied(int mask)
{
    if (mask & ROLE_ADMIN)
        mask |= ROLE_MEMBER;
    return mask & ROLE_MEMBER ? mask | ROLE_READER : mask;
}

const char *keystone_role_id(int role)
{
    for (size_t i = 0; i < NROLES; i++)
        if (roles[i].role == role)
            return roles[i].id;
    return "";
}

/* ---- who is it, and for what ---- */
struct grant {
    char *user, *project, *domain;                             /* ids; project and domain "" */
    char *appcred, *parent;                                    /* its id; the audit id of the token that was traded in */
    bool system, fixed, unrestricted;                          /* fixed: the method says for what */
    int64_t until;                                             /* 0: a fresh lifetime */
    json_t *methods;
    int roles;
};

static void grant_release(struct grant *g)
{
    free(g->user);
    free(g->project);
    free(g->domain);
    free(g->appcred);
    free(g->parent);
    json_decref(g->methods);
}

static void unauthorized(struct req *r)
{
    req_head(r, "WWW-Authenticate", "Keystone uri=\"https://127.0.0.1:%d/identity/v3\"", r->sim->port);
    ostk_error(r, 401, "keystone", "The request you have made requires authentication.");
}

static bool bad(struct req *r, const char *want, const char *where)
{
    ostk_error(r, 400, "keystone", "Expecting to find %s in %s. The server could not comply with the request since it is either malformed or otherwise "
               "incorrect. The client is assumed to be in error.", want, where);
    return false;
}

static bool by_password(struct req *r, const json_t *identity, struct grant *g)
{
    const json_t *user = jat(identity, "password.user");
    const char *id = jstr(user, "id"), *name = jstr(user, "name"), *domain = *jstr(user, "domain.id") ? jstr(user, "domain.id") : jstr(user, "domain.name");
    if (!jat(identity, "password"))
        return bad(r, "password", "identity");
    if (!*id && !*domain)
        return bad(r, "domain", "user");
    const char *found = keystone_user_id(r->sim, *id ? id : name);
    json_t *d = found ? obj_doc(store_get(ostk_table(r->sim, "keystone", "users"), "", found)) : NULL;
    const char *secret = *jstr(d, "_password") ? jstr(d, "_password") : r->sim->world->password;
    bool ok = d && json_is_true(jat(d, "enabled")) && strcmp(jstr(user, "password"), secret) == 0 &&
              (*id || strcasecmp(domain, "default") == 0);
    if (ok)
        g->user = sim_strdup(found);
    else
        unauthorized(r);
    json_decref(d);
    return ok;
}

static bool by_appcred(struct req *r, const json_t *identity, struct grant *g)
{
    const char *id = jstr(identity, "application_credential.id"), *secret = jstr(identity, "application_credential.secret");
    struct obj *o = store_get(ostk_table(r->sim, "keystone", "appcreds"), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    if (!jat(identity, "application_credential"))
        return bad(r, "application_credential", "identity");
    if (!d) {
        ostk_error(r, 404, "keystone", "Could not find Application Credential: %s.", id);
        return false;
    }
    const char *until = jstr(d, "expires_at");
    bool ok = strcmp(jstr(d, "_secret"), secret) == 0 && (!*until || stamp_ms(until) > sim_now(r->sim));
    g->user = sim_strdup(jstr(d, "user_id"));
    g->project = sim_strdup(jstr(d, "project_id"));
    g->appcred = sim_strdup(id);
    g->roles = (int)jint(d, "_roles");
    g->fixed = true;
    g->unrestricted = json_is_true(jat(d, "unrestricted"));
    json_decref(d);
    if (!ok)
        unauthorized(r);
    return ok;
}

static bool by_token(struct req *r, const json_t *identity, struct grant *g)
{
    const char *id = jstr(identity, "token.id");
    if (!jat(identity, "token"))
        return bad(r, "token", "identity");
    for (const struct token *t = r->sim->tokens; t; t = t->next) {
        if (strcmp(t->id, id) != 0 || t->expires_ms <= sim_now(r->sim))
            continue;
        json_t *old = json_loads(t->json, 0, NULL);
        g->user = sim_strdup(t->user_id);
        g->until = t->expires_ms;
        g->parent = sim_strdup(jstr(old, "token.audit_ids.0"));
        for (size_t i = 0; i < json_array_size(jat(old, "token.methods")); i++)
            if (strcmp(jstr(json_array_get(jat(old, "token.methods"), i), ""), "token") != 0)
                json_array_append(g->methods, json_array_get(jat(old, "token.methods"), i));
        json_decref(old);
        return true;
    }
    if (strncmp(id, "gAAAAA", 6) == 0)
        unauthorized(r);
    else
        ostk_error(r, 404, "keystone", "Could not recognize Fernet token");
    return false;
}

static bool who(struct req *r, const json_t *identity, struct grant *g)
{
    static const struct { const char *method; bool (*check)(struct req *, const json_t *, struct grant *); } ways[] = {
        {"password", by_password}, {"application_credential", by_appcred}, {"token", by_token},
    };
    const char *method = jstr(identity, "methods.0");
    g->methods = jt("[%s]", method);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].method, method) == 0)
            return ways[i].check(r, identity, g);
    return bad(r, method, "identity");
}

/* What the token is for: what was asked, else what the method fixes, else nothing at all. False: 401 was sent. */
static bool scope(struct req *r, const json_t *want, struct grant *g)
{
    const char *id = NULL, *name;
    if (jat(want, "project") && !g->fixed) {
        name = *jstr(want, "project.id") ? jstr(want, "project.id") : jstr(want, "project.name");
        id = keystone_project_id(r->sim, name);
        g->project = sim_strdup(id ? id : "");
    } else if (json_is_true(jat(want, "system.all")) && !g->fixed) {
        g->system = true;
        id = "system";
    } else if (jat(want, "domain") && !g->fixed) {
        name = *jstr(want, "domain.id") ? jstr(want, "domain.id") : jstr(want, "domain.name");
        id = strcasecmp(name, "default") == 0 ? "default" : NULL;
        g->domain = sim_strdup(id ? id : "");
    } else {
        return true;
    }
    g->roles = id ? keystone_roles_of(r->sim, g->user, id) : 0;
    if (!g->roles)
        unauthorized(r);
    return g->roles != 0;
}

static void audit_id(struct sim *s, char out[23])
{
    for (int i = 0; i < 22; i++)
        out[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[sim_rand(s) >> 58];
    out[22] = 0;
}

static json_t *token_doc(struct sim *s, const struct grant *g, int64_t expires)
{
    char until[40], issued[40], audit[23], name[256];
    audit_id(s, audit);
    snprintf(until + strlen(ostk_stamp_at(expires, until)), 2, "Z");
    snprintf(issued + strlen(ostk_stamp(s, issued)), 2, "Z");
    json_t *audits = jt("[%s]", audit);
    if (g->parent)
        json_array_append_new(audits, json_string(g->parent));
    json_t *t = jt("{'methods':%j,'user':{'domain':{'id':'default','name':'Default'},'id':%s,'name':%s,'password_expires_at':null},"
                   "'audit_ids':%j,'expires_at':%s,'issued_at':%s}", json_incref(g->methods), g->user, keystone_name(s, "users", g->user, name), audits, until, issued);
    if (g->project && *g->project) {
        json_object_set_new(t, "project", jt("{'domain':{'id':'default','name':'Default'},'id':%s,'name':%s}", g->project,
                                             keystone_name(s, "projects", g->project, name)));
        json_object_set_new(t, "is_domain", json_false());
    } else if (g->domain && *g->domain) {
        json_object_set_new(t, "domain", jt("{'id':'default','name':'Default'}"));
    } else if (g->system) {
        json_object_set_new(t, "system", jt("{'all':true}"));
    }
    if (g->roles) {
        json_object_set_new(t, "roles", keystone_roles(s, g->roles, false));
        json_object_set_new(t, "catalog", keystone_catalog(s, g->project ? g->project : ""));
    }
    if (g->appcred)
        json_object_set_new(t, "application_credential", jt("{'id':%s,'name':%s,'restricted':%b}", g->appcred,
                                                            keystone_name(s, "appcreds", g->appcred, name), !g->unrestricted));
    return jt("{'token':%j}", t);
}

static void token_free(struct token *t)
{
    free(t->id);
    free(t->user);
    free(t->user_id);
    free(t->project);
    free(t->project_id);
    free(t->json);
    free(t);
}

/* Those that ended an hour ago are forgotten: until then they are known, and refused. */
static void tokens_sweep(struct sim *s)
{
    for (struct token **p = &s->tokens; *p;) {
        struct token *t = *p;
        if (t->expires_ms + TOKEN_MS < sim_now(s) && t->expires_ms > 0) {
            *p = t->next;
            token_free(t);
        } else {
            p = &t->next;
        }
    }
}

static void give(struct req *r, const struct grant *g)
{
    struct token *t = sim_alloc(sizeof(*t));
    char id[177], name[256];
    hex_id(r->sim, id, 176);
    tokens_sweep(r->sim);
    t->id = sim_printf("gAAAAAB%s", id);
    t->user = sim_strdup(keystone_name(r->sim, "users", g->user, name));
    t->user_id = sim_strdup(g->user);
    t->project = sim_strdup(g->project ? keystone_name(r->sim, "projects", g->project, name) : "");
    t->project_id = sim_strdup(g->project ? g->project : "");
    t->admin = g->roles & ROLE_ADMIN;
    t->reader = !(keystone_implied(g->roles) & ROLE_MEMBER);
    t->system = g->system;
    t->expires_ms = g->until ? g->until : sim_now(r->sim) + (r->sim->token_ms ? r->sim->token_ms : TOKEN_MS);
    json_t *doc = token_doc(r->sim, g, t->expires_ms);
    t->json = jdump(doc);
    t->next = r->sim->tokens;
    r->sim->tokens = t;
    req_head(r, "X-Subject-Token", "%s", t->id);
    reply_text(r, 201, "application/json", t->json, strlen(t->json));
}

void keystone_issue(struct req *r)
{
    json_t *in = ostk_body(r);
    const json_t *identity = jat(in, "auth.identity");
    struct grant g = {0};
    if (!in)
        bad(r, "valid JSON", "request body");
    else if (!jat(in, "auth"))
        bad(r, "auth", "request body");
    else if (!identity)
        ostk_error(r, 400, "keystone", "'identity' is a required property\n\nFailed validating 'required' in schema:\n    {'properties': {'identity': {}}}");
    else if (who(r, identity, &g) && scope(r, jat(in, "auth.scope"), &g)) {
        g.roles = keystone_implied(g.roles);
        give(r, &g);
    }
    grant_release(&g);
    json_decref(in);
}

/* GET, HEAD and DELETE of the token in X-Subject-Token */
void keystone_subject(struct req *r)
{
    const char *id = req_header(r, "X-Subject-Token");
    for (struct token **p = &r->sim->tokens; id && *p; p = &(*p)->next) {
        struct token *t = *p;
        if (strcmp(t->id, id) != 0 || t->expires_ms <= sim_now(r->sim))
            continue;
        if (strcmp(r->method, "DELETE") == 0) {
            *p = t->next;
            token_free(t);
            reply_text(r, 204, NULL, "", 0);
        } else {
            req_head(r, "X-Subject-Token", "%s", t->id);
            reply_text(r, 200, "application/json", t->json, strlen(t->json));
        }
        return;
    }
    ostk_error(r, 404, "keystone", !id ? "No token in the request" : strncmp(id, "gAAAAA", 6) == 0 ? "Failed to validate token" : "Could not recognize Fernet token");
}

const struct token *ostk_who(const struct req *r)
{
    const char *id = req_header(r, "X-Auth-Token");
    for (const struct token *t = r->sim->tokens; id && t; t = t->next)
        if (strcmp(t->id, id) == 0)
            return t;
    return NULL;
}

bool ostk_admin(const struct req *r)
{
    const struct token *t = ostk_who(r);
    return t && t->admin;
}
