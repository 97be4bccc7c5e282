/*
 * Purpose:   the one number of the header: how many causes explain how many red rows, and how far that is known. ROLE_HEADER_*.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_TALLY_H
#define STRATA_TUI_TALLY_H

struct app;
struct tally { char words[96]; int role; };

/* width: cells of the header; a narrow one has the numbers alone. "15 causes explain 28 of 30 red rows, not 2 in Images". */
void tally_make(struct app *a, int width, struct tally *out);

#endif
