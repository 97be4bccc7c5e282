/*
 * Cinder: a volume given to a server and taken away (by Nova, who does it, and seen on both sides), made larger, its record
 * reset.
 */
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/ostk_act.h"

static bool is(const struct act_ctx *c, const char *id) { return !strcmp(c->action->id, id); }
static const json_t *as_it_was(const struct act_ctx *c) { return c->before ? c->before : c->obj; }
static const json_t *held(const json_t *volume, const char *server) { return act_find(act_get(volume, "attachments"), "server_id", server); }

static enum act_verdict refuse(struct act_facts *f, const char *why)
{
    act_fact(f, FACT_REFUSED, "%s", why);
    return ACT_REFUSED;
}

static enum act_seen gone(struct str *why)
{
    str_adds(why, "the volume was deleted meanwhile");
    return SEEN_FAILED;
}

/* ---- the server ---- */

/* The one that was named, else the only one that has the volume; "" none. */
static const char *who(const struct act_ctx *c)
{
    const char *given = act_arg(c, "server");
    const json_t *all = act_get(as_it_was(c), "attachments");
    if (given && *given)
        return given;
    return is(c, "detach") && json_array_size(all) == 1 ? act_str(json_array_get(all, 0), "server_id") : "";
}

static const json_t *server_of(const struct act_ctx *c, struct act_facts *f) { return ostk_act_server(c, who(c), f); }

/* Beside the volume: the server, then while it is watched what Nova says of the two, and what became of the request. */
static bool server_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    size_t searches = ostk_act_searches(c, who(c));
    if (i < searches)
        return ostk_act_server_side(c, who(c), i, path, service, microversion);
    const char *id = act_str(server_of(c, NULL), "id");
    *service = "compute";
    *microversion = "2.1";
    if (!*id || !c->seeing)
        return false;
    if (i == searches)
        return str_addf(path, "/servers/%s/os-volume_attachments/%s", id, act_str(as_it_was(c), "id"));
    return i == searches + 1 && *c->request_id && str_addf(path, "/servers/%s/os-instance-actions/%s", id, c->request_id);
}

/* Does Nova list it? -1: not known. */
static int nova_has(const struct act_ctx *c)
{
    size_t at = ostk_act_searches(c, who(c));
    if (c->side[0].status == 404)
        return 0;
    return act_get(c->side[at].json, "volumeAttachment") ? 1 : c->side[at].status == 404 ? 0 : -1;
}

/* Nova's record of the request ended in an error: what it says. */
static const char *nova_error(const struct act_ctx *c)
{
    for (size_t k = 1; k < ACT_SIDES; k++) {
        const json_t *record = act_get(c->side[k].json, "instanceAction");
        const char *message = act_str(record, "message");
        const json_t *bad = act_find(act_get(record, "events"), "result", "Error");
        if (bad)
            return *message ? message : act_str(bad, "event");
    }
    return NULL;
}

static bool server_lets(const json_t *server, struct act_facts *f)
{
    static const char *const states[] = {"ACTIVE", "PAUSED", "SHUTOFF", "VERIFY_RESIZE", "SOFT_DELETED", "SHELVED", "SHELVED_OFFLOADED"};
    const char *status = act_str(server, "status"), *task = act_str(server, "OS-EXT-STS:task_state"), *name = act_str(server, "name");
    bool ok = false;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        ok |= !strcmp(states[i], status);
    if (*task)
        act_fact(f, FACT_REFUSED, "server %s is busy (%s): wait until that has ended", name, task);
    else if (!ok)
        act_fact(f, FACT_REFUSED, "server %s is %s: Nova moves volumes of servers that are ACTIVE, PAUSED, SHUTOFF, VERIFY_RESIZE or SHELVED", name, status);
    else if (json_is_true(act_get(server, "locked")))
        act_fact(f, FACT_CAUTION, "server %s is locked: only an administrator's request is taken", name);
    return ok && !*task;
}

/* ---- attach ---- */

