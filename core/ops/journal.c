/* The journal's file: appended to by several stratas at once, never a half line within, never lost by a rotation. */
#include "core/ops/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/ops/journal_kept.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MAX_BYTES ((off_t)16 << 20)
#define MAX_FILES 8
#define LOCK_TRIES 200                    /* of 10 ms: another strata that was stopped in the middle must not stop us for good */

struct journal {
    int fd, lock;
    off_t max;
    char path[1024];
    char who[128], host[128], started[32];    /* looked up once: a directory service may be slow, and this is the net thread */
    bool looked;
    struct str late;                      /* lines that could not be written yet */
    char trouble[400];
};

bool journal_path(char *buf, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n;
    if (state && state[0] == '/')
        n = snprintf(buf, size, "%s/strata/audit.jsonl", state);
    else
        n = snprintf(buf, size, "%s/.local/state/strata/audit.jsonl", home && *home ? home : "");
    return n > 0 && (size_t)n < size - 8;
}

struct journal *journal_new(void)
{
    struct journal *j = mem_zalloc(sizeof(*j));
    if (!j)
        return NULL;
    const char *max = getenv("STRATA_AUDIT_MAX");         /* tests */
    j->fd = j->lock = -1;
    str_init(&j->late, (size_t)16 << 20);
    j->max = max && atol(max) > 0 ? atol(max) : MAX_BYTES;
    if (journal_path(j->path, sizeof(j->path)))
        return j;
    mem_free(j);
    return NULL;
}

static void close_files(struct journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    if (j->lock >= 0)
        close(j->lock);
    j->fd = j->lock = -1;
}

static bool write_late(struct journal *j);

void journal_free(struct journal *j)
{
    if (!j)
        return;
    write_late(j);                        /* the last time that it can be */
    close_files(j);
    str_release(&j->late);
    mem_free(j);
}

/* ---- who ---- */

/* Field 22 of /proc/PID/stat: with the pid it names a process for good, until the next boot. */
static bool start_of(long pid, char *buf, size_t size)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    text[n] = 0;
    char *p = strrchr(text, ')');
    if (p && p[1] && (p[2] == 'Z' || p[2] == 'X'))       /* killed, and nobody took notice yet */
        return false;
    for (int i = 0; p && i < 20; i++)
        p = strchr(p + 1, ' ');
    if (!p)
        return false;
    snprintf(buf, size, "%.*s", (int)strcspn(p + 1, " "), p + 1);
    return true;
}

static void look(struct journal *j)
{
    char buf[2048];
    struct passwd pw, *me = NULL;
    if (j->looked)
        return;
    j->looked = true;
    if (!getpwuid_r(getuid(), &pw, buf, sizeof(buf), &me) && me)
        snprintf(j->who, sizeof(j->who), "%s", me->pw_name);
    else
        snprintf(j->who, sizeof(j->who), "uid %u", (unsigned)getuid());
    if (gethostname(j->host, sizeof(j->host) - 1))
        snprintf(j->host, sizeof(j->host), "?");
    if (!start_of((long)getpid(), j->started, sizeof(j->started)))
        j->started[0] = 0;
}

bool journal_alive(const char *host, long pid, const char *started)
{
    char own[128] = "", now[32];
    if (gethostname(own, sizeof(own) - 1) || strcmp(own, host) != 0)
        return true;                      /* of another machine: nobody here knows */
    return start_of(pid, now, sizeof(now)) && !strcmp(now, started);
}

/* ---- lines ---- */

void journal_field(struct str *line, const char *key, const char *value)
{
    str_addf(line, ",\"%s\":", key);
    str_add_json(line, value ? value : "", value ? strlen(value) : 0);
}

void journal_number(struct str *line, const char *key, int64_t value)
{
    str_addf(line, ",\"%s\":%" PRId64, key, value);
}

void journal_begin(struct journal *j, struct str *line, const char *event)
{
    char when[40];
    text_format_time(when, sizeof(when), clock_wall_ms());
    str_init(line, (size_t)4 << 20);
    str_addf(line, "{\"time\":\"%s\",\"event\":\"%s\"", when, event);
    if (!j)
        return;
    look(j);
    journal_field(line, "who", j->who);
    journal_field(line, "host", j->host);
    journal_number(line, "pid", (int64_t)getpid());
    journal_field(line, "started", j->started);
}

/* ---- the file ---- */

bool journal_dirs(void)
{
    char path[1024];
    if (!journal_path(path, sizeof(path)))
        return false;
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        bool ok = !mkdir(path, 0700) || errno == EEXIST;
        *p = '/';
        if (!ok)
            return false;
    }
    return true;
}

