/*
 * A cluster that has a controller of its own for taking nodes out of use is asked, by an object or by a field of one, and watched,
 * instead of a second drain beside the controller's. What is known of each is a row of data (upkeep.c).
 */
#include <stdio.h>
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/hyper_drain.h"
#include "core/ops/kube_work.h"
#include "core/ops/ostk_act.h"
#include "core/ops/upkeep.h"
#include "core/ops/upkeep_host.h"

#define TAKEN_MS 10000              /* so long may what was asked for be unseen */

static size_t besides(void)
{
    size_t n = 0;
    for (size_t k = 0; k < UPKEEPS; k++)
        n += upkeep_rows[k].beside != NULL;
    return n;
}

static size_t pods_at(void) { return UPKEEPS + besides(); }
static bool chosen(const struct act_ctx *c, size_t row);
static bool says_done(const struct act_ctx *c);
static size_t host_at(const struct act_ctx *c) { return pods_at() + says_done(c); }

static bool moves_servers(const struct act_ctx *c)
{
    bool yes = false;
    for (size_t i = 0; i < UPKEEPS; i++)
        yes |= chosen(c, i) && upkeep_rows[i].moves & UPKEEP_SERVERS;
    return yes;
}

/* Sides: what asks of each row, then of each row that has them the others, then the pods of the node once a controller that moves them
 * says that it is done, then the hypervisor where servers are moved. */
static bool objects_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    if (i >= pods_at() && i >= host_at(c))
        return moves_servers(c) && upkeep_host_side(c, host_at(c), i - host_at(c), path, service, microversion);
    if (i == pods_at() && says_done(c))
        return kube_pods_on_node(c, path);
    if (i < UPKEEPS)
        return upkeep_path(&upkeep_rows[i], c->name, path);
    i -= UPKEEPS;
    for (size_t k = 0; k < UPKEEPS; k++)
        if (upkeep_rows[k].beside && !i--)
            return str_addf(path, "%s/%s", upkeep_rows[k].api, upkeep_rows[k].beside);
    return false;
}

static const char *objects_source(const struct act_ctx *c, size_t i)
{
    const char *cloud = NULL;
    if (i < pods_at() || i < host_at(c))
        return NULL;
    const char *source = upkeep_host_source(c, i - host_at(c));
    return source ? source : upkeep_host(c, host_at(c), &cloud) ? cloud : NULL;
}

static const json_t *others_of(const struct act_ctx *c, size_t row)
{
    size_t at = UPKEEPS;
    for (size_t k = 0; k < row; k++)
        at += upkeep_rows[k].beside != NULL;
    return upkeep_rows[row].beside ? c->side[at].json : NULL;
}

static const json_t *object_of(const struct act_ctx *c, size_t row) { return upkeep_object(&upkeep_rows[row], c->side[row].json, c->name); }
static bool is_asked(const struct act_ctx *c, size_t row) { return upkeep_asks(&upkeep_rows[row], object_of(c, row)); }

static bool chosen(const struct act_ctx *c, size_t row)
{
    const char *with = act_arg(c, "with");
    return c->side[row].status == 200 && (!with || !*with || !strcmp(with, upkeep_rows[row].word));
}

/* The row that this cluster has; UPKEEPS: none, or several, refused in f. */
static size_t row_of(const struct act_ctx *c, struct act_facts *f)
{
    size_t found = UPKEEPS, n = 0;
    for (size_t i = 0; i < UPKEEPS; i++)
        if (chosen(c, i)) {
            found = i;
            n++;
        }
    if (n == 1)
        return found;
    const char *with = act_arg(c, "with");
    struct str words;
    str_init(&words, 400);
    for (size_t i = 0; i < UPKEEPS; i++)
        if (n ? chosen(c, i) : c->side[i].status == 200)
            str_addf(&words, "%s--with=%s", words.len ? " or " : "", upkeep_rows[i].word);
    if (n)
        act_fact(f, FACT_REFUSED, "this cluster has several kinds of maintenance objects: say which, %s", words.data ? words.data : "--with");
    else if (words.len)
        act_fact(f, FACT_REFUSED, "this cluster has no maintenance objects of %s for it, but others: say %s, or leave --with out", with, words.data);
    else
        act_fact(f, FACT_REFUSED, "this cluster has no maintenance objects that strata knows (MOSK, SAP's hypervisor operator, node maintenance operator) for it: drain does it");
    str_release(&words);
    return UPKEEPS;
}

