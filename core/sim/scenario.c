/* Scenarios are text, one statement a line: "story WORDS", "hint WORDS", "at TIME ACTION ...", "every TIME ACTION ...". */
#include "core/sim/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

char *scenario_hints(const struct scenario_file *f)
{
    struct str out;
    struct line l;
    str_init(&out, 65536);
    for (const char *at = f->text; next_line(&at, &l);) {
        const char *end = l.rest[0] == '(' ? strchr(l.rest, ')') : NULL;
        if (!verb_is(&l, "hint"))
            continue;
        if (end)
            str_addf(&out, "%.*s|%.*s\n", (int)(end - l.rest) - 1, l.rest + 1, l.rest_len - (int)(end + 2 - l.rest), end + 2);
        else
            str_addf(&out, "|%.*s\n", l.rest_len, l.rest);
    }
    char *lines = sim_strdup(out.len ? out.data : "");
    str_release(&out);
    return lines;
}

/* ---- the clock ---- */
struct step {
    struct world *w;
    int64_t every_ms;                                          /* 0 = once */
    char *words;                                               /* the action and its arguments */
};

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

/* One of the "any" lines, another one than the last time when there are several. */
static char *any_of(struct world *w)
{
    struct line l, pick = {0};
    int n = 0;
    for (const char *at = w->scenario->text; next_line(&at, &l);)
        if (verb_is(&l, "any") && sim_rand(w->mgmt) % (uint64_t)++n == 0)
            pick = l;
    return n ? sim_printf("%.*s", pick.rest_len, pick.rest) : NULL;
}

static void step_now(struct sim *s, void *arg)
{
    struct step *st = arg;
    char *any = strcmp(st->words, "any") == 0 ? any_of(st->w) : NULL;
    scenario_act(st->w, any ? any : st->words);
    free(any);
    if (st->every_ms) {
        sim_after(s, (int64_t)((double)st->every_ms / st->w->speed), step_now, st);
        return;
    }
    free(st->words);
    free(st);
}

bool scenario_start(struct world *w, const struct scenario_file *f)
{
    static const char *const verbs[] = {"story", "hint", "at", "every", "any"};
    struct line l;
    for (const char *at = f->text; next_line(&at, &l);) {
        size_t v = 0;
        while (v < sizeof(verbs) / sizeof(verbs[0]) && !verb_is(&l, verbs[v]))
            v++;
        char *text = sim_printf("%.*s", l.rest_len, l.rest), *end = text;
        int64_t ms = v == 2 || v == 3 ? span(text, &end) : 0;
        const char *action = v == 4 ? text : end + strspn(end, " ");
        bool bad = v == sizeof(verbs) / sizeof(verbs[0]) || (v >= 2 && v <= 3 && (end == text || (v == 3 && ms <= 0)));
        if (!bad && v >= 2 && strcmp(action, "any") != 0)
            bad = !scenario_knows(action);
        if (bad)
            fprintf(stderr, "strata-sim: scenario %s does not understand \"%.*s %s\"\n", f->name, l.verb_len, l.verb, text);
        if (!bad && (v == 2 || v == 3)) {
            struct step *st = sim_alloc(sizeof(*st));
            *st = (struct step){w, v == 3 ? ms : 0, sim_strdup(action)};
            sim_after(w->mgmt, (int64_t)((double)ms / w->speed), step_now, st);
        }
        free(text);
        if (bad)
            return false;
    }
    return true;
}
