/* What EndpointSlices say: is the old pod withdrawn, is the new one back, how many can answer. */
#include "core/stage/machine.h"

#include <stdio.h>
#include <string.h>

#include "core/kube/kube_rq.h"
#include "strata/mem.h"
#include "strata/text.h"

struct endpoint {
    char uid[64];
    bool ready, terminating, address;
    struct machine_stamp ready_since;
};

struct machine_slice {
    char name[256], service[128], trigger[48];
    struct endpoint *ep;
    size_t n, cap;
    bool listed;
    bool concerned;                    /* its service had the old pod when the delete was sent */
    struct machine_stamp changed;
};

void machine_slices_release(struct machine *m)
{
    for (size_t i = 0; i < m->nslices; i++)
        mem_free(m->slice[i].ep);
    mem_free(m->slice);
}

static struct machine_slice *slice_of(struct machine *m, const char *name, bool make)
{
    for (size_t i = 0; i < m->nslices; i++)
        if (!strcmp(m->slice[i].name, name))
            return &m->slice[i];
    if (!make)
        return NULL;
    if (!mem_grow(&m->slice, &m->cap_slices, m->nslices + 1, sizeof *m->slice)) {
        m->failed = true;
        return NULL;
    }
    struct machine_slice *s = &m->slice[m->nslices++];
    *s = (struct machine_slice){.listed = true};
    snprintf(s->name, sizeof s->name, "%s", name);
    return s;
}

static const struct endpoint *find(const struct machine_slice *s, const char *uid)
{
    for (size_t i = 0; *uid && i < s->n; i++)
        if (!strcmp(s->ep[i].uid, uid))
            return &s->ep[i];
    return NULL;
}

static bool same_service(const struct machine_slice *a, const struct machine_slice *b)
{
    return !strcmp(a->service, b->service);
}

/* A service concerns us when one of its slices had the old pod; slices it gets later concern us, too. */
static bool concerned(const struct machine *m, const struct machine_slice *s)
{
    for (size_t i = 0; i < m->nslices; i++)
        if (m->slice[i].concerned && same_service(&m->slice[i], s))
            return true;
    return false;
}

unsigned machine_ready_now(const struct machine *m)
{
    unsigned n = 0;
    for (size_t i = 0; i < m->nslices; i++) {
        const struct machine_slice *s = &m->slice[i];
        for (size_t e = 0; concerned(m, s) && e < s->n; e++)
            n += s->ep[e].ready;
    }
    return n;
}

static unsigned known_now(const struct machine *m)
{
    unsigned n = 0;
    for (size_t i = 0; i < m->nslices; i++)
        for (size_t e = 0; concerned(m, &m->slice[i]) && e < m->slice[i].n; e++)
            n += !m->slice[i].ep[e].terminating;
    return n;
}

void machine_slices_before(struct machine *m)
{
    for (size_t i = 0; i < m->nslices; i++)
        m->slice[i].concerned = find(&m->slice[i], m->old_uid) != NULL;
    m->had_endpoint = false;
    for (size_t i = 0; i < m->nslices; i++) {
        const struct endpoint *e = find(&m->slice[i], m->old_uid);
        m->had_endpoint |= e && e->ready;
    }
    m->ready_before = machine_ready_now(m);
    m->known_before = known_now(m);
    if (!m->slices_known) {
        machine_not_expected(m, STAGE_T1, "endpoints cannot be watched");
        machine_not_expected(m, STAGE_T8, "endpoints cannot be watched");
    } else if (!m->had_endpoint) {
        machine_not_expected(m, STAGE_T1, "no Service sends traffic to this pod");
        machine_not_expected(m, STAGE_T8, "no Service sends traffic to this pod");
    }
}

/* Latest of two stamps: both must have happened. */
static struct machine_stamp later(struct machine_stamp a, struct machine_stamp b)
{
    return (struct machine_stamp){a.at_us > b.at_us ? a.at_us : b.at_us, a.since_us > b.since_us ? a.since_us : b.since_us};
}

static void withdrawn(struct machine *m)
{
    struct machine_stamp last = {0, 0};
    bool terminating = false;
    for (size_t i = 0; i < m->nslices; i++) {
        const struct endpoint *e = find(&m->slice[i], m->old_uid);
        if (e && e->ready)
            return;
        terminating |= e && e->terminating;
        if (m->slice[i].concerned)
            last = later(last, m->slice[i].changed);
    }
    if (last.at_us < m->sent_us)       /* it was not the delete */
        last.at_us = last.since_us = m->sent_us;
    machine_evidence(m, last);
    machine_mark(m, STAGE_T1, last);
    snprintf(m->mark[STAGE_T1].detail, sizeof m->mark[STAGE_T1].detail, terminating ? "ready=false, terminating" : "endpoint removed");
}