static bool says_done(const struct act_ctx *c)
{
    bool done = false;
    for (size_t i = 0; i < UPKEEPS && !done; i++) {
        struct str words;
        str_init(&words, 4096);
        done = chosen(c, i) && upkeep_rows[i].moves & UPKEEP_PODS && is_asked(c, i) &&
               upkeep_read(&upkeep_rows[i], object_of(c, i), others_of(c, i), c->name, &words) == SEEN_DONE;
        str_release(&words);
    }
    return done;
}

/* What its controller says, and what is on the node itself when it says that it is done. */
static enum act_seen read_all(const struct act_ctx *c, size_t row, struct str *why)
{
    const struct upkeep *u = &upkeep_rows[row];
    enum act_seen seen = upkeep_read(u, object_of(c, row), others_of(c, row), c->name, why);
    const char *cloud;
    size_t left;
    if (seen == SEEN_DONE && u->moves & UPKEEP_PODS)
        seen = upkeep_pods(u, c->obj, &c->side[pods_at()], why);
    if (!(u->moves & UPKEEP_SERVERS) || !upkeep_host(c, host_at(c), &cloud))
        return seen;
    if (!upkeep_host_servers(c, host_at(c), why, &left))
        str_addf(why, "; which servers are there could not be read from %s", cloud);
    else if (left && seen == SEEN_DONE)
        str_adds(why, "; its controller leaves them");
    return seen;
}

static void set_at(json_t *o, const char *path, json_t *value)      /* "spec.x" */
{
    json_object_set_new(json_object_get(o, "spec"), strrchr(path, '.') + 1, value);
}

static enum act_verdict patch(struct act_req *rq, json_t *body)
{
    rq->method = "PATCH";
    rq->content_type = "application/merge-patch+json";
    rq->body = body;
    return !rq->path.failed ? ACT_SEND : ACT_REFUSED;
}

/* ---- begin ---- */

/* It was asked before: by whom, and how far it is. */
static enum act_verdict asked_before(const struct act_ctx *c, size_t row, struct act_facts *f)
{
    const struct upkeep *u = &upkeep_rows[row];
    const char *as = u->set ? act_str(object_of(c, row), u->set) : "", *reason = u->reason ? act_str(object_of(c, row), u->reason) : "";
    struct str how;
    if (u->set && strcmp(as, u->set_to) != 0 && strcmp(as, "auto") != 0) {
        act_fact(f, FACT_REFUSED, "%s is in %s for something else (%s%s%s): that must end first", c->name, strrchr(u->set, '.') + 1, as, *reason ? ", " : "", reason);
        return ACT_REFUSED;
    }
    str_init(&how, 2048);
    bool done = read_all(c, row, &how) == SEEN_DONE;
    act_fact(f, FACT_INFO, "%s %s asks for it already%s%s%s", u->kind, act_str(object_of(c, row), "metadata.name"), done ? "" : "; it is followed to its end",
             how.len ? ": " : "", how.len ? how.data : "");
    str_release(&how);
    return done ? ACT_ALREADY : ACT_WATCH;
}

static void say_servers(const struct act_ctx *c, const struct upkeep *u, struct act_facts *f)
{
    const char *cloud = NULL;
    const json_t *h = c->planning && u->moves & UPKEEP_SERVERS ? upkeep_host(c, host_at(c), &cloud) : NULL;
    struct str words;
    size_t n = 0;
    if (!c->planning || !(u->moves & UPKEEP_SERVERS))
        return;
    str_init(&words, 4096);
    if (!h)
        act_fact(f, FACT_INFO, "no cloud that is open shows a hypervisor of that name: which servers its controller cannot move is not told (--cloud)");
    else if (upkeep_host_servers(c, host_at(c), &words, &n))
        act_fact(f, FACT_INFO, "it is a hypervisor of %s with %zu server%s", cloud, n, n == 1 ? "" : "s");
    str_release(&words);
}

