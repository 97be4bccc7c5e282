/* What went wrong below HTTP, as one sentence that names the place and says what to do. */
#include <errno.h>
#include <string.h>

#include "net_priv.h"
#include "strata/clock.h"
#include "strata/text.h"

/* libcurl's own words, cleaned: they quote names from certificates. */
static void curl_words(const struct net_call *c, CURLcode code, char *buf, size_t size)
{
    struct str s;
    str_init(&s, 0);
    const char *text = c->curl_text[0] ? c->curl_text : curl_easy_strerror(code);
    text_clean(&s, text, strlen(text), 0);
    while (s.len && s.data[s.len - 1] == ' ')
        s.data[--s.len] = '\0';
    snprintf(buf, size, "%s", s.data);
    str_release(&s);
}

static bool says(const struct net_call *c, const char *words)
{
    return text_casestr(c->curl_text, strlen(c->curl_text), words, strlen(words)) != NULL;
}

/* The TLS alert by which a server refuses our certificate; TLS 1.3 delivers it with the first read. */
static bool is_client_cert_alert(const struct net_call *c)
{
    return says(c, "alert") && (says(c, "certificate") || says(c, "unknown ca"));
}

static enum err_code tls_client_cert(struct err *err, const struct net_call *c, CURLcode code)
{
    if (says(c, "expired"))
        return err_set(err, ERR_TLS, (int)code, "%s:%d says that our client certificate has expired: renew it", c->host, c->port);
    if (says(c, "required") || says(c, "handshake failure"))
        return err_set(err, ERR_TLS, (int)code, "%s:%d wants a client certificate: configure one", c->host, c->port);
    if (says(c, "unknown ca"))
        return err_set(err, ERR_TLS, (int)code, "%s:%d does not trust the issuer of our client certificate", c->host, c->port);
    return err_set(err, ERR_TLS, (int)code, "%s:%d refused our client certificate: check that it belongs to this server",
                   c->host, c->port);
}

static enum err_code tls_verify(struct err *err, const struct net_call *c, CURLcode code)
{
    enum { EXPIRED = 10, NOT_YET = 9, SELF_SIGNED = 18, SELF_SIGNED_CHAIN = 19, NO_ISSUER_CERT = 2, NO_ISSUER = 20,
           UNVERIFIABLE = 21, BAD_SIGNATURE = 7 };   /* X509_V_ERR_* */
    const char *server = c->site->tls_server_name ? c->site->tls_server_name : c->host;
    long result = 0;
    curl_easy_getinfo(c->easy, CURLINFO_SSL_VERIFYRESULT, &result);
    switch (result) {
    case EXPIRED:
        return err_set(err, ERR_TLS, (int)code, "the certificate of %s:%d has expired: it must be renewed there (or the clock "
                       "here is wrong)", c->host, c->port);
    case NOT_YET:
        return err_set(err, ERR_TLS, (int)code, "the certificate of %s:%d is not valid yet: check the clocks", c->host, c->port);
    case SELF_SIGNED: case SELF_SIGNED_CHAIN: case NO_ISSUER_CERT: case NO_ISSUER: case UNVERIFIABLE: case BAD_SIGNATURE:
        return err_set(err, ERR_TLS, (int)code, "the certificate of %s:%d is signed by an unknown authority: configure its CA "
                       "certificate%s", c->host, c->port, c->site->ca_data || c->site->ca_file ? " (another one is configured)" : "");
    default:
        break;
    }
    if (says(c, "subject name") || says(c, "does not match") || says(c, "altname"))
        return err_set(err, ERR_TLS, (int)code, "the certificate of %s:%d is not for the name %s: check the address, or set the "
                       "TLS server name", c->host, c->port, server);
    char words[160];
    curl_words(c, code, words, sizeof words);
    return err_set(err, ERR_TLS, (int)code, "the certificate of %s:%d cannot be verified: %s", c->host, c->port, words);
}

/* "host:port" of the proxy that stands in the way: the configured one, or the one libcurl took from the environment, which
 * only its words name. */
static bool proxy_place(const struct net_call *c, char *out, size_t size)
{
    const char *proxy = c->site->proxy;
    char words[200], host[160];
    int port = 0;
    *out = '\0';
    if (proxy) {
        CURLU *u = *proxy ? curl_url() : NULL;
        char *h = NULL, *p = NULL;
        if (u && !curl_url_set(u, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) &&
            !curl_url_get(u, CURLUPART_HOST, &h, 0)) {
            curl_url_get(u, CURLUPART_PORT, &p, CURLU_DEFAULT_PORT);
            snprintf(out, size, "%s%s%s", h, p ? ":" : "", p ? p : "");
        }
        curl_free(h);
        curl_free(p);
        curl_url_cleanup(u);
        return *proxy;
    }
    curl_words(c, CURLE_COULDNT_CONNECT, words, sizeof words);
    if (sscanf(words, "Failed to connect to %159[^ :] port %d", host, &port) != 2 || (port == c->port && !strcasecmp(host, c->host)))
        return false;
    snprintf(out, size, "%s:%d", host, port);
    return true;
}

