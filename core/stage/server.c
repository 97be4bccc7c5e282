/* Servers on the stage. A server is not taken away: the agent that manages it is, the nova-compute pod of its hypervisor, and
 * the server's traffic is watched meanwhile. Also finds the address of a server that was named to be watched. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_rq.h"
#include "core/openstack/ostk.h"
#include "core/stage/live.h"
#include "strata/mem.h"

#define PROBE_KEY "strata_probe"       /* metadata of a server: "ADDRESS:PORT" that stands for its traffic */

struct server {
    struct stage *st;
    struct ostk_call *cloud_call;
    struct kube_call *kube_call;
    void (*got)(struct server *s, const json_t *doc);
    bool all_projects, named;          /* named: only its address is wanted */
    bool done, freeing;
    size_t at;                         /* source that is asked for pods */
    const char *where;                 /* why that address */
    char id[128], name[128], status[40], host[128], address[96], pod[128];
    char looked[160], why[200];        /* clusters without such a pod; the last thing that went wrong */
};

static const char *text_of(const json_t *o, const char *path)
{
    const char *s = kube_jstr(o, path);
    return s ? s : "";
}

bool server_is_address(const char *text)
{
    unsigned char to[16];
    char host[80];
    bool bracket = *text == '[';
    size_t n = bracket ? strcspn(text + 1, "]") : strchr(text, ':') == strrchr(text, ':') ? strcspn(text, ":") : strlen(text);
    snprintf(host, sizeof host, "%.*s", (int)(n < sizeof host ? n : 0), text + bracket);
    return inet_pton(AF_INET, host, to) == 1 || inet_pton(AF_INET6, host, to) == 1;
}

/* ---- what Nova says ---- */

/* What its owner names; else a floating address, else a fixed one: ICMP. */
static void take_address(struct server *s, const json_t *server)
{
    const char *net, *best = "", *said = text_of(json_object_get(server, "metadata"), PROBE_KEY);
    json_t *list, *a;
    size_t i;
    json_object_foreach(json_object_get(server, "addresses"), net, list)
        json_array_foreach(list, i, a) {
            bool floating = !strcmp(text_of(a, "OS-EXT-IPS:type"), "floating");
            if (*text_of(a, "addr") && (!*best || floating)) {
                best = text_of(a, "addr");
                s->where = floating ? "its floating address" : "its fixed address, it has no floating one";
            }
        }
    if (*said && server_is_address(said)) {
        best = said;
        s->where = "its metadata " PROBE_KEY " names it";
    }
    stage_text(s->address, sizeof s->address, best);
}

static void take_server(struct server *s, const json_t *server)
{
    stage_text(s->id, sizeof s->id, text_of(server, "id"));
    stage_text(s->name, sizeof s->name, text_of(server, "name"));
    stage_text(s->status, sizeof s->status, text_of(server, "status"));
    stage_text(s->host, sizeof s->host, json_string_value(json_object_get(server, "OS-EXT-SRV-ATTR:host")));
    take_address(s, server);
}

