/* What to probe: the Kubernetes API, the OpenStack API that stands for the pod (or those named), the address of a VM. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/openstack/ostk.h"
#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define API_PERIOD_US 200000
#define READ_PERIOD_US 1000000
#define VM_PERIOD_US 100000
#define API_TIMEOUT_US 3000000
#define READ_TIMEOUT_US 10000000
#define VM_TIMEOUT_US 1000000
#define WAIT_US 4000000                /* for a token and the version of the API */

/* OpenStack-Helm's application label (others use the service's name, too) -> catalog type, and a cheap read with a token. */
static const struct service_rule {
    const char *application, *type, *read;
} services[] = {
    {"nova", "compute", "/servers?limit=1"},
    {"keystone", "identity", "/auth/projects"},
    {"neutron", "network", "/v2.0/networks?limit=1&fields=id"},
    {"glance", "image", "/images?limit=1"},
    {"cinder", "block-storage", "/volumes?limit=1"},
    {"placement", "placement", "/resource_providers?name=none"},
    {"heat", "orchestration", "/stacks?limit=1"},
    {"octavia", "load-balancer", "/lbaas/loadbalancers?limit=1"},
    {"magnum", "container-infra", "/clusters?limit=1"},
    {"ironic", "baremetal", "/nodes?limit=1"},
    {"barbican", "key-manager", "/secrets?limit=1"},
    {"designate", "dns", "/zones?limit=1"},
    {"manila", "shared-file-system", "/shares?limit=1"},
};

static const struct service_rule *rule_for(const char *word)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        size_t n = strlen(services[i].application);
        if (!strcasecmp(word, services[i].type) || (!strncasecmp(word, services[i].application, n) && (!word[n] || word[n] == '-')))
            return &services[i];
    }
    return NULL;
}

const char *probe_service_type(const char *word)
{
    const struct service_rule *r = rule_for(word);
    return r ? r->type : word;
}

const char *target_type(const struct stage *st)
{
    const struct service_rule *r = *st->found.plan.application ? rule_for(st->found.plan.application) : NULL;
    return r ? r->type : NULL;
}

/* ---- which cloud ---- */

/* What was asked for by name is asked of the only cloud, too. */
static struct ostk_source *probed_cloud(const struct stage *st)
{
    struct ostk_source *os = live_cloud(st);
    return os || !st->probes.count ? os : behind_only(st);
}

static bool cloud_settled(const struct stage *st, struct ostk_source *os, const char *type)
{
    const struct source_info *in = &((struct source *)os)->info;
    unsigned gen;
    if (clock_mono_us() - st->live->chosen_us > WAIT_US || in->state == SOURCE_FAILED)
        return true;
    if (!ostk_token_id(os, &gen))
        return false;
    const struct ostk_service *s = ostk_find_service(os, type);
    if (!s || !s->endpoint || s->discovered || s->err.code)
        return true;
    ostk_discover(os, type);
    return false;
}

/* ---- strips ---- */

static struct live_strip *new_strip(struct live *l, enum stage_probe kind, const char *label, int64_t period, int64_t timeout)
{
    struct live_strip *s = &l->strip[l->nstrips++];
    *s = (struct live_strip){.probe = -1};
    s->show.kind = kind;
    s->show.period_us = period;
    s->show.timeout_us = timeout;
    s->show.data_plane = kind == STAGE_P4;
    snprintf(s->show.label, sizeof s->show.label, "%s", label);
    return s;
}

static void add_http(struct live *l, struct live_strip *s, const char *url, const struct net_site_conf *site, const char *secret,
                     const char *what)
{
    char target[600];
    struct probe_conf conf = {.kind = s->show.kind, .url = url, .period_us = s->show.period_us, .timeout_us = s->show.timeout_us, .site = *site};
    const char *scheme = strstr(url, "://"), *at = scheme ? memchr(scheme + 3, '@', strcspn(scheme + 3, "/?#")) : NULL;
    snprintf(target, sizeof target, "%.*s%.400s%s%s%s", at ? (int)(scheme + 3 - url) : 0, url, at ? at + 1 : url, *what ? " (" : "", what, *what ? ")" : "");
    stage_text(s->show.target, sizeof s->show.target, target);
    s->probe = probes_add(l->probes, &conf, secret);
    if (s->probe >= 0)
        s->samples = probes_samples(l->probes, s->probe);
    else
        snprintf(s->show.note, sizeof s->show.note, "not probed: no memory, or the URL is none");
    s->why = s->probe >= 0 ? ERR_OK : ERR_USAGE;
}

