/* A small HTTP server of our own, plain sockets, one thread a connection, answers by path; and calls of core/net to it. */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/net.h"
#include "strata/trace.h"

/* ---- the server ---- */

struct server {
    int fd, port;
    pthread_t thread;
    atomic_int requests, connections, alive, wanted_429, gate;
    char last[4096];             /* the last request's head */
    pthread_mutex_t lock;
};
struct conn {
    struct server *server;
    int fd;
};

static inline void say(int fd, const char *s, size_t n)
{
    while (n) {
        ssize_t w = send(fd, s, n, MSG_NOSIGNAL);
        if (w <= 0)
            return;
        s += w;
        n -= (size_t)w;
    }
}

static inline void answer(int fd, const char *status, const char *headers, const char *body)
{
    char head[1024];
    int n = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nDate: Thu, 01 Jan 2026 00:00:10 GMT\r\n%s\r\n",
                     status, strlen(body), headers);
    say(fd, head, (size_t)n);
    say(fd, body, strlen(body));
}

static inline void wait_close(int fd)
{
    char c;
    while (recv(fd, &c, 1, 0) > 0)
        ;
}

static inline void says(int fd, const char *text)
{
    say(fd, text, strlen(text));
}

static const char *const kube_404 = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"pods \\\"x\\\" "
                                    "not found\",\"reason\":\"NotFound\",\"code\":404}";

/* false: the connection ends */
static inline bool serve(struct server *s, int fd, const char *path)
{
    if (strcmp(path, "/ok") == 0) {
        answer(fd, "200 OK", "Content-Type: application/json\r\nX-One: 1\r\n", "{\"a\":1}");
    } else if (strcmp(path, "/kube404") == 0) {
        answer(fd, "404 Not Found", "", kube_404);
    } else if (strcmp(path, "/cut") == 0) {
        says(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        return false;
    } else if (strcmp(path, "/cutchunk") == 0) {
        says(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        return false;
    } else if (strcmp(path, "/slow") == 0) {
        says(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        wait_close(fd);
        return false;
    } else if (strcmp(path, "/silent") == 0 || strcmp(path, "/v2.1/silent") == 0) {
        wait_close(fd);
        return false;
    } else if (strcmp(path, "/close") == 0 || strcmp(path, "127.0.0.1:3") == 0) {
        return false;
    } else if (strcmp(path, "127.0.0.1:2") == 0) {        /* CONNECT, of a proxy */
        answer(fd, "407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=x\r\n", "");
    } else if (strcmp(path, "/busy") == 0) {
        if (atomic_fetch_sub(&s->wanted_429, 1) > 0)
            answer(fd, "429 Too Many Requests", "Retry-After: 1\r\n", "{\"message\":\"slow down\"}");
        else
            answer(fd, "200 OK", "", "done");
    } else if (strcmp(path, "/gate") == 0 || strcmp(path, "/v3/gate") == 0) {      /* waits until the test opens it */
        while (!atomic_load(&s->gate))
            usleep(1000);
        answer(fd, "200 OK", "", "open");
    } else if (strcmp(path, "/dies") == 0) {      /* the same, and goes without an answer */
        while (!atomic_load(&s->gate))
            usleep(1000);
        return false;
    } else if (strcmp(path, "/redir") == 0) {
        answer(fd, "302 Found", "Location: /ok\r\n", "");
    } else if (strcmp(path, "/away") == 0) {
        answer(fd, "302 Found", "Location: http://127.0.0.2:1/ok\r\n", "");
    } else if (strcmp(path, "/circle") == 0) {
        answer(fd, "302 Found", "Location: /circle\r\n", "");
    } else if (strcmp(path, "/big") == 0) {
        says(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n");
        static const char block[4000] = "x";
        for (int i = 0; i < 1000; i++)
            say(fd, block, sizeof block);
    } else {
        answer(fd, "404 Not Found", "", "<html><head><title>t</title></head><body><h1>Not Found</h1>no &lt;such&gt; page</body></html>");
    }
    return true;
}

static inline void *conn_main(void *arg)
{
    struct conn c = *(struct conn *)arg;
    free(arg);
    char buf[65536];
    size_t len = 0;
    for (bool more = true; more;) {
        ssize_t r = recv(c.fd, buf + len, sizeof buf - 1 - len, 0);
        if (r <= 0)
            break;
        len += (size_t)r;
        buf[len] = '\0';
        char *end = strstr(buf, "\r\n\r\n");
        if (!end)
            continue;
        atomic_fetch_add(&c.server->requests, 1);
        pthread_mutex_lock(&c.server->lock);
        snprintf(c.server->last, sizeof c.server->last, "%.4000s", buf);
        pthread_mutex_unlock(&c.server->lock);
        char path[200] = "";
        sscanf(buf, "%*s %199s", path);
        more = serve(c.server, c.fd, path);
        len = 0;
    }
    close(c.fd);
    atomic_fetch_sub(&c.server->alive, 1);
    return NULL;
}

static inline void *accept_main(void *arg)
{
    struct server *s = arg;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0;) {
        struct conn *c = malloc(sizeof *c);
        *c = (struct conn){s, fd};
        atomic_fetch_add(&s->alive, 1);
        atomic_fetch_add(&s->connections, 1);
        pthread_t t;
        assert_int_equal(pthread_create(&t, NULL, conn_main, c), 0);
        pthread_detach(t);
    }
    return NULL;
}

static inline void server_start(struct server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    memset(s, 0, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 64), 0);
    getsockname(s->fd, (struct sockaddr *)&a, &n);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, accept_main, s), 0);
}

