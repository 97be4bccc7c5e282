/*
 * Purpose:   scenarios: what happens by itself in the demo cloud, and what a visitor may try; data files in scenarios/.
 * Thread:    one.
 * Ownership: const data of the program.
 * Errors:    an unknown name, a faulty line: false, and one sentence on stderr.
 * Units:     ms.
 */
#ifndef STRATA_SIM_SCENARIO_H
#define STRATA_SIM_SCENARIO_H

#include "core/sim/sim.h"

extern const struct scenario_file { const char *name, *text; } scenario_files[];    /* made by the Makefile */
const struct scenario_file *scenario_find(const char *name);   /* NULL = the default; an unknown one is said with all names */
void scenario_list(void);                                      /* on stdout: names and stories */
bool scenario_start(struct world *w, const struct scenario_file *f);
char *scenario_hints(const struct scenario_file *f);           /* lines "COMMAND|WORDS": what to try, and what does it */
/* ---- scenario_act.c: "delete-pod mgmt openstack nova-api-osapi", "host-down compute-2 for 90s", ... ---- */
bool scenario_knows(const char *words);
bool scenario_act(struct world *w, const char *words);         /* false: unknown, or there is no such thing now */

#endif
