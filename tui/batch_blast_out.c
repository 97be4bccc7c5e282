/* A blast radius as -o json and -o dot have it. */
#include "tui/batch_blast.h"

#include <stdio.h>
#include <string.h>

#include "strata/ops.h"
#include "strata/str.h"

static const char *const plane_ids[] = {"CP", "DP", "ST"},
                  *const harms[] = {"none", "degraded", "at risk", "lost"};

/* ,"unseen":["tenant: none of its 29 kinds is seen: ...", ...] */
static void json_lines(const char *name, const char *lines, struct str *out)
{
    str_addf(out, ",\"%s\":[", name);
    for (const char *p = lines; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        str_adds(out, p == lines ? "" : ",");
        str_add_json(out, p, strcspn(p, "\n"));
    }
    str_addc(out, ']');
}

/* What else its plan says: ,"facts":[{"level":"caution","text":"..."}] */
static void json_facts(const struct op_view *v, struct str *out)
{
    static const char *const levels[] = {"info", "caution", "danger", "refused"};
    str_adds(out, ",\"facts\":[");
    for (size_t i = 0; i < v->nfacts; i++) {
        str_addf(out, "%s{\"level\":\"%s\"", i ? "," : "", levels[v->facts[i].level]);
        json_text(out, "text", v->facts[i].text);
        str_addc(out, '}');
    }
    str_addc(out, ']');
    if (v->err.code)
        json_text(out, "refused", v->err.msg);
}

void blast_json(struct batch *b, const struct blast_told *o, struct str *out)
{
    static const struct blast none = {.verdict = BLAST_GREEN};
    const struct links *l = o->l;
    const struct blast *x = o->x ? o->x : &none;
    str_addc(out, '{');
    json_text(out, "action", o->action);
    json_text(out, "kind", o->kind);
    json_text(out, "name", o->names);
    str_addf(out, ",\"verdict\":\"%s\",\"projects\":%zu,\"clusters\":%zu,\"unknown\":%zu,\"waits\":%zu,\"contradicted\":%zu,\"overruled\":%zu,\"quorum_lost\":%s,\"control\":[", blast_verdict_name(o->verdict), x->projects,
             x->clusters, x->unknown, x->waits, x->nodd, x->nclaims, x->quorum_lost ? "true" : "false");
    for (size_t i = 0; i < x->ncontrol; i++) {
        const struct blast_control *c = &x->control[i];
        const struct source_info *s = batch_source(b, c->source);
        str_adds(out, i ? ",{" : "{");
        str_addf(out, "\"all\":%u,\"stay\":%u,\"need\":%u", c->all, c->stay, blast_control_needs(c));
        json_text(out, "source", s ? s->name : "");
        json_text(out, "part", blast_control_part(c));
        str_addc(out, '}');
    }
    str_addc(out, ']');
    json_text(out, "project_names", x->project_names);
    json_text(out, "address_names", x->address_names);
    struct str managed;
    str_init(&managed, 4096);
    if (l)
        blast_managed_words(l, x, HARM_LOST, &managed);
    json_text(out, "unmanaged", managed.len ? managed.data : "");
    str_release(&managed);
    json_lines("unseen", o->unseen, out);
    json_lines("words", o->words ? o->words : "", out);
    if (o->plan)
        json_facts(o->plan, out);
    str_addf(out, ",\"addresses\":%zu,\"harm\":[", x->addresses);
    for (size_t i = 0; i < x->n; i++) {
        const struct blast_item *it = &x->item[i];
        const struct row *h = links_row(l, it->node);
        const struct source_info *s = batch_source(b, h->source);
        struct str chain;
        str_init(&chain, 0);
        blast_chain(l, x, it, &chain);
        str_adds(out, i ? ",\n{" : "\n{");
        json_text(out, "source", s ? s->name : "");
        json_text(out, "kind", h->kind->id);
        json_text(out, "scope", h->scope);
        json_text(out, "name", h->name);
        str_addf(out, ",\"plane\":\"%s\",\"harm\":\"%s\",\"class\":\"%c\",\"back\":%s,\"alive\":%u,\"of\":%u,\"need\":%u,\"wants\":%u", plane_ids[it->plane], harms[it->harm],
                 link_class_letter(it->cls), it->back ? "true" : "false", it->alive, it->of, it->need, it->wants);
        json_text(out, "chain", chain.data ? chain.data : "");
        str_addc(out, '}');
        str_release(&chain);
    }
    str_adds(out, "]}");
}

static void dot_node(struct batch *b, const struct row *r, struct str *out)
{
    const struct source_info *s = batch_source(b, r->source);
    char id[512];
    snprintf(id, sizeof id, "%s\n%s\n%s", r->kind->singular, r->name, s ? s->name : "");
    str_add_json(out, id, strlen(id));
}

/* Each that is harmed with the colour of its harm, and an arrow to that because of which. */
void blast_dot(struct batch *b, const struct blast_told *o, struct str *out)
{
    const struct links *l = o->l;
    const struct blast *x = o->x;
    static const char *const colours[] = {"white", "lightyellow", "orange", "tomato"};
    str_addf(out, "digraph blast {\n  rankdir=BT\n  label=\"%s\"\n  node [style=filled]\n", blast_verdict_name(o->verdict));
    for (size_t i = 0; x && i < x->n; i++) {
        const struct blast_item *it = &x->item[i];
        if (x->worst[it->node] == i + 1) {
            str_adds(out, "  ");
            dot_node(b, links_row(l, it->node), out);
            str_addf(out, " [fillcolor=%s%s]\n", colours[it->harm], it->from == it->node ? ",peripheries=2" : "");
        }
        if (it->from == it->node)
            continue;
        str_adds(out, "  ");
        dot_node(b, links_row(l, it->node), out);
        str_adds(out, " -> ");
        dot_node(b, links_row(l, it->from), out);
        str_addf(out, " [label=\"%s %s %c\"%s]\n", plane_ids[it->plane], harms[it->harm], link_class_letter(it->cls), it->cls == LINK_C ? ",style=dashed" : "");
    }
    str_adds(out, "}\n");
}
