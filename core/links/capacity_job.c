/* Placement's word on each hypervisor, asked for and kept for a while. */
#include <stdio.h>
#include <string.h>

#include "strata/capacity.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define HOSTS 1000             /* two requests each; those beyond are as Nova tells */
#define FRESH_MS 30000

struct asked { char *uid; uint16_t source; uint32_t id; int64_t at_ms; bool known; struct err err; struct capacity_stock stock; };
struct capacity_job { struct core *core; struct asked *asked; size_t n, cap; struct capacity_stock *stock; size_t nstock, cap_stock; size_t left_out; };

struct capacity_job *capacity_open(struct core *c)
{
    struct capacity_job *j = mem_zalloc(sizeof *j);
    if (j)
        j->core = c;
    return j;
}

void capacity_close(struct capacity_job *j)
{
    for (size_t i = 0; j && i < j->n; i++) {
        if (j->asked[i].id)
            core_cancel(j->core, j->asked[i].id);
        mem_free(j->asked[i].uid);
    }
    if (j) {
        mem_free(j->asked);
        mem_free(j->stock);
    }
    mem_free(j);
}

static struct asked *of(struct capacity_job *j, const struct row *r)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->asked[i].source == r->source && !strcmp(j->asked[i].uid, r->uid))
            return &j->asked[i];
    char *uid = mem_strdup(r->uid);
    if (!uid || !mem_grow(&j->asked, &j->cap, j->n + 1, sizeof *j->asked)) {
        mem_free(uid);
        return NULL;
    }
    j->asked[j->n] = (struct asked){.uid = uid, .source = r->source, .at_ms = -FRESH_MS};
    return &j->asked[j->n++];
}

bool capacity_ask(struct capacity_job *j, const struct links *l)
{
    int64_t now = clock_mono_ms();
    bool ok = true;
    j->left_out = 0;
    for (uint32_t i = 0, hosts = 0; i < links_nodes(l); i++) {
        const struct row *r = links_row(l, i);
        if (!r || strcmp(r->kind->id, "hypervisor") != 0)
            continue;
        if (++hosts > HOSTS) {
            j->left_out++;
            continue;
        }
        struct asked *a = of(j, r);
        if (a && (a->id || now - a->at_ms < FRESH_MS))
            continue;
        if (a) {
            a->at_ms = now;
            a->id = core_fetch(j->core, r, FETCH_STOCK, 0);
        }
        ok = ok && a && a->id;
    }
    return ok;
}

bool capacity_event(struct capacity_job *j, struct event *e)
{
    for (size_t i = 0; e->type == EV_TEXT && e->id && i < j->n; i++) {
        struct asked *a = &j->asked[i];
        if (a->id != e->id)
            continue;
        a->id = 0;
        a->err = e->err;
        if (!e->err.code && !(a->known = e->text && capacity_read_stock(&a->stock, e->text)))
            err_set(&a->err, ERR_PROTO, 0, "Placement knows no processors and memory of it");
        return true;
    }
    return false;
}

bool capacity_settled(const struct capacity_job *j)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->asked[i].id)
            return false;
    return true;
}

size_t capacity_stocks(struct capacity_job *j, const struct capacity_stock **list)
{
    j->nstock = 0;
    for (size_t i = 0; i < j->n; i++) {
        if (!j->asked[i].known || !mem_grow(&j->stock, &j->cap_stock, j->nstock + 1, sizeof *j->stock))
            continue;
        j->stock[j->nstock] = j->asked[i].stock;
        j->stock[j->nstock].source = j->asked[i].source;
        j->stock[j->nstock++].uid = j->asked[i].uid;
    }
    *list = j->stock;
    return j->nstock;
}

/* One sentence for all hosts that say the same. */
void capacity_unseen(const struct capacity_job *j, const struct tell *t, struct str *out)
{
    for (size_t i = 0; i < j->n; i++) {
        const struct asked *a = &j->asked[i];
        const struct source_info *s = t->source(t->arg, a->source);
        bool told = false;
        for (size_t k = 0; k < i && !told; k++)
            told = j->asked[k].source == a->source && !strcmp(j->asked[k].err.msg, a->err.msg);
        if (a->err.code && a->err.code != ERR_UNSUPPORTED && !told)
            str_addf(out, "%s: overcommit: %s\n", s ? s->name : "", a->err.msg);
    }
    if (j->left_out)
        str_addf(out, "overcommit of %zu more hypervisors was not asked for\n", j->left_out);
}
