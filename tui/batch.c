/* Batch mode: what all verbs share: errors, waiting, opening feeds, finding an object. */
#include "tui/batch.h"

#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"

void batch_error(struct batch *b, enum batch_exit rc, const char *fmt, ...)
{
    va_list ap;
    fflush(stdout);
    fputs("strata: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    if (rc != EXIT_OK && (b->rc == EXIT_OK || rc < (enum batch_exit)b->rc))
        b->rc = rc;
}

void batch_report(struct batch *b, const struct err *err, const char *what)
{
    enum batch_exit rc = EXIT_FAILED;
    if (err->code == ERR_NOTFOUND)
        rc = EXIT_NOT_FOUND;
    else if (err->code == ERR_USAGE)
        rc = EXIT_USAGE;
    else if (err->code == ERR_READONLY || (err->code == ERR_FORBIDDEN && !err->detail))
        rc = EXIT_REFUSED;
    batch_error(b, rc, "%s%s%s", what ? what : "", what && *what ? ": " : "", err->msg);
}

void batch_report_act(struct batch *b, const struct err *err)
{
    if (err->code == ERR_FORBIDDEN)
        batch_error(b, EXIT_REFUSED, "%s", err->msg);
    else
        batch_report(b, err, NULL);
}

struct event *batch_event(struct batch *b)
{
    return batch_event_until(b, INT64_MAX);
}

/* Once each time: a source that keeps us waiting says why. A watch says itself that its rows are not current. */
static void tell_waits(struct batch *b)
{
    for (size_t i = 0; i < b->ninfo; i++) {
        const struct source_info *s = &b->info[i];
        if (s->waiting && !b->told[i] && !(b->opt->watch && s->state == SOURCE_STALE))
            batch_error(b, EXIT_OK, "%s: %s", s->name, s->err.msg);
        b->told[i] = s->waiting;
    }
}

#define TERM_ONCE_MS 1000
/* timeout(1) sends TERM to strata and to its group: one wish. */
static bool signalled(struct batch *b)
{
    struct signalfd_siginfo s;
    int64_t now = clock_mono_ms();
    if (read(b->signal_fd, &s, sizeof s) != (ssize_t)sizeof s || (s.ssi_signo == SIGTERM && b->termed_ms && now - b->termed_ms < TERM_ONCE_MS))
        return false;
    b->termed_ms = s.ssi_signo == SIGTERM ? now : b->termed_ms;
    b->signals++;
    return true;
}

struct event *batch_event_until(struct batch *b, int64_t end_mono_ms)
{
    for (;;) {
        struct event *e = core_next_event(b->core);
        if (e && e->type == EV_SOURCES) {
            b->ninfo = core_sources(b->core, b->info, CORE_MAX_SOURCES);
            tell_waits(b);
            event_free(e);
            continue;
        }
        if (e && (e->type != EV_NOTICE || e->id))
            return e;
        if (e) {
            event_free(e);
            continue;
        }
        int64_t left = end_mono_ms == INT64_MAX ? -1 : end_mono_ms - clock_mono_ms();
        if (end_mono_ms != INT64_MAX && left <= 0)
            return NULL;
        if (core_starved(b->core)) {
            batch_error(b, EXIT_FAILED, "out of memory");
            return NULL;
        }
        /* A reader that went away (`| head`) ends a --watch or -f at once, not at the next change; a delete it does not. */
        struct pollfd p[3] = {{.fd = core_event_fd(b->core), .events = POLLIN}, {.fd = b->for_reader ? STDOUT_FILENO : -1},
                              {.fd = b->signal_fd > 0 ? b->signal_fd : -1, .events = POLLIN}};
        if (poll(p, 3, (int)left) < 0 && errno != EINTR) {
            batch_error(b, EXIT_FAILED, "poll: %s", strerror(errno));
            return NULL;
        }
        if (p[1].revents & POLLERR)
            return NULL;
        if ((p[2].revents & POLLIN) && signalled(b))
            return NULL;
    }
}

struct event *batch_wait(struct batch *b, uint32_t id)
{
    struct event *e;
    if (!id) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return NULL;
    }
    while ((e = batch_event(b)) && (e->id != id || e->type == EV_NOTICE || e->type == EV_OPS))      /* a plan on its way is none */
        event_free(e);
    return e;
}

const struct source_info *batch_source(const struct batch *b, uint16_t id)
{
    return id < b->ninfo ? &b->info[id] : NULL;
}

