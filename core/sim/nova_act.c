/* What a server is busy with: actions and their events as the API keeps them, and jobs that go on step by step in time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

#define QUEUE_MS 1000                                          /* how often a job asks whether its worker is back */

/* ---- records ---- */
struct nova_act *nova_act_new(struct sim *s, struct nova_server *v, const char *action, const char *request, const char *user,
                              const char *project)
{
    struct nova_act *a = sim_alloc(sizeof(*a));
    a->action = action;
    snprintf(a->request, sizeof(a->request), "%s", request);
    a->user = nova_word(s->nova, user);
    a->project = nova_word(s->nova, project);
    a->start = a->updated = sim_now(s);
    a->next = v->acts;
    return v->acts = a;
}

struct nova_event *nova_event_start(struct sim *s, struct nova_act *a, const char *name, const char *host)
{
    struct nova_event *e = sim_alloc(sizeof(*e));
    e->name = name;
    e->host = nova_word(s->nova, host);
    e->start = sim_now(s);
    e->next = a->events;
    a->events = e;
    a->updated = e->start;
    return e;
}

void nova_event_end(struct sim *s, struct nova_act *a, struct nova_event *e, const char *fault, const char *details)
{
    if (!e || e->finish)
        return;
    e->finish = a->updated = sim_now(s);
    e->result = fault ? "Error" : "Success";
    if (fault) {
        a->message = "Error";
        nova_set(&e->traceback, fault);
        nova_set(&e->details, details);
    }
}

/* ---- jobs ---- */
bool nova_worker_up(const struct sim *s, const char *binary)
{
    for (size_t i = 0; i < s->nova->nservices; i++)
        if (strcmp(s->nova->services[i]->binary, binary) == 0 && s->nova->services[i]->alive)
            return true;
    return false;
}

static bool host_works(const struct nova_host *h)
{
    return h && !h->dead && h->service && h->service->alive;
}

static bool can_go_on(struct sim *s, const struct nova_server *v, const struct nova_job *j)
{
    if (s->nova->no_rpc && j->step->on != ON_API)
        return false;
    switch (j->step->on) {
    case ON_CONDUCTOR:
        return nova_worker_up(s, "nova-conductor");
    case ON_HOST:
        return !v->host || host_works(v->host);
    case ON_DEST:
        return host_works(j->to);
    default:
        return true;
    }
}

static void job_free(struct nova_job *j)
{
    free(j);
}

static void later(struct sim *s, struct nova_job *j, int64_t ms);

static void step(struct sim *s, void *arg)
{
    struct nova_job *j = arg;
    struct nova_server *v = nova_find(s, j->server);
    if (!v || v->job != j) {                                   /* it was stopped: the server is gone or does something else */
        job_free(j);
        return;
    }
    if (!can_go_on(s, v, j)) {
        later(s, j, QUEUE_MS);
        return;
    }
    enum then then = j->step->fn(s, v, j);
    if (then == THEN_NEXT)
        j->step++;
    if (then != THEN_END && j->step->fn) {
        later(s, j, j->step->ms >= 0 ? j->step->ms : j->op ? j->op->ms : 0);
        return;
    }
    if (v->job == j)
        v->job = NULL;
    job_free(j);
}

/* Machines are never equally fast: a fifth more or less. */
static void later(struct sim *s, struct nova_job *j, int64_t ms)
{
    ms = ms * 4 / 5 + (ms >= 10 ? (int64_t)(sim_rand(s) % (uint64_t)(ms * 2 / 5 + 1)) : 0);
    sim_after(s, nova_ms(s, ms), step, j);
}

struct nova_job *nova_job(struct sim *s, struct nova_server *v, const struct nova_op *op, const struct nova_step *steps, struct nova_act *a)
{
    struct nova_job *j = sim_alloc(sizeof(*j));
    snprintf(j->server, sizeof(j->server), "%s", v->id);
    j->op = op;
    j->step = steps;
    j->act = a;
    j->vm = v->vm;
    j->power = v->power;
    v->job = j;
    later(s, j, steps->ms >= 0 ? steps->ms : op ? op->ms : 0);
    return j;
}

void nova_job_stop(struct nova_server *v)
{
    v->job = NULL;                                             /* its next step finds out and frees it */
}

