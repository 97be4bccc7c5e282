/* What earlier runs of strata left undone, out of the journal. */
#include "core/ops/left.h"

#include <string.h>
#include <unistd.h>

#include "core/ops/journal.h"
#include "core/ops/journal_read.h"
#include "core/ops/action.h"
#include "strata/mem.h"
#include "strata/row.h"
#include "strata/text.h"

#define MAX_STEPS 100000
#define MAX_CHAIN 100

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
    json_decref(s->what);
    json_decref(s->before);
    mem_free(s->request_id);
    mem_free(s->undo);
    mem_free(s->undo_args);
    mem_free(s->left);
}

static void left_free(struct left *l)
{
    for (size_t i = 0; i < l->nsteps; i++)
        step_free(&l->steps[i]);
    mem_free(l->steps);
    json_decref(l->op);
    mem_free(l->by);
    mem_free(l->result);
}

void lefts_release(struct lefts *l)
{
    for (size_t i = 0; i < l->n; i++)
        left_free(&l->item[i]);
    mem_free(l->item);
    *l = (struct lefts){0};
}

static void set(char **slot, const char *text)
{
    mem_free(*slot);
    *slot = *text ? mem_strdup(text) : NULL;
}

static struct left_step *add_step(struct left *l, uint32_t index, json_t *what)
{
    if (l->nsteps >= MAX_STEPS || !mem_grow(&l->steps, &l->cap, l->nsteps + 1, sizeof(*l->steps)))
        return NULL;
    struct left_step *s = &l->steps[l->nsteps++];
    *s = (struct left_step){.index = index, .what = json_incref(what)};
    s->over = s->done = !strcmp(act_str(what, "state"), "done");      /* of one that was gone on with: by the run before */
    s->answered = !strcmp(act_str(what, "pending"), "answered");
    s->begun = *act_str(what, "pending") != 0;
    s->sent_wall_ms = act_num(what, "sent_ms", CELL_NONE);
    s->before = json_incref(json_object_get(what, "before"));
    set(&s->request_id, act_str(what, "request_id"));
    set(&s->undo, act_str(what, "undo"));
    set(&s->undo_args, act_str(what, "undo_args"));
    set(&s->left, act_str(what, "left"));
    return s;
}

/* Of tens of thousands that ended nothing is kept; of those that took over others until it is known which. */
static void ended(struct lefts *l, struct left *of)
{
    of->ended = true;
    if (l->also && (!strcmp(act_str(of->op, "key"), l->also) || *act_str(of->op, "resumes") || *act_str(of->op, "undoes") || of->by))
        return;
    left_free(of);
    l->n--;
    memmove(of, of + 1, (size_t)(&l->item[l->n] - of) * sizeof(*of));
}

static bool begin(struct lefts *l, json_t *j)
{
    struct left *before = find(l, act_str(j, *act_str(j, "undoes") ? "undoes" : "resumes"));
    if (before) {
        set(&before->by, act_str(j, "key"));
        ended(l, before);                  /* also when strata was killed before it could write so */
    }
    json_t *targets = json_object_get(j, "targets"), *parts = json_object_get(j, "parts"), *t;
    size_t n = json_array_size(targets), i;
    if (!*act_str(j, "key") || !n || n > MAX_STEPS || find(l, act_str(j, "key")))
        return true;
    l->failed = !mem_grow(&l->item, &l->cap, l->n + 1, sizeof(*l->item));
    if (l->failed)
        return false;
    struct left *of = &l->item[l->n++];
    *of = (struct left){.op = json_incref(j)};
    json_array_foreach(targets, i, t)
        l->failed |= !add_step(of, (uint32_t)i, t);
    of->ntargets = of->nsteps;
    json_array_foreach(parts, i, t)
        l->failed |= !add_step(of, (uint32_t)act_num(t, "step", (json_int_t)(n + i)), t);
    return !l->failed;
}

static struct left_step *step_of(struct left *l, int64_t index, json_t *j)
{
    if (index < 0 || index >= MAX_STEPS)
        return NULL;
    if ((size_t)index < l->nsteps && l->steps[index].index == (uint32_t)index)
        return &l->steps[index];
    for (size_t i = l->nsteps; i-- > l->ntargets;)
        if (l->steps[i].index == (uint32_t)index)
            return &l->steps[i];
    return strcmp(act_str(j, "event"), "intent") ? NULL : add_step(l, (uint32_t)index, j);
}

