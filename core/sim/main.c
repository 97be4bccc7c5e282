/* strata-sim: the demo cloud as a program of its own. Prints "ready DIR" when DIR/kubeconfig and DIR/clouds.yaml are there. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sim/scenario.h"
#include "core/sim/sim.h"
#include "core/sim/world_cause.h"
#include "strata/clock.h"

static const char usage[] =
    "usage: strata-sim [--dir DIR] [--port-file FILE] [--pods N] [--servers N] [--churn RATE] [--seed N] [--history N] [--fault JSON]...\n"
    "  --dir DIR       where kubeconfig, clouds.yaml and sim.json go (default: a directory of its own, removed at the end)\n"
    "  --port-file F   write the ports of Kubernetes and OpenStack there\n"
    "  --pods N        so many more pods; --servers N: so many more servers\n"
    "  --churn RATE    changes of pods a second\n"
    "  --seed N        the same names and ids every time\n"
    "  --scenario NAME what happens by itself (--list-scenarios)\n"
    "  --speed N       the machines work N times faster than in life\n"
    "  --history N     changes a watch can look back at (default 8192, with --churn at least a minute)\n"
    "  --fault JSON    {\"kind\":\"latency|status|cut|silent|endless|malformed|hostile|close|skew|refuse|expire|compact\", \"on\":\"kube|openstack|CLUSTER\",\n"
    "                  \"prefix\":PATH, \"method\":M, \"skip\":N, \"count\":N, \"ms\":N, \"status\":N, \"retry_after\":S, \"bytes\":N}\n"
    "Faults can be set while it runs: POST the JSON to \"control\" of sim.json with its secret as X-Sim-Secret; DELETE clears them.\n"
    "Ends with its parent, when the pipe at its standard input is closed, or on SIGTERM.\n";

static const struct option options[] = {
    {"dir", required_argument, NULL, 'd'}, {"port-file", required_argument, NULL, 'P'}, {"pods", required_argument, NULL, 'p'},
    {"servers", required_argument, NULL, 's'}, {"churn", required_argument, NULL, 'c'}, {"seed", required_argument, NULL, 'r'},
    {"history", required_argument, NULL, 'H'}, {"scenario", required_argument, NULL, 'S'},
    {"speed", required_argument, NULL, 'v'}, {"list-scenarios", no_argument, NULL, 'L'}, {"fault", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0},
};

/* The whole text is a number from least to most. */
static bool number(const char *text, double least, double most, double *out)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !(v >= least && v <= most))
        return false;
    *out = v;
    return true;
}

static bool count(const char *text, double most, double *out)
{
    return number(text, 0, most, out) && *out == (double)(int64_t)*out;
}

static int fail(const char *what)
{
    fprintf(stderr, "strata-sim: %s\n", what);
    return 2;
}

static const char *temp_dir(void)
{
    const char *tmp = getenv("TMPDIR");
    return tmp && *tmp ? tmp : "/tmp";
}

/* Says what went wrong. */
static bool make_dir(struct world *w)
{
    bool there;
    if (!w->dir) {
        files_sweep(temp_dir());
        w->own_dir = sim_printf("%s/strata-sim.XXXXXX", temp_dir());
        there = (w->dir = mkdtemp(w->own_dir)) != NULL;
    } else if ((there = mkdir(w->dir, 0700) == 0)) {
        w->own_dir = sim_strdup(w->dir);
    } else {
        there = errno == EEXIST;
    }
    if (!there)
        fprintf(stderr, "strata-sim: cannot make a directory in %s: %s\n", w->dir ? w->dir : temp_dir(), strerror(errno));
    return there && files_own(w);
}

static int end_early(struct world *w, const char *what)
{
    files_remove(w);
    fprintf(stderr, "strata-sim: %s\n", what);
    return 1;
}

static bool write_ports(const struct world *w, const char *path)
{
    FILE *f = path ? fopen(path, "we") : NULL;
    if (!f)
        return path == NULL;
    fprintf(f, "%d %d\n", w->mgmt->port, w->cloud->port);
    return fclose(f) == 0;
}

