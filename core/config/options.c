/* The command line: argv through the option table into struct options. */
#include "strata/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/option_table.h"
#include "strata/kind.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"

#define SELECTOR_TAIL 10           /* lines of each pod, as kubectl has it */

enum { MAX_ROWS = 128 };

bool strlist_add(struct strlist *l, const char *s, size_t len)
{
    char *copy = mem_strndup(s, len);
    if (!copy || !mem_grow(&l->items, &l->cap, l->count + 2, sizeof *l->items)) {
        mem_free(copy);
        return false;
    }
    l->items[l->count++] = copy;
    l->items[l->count] = NULL;
    return true;
}

void strlist_release(struct strlist *l)
{
    for (size_t i = 0; i < l->count; i++)
        mem_free(l->items[i]);
    mem_free(l->items);
    *l = (struct strlist){.items = NULL};
}

void options_init(struct options *o)
{
    *o = (struct options){.tail = -1, .grace_s = -1, .ticker = true, .repeat = 1, .max_objects = -1};
}

void options_release(struct options *o)
{
    for (size_t i = 0; i < option_count; i++) {
        void *at = (char *)o + option_rows[i].offset;
        if (option_rows[i].type == OPT_TEXT || option_rows[i].type == OPT_PATH)
            mem_free(*(char **)at);
        else if (option_rows[i].type == OPT_NAMES || option_rows[i].type == OPT_LIST)
            strlist_release(at);
    }
    for (size_t i = 0; i < o->nrules; i++) {
        mem_free(o->rules[i].match);
        mem_free(o->rules[i].labels);
        mem_free(o->rules[i].windows);
    }
    for (size_t i = 0; i < o->nkeys; i++) {
        mem_free(o->keys[i].scope);
        mem_free(o->keys[i].key);
        mem_free(o->keys[i].command);
        mem_free(o->keys[i].where);
    }
    mem_free(o->rules);
    mem_free(o->keys);
    option_columns_free(o->columns);
    mem_free(o->views_where);
    mem_free(o->verb);
    strlist_release(&o->args);
    strlist_release(&o->action_args);
    options_init(o);
}

static bool parse_int(const char *s, int64_t *out)
{
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (end == s || *end || errno)
        return false;
    *out = v;
    return true;
}

static bool parse_flag(const char *s, bool *out)
{
    static const char *const yes[] = {"true", "yes", "on", "1", "server", "client"}, *const no[] = {"false", "no", "off", "0", "none", "none"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (!strcmp(s, yes[i]) || !strcmp(s, no[i])) {
            *out = !strcmp(s, yes[i]);
            return true;
        }
    }
    return false;
}

bool option_is_choice(const char *choices, const char *value)
{
    for (size_t n; *choices; choices += n + (choices[n] == '|')) {
        n = strcspn(choices, "|");
        if (strlen(value) == n && !memcmp(choices, value, n))
            return true;
    }
    return false;
}

bool option_set(struct options *o, const struct option_row *row, const char *value, const char **why)
{
    void *at = (char *)o + row->offset;
    *why = "out of memory";
    if (row->choices && !option_is_choice(row->choices, value)) {
        *why = row->choices;
        return false;
    }
    switch (row->type) {
    case OPT_FLAG: *why = "must be true or false"; return parse_flag(value, at);
    case OPT_INT: *why = "must be a whole number"; return parse_int(value, at);
    case OPT_DURATION:
        *why = "must be a time such as 90s, 5m or 1h30m";
        if (!text_parse_duration(value, at))
            return false;
        *why = "must be more than 0";
        return *(int64_t *)at > 0 || !strstr(row->name, "timeout");
    case OPT_TEXT:
    case OPT_PATH: {
        char *copy = mem_strdup(value);
        if (!copy)
            return false;
        mem_free(*(char **)at);
        *(char **)at = copy;
        return true;
    }
    case OPT_NAMES:
        if (!*value)
            *why = "must not be empty";
        return *value && strlist_add(at, value, strlen(value));
    case OPT_LIST:
        for (size_t n; ; value += n + 1) {
            n = strcspn(value, ",");
            if (n && !strlist_add(at, value, n))
                return false;
            if (!value[n])
                return true;
        }
    }
    return false;
}

/* ---- argv ---- */

