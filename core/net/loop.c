/* The loop: one thread on curl multi, a mailbox whose wake interrupts the poll, one-shot timers. */
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "net_priv.h"
#include "core/base/json_read.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/trace.h"

bool net_global_init(struct err *err)
{
    signal(SIGPIPE, SIG_IGN);
    json_read_init();
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        err_set(err, ERR_NOMEM, (int)code, "libcurl cannot start: %s", curl_easy_strerror(code));
    return code == CURLE_OK;
}

static void wake(void *arg)
{
    curl_multi_wakeup(arg);
}

/* libcurl 7.88 makes the descriptors of its wake-up inheritable; programs we exec must not get them. */
static void mark_new_fds(const unsigned char *was_open, int max)
{
    for (int fd = 3; fd < max; fd++)
        if (!was_open[fd]) {
            int flags = fcntl(fd, F_GETFD);
            if (flags >= 0)
                fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
        }
}

static CURLM *multi_new(void)
{
    unsigned char was_open[256];
    for (int fd = 0; fd < (int)sizeof was_open; fd++)
        was_open[fd] = fcntl(fd, F_GETFD) >= 0;
    CURLM *m = curl_multi_init();
    if (!m)
        return NULL;
    mark_new_fds(was_open, sizeof was_open);
    curl_multi_setopt(m, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(m, CURLMOPT_MAX_CONCURRENT_STREAMS, 250L);
    curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, 64L);
    return m;
}

struct net *net_new(struct err *err)
{
    struct net *n = mem_zalloc(sizeof *n);
    if (!n || !(n->multi = multi_new())) {
        mem_free(n);
        err_set(err, ERR_NOMEM, 0, "no memory for the network loop");
        return NULL;
    }
    if (!mbox_init(&n->box, wake, n->multi) || !work_init(n)) {
        mbox_release(&n->box);
        curl_multi_cleanup(n->multi);
        mem_free(n);
        err_set(err, ERR_NOMEM, 0, "no memory for the network loop");
        return NULL;
    }
    return n;
}

static void run_item(struct net_item *it)
{
    void (*fn)(void *) = it->fn;
    void *arg = it->arg;
    mem_free(it);
    fn(arg);
}

static void run_posts(struct net *n)
{
    for (struct msg *m = mbox_take(&n->box), *next; m; m = next) {
        next = m->next;
        run_item((struct net_item *)m);
    }
}

static void run_timers(struct net *n)
{
    int64_t now = clock_mono_ms();
    uint64_t last = n->timer_serial;   /* timers made by a timer wait for the next turn */
    for (struct net_timer **at = &n->timers, *t; (t = *at) && t->due_ms <= now;) {
        if (t->serial > last) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        void (*fn)(void *) = t->fn;
        void *arg = t->arg;
        mem_free(t);
        fn(arg);
        at = &n->timers;   /* the callback may have changed the list */
    }
}

static void run_transfers(struct net *n)
{
    int running;
    n->in_curl = true;
    curl_multi_perform(n->multi, &running);
    n->in_curl = false;
    call_reap(n);
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(n->multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode code = m->data.result;   /* m is gone once the handle is removed */
        struct net_call *c = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        if (c)
            call_transfer_done(c, code);
    }
}

static void turn(struct net *n, int max_wait_ms)
{
    run_posts(n);
    run_timers(n);
    work_inline(n);
    call_rescan(n);
    int wait = max_wait_ms;
    if (n->timers) {
        int64_t in = n->timers->due_ms - clock_mono_ms();
        if (in < wait)
            wait = in > 0 ? (int)in : 0;
    }
    if (atomic_load(&n->stop))
        wait = 0;
    watch_wait(n, wait);
    run_posts(n);
    run_timers(n);
    run_transfers(n);
    call_rescan(n);
}

void net_step(struct net *n, int max_wait_ms)
{
    net_assert_thread(n);
    turn(n, max_wait_ms);
}

static void *loop_main(void *arg)
{
    struct net *n = arg;
    while (!atomic_load(&n->stop))
        turn(n, 60 * 60 * 1000);
    return NULL;
}

bool net_start(struct net *n, struct err *err)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);   /* signals are the UI thread's */
    atomic_store(&n->stop, false);
    atomic_store(&n->threaded, true);           /* its first turn may come before pthread_create returns here */
    int rc = pthread_create(&n->thread, NULL, loop_main, n);
    atomic_store(&n->running, rc == 0);   /* after the id is stored: net_on_thread reads them the other way round */
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        atomic_store(&n->threaded, false);
        err_set(err, ERR_NOMEM, rc, "cannot start the network thread: %s", strerrordesc_np(rc));
    }
    return rc == 0;
}

void net_stop(struct net *n)
{
    if (!atomic_load(&n->running))
        return;
    atomic_store(&n->stop, true);
    curl_multi_wakeup(n->multi);
    pthread_join(n->thread, NULL);
    atomic_store(&n->running, false);
    atomic_store(&n->threaded, false);
}

bool net_on_thread(const struct net *n)
{
    return !atomic_load(&n->running) || pthread_equal(n->thread, pthread_self());
}

void net_assert_thread(const struct net *n)
{
    assert(net_on_thread(n));
    (void)n;
}

void net_free(struct net *n)
{
    if (!n)
        return;
    net_stop(n);
    atomic_store(&n->closing, true);
    while (n->calls)
        net_cancel(n, n->calls);
    work_release(n);
    /* Jobs are always completed; posted calls are dropped. Completions may cancel, not start anything. */
    for (struct msg *list; (list = mbox_take(&n->box));)
        for (struct msg *m = list, *next; m; m = next) {
            next = m->next;
            struct net_item *it = (struct net_item *)m;
            if (it->work) {
                run_item(it);
            } else {
                if (it->drop)
                    it->drop(it->arg);
                mem_free(it);
            }
        }
    for (struct net_timer *t = n->timers, *next; t; t = next) {
        next = t->next;
        mem_free(t);
    }
    while (n->sites)
        net_site_free(n, n->sites);
    call_reap(n);
    watch_release(n);
    for (size_t i = 0; i < n->nidle; i++)
        curl_easy_cleanup(n->idle[i]);
    mbox_release(&n->box);
    curl_multi_cleanup(n->multi);
    mem_free(n);
}

bool net_post(struct net *n, void (*fn)(void *arg), void (*drop)(void *arg), void *arg)
{
    struct net_item *it = atomic_load(&n->closing) ? NULL : mem_alloc(sizeof *it);
    if (!it)
        return false;
    *it = (struct net_item){.fn = fn, .drop = drop, .arg = arg};
    return mbox_send(&n->box, &it->link);
}

struct net_timer *net_timer(struct net *n, int64_t in_ms, void (*fn)(void *arg), void *arg)
{
    net_assert_thread(n);
    struct net_timer *t = mem_alloc(sizeof *t);
    if (!t)
        return NULL;
    *t = (struct net_timer){
        .due_ms = clock_mono_ms() + (in_ms > 0 ? in_ms : 0), .serial = ++n->timer_serial, .fn = fn, .arg = arg};
    struct net_timer **at = &n->timers;
    while (*at && (*at)->due_ms <= t->due_ms)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    return t;
}

void net_timer_cancel(struct net *n, struct net_timer *t)
{
    if (!t)
        return;
    net_assert_thread(n);
    for (struct net_timer **at = &n->timers; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            mem_free(t);
            return;
        }
}