static inline void server_stop(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    while (atomic_load(&s->alive))   /* all clients are gone: the threads end by themselves */
        sched_yield();
    pthread_mutex_destroy(&s->lock);
}

/* ---- the fixture ---- */

struct fix {
    struct server server;
    struct net *net;
    struct net_site *site;
};
struct seen {                /* what one call told us */
    struct fix *f;
    struct net_call *call;
    int heads, done, cancel_in;      /* cancel_in: 1 head, 2 data, 3 done; 4 frees the site in data */
    size_t bytes;
    int status;
    int64_t first_byte_ms, server_ms;
    struct err err;
    char body[600], one[32];
    bool sent;
    struct net_call *other;
    struct seen *start;      /* on_data sends this one */
};

static inline int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    struct err err = ERR_INIT;
    server_start(&f->server);
    f->net = net_new(&err);
    assert_non_null(f->net);
    struct net_site_conf conf = {.name = "test"};
    f->site = net_site_new(f->net, &conf, &err);
    assert_non_null(f->site);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fix *f = *state;
    net_free(f->net);
    server_stop(&f->server);
    free(f);
    clock_freeze(-1, 0);
    return 0;
}

static inline void on_head(void *arg, const struct net_head *head)
{
    struct seen *s = arg;
    s->heads++;
    s->status = head->status;
    if (s->cancel_in == 1)
        net_cancel(s->f->net, s->call);
}

static inline struct net_call *start(struct fix *f, struct seen *s, const char *path, struct net_req req);

static inline bool on_data(void *arg, const char *data, size_t len)
{
    struct seen *s = arg;
    (void)data;
    assert_int_equal(s->done, 0);
    s->bytes += len;
    if (s->start) {
        start(s->f, s->start, "/ok", (struct net_req){0});
        s->start = NULL;
    }
    if (s->cancel_in == 2) {
        net_cancel(s->f->net, s->call);
        assert_int_equal(s->done, 1);
    }
    if (s->cancel_in == 4)
        net_site_free(s->f->net, s->f->site);
    return s->cancel_in != 5;
}

static inline void on_done(void *arg, const struct net_reply *r)
{
    struct seen *s = arg;
    s->done++;
    s->err = r->err;
    s->status = r->status;
    s->sent = r->sent;
    s->first_byte_ms = r->first_byte_ms;
    s->server_ms = r->server_ms;
    snprintf(s->body, sizeof s->body, "%s", r->body);
    const char *one = net_header(r->call, "x-one");
    snprintf(s->one, sizeof s->one, "%s", one ? one : "-");
    if (s->cancel_in == 3)
        net_cancel(s->f->net, s->call);   /* of a completed one: nothing */
    if (s->other)
        net_cancel(s->f->net, s->other);
}

static inline struct net_call *start(struct fix *f, struct seen *s, const char *path, struct net_req req)
{
    char url[200];
    struct err err = ERR_INIT;
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", f->server.port, path);
    req.url = url;
    req.on_done = on_done;
    req.arg = s;
    s->f = f;
    s->call = net_send(f->net, f->site, &req, &err);
    assert_non_null(s->call);
    assert_int_equal(s->done, 0);
    return s->call;
}

static inline void finish(struct fix *f, struct seen *s)
{
    for (int i = 0; i < 2000 && !s->done; i++)
        net_step(f->net, 100);
    assert_int_equal(s->done, 1);
}

static inline void get(struct fix *f, struct seen *s, const char *path, struct net_req req)
{
    start(f, s, path, req);
    finish(f, s);
}

#endif
