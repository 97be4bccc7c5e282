/* Version discovery: from an endpoint to the service's root, from its versions document to the URL and the
 * microversions requests use. Hrefs in these documents often name hosts that only the cloud's inside knows, so only
 * their version segment is believed; scheme, host and prefix stay the catalog's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

static bool is_version(const char *s, size_t n)
{
    if (n < 2 || n > 20 || (s[0] != 'v' && s[0] != 'V'))
        return false;
    for (size_t i = 1; i < n; i++)
        if (!(s[i] >= '0' && s[i] <= '9') && !(s[i] == '.' && i > 1))
            return false;
    return true;
}

static bool is_project(const char *s, size_t n, const char *project_id)
{
    if (n > 5 && !strncmp(s, "AUTH_", 5))
        return true;
    if (project_id && *project_id && strlen(project_id) == n && !strncmp(s, project_id, n))
        return true;
    size_t hex = strspn(s, "0123456789abcdef-");
    return hex >= n && (n == 32 || n == 36);
}

bool ostk_endpoint_split(struct ostk_split *sp, const char *url, const char *project_id)
{
    const char *scheme = strstr(url, "://"), *path;
    size_t end = strcspn(url, "?#");
    *sp = (struct ostk_split){0};
    path = scheme ? strchr(scheme + 3, '/') : NULL;
    size_t floor = path && (size_t)(path - url) < end ? (size_t)(path - url) : end;
    bool project = false;
    while (end > floor) {
        size_t start;
        while (end > floor && url[end - 1] == '/')
            end--;
        for (start = end; start > floor && url[start - 1] != '/'; start--)
            ;
        if (start <= floor)
            break;
        if (!project && is_project(url + start, end - start, project_id)) {
            sp->project = mem_strndup(url + start, end - start);
            project = true;
        } else if (is_version(url + start, end - start)) {
            snprintf(sp->version, sizeof sp->version, "%.*s", (int)(end - start), url + start);
            end = start - 1;
            break;
        } else {
            break;
        }
        end = start - 1;
    }
    while (end > floor && url[end - 1] == '/')
        end--;
    sp->root = mem_strndup(url, end);
    if (!sp->root || (project && !sp->project)) {
        ostk_split_release(sp);
        return false;
    }
    return true;
}

void ostk_split_release(struct ostk_split *sp)
{
    mem_free(sp->root);
    mem_free(sp->project);
    *sp = (struct ostk_split){0};
}

int ostk_version_cmp(const char *a, const char *b)
{
    for (;;) {
        char *ea, *eb;
        a += *a == 'v' || *a == 'V' || *a == '.';
        b += *b == 'v' || *b == 'V' || *b == '.';
        unsigned long x = strtoul(a, &ea, 10), y = strtoul(b, &eb, 10);
        if (x != y)
            return x < y ? -1 : 1;
        if (ea == a && eb == b)
            return 0;
        a = ea;
        b = eb;
    }
}

static bool plain_micro(const char *s)
{
    return s && *s && strlen(s) < 24 && strspn(s, "0123456789.") == strlen(s) && strchr(s, '.');
}

/* One entry of a versions document. */
static bool read_entry(struct ostk_version *v, const json_t *e)
{
    const char *id = ostk_json_str(e, "id"), *max = ostk_json_str(e, "version"), *min = ostk_json_str(e, "min_version");
    const json_t *links = ostk_json(e, "links");
    size_t i;
    json_t *l;
    *v = (struct ostk_version){0};
    if (!id || strlen(id) >= sizeof v->id || !is_version(id, strlen(id)))
        return false;
    snprintf(v->id, sizeof v->id, "%s", id);
    if (!max)
        max = ostk_json_str(e, "max_version");
    if (plain_micro(max)) {
        snprintf(v->max, sizeof v->max, "%s", max);
        snprintf(v->min, sizeof v->min, "%s", plain_micro(min) ? min : max);
    }
    json_array_foreach(links, i, l) {
        const char *rel = ostk_json_str(l, "rel"), *href = ostk_json_str(l, "href");
        if (!rel || strcmp(rel, "self") || !href)
            continue;
        size_t end = strlen(href), start;
        while (end && href[end - 1] == '/')
            end--;
        for (start = end; start && href[start - 1] != '/'; start--)
            ;
        if (is_version(href + start, end - start))
            snprintf(v->segment, sizeof v->segment, "%.*s", (int)(end - start), href + start);
    }
    return true;
}

