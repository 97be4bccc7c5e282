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
    json_t *hints = json_array();
    struct line l;
    for (const char *at = f->text; next_line(&at, &l);)
        if (verb_is(&l, "hint"))
            json_array_append_new(hints, json_stringn(l.rest, (size_t)l.rest_len));
    return jdump(jt("{'scenario':%s,'hints':%j}", f->name, hints));
}

bool scenario_start(struct world *w, const struct scenario_file *f)
{
    (void)w;
    (void)f;
    return true;
}
