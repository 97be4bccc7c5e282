/* A plan in words: what is wrong with it first, then where, then its steps, and on a key the requests they become. */
#include <stdio.h>
#include <string.h>

#include "strata/text.h"
#include "tui/dialog_op.h"

#define STEPS_SHOWN 200

static const struct { enum fact_level level; const char *mark; int role; } levels[] = {
    {FACT_REFUSED, "! ", ROLE_DIALOG_DANGER}, {FACT_DANGER, "! ", ROLE_DIALOG_DANGER}, {FACT_CAUTION, "* ", ROLE_WARN}, {FACT_INFO, "  ", ROLE_DIALOG}};

static void say_facts(struct str *out, const struct op_view *p)
{
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
        for (size_t i = 0; i < p->nfacts; i++) {
            const struct fact_view *f = &p->facts[i];
            if (!strcmp(f->text, p->err.msg)) continue;          /* it stands above */
            bool several = p->total > 1 && f->step < p->nsteps;
            if (f->level == levels[l].level) str_addf(out, "%s%s%s%s\n", levels[l].mark, several ? p->steps[f->step].text : "", several ? ": " : "", f->text);
        }
}

/* Does the note of a step say what one of its facts said? */
static bool is_said(const struct op_view *p, size_t step)
{
    bool said = false;
    for (size_t i = 0; i < p->nfacts && !said; i++) said = p->facts[i].step == step && !strcmp(p->facts[i].text, p->steps[step].note);
    return said;
}

/* How many objects of which cluster or cloud, when there is more than one. */
static void say_places(struct str *out, const struct op_view *p)
{
    for (size_t i = 0; i < p->nsteps; i++) {
        size_t n = 0;
        bool before = false;
        for (size_t k = 0; k < p->nsteps; k++) {
            bool same = p->steps[k].parent == UINT32_MAX && !strcmp(p->steps[k].source, p->steps[i].source);
            before |= same && k < i;
            n += same;
        }
        if (!before && p->steps[i].parent == UINT32_MAX) str_addf(out, "  %s: %zu\n", p->steps[i].source, n);
    }
}

bool op_plan_text(struct op_dialog *d)
{
    const struct op_view *p = d->plan;
    struct str out;
    str_init(&out, 1 << 20);
    if (p->err.code) str_addf(&out, "! %s\n", p->err.msg);
    say_facts(&out, p);
    if (p->nsteps > 1) {
        str_addf(&out, "%zu steps:\n", p->nsteps);
        say_places(&out, p);
    }
    for (size_t i = 0; i < p->nsteps && i < STEPS_SHOWN; i++) {
        const struct step_view *s = &p->steps[i];
        bool note = *s->note && !is_said(p, i);
        str_addf(&out, "%s- %s%s%s\n", s->parent == UINT32_MAX ? "" : "  ", s->text, note ? ": " : "", note ? s->note : "");
        if (d->requests && *s->request) str_addf(&out, "> %s\n", s->request);
    }
    if (p->nsteps > STEPS_SHOWN) str_addf(&out, "  ... and %zu more\n", p->nsteps - STEPS_SHOWN);
    if (d->hidden) str_addf(&out, "* %zu more marked %s not shown and stay%s\n", d->hidden, d->hidden == 1 ? "row is" : "rows are", d->hidden == 1 ? "s" : "");
    if (p->dry_run) str_adds(&out, "  dry run: the servers tried it, nothing is changed\n");
    size_t len = out.len;
    char *text = str_take(&out);
    str_release(&out);
    return text && textbuf_set(&d->text, text, len);
}

uint16_t op_plan_style(const char *line, size_t len)
{
    if (len > 1 && line[0] == '!') return STYLE(ROLE_DIALOG_DANGER);
    if (len > 1 && line[0] == '*') return STYLE(ROLE_WARN) | OVER(ROLE_DIALOG_BODY);
    if (len > 1 && line[0] == '>') return STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY);
    return STYLE(ROLE_DIALOG);
}
