/* `strata ACTION KIND NAME...`: any row of the table of actions, planned, asked about, run and followed to its end. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/map.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"
#include "tui/batch.h"

/* ---- what is said ---- */

static const char *level_word(enum fact_level l)
{
    static const char *const words[] = {"", "caution: ", "DANGER: ", "REFUSED: "};
    return words[l];
}

static void print_facts(FILE *to, const struct op_view *v, uint32_t step, const char *indent)
{
    for (size_t i = 0; i < v->nfacts; i++)
        if (v->facts[i].step == step)
            fprintf(to, "%s%s%s\n", indent, level_word(v->facts[i].level), v->facts[i].text);
}

void batch_print_plan(struct batch *b, const struct op_view *v, FILE *to)
{
    fprintf(to, "%s\n", v->title);
    for (size_t s = 0; s < b->ninfo; s++) {
        bool used = false;
        for (size_t i = 0; i < v->nsteps && !used; i++)
            used = !strcmp(v->steps[i].source, b->info[s].name);
        if (used)
            fprintf(to, "  %s %s (%s)%s\n", b->info[s].plane == PLANE_OPENSTACK ? "cloud" : "cluster", b->info[s].name, b->info[s].server,
                    b->info[s].protected_ ? ", PROTECTED" : "");
    }
    print_facts(to, v, UINT32_MAX, "  ");
    for (size_t i = 0; i < v->nsteps; i++) {
        const struct step_view *st = &v->steps[i];
        const char *known = st->state == STEP_ALREADY ? "it already is" : st->state != STEP_WAITING ? st->note : "";      /* of a resumed one: done before */
        if (v->nsteps > 1)
            fprintf(to, "  %s%s%s\n", st->text, *known ? ": " : "", known);
        else if (*known)
            fprintf(to, "  %s\n", known);
        print_facts(to, v, (uint32_t)i, v->nsteps > 1 ? "    " : "  ");
        if (*st->request)
            fprintf(to, "%s%s\n", v->nsteps > 1 ? "    " : "  ", st->request);
    }
}

/* What must be said even to who does not want to be asked; what is said of several objects once, with how many they are. */
static void print_warnings(const struct op_view *v)
{
    for (size_t i = 0; i < v->nfacts; i++) {
        const struct fact_view *f = &v->facts[i];
        size_t same = 0;
        bool before = f->level < FACT_CAUTION;
        for (size_t k = 0; k < v->nfacts && !before; k++) {
            bool alike = v->facts[k].level == f->level && !strcmp(v->facts[k].text, f->text);
            same += alike;
            before = alike && k < i;
        }
        if (before)
            continue;
        bool whose = same == 1 && f->step < v->nsteps && strcmp(v->steps[f->step].text, v->title) != 0;
        fprintf(stderr, "%s%s%s%s", level_word(f->level), whose ? v->steps[f->step].text : "", whose ? ": " : "", f->text);
        if (same > 1)
            fprintf(stderr, " (%zu objects)", same);
        fputc('\n', stderr);
    }
}

static void json_facts(struct str *s, const struct op_view *v, uint32_t step)
{
    static const char *const names[] = {"info", "caution", "danger", "refused"};
    bool first = true;
    str_adds(s, ",\"facts\":[");
    for (size_t i = 0; i < v->nfacts; i++) {
        if (v->facts[i].step != step)
            continue;
        str_addf(s, "%s{\"level\":\"%s\"", first ? "" : ",", names[v->facts[i].level]);
        json_text(s, "text", v->facts[i].text);
        str_addc(s, '}');
        first = false;
    }
    str_addc(s, ']');
}

