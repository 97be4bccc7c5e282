/* Documents of files become an operation: read where they are asked for, their kinds looked up on the net thread, one after the other. */
#include "strata/apply.h"

#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/config/yaml_json.h"
#include "core/kube/kube.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define ITEMS_MAX 5000

struct item {
    json_t *doc;
    char *from;                    /* "FILE:LINE" */
    const struct kind *kind;
    unsigned rank;                 /* 0 namespaces, 1 definitions, 2 the rest */
    bool early;
};

enum turn { ASKED, ANSWERED, OVER };

struct apply {
    struct core *core;
    struct op *made;               /* has the id and the events; its place is taken by the operation, or it is refused */
    struct source *src;
    struct kube_source *ks;
    char *ns;
    bool given, force, dry_run, keep_going;
    struct item *item;
    size_t n, cap, at;
    enum turn *turn;               /* of who asks just now; NULL: the answer comes by itself */
    const char *file;              /* while reading */
    struct err err;
};

static void apply_free(void *arg)
{
    struct apply *a = arg;
    for (size_t i = 0; i < a->n; i++) {
        json_decref(a->item[i].doc);
        mem_free(a->item[i].from);
    }
    mem_free(a->item);
    mem_free(a->ns);
    op_free(a->made);
    mem_free(a);
}

/* ---- reading ---- */

static enum err_code wrong(const char *from, struct err *err, const char *fmt, const char *word)
{
    struct str clean;
    char text[320];
    snprintf(text, sizeof text, fmt, word);
    str_init(&clean, 4096);
    text_clean(&clean, from, strnlen(from, 300), 0);
    str_adds(&clean, ": ");
    text_clean(&clean, text, strlen(text), 0);
    enum err_code code = err_set(err, ERR_PARSE, 0, "%s", clean.data ? clean.data : "");
    str_release(&clean);
    return code;
}

