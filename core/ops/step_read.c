/* Reading the object of a step with what stands beside it, and making its request. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube.h"
#include "core/openstack/ostk.h"
#include "core/ops/beside.h"
#include "core/ops/lists.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

int64_t step_now(const struct op_step *st)
{
    const struct source_info *in = &st->src->info;
    return clock_wall_ms() + (in->has_clock ? in->clock_offset_ms : 0);
}

void step_note(struct op_step *st, const char *fmt, ...)
{
    struct str raw;
    va_list ap;
    str_init(&raw, 4096);
    va_start(ap, fmt);
    str_addv(&raw, fmt, ap);
    va_end(ap);
    char *text = text_take(&raw);
    if (text) {
        if (!st->note || strcmp(st->note, text) != 0)
            st->news_ms = clock_mono_ms();
        mem_free(st->note);
        st->note = text;
    }
    op_changed(st->op);
}

void step_ctx(struct op_step *st, struct act_ctx *c)
{
    *c = (struct act_ctx){.action = st->action, .kind = st->kind, .source = st->src->info.name, .scope = st->scope, .name = st->name,
                          .uid = st->uid, .obj = st->obj, .before = st->before, .answer = st->answer, .args = st->args, .nargs = st->nargs,
                          .request_id = st->request_id, .now_ms = step_now(st), .sent_ms = st->sent_wall_ms, .seeing = st->seeing, .sources = st->op->core->info,
                          .nsources = st->op->core->nsources, .unopened = st->op->core->unopened.len ? st->op->core->unopened.data : "", .op = st->op, .planning = !st->op->started,
                          .side_why = st->side_why,
                          .ahead = st->op->dry_run && st->parent != UINT32_MAX && !st->action->compound,
                          .offers = st->kind->ostk ? source_microversion(st->src, st->kind->ostk->service) : ""};
    for (size_t i = 0; i < ACT_SIDES; i++)
        c->side[i] = (struct act_side){.json = st->side[i], .status = st->side_status[i]};
}

/* db-0, or web-7d4b9-x2x4z: as their owners name pods. */
static bool named_after(const char *name, const char *stem, size_t len)
{
    const char *end = name + len + 1;
    if (strncmp(name, stem, len) != 0 || name[len] != '-' || !*end)
        return false;
    return strspn(end, "0123456789") == strlen(end) || (strlen(end) == 5 && strspn(end, "0123456789abcdefghijklmnopqrstuvwxyz") == 5);
}

size_t act_together(const struct act_ctx *c, const char *stem)
{
    size_t n = 0, len = strlen(stem);
    for (size_t i = 0; c->op && i < c->op->ntargets; i++) {
        const struct op_step *st = &c->op->steps[i];
        n += st->kind == c->kind && !strcmp(st->src->info.name, c->source) && !strcmp(st->scope, c->scope) && named_after(st->name, stem, len);
    }
    return n ? n : 1;
}

bool act_is_target(const struct act_ctx *c, const char *name)
{
    for (size_t i = 0; c->op && i < c->op->ntargets; i++) {
        const struct op_step *st = &c->op->steps[i];
        const char *uid = strrchr(st->uid, '/') ? strrchr(st->uid, '/') + 1 : st->uid;       /* panels put the service before it */
        if (st->kind == c->kind && !strcmp(st->src->info.name, c->source) && (!strcmp(st->name, name) || !strcmp(uid, name)) && !st->refused)
            return true;
    }
    return false;
}

bool act_is_all_of_it(const struct act_ctx *c) { return c->op && c->op->action == c->action; }

size_t act_targets(const struct act_ctx *c)
{
    return c->op ? c->op->ntargets : 1;
}

const char *step_past(struct op_step *st)
{
    struct act_ctx c;
    step_ctx(st, &c);
    const char *past = st->action->past_of ? st->action->past_of(&c) : NULL;
    return past ? past : st->action->past ? st->action->past : "done";
}

bool step_blind(struct op_step *st)
{
    if (st->kind->plane != PLANE_KUBE || st->read_err.code != ERR_FORBIDDEN || !(st->action->flags & ACTION_GONE) || !st->op->by_name || *st->uid || st->obj)
        return false;
    st->blind = true;
    st->obj = json_pack("{s:{s:s,s:s}}", "metadata", "name", st->name, "namespace", st->scope);
    return st->obj != NULL;
}

