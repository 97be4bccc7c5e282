/* One cloud and region as a source: its life, its state in words, signs of life when nothing is open. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define TICK_MS 15000
#define SLOW_MS 1000                   /* an answer that took so long is looked at again soon */
#define RELOOK_MS 1000
#define RELOOKS 2
#define AT_ONCE 32                     /* APIs of one cloud at once, each with a request or two: those that hang keep no others waiting */
#define QUIET_MS 30000            /* no answer for so long: ask for one */

/* ---- what others ask ---- */
bool ostk_may_all_projects(const struct ostk_source *os)
{
    return !os->no_all;
}

const char *ostk_project_id(const struct ostk_source *os)
{
    return os->token.project_id ? os->token.project_id : "";
}

int64_t ostk_now_ms(const struct ostk_source *os)
{
    struct net_site_stat st = {0};
    if (os->site)
        net_site_stat(os->site, &st);
    return clock_wall_ms() + (st.has_offset ? st.clock_offset_ms : 0);
}

bool ostk_idle(const struct ostk_source *os)
{
    return os->idle;
}

/* ---- for probes ---- */
void ostk_site_conf(const struct ostk_source *os, struct net_site_conf *conf)
{
    *conf = (struct net_site_conf){.name = os->base.info.name, .ca_file = os->conf.cacert, .cert_file = os->conf.cert,
                                   .key_file = os->conf.key, .insecure = !os->conf.verify, .user_agent = "strata",
                                   .compress = true, .http2 = true, .max_connections = AT_ONCE};
}

const char *ostk_token_id(const struct ostk_source *os, unsigned *generation)
{
    *generation = os->token_gen;
    return os->have_token ? os->token.id : NULL;
}

void ostk_token_refused(struct ostk_source *os, unsigned generation)
{
    struct err err = ERR_INIT;
    if (os->have_token && generation == os->token_gen)
        ostk_token_renew(os);
    ostk_token_ready(os, &err);
}

void ostk_discover(struct ostk_source *os, const char *type)
{
    int at = ostk_service_index(os, type);
    if (at >= 0 && os->services[at].endpoint && !os->services[at].discovered && !os->svc[at]->disc)
        ostk_version_want(os, at);
}

/* ---- state ---- */
static void set_text(char *buf, size_t size, const char *s)
{
    struct str b;
    str_init(&b, 4096);
    text_clean(&b, s ? s : "", s ? strlen(s) : 0, 0);
    snprintf(buf, size, "%s", b.len ? b.data : "");
    str_release(&b);
}

static void describe(struct ostk_source *os, struct source_info *in)
{
    const struct cloud *c = &os->conf;
    const struct ostk_token *t = &os->token;
    char buf[200], scope[120];
    const char *user = t->user_name ? t->user_name : c->username ? c->username : c->user_id;
    set_text(in->server, sizeof in->server, text_url(buf, sizeof buf, c->auth_url ? c->auth_url : c->endpoint));
    if (t->system)
        snprintf(scope, sizeof scope, "system");
    else if (t->project_name)
        snprintf(scope, sizeof scope, "%.100s", t->project_name);
    else if (t->domain_name)
        snprintf(scope, sizeof scope, "domain %.100s", t->domain_name);
    else if (c->system_scope && *c->system_scope)
        snprintf(scope, sizeof scope, "system");
    else
        snprintf(scope, sizeof scope, "%.100s", c->project_name ? c->project_name : c->project_id ? c->project_id : "");
    set_text(in->scope, sizeof in->scope, scope);
    snprintf(buf, sizeof buf, "%.80s%s%.80s", user ? user : "", *scope && user ? "@" : "", user ? scope : "");
    set_text(in->user, sizeof in->user, buf);
    const struct ostk_service *nova = ostk_find_service(os, "compute"), *id = ostk_find_service(os, "identity");
    const char *kv = id && id->version_id[0] ? id->version_id : os->identity_version;
    if (nova && nova->version_max[0])
        snprintf(in->version, sizeof in->version, "Nova %s", nova->version_max);
    else if (nova && nova->discovered && nova->version_id[0])
        snprintf(in->version, sizeof in->version, "Nova %s", nova->version_id);
    else if (*kv)
        snprintf(in->version, sizeof in->version, "Keystone %s", kv);
    in->expires_ms = os->have_token ? t->expires_ms : 0;
}

