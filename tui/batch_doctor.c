/* strata doctor: every source, a line a check; the exit status says whether all is well. */
#include <stdio.h>
#include <string.h>

#include "tui/batch.h"

static size_t print_checks(const char *name, const char *text)
{
    size_t fails = 0;
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        const char *tab1 = memchr(text, '\t', len), *tab2 = tab1 ? memchr(tab1 + 1, '\t', len - (size_t)(tab1 + 1 - text)) : NULL;
        if (tab2)
            printf("%-5.*s %-20s %-22.*s %.*s\n", (int)(tab1 - text), text, name, (int)(tab2 - tab1 - 1), tab1 + 1,
                   (int)(text + len - tab2 - 1), tab2 + 1);
        fails += len >= 4 && !strncmp(text, "fail", 4);
        text += len + (text[len] == '\n');
    }
    return fails;
}

void batch_doctor(struct batch *b)
{
    if (*core_searched(b->core))
        fputs(core_searched(b->core), stdout);
    if (!b->ninfo) {
        batch_error(b, EXIT_FAILED, "nothing is configured");
        return;
    }
    for (size_t i = 0; i < b->ninfo; i++) {
        const struct source_info *s = &b->info[i];
        struct event *e = batch_wait(b, core_doctor(b->core, (uint16_t)i));
        if (!e)
            return;
        size_t fails = print_checks(s->name, e->text);
        if (e->err.code && !fails)
            printf("%-5s %-20s %-22s %s\n", "fail", s->name, "usable", e->err.msg);
        if (e->err.code || fails)
            b->rc = EXIT_FAILED;
        event_free(e);
        if (!write_ok())
            return;
    }
}
