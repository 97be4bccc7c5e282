/* What stands behind the verb: kinds and names as kubectl and openstackclient write them, and what an action is told in words. */
#include <stdio.h>
#include <string.h>

#include "strata/kind.h"
#include "strata/ops.h"
#include "strata/str.h"
#include "tui/batch.h"

const char *batch_other_kind(const struct strlist *args)
{
    const char *a = args->items[0];
    size_t n = strcspn(a, "/");
    char one[128], other[128];
    if (!a[n])
        return NULL;
    snprintf(one, sizeof(one), "%.*s", (int)n, a);
    for (size_t i = 1; i < args->count; i++) {
        const char *name = args->items[i];
        size_t len = strcspn(name, "/");
        snprintf(other, sizeof(other), "%.*s", (int)len, name);
        if (!name[len] || strchr(name, '=') || name[strlen(name) - 1] == '-')      /* a label with a prefix, as it is set or removed */
            continue;
        if (strcmp(one, other) != 0 && (!kind_find(one) || kind_find(one) != kind_find(other)))
            return name;
    }
    return NULL;
}

static bool is_ostk(const char *kind)
{
    const struct kind *k = kind_find(kind);
    return k && k->plane == PLANE_OPENSTACK;
}

/* "TYPE/NAME" of kubectl and the two words of openstackclient ("floating ip", quoted or not) become KIND NAME;
 * "server group" is no server of that name (that is server/group). */
static bool fold_kind(struct strlist *to, const struct strlist *from, const char *verb, const char *only)
{
    const char *a = from->items[0], *slash = strchr(a, '/');
    size_t next = 1;
    bool ok;
    char two[256], one[128];
    snprintf(one, sizeof(one), "%s", a);
    for (char *p = one; *p; p++)
        *p = *p == ' ' ? '-' : *p;
    if (only && !slash && (!kind_find(a) || (!action_find(verb, kind_find(a)) && (from->count == 1 || is_ostk(a) != is_ostk(only))))) {
        a = only;                   /* "drain NODE": there is but one kind it goes with; "drain deploy web" is none of two nodes */
        next = 0;
    }
    if (!kind_find(a) && kind_find(one))
        a = one;
    snprintf(two, sizeof(two), "%s-%s", a, from->count > 1 ? from->items[1] : "");
    if (slash) {
        ok = strlist_add(to, a, (size_t)(slash - a)) && strlist_add(to, slash + 1, strlen(slash + 1));
    } else if (next && from->count > 1 && (kind_find(a) ? is_ostk(a) && is_ostk(two) : kind_find(two) != NULL)) {
        ok = strlist_add(to, two, strlen(two));
        next = 2;
    } else {
        ok = strlist_add(to, a, strlen(a));
    }
    for (size_t i = next; ok && i < from->count; i++) {
        const char *name = slash && strchr(from->items[i], '/') ? strchr(from->items[i], '/') + 1 : from->items[i];
        ok = strlist_add(to, name, strlen(name));
    }
    return ok;
}

/* The argument that is a list of words ("image", "set"); NULL: the action has none. */
static const char *word_arg(const char *verb)
{
    const struct action *a;
    for (size_t i = 0; (a = action_at(i)); i++) {
        size_t n;
        const struct action_arg *args = action_args(a, &n);
        for (size_t k = 0; !strcmp(action_id(a), verb) && action_plane(a) == PLANE_KUBE && k < n; k++)
            if (args[k].type == ARG_TEXT && args[k].required)
                return args[k].name;
    }
    return NULL;
}

/* "app=web", "app-", of nodes also "gpu:NoSchedule": no name of an object looks like that. */
static bool is_word(const char *s, const char *only)
{
    size_t n = strlen(s);
    return strchr(s, '=') || (n > 1 && s[n - 1] == '-') || (only && !strcmp(only, "nodes") && strchr(s, ':'));
}

/* Words that stand among the names, and the argument given several times, become one argument, a line a word. */
static bool gather_words(const struct options *o, const char *arg, const char *only, struct strlist *names, struct strlist *args)
{
    struct str words;
    size_t len = strlen(arg);
    bool ok = true;
    str_init(&words, 1u << 20);
    for (size_t i = 0; ok && i < o->action_args.count; i++) {
        const char *given = o->action_args.items[i];
        if (!strncmp(given, arg, len) && given[len] == '=')
            ok = str_addf(&words, "%s%s", words.len ? "\n" : "", given + len + 1);
        else
            ok = strlist_add(args, given, strlen(given));
    }
    for (size_t i = 0; ok && i < o->args.count; i++) {
        const char *s = o->args.items[i];
        ok = i && is_word(s, only) ? str_addf(&words, "%s%s", words.len ? "\n" : "", s) : strlist_add(names, s, strlen(s));
    }
    if (ok && words.len) {
        struct str both;
        str_init(&both, 2u << 20);
        ok = str_addf(&both, "%s=%s", arg, words.data) && strlist_add(args, both.data, both.len);
        str_release(&both);
    }
    str_release(&words);
    return ok;
}

bool batch_args(struct options *o, bool act, struct strlist *names, struct strlist *args)
{
    const char *only = act ? action_only_kind(o->verb) : NULL, *arg = act ? word_arg(o->verb) : NULL;
    struct strlist plain = {0};
    bool ok = !arg || gather_words(o, arg, only, &plain, args);
    ok = ok && fold_kind(names, arg ? &plain : &o->args, o->verb, only);
    strlist_release(&plain);
    if (ok)
        o->args = *names;
    if (ok && arg)
        o->action_args = *args;
    return ok;
}

bool batch_arg_words(struct options *o, const char *verb, struct strlist *names, struct strlist *args)
{
    const char *arg = word_arg(verb);
    if (!arg)
        return true;
    if (!gather_words(o, arg, action_only_kind(verb), names, args))
        return false;
    o->args = *names;
    o->action_args = *args;
    return true;
}
