/* The API server of each cluster as a row of its own, made of what strata itself knows: where it is, and whether it answers. So
 * what stands before it (a load balancer, a floating address, servers) is linked with the cluster, and why it does not answer is asked. */
#include <string.h>

#include "core/kube/kube_kind.h"
#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/store.h"

enum { P_NAME, P_STATUS, P_MESSAGE, P_URL, P_SINCE };
static const struct column columns[] = {
    [P_NAME] = {.id = "name", .title = "NAME", .help = "Context that leads to it.", .flags = COL_SORT},
    [P_STATUS] = {.id = "status", .title = "STATUS", .help = "Does it answer?", .flags = COL_STATE},
    [P_MESSAGE] = {.id = "message", .title = "MESSAGE", .help = "Why not."},
    [P_URL] = {.id = "url", .title = "URL", .help = "Where it is."},
    [P_SINCE] = {.id = "since", .title = "SINCE", .help = "Since it answered last, where it does not.", .type = COL_TIME},
};
static const struct kube_kind kube = {.group = "", .version = "v1", .resource = LINK_APISERVER};
static const struct kind kind = {
    .id = LINK_APISERVER, .singular = LINK_APISERVER, .title = "API servers", .help = "API server of a cluster.", .plane = PLANE_KUBE,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .kube = &kube,
};

/* It took the connection and is silent: its etcd may be. Who still waits for a credential plugin has asked nothing. */
static bool mute(const struct source_info *s)
{
    return s->state == SOURCE_CONNECTING && s->err.code == ERR_TIMEOUT && strncmp(s->err.msg, "waiting for", 11) != 0;
}

/* Who is refused is answered: what is wrong is on this side. */
static enum health state_of(const struct source_info *s, bool dark, const char **words)
{
    dark = dark && s->err.code == ERR_SERVER;
    const bool away = s->err.code == ERR_NET || s->err.code == ERR_TIMEOUT || s->err.code == ERR_SERVER || s->err.code == ERR_OK;
    switch (s->state) {
    case SOURCE_CONNECTING:
        if (mute(s))
            break;
        *words = "is asked";
        return HEALTH_NONE;
    case SOURCE_OK: *words = "answers"; return HEALTH_OK;
    case SOURCE_DEGRADED:
        if (s->err.code != ERR_SERVER || !strstr(s->err.msg, "etcd"))
            return *words = dark ? "answers errors alone" : "answers, not well", dark ? HEALTH_BAD : HEALTH_WARN;
        *words = "answers, its etcd does not";          /* it reads and writes nothing */
        return HEALTH_BAD;
    case SOURCE_STALE:
    case SOURCE_FAILED: break;
    }
    *words = away ? "does not answer" : "cannot be used";
    return away ? HEALTH_BAD : HEALTH_WARN;
}

/* By its own clock, as all times of rows. Of one that never answered it is not known. */
static int64_t answered(const struct source_info *s)
{
    return clock_wall_ms() - (clock_mono_ms() - s->last_ok_mono_ms) + (s->has_clock ? s->clock_offset_ms : 0);
}

struct snap *link_place(const struct source_info *s, bool dark)
{
    struct store *store = s->plane == PLANE_KUBE && *s->server ? store_new(s->id, NULL, NULL) : NULL;
    struct snap *snap = NULL;
    const char *words;
    if (!store)
        return NULL;
    store_set_kind(store, &kind);
    struct rowbuf *rb = store_rowbuf(store);
    rowbuf_begin(rb, &kind);
    rowbuf_id(rb, LINK_APISERVER, "", s->name);
    enum health health = state_of(s, dark, &words);
    rowbuf_health(rb, health);
    rowbuf_text(rb, P_NAME, s->name);
    rowbuf_text(rb, P_STATUS, words);
    rowbuf_text(rb, P_MESSAGE, (s->state >= SOURCE_DEGRADED || mute(s)) && s->err.msg[0] ? s->err.msg : NULL);
    rowbuf_text(rb, P_URL, s->server);
    rowbuf_num(rb, P_SINCE, health == HEALTH_BAD && s->state == SOURCE_STALE && s->last_ok_mono_ms ? answered(s) : CELL_NONE);
    if (store_put(store, rowbuf_finish(rb))) {
        *store_status(store) = (struct feed_status){.state = FEED_LIVE};
        snap = store_publish(store);
    }
    store_free(store);
    return snap;
}

bool link_is_place(const struct kind *k) { return k == &kind; }
