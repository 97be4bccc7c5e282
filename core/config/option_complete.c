/* Completion scripts for bash, zsh and fish, made from the tables. */
#include <string.h>

#include "core/config/option_table.h"
#include "strata/kind.h"

static void long_names(struct str *out, const struct verb_row *verb, bool global)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->name && !(row->flags & OPT_HIDDEN) && global == !!(row->flags & OPT_GLOBAL) && (global || verb_takes(verb, row)))
            str_addf(out, " --%s", row->name);
    }
}

static void kind_names(struct str *out)
{
    for (const struct kind *const *k = kinds_all; *k; k++)
        str_addf(out, " %s", (*k)->id);
}

static void choices(struct str *out, const char *list)
{
    for (; *list; list++)
        str_addc(out, *list == '|' ? ' ' : *list);
}

/* What a verb may print. */
static void bash_outputs(struct str *out)
{
    const struct verb_row *v;
    struct verb_row buf;
    str_adds(out, "case $verb in");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++) {
        if (!v->outputs)
            continue;
        str_addf(out, " %s) COMPREPLY=($(compgen -W '", v->name);
        choices(out, v->outputs);
        str_adds(out, "' -- \"$cur\")) ;;");
    }
    str_adds(out, " esac");
}

static void bash_values(struct str *out)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!row->name || !row->arg || (row->flags & OPT_MAYBE) || (row->flags & OPT_HIDDEN))
            continue;
        str_adds(out, "    ");
        if (row->letter)
            str_addf(out, "-%c|", row->letter);
        str_addf(out, "--%s) ", row->name);
        if (row->type == OPT_PATH) {
            str_adds(out, "COMPREPLY=($(compgen -f -- \"$cur\"))");
        } else if (!strcmp(row->name, "output")) {
            bash_outputs(out);
        } else if (row->choices) {
            str_adds(out, "COMPREPLY=($(compgen -W '");
            choices(out, row->choices);
            str_adds(out, "' -- \"$cur\"))");
        } else if (option_names(row)) {
            str_addf(out, "_strata_names %s", option_names(row));
        } else if (!strcmp(row->name, "view")) {
            str_adds(out, "COMPREPLY=($(compgen -W \"$kinds\" -- \"$cur\"))");
        } else {
            str_adds(out, "COMPREPLY=()");
        }
        str_adds(out, "; return ;;\n");
    }
}

static void bash(struct str *out)
{
    const struct verb_row *v;
    struct verb_row buf;
    /* a loop, for compgen -W would expand what stands in the names */
    str_adds(out, "# bash completion for strata\n_strata_names() {\n  local name\n  COMPREPLY=()\n  while IFS= read -r name; do\n"
                  "    [[ $name == \"$cur\"* ]] && COMPREPLY+=(\"$(printf %q \"$name\")\")\n"
                  "  done < <(\"${COMP_WORDS[0]}\" completion \"$1\" 2>/dev/null)\n}\n");
    str_adds(out, "_strata() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= i\n"
                  "  local kinds='");
    kind_names(out);
    str_adds(out, "'\n  for ((i = 1; i < COMP_CWORD; i++)); do\n    case ${COMP_WORDS[i]} in\n      ");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++)
        str_addf(out, "%s%s", i ? "|" : "", v->name);
    str_adds(out, ") verb=${COMP_WORDS[i]}; break ;;\n    esac\n  done\n  case $prev in\n");
    bash_values(out);
    str_adds(out, "  esac\n  if [[ $cur == -* ]]; then\n    local words='");
    long_names(out, NULL, true);
    str_adds(out, "'\n    case $verb in\n");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++) {
        if (!*v->options)
            continue;
        str_addf(out, "      %s) words+='", v->name);
        long_names(out, v, false);
        str_adds(out, "' ;;\n");
    }
    str_adds(out, "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n    return\n  fi\n  case $verb in\n    '') COMPREPLY=($(compgen -W '");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++)
        str_addf(out, "%s%s", i ? " " : "", v->name);
    str_adds(out, "' -- \"$cur\")) ;;\n    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\")) ;;\n    help) COMPREPLY=($(compgen -W '");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++)
        str_addf(out, "%s%s", i ? " " : "", v->name);
    str_adds(out, "' -- \"$cur\")) ;;\n    get|describe|logs|delete|heal)\n      [[ $prev == \"$verb\" ]] && COMPREPLY=($(compgen -W \"$kinds\" -- \"$cur\")) ;;\n"
                  "  esac\n}\ncomplete -F _strata strata\n");
}

/* Single-quoted for _arguments and _describe: their own separators escaped. */
static void zsh_text(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            str_adds(out, "'\\''");
        else if (strchr("[]:\\", *text))
            str_addf(out, "\\%c", *text);
        else
            str_addc(out, *text);
    }
}

static void zsh_option(struct str *out, const struct option_row *row, const struct verb_row *verb, bool with_letter)
{
    bool list = row->type == OPT_LIST || row->type == OPT_NAMES;
    str_addf(out, "    '%s", list ? "*" : "");
    if (with_letter)
        str_addf(out, "-%c%s[", row->letter, row->arg ? "+" : "");
    else
        str_addf(out, "--%s%s[", row->name, row->flags & OPT_MAYBE ? "=-" : row->arg ? "=" : "");
    zsh_text(out, row->help);
    str_addc(out, ']');
    if (row->arg) {
        str_adds(out, row->flags & OPT_MAYBE ? "::" : ":");
        zsh_text(out, row->arg);
        str_addc(out, ':');
        if (row->type == OPT_PATH) {
            str_adds(out, "_files");
        } else if (option_choices(row, verb)) {
            str_addc(out, '(');
            choices(out, option_choices(row, verb));
            str_addc(out, ')');
        } else if (option_names(row)) {
            str_addf(out, "{compadd -- ${(f)\"$(strata completion %s 2>/dev/null)\"}}", option_names(row));
        } else if (!strcmp(row->name, "view")) {
            str_adds(out, "($kinds)");
        }
    }
    str_adds(out, "'\n");
}