static void step_line(struct left_step *s, const char *event, json_t *j)
{
    const char *result = act_str(j, "result"), *time = act_str(j, "time");
    if (!strcmp(event, "intent")) {
        s->begun = true;
        s->answered = s->over = s->done = false;
        if (!text_parse_time(time, strlen(time), &s->sent_wall_ms))
            s->sent_wall_ms = CELL_NONE;
        json_decref(s->before);
        s->before = json_incref(json_object_get(j, "before"));
        set(&s->undo, act_str(j, "undo"));
        set(&s->undo_args, act_str(j, "undo_args"));
        set(&s->left, "");
    } else if (!strcmp(event, "answer")) {
        set(&s->left, act_str(j, "left"));
        int64_t status = act_num(j, "status", 0);
        s->answered = status >= 200 && status < 300;
        set(&s->request_id, act_str(j, "request_id"));
    } else if (!strcmp(event, "outcome") || !strcmp(event, "end")) {
        s->over = strcmp(result, "not done") != 0;       /* it was to be sent again */
        s->begun = s->over;
        s->done = !strcmp(result, "done") || !strcmp(result, "already");
        if (*act_str(j, "undo") || !strcmp(result, step_state_name(STEP_FAILED))) {      /* failed without one: nothing of it was done */
            set(&s->undo, act_str(j, "undo"));
            set(&s->undo_args, act_str(j, "undo_args"));
            set(&s->left, act_str(j, "left"));
        }
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
        bool taken = !strcmp(act_str(j, "result"), "taken over");
        set(taken ? &of->by : &of->result, act_str(j, taken ? "by" : "result"));
        ended(l, of);
        return true;
    }
    struct left_step *s = step_of(of, act_num(j, "step", -1), j);
    if (s)
        step_line(s, event, j);
    return true;
}

/* ---- the journal, read twice: what began and ended is few lines, only those of the rest are looked at whole ---- */

static bool has(const char *text, size_t len, const char *word)
{
    return memmem(text, len, word, strlen(word)) != NULL;
}

static bool frame(void *arg, const char *text, size_t len)
{
    return !has(text, len, "\"event\":\"op") || journal_parse(text, len, left_line, arg);
}

bool lefts_have(const struct lefts *l, const char *line, size_t len)
{
    const char *at = memmem(line, len, "\"key\":\"", 7), *end = line + len;
    for (size_t i = 0; at && i < l->n; i++) {
        const char *key = act_str(l->item[i].op, "key");
        size_t n = strlen(key);
        if ((size_t)(end - at) > 7 + n && !strncmp(at + 7, key, n) && at[7 + n] == '"')
            return true;
    }
    return false;
}

static bool detail(void *arg, const char *text, size_t len)
{
    return has(text, len, "\"event\":\"op") || !lefts_have(arg, text, len) || journal_parse(text, len, left_line, arg);
}

static enum err_code read_with(struct lefts *l, bool (*line)(void *arg, const char *text, size_t len), struct err *err)
{
    enum err_code code = journal_lines(line, l, err);
    return l->failed ? err_set(err, ERR_NOMEM, 0, "out of memory") : code;
}

enum err_code lefts_find_open(struct lefts *l, struct err *err)
{
    return read_with(l, frame, err);
}

/* The one that was asked for, those whose rest it is, and what took it over in its turn. */
static void keep(struct lefts *l, const char *key)
{
    struct left *of = find(l, key), *at = of;
    for (int i = 0; at && !at->kept && i < MAX_CHAIN; i++) {
        at->kept = true;
        at = find(l, act_str(at->op, "resumes"));
    }
    for (int i = 0; (at = of && of->by ? find(l, of->by) : NULL) && i < MAX_CHAIN; i++) {
        at->kept = true;
        of = at;
    }
}

enum err_code lefts_load(struct lefts *l, const char *key, struct err *err)
{
    l->also = key;
    enum err_code code = read_with(l, frame, err);
    size_t n = 0;
    keep(l, key ? key : "");
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i].ended && !l->item[i].kept)
            left_free(&l->item[i]);
        else
            l->item[n++] = l->item[i];
    }
    l->n = n;
    return n && !l->failed ? read_with(l, detail, err) : code;
}

enum err_code lefts_load_gone(struct lefts *l, struct err *err)
{
    enum err_code code = read_with(l, frame, err);
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i].ended || (left_alive(&l->item[i]) && left_here(&l->item[i])))
            left_free(&l->item[i]);
        else
            l->item[n++] = l->item[i];
    }
    l->n = n;
    return n && !l->failed ? read_with(l, detail, err) : code;
}

bool left_here(const struct left *l)
{
    char own[128] = "";
    return !gethostname(own, sizeof(own) - 1) && !strcmp(own, act_str(l->op, "host"));
}

bool left_alive(const struct left *l)
{
    return journal_alive(act_str(l->op, "host"), (long)act_num(l->op, "pid", 0), act_str(l->op, "started"));
}

bool left_own(const struct left *l)
{
    return left_here(l) && act_num(l->op, "pid", 0) == (int64_t)getpid();
}

json_t *left_lost(const struct left *l)
{
    json_t *lost = json_array();
    for (size_t i = 0; i < l->nsteps; i++) {
        if (!l->steps[i].begun || l->steps[i].over)
            continue;
        json_t *what = json_deep_copy(l->steps[i].what);
        const char *own = act_str(what, "action");
        json_object_set_new(what, "action", json_string(*own ? own : act_str(l->op, "action")));
        json_object_set_new(what, "back", json_boolean(l->steps[i].undo != NULL));
        json_object_set_new(what, "step", json_integer((json_int_t)l->steps[i].index));
        json_array_append_new(lost, what);
    }
    return lost;
}
