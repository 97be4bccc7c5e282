/* Logs: lines made from the pod's uid, so that every request for the same pod tells the same story. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "strata/clock.h"

#define LINE_MS 5000            /* a line each five seconds since the container started, 200 at most */

struct log {
    char *ns, *pod, *container, *uid;
    int64_t start_ms, from_ms;
    int64_t next, end;          /* index of the next line; what is not followed ends where it stood when it was asked for */
    int64_t limit;              /* bytes still to be sent; 0 = any number */
    bool stamps, odd, follow, ended;
};

/* What a container says: the first row whose word is in the pod's or the container's name; without one, plain requests. */
static const struct voice { const char *word, *lines[4]; } voices[] = {
    {"keystone", {"INFO keystone.server.flask.request_processing [req-%s] POST http://keystone-api/v3/auth/tokens",
                  "INFO keystone.common.wsgi [req-%s] \"GET /v3/auth/tokens HTTP/1.1\" status: 200",
                  "DEBUG keystone.middleware.auth [req-%s] RBAC: auth_context: project scoped, roles: member, reader"}},
    {"nova-api", {"INFO nova.api.openstack.requestlog [req-%s] \"GET /v2.1/servers/detail HTTP/1.1\" status: 200 len: 18321 microversion: 2.93",
                  "INFO nova.osapi_compute.wsgi.server [req-%s] \"GET /v2.1/os-services HTTP/1.1\" status: 200 len: 2714",
                  "INFO nova.api.openstack.requestlog [req-%s] \"POST /v2.1/servers HTTP/1.1\" status: 202 len: 431 microversion: 2.93"}},
    {"nova-compute", {"INFO nova.compute.resource_tracker [req-%s] Final resource view: phys_ram=257672MB used_ram=41472MB total_vcpus=64 used_vcpus=20",
                      "INFO nova.compute.manager [req-%s] Running instance usage audit",
                      "DEBUG oslo_service.periodic_task [req-%s] Running periodic task ComputeManager._sync_power_states"}},
    {"nova-", {"DEBUG nova.scheduler.manager [req-%s] Starting to schedule", "INFO nova.scheduler.client.report [req-%s] inventory of the provider is up to date"}},
    {"neutron", {"INFO neutron.wsgi [req-%s] \"GET /v2.0/ports HTTP/1.1\" status: 200 len: 5127",
                 "DEBUG neutron.plugins.ml2.db [req-%s] For port: bound on host", "INFO neutron.agent.securitygroups_rpc [req-%s] Refresh firewall rules"}},
    {"glance", {"INFO eventlet.wsgi.server [req-%s] \"GET /v2/images HTTP/1.1\" 200 7421", "INFO glance.location [req-%s] Image format matched"}},
    {"cinder", {"INFO cinder.api.openstack.wsgi [req-%s] GET http://cinder-api/v3/volumes/detail", "INFO cinder.volume.manager [req-%s] Updating volume status"}},
    {"mariadb", {"[Note] WSREP: Member 1.0 (mariadb-server-1) synced with group.", "[Note] InnoDB: Buffer pool(s) load completed",
                 "[Warning] Aborted connection to db: 'nova' user: 'nova' (Got timeout reading communication packets)"}},
    {"rabbitmq", {"[info] <0.1823.0> accepting AMQP connection", "[info] <0.1823.0> user 'nova' authenticated and granted access to vhost 'nova'",
                  "[info] <0.902.0> ra: queue 'conductor_fanout': leader saw request, log is committed"}},
    {"coredns", {"[INFO] 10.128.3.17 - \"A IN keystone-api.openstack.svc.cluster.local. udp 64 false 512\" NOERROR qr,aa,rd 128",
                 "[INFO] 10.128.9.4 - \"AAAA IN registry.example.org. udp 41 false 512\" NXDOMAIN qr,rd,ra 116"}},
    {"ceph-mon", {"cluster [DBG] pgmap: 401 pgs: 401 active+clean; 2.1 TiB data, 6.4 TiB used, 29 TiB / 35 TiB avail", "audit [DBG] from='client' cmd='df'"}},
    {"ceph-osd", {"osd.2 pg_epoch: 1841 scrub ok", "bdev aio_submit retries 0"}},
    {"prometheus", {"level=info component=tsdb msg=\"Head GC completed\" duration=41.2ms", "level=info component=tsdb msg=\"WAL checkpoint complete\" first=812 last=815"}},
    {"designate", {"INFO designate.service [req-%s] Starting worker service", "WARNING oslo.messaging._drivers.impl_rabbit [req-%s] Connection refused, retrying",
                   "ERROR designate.service [req-%s] No usable pool: could not find a default pool, giving up"}},
};

