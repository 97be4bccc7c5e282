/* Compute services as the API lists them: enabled, disabled with a reason, forced down, deleted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

static void service(struct jw *w, struct req *r, const struct nova_service *v, const char *key)
{
    struct nova *n = r->sim->nova;
    jw_open(w, key, '{');
    jw_str(w, "binary", v->binary);
    jw_str(w, "host", v->host);
    if (nova_at(r, 53))
        jw_str(w, "id", v->id);
    else
        jw_int(w, "id", v->num);
    jw_str(w, "zone", strcmp(v->binary, "nova-compute") == 0 ? nova_host_zone(n, v->host) : v->zone);
    jw_str(w, "status", v->disabled ? "disabled" : "enabled");
    jw_str(w, "state", nova_service_is_up(r->sim, v) ? "up" : "down");
    jw_at(w, "updated_at", nova_service_beat(r->sim, v));
    jw_str(w, "disabled_reason", v->reason);
    if (nova_at(r, 11))
        jw_bool(w, "forced_down", v->forced_down);
    jw_close(w, '}');
}

static void service_list(struct req *r)
{
    struct nova *n = r->sim->nova;
    static const char *const known[] = {"host", "binary", NULL};
    const char *host = req_query(r, "host"), *binary = req_query(r, "binary");
    if (!nova_queries(r, known))
        return;
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "services", '[');
    for (size_t i = 0; i < n->nservices; i++) {
        const struct nova_service *v = n->services[i];
        if ((!host || !*host || strcmp(host, v->host) == 0) && (!binary || !*binary || strcmp(binary, v->binary) == 0))
            service(&w, r, v, NULL);
    }
    jw_close(&w, ']');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static struct nova_service *service_by_id(struct req *r, const char *id)
{
    struct nova *n = r->sim->nova;
    for (size_t i = 0; i < n->nservices; i++)
        if (nova_at(r, 53) ? strcmp(n->services[i]->id, id) == 0 : n->services[i]->num == atoi(id))
            return n->services[i];
    return NULL;
}

static bool may_come_up(struct req *r, const char *host)
{
    struct nova *n = r->sim->nova;
    for (size_t i = 0; i < n->nmigrations; i++) {
        const struct nova_migration *m = n->migrations[i];
        if (strcmp(m->type, "evacuation") == 0 && strcmp(m->status, "done") == 0 && m->source && strcmp(m->source, host) == 0) {
            nova_error(r, 400, "Unable to force up host %s as `done` evacuation migration records remain associated with the host. Ensure the compute "
                               "service has been restarted, allowing these records to move to `completed` before retrying this request.", host);
            return false;
        }
    }
    return true;
}

/* A member the API has no use for, or one that is no text; the body itself is not named in the sentence. */
static bool members_ok(struct req *r, const json_t *in, const char *const *known)
{
    const char *key;
    json_t *x;
    json_object_foreach((json_t *)in, key, x) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i]) {
            nova_error(r, 400, "Additional properties are not allowed ('%s' was unexpected)", key);
            return false;
        }
        if (strcmp(key, "forced_down") == 0) {
            if (!nova_yes_no(r, key, x))
                return false;
        } else if (!json_is_string(x)) {
            char *text = nova_repr(x, false);
            nova_invalid(r, key, x, "%s is not of type 'string'", text);
            free(text);
            return false;
        } else if (strcmp(key, "disabled_reason") == 0 && !*json_string_value(x)) {
            return nova_invalid(r, key, x, "'' is too short");
        }
    }
    return true;
}

static bool update_ok(struct req *r, struct nova_service *v, const json_t *in)
{
    const json_t *status = json_object_get(in, "status"), *down = json_object_get(in, "forced_down");
    const char *text = json_string_value(status), *reason = json_string_value(json_object_get(in, "disabled_reason"));
    if (strcmp(v->binary, "nova-compute") != 0)
        nova_error(r, 400, "Updating a %s service is not supported. Only nova-compute services can be updated.", v->binary);
    else if (!status && !down)
        nova_error(r, 400, "No updates were requested. Fields 'status' or 'forced_down' should be specified.");
    else if (text && *text == 'e' && reason && *reason)
        nova_error(r, 400, "Specifying 'disabled_reason' with status 'enabled' is invalid.");
    else
        return !down || json_is_true(down) || nova_flag(json_string_value(down), false) || may_come_up(r, v->host);
    return false;
}

static bool update_form(struct req *r, const json_t *in)
{
    static const char *const known[] = {"status", "disabled_reason", "forced_down", NULL};
    const json_t *status = json_object_get(in, "status");
    const char *text = json_string_value(status);
    if (!members_ok(r, in, known))
        return false;
    if (text && strcmp(text, "enabled") != 0 && strcmp(text, "disabled") != 0)
        return nova_invalid(r, "status", status, "'%s' is not one of ['enabled', 'disabled']", text);
    return true;
}

