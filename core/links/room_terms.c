/* What pods ask of each other and of a node's ports: read from the cell "placement" (kube_beside.h), and counted for one that looks for a place. */
#include <stdlib.h>
#include <string.h>

#include "core/links/room.h"
#include "strata/mem.h"

#define FIELDS 6
#define DOMAIN 360

static void one_free(struct room_term *t)
{
    mem_free(t->key);
    mem_free(t->names);
    mem_free(t->match);
    selector_free(t->ns);
    selector_free(t->pods);
}

void room_terms_free(void *terms)
{
    struct room_terms *x = terms;
    for (size_t i = 0; x && i < x->n; i++)
        one_free(&x->of[i]);
    if (x)
        mem_free(x->of);
    mem_free(x);
}

/* "-" selects nothing; false: not understood. */
static bool parsed(struct selector **out, const char *text)
{
    struct err err = ERR_INIT;
    return !strcmp(text, "-") || (*text != '?' && selector_parse(out, text, &err) == ERR_OK);
}

static bool read_term(struct room_term *t, char *f[FIELDS])
{
    static const char *const what[] = {[TERM_APART] = "apart", [TERM_WITH] = "with", [TERM_SPREAD] = "spread", [TERM_PORT] = "port", [TERM_ASK] = "ask"};
    size_t i = 0;
    while (i < sizeof what / sizeof *what && strcmp(what[i], f[0]) != 0)
        i++;
    if (i == sizeof what / sizeof *what)
        return false;
    *t = (struct room_term){.what = (enum term_what)i, .key = mem_strdup(f[1]), .n = strtoll(f[2], NULL, 10)};
    t->names = mem_strdup(t->what == TERM_PORT ? f[3] : t->what == TERM_SPREAD || t->what == TERM_ASK ? "" : f[2]);
    if (t->what == TERM_SPREAD) {
        t->min = strtoll(f[3], NULL, 10);
        t->any_affinity = strchr(f[4], 'a');
        t->taints = strchr(f[4], 't');
        return parsed(&t->pods, f[5]) && t->key && t->names;
    }
    bool pods = t->what == TERM_APART || t->what == TERM_WITH;
    return t->key && t->names && (!pods || (parsed(&t->ns, f[3]) && parsed(&t->pods, f[4])));
}

static struct room_terms *read_terms(const char *text)
{
    struct room_terms *x = mem_zalloc(sizeof *x);
    char *copy = mem_strdup(text), *save = NULL;
    size_t cap = 0;
    for (char *part = copy ? strtok_r(copy, "|", &save) : NULL; x && part; part = strtok_r(NULL, "|", &save)) {
        char none[] = "", *f[FIELDS] = {none, none, none, none, none, none};
        for (size_t i = 0; part && i < FIELDS; i++) {
            f[i] = part;
            if ((part = strchr(part, ';')))
                *part++ = '\0';
        }
        if (!strcmp(f[0], "prio")) {
            x->priority = strtoll(f[1], NULL, 10);
            continue;
        }
        if (!mem_grow(&x->of, &cap, x->n + 1, sizeof *x->of)) {
            x->odd = true;
            break;
        }
        x->of[x->n] = (struct room_term){0};
        if (read_term(&x->of[x->n], f)) {
            x->n++;
        } else {
            one_free(&x->of[x->n]);
            x->odd = true;
        }
    }
    mem_free(copy);
    return x;
}

/* Many pods say the same: read once. */
struct room_terms *room_terms_of(struct link_room *m, const struct row *pod)
{
    const char *text = pod->cell[m->placement_col].s ? pod->cell[m->placement_col].s : "";
    struct room_terms *x = *text ? map_get(&m->terms, text) : &m->none;
    if (x)
        return x;
    x = read_terms(text);
    if (!x || !map_put(&m->terms, text, x)) {
        room_terms_free(x);
        m->failed = true;
        return &m->none;
    }
    return x;
}

/* ---- who means whom ---- */

static bool listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (size_t n; *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        if (n == len && !strncmp(list, name, n))
            return true;
    }
    return false;
}

/* May a term of a pod in namespace `mine` mean one in that other? One that is not seen may be meant: who cannot know stays away from it. */
static bool reaches(const struct link_room *m, const struct room_term *t, const char *mine, const char *other)
{
    if (t->what == TERM_SPREAD || (!*t->names && !t->ns))
        return !strcmp(mine, other);
    const struct row *ns = t->ns ? map_get(&m->by_ns, other) : NULL;
    return listed(t->names, other) || (t->ns && (ns ? selector_match(t->ns, ns->labels) : t->what == TERM_APART));
}

static bool means(const struct link_room *m, const struct room_term *t, const struct row *owner, const struct row *other)
{
    return t->pods && reaches(m, t, owner->scope, other->scope) && selector_match(t->pods, other->labels);
}

