/* Feeds: one per (source, kind, namespace), shared by all who look; published at most every 50 ms. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "core/core_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define REPUBLISH_MS 200
#define PUBLISH_MS 50
#define INSIDE 0             /* the id of who looks inside core: asks, is told by ops_feed_moved() */
#define LINGER_MS 20000      /* a feed nobody looks at stays warm for so long */

struct feed_cmd {
    struct core *core;
    uint32_t id;
    uint16_t source;
    char *kind, *ns, *name, *fields;
    bool follow;
};

static void cmd_free(void *arg)
{
    struct feed_cmd *m = arg;
    mem_free(m->kind);
    mem_free(m->ns);
    mem_free(m->name);
    mem_free(m->fields);
    mem_free(m);
}

/* ---- snapshots come home ---- */

static void destroy(void *snap)
{
    snap_destroy(snap);
}

static void recycle(void *arg, struct snap *s)
{
    struct core *c = arg;
    if (net_on_thread(c->net))
        snap_destroy(s);
    else
        (void)net_post(c->net, destroy, destroy, s);   /* without memory for the post the snap leaks; nothing worse */
}

/* ---- publication ---- */

struct newer {
    uint32_t id;
    struct snap *snap;
};

static bool take_newer(struct msg *m, void *arg)
{
    struct event *e = (struct event *)m;
    struct newer *n = arg;
    if (e->type != EV_SNAP || e->id != n->id || !e->snap)
        return false;
    struct snap *old = e->snap;
    e->snap = n->snap;
    n->snap = old;
    return true;
}

/* A snap that waits unread is replaced: a reader who sleeps for hours finds the newest, not all of them. */
static bool send_snap(struct feed *f, struct snap *s, uint32_t id)
{
    struct core *c = f->source->core;
    struct newer n = {.id = id, .snap = snap_ref(s)};
    bool replaced = mbox_visit(&c->events, take_newer, &n);
    struct event *e = replaced ? NULL : event_new(EV_SNAP, id, f->source->info.id);
    if (e) {
        e->snap = n.snap;
        n.snap = NULL;
    }
    snap_unref(n.snap);
    if (!replaced)
        core_send(c, e);
    return replaced || e;
}

static void publish_due(void *arg);

/* ---- health by age ---- */

static void arm_age(struct feed *f);

static void age_due(void *arg)
{
    struct feed *f = arg;
    f->age_timer = NULL;
    if (store_age(f->store, clock_wall_ms() + f->source->info.clock_offset_ms))
        feed_changed(f);
    arm_age(f);
}

/* The one place where rows grow worse without a word from the server: a pod that is still Pending after a minute. */
static void arm_age(struct feed *f)
{
    int64_t next = store_next_age(f->store), wait = next - clock_wall_ms() - f->source->info.clock_offset_ms;
    if (f->age_timer && f->age_ms == next)
        return;
    net_timer_cancel(f->source->net, f->age_timer);
    f->age_ms = next;
    f->age_timer = next == INT64_MAX ? NULL : net_timer(f->source->net, wait > 0 ? wait + 1 : 100, age_due, f);
}

/* What could not be told for want of memory is told again soon: nobody may go on believing the older rows. */
static void publish(struct feed *f)
{
    net_timer_cancel(f->source->net, f->timer);
    f->timer = NULL;
    f->publish_pending = false;
    struct snap *s = store_publish(f->store);
    bool told = s != NULL;
    for (size_t i = 0; s && i < f->nids; i++)
        told = (f->ids[i] == INSIDE || send_snap(f, s, f->ids[i])) && told;
    ops_feed_moved(f->source->core);
    if (s) {
        f->published_ms = clock_mono_ms();
        feed_stir(f, s);
        feed_observe(f, s);
    } else {
        core_starve(f->source->core);
    }
    snap_unref(s);
    arm_age(f);
    if (!told) {
        f->timer = net_timer(f->source->net, REPUBLISH_MS, publish_due, f);
        f->publish_pending = f->timer != NULL;
    }
}

static void publish_due(void *arg)
{
    struct feed *f = arg;
    f->timer = NULL;
    publish(f);
}

void feed_changed(struct feed *f)
{
    core_assert_net(f->source->core);
    if (!f->nids || f->publish_pending)
        return;
    int64_t since = clock_mono_ms() - f->published_ms;
    if (!f->published_ms || since >= PUBLISH_MS) {
        publish(f);
        return;
    }
    f->timer = net_timer(f->source->net, PUBLISH_MS - since, publish_due, f);
    f->publish_pending = f->timer != NULL;
}

void feed_set_kind(struct feed *f, const struct kind *k)
{
    f->kind = k;
    store_set_kind(f->store, k);
}

