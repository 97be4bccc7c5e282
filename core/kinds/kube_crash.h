/*
 * Purpose:   since when a container crashes again and again: its Ready condition tells of the last time alone.
 * Thread:    any (pure).
 * Units:     milliseconds of the server's wall clock.
 */
#ifndef STRATA_KINDS_KUBE_CRASH_H
#define STRATA_KINDS_KUBE_CRASH_H

#include <stdbool.h>
#include <stdint.h>

#define KUBE_RAN_WELL_MS 600000         /* after so long a kubelet counts anew */

/* ended: the last crash; run: how long it ran before; restarts: so many, of the series or before; waiting: the kubelet's words, which tell
 * how long it waits, NULL none; start: of the pod, before which nothing was. As late as it can have been. */
int64_t kube_crash_since(int64_t ended, int64_t run, int64_t restarts, const char *waiting, int64_t start);

/* Is it the same series as then: so many restarts, the last crash; and before. */
bool kube_crash_goes_on(int64_t restarts, int64_t ended, int64_t before, int64_t then);

#endif