/* The pods that it means: looked for once, and among those that came since. */
static void look(struct link_room *m, struct room_term *t, const struct row *owner)
{
    if (!t->scope || strcmp(t->scope, owner->scope) != 0)
        t->nmatch = t->looked = 0;
    for (t->scope = owner->scope; t->looked < m->npods; t->looked++) {
        if (!means(m, t, owner, m->pod[t->looked].row))
            continue;
        if (!mem_grow(&t->match, &t->match_cap, t->nmatch + 1, sizeof *t->match)) {
            m->failed = true;
            return;
        }
        t->match[t->nmatch++] = (uint32_t)t->looked;
    }
}

/* The part of the topology that a node is in; NULL: in none. */
static const char *domain(const struct room_spot *s, const char *key, char buf[DOMAIN])
{
    size_t len;
    const char *v = link_label(s->row->labels, key, strlen(key), &len);
    if (!v)
        return NULL;
    len = len < DOMAIN - 1 ? len : DOMAIN - 1;
    memcpy(buf, v, len);
    buf[len] = '\0';
    return buf;
}

static void count(struct room_view *v, struct map *in, const char *what, uintptr_t n)
{
    uintptr_t was = (uintptr_t)map_get(in, what);
    if (!map_put(in, what, (void *)(was ? was + n : n + 1)))
        v->m->failed = true;
}

/* A node that a spread counts: it has all of its topologies, and is one the pod may be on, by its policies. */
static bool counts(const struct room_view *v, const struct room_term *t, const struct room_spot *s)
{
    char buf[DOMAIN];
    for (size_t i = 0; i < v->terms->n; i++)
        if (v->terms->of[i].what == TERM_SPREAD && !domain(s, v->terms->of[i].key, buf))
            return false;
    enum link_unfit no = t->taints ? link_takes(s->row, v->pod, s->closed) : UNFIT_NOT;
    return (t->any_affinity || link_node_chosen(s->row, v->pod)) && no != UNFIT_TAINT && no != UNFIT_CORDONED;
}

static bool there(const struct room_view *v, const struct room_pod *p)
{
    return !p->gone && (v->newcomers || !p->came);
}

static void count_term(struct room_view *v, size_t i, uint32_t *on)
{
    struct room_term *t = &v->terms->of[i];
    struct link_room *m = v->m;
    char buf[DOMAIN];
    memset(on, 0, m->nspots * sizeof *on);
    look(m, t, v->pod);
    for (size_t k = 0; k < t->nmatch; k++)
        on[m->pod[t->match[k]].spot] += there(v, &m->pod[t->match[k]]);
    for (size_t k = 0; k < m->nspots; k++) {
        bool in = t->what == TERM_SPREAD ? counts(v, t, &m->spot[k]) : on[k] > 0;
        if (in && domain(&m->spot[k], t->key, buf))
            count(v, &v->count[i], buf, on[k]);
    }
    const struct map_entry *e;
    int64_t least = INT64_MAX;
    for (size_t at = 0; t->what == TERM_SPREAD && (e = map_next(&v->count[i], &at));)
        least = (int64_t)(uintptr_t)e->value - 1 < least ? (int64_t)(uintptr_t)e->value - 1 : least;
    v->least[i] = least == INT64_MAX || (int64_t)v->count[i].count < t->min ? 0 : least;
}

/* Those on a node that will not have it beside them, by the topology that they mean. */
static bool shuns(struct room_view *v, struct room_term *t, const struct room_pod *p)
{
    if (t->asked != v->m->views) {              /* many say the same */
        t->asked = v->m->views;
        t->meant = t->pods && selector_match(t->pods, v->pod->labels);
    }
    return t->meant && reaches(v->m, t, p->row->scope, v->pod->scope);
}

static void ban(struct room_view *v, uint32_t *on)
{
    struct link_room *m = v->m;
    char buf[DOMAIN];
    memset(on, 0, m->nspots * sizeof *on);
    for (size_t k = 0; k < m->napart; k++) {
        const struct room_pod *p = &m->pod[m->apart[k]];
        for (size_t i = 0; i < p->terms->n && there(v, p); i++) {
            struct room_term *t = &p->terms->of[i];
            if (t->what == TERM_APART && t->at < ROOM_KEYS && !(on[p->spot] >> t->at & 1) && shuns(v, t, p))
                on[p->spot] |= 1u << t->at;
        }
    }
    for (size_t k = 0; k < m->nspots; k++)
        for (size_t i = 0; on[k] && i < m->nkeys; i++)
            if (on[k] >> i & 1 && domain(&m->spot[k], m->key[i], buf))
                count(v, &v->banned[i], buf, 1);
}

