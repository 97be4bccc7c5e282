/* The one file that knows curses. Output goes through curses' own minimal update; input is read as bytes by term_input.c (curses'
 * getch would wait for ESC sequences and repaint); signals and what gives the terminal back are in term_rescue.c. */
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define key_name curses_key_name     /* ours and theirs have the same names */
#define term curses_term
#include <curses.h>
#include <term.h>
#undef key_name
#undef term

#include "strata/mem.h"
#include "tui/term_input.h"
#include "tui/term_rescue.h"

#define PAIRS_MAX 4096

struct pair_key { int fg, bg; };
struct style_slot { bool known; int pair; attr_t attrs; };

struct term {
    SCREEN *screen;
    int fd, frame, w, h;                   /* the terminal; where curses writes a frame (-1: the terminal itself) */
    enum term_depth depth;
    bool ascii, mouse, redraw, left, painted_after_stop;
    struct theme theme;
    struct style_slot *styles;             /* by role, overlay: ROLE_COUNT * ROLE_COUNT */
    struct pair_key *pairs;
    int npairs, pair_limit;
    struct canvas shown;                   /* what the terminal has */
    int cursor_x, cursor_y;
    struct term_input in;
};

static bool usable(const char *cap)
{
    return cap && cap != (char *)-1 && *cap;
}

/* Padding ($<..>) of very old terminals is not wanted in a rescue. */
static void rescue_cap(const char *name)
{
    const char *s = tigetstr(name);
    if (!usable(s)) return;
    char buf[64];
    size_t n = 0;
    for (; *s && n < sizeof buf - 1; s++) {
        if (s[0] == '$' && s[1] == '<') {
            while (*s && *s != '>') s++;
            if (!*s) break;
            continue;
        }
        buf[n++] = *s;
    }
    buf[n] = '\0';
    rescue_add(buf);
}

/* A terminfo entry with direct colours that suits TERM, when the terminal says that it has true colour; else NULL.
 * For the xterm family the entries with "38;2;r;g;b" and an alternate screen: every terminal that has true colour knows
 * that form; xterm-direct's form with colons is not known everywhere, and xterm-direct2 has no alternate screen. */
static const char *direct_term(const char *term)
{
    static const struct { const char *prefix, *direct; } families[] = {
        {"xterm-kitty", "kitty-direct"}, {"alacritty", "alacritty-direct"}, {"foot", "foot-direct"}, {"tmux", "tmux-direct"},
        {"vte", "vte-direct"}, {"gnome", "vte-direct"}, {"xterm", "alacritty-direct"}, {"xterm", "vte-direct"},
        {"wezterm", "alacritty-direct"}, {"iterm2", "alacritty-direct"}, {"konsole", "vte-direct"}, {"st-", "st-direct"},
    };
    const char *ct = getenv("COLORTERM");
    if (!ct || (strcmp(ct, "truecolor") && strcmp(ct, "24bit")) || strstr(term, "mono")) return NULL;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        int rc = 0;
        if (strncmp(term, families[i].prefix, strlen(families[i].prefix))) continue;
        if (setupterm(families[i].direct, STDOUT_FILENO, &rc) != OK || rc != 1) continue;
        bool rgb = tigetnum("colors") >= 0x1000000;
        del_curterm(cur_term);
        if (rgb) return families[i].direct;
    }
    return NULL;
}

static bool locale_is_utf8(void)
{
    const char *cs = nl_langinfo(CODESET);
    return cs && (!strcasecmp(cs, "UTF-8") || !strcasecmp(cs, "UTF8"));
}

/* Without a UTF-8 locale curses cannot print our frames; C.UTF-8 would lie to a terminal that cannot show it. */
static void set_locale(void)
{
    if (!setlocale(LC_CTYPE, "")) setlocale(LC_CTYPE, "C");
}

