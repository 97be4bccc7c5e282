/* Nova: a server's power: start, stop, reboot, and its sleep: pause, suspend. All by the rules in nova_act.c. */
#include <string.h>

#include "core/ops/nova_act.h"

static enum act_verdict start_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    int64_t power = act_num(c->obj, "OS-EXT-STS:power_state", -1);
    if (power == 4 && !strcmp(nova_vm(c->obj), "active") && !*nova_task(c->obj)) {
        act_fact(f, FACT_REFUSED, "its guest is off, and Nova has not noticed yet: wait, or reboot it with type=hard");
        return ACT_REFUSED;
    }
    return nova_build(c, rq, f);
}

static enum act_verdict reboot_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *type = act_arg(c, "type");
    bool hard = type && !strcmp(type, "hard");
    if (!hard && strcmp(type ? type : "soft", "soft") != 0) {
        act_fact(f, FACT_REFUSED, "type is soft or hard, not %s", type);
        return ACT_REFUSED;
    }
    enum act_verdict v = nova_may(c, f);
    if (!hard && v == ACT_SEND)
        act_fact(f, FACT_INFO, "a guest that does not shut down by itself is reset by Nova after a while");
    if (hard && v == ACT_SEND && f && strcmp(nova_vm(c->obj), "stopped") != 0)
        act_danger(f, false);              /* as bare metal's power: what it had not written is gone */
    return v == ACT_SEND ? nova_post(c, rq, "2.1", json_pack("{s:s}", "type", hard ? "HARD" : "SOFT")) : v;
}

static const struct action_arg reboot_args[] = {
    {.name = "type", .help = "soft asks the guest, hard cuts its power.", .type = ARG_CHOICE, .def = "soft", .choices = "soft hard"},
};

#define BY_RULE .side = nova_side, .observe = nova_seen, .arrived = nova_arrived, .undo = nova_undo, .fits = nova_fits
const struct action nova_power_actions[] = {
    {NOVA_ROW("stop", "stopped", "Shuts a server down."), .build = nova_build, BY_RULE},
    {NOVA_ROW("start", "started", "Starts a server that is shut off."), .build = start_build, BY_RULE},
    {NOVA_ROW("reboot", "rebooted", "Restarts a server: soft, or hard by cutting its power."), .args = reboot_args, .nargs = 1, .build = reboot_build, BY_RULE},
    {NOVA_ROW("pause", "paused", "Halts a server; its memory stays on its host."), .build = nova_build, BY_RULE},
    {NOVA_ROW("unpause", "unpaused", "Lets a paused server go on."), .build = nova_build, BY_RULE},
    {NOVA_ROW("suspend", "suspended", "Writes its memory to its host's disk and halts it."), .build = nova_build, BY_RULE},
    {NOVA_ROW("resume", "resumed", "Lets a suspended server go on."), .build = nova_build, BY_RULE},
    {0},
};
