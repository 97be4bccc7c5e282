/* What the tables say to people: --help, and the mdoc of strata.1 and strata-config.5. */
#include <stdio.h>
#include <string.h>

#include "core/config/option_table.h"
#include "strata/kind.h"
#include "strata/ops.h"

/* Words of `text` from column `at` on, broken before column 79, further lines indented. */
static void fill(struct str *out, const char *text, size_t at, size_t indent)
{
    while (*text) {
        size_t n = strcspn(text, " ");
        if (at > indent && at + 1 + n > 79) {
            str_addf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            str_addc(out, ' ');
            at++;
        }
        str_add(out, text, n);
        at += n;
        text += n + (text[n] == ' ');
    }
    str_addc(out, '\n');
}

static void usage_line(struct str *out, const char *left, const char *help)
{
    enum { COLUMN = 28 };
    str_addf(out, "  %-*s", COLUMN - 2, left);
    size_t at = strlen(left) + 2;
    if (at >= COLUMN) {
        str_addf(out, "\n%*s", COLUMN, "");
        at = COLUMN;
    }
    fill(out, help, at > COLUMN ? at : COLUMN, COLUMN);
}

static void option_help(struct str *out, const struct option_row *row, const struct verb_row *verb)
{
    char left[80];
    struct str help;
    str_init(&help, 1000);
    snprintf(left, sizeof left, row->letter ? "-%c, --%s%s%s" : "%c   --%s%s%s", row->letter ? row->letter : ' ', row->name,
             row->arg && *row->arg != '[' ? " " : "", row->arg ? row->arg : "");
    str_adds(&help, row->help);
    if (option_choices(row, verb))
        str_addf(&help, " One of %s.", option_choices(row, verb));
    if (row->initial)
        str_addf(&help, " Default: %s.", row->initial);
    usage_line(out, left, help.failed ? row->help : help.data);
    str_release(&help);
}

static void options_of(struct str *out, const struct verb_row *verb, bool global)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->name && !(row->flags & OPT_HIDDEN) && global == !!(row->flags & OPT_GLOBAL) && (global || verb_takes(verb, row)))
            option_help(out, row, verb);
    }
}

void options_usage(struct str *out, const char *verb_name)
{
    struct verb_row buf;
    const struct verb_row *verb = verb_name ? verb_or_action(verb_name, &buf) : NULL;
    if (verb) {
        str_addf(out, "Usage: strata %s%s%s [OPTION...]\n\n%s\n", verb->name, *verb->usage ? " " : "", verb->usage, verb->help);
        verb_action_help(out, verb->name);
        if (*verb->options) {
            str_adds(out, "\nOptions:\n");
            options_of(out, verb, false);
        }
        str_adds(out, "\nOptions of every command:\n");
        options_of(out, verb, true);
        if (*verb->examples)
            str_adds(out, "\nExamples:\n");
        for (const char *const *e = verb->examples; *e; e++) {
            const char *note = strstr(*e, " # ");
            str_addf(out, "  # %s\n  %.*s\n", note ? note + 3 : "", (int)(note ? (size_t)(note - *e) : strlen(*e)), *e);
        }
        return;
    }
    str_adds(out, "Usage: strata [OPTION...]              the cockpit\n"
                  "       strata COMMAND ... [OPTION...]   one answer, printed\n\n"
                  "Kubernetes clusters and OpenStack clouds side by side, live, in the terminal.\n\nCommands:\n");
    const struct verb_row *v;
    for (size_t i = 0; (v = verb_at(i, &buf)); i++) {
        char left[80];
        if (i == verb_count)
            str_adds(out, "\nActions, each planned, guarded, followed to its end and written down:\n");
        snprintf(left, sizeof left, "%s %s", v->name, v->usage);
        usage_line(out, left, v->help);
    }
    str_adds(out, "\nOptions:\n");
    options_of(out, NULL, true);
    str_adds(out, "\n`strata help COMMAND` shows the options of a command; `?` in the cockpit shows its keys.\n");
}

/* ---- mdoc ---- */

/* Text for mdoc: backslashes and hyphens escaped, no control line by accident. */
static void mdoc_text(struct str *out, const char *text)
{
    bool start = !out->len || out->data[out->len - 1] == '\n';
    if (start && (*text == '.' || *text == '\''))
        str_adds(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            str_adds(out, "\\e");
        else if (*text == '-')
            str_adds(out, "\\-");
        else
            str_addc(out, *text);
    }
}

static void mdoc_notes(struct str *out, const struct option_row *row, const struct verb_row *verb)
{
    mdoc_text(out, row->help);
    str_addc(out, '\n');
    if (option_choices(row, verb)) {
        str_adds(out, "One of\n");
        for (const char *p = option_choices(row, verb); *p;) {
            size_t n = strcspn(p, "|");
            str_addf(out, ".Cm %.*s%s\n", (int)n, p, p[n] ? " ," : " .");
            p += n + (p[n] == '|');
        }
    }
    if (row->initial) {
        str_adds(out, "Default: ");
        mdoc_text(out, row->initial);
        str_adds(out, ".\n");
    }
}

static void mdoc_option(struct str *out, const struct option_row *row, const struct verb_row *verb)
{
    str_adds(out, ".It ");
    if (row->letter)
        str_addf(out, "Fl %c%s%s , ", row->letter, row->arg ? " Ar " : "", row->arg ? row->arg : "");
    str_adds(out, "Fl \\-");
    mdoc_text(out, row->name);
    if (row->flags & OPT_MAYBE)
        str_addf(out, " Ns Oo Ns = Ns Ar %.*s Oc", (int)strlen(row->arg) - 3, row->arg + 2);
    else if (row->arg)
        str_addf(out, " Ar %s", row->arg);
    str_addc(out, '\n');
    mdoc_notes(out, row, verb);
}