int64_t batch_now(const struct batch *b, uint16_t source)
{
    const struct source_info *s = batch_source(b, source);
    return clock_wall_ms() + (s && s->has_clock ? s->clock_offset_ms : 0);
}

/* ---- feeds ---- */

static void open_one(struct batch *b, uint16_t source, const char *ns, const char *name)
{
    if (b->nfeeds == BATCH_MAX_FEEDS) {
        batch_error(b, EXIT_FAILED, "more than %d tables at once", BATCH_MAX_FEEDS);
        return;
    }
    uint32_t id = core_open_some(b->core, source, b->kind_name, ns, name, name ? NULL : b->opt->fields, b->opt->watch);
    if (!id) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return;
    }
    b->feed[b->nfeeds] = id;
    b->settled[b->nfeeds] = false;
    b->feed_source[b->nfeeds++] = source;
}

static bool is_left(const struct batch *b, uint16_t source)
{
    size_t i = 0;
    while (i < b->nleft && b->left[i].source != source)
        i++;
    return i < b->nleft;
}

/* One of several that may not list them. */
static bool left_out(struct batch *b, uint16_t source, const struct feed_status *st)
{
    bool several = false;
    for (size_t i = 0; i < b->nfeeds; i++)
        several |= b->feed_source[i] != source;
    if (!b->acts || !several || st->state != FEED_FAILED || st->err.code != ERR_FORBIDDEN)
        return false;
    if (!is_left(b, source)) {
        b->left[b->nleft].source = source;
        b->left[b->nleft++].err = st->err;
    }
    return true;
}

/* Another entry shows the same cloud or cluster. */
static bool shown_by_another(const struct batch *b, uint16_t source)
{
    const struct source_info *of = batch_source(b, source);
    for (size_t i = 0; of && i < b->nfeeds; i++) {
        const struct source_info *s = batch_source(b, b->feed_source[i]);
        if (s && *of->server && !strcmp(s->server, of->server) && !is_left(b, b->feed_source[i]))
            return true;
    }
    return false;
}

bool batch_left_told(struct batch *b)
{
    bool any = !b->nleft;
    for (size_t i = 0; i < b->nfeeds && !any; i++)
        any = !is_left(b, b->feed_source[i]);
    for (size_t i = 0; i < b->nleft; i++) {
        const struct source_info *s = batch_source(b, b->left[i].source);
        b->unsure |= !shown_by_another(b, b->left[i].source);       /* what is not found may be there */
        if (any)
            batch_error(b, EXIT_OK, "%s is left out: %s", s ? s->name : "", b->left[i].err.msg);
        else
            batch_report(b, &b->left[i].err, s ? s->name : "");
    }
    return any;
}

bool batch_snap(struct batch *b, struct event *e)
{
    size_t i = 0;
    while (i < b->nfeeds && b->feed[i] != e->id)
        i++;
    if (i == b->nfeeds || !e->snap)
        return false;
    if (!view_update(b->view, (unsigned)i, e->snap))
        batch_error(b, EXIT_FAILED, "out of memory");
    const struct feed_status *st = snap_status(e->snap);
    if (st->state == FEED_LOADING || b->settled[i])
        return false;
    b->settled[i] = true;
    const struct source_info *s = batch_source(b, b->feed_source[i]);
    if (left_out(b, b->feed_source[i], st))
        return true;
    b->unsure |= st->state == FEED_FAILED || st->state == FEED_STALE || (st->partial && !st->own_only);
    if (b->blind_ok && st->state == FEED_FAILED && st->err.code == ERR_FORBIDDEN)
        b->blind = true;
    else if (st->state == FEED_FAILED || st->state == FEED_STALE)
        batch_report(b, &st->err, s ? s->name : "");
    else if (st->partial && (!st->own_only || b->opt->all_namespaces))   /* one's own is all that was asked for without -A */
        batch_error(b, EXIT_FAILED, "%s: only a part is shown: %s", s ? s->name : "", st->note);
    return true;
}

static bool wait_settled(struct batch *b)
{
    for (size_t left = b->nfeeds; left;) {
        struct event *e = batch_event(b);
        if (!e)
            return false;
        if (e->type == EV_SNAP && batch_snap(b, e))
            left--;
        event_free(e);
    }
    return true;
}