void step_forget(struct op_step *st)
{
    json_decref(st->obj);
    st->obj = NULL;
    for (size_t i = 0; i < ACT_SIDES; i++) {
        json_decref(st->side[i]);
        st->side[i] = NULL;
        st->side_status[i] = 0;
    }
    step_forget_owners(st);
}

/* ---- waiting ---- */

static void waited(void *arg)
{
    struct op_step *st = arg;
    st->timer = NULL;
    st->then(st);
}

void step_wait(struct op_step *st, int64_t ms, void (*then)(struct op_step *st))
{
    st->then = then;
    st->timer = net_timer(st->src->net, ms < 0 ? 0 : ms, waited, st);
    if (!st->timer)
        step_end(st, st->sends ? STEP_UNSURE : STEP_FAILED, "out of memory");
}

/* ---- reading ---- */

static void next_side(struct op_step *st);

static json_t *body_of(const struct net_reply *r, struct err *err)
{
    json_t *j = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    if (r->err.code != ERR_OK)
        *err = r->err;
    else if (!j)
        err_set(err, ERR_PROTO, 0, "the answer is no JSON (%zu bytes)", r->len);
    return j;
}

/* Of what went there is still something to see beside it: who brings it back. */
static bool has_sides(const struct op_step *st)
{
    return st->obj || (st->before && st->kind->plane == PLANE_KUBE && !st->read_err.code);
}

/* Budgets of a namespace, an owner, what hosts have left, are the same for many targets: read once for a plan. */
#define SIDES_KEPT 1024

const struct op_side *sides_kept(struct op_step *st, const struct source *src, const char *path)
{
    struct op *op = st->op;
    for (size_t i = 0; !op->planned && path && i < op->nsides; i++)
        if (op->sides[i].src == src && !strcmp(op->sides[i].path, path))
            return &op->sides[i];
    return NULL;
}

void sides_keep(struct op_step *st, json_t *json, int status)
{
    struct op *op = st->op;
    if (op->planned || op->nsteps < 2 || op->nsides == SIDES_KEPT || !st->side_path || status / 100 != 2 ||
        sides_kept(st, st->side_src, st->side_path) || !mem_grow(&op->sides, &op->cap_sides, op->nsides + 1, sizeof(*op->sides)))
        return;
    op->sides[op->nsides++] = (struct op_side){.src = st->side_src, .path = st->side_path, .json = json_incref(json), .status = status};
    st->side_path = NULL;
}

void sides_forget(struct op *op)
{
    for (size_t i = 0; i < op->nsides; i++) {
        mem_free(op->sides[i].path);
        json_decref(op->sides[i].json);
    }
    mem_free(op->sides);
    op->sides = NULL;
    op->nsides = op->cap_sides = 0;
    beside_free(op);
}

static void on_side(void *arg, const struct call_reply *reply);

#define SIDE_ITEMS 200000          /* a server that never comes to its end is not followed further */

/* A list that comes in pages is one list: the next page is asked for. A page that fails fails the list; it is read again later. */
static bool side_page(struct op_step *st, json_t *page)
{
    json_t **side = &st->side[st->side_at];
    const char *cont = st->side_path && *st->side_path == '/' ? act_str(page, "metadata.continue") : "";
    struct str path;
    struct err err = ERR_INIT;
    bool first = !*side, more = *cont, joined = !first && json_is_array(json_object_get(page, "items")) &&
                              json_array_extend(json_object_get(*side, "items"), json_object_get(page, "items")) == 0;
    if (!first && !joined) {
        json_decref(*side);
        *side = NULL;
    } else if (more && json_array_size(json_object_get(*side ? *side : page, "items")) < SIDE_ITEMS) {
        str_init(&path, 1u << 20);
        str_addf(&path, "%s%ccontinue=", st->side_path, strchr(st->side_path, '?') ? '&' : '?');
        str_add_urlenc(&path, cont);
        struct call_req rq = {.path = path.data, .done = on_side, .arg = st};
        if (!path.failed)
            step_call(st, st->side_src, &rq, &err);
        str_release(&path);
    }
    if (first)
        *side = page;
    else
        json_decref(page);
    if (more && !st->call) {               /* cont went with its page */
        json_decref(*side);
        *side = NULL;
    }
    return st->call != NULL;
}

