/* For the owner: what earlier runs of strata left undone, what another one has under way, and giving up one of the first. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "core/ops/left.h"
#include "core/ops/op.h"
#include "core/ops/running.h"
#include "strata/mem.h"
#include "strata/options.h"
#include "strata/text.h"

#define NAMED 3                            /* steps that are named of those under way */

static char *clean(const char *text)
{
    struct str s;
    str_init(&s, 65536);
    str_adds(&s, text);
    return text_take(&s);
}

static void whose(struct str *s, const json_t *j)
{
    char own[128] = "";
    if (!gethostname(own, sizeof(own) - 1) && !strcmp(own, act_str(j, "host")))
        str_addf(s, "under way in another strata, pid %" PRId64, act_num(j, "pid", 0));
    else
        str_addf(s, "begun by a strata on %.80s, pid %" PRId64 ": whether it is still there cannot be seen from here", act_str(j, "host"), act_num(j, "pid", 0));
}

char *left_words(const struct left *l, bool runs)
{
    size_t over = 0, under_way = 0;
    struct str s;
    size_t first = l->nsteps > l->ntargets ? l->ntargets : 0;      /* of an operation of many steps these count */
    for (size_t i = first; i < l->nsteps; i++) {
        over += l->steps[i].over;
        under_way += l->steps[i].begun && !l->steps[i].over;
    }
    str_init(&s, 4096);
    str_addf(&s, "%zu of %zu ended, ", over, l->nsteps - first);
    if (runs)
        whose(&s, l->op);
    else
        str_adds(&s, "then strata was gone");
    if (under_way && !runs)
        str_addf(&s, " while %zu %s under way", under_way, under_way == 1 ? "was" : "were");
    return text_take(&s);
}

/* What was done, and what stays as it is. */
static char *words_of_end(const struct left *l)
{
    size_t done = 0, bad = 0, lost = 0, rest = 0;
    struct str s;
    size_t first = l->nsteps > l->ntargets ? l->ntargets : 0;
    for (size_t i = first; i < l->nsteps; i++) {
        const struct left_step *st = &l->steps[i];
        done += st->over && st->done;
        bad += st->over && !st->done;
        lost += st->begun && !st->over;
        rest += !st->begun && !st->over;
    }
    str_init(&s, 4096);
    str_addf(&s, "given up: %zu done", done);
    if (bad)
        str_addf(&s, ", %zu failed", bad);
    if (lost)
        str_addf(&s, ", %zu sent, how %s ended was not seen (", lost, lost == 1 ? "it" : "they");
    for (size_t i = first, n = 0; lost && i < l->nsteps; i++)
        if (l->steps[i].begun && !l->steps[i].over && n++ < NAMED)
            str_addf(&s, "%s%.100s", n > 1 ? ", " : "", act_str(l->steps[i].what, "name"));
    if (lost)
        str_adds(&s, lost > NAMED ? ", ...)" : ")");
    if (rest)
        str_addf(&s, ", %zu never begun", rest);
    str_adds(&s, "; all is left as it is");
    return text_take(&s);
}

/* ---- lists ---- */

static void left_clear(struct op_left *l)
{
    mem_free(l->key);
    mem_free(l->title);
    mem_free(l->when);
    mem_free(l->what);
}

void op_left_free(struct op_left *l, size_t n)
{
    for (size_t i = 0; i < n; i++)
        left_clear(&l[i]);
    mem_free(l);
}

size_t op_left_drop_running(struct op_left *l, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (l[i].runs)
            left_clear(&l[i]);
        else
            l[kept++] = l[i];
    }
    return kept;
}

/* what: taken over. */
static bool fill(struct op_left *to, const json_t *op, char *what, bool runs)
{
    *to = (struct op_left){.key = clean(act_str(op, "key")), .title = clean(act_str(op, "title")), .when = clean(act_str(op, "time")), .what = what,
                           .runs = runs, .pid = runs ? act_num(op, "pid", 0) : 0};
    return to->key && to->title && to->when && to->what;
}

size_t core_ops_left(struct core *c, struct op_left **out, struct err *err)
{
    struct lefts all = {0};
    size_t n = 0;
    (void)c;
    *out = NULL;
    if (err)
        *err = (struct err)ERR_INIT;
    lefts_load(&all, NULL, err);
    struct op_left *list = mem_zalloc((all.n + 1) * sizeof(*list));
    bool ok = list && !all.failed;
    for (size_t i = all.n; ok && i-- > 0;) {       /* the newest first */
        const struct left *l = &all.item[i];
        bool runs = left_alive(l);
        if (l->ended || (runs && left_own(l)))
            continue;
        ok = fill(&list[n++], l->op, left_words(l, runs), runs);
    }
    lefts_release(&all);
    if (!ok) {
        op_left_free(list, list ? n : 0);
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return 0;
    }
    *out = list;
    return n;
}

struct others { struct op_left *list; size_t n, cap; bool failed; };

static void other(void *arg, json_t *j)
{
    struct others *o = arg;
    struct str s;
    if (act_num(j, "pid", 0) == (int64_t)getpid() || o->failed)
        return;
    o->failed = !mem_grow(&o->list, &o->cap, o->n + 1, sizeof(*o->list));
    if (o->failed)
        return;
    str_init(&s, 4096);
    whose(&s, j);
    o->failed = !fill(&o->list[o->n++], j, text_take(&s), true);
}

