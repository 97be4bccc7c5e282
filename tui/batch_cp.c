/* strata cp: files to and from a container through tar there, as kubectl does, and what it does not: nothing is written over
 * unasked, nothing leaves the folder it goes to, what went is counted, and every command in the pod is in the journal. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/clock.h"
#include "strata/copy.h"
#include "strata/stream.h"
#include "strata/text.h"
#include "tui/batch.h"

enum { PATH_SIZE = 4096, SAID_MAX = 400, PROGRESS_MS = 200 };

struct cp {
    struct batch *b;
    const struct row *pod;
    char typed[600];
    char note[PATH_SIZE + 32];           /* for the journal */
    char *shown;                         /* "POD:PATH", as it was given */
    struct copy_tally tally;
    bool bar;
    int64_t told_ms;
    /* of the command that runs */
    struct stream *stream;
    struct event *held;                  /* whose bytes are being read */
    struct str errors, out;              /* the beginning of what it said */
    uint64_t lines;
    bool keep_out, over, canceled;
    struct err err;
    int exit_code;
};

static void end_bar(struct cp *c)
{
    if (c->bar && c->told_ms)
        fprintf(stderr, "\r\033[K");
    c->told_ms = 0;
}

static void on_progress(void *arg, const struct copy_tally *t)
{
    struct cp *c = arg;
    char size[32];
    int64_t now = clock_mono_ms();
    if (!c->bar || now - c->told_ms < PROGRESS_MS)
        return;
    c->told_ms = now;
    text_bytes(size, sizeof size, (int64_t)t->bytes);
    fprintf(stderr, "\r\033[K%s, %" PRIu64 " files", size, t->files);
}

static void on_note(void *arg, const char *sentence)
{
    struct cp *c = arg;
    end_bar(c);
    batch_error(c->b, EXIT_FAILED, "%s", sentence);
}

static void keep(struct str *s, const char *text, size_t len)
{
    size_t room = SAID_MAX > s->len ? SAID_MAX - s->len : 0;
    str_add(s, text, len < room ? len : room);
}

/* Waits for the next of the stream: true, c->held are bytes of its output, or there is room again; false: it is over. */
static bool pump(struct cp *c)
{
    event_free(c->held);
    c->held = NULL;
    while (!c->over) {
        struct event *e = batch_event(c->b);
        if (!e && c->canceled) {                     /* asked twice: its end is not waited for */
            c->over = true;
            break;
        }
        if (!e) {
            c->canceled = true;
            core_cancel(c->b->core, core_stream_id(c->stream));
            continue;
        }
        bool ours = e->id == core_stream_id(c->stream);
        if (ours && e->type == EV_DONE) {
            c->over = true;
            c->err = e->err;
            c->exit_code = e->exit_code;
            if (c->err.code == ERR_SERVER && c->err.detail) {        /* some runtimes tell it in words only */
                c->exit_code = c->err.detail;
                c->err = (struct err)ERR_INIT;
            }
        } else if (ours && e->type == EV_STREAM && e->stream_part == STREAM_ROOM) {
            event_free(e);
            return true;
        } else if (ours && e->type == EV_STREAM && e->stream_part == STREAM_OUT && e->len) {
            if (c->keep_out)
                keep(&c->out, e->text, e->len);
            for (size_t i = 0; i < e->len; i++)
                c->lines += e->text[i] == '\n';
            c->held = e;
            return true;
        } else if (ours && e->type == EV_STREAM && e->stream_part == STREAM_ERR) {
            keep(&c->errors, e->text, e->len);
        }
        event_free(e);
    }
    return false;
}

static bool begin(struct cp *c, const struct stream_request *rq)
{
    struct stream_request full = *rq;
    full.row = c->pod;
    full.container = c->b->opt->container;
    full.typed = c->typed;
    full.note = c->note;
    str_clear(&c->errors);
    str_clear(&c->out);
    c->lines = 0;
    c->over = false;
    c->err = (struct err)ERR_INIT;
    c->exit_code = -1;
    c->stream = core_stream_open(c->b->core, &full);
    if (!c->stream)
        batch_error(c->b, EXIT_FAILED, "out of memory");
    return c->stream != NULL;
}

/* Its end is waited for, so that the journal has it. */
static void finish(struct cp *c, bool stop)
{
    if (stop && !c->over)
        core_cancel(c->b->core, core_stream_id(c->stream));
    while (pump(c))
        ;
    core_stream_free(c->stream);
    c->stream = NULL;
    end_bar(c);
}

