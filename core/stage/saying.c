/* What a container that the replacement waits for says itself: the last line of its log that tells of a dependency, else its last
 * line. Read now and then while it waits; who may not read logs does without. */
#include <stdio.h>
#include <string.h>

#include "core/kube/kube.h"
#include "core/stage/live.h"
#include "strata/clock.h"

#define FIRST_US 1500000
#define EACH_US 4000000

static const char *after_time(const char *s)               /* "2026/11/22 07:00:00 " tells nothing here */
{
    size_t n = strspn(s, "0123456789/-:.TZ ");
    return n >= 10 ? s + n : s;
}

void saying_take(char *to, size_t size, const char *log, size_t len)
{
    char best[400] = "", line[400];
    bool found = false;
    for (size_t at = 0; at < len;) {
        const char *nl = memchr(log + at, '\n', len - at);
        size_t n = nl ? (size_t)(nl - log) - at : len - at;
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), log + at);
        bool waits = strcasestr(line, "dependency") || strcasestr(line, "waiting for");
        if (n && (waits || !found))
            memcpy(best, line, sizeof best);
        found |= waits;
        at += n + 1;
    }
    stage_text(to, size, after_time(best));
}

static void answered(void *arg, const struct net_reply *r)
{
    struct stage *st = arg;
    struct live *l = st->live;
    l->saying_call = NULL;
    if (r->err.code != ERR_OK || !r->body || strcmp(l->saying_of, l->machine.stuck))
        return;
    saying_take(l->saying, sizeof l->saying, r->body, r->len);
    stage_dirty(st);
}

void saying_tick(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    const struct machine *m = &l->machine;
    struct str path;
    struct err err = ERR_INIT;
    if (strcmp(l->saying_of, m->stuck)) {
        snprintf(l->saying_of, sizeof l->saying_of, "%s", m->stuck);
        l->saying[0] = '\0';
        l->saying_us = now + FIRST_US;
    }
    if (!*m->stuck || !*m->new_name || l->saying_call || now < l->saying_us)
        return;
    l->saying_us = now + EACH_US;
    str_init(&path, 8192);
    str_adds(&path, "/api/v1/namespaces/");
    str_add_urlenc(&path, st->found.plan.ns);
    str_adds(&path, "/pods/");
    str_add_urlenc(&path, m->new_name);
    str_adds(&path, "/log?tailLines=20&limitBytes=16384&container=");
    str_add_urlenc(&path, m->stuck);
    if (m->stuck_ended)
        str_adds(&path, "&previous=true");
    struct kube_req rq = {.path = path.data, .accept = "*/*", .timeout_ms = 5000, .max_body = 65536, .on_done = answered, .arg = st};
    l->saying_call = path.failed ? NULL : kube_send(stage_kube(st), &rq, &err);
    str_release(&path);
}

void saying_stop(struct live *l)
{
    if (l->saying_call)
        kube_cancel(l->saying_call);
    l->saying_call = NULL;
    l->saying[0] = l->saying_of[0] = '\0';
}
