/* The table of actions, walked; and what the rows' functions are made of. */
#include "core/ops/action.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/kube/kube.h"
#include "core/openstack/ostk.h"
#include "core/ops/facts.h"
#include "strata/mem.h"
#include "strata/text.h"

static const struct action *const tables[] = {
#define XX(name) name##_actions,
    ACTION_TABLES(XX)
#undef XX
};

/* ---- the table ---- */

const struct action *action_at(size_t i)
{
    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
        for (const struct action *a = tables[t]; a->id; a++)
            if (!i--)
                return a;
    return NULL;
}

static bool for_kind(const struct action *a, const struct kind *k)
{
    if (a->plane != k->plane)
        return false;
    for (const char *const *id = a->but; id && *id; id++)
        if (!strcmp(*id, k->id))
            return false;
    for (const char *const *id = a->kinds; id && *id; id++)
        if (!strcmp(*id, "*") || !strcmp(*id, k->id))
            return true;
    return false;
}

const struct action *action_find(const char *id, const struct kind *k)
{
    const struct action *a;
    for (size_t i = 0; id && (a = action_at(i)); i++)
        if (!strcmp(a->id, id) && (!k || for_kind(a, k)))
            return a;
    return NULL;
}

const char *action_only_kind(const char *id)
{
    const struct action *a;
    const char *only = NULL;
    for (size_t i = 0; (a = action_at(i)); i++) {
        const char *const *k = a->kinds;
        if (strcmp(a->id, id) != 0 || (only && a->plane != kind_find(only)->plane))
            continue;
        if (only || !k[0] || k[1] || !strcmp(k[0], "*"))
            return NULL;
        only = k[0];
    }
    return only;
}

const char *action_id(const struct action *a) { return a->id; }
const char *action_help(const struct action *a) { return a->help ? a->help : ""; }
unsigned action_flags(const struct action *a) { return a->flags; }
enum plane action_plane(const struct action *a) { return a->plane; }
const char *const *action_kinds(const struct action *a) { return a->kinds; }

const struct action_arg *action_args(const struct action *a, size_t *n)
{
    *n = a->nargs;
    return a->args;
}

bool action_goes_back(const struct action *a) { return a->goes_on || a->compound; }

bool action_fits(const struct action *a, const struct row *r)
{
    return for_kind(a, r->kind) && (!a->fits || a->fits(a, r));
}

/* ---- arguments ---- */

const char *act_arg(const struct act_ctx *c, const char *name)
{
    for (size_t i = c->nargs; i-- > 0;)        /* given twice: the last one */
        if (!strcmp(c->args[i].name, name))
            return c->args[i].value;
    return NULL;
}

int64_t act_int(const struct act_ctx *c, const char *name, int64_t none)
{
    const char *v = act_arg(c, name);
    char *end;
    if (!v || !*v)
        return none;
    long long n = strtoll(v, &end, 10);
    return *end ? none : n;
}

bool act_bool(const struct act_ctx *c, const char *name)
{
    const char *v = act_arg(c, name);
    return v && (!strcmp(v, "true") || !strcmp(v, "yes") || !strcmp(v, "1") || !strcmp(v, "on"));
}

/* ---- paths ---- */

static bool ostk_path(const struct act_ctx *c, struct str *path, const char *sub)
{
    const struct ostk_kind *k = c->kind->ostk;
    struct str id;
    if (!k || !k->item_path)
        return false;
    str_init(&id, 4096);
    if (!strcmp(k->item_path, "/stacks/%s")) {           /* Heat redirects from the id alone */
        str_add_urlenc(&id, c->name);
        str_addc(&id, '/');
    }
    str_add_urlenc(&id, c->uid && *c->uid ? c->uid : c->name);
    str_addf(path, k->item_path, id.data);
    if (sub && *sub)
        str_addf(path, "/%s", sub);
    bool ok = !id.failed && !path->failed;
    str_release(&id);
    return ok;
}

bool act_path(const struct act_ctx *c, struct str *path, const char *sub)
{
    if (c->kind->plane == PLANE_OPENSTACK)
        return ostk_path(c, path, sub);
    return c->kind->kube && c->name && *c->name && kube_path(path, c->kind, c->scope, c->name, sub);
}

/* ---- facts ---- */

void act_fact(struct act_facts *f, enum fact_level level, const char *fmt, ...)
{
    struct str raw;
    va_list ap;
    if (!f)
        return;
    str_init(&raw, 8192);
    va_start(ap, fmt);
    str_addv(&raw, fmt, ap);
    va_end(ap);
    char *text = text_take(&raw);
    if (text && mem_grow(&f->item, &f->cap, f->n + 1, sizeof(*f->item))) {
        f->item[f->n++] = (struct fact){.level = level, .text = text};
        return;
    }
    mem_free(text);
    f->failed = true;
}

void act_danger(struct act_facts *f, bool count)
{
    f->danger = true;
    f->count |= count;
}

void act_counts_as(struct act_facts *f, const char *action, int64_t keep)
{
    if (f) {
        f->as = action;
        f->keep = keep;
    }
}

void act_held(struct act_facts *f, const char *who, int64_t allowed)
{
    char *copy = f ? mem_strdup(who) : NULL;
    if (!copy)
        return;
    mem_free(f->held);
    f->held = copy;
    f->allowed = allowed > 0 ? (uint32_t)allowed : 0;
}

void act_taken(struct act_facts *f, const char *kind, const char *uid)
{
    struct str s;
    str_init(&s, 1u << 20);
    bool ok = f && str_addf(&s, "%s%s %s\n", f->taken ? f->taken : "", kind, uid);
    char *lines = ok ? mem_strdup(s.data) : NULL;
    str_release(&s);
    if (!lines)
        return;
    mem_free(f->taken);
    f->taken = lines;
}

void act_unknown(struct act_facts *f, const char *arg, const char *word, size_t len)
{
    struct str s;
    str_init(&s, 65536);
    bool ok = str_addf(&s, "%s%s=%.*s\n", f->unknown ? f->unknown : "", arg, (int)(len < 200 ? len : 200), word);
    char *lines = ok ? mem_strdup(s.data) : NULL;
    str_release(&s);
    if (!lines) {
        f->failed = true;
        return;
    }
    mem_free(f->unknown);
    f->unknown = lines;
}

void facts_release(struct act_facts *f)
{
    mem_free(f->unknown);
    mem_free(f->held);
    mem_free(f->taken);
    for (size_t i = 0; i < f->n; i++)
        mem_free(f->item[i].text);
    mem_free(f->item);
    *f = (struct act_facts){0};
}

const char *facts_refusal(const struct act_facts *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->item[i].level == FACT_REFUSED)
            return f->item[i].text;
    return NULL;
}

/* ---- JSON ---- */

const json_t *act_get(const json_t *o, const char *path)
{
    return ostk_json(o, path);
}

const char *act_str(const json_t *o, const char *path)
{
    const char *s = ostk_json_str(o, path);
    return s ? s : "";
}

int64_t act_num(const json_t *o, const char *path, int64_t none)
{
    return ostk_json_int(o, path, none);
}

const json_t *act_find_address(const json_t *list, const char *path, const char *ip)
{
    for (size_t i = 0; *ip && i < json_array_size(list); i++)
        if (text_same_address(act_str(json_array_get(list, i), path), ip))
            return json_array_get(list, i);
    return NULL;
}

const json_t *act_find(const json_t *list, const char *path, const char *value)
{
    for (size_t i = 0; *value && i < json_array_size(list); i++)
        if (!strcmp(act_str(json_array_get(list, i), path), value))
            return json_array_get(list, i);
    return NULL;
}
