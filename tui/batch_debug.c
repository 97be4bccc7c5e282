/* strata debug POD -it [-- COMMAND]: the plan and its end as of any action, then joined to the container, as kubectl debug does. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "strata/str.h"
#include "strata/stream.h"
#include "tui/batch.h"

/* Words that the action reads back as they were: in quotes, a quote in quotes of the other sort. */
static bool quoted(struct str *out, const char *word)
{
    str_addc(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            str_adds(out, "'\"'\"'");
        else
            str_addc(out, *word);
    }
    return str_addc(out, '\'');
}

static bool add_command(const struct strlist *from, size_t first, struct strlist *args)
{
    struct str s;
    bool ok = true;
    str_init(&s, 1u << 20);
    str_adds(&s, "command=");
    for (size_t i = first; i < from->count; i++) {
        if (i > first)
            str_addc(&s, ' ');
        ok = quoted(&s, from->items[i]);
    }
    ok = ok && !s.failed && strlist_add(args, s.data, s.len);
    str_release(&s);
    return ok;
}

/* The container must be known by name to be joined. */
static bool add_name(struct batch *b, struct strlist *args)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    unsigned char raw[5] = {0};
    char text[32] = "name=debugger-";
    size_t n = strlen(text);
    for (size_t i = 0; i < b->opt->action_args.count; i++)
        if (!strncmp(b->opt->action_args.items[i], "name=", 5)) {
            snprintf(b->debugger, sizeof b->debugger, "%s", b->opt->action_args.items[i] + 5);
            return true;
        }
    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
        return false;
    for (size_t i = 0; i < sizeof raw; i++)
        text[n++] = letters[raw[i] % (sizeof letters - 1)];
    text[n] = '\0';
    snprintf(b->debugger, sizeof b->debugger, "%s", text + 5);
    return strlist_add(args, text, n);
}

bool batch_debug_args(struct batch *b, struct options *o, struct strlist *args)
{
    bool join = o->interactive || o->tty, ok = true;
    if (o->dashes && o->before_dashes < o->args.count) {
        ok = add_command(&o->args, o->before_dashes, args);
        o->args.count = o->before_dashes;
    }
    if (ok && join)
        ok = add_name(b, args);
    if (!ok)
        batch_error(b, EXIT_FAILED, "out of memory");
    else if (!o->args.count)
        batch_error(b, EXIT_USAGE, "debug which pod? strata debug POD -it --image=IMAGE -- COMMAND");
    else
        return true;
    return false;
}

void batch_debug_join(struct batch *b, const struct row *pod)
{
    if (*b->debugger && b->rc == EXIT_OK && !b->opt->dry_run)
        batch_join(b, STREAM_ATTACH, pod, b->debugger, NULL);
}
