/* Heat: its API: stacks, their resources and events. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/sim/ostk_sim.h"

static void fail(struct req *r, int code, const char *type, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void fail(struct req *r, int code, const char *type, const char *fmt, ...)
{
    char msg[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    reply_json(r, code, jt("{'code':%i,'title':%s,'explanation':%s,'error':{'type':%s,'traceback':null,'message':%s}}", code,
                           code == 404 ? "Not Found" : code == 403 ? "Forbidden" : code == 409 ? "Conflict" : "Bad Request",
                           code == 404 ? "The resource could not be found." : code == 403 ? "Access was denied to this resource."
                           : code == 409 ? "There was a conflict when trying to complete your request."
                           : "The server could not comply with the request since it is either malformed or otherwise incorrect.", type, msg));
}

static void webob_404(struct req *r)
{
    reply_json(r, 404, jt("{'message':'The resource could not be found.<br /><br />\\n\\n\\n','code':'404 Not Found','title':'Not Found'}"));
}


void heat_engine(struct sim *s, const char *host, bool alive)
{
    char id[37], engine[37], at[40];
    struct res *t = heat_table(s, "services");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool it = strcmp(jstr(d, "host"), host) == 0;
        json_decref(d);
        if (it) {
            ostk_merge(s, t, t->items[i]->name, jt("{'_stopped':%l}", alive ? (int64_t)0 : sim_now(s)));
            return;
        }
    }
    uuid4(s, id);
    uuid4(s, engine);
    store_put(s, t, jt("{'id':%s,'binary':'heat-engine','engine_id':%s,'host':%s,'hostname':%s,'topic':'engine','report_interval':60,'created_at':%s,"
                       "'updated_at':%s,'deleted_at':null,'status':'up','_stopped':%l}", id, engine, host, host, ostk_stamp_at(sim_now(s) - 40LL * 86400000, at), at,
                       alive ? (int64_t)0 : sim_now(s)));
}

/* ---- what is seen ---- */
static char *stack_url(struct req *r, const json_t *d)
{
    return ostk_url(r, "/heat-api/v1/%s/stacks/%s/%s", jstr(d, "project"), jstr(d, "stack_name"), jstr(d, "id"));
}

static bool mine(struct req *r, const json_t *d)
{
    const struct token *t = ostk_who(r);
    return t->admin || strcmp(jstr(d, "project"), t->project_id) == 0;
}

static json_t *see(struct req *r, json_t *d)
{
    if (!mine(r, d)) {
        json_decref(d);
        return NULL;
    }
    char *url = stack_url(r, d);
    json_object_set_new(d, "links", jt("[{'href':%s,'rel':'self'}]", url));
    free(url);
    return d;
}

static void list(struct req *r)
{
    static const char *const keys[] = {"id", "name=stack_name", "stack_name", "status_=stack_status", "owner=stack_owner", NULL};
    char order[256];
    const char *status = req_query(r, "status"), *limit = req_query(r, "limit");
    struct ostk_list l = {.table = heat_table(r->sim, "stacks"), .see = see, .filters = keys};
    ostk_order(r, order, sizeof(order), NULL, "asc");
    l.order = strncmp(order, "name", 4) == 0 ? "stack_name:asc" : strncmp(order, "status", 6) == 0 ? "stack_status:asc" : "creation_time:desc,id:desc";
    const char *global = req_query(r, "global_tenant");
    if (global && strcasecmp(global, "true") != 0 && strcasecmp(global, "false") != 0) {
        fail(r, 400, "HTTPBadRequest", "Unrecognized value \"%s\" for \"global_tenant\", acceptable values are: true, false.", global);
        return;
    }
    if (ostk_flag(r, "global_tenant")) {
        fail(r, 403, "Forbidden", "You are not authorized to use stacks:global_index.");
        return;
    }
    if (req_query(r, "marker") && !store_get(l.table, "", req_query(r, "marker")))
        l.reverse = false;
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit) {
        fail(r, 400, "HTTPBadRequest", *limit == '-' ? "Value '%s' is invalid for 'limit' which only accepts non-negative integer." : "Only integer is acceptable by 'limit'.",
             limit);
        return;
    }
    json_t *rows = p.rows ? p.rows : json_array();
    for (size_t i = json_array_size(rows); i-- > 0;) {
        json_t *d = json_array_get(rows, i);
        if (status && strstr(jstr(d, "stack_status"), status) != jstr(d, "stack_status") + strcspn(jstr(d, "stack_status"), "_") + 1)
            json_array_remove(rows, i);
        else if (!ostk_admin(r))
            json_object_del(d, "project");
    }
    json_t *out = jt("{'stacks':%j}", rows);
    if (p.full) {
        char *self = ostk_url(r, "%s", r->path), *next = ostk_link(r, self, NULL, "marker=%s", p.last);
        json_object_set_new(out, "links", jt("[{'rel':'next','href':%s}]", next));
        free(self);
        free(next);
    }
    reply_json(r, 200, out);
}

