/* Plays case files on a pseudo-terminal: play [-j N] CASE... prints TAP. What a case file may say: tests/screen/README. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/screen/script.h"

#define DEFAULT_DEADLINE_MS 15000

static struct script *running;            /* of this process: what die() reports */

/* ---- ends ---- */

static void script_end(struct script *s)
{
    tty_free(&s->tty);
    for (int i = 0; i < s->nsims; i++) {
        kill(s->sims[i], SIGTERM);
        waitpid(s->sims[i], NULL, 0);
    }
    char cmd[200];
    snprintf(cmd, sizeof cmd, "rm -rf -- '%s'", s->home);
    if (*s->home && system(cmd)) fprintf(stderr, "play: %s is left\n", s->home);
}

static void dump(const struct tty *t, const char *prefix)
{
    char line[16384];
    if (!t->vt) return;
    printf("%sscreen %dx%d, %s:\n", prefix, t->w, t->h, t->ended ? "program has ended" : "program runs");
    for (int row = 0; row < t->h; row++) {
        tty_text(t, row, 0, t->w, line, sizeof line);
        printf("%s|%s\n", prefix, line);
    }
}

void die(const char *fmt, ...)
{
    va_list ap;
    printf("# %s:%d: %s\n# ", running->path, running->line_no, running->line ? running->line : "");
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    dump(&running->tty, "# ");
    fflush(stdout);
    script_end(running);
    _exit(1);
}

/* ---- the environment ---- */

static int env_at(const struct script *s, const char *name, size_t n)
{
    for (int i = 0; i < s->nenv; i++)
        if (!strncmp(s->env[i], name, n) && s->env[i][n] == '=') return i;
    return -1;
}

void script_set(struct script *s, const char *name, const char *value)
{
    int at = env_at(s, name, strlen(name));
    char *e;
    if (asprintf(&e, "%s=%s", name, value) < 0) die("out of memory");
    if (at >= 0) free(s->env[at]);
    else if (s->nenv == ENV_MAX - 1) die("too many variables");
    else at = s->nenv++;
    s->env[at] = e;
}

static void unset(struct script *s, const char *name)
{
    int at = env_at(s, name, strlen(name));
    if (at < 0) return;
    free(s->env[at]);
    s->env[at] = s->env[--s->nenv];
    s->env[s->nenv] = NULL;
}

int64_t script_until(const struct script *s)
{
    return now_ms() + s->deadline_ms;
}

/* ${NAME} becomes its value; nothing else is special. */
static void expand(struct script *s, const char *in, char *out, size_t size)
{
    size_t n = 0;
    while (*in && n + 1 < size) {
        const char *end = in[0] == '$' && in[1] == '{' ? strchr(in, '}') : NULL;
        if (!end) {
            out[n++] = *in++;
            continue;
        }
        int at = env_at(s, in + 2, (size_t)(end - in - 2));
        if (at < 0) die("no variable: %.*s", (int)(end - in + 1), in);
        int k = snprintf(out + n, size - n, "%s", strchr(s->env[at], '=') + 1);
        n += (size_t)k;
        if (n >= size) die("the step is too long");
        in = end + 1;
    }
    out[n] = '\0';
}

static void first_environment(struct script *s)
{
    static const char *const pass[] = {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "STRATA_LAB", "LAB_STATE"};
    char dir[200];
    for (size_t i = 0; i < sizeof pass / sizeof *pass; i++)
        if (getenv(pass[i])) script_set(s, pass[i], getenv(pass[i]));
    for (char **e = environ; *e; e++) {
        char name[64];
        if (strncmp(*e, "STORY_", 6) || strcspn(*e, "=") >= sizeof name) continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
        script_set(s, name, getenv(name));
    }
    script_set(s, "HOME", s->home);
    script_set(s, "TERM", "xterm-256color");
    script_set(s, "LANG", "C.UTF-8");
    script_set(s, "TZ", "UTC");
    script_set(s, "PS1", "sh> ");
    script_set(s, "STRATA", s->strata);
    static const char *const xdg[][2] = {{"XDG_CONFIG_HOME", ".config"}, {"XDG_STATE_HOME", ".state"}, {"XDG_CACHE_HOME", ".cache"}, {"XDG_DATA_HOME", ".data"}};
    for (size_t i = 0; i < 4; i++) {
        snprintf(dir, sizeof dir, "%s/%s", s->home, xdg[i][1]);
        script_set(s, xdg[i][0], dir);
    }
}