static void load_key_sequences(struct term *t)
{
    static const struct { const char *cap; uint32_t key; } caps[] = {
        {"kcuu1", K_UP}, {"kcud1", K_DOWN}, {"kcub1", K_LEFT}, {"kcuf1", K_RIGHT}, {"khome", K_HOME}, {"kend", K_END},
        {"kpp", K_PGUP}, {"knp", K_PGDN}, {"kich1", K_INS}, {"kdch1", K_DEL}, {"kent", K_ENTER}, {"kcbt", K_TAB | K_SHIFT},
        {"kf1", K_F1}, {"kf2", K_F2}, {"kf3", K_F3}, {"kf4", K_F4}, {"kf5", K_F5}, {"kf6", K_F6}, {"kf7", K_F7},
        {"kf8", K_F8}, {"kf9", K_F9}, {"kf10", K_F10}, {"kf11", K_F11}, {"kf12", K_F12},
        {"kLFT", K_LEFT | K_SHIFT}, {"kRIT", K_RIGHT | K_SHIFT}, {"kri", K_UP | K_SHIFT}, {"kind", K_DOWN | K_SHIFT},
    };
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        const char *s = tigetstr(caps[i].cap);
        if (usable(s)) term_input_seq(&t->in, s, caps[i].key);
    }
}

static enum term_depth find_depth(void)
{
    const char *no = getenv("NO_COLOR");
    if ((no && *no) || !has_colors()) return DEPTH_MONO;
    if (COLORS >= 0x1000000) return DEPTH_RGB;
    return COLORS >= 256 ? DEPTH_256 : COLORS >= 16 ? DEPTH_16 : COLORS >= 8 ? DEPTH_8 : DEPTH_MONO;
}

static void send_raw(const struct term *t, const char *s, size_t n)
{
    while (n) {
        ssize_t k = write(t->fd, s, n);
        if (k < 0 && (errno == EINTR)) continue;
        if (k <= 0) return;
        s += k;
        n -= (size_t)k;
    }
}

/* Curses writes some fifty bytes at a time. A frame is collected, so that the terminal (and the link to it) gets it whole. */
static void frame_begin(struct term *t)
{
    if (t->frame >= 0 && dup2(t->frame, STDOUT_FILENO) < 0) {
        close(t->frame);
        t->frame = -1;
    }
}

static void frame_end(struct term *t)
{
    char buf[32768];
    ssize_t n;
    if (t->frame < 0) return;
    fflush(stdout);
    dup2(t->fd, STDOUT_FILENO);
    for (off_t at = 0; (n = pread(t->frame, buf, sizeof buf, at)) > 0; at += n) send_raw(t, buf, (size_t)n);
    if (ftruncate(t->frame, 0) || lseek(t->frame, 0, SEEK_SET)) {
        close(t->frame);
        t->frame = -1;
    }
}

static bool xterm_like(void)
{
    const char *term = getenv("TERM");
    static const char *const plain[] = {"dumb", "linux", "vt", "ansi", "cons", "unknown"};
    for (size_t i = 0; term && i < sizeof plain / sizeof *plain; i++)
        if (!strncmp(term, plain[i], strlen(plain[i]))) return false;
    return term != NULL;
}

#define MODES_ON "\x1b[?2004h"
#define MODES_OFF "\x1b[?2004l"
#define MOUSE_ON "\x1b[?1000h\x1b[?1006h"
#define MOUSE_OFF "\x1b[?1006l\x1b[?1000l"

static void modes(const struct term *t, bool on)
{
    if (!xterm_like()) return;
    const char *s = on ? MODES_ON : MODES_OFF;
    send_raw(t, s, strlen(s));
    s = on ? MOUSE_ON : MOUSE_OFF;
    if (t->mouse) send_raw(t, s, strlen(s));
}