static const char *wanted_major(const char *type, const char *have)
{
    static const char *const table[][2] = {{"compute", "v2"}, {"block-storage", "v3"}, {"image", "v2"}, {"identity", "v3"},
                                           {"network", "v2"}, {"load-balancer", "v2"}, {"shared-file-system", "v2"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i][0], type))
            return table[i][1];
    return have && *have ? have : NULL;
}

bool ostk_version_pick(struct ostk_version *best, const json_t *doc, const char *type, const char *have)
{
    const json_t *list = ostk_json(doc, "versions"), *one;
    const char *want = wanted_major(type, have);
    bool found = false, fits = false;
    *best = (struct ostk_version){0};
    if (json_is_object(list))
        list = ostk_json(list, "values");                      /* keystone, designate */
    if (!list && ((one = ostk_json(doc, "version")), json_is_object(one)))
        return read_entry(best, one);
    if (!list && ostk_json_str(doc, "id") && ostk_json(doc, "links"))
        return read_entry(best, doc);                          /* magnum's and old ironic's /v1 */
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        struct ostk_version v;
        const char *status = ostk_json_str(e, "status");
        if (!read_entry(&v, e) || (status && !strcmp(status, "EXPERIMENTAL")))
            continue;
        bool fit = want && strtoul(v.id + 1, NULL, 10) == strtoul(want + 1, NULL, 10);
        int cmp = found ? ostk_version_cmp(v.id, best->id) : 1;
        if (!found || (fit && !fits) || (fit == fits && cmp > 0)) {
            *best = v;
            found = true;
            fits = fit;
        }
    }
    return found;
}

void ostk_negotiate(char *buf, size_t size, const char *want, const char *min, const char *max)
{
    const char *v = want;
    if (!want || !*want || !*max)
        v = "";
    else if (ostk_version_cmp(want, max) > 0)
        v = max;
    else if (*min && ostk_version_cmp(want, min) < 0)
        v = min;
    snprintf(buf, size, "%s", v);
}

bool ostk_lost_way(struct ostk_source *os, const char *type, struct err *err)
{
    int at = ostk_service_index(os, type);
    if (at < 0 || !os->services[at].guessed || os->services[at].discovered)
        return false;
    err_set(err, ERR_PROTO, 404, "%s API: its version document is not understood, and below its endpoint there is no such list", os->services[at].type);
    return true;
}

/* ---- asking ---- */
static void ask(struct ostk_source *os, int i);

static void finish(struct ostk_source *os, int i, const struct ostk_version *v)
{
    struct ostk_service *s = &os->services[i];
    struct ostk_split sp;
    struct str url;
    str_init(&url, 4096);
    if (ostk_endpoint_split(&sp, s->endpoint, os->token.project_id)) {
        if (v) {
            str_addf(&url, "%s%s%s", sp.root, v->segment[0] ? "/" : "", v->segment);
            /* heat has no URL without a project; others want one where their endpoint has it */
            const char *project = sp.project ? sp.project
                                  : !strcmp(os->svc[i]->canonical, "orchestration") ? os->token.project_id : NULL;
            if (project && *project)
                str_addf(&url, "/%s", project);
            snprintf(s->version_id, sizeof s->version_id, "%s", v->id);
            snprintf(s->version_min, sizeof s->version_min, "%s", v->min);
            snprintf(s->version_max, sizeof s->version_max, "%s", v->max);
        } else {
            size_t n = strlen(s->endpoint);
            while (n && s->endpoint[n - 1] == '/')
                n--;
            str_add(&url, s->endpoint, n);
            snprintf(s->version_id, sizeof s->version_id, "%s", sp.version);
            s->version_min[0] = s->version_max[0] = 0;
        }
        ostk_split_release(&sp);
    }
    mem_free(s->versioned);
    s->versioned = url.len ? str_take(&url) : NULL;
    str_release(&url);
    s->discovered = s->versioned != NULL;
    s->guessed = !v;
    TRACE(openstack, "version", "%s %s %s-%s", s->type, s->version_id, s->version_min, s->version_max);
    ostk_state(os);
    ostk_kick(os);
}

