/* A drain of a hypervisor under way: which server is moved when, what hangs, and when all of it is over. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/hyper_steps.h"
#include "strata/text.h"

#define SETTLE_MS 20000             /* a move ended: so long may its host still be the old one */
#define HELD_MS 150000              /* Nova gives back what Placement holds each minute */
#define STALE_MS 900000             /* a record of a move that nobody has written for so long */
#define AGAINS 5                    /* of what was refused because the server, or the API, was busy just then */

enum { MARK_TRIES = 0xff, MARK_BUSY = 0x100, MARK_BUSIES = 0xff00, MARK_CLOSED = 0x10000 };     /* of op_kid.mark */
#define MARK_DOWN 0x100000          /* of the first step, times it: likewise, in which the service was first seen down, and one */
#define MARK_MOVING 0x100000        /* times it: the second, since the drain began, in which it was first seen to move, and one */

#define NAMED 12                    /* servers named in a sentence */
#define DOWN_S 60                   /* its compute service is down for so long: it does not come back by itself */
#define CANCEL_MS 600000            /* so long is followed what was under way when it was canceled */
#define LATE_MS 60000               /* its time is over: so long is waited for queued moves to be taken back */

struct names { size_t n; struct str text; };
struct tally { size_t gone, going, waiting, staying; struct names rest, stuck, moving, queued, busy, came, held; bool open; };

static enum act_seen disable_first(struct op_drive *d, struct str *why)
{
    const struct op_kid *k = hyper_disabling(d);
    if (k->state == STEP_WAITING)
        d->ops->start(d, hyper_kid_index(d, k));
    if (op_kid_well(k))
        return SEEN_DONE;
    str_adds(why, k->state == STEP_WAITING || op_kid_busy(k) ? "its compute service is being disabled" : "its compute service could not be disabled, so nothing was moved");
    return k->state == STEP_WAITING || op_kid_busy(k) ? SEEN_WAIT : SEEN_FAILED;
}

/* What is there when no new ones can come any more is what it is about. */
static bool close_list(struct op_drive *d)
{
    const json_t *list = hyper_servers(d);
    struct str words;
    bool ok = true;
    if (hyper_disabling(d)->mark & MARK_CLOSED)
        return true;
    for (size_t i = 0; i < json_array_size(list) && ok; i++) {
        const json_t *v = json_array_get(list, i);
        str_init(&words, 2048);
        enum hyper_fate fate = hyper_fate(&d->c, v, &words);
        str_release(&words);
        ok = fate == HYPER_LEAVE || hyper_kid(d, NULL, act_str(v, "id")) || hyper_add_move(d, v, fate);
    }
    hyper_disabling(d)->mark |= MARK_CLOSED;
    return ok;
}

static void not_yet(struct op_drive *d, struct tally *t, const struct op_kid *k, const char *words)
{
    t->waiting++;
    if (k)
        d->ops->note(d, hyper_kid_index(d, k), words);
}

static void name_one(struct names *s, const char *name)
{
    if (s->n < NAMED)
        str_addf(&s->text, "%s%s", s->n ? ", " : "", name);
    else if (s->n == NAMED)
        str_adds(&s->text, ", ...");
    s->n++;
}

static void names_end(struct tally *t)
{
    struct names *all[] = {&t->rest, &t->stuck, &t->moving, &t->queued, &t->busy, &t->came, &t->held};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        str_release(&all[i]->text);
}

static void names_begin(struct tally *t)
{
    struct names *all[] = {&t->rest, &t->stuck, &t->moving, &t->queued, &t->busy, &t->came, &t->held};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        str_init(&all[i]->text, 4096);
}

static void say_names(struct str *why, const char *words, const struct names *s)
{
    if (s->n)
        str_addf(why, "%s%s", words, s->text.data ? s->text.data : "");
}

static int64_t last_end(const struct op_drive *d)
{
    int64_t t = d->began_mono_ms;
    for (size_t i = 0; i < d->nkids; i++)
        t = d->kid[i].ended_mono_ms > t ? d->kid[i].ended_mono_ms : t;
    return t;
}

static bool queued(const struct op_drive *d, const struct op_kid *k)
{
    return !strcmp(k->action, "live-migrate") && k->state == STEP_WATCHING && !strcmp(act_str(hyper_migration(&d->c, k->uid), "status"), "queued");
}

