/* Nova: a server is locked, put on the shelf, rescued; and its record is set by hand. */
#include <string.h>

#include "core/ops/nova_image.h"

/* ---- lock ---- */

static bool locked(const json_t *server) { return json_is_true(act_get(server, "locked")); }

static enum act_verdict lock_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *reason = act_arg(c, "reason"), *was = act_str(c->obj, "locked_reason");
    bool say = reason && *reason;
    if (locked(c->obj)) {
        if (say && strcmp(reason, was) != 0)
            act_fact(f, FACT_INFO, "it is locked already%s%s: unlock it first to give another reason", *was ? ", " : "", was);
        return ACT_ALREADY;
    }
    if (say && !nova_has(c, "2.73"))
        act_fact(f, FACT_CAUTION, "this cloud keeps no reason of a lock: it is not told to it");
    say = say && nova_has(c, "2.73");
    enum act_verdict v = nova_may(c, f);
    return v == ACT_SEND ? nova_post(c, rq, say ? "2.73" : "2.1", say ? json_pack("{s:s}", "locked_reason", reason) : NULL) : v;
}

static enum act_verdict unlock_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *reason = act_str(c->obj, "locked_reason");
    if (!locked(c->obj))
        return ACT_ALREADY;
    if (*reason)
        act_fact(f, FACT_CAUTION, "it was locked for a reason: %s", reason);
    return nova_build(c, rq, f);
}

static enum act_seen lock_seen(const struct act_ctx *c, struct str *why)
{
    bool want = !strcmp(c->action->id, "lock");
    if (nova_failed(c, why) == SEEN_FAILED)
        return SEEN_FAILED;
    return locked(c->obj) == want ? SEEN_DONE : SEEN_WAIT;
}

static enum act_arrived lock_arrived(const struct act_ctx *c)
{
    return locked(c->obj) == !strcmp(c->action->id, "lock") ? ARRIVED_YES : ARRIVED_NO;
}

static const char *lock_undo(const struct act_ctx *c, struct str *args)
{
    const char *reason = act_str(c->before, "locked_reason");
    if (!strcmp(c->action->id, "lock"))
        return "unlock";
    if (*reason && !strchr(reason, '\n'))
        str_addf(args, "reason=%s\n", reason);
    return "lock";
}

/* ---- rescue ---- */

static bool rescue_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    return nova_side(c, i, path, service, microversion) ||
           (!c->seeing && i == nova_node_sides(c) && nova_image_side(act_arg(c, "image"), path, service, microversion));
}

static enum act_verdict rescue_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *said = act_arg(c, "image");
    bool volume = json_is_string(act_get(c->obj, "image")), named = said && *said;
    enum act_verdict v = nova_may(c, f);
    if (v != ACT_SEND)
        return v;
    if (volume && !nova_has(c, "2.87")) {
        act_fact(f, FACT_REFUSED, "its root disk is a volume, and Nova rescues such a server from microversion 2.87 on: this cloud has %s", c->offers);
        return ACT_REFUSED;
    }
    const json_t *image = named ? nova_image(c, said, f) : NULL;
    if (named && !image)
        return ACT_REFUSED;
    if (volume)
        act_fact(f, FACT_CAUTION, "its root disk is a volume: Nova rescues it only from an image with hw_rescue_device or hw_rescue_bus");
    act_fact(f, FACT_INFO, "Nova makes a password for the rescue, which is not kept here: log in with the server's key");
    return nova_post(c, rq, volume ? "2.87" : "2.1", image ? json_pack("{s:s}", "rescue_image_ref", act_str(image, "id")) : json_object());
}

/* ---- the record ---- */

static enum act_verdict reset_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *to = act_arg(c, "state"), *vm = nova_vm(c->obj), *task = nova_task(c->obj);
    if (!to || !nova_in("active error", to)) {
        act_fact(f, FACT_REFUSED, "state is active or error, not %s", to ? to : "");
        return ACT_REFUSED;
    }
    if (!strcmp(to, vm))                   /* no reason to leave it: the record may hold more than is shown */
        act_fact(f, FACT_INFO, "it is %s already%s: it is sent all the same and clears what Nova believes to be under way", to,
                 *task ? "" : ", and nothing is shown as under way");
    else
        act_fact(f, FACT_INFO, "vm_state %s becomes %s", vm, to);
    if (*task)
        act_fact(f, FACT_DANGER, "what Nova is doing with it (%s) is not stopped by this, only forgotten", task);
    if (nova_in("resized shelved shelved_offloaded soft-delete rescued paused suspended", vm))
        act_fact(f, FACT_DANGER, "it is %s: after this Nova does not know any more what it keeps of it for that", act_str(c->obj, "status"));
    enum act_verdict v = nova_may(c, f);
    return v == ACT_SEND ? nova_post(c, rq, "2.1", json_pack("{s:s}", "state", to)) : v;
}

static enum act_seen reset_seen(const struct act_ctx *c, struct str *why)
{
    const char *to = act_arg(c, "state"), *vm = nova_vm(c->obj);
    if (!c->obj) {
        str_adds(why, "the server was deleted meanwhile");
        return SEEN_FAILED;
    }
    str_addf(why, "vm_state %s", vm);
    return to && !strcmp(vm, to) && !*nova_task(c->obj) ? SEEN_DONE : SEEN_WAIT;
}

/* ---- rows ---- */

static const struct action_arg lock_args[] = {{.name = "reason", .help = "Why; shown to who meets the lock."}};
static const struct action_arg rescue_args[] = {{.name = "image", .help = "Name or id of the image to start from; without it the cloud's own."}};
static const struct action_arg reset_args[] = {
    {.name = "state", .help = "What Nova shall take it for.", .type = ARG_CHOICE, .choices = "active error", .required = true},
};

#define BY_RULE .observe = nova_seen, .arrived = nova_arrived, .undo = nova_undo, .fits = nova_fits
#define LOCKS .flags = ACTION_AGAIN, .timeout_s = 60, .side = nova_side, .observe = lock_seen, .arrived = lock_arrived, .undo = lock_undo, .fits = nova_fits
const struct action nova_state_actions[] = {
    {NOVA_ROW("lock", "locked", "Locks a server against actions of its project."), .args = lock_args, .nargs = 1, .build = lock_build, LOCKS},
    {NOVA_ROW("unlock", "unlocked", "Takes the lock off a server."), .build = unlock_build, LOCKS},
    {NOVA_ROW("shelve", "shelved", "Shuts it down and frees its place; its disk is kept."), .timeout_s = 3600, .side = nova_side,
     .build = nova_build, BY_RULE},
    {NOVA_ROW("unshelve", "unshelved", "Starts a shelved server again, where there is a place."), .timeout_s = 1800, .side = nova_side, .build = nova_build, BY_RULE},
    {NOVA_ROW("rescue", "in rescue", "Restarts it from a rescue image, its own disk beside."), .args = rescue_args, .nargs = 1, .timeout_s = 900,
     .side = rescue_side, .build = rescue_build, BY_RULE},
    {NOVA_ROW("unrescue", "out of rescue", "Restarts a server in rescue from its own disk."), .timeout_s = 900, .side = nova_side, .build = nova_build, BY_RULE},
    {NOVA_ROW("reset-state", "reset", "Sets Nova's record of it alone, not the guest."), .flags = ACTION_DANGER, .args = reset_args, .nargs = 1,
     .timeout_s = 60, .side = nova_side, .build = reset_build, .observe = reset_seen, .arrived = nova_arrived, .fits = nova_fits},
    {0},
};
