/* The journal's lines of ways into a pod (exec, attach, copies, port-forward). What cannot be written down is not done. */
#include "core/ops/audit_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/source.h"
#include "core/stream.h"
#include "strata/mem.h"

struct audit *audit_open(void)
{
    struct audit *a = mem_zalloc(sizeof(*a));
    if (a)
        a->journal = journal_new();
    return a;
}

struct journal *audit_journal(struct audit *a)
{
    return a ? a->journal : NULL;
}

void audit_close(struct audit *a)
{
    if (a)
        journal_free(a->journal);
    mem_free(a);
}

static void begin(struct audit *a, struct str *s, const char *event, const struct request *rq)
{
    journal_begin(a->journal, s, event);
    str_addf(s, ",\"id\":\"%d-%u\"", (int)getpid(), rq->id);
    journal_field(s, "source", rq->source->info.name);
    journal_field(s, "server", rq->source->info.server);
    journal_field(s, "as", rq->source->info.user);
    journal_field(s, "verb", rq->verb);
    journal_field(s, "kind", rq->kind_name);
    journal_field(s, "scope", rq->scope);
    journal_field(s, "name", rq->name);
    journal_field(s, "uid", rq->uid);
}

enum err_code audit_intent(struct audit *a, const struct request *rq, struct err *err)
{
    struct str s;
    if (!a)
        return err_set(err, ERR_NOMEM, 0, "not done: no memory for the journal");
    begin(a, &s, "intent", rq);
    if (rq->container)
        journal_field(&s, "container", rq->container);
    if (rq->said)
        journal_field(&s, "command", rq->said);
    return journal_put(a->journal, &s, true, err);
}

void audit_outcome(struct audit *a, const struct request *rq, const char *text, const struct err *err)
{
    struct str s;
    if (!a || !rq->verb)
        return;
    begin(a, &s, "outcome", rq);
    journal_field(&s, "result", err && err->code ? err_name(err->code) : "OK");
    journal_field(&s, "text", err && err->code ? err->msg : text);
    if (rq->stream && stream_went(rq->stream))
        journal_number(&s, "bytes_sent", (int64_t)stream_went(rq->stream));
    if (rq->stream && stream_came(rq->stream))
        journal_number(&s, "bytes_received", (int64_t)stream_came(rq->stream));
    journal_tell(a->journal, &s, true);
}
