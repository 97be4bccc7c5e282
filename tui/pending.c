/* Of all operations the objects of those steps that are under way. */
#include "tui/pending.h"

#include <stdio.h>

void pending_release(struct pending *p)
{
    map_release(&p->rows);
    map_init(&p->rows, NULL);
}

void pending_begin(struct pending *p, uint32_t op)
{
    p->begun[p->nbegun++ % PENDING_BEGUN] = op;
}

bool pending_runs(const struct pending *p, const struct op_view *o)
{
    bool begun = false;
    for (size_t i = 0; i < PENDING_BEGUN; i++)
        begun |= o->id && p->begun[i] == o->id;
    return o->state == OPS_RUNNING || o->state == OPS_PAUSED || o->state == OPS_CANCELING || (begun && o->state == OPS_PLANNED);
}

static bool under_way(enum step_state s)
{
    return s == STEP_READING || s == STEP_SENDING || s == STEP_WATCHING;
}

void pending_look(struct pending *p, const struct ops_view *ops)
{
    char key[200];
    pending_release(p);
    for (size_t i = 0; ops && i < ops->n; i++) {
        const struct op_view *o = ops->op[i];
        bool runs = o->state == OPS_RUNNING || o->state == OPS_PAUSED || o->state == OPS_CANCELING;
        for (size_t k = 0; runs && k < o->nsteps; k++) {
            if (!under_way(o->steps[k].state) || !*o->steps[k].uid) continue;
            snprintf(key, sizeof key, "%u %s", o->steps[k].source_id, o->steps[k].uid);
            map_put(&p->rows, key, p);                /* any pointer: only the key counts */
        }
    }
}

bool pending_has(const struct pending *p, const struct row *r)
{
    char key[200];
    if (!p->rows.count) return false;
    snprintf(key, sizeof key, "%u %s", r->source, r->uid);
    return map_get(&p->rows, key) != NULL;
}