/* ---- steps: the setting ---- */

static void do_size(struct script *s, char *args)
{
    if (sscanf(args, "%dx%d", &s->w, &s->h) != 2) die("size WIDTHxHEIGHT");
}

static void do_env(struct script *s, char *args)
{
    char *eq = strchr(args, '=');
    if (!eq) die("env NAME=VALUE");
    *eq = '\0';
    script_set(s, args, eq + 1);
}

static void do_unenv(struct script *s, char *args) { unset(s, args); }
static void do_background(struct script *s, char *args) { snprintf(s->background, sizeof s->background, "%s", args); }

static void do_deadline(struct script *s, char *args)
{
    const char *slow = getenv("STRATA_SLOW");
    s->deadline_ms = atoi(args) * 1000 * (slow && atoi(slow) > 0 ? atoi(slow) : 1);
}

/* file PATH (below the home), its lines, `end` */
static void do_file(struct script *s, char *args)
{
    char path[400], line[4096], out[8192];
    snprintf(path, sizeof path, "%s/%s", s->home, args);
    for (char *p = path + strlen(s->home) + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
    FILE *f = fopen(path, "w");
    if (!f) die("%s: %s", path, strerror(errno));
    for (;;) {
        if (!fgets(line, sizeof line, s->f)) die("file without end");
        s->line_no++;
        if (!strcmp(line, "end\n")) break;
        expand(s, line, out, sizeof out);
        fputs(out, f);
    }
    fclose(f);
}

/* The servers of this machine's environment: a lab's. */
static void do_lab(struct script *s, char *args)
{
    static const char *const names[] = {"KUBECONFIG", "OS_CLIENT_CONFIG_FILE", "OS_CLOUD"};
    (void)args;
    for (size_t i = 0; i < 3; i++) {
        if (!getenv(names[i])) die("%s is not set", names[i]);
        script_set(s, names[i], getenv(names[i]));
    }
}

static void sim_variables(struct script *s);

/* A demo cloud of its own: sim ARGS */
static void do_sim(struct script *s, char *args)
{
    char cmd[8192], dir[160], buf[1024] = "";
    int out[2], in[2];
    if (s->nsims == SIM_MAX) die("too many demo clouds");
    snprintf(dir, sizeof dir, "%s/sim%d", s->home, s->nsims);
    mkdir(dir, 0700);
    snprintf(cmd, sizeof cmd, "exec '%s' --dir '%s' %s", s->sim, dir, args);
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(in, O_CLOEXEC) < 0) die("no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);                                       /* it ends with its standard input: with this process */
        dup2(out[1], 1);
        dup2(out[1], 2);
        execl("/bin/sh", "sh", "-c", cmd, (char *)NULL);
        _exit(127);
    }
    close(out[1]), close(in[0]);
    s->sims[s->nsims++] = pid;
    int64_t until = script_until(s);
    for (size_t n = 0; !strstr(buf, "ready ");) {
        struct pollfd p = {.fd = out[0], .events = POLLIN};
        int64_t left = until - now_ms();
        ssize_t k = left > 0 && poll(&p, 1, (int)left) > 0 ? read(out[0], buf + n, sizeof buf - 1 - n) : 0;
        if (k <= 0) die("the demo cloud did not start: %s", buf);
        buf[n += (size_t)k] = '\0';
    }
    char name[32], path[200];
    snprintf(name, sizeof name, "SIM%d_PID", s->nsims - 1);
    snprintf(path, sizeof path, "%d", (int)pid);
    script_set(s, name, path);
    if (s->nsims > 1) return;                                 /* the first one is what strata finds */
    script_set(s, "SIM", dir);
    snprintf(path, sizeof path, "%s/kubeconfig", dir);
    script_set(s, "KUBECONFIG", path);
    snprintf(path, sizeof path, "%s/clouds.yaml", dir);
    script_set(s, "OS_CLIENT_CONFIG_FILE", path);
    if (env_at(s, "OS_CLOUD", 8) < 0) script_set(s, "OS_CLOUD", "demo");
    sim_variables(s);
}

