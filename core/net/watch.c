/* Descriptors of others in the loop: WebSockets after their handshake, listening sockets, forwarded connections. */
#include "net_priv.h"
#include "strata/mem.h"

struct net_watch *net_watch(struct net *n, int fd, int events, void (*fn)(void *arg, int events), void *arg)
{
    net_assert_thread(n);
    struct net_watch *w = mem_alloc(sizeof *w);
    if (!w)
        return NULL;
    *w = (struct net_watch){.next = n->watches, .fd = fd, .events = events, .fn = fn, .arg = arg};
    n->watches = w;
    return w;
}

void net_watch_set(struct net_watch *w, int events)
{
    w->events = events;
}

void net_watch_free(struct net *n, struct net_watch *w)
{
    (void)n;
    if (w)
        w->fn = NULL;             /* the list is walked: reaped before the next wait */
}

static void reap(struct net *n)
{
    for (struct net_watch **at = &n->watches, *w; (w = *at);)
        if (w->fn) {
            at = &w->next;
        } else {
            *at = w->next;
            mem_free(w);
        }
}

void watch_wait(struct net *n, int wait_ms)
{
    size_t want = 0;
    unsigned nfds = 0;
    reap(n);
    for (struct net_watch *w = n->watches; w; w = w->next)
        want += w->events != 0;
    if (want && !mem_grow(&n->fds, &n->cap_fds, want, sizeof *n->fds)) {
        want = 0;
        wait_ms = wait_ms < 100 ? wait_ms : 100;      /* no memory to look at them now: soon again */
    }
    struct net_watch *last = n->watches;
    for (struct net_watch *w = last; w && nfds < want; w = w->next)
        if (w->events)
            n->fds[nfds++] = (struct curl_waitfd){.fd = w->fd, .events = (short)w->events};
    curl_multi_poll(n->multi, n->fds, nfds, wait_ms, NULL);
    unsigned i = 0;      /* those that callbacks add stand before the first, those that they free stay in their places */
    for (struct net_watch *w = last; w && i < nfds; w = w->next) {
        bool here = n->fds[i].fd == w->fd && n->fds[i].events;
        if (!here)
            continue;
        int got = n->fds[i++].revents;
        if (got && w->fn)
            w->fn(w->arg, got);
    }
}

void watch_release(struct net *n)
{
    for (struct net_watch *w = n->watches; w; w = w->next)
        w->fn = NULL;
    reap(n);
    mem_free(n->fds);
}
