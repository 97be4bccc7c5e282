/* A server: its TLS identity and proxy as options of a handle; what its answers teach about it. */
#include <string.h>
#include <strings.h>

#include "net_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

static void site_destroy(struct net_site *s)
{
    if (s->share)
        curl_share_cleanup(s->share);
    mem_free(s->name);
    mem_free(s->ca_file);
    mem_free(s->ca_data);
    mem_free(s->cert_file);
    mem_free(s->cert_data);
    mem_free(s->key_file);
    mem_free_secret(s->key_data);
    mem_free(s->tls_server_name);
    mem_free_secret(s->proxy);   /* may hold a password */
    mem_free(s->user_agent);
    mem_free(s);
}

void site_unref(struct net_site *s)
{
    if (--s->refs == 0)
        site_destroy(s);
}

static bool copy(char **to, const char *from)
{
    *to = mem_strdup(from && *from ? from : NULL);
    return *to || !from || !*from;
}

/* "http://proxy" is its port 80, as everywhere; for libcurl it would be 1080. */
static bool http_default_port(const char *url, struct str *out)
{
    CURLU *u = curl_url();
    char *port = NULL, *full = NULL;
    bool bare = u && !curl_url_set(u, CURLUPART_URL, url, 0) && curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_NO_PORT &&
                !curl_url_set(u, CURLUPART_PORT, "80", 0) && !curl_url_get(u, CURLUPART_URL, &full, 0);
    if (bare)
        str_adds(out, full);
    curl_free(port);
    curl_free(full);
    curl_url_cleanup(u);
    return bare;
}

/* Go's "socks5" lets the proxy resolve names; curl calls that socks5h. */
static enum err_code copy_proxy(struct net_site *s, const char *url, struct err *err)
{
    static const char *const known[] = {"http://", "https://", "socks5://", "socks5h://", "socks4://", "socks4a://"};
    if (!url)
        return ERR_OK;
    if (!*url)
        return (s->proxy = mem_strdup("")) ? ERR_OK : err_set(err, ERR_NOMEM, 0, "no memory");
    bool ok = strstr(url, "://") == NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ok |= strncasecmp(url, known[i], strlen(known[i])) == 0;
    if (!ok)
        return err_set(err, ERR_CONFIG, 0, "%s: the proxy URL must start with http://, https:// or socks5://", s->name);
    struct str p;
    str_init(&p, 0);
    if (strncasecmp(url, "socks5://", 9) == 0)
        str_addf(&p, "socks5h://%s", url + 9);
    else if (strncasecmp(url, "http://", 7) != 0 || !http_default_port(url, &p))
        str_adds(&p, url);
    s->proxy = str_take(&p);
    return s->proxy ? ERR_OK : err_set(err, ERR_NOMEM, 0, "no memory");
}