static void update(struct req *r, const char *id)
{
    struct nova_service *v = service_by_id(r, id);
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    if (!json_is_object(in)) {
        nova_error(r, 400, "Malformed request body");
    } else if (!update_form(r, in)) {
        /* said */
    } else if (!ostk_is_uuid(id)) {
        nova_error(r, 400, "Invalid uuid %s", id);
    } else if (!v) {
        nova_error(r, 404, "Service %s could not be found.", id);
    } else if (update_ok(r, v, in)) {
        const json_t *down = json_object_get(in, "forced_down");
        if (json_object_get(in, "status")) {
            v->disabled = *jstr(in, "status") == 'd';
            nova_set(&v->reason, v->disabled ? json_string_value(json_object_get(in, "disabled_reason")) : NULL);
        }
        if (down)
            v->forced_down = json_is_true(down) || nova_flag(json_string_value(down), false);
        struct jw w;
        jw_init(&w);
        jw_open(&w, NULL, '{');
        service(&w, r, v, "service");
        jw_close(&w, '}');
        jw_reply(&w, r, 200);
    }
    json_decref(in);
}

/* Before 2.53: PUT /os-services/enable with host and binary. False: 400 or 404 was sent. */
static bool old_ok(struct req *r, const json_t *in, const char *what)
{
    static const char *const since_11[] = {"host", "binary", "disabled_reason", "forced_down", NULL}, *const before[] = {"host", "binary", "disabled_reason", NULL};
    static const char *const needed[] = {"host", "binary"};
    bool on = strcmp(what, "enable") == 0, off = strcmp(what, "disable") == 0, log = strcmp(what, "disable-log-reason") == 0;
    bool force = strcmp(what, "force-down") == 0 && nova_at(r, 11);
    if (!members_ok(r, in, nova_at(r, 11) ? since_11 : before))
        return false;
    for (int i = 0; i < 2; i++) {
        if (!json_object_get(in, needed[i])) {
            nova_error(r, 400, "'%s' is a required property", needed[i]);
            return false;
        }
    }
    if (!on && !off && !log && !force)
        nova_error(r, 404, "Unknown action");
    else if (log && !json_object_get(in, "disabled_reason"))
        nova_error(r, 400, "Missing disabled reason field");
    else if (force && !json_object_get(in, "forced_down"))
        nova_error(r, 400, "Missing forced_down field");
    else if (strcmp(jstr(in, "binary"), "nova-compute") != 0)
        nova_error(r, 400, "Updating a %s service is not supported. Only nova-compute services can be updated.", jstr(in, "binary"));
    else
        return true;
    return false;
}

static void update_old(struct req *r, const char *what)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const char *host = jstr(in, "host"), *binary = jstr(in, "binary");
    bool force = strcmp(what, "force-down") == 0, on = strcmp(what, "enable") == 0;
    struct nova_service *v = nova_service(r->sim->nova, binary, host);
    if (!json_is_object(in)) {
        nova_error(r, 400, "Malformed request body");
    } else if (!old_ok(r, in, what)) {
        /* said */
    } else if (!v) {
        nova_error(r, 404, "Host '%s' is not mapped to any cell", host);
    } else {
        json_t *out = jt("{'host':%s,'binary':%s}", host, binary);
        if (force) {
            v->forced_down = json_is_true(json_object_get(in, "forced_down")) || nova_flag(json_string_value(json_object_get(in, "forced_down")), false);
            json_object_set_new(out, "forced_down", json_boolean(v->forced_down));
        } else {
            v->disabled = !on;
            nova_set(&v->reason, strcmp(what, "disable-log-reason") == 0 ? jstr(in, "disabled_reason") : NULL);
            json_object_set_new(out, "status", json_string(on ? "enabled" : "disabled"));
            if (v->reason)
                json_object_set_new(out, "disabled_reason", json_string(v->reason));
        }
        reply_json(r, 200, jt("{'service':%j}", out));
    }
    json_decref(in);
}

static void service_delete(struct req *r, const char *id)
{
    struct nova *n = r->sim->nova;
    struct nova_service *v = service_by_id(r, id);
    struct nova_host *h = v && strcmp(v->binary, "nova-compute") == 0 ? nova_host(n, v->host) : NULL;
    if (nova_at(r, 53) && !ostk_is_uuid(id)) {
        nova_error(r, 400, "Invalid uuid %s", id);
        return;
    }
    if (!nova_at(r, 53) && (!*id || id[strspn(id, "0123456789")])) {
        nova_error(r, 400, "Invalid input received: id must be an integer");
        return;
    }
    if (!v) {
        nova_error(r, 404, "Service %s not found.", id);
        return;
    }
    if (h && h->guests) {
        nova_error(r, 409, "Unable to delete compute service that is hosting instances. Migrate or delete the instances first.");
        return;
    }
    if (h)
        h->service = NULL;
    for (size_t i = 0; i < n->nservices; i++) {
        if (n->services[i] == v) {
            memmove(&n->services[i], &n->services[i + 1], (--n->nservices - i) * sizeof(*n->services));
            break;
        }
    }
    free(v->binary);
    free(v->host);
    free(v->zone);
    free(v->reason);
    free(v);
    reply_text(r, 204, "application/json", "", 0);
}

void nova_services(struct req *r)
{
    bool get = strcmp(r->method, "GET") == 0, put = strcmp(r->method, "PUT") == 0, del = strcmp(r->method, "DELETE") == 0;
    if (r->nseg == 3 && get) {
        if (nova_allowed(r, "os_compute_api:os-services:list"))
            service_list(r);
    } else if (r->nseg == 4 && put) {
        if (nova_allowed(r, "os_compute_api:os-services:update"))
            (nova_at(r, 53) ? update : update_old)(r, r->seg[3]);
    } else if (r->nseg == 4 && del) {
        if (nova_allowed(r, "os_compute_api:os-services:delete"))
            service_delete(r, r->seg[3]);
    } else {
        nova_none(r);
    }
}