static enum act_verdict begin_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    size_t row = row_of(c, f);
    char name[300], reason[300];
    if (row == UPKEEPS)
        return ACT_REFUSED;
    const struct upkeep *u = &upkeep_rows[row];
    if (is_asked(c, row))
        return asked_before(c, row, f);
    act_fact(f, FACT_CAUTION, "%s takes the node out of use as it is set up to; strata only asks for it, by a %s, and watches", u->product, u->kind);
    say_servers(c, u, f);
    json_t *o = u->set ? json_pack("{s:{}}", "spec") : json_pack("{s:s,s:s,s:{},s:{}}", "apiVersion", u->api + strlen("/apis/"), "kind", u->kind, "metadata", "spec");
    if (u->reason) {
        snprintf(reason, sizeof reason, "strata: %.280s", act_arg(c, "reason") ? act_arg(c, "reason") : "maintenance");
        set_at(o, u->reason, json_string(reason));
    }
    upkeep_path(u, c->name, &rq->path);
    if (u->set) {
        set_at(o, u->set, json_string(u->set_to));
        return patch(rq, o);
    }
    snprintf(name, sizeof name, "strata-%.250s", c->name);
    json_object_set_new(json_object_get(o, "metadata"), "name", json_string(name));
    set_at(o, u->node, json_string(c->name));
    if (u->fixed[0])
        json_object_set_new(json_object_get(o, "spec"), u->fixed[0], json_string(u->fixed[1]));
    rq->method = "POST";
    rq->body = o;
    return !rq->path.failed ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen begin_seen(const struct act_ctx *c, struct str *why)
{
    size_t row = row_of(c, NULL);
    if (row == UPKEEPS) {
        str_adds(why, "the maintenance objects cannot be read now");
        return SEEN_WAIT;
    }
    if (!is_asked(c, row)) {
        str_adds(why, "nothing asks for maintenance of the node any more: it was taken back by somebody");
        return c->sent_ms == CELL_NONE || c->now_ms - c->sent_ms > TAKEN_MS ? SEEN_FAILED : SEEN_WAIT;
    }
    return read_all(c, row, why);
}

