/* What batch mode takes in several words is the same in the : line: "host drain", "load balancer list", "server show web-1". */
#include "tui/two_words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strata/ops.h"

enum { WORD = 64 };

static const char *take(const char *s, char *word)
{
    size_t n = strcspn(s, " ");
    snprintf(word, WORD, "%.*s", (int)(n < WORD ? n : WORD - 1), s);
    return s + n + strspn(s + n, " ");
}

static bool shown(const struct action *x) { return x && !(action_flags(x) & ACTION_HIDDEN); }
static bool reads(const char *word) { return !strcmp(word, "list") || !strcmp(word, "show"); }

/* kubectl's, of the object under the cursor: `rollout undo` is undo. Its state stands in what describes it. */
static const struct { const char *word, *is; } rollout[] = {
    {"status", "describe"}, {"history", "history"}, {"diff", "diff"}, {"restart", "restart"}, {"undo", "undo"}, {"pause", "pause"}, {"resume", "resume"},
};
#define ROLLOUT (sizeof rollout / sizeof *rollout)

bool two_words_fold(const char *line, char *out, size_t size)
{
    char a[WORD], b[WORD], both[2 * WORD + 2];
    const char *second = take(line, a), *rest = take(second, b), *kind = a;
    if (!*b) return false;
    for (size_t i = 0; !strcmp(a, "rollout") && i < ROLLOUT; i++)
        if (!strcmp(b, rollout[i].word)) return (size_t)snprintf(out, size, "%s %s", rollout[i].is, rest) < size;
    snprintf(both, sizeof both, "%s-%s", a, b);
    if (!action_find(a, NULL) && shown(action_find(both, NULL))) return (size_t)snprintf(out, size, "%s %s", both, rest) < size;
    bool two = !action_find(a, NULL) && kind_find(both) && !action_find(b, kind_find(a)) && !reads(b);
    if (two) kind = both, second = rest, rest = take(second, b);
    if (!kind_find(kind) || (!two && !reads(b)) || action_find(b, kind_find(kind))) return two && (size_t)snprintf(out, size, "%s %s", kind, second) < size;
    if (!strcmp(b, "show") && *rest) return (size_t)snprintf(out, size, "%s /name=%s", kind, rest) < size;
    return (size_t)snprintf(out, size, "%s %s", kind, reads(b) ? rest : second) < size;
}

static void behind(const char *name, const char *first, void (*offer)(void *arg, const char *word), void *arg)
{
    size_t n = strlen(first);
    if (!strncasecmp(name, first, n) && name[n] == '-') offer(arg, name + n + 1);
}

void two_words_next(const char *text, void (*offer)(void *arg, const char *word), void *arg)
{
    char first[WORD], second[WORD], both[2 * WORD + 2];
    const struct action *x;
    const char *rest = take(text, first);
    const struct kind *k = kind_find(first);
    bool more = strchr(rest, ' ') != NULL;
    for (size_t i = 0; !strcmp(first, "rollout") && !more && i < ROLLOUT; i++) offer(arg, rollout[i].word);
    if (more) {
        take(rest, second);
        snprintf(both, sizeof both, "%s-%s", first, second);
        k = kind_find(both);
        if (!k || strchr(rest + strlen(second) + 1, ' ')) return;
    }
    for (size_t i = 0; !more && !action_find(first, NULL) && (x = action_at(i)); i++)
        if (shown(x)) behind(action_id(x), first, offer, arg);
    for (size_t i = 0; !more && kinds_all[i]; i++) {
        behind(kinds_all[i]->id, first, offer, arg);
        for (const char *const *al = kinds_all[i]->aliases; al && *al; al++) behind(*al, first, offer, arg);
    }
    if (!k || k->plane != PLANE_OPENSTACK) return;
    offer(arg, "list");
    offer(arg, "show");
    for (size_t i = 0; (x = action_at(i)); i++)
        if (shown(x) && action_find(action_id(x), k) == x) offer(arg, action_id(x));
}