/* ---- steps: programs ---- */

static void start(struct script *s, const char *command)
{
    char *argv[] = {"/bin/sh", "-c", (char *)command, NULL};
    if (!command) argv[1] = "-i", argv[2] = NULL;
    tty_free(&s->tty);
    memcpy(s->tty.background, s->background, sizeof s->background);
    s->env[s->nenv] = NULL;
    tty_start(&s->tty, s->w, s->h, argv, s->env, s->home);
}

static void do_run(struct script *s, char *args)
{
    char cmd[8192];
    snprintf(cmd, sizeof cmd, "exec \"$STRATA\" %s", args);
    start(s, cmd);
}

static void do_pipe(struct script *s, char *args) { start(s, args); }
static void do_shell(struct script *s, char *args) { (void)args; start(s, NULL); }      /* with job control */

/* Runs a command outside the terminal, which is served meanwhile; its output in buf. Returns the exit status. */
static int outside(struct script *s, const char *command, char *buf, size_t size)
{
    int out[2], status;
    size_t n = 0;
    if (pipe(out) < 0) die("no pipe");
    s->env[s->nenv] = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(out[1], 1);
        dup2(out[1], 2);
        close(out[0]), close(out[1]);
        if (chdir(s->home)) _exit(126);
        execle("/bin/sh", "sh", "-c", command, (char *)NULL, s->env);
        _exit(127);
    }
    close(out[1]);
    int64_t until = script_until(s) + 60000;
    for (;;) {
        struct pollfd p[2] = {{.fd = out[0], .events = POLLIN}, {.fd = s->tty.vt && !s->tty.ended ? s->tty.fd : -1, .events = POLLIN}};
        char scratch[4096];
        if (now_ms() > until) {
            kill(pid, SIGKILL);
            die("the command does not end");
        }
        poll(p, 2, 100);
        if (p[1].revents) tty_pump(&s->tty, 0);
        if (!(p[0].revents & (POLLIN | POLLHUP))) continue;
        ssize_t k = read(out[0], scratch, sizeof scratch);
        if (k <= 0) break;
        if (n + (size_t)k < size) memcpy(buf + n, scratch, (size_t)k), n += (size_t)k;
    }
    close(out[0]);
    waitpid(pid, &status, 0);
    while (n && buf[n - 1] == '\n') n--;
    buf[n] = '\0';
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void do_sh(struct script *s, char *args)
{
    char buf[4096];
    int rc = outside(s, args, buf, sizeof buf);
    if (rc) die("exit status %d: %s", rc, buf);
}

static void do_until(struct script *s, char *args)
{
    char buf[4096];
    int64_t until = script_until(s);
    for (int rc; (rc = outside(s, args, buf, sizeof buf));) {
        if (now_ms() > until) die("exit status still %d: %s", rc, buf);
        int64_t next = now_ms() + 200;
        while (now_ms() < next) tty_pump(&s->tty, 50);
    }
}

/* set NAME COMMAND: its output becomes a variable */
static void do_set(struct script *s, char *args)
{
    char buf[65536], *name = strsep(&args, " ");
    if (!args) die("set NAME COMMAND");
    int rc = outside(s, args, buf, sizeof buf);
    if (rc) die("exit status %d: %.400s", rc, buf);
    script_set(s, name, buf);
}

