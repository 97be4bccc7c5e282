/* A stream joined to this terminal: raw keys there, bytes here, window sizes, and the terminal given back on every way out. */
#include "tui/passage.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "strata/text.h"

#define AT_ONCE 64                 /* events, before signals and keys are looked at */

struct run {
    struct passage *p;
    struct termios before;
    bool raw;                            /* the terminal is in our hands */
    int sigfd, died_of;
    char keys[4096];
    size_t nkeys, at;
    bool eof, wait_room, done;
    unsigned char half;                  /* first byte of a control character of two bytes */
};

/* For the signal handler of a crash alone. */
static struct { struct termios before; volatile sig_atomic_t armed; } rescue;

static void give_back_and_die(int sig)
{
    if (rescue.armed)
        tcsetattr(STDIN_FILENO, TCSANOW, &rescue.before);
    signal(sig, SIG_DFL);
    raise(sig);
}

static const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
enum { NFATAL = sizeof fatal / sizeof *fatal };

bool passage_size(int *cols, int *rows)
{
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && ioctl(STDIN_FILENO, TIOCGWINSZ, &w))
        return false;
    *cols = w.ws_col;
    *rows = w.ws_row;
    return w.ws_col > 0 && w.ws_row > 0;
}

static void make_raw(struct run *r)
{
    struct termios t;
    if (!r->p->tty || !isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &r->before))
        return;
    t = r->before;
    cfmakeraw(&t);
    rescue.before = r->before;
    rescue.armed = 1;
    r->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
}

/* Nobody reads any more ("| head"): the command is ended, and strata as any program would. */
static void write_all(struct run *r, int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EPIPE && !r->died_of) {
            r->died_of = SIGPIPE;
            core_cancel(r->p->core, core_stream_id(r->p->stream));
        }
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return;
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            poll(&p, 1, -1);
        }
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

/* Not a session at a terminal, but its output goes to one: nothing in it may command the terminal. */
static void write_harmless(struct run *r, int fd, const char *data, size_t len)
{
    char out[1024];
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        bool c1 = r->half == 0xc2 && c >= 0x80 && c < 0xa0;
        bool bad = (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f || c1;
        r->half = c;
        if (c1 && n)
            n--;                         /* with the byte before it, unless that is written already: alone it is nothing */
        out[n++] = bad ? '?' : (char)c;
        if (n == sizeof out) {
            write_all(r, fd, out, n);
            n = 0;
        }
    }
    write_all(r, fd, out, n);
}

static void on_bytes(struct run *r, int fd, const char *data, size_t len)
{
    if (!r->p->tty && isatty(fd))
        write_harmless(r, fd, data, len);
    else
        write_all(r, fd, data, len);
}

static void give_back(struct run *r)
{
    if (!r->raw)
        return;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &r->before);
    rescue.armed = 0;
    r->raw = false;
}

/* No terminal there obeys keys: ours does, or nothing would ever end it. */
static void plain(struct run *r)
{
    struct passage *p = r->p;
    bool was = r->raw;
    give_back(r);
    p->tty = p->tty && !p->in;
    if (was)
        fprintf(stderr, "strata: ctrl-c leaves it, and it runs on\n");
}

static void on_event(struct run *r, struct event *e)
{
    struct passage *p = r->p;
    bool ours = e->id == core_stream_id(p->stream);
    if (ours && e->type == EV_STREAM) {
        if (e->stream_part == STREAM_OPEN || e->stream_part == STREAM_OPEN_PLAIN) {
            p->opened = true;
            if (e->stream_part == STREAM_OPEN_PLAIN) plain(r);
            else if (p->hello) fprintf(stderr, "strata: %s%s\n", p->hello, r->raw ? "\r" : "");
        } else if (e->stream_part == STREAM_ROOM) r->wait_room = false;
        else on_bytes(r, e->stream_part == STREAM_OUT ? STDOUT_FILENO : STDERR_FILENO, e->text, e->len);
    } else if (ours && e->type == EV_DONE) {
        p->err = e->err;
        p->exit_code = e->exit_code;
        r->done = true;
    } else if (ours && e->type == EV_NOTICE && e->text) {
        fprintf(stderr, "strata: %s%s\n", e->text, r->raw ? "\r" : "");
    } else if (p->other) {
        p->other(p->arg, e);
        return;
    }
    event_free(e);
}

