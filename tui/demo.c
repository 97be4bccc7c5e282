/* strata --demo: the demo cloud as a child process. It lives as long as we hold its standard input. */
#include "tui/demo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define PROGRAM "strata-sim"
extern char **environ;

enum { READY_MS = 20000, END_MS = 3000 };

/* ---- where the program is ---- */

static bool usable(const char *path)
{
    return access(path, X_OK) == 0;
}

/* Beside our own program, in ../libexec/strata, then in PATH. False: path lists nothing. */
static bool find_program(char *path, size_t size)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = n > 0 ? (self[n] = '\0', strrchr(self, '/')) : NULL;
    if (slash) {
        *slash = '\0';
        if (snprintf(path, size, "%s/" PROGRAM, self) < (int)size && usable(path)) return true;
        if (snprintf(path, size, "%s/../libexec/strata/" PROGRAM, self) < (int)size && usable(path)) return true;
    }
    for (const char *p = getenv("PATH"); p && *p;) {
        int len = (int)strcspn(p, ":");
        if (len && snprintf(path, size, "%.*s/" PROGRAM, len, p) < (int)size && usable(path)) return true;
        p += len + (p[len] == ':');
    }
    return false;
}

/* ---- start ---- */

struct pipes { int in[2], out[2], er[2]; };

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void close_all(struct pipes *p)
{
    int *all[] = {&p->in[0], &p->in[1], &p->out[0], &p->out[1], &p->er[0], &p->er[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) close_fd(all[i]);
}

/* A group of its own: keys of the terminal (ctrl-c, ctrl-z) are for us; our end is its end, through the pipe. */
static int spawn(struct demo *d, const char *path, char **argv, const struct pipes *p)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, dfl;
    posix_spawn_file_actions_init(&fa);
    posix_spawnattr_init(&at);
    posix_spawn_file_actions_adddup2(&fa, p->in[0], 0);
    posix_spawn_file_actions_adddup2(&fa, p->out[1], 1);
    posix_spawn_file_actions_adddup2(&fa, p->er[1], 2);
    posix_spawn_file_actions_addclosefrom_np(&fa, 3);
    sigemptyset(&none);
    sigemptyset(&dfl);
    sigaddset(&dfl, SIGPIPE);
    sigaddset(&dfl, SIGTERM);
    sigaddset(&dfl, SIGHUP);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &dfl);
    posix_spawnattr_setpgroup(&at, 0);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int rc = posix_spawn(&d->pid, path, &fa, &at, argv, environ);
    posix_spawnattr_destroy(&at);
    posix_spawn_file_actions_destroy(&fa);
    if (rc) d->pid = 0;
    return rc;
}

static bool take(int *fd, struct str *to)
{
    char buf[1024];
    ssize_t n = read(*fd, buf, sizeof buf);
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) {
        close_fd(fd);
        return false;
    }
    str_add(to, buf, (size_t)n);
    return true;
}

/* Why it ended before it was ready: what it said last, else the signal or the status. Reaps it. */
static enum err_code not_ready(struct demo *d, struct str *said, bool in_time, struct err *err)
{
    int status = 0;
    if (!in_time) kill(d->pid, SIGKILL);
    while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR) continue;
    d->pid = 0;
    while (said->len && said->data[said->len - 1] == '\n') said->data[--said->len] = '\0';
    const char *last = said->len ? strrchr(said->data, '\n') : NULL;
    const char *line = last ? last + 1 : said->len ? said->data : "";
    if (!strncmp(line, PROGRAM ": ", sizeof PROGRAM + 1)) line += sizeof PROGRAM + 1;
    struct str clean;
    str_init(&clean, 1024);
    text_clean(&clean, line, strlen(line), 0);
    enum err_code rc = ERR_IO;
    if (!in_time)
        err_set(err, rc, 0, "the demo cloud was not ready after %d seconds; is this machine very busy?", READY_MS / 1000);
    else if (clean.len)
        rc = err_set(err, WIFEXITED(status) && WEXITSTATUS(status) == 2 ? ERR_USAGE : ERR_IO, 0, "the demo cloud did not start: %s", clean.data);
    else if (WIFSIGNALED(status))
        err_set(err, rc, 0, "the demo cloud was killed by signal %d before it was ready; start it again", WTERMSIG(status));
    else
        err_set(err, rc, 0, "the demo cloud ended with status %d before it was ready", WEXITSTATUS(status));
    str_release(&clean);
    return rc;
}

/* Waits for "ready DIR". */
static enum err_code wait_ready(struct demo *d, int *er, struct err *err)
{
    struct str out, said;
    int64_t until = clock_mono_ms() + READY_MS;
    enum err_code rc = ERR_OK;
    str_init(&out, 65536);
    str_init(&said, 65536);
    while (!d->dir && !rc) {
        struct pollfd p[2] = {{.fd = d->out, .events = POLLIN}, {.fd = *er, .events = POLLIN}};
        int64_t left = until - clock_mono_ms();
        int n = poll(p, 2, left > 0 ? (int)left : 0);
        if (n > 0 && p[1].revents) take(er, &said);
        if (n > 0 && p[0].revents && !take(&d->out, &out)) {
            while (*er >= 0 && take(er, &said)) continue;
            rc = not_ready(d, &said, true, err);
        }
        char *line = out.len ? strstr(out.data, "ready ") : NULL, *end = line ? strchr(line, '\n') : NULL;
        if (end) d->dir = mem_strndup(line + 6, (size_t)(end - line) - 6);
        if (end && !d->dir) rc = err_set(err, ERR_NOMEM, 0, "out of memory");
        if (!d->dir && !rc && left <= 0) rc = not_ready(d, &said, false, err);
    }
    str_release(&out);
    str_release(&said);
    return rc;
}