struct net_site *net_site_new(struct net *n, const struct net_site_conf *conf, struct err *err)
{
    net_assert_thread(n);
    struct net_site *s = mem_zalloc(sizeof *s);
    bool ok = s && copy(&s->name, conf->name ? conf->name : "server") &&
              copy(&s->ca_file, conf->ca_data && *conf->ca_data ? NULL : conf->ca_file) && copy(&s->ca_data, conf->ca_data) &&
              copy(&s->cert_file, conf->cert_data && *conf->cert_data ? NULL : conf->cert_file) &&
              copy(&s->cert_data, conf->cert_data) &&
              copy(&s->key_file, conf->key_data && *conf->key_data ? NULL : conf->key_file) &&
              copy(&s->key_data, conf->key_data) && copy(&s->tls_server_name, conf->tls_server_name) &&
              copy(&s->user_agent, conf->user_agent ? conf->user_agent : "strata");
    if (!ok) {
        err_set(err, ERR_NOMEM, 0, "no memory for a site");
        if (s)
            site_destroy(s);
        return NULL;
    }
    if (copy_proxy(s, conf->proxy_url, err) != ERR_OK) {
        site_destroy(s);
        return NULL;
    }
    /* One user's 401 makes a server end the connection (GOAWAY), and what waits behind it may hang: not other users' requests. */
    s->share = curl_share_init();
    if (!s->share || curl_share_setopt(s->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK) {
        err_set(err, ERR_NOMEM, 0, "no memory for a site");
        site_destroy(s);
        return NULL;
    }
    s->insecure = conf->insecure;
    s->http2 = conf->http2;
    s->compress = conf->compress;
    s->connect_timeout_ms = conf->connect_timeout_ms > 0 ? conf->connect_timeout_ms : 10000;
    s->max_connections = conf->max_connections > 0 ? conf->max_connections : 8;
    s->stat.latency_ms = -1;
    s->net = n;
    s->refs = 1;
    s->next = n->sites;
    n->sites = s;
    return s;
}

void net_site_free(struct net *n, struct net_site *s)
{
    if (!s || s->dying)
        return;
    net_assert_thread(n);
    s->dying = true;
    for (;;) {   /* from the start each time: a completion may cancel others */
        struct net_call *c = n->calls;
        while (c && c->site != s)
            c = c->next;
        if (!c)
            break;
        net_cancel(n, c);
    }
    for (struct net_site **at = &n->sites; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    site_unref(s);
}

static CURLcode set_blob(CURL *e, CURLoption opt, char *pem)
{
    /* not copied: the site outlives its transfers; copies of keys would stay behind in memory */
    struct curl_blob blob = {.data = pem, .len = strlen(pem), .flags = CURL_BLOB_NOCOPY};
    return curl_easy_setopt(e, opt, &blob);
}

enum err_code site_apply(const struct net_site *s, CURL *e)
{
    CURLcode rc = curl_easy_setopt(e, CURLOPT_USERAGENT, s->user_agent);
    rc |= curl_easy_setopt(e, CURLOPT_SHARE, s->share);
    curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->insecure) {
        curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (s->ca_data || s->ca_file) {
        /* the given authority alone: by default the system's directory would be trusted besides it */
        curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
        rc |= s->ca_data ? set_blob(e, CURLOPT_CAINFO_BLOB, s->ca_data) : curl_easy_setopt(e, CURLOPT_CAINFO, s->ca_file);
    }
    if (s->cert_data)
        rc |= set_blob(e, CURLOPT_SSLCERT_BLOB, s->cert_data);
    else if (s->cert_file)
        rc |= curl_easy_setopt(e, CURLOPT_SSLCERT, s->cert_file);
    if (s->key_data)
        rc |= set_blob(e, CURLOPT_SSLKEY_BLOB, s->key_data);
    else if (s->key_file)
        rc |= curl_easy_setopt(e, CURLOPT_SSLKEY, s->key_file);
    if (s->cert_data || s->cert_file)
        curl_easy_setopt(e, CURLOPT_KEYPASSWD, "");   /* or OpenSSL would ask on the terminal */
    return rc == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

/* The Date header says the server's clock was between D and D + 1 s at some moment between our sending and
 * now. Each answer narrows the interval of possible offsets; one that contradicts it starts anew. */
void site_learn_date(struct net_call *c)
{
    const char *v = net_header(c, "date");
    time_t date = v ? curl_getdate(v, NULL) : (time_t)-1;
    if (date == (time_t)-1 || net_header(c, "age"))
        return;
    curl_off_t sent_us = 0;
    curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
    struct net_site *s = c->site;
    int64_t low = (int64_t)date * 1000 - clock_wall_ms();
    int64_t high = (int64_t)date * 1000 + 1000 - (c->sent_wall_ms + sent_us / 1000);
    if (high < low)
        return;   /* our own clock jumped */
    if (s->stat.has_offset && low <= s->offset_high && high >= s->offset_low) {
        low = low > s->offset_low ? low : s->offset_low;
        high = high < s->offset_high ? high : s->offset_high;
    }
    s->offset_low = low;
    s->offset_high = high;
    s->stat.clock_offset_ms = low + (high - low) / 2;
    s->stat.clock_error_ms = (high - low + 1) / 2;
    s->stat.has_offset = true;
}

void net_site_forget_latency(struct net_site *s)
{
    s->stat.latency_ms = -1;
    s->latency_from_ms = clock_mono_ms();
}

void net_site_stat(const struct net_site *s, struct net_site_stat *out)
{
    *out = s->stat;
}