/* The outputs a template names; a value is known where it is written down. */
static json_t *outputs(const json_t *stack, bool values)
{
    json_t *all = json_array(), *v;
    const char *key;
    json_object_foreach(jat(stack, "_template.outputs"), key, v) {
        json_t *o = jt("{'output_key':%s,'description':%s}", key, *jstr(v, "description") ? jstr(v, "description") : "No description given");
        json_t *value = json_object_get(v, "value");
        if (values)
            json_object_set_new(o, "output_value", value && !json_is_object(value) ? json_incref(value) : json_null());
        json_array_append_new(all, o);
    }
    return all;
}

static void show(struct req *r, json_t *d)
{
    char *url = stack_url(r, d), *arn = sim_printf("arn:openstack:heat::%s:stacks/%s/%s", jstr(d, "project"), jstr(d, "stack_name"), jstr(d, "id"));
    json_t *out = jt("{'parameters':{'OS::project_id':%s,'OS::stack_id':%s,'OS::stack_name':%s},'capabilities':[],'notification_topics':[],'template_description':%s,"
                     "'disable_rollback':true,'timeout_mins':null,'outputs':[],'links':[{'href':%s,'rel':'self'}]}", jstr(d, "project"), arn, jstr(d, "stack_name"),
                     jstr(d, "description"), url);
    json_object_update(json_object_get(out, "parameters"), json_object_get(d, "_parameters"));
    json_object_set_new(out, "outputs", outputs(d, true));
    json_object_update_missing(out, d);
    json_object_set_new(out, "tags", json_array());
    json_object_del(out, "project");
    free(url);
    free(arn);
    reply_json(r, 200, jt("{'stack':%j}", ostk_public(out)));
}

static json_t *resource_doc(struct req *r, const json_t *stack, json_t *d, bool detail)
{
    char *url = stack_url(r, stack), *self = sim_printf("%s/resources/%s", url, jstr(d, "resource_name"));
    json_object_set_new(d, "links", jt("[{'href':%s,'rel':'self'},{'href':%s,'rel':'stack'}]", self, url));
    if (detail) {
        json_object_set_new(d, "description", json_string(""));
        json_object_set_new(d, "attributes", json_object());
    }
    json_object_del(d, "id");
    free(url);
    free(self);
    return ostk_public(d);
}

static void resources(struct req *r, const json_t *stack, const char *one)
{
    struct res *t = heat_table(r->sim, "resources");
    json_t *rows = json_array();
    bool found = false;
    for (size_t i = 0; i < t->n && !found; i++) {
        json_t *d = strstr(t->items[i]->text, jstr(stack, "id")) ? obj_doc(t->items[i]) : NULL;
        if (d && one && strcmp(jstr(d, "resource_name"), one) == 0) {
            reply_json(r, 200, jt("{'resource':%j}", resource_doc(r, stack, json_incref(d), true)));
            found = true;
        } else if (d && !one) {
            json_array_append_new(rows, resource_doc(r, stack, json_incref(d), ostk_flag(r, "with_detail")));
        }
        json_decref(d);
    }
    if (!one)
        reply_json(r, 200, jt("{'resources':%j}", json_incref(rows)));
    else if (!found)
        fail(r, 404, "ResourceNotFound", "The Resource (%s) could not be found in Stack %s.", one, jstr(stack, "stack_name"));
    json_decref(rows);
}

