/* Core says what lifts a refusal in options of the command line; here they are fields of the form, and commands. */
#include "tui/op_words.h"

#include <stdio.h>
#include <string.h>

#include "strata/ops.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* An option of any action: its name is its field's. Others are of the program, and mean how it is started. */
static bool is_field(const char *name, size_t len)
{
    const struct action *x;
    for (size_t i = 0; (x = action_at(i)); i++) {
        size_t n;
        const struct action_arg *arg = action_args(x, &n);
        for (size_t k = 0; k < n; k++)
            if (strlen(arg[k].name) == len && !strncmp(arg[k].name, name, len)) return true;
    }
    return false;
}

static bool is_action(const char *word, size_t len)
{
    const struct action *x;
    for (size_t i = 0; (x = action_at(i)); i++)
        if (strlen(action_id(x)) == len && !strncmp(action_id(x), word, len)) return true;
    return false;
}

/* Sentences about operations of the journal, by how they begin and end. */
static const struct { const char *begin, *end, *words; } sentences[] = {
    {"strata ops --resume ", "--give-up lets it be begun anew", ":unfinished goes on with it, takes it back, or gives it up"},
    {"strata ops --rollback ", " takes it back", "u in :ops takes it back"},
};

static size_t sentence(const char *p, const char *till, struct str *out)
{
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        const char *end = strncmp(p, sentences[i].begin, strlen(sentences[i].begin)) ? NULL : strstr(p, sentences[i].end);
        if (!end || end + strlen(sentences[i].end) > till) continue;
        str_adds(out, sentences[i].words);
        return (size_t)(end - p) + strlen(sentences[i].end);
    }
    return 0;
}

void op_words(const char *text, size_t len, struct str *out)
{
    static const char program[] = "strata ";
    bool command = false, begins = true;                       /* within ":drain n1 ignore-maintenance" */
    for (const char *p = text, *end = text + len; p < end;) {
        size_t n = begins ? sentence(p, end, out) : 0;
        if (!n && begins && !strncmp(p, program, sizeof program - 1) && is_action(p + sizeof program - 1, strspn(p + sizeof program - 1, NAME_CHARS))) {
            n = sizeof program - 1;
            command = true;
            str_addc(out, ':');
        } else if (!n && begins && !strncmp(p, "--", 2)) {
            size_t name = strspn(p + 2, NAME_CHARS);
            if (name && is_field(p + 2, name)) {
                n = 2 + name;
                str_addf(out, "%s%.*s", command ? "" : "option ", (int)name, p + 2);
            }
        }
        if (!n) {
            command = command && !strchr(":;,()", *p);
            str_addc(out, *p);
            n = 1;
        }
        p += n;
        begins = p > text && (p[-1] == ' ' || p[-1] == '(');
    }
}

void op_words_in(char *buf, size_t size)
{
    struct str s;
    str_init(&s, size * 2 + 400);
    op_words(buf, strlen(buf), &s);
    if (!s.failed && s.data) snprintf(buf, size, "%s", s.data);
    str_release(&s);
}
