/*
 * Purpose:   mailbox: the only way threads talk.
 * Thread:    mbox_send from any thread; mbox_take from the owner.
 * Ownership: messages are moved: sender -> box -> taker.
 * Errors:    send cannot fail (intrusive list).
 */
#ifndef STRATA_MBOX_H
#define STRATA_MBOX_H

#include <pthread.h>
#include <stdbool.h>

struct msg {                 /* first member of every message type */
    struct msg *next;
};

struct mbox {
    pthread_mutex_t lock;
    struct msg *head, **tail;
    bool closed;
    int fd;                        /* eventfd, readable while messages wait; -1 with a wake callback */
    void (*wake)(void *arg);       /* called after a send into an empty box, outside the lock */
    void *wake_arg;
};

/* wake NULL: an eventfd is made (returns false if that fails). */
bool mbox_init(struct mbox *b, void (*wake)(void *), void *wake_arg);
void mbox_release(struct mbox *b);          /* the box must be empty */
bool mbox_send(struct mbox *b, struct msg *m); /* false once closed: the message stays the caller's */
void mbox_wake(struct mbox *b);             /* wakes the owner without a message */
struct msg *mbox_take(struct mbox *b);      /* the whole list in order, or NULL; drains the fd */
void mbox_close(struct mbox *b);
/* Shows the waiting messages to fn, first to last, until it says true (returned). Under the lock: fn only looks and
 * changes the message, calls nothing. */
bool mbox_visit(struct mbox *b, bool (*fn)(struct msg *m, void *arg), void *arg);

#endif
