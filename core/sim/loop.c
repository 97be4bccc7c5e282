/* The one loop: the HTTP daemons driven by epoll, timers in a heap, the end when the parent goes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sim/scenario.h"
#include "core/sim/sim.h"
#include "core/sim/wire.h"
#include "core/sim/world_cause.h"
#include "strata/clock.h"

void sim_after(struct sim *s, int64_t ms, sim_fn *fn, void *arg)
{
    struct world *w = s->world;
    w->timers = sim_grow(w->timers, &w->cap_timers, w->ntimers + 1, sizeof(*w->timers));
    size_t i = w->ntimers++;
    struct timer t = {clock_mono_ms() + ms, s, fn, arg};
    for (; i > 0 && w->timers[(i - 1) / 2].at > t.at; i = (i - 1) / 2)
        w->timers[i] = w->timers[(i - 1) / 2];
    w->timers[i] = t;
}

static struct timer timer_pop(struct world *w)
{
    struct timer top = w->timers[0], last = w->timers[--w->ntimers];
    size_t i = 0;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= w->ntimers)
            break;
        if (c + 1 < w->ntimers && w->timers[c + 1].at < w->timers[c].at)
            c++;
        if (w->timers[c].at >= last.at)
            break;
        w->timers[i] = w->timers[c];
        i = c;
    }
    if (w->ntimers)
        w->timers[i] = last;
    return top;
}

bool sim_listen(struct sim *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_TLS;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, s->world->key_pem}, {MHD_OPTION_HTTPS_MEM_CERT, 0, s->world->cert_pem},
                                   {MHD_OPTION_END, 0, NULL}};
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, http_handle, s, MHD_OPTION_SOCK_ADDR, &at,
                                       MHD_OPTION_NOTIFY_COMPLETED, http_completed, s, MHD_OPTION_CONNECTION_LIMIT, 500u,
                                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)256 * 1024,
                                       MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
                                       MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (!s->daemon)
        return false;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    s->port = info ? info->port : 0;
    return s->port != 0;
}

static void listen_again(struct sim *s, void *arg)
{
    (void)arg;
    if (!s->daemon && !sim_listen(s))
        sim_after(s, 100, listen_again, NULL);
}

static void refuse_now(struct sim *s, void *arg)
{
    (void)arg;
    if (!s->daemon)
        return;
    s->closing = true;
    for (struct stream *st = s->streams; st; st = st->next) {
        st->cut = true;
        if (st->suspended) {
            st->suspended = false;
            MHD_resume_connection(st->conn);
        }
    }
    wires_drop(s->world, s);
    http_resume(s);
    MHD_run(s->daemon);
    MHD_stop_daemon(s->daemon);
    s->daemon = NULL;
    s->closing = false;
}

void sim_refuse(struct sim *s, int64_t ms)
{
    /* not within a request of that daemon: it could not end it */
    sim_after(s, 0, refuse_now, NULL);
    sim_after(s, ms, listen_again, NULL);
}

void sim_online(struct sim *s, bool on)
{
    sim_after(s, 0, on ? listen_again : refuse_now, NULL);
}

static int wait_ms(const struct world *w)
{
    int64_t ms = 1000;
    if (w->ntimers && w->timers[0].at - clock_mono_ms() < ms)
        ms = w->timers[0].at - clock_mono_ms();
    for (size_t i = 0; i < w->nrealms; i++) {
        MHD_UNSIGNED_LONG_LONG t;
        if (w->realm[i]->daemon && MHD_get_timeout(w->realm[i]->daemon, &t) == MHD_YES && (int64_t)t < ms)
            ms = (int64_t)t;
    }
    return ms < 0 || w->wires_left ? 0 : (int)ms;
}

void world_tick(struct world *w)
{
    while (w->ntimers && w->timers[0].at <= clock_mono_ms()) {
        struct timer t = timer_pop(w);
        t.fn(t.sim, t.arg);
    }
}

void world_hold_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    sigprocmask(SIG_BLOCK, set, NULL);
}

/* Lines from who started us: actions of the scenarios. False: the other end is closed. */
struct said { char line[256]; size_t n; };
static bool orders(struct world *w, struct said *s)
{
    char buf[256];
    ssize_t got = read(0, buf, sizeof(buf));
    for (ssize_t i = 0; i < got; i++) {
        if (buf[i] != '\n') {
            s->n += s->n < sizeof(s->line);                    /* what is longer is none of ours */
            s->line[s->n - 1] = buf[i];
            continue;
        }
        s->line[s->n < sizeof(s->line) ? s->n : 0] = '\0';
        scenario_line(w, s->line);
        s->n = 0;
    }
    return got > 0;
}

int world_run(struct world *w)
{
    struct said said = {.n = 0};
    sigset_t set;
    world_hold_signals(&set);
    int sig = signalfd(-1, &set, SFD_CLOEXEC);
    pid_t parent = getppid();
    struct stat st;
    bool in = !fstat(0, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));   /* somebody holds the other end */
    while (!w->stop) {
        enum { VM_FDS = 40, WIRES = 64 };
        struct pollfd p[2 + REALMS + VM_FDS + WIRES] = {{.fd = sig, .events = POLLIN}, {.fd = in ? 0 : -1, .events = POLLIN}};
        for (size_t i = 0; i < w->nrealms; i++) {
            struct MHD_Daemon *d = w->realm[i]->daemon;
            const union MHD_DaemonInfo *info = d ? MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
            p[2 + i] = (struct pollfd){.fd = info ? info->epoll_fd : -1, .events = POLLIN};
        }
        int vm[VM_FDS], nvm = vm_fds(w, vm, VM_FDS);
        for (int i = 0; i < nvm; i++)
            p[2 + w->nrealms + (size_t)i] = (struct pollfd){.fd = vm[i], .events = POLLIN};
        int nwires = wires_fds(w, p + 2 + w->nrealms + nvm, WIRES);
        poll(p, 2 + w->nrealms + (nfds_t)nvm + (nfds_t)nwires, wait_ms(w));
        if (p[0].revents || getppid() != parent || (p[1].revents && !orders(w, &said)))
            break;
        world_tick(w);
        for (size_t i = 0; i < w->nrealms; i++)
            if (w->realm[i]->daemon)
                MHD_run(w->realm[i]->daemon);
        vm_serve(w);
        w->wires_left = false;
        wires_serve(w);
    }
    vm_close(w);
    for (size_t i = 0; i < w->nrealms; i++)
        refuse_now(w->realm[i], NULL);
    close(sig);
    return 0;
}