static enum err_code connect_failed(struct err *err, const struct net_call *c, CURLcode code)
{
    long os = 0;
    char proxy[200], via[64] = "", words[160];
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os);
    if (proxy_place(c, proxy, sizeof proxy)) {
        if (os == ECONNREFUSED)
            return err_set(err, ERR_NET, (int)os, "the proxy %s for %s:%d refused the connection: is the proxy running?", proxy, c->host,
                           c->port);
        snprintf(via, sizeof via, " (through the proxy %.40s)", proxy);
    } else if (os == ECONNREFUSED) {
        return err_set(err, ERR_NET, (int)os, "%s:%d refused the connection: is the server running?", c->host, c->port);
    }
    if (os) {
        const char *text = strerrordesc_np((int)os);
        return err_set(err, ERR_NET, (int)os, "cannot connect to %s:%d%s: %s", c->host, c->port, via, text ? text : "unknown error");
    }
    curl_words(c, code, words, sizeof words);
    return err_set(err, ERR_NET, (int)code, "cannot connect to %s:%d%s: %s", c->host, c->port, via, words);
}

/* The proxy was reached, but no way through it. */
static bool proxy_failed(struct err *err, const struct net_call *c, CURLcode code)
{
    long status = 0;
    char proxy[200], words[160];
    curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status < 300 && code != CURLE_PROXY && !says(c, "Proxy CONNECT"))
        return false;
    proxy_place(c, proxy, sizeof proxy);
    const char *sep = *proxy ? " " : "";
    if (status == 407)
        err_set(err, ERR_NET, (int)status, "the proxy%s%s for %s:%d wants a login: write it into its URL, http://USER:PASSWORD@HOST:PORT",
                sep, proxy, c->host, c->port);
    else if (status)
        err_set(err, ERR_NET, (int)status, "the proxy%s%s would not connect to %s:%d: it answered with status %ld", sep, proxy, c->host,
                c->port, status);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        err_set(err, ERR_TIMEOUT, (int)code, "the proxy%s%s has not connected to %s:%d in time", sep, proxy, c->host, c->port);
    else if (code == CURLE_PROXY)
        curl_words(c, code, words, sizeof words),
        err_set(err, ERR_NET, (int)code, "the proxy%s%s would not connect to %s:%d: %s", sep, proxy, c->host, c->port, words);
    else
        err_set(err, ERR_NET, (int)code, "the proxy%s%s closed the connection instead of connecting to %s:%d", sep, proxy, c->host, c->port);
    return true;
}

/* It has a port here, so TCP is there (the time of it is told only with that of TLS). */
static bool waits_for_tls(CURL *easy)
{
    curl_off_t ready = 0;
    long port = 0;
    curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return port > 0 && ready == 0;
}

/* The place takes connections: ours, or the one of another request of this site that ours waits for to share it. */
static bool accepts(const struct net_call *c)
{
    struct net_site *s = c->site;
    int64_t now = clock_mono_ms();
    bool any = waits_for_tls(c->easy);
    for (const struct net_call *other = c->net->calls; other && !any; other = other->next)
        any = other->site == s && other->easy && waits_for_tls(other->easy);
    if (any)
        s->accepted_ms = now;
    return any || (s->accepted_ms && now - s->accepted_ms < s->connect_timeout_ms);
}

/* How far it came; ready: the request could be sent. */
static const char *missed(const struct net_call *c, bool ready)
{
    return c->head_done ? "did not finish its answer" :
           ready        ? "did not answer" :      /* also on a connection that was there before: it has no time of its own */
           accepts(c)   ? "accepts connections but did not finish the TLS handshake" : "cannot be reached: no connection";
}

static enum err_code timed_out(struct err *err, const struct net_call *c, CURLcode code)
{
    curl_off_t ready = 0;
    curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    int limit = ready == 0 && (c->timeout_ms == 0 || c->site->connect_timeout_ms < c->timeout_ms)
                    ? c->site->connect_timeout_ms : c->timeout_ms;
    return err_set(err, ERR_TIMEOUT, (int)code, "%s:%d %s within %g s", c->host, c->port, missed(c, ready > 0), limit / 1000.0);
}

