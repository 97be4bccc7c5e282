/*
 * Purpose:   the one table of options and the one table of verbs; command line, config file, --help, man pages and
 *            completion are all made from these rows. A new option is one row, a new verb another.
 * Thread:    any (const data).
 * Ownership: borrowed.
 * Errors:    none.
 */
#ifndef STRATA_CONFIG_OPTION_TABLE_H
#define STRATA_CONFIG_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/options.h"

enum option_type {
    OPT_FLAG,       /* bool */
    OPT_TEXT,       /* char *, the last one counts */
    OPT_PATH,       /* char *; in the config file relative to it, ~ expanded */
    OPT_NAMES,      /* struct strlist, one name each time */
    OPT_LIST,       /* struct strlist, each time names separated by commas */
    OPT_INT,        /* int64_t */
    OPT_DURATION,   /* int64_t seconds: 90, 90s, 5m, 1h30m, 2d */
};
/* option_row flags */
#define OPT_GLOBAL 1u      /* goes with every verb and without one */
#define OPT_HIDDEN 2u      /* not in help */
#define OPT_SOURCES 4u     /* says which sources: one of these on the command line overrules all of them in the config file */
#define OPT_SCOPE 8u       /* the same for namespaces */
#define OPT_MAYBE 16u      /* the value may be left out, and stands after "=" only: arg is "[=NAME]" */

struct option_row {
    const char *name;      /* long name without "--"; NULL = only in the config file */
    char letter;           /* or 0 */
    const char *arg;       /* "FILE"; NULL for flags */
    enum option_type type;
    unsigned flags;
    size_t offset;         /* in struct options */
    const char *key;       /* in the config file; NULL = none */
    const char *initial;   /* default as text for help; NULL = none */
    const char *choices;   /* "table|wide"; NULL = free */
    const char *help;      /* one sentence */
};
extern const struct option_row option_rows[];
extern const size_t option_count;

struct verb_row {
    const char *name, *usage, *help;
    int min_args, max_args;            /* max -1 = any */
    const char *const *options;        /* own options by long name, NULL-terminated */
    const char *const *examples;       /* "command # what it does", NULL-terminated */
    const char *outputs;               /* what --output may be here, "table|json"; NULL: it has none */
};
extern const struct verb_row verb_rows[];
extern const size_t verb_count;
extern const struct verb_row action_verb;        /* what every action takes */
/* verb_actions.c: all verbs, then the actions (made in buf); NULL at the end. By name: NULL = neither. */
const struct verb_row *verb_at(size_t i, struct verb_row *buf);
const struct verb_row *verb_or_action(const char *name, struct verb_row *buf);
void verb_action_help(struct str *out, const char *name);      /* kinds and arguments of an action; nothing of a verb */

const struct option_row *option_by_name(const char *name, size_t len);
const struct option_row *option_by_letter(char letter);
const struct option_row *option_by_key(const char *key);
const struct verb_row *verb_by_name(const char *name);
const char *option_choices(const struct option_row *row, const struct verb_row *verb);   /* there (verb NULL: anywhere), or NULL */
/* What completes its values: "contexts", "clouds", "themes" of `strata completion`; NULL = nothing of these. */
const char *option_names(const struct option_row *row);
bool option_is_choice(const char *choices, const char *value);
bool verb_takes(const struct verb_row *verb, const struct option_row *row);   /* verb NULL: the cockpit */

/* Nearest of the names to `word`, or NULL when none is near. Call once per candidate, starting with best = NULL. */
struct nearest { const char *best; size_t distance; };
void nearest_try(struct nearest *n, const char *word, const char *candidate);

/* Sets one option from text. False: *why says what is wrong ("must be a number"). Memory: why = "out of memory". */
bool option_set(struct options *o, const struct option_row *row, const char *value, const char **why);

/* Config file (config_file.c). seen[i]: row i was on the command line. Problems to warn; ERR_NOMEM only. */
enum err_code config_file_read(struct options *o, const bool *seen, struct str *warn, struct err *err);

/* Columns (option_columns.c). */
bool option_columns_put(struct options *o, const char *kind, char *const *ids, size_t n);
void option_columns_free(struct map_columns *c);

#endif
