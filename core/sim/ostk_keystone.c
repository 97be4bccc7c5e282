/* Keystone: tokens by password, token or application credential; the catalog; projects and users. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/sim.h"

#define TOKEN_MS 3600000LL

static const struct { const char *name, *id; } projects[] = {
    {"admin", "be96c561c90c49a6b3502c1b50ed0001"}, {"demo", "70bd11ae622740acac020c6f4a210002"}, {"ops", "51ca24060160435db0a6d2f3733b0003"},
    {"service", "6c5ccf4b427e486e8ecca9d2324e0004"},
};
#define NPROJECTS (sizeof(projects) / sizeof(projects[0]))
static const struct { const char *name, *id; bool admin; } people[] = {
    {"admin", "2bbc6f0c527b495cbedd8ffad2520001", true}, {"demo", "23e5a28070d149718cc70712990b0002", false},
    {"ops", "711a2f75269d4386aa73d87f1a250003", false},
};
#define NPEOPLE (sizeof(people) / sizeof(people[0]))

static void unauthorized(struct req *r)
{
    req_head(r, "WWW-Authenticate", "Keystone uri=\"http://127.0.0.1:%d/identity/v3\"", r->sim->port);
    ostk_error(r, 401, "keystone", "The request you have made requires authentication.");
}

static json_t *catalog(struct sim *s, const char *project)
{
    static const char *const all[][3] = {
        {"identity", "keystone", "/identity/v3"}, {"compute", "nova", "/compute/v2.1"}, {"network", "neutron", "/network"},
        {"volumev3", "cinder", "/volume/v3/%s"}, {"image", "glance", "/image"}, {"placement", "placement", "/placement"},
    };
    static const char *const faces[] = {"public", "internal", "admin"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        json_t *ends = json_array();
        char id[33];
        for (size_t f = 0; f < 3; f++) {
            char *path = sim_printf(all[i][2], project), *url = sim_printf("http://127.0.0.1:%d%s", s->port, path);
            snprintf(id, sizeof(id), "e%030zx%zu", i, f);
            json_array_append_new(ends, jt("{'id':%s,'interface':%s,'region_id':'RegionOne','url':%s,'region':'RegionOne'}", id, faces[f], url));
            free(path);
            free(url);
        }
        snprintf(id, sizeof(id), "c%031zx", i);
        json_array_append_new(list, jt("{'endpoints':%j,'id':%s,'type':%s,'name':%s}", ends, id, all[i][0], all[i][1]));
    }
    return list;
}

static json_t *version(struct sim *s)
{
    char *url = sim_printf("http://127.0.0.1:%d/identity/v3/", s->port);
    json_t *v = jt("{'id':'v3.14','status':'stable','updated':'2020-04-07T00:00:00Z','links':[{'rel':'self','href':%s}],'media-types':[{"
                   "'base':'application/json','type':'application/vnd.openstack.identity-v3+json'}]}", url);
    free(url);
    return v;
}

static int find_person(const json_t *user)
{
    for (size_t i = 0; i < NPEOPLE; i++)
        if (strcmp(people[i].name, jstr(user, "name")) == 0 || strcmp(people[i].id, jstr(user, "id")) == 0)
            return (int)i;
    return -1;
}

static int find_project(const json_t *p)
{
    for (size_t i = 0; i < NPROJECTS; i++)
        if (strcmp(projects[i].name, jstr(p, "name")) == 0 || strcmp(projects[i].id, jstr(p, "id")) == 0)
            return (int)i;
    return -1;
}

/* Who is it? -1 = nobody. *project: what the method itself fixes (application credential, token), else -1. */
static int who(struct req *r, const json_t *identity, int *project)
{
    const char *method = jstr(identity, "methods.0");
    if (strcmp(method, "password") == 0) {
        int p = find_person(jat(identity, "password.user"));
        return p >= 0 && strcmp(jstr(identity, "password.user.password"), r->sim->world->password) == 0 ? p : -1;
    }
    if (strcmp(method, "application_credential") == 0) {
        *project = 0;
        return strcmp(jstr(identity, "application_credential.id"), r->sim->world->appcred_id) == 0 &&
               strcmp(jstr(identity, "application_credential.secret"), r->sim->world->appcred_secret) == 0 ? 0 : -1;
    }
    for (const struct token *t = r->sim->tokens; strcmp(method, "token") == 0 && t; t = t->next) {
        if (strcmp(t->id, jstr(identity, "token.id")) == 0 && t->expires_ms > sim_now(r->sim)) {
            json_t *u = jt("{'id':%s}", t->user_id), *p = jt("{'id':%s}", t->project_id);
            int i = find_person(u);
            *project = find_project(p);
            json_decref(u);
            json_decref(p);
            return i;
        }
    }
    return -1;
}