void batch_print_op_json(const struct op_view *v)
{
    struct str s;
    str_init(&s, 0);
    str_addf(&s, "{\"state\":\"%s\"", op_state_name(v->state));
    json_text(&s, "key", v->key);
    json_text(&s, "title", v->title);
    json_text(&s, "action", v->action ? action_id(v->action) : "");
    json_text(&s, "note", v->note);
    str_addf(&s, ",\"dry_run\":%s,\"total\":%zu,\"done\":%zu,\"failed\":%zu", v->dry_run ? "true" : "false", v->total, v->done, v->failed);
    if (v->err.code) {
        str_addf(&s, ",\"error\":{\"code\":\"%s\"", err_name(v->err.code));
        json_text(&s, "text", v->err.msg);
        str_addc(&s, '}');
    }
    json_facts(&s, v, UINT32_MAX);
    str_adds(&s, ",\"steps\":[");
    for (size_t i = 0; i < v->nsteps; i++) {
        const struct step_view *st = &v->steps[i];
        str_addf(&s, "%s{\"state\":\"%s\"", i ? "," : "", step_state_name(st->state));
        json_text(&s, "text", st->text);
        json_text(&s, "source", st->source);
        json_text(&s, "kind", st->kind);
        json_text(&s, "scope", st->scope);
        json_text(&s, "name", st->name);
        json_text(&s, "request", st->request);
        json_text(&s, "request_id", st->request_id);
        json_text(&s, "note", st->note);
        if (st->began_mono_ms && st->ended_mono_ms)
            str_addf(&s, ",\"took_ms\":%lld", (long long)(st->ended_mono_ms - st->began_mono_ms));
        json_facts(&s, v, (uint32_t)i);
        str_addc(&s, '}');
    }
    str_adds(&s, "]}");
    if (!s.failed)
        puts(s.data);
    str_release(&s);
}

/* ---- asking ---- */

static bool ask(struct batch *b, const struct op_view *v, char *answer, size_t size)
{
    const char *id = v->action ? action_id(v->action) : "do it";
    if (!isatty(STDIN_FILENO)) {
        if (*v->wanted)
            batch_error(b, EXIT_REFUSED, "not done: give --yes --confirm '%s', or type it at a terminal", v->wanted);
        else
            batch_error(b, EXIT_REFUSED, "not done: give --yes to %s without a question", id);
        return false;
    }
    batch_forget_typed();
    if (*v->wanted)
        fprintf(stderr, "Type %s to %s: ", v->wanted, id);
    else
        fprintf(stderr, "%s? [y/N] ", v->title);
    batch_answer(answer, size);
    if (*v->wanted ? text_typed(v->wanted, answer) : !strcmp(answer, "y") || !strcmp(answer, "yes"))
        return true;
    batch_error(b, EXIT_REFUSED, "%s: left alone", v->title);
    return false;
}

/* ---- running ---- */

#define NEWS_MS 2000               /* at least between two lines about one step that goes on */
#define SAME_AGAIN_MS 30000        /* and if they would say the same */

/* Nothing was done, as the server or the guard said no: no right to it, not in its state, a policy, a quota. */
static bool said_no(const struct op_view *v)
{
    int status = v->err.detail;
    return !v->done && (v->err.code == ERR_FORBIDDEN || v->err.code == ERR_READONLY || (status >= 400 && status < 500 && !err_retryable(v->err.code) && v->err.code != ERR_AUTH));
}

static enum batch_exit exit_of(const struct op_view *v)
{
    switch (v->state) {
    case OPS_DONE: case OPS_PLANNED: return EXIT_OK;
    case OPS_CANCELED: return EXIT_CANCELED;
    case OPS_UNSURE: return EXIT_UNSURE;
    case OPS_FAILED: return v->total == 1 && v->err.code == ERR_NOTFOUND ? EXIT_NOT_FOUND : said_no(v) ? EXIT_REFUSED : EXIT_FAILED;
    case OPS_REFUSED: return v->err.code == ERR_USAGE ? EXIT_USAGE : v->err.code == ERR_NOTFOUND ? EXIT_NOT_FOUND : err_retryable(v->err.code) ? EXIT_FAILED : EXIT_REFUSED;
    default: return EXIT_FAILED;
    }
}

