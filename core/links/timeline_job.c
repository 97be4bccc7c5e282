/* What a timeline is made of, asked for and kept: objects, actions, events, the journal, and the ring of what was seen. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/links/timeline_read.h"
#include "strata/clock.h"
#include "strata/map.h"
#include "strata/mem.h"
#include "strata/ops.h"

#define TEXT_MAX ((size_t)4 << 20)     /* an object beyond that is not kept */
#define FEEDS 24
#define OBJECTS 256                    /* in a view that follows its object for days */

/* What was read: the job keeps the newest, those who make something of it keep what they began with. */
struct kept { atomic_uint refs; char *text; size_t len; };

/* One object: what was asked for it, and when it looked so. */
struct asked {
    const struct kind *kind;
    char *uid;
    uint16_t source;
    uint32_t id;                /* under way; 0 none */
    uint64_t look;
    struct kept *text;
    struct err err;
};
struct event_feed { uint32_t id; uint16_t source; char ns[260]; struct snap *snap; };

struct timeline_job {
    struct core *core;
    struct asked *asked;
    size_t n, cap;
    struct event_feed feed[FEEDS];
    size_t nfeeds;
    uint32_t journal_id;
    struct kept *journal;
    struct err journal_err;
};

static void kept_unref(struct kept *k)
{
    if (!k || atomic_fetch_sub(&k->refs, 1) != 1)
        return;
    mem_free(k->text);
    mem_free(k);
}

static struct kept *kept_ref(struct kept *k)
{
    if (k)
        atomic_fetch_add(&k->refs, 1);
    return k;
}

/* The text of an event is the newest now. */
static void keep(struct kept **to, struct event *e)
{
    struct kept *k = e->text ? mem_alloc(sizeof *k) : NULL;
    if (!k)
        return;
    *k = (struct kept){.text = e->text, .len = e->len};
    atomic_init(&k->refs, 1);
    e->text = NULL;
    kept_unref(*to);
    *to = k;
}

struct timeline_job *timeline_open(struct core *c)
{
    struct timeline_job *j = mem_zalloc(sizeof *j);
    if (!j)
        return NULL;
    j->core = c;
    if (!(j->journal_id = core_audit(c))) {
        mem_free(j);
        return NULL;
    }
    return j;
}

void timeline_close(struct timeline_job *j)
{
    if (!j)
        return;
    for (size_t i = 0; i < j->n; i++) {
        if (j->asked[i].id)
            core_cancel(j->core, j->asked[i].id);
        mem_free(j->asked[i].uid);
        kept_unref(j->asked[i].text);
    }
    for (size_t i = 0; i < j->nfeeds; i++) {
        core_close(j->core, j->feed[i].id);
        snap_unref(j->feed[i].snap);
    }
    mem_free(j->asked);
    kept_unref(j->journal);
    mem_free(j);
}

/* ---- asking ---- */

static struct asked *of(struct timeline_job *j, const struct row *r)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->asked[i].kind == r->kind && j->asked[i].source == r->source && !strcmp(j->asked[i].uid, r->uid))
            return &j->asked[i];
    char *uid = j->n < OBJECTS ? mem_strdup(r->uid) : NULL;
    if (!uid || !mem_grow(&j->asked, &j->cap, j->n + 1, sizeof *j->asked)) {
        mem_free(uid);
        return NULL;
    }
    j->asked[j->n] = (struct asked){.kind = r->kind, .uid = uid, .source = r->source};
    return &j->asked[j->n++];
}

/* As it looks to who reads its row: when that differs, its history went on. */
static uint64_t look_of(const struct row *r)
{
    struct str s;
    char buf[160];
    str_init(&s, 1 << 16);
    for (size_t i = 0; i < r->kind->ncolumns; i++)
        if (r->kind->columns[i].type == COL_TEXT || r->kind->columns[i].type == COL_RATIO || r->kind->columns[i].type == COL_RESTARTS)
            str_addf(&s, "%s\n", row_text(r, (int)i, 0, buf, sizeof buf));
    uint64_t h = hash_bytes(s.data, s.len);
    str_release(&s);
    return h ? h : 1;
}

