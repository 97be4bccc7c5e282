/* A file or a folder of this machine as a tar stream, in the form that GNU's, busybox's and BSD's tar all read. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/copy.h"
#include "strata/mem.h"
#include "strata/str.h"
#include "strata/text.h"

enum { DEPTH_MAX = 200, BLOCK = 128 << 10, LINK_MAX = 4096 };
#define NAME_MAX_ALL ((size_t)64 << 10)

struct pack {
    const struct copy_io *io;
    struct copy_tally *t;
    struct err *err, broke;
    struct archive *a;
    struct archive_entry *e;
    char *block;
    struct str name;                     /* in the archive */
};

static enum err_code fault(struct pack *p, const char *what)
{
    struct str said;
    int no = errno;
    str_init(&said, 4096);
    text_clean(&said, p->name.data, p->name.len, 0);
    err_set(p->err, ERR_IO, no, "%s %.200s: %s", what, said.len ? said.data : "", strerror(no));
    str_release(&said);
    return ERR_IO;
}

static void leave_out(struct pack *p, const char *why)
{
    struct str said;
    str_init(&said, 65536);
    str_adds(&said, "left out ");
    text_clean(&said, p->name.data, p->name.len, 0);
    str_addf(&said, ": %s", why);
    p->t->left_out++;
    if (p->io->note)
        p->io->note(p->io->arg, said.data);
    str_release(&said);
}

static enum err_code broken(struct pack *p)
{
    const char *text = archive_error_string(p->a);
    if (p->broke.code)
        *p->err = p->broke;
    else
        err_set(p->err, ERR_IO, 0, "cannot pack: %s", text ? text : "the archive cannot hold it");
    return p->err->code;
}

static enum err_code header(struct pack *p, const struct stat *st, unsigned type, const char *target)
{
    archive_entry_clear(p->e);
    archive_entry_set_pathname(p->e, p->name.data);
    archive_entry_set_filetype(p->e, type);
    archive_entry_set_perm(p->e, st->st_mode & 0777);            /* no owner: it is of who unpacks it */
    archive_entry_set_mtime(p->e, st->st_mtime, 0);
    archive_entry_set_size(p->e, type == AE_IFREG ? st->st_size : 0);
    if (target)
        archive_entry_set_symlink(p->e, target);
    return archive_write_header(p->a, p->e) < ARCHIVE_WARN ? broken(p) : ERR_OK;
}

static enum err_code file(struct pack *p, int fd, const struct stat *st)
{
    enum err_code code = header(p, st, AE_IFREG, NULL);
    for (off_t left = st->st_size; !code && left > 0;) {
        ssize_t n = read(fd, p->block, left < BLOCK ? (size_t)left : (size_t)BLOCK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fault(p, "cannot read");
        if (!n)
            return err_set(p->err, ERR_CONFLICT, 0, "%.200s became shorter while it was read: copy it again", p->name.data);
        if (archive_write_data(p->a, p->block, (size_t)n) != n)
            return broken(p);
        left -= n;
        p->t->bytes += (uint64_t)n;
        if (p->io->progress)
            p->io->progress(p->io->arg, p->t);
    }
    if (!code && archive_write_finish_entry(p->a) < ARCHIVE_WARN)
        code = broken(p);
    p->t->files += !code;
    return code;
}

static enum err_code any(struct pack *p, int dir, const char *name, int depth);

static enum err_code folder(struct pack *p, int fd, const struct stat *st, int depth)
{
    size_t len = p->name.len;
    struct dirent *d;
    enum err_code code = header(p, st, AE_IFDIR, NULL);
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir && copy >= 0)
        close(copy);
    if (!dir)
        return code ? code : fault(p, "cannot read the folder");
    p->t->dirs++;
    while (!code && (errno = 0, d = readdir(dir))) {
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
            continue;
        str_addf(&p->name, "/%s", d->d_name);
        code = p->name.failed ? err_set(p->err, ERR_TOOBIG, 0, "names in %.200s are too long", p->name.data) : any(p, fd, d->d_name, depth + 1);
        p->name.len = len;
        p->name.data[len] = '\0';
    }
    if (!code && errno)
        code = fault(p, "cannot read the folder");
    closedir(dir);
    return code;
}

/* depth 0: what was named, through a link if it is one. */
static enum err_code any(struct pack *p, int dir, const char *name, int depth)
{
    char target[LINK_MAX + 1];
    struct stat st;
    if (depth > DEPTH_MAX)
        return err_set(p->err, ERR_TOOBIG, 0, "the folders lie more than %d deep", DEPTH_MAX);
    if (fstatat(dir, name, &st, depth ? AT_SYMLINK_NOFOLLOW : 0))
        return fault(p, "cannot read");
    if (S_ISLNK(st.st_mode)) {
        ssize_t n = readlinkat(dir, name, target, LINK_MAX);
        if (n < 0)
            return fault(p, "cannot read the link");
        target[n] = '\0';
        p->t->links++;
        return header(p, &st, AE_IFLNK, target);
    }
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        leave_out(p, "it is a device, a pipe or a socket");
        return ERR_OK;
    }
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (depth ? O_NOFOLLOW : 0));
    enum err_code code = ERR_OK;
    if (fd < 0 || fstat(fd, &st))
        code = fault(p, "cannot read");
    else if (S_ISDIR(st.st_mode))
        code = folder(p, fd, &st, depth);
    else if (S_ISREG(st.st_mode))
        code = file(p, fd, &st);
    if (fd >= 0)
        close(fd);
    return code;
}

static la_ssize_t on_write(struct archive *a, void *arg, const void *data, size_t len)
{
    struct pack *p = arg;
    if (p->broke.code)                   /* closing after a fault: nobody reads it */
        return (la_ssize_t)len;
    if (p->io->write(p->io->arg, data, len, &p->broke))
        return (la_ssize_t)len;
    archive_set_error(a, EIO, "%s", "the stream broke");
    return -1;
}

enum err_code copy_pack(const struct copy_io *io, const char *path, const char *as, struct copy_tally *t, struct err *err)
{
    struct pack p = {.io = io, .t = t, .err = err, .a = archive_write_new(), .e = archive_entry_new(), .block = mem_alloc(BLOCK)};
    enum err_code code = ERR_NOMEM;
    *t = (struct copy_tally){0};
    str_init(&p.name, NAME_MAX_ALL);
    str_adds(&p.name, as);
    if (!p.a || !p.e || !p.block || p.name.failed)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    else if (archive_write_set_format_gnutar(p.a) != ARCHIVE_OK || archive_write_open(p.a, &p, NULL, on_write, NULL) != ARCHIVE_OK)
        code = broken(&p);
    else
        code = any(&p, AT_FDCWD, path, 0);
    if (code)
        p.broke.code = code;             /* no end is written: what is cut off must not look whole */
    else if (archive_write_close(p.a) != ARCHIVE_OK)
        code = broken(&p);
    archive_write_free(p.a);
    archive_entry_free(p.e);
    mem_free(p.block);
    str_release(&p.name);
    return code;
}
