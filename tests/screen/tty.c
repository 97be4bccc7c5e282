/* The pseudo-terminal and the terminal behind it: starts the program, reads what it writes, answers what it asks. */
#include "tests/screen/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAW_MAX (64u << 20)

int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- libvterm's side ---- */

static int on_prop(VTermProp prop, VTermValue *val, void *user)
{
    struct tty *t = user;
    if (prop == VTERM_PROP_ALTSCREEN) t->altscreen = val->boolean;
    if (prop == VTERM_PROP_CURSORVISIBLE) t->cursor = val->boolean;
    if (prop == VTERM_PROP_MOUSE) t->mouse = val->number;
    return 1;
}

static int on_bell(void *user)
{
    ((struct tty *)user)->bells++;
    return 1;
}

static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_prop, .bell = on_bell};

static void on_output(const char *s, size_t len, void *user)
{
    tty_send(user, s, len);
}

/* A terminal answers "which background?"; libvterm does not know that question. */
static void answer(struct tty *t)
{
    static const char ask[] = "\x1b]11;?";
    for (;;) {
        char *at = t->raw ? memmem(t->raw + t->answered, t->raw_len - t->answered, ask, sizeof ask - 1) : NULL;
        if (!at) break;
        t->answered = (size_t)(at - t->raw) + sizeof ask - 1;
        const char *b = t->background;
        char reply[64];
        if (!*b) continue;
        int n = snprintf(reply, sizeof reply, "\x1b]11;rgb:%.2s%.2s/%.2s%.2s/%.2s%.2s\x1b\\", b, b, b + 2, b + 2, b + 4, b + 4);
        tty_send(t, reply, (size_t)n);
    }
}

/* ---- the process ---- */

void tty_start(struct tty *t, int w, int h, char *const argv[], char *const env[], const char *dir)
{
    struct winsize ws = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
    t->w = w;
    t->h = h;
    t->cursor = true;
    if (openpty(&t->fd, &t->keep, NULL, NULL, &ws) < 0) die("no pseudo-terminal: %s", strerror(errno));
    fcntl(t->fd, F_SETFD, FD_CLOEXEC);
    fcntl(t->keep, F_SETFD, FD_CLOEXEC);
    tcgetattr(t->keep, &t->before);
    t->vt = vterm_new(h, w);
    vterm_set_utf8(t->vt, 1);
    vterm_output_set_callback(t->vt, on_output, t);
    t->screen = vterm_obtain_screen(t->vt);
    vterm_screen_set_callbacks(t->screen, &screen_callbacks, t);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_reset(t->screen, 1);
    t->pid = fork();
    if (t->pid < 0) die("fork: %s", strerror(errno));
    if (t->pid == 0) {
        setsid();
        ioctl(t->keep, TIOCSCTTY, 0);
        for (int i = 0; i < 3; i++) dup2(t->keep, i);
        for (int s = 1; s < 32; s++) signal(s, SIG_DFL);
        if (chdir(dir) < 0) _exit(126);
        execve(argv[0], argv, env);
        _exit(127);
    }
}

static void keep_raw(struct tty *t, const char *buf, size_t n)
{
    if (t->raw_len + n > RAW_MAX) die("the program wrote more than %u MiB to the terminal", RAW_MAX >> 20);
    if (t->raw_len + n > t->raw_cap) {
        t->raw_cap = (t->raw_len + n) * 2;
        t->raw = realloc(t->raw, t->raw_cap);
        if (!t->raw) die("out of memory");
    }
    memcpy(t->raw + t->raw_len, buf, n);
    t->raw_len += n;
}

static void reap(struct tty *t)
{
    if (!t->ended && t->pid > 0 && waitpid(t->pid, &t->status, WNOHANG) == t->pid) t->ended = true;
}

bool tty_pump(struct tty *t, int wait_ms)
{
    struct pollfd p = {.fd = t->fd, .events = POLLIN};
    char buf[65536];
    if (poll(&p, 1, wait_ms) > 0 && (p.revents & POLLIN)) {
        ssize_t n = read(t->fd, buf, sizeof buf);
        if (n > 0) {
            keep_raw(t, buf, (size_t)n);
            vterm_input_write(t->vt, buf, (size_t)n);
            answer(t);
            return true;
        }
    }
    reap(t);
    return false;
}

void tty_send(struct tty *t, const char *bytes, size_t n)
{
    while (n) {
        ssize_t k = write(t->fd, bytes, n);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return;
        bytes += k;
        n -= (size_t)k;
    }
}

void tty_resize(struct tty *t, int w, int h)
{
    struct winsize ws = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
    t->w = w;
    t->h = h;
    vterm_set_size(t->vt, h, w);
    if (ioctl(t->fd, TIOCSWINSZ, &ws) < 0) die("resize: %s", strerror(errno));
}

bool tty_wait_end(struct tty *t, int64_t until)
{
    while (!t->ended && now_ms() < until)
        if (!tty_pump(t, 20)) reap(t);
    while (t->ended && tty_pump(t, 0)) continue;
    return t->ended;
}

