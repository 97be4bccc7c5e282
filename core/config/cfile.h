/*
 * Purpose:   what the readers of configuration files share: reading a file, paths, sentences for the user.
 * Thread:    any; no shared state.
 * Ownership: results are the caller's (mem_free).
 * Errors:    ERR_NOTFOUND only for a file that is not there; ERR_IO with the reason; ERR_TOOBIG.
 */
#ifndef STRATA_CONFIG_CFILE_H
#define STRATA_CONFIG_CFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/err.h"
#include "strata/str.h"

/* The whole file, NUL-terminated. detail of the error is errno. */
enum err_code cfile_read(const char *path, size_t max, char **text, size_t *len, struct err *err);
/* Absolute path of `path` seen from directory `dir`, "." and ".." and "//" folded (as Go's filepath.Join). */
char *cfile_join(const char *dir, const char *path);
char *cfile_dir(const char *file);                  /* absolute directory that holds the file */
char *cfile_home(const char *path, const char *home);   /* "~/x" -> home/x; other paths copied */
/* Appends one sentence and a newline; everything is made clean. line 0: no line. */
void cfile_problem(struct str *out, const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* err_set whose words may come from a file: the message is made clean. */
enum err_code cfile_error(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
