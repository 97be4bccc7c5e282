/* The loop of core/net: what is posted, the jobs of workers, timers. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "strata/clock.h"
#include "strata/net.h"

struct fix { struct net *net; };

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    struct err err = ERR_INIT;
    f->net = net_new(&err);
    assert_non_null(f->net);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    if (f->net)
        net_free(f->net);
    free(f);
    clock_freeze(-1, 0);
    return 0;
}

struct order {
    int got[64], n;
    pthread_t worked, asked;
    struct net *net;
    atomic_int works;
    bool worked_before_done;
};
struct post {
    struct order *o;
    int value;
};

static void run_post(void *arg)
{
    struct post *p = arg;
    p->o->got[p->o->n++] = p->value;
    assert_true(net_on_thread(p->o->net));
}

static void *post_many(void *arg)
{
    struct post *p = arg;
    for (int i = 0; i < 20; i++)
        assert_true(net_post(p[i].o->net, run_post, NULL, &p[i]));
    return NULL;
}

static void job_work(void *arg)
{
    struct order *o = arg;
    o->worked = pthread_self();
    atomic_fetch_add(&o->works, 1);
}

static void job_done(void *arg)
{
    struct order *o = arg;
    o->worked_before_done = atomic_load(&o->works) > 0;
    o->got[o->n++] = 1000;
    assert_true(net_on_thread(o->net));
}

static void ask_work(void *arg)
{
    struct order *o = arg;
    assert_true(net_work(o->net, job_work, job_done, o));
}

static void test_threaded(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct order o = {.net = f->net};
    struct post p[20];
    for (int i = 0; i < 20; i++)
        p[i] = (struct post){&o, i};
    assert_true(net_start(f->net, &err));
    assert_false(net_on_thread(f->net));
    pthread_t t;
    pthread_create(&t, NULL, post_many, p);
    pthread_join(t, NULL);
    assert_true(net_post(f->net, ask_work, NULL, &o));
    /* stop when the job is through: a second job follows the first in no defined order, so poll works */
    while (!atomic_load(&o.works))
        sched_yield();
    net_stop(f->net);
    net_step(f->net, 0);   /* the completion may still be in the box */
    assert_int_equal(o.n, 21);
    for (int i = 0; i < 20; i++)
        assert_int_equal(o.got[i], i);
    assert_int_equal(o.got[20], 1000);
    assert_true(o.worked_before_done);
    assert_false(pthread_equal(o.worked, pthread_self()));
}

static void ask_first(void *arg)
{
    struct order *o = arg;
    o->asked = pthread_self();
    assert_true(net_work(o->net, job_work, job_done, o));
}

static void *start_many(void *arg)
{
    atomic_int *wrong = arg;
    for (int i = 0; i < 40; i++) {
        struct err err = ERR_INIT;
        struct net *n = net_new(&err);
        struct order o = {.net = n};
        if (!n || !net_post(n, ask_first, NULL, &o) || !net_start(n, &err))
            abort();
        while (!atomic_load(&o.works))
            sched_yield();
        net_free(n);
        if (pthread_equal(o.worked, o.asked))
            atomic_fetch_add(wrong, 1);
    }
    return NULL;
}

/* What the loop does in its first turn may come before net_start returned: the job goes to a worker nevertheless, or a credential
 * plugin that hangs would hold up the whole loop. On busy cores, for which of the two threads is first is chance. */
static void test_jobs_of_the_first_turn(void **state)
{
    (void)state;
    atomic_int wrong = 0;
    pthread_t t[8];
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&t[i], NULL, start_many, &wrong), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(wrong, 0);
}

enum { HANGING = 9 };
struct hang { struct net *net; sem_t begun, go, quick; atomic_int over; };

static void hang_work(void *arg)
{
    struct hang *h = arg;
    sem_post(&h->begun);
    while (sem_wait(&h->go))
        continue;
}

static void hang_done(void *arg) { atomic_fetch_add(&((struct hang *)arg)->over, 1); }
static void quick_work(void *arg) { sem_post(&((struct hang *)arg)->quick); }
static void quick_done(void *arg) { (void)arg; }

