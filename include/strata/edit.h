/*
 * Purpose:   the texts of an edit of one object: what is shown in the editor, what comes back as the action "edit", and the edit
 *            carried over to a version that came meanwhile. The texts are those of core_fetch(FETCH_YAML).
 * Thread:    any (pure).
 * Ownership: texts are borrowed; results are appended to the caller's buffers.
 * Errors:    ERR_PARSE with the line of the edited text, ERR_USAGE: what cannot be changed by an edit.
 */
#ifndef STRATA_EDIT_H
#define STRATA_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/err.h"
#include "strata/str.h"

/* For the editor: comments ("# ...", one or more lines of words, wrapped), then the object; decode: what a Secret holds as plain text. */
enum err_code edit_text(struct str *out, const char *yaml, const char *words, bool decode, struct err *err);
/* Arguments of the action "edit": the document and the mark of what was edited. same: nothing was changed (or all was deleted). */
enum err_code edit_document(const char *yaml, const char *edited, size_t len, struct str *document, char mark[40], bool *same, struct err *err);
/* The edit on another version of the object. text: YAML as of core_fetch; words: what changed on the server, and where both changed. */
enum err_code edit_again(const char *yaml, const char *edited, size_t len, const char *now, struct str *text, struct str *words, struct err *err);

#endif