static void events(struct req *r, const json_t *stack, const char *resource)
{
    struct res *t = heat_table(r->sim, "events");
    const char *limit = req_query(r, "limit"), *dir = req_query(r, "sort_dir"), *id = r->nseg > 7 && !resource ? r->seg[7] : NULL;
    size_t most = limit ? strtoul(limit, NULL, 10) : SIZE_MAX;
    json_t *rows = json_array();
    bool down = dir ? strcmp(dir, "desc") == 0 : !req_query(r, "sort_keys");      /* the newest first, unless an order is asked for */
    for (int seq = 0; seq < (int)t->n + 1000 && json_array_size(rows) < most; seq++) {
        int want = down ? (int)t->n + 999 - seq : seq;
        for (size_t i = 0; i < t->n; i++) {
            json_t *d = strstr(t->items[i]->text, jstr(stack, "id")) ? obj_doc(t->items[i]) : NULL;
            if (d && jint(d, "_seq") == want && (!resource || strcmp(jstr(d, "resource_name"), resource) == 0) && (!id || strcmp(jstr(d, "id"), id) == 0)) {
                char *url = stack_url(r, stack), *res = sim_printf("%s/resources/%s", url, jstr(d, "resource_name")), *self = sim_printf("%s/events/%s", res, jstr(d, "id"));
                json_object_set_new(d, "links", jt("[{'href':%s,'rel':'self'},{'href':%s,'rel':'resource'},{'href':%s,'rel':'stack'}]", self, res, url));
                json_object_del(d, "resource_type");
                json_array_append(rows, ostk_public(d));
                free(url);
                free(res);
                free(self);
            }
            json_decref(d);
        }
    }
    reply_json(r, 200, jt("{'events':%j}", rows));
}

/* ---- changes ---- */
static const struct { const char *version, *alias; } hot[] = {
    {"2013-05-23", NULL}, {"2014-10-16", NULL}, {"2015-04-30", NULL}, {"2015-10-15", NULL}, {"2016-04-08", NULL}, {"2016-10-14", "newton"},
    {"2017-02-24", "ocata"}, {"2017-09-01", "pike"}, {"2018-03-02", "queens"}, {"2018-08-31", "rocky"}, {"2021-04-16", "wallaby"},
};
#define NHOT (sizeof(hot) / sizeof(hot[0]))

static void template_versions(struct req *r)
{
    json_t *all = jt("[{'version':'AWSTemplateFormatVersion.2010-09-09','type':'cfn','aliases':[]},{'version':'HeatTemplateFormatVersion.2012-12-12','type':'cfn',"
                     "'aliases':[]}]");
    for (size_t i = 0; i < NHOT; i++) {
        char *v = sim_printf("heat_template_version.%s", hot[i].version), *a = hot[i].alias ? sim_printf("heat_template_version.%s", hot[i].alias) : NULL;
        json_array_append_new(all, jt("{'version':%s,'type':'hot','aliases':%j}", v, a ? jt("[%s]", a) : json_array()));
        free(v);
        free(a);
    }
    reply_json(r, 200, jt("{'template_versions':%j}", all));
}