static enum act_verdict attach_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *status = act_str(c->obj, "status"), *project = act_str(c->obj, "os-vol-tenant-attr:tenant_id");
    bool many = json_is_true(act_get(c->obj, "multiattach"));
    const json_t *server = server_of(c, f), *other = json_array_get(act_get(c->obj, "attachments"), 0);
    if (!server)
        return ACT_REFUSED;
    const char *id = act_str(server, "id"), *owner = act_str(server, "tenant_id"), *device = act_str(c->obj, "attachments.0.device");
    if (held(c->obj, id))
        return ACT_ALREADY;
    if (other && !many)
        act_fact(f, FACT_REFUSED, "server %s has it%s%s; only a multiattach volume goes to several: detach it first", act_str(other, "server_id"),
                 *device ? " as " : "", device);
    else if (strcmp(status, "available") != 0 && !(many && !strcmp(status, "in-use")))
        act_fact(f, FACT_REFUSED, "it is %s: only a volume that is available can be attached", status);
    if (!server_lets(server, f) || facts_refusal(f))
        return ACT_REFUSED;
    act_fact(f, FACT_INFO, "server %s (%s) gets it as a new disk of %lld GiB", act_str(server, "name"), act_str(server, "status"),
             (long long)act_num(c->obj, "size", 0));
    if (other)
        act_fact(f, FACT_DANGER, "other servers have it too: without a file system made for that, two writers destroy it");
    if (*project && *owner && strcmp(project, owner) != 0)
        act_fact(f, FACT_CAUTION, "volume and server belong to different projects");
    str_addf(&rq->path, "/servers/%s/os-volume_attachments", id);
    return ostk_act_send(rq, "POST", "compute", many ? "2.60" : "2.1", json_pack("{s:{s:s}}", "volumeAttachment", "volumeId", act_str(c->obj, "id")));
}

static enum act_seen attach_seen(const struct act_ctx *c, struct str *why)
{
    const char *status = act_str(c->obj, "status"), *id = act_str(server_of(c, NULL), "id"), *error = nova_error(c);
    if (!c->obj)
        return gone(why);
    const json_t *one = held(c->obj, id);
    if (!strcmp(status, "in-use") && one && nova_has(c) == 1) {
        str_addf(why, "server %s has it as %s", act_str(server_of(c, NULL), "name"), act_str(one, "device"));
        return SEEN_DONE;
    }
    str_addf(why, "Cinder says %s, Nova %s", status, nova_has(c) == 1 ? "has it" : nova_has(c) ? "does not tell" : "does not have it");
    if (error)
        str_addf(why, ": %s", error);
    return error || !strncmp(status, "error", 5) || (!strcmp(status, "available") && !nova_has(c)) ? SEEN_FAILED : SEEN_WAIT;
}

static enum act_arrived attach_arrived(const struct act_ctx *c)
{
    if (held(c->obj, act_str(server_of(c, NULL), "id")) || nova_has(c) == 1)
        return ARRIVED_YES;
    return nova_has(c) == 0 && !strcmp(act_str(c->obj, "status"), act_str(c->before, "status")) ? ARRIVED_NO : ARRIVED_UNKNOWN;
}

static const char *attach_undo(const struct act_ctx *c, struct str *args)
{
    const char *id = act_str(server_of(c, NULL), "id");
    str_addf(args, "server=%s\n", *id ? id : who(c));
    return "detach";
}

/* ---- detach ---- */

/* Nova hides the boot order from all but the device's name. */
static bool is_root(const json_t *server, const char *device)
{
    static const char *const firsts[] = {"/dev/vda", "/dev/sda", "/dev/xvda", "/dev/hda"};
    const char *root = act_str(server, "OS-EXT-SRV-ATTR:root_device_name");
    if (*root)
        return !strcmp(root, device);
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++)
        if (!strcmp(firsts[i], device))
            return !json_is_object(act_get(server, "image"));      /* "": booted from a volume */
    return false;
}

static enum act_verdict detach_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *status = act_str(c->obj, "status");
    size_t n = json_array_size(act_get(c->obj, "attachments"));
    if (!n && !strcmp(status, "available"))
        return ACT_ALREADY;
    if (!n)
        return act_fact(f, FACT_REFUSED, "it is %s and no server has it", status), ACT_REFUSED;
    if (!*who(c))
        return act_fact(f, FACT_REFUSED, "%zu servers have it: say with server which one gives it back", n), ACT_REFUSED;
    if (c->side[0].status == 404 && ostk_act_is_uuid(who(c)))
        return refuse(f, "Nova does not know the server that has it: only its record in Cinder is left, reset that (reset-state, or delete the attachment)");
    const json_t *server = server_of(c, f), *one = held(c->obj, act_str(server, "id"));
    if (!server)
        return ACT_REFUSED;
    if (!one)
        return act_fact(f, FACT_REFUSED, "server %s does not have it", act_str(server, "name")), ACT_REFUSED;
    if (strcmp(status, "in-use") != 0)
        return act_fact(f, FACT_REFUSED, "it is %s: only a volume that is in-use can be detached", status), ACT_REFUSED;
    if (is_root(server, act_str(one, "device")) && strcmp(act_str(server, "status"), "SHELVED_OFFLOADED") != 0)
        return act_fact(f, FACT_REFUSED, "server %s boots from it: delete or shelve the server instead", act_str(server, "name")), ACT_REFUSED;
    if (!server_lets(server, f))
        return ACT_REFUSED;
    bool runs = !strcmp(act_str(server, "status"), "ACTIVE") || !strcmp(act_str(server, "status"), "PAUSED");
    act_fact(f, runs ? FACT_DANGER : FACT_INFO, runs ? "server %s runs and loses %s: unmount it there first, what is not written yet is lost" : "server %s loses %s",
             act_str(server, "name"), *act_str(one, "device") ? act_str(one, "device") : "it");
    if (runs)
        act_danger(f, false);              /* a file system is taken from under what writes to it */
    str_addf(&rq->path, "/servers/%s/os-volume_attachments/%s", act_str(server, "id"), act_str(c->obj, "id"));
    return ostk_act_send(rq, "DELETE", "compute", "2.1", NULL);
}