struct scan {
    struct options *o;
    int argc, at;
    char **argv;
    bool seen[MAX_ROWS];
    const char *noun;                  /* stood where the verb stands; the action follows */
    bool noun_done, slash;             /* slash: what follows is written NOUN/NAME */
    struct err *err;
};

/* Quotes what the user typed, cleaned. */
static enum err_code usage_error(struct scan *s, const char *format, const char *typed, const char *more)
{
    struct str clean;
    str_init(&clean, 400);
    text_clean(&clean, typed, strnlen(typed, 90), 0);
    enum err_code rc = err_set(s->err, ERR_USAGE, 0, format, clean.len ? clean.data : "", more);
    str_release(&clean);
    return rc;
}

static enum err_code apply(struct scan *s, const struct option_row *row, const char *typed, const char *value)
{
    const char *why;
    size_t i = (size_t)(row - option_rows);
    if (!option_set(s->o, row, value, &why)) {
        if (!strcmp(why, "out of memory"))
            return err_set(s->err, ERR_NOMEM, 0, "out of memory");
        return usage_error(s, row->choices ? "%s is one of %s" : "%s %s", typed, why);
    }
    s->seen[i] = true;
    return ERR_OK;
}

/* "--resume -y": the value was forgotten. */
static bool is_option(const char *word)
{
    if (word[0] != '-' || !word[1])
        return false;
    return word[1] == '-' ? option_by_name(word + 2, strcspn(word + 2, "=")) != NULL : !word[2] && option_by_letter(word[1]);
}

static enum err_code took_option(struct scan *s, const char *typed)
{
    char next[64];
    const char *word = s->argv[s->at + 1];
    snprintf(next, sizeof next, "%.*s", (int)strcspn(word, "="), word);
    return usage_error(s, "%s needs a value, and %s is an option (with = between them it would be the value)", typed, next);
}

static enum err_code need_value(struct scan *s, const struct option_row *row, const char *typed, const char **value)
{
    if (s->at + 1 >= s->argc)
        return usage_error(s, "%s needs %s", typed, row->arg);
    if (strcmp(row->name, "sort") != 0 && strcmp(row->name, "filter") != 0 && is_option(s->argv[s->at + 1]))       /* -age; -l app=web */
        return took_option(s, typed);
    *value = s->argv[++s->at];
    return ERR_OK;
}

/* An argument of the action that the verb is: 0 not one, 1 taken, -1 error. */
static int action_option(struct scan *s, const char *arg, size_t n, enum err_code *rc)
{
    const struct action *a;
    const struct action_arg *row = NULL;
    struct str both;
    bool blast = s->o->verb && !strcmp(s->o->verb, "blast");     /* "blast drain node NAME --force": as the action takes it */
    const char *id = blast ? (s->o->args.count ? s->o->args.items[0] : "") : s->o->verb;
    if (!id || (!blast && !s->o->by_noun && verb_by_name(id)))
        return 0;
    for (size_t i = 0; (a = action_at(i)) && !row; i++) {
        size_t nrows;
        const struct action_arg *rows = action_args(a, &nrows);
        for (size_t k = 0; !strcmp(action_id(a), id) && k < nrows && !row; k++)
            if (strlen(rows[k].name) == n - 2 && !memcmp(rows[k].name, arg + 2, n - 2))
                row = &rows[k];
    }
    if (!row)
        return 0;
    const char *value = arg[n] ? arg + n + 1 : "true";
    if (!arg[n] && row->type != ARG_BOOL) {
        if (s->at + 1 >= s->argc) {
            *rc = usage_error(s, "%s needs a value%s", arg, "");
            return -1;
        }
        if (is_option(s->argv[s->at + 1])) {
            *rc = took_option(s, arg);
            return -1;
        }
        value = s->argv[++s->at];
    }
    str_init(&both, 1u << 20);
    str_addf(&both, "%s=%s", row->name, value);
    *rc = !both.failed && strlist_add(&s->o->action_args, both.data, both.len) ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    str_release(&both);
    return 1;
}

