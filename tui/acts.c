/* What came of ways into pods: in the ticker, a failure in the status line, too. :messages has all. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/view_text.h"

void acts_done(struct app *a, const struct event *e)
{
    const char *text = e->err.code ? e->err.msg : e->text && *e->text ? e->text : "done";
    app_notice(a, e->err.code ? HEALTH_BAD : HEALTH_OK, text);
    if (e->err.code) app_error(a, "%s", text);               /* else the ticker has said it, in the same place */
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