static const char *container(const struct cp *c)
{
    return c->b->opt->container ? c->b->opt->container : "its default container";
}

/* How the command ended, in one sentence; false: not well. */
static bool ended_well(struct cp *c, const char *program)
{
    struct str said;
    bool absent = !c->err.code && (c->exit_code == 126 || c->exit_code == STREAM_NO_PROGRAM);
    if (c->canceled) {
        batch_error(c->b, EXIT_CANCELED, "%s: canceled; a file that was on its way may be there in part", c->shown);
        return false;
    }
    if (absent) {
        batch_error(c->b, EXIT_FAILED, "pod %s has no %s in %s, and cp needs it there: try another container of it (-c)", c->pod->name, program, container(c));
        return false;
    }
    if (c->err.code) {
        batch_report_act(c->b, &c->err);
        return false;
    }
    if (!c->exit_code)
        return true;
    str_init(&said, 4096);
    size_t n = c->errors.len ? strlen(c->errors.data) : 0;
    while (n && c->errors.data[n - 1] == '\n')
        n--;
    for (size_t i = 0; i < n; i++)
        if (c->errors.data[i] == '\n')
            c->errors.data[i] = ' ';
    text_clean(&said, n ? c->errors.data : "", n, 0);
    batch_error(c->b, n && strstr(c->errors.data, "No such file") ? EXIT_NOT_FOUND : EXIT_FAILED, "%s: %s%s, it ended with %d", c->shown,
                said.len ? said.data : program, said.len ? "" : " said nothing", c->exit_code);
    str_release(&said);
    return false;
}

/* "test -d PATH" there: 1 yes, 0 no, -1 said why it is not known. */
static int test(struct cp *c, const char *flag, const char *path)
{
    const char *command[] = {"test", flag, path, NULL};
    if (!begin(c, &(struct stream_request){.kind = STREAM_UPLOAD, .command = command}))
        return -1;
    finish(c, false);
    if (!c->canceled && !c->err.code && (c->exit_code == 0 || c->exit_code == 1))
        return !c->exit_code;
    ended_well(c, "test");
    return -1;
}

static void say_done(struct cp *c, const char *from, const char *to)
{
    const struct copy_tally *t = &c->tally;
    char size[32], links[48] = "", dirs[48] = "";
    text_bytes(size, sizeof size, (int64_t)t->bytes);
    if (t->dirs)
        snprintf(dirs, sizeof dirs, ", %" PRIu64 " folder%s", t->dirs, t->dirs == 1 ? "" : "s");
    if (t->links)
        snprintf(links, sizeof links, ", %" PRIu64 " link%s", t->links, t->links == 1 ? "" : "s");
    printf("%s -> %s: %" PRIu64 " file%s%s%s, %" PRIu64 " bytes%s%s%s\n", from, to, t->files, t->files == 1 ? "" : "s", dirs, links, t->bytes,
           t->bytes >= 1024 ? " (" : "", t->bytes >= 1024 ? size : "", t->bytes >= 1024 ? ")" : "");
}

/* ---- from there ---- */

static long on_read(void *arg, const void **data, struct err *err)
{
    struct cp *c = arg;
    while (pump(c))
        if (c->held) {
            *data = c->held->text;
            return (long)c->held->len;
        }
    if (!c->err.code)
        return 0;
    *err = c->err;
    return -1;
}

/* Where it goes here: an open folder and a name in it. -1: said. */
static int landing(struct cp *c, const char *to, const char *name, char *last)
{
    char dir[PATH_SIZE];
    struct stat st;
    size_t len = strlen(to);
    bool is_dir = stat(to, &st) == 0 && S_ISDIR(st.st_mode);
    if (len + 1 > PATH_SIZE || !copy_split(to, dir, last, PATH_SIZE)) {
        batch_error(c->b, EXIT_USAGE, "%.60s...: too long a name", to);
        return -1;
    }
    if (is_dir && !*name) {
        batch_error(c->b, EXIT_USAGE, "%s is there: give a new name for all of %s", to, c->shown);
        return -1;
    }
    if (!is_dir && (!*last || to[len - 1] == '/')) {
        batch_error(c->b, EXIT_USAGE, "%s is no folder: make it first, or leave the / out", to);
        return -1;
    }
    if (is_dir) {
        snprintf(dir, sizeof dir, "%s", to);
        snprintf(last, PATH_SIZE, "%s", name);
    }
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        batch_error(c->b, EXIT_FAILED, "%s: %s", dir, strerror(errno));
    else if (!c->b->opt->force && fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        batch_error(c->b, EXIT_REFUSED, "%s%s%s is there already: --force writes over it", is_dir ? to : "", is_dir && to[len - 1] != '/' ? "/" : "", is_dir ? last : to);
        close(fd);
        fd = -1;
    }
    return fd;
}

