/* Of a server: the console log, and what was done to it (instance actions with their events). */
#include <stdio.h>
#include <string.h>

#include "core/openstack/kind_util.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

#define WITH_EVENTS 40             /* newest actions whose events are fetched */
#define WITH_EVENTS_FEW 8          /* of many servers at once */

/* ---- console log ---- */
static void on_console(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    const char *text = ostk_json_str(doc, "output");
    if (text && *text)
        str_add(&j->out, text, strlen(text));
    else if (text && !j->clean)
        str_adds(&j->out, "(the console log is empty)");
    else if (doc)
        err_set(&err, ERR_PROTO, 0, "the answer has no console output");
    if (j->out.len && j->out.data[j->out.len - 1] != '\n' && !j->clean)
        str_addc(&j->out, '\n');
    json_decref(doc);
    if (err.code != ERR_OK)
        err_wrap(&err, "console log of %.80s", j->rq->name);
    ostk_job_end(j, &err);
}

void ostk_console(struct ostk_job *j)
{
    static const char body[] = "{\"os-getConsoleOutput\": {}}";
    struct str path;
    j->clean = j->rq->flags & FETCH_AS_SENT;       /* nothing is to be cleaned */
    str_init(&path, 4096);
    str_adds(&path, "/servers/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, "/action");
    struct ostk_req rq = {.service = "compute", .method = "POST", .path = path.data, .microversion = "2.93", .body = body,
                          .body_len = sizeof body - 1, .timeout_ms = 30000};
    ostk_job_ask(j, &rq, on_console);
    str_release(&path);
}

/* ---- actions ---- */
static void took(char *buf, size_t size, const json_t *o)
{
    const char *a = ostk_json_str(o, "start_time"), *b = ostk_json_str(o, "finish_time");
    int64_t from, to;
    if (!a || !b || !text_parse_time(a, strlen(a), &from) || !text_parse_time(b, strlen(b), &to))
        snprintf(buf, size, "%s", b ? "" : "running");
    else if (to - from < 1000)
        snprintf(buf, size, "%lldms", (long long)(to - from));
    else
        text_age(buf, size, (to - from) / 1000);
}

static void stamp(char *buf, size_t size, const json_t *o, const char *key)
{
    const char *s = ostk_json_str(o, key);
    int64_t ms;
    if (s && text_parse_time(s, strlen(s), &ms))
        text_format_time(buf, size, ms);
    else
        snprintf(buf, size, "%s", "-");
}

void ostk_actions_text(struct str *out, struct ostk_source *os, const json_t *actions, int64_t now_ms)
{
    size_t i, k;
    json_t *a, *e;
    char when[40], dur[40];
    (void)now_ms;
    if (!json_array_size((json_t *)actions))
        str_adds(out, "Nothing was done to this server that is still recorded.\n");
    json_array_foreach((json_t *)actions, i, a) {
        const char *msg = ostk_json_str(a, "message"), *who = ostk_ref(os, "user", ostk_json_str(a, "user_id"));
        stamp(when, sizeof when, a, "start_time");
        str_addf(out, "%s  %-20s  by %s  %s%s%s\n", when, ostk_json_str(a, "action") ? ostk_json_str(a, "action") : "?",
                 *who ? who : "nobody known", ostk_json_str(a, "request_id") ? ostk_json_str(a, "request_id") : "",
                 msg && *msg ? "  " : "", msg ? msg : "");
        json_array_foreach((json_t *)ostk_json(a, "events"), k, e) {
            const char *host = ostk_json_str(e, "host"), *res = ostk_json_str(e, "result"), *det = ostk_json_str(e, "details");
            stamp(when, sizeof when, e, "start_time");
            took(dur, sizeof dur, e);
            str_addf(out, "    %s  %-42s  %-8s %-7s %s%s%s\n", when, ostk_json_str(e, "event") ? ostk_json_str(e, "event") : "?",
                     res ? res : "running", dur, host ? host : "", det && *det ? "  " : "", det ? det : "");
        }
        if (ostk_json_str(a, "events_error"))
            str_addf(out, "    (its events could not be read: %s)\n", ostk_json_str(a, "events_error"));
        else if (!ostk_json(a, "events"))
            str_adds(out, "    (older: its events were not asked for)\n");
    }
}

/* For programs, with the names of who did it. */
static void actions_json(struct ostk_job *j)
{
    size_t i;
    json_t *a;
    json_array_foreach(j->list, i, a)
        json_object_set_new(a, "user", json_string(ostk_ref(j->os, "user", ostk_json_str(a, "user_id"))));
    json_emit(&j->out, j->list, 0);
}

static void next_events(struct ostk_job *j);

static void on_events(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err), *a = json_array_get(j->list, j->at - 1);
    const json_t *events = ostk_json(doc, "instanceAction.events");
    if (events)
        json_object_set(a, "events", (json_t *)events);
    else
        json_object_set_new(a, "events_error", json_string(err.code != ERR_OK ? err.msg : "not told"));
    json_decref(doc);
    next_events(j);
}