void feed_live(struct feed *f)
{
    struct feed_status *st = store_status(f->store);
    bool was = st->state == FEED_LIVE;
    st->state = FEED_LIVE;
    f->ok_before_ms = st->last_ok_mono_ms;
    st->last_ok_mono_ms = clock_mono_ms();
    st->err = (struct err)ERR_INIT;
    st->told = false;
    if (!was || store_dirty(f->store))
        feed_changed(f);
}

void feed_ok(struct feed *f)
{
    struct feed_status *st = store_status(f->store);
    if (st->state == FEED_STALE) {
        feed_live(f);
        return;
    }
    f->ok_before_ms = st->last_ok_mono_ms;
    st->last_ok_mono_ms = clock_mono_ms();
}

void feed_error(struct feed *f, const struct err *err)
{
    struct feed_status *st = store_status(f->store);
    enum feed_state now = st->state == FEED_LIVE || st->state == FEED_STALE ? FEED_STALE : FEED_FAILED;
    bool same = st->state == now && !strcmp(st->err.msg, err->msg);
    st->state = now;
    st->err = *err;
    st->told = false;
    if (!same || store_dirty(f->store))
        feed_changed(f);
}

/* ---- opening and closing ---- */

static bool same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static struct feed *feed_find(struct core *c, const struct feed_cmd *m, const struct kind *k)
{
    for (struct feed *f = c->feeds; f; f = f->next) {
        bool same = k ? f->kind == k : !strcasecmp(f->kind_name, m->kind);
        bool one = f->name && m->name ? !strcmp(f->name, m->name) && f->follow == m->follow : !f->name && !m->name;
        if (f->source->info.id == m->source && same && one && same_text(f->fields, m->fields) && !strcmp(f->ns, m->ns))
            return f;
    }
    return NULL;
}

static void feed_free(struct feed *f)
{
    net_timer_cancel(f->source->net, f->timer);
    net_timer_cancel(f->source->net, f->age_timer);
    snap_unref(f->told);
    store_free(f->store);
    mem_free(f->kind_name);
    mem_free(f->ns);
    mem_free(f->name);
    mem_free(f->fields);
    mem_free(f->ids);
    mem_free(f);
}

static void feed_end(struct core *c, struct feed *f)
{
    struct feed **at = &c->feeds;
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    if (f->open)
        f->source->ops->feed_close(f->source, f);
    feed_free(f);
}

void feeds_close_all(struct core *c)
{
    while (c->feeds)
        feed_end(c, c->feeds);
}

static struct feed *feed_new(struct core *c, struct feed_cmd *m, const struct kind *k)
{
    struct feed *f = mem_zalloc(sizeof(*f));
    if (!f)
        return NULL;
    f->source = c->source[m->source];
    f->store = store_new(m->source, recycle, c);
    f->kind_name = mem_strdup(m->kind);
    f->ns = mem_strdup(m->ns);
    f->name = mem_strdup(m->name);
    f->fields = mem_strdup(m->fields);
    f->follow = m->follow;
    if (!f->store || !f->kind_name || !f->ns || (m->name && !f->name) || (m->fields && !f->fields)) {
        feed_free(f);
        return NULL;
    }
    if (k)
        feed_set_kind(f, k);
    f->next = c->feeds;
    c->feeds = f;
    return f;
}

static void fail_open(struct core *c, const struct feed_cmd *m, const struct err *err)
{
    struct store *st = store_new(m->source, recycle, c);
    struct snap *s = NULL;
    if (st) {
        store_status(st)->state = FEED_FAILED;
        store_status(st)->err = *err;
        s = store_publish(st);
    }
    struct event *e = event_new(EV_SNAP, m->id, m->source);
    if (e) {
        e->err = *err;
        e->snap = s;
        s = NULL;
    }
    core_send(c, e);
    snap_unref(s);
    store_free(st);
}

/* NULL: with err. */
static struct feed *open_feed(struct core *c, struct feed_cmd *m, struct err *err)
{
    const struct kind *k = kind_find(m->kind);
    enum plane plane = c->source[m->source]->info.plane;
    if (k && k->plane != plane)
        k = NULL;
    if (!k && plane == PLANE_OPENSTACK) {
        err_set(err, ERR_NOTFOUND, 0, "OpenStack has no resource '%s'", m->kind);
        return NULL;
    }
    struct feed *f = feed_find(c, m, k);
    if (!f)
        f = feed_new(c, m, k);
    if (!f || !mem_grow(&f->ids, &f->cap_ids, f->nids + 1, sizeof(*f->ids))) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    if (!f->nids) {          /* it lingered: the timer that would end it must not outlive this */
        net_timer_cancel(f->source->net, f->timer);
        f->timer = NULL;
    }
    f->ids[f->nids++] = m->id;
    if (!f->published_ms && store_status(f->store)->state != FEED_LOADING) {
        publish(f);          /* all of it came while nobody looked: nothing that follows need ever tell it */
    } else if (f->published_ms) {   /* the newcomer sees what the others see */
        struct snap *s = store_publish(f->store);
        if (s) {
            for (size_t i = 0; i < f->nids; i++)
                if (f->ids[i] != INSIDE)
                    send_snap(f, s, f->ids[i]);
            snap_unref(s);
        }
    }
    if (!f->open) {
        f->open = true;
        f->source->ops->feed_open(f->source, f);
    }
    return f;
}