static void on_doc(void *arg, const struct net_reply *r)
{
    struct ostk_svc *v = arg;
    struct ostk_source *os = v->os;
    int i = v->index;
    struct ostk_service *s = &os->services[i];
    struct ostk_version pick;
    v->disc = NULL;
    if (os->freeing || r->err.code == ERR_CANCELED)
        return;
    if (r->status) {
        os->last_answer_ms = clock_mono_ms();
        if (r->server_ms >= 0)
            s->latency_ms = r->server_ms;
    }
    if (r->status == 0 || r->status >= 500 || r->status == 429) {    /* down: no other URL of it will do better */
        s->err = r->err;
        if (s->err.code == ERR_OK)
            net_status_err(&s->err, r->status, r->body, r->len);
        err_wrap(&s->err, "%s API at %.120s", s->type, s->root);
        ostk_state(os);
        ostk_kick(os);
        return;
    }
    if (r->status == 401 && !v->disc_token && os->have_token) {
        v->disc_token = true;
        ask(os, i);
        return;
    }
    if (r->status == 200 || r->status == 300) {
        json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL);
        struct ostk_split sp;
        bool ok = false;
        if (doc && ostk_endpoint_split(&sp, s->endpoint, os->token.project_id)) {
            ok = ostk_version_pick(&pick, doc, v->canonical, sp.version);
            ostk_split_release(&sp);
        }
        json_decref(doc);
        if (ok) {
            s->err = (struct err)ERR_INIT;
            finish(os, i, &pick);
            return;
        }
    }
    v->disc_token = false;
    v->disc_step++;
    ask(os, i);
}

static void ask(struct ostk_source *os, int i)
{
    struct ostk_svc *v = os->svc[i];
    struct ostk_service *s = &os->services[i];
    struct ostk_split sp = {0};
    struct str url, auth;
    const char *plain[6] = {"Accept: application/json"}, *secret[2] = {NULL};
    str_init(&url, 4096);
    str_init(&auth, 1 << 16);
    /* the root first; where a proxy hides it, the endpoint's own version document; else the endpoint as it is */
    if (v->disc_step == 0)
        str_addf(&url, "%s/", s->root);
    else if (v->disc_step == 1 && ostk_endpoint_split(&sp, s->endpoint, os->token.project_id) && sp.version[0])
        str_addf(&url, "%s/%s/", sp.root, sp.version);
    ostk_split_release(&sp);
    if (!url.len || url.failed) {
        str_release(&url);
        finish(os, i, NULL);
        return;
    }
    if (v->disc_token && os->token.id) {
        str_addf(&auth, "X-Auth-Token: %s", os->token.id);
        secret[0] = auth.data;
    }
    struct net_req rq = {.url = url.data, .headers = plain, .secret_headers = secret, .timeout_ms = 20000,
                         .max_body = 4 << 20, .on_done = on_doc, .arg = v};
    if (os->kind == OSTK_AUTH_BASIC) {
        rq.user = os->conf.username;
        rq.password = os->conf.password;
    }
    v->disc = net_send(os->base.net, os->site, &rq, &s->err);
    str_release(&url);
    str_release_secret(&auth);
    if (!v->disc)
        ostk_kick(os);
}

void ostk_version_want(struct ostk_source *os, int i)
{
    struct ostk_svc *v = os->svc[i];
    if (v->disc || os->services[i].discovered || !os->services[i].endpoint)
        return;
    v->disc_step = 0;
    v->disc_token = false;
    ask(os, i);
}

void ostk_version_cancel(struct ostk_source *os, int i)
{
    if (os->svc[i]->disc)
        net_cancel(os->base.net, os->svc[i]->disc);
    os->svc[i]->disc = NULL;
}