static void download(struct cp *c, const char *from, const char *to)
{
    const struct copy_io io = {.read = on_read, .note = on_note, .progress = on_progress, .arg = c};
    char dir[PATH_SIZE], name[PATH_SIZE], last[PATH_SIZE];
    struct err err = ERR_INIT;
    if (!copy_split(from, dir, name, sizeof dir)) {
        batch_error(c->b, EXIT_USAGE, "%.60s...: too long a name", from);
        return;
    }
    int fd = landing(c, to, name, last);
    snprintf(c->note, sizeof c->note, "to %s", to);
    if (fd < 0)
        return;
    struct stream_request rq = {.kind = STREAM_DOWNLOAD, .dir = dir, .path = *name ? name : "."};
    if (begin(c, &rq)) {
        enum err_code code = copy_unpack(&io, fd, name, last, c->b->opt->force, &c->tally, &err);
        bool ours = code && !c->over;    /* not what it said there: what went wrong here */
        finish(c, code != ERR_OK);
        if (ours && !c->canceled)
            batch_error(c->b, code == ERR_CONFLICT ? EXIT_REFUSED : EXIT_FAILED, "%s", err.msg);
        else if (ended_well(c, "tar") && code)
            batch_error(c->b, EXIT_FAILED, "%s", err.msg);
        else if (!code && !c->exit_code && !c->tally.files && !c->tally.dirs && !c->tally.links && !c->tally.left_out)
            batch_error(c->b, EXIT_FAILED, "%s: nothing came", c->shown);
        if (c->tally.files || c->tally.dirs || c->tally.links)
            say_done(c, c->shown, to);
    }
    close(fd);
}

/* ---- to there ---- */

static bool on_write(void *arg, const void *data, size_t len, struct err *err)
{
    struct cp *c = arg;
    const char *p = data;
    while (len && !c->over) {
        size_t n = core_stream_write(c->stream, p, len);
        p += n;
        len -= n;
        if (len)
            pump(c);
    }
    if (!len)
        return true;
    err_set(err, ERR_SERVER, 0, "tar there ended before all was written");
    return false;
}

/* What it is called there when it goes into the folder `to`; else `to` itself. */
static bool target(struct cp *c, const char *from, const char *to, char *path)
{
    char dir[PATH_SIZE], name[PATH_SIZE];
    size_t len = strlen(to);
    int is_dir = test(c, "-d", to);
    if (is_dir < 0)
        return false;
    if (!is_dir && to[len - 1] == '/') {
        batch_error(c->b, EXIT_NOT_FOUND, "%s is no folder there: make it first, or leave the / out", c->shown);
        return false;
    }
    if (!copy_split(from, dir, name, sizeof dir) || (is_dir && !*name)) {
        batch_error(c->b, EXIT_USAGE, "%s: under what name? Give it by its own name", from);
        return false;
    }
    if (snprintf(path, PATH_SIZE, "%s%s%s", to, is_dir && to[len - 1] != '/' ? "/" : "", is_dir ? name : "") >= PATH_SIZE) {
        batch_error(c->b, EXIT_USAGE, "%.60s...: too long a name", to);
        return false;
    }
    int there = c->b->opt->force ? 0 : test(c, "-e", path);
    if (there > 0)
        batch_error(c->b, EXIT_REFUSED, "%s:%s is there already: --force writes over it", c->pod->name, path);
    return !there;
}

/* One file: is it as long there as it is here? */
static void count_there(struct cp *c, const char *path)
{
    const char *command[] = {"wc", "-c", path, NULL};
    uint64_t size = 0;
    c->keep_out = true;
    if (!begin(c, &(struct stream_request){.kind = STREAM_UPLOAD, .command = command}))
        return;
    finish(c, false);
    c->keep_out = false;
    if (c->err.code || c->exit_code || sscanf(c->out.len ? c->out.data : "", "%" SCNu64, &size) != 1)
        batch_error(c->b, EXIT_OK, "its size could not be looked at there: wc is missing or failed");
    else if (size != c->tally.bytes)
        batch_error(c->b, EXIT_FAILED, "%s: %" PRIu64 " bytes are there, %" PRIu64 " went: somebody else writes to it", c->shown, size, c->tally.bytes);
}

