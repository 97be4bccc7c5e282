/* From an endpoint of the catalog to a pod: which Service is meant by its host, port and path, and is the pod behind it? */
#include "core/stage/tie.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/kube/kube_rq.h"
#include "strata/text.h"

struct url { char host[256], path[512]; int64_t port; };

static const char *text(const json_t *o, const char *path)
{
    const char *s = kube_jstr(o, path);
    return s ? s : "";
}

static const json_t *items(const json_t *list)
{
    return json_object_get(list, "items");
}

static bool url_parse(struct url *u, const char *s)
{
    bool tls = !strncasecmp(s, "https://", 8);
    if (!tls && strncasecmp(s, "http://", 7))
        return false;
    s += tls ? 8 : 7;
    size_t n = strcspn(s, "/?#");
    const char *rest = s + n, *at = memchr(s, '@', n), *end = rest, *colon;
    if (at)
        s = at + 1;
    bool six = *s == '[';
    const char *stop = six ? memchr(s, ']', (size_t)(end - s)) : NULL;
    if (six && !stop)
        return false;
    s += six;
    colon = memchr(six ? stop : s, ':', (size_t)(end - (six ? stop : s)));
    n = (size_t)((six ? stop : colon ? colon : end) - s);
    if (!n || n >= sizeof u->host)
        return false;
    memcpy(u->host, s, n);
    u->host[n] = '\0';
    if (u->host[n - 1] == '.')
        u->host[n - 1] = '\0';
    u->port = colon ? strtol(colon + 1, NULL, 10) : tls ? 443 : 80;
    snprintf(u->path, sizeof u->path, "%.*s", (int)(strcspn(rest, "?#") < sizeof u->path ? strcspn(rest, "?#") : sizeof u->path - 1), rest);
    return true;
}

/* ---- the Services that have the pod ---- */

static bool slice_has(const json_t *slice, const char *uid)
{
    const json_t *list = json_object_get(slice, "endpoints");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(text(json_array_get(list, i), "targetRef.uid"), uid))
            return true;
    return false;
}

static const char *service_of(const json_t *slice)
{
    const char *s = json_string_value(json_object_get(kube_jget(slice, "metadata.labels"), "kubernetes.io/service-name"));
    return s ? s : "";
}

static bool service_has(const struct tie_in *in, const char *service)
{
    for (size_t i = 0; *service && i < json_array_size(items(in->slices)); i++) {
        const json_t *slice = json_array_get(items(in->slices), i);
        if (!strcmp(service_of(slice), service) && slice_has(slice, in->uid))
            return true;
    }
    return false;
}

bool tie_service(const struct tie_in *in, char *name, size_t size)
{
    for (size_t i = 0; i < json_array_size(items(in->slices)); i++) {
        const json_t *slice = json_array_get(items(in->slices), i);
        if (*service_of(slice) && slice_has(slice, in->uid)) {
            snprintf(name, size, "%.100s", service_of(slice));
            return true;
        }
    }
    return false;
}

/* ---- by the Service itself ---- */

static bool has_port(const json_t *ports, const char *key, int64_t port)
{
    for (size_t i = 0; i < json_array_size(ports); i++)
        if (kube_jint(json_array_get(ports, i), key, -1) == port)
            return true;
    return false;
}

static bool has_text(const json_t *list, const char *want)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s && text_same_address(s, want))
            return true;
    }
    return false;
}

/* status.loadBalancer of a Service or an Ingress. */
static bool has_address(const json_t *obj, const struct url *u)
{
    const json_t *list = kube_jget(obj, "status.loadBalancer.ingress");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *at = json_array_get(list, i), *ports = json_object_get(at, "ports");
        if ((text_same_address(text(at, "ip"), u->host) || !strcasecmp(text(at, "hostname"), u->host)) &&
            (!json_array_size(ports) || has_port(ports, "port", u->port)))
            return true;
    }
    return false;
}

static bool is_name(const char *host, const char *service, const char *ns)
{
    size_t n = strlen(service), m = strlen(ns);
    if (strncasecmp(host, service, n))
        return false;
    if (!host[n])
        return true;
    if (host[n] != '.' || strncasecmp(host + n + 1, ns, m))
        return false;
    host += n + 1 + m;
    return !*host || !strcasecmp(host, ".svc") || !strncasecmp(host, ".svc.", 5);
}