static void mdoc_options(struct str *out, const struct verb_row *verb)
{
    str_adds(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->name && !(row->flags & OPT_HIDDEN) && !verb == !!(row->flags & OPT_GLOBAL) && verb_takes(verb, row))
            mdoc_option(out, row, verb);
    }
    str_adds(out, ".El\n");
}

/* Every action with what it goes with; what all of them take stands once. */
static void actions_manual(struct str *out)
{
    const struct action *a;
    str_adds(out, ".Sh ACTIONS\nAn action is a command, too:\n.Ic strata Ar ACTION KIND NAME...\n(or KIND/NAME, or KIND ACTION NAME as in\n.Ic strata server stop web-1 ) .\n"
                  "It is planned (the objects are read, rights asked for, the request tried where the server can try), asked about, "
                  "sent once, and followed until what it promised is seen. With\n.Fl Fl dry-run\nthe plan alone is printed. "
                  "Ctrl-C cancels: nothing more is begun, what is under way is followed; a second one leaves it.\n.Bl -tag -width Ds\n");
    for (size_t i = 0; (a = action_at(i)); i++) {
        size_t n;
        const struct action_arg *args = action_args(a, &n);
        if (action_flags(a) & ACTION_HIDDEN)
            continue;
        str_addf(out, ".It Ic %s", action_id(a));
        for (const char *const *k = action_kinds(a); *k; k++)
            str_addf(out, " Ar %s", strcmp(*k, "*") ? *k : "KIND");
        str_addc(out, '\n');
        mdoc_text(out, action_help(a));
        str_addc(out, '\n');
        for (size_t k = 0; k < n; k++) {
            str_addf(out, ".Fl Fl %s\n: ", args[k].name);
            mdoc_text(out, args[k].help);
            str_addc(out, '\n');
        }
    }
    str_adds(out, ".El\nOptions of every action:\n");
    mdoc_options(out, &action_verb);
}

void options_manual(struct str *out)
{
    str_adds(out, "Options stand before or after the command.\n");
    mdoc_options(out, NULL);
    str_adds(out, ".Sh COMMANDS\n");
    for (size_t i = 0; i < verb_count; i++) {
        const struct verb_row *v = &verb_rows[i];
        str_addf(out, ".Ss %s", v->name);
        if (*v->usage) {
            str_addc(out, ' ');
            mdoc_text(out, v->usage);
        }
        str_addc(out, '\n');
        mdoc_text(out, v->help);
        str_addc(out, '\n');
        if (*v->options)
            mdoc_options(out, v);
    }
    actions_manual(out);
    str_adds(out, ".Sh EXAMPLES\n");
    for (size_t i = 0; i < verb_count; i++) {
        for (const char *const *e = verb_rows[i].examples; *e; e++) {
            const char *note = strstr(*e, " # ");
            char command[200];
            snprintf(command, sizeof command, "%.*s", (int)(note ? (size_t)(note - *e) : strlen(*e)), *e);
            mdoc_text(out, note ? note + 3 : "");
            str_adds(out, ":\n.Dl ");
            mdoc_text(out, command);
            str_addc(out, '\n');
        }
    }
}

void options_config_manual(struct str *out)
{
    static const char *const types[] = {
        [OPT_FLAG] = "true | false", [OPT_TEXT] = "text", [OPT_PATH] = "file", [OPT_NAMES] = "list of names",
        [OPT_LIST] = "list of names", [OPT_INT] = "number", [OPT_DURATION] = "time"};
    str_adds(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!row->key)
            continue;
        str_addf(out, ".It Cm %s : Ar %s\n", row->key, types[row->type]);
        mdoc_notes(out, row, NULL);
        if (row->name) {
            str_adds(out, "Command line:\n.Fl \\-");
            mdoc_text(out, row->name);
            str_adds(out, " .\n");
        }
        if (row->type == OPT_PATH)
            str_adds(out, "A relative path starts at the configuration file; ~ is the home directory.\n");
    }
    str_adds(out,
        ".It Cm sources : Ar list of rules\n"
        "What may be done at which cluster or cloud.\n"
        "Each rule has\n.Cm match ,\na pattern with * and ? for the source's name, and\n.Cm read\\-only\nor\n.Cm protected ,\n"
        "true or false.\n"
        "A read\\-only source refuses every change; a protected one asks for its name to be typed first.\n"
        "All rules that match count.\n"
        "A rule that cannot be read makes its source, or if that is unknown everything, read\\-only; so does a key of the\n"
        "file that looks like one of these but is none, and a file that is no mapping.\n"
        ".Bd -literal -offset indent\nsources:\n  \\- {match: \"prod\\-*\", protected: true}\n  \\- {match: \"audit\", read\\-only: true}\n.Ed\n"
        ".It Cm keys : Ar list of bindings\n"
        "Each binding has\n.Cm key ,\n.Cm command ,\nthe text as typed after a colon in the cockpit, and if wanted\n.Cm scope ,\n"
        "the place where it applies; see\n.Xr strata\\-keys 7 .\n"
        "A mapping of keys to commands, or of scopes to such mappings, is accepted as well.\n"
        ".Bd -literal -offset indent\nkeys:\n  \\- {key: ctrl\\-x, command: \"view nodes\", scope: table}\n.Ed\n"
        ".It Cm columns : Ar mapping of kinds to lists\n"
        "The columns to show of a kind, by column id, from left to right.\n"
        ".Bd -literal -offset indent\ncolumns:\n  pods: [namespace, name, ready, status, restarts, age, node]\n.Ed\n"
        ".El\n");
}
