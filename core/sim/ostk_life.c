/* Documents that change by themselves: creating becomes available after a while, deleting becomes nothing. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/ostk_sim.h"

int64_t ostk_ms(const struct sim *s, int64_t ms)
{
    return s->world->speed > 0 ? (int64_t)((double)ms / s->world->speed) : ms;
}

const char *ostk_stamp_at(int64_t ms, char out[40])
{
    char at[32];
    snprintf(out, 40, "%.19s.000000", stamp(ms, at));
    return out;
}

const char *ostk_stamp(struct sim *s, char out[40])
{
    return ostk_stamp_at(sim_now(s), out);
}

struct obj *ostk_merge(struct sim *s, struct res *t, const char *id, json_t *set)
{
    struct obj *o = store_get(t, "", id);
    if (o) {
        json_t *d = obj_doc(o);
        json_object_update(d, set);
        o = store_put(s, t, d);
    }
    json_decref(set);
    return o;
}

void ostk_drop(struct sim *s, struct res *t, const char *id)
{
    char *name = sim_strdup(id);                               /* id may be the object's own */
    store_delete(s, t, "", name);
    free(name);
}

struct later { struct res *table; char *id, *key, *from; json_t *set; ostk_done_fn *done; };

static void later_run(struct sim *s, void *arg)
{
    struct later *l = arg;
    struct obj *o = store_get(l->table, "", l->id);
    json_t *d = o ? obj_doc(o) : NULL;
    if (d && (!l->from || strcmp(jstr(d, l->key), l->from) == 0)) {
        if (l->set)
            ostk_merge(s, l->table, l->id, json_incref(l->set));
        else
            ostk_drop(s, l->table, l->id);
        if (l->done)
            l->done(s, l->id);
    }
    json_decref(d);
    json_decref(l->set);
    free(l->id);
    free(l->key);
    free(l->from);
    free(l);
}

void ostk_later(struct sim *s, int64_t ms, struct res *t, const char *id, const char *key, const char *from, json_t *set, ostk_done_fn *done)
{
    struct later *l = sim_alloc(sizeof(*l));
    *l = (struct later){t, sim_strdup(id), key ? sim_strdup(key) : NULL, from ? sim_strdup(from) : NULL, set, done};
    sim_after(s, ostk_ms(s, ms), later_run, l);
}

json_t *ostk_body(struct req *r)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    if (json_is_object(in))
        return in;
    json_decref(in);
    return NULL;
}

bool ostk_is_uuid(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        if (*text == '-')
            continue;
        if (!isxdigit((unsigned char)*text))
            return false;
        n++;
    }
    return n == 32;
}
