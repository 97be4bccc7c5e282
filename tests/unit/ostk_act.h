/* A row of the table of actions on an object of a cloud, step by step: begin, what stands beside it, what it asks for, what is seen. */
#ifndef TEST_OSTK_ACT_H
#define TEST_OSTK_ACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/ops/action.h"
#include "core/ops/facts.h"
#include "strata/mem.h"

static struct {
    const struct action *action;
    struct act_ctx c;
    struct act_facts facts;
    struct act_req rq;
    json_t *obj, *now, *side[ACT_SIDES], *answer;
    struct op_arg args[8];
} the;

static inline json_t *parsed(const char *text)
{
    json_error_t e;
    json_t *o = text ? json_loads(text, 0, &e) : NULL;
    if (text && !o)
        fail_msg("fixture: %s in %s", e.text, text);
    return o;
}

static inline void put_json(json_t **to, const char *text)
{
    json_decref(*to);
    *to = parsed(text);
}

static inline void forget_request(void)
{
    facts_release(&the.facts);
    json_decref(the.rq.body);
    str_release(&the.rq.path);
    the.rq = (struct act_req){0};
    str_init(&the.rq.path, 65536);
}

static inline int act_teardown(void **state)
{
    (void)state;
    forget_request();
    str_release(&the.rq.path);
    put_json(&the.obj, NULL);
    put_json(&the.now, NULL);
    put_json(&the.answer, NULL);
    for (size_t i = 0; i < ACT_SIDES; i++)
        put_json(&the.side[i], NULL);
    return 0;
}

/* The object as it is read for the plan; arguments with their defaults. */
static inline void begin(const char *action, const char *kind, const char *obj)
{
    act_teardown(NULL);
    the.action = action_find(action, kind_find(kind));
    assert_non_null(the.action);
    put_json(&the.obj, obj);
    the.c = (struct act_ctx){.action = the.action, .kind = kind_find(kind), .source = "prod", .scope = "", .name = "it", .uid = "u1", .obj = the.obj,
                             .args = the.args, .request_id = "", .offers = "", .now_ms = 1000000000000, .sent_ms = CELL_NONE};
    for (size_t i = 0; i < the.action->nargs; i++)
        if (the.action->args[i].def)
            the.args[the.c.nargs++] = (struct op_arg){.name = the.action->args[i].name, .value = the.action->args[i].def};
}

static inline void arg(const char *name, const char *value)
{
    size_t i = 0;
    while (i < the.c.nargs && strcmp(the.args[i].name, name) != 0)
        i++;
    assert_true(i < 8);
    the.args[i] = (struct op_arg){.name = name, .value = value};
    the.c.nargs += i == the.c.nargs;
}

static inline void uid(const char *u) { the.c.uid = u; }

static inline void side(size_t i, int status, const char *text)
{
    put_json(&the.side[i], text);
    the.c.side[i] = (struct act_side){.json = the.side[i], .status = status};
}

static inline void builds(enum act_verdict want)
{
    forget_request();
    the.c.seeing = false;
    enum act_verdict v = the.action->build(&the.c, &the.rq, &the.facts);
    const char *no = facts_refusal(&the.facts);
    if (no)
        v = ACT_REFUSED;
    if (v != want)
        fail_msg("verdict %d, want %d: %s", v, want, no ? no : "");
}

static inline bool said(int level, const char *part)
{
    for (size_t i = 0; i < the.facts.n; i++)
        if ((level < 0 || (int)the.facts.item[i].level == level) && strstr(the.facts.item[i].text, part))
            return true;
    return false;
}

static inline void says(enum fact_level level, const char *part)
{
    for (size_t i = 0; !said((int)level, part) && i < the.facts.n; i++)
        print_message("said: %d %s\n", the.facts.item[i].level, the.facts.item[i].text);
    if (!said((int)level, part))
        fail_msg("it does not say: %s", part);
}

static inline void quiet(const char *part)
{
    if (said(-1, part))
        fail_msg("it says: %s", part);
}

static inline void refuses(const char *part)
{
    builds(ACT_REFUSED);
    says(FACT_REFUSED, part);
}

static inline void sends(const char *method, const char *service, const char *path, const char *body)
{
    json_t *want = parsed(body);
    builds(ACT_SEND);
    assert_string_equal(the.rq.method, method);
    assert_string_equal(the.rq.service, service);
    assert_string_equal(the.rq.path.data, path);
    if (want ? !json_equal(the.rq.body, want) : the.rq.body != NULL)
        fail_msg("body: %s", json_dumps(the.rq.body, JSON_COMPACT));
    json_decref(want);
}

/* What is asked for beside it, NULL nothing. */
static inline void asks(size_t i, bool seeing, const char *want)
{
    struct str path;
    const char *service = NULL, *version = NULL;
    str_init(&path, 65536);
    the.c.seeing = seeing;
    bool any = the.action->side && the.action->side(&the.c, i, &path, &service, &version);
    if (any != (want != NULL) || (want && strcmp(path.data, want)))
        fail_msg("side %zu: %s, want %s", i, any ? path.data : "none", want ? want : "none");
    str_release(&path);
}

/* It was sent: the object as it was is `before`, and this is how it is now; NULL: gone. */
static inline void now(const char *obj)
{
    put_json(&the.now, obj);
    the.c.before = the.obj;
    the.c.obj = the.now;
    the.c.seeing = true;
    the.c.sent_ms = the.c.now_ms;
}

static inline void answered(const char *body)
{
    put_json(&the.answer, body);
    the.c.answer = the.answer;
}

static inline void seen_saying(enum act_seen want, const char *part)
{
    struct str why;
    str_init(&why, 4096);
    enum act_seen got = the.action->observe(&the.c, &why);
    if (got != want || (part && !strstr(why.len ? why.data : "", part)))
        fail_msg("seen %d, want %d: %s", got, want, why.len ? why.data : "");
    str_release(&why);
}

static inline void seen(enum act_seen want) { seen_saying(want, NULL); }
static inline void came(enum act_arrived want) { assert_int_equal(the.action->arrived(&the.c), want); }

static inline void undone_by(const char *id, const char *args)
{
    struct str s;
    str_init(&s, 4096);
    if (!the.c.before)
        the.c.before = the.obj;
    const char *got = the.action->undo ? the.action->undo(&the.c, &s) : NULL;
    if (!got != !id || (id && strcmp(got, id)) || (id && strcmp(s.len ? s.data : "", args)))
        fail_msg("taken back by %s %s", got ? got : "nothing", s.len ? s.data : "");
    str_release(&s);
}

#endif
