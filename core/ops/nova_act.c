/* Nova's servers: what is allowed when, and how an end is known. The rules are those of Nova's compute API. */
#include "core/ops/nova_act.h"

#include <string.h>
#include <strings.h>

#include "core/openstack/ostk.h"
#include "strata/row.h"
#include "strata/text.h"

const char *const nova_servers[] = {"server", NULL};

#define REBOOTS "rebooting reboot_pending reboot_started resuming rebooting_hard unpausing pausing suspending"

static const struct nova_rule rules[] = {
    {"start", "os-start", "start", "stopped", NULL, "active", "stop", NULL, FACT_INFO, 0},
    {"stop", "os-stop", "stop", "active error", NULL, "stopped", "start",
     "what runs on it ends; it keeps its place, its addresses and its volumes", FACT_CAUTION, NOVA_TAKES},
    {"reboot", "reboot", "reboot", "active", NULL, "active", NULL, "what runs on it is interrupted", FACT_CAUTION, NOVA_TAKES},
    {"reboot hard", "reboot", "reboot", "active stopped paused suspended error", REBOOTS, "active", NULL,
     "its power is cut: what was not written to its disks is lost", FACT_DANGER, NOVA_TAKES},
    {"pause", "pause", "pause", "active", NULL, "paused", "unpause", "it stands still in the memory of its host: who talks to it waits", FACT_CAUTION, NOVA_TAKES},
    {"unpause", "unpause", "unpause", "paused", NULL, "active", "pause", NULL, FACT_INFO, 0},
    {"suspend", "suspend", "suspend", "active", NULL, "suspended", "resume",
     "its memory is written to its host's disk; its connections will have ended when it resumes", FACT_CAUTION, NOVA_TAKES},
    {"resume", "resume", "resume", "suspended", NULL, "active", "suspend", NULL, FACT_INFO, 0},
    {"shelve", "shelve", "shelve", "active stopped paused suspended", NULL, "shelved shelved_offloaded", "unshelve",
     "it is shut down, an image of its root disk is kept, and its place on its host is given up", FACT_CAUTION, NOVA_TAKES},
    {"unshelve", "unshelve", "unshelve", "shelved shelved_offloaded", NULL, "active", "shelve", "it is started where the scheduler finds a place", FACT_INFO, 0},
    {"rescue", "rescue", "rescue", "active stopped error", NULL, "rescued", "unrescue",
     "it restarts from a rescue image, its own root disk beside it: what runs on it ends", FACT_CAUTION, NOVA_TAKES},
    {"unrescue", "unrescue", "unrescue", "rescued", NULL, "active", NULL, "it restarts from its own disk", FACT_INFO, 0},
    {"lock", "lock", "lock", NULL, "*", NULL, "unlock", NULL, FACT_INFO, NOVA_UNLOCKED | NOVA_UNBORN},
    {"unlock", "unlock", "unlock", NULL, "*", NULL, "lock", NULL, FACT_INFO, NOVA_UNLOCKED | NOVA_UNBORN},
    {"reset-state", "os-resetState", "resetState", NULL, "*", NULL, NULL,
     "only Nova's record is changed, not the guest: be sure of what the guest really is, Nova acts on what the record says", FACT_DANGER,
     NOVA_UNLOCKED | NOVA_UNBORN},
    {"resize", "resize", "resize", "active stopped", NULL, "resized", "revert-resize",
     "it is shut down while its disk is copied, and must be confirmed then (confirm-resize)", FACT_CAUTION, NOVA_EACH | NOVA_TAKES},
    {"migrate", "migrate", "migrate", "active stopped", NULL, "resized", "revert-resize",
     "it is shut down while its disk is copied, and must be confirmed then (confirm-resize)", FACT_CAUTION, NOVA_EACH | NOVA_TAKES},
    {"confirm-resize", "confirmResize", "confirmResize", "resized", NULL, "active stopped", NULL,
     "what is kept of it on its former host is deleted: there is no way back", FACT_INFO, NOVA_ENDS},
    {"revert-resize", "revertResize", "revertResize", "resized", NULL, "active stopped", NULL,
     "it is shut down and goes back to its former host and flavor; what was written since is lost with a local disk", FACT_CAUTION, NOVA_EACH},
    {"live-migrate", "os-migrateLive", "live-migration", "active paused", NULL, NULL, "live-migrate", NULL, FACT_INFO, NOVA_EACH},
    {"abort-migration", NULL, "live_migration_cancel", NULL, "migrating", NULL, NULL, NULL, FACT_INFO, NOVA_UNBORN},
    {"force-complete", NULL, "live_migration_force_complete", "active", "migrating", NULL, NULL,
     "it is paused until the rest is copied, or goes on by post-copy, as the cloud is set up", FACT_CAUTION, 0},
    {"evacuate", "evacuate", "evacuate", "active stopped error", "*", "active stopped", NULL,
     "be sure that its host is off: where the guest still runs, two copies of it write to the same volumes", FACT_DANGER, NOVA_UNLOCKED | NOVA_TAKES},
    {"rebuild", "rebuild", "rebuild", "active stopped error", NULL, "active stopped", NULL, NULL, FACT_DANGER, NOVA_TAKES},
    {"snapshot", "createImage", "createImage", "active stopped paused suspended", NULL, "active stopped paused suspended", NULL, NULL, FACT_INFO,
     NOVA_UNLOCKED},
    {"delete", NULL, "delete", NULL, "*", "soft-delete", NULL, NULL, FACT_DANGER, NOVA_UNBORN | NOVA_TAKES},
    {"force-delete", "forceDelete", "delete", NULL, "*", NULL, NULL, "it is gone at once, also where the cloud keeps deleted servers for a while", FACT_DANGER,
     NOVA_UNBORN | NOVA_TAKES},
    {"restore", "restore", "restore", "soft-delete", NULL, "active stopped", NULL, NULL, FACT_INFO, NOVA_ENDS},
};

