/* What earlier runs of strata left undone, out of the journal. */
#include "core/ops/left.h"

#include <stdio.h>
#include <string.h>

#include "core/ops/journal.h"
#include "core/ops/journal_read.h"
#include "core/ops/op.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MAX_STEPS 100000

/* ---- lines into operations ---- */

static struct left *find(const struct lefts *l, const char *key)
{
    for (size_t i = l->n; *key && i-- > 0;)
        if (!strcmp(act_str(l->item[i].op, "key"), key))
            return &l->item[i];
    return NULL;
}

const struct left *lefts_find(const struct lefts *l, const char *key)
{
    return find(l, key);
}

static void step_free(struct left_step *s)
{
    json_decref(s->before);
    mem_free(s->request_id);
    mem_free(s->undo);
    mem_free(s->undo_args);
}

static void left_free(struct left *l)
{
    for (size_t i = 0; i < l->nsteps; i++)
        step_free(&l->steps[i]);
    mem_free(l->steps);
    json_decref(l->op);
}

void lefts_release(struct lefts *l)
{
    for (size_t i = 0; i < l->n; i++)
        left_free(&l->item[i]);
    mem_free(l->item);
    *l = (struct lefts){0};
}

static bool begin(struct lefts *l, json_t *j)
{
    size_t n = json_array_size(act_get(j, "targets"));
    if (!*act_str(j, "key") || !n || n > MAX_STEPS || find(l, act_str(j, "key")))
        return true;
    struct left_step *steps = mem_zalloc((n + 1) * sizeof(*steps));
    if (!steps || !mem_grow(&l->item, &l->cap, l->n + 1, sizeof(*l->item))) {
        mem_free(steps);
        l->failed = true;
        return false;
    }
    l->item[l->n++] = (struct left){.op = json_incref(j), .steps = steps, .nsteps = n};
    return true;
}

static void set(char **slot, const char *text)
{
    mem_free(*slot);
    *slot = *text ? mem_strdup(text) : NULL;
}

static void step_line(struct left_step *s, const char *event, json_t *j)
{
    const char *result = act_str(j, "result"), *time = act_str(j, "time");
    if (!strcmp(event, "intent")) {
        s->begun = true;
        s->answered = s->over = false;
        if (!text_parse_time(time, strlen(time), &s->sent_wall_ms))
            s->sent_wall_ms = CELL_NONE;
        json_decref(s->before);
        s->before = json_incref(json_object_get(j, "before"));
    } else if (!strcmp(event, "answer")) {
        int64_t status = act_num(j, "status", 0);
        s->answered = status >= 200 && status < 300;
        set(&s->request_id, act_str(j, "request_id"));
    } else if (!strcmp(event, "outcome")) {
        s->over = strcmp(result, "not done") != 0;       /* it was to be sent again */
        s->begun = s->over;
        s->done = !strcmp(result, "done");
        set(&s->undo, act_str(j, "undo"));
        set(&s->undo_args, act_str(j, "undo_args"));
    }
}

/* A step of an operation, or of the one that another goes on with. */
bool left_line(void *arg, json_t *j)
{
    struct lefts *l = arg;
    const char *event = act_str(j, "event");
    struct left *of;
    if (json_is_true(act_get(j, "dry_run")))
        return true;
    if (!strcmp(event, "op"))
        return begin(l, j);
    if (!(of = find(l, act_str(j, "key"))))
        return true;
    if (!strcmp(event, "op-end")) {
        of->ended = true;
        return true;
    }
    int64_t step = act_num(j, "step", -1);
    if (step >= 0 && (size_t)step < of->nsteps)
        step_line(&of->steps[step], event, j);
    return true;
}

bool left_alive(const struct left *l)
{
    return journal_alive(act_str(l->op, "host"), (long)act_num(l->op, "pid", 0), act_str(l->op, "started"));
}

/* ---- for the owner ---- */

static char *how_it_stands(const struct left *l)
{
    size_t over = 0, under_way = 0;
    struct str s;
    for (size_t i = 0; i < l->nsteps; i++) {
        over += l->steps[i].over;
        under_way += l->steps[i].begun && !l->steps[i].over;
    }
    str_init(&s, 4096);
    str_addf(&s, "%zu of %zu ended, then strata was gone", over, l->nsteps);
    if (under_way)
        str_addf(&s, " while %zu %s under way", under_way, under_way == 1 ? "was" : "were");
    char *text = str_take(&s);
    str_release(&s);
    return text;
}

static char *clean(const char *s)
{
    struct str out;
    str_init(&out, 65536);
    text_clean(&out, s, strlen(s), 0);
    char *text = out.len ? str_take(&out) : mem_strdup("");
    str_release(&out);
    return text;
}

void op_left_free(struct op_left *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_free(l[i].key);
        mem_free(l[i].title);
        mem_free(l[i].when);
        mem_free(l[i].what);
    }
    mem_free(l);
}

size_t core_ops_left(struct core *c, struct op_left **out, struct err *err)
{
    struct lefts all = {0};
    size_t n = 0;
    (void)c;
    *out = NULL;
    if (err)
        *err = (struct err)ERR_INIT;
    journal_read(left_line, &all, err);
    struct op_left *list = mem_zalloc((all.n + 1) * sizeof(*list));
    bool ok = list && !all.failed;
    for (size_t i = 0; ok && i < all.n; i++) {
        const struct left *l = &all.item[i];
        if (l->ended || left_alive(l))
            continue;
        list[n] = (struct op_left){.key = clean(act_str(l->op, "key")), .title = clean(act_str(l->op, "title")), .when = clean(act_str(l->op, "time")),
                                   .what = how_it_stands(l)};
        ok = list[n].key && list[n].title && list[n].when && list[n].what;
        n++;
    }
    lefts_release(&all);
    if (!ok) {
        op_left_free(list, list ? n : 0);
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return 0;
    }
    *out = list;
    return n;
}
