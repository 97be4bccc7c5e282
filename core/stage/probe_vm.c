/* The data plane's probe: a TCP connection, or an ICMP echo, to the address of a server, on a thread of its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/stage/probe.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define MAX_OPEN 32

struct attempt {
    int fd;                            /* -1: free, or an echo on the one socket */
    bool used;
    uint16_t sequence;
    size_t number;
    int64_t deadline_us;
    struct stage_sample x;
};

struct vm_probe {
    struct sockaddr_storage to;
    socklen_t to_len;
    bool icmp, v6;
    int echo;                          /* the ICMP socket, or -1 */
    int wake;
    uint16_t sequence;
    int64_t timeout_us;
    struct slots slots;
    struct samples samples;
    struct attempt attempt[MAX_OPEN];
    pthread_t thread;
    bool started;
    atomic_bool stop;
    char how[96];
};

/* ---- the target ---- */

static bool parse_address(struct vm_probe *v, const char *host, int port)
{
    struct sockaddr_in *a4 = (struct sockaddr_in *)&v->to;
    struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)&v->to;
    if (inet_pton(AF_INET, host, &a4->sin_addr) == 1) {
        a4->sin_family = AF_INET;
        a4->sin_port = htons((uint16_t)port);
        v->to_len = sizeof *a4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &a6->sin6_addr) == 1) {
        a6->sin6_family = AF_INET6;
        a6->sin6_port = htons((uint16_t)port);
        v->to_len = sizeof *a6;
        v->v6 = true;
        return true;
    }
    return false;
}

/* "10.0.0.5:22", "[fd00::5]:22", "10.0.0.5", "fd00::5" */
static bool parse_target(struct vm_probe *v, const char *target, struct err *err)
{
    char host[80] = "";
    long port = 0;
    const char *colon = *target == '[' ? strstr(target, "]:") : strchr(target, ':') == strrchr(target, ':') ? strchr(target, ':') : NULL;
    size_t skip = *target == '[', n = colon ? (size_t)(colon - target) - skip : strcspn(target + skip, "]");
    if (n < sizeof host)
        memcpy(host, target + skip, n);
    if (colon) {
        const char *digits = colon + 1 + (*colon == ']');
        char *end;
        port = strtol(digits, &end, 10);
        if (end == digits || *end || port < 1 || port > 65535)
            *host = '\0';
    }
    v->icmp = !colon;
    if (parse_address(v, host, (int)port)) {
        snprintf(v->how, sizeof v->how, v->icmp ? "ICMP %s" : v->v6 ? "TCP [%s]:%ld" : "TCP %s:%ld", host, port);
        return true;
    }
    char clean[80];
    stage_text(clean, sizeof clean, target);
    err_set(err, ERR_USAGE, 0, "\"%s\" is no address to watch: give ADDRESS:PORT, or ADDRESS for ICMP (a number, not a name)", clean);
    return false;
}

/* ---- attempts ---- */

static enum stage_class class_of(int error)
{
    switch (error) {
    case 0: return STAGE_OK;
    case ECONNREFUSED: return STAGE_REFUSED_CONN;
    case ECONNRESET: case EPIPE: return STAGE_RESET;
    case ETIMEDOUT: return STAGE_TIMEOUT;
    default: return STAGE_OTHER;
    }
}

static void finish(struct vm_probe *v, struct attempt *a, enum stage_class class)
{
    if (a->fd >= 0)
        close(a->fd);
    a->x.done_us = clock_mono_us();
    a->x.class = (uint8_t)class;
    samples_set(&v->samples, a->number, &a->x);
    *a = (struct attempt){.fd = -1};
}

