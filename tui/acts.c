/* What came of actions: each outcome in the ticker, one sentence in the status line, also for many at once. :messages has all. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/view_text.h"

uint32_t app_act(struct app *a, const struct action_request *rq)
{
    uint32_t id = core_act(a->core, rq);
    struct acts *t = &a->acts;
    if (!id) return 0;
    if (t->ok + t->failed == t->total) *t = (struct acts){0};
    t->total++;
    snprintf(t->verb, sizeof t->verb, "%s", rq->verb);
    return id;
}

void acts_done(struct app *a, const struct event *e)
{
    struct acts *t = &a->acts;
    const char *text = e->err.code ? e->err.msg : e->text && *e->text ? e->text : "done";
    const char *past = !strcmp(t->verb, "delete") ? "deleted" : "done";
    app_notice(a, e->err.code ? HEALTH_BAD : HEALTH_OK, text);
    if (e->err.code && !t->failed++) snprintf(t->first, sizeof t->first, "%.239s", text);
    else if (!e->err.code) t->ok++;
    if (t->total <= 1) {
        if (e->err.code) app_error(a, "%s", text);           /* else the ticker has said it, in the same place */
    } else if (t->ok + t->failed < t->total) {
        a->dirty = true;                                     /* the rest is on its way */
    } else if (t->failed) {
        app_error(a, "%u %s, %u failed%s: %s", t->ok, past, t->failed, t->failed > 1 ? " (:messages has all)" : "",
                  !strncmp(t->first, "not deleted: ", 13) ? t->first + 13 : t->first);
    } else app_info(a, "%u %s", t->ok, past);
}

static void run_messages(struct app *a, struct screen *s, const char *args)
{
    struct str out;
    (void)s, (void)args;
    str_init(&out, 1 << 20);
    for (unsigned i = 0; i < a->ticker_n && i < TICKER_LINES; i++) {             /* newest first */
        const struct ticker_line *l = &a->ticker[(a->ticker_n - 1 - i) % TICKER_LINES];
        time_t sec = (time_t)(l->time_ms / 1000);
        struct tm tm;
        const char *word = l->health >= HEALTH_BAD ? "fail" : l->health >= HEALTH_WARN ? "warn" : l->health == HEALTH_OK ? "ok" : "info";
        gmtime_r(&sec, &tm);
        str_addf(&out, "%02d:%02d:%02d  %-4s  %s\n", tm.tm_hour, tm.tm_min, tm.tm_sec, word, l->text);
    }
    size_t len = out.len;
    if (len == 0) app_info(a, "nothing was said so far");
    else view_text_show(a, "Messages, newest first (UTC)", str_take(&out), len);
    str_release(&out);
}

const struct command messages_commands[] = {
    {"messages", "mess", NULL, NULL, "What was said in the ticker and the status line.", 0, COMPLETE_NONE, run_messages, NULL},
    {0},
};
