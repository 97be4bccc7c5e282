/* Which cloud is behind the pod? Not the first one that is configured: the one whose catalog leads to the pod, whose hypervisors
 * are nodes of the pod's cluster, or whose servers are that cluster's nodes. Without evidence none is asked, and it is said. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_rq.h"
#include "core/openstack/ostk.h"
#include "core/stage/live.h"
#include "core/stage/tie.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define CLOUDS 16
#define LOOKED_AT 3                    /* hypervisors that are looked for among the nodes */
#define WAIT_US 6000000

enum doc { DOC_SERVICES, DOC_SLICES, DOC_INGRESSES, DOC_NODE, DOCS };
enum by { BY_NOTHING, BY_BELOW, BY_HYPERVISORS, BY_CATALOG, BY_NAME };      /* the later the stronger */

struct candidate {
    struct behind *b;
    struct source *source;
    enum by by;
    bool asked, below_asked;
    unsigned pending;                  /* answers that are still awaited */
    struct ostk_call *hypervisors, *server;
    struct lookup { struct candidate *c; struct kube_call *call; char name[128], ip[64]; } node[LOOKED_AT];
    unsigned nodes, same, total;       /* hypervisors looked for; found as nodes, with the same address; that there are */
    char how[200], first[64];
};

struct behind {
    struct stage *st;
    struct fetch { struct behind *b; struct kube_call *call; json_t *doc; enum err_code err; bool done; } doc[DOCS];
    struct candidate c[CLOUDS];
    size_t n;
    struct candidate *chosen;
    bool done, freeing, conflict;
    int64_t since_us;
    char service[128];
};

/* ---- what the cluster says ---- */

static void fetched(void *arg, const struct net_reply *r)
{
    struct fetch *f = arg;
    struct err err = ERR_INIT;
    f->call = NULL;
    f->done = true;
    if (!f->b->freeing && r->err.code != ERR_CANCELED) {
        f->doc = kube_json(r, &err);
        f->err = err.code;
    }
}

static void fetch(struct behind *b, enum doc what, const char *before, const char *name, const char *after)
{
    struct str path;
    struct err err = ERR_INIT;
    struct fetch *f = &b->doc[what];
    str_init(&path, 8192);
    str_adds(&path, before);
    str_add_urlenc(&path, name);
    str_adds(&path, after);
    struct kube_req rq = {.path = path.data, .retries = 1, .on_done = fetched, .arg = f, .max_body = (size_t)64 << 20};
    f->b = b;
    f->call = path.failed || !*name ? NULL : kube_send(stage_kube(b->st), &rq, &err);
    f->done = !f->call;
    str_release(&path);
}

static bool fetched_all(const struct behind *b)
{
    for (int i = 0; i < DOCS; i++)
        if (!b->doc[i].done)
            return false;
    return true;
}

static struct tie_in tie_of(const struct behind *b)
{
    const struct plan *p = &b->st->found.plan;
    return (struct tie_in){.ns = p->ns, .uid = p->uid, .services = b->doc[DOC_SERVICES].doc, .slices = b->doc[DOC_SLICES].doc,
                           .ingresses = b->doc[DOC_INGRESSES].doc, .node = b->doc[DOC_NODE].doc};
}

/* ---- what a cloud's catalog says ---- */

struct led { struct tie_in in; char *how; size_t size; };

static bool leads(void *arg, const char *interface, const char *url)
{
    struct led *l = arg;
    char by[160];
    if (!tie_serves(&l->in, url, by, sizeof by))
        return false;
    snprintf(l->how, l->size, "the %.20s endpoint %.90s leads to %s", interface, url, by);
    return true;
}

static bool catalog_leads(const struct behind *b, const struct candidate *c, const char *type, char *how, size_t size)
{
    struct ostk_source *os = (struct ostk_source *)c->source;
    const struct ostk_service *svc = ostk_find_service(os, type);
    struct led l = {.in = tie_of(b), .how = how, .size = size};
    return (svc && svc->endpoint && leads(&l, "probed", svc->endpoint)) || ostk_catalog_any(os, type, leads, &l);
}

static bool has_token(const struct candidate *c)
{
    unsigned gen;
    return ostk_token_id((struct ostk_source *)c->source, &gen) != NULL;
}

/* ---- its hypervisors are the cluster's nodes ---- */

static const char *text_of(const json_t *o, const char *path)
{
    const char *s = kube_jstr(o, path);
    return s ? s : "";
}

