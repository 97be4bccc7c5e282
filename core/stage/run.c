/* A run: the watches that stand before the delete, the delete, what follows, and its end. */
#include "core/stage/stage_priv.h"

#include "strata/mem.h"

void stage_run_planned(struct stage *st)
{
    (void)st;
}

void stage_run_go(struct stage *st, const struct stage_go *go)
{
    (void)go;
    stage_say(st, "not deleted: this build only plans");
}

void stage_run_mark(struct stage *st, int64_t at_us, const char *text)
{
    (void)st;
    (void)at_us;
    (void)text;
}

void stage_run_stop(struct stage *st)
{
    (void)st;
}

void stage_run_tick(struct stage *st)
{
    (void)st;
}

void stage_run_free(struct stage *st)
{
    mem_free(st->live);
}
