/* Signals, and the terminal given back when they end us. What must survive a crash sits in `rescue`, the one mutable global:
 * a signal handler can reach nothing else. */
#include "tui/term_rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
    volatile sig_atomic_t active;
    int fd, pipe[2];
    struct termios saved;
    char bytes[256];                       /* what gives the terminal back */
    size_t len;
} rescue = {.pipe = {-1, -1}};

static const int quit_signals[] = {SIGTERM, SIGHUP, SIGINT};
static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

static void rescue_terminal(void)          /* async-signal-safe */
{
    if (!rescue.active) return;
    rescue.active = 0;
    ssize_t n = write(rescue.fd, rescue.bytes, rescue.len);
    (void)n;
    tcsetattr(rescue.fd, TCSANOW, &rescue.saved);
}

static void on_fatal(int sig)
{
    rescue_terminal();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void on_signal(int sig)
{
    int saved = errno;
    char c = sig == SIGWINCH ? TERM_SIG_RESIZE : sig == SIGTSTP ? TERM_SIG_STOP : sig == SIGCONT ? TERM_SIG_CONT : TERM_SIG_QUIT;
    ssize_t n = write(rescue.pipe[1], &c, 1);   /* a full pipe already wakes us */
    (void)n;
    errno = saved;
}

static void on_exit_restore(void)
{
    rescue_terminal();
}

static void on(int sig, void (*fn)(int), int flags)
{
    struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};
    sigemptyset(&sa.sa_mask);
    sigaction(sig, &sa, NULL);
}

enum err_code rescue_install(struct err *err)
{
    if (rescue.pipe[0] < 0) {
        if (pipe2(rescue.pipe, O_CLOEXEC | O_NONBLOCK) < 0) return err_set(err, ERR_IO, errno, "no pipe for signals: %s", strerror(errno));
        atexit(on_exit_restore);
    }
    for (size_t i = 0; i < sizeof quit_signals / sizeof *quit_signals; i++) on(quit_signals[i], on_signal, SA_RESTART);
    for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++) on(fatal_signals[i], on_fatal, SA_RESETHAND);
    on(SIGWINCH, on_signal, SA_RESTART);
    on(SIGTSTP, on_signal, SA_RESTART);
    on(SIGCONT, on_signal, SA_RESTART);
    on(SIGPIPE, SIG_IGN, 0);
    return ERR_OK;
}

void rescue_uninstall(void)
{
    for (size_t i = 0; i < sizeof quit_signals / sizeof *quit_signals; i++) on(quit_signals[i], SIG_DFL, 0);
    for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++) on(fatal_signals[i], SIG_DFL, 0);
    on(SIGWINCH, SIG_DFL, 0);
    on(SIGTSTP, SIG_DFL, 0);
    on(SIGCONT, SIG_DFL, 0);
}

void rescue_keep(int fd)
{
    rescue.fd = fd;
    tcgetattr(fd, &rescue.saved);
}

void rescue_clear(void)
{
    rescue.len = 0;
}

void rescue_add(const char *s)
{
    size_t n = strlen(s);
    if (rescue.len + n >= sizeof rescue.bytes) return;
    memcpy(rescue.bytes + rescue.len, s, n);
    rescue.len += n;
}

void rescue_arm(bool on)
{
    rescue.active = on;
}

void rescue_modes(bool drain)
{
    tcsetattr(rescue.fd, drain ? TCSADRAIN : TCSANOW, &rescue.saved);
}

int rescue_signal_fd(void)
{
    return rescue.pipe[0];
}

enum term_signal rescue_signal(void)
{
    char c;
    return read(rescue.pipe[0], &c, 1) == 1 ? (enum term_signal)c : TERM_SIG_NONE;
}
