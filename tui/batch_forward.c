/* strata port-forward: ports here that lead to ports of a pod, until it is ended with ctrl-c. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "strata/forward.h"
#include "tui/batch.h"
#include "tui/ports.h"

struct forwards { uint32_t id[CORE_MAX_FORWARDS]; bool running[CORE_MAX_FORWARDS]; size_t n, left; bool ending; };

static const struct row *find(struct batch *b)
{
    char *name = b->opt->args.items[0], *slash = strchr(name, '/'), kind[64];
    snprintf(kind, sizeof kind, "%.*s", slash ? (int)(slash - name) : 0, name);
    const struct kind *k = kind_find(kind);
    if (!slash || !k || strcmp(k->id, "services"))
        return batch_pod(b);
    name = slash + 1;                   /* its ports are not its pods' */
    return batch_open_named(b, k->id, &name, 1) ? batch_find(b, name) : NULL;
}

static void on_event(struct batch *b, struct forwards *f, const struct event *e)
{
    struct forward_info info[CORE_MAX_FORWARDS];
    size_t at = 0;
    while (at < f->n && f->id[at] != e->id)
        at++;
    if (at == f->n || !f->running[at])
        return;
    if (e->type == EV_FORWARD && e->err.code) {
        fprintf(stderr, "strata: %s\n", e->err.msg);
    } else if (e->type == EV_FORWARD) {
        size_t n = core_forwards(b->core, info, CORE_MAX_FORWARDS);
        for (size_t i = 0; i < n; i++)
            if (info[i].id == e->id)
                printf("Forwarding from %s:%d -> %d of pod %s\n", info[i].address, info[i].local, info[i].remote, info[i].pod);
        fflush(stdout);
    } else if (e->type == EV_DONE) {
        f->running[at] = false;
        f->left--;
        if (!f->ending || e->err.code != ERR_CANCELED)
            batch_report(b, &e->err, NULL);
    }
}

static void end_all(struct batch *b, struct forwards *f)
{
    f->ending = true;
    for (size_t i = 0; i < f->n; i++)
        if (f->running[i])
            core_cancel(b->core, f->id[i]);
}

void batch_port_forward(struct batch *b)
{
    const struct options *o = b->opt;
    struct forwards f = {.n = 0};
    char typed[600];
    int local, remote;
    sigset_t set;
    for (size_t i = 1; i < o->args.count; i++)
        if (!ports_parse(o->args.items[i], &local, &remote)) {
            batch_error(b, EXIT_USAGE, "\"%.40s\": ports are written PORT, LOCAL:REMOTE or :REMOTE", o->args.items[i]);
            return;
        }
    const struct row *r = find(b);
    struct action_request a = {.verb = "port-forward", .row = r};
    if (!r || !batch_typed(b, &a, typed, sizeof typed))
        return;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);                      /* the end is written down, too */
    int sig = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    for (size_t i = 1; i < o->args.count && f.n < CORE_MAX_FORWARDS; i++) {
        ports_parse(o->args.items[i], &local, &remote);
        struct forward_request rq = {.row = r, .address = o->address, .local = local, .remote = remote, .typed = typed};
        uint32_t id = core_forward(b->core, &rq);
        if (!id)
            batch_error(b, EXIT_FAILED, "out of memory");
        f.id[f.n] = id;
        f.running[f.n] = id != 0;
        f.left += id != 0;
        f.n++;
    }
    while (f.left) {
        struct event *e;
        struct signalfd_siginfo s;
        while ((e = core_next_event(b->core))) {
            on_event(b, &f, e);
            event_free(e);
        }
        if (!f.left)
            break;
        struct pollfd p[2] = {{.fd = core_event_fd(b->core), .events = POLLIN}, {.fd = sig, .events = POLLIN}};
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            break;
        if (p[1].revents && read(sig, &s, sizeof s) > 0)
            end_all(b, &f);
    }
    if (sig >= 0)
        close(sig);
}
