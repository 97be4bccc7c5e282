/* Man pages from the same rows as the program: they cannot drift. Output is mdoc(7). */
#include "tui/manual.h"

#include <stdio.h>
#include <string.h>

#include "strata/kind.h"
#include "strata/mem.h"
#include "strata/options.h"
#include "strata/version.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/theme.h"

/* mdoc: a line must not start with a dot or quote, backslashes are doubled. */
static void put(struct str *out, const char *s)
{
    if (*s == '.' || *s == '\'')
        str_adds(out, "\\&");
    for (; *s; s++) {
        if (*s == '\\')
            str_adds(out, "\\e");
        else if (*s == '-')
            str_adds(out, "\\-");
        else
            str_addc(out, *s);
    }
}

/* An argument of a macro: quoted. */
static void put_arg(struct str *out, const char *s)
{
    str_addc(out, '"');
    for (; *s; s++) {
        if (*s == '"')
            str_adds(out, "\\(dq");
        else if (*s == '\\')
            str_adds(out, "\\e");
        else if (*s == '-')
            str_adds(out, "\\-");
        else
            str_addc(out, *s);
    }
    str_addc(out, '"');
}

static void item(struct str *out, const char *head, const char *text)
{
    str_adds(out, *head == 0x27 || *head == 0x2e ? ".It Sy \\&" : ".It Sy ");
    put_arg(out, head);
    str_addc(out, '\n');
    put(out, text ? text : "");
    str_addc(out, '\n');
}

static const char *const scopes[][2] = {
    {"global", "Everywhere"}, {"table", "Tables"}, {"text", "Describe, YAML, console"}, {"list", "Causes, timelines"}, {"board", "Links, layers"}, {"logs", "Logs"}, {"stage", "The self-healing stage"}, {"columns", "Choosing columns"},
    {"sources", "Clusters and clouds"}, {"help", "Help"},
};

static const char *key_help(const struct key_row *k)
{
    if (k->help)
        return k->help;
    const struct command *c = command_find(k->command, strcspn(k->command, " "), k->scope);
    return c ? c->help : k->command;
}

static void keys(struct str *out)
{
    for (size_t s = 0; s < sizeof(scopes) / sizeof(scopes[0]); s++) {
        str_addf(out, ".Ss %s\n.Bl -tag -width \"shift-right\" -compact\n", scopes[s][1]);
        const struct key_row *k;
        for (size_t i = 0; (k = key_row_at(i)); i++) {
            if (!strcmp(k->scope, scopes[s][0]) && *key_help(k))
                item(out, k->key, key_help(k));
        }
        str_adds(out, ".El\n");
    }
}

static void commands(struct str *out)
{
    const struct command *c;
    str_adds(out, ".Bl -tag -width \"describe\"\n");
    for (size_t i = 0; (c = command_at(i)); i++) {
        if (c->flags & CMD_HIDDEN)
            continue;
        char head[256];
        snprintf(head, sizeof(head), "%s%s%s", c->name, c->args ? " " : "", c->args ? c->args : "");
        item(out, head, c->help);
    }
    str_adds(out, ".El\n");
}

static void kinds(struct str *out)
{
    str_adds(out, ".Bl -tag -width \"loadbalancer\"\n");
    for (const struct kind *const *p = kinds_all; *p; p++) {
        const struct kind *k = *p;
        struct str text;
        str_init(&text, 8192);
        str_addf(&text, "%s", k->help ? k->help : k->title);
        if (k->aliases && k->aliases[0]) {
            str_adds(&text, text.len && text.data[text.len - 1] == '.' ? " Also:" : ". Also:");
            for (size_t i = 0; k->aliases[i]; i++)
                str_addf(&text, " %s", k->aliases[i]);
            str_addc(&text, '.');
        }
        str_adds(&text, " Columns:");
        for (size_t i = 0; i < k->ncolumns; i++)
            str_addf(&text, " %s", k->columns[i].id);
        str_addc(&text, '.');
        item(out, k->id, text.data);
        str_release(&text);
    }
    str_adds(out, ".El\n");
}

static void themes(struct str *out)
{
    struct str names;
    str_init(&names, 8192);
    theme_names(&names);
    for (char *p = names.data; *p; p++)
        *p = *p == '\n' ? ' ' : *p;
    put(out, names.data);
    str_addc(out, '\n');
    str_release(&names);
}

static void version(struct str *out)
{
    str_addf(out, ".Os strata %s\n", STRATA_VERSION);
}

static const struct {
    const char *mark;
    void (*fill)(struct str *out);
} parts[] = {
    {"@OPTIONS@", options_manual}, {"@CONFIG@", options_config_manual}, {"@KEYS@", keys}, {"@COMMANDS@", commands},
    {"@KINDS@", kinds}, {"@THEMES@", themes}, {"@VERSION@", version},
};

int manual_main(void)
{
    char line[4096];
    struct str out;
    str_init(&out, 4 << 20);
    while (fgets(line, sizeof(line), stdin)) {
        size_t i = 0, len = strcspn(line, "\n");
        while (i < sizeof(parts) / sizeof(parts[0]) && (strlen(parts[i].mark) != len || strncmp(line, parts[i].mark, len)))
            i++;
        if (i < sizeof(parts) / sizeof(parts[0]))
            parts[i].fill(&out);
        else
            str_adds(&out, line);
    }
    int rc = out.failed || fwrite(out.data, 1, out.len, stdout) != out.len;
    str_release(&out);
    return rc;
}
