/* A feed against a server that plays a script: list, watch, resume, 410, 403, tables, slow and silent servers.
 * The core runs in steps on this thread; waits are for conditions, never for times. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "strata/clock.h"
#include "strata/core.h"
#include "strata/mem.h"

#define CM(uid, name, rv) "{\"metadata\":{\"uid\":\"" uid "\",\"name\":\"" name "\",\"namespace\":\"a\",\"resourceVersion\":\"" rv "\"}}"
#define NS(uid, name, rv) "{\"metadata\":{\"uid\":\"" uid "\",\"name\":\"" name "\",\"resourceVersion\":\"" rv "\"},\"status\":{\"phase\":\"Active\"}}"
#define NSLIST(rv, cont, items) "{\"kind\":\"NamespaceList\",\"metadata\":{\"resourceVersion\":\"" rv "\",\"continue\":\"" cont "\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define STATUS(code, msg) "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"" msg "\",\"code\":" code "}"

/* One step of the script: the request that must come (its beginning, after the method) and what is answered. */
struct step {
    const char *want;
    int status;
    const char *body;
    bool hold;                 /* a watch: stays open until the test says go */
};
struct server {
    int fd, port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t go;
    const struct step *steps;
    size_t n, used, released;
    char wrong[600], auth[300];
    const char *metrics;       /* the answer of metrics.k8s.io, whenever it is asked */
    size_t metrics_asked;
    bool stop, mute;           /* mute: accepts, but does not say how it is */
    int conn[64];
    size_t nconn;
};
struct conn { struct server *s; int fd; };

static void say(int fd, const char *s, size_t n)
{
    for (ssize_t w; n && (w = send(fd, s, n, MSG_NOSIGNAL)) > 0; n -= (size_t)w)
        s += w;
}

static void reply(int fd, int status, const char *body, bool hold)
{
    char head[200];
    int n = hold ? snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", status)
                 : snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
                            status, status == 429 ? "Retry-After: 1\r\n" : status == 503 ? "Retry-After: 30\r\n" : "", strlen(body));
    say(fd, head, (size_t)n);
    if (hold && body[0]) {
        n = snprintf(head, sizeof head, "%zx\r\n", strlen(body));
        say(fd, head, (size_t)n);
    }
    say(fd, body, strlen(body));
    if (hold && body[0])
        say(fd, "\r\n", 2);
}

/* false: close the connection */
static bool serve(struct server *s, int fd, const char *request)
{
    char path[500] = "";
    sscanf(request, "%*s %499s", path);
    if (strcmp(path, "/version") == 0 || strcmp(path, "/readyz") == 0) {
        pthread_mutex_lock(&s->lock);
        while (s->mute && !s->stop)
            pthread_cond_wait(&s->go, &s->lock);
        pthread_mutex_unlock(&s->lock);
        reply(fd, 200, "{\"gitVersion\":\"v1.2.3\"}", false);
        return true;
    }
    if (strcmp(path, "/api") == 0) {               /* beside /apis, in any order */
        reply(fd, 200, "{\"kind\":\"APIVersions\",\"versions\":[]}", false);
        return true;
    }
    if (strncmp(path, "/apis/metrics.k8s.io/", 21) == 0) {      /* beside the watch, in any order */
        pthread_mutex_lock(&s->lock);
        const char *metrics = s->metrics;
        pthread_mutex_unlock(&s->lock);
        reply(fd, metrics ? 200 : 404, metrics ? metrics : "", false);
        pthread_mutex_lock(&s->lock);
        s->metrics_asked++;
        pthread_mutex_unlock(&s->lock);
        return true;
    }
    pthread_mutex_lock(&s->lock);
    const char *auth = strstr(request, "Authorization: ");
    if (auth)
        snprintf(s->auth, sizeof s->auth, "%.*s", (int)strcspn(auth, "\r"), auth);
    if (s->used >= s->n || strncmp(path, s->steps[s->used].want, strlen(s->steps[s->used].want)) != 0) {
        if (s->used < s->n && !s->wrong[0])
            snprintf(s->wrong, sizeof s->wrong, "wanted %s, got %s", s->steps[s->used].want, path);
        pthread_mutex_unlock(&s->lock);
        reply(fd, 503, "", false);
        return true;
    }
    const struct step *st = &s->steps[s->used++];
    size_t number = s->used;
    pthread_mutex_unlock(&s->lock);
    reply(fd, st->status, st->body, st->hold);
    if (!st->hold)
        return true;
    pthread_mutex_lock(&s->lock);
    while (s->released < number && !s->stop)
        pthread_cond_wait(&s->go, &s->lock);
    pthread_mutex_unlock(&s->lock);
    return false;
}