static int begin_tcp(struct vm_probe *v, struct attempt *a)
{
    a->fd = socket(v->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (a->fd < 0)
        return -1;
    return connect(a->fd, (struct sockaddr *)&v->to, v->to_len) == 0 ? 0 : errno;
}

static int begin_echo(struct vm_probe *v, struct attempt *a)
{
    struct icmphdr h = {.type = v->v6 ? 128 : ICMP_ECHO};      /* checksum and id are the kernel's */
    a->sequence = ++v->sequence;
    h.un.echo.sequence = htons(a->sequence);
    return send(v->echo, &h, sizeof h, 0) == (ssize_t)sizeof h ? EINPROGRESS : errno;
}

static void take_slot(struct vm_probe *v, int64_t slot_us)
{
    int64_t now = clock_mono_us();
    struct attempt *a = NULL;
    struct stage_sample x = {.slot_us = slot_us, .class = STAGE_NOT_SENT, .theta_lo_ms = 1};
    for (size_t i = 0; i < MAX_OPEN && !a; i++)
        if (!v->attempt[i].used)
            a = &v->attempt[i];
    if (!a || slot_too_late(&v->slots, slot_us, now)) {
        samples_add(&v->samples, &x);
        return;
    }
    *a = (struct attempt){.fd = -1, .used = true, .deadline_us = now + v->timeout_us};
    int rc = v->icmp ? begin_echo(v, a) : begin_tcp(v, a);
    x.sent_us = rc < 0 ? 0 : now;
    x.class = rc < 0 ? STAGE_NOT_SENT : STAGE_PENDING;
    a->x = x;
    a->number = samples_add(&v->samples, &x);
    if (rc < 0)                        /* no descriptor left: our trouble, not the server's */
        *a = (struct attempt){.fd = -1};
    else if (rc != EINPROGRESS)
        finish(v, a, class_of(rc));
}

static void connected(struct vm_probe *v, struct attempt *a)
{
    int error = 0;
    socklen_t len = sizeof error;
    getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    finish(v, a, class_of(error));
}

static void echoes(struct vm_probe *v)
{
    struct icmphdr h;
    char buf[256];
    for (ssize_t n; (n = recv(v->echo, buf, sizeof buf, 0)) >= 0 || errno == ECONNREFUSED || errno == EHOSTUNREACH;) {
        if (n < (ssize_t)sizeof h)
            continue;
        memcpy(&h, buf, sizeof h);
        for (size_t i = 0; i < MAX_OPEN; i++)
            if (v->attempt[i].used && v->attempt[i].sequence == ntohs(h.un.echo.sequence) && h.type == (v->v6 ? 129 : ICMP_ECHOREPLY))
                finish(v, &v->attempt[i], STAGE_OK);
    }
}

/* ---- the thread ---- */

static int64_t next_due(const struct vm_probe *v)
{
    int64_t next = v->slots.next_us;
    for (size_t i = 0; i < MAX_OPEN; i++)
        if (v->attempt[i].used && v->attempt[i].deadline_us < next)
            next = v->attempt[i].deadline_us;
    return next;
}

static void wait_turn(struct vm_probe *v)
{
    struct pollfd fds[MAX_OPEN + 2] = {{.fd = v->wake, .events = POLLIN}, {.fd = v->echo, .events = POLLIN}};
    size_t at[MAX_OPEN + 2] = {0}, n = 2;
    for (size_t i = 0; i < MAX_OPEN; i++)
        if (v->attempt[i].used && v->attempt[i].fd >= 0) {
            at[n] = i;
            fds[n++] = (struct pollfd){.fd = v->attempt[i].fd, .events = POLLOUT};
        }
    int64_t left = next_due(v) - clock_mono_us();
    struct timespec t = {.tv_sec = left > 0 ? left / 1000000 : 0, .tv_nsec = left > 0 ? left % 1000000 * 1000 : 0};
    if (ppoll(fds, n, &t, NULL) <= 0)
        return;
    for (size_t i = 2; i < n; i++)
        if (fds[i].revents)
            connected(v, &v->attempt[at[i]]);
    if (fds[1].revents)
        echoes(v);
}

static void *thread_main(void *arg)
{
    struct vm_probe *v = arg;
    while (!atomic_load(&v->stop)) {
        wait_turn(v);
        int64_t now = clock_mono_us(), slot = v->slots.next_us;
        for (size_t i = 0; i < MAX_OPEN; i++)
            if (v->attempt[i].used && now >= v->attempt[i].deadline_us)
                finish(v, &v->attempt[i], STAGE_TIMEOUT);
        for (size_t n = slots_due(&v->slots, now); n; n--, slot += v->slots.period_us)
            take_slot(v, slot);
    }
    return NULL;
}

/* ---- life ---- */

static bool open_echo(struct vm_probe *v, struct err *err)
{
    v->echo = socket(v->to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, v->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    if (v->echo >= 0 && connect(v->echo, (struct sockaddr *)&v->to, v->to_len) == 0)
        return true;
    err_set(err, ERR_FORBIDDEN, errno, "ICMP is not permitted here (%s): give ADDRESS:PORT for TCP", strerrordesc_np(errno));
    return false;
}

struct vm_probe *vm_probe_new(const char *target, int64_t period_us, int64_t timeout_us, struct err *err)
{
    struct vm_probe *v = mem_zalloc(sizeof *v);
    if (!v || !samples_init(&v->samples)) {
        mem_free(v);
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    v->echo = v->wake = -1;
    v->timeout_us = timeout_us;
    for (size_t i = 0; i < MAX_OPEN; i++)
        v->attempt[i].fd = -1;
    if (!parse_target(v, target, err) || (v->icmp && !open_echo(v, err))) {
        vm_probe_free(v);
        return NULL;
    }
    v->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    v->slots = (struct slots){.next_us = clock_mono_us() + 10000, .period_us = period_us};
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = v->wake < 0 ? errno : pthread_create(&v->thread, NULL, thread_main, v);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    v->started = rc == 0;
    if (v->started)
        return v;
    err_set(err, ERR_NOMEM, rc, "cannot start the probe's thread: %s", strerrordesc_np(rc));
    vm_probe_free(v);
    return NULL;
}

void vm_probe_free(struct vm_probe *v)
{
    if (!v)
        return;
    atomic_store(&v->stop, true);
    if (v->started) {
        uint64_t one = 1;
        if (write(v->wake, &one, sizeof one) < 0)
            atomic_store(&v->stop, true);        /* it wakes at its next slot anyway */
        pthread_join(v->thread, NULL);
    }
    for (size_t i = 0; i < MAX_OPEN; i++)
        if (v->attempt[i].fd >= 0)
            close(v->attempt[i].fd);
    if (v->echo >= 0)
        close(v->echo);
    if (v->wake >= 0)
        close(v->wake);
    samples_release(&v->samples);
    mem_free(v);
}

struct samples *vm_probe_samples(struct vm_probe *v)
{
    return &v->samples;
}

const char *vm_probe_how(const struct vm_probe *v)
{
    return v->how;
}
