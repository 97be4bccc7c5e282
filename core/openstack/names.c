/* Names by id: projects, flavors, images as one list each when first wanted, then single look-ups for what the list
 * did not have (deleted images, private flavors, projects of other domains). What nobody can tell is remembered too. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "strata/map.h"
#include "strata/mem.h"

enum { W_PROJECT, W_FLAVOR, W_IMAGE, W_USER, W_FAULT, W_FAULTED, W_NETWORK, W_ROUTER, W_SERVER, W_VOLUME, W_DOMAIN, W_LB,
       W_COUNT };
#define MAX_PAGES 20
#define MAX_SINGLE 500            /* single look-ups a kind, ever: then ids are shown */

struct what {
    const char *name, *service, *list, *fallback, *key, *one_path, *one_name;
};
static const struct what whats[W_COUNT] = {
    [W_PROJECT] = {"project", "identity", "/projects", "/auth/projects", "projects", "/projects/%s", "project.name"},
    [W_FLAVOR] = {"flavor", "compute", "/flavors/detail?is_public=None&limit=1000", "/flavors/detail?limit=1000", "flavors",
                  "/flavors/%s", "flavor.name"},
    [W_IMAGE] = {"image", "image", "/images?limit=1000", NULL, "images", "/images/%s", "name"},
    [W_USER] = {"user", "identity", NULL, NULL, NULL, "/users/%s", "user.name"},
    /* nova's list leaves out why a server of cell 0 (never scheduled) is in ERROR; asked one by one it tells */
    [W_FAULT] = {"fault", "compute", NULL, NULL, NULL, "/servers/%s", "server.fault.message"},
    [W_FAULTED] = {"fault-created", "compute", NULL, NULL, NULL, "/servers/%s", "server.fault.created"},
    [W_NETWORK] = {"network", "network", "/networks?fields=id&fields=name", NULL, "networks",
                   "/networks/%s", "network.name"},
    [W_ROUTER] = {"router", "network", "/routers?fields=id&fields=name", NULL, "routers", "/routers/%s", "router.name"},
    [W_SERVER] = {"server", "compute", "/servers?all_tenants=1&limit=1000", "/servers?limit=1000", "servers",
                  "/servers/%s", "server.name"},
    [W_VOLUME] = {"volume", "block-storage", "/volumes?all_tenants=1&limit=1000", "/volumes?limit=1000", "volumes",
                  "/volumes/%s", "volume.name"},
    [W_DOMAIN] = {"domain", "identity", "/domains", NULL, "domains", "/domains/%s", "domain.name"},
    [W_LB] = {"loadbalancer", "load-balancer", "/lbaas/loadbalancers?fields=id&fields=name", NULL, "loadbalancers",
              "/lbaas/loadbalancers/%s", "loadbalancer.name"},
};

struct table {
    struct ostk_names *all;
    int what;
    struct map map;               /* id -> name, "" = nobody knows */
    enum { T_NONE, T_LISTING, T_DONE } state;
    bool fell_back;
    int pages, singles;
    struct ostk_call *call;
    char *queue[64];              /* ids to look up one by one */
    size_t nqueue;
    char *asked;
};
struct ostk_names {
    struct ostk_source *os;
    struct table t[W_COUNT];
};

static void next_single(struct table *t);

bool ostk_names_init(struct ostk_source *os)
{
    struct ostk_names *n = mem_zalloc(sizeof *n);
    if (!n)
        return false;
    n->os = os;
    for (int i = 0; i < W_COUNT; i++) {
        n->t[i] = (struct table){.all = n, .what = i};
        map_init(&n->t[i].map, mem_free);
    }
    os->names = n;
    return true;
}

void ostk_names_free(struct ostk_source *os)
{
    struct ostk_names *n = os->names;
    if (!n)
        return;
    for (int i = 0; i < W_COUNT; i++) {
        map_release(&n->t[i].map);
        for (size_t j = 0; j < n->t[i].nqueue; j++)
            mem_free(n->t[i].queue[j]);
        mem_free(n->t[i].asked);
    }
    mem_free(n);
    os->names = NULL;
}

static struct table *find(struct ostk_source *os, const char *what)
{
    for (int i = 0; os->names && i < W_COUNT; i++)
        if (!strcmp(whats[i].name, what))
            return &os->names->t[i];
    return NULL;
}

static void put(struct table *t, const char *id, const char *name)
{
    char *copy = id ? mem_strdup(name ? name : "") : NULL;
    if (copy && !map_put(&t->map, id, copy))
        mem_free(copy);
}

void ostk_names_seed(struct ostk_source *os, const char *what, const char *id, const char *name)
{
    struct table *t = find(os, what);
    if (t)
        put(t, id, name);
}

bool ostk_names_pending(const struct ostk_source *os)
{
    for (int i = 0; os->names && i < W_COUNT; i++)
        if (os->names->t[i].state == T_LISTING)
            return true;
    return false;
}