static void *conn_main(void *arg)
{
    struct conn c = *(struct conn *)arg;
    char buf[16384];
    size_t len = 0;
    free(arg);
    for (ssize_t r; (r = recv(c.fd, buf + len, sizeof buf - 1 - len, 0)) > 0;) {
        len += (size_t)r;
        buf[len] = '\0';
        if (!strstr(buf, "\r\n\r\n"))
            continue;
        len = 0;
        if (!serve(c.s, c.fd, buf))
            break;
    }
    shutdown(c.fd, SHUT_RDWR);
    pthread_mutex_lock(&c.s->lock);
    for (size_t i = 0; i < c.s->nconn; i++)
        if (c.s->conn[i] == c.fd) {
            c.s->conn[i] = -1;
            close(c.fd);
        }
    pthread_mutex_unlock(&c.s->lock);
    return NULL;
}

static void *accept_main(void *arg)
{
    struct server *s = arg;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0;) {
        struct conn *c = malloc(sizeof *c);
        pthread_t t;
        *c = (struct conn){s, fd};
        pthread_mutex_lock(&s->lock);
        if (s->nconn < 64)
            s->conn[s->nconn++] = fd;
        pthread_mutex_unlock(&s->lock);
        pthread_create(&t, NULL, conn_main, c);
        pthread_detach(t);
    }
    return NULL;
}

static void server_start(struct server *s, const struct step *steps, size_t n)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    memset(s, 0, sizeof *s);
    s->steps = steps;
    s->n = n;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->go, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    getsockname(s->fd, (struct sockaddr *)&a, &len);
    s->port = ntohs(a.sin_port);
    pthread_create(&s->thread, NULL, accept_main, s);
}