static void say(struct str *out, const struct log *l, int64_t i)
{
    const struct voice *v = voices;
    char id[32];
    size_t n = 0;
    const struct voice *end = voices + sizeof(voices) / sizeof(voices[0]);
    if (strcmp(l->container, "init") == 0) {                   /* kubernetes-entrypoint of OpenStack-Helm */
        str_addf(out, l->ended ? "Entrypoint INFO: entrypoint.go:76: Dependency Service mariadb in namespace %s is resolved."
                              : "Entrypoint WARNING: entrypoint.go:72: Resolving dependency Service mariadb in namespace %s failed: Service mariadb has no endpoints .", l->ns);
        return;
    }
    while (v < end && !strstr(l->pod, v->word) && !strstr(l->container, v->word))
        v++;
    if (v == end) {
        str_addf(out, "INFO %s [req-%.8s-%04lld] \"GET /v2.1/servers HTTP/1.1\" status: 200 len: %lld time: 0.%03lld", l->container, l->uid, (long long)i,
                 (long long)(1000 + i * 7 % 900), (long long)(i * 31 % 500));
        return;
    }
    while (n < 4 && v->lines[n])
        n++;
    const char *line = v->lines[(size_t)i % n], *mark = strstr(line, "%s");
    snprintf(id, sizeof(id), "%.8s-%04lld", l->uid, (long long)i);
    if (mark)
        str_addf(out, "%.*s%s%s", (int)(mark - line), line, id, mark + 2);
    else
        str_adds(out, line);
}

static void add_line(struct str *out, const struct log *l, int64_t i)
{
    char at[32];
    stamp(l->start_ms + i * LINE_MS, at);
    if (l->stamps)
        str_addf(out, "%.19s.%09dZ ", at, (int)(i % 1000) * 1000);
    if (l->odd && i % 4 == 1) {
        str_adds(out, "\033[31mred\033[0m \033]0;title\007 \302\233 bell \007 back\b space, \360\237\246\246 and \346\227\245\346\234\254");
    } else if (l->odd && i % 4 == 2) {
        str_adds(out, "invalid utf-8: \377\376 \300\257 end");
    } else if (l->odd && i % 4 == 3) {
        str_addf(out, "{\"level\":\"info\",\"n\":%lld,\"text\":\"json with a tab\tin it\"}", (long long)i);
    } else {
        str_addf(out, "%s ", at);
        say(out, l, i);
    }
    str_addc(out, '\n');
}

static int64_t due(const struct log *l, int64_t now)
{
    int64_t n = (now - l->start_ms) / LINE_MS + 1;
    return n < 0 ? 0 : n;
}

static void log_fill(struct stream *st)
{
    struct log *l = st->arg;
    struct res *pods = store_find_res(st->sim, "", "v1", "pods");
    struct obj *pod = pods ? store_get(pods, l->ns, l->pod) : NULL;
    if (!pod || strcmp(pod->uid, l->uid)) {    /* its containers were stopped before it went */
        st->end = true;
        return;
    }
    int64_t n = l->follow ? due(l, sim_now(st->sim)) : l->end;
    size_t had = st->out.len;
    for (; l->next < n && st->out.len < 65536; l->next++)
        add_line(&st->out, l, l->next);
    if (l->limit > 0 && (l->limit -= (int64_t)(st->out.len - had)) <= 0) {
        st->out.len -= (size_t)-l->limit;                      /* limitBytes: cut within a line, as the kubelet does */
        st->end = true;
    }
    if (l->next >= n && !l->follow)
        st->end = true;
}

static void log_free(struct stream *st)
{
    struct log *l = st->arg;
    free(l->ns);
    free(l->pod);
    free(l->container);
    free(l->uid);
    free(l);
}

static void choose_one(struct req *r, const json_t *pod)
{
    struct str names;
    json_t *all = jat(pod, "spec.containers");
    str_init(&names, 0);
    for (size_t i = 0; i < json_array_size(all); i++)
        str_addf(&names, "%s%s", i ? " " : "", jstr(json_array_get(all, i), "name"));
    kube_status(r, 400, "BadRequest", NULL, "a container name must be specified for pod %s, choose one of: [%s]", jstr(pod, "metadata.name"),
                names.data);
    str_release(&names);
}

static const json_t *status_of(const json_t *pod, const char *name)
{
    static const char *const keys[] = {"status.containerStatuses", "status.initContainerStatuses", "status.ephemeralContainerStatuses"};
    for (size_t k = 0; k < 3; k++) {
        json_t *all = jat(pod, keys[k]);
        for (size_t i = 0; i < json_array_size(all); i++)
            if (strcmp(jstr(json_array_get(all, i), "name"), name) == 0)
                return json_array_get(all, i);
    }
    return NULL;
}

static bool has_container(const json_t *pod, const char *name)
{
    static const char *const keys[] = {"spec.containers", "spec.initContainers", "spec.ephemeralContainers"};
    for (size_t k = 0; k < 3; k++) {
        json_t *all = jat(pod, keys[k]);
        for (size_t i = 0; i < json_array_size(all); i++)
            if (strcmp(jstr(json_array_get(all, i), "name"), name) == 0)
                return true;
    }
    return false;
}

