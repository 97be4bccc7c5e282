/* Driver of os-services: each API of the catalog is a group of its own, which asks it by itself: what one API does never delays or
 * hides another's rows. Here: which there are, when they are asked, and what the feed says as a whole. */
#include <stdio.h>
#include <string.h>

#include "core/openstack/services_board.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define PACE_MS 10000
#define CHANGED_MS 3000           /* after a worker changed its state */
#define CHANGED_FOR_MS 30000

static void tick(void *arg);
static void schedule(struct svc_board *b, int64_t ms);

/* Something changed its state: look again soon, there is often more to come. */
void svc_moved(struct svc_board *b)
{
    int64_t now = clock_mono_ms();
    if (!b->changed_mono_ms || now - b->changed_mono_ms > CHANGED_MS)
        schedule(b, CHANGED_MS);
    b->changed_mono_ms = now;
}

/* ---- what the feed says as a whole ---- */
/* Neutron does not refuse a member, it shows nothing: no agents at all beside refusals is the same thing. */
static void see_hidden(struct svc_board *b)
{
    bool any = false;
    for (const struct svc_group *g = b->groups; g; g = g->next)
        any |= g->denied;
    for (struct svc_group *g = b->groups; g; g = g->next) {
        bool hidden = g->denied || (any && g->empty && g->api && !strcmp(g->api->type, "network"));
        if (hidden == g->hidden)
            continue;
        g->hidden = hidden;
        svc_put_head(g);
    }
}

static void set_note(struct svc_board *b)
{
    struct feed_status *st = store_status(b->f->store);
    char list[120] = "";
    size_t n = 0, left;
    size_t unseen = 0;
    for (const struct svc_group *g = b->groups; g; g = g->next) {
        n += g->denied;
        unseen += g->unseen;
        left = sizeof list - strlen(list);
        if (g->unseen)
            snprintf(list + strlen(list), left, "%s%.24s", *list ? ", " : "", g->type);
    }
    st->partial = n > 0 || unseen > 0;
    st->note[0] = 0;
    if (unseen)
        snprintf(st->note, sizeof st->note, "no endpoint for system scope: %s", list);
    if (!n || unseen)
        return;
    list[0] = 0;
    for (const struct svc_group *g = b->groups; g; g = g->next)
        if (g->hidden) {
            left = sizeof list - strlen(list);
            snprintf(list + strlen(list), left, "%s%.24s", *list ? ", " : "", g->type);
        }
    snprintf(st->note, sizeof st->note, "workers not shown (not allowed): %s", list);
}

void svc_judge(struct svc_board *b)
{
    bool all = true, any = false;
    const struct err *first = NULL;
    for (const struct svc_group *g = b->groups; g; g = g->next) {
        all = all && g->complete;
        any = any || g->reachable;
        if (!g->reachable && g->asked && !first)
            first = &g->err;
    }
    see_hidden(b);
    set_note(b);
    if (!all) {
        feed_changed(b->f);
    } else if (!any && first) {
        feed_error(b->f, first);
    } else if (!b->live) {
        b->live = true;
        feed_live(b->f);
    } else {
        if (store_dirty(b->f->store))
            feed_changed(b->f);
        feed_ok(b->f);
    }
}

/* ---- groups follow the catalog ---- */
static void svc_group_free(struct svc_group *g)
{
    if (g->call)
        ostk_cancel(g->call);
    map_release(&g->uids);
    map_release(&g->networks);
    json_decref(g->workers);
    mem_free(g->type);
    mem_free(g);
}

static struct svc_group *group_new(struct svc_board *b, const char *type, size_t at)
{
    struct svc_group *g = mem_zalloc(sizeof *g);
    const char *canonical = ostk_type_canonical(type);
    if (!g || !(g->type = mem_strdup(type))) {
        mem_free(g);
        return NULL;
    }
    map_init(&g->uids, NULL);
    svc_dhcp_init(&g->networks);
    g->b = b;
    g->api = svc_api_find(canonical);
    g->order = svc_rank(canonical) * 100 + (int)at;      /* unknown types: the catalog's order */
    g->latency_ms = g->seen_ms = CELL_NONE;
    g->next = b->groups;
    b->groups = g;
    return g;
}

/* Keystone leaves out the endpoints whose URL names a project when the token is for none: the service is there all the same. */
static bool unseen(const struct svc_board *b, const struct ostk_service *s)
{
    return !s->endpoint && b->os->token.system;
}

static bool in_catalog(const struct svc_board *b, const char *type)
{
    const struct ostk_service *s = ostk_find_service(b->os, type);
    return s && (s->endpoint || unseen(b, s));
}

