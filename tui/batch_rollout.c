/* strata rollout status, history, diff: what becomes of a workload's newest template, and of those before it. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "tui/batch.h"

static const struct { const char *word; enum fetch_what what; } words[] = {
    {"status", FETCH_ROLLOUT_STATUS}, {"history", FETCH_ROLLOUT_HISTORY}, {"diff", FETCH_ROLLOUT_DIFF},
};

/* Until the request's own event; what it says meanwhile goes to stderr. */
static struct event *follow(struct batch *b, uint32_t id)
{
    int64_t end = b->opt->timeout_s > 0 ? clock_mono_ms() + b->opt->timeout_s * 1000 : INT64_MAX;
    while (id) {
        struct event *e = batch_event_until(b, end);
        if (!e) {
            if (clock_mono_ms() >= end)
                batch_error(b, EXIT_FAILED, "not rolled out within %lld s, it may still be", (long long)b->opt->timeout_s);
            core_cancel(b->core, id);
            return NULL;
        }
        if (e->id == id && e->type == EV_NOTICE)
            fprintf(stderr, "%s\n", e->text ? e->text : "");
        else if (e->id == id)
            return e;
        event_free(e);
    }
    batch_error(b, EXIT_FAILED, "out of memory");
    return NULL;
}

static void one(struct batch *b, const struct row *r, enum fetch_what what)
{
    struct event *e = follow(b, core_rollout(b->core, r, what, b->opt->revision));
    if (e && e->err.code)
        batch_report(b, &e->err, r->name);
    else if (e && e->text)
        print_text(e->text, e->len);
    event_free(e);
}

void batch_rollout(struct batch *b)
{
    const struct strlist *a = &b->opt->args;
    char kind[128];
    size_t w = 0;
    while (w < sizeof words / sizeof words[0] && strcmp(words[w].word, a->items[0]) != 0)
        w++;
    if (w == sizeof words / sizeof words[0] || a->count < 2) {
        batch_error(b, EXIT_USAGE, "strata rollout status|history|diff KIND/NAME");
        return;
    }
    const char *slash = strchr(a->items[1], '/');
    char *name = slash ? (char *)slash + 1 : a->count > 2 ? a->items[2] : NULL;
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(a->items[1], "/"), a->items[1]);
    if (!name || !*name) {
        batch_error(b, EXIT_USAGE, "which %s? Give a name, as in %s/web", kind, kind);
        return;
    }
    if (!batch_open_named(b, kind, &name, 1))
        return;
    const struct row *r = batch_find(b, name);
    if (r)
        one(b, r, words[w].what);
}
