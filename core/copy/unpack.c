/*
 * A tar stream that may be hostile into one folder here. Every folder on the way is opened by itself and never through a
 * link; a file is written beside its place and put there when it is whole. A link may only lead on below the folder that is
 * copied, so that no chain of them leads out.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/copy.h"
#include "strata/str.h"
#include "strata/text.h"

enum { DEPTH_MAX = 200, PATH_LEN_MAX = 4096, NAME_LEN_MAX = 255, SAID_MAX = 120 };
static const char part_name[] = ".strata-part";          /* what is being written; in no archive of ours */

struct unpack {
    const struct copy_io *io;
    struct copy_tally *t;
    struct err *err;
    struct err broke;                    /* of io->read */
    int root;
    const char *from, *to;
    bool force;
};

static const char *clean(const char *s, char out[SAID_MAX * 4])
{
    struct str t;
    str_init(&t, SAID_MAX * 4 - 1);
    text_clean(&t, s, strnlen(s, SAID_MAX), 0);
    snprintf(out, SAID_MAX * 4, "%s", t.len ? t.data : "");
    str_release(&t);
    return out;
}

static void leave_out(struct unpack *u, const char *name, const char *why)
{
    char said[SAID_MAX * 4], line[SAID_MAX * 4 + 200];
    u->t->left_out++;
    snprintf(line, sizeof line, "left out %s: %s", clean(name, said), why);
    if (u->io->note)
        u->io->note(u->io->arg, line);
}

static enum err_code fault(struct unpack *u, const char *name, const char *what)
{
    char said[SAID_MAX * 4];
    int no = errno;
    if (no == EEXIST)
        return err_set(u->err, ERR_CONFLICT, no, "%s is there already: --force writes over it", clean(name, said));
    if (no == EISDIR || no == ENOTDIR || no == ELOOP)
        return err_set(u->err, ERR_CONFLICT, no, "%s cannot be written: a folder or a link is in its way, move it away first", clean(name, said));
    return err_set(u->err, ERR_IO, no, "%s %s: %s", what, clean(name, said), strerror(no));
}

/* "./a//b" with the first name changed, as "to/b"; false: not what was asked for, or it would leave (left out). */
static bool place(struct unpack *u, const char *name, char *out, size_t *depth, bool tell)
{
    const char *why = NULL;
    size_t len = 0, parts = 0;
    if (!name || !*name)
        why = "it has no name";
    else if (*name == '/')
        why = "its name leads to the root of this machine";
    for (const char *p = name; !why && *p;) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            why = "its name leads out of the folder";
        } else if (n > NAME_LEN_MAX || len + n + NAME_LEN_MAX + 2 > PATH_LEN_MAX || parts >= DEPTH_MAX) {
            why = "its name is too long";
        } else if (n && !(n == 1 && *p == '.')) {
            const char *part = p;
            size_t m = n;
            if (!parts && *u->from) {
                if (strlen(u->from) != n || memcmp(u->from, p, n) != 0) {
                    why = "it was not asked for";
                    break;
                }
                part = u->to;
                m = strlen(u->to);
            } else if (!parts) {                         /* all of a folder: it is what `to` becomes */
                m = strlen(u->to);
                memcpy(out, u->to, m);
                out[m] = '/';
                len = m + 1;
                m = n;
                parts++;
            }
            if (parts && len && out[len - 1] != '/')
                out[len++] = '/';
            memcpy(out + len, part, m);
            len += m;
            parts++;
        }
        p += n + (p[n] == '/');
    }
    if (!why && !parts && !*u->from) {                   /* "./" */
        len = strlen(u->to);
        memcpy(out, u->to, len);
        parts = 1;
    }
    if (!why && !parts)
        why = "it was not asked for";
    if (why && tell)
        leave_out(u, name ? name : "", why);
    out[why ? 0 : len] = '\0';
    *depth = parts;
    return !why;
}

/* The folder that path lies in; make: those that are not there. -1: errno. *last is its last name. */
static int parent(const struct unpack *u, const char *path, bool make, const char **last)
{
    char part[NAME_LEN_MAX + 1];
    int dir = fcntl(u->root, F_DUPFD_CLOEXEC, 0);
    for (const char *slash; dir >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        int next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && errno == ENOENT && make && (mkdirat(dir, part, 0777) == 0 || errno == EEXIST))
            next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int no = errno;
        close(dir);
        errno = no;
        dir = next;
    }
    *last = path;
    return dir;
}