/* ---- what they need ---- */

/* Of "cloud/region" the cloud: all its regions are opened. */
static bool add_once(struct strlist *l, const char *name, bool cloud)
{
    size_t n = cloud ? strcspn(name, "/") : strlen(name);
    for (size_t i = 0; i < l->count; i++)
        if (strlen(l->items[i]) == n && !memcmp(l->items[i], name, n))
            return true;
    return !n || strlist_add(l, name, n);
}

enum err_code op_left_sources(const char *key, struct strlist *contexts, struct strlist *clouds, bool *machines, struct err *err)
{
    struct lefts all = {0};
    bool ok = true;
    lefts_load(&all, key, err);
    const struct left *l = err->code ? NULL : lefts_find(&all, key);
    for (size_t n = 0; l && n <= all.n; l = lefts_find(&all, act_str(l->op, "resumes")), n++)
        for (size_t i = 0; i < l->nsteps; i++) {
            const struct kind *k = kind_find(act_str(l->steps[i].what, "kind"));
            bool cloud = k && k->plane == PLANE_OPENSTACK;
            *machines |= cloud && (!strcmp(k->id, "server") || !strcmp(k->id, "baremetal"));
            ok = ok && add_once(cloud ? clouds : contexts, act_str(l->steps[i].what, "source"), cloud);
        }
    lefts_release(&all);
    return ok ? err->code : err_set(err, ERR_NOMEM, 0, "out of memory");
}

/* ---- beside everything else ---- */

/* A journal of years takes its time: it is read on a worker. */
struct looking { struct core *core; struct event *event; char *key; struct lefts all; struct err err; bool others; };

static void look_free(void *arg)
{
    struct looking *l = arg;
    event_free(l->event);
    lefts_release(&l->all);
    mem_free(l->key);
    mem_free(l);
}

static void looked(void *arg)
{
    struct looking *l = arg;
    if (l->err.code)
        l->event->err = l->err;
    core_send(l->core, l->event);
    l->event = NULL;
    look_free(l);
}

static void look(void *arg)
{
    struct looking *l = arg;
    struct others o = {0};
    if (!l->others) {
        l->event->nleft = core_ops_left(l->core, &l->event->left, &l->event->err);
        return;
    }
    running_each(other, &o, NULL);
    l->event->left = o.list;
    l->event->nleft = o.n;
    if (o.failed)
        err_set(&l->event->err, ERR_NOMEM, 0, "out of memory");
}

static void do_look(void *arg)
{
    struct looking *l = arg;
    if (net_work(l->core->net, look, looked, l))
        return;
    err_set(&l->err, ERR_NOMEM, 0, "out of memory");
    looked(l);
}

/* ---- giving up: read on a worker, written here, looked at again ---- */

static void find_it(void *arg)
{
    struct looking *l = arg;
    lefts_load(&l->all, l->key, &l->err);
}

static void write_it(void *arg)
{
    struct looking *l = arg;
    const struct left *of = l->err.code ? NULL : lefts_find(&l->all, l->key);
    struct err *err = &l->err;
    if (!err->code && !of)
        err_set(err, ERR_NOTFOUND, 0, "the journal has no operation %.60s", l->key);
    else if (of && of->ended)
        err_set(err, ERR_USAGE, 0, "this operation has ended%s%.60s: there is nothing to give up", of->by ? ", taken over by " : "", of->by ? of->by : "");
    else if (of && left_here(of) && left_alive(of))
        err_set(err, ERR_FORBIDDEN, 0, "the strata that does this is still there (process %d): cancel it there", (int)act_num(of->op, "pid", 0));
    if (!err->code) {
        char *words = words_of_end(of);
        json_t *lost = left_lost(of);
        if (words && lost)
            audit_given_up(l->core->audit, of->op, lost, words, err);
        else
            err_set(err, ERR_NOMEM, 0, "out of memory");
        json_decref(lost);
        mem_free(words);
    }
    do_look(l);
}

static void do_give_up(void *arg)
{
    struct looking *l = arg;
    if (net_work(l->core->net, find_it, write_it, l))
        return;
    err_set(&l->err, ERR_NOMEM, 0, "out of memory");
    looked(l);
}

static void post(struct core *c, enum event_type type, uint32_t id, const char *key, void (*fn)(void *))
{
    struct looking *l = mem_zalloc(sizeof(*l));
    if (l)
        *l = (struct looking){.core = c, .event = event_new(type, id, 0), .key = key ? mem_strdup(key) : NULL, .others = type == EV_OTHERS};
    if (l && l->event && (!key || l->key) && core_post(c, fn, look_free, l))
        return;
    core_starve(c);
    if (l)
        look_free(l);
}

void core_ops_look(struct core *c, uint32_t id)
{
    post(c, EV_LEFT, id, NULL, do_look);
}

void core_ops_others(struct core *c, uint32_t id)
{
    post(c, EV_OTHERS, id, NULL, do_look);
}

void core_op_give_up(struct core *c, uint32_t id, const char *key)
{
    post(c, EV_LEFT, id, key, do_give_up);
}