static json_t *token_doc(struct sim *s, int person, int project, const char *method, int64_t expires)
{
    char until[32], now[32], exact[40];
    stamp(expires, until);
    snprintf(exact, sizeof(exact), "%.19s.000000Z", until);
    stamp(sim_now(s), now);
    char issued[40];
    snprintf(issued, sizeof(issued), "%.19s.000000Z", now);
    json_t *t = jt("{'methods':[%s],'user':{'domain':{'id':'default','name':'Default'},'id':%s,'name':%s,'password_expires_at':null},"
                   "'audit_ids':['sim'],'expires_at':%s,'issued_at':%s}", method, people[person].id, people[person].name, exact, issued);
    if (project >= 0) {
        json_object_set_new(t, "project", jt("{'domain':{'id':'default','name':'Default'},'id':%s,'name':%s}", projects[project].id, projects[project].name));
        json_object_set_new(t, "is_domain", json_false());
        json_t *roles = jt("[{'id':'r0','name':'reader'},{'id':'r1','name':'member'}]");
        if (people[person].admin)
            json_array_append_new(roles, jt("{'id':'r2','name':'admin'}"));
        json_object_set_new(t, "roles", roles);
        json_object_set_new(t, "catalog", catalog(s, projects[project].id));
    }
    return jt("{'token':%j}", t);
}

static void issue(struct req *r)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const json_t *identity = jat(in, "auth.identity"), *scope = jat(in, "auth.scope.project");
    int project = -1, person = identity ? who(r, identity, &project) : -1;
    if (scope)
        project = find_project(scope);
    if (!identity) {
        ostk_error(r, 400, "keystone", "Expecting to find auth in request body.");
    } else if (person < 0 || (scope && project < 0) || (project >= 0 && !people[person].admin && strcmp(projects[project].name, people[person].name) != 0)) {
        unauthorized(r);
    } else {
        struct token *t = sim_alloc(sizeof(*t));
        char id[65];
        hex_id(r->sim, id, 64);
        t->id = sim_printf("gAAAAAB%s", id);
        t->user = sim_strdup(people[person].name);
        t->user_id = sim_strdup(people[person].id);
        t->project = sim_strdup(project >= 0 ? projects[project].name : "");
        t->project_id = sim_strdup(project >= 0 ? projects[project].id : "");
        t->admin = people[person].admin;
        t->expires_ms = sim_now(r->sim) + TOKEN_MS;
        json_t *doc = token_doc(r->sim, person, project, jstr(identity, "methods.0"), t->expires_ms);
        t->json = json_dumps(doc, JSON_COMPACT);
        json_decref(doc);
        t->next = r->sim->tokens;
        r->sim->tokens = t;
        req_head(r, "X-Subject-Token", "%s", t->id);
        reply_text(r, 201, "application/json", t->json, strlen(t->json));
    }
    json_decref(in);
}