/* What was told of each step; steps may come while it runs. long_: what was said in full already. */
struct tell { enum step_state state; int64_t ms; uint64_t words; };
struct told { struct tell *step; size_t n, cap; uint64_t long_[64]; size_t nlong; };

static bool told_grow(struct told *t, size_t n)
{
    if (n <= t->n)
        return true;
    if (!mem_grow(&t->step, &t->cap, n, sizeof(*t->step)))
        return false;
    for (; t->n < n; t->n++)
        t->step[t->n] = (struct tell){.state = STEP_WAITING};
    return true;
}

#define LONG_WORDS 70
#define SHORT_WORDS 40

static bool said_before(struct told *t, uint64_t words)
{
    size_t kept = sizeof t->long_ / sizeof *t->long_;
    for (size_t i = 0; i < t->nlong && i < kept; i++)
        if (t->long_[i] == words)
            return true;
    t->long_[t->nlong++ % kept] = words;
    return false;
}

/* What a server says at length is said in full once, then by its beginning: the parts between semicolons and colons, each for itself. */
static void print_note(struct told *t, const char *note)
{
    for (const char *p = note; *p;) {
        const char *end = p + 1;
        while (*end && !((*end == ';' || *end == ':') && end[1] == ' '))
            end++;
        size_t n = (size_t)(end - p), cut = SHORT_WORDS;
        if (n >= LONG_WORDS && said_before(t, hash_bytes(p, n))) {
            while (cut < n && p[cut] != ' ')
                cut++;
            fprintf(stderr, "%.*s%s", (int)cut, p, cut < n ? " ..." : "");
        } else {
            fprintf(stderr, "%.*s", (int)n, p);
        }
        p = end;
    }
}

/* A line for each step that moved on, and for each new word about one that goes on or waits; the same word again after a while. */
static void say_progress(const struct op_view *v, struct told *told)
{
    int64_t now = clock_mono_ms();
    for (size_t i = 0; i < v->nsteps; i++) {
        const struct step_view *st = &v->steps[i];
        struct tell *t = &told->step[st->id];
        bool over = st->state >= STEP_DONE, late = st->state == STEP_SENDING && !strncmp(st->note, "no answer", strlen("no answer"));
        bool waits = late || st->state == STEP_WATCHING || st->state == STEP_WAITING || st->state == STEP_READING;
        uint64_t words = hash_bytes(st->note, strlen(st->note));
        bool moved = st->state != t->state, said = !moved && now - t->ms < (words == t->words ? SAME_AGAIN_MS : st->state == STEP_WAITING ? 0 : NEWS_MS);
        if ((over && !moved) || (!over && (!waits || !*st->note || said)))
            continue;
        if (!over || strcmp(st->text, v->title) != 0) {      /* the end of the whole is said by say_end() */
            fprintf(stderr, "%s: %s%s", st->text, over ? step_state_name(st->state) : "", over && *st->note ? ": " : "");
            print_note(told, st->note);
            fputc('\n', stderr);
        }
        *t = (struct tell){st->state, now, words};
    }
    fflush(stderr);
}

static struct op_view *follow(struct batch *b, uint32_t id, bool quiet)
{
    struct told told = {0};
    struct op_view *last = NULL;
    unsigned signals = b->signals;
    while (!last) {
        struct event *e = batch_event(b);
        if (!e && b->signals == signals)
            break;
        if (!e) {
            signals = b->signals;
            if (signals > 1) {
                batch_error(b, EXIT_UNSURE, "left alone in the middle: strata ops tells what is unfinished");
                break;
            }
            fprintf(stderr, "strata: canceling: nothing more is begun (ctrl-c or TERM again leaves what is under way)\n");
            core_op_control(b->core, id, OP_CANCEL);
            continue;
        }
        if (e->id == id && e->op && !quiet && told_grow(&told, e->op->nsteps))
            say_progress(e->op, &told);
        if (e->id == id && e->type == EV_OP_END && e->op) {
            last = e->op;
            e->op = NULL;
        }
        event_free(e);
    }
    mem_free(told.step);
    return last;
}