static enum err_code long_option(struct scan *s, const char *arg)
{
    size_t n = strcspn(arg, "=");
    enum err_code taken = ERR_OK;
    if (action_option(s, arg, n, &taken))
        return taken;
    const struct option_row *row = option_by_name(arg + 2, n - 2);
    char typed[64];
    snprintf(typed, sizeof typed, "%.*s", (int)(n < 63 ? n : 63), arg);
    if (!row) {
        struct nearest near = {NULL, 0};
        for (size_t i = 0; i < option_count; i++)
            if (option_rows[i].name && !(option_rows[i].flags & OPT_HIDDEN))
                nearest_try(&near, typed + 2, option_rows[i].name);
        return usage_error(s, near.best ? "unknown option %s; did you mean --%s?" : "unknown option %s; see strata --help%s", typed,
                           near.best ? near.best : "");
    }
    const char *value = arg[n] ? arg + n + 1 : "true";
    if (row->flags & OPT_MAYBE)
        value = arg[n] ? arg + n + 1 : "";
    enum err_code rc = !arg[n] && row->arg && !(row->flags & OPT_MAYBE) ? need_value(s, row, typed, &value) : ERR_OK;
    return rc ? rc : apply(s, row, typed, value);
}

static enum err_code short_options(struct scan *s, const char *arg)
{
    const struct option_row *meant = arg[2] ? option_by_name(arg + 1, strcspn(arg + 1, "=")) : NULL;
    char hint[64];
    snprintf(hint, sizeof hint, "--%s", meant ? meant->name : "");
    if (meant)
        return usage_error(s, "unknown option %s; did you mean %s? (long options begin with --)", arg, hint);
    for (const char *p = arg + 1; *p; p++) {
        char typed[3] = {'-', *p, '\0'};
        const struct option_row *row = option_by_letter(*p);
        if (!row)
            return usage_error(s, "unknown option %s; see strata --help%s", typed, "");
        if (!row->arg) {
            bool given = p[1] == '=';
            enum err_code rc = apply(s, row, typed, given ? p + 2 : "true");
            if (rc || given)
                return rc;
            continue;
        }
        const char *value = p[1] == '=' ? p + 2 : p + 1;
        enum err_code rc = !p[1] ? need_value(s, row, typed, &value) : ERR_OK;
        return rc ? rc : apply(s, row, typed, value);
    }
    return ERR_OK;
}

/* What is read of a noun, beside the actions: "server list", "server show web-1". */
static const struct { const char *word, *verb; bool slash; } reads[] = {
    {"list", "get", false}, {"show", "describe", false}, {"console-log", "logs", true}, {"console-url", "console-url", false},
};

static int read_of(const char *word)
{
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
        if (!strcmp(reads[i].word, word))
            return (int)i;
    return -1;
}

/* The noun's word: an action of it, or one of the reads. */
static bool take_noun(struct scan *s, const char *arg)
{
    int i = action_find(arg, kind_find(s->noun)) ? -1 : read_of(arg);
    mem_free(s->o->verb);
    s->o->verb = mem_strdup(i < 0 ? arg : reads[i].verb);
    s->slash = i >= 0 && reads[i].slash;
    s->o->by_noun = i < 0;
    return s->o->verb && (s->slash || strlist_add(&s->o->args, s->noun, strlen(s->noun)));
}

static bool add_slashed(struct scan *s, const char *arg)
{
    struct str both;
    str_init(&both, 1u << 16);
    str_addf(&both, "%s/%s", s->noun, arg);
    bool ok = !both.failed && strlist_add(&s->o->args, both.data, both.len);
    str_release(&both);
    return ok;
}

/* "server" and no more: what can be done with one. */
static enum err_code noun_alone(struct scan *s, const char *arg, const struct kind *k)
{
    const struct action *a;
    struct str words;
    str_init(&words, 350);
    for (size_t i = 0; words.len < 200 && (a = action_at(i)); i++)
        if (!(action_flags(a) & ACTION_HIDDEN) && action_find(action_id(a), k) == a)
            str_addf(&words, ", %s", action_id(a));
    if (words.len >= 200)
        str_adds(&words, ", ... (strata --help)");
    enum err_code rc = usage_error(s, "%s is a kind: say what is to be done with it: list, show%s", arg, words.data ? words.data : "");
    str_release(&words);
    return rc;
}

/* "host" of "host drain": which words may stand behind it. */
static enum err_code half_alone(struct scan *s, const char *arg)
{
    const struct action *a;
    size_t len = strlen(arg);
    struct str words;
    str_init(&words, 350);
    for (size_t i = 0; (a = action_at(i)); i++)
        if (!(action_flags(a) & ACTION_HIDDEN) && !strncmp(action_id(a), arg, len) && action_id(a)[len] == '-' && !strstr(words.data, action_id(a) + len + 1))
            str_addf(&words, "%s%s", words.len ? ", " : "", action_id(a) + len + 1);
    enum err_code rc = usage_error(s, words.len ? "after %s comes one of: %s" : "there is no command \"%s\" to help with; see strata --help%s", arg, words.data);
    str_release(&words);
    return rc;
}

