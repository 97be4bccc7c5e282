/* Requests of core/net beside each other and over time: timeouts, patience, canceling, shared and kept connections. */
#include "net_server.h"

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
    assert_non_null(strstr(s.err.msg, "nothing more came for 30 s"));
    struct seen t = {0};
    get(f, &t, "/silent", (struct net_req){.timeout_ms = 20});
    assert_int_equal(t.err.code, ERR_TIMEOUT);
}

/* Who only looks gives a silent server up; what changes something is not given up by it, and bytes that come are waited for. */
static void test_patience(void **state)
{
    struct fix *f = *state;
    clock_freeze(1000, 1767225610000);
    net_set_patience(f->net, 10000);
    struct seen look = {0}, change = {0}, slow = {0};
    start(f, &look, "/silent", (struct net_req){.timeout_ms = 60000});
    start(f, &change, "/silent", (struct net_req){.method = "POST", .body = "x", .body_len = 1, .timeout_ms = 60000});
    start(f, &slow, "/slow", (struct net_req){.timeout_ms = 60000, .on_data = on_data});
    while (slow.bytes < 5)
        net_step(f->net, 100);
    clock_advance(9999);
    net_step(f->net, 0);
    assert_int_equal(look.done, 0);
    clock_advance(1);
    net_step(f->net, 0);
    assert_int_equal(look.done, 1);
    assert_int_equal(look.err.code, ERR_TIMEOUT);
    assert_non_null(strstr(look.err.msg, "did not answer within 10 s"));
    assert_int_equal(change.done, 0);
    assert_int_equal(slow.done, 1);
    assert_non_null(strstr(slow.err.msg, "began an answer of which nothing more came for 10 s"));
    net_cancel(f->net, change.call);
    net_set_patience(f->net, 0);
}

/* A server that answers those who came before is busy: it is given more time, but not for ever. */
static void test_busy(void **state)
{
    struct fix *f = *state;
    clock_freeze(1000, 1767225610000);
    net_set_patience(f->net, 10000);
    struct seen before = {0}, look = {0}, much_later = {0};
    start(f, &before, "/v3/gate", (struct net_req){.timeout_ms = 60000});
    start(f, &look, "/v2.1/silent", (struct net_req){.timeout_ms = 60000});
    while (atomic_load(&f->server.requests) < 2)
        net_step(f->net, 20);
    clock_advance(9000);
    atomic_store(&f->server.gate, 1);
    finish(f, &before);
    clock_advance(9999);
    net_step(f->net, 0);
    assert_int_equal(look.done, 0);
    get(f, &much_later, "/v3/gate", (struct net_req){.timeout_ms = 60000});
    clock_advance(1);
    net_step(f->net, 0);
    assert_int_equal(look.done, 1);
    assert_non_null(strstr(look.err.msg, "did not answer within 10 s"));
    net_set_patience(f->net, 0);
}

/* A connection that is lost at once is tried again; after a long wait it is told. */
static void test_lost_late(void **state)
{
    struct fix *f = *state;
    clock_freeze(1000, 1767225610000);
    struct seen late = {0};
    start(f, &late, "/dies", (struct net_req){.timeout_ms = 60000, .retries = 1});
    while (!atomic_load(&f->server.requests))
        net_step(f->net, 20);
    clock_advance(9000);
    atomic_store(&f->server.gate, 1);
    finish(f, &late);
    assert_int_equal(late.err.code, ERR_NET);
    assert_int_equal(atomic_load(&f->server.requests), 1);
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

/* ---- connections ---- */

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

/* A place in the way that takes connections and ends them: one that answered before, if only once and long ago, is waited for. */
static void test_broken_handshake(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct net_site_conf conf = {.name = "new"};
    struct net_site *own = f->site, *fresh = net_site_new(f->net, &conf, &err);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    struct seen ok = {0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 4), 0);
    getsockname(fd, (struct sockaddr *)&a, &n);
    get(f, &ok, "/ok", (struct net_req){0});
    net_site_forget_latency(own);
    for (int i = 0; i < 3; i++) {              /* closed; never answered before; not TLS */
        struct seen s = {.f = f};
        char url[80];
        snprintf(url, sizeof url, "https://127.0.0.1:%d/ok", ntohs(a.sin_port));
        struct net_req req = {.method = "POST", .url = url, .body = "{}", .body_len = 2, .on_done = on_done, .arg = &s};
        assert_non_null(net_send(f->net, i == 1 ? fresh : own, &req, &err));
        for (int c = -1; !s.done;) {
            char hello[2048];
            net_step(f->net, 10);
            c = c < 0 ? accept(fd, NULL, NULL) : c;
            if (c < 0 || recv(c, hello, sizeof hello, MSG_DONTWAIT) <= 0)
                continue;
            if (i == 2)
                says(c, "HTTP/1.1 503 Service Unavailable\r\n\r\n");
            close(c);
            c = -1;
        }
        assert_int_equal(s.err.code, i == 1 ? ERR_TLS : ERR_NET);
        assert_false(s.sent);
        if (!strstr(s.err.msg, i == 0 ? "during the TLS handshake, but answered before" : i == 1 ? "is it an http:// server" : "does not speak TLS now, but did before"))
            fail_msg("%s", s.err.msg);
    }
    close(fd);
    net_site_free(f->net, fresh);
}

int main(void)
{
    struct err err = ERR_INIT;
    if (!net_global_init(&err))
        return 1;
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_idle_timeout), T(test_patience), T(test_lost_late), T(test_busy), T(test_retry_after), T(test_cancel), T(test_send_in_callback), T(test_site_free_in_callback),
        T(test_server_time), T(test_connection_limit), T(test_sites_share_no_connection), T(test_latency_forgotten),
        T(test_silent_handshake), T(test_broken_handshake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