static void fail(struct server *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct server *s, const char *fmt, ...)
{
    char buf[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    s->done = true;
    stage_text(s->why, sizeof s->why, buf);
    if (!s->named)
        stage_refuse(s->st, buf);
    stage_dirty(s->st);
}

static void answered(void *arg, const struct net_reply *r)
{
    struct server *s = arg;
    s->cloud_call = NULL;
    if (s->freeing || r->err.code == ERR_CANCELED)
        return;
    if (r->err.code == ERR_FORBIDDEN && s->all_projects) {
        s->all_projects = false;
        s->got(s, NULL);
        return;
    }
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    if (doc)
        s->got(s, doc);
    else
        fail(s, "The server cannot be read: %.200s", r->err.code ? r->err.msg : "the answer is no JSON");
    json_decref(doc);
}

static void ask_cloud(struct server *s, const char *path, void (*got)(struct server *s, const json_t *doc))
{
    struct ostk_source *os = live_cloud(s->st) ? live_cloud(s->st) : behind_only(s->st);
    struct err err = ERR_INIT;
    struct ostk_req rq = {.service = "compute", .path = path, .timeout_ms = 20000, .retries = 1, .on_done = answered, .arg = s};
    s->got = got;
    s->cloud_call = os ? ostk_send(os, &rq, &err) : NULL;
    if (!s->cloud_call)
        fail(s, "The server cannot be read: %.200s", os ? err.msg : behind_any(s->st) ? "it is not known which cloud is meant (--cloud NAME)" : "no cloud is there to ask (--cloud NAME)");
}

/* ---- which pod manages it ---- */

static bool is_agent(const json_t *pod)
{
    static const char *const app[] = {"application", "app.kubernetes.io/name"}, *const part[] = {"component", "app.kubernetes.io/component"};
    const json_t *labels = kube_jget(pod, "metadata.labels");
    bool nova = false, compute = false;
    for (int i = 0; i < 2; i++) {
        const char *a = json_string_value(json_object_get(labels, app[i])), *c = json_string_value(json_object_get(labels, part[i]));
        nova |= a && (!strcmp(a, "nova") || !strncmp(a, "nova-", 5));
        compute |= c && (!strcmp(c, "compute") || !strcmp(c, "nova-compute"));
    }
    return nova && compute && pod_condition(pod, "Ready", NULL) && !kube_jstr(pod, "metadata.deletionTimestamp");
}

static void next_cluster(struct server *s);

static void found_pod(struct server *s, const json_t *pod)
{
    struct stage *st = s->st;
    char *ns = mem_strdup(text_of(pod, "metadata.namespace")), *name = mem_strdup(text_of(pod, "metadata.name")),
         *uid = mem_strdup(text_of(pod, "metadata.uid"));
    if (!st->vm && *s->address)
        st->vm = mem_strdup(s->address);
    if (!ns || !name || !uid || (!st->vm && *s->address)) {
        mem_free(ns), mem_free(name), mem_free(uid);
        fail(s, "out of memory");
        return;
    }
    mem_free(st->scope), mem_free(st->name), mem_free(st->uid);
    st->scope = ns;
    st->name = name;
    st->uid = uid;
    st->kind = kind_find("pods");
    st->source = (uint16_t)s->at;
    stage_text(s->pod, sizeof s->pod, name);
    s->done = true;
    stage_look(st);
}

static void pods_of_node(void *arg, const struct net_reply *r)
{
    struct server *s = arg;
    struct err err = ERR_INIT;
    s->kube_call = NULL;
    if (s->freeing || r->err.code == ERR_CANCELED)
        return;
    json_t *doc = kube_json(r, &err);
    const json_t *items = json_object_get(doc, "items"), *agent = NULL;
    for (size_t i = 0; i < json_array_size(items) && !agent; i++)
        agent = is_agent(json_array_get(items, i)) ? json_array_get(items, i) : NULL;
    size_t n = strlen(s->looked);
    if (agent) {
        found_pod(s, agent);
    } else {
        snprintf(s->looked + n, sizeof s->looked - n, "%s%.40s%s%.80s", n ? ", " : "", s->st->core->source[s->at]->info.name, err.code ? ": " : "", err.code ? err.msg : "");
        s->at++;
        next_cluster(s);
    }
    json_decref(doc);
}

static void next_cluster(struct server *s)
{
    struct core *c = s->st->core;
    struct str path;
    struct err err = ERR_INIT;
    while (s->at < c->nsources && strcmp(c->source[s->at]->ops->name, "kube"))
        s->at++;
    if (s->at == c->nsources) {
        fail(s, "Its hypervisor is %s, and no pod here is its nova-compute (looked in: %s). Open the stage on a pod instead, with --vm %s to watch this server.",
             s->host, *s->looked ? s->looked : "no cluster", *s->address ? s->address : "ADDRESS:PORT");
        return;
    }
    str_init(&path, 4096);
    str_adds(&path, "/api/v1/pods?fieldSelector=spec.nodeName%3D");
    str_add_urlenc(&path, s->host);
    struct kube_req rq = {.path = path.data, .retries = 2, .on_done = pods_of_node, .arg = s, .max_body = (size_t)64 << 20};
    s->kube_call = path.failed ? NULL : kube_send((struct kube_source *)c->source[s->at], &rq, &err);
    str_release(&path);
    if (!s->kube_call)
        fail(s, "out of memory");
}

static void got_server(struct server *s, const json_t *doc)
{
    const json_t *server = json_object_get(doc, "server");
    take_server(s, server);
    if (!server)
        fail(s, "The server cannot be read: Nova's answer has none");
    else if (!*s->host)
        fail(s, json_object_get(server, "OS-EXT-SRV-ATTR:host") ? "No hypervisor has it (%s): there is nothing to heal."
                                                                : "Its hypervisor is not told to this user (admins see it), so the pod that manages it cannot be found (%s). Open the "
                                                                  "stage on a pod instead, with --vm ADDRESS:PORT to watch the server.", s->status);
    else
        next_cluster(s);
}

/* ---- a server by its name ---- */

static void got_list(struct server *s, const json_t *doc);

static void ask_list(struct server *s)
{
    struct str path;
    str_init(&path, 4096);
    str_adds(&path, s->all_projects ? "/servers/detail?all_tenants=true&name=%5E" : "/servers/detail?name=%5E");
    for (const char *p = s->name; *p; p++) {                   /* Nova reads a regular expression */
        char c[3] = {'\\', *p, '\0'};
        str_add_urlenc(&path, strchr(".^$*+?()[]{}|\\", *p) ? c : c + 1);
    }
    str_adds(&path, "%24");
    if (path.failed)
        fail(s, "out of memory");
    else
        ask_cloud(s, path.data, got_list);
    str_release(&path);
}

static void got_list(struct server *s, const json_t *doc)
{
    const json_t *list = json_object_get(doc, "servers");
    char name[128];
    snprintf(name, sizeof name, "%s", s->name);
    if (!doc) {
        ask_list(s);
        return;
    }
    if (json_array_size(list) != 1) {
        fail(s, "%s %.80s: give the address instead", json_array_size(list) ? "several servers are called" : "no server is called", name);
        return;
    }
    take_server(s, json_array_get(list, 0));
    if (*s->address)
        s->done = true;
    else
        fail(s, "server %.80s has no address (%.30s)", name, s->status);
    stage_dirty(s->st);
}

/* ---- from outside ---- */

static struct server *start(struct stage *st)
{
    if (!st->server)
        st->server = mem_zalloc(sizeof *st->server);
    if (st->server)
        st->server->st = st;
    return st->server;
}

void server_look(struct stage *st)
{
    struct server *s = start(st);
    struct str path;
    if (!s) {
        stage_refuse(st, "out of memory");
        return;
    }
    stage_say(st, "reading where it runs");
    st->cloud = st->source;
    str_init(&path, 1024);
    str_adds(&path, "/servers/");
    str_add_urlenc(&path, st->uid);
    ask_cloud(s, path.data ? path.data : "", got_server);
    str_release(&path);
}

bool server_vm(struct stage *st, const char **address, const char **why)
{
    *address = st->vm;
    *why = "";
    if (!st->vm || server_is_address(st->vm) || (st->server && !st->server->named))
        return true;
    struct server *s = st->server;
    if (!s) {
        s = start(st);
        if (!s)
            return true;
        s->named = s->all_projects = true;
        snprintf(s->name, sizeof s->name, "%s", st->vm);
        ask_list(s);
    }
    *address = s->address;
    *why = s->why;
    return s->done;
}

void server_facts(const struct stage *st, struct plan *p)
{
    const struct server *s = st->server;
    char text[400], ev[200];
    if (!s || s->named || !*s->pod || p->nfacts == PLAN_FACTS)
        return;
    bool active = !strcmp(s->status, "ACTIVE");
    struct stage_fact *f = &p->fact[p->nfacts++];
    *f = (struct stage_fact){.level = active ? STAGE_FINE : STAGE_WARN};
    snprintf(f->topic, sizeof f->topic, "server");
    snprintf(text, sizeof text, active ? "Server %.80s is not touched: its agent on %.60s is deleted, its traffic is watched%s%.60s." : "Server %.80s on %.60s is not running%s: its traffic proves nothing (%.40s).",
             s->name, s->host, !active ? "" : st->vm ? " at " : ", but it has no address", active ? st->vm ? st->vm : "" : s->status);
    snprintf(ev, sizeof ev, "server %.60s: OS-EXT-SRV-ATTR:host=%.60s", s->id, s->host);
    stage_text(f->text, sizeof f->text, text);
    stage_text(f->evidence, sizeof f->evidence, ev);
}

void server_called(const struct stage *st, char *buf, size_t size)
{
    const struct server *s = st->server;
    if (s && *s->name)
        snprintf(buf, size, "server %.100s", s->name);
    else
        snprintf(buf, size, "VM data");
}

const char *server_why(const struct stage *st)
{
    const struct server *s = st->server;
    if (st->vm_wanted && !(s && s->named))
        return "that address was asked for";
    return s && s->where ? s->where : "";
}

void server_title(const struct stage *st, char *buf, size_t size)
{
    const struct server *s = st->server;
    if (s && !s->named && *s->pod)
        snprintf(buf, size, ", the agent of server %.80s", s->name);
    else
        *buf = '\0';
}

void server_free(struct stage *st)
{
    struct server *s = st->server;
    if (!s)
        return;
    s->freeing = true;
    if (s->cloud_call)
        ostk_cancel(s->cloud_call);
    if (s->kube_call)
        kube_cancel(s->kube_call);
    mem_free(s);
    st->server = NULL;
}