static enum err_code broken(struct unpack *u, struct archive *a)
{
    char said[SAID_MAX * 4];
    const char *text = archive_error_string(a);
    if (u->broke.code) {
        *u->err = u->broke;
        return u->err->code;
    }
    return err_set(u->err, ERR_PROTO, 0, "what comes is no whole tar archive: %s", clean(text ? text : "it is damaged", said));
}

/* All bytes of the entry, and exactly as many as it says. */
static enum err_code write_data(struct unpack *u, struct archive *a, const char *name, int fd, int64_t size)
{
    char said[SAID_MAX * 4];
    int64_t done = 0;
    for (;;) {
        const void *data;
        size_t len;
        la_int64_t at;
        int rc = archive_read_data_block(a, &data, &len, &at);
        if (rc == ARCHIVE_EOF)
            break;
        if (rc != ARCHIVE_OK)
            return broken(u, a);
        if (at != done && len)                           /* no tar that was asked as we ask makes holes */
            return err_set(u->err, ERR_PROTO, 0, "%s comes with holes in it, which is not understood", clean(name, said));
        for (size_t off = 0; off < len;) {
            ssize_t n = write(fd, (const char *)data + off, len - off);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return fault(u, name, "cannot write");
            off += (size_t)n;
        }
        done += (int64_t)len;
        u->t->bytes += len;
        if (u->io->progress)
            u->io->progress(u->io->arg, u->t);
    }
    if (done != size)
        return err_set(u->err, ERR_PROTO, 0, "%s came with %lld of %lld bytes", clean(name, said), (long long)done, (long long)size);
    return ERR_OK;
}

/* What is whole goes to its place: over a file if that was asked for, never over anything else. */
static bool settle(const struct unpack *u, int dir, const char *last)
{
    if (u->force)
        return renameat(dir, part_name, dir, last) == 0;
    if (linkat(dir, part_name, dir, last, 0) == 0)
        return unlinkat(dir, part_name, 0) == 0;
    if (errno != EPERM && errno != EOPNOTSUPP)
        return false;
    return renameat2(dir, part_name, dir, last, RENAME_NOREPLACE) == 0;       /* a file system without hard links */
}

static enum err_code taken(struct unpack *u)
{
    return err_set(u->err, ERR_CONFLICT, EEXIST, "another copy writes into the same folder, or left %s there: wait for it, or remove that file", part_name);
}

