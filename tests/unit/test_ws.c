/* WebSockets of core/net against a server of our own that answers by path: well, badly, and with malice. */
#include <arpa/inet.h>
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

#include "core/net/wshand.h"
#include "strata/mem.h"
#include "strata/net.h"

struct server {
    int fd, port;
    pthread_t thread;
    atomic_int got_close, got_pong;
    atomic_size_t pushed;
    char head[4096];
};

static void say(int fd, const void *s, size_t n)
{
    for (const char *p = s; n;) {
        ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
        if (w <= 0)
            return;
        p += w;
        n -= (size_t)w;
    }
}

static void frame(int fd, int first, const void *data, size_t n)
{
    unsigned char h[4] = {(unsigned char)first, (unsigned char)(n < 126 ? n : 126), (unsigned char)(n >> 8), (unsigned char)n};
    say(fd, h, n < 126 ? 2 : 4);
    say(fd, data, n);
}

static bool all(int fd, void *buf, size_t n)
{
    for (char *p = buf; n;) {
        ssize_t r = recv(fd, p, n, 0);
        if (r <= 0)
            return false;
        p += r;
        n -= (size_t)r;
    }
    return true;
}

/* One frame of the client, unmasked; its opcode, -1 at the end. */
static int client_frame(int fd, char *buf, size_t *len)
{
    unsigned char h[2], x[8], mask[4];
    if (!all(fd, h, 2) || !(h[1] & 0x80))
        return -1;
    uint64_t n = h[1] & 0x7f;
    if (n >= 126) {
        size_t k = n == 126 ? 2 : 8;
        if (!all(fd, x, k))
            return -1;
        n = 0;
        for (size_t i = 0; i < k; i++)
            n = n << 8 | x[i];
    }
    if (!all(fd, mask, 4) || n > 1 << 20 || !all(fd, buf, n))
        return -1;
    for (uint64_t i = 0; i < n; i++)
        buf[i] ^= (char)mask[i % 4];
    *len = n;
    return h[0] & 15;
}

static void open_it(int fd, const char *head, const char *protocol)
{
    char key[64] = "", accept[WS_ACCEPT_SIZE], text[400];
    const char *k = strstr(head, "Sec-WebSocket-Key: ");
    sscanf(k ? k : "", "Sec-WebSocket-Key: %63s", key);
    ws_accept_key(key, accept);
    int n = snprintf(text, sizeof text, "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
                     "Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", accept, protocol);
    say(fd, text, (size_t)n);
}

static void serve(struct server *s, int fd, const char *path)
{
    static char buf[1 << 20];
    size_t len;
    static const char forbidden[] = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"kind\":\"Status\",\"message\":\"no r\r\n"
                                    "7\r\night.\"}\r\n0\r\n\r\n";
    if (!strcmp(path, "/forbidden")) {
        say(fd, forbidden, sizeof forbidden - 1);
        recv(fd, buf, 1, 0);      /* the connection stays: the client must know where the text ends */
        return;
    }
    if (!strcmp(path, "/liar")) {
        const char *t = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: b\r\n\r\n";
        say(fd, t, strlen(t));
    } else if (!strcmp(path, "/noise")) {
        say(fd, "SSH-2.0-x\r\n\r\n", 13);
    } else if (!strcmp(path, "/other")) {
        open_it(fd, s->head, "c");
        recv(fd, buf, 1, 0);
    } else if (!strcmp(path, "/ok200")) {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 40);
    } else if (!strcmp(path, "/echo")) {
        open_it(fd, s->head, "b");
        for (int op; (op = client_frame(fd, buf, &len)) >= 0;) {
            if (op == 2)
                frame(fd, 0x82, buf, len < 60000 ? len : 60000);
            if (op == 8) {
                atomic_store(&s->got_close, 1);
                frame(fd, 0x88, buf, len);
                return;
            }
        }
    } else if (!strcmp(path, "/parts")) {      /* a message in three parts, with a ping between, and an end with words */
        open_it(fd, s->head, "a");
        frame(fd, 0x02, "ab", 2);
        frame(fd, 0x89, "p", 1);
        frame(fd, 0x00, "cd", 2);
        frame(fd, 0x80, "ef", 2);
        if (client_frame(fd, buf, &len) == 10 && len == 1 && buf[0] == 'p')
            atomic_store(&s->got_pong, 1);
        frame(fd, 0x88, "\x03\xf3" "dis\x1b[31master", 15);
        client_frame(fd, buf, &len);
    } else if (!strcmp(path, "/cut")) {
        open_it(fd, s->head, "a");
        say(fd, "\x82\x05hel", 5);
    } else if (!strcmp(path, "/masked")) {
        open_it(fd, s->head, "a");
        say(fd, "\x82\x81\1\2\3\4x", 7);
        client_frame(fd, buf, &len);
    } else if (!strcmp(path, "/huge")) {
        open_it(fd, s->head, "a");
        say(fd, "\x82\x7f\x00\x00\x00\x7f\xff\xff\xff\xffx", 11);
        while (client_frame(fd, buf, &len) >= 0)
            ;
    } else if (!strcmp(path, "/flood")) {      /* as much as the client takes */
        open_it(fd, s->head, "a");
        static const char block[32000];
        for (int i = 0; i < 1000; i++) {
            frame(fd, 0x82, block, sizeof block);
            atomic_fetch_add(&s->pushed, 1);
        }
        frame(fd, 0x88, NULL, 0);
        client_frame(fd, buf, &len);
    }
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0; close(fd)) {
        size_t len = 0;
        char path[64] = "";
        while (len < sizeof s->head - 1 && !strstr(s->head, "\r\n\r\n")) {
            ssize_t r = recv(fd, s->head + len, sizeof s->head - 1 - len, 0);
            if (r <= 0)
                break;
            len += (size_t)r;
            s->head[len] = '\0';
        }
        sscanf(s->head, "GET %63s HTTP/1.1", path);
        serve(s, fd, path);
        s->head[0] = '\0';
    }
    return NULL;
}

