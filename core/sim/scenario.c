/* Scenarios are text, one statement a line: "story WORDS", "tell TIME WORDS", "hint [FROM-UNTIL] [(COMMAND)] WORDS",
 * "at TIME ACTION", "every TIME ACTION", "any ACTION"; an action may end with "| what is told then | and when it is over". */
#include "core/sim/scenario.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct line { const char *verb, *rest; int verb_len, rest_len; };

/* The next statement; comments and empty lines are passed over. */
static bool next_line(const char **at, struct line *l)
{
    while (**at) {
        const char *p = *at + strspn(*at, " \t"), *end = p + strcspn(p, "\n");
        *at = *end ? end + 1 : end;
        if (p == end || *p == '#')
            continue;
        l->verb = p;
        l->verb_len = (int)strcspn(p, " \t\n");
        l->rest = p + l->verb_len + strspn(p + l->verb_len, " \t");
        l->rest_len = l->rest < end ? (int)(end - l->rest) : 0;
        return true;
    }
    return false;
}

static bool verb_is(const struct line *l, const char *verb)
{
    return (int)strlen(verb) == l->verb_len && strncmp(l->verb, verb, (size_t)l->verb_len) == 0;
}

const struct scenario_file *scenario_find(const char *name)
{
    for (const struct scenario_file *f = scenario_files; f->name; f++)
        if (strcmp(f->name, name ? name : "calm") == 0)
            return f;
    fprintf(stderr, "strata-sim: there is no scenario '%.60s'; there are:", name);
    for (const struct scenario_file *f = scenario_files; f->name; f++)
        fprintf(stderr, " %s%s", f->name, f[1].name ? "," : "\n");
    return NULL;
}

void scenario_list(void)
{
    for (const struct scenario_file *f = scenario_files; f->name; f++) {
        struct line l;
        for (const char *at = f->text; next_line(&at, &l);)
            if (verb_is(&l, "story"))
                printf("%-16s %.*s\n", f->name, l.rest_len, l.rest);
    }
}

static int64_t span(const char *text, char **end)
{
    int64_t n = strtoll(text, end, 10);
    switch (**end) {
    case 'm': ++*end; return n * 60000;
    case 'h': ++*end; return n * 3600000;
    case 's': ++*end; return n * 1000;
    default: return n * 1000;
    }
}

char *scenario_hints(const struct scenario_file *f, double speed)
{
    struct str out;
    struct line l;
    str_init(&out, 65536);
    for (const char *at = f->text; next_line(&at, &l);) {
        if (!verb_is(&l, "hint"))
            continue;
        const char *p = l.rest, *end = l.rest + l.rest_len;
        char *q;
        int64_t from = 0, until = 0;
        if (*p >= '0' && *p <= '9') {                          /* its moment: not before, not after */
            from = span(p, &q);
            until = *q == '-' ? span(q + 1, &q) : 0;
            p = q + strspn(q, " ");
        }
        const char *close = *p == '(' ? memchr(p, ')', (size_t)(end - p)) : NULL;
        const char *words = close ? close + 1 + strspn(close + 1, " ") : p;
        str_addf(&out, "%lld-%lld|%.*s|%.*s\n", (long long)((double)from / speed), (long long)((double)until / speed),
                 close ? (int)(close - p) - 1 : 0, close ? p + 1 : "", (int)(end - words), words);
    }
    char *lines = sim_strdup(out.len ? out.data : "");
    str_release(&out);
    return lines;
}

void scenario_tell(const struct world *w, const char *words)
{
    char *path = sim_printf("%s/story", w->dir), *line = sim_printf("%s\n", words);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && write(fd, line, strlen(line)) < 0)
        fprintf(stderr, "strata-sim: the story cannot be written\n");
    if (fd >= 0)
        close(fd);
    free(path);
    free(line);
}

/* ---- the clock ---- */
struct step {
    struct world *w;
    int64_t every_ms;                                          /* 0 = once */
    bool tell;
    char *words;                                               /* the action and its arguments, or what is told */
    const char *last;                                          /* of the "any" lines */
};

/* One of the "any" lines that can be done now, another one than the last time. */
static void any_of(struct step *st)
{
    for (int tries = 0; tries < 8; tries++) {
        struct line l, pick = {0};
        int n = 0;
        for (const char *at = st->w->scenario->text; next_line(&at, &l);)
            if (verb_is(&l, "any") && l.rest != st->last && sim_rand(st->w->mgmt) % (uint64_t)++n == 0)
                pick = l;
        char *words = n ? sim_printf("%.*s", pick.rest_len, pick.rest) : NULL;
        bool done = words && scenario_act(st->w, words);
        free(words);
        if (!done)
            continue;
        st->last = pick.rest;
        return;
    }
}

static void step_now(struct sim *s, void *arg)
{
    struct step *st = arg;
    if (st->tell)
        scenario_tell(st->w, st->words);
    else if (strcmp(st->words, "any") == 0)
        any_of(st);
    else
        scenario_act(st->w, st->words);
    if (st->every_ms) {
        sim_after(s, (int64_t)((double)st->every_ms / st->w->speed), step_now, st);
        return;
    }
    free(st->words);
    free(st);
}

bool scenario_start(struct world *w, const struct scenario_file *f)
{
    static const char *const verbs[] = {"story", "hint", "at", "every", "tell", "any"};
    struct line l;
    for (const char *at = f->text; next_line(&at, &l);) {
        size_t v = 0;
        while (v < sizeof(verbs) / sizeof(verbs[0]) && !verb_is(&l, verbs[v]))
            v++;
        char *text = sim_printf("%.*s", l.rest_len, l.rest), *end = text;
        bool timed = v >= 2 && v <= 4;
        int64_t ms = timed ? span(text, &end) : 0;
        const char *action = v == 5 ? text : end + strspn(end, " ");
        bool bad = v == sizeof(verbs) / sizeof(verbs[0]) || (timed && (end == text || (v == 3 && ms <= 0)));
        if (!bad && v >= 2 && v != 4 && strcmp(action, "any") != 0)
            bad = !scenario_knows(action);
        if (!bad && v == 4)
            bad = strlen(action) > STORY_CELLS;
        if (bad)
            fprintf(stderr, "strata-sim: scenario %s does not understand \"%.*s %s\"\n", f->name, l.verb_len, l.verb, text);
        if (!bad && timed) {
            struct step *st = sim_alloc(sizeof(*st));
            *st = (struct step){w, v == 3 ? ms : 0, v == 4, sim_strdup(action), NULL};
            sim_after(w->mgmt, (int64_t)((double)ms / w->speed), step_now, st);
        }
        free(text);
        if (bad)
            return false;
    }
    return true;
}
