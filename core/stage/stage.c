/* One stage: its life on the net thread, what the owner asks of it, the pictures it publishes. */
#include "core/stage/stage_priv.h"

#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"

void stages_close_all(struct core *c)
{
    (void)c;
}