bool journal_flock(int fd)
{
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        if (i == LOCK_TRIES) {
            errno = EBUSY;
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return true;
}

static bool lock_it(struct journal *j)
{
    char path[1100];
    if (j->lock < 0) {
        if (!journal_dirs())
            return false;
        snprintf(path, sizeof(path), "%s.lock", j->path);
        j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (j->lock < 0)
            return false;
    }
    return journal_flock(j->lock);
}

static bool rotate(struct journal *j)
{
    char from[1100], to[1100];
    snprintf(from, sizeof(from), "%s.%d", j->path, MAX_FILES - 1);
    if (!journal_keep_open(j->path, from))
        return false;
    for (int i = MAX_FILES - 1; i >= 0; i--) {
        snprintf(from, sizeof(from), i ? "%s.%d" : "%s", j->path, i);
        snprintf(to, sizeof(to), "%s.%d", j->path, i + 1);
        rename(from, to);
    }
    snprintf(from, sizeof(from), "%s.%d", j->path, MAX_FILES);
    unlink(from);
    return true;
}

/* Under the lock: the file of that name (another strata may have rotated it), with room in it. */
static bool open_it(struct journal *j, struct stat *st)
{
    struct stat named;
    for (int tries = 0; tries < 3; tries++) {
        if (j->fd >= 0 && (stat(j->path, &named) || fstat(j->fd, st) || named.st_ino != st->st_ino || named.st_dev != st->st_dev)) {
            close(j->fd);
            j->fd = -1;
        }
        if (j->fd < 0)
            j->fd = open(j->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (j->fd < 0 || fstat(j->fd, st))
            return false;
        if (S_ISREG(st->st_mode) && (st->st_mode & 077) && st->st_uid == getuid())
            fchmod(j->fd, 0600);
        if (st->st_size < j->max || !S_ISREG(st->st_mode) || !rotate(j))
            return true;
    }
    return j->fd >= 0;
}

/* What a killed writer left half is ended first, so that the next line is a whole one. */
static bool append(struct journal *j, struct str *line, off_t size)
{
    char last = '\n';
    if (size > 0 && pread(j->fd, &last, 1, size - 1) == 1 && last != '\n' && write(j->fd, "\n", 1) != 1)
        return false;
    for (size_t at = 0; at < line->len;) {
        ssize_t n = write(j->fd, line->data + at, line->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {                     /* a disk that is full: no half line stays */
            int why = errno;
            if (at && ftruncate(j->fd, size))
                at = 0;
            errno = why;
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

static bool put(struct journal *j, struct str *text, bool sync)
{
    struct stat st;
    errno = text->failed ? ENOMEM : 0;
    bool ok = !text->failed && lock_it(j) && open_it(j, &st) && append(j, text, st.st_size);
    int why = errno;
    if (j->lock >= 0)
        flock(j->lock, LOCK_UN);
    if (ok && sync && fsync(j->fd) && errno != EINVAL && errno != EROFS) {
        why = errno;
        ok = false;
    }
    errno = why;
    return ok;
}

static bool write_late(struct journal *j)
{
    if (!j->late.len)
        return true;
    if (!put(j, &j->late, true))
        return false;
    str_clear(&j->late);
    j->trouble[0] = 0;
    return true;
}

static void words(const struct journal *j, int why, char *buf, size_t size)
{
    char text[128];
    snprintf(buf, size, "the journal %.200s cannot be written (%s)", j->path, strerror_r(why, text, sizeof(text)));
}

enum err_code journal_put(struct journal *j, struct str *line, bool sync, struct err *err)
{
    char text[400];
    if (!j) {
        str_release(line);
        return err_set(err, ERR_IO, 0, "not done: there is no place for the journal");
    }
    str_adds(line, "}\n");
    bool ok = write_late(j) && put(j, line, sync);
    int why = errno;
    str_release(line);
    if (ok)
        return ERR_OK;
    words(j, why, text, sizeof(text));
    return err_set(err, ERR_IO, why, "not done: %s", text);
}

void journal_tell(struct journal *j, struct str *line, bool sync)
{
    if (!j) {
        str_release(line);
        return;
    }
    str_adds(line, "}\n");
    if (!write_late(j) || !put(j, line, sync)) {
        words(j, errno, j->trouble, sizeof(j->trouble));
        if (!line->failed)
            str_add(&j->late, line->data, line->len);
    }
    str_release(line);
}

const char *journal_trouble(const struct journal *j)
{
    return j ? j->trouble : "";
}