static bool ask_one(struct timeline_job *j, const struct row *r)
{
    bool server = r->kind->flags & KIND_CONSOLE;
    uint64_t look = look_of(r);
    if (r->kind->plane == PLANE_OPENSTACK && !server)
        return true;
    struct asked *a = of(j, r);
    if (!a || a->id || a->look == look)
        return a || j->n >= OBJECTS;
    a->look = look;
    a->id = server ? core_fetch(j->core, r, FETCH_ACTIONS, FETCH_ITEM) : core_fetch(j->core, r, FETCH_JSON, 0);
    return a->id != 0;
}

/* Does it hold the events of that namespace? */
static bool holds(const struct event_feed *f, uint16_t source, const char *ns)
{
    return f->source == source && (!*f->ns || !strcmp(f->ns, ns));
}

bool timeline_ask_past(struct timeline_job *j, uint16_t source, const char *ns)
{
    for (size_t i = 0; i < j->nfeeds; i++)
        if (holds(&j->feed[i], source, ns))
            return true;
    if (j->nfeeds == FEEDS)
        return true;
    struct event_feed *f = &j->feed[j->nfeeds];
    *f = (struct event_feed){.source = source};
    snprintf(f->ns, sizeof f->ns, "%s", ns);
    f->id = core_open(j->core, source, "events", ns);
    j->nfeeds += f->id != 0;
    return f->id != 0;
}

/* Events of what has no namespace stand in the default one. */
static const char *place(const struct row *r) { return *r->scope ? r->scope : "default"; }

bool timeline_ask_rows(struct timeline_job *j, const struct row *const *row, size_t n)
{
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok = (!row[i] || (ask_one(j, row[i]) && (row[i]->kind->plane != PLANE_KUBE || timeline_ask_past(j, row[i]->source, place(row[i]))))) && ok;
    return ok;
}

static size_t rows_of(const struct links *l, const uint32_t *set, size_t n, const struct row **row)
{
    size_t some = n < TIMELINE_OBJECTS ? n : TIMELINE_OBJECTS;
    for (size_t i = 0; i < some; i++)
        row[i] = links_row(l, set[i]);
    return some;
}

bool timeline_ask(struct timeline_job *j, const struct links *l, const uint32_t *set, size_t n)
{
    const struct row *row[TIMELINE_OBJECTS];
    return timeline_ask_rows(j, row, rows_of(l, set, n, row));
}

struct core *timeline_job_core(const struct timeline_job *j) { return j->core; }
const struct snap *timeline_job_events(const struct timeline_job *j, size_t i) { return i < j->nfeeds ? j->feed[i].snap : NULL; }
size_t timeline_job_feeds(const struct timeline_job *j) { return j->nfeeds; }
const char *timeline_job_journal(const struct timeline_job *j, size_t *len)
{
    *len = j->journal ? j->journal->len : 0;
    return j->journal ? j->journal->text : NULL;
}

bool timeline_event(struct timeline_job *j, struct event *e)
{
    if (e->type == EV_OP_END && !j->journal_id)
        j->journal_id = core_audit(j->core);
    for (size_t i = 0; e->type == EV_SNAP && i < j->nfeeds; i++)
        if (j->feed[i].id == e->id) {
            snap_unref(j->feed[i].snap);
            j->feed[i].snap = snap_ref(e->snap);
            return true;
        }
    if (e->type != EV_TEXT || !e->id)
        return false;
    if (e->id == j->journal_id) {
        j->journal_id = 0;
        j->journal_err = e->err;
        keep(&j->journal, e);
        return true;
    }
    for (size_t i = 0; i < j->n; i++) {
        struct asked *a = &j->asked[i];
        if (a->id != e->id)
            continue;
        a->id = 0;
        a->err = e->err;
        if (!e->err.code && e->len < TEXT_MAX)
            keep(&a->text, e);
        return true;
    }
    return false;
}

