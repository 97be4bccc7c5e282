/* Placement's word on each hypervisor, asked for and kept for a while. */
#include <stdio.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/capacity.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define HOSTS 1000             /* two requests each; those beyond are as Nova tells */
#define FRESH_MS 30000

struct asked { char *uid; uint16_t source; uint32_t id; int64_t at_ms; bool known; struct err err; struct capacity_stock stock; };
struct capacity_job { struct core *core; struct asked *asked; size_t n, cap, left_out; };

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
    }
    mem_free(j);
}

/* Hosts come in the same order each time: at is where the next one is likely. */
static struct asked *of(struct capacity_job *j, const struct row *r, size_t *at)
{
    for (size_t k = 0; k < j->n; k++) {
        size_t i = (*at + k) % j->n;
        if (j->asked[i].source != r->source || strcmp(j->asked[i].uid, r->uid) != 0)
            continue;
        *at = i + 1;
        return &j->asked[i];
    }
    char *uid = mem_strdup(r->uid);
    if (!uid || !mem_grow(&j->asked, &j->cap, j->n + 1, sizeof *j->asked)) {
        mem_free(uid);
        return NULL;
    }
    j->asked[j->n] = (struct asked){.uid = uid, .source = r->source, .at_ms = -FRESH_MS};
    return &j->asked[j->n++];
}

static bool ask_one(struct capacity_job *j, const struct row *r, int64_t now, size_t *at)
{
    struct asked *a = of(j, r, at);
    if (!a || a->id || now - a->at_ms < FRESH_MS)
        return a != NULL;
    a->at_ms = now;
    a->id = core_fetch(j->core, r, FETCH_STOCK, 0);
    return a->id != 0;
}

bool capacity_ask(struct capacity_job *j, const struct links *l)
{
    int64_t now = clock_mono_ms();
    bool ok = true;
    size_t hosts = 0, at = 0;
    j->left_out = 0;
    for (size_t k = 0; k < l->nsnaps; k++) {
        const struct link_snap *s = &l->snap[k];
        for (uint32_t i = s->base; !strcmp(snap_kind(s->snap)->id, "hypervisor") && i < s->base + snap_slots(s->snap); i++) {
            const struct row *r = links_row(l, i);
            if (r && hosts++ >= HOSTS)
                j->left_out++;
            else if (r)
                ok = ask_one(j, r, now, &at) && ok;
        }
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

struct capacity_stock *capacity_stocks(const struct capacity_job *j, size_t *n)
{
    size_t bytes = 0, known = 0;
    for (size_t i = 0; i < j->n; i++)
        bytes += j->asked[i].known ? sizeof(struct capacity_stock) + strlen(j->asked[i].uid) + 1 : 0, known += j->asked[i].known;
    struct capacity_stock *list = mem_alloc(bytes + 1);
    char *uid = (char *)(list + known);
    *n = 0;
    for (size_t i = 0; list && i < j->n; i++) {
        if (!j->asked[i].known)
            continue;
        size_t len = strlen(j->asked[i].uid) + 1;
        list[*n] = j->asked[i].stock;
        list[*n].source = j->asked[i].source;
        list[(*n)++].uid = memcpy(uid, j->asked[i].uid, len);
        uid += len;
    }
    return list;
}

/* One sentence for all hosts that say the same. */
void capacity_unseen(const struct capacity_job *j, const struct tell *t, struct str *out)
{
    for (size_t i = 0; i < j->n; i++) {
        const struct asked *a = &j->asked[i];
        const struct source_info *s = t->source(t->arg, a->source);
        bool told = !a->err.code || a->err.code == ERR_UNSUPPORTED;
        for (size_t k = 0; k < i && !told; k++)
            told = j->asked[k].source == a->source && !strcmp(j->asked[k].err.msg, a->err.msg);
        if (!told)
            str_addf(out, "%s: overcommit: %s\n", s ? s->name : "", a->err.msg);
    }
    if (j->left_out)
        str_addf(out, "overcommit of %zu more hypervisors was not asked for\n", j->left_out);
}