bool room_view_init(struct room_view *v, struct link_room *m, const struct row *pod, bool newcomers)
{
    *v = (struct room_view){.m = m, .pod = pod, .terms = room_terms_of(m, pod), .newcomers = newcomers, .cpu = room_asks(pod, m->cpu_col), .mem = room_asks(pod, m->mem_col)};
    m->views++;
    for (size_t i = 0; i < ROOM_KEYS; i++)
        map_init(&v->banned[i], NULL);
    v->count = mem_zalloc((v->terms->n + 1) * sizeof *v->count);
    v->least = mem_zalloc((v->terms->n + 1) * sizeof *v->least);
    v->self = mem_zalloc(v->terms->n + 1);
    uint32_t *on = mem_alloc((m->nspots + 1) * sizeof *on);
    for (size_t i = 0; v->count && i < v->terms->n; i++)
        map_init(&v->count[i], NULL);
    if (!v->count || !v->least || !v->self || !on) {
        mem_free(on);
        room_view_release(v);
        return false;
    }
    for (size_t i = 0; i < v->terms->n; i++)
        if (v->terms->of[i].what <= TERM_SPREAD) {
            v->self[i] = means(m, &v->terms->of[i], pod, pod);
            count_term(v, i, on);
        }
    if (m->napart)
        ban(v, on);
    mem_free(on);
    if (m->failed)
        room_view_release(v);
    return !m->failed;
}

void room_view_release(struct room_view *v)
{
    for (size_t i = 0; v->count && i < v->terms->n; i++)
        map_release(&v->count[i]);
    for (size_t i = 0; i < ROOM_KEYS; i++)
        map_release(&v->banned[i]);
    mem_free(v->count);
    mem_free(v->least);
    mem_free(v->self);
}

/* ---- one node ---- */

static bool banned(const struct room_view *v, const struct room_spot *s)
{
    char buf[DOMAIN];
    for (size_t i = 0; i < v->m->nkeys; i++)
        if (v->banned[i].count && domain(s, v->m->key[i], buf) && map_get(&v->banned[i], buf))
            return true;
    return false;
}

static bool any_address(const char *a) { return !*a || !strcmp(a, "0.0.0.0"); }

static bool port_taken(const struct room_view *v, const struct room_term *t, size_t spot)
{
    for (uint32_t k = v->m->spot[spot].first; k; k = v->m->pod[k - 1].next) {
        const struct room_pod *p = &v->m->pod[k - 1];
        for (size_t i = 0; there(v, p) && i < p->terms->n; i++) {
            const struct room_term *x = &p->terms->of[i];
            if (x->what == TERM_PORT && x->n == t->n && !strcmp(x->key, t->key) && (any_address(x->names) || any_address(t->names) || !strcmp(x->names, t->names)))
                return true;
        }
    }
    return false;
}

static int64_t asked(const struct room_terms *terms, const char *res)
{
    int64_t sum = 0;
    for (size_t i = 0; i < terms->n; i++)
        sum += terms->of[i].what == TERM_ASK && !strcmp(terms->of[i].key, res) ? terms->of[i].n : 0;
    return sum;
}

/* A node that says nothing of such a thing has none. */
static bool has_left(const struct room_view *v, const struct room_term *t, size_t spot)
{
    const struct room_spot *s = &v->m->spot[spot];
    size_t len;
    const char *offers = link_label(row_column(s->row, "offers"), t->key, strlen(t->key), &len);
    int64_t left = offers ? strtoll(offers, NULL, 10) : 0;
    for (uint32_t k = s->first; k; k = v->m->pod[k - 1].next)
        if (there(v, &v->m->pod[k - 1]))
            left -= asked(v->m->pod[k - 1].terms, t->key);
    return left >= t->n;
}

static enum link_unfit term_unfit(const struct room_view *v, size_t i, size_t spot)
{
    const struct room_term *t = &v->terms->of[i];
    char buf[DOMAIN];
    const char *at = t->what <= TERM_SPREAD ? domain(&v->m->spot[spot], t->key, buf) : NULL;
    uintptr_t n = at ? (uintptr_t)map_get(&v->count[i], at) : 0;
    int64_t have = n ? (int64_t)n - 1 : 0;
    bool self = v->self[i];
    switch (t->what) {
    case TERM_PORT: return port_taken(v, t, spot) ? UNFIT_PORT : UNFIT_NOT;
    case TERM_ASK: return has_left(v, t, spot) ? UNFIT_NOT : UNFIT_ASK;
    case TERM_APART: return have ? UNFIT_APART : UNFIT_NOT;
    case TERM_WITH: return at && (have || (!v->count[i].count && self)) ? UNFIT_NOT : UNFIT_WITH;
    case TERM_SPREAD: return at && have + self - v->least[i] <= t->n ? UNFIT_NOT : UNFIT_SPREAD;
    }
    return UNFIT_NOT;
}

enum link_unfit room_view_unfit(struct room_view *v, size_t spot)
{
    for (size_t i = 0; i < v->terms->n; i++) {
        enum link_unfit no = term_unfit(v, i, spot);
        if (no)
            return no;
    }
    return banned(v, &v->m->spot[spot]) ? UNFIT_APART : UNFIT_NOT;
}
