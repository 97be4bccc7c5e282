/* Mailbox: a locked intrusive list whose owner is woken when it stops being empty. */
#include "strata/mbox.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool mbox_init(struct mbox *b, void (*wake)(void *), void *wake_arg)
{
    *b = (struct mbox){.fd = -1, .wake = wake, .wake_arg = wake_arg};
    b->tail = &b->head;
    if (!wake) {
        b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (b->fd < 0)
            return false;
    }
    if (pthread_mutex_init(&b->lock, NULL) != 0) {
        if (b->fd >= 0)
            close(b->fd);
        b->fd = -1;
        return false;
    }
    return true;
}

void mbox_release(struct mbox *b)
{
    if (!b->tail)
        return;   /* never initialised */
    pthread_mutex_destroy(&b->lock);
    if (b->fd >= 0)
        close(b->fd);
    *b = (struct mbox){.fd = -1};
}

bool mbox_send(struct mbox *b, struct msg *m)
{
    m->next = NULL;
    pthread_mutex_lock(&b->lock);
    bool open = !b->closed, first = !b->head;
    if (open) {
        *b->tail = m;
        b->tail = &m->next;
    }
    pthread_mutex_unlock(&b->lock);
    if (open && first)
        mbox_wake(b);
    return open;
}

void mbox_wake(struct mbox *b)
{
    if (b->wake) {
        b->wake(b->wake_arg);
        return;
    }
    uint64_t one = 1;
    while (write(b->fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

struct msg *mbox_take(struct mbox *b)
{
    /* The fd is drained before the list is taken: a send in between leaves at worst one needless wake-up. */
    if (b->fd >= 0) {
        uint64_t n;
        while (read(b->fd, &n, sizeof n) < 0 && errno == EINTR)
            ;
    }
    pthread_mutex_lock(&b->lock);
    struct msg *list = b->head;
    b->head = NULL;
    b->tail = &b->head;
    pthread_mutex_unlock(&b->lock);
    return list;
}

void mbox_close(struct mbox *b)
{
    pthread_mutex_lock(&b->lock);
    b->closed = true;
    pthread_mutex_unlock(&b->lock);
}

bool mbox_visit(struct mbox *b, bool (*fn)(struct msg *m, void *arg), void *arg)
{
    bool done = false;
    pthread_mutex_lock(&b->lock);
    for (struct msg *m = b->head; m && !done; m = m->next)
        done = fn(m, arg);
    pthread_mutex_unlock(&b->lock);
    return done;
}
