/* Which objects have an operation: one locked file for each that runs. */
#include "core/ops/running.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/json_read.h"
#include "core/ops/journal.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MAX_FILE (8 << 20)

struct running { int fd; size_t parts; char path[1200]; };      /* parts: servers of a drain that are not through */

static bool dir_of(char *buf, size_t size)
{
    char journal[1024];
    if (!journal_path(journal, sizeof(journal)))
        return false;
    *strrchr(journal, '/') = 0;
    return (size_t)snprintf(buf, size, "%s/running", journal) < size;
}

static enum err_code cannot(struct err *err, const char *dir)
{
    char text[128];
    return err_set(err, ERR_IO, errno, "not done: what else runs cannot be told, %.200s cannot be used (%s)", dir, strerror_r(errno, text, sizeof(text)));
}

/* ---- another one's file ---- */

static json_t *read_it(int fd)
{
    struct stat st;
    if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > MAX_FILE)
        return NULL;
    char *buf = mem_alloc((size_t)st.st_size);
    ssize_t n = buf ? pread(fd, buf, (size_t)st.st_size, 0) : -1;
    json_t *j = n > 0 ? json_read(buf, (size_t)n, 0, NULL) : NULL;
    mem_free(buf);
    return j;
}

/* Alive: its contents; else it is taken away. */
static json_t *look_at(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    json_t *j = NULL;
    if (fd < 0)
        return NULL;
    if (!flock(fd, LOCK_SH | LOCK_NB))
        unlinkat(dir, name, 0);
    else
        j = read_it(fd);
    close(fd);
    return j;
}

/* A hypervisor is disabled and enabled by its compute service, which is a kind of its own. */
void running_twin(struct op_step *st)
{
    const char *id = strcmp(st->kind->id, "hypervisor") ? "" : act_str(st->obj, "service.id");
    if (*id && !st->twin)
        st->twin = mem_strdup(id);
}

/* Kubernetes gives no uid twice, and UUIDs are what they are anywhere: however the server was reached. A flavor "1" is in each cloud. */
static bool everywhere(const struct op_step *st, const char *uid)
{
    return st->kind->plane == PLANE_KUBE || (strlen(uid) == 36 && uid[8] == '-' && uid[13] == '-' && uid[18] == '-' && uid[23] == '-');
}

bool running_same(const struct op_step *st, const json_t *t)
{
    const char *uid = act_str(t, "uid"), *theirs = act_str(t, "twin"), *ours = st->twin ? st->twin : "";
    bool here = !strcmp(act_str(t, "server"), st->src->info.server);
    if (*theirs && !strcmp(theirs, st->uid))
        return here || everywhere(st, theirs);
    if (*ours && !strcmp(ours, uid))
        return here || everywhere(st, ours);
    if (strcmp(act_str(t, "kind"), st->kind->id) != 0)
        return false;
    if (*uid && *st->uid)
        return !strcmp(uid, st->uid) && (here || everywhere(st, uid));
    return here && !strcmp(act_str(t, "scope"), st->scope) && !strcmp(act_str(t, "name"), st->name);
}

static bool holds(const json_t *j, const struct op_step *steps, size_t n, const struct op_step **which)
{
    json_t *targets = json_object_get(j, "targets"), *t;
    size_t i;
    json_array_foreach(targets, i, t)
        for (size_t k = 0; k < n; k++)
            if (running_same(&steps[k], t)) {
                *which = &steps[k];
                return true;
            }
    return false;
}

static enum err_code refuse(const json_t *j, const struct op_step *st, struct err *err)
{
    char own[128] = "", where[200];
    int64_t pid = act_num(j, "pid", 0);
    if (pid == (int64_t)getpid())
        snprintf(where, sizeof(where), "in this strata");
    else if (!gethostname(own, sizeof(own) - 1) && !strcmp(own, act_str(j, "host")))
        snprintf(where, sizeof(where), "in another strata, process %" PRId64, pid);
    else
        snprintf(where, sizeof(where), "in a strata on %.80s, process %" PRId64, act_str(j, "host"), pid);
    return err_set(err, ERR_FORBIDDEN, 0, "%s %.100s is at work already: %.150s, begun by %.60s %.30s %s; wait for its end, or cancel it there (%.63s)",
                   st->kind->singular, st->name, act_str(j, "title"), act_str(j, "who"), act_str(j, "time"), where, act_str(j, "key"));
}

/* What ends already may be asked to end again, at once: a pod that hangs is deleted by force. */
static bool ends_already(const json_t *j, const struct action *a)
{
    return (a->flags & ACTION_GONE) && !strcmp(act_str(j, "action"), a->id);
}

enum err_code running_each(void (*one)(void *arg, json_t *j), void *arg, struct err *err)
{
    char path[1100];
    if (!dir_of(path, sizeof(path)))
        return err_set(err, ERR_IO, 0, "not done: there is no place for the journal");
    DIR *d = opendir(path);
    if (!d && errno != ENOENT)
        return cannot(err, path);
    for (struct dirent *e; d && (e = readdir(d));) {
        json_t *j = e->d_name[0] == '.' ? NULL : look_at(dirfd(d), e->d_name);
        if (j)
            one(arg, j);
        json_decref(j);
    }
    if (d)
        closedir(d);
    return ERR_OK;
}