static bool node_has(const json_t *node, const char *host)
{
    const json_t *list = kube_jget(node, "status.addresses");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_same_address(text(json_array_get(list, i), "address"), host))
            return true;
    return false;
}

static const char *by_service(const struct tie_in *in, const json_t *svc, const struct url *u)
{
    const json_t *ports = kube_jget(svc, "spec.ports");
    if (has_port(ports, "nodePort", u->port) && node_has(in->node, u->host))
        return "a port of its node";
    if (!has_port(ports, "port", u->port))
        return NULL;
    if (is_name(u->host, text(svc, "metadata.name"), in->ns))
        return "its name";
    if (text_same_address(text(svc, "spec.clusterIP"), u->host) || has_text(kube_jget(svc, "spec.clusterIPs"), u->host))
        return "its cluster IP";
    if (has_text(kube_jget(svc, "spec.externalIPs"), u->host))
        return "its external IP";
    return has_address(svc, u) ? "its load balancer's address" : NULL;
}

/* ---- by an Ingress ---- */

static bool host_matches(const char *rule, const char *host)
{
    if (rule[0] == '*' && rule[1] == '.') {
        const char *dot = strchr(host, '.');
        return dot && !strcasecmp(dot, rule + 1);
    }
    return !strcasecmp(rule, host);
}

/* How much of the path the rule takes: longest wins; -1 = none of it. What follows a regular expression's first sign is not read. */
static int path_matches(const char *rule, const char *path)
{
    char plain[256];
    size_t n = strcspn(rule, "(*[$^\\");
    if (n >= sizeof plain)
        return -1;
    memcpy(plain, rule, n);
    while (n && plain[n - 1] == '/')
        n--;
    plain[n] = '\0';
    return !strncmp(path, plain, n) && (!path[n] || path[n] == '/') ? (int)n : -1;
}

struct best { int length; bool named; const char *service, *ingress; };

static void take_rule(struct best *b, const json_t *ing, const json_t *rule, const struct url *u, bool named)
{
    const json_t *paths = kube_jget(rule, "http.paths");
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const json_t *p = json_array_get(paths, i);
        int n = path_matches(text(p, "path"), u->path);
        if (n < 0 || (b->service && (b->named > named || (b->named == named && n <= b->length))))
            continue;
        *b = (struct best){.length = n, .named = named, .service = text(p, "backend.service.name"), .ingress = text(ing, "metadata.name")};
    }
}

/* A rule for the host beats one for any host, the longest path the others: as controllers do. */
static struct best by_ingress(const struct tie_in *in, const struct url *u)
{
    struct best b = {.service = NULL};
    for (size_t i = 0; i < json_array_size(items(in->ingresses)); i++) {
        const json_t *ing = json_array_get(items(in->ingresses), i), *rules = kube_jget(ing, "spec.rules");
        bool here = has_address(ing, u);
        const char *dflt = text(ing, "spec.defaultBackend.service.name");
        for (size_t k = 0; k < json_array_size(rules); k++) {
            const json_t *rule = json_array_get(rules, k);
            const char *host = text(rule, "host");
            if (*host ? host_matches(host, u->host) : here)
                take_rule(&b, ing, rule, u, *host);
        }
        if (here && *dflt && !b.service)
            b = (struct best){.length = -1, .service = dflt, .ingress = text(ing, "metadata.name")};
    }
    return b;
}

bool tie_serves(const struct tie_in *in, const char *url, char *how, size_t size)
{
    struct url u;
    if (!*in->uid || !url_parse(&u, url))
        return false;
    for (size_t i = 0; i < json_array_size(items(in->services)); i++) {
        const json_t *svc = json_array_get(items(in->services), i);
        const char *name = text(svc, "metadata.name"), *by = by_service(in, svc, &u);
        if (by && service_has(in, name)) {
            snprintf(how, size, "Service %.80s, by %s", name, by);
            return true;
        }
    }
    struct best b = by_ingress(in, &u);
    if (!b.service || !service_has(in, b.service))
        return false;
    snprintf(how, size, "Service %.60s, by Ingress %.60s", b.service, b.ingress);
    return true;
}