static void follow_catalog(struct svc_board *b)
{
    const struct ostk_service *list;
    size_t n = ostk_services(b->os, &list);
    for (struct svc_group **p = &b->groups; *p; ) {
        struct svc_group *g = *p;
        if (in_catalog(b, g->type)) {
            p = &g->next;
            continue;
        }
        *p = g->next;
        svc_drop_workers(g);
        store_delete(b->f->store, g->type);
        svc_group_free(g);
    }
    for (size_t i = 0; i < n; i++) {
        struct svc_group *g = b->groups;
        while (g && strcmp(g->type, list[i].type))
            g = g->next;
        bool hides = unseen(b, &list[i]);
        if (g ? g->unseen == hides : !in_catalog(b, list[i].type) || !(g = group_new(b, list[i].type, i)))
            continue;
        g->unseen = g->complete = hides;
        svc_put_head(g);
    }
}

/* Nobody logged in yet, so there is no catalog; but where Keystone is, is known, and that it does not answer is what is wrong here. */
static void no_keystone(struct svc_board *b, const struct err *err)
{
    bool away = err->code == ERR_NET || err->code == ERR_TIMEOUT || err->code == ERR_SERVER;
    struct svc_group *g = b->groups;
    if (away && !g)
        g = group_new(b, "identity", 0);
    if (g) {
        g->asked = g->complete = away;
        g->err = *err;
        svc_put_head(g);
    }
    feed_error(b->f, err);
}

/* ---- the clock ---- */
static void schedule(struct svc_board *b, int64_t ms)
{
    net_timer_cancel(b->os->base.net, b->timer);
    b->timer = net_timer(b->os->base.net, ms, tick, b);
}

static void on_wait(void *arg, const struct net_reply *r)
{
    struct svc_board *b = arg;
    const struct ostk_service *list;
    b->wait = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    if (ostk_services(b->os, &list) > 0) {
        net_backoff_reset(&b->backoff);
        tick(b);
        return;
    }
    struct err err = r->err;
    if (err.code == ERR_OK)
        err_set(&err, ERR_NOTFOUND, 0, "the catalog of this cloud is empty");
    no_keystone(b, &err);
    schedule(b, net_backoff_next(&b->backoff));
}

static void tick(void *arg)
{
    struct svc_board *b = arg;
    const struct ostk_service *list;
    struct err err = ERR_INIT;
    b->timer = NULL;
    if (b->wait)
        return;
    if (!ostk_services(b->os, &list)) {                  /* no token yet: this waits for it */
        struct ostk_req rq = {.service = "identity", .path = "/", .root = true, .timeout_ms = SVC_PROBE_TIMEOUT_MS,
                              .on_done = on_wait, .arg = b};
        b->wait = ostk_send(b->os, &rq, &err);
        if (!b->wait)
            schedule(b, net_backoff_next(&b->backoff));
        return;
    }
    follow_catalog(b);
    if (!b->groups) {
        err_set(&err, ERR_UNSUPPORTED, 0, "no service of the catalog has an endpoint in this region and interface");
        feed_error(b->f, &err);
    }
    for (struct svc_group *g = b->groups; g; g = g->next)
        svc_probe(g);
    if (!b->live)
        feed_changed(b->f);
    int64_t now = clock_mono_ms();
    bool changed = now < b->os->busy_until_ms || (b->changed_mono_ms && now - b->changed_mono_ms < CHANGED_FOR_MS);
    schedule(b, changed ? CHANGED_MS : ostk_idle(b->os) ? 3 * PACE_MS : PACE_MS);
}

static void board_open(struct ostk_source *os, struct feed *f)
{
    struct err err;
    struct svc_board *b = mem_zalloc(sizeof *b);
    f->priv = b;
    if (!b) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        feed_error(f, &err);
        return;
    }
    b->os = os;
    b->f = f;
    b->backoff = (struct net_backoff){.base_ms = 1000, .max_ms = 30000};
    tick(b);
}

static void board_close(struct ostk_source *os, struct feed *f)
{
    struct svc_board *b = f->priv;
    if (!b)
        return;
    net_timer_cancel(os->base.net, b->timer);
    if (b->wait)
        ostk_cancel(b->wait);
    while (b->groups) {
        struct svc_group *g = b->groups;
        b->groups = g->next;
        svc_group_free(g);
    }
    mem_free(b);
    f->priv = NULL;
}

static void board_refresh(struct ostk_source *os, struct feed *f)
{
    struct svc_board *b = f->priv;
    (void)os;
    for (struct svc_group *g = b ? b->groups : NULL; g; g = g->next)
        g->denied_mono_ms -= SVC_REFUSED_MS;
    if (b)
        schedule(b, 0);
}

const struct ostk_driver ostk_services_driver = {.open = board_open, .close = board_close, .refresh = board_refresh};
