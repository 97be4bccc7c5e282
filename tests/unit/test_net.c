/* One request of core/net against a small server: answers, errors, proxies, redirects, what is sent once, what is traced. */
#include "net_server.h"

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
        T(test_ok), T(test_headers_and_methods), T(test_errors), T(test_refused), T(test_proxy_in_the_way), T(test_redirects),
        T(test_a_change_is_sent_once), T(test_out_of_memory), T(test_trace_has_no_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