/* vm_state, the status that users know it by, and what leads out of it. */
static const struct { const char *vm, *status, *out; } states[] = {
    {"active", "ACTIVE", "stop it first"}, {"stopped", "SHUTOFF", "start it first"}, {"paused", "PAUSED", "unpause it first"},
    {"suspended", "SUSPENDED", "resume it first"}, {"rescued", "RESCUE", "unrescue it first"},
    {"resized", "VERIFY_RESIZE", "confirm-resize or revert-resize comes first"}, {"shelved", "SHELVED", "unshelve it first"},
    {"shelved_offloaded", "SHELVED_OFFLOADED", "unshelve it first"}, {"soft-delete", "SOFT_DELETED", "restore it first"},
    {"error", "ERROR", "its fault says why; a hard reboot or rebuild may help, reset-state if it is known to be whole"},
    {"building", "BUILD", "wait until it is built"}, {"deleted", "DELETED", "it is gone"},
};
#define NSTATES (sizeof states / sizeof states[0])

const struct nova_rule *nova_rule(const char *id)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!strcmp(rules[i].id, id))
            return &rules[i];
    return NULL;
}

/* A hard reboot is another thing than a soft one. */
static const struct nova_rule *rule_of(const struct act_ctx *c)
{
    const char *type = act_arg(c, "type");
    return nova_rule(!strcmp(c->action->id, "reboot") && type && !strcmp(type, "hard") ? "reboot hard" : c->action->id);
}

/* ---- the server ---- */

const char *nova_vm(const json_t *server)
{
    const char *vm = act_str(server, "OS-EXT-STS:vm_state"), *status = act_str(server, "status");
    for (size_t i = 0; !*vm && i < NSTATES; i++)
        if (!strcmp(states[i].status, status))
            return states[i].vm;
    return vm;
}

const char *nova_task(const json_t *server) { return act_str(server, "OS-EXT-STS:task_state"); }
const char *nova_host(const json_t *server) { return act_str(server, "OS-EXT-SRV-ATTR:host"); }

bool nova_in(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (size_t n; len && words && *words; words += n + strspn(words + n, " ")) {
        n = strcspn(words, " ");
        if (n == len && !memcmp(words, word, n))
            return true;
    }
    return false;
}

bool nova_same_host(const char *said, const char *host)
{
    size_t n = strlen(said);
    return n && !strncmp(said, host, n) && (!host[n] || (host[n] == '.' && !strchr(said, '.')));
}

bool nova_has(const struct act_ctx *c, const char *microversion)
{
    return !c->offers || !*c->offers || ostk_version_cmp(c->offers, microversion) >= 0;
}

bool nova_moved(const struct act_ctx *c)
{
    const char *paths[] = {"OS-EXT-SRV-ATTR:host", "hostId"};
    for (size_t i = 0; i < 2; i++) {
        const char *was = act_str(c->before, paths[i]), *is = act_str(c->obj, paths[i]);
        if (*was && *is)
            return strcmp(was, is) != 0;
    }
    return false;
}

int64_t nova_time(const json_t *o, const char *path)
{
    const char *s = act_str(o, path);
    int64_t ms;
    return *s && text_parse_time(s, strlen(s), &ms) ? ms : CELL_NONE;
}