static enum err_code add(struct apply *a, json_t *doc, const char *from, struct err *err)
{
    const char *kind = act_str(doc, "kind"), *version = act_str(doc, "apiVersion"), *name = act_str(doc, "metadata.name");
    const json_t *items = json_object_get(doc, "items");
    size_t len = strlen(kind);
    if (!json_is_object(doc))
        return wrong(from, err, "this is no object%s", "");
    if (!*kind || !*version)
        return wrong(from, err, "this object has no %s", *kind ? "apiVersion" : "kind");
    if (len >= 4 && !strcmp(kind + len - 4, "List") && json_is_array(items)) {
        for (size_t i = 0; i < json_array_size(items); i++)
            if (add(a, json_array_get(items, i), from, err))
                return err->code;
        return ERR_OK;
    }
    if (!*name)
        return wrong(from, err, *act_str(doc, "metadata.generateName") ? "%s has no name of its own (generateName): apply needs one" : "%s has no metadata.name", kind);
    if (a->n >= ITEMS_MAX)
        return wrong(from, err, "%s", "more than 5000 objects: apply fewer at a time");
    char *copy = mem_strdup(from);
    if (!copy || !mem_grow(&a->item, &a->cap, a->n + 1, sizeof *a->item)) {
        mem_free(copy);
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    a->item[a->n++] = (struct item){.doc = json_deep_copy(doc), .from = copy,
                                    .rank = !strcmp(kind, "Namespace") ? 0 : !strcmp(kind, "CustomResourceDefinition") ? 1 : 2};
    return ERR_OK;
}

static enum err_code one(void *arg, json_t *doc, int line, struct err *err)
{
    struct apply *a = arg;
    char from[512];
    snprintf(from, sizeof from, "%.480s:%d", a->file, line);
    return add(a, doc, from, err);
}

/* ---- the operation ---- */

static bool make_step(const struct apply *a, const struct item *it, struct op_step *st)
{
    const struct op_arg force = {.name = "force", .value = "true"};
    char *text = json_dumps(it->doc, JSON_COMPACT);
    struct op_arg args[3] = {{.name = "document", .value = text ? text : ""}, {.name = "from", .value = it->from}, force};
    st->src = a->src;
    st->kind = it->kind;
    st->scope = mem_strdup(act_str(it->doc, "metadata.namespace"));
    st->name = mem_strdup(act_str(it->doc, "metadata.name"));
    st->uid = mem_strdup("");
    st->labels = mem_strdup("");
    st->own_args = true;
    st->early = it->early;
    bool ok = text && op_set_args(&st->args, &st->nargs, st->action, args, a->force ? 3 : 2);
    if (text)
        explicit_bzero(text, strlen(text));
    json_text_free(text);
    return ok && st->scope && st->name && st->uid && st->labels;
}

static void refuse(struct apply *a)
{
    struct op *made = a->made;
    a->made = NULL;
    made->err = a->err;
    made->next = a->core->ops->list;
    a->core->ops->list = made;
    made->title = mem_strdup("apply");
    op_refuse(made, &a->err);
    apply_free(a);
}

/* What stands twice in the files is sent twice, the later one on top of the former. */
static void say_twice(struct op *op)
{
    for (uint32_t i = 0; i < op->nsteps; i++)
        for (uint32_t k = 0; k < i; k++) {
            const struct op_step *x = &op->steps[k], *y = &op->steps[i];
            char text[700];
            if (x->kind != y->kind || strcmp(x->name, y->name) != 0 || strcmp(x->scope, y->scope) != 0)
                continue;
            struct act_ctx one = {.args = x->args, .nargs = x->nargs}, two = {.args = y->args, .nargs = y->nargs};
            snprintf(text, sizeof text, "it stands twice in what is applied: %.250s, and %.250s, which has the last word", act_arg(&one, "from"), act_arg(&two, "from"));
            struct str clean;
            str_init(&clean, 4096);
            text_clean(&clean, text, strlen(text), 0);
            op_fact(op, FACT_CAUTION, i, clean.data ? clean.data : "");
            str_release(&clean);
            break;
        }
}

static void finish(struct apply *a)
{
    const struct action *action = action_find("apply", a->n ? a->item[0].kind : NULL);
    struct op *op = action && !a->err.code ? op_new(a->core, action, a->n) : NULL;
    bool ok = op != NULL;
    size_t at = 0;
    for (unsigned rank = 0; ok && rank < 3; rank++)
        for (size_t i = 0; ok && i < a->n; i++)
            if (a->item[i].rank == rank)
                ok = make_step(a, &a->item[i], &op->steps[at++]);
    if (!ok) {
        op_free(op);
        if (!a->err.code)
            err_set(&a->err, ERR_NOMEM, 0, "out of memory");
        refuse(a);
        return;
    }
    op->id = a->made->id;
    op->plan_event->id = op->end_event->id = op->id;
    op->by_name = true;
    op->at_once = 1;                       /* in their order */
    op->dry_run = a->dry_run;
    op->keep_going = a->keep_going;
    say_twice(op);
    apply_free(a);
    op_plan_now(op);
}

/* ---- kinds ---- */

/* The definition among them that says what this is. */
static const json_t *definition(const struct apply *a, const char *group, const char *kind)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->item[i].rank == 1 && !strcmp(act_str(a->item[i].doc, "spec.group"), group) && !strcmp(act_str(a->item[i].doc, "spec.names.kind"), kind))
            return a->item[i].doc;
    return NULL;
}

static bool comes_too(const struct apply *a, const char *ns)
{
    bool found = false;
    for (size_t i = 0; *ns && i < a->n && !found; i++)
        found = a->item[i].rank == 0 && !strcmp(act_str(a->item[i].doc, "metadata.name"), ns);
    return found;
}

static enum err_code place(struct apply *a, struct item *it)
{
    json_t *meta = json_object_get(it->doc, "metadata");
    const char *ns = act_str(it->doc, "metadata.namespace");
    if (!(it->kind->flags & KIND_NAMESPACED)) {
        json_object_del(meta, "namespace");
        return ERR_OK;
    }
    if (*ns && a->given && strcmp(ns, a->ns) != 0) {
        char both[400];
        snprintf(both, sizeof both, "it says namespace %.120s, -n says %.120s: give the same, or no -n", ns, a->ns);
        return wrong(it->from, &a->err, "%s", both);
    }
    if (!*ns)
        json_object_set_new(meta, "namespace", json_string(a->ns));
    it->early |= comes_too(a, act_str(it->doc, "metadata.namespace"));
    return ERR_OK;
}

static void next(struct apply *a);

