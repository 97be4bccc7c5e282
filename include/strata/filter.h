/*
 * Purpose:   the filter language of `/`, --filter and "only problems".
 * Thread:    a filter belongs to one thread at a time.
 * Ownership: filter_free; view_filter takes it over.
 * Errors:    filter_parse says what is wrong in one sentence, naming the term.
 *
 * Terms are joined by spaces, all must hold; "quotes" keep spaces together.
 *   text             substring of any shown column, any case
 *   ~regex           PCRE2, any case, over any shown column; also a|b, ^a, a$, a.*b, [ab] without the ~
 *   !term            not
 *   -l k=v,k2!=v2    label selector: = == != in notin exists !exists (rest of the line up to the next space)
 *   -f text          fuzzy (letters in order) over scope/name
 *   col:text         substring of one column;  col:~regex, col~regex, col=~regex; col!~regex does not match
 *   col=text         exactly (any case);  col!=text
 *   col>5 col>=5 col<10m col<=2Gi    numbers, ages (s m h d y), bytes, millicores, ratios as a fraction
 *   k=v, k!=v        label, where k is not a column
 *   cluster:prod     by the cluster or cloud it comes from (also cloud: source: context:), where it is not a column
 *   health:bad       by health name
 */
#ifndef STRATA_FILTER_H
#define STRATA_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/row.h"

struct filter;
/* k may be NULL: columns are then looked up at match time. Empty text: *out = NULL, ERR_OK. */
enum err_code filter_parse(struct filter **out, const char *text, const struct kind *k, struct err *err);
void filter_free(struct filter *f);
/* Before a pass over rows that stay where they are: answers remembered by address are forgotten. */
void filter_pass(struct filter *f);
/* How `cluster:`, `cloud:`, `source:` find a source's name (borrowed; NULL: no such source). f NULL is fine. */
void filter_sources(struct filter *f, const char *(*name)(const void *arg, uint16_t source), const void *arg);
bool filter_match(struct filter *f, const struct row *r, int64_t now_ms);
/* true: whatever matches `now` matched `old`, so it is enough to look at what old left. */
bool filter_narrows(const struct filter *old, const struct filter *now);
bool filter_uses_time(const struct filter *f);          /* ages: matches may change as time goes by */
/* The label selector part as the server wants it, or NULL (borrowed). */
const char *filter_selector(const struct filter *f);
/* Byte ranges to highlight in a cell's text; returns how many were written. */
struct filter_mark { unsigned short at, len; };
int filter_marks(struct filter *f, int col, const char *text, struct filter_mark *out, int max);

#endif