static void on_keys(struct run *r)
{
    if (r->at == r->nkeys && !r->eof) {
        ssize_t n = read(STDIN_FILENO, r->keys, sizeof r->keys);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
        r->at = 0;
        r->nkeys = n > 0 ? (size_t)n : 0;
        if (n <= 0) {
            r->eof = true;
            core_stream_close_in(r->p->stream);
        }
    }
    size_t left = r->nkeys - r->at, n = left ? core_stream_write(r->p->stream, r->keys + r->at, left) : 0;
    r->at += n;
    r->wait_room = n < left;
    if (r->at == r->nkeys) explicit_bzero(r->keys, r->nkeys);
}

static void on_signal(struct run *r)
{
    struct passage *p = r->p;
    struct signalfd_siginfo s;
    int cols, rows;
    while (read(r->sigfd, &s, sizeof s) == (ssize_t)sizeof s) {
        if (s.ssi_signo == SIGWINCH && passage_size(&cols, &rows)) {
            core_stream_resize(r->p->stream, cols, rows);
        } else if (s.ssi_signo != SIGWINCH) {        /* the end is written down first */
            p->left |= s.ssi_signo == SIGINT;
            r->died_of = s.ssi_signo == SIGINT && p->stays ? 0 : (int)s.ssi_signo;
            core_cancel(r->p->core, core_stream_id(r->p->stream));
        }
    }
}

static void loop(struct run *r)
{
    struct passage *p = r->p;
    while (!r->done) {
        struct event *e;
        int n = 0;
        for (; !r->done && n < AT_ONCE && (e = core_next_event(p->core)); n++)
            on_event(r, e);
        if (r->done) return;
        if (core_starved(p->core)) {
            err_set(&p->err, ERR_NOMEM, 0, "out of memory: a part of the stream is missing");
            core_cancel(p->core, core_stream_id(p->stream));
            return;
        }
        bool keys = p->in && p->opened && !r->eof && !r->wait_room;
        struct pollfd f[3] = {{.fd = core_event_fd(p->core), .events = POLLIN}, {.fd = r->sigfd, .events = POLLIN},
                              {.fd = keys ? STDIN_FILENO : -1, .events = POLLIN}};
        if (keys && r->at < r->nkeys) {
            on_keys(r);
            continue;
        }
        if (poll(f, 3, n == AT_ONCE ? 0 : -1) < 0 && errno != EINTR) return;
        if (f[1].revents) on_signal(r);
        if (f[2].revents) on_keys(r);
    }
}

void passage_run(struct passage *p)
{
    struct run r = {.p = p, .sigfd = -1};
    sigset_t set, old;
    struct sigaction was[NFATAL], mine = {.sa_handler = give_back_and_die};
    p->exit_code = -1;
    sigemptyset(&set);
    for (size_t i = 0; i < 5; i++)
        sigaddset(&set, (const int[]){SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT}[i]);
    sigprocmask(SIG_BLOCK, &set, &old);
    r.sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    make_raw(&r);
    for (size_t i = 0; r.raw && i < NFATAL; i++)
        sigaction(fatal[i], &mine, &was[i]);
    bool caught = r.raw;
    loop(&r);
    give_back(&r);
    for (size_t i = 0; caught && i < NFATAL; i++)
        sigaction(fatal[i], &was[i], NULL);
    if (r.sigfd >= 0) close(r.sigfd);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (r.died_of == SIGPIPE) signal(SIGPIPE, SIG_DFL);
    if (r.died_of) raise(r.died_of);
}