static enum err_code file(struct unpack *u, struct archive *a, struct archive_entry *e, const char *path, int dir, const char *last)
{
    mode_t mode = archive_entry_perm(e) & 0777, mask = umask(022);
    umask(mask);
    struct stat st;
    if (!u->force && fstatat(dir, last, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return fault(u, path, "");
    }
    int fd = openat(dir, part_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return taken(u);
    if (fd < 0)
        return fault(u, path, "cannot write");
    enum err_code code = write_data(u, a, path, fd, archive_entry_size_is_set(e) ? archive_entry_size(e) : 0);
    if (!code && fchmod(fd, mode & ~mask))
        code = fault(u, path, "cannot write");
    if (close(fd) && !code)
        code = fault(u, path, "cannot write");
    if (!code && !settle(u, dir, last))
        code = fault(u, path, "cannot write");
    if (code)
        unlinkat(dir, part_name, 0);
    else
        u->t->files++;
    return code;
}

static enum err_code folder(struct unpack *u, struct archive_entry *e, const char *path, int dir, const char *last)
{
    mode_t mode = (archive_entry_perm(e) & 0777) | 0700;         /* what lies in it is still to come */
    struct stat st;
    if (mkdirat(dir, last, mode) == 0) {
        u->t->dirs++;
        return ERR_OK;
    }
    if (errno == EEXIST && fstatat(dir, last, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    return errno == EEXIST ? ERR_OK : fault(u, path, "cannot make the folder");
}

/* A second name of a file that came before: only of a file, and only within. */
static enum err_code hard_link(struct unpack *u, const char *target, const char *path, int dir, const char *last)
{
    char from[PATH_LEN_MAX + NAME_LEN_MAX + 2];
    const char *from_last;
    size_t depth;
    struct stat st;
    if (!place(u, target, from, &depth, false)) {
        leave_out(u, path, "it is another name of a file that was not asked for");
        return ERR_OK;
    }
    int from_dir = parent(u, from, false, &from_last);
    bool ok = from_dir >= 0 && fstatat(from_dir, from_last, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
    enum err_code code = ERR_OK;
    if (!ok) {
        leave_out(u, path, "it is another name of a file that did not come");
    } else if (linkat(from_dir, from_last, dir, u->force ? part_name : last, 0)) {
        code = u->force && errno == EEXIST ? taken(u) : fault(u, path, "cannot link");
    } else {
        if (u->force && renameat(dir, part_name, dir, last))
            code = fault(u, path, "cannot link");
        if (u->force)
            unlinkat(dir, part_name, 0);                     /* a rename onto another name of the same file does nothing */
        u->t->files += !code;
    }
    if (from_dir >= 0)
        close(from_dir);
    return code;
}

/* ".." at the beginning only, and not more than there are real folders above: then no chain of such links leads out. */
static bool stays(const char *target, size_t above)
{
    bool down = false;
    if (!*target || *target == '/')
        return false;
    for (const char *p = target; *p;) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            if (down || !above--)
                return false;
        } else if (n && !(n == 1 && *p == '.')) {
            down = true;
        }
        p += n + (p[n] == '/');
    }
    return true;
}

static enum err_code soft_link(struct unpack *u, const char *target, size_t depth, const char *path, int dir, const char *last)
{
    struct stat st;
    if (depth < 2 || !stays(target, depth - 2)) {
        leave_out(u, path, depth < 2 ? "it is a link: ask for the file that it leads to" : "the link leads out of the folder");
        return ERR_OK;
    }
    if (u->force && fstatat(dir, last, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
        unlinkat(dir, last, 0);
    if (symlinkat(target, dir, last))
        return fault(u, path, "cannot link");
    u->t->links++;
    return ERR_OK;
}

static enum err_code entry(struct unpack *u, struct archive *a, struct archive_entry *e)
{
    char path[PATH_LEN_MAX + NAME_LEN_MAX + 2];
    size_t depth;
    const char *name = archive_entry_pathname(e), *hard = archive_entry_hardlink(e), *soft = archive_entry_symlink(e), *last;
    if (!name)
        name = archive_entry_pathname_utf8(e);
    if (!place(u, name, path, &depth, true))
        return ERR_OK;
    mode_t type = archive_entry_filetype(e);
    int dir = parent(u, path, true, &last);
    if (dir < 0)
        return fault(u, path, "cannot make the folders of");
    enum err_code code = ERR_OK;
    if (!strcmp(last, part_name))
        leave_out(u, path, "strata needs that name itself");
    else if (hard)
        code = hard_link(u, hard, path, dir, last);
    else if (type == AE_IFREG)
        code = file(u, a, e, path, dir, last);
    else if (type == AE_IFDIR)
        code = folder(u, e, path, dir, last);
    else if (type == AE_IFLNK && soft)
        code = soft_link(u, soft, depth, path, dir, last);
    else
        leave_out(u, path, "it is a device, a pipe or a socket");
    close(dir);
    return code;
}

static la_ssize_t on_read(struct archive *a, void *arg, const void **data)
{
    struct unpack *u = arg;
    long n = u->io->read(u->io->arg, data, &u->broke);
    if (n < 0)
        archive_set_error(a, EIO, "%s", "the stream broke");
    return n;
}

enum err_code copy_unpack(const struct copy_io *io, int dirfd, const char *from, const char *to, bool force, struct copy_tally *t, struct err *err)
{
    struct unpack u = {.io = io, .t = t, .err = err, .root = dirfd, .from = from, .to = to, .force = force};
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    enum err_code code = ERR_OK;
    *t = (struct copy_tally){0};
    if (!a || archive_read_support_format_tar(a) != ARCHIVE_OK || archive_read_support_format_empty(a) != ARCHIVE_OK) {
        archive_read_free(a);
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (archive_read_open(a, &u, NULL, on_read, NULL) != ARCHIVE_OK)
        code = broken(&u, a);
    while (!code) {
        int rc = archive_read_next_header(a, &e);
        if (rc == ARCHIVE_EOF)
            break;
        code = rc == ARCHIVE_OK || rc == ARCHIVE_WARN ? entry(&u, a, e) : broken(&u, a);
    }
    archive_read_free(a);
    /* what follows the archive is read, so that its sender can end */
    const void *rest;
    for (long n = 1; !code && n > 0;)
        if ((n = io->read(io->arg, &rest, err)) < 0)
            code = err->code;
    return code;
}
