/* core/net against a small server of our own: plain sockets, one thread a connection, answers by path. */
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

static void say(int fd, const char *s, size_t n)
{
    while (n) {
        ssize_t w = send(fd, s, n, MSG_NOSIGNAL);
        if (w <= 0)
            return;
        s += w;
        n -= (size_t)w;
    }
}

static void answer(int fd, const char *status, const char *headers, const char *body)
{
    char head[1024];
    int n = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nDate: Thu, 01 Jan 2026 00:00:10 GMT\r\n%s\r\n",
                     status, strlen(body), headers);
    say(fd, head, (size_t)n);
    say(fd, body, strlen(body));
}

static void wait_close(int fd)
{
    char c;
    while (recv(fd, &c, 1, 0) > 0)
        ;
}

static void says(int fd, const char *text)
{
    say(fd, text, strlen(text));
}

static const char *const kube_404 = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"pods \\\"x\\\" "
                                    "not found\",\"reason\":\"NotFound\",\"code\":404}";

/* false: the connection ends */
static bool serve(struct server *s, int fd, const char *path)
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
    } else if (strcmp(path, "/silent") == 0) {
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
    } else if (strcmp(path, "/gate") == 0) {      /* waits until the test opens it */
        while (!atomic_load(&s->gate))
            usleep(1000);
        answer(fd, "200 OK", "", "open");
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

static void *conn_main(void *arg)
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

static void *accept_main(void *arg)
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

static void server_start(struct server *s)
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

static void server_stop(struct server *s)
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

static int setup(void **state)
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

static int teardown(void **state)
{
    struct fix *f = *state;
    net_free(f->net);
    server_stop(&f->server);
    free(f);
    clock_freeze(-1, 0);
    return 0;
}

static void on_head(void *arg, const struct net_head *head)
{
    struct seen *s = arg;
    s->heads++;
    s->status = head->status;
    if (s->cancel_in == 1)
        net_cancel(s->f->net, s->call);
}

static struct net_call *start(struct fix *f, struct seen *s, const char *path, struct net_req req);

static bool on_data(void *arg, const char *data, size_t len)
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

static void on_done(void *arg, const struct net_reply *r)
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

static struct net_call *start(struct fix *f, struct seen *s, const char *path, struct net_req req)
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

static void finish(struct fix *f, struct seen *s)
{
    for (int i = 0; i < 2000 && !s->done; i++)
        net_step(f->net, 100);
    assert_int_equal(s->done, 1);
}

static void get(struct fix *f, struct seen *s, const char *path, struct net_req req)
{
    start(f, s, path, req);
    finish(f, s);
}

/* ---- requests ---- */

static void test_ok(void **state)
{
    struct fix *f = *state;
    struct seen s = {0};
    get(f, &s, "/ok", (struct net_req){.on_head = on_head});
    assert_int_equal(s.err.code, ERR_OK);
    assert_int_equal(s.status, 200);
    assert_int_equal(s.heads, 1);
    assert_string_equal(s.body, "{\"a\":1}");
    assert_string_equal(s.one, "1");
    struct seen again = {0};
    get(f, &again, "/ok", (struct net_req){0});
    assert_int_equal(f->server.connections, 1);   /* reused */
    struct seen fresh = {0};
    get(f, &fresh, "/ok", (struct net_req){.fresh_connection = true});
    assert_int_equal(f->server.connections, 2);
    struct net_site_stat st;
    net_site_stat(f->site, &st);
    assert_true(st.latency_ms >= 0);
    assert_true(st.has_offset);
    assert_true(st.last_ok_mono_ms > 0);
}

static void test_headers_and_methods(void **state)
{
    struct fix *f = *state;
    struct seen s = {0};
    const char *h[] = {"X-Hello: you", NULL}, *secret[] = {"X-Auth-Token: s3cret", NULL};
    get(f, &s, "/ok", (struct net_req){.method = "PATCH", .body = "{}", .body_len = 2, .headers = h, .secret_headers = secret});
    assert_int_equal(s.err.code, ERR_OK);
    assert_non_null(strstr(f->server.last, "PATCH /ok HTTP/1.1"));
    assert_non_null(strstr(f->server.last, "X-Hello: you\r\n"));
    assert_non_null(strstr(f->server.last, "X-Auth-Token: s3cret\r\n"));
    assert_null(strstr(f->server.last, "Expect:"));
    assert_null(strstr(f->server.last, "gzip"));
    struct net_req bad = {.url = "http://127.0.0.1:1/", .on_done = on_done, .arg = &s};
    const char *smuggle[] = {"X: a\r\nY: b", NULL};
    bad.headers = smuggle;
    struct err err = ERR_INIT;
    assert_null(net_send(f->net, f->site, &bad, &err));
    bad.headers = NULL;
    const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd", "", "http://", NULL};
    for (int i = 0; urls[i]; i++) {
        bad.url = urls[i];
        assert_null(net_send(f->net, f->site, &bad, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
}

static void test_errors(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct seen s = {0};
    get(f, &s, "/kube404", (struct net_req){0});
    assert_int_equal(s.err.code, ERR_OK);
    assert_int_equal(net_status_err(&err, s.status, s.body, strlen(s.body)), ERR_NOTFOUND);
    assert_string_equal(err.msg, "pods \"x\" not found");
    struct seen html = {0};
    get(f, &html, "/nope", (struct net_req){.on_data = on_data});   /* stream mode: the error body is kept */
    assert_int_equal(html.bytes, 0);
    net_status_err(&err, html.status, html.body, strlen(html.body));
    assert_string_equal(err.msg, "Not Found no <such> page");
    struct seen cut = {0};
    get(f, &cut, "/cut", (struct net_req){0});
    assert_int_equal(cut.err.code, ERR_PROTO);
    assert_non_null(strstr(cut.err.msg, "cut off after 9 bytes"));
    struct seen chunk = {0};
    get(f, &chunk, "/cutchunk", (struct net_req){.on_data = on_data});
    assert_int_equal(chunk.err.code, ERR_PROTO);
    assert_int_equal(chunk.bytes, 5);
    struct seen closed = {0};
    get(f, &closed, "/close", (struct net_req){0});
    assert_int_equal(closed.err.code, ERR_NET);
    struct seen big = {0};
    get(f, &big, "/big", (struct net_req){.max_body = 100000});
    assert_int_equal(big.err.code, ERR_TOOBIG);
    struct seen stream = {0};
    get(f, &stream, "/big", (struct net_req){.on_data = on_data});
    assert_int_equal(stream.err.code, ERR_OK);
    assert_int_equal(stream.bytes, 4000000);
    struct seen limited = {0};
    get(f, &limited, "/big", (struct net_req){.on_data = on_data, .max_body = 1000000});
    assert_int_equal(limited.err.code, ERR_TOOBIG);
}

/* A port that is taken and refuses: bound, not listening. */
static int refusing_port(int *fd)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&a, sizeof a), 0);
    getsockname(*fd, (struct sockaddr *)&a, &n);
    return ntohs(a.sin_port);
}

static void test_refused(void **state)
{
    struct fix *f = *state;
    int fd, port = f->server.port;
    f->server.port = refusing_port(&fd);
    struct seen s = {0};
    get(f, &s, "/ok", (struct net_req){0});
    f->server.port = port;
    close(fd);
    assert_int_equal(s.err.code, ERR_NET);
    assert_int_equal(s.status, 0);
    assert_non_null(strstr(s.err.msg, "refused the connection"));
    assert_false(s.sent);
}

/* One request to https://127.0.0.1:to through a proxy at port `proxy`: the sentence says who failed. */
static void through(struct fix *f, int proxy, int to, const char *format)
{
    char url[60], proxy_url[80], want[200];
    struct err err = ERR_INIT;
    struct seen s = {.f = f};
    struct net_site_conf conf = {.name = "proxied", .proxy_url = proxy_url};
    if (proxy == 80)
        snprintf(proxy_url, sizeof proxy_url, "http://user:secret@127.9.9.9");    /* nobody listens there */
    else
        snprintf(proxy_url, sizeof proxy_url, "http://user:secret@127.0.0.1:%d", proxy);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/ok", to);
    snprintf(want, sizeof want, format, proxy, to);
    struct net_site *site = net_site_new(f->net, &conf, &err);
    assert_non_null(site);
    struct net_req req = {.url = url, .on_done = on_done, .arg = &s};
    s.call = net_send(f->net, site, &req, &err);
    assert_non_null(s.call);
    finish(f, &s);
    net_site_free(f->net, site);
    assert_int_equal(s.err.code, ERR_NET);
    assert_null(strstr(s.err.msg, "secret"));
    if (strncmp(s.err.msg, want, strlen(want)) != 0)
        fail_msg("got \"%s\", want \"%s...\"", s.err.msg, want);
}

static void test_proxy_in_the_way(void **state)
{
    struct fix *f = *state;
    int fd, refusing = refusing_port(&fd), proxy = f->server.port;
    through(f, refusing, 1, "the proxy 127.0.0.1:%d for 127.0.0.1:%d refused the connection");
    through(f, proxy, 1, "the proxy 127.0.0.1:%d would not connect to 127.0.0.1:%d: it answered with status 404");
    through(f, proxy, 2, "the proxy 127.0.0.1:%d for 127.0.0.1:%d wants a login");
    through(f, proxy, 3, "the proxy 127.0.0.1:%d closed the connection instead of connecting to 127.0.0.1:%d");
    through(f, 80, 1, "the proxy 127.9.9.9:%d for 127.0.0.1:%d refused the connection");
    close(fd);
}

static void test_redirects(void **state)
{
    struct fix *f = *state;
    struct seen same = {0}, away = {0}, circle = {0};
    get(f, &same, "/redir", (struct net_req){.on_head = on_head});
    assert_int_equal(same.status, 200);
    assert_int_equal(same.heads, 1);
    get(f, &away, "/away", (struct net_req){0});
    assert_int_equal(away.err.code, ERR_PROTO);
    assert_non_null(strstr(away.err.msg, "127.0.0.2:1"));
    get(f, &circle, "/circle", (struct net_req){0});
    assert_int_equal(circle.err.code, ERR_PROTO);
}

/* ---- time ---- */

static void test_idle_timeout(void **state)
{
    struct fix *f = *state;
    clock_freeze(1000, 1767225610000);
    struct seen s = {0};
    start(f, &s, "/slow", (struct net_req){.on_data = on_data, .idle_timeout_ms = 30000});
    while (s.bytes < 5)
        net_step(f->net, 100);
    clock_advance(29999);
    net_step(f->net, 0);
    assert_int_equal(s.done, 0);
    clock_advance(1);
    net_step(f->net, 0);
    assert_int_equal(s.done, 1);
    assert_int_equal(s.err.code, ERR_TIMEOUT);
    assert_non_null(strstr(s.err.msg, "silent for 30 s"));
    struct seen t = {0};
    get(f, &t, "/silent", (struct net_req){.timeout_ms = 20});
    assert_int_equal(t.err.code, ERR_TIMEOUT);
}

static void test_retry_after(void **state)
{
    struct fix *f = *state;
    clock_freeze(1000, 1767225610000);
    f->server.wanted_429 = 2;
    struct seen s = {0};
    start(f, &s, "/busy", (struct net_req){.on_head = on_head, .retries = 3});
    int64_t asked[4] = {0};   /* the (frozen) time at which the server had seen so many requests */
    while (!s.done) {
        net_step(f->net, 5);
        int n = atomic_load(&f->server.requests);
        if (!asked[n])
            asked[n] = clock_mono_ms();
        clock_advance(10);
    }
    assert_true(asked[2] - asked[1] >= 990);   /* not before what the server said */
    assert_true(asked[3] - asked[2] >= 990);
    assert_int_equal(s.status, 200);
    assert_int_equal(s.heads, 1);
    assert_int_equal(f->server.requests, 3);
    /* no tries left: the 429 itself is delivered; never repeated for POST */
    f->server.wanted_429 = 10;
    struct seen post = {0};
    get(f, &post, "/busy", (struct net_req){.method = "POST", .retries = 3});
    assert_int_equal(post.status, 429);
    assert_int_equal(f->server.requests, 4);
    struct seen none = {0};
    get(f, &none, "/busy", (struct net_req){0});
    assert_int_equal(none.status, 429);
    assert_string_equal(none.body, "{\"message\":\"slow down\"}");
}

/* ---- cancel ---- */

static void test_cancel(void **state)
{
    struct fix *f = *state;
    struct seen now = {0}, head = {.cancel_in = 1}, data = {.cancel_in = 2}, done = {.cancel_in = 3}, stop = {.cancel_in = 5};
    start(f, &now, "/silent", (struct net_req){0});
    net_cancel(f->net, now.call);
    assert_int_equal(now.done, 1);
    assert_int_equal(now.err.code, ERR_CANCELED);
    get(f, &head, "/slow", (struct net_req){.on_head = on_head, .on_data = on_data});
    assert_int_equal(head.err.code, ERR_CANCELED);
    assert_int_equal(head.bytes, 0);
    get(f, &data, "/slow", (struct net_req){.on_data = on_data});
    assert_int_equal(data.err.code, ERR_CANCELED);
    get(f, &done, "/ok", (struct net_req){0});
    assert_int_equal(done.err.code, ERR_OK);
    get(f, &stop, "/slow", (struct net_req){.on_data = on_data});
    assert_int_equal(stop.err.code, ERR_CANCELED);
    struct seen victim = {0}, killer = {0};
    start(f, &victim, "/silent", (struct net_req){0});
    killer.other = victim.call;
    get(f, &killer, "/ok", (struct net_req){0});
    assert_int_equal(victim.done, 1);
    assert_int_equal(victim.err.code, ERR_CANCELED);
}

static void test_send_in_callback(void **state)
{
    struct fix *f = *state;
    struct seen inner = {0}, outer = {.start = &inner};
    start(f, &outer, "/slow", (struct net_req){.on_data = on_data});
    finish(f, &inner);
    assert_int_equal(inner.status, 200);
    net_cancel(f->net, outer.call);
    assert_int_equal(outer.done, 1);
}

static void test_site_free_in_callback(void **state)
{
    struct fix *f = *state;
    struct seen other = {0}, s = {.cancel_in = 4};
    start(f, &other, "/silent", (struct net_req){0});
    get(f, &s, "/slow", (struct net_req){.on_data = on_data});
    assert_int_equal(s.err.code, ERR_CANCELED);
    assert_int_equal(other.done, 1);
    assert_int_equal(other.err.code, ERR_CANCELED);
}

/* What a request waits for its place is no time of the server's. */
static void test_server_time(void **state)
{
    struct fix *f = *state;
    struct net_site_conf conf = {.name = "one", .max_connections = 1};
    struct err err = ERR_INIT;
    net_site_free(f->net, f->site);
    assert_non_null(f->site = net_site_new(f->net, &conf, &err));
    struct seen held = {.f = f}, queued = {.f = f};
    int64_t opened = clock_mono_ms() + 60;
    start(f, &held, "/gate", (struct net_req){0});
    start(f, &queued, "/ok", (struct net_req){0});
    while (clock_mono_ms() < opened)
        net_step(f->net, 5);
    atomic_store(&f->server.gate, 1);
    finish(f, &held);
    finish(f, &queued);
    assert_int_equal(queued.status, 200);
    assert_true(held.server_ms >= 30);
    assert_true(queued.server_ms >= 0 && queued.first_byte_ms - queued.server_ms >= 40);
    struct seen refused = {.f = f};
    get(f, &refused, "/close", (struct net_req){0});
    finish(f, &refused);
    assert_int_equal(refused.server_ms, -1);
}

static void test_connection_limit(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct net_site_conf conf = {.name = "two", .max_connections = 2};
    struct net_site *two = net_site_new(f->net, &conf, &err), *old = f->site;
    f->site = two;
    struct seen s[12] = {0};
    for (int i = 0; i < 12; i++)
        start(f, &s[i], "/ok", (struct net_req){0});
    for (int i = 0; i < 12; i++)
        finish(f, &s[i]);
    assert_true(f->server.connections <= 2);
    f->site = old;
    net_site_free(f->net, two);
}

/* What one user does to a connection, a 401 that makes the server end it for example, is nothing to another. */
static void test_sites_share_no_connection(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct net_site_conf conf = {.name = "other user"};
    struct net_site *other = net_site_new(f->net, &conf, &err), *own = f->site;
    struct seen a = {0}, b = {0}, c = {0};
    get(f, &a, "/ok", (struct net_req){0});
    f->site = other;
    get(f, &b, "/ok", (struct net_req){0});
    assert_int_equal(f->server.connections, 2);
    f->site = own;
    get(f, &c, "/ok", (struct net_req){0});                  /* its own is kept and used again */
    assert_int_equal(f->server.connections, 2);
    net_site_free(f->net, other);
}

/* A server that read a change and went away without a word may have done it: what was on a kept connection is not sent again. */
static void test_a_change_is_sent_once(void **state)
{
    struct fix *f = *state;
    for (int i = 0; i < 2; i++) {
        struct seen kept = {0}, change = {0};
        get(f, &kept, "/ok", (struct net_req){0});
        int before = f->server.requests;
        get(f, &change, "/close", (struct net_req){.method = i ? "PATCH" : "POST", .body = "{}", .body_len = 2});
        assert_int_equal(change.err.code, ERR_NET);
        assert_true(change.sent);
        assert_int_equal(f->server.requests, before + 1);
    }
}

/* A request that was already waiting when its server was found silent says nothing about how fast it is now. */
static void test_latency_forgotten(void **state)
{
    struct fix *f = *state;
    struct seen before = {0}, waits = {0}, after = {0};
    struct net_site_stat st;
    get(f, &before, "/ok", (struct net_req){0});
    net_site_stat(f->site, &st);
    assert_true(st.latency_ms >= 0);
    start(f, &waits, "/gate", (struct net_req){0});
    usleep(5000);
    net_site_forget_latency(f->site);
    net_site_stat(f->site, &st);
    assert_int_equal(st.latency_ms, -1);
    atomic_store(&f->server.gate, 1);
    finish(f, &waits);
    net_site_stat(f->site, &st);
    assert_int_equal(st.latency_ms, -1);
    get(f, &after, "/ok", (struct net_req){0});
    net_site_stat(f->site, &st);
    assert_true(st.latency_ms >= 0);
}

/* A place that takes connections and is silent is there; so it is for a request that waits to share the connection. */
static void test_silent_handshake(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct net_site_conf conf = {.name = "tls", .http2 = true, .connect_timeout_ms = 200};
    struct net_site *tls = net_site_new(f->net, &conf, &err);
    struct seen s[2] = {0};
    char url[80];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/ok", f->server.port);
    for (int i = 0; i < 2; i++) {
        struct net_req req = {.url = url, .on_done = on_done, .arg = &s[i]};
        s[i].f = f;
        s[i].call = net_send(f->net, tls, &req, &err);
        assert_non_null(s[i].call);
    }
    for (int i = 0; i < 2; i++) {
        finish(f, &s[i]);
        assert_int_equal(s[i].err.code, ERR_TIMEOUT);
        assert_non_null(strstr(s[i].err.msg, "did not finish the TLS handshake within 0.2 s"));
    }
    net_site_free(f->net, tls);
}

static void test_out_of_memory(void **state)
{
    struct fix *f = *state;
    char url[100];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/ok", f->server.port);
    for (long at = 1; at < 60; at++) {
        struct seen s = {.f = f};
        struct err err = ERR_INIT;
        struct net_req req = {.url = url, .on_done = on_done, .arg = &s, .idle_timeout_ms = 60000, .retries = 1};
        mem_fail_at(at, false);
        struct net_call *c = net_send(f->net, f->site, &req, &err);
        for (int i = 0; c && i < 2000 && !s.done; i++)
            net_step(f->net, 100);
        long used = mem_fail_at(0, false);
        assert_int_equal(s.done, c ? 1 : 0);
        if (used < at) {
            assert_int_equal(s.err.code, ERR_OK);
            return;
        }
        assert_int_equal(c ? s.err.code : err.code, ERR_NOMEM);
    }
    fail();
}

static void test_trace_has_no_secrets(void **state)
{
    struct fix *f = *state;
    char file[] = "/tmp/strata-trace-XXXXXX";
    int fd = mkstemp(file);
    setenv("STRATA_TRACE", file, 1);
    trace_open();
    struct seen s = {0};
    const char *secret[] = {"X-Auth-Token: s3cret", NULL};
    start(f, &s, "/ok?a=1&temp_token=s3cret&b=2",
          (struct net_req){.secret_headers = secret, .user = "u", .password = "s3cret", .body = "s3cret", .body_len = 6, .method = "PUT"});
    finish(f, &s);
    trace_close();
    unsetenv("STRATA_TRACE");
    char text[8192];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    assert_true(n > 0);
    text[n] = '\0';
    close(fd);
    unlink(file);
    assert_non_null(strstr(text, "temp_token=***&b=2"));
    assert_null(strstr(text, "s3cret"));
}

int main(void)
{
    struct err err = ERR_INIT;
    if (!net_global_init(&err))
        return 1;
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_ok), T(test_headers_and_methods), T(test_errors), T(test_refused), T(test_proxy_in_the_way), T(test_redirects), T(test_idle_timeout),
        T(test_retry_after), T(test_cancel), T(test_send_in_callback),
        T(test_site_free_in_callback), T(test_connection_limit), T(test_sites_share_no_connection),
        T(test_a_change_is_sent_once), T(test_latency_forgotten), T(test_silent_handshake), T(test_server_time), T(test_out_of_memory), T(test_trace_has_no_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
