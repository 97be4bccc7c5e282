/* A plan in words: what is wrong with it first, then where, then its steps, and on a key the requests they become. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/dialog_op.h"
#include "tui/op_words.h"
#include "tui/ops_draw.h"

#define STEPS_SHOWN 200
#define FACTS_SHOWN 500                   /* of many objects, the worst first */
#define PLACES_SHOWN 30

static const struct { enum fact_level level; const char *mark; int role; } levels[] = {
    {FACT_REFUSED, "! ", ROLE_DIALOG_DANGER}, {FACT_DANGER, "! ", ROLE_DIALOG_DANGER}, {FACT_CAUTION, "* ", ROLE_WARN}, {FACT_INFO, "  ", ROLE_DIALOG}};

/* Does the note of a step say what one of its facts said? */
static bool is_said(const struct op_view *p, size_t step)
{
    bool said = false;
    for (size_t i = 0; i < p->nfacts && !said; i++) said = p->facts[i].step == step && !strcmp(p->facts[i].text, p->steps[step].note);
    return said;
}

/* How many objects it is about: the steps of an operation of many steps are not objects. */
size_t op_objects(const struct op_view *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->nsteps; i++) n += p->steps[i].parent == UINT32_MAX;
    return n;
}

/* The one cluster or cloud that the title names already. */
const char *op_one_place(const struct op_view *p)
{
    for (size_t i = 1; i < p->nsteps; i++)
        if (strcmp(p->steps[i].source, p->steps[0].source) != 0) return NULL;
    return p->nsteps ? p->steps[0].source : NULL;
}

int op_step_words(const char *text, const char *place)
{
    size_t n = strlen(text), k = place ? strlen(place) : 0;
    bool there = k && n > k + 4 && !strcmp(text + n - k, place) && !strncmp(text + n - k - 4, " on ", 4);
    return (int)(there ? n - k - 4 : n);
}

/* one: the one place of all, which the title names; else the object's own stands behind it. */
static void add_object(struct str *out, const struct step_view *s, const char *one)
{
    str_addf(out, "%s%s%s%s%s", s->place, *s->place ? "/" : "", s->name, one ? "" : " on ", one ? "" : s->source);
}

static int by_level_and_text(const void *a, const void *b)
{
    const struct fact_view *x = *(const struct fact_view *const *)a, *y = *(const struct fact_view *const *)b;
    if (x->level != y->level) return x->level < y->level ? 1 : -1;                /* the worst first */
    int order = strcmp(x->text, y->text);
    return order ? order : x->step < y->step ? -1 : x->step > y->step;
}

static const char *mark_of(enum fact_level level)
{
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
        if (levels[l].level == level) return levels[l].mark;
    return "";
}

/* How bad it is as a whole: `y` starts it, however much of a long plan was read. */
static bool is_verdict(const struct fact_view *f)
{
    static const char head[] = "blast radius: ";
    return !strncmp(f->text, head, sizeof head - 1) && (f->level != FACT_INFO || strncmp(f->text + sizeof head - 1, "no ", 3) != 0);
}

static void say_verdict(struct str *out, const struct op_view *p)
{
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
        for (size_t i = 0; i < p->nfacts; i++)
            if (p->facts[i].level == levels[l].level && is_verdict(&p->facts[i])) str_addf(out, "%s%s\n", levels[l].mark, p->facts[i].text);
}

