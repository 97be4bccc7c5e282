/*
 * Purpose:   the journal of changes: JSON lines, append only, 0600, fsynced, in $XDG_STATE_HOME/strata/audit.jsonl (or
 *            ~/.local/state/...). Beyond 16 MiB it becomes audit.jsonl.1 and so on, eight of them; what did not end is kept
 *            (journal_kept.h). Several stratas write into the same one: whole lines, under a lock.
 * Thread:    writing: net thread. Reading: any.
 * Ownership: journal_free; NULL is fine everywhere (writing then refuses).
 * Errors:    ERR_IO: it could not be written, what was to be done must not be done. What was done already and cannot be
 *            written is kept in memory and written before anything else is: journal_trouble tells of it meanwhile.
 */
#ifndef STRATA_OPS_JOURNAL_H
#define STRATA_OPS_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "strata/err.h"
#include "strata/str.h"

struct journal;
struct journal *journal_new(void);               /* opens nothing until there is something to write */
void journal_free(struct journal *j);
bool journal_path(char *buf, size_t size);       /* false: no place for it */
bool journal_dirs(void);                         /* makes what it lies in; false: errno */

bool journal_flock(int fd);                      /* alone with it, after two seconds at most; false: errno */

/* {"time":...,"event":EVENT,"pid":...,"host":...,"who":... into line, to be gone on with and ended by journal_put. */
void journal_begin(struct journal *j, struct str *line, const char *event);
void journal_field(struct str *line, const char *key, const char *value);
void journal_number(struct str *line, const char *key, int64_t value);
/* Ends the line and appends it. sync: it has reached the disk when this returns. */
enum err_code journal_put(struct journal *j, struct str *line, bool sync, struct err *err);
/* The same for what has happened: it is not lost. */
void journal_tell(struct journal *j, struct str *line, bool sync);
const char *journal_trouble(const struct journal *j);      /* why lines are kept in memory; "" all are written */

/* Is the process that wrote this still there? started: as journal_begin writes it. */
bool journal_alive(const char *host, long pid, const char *started);

#endif
