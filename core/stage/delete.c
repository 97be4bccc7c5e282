/* The delete of a run: when it may go, the operation that it is, and what became of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/op.h"
#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/text.h"

#define BASE_US 2500000                /* probes before the delete: what is normal? */
#define PATIENCE_US 15000000           /* for watches and probes to get ready */

void stage_run_not_deleted(struct stage *st, enum err_code code, const char *why)
{
    struct live *l = st->live;
    bool said = !strncmp(why, "not deleted: ", 13);
    l->running = l->wanted = false;
    st->phase = st->nruns ? STAGE_DONE : STAGE_READY;
    st->goes++;
    st->err = (struct err)ERR_INIT;
    if (code)
        err_set(&st->err, code, 0, "%s%.280s", said ? "" : "not deleted: ", why);
    stage_say(st, code && !said ? "not deleted: %.180s" : "%.190s", why);
    stage_run_restart(st);
}

/* The API server writes "now plus grace"; who wants to know when it accepted, gets now. CELL_NONE: it does not say. */
static int64_t deletion_ms(const json_t *answer)
{
    const char *at = act_str(answer, "metadata.deletionTimestamp");
    int64_t ms = CELL_NONE, grace = act_num(answer, "metadata.deletionGracePeriodSeconds", 0);
    if (!*at || !text_parse_time(at, strlen(at), &ms))
        return CELL_NONE;
    return ms - (grace > 0 ? grace * 1000 : 0);
}

static void accepted(struct stage *st, const struct op_told *t)
{
    struct live *l = st->live;
    int64_t since = live_since(l, t->at_us);
    if (t->status / 100 == 2)
        machine_accepted(&l->machine, (struct machine_stamp){t->at_us, since > l->sent_us ? since : l->sent_us}, deletion_ms(t->answer));
}

static void ended(struct stage *st, const struct op_told *t)
{
    struct live *l = st->live;
    const char *text = t->text && !strncmp(t->text, "not done: ", 10) ? t->text + 10 : t->text ? t->text : "";
    if (t->state == OPS_DONE && l->go.dry_run) {
        l->dry_run_done = true;
        snprintf(l->dry_text, sizeof l->dry_text, "pod %.63s/%.253s would be deleted (server dry run); nothing was changed", st->found.plan.ns,
                 st->found.plan.pod);
    } else if (t->state == OPS_DONE && !l->machine.sent_us) {
        err_set(&l->failed_delete, ERR_GONE, 0, "the pod is gone meanwhile");
    } else if (t->state == OPS_UNSURE) {       /* the watches know */
        live_note(st, clock_mono_us(), true, false, "%s", text);
    } else if (t->state != OPS_DONE) {         /* told from the tick: the watches cannot be closed in here */
        err_set(&l->failed_delete, t->err->code ? t->err->code : ERR_REQUEST, t->err->detail, "%s", text);
    }
}

static void told(void *arg, const struct op_told *t)
{
    struct stage *st = arg;
    struct live *l = st->live;
    if (t->what == OP_SENT) {
        l->sent_us = t->at_us;
        machine_sent(&l->machine, l->sent_us);
        stage_say(st, "the delete is sent");
    } else if (t->what == OP_ANSWERED) {
        accepted(st, t);
    } else {
        ended(st, t);
    }
    stage_dirty(st);
}

static void send_delete(struct stage *st)
{
    struct live *l = st->live;
    const struct plan *p = &st->found.plan;
    struct err err = ERR_INIT;
    char grace[24];
    struct op_arg args[] = {{"wait", "no"}, {"grace-period", grace}};       /* how it goes on is what this stage watches */
    struct op_inside op = {.action = "delete", .source = st->source, .kind = kind_find("pods"), .scope = p->ns, .name = p->pod, .uid = p->uid,
                           .args = args, .nargs = st->grace_s >= 0 ? 2 : 1, .dry_run = l->go.dry_run,
                           .confirmed_name = l->go.confirmed_name, .told = told, .arg = st};
    snprintf(grace, sizeof grace, "%" PRId64, st->grace_s);
    l->wanted = false;
    l->running = true;
    l->nnotes = l->ngaps = 0;
    l->failed_delete = (struct err)ERR_INIT;
    agent_before(st);
    l->sent_us = clock_mono_us();          /* until it is known */
    stage_say(st, "what the delete does is asked, then it is sent");
    if (!op_inside(st->core, &op, &err))
        l->failed_delete = err;
}

static bool has_base_line(const struct live *l, int64_t now)
{
    bool any = false;
    for (size_t i = 0; i < l->nstrips; i++)
        any |= l->strip[i].samples != NULL;
    return l->probing && (!any || now - l->probing_us >= BASE_US);
}

static void try_send(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    const struct watch *pods = &l->watch[WATCH_PODS], *slices = &l->watch[WATCH_SLICES];
    bool known = false, patient = now - l->wanted_us < PATIENCE_US;
    bool slices_done = (slices->up && slices->listed) || slices->err.code == ERR_FORBIDDEN || !patient;
    for (size_t i = 0; i < l->machine.npods; i++)
        known |= !strcmp(l->machine.pod[i].uid, l->machine.old_uid);
    if (!pods->up || !pods->listed) {
        if (!patient)
            stage_run_not_deleted(st, ERR_NET, pods->err.code ? pods->err.msg : "the pods cannot be watched: nothing could be proved");
        else if (pods->err.code)
            stage_say(st, "waiting for the watch of pods: %.140s", pods->err.msg);
        else
            stage_say(st, "waiting for the watches");
    } else if (!known) {
        stage_run_not_deleted(st, ERR_GONE, "the pod is gone meanwhile");
    } else if (machine_deleted_by_others(&l->machine)) {
        stage_run_not_deleted(st, ERR_GONE, "somebody else deleted the pod meanwhile, it ends already: look and ask again");
    } else if (slices_done && has_base_line(l, now)) {
        struct err err = ERR_INIT;
        enum wanted wanted = live_wanted(l, now, &err);
        if (wanted == WANTED_WORKS)
            send_delete(st);
        else if (wanted == WANTED_FAILS || !patient)
            stage_run_not_deleted(st, err.code, err.msg);
        else
            stage_say(st, "waiting for the first good answer of every probe that was asked for");
    } else {
        stage_say(st, slices_done ? "measuring what is normal before the delete" : "waiting for the watch of endpoints");
    }
}

void stage_delete_tick(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    if (l->failed_delete.code) {
        struct err err = l->failed_delete;
        l->failed_delete = (struct err)ERR_INIT;
        stage_run_not_deleted(st, err.code, err.msg);
    } else if (l->dry_run_done) {
        l->dry_run_done = false;
        stage_run_not_deleted(st, ERR_OK, l->dry_text);
    }
    if (l->wanted)
        try_send(st, now);
}
