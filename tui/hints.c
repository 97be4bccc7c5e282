/* Suggestions of the demo cloud: lines "FROM-UNTIL|COMMAND|WORDS" of its file hints; a command that was run is done. Its file
 * story grows by a line when something is told. */
#include "tui/hints.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/str.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/demo.h"

enum { FILE_MAX_BYTES = 16384, DONE_MS = 6000, READ_MS = 30000, TRY_MS = 120000, TOLD_MS = 12000, STORY_AT_ONCE = 4096 };

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

static bool is_next(const struct hints *h, int i, int64_t now)
{
    const struct hint *t = &h->item[i];
    int64_t at = now - h->start_ms;
    return !t->done && at >= t->from_ms && (!t->until_ms || at < t->until_ms);
}

/* The first one of this moment that was not shown yet. */
static void choose(struct hints *h, int64_t now)
{
    h->at = -1;
    h->next_ms = 0;
    h->since_ms = now;
    for (int i = 0; i < h->n && h->at < 0; i++)
        if (is_next(h, i, now) && !h->item[i].shown) h->at = i;
}

/* "FROM-UNTIL|COMMAND|WORDS" */
static bool parse(char *line, struct hint *t)
{
    char *end, *bar = strchr(line, '|'), *bar2 = bar ? strchr(bar + 1, '|') : NULL;
    if (!bar2) return false;
    *t = (struct hint){.done_by = bar + 1, .words = bar2 + 1, .from_ms = strtoll(line, &end, 10)};
    if (end == line || *end != '-') return false;
    t->until_ms = strtoll(end + 1, &end, 10);
    *bar2 = '\0';
    return end == bar;
}

void hints_load(struct hints *h, const char *dir, int64_t now_ms)
{
    char path[4200];
    *h = (struct hints){.at = -1, .start_ms = now_ms};
    snprintf(path, sizeof path, "%s/story", dir);
    h->story_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    snprintf(path, sizeof path, "%s/hints", dir);
    h->text = read_file(path);
    for (char *p = h->text; p && *p && h->n < HINTS_MAX;) {
        char *end = p + strcspn(p, "\n"), *next = *end ? end + 1 : end;
        *end = '\0';
        h->n += parse(p, &h->item[h->n]);
        p = next;
    }
    choose(h, now_ms);
}

void hints_release(struct hints *h)
{
    mem_free(h->text);
    if (h->story_fd > 0) close(h->story_fd);
    *h = (struct hints){.at = -1, .story_fd = -1};
}

const char *hints_now(const struct hints *h)
{
    return h->off || h->at < 0 || h->at >= h->n ? NULL : h->item[h->at].words;
}

const char *hints_story(const struct hints *h)
{
    return h->off || !h->told_until_ms ? NULL : h->story;
}

static bool does(const struct hint *t, const char *line)
{
    size_t n = strlen(t->done_by);
    return n && !strncmp(line, t->done_by, n) && (!line[n] || line[n] == ' ');
}

/* The one that is shown stays for a while: one sees that it was done. One that would have come is not needed any more. */
void hints_ran(struct hints *h, const char *line, int64_t now_ms)
{
    if (hints_now(h) && does(&h->item[h->at], line)) {
        if (!h->next_ms) h->next_ms = now_ms + DONE_MS;
        h->item[h->at].done = true;
        return;
    }
    for (int i = 0; i < h->n; i++)
        if (is_next(h, i, now_ms) && does(&h->item[i], line)) {
            h->item[i].done = true;
            return;
        }
}

bool hints_next(struct hints *h, int64_t now_ms)
{
    int from = h->at;
    for (int k = 1; k <= h->n; k++) {
        int i = (from + k) % h->n;
        if (i == from || !is_next(h, i, now_ms)) continue;
        h->at = i;
        h->since_ms = now_ms;
        h->next_ms = 0;
        return true;
    }
    return false;
}

static bool read_story(struct hints *h, int64_t now, void (*told)(void *arg, const char *line), void *arg)
{
    char buf[STORY_AT_ONCE];
    bool new = false;
    ssize_t n = h->story_fd > 0 ? read(h->story_fd, buf, sizeof buf) : 0;
    for (ssize_t i = 0; i < n; i++) {
        if (buf[i] != '\n') {
            if (h->npart + 1 < sizeof h->part) h->part[h->npart++] = buf[i];
            continue;
        }
        struct str clean;
        str_init(&clean, 4 * sizeof h->part);
        text_clean(&clean, h->part, h->npart, 0);
        if (clean.len && !clean.failed) {
            snprintf(h->story, sizeof h->story, "%s", clean.data);
            h->told_until_ms = h->since_ms = now + TOLD_MS;   /* what it hides is read after it */
            if (told && !h->off) told(arg, h->story);
            new = true;
        }
        str_release(&clean);
        h->npart = 0;
    }
    return new;
}

bool hints_tick(struct hints *h, int64_t now_ms, void (*told)(void *arg, const char *line), void *arg)
{
    int was = h->at;
    bool changed = read_story(h, now_ms, told, arg);
    if (h->told_until_ms && now_ms >= h->told_until_ms) {
        h->told_until_ms = 0;
        changed = true;
    }
    if (h->at >= 0) {
        struct hint *t = &h->item[h->at];
        bool read = now_ms - h->since_ms >= (*t->done_by ? TRY_MS : READ_MS), over = t->until_ms && now_ms - h->start_ms >= t->until_ms;
        if (!over && !read && !(h->next_ms && now_ms >= h->next_ms)) return changed;
        t->shown = true;
    }
    choose(h, now_ms);
    return changed || h->at != was;
}

static void run_hint(struct app *a, struct screen *s, const char *args)
{
    struct hints *h = &a->tips;
    (void)s;
    if (!h->n) app_info(a, "suggestions come with --demo");
    else if (!strcmp(args, "off")) h->off = true;
    else {
        bool was_off = h->off;
        h->off = false;
        if (!hints_next(h, clock_mono_ms()) && !was_off) app_info(a, "there is nothing else to suggest now");
    }
}

static void run_demo(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    if (!a->demo) app_error(a, "this is no demo cloud: start strata --demo");
    else if (!*args) app_info(a, "what, as in: host-down compute-2 for 5m; man strata-sim has all of it");
    else if (!demo_do(a->demo, args)) app_error(a, "the demo cloud takes no orders any more; leave strata and start it again");
}

const struct command hint_commands[] = {
    {"hints", "hint try", NULL, "[off]", "The next suggestion of what to try in the demo cloud, or no suggestion and no story any more.", 0, COMPLETE_NONE, run_hint, NULL},
    {"demo", NULL, NULL, "ACTION", "Lets something happen in the demo cloud: host-down compute-2 for 5m. See strata-sim(1).", 0, COMPLETE_NONE, run_demo, NULL},
    {0},
};
const struct key_row hint_keys[] = {
    {"global", "ctrl-t", "hints", NULL, "The next suggestion (--demo)."},
    {0},
};