static enum act_seen detach_seen(const struct act_ctx *c, struct str *why)
{
    const json_t *server = server_of(c, NULL);
    const char *status = act_str(c->obj, "status"), *id = server ? act_str(server, "id") : who(c), *error = nova_error(c);
    if (!c->obj)
        return gone(why);
    bool off = !held(c->obj, id) && (!strcmp(status, "available") || !strcmp(status, "in-use"));
    if (off && nova_has(c) == 0) {
        str_addf(why, "it is %s, and Nova has it no more", status);
        return SEEN_DONE;
    }
    str_addf(why, "Cinder says %s, Nova %s", status, nova_has(c) == 1 ? "still has it" : nova_has(c) ? "does not tell" : "has it no more");
    if (error)
        str_addf(why, ": %s", error);
    return error || !strncmp(status, "error", 5) ? SEEN_FAILED : SEEN_WAIT;
}

static enum act_arrived detach_arrived(const struct act_ctx *c)
{
    const json_t *server = server_of(c, NULL);
    if (!held(c->obj, server ? act_str(server, "id") : who(c)) || !strcmp(act_str(c->obj, "status"), "detaching"))
        return ARRIVED_YES;
    return ARRIVED_NO;
}

static const char *detach_undo(const struct act_ctx *c, struct str *args)
{
    const json_t *server = server_of(c, NULL);
    str_addf(args, "server=%s\n", server ? act_str(server, "id") : who(c));
    return "attach";
}

/* ---- extend ---- */

static enum act_verdict extend_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *status = act_str(c->obj, "status");
    int64_t have = act_num(c->obj, "size", 0), want = act_int(c, "size", 0);
    bool used = !strcmp(status, "in-use");
    if (want < 1 || want < have)
        return act_fact(f, FACT_REFUSED, "it has %lld GiB: a volume only grows, give the new size in GiB", (long long)have), ACT_REFUSED;
    if (want == have)
        return ACT_ALREADY;
    if (!used && strcmp(status, "available") != 0)
        return act_fact(f, FACT_REFUSED, "it is %s: only a volume that is available or in-use can grow", status), ACT_REFUSED;
    act_fact(f, FACT_CAUTION, "from %lld to %lld GiB; a volume never shrinks again", (long long)have, (long long)want);
    if (used)
        act_fact(f, FACT_INFO, "server %s has it: the disk grows there, its partitions and file systems are for the guest", act_str(c->obj, "attachments.0.server_id"));
    act_path(c, &rq->path, "action");
    return ostk_act_send(rq, "POST", "block-storage", used ? "3.42" : "3.0", json_pack("{s:{s:I}}", "os-extend", "new_size", (json_int_t)want));
}

static enum act_seen extend_seen(const struct act_ctx *c, struct str *why)
{
    const char *status = act_str(c->obj, "status");
    int64_t size = act_num(c->obj, "size", 0);
    if (!c->obj)
        return gone(why);
    str_addf(why, "it is %s with %lld GiB", status, (long long)size);
    if (!strcmp(status, "extending"))
        return SEEN_WAIT;
    if (size >= act_int(c, "size", 0) && strncmp(status, "error", 5) != 0)
        return SEEN_DONE;
    if (strncmp(status, "error", 5) != 0)
        str_adds(why, ": Cinder gave up; its messages say why (no room on the backend, or it cannot grow in use)");
    return SEEN_FAILED;
}