static void update_size(struct term *t)
{
    struct winsize ws;
    int w = t->w, h = t->h;
    if (ioctl(t->fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 && ws.ws_row > 0) w = ws.ws_col, h = ws.ws_row;
    if (w < 1) w = 80;
    if (h < 1) h = 24;
    if (w > 2000) w = 2000;
    if (h > 1000) h = 1000;
    if (w != t->w || h != t->h) {
        t->w = w;
        t->h = h;
        resizeterm(h, w);
    }
    t->redraw = true;
}

static void prepare_rescue(struct term *t)
{
    rescue_clear();
    if (xterm_like()) {
        if (t->mouse) rescue_add(MOUSE_OFF);
        rescue_add(MODES_OFF);
    }
    rescue_cap("sgr0");
    rescue_cap("op");
    rescue_cap("rmkx");
    rescue_cap("cnorm");
    rescue_cap("rmcup");
    rescue_add("\r");
    rescue_arm(true);
}

static void curses_modes(void)
{
    raw();
    noecho();
    nonl();
    curs_set(0);
    keypad(stdscr, TRUE);
    typeahead(-1);
    leaveok(stdscr, FALSE);
}

static enum err_code check_terminal(const char **term, struct err *err)
{
    int rc = 0;
    *term = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, ERR_USAGE, 0, "the cockpit needs a terminal; use \"strata get\" in pipes and scripts");
    if (!*term || !**term) return err_set(err, ERR_USAGE, 0, "TERM is not set: say what the terminal is, for instance TERM=xterm-256color");
    if (setupterm(*term, STDOUT_FILENO, &rc) != OK || rc != 1)
        return err_set(err, ERR_USAGE, 0, "TERM=%.40s is not a terminal that terminfo knows; try TERM=xterm-256color", *term);
    bool can = usable(tigetstr("cup"));
    del_curterm(cur_term);
    return can ? ERR_OK : err_set(err, ERR_USAGE, 0, "TERM=%.40s cannot move the cursor; try TERM=xterm-256color", *term);
}

static void close_fds(const struct term *t)
{
    if (t->frame >= 0) close(t->frame);
    if (t->fd != STDOUT_FILENO) close(t->fd);
}

struct term *term_open(const struct term_options *opt, struct err *err)
{
    const char *name;
    set_locale();
    if (check_terminal(&name, err)) return NULL;
    struct term *t = mem_zalloc(sizeof *t);
    if (t) t->styles = mem_zalloc(sizeof *t->styles * ROLE_COUNT * ROLE_COUNT);
    if (!t || !t->styles) {
        mem_free(t);
        err_set(err, ERR_NOMEM, 0, "out of memory opening the terminal");
        return NULL;
    }
    t->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);          /* stays the terminal while a frame is collected */
    if (t->fd < 0) t->fd = STDOUT_FILENO;
    t->frame = t->fd == STDOUT_FILENO ? -1 : memfd_create("frame", MFD_CLOEXEC);
    t->mouse = opt->mouse;
    t->ascii = opt->ascii || !locale_is_utf8();
    t->cursor_x = -1;
    canvas_init(&t->shown);
    rescue_keep(t->fd);
    if (rescue_install(err)) goto fail;
    const char *rgb = direct_term(name);
    t->screen = newterm(rgb ? rgb : name, stdout, stdin);
    if (!t->screen) {
        err_set(err, ERR_IO, 0, "the terminal %.40s cannot be used", name);
        goto fail;
    }
    set_term(t->screen);
    prepare_rescue(t);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    t->depth = find_depth();
    t->pair_limit = COLOR_PAIRS < PAIRS_MAX ? COLOR_PAIRS : PAIRS_MAX;
    curses_modes();
    load_key_sequences(t);
    modes(t, true);
    if (xterm_like()) send_raw(t, "\x1b]11;?\x1b\\", 8);        /* which background? the answer comes as input */
    update_size(t);
    return t;
fail:
    rescue_uninstall();
    close_fds(t);
    mem_free(t->styles);
    mem_free(t);
    return NULL;
}

/* curses shows the cursor only if it believes it hidden, and after a stop its belief can be wrong. */
static void show_cursor(struct term *t)
{
    const char *s = tigetstr("cnorm");
    if (s && s != (const char *)-1 && !strstr(s, "$<")) send_raw(t, s, strlen(s));
}

/* Where there is no other screen to go back to, the frame stays above the shell: it gets a clean last line. */
static void end_curses(struct term *t)
{
    if (!usable(tigetstr("rmcup"))) {
        leaveok(stdscr, FALSE);
        wattrset(stdscr, A_NORMAL);
        wmove(stdscr, t->h - 1, 0);
        wclrtoeol(stdscr);
        wrefresh(stdscr);
    }
    endwin();
}

