/* The one loop: two HTTP daemons driven by epoll, timers in a heap, the end when the parent goes. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/sim/sim.h"
#include "strata/clock.h"

void sim_after(struct sim *s, int64_t ms, sim_fn *fn, void *arg)
{
    s->timers = sim_grow(s->timers, &s->cap_timers, s->ntimers + 1, sizeof(*s->timers));
    size_t i = s->ntimers++;
    struct timer t = {clock_mono_ms() + ms, fn, arg};
    for (; i > 0 && s->timers[(i - 1) / 2].at > t.at; i = (i - 1) / 2)
        s->timers[i] = s->timers[(i - 1) / 2];
    s->timers[i] = t;
}

static struct timer timer_pop(struct sim *s)
{
    struct timer top = s->timers[0], last = s->timers[--s->ntimers];
    size_t i = 0;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= s->ntimers)
            break;
        if (c + 1 < s->ntimers && s->timers[c + 1].at < s->timers[c].at)
            c++;
        if (s->timers[c].at >= last.at)
            break;
        s->timers[i] = s->timers[c];
        i = c;
    }
    if (s->ntimers)
        s->timers[i] = last;
    return top;
}

bool sim_listen(struct sim *s, enum side side)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port[side]),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, s->key_pem}, {MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert_pem},
                                   {MHD_OPTION_END, 0, NULL}};
    if (side == SIDE_KUBE)
        flags |= MHD_USE_TLS;
    s->daemon[side] = MHD_start_daemon(flags, 0, NULL, NULL, http_handle, s, MHD_OPTION_SOCK_ADDR, &at,
                                       MHD_OPTION_NOTIFY_COMPLETED, http_completed, s, MHD_OPTION_CONNECTION_LIMIT, 500u,
                                       MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)256 * 1024,
                                       MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
                                       MHD_OPTION_ARRAY, side == SIDE_KUBE ? tls : tls + 2, MHD_OPTION_END);
    if (!s->daemon[side])
        return false;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon[side], MHD_DAEMON_INFO_BIND_PORT);
    s->port[side] = info ? info->port : 0;
    return s->port[side] != 0;
}

static void listen_again(struct sim *s, void *arg)
{
    enum side side = (enum side)(intptr_t)arg;
    if (!s->daemon[side] && !sim_listen(s, side))
        sim_after(s, 100, listen_again, arg);
}

static void refuse_now(struct sim *s, void *arg)
{
    enum side side = (enum side)(intptr_t)arg;
    if (!s->daemon[side])
        return;
    for (struct stream *st = s->streams; st; st = st->next) {
        st->cut = true;
        if (st->suspended) {
            st->suspended = false;
            MHD_resume_connection(st->conn);
        }
    }
    MHD_run(s->daemon[side]);
    MHD_stop_daemon(s->daemon[side]);
    s->daemon[side] = NULL;
}

void sim_refuse(struct sim *s, enum side side, int64_t ms)
{
    /* not within a request of that daemon: it could not end it */
    sim_after(s, 0, refuse_now, (void *)(intptr_t)side);
    sim_after(s, ms, listen_again, (void *)(intptr_t)side);
}

static int wait_ms(struct sim *s)
{
    int64_t ms = 1000;
    if (s->ntimers && s->timers[0].at - clock_mono_ms() < ms)
        ms = s->timers[0].at - clock_mono_ms();
    for (int i = 0; i < SIDES; i++) {
        MHD_UNSIGNED_LONG_LONG t;
        if (s->daemon[i] && MHD_get_timeout(s->daemon[i], &t) == MHD_YES && (int64_t)t < ms)
            ms = (int64_t)t;
    }
    return ms < 0 ? 0 : (int)ms;
}

int sim_run(struct sim *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int sig = signalfd(-1, &set, SFD_CLOEXEC);
    pid_t parent = getppid();
    bool in = fcntl(0, F_GETFD) >= 0 && !isatty(0);
    while (!s->stop) {
        struct pollfd p[2 + SIDES] = {{.fd = sig, .events = POLLIN}, {.fd = in ? 0 : -1, .events = POLLIN}};
        for (int i = 0; i < SIDES; i++) {
            const union MHD_DaemonInfo *info = s->daemon[i] ? MHD_get_daemon_info(s->daemon[i], MHD_DAEMON_INFO_EPOLL_FD) : NULL;
            p[2 + i] = (struct pollfd){.fd = info ? info->epoll_fd : -1, .events = POLLIN};
        }
        poll(p, 2 + SIDES, wait_ms(s));
        char buf[256];
        if (p[0].revents || getppid() != parent || (p[1].revents && read(0, buf, sizeof(buf)) <= 0))
            break;
        while (s->ntimers && s->timers[0].at <= clock_mono_ms()) {
            struct timer t = timer_pop(s);
            t.fn(s, t.arg);
        }
        for (int i = 0; i < SIDES; i++)
            if (s->daemon[i])
                MHD_run(s->daemon[i]);
    }
    for (int i = 0; i < SIDES; i++)
        refuse_now(s, (void *)(intptr_t)i);
    close(sig);
    return 0;
}