static enum err_code positional(struct scan *s, const char *arg)
{
    /* openstackclient's order, the noun first: "server stop web-1" */
    if (s->noun && !s->noun_done) {
        s->noun_done = true;
        if (!action_find(arg, kind_find(s->noun)) && read_of(arg) < 0)
            return usage_error(s, "there is no action \"%s\" for %s", arg, s->noun);
        return take_noun(s, arg) ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    }
    if (s->slash && s->noun_done)
        return add_slashed(s, arg) ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    /* kubectl's "rollout undo": the action */
    if (s->o->verb && !strcmp(s->o->verb, "rollout") && !s->o->args.count && action_find(arg, kind_find("deployments"))) {
        mem_free(s->o->verb);
        s->o->verb = mem_strdup(arg);
        return s->o->verb ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    }
    /* "attach volume v1": the action of that name, as in "volume attach v1"; attach takes no second word of its own */
    const struct kind *k = s->o->verb && !s->o->args.count && verb_by_name(s->o->verb) ? kind_find(arg) : NULL;
    if (k && k->plane == PLANE_OPENSTACK && action_find(s->o->verb, k) && s->at + 1 < s->argc)
        s->o->by_noun = true;
    if (s->o->verb)
        return strlist_add(&s->o->args, arg, strlen(arg)) ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    /* kubectl's "set image" */
    bool image = !strcmp(arg, "set") && s->at + 1 < s->argc && !strcmp(s->argv[s->at + 1], "image");
    if (image) {
        s->at++;
        arg = "set-image";
    }
    if (verb_by_name(arg)) {
        s->o->verb = mem_strdup(arg);
        return s->o->verb ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    }
    /* an action of two words: "host drain" */
    char both[128];
    snprintf(both, sizeof both, "%.60s-%.60s", arg, s->at + 1 < s->argc ? s->argv[s->at + 1] : "");
    if (!action_find(arg, NULL) && action_find(both, NULL)) {
        s->at++;
        s->o->verb = mem_strdup(both);
        return s->o->verb ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    }
    const char *next = s->at + 1 < s->argc ? s->argv[s->at + 1] : NULL;
    if (next && !action_find(arg, NULL) && kind_find(both) && !action_find(next, kind_find(arg)) && read_of(next) < 0) {    /* "floating ip associate" */
        s->at++;
        arg = kind_find(both)->id;
    }
    next = kind_find(arg) && s->at + 1 < s->argc ? s->argv[s->at + 1] : NULL;
    if (action_find(arg, NULL) || (next && (action_find(next, kind_find(arg)) || read_of(next) >= 0))) {
        if (!action_find(arg, NULL))
            s->noun = arg;
        s->o->verb = mem_strdup(arg);
        return s->o->verb ? ERR_OK : err_set(s->err, ERR_NOMEM, 0, "out of memory");
    }
    if (kind_find(arg))
        return noun_alone(s, arg, kind_find(arg));
    struct nearest near = {NULL, 0};
    const struct action *a;
    for (size_t i = 0; i < verb_count; i++)
        nearest_try(&near, arg, verb_rows[i].name);
    for (size_t i = 0; (a = action_at(i)); i++)
        nearest_try(&near, arg, action_id(a));
    return usage_error(s, near.best ? "unknown command \"%s\"; did you mean %s?" : "unknown command \"%s\"; see strata --help%s", arg,
                       near.best ? near.best : "");
}