static void got_node(void *arg, const struct net_reply *r)
{
    struct lookup *l = arg;
    struct candidate *c = l->c;
    struct err err = ERR_INIT;
    l->call = NULL;
    c->pending--;
    if (c->b->freeing || r->err.code == ERR_CANCELED)
        return;
    json_t *node = kube_json(r, &err);
    const json_t *list = kube_jget(node, "status.addresses");
    c->nodes += node != NULL;
    for (size_t i = 0; *l->ip && i < json_array_size(list); i++)
        if (text_same_address(text_of(json_array_get(list, i), "address"), l->ip)) {
            c->same++;
            break;
        }
    json_decref(node);
}

static void look_for(struct candidate *c, struct lookup *l, const json_t *hypervisor)
{
    struct str path;
    struct err err = ERR_INIT;
    const char *name = text_of(hypervisor, "hypervisor_hostname");
    *l = (struct lookup){.c = c};
    snprintf(l->name, sizeof l->name, "%.*s", (int)strcspn(name, "."), name);
    stage_text(l->ip, sizeof l->ip, text_of(hypervisor, "host_ip"));
    str_init(&path, 2048);
    str_adds(&path, "/api/v1/nodes/");
    str_add_urlenc(&path, l->name);
    struct kube_req rq = {.path = path.data, .on_done = got_node, .arg = l};
    l->call = path.failed || !*l->name ? NULL : kube_send(stage_kube(c->b->st), &rq, &err);
    c->pending += l->call != NULL;
    str_release(&path);
}

static void got_hypervisors(void *arg, const struct net_reply *r)
{
    struct candidate *c = arg;
    c->hypervisors = NULL;
    c->pending--;
    if (c->b->freeing || r->err.code != ERR_OK)
        return;                        /* only admins may see them */
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL);
    const json_t *list = json_object_get(doc, "hypervisors");
    for (size_t i = 0; i < json_array_size(list) && c->total < LOOKED_AT; i++) {
        const json_t *h = json_array_get(list, i);
        if (!strcmp(text_of(h, "hypervisor_type"), "ironic"))
            continue;
        if (!c->total)
            stage_text(c->first, sizeof c->first, text_of(h, "hypervisor_hostname"));
        look_for(c, &c->node[c->total++], h);
    }
    json_decref(doc);
}

/* ---- the cluster's node is its server ---- */

static void got_server(void *arg, const struct net_reply *r)
{
    struct candidate *c = arg;
    c->server = NULL;
    c->pending--;
    if (c->b->freeing || r->err.code != ERR_OK)
        return;
    c->by = BY_BELOW;
    snprintf(c->how, sizeof c->how, "node %.80s is a server of it (spec.providerID)", c->b->st->found.plan.node);
}

/* openstack://[region]/UUID */
static const char *server_of(const struct behind *b)
{
    const char *id = text_of(b->doc[DOC_NODE].doc, "spec.providerID"), *slash = strrchr(id, '/');
    return !strncmp(id, "openstack://", 12) && slash && strlen(slash + 1) == 36 && strspn(slash + 1, "0123456789abcdefABCDEF-") == 36 ? slash + 1 : NULL;
}

static struct ostk_call *ask(struct candidate *c, const char *path, void (*done)(void *, const struct net_reply *))
{
    struct err err = ERR_INIT;
    struct ostk_req rq = {.service = "compute", .path = path, .microversion = "2.33", .timeout_ms = 5000, .on_done = done, .arg = c};
    struct ostk_call *call = ostk_send((struct ostk_source *)c->source, &rq, &err);
    c->pending += call != NULL;
    return call;
}

static void ask_cloud(struct candidate *c)
{
    const char *id = server_of(c->b);
    char path[80];
    c->asked = true;
    c->hypervisors = ask(c, "/os-hypervisors/detail?limit=8", got_hypervisors);
    if (id) {
        snprintf(path, sizeof path, "/servers/%s", id);
        c->server = ask(c, path, got_server);
    }
}

/* ---- the choice ---- */

static const char *api_of(const struct candidate *c)
{
    const struct ostk_service *s = ostk_find_service((struct ostk_source *)c->source, "compute");
    if (!s || !s->endpoint)
        s = ostk_find_service((struct ostk_source *)c->source, "identity");
    return s && s->root ? s->root : "";
}

/* Two names of one cloud: other users, other projects. */
static bool same_cloud(const struct candidate *a, const struct candidate *b)
{
    return a == b || (*api_of(a) && !strcmp(api_of(a), api_of(b)));
}