void nova_job_event(struct sim *s, struct nova_server *v, struct nova_job *j, const char *name, const char *host)
{
    (void)v;
    nova_event_end(s, j->act, j->event, NULL, NULL);
    j->event = nova_event_start(s, j->act, name, host);
}

void nova_job_done(struct sim *s, struct nova_job *j, const char *fault, const char *details)
{
    nova_event_end(s, j->act, j->event, fault, details);
    j->event = NULL;
}

/* ---- the API's view ---- */
static void show_action(struct jw *w, const struct req *r, const struct nova_server *v, const struct nova_act *a)
{
    jw_str(w, "action", a->action);
    jw_str(w, "instance_uuid", v->id);
    jw_str(w, "request_id", a->request);
    jw_str(w, "user_id", a->user);
    jw_str(w, "project_id", a->project);
    jw_at(w, "start_time", a->start);
    jw_str(w, "message", a->message);
    if (nova_at(r, 58))
        jw_at(w, "updated_at", a->updated);
}

static void show_event(struct jw *w, struct req *r, const struct nova_act *a, const struct nova_event *e)
{
    char id[57];
    bool admin = nova_admin(r);
    jw_open(w, NULL, '{');
    jw_str(w, "event", e->name);
    jw_at(w, "start_time", e->start);
    jw_at(w, "finish_time", e->finish);
    jw_str(w, "result", e->result);
    if (admin)
        jw_str(w, "traceback", e->traceback);
    if (nova_at(r, 62)) {
        if (admin)
            jw_str(w, "host", e->host);
        nova_host_id(a->project, e->host ? e->host : "", id);
        jw_str(w, "hostId", id);
    }
    if (nova_at(r, 84) && admin)
        jw_str(w, "details", e->details);
    jw_close(w, '}');
}

static void one_action(struct req *r, const struct nova_server *v, const char *request)
{
    const struct nova_act *a = v->acts;
    while (a && strcmp(a->request, request) != 0)
        a = a->next;
    if (!a) {
        nova_error(r, 404, "Action %s not found", request);
        return;
    }
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "instanceAction", '{');
    show_action(&w, r, v, a);
    if (nova_admin(r) || nova_at(r, 51)) {
        jw_open(&w, "events", '[');
        for (const struct nova_event *e = a->events; e; e = e->next)
            show_event(&w, r, a, e);
        jw_close(&w, ']');
    }
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static void all_actions(struct req *r, const struct nova_server *v)
{
    bool pages = nova_at(r, 58);
    long limit = pages ? nova_limit(r) : 1000000, n = 0;
    const char *marker = pages ? req_query(r, "marker") : NULL, *since = pages ? req_query(r, "changes-since") : NULL;
    const struct nova_act *a = v->acts, *last = NULL;
    static const char *const known[] = {"limit", "marker", "changes-since", "changes-before", NULL};
    if (limit < 0 || (pages && !nova_queries_only(r, known)))
        return;
    if (since && stamp_ms(since) < 0) {
        nova_error(r, 400, "Invalid input for query parameters changes-since. Value: %s. '%s' is not a 'date-time'", since, since);
        return;
    }
    while (marker && a && strcmp(a->request, marker) != 0)
        a = a->next;
    if (marker && !a) {
        nova_error(r, 400, "Marker None could not be found.");
        return;
    }
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "instanceActions", '[');
    for (a = marker ? a->next : a; a && n < limit; a = a->next) {
        if (since && a->updated / 1000 < stamp_ms(since) / 1000)
            continue;
        jw_open(&w, NULL, '{');
        show_action(&w, r, v, a);
        jw_close(&w, '}');
        last = a;
        n++;
    }
    jw_close(&w, ']');
    if (pages && last && n == limit)
        jw_next(&w, r, "links", last->request);
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

/* Also of deleted servers, from 2.21. */
void nova_actions_get(struct req *r, const char *id, const char *request)
{
    const struct nova_server *v = nova_find(r->sim, id);
    const struct token *t = nova_who(r);
    if (!v || (v->vm == VM_DELETED && !nova_at(r, 21)) || (!t->admin && strcmp(v->project, t->project_id) != 0))
        nova_error(r, 404, "Instance %s could not be found.", id);
    else if (request)
        one_action(r, v, request);
    else
        all_actions(r, v);
}