/* Was that done about this move? Not when a run of strata before did it, about a move that was then begun anew. */
static bool about(const struct op_kid *done, const struct op_kid *move)
{
    return done && done > move && !(op_kid_well(done) && !done->began_mono_ms) && !(move->began_mono_ms && done->began_mono_ms && done->began_mono_ms < move->began_mono_ms);
}

/* How long is it in the queue of its host, and nothing is moved from there? Nova moves one at a time: behind another it waits rightly,
 * but not behind one that was to be aborted and does not heed that: each has its own clock. */
static int64_t queued_s(const struct op_drive *d, const struct op_kid *k)
{
    const json_t *list = hyper_migrations(d);
    int64_t since = k->began_mono_ms > last_end(d) ? k->began_mono_ms : last_end(d);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *status = act_str(m, "status");
        if ((strcmp(status, "running") != 0 && strcmp(status, "preparing") != 0) || strcmp(act_str(m, "source_compute"), hyper_host(d->c.obj)) != 0)
            continue;
        const char *uid = act_str(m, "instance_uuid");
        const struct op_kid *abort = hyper_kid(d, "abort-migration", uid), *move = hyper_kid(d, NULL, uid);
        if (!abort || !abort->began_mono_ms || (move && !about(abort, move)))
            return 0;
        since = abort->began_mono_ms > since ? abort->began_mono_ms : since;
    }
    return !strcmp(act_str(hyper_migration(&d->c, k->uid), "status"), "queued") ? (d->mono_ms - since) / 1000 : 0;
}

/* How long does it move? */
static int64_t moving_s(const struct op_drive *d, struct op_kid *k)
{
    const char *status = act_str(hyper_migration(&d->c, k->uid), "status");
    int64_t now = (d->mono_ms - d->began_mono_ms) / 1000;
    if (k->mark < MARK_MOVING && (!strcmp(status, "running") || !strcmp(status, "preparing")))
        k->mark += (now + 1) * MARK_MOVING;
    return k->mark < MARK_MOVING ? 0 : now + 1 - k->mark / MARK_MOVING;
}

/* A live migration that does not end: what was agreed for that. */
static void watch_move(struct op_drive *d, const struct op_kid *k)
{
    static const struct { const char *arg, *action; } means[] = {{"force-after", "force-complete"}, {"abort-after", "abort-migration"}};
    size_t at = hyper_kid_index(d, k);
    int64_t ran = moving_s(d, &d->kid[at]);
    for (size_t i = 0; i < 2; i++) {
        k = &d->kid[at];
        int64_t after = act_int(&d->c, means[i].arg, 0);
        const struct op_kid *before = hyper_kid(d, means[i].action, k->uid);
        int64_t so_far = i && !ran ? queued_s(d, k) : ran;
        if (k->state != STEP_WATCHING || strcmp(k->action, "live-migrate") != 0 || after <= 0 || so_far < after || about(before, k))
            continue;
        hyper_do(d, means[i].action, k->uid, k->name);
    }
}

/* A move that this drain did not begin and that does not end: it is aborted as one of its own would be, then the server has its turn. */
static void watch_others(struct op_drive *d, struct op_kid *k)
{
    int64_t after = act_int(&d->c, "abort-after", 0);
    const json_t *m = hyper_migration(&d->c, k->uid);
    if (after <= 0 || !hyper_abortable(m) || k->state != STEP_WAITING)
        return;
    int64_t ran = moving_s(d, k);
    if ((ran ? ran : queued_s(d, k)) >= after && !about(hyper_kid(d, "abort-migration", k->uid), k))
        hyper_do(d, "abort-migration", k->uid, k->name);
}

/* It was refused, or it failed: once more? A server that was busy just then is asked again, and one whose request came to
 * nothing because the API hiccuped; one that failed as often as agreed. */
static bool once_more(struct op_drive *d, struct op_kid *k)
{
    int64_t tries = (k->mark & MARK_TRIES) + 1, busies = (k->mark & MARK_BUSIES) / MARK_BUSY;
    const struct op_kid *aborted = hyper_kid(d, "abort-migration", k->uid);
    if (k->state != STEP_FAILED || about(aborted, k))
        return false;
    bool passing = k->status == 409 || k->unseen;
    if (passing && busies < AGAINS)
        k->mark += MARK_BUSY;
    else if (!passing && tries < act_int(&d->c, "attempts", 1) && tries < MARK_TRIES)
        k->mark++;
    else
        return false;
    k->mark %= MARK_MOVING;
    d->ops->again(d, hyper_kid_index(d, k));
    return true;
}