static void on_side(void *arg, const struct call_reply *reply)
{
    struct op_step *st = arg;
    struct err ignored = ERR_INIT;
    st->call = NULL;
    st->side_status[st->side_at] = reply->net->status;
    json_t *page = body_of(reply->net, &ignored);
    if (!page)
        snprintf(st->side_why, sizeof(st->side_why), "%.199s", ignored.msg);
    if (side_page(st, page))
        return;
    sides_keep(st, st->side[st->side_at], st->side_status[st->side_at]);
    st->side_at++;
    next_side(st);
}

static void side_came(struct op_step *st)
{
    if (!st->op->core->closing)
        next_side(st);                     /* and it is there now */
}

/* Of another source than its own, for the plan: those whose turn is next are asked the same at once. */
static bool side_beside(struct op_step *st, const struct act_ctx *c, struct source *src, const char *path, struct err *err)
{
    const char *service = NULL, *microversion = NULL;
    struct str same;
    str_init(&same, 65536);
    for (size_t i = st->side_at + 1; i < ACT_SIDES; i++) {
        str_clear(&same);
        if (!st->action->side(c, i, &same, &service, &microversion) || service || same.failed || strcmp(same.data, path) != 0)
            break;
        const char *from = st->action->side_source(c, i);
        struct source *other = from && *from ? op_source(st->op->core, PLANE_KUBE, from) : NULL;
        if (other && other != st->src)
            beside_ask(st->op, other, path);
    }
    str_release(&same);
    return beside_get(st, src, path, side_came, &st->side[st->side_at], &st->side_status[st->side_at], err);
}

/* By what it is known to have been read already: a path of Kubernetes as it is, one of OpenStack behind its service. */
static char *side_key(const char *service, const char *microversion, const char *path)
{
    struct str s;
    str_init(&s, 66000);
    if (service)
        str_addf(&s, "%s %s ", service, microversion ? microversion : "");
    str_adds(&s, path);
    char *key = s.failed ? NULL : str_take(&s);
    str_release(&s);
    return key;
}

static void next_side(struct op_step *st)
{
    struct act_ctx c;
    const char *service = NULL, *microversion = NULL;
    struct str path;
    struct err err = ERR_INIT;
    if (has_sides(st) && st->action->side && st->side_at < ACT_SIDES && !st->op->core->closing) {
        step_ctx(st, &c);
        str_init(&path, 65536);
        bool more = st->action->side(&c, st->side_at, &path, &service, &microversion) && !path.failed;
        const char *from = more && st->action->side_source ? st->action->side_source(&c, st->side_at) : NULL;
        struct source *src = from ? op_source(st->op->core, service ? PLANE_OPENSTACK : PLANE_KUBE, from) : st->src;
        mem_free(st->side_path);
        st->side_path = more ? side_key(service, microversion, path.data) : NULL;
        const struct op_side *kept = src ? sides_kept(st, src, st->side_path) : NULL;
        if (kept) {
            st->side[st->side_at] = json_incref(kept->json);
            st->side_status[st->side_at++] = kept->status;
            str_release(&path);
            next_side(st);                 /* at most ACT_SIDES deep */
            return;
        }
        json_t *known = more && !service && !from && st->action->compound && st->op->started ? lists_now(st->op->core, st->src, path.data) : NULL;
        if (known) {
            st->side[st->side_at] = known;
            st->side_status[st->side_at++] = 200;
            str_release(&path);
            next_side(st);
            return;
        }
        if (more && !service && src && src != st->src && st->kind->plane == PLANE_OPENSTACK && !st->action->compound && !st->op->started) {
            bool there = side_beside(st, &c, src, path.data, &err);
            str_release(&path);
            if (!there && !err.code)
                return;
            st->side_at++;
            next_side(st);
            return;
        }
        if (more) {
            struct call_req rq = {.path = path.data, .service = service, .microversion = microversion, .done = on_side, .arg = st};
            st->side_src = src;
            if (src)
                step_call(st, src, &rq, &err);
        }
        str_release(&path);
        if (st->call)
            return;
        if (more) {                        /* that source cannot be asked now; another one may */
            st->side_at++;
            next_side(st);
            return;
        }
    }
    step_owners(st);
}

