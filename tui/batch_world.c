/* The whole world for batch verbs: everything the links speak of, read once from all chosen sources. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/world.h"
#include "tui/batch.h"

#define PATIENCE_MS 30000      /* who has not answered by then is said to be unseen */

static bool profiles_dir(char *buf, size_t size)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = xdg && *xdg == '/' ? snprintf(buf, size, "%s/strata/profiles", xdg) : home && *home ? snprintf(buf, size, "%s/.config/strata/profiles", home) : -1;
    return n > 0 && (size_t)n < size;
}

struct world *batch_world(struct batch *b)
{
    struct err err = ERR_INIT;
    char dir[4096];
    struct world *world = world_open(b->core, b->info, b->ninfo, profiles_dir(dir, sizeof dir) ? dir : "", &err);
    if (err.code)
        batch_report(b, &err, NULL);
    if (!world)
        batch_error(b, EXIT_FAILED, "out of memory");
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    for (struct event *e; world && !world_settled(world) && (e = batch_event_until(b, end)); event_free(e))
        world_event(world, e);
    return world;
}

void batch_unseen(struct batch *b, const struct world *w)
{
    if (!w)
        return;
    struct str s;
    str_init(&s, 1 << 16);
    world_unseen(w, &s);
    for (char *save = NULL, *line = s.len ? strtok_r(s.data, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save))
        batch_error(b, EXIT_FAILED, "not seen: %s", line);
    str_release(&s);
}

