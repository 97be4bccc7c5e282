/* What others changed of an object since an operation left it: seen by what taking it back would overwrite, then and now. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/op.h"
#include "strata/mem.h"

/* Of what the way back sets, how it is in obj: "name=value" lines. NULL: nobody knows, or nothing. */
static char *stands(struct op_step *st, const struct action *back, const struct op_arg *args, size_t nargs, const json_t *obj)
{
    struct act_ctx c;
    struct str s;
    step_ctx(st, &c);
    c.action = back;
    c.args = args;
    c.nargs = nargs;
    c.before = obj;
    c.obj = NULL;
    for (size_t i = 0; i < ACT_SIDES && c.kind->plane == PLANE_OPENSTACK; i++)
        c.side[i] = (struct act_side){0};      /* were read for another row */
    str_init(&s, 65536);
    if (back->stands)
        back->stands(&c, &s);
    else if (back->undo && !back->undo(&c, &s))
        str_clear(&s);
    char *lines = s.len && !s.failed ? str_take(&s) : NULL;
    str_release(&s);
    return lines;
}

static char *left_in(struct op_step *st, const json_t *obj)
{
    const struct action *back = st->undo_id && obj ? action_find(st->undo_id, st->kind) : NULL;
    struct op_arg *some = NULL, *args = NULL;
    size_t nsome = 0, nargs = 0;
    char *lines = NULL;
    if (back && op_split_args(&some, &nsome, st->undo_args) && op_set_args(&args, &nargs, back, some, nsome))
        lines = stands(st, back, args, nargs, obj);
    op_args_free(some, nsome);
    op_args_free(args, nargs);
    return lines;
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

void since_answered(struct op_step *st)
{
    char *before = left_in(st, st->before), *now = NULL;
    if (st->answer && !strcmp(act_str(st->answer, "metadata.uid"), st->uid))
        now = left_in(st, st->answer);
    mem_free(st->left);
    st->left = same(now, before) ? NULL : now;      /* what a controller makes of it later is not in the answer */
    if (!st->left)
        mem_free(now);
    mem_free(before);
}

static void add_writers(struct op_step *st)
{
    struct str s;
    str_init(&s, 65536);
    str_adds(&s, st->left ? st->left : "");
    if (s.len && s.data[s.len - 1] != '\n')
        str_addc(&s, '\n');
    if (st->left && st->kind->plane == PLANE_KUBE)
        since_by_keep(st->undo_id, st->left, st->obj, &s);
    char *all = st->left && !s.failed ? str_take(&s) : NULL;
    str_release(&s);
    if (all) {
        mem_free(st->left);
        st->left = all;
    }
}

void since_ended(struct op_step *st)
{
    if (!st->undo_id || !st->obj || !st->action->observe)
        return;
    if (st->overtaken) {
        st->left = st->left ? st->left : mem_strdup(SINCE_OTHERS);
        return;
    }
    mem_free(st->left);
    st->left = left_in(st, st->obj);
    add_writers(st);
}

/* ---- in words ---- */

static const char *line_of(const char *lines, const char *name, size_t len)
{
    for (const char *p = lines; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (!strncmp(p, name, len) && p[len] == '=')
            return p + len + 1;
    return NULL;
}

static size_t key_len(const char *item, size_t len)
{
    size_t n = strcspn(item, "=:");
    if (n > len)
        n = len;
    return n == len && n && item[n - 1] == '-' ? n - 1 : n;
}

/* "env-", "key:NoSchedule-" */
static bool is_gone(const char *item, size_t len)
{
    return len && item[len - 1] == '-' && !memchr(item, '=', len);
}

static bool has_item(const char *list, const char *item, size_t len, bool by_key, const char **found, size_t *found_len)
{
    size_t key = by_key ? key_len(item, len) : len;
    for (const char *p = list; *p && *p != '\n';) {
        size_t n = strcspn(p, ",\n");
        if ((by_key ? key_len(p, n) : n) == key && !strncmp(p, item, key)) {
            *found = p;
            *found_len = n;
            return true;
        }
        p += n + (p[n] == ',');
    }
    return false;
}

struct say { struct str *why; const struct action *action; const char *left; };      /* left: whose state it was then */

static void say_item(const struct say *y, const char *item, size_t len, const char *was, size_t was_len)
{
    if (is_gone(item, len))
        str_addf(y->why, "%.*s was removed by somebody else since", (int)len - 1, item);
    else
        str_addf(y->why, "%.*s was set by somebody else since", (int)len, item);
    if (was_len && !is_gone(was, was_len))
        str_addf(y->why, " (%s %.*s)", y->left, (int)was_len, was);
    else
        str_addf(y->why, " (%s none)", y->left);
}

/* Of a list what is there now and was not left so; what went meanwhile is not overwritten by anything. */
static bool list_differs(const struct say *y, const char *left, const char *now)
{
    for (const char *p = now, *was = ""; *p && *p != '\n';) {
        size_t n = strcspn(p, ",\n"), was_len = 0;
        if (!has_item(left, p, n, false, &was, &was_len)) {
            if (!has_item(left, p, n, true, &was, &was_len))
                was_len = 0;
            say_item(y, p, n, was, was_len);
            return true;
        }
        p += n + (p[n] == ',');
    }
    return false;
}

/* The first field of an edited text that is another one now. */
static bool field_differs(struct str *path, const json_t *left, const json_t *now)
{
    const char *key;
    json_t *v;
    if (!json_is_object(left) || !json_is_object(now))
        return !json_equal(left, now);
    json_object_foreach((json_t *)now, key, v) {
        size_t at = path->len;
        str_addf(path, "%s%s", at ? "." : "", key);
        if (field_differs(path, json_object_get(left, key), v))
            return true;
        if (path->data)
            path->data[path->len = at] = '\0';
    }
    return false;
}

static bool text_differs(const struct say *y, const char *left, const char *now)
{
    struct str path;
    json_t *then = json_read(left, strcspn(left, "\n"), 0, NULL), *is = json_read(now, strcspn(now, "\n"), 0, NULL);
    str_init(&path, 400);
    bool differs = field_differs(&path, then, is);
    if (differs)
        str_addf(y->why, "%.300s was changed by somebody else since", path.len ? path.data : "its text");
    str_release(&path);
    json_decref(then);
    json_decref(is);
    return differs;
}

static bool is(const char *name, size_t len, const char *word)
{
    return len == strlen(word) && !strncmp(name, word, len);
}

static bool line_differs(const struct say *y, const char *left, const char *line)
{
    size_t len = strcspn(line, "=\n");
    const char *was = line[len] == '=' ? line_of(left, line, len) : NULL, *now = line + len + 1;
    if (!was)
        return false;                      /* left unsaid then */
    size_t n = strcspn(now, "\n"), m = strcspn(was, "\n");
    if (n == m && !strncmp(now, was, n))
        return false;
    if (is(line, len, "set") && !strcmp(y->action->id, "annotate"))        /* one, which may have commas */
        say_item(y, now, n, was, m);
    else if (is(line, len, "set") || is(line, len, "image"))
        return list_differs(y, was, now);
    else if (is(line, len, "document"))
        return text_differs(y, was, now);
    else if (is(line, len, "template"))
        str_adds(y->why, "its template was changed by somebody else since");
    else
        str_addf(y->why, "%.*s was set to %.*s by somebody else since (%s %.*s)", (int)len, line, n > 200 ? 200 : (int)n, now, y->left, m > 200 ? 200 : (int)m, was);
    return true;
}

bool since_shows(struct op_step *st, struct str *out)
{
    char *now = st->obj ? stands(st, st->action, st->args, st->nargs, st->obj) : NULL;
    bool some = false;
    for (const char *p = now; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t n = strcspn(p, "\n");
        if (n > 200 || hide_name(p) || !strncmp(p, "document=", 9) || !strncmp(p, "template=", 9))
            continue;
        str_addf(out, "%s%.*s", some ? ", " : "", (int)n, p);
        some = true;
    }
    if (!some && st->obj && st->kind->plane == PLANE_OPENSTACK && *act_str(st->obj, "status"))
        some = str_addf(out, "status %.60s", act_str(st->obj, "status"));
    mem_free(now);
    return some;
}

bool since_written(struct op_step *st, struct str *why)
{
    char *now = st->found && st->obj ? stands(st, st->action, st->args, st->nargs, st->obj) : NULL;
    bool others = now && since_by_others(st->action->id, now, st->found, st->obj, why);
    mem_free(now);
    return others;
}

bool since_changed(struct op_step *st, struct str *why)
{
    char *now = st->found && st->obj ? stands(st, st->action, st->args, st->nargs, st->obj) : NULL;
    struct say y = {why, st->action, st->op->planned ? "when it was planned it was" : "this operation left"};
    bool differs = st->found && !strcmp(st->found, SINCE_OTHERS);
    if (differs)
        str_adds(why, "it was changed by somebody else, who took over from this operation before its end");
    for (const char *p = now; p && *p && !differs; p += strcspn(p, "\n"), p += *p == '\n')
        differs = line_differs(&y, st->found, p);
    mem_free(st->found);
    st->found = now;                       /* what was told of is what may be overwritten */
    return differs;
}