static void server_stop(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_broadcast(&s->go);
    for (size_t i = 0; i < s->nconn; i++)
        if (s->conn[i] >= 0)
            shutdown(s->conn[i], SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    for (bool open = true; open;) {                /* the connections' threads use s */
        open = false;
        pthread_mutex_lock(&s->lock);
        for (size_t i = 0; i < s->nconn; i++)
            open |= s->conn[i] >= 0;
        pthread_mutex_unlock(&s->lock);
    }
}

/* Ends the held reply of step number n (from 1). */
static void release(struct server *s, size_t n)
{
    pthread_mutex_lock(&s->lock);
    s->released = n;
    pthread_cond_broadcast(&s->go);
    pthread_mutex_unlock(&s->lock);
}

static size_t used(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->used;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static size_t metrics_asked(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->metrics_asked;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* ---- the core ---- */

struct world {
    struct server server;
    struct options opt;
    struct core *core;
    struct snap *snap;
    char file[64];
    bool was_stale;
    uint32_t id;
};

static void pump(struct world *w)
{
    struct event *e;
    core_step(w->core, 20);
    while ((e = core_next_event(w->core))) {
        if (e->type == EV_SNAP) {
            snap_unref(w->snap);
            w->snap = snap_ref(e->snap);
            w->was_stale |= snap_status(e->snap)->state == FEED_STALE;
        }
        event_free(e);
    }
}

static bool has(const struct world *w, const char *uid)
{
    return w->snap && snap_find(w->snap, uid) != NULL;
}

static enum feed_state state_of(const struct world *w)
{
    return w->snap ? snap_status(w->snap)->state : FEED_LOADING;
}

#define UNTIL(w, cond)                                                                            \
    do {                                                                                          \
        int64_t end_ = clock_mono_ms() + 20000; /* only so that a failure ends */                 \
        while (!(cond) && clock_mono_ms() < end_)                                                 \
            pump(w);                                                                              \
        if ((w)->server.wrong[0])                                                                 \
            fail_msg("%s", (w)->server.wrong);                                                    \
        assert_true(cond);                                                                        \
    } while (0)

static void open_world(struct world *w, const struct step *steps, size_t n, const char *user, const char *kind)
{
    struct err err = ERR_INIT;
    memset(w, 0, sizeof *w);
    server_start(&w->server, steps, n);
    snprintf(w->file, sizeof w->file, "/tmp/strata-feed-XXXXXX");
    int fd = mkstemp(w->file);
    assert_true(fd >= 0);
    dprintf(fd, "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}]\n"
                "users: [{name: u, user: {%s}}]\ncontexts: [{name: c, context: {cluster: c, user: u, namespace: mine}}]\n",
            w->server.port, user);
    close(fd);
    options_init(&w->opt);
    w->opt.single_thread = true;
    w->opt.no_openstack = true;
    w->opt.ticker = false;
    mem_free(w->opt.kubeconfig);
    w->opt.kubeconfig = mem_strdup(w->file);
    w->core = core_new(&w->opt, &err);
    assert_non_null(w->core);
    assert_int_not_equal(w->id = core_open(w->core, 0, kind, ""), 0);
}

static void close_world(struct world *w)
{
    snap_unref(w->snap);
    core_free(w->core);
    options_release(&w->opt);
    server_stop(&w->server);
    unlink(w->file);
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* list, events, a cut stream, a server that wants a pause (Retry-After): goes on from the last revision without a new list */
static void resume(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=10&", 200,
         EVENT("ADDED", NS("u3", "three", "11")) EVENT("DELETED", NS("u1", "one", "12"))
             EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}"), true},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=20&", 429, STATUS("429", "slow down"), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=20&", 200, EVENT("ADDED", NS("u4", "four", "21")), true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t0k", "namespaces");
    UNTIL(&w, has(&w, "u3") && !has(&w, "u1") && state_of(&w) == FEED_LIVE);
    assert_string_equal(w.server.auth, "");        /* not over http:// */
    release(&w.server, 2);                         /* cut: no final chunk */
    UNTIL(&w, w.was_stale);                        /* it is not current now, and says so */
    UNTIL(&w, has(&w, "u4") && state_of(&w) == FEED_LIVE);
    assert_int_equal(snap_count(w.snap), 3);
    close_world(&w);
}

static int64_t cell_of(const struct world *w, const char *uid, const char *column)
{
    const struct row *r = w->snap ? snap_find(w->snap, uid) : NULL;
    return r ? r->cell[kind_column(r->kind, column)].n : -1;
}

#define USAGE(ns, name, a, b) "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"" ns "\"},\"containers\":[" a b "]}"
#define USES(cpu, mem) "{\"name\":\"c\",\"usage\":{\"cpu\":\"" cpu "\",\"memory\":\"" mem "\"}}"

/* metrics.k8s.io: the sum of a pod's containers; a pod of another namespace, one without numbers, numbers without a pod */
static void metrics(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" CM("u1", "web", "5") ","
         "{\"metadata\":{\"uid\":\"u2\",\"name\":\"web\",\"namespace\":\"b\"}}," CM("u3", "idle", "6") "]}", false},
        {"/api/v1/pods?watch=true", 200, "", true},
    };
    static const struct step again[] = {
        {"/api/v1/pods?limit=100", 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" CM("u1", "web", "5") "]}", false},
        {"/api/v1/pods?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "pods");
    pthread_mutex_lock(&w.server.lock);
    w.server.metrics = "{\"kind\":\"PodMetricsList\",\"metadata\":{},\"items\":[" USAGE("z", "nobody", "", "") ","
        USAGE("b", "web", USES("1", "1Gi"), "") "," USAGE("a", "web", USES("1500000n", "1024Ki"), "," USES("250m", "1Mi")) "]}";
    pthread_mutex_unlock(&w.server.lock);
    UNTIL(&w, cell_of(&w, "u1", "cpu") == 252);           /* 1.5 m up to 2, and 250 */
    assert_int_equal(cell_of(&w, "u1", "mem"), 2 << 20);
    assert_int_equal(cell_of(&w, "u2", "cpu"), 1000);
    assert_int_equal(cell_of(&w, "u2", "mem"), 1 << 30);
    assert_int_equal(cell_of(&w, "u3", "cpu"), CELL_NONE);
    close_world(&w);
    /* an answer that breaks off in the middle is no numbers, and no harm */
    open_world(&w, again, COUNT(again), "token: t", "pods");
    pthread_mutex_lock(&w.server.lock);
    w.server.metrics = "{\"items\":[" USAGE("a", "web", USES("1", "1Gi"), "") ",]";
    pthread_mutex_unlock(&w.server.lock);
    UNTIL(&w, metrics_asked(&w.server) > 0 && has(&w, "u1") && state_of(&w) == FEED_LIVE);
    for (int i = 0; i < 5; i++)
        pump(&w);
    assert_int_equal(cell_of(&w, "u1", "cpu"), CELL_NONE);
    close_world(&w);
}

/* 410 inside the stream: lists again, rows that are gone go, the others stay meanwhile */
static void gone(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true", 200, EVENT("ERROR", STATUS("410", "too old resource version")), true},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("90", "", NS("u2", "two", "6") "," NS("u9", "nine", "80")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=90&", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, has(&w, "u9") && !has(&w, "u1") && state_of(&w) == FEED_LIVE && used(&w.server) == 4);
    assert_int_equal(snap_count(w.snap), 2);
    close_world(&w);
}