static void no_source(struct batch *b, enum plane plane, bool known)
{
    const struct options *o = b->opt;
    bool other = plane == PLANE_KUBE ? o->clouds.count && !o->contexts.count : o->contexts.count && !o->clouds.count;
    const char *what = plane == PLANE_KUBE ? "Kubernetes context" : "OpenStack cloud";
    if (!known && plane == PLANE_KUBE)
        batch_error(b, EXIT_USAGE, "OpenStack has no kind '%s', and no Kubernetes context is there to ask (man strata lists the kinds)",
                    b->kind_name);
    else if (other)
        batch_error(b, EXIT_USAGE, "%s alone chooses no %s: add %s NAME", plane == PLANE_KUBE ? "--cloud" : "--context", what,
                    plane == PLANE_KUBE ? "--context" : "--cloud");
    else
        batch_error(b, EXIT_FAILED, "no %s is configured (strata doctor says where was looked)", what);
}

static bool named_before(char *const *names, size_t j)
{
    size_t i = 0;
    while (i < j && strcmp(names[i], names[j]))
        i++;
    return i < j;
}

/* One feed for each source, namespace and name. */
static void open_all(struct batch *b, enum plane plane, bool scoped, char *const *names, size_t n)
{
    const struct options *o = b->opt;
    for (size_t i = 0; i < b->ninfo; i++) {
        if (b->info[i].plane != plane)
            continue;
        const char *own = b->info[i].scope[0] ? b->info[i].scope : "default";
        size_t n_ns = scoped && !o->all_namespaces && o->namespaces.count ? o->namespaces.count : 1;
        for (size_t k = 0; k < n_ns; k++) {
            if (n_ns > 1 && named_before(o->namespaces.items, k))
                continue;
            const char *ns = !scoped || o->all_namespaces ? "" : o->namespaces.count ? o->namespaces.items[k] : own;
            if (!n)
                open_one(b, (uint16_t)i, ns, NULL);
            for (size_t j = 0; j < n; j++)
                if (!named_before(names, j))
                    open_one(b, (uint16_t)i, ns, names[j]);
        }
    }
}

static bool open_kind(struct batch *b, const char *kind, char *const *names, size_t n)
{
    const struct kind *k = kind_find(kind);
    enum plane plane = k ? k->plane : PLANE_KUBE;
    b->kind_name = kind;
    b->view = view_new();
    if (!b->view) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return false;
    }
    open_all(b, plane, plane == PLANE_KUBE && (!k || (k->flags & KIND_NAMESPACED)), names, n);
    if (!b->nfeeds) {
        no_source(b, plane, k != NULL);
        return false;
    }
    return wait_settled(b);
}

void batch_close(struct batch *b)
{
    while (b->nfeeds)
        core_close(b->core, b->feed[--b->nfeeds]);
    view_free(b->view);
    b->view = NULL;
}

bool batch_open(struct batch *b, const char *kind)
{
    return open_kind(b, kind, NULL, 0);
}

static bool looks_like_uid(const char *s)
{
    return strlen(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-';
}

/* Is one of the names rather a uid? */
static bool uid_missing(const struct batch *b, char *const *names, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        size_t i = 0;
        while (i < view_count(b->view) && strcmp(view_row(b->view, i)->name, names[j]))
            i++;
        if (i == view_count(b->view) && looks_like_uid(names[j]))
            return true;
    }
    return false;
}

bool batch_open_named(struct batch *b, const char *kind, char *const *names, size_t n)
{
    const struct options *o = b->opt;
    const struct kind *k = kind_find(kind);
    size_t sources = 0, places = o->namespaces.count ? o->namespaces.count : 1;
    for (size_t i = 0; i < b->ninfo; i++)
        sources += b->info[i].plane == PLANE_KUBE;
    bool everywhere = o->all_namespaces && (!k || (k->flags & KIND_NAMESPACED));
    if ((k && k->plane != PLANE_KUBE) || everywhere || n * places * sources > BATCH_MAX_FEEDS)
        return batch_open(b, kind);
    if (!open_kind(b, kind, names, n))
        return false;
    if (b->unsure || !uid_missing(b, names, n))
        return true;
    batch_close(b);
    return batch_open(b, kind);
}

static const char *cell_of(const struct row *r, const char *column)
{
    int i = kind_column(r->kind, column);
    const char *text = i >= 0 && r->kind->columns[i].type == COL_TEXT ? r->cell[i].s : NULL;
    return text ? text : "";
}

