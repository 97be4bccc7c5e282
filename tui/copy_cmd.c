/* `:cp SRC DST`: files to and from the selected pod, by strata cp itself on the terminal: its bar, its questions, its journal. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/stream.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/editor.h"

enum { WORDS = 12, ARGV = WORDS + 16 };

static size_t split(char *line, char **word)
{
    size_t n = 0;
    for (char *w; n < WORDS && (w = command_word(&line));) word[n++] = w;
    return n;
}

/* ":PATH" is in the selected pod. */
static bool full(const struct row *pod, const char *word, char *buf, size_t size)
{
    return snprintf(buf, size, "%s%s%s%s%s", *word == ':' ? pod->scope : "", *word == ':' ? "/" : "", *word == ':' ? pod->name : "", "", word) < (int)size;
}

static void other(void *arg, struct event *e) { app_event(arg, e); }

/* What it said at its end, a line. */
static void read_said(int fd, char *buf, size_t size)
{
    struct str clean;
    ssize_t n = read(fd, buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    str_init(&clean, 8192);
    text_clean(&clean, buf, strcspn(buf, "\n"), 0);
    snprintf(buf, size, "%s", clean.len ? clean.data : "");
    str_release(&clean);
}

static void wait_enter(void)
{
    char c;
    tcflush(STDIN_FILENO, TCIFLUSH);         /* what was typed while it ran is no answer */
    fputs("enter comes back to strata ", stdout);
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') continue;
}

static void run(struct app *a, char **argv, const char *what)
{
    char said[600] = "";
    int pipes[2], status = 0;
    struct err err = ERR_INIT;
    if (pipe2(pipes, O_CLOEXEC)) return app_error(a, "cp: %s", strerror(errno));
    term_leave(a->term);
    printf("strata: cp %s; ctrl-c cancels\n", what);
    fflush(stdout);
    int bad = child_run("/proc/self/exe", argv, pipes[1], a->core, other, a, &status);
    close(pipes[1]);
    read_said(pipes[0], said, sizeof said);
    close(pipes[0]);
    bool well = !bad && WIFEXITED(status) && !WEXITSTATUS(status);
    if (*said) printf("%s\n", said);
    if (!well && !bad) wait_enter();         /* it said why, there */
    term_enter(a->term);
    if (bad) err_set(&err, ERR_EXEC, bad, "cp cannot be started: %s", strerror(bad));
    else if (!well) err_set(&err, ERR_SERVER, 0, "cp %s: %s%s", what, *said ? "not all of it: " : "not done", said);
    app_notice(a, well ? HEALTH_OK : HEALTH_BAD, well ? said : err.msg);
    if (well) app_info(a, "%s", said);
    else app_error(a, "%s", err.msg);
    app_dirty(a);
}

/* posix_spawn takes them as char *, and writes none. */
static void arg(char **argv, size_t *n, const char *word) { argv[(*n)++] = (char *)(uintptr_t)word; }

static void run_cp(struct app *a, struct screen *s, const char *args)
{
    struct target t = {0};
    struct err err = ERR_INIT;
    char line[4096], ends[2][1400], *word[WORDS], *argv[ARGV], what[800];
    size_t n, nargs = 0, found = 0;
    (void)s;
    if (snprintf(line, sizeof line, "%s", args) >= (int)sizeof line) return app_error(a, "cp: the names are too long: use strata cp");
    n = split(line, word);
    if (!app_selected(a, &t) || strcmp(t.row->kind->id, "pods") != 0) {
        app_error(a, "files are copied to and from pods: select one");
        target_release(&t);
        return;
    }
    const struct source_info *src = app_source(a, t.row->source);
    arg(argv, &nargs, "strata");
    arg(argv, &nargs, "cp");
    arg(argv, &nargs, "--context"), arg(argv, &nargs, src ? src->name : "");
    if (a->opt->kubeconfig) arg(argv, &nargs, "--kubeconfig"), arg(argv, &nargs, a->opt->kubeconfig);
    if (a->opt->config_file) arg(argv, &nargs, "--config"), arg(argv, &nargs, a->opt->config_file);
    if (a->opt->read_only) arg(argv, &nargs, "--read-only");
    for (size_t i = 0; i < n; i++) {
        bool value = i && (!strcmp(word[i - 1], "-c") || !strcmp(word[i - 1], "--container"));
        if ((*word[i] == '-' && word[i][1]) || value) argv[nargs++] = word[i];
        else if (found < 2 && full(t.row, word[i], ends[found], sizeof ends[0])) argv[nargs++] = ends[found++];
        else found = 3;
    }
    argv[nargs] = NULL;
    bool up = found == 2 && !strchr(ends[0], ':'), there = found == 2 && (strchr(ends[0], ':') || strchr(ends[1], ':'));
    struct action_request rq = {.verb = core_stream_verb(up ? STREAM_UPLOAD : STREAM_DOWNLOAD), .row = t.row};
    snprintf(what, sizeof what, "%.380s %.380s", found == 2 ? ends[0] : "", found == 2 ? ends[1] : "");
    if (!there) app_error(a, ":cp SRC DST, one of them in a pod: \":cp :/etc/hosts .\" copies from the selected one");
    else if (core_may(a->core, &rq, &err)) app_error(a, "no cp: %s", err.msg);
    else run(a, argv, what);
    target_release(&t);
}

static bool on_pod(struct app *a, struct screen *s)
{
    struct target t = {0};
    bool pod = app_selected(a, &t) && !strcmp(t.row->kind->id, "pods");
    (void)s;
    target_release(&t);
    return pod;
}

const struct command copy_commands[] = {
    {"cp", NULL, "table", "[--force] [-c CONTAINER] SRC DST", "Copies a file or folder from or to the pod: its end is written :PATH.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_cp, on_pod},
    {0},
};