static bool add_other(struct op_drive *d, const struct op_kid *k, const json_t *v, enum hyper_fate fate)
{
    d->ops->skip(d, hyper_kid_index(d, k), fate == HYPER_COLD ? "it is shut off now: it is moved cold" : "it runs now: it is moved live");
    return hyper_add_move(d, v, fate);
}

static void begin_move(struct op_drive *d, struct tally *t, struct op_kid *k, const json_t *v, enum hyper_fate fate, const char *words)
{
    int64_t most = act_int(&d->c, "concurrency", 2);
    bool cold = !strcmp(k->action, "migrate");
    if (!t->open) {
        t->waiting++;
    } else if (fate == HYPER_WAIT) {
        not_yet(d, t, k, words);
    } else if (fate == HYPER_CONFIRM) {
        const struct op_kid *c = hyper_kid(d, "confirm-resize", k->uid);
        size_t at = hyper_kid_index(d, k);
        if (c && c->state != STEP_WAITING && !op_kid_busy(c) && d->mono_ms - c->ended_mono_ms > SETTLE_MS) {
            d->ops->skip(d, at, c->note);
            name_one(&t->stuck, k->name);
            return;
        }
        if (!c)
            hyper_do(d, "confirm-resize", k->uid, k->name);
        not_yet(d, t, &d->kid[at], "it is confirmed first");
    } else if (fate == HYPER_REFUSED) {
        d->ops->skip(d, hyper_kid_index(d, k), words);
        name_one(&t->stuck, k->name);
    } else if (cold != (fate == HYPER_COLD)) {
        t->waiting++;
        add_other(d, k, v, fate);
    } else if (most > 0 && (int64_t)t->going >= most) {
        not_yet(d, t, k, "it waits for its turn");
    } else {
        t->going++;
        k->mark %= MARK_MOVING;                /* what was counted of another's move */
        d->ops->start(d, hyper_kid_index(d, k));
    }
}

static void one_server(struct op_drive *d, struct tally *t, const json_t *v)
{
    struct op_kid *k = hyper_kid(d, NULL, act_str(v, "id"));
    struct str words;
    str_init(&words, 2048);
    enum hyper_fate fate = hyper_fate(&d->c, v, &words);
    const char *text = words.data ? words.data : "";
    if (fate != HYPER_LEAVE && k)
        name_one(&t->rest, act_str(v, "name"));
    if (fate == HYPER_WAIT && k && !op_kid_busy(k)) {
        name_one(&t->busy, act_str(v, "name"));
        watch_others(d, k);
        k = hyper_kid(d, NULL, act_str(v, "id"));      /* it may have gone elsewhere */
    }
    if (fate == HYPER_LEAVE) {
        t->staying++;
        if (k && k->state == STEP_WAITING)
            d->ops->skip(d, hyper_kid_index(d, k), text);
    } else if (!k) {
        name_one(&t->came, act_str(v, "name"));
    } else if (op_kid_busy(k)) {
        name_one(queued(d, k) ? &t->queued : &t->moving, act_str(v, "name"));
        watch_move(d, k);
    } else if (k->state == STEP_WAITING || once_more(d, k)) {
        begin_move(d, t, k, v, fate, text);
    } else if (fate == HYPER_WAIT) {
        not_yet(d, t, NULL, text);
    } else if (op_kid_well(k) && d->mono_ms - (k->ended_mono_ms ? k->ended_mono_ms : d->began_mono_ms) < SETTLE_MS) {
        not_yet(d, t, NULL, "");
    } else {
        if (op_kid_well(k))
            d->ops->note(d, hyper_kid_index(d, k), "Nova calls its move completed, but it is still here: look at it, and reset nothing blindly");
        name_one(&t->stuck, act_str(v, "name"));
    }
    str_release(&words);
}