/* Workers by the HOST that the table shows: "net-1", "neutron-l3-agent@net-1", "cinder-1" of cinder-1@ssd. */
static bool on_host(const struct row *r, const char *name)
{
    const char *host = cell_of(r, "host"), *binary = cell_of(r, "binary");
    size_t n = strlen(binary), own = strcspn(host, "@");
    if (!*host || !n)
        return false;
    if (!strncmp(name, binary, n) && name[n] == '@' && !strcmp(name + n + 1, host))
        return true;
    return !strcmp(name, host) || (strlen(name) == own && !strncmp(name, host, own));
}

/* Of several, or of none: what there is is told with it. */
static const struct row *find_on_host(struct batch *b, const char *name, bool *said)
{
    const struct row *found = NULL;
    size_t n = 0, rows = view_count(b->view), listed = 0;
    struct str list;
    str_init(&list, 2048);
    for (size_t i = 0; i < rows; i++)
        if (on_host(view_row(b->view, i), name)) {
            found = view_row(b->view, i);
            n++;
        }
    for (size_t i = 0; i < rows && n != 1; i++) {
        const struct row *r = view_row(b->view, i);
        if (n ? !on_host(r, name) : !*cell_of(r, "binary"))
            continue;
        if (++listed <= 8)
            str_addf(&list, "%s%s", listed > 1 ? ", " : "", r->name);
    }
    *said = listed > 0 && !b->opt->ignore_not_found && (n || !b->unsure);
    if (*said && n)
        batch_error(b, EXIT_USAGE, "there are several %s on %s: say which (%s%s)", b->kind_name, name, list.data, listed > 8 ? ", ..." : "");
    else if (*said)
        batch_error(b, EXIT_NOT_FOUND, "%s \"%s\" not found; there are %s%s", b->kind_name, name, list.data, listed > 8 ? ", ..." : "");
    str_release(&list);
    return n == 1 ? found : NULL;
}

static void say_several(struct batch *b, const char *name)
{
    enum { LISTED = 8 };
    char list[LISTED * 160] = "";
    size_t n = 0, len = 0;
    for (size_t i = 0; i < view_count(b->view); i++) {
        const struct row *r = view_row(b->view, i);
        if (strcmp(r->name, name) || ++n > LISTED)
            continue;
        const struct source_info *of = batch_source(b, r->source);
        bool kube = r->kind->plane == PLANE_KUBE;
        int put = snprintf(list + len, sizeof list - len, "%s%.60s%s%.60s", len ? ", " : "", kube ? r->scope : r->uid, of ? " on " : "", of ? of->name : "");
        len += put < 0 ? 0 : (size_t)put < sizeof list - len ? (size_t)put : sizeof list - len - 1;
    }
    batch_error(b, EXIT_USAGE, "there are several %s named '%s': choose with -n, --context, --cloud or the id (%s%s)", b->kind_name, name, list, n > LISTED ? ", ..." : "");
}

bool batch_chosen(const struct batch *b, enum plane plane, const char *source)
{
    const struct strlist *names = plane == PLANE_KUBE ? &b->opt->contexts : &b->opt->clouds;
    size_t i = 0;
    while (i < names->count && fnmatch(names->items[i], source, 0))
        i++;
    return i < names->count || !names->count || !b->opt->all;
}

/* Several contexts may lead to one cluster, several entries to one cloud: what they all show is one thing. */
bool batch_one_thing(const struct batch *b, const struct row *x, const struct row *y)
{
    const struct source_info *of = batch_source(b, x->source), *and = batch_source(b, y->source);
    return !strcmp(x->uid, y->uid) && !strcmp(x->scope, y->scope) && of && and && *of->server && !strcmp(of->server, and->server);
}

const struct row *batch_find(struct batch *b, const char *name)
{
    bool said = false;
    const struct row *found = NULL;
    for (size_t i = 0; i < view_count(b->view); i++) {
        const struct row *r = view_row(b->view, i);
        const struct source_info *of = batch_source(b, r->source);
        if ((strcmp(r->name, name) && strcmp(r->uid, name)) || (of && !batch_chosen(b, r->kind->plane, of->name)) || (found && batch_one_thing(b, found, r)))
            continue;
        if (found) {
            say_several(b, name);
            return NULL;
        }
        found = r;
    }
    if (!found)
        found = find_on_host(b, name, &said);
    if (!found && !said && !b->unsure && !b->opt->ignore_not_found)
        batch_error(b, EXIT_NOT_FOUND, "%s \"%s\" not found", view_kind(b->view) ? view_kind(b->view)->singular : b->kind_name, name);
    return found;
}
