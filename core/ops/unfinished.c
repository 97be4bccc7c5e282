/*
 * Said in the plan: what a strata that was killed left unfinished on the same objects, or on the same host. The journal may be that of
 * years: it is read on a worker, beside the plan.
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/left.h"
#include "core/ops/op_plan.h"
#include "core/ops/running.h"
#include "strata/mem.h"
#include "strata/text.h"

#define SHOWN 5

struct looking { struct core *core; uint32_t op; struct lefts all; struct err err; };

static void look_free(struct looking *l)
{
    lefts_release(&l->all);
    mem_free(l);
}

static void look(void *arg)
{
    struct looking *l = arg;
    lefts_load_gone(&l->all, &l->err);
}

/* The operation may be gone by now. */
static void looked(void *arg)
{
    struct looking *l = arg;
    struct op *op = l->core->closing || !l->core->ops ? NULL : op_find(l->core, l->op);
    if (op && op->unfinished == l) {
        op->unfinished_known = true;
        op_pump_soon(op);
    } else {
        look_free(l);
    }
}

bool unfinished_look(struct op *op)
{
    if (op->unfinished || op->unfinished_known)
        return op->unfinished_known;
    struct looking *l = op->by_itself || op->told ? NULL : mem_zalloc(sizeof(*l));      /* nobody reads those plans */
    if (l)
        *l = (struct looking){.core = op->core, .op = op->id};
    op->unfinished = l;
    op->unfinished_known = !l || !net_work(op->core->net, look, looked, l);
    return op->unfinished_known;
}

void unfinished_forget(struct op *op)
{
    if (op->unfinished && op->unfinished_known)
        look_free(op->unfinished);         /* else it is freed when it was read */
    op->unfinished = NULL;
}

/* ---- whose ---- */

/* One machine is a node of a cluster, and a hypervisor with its compute service of a cloud. */
static bool same_host(const struct op_step *st, const json_t *t)
{
    static const char *const hosts[] = {"nodes", "hypervisor", "compute-service"};
    const char *kind = act_str(t, "kind"), *name = act_str(t, "name");
    size_t len = strcspn(name, "."), known = 0;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        known += !strcmp(hosts[i], kind) || !strcmp(hosts[i], st->kind->id);
    bool clouds = strcmp(kind, "nodes") != 0 && st->kind->plane == PLANE_OPENSTACK;
    return known == 2 && len && len == strcspn(st->name, ".") && !strncmp(name, st->name, len) &&
           (!clouds || !strcmp(act_str(t, "server"), st->src->info.server));
}

/* A drain of a host is one of its hypervisor and of its node, too. */
static bool same_host_drained(const struct op *op, const struct left *l)
{
    const char *now = op->action->id, *then = act_str(l->op, "action");
    bool host = !strcmp(now, "host-drain") || !strcmp(then, "host-drain");
    return host && strlen(now) >= 5 && strlen(then) >= 5 && !strcmp(now + strlen(now) - 5, "drain") && !strcmp(then + strlen(then) - 5, "drain");
}

/* target: of those that were named, on both sides. */
static bool common(const struct op *op, const struct left *l, bool *target)
{
    bool found = false;
    *target = false;
    for (size_t i = 0; i < op->nsteps && !*target; i++)
        for (size_t k = 0; k < l->nsteps && !*target; k++) {
            const struct op_step *st = &op->steps[i];
            if (l->steps[k].over)
                continue;                  /* that part of it is through */
            bool same = running_same(st, l->steps[k].what), host = same_host(st, l->steps[k].what);
            found |= same || host;
            *target = (same || (host && same_host_drained(op, l))) && i < op->ntargets && k < l->ntargets;
        }
    return found;
}

/* Two of the same kind would not know of each other's steps: what the first one did the second finds done, and does not take back. */
static bool same_work(const struct op *op, const struct left *l)
{
    return op->action->compound && (!strcmp(op->action->id, act_str(l->op, "action")) || same_host_drained(op, l));
}

static char *words(const struct left *l, bool refuse)
{
    const char *key = act_str(l->op, "key"), *title = act_str(l->op, "title"), *who = act_str(l->op, "who"), *time = act_str(l->op, "time");
    char *how = left_words(l, left_alive(l));
    struct str s;
    str_init(&s, 4096);
    if (refuse)
        str_addf(&s, "unfinished since %.30s: strata ops --resume %.63s goes on with it (:unfinished), --rollback takes it back, --give-up lets it be begun anew; by %.40s, %s",
                 time, key, who, how ? how : "");
    else
        str_addf(&s, "%.200s, begun by %.60s %.30s, is unfinished: %s; strata ops (:unfinished) goes on with it or takes it back (%.63s)", title, who, time,
                 how ? how : "", key);
    mem_free(how);
    return text_take(&s);
}

static bool own(const struct op *op, const struct left *l)
{
    const char *key = act_str(l->op, "key");
    return (op->resumes && !strcmp(op->resumes, key)) || !strcmp(op->undoes, key);
}

enum err_code unfinished_say(struct op *op, struct err *err)
{
    const struct looking *l = op->unfinished;
    size_t n = 0;
    char text[200];
    bool target;
    if (l && l->err.code) {
        snprintf(text, sizeof(text), "whether another operation of it is unfinished is not known: %.120s", l->err.msg);
        op_fact(op, FACT_CAUTION, UINT32_MAX, text);
    }
    for (size_t i = l ? l->all.n : 0; i-- > 0 && !err->code;) {
        const struct left *one = &l->all.item[i];
        if (own(op, one) || !common(op, one, &target) || (op->resumes && !op->back))
            continue;
        bool beside = target && same_work(op, one), refuse = beside && !op->dry_run;
        char *said = words(one, refuse);
        if (refuse || !said)
            err_set(err, said ? ERR_FORBIDDEN : ERR_NOMEM, 0, "%s", said ? said : "out of memory");
        else if (n++ < SHOWN)
            op_fact(op, FACT_CAUTION, UINT32_MAX, said);
        if (beside && op->dry_run)
            op_fact(op, FACT_DANGER, UINT32_MAX, "it would be refused now, as long as that is unfinished");
        mem_free(said);
    }
    if (n > SHOWN && !err->code) {
        snprintf(text, sizeof(text), "and %zu more are unfinished: strata ops lists them", n - SHOWN);
        op_fact(op, FACT_CAUTION, UINT32_MAX, text);
    }
    return err->code;
}