/* Those that are not here any more: nothing is to be begun for them, but the confirmation of a cold move. */
static void those_that_left(struct op_drive *d, struct tally *t)
{
    const json_t *list = hyper_migrations(d);
    for (size_t i = 0; i < d->nkids; i++) {
        const struct op_kid *k = &d->kid[i];
        if (!hyper_is_move(k) || hyper_server(&d->c, k->uid))
            continue;
        const json_t *m = hyper_migration(&d->c, k->uid);
        bool held = hyper_waits(&d->c, m) && !hyper_may_confirm(&d->c, m), last = k == hyper_kid(d, NULL, k->uid);
        if (k->state == STEP_WAITING)
            d->ops->skip(d, i, held ? "somebody resized it away: it keeps its place here until that is confirmed or reverted" : "it is gone from the host");
        if (held && last)
            name_one(&t->held, d->kid[i].name);
        t->gone += !held && last && !op_kid_busy(&d->kid[i]);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *uid = act_str(m, "instance_uuid");
        const struct op_kid *k = hyper_kid(d, NULL, uid);
        if (!hyper_waits(&d->c, m) || !hyper_may_confirm(&d->c, m) || !hyper_is_ours(d, uid) || hyper_kid(d, "confirm-resize", uid) || (k && op_kid_busy(k)))
            continue;
        hyper_do(d, "confirm-resize", uid, k ? k->name : "");
    }
}

static size_t others_going(const struct op_drive *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nkids; i++)
        n += !hyper_is_move(&d->kid[i]) && strcmp(d->kid[i].action, "disable") != 0 && op_kid_busy(&d->kid[i]);
    return n;
}

static size_t moves_going(const struct op_drive *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->nkids; i++)
        n += hyper_is_move(&d->kid[i]) && op_kid_busy(&d->kid[i]);
    return n;
}

/* ---- its end: 4.3's rules, beside the list of servers ---- */

/* Is the record about a server that left, not one that stays or came? */
static bool about_ours(const struct op_drive *d, const char *uid) { return hyper_kid(d, NULL, uid) || (!hyper_server(&d->c, uid) && !hyper_leaves(&d->c, uid)); }

static const char *name_of(const struct op_drive *d, const char *uid)
{
    const struct op_kid *k = hyper_kid(d, NULL, uid);
    const char *name = k ? k->name : act_str(hyper_server(&d->c, uid), "name");
    return *name ? name : uid;
}

static enum act_seen records_clean(const struct op_drive *d, struct str *why)
{
    const json_t *list = hyper_migrations(d);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *at = act_str(m, "updated_at"), *uid = act_str(m, "instance_uuid");
        const struct op_kid *k = hyper_kid(d, "confirm-resize", uid);
        int64_t ms;
        if (hyper_migration_over(m) || !about_ours(d, uid))
            continue;
        bool stale = text_parse_time(at, strlen(at), &ms) && d->c.now_ms - ms > STALE_MS, refused = k && k->state == STEP_FAILED;
        str_addf(why, "Nova still has migration %" PRId64 " of server %s as %s", act_num(m, "id", 0), name_of(d, uid), act_str(m, "status"));
        if (stale || refused)
            str_addf(why, "%s%.200s: look at it", stale ? ", for a quarter of an hour or more" : "; its confirmation failed: ", refused ? k->note : "");
        return stale || refused ? SEEN_FAILED : SEEN_WAIT;
    }
    return SEEN_DONE;
}

static enum act_seen placement_clean(const struct op_drive *d, struct str *why)
{
    const json_t *held = act_get(d->c.side[HYPER_ALLOCATIONS].json, "allocations");
    const char *consumer;
    json_t *v;
    json_object_foreach((json_t *)held, consumer, v) {
        const json_t *m = act_find(hyper_migrations(d), "uuid", consumer);       /* what moves holds its old place by its migration's id */
        if (!hyper_server(&d->c, consumer) && (!m || about_ours(d, act_str(m, "instance_uuid")))) {
            if (m)
                str_addf(why, "Placement still holds a place here for migration %" PRId64 " of server %s, which is %s", act_num(m, "id", 0),
                         name_of(d, act_str(m, "instance_uuid")), act_str(m, "status"));
            else
                str_addf(why, "Placement still holds the place of %s%s%s here", consumer, hyper_kid(d, NULL, consumer) ? ", server " : "",
                         hyper_kid(d, NULL, consumer) ? name_of(d, consumer) : "");
            if (d->mono_ms - last_end(d) < HELD_MS)
                return SEEN_WAIT;
            str_adds(why, ": look who it is (openstack resource provider allocation show), it counts as used");
            return SEEN_FAILED;
        }
    }
    return SEEN_DONE;
}

