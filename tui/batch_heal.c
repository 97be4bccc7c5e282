/* strata heal: the self-healing stage without a screen: the plan, the timeline as it happens, the verdict. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/stage.h"
#include "strata/text.h"
#include "tui/batch.h"

#define HEAL_STRIPS 16
#define HOLD_US 3000000

struct heal {
    struct batch *b;
    uint32_t id;
    FILE *out;                         /* of the timeline; NULL = none */
    struct stage_snap *snap;           /* newest */
    /* told of the run that goes on */
    size_t nruns;
    enum stage_seen told[STAGE_MILESTONES];
    size_t notes, gaps;
    unsigned watched;                  /* of which run it was told what is watched */
    size_t sample[HEAL_STRIPS];
    unsigned failing[HEAL_STRIPS];
    char status[200];
    unsigned signals;                  /* ctrl-c, TERM: the first ends the run with what is known, the next strata */
};

static const char *format(const struct heal *h)
{
    const char *o = h->b->opt->output;
    return o && strcmp(o, "table") ? o : NULL;
}

/* ---- words ---- */

static void say_plan(const struct stage_snap *s)
{
    static const char *const levels[] = {"  ok  ", " warn ", " NO   "};
    fprintf(stderr, "%s\n", s->title);
    if (*s->chosen)
        fprintf(stderr, "chosen: %s\n", s->chosen);
    for (size_t i = 0; i < s->nfacts; i++)
        fprintf(stderr, "%s %-10s %s\n", levels[s->fact[i].level <= STAGE_REFUSE ? s->fact[i].level : STAGE_WARN], s->fact[i].topic, s->fact[i].text);
}

static double since_t0(const struct stage_run *r, int64_t us)
{
    return (double)(us - r->t0_us) / 1000000;
}

static const struct stage_milestone *next_milestone(const struct heal *h, const struct stage_run *r)
{
    const struct stage_milestone *next = NULL;
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        const struct stage_milestone *m = &r->milestone[i];
        if ((m->seen == STAGE_SEEN || m->seen == STAGE_SEEN_LATE) && h->told[i] != m->seen && (!next || m->at_us < next->at_us))
            next = m;
    }
    return next;
}

/* Only turns: the first failure of a row, and the first good answer after it. */
static void say_strips(struct heal *h, const struct stage_run *r, int64_t until_us)
{
    for (size_t i = 0; i < r->nstrips && i < HEAL_STRIPS; i++) {
        const struct stage_strip *s = &r->strip[i];
        for (size_t *k = &h->sample[i]; *k < s->n; ++*k) {
            const struct stage_sample *x = &s->sample[*k];
            if (x->class == STAGE_PENDING || (x->class == STAGE_OK ? x->done_us : x->slot_us) > until_us)
                break;                 /* the next time, in order */
            bool bad = x->class != STAGE_OK;
            if (x->class == STAGE_NOT_SENT || x->slot_us < r->asked_us)
                continue;
            if (bad && !h->failing[i]++)
                fprintf(h->out, "%+10.3f s  !   %s: %s\n", since_t0(r, x->slot_us), s->label, stage_class_words((enum stage_class)x->class));
            else if (!bad && h->failing[i]) {
                fprintf(h->out, "%+10.3f s  !   %s answers again, %u failed\n", since_t0(r, x->done_us), s->label, h->failing[i]);
                h->failing[i] = 0;
            }
        }
    }
}

/* Milestones and events in the order in which they came. */
static void say_news(struct heal *h, const struct stage_run *r)
{
    for (;;) {
        const struct stage_milestone *m = next_milestone(h, r);
        const struct stage_note *n = h->notes < r->nnotes ? &r->note[h->notes] : NULL;
        if (!m && !n)
            return;
        say_strips(h, r, m && (!n || m->at_us <= n->at_us) ? m->at_us : n->at_us);
        if (m && (!n || m->at_us <= n->at_us)) {
            h->told[m - r->milestone] = m->seen;
            fprintf(h->out, "%12s  %-3s %-20s %-*s%s\n", m->value, m->id, m->title, *m->server ? 38 : 0, m->detail, m->server);
        } else {
            fprintf(h->out, "%+10.3f s  %s   %s\n", since_t0(r, n->at_us), n->warning ? "w" : ".", n->text);
            h->notes++;
        }
    }
}

/* What is asked, and why that: it was chosen by evidence. */
static void say_watched(struct heal *h, const struct stage_run *r)
{
    for (size_t i = 0; i < r->nstrips; i++) {
        const struct stage_strip *s = &r->strip[i];
        if (s->kind != STAGE_P2)
            fprintf(h->out, "%14s%-15s %s%s%s%s\n", "watched: ", s->label, *s->note ? s->note : s->target, *s->basis ? " (" : "", s->basis, *s->basis ? ")" : "");
    }
}