/* What the engine refuses before it begins: the name, the version, types of resources that nobody makes. */
static bool sound(struct req *r, const char *name, json_t *tmpl)
{
    static const char *const makers[] = {"OS::Nova::", "OS::Neutron::", "OS::Cinder::", "OS::Glance::", "OS::Heat::", "OS::Octavia::", "OS::Magnum::", "OS::Keystone::",
                                         "OS::Designate::", "OS::Barbican::", "OS::Swift::", "OS::Trove::", "OS::Ironic::", "OS::Manila::", "OS::Mistral::", "AWS::"};
    const char *v = jstr(tmpl, "heat_template_version"), *key, *p = name;
    json_t *one;
    bool ok = !*v;
    for (; *p && (strchr("_-.", *p) ? p > name : p > name ? isalnum((unsigned char)*p) : isalpha((unsigned char)*p)); p++)
        ;
    if (*p || p - name > 255) {
        fail(r, 400, "StackValidationFailed", "Invalid stack name %s must contain only alphanumeric or \"_-.\" characters, must start with alpha and must be 255 "
             "characters or less.", name);
        return false;
    }
    for (size_t i = 0; i < NHOT && !ok; i++)
        ok = strcmp(hot[i].version, v) == 0 || (hot[i].alias && strcmp(hot[i].alias, v) == 0);
    if (!ok) {
        struct str all;
        str_init(&all, 0);
        for (size_t i = 0; i < NHOT; i++)
            str_addf(&all, "%s%s", i ? ", " : "", hot[i].version);
        for (size_t i = 0; i < NHOT; i++)
            if (hot[i].alias)
                str_addf(&all, ", %s", hot[i].alias);
        fail(r, 400, "InvalidTemplateVersion", "The template version is invalid: \"heat_template_version: %s\". \"heat_template_version\" should be one of: %s", v,
             all.data);
        str_release(&all);
        return false;
    }
    json_object_foreach(json_object_get(tmpl, "resources"), key, one) {
        const char *type = jstr(one, "type");
        ok = false;
        for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]) && !ok; i++)
            ok = strncmp(type, makers[i], strlen(makers[i])) == 0;
        if (!ok) {
            fail(r, 400, "StackValidationFailed", "The Resource Type (%s) could not be found.", type);
            return false;
        }
    }
    return true;
}

static void create(struct req *r)
{
    const struct token *t = ostk_who(r);
    json_t *in = ostk_body(r), *tmpl = json_object_get(in, "template"), *v;
    const char *name = jstr(in, "stack_name"), *key;
    struct res *all = heat_table(r->sim, "stacks");
    bool taken = false;
    for (size_t i = 0; i < all->n; i++) {
        json_t *d = obj_doc(all->items[i]);
        taken = taken || (strcmp(jstr(d, "stack_name"), name) == 0 && strcmp(jstr(d, "project"), t->project_id) == 0);
        json_decref(d);
    }
    if (!*name) {
        fail(r, 400, "HTTPBadRequest", "No stack name specified");
    } else if (!tmpl) {
        fail(r, 400, "HTTPBadRequest", "No template specified");
    } else if (taken) {
        fail(r, 409, "StackExists", "The Stack (%s) already exists.", name);
    } else if (sound(r, name, tmpl)) {
        char phys[37];
        char *id = sim_strdup(heat_seed_stack(r->sim, name, t->project_id, t->user, "CREATE_IN_PROGRESS")), at[32];
        json_t *params = json_object();
        json_object_foreach(json_object_get(tmpl, "parameters"), key, v) {
            json_t *given = json_object_get(json_object_get(in, "parameters"), key), *usual = json_object_get(v, "default");
            json_object_set_new(params, key, given ? json_incref(given) : usual ? json_incref(usual) : json_string(""));
        }
        ostk_merge(r->sim, all, id, jt("{'creation_time':%s,'description':%s,'_template':%j,'_parameters':%j}", stamp(sim_now(r->sim), at), jstr(tmpl, "description"),
                                       json_incref(tmpl), params));
        json_object_foreach(json_object_get(tmpl, "resources"), key, v) {
            uuid4(r->sim, phys);
            heat_seed_resource(r->sim, id, key, *jstr(v, "type") ? jstr(v, "type") : "OS::Heat::None", phys, "INIT_COMPLETE");
        }
        struct res *ev = heat_table(r->sim, "events");
        for (size_t i = ev->n; i-- > 0;)                       /* it has no past */
            if (strstr(ev->items[i]->text, id))
                ostk_drop(r->sim, ev, ev->items[i]->name);
        heat_begin(r->sim, id, "CREATE");
        json_t *d = heat_get(r->sim, "stacks", id);
        char *url = stack_url(r, d);
        reply_json(r, 201, jt("{'stack':{'id':%s,'links':[{'href':%s,'rel':'self'}]}}", id, url));
        free(url);
        free(id);
        json_decref(d);
    }
    json_decref(in);
}

