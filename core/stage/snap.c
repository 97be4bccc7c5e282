/* Snapshots of a stage and of its runs: counted boxes that own their texts and arrays in one arena each. */
#include <stdatomic.h>
#include <string.h>

#include "core/stage/stage_priv.h"
#include "strata/mem.h"

#define ARENA_MAX ((size_t)64 << 20)

struct stage_run_box {
    struct stage_run run;
    struct arena arena;
    atomic_uint refs;
};

struct snap_box {
    struct stage_snap snap;            /* first */
    struct arena arena;
    atomic_uint refs;
    struct stage_run_box **runs;
    size_t nruns;
};

struct stage_run_box *stage_run_box_new(void)
{
    struct stage_run_box *b = mem_zalloc(sizeof *b);
    if (!b)
        return NULL;
    arena_init(&b->arena, ARENA_MAX);
    atomic_init(&b->refs, 1);
    b->run.headline = b->run.verdict = "";
    return b;
}

struct stage_run *stage_run_box_run(struct stage_run_box *b)
{
    return &b->run;
}

struct arena *stage_run_box_arena(struct stage_run_box *b)
{
    return &b->arena;
}

struct stage_run_box *stage_run_box_ref(struct stage_run_box *b)
{
    atomic_fetch_add(&b->refs, 1);
    return b;
}

void stage_run_box_unref(struct stage_run_box *b)
{
    if (!b || atomic_fetch_sub(&b->refs, 1) != 1)
        return;
    arena_release(&b->arena);
    mem_free(b);
}

struct stage_snap *stage_snap_new(void)
{
    struct snap_box *b = mem_zalloc(sizeof *b);
    if (!b)
        return NULL;
    arena_init(&b->arena, ARENA_MAX);
    atomic_init(&b->refs, 1);
    return &b->snap;
}

struct arena *stage_snap_arena(struct stage_snap *s)
{
    return &((struct snap_box *)s)->arena;
}

bool stage_snap_set_runs(struct stage_snap *s, struct stage_run_box *const *runs, size_t n)
{
    struct snap_box *b = (struct snap_box *)s;
    const struct stage_run **list = arena_alloc(&b->arena, (n + 1) * sizeof *list);
    b->runs = arena_alloc(&b->arena, (n + 1) * sizeof *b->runs);
    if (!list || !b->runs)
        return false;
    for (size_t i = 0; i < n; i++) {
        b->runs[i] = stage_run_box_ref(runs[i]);
        list[i] = &runs[i]->run;
    }
    b->nruns = n;
    s->run = list;
    s->nruns = n;
    return true;
}

struct stage_snap *stage_snap_ref(struct stage_snap *s)
{
    atomic_fetch_add(&((struct snap_box *)s)->refs, 1);
    return s;
}

void stage_snap_unref(struct stage_snap *s)
{
    struct snap_box *b = (struct snap_box *)s;
    if (!s || atomic_fetch_sub(&b->refs, 1) != 1)
        return;
    for (size_t i = 0; i < b->nruns; i++)
        stage_run_box_unref(b->runs[i]);
    arena_release(&b->arena);
    mem_free(b);
}