/* Another object that took the name is another object. */
static bool same_object(struct op_step *st)
{
    if (st->kind->plane != PLANE_KUBE)
        return true;
    const char *uid = act_str(st->obj, "metadata.uid");
    if (*st->uid)
        return !strcmp(st->uid, uid);
    char *copy = mem_strdup(uid);          /* named without: from now on it is this one */
    if (copy) {
        mem_free(st->uid);
        st->uid = copy;
    }
    return copy != NULL;
}

static void on_object(void *arg, const struct call_reply *reply)
{
    struct op_step *st = arg;
    const struct net_reply *r = reply->net;
    st->call = NULL;
    st->retry_after_ms = r->head.retry_after_ms;
    if (r->status != 404) {
        json_t *doc = body_of(r, &st->read_err);
        st->heard_ms = doc ? clock_mono_ms() : st->heard_ms;
        if (doc && st->kind->plane == PLANE_OPENSTACK) {
            st->obj = ostk_read_item(st->kind, st->uid, st->name, doc);
            json_decref(doc);
        } else {
            st->obj = doc;
        }
    }
    st->other = st->obj && !same_object(st);
    if (st->other) {
        json_decref(st->obj);
        st->obj = NULL;
    }
    st->side_at = 0;
    if (has_sides(st))
        next_side(st);
    else
        st->then(st);
}

static bool read_where(const struct op_step *st, struct str *path, struct ostk_read *os)
{
    if (st->kind->plane == PLANE_KUBE)
        return st->kind->kube && kube_path(path, st->kind, st->scope, st->name, NULL);
    bool ok = st->kind->ostk && ostk_read_path(os, st->kind, st->uid, st->name);
    return ok && str_add(path, os->path.data, os->path.len);
}

void step_read(struct op_step *st, void (*then)(struct op_step *st))
{
    struct str path;
    struct ostk_read os = {.service = ""};
    step_forget(st);
    st->then = then;
    st->read_err = (struct err)ERR_INIT;
    st->retry_after_ms = -1;
    st->side_why[0] = '\0';
    str_init(&path, 65536);
    str_init(&os.path, 65536);
    if (read_where(st, &path, &os)) {
        struct call_req rq = {.path = path.data, .service = os.service, .microversion = os.microversion, .done = on_object, .arg = st};
        step_call(st, st->src, &rq, &st->read_err);
    } else {
        err_set(&st->read_err, ERR_UNSUPPORTED, 0, "a single %s cannot be read", st->kind->singular);
    }
    str_release(&path);
    str_release(&os.path);
    if (!st->call)
        then(st);
}

/* ---- the request ---- */

static bool is_patch(const char *type, const char *what)
{
    return type && strstr(type, what);
}

/* Some write beside the object, to what speaks of it. */
static bool of_itself(struct op_step *st)
{
    struct act_ctx c;
    struct str own;
    step_ctx(st, &c);
    str_init(&own, 65536);
    bool yes = act_path(&c, &own, NULL) && st->rq.path.data && !strncmp(st->rq.path.data, own.data, own.len);
    str_release(&own);
    return yes;
}

/* No other object that took the name may be hit: the uid goes along as a precondition where the request has a place for it. */
static void bind_uid(struct op_step *st)
{
    const char *type = st->rq.content_type;
    if (st->kind->plane != PLANE_KUBE || !st->uid || !*st->uid || !st->rq.method || !st->rq.body || !of_itself(st))
        return;
    if (!strcmp(st->rq.method, "PATCH") && json_is_object(st->rq.body) && (is_patch(type, "merge-patch"))) {
        json_t *meta = json_object_get(st->rq.body, "metadata");
        if (!meta) {
            meta = json_object();
            json_object_set_new(st->rq.body, "metadata", meta);
        }
        if (json_is_object(meta) && !json_object_get(meta, "uid"))
            json_object_set_new(meta, "uid", json_string(st->uid));
    } else if (!strcmp(st->rq.method, "PATCH") && json_is_array(st->rq.body)) {
        json_array_insert_new(st->rq.body, 0, json_pack("{s:s,s:s,s:s}", "op", "test", "path", "/metadata/uid", "value", st->uid));
    } else if (!strcmp(st->rq.method, "DELETE") && json_is_object(st->rq.body)) {
        json_t *pre = json_object_get(st->rq.body, "preconditions");
        if (!pre)
            json_object_set_new(st->rq.body, "preconditions", json_pack("{s:s}", "uid", st->uid));
    }
}

