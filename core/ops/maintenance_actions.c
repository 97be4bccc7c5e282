/*
 * A cluster that has a controller of its own for taking nodes out of use gets an object for it and is watched, instead of a second
 * drain beside the controller's. What is known of each such object is a row of data.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/upkeep.h"

/* Sides: the objects of each row, then of each row that has them the others. */
static bool objects_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    (void)c, (void)service, (void)microversion;
    if (i < UPKEEPS)
        return str_addf(path, "%s/%s", upkeep_rows[i].api, upkeep_rows[i].plural);
    i -= UPKEEPS;
    for (size_t k = 0; k < UPKEEPS; k++)
        if (upkeep_rows[k].beside && !i--)
            return str_addf(path, "%s/%s", upkeep_rows[k].api, upkeep_rows[k].beside);
    return false;
}

static const json_t *items_beside(const struct act_ctx *c, size_t row)
{
    size_t at = UPKEEPS;
    for (size_t k = 0; k < row; k++)
        at += upkeep_rows[k].beside != NULL;
    return json_object_get(c->side[at].json, "items");
}

static const json_t *object_of(const struct act_ctx *c, size_t row)
{
    return act_find(json_object_get(c->side[row].json, "items"), upkeep_rows[row].node, c->name);
}

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
    act_fact(f, FACT_REFUSED, n ? "this cluster has several kinds of maintenance objects: say which (--with)"
                                : "this cluster has no maintenance objects that strata knows (MOSK, SAP's hypervisor operator, node maintenance operator): drain does it");
    return UPKEEPS;
}

static const char *text_at(const json_t *o, const char *path, char *buf, size_t size)
{
    const json_t *v = act_get(o, path);
    if (json_is_boolean(v))
        return json_is_true(v) ? "true" : "false";
    if (json_is_integer(v))
        snprintf(buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_array(v))
        snprintf(buf, size, "%zu", json_array_size(v));
    else
        return act_str(o, path);
    return buf;
}

/* What one object says of the node; DONE, FAILED or WAIT. */
static enum act_seen read_one(const struct upkeep *u, const json_t *o, struct str *why)
{
    char buf[32];
    str_addf(why, "%s%s", why->len ? "; " : "", act_str(o, "metadata.name"));
    for (size_t i = 0; i < 2 && u->words[i]; i++) {
        const char *text = text_at(o, u->words[i], buf, sizeof buf), *dot = strrchr(u->words[i], '.');
        if (*text)
            str_addf(why, " %s %.200s", dot ? dot + 1 : u->words[i], text);
    }
    if (u->bad && !strcmp(text_at(o, u->bad, buf, sizeof buf), u->bad_is))
        return SEEN_FAILED;
    return !strcmp(text_at(o, u->done, buf, sizeof buf), u->done_is) ? SEEN_DONE : SEEN_WAIT;
}

static enum act_seen read_all(const struct act_ctx *c, size_t row, struct str *why)
{
    const struct upkeep *u = &upkeep_rows[row];
    const json_t *o = object_of(c, row), *items = u->beside ? items_beside(c, row) : NULL;
    size_t n = 0, done = 0;
    if (!u->beside)
        return read_one(u, o, why);
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (strcmp(act_str(json_array_get(items, i), u->beside_node), c->name) != 0)
            continue;
        enum act_seen s = read_one(u, json_array_get(items, i), why);
        n++;
        done += s == SEEN_DONE;
        if (s == SEEN_FAILED)
            return SEEN_FAILED;
    }
    if (!n)
        str_addf(why, "nothing in %s speaks of the node yet", u->beside);
    return n && done == n ? SEEN_DONE : SEEN_WAIT;
}

/* ---- begin ---- */

static void put(json_t *o, const char *path, const char *value)      /* "spec.x" */
{
    json_t *spec = json_object_get(o, "spec");
    json_object_set_new(spec, strrchr(path, '.') + 1, json_string(value));
}