static void judge(struct behind *b, struct candidate *c)
{
    const char *type = target_type(b->st);
    if (has_token(c) && type && catalog_leads(b, c, type, c->how, sizeof c->how)) {
        c->by = BY_CATALOG;
    } else if (c->by < BY_HYPERVISORS && (c->same || c->nodes > 1)) {      /* one name alone may be chance */
        c->by = BY_HYPERVISORS;
        snprintf(c->how, sizeof c->how, "its hypervisors (%.60s, ...) are nodes of the cluster%s", c->first, c->same ? ", with the same address" : "");
    }
}

/* The strongest; who may see more before who may see less. Two clouds with the same evidence: neither. */
static void choose(struct behind *b)
{
    struct candidate *best = NULL;
    for (size_t i = 0; i < b->n; i++) {
        judge(b, &b->c[i]);
        if (b->c[i].by && (!best || b->c[i].by > best->by || (b->c[i].by == best->by && b->c[i].total > best->total && same_cloud(best, &b->c[i]))))
            best = &b->c[i];
    }
    for (size_t i = 0; best && i < b->n; i++)
        b->conflict |= b->c[i].by == best->by && !same_cloud(best, &b->c[i]);
    for (size_t i = 0; best && best->by == BY_CATALOG && i < b->n; i++)        /* of two users of one cloud the one who sees its agents */
        if (same_cloud(best, &b->c[i]) && b->c[i].by == BY_CATALOG && b->c[i].total > best->total)
            best = &b->c[i];
    b->chosen = b->conflict ? NULL : best;
    b->done = true;
}

static bool settled(struct candidate *c)
{
    if (c->source->info.state == SOURCE_FAILED || c->by == BY_NAME)
        return true;
    if (!has_token(c))
        return false;
    if (!c->asked)
        ask_cloud(c);
    return !c->pending;
}

static bool is_openstack(const struct source *s)
{
    return s->info.plane == PLANE_OPENSTACK;
}

static size_t clouds(const struct core *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->nsources; i++)
        n += is_openstack(c->source[i]);
    return n;
}

/* --cloud that leaves one, or the one that the stage was opened with. Its kind may be "broken". */
static struct source *named(const struct stage *st)
{
    struct core *c = st->core;
    bool only = clouds(c) == 1 && c->opt->clouds.count;
    for (size_t i = 0; i < c->nsources; i++)
        if (is_openstack(c->source[i]) && (only || st->cloud == i))
            return c->source[i];
    return NULL;
}

static bool works(const struct source *s)
{
    return s && !strcmp(s->ops->name, "openstack");        /* a cloud whose configuration was no use is of another make */
}

static void start(struct stage *st)
{
    struct behind *b = st->behind = mem_zalloc(sizeof *b);
    const struct plan *p = &st->found.plan;
    struct source *by_name = named(st);
    if (!b)
        return;
    b->st = st;
    b->since_us = clock_mono_us();
    fetch(b, DOC_SERVICES, "/api/v1/namespaces/", p->ns, "/services");
    fetch(b, DOC_SLICES, "/apis/discovery.k8s.io/v1/namespaces/", p->ns, "/endpointslices");
    fetch(b, DOC_INGRESSES, "/apis/networking.k8s.io/v1/namespaces/", p->ns, "/ingresses");
    fetch(b, DOC_NODE, "/api/v1/nodes/", p->node, "");
    for (size_t i = 0; i < st->core->nsources && b->n < CLOUDS; i++) {
        struct source *s = st->core->source[i];
        if (works(s) && (!by_name || s == by_name))
            b->c[b->n++] = (struct candidate){.b = b, .source = s, .by = by_name ? BY_NAME : BY_NOTHING};
    }
}

bool behind_known(struct stage *st)
{
    struct behind *b = st->behind;
    if (!behind_any(st) || !st->have_plan)
        return !behind_any(st);
    if (!b) {
        start(st);
        return !st->behind;
    }
    if (b->done)
        return true;
    bool late = clock_mono_us() - b->since_us > WAIT_US, all = fetched_all(b);
    for (size_t i = 0; i < b->n; i++)
        all = all && settled(&b->c[i]);
    if (!all && !late)
        return false;
    struct tie_in in = tie_of(b);
    if (!tie_service(&in, b->service, sizeof b->service))
        b->service[0] = '\0';
    if (b->n == 1 && b->c[0].by == BY_NAME) {
        b->chosen = &b->c[0];
        b->done = true;
    } else {
        choose(b);
    }
    return true;
}

bool behind_any(const struct stage *st)
{
    return clouds(st->core) > 0;
}

bool behind_below(const struct stage *st)
{
    return st->behind && st->behind->chosen && st->behind->chosen->by == BY_BELOW;
}

