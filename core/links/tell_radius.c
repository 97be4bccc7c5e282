/* The blast radius of an action as its plan found it, in words: who is harmed, then what else its plan says. */
#include <string.h>

#include "strata/ops.h"
#include "strata/radius.h"
#include "strata/tell.h"

static bool is_target(const struct step_view *st) { return st->parent == UINT32_MAX; }

enum blast_verdict tell_radius_verdict(const struct op_view *v)
{
    enum blast_verdict worst = v->err.code ? BLAST_YELLOW : BLAST_GREEN;
    for (size_t i = 0; i < v->nfacts && !v->radius; i++) {
        enum blast_verdict of = v->facts[i].level == FACT_DANGER ? BLAST_RED : v->facts[i].level == FACT_INFO ? BLAST_GREEN : BLAST_YELLOW;
        worst = of > worst ? of : worst;
    }
    return v->radius ? v->radius->verdict : worst;
}

static void head(const struct tell *t, const struct op_view *v, struct str *out)
{
    size_t n = 0;
    str_addf(out, "%s ", action_id(v->action));
    for (size_t i = 0; i < v->nsteps; i++) {
        const struct step_view *st = &v->steps[i];
        if (!is_target(st))
            continue;
        uint32_t node = v->radius && st->id < v->radius->n ? v->radius->node[st->id] : LINK_NO_NODE;
        if (node != LINK_NO_NODE)
            tell_about(t, links_row(t->l, node), out);
        str_addf(out, "%s%s %s (%s)", n++ ? ", " : "", st->kind, st->name, st->source);
    }
    if (n > 1 && v->radius && v->radius->together && v->radius->together < n)
        str_addf(out, ", %u at a time", v->radius->together);
    else
        str_adds(out, n > 1 ? ", together" : "");
    str_addf(out, ": %s\n", blast_verdict_name(tell_radius_verdict(v)));
}

/* Is it among the lines that stand there already? */
static bool said(const struct str *out, const char *text)
{
    size_t n = strlen(text);
    for (const char *p = out->len ? out->data : ""; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t len = strcspn(p, "\n");
        if (len >= n && !strncmp(p + len - n, text, n))
            return true;
    }
    return false;
}

/* Once each; of several objects, and of a step, with the one it is about. */
static void facts(const struct op_view *v, struct str *out)
{
    static const char *const levels[] = {"", "caution: ", "DANGER: ", "REFUSED: "};
    size_t targets = 0;
    for (size_t i = 0; i < v->nsteps; i++)
        targets += is_target(&v->steps[i]);
    for (size_t i = 0; i < v->nfacts; i++) {
        const struct fact_view *f = &v->facts[i];
        const struct step_view *st = f->step < v->nsteps && (targets > 1 || !is_target(&v->steps[f->step])) ? &v->steps[f->step] : NULL;
        if (!said(out, f->text) || st)
            str_addf(out, "%s%s%s%s\n", levels[f->level], st ? st->text : "", st ? ": " : "", f->text);
    }
}

/* What else is known of it, a line each. */
static void more(const struct op_view *v, struct str *out)
{
    const struct radius *r = v->radius;
    if (r && r->words)
        str_addf(out, "%s%s", r->words, r->words[strlen(r->words) - 1] == '\n' ? "" : "\n");
    for (size_t i = 0; i < v->nsteps; i++)
        if (is_target(&v->steps[i]) && v->steps[i].state == STEP_ALREADY)
            str_addf(out, "%s: %s\n", v->steps[i].text, v->steps[i].note);
    facts(v, out);
    if (v->err.code && !said(out, v->err.msg))
        str_addf(out, "REFUSED: %s\n", v->err.msg);
    if (r && r->unknown)
        str_addf(out, "unknown: %s\n", r->unknown);
}

void tell_radius(const struct tell *t, const struct op_view *v, struct str *out)
{
    const struct radius *r = v->radius;
    struct tell of = *t;
    struct str s;
    str_init(&s, 1 << 18);
    of.l = r ? r->links : NULL;
    of.partial = r && r->unknown;
    more(v, &s);
    head(&of, v, out);
    if (r)
        tell_blast_words(&of, &r->blast, s.len ? s.data : "", out);
    for (const char *p = !r && s.len ? s.data : ""; *p; p += strcspn(p, "\n"), p += *p == '\n')
        str_addf(out, "  %.*s\n", (int)strcspn(p, "\n"), p);
    out->failed |= s.failed;
    str_release(&s);
}