/* What holds for several objects is said once, with how many and the first of them. */
static void say_facts(struct str *out, const struct op_view *p)
{
    const struct fact_view **f = mem_alloc((p->nfacts + 1) * sizeof(*f));
    size_t all = op_objects(p), nfacts = 0;
    bool many = all > 1;
    for (size_t i = 0; f && i < p->nfacts; i++)
        if (!is_verdict(&p->facts[i])) f[nfacts++] = &p->facts[i];
    if (f && many) qsort(f, nfacts, sizeof(*f), by_level_and_text);
    for (size_t l = 0; f && !many && l < sizeof levels / sizeof *levels; l++)
        for (size_t i = 0; i < nfacts; i++)
            if (f[i]->level == levels[l].level) str_addf(out, "%s%s\n", levels[l].mark, f[i]->text);
    for (size_t i = 0, n, lines = 0; f && many && i < nfacts; i += n) {
        if (lines++ == FACTS_SHOWN) {
            str_addf(out, "%s... and %zu more: fewer marked rows show all\n", mark_of(f[i]->level), nfacts - i);
            break;
        }
        for (n = 1; i + n < nfacts && f[i + n]->level == f[i]->level && !strcmp(f[i + n]->text, f[i]->text);) n++;
        str_adds(out, mark_of(f[i]->level));
        if (f[i]->step < p->nsteps && n < all) {
            if (n > 1) str_addf(out, "%zu of %zu (", n, all);
            for (size_t k = 0; k < n && k < 3; k++) {
                str_adds(out, k ? ", " : "");
                add_object(out, &p->steps[f[i + k]->step], op_one_place(p));
            }
            str_adds(out, n > 3 ? ", ...): " : n > 1 ? "): " : ": ");
        } else if (n > 1) {
            str_addf(out, "each of the %zu: ", n);
        }
        str_addf(out, "%s\n", f[i]->text);
    }
    mem_free(f);
}

static int by_place(const void *a, const void *b)
{
    const struct step_view *x = *(const struct step_view *const *)a, *y = *(const struct step_view *const *)b;
    int order = strcmp(x->source, y->source);
    order = order ? order : strcmp(x->kind, y->kind);
    return order ? order : strcmp(x->place, y->place);
}

static void say_place(struct str *out, const struct step_view *first, size_t n)
{
    const char *kind = *first->kind ? first->kind : "object";
    str_addf(out, "  %s: %zu %s%s%s%s\n", first->source, n, kind, n > 1 ? "s" : "", *first->place ? " in " : "", first->place);
}

/* How many objects of which cluster or cloud and namespace, when there is more than one. */
static void say_places(struct str *out, const struct op_view *p)
{
    const struct step_view **s = mem_alloc((p->nsteps + 1) * sizeof(*s));
    size_t n = 0, from = 0, places = 0;
    for (size_t i = 0; s && i < p->nsteps; i++)
        if (p->steps[i].parent == UINT32_MAX) s[n++] = &p->steps[i];
    if (s) qsort(s, n, sizeof(*s), by_place);
    for (size_t i = 1; s && i <= n; i++)
        if (i == n || by_place(&s[i], &s[from])) {
            if (places++ < PLACES_SHOWN) say_place(out, s[from], i - from);
            from = i;
        }
    if (places > PLACES_SHOWN) str_addf(out, "  ... and %zu more places\n", places - PLACES_SHOWN);
    mem_free(s);
}

/* The objects, and below each what is done to it. Of a single object the title has said it: its steps stand alone. */
static void say_steps(struct str *out, const struct op_view *p, bool requests)
{
    size_t n = op_objects(p), kids = p->nsteps - n;
    const char *place = op_one_place(p);
    if (n > 1) {
        str_addf(out, "%zu objects%s", n, kids ? ", " : ":\n");
        if (kids) str_addf(out, "%zu step%s:\n", kids, kids > 1 ? "s" : "");
        say_places(out, p);
    } else if (kids) str_addf(out, "%zu step%s:\n", kids, kids > 1 ? "s" : "");
    for (size_t i = 0; i < p->nsteps && i < STEPS_SHOWN; i++) {
        const struct step_view *s = &p->steps[i];
        bool note = *s->note && !is_said(p, i), top = s->parent == UINT32_MAX;
        if (top && n == 1 && kids && !note && !(requests && *s->request)) continue;
        str_addf(out, "%*s- %.*s%s%s\n", 2 * (ops_depth(p, i) - (n == 1 && !top)), "", op_step_words(s->text, place), s->text, note ? ": " : "", note ? s->note : "");
        if (requests && *s->request) str_addf(out, "> %s\n", s->request);
    }
    if (p->nsteps > STEPS_SHOWN) str_addf(out, "  ... and %zu more\n", p->nsteps - STEPS_SHOWN);
}

