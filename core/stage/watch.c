/* The watches of a stage: they stand before the delete; what they miss is a gap with two ends. */
#include <stdio.h>
#include <string.h>

#include "core/kube/kube_kind.h"
#include "core/kube/kube_rq.h"
#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/text.h"

#define COMBINED "(combined from similar events): "
#define CATCH_UP_US 1000000            /* what a new watch tells so soon may be old news */
#define GAP_US 300000                  /* a watch that is renewed faster has no gap worth a line */

static const struct kube_kind slices_kube = {.group = "discovery.k8s.io", .version = "v1", .resource = "endpointslices", .object_kind = "EndpointSlice"};
static const struct kind slices_kind = {.id = "endpointslices", .singular = "endpointslice", .plane = PLANE_KUBE, .flags = KIND_NAMESPACED, .kube = &slices_kube};
static const struct kube_kind lease_kube = {.group = "coordination.k8s.io", .version = "v1", .resource = "leases", .object_kind = "Lease"};
static const struct kind lease_kind = {.id = "leases", .singular = "lease", .plane = PLANE_KUBE, .flags = KIND_NAMESPACED, .kube = &lease_kube};

static const char *what_of(const struct watch *w)
{
    static const char *const words[] = {"pods", "endpoints", "events", "the node's lease", "the node's lease"};
    return words[w->what];
}

static struct machine_stamp stamp(const struct watch *w, int64_t arrived_us)
{
    bool late = w->down_us && (!w->up || arrived_us - w->up_us < CATCH_UP_US);
    int64_t since = live_since(w->st->live, arrived_us);
    if (!late || w->down_us >= since)
        return (struct machine_stamp){arrived_us, since};
    live_gap_until(w->st->live, w->last_gap, arrived_us);
    return (struct machine_stamp){arrived_us, w->down_us};
}

/* ---- objects ---- */

static const char *text_or(const json_t *o, const char *path, const char *dflt)
{
    const char *s = kube_jstr(o, path);
    return s ? s : dflt;
}

static bool about_us(const struct stage *st, const json_t *about)
{
    const struct machine *m = &st->live->machine;
    const char *uid = text_or(about, "uid", ""), *name = text_or(about, "name", "");
    size_t n = strlen(st->found.plan.owner_name);
    if (!strcmp(uid, m->old_uid) || !strcmp(uid, m->owner_uid) || (*uid && !strcmp(uid, m->new_uid)))
        return true;
    return n && !strcmp(text_or(about, "kind", ""), "Pod") && !strncmp(name, st->found.plan.owner_name, n) && name[n] == '-';
}

/* A controller that tries again and again says the same each time: three times are enough. */
static bool told_often(const struct live *l, const char *name, const char *reason)
{
    char head[200];
    size_t times = 0, n = (size_t)snprintf(head, sizeof head, "%.100s %.60s:", name, reason);
    for (size_t i = 0; i < l->nnotes; i++)
        times += !strncmp(l->note[i].text, head, n);
    return times >= 3;
}

static void take_event(struct stage *st, enum kube_tap_event ev, const json_t *e, int64_t at_us)
{
    struct live *l = st->live;
    bool warning = !strcmp(text_or(e, "type", ""), "Warning");
    char buf[400];
    if (ev == TAP_ITEM || ev == TAP_DELETED || !about_us(st, json_object_get(e, "involvedObject")))
        return;
    const char *text = text_or(e, "message", "");
    if (!strncmp(text, COMBINED, sizeof COMBINED - 1))
        text += sizeof COMBINED - 1;
    snprintf(buf, sizeof buf, "%.60s: %.220s", text_or(e, "reason", "?"), text);
    if (l->running && !told_often(l, text_or(e, "involvedObject.name", "?"), text_or(e, "reason", "?")))
        live_note(st, at_us, warning, false, "%.100s %s", text_or(e, "involvedObject.name", "?"), buf);
    if (warning)
        stage_text(l->last_warning, sizeof l->last_warning, buf);
}

static void take_lease(struct live *l, const json_t *lease, int64_t at_us)
{
    const char *name = text_or(lease, "metadata.name", ""), *renew = kube_jstr(lease, "spec.renewTime");
    const json_t *writes = kube_jget(lease, "metadata.managedFields");
    int64_t renew_ms, written = CELL_NONE, ms;
    if (!renew || !text_parse_time(renew, strlen(renew), &renew_ms))
        return;
    for (size_t i = 0; i < json_array_size(writes); i++) {
        const char *t = kube_jstr(json_array_get(writes, i), "time");
        if (t && text_parse_time(t, strlen(t), &ms) && ms > written)
            written = ms;
    }
    for (size_t i = 0; i < LIVE_NODES; i++)
        if (!strcmp(l->node[i].name, name)) {
            node_theta_add(&l->node[i].theta, renew_ms * 1000, wall_of(&l->anchor, at_us), written);
            return;
        }
}

