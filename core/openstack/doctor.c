/* `strata doctor` for one cloud: from the token down to each API and what this user may see. One line a check:
 * "ok|warn|fail" TAB what TAB detail. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define SKEW_WARN_MS 5000
#define SKEW_FAIL_MS 120000
#define EXPIRY_WARN_MS 600000

static void line(struct ostk_job *j, const char *verdict, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void line(struct ostk_job *j, const char *verdict, const char *what, const char *fmt, ...)
{
    struct str raw, clean;
    va_list ap;
    str_init(&raw, 1 << 16);
    str_init(&clean, 1 << 16);
    va_start(ap, fmt);
    str_addv(&raw, fmt, ap);
    va_end(ap);
    text_clean(&clean, raw.data ? raw.data : "", raw.len, 0);
    str_addf(&j->out, "%s\t%s\t%s\n", verdict, what, clean.data ? clean.data : "");
    str_release(&raw);
    str_release(&clean);
    if (!strcmp(verdict, "fail"))
        j->failed = true;
}

static void done(struct ostk_job *j)
{
    struct err err = ERR_INIT;
    j->clean = true;
    if (j->failed)
        err_set(&err, ERR_SERVER, 0, "%s has problems", j->os->label);
    ostk_job_end(j, &err);
}

/* ---- rights: tried, not guessed ---- */
static const struct { const char *what, *service, *path, *microversion, *can, *cannot; } rights[] = {
    {"servers", "compute", "/servers?limit=1&all_tenants=1", "2.93", "servers of all projects can be listed",
     "only the project's own servers are shown"},
    {"os-services", "compute", "/os-services", "2.93", "compute services can be listed", "compute services are not shown"},
    {"volumes", "block-storage", "/os-services", "3.70", "volume services can be listed", "volume services are not shown"},
};

static void next_right(struct ostk_job *j);

static void on_right(struct ostk_job *j, const struct net_reply *r)
{
    size_t i = j->at - 1;
    char what[48];
    snprintf(what, sizeof what, "rights %s", rights[i].what);
    if (r->err.code == ERR_OK)
        line(j, "ok", what, "%s", rights[i].can);
    else if (r->status == 403)
        line(j, "warn", what, "%s (403)", rights[i].cannot);
    else if (r->err.code == ERR_UNSUPPORTED)
        line(j, "warn", what, "%s", r->err.msg);
    else
        line(j, "fail", what, "%s", r->err.msg);
    next_right(j);
}

static void about_clock(struct ostk_job *j);

static void next_right(struct ostk_job *j)
{
    if (j->at >= sizeof rights / sizeof *rights) {
        about_clock(j);
        done(j);
        return;
    }
    size_t i = j->at++;
    ostk_job_get(j, rights[i].service, rights[i].microversion, rights[i].path, on_right);
}

/* ---- each API of the catalog ---- */
static void next_api(struct ostk_job *j);

static void on_api(struct ostk_job *j, const struct net_reply *r)
{
    const struct ostk_service *list;
    size_t n = ostk_services(j->os, &list);
    struct ostk_version v = {.id = ""};
    struct err err = r->err;
    if (j->at == 0 || j->at > n) {
        next_right(j);
        return;
    }
    const struct ostk_service *s = &list[j->at - 1];
    char url[256];
    text_url(url, sizeof url, s->endpoint);
    json_t *doc = json_read(r->body ? r->body : "", r->body ? r->len : 0, 0, NULL);
    bool known = doc && ostk_version_pick(&v, doc, ostk_type_canonical(s->type), "");
    json_decref(doc);
    if (r->status > 0 && r->status < 500) {
        line(j, "ok", s->type, "%s answers in %lld ms%s%s%s%s%s%s", url, (long long)r->server_ms,
             known ? ", version " : "", v.id, v.max[0] ? ", microversions " : "", v.max[0] ? v.min : "", v.max[0] ? "-" : "",
             v.max[0] ? v.max : "");
    } else {
        if (err.code == ERR_OK)
            net_status_err(&err, r->status, r->body, r->len);
        line(j, "fail", s->type, "%s: %s", url, err.msg);
    }
    next_api(j);
}

static void next_api(struct ostk_job *j)
{
    const struct ostk_service *list;
    size_t n = ostk_services(j->os, &list);
    while (j->at < n) {
        const struct ostk_service *s = &list[j->at++];
        struct ostk_req rq = {.service = s->type, .path = "/", .root = true, .timeout_ms = 10000, .max_body = 4 << 20};
        if (s->endpoint) {
            ostk_job_ask(j, &rq, on_api);
            return;
        }
        line(j, "warn", s->type, "in the catalog, but without an endpoint for this region and interface");
    }
    j->at = 0;
    next_right(j);
}