static void zsh_options(struct str *out, const struct verb_row *verb, bool global)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!row->name || (row->flags & OPT_HIDDEN) || global != !!(row->flags & OPT_GLOBAL) || (!global && !verb_takes(verb, row)))
            continue;
        if (row->letter)
            zsh_option(out, row, verb, true);
        zsh_option(out, row, verb, false);
    }
}

static void zsh(struct str *out)
{
    const struct verb_row *v;
    struct verb_row buf;
    str_adds(out, "#compdef strata\n_strata() {\n  local verb= word kinds='");
    kind_names(out);
    str_adds(out, "'\n  local -a opts verbs\n  verbs=(\n");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++) {
        str_addf(out, "    '%s:", v->name);
        zsh_text(out, v->help);
        str_adds(out, "'\n");
    }
    str_adds(out, "  )\n  for word in ${words[2,CURRENT-1]}; do\n    case $word in\n      ");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++)
        str_addf(out, "%s%s", i ? "|" : "", v->name);
    str_adds(out, ") verb=$word; break ;;\n    esac\n  done\n  opts=(\n");
    zsh_options(out, NULL, true);
    str_adds(out, "  )\n  case $verb in\n");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++) {
        if (!*v->options)
            continue;
        str_addf(out, "  %s) opts+=(\n", v->name);
        zsh_options(out, v, false);
        str_adds(out, "  ) ;;\n");
    }
    str_adds(out, "  esac\n  case $verb in\n    '') _arguments -s $opts '1:command:(($verbs))' ;;\n"
                  "    completion) _arguments -s $opts '*:shell:(bash zsh fish)' ;;\n"
                  "    get|describe|logs|delete|heal) _arguments -s $opts '*:kind or name:('$kinds')' ;;\n"
                  "    *) _arguments -s $opts '*: :' ;;\n  esac\n}\n"
                  "if [[ $funcstack[1] == _strata ]]; then _strata \"$@\"; else compdef _strata strata; fi\n");
}

/* ---- fish ---- */

static void fish_text(struct str *out, const char *text)
{
    str_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            str_addc(out, '\\');
        str_addc(out, *text);
    }
    str_addc(out, '\'');
}

static void fish_option(struct str *out, const struct option_row *row, const struct verb_row *verb)
{
    str_adds(out, "complete -c strata");
    if (verb)
        str_addf(out, " -n '__fish_seen_subcommand_from %s'", verb->name);
    if (row->letter)
        str_addf(out, " -s %c", row->letter);
    str_addf(out, " -l %s", row->name);
    if (row->arg && !(row->flags & OPT_MAYBE))
        str_adds(out, row->type == OPT_PATH ? " -rF" : " -x");
    if (option_choices(row, verb)) {
        str_adds(out, " -a '");
        choices(out, option_choices(row, verb));
        str_addc(out, '\'');
    } else if (option_names(row)) {
        str_addf(out, " -a '(strata completion %s 2>/dev/null)'", option_names(row));
    } else if (!strcmp(row->name, "view")) {
        str_adds(out, " -a \"$__strata_kinds\"");
    }
    str_adds(out, " -d ");
    fish_text(out, row->help);
    str_addc(out, '\n');
}

static void fish_options(struct str *out, const struct verb_row *verb, bool global)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->name && !(row->flags & OPT_HIDDEN) && global == !!(row->flags & OPT_GLOBAL) && (global || verb_takes(verb, row)))
            fish_option(out, row, global ? NULL : verb);
    }
}

static void fish(struct str *out)
{
    const struct verb_row *v;
    struct verb_row buf;
    str_adds(out, "# fish completion for strata\nset -g __strata_kinds");
    kind_names(out);
    str_adds(out, "\nset -g __strata_verbs");
    for (size_t i = 0; (v = verb_at(i, &buf)); i++)
        str_addf(out, " %s", v->name);
    str_adds(out, "\ncomplete -c strata -f\n");
    fish_options(out, NULL, true);
    for (size_t i = 0; (v = verb_at(i, &buf)); i++) {
        str_addf(out, "complete -c strata -n \"not __fish_seen_subcommand_from $__strata_verbs\" -a %s -d ", v->name);
        fish_text(out, v->help);
        str_addc(out, '\n');
        if (*v->options)
            fish_options(out, v, false);
    }
    str_adds(out, "complete -c strata -n '__fish_seen_subcommand_from get describe logs delete heal' -a \"$__strata_kinds\"\n"
                  "complete -c strata -n '__fish_seen_subcommand_from help' -a \"$__strata_verbs\"\n"
                  "complete -c strata -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n");
}

enum err_code options_completion(struct str *out, const char *shell, struct err *err)
{
    if (!strcmp(shell, "bash"))
        bash(out);
    else if (!strcmp(shell, "zsh"))
        zsh(out);
    else if (!strcmp(shell, "fish"))
        fish(out);
    else
        return err_set(err, ERR_USAGE, 0, "completion is there for bash, zsh and fish");
    return out->failed ? err_set(err, ERR_NOMEM, 0, "out of memory") : ERR_OK;
}