static enum err_code check(struct scan *s)
{
    const struct options *o = s->o;
    struct verb_row buf;
    const struct verb_row *verb = o->by_noun ? &action_verb : o->verb ? verb_by_name(o->verb) : NULL;
    if (o->verb && !verb)
        verb = verb_or_action(o->verb, &buf);
    if (o->help || o->version)
        return ERR_OK;
    for (size_t i = 0; i < option_count; i++) {
        bool file = verb && !strcmp(verb->name, "apply") && option_rows[i].letter == 'f';      /* kubectl's -f FILE */
        if (s->seen[i] && !file && !verb_takes(verb, &option_rows[i]))
            return err_set(s->err, ERR_USAGE, 0, verb ? "--%s does not go with %s" : "--%s goes only with a command; see strata --help%s",
                           option_rows[i].name, verb ? verb->name : "");
    }
    if (verb && verb->outputs && o->output && !option_is_choice(verb->outputs, o->output))
        return err_set(s->err, ERR_USAGE, 0, "-o is one of %s with %s", verb->outputs, verb->name);
    if (o->demo && o->kubeconfig)
        return err_set(s->err, ERR_USAGE, 0, "--demo and --kubeconfig exclude each other");
    if (o->demo_speed) {
        char *end;
        double speed = strtod(o->demo_speed, &end);
        if (end == o->demo_speed || *end || !(speed >= 0.01 && speed <= 1000))
            return err_set(s->err, ERR_USAGE, 0, "--demo-speed wants a number from 0.01 to 1000");
    }
    if (!o->demo && (o->demo_speed || o->demo_seed))
        return err_set(s->err, ERR_USAGE, 0, "--demo-speed and --demo-seed go only with --demo");
    if (o->all_namespaces && o->namespaces.count)
        return err_set(s->err, ERR_USAGE, 0, "-A and -n exclude each other");
    const char *only = verb && !o->args.count && o->selector ? action_only_kind(o->verb) : NULL;      /* kubectl's "drain -l pool=a" */
    if (only && !strlist_add(&s->o->args, only, strlen(only)))
        return err_set(s->err, ERR_NOMEM, 0, "out of memory");
    if (verb && o->args.count < (size_t)verb->min_args)
        return err_set(s->err, ERR_USAGE, 0, "%s needs %s", verb->name, verb->usage);
    if (verb && verb->max_args >= 0 && o->args.count > (size_t)verb->max_args)
        return usage_error(s, "\"%s\" is too much for %s", o->args.items[verb->max_args], verb->name);
    if (verb && !strcmp(verb->name, "help") && o->args.count && !verb_or_action(o->args.items[0], &buf))
        return kind_find(o->args.items[0]) ? noun_alone(s, o->args.items[0], kind_find(o->args.items[0]))
                                           : half_alone(s, o->args.items[0]);
    bool logs = verb && !strcmp(verb->name, "logs");
    if (logs && o->args.count == (o->selector ? 1 : 0))
        return err_set(s->err, ERR_USAGE, 0, o->selector ? "a name and --selector exclude each other" : "logs needs %s", verb->usage);
    if (logs && o->selector && !s->seen[option_by_name("tail", 4) - option_rows])
        s->o->tail = SELECTOR_TAIL;
    if (o->tail < -1)
        return err_set(s->err, ERR_USAGE, 0, "--tail must be -1 or more");
    if (o->repeat < 1 || o->repeat > 12)
        return err_set(s->err, ERR_USAGE, 0, "--repeat must be 1 to 12");
    return ERR_OK;
}

static bool defaults(struct options *o)
{
    const char *why;
    if (!o->views.count && !option_set(o, option_by_key("views"), "pods,os-services,server", &why))
        return false;
    return true;
}

enum err_code options_parse(struct options *o, int argc, char **argv, struct str *warn, struct err *err)
{
    struct scan s = {.o = o, .argc = argc, .argv = argv, .err = err};
    enum err_code rc = ERR_OK;
    bool only_names = false, of_words = argc > 3 && !strcmp(argv[1], "help");     /* "help server stop": as "server stop --help" */
    o->help = of_words;
    for (s.at = of_words ? 2 : 1; s.at < argc && !rc; s.at++) {
        const char *arg = argv[s.at];
        if (only_names || arg[0] != '-' || !arg[1])
            rc = positional(&s, arg);
        else if (!strcmp(arg, "--"))
            only_names = o->dashes = true, o->before_dashes = o->args.count;
        else if (arg[1] == '-')
            rc = long_option(&s, arg);
        else
            rc = short_options(&s, arg);
    }
    if (!rc)
        rc = check(&s);
    o->theme_given = o->theme != NULL;
    o->contexts_given = o->contexts.count > 0;
    if (!rc)
        rc = config_file_read(o, s.seen, warn, err);
    if (!rc && !defaults(o))
        rc = err_set(err, ERR_NOMEM, 0, "out of memory");
    return rc;
}