static void json_variable(struct script *s, const char *name, const char *json, const char *key)
{
    char quoted[64], value[400];
    snprintf(quoted, sizeof quoted, "\"%s\": \"", key);
    const char *at = strstr(json, quoted);
    if (!at) die("sim.json has no %s", key);
    at += strlen(quoted);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\""), at);
    script_set(s, name, value);
}

static void sim_variables(struct script *s)
{
    char json[4096], path[200];
    snprintf(path, sizeof path, "%s/sim0/sim.json", s->home);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(json, 1, sizeof json - 1, f) : 0;
    json[n] = '\0';
    if (f) fclose(f);
    json_variable(s, "SIM_CONTROL", json, "control");
    json_variable(s, "SIM_SECRET", json, "secret");
    json_variable(s, "SIM_KUBE", json, "kubernetes");
    json_variable(s, "SIM_TOKEN", json, "token");
}

/* fault JSON, fault clear */
static void do_fault(struct script *s, char *args)
{
    char cmd[4096];
    const char *how = !strcmp(args, "clear") ? "-X DELETE" : "-d", *what = *how == '-' && how[1] == 'd' ? args : "";
    snprintf(cmd, sizeof cmd, "curl -sS -f -k -H \"X-Sim-Secret: $SIM_SECRET\" %s%s%s%s \"$SIM_CONTROL\"", how, *what ? " '" : "", what, *what ? "'" : "");
    do_sh(s, cmd);
}

/* kube METHOD PATH [JSON]: a request to the demo cloud's Kubernetes */
static void do_kube(struct script *s, char *args)
{
    char cmd[8192], *method = strsep(&args, " "), *path = args ? strsep(&args, " ") : NULL;
    if (!path) die("kube METHOD PATH [JSON]");
    bool patch = !strcmp(method, "PATCH");
    snprintf(cmd, sizeof cmd, "curl -sS -f -k -H \"Authorization: Bearer $SIM_TOKEN\" -X %s -H 'Content-Type: application/%s' %s%s%s \"$SIM_KUBE%s\"",
             method, patch ? "merge-patch+json" : "json", args ? "-d '" : "", args ? args : "", args ? "'" : "", path);
    do_sh(s, cmd);
}

