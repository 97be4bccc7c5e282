/* An API asked five times a second while a rollout goes on: how many of its answers came, and whether that is enough. */
#include "core/ops/op_probe.h"

#include <stdio.h>
#include <string.h>

#include "core/openstack/ostk.h"
#include "core/stage/probe.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define PERIOD_US 200000
#define TIMEOUT_US 3000000
#define PATIENCE_MS 15000                  /* until a token is there, and the first good answer */

struct op_probe {
    struct probes *set;
    int at;
    int64_t since_ms, from_us;             /* from_us: answers count from here on */
    int64_t least;                         /* per cent */
    char target[300];
};

static const char *wanted(const struct op *op)
{
    struct act_ctx c = {.args = op->args, .nargs = op->nargs};
    const char *word = act_arg(&c, "probe");
    return word && *word && strcmp(word, "none") != 0 ? word : NULL;
}

static bool is_url(const char *s)
{
    return !strncmp(s, "http://", 7) || !strncmp(s, "https://", 8);
}

/* The only cloud there is. */
static struct ostk_source *cloud(const struct op *op, struct err *err)
{
    const struct core *c = op->core;
    struct ostk_source *found = NULL;
    for (size_t i = 0; i < c->nsources; i++) {
        if (strcmp(c->source[i]->ops->name, "openstack") != 0)
            continue;
        if (found) {
            err_set(err, ERR_USAGE, 0, "not begun: there are several clouds, name the one to probe (--cloud NAME), or a URL");
            return NULL;
        }
        found = (struct ostk_source *)c->source[i];
    }
    if (!found)
        err_set(err, ERR_USAGE, 0, "not begun: no cloud is there to find %s in: name one (--cloud NAME), or a URL", wanted(op));
    return found;
}

static bool begin(struct op_probe *p, const char *url, const struct net_site_conf *site, struct err *err)
{
    struct probe_conf conf = {.kind = STAGE_P1, .url = url, .period_us = PERIOD_US, .timeout_us = TIMEOUT_US, .site = *site};
    p->set = probes_new(err);
    if (!p->set)
        return false;
    p->at = probes_add(p->set, &conf, NULL);
    if (p->at < 0)
        err_set(err, ERR_USAGE, 0, "not begun: %s cannot be probed: it is no URL, or memory is out", p->target);
    return p->at >= 0 && probes_start(p->set, err);
}

/* false with err OK: the catalog or the versions are not there yet. */
static bool begin_service(struct op *op, const char *word, struct err *err)
{
    struct op_probe *p = op->probe;
    const char *type = probe_service_type(word);
    struct ostk_source *os = cloud(op, err);
    struct net_site_conf site;
    unsigned gen;
    if (!os || !ostk_token_id(os, &gen))
        return false;
    const struct ostk_service *s = ostk_find_service(os, type);
    if (!s || !s->root) {
        err_set(err, ERR_USAGE, 0, "not begun: %s has no endpoint of %s to probe", ((struct source *)os)->info.name, type);
        return false;
    }
    ostk_site_conf(os, &site);
    snprintf(p->target, sizeof p->target, "%s of %s", type, ((struct source *)os)->info.name);
    return begin(p, s->root, &site, err);
}

static bool start(struct op *op, const char *word, struct err *err)
{
    struct net_site_conf site = {.name = "probe", .user_agent = "strata"};
    if (!is_url(word))
        return begin_service(op, word, err);
    const char *host = strstr(word, "://") + 3;
    if (memchr(host, '@', strcspn(host, "/?#"))) {
        err_set(err, ERR_USAGE, 0, "not begun: a probe's URL stands in the journal, give one without a password");
        return false;
    }
    snprintf(op->probe->target, sizeof op->probe->target, "%s", word);
    return begin(op->probe, word, &site, err);
}

enum op_gate op_probe_gate(struct op *op, struct err *err)
{
    const char *word = wanted(op);
    if (!word || op->dry_run || (op->probe && op->probe->from_us))
        return GATE_OPEN;
    if (!op->probe) {
        struct act_ctx c = {.args = op->args, .nargs = op->nargs};
        op->probe = mem_zalloc(sizeof *op->probe);
        if (!op->probe) {
            err_set(err, ERR_NOMEM, 0, "out of memory");
            return GATE_SHUT;
        }
        *op->probe = (struct op_probe){.at = -1, .since_ms = clock_mono_ms(), .least = act_int(&c, "probe-min", 99)};
        snprintf(op->probe->target, sizeof op->probe->target, "%s", word);
    }
    struct op_probe *p = op->probe;
    if (!p->set && !start(op, word, err) && err->code)
        return GATE_SHUT;
    if (p->set && samples_last_ok(probes_samples(p->set, p->at))) {
        p->from_us = clock_mono_us();
        return GATE_OPEN;
    }
    if (clock_mono_ms() - p->since_ms < PATIENCE_MS)
        return GATE_WAIT;
    err_set(err, ERR_NET, 0, "not begun: the probe of %s has not answered well in %d s", p->target, PATIENCE_MS / 1000);
    return GATE_SHUT;
}

void op_probe_free(struct op *op)
{
    if (!op->probe)
        return;
    probes_free(op->probe->set);
    mem_free(op->probe);
    op->probe = NULL;
}

bool op_probe_bad(const struct op *op, struct str *words)
{
    const struct op_probe *p = op->probe;
    size_t known = 0, failed = 0;
    if (!p || !p->set || !p->from_us)
        return false;
    struct samples *s = probes_samples(p->set, p->at);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].slot_us >= p->from_us && sample_known(&s->v[i])) {
            known++;
            failed += s->v[i].class != STAGE_OK;
        }
    pthread_mutex_unlock(&s->lock);
    if (known && words)
        str_addf(words, "%sprobe %s: %.1f %% of %zu answered", words->len ? "; " : "", p->target, 100.0 * (double)(known - failed) / (double)known, known);
    return failed > 1 && (int64_t)(known - failed) * 100 < p->least * (int64_t)known;
}
