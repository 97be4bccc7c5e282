/* strata capacity [KIND]: what clusters, nodes, hypervisors and projects have, what is asked of them and used; --fit: where servers would fit. */
#include <stdlib.h>
#include <string.h>

#include "strata/capacity.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/world.h"
#include "tui/batch.h"

#define PATIENCE_MS 30000
#define USAGE_MS 3000          /* the metrics API answers beside the rows, or there is none */

/* ---- JSON ---- */

static void number(struct str *out, const char *key, int64_t n)
{
    if (n == CELL_NONE)
        str_addf(out, ",\"%s\":null", key);
    else
        str_addf(out, ",\"%s\":%lld", key, (long long)n);
}

static void amount(struct str *out, const char *key, const struct capacity_amount *a, bool host)
{
    struct str s;
    str_init(&s, 1024);
    number(&s, "have", a->have);
    number(&s, "requested", a->asked);
    number(&s, "used", a->used);
    number(&s, "stranded", a->idle);
    if (host) {
        number(&s, "room", a->room);
        number(&s, "own_pods", a->below);
        number(&s, "pods_in_servers", a->above);
    }
    str_addf(out, ",\"%s\":{%s}", key, s.len ? s.data + 1 : "");
    str_release(&s);
}

static void json(const struct tell *t, const struct capacity *c, unsigned kinds, struct str *out)
{
    size_t said = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct capacity_line *x = &c->line[i];
        const struct source_info *s = t->source(t->arg, x->source);
        bool host = x->what == CAPACITY_HYPERVISOR, servers = host || x->what == CAPACITY_PROJECT;
        if (!(kinds & 1u << x->what))
            continue;
        str_addf(out, "%s{\"what\":\"%s\"", said++ ? ",\n" : "[", capacity_name((enum capacity_what)x->what));
        json_text(out, "source", s ? s->name : "");
        json_text(out, "name", x->name);
        json_text(out, "uid", x->uid);
        number(out, servers ? "servers" : "pods", (int64_t)x->things);
        if (x->what == CAPACITY_CLUSTER)
            number(out, "nodes", (int64_t)x->nodes);
        amount(out, "cpu_milli", &x->cpu, host);
        amount(out, "memory_bytes", &x->mem, host);
        json_text(out, "note", x->note ? x->note : "");
        str_addc(out, '}');
    }
    str_adds(out, said ? "]\n" : "[]\n");
}

/* ---- all there is ---- */

