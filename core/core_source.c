/* Which sources there are: contexts of the kubeconfig, clouds of clouds.yaml, by the options. A source that cannot be
 * used is listed all the same, failed, with the sentence that says why. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "core/core_priv.h"
#include "strata/clouds.h"
#include "strata/kubeconfig.h"
#include "strata/mem.h"
#include "strata/text.h"

extern char **environ;

/* ---- a source that never worked ---- */

static void broken_start(struct source *s)
{
    source_changed(s);
}

static void broken_free(struct source *s)
{
    mem_free(s);
}

static void broken_open(struct source *s, struct feed *f)
{
    feed_error(f, &s->info.err);
}

static void broken_close(struct source *s, struct feed *f)
{
    (void)s;
    (void)f;
}

static void broken_request(struct source *s, struct request *rq)
{
    request_end(rq, NULL, 0, &s->info.err);
}

static const struct source_ops broken_ops = {
    .name = "broken",
    .start = broken_start,
    .free = broken_free,
    .feed_open = broken_open,
    .feed_close = broken_close,
    .feed_refresh = broken_close,
    .request = broken_request,
    .cancel = broken_request,
};

static struct source *broken_new(struct core *c, enum plane plane, const char *name, const struct err *err)
{
    struct source *s = mem_zalloc(sizeof(*s));
    if (!s)
        return NULL;
    s->ops = &broken_ops;
    s->core = c;
    s->net = c->net;
    s->info.plane = plane;
    s->info.state = SOURCE_FAILED;
    s->info.err = *err;
    if (err->code == ERR_NOTFOUND)       /* a source that is not there is a wrong configuration; "not found" is for objects */
        s->info.err.code = ERR_CONFIG;
    s->info.latency_ms = -1;
    struct str clean;
    str_init(&clean, 4096);
    text_clean(&clean, name, strlen(name), 0);
    snprintf(s->info.name, sizeof(s->info.name), "%s", clean.data);
    str_release(&clean);
    return s;
}

/* ---- adding ---- */

/* name: the whole name, as the file has it, beside the one that is shown: a rule that protects must not miss. */
static enum err_code add(struct core *c, struct source *s, const char *name, struct err *err)
{
    if (!s)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    if (c->nsources == CORE_MAX_SOURCES) {
        str_addf(&c->problems, "only the first %d contexts and clouds are shown\n", CORE_MAX_SOURCES);
        s->ops->free(s);
        return ERR_OK;
    }
    for (size_t i = 0; i < c->nsources; i++) {
        if (c->source[i]->info.plane == s->info.plane && !strcmp(c->source[i]->info.name, s->info.name)) {
            s->ops->free(s);             /* named twice */
            return ERR_OK;
        }
    }
    s->info.id = (uint16_t)c->nsources;
    s->info.read_only = c->opt->read_only;
    for (size_t i = 0, windowed = 0; i < c->opt->nrules; windowed += c->opt->rules[i].nwindows > 0, i++) {
        const struct source_rule *r = &c->opt->rules[i];
        if (fnmatch(r->match, s->info.name, 0) && fnmatch(r->match, name, 0) && fnmatch(r->match, s->info.server, 0))
            continue;
        s->info.read_only |= r->read_only;
        s->info.protected_ |= r->protected_;
        if (r->nwindows && windowed < 64)
            s->info.windows |= UINT64_C(1) << windowed;
        else if (r->nwindows)
            s->info.read_only = true;      /* more rules than can be held: nothing is allowed rather than too much */
    }
    c->info[c->nsources] = s->info;
    c->source[c->nsources++] = s;
    return ERR_OK;
}

static bool is_glob(const char *s)
{
    return strpbrk(s, "*?[") != NULL;
}

static void note(struct core *c, const char *lines)
{
    text_clean(&c->problems, lines, strlen(lines), TEXT_KEEP_NEWLINES);
    if (c->problems.len && c->problems.data[c->problems.len - 1] != '\n')
        str_addc(&c->problems, '\n');
}

/* There is something, but the user must say which: told both on the empty screen and beside other sources. */
static void choose(struct core *c, const char *fmt, const char *where, size_t n)
{
    struct str s;
    str_init(&s, 8192);
    str_addf(&s, fmt, where, n);
    text_clean(&c->searched, s.data, s.len, TEXT_KEEP_NEWLINES);
    note(c, s.data);
    str_release(&s);
}