static void add_kube(struct stage *st)
{
    struct live *l = st->live;
    struct live_strip *s = new_strip(l, STAGE_P3, "K8s API", API_PERIOD_US, API_TIMEOUT_US);
    struct kube_source *ks = stage_kube(st);
    struct net_site_conf site;
    struct str url, secret;
    const char *server = kube_server(ks), *bearer = kube_bearer(ks);
    kube_site_conf(ks, &site);
    str_init(&url, 4096);
    str_init(&secret, 1 << 20);
    size_t n = server ? strlen(server) : 0;
    while (n && server[n - 1] == '/')
        n--;
    str_add(&url, server ? server : "", n);
    str_adds(&url, "/readyz");
    if (bearer)
        str_addf(&secret, "Authorization: Bearer %s", bearer);
    add_http(l, s, url.data, &site, bearer ? secret.data : NULL, "");
    str_release_secret(&secret);
    str_release(&url);
}

/* A token opens no door of its own: the read goes below the versioned endpoint the catalog led to. */
static void add_read(struct stage *st, struct ostk_source *os, const struct ostk_service *svc, const struct service_rule *rule, const struct live_strip *of)
{
    struct live *l = st->live;
    struct net_site_conf site;
    struct str url, secret;
    const char *token = ostk_token_id(os, &l->token_gen), *path = rule->read;
    if (!token || !svc->versioned || l->nstrips == LIVE_STRIPS)
        return;
    struct live_strip *s = new_strip(l, STAGE_P2, "OpenStack read", READ_PERIOD_US, READ_TIMEOUT_US);
    s->show.tie = of->show.tie;
    memcpy(s->show.basis, of->show.basis, sizeof s->show.basis);
    ostk_site_conf(os, &site);
    str_init(&url, 4096);
    str_init(&secret, 1 << 20);
    size_t n = strlen(svc->versioned);
    while (n && svc->versioned[n - 1] == '/')
        n--;
    str_add(&url, svc->versioned, n);
    if (!strncmp(path, "/v2.0/", 6) && n > 5 && !strncmp(svc->versioned + n - 5, "/v2.0", 5))
        path += 5;
    str_adds(&url, path);
    str_addf(&secret, "X-Auth-Token: %s", token);
    add_http(l, s, url.data, &site, secret.data, "with a token");
    str_release_secret(&secret);
    str_release(&url);
}

static void add_service(struct stage *st, struct ostk_source *os, const struct service_rule *rule, const char *word, bool read)
{
    struct live *l = st->live;
    const char *type = rule ? rule->type : word;
    const struct source_info *in = &((struct source *)os)->info;
    const struct ostk_service *svc = ostk_find_service(os, type);
    struct live_strip *s = new_strip(l, STAGE_P1, "OpenStack API", API_PERIOD_US, API_TIMEOUT_US);
    char buf[400];
    s->wanted = st->probes.count > 0;
    s->show.tie = (uint8_t)behind_tie(st, type, s->show.basis, sizeof s->show.basis);
    if (!svc || !svc->root) {
        s->why = in->err.code ? in->err.code : ERR_NOTFOUND;
        snprintf(buf, sizeof buf, "not probed: %s%.40s%s%.200s", in->state == SOURCE_FAILED || in->err.code ? "cloud " : "no endpoint of ",
                 in->err.code ? in->name : type, in->err.code ? ": " : " in the catalog", in->err.code ? in->err.msg : "");
        stage_text(s->show.note, sizeof s->show.note, buf);
        stage_text(s->show.target, sizeof s->show.target, type);
        return;
    }
    struct net_site_conf site;
    struct str url;
    ostk_site_conf(os, &site);
    str_init(&url, 4096);
    str_adds(&url, svc->root);
    if (url.len && url.data[url.len - 1] != '/')
        str_addc(&url, '/');
    add_http(l, s, url.data, &site, NULL, type);
    str_release(&url);
    if (read && rule)
        add_read(st, os, svc, rule, s);
}

static void add_url(struct stage *st, const char *url)
{
    struct net_site_conf site = {.name = "probe", .user_agent = "strata"};
    struct live_strip *s = new_strip(st->live, STAGE_P1, "API", API_PERIOD_US, API_TIMEOUT_US);
    s->wanted = true;
    add_http(st->live, s, url, &site, NULL, "");
}

static bool is_url(const char *s)
{
    return !strncmp(s, "http://", 7) || !strncmp(s, "https://", 8);
}

static const struct service_rule *derived(const struct stage *st)
{
    const char *type = behind_below(st) ? NULL : target_type(st);
    return rule_for(type ? type : "identity");
}

static bool settled(const struct stage *st, struct ostk_source *os)
{
    bool ok = true;
    for (size_t i = 0; i < st->probes.count; i++) {
        const struct service_rule *r = rule_for(st->probes.items[i]);
        if (!is_url(st->probes.items[i]))
            ok = cloud_settled(st, os, r ? r->type : st->probes.items[i]) && ok;
    }
    return st->probes.count ? ok : cloud_settled(st, os, derived(st)->type);
}