/* more than a page: the first for the eye, then the whole from the cache; a row deleted between is not kept */
static void whole(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "tok", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?resourceVersionMatch=NotOlderThan&resourceVersion=10", 200,
         NSLIST("12", "", NS("u2", "two", "6") "," NS("u3", "three", "7")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=12&", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 3);
    assert_false(has(&w, "u1"));
    assert_int_equal(snap_count(w.snap), 2);
    close_world(&w);
}

static void not_whole(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "tok", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?resourceVersionMatch=", 400, STATUS("400", "unknown parameter"), false},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "tok/2", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?limit=10000&continue=tok%2F2", 200, NSLIST("10", "", NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true&allowWatchBookmarks=true&resourceVersion=10&", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 5);
    assert_true(has(&w, "u1") && has(&w, "u2"));
    close_world(&w);
}

/* not allowed everywhere: the context's namespace, and it says so */
static void narrow(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 403, STATUS("403", "pods is forbidden"), false},
        {"/api/v1/namespaces/mine/pods?limit=100", 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"3\"},\"items\":[" CM("u1", "p", "2") "]}", false},
        {"/api/v1/namespaces/mine/pods?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "pods");
    UNTIL(&w, state_of(&w) == FEED_LIVE && has(&w, "u1"));
    assert_true(snap_status(w.snap)->partial);
    assert_non_null(strstr(snap_status(w.snap)->note, "only namespace mine"));
    close_world(&w);
}

/* A busy server that says when to come back (Retry-After) is no failure of the first list; who waits for long is told. */
static void patience(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 503, STATUS("503", "later"), false},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    struct source_info in;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, ({ core_sources(w.core, &in, 1); in.waiting; }));
    assert_int_equal(in.state, SOURCE_DEGRADED);
    assert_non_null(strstr(in.err.msg, "asked again in 30 s"));
    assert_int_equal(state_of(&w), FEED_LOADING);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    clock_advance(31000);
    for (int i = 0; i < 300 && (state_of(&w) != FEED_LIVE || in.waiting || in.state != SOURCE_OK); i++) {
        pump(&w);
        clock_advance(60);
        core_sources(w.core, &in, 1);
    }
    clock_freeze(-1, 0);
    assert_int_equal(state_of(&w), FEED_LIVE);
    assert_int_equal(in.state, SOURCE_OK);
    assert_false(in.waiting);
    assert_true(has(&w, "u1"));
    close_world(&w);
}

/* Neither all namespaces nor the one: what was asked for is what was refused. */
static void narrow_in_vain(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/pods?limit=100", 403, STATUS("403", "pods is forbidden at the cluster scope"), false},
        {"/api/v1/namespaces/mine/pods?limit=100", 403, STATUS("403", "pods is forbidden in the namespace"), false},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "pods");
    UNTIL(&w, state_of(&w) == FEED_FAILED);
    assert_non_null(strstr(snap_status(w.snap)->err.msg, "at the cluster scope"));
    assert_false(snap_status(w.snap)->partial);
    close_world(&w);
}

static void forbidden(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/nodes?limit=100", 403, STATUS("403", "nodes is forbidden: User x"), false},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "nodes");
    UNTIL(&w, state_of(&w) == FEED_FAILED);
    assert_int_equal(snap_status(w.snap)->err.code, ERR_FORBIDDEN);
    assert_non_null(strstr(snap_status(w.snap)->err.msg, "nodes is forbidden: User x"));
    UNTIL(&w, ({ struct source_info in; core_sources(w.core, &in, 1); in.state == SOURCE_OK; }));
    close_world(&w);
}

