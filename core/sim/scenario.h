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
#define STORY_CELLS 70                                         /* what is told fits beside its lead on 80 columns */
/* Lines "FROM-UNTIL|COMMAND|WORDS": when (ms from the start; until 0 = for ever), what does it, what to try. */
char *scenario_hints(const struct scenario_file *f, double speed);
void scenario_tell(const struct world *w, const char *words);  /* a line more in the file "story" */
/* ---- scenario_act.c: "delete-pod mgmt openstack nova-api-osapi", "host-down compute-2 for 90s", ... ---- */
bool scenario_knows(const char *words);
/* "ACTION | told when it is done | told when it is over". false: unknown, or there is no such thing now. */
bool scenario_act(struct world *w, const char *words);
void scenario_line(struct world *w, const char *line);         /* the same from standard input: the story says what came of it */

#endif