static bool back_in(const struct machine *m, const struct machine_slice *want, struct machine_stamp *when, const char **trigger)
{
    for (size_t i = 0; i < m->nslices; i++) {
        const struct endpoint *e = find(&m->slice[i], m->new_uid);
        if (e && e->ready && same_service(&m->slice[i], want)) {
            *when = later(*when, e->ready_since);
            *trigger = m->slice[i].trigger;
            return true;
        }
    }
    return false;
}

static void back(struct machine *m)
{
    struct machine_stamp when = {0, 0};
    const char *trigger = "", *service = "";
    bool any = false;
    for (size_t i = 0; i < m->nslices; i++) {
        if (!m->slice[i].concerned)
            continue;
        if (!back_in(m, &m->slice[i], &when, &trigger))
            return;
        service = m->slice[i].service;
        any = true;
    }
    if (!any)
        return;
    machine_mark(m, STAGE_T8, when);
    if (*trigger)
        machine_mark_server(m, STAGE_T8, trigger, STAGE_CLOCK_NODE);
    char buf[200];
    snprintf(buf, sizeof buf, "in Service %.100s", service);
    stage_text(m->mark[STAGE_T8].detail, sizeof m->mark[STAGE_T8].detail, buf);
}

void machine_endpoints(struct machine *m)
{
    if (!m->had_endpoint || !m->sent_us)
        return;
    if (m->mark[STAGE_T1].seen == STAGE_WAITING)
        withdrawn(m);
    if (m->mark[STAGE_T8].seen == STAGE_WAITING && m->new_uid[0])
        back(m);
}

static void take(struct machine *m, struct machine_slice *s, const json_t *slice, struct machine_stamp stamp)
{
    const json_t *list = json_object_get(slice, "endpoints"), *notes = kube_jget(slice, "metadata.annotations");
    const json_t *labels = kube_jget(slice, "metadata.labels");
    const char *service = json_string_value(json_object_get(labels, "kubernetes.io/service-name"));
    const char *trigger = json_string_value(json_object_get(notes, "endpoints.kubernetes.io/last-change-trigger-time"));
    struct endpoint *old = s->ep;
    size_t nold = s->n, n = json_array_size(list);
    s->ep = NULL;
    s->n = s->cap = 0;
    if (n && !mem_grow(&s->ep, &s->cap, n, sizeof *s->ep)) {
        m->failed = true;
        s->ep = old;
        s->n = s->cap = nold;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(list, i), *conds = json_object_get(e, "conditions");
        const char *uid = kube_jstr(e, "targetRef.uid");
        struct endpoint *to = &s->ep[s->n++];
        *to = (struct endpoint){.ready = !json_is_false(json_object_get(conds, "ready")),      /* absent means ready */
                                .terminating = json_is_true(json_object_get(conds, "terminating")), .ready_since = stamp};
        snprintf(to->uid, sizeof to->uid, "%s", uid && strlen(uid) < sizeof to->uid ? uid : "");
        for (size_t k = 0; k < nold; k++)
            if (*to->uid && !strcmp(old[k].uid, to->uid) && old[k].ready && to->ready)
                to->ready_since = old[k].ready_since;
    }
    mem_free(old);
    stage_text(s->service, sizeof s->service, service ? service : s->name);
    snprintf(s->trigger, sizeof s->trigger, "%s", trigger ? trigger : "");
    s->changed = stamp;
}

void machine_slice_event(struct machine *m, enum machine_event ev, const json_t *slice, struct machine_stamp stamp)
{
    const char *name = kube_jstr(slice, "metadata.name");
    if (!name || strlen(name) >= sizeof ((struct machine_slice *)0)->name)
        return;
    struct machine_slice *s = slice_of(m, name, ev == MACHINE_SEEN);
    if (!s)
        return;
    s->listed = true;
    if (ev == MACHINE_GONE) {          /* kept without endpoints: that it was concerned must not be forgotten */
        s->n = 0;
        s->changed = stamp;
    } else {
        take(m, s, slice, stamp);
    }
    machine_endpoints(m);
}

void machine_slices_list(struct machine *m)
{
    for (size_t i = 0; i < m->nslices; i++)
        m->slice[i].listed = false;
}

void machine_slices_listed(struct machine *m, struct machine_stamp stamp)
{
    m->slices_known = true;
    for (size_t i = 0; i < m->nslices; i++)
        if (!m->slice[i].listed && m->slice[i].n) {
            m->slice[i].n = 0;
            m->slice[i].changed = stamp;
        }
    machine_endpoints(m);
}
