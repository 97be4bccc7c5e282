/* A small shell in a container of the demo cloud: enough to look around, to copy and to see that it is there. Nothing runs here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/wire_box.h"

enum { OUT = 1, ERR = 2, ASLEEP = -1, WORDS = 32 };

struct shell {
    bool interactive, cat, closed;
    struct str line;
    int cols, rows;
    long seq, seq_end;
    struct tar_job tar;
};

void wire_say(struct wire *w, unsigned to, const char *fmt, ...)
{
    struct str s, crlf;
    va_list ap;
    str_init(&s, 0);
    str_init(&crlf, 0);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < s.len; i++) {                       /* a terminal's own line ends */
        if (w->tty && s.data[i] == '\n')
            str_addc(&crlf, '\r');
        str_addc(&crlf, s.data[i]);
    }
    if (crlf.len)
        wire_send(w, w->tty ? OUT : to, crlf.data, crlf.len);
    str_release(&s);
    str_release(&crlf);
}

static void prompt(struct wire *w)
{
    if (w->tty)
        wire_say(w, OUT, "%s:/# ", w->pod);
}

/* Bytes as they are, in pieces: the other side bounds what it takes at once. */
static void wire_bytes(struct wire *w, unsigned to, const char *data, size_t len)
{
    for (size_t n; len; data += n, len -= n) {
        n = len < 32768 ? len : 32768;
        wire_send(w, w->tty ? OUT : to, data, n);
    }
}

static const struct box_file *file_of(struct wire *w, const char *name)
{
    char path[BOX_PATH];
    return *name && box_path(path, "/", name) ? box_find(box_of(w), path) : NULL;
}

/* ---- commands: the exit status, or ASLEEP ---- */

static int c_echo(struct wire *w, char **a, unsigned to)
{
    for (int i = 1; a[i]; i++)
        wire_say(w, to, "%s%s", i > 1 ? " " : "", a[i]);
    wire_say(w, to, "\n");
    return 0;
}

static int c_cat(struct wire *w, char **a, unsigned to)
{
    struct shell *s = w->impl;
    if (!a[1]) {
        s->cat = w->in && !s->closed;
        return s->cat ? ASLEEP : 0;
    }
    int code = 0;
    for (char **p = a + 1; *p; p++) {
        const struct box_file *f = file_of(w, *p);
        if (f && f->type == 'f')
            wire_bytes(w, to, f->data, f->len);
        else
            wire_say(w, ERR, "cat: can't open '%s': %s\n", *p, f ? "Is a directory" : "No such file or directory"), code = 1;
    }
    return code;
}

static int c_ls(struct wire *w, char **a, unsigned to)
{
    const char *name = a[1] && a[1][0] == '-' ? a[2] : a[1];
    const struct box *b = box_of(w);
    const struct box_file *dir = file_of(w, name ? name : "/");
    if (!dir)
        return wire_say(w, ERR, "ls: %s: No such file or directory\n", name), 1;
    if (dir->type != 'd')
        return wire_say(w, to, "%s\n", name), 0;
    size_t n = strlen(dir->path);
    for (size_t i = 0; i < b->n; i++) {
        const char *path = b->files[i].path, *rest = path + n + (n > 1);
        if (strlen(path) > n && box_below(path, dir->path) && *rest && !strchr(rest, '/'))
            wire_say(w, to, "%s\n", rest);
    }
    return 0;
}

static int c_mkdir(struct wire *w, char **a, unsigned to)
{
    char path[BOX_PATH];
    (void)to;
    for (char **p = a + 1; *p; p++)
        if (**p != '-' && (!box_path(path, "/", *p) || !box_put(w, path, 'd', 0755, NULL, 0)))
            return wire_say(w, ERR, "mkdir: can't create directory '%s': %s\n", *p, strerror(errno)), 1;
    return 0;
}

static int c_rm(struct wire *w, char **a, unsigned to)
{
    char path[BOX_PATH];
    (void)to;
    for (char **p = a + 1; *p; p++)
        if (**p != '-' && box_path(path, "/", *p))
            box_remove(w, path);
    return 0;
}

static int c_test(struct wire *w, char **a, unsigned to)
{
    const struct box_file *f = a[1] && a[2] ? file_of(w, a[2]) : NULL;
    (void)to;
    return !f || (!strcmp(a[1], "-d") && f->type != 'd') || (!strcmp(a[1], "-f") && f->type != 'f');
}

static int c_wc(struct wire *w, char **a, unsigned to)
{
    const struct box_file *f = a[1] && !strcmp(a[1], "-c") && a[2] ? file_of(w, a[2]) : NULL;
    if (!f || f->type == 'd')
        return wire_say(w, ERR, "wc: %s: %s\n", a[1] && a[2] ? a[2] : "", f ? "Is a directory" : "No such file or directory"), 1;
    wire_say(w, to, "%zu %s\n", f->len, a[2]);
    return 0;
}