/* Of many the first refusal stands among the facts with the others: how many they are is left to say. */
static void say_err(struct str *out, const struct op_view *p)
{
    static const char many[] = "nothing is begun: ";
    const char *rest = strstr(p->err.msg, many);
    bool told = false;
    for (size_t i = 0; i < p->nfacts; i++) {
        const char *text = p->facts[i].text;
        if (strstr(text, p->err.msg)) return;
        told |= rest && p->facts[i].level == FACT_REFUSED && strstr(rest, text);
    }
    int n = told ? (int)(rest - p->err.msg + (ptrdiff_t)sizeof many - 3) : (int)strlen(p->err.msg);
    str_addf(out, "! %.*s\n", n, p->err.msg);
}

/* Requests stand as they are sent. */
static bool in_our_words(struct str *text)
{
    struct str out;
    str_init(&out, (size_t)4 << 20);
    for (size_t at = 0, len; at < text->len; at += len) {
        const char *line = text->data + at, *nl = memchr(line, '\n', text->len - at);
        len = nl ? (size_t)(nl - line) + 1 : text->len - at;
        if (*line == '>') str_add(&out, line, len);
        else op_words(line, len, &out);
    }
    str_release(text);
    *text = out;
    return !out.failed;
}

/* Is it what the option force lifts? Where nothing is refused: for what is deleted, it is another way to do it. */
bool op_plan_wants_force(const struct op_dialog *d)
{
    static const char force[] = "--force";
    const struct op_view *p = d->plan;
    bool wants = strstr(p->err.msg, force) || (p->state != OPS_REFUSED && d->action && action_flags(d->action) & ACTION_GONE);
    for (size_t i = 0; i < p->nfacts && !wants; i++) wants = p->facts[i].level == FACT_REFUSED && strstr(p->facts[i].text, force);
    return wants;
}

bool op_plan_text(struct op_dialog *d)
{
    const struct op_view *p = d->plan;
    struct str out;
    str_init(&out, (size_t)4 << 20);
    if (p->err.code) say_err(&out, p);
    say_verdict(&out, p);
    if (d->hidden) str_addf(&out, "* %zu more marked %s not shown and stay%s\n", d->hidden, d->hidden == 1 ? "row is" : "rows are", d->hidden == 1 ? "s" : "");
    say_facts(&out, p);
    if (*p->given) str_addf(&out, "  with %s\n", p->given);
    say_steps(&out, p, d->requests);
    if (p->dry_run)
        str_addf(&out, "  dry run: %s; nothing is changed\n", action_flags(p->action) & ACTION_DRY_RUN ? "the servers tried it" : "read and judged again, as no server can try it");
    for (size_t i = 0; i < d->nfields; i++) str_addf(&out, "%s%s%s", i ? ", " : "o options: ", d->field[i].arg->name, i + 1 < d->nfields ? "" : "\n");
    bool ok = in_our_words(&out);
    size_t len = out.len;
    char *text = ok ? str_take(&out) : NULL;
    str_release(&out);
    return text && textbuf_set(&d->text, text, len);
}

int op_plan_lead(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && line[n] == ' ') n++;
    if (n + 1 < len && strchr("!*->o", line[n]) && line[n + 1] == ' ') n += 2;
    return (int)n;
}

uint16_t op_plan_style(const char *line, size_t len)
{
    if (len > 1 && line[0] == '!') return STYLE(ROLE_DIALOG_DANGER);
    if (len > 1 && line[0] == '*') return STYLE(ROLE_WARN) | OVER(ROLE_DIALOG_BODY);
    if (len > 1 && (line[0] == '>' || line[0] == 'o')) return STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY);
    return STYLE(ROLE_DIALOG);
}
