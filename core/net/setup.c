/* From a request to a configured libcurl handle. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "net_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define STREAM_BUFFER (512L << 10)
#define SEND_TIMEOUT_MS 30000u   /* unacknowledged data for so long: the peer is gone */

static bool is_loopback(const char *host)
{
    size_t n = strlen(host);
    struct in_addr a4;
    struct in6_addr a6;
    if (strcasecmp(host, "localhost") == 0 || (n > 10 && strcasecmp(host + n - 10, ".localhost") == 0))
        return true;
    if (inet_pton(AF_INET, host, &a4) == 1)
        return ntohl(a4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &a6) == 1 && IN6_IS_ADDR_LOOPBACK(&a6);
}

static enum err_code parse_parts(struct net_call *c, CURLU *u, struct err *err)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *full = NULL, *explicit_port = NULL;
    enum err_code code = ERR_OK;
    if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) || curl_url_get(u, CURLUPART_HOST, &host, 0) || !*host ||
        curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT)) {
        code = err_set(err, ERR_USAGE, 0, "the URL names no server");
        goto out;
    }
    c->tls = strcmp(scheme, "https") == 0;
    if (!c->tls && strcmp(scheme, "http") != 0) {
        code = err_set(err, ERR_USAGE, 0, "only http and https URLs are supported");
        goto out;
    }
    curl_url_get(u, CURLUPART_PORT, &explicit_port, CURLU_NO_DEFAULT_PORT);
    c->port = 0;
    for (const char *p = port; *p; p++)
        c->port = c->port * 10 + (*p - '0');
    struct str authority;
    str_init(&authority, 0);
    str_adds(&authority, host);   /* IPv6 comes with its brackets */
    if (explicit_port)
        str_addf(&authority, ":%s", explicit_port);
    c->authority = str_take(&authority);
    size_t n = strlen(host);
    c->host = *host == '[' ? mem_strndup(host + 1, n - 2) : mem_strdup(host);
    if (curl_url_get(u, CURLUPART_URL, &full, 0) == CURLUE_OK)
        c->url = mem_strdup(full);
    if (!c->authority || !c->host || !c->url) {
        code = err_set(err, ERR_NOMEM, 0, "no memory for a request");
        goto out;
    }
    c->loopback = is_loopback(c->host);
out:
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(explicit_port);
    curl_free(full);
    return code;
}

enum err_code call_parse_url(struct net_call *c, const char *url, struct err *err)
{
    CURLU *u = curl_url();
    if (!u)
        return err_set(err, ERR_NOMEM, 0, "no memory for a request");
    enum err_code code;
    CURLUcode rc = url ? curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) : CURLUE_BAD_HANDLE;
    if (rc != CURLUE_OK)
        code = err_set(err, ERR_USAGE, (int)rc, "not a URL (%s)", url ? curl_url_strerror(rc) : "none given");
    else
        code = parse_parts(c, u, err);
    curl_url_cleanup(u);
    return code;
}

/* Sockets of our own making: not inherited by exec'ed helpers, and no half-open connection for hours. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
    (void)arg;
    (void)purpose;
    int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC, addr->protocol);
    if (fd >= 0 && (addr->family == AF_INET || addr->family == AF_INET6)) {
        unsigned ms = SEND_TIMEOUT_MS;
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    }
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* The server is to be addressed, and verified, as tls_server_name: that name goes into the URL, the connection
 * to the real place, and the Host header stays what it was. */
