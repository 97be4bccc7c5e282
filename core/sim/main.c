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

#include "core/sim/sim.h"
#include "strata/clock.h"

static const char usage[] =
    "usage: strata-sim [--dir DIR] [--port-file FILE] [--pods N] [--servers N] [--churn RATE] [--seed N] [--history N] [--fault JSON]...\n"
    "  --dir DIR       where kubeconfig, clouds.yaml and sim.json go (default: a directory of its own, removed at the end)\n"
    "  --port-file F   write the ports of Kubernetes and OpenStack there\n"
    "  --pods N        so many more pods; --servers N: so many more servers\n"
    "  --churn RATE    changes of pods a second\n"
    "  --seed N        the same names and ids every time\n"
    "  --history N     changes a watch can look back at (default 8192)\n"
    "  --fault JSON    {\"kind\":\"latency|status|cut|silent|endless|malformed|close|skew|refuse|expire|compact\", \"on\":\"kube|openstack\",\n"
    "                  \"prefix\":PATH, \"method\":M, \"skip\":N, \"count\":N, \"ms\":N, \"status\":N, \"retry_after\":S, \"bytes\":N}\n"
    "Faults can be set while it runs: POST the JSON to \"control\" of sim.json with its secret as X-Sim-Secret; DELETE clears them.\n"
    "Ends with its parent, at the end of standard input, or on SIGTERM.\n";

static const struct option options[] = {
    {"dir", required_argument, NULL, 'd'}, {"port-file", required_argument, NULL, 'P'}, {"pods", required_argument, NULL, 'p'},
    {"servers", required_argument, NULL, 's'}, {"churn", required_argument, NULL, 'c'}, {"seed", required_argument, NULL, 'r'},
    {"history", required_argument, NULL, 'H'}, {"fault", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0},
};

static int fail(const char *what)
{
    fprintf(stderr, "strata-sim: %s\n", what);
    return 2;
}

static bool make_dir(struct sim *s)
{
    if (s->dir)
        return mkdir(s->dir, 0700) == 0 || errno == EEXIST;
    const char *tmp = getenv("TMPDIR");
    s->own_dir = sim_printf("%s/strata-sim.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    s->dir = mkdtemp(s->own_dir);
    return s->dir != NULL;
}

static bool secrets(struct sim *s)
{
    uint64_t seed = s->seed, random = 0;
    FILE *f = fopen("/dev/urandom", "rbe");
    if (!f || fread(&random, sizeof(random), 1, f) != 1)
        random = (uint64_t)clock_mono_us() ^ ((uint64_t)getpid() << 32);
    if (f)
        fclose(f);
    static const struct { const char *name; char role; } who[] = {{"admin", 'a'}, {"viewer", 'v'}, {"ns-only", 'n'}, {"nobody", 0}};
    s->seed = random;                                          /* secrets are never the same twice, names may be */
    hex_id(s, s->secret, 32);
    for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
        char *token = sim_alloc(33);
        hex_id(s, token, 32);
        s->users[i] = (struct user){who[i].name, token, who[i].role};
    }
    s->password = sim_alloc(21);
    hex_id(s, s->password, 20);
    s->appcred_id = sim_alloc(33);
    hex_id(s, s->appcred_id, 32);
    s->appcred_secret = sim_alloc(41);
    hex_id(s, s->appcred_secret, 40);
    bool ok = tls_make(s);
    s->seed = seed ? seed : random;
    return ok;
}

static bool write_ports(const struct sim *s, const char *path)
{
    FILE *f = path ? fopen(path, "we") : NULL;
    if (!f)
        return path == NULL;
    fprintf(f, "%d %d\n", s->port[SIDE_KUBE], s->port[SIDE_OSTK]);
    return fclose(f) == 0;
}

int main(int argc, char **argv)
{
    struct sim *s = sim_alloc(sizeof(*s));
    const char *port_file = NULL, *bad;
    json_t *spec;
    pid_t parent = getppid();
    int c;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        return 0;
    signal(SIGPIPE, SIG_IGN);
    json_object_seed(1);
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'd': s->dir = optarg; break;
        case 'P': port_file = optarg; break;
        case 'p': s->pods = atoi(optarg); break;
        case 's': s->servers = atoi(optarg); break;
        case 'c': s->churn = atof(optarg); break;
        case 'r': s->seed = strtoull(optarg, NULL, 10); break;
        case 'H': s->history_cap = strtoul(optarg, NULL, 10); break;
        case 'f':
            spec = json_loads(optarg, 0, NULL);
            bad = spec ? fault_add(s, spec) : "--fault wants JSON";
            json_decref(spec);
            if (bad)
                return fail(bad);
            break;
        case 'h': fputs(usage, stdout); return 0;
        default: fputs(usage, stderr); return 2;
        }
    }
    if (!make_dir(s))
        return fail("cannot make its directory");
    if (!secrets(s))
        return fail("cannot make a certificate");
    kube_init(s);
    ostk_init(s);
    for (int i = 0; i < SIDES; i++)
        if (!sim_listen(s, (enum side)i))
            return fail("cannot listen on 127.0.0.1");
    kube_seed(s);
    ostk_seed(s);
    s->start_ms = clock_wall_ms();
    ctl_start(s);
    if (!files_write(s) || !write_ports(s, port_file))
        return fail("cannot write its files");
    printf("ready %s\n", s->dir);
    fflush(stdout);
    int rc = sim_run(s);
    files_remove(s);
    return rc;
}
