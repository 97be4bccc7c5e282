/* Suggestions of the demo cloud: lines "COMMAND|WORDS" of its file hints; a command that was run is done. */
#include "tui/hints.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/str.h"
#include "strata/text.h"
#include "tui/app_int.h"

enum { FILE_MAX_BYTES = 16384, DONE_MS = 6000 };

static char *read_file(const char *path)
{
    struct str raw, clean;
    char buf[1024];
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    str_init(&raw, FILE_MAX_BYTES);
    str_init(&clean, FILE_MAX_BYTES * 4);
    while (fd >= 0 && (n = read(fd, buf, sizeof buf)) > 0) str_add(&raw, buf, (size_t)n);
    if (fd >= 0) close(fd);
    if (raw.len) text_clean(&clean, raw.data, raw.len, TEXT_KEEP_NEWLINES);
    str_release(&raw);
    return clean.len && !clean.failed ? str_take(&clean) : (str_release(&clean), NULL);
}

void hints_load(struct hints *h, const char *dir)
{
    char path[4200];
    *h = (struct hints){.n = 0};
    snprintf(path, sizeof path, "%s/hints", dir);
    h->text = read_file(path);
    for (char *p = h->text; p && *p && h->n < HINTS_MAX;) {
        char *end = p + strcspn(p, "\n"), *bar = strchr(p, '|');
        char *next = *end ? end + 1 : end;
        *end = '\0';
        if (bar && bar < end) {
            *bar = '\0';
            h->item[h->n++] = (struct hint){p, bar + 1};
        }
        p = next;
    }
}

void hints_release(struct hints *h)
{
    mem_free(h->text);
    *h = (struct hints){.n = 0};
}

const char *hints_now(const struct hints *h)
{
    return h->off || h->at >= h->n ? NULL : h->item[h->at].words;
}

void hints_ran(struct hints *h, const char *line)
{
    if (!hints_now(h) || h->next_ms) return;
    const char *by = h->item[h->at].done_by;
    size_t n = strlen(by);
    if (n && !strncmp(line, by, n) && (!line[n] || line[n] == ' ')) h->next_ms = clock_mono_ms() + DONE_MS;
}

bool hints_tick(struct hints *h)
{
    if (!h->next_ms || clock_mono_ms() < h->next_ms) return false;
    h->next_ms = 0;
    h->at++;
    return true;
}

static void run_hint(struct app *a, struct screen *s, const char *args)
{
    struct hints *h = &a->tips;
    (void)s;
    if (!h->n) app_info(a, "suggestions come with --demo");
    else if (!strcmp(args, "off")) h->off = true;
    else {
        h->off = false;
        h->next_ms = 0;
        h->at = h->at + 1 < h->n ? h->at + 1 : 0;
    }
}

const struct command hint_commands[] = {
    {"hint", "try", NULL, "[off]", "The next suggestion of what to try in the demo cloud, or none any more.", 0, COMPLETE_NONE, run_hint, NULL},
    {0},
};
const struct key_row hint_keys[] = {
    {"global", "ctrl-t", "hint", NULL, "The next suggestion (--demo)."},
    {0},
};
