/* For tests of operations of many steps: a target with its sides in JSON, steps that only the test moves on. */
#ifndef TESTS_DRIVE_WORLD_H
#define TESTS_DRIVE_WORLD_H

#include "core/ops/compound.h"
#include "kube_act.h"

#define DRIVE_KIDS 24

struct world {
    struct op_drive d;                 /* first */
    struct act_facts facts;
    struct op_arg args[8];
    struct op_kid kid[DRIVE_KIDS];
    char names[DRIVE_KIDS][3][64], notes[DRIVE_KIDS][300], with[DRIVE_KIDS][100];
    struct str why;
    json_t *obj, *side[ACT_SIDES];
};

static inline bool w_add(struct op_drive *d, const struct op_kid_new *k)
{
    struct world *w = (struct world *)d;
    for (size_t i = 0; i < d->nkids; i++)          /* one of an earlier run stands where it stood */
        if (d->kid[i].state == STEP_DONE && !d->kid[i].began_mono_ms && !strcmp(d->kid[i].action, k->action) && !strcmp(d->kid[i].uid, k->uid))
            return true;
    size_t i = d->nkids++;
    assert_true(i < DRIVE_KIDS);
    assert_non_null(action_find(k->action, kind_find(k->kind)));
    snprintf(w->names[i][0], 64, "%s", k->scope);
    snprintf(w->names[i][1], 64, "%s", k->name);
    snprintf(w->names[i][2], 64, "%s", k->uid);
    for (size_t a = 0, at = 0; a < k->nargs && at < sizeof w->with[i]; a++)
        at += (size_t)snprintf(w->with[i] + at, sizeof w->with[i] - at, "%s%s=%s", a ? " " : "", k->args[a].name, k->args[a].value);
    w->kid[i] = (struct op_kid){.action = k->action, .scope = w->names[i][0], .name = w->names[i][1], .uid = w->names[i][2], .note = w->notes[i],
                                .retry_after_ms = -1};
    return true;
}
static inline void w_start(struct op_drive *d, size_t i)
{
    assert_int_equal(d->kid[i].state, STEP_WAITING);
    d->kid[i].state = STEP_WATCHING;
    d->kid[i].began_mono_ms = d->mono_ms;
}
static inline void w_again(struct op_drive *d, size_t i)
{
    d->kid[i].state = STEP_WAITING;
    d->kid[i].status = 0;
}
static inline void w_note(struct op_drive *d, size_t i, const char *words) { snprintf(((struct world *)d)->notes[i], 300, "%s", words); }
static inline void w_skip(struct op_drive *d, size_t i, const char *words)
{
    assert_int_equal(d->kid[i].state, STEP_WAITING);
    w_note(d, i, words);
    d->kid[i].state = STEP_SKIPPED;
}

static inline void w_obj(struct world *w, const char *json)
{
    json_decref(w->obj);
    w->d.c.obj = w->obj = js(json);
}

static inline void w_side(struct world *w, int side, const char *json)
{
    json_decref(w->side[side]);
    w->side[side] = js(json);
    w->d.c.side[side] = (struct act_side){w->side[side], 200};
}

static inline void w_gone(struct world *w, int side, int status)
{
    json_decref(w->side[side]);
    w->side[side] = NULL;
    w->d.c.side[side] = (struct act_side){NULL, status};
}

static inline void w_init(struct world *w, const char *action, const char *kind, const char *name, const char *uid)
{
    static const struct op_drive_ops ops = {w_add, w_start, w_again, w_skip, w_note};
    memset(w, 0, sizeof *w);
    str_init(&w->why, 0);
    w->d = (struct op_drive){.ops = &ops, .kid = w->kid, .facts = &w->facts, .mono_ms = 1000000, .began_mono_ms = 1000000};
    w->d.c = (struct act_ctx){.action = action_find(action, kind_find(kind)), .kind = kind_find(kind), .source = "lab", .scope = "", .name = name,
                              .uid = uid, .args = w->args, .now_ms = 1000000000000, .request_id = ""};
}

static inline void w_with(struct world *w, const char *name, const char *value) { w->args[w->d.c.nargs++] = (struct op_arg){name, value}; }

static inline enum act_seen w_turn(struct world *w)
{
    str_clear(&w->why);
    return w->d.c.action->compound(&w->d, &w->why);
}

/* A step ends. */
static inline void w_ended(struct world *w, size_t i, enum step_state state, const char *note)
{
    w->kid[i].state = state;
    w->kid[i].ended_mono_ms = w->d.mono_ms;
    snprintf(w->notes[i], 300, "%s", note);
}

static inline void w_end(struct world *w)
{
    facts_release(&w->facts);
    str_release(&w->why);
    json_decref(w->obj);
    for (int i = 0; i < ACT_SIDES; i++)
        json_decref(w->side[i]);
}

/* Is it said in the plan? */
static inline bool w_told(const struct world *w, enum fact_level level, const char *words)
{
    for (size_t i = 0; i < w->facts.n; i++)
        if (w->facts.item[i].level == level && strstr(w->facts.item[i].text, words))
            return true;
    return false;
}

#endif
