/* Live migration: queued behind others of its host, prepared, running with progress; aborted, forced, failed or completed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

#define MIB (1024LL * 1024)
#define BYTES_PER_SECOND (320 * MIB)                           /* what a guest of a calm load gets over */
#define TICK_MS 500
#define AT_ONCE 1                                              /* max_concurrent_live_migrations of a host */

static struct nova_migration *migration(struct sim *s, const struct nova_job *j)
{
    return nova_migration(s->nova, j->migration);
}

static enum then over(struct sim *s, struct nova_server *v, struct nova_job *j, const char *status)
{
    nova_migration_set(s, migration(s, j), status);
    nova_extra(v, NULL, NULL);
    v->progress = 0;
    nova_state(s, v, v->vm, TASK_NONE, v->power);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static enum then refused(struct sim *s, struct nova_server *v, struct nova_job *j, const char *why)
{
    char *trace = sim_printf("  File \"/usr/lib/python3/dist-packages/nova/conductor/manager.py\", line 499, in _live_migrate\n    task.execute()\n%s\n", why);
    nova_fail(s, v, 500, why, trace);
    nova_event_end(s, j->act, j->event, trace, why);
    free(trace);
    return over(s, v, j, "error");
}

static enum then schedule(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    char why[200];
    nova_job_event(s, v, j, "conductor_live_migrate_instance", "controller");
    if (v->host && v->host->service && !nova_service_is_up(s, v->host->service)) {
        snprintf(why, sizeof(why), "Compute service of %s is unavailable at this time.", v->host->name);
        return refused(s, v, j, why);
    }
    if (j->forced) {
        j->to = nova_host(s->nova, j->host);
        if (j->to == v->host) {
            snprintf(why, sizeof(why), "Unable to migrate instance (%s) to current host (%s).", v->id, v->host->name);
            return refused(s, v, j, why);
        }
        if (!j->to || !j->to->service || !nova_service_is_up(s, j->to->service)) {
            snprintf(why, sizeof(why), "Compute service of %s is unavailable at this time.", j->host);
            return refused(s, v, j, why);
        }
    } else {
        j->to = nova_schedule(s, v, v->flavor, *j->host ? j->host : NULL, v->host);
    }
    if (!j->to)
        return refused(s, v, j, NOVA_NO_HOST);
    if (nova_ordeal(v) == ORDEAL_REFUSED)
        return refused(s, v, j, "Migration pre-check error: Unacceptable CPU info: CPU doesn't have compatibility.\n\n0\n\nRefer to "
                                "http://libvirt.org/html/libvirt-libvirt-host.html#virCPUCompareResult");
    m->dest = j->to->name;
    nova_extra(v, j->to, v->flavor);
    struct nova_event *e = j->event;
    j->event = NULL;
    nova_event_end(s, j->act, nova_event_start(s, j->act, "compute_check_can_live_migrate_destination", j->to->name), NULL, NULL);
    nova_event_end(s, j->act, nova_event_start(s, j->act, "compute_check_can_live_migrate_source", v->host->name), NULL, NULL);
    nova_event_end(s, j->act, nova_event_start(s, j->act, "compute_live_migration", v->host->name), NULL, NULL);   /* put into the queue */
    nova_event_end(s, j->act, e, NULL, NULL);
    nova_migration_set(s, m, "queued");
    return THEN_NEXT;
}

/* Does anybody work on it? A nova-compute that starts anew knows nothing of the rows that it left. */
static const struct nova_server *at_work(struct sim *s, const struct nova_migration *m)
{
    const struct nova_server *v = nova_find(s, m->server);
    return v && v->job && v->job->migration == m->id ? v : NULL;
}

static int outgoing(struct sim *s, const char *host)
{
    const struct nova *n = s->nova;
    int count = 0;
    for (size_t i = n->nmigrations; i-- > 0;) {
        const struct nova_migration *m = n->migrations[i];
        count += m->source && strcmp(m->source, host) == 0 && (strcmp(m->status, "preparing") == 0 || strcmp(m->status, "running") == 0) &&
                 strcmp(m->type, "live-migration") == 0 && at_work(s, m);
    }
    return count;
}

static bool first_in_queue(struct sim *s, const struct nova_migration *m)
{
    for (size_t i = 0; i < (size_t)m->id - 1; i++) {
        const struct nova_migration *o = s->nova->migrations[i];
        const struct nova_server *v = strcmp(o->status, "queued") == 0 && o->source && strcmp(o->source, m->source) == 0 ? at_work(s, o) : NULL;
        if (v && nova_ordeal(v) != ORDEAL_QUEUED)
            return false;
    }
    return true;
}

static enum then queued(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    if (m->abort)
        return over(s, v, j, "cancelled");
    if (nova_ordeal(v) == ORDEAL_QUEUED || outgoing(s, v->host->name) >= AT_ONCE || !first_in_queue(s, m))
        return THEN_AGAIN;
    nova_job_event(s, v, j, "compute_pre_live_migration", j->to->name);
    nova_migration_set(s, m, "preparing");
    return THEN_NEXT;
}

static enum then prepare(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    nova_job_done(s, j, NULL, NULL);
    if (m->abort)
        return over(s, v, j, "cancelled");
    m->memory_total = v->flavor->ram * MIB;
    nova_migration_set(s, m, "running");
    return THEN_NEXT;
}

/* live_migration_completion_timeout: 800 s for each GiB, two at least; then it is aborted. */
static bool too_long(const struct sim *s, const struct nova_server *v, const struct nova_migration *m)
{
    int64_t gib = (v->flavor->ram + 1023) / 1024;
    return sim_now(s) - m->created > nova_ms(s, 800000 * (gib > 2 ? gib : 2));
}

/* It is too late to go back: nobody knows where the guest is. */
static enum then broken(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_fail(s, v, 500, "internal error: qemu unexpectedly closed the monitor", "Traceback (most recent call last):\n");
    v->vm = VM_ERROR;
    return over(s, v, j, "error");
}

static enum then running(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    enum ordeal o = nova_ordeal(v);
    bool half = m->memory_done > m->memory_total / 2;
    if (o == ORDEAL_STUCK)
        return too_long(s, v, m) ? over(s, v, j, "cancelled") : THEN_AGAIN;
    if (m->abort || too_long(s, v, m))
        return over(s, v, j, "cancelled");
    if (half && o == ORDEAL_FAILS)
        return over(s, v, j, "failed");
    if (half && o == ORDEAL_BREAKS)
        return broken(s, v, j);
    m->memory_done += BYTES_PER_SECOND * TICK_MS / 1000 / (o == ORDEAL_SLOW ? 16 : 2);
    if (o == ORDEAL_HANGS && m->memory_done > m->memory_total * 9 / 10)
        m->memory_done = m->memory_total * (6 + (int64_t)(sim_rand(s) % 3)) / 10;      /* the guest wrote it again */
    if (m->force || m->memory_done > m->memory_total)
        m->memory_done = m->memory_total;
    m->updated = sim_now(s);
    v->progress = m->memory_total ? (int)(m->memory_done * 100 / m->memory_total) : 100;
    nova_touch(s, v);
    return m->memory_done < m->memory_total ? THEN_AGAIN : THEN_NEXT;
}

static enum then arrive(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (nova_ordeal(v) == ORDEAL_RETURNS)
        return over(s, v, j, "completed");
    nova_job_event(s, v, j, "compute_post_live_migration_at_destination", j->to->name);
    nova_extra_swap(v);
    neigh_port_host(s, v);
    over(s, v, j, "completed");
    nova_tell(s, v, NOVA_MOVED);
    return THEN_END;
}

static const struct nova_step steps[] = {
    {700, ON_CONDUCTOR, schedule}, {TICK_MS, ON_HOST, queued}, {1200, ON_HOST, prepare}, {TICK_MS, ON_HOST, running}, {900, ON_DEST, arrive},
    {0, ON_API, NULL},
};

/* A nova-compute that is told to stop cancels what waits; one that starts aborts what it finds running. Nobody goes on with the rest. */
void nova_live_host(struct sim *s, const char *host, bool starts)
{
    for (size_t i = 0; i < s->nova->n; i++) {
        struct nova_server *v = s->nova->order[i];
        struct nova_job *j = v->task == TASK_MIGRATING && v->host && strcmp(v->host->name, host) == 0 ? v->job : NULL;
        struct nova_migration *m = j ? migration(s, j) : NULL;
        if (!m)
            continue;
        if (!starts) {
            if (strcmp(m->status, "queued") == 0)
                nova_migration_set(s, m, "cancelled");
        } else if (strcmp(m->status, "accepted") != 0) {       /* that one is still the conductor's */
            if (strcmp(m->status, "running") == 0)
                nova_migration_set(s, m, "error");
            nova_job_done(s, j, NULL, NULL);
            nova_job_stop(v);
            nova_extra(v, NULL, NULL);
            v->progress = 0;
            nova_state(s, v, v->vm, TASK_NONE, v->power);
        }
    }
}

/* force was a member from 2.30 to 2.67, and what was always done before. */
static bool forced(struct req *r, const json_t *arg)
{
    const json_t *force = json_object_get(arg, "force");
    if (nova_at(r, 68))
        return false;
    return !nova_at(r, 30) || json_is_true(force) || nova_flag(json_string_value(force), false);
}

void nova_live(struct sim *s, struct nova_server *v, struct nova_act *a)
{
    struct nova_migration *m = nova_migration_new(s, v, "live-migration", "accepted");
    struct nova_job *j = nova_job(s, v, NULL, steps, a);
    j->migration = m->id;
    v->progress = 0;
    nova_state(s, v, v->vm, TASK_MIGRATING, v->power);
}

void nova_do_live(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *host = json_string_value(json_object_get(arg, "host"));
    struct sim *s = r->sim;
    if (!host && nova_at(r, 30) && forced(r, arg)) {
        nova_error(r, 400, "Can't force to a non-provided destination");
    } else if (nova_ordeal(v) == ORDEAL_REJECTED) {
        nova_error(r, 400, "Operation 'live-migration' not supported for vTPM-enabled instance (%s).", v->id);
    } else if (!nova_may(r, v, op)) {
        return;
    } else if (host && !nova_host(s->nova, host)) {
        nova_error(r, 400, "Compute host %s could not be found.", host);
    } else {
        const struct token *t = nova_who(r);
        struct nova_migration *m = nova_migration_new(s, v, "live-migration", "accepted");
        m->user = nova_word(s->nova, t->user_id);
        m->project = nova_word(s->nova, t->project_id);
        struct nova_job *j = nova_job(s, v, op, steps, nova_act_of(r, v, op->name));
        j->migration = m->id;
        snprintf(j->host, sizeof(j->host), "%s", host ? host : "");
        j->forced = host && forced(r, arg);
        if (j->forced)
            m->dest = nova_host(s->nova, host)->name;
        v->progress = 0;
        nova_state(s, v, v->vm, TASK_MIGRATING, v->power);
        nova_accepted(r);
    }
}
