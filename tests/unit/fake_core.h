/* A core without threads, with one source that answers calls by rule: for tests of operations. The clock is the test's. */
#ifndef FAKE_CORE_H
#define FAKE_CORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/core_priv.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"

/* What the rule decides of one request. */
struct fake_answer { int status; bool sent; char body[4096]; int64_t retry_after_ms, late_ms; };
struct fake_call { void (*done)(void *arg, const struct net_reply *r); void *arg; struct fake_answer a; struct net_timer *timer; struct source *s; };

static struct core *fake;
static struct options fake_opt;
static struct source fake_source;
static void (*fake_rule)(const struct call_req *rq, struct fake_answer *a);
static char fake_state[64];

static void fake_reply(void *arg)
{
    struct fake_call *c = arg;
    struct net_reply r = {.status = c->a.status, .body = c->a.body, .len = strlen(c->a.body), .sent = c->a.sent,
                          .head = {.content_type = "", .retry_after_ms = c->a.retry_after_ms}};
    if (!c->a.status)
        err_set(&r.err, ERR_NET, 0, "the line was cut");
    net_status_err(&r.err, c->a.status, r.body, r.len);
    c->done(c->arg, &r);
    mem_free(c);
}

static void *fake_send(struct source *s, const struct call_req *rq, void (*done)(void *arg, const struct net_reply *r), void *arg, struct err *err)
{
    struct fake_call *c = mem_zalloc(sizeof(*c));
    (void)err;
    assert_non_null(c);
    *c = (struct fake_call){.done = done, .arg = arg, .s = s, .a = {.status = 200, .sent = true, .retry_after_ms = -1}};
    fake_rule(rq, &c->a);
    c->timer = net_timer(s->net, c->a.late_ms, fake_reply, c);
    return c;
}

static void fake_unsend(struct source *s, void *handle)
{
    struct fake_call *c = handle;
    struct net_reply r = {.body = "", .sent = true, .head = {.content_type = "", .retry_after_ms = -1}};
    net_timer_cancel(s->net, c->timer);
    err_set(&r.err, ERR_CANCELED, 0, "canceled");
    c->done(c->arg, &r);
    mem_free(c);
}

static const struct source_ops fake_ops = {.name = "fake", .call = fake_send, .call_cancel = fake_unsend};

static int fake_up(void **state)
{
    struct err err = ERR_INIT;
    (void)state;
    snprintf(fake_state, sizeof(fake_state), "/tmp/strata-op-XXXXXX");
    if (!mkdtemp(fake_state))
        return 1;
    setenv("XDG_STATE_HOME", fake_state, 1);
    clock_freeze(1000000, 1800000000000);
    net_global_init(&err);
    options_init(&fake_opt);
    fake = mem_zalloc(sizeof(*fake));
    fake->opt = &fake_opt;
    fake->net = net_new(&err);
    atomic_init(&fake->next_id, 1);
    pthread_mutex_init(&fake->lock, NULL);
    mbox_init(&fake->events, NULL, NULL);
    fake->audit = audit_open();
    fake->ops = ops_new();
    fake_source = (struct source){.ops = &fake_ops, .core = fake, .net = fake->net, .info = {.name = "prod", .plane = PLANE_KUBE, .server = "https://x", .user = "ann"}};
    fake->source[0] = &fake_source;
    fake->info[0] = fake_source.info;
    fake->nsources = 1;
    return 0;
}

static void fake_drop_events(void)
{
    struct event *e;
    while ((e = core_next_event(fake)))
        event_free(e);
}

static int fake_down(void **state)
{
    char cmd[128];
    (void)state;
    fake->closing = true;
    ops_close_all(fake);
    fake_drop_events();
    audit_close(fake->audit);
    ops_free(fake);
    net_free(fake->net);
    mbox_release(&fake->events);
    pthread_mutex_destroy(&fake->lock);
    mem_free(fake);
    options_release(&fake_opt);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", fake_state);
    clock_freeze(-1, 0);
    return system(cmd) != 0;
}

/* Time goes on until this event of this id comes; NULL: not within an hour. */
static struct event *fake_wait(enum event_type type, uint32_t id)
{
    for (int i = 0; i < 36000; i++) {
        struct event *e;
        while ((e = core_next_event(fake))) {
            if (e->type == type && e->id == id)
                return e;
            event_free(e);
        }
        net_step(fake->net, 0);
        clock_advance(100);
    }
    return NULL;
}

/* The journal as it is now; how often a text stands in it. */
static size_t fake_journal(const char *word)
{
    char path[128], line[65536];
    size_t n = 0;
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl", fake_state);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        n += strstr(line, word) != NULL;
    if (f)
        fclose(f);
    return n;
}

/* strata is gone in the middle: nothing is told, and its process is not there any more. */
static inline void fake_kill(void)
{
    char path[128], tmp[140], line[65536];
    fake->closing = true;
    ops_close_all(fake);
    fake->closing = false;
    fake_drop_events();
    snprintf(path, sizeof(path), "%s/strata/audit.jsonl", fake_state);
    snprintf(tmp, sizeof(tmp), "%s.new", path);
    FILE *in = fopen(path, "r"), *out = fopen(tmp, "w");
    while (fgets(line, sizeof(line), in)) {
        char *at = strstr(line, "\"started\":\"");
        if (at)
            at[11] = at[11] == '9' ? '8' : '9';
        fputs(line, out);
    }
    fputs("{\"event\":\"inte", out);     /* its last line was cut */
    fclose(in);
    fclose(out);
    assert_int_equal(rename(tmp, path), 0);
}

#endif
