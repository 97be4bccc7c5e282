/* How long a container's command runs and what it returns, for the few commands everybody tries: sleep 5, sh -c 'echo x; exit 3', true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define AT_ONCE_MS 150

struct run { int64_t ms; int code; bool over, forever, known; json_t *said; };

static bool among(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "5", "1.5", "2m": ms; -1: for ever. */
static int64_t sleep_ms(const char *text)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || !(v >= 0 && v < 1e9))
        return -1;
    return (int64_t)(v * 1000 * (*end == 'm' ? 60 : *end == 'h' ? 3600 : *end == 'd' ? 86400 : 1));
}

static void one(struct run *r, const char *name, const char *arg)
{
    static const char *const quick[] = {"true", ":", "echo", "printf", "date", "ls", "env", "hostname", "uname", "id", "whoami", "pwd", "nslookup", NULL};
    static const char *const endless[] = {"tail", "top", "while", "yes", "read", "wait", "cat", NULL};
    name = base(name);
    r->known = true;
    if (strcmp(name, "sleep") == 0) {
        int64_t ms = sleep_ms(arg);
        r->forever = ms < 0;
        r->ms += ms < 0 ? 0 : ms;
        r->code = 0;
    } else if (strcmp(name, "exit") == 0) {
        r->over = true;
        r->code = *arg ? atoi(arg) & 255 : r->code;
    } else if (strcmp(name, "false") == 0) {
        r->code = 1;
    } else if (among(name, quick)) {
        r->code = 0;
    } else if (among(name, endless)) {
        r->forever = true;
    } else {
        r->known = false;
    }
}

/* What echo prints: without the quotes around it. */
static void says(struct run *r, const char *text, size_t n)
{
    while (n && strchr(" \t", text[n - 1]))
        n--;
    if (n > 1 && strchr("\"'", *text) && text[n - 1] == *text) {
        text++;
        n -= 2;
    }
    json_t *line = json_stringn(text, n);
    if (line && r->said)
        json_array_append(r->said, line);
    json_decref(line);
}

/* Commands joined by ; and &&, each looked at by its first two words. */
static void script(struct run *r, const char *text)
{
    char word[2][64];
    while (*text && !r->over && !r->forever) {
        size_t n = strcspn(text, ";\n&"), at = 0;
        word[0][0] = word[1][0] = 0;
        for (size_t k = 0; k < 2; k++) {
            at += strspn(text + at, " \t\"'");
            size_t len = strcspn(text + at, " \t\"';\n&");
            snprintf(word[k], sizeof(word[k]), "%.*s", (int)len, text + at);
            at += len;
            if (at >= n)
                break;
        }
        bool both = strncmp(text + n, "&&", 2) == 0;
        if (word[0][0])
            one(r, word[0], word[1]);
        if (strcmp(base(word[0]), "echo") == 0) {
            const char *rest = strstr(text, "echo") + 4;
            rest += strspn(rest, " ");
            says(r, rest, rest < text + n ? (size_t)(text + n - rest) : 0);
        }
        r->over = r->over || (both && r->code);
        if (!r->known)
            return;
        text += n + strspn(text + n, ";\n&");
    }
}

static bool look(const json_t *container, struct run *r)
{
    static const char *const lists[] = {"command", "args"};
    static const char *const shells[] = {"sh", "bash", "ash", "dash", NULL};
    static const char *const shell_images[] = {"busybox", "alpine", "ubuntu", "debian", "hello-world", NULL};
    json_t *words = json_array(), *v;
    size_t i;
    for (size_t k = 0; k < 2; k++)
        json_array_foreach(jat(container, lists[k]), i, v)
            json_array_append(words, v);
    const char *first = jstr(words, "0"), *image = base(jstr(container, "image"));
    char plain[64];
    snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(image, ":@"), image);
    if (!json_array_size(words))
        r->known = among(plain, shell_images) && !json_is_true(jat(container, "stdin"));       /* a shell that nobody talks to */
    else if (among(base(first), shells) && jstr(words, "1")[0] == '-' && strchr(jstr(words, "1"), 'c'))
        script(r, jstr(words, "2"));
    else
        one(r, first, jstr(words, "1"));
    if (strcmp(base(first), "echo") == 0) {
        struct str all;
        str_init(&all, 0);
        for (i = 1; i < json_array_size(words); i++)
            str_addf(&all, "%s%s", i > 1 ? " " : "", json_string_value(json_array_get(words, i)));
        says(r, all.len ? all.data : "", all.len);
        str_release(&all);
    }
    json_decref(words);
    return r->known && !r->forever;
}

bool ctl_command(const json_t *container, int64_t *ms, int *code)
{
    struct run r = {.ms = AT_ONCE_MS};
    bool ends = look(container, &r);
    *ms = r.ms;
    *code = r.code;
    return ends;
}

json_t *ctl_command_said(const json_t *container)
{
    struct run r = {.said = json_array()};
    if (look(container, &r))
        return r.said;
    json_decref(r.said);
    return NULL;
}
