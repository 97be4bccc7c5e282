/* Mailboxes: order, wake-ups, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>

#include "strata/mbox.h"

struct note {
    struct msg link;
    int from, n;
};

static int wakes;
static void wake(void *arg)
{
    (*(int *)arg)++;
}

static void test_wake_only_when_empty(void **state)
{
    (void)state;
    struct mbox b;
    struct note n[3] = {{.n = 0}, {.n = 1}, {.n = 2}};
    assert_true(mbox_init(&b, wake, &wakes));
    mbox_send(&b, &n[0].link);
    mbox_send(&b, &n[1].link);
    assert_int_equal(wakes, 1);
    struct msg *m = mbox_take(&b);
    assert_ptr_equal(m, &n[0].link);
    assert_ptr_equal(m->next, &n[1].link);
    assert_null(m->next->next);
    assert_null(mbox_take(&b));
    mbox_send(&b, &n[2].link);
    assert_int_equal(wakes, 2);
    mbox_close(&b);
    assert_false(mbox_send(&b, &n[0].link));
    assert_ptr_equal(mbox_take(&b), &n[2].link);
    mbox_release(&b);
}

enum { SENDERS = 4, EACH = 5000 };
static struct note notes[SENDERS][EACH];
struct sender {
    struct mbox *b;
    int id;
};

static void *send_all(void *arg)
{
    struct sender *s = arg;
    for (int i = 0; i < EACH; i++) {
        notes[s->id][i] = (struct note){.from = s->id, .n = i};
        mbox_send(s->b, &notes[s->id][i].link);
    }
    return NULL;
}

static void test_many_senders(void **state)
{
    (void)state;
    struct mbox b;
    pthread_t t[SENDERS];
    struct sender s[SENDERS];
    int next[SENDERS] = {0}, got = 0;
    assert_true(mbox_init(&b, NULL, NULL));
    for (int i = 0; i < SENDERS; i++) {
        s[i] = (struct sender){&b, i};
        pthread_create(&t[i], NULL, send_all, &s[i]);
    }
    while (got < SENDERS * EACH) {
        struct pollfd p = {.fd = b.fd, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 20000), 1);   /* a lost wake-up would end here */
        for (struct msg *m = mbox_take(&b); m; m = m->next) {
            struct note *n = (struct note *)m;
            assert_int_equal(n->n, next[n->from]++);
            got++;
        }
    }
    for (int i = 0; i < SENDERS; i++)
        pthread_join(t[i], NULL);
    struct pollfd p = {.fd = b.fd, .events = POLLIN};
    mbox_take(&b);
    assert_int_equal(poll(&p, 1, 0), 0);
    mbox_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_wake_only_when_empty), cmocka_unit_test(test_many_senders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