static int signal_number(const char *name)
{
    static const struct { const char *name; int n; } list[] = {
        {"TERM", SIGTERM}, {"HUP", SIGHUP}, {"INT", SIGINT}, {"QUIT", SIGQUIT}, {"KILL", SIGKILL}, {"STOP", SIGSTOP},
        {"TSTP", SIGTSTP}, {"CONT", SIGCONT}, {"WINCH", SIGWINCH}, {"SEGV", SIGSEGV}, {"ABRT", SIGABRT}, {"USR1", SIGUSR1},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (!strcmp(list[i].name, name)) return list[i].n;
    die("no signal is called %s", name);
}

static void do_signal(struct script *s, char *args)
{
    pid_t group = tcgetpgrp(s->tty.fd);
    if (group <= 1) die("nothing is in the foreground");
    kill(group == s->tty.pid ? s->tty.pid : -group, signal_number(args));
}

static void do_exit(struct script *s, char *args)
{
    if (!tty_wait_end(&s->tty, script_until(s))) die("the program does not end");
    if (!WIFEXITED(s->tty.status)) die("ended by signal %d", WTERMSIG(s->tty.status));
    if (WEXITSTATUS(s->tty.status) != atoi(args)) die("exit status %d", WEXITSTATUS(s->tty.status));
}

static void do_killed(struct script *s, char *args)
{
    if (!tty_wait_end(&s->tty, script_until(s))) die("the program does not end");
    if (!WIFSIGNALED(s->tty.status) || WTERMSIG(s->tty.status) != signal_number(args)) die("wait status %x", (unsigned)s->tty.status);
}

static void do_restored(struct script *s, char *args)
{
    const char *why = tty_not_restored(&s->tty);
    int64_t until = script_until(s);
    (void)args;
    while (why && now_ms() < until && !s->tty.ended) {
        tty_pump(&s->tty, 50);
        why = tty_not_restored(&s->tty);
    }
    if (why) die("%s", why);
}

/* no-raw BYTES (\e = escape): the program never wrote these bytes */
static void do_no_raw(struct script *s, char *args)
{
    char bytes[400];
    size_t n = 0;
    for (char *p = args; *p && n + 1 < sizeof bytes; p++)
        if (p[0] == '\\' && p[1] == 'e') bytes[n++] = '\x1b', p++;
        else if (p[0] == '\\' && p[1] == 'a') bytes[n++] = '\a', p++;
        else bytes[n++] = *p;
    bytes[n] = '\0';
    if (tty_raw_has(&s->tty, bytes)) die("these bytes were written to the terminal");
}

static void do_quiet(struct script *s, char *args)
{
    (void)args;
    if (s->tty.bells) die("the bell rang %d times", s->tty.bells);
}

static void do_dump(struct script *s, char *args) { (void)args; dump(&s->tty, "# "); fflush(stdout); }

/* ---- steps: keys ---- */

static const struct { const char *name; VTermKey key; } named_keys[] = {
    {"enter", VTERM_KEY_ENTER}, {"tab", VTERM_KEY_TAB}, {"backspace", VTERM_KEY_BACKSPACE}, {"esc", VTERM_KEY_ESCAPE},
    {"up", VTERM_KEY_UP}, {"down", VTERM_KEY_DOWN}, {"left", VTERM_KEY_LEFT}, {"right", VTERM_KEY_RIGHT}, {"ins", VTERM_KEY_INS},
    {"del", VTERM_KEY_DEL}, {"home", VTERM_KEY_HOME}, {"end", VTERM_KEY_END}, {"pgup", VTERM_KEY_PAGEUP}, {"pgdn", VTERM_KEY_PAGEDOWN},
    {"f1", VTERM_KEY_FUNCTION(1)}, {"f2", VTERM_KEY_FUNCTION(2)}, {"f5", VTERM_KEY_FUNCTION(5)}, {"f10", VTERM_KEY_FUNCTION(10)},
};

/* A person does not press a key within 40 ms of esc; a terminal would make alt-key of the two. */
static void after_esc(struct script *s)
{
    while (s->esc_ms && now_ms() < s->esc_ms + 60) tty_pump(&s->tty, 10);
    s->esc_ms = 0;
}

static void press(struct script *s, const char *name)
{
    const char *full = name;
    after_esc(s);
    if (!strcmp(name, "esc")) s->esc_ms = now_ms();
    VTermModifier mod = VTERM_MOD_NONE;
    for (;; name += strcspn(name, "-") + 1) {
        if (!strncmp(name, "ctrl-", 5) && name[5]) mod |= VTERM_MOD_CTRL;
        else if (!strncmp(name, "alt-", 4) && name[4]) mod |= VTERM_MOD_ALT;
        else if (!strncmp(name, "shift-", 6) && name[6]) mod |= VTERM_MOD_SHIFT;
        else break;
    }
    for (size_t i = 0; i < sizeof named_keys / sizeof *named_keys; i++)
        if (!strcmp(named_keys[i].name, name)) {
            vterm_keyboard_key(s->tty.vt, named_keys[i].key, mod);
            return;
        }
    if (!strcmp(name, "space")) name = " ";
    if (name[1]) die("no key is called %s", full);
    char c = *name;
    if ((mod & VTERM_MOD_SHIFT) && c >= 'a' && c <= 'z') c -= 32;
    if (mod & VTERM_MOD_CTRL) {
        c &= 31;
        if (mod & VTERM_MOD_ALT) tty_send(&s->tty, "\x1b", 1);
        tty_send(&s->tty, &c, 1);
        return;
    }
    vterm_keyboard_unichar(s->tty.vt, (uint32_t)(unsigned char)c, mod & VTERM_MOD_ALT);
}

static void do_key(struct script *s, char *args)
{
    char *save = NULL;
    if (!s->tty.vt) die("nothing runs");
    for (char *k = strtok_r(args, " ", &save); k; k = strtok_r(NULL, " ", &save)) press(s, k);
}

static void do_type(struct script *s, char *args) { after_esc(s), tty_send(&s->tty, args, strlen(args)); }

static void do_paste(struct script *s, char *args)
{
    vterm_keyboard_start_paste(s->tty.vt);
    tty_send(&s->tty, args, strlen(args));
    vterm_keyboard_end_paste(s->tty.vt);
}

/* click COLUMN ROW, as a terminal with SGR mouse sends it */
static void do_click(struct script *s, char *args)
{
    int x, y;
    char buf[64];
    if (sscanf(args, "%d %d", &x, &y) != 2) die("click COLUMN ROW");
    int n = snprintf(buf, sizeof buf, "\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x + 1, y + 1, x + 1, y + 1);
    tty_send(&s->tty, buf, (size_t)n);
}

static void do_resize(struct script *s, char *args)
{
    int w, h;
    if (sscanf(args, "%dx%d", &w, &h) != 2) die("resize WIDTHxHEIGHT");
    tty_resize(&s->tty, w, h);
}

static const struct step steps[] = {
    {"size", do_size}, {"env", do_env}, {"unenv", do_unenv}, {"background", do_background}, {"deadline", do_deadline},
    {"file", do_file}, {"lab", do_lab}, {"sim", do_sim}, {"run", do_run}, {"pipe", do_pipe}, {"shell", do_shell}, {"sh", do_sh},
    {"until", do_until}, {"fault", do_fault}, {"kube", do_kube}, {"set", do_set}, {"signal", do_signal}, {"exit", do_exit}, {"killed", do_killed},
    {"restored", do_restored}, {"no-raw", do_no_raw}, {"quiet", do_quiet}, {"dump", do_dump}, {"key", do_key}, {"type", do_type},
    {"paste", do_paste}, {"click", do_click}, {"resize", do_resize}, {0},
};

/* ---- a case ---- */

static const struct step *step_named(const char *name)
{
    for (const struct step *p = steps; p->name; p++)
        if (!strcmp(p->name, name)) return p;
    for (const struct step *p = look_steps; p->name; p++)
        if (!strcmp(p->name, name)) return p;
    return NULL;
}

static void play(struct script *s)
{
    char raw[4096], line[8192];
    while (fgets(raw, sizeof raw, s->f)) {
        s->line_no++;
        raw[strcspn(raw, "\n")] = '\0';
        char *p = raw + strspn(raw, " ");
        if (!*p || *p == '#') continue;
        s->line = p;
        expand(s, p, line, sizeof line);
        char *args = line, *name = strsep(&args, " ");
        const struct step *step = step_named(name);
        if (!step) die("no step is called %s", name);
        step->run(s, args ? args : "");
        s->line = NULL;
    }
}

int script_play(const char *path, const char *strata, const char *sim)
{
    struct script s = {.path = path, .strata = strata, .sim = sim, .w = 140, .h = 36};
    running = &s;
    do_deadline(&s, (char[]){"15"});
    s.f = fopen(path, "r");
    if (!s.f) die("%s", strerror(errno));
    snprintf(s.home, sizeof s.home, "%s/strata-screen.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(s.home)) die("no directory: %s", strerror(errno));
    first_environment(&s);
    play(&s);
    script_end(&s);
    fclose(s.f);
    for (int i = 0; i < s.nenv; i++) free(s.env[i]);
    return 0;
}
