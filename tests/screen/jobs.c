/* Plays cases, several side by side, and prints TAP. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/screen/script.h"

/* The first line of a case says what it shows. */
static void title(const char *path, char *buf, size_t size)
{
    FILE *f = fopen(path, "r");
    char line[300] = "";
    if (f && fgets(line, sizeof line, f)) line[strcspn(line, "\n")] = '\0';
    if (f) fclose(f);
    snprintf(buf, size, "%s", line + strspn(line, "# "));
}

/* A case that fails while others keep the machine busy is played once more, alone, at the end: AGAIN_MAX of them at most, and
 * each is named. What is broken fails twice; more than a few at once are no accident. */
#define AGAIN_MAX 4

struct job { pid_t pid; const char *path; FILE *out; int status; };

static void show_output(struct job *j)
{
    char buf[65536];
    rewind(j->out);
    for (size_t n; (n = fread(buf, 1, sizeof buf, j->out)) > 0;) fwrite(buf, 1, n, stdout);
    fclose(j->out);
}

static const char *base_name(const char *path)
{
    const char *base = strrchr(path, '/');
    return base ? base + 1 : path;
}

static bool went_well(const struct job *j) { return WIFEXITED(j->status) && WEXITSTATUS(j->status) == 0; }

static void report(struct job *j, int number, bool second, int *failed)
{
    char what[300];
    title(j->path, what, sizeof what);
    printf("%sok %d - %s: %s%s\n", went_well(j) ? "" : "not ", number, base_name(j->path), what, second ? " # the second time" : "");
    if (WIFSIGNALED(j->status)) printf("# the player was ended by signal %d\n", WTERMSIG(j->status));
    *failed += !went_well(j);
    show_output(j);
    fflush(stdout);
}

static void start_job(struct job *j, const char *path, const char *strata, const char *sim)
{
    *j = (struct job){.path = path, .out = tmpfile()};
    fflush(stdout);
    j->pid = fork();
    if (j->pid == 0) {
        dup2(fileno(j->out), STDOUT_FILENO);
        dup2(fileno(j->out), STDERR_FILENO);
        _exit(script_play(j->path, strata, sim));
    }
}

static void play_again(struct job *late, size_t n, int *done, const char *strata, const char *sim, int *failed)
{
    for (size_t i = 0; i < n; i++) {
        if (n > AGAIN_MAX) {
            report(&late[i], ++*done, false, failed);
            continue;
        }
        printf("# %s failed beside others and is played again, alone:\n", base_name(late[i].path));
        show_output(&late[i]);
        start_job(&late[i], late[i].path, strata, sim);
        waitpid(late[i].pid, &late[i].status, 0);
        report(&late[i], ++*done, true, failed);
    }
}

int main(int argc, char **argv)
{
    const char *strata = getenv("STRATA") ? getenv("STRATA") : "./strata", *sim = getenv("STRATA_SIM") ? getenv("STRATA_SIM") : "./strata-sim";
    int jobs = 1, opt, failed = 0, done = 0;
    struct job job[16] = {{0}};
    while ((opt = getopt(argc, argv, "j:")) != -1)
        if (opt == 'j') jobs = atoi(optarg);
    if (jobs < 1) jobs = 1;
    if (jobs > 16) jobs = 16;
    char *full = realpath(strata, NULL), *full_sim = realpath(sim, NULL);
    if (!full) return fprintf(stderr, "play: %s: %s\n", strata, strerror(errno)), 2;
    if (full_sim) sim = full_sim;
    signal(SIGPIPE, SIG_IGN);
    int n = argc - optind, next = 0;
    struct job *late = calloc((size_t)n + 1, sizeof *late);
    size_t nlate = 0;
    if (!late) return 2;
    printf("1..%d\n", n);
    fflush(stdout);
    for (int live = 0; live || next < n;) {
        while (live < jobs && next < n) {
            struct job *j = job;
            while (j->pid) j++;
            start_job(j, argv[optind + next++], full, sim);
            live++;
        }
        int status;
        pid_t pid = wait(&status);
        for (int i = 0; i < jobs; i++)
            if (job[i].pid == pid) {
                job[i].status = status;
                if (went_well(&job[i])) report(&job[i], ++done, false, &failed);
                else late[nlate++] = job[i];
                job[i].pid = 0;
                live--;
            }
    }
    play_again(late, nlate, &done, full, sim, &failed);
    free(late);
    free(full);
    free(full_sim);
    return failed ? 1 : 0;
}