static void show_token(struct req *r)
{
    const char *id = req_header(r, "X-Subject-Token");
    for (const struct token *t = r->sim->tokens; id && t; t = t->next) {
        if (strcmp(t->id, id) == 0 && t->expires_ms > sim_now(r->sim)) {
            req_head(r, "X-Subject-Token", "%s", t->id);
            reply_text(r, 200, "application/json", t->json, strlen(t->json));
            return;
        }
    }
    ostk_error(r, 404, "keystone", "Failed to validate token");
}

static json_t *project_doc(struct sim *s, size_t i)
{
    char *url = sim_printf("http://127.0.0.1:%d/identity/v3/projects/%s", s->port, projects[i].id);
    json_t *p = jt("{'id':%s,'name':%s,'domain_id':'default','description':'','enabled':true,'parent_id':'default','is_domain':false,'tags':[],"
                   "'options':{},'links':{'self':%s}}", projects[i].id, projects[i].name, url);
    free(url);
    return p;
}

static void show_projects(struct req *r, const struct token *t, const char *id, bool mine)
{
    json_t *all = json_array();
    for (size_t i = 0; i < NPROJECTS; i++) {
        if (mine && !t->admin && strcmp(projects[i].id, t->project_id) != 0)
            continue;
        if (id && strcmp(id, projects[i].id) == 0) {
            json_decref(all);
            reply_json(r, 200, jt("{'project':%j}", project_doc(r->sim, i)));
            return;
        }
        json_array_append_new(all, project_doc(r->sim, i));
    }
    if (id) {
        json_decref(all);
        ostk_error(r, 404, "keystone", "Could not find project: %s.", id);
        return;
    }
    reply_json(r, 200, jt("{'projects':%j,'links':{'next':null,'self':'','previous':null}}", all));
}

static void show_users(struct req *r)
{
    json_t *all = json_array();
    for (size_t i = 0; i < NPEOPLE; i++)
        json_array_append_new(all, jt("{'id':%s,'name':%s,'domain_id':'default','enabled':true,'password_expires_at':null,'options':{}}", people[i].id,
                                      people[i].name));
    reply_json(r, 200, jt("{'users':%j,'links':{'next':null,'self':'','previous':null}}", all));
}

void keystone_handle(struct req *r)
{
    const char *what = r->nseg > 2 ? r->seg[2] : "";
    if (r->nseg <= 1) {
        json_t *v = json_array();
        json_array_append_new(v, version(r->sim));
        reply_json(r, 300, jt("{'versions':{'values':%j}}", v));
        return;
    }
    if (strcmp(r->seg[1], "v3") != 0) {
        ostk_error(r, 404, "keystone", "(http://127.0.0.1%s): The resource could not be found.", r->path);
        return;
    }
    if (r->nseg == 2) {
        reply_json(r, 200, jt("{'version':%j}", version(r->sim)));
        return;
    }
    bool auth = strcmp(what, "auth") == 0 && r->nseg > 3;
    if (auth && strcmp(r->seg[3], "tokens") == 0 && strcmp(r->method, "POST") == 0) {
        issue(r);
        return;
    }
    const struct token *t = ostk_token(r);
    if (!t)
        return;
    if (auth && strcmp(r->seg[3], "tokens") == 0)
        show_token(r);
    else if (auth && strcmp(r->seg[3], "catalog") == 0)
        reply_json(r, 200, jt("{'catalog':%j}", catalog(r->sim, t->project_id)));
    else if (auth && strcmp(r->seg[3], "projects") == 0)
        show_projects(r, t, NULL, true);
    else if (!t->admin && (strcmp(what, "projects") == 0 || strcmp(what, "users") == 0) && r->nseg == 3)
        ostk_error(r, 403, "keystone", "You are not authorized to perform the requested action: identity:list_%s.", what);
    else if (strcmp(what, "projects") == 0)
        show_projects(r, t, r->nseg > 3 ? r->seg[3] : NULL, false);
    else if (strcmp(what, "users") == 0)
        show_users(r);
    else
        ostk_error(r, 404, "keystone", "(http://127.0.0.1%s): The resource could not be found.", r->path);
}
