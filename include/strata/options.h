/*
 * Purpose:   what the command line and the config file say, in one struct; both come from one table of rows
 *            (core/config/option_table.c), as do --help, strata.1 and strata-config.5.
 * Thread:    main, before anything else; then read-only.
 * Ownership: options_release frees all.
 * Errors:    ERR_USAGE (command line) or ERR_CONFIG (file:line) with one sentence.
 */
#ifndef STRATA_OPTIONS_H
#define STRATA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/str.h"

struct window;
struct strlist { char **items; size_t count, cap; };     /* items[count] is NULL when count > 0 */

struct source_rule {            /* config file: sources: - {match: "prod-*", read-only: true, protected: true} */
    char *match;                /* glob on the source's name */
    char *labels;               /* with windows: only for objects with these ("tier=prod,env=x"); NULL all */
    struct window *windows;     /* changes are allowed only while one of them is open */
    size_t nwindows;
    bool read_only, protected_;
};

struct key_binding { char *scope, *key, *command; char *where; };  /* config `keys:`; where = "file:line" */

struct options {
    /* sources */
    char *kubeconfig;           /* --kubeconfig; NULL = KUBECONFIG / ~/.kube/config / in-cluster */
    struct strlist contexts;    /* --context, or config `contexts:` */
    struct strlist clouds;      /* --cloud, or config `clouds:` */
    bool all;                   /* --all */
    bool all_problems;          /* set by doctor: also what is wrong with contexts that were not chosen */
    bool no_kube, no_openstack; /* set by batch mode when a verb needs only one plane */
    bool want_kube;             /* set by batch mode: the default context even when only clouds are named */
    bool look_clusters;         /* set by batch mode: all other contexts of the kubeconfig as well, to look whether a server is a node */
    bool ignore_clusters;       /* --ignore-clusters: it is not looked */
    struct source_rule *rules; size_t nrules;
    char *demo;                 /* --demo[=SCENARIO]: "" = the default one; NULL = no demo */
    char *demo_speed; int64_t demo_seed; bool no_hints;
    /* what to show */
    struct strlist namespaces;  /* -n a,b */
    bool all_namespaces;        /* -A */
    struct strlist views;       /* --view, default pods,os-services,server */
    char *views_where;          /* "file:line" when the configuration file named them; else NULL */
    bool read_only;
    char *theme;                /* --theme */
    bool contexts_given;        /* on the command line */
    bool theme_given;           /* on the command line: a wrong one is an error, not a note */
    bool ascii;
    bool mouse;
    bool ticker;                /* config: watch events for the ticker (default on) */
    struct key_binding *keys; size_t nkeys;
    struct map_columns *columns; /* config: columns per kind, opaque (config/option_columns.c) */
    char *config_file;          /* the one that was read, or NULL */
    /* verbs and their own options (batch mode) */
    char *verb;                 /* NULL = cockpit; "get", "describe", "logs", "delete", "doctor", "completion" */
    struct strlist args;        /* after the verb */
    size_t before_dashes;       /* how many of args stand before "--" */
    bool dashes;                /* there is one */
    struct strlist action_args; /* of an action: "name=value" */
    bool by_noun;               /* "volume attach NAME": the action, though a verb of its own has that name */
    char *selector;             /* -l */
    char *fields;               /* --field-selector */
    char *filter;               /* --filter */
    char *sort;                 /* --sort COL, or -COL for descending */
    char *output;               /* -o */
    bool watch;                 /* --watch/-w */
    bool follow, previous, timestamps, all_containers; char *container;
    char *address;              /* port-forward: --address */
    bool interactive, tty;      /* exec, attach: -i, -t */
    bool managed_fields;        /* get -o json|yaml: with metadata.managedFields */
    int64_t tail;               /* -1 = all */
    int64_t since_s;            /* 0 = none */
    int64_t grace_s;            /* -1 */
    bool force, dry_run, yes, no_headers;
    int64_t max_objects;        /* --max-objects; 0 no limit; -1 not given: 50 that are named */
    int64_t at_once;            /* --at-once: 0 = the action's own */
    struct strlist filenames; bool recursive;   /* apply */
    bool decode;                /* edit: --decode */
    bool keep_going, undo_on_failure, all_objects, ignore_not_found;
    int64_t stop_after;         /* --stop-after: 0 = as keep_going says */
    char *resume, *rollback, *give_up;      /* ops: a key */
    char *confirm;              /* --confirm: what would be typed */
    struct strlist probes;      /* heal: --probe */
    int64_t revision;           /* rollout: --revision; 0 = not said */
    char *vm, *from;            /* heal: --vm, --from */
    char *fit;                  /* capacity: --fit */
    int64_t timeout_s;          /* heal: 0 = its own */
    int64_t request_timeout_s;  /* a server that sends nothing for so long; 0 = each request's own time */
    int64_t repeat;             /* heal: 1 */
    bool help, version;
    /* tests */
    bool single_thread;
};

void options_init(struct options *o);
void options_release(struct options *o);
/* Reads argv (before and after the verb), then the config file (--config, STRATA_CONFIG,
 * $XDG_CONFIG_HOME/strata/config.yaml); the command line wins. A config problem is reported in *warn (one
 * sentence per line with file:line) and the rest is used; a command line problem is an error. */
enum err_code options_parse(struct options *o, int argc, char **argv, struct str *warn, struct err *err);
void options_usage(struct str *out, const char *verb);   /* --help, from the table */
void options_manual(struct str *out);                    /* the OPTIONS section of strata.1 (mdoc) */
void options_config_manual(struct str *out);             /* the keys of strata-config.5 (mdoc) */
/* Completion script for "bash", "zsh" or "fish"; ERR_USAGE for other shells. */
enum err_code options_completion(struct str *out, const char *shell, struct err *err);
/* "contexts" or "clouds" there are, one a line, for the scripts; false: something else was asked for. */
bool options_names(const struct options *o, const char *what, struct str *out);
/* Columns chosen in the config for a kind id: NULL or a NULL-terminated list of column ids (borrowed). */
char *const *options_columns(const struct options *o, const char *kind_id);

/* The directory of the user's own files ("themes", "profiles"): $XDG_CONFIG_HOME/strata/WHAT, ~/.config/strata/WHAT. false: none. */
bool options_user_dir(const char *what, char *buf, size_t size);

bool strlist_add(struct strlist *l, const char *s, size_t len);
void strlist_release(struct strlist *l);

#endif