/* a list that breaks off is no list: old rows stay */
static void cut_list(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=100", 200, "{\"kind\":\"NamespaceList\",\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[" NS("u1", "one", "5"), false},
        {"/api/v1/namespaces?limit=100", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_FAILED);
    UNTIL(&w, state_of(&w) == FEED_LIVE);
    close_world(&w);
}

#define TABLE(rv, cols, rows) "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"" rv "\"},\"columnDefinitions\":" cols ",\"rows\":[" rows "]}"
#define ROW(uid, name, rv, cells) "{\"cells\":[" cells "],\"object\":{\"metadata\":{\"uid\":\"" uid "\",\"name\":\"" name "\",\"namespace\":\"a\",\"resourceVersion\":\"" rv "\"}}}"
#define COLS "[{\"name\":\"Name\",\"type\":\"string\"},{\"name\":\"Phase\",\"type\":\"string\"},{\"name\":\"Size\",\"type\":\"integer\",\"priority\":1}]"

static void table(void **state)
{
    static const struct step steps[] = {
        {"/apis", 200, "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"example.com\",\"versions\":[{\"groupVersion\":\"example.com/v1\"}],"
                       "\"preferredVersion\":{\"groupVersion\":\"example.com/v1\"}}]}", false},
        {"/apis/example.com/v1", 200, "{\"kind\":\"APIResourceList\",\"groupVersion\":\"example.com/v1\",\"resources\":[{\"name\":\"widgets\","
                                      "\"singularName\":\"widget\",\"namespaced\":true,\"kind\":\"Widget\",\"verbs\":[\"list\",\"watch\"]}]}", false},
        {"/apis/example.com/v1/widgets?limit=100", 200, TABLE("7", COLS, ROW("u1", "w1", "5", "\"w1\",\"Failed\",3")), false},
        {"/apis/example.com/v1/widgets?watch=true&allowWatchBookmarks=true&resourceVersion=7&", 200,
         EVENT("MODIFIED", TABLE("8", "null", ROW("u1", "w1", "8", "\"w1\",\"Ready\",4"))), true},
        {"/apis/example.com/v1/widgets?watch=true&allowWatchBookmarks=true&resourceVersion=8&", 200, "", true},
    };
    struct world w;
    char buf[64];
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "widget");
    UNTIL(&w, has(&w, "u1") && snap_find(w.snap, "u1")->health == HEALTH_OK);
    const struct row *r = snap_find(w.snap, "u1");
    const struct kind *k = snap_kind(w.snap);
    assert_string_equal(k->id, "widgets");
    assert_int_equal(k->ncolumns, 4);
    assert_string_equal(row_text(r, kind_column(k, "namespace"), 0, buf, sizeof buf), "a");
    assert_string_equal(row_text(r, kind_column(k, "phase"), 0, buf, sizeof buf), "Ready");
    assert_int_equal(r->cell[kind_column(k, "size")].n, 4);
    assert_true(k->columns[kind_column(k, "size")].flags & COL_WIDE);
    release(&w.server, 4);
    UNTIL(&w, used(&w.server) == 5);
    close_world(&w);
}

/* With the clocks standing still: so many turns at most. */
#define TURNS(w, cond)                                     \
    do {                                                   \
        for (int i_ = 0; i_ < 500 && !(cond); i_++)        \
            pump(w);                                       \
        assert_true(cond);                                 \
    } while (0)

static enum source_state source_of(struct world *w)
{
    struct source_info in;
    core_sources(w->core, &in, 1);
    return in.state;
}

/* The end of a watch that fell silent is no sign of life: what is stale stays stale. */
static void silent(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 2 && source_of(&w) == SOURCE_OK);
    pthread_mutex_lock(&w.server.lock);
    w.server.mute = true;
    pthread_mutex_unlock(&w.server.lock);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    clock_advance(21000);                          /* asked how it is ... */
    for (int i = 0; i < 5; i++)
        pump(&w);
    clock_advance(6000);                           /* ... and no answer */
    pump(&w);
    clock_advance(200);
    TURNS(&w, state_of(&w) == FEED_STALE && source_of(&w) == SOURCE_STALE);
    clock_advance(60000);                          /* the watch is given up */
    for (int i = 0; i < 5; i++)
        pump(&w);
    clock_advance(200);
    for (int i = 0; i < 5; i++)
        pump(&w);
    assert_int_equal(source_of(&w), SOURCE_STALE);
    assert_int_equal(state_of(&w), FEED_STALE);
    clock_freeze(-1, 0);
    close_world(&w);
}