static enum act_seen verified(const struct op_drive *d, const struct tally *t, struct str *why)
{
    enum act_seen seen = records_clean(d, why);
    seen = seen == SEEN_DONE ? placement_clean(d, why) : seen;
    if (seen == SEEN_DONE && strcmp(act_str(d->c.obj, "state"), "up") != 0) {
        str_adds(why, "its compute service is down now");
        seen = SEEN_WAIT;
    }
    if (seen != SEEN_DONE)
        return seen;
    str_addf(why, "%zu server%s gone", t->gone, t->gone == 1 ? " is" : "s are");
    if (t->staying)
        str_addf(why, ", %zu stay%s as agreed", t->staying, t->staying == 1 ? "s" : "");
    say_names(why, "; came since and not part of it: ", &t->came);
    return SEEN_DONE;
}

/* Since when is its time over, in ms? Negative: it is not. */
static int64_t late_ms(const struct op_drive *d)
{
    int64_t timeout = act_int(&d->c, "timeout", 0);
    return timeout > 0 ? d->mono_ms - d->began_mono_ms - timeout * 1000 : -1;
}

/* What only waits in Nova's queue would go on when nobody looks any more. */
static void take_back_queued(struct op_drive *d)
{
    for (size_t i = 0, n = d->nkids; i < n; i++) {
        const struct op_kid *k = &d->kid[i], *abort = hyper_kid(d, "abort-migration", k->uid);
        if (queued(d, k) && !about(abort, k))
            hyper_do(d, "abort-migration", k->uid, k->name);
    }
}

/* Does the end of a move that was taken back lie still ahead? */
static bool taking_back(const struct op_drive *d)
{
    for (size_t i = 0; i < d->nkids; i++) {
        const struct op_kid *k = &d->kid[i], *abort = hyper_kid(d, "abort-migration", k->uid);
        if (hyper_is_move(k) && op_kid_busy(k) && abort > k && op_kid_well(abort))
            return true;
    }
    return false;
}

static void how_far(const struct tally *t, struct str *why)
{
    str_addf(why, "%zu server%s gone, %zu still here", t->gone, t->gone == 1 ? " is" : "s are", t->rest.n);
    say_names(why, ": ", &t->rest);
    say_names(why, "; moving still, and not followed any further: ", &t->moving);
    say_names(why, "; still in Nova's queue, whence it may move any time (abort-migration takes it out): ", &t->queued);
    say_names(why, "; resized away, to be confirmed or reverted: ", &t->held);
}

/* For how long is its compute service down, in seconds and one? 0: it is up. */
static int64_t down_s(const struct op_drive *d)
{
    struct op_kid *k = hyper_disabling(d);
    int64_t now = (d->mono_ms - d->began_mono_ms) / 1000;
    if (!strcmp(act_str(d->c.obj, "state"), "up"))
        k->mark %= MARK_DOWN;
    else if (k->mark < MARK_DOWN)
        k->mark += (now + 1) * MARK_DOWN;
    return k->mark < MARK_DOWN ? 0 : now + 2 - k->mark / MARK_DOWN;
}

static enum act_seen judge(struct op_drive *d, struct tally *t, struct str *why)
{
    size_t others = others_going(d);
    int64_t late = late_ms(d);
    bool idle = !t->going && !t->waiting && !others;
    if (!hyper_disabled(d->c.obj)) {
        str_adds(why, "somebody enabled its compute service meanwhile; ");
        how_far(t, why);
        return SEEN_FAILED;
    }
    if (idle && !t->stuck.n && !t->held.n)
        return verified(d, t, why);
    if (down_s(d) > DOWN_S) {
        str_adds(why, "its compute service is down, so nothing can be moved from it: ");
        how_far(t, why);
        str_adds(why, "; bring it back and drain on, or, if the host is dead, force it down and evacuate them");
        return SEEN_FAILED;
    }
    if (down_s(d))
        str_adds(why, "its compute service is down, it is waited for a minute: ");
    if (idle || (late >= 0 && ((!others && !taking_back(d)) || late > LATE_MS))) {
        str_adds(why, late >= 0 ? "its time is over: " : "");
        how_far(t, why);
        str_adds(why, "; the compute service stays disabled");
        return SEEN_FAILED;
    }
    if (late >= 0)
        str_adds(why, "its time is over, what Nova only has in its queue is taken back: ");
    str_addf(why, "%zu of %zu servers gone, %zu moving, %zu waiting", t->gone, t->gone + t->going + t->waiting + t->stuck.n, t->going, t->waiting);
    say_names(why, ", in Nova's queue (--abort-after counts it there, abort-migration takes it out): ", &t->queued);
    say_names(why, act_int(&d->c, "abort-after", 0) > 0 ? ", busy with what this drain did not begin, and waited for: " : ", busy with what this drain did not begin, and waited for (--abort-after, or abort-migration, ends a move): ", &t->busy);
    say_names(why, ", not to be moved: ", &t->stuck);
    say_names(why, "; resized away, to be confirmed or reverted: ", &t->held);
    say_names(why, "; came since: ", &t->came);
    return SEEN_WAIT;
}

