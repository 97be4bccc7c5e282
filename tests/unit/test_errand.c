/* Jobs beside the screen: made on a worker, told once, released once; what nobody wants is not begun, and a core waits for what runs. */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "strata/errand.h"
#include "strata/mem.h"
#include "strata/options.h"

struct job { atomic_int made, released; sem_t begun, go; pthread_t on; };
static struct options opt;

static struct core *start(struct job *j)
{
    struct err err = ERR_INIT;
    *j = (struct job){.made = 0};
    sem_init(&j->begun, 0, 0);
    sem_init(&j->go, 0, 0);
    options_init(&opt);
    opt.no_kube = opt.no_openstack = true;
    struct core *c = core_new(&opt, &err);
    assert_non_null(c);
    return c;
}

static void end(struct core *c, struct job *j)
{
    core_free(c);
    options_release(&opt);
    sem_destroy(&j->begun);
    sem_destroy(&j->go);
}

static void make(void *arg, struct event *e)
{
    struct job *j = arg;
    j->on = pthread_self();
    sem_post(&j->begun);
    while (sem_wait(&j->go))
        continue;
    assert_int_equal(j->released, 0);
    atomic_fetch_add(&j->made, 1);
    e->text = mem_strdup("made");
    e->len = 4;
}

static void release(void *arg) { atomic_fetch_add(&((struct job *)arg)->released, 1); }

static struct event *next(struct core *c, enum event_type type)
{
    for (;;) {
        struct event *e = core_next_event(c);
        struct pollfd p = {core_event_fd(c), POLLIN, 0};
        if (e && e->type == type)
            return e;
        event_free(e);
        if (!e)
            assert_int_equal(poll(&p, 1, 60000), 1);
    }
}

static void test_made(void **state)
{
    struct job j;
    struct core *c = start(&j);
    (void)state;
    struct errand *b = errand_begin(c, EV_TEXT, 0, make, release, &j);
    assert_non_null(b);
    sem_post(&j.go);
    struct event *e = next(c, EV_TEXT);
    assert_int_equal(e->id, errand_id(b));
    assert_string_equal(e->text, "made");
    assert_int_equal(j.released, 1);                /* nothing of it is left when it is told */
    assert_false(pthread_equal(j.on, pthread_self()));
    event_free(e);
    errand_leave(b);
    end(c, &j);
    assert_int_equal(j.made, 1);
    assert_int_equal(j.released, 1);
}

static void test_a_core_waits_for_what_runs(void **state)
{
    struct job j;
    struct core *c = start(&j);
    (void)state;
    struct errand *b = errand_begin(c, EV_TEXT, 77, make, release, &j);
    assert_int_equal(errand_id(b), 77);
    while (sem_wait(&j.begun))
        continue;
    errand_leave(b);                                /* it runs: the owner goes on */
    assert_int_equal(j.released, 0);
    sem_post(&j.go);
    end(c, &j);
    assert_int_equal(j.made, 1);
    assert_int_equal(j.released, 1);
}

static void hold(void *arg, struct event *e) { (void)e; struct job *j = arg; sem_post(&j->begun); while (sem_wait(&j->go)) continue; }

static void test_not_begun(void **state)
{
    enum { WORKERS = 8 };                           /* more than there are */
    struct job j, other = {.made = 0};
    struct core *c = start(&j);
    struct errand *busy[WORKERS], *b;
    (void)state;
    for (int i = 0; i < WORKERS; i++)
        busy[i] = errand_begin(c, EV_TEXT, 0, hold, release, &j);
    while (sem_wait(&j.begun))
        continue;
    b = errand_begin(c, EV_TEXT, 0, make, release, &other);
    errand_leave(b);
    assert_int_equal(other.released, 1);            /* at once, though no worker is free */
    for (int i = 0; i < WORKERS; i++)
        sem_post(&j.go), errand_leave(busy[i]);
    end(c, &j);
    assert_int_equal(other.made, 0);
    assert_int_equal(other.released, 1);
    assert_int_equal(j.released, WORKERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_made), cmocka_unit_test(test_a_core_waits_for_what_runs), cmocka_unit_test(test_not_begun)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