static int c_tar(struct wire *w, char **a, unsigned to)
{
    struct shell *s = w->impl;
    (void)to;
    if (s->interactive)
        return wire_say(w, ERR, "tar: Refusing to read or write archive contents at a terminal (missing -f option?)\n"), 2;
    return tar_start(w, a, &s->tar);
}

static int c_env(struct wire *w, char **a, unsigned to)
{
    (void)a;
    wire_say(w, to, "PATH=/usr/local/bin:/usr/bin:/bin\nHOSTNAME=%s\nHOME=/root\nCONTAINER=%s\n%s", w->pod, w->container, w->tty ? "TERM=xterm\n" : "");
    return 0;
}

static int c_stty(struct wire *w, char **a, unsigned to)
{
    struct shell *s = w->impl;
    if (!w->tty)
        return wire_say(w, ERR, "stty: standard input: Inappropriate ioctl for device\n"), 1;
    if (a[1] && !strcmp(a[1], "size"))
        wire_say(w, to, "%d %d\n", s->rows, s->cols);
    return 0;
}

static int c_seq(struct wire *w, char **a, unsigned to)
{
    struct shell *s = w->impl;
    (void)to;
    s->seq = 1;
    s->seq_end = a[1] ? atol(a[1]) : 0;
    return s->seq_end > 0 ? ASLEEP : 0;
}

static int c_hostname(struct wire *w, char **a, unsigned to)
{
    (void)a;
    wire_say(w, to, "%s\n", w->pod);
    return 0;
}

static int c_id(struct wire *w, char **a, unsigned to)
{
    (void)a;
    wire_say(w, to, "uid=0(root) gid=0(root) groups=0(root)\n");
    return 0;
}

static int c_sleep(struct wire *w, char **a, unsigned to)
{
    (void)w, (void)a, (void)to;
    return ASLEEP;                                             /* until somebody ends it */
}

static int c_true(struct wire *w, char **a, unsigned to)
{
    (void)w, (void)to;
    return !strcmp(a[0], "false");
}

static const struct program { const char *name; int (*run)(struct wire *w, char **a, unsigned to); } programs[] = {
    {"echo", c_echo}, {"cat", c_cat}, {"ls", c_ls}, {"env", c_env}, {"stty", c_stty}, {"seq", c_seq}, {"hostname", c_hostname},
    {"id", c_id}, {"sleep", c_sleep}, {"true", c_true}, {"false", c_true}, {"test", c_test}, {"wc", c_wc}, {"tar", c_tar},
    {"mkdir", c_mkdir}, {"rm", c_rm},
};

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const struct program *find(const char *name)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (!strcmp(programs[i].name, base(name)))
            return &programs[i];
    return NULL;
}

static bool is_shell(const char *name)
{
    return !strcmp(base(name), "sh") || !strcmp(base(name), "ash");
}

/* One simple command of a line: words, quotes, ">&2". exit: true, *code is set. */
static bool simple(struct wire *w, char *line, int *code)
{
    char *a[WORDS + 1], *out = line;
    int n = 0;
    unsigned to = OUT;
    for (char *p = line; *p && n < WORDS;) {
        while (*p == ' ' || *p == '\t')
            p++;
        if (!*p)
            break;
        a[n] = out;
        for (char quote = 0; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
            if (quote ? *p == quote : *p == '\'' || *p == '"')
                quote = quote ? 0 : *p;
            else
                *out++ = *p;
        }
        bool end = !*p;
        *out++ = 0;
        p += !end;
        if (!strcmp(a[n], ">&2"))
            to = ERR;
        else
            n++;
    }
    a[n] = NULL;
    if (!n)
        return false;
    if (!strcmp(a[0], "exit")) {
        *code = a[1] ? atoi(a[1]) : *code;
        return true;
    }
    const struct program *prog = find(a[0]);
    if (prog)
        *code = prog->run(w, a, to);
    else if (is_shell(a[0]))
        *code = 0;                                             /* a shell in the shell is the same one */
    else
        wire_say(w, ERR, "sh: %s: not found\n", a[0]), *code = 127;
    return false;
}

/* A line of commands between ';'. */
static bool command_line(struct wire *w, const char *text, int *code)
{
    char *copy = sim_strdup(text);
    bool end = false;
    for (char *p = copy, *next; p && !end && *code != ASLEEP; p = next) {
        next = strchr(p, ';');
        if (next)
            *next++ = 0;
        end = simple(w, p, code);
    }
    free(copy);
    return end;
}

