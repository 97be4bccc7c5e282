/*
 * Purpose:   probes that nothing delays: HTTP on a thread and a network loop of their own, TCP or ICMP on another.
 * Thread:    made, read and freed by one thread (the net thread); the samples are under a lock.
 * Ownership: strings in are copied; probes_free stops and joins.
 * Errors:    a probe that cannot be sent is a sample of class NOT_SENT.
 * Units:     us of the local monotonic clock.
 */
#ifndef STRATA_STAGE_PROBE_H
#define STRATA_STAGE_PROBE_H

#include <pthread.h>

#include "core/stage/numbers.h"
#include "strata/net.h"

/* Where local wall time was when the monotonic clock was there: later steps of the wall clock do not touch it. */
struct wall_anchor { int64_t mono_us, wall_us; };
void wall_anchor_take(struct wall_anchor *a);
int64_t wall_of(const struct wall_anchor *a, int64_t mono_us);
int64_t boot_minus_mono_us(void);      /* grows while the machine sleeps */

struct samples {                       /* of one probe; written by its thread, read by others */
    pthread_mutex_t lock;
    struct stage_sample *v;
    size_t n, cap, base;               /* base: samples dropped in front */
    bool starved;                      /* memory was out: some are missing */
};
bool samples_init(struct samples *s);
void samples_release(struct samples *s);
size_t samples_add(struct samples *s, const struct stage_sample *x);           /* its number, for samples_set */
void samples_set(struct samples *s, size_t number, const struct stage_sample *x);
struct stage_sample samples_get(struct samples *s, size_t number);
size_t samples_copy(struct samples *s, struct arena *a, const struct stage_sample **out);     /* 0 and NULL: none, or no memory */
int64_t samples_last_ok(struct samples *s);      /* when the newest good answer came; 0 = none */
void samples_trim(struct samples *s, size_t keep);

#define PROBES_MAX 8
struct probe_conf {
    enum stage_probe kind;
    const char *url;
    int64_t period_us, timeout_us;
    struct net_site_conf site;         /* borrowed for the call */
};
struct probes;
/* The catalog type of a service named by type or by an OpenStack-Helm application ("nova-api"); else the word. */
const char *probe_service_type(const char *word);
struct probes *probes_new(struct err *err);
int probes_add(struct probes *p, const struct probe_conf *conf, const char *secret);         /* before start; -1 with no memory */
bool probes_start(struct probes *p, struct err *err);
void probes_free(struct probes *p);
struct samples *probes_samples(struct probes *p, int i);
void probes_secret(struct probes *p, int i, const char *line);    /* "X-Auth-Token: ...", replaces the one before */
bool probes_refused(struct probes *p, int i);                     /* a 401 came since it was last asked */

/* TCP connect to ADDR:PORT, or ICMP echo to ADDR where the kernel lets us. */
struct vm_probe;
struct vm_probe *vm_probe_new(const char *target, int64_t period_us, int64_t timeout_us, struct err *err);
void vm_probe_free(struct vm_probe *v);
struct samples *vm_probe_samples(struct vm_probe *v);
const char *vm_probe_how(const struct vm_probe *v);               /* "TCP 10.0.0.5:22", "ICMP 10.0.0.5" */

#endif