void tty_free(struct tty *t)
{
    if (t->pid > 0 && !t->ended) {
        pid_t group = tcgetpgrp(t->fd);
        kill(t->pid, SIGKILL);
        if (group > 1 && group != getpgrp()) kill(-group, SIGKILL);
        waitpid(t->pid, &t->status, 0);
    }
    if (t->fd > 0) close(t->fd), close(t->keep);
    if (t->vt) vterm_free(t->vt);
    free(t->raw);
    *t = (struct tty){0};
}

/* ---- what is on the screen ---- */

VTermScreenCell tty_cell(const struct tty *t, int row, int x)
{
    VTermScreenCell c;
    memset(&c, 0, sizeof c);
    vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = x}, &c);
    return c;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000) return out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)), out[2] = (char)(0x80 | (c & 63)), 3;
    out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63)), out[2] = (char)(0x80 | (c >> 6 & 63));
    return out[3] = (char)(0x80 | (c & 63)), 4;
}

static size_t cell_text(const VTermScreenCell *c, char *out)
{
    size_t n = 0;
    if (c->chars[0] == (uint32_t)-1) return 0;               /* the right half of a wide character */
    if (!c->chars[0]) return out[0] = ' ', 1;
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && c->chars[i]; i++) n += put_utf8(out + n, c->chars[i]);
    return n;
}

size_t tty_text(const struct tty *t, int row, int x0, int x1, char *buf, size_t size)
{
    size_t n = 0;
    for (int x = x0; x < x1 && x < t->w && n + 32 < size; x++) {
        VTermScreenCell c = tty_cell(t, row, x);
        n += cell_text(&c, buf + n);
    }
    while (n && buf[n - 1] == ' ') n--;
    buf[n] = '\0';
    return n;
}

int tty_column(const struct tty *t, int row, int x0, size_t byte)
{
    size_t n = 0;
    char one[32];
    for (int x = x0; x < t->w; x++) {
        VTermScreenCell c = tty_cell(t, row, x);
        n += cell_text(&c, one);
        if (n > byte) return x;
    }
    return t->w;
}

bool tty_same_ground(const VTermScreenCell *a, const VTermScreenCell *b)
{
    return vterm_color_is_equal(&a->bg, &b->bg) && a->attrs.reverse == b->attrs.reverse;
}

bool tty_is_border(const VTermScreenCell *c)
{
    switch (c->chars[0]) {
    case '|': case 0x2502: case 0x2503: case 0x2551: case 0x2588: case '#': return true;
    default: return false;
    }
}

static bool is_corner(uint32_t c, bool left)
{
    if (c == '+') return true;
    return left ? c == 0x256d || c == 0x250c || c == 0x250f || c == 0x2554 : c == 0x256e || c == 0x2510 || c == 0x2513 || c == 0x2557;
}

bool tty_pane(const struct tty *t, int n, int *x0, int *x1)
{
    for (int row = 0; row < t->h; row++) {
        int k = 0, left = -1;
        for (int x = 0; x < t->w; x++) {
            VTermScreenCell c = tty_cell(t, row, x);
            if (left < 0 && is_corner(c.chars[0], true)) left = x;
            else if (left >= 0 && is_corner(c.chars[0], false)) {
                if (++k == n) return *x0 = left + 1, *x1 = x, true;
                left = -1;
            }
        }
        if (k) return false;
    }
    return false;
}

/* ---- afterwards ---- */

bool tty_raw_has(const struct tty *t, const char *bytes)
{
    return t->raw && memmem(t->raw, t->raw_len, bytes, strlen(bytes));
}

static const char *last_of(const struct tty *t, const char *bytes)
{
    const char *found = NULL;
    size_t n = strlen(bytes);
    for (size_t at = 0; at + n <= t->raw_len;) {
        const char *p = memmem(t->raw + at, t->raw_len - at, bytes, n);
        if (!p) break;
        found = p;
        at = (size_t)(p - t->raw) + 1;
    }
    return found;
}

static bool mode_left_on(const struct tty *t, const char *on, const char *off)
{
    const char *a = last_of(t, on), *b = last_of(t, off);
    return a && (!b || b < a);
}

const char *tty_not_restored(const struct tty *t)
{
    struct termios now;
    const struct termios *was = &t->before;
    if (t->altscreen) return "the alternate screen is still shown";
    if (!t->cursor) return "the cursor is still hidden";
    if (t->mouse) return "the mouse is still reported";
    if (mode_left_on(t, "\x1b[?2004h", "\x1b[?2004l")) return "bracketed paste is still on";
    if (mode_left_on(t, "\x1b[?1h", "\x1b[?1l")) return "the keypad is still in application mode";
    if (mode_left_on(t, "\x1b[?1006h", "\x1b[?1006l")) return "the mouse's encoding is still on";
    if (tcgetattr(t->keep, &now) < 0) return "termios cannot be read";
    if (now.c_iflag != was->c_iflag) return "termios: input flags differ";
    if (now.c_oflag != was->c_oflag) return "termios: output flags differ";
    if (now.c_cflag != was->c_cflag) return "termios: control flags differ";
    if (now.c_lflag != was->c_lflag) return "termios: local flags differ";
    if (memcmp(now.c_cc, was->c_cc, sizeof now.c_cc)) return "termios: control characters differ";
    return NULL;
}