void step_drop_request(struct op_step *st)
{
    if (st->have_rq) {
        json_decref(st->rq.body);
        str_release(&st->rq.path);
    }
    st->rq = (struct act_req){0};
    st->have_rq = false;
}

static void show_request(struct op_step *st)
{
    struct str s;
    str_init(&s, 65536);
    str_addf(&s, "%s ", st->rq.method);
    if (st->rq.service)
        str_addf(&s, "%s ", st->rq.service);
    str_adds(&s, st->rq.path.data);
    if (st->rq.body) {
        str_addc(&s, ' ');
        hide_json(&s, st->rq.body, st->rq.path.data);
    }
    char *text = text_take(&s);
    if (text) {
        mem_free(st->request);
        st->request = text;
    }
}

void step_build(struct op_step *st, struct act_facts *f)
{
    struct act_ctx c;
    step_drop_request(st);
    str_init(&st->rq.path, 65536);
    st->have_rq = true;
    step_ctx(st, &c);
    st->verdict = st->action->build(&c, &st->rq, f);
    if (st->verdict == ACT_REFUSED && !facts_refusal(f))
        act_fact(f, FACT_REFUSED, "this cannot be done now");
    if (facts_refusal(f) || f->failed)
        st->verdict = ACT_REFUSED;
    if (st->verdict == ACT_SEND && (!st->rq.method || st->rq.path.failed || !st->rq.path.len)) {
        act_fact(f, FACT_REFUSED, "out of memory, or no request could be made of it");
        st->verdict = ACT_REFUSED;
    }
    if (st->verdict == ACT_SEND && !step_microversion_ok(st, f))
        st->verdict = ACT_REFUSED;
    if (st->verdict == ACT_SEND) {
        bind_uid(st);
        show_request(st);
    }
}

bool step_microversion_ok(struct op_step *st, struct act_facts *f)
{
    const char *have = source_microversion(st->src, st->rq.service);
    if (!st->rq.microversion || !*have || ostk_version_cmp(have, st->rq.microversion) >= 0)
        return true;
    act_fact(f, FACT_REFUSED, "it needs microversion %s of the %s API, which has %s", st->rq.microversion, st->rq.service, have);
    return false;
}

bool step_dispatch(struct op_step *st, bool dry, void (*done)(void *arg, const struct call_reply *r), struct err *err)
{
    struct str path;
    json_t *body = json_incref(st->rq.body);
    str_init(&path, 131072);
    str_add(&path, st->rq.path.data, st->rq.path.len);
    if (dry) {
        str_addf(&path, "%cdryRun=All", strchr(st->rq.path.data, '?') ? '&' : '?');
        if (!strcmp(st->rq.method, "DELETE")) {            /* with a body, a delete does not look at its query */
            json_t *with = body ? json_deep_copy(body) : json_pack("{s:s,s:s}", "kind", "DeleteOptions", "apiVersion", "v1");
            json_decref(body);
            body = with;
            json_object_set_new(body, "dryRun", json_pack("[s]", "All"));
        }
    }
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    bool ok = !path.failed && (!body || text);
    if (ok) {
        struct call_req rq = {.method = st->rq.method, .service = st->rq.service, .microversion = st->rq.microversion,
                              .content_type = st->rq.content_type, .path = path.data, .body = text, .body_len = text ? strlen(text) : 0,
                              .done = done, .arg = st};
        step_call(st, st->src, &rq, err);
        ok = st->call != NULL;
    } else {
        err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (text)
        explicit_bzero(text, strlen(text));
    json_text_free(text);
    json_decref(body);
    str_release(&path);
    return ok;
}