static void next_events(struct ostk_job *j)
{
    size_t n = json_array_size(j->list);
    while (j->at < n && j->at < (j->rq->flags & FETCH_ITEM ? WITH_EVENTS_FEW : WITH_EVENTS)) {
        const char *id = ostk_json_str(json_array_get(j->list, j->at++), "request_id");
        struct str path;
        if (!id)
            continue;
        str_init(&path, 4096);
        str_adds(&path, "/servers/");
        str_add_urlenc(&path, j->rq->uid);
        str_adds(&path, "/os-instance-actions/");
        str_add_urlenc(&path, id);
        ostk_job_get(j, "compute", "2.84", path.data, on_events);
        str_release(&path);
        return;
    }
    if (j->rq->flags & FETCH_ITEM)
        actions_json(j);
    else
        ostk_actions_text(&j->out, j->os, j->list, ostk_now_ms(j->os));
    ostk_job_end(j, NULL);
}

/* They come the newest first. */
static void tell_newest(struct ostk_job *j)
{
    const json_t *a = json_array_get(j->list, 0);
    const char *what = ostk_json_str(a, "action"), *start = ostk_json_str(a, "start_time");
    if (a)
        str_addf(&j->out, "%s\n%s\n%s", what ? what : "", start ? start : "", ostk_ref(j->os, "user", ostk_json_str(a, "user_id")));
    ostk_job_end(j, NULL);
}

/* Who may not read users sees the id. */
static void on_user(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    const char *name = ostk_json_str(ostk_json(doc, "user"), "name");
    if (name)
        ostk_names_seed(j->os, "user", ostk_json_str(json_array_get(j->list, 0), "user_id"), name);
    json_decref(doc);
    tell_newest(j);
}

static void newest_action(struct ostk_job *j)
{
    const char *user = ostk_json_str(json_array_get(j->list, 0), "user_id");
    struct str path;
    if (!user || !*user || strcmp(ostk_ref(j->os, "user", user), user) != 0) {
        tell_newest(j);
        return;
    }
    str_init(&path, 4096);
    str_adds(&path, "/users/");
    str_add_urlenc(&path, user);
    ostk_job_get(j, "identity", NULL, path.data, on_user);
    str_release(&path);
}

static void on_actions(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    j->list = json_incref((json_t *)ostk_json(doc, "instanceActions"));
    json_decref(doc);
    if (!doc || !j->list) {
        if (doc)
            err_set(&err, ERR_PROTO, 0, "the answer has no instance actions");
        err_wrap(&err, "actions of %.80s", j->rq->name);
        ostk_job_end(j, &err);
        return;
    }
    if (j->rq->flags & FETCH_AS_SENT) {
        newest_action(j);
        return;
    }
    size_t i;
    json_t *a;
    json_array_foreach(j->list, i, a)             /* the names of who did it, once */
        ostk_ref(j->os, "user", ostk_json_str(a, "user_id"));
    next_events(j);
}

void ostk_actions(struct ostk_job *j)
{
    struct str path;
    str_init(&path, 4096);
    str_adds(&path, "/servers/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, "/os-instance-actions");
    ostk_job_get(j, "compute", "2.84", path.data, on_actions);
    str_release(&path);
}