static void ask_long(void *arg)
{
    struct hang *h = arg;
    for (int i = 0; i < HANGING; i++)
        assert_true(net_work_long(h->net, hang_work, hang_done, h));
}

static void ask_quick(void *arg) { assert_true(net_work(((struct hang *)arg)->net, quick_work, quick_done, arg)); }

/* Credential plugins that hang, more than there are workers: what is quick is done nevertheless, and they all get their turn. */
static void test_long_jobs_leave_a_worker(void **state)
{
    struct fix *f = *state;
    struct err err = ERR_INIT;
    struct hang h = {.net = f->net};
    struct timespec until;
    sem_init(&h.begun, 0, 0), sem_init(&h.go, 0, 0), sem_init(&h.quick, 0, 0);
    assert_true(net_start(f->net, &err));
    assert_true(net_post(f->net, ask_long, NULL, &h));
    while (sem_wait(&h.begun))                  /* they have begun */
        continue;
    assert_true(net_post(f->net, ask_quick, NULL, &h));
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    int rc = sem_timedwait(&h.quick, &until);
    for (int i = 0; i < HANGING; i++)
        sem_post(&h.go);
    net_stop(f->net);
    net_step(f->net, 0);
    net_free(f->net);
    f->net = NULL;
    assert_int_equal(rc, 0);
    assert_int_equal(h.over, HANGING);
    sem_destroy(&h.begun), sem_destroy(&h.go), sem_destroy(&h.quick);
}

static int dropped;
static void drop(void *arg)
{
    (void)arg;
    dropped++;
}

static void test_unthreaded_work_and_drop(void **state)
{
    struct fix *f = *state;
    struct order o = {.net = f->net};
    assert_true(net_work(f->net, job_work, job_done, &o));
    assert_int_equal(o.n, 0);
    net_step(f->net, 0);
    assert_int_equal(o.n, 1);
    struct err err = ERR_INIT;
    struct net *n = net_new(&err);
    struct order left = {.net = n};
    dropped = 0;
    assert_true(net_post(n, job_work, drop, &left));
    assert_true(net_work(n, job_work, job_done, &left));
    net_free(n);
    assert_int_equal(dropped, 1);
    assert_int_equal(left.works, 1);   /* the job; the post was dropped */
    assert_int_equal(left.n, 1);
}

static struct order *timer_order;
static void tick(void *arg)
{
    timer_order->got[timer_order->n++] = (int)(intptr_t)arg;
}

static void test_timers(void **state)
{
    struct fix *f = *state;
    clock_freeze(1000, 0);
    struct order o = {.net = f->net};
    timer_order = &o;
    net_timer(f->net, 30, tick, (void *)3);
    net_timer(f->net, 10, tick, (void *)1);
    struct net_timer *gone = net_timer(f->net, 15, tick, (void *)9);
    net_timer(f->net, 20, tick, (void *)2);
    net_timer(f->net, 20, tick, (void *)4);
    net_timer_cancel(f->net, gone);
    net_timer_cancel(f->net, NULL);
    net_step(f->net, 0);
    assert_int_equal(o.n, 0);
    clock_advance(20);
    net_step(f->net, 0);
    assert_int_equal(o.n, 3);
    clock_advance(100);
    net_step(f->net, 0);
    const int want[] = {1, 2, 4, 3};
    assert_int_equal(o.n, 4);
    assert_memory_equal(o.got, want, sizeof want);
}

static void test_backoff(void **state)
{
    (void)state;
    struct net_backoff b = {.base_ms = 100, .max_ms = 1000};
    const int top[] = {100, 200, 400, 800, 1000, 1000};
    for (int i = 0; i < 6; i++) {
        int64_t ms = net_backoff_next(&b);
        assert_true(ms >= 1 && ms <= top[i]);
    }
    net_backoff_reset(&b);
    assert_true(net_backoff_next(&b) <= 100);
}

int main(void)
{
    struct err err = ERR_INIT;
    if (!net_global_init(&err))
        return 1;
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_threaded), T(test_jobs_of_the_first_turn), T(test_long_jobs_leave_a_worker), T(test_unthreaded_work_and_drop), T(test_timers), cmocka_unit_test(test_backoff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