static void not_probed(const struct stage *st, struct live_strip *s)
{
    char note[160];
    s->wanted = st->probes.count > 0;
    s->why = ERR_CONFIG;
    stage_text(s->show.note, sizeof s->show.note, behind_note(st, note, sizeof note));
}

static void add_openstack(struct stage *st, struct ostk_source *os)
{
    struct live *l = st->live;
    for (size_t i = 0; i < st->probes.count && l->nstrips < LIVE_STRIPS - 2; i++) {
        const char *word = st->probes.items[i];
        if (is_url(word)) {
            add_url(st, word);
        } else if (strpbrk(word, ":./")) {             /* no type of a service has these: an address, or another scheme */
            struct live_strip *s = new_strip(l, STAGE_P1, "API", API_PERIOD_US, API_TIMEOUT_US);
            char note[300];
            stage_text(s->show.target, sizeof s->show.target, word);
            snprintf(note, sizeof note, "not probed: a probe is a service (compute, nova) or a URL%s%.60s%s", strstr(word, "://") ? " with http:// or https://" : ": https://",
                     strstr(word, "://") ? "" : word, strstr(word, "://") || strchr(word, '/') ? "" : "/");
            stage_text(s->show.note, sizeof s->show.note, note);
            s->wanted = true;
            s->why = ERR_USAGE;
        } else if (os) {
            add_service(st, os, rule_for(word), word, true);
        } else {
            struct live_strip *s = new_strip(l, STAGE_P1, "OpenStack API", API_PERIOD_US, API_TIMEOUT_US);
            stage_text(s->show.target, sizeof s->show.target, word);
            not_probed(st, s);
        }
    }
    if (!st->probes.count && os)
        add_service(st, os, derived(st), NULL, true);
    else if (!st->probes.count && behind_any(st))
        not_probed(st, new_strip(l, STAGE_P1, "OpenStack API", API_PERIOD_US, API_TIMEOUT_US));
}

static void add_vm(struct stage *st)
{
    struct live *l = st->live;
    struct err err = ERR_INIT;
    const char *address, *why;
    server_vm(st, &address, &why);
    if (!address || l->nstrips == LIVE_STRIPS)
        return;
    struct live_strip *s = new_strip(l, STAGE_P4, "VM data", VM_PERIOD_US, VM_TIMEOUT_US);
    stage_text(s->show.target, sizeof s->show.target, st->vm);
    s->wanted = st->vm_wanted;
    stage_text(s->show.basis, sizeof s->show.basis, server_why(st));
    if (*why)
        err_set(&err, ERR_NOTFOUND, 0, "%s", why);
    else
        l->vm = vm_probe_new(address, VM_PERIOD_US, VM_TIMEOUT_US, &err);
    if (l->vm) {
        s->samples = vm_probe_samples(l->vm);
        snprintf(s->show.target, sizeof s->show.target, "%s", vm_probe_how(l->vm));
    } else {
        snprintf(s->show.note, sizeof s->show.note, "not probed: %.140s", err.msg);
        s->why = err.code;
    }
}

void live_probe(struct stage *st)
{
    struct live *l = st->live;
    struct err err = ERR_INIT;
    const char *address, *why;
    if (l->probing || !behind_known(st))
        return;
    if (!l->chosen_us)
        l->chosen_us = clock_mono_us();
    struct ostk_source *os = probed_cloud(st);
    if ((os && !settled(st, os)) || !server_vm(st, &address, &why))
        return;
    l->probing = true;
    l->probing_us = clock_mono_us();
    l->probes = probes_new(&err);
    if (l->probes) {
        add_kube(st);
        add_openstack(st, os);
    }
    if (!l->probes || !probes_start(l->probes, &err))
        stage_say(st, "not probed: %.150s", err.msg);
    add_vm(st);
}

void live_probe_tokens(struct stage *st)
{
    struct live *l = st->live;
    struct ostk_source *os = probed_cloud(st);
    unsigned gen = 0;
    const char *token = l->probes && os ? ostk_token_id(os, &gen) : NULL;
    bool refused = false, fresh = token && gen != l->token_gen;
    struct str line;
    str_init(&line, 1 << 20);
    if (fresh)
        str_addf(&line, "X-Auth-Token: %s", token);
    for (size_t i = 0; l->probes && os && i < l->nstrips; i++) {
        struct live_strip *s = &l->strip[i];
        if (s->show.kind != STAGE_P2 || s->probe < 0)
            continue;
        refused |= probes_refused(l->probes, s->probe);
        if (fresh && line.data)
            probes_secret(l->probes, s->probe, line.data);
    }
    str_release_secret(&line);
    if (fresh)
        l->token_gen = gen;
    else if (refused && gen == l->token_gen)
        ostk_token_refused(os, gen);
}