/* Nova keeps whole seconds, and its clocks are not one. */
bool nova_ours(const struct act_ctx *c, int64_t ms)
{
    return ms != CELL_NONE && c->sent_ms != CELL_NONE && ms >= c->sent_ms - 2000;
}

const json_t *nova_beside(const struct act_ctx *c, const char *key)
{
    const json_t *found = NULL;
    for (size_t i = 0; i < ACT_SIDES && !found; i++)
        found = json_object_get(c->side[i].json, key);
    return found;
}

/* ---- building ---- */

static const char *status_of(const json_t *server)
{
    const char *s = act_str(server, "status");
    return *s ? s : nova_vm(server);
}

/* What undoes one state alone is of no use in another: no way leads there but what it undoes. */
static const struct { const char *from, *words; } undoes[] = {
    {"resized", "no resize and no cold move of it waits for that"}, {"shelved shelved_offloaded", "it is not shelved"}, {"suspended", "it is not suspended"},
    {"rescued", "it is not in rescue"}, {"paused", "it is not paused"}, {"soft-delete", "it was not deleted"},
};

static void say_from(const struct act_ctx *c, const struct nova_rule *r, struct act_facts *f)
{
    struct str may;
    const char *vm = nova_vm(c->obj), *out = "";
    str_init(&may, 1000);
    for (size_t i = 0; i < NSTATES; i++) {
        if (nova_in(r->from, states[i].vm))
            str_addf(&may, "%s%s", may.len ? " or " : "", states[i].status);
        if (!strcmp(states[i].vm, vm))
            out = states[i].out;
    }
    for (size_t i = 0; i < sizeof undoes / sizeof undoes[0]; i++)
        if (!strcmp(r->from, undoes[i].from))
            out = undoes[i].words;
    act_fact(f, FACT_REFUSED, "it is %s, and Nova takes this only when it is %s%s%s", status_of(c->obj), may.data, *out ? ": " : "", out);
    str_release(&may);
}

static bool launched(const json_t *server)
{
    const json_t *at = act_get(server, "OS-SRV-USG:launched_at");
    return !at || json_is_string(at);
}

/* Whatever its host is asked for waits in Nova until the agent there is back. */
static void say_silent_host(const struct act_ctx *c, const struct nova_rule *r, struct act_facts *f)
{
    const char *status = act_str(c->obj, "host_status");
    bool asked = r->from && !(r->flags & (NOVA_EACH | NOVA_ENDS)) && strcmp(r->id, "evacuate") != 0;
    if (asked && (!strcmp(status, "DOWN") || !strcmp(status, "UNKNOWN")))
        act_fact(f, FACT_CAUTION, "the nova-compute of its host %s does not report: Nova takes this, and it happens when that is back, whenever that is", nova_host(c->obj));
}

enum act_verdict nova_may(const struct act_ctx *c, struct act_facts *f)
{
    const struct nova_rule *r = rule_of(c);
    const char *vm = nova_vm(c->obj), *task = nova_task(c->obj), *reason = act_str(c->obj, "locked_reason");
    bool there = r->to && r->from && nova_in(r->to, vm) && !nova_in(r->from, vm);
    if (there && !*task && !(r->flags & NOVA_EACH) && !(r->flags & NOVA_ENDS && c->planning))
        return ACT_ALREADY;
    if (!strcmp(r->id, "reboot hard") && !strcmp(vm, "stopped"))
        act_fact(f, FACT_CAUTION, "it is shut off: this starts it");
    else if (r->words)
        act_fact(f, r->level, "%s", r->words);
    if (*task && (!r->tasks || (strcmp(r->tasks, "*") != 0 && !nova_in(r->tasks, task)))) {
        act_fact(f, FACT_REFUSED, "it is busy (%s): wait until that has ended", task);
        return ACT_REFUSED;
    }
    if (r->from && *vm && !nova_in(r->from, vm)) {
        say_from(c, r, f);
        return ACT_REFUSED;
    }
    if (!(r->flags & NOVA_UNBORN) && !launched(c->obj)) {
        act_fact(f, FACT_REFUSED, "it was never started on any host: Nova takes this of no such server; delete it, or see its fault");
        return ACT_REFUSED;
    }
    if (json_is_true(act_get(c->obj, "locked")) && !(r->flags & NOVA_UNLOCKED))
        act_fact(f, FACT_CAUTION, "it is locked%s%s: only an administrator's request is taken", *reason ? ", " : "", reason);
    say_silent_host(c, r, f);
    nova_node_say(c, f);
    return ACT_SEND;
}