/* ---- Kubernetes ---- */

static enum err_code add_context(struct core *c, const struct kubeconfig *kc, const char *name, struct err *err)
{
    kubeconfig_concerns(kc, name, &c->problems);
    return add(c, kube_source_new(c, c->net, kc, name), name, err);
}

static enum err_code add_contexts(struct core *c, const struct kubeconfig *kc, const char *want, struct err *err)
{
    bool any = false;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < kc->ncontexts && !code; i++) {
        if (strcmp(want, "*") && fnmatch(want, kc->contexts[i].name, 0))
            continue;
        any = true;
        code = add_context(c, kc, kc->contexts[i].name, err);
    }
    if (!any && !code && strcmp(want, "*")) {
        struct err why = ERR_INIT;
        err_set(&why, ERR_CONFIG, 0, "no context matches '%.64s'", want);
        code = add(c, broken_new(c, PLANE_KUBE, want, &why), want, err);
    }
    return code;
}

static enum err_code build_kube(struct core *c, bool defaults, struct err *err)
{
    const struct options *o = c->opt;
    if (o->no_kube || (!defaults && !o->all && !o->contexts.count && !o->want_kube))
        return ERR_OK;
    struct kubeconfig kc;
    struct err why = ERR_INIT;
    kubeconfig_init(&kc);
    enum err_code code = kubeconfig_load(&kc, o->kubeconfig, &why), out = ERR_OK;
    if (code == ERR_NOTFOUND && !o->kubeconfig && !o->contexts.count) {
        str_addf(&c->searched, "Kubernetes: %s\n", why.msg);
        if (kc.problems.len)
            text_clean(&c->searched, kc.problems.data, kc.problems.len, TEXT_KEEP_NEWLINES);
    } else if (code) {
        const char *name = o->contexts.count ? o->contexts.items[0] : "kubeconfig";
        out = add(c, broken_new(c, PLANE_KUBE, name, &why), name, err);
    } else {
        if (o->all_problems && kc.problems.len)
            note(c, kc.problems.data);
        if (o->all) {
            out = add_contexts(c, &kc, "*", err);
        } else if (o->contexts.count) {
            for (size_t i = 0; i < o->contexts.count && !out; i++) {
                const char *want = o->contexts.items[i];
                out = is_glob(want) ? add_contexts(c, &kc, want, err) : add_context(c, &kc, want, err);
            }
        } else if (kc.current && *kc.current) {
            out = add_context(c, &kc, kc.current, err);
        } else if (kc.ncontexts == 1) {
            out = add_context(c, &kc, kc.contexts[0].name, err);
        } else {
            choose(c, "Kubernetes: %s has %zu contexts and no current-context: choose with --context NAME or --all\n",
                   kc.nfiles ? kc.files[0] : "the kubeconfig", kc.ncontexts);
        }
    }
    kubeconfig_free(&kc);
    return out;
}

/* Contexts beside those that were chosen, to be looked into: what is odd in them is told where they are asked. */
static enum err_code build_beside(struct core *c, struct err *err)
{
    const struct options *o = c->opt;
    struct kubeconfig kc;
    struct err why = ERR_INIT;
    if (!o->look_clusters)
        return ERR_OK;
    kubeconfig_init(&kc);
    enum err_code code = kubeconfig_load(&kc, o->kubeconfig, &why), out = ERR_OK;
    if (code && (code != ERR_NOTFOUND || o->kubeconfig))
        out = add(c, broken_new(c, PLANE_KUBE, "kubeconfig", &why), "kubeconfig", err);
    for (size_t i = 0; !code && i < kc.ncontexts && !out; i++)
        out = add(c, kube_source_new(c, c->net, &kc, kc.contexts[i].name), kc.contexts[i].name, err);
    kubeconfig_free(&kc);
    return out;
}

#define UNOPENED_NAMED 6

static bool is_open(const struct core *c, const struct kubeconfig *kc, const struct kube_context *x)
{
    const struct kube_cluster *of = kubeconfig_cluster(kc, x->cluster);
    for (size_t i = 0; i < c->nsources; i++) {
        const struct source_info *in = &c->source[i]->info;
        if (in->plane == PLANE_KUBE && (!strcmp(in->name, x->name) || (of && of->server && *in->server && !strcmp(in->server, of->server))))
            return true;
    }
    return false;
}

