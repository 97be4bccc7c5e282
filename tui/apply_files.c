/* Files and directories that are applied. */
#include "tui/apply_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/options.h"
#include "strata/str.h"

#define FILE_MAX ((size_t)32 << 20)
#define DEPTH_MAX 20

static bool read_fd(struct apply_files *f, int fd, const char *name, struct err *err)
{
    struct str s;
    char buf[16384];
    ssize_t n;
    str_init(&s, FILE_MAX);
    str_adds(&s, "");
    while ((n = read(fd, buf, sizeof buf)) > 0 || (n < 0 && errno == EINTR))
        str_add(&s, buf, n > 0 ? (size_t)n : 0);
    size_t len = s.len;
    if (n < 0)
        err_set(err, ERR_IO, errno, "%.200s cannot be read: %s", name, strerror(errno));
    else if (s.failed)
        err_set(err, ERR_TOOBIG, 0, "%.200s is greater than 32 MiB", name);
    char *text = err->code ? NULL : str_take(&s), *copy = mem_strdup(name);
    str_release(&s);
    if (text && copy && mem_grow(&f->text, &f->cap, f->n + 1, sizeof *f->text)) {
        f->text[f->n++] = (struct apply_text){.name = copy, .text = text, .len = len};
        return true;
    }
    if (!err->code)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    mem_free(text);
    mem_free(copy);
    return false;
}

static bool wanted(const char *name)
{
    static const char *const ends[] = {".yaml", ".yml", ".json"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (len > strlen(ends[i]) && !strcmp(name + len - strlen(ends[i]), ends[i]))
            return true;
    return false;
}

static bool add(struct apply_files *f, const char *path, bool deep, int depth, struct err *err);

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_below(struct apply_files *f, const char *path, bool deep, int depth, struct err *err)
{
    struct strlist names = {0};
    struct dirent *e;
    struct stat st;
    DIR *d = opendir(path);
    bool ok = d != NULL;
    if (!ok)
        err_set(err, ERR_IO, errno, "%.200s cannot be read: %s", path, strerror(errno));
    while (ok && (e = readdir(d)))
        if (e->d_name[0] != '.' && !(ok = strlist_add(&names, e->d_name, strlen(e->d_name))))
            err_set(err, ERR_NOMEM, 0, "out of memory");
    if (d)
        closedir(d);
    if (names.count)
        qsort(names.items, names.count, sizeof *names.items, by_text);
    for (size_t i = 0; ok && i < names.count; i++) {
        struct str sub;
        str_init(&sub, 8192);
        str_addf(&sub, "%s/%s", path, names.items[i]);
        bool below = !sub.failed && !stat(sub.data, &st) && S_ISDIR(st.st_mode);
        if (below && !deep && !f->skipped++)
            snprintf(f->first, sizeof f->first, "%.299s", sub.data);
        if (!sub.failed && (below ? deep && depth < DEPTH_MAX : wanted(names.items[i])))
            ok = add(f, sub.data, deep, depth + 1, err);
        str_release(&sub);
    }
    strlist_release(&names);
    return ok;
}

static bool add(struct apply_files *f, const char *path, bool deep, int depth, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | (f->plain ? O_NONBLOCK | O_NOCTTY : 0));
    bool ok = fd >= 0 && !fstat(fd, &st);
    if (!ok)
        err_set(err, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, errno, "%.200s cannot be read: %s", path, strerror(errno));
    else if (f->plain && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        ok = !err_set(err, ERR_USAGE, 0, "%.200s is no file: what comes through a pipe is for strata apply -f", path);
    bool dir = ok && S_ISDIR(st.st_mode);
    if (ok && !dir)
        ok = read_fd(f, fd, path, err);
    if (fd >= 0)
        close(fd);
    return dir ? add_below(f, path, deep, depth, err) : ok;
}

bool apply_files_add(struct apply_files *f, const char *path, bool deep, struct err *err)
{
    *err = (struct err)ERR_INIT;
    if (!strcmp(path, "-"))
        return read_fd(f, STDIN_FILENO, "-", err);
    if (!strncmp(path, "http://", 7) || !strncmp(path, "https://", 8))
        return !err_set(err, ERR_USAGE, 0, "strata fetches no manifests: fetch it, look at it, then apply the file");
    return add(f, path, deep, 0, err);
}

void apply_files_release(struct apply_files *f)
{
    for (size_t i = 0; i < f->n; i++) {
        mem_free((char *)(uintptr_t)f->text[i].name);
        mem_free_secret((char *)(uintptr_t)f->text[i].text);
    }
    mem_free(f->text);
    *f = (struct apply_files){0};
}