enum act_verdict nova_post(const struct act_ctx *c, struct act_req *rq, const char *microversion, json_t *arg)
{
    const struct nova_rule *r = rule_of(c);
    rq->method = "POST";
    rq->service = "compute";
    rq->microversion = microversion;
    rq->body = json_object();
    json_object_set_new(rq->body, r->key, arg ? arg : json_null());
    act_path(c, &rq->path, "action");
    return rq->body ? ACT_SEND : ACT_REFUSED;
}

enum act_verdict nova_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    enum act_verdict v = nova_may(c, f);
    return v == ACT_SEND ? nova_post(c, rq, "2.1", NULL) : v;
}

void nova_say_disks(const struct act_ctx *c, struct act_facts *f, bool lost)
{
    const json_t *volumes = act_get(c->obj, "os-extended-volumes:volumes_attached"), *image = act_get(c->obj, "image");
    size_t n = json_array_size(volumes), gone = 0, i;
    json_t *e;
    bool local = json_is_object(image);
    json_array_foreach((json_t *)volumes, i, e)
        gone += json_is_true(json_object_get(e, "delete_on_termination"));
    if (local && lost)
        act_fact(f, FACT_DANGER, "what is on its own disk is lost: it is not on a volume");
    else if (lost && n)
        act_fact(f, FACT_INFO, "its root disk is a volume");
    if (n && strstr(c->action->id, "delete") && gone)
        act_fact(f, FACT_DANGER, "%zu of its %zu volume%s %s deleted with it (delete_on_termination)", gone, n, n == 1 ? "" : "s", gone == 1 ? "is" : "are");
    if (n > gone && strstr(c->action->id, "delete"))
        act_fact(f, FACT_INFO, "%zu volume%s stay%s, detached", n - gone, n - gone == 1 ? "" : "s", n - gone == 1 ? "s" : "");
    else if (n && !strstr(c->action->id, "delete"))
        act_fact(f, FACT_INFO, "its %zu attached volume%s go%s along", n, n == 1 ? "" : "s", n == 1 ? "es" : "");
}

/* ---- the record ---- */

/* Of the list: ours, when its answer was lost and so its id is not known. */
static const json_t *in_list(const struct act_ctx *c)
{
    const struct nova_rule *r = rule_of(c);
    size_t i;
    json_t *e;
    json_array_foreach((json_t *)nova_beside(c, "instanceActions"), i, e)
        if (!strcmp(act_str(e, "action"), r->record) && nova_ours(c, nova_time(e, "start_time")))
            return e;
    return NULL;
}

bool nova_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const char *id = c->request_id;
    if (!c->seeing)
        return nova_node_side(c, i, path);
    if (i > 1 || (i && (*id || !in_list(c))))
        return false;
    *service = "compute";
    *microversion = "2.84";
    if (i)
        id = act_str(in_list(c), "request_id");
    if (!act_path(c, path, "os-instance-actions"))
        return false;
    return !*id || (str_addc(path, '/') && str_add_urlenc(path, id));
}

size_t nova_sides(const struct act_ctx *c)
{
    return !c->seeing ? 0 : *c->request_id || !in_list(c) ? 1 : 2;
}

static void last_line(struct str *to, const char *text)
{
    size_t n = strlen(text);
    while (n && strchr(" \n", text[n - 1]))
        n--;
    size_t from = n;
    while (from && text[from - 1] != '\n')
        from--;
    str_add(to, text + from, n - from);
}

/* An administrator gets the details, others the fault of the server, if it is of now. */
static void say_error(const struct act_ctx *c, const json_t *event, struct str *why)
{
    const char *details = act_str(event, "details"), *trace = act_str(event, "traceback"), *fault = act_str(c->obj, "fault.message");
    str_adds(why, "Nova says that it failed");
    if (*act_str(event, "event"))
        str_addf(why, " in %s", act_str(event, "event"));
    if (*details)
        str_addf(why, ": %s", details);
    else if (*fault && nova_ours(c, nova_time(c->obj, "fault.created")))
        str_addf(why, ": %s", fault);
    else if (*trace) {
        str_adds(why, ": ");
        last_line(why, trace);
    }
}