/* An option is its whole name: what is added later must not change what a short one meant. */
static const char *abbreviated(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        size_t n = strcspn(argv[i] + 2 * !strncmp(argv[i], "--", 2), "=");
        bool known = strncmp(argv[i], "--", 2) != 0;
        for (const struct option *o = options; o->name && !known; o++)
            known = strlen(o->name) == n && !strncmp(o->name, argv[i] + 2, n);
        if (!known)
            return argv[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct world *w = sim_alloc(sizeof(*w));
    bool history = false;
    const char *port_file = NULL, *scenario = NULL, *bad;
    double v;
    json_t *spec;
    pid_t parent = getppid();
    int c;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        return 0;
    signal(SIGPIPE, SIG_IGN);
    json_object_seed(1);
    world_init(w);
    if ((bad = abbreviated(argc, argv))) {
        fprintf(stderr, "strata-sim: no option is called %s; strata-sim --help lists them\n", bad);
        return 2;
    }
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'd': w->dir = optarg; break;
        case 'P': port_file = optarg; break;
        case 'p':
            if (!count(optarg, 1e6, &v))
                return fail("--pods wants a number from 0 to 1000000");
            w->pods = (int)v;
            break;
        case 's':
            if (!count(optarg, 1e6, &v))
                return fail("--servers wants a number from 0 to 1000000");
            w->servers = (int)v;
            break;
        case 'c':
            if (!number(optarg, 0, 1e5, &w->churn))
                return fail("--churn wants a number from 0 to 100000");
            break;
        case 'r':
            if (!count(optarg, 9e15, &v))
                return fail("--seed wants a whole number, 0 or more");
            w->seed = (uint64_t)v;
            break;
        case 'H':
            if (!count(optarg, 1e7, &v) || v < 1)
                return fail("--history wants a number from 1 to 10000000");
            w->history_cap = (size_t)v;
            history = true;
            break;
        case 'f':
            spec = json_loads(optarg, 0, NULL);
            bad = spec ? fault_add(w, spec) : "--fault wants JSON";
            json_decref(spec);
            if (bad)
                return fail(bad);
            break;
        case 'S': scenario = optarg; break;
        case 'v':
            if (!number(optarg, 0.01, 1000, &w->speed))
                return fail("--speed wants a number from 0.01 to 1000");
            break;
        case 'L': scenario_list(); return 0;
        case 'h': fputs(usage, stdout); return 0;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "strata-sim: what is \"%s\"? A directory is given with --dir; --help lists the options\n", argv[optind]);
        return 2;
    }
    if (!history && w->churn * 60 > (double)w->history_cap)
        w->history_cap = (size_t)(w->churn * 60);              /* a list may take that long before it is watched */
    if (!(w->scenario = scenario_find(scenario)))
        return 2;
    sigset_t held;
    world_hold_signals(&held);                                 /* from now on there is something to clean up */
    if (!make_dir(w)) {
        if (w->own_dir)
            rmdir(w->own_dir);
        return 1;
    }
    if (!world_open(w))
        return end_early(w, "cannot make a certificate");
    for (size_t i = 0; i < w->nrealms; i++)
        if (!sim_listen(w->realm[i]))
            return end_early(w, "cannot listen on 127.0.0.1: no free port, or too many files are open");
    if (!vm_open(w))
        return end_early(w, "cannot listen on 127.0.0.1: no free port, or too many files are open");
    world_seed(w);
    if (!scenario_start(w, w->scenario))
        return end_early(w, "the scenario is faulty");
    if (!files_write(w) || !write_ports(w, port_file))
        return end_early(w, "cannot write its files");
    printf("ready %s\nexport KUBECONFIG=%s/kubeconfig OS_CLIENT_CONFIG_FILE=%s/clouds.yaml OS_CLIENT_SECURE_FILE=%s/secure.yaml OS_CLOUD=demo\n",
           w->dir, w->dir, w->dir, w->dir);
    fflush(stdout);
    int rc = world_run(w);
    files_remove(w);
    return rc;
}
