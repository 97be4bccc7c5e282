/* What cases of the root cause share: a sandwich in which something fails, and its causes in words. */
#ifndef STRATA_TESTS_WHY_WORLD_H
#define STRATA_TESTS_WHY_WORLD_H

#include "links_sandwich.h"

#include "strata/tell.h"

#define BAD "6"
#define UNKNOWN "4"

static inline uint32_t at(const struct world *w, uint16_t source, const char *kind, const char *uid)
{
    uint32_t node = links_find(w->links, source, kind_find(kind), uid);
    assert_int_not_equal(node, LINK_NO_NODE);
    return node;
}

/* "web-1 > node-1 > ...: broken A 4-0" of the likeliest cause; "" nothing is wrong. */
static inline const char *why(const struct world *w, uint16_t source, const char *kind, const char *uid)
{
    static const char *const states[] = {"fine", "planned", "weak", "unseen", "stopped", "broken", "contradicts", "dangling"};
    static char text[512];
    struct why x;
    assert_true(why_make(&x, w->links, at(w, source, kind, uid)));
    text[0] = '\0';
    size_t n = 0;
    const struct why_cause *c = &x.cause[0];
    for (size_t i = 0; x.n && i < c->n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " > " : "", links_row(w->links, c->hop[i])->uid);
    if (x.n)
        snprintf(text + n, sizeof text - n, ": %s %c %zu-%zu", states[c->state], link_class_letter(c->cls), c->explains, c->against);
    return text;
}

static inline void compute_down(struct world *w)
{
    world_put(w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "@health", BAD, NULL);
    world_put(w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "state", "down", "@health", BAD, NULL);
}

static inline void tenant_down(struct world *w)
{
    world_put(w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@health", BAD, NULL);
}

static inline void server_off(struct world *w, const char *status, enum health h)
{
    char health[4];
    snprintf(health, sizeof health, "%d", (int)h);
    world_put(w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", status, "@health", health, NULL);
}

static const struct source_info *nowhere(void *arg, uint16_t id);

static const struct source_info *nowhere(void *arg, uint16_t id)
{
    (void)arg;
    (void)id;
    return NULL;
}

static inline bool newest(void *arg, const struct row *server, char *buf, size_t size)
{
    assert_string_equal(server->uid, SRV1);
    snprintf(buf, size, "%s", arg ? (const char *)arg : "");
    return arg != NULL;
}

/* The API server of the tenant's cluster, which did not answer for the first time just now. */
static inline void api_gone(struct world *w)
{
    w->nsources = 1;
    w->source[0] = (struct source_info){.id = TENANT, .plane = PLANE_KUBE, .state = SOURCE_STALE, .err = {ERR_NET, 0, "203.0.113.9 refused the connection"}};
    snprintf(w->source[0].name, sizeof w->source[0].name, "tenant-a");
    snprintf(w->source[0].server, sizeof w->source[0].server, "https://203.0.113.9:6443");
}

static inline const char *why_api(const struct world *w)
{
    for (uint32_t i = 0; i < links_nodes(w->links); i++) {
        const struct row *r = links_row(w->links, i);
        static char text[400];
        struct why x;
        if (!r || strcmp(r->kind->id, "apiserver") != 0)
            continue;
        assert_true(why_make(&x, w->links, i));
        size_t n = 0;
        for (size_t k = 0; x.n && k < x.cause[0].n; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", k ? " > " : "", links_row(w->links, x.cause[0].hop[k])->uid);
        return x.n ? text : "";
    }
    return NULL;
}

static inline void agent(struct world *w, const char *uid, const char *host, bool up)
{
    world_put(w, CLOUD, "os-services", uid, "", uid, "binary", "neutron-l3-agent", "host", host, "state", up ? "up" : "down", "@health", up ? "2" : BAD, NULL);
    world_put(w, CLOUD, "port", host, "red", "", "device-id", "rt1", "owner", "network:router_ha_interface", "host", host, NULL);
}

/* A list of causes: what broke stands above what was meant, the new above the old, each with its word. */
static inline void causes_told(struct world *w, void *action, char *text, size_t size)
{
    struct tell t = {.l = w->links, .source = nowhere, .arg = action, .newest_action = newest};
    struct str out;
    str_init(&out, 0);
    assert_true(tell_causes(&t, 9, &out));
    snprintf(text, size, "%s", out.data);
    str_release(&out);
}

static inline char *all_of(struct world *w, bool (*fn)(const struct tell *, struct str *))
{
    static char text[8192];
    struct tell t = {.l = w->links, .source = nowhere};
    struct str out;
    str_init(&out, 0);
    assert_true(fn(&t, &out));
    snprintf(text, sizeof text, "%s", out.data);
    str_release(&out);
    return text;
}
static inline bool list(const struct tell *t, struct str *out) { return tell_causes(t, 9, out); }
static inline bool of_node(const struct tell *t, struct str *out) { return tell_why(t, links_find(t->l, TENANT, kind_find("nodes"), "node-1"), out); }

static inline bool of_hypervisor(const struct tell *t, struct str *out) { return tell_why(t, links_find(t->l, CLOUD, kind_find("hypervisor"), "h1"), out); }

#endif