static void keep(void *all, json_t *j)
{
    json_array_append(all, j);
}

static json_t *read_all(struct err *err)
{
    json_t *all = json_array();
    if (!all)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    if (!all || !running_each(keep, all, err))
        return all;
    json_decref(all);
    return NULL;
}

/* all: read once, kept by the caller. */
static enum err_code others(json_t **all, const struct op_step *steps, size_t n, struct err *err)
{
    const struct op_step *st;
    json_t *j;
    size_t i;
    if (steps[0].action->flags & ACTION_MEANWHILE)
        return ERR_OK;
    if (!*all && !(*all = read_all(err)))
        return err->code;
    json_array_foreach(*all, i, j)
        if (!ends_already(j, steps[0].action) && holds(j, steps, n, &st))
            return refuse(j, st, err);
    return ERR_OK;
}

enum err_code running_other(const struct op_step *st, struct err *err)
{
    return others(&st->op->others, st, 1, err);
}

/* ---- our own ---- */

/* Servers are held until they are through: what waits for its turn must be found as it was planned. */
static bool open_server(const struct op_step *st)
{
    return st->index >= st->op->ntargets && !strcmp(st->kind->id, "server") && st->state < STEP_DONE;
}

static size_t open_servers(const struct op *op)
{
    size_t n = 0;
    for (size_t i = op->ntargets; i < op->nsteps; i++)
        n += open_server(&op->steps[i]);
    return n;
}

/* Parts of an operation are held with it; not the pods: one that hangs may be deleted meanwhile. */
static bool held(const struct op_step *st)
{
    return st->index < st->op->ntargets || (strcmp(st->kind->id, "pods") != 0 && (strcmp(st->kind->id, "server") != 0 || open_server(st)));
}

static bool text_of(const struct op *op, struct str *s)
{
    journal_begin(audit_journal(op->core->audit), s, "running");
    journal_field(s, "key", op->key);
    journal_field(s, "title", op->title);
    journal_field(s, "action", op->action->id);
    str_adds(s, ",\"targets\":[");
    for (size_t i = 0; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        if (!held(st))
            continue;
        str_addf(s, "%s{\"step\":%zu", i ? "," : "", i);
        journal_field(s, "server", st->src->info.server);
        journal_field(s, "kind", st->kind->id);
        journal_field(s, "scope", st->scope);
        journal_field(s, "name", st->name);
        journal_field(s, "uid", st->uid);
        journal_field(s, "twin", st->twin ? st->twin : "");
        str_addc(s, '}');
    }
    return str_adds(s, "]}\n") && !s->failed;
}

static bool write_it(struct op *op, const char *dir, struct err *err)
{
    struct str s;
    struct running *r = mem_zalloc(sizeof(*r));
    bool ok = r && text_of(op, &s);
    if (!ok) {
        if (r)
            str_release(&s);
        mem_free(r);
        return !err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    char final[1200];
    snprintf(final, sizeof(final), "%s/%s", dir, op->key);
    snprintf(r->path, sizeof(r->path), "%s/.%s", dir, op->key);      /* seen by others when it is whole and locked */
    r->fd = open(r->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    ok = r->fd >= 0 && !flock(r->fd, LOCK_EX | LOCK_NB) && write(r->fd, s.data, s.len) == (ssize_t)s.len && !rename(r->path, final);
    str_release(&s);
    op->running = r;
    r->parts = open_servers(op);
    if (ok) {
        memcpy(r->path, final, sizeof(final));
        return true;
    }
    cannot(err, dir);
    running_release(op);
    return false;
}

/* Nobody else looks or begins meanwhile. */
static int lock_all(const char *dir)
{
    char path[1200];
    snprintf(path, sizeof(path), "%s/.lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || journal_flock(fd))
        return fd;
    close(fd);
    return -1;
}

enum err_code running_claim(struct op *op, struct err *err)
{
    char dir[1100];
    if (!dir_of(dir, sizeof(dir)))
        return err_set(err, ERR_IO, 0, "not done: there is no place for the journal");
    if (!journal_dirs())
        return cannot(err, dir);
    if (mkdir(dir, 0700) && errno != EEXIST)
        return cannot(err, dir);
    int lock = lock_all(dir);
    if (lock < 0)
        return cannot(err, dir);
    json_t *all = NULL;
    enum err_code code = others(&all, op->steps, op->ntargets, err);
    if (!code && !write_it(op, dir, err))
        code = err->code;
    json_decref(all);
    close(lock);
    return code;
}

/* In place, as others know it by its lock; who begins looks under the lock of all. */
void running_refresh(struct op *op)
{
    struct running *r = op->running;
    char dir[1100];
    struct str s;
    size_t parts = r ? open_servers(op) : 0;
    int lock = r && parts != r->parts && dir_of(dir, sizeof(dir)) ? lock_all(dir) : -1;
    if (lock < 0)
        return;
    if (text_of(op, &s) && pwrite(r->fd, s.data, s.len, 0) == (ssize_t)s.len && !ftruncate(r->fd, (off_t)s.len))
        r->parts = parts;
    str_release(&s);
    close(lock);
}

void running_release(struct op *op)
{
    struct running *r = op->running;
    if (!r)
        return;
    op->running = NULL;
    if (r->fd >= 0) {
        unlink(r->path);
        close(r->fd);
    }
    mem_free(r);
}