struct ostk_source *live_cloud(const struct stage *st)
{
    struct source *s = st->behind && st->behind->chosen ? st->behind->chosen->source : named(st);
    return works(s) ? (struct ostk_source *)s : NULL;
}

struct ostk_source *behind_only(const struct stage *st)
{
    struct core *c = st->core;
    for (size_t i = 0; clouds(c) == 1 && i < c->nsources; i++)
        if (is_openstack(c->source[i]) && works(c->source[i]))
            return (struct ostk_source *)c->source[i];
    return NULL;
}

static void names(const struct behind *b, bool evident, char *buf, size_t size)
{
    enum by best = BY_NOTHING;
    *buf = '\0';
    for (size_t i = 0; i < b->n; i++)
        best = b->c[i].by > best ? b->c[i].by : best;
    for (size_t i = 0; i < b->n; i++) {
        size_t n = strlen(buf);
        if ((!evident || b->c[i].by == best) && n + 1 < size)
            snprintf(buf + n, size - n, "%s%.40s", n ? ", " : "", b->c[i].source->info.name);
    }
}

const char *behind_note(const struct stage *st, char *buf, size_t size)
{
    const struct behind *b = st->behind;
    const struct source *s = named(st);
    const char *cluster = st->core->source[st->source]->info.name;
    char list[80];
    if (s && !works(s)) {
        snprintf(buf, size, "not probed: %.140s", s->info.err.msg);
    } else if (!b || !b->n) {
        snprintf(buf, size, "not probed: no cloud is there to find it in (--cloud NAME)");
    } else if (b->conflict) {
        names(b, true, list, sizeof list);
        snprintf(buf, size, "not probed: %.70s are both behind %.30s by the same evidence; name one (--cloud NAME)", list, cluster);
    } else {
        names(b, false, list, sizeof list);
        snprintf(buf, size, "not probed: nothing shows that %.60s %s behind %.30s; name the cloud (--cloud NAME)", list, b->n == 1 ? "is" : "(any of them) is", cluster);
    }
    return buf;
}

enum stage_tie behind_tie(const struct stage *st, const char *type, char *basis, size_t size)
{
    const struct behind *b = st->behind;
    const struct candidate *c = b ? b->chosen : NULL;
    const struct plan *p = &st->found.plan;
    const char *label = target_type(st);
    char buf[400], how[240], labels[180] = "";
    enum stage_tie tie = STAGE_TIE_ASKED;
    stage_text(basis, size, "it was asked for; nothing ties the pod to this API");
    if (!c)
        return STAGE_TIE_ASKED;
    bool mine = label && !strcmp(label, type);
    if (mine)
        snprintf(labels, sizeof labels, "labels application=%.40s, component=%.40s", p->application, *p->component ? p->component : "?");
    if (has_token(c) && catalog_leads(b, c, type, how, sizeof how)) {
        tie = STAGE_TIE_SERVES;
        snprintf(buf, sizeof buf, "it serves this API: %.200s", how);
    } else if (mine && c->by >= BY_HYPERVISORS && *b->service) {
        tie = STAGE_TIE_LABELS;
        snprintf(buf, sizeof buf, "by %s alone; Service %.60s has the pod, but no endpoint of the catalog was found to lead there", labels, b->service);
    } else if (mine && c->by >= BY_HYPERVISORS) {
        tie = c->by == BY_NAME ? STAGE_TIE_LABELS : STAGE_TIE_CLOUD;
        snprintf(buf, sizeof buf, "by %s; no Service sends requests to the pod, so it does not serve this API itself", labels);
    } else if (c->by == BY_NAME) {
        snprintf(buf, sizeof buf, "cloud %.60s was named; nothing ties the pod to this API", c->source->info.name);
    } else {
        tie = STAGE_TIE_CLOUD;
        snprintf(buf, sizeof buf, "cloud %.60s: %.160s; the pod is not known to serve this API", c->source->info.name, c->how);
    }
    stage_text(basis, size, buf);
    return tie;
}

void behind_free(struct stage *st)
{
    struct behind *b = st->behind;
    if (!b)
        return;
    b->freeing = true;
    for (int i = 0; i < DOCS; i++) {
        if (b->doc[i].call)
            kube_cancel(b->doc[i].call);
        json_decref(b->doc[i].doc);
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->c[i].hypervisors)
            ostk_cancel(b->c[i].hypervisors);
        if (b->c[i].server)
            ostk_cancel(b->c[i].server);
        for (size_t k = 0; k < LOOKED_AT; k++)
            if (b->c[i].node[k].call)
                kube_cancel(b->c[i].node[k].call);
    }
    mem_free(b);
    st->behind = NULL;
}