static void on_object(void *arg, enum kube_tap_event ev, const json_t *obj, int64_t at_us)
{
    struct watch *w = arg;
    struct live *l = w->st->live;
    l->heard_us = at_us;
    enum machine_event me = ev == TAP_DELETED ? MACHINE_GONE : MACHINE_SEEN;
    switch (w->what) {
    case WATCH_PODS:
        machine_pod_event(&l->machine, me, obj, stamp(w, at_us));
        break;
    case WATCH_SLICES:
        machine_slice_event(&l->machine, me, obj, stamp(w, at_us));
        break;
    case WATCH_EVENTS:
        take_event(w->st, ev, obj, at_us);
        break;
    default:
        if (ev != TAP_DELETED)
            take_lease(l, obj, at_us);
    }
    stage_dirty(w->st);
}

/* ---- the link ---- */

static void begin_gap(struct watch *w, int64_t now, const struct err *err)
{
    struct live *l = w->st->live;
    w->down_us = now;
    w->up = w->relisted = false;
    w->gap = -1;
    if (err)
        w->err = *err;
    w->last_gap = -1;
    if (w->what > WATCH_EVENTS)
        return;
    char what[300];
    snprintf(what, sizeof what, "the watch of %s ended%s%.100s", what_of(w), err && err->code ? ": " : "", err && err->code ? err->msg : "");
    w->gap = w->last_gap = live_gap(l, now, what);
}

static void end_gap(struct watch *w, int64_t now)
{
    struct live *l = w->st->live;
    bool brief = now - w->down_us < GAP_US && !w->relisted;
    if (w->gap >= 0 && brief && (size_t)w->gap + 1 == l->ngaps) {
        l->ngaps--;
        w->last_gap = -1;
    } else if (w->gap >= 0)
        l->gap[w->gap].to_us = now;
    w->gap = -1;
    if (brief)
        w->down_us = 0;
}

static void on_link(void *arg, enum kube_tap_link link, const struct err *err)
{
    struct watch *w = arg;
    struct live *l = w->st->live;
    int64_t now = clock_mono_us();
    switch (link) {
    case TAP_LISTING:
        w->listing = true;
        w->relisted = w->down_us != 0;
        if (w->what == WATCH_PODS)
            machine_pods_list(&l->machine);
        else if (w->what == WATCH_SLICES)
            machine_slices_list(&l->machine);
        break;
    case TAP_LISTED:
        if (w->what == WATCH_PODS)
            machine_pods_listed(&l->machine, stamp(w, now));
        else if (w->what == WATCH_SLICES)
            machine_slices_listed(&l->machine, stamp(w, now));
        w->listed = true;
        w->listing = false;
        break;
    case TAP_UP:
        w->up = true;
        w->up_us = now;
        w->err = (struct err)ERR_INIT;
        if (w->down_us)
            end_gap(w, now);
        break;
    case TAP_DOWN:
        if (w->up || !w->down_us)
            begin_gap(w, now, err);
        else if (err)
            w->err = *err;
        break;
    }
    stage_dirty(w->st);
}

static const struct kube_tap_ops ops = {.object = on_object, .link = on_link};

bool watch_open(struct stage *st, enum watch_what what, const char *name)
{
    static const struct kind *const kinds[] = {[WATCH_SLICES] = &slices_kind, [WATCH_LEASE_OLD] = &lease_kind, [WATCH_LEASE_NEW] = &lease_kind};
    struct watch *w = &st->live->watch[what];
    const struct kind *k = what == WATCH_PODS ? kind_find("pods") : what == WATCH_EVENTS ? kind_find("events") : kinds[what];
    struct str query;
    str_init(&query, 4096);
    *w = (struct watch){.st = st, .what = what, .gap = -1, .last_gap = -1};
    if (what == WATCH_PODS && *st->found.selector) {
        str_adds(&query, "labelSelector=");
        str_add_urlenc(&query, st->found.selector);
    } else if (what >= WATCH_LEASE_OLD) {
        struct live_node *node = &st->live->node[what - WATCH_LEASE_OLD];
        *node = (struct live_node){.name = ""};
        for (size_t i = 0; i < LIVE_KEPT; i++)
            if (!strcmp(st->live->kept[i].name, name))
                *node = st->live->kept[i];
        snprintf(node->name, sizeof node->name, "%s", name);
        str_adds(&query, "fieldSelector=metadata.name%3D");
        str_add_urlenc(&query, name);
    }
    w->tap = kube_tap_open(stage_kube(st), k, what >= WATCH_LEASE_OLD ? "kube-node-lease" : st->found.plan.ns, query.len ? query.data : NULL,
                           &ops, w);
    str_release(&query);
    return w->tap != NULL;
}

void watch_close(struct watch *w)
{
    kube_tap_close(w->tap);
    w->tap = NULL;
}