bool ostk_names_busy(const struct ostk_source *os)
{
    for (int i = 0; os->names && i < W_COUNT; i++)
        if (os->names->t[i].nqueue || (os->names->t[i].call && os->names->t[i].state != T_LISTING))
            return true;
    return false;
}

static bool ask(struct table *t, const char *path, void (*done)(void *, const struct net_reply *))
{
    struct err err;
    struct ostk_req rq = {.service = whats[t->what].service, .path = path, .timeout_ms = 20000, .max_body = 64 << 20,
                          .retries = 1, .on_done = done, .arg = t};
    t->call = ostk_send(t->all->os, &rq, &err);
    return t->call != NULL;
}

static void list_done(struct table *t)
{
    t->state = T_DONE;
    ostk_poll_names(t->all->os);
    next_single(t);
}

static void on_list(void *arg, const struct net_reply *r)
{
    struct table *t = arg;
    const struct what *w = &whats[t->what];
    struct ostk_source *os = t->all->os;
    struct str next;
    t->call = NULL;
    if (os->freeing)
        return;
    if (r->err.code != ERR_OK) {
        if (r->status >= 400 && r->status < 500 && w->fallback && !t->fell_back) {
            t->fell_back = true;
            if (ask(t, w->fallback, on_list))
                return;
        }
        list_done(t);
        return;
    }
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL), *e;
    const json_t *list = ostk_json(doc, w->key);
    const char *last = NULL;
    size_t i;
    json_array_foreach(list, i, e) {
        last = ostk_json_str(e, "id");
        put(t, last, ostk_json_str(e, "name"));
    }
    char links[64];
    snprintf(links, sizeof links, "%s_links", w->key);
    /* both nova (links) and glance (next) say when there is more; the marker is the same for both */
    bool more = last && i > 0 && (ostk_json_str(doc, "next") || ostk_json(doc, links)) && ++t->pages < MAX_PAGES;
    str_init(&next, 4096);
    if (more) {
        const char *path = t->fell_back ? w->fallback : w->list;
        str_addf(&next, "%s%cmarker=", path, strchr(path, '?') ? '&' : '?');
        str_add_urlenc(&next, last);
        more = !next.failed && ask(t, next.data, on_list);
    }
    str_release(&next);
    json_decref(doc);
    if (!more)
        list_done(t);
}

void ostk_names_want(struct ostk_source *os, const char *what)
{
    struct table *t = find(os, what);
    if (!t || t->state != T_NONE || !whats[t->what].list)
        return;
    if (ostk_type_setting(&os->conf, whats[t->what].service, "endpoint_override") || os->kind == OSTK_AUTH_V3)
        t->state = ask(t, whats[t->what].list, on_list) ? T_LISTING : T_NONE;
}

static void on_single(void *arg, const struct net_reply *r)
{
    struct table *t = arg;
    const struct what *w = &whats[t->what];
    struct ostk_source *os = t->all->os;
    t->call = NULL;
    if (!os->freeing && (r->err.code == ERR_OK || (r->status >= 400 && r->status < 500))) {
        json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
        put(t, t->asked, ostk_json_str(doc, w->one_name));
        json_decref(doc);
    }
    mem_free(t->asked);
    t->asked = NULL;
    if (os->freeing)
        return;
    if (!t->nqueue)
        ostk_poll_names(os);
    if (!os->freeing)
        next_single(t);
}

static void next_single(struct table *t)
{
    struct str path;
    if (t->call || !t->nqueue || t->state == T_LISTING)
        return;
    t->asked = t->queue[0];
    memmove(t->queue, t->queue + 1, --t->nqueue * sizeof *t->queue);
    t->singles++;
    str_init(&path, 1024);
    const char *pattern = whats[t->what].one_path, *hole = strstr(pattern, "%s");
    str_add(&path, pattern, (size_t)(hole - pattern));
    str_add_urlenc(&path, t->asked);
    if (path.failed || !ask(t, path.data, on_single)) {
        mem_free(t->asked);
        t->asked = NULL;
    }
    str_release(&path);
}

static void enqueue(struct table *t, const char *id)
{
    if (t->nqueue >= sizeof t->queue / sizeof *t->queue || t->singles + t->nqueue >= MAX_SINGLE)
        return;
    if (t->asked && !strcmp(t->asked, id))
        return;
    for (size_t i = 0; i < t->nqueue; i++)
        if (!strcmp(t->queue[i], id))
            return;
    if ((t->queue[t->nqueue] = mem_strdup(id)))
        t->nqueue++;
    next_single(t);
}

const char *ostk_name(struct ostk_source *os, const char *what, const char *id)
{
    struct table *t = find(os, what);
    if (!t || !id || !*id)
        return "";
    const char *name = map_get(&t->map, id);
    if (name)
        return name;
    if (t->state == T_NONE && whats[t->what].list)
        ostk_names_want(os, what);
    else if (t->state != T_LISTING)
        enqueue(t, id);
    return "";
}