bool batch_catch(struct batch *b)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct sigaction now;
        if (!sigaction(ends[i], NULL, &now) && now.sa_handler != SIG_IGN)      /* nohup, &: stays ignored */
            sigaddset(&set, ends[i]);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    b->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return b->signal_fd > 0;
}

static void say_end(struct batch *b, const struct op_view *v, bool json)
{
    enum batch_exit rc = exit_of(v);
    if (json)
        batch_print_op_json(v);
    if (rc != EXIT_OK)
        batch_error(b, rc, "%s: %s%s%s", v->title, op_state_name(v->state), *v->note ? ": " : "", v->note);
    else if (!json)
        printf("%s: %s\n", v->title, v->note);
    if (rc != EXIT_OK && v->can_undo && !v->undone_by && !strstr(v->note, "strata ops --rollback "))
        fprintf(stderr, "strata: strata ops --rollback %s takes back what was done\n", v->key);
}

static bool is_protected(const struct batch *b, const struct op_view *v)
{
    for (size_t s = 0; s < b->ninfo; s++)
        for (size_t i = 0; b->info[s].protected_ && i < v->nsteps; i++)
            if (!strcmp(v->steps[i].source, b->info[s].name))
                return true;
    return false;
}

void batch_op(struct batch *b, uint32_t id)
{
    batch_op_planned(b, id, batch_wait(b, id));
}

void batch_op_planned(struct batch *b, uint32_t id, struct event *e)
{
    const struct options *o = b->opt;
    bool json = o->output && !strcmp(o->output, "json");
    char answer[600] = "";
    struct op_view *v = e ? e->op : NULL;
    if (!v) {
        batch_error(b, EXIT_FAILED, "%s", e ? e->err.msg : "no plan could be made");
        event_free(e);
        return;
    }
    /* A name on the command line is a typed name; a protected source's is not there yet, and who named it may not know what goes with it. */
    const char *given = o->confirm ? o->confirm : b->named && !v->beyond && !is_protected(b, v) ? v->wanted : NULL;
    bool quiet = o->yes && (!*v->wanted || (given && text_typed(v->wanted, given)));
    bool all_there = v->state == OPS_PLANNED && v->nsteps && v->done == v->nsteps;
    if (v->state == OPS_REFUSED || o->dry_run) {
        if (!json && v->err.code != ERR_USAGE)     /* of what was mistyped there is no plan */
            batch_print_plan(b, v, o->dry_run ? stdout : stderr);      /* the plan is what a dry run is for */
        if (v->state == OPS_REFUSED || json)
            say_end(b, v, json);
        else
            printf("%s: dry run: nothing was changed\n", v->title);
        event_free(e);
        return;
    }
    if (!quiet && !all_there)
        batch_print_plan(b, v, stderr);
    else if (!all_there && !json)
        print_warnings(v);
    if (!quiet && !all_there && !ask(b, v, answer, sizeof(answer))) {
        core_op_drop(b->core, id);
        event_free(e);
        return;
    }
    if (all_there && *v->wanted) {      /* nothing is to be done, so nothing is to be confirmed */
        if (json)
            batch_print_op_json(v);
        else
            printf("%s: it already is\n", v->title);
        core_op_drop(b->core, id);
        event_free(e);
        return;
    }
    batch_catch(b);
    core_op_start(b->core, id, quiet ? given : answer);        /* before what it points at is gone */
    event_free(e);
    v = follow(b, id, json || all_there);
    if (v)
        say_end(b, v, json);
    while (v && v->undone_by) {            /* taken back by itself: a second document */
        struct op_view *back = follow(b, v->undone_by, json);
        op_view_unref(v);
        if ((v = back))
            say_end(b, v, json);
    }
    if (!v && b->rc == EXIT_OK)
        batch_error(b, EXIT_UNSURE, "how it ended is not known: strata ops tells what is unfinished");
    op_view_unref(v);
}
