/*
 * Purpose:   the files of an apply: what a path names, read whole.
 * Thread:    ui (main).
 * Ownership: apply_files_release.
 * Errors:    false, err names the file.
 */
#ifndef STRATA_TUI_APPLY_FILES_H
#define STRATA_TUI_APPLY_FILES_H

#include "strata/apply.h"

/* plain: nothing that can make its reader wait, no pipe. skipped: directories that were not gone into, the first of them by name. */
struct apply_files { struct apply_text *text; size_t n, cap, skipped; bool plain; char first[300]; };
/* A file, "-" for the input, or a directory: its *.yaml, *.yml and *.json by name; deep: those below, too. */
bool apply_files_add(struct apply_files *f, const char *path, bool deep, struct err *err);
void apply_files_release(struct apply_files *f);

#endif