/* The cockpit asks no cluster that it was not told of; where one might matter, it is named. */
static void name_unopened(struct core *c)
{
    struct kubeconfig kc;
    struct err why = ERR_INIT;
    size_t n = 0;
    if (c->opt->verb || c->opt->no_kube)
        return;
    kubeconfig_init(&kc);
    bool known = kubeconfig_load(&kc, c->opt->kubeconfig, &why) == ERR_OK;
    for (size_t i = 0; known && i < kc.ncontexts; i++) {
        const char *name = kc.contexts[i].name;
        if (is_open(c, &kc, &kc.contexts[i]) || n++ >= UNOPENED_NAMED)
            continue;
        str_adds(&c->unopened, n > 1 ? ", " : "");
        text_clean(&c->unopened, name, strlen(name), 0);
    }
    if (n > UNOPENED_NAMED)
        str_addf(&c->unopened, " and %zu more", n - UNOPENED_NAMED);
    kubeconfig_free(&kc);
}

/* ---- OpenStack ---- */

static enum err_code add_cloud(struct core *c, const struct clouds *cl, const char *name, struct err *err)
{
    struct strlist regions = {0};
    struct err why = ERR_INIT;
    enum err_code code = ERR_OK;
    if (clouds_regions(cl, name, &regions, &why))
        return add(c, broken_new(c, PLANE_OPENSTACK, name, &why), name, err);
    size_t n = regions.count ? regions.count : 1;
    for (size_t i = 0; i < n && !code; i++) {
        const char *region = regions.count ? regions.items[i] : NULL;
        struct cloud cloud = {0};
        if (clouds_get(cl, name, region, &cloud, &why))
            code = add(c, broken_new(c, PLANE_OPENSTACK, name, &why), name, err);
        else
            code = add(c, ostk_source_new(c, c->net, &cloud, n > 1), name, err);
        cloud_free(&cloud);
    }
    strlist_release(&regions);
    return code;
}

static enum err_code add_clouds(struct core *c, const struct clouds *cl, const char *want, struct err *err)
{
    enum err_code code = ERR_OK;
    if (!is_glob(want))
        return add_cloud(c, cl, want, err);
    for (size_t i = 0; i < clouds_count(cl) && !code; i++) {
        if (!fnmatch(want, clouds_name(cl, i), 0))
            code = add_cloud(c, cl, clouds_name(cl, i), err);
    }
    return code;
}

static enum err_code build_openstack(struct core *c, bool defaults, struct err *err)
{
    const struct options *o = c->opt;
    if (o->no_openstack || (!defaults && !o->all && !o->clouds.count))
        return ERR_OK;
    struct clouds *cl = NULL;
    struct err why = ERR_INIT;
    enum err_code code = clouds_load(&cl, environ, &why), out = ERR_OK;
    if (code) {
        const char *name = o->clouds.count ? o->clouds.items[0] : "clouds.yaml";
        out = add(c, broken_new(c, PLANE_OPENSTACK, name, &why), name, err);
        clouds_free(cl);
        return out;
    }
    if (*clouds_problems(cl))
        note(c, clouds_problems(cl));
    if (o->all && !o->clouds.count) {
        out = add_clouds(c, cl, "*", err);
    } else if (o->clouds.count) {
        for (size_t i = 0; i < o->clouds.count && !out; i++)
            out = add_clouds(c, cl, o->clouds.items[i], err);
    } else if (clouds_default(cl)) {
        out = add_cloud(c, cl, clouds_default(cl), err);
    } else if (clouds_count(cl)) {
        choose(c, "OpenStack: %s has %zu clouds and none is the default: choose with --cloud NAME, --all or OS_CLOUD\n",
               clouds_file(cl) ? clouds_file(cl) : "the environment", clouds_count(cl));
    } else {
        str_adds(&c->searched, "OpenStack: no clouds.yaml and no OS_* variables; looked at:\n");
        str_adds(&c->searched, clouds_searched(cl));
    }
    clouds_free(cl);
    return out;
}

enum err_code sources_build(struct core *c, struct err *err)
{
    bool defaults = !c->opt->contexts.count && !c->opt->clouds.count;
    enum err_code code = build_kube(c, defaults, err);
    code = code ? code : build_openstack(c, defaults, err);
    code = code ? code : build_beside(c, err);
    name_unopened(c);
    return code;
}