/* ---- the client ---- */

struct client {
    struct net *net;
    struct net_site *site;
    struct net_call *call;
    struct server server;
    char protocol[8], data[65536], body[256];
    size_t len, messages, bytes;
    unsigned opened, done, rooms;
    struct err err;
    int status;
    bool pause_first, cancel_first;
};

static void on_open(void *arg, const char *protocol)
{
    struct client *c = arg;
    c->opened++;
    snprintf(c->protocol, sizeof c->protocol, "%s", protocol);
}

static void on_message(void *arg, const char *data, size_t len)
{
    struct client *c = arg;
    c->len = len < sizeof c->data ? len : sizeof c->data;
    memcpy(c->data, data, c->len);
    c->bytes += len;
    if (!c->messages++ && c->pause_first)
        net_ws_pause(c->call, true);
    if (c->cancel_first)
        net_cancel(c->net, c->call);
}

static void on_room(void *arg)
{
    ((struct client *)arg)->rooms++;
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct client *c = arg;
    c->done++;
    c->err = r->err;
    c->status = r->status;
    snprintf(c->body, sizeof c->body, "%.*s", (int)r->len, r->len ? r->body : "");
    c->call = NULL;
}

static void start(struct client *c, const char *path)
{
    static const char *const protocols[] = {"b", "a", NULL};
    static const char *const secret[] = {"Authorization: Bearer sesame", NULL};
    static const struct net_ws ws = {.protocols = protocols, .max_message = 100000, .on_open = on_open, .on_message = on_message, .on_room = on_room};
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", c->server.port, path);
    struct net_req req = {.url = url, .secret_headers = secret, .on_done = on_done, .arg = c, .timeout_ms = 20000};
    c->messages = c->bytes = c->len = 0;
    c->opened = c->done = c->rooms = 0;
    c->call = net_ws_open(c->net, c->site, &req, &ws, &c->err);
    assert_non_null(c->call);
}

static void until(struct client *c, const unsigned *what)
{
    while (!*what && !c->done)
        net_step(c->net, 1000);
}

static void run(struct client *c, const char *path)
{
    start(c, path);
    until(c, &c->done);
    assert_int_equal(c->done, 1);
}

static int setup(void **state)
{
    static struct client c;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    c = (struct client){.net = NULL};
    net_global_init(NULL);
    c.server.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(c.server.fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(c.server.fd, 5), 0);
    getsockname(c.server.fd, (struct sockaddr *)&at, &n);
    c.server.port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&c.server.thread, NULL, server_main, &c.server), 0);
    c.net = net_new(NULL);
    c.site = net_site_new(c.net, &(struct net_site_conf){.name = "t", .proxy_url = ""}, NULL);
    *state = &c;
    return 0;
}

static int teardown(void **state)
{
    struct client *c = *state;
    net_free(c->net);
    shutdown(c->server.fd, SHUT_RDWR);
    pthread_join(c->server.thread, NULL);
    close(c->server.fd);
    return 0;
}

/* ---- tests ---- */

