/* Since when a container crashes again and again; see the header. A kubelet waits longer before each start: 10s, 20s, ... up to 5 minutes,
 * and begins anew once it ran for 10. */
#include "core/kinds/kube_crash.h"

#include <string.h>

#define LONGEST_MS 300000

/* Where it still waits less than the longest, the restarts of this series are known. */
static int64_t in_series(int64_t restarts, const char *waiting)
{
    static const char *const words[] = {"back-off 10s ", "back-off 20s ", "back-off 40s ", "back-off 1m20s ", "back-off 2m40s "};
    for (size_t i = 0; waiting && i < sizeof words / sizeof *words; i++)
        if (!strncmp(waiting, words[i], strlen(words[i])))
            return (int64_t)i + 1 < restarts ? (int64_t)i + 1 : restarts;
    return restarts;
}

int64_t kube_crash_since(int64_t ended, int64_t run, int64_t restarts, const char *waiting, int64_t start)
{
    int64_t n = in_series(restarts, waiting), began = ended - n * (run > 0 ? run : 0);
    for (int64_t i = 1, wait = 10000; i < n && began > start; i++, wait = wait * 2 < LONGEST_MS ? wait * 2 : LONGEST_MS)
        began -= wait;                          /* after the first crash it starts at once */
    /* runs are not all as long as the last: what comes near its start has been so since then */
    return began > start && (ended - began) + (ended - began) / 2 < ended - start ? began : start;
}

bool kube_crash_goes_on(int64_t restarts, int64_t ended, int64_t before, int64_t then)
{
    return restarts >= before && ended >= then && ended - then <= (restarts - before) * (LONGEST_MS + KUBE_RAN_WELL_MS);
}