static void start(struct wire *w)
{
    struct shell *s = w->impl = sim_alloc(sizeof(*s));
    char **a = w->argv, message[400];
    int code = 0;
    str_init(&s->line, 65536);
    str_init(&s->tar.in, BOX_MAX);
    str_init(&s->tar.out, 2u * BOX_MAX);
    s->cols = 80;
    s->rows = 24;
    if (!a || !a[0]) {                                         /* attach: the main process, which says little and listens not */
        s->interactive = w->in && w->tty;
        return;
    }
    const struct program *prog = w->bare ? NULL : find(a[0]);
    if (prog) {
        code = prog->run(w, a, OUT);
    } else if (!w->bare && is_shell(a[0]) && a[1] && !strcmp(a[1], "-c") && a[2] && strstr(a[2], "exec ")) {
        s->interactive = true;                                 /* whatever shell it looked for: here is one */
        prompt(w);
        return;
    } else if (!w->bare && is_shell(a[0]) && a[1] && !strcmp(a[1], "-c") && a[2]) {
        command_line(w, a[2], &code);
    } else if (!w->bare && is_shell(a[0])) {
        s->interactive = true;
        prompt(w);
        return;
    } else {
        snprintf(message, sizeof(message), "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: "
                 "OCI runtime exec failed: exec failed: unable to start container process: exec: \"%.100s\": executable file not found in $PATH: unknown", a[0]);
        wire_fail(w, message);
        return;
    }
    if (code != ASLEEP)
        wire_exit(w, code);
}

/* A whole line was typed. */
static void entered(struct wire *w)
{
    struct shell *s = w->impl;
    int code = 0;
    bool end = command_line(w, s->line.len ? s->line.data : "", &code);
    str_clear(&s->line);
    if (end)
        wire_exit(w, code == ASLEEP ? 0 : code);
    else if (code != ASLEEP)
        prompt(w);
}

static void key(struct wire *w, char c)
{
    struct shell *s = w->impl;
    if (w->tty && c == 3) {                                    /* ctrl-c */
        s->cat = false;
        s->seq_end = 0;
        str_clear(&s->line);
        wire_say(w, OUT, "^C\n");
        if (!s->interactive)
            wire_exit(w, 130);
        else
            prompt(w);
    } else if (w->tty && c == 4 && !s->line.len) {             /* ctrl-d */
        wire_exit(w, 0);
    } else if (w->tty && (c == 127 || c == 8)) {
        if (s->line.len) {
            s->line.data[--s->line.len] = 0;
            wire_say(w, OUT, "\b \b");
        }
    } else if (c == '\n' || c == '\r') {
        if (w->tty)
            wire_say(w, OUT, "\n");
        if (s->cat)
            wire_say(w, OUT, "%s\n", s->line.len ? s->line.data : ""), str_clear(&s->line);
        else
            entered(w);
    } else {
        str_addc(&s->line, c);
        if (w->tty)
            wire_say(w, OUT, "%c", c);
    }
}

static void data(struct wire *w, unsigned channel, const char *text, size_t len)
{
    struct shell *s = w->impl;
    if (channel == 4) {
        char size[80];
        snprintf(size, sizeof(size), "%.*s", (int)(len < 79 ? len : 79), text);
        sscanf(size, "{\"Width\":%d,\"Height\":%d}", &s->cols, &s->rows);
    }
    if (channel != 0)
        return;
    if (s->tar.dir) {
        str_add(&s->tar.in, text, len);
        if (s->tar.in.failed) {
            wire_say(w, ERR, "tar: Cannot write: No space left on device\n");
            wire_exit(w, 2);
        }
        return;
    }
    if (s->cat && !w->tty) {
        wire_send(w, OUT, text, len);
        return;
    }
    for (size_t i = 0; i < len && !w->over && (s->interactive || s->cat || w->tty); i++)
        key(w, text[i]);
}

static void closed(struct wire *w, unsigned channel)
{
    struct shell *s = w->impl;
    if (channel != 0)
        return;
    s->closed = true;
    if (s->tar.dir)
        wire_exit(w, tar_end(w, &s->tar));
    else if (s->cat || s->interactive)
        wire_exit(w, 0);
}

static void more(struct wire *w)
{
    struct shell *s = w->impl;
    struct tar_job *tar = &s->tar;
    while (tar->out_at < tar->out.len && wire_queued(w) < 256 * 1024) {
        size_t left = tar->out.len - tar->out_at, n = left < 32768 ? left : 32768;
        wire_send(w, OUT, tar->out.data + tar->out_at, n);
        tar->out_at += n;
        if (tar->out_at == tar->out.len)
            wire_exit(w, tar->code);
    }
    if (s->seq_end <= 0)
        return;
    while (s->seq <= s->seq_end && wire_queued(w) < 256 * 1024) {
        struct str block;
        str_init(&block, 0);
        for (int i = 0; i < 1000 && s->seq <= s->seq_end; i++)
            str_addf(&block, w->tty ? "%ld\r\n" : "%ld\n", s->seq++);
        wire_send(w, OUT, block.data, block.len);
        str_release(&block);
    }
    if (s->seq <= s->seq_end)
        return;
    s->seq_end = 0;
    if (s->interactive)
        prompt(w);
    else
        wire_exit(w, 0);
}

static void done(struct wire *w)
{
    struct shell *s = w->impl;
    str_release(&s->line);
    str_release(&s->tar.in);
    str_release(&s->tar.out);
    free(s->tar.dir);
    free(s);
}

const struct wire_end wire_shell = {start, data, closed, more, done};