bool timeline_settled(const struct timeline_job *j)
{
    bool all = !j->journal_id;
    for (size_t i = 0; i < j->n; i++)
        all = all && !j->asked[i].id;
    for (size_t i = 0; i < j->nfeeds; i++)
        all = all && j->feed[i].snap && snap_status(j->feed[i].snap)->state != FEED_LOADING;
    return all;
}

/* ---- making it ---- */

struct seeing { struct timeline *t; const struct row *const *row; size_t n; struct str *name; };

static void saw(void *arg, const struct seen_change *s)
{
    struct seeing *g = arg;
    char what[400], other[400];
    for (size_t i = 0; i < g->n; i++) {
        const struct row *r = g->row[i];
        bool is = r && r->kind == s->kind && r->source == s->source && !strcmp(r->uid, s->uid), for_it = !is && !i && r && timeline_stood_for(r, s);
        if (!is && !for_it)
            continue;
        snprintf(other, sizeof other, "%.60s %.300s", s->kind->singular, s->name);
        if (s->was && s->is)
            snprintf(what, sizeof what, "%s, was %s", s->is, s->was);
        else
            snprintf(what, sizeof what, "%s%s", s->is ? "appeared: " : "is gone, was ", s->is ? s->is : s->was);
        struct timeline_line line = {.lo_ms = s->lo_ms, .hi_ms = s->hi_ms, .stamp_ms = CELL_NONE, .source = s->source, .from = TIMELINE_SEEN, .health = s->health,
                                     .object = is ? g->name[i].data : other, .what = what, .who = "seen by strata", .row = is ? r : NULL};
        timeline_add(g->t, &line);
        return;
    }
}

static void read_events(struct timeline *t, const struct timeline_object *o, const struct snap *s)
{
    for (size_t k = 0; k < snap_slots(s); k++)
        if (snap_row(s, k) && timeline_event_of(snap_row(s, k), o->row))
            timeline_read_event(t, o, snap_row(s, k));
}

/* What is known of each object of the set. */
struct known { struct kept *text; struct snap *events; };
struct timeline_work { struct core *core; struct kept *journal; size_t n; const struct row *row[TIMELINE_OBJECTS]; struct known of[TIMELINE_OBJECTS]; };

static void look_up(const struct timeline_job *j, const struct row *r, struct known *k)
{
    for (size_t i = 0; i < j->n && !k->text; i++)
        if (j->asked[i].kind == r->kind && j->asked[i].source == r->source && !strcmp(j->asked[i].uid, r->uid))
            k->text = kept_ref(j->asked[i].text);
    for (size_t i = 0; r->kind->plane == PLANE_KUBE && i < j->nfeeds && !k->events; i++)
        if (j->feed[i].snap && holds(&j->feed[i], r->source, place(r)))
            k->events = snap_ref(j->feed[i].snap);
}

struct timeline_work *timeline_gather(struct timeline_job *j, const struct links *l, const uint32_t *set, size_t n)
{
    const struct row *row[TIMELINE_OBJECTS];
    return timeline_gather_rows(j, row, rows_of(l, set, n, row));
}

struct timeline_work *timeline_gather_rows(struct timeline_job *j, const struct row *const *row, size_t n)
{
    struct timeline_work *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    w->core = j->core;
    w->journal = kept_ref(j->journal);
    w->n = n < TIMELINE_OBJECTS ? n : TIMELINE_OBJECTS;
    for (size_t i = 0; i < w->n; i++) {
        w->row[i] = row[i];
        look_up(j, row[i], &w->of[i]);
    }
    return w;
}

void timeline_work_free(struct timeline_work *w)
{
    for (size_t i = 0; w && i < w->n; i++) {
        kept_unref(w->of[i].text);
        snap_unref(w->of[i].events);
    }
    if (w)
        kept_unref(w->journal);
    mem_free(w);
}