void fault_silent(struct err *err, const struct net_call *c, int ms)
{
    curl_off_t ready = 0;
    curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    if (c->head_done)
        err_set(err, ERR_TIMEOUT, 0, "%s:%d began an answer of which nothing more came for %g s", c->host, c->port, ms / 1000.0);
    else
        err_set(err, ERR_TIMEOUT, 0, "%s:%d %s within %g s", c->host, c->port, missed(c, ready > 0), ms / 1000.0);
}

static enum err_code cut(struct err *err, const struct net_call *c, CURLcode code)
{
    if (c->head_done)
        return err_set(err, ERR_PROTO, (int)code, "the answer of %s:%d was cut off after %zu bytes", c->host, c->port, c->received);
    return err_set(err, ERR_NET, (int)code, "%s:%d closed the connection without an answer", c->host, c->port);
}

/* Nothing of the request was sent. A place that answered before is set up right: what stands in front of it lost it for now. */
static void handshake_failed(struct err *err, const struct net_call *c, CURLcode code)
{
    bool before = c->site->answered;
    char words[160];
    enum err_code as = before ? ERR_NET : ERR_TLS;
    if (says(c, "Connection reset") || says(c, "Broken pipe")) {      /* a server that dies: no fault of certificates */
        err_set(err, ERR_NET, (int)code, "%s:%d broke the connection off", c->host, c->port);
    } else if (says(c, "SSL_ERROR_SYSCALL") || says(c, "unexpected eof")) {
        err_set(err, as, (int)code, "%s:%d closed the connection during the TLS handshake%s", c->host, c->port,
                before ? ", but answered before" : ": is it an http:// server, or a proxy in between?");
    } else if (says(c, "wrong version number") || says(c, "packet length too long")) {
        err_set(err, as, (int)code, "%s:%d does not speak TLS%s", c->host, c->port, before ? " now, but did before" : ": is it http:// instead of https://?");
    } else {
        curl_words(c, code, words, sizeof words);
        err_set(err, as, (int)code, "no TLS connection with %s:%d%s: %s", c->host, c->port, before ? ", which answered before" : "", words);
    }
}

void fault_from_curl(struct err *err, const struct net_call *c, CURLcode code)
{
    char words[200];
    if (proxy_failed(err, c, code))
        return;
    switch (code) {
    case CURLE_OUT_OF_MEMORY:
        err_set(err, ERR_NOMEM, 0, "no memory for a request");
        return;
    case CURLE_COULDNT_RESOLVE_HOST:
        err_set(err, ERR_NET, (int)code, "the name %s cannot be resolved: check it, or the DNS", c->host);
        return;
    case CURLE_COULDNT_RESOLVE_PROXY:
        err_set(err, ERR_NET, (int)code, "the name of the proxy for %s:%d cannot be resolved", c->host, c->port);
        return;
    case CURLE_COULDNT_CONNECT:
        connect_failed(err, c, code);
        return;
    case CURLE_OPERATION_TIMEDOUT:
        timed_out(err, c, code);
        return;
    case CURLE_PEER_FAILED_VERIFICATION: case CURLE_SSL_ISSUER_ERROR: case CURLE_SSL_INVALIDCERTSTATUS:
        tls_verify(err, c, code);
        return;
    case CURLE_SSL_CERTPROBLEM:
        curl_words(c, code, words, sizeof words);
        err_set(err, ERR_TLS, (int)code, "%s: the client certificate or its key cannot be used: %s", c->site->name, words);
        return;
    case CURLE_SSL_CACERT_BADFILE:
        err_set(err, ERR_TLS, (int)code, "%s: the CA certificate cannot be read: check the path and that it is PEM", c->site->name);
        return;
    case CURLE_SSL_CONNECT_ERROR:
        if (is_client_cert_alert(c))
            tls_client_cert(err, c, code);
        else
            handshake_failed(err, c, code);
        return;
    case CURLE_RECV_ERROR: case CURLE_SEND_ERROR:
        if (is_client_cert_alert(c)) {
            tls_client_cert(err, c, code);
            return;
        }
        cut(err, c, code);
        return;
    case CURLE_PARTIAL_FILE: case CURLE_GOT_NOTHING: case CURLE_HTTP2: case CURLE_HTTP2_STREAM:
        cut(err, c, code);
        return;
    default:
        break;
    }
    curl_words(c, code, words, sizeof words);
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_BAD_CONTENT_ENCODING ||
        code == CURLE_HTTP_RETURNED_ERROR)
        err_set(err, ERR_PROTO, (int)code, "%s:%d gives an answer that is not HTTP: %s", c->host, c->port, words);
    else
        err_set(err, ERR_NET, (int)code, "%s:%d: %s", c->host, c->port, words);
}
