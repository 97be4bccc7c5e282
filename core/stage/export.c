/* A run as files. */
#include "core/stage/stage_priv.h"

bool stage_export(const struct stage_snap *s, const struct stage_run *run, enum stage_format f, struct str *out)
{
    (void)run;
    (void)f;
    for (size_t i = 0; i < s->nruns; i++)
        str_adds(out, s->run[i]->verdict);
    return !out->failed;
}

bool stage_compare(const struct stage_snap *s, struct str *out)
{
    for (size_t i = 0; i < s->nruns; i++)
        str_addf(out, "%s\n", s->run[i]->headline);
    return !out->failed;
}
