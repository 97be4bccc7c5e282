/* The worker pool: blocking jobs off the net thread, their completion back on it. */
#include <signal.h>

#include "net_priv.h"
#include "strata/mem.h"

bool work_init(struct net *n)
{
    n->jobs_tail = &n->jobs;
    if (pthread_mutex_init(&n->job_lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&n->job_cond, NULL) != 0) {
        pthread_mutex_destroy(&n->job_lock);
        return false;
    }
    return true;
}

/* The first that may be begun: plugins that hang must not keep all else waiting. */
static struct net_item *take_job(struct net *n)
{
    struct msg **at = &n->jobs;
    while (*at && ((struct net_item *)*at)->longs && n->nlong + 1 >= NET_WORKERS)
        at = &(*at)->next;
    struct net_item *it = (struct net_item *)*at;
    if (it) {
        *at = it->link.next;
        if (!*at)
            n->jobs_tail = at;
        n->nlong += it->longs;
    }
    return it;
}

static void do_job(struct net *n, struct net_item *it)
{
    it->work(it->arg);
    mbox_send(&n->box, &it->link);   /* never closed while jobs exist */
}

static void *worker_main(void *arg)
{
    struct net *n = arg;
    pthread_mutex_lock(&n->job_lock);
    for (;;) {
        struct net_item *it = take_job(n);
        if (it) {
            pthread_mutex_unlock(&n->job_lock);
            bool longs = it->longs;
            do_job(n, it);
            pthread_mutex_lock(&n->job_lock);
            n->nlong -= longs;
        } else if (n->workers_stop) {
            break;
        } else {
            pthread_cond_wait(&n->job_cond, &n->job_lock);
        }
    }
    pthread_mutex_unlock(&n->job_lock);
    return NULL;
}

/* Workers start with the first jobs: a short batch run needs none. Call with the lock held. */
static void add_worker(struct net *n)
{
    if (n->nworkers >= NET_WORKERS)
        return;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    if (pthread_create(&n->workers[n->nworkers], NULL, worker_main, n) == 0)
        n->nworkers++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static bool add_job(struct net *n, bool longs, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
    net_assert_thread(n);
    struct net_item *it = atomic_load(&n->closing) ? NULL : mem_alloc(sizeof *it);
    if (!it)
        return false;
    *it = (struct net_item){.fn = done, .work = work, .arg = arg, .longs = longs};
    pthread_mutex_lock(&n->job_lock);
    *n->jobs_tail = &it->link;
    n->jobs_tail = &it->link.next;
    if (atomic_load(&n->threaded))
        add_worker(n);
    pthread_cond_signal(&n->job_cond);
    pthread_mutex_unlock(&n->job_lock);
    if (n->nworkers == 0)
        curl_multi_wakeup(n->multi);   /* no thread to do it: the loop does, in its next turn */
    return true;
}

bool net_work(struct net *n, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
    return add_job(n, false, work, done, arg);
}

bool net_work_long(struct net *n, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
    return add_job(n, true, work, done, arg);
}

void work_inline(struct net *n)
{
    if (n->nworkers)
        return;
    pthread_mutex_lock(&n->job_lock);
    struct msg *list = n->jobs;
    n->jobs = NULL;
    n->jobs_tail = &n->jobs;
    pthread_mutex_unlock(&n->job_lock);
    for (struct msg *m = list, *next; m; m = next) {
        next = m->next;
        m->next = NULL;
        do_job(n, (struct net_item *)m);
    }
}

void work_release(struct net *n)
{
    pthread_mutex_lock(&n->job_lock);
    n->workers_stop = true;
    pthread_cond_broadcast(&n->job_cond);
    pthread_mutex_unlock(&n->job_lock);
    for (size_t i = 0; i < n->nworkers; i++)
        pthread_join(n->workers[i], NULL);
    n->nworkers = 0;
    work_inline(n);
    pthread_cond_destroy(&n->job_cond);
    pthread_mutex_destroy(&n->job_lock);
}