static void keys(void **state)
{
    char out[WS_ACCEPT_SIZE];
    (void)state;
    ws_accept_key("dGhlIHNhbXBsZSBub25jZQ==", out);     /* RFC 6455, 1.3 */
    assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    char text[40] = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    bool end;
    assert_int_equal(ws_dechunk(text, strlen(text), &end), 5);
    assert_true(end && !memcmp(text, "abcde", 5));
}

static void echo_and_close(void **state)
{
    struct client *c = *state;
    start(c, "/echo");
    until(c, &c->opened);
    assert_string_equal(c->protocol, "b");
    assert_non_null(strstr(c->server.head, "Authorization: Bearer sesame\r\n"));
    assert_true(net_ws_send(c->call, "\0", 1, "hello", 5));
    while (!c->messages && !c->done)
        net_step(c->net, 1000);
    assert_int_equal(c->len, 6);
    assert_memory_equal(c->data, "\0hello", 6);
    char *big = calloc(1, 300000);      /* the queue is bounded, and says when there is room again */
    size_t taken = 0;
    while (net_ws_send(c->call, "", 1, big, 60000))
        taken++;
    assert_in_range(taken, NET_WS_QUEUE / 60000 - 1, NET_WS_QUEUE / 60000 + 1);
    until(c, &c->rooms);
    assert_int_equal(c->rooms, 1);
    for (taken += 1; net_ws_send(c->call, "", 1, big, 60000); )
        taken++;
    free(big);
    net_ws_close(c->call);               /* what is queued goes first */
    until(c, &c->done);
    assert_int_equal(c->messages, taken);
    assert_int_equal(c->err.code, ERR_OK);
    assert_true(atomic_load(&c->server.got_close));
}

static void refusals(void **state)
{
    struct client *c = *state;
    run(c, "/forbidden");
    assert_int_equal(c->status, 403);
    assert_string_equal(c->body, "{\"kind\":\"Status\",\"message\":\"no right.\"}");
    static const struct { const char *path; enum err_code code; const char *says; } bad[] = {
        {"/liar", ERR_PROTO, "not as a WebSocket server"}, {"/noise", ERR_PROTO, "not HTTP"}, {"/other", ERR_PROTO, "none of the stream protocols"},
        {"/ok200", ERR_PROTO, "no refusal"}, {"/none", ERR_NET, "without an answer"}, {"/cut", ERR_NET, "in the middle"},
        {"/masked", ERR_PROTO, "breaks the WebSocket protocol"}, {"/huge", ERR_TOOBIG, "too big"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        run(c, bad[i].path);
        assert_int_equal(c->err.code, bad[i].code);
        assert_non_null(strstr(c->err.msg, bad[i].says));
        assert_int_equal(c->messages, 0);
    }
}

static void parts(void **state)
{
    struct client *c = *state;
    run(c, "/parts");
    assert_int_equal(c->messages, 1);
    assert_int_equal(c->len, 6);
    assert_memory_equal(c->data, "abcdef", 6);
    assert_true(atomic_load(&c->server.got_pong));
    assert_int_equal(c->err.detail, 1011);
    assert_non_null(strstr(c->err.msg, "aster"));
    assert_null(strchr(c->err.msg, 0x1b));
}

static void paused_reader(void **state)
{
    struct client *c = *state;
    c->pause_first = true;
    start(c, "/flood");
    while (!c->messages)
        net_step(c->net, 1000);
    for (size_t before = 0, still = 0; still < 20;) {     /* until the server stands: what it pushed does not grow */
        size_t now = atomic_load(&c->server.pushed);
        still = now == before ? still + 1 : 0;
        before = now;
        net_step(c->net, 5);
    }
    assert_true(atomic_load(&c->server.pushed) < 1000);
    assert_true(c->messages < 10);
    c->pause_first = false;
    net_ws_pause(c->call, false);
    until(c, &c->done);
    assert_int_equal(c->err.code, ERR_OK);
    assert_int_equal(c->messages, 1000);
    assert_int_equal(c->bytes, 32000000);
}

static void canceled_in_callback(void **state)
{
    struct client *c = *state;
    c->cancel_first = true;
    run(c, "/flood");
    c->cancel_first = false;
    assert_int_equal(c->err.code, ERR_CANCELED);
    assert_int_equal(c->messages, 1);
    start(c, "/echo");
    net_site_free(c->net, c->site);
    assert_int_equal(c->done, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys), cmocka_unit_test(echo_and_close), cmocka_unit_test(refusals), cmocka_unit_test(parts),
        cmocka_unit_test(paused_reader), cmocka_unit_test(canceled_in_callback),
    };
    return cmocka_run_group_tests_name("ws", tests, setup, teardown);
}