static enum act_arrived begin_arrived(const struct act_ctx *c)
{
    size_t row = row_of(c, NULL);
    return row == UPKEEPS ? ARRIVED_UNKNOWN : is_asked(c, row) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *begin_undo(const struct act_ctx *c, struct str *args)
{
    const char *with = act_arg(c, "with");
    if (with && *with)
        str_addf(args, "with=%s\n", with);
    return "maintenance-end";
}

/* ---- end ---- */

/* What a controller made itself for what was asked goes last. */
static bool let_go(const struct act_ctx *c, size_t row)
{
    const struct upkeep *u = &upkeep_rows[row];
    bool made = u->set && act_find(json_object_get(others_of(c, row), "items"), "metadata.name", c->name);
    return !made && !is_asked(c, row);
}

/* Its controller enables the compute service of the host again; one that others disabled stays so. */
static enum act_seen serves_again(const struct act_ctx *c, const struct upkeep *u, struct str *why)
{
    const char *cloud = NULL, *reason;
    const json_t *h = u->moves & UPKEEP_SERVERS ? upkeep_host(c, host_at(c), &cloud) : NULL;
    if (!h)
        return SEEN_DONE;
    reason = act_str(h, "service.disabled_reason");
    if (hyper_disabled(h) && *reason && u->off && strncmp(reason, u->off, strlen(u->off)) != 0) {
        str_addf(why, "; its compute service stays disabled, not by %s (%s)", u->product, reason);
        return SEEN_DONE;
    }
    bool up = !strcmp(act_str(h, "state"), "up");
    str_addf(why, "; its compute service is %s%s%s%s and %s", hyper_disabled(h) ? "still disabled" : "enabled", *reason ? " (" : "", reason, *reason ? ")" : "", up ? "up" : "down");
    return up && !hyper_disabled(h) ? SEEN_DONE : SEEN_WAIT;
}

/* Nobody asks any more: it is over when what its controller took is in use again too. */
static enum act_verdict let_go_before(const struct act_ctx *c, size_t row, struct act_facts *f)
{
    const struct upkeep *u = &upkeep_rows[row];
    const char *cloud = NULL;
    const json_t *h = u->moves & UPKEEP_SERVERS ? upkeep_host(c, host_at(c), &cloud) : NULL;
    const char *reason = act_str(h, "service.disabled_reason");
    bool theirs = h && u->off && hyper_disabled(h) && !strncmp(reason, u->off, strlen(u->off));
    if (h && hyper_disabled(h) && !theirs)
        act_fact(f, FACT_CAUTION, "nothing asks for its maintenance; its compute service is disabled, not by %s (%s): strata host back %s enables it", u->product,
                 *reason ? reason : "no reason is kept", c->name);
    if (!theirs && let_go(c, row))
        return ACT_ALREADY;
    act_fact(f, FACT_CAUTION, "nothing asks for its maintenance any more, but %s has not taken it back yet%s%s%s: that is followed", u->product,
             theirs ? "; its compute service is still disabled (" : "", theirs ? reason : "", theirs ? ")" : "");
    return ACT_WATCH;
}

static enum act_verdict end_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    size_t row = row_of(c, f);
    if (row == UPKEEPS)
        return ACT_REFUSED;
    const struct upkeep *u = &upkeep_rows[row];
    const json_t *o = object_of(c, row);
    if (!is_asked(c, row))
        return let_go_before(c, row, f);
    act_fact(f, FACT_INFO, "%s takes the node into use again then, as it is set up to", u->product);
    if (!upkeep_ours(u, o))
        act_fact(f, act_bool(c, "any-reason") ? FACT_CAUTION : FACT_REFUSED, "%s %s was not %s by strata%s", u->kind, act_str(o, "metadata.name"), u->set ? "asked" : "made",
                 act_bool(c, "any-reason") ? "" : ": ask who did, or say --any-reason");
    if (facts_refusal(f))
        return ACT_REFUSED;
    upkeep_path(u, c->name, &rq->path);
    if (u->set) {
        json_t *body = json_pack("{s:{}}", "spec");
        set_at(body, u->set, json_null());
        set_at(body, u->reason, json_null());
        return patch(rq, body);
    }
    rq->method = "DELETE";
    return str_addc(&rq->path, '/') && str_add_urlenc(&rq->path, act_str(o, "metadata.name")) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen end_seen(const struct act_ctx *c, struct str *why)
{
    size_t row = row_of(c, NULL);
    bool gone = row != UPKEEPS && let_go(c, row);
    str_adds(why, row == UPKEEPS ? "the maintenance objects cannot be read now" : gone ? "nothing asks for its maintenance any more" : "its controller has not let go yet");
    return gone ? serves_again(c, &upkeep_rows[row], why) : SEEN_WAIT;
}

static enum act_arrived end_arrived(const struct act_ctx *c)
{
    size_t row = row_of(c, NULL);
    return row == UPKEEPS ? ARRIVED_UNKNOWN : is_asked(c, row) ? ARRIVED_NO : ARRIVED_YES;
}

static const char *const nodes[] = {"nodes", NULL};
#define WITH {.name = "with", .help = "Which maintenance objects, where the cluster has several kinds.", .type = ARG_CHOICE, .choices = "mosk sap medik8s"}
#define TIMEOUT(s) {.name = "timeout", .help = "Seconds until its end must be seen; " #s " if not said.", .type = ARG_SECONDS}
static const struct action_arg begin_args[] = {WITH, {.name = "reason", .help = "Why, where the object has a place for it.", .type = ARG_TEXT, .def = "maintenance"},
                                               TIMEOUT(14400)};
static const struct action_arg end_args[] = {WITH, OSTK_ANY_REASON, TIMEOUT(1800)};

static int64_t patience(const struct act_ctx *c, int64_t most)
{
    int64_t said = act_int(c, "timeout", 0);
    return said > 0 ? said : most;
}

static int64_t begin_patience(const struct act_ctx *c) { return patience(c, 4 * 3600); }
static int64_t end_patience(const struct act_ctx *c) { return patience(c, 1800); }

const struct action maintenance_actions[] = {
    {.id = "maintenance", .past = "in maintenance", .kinds = nodes, .help = "Asks the cluster's own controller to take the node out of use (MOSK, SAP, medik8s).",
     .plane = PLANE_KUBE, .flags = ACTION_DRY_RUN | ACTION_AGAIN, .args = begin_args, .nargs = 3, .patience_s = begin_patience, .side = objects_side, .side_source = objects_source, .build = begin_build,
     .stays = "what was asked for stays and its controller goes on (strata host back HOST, or maintenance-end NODE, takes it back)",
     .observe = begin_seen, .arrived = begin_arrived, .undo = begin_undo},
    {.id = "maintenance-end", .past = "out of maintenance", .kinds = nodes, .help = "Takes back what asks for the node's maintenance.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN | ACTION_AGAIN, .args = end_args, .nargs = 3, .patience_s = end_patience, .side = objects_side, .side_source = objects_source, .build = end_build, .observe = end_seen,
     .arrived = end_arrived},
    {0},
};
