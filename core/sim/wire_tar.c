/* GNU's tar as far as a copy needs it: "cf -" and "xf -" with -C, its words and its exit status. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/wire_box.h"

enum { OUT = 1, ERR = 2, GOES_ON = -1, FAILED = 2 };

static int failed(struct wire *w)
{
    wire_say(w, ERR, "tar: Exiting with failure status due to previous errors\n");
    return FAILED;
}

static la_ssize_t collect(struct archive *a, void *arg, const void *data, size_t len)
{
    (void)a;
    str_add(arg, data, len);
    return (la_ssize_t)len;
}

static void pack_one(struct archive *a, const struct box_file *f, const char *name)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, f->type == 'd' ? AE_IFDIR : f->type == 'l' ? AE_IFLNK : AE_IFREG);
    archive_entry_set_perm(e, (__LA_MODE_T)f->mode);
    archive_entry_set_size(e, f->type == 'f' ? (la_int64_t)f->len : 0);
    if (f->type == 'l')
        archive_entry_set_symlink(e, f->data);
    archive_write_header(a, e);
    if (f->type == 'f')
        archive_write_data(a, f->data, f->len);
    archive_entry_free(e);
}

static int create(struct wire *w, const char *dir, char **names, struct tar_job *job)
{
    struct box *b = box_of(w);
    struct archive *a = archive_write_new();
    char path[BOX_PATH];
    job->code = 0;
    archive_write_set_format_gnutar(a);
    archive_write_open(a, &job->out, NULL, collect, NULL);
    for (; *names; names++) {
        const char *said = *names;
        if (!box_path(path, dir, said) || !box_find(b, path)) {
            wire_say(w, ERR, "tar: %s: Cannot stat: No such file or directory\n", said);
            job->code = FAILED;
            continue;
        }
        if (*said == '/') {
            wire_say(w, ERR, "tar: Removing leading `/' from member names\n");
            said += strspn(said, "/");
        }
        for (size_t i = box_from(b, path); i < b->n; i++) {
            const struct box_file *f = &b->files[i];
            if (!box_below(f->path, path))
                continue;                                      /* "/a-b" stands between "/a" and "/a/x" */
            const char *rest = f->path + (path[1] ? strlen(path) : !f->path[1]);
            char *name = sim_printf("%s%s", *said ? said : ".", rest);
            pack_one(a, f, name);
            free(name);
        }
    }
    archive_write_close(a);
    archive_write_free(a);
    if (job->code)
        failed(w);
    return GOES_ON;
}

static bool take(struct wire *w, struct archive *a, struct archive_entry *e, struct tar_job *job)
{
    const char *name = archive_entry_pathname(e), *link = archive_entry_symlink(e);
    unsigned type = archive_entry_filetype(e);
    char path[BOX_PATH];
    if (!name || strstr(name, "..") || !box_path(path, job->dir, *name == '/' ? name + 1 : name)) {
        wire_say(w, ERR, "tar: %s: Member name contains '..'\n", name ? name : "");
        return false;
    }
    if (job->verbose)
        wire_say(w, OUT, "%s\n", name);
    struct str s;
    char block[8192];
    str_init(&s, BOX_MAX);
    for (la_ssize_t n; type == AE_IFREG && (n = archive_read_data(a, block, sizeof(block))) > 0;)
        str_add(&s, block, (size_t)n);
    unsigned mode = (unsigned)archive_entry_perm(e);
    const struct box_file *f = type == AE_IFDIR ? box_put(w, path, 'd', mode, NULL, 0) :
                               link ? box_put(w, path, 'l', mode, link, strlen(link)) : box_put(w, path, 'f', mode, s.data, s.len);
    str_release(&s);
    if (!f)
        wire_say(w, ERR, "tar: %s: Cannot %s: %s\n", name, errno == ENOSPC ? "write" : "open", strerror(errno));
    return f != NULL;
}

int tar_end(struct wire *w, struct tar_job *job)
{
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int rc = ARCHIVE_FATAL;
    bool ok = true;
    archive_read_support_format_tar(a);
    if (job->in.len && !archive_read_open_memory(a, job->in.data, job->in.len))
        while (ok && (rc = archive_read_next_header(a, &e)) == ARCHIVE_OK)
            ok = take(w, a, e, job);
    archive_read_free(a);
    if (ok && rc != ARCHIVE_EOF) {
        wire_say(w, ERR, job->in.len ? "tar: Unexpected EOF in archive\n" : "tar: This does not look like a tar archive\n");
        ok = false;
    }
    return ok ? 0 : failed(w);
}

int tar_start(struct wire *w, char **a, struct tar_job *job)
{
    const char *letters = a[1] ? a[1] + (a[1][0] == '-') : "", *dir = "/";
    char path[BOX_PATH];
    bool stdio = false, ended = false;
    char *names[64];
    size_t n = 0;
    if (!strpbrk(letters, "cx")) {
        wire_say(w, ERR, "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n");
        return FAILED;
    }
    for (char **p = a + 2; *p && n < 63; p++) {
        if (!ended && !strcmp(*p, "-C") && p[1])
            dir = *++p;
        else if (!ended && !strcmp(*p, "-"))
            stdio = true;
        else if (!ended && !strcmp(*p, "--"))
            ended = true;
        else if (ended || strncmp(*p, "--", 2))
            names[n++] = *p;
    }
    names[n] = NULL;
    struct box_file *f = box_path(path, "/", dir) ? box_find(box_of(w), path) : NULL;
    if (!f || f->type != 'd') {
        wire_say(w, ERR, "tar: %s: Cannot open: %s\ntar: Error is not recoverable: exiting now\n", dir, f ? "Not a directory" : "No such file or directory");
        return FAILED;
    }
    if (!stdio || (strchr(letters, 'c') && !n)) {
        wire_say(w, ERR, stdio ? "tar: Cowardly refusing to create an empty archive\n" : "tar: -: Cannot open: No such file or directory\n");
        return FAILED;
    }
    job->verbose = strchr(letters, 'v') != NULL;
    if (strchr(letters, 'c'))
        return create(w, path, names, job);
    job->dir = sim_strdup(path);
    return w->in ? GOES_ON : tar_end(w, job);
}
