/* The newest lines of the journal, for looking through: each in words and as it stands. Read on a worker: it may be the journal of years. */
#include <string.h>

#include "core/base/json_read.h"
#include "core/core_priv.h"
#include "core/ops/action.h"
#include "core/ops/journal_read.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"

#define NEWEST 5000
#define MAX_TEXT ((size_t)64 << 20)

struct newest { struct core *core; struct event *event; char *line[NEWEST]; size_t n; bool failed; };

static void newest_free(void *arg)
{
    struct newest *l = arg;
    for (size_t i = 0; i < NEWEST; i++)
        mem_free(l->line[i]);
    event_free(l->event);
    mem_free(l);
}

static bool keep(void *arg, const char *text, size_t len)
{
    struct newest *l = arg;
    char **slot = &l->line[l->n++ % NEWEST];
    mem_free(*slot);
    *slot = mem_strndup(text, len);
    l->failed |= !*slot;
    return *slot != NULL;
}

/* "words NUL line of many fields NUL" */
static bool both(void *arg, json_t *j)
{
    struct str *out = arg;
    journal_words(out, j);
    if (out->len && out->data[out->len - 1] == '\n')
        out->data[out->len - 1] = '\0';
    char *text = json_dumps(j, JSON_INDENT(2));
    if (text)
        text_clean(out, text, strlen(text), TEXT_KEEP_NEWLINES);
    json_text_free(text);
    return str_addc(out, '\0');
}

static void look(void *arg)
{
    struct newest *l = arg;
    struct event *e = l->event;
    struct str out;
    str_init(&out, MAX_TEXT);
    journal_lines(keep, l, &e->err);
    for (size_t i = l->n > NEWEST ? l->n - NEWEST : 0; i < l->n && !out.failed; i++)
        if (l->line[i % NEWEST])
            journal_parse(l->line[i % NEWEST], strlen(l->line[i % NEWEST]), both, &out);
    if (l->failed || out.failed)
        err_set(&e->err, ERR_NOMEM, 0, "the journal is too big for the memory there is: strata audit --since shows a part of it");
    e->len = out.len;
    e->text = str_take(&out);
    if (!e->text)
        e->len = 0;
    str_release(&out);
}

static void looked(void *arg)
{
    struct newest *l = arg;
    core_send(l->core, l->event);
    l->event = NULL;
    newest_free(l);
}

static void do_look(void *arg)
{
    struct newest *l = arg;
    if (net_work(l->core->net, look, looked, l))
        return;
    err_set(&l->event->err, ERR_NOMEM, 0, "out of memory");
    looked(l);
}

uint32_t core_audit(struct core *c)
{
    uint32_t id = atomic_fetch_add(&c->next_id, 1);
    struct newest *l = mem_zalloc(sizeof *l);
    if (l)
        l->core = c, l->event = event_new(EV_TEXT, id, 0);
    if (l && l->event && core_post(c, do_look, newest_free, l))
        return id;
    if (l)
        newest_free(l);
    return 0;
}