static enum act_arrived extend_arrived(const struct act_ctx *c)
{
    if (act_num(c->obj, "size", 0) >= act_int(c, "size", 0) || !strcmp(act_str(c->obj, "status"), "extending"))
        return ARRIVED_YES;
    return !strcmp(act_str(c->obj, "status"), act_str(c->before, "status")) ? ARRIVED_NO : ARRIVED_UNKNOWN;
}

/* ---- reset-state ---- */

static enum act_verdict reset_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    const char *want = act_arg(c, "state"), *status = act_str(c->obj, "status");
    size_t n = json_array_size(act_get(c->obj, "attachments"));
    if (!strcmp(want ? want : "", status))
        return ACT_ALREADY;
    if (n && !strcmp(want, "available"))
        act_fact(f, FACT_DANGER, "%zu server%s it: as available another may get it, and two write to it", n, n == 1 ? " has" : "s have");
    else if (!n && !strcmp(want, "in-use"))
        return refuse(f, "no server has it: Cinder does not call it in-use then");
    if (strlen(status) > 3 && !strcmp(status + strlen(status) - 3, "ing"))
        act_fact(f, FACT_DANGER, "it is %s: if that is still under way, it goes on", status);
    act_fact(f, FACT_CAUTION, "only Cinder's record changes from %s to %s, nothing of the volume itself", status, want);
    act_path(c, &rq->path, "action");
    return ostk_act_send(rq, "POST", "block-storage", NULL, json_pack("{s:{s:s}}", "os-reset_status", "status", want));
}

static enum act_seen reset_seen(const struct act_ctx *c, struct str *why)
{
    const char *status = act_str(c->obj, "status");
    if (!c->obj)
        return gone(why);
    str_addf(why, "it is %s", status);
    return !strcmp(status, act_arg(c, "state")) ? SEEN_DONE : SEEN_WAIT;
}

static enum act_arrived reset_arrived(const struct act_ctx *c) { return !strcmp(act_str(c->obj, "status"), act_arg(c, "state")) ? ARRIVED_YES : ARRIVED_NO; }

/* ---- the rows ---- */

static bool fits(const struct action *a, const struct row *r)
{
    const char *status = row_column(r, "status");
    bool free = !strcmp(status, "available"), used = !strcmp(status, "in-use");
    if (!strcmp(a->id, "attach"))
        return free;
    return !strcmp(a->id, "detach") ? used : !strcmp(a->id, "extend") ? free || used : !free && !used;
}

static const char *const volumes[] = {"volume", NULL};
static const struct action_arg attach_args[] = {{.name = "server", .help = "The server that gets it, by name or id.", .type = ARG_TEXT, .required = true}};
static const struct action_arg detach_args[] = {{.name = "server", .help = "The server that gives it back, where several have it.", .type = ARG_TEXT}};
static const struct action_arg extend_args[] = {{.name = "size", .help = "The new size in GiB.", .type = ARG_INT, .required = true, .least = 1, .most = INT32_MAX}};
static const struct action_arg reset_args[] = {{.name = "state", .help = "The state to be written.", .type = ARG_CHOICE, .choices = "available error in-use", .required = true}};

const struct action cinder_actions[] = {
    {.id = "attach", .past = "attached", .kinds = volumes, .help = "Gives a volume to a server.", .plane = PLANE_OPENSTACK, .flags = ACTION_ONE,
     .args = attach_args, .nargs = 1, .side = server_side, .build = attach_build, .observe = attach_seen, .arrived = attach_arrived,
     .undo = attach_undo, .fits = fits},
    {.id = "detach", .past = "detached", .kinds = volumes, .help = "Takes a volume away from its server.", .plane = PLANE_OPENSTACK,
     .args = detach_args, .nargs = 1, .side = server_side, .build = detach_build, .observe = detach_seen, .arrived = detach_arrived,
     .undo = detach_undo, .fits = fits},
    {.id = "extend", .past = "extended", .kinds = volumes, .help = "Makes a volume larger.", .plane = PLANE_OPENSTACK, .args = extend_args, .nargs = 1,
     .build = extend_build, .observe = extend_seen, .arrived = extend_arrived, .fits = fits},
    {.id = "reset-state", .past = "reset", .kinds = volumes, .help = "Writes another state into Cinder's record of a volume.", .plane = PLANE_OPENSTACK,
     .flags = ACTION_DANGER, .args = reset_args, .nargs = 1, .timeout_s = 60, .build = reset_build, .observe = reset_seen, .arrived = reset_arrived, .fits = fits},
    {0},
};