void term_close(struct term *t)
{
    if (!t) return;
    if (!t->left) {
        /* first: who sees the old screen come back may type at once, and a return must be one then */
        rescue_modes(false);
        modes(t, false);
        end_curses(t);
        show_cursor(t);
    }
    rescue_arm(false);
    rescue_modes(true);
    rescue_uninstall();
    delscreen(t->screen);
    close_fds(t);
    canvas_release(&t->shown);
    mem_free(t->styles);
    mem_free(t->pairs);
    mem_free(t);
}

void term_size(const struct term *t, int *w, int *h)
{
    *w = t->w;
    *h = t->h;
}

enum term_depth term_depth(const struct term *t)
{
    return t->depth;
}

bool term_ascii(const struct term *t)
{
    return t->ascii;
}

void term_set_theme(struct term *t, const struct theme *theme)
{
    t->theme = *theme;
    memset(t->styles, 0, sizeof *t->styles * ROLE_COUNT * ROLE_COUNT);
    t->npairs = 0;
    t->redraw = true;
}

/* The number of a colour pair; pairs are made as they come up. When all are used, the default pair. */
static int pair_of(struct term *t, int fg, int bg)
{
    if (fg < 0 && bg < 0) return 0;
    for (int i = 0; i < t->npairs; i++)
        if (t->pairs[i].fg == fg && t->pairs[i].bg == bg) return i + 1;
    if (t->npairs + 1 >= t->pair_limit) return 0;
    if (!t->pairs) t->pairs = mem_alloc(sizeof *t->pairs * (size_t)t->pair_limit);
    if (!t->pairs || init_extended_pair(t->npairs + 1, fg, bg) == ERR) return 0;
    t->pairs[t->npairs] = (struct pair_key){fg, bg};
    return ++t->npairs;
}

static const struct style_slot *style_of(struct term *t, uint16_t style)
{
    int role = STYLE_ROLE(style), over = STYLE_OVER(style);
    if (role >= ROLE_COUNT) role = ROLE_TEXT;
    if (over >= ROLE_COUNT) over = 0;
    struct style_slot *s = &t->styles[role * ROLE_COUNT + over];
    if (!s->known) {
        struct term_style ts = theme_resolve(&t->theme, t->depth, role, over);
        s->known = true;
        s->pair = t->depth == DEPTH_MONO ? 0 : pair_of(t, ts.fg, ts.bg);
        s->attrs = (ts.attrs & TA_BOLD ? A_BOLD : 0) | (ts.attrs & TA_DIM ? A_DIM : 0) | (ts.attrs & TA_ITALIC ? A_ITALIC : 0) |
                   (ts.attrs & TA_UNDERLINE ? A_UNDERLINE : 0) | (ts.attrs & TA_REVERSE ? A_REVERSE : 0);
    }
    return s;
}

static void put_cell(struct term *t, const struct canvas *c, const struct ccell *p, int x, int y)
{
    wchar_t w[CELL_MARKS + 1] = {0};
    const struct style_slot *s = style_of(t, p->style);
    if (p->ch & CELL_EXTRA) {
        const struct ccell_extra *e = &c->extra[p->ch & ~CELL_EXTRA];
        for (int i = 0; i < CELL_MARKS; i++) w[i] = (wchar_t)e->cp[i];
    } else w[0] = (wchar_t)p->ch;
    int pair = s->pair;
    cchar_t cc;
    if (setcchar(&cc, w, s->attrs, 0, &pair) == OK && mvwadd_wch(stdscr, y, x, &cc) == OK) return;
    if (x == t->w - 1 && y == t->h - 1) return;               /* the last cell: written, only the cursor could not move on */
    w[0] = '?';
    w[1] = 0;
    if (setcchar(&cc, w, s->attrs, 0, &pair) == OK) mvwadd_wch(stdscr, y, x, &cc);
}