static enum act_verdict begin_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    size_t row = row_of(c, f);
    char name[300], reason[300];
    if (row == UPKEEPS)
        return ACT_REFUSED;
    const struct upkeep *u = &upkeep_rows[row];
    const json_t *there = object_of(c, row);
    if (there) {
        act_fact(f, FACT_INFO, "%s %s is there already", u->kind, act_str(there, "metadata.name"));
        return ACT_ALREADY;
    }
    act_fact(f, FACT_CAUTION, "%s takes the node out of use as it is set up to; strata only asks for it, by a %s, and watches", u->product, u->kind);
    snprintf(name, sizeof name, "strata-%.250s", c->name);
    json_t *o = json_pack("{s:s,s:s,s:{s:s},s:{}}", "apiVersion", u->api + strlen("/apis/"), "kind", u->kind, "metadata", "name", name, "spec");
    put(o, u->node, c->name);
    if (u->fixed[0])
        json_object_set_new(json_object_get(o, "spec"), u->fixed[0], json_string(u->fixed[1]));
    if (u->reason) {
        snprintf(reason, sizeof reason, "strata: %.280s", act_arg(c, "reason") ? act_arg(c, "reason") : "maintenance");
        put(o, u->reason, reason);
    }
    rq->method = "POST";
    rq->body = o;
    return str_addf(&rq->path, "%s/%s", u->api, u->plural) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen begin_seen(const struct act_ctx *c, struct str *why)
{
    size_t row = row_of(c, NULL);
    if (row == UPKEEPS) {
        str_adds(why, "the maintenance objects cannot be read now");
        return SEEN_WAIT;
    }
    if (!object_of(c, row)) {
        str_adds(why, "the maintenance object is not there, or was taken away");
        return c->now_ms - c->sent_ms > 10000 ? SEEN_FAILED : SEEN_WAIT;
    }
    return read_all(c, row, why);
}

static bool is_there(const struct act_ctx *c)
{
    size_t row = row_of(c, NULL);
    return row != UPKEEPS && object_of(c, row);
}

static enum act_arrived begin_arrived(const struct act_ctx *c) { return is_there(c) ? ARRIVED_YES : ARRIVED_NO; }

static const char *begin_undo(const struct act_ctx *c, struct str *args)
{
    const char *with = act_arg(c, "with");
    if (with && *with)
        str_addf(args, "with=%s\n", with);
    return "maintenance-end";
}

/* ---- end ---- */

static enum act_verdict end_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    size_t row = row_of(c, f);
    if (row == UPKEEPS)
        return ACT_REFUSED;
    const json_t *o = object_of(c, row);
    if (!o)
        return ACT_ALREADY;
    if (strncmp(act_str(o, "metadata.name"), "strata-", 7) != 0)
        act_fact(f, FACT_CAUTION, "%s %s was not made by strata", upkeep_rows[row].kind, act_str(o, "metadata.name"));
    rq->method = "DELETE";
    str_addf(&rq->path, "%s/%s/", upkeep_rows[row].api, upkeep_rows[row].plural);
    return str_add_urlenc(&rq->path, act_str(o, "metadata.name")) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen end_seen(const struct act_ctx *c, struct str *why)
{
    bool there = is_there(c);
    str_adds(why, there ? "its controller has not let go yet" : "the maintenance object is gone");
    return there || row_of(c, NULL) == UPKEEPS ? SEEN_WAIT : SEEN_DONE;
}

static enum act_arrived end_arrived(const struct act_ctx *c) { return row_of(c, NULL) == UPKEEPS ? ARRIVED_UNKNOWN : is_there(c) ? ARRIVED_NO : ARRIVED_YES; }

static const char *const nodes[] = {"nodes", NULL};
#define WITH {.name = "with", .help = "Which maintenance objects, where the cluster has several kinds.", .type = ARG_CHOICE, .choices = "mosk sap medik8s"}
static const struct action_arg begin_args[] = {WITH, {.name = "reason", .help = "Why, where the object has a place for it.", .type = ARG_TEXT, .def = "maintenance"}};
static const struct action_arg end_args[] = {WITH};

const struct action maintenance_actions[] = {
    {.id = "maintenance", .past = "in maintenance", .kinds = nodes, .help = "Asks the cluster's own controller to take the node out of use (MOSK, SAP, medik8s).",
     .plane = PLANE_KUBE, .flags = ACTION_DRY_RUN | ACTION_AGAIN, .args = begin_args, .nargs = 2, .timeout_s = 4 * 3600, .side = objects_side, .build = begin_build,
     .observe = begin_seen, .arrived = begin_arrived, .undo = begin_undo},
    {.id = "maintenance-end", .past = "out of maintenance", .kinds = nodes, .help = "Takes the node's maintenance object away.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN | ACTION_AGAIN, .args = end_args, .nargs = 1, .timeout_s = 1800, .side = objects_side, .build = end_build, .observe = end_seen,
     .arrived = end_arrived},
    {0},
};