/* ---- what it means for the options ---- */

/* As if given by flags: its kubeconfig, its clouds.yaml, and none of the user's. */
static enum err_code point_to(const struct demo *d, struct options *o, struct err *err)
{
    static const char *const files[][2] = {{"OS_CLIENT_CONFIG_FILE", "clouds.yaml"}, {"OS_CLIENT_SECURE_FILE", "secure.yaml"}};
    char path[4096];
    bool ok = true;
    for (char **e = environ; e && *e;) {
        char name[128];
        size_t n = strcspn(*e, "=");
        if (strncmp(*e, "OS_", 3) || n >= sizeof name) {
            e++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)n, *e);
        unsetenv(name);
        e = environ;
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", d->dir, files[i][1]);
        ok &= setenv(files[i][0], path, 1) == 0;
    }
    snprintf(path, sizeof path, "%s/kubeconfig", d->dir);
    mem_free(o->kubeconfig);
    ok &= (o->kubeconfig = mem_strdup(path)) != NULL;
    if (!o->contexts.count && !o->clouds.count && !o->all)
        ok &= strlist_add(&o->contexts, "mgmt", 4) && strlist_add(&o->contexts, "tenant-*", 8) && strlist_add(&o->clouds, "demo", 4);
    return ok ? ERR_OK : err_set(err, ERR_NOMEM, 0, "out of memory");
}

enum err_code demo_start(struct demo *d, struct options *o, struct err *err)
{
    char path[4200], seed[40], scenario[128], speed[64];
    char *argv[8] = {(char[]){PROGRAM}};
    size_t n = 1;
    struct pipes p = {{-1, -1}, {-1, -1}, {-1, -1}};
    *d = (struct demo)DEMO_INIT;
    if (!find_program(path, sizeof path))
        return err_set(err, ERR_CONFIG, 0, "the demo cloud is a program of its own, " PROGRAM ", and it is neither beside strata nor in PATH: "
                       "build it with `make demo` (it needs libmicrohttpd), or install the package that has it");
    if (*o->demo && snprintf(scenario, sizeof scenario, "--scenario=%s", o->demo) > 0) argv[n++] = scenario;
    if (o->demo_speed && snprintf(speed, sizeof speed, "--speed=%s", o->demo_speed) > 0) argv[n++] = speed;
    if (o->demo_seed && snprintf(seed, sizeof seed, "--seed=%lld", (long long)o->demo_seed) > 0) argv[n++] = seed;
    if (pipe2(p.in, O_CLOEXEC) || pipe2(p.out, O_CLOEXEC) || pipe2(p.er, O_CLOEXEC)) {
        close_all(&p);
        return err_set(err, ERR_IO, errno, "cannot start the demo cloud: %s", strerror(errno));
    }
    int bad = spawn(d, path, argv, &p);
    if (bad) {
        close_all(&p);
        return err_set(err, ERR_IO, bad, "cannot start the demo cloud (%.200s): %s", path, strerror(bad));
    }
    d->in = p.in[1];
    d->out = p.out[0];
    p.in[1] = p.out[0] = -1;
    close_fd(&p.in[0]);
    close_fd(&p.out[1]);
    close_fd(&p.er[1]);
    enum err_code rc = wait_ready(d, &p.er[0], err);
    close_all(&p);
    if (!rc) rc = point_to(d, o, err);
    if (rc) demo_end(d);
    return rc;
}

/* ---- end ---- */

/* It removes its files itself; what one that was killed has left is removed here. */
static void sweep(const char *dir)
{
    const char *base = strrchr(dir, '/');
    DIR *at = base && !strncmp(base + 1, PROGRAM ".", sizeof PROGRAM) ? opendir(dir) : NULL;
    for (struct dirent *e; at && (e = readdir(at));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) unlinkat(dirfd(at), e->d_name, 0);
    if (at) {
        closedir(at);
        rmdir(dir);
    }
}

bool demo_do(struct demo *d, const char *action)
{
    char line[256];
    int n = snprintf(line, sizeof line, "%s\n", action);
    if (d->in < 0 || n <= 0 || n >= (int)sizeof line) return false;
    struct pollfd p = {.fd = d->in, .events = POLLOUT};         /* then a line fits: it does not block */
    return poll(&p, 1, 0) == 1 && !(p.revents & POLLERR) && write(d->in, line, (size_t)n) == n;
}

bool demo_died(struct demo *d, char *why, size_t size)
{
    int status;
    if (!d->pid || waitpid(d->pid, &status, WNOHANG) != d->pid) return false;
    d->pid = 0;
    if (WIFSIGNALED(status)) snprintf(why, size, "the demo cloud was killed (signal %d): this is its last state; q, and start again", WTERMSIG(status));
    else snprintf(why, size, "the demo cloud ended (status %d): this is its last state; q, and start it again", WEXITSTATUS(status));
    return true;
}

void demo_end(struct demo *d)
{
    close_fd(&d->in);
    close_fd(&d->out);
    int64_t until = clock_mono_ms() + END_MS;
    while (d->pid) {
        pid_t got = waitpid(d->pid, NULL, WNOHANG);
        if (got == d->pid || (got < 0 && errno != EINTR)) d->pid = 0;
        else if (clock_mono_ms() >= until) kill(d->pid, SIGKILL);
        if (d->pid) poll(NULL, 0, 5);
    }
    if (d->dir) sweep(d->dir);
    mem_free(d->dir);
    *d = (struct demo)DEMO_INIT;
}