static void do_open(void *arg)
{
    struct feed_cmd *m = arg;
    struct core *c = m->core;
    struct err err = ERR_INIT;
    if (!c->closing && m->source < c->nsources && !open_feed(c, m, &err))
        fail_open(c, m, &err);
    cmd_free(m);
}

static void linger_over(void *arg)
{
    struct feed *f = arg;
    f->timer = NULL;
    f->publish_pending = false;
    if (!f->nids)
        feed_end(f->source->core, f);
}

static struct feed *feed_of(struct core *c, uint32_t id, size_t *at)
{
    for (struct feed *f = c->feeds; f; f = f->next) {
        for (size_t i = 0; i < f->nids; i++) {
            if (f->ids[i] == id) {
                *at = i;
                return f;
            }
        }
    }
    return NULL;
}

static void leave(struct feed *f, size_t at)
{
    f->ids[at] = f->ids[--f->nids];
    if (!f->nids) {
        net_timer_cancel(f->source->net, f->timer);
        f->publish_pending = false;
        f->timer = net_timer(f->source->net, LINGER_MS, linger_over, f);
    }
}

static void do_close(void *arg)
{
    struct feed_cmd *m = arg;
    size_t at;
    struct feed *f = feed_of(m->core, m->id, &at);
    if (f)
        leave(f, at);
    cmd_free(m);
}

struct feed *feed_inside_open(struct core *c, uint16_t source, const char *kind, const char *ns)
{
    struct err err = ERR_INIT;
    struct feed_cmd m = {.core = c, .id = INSIDE, .source = source, .kind = (char *)(uintptr_t)kind, .ns = (char *)(uintptr_t)""};
    core_assert_net(c);
    if (*ns && !feed_find(c, &m, kind_find(kind)))     /* what is there of all namespaces has this one, too */
        m.ns = (char *)(uintptr_t)ns;
    return open_feed(c, &m, &err);
}

struct feed *feed_inside_join(struct core *c, uint16_t source, const char *kind, const char *ns)
{
    struct feed_cmd m = {.core = c, .source = source, .kind = (char *)(uintptr_t)kind, .ns = (char *)(uintptr_t)""};
    bool all = feed_find(c, &m, kind_find(kind)) != NULL;
    m.ns = (char *)(uintptr_t)ns;
    return all || feed_find(c, &m, kind_find(kind)) ? feed_inside_open(c, source, kind, ns) : NULL;
}

void feed_inside_close(struct feed *f)
{
    for (size_t i = 0; i < f->nids; i++)
        if (f->ids[i] == INSIDE) {
            leave(f, i);
            return;
        }
}

static void do_refresh(void *arg)
{
    struct feed_cmd *m = arg;
    size_t at;
    struct feed *f = feed_of(m->core, m->id, &at);
    if (f && f->source->ops->feed_refresh)
        f->source->ops->feed_refresh(f->source, f);
    cmd_free(m);
}

static struct feed_cmd *cmd_new(struct core *c, uint32_t id)
{
    struct feed_cmd *m = mem_zalloc(sizeof(*m));
    if (m) {
        m->core = c;
        m->id = id;
    }
    return m;
}

uint32_t core_open(struct core *c, uint16_t source, const char *kind, const char *ns)
{
    return core_open_some(c, source, kind, ns, NULL, NULL, false);
}

uint32_t core_open_some(struct core *c, uint16_t source, const char *kind, const char *ns, const char *name, const char *fields, bool follow)
{
    struct feed_cmd *m = cmd_new(c, atomic_fetch_add(&c->next_id, 1));
    if (!m)
        return 0;
    m->source = source;
    m->kind = mem_strdup(kind);
    m->ns = mem_strdup(ns ? ns : "");
    m->name = mem_strdup(name);
    m->fields = mem_strdup(fields);
    m->follow = follow;
    uint32_t id = m->id;
    if (m->kind && m->ns && (!name || m->name) && (!fields || m->fields) && core_post(c, do_open, cmd_free, m))
        return id;
    cmd_free(m);
    return 0;
}

void core_close(struct core *c, uint32_t feed)
{
    struct feed_cmd *m = feed ? cmd_new(c, feed) : NULL;
    if (m && !core_post(c, do_close, cmd_free, m))
        cmd_free(m);
}

void core_refresh(struct core *c, uint32_t feed)
{
    struct feed_cmd *m = cmd_new(c, feed);
    if (m && !core_post(c, do_refresh, cmd_free, m))
        cmd_free(m);
}
