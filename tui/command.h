/*
 * Purpose:   the table of commands: what `:` runs, what keys run, what help lists.
 * Thread:    ui.
 * Ownership: const tables.
 */
#ifndef STRATA_TUI_COMMAND_H
#define STRATA_TUI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/str.h"

struct app;
struct screen;

/* command flags */
#define CMD_CHANGES 1u     /* changes the cluster or cloud: not offered for read-only sources (core refuses anyway) */
#define CMD_ROW 2u         /* needs a selected row */
#define CMD_HIDDEN 4u      /* not in help and completion (cursor movements have keys in help) */

enum complete_what { COMPLETE_NONE, COMPLETE_KIND, COMPLETE_NS, COMPLETE_SOURCE, COMPLETE_THEME, COMPLETE_COLUMN, COMPLETE_COMMAND, COMPLETE_OBJECT };

struct command {
    const char *name;
    const char *alias;     /* "quit exit", blanks between; or NULL */
    const char *scope;     /* only on a screen of this scope; NULL = everywhere */
    const char *args;      /* "[COLUMN]" for help; NULL = none */
    const char *help;      /* one sentence */
    unsigned flags;
    enum complete_what complete;
    /* s: the screen that has the keys (the one whose scope matches). args: never NULL, without outer blanks. */
    void (*run)(struct app *a, struct screen *s, const char *args);
    /* Does it make sense now? Dims the key hint. NULL = yes. */
    bool (*applies)(struct app *a, struct screen *s);
};

/* One table per file: `const struct command NAME_commands[]`, ending with {0}. Add yours here. */
#define COMMAND_TABLES(XX) XX(app) XX(deck) XX(table) XX(rows) XX(list) XX(drill) XX(object) XX(layers) XX(blast) XX(timeline) XX(capacity) XX(linked) XX(jump) XX(board) XX(op) XX(ops) XX(left) XX(audit) XX(shell) XX(copy) XX(edit) XX(forwards) XX(text) XX(live) XX(logs) XX(stage) XX(columns) XX(sources) XX(messages) XX(hint) XX(help)
#define XX(name) extern const struct command name##_commands[];
COMMAND_TABLES(XX)
#undef XX

/* The next word of a line, at blanks; what stands in quotes is one, without them. In place; NULL at the end. And its length as it stands. */
char *command_word(char **rest);
size_t command_word_len(const char *s);

/* Walks all tables: for (size_t i = 0; (c = command_at(i)); i++) */
const struct command *command_at(size_t i);
const struct command *command_find(const char *name, size_t len, const char *scope);
/* Runs one line: a command, or a kind ("pods kube-system /filter @ctx"). Says in the status line what was wrong. */
void command_run(struct app *a, const char *line);

#endif