/* ---- token, scope, TLS, clock ---- */
static void about_token(struct ostk_job *j)
{
    const struct ostk_source *os = j->os;
    const struct ostk_token *t = &os->token;
    int64_t left = t->expires_ms - ostk_now_ms(os);
    char at[40], age[40], url[256];
    if (os->kind != OSTK_AUTH_V3) {
        line(j, "ok", "auth", "this cloud entry needs no Keystone (auth_type %s)", os->conf.auth_type ? os->conf.auth_type : "none");
        return;
    }
    line(j, "ok", "auth", "token for %s from %s", t->user_name ? t->user_name : "the user",
         os->identity || os->conf.auth_url ? text_url(url, sizeof url, os->identity ? os->identity : os->conf.auth_url) : "Keystone");
    if (t->expires_ms) {
        text_format_time(at, sizeof at, t->expires_ms);
        text_age(age, sizeof age, left > 0 ? left / 1000 : 0);
        line(j, left < EXPIRY_WARN_MS ? "warn" : "ok", "token", "%s at %s (in %s)", left > 0 ? "ends" : "ended", at, age);
    }
    if (t->system)
        line(j, "warn", "scope", "system: Nova, Neutron and Cinder show no project's objects to it");
    else if (t->project_name)
        line(j, "ok", "scope", "project %s%s%s%s", t->project_name, t->project_domain ? " (domain " : "",
             t->project_domain ? t->project_domain : "", t->project_domain ? ")" : "");
    else
        line(j, "warn", "scope", "%s%s: no project, so there is nothing to list", t->domain_name ? "domain " : "unscoped",
             t->domain_name ? t->domain_name : "");
    line(j, "ok", "roles", "%s", t->admin ? "has the role admin" : "no admin role: a member's view");
}

static void about_wire(struct ostk_job *j)
{
    const struct ostk_source *os = j->os;
    const char *url = os->conf.auth_url ? os->conf.auth_url : os->conf.endpoint;
    if (url && !strncmp(url, "https://", 8))
        line(j, os->conf.verify ? "ok" : "warn", "TLS", "%s", os->conf.verify ? "certificates are verified"
             : "certificates are not verified (insecure): anybody on the way can read the password");
    else if (url)
        line(j, "warn", "TLS", "plain http: passwords and tokens travel readable");
}

/* Asked last: not every service tells the time (a bare uwsgi sends no Date). */
static void about_clock(struct ostk_job *j)
{
    const struct ostk_source *os = j->os;
    struct net_site_stat st = {0};
    if (os->site)
        net_site_stat(os->site, &st);
    if (!st.has_offset) {
        line(j, "warn", "clock", "no service tells the time: ages are by our own clock");
        return;
    }
    int64_t off = st.clock_offset_ms < 0 ? -st.clock_offset_ms : st.clock_offset_ms, sure = off - st.clock_error_ms;
    line(j, sure > SKEW_FAIL_MS ? "fail" : sure > SKEW_WARN_MS ? "warn" : "ok", "clock", "%lld.%lld s %s (+/- %lld ms)",
         (long long)(off / 1000), (long long)(off % 1000 / 100), st.clock_offset_ms < 0 ? "behind ours" : "ahead of ours",
         (long long)st.clock_error_ms);
}

static void on_token(struct ostk_job *j, const struct net_reply *r)
{
    const struct ostk_service *list;
    size_t n = ostk_services(j->os, &list);
    if (!n) {
        line(j, "fail", "auth", "%s", r->err.code != ERR_OK ? r->err.msg : "the catalog is empty");
        done(j);
        return;
    }
    about_token(j);
    about_wire(j);
    line(j, "ok", "catalog", "%zu services for region %s, interface %s", n, j->os->conf.region ? j->os->conf.region : "(any)",
         j->os->conf.interface ? j->os->conf.interface : "public");
    next_api(j);
}

void ostk_doctor(struct ostk_job *j)
{
    struct ostk_req rq = {.service = "identity", .path = "/", .root = true, .timeout_ms = 15000};
    if (j->os->broken.code != ERR_OK) {
        line(j, "fail", "config", "%s", j->os->broken.msg);
        done(j);
        return;
    }
    ostk_job_ask(j, &rq, on_token);
}