/* That the API was whole is only known some good answers later: until then nothing that came after it is told. */
static bool waits_for_whole(const struct heal *h, const struct stage_run *r)
{
    const struct stage_milestone *ready = &r->milestone[STAGE_T7], *back = &r->milestone[STAGE_T8];
    int64_t last = back->at_us > ready->at_us ? back->at_us : ready->at_us;
    return r->outcome == STAGE_RUNNING && ready->at_us && back->seen != STAGE_WAITING && r->milestone[STAGE_T9].seen == STAGE_WAITING &&
           h->snap->now_us - last < HOLD_US;
}

static void say_run(struct heal *h, const struct stage_run *r)
{
    if (!h->out || !r->t0_us)
        return;
    if (h->watched != r->number)
        say_watched(h, r);
    h->watched = r->number;
    if (waits_for_whole(h, r))
        return;
    say_news(h, r);
    for (; h->gaps < r->ngaps; h->gaps++)
        fprintf(h->out, "%+10.3f s  gap %s\n", since_t0(r, r->gap[h->gaps].from_us), r->gap[h->gaps].what);
    say_strips(h, r, INT64_MAX);
    fflush(h->out);
}

static void say_status(struct heal *h, const struct stage_snap *s)
{
    if (!h->out || !strcmp(h->status, s->status) || s->phase == STAGE_HEALING || s->phase == STAGE_DONE)
        return;
    memcpy(h->status, s->status, sizeof h->status);
    fprintf(h->out, "%14s... %s\n", "", s->status);
    fflush(h->out);
}

/* ---- waiting ---- */

static bool next_snap(struct heal *h)
{
    for (struct event *e; (e = batch_event(h->b));) {
        if (e->type == EV_STAGE && e->id == h->id && e->stage) {
            stage_snap_unref(h->snap);
            h->snap = e->stage;
            e->stage = NULL;
            event_free(e);
            return true;
        }
        event_free(e);
    }
    return false;
}

static bool ask(struct heal *h, struct stage_go *go)
{
    const struct options *o = h->b->opt;
    char answer[256] = "";
    const char *cluster = h->snap->cluster;
    if (o->yes && o->confirm && *cluster)
        go->confirmed_name = text_typed(cluster, o->confirm);
    if (o->dry_run || (o->yes && (!h->snap->protected_ || go->confirmed_name)))
        return true;
    if (!isatty(STDIN_FILENO)) {
        batch_error(h->b, EXIT_REFUSED, h->snap->protected_ ? "not deleted: the source is protected: give its name with --yes --confirm NAME, or type it at a terminal"
                                                          : "not deleted: give --yes to delete without a question");
        return false;
    }
    batch_forget_typed();
    if (h->snap->protected_)
        fprintf(stderr, "Type %s to delete it and watch it heal: ", cluster);
    else
        fprintf(stderr, "Delete it and watch it heal? [y/N] ");
    batch_answer(answer, sizeof answer);
    go->confirmed_name = h->snap->protected_ && *cluster && text_typed(cluster, answer);
    if (h->snap->protected_ ? go->confirmed_name : !strcmp(answer, "y") || !strcmp(answer, "yes"))
        return true;
    batch_error(h->b, EXIT_REFUSED, "left alone");
    return false;
}

static bool wait_ready(struct heal *h)
{
    while (next_snap(h)) {
        say_status(h, h->snap);
        if (h->snap->phase == STAGE_REFUSED) {
            say_plan(h->snap);
            batch_error(h->b, EXIT_REFUSED, "%s", h->snap->refusal);
            return false;
        }
        if (h->snap->phase == STAGE_READY)
            return true;
    }
    return false;
}

static int status_of(enum err_code code)
{
    switch (code) {
    case ERR_USAGE: case ERR_CONFIG: return EXIT_USAGE;
    case ERR_NOTFOUND: return EXIT_NOT_FOUND;
    case ERR_READONLY: case ERR_FORBIDDEN: return EXIT_REFUSED;
    default: return EXIT_FAILED;
    }
}

static bool interrupted(struct heal *h)
{
    if (h->b->signals == h->signals)
        return false;
    h->signals = h->b->signals;
    if (h->signals > 1)
        return false;
    fprintf(stderr, "strata: interrupted: what is known so far follows\n");
    core_stage_stop(h->b->core, h->id);
    return true;
}

/* One go to its end. */
static bool run_once(struct heal *h, const struct stage_go *go)
{
    unsigned before = h->snap->goes;
    memset(h->told, 0, sizeof h->told);
    memset(h->failing, 0, sizeof h->failing);
    memset(h->sample, 0, sizeof h->sample);
    h->notes = h->gaps = 0;
    size_t nruns = h->snap->nruns;
    core_stage_go(h->b->core, h->id, go);
    while (next_snap(h) || interrupted(h)) {
        const struct stage_snap *s = h->snap;
        bool before_the_delete = s->phase == STAGE_READY || (s->phase == STAGE_DONE && s->nruns == nruns);
        if (h->signals && before_the_delete) {
            batch_error(h->b, EXIT_FAILED, "interrupted before the delete: nothing was changed");
            return false;
        }
        say_status(h, s);
        if (s->nruns > nruns)
            say_run(h, s->run[s->nruns - 1]);
        if (s->phase == STAGE_REFUSED) {
            batch_error(h->b, EXIT_REFUSED, "%s", s->refusal);
            return false;
        }
        if (s->goes == before)
            continue;
        if (s->err.code) {
            batch_error(h->b, status_of(s->err.code), "%s", s->err.msg);
            return false;
        }
        if (s->nruns == nruns) {       /* a dry run */
            puts(s->status);
            return false;
        }
        return true;
    }
    return false;
}

