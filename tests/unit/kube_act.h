/* For tests of rows of Kubernetes actions: a context of JSON written with ' for ", and what the row says to it. */
#ifndef TESTS_KUBE_ACT_H
#define TESTS_KUBE_ACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/ops/action.h"
#include "core/ops/facts.h"

struct act_case {
    struct act_ctx c;
    struct act_facts facts;
    struct act_req rq;
    struct str why;
    struct op_arg args[4];
    json_t *owned[24];
    size_t nowned;
};

static inline json_t *js(const char *text)
{
    char *copy = strdup(text);
    json_error_t e;
    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *j = json_loads(copy, JSON_DECODE_ANY, &e);
    if (!j)
        print_error("%s: %s\n", e.text, copy);
    assert_non_null(j);
    free(copy);
    return j;
}

static inline const json_t *own(struct act_case *t, const char *text)
{
    assert_true(t->nowned < 24);
    return text ? (t->owned[t->nowned++] = js(text)) : NULL;
}

static inline void act_case(struct act_case *t, const char *id, const char *kind, const char *obj)
{
    memset(t, 0, sizeof *t);
    str_init(&t->rq.path, 0);
    str_init(&t->why, 0);
    t->c = (struct act_ctx){.kind = kind_find(kind), .source = "mgmt", .name = "web", .uid = "u1", .args = t->args, .request_id = "",
                            .now_ms = 1000000000000, .sent_ms = CELL_NONE};
    t->c.scope = t->c.kind->flags & KIND_NAMESPACED ? "shop" : "";
    t->c.action = action_find(id, t->c.kind);
    assert_non_null(t->c.action);
    t->c.obj = own(t, obj);
}

static inline void act_with(struct act_case *t, const char *name, const char *value)
{
    t->args[t->c.nargs++] = (struct op_arg){name, value};
}

static inline void act_beside(struct act_case *t, size_t i, int status, const char *json)
{
    t->c.side[i] = (struct act_side){own(t, json), status};
}

static inline enum act_verdict built(struct act_case *t)
{
    facts_release(&t->facts);
    json_decref(t->rq.body);
    t->rq.body = NULL;
    str_clear(&t->rq.path);
    enum act_verdict v = t->c.action->build(&t->c, &t->rq, &t->facts);
    assert_int_equal(v == ACT_REFUSED, facts_refusal(&t->facts) != NULL);
    assert_true(v != ACT_SEND || ((t->rq.body || !strcmp(t->rq.method, "DELETE")) && t->rq.path.len && t->rq.method));
    return v;
}

static inline enum act_seen seen(struct act_case *t, const char *obj)
{
    str_clear(&t->why);
    if (obj)
        t->c.obj = own(t, obj);
    return t->c.action->observe(&t->c, &t->why);
}

static inline enum fact_level act_said(const struct act_facts *facts, const char *words)
{
    for (size_t i = 0; i < facts->n; i++)
        if (strstr(facts->item[i].text, words))
            return facts->item[i].level;
    for (size_t i = 0; i < facts->n; i++)
        print_error("said: %s\n", facts->item[i].text);
    fail_msg("it does not say: %s", words);
    return 0;
}

static inline enum fact_level said(const struct act_case *t, const char *words)
{
    return act_said(&t->facts, words);
}

static inline void sends(struct act_case *t, const char *method, const char *path, const char *body)
{
    json_t *want = js(body);
    assert_string_equal(t->rq.method, method);
    assert_string_equal(t->rq.path.data, path);
    if (!json_equal(t->rq.body, want)) {
        char *s = json_dumps(t->rq.body, 0);
        print_error("it sends %s\n", s);
        free(s);
    }
    assert_true(json_equal(t->rq.body, want));
    json_decref(want);
}

static inline void act_end(struct act_case *t)
{
    facts_release(&t->facts);
    json_decref(t->rq.body);
    str_release(&t->rq.path);
    str_release(&t->why);
    for (size_t i = 0; i < t->nowned; i++)
        json_decref(t->owned[i]);
}

#endif