bool ostk_unscoped(const struct ostk_source *os, struct err *err)
{
    const struct ostk_token *t = &os->token;
    if (os->kind != OSTK_AUTH_V3 || !os->have_token || os->nservices || t->system || t->project_id || t->domain_name)
        return false;
    err_set(err, ERR_CONFIG, 0, "%s: its token is for no project, so there are no services in it: give project_name or another scope in %.100s",
            os->label, os->conf.where ? os->conf.where : "clouds.yaml");
    return true;
}

/* A region nobody has, or an interface: the catalog is there, but nothing in it fits. */
static bool nothing_fits(struct ostk_source *os, struct err *err)
{
    struct str s;
    size_t i, j, n = 0;
    json_t *e, *ep;
    const char *seen[16];
    for (i = 0; i < os->nservices; i++)
        if (os->services[i].endpoint)
            return false;
    if (!os->nservices)
        return ostk_unscoped(os, err);
    str_init(&s, 300);
    json_array_foreach(os->token.catalog, i, e) {
        json_array_foreach(ostk_json(e, "endpoints"), j, ep) {
            const char *r = ostk_json_str(ep, "region_id");
            size_t k = 0;
            while (r && k < n && strcmp(seen[k], r))
                k++;
            if (!r || k < n || n >= 16)
                continue;
            seen[n++] = r;
            str_adds(&s, n > 1 ? ", " : "");
            text_clean(&s, r, strnlen(r, 60), 0);
        }
    }
    err_set(err, ERR_CONFIG, 0, "%s: no service has an endpoint in region %.40s, interface %.40s; the catalog's regions: %.120s", os->label,
            os->conf.region ? os->conf.region : "(any)", os->conf.interface ? os->conf.interface : "public", s.len ? s.data : "none");
    str_release(&s);
    return true;
}

static void judge(struct ostk_source *os, struct source_info *in)
{
    size_t used = 0, failing = 0;
    const struct err *first = NULL;
    in->err = (struct err)ERR_INIT;
    in->waiting = false;
    if (os->broken.code != ERR_OK) {
        in->state = SOURCE_FAILED;
        in->err = os->broken;
        return;
    }
    bool valid = os->have_token && (!os->token.expires_ms || os->token.expires_ms > ostk_now_ms(os));
    if (!valid) {
        in->state = os->auth_err.code == ERR_OK ? (os->token_gen ? in->state : SOURCE_CONNECTING)
                    : os->token_gen && err_retryable(os->auth_err.code) ? SOURCE_STALE : SOURCE_FAILED;
        in->err = os->auth_err.code != ERR_OK ? os->auth_err : os->auth_wait;
        return;
    }
    if (nothing_fits(os, &in->err)) {
        in->state = SOURCE_FAILED;
        return;
    }
    for (size_t i = 0; i < os->nservices; i++) {
        if (!os->svc[i]->used || !os->services[i].endpoint)
            continue;
        used++;
        if (os->services[i].err.code == ERR_OK)
            continue;
        if (!failing++)
            first = &os->services[i].err;
        in->waiting |= os->services[i].waiting;
    }
    in->state = !failing && os->auth_err.code == ERR_OK ? SOURCE_OK : failing && failing == used ? SOURCE_STALE : SOURCE_DEGRADED;
    if (failing) {
        in->err = *first;
        if (failing > 1)
            err_wrap(&in->err, "%zu of %zu APIs fail, first", failing, used);
    } else if (os->auth_err.code != ERR_OK) {
        in->err = os->auth_err;
        err_wrap(&in->err, "the token cannot be renewed");
    }
}