static void upload(struct cp *c, const char *from, const char *to)
{
    const struct copy_io io = {.write = on_write, .note = on_note, .progress = on_progress, .arg = c};
    char path[PATH_SIZE], dir[PATH_SIZE], name[PATH_SIZE], shown[PATH_SIZE + 300];
    struct stat st;
    struct err err = ERR_INIT;
    if (stat(from, &st)) {
        batch_error(c->b, errno == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED, "%s: %s", from, strerror(errno));
        return;
    }
    snprintf(c->note, sizeof c->note, "from %s", from);
    if (!target(c, from, to, path))
        return;
    if (!copy_split(path, dir, name, sizeof dir) || !*name) {
        batch_error(c->b, EXIT_USAGE, "%s: under what name?", c->shown);
        return;
    }
    const char *command[] = {"tar", "xmvf", "-", "-C", dir, NULL};      /* a line a name: counted */
    if (!begin(c, &(struct stream_request){.kind = STREAM_UPLOAD, .command = command, .in = true}))
        return;
    enum err_code code = copy_pack(&io, from, name, &c->tally, &err);
    bool ours = code && !c->over;
    if (!code)
        core_stream_close_in(c->stream);
    finish(c, code != ERR_OK);
    uint64_t went = c->tally.files + c->tally.dirs + c->tally.links;
    if (ours && !c->canceled)
        batch_error(c->b, EXIT_FAILED, "%s; what came before it is there", err.msg);
    else if (!ended_well(c, "tar"))
        return;
    else if (code || c->lines < went)
        batch_error(c->b, EXIT_FAILED, "%s: %" PRIu64 " of %" PRIu64 " are there%s%s", c->shown, c->lines, went, code ? ": " : "", code ? err.msg : "");
    else {
        snprintf(shown, sizeof shown, "%s:%s", c->pod->name, path);
        uint64_t files = c->tally.files;
        say_done(c, from, shown);
        if (files == 1 && !c->tally.dirs) {
            char safe[PATH_SIZE + 2];
            snprintf(safe, sizeof safe, "%s%s", *path == '-' ? "./" : "", path);
            count_there(c, safe);
        }
    }
}

/* ---- */

bool batch_cp_where(struct batch *b, struct options *o, struct strlist *ns)
{
    struct copy_end e[2];
    struct err err = ERR_INIT;
    for (size_t i = 0; i < 2; i++)
        if (copy_end_read(&e[i], o->args.items[i], &err)) {
            batch_error(b, EXIT_USAGE, "%s", err.msg);
            return false;
        }
    if (!*e[0].pod == !*e[1].pod) {
        batch_error(b, EXIT_USAGE, *e[0].pod ? "from pod to pod is not done: copy it here first" :
                    "one of the two must be in a pod: [NAMESPACE/]POD:PATH (a file here whose name has a colon: ./%s)", o->args.items[0]);
        return false;
    }
    const struct copy_end *there = *e[0].pod ? &e[0] : &e[1];
    if (!*there->ns)
        return true;
    if (!strlist_add(ns, there->ns, strlen(there->ns))) {
        batch_error(b, EXIT_FAILED, "out of memory");
        return false;
    }
    o->namespaces = *ns;
    o->all_namespaces = false;
    return true;
}

void batch_cp(struct batch *b)
{
    char **args = b->opt->args.items;
    struct copy_end from, to;
    struct err err;
    copy_end_read(&from, args[0], &err);
    copy_end_read(&to, args[1], &err);
    bool up = *to.pod;
    char *name = up ? to.pod : from.pod;
    struct cp c = {.b = b, .bar = isatty(STDERR_FILENO), .shown = args[up]};
    c.pod = batch_open_named(b, "pods", &name, 1) ? batch_find(b, name) : NULL;
    if (!c.pod)
        return;
    struct action_request a = {.verb = core_stream_verb(up ? STREAM_UPLOAD : STREAM_DOWNLOAD), .row = c.pod};
    if (!batch_typed(b, &a, c.typed, sizeof c.typed))
        return;
    str_init(&c.errors, 4096);
    str_init(&c.out, 4096);
    batch_catch(b);
    if (up)
        upload(&c, from.path, to.path);
    else
        download(&c, from.path, to.path);
    event_free(c.held);
    str_release(&c.errors);
    str_release(&c.out);
}
