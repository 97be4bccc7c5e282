/* The user's editor on a file of ours. */
#include "tui/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strata/mem.h"

#define TEXT_MAX ((size_t)16 << 20)

static const char *directory(void)
{
    static const char *const names[] = {"XDG_RUNTIME_DIR", "TMPDIR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *d = getenv(names[i]);
        if (d && *d == '/' && strlen(d) < 400 && access(d, W_OK) == 0)
            return d;
    }
    return "/tmp";
}

static const char *program(void)
{
    static const char *const names[] = {"KUBE_EDITOR", "VISUAL", "EDITOR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *e = getenv(names[i]);
        if (e && *e)
            return e;
    }
    return "vi";
}

bool edit_file_init(struct edit_file *f, const char *name, struct err *err)
{
    char plain[120];
    *f = (struct edit_file){.dir = ""};
    str_init(&f->text, TEXT_MAX);
    str_init(&f->body, TEXT_MAX);
    snprintf(plain, sizeof plain, "%.100s", name);
    for (char *p = plain; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", *p))
            *p = '_';
    snprintf(f->dir, sizeof f->dir, "%s/strata-edit-XXXXXX", directory());
    if (!mkdtemp(f->dir)) {
        err_set(err, ERR_IO, errno, "no directory for the editor's file in %s: %s", directory(), strerror(errno));
        f->dir[0] = '\0';
        return false;
    }
    snprintf(f->path, sizeof f->path, "%s/%s.yaml", f->dir, plain);
    return true;
}

static bool write_file(const struct edit_file *f, const char *text, size_t len, struct err *err)
{
    int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t at = 0;
    while (fd >= 0 && at < len) {
        ssize_t n = write(fd, text + at, len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0 && !close(fd) && at == len)
        return true;
    err_set(err, ERR_IO, errno, "%s cannot be written: %s", f->path, strerror(errno));
    return false;
}

static bool read_file(struct edit_file *f, struct err *err)
{
    char buf[16384];
    ssize_t n = 0;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    str_clear(&f->text);
    str_adds(&f->text, "");
    while (fd >= 0 && ((n = read(fd, buf, sizeof buf)) > 0 || (n < 0 && errno == EINTR)))
        str_add(&f->text, buf, n > 0 ? (size_t)n : 0);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !n && !f->text.failed)
        return true;
    err_set(err, f->text.failed ? ERR_TOOBIG : ERR_IO, errno, f->text.failed ? "%s is too big%s" : "%s cannot be read: %s", f->path,
            f->text.failed ? "" : strerror(errno));
    return false;
}

/* Until it ends; the core goes on. */
static int wait_for(pid_t pid, struct core *core, void (*other)(void *arg, struct event *e), void *arg)
{
    int status = 0, fd = (int)syscall(SYS_pidfd_open, pid, 0);
    for (bool over = fd < 0; !over;) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = core_event_fd(core), .events = POLLIN}};
        struct event *e;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            break;
        while ((e = core_next_event(core)))
            other(arg, e);
        over = p[0].revents;
    }
    if (fd >= 0)
        close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

int child_run(const char *path, char *const argv[], int out, struct core *core, void (*other)(void *arg, struct event *e), void *arg, int *status)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    sigset_t none, again;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, stop = {.sa_handler = SIG_DFL}, was_int, was_quit, was_stop;
    pid_t pid = 0;
    extern char **environ;
    sigemptyset(&none);
    sigemptyset(&again);
    for (size_t i = 0; i < 6; i++)
        sigaddset(&again, (const int[]){SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP, SIGTSTP}[i]);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &again);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&files);
    if (out >= 0)
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    sigaction(SIGINT, &ignore, &was_int);          /* ctrl-c is the program's */
    sigaction(SIGQUIT, &ignore, &was_quit);
    sigaction(SIGTSTP, &stop, &was_stop);          /* ctrl-z stops both, and fg goes on with both */
    int rc = posix_spawn(&pid, path, &files, &attr, argv, environ);
    *status = rc ? 0 : wait_for(pid, core, other, arg);
    sigaction(SIGINT, &was_int, NULL);
    sigaction(SIGQUIT, &was_quit, NULL);
    sigaction(SIGTSTP, &was_stop, NULL);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return rc;
}

static bool run(const char *path, struct core *core, void (*other)(void *arg, struct event *e), void *arg, struct err *err)
{
    struct str line;
    int status = 0;
    str_init(&line, 65536);
    str_addf(&line, "%s \"$1\"", program());
    char *argv[] = {"sh", "-c", line.data, "sh", (char *)(uintptr_t)path, NULL};
    int rc = line.failed ? ENOMEM : child_run("/bin/sh", argv, -1, core, other, arg, &status);
    str_release(&line);
    if (rc)
        err_set(err, ERR_EXEC, rc, "the editor cannot be started: %s", strerror(rc));
    else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        err_set(err, ERR_EXEC, 127, "there is no program %.100s: set EDITOR to one that is there", program());
    else if (!WIFEXITED(status) || WEXITSTATUS(status))
        err_set(err, ERR_EXEC, status, "the editor (%.100s) ended with an error: nothing is changed", program());
    return !err->code;
}

const char *edit_body(const char *text)
{
    while (*text == '#') {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return text;
}

bool edit_file_round(struct edit_file *f, const char *text, size_t len, struct core *core, void (*other)(void *arg, struct event *e), void *arg,
                     struct err *err)
{
    *err = (struct err)ERR_INIT;
    str_clear(&f->body);
    if (!write_file(f, text, len, err) || !str_adds(&f->body, edit_body(text)))
        return err->code ? false : !err_set(err, ERR_NOMEM, 0, "out of memory");
    return run(f->path, core, other, arg, err) && read_file(f, err);
}

bool edit_file_same(const struct edit_file *f)
{
    return f->text.data && f->body.data && !strcmp(edit_body(f->text.data), f->body.data);
}

void edit_file_release(struct edit_file *f, bool keep)
{
    if (*f->dir && !keep) {
        unlink(f->path);
        if (rmdir(f->dir) && errno == ENOTEMPTY) {         /* what the editor left beside it */
            char more[720];
            snprintf(more, sizeof more, "%s~", f->path);
            unlink(more);
            rmdir(f->dir);
        }
    }
    str_release_secret(&f->text);
    str_release_secret(&f->body);
    f->dir[0] = '\0';
}