enum nova_record nova_record(const struct act_ctx *c, struct str *why)
{
    const json_t *a = nova_beside(c, "instanceAction"), *events = act_get(a, "events"), *bad = NULL, *going = NULL;
    size_t i;
    json_t *e;
    if (!a)
        return RECORD_UNKNOWN;
    json_array_foreach((json_t *)events, i, e) {
        if (!strcmp(act_str(e, "result"), "Error"))
            bad = bad && *act_str(bad, "details") ? bad : e;
        else if (!*act_str(e, "finish_time"))
            going = e;
    }
    if (bad || (!events && !strcmp(act_str(a, "message"), "Error"))) {
        say_error(c, bad, why);
        return RECORD_ERROR;
    }
    if (!events)                           /* before 2.51 only administrators see them */
        return RECORD_UNKNOWN;
    if (going)
        str_adds(why, act_str(going, "event"));
    return going || !json_array_size(events) ? RECORD_GOING : RECORD_DONE;
}

/* ---- seeing ---- */

enum act_seen nova_failed(const struct act_ctx *c, struct str *why)
{
    struct str said;
    const char *task = nova_task(c->obj), *fault = act_str(c->obj, "fault.message");
    enum act_seen seen = SEEN_WAIT;
    if (!c->obj) {
        str_adds(why, "the server was deleted meanwhile");
        return SEEN_FAILED;
    }
    str_init(&said, 8192);
    enum nova_record rec = nova_record(c, &said);
    if (rec == RECORD_ERROR && !*task) {   /* the record is written before the task is taken back */
        str_add(why, said.data, said.len);
        str_addf(why, "; it is %s", status_of(c->obj));
        seen = SEEN_FAILED;
    } else if (!*task && !strcmp(nova_vm(c->obj), "error") && strcmp(nova_vm(c->before), "error") != 0) {
        str_addf(why, "it is in ERROR: %s", *fault ? fault : "Nova does not say why");
        seen = SEEN_FAILED;
    } else {
        str_addf(why, "it is %s%s%s%s%s", status_of(c->obj), *task ? ", " : "", task, rec == RECORD_GOING && said.len ? ", at " : "",
                 rec == RECORD_GOING ? said.data : "");
    }
    str_release(&said);
    return seen;
}

/* Without a record: the state is another than before, or was written since. */
static bool new_state(const struct act_ctx *c)
{
    return (c->before && strcmp(nova_vm(c->before), nova_vm(c->obj)) != 0) || nova_ours(c, nova_time(c->obj, "updated"));
}

enum act_seen nova_seen(const struct act_ctx *c, struct str *why)
{
    const struct nova_rule *r = rule_of(c);
    struct str said;
    if (nova_failed(c, why) == SEEN_FAILED)
        return SEEN_FAILED;
    str_init(&said, 8192);
    enum nova_record rec = nova_record(c, &said);
    str_release(&said);
    if (*nova_task(c->obj) || rec == RECORD_GOING)
        return SEEN_WAIT;
    if (nova_in(r->to, nova_vm(c->obj)) && (rec == RECORD_DONE || new_state(c)))
        return SEEN_DONE;
    int64_t written = nova_time(c->obj, "updated");
    if (rec == RECORD_DONE && written != CELL_NONE && c->now_ms - written > 20000) {
        str_adds(why, ": Nova says that it was done, and another change came since");
        return SEEN_FAILED;
    }
    return SEEN_WAIT;
}

enum act_arrived nova_arrived(const struct act_ctx *c)
{
    if (nova_beside(c, "instanceAction") || in_list(c))
        return ARRIVED_YES;
    if (*c->request_id && c->side[0].status == 404)
        return ARRIVED_NO;
    return nova_beside(c, "instanceActions") ? ARRIVED_NO : ARRIVED_UNKNOWN;
}

const char *nova_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return rule_of(c)->undo;
}

/* ---- menus ---- */

bool nova_fits(const struct action *a, const struct row *r)
{
    const struct nova_rule *rule = nova_rule(a->id);
    const char *vm = row_column(r, "vm_state"), *task = row_column(r, "task"), *status = row_column(r, "status");
    for (size_t i = 0; !*vm && i < NSTATES; i++)
        vm = !strcmp(states[i].status, status) ? states[i].vm : vm;
    bool idle = !*task || (rule->tasks && (!strcmp(rule->tasks, "*") || nova_in(rule->tasks, task)));
    if (*task ? !idle : rule->tasks && !strcmp(rule->tasks, "migrating"))
        return false;
    if (!strcmp(a->id, "evacuate") && *row_column(r, "host_status"))
        return !strcmp(row_column(r, "host_status"), "DOWN") && (!*vm || nova_in(rule->from, vm));
    if (!strcmp(a->id, "lock") || !strcmp(a->id, "unlock"))
        return !strncasecmp(row_column(r, "locked"), "true", 4) == (*a->id == 'u');
    return !rule->from || !*vm || nova_in(rule->from, vm);
}