/* Closed, opened again while it lingers, changed, closed: it ends once, and only when nobody has looked for a while. */
static void linger(void **state)
{
    static const struct step steps[] = {
        {"/api/v1/namespaces?limit=", 200, NSLIST("10", "", NS("u1", "one", "5")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
        {"/api/v1/namespaces?limit=", 200, NSLIST("20", "", NS("u1", "one", "5") "," NS("u2", "two", "6")), false},
        {"/api/v1/namespaces?watch=true", 200, EVENT("ADDED", NS("u3", "three", "21")), true},
        {"/api/v1/namespaces?limit=", 200, NSLIST("30", "", NS("u4", "four", "25")), false},
        {"/api/v1/namespaces?watch=true", 200, "", true},
    };
    struct world w;
    (void)state;
    open_world(&w, steps, COUNT(steps), "token: t", "namespaces");
    UNTIL(&w, state_of(&w) == FEED_LIVE && used(&w.server) == 2);
    clock_freeze(clock_mono_ms(), clock_wall_ms());
    clock_advance(1000);
    core_close(w.core, w.id);
    pump(&w);
    uint32_t id = core_open(w.core, 0, "namespaces", "");
    core_refresh(w.core, id);
    TURNS(&w, has(&w, "u2") && used(&w.server) == 4);
    for (int i = 0; i < 10; i++)
        pump(&w);                                  /* the third is here, its publication waits for 50 ms */
    assert_false(has(&w, "u3"));
    core_close(w.core, id);
    pump(&w);
    clock_advance(20500);
    pump(&w);
    pump(&w);
    id = core_open(w.core, 0, "namespaces", "");
    TURNS(&w, has(&w, "u4") && used(&w.server) == 6);
    clock_freeze(-1, 0);
    close_world(&w);
}

/* A reader who does not read: one snap waits, the newest. And the core may end with it unread, though its rows are of a
 * kind the source made. */
static void unread(void **state)
{
    static const struct step steps[] = {
        {"/apis", 200, "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"example.com\",\"versions\":[{\"groupVersion\":\"example.com/v1\"}],"
                       "\"preferredVersion\":{\"groupVersion\":\"example.com/v1\"}}]}", false},
        {"/apis/example.com/v1", 200, "{\"kind\":\"APIResourceList\",\"groupVersion\":\"example.com/v1\",\"resources\":[{\"name\":\"widgets\","
                                      "\"singularName\":\"widget\",\"namespaced\":true,\"kind\":\"Widget\",\"verbs\":[\"list\",\"watch\"]}]}", false},
        {"/apis/example.com/v1/widgets?limit=", 200, TABLE("7", COLS, ROW("u1", "w1", "5", "\"w1\",\"Failed\",3")), false},
        {"/apis/example.com/v1/widgets?watch=true", 200, EVENT("ADDED", TABLE("8", "null", ROW("u2", "w2", "8", "\"w2\",\"Ready\",4"))), true},
    };
    struct world w;
    size_t snaps = 0;
    bool newest = false;
    (void)state;
    for (int round = 0; round < 2; round++) {
        open_world(&w, steps, COUNT(steps), "token: t", "widget");
        clock_freeze(clock_mono_ms(), clock_wall_ms());
        for (int i = 0; i < 500 && used(&w.server) < 4; i++)
            core_step(w.core, 20);
        for (int i = 0; i < 10; i++)
            core_step(w.core, 20);
        clock_advance(60);
        core_step(w.core, 20);
        for (struct event *e; round == 0 && (e = core_next_event(w.core)); event_free(e)) {
            if (e->type != EV_SNAP)
                continue;
            snaps++;
            newest = snap_find(e->snap, "u1") && snap_find(e->snap, "u2");
        }
        clock_freeze(-1, 0);
        close_world(&w);
    }
    assert_int_equal(snaps, 1);
    assert_true(newest);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume), cmocka_unit_test(metrics), cmocka_unit_test(gone), cmocka_unit_test(whole), cmocka_unit_test(not_whole),
        cmocka_unit_test(patience), cmocka_unit_test(narrow), cmocka_unit_test(narrow_in_vain), cmocka_unit_test(forbidden),
        cmocka_unit_test(cut_list), cmocka_unit_test(table),
        cmocka_unit_test(silent), cmocka_unit_test(linger), cmocka_unit_test(unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