static enum err_code setup_server_name(struct net_call *c, struct err *err)
{
    const char *name = c->site->tls_server_name;
    bool v6 = strchr(name, ':') != NULL;
    struct str url, to;
    str_init(&url, 0);
    str_init(&to, 0);
    const char *at = strstr(c->url, "//") + 2;
    str_addf(&url, v6 ? "https://[%s]:%d%s" : "https://%s:%d%s", name, c->port, at + strcspn(at, "/?#"));
    str_addf(&to, "%s%s%s:%d:%s%s%s:%d", v6 ? "[" : "", name, v6 ? "]" : "", c->port, strchr(c->host, ':') ? "[" : "",
             c->host, strchr(c->host, ':') ? "]" : "", c->port);
    CURLcode rc = url.failed || to.failed ? CURLE_OUT_OF_MEMORY : curl_easy_setopt(c->easy, CURLOPT_URL, url.data);
    if (rc == CURLE_OK && !c->connect_to) {
        c->connect_to = curl_slist_append(NULL, to.data);
        struct str host;
        str_init(&host, 0);
        str_addf(&host, "Host: %s", c->authority);
        struct curl_slist *list = host.failed ? NULL : curl_slist_append(c->headers, host.data);
        str_release(&host);
        if (!list || !c->connect_to)
            rc = CURLE_OUT_OF_MEMORY;
        else
            c->headers = list;
    }
    str_release(&url);
    str_release(&to);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(c->easy, CURLOPT_CONNECT_TO, c->connect_to);
    return rc == CURLE_OK ? ERR_OK : err_set(err, ERR_NOMEM, (int)rc, "no memory for a request");
}

static void setup_method(struct net_call *c)
{
    CURL *e = c->easy;
    if (strcmp(c->method, "HEAD") == 0) {
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    } else if (c->body || strcmp(c->method, "POST") == 0) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body ? c->body : "");
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body_len);
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
    } else if (strcmp(c->method, "GET") != 0) {
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
    }
}

static void setup_proxy(struct net_call *c)
{
    const char *proxy = c->site->proxy;
    if (proxy) {
        curl_easy_setopt(c->easy, CURLOPT_PROXY, proxy);   /* "" = none */
        curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "");    /* said explicitly: the environment has no say */
    } else if (c->loopback) {
        curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
    }
    curl_easy_setopt(c->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

/* curl adds "Expect: 100-continue" to bigger bodies, which costs a round trip or a second. */
static bool no_expect(struct net_call *c)
{
    for (struct curl_slist *h = c->headers; h; h = h->next)
        if (strncasecmp(h->data, "Expect:", 7) == 0)
            return true;
    struct curl_slist *list = curl_slist_append(c->headers, "Expect:");
    if (list)
        c->headers = list;
    return list != NULL;
}

static void connect_only(CURL *e)
{
    curl_easy_setopt(e, CURLOPT_SHARE, NULL);
    curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

enum err_code call_setup(struct net_call *c, struct err *err)
{
    CURL *e = c->easy;
    const struct net_site *s = c->site;
    if (c->body && !no_expect(c))
        return err_set(err, ERR_NOMEM, 0, "no memory for a request");
    if (curl_easy_setopt(e, CURLOPT_URL, c->url) != CURLE_OK)
        return err_set(err, ERR_NOMEM, 0, "no memory for a request");
    curl_easy_setopt(e, CURLOPT_PRIVATE, c);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);   /* a resolver that hangs is left behind, not waited for by the loop */
#endif
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->curl_text);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, receive_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_timeout_ms);
    if (c->timeout_ms > 0) {   /* a later try has what is left */
        int64_t left = c->timeout_ms - (c->started_ms ? clock_mono_ms() - c->started_ms : 0);
        curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, left > 0 ? (long)left : 1L);
    }
    if (c->on_data)
        curl_easy_setopt(e, CURLOPT_BUFFERSIZE, STREAM_BUFFER);
    if (s->http2 && c->tls) {
        curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
    } else {
        curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    }
    if (s->compress && !c->loopback)
        curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
    /* libcurl sends again what was on a kept connection that ended without a byte; a server that had read it would do it
     * twice. What changes something gets a connection of its own. */
    if (c->fresh || !c->safe)
        curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
    if (c->fresh)
        curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
    if (c->user) {
        curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(e, CURLOPT_USERNAME, c->user);
        curl_easy_setopt(e, CURLOPT_PASSWORD, c->password ? c->password : "");
    }
    setup_method(c);
    setup_proxy(c);
    if (s->tls_server_name && c->tls && strcasecmp(s->tls_server_name, c->host) != 0 &&
        setup_server_name(c, err) != ERR_OK)
        return err ? err->code : ERR_NOMEM;
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
    if (site_apply(s, e) != ERR_OK)
        return err_set(err, ERR_NOMEM, 0, "no memory for a request");
    if (c->ws)   /* the connection alone, and ours alone */
        connect_only(e);
    return ERR_OK;
}
