/* What the two ends of a copy mean. */
#include <string.h>

#include "strata/copy.h"
#include "strata/text.h"

/* As the names of pods and namespaces are: a-z, 0-9, '-', '.', an alphanumeric at both ends. */
static bool is_name(const char *s, size_t n, size_t max)
{
    static const char ends[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (!n || n > max || !strchr(ends, s[0]) || !strchr(ends, s[n - 1]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!strchr(ends, s[i]) && s[i] != '-' && s[i] != '.')
            return false;
    return true;
}

enum err_code copy_end_read(struct copy_end *e, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    const char *slash = n ? memchr(text, '/', n) : NULL;
    *e = (struct copy_end){.path = text};
    if (!*text)
        return err_set(err, ERR_USAGE, 0, "an empty name is no file: give [NS/]POD:PATH, or a file here");
    const char *pod = slash ? slash + 1 : text;
    size_t len = n - (size_t)(pod - text), ns = slash ? (size_t)(slash - text) : 0;
    if (!n || !is_name(pod, len, 253) || (slash && !is_name(text, ns, 63)))
        return ERR_OK;
    if (!colon[1])
        return err_set(err, ERR_USAGE, 0, "which file in pod %.*s? (%.*s:PATH)", (int)len, pod, (int)len, pod);
    memcpy(e->pod, pod, len);
    memcpy(e->ns, text, ns);
    e->path = colon + 1;
    return ERR_OK;
}

bool copy_split(const char *path, char *dir, char *name, size_t size)
{
    size_t len = 0, last = 0;
    dir[0] = name[0] = '\0';
    if (strlen(path) + 2 > size)
        return false;
    if (*path == '/')
        dir[len++] = '/', last = 1;
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");
        if (n && !(n == 1 && *p == '.')) {
            if (len && dir[len - 1] != '/')
                dir[len++] = '/';
            last = len;
            memcpy(dir + len, p, n);
            len += n;
        }
        p += n + (p[n] == '/');
    }
    dir[len] = '\0';
    if (len > last && strcmp(dir + last, "..") != 0) {
        memcpy(name, dir + last, len - last + 1);
        len = last > 1 ? last - 1 : last;                /* without the '/', which "/" itself keeps */
        dir[len] = '\0';
    }
    if (!len)
        memcpy(dir, ".", 2);
    return true;
}
