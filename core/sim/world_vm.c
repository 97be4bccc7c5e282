/* One server's data: an echo service on a loopback port. It answers while the guest runs; else the port is closed, as a machine that is off. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/sim/world_cause.h"

enum { CLIENTS = 32 };

struct vm_port { int port, listen, client[CLIENTS]; };

static bool listen_on(struct vm_port *v)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)v->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 64) || getsockname(fd, (struct sockaddr *)&at, &len)) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    v->listen = fd;
    v->port = ntohs(at.sin_port);
    return true;
}

bool vm_open(struct world *w)
{
    w->vm = sim_alloc(sizeof(*w->vm));
    w->vm->listen = -1;
    for (int i = 0; i < CLIENTS; i++)
        w->vm->client[i] = -1;
    if (!listen_on(w->vm))
        return false;
    w->vm_at = w->vm->port;
    return true;
}

/* A machine that stops sends nothing more: connections end with a reset, as the next packet to a machine that rebooted would. */
static void drop(int *fd)
{
    struct linger now = {1, 0};
    if (*fd < 0)
        return;
    setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(*fd);
    *fd = -1;
}

void vm_set(struct world *w, bool answers)
{
    if (answers && w->vm->listen < 0)
        listen_on(w->vm);
    if (answers || w->vm->listen < 0)
        return;
    drop(&w->vm->listen);
    for (int i = 0; i < CLIENTS; i++)
        drop(&w->vm->client[i]);
}

int vm_fds(const struct world *w, int *fd, int max)
{
    int n = 0;
    if (w->vm->listen >= 0 && n < max)
        fd[n++] = w->vm->listen;
    for (int i = 0; i < CLIENTS && n < max; i++)
        if (w->vm->client[i] >= 0)
            fd[n++] = w->vm->client[i];
    return n;
}

void vm_serve(struct world *w)
{
    char buf[4096];
    struct vm_port *v = w->vm;
    int fd;
    while (v->listen >= 0 && (fd = accept4(v->listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int free_one = 0;
        while (free_one < CLIENTS && v->client[free_one] >= 0)
            free_one++;
        if (free_one == CLIENTS)
            drop(&v->client[free_one = 0]);                    /* the oldest slot makes room */
        v->client[free_one] = fd;
    }
    for (int i = 0; i < CLIENTS; i++) {
        ssize_t n = v->client[i] >= 0 ? recv(v->client[i], buf, sizeof(buf), 0) : -1;
        if (n > 0 && send(v->client[i], buf, (size_t)n, MSG_NOSIGNAL) == n)
            continue;
        if (v->client[i] >= 0 && !(n < 0 && errno == EAGAIN))
            drop(&v->client[i]);
    }
}

void vm_close(struct world *w)
{
    if (w->vm)
        vm_set(w, false);
}