static void action(struct req *r, const json_t *d)
{
    static const char *const known[] = {"suspend", "resume", "check", "cancel_update", "cancel_without_rollback"};
    json_t *in = ostk_body(r);
    const char *key = in && json_object_size(in) ? json_object_iter_key(json_object_iter(in)) : "";
    bool ok = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        ok = ok || strcmp(known[i], key) == 0;
    if (!ok) {
        fail(r, 400, "HTTPBadRequest", "Invalid action %s specified", key);
    } else if (strstr(jstr(d, "stack_status"), "_IN_PROGRESS")) {
        fail(r, 409, "ActionInProgress", "Stack %s already has an action (%.*s) in progress.", jstr(d, "stack_name"), (int)strcspn(jstr(d, "stack_status"), "_"),
             jstr(d, "stack_status"));
    } else {
        heat_begin(r->sim, jstr(d, "id"), key[0] == 's' ? "SUSPEND" : key[0] == 'r' ? "RESUME" : "CHECK");
        reply_json(r, 200, json_null());
    }
    json_decref(in);
}

static void of_stack(struct req *r, json_t *d)
{
    const char *sub = r->nseg > 6 ? r->seg[6] : "", *more = r->nseg > 7 ? r->seg[7] : NULL;
    bool del = strcmp(r->method, "DELETE") == 0, put = strcmp(r->method, "PUT") == 0 || strcmp(r->method, "PATCH") == 0;
    if (!*sub && del) {
        heat_begin(r->sim, jstr(d, "id"), "DELETE");
        reply_text(r, 204, NULL, "", 0);
    } else if (!*sub && put) {
        heat_begin(r->sim, jstr(d, "id"), "UPDATE");
        reply_json(r, 202, json_null());
    } else if (!*sub) {
        show(r, d);
    } else if (strcmp(sub, "resources") == 0 && r->nseg > 8 && strcmp(r->seg[8], "events") == 0) {
        events(r, d, more);
    } else if (strcmp(sub, "resources") == 0) {
        resources(r, d, more);
    } else if (strcmp(sub, "events") == 0) {
        events(r, d, NULL);
    } else if (strcmp(sub, "template") == 0) {
        reply_json(r, 200, json_incref(json_object_get(d, "_template")));
    } else if (strcmp(sub, "outputs") == 0) {
        reply_json(r, 200, jt("{'outputs':%j}", outputs(d, false)));
    } else if (strcmp(sub, "environment") == 0) {
        reply_json(r, 200, jt("{'resource_registry':{'resources':{}},'parameters':{},'parameter_defaults':{},'event_sinks':[],'encrypted_param_names':[]}"));
    } else if (strcmp(sub, "actions") == 0) {
        action(r, d);
    } else {
        webob_404(r);
    }
}