static int64_t latency(const struct ostk_source *os)
{
    struct net_site_stat st;
    int at = ostk_service_index((struct ostk_source *)os, "compute");
    if (at >= 0 && os->services[at].latency_ms >= 0)
        return os->services[at].latency_ms;
    if (!os->site)
        return -1;
    net_site_stat(os->site, &st);
    return st.latency_ms;
}

void ostk_state(struct ostk_source *os)
{
    struct source_info *in = &os->base.info;
    struct net_site_stat st = {.latency_ms = -1};
    enum source_state before = in->state;
    if (os->freeing)
        return;
    if (os->site)
        net_site_stat(os->site, &st);
    describe(os, in);
    judge(os, in);
    in->latency_ms = latency(os);
    in->last_ok_mono_ms = os->last_answer_ms;
    in->has_clock = st.has_offset;
    in->clock_offset_ms = st.clock_offset_ms;
    in->clock_error_ms = st.clock_error_ms;
    source_changed(&os->base);
    if (in->state == before || !os->base.started)
        return;
    if (in->state == SOURCE_OK && before != SOURCE_CONNECTING)
        source_notice(&os->base, HEALTH_OK, ostk_now_ms(os), "%s answers again", in->name);
    else if (in->state == SOURCE_DEGRADED || in->state == SOURCE_STALE || in->state == SOURCE_FAILED)
        source_notice(&os->base, in->state == SOURCE_DEGRADED ? HEALTH_WARN : HEALTH_BAD, ostk_now_ms(os), "%s%s%s",
                      strstr(in->err.msg, os->conf.name) ? "" : in->name, strstr(in->err.msg, os->conf.name) ? "" : ": ", in->err.msg);
}

/* ---- signs of life ---- */
static void on_probe(void *arg, const struct net_reply *r)
{
    struct ostk_source *os = arg;
    (void)r;
    os->probe_call = NULL;
    if (!os->freeing)
        ostk_state(os);
}

/* The API the header's latency is of answered slowly. It may have been paused or busy for a moment: two more looks. */
static bool looks_slow(const struct ostk_source *os)
{
    return latency(os) >= SLOW_MS && os->relooks < RELOOKS;
}

static void tick(void *arg);

void ostk_relook(struct ostk_source *os, int64_t latency_ms)
{
    if (latency(os) < SLOW_MS) {
        os->relooks = 0;
        if (os->base.info.latency_ms >= SLOW_MS)
            ostk_state(os);
    } else if (latency_ms >= SLOW_MS && looks_slow(os) && os->probe_timer) {
        net_timer_cancel(os->base.net, os->probe_timer);
        os->probe_timer = net_timer(os->base.net, RELOOK_MS, tick, os);
    }
}

static void tick(void *arg)
{
    struct ostk_source *os = arg;
    struct err err = ERR_INIT;
    const char *type = NULL;
    int64_t quiet = clock_mono_ms() - os->last_answer_ms;
    os->probe_timer = net_timer(os->base.net, os->idle ? 3 * TICK_MS : TICK_MS, tick, os);
    if (!os->catalog_done || os->probe_call)
        return;
    for (size_t n = 0; !type && n < os->nservices; n++) {
        size_t i = os->probe_next++ % os->nservices;
        if (os->svc[i]->used && os->services[i].endpoint && os->services[i].err.code != ERR_OK && !os->services[i].waiting)
            type = os->services[i].type;
    }
    if (!type && looks_slow(os) && ostk_service_index(os, "compute") >= 0) {
        os->relooks++;
        type = "compute";
    }
    if (!type && quiet >= QUIET_MS)
        type = ostk_service_index(os, "identity") >= 0 ? "identity" : os->nservices ? os->services[0].type : NULL;
    if (type) {
        struct ostk_req rq = {.service = type, .path = "/", .root = true, .timeout_ms = 10000, .max_body = 1 << 20,
                              .on_done = on_probe, .arg = os};
        os->probe_call = ostk_send(os, &rq, &err);
    }
    ostk_state(os);          /* latency, clock, expiry move without events */
}