static void resolved(void *arg, const struct kind *k, const struct err *err)
{
    struct apply *a = arg;
    struct item *it = &a->item[a->at];
    const char *version = act_str(it->doc, "apiVersion"), *slash = strchr(version, '/'), *kind = act_str(it->doc, "kind");
    char group[256] = "", words[400];
    snprintf(group, sizeof group, "%.*s", slash ? (int)(slash - version < 255 ? slash - version : 255) : 0, version);
    enum turn *turn = a->turn;
    a->turn = NULL;
    bool fits = k && k->kube && !strcmp(k->kube->group, group) && !strcmp(k->kube->version, slash ? slash + 1 : version);
    const json_t *comes = fits ? NULL : definition(a, group, kind);
    if (!fits)
        k = NULL;
    if (comes && (!err->code || err->code == ERR_NOTFOUND) && (k = kube_promised(a->ks, comes, slash ? slash + 1 : version)))
        fits = it->early = true;           /* it is made after its definition is served */
    if (fits) {
        it->kind = k;
        if (!place(a, it)) {
            a->at++;
            if (turn)
                *turn = ANSWERED;
            else
                next(a);
            return;
        }
    } else if (err->code && err->code != ERR_NOTFOUND) {
        a->err = *err;
    } else {
        snprintf(words, sizeof words, "the server has no %.80s in %.120s%s", kind, version,
                 comes ? ": its definition in the files serves no such version" : ": is its definition installed?");
        wrong(it->from, &a->err, "%s", words);
    }
    if (turn)
        *turn = OVER;
    refuse(a);
}

static void ask(struct apply *a)
{
    char name[800];
    const json_t *doc = a->item[a->at].doc;
    const char *version = act_str(doc, "apiVersion"), *slash = strchr(version, '/');
    snprintf(name, sizeof name, "%.200s.%.60s.%.250s", act_str(doc, "kind"), slash ? slash + 1 : version, "");
    if (slash)
        snprintf(name + strlen(name), sizeof name - strlen(name), "%.*s", (int)(slash - version < 250 ? slash - version : 250), version);
    kube_resolve(a->ks, name, resolved, a);
}

/* Thousands are answered at once each, so they are not asked about one within the other. */
static void next(struct apply *a)
{
    enum turn turn = ANSWERED;
    while (turn == ANSWERED) {
        if (a->core->closing) {
            apply_free(a);
            return;
        }
        if (a->at == a->n) {
            finish(a);
            return;
        }
        turn = ASKED;
        a->turn = &turn;
        ask(a);
    }
    if (turn == ASKED)
        a->turn = NULL;
}

static void begin(void *arg)
{
    struct apply *a = arg;
    a->ks = a->err.code ? NULL : kube_source_of(a->src, &a->err);
    if (a->ks)
        next(a);
    else
        refuse(a);
}

/* ---- from the owner's thread ---- */

uint32_t core_apply_plan(struct core *c, const struct apply_request *rq)
{
    static const struct action none = {.id = "apply"};
    struct apply *a = mem_zalloc(sizeof *a);
    struct source_info info;
    if (!a)
        return 0;
    a->core = c;
    a->made = op_new(c, &none, 0);
    bool cluster = rq->source < c->nsources;
    if (cluster) {
        core_info_of(c, rq->source, &info);
        a->src = c->source[rq->source];
        cluster = info.plane == PLANE_KUBE;
    }
    a->given = rq->ns && *rq->ns;
    a->ns = mem_strdup(a->given ? rq->ns : cluster && *info.scope ? info.scope : "default");
    a->force = rq->force;
    a->dry_run = rq->dry_run;
    a->keep_going = rq->keep_going;
    if (!a->made || !a->ns) {
        apply_free(a);
        return 0;
    }
    if (!cluster)
        err_set(&a->err, ERR_USAGE, 0, "files are applied to a cluster: choose one");
    for (size_t i = 0; i < rq->ntexts && !a->err.code; i++) {
        a->file = rq->texts[i].name;
        yaml_json_each(rq->texts[i].text, rq->texts[i].len, rq->texts[i].name, one, a, &a->err);
    }
    if (!a->n && !a->err.code)
        err_set(&a->err, ERR_USAGE, 0, "no object stands in %s", rq->ntexts == 1 ? rq->texts[0].name : "these files");
    uint32_t id = a->made->id;
    if (core_post(c, begin, apply_free, a))
        return id;
    apply_free(a);
    return 0;
}
