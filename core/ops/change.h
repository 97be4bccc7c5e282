/*
 * Purpose:   what two JSON documents differ in: in words, as a merge patch (RFC 7386), and three of them made one.
 * Thread:    any (pure).
 * Ownership: documents are borrowed; what is returned is the caller's.
 * Errors:    NULL: out of memory.
 *
 * Lists whose items all have a name of their own are compared by name, others item by item where they are of the same length.
 */
#ifndef STRATA_OPS_CHANGE_H
#define STRATA_OPS_CHANGE_H

#include <jansson.h>
#include <stdbool.h>

#include "strata/str.h"

/* Each value that differs: "spec.template.spec.containers[web].image". was or is NULL: not there. */
typedef void change_fn(void *arg, const char *path, const json_t *was, const json_t *is);
void change_walk(const json_t *was, const json_t *is, change_fn *fn, void *arg);
/* The same as lines, clean: "spec.replicas: 2 -> 3"; of texts of several lines those that go (-) and come (+). At most max lines.
 * What looks like a secret is not shown, and nothing of the data of a Secret. Returns how many values differ. */
size_t change_words(struct str *out, const json_t *was, const json_t *is, size_t max);

json_t *change_patch(const json_t *was, const json_t *is);
bool change_holds(const json_t *doc, const json_t *patch);         /* would the patch change nothing? */
json_t *change_back(const json_t *patch, const json_t *before);    /* what takes the patch back */

/* mine and theirs both come of base: what was changed in one of them. Where both changed the same, mine stands, and its path is
 * added to clashes, a line each. */
json_t *change_merge(const json_t *base, const json_t *mine, const json_t *theirs, struct str *clashes);

#endif