/* A stack by name or id; the full path has both, the short one is redirected. */
static void stacks(struct req *r)
{
    struct res *t = heat_table(r->sim, "stacks");
    const char *name = r->seg[4], *id = r->nseg > 5 ? r->seg[5] : "";
    json_t *d = NULL;
    for (size_t i = 0; i < t->n && !d; i++) {
        json_t *x = obj_doc(t->items[i]);
        if (mine(r, x) && (strcmp(jstr(x, "stack_name"), name) == 0 || strcmp(jstr(x, "id"), name) == 0) && (!ostk_is_uuid(id) || strcmp(jstr(x, "id"), id) == 0))
            d = json_incref(x);
        json_decref(x);
    }
    if (!d) {
        fail(r, 404, "EntityNotFound", "The Stack (%s) could not be found.", name);
    } else if (!ostk_is_uuid(id)) {
        struct str rest;
        str_init(&rest, 0);
        for (int i = 5; i < r->nseg; i++)
            str_addf(&rest, "/%s", r->seg[i]);
        char *url = stack_url(r, d), *whole = sim_printf("%s%s", url, rest.len ? rest.data : ""), *to = ostk_link(r, whole, NULL, "%s", "");
        to[strlen(to) - 1] = 0;
        char *text = sim_printf("The resource was found at <a href=\"%s\">%s</a>;\nyou should be redirected automatically.\n\n", to, to);
        req_head(r, "Location", "%s", to);
        reply_json(r, 302, jt("{'message':%s,'code':'302 Found','title':'Found'}", text));
        str_release(&rest);
        free(url);
        free(whole);
        free(to);
        free(text);
    } else {
        of_stack(r, d);
    }
    json_decref(d);
}

static json_t *see_service(struct req *r, json_t *d)
{
    char at[40];
    int64_t stopped = jint(d, "_stopped"), seen = stopped ? stopped : sim_now(r->sim), period = ostk_ms(r->sim, 60000);
    seen -= seen % (period < 1 ? 1 : period);
    json_object_set_new(d, "updated_at", json_string(ostk_stamp_at(seen, at)));
    json_object_set_new(d, "status", json_string(stopped && sim_now(r->sim) - seen > 2 * period ? "down" : "up"));
    return d;
}

void heat_handle(struct req *r)
{
    const char *what = r->nseg > 3 ? r->seg[3] : "";
    if (r->nseg <= 1) {
        char *url = ostk_url(r, "/heat-api/v1/");
        reply_json(r, 300, jt("{'versions':[{'id':'v1.0','status':'CURRENT','links':[{'rel':'self','href':%s}]}]}", url));
        free(url);
        return;
    }
    if (!ostk_token(r))
        return;
    if (strcmp(what, "stacks") == 0 && r->nseg == 4 && strcmp(r->method, "POST") == 0) {
        create(r);
    } else if (strcmp(what, "stacks") == 0 && (r->nseg == 4 || (r->nseg == 5 && strcmp(r->seg[4], "detail") == 0))) {
        list(r);
    } else if (strcmp(what, "stacks") == 0) {
        stacks(r);
    } else if (strcmp(what, "services") == 0 && !ostk_admin(r)) {
        fail(r, 403, "Forbidden", "You are not authorized to use service:index.");
    } else if (strcmp(what, "services") == 0) {
        struct ostk_list l = {.table = heat_table(r->sim, "services"), .see = see_service};
        reply_json(r, 200, jt("{'services':%j}", ostk_rows(r, &l).rows));
    } else if (strcmp(what, "build_info") == 0) {
        reply_json(r, 200, jt("{'api':{'revision':'unknown'},'engine':{'revision':'unknown'}}"));
    } else if (strcmp(what, "template_versions") == 0) {
        template_versions(r);
    } else if (strcmp(what, "resource_types") == 0) {
        reply_json(r, 200, jt("{'resource_types':['OS::Cinder::Volume','OS::Heat::Stack','OS::Neutron::Net','OS::Neutron::Port','OS::Neutron::Router','OS::Nova::Server',"
                              "'OS::Nova::ServerGroup','OS::Octavia::LoadBalancer']}"));
    } else if (strcmp(what, "software_configs") == 0) {
        reply_json(r, 200, jt("{'software_configs':[]}"));
    } else {
        webob_404(r);
    }
}