/* ---- source_ops ---- */
static void start(struct source *s)
{
    struct ostk_source *os = (struct ostk_source *)s;
    struct err err = ERR_INIT;
    ostk_state(os);
    if (os->broken.code != ERR_OK)
        return;
    os->probe_timer = net_timer(s->net, TICK_MS, tick, os);
    ostk_token_ready(os, &err);
    ostk_names_want(os, "project");
    ostk_state(os);
}

static void free_conf(struct ostk_source *os)
{
    for (size_t i = 0; i < os->nservices; i++) {
        struct ostk_service *v = &os->services[i];
        mem_free(v->type);
        mem_free(v->name);
        mem_free(v->endpoint);
        mem_free(v->root);
        mem_free(v->versioned);
        mem_free(os->svc[i]);
    }
    mem_free(os->services);
    mem_free(os->svc);
    ostk_token_release(&os->token);
    ostk_names_free(os);
    mem_free(os->identity);
    mem_free(os->receipt);
    mem_free(os->label);
    cloud_free(&os->conf);
    mem_free(os);
}

static void source_free(struct source *s)
{
    struct ostk_source *os = (struct ostk_source *)s;
    os->freeing = true;
    net_timer_cancel(s->net, os->probe_timer);
    ostk_keystone_cancel(os);
    for (size_t i = 0; i < os->nservices; i++)
        ostk_version_cancel(os, (int)i);
    ostk_client_cancel(os);
    if (os->site)
        net_site_free(s->net, os->site);
    free_conf(os);
}

static const struct ostk_driver *driver(const struct feed *f)
{
    return f->kind->ostk->driver ? f->kind->ostk->driver : &ostk_poll_driver;
}

static void feed_open(struct source *s, struct feed *f)
{
    struct ostk_source *os = (struct ostk_source *)s;
    struct err err;
    if (!f->kind || !f->kind->ostk) {
        err_set(&err, ERR_NOTFOUND, 0, "OpenStack has no kind \"%.60s\" here", f->kind_name ? f->kind_name : "?");
        feed_error(f, &err);
        return;
    }
    driver(f)->open(os, f);
}

static void feed_close(struct source *s, struct feed *f)
{
    if (f->kind && f->kind->ostk)
        driver(f)->close((struct ostk_source *)s, f);
}

static void feed_refresh(struct source *s, struct feed *f)
{
    struct ostk_source *os = (struct ostk_source *)s;
    ostk_keystone_retry(os);
    if (f->kind && f->kind->ostk)
        driver(f)->refresh(os, f);
}

static void set_idle(struct source *s, bool idle)
{
    struct ostk_source *os = (struct ostk_source *)s;
    bool back = os->idle && !idle;
    os->idle = idle;
    if (back)
        ostk_poll_wake(os, false);
}

static void stir(struct source *s, const char *kind) { ostk_poll_stir((struct ostk_source *)s, kind); }

static void *send(struct source *s, const struct call_req *rq, void (*done)(void *arg, const struct net_reply *r), void *arg, struct err *err)
{
    struct ostk_source *os = (struct ostk_source *)s;
    bool change = rq->method && strcmp(rq->method, "GET") != 0 && !rq->safe;
    struct ostk_req r = {.service = rq->service, .method = rq->method, .path = rq->path, .microversion = rq->microversion, .body = rq->body,
                         .body_len = rq->body_len, .timeout_ms = rq->timeout_ms, .max_body = (size_t)64 << 20, .fresh = change,
                         .on_done = done, .arg = arg};
    if (change)
        ostk_busy(os);
    return ostk_send(os, &r, err);
}

static void unsend(struct source *s, void *handle)
{
    (void)s;
    ostk_cancel(handle);
}

static const char *microversion(struct source *s, const char *service)
{
    const struct ostk_service *v = ostk_find_service((struct ostk_source *)s, service);
    return v ? v->version_max : "";
}

