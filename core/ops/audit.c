/* The journal of changes. What cannot be written down is not done. */
#include "core/ops/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/source.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

struct audit {
    int fd;
    char path[1024];
    char who[128];            /* looked up once: a directory service may be slow, and this is the net thread */
    bool looked;
};

struct audit *audit_open(void)
{
    struct audit *a = mem_zalloc(sizeof(*a));
    if (!a)
        return NULL;
    a->fd = -1;
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        snprintf(a->path, sizeof(a->path), "%s/strata/audit.jsonl", state);
    else
        snprintf(a->path, sizeof(a->path), "%s/.local/state/strata/audit.jsonl", home && *home ? home : "");
    return a;
}

void audit_close(struct audit *a)
{
    if (!a)
        return;
    if (a->fd >= 0)
        close(a->fd);
    mem_free(a);
}

static bool open_journal(struct audit *a)
{
    if (a->fd >= 0)
        return true;
    for (char *p = a->path + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        bool ok = !mkdir(a->path, 0700) || errno == EEXIST;
        *p = '/';
        if (!ok)
            return false;
    }
    a->fd = open(a->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return a->fd >= 0;
}

static void field(struct str *s, const char *key, const char *value)
{
    str_addf(s, ",\"%s\":", key);
    str_add_json(s, value ? value : "", value ? strlen(value) : 0);
}

static bool write_line(struct audit *a, struct str *s)
{
    str_adds(s, "}\n");
    return !s->failed && open_journal(a) && write(a->fd, s->data, s->len) == (ssize_t)s->len && !fsync(a->fd);
}

static const char *who_am_i(struct audit *a)
{
    char buf[2048];
    struct passwd pw, *me = NULL;
    if (!a->looked) {
        a->looked = true;
        if (!getpwuid_r(getuid(), &pw, buf, sizeof(buf), &me) && me)
            snprintf(a->who, sizeof(a->who), "%s", me->pw_name);
        else
            snprintf(a->who, sizeof(a->who), "uid %u", (unsigned)getuid());
    }
    return a->who;
}

static void begin(struct audit *a, struct str *s, const char *event, const struct request *rq)
{
    char when[40];
    text_format_time(when, sizeof(when), clock_wall_ms());
    str_init(s, 65536);
    str_addf(s, "{\"time\":\"%s\",\"event\":\"%s\",\"id\":\"%d-%u\"", when, event, (int)getpid(), rq->id);
    field(s, "who", who_am_i(a));
    field(s, "source", rq->source->info.name);
    field(s, "server", rq->source->info.server);
    field(s, "as", rq->source->info.user);
    field(s, "verb", rq->verb);
    field(s, "kind", rq->kind_name);
    field(s, "scope", rq->scope);
    field(s, "name", rq->name);
    field(s, "uid", rq->uid);
}

enum err_code audit_intent(struct audit *a, const struct request *rq, struct err *err)
{
    struct str s;
    if (!a)
        return err_set(err, ERR_NOMEM, 0, "not done: no memory for the journal");
    begin(a, &s, "intent", rq);
    str_addf(&s, ",\"grace_s\":%lld,\"force\":%s,\"dry_run\":%s", (long long)rq->grace_s, rq->force ? "true" : "false",
             rq->dry_run ? "true" : "false");
    if (rq->verb && !strcmp(rq->verb, "scale"))
        str_addf(&s, ",\"replicas\":%lld", (long long)rq->replicas);
    if (rq->container)
        field(&s, "container", rq->container);
    if (rq->said)
        field(&s, "command", rq->said);
    bool ok = write_line(a, &s);
    int why = errno;
    char text[128];
    str_release(&s);
    if (ok)
        return ERR_OK;
    return err_set(err, ERR_IO, why, "not done: the journal %.200s cannot be written (%s)", a->path,
                   strerror_r(why, text, sizeof(text)));
}

void audit_outcome(struct audit *a, const struct request *rq, const char *text, const struct err *err)
{
    struct str s;
    if (!a || !rq->verb)
        return;
    begin(a, &s, "outcome", rq);
    field(&s, "result", err && err->code ? err_name(err->code) : "OK");
    field(&s, "text", err && err->code ? err->msg : text);
    (void)write_line(a, &s);
    str_release(&s);
}