static bool yes(const struct req *r, const char *key)
{
    const char *v = req_query(r, key);
    return v && (strcmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

/* What its command printed, when it is one that is known. */
static bool command_lines(struct str *out, const struct log *l, const json_t *pod, const char *container, const char *tail)
{
    json_t *all = jat(pod, "spec.containers"), *said = NULL;
    char at[32];
    for (size_t i = 0; i < json_array_size(all) && !said; i++)
        if (strcmp(jstr(json_array_get(all, i), "name"), container) == 0)
            said = ctl_command_said(json_array_get(all, i));
    size_t n = json_array_size(said), last = tail && *tail != '-' ? (size_t)atoll(tail) : n;
    for (size_t i = last < n ? n - last : 0; i < n; i++) {
        if (l->stamps)
            str_addf(out, "%.19s.%09dZ ", stamp(l->start_ms, at), (int)i);
        str_addf(out, "%s\n", json_string_value(json_array_get(said, i)));
    }
    json_decref(said);
    return said != NULL;
}

void kube_logs(struct req *r, struct obj *o)
{
    json_t *pod = obj_doc(o);
    const char *c = req_query(r, "container"), *tail = req_query(r, "tailLines"), *since = req_query(r, "sinceSeconds");
    const char *limit = req_query(r, "limitBytes"), *from = req_query(r, "sinceTime");
    int64_t since_at = from ? stamp_ms(from) : -1;
    bool previous = yes(r, "previous");
    if ((!c || !*c) && json_array_size(jat(pod, "spec.containers")) != 1) {
        choose_one(r, pod);
        json_decref(pod);
        return;
    }
    if (!c || !*c)
        c = jstr(pod, "spec.containers.0.name");
    const json_t *st = status_of(pod, c);
    const char *waiting = jstr(st, "state.waiting.reason");
    bool ran = *jstr(st, "lastState.terminated.startedAt");
    int64_t start = stamp_ms(previous ? jstr(st, "lastState.terminated.startedAt") : jstr(st, "state.running.startedAt"));
    if (start < 0)
        start = stamp_ms(jstr(st, ran ? "lastState.terminated.startedAt" : "state.terminated.startedAt"));
    if (!has_container(pod, c)) {
        kube_status(r, 400, "BadRequest", NULL, "container %s is not valid for pod %s", c, o->name);
    } else if (!*o->node) {
        reply_text(r, 204, "text/plain", "", 0);
    } else if (previous && !ran) {
        kube_status(r, 400, "BadRequest", NULL, "previous terminated container \"%s\" in pod \"%s\" not found", c, o->name);
    } else if (*waiting && !ran) {
        kube_status(r, 400, "BadRequest", NULL, "container \"%s\" in pod \"%s\" is waiting to start: %s", c, o->name,
                    strcmp(waiting, "ImagePullBackOff") == 0 ? "trying and failing to pull image" : waiting);
    } else {
        struct log *l = sim_alloc(sizeof(*l));
        int64_t now = sim_now(r->sim);
        l->ns = sim_strdup(o->ns);
        l->pod = sim_strdup(o->name);
        l->container = sim_strdup(c);
        l->uid = sim_strdup(o->uid);
        l->start_ms = start < 0 ? now : start;
        l->end = due(l, now);
        if (now - l->start_ms > 200LL * LINE_MS)               /* older lines were rotated away */
            l->next = l->end - 200;
        if (since && due(l, now - atoll(since) * 1000) > l->next)
            l->next = due(l, now - atoll(since) * 1000);
        if (tail && l->end - atoll(tail) > l->next)
            l->next = l->end - atoll(tail);
        if (since_at >= 0 && due(l, since_at) > l->next)
            l->next = due(l, since_at);
        l->limit = limit ? atoll(limit) : 0;
        l->stamps = yes(r, "timestamps");
        l->follow = yes(r, "follow") && !previous && jat(st, "state.running");
        l->odd = strcmp(c, "odd") == 0;
        l->ended = !jat(st, "state.running");
        if (previous || !jat(st, "state.running")) {           /* it ended: what it said is fixed */
            const int64_t n = 3;
            struct str out;
            l->start_ms = start;
            l->next = tail && atoll(tail) < n ? n - atoll(tail) : 0;
            str_init(&out, 0);
            if (!command_lines(&out, l, pod, c, tail))
                for (; l->next < n; l->next++)
                    add_line(&out, l, l->next);
            reply_text(r, 200, "text/plain", out.len ? out.data : "", out.len);
            str_release(&out);
            struct stream dead = {.arg = l};
            log_free(&dead);
        } else {
            reply_stream(r, 200, "text/plain", log_fill, log_free, l);
        }
    }
    json_decref(pod);
}
