/*
 * Purpose:   keys -> command lines, per scope; defaults from tables, the user's from the config (`keys:`).
 * Thread:    ui.
 * Ownership: keymap copies what it keeps from options.
 * Errors:    a bad user binding is skipped and said in *warn with its file:line.
 */
#ifndef STRATA_TUI_KEYMAP_H
#define STRATA_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/options.h"
#include "strata/str.h"

struct key_row {
    const char *scope;     /* "global", or a screen's scope */
    const char *key;       /* "ctrl-d" */
    const char *command;   /* a command line: "delete", "sort name" */
    const char *hint;      /* a word for the hints at the bottom; NULL = only in help */
    const char *help;      /* NULL = the command's own sentence */
};
/* One table per file: `const struct key_row NAME_keys[]`, ending with {0}. Add yours here; order = order of the hints. */
#define KEY_TABLES(XX) XX(live) XX(list) XX(board) XX(object) XX(layers) XX(blast) XX(timeline) XX(linked) XX(jump) XX(op) XX(shell) XX(edit) XX(forwards) XX(table) XX(rows) XX(text) XX(logs) XX(stage) XX(columns) XX(sources) XX(ops) XX(audit) XX(help) XX(hint) XX(global)
#define XX(name) extern const struct key_row name##_keys[];
KEY_TABLES(XX)
#undef XX

const struct key_row *key_row_at(size_t i);

struct keymap_entry { const char *scope; uint32_t key; const char *command, *hint, *help; bool user; };
struct keymap { struct keymap_entry *e; size_t n, cap; };

bool keymap_init(struct keymap *m, const struct options *opt, struct str *warn);
void keymap_release(struct keymap *m);
/* The command line bound to a key in a scope (a user's binding first), else in "global" when global; NULL = none. */
const char *keymap_find(const struct keymap *m, const char *scope, bool global, uint32_t key);
/* The key(s) that run a command in a scope, for hints: the first one's name; "" if none. */
void keymap_key_of(const struct keymap *m, const char *scope, const char *command, char *buf, size_t size);

#endif