static void not_seen(struct batch *b, const struct capacity_job *j, const struct tell *t)
{
    struct str s;
    str_init(&s, 1 << 16);
    capacity_unseen(j, t, &s);
    for (char *save = NULL, *line = s.len ? strtok_r(s.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
        batch_error(b, EXIT_FAILED, "not seen: %s", line);
    str_release(&s);
}

/* Has each cluster told what its nodes use? */
static bool usage_known(const struct links *l)
{
    bool known[CORE_MAX_SOURCES] = {false}, there[CORE_MAX_SOURCES] = {false};
    for (uint32_t i = 0; i < links_nodes(l); i++) {
        const struct row *r = links_row(l, i);
        if (!r || strcmp(r->kind->id, "nodes") != 0 || r->source >= CORE_MAX_SOURCES)
            continue;
        there[r->source] = true;
        known[r->source] |= r->cell[kind_column(r->kind, "cpu")].n != CELL_NONE;
    }
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++)
        if (there[i] && !known[i])
            return false;
    return true;
}

static void all(struct batch *b, unsigned kinds)
{
    struct tell t;
    struct str out;
    struct capacity c = {0};
    struct world *world = batch_world(b, &t);
    struct capacity_job *j = capacity_open(b->core);
    str_init(&out, (size_t)1 << 28);
    bool ok = j && t.l && (!(kinds & 1u << CAPACITY_HYPERVISOR) || capacity_ask(j, t.l));
    int64_t now = clock_mono_ms(), end = now + PATIENCE_MS;
    for (struct event *e; ok && !capacity_settled(j) && (e = batch_event_until(b, end)); event_free(e))
        if (!capacity_event(j, e))
            world_event(world, e);
    for (struct event *e; ok && t.l && !usage_known(t.l) && (e = batch_event_until(b, now + USAGE_MS)); event_free(e))
        if (world_event(world, e))
            t.l = world_links(world);
    t.l = ok ? world_links(world) : t.l;
    size_t n = 0;
    struct capacity_stock *stock = ok ? capacity_stocks(j, &n) : NULL;
    ok = stock && t.l && capacity_make(&c, &t, stock, n);
    mem_free(stock);
    out.failed |= !ok;
    if (ok && b->opt->output && !strcmp(b->opt->output, "json"))
        json(&t, &c, kinds, &out);
    else if (ok)
        tell_capacity(&t, &c, kinds, 0, &out);
    if (j && (kinds & 1u << CAPACITY_HYPERVISOR))
        not_seen(b, j, &t);
    capacity_release(&c);
    capacity_close(j);
    batch_world_end(b, world, &out);
}

/* ---- --fit ---- */

/* Of the hypervisors that are open. */
struct hosts { const struct view *view; uint16_t source; };

static const struct row *host_of(void *arg, const char *uid)
{
    const struct hosts *h = arg;
    for (size_t i = 0; h->view && i < view_count(h->view); i++) {
        const struct row *r = view_row(h->view, i);
        if (r->source == h->source && !strcmp(r->uid, uid))
            return r;
    }
    return NULL;
}

static const char *host_name(struct hosts *h, const char *uid)
{
    const struct row *r = host_of(h, uid);
    return r ? r->name : uid;
}

static void fit_json(struct str *out, const struct capacity_fit *f, long wanted, const char *flavor, const char *source, struct hosts *h)
{
    str_addf(out, "{\"wanted\":%ld,\"fits\":%lld,\"more\":%s", wanted, (long long)f->fits, f->more ? "true" : "false");
    json_text(out, "flavor", flavor);
    json_text(out, "source", source);
    json_text(out, "each", f->asked.data ? f->asked.data : "");
    str_addf(out, ",\"by_aggregates\":%s,\"hosts\":[", f->bound ? "true" : "false");
    for (size_t i = 0; i < f->n; i++) {
        str_addf(out, "%s{\"fits\":%lld", i ? "," : "", (long long)f->host[i].fits);
        json_text(out, "name", host_name(h, f->host[i].uid));
        json_text(out, "uid", f->host[i].uid);
        json_text(out, "zone", f->host[i].zone < 0 ? "" : f->zone[f->host[i].zone].name);
        str_addc(out, '}');
    }
    str_addf(out, "],\"down\":%zu,\"down_fits\":%lld,\"zones\":[", f->down, (long long)f->down_fits);
    for (size_t i = 0; i < f->nzones; i++) {
        str_addf(out, "%s{\"fits\":%lld,\"hosts\":%zu,\"services\":%zu", i ? "," : "", (long long)f->zone[i].fits, f->zone[i].hosts, f->zone[i].services);
        json_text(out, "name", f->zone[i].name);
        str_addc(out, '}');
    }
    str_adds(out, "]}\n");
}

#define ANY_ZONE -2

static void fit_hosts(struct str *out, const struct capacity_fit *f, int zone, struct hosts *h)
{
    for (size_t i = 0; i < f->n; i++)
        if (zone == ANY_ZONE || f->host[i].zone == zone)
            str_addf(out, "  %6lld  %s\n", (long long)f->host[i].fits, host_name(h, f->host[i].uid));
}

static void fit_words(struct str *out, const struct capacity_fit *f, long wanted, const char *flavor, const char *source, struct hosts *h)
{
    str_addf(out, "%ld x %s (%s) on %s: %s", wanted, flavor, f->asked.data ? f->asked.data : "", source,
             f->fits >= wanted ? "they fit" : f->more ? "whether they fit is not known" : "they do not fit");
    str_addf(out, "; %s has room for %s%lld, on %zu host%s", f->bound ? "of the aggregates that its properties want Placement" : "Placement", f->more ? "at least " : "", (long long)f->fits, f->n, f->n == 1 ? "" : "s");
    if (f->fits >= wanted && wanted > 1 && (long)f->n < wanted)
        str_adds(out, "; not each on a host of its own");
    int64_t most = 0;
    for (size_t i = 0; i < f->nzones; i++)
        most = f->zone[i].fits > most ? f->zone[i].fits : most;
    if (f->nzones > 1 && f->fits >= wanted && most < wanted)
        str_adds(out, "; not all in one zone");
    str_addc(out, '\n');
    if (f->down)
        str_addf(out, "  not counted: room for %lld on %zu host%s whose compute service is down, Nova chooses none of them\n", (long long)f->down_fits, f->down, f->down == 1 ? "" : "s");
    for (size_t i = 0; f->nzones > 1 && i < f->nzones; i++) {
        str_addf(out, "zone %s: %lld, on %zu of its %zu hosts\n", f->zone[i].name, (long long)f->zone[i].fits, f->zone[i].hosts, f->zone[i].services);
        fit_hosts(out, f, (int)i, h);
    }
    fit_hosts(out, f, f->nzones > 1 ? -1 : ANY_ZONE, h);
}

/* "3xm1.large" */
static bool fit_asked(const char *s, long *n, const char **flavor)
{
    char *end;
    *n = strtol(s, &end, 10);
    *flavor = end + 1;
    if (end == s || *end != 'x') {
        *n = 1;
        *flavor = s;
    }
    return **flavor && *n > 0 && *n <= 100000;
}

static void fit(struct batch *b)
{
    const char *flavor;
    long wanted;
    struct str out;
    struct capacity_fit f = {0};
    if (!fit_asked(b->opt->fit, &wanted, &flavor)) {
        batch_error(b, EXIT_USAGE, "--fit \"%s\": how many of which flavor? For example 3xm1.large", b->opt->fit);
        return;
    }
    if (!batch_open(b, "flavor"))
        return;
    const struct row *r = batch_find(b, flavor);
    uint16_t id = r ? r->source : 0;
    struct event *e = r ? batch_wait(b, core_fetch(b->core, r, FETCH_FIT, 0)) : NULL;
    const struct source_info *s = r ? batch_source(b, id) : NULL;
    if (!e || e->err.code || !e->text || !capacity_read_fit(&f, e->text)) {
        if (e && e->err.code)
            batch_report(b, &e->err, s ? s->name : NULL);
        else if (r)
            batch_error(b, EXIT_FAILED, "Placement's answer is not understood");
        event_free(e);
        capacity_fit_release(&f);
        batch_close(b);
        return;
    }
    event_free(e);
    batch_close(b);
    batch_open(b, "hypervisor");
    struct view *read = b->view;
    struct hosts hosts = {read, id};
    str_init(&out, (size_t)1 << 26);
    size_t unknown = capacity_fit_bind(&f, host_of, &hosts);
    if (unknown)
        batch_error(b, EXIT_FAILED, "%zu more hosts have room, and whether they are in an aggregate that the flavor wants is not known: Nova's hypervisors are not read", unknown);
    b->view = NULL;                     /* its rows are still read */
    batch_close(b);
    if (batch_open(b, "compute-service"))
        for (size_t i = 0; i < view_count(b->view); i++)
            if (view_row(b->view, i)->source == id)
                out.failed |= !capacity_fit_service(&f, view_row(b->view, i), host_of, &hosts);
    (b->opt->output && !strcmp(b->opt->output, "json") ? fit_json : fit_words)(&out, &f, wanted, flavor, s ? s->name : "", &hosts);
    if (f.fits < wanted && !f.more)
        b->rc = EXIT_FAILED;
    if (out.failed)
        batch_error(b, EXIT_FAILED, "out of memory");
    else
        print_text(out.data, out.len);
    str_release(&out);
    capacity_fit_release(&f);
    batch_close(b);
    view_free(read);
}

void batch_capacity(struct batch *b)
{
    unsigned kinds = 0;
    if (b->opt->fit) {
        fit(b);
        return;
    }
    for (size_t i = 0; i < b->opt->args.count; i++) {
        int what = 0;
        const struct kind *k = kind_find(b->opt->args.items[i]);
        while (what < CAPACITY_KINDS && strcmp(b->opt->args.items[i], capacity_name((enum capacity_what)what)) != 0 &&
               !(k && !strcmp(k->singular, capacity_name((enum capacity_what)what))))
            what++;
        if (what == CAPACITY_KINDS) {
            batch_error(b, EXIT_USAGE, "capacity: \"%s\"? Of what: cluster, node, hypervisor, project", b->opt->args.items[i]);
            return;
        }
        kinds |= 1u << what;
    }
    all(b, kinds ? kinds : (1u << CAPACITY_KINDS) - 1);
}