static void conclude(struct heal *h)
{
    struct str text;
    const char *f = format(h);
    const struct stage_snap *s = h->snap;
    str_init(&text, (size_t)256 << 20);
    if (f) {
        enum stage_format as = !strcmp(f, "json") ? STAGE_JSON : !strcmp(f, "md") ? STAGE_MARKDOWN : STAGE_CAST;
        if (!stage_export(s, NULL, as, &text))
            batch_error(h->b, EXIT_FAILED, "out of memory");
        else
            print_text(text.data, text.len);
    } else if (s->nruns > 1 && stage_compare(s, &text)) {
        putchar('\n');
        print_text(text.data, text.len);
    }
    str_release(&text);
}

static void verdict(struct heal *h, const struct stage_run *r)
{
    if (r->outcome != STAGE_HEALED)
        h->b->rc = EXIT_FAILED;
    if (h->out)
        fprintf(h->out, "\n%s\n\n%s", r->headline, r->verdict);
}

static const char *kind_and_name(struct batch *b, char *kind, size_t size)
{
    const char *a = b->opt->args.items[0], *slash = strchr(a, '/');
    snprintf(kind, size, "%.*s", slash ? (int)(slash - a) : 4, slash ? a : "pods");
    return slash ? slash + 1 : a;
}

static bool read_file(const char *path, struct str *out)
{
    char buf[65536];
    FILE *f = fopen(path, "re");
    str_init(out, (size_t)256 << 20);
    for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;)
        str_add(out, buf, n);
    bool ok = f && !ferror(f) && !out->failed;
    if (f)
        fclose(f);
    return ok;
}

static void heal_again(struct heal *h, const char *path)
{
    struct str text;
    struct err err = ERR_INIT;
    if (!read_file(path, &text))
        batch_error(h->b, EXIT_USAGE, "the file of --from cannot be read");
    else if (!(h->snap = stage_import(text.data, text.len, &err)))
        batch_error(h->b, EXIT_USAGE, "%s", err.msg);
    str_release(&text);
    if (!h->snap)
        return;
    h->out = format(h) ? NULL : stdout;
    for (size_t i = 0; i < h->snap->nruns; i++)
        verdict(h, h->snap->run[i]);
    conclude(h);
    stage_snap_unref(h->snap);
}

void batch_heal(struct batch *b)
{
    struct heal h = {.b = b};
    char kind[128];
    const struct options *o = b->opt;
    const char *f = o->output;
    if (o->from ? o->args.count > 0 : !o->args.count) {
        batch_error(b, EXIT_USAGE, o->from ? "--from needs no pod" : "heal: what? (strata heal --help)");
        return;
    }
    if (f && strcmp(f, "table") && strcmp(f, "json") && strcmp(f, "md") && strcmp(f, "cast")) {
        batch_error(b, EXIT_USAGE, "-o %s: heal prints json, md or cast", f);
        return;
    }
    if (o->from) {
        heal_again(&h, o->from);
        return;
    }
    const char *name = kind_and_name(b, kind, sizeof kind);
    const struct row *r = batch_open(b, kind) ? batch_find(b, name) : NULL;
    if (!r)
        return;
    for (size_t i = 0; i < b->ninfo && o->clouds.count; i++)
        if (b->info[i].plane == PLANE_OPENSTACK && b->info[i].err.code == ERR_CONFIG) {
            batch_error(b, EXIT_USAGE, "%s", b->info[i].err.msg);      /* a cloud named by mistake would prove less than wanted */
            return;
        }
    h.out = !format(&h) ? stdout : isatty(STDERR_FILENO) ? stderr : NULL;
    struct stage_request rq = {.row = r, .probes = o->probes.count ? (const char *const *)o->probes.items : NULL, .cloud = STAGE_NO_SOURCE,
                               .vm = o->vm, .timeout_s = o->timeout_s, .grace_s = o->grace_s};
    struct stage_go go = {.dry_run = o->dry_run};
    h.id = core_stage_open(b->core, &rq);
    if (!h.id) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return;
    }
    if (wait_ready(&h)) {
        if (!o->yes || h.snap->protected_ || o->dry_run || h.out)
            say_plan(h.snap);
        if (ask(&h, &go)) {
            int64_t left = o->repeat;
            batch_catch(b);
            for (; left > 0 && !h.signals && run_once(&h, &go); left--)
                verdict(&h, h.snap->run[h.snap->nruns - 1]);
            if (h.snap->nruns)
                conclude(&h);
        }
    }
    if (!h.snap)
        b->rc = EXIT_FAILED;
    stage_snap_unref(h.snap);
    core_stage_close(b->core, h.id);
}