static const struct source_ops ops = {
    .name = "openstack", .start = start, .free = source_free, .feed_open = feed_open, .feed_close = feed_close,
    .feed_refresh = feed_refresh, .request = ostk_request, .cancel = ostk_request_cancel, .set_idle = set_idle, .stir = stir,
    .call = send, .call_cancel = unsend, .microversion = microversion,
};

/* ---- making one ---- */
static bool dup_list(char ***out, size_t *n_out, char *const *in, size_t n)
{
    if (!n)
        return true;
    char **list = mem_zalloc((n + 1) * sizeof *list);
    *out = list;
    for (size_t i = 0; list && i < n; i++, (*n_out)++)
        if (in[i] && !(list[i] = mem_strdup(in[i])))
            return false;
    return list != NULL;
}

static bool cloud_copy(struct cloud *to, const struct cloud *from)
{
    static const size_t texts[] = {
#define T(m) offsetof(struct cloud, m)
        T(name), T(region), T(auth_type), T(auth_url), T(username), T(user_id), T(password), T(token), T(passcode),
        T(user_domain_name), T(user_domain_id), T(project_name), T(project_id), T(project_domain_name), T(project_domain_id),
        T(domain_name), T(domain_id), T(system_scope), T(app_cred_id), T(app_cred_name), T(app_cred_secret), T(endpoint),
        T(interface), T(cacert), T(cert), T(key), T(where),
#undef T
    };
    *to = (struct cloud){.verify = from->verify};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *s = *(char *const *)((const char *)from + texts[i]);
        char **d = (char **)((char *)to + texts[i]);
        if (s && !(*d = mem_strdup(s)))
            return false;
    }
    size_t names = 0;
    return dup_list(&to->auth_methods, &to->nauth_methods, from->auth_methods, from->nauth_methods) &&
           dup_list(&to->setting_names, &names, from->setting_names, from->nsettings) &&
           dup_list(&to->setting_values, &to->nsettings, from->setting_values, from->nsettings);
}

static void check_url(struct ostk_source *os)
{
    const char *u = os->conf.auth_url;
    if (os->kind != OSTK_AUTH_V3 || (u && (!strncmp(u, "http://", 7) || !strncmp(u, "https://", 8)) && text_is_clean(u, strlen(u))))
        return;
    err_set(&os->broken, ERR_CONFIG, 0, "%s (%s): auth_url must begin with http:// or https://", os->label,
            os->conf.where ? os->conf.where : "clouds.yaml");
}

struct source *ostk_source_new(struct core *core, struct net *net, const struct cloud *cloud, bool show_region)
{
    struct ostk_source *os = mem_zalloc(sizeof *os);
    char label[80];
    if (!os)
        return NULL;
    os->base = (struct source){.ops = &ops, .core = core, .net = net,
                               .info = {.plane = PLANE_OPENSTACK, .state = SOURCE_CONNECTING, .latency_ms = -1}};
    os->calls_tail = &os->calls;
    os->auth_backoff = (struct net_backoff){.base_ms = 1000, .max_ms = 60000};
    snprintf(label, sizeof label, "cloud %.60s", cloud->name ? cloud->name : "?");
    if (!cloud_copy(&os->conf, cloud) || !(os->label = mem_strdup(label)) || !ostk_names_init(os)) {
        free_conf(os);
        return NULL;
    }
    char name[400];
    snprintf(name, sizeof name, "%.250s%s%.100s", cloud->name ? cloud->name : "?", show_region && cloud->region ? "/" : "",
             show_region && cloud->region ? cloud->region : "");
    set_text(os->base.info.name, sizeof os->base.info.name, name);
    set_text(os->base.info.region, sizeof os->base.info.region, cloud->region);
    if (ostk_auth_plan(&os->conf, &os->kind, &os->methods, &os->broken))
        check_url(os);
    struct net_site_conf sc;
    ostk_site_conf(os, &sc);
    struct err err = ERR_INIT;
    os->site = net_site_new(net, &sc, &err);
    if (!os->site && os->broken.code == ERR_OK)
        os->broken = err;
    describe(os, &os->base.info);
    judge(os, &os->base.info);
    return &os->base;
}
