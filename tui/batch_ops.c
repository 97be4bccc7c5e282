/* `strata audit`: the journal. `strata ops`: what earlier runs left undone and what another one does; gone on with, taken back, given up. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/str.h"
#include "tui/batch.h"

void batch_audit(struct batch *b)
{
    const struct options *o = b->opt;
    struct str out;
    struct err err = ERR_INIT;
    bool json = o->output && !strcmp(o->output, "json");
    str_init(&out, (size_t)1 << 30);
    if (audit_text(&out, o->since_s > 0 ? clock_wall_ms() - o->since_s * 1000 : 0, json, &err))
        batch_report(b, &err, NULL);
    print_text(out.data, out.len);
    str_release(&out);
}

static void list(struct batch *b)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    size_t n = core_ops_left(b->core, &left, &err);
    bool json = b->opt->output && !strcmp(b->opt->output, "json");
    struct str s;
    str_init(&s, 0);
    if (err.code)
        batch_report(b, &err, NULL);
    for (size_t i = 0; i < n; i++) {
        if (json) {
            const char *const keys[] = {"key", "title", "time", "state"}, *const values[] = {left[i].key, left[i].title, left[i].when, left[i].what};
            str_adds(&s, i ? ",\n{" : "[{");
            for (size_t k = 0; k < 4; k++) {
                str_addf(&s, "%s\"%s\":", k ? "," : "", keys[k]);
                str_add_json(&s, values[k], strlen(values[k]));
            }
            if (left[i].runs)
                str_addf(&s, ",\"pid\":%lld", (long long)left[i].pid);
            str_addf(&s, ",\"running\":%s}", left[i].runs ? "true" : "false");
        } else {
            str_addf(&s, "%s  %s  %s: %s\n", left[i].key, left[i].when, left[i].title, left[i].what);
        }
    }
    if (json)
        str_adds(&s, n ? "]\n" : "[]\n");
    else if (!n)
        fputs("nothing is unfinished\n", stderr);
    print_text(s.data, s.len);
    str_release(&s);
    op_left_free(left, n);
}

static const struct op_left *find(const struct op_left *left, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(left[i].key, key))
            return &left[i];
    return NULL;
}

static bool sure(struct batch *b, const struct op_left *l)
{
    char answer[16] = "";
    if (b->opt->yes)
        return true;
    fprintf(stderr, "%s  %s  %s: %s\nNothing is sent, all stays as it is; it is not offered any more.\n", l->key, l->when, l->title, l->what);
    if (!isatty(STDIN_FILENO)) {
        batch_error(b, EXIT_REFUSED, "not done: give --yes to give it up without a question");
        return false;
    }
    batch_forget_typed();
    fputs("Give it up? [y/N] ", stderr);
    batch_answer(answer, sizeof(answer));
    if (!strcmp(answer, "y") || !strcmp(answer, "yes"))
        return true;
    batch_error(b, EXIT_REFUSED, "%s: left as it is", l->title);
    return false;
}

#define GIVE_UP_ID 1

static void give_up(struct batch *b, const char *key)
{
    struct op_left *left = NULL;
    struct err err = ERR_INIT;
    size_t n = core_ops_left(b->core, &left, &err);
    const struct op_left *l = find(left, n, key);
    if (!l || sure(b, l)) {                 /* one that is not there is refused by who knows why */
        core_op_give_up(b->core, GIVE_UP_ID, key);
        struct event *e = batch_wait(b, GIVE_UP_ID);
        if (e && e->err.code)
            batch_report(b, &e->err, NULL);
        else if (e && l)
            printf("%s: given up\n", l->title);
        event_free(e);
    }
    op_left_free(left, n);
}

static void again(struct batch *b, const char *key, bool back)
{
    const struct options *o = b->opt;
    uint32_t id = core_op_again(b->core, key, back, o->dry_run);
    struct event *e = batch_wait(b, id);
    while (e && e->type != EV_PLAN) {
        event_free(e);
        e = batch_wait(b, id);
    }
    if (e && e->op && e->op->state == OPS_PLANNED && o->yes && !o->dry_run && !(o->output && !strcmp(o->output, "json")))
        fprintf(stderr, "strata: %s %s; its own key is %s\n", back ? "takes back" : "goes on with", key, e->op->key);
    bool overtaken = o->dry_run && e && e->op && e->op->err.code == ERR_CONFLICT;
    batch_op_planned(b, id, e);
    if (overtaken && b->rc == EXIT_REFUSED)
        b->rc = EXIT_FAILED;                /* as it would end */
}

void batch_ops(struct batch *b)
{
    const struct options *o = b->opt;
    if (!!o->resume + !!o->rollback + !!o->give_up > 1)
        batch_error(b, EXIT_USAGE, "--resume, --rollback and --give-up exclude each other");
    else if (o->resume || o->rollback)
        again(b, o->resume ? o->resume : o->rollback, o->rollback != NULL);
    else if (o->give_up)
        give_up(b, o->give_up);
    else
        list(b);
}

static bool has(const struct strlist *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->items[i], name))
            return true;
    return false;
}

static bool add_all(struct strlist *to, const struct strlist *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (!has(to, from->items[i]) && !strlist_add(to, from->items[i], strlen(from->items[i])))
            return false;
    return true;
}

/* It is done as it was begun: another identity that was named would not be asked. */
static bool has_part(struct batch *b, const struct options *o, const struct strlist *own)
{
    for (size_t i = 0; o->contexts_given && i < o->contexts.count; i++) {
        if (!has(own, o->contexts.items[i])) {
            batch_error(b, EXIT_USAGE, "context %s has no part in this operation, which is done as it was begun%s%s: leave --context out", o->contexts.items[i],
                        own->count ? ", as " : "", own->count ? own->items[0] : "");
            return false;
        }
    }
    return true;
}

bool batch_ops_sources(struct batch *b, struct options *o, struct strlist *contexts, struct strlist *clouds)
{
    struct err err = ERR_INIT;
    bool machines = false, ok = op_left_sources(o->resume ? o->resume : o->rollback, contexts, clouds, &machines, &err) == ERR_OK;
    if (ok && (contexts->count || clouds->count) && !has_part(b, o, contexts))
        return false;
    if (!ok || !add_all(contexts, &o->contexts) || !add_all(clouds, &o->clouds)) {
        batch_error(b, EXIT_FAILED, "%s", err.code ? err.msg : "out of memory");
        return false;
    }
    o->no_kube = !contexts->count;
    o->no_openstack = !clouds->count;
    o->look_clusters = machines;
    if (!contexts->count && !clouds->count)
        return true;
    o->contexts = *contexts;
    o->clouds = *clouds;
    return true;
}