/* "replicaset shop/web-5d9", as events have it: "replicaset/web-5d9". */
static void read_mentions(struct timeline *t, const struct snap *events, const struct timeline_object *o)
{
    char name[700];
    for (size_t k = 0; k < snap_slots(events); k++) {
        const struct row *e = snap_row(events, k);
        if (!e || timeline_event_of(e, o->row) || !timeline_event_mentions(e, o->row))
            continue;
        const char *what = row_column(e, "object"), *slash = strchr(what, '/');
        struct timeline_object by = *o;
        snprintf(name, sizeof name, "%.*s %.253s/%.253s", slash ? (int)(slash - what) : 0, what, e->scope, slash ? slash + 1 : what);
        by.name = name;
        timeline_read_event(t, &by, e);
    }
}

static void read_one(struct timeline *t, const struct timeline_work *w, size_t i, const struct timeline_object *o)
{
    const struct known *k = &w->of[i];
    if (k->text && o->row->kind->plane == PLANE_KUBE)
        timeline_read_object(t, o, k->text->text);
    else if (k->text)
        timeline_read_actions(t, o, k->text->text);
    if (k->events)
        read_events(t, o, k->events);
    timeline_read_service(t, o);
    if (w->journal)
        timeline_read_journal(t, o, w->journal->text, w->journal->len);
}

void timeline_name(const struct row *r, struct str *out)
{
    bool ns = r->kind->plane == PLANE_KUBE && *r->scope;
    str_addf(out, "%s %s%s%s", r->kind->singular, ns ? r->scope : "", ns ? "/" : "", r->name);
}

bool timeline_make(struct timeline *out, const struct timeline_work *w, const struct tell *t)
{
    memset(out, 0, sizeof *out);
    struct str *name = mem_zalloc((w->n + 1) * sizeof *name);
    if (!name)
        return false;
    for (size_t i = 0; i < w->n; i++) {
        const struct row *r = w->row[i];
        const struct source_info *s = t->source(t->arg, r->source);
        bool clock = s && s->has_clock;
        str_init(&name[i], 2048);
        timeline_name(r, &name[i]);
        struct timeline_object o = {r, name[i].data, s ? s->name : "", clock ? s->clock_offset_ms : 0, clock ? s->clock_error_ms : 0};
        read_one(out, w, i, &o);
        if (!i && w->of[i].events && t->l && links_find(t->l, r->source, r->kind, r->uid) == LINK_NO_NODE)
            read_mentions(out, w->of[i].events, &o);        /* who made it is not linked to it any more */
        out->failed |= name[i].failed;
    }
    struct seeing g = {out, w->row, w->n, name};
    core_seen_each(w->core, saw, &g);
    for (size_t i = 0; i < w->n; i++)
        str_release(&name[i]);
    mem_free(name);
    out->objects = w->n;
    timeline_order(out);
    return !out->failed;
}

void timeline_unseen(const struct timeline_job *j, const struct tell *t, struct str *out)
{
    for (size_t i = 0; i < j->nfeeds; i++) {
        const struct feed_status *st = j->feed[i].snap ? snap_status(j->feed[i].snap) : NULL;
        const struct source_info *s = t->source(t->arg, j->feed[i].source);
        if (!st || st->err.code)
            str_addf(out, "%s: events of namespace %s: %s\n", s ? s->name : "", j->feed[i].ns, st ? st->err.msg : "not read yet");
    }
    for (size_t i = 0; i < j->n; i++) {
        const struct source_info *s = t->source(t->arg, j->asked[i].source);
        if (j->asked[i].err.code && j->asked[i].err.code != ERR_NOTFOUND)
            str_addf(out, "%s: %s\n", s ? s->name : "", j->asked[i].err.msg);
    }
    if (j->journal_err.code)
        str_addf(out, "%s\n", j->journal_err.msg);
}