void term_flush(struct term *t, const struct canvas *c, int cursor_x, int cursor_y)
{
    if (t->left || !c->cells) return;
    bool all = t->redraw || t->shown.w != c->w || t->shown.h != c->h;
    if (all && !canvas_resize(&t->shown, c->w, c->h)) return;
    if (all) {
        clearok(curscr, TRUE);
        erase();
    }
    bool changed = all;
    for (int y = 0; y < c->h && y < t->h; y++) {
        const struct ccell *now = &c->cells[(size_t)y * (size_t)c->w];
        struct ccell *old = &t->shown.cells[(size_t)y * (size_t)c->w];
        if (!all && !memcmp(now, old, sizeof *now * (size_t)c->w)) continue;
        changed = true;
        for (int x = 0; x < c->w && x < t->w; x++) {
            if (!all && !memcmp(&now[x], &old[x], sizeof *now)) continue;
            if (now[x].width == 0) continue;                   /* painted with its left half */
            put_cell(t, c, &now[x], x, y);
            /* a wide character that went away took the cell beside it along */
            if (old[x].width == 2 && now[x].width == 1 && x + 1 < c->w && now[x + 1].width == 1) put_cell(t, c, &now[x + 1], x + 1, y);
        }
        memcpy(old, now, sizeof *now * (size_t)c->w);
    }
    t->redraw = false;
    if (!changed && cursor_x == t->cursor_x && cursor_y == t->cursor_y) return;
    frame_begin(t);
    if ((cursor_x < 0) != (t->cursor_x < 0)) curs_set(cursor_x >= 0);
    t->cursor_x = cursor_x;
    t->cursor_y = cursor_y;
    leaveok(stdscr, cursor_x < 0);                             /* hidden: no bytes to park it */
    if (cursor_x >= 0) wmove(stdscr, cursor_y, cursor_x);
    wnoutrefresh(stdscr);
    doupdate();
    frame_end(t);
}

void term_redraw(struct term *t)
{
    t->redraw = true;
}

int term_fd(const struct term *t)
{
    (void)t;
    return STDIN_FILENO;
}

int term_signal_fd(const struct term *t)
{
    (void)t;
    return rescue_signal_fd();
}

bool term_read(struct term *t)
{
    return term_input_read(&t->in, STDIN_FILENO);
}

bool term_next(struct term *t, bool final, struct input *in)
{
    return term_input_next(&t->in, final, in);
}

int term_pending_ms(const struct term *t)
{
    return term_input_pending_ms(&t->in);
}

enum term_signal term_signal(struct term *t)
{
    enum term_signal sig;
    do {
        sig = rescue_signal();
    } while (sig == TERM_SIG_CONT && t->painted_after_stop && !(t->painted_after_stop = false));
    if (sig == TERM_SIG_RESIZE) update_size(t);
    return sig;
}

bool term_left(const struct term *t)
{
    return t->left;
}

void term_leave(struct term *t)
{
    if (t->left) return;
    rescue_modes(false);
    modes(t, false);
    end_curses(t);
    show_cursor(t);
    rescue_arm(false);
    t->left = true;
}

void term_enter(struct term *t)
{
    if (!t->left) return;
    t->left = false;
    reset_prog_mode();
    rescue_arm(true);
    keypad(stdscr, TRUE);
    modes(t, true);
    curs_set(t->cursor_x >= 0);
    update_size(t);
    clearok(curscr, TRUE);
    t->redraw = true;
}

void term_suspend(struct term *t)
{
    term_leave(t);
    raise(SIGSTOP);
    term_enter(t);
    t->painted_after_stop = true;          /* the SIGCONT that woke us asks for nothing more */
}

void term_copy(struct term *t, const char *text, size_t len)
{
    static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!xterm_like() || len > 50000) return;                  /* terminals cut longer ones */
    size_t cap = 16 + (len + 2) / 3 * 4, n = 0;
    char *out = mem_alloc(cap);
    if (!out) return;
    memcpy(out, "\x1b]52;c;", 7);
    n = 7;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)text[i] << 16 | (i + 1 < len ? (uint32_t)(unsigned char)text[i + 1] << 8 : 0) |
                     (i + 2 < len ? (unsigned char)text[i + 2] : 0);
        out[n++] = b64[v >> 18];
        out[n++] = b64[v >> 12 & 63];
        out[n++] = i + 1 < len ? b64[v >> 6 & 63] : '=';
        out[n++] = i + 2 < len ? b64[v & 63] : '=';
    }
    out[n++] = '\a';
    send_raw(t, out, n);
    mem_free(out);
}

void term_title(struct term *t, const char *clean)
{
    if (!xterm_like()) return;
    send_raw(t, "\x1b]2;", 4);
    send_raw(t, clean, strlen(clean));
    send_raw(t, "\a", 1);
}
