/* What the graph of links costs: pods, servers and what hangs on them; bench_links [PODS [SERVERS [TIMES [plain]]]]: plain
 * leaves out claims, endpoints and the drivers' names of nodes. */
#include "links_world.h"

#include <time.h>

#include "strata/blast.h"
#include "strata/graph.h"

enum { TENANT, CLOUD };
static bool plain;

/* Of this thread alone: others may use the machine meanwhile. */
static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#define PER_NODE 40
#define PER_SERVICE 10

static void uuid_of(char *out, unsigned kind, unsigned n)
{
    snprintf(out, 37, "%08x-0000-4000-8000-%012x", kind, n);
}

static void put_pods(struct world *w, unsigned pods)
{
    char uid[37], name[64], owner[96], node[32], claim[32];
    for (unsigned i = 0; i < pods; i++) {
        uuid_of(uid, 1, i);
        snprintf(name, sizeof name, "web-%u-%u", i / PER_SERVICE, i % PER_SERVICE);
        snprintf(owner, sizeof owner, "ReplicaSet/web/rs-%u", i / PER_SERVICE);
        snprintf(node, sizeof node, "node-%u", i / PER_NODE);
        snprintf(claim, sizeof claim, "data-%u", i);
        const char *health = i % 100 ? "2" : "6";       /* one of a hundred is red */
        const char *rules = i % 2 ? "apart;host;;-;app=db|spread;host;9999;1;;app=web" : "port;TCP;80;|with;host;;-;app=web";      /* what half of them ask of their place */
        world_put(w, TENANT, "pods", uid, "shop", name, "node", node, "@owner", owner, "@label", "app=web", "@health", health, "placement", rules, i % 10 ? NULL : "claims", claim, NULL);
    }
    for (unsigned i = 0; i < pods / PER_SERVICE; i++) {
        char list[512] = "", rs[32];
        for (unsigned k = 0; k < PER_SERVICE; k++) {
            uuid_of(uid, 1, i * PER_SERVICE + k);
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", k ? "," : "", uid);
        }
        snprintf(rs, sizeof rs, "rs-%u", i);
        snprintf(name, sizeof name, "svc-%u", i);
        world_put(w, TENANT, "replicasets", rs, "shop", name, NULL);
        world_put(w, TENANT, "services", name, "shop", name, "type", "ClusterIP", NULL);
        if (!plain)
            world_put(w, TENANT, "endpointslices.discovery.k8s.io", rs, "shop", name, "service", name, "pod-uids", list, NULL);
    }
}

static void put_volumes(struct world *w, unsigned n)
{
    char uid[37], claim[32], pv[32];
    for (unsigned i = 0; i < n; i++) {
        uuid_of(uid, 3, i);
        snprintf(claim, sizeof claim, "data-%u", i * 10);
        snprintf(pv, sizeof pv, "pv-%u", i);
        world_put(w, TENANT, "persistentvolumeclaims", claim, "shop", claim, "volume-name", pv, NULL);
        world_put(w, TENANT, "persistentvolumes", pv, "", pv, "cinder-volume", uid, NULL);
        world_put(w, CLOUD, "volume", uid, "a", claim, NULL);
    }
}

static void put_servers(struct world *w, unsigned servers, unsigned nodes)
{
    char uid[37], name[64], host[32], provider[64], port[37], address[40];
    for (unsigned i = 0; i < servers; i++) {
        uuid_of(uid, 2, i);
        uuid_of(port, 4, i);
        snprintf(name, sizeof name, "node-%u", i);
        snprintf(host, sizeof host, "host-%u", i / 40);
        snprintf(provider, sizeof provider, "openstack:///%s", uid);
        snprintf(address, sizeof address, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        world_put(w, CLOUD, "server", uid, "a", name, "hypervisor_hostname", host, "addresses", address, NULL);
        world_put(w, CLOUD, "port", port, "a", "", "device-id", uid, "network-id", "net", NULL);
        if (i < nodes) {
            char host_label[80];
            snprintf(host_label, sizeof host_label, "host=%s", name);
            world_put(w, TENANT, "nodes", name, "", name, "provider-id", provider, "system-uuid", uid, "internal-ip", address, "@label", host_label, NULL);
            if (!plain)
                world_put(w, TENANT, "csinodes.storage.k8s.io", name, "", name, "cinder-node", uid, NULL);
        }
    }
    for (unsigned i = 0; i <= servers / 40; i++) {
        snprintf(host, sizeof host, "host-%u", i);
        world_put(w, CLOUD, "hypervisor", host, "", host, "host", host, NULL);
    }
}

/* One node is drained: all that goes looks for a place among all others. */
static int64_t drain(const struct links *l)
{
    static struct blast_cut cut[4 * PER_NODE];
    struct blast b;
    struct str words;
    str_init(&words, 1 << 20);
    int64_t start = cpu_us();
    size_t n = blast_cuts(l, "drain", links_find(l, TENANT, world_kind("nodes"), "node-1"), -1, cut, sizeof cut / sizeof *cut, &words);
    blast_place(l, cut, n, &words);
    int64_t took = cpu_us() - start;
    if (blast_make(&b, l, cut, n, (struct blast_pace){1, false}))
        blast_free(&b);
    str_release(&words);
    return took;
}

int main(int argc, char **argv)
{
    unsigned pods = argc > 1 ? (unsigned)atoi(argv[1]) : 100000, servers = argc > 2 ? (unsigned)atoi(argv[2]) : 20000, times = argc > 3 ? (unsigned)atoi(argv[3]) : 5;
    plain = argc > 4;
    struct world w = {0};
    int64_t best = INT64_MAX, whole = INT64_MAX, places = INT64_MAX;
    put_pods(&w, pods);
    if (!plain)
        put_volumes(&w, pods / 10);
    put_servers(&w, servers, pods / PER_NODE);
    for (unsigned i = 0; i < times; i++) {
        world_build(&w);                    /* publishes what changed: nothing after the first time */
        int64_t start = cpu_us();
        struct links *l = links_build(&(struct links_world){(const struct snap *const *)w.snap, w.n, w.source, w.nsources}, w.profiles);
        int64_t took = cpu_us() - start;
        best = took < best ? took : best;
        took = l ? drain(l) : 0;
        places = took < places ? took : places;
        links_free(l);
        start = cpu_us();
        struct graph *g = graph_make(&(struct links_world){(const struct snap *const *)w.snap, w.n, w.source, w.nsources}, w.profiles, true);
        took = cpu_us() - start;
        whole = took < whole ? took : whole;
        graph_unref(g);
    }
    printf("links of %u pods and %u servers: %.1f ms of CPU, with causes and layers %.1f ms, a drain's places %.1f ms, %zu nodes\n", pods, servers, (double)best / 1000, (double)whole / 1000, (double)places / 1000,
           links_nodes(w.links));
    world_free(&w);
    return 0;
}
