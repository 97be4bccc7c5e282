/* Reading configuration files: bytes, paths, and the sentences about what is wrong in them. */
#include "core/config/cfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/text.h"

static enum err_code io_error(struct err *err, const char *path, int number)
{
    struct str name;
    str_init(&name, 4096);
    text_clean(&name, path, strlen(path), 0);
    enum err_code code = number == ENOENT ? ERR_NOTFOUND : ERR_IO;
    char why[80];
    err_set(err, code, number, "%s: %s", name.len ? name.data : "file", strerror_r(number, why, sizeof why));
    str_release(&name);
    return code;
}

enum err_code cfile_read(const char *path, size_t max, char **text, size_t *len, struct err *err)
{
    *text = NULL;
    *len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return io_error(err, path, errno);
    char *buf = NULL;
    size_t cap = 0, n = 0;
    enum err_code rc = ERR_OK;
    for (;;) {
        if (!mem_grow(&buf, &cap, n + 16384, 1)) {
            rc = err_set(err, ERR_NOMEM, 0, "out of memory");
            break;
        }
        ssize_t got = read(fd, buf + n, cap - n - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            rc = io_error(err, path, errno);
            break;
        }
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > max) {
            rc = err_set(err, ERR_TOOBIG, 0, "%s: bigger than %zu MiB", path, max >> 20);
            break;
        }
    }
    close(fd);
    if (rc) {
        mem_free(buf);
        return rc;
    }
    buf[n] = '\0';
    *text = buf;
    *len = n;
    return ERR_OK;
}

/* Folds an absolute path in place. */
static void fold(char *path)
{
    size_t out = 0;
    for (const char *p = path; *p;) {
        while (*p == '/')
            p++;
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            while (out && path[--out] != '/')
                ;
        } else if (n && !(n == 1 && p[0] == '.')) {
            path[out++] = '/';
            memmove(path + out, p, n);
            out += n;
        }
        p += n;
    }
    if (!out)
        path[out++] = '/';
    path[out] = '\0';
}

char *cfile_join(const char *dir, const char *path)
{
    struct str s;
    str_init(&s, 65536);
    char cwd[4096];
    if (*path != '/') {
        if (*dir != '/' && getcwd(cwd, sizeof cwd))
            str_addf(&s, "%s/", cwd);
        str_addf(&s, "%s/", dir);
    }
    str_adds(&s, path);
    char *joined = str_take(&s);
    if (joined && *joined == '/')
        fold(joined);
    return joined;
}

char *cfile_dir(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *dir = slash ? mem_strndup(file, slash == file ? 1 : (size_t)(slash - file)) : mem_strdup(".");
    char *full = dir ? cfile_join(dir, ".") : NULL;
    mem_free(dir);
    return full;
}

char *cfile_home(const char *path, const char *home)
{
    if (path[0] != '~' || (path[1] != '/' && path[1]) || !home || !*home)
        return mem_strdup(path);
    struct str s;
    str_init(&s, 65536);
    str_addf(&s, "%s%s", home, path + 1);
    return str_take(&s);
}

void cfile_problem(struct str *out, const char *file, int line, const char *fmt, ...)
{
    struct str s;
    str_init(&s, 65536);
    if (file)
        str_adds(&s, file);
    if (file && line > 0)
        str_addf(&s, ":%d", line);
    if (file)
        str_adds(&s, ": ");
    va_list ap;
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    if (!s.failed && s.len) {
        text_clean(out, s.data, s.len, 0);
        str_addc(out, '\n');
    }
    str_release(&s);
}

enum err_code cfile_error(struct err *err, enum err_code code, const char *fmt, ...)
{
    struct str s, clean;
    str_init(&s, 65536);
    str_init(&clean, 65536);
    va_list ap;
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    if (!s.failed && s.len)
        text_clean(&clean, s.data, s.len, 0);
    err_set(err, code, 0, "%s", clean.len && !clean.failed ? clean.data : err_text(code));
    str_release(&s);
    str_release(&clean);
    return code;
}