enum act_seen hyper_run(struct op_drive *d, struct str *why)
{
    enum act_seen seen = disable_first(d, why);
    struct tally t = {0};
    if (seen != SEEN_DONE)
        return seen;
    if (!json_is_array(hyper_servers(d)) || !json_is_array(hyper_migrations(d))) {
        bool servers = !json_is_array(hyper_servers(d));
        str_addf(why, "the %s of the host cannot be read now (HTTP %d)", servers ? "servers" : "migrations",
                 d->c.side[servers ? HYPER_SERVERS : HYPER_MIGRATIONS].status);
        return SEEN_WAIT;
    }
    if (!close_list(d)) {
        str_adds(why, "out of memory, or too many servers for one operation");
        return SEEN_FAILED;
    }
    names_begin(&t);
    t.going = moves_going(d);
    t.open = hyper_disabled(d->c.obj) && late_ms(d) < 0 && !down_s(d);
    const json_t *list = hyper_servers(d);
    for (size_t i = 0; i < json_array_size(list); i++)
        one_server(d, &t, json_array_get(list, i));
    if (late_ms(d) >= 0)
        take_back_queued(d);
    those_that_left(d, &t);
    seen = judge(d, &t, why);
    names_end(&t);
    return seen;
}

/* Is what was under way followed no longer? */
static bool patience_over(const struct op_drive *d) { return d->canceled_mono_ms && d->mono_ms - d->canceled_mono_ms > CANCEL_MS; }

/* Canceled: a server that moved cold is confirmed, so that it is not in two places; what only waits in Nova's queue is taken back; the
 * rest is told. */
enum act_seen hyper_tidy(struct op_drive *d, struct str *why)
{
    struct tally t = {0};
    size_t waiting = 0;
    if (!json_is_array(hyper_servers(d)) || !json_is_array(hyper_migrations(d))) {
        str_adds(why, "the servers and migrations of the host cannot be read now");
        return patience_over(d) ? SEEN_FAILED : SEEN_WAIT;
    }
    take_back_queued(d);
    names_begin(&t);
    those_that_left(d, &t);
    for (size_t i = 0; i < d->nkids; i++) {
        const struct op_kid *k = &d->kid[i], *confirm = hyper_kid(d, "confirm-resize", k->uid);
        const json_t *m = hyper_migration(&d->c, k->uid);
        waiting += hyper_is_move(k) && hyper_waits(&d->c, m) && hyper_may_confirm(&d->c, m) && (!confirm || op_kid_busy(confirm));
        if (hyper_is_move(k) && op_kid_busy(k))
            name_one(queued(d, k) ? &t.queued : &t.moving, k->name);
    }
    size_t going = moves_going(d) + others_going(d);
    str_addf(why, "%zu server%s gone, %zu still here", t.gone, t.gone == 1 ? " is" : "s are", json_array_size(hyper_servers(d)));
    if (going && !patience_over(d)) {
        say_names(why, ", followed to its end for ten minutes at most: ", &t.moving);
        say_names(why, ", taken out of Nova's queue: ", &t.queued);
    } else if (going) {
        say_names(why, "; moving still, and not followed any further: ", &t.moving);
        say_names(why, "; still in Nova's queue, whence it may move any time: ", &t.queued);
    }
    if (!going || patience_over(d))
        str_adds(why, hyper_disabled(d->c.obj) && !d->goes_back ? "; the compute service stays disabled (enable takes that back)" : "");
    names_end(&t);
    return !going && !waiting ? SEEN_DONE : patience_over(d) ? SEEN_FAILED : SEEN_WAIT;
}
