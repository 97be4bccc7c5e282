/* A cluster that plays a script, and a core with one feed of it that runs in steps on this thread; waits are for conditions,
 * never for times. */
#ifndef FEED_WORLD_H
#define FEED_WORLD_H

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

static inline void say(int fd, const char *s, size_t n)
{
    for (ssize_t w; n && (w = send(fd, s, n, MSG_NOSIGNAL)) > 0; n -= (size_t)w)
        s += w;
}

static inline void reply(int fd, int status, const char *body, bool hold)
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
static inline bool serve(struct server *s, int fd, const char *request)
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

static inline void *conn_main(void *arg)
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

static inline void *accept_main(void *arg)
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

static inline void server_start(struct server *s, const struct step *steps, size_t n)
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

static inline void server_stop(struct server *s)
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
static inline void release(struct server *s, size_t n)
{
    pthread_mutex_lock(&s->lock);
    s->released = n;
    pthread_cond_broadcast(&s->go);
    pthread_mutex_unlock(&s->lock);
}

static inline size_t used(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->used;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static inline size_t metrics_asked(struct server *s)
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

static inline void pump(struct world *w)
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

static inline bool has(const struct world *w, const char *uid)
{
    return w->snap && snap_find(w->snap, uid) != NULL;
}

static inline enum feed_state state_of(const struct world *w)
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

static inline void open_world(struct world *w, const struct step *steps, size_t n, const char *user, const char *kind)
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
    if (kind)
        assert_int_not_equal(w->id = core_open(w->core, 0, kind, ""), 0);
}

static inline void close_world(struct world *w)
{
    snap_unref(w->snap);
    core_free(w->core);
    options_release(&w->opt);
    server_stop(&w->server);
    unlink(w->file);
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

#define TABLE(rv, cols, rows) "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"" rv "\"},\"columnDefinitions\":" cols ",\"rows\":[" rows "]}"
#define ROW(uid, name, rv, cells) "{\"cells\":[" cells "],\"object\":{\"metadata\":{\"uid\":\"" uid "\",\"name\":\"" name "\",\"namespace\":\"a\",\"resourceVersion\":\"" rv "\"}}}"
#define COLS "[{\"name\":\"Name\",\"type\":\"string\"},{\"name\":\"Phase\",\"type\":\"string\"},{\"name\":\"Size\",\"type\":\"integer\",\"priority\":1}]"

#endif
