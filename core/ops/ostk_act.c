/* What the rows of OpenStack's other services share. */
#include "core/ops/ostk_act.h"

#include <stdio.h>
#include <string.h>

static const struct { const char *kind, *api; } homes[] = {
    {"compute-service", "compute"}, {"network-agent", "network"}, {"volume-service", "block-storage"},
};
/* As a catalog may call them. */
static const struct { const char *type, *api; } types[] = {
    {"compute", "compute"}, {"network", "network"}, {"block-storage", "block-storage"}, {"volumev3", "block-storage"}, {"volumev2", "block-storage"},
    {"volume", "block-storage"}, {"block-store", "block-storage"},
};

const char *ostk_act_api(const struct act_ctx *c)
{
    const char *uid = c->uid ? c->uid : "";
    size_t n = strcspn(uid, "/");
    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
        if (!strcmp(homes[i].kind, c->kind->id))
            return homes[i].api;
    for (size_t i = 0; uid[n] && i < sizeof(types) / sizeof(types[0]); i++)
        if (strlen(types[i].type) == n && !memcmp(types[i].type, uid, n))
            return types[i].api;
    return "";
}

bool ostk_act_is_ours(const char *reason) { return reason && !strncmp(reason, OURS, strlen(OURS) - 1); }

bool ostk_act_of_others(const struct act_ctx *c, struct act_facts *f, const char *reason, const char *past)
{
    const char *words = reason && *reason ? reason : "no reason is kept";
    if (ostk_act_is_ours(reason))
        return true;
    if (!act_bool(c, "any-reason")) {
        act_fact(f, FACT_REFUSED, "it was not strata that %s it (%s): ask who did, or say --any-reason", past, words);
        return false;
    }
    act_fact(f, FACT_CAUTION, "it was %s by others: %s", past, words);
    return true;
}

void ostk_act_reason(const struct act_ctx *c, const char *arg, struct str *out)
{
    const char *given = act_arg(c, arg);
    str_addf(out, "%s%s", ostk_act_is_ours(given) ? "" : OURS, given && *given ? given : "maintenance");
}

bool ostk_act_is_uuid(const char *s)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i = 0;
    while (form[i] && s[i] && (form[i] == 'x' ? strchr("0123456789abcdefABCDEF", s[i]) != NULL : s[i] == '-'))
        i++;
    return !form[i] && !s[i];
}

enum act_verdict ostk_act_send(struct act_req *rq, const char *method, const char *service, const char *microversion, json_t *body)
{
    rq->method = method;
    rq->service = service;
    rq->microversion = microversion;
    rq->body = body;
    return ACT_SEND;
}

size_t ostk_act_searches(const struct act_ctx *c, const char *server)
{
    return !*server ? 0 : c->side[0].status == 403 && !ostk_act_is_uuid(server) ? 2 : 1;
}

bool ostk_act_server_side(const struct act_ctx *c, const char *server, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (i >= ostk_act_searches(c, server))
        return false;
    *service = "compute";
    *microversion = "2.93";
    if (ostk_act_is_uuid(server))
        return str_addf(path, "/servers/%s", server);
    struct str exact;
    str_init(&exact, 4096);
    str_addc(&exact, '^');
    for (const char *p = server; *p; p++) {            /* Nova takes a regular expression */
        if (strchr(".[]{}()*+?^$|\\", *p))
            str_addc(&exact, '\\');
        str_addc(&exact, *p);
    }
    str_addc(&exact, '$');
    str_addf(path, "/servers/detail?%sname=", i ? "" : "all_tenants=1&");
    str_add_urlenc(path, exact.data);
    bool ok = !exact.failed && !path->failed;
    str_release(&exact);
    return ok;
}

const json_t *ostk_act_server(const struct act_ctx *c, const char *server, struct act_facts *f)
{
    size_t searches = ostk_act_searches(c, server), n = 0, i;
    const struct act_side *last = &c->side[searches ? searches - 1 : 0];
    const json_t *one = act_get(last->json, "server"), *found = NULL;
    json_t *e;
    json_array_foreach((json_t *)act_get(last->json, "servers"), i, e)
        if (!strcmp(act_str(e, "name"), server)) {
            found = e;
            n++;
        }
    if (one || n == 1)
        return one ? one : found;
    if (n)
        act_fact(f, FACT_REFUSED, "there are %zu servers named %s: give the id of one", n, server);
    else if (last->status != 200 && last->status != 404)
        act_fact(f, FACT_REFUSED, "server %s could not be looked up (HTTP %d): try again, or give its id", server, last->status);
    else
        act_fact(f, FACT_REFUSED, "there is no server %s: look with strata get server", server);
    return NULL;
}
